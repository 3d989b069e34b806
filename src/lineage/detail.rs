//! What is said of an event, each thing with the places that say it.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::kinds::Kind;
use super::stated::Known;
use crate::error::Result;
use crate::provenance::{Member, Mention, Place, Qualifier, Role, SourceId, ValueType, grouping, values};
use crate::value::{Map, NodeRef, RelRef, Value};

/// One value with the places that state it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The value as stated.
    pub text: Arc<str>,
    /// What it is a value of: the role of a date; else nothing.
    pub role: &'static str,
    /// The bodies of which it is said, by id.
    pub bodies: Vec<NodeRef>,
    /// The places, in order, each once.
    pub places: Vec<Place>,
}

/// What is said of one event, or of one move of a function.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// When, as one value for computing: the stated date, or the set of those that differ.
    pub when: Option<Arc<str>>,
    /// The dates, in order of time.
    pub dates: Vec<Said>,
    /// The acts it was done by.
    pub acts: Vec<Said>,
    /// The shares of those who took part.
    pub shares: Vec<Said>,
    /// The places that say of a body that it took part.
    pub of_body: FxHashMap<NodeRef, Vec<Place>>,
    /// All places, in order, each once.
    pub places: Vec<Place>,
    /// The documents.
    pub sources: SmallVec<[SourceId; 8]>,
    /// The places that name no actor, where the dataset supplies one.
    pub supplied: Vec<Place>,
    /// Whether documents differ in what cannot be true together, or some deny it.
    pub disputed: bool,
}

/// What is said of an event of `kind` with these facts and parts.
pub fn detail(known: &Known<'_>, kind: &Kind, facts: &[RelRef], parts: &[Member]) -> Detail {
    let mut detail = Detail::default();
    for rel in facts {
        let ends = known.graph.rel(*rel);
        let (before, after) = kind.ends(ends.start, ends.end);
        let bodies: &[NodeRef] = match kind.role {
            Role::Succession => &[before, after],
            _ => &[after],
        };
        for date in known.dates(*rel) {
            add(&mut detail.dates, &date.text, date.role, bodies, date.place);
        }
        for (key, list) in [("through", &mut detail.acts), ("share", &mut detail.shares)] {
            for (text, place) in known.values(*rel, key) {
                add(list, &text, "", bodies, place);
            }
        }
        let places: Vec<Place> = known.mentions(*rel).map(|mention| mention.place).collect();
        for body in [before, after] {
            detail.of_body.entry(body).or_default().extend(&places);
        }
        detail.places.extend(places);
        let unnamed = known.mentions(*rel).filter(|mention| mention.confidence.has('A'));
        detail.supplied.extend(unnamed.map(|mention| mention.place));
        detail.disputed |= is_disputed(known, *rel);
    }
    for part in parts {
        let Some(mention) = known.evidence.mention(part.mention) else { continue };
        let (place, bodies) = (Some(mention.place), [part.node]);
        for date in known.mention_dates(mention) {
            add(&mut detail.dates, &date.text, date.role, &bodies, place);
        }
        for (key, list) in [("through", &mut detail.acts), ("share", &mut detail.shares)] {
            let texts: Vec<Arc<str>> = mention.stated(key).map(Arc::from).collect();
            texts.iter().for_each(|text| add(list, text, "", &bodies, place));
        }
        detail.of_body.entry(part.node).or_default().push(mention.place);
        detail.places.push(mention.place);
        if mention.confidence.has('A') {
            detail.supplied.push(mention.place);
        }
    }
    detail.settle(known);
    detail
}

impl Detail {
    fn settle(&mut self, known: &Known<'_>) {
        let texts: Vec<Arc<str>> = {
            let mut texts: Vec<Arc<str>> = self.dates.iter().map(|date| date.text.clone()).collect();
            texts.sort_unstable();
            texts.dedup();
            texts
        };
        let reading = Qualifier { ty: ValueType::Edtf, many: false, conflicts: true };
        if let Ok(pooled) = values::pool(reading, texts) {
            self.disputed |= pooled.disputed && self.dates.len() > 1;
            self.when = match pooled.value {
                Value::Str(text) => Some(text),
                // dates that cannot be read, and differ: the first, in the order of their letters
                _ => self.dates.iter().map(|date| &date.text).min().cloned(),
            };
        }
        let day = |said: &Said| {
            let days = known.read(&said.text, None).map(|date| date.days());
            let (first, last) = days.map_or((None, None), |days| (days.earliest(), days.latest()));
            (first, last, said.role, said.text.clone())
        };
        self.dates.sort_by_cached_key(day);
        for list in [&mut self.acts, &mut self.shares] {
            list.sort_by(|a, b| grouping::by_number(&a.text, &b.text));
        }
        for said in self.dates.iter_mut().chain(&mut self.acts).chain(&mut self.shares) {
            tidy(known, &mut said.places);
            if said.bodies.len() > 1 {
                said.bodies.sort_by(|a, b| known.by_id(*a, *b));
                said.bodies.dedup();
            }
        }
        self.of_body.values_mut().for_each(|places| tidy(known, places));
        tidy(known, &mut self.places);
        tidy(known, &mut self.supplied);
        self.sources = self.places.iter().map(|place| place.source).collect();
        self.sources.sort_unstable();
        self.sources.dedup();
    }
}

