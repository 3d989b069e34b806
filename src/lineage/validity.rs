//! When facts held: the times that their mentions state, pooled, and the three answers an as-of question has.
//!
//! | the fact | is stated by | holds |
//! |---|---|---|
//! | act | `effective`, else `date`, else `adopted`; never `published` | from its day on |
//! | state | `start`, `end` | from the latest start to the earliest end |
//! | list | `during` of the mention or of its source | on all of these days; nothing is said of others |
//! | absence | a source that is `complete` for the relation, and lacks the fact | not on the days of that source |
//!
//! Silence, and what a register writes for "not known", states nothing. A place that speaks with reserve bounds, and
//! never grounds a yes. Absence of an end is no proof that a thing still holds: the answer is then
//! [`Holds::NotStated`], which `AS OF` keeps and `AS OF CERTAIN` drops. Relationships without mentions are read by
//! their properties of the same names.

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::stated::Known;
use crate::error::{Code, Error, Result};
use crate::graph::{Graph, LabelId, RelTypeId};
use crate::provenance::view::sees;
use crate::provenance::{Evidence, Identified, Mention, Mode, Source, SourceId, Vocabulary, is_silent};
use crate::value::edtf::{ACT_DATES, About, DaySet, Edtf, Moment};
use crate::value::{NodeRef, RelRef, Value};

pub(crate) use crate::value::edtf::{Days, FactTime, Holds};

impl Known<'_> {
    /// When a relationship held, as far as it is seen; `lists` say by silence what did not.
    pub(crate) fn rel_time(&self, rel: RelRef, lists: &Lists) -> FactTime {
        let (own, denials) = (self.evidence.ids_of(rel), self.evidence.denials_of(rel));
        if own.is_empty() && denials.is_empty() && self.evidence.either_of(rel).is_empty() {
            let property = |key: &str| self.graph.key(key).map_or(Value::Null, |key| self.graph.rel_property(rel, key));
            return FactTime::of_properties(property);
        }
        let mut seen = self.mentions(rel).peekable();
        if seen.peek().is_none() && self.evidence.denials_seen(rel, self.view).next().is_some() {
            return FactTime::never();
        }
        let time = time_of(self.evidence, self.vocabulary, seen);
        time.absent_on(lists.without(rel, self))
    }

    /// Whether a relationship held on some of these days.
    pub(crate) fn rel_holds(&self, rel: RelRef, lists: &Lists, asked: Days) -> Holds {
        self.rel_time(rel, lists).holds(asked)
    }
}

/// The time that mentions state together.
pub(crate) fn time_of<'m>(
    evidence: &Evidence,
    vocabulary: &Vocabulary,
    mentions: impl IntoIterator<Item = &'m Mention>,
) -> FactTime {
    FactTime::pooled(mentions.into_iter().flat_map(|mention| moments(evidence, vocabulary, mention)))
}

/// What one mention states of when: one moment, and one more for every further `during`.
pub(crate) fn moments(evidence: &Evidence, vocabulary: &Vocabulary, mention: &Mention) -> SmallVec<[Moment; 1]> {
    let source = evidence.source(mention.place.source);
    let about = about_of(vocabulary, source);
    let dates = |key: &'static str| {
        let known = mention.stated(key).filter(|text| !vocabulary.is_sentinel(text, source));
        known.filter_map(move |text| read(text, about))
    };
    let doubted = mention.mode() == Mode::Hedges || mention.identified() == Identified::Possible;
    let mut all: SmallVec<[Moment; 1]> = SmallVec::new();
    all.push(Moment {
        act: ACT_DATES.iter().find_map(|key| dates(key).next()),
        start: dates("start").next(),
        end: dates("end").next(),
        during: None,
        end_exclusive: is_end_exclusive(vocabulary, source),
        doubted,
    });
    let mut listed = dates("during").peekable();
    if listed.peek().is_some() {
        all.extend(listed.map(|during| Moment { during: Some(during), doubted, ..Moment::default() }));
    } else if let Some(during) = source.and_then(|source| during_of(vocabulary, source)) {
        all.push(Moment { during: Some(during), doubted, ..Moment::default() });
    }
    all
}

/// Whether an `end` in this source is the first day on which a thing held no more.
pub(crate) fn is_end_exclusive(vocabulary: &Vocabulary, source: Option<&Source>) -> bool {
    source.and_then(|source| source.reading.end_exclusive).unwrap_or(vocabulary.frame.end_exclusive)
}

/// How far `~` reaches in this source, as it is written.
fn about_of<'a>(vocabulary: &'a Vocabulary, source: Option<&'a Source>) -> &'a str {
    match source {
        Some(source) if !source.reading.about.is_empty() => &source.reading.about,
        _ => &vocabulary.frame.about,
    }
}

