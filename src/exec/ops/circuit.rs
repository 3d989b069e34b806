//! Whether a node is reached again by a walk that repeats no relationship: the shortest circuit through it.
//!
//! ```text
//!        ╭─e1─ a ─ c ─╮           branches e1 and e2 meet over the relationship c–d:
//!   start             │ r         the circuit start ─e1─ a ─ c ─r─ d ─ b ─e2─ start
//!        ╰─e2─ b ─ d ─╯           has depth(c) + depth(d) + 1 relationships
//! ```
//!
//! A breadth-first search gives every node it finds a depth and a branch, which is the relationship by which its way
//! leaves the start. A relationship that joins two branches closes a circuit through the start whose two sides, being
//! in different branches, share nothing; and a shortest circuit has such a relationship, because its ends lie in
//! different branches and it is nowhere longer than the ways that the search found. Its nearer end is no deeper than half
//! the circuit, so the first level in which any circuit closes has a shortest one among its own.
//!
//! Where relationships are followed in one direction only, or may be repeated, a walk comes back by whatever leads to the
//! start: the first that does so in breadth is shortest, and repeats nothing where it need not.

use rustc_hash::FxHashMap;

use super::walking::Steps;
use crate::error::Result;
use crate::exec::context::Context;
use crate::value::NodeRef;

/// How a node was found.
#[derive(Clone, Copy)]
struct Place {
    depth: u64,
    /// The relationship by which the way to it leaves the start.
    branch: u32,
    /// The last relationship of the way, and where that comes from.
    rel: u32,
    from: u32,
}

/// The relationship that closes a circuit, and its length.
#[derive(Clone, Copy)]
struct Closing {
    length: u64,
    from: u32,
    rel: u32,
    to: u32,
}

/// What a search that has begun at a node has seen so far.
struct Circuit {
    start: u32,
    /// A circuit closes where two branches meet; otherwise only where a step leads to the start.
    joins: bool,
    seen: FxHashMap<u32, Place>,
    shortest: Option<Closing>,
}

impl Circuit {
    fn new(start: u32, joins: bool) -> Self {
        Self { start, joins, seen: FxHashMap::default(), shortest: None }
    }

    /// The search looks along a relationship from a node at `depth` to another; true when that is new.
    fn step(&mut self, from: u32, depth: u64, rel: u32, to: u32) -> bool {
        let place = |node: u32| match node == self.start {
            true => Some((0, rel)),
            false => self.seen.get(&node).map(|place| (place.depth, place.branch)),
        };
        let Some((_, branch)) = place(from) else { return false };
        let Some((other_depth, other)) = place(to) else {
            self.seen.insert(to, Place { depth: depth + 1, branch, rel, from });
            return true;
        };
        let closes = match self.joins {
            true => other != branch || from == to && to == self.start,
            false => to == self.start,
        };
        let length = depth + other_depth + 1;
        if closes && self.shortest.is_none_or(|shortest| length < shortest.length) {
            self.shortest = Some(Closing { length, from, rel, to });
        }
        false
    }

    /// The relationships of the shortest circuit that was met.
    fn walk(&self) -> Option<Vec<u32>> {
        let closing = self.shortest?;
        let mut rels = self.back(closing.from);
        rels.reverse();
        rels.push(closing.rel);
        rels.extend(self.back(closing.to));
        Some(rels)
    }

    /// The relationships from a node back to the start.
    fn back(&self, mut node: u32) -> Vec<u32> {
        let mut rels = Vec::new();
        while let Some(place) = self.seen.get(&node).filter(|_| node != self.start) {
            rels.push(place.rel);
            node = place.from;
        }
        rels
    }
}

/// One shortest walk of a step or more from a node back to itself, as its relationships; none of those in `without`.
/// `joins`: the steps go either way, and none may be taken twice.
pub(super) fn around(
    start: NodeRef,
    (joins, max): (bool, Option<u64>),
    without: &[u32],
    steps: &mut Steps<'_>,
    cx: &mut Context<'_>,
) -> Result<Option<Vec<u32>>> {
    let mut circuit = Circuit::new(start.0, joins);
    let (mut frontier, mut depth, mut buffer) = (vec![start.0], 0, Vec::new());
    // two sides of a circuit each reach half of it
    let deep_enough = |depth: u64| max.is_some_and(|max| if joins { 2 * depth >= max } else { depth >= max });
    while !frontier.is_empty() && circuit.shortest.is_none() && !deep_enough(depth) {
        let mut next = Vec::new();
        for from in std::mem::take(&mut frontier) {
            buffer.clear();
            steps.append(NodeRef::new(from), true, &mut buffer, cx)?;
            for (rel, to) in buffer.iter().filter(|(rel, _)| !without.contains(rel)) {
                if circuit.step(from, depth, *rel, *to) {
                    next.push(*to);
                }
            }
            cx.meter.fits(circuit.seen.capacity() * 32)?;
        }
        frontier = next;
        depth += 1;
    }
    let fits = |closing: &Closing| max.is_none_or(|max| closing.length <= max);
    Ok(circuit.shortest.filter(fits).and_then(|_| circuit.walk()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shortest walk back to `start` that repeats no relationship, by trying them all.
    fn tried(rels: &[(u32, u32)], start: u32) -> Option<u64> {
        fn go(rels: &[(u32, u32)], at: u32, start: u32, taken: &mut Vec<usize>, best: &mut Option<u64>) {
            for (number, &(a, b)) in rels.iter().enumerate() {
                let to = if a == at {
                    b
                } else if b == at {
                    a
                } else {
                    continue;
                };
                if taken.contains(&number) {
                    continue;
                }
                taken.push(number);
                let length = taken.len() as u64;
                if to == start && best.is_none_or(|best| length < best) {
                    *best = Some(length);
                }
                if best.is_none_or(|best| length < best) {
                    go(rels, to, start, taken, best);
                }
                taken.pop();
            }
        }
        let mut best = None;
        go(rels, start, start, &mut Vec::new(), &mut best);
        best
    }

    fn searched(rels: &[(u32, u32)], start: u32) -> Option<u64> {
        let mut circuit = Circuit::new(start, true);
        let (mut frontier, mut depth) = (vec![start], 0);
        while !frontier.is_empty() && circuit.shortest.is_none() {
            let mut next = Vec::new();
            for &from in &frontier {
                for (number, &(a, b)) in (0..).zip(rels) {
                    let to = if a == from {
                        b
                    } else if b == from {
                        a
                    } else {
                        continue;
                    };
                    if circuit.step(from, depth, number, to) {
                        next.push(to);
                    }
                }
            }
            frontier = next;
            depth += 1;
        }
        let walk = circuit.walk()?;
        let mut at = start;
        for (place, number) in walk.iter().enumerate() {
            let (a, b) = rels[*number as usize];
            assert!((a == at || b == at) && !walk[..place].contains(number), "{walk:?} in {rels:?}");
            at = if a == at { b } else { a };
        }
        assert_eq!(at, start, "{walk:?} in {rels:?}");
        Some(walk.len() as u64)
    }

    #[test]
    fn the_shortest_circuit_is_the_shortest_walk_back() {
        let mut state = 7_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..3000 {
            let nodes = 1 + next(7);
            let rels: Vec<(u32, u32)> = (0..next(10)).map(|_| (next(nodes) as u32, next(nodes) as u32)).collect();
            assert_eq!(searched(&rels, 0), tried(&rels, 0), "{rels:?}");
        }
    }
}
