//! Patterns become scans, seeks, expands and joins.
//!
//! ```text
//!   Pattern (a:Law {id: $id})-[:ESTABLISHED]->(b)-[:MERGED_INTO]->(c), c.start < 1900
//!
//!   Filter c.start < 1900 ─► Expand (b)->(c) ─► Expand (a)->(b) ─► SeekIndex a:Law a.id = $id
//! ```
//!
//! By cost: every possible start is tried, each grown greedily by the step that leaves fewest rows, and
//! the cheapest whole is taken. Patterns of consecutive `MATCH`es are one graph then, so that the order of
//! clauses does not bind the order of work. As written: start at the first node, follow the text.
//! Either way each predicate stands as soon as its slots are filled, relationships of one clause are told
//! apart, and paths are bound last.

mod access;
mod build;
mod cost;
mod count;
mod graph;
mod search;
mod shared;

use super::estimate;
use super::kinds::Known;
use super::stats::Stats;
use crate::bind::bound::{AggregateCall, Slot, SlotInfo, SlotKind};
use crate::plan::node::{Node, Op, Plan};
use crate::plan::walk::Imports;
pub(super) use access::{as_seek, rows_of};
pub(super) use cost::{items_of, selectivity};
use graph::Patterns;
pub(super) use graph::label_test;
pub(super) use search::apart;

/// Lowers every pattern, cheapest order first.
pub(super) fn by_cost(plan: &mut Plan, stats: &dyn Stats) {
    run(plan, Some(stats));
}

/// Lowers every pattern in the order written.
pub(super) fn as_written(plan: &mut Plan) {
    run(plan, None);
}

fn run(plan: &mut Plan, stats: Option<&dyn Stats>) {
    shared::run(plan);
    let imports = Imports::of(plan);
    let mut slots = std::mem::take(&mut plan.slots);
    let known = stats.map(Known::new);
    // what is only counted is not cited
    let mut lowering = Lowering { stats, known, counts: !plan.cite, imports: &imports, slots: &mut slots, inside: 0 };
    lowering.lower(&mut plan.root);
    // a subquery stands behind those inside it
    for sub in plan.subplans.iter_mut().rev() {
        lowering.inside = 1;
        for (slot, expr) in &sub.imports {
            lowering.known.iter_mut().for_each(|known| known.copy(*slot, expr));
        }
        lowering.lower(&mut sub.root);
    }
    plan.slots = slots;
}

/// Whether an operator makes lists of many rows.
fn collects(op: &Op) -> bool {
    let Op::Aggregate { aggregates, .. } = op else { return false };
    let collect =
        |call: &AggregateCall| matches!(call, AggregateCall::Function { function, .. } if function.name == "collect");
    aggregates.iter().any(|aggregate| collect(&aggregate.call))
}

/// Patterns on their way to operators.
struct Lowering<'s, 'a> {
    stats: Option<&'a dyn Stats>,
    /// What the clauses so far say of the nodes they hand on.
    known: Option<Known<'a>>,
    /// Ends may be counted instead of made into rows.
    counts: bool,
    imports: &'a Imports,
    slots: &'s mut Vec<SlotInfo>,
    /// How many parts that need not match are around: what they demand of a node of outside holds inside only.
    inside: u32,
}

impl<'a> Lowering<'_, 'a> {
    /// Lowers the patterns below a node, then the node itself when it is one.
    fn lower(&mut self, node: &mut Node) {
        if let Op::Aggregate { input, .. } = &node.op
            && matches!(input.op, Op::Pattern { .. })
            && let Some(stats) = self.stats.filter(|_| self.counts)
        {
            self.lower_counted(node, stats);
        } else if matches!(node.op, Op::Pattern { .. }) {
            let taken = std::mem::replace(node, Node::unit());
            let mut scope = search::Scope { imports: self.imports, slots: &mut *self.slots };
            let (mut input, patterns) = Patterns::collect(taken, self.stats.is_some(), &mut scope);
            self.lower(&mut input);
            *node = self.build(input, patterns, build::Leaves::default());
            return;
        } else if let Op::Apply { input, inner, optional, .. } = &mut node.op {
            self.lower(input);
            self.inside += u32::from(*optional);
            self.lower(inner);
            self.inside -= u32::from(*optional);
        } else {
            for input in node.op.inputs_mut() {
                self.lower(input);
            }
        }
        if let (Some(known), true) = (&self.known, collects(&node.op)) {
            // how long a list is decides what looks for its items
            estimate::rows(node, known);
        }
        self.learn(&node.op);
    }

    fn learn(&mut self, op: &Op) {
        let Some(known) = &mut self.known else { return };
        match op {
            Op::Filter { predicates, .. } if self.inside == 0 => predicates.iter().for_each(|predicate| {
                known.narrow(predicate);
            }),
            op => known.pass(op),
        }
    }

    fn build(&mut self, input: Node, mut patterns: Patterns, leaves: build::Leaves) -> Node {
        let stats = self.stats;
        let indexed = |label: &str, key: &str| stats.is_some_and(|stats| stats.index(label, key).is_some());
        let predicates = patterns.predicates(self.imports, &indexed);
        let steps = match &mut self.known {
            Some(known) => cost::choose(&patterns, &predicates, known, self.inside > 0),
            None => cost::as_written(&patterns),
        };
        let (stats, counts, imports, inside) = (self.stats, self.counts, self.imports, self.inside + 1);
        let known = &mut self.known;
        let mut inner = |inner: &mut Node, slots: &mut Vec<SlotInfo>| {
            let mut lowering = Lowering { stats, known: known.take(), counts, imports, slots, inside };
            lowering.lower(inner);
            *known = lowering.known;
        };
        build::build(input, (patterns, predicates), (leaves, steps), stats, imports, self.slots, &mut inner)
    }

    /// An aggregation over a pattern: ends that are only counted become degrees.
    fn lower_counted(&mut self, node: &mut Node, stats: &'a dyn Stats) {
        let Op::Aggregate { input, keys, aggregates, weight } = &mut node.op else { return };
        let taken = std::mem::replace(&mut **input, Node::unit());
        let mut scope = search::Scope { imports: self.imports, slots: &mut *self.slots };
        let (mut below, mut patterns) = Patterns::collect(taken, true, &mut scope);
        self.lower(&mut below);
        patterns.split_conditions();
        let mut leaves = build::Leaves::default();
        if weight.is_none()
            && let Some(plain) = count::plain_counts(&patterns, aggregates, stats)
        {
            for number in plain {
                aggregates[number].call = AggregateCall::CountRows;
            }
            let counted = count::countable(&patterns, keys, aggregates, self.imports, stats);
            let in_the_books = keys.is_empty() && matches!(below.op, Op::Unit) && count::is_one_relationship(&patterns);
            if !counted.is_empty() && !in_the_books {
                let slot = Slot::fresh(self.slots, "", SlotKind::Value);
                *weight = Some(slot);
                leaves = build::Leaves::take(&mut patterns, &counted, slot);
            }
        }
        **input = self.build(below, patterns, leaves);
    }
}
