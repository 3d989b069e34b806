//! Long scans are shared among threads.
//!
//! ```text
//!   Aggregate ─► Filter ─► Expand ─► ScanLabel p:Person
//!   Aggregate ─► Parallel ─► Filter ─► Expand ─► ScanLabel p:Person
//! ```
//!
//! Applies below what needs all rows before it gives any, where what lies between it and the scan looks at one row at a
//! time, says the same whoever asks, and is estimated to be long enough to be worth starting threads for.

use super::Stats;
use crate::bind::bound::Expr;
use crate::function::Body;
use crate::plan::node::{Node, Op, Plan, Seek};
use crate::plan::walk::any;

/// Most operators of a chain: a thread has a stack for so many.
const SHORT: usize = 64;

/// Rows of the longest operator from which on threads are worth starting: some hundreds of microseconds of work.
const LONG: f64 = 50_000.0;

pub(super) fn run(plan: &mut Plan, _: &dyn Stats) {
    if !plan.writes && !plan.cite {
        super::each_node(plan, &mut rewrite);
    }
}

fn rewrite(node: &mut Node) {
    let (Op::Aggregate { input, .. } | Op::TopK { input, sorted: false, .. }) = &mut node.op else { return };
    if !longest_row_count(input, SHORT).is_some_and(|rows| rows >= LONG) {
        return;
    }
    let (rows, live) = (input.rows, input.live.clone());
    let chain = std::mem::replace(&mut **input, Node::unit());
    **input = Node { op: Op::Parallel { input: chain.boxed() }, rows, live };
}

/// The rows of the longest operator of a chain of at most `most` operators that can be shared; nothing when it cannot.
fn longest_row_count(node: &Node, most: usize) -> Option<f64> {
    let (own, below) = (node.rows?, most.checked_sub(1)?);
    let mut plain = true;
    node.op.expressions(&mut |expr| plain &= !any(expr, &|part| !is_plain(part)));
    match &node.op {
        Op::ScanNodes { input, .. } | Op::ScanLabel { input, .. } if matches!(input.op, Op::Unit) => Some(own),
        Op::SeekIndex { input, seek: Seek::Range { .. }, order: None, .. } if plain && matches!(input.op, Op::Unit) => {
            Some(own)
        }
        Op::Filter { input, .. }
        | Op::Project { input, .. }
        | Op::Expand { input, .. }
        | Op::ExpandInto { input, .. }
        | Op::ExpandCount { input, .. }
        | Op::ExpandVar { input, .. }
        | Op::Reach { input, .. }
        | Op::Intersect { input, .. }
        | Op::Unwind { input, .. }
            if plain =>
        {
            longest_row_count(input, below).map(|rows| rows.max(own))
        }
        Op::SemiJoin { input, inner, .. } | Op::GroupJoin { input, inner, .. } | Op::Apply { input, inner, .. }
            if is_shareable(inner) =>
        {
            // the rows of the inner plan are those for one of the input
            let within = input.rows.unwrap_or(1.0) * most_rows(inner);
            longest_row_count(input, below).map(|rows| rows.max(own).max(within))
        }
        _ => None,
    }
}

/// The rows of the longest operator of a plan.
fn most_rows(node: &Node) -> f64 {
    node.op.inputs().into_iter().map(most_rows).fold(node.rows.unwrap_or(0.0), f64::max)
}

/// Whether an inner plan, which starts from a row, says the same on every thread.
fn is_shareable(node: &Node) -> bool {
    let mut plain = true;
    node.op.expressions(&mut |expr| plain &= !any(expr, &|part| !is_plain(part)));
    let reads_only = matches!(
        &node.op,
        Op::Argument
            | Op::ScanNodes { .. }
            | Op::ScanLabel { .. }
            | Op::SeekIndex { made: false, .. }
            | Op::SeekComposite { .. }
            | Op::SeekId { .. }
            | Op::Expand { .. }
            | Op::ExpandInto { .. }
            | Op::ExpandCount { .. }
            | Op::ExpandVar { .. }
            | Op::Reach { .. }
            | Op::Intersect { .. }
            | Op::Filter { .. }
            | Op::Project { .. }
            | Op::Unwind { .. }
            | Op::SemiJoin { .. }
            | Op::GroupJoin { .. }
            | Op::Memoize { .. }
            | Op::Apply { .. }
            | Op::Aggregate { .. }
            | Op::Distinct { .. }
            | Op::Sort { .. }
            | Op::TopK { .. }
            | Op::Skip { .. }
            | Op::Limit { .. }
    );
    reads_only && plain && node.op.inputs().iter().all(|input| is_shareable(input))
}

/// Whether an expression, its parts aside, is the same on every thread.
fn is_plain(expr: &Expr) -> bool {
    match expr {
        Expr::Call { function, .. } => {
            function.deterministic && !function.reads_clock && matches!(function.body, Body::Scalar(_))
        }
        Expr::Subquery(_) => false,
        _ => true,
    }
}
