//! What the engine says in words that clients of Neo4j know: codes of errors and notifications, counters, statuses.

use crate::Error;
use crate::engine::{Changes, Warning};
use crate::error::{Class, Code};

/// Something that is refused before, or beside, the engine: a code of Neo4j's and a message.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new("Neo.ClientError.Request.Invalid", message)
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new("Neo.ClientError.Security.Unauthorized", message)
    }

    pub(crate) fn no_database(name: &str) -> Self {
        Self::new(
            "Neo.ClientError.Database.DatabaseNotFound",
            format!("there is no graph called {name:?} here: this server has one, and `neo4j` is its name"),
        )
    }

    pub(crate) fn busy() -> Self {
        Self::new(
            "Neo.TransientError.General.TransactionOutOfMemoryError",
            "the server runs as many statements as it may; try again",
        )
    }

    /// An error of the engine, with the line, the column and the caret that say where.
    pub(crate) fn of(error: &Error, text: &str) -> Self {
        let mut message = error.message().to_owned();
        if let Some(span) = error.span() {
            let (line, column) = span.line_column(text);
            message.push_str(&format!(" (line {line}, column {column})"));
            if let Some(caret) = caret(text, line, column) {
                message.push_str(&format!("\n{caret}"));
            }
        }
        if let Some(hint) = error.hint_text() {
            message.push_str(&format!("\n{hint}"));
        }
        Self { code: code_of(error), message }
    }

    /// The status of HTTP that goes with the code.
    pub(crate) fn status(&self) -> u16 {
        match self.code {
            "Neo.ClientError.Security.Unauthorized" => 401,
            "Neo.ClientError.Security.Forbidden" => 403,
            "Neo.ClientError.Database.DatabaseNotFound" | "Neo.ClientError.Transaction.TransactionNotFound" => 404,
            "Neo.ClientError.Request.TooLarge" => 413,
            "Neo.ClientError.Request.UnsupportedMediaType" => 415,
            "Neo.ClientError.Transaction.TransactionTimedOut" => 408,
            "Neo.TransientError.Transaction.LockAcquisitionTimeout"
            | "Neo.ClientError.Transaction.LockClientStopped"
            | "Neo.TransientError.Transaction.Outdated" => 409,
            "Neo.TransientError.General.TransactionOutOfMemoryError" => 503,
            code if code.starts_with("Neo.DatabaseError") => 500,
            _ => 400,
        }
    }
}

/// The line of a text with a caret below one of its columns; nothing for a line that is too long to help.
fn caret(text: &str, line: usize, column: usize) -> Option<String> {
    let shown = text.lines().nth(line.checked_sub(1)?)?;
    if shown.chars().count() > 200 {
        return None;
    }
    Some(format!("  {shown}\n  {}^", " ".repeat(column.saturating_sub(1))))
}

fn code_of(error: &Error) -> &'static str {
    match (error.class(), error.code()) {
        (_, Code::TransactionConflict) => "Neo.TransientError.Transaction.Outdated",
        (_, Code::StoreBusy) => "Neo.TransientError.Transaction.LockAcquisitionTimeout",
        (_, Code::ProcedureNotFound) => "Neo.ClientError.Procedure.ProcedureNotFound",
        (Class::SyntaxError, _) => "Neo.ClientError.Statement.SyntaxError",
        (Class::SemanticError, _) => "Neo.ClientError.Statement.SemanticError",
        (Class::ParameterMissing, _) => "Neo.ClientError.Statement.ParameterMissing",
        (Class::TypeError, _) => "Neo.ClientError.Statement.TypeError",
        (Class::ArgumentError, _) => "Neo.ClientError.Statement.ArgumentError",
        (Class::ArithmeticError, _) => "Neo.ClientError.Statement.ArithmeticError",
        (Class::EntityNotFound | Class::PropertyNotFound | Class::LabelNotFound, _) => {
            "Neo.ClientError.Statement.EntityNotFound"
        }
        (Class::ConstraintValidationFailed | Class::ConstraintVerificationFailed, _) => {
            "Neo.ClientError.Schema.ConstraintValidationFailed"
        }
        (Class::ProcedureError, _) => "Neo.ClientError.Procedure.ProcedureCallFailed",
        (Class::ReadOnly, _) => "Neo.ClientError.Statement.AccessMode",
        (Class::LimitExceeded, Code::Time) => "Neo.ClientError.Transaction.TransactionTimedOut",
        (Class::LimitExceeded, _) => "Neo.ClientError.General.LimitExceeded",
        (Class::Cancelled, _) => "Neo.ClientError.Transaction.Terminated",
        (Class::TransactionError, _) => "Neo.ClientError.Request.Invalid",
        (Class::DataError, _) => "Neo.ClientError.Statement.ExternalResourceFailed",
        _ => "Neo.DatabaseError.General.UnknownError",
    }
}

/// The code of a notification.
pub(crate) fn code_of_warning(warning: &Warning) -> &'static str {
    let message = warning.message.as_str();
    match message {
        m if m.starts_with("the graph has no label") => "Neo.ClientNotification.Statement.UnknownLabelWarning",
        m if m.starts_with("the graph has no relationship type") => {
            "Neo.ClientNotification.Statement.UnknownRelationshipTypeWarning"
        }
        m if m.starts_with("the graph has no property") => "Neo.ClientNotification.Statement.UnknownPropertyKeyWarning",
        _ => "Neo.ClientNotification.Statement.GenericWarning",
    }
}

/// What a statement changed: the name of each count in Bolt and in HTTP, and the count.
pub(crate) fn counts(changes: &Changes) -> [(&'static str, &'static str, u64); 11] {
    [
        ("nodes-created", "nodesCreated", changes.nodes_created),
        ("nodes-deleted", "nodesDeleted", changes.nodes_deleted),
        ("relationships-created", "relationshipsCreated", changes.relationships_created),
        ("relationships-deleted", "relationshipsDeleted", changes.relationships_deleted),
        ("properties-set", "propertiesSet", changes.properties_set),
        ("labels-added", "labelsAdded", changes.labels_added),
        ("labels-removed", "labelsRemoved", changes.labels_removed),
        ("indexes-added", "indexesAdded", changes.indexes_added),
        ("indexes-removed", "indexesRemoved", changes.indexes_removed),
        ("constraints-added", "constraintsAdded", changes.constraints_added),
        ("constraints-removed", "constraintsRemoved", changes.constraints_removed),
    ]
}

/// `r`, `rw`, `w` or `s`, as drivers know it.
pub(crate) fn kind_of(changes: &Changes, columns: usize) -> &'static str {
    let schema =
        changes.indexes_added + changes.indexes_removed + changes.constraints_added + changes.constraints_removed;
    match (*changes == Changes::default(), schema > 0, columns) {
        (true, ..) => "r",
        (_, true, _) => "s",
        (_, _, 0) => "w",
        _ => "rw",
    }
}
