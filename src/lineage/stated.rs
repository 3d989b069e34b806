//! What a fact, or a mention without a fact, states of when it happened: dates with their places.
//!
//! An act may state several roles of dates. What counts is `effective`, else `date`, else `adopted`, else `start`;
//! never a date of publication. Where no document stands behind a relationship, its properties are read instead.

use std::cmp::Ordering;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::graph::Graph;
use crate::provenance::{
    Evidence, Identified, Mention, Mode, Place, Qualifier, Source, ValueType, View, Vocabulary, grouping, same_key,
};
use crate::value::edtf::{About, DaySet, Edtf};
use crate::value::{NodeRef, RelRef, Value};

/// What is known, to read facts from.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    /// The facts.
    pub graph: &'a Graph,
    /// The mentions behind them.
    pub evidence: &'a Evidence,
    /// How they are to be read.
    pub vocabulary: &'a Vocabulary,
    /// What is seen of the mentions; everything when nothing.
    pub view: Option<&'a View>,
}

/// The roles of dates of an act, the one that counts first.
pub(crate) const ROLES: [&str; 4] = [grouping::ACT_DATES[0], grouping::ACT_DATES[1], grouping::ACT_DATES[2], "start"];

/// A date as one place states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stated {
    /// As written.
    pub text: Arc<str>,
    /// Which date of the act it is: `effective`, `date`, `adopted`, `start`.
    pub role: &'static str,
    /// What it means; nothing when it cannot be read.
    pub read: Option<Edtf>,
    /// The place; nothing for the property of a relationship without mentions.
    pub place: Option<Place>,
    /// Whether a certain answer may rest on it: neither in doubt nor said with reserve.
    pub firm: bool,
}

impl Stated {
    /// The days it bounds; nothing when it bounds none.
    pub(crate) fn days(&self) -> Option<DaySet> {
        self.read.as_ref().map(Edtf::days).filter(|days| !days.is_all())
    }
}

impl<'a> Known<'a> {
    /// The mentions that assert a fact and are seen.
    pub(crate) fn mentions(&self, rel: RelRef) -> impl Iterator<Item = &'a Mention> + Clone + use<'a> {
        self.evidence.seen(rel, self.view)
    }

    /// Whether documents stand behind a fact at all, seen or not.
    pub(crate) fn is_documented(&self, rel: RelRef) -> bool {
        !self.evidence.ids_of(rel).is_empty()
    }

    /// Whether a fact is seen: a mention of it is, or it is one that no document is asked for.
    pub(crate) fn sees(&self, rel: RelRef) -> bool {
        if self.is_documented(rel) { self.mentions(rel).next().is_some() } else { self.view.is_none() }
    }

    /// The dates of a fact, in the role that counts.
    pub(crate) fn dates(&self, rel: RelRef) -> Vec<Stated> {
        if !self.is_documented(rel) {
            return self.property_dates(rel);
        }
        self.dates_of(self.mentions(rel))
    }

    /// The dates of one mention, in the role that counts.
    pub(crate) fn mention_dates(&self, mention: &'a Mention) -> Vec<Stated> {
        self.dates_of(std::iter::once(mention))
    }

    fn dates_of(&self, mentions: impl Iterator<Item = &'a Mention>) -> Vec<Stated> {
        let mut texts: SmallVec<[(usize, &'a Arc<str>, &'a Mention); 4]> = SmallVec::new();
        for mention in mentions {
            for (key, text) in mention.stated_qualifiers() {
                let Some(role) = ROLES.iter().position(|role| same_key(role, key)) else { continue };
                if !self.vocabulary.is_sentinel(text, self.evidence.source(mention.place.source)) {
                    texts.push((role, text, mention));
                }
            }
        }
        if texts.len() > 1 {
            texts.sort_by_key(|(role, ..)| *role);
        }
        let dates = |texts: &[(usize, &'a Arc<str>, &'a Mention)]| {
            let one = |(role, text, mention): &(usize, &Arc<str>, &Mention)| self.stated(text, ROLES[*role], mention);
            texts.iter().map(one).collect::<Vec<_>>()
        };
        first_role(texts.chunk_by(|a, b| a.0 == b.0).map(dates))
    }

    fn stated(&self, text: &Arc<str>, role: &'static str, mention: &Mention) -> Stated {
        let read = self.read(text, Some(mention));
        let firm = is_firm(mention) && read.as_ref().is_some_and(Edtf::certain);
        Stated { text: text.clone(), role, read, place: Some(mention.place), firm }
    }

