//! Lists in pages that copies share: a copy costs a reference a page, a write to a shared page copies that page.

use std::sync::Arc;

const PAGE: usize = 64;

/// Things by slot, some slots without one.
#[derive(Clone, Debug)]
pub(super) struct BySlot<T> {
    pages: Vec<Option<Arc<Vec<Option<T>>>>>,
    len: usize,
}

impl<T> Default for BySlot<T> {
    fn default() -> Self {
        Self { pages: Vec::new(), len: 0 }
    }
}

impl<T> BySlot<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn get(&self, slot: u32) -> Option<&T> {
        self.pages.get(slot as usize / PAGE)?.as_ref()?[slot as usize % PAGE].as_ref()
    }

    /// Ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let pages = self.pages.iter().enumerate().filter_map(|(at, page)| Some((at * PAGE, page.as_ref()?)));
        pages.flat_map(|(base, page)| {
            page.iter().enumerate().filter_map(move |(at, own)| Some(((base + at) as u32, own.as_ref()?)))
        })
    }
}

impl<T: Clone + Default> BySlot<T> {
    /// What stands at the slot, the default if nothing does yet.
    pub(super) fn of(&mut self, slot: u32) -> &mut T {
        let at = slot as usize / PAGE;
        if at >= self.pages.len() {
            self.pages.resize_with(at + 1, || None);
        }
        let page = self.pages[at].get_or_insert_with(|| Arc::new(vec![None; PAGE]));
        let own = &mut Arc::make_mut(page)[slot as usize % PAGE];
        self.len += usize::from(own.is_none());
        own.get_or_insert_default()
    }

    /// Takes out what stands there; nothing is copied when nothing does.
    pub(super) fn take(&mut self, slot: u32) -> Option<T> {
        self.get(slot)?;
        let page = Arc::make_mut(self.pages.get_mut(slot as usize / PAGE)?.as_mut()?);
        self.len -= 1;
        page[slot as usize % PAGE].take()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_copy_stays_what_it_was() {
        let mut state = 17u64;
        let mut next = |bound: u32| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as u32 % bound
        };
        let (mut by_slot, mut model) = (BySlot::<Vec<u32>>::default(), BTreeMap::<u32, Vec<u32>>::new());
        let mut copies = Vec::new();
        for step in 0..6_000 {
            let slot = next(2_000);
            if next(3) == 0 {
                assert_eq!(by_slot.take(slot), model.remove(&slot));
            } else {
                by_slot.of(slot).push(step);
                model.entry(slot).or_default().push(step);
            }
            if step % 900 == 0 {
                copies.push((by_slot.clone(), model.clone()));
            }
        }
        copies.push((by_slot, model));
        for (by_slot, model) in copies {
            assert!(by_slot.iter().eq(model.iter().map(|(slot, own)| (*slot, own))));
            assert_eq!(by_slot.is_empty(), model.is_empty());
            assert!((0..2_000).all(|slot| by_slot.get(slot) == model.get(&slot)));
        }
    }

    #[test]
    fn a_write_to_a_copy_copies_one_page() {
        let mut all = BySlot::<u32>::default();
        (0..6_400).for_each(|slot| *all.of(slot) = slot);
        let before = all.clone();
        *all.of(777) = 0;
        assert_eq!(all.take(10_000), None);
        let shared = all.pages.iter().flatten().zip(before.pages.iter().flatten()).filter(|(a, b)| Arc::ptr_eq(a, b));
        assert_eq!(shared.count(), 99);
    }
}
