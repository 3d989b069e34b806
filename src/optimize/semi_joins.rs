//! EXISTS as a condition is a join that only asks whether there is a partner.
//!
//! ```text
//!   Filter NOT subquery 0 ─► …                    EXISTS subquery 0: Expand (c)-[:HAS_TAG]->(t) ─► Argument
//!   AntiJoin ─► …                                 ├ the rows
//!                                                 └ Expand (c)-[:HAS_TAG]->(t) ─► Argument
//! ```
//!
//! A subquery runs once per row, with a plan started anew each time; a join takes a whole batch of rows at once, and can
//! be shared among threads. Applies where the subquery treats every row by itself and is not expected to find many rows
//! for one, because the first would have been enough.

use super::{Stats, prune_slots};
use crate::bind::bound::{Expr, SubqueryKind};
use crate::plan::node::{Node, Op, Plan, SubPlan};

/// Rows a subquery is expected to find per row, at most.
pub(super) const FEW: f64 = 64.0;

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    if plan.writes || plan.cite || plan.subplans.is_empty() {
        return;
    }
    let mut subplans = std::mem::take(&mut plan.subplans);
    let mut changed = false;
    let mut uses = vec![0_u32; subplans.len()];
    count_uses(&plan.root, &mut uses);
    subplans.iter().for_each(|sub| count_uses(&sub.root, &mut uses));
    walk(&mut plan.root, &mut subplans, &uses, &mut changed);
    // a subquery stands behind those inside it
    for number in (0..subplans.len()).rev() {
        let mut root = std::mem::replace(&mut subplans[number].root, Node::unit());
        walk(&mut root, &mut subplans, &uses, &mut changed);
        subplans[number].root = root;
    }
    plan.subplans = subplans;
    if changed {
        prune_slots::run(plan, stats);
    }
}

/// How often each subquery stands in the plan: one that stands twice cannot be moved.
pub(super) fn count_uses(node: &Node, uses: &mut [u32]) {
    fn visit(expr: &Expr, uses: &mut [u32]) {
        if let Expr::Subquery(number) = expr
            && let Some(count) = uses.get_mut(*number as usize)
        {
            *count += 1;
        }
        crate::plan::walk::parts(expr, &mut |part| visit(part, uses));
    }
    node.op.expressions(&mut |expr| visit(expr, uses));
    node.op.inputs().into_iter().for_each(|input| count_uses(input, uses));
}

fn walk(node: &mut Node, subplans: &mut [SubPlan], uses: &[u32], changed: &mut bool) {
    for input in node.op.inputs_mut() {
        walk(input, subplans, uses, changed);
    }
    let Op::Filter { predicates, .. } = &mut node.op else { return };
    let (joins, rest): (Vec<Expr>, Vec<Expr>) = std::mem::take(predicates)
        .into_iter()
        .partition(|predicate| exists(predicate).is_some_and(|(n, _)| uses[n] == 1 && is_join(&subplans[n])));
    *predicates = rest;
    if joins.is_empty() {
        return;
    }
    *changed = true;
    let (rows, live) = (node.rows, node.live.clone());
    if predicates.is_empty()
        && let Op::Filter { input, .. } = &mut node.op
    {
        *node = std::mem::replace(&mut **input, Node::unit());
    }
    for join in joins {
        let Some((number, negated)) = exists(&join) else { continue };
        let sub = &mut subplans[number];
        let mut inner = std::mem::replace(&mut sub.root, Node::unit());
        sub.moved = true;
        // what stands inside is a filter of its own
        walk(&mut inner, subplans, uses, changed);
        let input = std::mem::replace(node, Node::unit()).boxed();
        let op = Op::SemiJoin { input, inner: inner.boxed(), negated };
        *node = Node { op, rows, live: live.clone() };
    }
}

/// The subquery whose existence a predicate asks for, and whether it must not exist.
fn exists(predicate: &Expr) -> Option<(usize, bool)> {
    match predicate {
        Expr::Subquery(number) => Some((*number as usize, false)),
        Expr::Not(inner, _) => match **inner {
            Expr::Subquery(number) => Some((number as usize, true)),
            _ => None,
        },
        _ => None,
    }
}

fn is_join(sub: &SubPlan) -> bool {
    sub.kind == SubqueryKind::Exists
        && takes_rows_as_they_are(sub)
        && sub.root.rows.is_some_and(|rows| rows <= FEW)
        && is_row_by_row(&sub.root)
}

/// Whether a subquery reads what it does under the slots of the rows around it.
pub(super) fn takes_rows_as_they_are(sub: &SubPlan) -> bool {
    sub.imports.iter().all(|(slot, expr)| matches!(expr, Expr::Slot(from) if from == slot))
}

/// Whether an operator asks nothing that a list around it binds.
pub(super) fn is_plain(op: &Op) -> bool {
    !op.evaluates(&|part| matches!(part, Expr::Local(_)))
}

/// Whether the plan of a subquery looks at one row at a time, and starts from it.
fn is_row_by_row(node: &Node) -> bool {
    match &node.op {
        Op::Argument => true,
        Op::Expand { input, .. }
        | Op::ExpandInto { input, .. }
        | Op::Intersect { input, count: None, .. }
        | Op::SeekIndex { input, .. }
        | Op::SeekComposite { input, .. }
        | Op::SeekId { input, .. }
        | Op::Filter { input, .. }
        | Op::Project { input, .. } => {
            is_plain(&node.op) && is_row_by_row(input) && node.rows.is_some_and(|rows| rows <= 16.0 * FEW)
        }
        _ => false,
    }
}
