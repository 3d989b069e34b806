//! Long lists in pages that copies share: a copy costs a reference a page, a write to a shared page copies that page.

use std::sync::Arc;

/// Values by slot; what was never set is the default. Pages of `PAGE` values, absent while nothing in them was set.
#[derive(Clone, Debug)]
pub(super) struct Paged<T, const PAGE: usize> {
    pages: Vec<Option<Arc<[T; PAGE]>>>,
    default: T,
}

impl<T: Copy + Default, const PAGE: usize> Default for Paged<T, PAGE> {
    fn default() -> Self {
        Self::filled_with(T::default())
    }
}

impl<T: Copy, const PAGE: usize> Paged<T, PAGE> {
    /// A list in which every slot that was never set holds `default`.
    pub(super) fn filled_with(default: T) -> Self {
        Self { pages: Vec::new(), default }
    }

    #[inline]
    pub(super) fn get(&self, slot: u32) -> T {
        match self.pages.get(slot as usize / PAGE) {
            Some(Some(page)) => page[slot as usize % PAGE],
            _ => self.default,
        }
    }

    pub(super) fn set(&mut self, slot: u32, value: T) {
        self.page_mut(slot as usize / PAGE)[slot as usize % PAGE] = value;
    }

    /// Gives every slot of `start..end` the value.
    pub(super) fn fill(&mut self, start: u32, end: u32, value: T) {
        let (mut at, end) = (start as usize, end as usize);
        while at < end {
            let stop = end.min((at / PAGE + 1) * PAGE);
            let page = self.page_mut(at / PAGE);
            let (from, to) = (at % PAGE, (stop - 1) % PAGE);
            page[from..=to].fill(value);
            at = stop;
        }
    }

    fn page_mut(&mut self, at: usize) -> &mut [T; PAGE] {
        if at >= self.pages.len() {
            self.pages.resize_with(at + 1, || None);
        }
        let default = self.default;
        Arc::make_mut(self.pages[at].get_or_insert_with(|| Arc::new([default; PAGE])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(state: &mut u64) -> u32 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 40) as u32
    }

    #[test]
    fn every_copy_stays_what_it_was() {
        let mut state = 11;
        let (mut pages, mut model) = (Paged::<u32, 64>::filled_with(9), vec![9; 5_000]);
        let mut copies = Vec::new();
        for step in 0..4_000 {
            let (slot, value) = (random(&mut state) % 5_000, random(&mut state));
            match step % 9 {
                0 => {
                    let end = 5_000.min(slot + value % 300);
                    pages.fill(slot, end, value);
                    model[slot as usize..end as usize].fill(value);
                }
                _ => {
                    pages.set(slot, value);
                    model[slot as usize] = value;
                }
            }
            if step % 400 == 0 {
                copies.push((pages.clone(), model.clone()));
            }
        }
        for (pages, model) in copies {
            assert!((0..5_000).all(|slot| pages.get(slot) == model[slot as usize]));
            assert_eq!(pages.get(1 << 30), 9, "what was never set");
        }
    }

    #[test]
    fn a_write_to_a_copy_copies_one_page() {
        let mut pages = Paged::<u64, 64>::default();
        pages.fill(0, 6_400, 1);
        let copy = pages.clone();
        pages.set(70, 2);
        let shared = pages.pages.iter().flatten().zip(copy.pages.iter().flatten()).filter(|(a, b)| Arc::ptr_eq(a, b));
        assert_eq!(shared.count(), 99);
    }
}
