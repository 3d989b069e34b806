//! The command line: parse arguments, run, exit code.

/// A short query is a hundred small allocations; this allocator makes them in a third of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What the depth of queries and values is bounded for. The stack the system gives the first thread may be any
/// (`ulimit -s`), and one that is too small ends the program by a signal.
const STACK: usize = 8 << 20;

fn main() -> std::process::ExitCode {
    let run = || shejire::cli::run(std::env::args_os());
    match std::thread::Builder::new().name("main".to_owned()).stack_size(STACK).spawn(run) {
        // one that panicked has said so
        Ok(thread) => thread.join().unwrap_or_else(|_| std::process::ExitCode::from(101)),
        Err(_) => run(),
    }
}
