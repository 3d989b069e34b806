//! In which order a query graph is worked off.

use std::collections::BTreeSet;

use super::access::{self, Access};
use super::graph::{Patterns, Predicate, label_test};
use crate::bind::bound::{BinaryOp, ComparisonOp, Direction, Expr, RelLength, Slot};
use crate::optimize::Stats;

/// One step of the work.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Find a node from nothing. `answered`: predicates the access answers by itself.
    Start { node: usize, access: Access, answered: Vec<usize> },
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

/// The cheapest order found.
pub(super) fn choose(graph: &Patterns, predicates: &[Predicate], stats: &dyn Stats) -> Vec<Step> {
    let mut work = Work {
        graph,
        predicates,
        stats,
        adjacency: graph.adjacency(),
        labels: labels_by_node(graph, predicates),
        waiting: waiting_by_slot(predicates),
    };
    work.run()
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
    adjacency: Vec<Vec<usize>>,
    /// A label each node is known to have.
    labels: Vec<Option<std::sync::Arc<str>>>,
    /// Predicates by the slots they wait for.
    waiting: rustc_hash::FxHashMap<Slot, Vec<usize>>,
}

/// How far one try has come.
#[derive(Clone, Default)]
struct State {
    slots: rustc_hash::FxHashSet<Slot>,
    nodes: BTreeSet<usize>,
    followed: BTreeSet<usize>,
    steps: Vec<Step>,
    rows: f64,
    cost: f64,
}

impl Work<'_> {
    fn run(&mut self) -> Vec<Step> {
        let mut state = State { rows: 1.0, ..State::default() };
        for (number, node) in self.graph.nodes.iter().enumerate() {
            if node.bound {
                state.steps.push(Step::Begin { node: number });
                state.nodes.insert(number);
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
        state.steps
    }

    /// The cheapest continuation by one more component, or nothing when all nodes are there.
    fn next_component(&self, state: &State) -> Option<State> {
        let left: Vec<usize> = (0..self.graph.nodes.len()).filter(|n| !state.nodes.contains(n)).collect();
        let ready = |slot: Slot| state.slots.contains(&slot);
        let mut starts: Vec<(usize, access::Choice)> = left
            .iter()
            .filter(|n| self.may_start(**n))
            .map(|n| (*n, access::best(self.graph.nodes[*n].slot, self.predicates, &ready, self.stats)))
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
            next.steps.push(Step::Start { node, access: choice.access, answered: choice.answered });
            self.grow(&mut next);
            next
        });
        tries.min_by(|a, b| (a.cost + a.rows).total_cmp(&(b.cost + b.rows)))
    }

    /// A quantified group is followed from its left end only, so its right end cannot start what hangs on it alone.
    fn may_start(&self, node: usize) -> bool {
        let mut groups = self.adjacency[node].iter().filter(|r| !self.graph.rels[**r].reversible());
        groups.all(|r| self.graph.rels[*r].rel.from == node)
            || self.adjacency[node].iter().any(|r| self.graph.rels[*r].reversible())
    }

    /// Follows relationships from what is there, cheapest first, until nothing hangs on it any more.
    fn grow(&self, state: &mut State) {
        while let Some((rel, from_left, looked_at, rows)) = self.next_step(state) {
            state.cost += looked_at;
            state.rows = rows;
            state.followed.insert(rel);
            let query_rel = &self.graph.rels[rel].rel;
            state.slots.insert(query_rel.slot);
            let to = if from_left { query_rel.to } else { query_rel.from };
            self.add_node(state, to);
            state.steps.push(Step::Follow { rel, from_left });
        }
    }

    fn add_node(&self, state: &mut State, node: usize) {
        state.nodes.insert(node);
        state.slots.insert(self.graph.nodes[node].slot);
    }

    /// The step that leaves fewest rows: relationship, side, relationships looked at, rows after it.
    fn next_step(&self, state: &State) -> Option<(usize, bool, f64, f64)> {
        let mut best: Option<(usize, bool, f64, f64)> = None;
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
                let (looked_at, rows) = self.follow(state, number, from, to, into);
                if best.is_none_or(|b| rows < b.3) {
                    best = Some((number, from_left, looked_at, rows));
                }
                if into && from_left {
                    break;
                }
            }
        }
        best
    }

    fn follow(&self, state: &State, number: usize, from: usize, to: usize, into: bool) -> (f64, f64) {
        let rel = &self.graph.rels[number].rel;
        let sources = self.labels[from].as_ref().map_or(self.stats.nodes(), |l| self.stats.nodes_with(l)).max(1.0);
        let both = if rel.direction == Direction::Either { 2.0 } else { 1.0 };
        let degree = both * self.stats.rels(&rel.types) / sources;
        let fanout = match &rel.length {
            RelLength::One => degree,
            RelLength::Var { min, max, .. } => walks(degree, *min, *max, self.stats.nodes()),
            RelLength::Group(group) => walks(degree.max(1.0), group.min, group.max, self.stats.nodes()),
        };
        let looked_at = state.rows * fanout;
        if into {
            return (state.rows * degree.min(8.0), (looked_at / sources).min(state.rows));
        }
        let slots = [self.graph.nodes[to].slot, rel.slot];
        let mut rows = looked_at;
        for i in slots.iter().filter_map(|s| self.waiting.get(s)).flatten() {
            let predicate = &self.predicates[*i];
            if !predicate.needs.iter().all(|s| state.slots.contains(s) || slots.contains(s)) {
                continue;
            }
            // A typed relationship usually ends where its labels say.
            let typed_label = label_test(&predicate.expr).is_some() && rel.types != crate::bind::bound::TypeTest::Any;
            rows *= if typed_label { 1.0 } else { selectivity(&predicate.expr, self.stats) };
        }
        (looked_at, rows)
    }
}

