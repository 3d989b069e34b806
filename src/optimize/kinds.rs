//! Which nodes a slot may hold: the share of each *kind* of node, a kind being a combination of labels.
//!
//! ```text
//!   p:Person                        Person 1
//!   (p)<-[:HAS_CREATOR]-(m)         m: Comment 0.8, Post 0.2     by the exact counts of (label, type, label)
//!   m:Post                          keeps 0.2 of the rows
//! ```
//!
//! The degree of a node depends on what it is, and what it is follows from how it was reached, whichever clause did
//! that: estimates carry the shares along. They are estimates: no rewrite may rely on them.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::Stats;
use crate::bind::bound::{AggregateCall, Expr, LabelTest, Slot, TypeTest};
use crate::plan::node::{Op, Towards};

/// Shares of kinds, by the number of the kind; they add up to 1.
#[derive(Clone, Debug, Default)]
pub(super) struct Mix(SmallVec<[(u32, f64); 4]>);

/// The kinds of nodes there are, and how relationships lead from one to another.
pub(super) struct Kinds<'a> {
    stats: &'a dyn Stats,
    /// Labels of each kind and how many nodes are of it; empty: there are too many to tell apart.
    kinds: OnceCell<Vec<(Vec<Arc<str>>, f64)>>,
    steps: RefCell<Vec<(TypeTest, Steps)>>,
    /// How many items the lists in slots have.
    items: RefCell<FxHashMap<Slot, f64>>,
}

/// How many relationships lead from one kind to another; nothing where that is not known.
type Steps = Option<Rc<[(u32, u32, f64)]>>;

/// What following relationships from a node gives.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    /// Relationships per node.
    pub(super) degree: f64,
    /// What they lead to, where that is known.
    pub(super) to: Option<Mix>,
}

impl Mix {
    /// The shares brought to a sum of 1; nothing when there is nothing.
    fn of(parts: impl IntoIterator<Item = (u32, f64)>) -> Option<Self> {
        let mut mix: SmallVec<[(u32, f64); 4]> = SmallVec::new();
        for (kind, weight) in parts.into_iter().filter(|(_, weight)| *weight > 0.0) {
            match mix.iter_mut().find(|(other, _)| *other == kind) {
                Some((_, sum)) => *sum += weight,
                None => mix.push((kind, weight)),
            }
        }
        let total: f64 = mix.iter().map(|(_, weight)| weight).sum();
        mix.iter_mut().for_each(|(_, weight)| *weight /= total);
        (total > 0.0).then_some(Self(mix))
    }

    /// Mixes by their weights in one.
    pub(super) fn blend(parts: &[(f64, Self)]) -> Option<Self> {
        Self::of(parts.iter().flat_map(|(weight, mix)| mix.0.iter().map(move |(kind, share)| (*kind, share * weight))))
    }

    fn share(&self, kind: u32) -> f64 {
        self.0.iter().find(|(own, _)| *own == kind).map_or(0.0, |(_, share)| *share)
    }
}

impl<'a> Kinds<'a> {
    pub(super) fn new(stats: &'a dyn Stats) -> Self {
        Self { stats, kinds: OnceCell::new(), steps: RefCell::default(), items: RefCell::default() }
    }

