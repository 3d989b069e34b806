//! Which mentions of one group speak of one fact.
//!
//! A group is the mentions with one subject, relation, object, `measure` and `what`. It is one fact, or several:
//! what happened twice, and what held, ceased and held again, are facts of their own. They are told apart by the
//! column `event`, and else by the times that are stated (see `occurrences`). A mention that fits several of them is
//! listed at each and counts at none. Nothing here depends on the order of the mentions.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Mention, Mode, Source, SourceId, Vocabulary, is_silent};
use crate::value::edtf::{Day, DaySet, Edtf};
use crate::value::hash::DataMap;

/// How the mentions of a group fall into facts; numbers are places in the list that was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The mentions of each fact, ascending. At least one fact, unless nobody affirms anything.
    pub own: Vec<Vec<usize>>,
    /// Mentions that fit several facts, with the places of these in `own`.
    pub either: Vec<(usize, Vec<usize>)>,
    /// Mentions that deny.
    pub denials: Vec<usize>,
}

/// What a mention says of when.
#[derive(Clone, Debug)]
enum Time {
    /// Nothing.
    Silent,
    /// It happened on some of these days.
    Act(DaySet),
    /// It held for (at least part of) these days.
    State(DaySet),
    /// It held on all of these days.
    During(DaySet),
}

impl Time {
    fn days(&self) -> Option<&DaySet> {
        match self {
            Self::Silent => None,
            Self::Act(days) | Self::State(days) | Self::During(days) => Some(days),
        }
    }
}

/// One occurrence: its days (nothing where none are stated), and its id where the dataset names it.
struct Occurrence<'a> {
    event: Option<&'a str>,
    days: Option<DaySet>,
}

/// The keys that date an act, in the order in which they are preferred.
pub(crate) const ACT_DATES: [&str; 3] = ["effective", "date", "adopted"];
/// The keys that make a mention one of a state.
const STATE_DATES: [&str; 3] = ["start", "end", "during"];

/// The facts of a group of `mentions` of type `relation`.
pub(crate) fn facts(mentions: &[&Mention], relation: &str, vocabulary: &Vocabulary, sources: &[Source]) -> Facts {
    let source = |id: SourceId| sources.get(id.0 as usize);
    let (mut affirm, mut denials) = (Vec::new(), Vec::new());
    for (at, mention) in mentions.iter().enumerate() {
        if mention.mode() == Mode::Denies { denials.push(at) } else { affirm.push(at) }
    }
    if affirm.is_empty() {
        return Facts { denials, ..Facts::default() };
    }
    let one = |affirm: Vec<usize>, denials| Facts { own: vec![affirm], either: Vec::new(), denials };
    let declared = vocabulary.get(relation).and_then(|ty| ty.repeats);
    if affirm.len() == 1 || declared == Some(false) {
        return one(affirm, denials);
    }
    let times: Vec<Time> =
        affirm.iter().map(|at| time_of(mentions[*at], source(mentions[*at].place.source), vocabulary)).collect();
    let events: Vec<Option<&str>> = affirm.iter().map(|at| mentions[*at].event()).collect();
    let is_state = times.iter().any(|time| matches!(time, Time::State(_) | Time::During(_)));
    let occurrences = occurrences(&times, &events, is_state);
    let places: Vec<SourceId> = affirm.iter().map(|at| mentions[*at].place.source).collect();
    let apart = declared == Some(true) || is_state || {
        let named = occurrences.iter().filter(|o| o.event.is_some()).count();
        named > 1 || one_source_states_two(&occurrences, &times, &places)
    };
    if !apart || occurrences.len() < 2 {
        return one(affirm, denials);
    }
    let mut own: Vec<Vec<usize>> = vec![Vec::new(); occurrences.len()];
    let mut either = Vec::new();
    let ranges = Ranges::of(&occurrences);
    for ((at, time), event) in affirm.iter().zip(&times).zip(&events) {
        let fits: Vec<usize> = match (event, time.days()) {
            (Some(event), _) => occurrences.iter().position(|o| o.event == Some(event)).into_iter().collect(),
            (None, None) => (0..occurrences.len()).collect(),
            (None, Some(days)) => ranges.overlapping(&occurrences, days),
        };
        match fits.as_slice() {
            [fact] => own[*fact].push(*at),
            _ => either.push((*at, fits)),
        }
    }
    // an occurrence that only mentions fit which also fit another would be a relationship that nobody asserts
    let kept: Vec<Option<usize>> = {
        let mut next = 0;
        own.iter()
            .map(|mentions| {
                (!mentions.is_empty()).then(|| {
                    next += 1;
                    next - 1
                })
            })
            .collect()
    };
    let mut own: Vec<Vec<usize>> = own.into_iter().filter(|mentions| !mentions.is_empty()).collect();
    if own.is_empty() {
        return one(affirm, denials);
    }
    let mut left = Vec::new();
    for (at, fits) in either {
        let fits: Vec<usize> = fits.into_iter().filter_map(|fact| kept[fact]).collect();
        match fits.as_slice() {
            [] => own[0].push(at),
            [fact] => own[*fact].push(at),
            _ => left.push((at, fits)),
        }
    }
    own.iter_mut().for_each(|mentions| mentions.sort_unstable());
    Facts { own, either: left, denials }
}

