//! Compressed adjacency of one relationship type in one direction.
//!
//! ```text
//! nodes    first ─────────────────► first + offsets.len() - 1
//! offsets  0   2   2   5 …            (dense: one a node of the range; sparse: one a node that has any)
//! targets  4 9     1 1 7 …            ascending within a node
//! rels     slots beside the targets, or one base when they ascend with the positions
//! ```
//!
//! Immutable once built. It does not know what was written since; `adjacency` does.

use std::ops::Range;
use std::sync::OnceLock;

use crate::value::{NodeRef, RelRef};

/// Dense offsets cost four bytes a node of the range; above this many nodes a relationship, offsets are sparse.
const DENSE_NODES_A_REL: u64 = 32;
/// A range this small is always dense.
const SMALL_RANGE: u64 = 1 << 12;

/// Adjacency of one relationship type in one direction, targets ascending within a node.
#[derive(Debug, Default)]
pub(crate) struct Csr {
    offsets: Offsets,
    targets: Vec<u32>,
    rels: RelSlots,
    loops: OnceLock<u32>,
}

#[derive(Debug)]
pub(super) enum Offsets {
    /// Node `first + i` has the positions `at[i]..at[i + 1]`.
    Dense { first: u32, at: Vec<u32> },
    /// Node `nodes[i]` has the positions `at[i]..at[i + 1]`; `nodes` ascend.
    Sparse { nodes: Vec<u32>, at: Vec<u32> },
}

#[derive(Debug)]
pub(super) enum RelSlots {
    /// The relationship at position `i` is `base + i`.
    From(u32),
    Each(Vec<u32>),
}

/// A relationship on its way into a CSR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) rel: u32,
}

impl Default for Offsets {
    fn default() -> Self {
        Self::Dense { first: 0, at: vec![0] }
    }
}

impl Default for RelSlots {
    fn default() -> Self {
        Self::Each(Vec::new())
    }
}

impl Csr {
    /// The nodes at the other end, ascending.
    #[inline]
    pub(crate) fn targets(&self, node: NodeRef) -> &[u32] {
        &self.targets[self.range(node)]
    }

    /// The positions of `node`'s relationships in [`Csr::all_targets`].
    #[inline]
    pub(crate) fn range(&self, node: NodeRef) -> Range<usize> {
        let (i, at) = match &self.offsets {
            Offsets::Dense { first, at } => (node.0.wrapping_sub(*first) as usize, at),
            Offsets::Sparse { nodes, at } => match nodes.binary_search(&node.0) {
                Ok(i) => (i, at),
                Err(_) => return 0..0,
            },
        };
        match at.get(i..).and_then(|rest| rest.first_chunk::<2>()) {
            Some(&[start, end]) => start as usize..end as usize,
            None => 0..0,
        }
    }

    /// The positions of many nodes at once, appended to `out`. Nothing here depends on what was read before, so that the
    /// processor waits for several of them at the same time.
    pub(crate) fn ranges(&self, nodes: &[u32], out: &mut Vec<(u32, u32)>) {
        let from = out.len();
        out.extend(nodes.iter().map(|node| {
            let range = self.range(NodeRef::new(*node));
            (range.start as u32, range.end as u32)
        }));
        // what is about to be copied is fetched in the same way
        let first = |&(start, end): &(u32, u32)| if start < end { start } else { 0 };
        let fetched =
            out[from..].iter().map(|range| self.targets.get(first(range) as usize).copied().unwrap_or_default());
        std::hint::black_box(fetched.fold(0, |all, target| all ^ target));
    }

    /// The nodes at the other end at some positions, and the relationships there, appended.
    #[inline]
    pub(crate) fn copy(&self, (start, end): (u32, u32), nodes: &mut Vec<u32>, rels: Option<&mut Vec<u32>>) {
        let range = start as usize..end as usize;
        nodes.extend_from_slice(self.targets.get(range.clone()).unwrap_or_default());
        match (rels, &self.rels) {
            (None, _) => {}
            (Some(rels), RelSlots::From(base)) => rels.extend(base + start..base + end),
            (Some(rels), RelSlots::Each(slots)) => rels.extend_from_slice(slots.get(range).unwrap_or_default()),
        }
    }

    /// The relationship at a position.
    #[inline]
    pub(crate) fn rel_at(&self, position: usize) -> RelRef {
        RelRef::new(match &self.rels {
            RelSlots::From(base) => base + position as u32,
            RelSlots::Each(slots) => slots[position],
        })
    }

    /// How many relationships of this type and direction `node` has.
    #[inline]
    pub(crate) fn degree(&self, node: NodeRef) -> u32 {
        let range = self.range(node);
        (range.end - range.start) as u32
    }

