//! A cycle is closed by intersecting sorted neighbours: candidates that lead nowhere never become rows.
//!
//! ```text
//!   ExpandInto (c)-[:T]->(a) ─► Filter c.x ─► Expand (b)-[:T]->(c)
//!   Filter c.x ─► Intersect (b)-[:T]->(c)-[:T]->(a)
//! ```
//!
//! Applies when nobody reads either relationship and each has one type and a direction. What was tested between the
//! two can be tested after them.

use super::{Stats, prune_slots};
use crate::bind::bound::TypeTest;
use crate::plan::node::{Hop, Node, Op, Plan, Towards};

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    let mut changed = false;
    super::each_node(plan, &mut |node| changed |= rewrite(node));
    if changed {
        prune_slots::run(plan, stats);
    }
}

fn rewrite(node: &mut Node) -> bool {
    let Op::ExpandInto { input, hop: into } = &node.op else { return false };
    let expands = match &input.op {
        Op::Filter { input, .. } => &input.op,
        op => op,
    };
    if !matches!(expands, Op::Expand { hop, .. } if fits(hop, into)) {
        return false;
    }
    let rows = node.rows;
    let taken = std::mem::replace(node, Node::unit());
    let Op::ExpandInto { input, hop: into } = taken.op else { return false };
    let (expand, predicates) = match input.op {
        Op::Filter { input, predicates } => (input.op, predicates),
        op => (op, Vec::new()),
    };
    let Op::Expand { input, hop: expand } = expand else { return false };
    *node = Node { op: Op::Intersect { input, expand, into, count: None }, rows, live: None };
    if !predicates.is_empty() {
        let input = std::mem::replace(node, Node::unit()).boxed();
        *node = Node { op: Op::Filter { input, predicates }, rows, live: None };
    }
    true
}

fn fits(expand: &Hop, into: &Hop) -> bool {
    let plain = |hop: &Hop| {
        hop.rel.is_none()
            && hop.differs.is_empty()
            && hop.towards != Towards::Both
            && matches!(&hop.types, TypeTest::OneOf(names) if names.len() == 1)
    };
    plain(expand) && plain(into) && (into.from == expand.to) != (into.to == expand.to) && expand.from != expand.to
}
