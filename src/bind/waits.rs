//! What the parts of a pattern read of each other while they are found.
//!
//! What is asked inside a repetition, or inside a path that a selector chooses among, is asked while that is being
//! found, so what it reads of the rest of the pattern is found before. Parts that read each other in a circle have no
//! order; they are refused here, so that later stages find one.

use std::collections::BTreeSet;

use super::Binder;
use super::bound::{Expr, PathPart, Pattern, PatternPath, PatternRel, RelLength, Selector, Slot};
use crate::error::{Code, Error, Result, Span};

/// What is found by going: a repetition, or a path, which is there when all of its repetitions are.
#[derive(Default)]
struct Part {
    /// The others that must be there before, with the slot that is read of each; none where it is a part of this one.
    needs: Vec<(usize, Option<Slot>)>,
}

/// Where the conditions of a pattern stand in the text: of its relationships and of its paths, by number.
#[derive(Default)]
pub(super) struct Places {
    pub(super) rels: Vec<(usize, Span)>,
    pub(super) paths: Vec<(usize, Span)>,
}

impl<'a> Binder<'a> {
    /// Errors: conditions of the pattern read each other's parts in a circle.
    pub(super) fn check_waits(&self, pattern: &Pattern, places: &Places) -> Result<()> {
        let is_repeated = |rel: &PatternRel| !matches!(rel.length, RelLength::One);
        if pattern.paths.is_empty() && pattern.rels.iter().filter(|rel| is_repeated(rel)).count() < 2 {
            return Ok(());
        }
        let rels = pattern.rels.len();
        let mut parts: Vec<Part> = (0..rels + pattern.paths.len()).map(|_| Part::default()).collect();
        for (at, path) in pattern.paths.iter().enumerate() {
            parts[rels + at].needs.extend(rel_numbers(path).into_iter().map(|rel| (rel, None)));
        }
        for (number, rel) in pattern.rels.iter().enumerate() {
            let mut reads = Vec::new();
            self.walk_reads(rel, &mut reads);
            parts[number].needs.extend(reads.iter().filter_map(|slot| {
                let found_by = found_by(pattern, *slot, chosen_around(pattern, number))?;
                Some((found_by, Some(*slot)))
            }));
        }
        for (at, path) in pattern.paths.iter().enumerate() {
            let mut reads = Vec::new();
            path.tests.iter().for_each(|test| self.outer_slots(test, &mut reads));
            let needs = reads.iter().filter_map(|slot| Some((found_by(pattern, *slot, Some(at))?, Some(*slot))));
            // what is asked of a path as a whole may read it
            parts[rels + at].needs.extend(needs.filter(|(part, _)| *part != rels + at));
        }
        let mut fine = BTreeSet::new();
        for part in 0..parts.len() {
            if let Some(circle) = circle(&parts, part, &mut Vec::new(), &mut fine) {
                return Err(self.in_a_circle(&parts, &circle, (rels, places)));
            }
        }
        Ok(())
    }

    fn in_a_circle(&self, parts: &[Part], circle: &[usize], (rels, places): (usize, &Places)) -> Error {
        let place = |part: usize| {
            let (of, number) = if part < rels { (&places.rels, part) } else { (&places.paths, part - rels) };
            of.iter().find(|(at, _)| *at == number).map(|(_, span)| *span)
        };
        let following = circle.iter().skip(1).chain(circle.first());
        let mut read = circle.iter().zip(following).filter_map(|(part, next)| {
            let need = parts[*part].needs.iter().find(|(other, slot)| other == next && slot.is_some());
            Some((place(*part).unwrap_or_default(), need?.1?))
        });
        let (span, name) = read.next().map_or((Span::default(), ""), |(span, slot)| {
            (span, self.slots.get(slot.0 as usize).map_or("", |slot| &*slot.name))
        });
        let message = format!("finding `{name}` waits for what is asked here, so this cannot read `{name}`");
        Error::syntax(Code::InvalidRelationshipPattern, message)
            .at(span)
            .hint("ask it behind the pattern, when all of it is there: WHERE all(x IN r WHERE …)")
    }

    /// The slots that are read while a repetition is walked.
    fn walk_reads(&self, rel: &PatternRel, out: &mut Vec<Slot>) {
        match &rel.length {
            RelLength::One => {}
            RelLength::Var { conditions, .. } => conditions.iter().for_each(|expr| self.outer_slots(expr, out)),
            RelLength::Group(group) => {
                let asked = group.conditions.iter().chain(&group.pattern.predicates);
                asked.for_each(|expr| self.outer_slots(expr, out));
                group.pattern.rels.iter().for_each(|inner| self.walk_reads(inner, out));
            }
        }
    }

