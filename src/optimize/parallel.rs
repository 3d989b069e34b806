//! Long scans are shared among threads.
//!
//! ```text
//!   Aggregate ─► Filter ─► Expand ─► ScanLabel p:Person
//!   Aggregate ─► Parallel ─► Filter ─► Expand ─► ScanLabel p:Person
//! ```
//!
//! What is grouped by and computed of each row is computed there too, where every row is another node; and a chain beside
//! a single row of another input is shared by itself, with the grouping of its rows:
//!
//! ```text
//!   Aggregate count(*) by total, m.year ─► Cross            Cross
//!                                          ├ total     ─►   ├ total
//!                                          └ ScanLabel m    └ Aggregate count(*) by m.year ─► Parallel ─► ScanLabel m
//! ```
//!
//! Counts, extremes and sums of integers are made share by share, and merged. Where no long scan is at the bottom of the chain,
//! its lower part is run by one thread, and the rows it gives are what is shared:
//!
//! ```text
//!   Aggregate ─► Expand (friend)-[:WROTE]->(m) ─► Distinct friend ─► …
//!   Aggregate ─► Distribute
//!                ├ Distinct friend ─► …
//!                └ Expand (friend)-[:WROTE]->(m) ─► Argument
//! ```
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
    let (Op::Aggregate { input, .. } | Op::TopK { input, sorted: false, .. } | Op::Sort { input, .. }) = &mut node.op
    else {
        return false;
    };
    let is_long = |node: &Node| longest_row_count(node, SHORT).is_some_and(|rows| rows >= LONG);
    let beside = beside_one_row(input).is_some_and(is_long);
    if !beside && !is_long(input) {
        distribute(input);
        group_where_found(node);
        return false;
    }
    let computed = matches!(node.op, Op::Aggregate { .. }) && compute_below(node, slots);
    let Some(input) = node.op.inputs_mut().into_iter().next() else { return computed };
    if beside {
        move_beside(input);
        group_beside(node);
        return true;
    }
    share(input);
    group_where_found(node);
    computed
}

/// Lets the rows below an aggregation be grouped where they are found.
fn group_where_found(node: &mut Node) {
    let plain = !node.op.evaluates(&|part| !is_plain(part));
    if let Op::Aggregate { input, .. } = &mut node.op
        && let Op::Parallel { grouped, .. } | Op::Distribute { grouped, .. } = &mut input.op
    {
        *grouped = plain;
    }
}

/// Lets several threads each take some of the rows that some operator gives through the operators above it, where these are
/// worth it and look at one row at a time.
fn distribute(top: &mut Node) {
    let (mut at, mut links, mut most, mut found) = (&*top, 0, 0.0_f64, None);
    let mut multiplies = false;
    while let Some(input) = link(at).filter(|_| links < SHORT) {
        let (Some(own), Some(below)) = (at.rows, input.rows) else { break };
        links += 1;
        multiplies |= !matches!(at.op, Op::Filter { .. } | Op::Project { .. });
        most = most.max(own).max(within(at));
        if multiplies && below >= ENOUGH && most >= WORTH_DISTRIBUTING {
            found = Some(links);
        }
        at = input;
    }
    let Some(links) = found else { return };
    let (rows, live) = (top.rows, top.live.clone());
    let mut inner = std::mem::replace(top, Node::unit());
    let mut at = &mut inner;
    for _ in 0..links {
        let Some(below) = at.op.inputs_mut().into_iter().next() else { return };
        at = below;
    }
    let argument = Node { op: Op::Argument, rows: at.rows, live: at.live.clone() };
    let input = std::mem::replace(at, argument);
    *top = Node { op: Op::Distribute { input: input.boxed(), inner: inner.boxed(), grouped: false }, rows, live };
}

/// Rows that there must be expected to be for threads to take some each.
const ENOUGH: f64 = 24.0;

/// Rows of the longest operator from which on it is worth asking how long it takes.
const WORTH_DISTRIBUTING: f64 = 2_048.0;

