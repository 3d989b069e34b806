//! Counts the graph keeps are not counted again.
//!
//! ```text
//!   Aggregate count(*) ─► ScanLabel n:Person             ─►   CountFromStats nodes (:Person)
//!   Aggregate count(r) ─► Expand (a)-[r:T]->(b) ─► Scan a ─►  CountFromStats relationships ()-[:T]->()
//! ```

use super::Stats;
use crate::bind::bound::{AggregateCall, Expr, Slot};
use crate::plan::node::{CountOf, Node, Op, Plan, Towards};

pub(super) fn run(plan: &mut Plan, _stats: &dyn Stats) {
    super::each_node(plan, &mut rewrite);
}

fn rewrite(node: &mut Node) {
    let Op::Aggregate { input, keys, aggregates, weight: None } = &node.op else { return };
    let [aggregate] = aggregates.as_slice() else { return };
    if !keys.is_empty() {
        return;
    }
    let Some((what, filled)) = counted(input) else { return };
    let counts_every_row = match &aggregate.call {
        AggregateCall::CountRows => true,
        AggregateCall::Function { function, distinct: false, arguments, .. } => {
            function.name == "count" && matches!(arguments[..], [Expr::Slot(slot)] if filled.contains(&slot))
        }
        AggregateCall::Function { .. } => false,
    };
    if counts_every_row {
        node.op = Op::CountFromStats { slot: aggregate.slot, what };
    }
}

/// What a scan counts, and the slots it fills with something that is never null.
fn counted(node: &Node) -> Option<(CountOf, Vec<Slot>)> {
    match &node.op {
        Op::ScanNodes { input, node } if is_unit(input) => Some((CountOf::Nodes { label: None }, vec![*node])),
        Op::ScanLabel { input, node, label } if is_unit(input) => {
            Some((CountOf::Nodes { label: Some(label.clone()) }, vec![*node]))
        }
        Op::Expand { input, hop } if hop.towards != Towards::Both => match &input.op {
            Op::ScanNodes { input, node } if is_unit(input) && *node == hop.from => {
                let filled = hop.rel.into_iter().chain([hop.from, hop.to]).collect();
                Some((CountOf::Rels { types: hop.types.clone(), start: None, end: None }, filled))
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_unit(node: &Node) -> bool {
    matches!(node.op, Op::Unit)
}
