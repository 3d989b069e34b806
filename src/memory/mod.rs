//! Memory as the allocator counts it, thread by thread.
//!
//! The library does not choose the allocator of the program it is in. A program whose allocator keeps counts says how they
//! are read ([`counted_by`]); in any other, limits know what was asked for beforehand and nothing of what was taken
//! without asking. Knows nothing of statements: what belongs to one is found by who asks (`exec/meter.rs`).

#[cfg(all(feature = "cli", not(target_env = "msvc")))]
mod jemalloc;

#[cfg(all(feature = "cli", not(target_env = "msvc")))]
#[doc(hidden)] // for our own programs
pub use jemalloc::{JEMALLOC_CONF, count_by_jemalloc};

use std::cell::Cell;
use std::sync::OnceLock;

/// How the counts of the program's allocator are read.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Bytes that the calling thread has ever taken, less those it has ever given back. Below 0 for a thread that gives
    /// back what others took.
    pub held: fn() -> i64,
    /// Gives to the system what the allocator holds and nobody uses. Called when a large statement has ended.
    pub give_back: fn(),
}

static COUNTS: OnceLock<Counts> = OnceLock::new();

thread_local! {
    /// Bytes this thread has taken for what lives longer than whoever asked for it.
    static ASIDE: Cell<i64> = const { Cell::new(0) };
}

/// Says how this program's allocator counts; of several calls the first holds. From then on a statement that may hold a
/// number of bytes is measured by what it has taken, whatever for.
///
/// ```
/// use shejire::memory::{Counts, counted_by};
///
/// // of an allocator that keeps counts; our own program reads those of jemalloc (`jemalloc.rs`)
/// counted_by(Counts { held: || 0, give_back: || {} });
/// assert!(shejire::Engine::in_memory().run("RETURN 1").is_ok());
/// ```
pub fn counted_by(counts: Counts) {
    let _ = COUNTS.set(counts);
}

/// Bytes this thread holds of what is not [`aside`]; always the same where nothing counts them.
#[inline]
pub(crate) fn held() -> i64 {
    COUNTS.get().map_or(0, |counts| (counts.held)() - ASIDE.get())
}

/// Gives to the system what nobody uses.
pub(crate) fn give_back() {
    if let Some(counts) = COUNTS.get() {
        (counts.give_back)();
    }
}

/// Makes something that is kept for everybody, such as an index or a part of a stored graph that is loaded when it is first
/// read: what it takes is not the statement's that happened to be the first.
pub(crate) fn aside<T>(make: impl FnOnce() -> T) -> T {
    let Some(counts) = COUNTS.get() else { return make() };
    let (before, had) = ((counts.held)(), ASIDE.get());
    let made = make();
    // whatever was put aside within it is part of it
    ASIDE.set(had + (counts.held)() - before);
    made
}

/// What a cell holds, made for everybody when it is empty: see [`aside`].
#[inline]
pub(crate) fn kept<T>(cell: &OnceLock<T>, make: impl FnOnce() -> T) -> &T {
    cell.get().unwrap_or_else(|| aside(|| cell.get_or_init(make)))
}
