//! Labels: per label the set of its nodes, per node its *label set*, interned.
//!
//! Nodes with the same labels share one entry, which also counts its nodes and, per key, how many of them have it:
//! from these come `labels(n)`, `properties(n)` without asking every column, and the statistics.
//!
//! A node deleted in this transaction keeps its label set but is in no label's set and in no count.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::paged::Paged;
use super::slot_set::SlotSet;
use super::{KeyId, LabelId};

/// The labels of one node, in order of first addition.
pub(crate) type LabelList = SmallVec<[LabelId; 4]>;

/// Number of an interned label set; 0 is the empty one.
pub(super) type SetId = u32;

/// Label sets of nodes by slot.
type OfNode = Paged<SetId, 2048>;

#[derive(Clone, Debug)]
pub(super) struct Labels {
    nodes: Vec<Arc<SlotSet>>,
    sets: Vec<Arc<LabelSet>>,
    ids: Arc<FxHashMap<LabelList, SetId>>,
    of_node: OfNode,
}

/// One combination of labels that nodes have.
#[derive(Clone, Debug, Default)]
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
        Self { nodes: Vec::new(), sets: vec![Arc::default()], ids: Arc::new(ids), of_node: OfNode::default() }
    }
}

impl Labels {
    #[inline]
    pub(super) fn set_of(&self, slot: u32) -> SetId {
        self.of_node.get(slot)
    }

    pub(super) fn set(&self, id: SetId) -> &LabelSet {
        &self.sets[id as usize]
    }

    pub(super) fn set_mut(&mut self, id: SetId) -> &mut LabelSet {
        Arc::make_mut(&mut self.sets[id as usize])
    }

    pub(super) fn sets(&self) -> &[Arc<LabelSet>] {
        &self.sets
    }

    pub(super) fn nodes(&self, label: LabelId) -> Option<&SlotSet> {
        self.nodes.get(label.index()).map(|nodes| &**nodes)
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
        self.sets.push(Arc::new(LabelSet { labels: list.clone(), ..LabelSet::default() }));
        Arc::make_mut(&mut self.ids).insert(list, id);
        id
    }

    /// Makes sure the label has a set, if an empty one.
    pub(super) fn know(&mut self, label: LabelId) {
        if label.index() >= self.nodes.len() {
            self.nodes.resize_with(label.index() + 1, Arc::default);
        }
    }

    /// Counts a living node in, under its label set.
    pub(super) fn enter(&mut self, slot: u32, set: SetId) {
        if self.of_node.get(slot) != set {
            self.of_node.set(slot, set);
        }
        let entry = Arc::make_mut(&mut self.sets[set as usize]);
        entry.nodes += 1;
        for label in &entry.labels {
            if label.index() >= self.nodes.len() {
                self.nodes.resize_with(label.index() + 1, Arc::default);
            }
            Arc::make_mut(&mut self.nodes[label.index()]).insert(slot);
        }
    }

    /// Counts a node out; its label set stays readable.
    pub(super) fn leave(&mut self, slot: u32) {
        let entry = Arc::make_mut(&mut self.sets[self.of_node.get(slot) as usize]);
        entry.nodes -= 1;
        for label in &entry.labels {
            Arc::make_mut(&mut self.nodes[label.index()]).remove(slot);
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
            self.set_mut(id).keys = set.keys;
            set.labels.iter().for_each(|label| self.know(*label));
        }
        for (i, &(start, set)) in runs.iter().enumerate() {
            let end = runs.get(i + 1).map_or(bound, |next| next.0);
            if set > 0 {
                self.of_node.fill(start, end, set);
            }
            let entry = Arc::make_mut(&mut self.sets[set as usize]);
            entry.nodes += u64::from(end - start);
            for label in &entry.labels {
                Arc::make_mut(&mut self.nodes[label.index()]).insert_range(start, end);
            }
        }
        true
    }
}