    /// Moves conditions of an element of the path number `at`, those from `from` on, into the path: what reads its inside
    /// and something else of the pattern is asked before the selector chooses, like all that is written inside. Says
    /// whether there was any.
    pub(super) fn ask_within(&self, pattern: &mut Pattern, at: usize, from: usize, begins: usize) -> bool {
        let path = &pattern.paths[at];
        let own = inside(pattern, path);
        let nodes = path.elements.iter().filter_map(|part| match part {
            PathPart::Node(node) => Some(pattern.nodes[*node].slot),
            PathPart::Rel(_) => None,
        });
        let nodes: Vec<Slot> = nodes.collect();
        let is_own = |slot: &Slot| own.contains(slot) || path.slot == Some(*slot);
        let is_end = |slot: &Slot| nodes.first() == Some(slot) || nodes.last() == Some(slot);
        // an inner node that other paths lead through, too
        let is_shared = |slot: &Slot| nodes.contains(slot) && !is_own(slot) && !is_end(slot);
        let is_new = |slot: &Slot| slot.0 as usize >= begins;
        let crosses = |expr: &Expr| {
            let mut reads = Vec::new();
            self.outer_slots(expr, &mut reads);
            reads.sort_unstable();
            reads.dedup();
            let others = reads.iter().any(|slot| is_new(slot) && !is_own(slot) && !is_end(slot));
            others && reads.iter().any(is_own) || reads.len() > 1 && reads.iter().any(is_shared)
        };
        let asked = pattern.predicates.split_off(from);
        let (within, behind): (Vec<Expr>, Vec<Expr>) = asked.into_iter().partition(crosses);
        pattern.predicates.extend(behind);
        let moved = !within.is_empty();
        pattern.paths[at].tests.extend(within);
        moved
    }
}

/// What finds a slot, asked from inside the path number `from` (or from outside of all): a repetition, or for what is
/// inside a path that a selector chooses among and asked from outside, that path. Relationships and nodes of other
/// paths can always be found first.
fn found_by(pattern: &Pattern, slot: Slot, from: Option<usize>) -> Option<usize> {
    let rels = pattern.rels.len();
    for (at, path) in pattern.paths.iter().enumerate() {
        let is_own = path.slot == Some(slot) || path.cost == Some(slot);
        if is_own || is_chosen(path) && from != Some(at) && inside(pattern, path).contains(&slot) {
            return Some(rels + at);
        }
    }
    pattern.rels.iter().position(|rel| !matches!(rel.length, RelLength::One) && fills(rel).contains(&slot))
}

fn is_chosen(path: &PatternPath) -> bool {
    path.selector != Selector::All
}

/// The number of the path behind a selector that holds a relationship.
fn chosen_around(pattern: &Pattern, rel: usize) -> Option<usize> {
    pattern.paths.iter().position(|path| is_chosen(path) && rel_numbers(path).contains(&rel))
}

/// What only going along the path gives: its relationships, and its inner nodes that nothing else brings.
fn inside(pattern: &Pattern, path: &PatternPath) -> Vec<Slot> {
    let own = rel_numbers(path);
    let mut out: Vec<Slot> = own.iter().flat_map(|rel| fills(&pattern.rels[*rel])).collect();
    let is_elsewhere = |node: usize| {
        let mut others = pattern.rels.iter().enumerate().filter(|(number, _)| !own.contains(number));
        let holds = |other: &PatternPath| {
            !std::ptr::eq(other, path)
                && other.elements.iter().any(|part| matches!(part, PathPart::Node(n) if *n == node))
        };
        others.any(|(_, rel)| rel.from == node || rel.to == node) || pattern.paths.iter().any(holds)
    };
    let nodes: Vec<usize> = path
        .elements
        .iter()
        .filter_map(|part| if let PathPart::Node(node) = part { Some(*node) } else { None })
        .collect();
    let inner = nodes.get(1..nodes.len().saturating_sub(1)).unwrap_or_default();
    let (first, last) = (nodes.first(), nodes.last());
    let is_own = |node: &&usize| {
        !pattern.nodes[**node].bound && Some(*node) != first && Some(*node) != last && !is_elsewhere(**node)
    };
    out.extend(inner.iter().filter(is_own).map(|node| pattern.nodes[*node].slot));
    out
}

fn fills(rel: &PatternRel) -> Vec<Slot> {
    let mut out = Vec::new();
    if !rel.bound {
        out.push(rel.slot);
    }
    if let RelLength::Group(group) = &rel.length {
        out.extend(group.lists.iter().map(|(_, outer)| *outer));
    }
    out
}

fn rel_numbers(path: &PatternPath) -> Vec<usize> {
    let number = |part: &PathPart| if let PathPart::Rel(number) = part { Some(*number) } else { None };
    path.elements.iter().filter_map(number).collect()
}

/// Parts that need each other in a circle, from a part on.
fn circle(parts: &[Part], part: usize, way: &mut Vec<usize>, fine: &mut BTreeSet<usize>) -> Option<Vec<usize>> {
    if let Some(at) = way.iter().position(|before| *before == part) {
        return Some(way[at..].to_vec());
    }
    if fine.contains(&part) {
        return None;
    }
    way.push(part);
    let found = parts[part].needs.iter().find_map(|(need, _)| circle(parts, *need, way, fine));
    way.pop();
    fine.insert(part);
    found
}
