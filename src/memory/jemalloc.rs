//! The counts of jemalloc, which our own programs allocate with.

use tikv_jemalloc_ctl::thread::{ThreadLocal, allocatedp, deallocatedp};
use tikv_jemalloc_ctl::{Access, AsName, arenas, background_thread, max_background_threads};

use super::{Counts, counted_by};

/// What the allocator of our own programs is told (`malloc_conf`); a `_RJEM_MALLOC_CONF` in the environment comes after it.
///
/// `thp`: large pages where the system gives them to whoever asks (`madvise`, as Debian is set). A graph is read here and there,
/// and most of what a search waits for is the way from a page's number to its place.
///
/// `narenas`: what one thread frees any other finds. Batches are made by one thread and freed by another; with an arena a thread
/// what was freed stayed in memory for the thread that had made it, as much again as a statement held, beyond its limit.
pub const JEMALLOC_CONF: &[u8; 21] = b"thp:always,narenas:1\0";

thread_local! {
    /// Where the allocator counts what this thread takes, and what it gives back.
    static OF_THREAD: Option<(ThreadLocal<u64>, ThreadLocal<u64>)> =
        allocatedp::read().ok().zip(deallocatedp::read().ok());
}

/// For a program whose allocator is `tikv_jemallocator::Jemalloc`: tells the library how its counts are read, and the allocator
/// to give back what nobody uses by a thread of its own.
///
/// Without one it gives a freed block of 8 MB or more back at once, in the middle of a statement whose next batch wants it
/// again: every page of it is new each time.
pub fn count_by_jemalloc() {
    let _ = max_background_threads::write(1);
    let _ = background_thread::write(true);
    counted_by(Counts { held, give_back });
}

fn held() -> i64 {
    OF_THREAD.with(|counts| counts.map_or(0, |(taken, given)| taken.get().wrapping_sub(given.get()) as i64))
}

/// Pages that nobody uses go at once. Arenas that are not there yet, or never (they are made when a thread first needs one), are
/// passed over.
fn give_back() {
    // (not what the arena has now: another thread may be doing the same)
    let usual: Result<isize, _> = b"arenas.dirty_decay_ms\0".name().read();
    let Ok(usual) = usual else { return };
    for arena in 0..arenas::narenas::read().unwrap_or(0) {
        let name = format!("arena.{arena}.dirty_decay_ms\0");
        let _ = name.name().write(0_isize);
        let _ = name.name().write(usual);
    }
}
