//! Labels that a relationship type implies are not tested row by row.
//!
//! ```text
//!   Filter b:Person AND b.age > 40 ─► Expand (a)-[:FOLLOWS]->(b)
//!   Filter b.age > 40              ─► Expand (a)-[:FOLLOWS]->(b)        every FOLLOWS enters a Person
//! ```
//!
//! Knowing how many relationships end where may take a look at all of them once; that is done where many rows would be
//! tested.

use super::Stats;
use super::lower::label_test;
use crate::bind::bound::Expr;
use crate::plan::node::{Hop, Node, Op, Plan, Towards};

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    super::each_node(plan, &mut |node| rewrite(node, stats));
}

fn rewrite(node: &mut Node, stats: &dyn Stats) {
    let Op::Filter { input, predicates } = &mut node.op else { return };
    let Some(hop) = last_step(&input.op) else { return };
    if !stats.knows_ends(&hop.types) && input.rows.is_none_or(|rows| rows < super::MANY_ROWS) {
        return;
    }
    predicates.retain(|predicate| !is_implied(predicate, hop, stats));
    if predicates.is_empty() {
        let live = node.live.take();
        *node = std::mem::replace(&mut **input, Node::unit());
        node.live = live;
    }
}

/// The step whose far end the rows of an operator have just reached.
fn last_step(op: &Op) -> Option<&Hop> {
    match op {
        Op::Expand { hop, .. } => Some(hop),
        Op::ExpandVar { hop, var, into: false, .. } | Op::Reach { hop, var, into: false, .. } if var.min > 0 => {
            Some(hop)
        }
        _ => None,
    }
}

fn is_implied(predicate: &Expr, hop: &Hop, stats: &dyn Stats) -> bool {
    let sides: &[Towards] = match hop.towards {
        Towards::Out => &[Towards::In],
        Towards::In => &[Towards::Out],
        Towards::Both => &[Towards::Out, Towards::In],
    };
    let ends = |label| sides.iter().all(|side| stats.ends_exactly_at(&hop.types, *side, label));
    label_test(predicate).is_some_and(|(slot, label)| slot == hop.to && ends(label))
}
