//! Expressions on one row.
//!
//! Three-valued logic throughout; `AND`, `OR`, `CASE` and `coalesce` evaluate no more than they must.
//! Errors carry the span of the expression that raised them. What an expression allocates is noted in
//! [`Context::scratch`] as it is allocated, so that nothing grows past the memory limit before anybody
//! can see it; whoever keeps the result reserves that much.
//!
//! Knows nothing of operators, except that a subquery is one.

mod access;
mod call;
mod labels;
mod list;
mod logic;
mod path;
mod said;
mod subquery;
mod text;
mod through;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use access::all_properties;
pub(crate) use call::with_context;
pub(crate) use labels::type_fits;
pub(crate) use logic::{compare_values, truth_of};
pub(crate) use path::build_path;
pub(crate) use subquery::Subqueries;

use super::batch::Row;
use super::context::Context;
use super::meter::reading;
use crate::bind::bound::{ArithmeticOp, Expr};
use crate::error::{Code, Error, Result, Span};
use crate::value::{Map, Value, arith};

/// The value of `expr` on a row.
pub(crate) fn eval(expr: &Expr, row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    match expr {
        Expr::Const(value) => Ok(value.clone()),
        Expr::Param(index) => Ok(cx.params.get(*index as usize).cloned().unwrap_or_default()),
        Expr::Slot(slot) => Ok(row.value(*slot, cx.graph())),
        Expr::Local(depth) => Ok(cx.locals.get(*depth as usize).cloned().unwrap_or_default()),
        Expr::Property { base, key, span } => access::of_property(base, key, *span, row, cx),
        Expr::Compare { first, rest } => logic::comparison(first, rest, row, cx),
        Expr::And(terms, span) => logic::all(terms, *span, row, cx),
        Expr::Or(terms, span) => logic::any(terms, *span, row, cx),
        Expr::Xor(terms, span) => logic::odd(terms, *span, row, cx),
        Expr::Not(operand, span) => {
            let truth = truth_of(&eval(operand, row, cx)?, *span)?;
            Ok(truth.map(|b| !b).into())
        }
        Expr::Arithmetic { first, rest, span } => arithmetic(first, rest, *span, row, cx),
        Expr::Negate(operand, span) => {
            let value = eval(operand, row, cx)?;
            arith::negate(&value).map_err(|e| e.at(*span))
        }
        Expr::IsNull { operand, negated } => Ok(Value::Bool(eval(operand, row, cx)?.is_null() != *negated)),
        Expr::HasLabels { operand, test, span } => {
            let value = eval(operand, row, cx)?;
            labels::of_value(&value, test, *span, cx)
        }
        Expr::Call { function, arguments, span } => call::call(function, arguments, *span, row, cx),
        _ => eval_rare(expr, row, cx),
    }
}

/// The expressions that do not stand in every query; apart, so that the frame of [`eval`] stays small.
fn eval_rare(expr: &Expr, row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    match expr {
        Expr::List(items) => list::literal(items, row, cx),
        Expr::Map(entries) => map_literal(entries, row, cx),
        Expr::Index { base, index, span } => access::of_index(base, index, *span, row, cx),
        Expr::Slice { base, from, to, span } => access::of_slice(base, from.as_deref(), to.as_deref(), *span, row, cx),
        Expr::Binary { op, left, right, span } => text::binary(*op, left, right, *span, row, cx),
        Expr::IsType { operand, negated, type_name, span } => {
            let value = eval(operand, row, cx)?;
            Ok(Value::Bool(is_type(&value, type_name, *span)? != *negated))
        }
        Expr::Case { operand, branches, otherwise } => {
            match chosen_branch(operand.as_deref(), branches, otherwise.as_deref(), row, cx)? {
                Some(result) => eval(result, row, cx),
                None => Ok(Value::Null),
            }
        }
        Expr::ListComprehension { local, list, condition, map, span } => {
            list::comprehension(*local, list, condition.as_deref(), map.as_deref(), *span, row, cx)
        }
        Expr::Quantifier { kind, local, list, condition, span } => {
            list::quantifier(*kind, *local, list, condition.as_deref(), *span, row, cx)
        }
        Expr::Reduce { accumulator, init, local, list, body, span } => {
            list::reduce(*accumulator, init, *local, list, body, *span, row, cx)
        }
        Expr::MapProjection { base, all, entries, span } => map_projection(base, *all, entries, *span, row, cx),
        Expr::Once { number, expr } => once(*number, expr, row, cx),
        Expr::Through { base, through, asks } => through::of(base, through, *asks, row, cx),
        Expr::Subquery(number) => subquery::run(*number, row, cx),
        // the rest is in `eval`
        _ => Ok(Value::Null),
    }
}

/// The value of an expression that is the same for every row; computed for the first that asks.
fn once(number: u32, expr: &Expr, row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    let at = number as usize;
    if let Some(Some(value)) = cx.once.get(at) {
        return Ok(value.clone());
    }
    let before = cx.scratch;
    let value = eval(expr, row, cx)?;
    cx.scratch = before;
    if cx.once.len() <= at {
        cx.once.resize(at + 1, None);
    }
    cx.kept.grow(value.heap_bytes())?;
    cx.once[at] = Some(value.clone());
    Ok(value)
}

