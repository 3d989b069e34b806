//! A set of slots: ordered, counted, sparse where it is sparse.
//!
//! Pages of 4,096 bits, absent while empty, shared between copies until one is written. Membership is two loads, iteration
//! ascends.

use std::sync::Arc;

const WORDS: usize = 64;
const PAGE: u32 = 64 * WORDS as u32;

/// An ordered set of `u32` slots.
#[derive(Clone, Debug, Default)]
pub(crate) struct SlotSet {
    pages: Vec<Option<Arc<[u64; WORDS]>>>,
    len: u64,
}

impl SlotSet {
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    pub(crate) fn contains(&self, slot: u32) -> bool {
        match self.pages.get((slot / PAGE) as usize) {
            Some(Some(page)) => page[(slot % PAGE / 64) as usize] >> (slot % 64) & 1 == 1,
            _ => false,
        }
    }

    /// Returns whether the slot was missing.
    pub(crate) fn insert(&mut self, slot: u32) -> bool {
        if self.contains(slot) {
            return false;
        }
        let at = (slot / PAGE) as usize;
        if at >= self.pages.len() {
            self.pages.resize_with(at + 1, || None);
        }
        let page = Arc::make_mut(self.pages[at].get_or_insert_with(|| Arc::new([0; WORDS])));
        page[(slot % PAGE / 64) as usize] |= 1 << (slot % 64);
        self.len += 1;
        true
    }

    /// Returns whether the slot was there.
    pub(crate) fn remove(&mut self, slot: u32) -> bool {
        if !self.contains(slot) {
            return false;
        }
        if let Some(Some(page)) = self.pages.get_mut((slot / PAGE) as usize) {
            Arc::make_mut(page)[(slot % PAGE / 64) as usize] &= !(1 << (slot % 64));
            self.len -= 1;
        }
        true
    }

    /// Puts `start..end` in, a word at a time.
    pub(crate) fn insert_range(&mut self, start: u32, end: u32) {
        let mut at = start;
        while at < end {
            let next = end.min(at - at % 64 + 64);
            self.insert(at);
            if let Some(Some(page)) = self.pages.get_mut((at / PAGE) as usize) {
                let word = &mut Arc::make_mut(page)[(at % PAGE / 64) as usize];
                let bits = u64::MAX >> (64 - (next - at)) << (at % 64);
                self.len += u64::from((bits & !*word).count_ones());
                *word |= bits;
            }
            at = next;
        }
    }

    /// The smallest member that is not below `from`.
    #[inline]
    pub(crate) fn next(&self, from: u32) -> Option<u32> {
        let mut page_at = (from / PAGE) as usize;
        let mut word_at = (from % PAGE / 64) as usize;
        let mut mask = u64::MAX << (from % 64);
        while page_at < self.pages.len() {
            if let Some(page) = &self.pages[page_at] {
                while word_at < WORDS {
                    let word = page[word_at] & mask;
                    if word != 0 {
                        return Some(page_at as u32 * PAGE + word_at as u32 * 64 + word.trailing_zeros());
                    }
                    mask = u64::MAX;
                    word_at += 1;
                }
            }
            (page_at, word_at, mask) = (page_at + 1, 0, u64::MAX);
        }
        None
    }

    /// The members in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.pages.iter().enumerate().filter_map(|(at, page)| Some((at as u32 * PAGE, page.as_ref()?))).flat_map(
            |(base, page)| {
                page.iter().enumerate().flat_map(move |(at, &word)| Ones(word).map(move |b| base + at as u32 * 64 + b))
            },
        )
    }

    /// Appends at most `max` members from `cursor` on; the cursor to go on with, or nothing at the end.
    pub(crate) fn scan(&self, cursor: u32, out: &mut Vec<u32>, max: usize) -> Option<u32> {
        let stop = out.len().saturating_add(max);
        let mut page_at = (cursor / PAGE) as usize;
        let mut mask = u64::MAX << (cursor % 64);
        let mut word_at = (cursor % PAGE / 64) as usize;
        while page_at < self.pages.len() {
            if let Some(page) = &self.pages[page_at] {
                for (at, &word) in page.iter().enumerate().skip(word_at) {
                    let base = page_at as u32 * PAGE + at as u32 * 64;
                    if word & mask == u64::MAX && stop - out.len() >= 64 {
                        out.extend(base..base + 64);
                        continue;
                    }
                    for bit in Ones(word & mask) {
                        if out.len() >= stop {
                            return Some(base + bit);
                        }
                        out.push(base + bit);
                    }
                    mask = u64::MAX;
                }
            }
            (page_at, word_at, mask) = (page_at + 1, 0, u64::MAX);
        }
        None
    }
}

impl FromIterator<u32> for SlotSet {
    fn from_iter<T: IntoIterator<Item = u32>>(slots: T) -> Self {
        let mut set = Self::default();
        for slot in slots {
            set.insert(slot);
        }
        set
    }
}

/// The positions of the ones in a word.
struct Ones(u64);

impl Iterator for Ones {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        (self.0 != 0).then(|| {
            let bit = self.0.trailing_zeros();
            self.0 &= self.0 - 1;
            bit
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_slot_set_is_a_btree_set() {
        let mut state = 7u64;
        let mut set = SlotSet::default();
        let mut model = BTreeSet::new();
        for step in 0..20_000u32 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let slot = (state >> 40) as u32 % 50_000;
            if step % 3 == 0 {
                assert_eq!(set.remove(slot), model.remove(&slot));
            } else {
                assert_eq!(set.insert(slot), model.insert(slot));
            }
            if step % 500 == 0 {
                set.insert_range(slot, slot + step % 300);
                model.extend(slot..slot + step % 300);
                assert_eq!(set.len(), model.len() as u64);
                assert_eq!(set.next(slot), model.range(slot..).next().copied());
            }
        }
        assert!(set.iter().eq(model.iter().copied()));
        let (mut scanned, mut cursor) = (Vec::new(), Some(0));
        while let Some(from) = cursor {
            cursor = set.scan(from, &mut scanned, 97);
        }
        assert!(scanned.iter().eq(model.iter()));
    }
}
