//! Help for whoever types a query: what may stand at the cursor, what is wrong, what each part is. The shell calls it, and
//! so may an editor or a server; it knows nothing of terminals.

mod complete;
mod context;
mod highlight;

pub use complete::{Completion, Offer, complete};
pub use highlight::{Part, parts};

pub use crate::engine::Problem;
use crate::engine::Snapshot;

/// What is wrong or doubtful in a script, without running it: errors and warnings with their places.
///
/// ```
/// use shejire::assist::{Problem, problems};
///
/// # fn main() -> shejire::Result<()> {
/// let snapshot = shejire::Engine::builtin()?.snapshot()?;
/// let Problem::Error(error) = &problems(&snapshot, "MATCH (n) RETURN m")[0] else { panic!("no such variable") };
/// assert_eq!(error.span().unwrap().of("MATCH (n) RETURN m"), "m");
/// # Ok(())
/// # }
/// ```
pub fn problems(snapshot: &Snapshot, text: &str) -> Vec<Problem> {
    snapshot.problems(text)
}
