//! `STARTS WITH`, `ENDS WITH`, `CONTAINS`, `=~` and `IN`.

use super::eval;
use crate::bind::bound::{BinaryOp, Expr};
use crate::error::{Code, Error, Result, Span};
use crate::exec::batch::Row;
use crate::exec::context::Context;
use crate::exec::meter::reading;
use crate::value::{Value, order};

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
    if op == BinaryOp::Regex {
        return super::call::with_context(cx, |context| crate::function::regex::matches(context, &left, &right))
            .map_err(|e| e.at(span));
    }
    let (Value::Str(text), Value::Str(pattern)) = (&left, &right) else { return Ok(Value::Null) };
    cx.meter.step(reading(if op == BinaryOp::Contains { &left } else { &right }))?;
    Ok(Value::Bool(match op {
        BinaryOp::StartsWith => text.starts_with(&**pattern),
        BinaryOp::EndsWith => text.ends_with(&**pattern),
        BinaryOp::Contains => text.contains(&**pattern),
        BinaryOp::Regex | BinaryOp::In => false,
    }))
}

fn contains(item: &Value, list: &Value, span: Span, cx: &mut Context<'_>) -> Result<Value> {
    let list = match list {
        Value::Null => return Ok(Value::Null),
        Value::List(list) => list,
        other => {
            let message = format!("IN looks into a list, and this is a {}", other.type_name());
            return Err(Error::type_error(Code::InvalidArgumentType, message).at(span));
        }
    };
    if let Some(set) = cx.sets.of(list, &mut cx.kept)?
        && let Some(answer) = set.contains(item)
    {
        return Ok(answer.into());
    }
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
