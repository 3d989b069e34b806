//! Events: one act with its predecessors and successors, put together from the facts around a body.
//!
//! | what makes facts of one type one event | |
//! |---|---|
//! | the column `event` | every fact that names it, and every body that it names without a pair |
//! | the same body on the side that gathers, and some mentions with the same date | at the same place, or `through` the same act, or when the date is a day |
//! | the same body on the side that gathers, and no date at all | some mentions at the same place |
//!
//! Joined transitively. A year alone gathers nothing. Events come from all mentions: what is seen of them hides
//! mentions and never regroups. They are found from where one stands: the facts of the bodies on the side that
//! gathers are looked at once each, so what is asked of a neighbourhood costs no more than its facts.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::kinds::{Kind, Kinds};
use super::stated::{Known, ROLES, texts_of};
use crate::graph::Dir;
use crate::provenance::{Member, Mention, MentionId, Place, Role, View};
use crate::value::edtf::{Day, Edtf};
use crate::value::{NodeRef, RelRef, Value};

/// One act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// Its kind.
    pub kind: Arc<Kind>,
    /// Its id where the dataset names it.
    pub named: Option<Arc<str>>,
    /// Its facts, by their smallest mentions.
    pub facts: Vec<RelRef>,
    /// Bodies of which it is said that they took part, without saying who was on the other side.
    pub parts: Vec<Member>,
}

/// The part of one body in an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The event: a place in [`Events`].
    pub event: u32,
    /// Whether the body is the predecessor (or whoever acted); else the successor (or what it befell).
    pub first: bool,
    /// The fact that says so, with the other end; nothing when the other side is not said body by body.
    pub fact: Option<(RelRef, NodeRef)>,
}

/// The events around the bodies asked about.
pub(crate) struct Events<'a> {
    known: Known<'a>,
    kinds: &'a Kinds,
    list: Vec<Event>,
    of_fact: FxHashMap<RelRef, u32>,
    of_record: FxHashMap<u32, u32>,
}

/// What two facts of one event have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Common {
    At(Arc<str>, Place),
    Through(Arc<str>, Arc<str>),
    On(Day),
    Undated(Place),
}

impl Event {
    /// What names the event: its id, else its smallest mention, else the number of its first relationship.
    pub(crate) fn id(&self, known: &Known<'_>) -> Arc<str> {
        if let Some(named) = &self.named {
            return named.clone();
        }
        self.facts.first().map_or_else(Arc::default, |rel| known.fact_id(*rel))
    }

    /// The bodies on one side, each once, by id: the predecessors (`first`) or the successors, of the facts for which
    /// `visible` holds and the parts that `seen` lets through.
    pub(crate) fn side(
        &self,
        known: &Known<'_>,
        first: bool,
        visible: &dyn Fn(RelRef) -> bool,
        seen: &dyn Fn(&Member) -> bool,
    ) -> Vec<NodeRef> {
        let of_fact = |rel: &RelRef| {
            let ends = known.graph.rel(*rel);
            let (before, after) = self.kind.ends(ends.start, ends.end);
            if first { before } else { after }
        };
        let facts = self.facts.iter().filter(|rel| visible(**rel)).map(of_fact);
        let parts = self.parts.iter().filter(|part| seen(part) && self.kind.befalls(part.side) != first);
        let mut known_of = FxHashSet::default();
        let mut bodies: Vec<NodeRef> =
            facts.chain(parts.map(|part| part.node)).filter(|node| known_of.insert(*node)).collect();
        if bodies.len() > 1 {
            bodies.sort_by(|a, b| known.by_id(*a, *b));
        }
        bodies
    }
}

/// Whether a part of an event is seen: its mention is.
pub(crate) fn sees_part(known: &Known<'_>, view: Option<&View>, mention: MentionId) -> bool {
    known.evidence.mention(mention).is_some_and(|mention| known.evidence.is_seen(mention, view))
}

impl<'a> Events<'a> {
    /// No event yet; they are found when they are asked for.
    pub(crate) fn new(known: Known<'a>, kinds: &'a Kinds) -> Self {
        Self { known, kinds, list: Vec::new(), of_fact: FxHashMap::default(), of_record: FxHashMap::default() }
    }