fn add(list: &mut Vec<Said>, text: &Arc<str>, role: &'static str, bodies: &[NodeRef], place: Option<Place>) {
    let at = match list.iter().position(|said| said.text == *text && said.role == role) {
        Some(at) => at,
        None => {
            list.push(Said { text: text.clone(), role, ..Said::default() });
            list.len() - 1
        }
    };
    list[at].bodies.extend(bodies);
    list[at].places.extend(place);
}

/// Puts places in the order of their documents' ids, each once.
pub fn tidy(known: &Known<'_>, places: &mut Vec<Place>) {
    places.sort_unstable();
    places.dedup();
    let id = |place: &Place| known.evidence.source(place.source).map(|source| source.id.clone());
    if places.len() > 1 {
        places.sort_by_key(|a| (id(a), a.at));
    }
}

/// Whether documents state values of a fact that cannot be true together, or some deny it.
pub fn is_disputed(known: &Known<'_>, rel: RelRef) -> bool {
    if known.evidence.denials_seen(rel, known.view).next().is_some() {
        return true;
    }
    let mentions: Vec<&Mention> = known.mentions(rel).collect();
    if mentions.len() < 2 {
        return false;
    }
    let relation = known.graph.type_name(known.graph.rel(rel).ty);
    values::keys(mentions.iter().copied()).iter().any(|key| {
        known.vocabulary.qualifier(key, relation).conflicts
            && known
                .evidence
                .pooled(mentions.iter().copied(), key, relation, known.vocabulary)
                .is_ok_and(|pooled| pooled.disputed)
    })
}

/// Places as they are cited.
pub fn cited(known: &Known<'_>, places: &[Place]) -> Result<Value> {
    Value::list(places.iter().map(|place| Value::from(known.evidence.cite(*place))).collect())
}

/// A list of what is said, each with its bodies and places.
pub fn told(known: &Known<'_>, key: &str, list: &[Said]) -> Result<Value> {
    let each = list.iter().map(|said| {
        let mut entries = vec![(Arc::from(key), Value::Str(said.text.clone()))];
        if !said.role.is_empty() {
            entries.push((Arc::from("role"), Value::str(said.role)));
        }
        entries.push((Arc::from("bodies"), Value::list(said.bodies.iter().copied().map(Value::Node).collect())?));
        entries.push((Arc::from("citations"), cited(known, &said.places)?));
        Value::map(entries)
    });
    Value::list(each.collect::<Result<_>>()?)
}

/// A list of bodies, each with the places that say that it took part.
pub fn bodies(known: &Known<'_>, detail: &Detail, list: &[NodeRef]) -> Result<Value> {
    let each = list.iter().map(|body| {
        let places = detail.of_body.get(body).map_or(&[][..], |places| places);
        Value::map([(Arc::from("body"), Value::Node(*body)), (Arc::from("citations"), cited(known, places)?)])
    });
    Value::list(each.collect::<Result<_>>()?)
}

/// `event(r)`: the event of a fact as a map; nothing when its type has no part in a lineage.
pub fn event_map(known: Known<'_>, rel: RelRef) -> Result<Option<Map>> {
    let kinds = super::kinds::Kinds::of(known.graph, known.vocabulary, &[]);
    let mut events = super::events::Events::new(known, &kinds);
    let Some(at) = events.of_fact(rel) else { return Ok(None) };
    let event = events.get(at);
    let sees = |rel: &RelRef| known.sees(*rel);
    let facts: Vec<RelRef> = event.facts.iter().copied().filter(sees).collect();
    let parts: Vec<Member> =
        event.parts.iter().copied().filter(|part| super::events::sees_part(&known, known.view, part.mention)).collect();
    let detail = detail(&known, &event.kind, &facts, &parts);
    let side = |first| {
        let seen = |member: &Member| parts.contains(member);
        event.side(&known, first, &|rel| known.sees(rel), &seen)
    };
    let mut entries = vec![
        (Arc::from("event"), Value::Str(event.id(&known))),
        (Arc::from("kind"), Value::Str(event.kind.name.clone())),
        (Arc::from("when"), detail.when.clone().map_or(Value::Null, Value::Str)),
        (Arc::from("dates"), told(&known, "date", &detail.dates)?),
        (Arc::from("act"), told(&known, "act", &detail.acts)?),
        (Arc::from("share"), told(&known, "share", &detail.shares)?),
        (Arc::from("facts"), Value::list(facts.iter().copied().map(Value::Rel).collect())?),
        (Arc::from("support"), count(detail.sources.len())),
        (Arc::from("witnesses"), count(known.evidence.witnesses(&detail.sources))),
        (Arc::from("citations"), cited(&known, &detail.places)?),
        (Arc::from("disputed"), Value::Bool(detail.disputed)),
    ];
    let sides = match event.kind.role {
        Role::Succession => [("predecessors", true), ("successors", false)].as_slice(),
        Role::FunctionTransfer | Role::FunctionWithdrawal => &[("functions", true), ("bodies", false)],
        _ => &[("bodies", false)],
    };
    for (key, first) in sides {
        entries.push((Arc::from(*key), bodies(&known, &detail, &side(*first))?));
    }
    Map::new(entries.into_iter().collect()).map(Some)
}

/// A number of things as a value.
pub fn count(n: usize) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}