    /// What the graph counts.
    pub(super) fn stats(&self) -> &'a dyn Stats {
        self.stats
    }

    fn all(&self) -> &[(Vec<Arc<str>>, f64)] {
        self.kinds.get_or_init(|| self.stats.kinds())
    }

    fn has(&self, kind: u32, test: &LabelTest) -> bool {
        let labels = self.all().get(kind as usize).map_or(&[][..], |(labels, _)| labels);
        match test {
            LabelTest::Name(name) => labels.contains(name),
            LabelTest::Any => !labels.is_empty(),
            LabelTest::Not(inner) => !self.has(kind, inner),
            LabelTest::And(tests) => tests.iter().all(|test| self.has(kind, test)),
            LabelTest::Or(tests) => tests.iter().any(|test| self.has(kind, test)),
        }
    }

    /// The nodes for which every test holds: what they are and how many there are.
    pub(super) fn with<'t>(&self, tests: impl IntoIterator<Item = &'t LabelTest> + Clone) -> Option<(Mix, f64)> {
        let fitting = (0..).zip(self.all()).filter(|(kind, _)| tests.clone().into_iter().all(|t| self.has(*kind, t)));
        let parts: SmallVec<[(u32, f64); 4]> = fitting.map(|(kind, (_, nodes))| (kind, *nodes)).collect();
        let nodes = parts.iter().map(|(_, nodes)| nodes).sum();
        Some((Mix::of(parts)?, nodes))
    }

    /// Nodes of the kinds in a mix.
    pub(super) fn nodes(&self, mix: &Mix) -> f64 {
        mix.0.iter().map(|(kind, _)| self.count(*kind)).sum()
    }

    fn count(&self, kind: u32) -> f64 {
        self.all().get(kind as usize).map_or(1.0, |(_, nodes)| nodes.max(1.0))
    }

    /// A label that most of what a slot holds has.
    pub(super) fn main_label(&self, mix: &Mix) -> Option<&Arc<str>> {
        let (kind, _) = mix.0.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
        self.all().get(*kind as usize)?.0.iter().min_by(|a, b| {
            let nodes = |label: &Arc<str>| self.stats.nodes_with(label);
            nodes(a).total_cmp(&nodes(b))
        })
    }

    /// The part of a mix for which the test holds, and its share.
    pub(super) fn keep(&self, mix: &Mix, test: &LabelTest) -> (f64, Option<Mix>) {
        let kept = mix.0.iter().copied().filter(|(kind, _)| self.has(*kind, test));
        let share = kept.clone().map(|(_, share)| share).sum();
        (share, Mix::of(kept))
    }

    fn steps(&self, types: &TypeTest) -> Steps {
        if let Some((_, known)) = self.steps.borrow().iter().find(|(known, _)| known == types) {
            return known.clone();
        }
        let steps: Steps = if self.all().is_empty() { None } else { self.stats.steps(types).map(Rc::from) };
        self.steps.borrow_mut().push((types.clone(), steps.clone()));
        steps
    }

    /// What following relationships of the types gives, from a node of which `from` is known.
    pub(super) fn follow(&self, from: Option<&Mix>, types: &TypeTest, towards: Towards) -> Reached {
        let Some(steps) = self.steps(types) else {
            let both = if towards == Towards::Both { 2.0 } else { 1.0 };
            let sources = from.map_or_else(|| self.stats.nodes(), |mix| self.nodes(mix));
            return Reached { degree: both * self.stats.rels(types) / sources.max(1.0), to: None };
        };
        let ways = steps.iter().flat_map(|&(start, end, count)| {
            let out = (towards != Towards::In).then_some((start, end, count));
            let back = (towards != Towards::Out).then_some((end, start, count));
            out.into_iter().chain(back)
        });
        // a node of which nothing is known is one that may have such relationships
        let supposed =
            from.is_none().then(|| Mix::of(distinct(ways.clone().map(|way| way.0)).map(|k| (k, self.count(k)))));
        let Some(from) = from.or(supposed.as_ref().and_then(Option::as_ref)) else {
            return Reached { degree: 0.0, to: None };
        };
        let reached: SmallVec<[(u32, f64); 4]> =
            ways.map(|(near, far, count)| (far, from.share(near) * count / self.count(near))).collect();
        let degree = reached.iter().map(|(_, rels)| rels).sum();
        Reached { degree, to: Mix::of(reached) }
    }

    /// Expected number of walks of so many steps from a node, and what their ends are; `first` is what the first step
    /// gives.
    pub(super) fn walks(
        &self,
        first: Reached,
        (min, max): (u64, Option<u64>),
        (types, way): (&TypeTest, Towards),
    ) -> (f64, Option<Mix>) {
        let nodes = self.stats.nodes();
        let Some(mut mix) = first.to else { return (walks(first.degree, min, max, nodes), None) };
        let (mut total, mut ahead, mut ends) = (if min == 0 { 1.0 } else { 0.0 }, first.degree, Vec::new());
        for step in 1..=max.unwrap_or(LONGEST_WALK).min(LONGEST_WALK) {
            // how often the next step can be made depends on where this one has led
            let next = self.follow(Some(&mix), types, way);
            if step >= min {
                total += ahead;
                ends.push((ahead, mix));
            }
            ahead *= next.degree;
            match next.to {
                Some(to) => mix = to,
                None => break,
            }
        }
        (total.min(nodes.max(1.0)), Mix::blend(&ends))
    }

    /// How many items the list in a slot has, where that is known.
    pub(super) fn items(&self, slot: Slot) -> Option<f64> {
        self.items.borrow().get(&slot).copied()
    }

    /// Notes how many items the list in a slot has.
    pub(super) fn put_items(&self, slot: Slot, items: f64) {
        self.items.borrow_mut().insert(slot, items);
    }

    /// How many relationships of the types lead from a node to another, of which the mixes are known.
    pub(super) fn between(&self, ends: [Option<&Mix>; 2], types: &TypeTest, towards: Towards) -> f64 {
        let reached = self.follow(ends[0], types, towards);
        let candidates = |mix: &Mix| self.nodes(mix).max(1.0);
        match (ends[1], reached.to.as_ref()) {
            (Some(wanted), Some(to)) => {
                let met = |(kind, share): &(u32, f64)| share * wanted.share(*kind) / self.count(*kind);
                reached.degree * to.0.iter().map(met).sum::<f64>()
            }
            (Some(mix), None) | (None, Some(mix)) => reached.degree / candidates(mix),
            (None, None) => reached.degree / self.stats.nodes().max(1.0),
        }
    }
}

