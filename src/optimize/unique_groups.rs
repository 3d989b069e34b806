//! Groups of one row each are no groups.
//!
//! ```text
//!   Aggregate count(*) AS n by p.id AS id weighted w ─► ExpandCount … w = degree ─► ScanLabel p:Person
//!   Project p.id AS id, w AS n                       ─► ExpandCount … w = degree ─► ScanLabel p:Person
//! ```
//!
//! Applies to counts of rows where each row has a node of its own, and the node, or a key that no other node of its
//! label shares, is among the grouping keys.

use std::sync::Arc;

use super::{Stats, prune_slots};
use crate::bind::bound::{AggregateCall, Expr, Slot};
use crate::plan::node::{Node, Op, Plan, Seek};
use crate::value::Value;

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    let mut changed = false;
    super::each_node(plan, &mut |node| changed |= rewrite(node, stats));
    if changed {
        prune_slots::run(plan, stats);
    }
}

fn rewrite(node: &mut Node, stats: &dyn Stats) -> bool {
    let Op::Aggregate { input, keys, aggregates, .. } = &node.op else { return false };
    let Some((slot, label)) = own_node(input) else { return false };
    let tells_apart = |key: &Expr| match key {
        Expr::Slot(key) => *key == slot,
        Expr::Property { base, key, .. } => {
            matches!(**base, Expr::Slot(base) if base == slot)
                && label.is_some_and(|label| stats.unique_exactly(label, key))
        }
        _ => false,
    };
    let counts = aggregates.iter().all(|aggregate| matches!(aggregate.call, AggregateCall::CountRows));
    if !counts || !keys.iter().any(|(_, key)| tells_apart(key)) {
        return false;
    }
    let Op::Aggregate { input, keys, aggregates, weight } = std::mem::replace(&mut node.op, Op::Unit) else {
        return false;
    };
    let count = weight.map_or(Expr::Const(Value::Int(1)), Expr::Slot);
    let mut items = keys;
    items.extend(aggregates.into_iter().map(|aggregate| (aggregate.slot, count.clone())));
    node.op = Op::Project { input, items };
    true
}

/// The node that no two rows share, with a label it is known to have.
fn own_node(node: &Node) -> Option<(Slot, Option<&Arc<str>>)> {
    let is_unit = |node: &Node| matches!(node.op, Op::Unit);
    match &node.op {
        Op::Filter { input, .. } | Op::ExpandCount { input, .. } => own_node(input),
        Op::ScanNodes { input, node } if is_unit(input) => Some((*node, None)),
        Op::ScanLabel { input, node, label } if is_unit(input) => Some((*node, Some(label))),
        Op::SeekIndex { input, node, label, seek, .. } if is_unit(input) && !matches!(seek, Seek::In(_)) => {
            Some((*node, Some(label)))
        }
        _ => None,
    }
}
