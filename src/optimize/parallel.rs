//! Long scans are shared among threads.
//!
//! ```text
//!   Aggregate ─► Filter ─► Expand ─► ScanLabel p:Person
//!   Aggregate ─► Parallel ─► Filter ─► Expand ─► ScanLabel p:Person
//! ```
//!
//! What is grouped by and computed of each row is computed there too, where every row is another node; and a chain beside
//! a single row of another input is shared by itself.
//!
//! Applies below what needs all rows before it gives any, where what lies between it and the scan looks at one row at a
//! time, says the same whoever asks, and is estimated to be long enough to be worth starting threads for.

use rustc_hash::FxHashSet;

use super::{Stats, prune_slots, put_below};
use crate::bind::bound::{AggregateCall, Expr, Slot, SlotInfo, SlotKind};
use crate::function::Body;
use crate::plan::node::{Node, Op, Plan, Seek};
use crate::plan::walk::{Imports, any, slots_of};

/// Most operators of a chain: a thread has a stack for so many.
const SHORT: usize = 64;

/// Rows of the longest operator from which on threads are worth starting: some hundreds of microseconds of work.
const LONG: f64 = 50_000.0;

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    if plan.writes || plan.cite {
        return;
    }
    let mut slots = std::mem::take(&mut plan.slots);
    let mut changed = false;
    super::each_node(plan, &mut |node| changed |= rewrite(node, &mut slots));
    plan.slots = slots;
    if changed {
        prune_slots::run(plan, stats);
    }
}

/// Whether something else has changed than that a chain is shared.
fn rewrite(node: &mut Node, slots: &mut Vec<SlotInfo>) -> bool {
    let (Op::Aggregate { input, .. } | Op::TopK { input, sorted: false, .. }) = &mut node.op else { return false };
    let is_long = |node: &Node| longest_row_count(node, SHORT).is_some_and(|rows| rows >= LONG);
    let beside = beside_one_row(input).is_some_and(is_long);
    if !beside && !is_long(input) {
        return false;
    }
    let computed = matches!(node.op, Op::Aggregate { .. }) && compute_below(node, slots);
    let Some(input) = node.op.inputs_mut().into_iter().next() else { return computed };
    if beside {
        move_beside(input);
        return true;
    }
    share(input);
    computed
}

fn share(chain: &mut Node) {
    let (rows, live) = (chain.rows, chain.live.clone());
    let input = std::mem::replace(chain, Node::unit()).boxed();
    *chain = Node { op: Op::Parallel { input }, rows, live };
}

/// The chain that stands beside the single row of another input, below operators that only filter and compute.
fn beside_one_row(node: &Node) -> Option<&Node> {
    match &node.op {
        Op::Cross { left, right } if is_one_row(left) => Some(right),
        Op::Filter { input, .. } | Op::Project { input, .. } => beside_one_row(input),
        _ => None,
    }
}

fn is_one_row(node: &Node) -> bool {
    match &node.op {
        Op::Unit | Op::CountFromStats { .. } => true,
        Op::Aggregate { keys, .. } => keys.is_empty(),
        Op::Project { input, .. } => is_one_row(input),
        _ => false,
    }
}

/// Shares that chain, with what stands above it and reads nothing of the single row.
fn move_beside(node: &mut Node) {
    if let Op::Cross { right, .. } = &mut node.op {
        return share(right);
    }
    let reads = node.op.uses(&Imports::default());
    let plain = !node.op.evaluates(&|part| !is_plain(part));
    let Some(input) = node.op.inputs_mut().into_iter().next() else { return };
    move_beside(input);
    let Op::Cross { left, right } = &mut input.op else { return };
    let Op::Parallel { input: chain } = &mut right.op else { return };
    let mut single = FxHashSet::default();
    prune_slots::filled(left, &mut single);
    if !plain || reads.iter().any(|slot| single.contains(slot)) {
        return;
    }
    let below = std::mem::replace(&mut **chain, Node::unit());
    let cross = std::mem::replace(input, Node::unit());
    let mut link = std::mem::replace(node, cross);
    put_below(&mut link, below);
    if let Op::Cross { right, .. } = &mut node.op
        && let Op::Parallel { input: chain } = &mut right.op
    {
        **chain = link;
    }
}

/// Lets the keys and arguments of an aggregation be computed where its rows are found. Where a row may hold the nodes of
/// another they are left: grouping by a node reads its properties once.
fn compute_below(node: &mut Node, slots: &mut Vec<SlotInfo>) -> bool {
    let Op::Aggregate { input, keys, aggregates, .. } = &mut node.op else { return false };
    if !is_one_row_a_node(input) {
        return false;
    }
    let mut single = FxHashSet::default();
    let mut at = &**input;
    while let Op::Filter { input, .. } | Op::Project { input, .. } = &at.op {
        at = input;
    }
    if let Op::Cross { left, .. } = &at.op {
        prune_slots::filled(left, &mut single);
    }
    let mut items: Vec<(Slot, Expr)> = Vec::new();
    let mut take = |expr: &mut Expr| {
        let mut reads = Vec::new();
        slots_of(expr, &Imports::default(), &mut reads);
        let moves = !matches!(expr, Expr::Slot(_)) && !reads.is_empty() && !any(expr, &|part| !is_plain(part));
        if moves && !reads.iter().any(|slot| single.contains(slot)) {
            let slot = Slot::fresh(slots, "", SlotKind::Value);
            items.push((slot, std::mem::replace(expr, Expr::Slot(slot))));
        }
    };
    keys.iter_mut().for_each(|(_, key)| take(key));
    for aggregate in aggregates {
        if let AggregateCall::Function { arguments, .. } = &mut aggregate.call {
            arguments.iter_mut().for_each(&mut take);
        }
    }
    if items.is_empty() {
        return false;
    }
    let rows = input.rows;
    let below = std::mem::replace(&mut **input, Node::unit()).boxed();
    **input = Node { op: Op::Project { input: below, items }, rows, live: None };
    true
}

/// Whether each row of a chain holds another node of one scan.
fn is_one_row_a_node(node: &Node) -> bool {
    match &node.op {
        Op::ScanNodes { .. } | Op::ScanLabel { .. } | Op::SeekIndex { .. } => true,
        Op::Cross { left, right } => is_one_row(left) && is_one_row_a_node(right),
        Op::Filter { input, .. } | Op::Project { input, .. } => is_one_row_a_node(input),
        _ => false,
    }
}

/// The rows of the longest operator of a chain of at most `most` operators that can be shared; nothing when it cannot.
fn longest_row_count(node: &Node, most: usize) -> Option<f64> {
    let (own, below) = (node.rows?, most.checked_sub(1)?);
    let plain = !node.op.evaluates(&|part| !is_plain(part));
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
    let plain = !node.op.evaluates(&|part| !is_plain(part));
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
