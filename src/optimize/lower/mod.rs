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

use std::sync::Arc;

use super::stats::Stats;
use crate::bind::bound::{AggregateCall, Slot, SlotInfo, SlotKind};
use crate::plan::node::{Node, Op, Plan};
use crate::plan::walk::Imports;
pub(super) use access::as_seek;
pub(super) use cost::selectivity;
use graph::Patterns;
pub(super) use graph::label_test;

/// Lowers every pattern, cheapest order first.
pub(super) fn by_cost(plan: &mut Plan, stats: &dyn Stats) {
    run(plan, Some(stats));
}

/// Lowers every pattern in the order written.
pub(super) fn as_written(plan: &mut Plan) {
    run(plan, None);
}

fn run(plan: &mut Plan, stats: Option<&dyn Stats>) {
    let imports = Imports::of(plan);
    // what is only counted is not cited
    let counts = !plan.cite;
    let mut roots: Vec<&mut Node> = vec![&mut plan.root];
    roots.extend(plan.subplans.iter_mut().map(|s| &mut s.root));
    for root in roots {
        lower(root, stats, counts, &imports, &mut plan.slots);
    }
}

/// Lowers the patterns below a node, then the node itself when it is one.
fn lower(node: &mut Node, stats: Option<&dyn Stats>, counts: bool, imports: &Imports, slots: &mut Vec<SlotInfo>) {
    if let Op::Aggregate { input, .. } = &node.op
        && matches!(input.op, Op::Pattern { .. })
        && let Some(stats) = stats.filter(|_| counts)
    {
        return lower_counted(node, stats, imports, slots);
    }
    if matches!(node.op, Op::Pattern { .. }) {
        let taken = std::mem::replace(node, Node::unit());
        let (mut input, patterns) = Patterns::collect(taken, stats.is_some());
        lower(&mut input, stats, counts, imports, slots);
        let mut inner = |inner: &mut Node, slots: &mut Vec<SlotInfo>| lower(inner, stats, counts, imports, slots);
        *node = build::build(input, patterns, build::Leaves::default(), stats, imports, slots, &mut inner);
        return;
    }
    for input in node.op.inputs_mut() {
        lower(input, stats, counts, imports, slots);
    }
}

/// An aggregation over a pattern: ends that are only counted become degrees.
fn lower_counted(node: &mut Node, stats: &dyn Stats, imports: &Imports, slots: &mut Vec<SlotInfo>) {
    let Op::Aggregate { input, keys, aggregates, weight } = &mut node.op else { return };
    let taken = std::mem::replace(&mut **input, Node::unit());
    let (mut below, mut patterns) = Patterns::collect(taken, true);
    lower(&mut below, Some(stats), true, imports, slots);
    patterns.split_conditions();
    let mut leaves = build::Leaves::default();
    if weight.is_none()
        && let Some(plain) = count::plain_counts(&patterns, aggregates, stats)
    {
        for number in plain {
            aggregates[number].call = AggregateCall::CountRows;
        }
        let counted = count::countable(&patterns, keys, aggregates, imports, stats);
        let in_the_books = keys.is_empty() && matches!(below.op, Op::Unit) && count::is_one_relationship(&patterns);
        if !counted.is_empty() && !in_the_books {
            let slot = Slot(u32::try_from(slots.len()).unwrap_or(u32::MAX));
            slots.push(SlotInfo { name: Arc::from(""), kind: SlotKind::Value });
            *weight = Some(slot);
            leaves = build::Leaves::take(&mut patterns, &counted, slot);
        }
    }
    let mut inner = |inner: &mut Node, slots: &mut Vec<SlotInfo>| lower(inner, Some(stats), true, imports, slots);
    **input = build::build(below, patterns, leaves, Some(stats), imports, slots, &mut inner);
}
