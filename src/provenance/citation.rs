//! What each row of an answer rests on: a hash-consed graph of *and* and *or* over facts.
//!
//! A row carries one number into it. Joins make `and` (the row needs both sides), DISTINCT, UNION and
//! aggregation make `or` (several rows support the one that is left). Number [`NOTHING`] rests on no fact.
//! Equal combinations get equal numbers, so that a row that repeats costs no memory.

use rustc_hash::{FxHashMap, FxHashSet};

use super::FactId;

/// What a citation names: a fact, what is read of it, and through which view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Leaf {
    /// The fact.
    pub fact: FactId,
    /// Whose readings say which properties are read of it: 0 for the fact as such, else the number of a slot and one.
    pub reads: u32,
    /// The number of the view it is seen in.
    pub view: u32,
}

impl Leaf {
    /// A fact as such, all of its evidence seen.
    pub(crate) fn of(fact: FactId) -> Self {
        Self { fact, reads: 0, view: 0 }
    }
}

/// The citation of a row that rests on no fact.
pub(crate) const NOTHING: u32 = 0;

/// How a citation was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// Rests on no fact.
    Nothing,
    /// Rests on one.
    Fact(Leaf),
    /// Needs both.
    And(u32, u32),
    /// Either is enough.
    Or(u32, u32),
}

/// The citations of one statement. One that cites nothing allocates nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Citations {
    /// Numbered from 1: 0 is [`NOTHING`].
    steps: Vec<Step>,
    known: FxHashMap<Step, u32>,
}

impl Citations {
    /// The citation of what is read of one fact.
    pub(crate) fn leaf(&mut self, leaf: Leaf) -> u32 {
        self.step(Step::Fact(leaf))
    }

    /// Needs both.
    pub(crate) fn and(&mut self, a: u32, b: u32) -> u32 {
        match (a, b) {
            (NOTHING, other) | (other, NOTHING) => other,
            _ if a == b => a,
            _ => self.step(Step::And(a.min(b), a.max(b))),
        }
    }

    /// Either is enough. A row that also stands without any fact keeps the facts that support it too.
    pub(crate) fn or(&mut self, a: u32, b: u32) -> u32 {
        match (a, b) {
            (NOTHING, other) | (other, NOTHING) => other,
            _ if a == b => a,
            _ => self.step(Step::Or(a.min(b), a.max(b))),
        }
    }

    /// How citation `id` was made.
    pub(crate) fn get(&self, id: u32) -> Step {
        id.checked_sub(1).and_then(|at| self.steps.get(at as usize)).copied().unwrap_or(Step::Nothing)
    }

    /// Every fact that citation `id` names, ascending, each once. Time: linear in the steps behind it.
    pub(crate) fn facts(&self, id: u32) -> Vec<Leaf> {
        let mut facts = Vec::new();
        let mut seen = FxHashSet::default();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.get(id) {
                Step::Nothing => {}
                Step::Fact(fact) => facts.push(fact),
                Step::And(a, b) | Step::Or(a, b) => open.extend([a, b]),
            }
        }
        facts.sort_unstable();
        facts
    }

    /// Heap bytes held.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.steps.len() * (size_of::<Step>() * 2 + 8)
    }

    fn step(&mut self, step: Step) -> u32 {
        if let Some(id) = self.known.get(&step) {
            return *id;
        }
        self.steps.push(step);
        let id = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        self.known.insert(step, id);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::RelRef;

    fn rel(n: u32) -> FactId {
        FactId::Rel(RelRef::new(n))
    }

    #[test]
    fn equal_combinations_are_one() {
        let mut c = Citations::default();
        let (a, b) = (c.leaf(Leaf::of(rel(1))), c.leaf(Leaf::of(rel(2))));
        assert_eq!(c.and(a, b), c.and(b, a));
        assert_eq!(c.and(a, NOTHING), a);
        assert_ne!(c.and(a, b), c.or(a, b));
    }
}
