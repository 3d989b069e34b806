//! Distinct ends of walks are found by breadth-first search.
//!
//! ```text
//!   Aggregate count(DISTINCT d) ─► ExpandVar (i)-[*1..60]->(d)
//!   Aggregate count(DISTINCT d) ─► Reach     (i)-[*1..60]->(d)      linear in relationships, not in paths
//! ```
//!
//! Applies when nobody reads the relationships, and above, before the first operator that counts rows, only the set of ends
//! matters, or for each end the least length (`min(length(p))`); and to one shortest path each, which is one row an end,
//! wherever its relationships are not read. A node reached by a walk is reached by a trail no longer than it: the shortest
//! one, which visits no node twice either. That holds in what other parts of the pattern have left of the graph just the same.
//! Whether a trail comes back to its start, and what trails of at least two steps reach, is asked of the search as well.

use super::Stats;
use crate::bind::bound::{AggregateCall, Expr, PathMode, Selector, Slot, SubqueryKind};
use crate::plan::node::{Node, Op, Plan, VarHop};

pub(super) fn run(plan: &mut Plan, _stats: &dyn Stats) {
    let least = least_only(plan);
    rewrite(&mut plan.root, false, &least);
    for sub in &mut plan.subplans {
        rewrite(&mut sub.root, sub.kind == SubqueryKind::Exists, &least);
    }
}

/// The lengths of walks of which only the least is asked.
fn least_only(plan: &Plan) -> Vec<Slot> {
    let is_least = |call: &AggregateCall, slot: Slot| match call {
        AggregateCall::Function { function, arguments, .. } => {
            function.name == "min" && matches!(arguments.as_slice(), [Expr::Slot(of)] if *of == slot)
        }
        AggregateCall::CountRows => false,
    };
    let asked = |op: &Op, slot: Slot| match op {
        Op::Aggregate { aggregates, .. } => aggregates.iter().filter(|a| is_least(&a.call, slot)).count(),
        _ => 0,
    };
    let mut counted = Vec::new();
    super::each(plan, &mut |op| match op {
        Op::ExpandVar { hop, var, .. } if var.counted => counted.extend(hop.rel),
        _ => {}
    });
    counted.retain(|slot| super::count_steps::read_only_as(plan, *slot, &|op| asked(op, *slot)));
    counted
}

/// `set_only`: above, it makes no difference how often a row stands there.
fn rewrite(node: &mut Node, set_only: bool, least: &[Slot]) {
    let fits = match &node.op {
        Op::ExpandVar { hop, var, .. } => {
            set_only && bounds_fit(var) && hop.rel.is_none_or(|rel| var.min <= 1 && least.contains(&rel))
        }
        Op::ShortestPath { hop, var, selector, .. } => {
            let one = matches!(selector, Selector::ShortestPath | Selector::Any(1) | Selector::Shortest(1));
            one && bounds_fit(var) && (hop.rel.is_none() || var.counted && var.min <= 1)
        }
        _ => false,
    };
    if fits {
        let taken = std::mem::replace(&mut node.op, Op::Unit);
        if let Op::ExpandVar { input, hop, var, into } | Op::ShortestPath { input, hop, var, into, .. } = taken {
            node.op = Op::Reach { input, hop, var, into };
        }
    }
    if let Op::SemiJoin { input, inner, .. } = &mut node.op {
        rewrite(inner, true, least);
        return rewrite(input, set_only, least);
    }
    let below = match &node.op {
        Op::Distinct { .. } => true,
        Op::Aggregate { aggregates, weight, .. } => {
            weight.is_none() && aggregates.iter().all(|a| ignores_repetition(&a.call))
        }
        op => set_only && keeps_sets(op),
    };
    for input in node.op.inputs_mut() {
        rewrite(input, below, least);
    }
}

fn bounds_fit(var: &VarHop) -> bool {
    matches!(var.mode, PathMode::Trail | PathMode::Walk) || var.min <= 1
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
            | Op::Memoize { .. }
    )
}
