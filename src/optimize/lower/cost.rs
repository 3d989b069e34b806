//! In which order a query graph is worked off.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::access::{self, Access};
use super::graph::{Patterns, Predicate, label_test, towards};
use crate::bind::bound::{BinaryOp, ComparisonOp, Direction, Expr, LabelTest, RelLength, Slot, TypeTest};
use crate::optimize::Stats;
use crate::optimize::kinds::{Kinds, Known, Mix, label_test_of};
use crate::plan::node::{Keys, Towards};
use crate::value::Value;

/// One step of the work.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Find a node from nothing. `answered`: predicates the access answers by itself.
    Start { node: usize, access: Access, answered: Vec<usize> },
    /// Find a relationship, and so both its ends, by an index on its properties.
    StartRel { rel: usize, keys: Keys },
    /// A node that is already there begins (or is) a component.
    Begin { node: usize },
    /// Follow a relationship from its written left end (or its right end) to the other.
    Follow { rel: usize, from_left: bool },
    /// A relationship that is already there gives its ends.
    Ends { rel: usize },
    /// Search a shortest path between two ends that are there.
    Search { rel: usize },
}

/// Above this many nodes only the cheapest start of a component is tried.
const TRY_EVERY_START: usize = 12;

/// The steps in the order of the text.
pub(super) fn as_written(graph: &Patterns) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut done: BTreeSet<usize> = BTreeSet::new();
    let mut followed = vec![false; graph.rels.len()];
    for (number, node) in graph.nodes.iter().enumerate() {
        if node.bound {
            steps.push(Step::Begin { node: number });
            done.insert(number);
        }
    }
    for (number, rel) in graph.rels.iter().enumerate() {
        if rel.rel.bound && matches!(rel.rel.length, RelLength::One) {
            steps.push(Step::Ends { rel: number });
            done.extend([rel.rel.from, rel.rel.to]);
            followed[number] = true;
        }
    }
    for (number, rel) in graph.rels.iter().enumerate() {
        if followed[number] || rel.searched.is_some() {
            continue;
        }
        let from_left = done.contains(&rel.rel.from) || !done.contains(&rel.rel.to) || !rel.reversible();
        let start = if from_left { rel.rel.from } else { rel.rel.to };
        if done.insert(start) {
            steps.push(Step::Start { node: start, access: Access::All, answered: Vec::new() });
        }
        done.extend([rel.rel.from, rel.rel.to]);
        steps.push(Step::Follow { rel: number, from_left });
    }
    for number in 0..graph.nodes.len() {
        if done.insert(number) {
            steps.push(Step::Start { node: number, access: Access::All, answered: Vec::new() });
        }
    }
    searches(graph, &mut steps);
    steps
}

/// The cheapest order found; what it says of the nodes is added to what is known.
pub(super) fn choose(graph: &Patterns, predicates: &[Predicate], known: &mut Known<'_>, inside: bool) -> Vec<Step> {
    let kinds = std::rc::Rc::clone(&known.kinds);
    let work = Work {
        graph,
        predicates,
        stats: kinds.stats(),
        kinds: &kinds,
        adjacency: graph.adjacency(),
        tests: tests_by_node(graph, predicates),
        waiting: waiting_by_slot(predicates),
    };
    let state = work.run(known);
    for (number, mix) in state.mixes {
        let node = &graph.nodes[number];
        // what a part that need not match demands of a node says nothing of that node elsewhere
        if !(inside && node.bound) {
            known.put(node.slot, Some(mix));
        }
    }
    state.steps
}

fn searches(graph: &Patterns, steps: &mut Vec<Step>) {
    steps.extend(
        graph.rels.iter().enumerate().filter(|(_, r)| r.searched.is_some()).map(|(rel, _)| Step::Search { rel }),
    );
}

struct Work<'a> {
    graph: &'a Patterns,
    predicates: &'a [Predicate],
    stats: &'a dyn Stats,
    kinds: &'a Kinds<'a>,
    adjacency: Vec<Vec<usize>>,
    /// What the labels of each node are tested for.
    tests: Vec<Vec<&'a LabelTest>>,
    /// Predicates by the slots they wait for.
    waiting: FxHashMap<Slot, Vec<usize>>,
}

