//! Counts for the planner: exact, kept by the writes or found once and kept from then on.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::column::ColumnKind;
use super::labels::SetId;
use super::{Csr, Dir, Graph, IndexId, KeyId, LabelId, Rel, RelTypeId};
use crate::memory;
use crate::value::{NodeRef, RelRef};

/// How many relationships go from one label set to another.
pub(super) type Patterns = FxHashMap<(SetId, SetId), u64>;

/// The patterns of each type; found when first asked, adjusted by writes.
#[derive(Clone, Debug, Default)]
pub(super) struct PatternCounts(Vec<OnceLock<Arc<Patterns>>>);

impl PatternCounts {
    /// Makes room for a type.
    pub(super) fn grow(&mut self, ty: RelTypeId) {
        if ty.index() >= self.0.len() {
            self.0.resize_with(ty.index() + 1, OnceLock::new);
        }
    }

    /// Takes over what an image says of a type.
    pub(super) fn open(&mut self, ty: RelTypeId, patterns: Patterns) {
        self.grow(ty);
        let _ = self.0[ty.index()].set(Arc::new(patterns));
    }

    fn known(&mut self, ty: RelTypeId) -> Option<&mut Patterns> {
        self.0.get_mut(ty.index())?.get_mut().map(Arc::make_mut)
    }

    pub(super) fn get(&self, ty: RelTypeId) -> Option<&Patterns> {
        self.0.get(ty.index())?.get().map(|patterns| &**patterns)
    }
}

/// Counts pairs, quickly while the same one comes again and again.
#[derive(Default)]
struct Counter {
    counts: Patterns,
    last: (SetId, SetId),
    run: u64,
}

impl Counter {
    fn add(&mut self, pair: (SetId, SetId)) {
        if pair != self.last {
            self.end_run();
            self.last = pair;
        }
        self.run += 1;
    }

    fn end_run(&mut self) {
        if self.run > 0 {
            *self.counts.entry(self.last).or_insert(0) += std::mem::take(&mut self.run);
        }
    }

    fn counts(mut self) -> Patterns {
        self.end_run();
        self.counts
    }
}

/// The patterns of a type whose whole adjacency this is.
pub(super) fn patterns_in(csr: &Csr, set_of: impl Fn(u32) -> SetId) -> Patterns {
    let mut counter = Counter::default();
    csr.for_each_node(|node, range| {
        let start = set_of(node.0);
        csr.all_targets()[range].iter().for_each(|&end| counter.add((start, set_of(end))));
    });
    counter.counts()
}

impl Graph {
    /// Living nodes.
    pub(crate) fn node_count(&self) -> u64 {
        self.topology.node_count()
    }

    /// Living relationships.
    pub(crate) fn rel_count(&self) -> u64 {
        self.topology.rel_count()
    }

    /// Nodes with the label.
    pub(crate) fn label_count(&self, label: LabelId) -> u64 {
        self.labels.nodes(label).map_or(0, |nodes| nodes.len())
    }

    /// Relationships of the type.
    pub(crate) fn type_count(&self, ty: RelTypeId) -> u64 {
        self.topology.types.get(ty.index()).map_or(0, |t| t.live.len())
    }

    /// Relationships `(start)-[ty]->(end)`, exact; `None` is any label. Linear in the type once, then kept.
    pub(crate) fn pattern_count(&self, start: Option<LabelId>, ty: RelTypeId, end: Option<LabelId>) -> u64 {
        if start.is_none() && end.is_none() {
            return self.type_count(ty);
        }
        if self.type_count(ty) == 0 {
            return 0;
        }
        let has =
            |set: SetId, label: Option<LabelId>| label.is_none_or(|label| self.labels.set(set).labels.contains(&label));
        let sum = |counts: &Patterns| {
            counts.iter().filter(|((s, e), _)| has(*s, start) && has(*e, end)).map(|(_, n)| n).sum()
        };
        match self.patterns.0.get(ty.index()) {
            Some(kept) => sum(memory::kept::<Arc<Patterns>>(kept, || Arc::new(self.find_patterns(ty)))),
            None => sum(&self.find_patterns(ty)),
        }
    }

    /// Whether [`Self::pattern_count`] has no more to look at than a few relationships of the type.
    pub(crate) fn knows_patterns(&self, ty: RelTypeId) -> bool {
        const FEW: u64 = 1024;
        self.patterns.get(ty).is_some() || self.type_count(ty) <= FEW
    }

    /// The combinations of labels that nodes have, in the order of their numbers, and how many nodes have each.
    pub(crate) fn label_sets(&self) -> impl ExactSizeIterator<Item = (&[LabelId], u64)> {
        self.labels.sets().iter().map(|set| (set.labels.as_slice(), set.nodes))
    }

