//! What procedures may use beside the graph: queries on the version that their statement sees, and the shelf.

use std::fmt;

use super::prepare::{self, PreparedBody};
use super::run;
use super::version::State;
use crate::error::{Class, Code, Error, Phase, Result};
use crate::exec::{self, Allowance, GraphAccess};
use crate::function::{Around, Asked, Shelf};
use crate::value::Value;

/// Of one statement that reads.
pub(super) struct Surroundings<'s> {
    state: &'s State<'s>,
    /// What the statement may still use.
    allowance: &'s Allowance,
    own: Shelf,
}

impl<'s> Surroundings<'s> {
    pub(super) fn of(state: &'s State<'s>, allowance: &'s Allowance) -> Self {
        Self { state, allowance, own: Shelf::default() }
    }

    fn answer(&self, text: &str, params: &[(String, Value)]) -> Result<Asked> {
        let prepared = prepare::prepare((text, false), self.state, true)?;
        let PreparedBody::Query(query) = &prepared.body else { return Err(only_reads()) };
        if query.plan.writes {
            return Err(only_reads());
        }
        let params = run::parameters(&query.plan, [params, &[]], text)?;
        let names = || std::sync::Arc::clone(self.state.version.names());
        // with nothing around it: a query that asks itself would have no end
        let knowledge = self.state.knowledge(&names);
        let access = GraphAccess::Read(self.state.graph);
        let answer = exec::execute(access, knowledge, &query.plan, &params, &self.allowance.of_any_rows(), false)?;
        self.state.version.knowledge.failure().map_or(Ok(()), Err)?;
        let columns = query.columns.to_vec();
        let values = answer.table.into_values(self.state.graph);
        let rows = values.chunks(columns.len().max(1)).map(<[Value]>::to_vec).collect();
        Ok(Asked { columns, rows })
    }
}

impl Around for Surroundings<'_> {
    fn ask(&self, text: &str, params: &[(String, Value)]) -> Result<Asked> {
        // a thread has one meter at a time, so the query has a thread of its own
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(run::stack_for(text));
            let asked = thread.spawn_scoped(scope, || run::contained(|| self.answer(text, params)));
            match asked {
                Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                Err(error) => {
                    let message = format!("no room for the query of a procedure: {error}");
                    Err(Error::new(Class::LimitExceeded, Phase::Runtime, Code::Memory, message))
                }
            }
        })
        .map_err(|error| within(&error, text))
    }

    fn shelf(&self) -> &Shelf {
        &self.state.procedures.shelf
    }

    fn own_shelf(&self) -> &Shelf {
        &self.own
    }
}

impl fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").field("own", &self.own).finish_non_exhaustive()
    }
}

/// The error of a query within a call: it points into a text that whoever reads it may not have written.
fn within(error: &Error, text: &str) -> Error {
    let place = error.span().map_or(String::new(), |span| format!(", at `{}`", span.of(text)));
    let mut told = Error::new(
        error.class(),
        error.phase(),
        error.code(),
        format!("in the query that is given: {}{place}", error.message()),
    );
    if let Some(hint) = error.hint_text() {
        told = told.hint(hint);
    }
    told
}

fn only_reads() -> Error {
    Error::new(
        Class::ProcedureError,
        Phase::Runtime,
        Code::ProcedureError,
        "a query that is given to a procedure only reads",
    )
    .hint("write in a statement of its own")
}
