//! Estimated rows per operator, written into the plan for EXPLAIN.

use super::Stats;
use super::lower::{label_test, selectivity};
use crate::bind::bound::{Expr, Slot, TypeTest};
use crate::plan::node::{Hop, Node, Op, Plan, Seek, Towards};

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    estimate(&mut plan.root, stats);
    for sub in &mut plan.subplans {
        estimate(&mut sub.root, stats);
    }
}

fn estimate(node: &mut Node, stats: &dyn Stats) -> f64 {
    let inputs: Vec<f64> = node.op.inputs_mut().into_iter().map(|input| estimate(input, stats)).collect();
    let first = inputs.first().copied().unwrap_or(1.0);
    let second = inputs.get(1).copied().unwrap_or(1.0);
    let rows = match &node.op {
        Op::ScanNodes { .. } => first * stats.nodes(),
        Op::ScanLabel { label, .. } => first * stats.nodes_with(label),
        Op::ScanRels { hop, .. } => first * stats.rels(&hop.types),
        Op::SeekIndex { label, key, seek, .. } => first * seek_rows(label, key, seek, stats),
        Op::Expand { input, hop } => first * degree(hop, input, stats),
        Op::ExpandVar { input, hop, var, .. } | Op::Reach { input, hop, var, .. } => {
            let longest = i32::try_from(var.max.unwrap_or(4).min(4)).unwrap_or(4);
            (first * degree(hop, input, stats).powi(longest)).min(first * stats.nodes().max(1.0))
        }
        Op::Filter { input, predicates } => {
            // a typed relationship usually ends where its labels say
            let typed = matches!(&input.op, Op::Expand { hop, .. } if hop.types != TypeTest::Any);
            let share = |p: &Expr| if typed && label_test(p).is_some() { 1.0 } else { selectivity(p, stats) };
            first * predicates.iter().map(share).product::<f64>()
        }
        Op::Aggregate { keys, .. } if keys.is_empty() => 1.0,
        Op::Aggregate { .. } | Op::Distinct { .. } => first.sqrt().max(1.0).min(first),
        Op::TopK { limit, .. } | Op::Limit { count: limit, .. } => match limit {
            Expr::Const(crate::value::Value::Int(n)) => first.min(*n as f64),
            _ => first.min(100.0),
        },
        Op::Unwind { .. } => first * 10.0,
        Op::Apply { optional, .. } => {
            if *optional {
                (first * second).max(first)
            } else {
                first * second
            }
        }
        Op::Cross { .. } => first * second,
        Op::HashJoin { .. } => first.max(second),
        Op::Union { .. } => inputs.iter().sum(),
        _ => first,
    };
    node.rows = Some(rows);
    rows
}

/// Relationships that leave a node: those of the types, shared out among the nodes that may have them.
fn degree(hop: &Hop, input: &Node, stats: &dyn Stats) -> f64 {
    let both = if hop.towards == Towards::Both { 2.0 } else { 1.0 };
    let sources = label_of(hop.from, input, LOOKED_BELOW).map_or(stats.nodes(), |label| stats.nodes_with(label));
    both * stats.rels(&hop.types) / sources.max(1.0)
}

/// How many operators below are asked for the label of a node.
const LOOKED_BELOW: usize = 8;

/// A label that the node in a slot is known to have.
fn label_of(slot: Slot, node: &Node, operators: usize) -> Option<&str> {
    let below = |input| operators.checked_sub(1).and_then(|left| label_of(slot, input, left));
    match &node.op {
        Op::ScanLabel { node, label, .. } | Op::SeekIndex { node, label, .. } if *node == slot => Some(label),
        Op::Filter { input, predicates } => {
            let tested = predicates.iter().filter_map(label_test).find(|(tested, _)| *tested == slot);
            tested.map(|(_, label)| &**label).or_else(|| below(input))
        }
        op => op.inputs().first().and_then(|input| below(input)),
    }
}

fn seek_rows(label: &str, key: &str, seek: &Seek, stats: &dyn Stats) -> f64 {
    let Some(facts) = stats.index(label, key) else { return 1.0 };
    match seek {
        Seek::All => facts.entries,
        Seek::Equal(_) => facts.entries / facts.distinct.max(1.0),
        Seek::In(_) => 5.0 * facts.entries / facts.distinct.max(1.0),
        Seek::Range { .. } => facts.entries * 0.3,
        Seek::Prefix(_) => facts.entries * 0.01,
    }
}
