//! A sorted sequence of slots in chunks that versions share: a write copies the chunk it touches, not the sequence.
//!
//! Two levels: a directory with the first slot and the length of every chunk, so that a search looks into one chunk
//! only, and distances are sums over the directory. What the order is, the caller says.

use std::cmp::Ordering;
use std::sync::Arc;

/// The most slots of a chunk.
pub(super) const MOST: usize = 4096;
/// What a chunk has when a whole sequence is cut into chunks, and at most when two are joined: room to grow.
const FILLED: usize = MOST / 4 * 3;
/// A chunk with fewer is joined with a neighbour, where the two fit into one.
const FEW: usize = MOST / 4;

/// Slots in an order. Cloning costs a reference count for each chunk.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunks(Vec<Chunk>);

#[derive(Clone, Debug)]
struct Chunk {
    first: u32,
    /// Never zero.
    len: u32,
    /// The slots, and room for more behind them.
    slots: Arc<[u32]>,
}

/// A place in the sequence: before the slot it names, or the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    chunk: usize,
    at: usize,
}

impl Chunk {
    /// Of slots, at least one.
    fn new(slots: impl Into<Arc<[u32]>>) -> Self {
        let slots = slots.into();
        Self { first: slots.first().copied().unwrap_or_default(), len: slots.len() as u32, slots }
    }

    #[inline]
    fn len(&self) -> usize {
        self.len as usize
    }

    #[inline]
    fn slots(&self) -> &[u32] {
        &self.slots[..self.len()]
    }

    fn insert(&mut self, at: usize, slot: u32) {
        let len = self.len();
        if len == self.slots.len() {
            // doubling would take more room than a chunk ever needs
            let room = (len / 2 + 4).min(MOST.saturating_sub(len)).max(1);
            self.slots = self.slots.iter().copied().chain(std::iter::repeat_n(0, room)).collect();
        }
        let slots = Arc::make_mut(&mut self.slots);
        slots.copy_within(at..len, at + 1);
        slots[at] = slot;
        (self.first, self.len) = (slots[0], self.len + 1);
    }

    /// After it there may be no slot left.
    fn remove(&mut self, at: usize) {
        let slots = Arc::make_mut(&mut self.slots);
        slots.copy_within(at + 1..self.len as usize, at);
        (self.first, self.len) = (slots[0], self.len - 1);
    }
}

impl Chunks {
    /// Of slots in order.
    pub(super) fn from_sorted(slots: &[u32]) -> Self {
        Self(slots.chunks(FILLED).map(Chunk::new).collect())
    }

    pub(super) const START: Place = Place { chunk: 0, at: 0 };

    pub(super) fn end(&self) -> Place {
        Place { chunk: self.0.len(), at: 0 }
    }

    /// How many slots stand from one place to another that is not before it.
    pub(super) fn distance(&self, from: Place, to: Place) -> usize {
        let whole: usize = self.0[from.chunk..to.chunk].iter().map(Chunk::len).sum();
        whole + to.at - from.at
    }

    /// The place `count` slots after `from`, but not after `to`.
    pub(super) fn advance(&self, from: Place, count: usize, to: Place) -> Place {
        let mut left = from.at.saturating_add(count);
        for (chunk, part) in self.0.iter().enumerate().take(to.chunk.saturating_add(1)).skip(from.chunk) {
            if left < part.len() {
                return to.min(Place { chunk, at: left });
            }
            left -= part.len();
        }
        to
    }

    /// The slot before a place.
    pub(super) fn before(&self, place: Place) -> Option<u32> {
        match place.at {
            0 => self.0.get(place.chunk.checked_sub(1)?)?.slots().last().copied(),
            at => self.0.get(place.chunk)?.slots().get(at - 1).copied(),
        }
    }

    /// The first place from `from` to `to` whose slot does not `hold`, where no slot holds after one that does not.
    pub(super) fn partition(&self, from: Place, to: Place, mut holds: impl FnMut(u32) -> bool) -> Place {
        if from >= to {
            return from;
        }
        // a chunk counts where the span reaches into it
        let chunks = &self.0[from.chunk..to.chunk + usize::from(to.at > 0)];
        let chunk = from.chunk + chunks[1..].partition_point(|chunk| holds(chunk.first));
        let slots = self.0[chunk].slots();
        let start = if chunk == from.chunk { from.at } else { 0 };
        let slots = if chunk == to.chunk { &slots[..to.at] } else { slots };
        let at = start + slots[start..].partition_point(|&slot| holds(slot));
        if at < self.0[chunk].len() { Place { chunk, at } } else { Place { chunk: chunk + 1, at: 0 } }
    }

