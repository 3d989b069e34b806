//! The command line: parse arguments, run, exit code.

fn main() -> std::process::ExitCode {
    shejire::cli::run(std::env::args_os())
}
