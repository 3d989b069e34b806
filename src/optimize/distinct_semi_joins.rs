//! Where repeated rows are dropped, what nobody reads of a step is only asked to be there.
//!
//! ```text
//!   Distinct p ─► Filter f.open ─► Expand (p)-[:MEMBER_OF]->(f) ─► …
//!   Distinct p ─► SemiJoin
//!                 ├ …
//!                 └ Filter f.open ─► Expand (p)-[:MEMBER_OF]->(f) ─► Argument
//! ```
//!
//! Applies to the steps right below DISTINCT, and below an aggregation all of whose aggregates are `DISTINCT`, `min` or
//! `max`, that are expected to make several rows of one, and of which nothing goes on. Rows that agree in what the steps
//! start from share the answer, and no row is made for each partner.

use super::{Stats, prune_slots};
use crate::bind::bound::{AggregateCall, Slot};
use crate::function::{Aggregation, Body};
use crate::plan::node::{Node, Op, Plan};
use crate::plan::walk::{Imports, varies};

/// Rows that the steps must be expected to make of one.
const SEVERAL: f64 = 2.0;

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    if plan.writes || plan.cite || !plan.viewed.is_empty() {
        return;
    }
    let imports = Imports::of(plan);
    let mut changed = false;
    super::each_node(plan, &mut |node| changed |= rewrite(node, &imports));
    if changed {
        prune_slots::run(plan, stats);
    }
}

fn rewrite(node: &mut Node, imports: &Imports) -> bool {
    let wanted = match &node.op {
        Op::Distinct { slots, .. } => slots.clone(),
        Op::Aggregate { aggregates, weight: None, .. } if aggregates.iter().all(|a| takes_repeated(&a.call)) => {
            node.op.uses(imports)
        }
        _ => return false,
    };
    let Some(input) = node.op.inputs_mut().into_iter().next() else { return false };
    let Some(steps) = only_asked(input, &wanted) else { return false };
    take_apart(input, steps);
    true
}

/// Whether a row that comes again changes nothing.
fn takes_repeated(call: &AggregateCall) -> bool {
    match call {
        AggregateCall::CountRows => false,
        AggregateCall::Function { function, distinct, .. } => {
            *distinct || matches!(function.body, Body::Aggregate(Aggregation::Min | Aggregation::Max))
        }
    }
}

/// How many operators from here on fill nothing that is wanted, down to the last step among them; nothing where they make no
/// more rows than they are given.
fn only_asked(top: &Node, wanted: &[Slot]) -> Option<usize> {
    let (mut at, mut count, mut most) = (top, 0, 0.0_f64);
    let mut found = None;
    while let Op::Expand { input, .. } | Op::ExpandInto { input, .. } | Op::Filter { input, .. } = &at.op
        && !at.op.evaluates(&varies)
        && !at.op.defines().iter().any(|slot| wanted.contains(slot))
    {
        count += 1;
        most = most.max(at.rows?);
        if matches!(at.op, Op::Expand { .. }) && most >= SEVERAL * input.rows?.max(1.0) {
            found = Some(count);
        }
        at = input;
    }
    found
}

/// Makes the first `steps` operators of a chain the inner plan of a semi-join of what is below them.
fn take_apart(top: &mut Node, steps: usize) {
    let (rows, live) = (top.rows, top.live.clone());
    let mut inner = std::mem::replace(top, Node::unit());
    let mut at = &mut inner;
    for _ in 0..steps {
        let Some(below) = at.op.inputs_mut().into_iter().next() else { return };
        at = below;
    }
    let mut argument = Node { op: Op::Argument, rows: Some(1.0), live: None };
    std::mem::swap(at, &mut argument);
    let input = argument;
    let each = input.rows.unwrap_or(1.0).max(1.0);
    per_row(&mut inner, each);
    let rows = rows.map(|rows| rows.min(input.rows.unwrap_or(rows)));
    let op = Op::SemiJoin { input: input.boxed(), inner: inner.boxed(), negated: false };
    *top = Node { op, rows, live };
}

/// The rows of an inner plan are those for one row of the outer one.
fn per_row(node: &mut Node, outer: f64) {
    if matches!(node.op, Op::Argument) {
        return;
    }
    node.rows = node.rows.map(|rows| rows / outer);
    node.op.inputs_mut().into_iter().for_each(|input| per_row(input, outer));
}