/// How far one try has come.
#[derive(Clone, Default)]
struct State {
    slots: FxHashSet<Slot>,
    nodes: BTreeSet<usize>,
    followed: BTreeSet<usize>,
    steps: Vec<Step>,
    /// What the nodes that are there are, by their numbers.
    mixes: FxHashMap<usize, Mix>,
    rows: f64,
    cost: f64,
}

/// What a step is expected to do.
struct Followed {
    /// Relationships looked at.
    looked_at: f64,
    rows: f64,
    /// What the far end is.
    to: Option<Mix>,
}

impl Work<'_> {
    fn run(&self, known: &Known<'_>) -> State {
        let mut state = State { rows: 1.0, ..State::default() };
        for (number, node) in self.graph.nodes.iter().enumerate() {
            if node.bound {
                state.steps.push(Step::Begin { node: number });
                state.nodes.insert(number);
                let before = known.get(node.slot).cloned();
                state.mixes.extend(before.or_else(|| self.tested(number)).map(|mix| (number, mix)));
            }
        }
        for (number, rel) in self.graph.rels.iter().enumerate() {
            if rel.rel.bound && matches!(rel.rel.length, RelLength::One) {
                state.steps.push(Step::Ends { rel: number });
                state.followed.insert(number);
                state.nodes.extend([rel.rel.from, rel.rel.to]);
                state.slots.extend([rel.rel.from, rel.rel.to].map(|n| self.graph.nodes[n].slot));
            }
        }
        self.grow(&mut state);
        while let Some(next) = self.next_component(&state) {
            state = next;
        }
        searches(self.graph, &mut state.steps);
        state
    }

    /// What the tests of labels alone say of a node.
    fn tested(&self, number: usize) -> Option<Mix> {
        let tests = self.tests.get(number).filter(|tests| !tests.is_empty())?;
        self.kinds.with(tests.iter().copied()).map(|(mix, _)| mix)
    }

    /// The cheapest continuation by one more component, or nothing when all nodes are there.
    fn next_component(&self, state: &State) -> Option<State> {
        let left: Vec<usize> = (0..self.graph.nodes.len()).filter(|n| !state.nodes.contains(n)).collect();
        let ready = |slot: Slot| state.slots.contains(&slot);
        let mut starts: Vec<(usize, access::Choice)> = left
            .iter()
            .filter(|n| self.may_start(**n))
            .map(|n| (*n, access::best(self.graph.nodes[*n].slot, self.predicates, &ready, self.kinds)))
            .collect();
        if self.graph.nodes.len() > TRY_EVERY_START {
            let cheapest = starts.iter().enumerate().min_by(|(_, a), (_, b)| a.1.looked_at.total_cmp(&b.1.looked_at));
            starts = cheapest.map(|(i, _)| i).map(|i| vec![starts.swap_remove(i)]).unwrap_or_default();
        }
        let tries = starts.into_iter().map(|(node, choice)| {
            let mut next = state.clone();
            next.cost += state.rows * choice.looked_at;
            next.rows *= choice.rows;
            self.add_node(&mut next, node);
            next.mixes.extend(self.tested(node).map(|mix| (node, mix)));
            next.steps.push(Step::Start { node, access: choice.access, answered: choice.answered });
            self.grow(&mut next);
            next
        });
        let by_rel = (0..self.graph.rels.len()).filter_map(|rel| self.start_by_rel(state, rel, &ready));
        tries.chain(by_rel).min_by(|a, b| (a.cost + a.rows).total_cmp(&(b.cost + b.rows)))
    }

    /// The continuation that begins with a relationship out of an index, where there is one.
    fn start_by_rel(&self, state: &State, number: usize, ready: &dyn Fn(Slot) -> bool) -> Option<State> {
        let query_rel = &self.graph.rels[number];
        let rel = &query_rel.rel;
        let TypeTest::OneOf(types) = &rel.types else { return None };
        let is_free = !rel.bound && !state.followed.contains(&number) && query_rel.searched.is_none();
        if !is_free || types.len() != 1 || rel.from == rel.to || !matches!(rel.length, RelLength::One) {
            return None;
        }
        let choice = access::best_rel(rel.slot, &types[0], self.predicates, ready, self.stats)?;
        let slots = [rel.slot, self.graph.nodes[rel.from].slot, self.graph.nodes[rel.to].slot];
        let mut share = if rel.direction == Direction::Either { 2.0 } else { 1.0 };
        for (i, predicate) in self.predicates.iter().enumerate() {
            let fits = predicate.needs.iter().all(|s| state.slots.contains(s) || slots.contains(s));
            let own = predicate.needs.iter().find(|s| slots.contains(s)).filter(|_| fits);
            // a typed relationship usually ends where its labels say
            let counts = !choice.chosen_by.contains(&i) && label_test_of(&predicate.expr).is_none();
            if let Some(slot) = own.filter(|_| counts) {
                let label = (*slot != rel.slot).then(|| self.tested_label(*slot)).flatten();
                share *= selectivity(&predicate.expr, *slot, label.as_deref(), self.stats).max(f64::MIN_POSITIVE);
            }
        }
        let mut next = state.clone();
        next.cost += state.rows * choice.looked_at;
        next.rows *= (choice.looked_at * share).max(f64::MIN_POSITIVE);
        next.followed.insert(number);
        next.slots.insert(rel.slot);
        for node in [rel.from, rel.to] {
            self.add_node(&mut next, node);
            next.mixes.extend(self.tested(node).map(|mix| (node, mix)));
        }
        next.steps.push(Step::StartRel { rel: number, keys: choice.keys });
        self.grow(&mut next);
        Some(next)
    }

    /// The label that most of what a slot may hold has, by the tests on it.
    fn tested_label(&self, slot: Slot) -> Option<Arc<str>> {
        let number = self.graph.nodes.iter().position(|node| node.slot == slot)?;
        self.kinds.main_label(&self.tested(number)?).cloned()
    }

    /// A quantified group is followed from its left end only, so its right end cannot start what hangs on it alone.
    fn may_start(&self, node: usize) -> bool {
        let mut groups = self.adjacency[node].iter().filter(|r| !self.graph.rels[**r].reversible());
        groups.all(|r| self.graph.rels[*r].rel.from == node)
            || self.adjacency[node].iter().any(|r| self.graph.rels[*r].reversible())
    }

    /// Follows relationships from what is there, cheapest first, until nothing hangs on it any more.
    fn grow(&self, state: &mut State) {
        while let Some((rel, from_left, followed)) = self.next_step(state) {
            state.cost += followed.looked_at;
            state.rows = followed.rows;
            state.followed.insert(rel);
            let query_rel = &self.graph.rels[rel].rel;
            state.slots.insert(query_rel.slot);
            let to = if from_left { query_rel.to } else { query_rel.from };
            self.add_node(state, to);
            state.mixes.extend(followed.to.map(|mix| (to, mix)));
            state.steps.push(Step::Follow { rel, from_left });
        }
    }

    fn add_node(&self, state: &mut State, node: usize) {
        state.nodes.insert(node);
        state.slots.insert(self.graph.nodes[node].slot);
    }

    /// The step that leaves fewest rows: relationship, side, what it is expected to do.
    fn next_step(&self, state: &State) -> Option<(usize, bool, Followed)> {
        let mut best: Option<(usize, bool, Followed)> = None;
        let frontier: BTreeSet<usize> = state.nodes.iter().flat_map(|n| &self.adjacency[*n]).copied().collect();
        for number in frontier {
            let rel = &self.graph.rels[number];
            if state.followed.contains(&number) || rel.searched.is_some() {
                continue;
            }
            for from_left in [true, false] {
                let (from, to) = if from_left { (rel.rel.from, rel.rel.to) } else { (rel.rel.to, rel.rel.from) };
                if !state.nodes.contains(&from) || !from_left && !rel.reversible() {
                    continue;
                }
                let into = state.nodes.contains(&to);
                let followed = self.follow(state, number, from, to, into);
                if best.as_ref().is_none_or(|(_, _, best)| followed.rows < best.rows) {
                    best = Some((number, from_left, followed));
                }
                if into && from_left {
                    break;
                }
            }
        }
        best
    }

    fn follow(&self, state: &State, number: usize, from: usize, to: usize, into: bool) -> Followed {
        let rel = &self.graph.rels[number].rel;
        let way = towards(rel.direction, from == rel.from);
        let near = state.mixes.get(&from).cloned().or_else(|| self.tested(from));
        let reached = self.kinds.follow(near.as_ref(), &rel.types, way);
        let (fanout, far) = match &rel.length {
            RelLength::One => (reached.degree, reached.to.clone()),
            RelLength::Var { min, max, .. } => {
                let far = reached.to.as_ref();
                self.walks(reached.degree, far, (*min, *max), (&rel.types, way))
            }
            RelLength::Group(group) => {
                let all = self.stats.nodes();
                (walks(reached.degree.max(1.0), group.min, group.max, all), None)
            }
        };
        let looked_at = state.rows * fanout;
        if into {
            let ends = [near.as_ref(), state.mixes.get(&to)];
            let met = match rel.length {
                RelLength::One => self.kinds.between(ends, &rel.types, way),
                _ => fanout / ends[1].map_or_else(|| self.stats.nodes(), |mix| self.kinds.nodes(mix)).max(1.0),
            };
            let looked_at = state.rows * reached.degree.min(8.0);
            return Followed { looked_at, rows: (state.rows * met).min(state.rows), to: None };
        }
        let slots = [self.graph.nodes[to].slot, rel.slot];
        let (mut rows, mut far) = (looked_at, far);
        for i in slots.iter().filter_map(|s| self.waiting.get(s)).flatten() {
            let predicate = &self.predicates[*i];
            if !predicate.needs.iter().all(|s| state.slots.contains(s) || slots.contains(s)) {
                continue;
            }
            let test = label_test_of(&predicate.expr).filter(|(slot, _)| *slot == slots[0]);
            rows *= match (test, far.take()) {
                (Some((_, test)), Some(mix)) => {
                    let (share, kept) = self.kinds.keep(&mix, test);
                    far = kept;
                    share.max(f64::MIN_POSITIVE)
                }
                // A typed relationship usually ends where its labels say.
                (Some(_), None) if rel.types != TypeTest::Any => 1.0,
                (_, mix) => {
                    let label = mix.as_ref().and_then(|mix| self.kinds.main_label(mix)).map(|label| &**label);
                    far = mix;
                    selectivity(&predicate.expr, slots[0], label, self.stats)
                }
            };
        }
        Followed { looked_at, rows, to: far.or_else(|| self.tested(to)) }
    }

    /// Expected number of walks, and what their ends are.
    fn walks(
        &self,
        degree: f64,
        first: Option<&Mix>,
        (min, max): (u64, Option<u64>),
        (types, way): (&TypeTest, Towards),
    ) -> (f64, Option<Mix>) {
        let Some(first) = first else { return (walks(degree, min, max, self.stats.nodes()), None) };
        let (mut total, mut ahead, mut ends) = (if min == 0 { 1.0 } else { 0.0 }, degree, Vec::new());
        let mut mix = first.clone();
        for step in 1..=max.unwrap_or(LONGEST_WALK).min(LONGEST_WALK) {
            // how often the next step can be made depends on where this one has led
            let next = self.kinds.follow(Some(&mix), types, way);
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
        (total.min(self.stats.nodes().max(1.0)), Mix::blend(&ends))
    }
}