/// What a mention says of when its fact happened or held.
fn time_of(mention: &Mention, source: Option<&Source>, vocabulary: &Vocabulary) -> Time {
    let stated = |key: &str| {
        let known = mention.stated(key).filter(|text| !vocabulary.is_sentinel(text, source));
        let read = known.filter_map(|text| Edtf::parse(text).ok());
        read.reduce(|a, _| a)
    };
    let during = stated("during").or_else(|| {
        let of_list = source.map(|source| &*source.reading.during).filter(|text| !is_silent(text))?;
        Edtf::parse(of_list).ok()
    });
    let [start, end] = [STATE_DATES[0], STATE_DATES[1]].map(stated);
    match (start, end, during) {
        (None, None, Some(during)) => Time::During(during.days()),
        (None, None, None) => {
            let date = ACT_DATES.iter().find_map(|key| stated(key));
            date.map_or(Time::Silent, |date| Time::Act(date.days()))
        }
        (start, end, during) => {
            let mut sets: Vec<DaySet> = during.iter().map(Edtf::days).collect();
            match (&start, &end) {
                // between a stated start and a stated end it held
                (Some(start), Some(end)) => sets.push(DaySet::of(start.days().earliest(), end.days().latest())),
                // a side that nobody states adds nothing, and one that is open says nothing of the other
                (Some(side), None) | (None, Some(side)) => sets.extend(Some(side.days()).filter(|days| !days.is_all())),
                (None, None) => {}
            }
            if sets.is_empty() { Time::Silent } else { Time::State(DaySet::union_of(&sets)) }
        }
    }
}

/// The occurrences of a group, in order of time; those without days last, by id.
fn occurrences<'a>(times: &[Time], events: &[Option<&'a str>], is_state: bool) -> Vec<Occurrence<'a>> {
    let mut named: DataMap<&str, Option<DaySet>> = DataMap::default();
    for (time, event) in times.iter().zip(events) {
        if let Some(event) = event {
            let days = named.entry(event).or_default();
            if let Some(stated) = time.days() {
                *days = Some(days.take().map_or_else(|| stated.clone(), |known| known.union(stated)));
            }
        }
    }
    let mut all: Vec<Occurrence<'a>> =
        named.into_iter().map(|(event, days)| Occurrence { event: Some(event), days }).collect();
    let fits_named = |days: &DaySet| all.iter().any(|o| o.days.as_ref().is_some_and(|named| !named.excludes(days)));
    let mut free: Vec<(&DaySet, bool)> = Vec::new();
    for (time, _) in times.iter().zip(events).filter(|(_, event)| event.is_none()) {
        if let Some(days) = time.days().filter(|days| !fits_named(days)) {
            free.push((days, matches!(time, Time::During(_))));
        }
    }
    let joined = if is_state { join(free) } else { join(smallest(free)) };
    all.extend(joined.into_iter().map(|days| Occurrence { event: None, days: Some(days) }));
    let key = |o: &Occurrence<'a>| {
        let days = o.days.as_ref();
        (days.is_none(), days.map(order), o.event)
    };
    all.sort_by_key(key);
    all
}

/// From the earliest to the latest, an open side as far as can be.
type Order = (Option<Day>, bool, Option<Day>);

fn order(days: &DaySet) -> Order {
    (days.earliest(), days.latest().is_none(), days.latest())
}

/// How many days lie between the first and the last; the greatest number where a side is open.
fn span(days: &DaySet) -> i64 {
    days.earliest().zip(days.latest()).map_or(i64::MAX, |(first, last)| last.days - first.days)
}

