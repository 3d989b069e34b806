//! Slot to user id and back.
//!
//! Ids ascend with creation and are never given twice; slots are reused. Long stretches where both ascend together
//! are kept as runs (one run while nothing was ever deleted); slots reused since are exceptions, by slot in pages and by
//! id in chunks, which copies share.

use std::sync::Arc;

use super::paged::Paged;

/// The ids of all nodes, or of all relationships.
#[derive(Clone, Debug)]
pub(crate) struct IdMap {
    /// `(slot, id)`: from this slot on (to the next run) the id is `id + (slot - this slot)`. Ascending in both.
    runs: Arc<Vec<(u32, u64)>>,
    /// Ids of the slots that were given to somebody else than their run says; [`NOBODY`] elsewhere.
    moved: Paged<u64, 512>,
    /// The same by id.
    found: Found,
    next: u64,
}

const NOBODY: u64 = u64::MAX;

impl Default for IdMap {
    fn default() -> Self {
        Self::of(vec![(0, 0)], 0)
    }
}

impl IdMap {
    fn of(runs: Vec<(u32, u64)>, next: u64) -> Self {
        Self { runs: Arc::new(runs), moved: Paged::filled_with(NOBODY), found: Found::default(), next }
    }

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
        Self::of(runs, next)
    }

    /// The id the next creation gets.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// Ids below `next` count as given.
    pub(crate) fn skip_to(&mut self, next: u64) {
        self.next = self.next.max(next);
    }

    /// Gives `slot` the id `id`, which must not be below the counter.
    pub(crate) fn give(&mut self, slot: u32, id: u64) {
        self.next = id.saturating_add(1);
        self.forget(slot);
        if self.by_run(slot) == id {
            return;
        }
        self.moved.set(slot, id);
        self.found.push(id, slot);
    }

    /// Drops the exception of a slot that holds nothing any more.
    pub(crate) fn forget(&mut self, slot: u32) {
        let old = self.moved.get(slot);
        if old != NOBODY {
            self.moved.set(slot, NOBODY);
            self.found.remove(old);
        }
    }

    #[inline]
    pub(crate) fn id(&self, slot: u32) -> u64 {
        match self.moved.get(slot) {
            NOBODY => self.by_run(slot),
            id => id,
        }
    }

    /// The slot that has, or would have, this id; the caller asks whether it lives. `bound` is one past the last slot.
    #[inline]
    pub(crate) fn slot(&self, id: u64, bound: u32) -> Option<u32> {
        if id >= self.next {
            return None;
        }
        if let Some(slot) = self.found.get(id) {
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
        (self.moved.get(slot) == NOBODY).then_some(slot)
    }

    /// The runs below `bound`, when they are the whole truth.
    pub(crate) fn plain_runs(&self, bound: u32) -> Option<&[(u32, u64)]> {
        let below = self.runs.partition_point(|run| run.0 < bound);
        self.found.is_empty().then(|| &self.runs[..below])
    }

    fn by_run(&self, slot: u32) -> u64 {
        let at = match self.runs.len() {
            1 => 0,
            _ => self.runs.partition_point(|run| run.0 <= slot).saturating_sub(1),
        };
        let (first, id) = self.runs[at];
        id + u64::from(slot - first)
    }
}

/// Ids with their slots: given in ascending order, taken away in any.
#[derive(Clone, Debug, Default)]
struct Found {
    /// Ascending by id; a slot of `u32::MAX` is one that was taken away. None is without a slot.
    chunks: Vec<Arc<Vec<(u64, u32)>>>,
}

impl Found {
    const CHUNK: usize = 512;

    fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    fn push(&mut self, id: u64, slot: u32) {
        match self.chunks.last_mut() {
            Some(last) if last.len() < Self::CHUNK => Arc::make_mut(last).push((id, slot)),
            _ => self.chunks.push(Arc::new(vec![(id, slot)])),
        }
    }

    fn place(&self, id: u64) -> Option<(usize, usize)> {
        if self.chunks.is_empty() {
            return None;
        }
        let chunk = self.chunks.partition_point(|chunk| chunk[0].0 <= id).checked_sub(1)?;
        Some((chunk, self.chunks[chunk].binary_search_by_key(&id, |entry| entry.0).ok()?))
    }

    fn get(&self, id: u64) -> Option<u32> {
        let (chunk, at) = self.place(id)?;
        Some(self.chunks[chunk][at].1).filter(|&slot| slot != u32::MAX)
    }

    fn remove(&mut self, id: u64) {
        let Some((at, entry)) = self.place(id) else { return };
        let chunk = Arc::make_mut(&mut self.chunks[at]);
        chunk[entry].1 = u32::MAX;
        if chunk.iter().all(|entry| entry.1 == u32::MAX) {
            self.chunks.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

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

    #[test]
    fn every_copy_keeps_the_ids_of_its_time() {
        let (mut ids, mut slots, mut bound) = (IdMap::default(), BTreeMap::new(), 0);
        let mut copies = Vec::new();
        let mut state = 3u64;
        for step in 0..5_000u64 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let any = (state >> 40) as u32 % (bound + 1);
            let slot = if step % 3 == 0 || any == bound { bound } else { any };
            bound = bound.max(slot + 1);
            ids.give(slot, step);
            slots.insert(slot, step);
            if step % 500 == 0 {
                copies.push((ids.clone(), slots.clone(), bound));
            }
        }
        for (ids, slots, bound) in copies {
            for (&slot, &id) in &slots {
                assert_eq!((ids.id(slot), ids.slot(id, bound)), (id, Some(slot)));
            }
        }
    }
}
