//! Who says so: where documents name each body and state each act, how plainly, and which claims contradict each other.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::citations::{Fact, Identity};
use super::lineage::Draft;
use crate::engine::{Conflict as Found, ConflictSide, Life, LifeBound};
use crate::picture::model::{By, Conflict, Side, Target};
use crate::picture::when::When;
use crate::provenance::FactId;
use crate::value::NodeRef;

/// When a thing was not, between two intervals of its life.
fn gaps(life: &Life) -> Vec<(When, When)> {
    let when = |text: &Option<Arc<str>>| text.as_deref().map_or(When::NotStated, When::parse);
    life.intervals.windows(2).map(|pair| (when(&pair[0].end.text), when(&pair[1].start.text))).collect()
}

impl Draft<'_> {
    /// Where documents name each body, and how plainly they say each act.
    pub(super) fn evidence(&mut self) {
        let seen = self.lineage.seen();
        let mut bodies: Vec<_> = self.place.iter().map(|(node, at)| (*node, *at)).collect();
        bodies.sort_by_cached_key(|(node, _)| seen.node(*node).map(|data| data.id));
        for (node, at) in bodies {
            let fact = Fact::name(node, &self.timeline.bodies[at].name);
            let citations = self.shelf.evidence(&seen.evidence(node), &fact, false);
            self.timeline.bodies[at].evidence |= !citations.is_empty();
            self.timeline.bodies[at].citations = citations;
            let life = seen.life(node);
            self.timeline.bodies[at].gaps = gaps(&life);
            self.timeline.bodies[at].life = self.who_states(node, at, &life);
        }
        let mut acts: Vec<_> = self.acts.iter().map(|(rel, act)| (*rel, act.clone())).collect();
        acts.sort_by_key(|(rel, _)| *rel);
        let mut guessed: BTreeMap<usize, bool> = BTreeMap::new();
        for (rel, (target, identity)) in acts {
            let places = seen.evidence(rel);
            let mentions = || places.iter().filter_map(|place| place.mention.as_ref());
            for place in &places {
                if let (Some(said), Some(identity)) = (&place.mention, &identity) {
                    self.shelf.read(&place.citation, identity, said.confidence);
                }
            }
            if let Target::Link(at) = target {
                let all = mentions().next().is_some() && mentions().all(|said| said.confidence.has('I'));
                *guessed.entry(at).or_insert(true) &= all;
            }
        }
        for (at, guessed) in guessed {
            self.timeline.links[at].inferred = guessed;
        }
        let cited: HashSet<usize> =
            self.timeline.links.iter().filter(|l| !l.citations.is_empty()).flat_map(|l| [l.from, l.to]).collect();
        for (body, at) in self.timeline.bodies.iter_mut().zip(0..) {
            body.evidence |= cited.contains(&at) || body.events.iter().any(|e| !e.citations.is_empty());
        }
    }

    /// Who states the start and the end of each stretch of a life.
    fn who_states(&mut self, node: NodeRef, at: usize, life: &Life) -> Vec<(By, By)> {
        let name = self.timeline.bodies[at].name.clone();
        let mut by = |bound: &LifeBound, what: &str| {
            let identity = Identity { kind: what.to_owned(), subject: Some(node), object: None };
            let fact = Fact { identity, words: format!("{what} of {name}") };
            Some(self.shelf.stating(&bound.citations, &fact))
        };
        life.intervals.iter().map(|interval| (by(&interval.start, "begin"), by(&interval.end, "end"))).collect()
    }

    /// The conflicts whose claims are drawn here.
    pub(super) fn conflicts(&mut self) {
        for found in self.lineage.conflicts().iter() {
            let mut sides = [self.side(&found.sides[0]), self.side(&found.sides[1])];
            if sides.iter().all(|s| s.at == Target::None) {
                continue;
            }
            for side in &sides {
                match side.at {
                    Target::Link(at) => self.timeline.links[at].disputed = true,
                    Target::Event(body, at) => self.timeline.bodies[body].events[at].disputed = true,
                    Target::Body(body) => self.timeline.bodies[body].disputed = true,
                    Target::None => {}
                }
            }
            let topic = match (&*found.topic, &*found.kind) {
                ("", _) => sides[0].claim.clone(),
                (topic, "") => topic.to_owned(),
                (topic, kind) => format!("{topic} ({kind})"),
            };
            if sides[0].claim == sides[1].claim {
                self.tell_apart(&found, &mut sides);
            }
            self.timeline.conflicts.push(Conflict { topic, sides: sides.into() });
        }
    }

    /// The same claim twice: what its sources say differently is put behind it (`date: 2004-12`), else of which things
    /// they say it.
    fn tell_apart(&self, found: &Found, sides: &mut [Side; 2]) {
        let qualifiers = |side: &ConflictSide| {
            let mut all: BTreeMap<Arc<str>, String> = BTreeMap::new();
            let mentions = self.lineage.seen().evidence(side.about).into_iter();
            for said in mentions.filter(|place| side.citations.contains(&place.citation)).filter_map(|p| p.mention) {
                for (key, values) in said.states.into_iter().filter(|(key, _)| **key != *"note") {
                    all.entry(key).or_insert_with(|| values.join(", "));
                }
            }
            all
        };
        let both = [qualifiers(&found.sides[0]), qualifiers(&found.sides[1])];
        let ids = [self.ids(found.sides[0].about), self.ids(found.sides[1].about)];
        for (at, side) in sides.iter_mut().enumerate() {
            let differs = |key: &&Arc<str>| both[1 - at].get(*key) != both[at].get(*key);
            let mut telling: Vec<&Arc<str>> = both[at].keys().filter(differs).collect();
            // the wording differs nearly always; it tells the sides apart only when nothing else does
            if telling.iter().any(|key| ***key != *"wording") {
                telling.retain(|key| ***key != *"wording");
            }
            for key in telling {
                side.claim.push_str(&format!(" · {key}: {}", both[at][key]));
            }
            if ids[0] != ids[1] {
                side.claim.push_str(&format!(" · {}", ids[at]));
            }
        }
    }

    /// The ids of what a claim is about.
    fn ids(&self, about: FactId) -> String {
        let seen = self.lineage.seen();
        let id = |node| seen.node(node).map(|data| super::id(&data)).unwrap_or_default();
        match about {
            FactId::Node(node) => id(node),
            FactId::Rel(rel) => seen.ends(rel).map_or_else(String::new, |(a, b)| format!("{} → {}", id(a), id(b))),
            FactId::Mention(_) => String::new(),
        }
    }

    /// One side: what it claims with what it states otherwise than the other. It is of a fact known by its handle: two
    /// bodies may have one name, and then their claims read the same.
    fn side(&self, side: &ConflictSide) -> Side {
        let mut claim = side.claim.clone();
        for (key, values) in &side.states {
            claim.push_str(&format!(" · {key}: {}", values.join(", ")));
        }
        let at = match side.about {
            FactId::Rel(rel) => self.acts.get(&rel).map(|(target, _)| *target),
            FactId::Node(node) => self.place.get(&node).map(|body| Target::Body(*body)),
            FactId::Mention(_) => None,
        };
        let at = at.unwrap_or(Target::None);
        // what a life begins and ends by is cited where it is drawn
        let all: Vec<usize> = (0..self.shelf.cites.len()).collect();
        let drawn: &[usize] = match at {
            Target::Body(_) => &all,
            Target::Link(at) => &self.timeline.links[at].citations,
            Target::Event(body, at) => &self.timeline.bodies[body].events[at].citations,
            Target::None => &[],
        };
        let stated: HashSet<usize> = side.citations.iter().filter_map(|place| self.shelf.number(place)).collect();
        let citations = drawn.iter().copied().filter(|cite| stated.contains(cite)).collect();
        Side { claim, at, support: side.documents.len(), citations }
    }
}
