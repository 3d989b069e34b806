//! What only the first rows need is computed for the first rows only.
//!
//! ```text
//!   TopK n DESC first 3 ─► Project p.name AS name, w AS n
//!   Project p.name AS name, w AS n ─► TopK w DESC first 3
//! ```
//!
//! Applies to projections that cannot fail: copies, constants, and properties of nodes and relationships.

use super::{Stats, prune_slots};
use crate::bind::bound::{Expr, Slot, SlotInfo, SlotKind};
use crate::plan::node::{Node, Op, Plan};

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
    let copied = |key: &Expr| !matches!(key, Expr::Slot(_) | Expr::Property { .. });
    if !items.iter().all(|(_, expr)| cannot_fail(expr, slots)) || keys.iter().any(|key| copied(&key.expr)) {
        return false;
    }
    let Op::TopK { input, mut keys, limit, skip, sorted } = std::mem::replace(&mut node.op, Op::Unit) else {
        return false;
    };
    let (rows, Op::Project { input: below, items }) = (input.rows, input.op) else { return false };
    for key in &mut keys {
        replace(&mut key.expr, &items);
    }
    let first = Node { op: Op::TopK { input: below, keys, limit, skip, sorted }, rows: node.rows.or(rows), live: None };
    node.op = Op::Project { input: first.boxed(), items };
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
        _ => false,
    }
}