    /// How many relationships of the type go from one combination of labels to another, by their numbers; nothing when
    /// finding out would take a look at many of them.
    pub(crate) fn known_patterns(&self, ty: RelTypeId) -> Option<Vec<(u32, u32, u64)>> {
        let listed = |counts: &Patterns| counts.iter().map(|((start, end), count)| (*start, *end, *count)).collect();
        if !self.knows_patterns(ty) {
            return None;
        }
        Some(match self.patterns.0.get(ty.index()) {
            Some(kept) => listed(memory::kept::<Arc<Patterns>>(kept, || Arc::new(self.find_patterns(ty)))),
            None => listed(&self.find_patterns(ty)),
        })
    }

    /// Relationships of a type that start and end at one node. Linear once when the CSR is clean, else each time.
    pub(crate) fn loop_count(&self, ty: RelTypeId) -> u64 {
        let Some(adjacency) = self.topology.types.get(ty.index()) else { return 0 };
        if let Some(loops) = adjacency.known_loops() {
            return loops;
        }
        if let Some(csr) = self.topology.clean_csr(ty, Dir::Out) {
            return u64::from(csr.loops());
        }
        let is_loop = |slot: &u32| {
            let rel = self.rel(RelRef::new(*slot));
            rel.start == rel.end
        };
        adjacency.live.iter().filter(is_loop).count() as u64
    }

    /// Whether every node of the label has the key (true when there is no such node).
    pub(crate) fn complete(&self, label: LabelId, key: KeyId) -> bool {
        self.key_count(label, key) == self.label_count(label)
    }

    /// How many nodes of the label have the key.
    pub(crate) fn key_count(&self, label: LabelId, key: KeyId) -> u64 {
        self.labels.sets().iter().filter(|set| set.labels.contains(&label)).map(|set| set.keys.count(key)).sum()
    }

    /// How many relationships of the type have the key.
    pub(crate) fn rel_key_count(&self, ty: RelTypeId, key: KeyId) -> u64 {
        self.rel_keys.get(ty.index()).map_or(0, |keys| keys.count(key))
    }

    /// Whether no two nodes of the label share a value of the key, and each has one; an index must know it.
    pub(crate) fn is_unique(&self, label: LabelId, key: KeyId) -> bool {
        let (nodes, column) = (self.label_count(label), self.node_column(key));
        // values that are equal and yet stand apart in an index (1 and 1.0) are none of these
        let plain = column.is_some_and(|c| matches!(c.kind(), Some(ColumnKind::Int | ColumnKind::Str)));
        let distinct = || {
            let index = self.index_for(label, key)?;
            let noted = self.indexes.get(index).and_then(|index| index.exact_distinct());
            noted.or_else(|| Some(self.lookup(index)?.distinct()))
        };
        plain && self.complete(label, key) && distinct() == Some(nodes)
    }

    /// Distinct values in an index: of an opened image, how many there were when it was written; else exact.
    pub(crate) fn distinct_values(&self, index: IndexId) -> u64 {
        let known = self.indexes.get(index).and_then(|index| index.known_distinct());
        known.or_else(|| Some(self.lookup(index)?.distinct())).unwrap_or(0)
    }

    /// A number that grows with every change of schema (names, indexes): what plan caches compare.
    pub(crate) fn schema_version(&self) -> u64 {
        self.schema_version
    }

    /// The patterns of a type, when they are kept.
    pub(super) fn kept_patterns(&self, ty: RelTypeId) -> Option<&Patterns> {
        self.patterns.get(ty)
    }

    pub(super) fn find_patterns(&self, ty: RelTypeId) -> Patterns {
        if let Some(csr) = self.topology.clean_csr(ty, Dir::Out) {
            return patterns_in(csr, |node| self.labels.set_of(node));
        }
        let mut counter = Counter::default();
        if let Some(adjacency) = self.topology.types.get(ty.index()) {
            for slot in adjacency.live.iter() {
                let rel = self.rel(RelRef::new(slot));
                counter.add((self.labels.set_of(rel.start.0), self.labels.set_of(rel.end.0)));
            }
        }
        counter.counts()
    }

    /// Adjusts the counts, when they are kept, for a relationship that came or goes.
    pub(super) fn count_pattern(&mut self, rel: Rel, comes: bool) {
        if let Some(counts) = self.patterns.known(rel.ty) {
            let pair = (self.labels.set_of(rel.start.0), self.labels.set_of(rel.end.0));
            let count = counts.entry(pair).or_insert(0);
            *count = if comes { *count + 1 } else { count.saturating_sub(1) };
            if *count == 0 {
                counts.remove(&pair);
            }
        }
    }

    /// The same for all relationships of a node whose labels change.
    pub(super) fn count_patterns_of(&mut self, node: NodeRef, comes: bool) {
        if self.patterns.0.iter().all(|kept| kept.get().is_none()) {
            return;
        }
        let mut rels = Vec::new();
        self.for_each_neighbour(node, Dir::Both, &[], |rel, _| rels.push(rel));
        for rel in rels {
            self.count_pattern(self.rel(rel), comes);
        }
    }
}