    /// What a mention states under one role of dates.
    pub(crate) fn dates_by(&self, mention: &'a Mention, role: &'static str) -> impl Iterator<Item = Stated> + use<'a> {
        let known = *self;
        self.texts(mention, role).map(move |text| known.stated(&text, role, mention))
    }

    /// The texts a mention states under a key of dates, what its source uses for "not known" left out.
    pub(crate) fn texts(&self, mention: &'a Mention, key: &'static str) -> impl Iterator<Item = Arc<str>> + use<'a> {
        let reading = Qualifier { ty: ValueType::Edtf, many: false, conflicts: true };
        let (evidence, vocabulary) = (self.evidence, self.vocabulary);
        evidence.stated_by(mention, key, reading, vocabulary).cloned()
    }

    /// A date as the source of `mention` means it.
    pub(crate) fn read(&self, text: &str, mention: Option<&Mention>) -> Option<Edtf> {
        let source = mention.and_then(|mention| self.evidence.source(mention.place.source));
        Edtf::parse_about(text, self.about(source)).ok()
    }

    fn about(&self, source: Option<&Source>) -> About {
        let of_source = source.map(|source| &*source.reading.about).filter(|text| !text.is_empty());
        let text = of_source.unwrap_or(&self.vocabulary.frame.about);
        if text.is_empty() { About::Unit } else { About::parse(text).unwrap_or_default() }
    }

    fn property_dates(&self, rel: RelRef) -> Vec<Stated> {
        if self.view.is_some() {
            return Vec::new();
        }
        first_role(ROLES.into_iter().map(|role| {
            let key = self.graph.key(role);
            let texts = key.map_or_else(Vec::new, |key| texts_of(&self.graph.rel_property(rel, key)));
            texts.into_iter().map(|text| self.of_property(text, role)).collect()
        }))
    }

    fn of_property(&self, text: Arc<str>, role: &'static str) -> Stated {
        let read = self.read(&text, None);
        let firm = read.as_ref().is_some_and(Edtf::certain);
        Stated { text, role, read, place: None, firm }
    }

    /// Whether a certain answer may rest on a fact: some place states it plainly of this very entity.
    pub(crate) fn is_firm(&self, rel: RelRef) -> bool {
        !self.is_documented(rel) || self.mentions(rel).any(is_firm)
    }

    /// What `mentions`, or the property of a relationship without mentions, say under `key`, with the place of each.
    pub(crate) fn values(&self, rel: RelRef, key: &str) -> Vec<(Arc<str>, Option<Place>)> {
        if self.is_documented(rel) {
            let reading = self.vocabulary.qualifier(key, self.graph.type_name(self.graph.rel(rel).ty));
            let said = |mention| {
                let values = self.evidence.stated_by(mention, key, reading, self.vocabulary);
                values.map(|value| (value.clone(), Some(mention.place))).collect::<Vec<_>>()
            };
            return self.mentions(rel).flat_map(said).collect();
        }
        let property = self.graph.key(key).map_or(Value::Null, |key| self.graph.rel_property(rel, key));
        texts_of(&property).into_iter().map(|text| (text, None)).collect()
    }

    /// The id of an entity, as the dataset writes it.
    pub(crate) fn id(&self, node: NodeRef) -> Option<Arc<str>> {
        match self.graph.node_property(node, self.graph.key("id")?) {
            Value::Str(id) => Some(id),
            _ => None,
        }
    }

    /// The order of bodies: by id, else by number. It does not depend on the order of rows.
    pub(crate) fn by_id(&self, a: NodeRef, b: NodeRef) -> Ordering {
        let number = |node| self.graph.node_id(node).0;
        match (self.id(a), self.id(b)) {
            (Some(x), Some(y)) => grouping::by_number(&x, &y).then_with(|| number(a).cmp(&number(b))),
            (x, y) => x.is_none().cmp(&y.is_none()).then_with(|| number(a).cmp(&number(b))),
        }
    }

    /// The name of a fact that does not depend on the order of rows: its smallest mention, else its number.
    pub(crate) fn fact_id(&self, rel: RelRef) -> Arc<str> {
        let smallest = grouping::smallest_id(self.evidence.mentions_of(rel));
        smallest.unwrap_or_else(|| self.graph.rel_id(rel).0.to_string().into())
    }
}

/// The first role in which a date is stated that can be read, else the first that is stated.
fn first_role(by_role: impl Iterator<Item = Vec<Stated>>) -> Vec<Stated> {
    let mut first = Vec::new();
    for dates in by_role {
        if dates.iter().any(|date| date.days().is_some()) {
            return dates;
        }
        if first.is_empty() {
            first = dates;
        }
    }
    first
}

/// Whether a certain answer may rest on a mention.
pub(crate) fn is_firm(mention: &Mention) -> bool {
    mention.mode() != Mode::Hedges && mention.identified() != Identified::Possible
}

/// From the earliest to the latest day of all stated dates, as numbers of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The earliest; the least number when no date is stated, or it is open.
    pub earliest: i64,
    /// The latest; the greatest number when no date is stated, or it is open.
    pub latest: i64,
    /// Whether a certain answer may rest on these dates.
    pub firm: bool,
}

impl Span {
    /// Without any date.
    pub(crate) const UNDATED: Self = Self { earliest: i64::MIN, latest: i64::MAX, firm: false };

    /// What dates span that bound something.
    pub(crate) fn of<'d>(dates: impl IntoIterator<Item = &'d Stated>) -> Self {
        let mut span: Option<Self> = None;
        for date in dates {
            let Some(days) = date.days() else { continue };
            let own = Self {
                earliest: days.earliest().map_or(i64::MIN, |day| day.days),
                latest: days.latest().map_or(i64::MAX, |day| day.days),
                firm: date.firm,
            };
            span = Some(span.map_or(own, |span| Self {
                earliest: span.earliest.min(own.earliest),
                latest: span.latest.max(own.latest),
                firm: span.firm && own.firm,
            }));
        }
        span.unwrap_or(Self::UNDATED)
    }
}

/// The texts of a property value: a string as it is, a list item by item, a year or date printed.
pub(crate) fn texts_of(value: &Value) -> Vec<Arc<str>> {
    match value {
        Value::Null => Vec::new(),
        Value::Str(text) => vec![text.clone()],
        Value::List(list) => list.iter().flat_map(texts_of).collect(),
        Value::Int(year) if (0..1000).contains(year) => vec![format!("{year:04}").into()],
        Value::LocalDateTime(moment) => texts_of(&Value::Date(moment.date())),
        Value::DateTime(moment) => texts_of(&Value::Date(moment.local.date())),
        other => crate::value::text::scalar(other).map(Arc::from).into_iter().collect(),
    }
}