/// Walks are not expected to be longer.
const LONGEST_WALK: u64 = 8;

/// Expected number of walks of `min..=max` steps, capped: a closure visits each node about once.
pub(super) fn walks(degree: f64, min: u64, max: Option<u64>, nodes: f64) -> f64 {
    let longest = max.unwrap_or(LONGEST_WALK).min(LONGEST_WALK);
    let total: f64 = (min.min(LONGEST_WALK)..=longest).map(|n| degree.powi(i32::try_from(n).unwrap_or(8))).sum();
    total.min(nodes.max(1.0))
}

fn distinct(kinds: impl Iterator<Item = u32>) -> impl Iterator<Item = u32> {
    let mut seen: SmallVec<[u32; 8]> = SmallVec::new();
    for kind in kinds {
        if !seen.contains(&kind) {
            seen.push(kind);
        }
    }
    seen.into_iter()
}

/// What is known of the nodes in slots, gathered from the clauses below.
#[derive(Clone)]
pub(super) struct Known<'a> {
    pub(super) kinds: Rc<Kinds<'a>>,
    mixes: FxHashMap<Slot, Mix>,
    /// A slot that holds a list, and the slot its elements came from.
    elements: FxHashMap<Slot, Slot>,
}

impl<'a> Known<'a> {
    pub(super) fn new(stats: &'a dyn Stats) -> Self {
        Self { kinds: Rc::new(Kinds::new(stats)), mixes: FxHashMap::default(), elements: FxHashMap::default() }
    }

    pub(super) fn get(&self, slot: Slot) -> Option<&Mix> {
        self.mixes.get(&slot)
    }

    /// Notes what a slot holds; nothing: that is not known.
    pub(super) fn put(&mut self, slot: Slot, mix: Option<Mix>) {
        match mix {
            Some(mix) => self.mixes.insert(slot, mix),
            None => self.mixes.remove(&slot),
        };
    }

    /// The share of rows for which a test on labels holds; what the slot holds is narrowed to those. Nothing when the
    /// predicate is none, or nothing is known.
    pub(super) fn narrow(&mut self, predicate: &Expr) -> Option<f64> {
        let (slot, test) = label_test_of(predicate)?;
        match self.get(slot) {
            Some(mix) => {
                let (share, kept) = self.kinds.keep(mix, test);
                if kept.is_some() {
                    self.put(slot, kept);
                }
                Some(share)
            }
            None => {
                let found = self.kinds.with([test]);
                self.put(slot, found.map(|(mix, _)| mix));
                None
            }
        }
    }

    /// What an operator that copies slots does with what is known.
    pub(super) fn pass(&mut self, op: &Op) {
        match op {
            Op::Project { items, .. } => items.iter().for_each(|(slot, expr)| self.copy(*slot, expr)),
            Op::Aggregate { keys, aggregates, .. } => {
                keys.iter().for_each(|(slot, expr)| self.copy(*slot, expr));
                for aggregate in aggregates {
                    if let AggregateCall::Function { function, arguments, .. } = &aggregate.call
                        && let ("collect", [Expr::Slot(from)]) = (function.name, arguments.as_slice())
                    {
                        self.elements.insert(aggregate.slot, *from);
                    }
                }
            }
            Op::Unwind { list: Expr::Slot(list), slot, .. } => {
                if let Some(from) = self.elements.get(list).copied() {
                    self.copy(*slot, &Expr::Slot(from));
                }
            }
            Op::Union { parts, slots } => {
                if let [part, ..] = parts.as_slice() {
                    slots.iter().zip(&part.slots).for_each(|(slot, own)| self.copy(*slot, &Expr::Slot(*own)));
                }
            }
            _ => {}
        }
    }

    pub(super) fn copy(&mut self, slot: Slot, expr: &Expr) {
        if let Expr::Slot(from) = expr
            && *from != slot
        {
            if let Some(mix) = self.mixes.get(from).cloned() {
                self.mixes.insert(slot, mix);
            }
            if let Some(element) = self.elements.get(from).copied() {
                self.elements.insert(slot, element);
            }
            if let Some(items) = self.kinds.items(*from) {
                self.kinds.put_items(slot, items);
            }
        }
    }
}

/// The test on labels of a slot that a predicate is.
pub(super) fn label_test_of(expr: &Expr) -> Option<(Slot, &LabelTest)> {
    match expr {
        Expr::HasLabels { operand, test, .. } => match **operand {
            Expr::Slot(slot) => Some((slot, test)),
            _ => None,
        },
        _ => None,
    }
}
