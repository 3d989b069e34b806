//! What a statement reads of each node and relationship: which properties, or the whole of it.
//!
//! A row is cited by value: where it shows or filters by `r.date`, the places that state a date of `r` are cited, not
//! those that state the fact and are silent about when. Which properties a statement reads of which slot is the same
//! for every row, so it is found once, from the plan.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::node::{Node, Op, Plan};
use super::walk::parts;
use crate::bind::bound::{AggregateCall, Expr, Slot};

/// What is read of one slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    /// The properties read by name.
    pub(crate) keys: BTreeSet<Arc<str>>,
    /// Whether more than single properties is read of it: it is handed out, or asked for all it has.
    pub(crate) whole: bool,
}

/// Functions that ask only which thing it is, or what it is made of: no property is read.
const NEUTRAL: [&str; 15] = [
    "id",
    "elementid",
    "type",
    "labels",
    "startnode",
    "endnode",
    "cost",
    "length",
    "size",
    "nodes",
    "relationships",
    "count",
    "exists",
    "isempty",
    "event",
];

/// What the statement reads of each slot, by number.
pub(crate) fn reads(plan: &Plan) -> Vec<Reads> {
    let mut finder = Finder { reads: vec![Reads::default(); plan.slots.len()], same: Vec::new() };
    plan.columns.iter().for_each(|column| finder.whole(column.slot));
    finder.node(&plan.root);
    for sub in &plan.subplans {
        sub.imports.iter().for_each(|(to, from)| finder.named(*to, from));
        sub.output.iter().for_each(|slot| finder.whole(*slot));
        finder.node(&sub.root);
    }
    finder.spread();
    finder.reads
}

struct Finder {
    reads: Vec<Reads>,
    /// Slots that hold what another holds: what is read of the first is read of the second.
    same: Vec<(Slot, Slot)>,
}

impl Finder {
    fn whole(&mut self, slot: Slot) {
        if let Some(reads) = self.reads.get_mut(slot.0 as usize) {
            reads.whole = true;
        }
    }

    fn key(&mut self, slot: Slot, key: &Arc<str>) {
        if let Some(reads) = self.reads.get_mut(slot.0 as usize) {
            reads.keys.insert(key.clone());
        }
    }

    /// `to` is computed as `from`.
    fn named(&mut self, to: Slot, from: &Expr) {
        match from {
            Expr::Slot(slot) => self.same.push((to, *slot)),
            other => self.expr(other, true),
        }
    }

    fn node(&mut self, node: &Node) {
        node.op.inputs().into_iter().for_each(|input| self.node(input));
        match &node.op {
            Op::Project { items, .. } => items.iter().for_each(|(to, from)| self.named(*to, from)),
            Op::Aggregate { keys, aggregates, .. } => {
                keys.iter().for_each(|(to, from)| self.named(*to, from));
                for aggregate in aggregates {
                    if let AggregateCall::Function { function, arguments, .. } = &aggregate.call {
                        let neutral = is_neutral(function.name);
                        arguments.iter().for_each(|argument| self.expr(argument, !neutral));
                    }
                }
            }
            Op::BindPath { path, parts, .. } => parts.iter().for_each(|part| self.same.push((*path, *part))),
            Op::Unwind { list: Expr::Slot(from), slot, .. } => self.same.push((*slot, *from)),
            op => op.expressions(&mut |expr| self.expr(expr, false)),
        }
        if let Op::ExpandVar { hop, var, .. } | Op::Reach { hop, var, .. } | Op::ShortestPath { hop, var, .. } =
            &node.op
        {
            hop.rel.iter().for_each(|list| self.same.push((var.step, *list)));
        }
        if let Op::ExpandGroup { group, .. } = &node.op {
            group.lists.iter().for_each(|(inner, outer)| self.same.push((*outer, *inner)));
        }
    }

    /// `handed_on`: what the expression gives may be looked into by whoever gets it.
    fn expr(&mut self, expr: &Expr, handed_on: bool) {
        match expr {
            Expr::Slot(slot) if handed_on => self.whole(*slot),
            Expr::Property { base, key, .. } => match &**base {
                Expr::Slot(slot) => self.key(*slot, key),
                Expr::Through { base: inner, .. } if matches!(**inner, Expr::Slot(_)) => {
                    if let Expr::Slot(slot) = **inner {
                        self.key(slot, key);
                    }
                }
                base => self.expr(base, true),
            },
            Expr::Call { function, arguments, .. } => {
                let whole = !is_neutral(function.name);
                arguments.iter().for_each(|argument| self.expr(argument, whole));
            }
            Expr::HasLabels { operand, .. } | Expr::IsNull { operand, .. } | Expr::IsType { operand, .. } => {
                self.expr(operand, false);
            }
            Expr::Compare { first, rest } => {
                self.expr(first, false);
                rest.iter().for_each(|(_, other)| self.expr(other, false));
            }
            Expr::List(_) | Expr::Map(_) | Expr::Index { .. } | Expr::Slice { .. } | Expr::MapProjection { .. } => {
                parts(expr, &mut |part| self.expr(part, true));
            }
            Expr::ListComprehension { .. } | Expr::Quantifier { .. } | Expr::Reduce { .. } | Expr::Case { .. } => {
                parts(expr, &mut |part| self.expr(part, true));
            }
            _ => parts(expr, &mut |part| self.expr(part, false)),
        }
    }

    /// What is read of a slot is read of those it was made of.
    fn spread(&mut self) {
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for (to, from) in &self.same {
                let Some(reads) = self.reads.get(to.0 as usize).cloned() else { continue };
                let Some(own) = self.reads.get_mut(from.0 as usize) else { continue };
                let before = (own.keys.len(), own.whole);
                own.keys.extend(reads.keys);
                own.whole |= reads.whole;
                changed |= before != (own.keys.len(), own.whole);
            }
        }
    }
}

fn is_neutral(name: &str) -> bool {
    NEUTRAL.iter().any(|neutral| neutral.eq_ignore_ascii_case(name))
}
