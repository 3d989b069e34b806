//! `check`: a store or a graph against itself.

use super::args::CheckArgs;
use super::terminal::Desk;
use super::{Done, Failure, Outcome, open};
use crate::io::safe::visible;

/// Runs the command; one line a problem.
pub(super) fn run(args: CheckArgs, desk: &mut Desk) -> Outcome {
    let mut source = args.source;
    source.read_only = true;
    let problems = open::engine(&source)?.check()?;
    for problem in &problems {
        writeln!(desk.out(), "{}", visible(problem))?;
    }
    if problems.is_empty() {
        writeln!(desk.out(), "no problems found")?;
        Ok(Done::Well)
    } else {
        desk.flush()?;
        desk.note(&format!("{} problem{}", problems.len(), if problems.len() == 1 { "" } else { "s" }));
        Err(Failure::Problems)
    }
}