    /// Where the slots begin that end at `to` and of which none is `before` them; not ahead of `from`.
    pub(super) fn start_of_run(&self, from: Place, to: Place, mut before: impl FnMut(u32) -> bool) -> Place {
        // most runs are short
        let mut start = to;
        for _ in 0..8 {
            let one_back = match start.at {
                0 => start.chunk.checked_sub(1).map(|chunk| Place { chunk, at: self.0[chunk].len() - 1 }),
                at => Some(Place { chunk: start.chunk, at: at - 1 }),
            };
            match one_back {
                Some(place) if place >= from && !before(self.0[place.chunk].slots()[place.at]) => start = place,
                _ => return start,
            }
        }
        self.partition(from, start, before)
    }

    /// The slots between two places, a slice for each chunk.
    pub(super) fn slices(&self, from: Place, to: Place) -> impl DoubleEndedIterator<Item = &[u32]> {
        let chunks = match from < to {
            true => &self.0[from.chunk..to.chunk + usize::from(to.at > 0)],
            false => &[],
        };
        chunks.iter().enumerate().map(move |(at, chunk)| {
            let slots = match from.chunk + at == to.chunk {
                true => &chunk.slots()[..to.at],
                false => chunk.slots(),
            };
            if at == 0 { &slots[from.at..] } else { slots }
        })
    }

    /// Puts a slot in where it belongs; `compare` tells how another slot stands to it.
    pub(super) fn insert(&mut self, slot: u32, compare: impl Fn(u32) -> Ordering) {
        // many sequences only ever grow at their end
        let after_all = self.before(self.end()).is_none_or(|last| compare(last).is_lt());
        let Some(mut at) = self.0.len().checked_sub(1) else {
            self.0.push(Chunk::new([slot]));
            return;
        };
        if !after_all {
            at = self.0.partition_point(|chunk| compare(chunk.first).is_lt()).saturating_sub(1);
        }
        if self.0[at].len() >= MOST {
            if after_all {
                self.0.push(Chunk::new([slot]));
                return;
            }
            let (left, right) = self.0[at].slots().split_at(MOST / 2);
            let (left, right) = (Chunk::new(left), Chunk::new(right));
            let moves = compare(right.first).is_lt();
            self.0[at] = left;
            self.0.insert(at + 1, right);
            at += usize::from(moves);
        }
        let chunk = &mut self.0[at];
        let place = if after_all { chunk.len() } else { chunk.slots().partition_point(|&s| compare(s).is_lt()) };
        chunk.insert(place, slot);
    }

    /// Takes a slot out; `compare` tells how another slot stands to it. Returns whether it was there.
    pub(super) fn remove(&mut self, compare: impl Fn(u32) -> Ordering) -> bool {
        let Some(at) = self.0.partition_point(|chunk| compare(chunk.first).is_le()).checked_sub(1) else {
            return false;
        };
        let chunk = &mut self.0[at];
        let Ok(place) = chunk.slots().binary_search_by(|&s| compare(s)) else { return false };
        chunk.remove(place);
        if chunk.len == 0 {
            self.0.remove(at);
        } else if chunk.len() < FEW {
            let fits = |left: usize| match self.0.get(left..left + 2) {
                Some(two) => two[0].len() + two[1].len() <= FILLED,
                None => false,
            };
            if let Some(left) = [at.checked_sub(1), Some(at)].into_iter().flatten().find(|&left| fits(left)) {
                let joined = [self.0[left].slots(), self.0[left + 1].slots()].concat();
                self.0[left] = Chunk::new(joined);
                self.0.remove(left + 1);
            }
        }
        true
    }

    /// Whether the directory says what is in the chunks.
    pub(super) fn is_sound(&self) -> bool {
        self.0.iter().all(|chunk| {
            let slots = chunk.slots();
            slots.first() == Some(&chunk.first) && slots.len() == chunk.len() && slots.len() <= MOST
        })
    }

