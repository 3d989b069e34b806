//! In which order a query graph is worked off.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::access::{self, Access};
use super::graph::{Patterns, Predicate, QueryRel, label_test, towards};
use super::search::Searched;
use crate::bind::bound::{BinaryOp, ComparisonOp, Direction, Expr, LabelTest, RelLength, Slot, TypeTest};
use crate::optimize::Stats;
use crate::optimize::kinds::{Kinds, Known, Mix, label_test_of, walks};
use crate::plan::node::Keys;
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
    /// Search shortest paths from the written left end (or the right one), which is there, to every node.
    SearchFrom { rel: usize, from_left: bool },
}

/// What a search between two nodes costs, in rows of another operator.
const SEARCH: f64 = 8.0;

/// How many times dearer than expected a search to every node is taken to be: it has no end that stops it, and how much can be
/// reached from a node differs far more between nodes than their degrees do. It is never taken for less than two searches with one.
const EVERYWHERE: f64 = 4.0;

/// What it costs to ask whether a neighbour just found is one of another node too, in rows of another operator.
const CLOSING: f64 = 0.5;

/// What it costs to ask whether two nodes that are there are related: a search in a sorted list.
const ASKING: f64 = 4.0;

/// Above this many nodes only the cheapest start of a component is tried.
const TRY_EVERY_START: usize = 12;

