//! Counts the graph keeps are not counted again.
//!
//! ```text
//!   Aggregate count(*) ─► ScanLabel n:Person              ─►  CountFromStats nodes (:Person)
//!   Aggregate count(r) ─► Expand (a)-[r:T]->(b) ─► Scan a ─►  CountFromStats relationships ()-[:T]->()
//! ```

use super::Stats;
use super::count_by_type::every_relationship;
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
        Op::ScanNodes { input, node } if matches!(input.op, Op::Unit) => {
            Some((CountOf::Nodes { label: None }, vec![*node]))
        }
        Op::ScanLabel { input, node, label } if matches!(input.op, Op::Unit) => {
            Some((CountOf::Nodes { label: Some(label.clone()) }, vec![*node]))
        }
        _ => {
            let (hop, from, to) = every_relationship(node)?;
            let (start, end) = match hop.towards {
                Towards::Out => (from, to),
                Towards::In => (to, from),
                Towards::Both => return None,
            };
            let filled = hop.rel.into_iter().chain([hop.from, hop.to]).collect();
            Some((CountOf::Rels { types: hop.types.clone(), start, end }, filled))
        }
    }
}
