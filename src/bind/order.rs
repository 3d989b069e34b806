//! Which clause may follow which: `InvalidClauseComposition`.
//!
//! Reading comes before writing; after writing, a `WITH` opens the next round. A query ends with `RETURN`,
//! with a writing clause, or with a call that yields nothing.

use super::Binder;
use super::query::Role;
use crate::error::{Code, Error, Result, Span};
use crate::syntax::ast::{CallSubquery, Clause, ClauseKind, SingleQuery, Yield};

/// What a clause does to the rows and the graph.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Read,
    Write,
    /// `CALL { … }` may do both.
    Either,
    With,
    Return,
}

impl Binder<'_> {
    /// Checks the order of the clauses of `part`.
    pub(super) fn check_order(&self, part: &SingleQuery, role: Role) -> Result<()> {
        let mut wrote: Option<&Clause> = None;
        for (number, clause) in part.clauses.iter().enumerate() {
            match self.manner(&clause.kind) {
                Manner::Return => {
                    if let Some(next) = part.clauses.get(number + 1) {
                        return Err(after_return(next));
                    }
                }
                Manner::With => wrote = None,
                Manner::Write if self.read_only => return Err(writes_inside(clause)),
                Manner::Write => wrote = Some(clause),
                Manner::Read => {
                    if let Some(writer) = wrote {
                        return Err(read_after_write(writer, clause));
                    }
                }
                Manner::Either => {}
            }
        }
        self.check_end(part, role)
    }

    /// What a clause does; a call does what its procedure does.
    fn manner(&self, kind: &ClauseKind) -> Manner {
        match kind {
            ClauseKind::CallProcedure(call) if self.catalog.writes(&call.name.text) => Manner::Write,
            kind => manner(kind),
        }
    }

    fn check_end(&self, part: &SingleQuery, role: Role) -> Result<()> {
        let Some(last) = part.clauses.last() else {
            return Err(Error::syntax(Code::UnexpectedSyntax, "an empty query").at(part.span));
        };
        let alone = part.clauses.len() == 1 && matches!(role, Role::Statement | Role::Call | Role::Test);
        let fine = match &last.kind {
            ClauseKind::Return(_) => true,
            ClauseKind::Finish => matches!(role, Role::Statement | Role::Call),
            _ if role == Role::Collect => false,
            ClauseKind::CallProcedure(call) => alone || matches!(call.yields, Yield::None),
            ClauseKind::CallSubquery(call) => role == Role::Test || is_unit(call),
            ClauseKind::Trace(_) | ClauseKind::Conflicts { .. } => alone || role == Role::Test,
            ClauseKind::Match(_) | ClauseKind::Unwind { .. } | ClauseKind::LoadCsv { .. } => role == Role::Test,
            ClauseKind::With(_) => false,
            _ => true,
        };
        if fine {
            return Ok(());
        }
        let name = keyword(&last.kind);
        Err(Error::syntax(Code::InvalidClauseComposition, format!("a query cannot end with {name}"))
            .at(head(last))
            .hint("say at the end what comes out: RETURN … (or RETURN * for everything)"))
    }
}

/// Whether the query inside returns nothing.
pub(super) fn is_unit(call: &CallSubquery) -> bool {
    let last = call.query.first.clauses.last();
    !last.is_some_and(|clause| matches!(clause.kind, ClauseKind::Return(_)))
}

fn manner(kind: &ClauseKind) -> Manner {
    match kind {
        ClauseKind::Return(_) | ClauseKind::Finish => Manner::Return,
        ClauseKind::With(_) => Manner::With,
        ClauseKind::Create(_)
        | ClauseKind::Merge { .. }
        | ClauseKind::Set(_)
        | ClauseKind::Remove(_)
        | ClauseKind::Delete { .. }
        | ClauseKind::Foreach { .. } => Manner::Write,
        ClauseKind::CallSubquery(_) => Manner::Either,
        ClauseKind::Match(_)
        | ClauseKind::Unwind { .. }
        | ClauseKind::CallProcedure(_)
        | ClauseKind::LoadCsv { .. }
        | ClauseKind::Trace(_)
        | ClauseKind::Conflicts { .. } => Manner::Read,
    }
}

/// The clause as a person calls it.
pub(super) fn keyword(kind: &ClauseKind) -> &'static str {
    match kind {
        ClauseKind::Match(m) if m.optional => "OPTIONAL MATCH",
        ClauseKind::Match(_) => "MATCH",
        ClauseKind::Unwind { .. } => "UNWIND",
        ClauseKind::With(_) => "WITH",
        ClauseKind::Return(_) => "RETURN",
        ClauseKind::Finish => "FINISH",
        ClauseKind::Create(_) => "CREATE",
        ClauseKind::Merge { .. } => "MERGE",
        ClauseKind::Set(_) => "SET",
        ClauseKind::Remove(_) => "REMOVE",
        ClauseKind::Delete { .. } => "DELETE",
        ClauseKind::Foreach { .. } => "FOREACH",
        ClauseKind::CallProcedure(_) => "CALL … YIELD",
        ClauseKind::CallSubquery(_) => "CALL { … RETURN … }",
        ClauseKind::LoadCsv { .. } => "LOAD CSV",
        ClauseKind::Trace(_) => "TRACE",
        ClauseKind::Conflicts { .. } => "CONFLICTS",
    }
}

/// The place of the keyword of `clause`: a caret under a whole clause would say little.
fn head(clause: &Clause) -> Span {
    let words = match &clause.kind {
        ClauseKind::CallProcedure(_) | ClauseKind::CallSubquery(_) => "CALL",
        ClauseKind::Match(m) if m.optional => "OPTIONAL",
        kind => keyword(kind),
    };
    let start = clause.span.start;
    let end = start.saturating_add(u32::try_from(words.len()).unwrap_or(0));
    Span { start, end: end.min(clause.span.end) }
}

fn after_return(next: &Clause) -> Error {
    let name = keyword(&next.kind);
    Error::syntax(Code::InvalidClauseComposition, format!("{name} cannot follow RETURN"))
        .at(head(next))
        .hint("RETURN is the end of a query; to go on, write WITH instead of it")
}

fn writes_inside(clause: &Clause) -> Error {
    let name = keyword(&clause.kind);
    Error::syntax(Code::InvalidClauseComposition, format!("{name} cannot stand in a subquery of an expression"))
        .at(head(clause))
        .hint("EXISTS, COUNT and COLLECT only read; write in a clause of its own, or in CALL { … }")
}

fn read_after_write(writer: &Clause, reader: &Clause) -> Error {
    let (first, second) = (keyword(&writer.kind), keyword(&reader.kind));
    Error::syntax(Code::InvalidClauseComposition, format!("WITH is needed between {first} and {second}"))
        .at(head(reader))
        .hint(format!("write WITH * before {second}"))
}
