//! Ends that are only counted are counted where they are found, not made into rows.
//!
//! ```text
//!   Aggregate count(*) ─► Filter c.age > 25 ─► Expand (b)-[:T]->(c)
//!   Aggregate count(*) weighted w ─► ExpandCount (b)-[:T]->(c) where c.age > 25, w = degree
//!
//!   Aggregate count(*) ─► Intersect (b)-[:T]->(c)-[:T]->(a)
//!   Aggregate count(*) weighted w ─► Intersect …, w = how many c
//! ```
//!
//! Applies below an aggregation that does not read the end, when its conditions read nothing else and always say the
//! same of it. (`lower_patterns` has taken the ends without conditions already.)

use std::sync::Arc;

use super::{Stats, prune_slots};
use crate::bind::bound::{AggregateCall, Expr, Slot, SlotInfo, SlotKind};
use crate::plan::node::{Hop, Node, Op, Plan, Weight};
use crate::plan::walk::{Imports, any, slots_of};

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    if plan.writes {
        return; // what a condition says of a node may change under way
    }
    let imports = Imports::of(plan);
    let mut changed = false;
    let mut slots = std::mem::take(&mut plan.slots);
    super::each_node(plan, &mut |node| changed |= rewrite(node, &imports, &mut slots));
    plan.slots = slots;
    if changed {
        prune_slots::run(plan, stats);
    }
}

fn rewrite(node: &mut Node, imports: &Imports, slots: &mut Vec<SlotInfo>) -> bool {
    let Op::Aggregate { aggregates, .. } = &node.op else { return false };
    if !aggregates.iter().all(|aggregate| takes_weights(&aggregate.call)) {
        return false;
    }
    let mut read = node.op.uses(imports);
    let Op::Aggregate { input, weight, .. } = &mut node.op else { return false };
    // what is counted already multiplies the same weight
    let mut below = input;
    while matches!(below.op, Op::ExpandCount { .. }) {
        read.extend(below.op.uses(imports));
        let Op::ExpandCount { input, .. } = &mut below.op else { return false };
        below = input;
    }
    let Some(end) = only_counted(below, &read, imports) else { return false };
    let slot = *weight.get_or_insert_with(|| {
        slots.push(SlotInfo { name: Arc::from(""), kind: SlotKind::Value });
        Slot(u32::try_from(slots.len() - 1).unwrap_or(u32::MAX))
    });
    let count = Weight { slot, fresh: true };
    let op = match end.found {
        Found::Neighbours(hop, conditions) => Op::ExpandCount { input: end.below, hop, conditions, count },
        Found::Common(expand, into) => Op::Intersect { input: end.below, expand, into, count: Some(count) },
    };
    **below = Node { op, rows: below.rows, live: None };
    node.op.inputs_mut().into_iter().for_each(|input| {
        begin_lowest(input, slot);
    });
    true
}

/// An end that nobody reads, with what stands below it.
struct End {
    below: Box<Node>,
    found: Found,
}

enum Found {
    Neighbours(Hop, Vec<Expr>),
    Common(Hop, Hop),
}

/// Takes the end off the plan when it is only counted.
fn only_counted(node: &mut Node, read: &[Slot], imports: &Imports) -> Option<End> {
    let fits = match &node.op {
        Op::Intersect { expand, count: None, .. } => !read.contains(&expand.to),
        Op::Expand { hop, .. } => is_plain(hop, read),
        // a verdict per node is worth keeping when many are asked for
        Op::Filter { input, predicates } if input.rows.is_some_and(|rows| rows >= super::MANY_ROWS) => {
            matches!(&input.op, Op::Expand { hop, .. } if is_plain(hop, read)
                && predicates.iter().all(|predicate| reads_only(predicate, hop.to, imports)))
        }
        _ => false,
    };
    if !fits {
        return None;
    }
    match std::mem::replace(&mut node.op, Op::Unit) {
        Op::Intersect { input, expand, into, .. } => Some(End { below: input, found: Found::Common(expand, into) }),
        Op::Expand { input, hop } => Some(End { below: input, found: Found::Neighbours(hop, Vec::new()) }),
        Op::Filter { input, predicates } => match input.op {
            Op::Expand { input, hop } => Some(End { below: input, found: Found::Neighbours(hop, predicates) }),
            _ => None,
        },
        _ => None,
    }
}

fn is_plain(hop: &Hop, read: &[Slot]) -> bool {
    hop.rel.is_none() && hop.differs.is_empty() && !read.contains(&hop.to) && hop.to != hop.from
}

/// Whether a condition depends on the slot alone and says the same each time it is asked.
fn reads_only(predicate: &Expr, slot: Slot, imports: &Imports) -> bool {
    let mut read = Vec::new();
    slots_of(predicate, imports, &mut read);
    let varies = |e: &Expr| match e {
        Expr::Subquery(_) | Expr::Local(_) => true,
        Expr::Call { function, .. } => !function.deterministic,
        _ => false,
    };
    read.iter().all(|s| *s == slot) && !any(predicate, &varies)
}

/// Whether a row that stands for many is as good as many rows.
fn takes_weights(call: &AggregateCall) -> bool {
    match call {
        AggregateCall::CountRows => true,
        AggregateCall::Function { function, distinct, .. } => {
            *distinct || matches!(function.name, "count" | "min" | "max")
        }
    }
}

/// Lets the lowest count begin the weight and those above it multiply; says whether there is one.
fn begin_lowest(node: &mut Node, slot: Slot) -> bool {
    let mut begun = false;
    for input in node.op.inputs_mut() {
        begun |= begin_lowest(input, slot);
    }
    match &mut node.op {
        Op::ExpandCount { count, .. } | Op::Intersect { count: Some(count), .. } if count.slot == slot => {
            count.fresh = !begun;
            true
        }
        _ => begun,
    }
}
