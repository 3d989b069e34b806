//! What a function may ask of the statement it runs in: entities, budget, the frozen clock.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use super::regex::Patterns;
use crate::error::Result;
use crate::value::entity::Entities;
use crate::value::temporal::Instant;

/// Allocations below this are not worth asking about.
const SMALL: usize = 1024;

/// What a statement may still use.
pub(crate) trait Budget {
    /// Whether `bytes` more may be allocated at once. Keeps no account: whoever keeps the value charges it.
    /// Errors: `LimitExceeded / Memory`; also `Time` and `Cancelled`, when they are due.
    fn ask(&self, bytes: usize) -> Result<()>;

    /// Whether there is time left, asked of the clock now: for work that is long in itself. Errors: as [`Self::ask`].
    fn look(&self) -> Result<()> {
        self.ask(0)
    }
}

/// A budget without limits, for tests and for constants folded at compile time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unlimited;

impl Budget for Unlimited {
    fn ask(&self, _: usize) -> Result<()> {
        Ok(())
    }
}

/// The moments a statement sees; frozen, so that two calls in one statement agree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// When the transaction began.
    pub transaction: Instant,
    /// When the statement began.
    pub statement: Instant,
}

impl Clock {
    /// Both now.
    pub(crate) fn now() -> Self {
        let now = Instant::now();
        Self { transaction: now, statement: now }
    }
}

/// What calls leave behind for the next call of the same statement: compiled patterns, the state of `rand()`.
#[derive(Debug, Default)]
pub(crate) struct CallState {
    pub(super) patterns: Patterns,
    random: Option<u64>,
}

/// What a function may ask of the statement it runs in. Made for a call (a statement may write between two);
/// what must last lives in [`CallState`].
pub(crate) struct CallContext<'a> {
    /// The content behind nodes and relationships.
    pub(crate) entities: &'a dyn Entities,
    /// What the statement may still use.
    pub(crate) budget: &'a dyn Budget,
    /// The frozen clock.
    pub(crate) clock: Clock,
    pub(super) state: &'a mut CallState,
}

impl<'a> CallContext<'a> {
    /// A context for one call.
    pub(crate) fn new(
        entities: &'a dyn Entities,
        budget: &'a dyn Budget,
        clock: Clock,
        state: &'a mut CallState,
    ) -> Self {
        Self { entities, budget, clock, state }
    }

    /// To be asked before allocating something whose size an argument decides.
    /// Errors: `LimitExceeded / Memory`.
    pub(crate) fn charge(&mut self, bytes: usize) -> Result<()> {
        if bytes < SMALL { Ok(()) } else { self.budget.ask(bytes) }
    }

    /// 64 random bits (splitmix64; not for secrets).
    pub(super) fn random_bits(&mut self) -> u64 {
        let random = self.state.random.get_or_insert_with(|| RandomState::new().build_hasher().finish());
        *random = random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = *random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl std::fmt::Debug for CallContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallContext").field("clock", &self.clock).finish_non_exhaustive()
    }
}
