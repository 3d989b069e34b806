//! Lists in pages that copies share: a copy costs a reference a chunk, a write to a shared page copies that page.
//!
//! ```text
//! chunk (CHUNK slots; what is loaded at once) ─► pages (64 slots; what a write copies) ─► things
//! ```
//!
//! A chunk of a list that was opened may be *stored*: it is loaded when something in it is first asked for, for every
//! copy that shares it, and is stored no more once it was written to.

use crate::memory;
use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

const PAGE: usize = 64;

/// Where the chunks of a list are loaded from. What cannot be loaded is empty, and whoever loads keeps the error.
pub(super) trait Load<T>: Debug + Send + Sync {
    /// The things of a chunk with their slots, ascending, all within the chunk.
    fn load(&self, chunk: u32) -> Vec<(u32, T)>;
}

/// Things by slot, some slots without one.
#[derive(Clone, Debug)]
pub(super) struct BySlot<T, const CHUNK: usize> {
    chunks: Vec<Option<Chunk<T>>>,
    len: usize,
    from: Option<Arc<dyn Load<T>>>,
}

#[derive(Clone, Debug)]
struct Chunk<T> {
    pages: Arc<OnceLock<Pages<T>>>,
    stored: bool,
}

/// As many as a chunk has; pages of which no slot was ever used are absent.
type Pages<T> = Box<[Option<Arc<Page<T>>>]>;
type Page<T> = Box<[Option<T>]>;

impl<T, const CHUNK: usize> Default for BySlot<T, CHUNK> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0, from: None }
    }
}

fn no_pages<T, const CHUNK: usize>() -> Pages<T> {
    (0..CHUNK / PAGE).map(|_| None).collect()
}

impl<T, const CHUNK: usize> BySlot<T, CHUNK> {
    /// A list of `len` things, of which the chunks of these numbers are stored and the others empty.
    pub(super) fn stored(from: Arc<dyn Load<T>>, len: usize, chunks: impl IntoIterator<Item = u32>) -> Self {
        let mut all: Vec<Option<Chunk<T>>> = Vec::new();
        for at in chunks {
            all.resize_with((at as usize + 1).max(all.len()), || None);
            all[at as usize] = Some(Chunk { pages: Arc::default(), stored: true });
        }
        Self { chunks: all, len, from: Some(from) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many things there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, slot: u32) -> Option<&T> {
        let (chunk, page, at) = Self::place(slot);
        self.pages(chunk)?[page].as_ref()?[at].as_ref()
    }

    /// Ascending; loads everything.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..self.chunks.len()).flat_map(|chunk| self.of_chunk(chunk as u32))
    }

    /// The numbers of the chunks that are there, ascending, each with whether it still is as it is stored.
    pub(super) fn chunks(&self) -> impl Iterator<Item = (u32, bool)> {
        (0u32..).zip(&self.chunks).filter_map(|(at, chunk)| Some((at, chunk.as_ref()?.stored)))
    }

    /// The things of one chunk with their slots, ascending.
    pub(super) fn of_chunk(&self, chunk: u32) -> impl Iterator<Item = (u32, &T)> {
        let base = chunk * CHUNK as u32;
        let pages = self.pages(chunk as usize).into_iter().flat_map(|pages| (0u32..).zip(&pages[..]));
        pages.filter_map(|(at, page)| Some((at, page.as_ref()?))).flat_map(move |(at, page)| {
            let base = base + at * PAGE as u32;
            (base..).zip(&page[..]).filter_map(|(slot, own)| Some((slot, own.as_ref()?)))
        })
    }

    /// Loads what is not in memory.
    pub(super) fn load(&self) {
        for at in 0..self.chunks.len() {
            self.pages(at);
        }
    }

    /// Notes that every chunk is stored as it is.
    pub(super) fn note_stored(&mut self) {
        self.chunks.iter_mut().flatten().for_each(|chunk| chunk.stored = true);
    }

    /// Loads what is stored; from now on it is as if it had never been.
    pub(super) fn detach(&mut self) {
        self.load();
        self.chunks.iter_mut().flatten().for_each(|chunk| chunk.stored = false);
        self.from = None;
    }

    /// How many chunks have been loaded or made.
    #[cfg(test)]
    pub(super) fn in_memory(&self) -> usize {
        self.chunks.iter().flatten().filter(|chunk| chunk.pages.get().is_some()).count()
    }

    fn place(slot: u32) -> (usize, usize, usize) {
        let slot = slot as usize;
        (slot / CHUNK, slot % CHUNK / PAGE, slot % PAGE)
    }

    fn pages(&self, at: usize) -> Option<&Pages<T>> {
        let chunk = self.chunks.get(at)?.as_ref()?;
        Some(memory::kept(&chunk.pages, || self.loaded(at, chunk.stored)))
    }

    fn loaded(&self, at: usize, stored: bool) -> Pages<T> {
        let mut pages: Vec<Option<Page<T>>> = (0..CHUNK / PAGE).map(|_| None).collect();
        if let Some(from) = self.from.as_ref().filter(|_| stored) {
            for (slot, thing) in from.load(at as u32) {
                let (_, page, at) = Self::place(slot);
                pages[page].get_or_insert_with(|| (0..PAGE).map(|_| None).collect())[at] = Some(thing);
            }
        }
        pages.into_iter().map(|page| page.map(Arc::new)).collect()
    }
}

