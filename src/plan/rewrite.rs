//! Changing expressions in place: what stands for what, and the expressions an operator asks row by row.

use super::node::Op;
use super::walk::parts_mut;
use crate::bind::bound::{AggregateCall, Expr, Slot};

impl Op {
    /// Calls `f` on every expression that the operator, one that only reads, evaluates for each of its rows.
    pub(crate) fn row_expressions_mut(&mut self, f: &mut dyn FnMut(&mut Expr)) {
        match self {
            Op::SeekIndex { seek, .. } => seek.expressions_mut(f),
            Op::SeekComposite { keys, .. } | Op::SeekRels { keys, .. } => {
                keys.iter_mut().for_each(|(_, seek)| seek.expressions_mut(f));
            }
            Op::SeekId { id, .. } => f(id),
            Op::ExpandCount { conditions, onward, .. } => {
                conditions.iter_mut().for_each(&mut *f);
                onward.iter_mut().for_each(|onward| onward.expressions_mut(f));
            }
            Op::ExpandVar { var, .. } | Op::Reach { var, .. } | Op::ShortestPath { var, .. } => {
                var.conditions.iter_mut().chain(&mut var.cost).for_each(f);
            }
            Op::Filter { predicates, .. } => predicates.iter_mut().for_each(f),
            Op::Project { items, .. } => items.iter_mut().for_each(|(_, e)| f(e)),
            Op::Aggregate { keys, aggregates, .. } => {
                keys.iter_mut().for_each(|(_, e)| f(e));
                for aggregate in aggregates {
                    if let AggregateCall::Function { arguments, .. } = &mut aggregate.call {
                        arguments.iter_mut().for_each(&mut *f);
                    }
                }
            }
            Op::Sort { keys, .. } | Op::TopK { keys, .. } => keys.iter_mut().for_each(|key| f(&mut key.expr)),
            Op::HashJoin { keys, .. } => keys.iter_mut().for_each(|(left, right)| {
                f(left);
                f(right);
            }),
            _ => {}
        }
    }
}

/// `expr` with every part that `change` knows replaced.
pub(crate) fn replaced(mut expr: Expr, change: &dyn Fn(&Expr) -> Option<Expr>) -> Expr {
    fn walk(expr: &mut Expr, change: &dyn Fn(&Expr) -> Option<Expr>) {
        match change(expr) {
            Some(new) => *expr = new,
            None => parts_mut(expr, &mut |part| walk(part, change)),
        }
    }
    walk(&mut expr, change);
    expr
}

/// `expr`, in which no subquery stands, with `new` in the place of `old`.
pub(crate) fn slot_replaced(expr: Expr, old: Slot, new: Slot) -> Expr {
    replaced(expr, &|e| matches!(e, Expr::Slot(slot) if *slot == old).then_some(Expr::Slot(new)))
}

/// `expr` with a slot in the place of a local variable.
pub(crate) fn local_replaced(expr: Expr, local: u32, slot: Slot) -> Expr {
    replaced(expr, &|e| matches!(e, Expr::Local(number) if *number == local).then_some(Expr::Slot(slot)))
}
