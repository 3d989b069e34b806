//! Labels: per label the set of its nodes, per node its *label set*, interned.
//!
//! Nodes with the same labels share one entry, which also counts its nodes and, per key, how many of them have it:
//! from these come `labels(n)`, `properties(n)` without asking every column, and the statistics.
//!
//! A node deleted in this transaction keeps its label set but is in no label's set and in no count.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::slot_set::SlotSet;
use super::{KeyId, LabelId};

/// The labels of one node, in order of first addition.
pub(crate) type LabelList = SmallVec<[LabelId; 4]>;

/// Number of an interned label set; 0 is the empty one.
pub(super) type SetId = u32;

#[derive(Debug)]
pub(super) struct Labels {
    nodes: Vec<SlotSet>,
    sets: Vec<LabelSet>,
    ids: FxHashMap<LabelList, SetId>,
    of_node: Vec<SetId>,
}

/// One combination of labels that nodes have.
#[derive(Debug, Default)]
pub(super) struct LabelSet {
    pub(super) labels: LabelList,
    /// Living nodes with exactly these labels.
    pub(super) nodes: u64,
    pub(super) keys: KeyCounts,
}

/// How many of some entities have each key; ascending keys, no zeros.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyCounts(Vec<(KeyId, u64)>);

impl KeyCounts {
    pub(super) fn add(&mut self, key: KeyId) {
        self.add_many(key, 1);
    }

    pub(super) fn add_many(&mut self, key: KeyId, count: u64) {
        match self.0.binary_search_by_key(&key, |e| e.0) {
            Ok(at) => self.0[at].1 += count,
            Err(at) if count > 0 => self.0.insert(at, (key, count)),
            Err(_) => {}
        }
    }

    pub(super) fn take(&mut self, key: KeyId) {
        if let Ok(at) = self.0.binary_search_by_key(&key, |e| e.0) {
            self.0[at].1 -= 1;
            if self.0[at].1 == 0 {
                self.0.remove(at);
            }
        }
    }

    pub(super) fn count(&self, key: KeyId) -> u64 {
        self.0.binary_search_by_key(&key, |e| e.0).map_or(0, |at| self.0[at].1)
    }

    pub(super) fn keys(&self) -> impl ExactSizeIterator<Item = KeyId> + '_ {
        self.0.iter().map(|e| e.0)
    }

    pub(super) fn entries(&self) -> &[(KeyId, u64)] {
        &self.0
    }

    pub(super) fn from_entries(mut entries: Vec<(KeyId, u64)>) -> Self {
        entries.retain(|e| e.1 > 0);
        entries.sort_unstable();
        entries.dedup_by_key(|e| e.0);
        Self(entries)
    }
}

impl Default for Labels {
    fn default() -> Self {
        let mut ids = FxHashMap::default();
        ids.insert(LabelList::new(), 0);
        Self { nodes: Vec::new(), sets: vec![LabelSet::default()], ids, of_node: Vec::new() }
    }
}

impl Labels {
    #[inline]
    pub(super) fn set_of(&self, slot: u32) -> SetId {
        self.of_node.get(slot as usize).copied().unwrap_or_default()
    }

    pub(super) fn set(&self, id: SetId) -> &LabelSet {
        &self.sets[id as usize]
    }

    pub(super) fn set_mut(&mut self, id: SetId) -> &mut LabelSet {
        &mut self.sets[id as usize]
    }

    pub(super) fn sets(&self) -> &[LabelSet] {
        &self.sets
    }

    pub(super) fn nodes(&self, label: LabelId) -> Option<&SlotSet> {
        self.nodes.get(label.index())
    }

    /// The number of a combination, made when it is new. Repeated labels count once.
    pub(super) fn intern(&mut self, labels: &[LabelId]) -> SetId {
        let mut list = LabelList::new();
        for &label in labels {
            if !list.contains(&label) {
                list.push(label);
            }
        }
        if let Some(&id) = self.ids.get(&list) {
            return id;
        }
        let id = self.sets.len() as SetId;
        self.sets.push(LabelSet { labels: list.clone(), ..LabelSet::default() });
        self.ids.insert(list, id);
        id
    }

    /// Makes sure the label has a set, if an empty one.
    pub(super) fn know(&mut self, label: LabelId) {
        if label.index() >= self.nodes.len() {
            self.nodes.resize_with(label.index() + 1, SlotSet::default);
        }
    }

    /// Counts a living node in, under its label set.
    pub(super) fn enter(&mut self, slot: u32, set: SetId) {
        if slot as usize >= self.of_node.len() {
            self.of_node.resize(slot as usize + 1, 0);
        }
        self.of_node[slot as usize] = set;
        let entry = &mut self.sets[set as usize];
        entry.nodes += 1;
        for label in &entry.labels {
            if label.index() >= self.nodes.len() {
                self.nodes.resize_with(label.index() + 1, SlotSet::default);
            }
            self.nodes[label.index()].insert(slot);
        }
    }

    /// Counts a node out; its label set stays readable.
    pub(super) fn leave(&mut self, slot: u32) {
        let entry = &mut self.sets[self.of_node[slot as usize] as usize];
        entry.nodes -= 1;
        for label in &entry.labels {
            self.nodes[label.index()].remove(slot);
        }
    }

    /// Takes over the label sets of an image: runs of `(first slot, set)`, ascending, over `bound` slots. False when
    /// the sets are not each different with the empty one first; then nothing more was done.
    pub(super) fn open(&mut self, sets: Vec<LabelSet>, runs: &[(u32, SetId)], bound: u32) -> bool {
        for (at, set) in (0..).zip(sets) {
            let id = self.intern(&set.labels);
            if id != at {
                return false;
            }
            self.sets[id as usize].keys = set.keys;
            for label in &set.labels {
                if label.index() >= self.nodes.len() {
                    self.nodes.resize_with(label.index() + 1, SlotSet::default);
                }
            }
        }
        for (i, &(start, set)) in runs.iter().enumerate() {
            let end = runs.get(i + 1).map_or(bound, |next| next.0);
            self.of_node.resize(end as usize, set);
            let entry = &mut self.sets[set as usize];
            entry.nodes += u64::from(end - start);
            for label in &entry.labels {
                self.nodes[label.index()].insert_range(start, end);
            }
        }
        true
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.nodes.iter().map(SlotSet::heap_bytes).sum::<usize>()
            + self.of_node.capacity() * 4
            + self.sets.iter().map(|s| size_of::<LabelSet>() * 2 + s.keys.0.capacity() * 16).sum::<usize>()
    }
}
