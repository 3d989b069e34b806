//! `ORDER BY … LIMIT` keeps the first rows only.
//!
//! ```text
//!   Limit 10 ─► Skip 5 ─► Sort n DESC      ─►      TopK n DESC first 10 skip 5
//! ```
//!
//! Does not apply when the limit must run its input to the end for its writes.

use super::Stats;
use crate::plan::node::{Node, Op, Plan};

pub(super) fn run(plan: &mut Plan, _stats: &dyn Stats) {
    super::each_node(plan, &mut rewrite);
}

fn rewrite(node: &mut Node) {
    let Op::Limit { input, exhaust: false, .. } = &mut node.op else { return };
    let sorted = match &input.op {
        Op::Sort { .. } => true,
        Op::Skip { input, .. } => matches!(input.op, Op::Sort { .. }),
        _ => false,
    };
    if !sorted {
        return;
    }
    let taken = std::mem::replace(node, Node::unit());
    let Op::Limit { input, count: limit, .. } = taken.op else { return };
    let (below, skip) = match input.op {
        Op::Skip { input, count } => (input.op, Some(count)),
        op => (op, None),
    };
    if let Op::Sort { input, keys } = below {
        *node = Node::new(Op::TopK { input, keys, limit, skip, sorted: false });
    }
}
