//! A hash table cut into shards that versions share: a write copies the shard it touches, not the table.
//!
//! Linear hashing: the table grows by one shard at a time, which takes its entries from one other shard. So no write
//! ever copies more than two shards, however large the table is, and there is no directory to keep.
//!
//! ```text
//! last bits of the hash   000  001  010  011  100  101  110  111
//! shard, of five            0    1    2    3    4    1    2    3     0 was divided into 0 and 4; 1 is next
//! ```
//!
//! What a shard is, and how it is divided, is its owner's; the shards only say where a hash belongs.

use std::sync::Arc;

/// How heavy a shard is on average when the table grows; one that is to be divided next is twice as heavy.
const MEAN: usize = 2048;

/// Shards by hash. Cloning costs a reference count for each; a shard is copied when it is written while another clone
/// holds it. The table never gives shards back: empty ones cost a few words.
#[derive(Clone, Debug)]
pub(super) struct Shards<S> {
    /// Never empty.
    parts: Vec<Arc<S>>,
    weight: usize,
}

impl<S: Clone + Default> Default for Shards<S> {
    fn default() -> Self {
        Self::with_room(0, |_| S::default())
    }
}

impl<S: Clone> Shards<S> {
    /// Enough shards for entries of `weight` in all; `make` is told how much each should have room for.
    pub(super) fn with_room(weight: usize, make: impl Fn(usize) -> S) -> Self {
        let count = weight.div_ceil(MEAN).next_power_of_two();
        let mean = weight / count;
        // hashes spread by chance: four standard deviations more than the mean fill few shards over
        let room = if count == 1 { weight } else { mean + 4 * mean.isqrt() };
        Self { parts: (0..count).map(|_| Arc::new(make(room))).collect(), weight: 0 }
    }

    /// The shard of a hash.
    #[inline]
    pub(super) fn of(&self, hash: u64) -> &S {
        &self.parts[place(hash, self.parts.len())]
    }

    /// The shard of a hash for writing: a copy of its own if another clone holds it too.
    pub(super) fn of_mut(&mut self, hash: u64) -> &mut S {
        let place = place(hash, self.parts.len());
        Arc::make_mut(&mut self.parts[place])
    }

    /// Notes that entries have become heavier; whether the table should [grow](Self::grow).
    #[must_use]
    pub(super) fn gain(&mut self, weight: usize) -> bool {
        self.weight += weight;
        self.weight > MEAN * self.parts.len()
    }

    /// Notes that entries have become lighter.
    pub(super) fn lose(&mut self, weight: usize) {
        self.weight = self.weight.saturating_sub(weight);
    }

    /// Adds a shard. `divide` is given the shard that is divided and which hashes leave it, and makes the new one of
    /// what it takes out.
    pub(super) fn grow(&mut self, divide: impl FnOnce(&mut S, &dyn Fn(u64) -> bool) -> S) {
        let (old, new) = (self.parts.len() & !(1 << self.parts.len().ilog2()), self.parts.len());
        let part = divide(Arc::make_mut(&mut self.parts[old]), &|hash| place(hash, new + 1) == new);
        self.parts.push(Arc::new(part));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &S> {
        self.parts.iter().map(|part| &**part)
    }

    /// The shards for writing; none of them is copied that nobody else holds.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut S> {
        self.parts.iter_mut().map(Arc::make_mut)
    }

    /// What all entries weigh.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    /// The number of the shard of a hash, in the order of [`Self::iter_mut`].
    pub(super) fn place(&self, hash: u64) -> usize {
        place(hash, self.parts.len())
    }

    /// How many shards.
    pub(super) fn count(&self) -> usize {
        self.parts.len()
    }

    /// How many shards are not those of another clone.
    #[cfg(test)]
    pub(super) fn own(&self, other: &Self) -> usize {
        let shared = self.parts.iter().zip(&other.parts).filter(|(a, b)| Arc::ptr_eq(a, b)).count();
        self.parts.len() - shared
    }
}

/// The number of the shard. The table inside a shard goes by the low and the top bits of the hash, so these must not be
/// what its entries have in common; and the bits between them vary little where numbers are multiples of a power of two.
/// Hence the high bits of another product.
#[inline]
fn place(hash: u64, count: usize) -> usize {
    let bits = (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize;
    let mask = count.next_power_of_two() - 1;
    let place = bits & mask;
    if place < count { place } else { place & (mask >> 1) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    type Map = Shards<HashMap<u64, u32>>;

    fn put(map: &mut Map, key: u64, value: u32) {
        if map.of_mut(key).insert(key, value).is_none() && map.gain(64) {
            map.grow(|old, leaves| old.extract_if(|&key, _| leaves(key)).collect());
        }
    }

    fn take(map: &mut Map, key: u64) -> Option<u32> {
        let value = map.of_mut(key).remove(&key);
        map.lose(64 * usize::from(value.is_some()));
        value
    }

    fn entries(map: &Map) -> HashMap<u64, u32> {
        map.iter().flatten().map(|(&key, &value)| (key, value)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Every clone is the map it was when it was made, whatever is written to others; a write copies
        /// one shard, and divides one where the table grows.
        #[test]
        fn shards_are_a_map_and_clones_keep_theirs(
            steps in vec((0u64..700, any::<u32>(), 0u8..8), 1..1_500),
            stride in prop::sample::select(vec![1u64, 2, 1 << 20, 1 << 40, 0x9e37_79b9_7f4a_7c15]),
        ) {
            let (mut map, mut model) = (Map::default(), HashMap::new());
            let mut clones = Vec::new();
            for (key, value, kind) in steps {
                let key = key.wrapping_mul(stride);
                let before = map.clone();
                match kind {
                    0 => clones.push((map.clone(), model.clone())),
                    1 | 2 => prop_assert_eq!(take(&mut map, key), model.remove(&key)),
                    _ => {
                        put(&mut map, key, value);
                        model.insert(key, value);
                    }
                }
                prop_assert!(map.own(&before) <= 3);
                prop_assert_eq!(map.of(key).get(&key), model.get(&key));
            }
            clones.push((map, model));
            for (map, model) in clones {
                prop_assert_eq!(entries(&map), model.clone());
                prop_assert!(model.iter().all(|(&key, value)| map.of(key).get(&key) == Some(value)));
            }
        }
    }

    /// Consecutive numbers, multiples, and products of the hasher: none may crowd into few shards.
    #[test]
    fn hashes_with_a_pattern_spread() {
        for stride in [1u64, 2, 1 << 10, 1 << 20, 1 << 32, 0xf135_7aea_2e62_a9c5] {
            let mut map = Shards::with_room(300 * MEAN, |_| 0usize);
            (0..300 * MEAN as u64).for_each(|n| *map.of_mut(n.wrapping_mul(stride)) += 1);
            let heaviest = map.iter().max().copied().unwrap_or_default();
            let mean = 300 * MEAN / map.count();
            assert!(heaviest < 2 * mean, "stride {stride}: {heaviest} of {mean}");
        }
    }
}
