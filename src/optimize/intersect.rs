//! A cycle is closed by intersecting sorted neighbours: candidates that lead nowhere never become rows.
//!
//! ```text
//!   ExpandInto (c)-[:T]->(a) ─► Filter c.x ─► Expand (b)-[:T]->(c)
//!   Filter c.x ─► Intersect (b)-[:T]->(c)-[:T]->(a)
//! ```
//!
//! Applies when nobody reads either relationship and each has one type. What was tested between the two can be tested
//! after them. That the two differ they do by themselves, unless both known nodes are one; the operator sees to that.

use super::{Stats, prune_slots};
use crate::bind::bound::{Slot, TypeTest};
use crate::plan::node::{Hop, Node, Op, Plan, Towards};
use crate::plan::walk::{Imports, slots_of};

/// Lists of both directions are put together first: that is too much for fewer candidates a row.
const SEVERAL: f64 = 2.0;

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    let mut changed = false;
    let imports = Imports::of(plan);
    super::each_node(plan, &mut |node| changed |= rewrite(node, &imports));
    if changed {
        prune_slots::run(plan, stats);
    }
}

fn rewrite(node: &mut Node, imports: &Imports) -> bool {
    let Op::ExpandInto { input, hop: into } = &node.op else { return false };
    let expands = match &input.op {
        Op::Filter { input, .. } => input,
        _ => input,
    };
    let Op::Expand { hop: expand, input: below } = &expands.op else { return false };
    let both = expand.towards == Towards::Both || into.towards == Towards::Both;
    if both && !expands.rows.zip(below.rows).is_none_or(|(rows, before)| rows >= SEVERAL * before) {
        return false;
    }
    let is_read = |rel: Slot| {
        let between = match &input.op {
            Op::Filter { predicates, .. } => predicates.as_slice(),
            _ => &[],
        };
        let mut read = Vec::new();
        between.iter().for_each(|predicate| slots_of(predicate, imports, &mut read));
        read.contains(&rel) || node.live.as_ref().is_none_or(|live| live.contains(&rel))
    };
    if !fits(expand, into) || expand.rel.is_some_and(is_read) {
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
    let single = |hop: &Hop| matches!(&hop.types, TypeTest::OneOf(names) if names.len() == 1);
    let apart = match into.differs.as_slice() {
        [] => true,
        [rel] => expand.rel == Some(*rel),
        _ => false,
    };
    single(expand)
        && single(into)
        && expand.differs.is_empty()
        && into.rel.is_none()
        && apart
        && (into.from == expand.to) != (into.to == expand.to)
        && expand.from != expand.to
}
