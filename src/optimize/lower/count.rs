//! Counting neighbours multiplies degrees instead of making rows.
//!
//! ```text
//!   Aggregate count(*) ─► Pattern (a)-[:T]->(b)-[:T]->(c)
//!
//!   Aggregate count(*) weighted w ─► ExpandCount (b)-[:T]->(c) w *= degree
//!                                  ─► ExpandCount (b)<-[:T]-(a) w = degree ─► ScanNodes b
//! ```
//!
//! An end of the pattern can be counted when nobody looks at it: it hangs on one plain relationship that
//! nobody looks at either, no condition mentions it but labels that every such end has anyway, and above
//! stands an aggregation of counts. Two relationships that must differ block it, unless they do by where they
//! begin and end.

use super::graph::{Patterns, label_test, towards};
use super::search::Searched;
use crate::bind::bound::{Aggregate, AggregateCall, Expr, Slot};
use crate::optimize::Stats;
use crate::plan::node::Towards;
use crate::plan::walk::{Imports, slots_of};

/// The relationships whose far end is only counted, with whether the near end is the written left one.
/// The aggregates above must be those [`plain_counts`] lets pass, its row counts already in place.
pub(super) fn countable(
    graph: &Patterns,
    keys: &[(Slot, Expr)],
    aggregates: &[Aggregate],
    imports: &Imports,
    stats: &dyn Stats,
) -> Vec<(usize, bool)> {
    let mut read = Vec::new();
    keys.iter().for_each(|(_, e)| slots_of(e, imports, &mut read));
    for aggregate in aggregates {
        if let AggregateCall::Function { arguments, .. } = &aggregate.call {
            arguments.iter().for_each(|e| slots_of(e, imports, &mut read));
        }
    }
    graph.paths.iter().for_each(|p| read.extend(&p.parts));
    graph.rels.iter().for_each(|r| read.extend(r.reads(imports)));
    // what a search asks stands in it
    if graph.rels.iter().any(|r| matches!(r.searched, Some(Searched::Path(_) | Searched::Rows(_)))) {
        return Vec::new();
    }
    let adjacency = graph.adjacency();
    let mut leaves = Vec::new();
    for (number, rel) in graph.rels.iter().enumerate() {
        let plain_rel = rel.is_single() && !rel.rel.bound;
        let blocked = graph
            .rels
            .iter()
            .enumerate()
            .any(|(other, r)| other != number && r.may_equal(rel) && !graph.are_apart(number, other, stats));
        if !plain_rel || blocked || read.contains(&rel.rel.slot) || rel.rel.from == rel.rel.to {
            continue;
        }
        for from_left in [true, false] {
            let (near, far) = if from_left { (rel.rel.from, rel.rel.to) } else { (rel.rel.to, rel.rel.from) };
            let far_slot = graph.nodes[far].slot;
            let hangs = adjacency[far].len() == 1 && !graph.nodes[far].bound;
            let near_left = leaves.iter().all(|(r, left): &(usize, bool)| {
                let taken = &graph.rels[*r].rel;
                near != if *left { taken.to } else { taken.from }
            });
            let labelled =
                |e: &Expr| implied_label(e, far_slot, &rel.rel.types, towards(rel.rel.direction, !from_left), stats);
            let unseen = graph.conditions.iter().all(|e| !mentions(e, far_slot, rel.rel.slot, imports) || labelled(e));
            if hangs && near_left && !read.contains(&far_slot) && unseen {
                leaves.push((number, from_left));
                break;
            }
        }
    }
    leaves
}

/// Whether the pattern is one directed relationship with at most a label at each end: the graph knows how many
/// there are without looking (see `count_from_stats`).
pub(super) fn is_one_relationship(graph: &Patterns) -> bool {
    use crate::bind::bound::Direction;
    let [rel] = graph.rels.as_slice() else { return false };
    let labels: Vec<Slot> = graph.conditions.iter().filter_map(|e| label_test(e).map(|(slot, _)| slot)).collect();
    let once = graph.nodes.iter().all(|n| labels.iter().filter(|slot| **slot == n.slot).count() <= 1);
    let plain = rel.is_single() && rel.rel.direction != Direction::Either && !rel.rel.bound;
    plain && once && labels.len() == graph.conditions.len() && graph.nodes.len() == 2 && graph.paths.is_empty()
}

/// Counts whose argument is never null: `count(x)` of a slot of the pattern, `count(x.k)` where every `x` has `k`.
/// Nothing when another aggregate would notice how often a row stands there.
pub(super) fn plain_counts(graph: &Patterns, aggregates: &[Aggregate], stats: &dyn Stats) -> Option<Vec<usize>> {
    let own = graph.own_slots();
    let mut plain = Vec::new();
    for (number, aggregate) in aggregates.iter().enumerate() {
        let AggregateCall::Function { function, distinct, arguments, .. } = &aggregate.call else {
            plain.push(number);
            continue;
        };
        let never_null = match arguments.as_slice() {
            [Expr::Slot(slot)] => own.contains(slot),
            [Expr::Property { base, key, .. }] => match **base {
                Expr::Slot(slot) => graph
                    .conditions
                    .iter()
                    .filter_map(label_test)
                    .any(|(s, label)| s == slot && stats.has_exactly(label, key)),
                _ => false,
            },
            _ => false,
        };
        match function.name {
            "count" if !distinct && never_null => plain.push(number),
            "count" if !distinct => {}
            // Whether a row stands once or often makes no difference to these.
            "min" | "max" => {}
            _ if *distinct => {}
            _ => return None,
        }
    }
    Some(plain)
}

fn mentions(expr: &Expr, node: Slot, rel: Slot, imports: &Imports) -> bool {
    let mut slots = Vec::new();
    slots_of(expr, imports, &mut slots);
    slots.contains(&node) || slots.contains(&rel)
}

/// Whether a condition only asks for a label that every such end has.
fn implied_label(
    expr: &Expr,
    slot: Slot,
    types: &crate::bind::bound::TypeTest,
    side: Towards,
    stats: &dyn Stats,
) -> bool {
    label_test(expr)
        .is_some_and(|(s, label)| s == slot && side != Towards::Both && stats.ends_exactly_at(types, side, label))
}