/// The days of acts without those that contain others: `2004` says nothing beside `2004-05-03`.
fn smallest(mut all: Vec<(&DaySet, bool)>) -> Vec<(&DaySet, bool)> {
    // sorted so that whatever lies within a set stands before it and begins no earlier: one pass from the narrow to
    // the wide, looking among those kept that begin within
    all.sort_by_key(|(days, _)| (span(days), order(days)));
    let mut kept: Vec<(&DaySet, bool)> = Vec::new();
    let mut starts: BTreeMap<Option<Day>, Vec<usize>> = BTreeMap::new();
    for (days, during) in all {
        let from = days.earliest();
        let until = days.latest();
        let mut inner =
            starts.range(from..).take_while(|(start, _)| until.is_none() || **start <= until).flat_map(|(_, at)| at);
        if inner.any(|at| kept.get(*at).is_some_and(|(known, _)| days.contains(known))) {
            continue;
        }
        starts.entry(from).or_default().push(kept.len());
        kept.push((days, during));
    }
    kept
}

/// Sets of days joined where they overlap; those on whose every day the thing held also where they touch.
fn join(mut all: Vec<(&DaySet, bool)>) -> Vec<DaySet> {
    all.sort_by_key(|(days, _)| order(days));
    let mut out: Vec<(DaySet, bool)> = Vec::new();
    for (days, during) in all {
        match out.last_mut() {
            Some((last, last_during))
                if !last.hull().excludes(&days.hull())
                    || during && *last_during && last.hull().touches(&days.hull()) =>
            {
                *last = last.union(days);
                *last_during &= during;
            }
            _ => out.push((days.clone(), during)),
        }
    }
    out.into_iter().map(|(days, _)| days).collect()
}

