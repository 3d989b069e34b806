//! One meaning, one form: a repetition of one plain relationship is a variable-length relationship.
//!
//! ```text
//!   (a) (()-[r:T WHERE r.w > 1]->())+ (b)    ─►    (a)-[r:T*1.. WHERE r.w > 1]->(b)
//! ```
//!
//! Applies when nothing is asked of the nodes inside, and none of them is listed.

use super::walk::{Imports, any, slots_of};
use crate::bind::bound::{Expr, Pattern, PatternRel, RelLength, Slot};

/// Folds every group of a pattern that can be.
pub(super) fn groups(pattern: &mut Pattern) {
    pattern.rels.iter_mut().for_each(group);
}

fn group(rel: &mut PatternRel) {
    let RelLength::Group(group) = &rel.length else { return };
    let [inner] = group.pattern.rels.as_slice() else { return };
    let plain = matches!(inner.length, RelLength::One) && !inner.bound && group.first != group.last;
    let named = group.pattern.paths.iter().any(|path| path.slot.is_some());
    let asked: Vec<&Expr> = group.pattern.predicates.iter().chain(&group.conditions).collect();
    let nodes: Vec<Slot> = group.pattern.nodes.iter().map(|node| node.slot).collect();
    let of_nodes = |expr: &&Expr| {
        let mut reads = Vec::new();
        slots_of(expr, &Imports::default(), &mut reads);
        reads.iter().any(|slot| nodes.contains(slot)) || any(expr, &|e| matches!(e, Expr::Subquery(_)))
    };
    let listed = group.lists.iter().any(|(from, _)| *from != inner.slot);
    if !plain || named || listed || asked.iter().any(of_nodes) {
        return;
    }
    let list = group.lists.first().map_or(rel.slot, |(_, outer)| *outer);
    let conditions = asked.into_iter().cloned().collect();
    let length = RelLength::Var { min: group.min, max: group.max, step: inner.slot, conditions };
    (rel.slot, rel.direction, rel.types, rel.cost) = (list, inner.direction, inner.types.clone(), inner.cost.clone());
    rel.length = length;
}
