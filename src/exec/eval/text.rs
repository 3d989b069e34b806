//! `STARTS WITH`, `ENDS WITH`, `CONTAINS`, `=~` and `IN`.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use rustc_hash::FxHashMap;

use super::eval;
use crate::bind::bound::{BinaryOp, Expr};
use crate::error::{Code, Error, Result, Span};
use crate::exec::batch::Row;
use crate::exec::context::Context;
use crate::value::{Value, order};

/// Bytes a compiled regular expression may take.
const REGEX_BYTES: usize = 1 << 20;
/// Compiled expressions kept; a statement that makes more of them per row compiles again.
const REGEXES_KEPT: usize = 64;

/// Regular expressions already compiled.
#[derive(Default)]
pub(super) struct Regexes(FxHashMap<Arc<str>, Regex>);

pub(super) fn binary(
    op: BinaryOp,
    left: &Expr,
    right: &Expr,
    span: Span,
    row: Row<'_>,
    cx: &mut Context<'_>,
) -> Result<Value> {
    let left = eval(left, row, cx)?;
    let right = eval(right, row, cx)?;
    if op == BinaryOp::In {
        return contains(&left, &right, span, cx);
    }
    let (Value::Str(text), Value::Str(pattern)) = (&left, &right) else { return Ok(Value::Null) };
    Ok(Value::Bool(match op {
        BinaryOp::StartsWith => text.starts_with(&**pattern),
        BinaryOp::EndsWith => text.ends_with(&**pattern),
        BinaryOp::Contains => text.contains(&**pattern),
        BinaryOp::Regex => matches(text, pattern, cx).map_err(|e| e.at(span))?,
        BinaryOp::In => false,
    }))
}

fn contains(item: &Value, list: &Value, span: Span, cx: &Context<'_>) -> Result<Value> {
    let list = match list {
        Value::Null => return Ok(Value::Null),
        Value::List(list) => list,
        other => {
            let message = format!("IN looks into a list, and this is a {}", other.type_name());
            return Err(Error::type_error(Code::InvalidArgumentType, message).at(span));
        }
    };
    let mut unknown = false;
    for candidate in list.iter() {
        cx.meter.step(1)?;
        match order::equal(item, candidate) {
            Some(true) => return Ok(Value::Bool(true)),
            Some(false) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown { Value::Null } else { Value::Bool(false) })
}

/// Whether the whole of `text` matches. Linear in the text, whatever the pattern.
fn matches(text: &str, pattern: &Arc<str>, cx: &mut Context<'_>) -> Result<bool> {
    let regexes = &mut cx.caches.regexes.0;
    if let Some(regex) = regexes.get(pattern) {
        return Ok(regex.is_match(text));
    }
    let whole = format!("^(?:{pattern})$");
    let regex = RegexBuilder::new(&whole).size_limit(REGEX_BYTES).dfa_size_limit(REGEX_BYTES).build().map_err(|e| {
        let reason = e.to_string();
        let reason = reason.lines().last().unwrap_or("it cannot be read").trim_start_matches("error: ");
        Error::argument(Code::InvalidRegularExpression, format!("the regular expression is wrong: {reason}"))
    })?;
    let found = regex.is_match(text);
    if regexes.len() >= REGEXES_KEPT {
        regexes.clear();
    }
    regexes.insert(Arc::clone(pattern), regex);
    Ok(found)
}
