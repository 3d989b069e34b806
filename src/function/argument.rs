//! Arguments at runtime: taken as the type that is needed, or an error that says what was wanted.

use std::sync::Arc;

use crate::error::{Code, Error, Result};
use crate::value::{List, Value};

/// `TypeError / InvalidArgumentValue` at runtime, as openCypher has it.
pub(super) fn wrong_type(function: &str, wanted: &str, given: &Value) -> Error {
    let message = format!("{function}() takes {wanted}, not {}", given.type_name());
    Error::type_error(Code::InvalidArgumentValue, message)
}

/// A number outside what the function takes.
pub(super) fn out_of_range(message: impl Into<String>) -> Error {
    Error::argument(Code::NumberOutOfRange, message)
}

pub(super) fn text<'a>(function: &str, value: &'a Value) -> Result<&'a Arc<str>> {
    match value {
        Value::Str(text) => Ok(text),
        other => Err(wrong_type(function, "a string", other)),
    }
}

pub(super) fn list<'a>(function: &str, value: &'a Value) -> Result<&'a List> {
    match value {
        Value::List(list) => Ok(list),
        other => Err(wrong_type(function, "a list", other)),
    }
}

pub(super) fn integer(function: &str, value: &Value) -> Result<i64> {
    match value {
        Value::Int(n) => Ok(*n),
        other => Err(wrong_type(function, "an integer", other)),
    }
}

/// An integer from zero, as a count of characters; what is larger than memory is the largest count.
pub(super) fn count(function: &str, what: &str, value: &Value) -> Result<usize> {
    let n = integer(function, value)?;
    if n < 0 {
        return Err(out_of_range(format!("the {what} of {function}() must not be negative, and is {n}")));
    }
    Ok(usize::try_from(n).unwrap_or(usize::MAX))
}

pub(super) fn number(function: &str, value: &Value) -> Result<f64> {
    match value {
        Value::Int(n) => Ok(*n as f64),
        Value::Float(x) => Ok(*x),
        other => Err(wrong_type(function, "a number", other)),
    }
}