    /// The event at a place.
    pub(crate) fn get(&self, at: u32) -> &Event {
        &self.list[at as usize]
    }

    /// The parts that a body has in events: in the order of its facts.
    pub(crate) fn at(&mut self, node: NodeRef) -> Vec<Part> {
        let known = self.known;
        let mut rels: SmallVec<[RelRef; 8]> = SmallVec::new();
        if !self.kinds.types().is_empty() {
            known.graph.for_each_neighbour(node, Dir::Both, self.kinds.types(), |rel, _| rels.push(rel));
        }
        rels.sort_unstable();
        rels.dedup();
        let mut parts = Vec::with_capacity(rels.len());
        for rel in rels {
            let (Some(kind), Some(event)) = (self.kinds.of_fact(known.graph, rel).cloned(), self.of_fact(rel)) else {
                continue;
            };
            let ends = known.graph.rel(rel);
            let (before, after) = kind.ends(ends.start, ends.end);
            if before == node {
                parts.push(Part { event, first: true, fact: Some((rel, after)) });
            }
            if after == node {
                parts.push(Part { event, first: false, fact: Some((rel, before)) });
            }
        }
        for record in known.evidence.events_of(node) {
            let Some(event) = self.of_record(record) else { continue };
            let kind = self.get(event).kind.clone();
            let mut sides: SmallVec<[bool; 2]> = SmallVec::new();
            for member in known.evidence.events()[record as usize].members.iter().filter(|m| m.node == node) {
                let first = !kind.befalls(member.side);
                if !sides.contains(&first) {
                    sides.push(first);
                }
            }
            parts.extend(sides.into_iter().map(|first| Part { event, first, fact: None }));
        }
        parts
    }

    /// The event of a fact; nothing when its type has no part in a lineage.
    pub(crate) fn of_fact(&mut self, rel: RelRef) -> Option<u32> {
        if let Some(at) = self.of_fact.get(&rel) {
            return Some(*at);
        }
        let known = self.known;
        let kind = self.kinds.of_fact(known.graph, rel)?.clone();
        let name = self.name_of(rel);
        if kind.role != Role::Succession {
            // what else happened is said of one body at a time; what moves is paired by who gives and who receives
            return Some(self.add(kind, name, vec![rel], &[]));
        }
        if let Some(name) = name {
            return Some(self.named(kind, name));
        }
        let ends = known.graph.rel(rel);
        let (before, after) = kind.ends(ends.start, ends.end);
        match kind.gathering(before, after) {
            Some(body) => self.gather(body, &kind),
            None => return Some(self.add(kind, None, vec![rel], &[])),
        }
        self.of_fact.get(&rel).copied()
    }

    fn of_record(&mut self, record: u32) -> Option<u32> {
        if let Some(at) = self.of_record.get(&record) {
            return Some(*at);
        }
        let stated = self.known.evidence.events().get(record as usize)?;
        let kind = self.kinds.named(&stated.relation)?.clone();
        Some(self.named(kind, stated.id.clone()))
    }

    /// The smallest event that the mentions of a fact name.
    fn name_of(&self, rel: RelRef) -> Option<Arc<str>> {
        self.known.evidence.mentions_of(rel).filter_map(Mention::event).min().map(Arc::from)
    }

    /// The event of that name: every fact of the type that names it, and what these name besides.
    fn named(&mut self, kind: Arc<Kind>, name: Arc<str>) -> u32 {
        let known = self.known;
        let mut names = vec![name];
        let mut facts: Vec<RelRef> = Vec::new();
        let mut at = 0;
        while let Some(name) = names.get(at).cloned() {
            for rel in known.evidence.rels_of_event(&name) {
                let same = known.graph.rel_exists(rel)
                    && self.kinds.of_fact(known.graph, rel).is_some_and(|other| other.name == kind.name);
                if !same || facts.contains(&rel) {
                    continue;
                }
                facts.push(rel);
                for other in known.evidence.mentions_of(rel).filter_map(Mention::event) {
                    if !names.iter().any(|known| **known == *other) {
                        names.push(other.into());
                    }
                }
            }
            at += 1;
        }
        let records: Vec<u32> = names.iter().filter_map(|name| known.evidence.event_at(name, &kind.name)).collect();
        let named = names.iter().min().cloned();
        self.add(kind, named, facts, &records)
    }