impl<T: Clone, const CHUNK: usize> BySlot<T, CHUNK> {
    /// The place of a slot, to be written.
    fn cell(&mut self, slot: u32) -> &mut Option<T> {
        let (at, page, cell) = Self::place(slot);
        if at >= self.chunks.len() {
            self.chunks.resize_with(at + 1, || None);
        }
        self.pages(at); // what a copy shares is loaded for both
        let chunk = self.chunks[at].get_or_insert_with(|| Chunk { pages: Arc::default(), stored: false });
        chunk.stored = false;
        let pages = Arc::make_mut(&mut chunk.pages);
        if pages.get().is_none() {
            *pages = OnceLock::from(no_pages::<T, CHUNK>());
        }
        let pages = pages.get_mut().map_or(&mut [][..], |pages| pages);
        let page = pages[page].get_or_insert_with(|| Arc::new((0..PAGE).map(|_| None).collect()));
        &mut Arc::make_mut(page)[cell]
    }

    /// Puts a thing where none is.
    pub(super) fn put(&mut self, slot: u32, thing: T) {
        let before = self.cell(slot).replace(thing);
        self.len += usize::from(before.is_none());
    }

    /// Takes out what stands there; nothing is copied when nothing does.
    pub(super) fn take(&mut self, slot: u32) -> Option<T> {
        self.get(slot)?;
        self.len -= 1;
        self.cell(slot).take()
    }
}

impl<T: Clone + Default, const CHUNK: usize> BySlot<T, CHUNK> {
    /// What stands at the slot, the default if nothing does yet.
    pub(super) fn of(&mut self, slot: u32) -> &mut T {
        if self.get(slot).is_none() {
            self.len += 1;
        }
        self.cell(slot).get_or_insert_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    type List = BySlot<Vec<u32>, 256>;

    /// What a model holds, counting how often it is asked.
    #[derive(Debug)]
    struct Stored(BTreeMap<u32, Vec<u32>>, AtomicUsize);

    impl Load<Vec<u32>> for Stored {
        fn load(&self, chunk: u32) -> Vec<(u32, Vec<u32>)> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.range(chunk * 256..(chunk + 1) * 256).map(|(slot, own)| (*slot, own.clone())).collect()
        }
    }

    #[test]
    fn every_copy_stays_what_it_was_stored_or_not() {
        let mut state = 17u64;
        let mut next = |bound: u32| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as u32 % bound
        };
        let (mut by_slot, mut model) = (List::default(), BTreeMap::<u32, Vec<u32>>::new());
        let mut copies = Vec::new();
        for step in 0..6_000 {
            let slot = next(2_000);
            if next(3) == 0 {
                assert_eq!(by_slot.take(slot), model.remove(&slot));
            } else {
                by_slot.of(slot).push(step);
                model.entry(slot).or_default().push(step);
            }
            match step % 900 {
                0 => copies.push((by_slot.clone(), model.clone())),
                // written, and opened again
                500 => {
                    let chunks: Vec<u32> = by_slot.chunks().map(|(at, _)| at).collect();
                    let stored = Arc::new(Stored(model.clone(), AtomicUsize::new(0)));
                    by_slot = List::stored(stored, model.len(), chunks);
                }
                _ => {}
            }
        }
        copies.push((by_slot, model));
        for (by_slot, model) in copies {
            assert_eq!((by_slot.is_empty(), by_slot.len()), (model.is_empty(), model.len()));
            assert!((0..2_000).all(|slot| by_slot.get(slot) == model.get(&slot)));
            assert!(by_slot.iter().eq(model.iter().map(|(slot, own)| (*slot, own))));
        }
    }

    #[test]
    fn a_chunk_is_loaded_once_for_all_copies_and_is_stored_until_it_is_written_to() {
        let model: BTreeMap<u32, Vec<u32>> = (0..1_024).map(|slot| (slot, vec![slot])).collect();
        let stored = Arc::new(Stored(model, AtomicUsize::new(0)));
        let asked = || stored.1.load(Ordering::Relaxed);
        let all = List::stored(Arc::clone(&stored) as Arc<dyn Load<_>>, 1_024, 0..4);
        let mut copy = all.clone();
        assert_eq!((all.len(), all.get(5_000), asked()), (1_024, None, 0));
        assert_eq!((all.get(300), copy.get(301), asked()), (Some(&vec![300]), Some(&vec![301]), 1));
        copy.of(600).push(7);
        assert_eq!((all.get(600), copy.get(600), asked()), (Some(&vec![600]), Some(&vec![600, 7]), 2));
        let unwritten: Vec<bool> = copy.chunks().map(|(_, stored)| stored).collect();
        assert_eq!((unwritten, all.chunks().all(|(_, stored)| stored)), (vec![true, true, false, true], true));
        assert_eq!((copy.in_memory(), asked()), (2, 2));
        copy.detach();
        assert_eq!((copy.in_memory(), copy.chunks().any(|(_, stored)| stored), asked()), (4, false, 4));
    }

    #[test]
    fn a_write_to_a_copy_copies_one_page() {
        let mut all = BySlot::<u32, 4096>::default();
        (0..6_400).for_each(|slot| *all.of(slot) = slot);
        let before = all.clone();
        *all.of(777) = 0;
        assert_eq!(all.take(10_000), None);
        let pages = |list: &BySlot<u32, 4096>| {
            let chunks = list.chunks.iter().flatten().filter_map(|chunk| chunk.pages.get());
            chunks.flat_map(|pages| pages.iter().flatten().cloned()).collect::<Vec<_>>()
        };
        let shared = pages(&all).iter().zip(&pages(&before)).filter(|(a, b)| Arc::ptr_eq(a, b)).count();
        assert_eq!((shared, pages(&all).len()), (99, 100));
    }
}
