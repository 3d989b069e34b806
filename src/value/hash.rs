//! Hashing of what users choose: texts, ids, numbers, values.
//!
//! Whoever knows a hash function without a key prepares a thousand keys that all fall into one slot, and every look-up
//! becomes a search. Maps from what comes out of files, parameters and queries are therefore hashed with a key that is drawn
//! when the process starts ([`DataMap`], [`DataSet`], [`hasher`]). Dense numbers that we give ourselves (slots, label ids, codes
//! of a pool) nobody chooses: they are hashed by `rustc_hash`, which costs less. `tests/it/layers.rs` looks at the types.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::BuildHasher;
use std::sync::LazyLock;

use foldhash::fast::{FoldHasher, RandomState};

/// The key of this process.
static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::default);

/// A hasher with the key of this process; what it gives does not outlive the process.
#[inline]
pub(crate) fn hasher() -> FoldHasher<'static> {
    KEY.build_hasher()
}

/// Makes hashers with the key of this process, which it keeps: a loop over many values asks for the key once.
#[derive(Clone)]
pub(crate) struct Keyed(FoldHasher<'static>);

impl Default for Keyed {
    #[inline]
    fn default() -> Self {
        Self(hasher())
    }
}

impl BuildHasher for Keyed {
    type Hasher = FoldHasher<'static>;

    #[inline]
    fn build_hasher(&self) -> Self::Hasher {
        self.0.clone()
    }
}

/// The key is nobody's business.
impl fmt::Debug for Keyed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyed")
    }
}

/// A map from what users choose.
pub(crate) type DataMap<K, V> = HashMap<K, V, Keyed>;

/// A set of what users choose.
pub(crate) type DataSet<T> = HashSet<T, Keyed>;

#[cfg(test)]
mod tests {
    use std::hash::Hasher;

    use super::*;

    /// Integers that all fall into one slot of a table without a key (multiples of the inverse of its factor) spread here.
    #[test]
    fn what_collides_without_a_key_spreads_with_one() {
        const FACTOR: u64 = 0xf135_7aea_2e62_a9c5;
        let mut inverse = FACTOR;
        for _ in 0..6 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(FACTOR.wrapping_mul(inverse)));
        }
        assert_eq!(FACTOR.wrapping_mul(inverse), 1);
        let crafted = (0..4096_u64).map(|n| inverse.wrapping_mul(n));
        let slot = |hash: u64| hash >> 52;
        let one = |n: u64| {
            let mut hasher = hasher();
            hasher.write_u64(n);
            hasher.finish()
        };
        let bare: HashSet<u64> = crafted.clone().map(|n| slot(FACTOR.wrapping_mul(n))).collect();
        let keyed: HashSet<u64> = crafted.map(|n| slot(one(n))).collect();
        assert!(bare.len() == 1 && keyed.len() > 2000, "{} and {} of 4096 slots", bare.len(), keyed.len());
    }
}
