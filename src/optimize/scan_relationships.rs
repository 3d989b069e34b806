//! Every relationship of a type is read from the adjacency of that type, not from every node.
//!
//! ```text
//!   Expand (a)-[r:T]->(b) ─► ScanNodes a        ─►   ScanRelationships (a)-[r:T]->(b)
//! ```
//!
//! Applies when the scan has no label and the relationship has types and need not be told apart from others.

use super::Stats;
use crate::bind::bound::TypeTest;
use crate::plan::node::{Node, Op, Plan};

pub(super) fn run(plan: &mut Plan, _stats: &dyn Stats) {
    super::each_node(plan, &mut rewrite);
}

fn rewrite(node: &mut Node) {
    let Op::Expand { input, hop } = &node.op else { return };
    let Op::ScanNodes { node: scanned, .. } = &input.op else { return };
    if *scanned != hop.from || !hop.differs.is_empty() || !matches!(hop.types, TypeTest::OneOf(_)) {
        return;
    }
    let taken = std::mem::replace(&mut node.op, Op::Unit);
    if let Op::Expand { input, hop } = taken
        && let Op::ScanNodes { input, .. } = input.op
    {
        node.op = Op::ScanRels { input, hop };
    }
}
