//! What can be reached from where, in the order of time.
//!
//! The *bound* of a way is the latest of the earliest days of its events; an event goes on from a way when its latest
//! day is not before that bound, so that it is compared with the whole way and not with its last event only. A body
//! keeps the smallest bound of the ways to it.
//!
//! The search goes level by level, a level being one event more. In a level a body is taken at most once, and again
//! in a later one only when its bound has fallen. So the first level in which an event goes on is the fewest events
//! of a way to it that counts. When bodies are taken again and again, the events that can be reached at all are
//! counted once, by a search that takes the body with the smallest bound first and each body once; the levels end
//! when they have all of them.
//!
//! Towards the past the same runs with time turned round.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::stated::Span;
use crate::value::{NodeRef, RelRef};

/// What happened at a body, and where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    /// What happened, by a number of the caller.
    pub item: u32,
    /// When, as [`Time::of`] turns it.
    pub time: Time,
    /// Whether a certain answer may rest on the fact.
    pub firm: bool,
    /// The bodies it leads to; none for what only happened there.
    pub to: SmallVec<[(NodeRef, Option<RelRef>); 1]>,
}

/// The earliest and the latest day of an event, in the direction of the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Time {
    pub earliest: i64,
    pub latest: i64,
    pub firm: bool,
}

impl Time {
    pub(super) fn of(span: Span, backward: bool) -> Self {
        let turned = |day: i64| match day {
            i64::MIN => i64::MAX,
            i64::MAX => i64::MIN,
            day => -day,
        };
        let Span { earliest, latest, firm } = span;
        match backward {
            false => Self { earliest, latest, firm },
            true => Self { earliest: turned(latest), latest: turned(earliest), firm },
        }
    }
}

/// The last event of a way from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// The event, by a number of the caller.
    pub item: u32,
    /// The fact by which it leads on, where one is stated.
    pub rel: Option<RelRef>,
    /// The body it leads to.
    pub body: NodeRef,
    /// The way to where it begins, an earlier one; nothing when that is the start.
    pub before: Option<usize>,
}

/// An event that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reached {
    /// How many events there are on the way to the body where it happened.
    pub level: u32,
    /// That way; nothing when the body is the start.
    pub by: Option<usize>,
    /// Whether the events of the way, and it, are in order for every reading of their dates.
    pub certain: bool,
}

/// A body with its bound.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    /// The smallest bound of a way to it.
    pub day: i64,
    by: Option<usize>,
    /// The latest day of the events on that way; the greatest number when their order is not certain.
    done: i64,
}

/// What was reached.
#[derive(Clone, Debug, Default)]
pub(super) struct Reach {
    pub bodies: FxHashMap<NodeRef, Bound>,
    pub items: FxHashMap<u32, Reached>,
    pub ways: Vec<Way>,
    /// How many times a body was taken.
    pub taken: usize,
}

/// Searches from `starts`, where everything counts. `edges` gives what happened at a body, in an order that does not
/// depend on the order of rows.
pub(super) fn search(starts: &[NodeRef], edges: &mut dyn FnMut(NodeRef) -> Vec<Edge>) -> Reach {
    let mut cache: FxHashMap<NodeRef, Vec<Edge>> = FxHashMap::default();
    let mut of = |node: NodeRef, f: &mut dyn FnMut(&Edge)| {
        cache.entry(node).or_insert_with(|| edges(node)).iter().for_each(f);
    };
    let mut reach = levels(starts, &mut of);
    if reach.items.values().any(|item| !item.certain) {
        certain(starts, &mut of, &mut reach);
    }
    reach
}

/// Calls its second argument for each edge of a body.
type Edges<'e> = dyn FnMut(NodeRef, &mut dyn FnMut(&Edge)) + 'e;