/// Walks are not expected to be longer.
const LONGEST_WALK: u64 = 8;

/// Expected number of walks of `min..=max` steps, capped: a closure visits each node about once.
fn walks(degree: f64, min: u64, max: Option<u64>, nodes: f64) -> f64 {
    let longest = max.unwrap_or(LONGEST_WALK).min(LONGEST_WALK);
    let total: f64 = (min.min(LONGEST_WALK)..=longest).map(|n| degree.powi(i32::try_from(n).unwrap_or(8))).sum();
    total.min(nodes.max(1.0))
}

fn tests_by_node<'p>(graph: &Patterns, predicates: &'p [Predicate]) -> Vec<Vec<&'p LabelTest>> {
    let mut by_slot: FxHashMap<Slot, Vec<&LabelTest>> = FxHashMap::default();
    for (slot, test) in predicates.iter().filter_map(|p| label_test_of(&p.expr)) {
        by_slot.entry(slot).or_default().push(test);
    }
    graph.nodes.iter().map(|n| by_slot.get(&n.slot).cloned().unwrap_or_default()).collect()
}

fn waiting_by_slot(predicates: &[Predicate]) -> FxHashMap<Slot, Vec<usize>> {
    let mut out: FxHashMap<Slot, Vec<usize>> = FxHashMap::default();
    for (number, predicate) in predicates.iter().enumerate() {
        for slot in &predicate.needs {
            out.entry(*slot).or_default().push(number);
        }
    }
    out
}

