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
mod graph;

use crate::plan::node::{Node, Op, Plan};
use crate::plan::walk::Imports;

use super::stats::Stats;
use graph::Patterns;

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
    let mut roots: Vec<&mut Node> = vec![&mut plan.root];
    roots.extend(plan.subplans.iter_mut().map(|s| &mut s.root));
    for root in roots {
        lower(root, stats, &imports, &mut plan.slots);
    }
}

/// Lowers the patterns below a node, then the node itself when it is one.
fn lower(node: &mut Node, stats: Option<&dyn Stats>, imports: &Imports, slots: &mut Vec<crate::bind::bound::SlotInfo>) {
    if matches!(node.op, Op::Pattern { .. }) {
        let taken = std::mem::replace(node, Node::unit());
        let (mut input, patterns) = Patterns::collect(taken, stats.is_some());
        lower(&mut input, stats, imports, slots);
        *node = build::build(input, patterns, stats, imports, slots, &mut |inner, slots| {
            lower(inner, stats, imports, slots)
        });
        return;
    }
    for input in node.op.inputs_mut() {
        lower(input, stats, imports, slots);
    }
}
