//! What is known of nodes: of few in a map, of many in a list of all nodes, so that what meets few nodes never touches memory in
//! proportion to the graph.

use rustc_hash::FxHashMap;

use crate::error::Result;
use crate::exec::context::{Meter, Reservation};

/// Bytes that a list of all nodes has for each entry that is needed before it is taken instead of a map. To fill a map with an
/// entry takes about as long as to clear so many bytes.
const SPARSE: usize = 512;

pub(super) struct NodeMap<T> {
    few: FxHashMap<u32, T>,
    /// Empty while there are few.
    many: Vec<T>,
    /// What a node has of which nothing is known.
    unknown: T,
    memory: Option<Reservation>,
}

impl<T: Copy> NodeMap<T> {
    pub(super) fn new(unknown: T) -> Self {
        Self { few: FxHashMap::default(), many: Vec::new(), unknown, memory: None }
    }

    #[inline]
    pub(super) fn get(&self, node: u32) -> T {
        match self.many.get(node as usize) {
            Some(known) => *known,
            None if self.many.is_empty() => self.few.get(&node).copied().unwrap_or(self.unknown),
            None => self.unknown,
        }
    }

    /// Where what is known of a node stands. [`Self::expect`] has made room for it.
    #[inline]
    pub(super) fn of(&mut self, node: u32) -> &mut T {
        match self.many.is_empty() {
            true => self.few.entry(node).or_insert(self.unknown),
            false => &mut self.many[node as usize],
        }
    }

    /// Makes room for `more` nodes of `bound`. Errors: a limit.
    #[inline]
    pub(super) fn expect(&mut self, more: usize, bound: usize, meter: &Meter) -> Result<()> {
        if self.many.len() >= bound { Ok(()) } else { self.make_room(more, bound, meter) }
    }

    #[cold]
    fn make_room(&mut self, more: usize, bound: usize, meter: &Meter) -> Result<()> {
        let is_sparse = || (self.few.len() + more) * SPARSE < bound * size_of::<T>();
        if self.many.is_empty() && is_sparse() {
            return Ok(());
        }
        let memory = self.memory.get_or_insert_with(|| meter.reservation());
        memory.grow((bound - self.many.len()) * size_of::<T>())?;
        self.many.resize(bound, self.unknown);
        for (node, known) in self.few.drain() {
            self.many[node as usize] = known;
        }
        Ok(())
    }

    /// Forgets what is known; of no other nodes than these is anything.
    pub(super) fn clear(&mut self, nodes: impl Iterator<Item = u32>) {
        match self.many.is_empty() {
            true => self.few.clear(),
            false => nodes.for_each(|node| self.many[node as usize] = self.unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::context::{Allowance, Limits};

    #[test]
    fn few_and_many_say_the_same() {
        let meter = Allowance::of(&Limits::default()).meter();
        for bound in [8, 1000, 100_000] {
            let mut map = NodeMap::new(u8::MAX);
            let mut model = vec![u8::MAX; bound];
            for step in 0..2 * bound {
                let node = step * 7919 % bound;
                map.expect(1, bound, &meter).expect("no limits");
                *map.of(node as u32) = step as u8;
                model[node] = step as u8;
                let other = step * 31 % bound;
                assert_eq!(map.get(other as u32), model[other]);
            }
            assert!(!map.many.is_empty(), "they have become many");
            map.clear((0..bound as u32).filter(|node| model[*node as usize] != u8::MAX));
            assert!((0..bound as u32).all(|node| map.get(node) == u8::MAX));
        }
    }
}