    /// All targets, grouped by node in ascending order of nodes.
    pub(crate) fn all_targets(&self) -> &[u32] {
        &self.targets
    }

    /// Slots that may have relationships here: every node outside has none.
    pub(crate) fn nodes(&self) -> Range<u32> {
        match &self.offsets {
            Offsets::Dense { first, at } => *first..first + (at.len() as u32).saturating_sub(1),
            Offsets::Sparse { nodes, .. } => match (nodes.first(), nodes.last()) {
                (Some(first), Some(last)) => *first..last + 1,
                _ => 0..0,
            },
        }
    }

    /// Calls `f` with each node that has any, ascending, and the positions it has.
    pub(crate) fn for_each_node(&self, mut f: impl FnMut(NodeRef, Range<usize>)) {
        let mut visit = |node: u32, pair: &[u32]| {
            if pair[0] != pair[1] {
                f(NodeRef::new(node), pair[0] as usize..pair[1] as usize);
            }
        };
        match &self.offsets {
            Offsets::Dense { first, at } => (*first..).zip(at.windows(2)).for_each(|(n, pair)| visit(n, pair)),
            Offsets::Sparse { nodes, at } => nodes.iter().zip(at.windows(2)).for_each(|(&n, pair)| visit(n, pair)),
        }
    }

    /// How many relationships.
    pub(crate) fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// How many relationships start and end at one node. Linear once, then kept.
    pub(crate) fn loops(&self) -> u32 {
        *self.loops.get_or_init(|| {
            let mut loops = 0;
            self.for_each_node(|node, range| {
                let targets = &self.targets[range];
                let from = targets.partition_point(|&t| t < node.0);
                loops += targets[from..].iter().take_while(|&&t| t == node.0).count() as u32;
            });
            loops
        })
    }

    /// The node whose relationship stands at a position.
    pub(super) fn node_at(&self, position: usize) -> NodeRef {
        let position = position as u32;
        NodeRef::new(match &self.offsets {
            Offsets::Dense { first, at } => first + at.partition_point(|&o| o <= position).saturating_sub(1) as u32,
            Offsets::Sparse { nodes, at } => {
                nodes.get(at.partition_point(|&o| o <= position).saturating_sub(1)).copied().unwrap_or_default()
            }
        })
    }

    /// From entries in any order. Time linear in entries and range (a sort when they are few for their range).
    pub(super) fn build(mut entries: Vec<Entry>) -> Self {
        sort(&mut entries);
        let mut targets = Vec::with_capacity(entries.len());
        targets.extend(entries.iter().map(|e| e.to));
        let rels = match entries.first() {
            Some(first) if entries.iter().zip(first.rel..).all(|(e, slot)| e.rel == slot) => RelSlots::From(first.rel),
            _ => RelSlots::Each(entries.iter().map(|e| e.rel).collect()),
        };
        Self { offsets: offsets(&entries), targets, rels, loops: OnceLock::new() }
    }

    /// The same relationships seen from the other end.
    pub(super) fn transposed(&self) -> Self {
        let mut entries = Vec::with_capacity(self.len());
        self.for_each_entry(|e| entries.push(Entry { from: e.to, to: e.from, rel: e.rel }));
        Self::build(entries)
    }

    pub(super) fn for_each_entry(&self, mut f: impl FnMut(Entry)) {
        self.for_each_node(|node, range| {
            for at in range {
                f(Entry { from: node.0, to: self.targets[at], rel: self.rel_at(at).0 });
            }
        });
    }

    /// From the parts of a stored image, already verified to fit each other by [`Csr::verify`].
    pub(super) fn from_parts(offsets: Offsets, targets: Vec<u32>, rels: RelSlots) -> Self {
        Self { offsets, targets, rels, loops: OnceLock::new() }
    }

    pub(super) fn parts(&self) -> (&Offsets, &[u32], &RelSlots) {
        (&self.offsets, &self.targets, &self.rels)
    }

    /// Whether offsets ascend and end at the number of targets, and slots are as many: what makes reads safe.
    pub(super) fn verify(&self) -> bool {
        let at = match &self.offsets {
            Offsets::Dense { first, at } => (u64::from(*first) + at.len() as u64 <= u64::from(u32::MAX)).then_some(at),
            Offsets::Sparse { nodes, at } => {
                (nodes.len() + 1 == at.len() && nodes.windows(2).all(|w| w[0] < w[1])).then_some(at)
            }
        };
        let rels = match &self.rels {
            RelSlots::From(base) => u64::from(*base) + self.targets.len() as u64 <= u64::from(u32::MAX),
            RelSlots::Each(slots) => slots.len() == self.targets.len(),
        };
        rels && at.is_some_and(|at| {
            at.first() == Some(&0)
                && at.last().is_some_and(|&end| end as usize == self.targets.len())
                && at.windows(2).all(|w| w[0] <= w[1])
        })
    }
}