fn levels(starts: &[NodeRef], edges: &mut Edges<'_>) -> Reach {
    let mut reach = Reach::default();
    let mut frontier: Vec<NodeRef> = Vec::new();
    for start in starts {
        if reach.bodies.insert(*start, Bound { day: i64::MIN, by: None, done: i64::MIN }).is_none() {
            frontier.push(*start);
        }
    }
    let mut all: Option<usize> = None;
    let mut level = 0;
    // empty between two levels, of which a chain has as many as it has bodies
    let mut next: FxHashMap<NodeRef, (Bound, Way)> = FxHashMap::default();
    let mut order: Vec<NodeRef> = Vec::new();
    while !frontier.is_empty() {
        for body in frontier.drain(..) {
            reach.taken += 1;
            let bound = reach.bodies[&body];
            edges(body, &mut |edge| {
                if edge.time.latest < bound.day {
                    return;
                }
                let first = bound.by.is_none();
                let in_order = edge.firm && (first || edge.time.firm && edge.time.earliest >= bound.done);
                let known = reach.items.entry(edge.item).or_insert(Reached { level, by: bound.by, certain: in_order });
                if known.level == level && in_order && !known.certain {
                    *known = Reached { level, by: bound.by, certain: true };
                }
                let day = bound.day.max(edge.time.earliest);
                let done = if in_order && edge.time.firm { bound.done.max(edge.time.latest) } else { i64::MAX };
                for (to, rel) in &edge.to {
                    let falls = |known: i64| day < known;
                    if reach.bodies.get(to).is_some_and(|known| !falls(known.day))
                        || next.get(to).is_some_and(|(known, _)| (known.day, known.done) <= (day, done))
                    {
                        continue;
                    }
                    let way = Way { item: edge.item, rel: *rel, body: *to, before: bound.by };
                    if next.insert(*to, (Bound { day, by: None, done }, way)).is_none() {
                        order.push(*to);
                    }
                }
            });
        }
        for body in order.drain(..) {
            let Some((mut bound, way)) = next.remove(&body) else { continue };
            bound.by = Some(reach.ways.len());
            reach.ways.push(way);
            reach.bodies.insert(body, bound);
            frontier.push(body);
        }
        level += 1;
        if reach.taken > 4 * reach.bodies.len() + 64 && !frontier.is_empty() {
            let all = *all.get_or_insert_with(|| reachable(starts, edges));
            if reach.items.len() == all {
                break;
            }
        }
    }
    reach
}

/// How many events can be reached: the body with the smallest bound first, each once.
fn reachable(starts: &[NodeRef], edges: &mut Edges<'_>) -> usize {
    let mut items: FxHashSet<u32> = FxHashSet::default();
    let mut done: FxHashSet<NodeRef> = FxHashSet::default();
    let mut queue: BinaryHeap<Reverse<(i64, NodeRef)>> = starts.iter().map(|s| Reverse((i64::MIN, *s))).collect();
    while let Some(Reverse((bound, body))) = queue.pop() {
        if !done.insert(body) {
            continue;
        }
        edges(body, &mut |edge| {
            if edge.time.latest >= bound {
                items.insert(edge.item);
                let day = bound.max(edge.time.earliest);
                queue.extend(edge.to.iter().filter(|(to, _)| !done.contains(to)).map(|(to, _)| Reverse((day, *to))));
            }
        });
    }
    items.len()
}

/// Marks what a way reaches whose events are in order for every reading of their dates, where the fewest events make
/// no such way. Each body is taken once, the one first that is done first.
fn certain(starts: &[NodeRef], edges: &mut Edges<'_>, reach: &mut Reach) {
    let mut done: FxHashSet<NodeRef> = FxHashSet::default();
    /// What is done last, how many events, in which order it was found; the body and the way.
    type Waiting = (i64, u32, usize, NodeRef, Option<usize>);
    let mut queue: BinaryHeap<Reverse<Waiting>> = BinaryHeap::new();
    let mut found = 0;
    queue.extend(starts.iter().map(|start| Reverse((i64::MIN, 0, 0, *start, None))));
    let mut pending: Vec<Way> = Vec::new();
    let offset = reach.ways.len();
    while let Some(Reverse((bound, level, _, body, by))) = queue.pop() {
        if !done.insert(body) {
            continue;
        }
        edges(body, &mut |edge| {
            let in_order = edge.firm && (by.is_none() || edge.time.firm && edge.time.earliest >= bound);
            if !in_order {
                return;
            }
            if let Some(known) = reach.items.get_mut(&edge.item).filter(|known| !known.certain) {
                known.certain = true;
                known.by = by;
            }
            if !edge.time.firm {
                return;
            }
            let until = bound.max(edge.time.latest);
            for (to, rel) in edge.to.iter().filter(|(to, _)| !done.contains(to)) {
                found += 1;
                pending.push(Way { item: edge.item, rel: *rel, body: *to, before: by });
                queue.push(Reverse((until, level + 1, found, *to, Some(offset + pending.len() - 1))));
            }
        });
    }
    reach.ways.append(&mut pending);
}
