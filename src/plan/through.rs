//! What a pattern reads while its rows are still being found, seen as the sources of the question have it.
//!
//! `ThroughView` looks at whole rows. What is asked of the single relationships of a path, and what a selector chooses
//! among, is decided before there is a row: there the expressions themselves look through the view, and a relationship
//! that is not seen is none.

use crate::bind::bound::{self, Body, Clause, Expr, Pattern, Query, RelLength, Slot, Through};
use crate::plan::walk::parts_mut;
use crate::syntax::ast::Selector;

/// Makes the inner conditions of a pattern look through `through`, and where a path is chosen the outer ones as well.
/// Whether it was so: then no condition needs to wait for the view.
pub(super) fn look(pattern: &mut Pattern, conditions: &mut [Expr], through: &Through) -> bool {
    let fresh = super::new_slots(pattern);
    inner(pattern, &fresh, through);
    for path in &mut pattern.paths {
        path.tests.iter_mut().for_each(|test| see(test, &fresh, through));
    }
    let chosen = pattern.paths.iter().any(|path| path.selector != Selector::All);
    if chosen {
        pattern.predicates.iter_mut().chain(conditions).for_each(|expr| see(expr, &fresh, through));
        let single = |rel: &&bound::PatternRel| !rel.bound && matches!(rel.length, RelLength::One);
        let slots: Vec<Slot> = pattern.rels.iter().filter(single).map(|rel| rel.slot).collect();
        pattern.predicates.extend(slots.into_iter().map(|slot| asks(slot, through)));
    }
    chosen
}

/// The conditions inside paths of several relationships.
fn inner(pattern: &mut Pattern, around: &[Slot], through: &Through) {
    for rel in &mut pattern.rels {
        if let Some(cost) = &mut rel.cost {
            let step = if let RelLength::Var { step, .. } = &rel.length { *step } else { rel.slot };
            let slots: Vec<Slot> = around.iter().copied().chain([step]).collect();
            see(cost, &slots, through);
        }
        match &mut rel.length {
            RelLength::One => {}
            RelLength::Var { step, conditions, .. } => {
                let slots: Vec<Slot> = around.iter().copied().chain([*step]).collect();
                conditions.iter_mut().for_each(|expr| see(expr, &slots, through));
                conditions.push(asks(*step, through));
            }
            RelLength::Group(group) => {
                let mut slots = super::new_slots(&group.pattern);
                slots.extend(around);
                let all = group.pattern.predicates.iter_mut().chain(&mut group.conditions);
                all.for_each(|expr| see(expr, &slots, through));
                inner(&mut group.pattern, &slots, through);
                single_rels(&mut group.pattern, through);
            }
        }
    }
}

fn single_rels(pattern: &mut Pattern, through: &Through) {
    for rel in pattern.rels.iter().filter(|rel| !rel.bound && matches!(rel.length, RelLength::One)) {
        pattern.predicates.push(asks(rel.slot, through));
    }
}

/// Puts a look through the view before each of `slots` that an expression reads; which thing it is, nobody disputes.
fn see(expr: &mut Expr, slots: &[Slot], through: &Through) {
    match expr {
        Expr::Property { base, key, .. } if &**key == "id" && matches!(**base, Expr::Slot(_)) => {}
        Expr::Slot(slot) if slots.contains(slot) => {
            *expr =
                Expr::Through { base: Box::new(Expr::Slot(*slot)), through: Box::new(through.clone()), asks: false };
        }
        _ => parts_mut(expr, &mut |part| see(part, slots, through)),
    }
}

fn asks(slot: Slot, through: &Through) -> Expr {
    Expr::Through { base: Box::new(Expr::Slot(slot)), through: Box::new(through.clone()), asks: true }
}

/// Leaves out of every pattern that looks at all sources the relationships of which each mention is corrected. For
/// graphs that have such; patterns under a view leave them out as the view has it.
pub(crate) fn leave_out_corrected(query: &mut Query) {
    of_body(&mut query.body);
    query.subqueries.iter_mut().for_each(|subquery| of_body(&mut subquery.body));
}

fn of_body(body: &mut Body) {
    for clause in body.parts.iter_mut().flat_map(|part| &mut part.clauses) {
        match clause {
            Clause::Match(m) if m.through.is_empty() => {
                inner(&mut m.pattern, &[], &Through::default());
                single_rels(&mut m.pattern, &Through::default());
            }
            Clause::CallSubquery { body, .. } => of_body(body),
            _ => {}
        }
    }
}