    /// How many chunks are not those of another clone.
    #[cfg(test)]
    pub(super) fn own(&self, other: &Self) -> usize {
        let there: std::collections::HashSet<_> = other.0.iter().map(|chunk| chunk.slots.as_ptr()).collect();
        self.0.iter().filter(|chunk| !there.contains(&chunk.slots.as_ptr())).count()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn all(chunks: &Chunks) -> Vec<u32> {
        chunks.slices(Chunks::START, chunks.end()).flatten().copied().collect()
    }

    fn same(chunks: &Chunks, model: &BTreeSet<u32>, probes: &[u32]) -> Result<(), TestCaseError> {
        prop_assert!(chunks.is_sound());
        prop_assert!(all(chunks).iter().eq(model));
        let (start, end) = (Chunks::START, chunks.end());
        for pair in probes.windows(2) {
            let (low, high) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
            let from = chunks.partition(start, end, |slot| slot < low);
            let to = chunks.partition(from, end, |slot| slot < high);
            let wanted: Vec<u32> = model.range(low..high).copied().collect();
            prop_assert_eq!(chunks.distance(from, to), wanted.len());
            prop_assert!(chunks.slices(from, to).flatten().eq(&wanted));
            let reverse = chunks.slices(from, to).rev().flat_map(|slots| slots.iter().rev());
            prop_assert!(reverse.eq(wanted.iter().rev()));
            let some = low as usize % (wanted.len() + 2);
            let middle = chunks.advance(from, some, to);
            prop_assert_eq!(chunks.distance(from, middle), some.min(wanted.len()));
            prop_assert_eq!(
                chunks.before(middle),
                model.range(..low).chain(&wanted[..some.min(wanted.len())]).next_back().copied()
            );
            prop_assert_eq!(chunks.partition(from, middle, |slot| slot < high), middle);
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Every clone is the set it was when it was made; a write makes at most two chunks its own.
        #[test]
        fn chunks_are_a_sorted_set_and_clones_keep_theirs(
            built in 0u32..14_000,
            runs in vec((0u32..60_000, 1u32..6_000, 1u32..9, any::<bool>(), any::<bool>()), 1..10),
            probes in vec(0u32..70_000, 2..12),
        ) {
            let mut model: BTreeSet<u32> = (0..built).map(|n| n * 4 + 1).collect();
            let mut chunks = Chunks::from_sorted(&model.iter().copied().collect::<Vec<_>>());
            let mut clones = vec![(chunks.clone(), model.clone())];
            for (start, count, stride, put, backward) in runs {
                for n in 0..count {
                    let slot = start + stride * if backward { count - n } else { n };
                    let before = (n % 64 == 0).then(|| chunks.clone());
                    if !put {
                        prop_assert_eq!(chunks.remove(|s| s.cmp(&slot)), model.remove(&slot));
                    } else if model.insert(slot) {
                        chunks.insert(slot, |s| s.cmp(&slot));
                    }
                    prop_assert!(before.is_none_or(|before| chunks.own(&before) <= 2));
                }
                clones.push((chunks.clone(), model.clone()));
            }
            for (chunks, model) in clones {
                same(&chunks, &model, &probes)?;
            }
        }
    }

    /// However slots come and go, chunks stay neither tiny nor many.
    #[test]
    fn chunks_fill_and_join() {
        let mut chunks = Chunks::default();
        (0..100_000).for_each(|slot| chunks.insert(slot, |s| s.cmp(&slot)));
        assert_eq!(chunks.0.len(), 100_000usize.div_ceil(MOST), "growing at the end fills every chunk");
        (0..100_000).filter(|slot| slot % 50 != 0).for_each(|slot| assert!(chunks.remove(|s| s.cmp(&slot))));
        assert_eq!(all(&chunks).len(), 2_000);
        assert!(chunks.0.len() <= 3, "{} chunks", chunks.0.len());
        let left = (0..100_000).filter(|slot| chunks.remove(|s| s.cmp(slot))).count();
        assert_eq!(left, 2_000);
        assert_eq!((chunks.0.len(), chunks.end()), (0, Chunks::START));
    }
}
