//! What only the first rows need is computed for the first rows only.
//!
//! ```text
//!   TopK n DESC first 3 ─► Project p.name AS name, w AS n
//!   Project p.name AS name, w AS n ─► TopK w DESC first 3
//! ```
//!
//! Applies to projections that cannot fail (copies, constants, properties of nodes and relationships, and what is made
//! of these without a chance to fail: `coalesce`, comparisons). Those that can, and those that the keys
//! read and that are more than a copy or a property, stay where they are.

use super::{Stats, prune_slots};
use crate::bind::bound::{Expr, Slot, SlotInfo, SlotKind};
use crate::plan::node::{Node, Op, Plan};
use crate::plan::walk::{Imports, any, slots_of};

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    if plan.writes {
        return; // a property of what this statement deletes is an error
    }
    let mut changed = false;
    let slots = std::mem::take(&mut plan.slots);
    super::each_node(plan, &mut |node| changed |= rewrite(node, &slots));
    plan.slots = slots;
    if changed {
        prune_slots::run(plan, stats);
    }
}

fn rewrite(node: &mut Node, slots: &[SlotInfo]) -> bool {
    let Op::TopK { input, keys, .. } = &node.op else { return false };
    let Op::Project { items, .. } = &input.op else { return false };
    let mut asked = Vec::new();
    keys.iter().for_each(|key| slots_of(&key.expr, &Imports::default(), &mut asked));
    let subquery = |expr: &Expr| any(expr, &|part| matches!(part, Expr::Subquery(_)));
    let simple = |key: &Expr| match key {
        Expr::Slot(_) => true,
        Expr::Property { base, .. } => matches!(**base, Expr::Slot(_)),
        _ => false,
    };
    let keys_are_simple = keys.iter().all(|key| simple(&key.expr));
    // what a key is made of can be put in its place when that is no more work than reading it
    let stays = |(slot, expr): &(Slot, Expr)| {
        !cannot_fail(expr, slots) || asked.contains(slot) && !(keys_are_simple && simple(expr))
    };
    if keys.iter().any(|key| subquery(&key.expr)) || items.iter().all(stays) {
        return false;
    }
    let Op::TopK { input, mut keys, limit, skip, sorted } = std::mem::replace(&mut node.op, Op::Unit) else {
        return false;
    };
    let (rows, Op::Project { input: mut below, items }) = (input.rows, input.op) else { return false };
    let (early, late): (Vec<_>, Vec<_>) = items.into_iter().partition(stays);
    for key in &mut keys {
        replace(&mut key.expr, &late);
    }
    if !early.is_empty() {
        below = Node { op: Op::Project { input: below, items: early }, rows, live: None }.boxed();
    }
    let first = Node { op: Op::TopK { input: below, keys, limit, skip, sorted }, rows: node.rows.or(rows), live: None };
    node.op = Op::Project { input: first.boxed(), items: late };
    true
}

/// Puts what a slot is computed from in the place of the slot.
fn replace(key: &mut Expr, items: &[(Slot, Expr)]) {
    let known = |slot: &Slot| items.iter().find(|(s, _)| s == slot).map(|(_, expr)| expr.clone());
    match key {
        Expr::Slot(slot) => {
            if let Some(expr) = known(slot) {
                *key = expr;
            }
        }
        Expr::Property { base, .. } => replace(base, items),
        _ => {}
    }
}

fn cannot_fail(expr: &Expr, slots: &[SlotInfo]) -> bool {
    let is_entity = |slot: &Slot| {
        slots.get(slot.0 as usize).is_some_and(|info| matches!(info.kind, SlotKind::Node | SlotKind::Rel))
    };
    match expr {
        Expr::Const(_) | Expr::Param(_) | Expr::Slot(_) => true,
        Expr::Property { base, .. } => matches!(&**base, Expr::Slot(slot) if is_entity(slot)),
        Expr::Call { function, arguments, .. } => {
            function.name.eq_ignore_ascii_case("coalesce") && arguments.iter().all(|e| cannot_fail(e, slots))
        }
        Expr::IsNull { operand, .. } => cannot_fail(operand, slots),
        Expr::Compare { first, rest } => cannot_fail(first, slots) && rest.iter().all(|(_, e)| cannot_fail(e, slots)),
        _ => false,
    }
}
