//! When a fact happened or held, as far as it matters for whether two facts can be true together.

use super::Ground;
use crate::provenance::{Mention, MentionId, Mode, grouping::ACT_DATES};
use crate::value::edtf::{About, DaySet, Edtf, Precision};
use crate::value::{RelRef, Value};

/// When a fact happened or held.
pub(super) struct Time {
    /// The days of which it may be true; all when nothing bounds them.
    pub(super) days: DaySet,
    /// The days of which it is true for certain, from first to last, as far as all readings agree.
    pub(super) surely: Option<(i64, i64)>,
}

/// A date with how it is meant.
struct Stated {
    date: Edtf,
    /// Whether an end is the first day on which it held no more.
    exclusive: bool,
    /// Whether it may ground a certain answer.
    plain: bool,
}

const START: &str = "start";
const END: &str = "end";
const DURING: &str = "during";

impl Ground<'_> {
    /// The time of a fact: of its mentions, or of its properties where it has none.
    pub(super) fn time(&self, rel: RelRef, mentions: &[MentionId]) -> Time {
        let own = |key: &str| -> Vec<Stated> {
            match mentions.is_empty() {
                true => self.of_property(rel, key).into_iter().collect(),
                false => self.mentions(mentions).flat_map(|mention| self.of_mention(mention, key)).collect(),
            }
        };
        let (starts, ends, mut during) = (own(START), own(END), own(DURING));
        during.extend(self.mentions(mentions).filter_map(|mention| self.of_list(mention)));
        if starts.is_empty() && ends.is_empty() && during.is_empty() {
            return self.act(rel, mentions);
        }
        state(&starts, &ends, &during)
    }

    /// The days of an act: of the first role of dates that each mention states.
    fn act(&self, rel: RelRef, mentions: &[MentionId]) -> Time {
        let first = |own: &dyn Fn(&str) -> Vec<Stated>| {
            ACT_DATES.iter().map(|key| own(key)).find(|dates| !dates.is_empty()).unwrap_or_default()
        };
        let dates: Vec<Stated> = match mentions.is_empty() {
            true => first(&|key| self.of_property(rel, key).into_iter().collect()),
            false => self.mentions(mentions).flat_map(|mention| first(&|key| self.of_mention(mention, key))).collect(),
        };
        if dates.is_empty() {
            return Time { days: DaySet::all(), surely: None };
        }
        let sets: Vec<DaySet> = dates.iter().map(|stated| stated.date.days()).collect();
        let days = DaySet::union_of(&sets);
        let plain = dates.iter().any(|stated| stated.plain);
        let surely = days.single().filter(|_| plain).map(|day| (day.days, day.days));
        Time { days, surely }
    }

    /// What a mention states under a key; sentinels and what is no date say nothing.
    fn of_mention(&self, mention: &Mention, key: &str) -> Vec<Stated> {
        let reading = crate::provenance::Qualifier::by_default(START, false);
        let values = self.evidence.stated_by(mention, key, reading, self.vocabulary);
        values.filter_map(|text| self.read(mention, text)).collect()
    }

    /// The days on which everything held that the source of a mention lists.
    fn of_list(&self, mention: &Mention) -> Option<Stated> {
        let source = self.evidence.source(mention.place.source)?;
        let own = mention.stated(DURING).next().is_some();
        let during = &source.reading.during;
        if own || during.is_empty() { None } else { self.read(mention, during) }
    }

    fn read(&self, mention: &Mention, text: &str) -> Option<Stated> {
        let source = self.evidence.source(mention.place.source);
        let frame = &self.vocabulary.frame;
        let about = source.map(|s| &s.reading.about).filter(|about| !about.is_empty()).unwrap_or(&frame.about);
        let date = Edtf::parse_about(text, About::parse(about).unwrap_or_default()).ok()?;
        let exclusive = source.and_then(|s| s.reading.end_exclusive).unwrap_or(frame.end_exclusive);
        let plain = mention.mode() != Mode::Hedges && date.certain();
        Some(Stated { date, exclusive, plain })
    }

    fn of_property(&self, rel: RelRef, key: &str) -> Option<Stated> {
        let date = match self.graph.rel_property(rel, self.graph.key(key)?) {
            Value::Str(text) => Edtf::parse(&text).ok()?,
            Value::Int(year) => Edtf::year(year)?,
            Value::Date(date) => Edtf::day(date),
            Value::LocalDateTime(moment) => Edtf::day(moment.date()),
            Value::DateTime(moment) => Edtf::day(moment.local.date()),
            _ => return None,
        };
        let plain = date.certain();
        Some(Stated { date, exclusive: false, plain })
    }
}

/// The time of a state: from the earliest start to the latest end; a side that nobody states is open.
fn state(starts: &[Stated], ends: &[Stated], during: &[Stated]) -> Time {
    let last = |stated: &Stated, latest: bool| {
        let day = if latest { stated.date.end().latest() } else { stated.date.end().earliest() }?;
        let whole = stated.exclusive && stated.date.to().precision() == Some(Precision::Day);
        Some(day.days - i64::from(whole))
    };
    // a start written as an interval says both, where no end is stated
    let closing: Vec<&Stated> = match ends {
        [] => starts.iter().filter(|start| start.date.is_interval()).collect(),
        ends => ends.iter().collect(),
    };
    let spans: Vec<DaySet> = during.iter().map(|stated| stated.date.days()).collect();
    let mut days = DaySet::union_of(&spans);
    if !starts.is_empty() || !ends.is_empty() {
        let from = starts.iter().map(|stated| stated.date.begin().earliest()).min().flatten();
        let until = closing.iter().map(|stated| last(stated, true)).collect::<Option<Vec<i64>>>();
        let until = until.and_then(|days| days.into_iter().max());
        let until = until.map(|days| crate::value::temporal::Date { days });
        days = days.union(&DaySet::of(from, until));
    }
    Time { days, surely: surely(starts, &closing, last).or_else(|| surely_during(during)) }
}

/// From the latest start to the earliest end, both stated without doubt.
fn surely(starts: &[Stated], ends: &[&Stated], last: impl Fn(&Stated, bool) -> Option<i64>) -> Option<(i64, i64)> {
    use crate::value::edtf::End;
    if !starts.iter().any(|stated| stated.plain) || !ends.iter().any(|stated| stated.plain) {
        return None;
    }
    let from = starts.iter().map(|stated| match stated.date.from() {
        End::Open => Some(i64::MIN),
        End::Unknown => None,
        End::At(point) => point.days.latest().map(|day| day.days),
    });
    let until = ends.iter().map(|stated| match stated.date.to() {
        End::Open => Some(i64::MAX),
        End::Unknown => None,
        End::At(_) => last(stated, false),
    });
    let from = from.collect::<Option<Vec<i64>>>()?.into_iter().max()?;
    let until = until.collect::<Option<Vec<i64>>>()?.into_iter().min()?;
    (from <= until).then_some((from, until))
}

fn surely_during(during: &[Stated]) -> Option<(i64, i64)> {
    let stated = during.iter().find(|stated| stated.plain)?;
    let days = stated.date.days();
    Some((days.earliest()?.days, days.latest()?.days))
}