/// Expected number of walks of `min..=max` steps, capped: a closure visits each node about once.
fn walks(degree: f64, min: u64, max: Option<u64>, nodes: f64) -> f64 {
    let longest = max.unwrap_or(8).min(8);
    let total: f64 = (min.min(8)..=longest).map(|n| degree.powi(i32::try_from(n).unwrap_or(8))).sum();
    total.min(nodes.max(1.0))
}

fn labels_by_node(graph: &Patterns, predicates: &[Predicate]) -> Vec<Option<std::sync::Arc<str>>> {
    let label_of = |slot: Slot| {
        predicates.iter().filter_map(|p| label_test(&p.expr)).find(|(s, _)| *s == slot).map(|(_, label)| label.clone())
    };
    if graph.nodes.len() > 64 {
        return vec![None; graph.nodes.len()];
    }
    graph.nodes.iter().map(|n| label_of(n.slot)).collect()
}

fn waiting_by_slot(predicates: &[Predicate]) -> rustc_hash::FxHashMap<Slot, Vec<usize>> {
    let mut out: rustc_hash::FxHashMap<Slot, Vec<usize>> = rustc_hash::FxHashMap::default();
    for (number, predicate) in predicates.iter().enumerate() {
        for slot in &predicate.needs {
            out.entry(*slot).or_default().push(number);
        }
    }
    out
}

/// The share of rows a predicate is expected to keep.
pub(in crate::optimize) fn selectivity(expr: &Expr, stats: &dyn Stats) -> f64 {
    match expr {
        Expr::HasLabels { .. } => match label_test(expr) {
            Some((_, label)) => (stats.nodes_with(label) / stats.nodes().max(1.0)).clamp(1e-9, 1.0),
            None => 0.5,
        },
        Expr::Compare { rest, .. } => match rest.first().map(|(op, _)| *op) {
            Some(ComparisonOp::Equal) => 0.05,
            Some(ComparisonOp::NotEqual) => 0.9,
            _ => 0.33,
        },
        Expr::Binary { op, .. } => match op {
            BinaryOp::In => 0.1,
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
        Expr::Not(inner, _) => 1.0 - selectivity(inner, stats),
        Expr::Or(items, _) => items.iter().map(|e| selectivity(e, stats)).sum::<f64>().min(1.0),
        _ => 0.5,
    }
}
