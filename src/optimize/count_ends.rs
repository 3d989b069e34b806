//! Ends that are only counted are counted where they are found, not made into rows.
//!
//! ```text
//!   Aggregate count(*) ─► Filter c.age > 25 ─► Expand (b)-[:T]->(c)
//!   Aggregate count(*) weighted w ─► ExpandCount (b)-[:T]->(c) where c.age > 25, w = degree
//!
//!   Aggregate count(*) ─► Intersect (b)-[:T]->(c)-[:T]->(a)
//!   Aggregate count(*) weighted w ─► Intersect …, w = how many c
//!
//!   Aggregate count(*) ─► Optional (Expand (b)-[:T]->(c) ─► Argument)
//!   Aggregate count(*) weighted w ─► ExpandCount (b)-[:T]->(c), w = degree or 1
//! ```
//!
//! Applies below an aggregation that does not read the end, when its conditions read nothing else and always say the
//! same of it, or ask that it be another node than one of the row (`a <> c`), or not be related to one
//! (`NOT (a)-[:T]-(c)`). (`lower_patterns` has taken the ends without conditions already.)

use super::{Stats, prune_slots};
use crate::bind::bound::{AggregateCall, ComparisonOp, Expr, Slot, SlotInfo, SlotKind};
use crate::plan::node::{Except, Hop, Node, Op, Plan, Towards, Weight};
use crate::plan::walk::{Imports, any, slots_of};

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    if plan.writes {
        return; // what a condition says of a node may change under way
    }
    let imports = Imports::of(plan);
    let mut changed = false;
    let mut slots = std::mem::take(&mut plan.slots);
    super::each_node(plan, &mut |node| {
        while rewrite(node, &imports, &mut slots) {
            changed = true;
        }
    });
    plan.slots = slots;
    if changed {
        prune_slots::run(plan, stats);
    }
}

fn rewrite(node: &mut Node, imports: &Imports, slots: &mut Vec<SlotInfo>) -> bool {
    let Op::Aggregate { aggregates, .. } = &node.op else { return false };
    if !aggregates.iter().all(|aggregate| takes_weights(&aggregate.call)) {
        return false;
    }
    let mut read = node.op.uses(imports);
    let Op::Aggregate { input, weight, .. } = &mut node.op else { return false };
    // what is counted already multiplies the same weight
    let mut below = input;
    while matches!(below.op, Op::ExpandCount { .. }) {
        read.extend(below.op.uses(imports));
        let Op::ExpandCount { input, .. } = &mut below.op else { return false };
        below = input;
    }
    let Some(end) = only_counted(below, &read, imports, slots) else { return false };
    let slot = *weight.get_or_insert_with(|| Slot::fresh(slots, "", SlotKind::Value));
    let count = Weight { slot, fresh: true };
    let op = match end.found {
        Found::Neighbours(hop, conditions, except) => {
            Op::ExpandCount { input: end.below, hop, conditions, except, onward: Vec::new(), count, optional: false }
        }
        Found::Optional(hop, conditions) => Op::ExpandCount {
            input: end.below,
            hop,
            conditions,
            except: Except::default(),
            onward: Vec::new(),
            count,
            optional: true,
        },
        Found::Common(expand, into) => Op::Intersect { input: end.below, expand, into, count: Some(count) },
    };
    **below = Node { op, rows: below.rows, live: None };
    node.op.inputs_mut().into_iter().for_each(|input| {
        begin_lowest(input, slot);
    });
    true
}

/// An end that nobody reads, with what stands below it.
struct End {
    below: Box<Node>,
    found: Found,
}

enum Found {
    Neighbours(Hop, Vec<Expr>, Except),
    /// Of a part that need not match.
    Optional(Hop, Vec<Expr>),
    Common(Hop, Hop),
}

/// Takes the end off the plan when it is only counted.
fn only_counted(node: &mut Node, read: &[Slot], imports: &Imports, slots: &[SlotInfo]) -> Option<End> {
    match &node.op {
        Op::Intersect { expand, count: None, .. } if !read.contains(&expand.to) => {}
        Op::Apply { input, inner, optional: true, .. } => optional_neighbours(input, inner, read, imports)?,
        _ => neighbours(node, read, imports, slots)?,
    }
    match std::mem::replace(&mut node.op, Op::Unit) {
        Op::Intersect { input, expand, into, .. } => Some(End { below: input, found: Found::Common(expand, into) }),
        Op::Apply { input, inner, .. } => {
            let (op, conditions) = match inner.op {
                Op::Filter { input, predicates } => (input.op, predicates),
                op => (op, Vec::new()),
            };
            let Op::Expand { hop, .. } = op else { return None };
            Some(End { below: input, found: Found::Optional(hop, conditions) })
        }
        mut op => {
            let mut except = Except::default();
            if let Op::SemiJoin { input, inner, .. } = op {
                except.related = ruled_out(&inner).map(Box::new);
                op = input.op;
            }
            let mut conditions = Vec::new();
            if let Op::Filter { input, predicates } = op {
                conditions = predicates;
                op = input.op;
            }
            let Op::Expand { input, hop } = op else { return None };
            conditions.retain(|predicate| match other_than(predicate, hop.to, slots) {
                Some(other) => {
                    except.nodes.push(other);
                    false
                }
                None => true,
            });
            if let Some(related) = &mut except.related
                && related.from == hop.to
            {
                **related = turned(related);
            }
            Some(End { below: input, found: Found::Neighbours(hop, conditions, except) })
        }
    }
}