/// How many ways to work off a part of the graph are followed at a time: fewer where each has more steps to choose from.
const FEWEST: usize = 4;
const MOST: usize = 64;
const WORK: usize = 2048;

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
    // searches come last, but for those that others wait for
    let is_walked = |rel: &usize| graph.rels[*rel].searched.is_none();
    let mut left: Vec<usize> = (0..graph.rels.len()).filter(|rel| !followed[*rel] && is_walked(rel)).collect();
    left.extend((0..graph.rels.len()).filter(|rel| !is_walked(rel) && graph.rels[*rel].awaited));
    while !left.is_empty() {
        let node_of = |slot: &Slot| graph.nodes.iter().position(|node| node.slot == *slot);
        let is_found = |slot: &Slot| !left.iter().any(|rel| graph.rels[*rel].fills().contains(slot));
        let is_there = |slot: &Slot| node_of(slot).is_none_or(|node| done.contains(&node));
        let ready = |rel: &usize| graph.rels[*rel].waits.iter().all(|slot| is_found(slot) && is_there(slot));
        let may_be = |rel: &usize| graph.rels[*rel].waits.iter().all(is_found);
        let at = left.iter().position(ready).or_else(|| left.iter().position(may_be)).unwrap_or_default();
        let number = left.remove(at);
        let rel = &graph.rels[number];
        // what it reads and nothing else brings is found first
        let mut first: Vec<usize> = rel.waits.iter().filter_map(node_of).collect();
        if rel.searched.is_some() {
            first.extend([rel.rel.from, rel.rel.to]);
        }
        for node in first {
            if done.insert(node) {
                steps.push(Step::Start { node, access: Access::All, answered: Vec::new() });
            }
        }
        if rel.searched.is_some() {
            steps.push(Step::Search { rel: number });
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

/// The searches that nobody waited for: they come last.
fn searches(graph: &Patterns, steps: &mut Vec<Step>) {
    let made = steps.iter().filter_map(|step| match step {
        Step::Search { rel } | Step::SearchFrom { rel, .. } => Some(*rel),
        _ => None,
    });
    let made: BTreeSet<usize> = made.collect();
    let left = (0..graph.rels.len()).filter(|rel| graph.rels[*rel].searched.is_some() && !made.contains(rel));
    steps.extend(left.map(|rel| Step::Search { rel }));
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
    /// The rows before the last step.
    rows_before: f64,
    cost: f64,
}

impl State {
    /// What is to be as small as can be.
    fn estimate(&self) -> f64 {
        self.cost + self.rows
    }
}

/// A step that may follow a state.
struct Next {
    /// The number of the state.
    state: usize,
    rel: usize,
    from_left: bool,
    /// With the step.
    cost: f64,
    followed: Followed,
}

/// Shares multiplied make less than one row soon, for conditions are seldom independent, and then everything behind them
/// looks as if it were for nothing: less than a row is taken to be more than it is, so that what comes behind still has
/// its price, and asking what leaves fewer rows still pays.
fn damped(rows: f64) -> f64 {
    if rows < 1.0 { rows.powf(DAMPING) } else { rows }
}

/// The power that less than one row is raised to: 0 would take it for one row, 1 for what it is.
const DAMPING: f64 = 0.2;

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
                let mix = before.or_else(|| self.tested(number)).or_else(|| self.implied(number));
                state.mixes.extend(mix.map(|mix| (number, mix)));
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
        state = self.grow(vec![state]);
        while let Some(next) = self.next_component(&state) {
            state = next;
        }
        // what could not wait
        for (rel, query_rel) in self.graph.rels.iter().enumerate() {
            if query_rel.searched.is_none() && state.followed.insert(rel) {
                state.steps.push(Step::Follow { rel, from_left: true });
            }
        }
        searches(self.graph, &mut state.steps);
        state
    }

    /// What the tests of labels alone say of a node.
    fn tested(&self, number: usize) -> Option<Mix> {
        let tests = self.tests.get(number).filter(|tests| !tests.is_empty())?;
        self.kinds.with(tests.iter().copied()).map(|(mix, _)| mix)
    }

    /// What the relationships that a node must have say of it, where nothing else is known: what the least common of
    /// them begins or ends at.
    fn implied(&self, number: usize) -> Option<Mix> {
        let ends = self.adjacency[number].iter().filter_map(|rel| {
            let rel = &self.graph.rels[*rel].rel;
            let plain = matches!(rel.length, RelLength::One) && rel.from != rel.to;
            let turned = towards(rel.direction, rel.to == number);
            plain.then(|| self.kinds.follow(None, &rel.types, turned).to).flatten()
        });
        ends.min_by(|a, b| self.kinds.nodes(a).total_cmp(&self.kinds.nodes(b)))
    }

    /// The cheapest continuation by one more component, or nothing when all nodes are there.
    fn next_component(&self, state: &State) -> Option<State> {
        let left: Vec<usize> = (0..self.graph.nodes.len()).filter(|n| !state.nodes.contains(n)).collect();
        let ready = |slot: Slot| state.slots.contains(&slot);
        let free: Vec<usize> = left.iter().copied().filter(|n| self.may_start(*n)).collect();
        // a group that waits for its own right end
        let free = if free.is_empty() { &left } else { &free };
        let mut starts: Vec<(usize, access::Choice)> = free
            .iter()
            .map(|n| (*n, access::best(self.graph.nodes[*n].slot, self.predicates, &ready, self.kinds)))
            .collect();
        if self.graph.nodes.len() > TRY_EVERY_START {
            let cheapest = starts.iter().enumerate().min_by(|(_, a), (_, b)| a.1.looked_at.total_cmp(&b.1.looked_at));
            starts = cheapest.map(|(i, _)| i).map(|i| vec![starts.swap_remove(i)]).unwrap_or_default();
        }
        let tries = starts.into_iter().map(|(node, choice)| {
            let mut next = state.clone();
            next.cost += state.rows * choice.looked_at;
            next.rows = damped(next.rows * choice.rows);
            if self.open_end(state, node).is_some() {
                next.cost += next.rows * SEARCH;
            }
            self.add_node(&mut next, node);
            next.mixes.extend(self.tested(node).map(|mix| (node, mix)));
            next.steps.push(Step::Start { node, access: choice.access, answered: choice.answered });
            next
        });
        let open = left.iter().filter_map(|node| self.search_from(state, *node));
        let by_rel = (0..self.graph.rels.len()).filter_map(|rel| self.start_by_rel(state, rel, &ready));
        let tries: Vec<State> = tries.chain(open).chain(by_rel).collect();
        (!tries.is_empty()).then(|| self.grow(tries))
    }

    /// The search that ends in a node on which nothing else hangs, and whether it begins at the written left end; that is
    /// there. Nothing when no node is like that.
    fn open_end(&self, state: &State, node: usize) -> Option<(usize, bool)> {
        let [number] = self.adjacency[node][..] else { return None };
        let QueryRel { rel, searched: Some(Searched::Repeated(..)), .. } = &self.graph.rels[number] else {
            return None;
        };
        let from_left = rel.to == node;
        let begin = if from_left { rel.from } else { rel.to };
        let can = begin != node && state.nodes.contains(&begin) && !state.followed.contains(&number);
        (can && self.is_ready(state, number)).then_some((number, from_left))
    }

    /// Whether all is there that is read while a relationship is walked or searched.
    fn is_ready(&self, state: &State, rel: usize) -> bool {
        self.graph.rels[rel].waits.iter().all(|slot| state.slots.contains(slot))
    }

    /// The continuation that searches from what is there to every node, where one end of the search is only to be found.
    fn search_from(&self, state: &State, node: usize) -> Option<State> {
        let (number, from_left) = self.open_end(state, node)?;
        let rel = &self.graph.rels[number].rel;
        let begin = if from_left { rel.from } else { rel.to };
        let followed = self.follow(state, number, begin, node, false);
        let mut next = state.clone();
        next.cost += (followed.looked_at * EVERYWHERE).max(2.0 * SEARCH * state.rows);
        next.rows = followed.rows;
        next.followed.insert(number);
        next.slots.extend(self.graph.rels[number].fills());
        self.add_node(&mut next, node);
        next.mixes.extend(followed.to.map(|mix| (node, mix)));
        next.steps.push(Step::SearchFrom { rel: number, from_left });
        Some(next)
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
        let choice = access::best_rel(rel.slot, &types[0], self.predicates, ready, self.kinds)?;
        let slots = [rel.slot, self.graph.nodes[rel.from].slot, self.graph.nodes[rel.to].slot];
        let mut share = if rel.direction == Direction::Either { 2.0 } else { 1.0 };
        for (i, predicate) in self.predicates.iter().enumerate() {
            let fits = predicate.needs.iter().all(|s| state.slots.contains(s) || slots.contains(s));
            let own = predicate.needs.iter().find(|s| slots.contains(s)).filter(|_| fits);
            // a typed relationship usually ends where its labels say
            let counts = !choice.chosen_by.contains(&i) && label_test_of(&predicate.expr).is_none();
            if let Some(slot) = own.filter(|_| counts) {
                let label = (*slot != rel.slot).then(|| self.tested_label(*slot)).flatten();
                share *= selectivity(&predicate.expr, *slot, label.as_deref(), self.kinds).max(f64::MIN_POSITIVE);
            }
        }
        let mut next = state.clone();
        next.cost += state.rows * choice.looked_at;
        next.rows = damped(next.rows * choice.looked_at * share);
        next.followed.insert(number);
        next.slots.insert(rel.slot);
        for node in [rel.from, rel.to] {
            self.add_node(&mut next, node);
            next.mixes.extend(self.tested(node).map(|mix| (node, mix)));
        }
        next.steps.push(Step::StartRel { rel: number, keys: choice.keys });
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

    /// Follows relationships from what is there until nothing hangs on it any more: the cheapest way found to do that
    /// from one of the states.
    ///
    /// All states that have followed the same number of relationships are continued together. Of those that have
    /// followed the same ones the cheapest is kept, for what comes after costs the same; so where few enough are left
    /// out no way is missed.
    fn grow(&self, mut states: Vec<State>) -> State {
        let width = (WORK / self.graph.rels.len().pow(2).max(1)).clamp(FEWEST, MOST);
        let mut done: Option<State> = None;
        // where something still waits for what is elsewhere
        let mut stuck: Option<State> = None;
        while !states.is_empty() {
            let mut nexts: Vec<Next> = Vec::new();
            for (number, state) in states.iter().enumerate() {
                let before = nexts.len();
                self.steps_from(state, |rel, from_left, followed| {
                    let cost = state.cost + followed.looked_at;
                    nexts.push(Next { state: number, rel, from_left, cost, followed });
                });
                let end = if self.is_waiting(state) { &mut stuck } else { &mut done };
                if nexts.len() == before && end.as_ref().is_none_or(|end| state.estimate() < end.estimate()) {
                    *end = Some(state.clone());
                }
            }
            nexts.sort_by(|a, b| (a.cost + a.followed.rows).total_cmp(&(b.cost + b.followed.rows)));
            let mut met: FxHashSet<Vec<u64>> = FxHashSet::default();
            let mut kept = Vec::with_capacity(width);
            for next in nexts {
                let state = &states[next.state];
                let cheaper = done.as_ref().is_none_or(|done| next.cost < done.estimate());
                if kept.len() < width && cheaper && met.insert(self.place(state, &next)) {
                    kept.push(self.after(state, next));
                }
            }
            states = kept;
        }
        done.or(stuck).unwrap_or_default()
    }

    /// Whether a relationship that hangs on what is there cannot be followed yet.
    fn is_waiting(&self, state: &State) -> bool {
        let hangs = |number: usize, rel: &QueryRel| {
            let ends = [rel.rel.from, rel.rel.to];
            ends.iter().any(|end| state.nodes.contains(end)) && !state.followed.contains(&number)
        };
        let mut rels = self.graph.rels.iter().enumerate();
        rels.any(|(number, rel)| {
            (rel.searched.is_none() || rel.awaited) && !self.is_ready(state, number) && hangs(number, rel)
        })
    }

    /// What has been worked off after a step: the nodes that are there and the relationships followed, as bits.
    fn place(&self, state: &State, next: &Next) -> Vec<u64> {
        let nodes = self.graph.nodes.len();
        let rel = &self.graph.rels[next.rel].rel;
        let there = state.nodes.iter().copied().chain([rel.from, rel.to]);
        let followed = state.followed.iter().chain([&next.rel]).map(|rel| nodes + rel);
        let mut bits = vec![0; (nodes + self.graph.rels.len()) / 64 + 1];
        there.chain(followed).for_each(|bit| bits[bit / 64] |= 1 << (bit % 64));
        bits
    }

    /// The state after a step.
    fn after(&self, state: &State, next: Next) -> State {
        let mut state = state.clone();
        let query_rel = &self.graph.rels[next.rel].rel;
        let to = if next.from_left { query_rel.to } else { query_rel.from };
        state.rows_before = std::mem::replace(&mut state.rows, next.followed.rows);
        state.cost = next.cost;
        state.followed.insert(next.rel);
        state.slots.extend(self.graph.rels[next.rel].fills());
        self.add_node(&mut state, to);
        state.mixes.extend(next.followed.to.map(|mix| (to, mix)));
        state.steps.push(match self.graph.rels[next.rel].searched {
            None => Step::Follow { rel: next.rel, from_left: next.from_left },
            Some(_) => Step::Search { rel: next.rel },
        });
        state
    }

    fn add_node(&self, state: &mut State, node: usize) {
        state.nodes.insert(node);
        state.slots.insert(self.graph.nodes[node].slot);
    }

    /// The steps that can be made next: relationship, side, what it is expected to do.
    fn steps_from(&self, state: &State, mut each: impl FnMut(usize, bool, Followed)) {
        let frontier: BTreeSet<usize> = state.nodes.iter().flat_map(|n| &self.adjacency[*n]).copied().collect();
        for number in frontier {
            let rel = &self.graph.rels[number];
            if state.followed.contains(&number) || !self.is_ready(state, number) {
                continue;
            }
            if rel.searched.is_some() {
                if rel.awaited && state.nodes.contains(&rel.rel.from) && state.nodes.contains(&rel.rel.to) {
                    let rows = state.rows;
                    each(number, true, Followed { looked_at: rows * SEARCH, rows, to: None });
                }
                continue;
            }
            for from_left in [true, false] {
                let (from, to) = if from_left { (rel.rel.from, rel.rel.to) } else { (rel.rel.to, rel.rel.from) };
                if !state.nodes.contains(&from) || !from_left && !rel.reversible() {
                    continue;
                }
                let into = state.nodes.contains(&to);
                each(number, from_left, self.follow(state, number, from, to, into));
                if into && from_left {
                    break;
                }
            }
        }
    }

    /// Whether a relationship is a single one of one type.
    fn is_plain(&self, number: usize) -> bool {
        let rel = &self.graph.rels[number].rel;
        matches!(rel.length, RelLength::One) && matches!(&rel.types, TypeTest::OneOf(types) if types.len() == 1)
    }

    /// Whether two nodes that are there are known to be related so: by a relationship that was followed already, and
    /// that this one need not differ from.
    fn is_known(&self, state: &State, number: usize) -> bool {
        let rel = &self.graph.rels[number];
        let same = |other: &&usize| {
            let other = &self.graph.rels[**other];
            let ends = (other.rel.from, other.rel.to, other.rel.direction);
            let turned = match rel.rel.direction {
                Direction::Right => Direction::Left,
                Direction::Left => Direction::Right,
                Direction::Either => Direction::Either,
            };
            (ends == (rel.rel.from, rel.rel.to, rel.rel.direction) || ends == (rel.rel.to, rel.rel.from, turned))
                && other.rel.types == rel.rel.types
                && other.is_single()
                && !rel.may_equal(other)
        };
        state.followed.iter().any(|other| same(&other))
    }

    fn follow(&self, state: &State, number: usize, from: usize, to: usize, into: bool) -> Followed {
        let rel = &self.graph.rels[number].rel;
        let way = towards(rel.direction, from == rel.from);
        let near = state.mixes.get(&from).cloned().or_else(|| self.tested(from));
        let reached = self.kinds.follow(near.as_ref(), &rel.types, way);
        let (fanout, far) = match &rel.length {
            RelLength::One => (reached.degree, reached.to.clone()),
            RelLength::Var { min, max, .. } => self.kinds.walks(reached.clone(), (*min, *max), (&rel.types, way)),
            RelLength::Group(group) => {
                let all = self.stats.nodes();
                (walks(reached.degree.max(1.0), group.min, group.max, all), None)
            }
        };
        let looked_at = state.rows * fanout;
        if into {
            let ends = [near.as_ref(), state.mixes.get(&to)];
            let met = match rel.length {
                RelLength::One if self.is_known(state, number) => 1.0,
                RelLength::One => self.kinds.between(ends, &rel.types, way),
                _ => fanout / ends[1].map_or_else(|| self.stats.nodes(), |mix| self.kinds.nodes(mix)).max(1.0),
            };
            // right behind the step to one of its ends both lists of neighbours are intersected
            let closes = match state.steps.last() {
                Some(Step::Follow { rel: last, from_left }) if self.is_plain(*last) && self.is_plain(number) => {
                    let last = &self.graph.rels[*last].rel;
                    let found = if *from_left { last.to } else { last.from };
                    let others = self.adjacency[found].iter().filter(|rel| state.followed.contains(rel));
                    let degree = state.rows / state.rows_before.max(f64::MIN_POSITIVE);
                    [from, to].contains(&found) && others.count() == 1 && degree >= 2.0
                }
                _ => false,
            };
            let looked_at = state.rows * reached.degree.min(if closes { CLOSING } else { ASKING });
            return Followed { looked_at, rows: damped((state.rows * met).min(state.rows)), to: None };
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
                    selectivity(&predicate.expr, slots[0], label, self.kinds)
                }
            };
        }
        Followed { looked_at, rows: damped(rows), to: far.or_else(|| self.tested(to)) }
    }
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
pub(in crate::optimize) fn selectivity(expr: &Expr, slot: Slot, label: Option<&str>, kinds: &Kinds<'_>) -> f64 {
    let stats = kinds.stats();
    let of = |expr: &Expr| selectivity(expr, slot, label, kinds);
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
                (single * items_of(right, kinds)).min(1.0)
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
pub(in crate::optimize) fn items_of(list: &Expr, kinds: &Kinds<'_>) -> f64 {
    match list {
        Expr::Slot(slot) => kinds.items(*slot).unwrap_or(5.0),
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
