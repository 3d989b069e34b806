//! The counts of jemalloc, which our own programs allocate with.

use tikv_jemalloc_ctl::thread::{ThreadLocal, allocatedp, deallocatedp};
use tikv_jemalloc_ctl::{Access, AsName, arenas};

use super::{Counts, counted_by};

/// Milliseconds after which a page that nobody uses goes back to the system.
const DECAY: isize = 1000;

thread_local! {
    /// Where the allocator counts what this thread takes, and what it gives back.
    static OF_THREAD: Option<(ThreadLocal<u64>, ThreadLocal<u64>)> =
        allocatedp::read().ok().zip(deallocatedp::read().ok());
}

/// For a program whose allocator is `tikv_jemallocator::Jemalloc`: tells the library how its counts are read, and the allocator
/// how long it may hold what nobody uses.
pub fn count_by_jemalloc() {
    decay(DECAY);
    let _ = b"arenas.dirty_decay_ms\0".name().write(DECAY);
    counted_by(Counts { held, give_back });
}

fn held() -> i64 {
    OF_THREAD.with(|counts| counts.map_or(0, |(taken, given)| taken.get().wrapping_sub(given.get()) as i64))
}

/// Pages that nobody uses go at once where they may wait no time at all.
fn give_back() {
    decay(0);
    decay(DECAY);
}

/// Arenas that are not there yet, or never (they are made when a thread first needs one), are passed over.
fn decay(ms: isize) {
    for arena in 0..arenas::narenas::read().unwrap_or(0) {
        let _ = format!("arena.{arena}.dirty_decay_ms\0").name().write(ms);
    }
}
