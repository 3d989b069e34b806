//! The command line: what was typed becomes meaning, meaning becomes calls of the engine, answers go to standard
//! output and everything else to standard error.
//!
//! Exit codes: 0 done, 1 a query or data error, 2 wrong usage, 3 findings under `--strict`. A closed pipe ends the
//! program quietly. One file a command, all with the same skeleton: `run(args, desk) -> Outcome`.

mod add;
mod args;
mod care;
mod completions;
mod conflicts;
mod crosswalk;
mod diff;
mod draw;
mod edition;
#[cfg(feature = "cluster")]
mod elsewhere;
mod evidence;
mod explain;
mod export;
mod files;
mod find;
mod import;
mod limits;
mod new;
mod number;
mod open;
mod params;
mod pipe;
mod progress;
mod query;
mod report;
mod schema;
mod sentences;
#[cfg(feature = "server")]
mod serve;
mod settings;
mod shell;
mod show;
mod sources;
mod suggest;
mod terminal;
mod trace;
mod upgrade;
mod verify;
#[cfg(feature = "server")]
mod view;

use std::ffi::OsString;

use clap::Parser;

use crate::engine::{Engine, Limits};
use crate::error::Error;
use crate::io::WriteError;
use args::{Args, Command};
use terminal::Desk;

/// The conversation of `shejire pipe` over any two streams: a JSON request a line in, a JSON answer a line out.
pub fn pipe(
    engine: Engine,
    limits: Limits,
    input: &mut dyn std::io::BufRead,
    output: &mut dyn std::io::Write,
) -> std::io::Result<()> {
    pipe::serve(engine, limits, input, output)
}

/// How a command ended when nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// What was asked for is done.
    Well,
    /// Done, and `--strict` turns what was found into a failure.
    Findings,
}

/// Why a command did not do what was asked.
#[derive(Debug)]
enum Failure {
    /// An error of the engine or of data, with the query text it points into and where that came from.
    Query { error: Error, text: String, origin: Option<String> },
    /// Typed in a way that has no meaning.
    Usage(String),
    /// Problems that have been printed already.
    Problems,
    /// Output could not be written.
    Output(std::io::Error),
}

type Outcome = Result<Done, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Query { error, text: String::new(), origin: None }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Io(error) => Self::Output(error),
            WriteError::Data(error) => error.into(),
        }
    }
}

/// What the depth of queries and values is bounded for. The stack the system gives a program's first thread may be any
/// (`ulimit -s`), and one that is too small ends the program by a signal.
const STACK: usize = 8 << 20;

/// Runs one command line on a thread whose stack is deep enough; the exit code says how it went.
pub fn run_on_its_stack(args: impl IntoIterator<Item = OsString>) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    std::thread::scope(|scope| {
        let run = || run(args.iter().cloned());
        match std::thread::Builder::new().name("main".to_owned()).stack_size(STACK).spawn_scoped(scope, run) {
            // one that panicked has said so
            Ok(thread) => thread.join().unwrap_or(101),
            Err(_) => run(),
        }
    })
}

/// Runs one command line; the exit code says how it went.
fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let mut args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            // help and version are errors to clap, with the exit code 0
            if error.use_stderr() {
                let desk = Desk::new(false, false);
                // what was typed is shown in it
                let shown = error.render();
                let safe = !shown.to_string().chars().any(|c| c != '\n' && crate::io::safe::is_control(c));
                match desk.colour && safe {
                    true => desk.say_drawn(shown.ansi().to_string().trim_end()),
                    false => desk.say(shown.to_string().trim_end()),
                }
            } else {
                let _ = error.print();
            }
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    let mut desk = Desk::new(args.quiet, args.verbose);
    let ready = settings::apply(&mut args.command, &desk);
    let outcome = ready.and_then(|()| dispatch(args.command, &mut desk)).and_then(|done| {
        desk.flush()?;
        Ok(done)
    });
    report::finish(outcome, &desk)
}

fn dispatch(command: Command, desk: &mut Desk) -> Outcome {
    match command {
        Command::Query(args) => query::run(args, desk),
        Command::Trace(args) => trace::run(args, desk),
        Command::Evidence(args) => evidence::run(args, desk),
        Command::Conflicts(args) => conflicts::run(args, desk),
        Command::Find(args) => find::run(args, desk),
        Command::Show(args) => show::run(args, desk),
        Command::Sources(args) => sources::run(args, desk),
        Command::Search(args) => sources::search(args, desk),
        Command::Diff(args) => diff::run(args, desk),
        Command::Crosswalk(args) => crosswalk::run(args, desk),
        Command::Explain(args) => explain::run(args, desk),
        Command::Schema(args) => schema::run(args, desk),
        Command::Export(args) => export::run(args, desk),
        Command::Import(args) => import::run(args, desk),
        Command::Number(args) => number::run(args, desk),
        Command::New(args) => new::run(args, desk),
        Command::Add(args) => add::run(args, desk),
        Command::Suggest(args) => suggest::run(args, desk),
        Command::Check(args) => verify::run(args, desk),
        Command::Info(args) => care::info(args, desk),
        Command::Backup(args) => care::backup(args, desk),
        Command::Restore(args) => care::restore(args, desk),
        Command::Repair(args) => care::repair(args, desk),
        Command::Upgrade(args) => upgrade::run(args, desk),
        Command::Compact(args) => care::compact(args, desk),
        Command::Shell(args) => shell::run(args, desk),
        Command::Pipe(args) => pipe::run(args, desk),
        #[cfg(feature = "server")]
        Command::View(args) => view::run(args, desk),
        #[cfg(feature = "server")]
        Command::Serve(args) => serve::run(args, desk),
        #[cfg(feature = "server")]
        Command::Mcp(args) => serve::mcp(args),
        Command::Completions(args) => completions::run(args, desk),
        Command::Man(args) => completions::man(args, desk),
    }
}
