//! Estimated rows per operator, written into the plan for EXPLAIN.

use super::Stats;
use crate::bind::bound::Expr;
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
        Op::Expand { hop, .. } => first * degree(hop, stats),
        Op::ExpandVar { hop, var, .. } | Op::Reach { hop, var, .. } => {
            let longest = i32::try_from(var.max.unwrap_or(4).min(4)).unwrap_or(4);
            (first * degree(hop, stats).powi(longest)).min(first * stats.nodes().max(1.0))
        }
        Op::Filter { predicates, .. } => first * 0.3f64.powi(i32::try_from(predicates.len()).unwrap_or(4)),
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

fn degree(hop: &Hop, stats: &dyn Stats) -> f64 {
    let both = if hop.towards == Towards::Both { 2.0 } else { 1.0 };
    both * stats.rels(&hop.types) / stats.nodes().max(1.0)
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