/// Whether `expr` is true on a row (false and null are both no). Errors: not a boolean.
pub(crate) fn is_true(expr: &Expr, row: Row<'_>, cx: &mut Context<'_>) -> Result<bool> {
    match eval(expr, row, cx)? {
        Value::Bool(truth) => Ok(truth),
        Value::Null => Ok(false),
        other => Err(not_boolean(&other)),
    }
}

/// A non-negative count (SKIP, LIMIT), evaluated without a row.
pub(crate) fn count(expr: &Expr, what: &str, row: Row<'_>, cx: &mut Context<'_>) -> Result<u64> {
    let wrong =
        |code, message| Error::new(crate::error::Class::SyntaxError, crate::error::Phase::Runtime, code, message);
    match eval(expr, row, cx)? {
        Value::Int(n) => u64::try_from(n)
            .map_err(|_| wrong(Code::NegativeIntegerArgument, format!("{what} must not be negative, but is {n}"))),
        other => {
            Err(wrong(Code::InvalidArgumentType, format!("{what} must be an integer, but is a {}", other.type_name())))
        }
    }
}

/// The value of a local variable from now on.
pub(super) fn set_local(cx: &mut Context<'_>, depth: u32, value: Value) {
    let at = depth as usize;
    if cx.locals.len() <= at {
        cx.locals.resize(at + 1, Value::Null);
    }
    cx.locals[at] = value;
}

fn not_boolean(value: &Value) -> Error {
    Error::type_error(
        Code::InvalidArgumentType,
        format!("a condition must be a Boolean, but this is a {}", value.type_name()),
    )
}

fn arithmetic(
    first: &Expr,
    rest: &[(ArithmeticOp, Expr)],
    span: Span,
    row: Row<'_>,
    cx: &mut Context<'_>,
) -> Result<Value> {
    let before = cx.scratch;
    let mut left = eval(first, row, cx)?;
    for (op, right) in rest {
        let right = eval(right, row, cx)?;
        left = combine(*op, left, &right, cx).map_err(|e| e.at(span))?;
        // of a text only the last lives: its parts are gone
        if let Value::Str(text) = &left {
            cx.scratch = cx.scratch.min(before + text_bytes(text));
        }
    }
    Ok(left)
}

/// `left op right`; `+` reuses a list that nobody else holds.
fn combine(op: ArithmeticOp, left: Value, right: &Value, cx: &mut Context<'_>) -> Result<Value> {
    match op {
        ArithmeticOp::Add => {
            let bytes = arith::added_bytes(&left, right);
            // a list that others hold is copied
            cx.meter.step(reading(&left) / 16)?;
            if bytes > 0 {
                // a text is put together and then moved to where it stays
                cx.meter.weigh(2 * bytes)?;
                cx.allocated(bytes)?;
            }
            arith::append(left, right)
        }
        ArithmeticOp::Concat => {
            let bytes = arith::added_bytes(&left, right);
            cx.meter.weigh(2 * bytes)?;
            cx.allocated(bytes)?;
            arith::concat(left, right)
        }
        ArithmeticOp::Subtract => arith::subtract(&left, right),
        ArithmeticOp::Multiply => arith::multiply(&left, right),
        ArithmeticOp::Divide => arith::divide(&left, right),
        ArithmeticOp::Modulo => arith::modulo(&left, right),
        ArithmeticOp::Power => arith::power(&left, right),
    }
}

/// What a text that was just made takes.
fn text_bytes(text: &str) -> usize {
    text.len() + 16
}

fn map_literal(entries: &[(Arc<str>, Expr)], row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    let mut map = BTreeMap::new();
    for (key, expr) in entries {
        map.insert(Arc::clone(key), eval(expr, row, cx)?);
    }
    cx.allocated(40 + 64 * map.len())?;
    Map::new(map).map(Value::Map)
}

fn map_projection(
    base: &Expr,
    all: bool,
    entries: &[(Arc<str>, Expr)],
    span: Span,
    row: Row<'_>,
    cx: &mut Context<'_>,
) -> Result<Value> {
    let base = eval(base, row, cx)?;
    if base.is_null() {
        return Ok(Value::Null);
    }
    let mut map = if all { all_properties(&base, cx).map_err(|e| e.at(span))? } else { BTreeMap::new() };
    for (key, expr) in entries {
        map.insert(Arc::clone(key), eval(expr, row, cx)?);
    }
    cx.allocated(40 + 64 * map.len())?;
    Map::new(map).map(Value::Map).map_err(|e| e.at(span))
}

/// The result expression of the branch that is taken.
fn chosen_branch<'e>(
    operand: Option<&Expr>,
    branches: &'e [(Vec<Expr>, Expr)],
    otherwise: Option<&'e Expr>,
    row: Row<'_>,
    cx: &mut Context<'_>,
) -> Result<Option<&'e Expr>> {
    let operand = operand.map(|operand| eval(operand, row, cx)).transpose()?;
    for (conditions, result) in branches {
        for condition in conditions {
            let taken = match &operand {
                Some(operand) => {
                    let candidate = eval(condition, row, cx)?;
                    crate::value::order::equal(operand, &candidate) == Some(true)
                }
                None => is_true(condition, row, cx)?,
            };
            if taken {
                return Ok(Some(result));
            }
        }
    }
    Ok(otherwise)
}

/// `value IS :: TYPE`. Errors: there is no such type.
fn is_type(value: &Value, name: &str, span: Span) -> Result<bool> {
    crate::graph::is_type(value, name)
        .ok_or_else(|| Error::syntax(Code::InvalidArgumentType, format!("there is no type {name}")).at(span))
}
