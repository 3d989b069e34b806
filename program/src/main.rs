//! The command line: parse arguments, run, exit code.

use std::sync::atomic::{AtomicBool, Ordering};

/// A short query is a hundred small allocations, which this allocator makes in a third of the system's time; and it counts
/// what each thread takes, so that a statement's memory is known whatever it is spent on.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What the allocator is told; a `_RJEM_MALLOC_CONF` in the environment comes after it.
///
/// `thp`: large pages where the system gives them to whoever asks (`madvise`, as Debian is set). A graph is read here and there,
/// and most of what a search waits for is the way from a page's number to its place.
///
/// `narenas`: what one thread frees any other finds. Batches are made by one thread and freed by another; with an arena a thread
/// what was freed stayed in memory for the thread that had made it, as much again as a statement held, beyond its limit.
#[cfg(not(target_env = "msvc"))]
#[unsafe(export_name = "_rjem_malloc_conf")]
#[expect(unsafe_code, reason = "the name is the one that this allocator reads; the text ends with a zero")]
pub static MALLOC_CONF: &[u8; 21] = b"thp:always,narenas:1\0";

static OUTPUT_CLOSED: AtomicBool = AtomicBool::new(false);

// before Rust's runtime, which opens the null device in the place of what is closed
ctor::declarative::ctor! {
    #[ctor(unsafe)]
    fn look_at_output() {
        OUTPUT_CLOSED.store(shejire::cli::is_output_closed(), Ordering::Relaxed);
    }
}

fn main() -> std::process::ExitCode {
    #[cfg(not(target_env = "msvc"))]
    shejire::memory::count_by_jemalloc();
    shejire::cli::run_on_its_stack(std::env::args_os(), OUTPUT_CLOSED.load(Ordering::Relaxed)).into()
}