/// Whether some source states two occurrences of which neither is the other.
fn one_source_states_two(occurrences: &[Occurrence<'_>], times: &[Time], sources: &[SourceId]) -> bool {
    let ranges = Ranges::of(occurrences);
    let mut first: FxHashMap<SourceId, usize> = FxHashMap::default();
    for (time, source) in times.iter().zip(sources) {
        let Some(days) = time.days() else { continue };
        if let [occurrence] = ranges.overlapping(occurrences, days).as_slice()
            && *first.entry(*source).or_insert(*occurrence) != *occurrence
        {
            return true;
        }
    }
    false
}

/// Occurrences with days in order of their first day, to be found by days.
struct Ranges {
    /// For each occurrence with days, in order: the last day of it and of those before it; open when nothing.
    latest: Vec<Option<Day>>,
}

impl Ranges {
    fn of(occurrences: &[Occurrence<'_>]) -> Self {
        let mut latest: Vec<Option<Day>> = Vec::with_capacity(occurrences.len());
        for days in occurrences.iter().map_while(|o| o.days.as_ref()) {
            let own = days.latest();
            let known = match latest.last() {
                Some(before) => before.zip(own).map(|(a, b)| a.max(b)),
                None => own,
            };
            latest.push(known);
        }
        Self { latest }
    }

    /// The occurrences that share a day with `days`.
    fn overlapping(&self, occurrences: &[Occurrence<'_>], days: &DaySet) -> Vec<usize> {
        let from = match days.earliest() {
            Some(first) => self.latest.partition_point(|latest| latest.is_some_and(|latest| latest < first)),
            None => 0,
        };
        let mut found = Vec::new();
        for (at, occurrence) in occurrences.iter().enumerate().take(self.latest.len()).skip(from) {
            let Some(own) = &occurrence.days else { break };
            if let (Some(begin), Some(last)) = (own.earliest(), days.latest())
                && begin > last
            {
                break;
            }
            if !own.excludes(days) {
                found.push(at);
            }
        }
        found
    }
}

/// The smallest id among mentions, by which their fact is known.
pub(crate) fn smallest_id<'a>(mentions: impl Iterator<Item = &'a Mention>) -> Option<Arc<str>> {
    mentions.map(|mention| &mention.id).filter(|id| !id.is_empty()).min_by(|a, b| by_number(a, b)).cloned()
}

/// Ids in order: digits by their number, so that `M9` stands before `M10`.
pub(crate) fn by_number(a: &str, b: &str) -> std::cmp::Ordering {
    let split = |id: &str| {
        let letters = id.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        (id[..letters].to_owned(), id[letters..].parse::<u128>().ok())
    };
    split(a).cmp(&split(b)).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::super::{Confidence, Locator, Place, RelationType};
    use super::*;

    /// `source key=value …`
    fn mention(text: &str) -> Mention {
        let mut words = text.split(' ');
        let source = words.next().and_then(|s| s.parse().ok()).expect("the number of a source");
        let pair = |word: &str| {
            let (key, value) = word.split_once('=').expect("key=value");
            (Arc::from(key), Arc::from(value))
        };
        Mention {
            id: text.into(),
            place: Place { source: SourceId(source), at: Locator::sentence(1, 1) },
            confidence: Confidence::default(),
            fingerprint: 0,
            qualifiers: words.map(pair).collect(),
        }
    }

    /// The facts as lists of what their mentions state, sorted, then what fits several.
    fn shown(texts: &[&str], repeats: Option<bool>) -> (Vec<Vec<String>>, Vec<String>) {
        let mut vocabulary = Vocabulary::default();
        vocabulary.declare(RelationType { name: "r".into(), repeats, ..RelationType::default() });
        let mentions: Vec<Mention> = texts.iter().map(|text| mention(text)).collect();
        let all: Vec<&Mention> = mentions.iter().collect();
        let facts = facts(&all, "r", &vocabulary, &[]);
        let name = |at: &usize| mentions[*at].id.to_string();
        let mut own: Vec<Vec<String>> = facts
            .own
            .iter()
            .map(|own| {
                let mut own: Vec<String> = own.iter().map(name).collect();
                own.sort_unstable();
                own
            })
            .collect();
        own.sort_unstable();
        let mut either: Vec<String> = facts.either.iter().map(|(at, _)| name(at)).collect();
        either.sort_unstable();
        (own, either)
    }

    /// Every order of up to five mentions.
    fn orders<'a>(texts: &[&'a str]) -> Vec<Vec<&'a str>> {
        if texts.len() < 2 {
            return vec![texts.to_vec()];
        }
        let mut all = Vec::new();
        for at in 0..texts.len() {
            let mut rest = texts.to_vec();
            let first = rest.remove(at);
            all.extend(orders(&rest).into_iter().map(|mut order| {
                order.push(first);
                order
            }));
        }
        all
    }

    fn check(texts: &[&str], repeats: Option<bool>, own: &[&[&str]], either: &[&str]) {
        for order in orders(texts) {
            let expected: Vec<Vec<String>> = own.iter().map(|f| f.iter().map(|t| (*t).to_owned()).collect()).collect();
            let expected = (expected, either.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>());
            assert_eq!(shown(&order, repeats), expected, "{order:?}");
        }
    }

    #[test]
    fn acts_are_told_apart_only_where_somebody_tells_them_apart() {
        // two sources, two years: one act, in dispute
        let (a, b, silent) = ("0 date=2004", "1 date=2005", "2 wording=x");
        check(&[a, b, silent], None, &[&[a, b, silent]], &[]);
        check(&[a, b, silent], Some(false), &[&[a, b, silent]], &[]);
        // one source states both: two acts, and who is silent fits either
        let c = "0 date=2005";
        check(&[a, c, silent], None, &[&[a], &[c]], &[silent]);
        // one that repeats
        let wide = "3 date=2004/2005";
        check(&[a, b, wide], Some(true), &[&[a], &[b]], &[wide]);
        // a finer date is the same act
        let fine = "1 date=2004-05-03";
        check(&[a, fine], Some(true), &[&[a, fine]], &[]);
        // named by the dataset
        let (x, y) = ("0 date=2004 @event=x", "1 date=2004 @event=y");
        check(&[x, y, silent], None, &[&[x], &[y]], &[silent]);
        check(&[x, y], Some(false), &[&[x, y]], &[]);
    }

    #[test]
    fn states_are_as_many_as_the_spans_that_are_stated() {
        let (a, b) = ("0 start=2000 end=2004", "1 start=2010 end=..");
        check(&[a, b], None, &[&[a], &[b]], &[]);
        // spans that overlap are one state, in dispute about its ends
        let (c, d) = ("0 start=2010 end=2019-12-31", "1 start=2012 end=2024-12-31");
        check(&[c, d], None, &[&[c, d]], &[]);
        // lists of one year after the other
        let (e, f, g) = ("0 during=2001", "1 during=2002", "2 during=2004");
        check(&[e, f, g], None, &[&[e, f], &[g]], &[]);
        // a start alone says nothing of what comes after it
        let h = "0 start=2000";
        check(&[h, b], None, &[&[h], &[b]], &[]);
        // who denies is of no fact
        let no = "2 @mode=denies";
        let (own, either) = shown(&[a, no], None);
        assert_eq!((own, either), (vec![vec![a.to_owned()]], vec![]));
        assert_eq!(shown(&[no], None), (vec![], vec![]));
    }

    #[test]
    fn silence_and_sentinels_date_nothing() {
        let (a, silent) = ("0 date=2004", "1 date=");
        check(&[a, silent], Some(true), &[&[a, silent]], &[]);
    }

    #[test]
    fn ids_are_in_order_of_their_numbers() {
        let mentions: Vec<Mention> = ["M10", "M9", "M100"].map(|id| Mention { id: id.into(), ..mention("0") }).into();
        assert_eq!(smallest_id(mentions.iter()).as_deref(), Some("M9"));
    }
}
