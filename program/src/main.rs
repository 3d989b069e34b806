//! The command line: parse arguments, run, exit code.

use std::sync::atomic::{AtomicBool, Ordering};

/// A short query is a hundred small allocations, which this allocator makes in a third of the system's time; and it counts
/// what each thread takes, so that a statement's memory is known whatever it is spent on.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The allocator reads this name when it is first asked.
#[cfg(not(target_env = "msvc"))]
#[unsafe(export_name = "_rjem_malloc_conf")]
#[expect(unsafe_code, reason = "the name is the one that this allocator reads; the text ends with a zero")]
pub static MALLOC_CONF: &[u8; 21] = shejire::memory::JEMALLOC_CONF;

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
