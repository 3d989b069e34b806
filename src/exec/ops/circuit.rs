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
//! different branches and it is nowhere longer than the ways that the search found.

use rustc_hash::FxHashMap;

/// What a search that has begun at a node has seen so far.
#[derive(Default)]
pub(super) struct Circuit {
    start: u32,
    /// Depth and branch of the nodes that were found.
    seen: FxHashMap<u32, (u64, u32)>,
    /// The length of the shortest circuit that was met.
    shortest: Option<u64>,
}

impl Circuit {
    /// Begins a search.
    pub(super) fn begin(&mut self, start: u32) {
        self.start = start;
        self.seen.clear();
        self.shortest = None;
    }

    /// The search looks along a relationship from a node at `depth` to another, which may be new.
    pub(super) fn step(&mut self, from: u32, depth: u64, rel: u32, to: u32) {
        if from == self.start && to == self.start {
            self.shortest = Some(1);
            return;
        }
        let place = |node: u32| {
            if node == self.start { Some((0, rel)) } else { self.seen.get(&node).copied() }
        };
        let Some((_, branch)) = place(from) else { return };
        match place(to) {
            None => {
                self.seen.insert(to, (depth + 1, branch));
            }
            Some((other_depth, other)) if other != branch => {
                let length = depth + other_depth + 1;
                self.shortest = Some(self.shortest.map_or(length, |shortest| shortest.min(length)));
            }
            Some(_) => {}
        }
    }

    /// Whether the start is on a circuit of at most so many relationships, as far as is known.
    pub(super) fn within(&self, max: Option<u64>) -> bool {
        self.shortest.is_some_and(|length| max.is_none_or(|max| length <= max))
    }

    /// Bytes it holds.
    pub(super) fn bytes(&self) -> usize {
        self.seen.capacity() * 24
    }
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
        let mut circuit = Circuit::default();
        circuit.begin(start);
        let (mut frontier, mut visited, mut depth) = (vec![start], vec![start], 0);
        while !frontier.is_empty() {
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
                    circuit.step(from, depth, number, to);
                    if !visited.contains(&to) {
                        visited.push(to);
                        next.push(to);
                    }
                }
            }
            frontier = next;
            depth += 1;
        }
        circuit.shortest
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