/// Whether a node is a step to neighbours of which only the number matters, with conditions that can be asked while
/// they are counted.
fn neighbours(node: &Node, read: &[Slot], imports: &Imports, slots: &[SlotInfo]) -> Option<()> {
    let (mut at, mut related) = (node, None);
    if let Op::SemiJoin { input, inner, negated: true } = &at.op {
        related = Some(ruled_out(inner)?);
        at = input;
    }
    let mut conditions: &[Expr] = &[];
    let mut many = true;
    if let Op::Filter { input, predicates } = &at.op {
        // a verdict per node is worth keeping when many are asked for
        many = input.rows.is_some_and(|rows| rows >= super::MANY_ROWS);
        conditions = predicates;
        at = input;
    }
    let Op::Expand { hop, .. } = &at.op else { return None };
    let plain = hop.rel.is_none() && !read.contains(&hop.to) && hop.to != hop.from;
    let asked = |predicate: &Expr| {
        other_than(predicate, hop.to, slots).is_some() || many && reads_only(predicate, hop.to, imports)
    };
    let joined = related.is_none_or(|related| (related.from == hop.to) != (related.to == hop.to));
    (plain && joined && conditions.iter().all(asked)).then_some(())
}

/// Whether a part that need not match is a step to neighbours of which only the number matters.
fn optional_neighbours(input: &Node, inner: &Node, read: &[Slot], imports: &Imports) -> Option<()> {
    let (below, conditions) = match &inner.op {
        Op::Filter { input, predicates } => (&input.op, predicates.as_slice()),
        op => (op, &[][..]),
    };
    let Op::Expand { input: start, hop } = below else { return None };
    // a verdict per node is worth keeping when many are asked for
    let many = conditions.is_empty() || input.rows.is_some_and(|rows| rows >= super::MANY_ROWS);
    let plain = hop.rel.is_none() && hop.differs.is_empty() && !read.contains(&hop.to) && hop.to != hop.from;
    let asked = conditions.iter().all(|predicate| reads_only(predicate, hop.to, imports));
    (matches!(start.op, Op::Argument) && many && plain && asked).then_some(())
}

/// The step of a join that asks for a relationship between two nodes of the row.
pub(super) fn ruled_out(inner: &Node) -> Option<Hop> {
    match &inner.op {
        Op::ExpandInto { input, hop } if hop.rel.is_none() && hop.differs.is_empty() => {
            matches!(input.op, Op::Argument).then(|| hop.clone())
        }
        _ => None,
    }
}

/// The step seen from its other end.
pub(super) fn turned(hop: &Hop) -> Hop {
    let towards = match hop.towards {
        Towards::Out => Towards::In,
        Towards::In => Towards::Out,
        Towards::Both => Towards::Both,
    };
    Hop { from: hop.to, to: hop.from, towards, ..hop.clone() }
}

/// The slot of the node that `end` must differ from, when that is what a predicate says.
pub(super) fn other_than(predicate: &Expr, end: Slot, slots: &[SlotInfo]) -> Option<Slot> {
    let other = match predicate {
        Expr::Not(inner, _) => match &**inner {
            Expr::Compare { first, rest } => pair(first, rest, ComparisonOp::Equal, end),
            _ => None,
        },
        Expr::Compare { first, rest } => pair(first, rest, ComparisonOp::NotEqual, end),
        _ => None,
    };
    other.filter(|other| slots.get(other.0 as usize).is_some_and(|info| info.kind == SlotKind::Node))
}

fn pair(first: &Expr, rest: &[(ComparisonOp, Expr)], wanted: ComparisonOp, end: Slot) -> Option<Slot> {
    match (first, rest) {
        (Expr::Slot(a), [(op, Expr::Slot(b))]) if *op == wanted && a != b => match end {
            end if end == *a => Some(*b),
            end if end == *b => Some(*a),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a condition depends on the slot alone and says the same each time it is asked.
pub(super) fn reads_only(predicate: &Expr, slot: Slot, imports: &Imports) -> bool {
    let mut read = Vec::new();
    slots_of(predicate, imports, &mut read);
    let varies = |e: &Expr| match e {
        Expr::Subquery(_) | Expr::Local(_) => true,
        Expr::Call { function, .. } => !function.deterministic,
        _ => false,
    };
    read.iter().all(|s| *s == slot) && !any(predicate, &varies)
}

/// Whether a row that stands for many is as good as many rows.
pub(super) fn takes_weights(call: &AggregateCall) -> bool {
    match call {
        AggregateCall::CountRows => true,
        AggregateCall::Function { function, distinct, .. } => {
            *distinct || matches!(function.name, "count" | "min" | "max")
        }
    }
}

/// Lets the lowest count begin the weight and those above it multiply; says whether there is one.
pub(super) fn begin_lowest(node: &mut Node, slot: Slot) -> bool {
    let mut begun = false;
    for input in node.op.inputs_mut() {
        begun |= begin_lowest(input, slot);
    }
    match &mut node.op {
        Op::ExpandCount { count, .. } | Op::Intersect { count: Some(count), .. } if count.slot == slot => {
            count.fresh = !begun;
            true
        }
        _ => begun,
    }
}
