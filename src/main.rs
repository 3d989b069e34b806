//! The command line: parse arguments, run, exit code.

/// A short query is a hundred small allocations, which this allocator makes in a third of the system's time; and it counts
/// what each thread takes, so that a statement's memory is known whatever it is spent on.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[cfg(not(target_env = "msvc"))]
mod counts {
    //! The counts of the allocator, as the library asks for them.

    use shejire::memory::{Counts, counted_by};
    use tikv_jemalloc_ctl::thread::{ThreadLocal, allocatedp, deallocatedp};
    use tikv_jemalloc_ctl::{Access, AsName, arenas};

    /// Milliseconds after which a page that nobody uses goes back to the system.
    const DECAY: isize = 1000;

    thread_local! {
        /// Where the allocator counts what this thread takes, and what it gives back.
        static OF_THREAD: Option<(ThreadLocal<u64>, ThreadLocal<u64>)> =
            allocatedp::read().ok().zip(deallocatedp::read().ok());
    }

    /// Tells the library how they are read, and the allocator how long it may hold what nobody uses.
    pub fn keep() {
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
}

/// What the depth of queries and values is bounded for. The stack the system gives the first thread may be any
/// (`ulimit -s`), and one that is too small ends the program by a signal.
const STACK: usize = 8 << 20;

fn main() -> std::process::ExitCode {
    #[cfg(not(target_env = "msvc"))]
    counts::keep();
    let run = || shejire::cli::run(std::env::args_os());
    match std::thread::Builder::new().name("main".to_owned()).stack_size(STACK).spawn(run) {
        // one that panicked has said so
        Ok(thread) => thread.join().unwrap_or_else(|_| std::process::ExitCode::from(101)),
        Err(_) => run(),
    }
}