/// A date as a source with this reach of `~` means it.
fn read(text: &str, about: &str) -> Option<Edtf> {
    if about.is_empty() || !text.contains(['~', '%']) {
        return Edtf::parse(text).ok();
    }
    Edtf::parse_about(text, About::parse(about).unwrap_or_default()).ok()
}

/// The days for which everything that a source lists held.
fn during_of(vocabulary: &Vocabulary, source: &Source) -> Option<Edtf> {
    let text = &*source.reading.during;
    if is_silent(text) { None } else { read(text, about_of(vocabulary, Some(source))) }
}

/// The kinds at both ends of a relationship.
type Kinds = (SmallVec<[LabelId; 2]>, SmallVec<[LabelId; 2]>);

/// Sources that list all relationships of a type between their kinds of bodies, on some days: what they lack did not
/// hold then.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lists {
    by_type: FxHashMap<RelTypeId, Vec<List>>,
}

/// One source, complete for one relationship type.
#[derive(Clone, Debug)]
struct List {
    source: SourceId,
    days: DaySet,
    kinds: FxHashSet<Kinds>,
}

impl Lists {
    /// The complete lists among the sources. Linear in the evidence, and at once where no source is complete.
    pub(crate) fn of(graph: &Graph, evidence: &Evidence, vocabulary: &Vocabulary) -> Self {
        let mut lists = Self::default();
        for (at, source) in (0..).zip(evidence.sources()) {
            let Some(during) = during_of(vocabulary, source) else { continue };
            let days = FactTime::pooled([Moment { during: Some(during), ..Moment::default() }]).listed();
            for ty in source.reading.complete.iter().filter_map(|name| graph.rel_type(name)) {
                let list = List { source: SourceId(at), days: days.clone(), kinds: FxHashSet::default() };
                lists.by_type.entry(ty).or_default().push(list);
            }
        }
        if lists.by_type.is_empty() {
            return lists;
        }
        for (rel, mentions) in evidence.rels() {
            let Some(of_type) = lists.by_type.get_mut(&graph.rel(rel).ty) else { continue };
            let kinds = kinds(graph, rel);
            let mut sources: SmallVec<[SourceId; 8]> =
                mentions.iter().filter_map(|id| evidence.mention(*id)).map(|m| m.place.source).collect();
            sources.sort_unstable();
            sources.dedup();
            for list in of_type.iter_mut().filter(|list| sources.binary_search(&list.source).is_ok()) {
                if !list.kinds.contains(&kinds) {
                    list.kinds.insert(kinds.clone());
                }
            }
        }
        lists
    }

    /// The days on which complete lists that are seen lack `rel`.
    fn without(&self, rel: RelRef, known: &Known<'_>) -> DaySet {
        DaySet::union_of(self.lacking(rel, known).into_iter().map(|(_, days)| days))
    }

    /// The complete lists that are seen and lack `rel`, each with the days it is of.
    pub(crate) fn lacking(&self, rel: RelRef, known: &Known<'_>) -> SmallVec<[(SourceId, &DaySet); 2]> {
        let Some(of_type) = self.by_type.get(&known.graph.rel(rel).ty) else { return SmallVec::new() };
        let kinds = kinds(known.graph, rel);
        let ids = known.evidence.ids_of(rel).iter().chain(known.evidence.either_of(rel));
        let mut listed: SmallVec<[SourceId; 8]> =
            ids.filter_map(|id| known.evidence.mention(*id)).map(|mention| mention.place.source).collect();
        listed.sort_unstable();
        let lacks = |list: &&List| {
            listed.binary_search(&list.source).is_err() && sees(known.view, list.source) && list.kinds.contains(&kinds)
        };
        of_type.iter().filter(lacks).map(|list| (list.source, &list.days)).collect()
    }
}

fn kinds(graph: &Graph, rel: RelRef) -> Kinds {
    let ends = graph.rel(rel);
    let of = |node: NodeRef| {
        let mut labels: SmallVec<[LabelId; 2]> = graph.labels_of(node).iter().copied().collect();
        labels.sort_unstable();
        labels
    };
    (of(ends.start), of(ends.end))
}

/// The days of a date asked for: a date, a point in time, a year, or a text as EDTF writes dates (no interval).
/// Errors: `ArgumentError / InvalidTemporal`.
pub(crate) fn days_of(date: &Value) -> Result<Days> {
    Edtf::of_value(date).as_ref().and_then(Days::of).ok_or_else(|| {
        let shown = crate::value::text::literal(date, None).unwrap_or_else(|_| date.type_name().to_owned());
        Error::argument(Code::InvalidTemporal, format!("a date is needed here, and {shown} is none"))
            .hint("a date is written as a day '2022-06-01', a month '2022-06' or a year '2022', '-0043'")
    })
}
