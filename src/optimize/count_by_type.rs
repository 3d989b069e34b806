//! Counting relationships by type reads the books.
//!
//! ```text
//!   Aggregate count(*) by type(r) ─► Filter b:B ─► Expand (a)-[r]->(b) ─► ScanLabel a:A
//!   CountByType (:A)-[]->(:B)
//! ```
//!
//! Applies to a plain count over every directed relationship of some types, with at most one label at each end.

use std::sync::Arc;

use super::Stats;
use crate::bind::bound::{AggregateCall, Expr, LabelTest, Slot};
use crate::plan::node::{Hop, Node, Op, Plan, Towards};

pub(super) fn run(plan: &mut Plan, _stats: &dyn Stats) {
    super::each_node(plan, &mut rewrite);
}

fn rewrite(node: &mut Node) {
    let Op::Aggregate { input, keys, aggregates, weight: None } = &node.op else { return };
    let ([(ty, key)], [aggregate]) = (keys.as_slice(), aggregates.as_slice()) else { return };
    let Some((hop, from, to)) = every_relationship(input) else { return };
    let (Some(rel), AggregateCall::CountRows) = (hop.rel, &aggregate.call) else { return };
    let (start, end) = match hop.towards {
        Towards::Out => (from, to),
        Towards::In => (to, from),
        Towards::Both => return,
    };
    if is_type_of(key, rel) {
        node.op = Op::CountByType { ty: *ty, count: aggregate.slot, types: hop.types.clone(), start, end };
    }
}

type Label = Option<Arc<str>>;

/// The step, and the labels of its two ends, when nothing else restricts it.
pub(super) fn every_relationship(node: &Node) -> Option<(&Hop, Label, Label)> {
    let (node, to) = match &node.op {
        Op::Filter { input, predicates } => match predicates.as_slice() {
            [Expr::HasLabels { operand, test: LabelTest::Name(label), .. }] => match **operand {
                Expr::Slot(slot) => (&**input, Some((slot, label.clone()))),
                _ => return None,
            },
            _ => return None,
        },
        _ => (node, None),
    };
    let Op::Expand { input, hop } = &node.op else { return None };
    let from = match &input.op {
        Op::ScanNodes { input, node } if is_unit(input) && *node == hop.from => None,
        Op::ScanLabel { input, node, label } if is_unit(input) && *node == hop.from => Some(label.clone()),
        _ => return None,
    };
    let to = match to {
        Some((slot, label)) if slot == hop.to => Some(label),
        Some(_) => return None,
        None => None,
    };
    hop.differs.is_empty().then_some((hop, from, to))
}

fn is_type_of(expr: &Expr, rel: Slot) -> bool {
    matches!(expr, Expr::Call { function, arguments, .. }
        if function.name == "type" && matches!(arguments[..], [Expr::Slot(slot)] if slot == rel))
}

fn is_unit(node: &Node) -> bool {
    matches!(node.op, Op::Unit)
}