/// The main input of an operator that looks at one row at a time, and says the same on every thread.
fn link(node: &Node) -> Option<&Node> {
    let plain = !node.op.evaluates(&|part| !is_plain(part));
    match &node.op {
        Op::Filter { input, .. }
        | Op::Project { input, .. }
        | Op::Expand { input, .. }
        | Op::ExpandInto { input, .. }
        | Op::ExpandCount { input, .. }
        | Op::ExpandVar { input, .. }
        | Op::Reach { input, .. }
        | Op::Intersect { input, .. }
        | Op::SeekIndex { input, made: false, order: None, .. }
        | Op::Unwind { input, .. }
            if plain =>
        {
            Some(input)
        }
        Op::SemiJoin { input, inner, .. } | Op::GroupJoin { input, inner, .. } | Op::Apply { input, inner, .. }
            if plain && is_shareable(inner) =>
        {
            Some(input)
        }
        _ => None,
    }
}

/// Groups a chain beside a single row by itself, where what the single row holds is only handed on.
fn group_beside(node: &mut Node) {
    let Op::Aggregate { input, keys, aggregates, weight } = &mut node.op else { return };
    let Op::Cross { left, right } = &mut input.op else { return };
    let mut single = FxHashSet::default();
    prune_slots::filled(left, &mut single);
    let reads_single = |expr: &Expr| {
        let mut reads = Vec::new();
        slots_of(expr, &Imports::default(), &mut reads);
        reads.iter().any(|slot| single.contains(slot))
    };
    let (handed_on, own): (Vec<_>, Vec<_>) =
        keys.iter().cloned().partition(|(_, key)| matches!(key, Expr::Slot(slot) if single.contains(slot)));
    let arguments = aggregates.iter().flat_map(|aggregate| match &aggregate.call {
        AggregateCall::CountRows => &[][..],
        AggregateCall::Function { arguments, .. } => arguments,
    });
    // without keys of its own it would give a row where there is none
    if own.is_empty() || own.iter().map(|(_, key)| key).chain(arguments).any(reads_single) {
        return;
    }
    let (rows, live) = (node.rows, node.live.clone());
    let (left, right) = (std::mem::replace(&mut **left, Node::unit()), std::mem::replace(&mut **right, Node::unit()));
    let grouping =
        Op::Aggregate { input: right.boxed(), keys: own, aggregates: std::mem::take(aggregates), weight: *weight };
    let mut grouping = Node { op: grouping, rows, live: None };
    group_where_found(&mut grouping);
    let renamed: Vec<(Slot, Expr)> =
        handed_on.into_iter().filter(|(slot, key)| !matches!(key, Expr::Slot(from) if from == slot)).collect();
    *node = Node { op: Op::Cross { left: left.boxed(), right: grouping.boxed() }, rows, live };
    if !renamed.is_empty() {
        let live = node.live.take();
        let input = std::mem::replace(node, Node::unit()).boxed();
        *node = Node { op: Op::Project { input, items: renamed }, rows, live };
    }
}

fn share(chain: &mut Node) {
    let (rows, live) = (chain.rows, chain.live.clone());
    let input = std::mem::replace(chain, Node::unit()).boxed();
    *chain = Node { op: Op::Parallel { input, grouped: false }, rows, live };
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
    let Op::Parallel { input: chain, .. } = &mut right.op else { return };
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
        && let Op::Parallel { input: chain, .. } = &mut right.op
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
        Op::SeekIndex { .. } => None,
        _ => longest_row_count(link(node)?, below).map(|rows| rows.max(own).max(within(node))),
    }
}

/// The rows of the longest operator inside one; those of its inner plan are for one row of its input.
fn within(node: &Node) -> f64 {
    match &node.op {
        Op::SemiJoin { input, inner, .. } | Op::GroupJoin { input, inner, .. } | Op::Apply { input, inner, .. } => {
            input.rows.unwrap_or(1.0) * most_rows(inner)
        }
        _ => 0.0,
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
        Expr::Call { function, arguments, .. } => {
            let asks_clock = function.reads_clock && !arguments.first().is_some_and(names_a_time);
            function.deterministic && !asks_clock && matches!(function.body, Body::Scalar(_))
        }
        Expr::Subquery(_) => false,
        _ => true,
    }
}

/// Whether what a constructor of times is given says by itself which time that is: a zone alone is one of now.
fn names_a_time(argument: &Expr) -> bool {
    const OF_DAYS: &[&str] = &["year", "epochMillis", "epochSeconds", "date", "time", "datetime"];
    match argument {
        Expr::Map(entries) => entries.iter().any(|(key, _)| OF_DAYS.iter().any(|name| name.eq_ignore_ascii_case(key))),
        _ => false,
    }
}
