//! Distinct ends of walks are found by breadth-first search.
//!
//! ```text
//!   Aggregate count(DISTINCT d) ─► ExpandVar (i)-[*1..60]->(d)
//!   Aggregate count(DISTINCT d) ─► Reach     (i)-[*1..60]->(d)      linear in relationships, not in paths
//! ```
//!
//! Applies when nobody reads the relationships, none must be told apart from others, and above, before the first operator
//! that counts rows, only the set of ends matters. A node reached by a walk is reached by a trail no longer than it: the
//! shortest one. Whether an undirected trail comes back to its start, and what trails of at least two steps reach, is asked
//! of the search as well; of walks that may repeat relationships it is not.

use super::Stats;
use crate::bind::bound::SubqueryKind;
use crate::bind::bound::{AggregateCall, PathMode};
use crate::plan::node::{Node, Op, Plan, Towards, VarHop};

pub(super) fn run(plan: &mut Plan, _stats: &dyn Stats) {
    rewrite(&mut plan.root, false);
    for sub in &mut plan.subplans {
        rewrite(&mut sub.root, sub.kind == SubqueryKind::Exists);
    }
}

/// `set_only`: above, it makes no difference how often a row stands there.
fn rewrite(node: &mut Node, set_only: bool) {
    if set_only
        && matches!(&node.op, Op::ExpandVar { hop, var, .. } if hop.rel.is_none() && hop.differs.is_empty() && bounds_fit(var, hop.towards))
    {
        let taken = std::mem::replace(&mut node.op, Op::Unit);
        if let Op::ExpandVar { input, hop, var, into } = taken {
            node.op = Op::Reach { input, hop, var, into };
        }
    }
    if let Op::SemiJoin { input, inner, .. } = &mut node.op {
        rewrite(inner, true);
        return rewrite(input, set_only);
    }
    let below = match &node.op {
        Op::Distinct { .. } => true,
        Op::Aggregate { aggregates, weight, .. } => {
            weight.is_none() && aggregates.iter().all(|a| ignores_repetition(&a.call))
        }
        op => set_only && keeps_sets(op),
    };
    for input in node.op.inputs_mut() {
        rewrite(input, below);
    }
}

fn bounds_fit(var: &VarHop, towards: Towards) -> bool {
    match var.mode {
        PathMode::Trail => true,
        PathMode::Walk => var.min == 0 || var.min == 1 && towards != Towards::Both,
        _ => false,
    }
}

fn ignores_repetition(call: &AggregateCall) -> bool {
    match call {
        AggregateCall::CountRows => false,
        AggregateCall::Function { function, distinct, .. } => *distinct || matches!(function.name, "min" | "max"),
    }
}

/// Operators whose set of rows out depends on the set of rows in only.
fn keeps_sets(op: &Op) -> bool {
    matches!(
        op,
        Op::Filter { .. }
            | Op::Project { .. }
            | Op::Expand { .. }
            | Op::ExpandInto { .. }
            | Op::ExpandVar { .. }
            | Op::Reach { .. }
            | Op::ScanNodes { .. }
            | Op::ScanLabel { .. }
            | Op::ScanRels { .. }
            | Op::SeekIndex { .. }
            | Op::SeekComposite { .. }
            | Op::SeekRels { .. }
            | Op::SeekId { .. }
            | Op::Sort { .. }
            | Op::Eager { .. }
            | Op::BindPath { .. }
            | Op::ThroughView { .. }
            | Op::Valid { .. }
            | Op::Unwind { .. }
            | Op::Cross { .. }
            | Op::HashJoin { .. }
            | Op::Union { .. }
            | Op::Apply { .. }
    )
}
