//! COUNT, COLLECT and EXISTS as values, and pattern comprehensions, are made for a batch of rows at a time.
//!
//! ```text
//!   Project p.id, subquery 0 AS n ─► …            COUNT subquery 0: Expand (p)<-[:BY]-(m) ─► Argument
//!   Project p.id, c AS n ─► GroupJoin c = COUNT
//!                           ├ the rows
//!                           └ Expand (p)<-[:BY]-(m) ─► Argument
//! ```
//!
//! A subquery runs once per row, with a plan started anew each time; a join takes a whole batch of rows at once, and can
//! be shared among threads. Applies where the subquery treats every row by itself and every row asks for it: it stands
//! behind no AND, OR, CASE or `coalesce` that may pass it over.

use super::semi_joins::{FEW, count_uses, is_plain, takes_rows_as_they_are};
use super::{Stats, prune_slots};
use crate::bind::bound::{AggregateCall, Expr, Slot, SlotInfo, SlotKind, SubqueryKind};
use crate::plan::node::{Node, Op, Plan, SubPlan};

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    if plan.writes || plan.cite || plan.subplans.iter().all(|sub| sub.moved) {
        return;
    }
    let mut subplans = std::mem::take(&mut plan.subplans);
    let mut uses = vec![0_u32; subplans.len()];
    count_uses(&plan.root, &mut uses);
    subplans.iter().for_each(|sub| count_uses(&sub.root, &mut uses));
    let mut work = Work { uses, slots: &mut plan.slots, changed: false };
    work.walk(&mut plan.root, &mut subplans);
    // a subquery stands behind those inside it
    for number in (0..subplans.len()).rev() {
        let mut root = std::mem::replace(&mut subplans[number].root, Node::unit());
        work.walk(&mut root, &mut subplans);
        subplans[number].root = root;
    }
    let changed = work.changed;
    plan.subplans = subplans;
    if changed {
        prune_slots::run(plan, stats);
    }
}

struct Work<'a> {
    uses: Vec<u32>,
    slots: &'a mut Vec<SlotInfo>,
    changed: bool,
}

impl Work<'_> {
    fn walk(&mut self, node: &mut Node, subplans: &mut [SubPlan]) {
        for input in node.op.inputs_mut() {
            self.walk(input, subplans);
        }
        let mut taken = Vec::new();
        match &mut node.op {
            Op::Project { items, .. } => items.iter_mut().for_each(|(_, expr)| self.take(expr, subplans, &mut taken)),
            Op::Aggregate { keys, aggregates, .. } => {
                keys.iter_mut().for_each(|(_, expr)| self.take(expr, subplans, &mut taken));
                for aggregate in aggregates {
                    if let AggregateCall::Function { arguments, .. } = &mut aggregate.call {
                        arguments.iter_mut().for_each(|expr| self.take(expr, subplans, &mut taken));
                    }
                }
            }
            Op::Filter { predicates, .. } => {
                // a predicate is asked of the rows that those before it leave
                let asked = predicates.iter_mut().position(|predicate| {
                    self.take(predicate, subplans, &mut taken);
                    !taken.is_empty()
                });
                if let Some(at) = asked.filter(|at| *at > 0) {
                    self.below_filter(node, at);
                }
            }
            _ => return,
        }
        for (number, slot) in taken {
            self.join(node, number, slot, subplans);
        }
    }

    /// Puts the first predicates of a filter into one of its own below it.
    fn below_filter(&mut self, node: &mut Node, first: usize) {
        let (rows, live) = (node.rows, node.live.clone());
        if let Op::Filter { input, predicates } = &mut node.op {
            let after = predicates.split_off(first);
            let before = std::mem::replace(predicates, after);
            let below = std::mem::replace(&mut **input, Node::unit()).boxed();
            **input = Node { op: Op::Filter { input: below, predicates: before }, rows, live };
        }
    }

    /// Puts a slot in the place of each subquery that every row asks for and that can be joined.
    fn take(&mut self, expr: &mut Expr, subplans: &[SubPlan], taken: &mut Vec<(usize, Slot)>) {
        match expr {
            Expr::Subquery(number) => {
                let number = *number as usize;
                if self.uses.get(number) == Some(&1) && is_join(&subplans[number]) {
                    let slot = Slot::fresh(self.slots, "", SlotKind::Value);
                    taken.push((number, slot));
                    *expr = Expr::Slot(slot);
                }
            }
            Expr::And(terms, _) | Expr::Or(terms, _) => {
                terms.iter_mut().take(1).for_each(|term| self.take(term, subplans, taken));
            }
            Expr::Compare { first, rest } => {
                self.take(first, subplans, taken);
                rest.iter_mut().take(1).for_each(|(_, second)| self.take(second, subplans, taken));
            }
            Expr::Arithmetic { first, rest, .. } => {
                self.take(first, subplans, taken);
                rest.iter_mut().for_each(|(_, operand)| self.take(operand, subplans, taken));
            }
            Expr::Not(operand, _)
            | Expr::Negate(operand, _)
            | Expr::IsNull { operand, .. }
            | Expr::Property { base: operand, .. } => self.take(operand, subplans, taken),
            Expr::Binary { left, right, .. } => {
                self.take(left, subplans, taken);
                self.take(right, subplans, taken);
            }
            Expr::List(items) => items.iter_mut().for_each(|item| self.take(item, subplans, taken)),
            Expr::Map(entries) => entries.iter_mut().for_each(|(_, entry)| self.take(entry, subplans, taken)),
            Expr::Call { function, arguments, .. } if !function.name.eq_ignore_ascii_case("coalesce") => {
                arguments.iter_mut().for_each(|argument| self.take(argument, subplans, taken));
            }
            Expr::Index { base, index, .. } => {
                self.take(base, subplans, taken);
                self.take(index, subplans, taken);
            }
            Expr::ListComprehension { list, .. } | Expr::Quantifier { list, .. } => self.take(list, subplans, taken),
            _ => {}
        }
    }

    /// Joins a subquery to the input of an operator.
    fn join(&mut self, node: &mut Node, number: usize, slot: Slot, subplans: &mut [SubPlan]) {
        self.changed = true;
        let sub = &mut subplans[number];
        let mut inner = std::mem::replace(&mut sub.root, Node::unit());
        let (kind, output) = (sub.kind, sub.output);
        sub.moved = true;
        // what stands inside asks for subqueries of its own
        self.walk(&mut inner, subplans);
        let Some(input) = node.op.inputs_mut().into_iter().next() else { return };
        let (rows, live) = (input.rows, input.live.clone());
        let below = std::mem::replace(input, Node::unit()).boxed();
        *input = Node { op: Op::GroupJoin { input: below, inner: inner.boxed(), kind, output, slot }, rows, live };
    }
}

fn is_join(sub: &SubPlan) -> bool {
    let few = sub.kind != SubqueryKind::Exists || sub.root.rows.is_some_and(|rows| rows <= FEW);
    !sub.moved && takes_rows_as_they_are(sub) && few && is_row_by_row(&sub.root)
}

/// Whether the plan of a subquery looks at one row at a time, and starts from it.
fn is_row_by_row(node: &Node) -> bool {
    match &node.op {
        Op::Argument => true,
        Op::Expand { input, .. }
        | Op::ExpandInto { input, .. }
        | Op::ExpandVar { input, .. }
        | Op::Reach { input, .. }
        | Op::Intersect { input, count: None, .. }
        | Op::SemiJoin { input, .. }
        | Op::Filter { input, .. }
        | Op::Project { input, .. } => is_plain(&node.op) && is_row_by_row(input),
        _ => false,
    }
}