    /// The events of one kind that meet in `body`.
    fn gather(&mut self, body: NodeRef, kind: &Arc<Kind>) {
        let known = self.known;
        let mut facts: Vec<RelRef> = Vec::new();
        known.graph.for_each_neighbour(body, Dir::Both, self.kinds.types(), |rel, _| {
            if self.kinds.of_fact(known.graph, rel).is_some_and(|other| other.name == kind.name) {
                let ends = known.graph.rel(rel);
                let (before, after) = kind.ends(ends.start, ends.end);
                if kind.gathering(before, after) == Some(body) {
                    facts.push(rel);
                }
            }
        });
        facts.sort_unstable();
        facts.dedup();
        facts.retain(|rel| !self.of_fact.contains_key(rel) && self.name_of(*rel).is_none());
        let mut joined: Vec<usize> = (0..facts.len()).collect();
        if facts.len() > 1 {
            let mut first: FxHashMap<Common, usize> = FxHashMap::default();
            for (at, rel) in facts.iter().enumerate() {
                for common in self.commons(*rel) {
                    let other = *first.entry(common).or_insert(at);
                    let (a, b) = (root(&mut joined, at), root(&mut joined, other));
                    joined[a.max(b)] = a.min(b);
                }
            }
        }
        let mut groups: Vec<Vec<RelRef>> = vec![Vec::new(); facts.len()];
        for (at, rel) in facts.iter().enumerate() {
            groups[root(&mut joined, at)].push(*rel);
        }
        for group in groups.into_iter().filter(|group| !group.is_empty()) {
            self.add(kind.clone(), None, group, &[]);
        }
    }

    /// What other facts of the same event may share with this one.
    fn commons(&self, rel: RelRef) -> Vec<Common> {
        let known = Known { view: None, ..self.known };
        let mut all = Vec::new();
        if !known.is_documented(rel) {
            let property = |key: &str| {
                let key = known.graph.key(key);
                texts_of(&key.map_or(Value::Null, |key| known.graph.rel_property(rel, key)))
            };
            let acts = property("through");
            for text in ROLES.iter().flat_map(|role| property(role)) {
                dated(&text, None, &acts, &mut all);
            }
            return all;
        }
        let mut undated = true;
        for mention in known.evidence.mentions_of(rel) {
            let acts: Vec<Arc<str>> = mention.stated("through").map(Arc::from).collect();
            for text in ROLES.iter().flat_map(|role| known.texts(mention, role)) {
                undated = false;
                dated(&text, Some(mention.place), &acts, &mut all);
            }
        }
        if undated {
            all.extend(known.evidence.mentions_of(rel).map(|mention| Common::Undated(mention.place)));
        }
        all
    }

    fn add(&mut self, kind: Arc<Kind>, named: Option<Arc<str>>, mut facts: Vec<RelRef>, records: &[u32]) -> u32 {
        let at = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        if facts.len() > 1 {
            let known = self.known;
            facts.sort_by_cached_key(|rel| Ordered(known.fact_id(*rel)));
        }
        for rel in &facts {
            self.of_fact.insert(*rel, at);
        }
        let mut parts: Vec<Member> = Vec::new();
        for record in records {
            self.of_record.insert(*record, at);
            parts.extend(&self.known.evidence.events()[*record as usize].members);
        }
        self.list.push(Event { kind, named, facts, parts });
        at
    }
}

/// An id in the order of [`crate::provenance::grouping::by_number`].
#[derive(PartialEq, Eq)]
pub(super) struct Ordered(pub(super) Arc<str>);

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        crate::provenance::grouping::by_number(&self.0, &other.0)
    }
}

fn dated(text: &Arc<str>, place: Option<Place>, acts: &[Arc<str>], to: &mut Vec<Common>) {
    to.extend(place.map(|place| Common::At(text.clone(), place)));
    to.extend(acts.iter().map(|act| Common::Through(text.clone(), act.clone())));
    let day = Edtf::parse(text).ok().and_then(|date| date.days().single());
    to.extend(day.map(Common::On));
}

fn root(joined: &mut [usize], mut at: usize) -> usize {
    while joined[at] != at {
        joined[at] = joined[joined[at]];
        at = joined[at];
    }
    at
}
