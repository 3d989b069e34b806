//! Slot to user id and back.
//!
//! Ids ascend with creation and are never given twice; slots are reused. Long stretches where both ascend together
//! are kept as runs (one run while nothing was ever deleted); slots reused since are exceptions in a small map.

use rustc_hash::FxHashMap;

/// The ids of all nodes, or of all relationships.
#[derive(Clone, Debug)]
pub(crate) struct IdMap {
    /// `(slot, id)`: from this slot on (to the next run) the id is `id + (slot - this slot)`. Ascending in both.
    runs: Vec<(u32, u64)>,
    moved: FxHashMap<u32, u64>,
    found: FxHashMap<u64, u32>,
    next: u64,
}

impl Default for IdMap {
    fn default() -> Self {
        Self { runs: vec![(0, 0)], moved: FxHashMap::default(), found: FxHashMap::default(), next: 0 }
    }
}

impl IdMap {
    /// From a stored image: runs for the slots below `bound`, and the next id to give.
    pub(crate) fn from_runs(mut runs: Vec<(u32, u64)>, bound: u32, next: u64) -> Self {
        if runs.first().is_none_or(|run| run.0 != 0) {
            runs.insert(0, (0, 0));
        }
        let last = runs[runs.len() - 1];
        if last.1 + u64::from(bound.saturating_sub(last.0)) != next {
            if last.0 == bound {
                runs.pop();
            }
            runs.push((bound, next));
        }
        Self { runs, moved: FxHashMap::default(), found: FxHashMap::default(), next }
    }

    /// The id the next creation gets.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// Takes the counter back to `next`, after the creations from there on were undone.
    pub(crate) fn rewind(&mut self, next: u64) {
        self.next = next;
    }

    /// Gives `slot` the id `id`, which must not be below the counter.
    pub(crate) fn give(&mut self, slot: u32, id: u64) {
        self.next = id.saturating_add(1);
        if self.by_run(slot) == id {
            self.forget(slot);
        } else {
            self.forget(slot);
            self.moved.insert(slot, id);
            self.found.insert(id, slot);
        }
    }

    /// Drops the exception of a slot that holds nothing any more.
    pub(crate) fn forget(&mut self, slot: u32) {
        if !self.moved.is_empty()
            && let Some(old) = self.moved.remove(&slot)
        {
            self.found.remove(&old);
        }
    }

    #[inline]
    pub(crate) fn id(&self, slot: u32) -> u64 {
        if !self.moved.is_empty()
            && let Some(&id) = self.moved.get(&slot)
        {
            return id;
        }
        self.by_run(slot)
    }

    /// The slot that has, or would have, this id; the caller asks whether it lives. `bound` is one past the last slot.
    #[inline]
    pub(crate) fn slot(&self, id: u64, bound: u32) -> Option<u32> {
        if id >= self.next {
            return None;
        }
        if !self.found.is_empty()
            && let Some(&slot) = self.found.get(&id)
        {
            return Some(slot);
        }
        let at = match self.runs.len() {
            1 => 0,
            _ => self.runs.partition_point(|run| run.1 <= id).checked_sub(1)?,
        };
        let (slot, first) = self.runs[at];
        let slot = u64::from(slot).checked_add(id.checked_sub(first)?)?;
        let end = self.runs.get(at + 1).map_or(bound, |run| run.0);
        if slot >= u64::from(end) {
            return None;
        }
        let slot = slot as u32;
        (self.moved.is_empty() || !self.moved.contains_key(&slot)).then_some(slot)
    }

    /// The runs below `bound`, when they are the whole truth.
    pub(crate) fn plain_runs(&self, bound: u32) -> Option<&[(u32, u64)]> {
        let below = self.runs.partition_point(|run| run.0 < bound);
        self.moved.is_empty().then(|| &self.runs[..below])
    }

    fn by_run(&self, slot: u32) -> u64 {
        let at = match self.runs.len() {
            1 => 0,
            _ => self.runs.partition_point(|run| run.0 <= slot).saturating_sub(1),
        };
        let (first, id) = self.runs[at];
        id + u64::from(slot - first)
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.runs.capacity() * 16 + (self.moved.capacity() + self.found.capacity()) * 17
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_reuse_of_slots() {
        let mut ids = IdMap::default();
        for slot in 0..10 {
            ids.give(slot, u64::from(slot));
        }
        assert_eq!(ids.slot(3, 10), Some(3));
        ids.give(3, 10); // slot 3 was freed and reused
        assert_eq!(ids.slot(3, 10), None, "the old id is nobody's");
        assert_eq!(ids.slot(10, 10), Some(3));
        assert_eq!(ids.id(3), 10);
        ids.give(10, 11);
        assert_eq!((ids.id(10), ids.slot(11, 11)), (11, Some(10)));
    }

    #[test]
    fn runs_of_an_image_and_what_is_made_after_it() {
        let mut ids = IdMap::from_runs(vec![(0, 0), (3, 7), (5, 20)], 8, 40);
        assert_eq!((0..8).map(|s| ids.id(s)).collect::<Vec<_>>(), [0, 1, 2, 7, 8, 20, 21, 22]);
        assert_eq!((ids.slot(8, 8), ids.slot(5, 8), ids.slot(22, 8), ids.slot(23, 8)), (Some(4), None, Some(7), None));
        ids.give(8, 40);
        assert_eq!((ids.id(8), ids.slot(40, 9)), (40, Some(8)));
    }
}
