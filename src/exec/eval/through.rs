//! Nodes and relationships as some sources have them, while a pattern is still being matched.

use super::eval;
use crate::bind::bound::{Expr, Through};
use crate::error::Result;
use crate::exec::batch::Row;
use crate::exec::context::Context;
use crate::exec::ops::view_of;
use crate::exec::view::in_view;
use crate::value::Value;

/// `base` in the view of `through`; `asks`: whether it is seen there. Null at no date.
pub(super) fn of(base: &Expr, through: &Through, asks: bool, row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    let value = eval(base, row, cx)?;
    let number = match through.is_empty() {
        true => 0,
        false => match view_of(through, None, row, cx)? {
            Some(number) => number,
            None => return Ok(Value::Null),
        },
    };
    let value = in_view(value, number)?;
    if !asks {
        return Ok(value);
    }
    Ok(match value {
        Value::Rel(rel) => Value::Bool(cx.seeing(|seeing| seeing.known(rel.view()).sees(rel))),
        Value::Null => Value::Null,
        _ => Value::Bool(true),
    })
}
