//! The engine's errors as exceptions: classes that `shejire/_errors.py` declares, found by what the error says of itself.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use shejire::error::{Class, Code, Error};

/// The name of the exception for an error.
fn class_of(error: &Error) -> &'static str {
    match (error.class(), error.code()) {
        (_, Code::NameAmbiguous) => "AmbiguousNameError",
        (_, Code::Unsupported) => "UnsupportedError",
        (_, Code::Time) => "StatementTimeout",
        (_, Code::TransactionConflict) => "TransactionConflict",
        (_, Code::StoreBusy) => "StoreBusy",
        (_, Code::StoreDamaged) => "StoreDamaged",
        (Class::SyntaxError, _) => "CypherSyntaxError",
        (Class::SemanticError, _) => "SemanticError",
        (Class::ParameterMissing, _) => "ParameterMissing",
        (Class::ConstraintVerificationFailed | Class::ConstraintValidationFailed, _) => "ConstraintError",
        (Class::EntityNotFound | Class::PropertyNotFound | Class::LabelNotFound, _) => "NotFoundError",
        (Class::TypeError, _) => "CypherTypeError",
        (Class::ArgumentError, _) => "ArgumentError",
        (Class::ArithmeticError, _) => "CypherArithmeticError",
        (Class::ProcedureError, _) => "ProcedureError",
        (Class::LimitExceeded, _) => "LimitError",
        (Class::Cancelled, _) => "Cancelled",
        (Class::StoreError, _) => "StoreError",
        (Class::TransactionError, _) => "TransactionError",
        (Class::ReadOnly, _) => "ReadOnlyError",
        (Class::DataError, _) => "DataError",
        (Class::InternalError, _) => "InternalError",
        _ => "Error",
    }
}

/// The exception for an error; `text` is the statement that its place is in.
pub fn raised(py: Python<'_>, error: &Error, text: Option<&str>) -> PyErr {
    made(py, error, text).unwrap_or_else(|problem| problem)
}

fn made(py: Python<'_>, error: &Error, text: Option<&str>) -> PyResult<PyErr> {
    let class = py.import("shejire._errors")?.getattr(class_of(error))?;
    let told = PyDict::new(py);
    told.set_item("kind", error.class().name())?;
    told.set_item("code", error.code().name())?;
    told.set_item("phase", error.phase().name())?;
    told.set_item("hint", error.hint_text())?;
    if let (Some(text), Some(span)) = (text, error.span()) {
        let (line, column) = span.line_column(text);
        told.set_item("line", line)?;
        told.set_item("column", column)?;
        told.set_item("query", text)?;
    }
    told.set_item("shown", error.render(text.unwrap_or_default(), None, false))?;
    let exception = class.call((error.message(),), Some(&told))?;
    Ok(PyErr::from_value(exception))
}

/// A value that can be none, of what was given as `what`.
pub fn wrong_type(py: Python<'_>, what: &str, message: &str, hint: &str) -> PyErr {
    let error = Error::type_error(Code::InvalidArgumentType, format!("{what}: {message}"));
    raised(py, &error.hint(hint), None)
}

/// Something that was asked of what has been closed.
pub fn closed(py: Python<'_>, what: &str) -> PyErr {
    let made = || -> PyResult<PyErr> {
        let class = py.import("shejire._errors")?.getattr("ClosedError")?;
        Ok(PyErr::from_value(class.call1((format!("the {what} has been closed"),))?))
    };
    made().unwrap_or_else(|problem| problem)
}