/// The share of rows a predicate is expected to keep, where `slot` holds nodes that have `label`.
pub(in crate::optimize) fn selectivity(expr: &Expr, slot: Slot, label: Option<&str>, stats: &dyn Stats) -> f64 {
    let of = |expr: &Expr| selectivity(expr, slot, label, stats);
    match expr {
        Expr::HasLabels { .. } => match label_test(expr) {
            Some((_, label)) => (stats.nodes_with(label) / stats.nodes().max(1.0)).clamp(1e-9, 1.0),
            None => 0.5,
        },
        Expr::Compare { first, rest } => match rest.first().map(|(op, _)| *op) {
            Some(ComparisonOp::Equal) => {
                let sides = [&**first, &rest[0].1];
                let values = sides.iter().filter_map(|side| values_of(side, slot, label, stats));
                values.reduce(f64::max).map_or(0.05, |values| 1.0 / values)
            }
            Some(ComparisonOp::NotEqual) => 0.9,
            _ => 0.33,
        },
        Expr::Binary { op, left, right, .. } => match op {
            BinaryOp::In => {
                let single = values_of(left, slot, label, stats).map_or(0.02, |values| 1.0 / values);
                (single * items_of(right)).min(1.0)
            }
            BinaryOp::StartsWith => 0.05,
            _ => 0.2,
        },
        Expr::IsNull { negated, .. } => {
            if *negated {
                0.9
            } else {
                0.1
            }
        }
        Expr::Not(inner, _) => 1.0 - of(inner),
        Expr::And(items, _) => items.iter().map(of).product(),
        Expr::Or(items, _) => items.iter().map(of).sum::<f64>().min(1.0),
        _ => 0.5,
    }
}

/// How many items a list has, about.
pub(in crate::optimize) fn items_of(list: &Expr) -> f64 {
    match list {
        Expr::List(items) => items.len() as f64,
        Expr::Const(Value::List(items)) => items.len() as f64,
        _ => 5.0,
    }
}

/// How many different values a property of the slot has, where there is something to tell it by.
fn values_of(expr: &Expr, slot: Slot, label: Option<&str>, stats: &dyn Stats) -> Option<f64> {
    let Expr::Property { base, key, .. } = expr else { return None };
    if !matches!(**base, Expr::Slot(s) if s == slot) {
        return None;
    }
    let nodes = label.map_or_else(|| stats.nodes(), |label| stats.nodes_with(label)).max(1.0);
    let indexed = label.and_then(|label| stats.index(label, key)).map(|facts| facts.distinct);
    let values = indexed.or_else(|| Some(stats.texts(key)).filter(|texts| *texts > 0.0))?;
    Some(values.min(nodes).max(1.0))
}