fn offsets(entries: &[Entry]) -> Offsets {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Offsets::default() };
    let range = u64::from(last.from - first.from) + 1;
    if range <= SMALL_RANGE || range <= entries.len() as u64 * DENSE_NODES_A_REL {
        let mut at = Vec::with_capacity(range as usize + 1);
        for (i, e) in entries.iter().enumerate() {
            at.resize((e.from - first.from) as usize + 1, i as u32);
        }
        at.push(entries.len() as u32);
        return Offsets::Dense { first: first.from, at };
    }
    let (mut nodes, mut at) = (Vec::new(), Vec::new());
    for (i, e) in entries.iter().enumerate() {
        if nodes.last() != Some(&e.from) {
            nodes.push(e.from);
            at.push(i as u32);
        }
    }
    at.push(entries.len() as u32);
    Offsets::Sparse { nodes, at }
}

/// By start, then end, then slot.
fn sort(entries: &mut Vec<Entry>) {
    if entries.is_sorted() {
        return;
    }
    let range = |f: fn(&Entry) -> u32| {
        let (low, high) = entries.iter().map(f).fold((u32::MAX, 0), |(l, h), v| (l.min(v), h.max(v)));
        (low, (high - low) as usize + 1)
    };
    let (from, to) = (range(|e| e.from), range(|e| e.to));
    if entries.len() < 1024 || from.1.max(to.1) > entries.len() * 8 {
        entries.sort_unstable();
        return;
    }
    // two stable counting passes; parallel relationships stay in the order they came in, which is that of their slots
    if !entries.is_sorted_by_key(|e| e.to) {
        *entries = counted(entries, to, |e| e.to);
    }
    *entries = counted(entries, from, |e| e.from);
}

fn counted(entries: &[Entry], (low, range): (u32, usize), key: fn(&Entry) -> u32) -> Vec<Entry> {
    let mut at = vec![0u32; range + 1];
    for e in entries {
        at[(key(e) - low) as usize + 1] += 1;
    }
    for i in 0..range {
        at[i + 1] += at[i];
    }
    let mut sorted = vec![Entry { from: 0, to: 0, rel: 0 }; entries.len()];
    for e in entries {
        let next = &mut at[(key(e) - low) as usize];
        sorted[*next as usize] = *e;
        *next += 1;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(count: u32, nodes: u32, seed: u64) -> Vec<Entry> {
        let mut state = seed;
        let mut next = |bound: u32| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u32 % bound
        };
        (0..count).map(|rel| Entry { from: next(nodes), to: next(nodes), rel }).collect()
    }

    #[test]
    fn dense_sparse_and_counted_builds_agree_with_a_plain_list() {
        for (count, nodes) in [(0, 1), (1, 1), (50, 10), (5_000, 300), (5_000, 20_000), (40, 4_000_000_000)] {
            let entries = random(count, nodes, u64::from(count) + 3);
            let csr = Csr::build(entries.clone());
            assert!(csr.verify());
            assert_eq!(csr.len(), entries.len());
            let mut expected = entries.clone();
            expected.sort_unstable();
            let mut got = Vec::new();
            csr.for_each_entry(|e| got.push(e));
            assert_eq!(got, expected);
            for e in entries.iter().take(200) {
                let range = csr.range(NodeRef::new(e.from));
                assert!(csr.targets(NodeRef::new(e.from)).contains(&e.to));
                assert!(range.clone().any(|at| csr.rel_at(at).0 == e.rel && csr.node_at(at).0 == e.from));
            }
            let back = csr.transposed();
            assert_eq!(back.len(), csr.len());
            assert_eq!(back.loops(), csr.loops());
            assert_eq!(csr.loops() as usize, entries.iter().filter(|e| e.from == e.to).count());
        }
    }

    #[test]
    fn ascending_slots_need_no_list() {
        let entries: Vec<_> = (0..100).map(|i| Entry { from: i / 3, to: i, rel: 500 + i }).collect();
        let csr = Csr::build(entries);
        assert!(matches!(csr.parts().2, RelSlots::From(500)));
        assert_eq!(csr.targets(NodeRef::new(1)), [3, 4, 5]);
        assert_eq!((csr.degree(NodeRef::new(33)), csr.degree(NodeRef::new(34))), (1, 0));
        assert_eq!(csr.rel_at(4), RelRef::new(504));
    }
}
