//! Lists and the loops over them: literals, comprehensions, quantifiers, `reduce`.
//!
//! Every loop polls the clock and resets the scratch of what an iteration threw away.

use super::{combine, eval, is_true, set_local, truth_of};
use crate::bind::bound::{ArithmeticOp, Expr, Quantifier};
use crate::error::{Code, Error, Result, Span};
use crate::exec::batch::Row;
use crate::exec::context::Context;
use crate::value::{List, Value};

const CELL: usize = size_of::<Value>();

pub(super) fn literal(items: &[Expr], row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    let mut values = Vec::with_capacity(items.len());
    for item in items {
        values.push(eval(item, row, cx)?);
    }
    cx.allocated(40 + CELL * values.len())?;
    Value::list(values)
}

/// The elements of what is looped over; nothing for null. Errors: not a list.
fn elements(list: &Expr, span: Span, row: Row<'_>, cx: &mut Context<'_>) -> Result<Option<List>> {
    match eval(list, row, cx)? {
        Value::Null => Ok(None),
        Value::List(list) => Ok(Some(list)),
        other => Err(Error::type_error(
            Code::InvalidArgumentType,
            format!("expected a list, but this is a {}", other.type_name()),
        )
        .at(span)),
    }
}

/// Ends an iteration that began with `before` bytes of scratch: what a scalar result left behind is gone.
fn end_iteration(before: usize, result: &Value, cx: &mut Context<'_>) {
    cx.scratch = match result {
        Value::List(_) | Value::Map(_) => cx.scratch,
        Value::Str(text) => cx.scratch.min(before + text.len() + 16),
        _ => before,
    };
}

pub(super) fn comprehension(
    local: u32,
    list: &Expr,
    condition: Option<&Expr>,
    map: Option<&Expr>,
    span: Span,
    row: Row<'_>,
    cx: &mut Context<'_>,
) -> Result<Value> {
    let Some(list) = elements(list, span, row, cx)? else { return Ok(Value::Null) };
    let mut out = Vec::new();
    for item in list.iter() {
        cx.meter.step(1)?;
        let before = cx.scratch;
        set_local(cx, local, item.clone());
        if let Some(condition) = condition
            && !is_true(condition, row, cx)?
        {
            cx.scratch = before;
            continue;
        }
        let value = map.map_or_else(|| Ok(item.clone()), |map| eval(map, row, cx))?;
        end_iteration(before, &value, cx);
        cx.allocated(CELL)?;
        out.push(value);
    }
    Value::list(out).map_err(|e| e.at(span))
}

pub(super) fn quantifier(
    kind: Quantifier,
    local: u32,
    list: &Expr,
    condition: Option<&Expr>,
    span: Span,
    row: Row<'_>,
    cx: &mut Context<'_>,
) -> Result<Value> {
    let Some(list) = elements(list, span, row, cx)? else { return Ok(Value::Null) };
    let (mut yes, mut no, mut unknown) = (0_u64, 0_u64, 0_u64);
    for item in list.iter() {
        cx.meter.step(1)?;
        let before = cx.scratch;
        set_local(cx, local, item.clone());
        let truth = match condition {
            Some(condition) => truth_of(&eval(condition, row, cx)?, span)?,
            None => truth_of(item, span)?,
        };
        cx.scratch = before;
        match truth {
            Some(true) => yes += 1,
            Some(false) => no += 1,
            None => unknown += 1,
        }
        let decided = match kind {
            Quantifier::All => no > 0,
            Quantifier::Any | Quantifier::None => yes > 0,
            Quantifier::Single => yes > 1,
        };
        if decided {
            break;
        }
    }
    let result = match kind {
        Quantifier::All if no > 0 => Some(false),
        Quantifier::Any if yes > 0 => Some(true),
        Quantifier::None if yes > 0 => Some(false),
        Quantifier::Single if yes > 1 => Some(false),
        _ if unknown > 0 => None,
        Quantifier::All | Quantifier::None => Some(true),
        Quantifier::Any => Some(false),
        Quantifier::Single => Some(yes == 1),
    };
    Ok(result.into())
}

#[allow(clippy::too_many_arguments)]
pub(super) fn reduce(
    accumulator: u32,
    init: &Expr,
    local: u32,
    list: &Expr,
    body: &Expr,
    span: Span,
    row: Row<'_>,
    cx: &mut Context<'_>,
) -> Result<Value> {
    let start = eval(init, row, cx)?;
    let Some(list) = elements(list, span, row, cx)? else { return Ok(Value::Null) };
    set_local(cx, accumulator, start);
    let first = cx.scratch;
    for item in list.iter() {
        cx.meter.step(1)?;
        let before = cx.scratch;
        set_local(cx, local, item.clone());
        let value = fold(accumulator, body, row, cx)?;
        match &value {
            // the text it grew out of is gone
            Value::Str(text) => cx.scratch = cx.scratch.min(first + super::text_bytes(text)),
            value => end_iteration(before, value, cx),
        }
        set_local(cx, accumulator, value);
    }
    Ok(std::mem::take(&mut cx.locals[accumulator as usize]))
}

/// One step of `reduce`. `acc + x`, alone or in a branch of CASE, takes the accumulator out of its place,
/// so that a list nobody else holds grows in place.
fn fold(accumulator: u32, body: &Expr, row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    match body {
        Expr::Arithmetic { first, rest, span }
            if matches!(**first, Expr::Local(depth) if depth == accumulator)
                && rest.iter().all(|(op, term)| *op == ArithmeticOp::Add && !reads(term, accumulator)) =>
        {
            let mut sum = std::mem::take(&mut cx.locals[accumulator as usize]);
            for (_, term) in rest {
                let term = eval(term, row, cx)?;
                sum = grow(sum, &term, cx).map_err(|e| e.at(*span))?;
            }
            Ok(sum)
        }
        Expr::Case { operand, branches, otherwise } => {
            match super::chosen_branch(operand.as_deref(), branches, otherwise.as_deref(), row, cx)? {
                Some(branch) => fold(accumulator, branch, row, cx),
                None => Ok(Value::Null),
            }
        }
        Expr::Local(depth) if *depth == accumulator => Ok(std::mem::take(&mut cx.locals[accumulator as usize])),
        _ => eval(body, row, cx),
    }
}

/// `sum + term`, charging a list that grows in place for what is added only.
fn grow(sum: Value, term: &Value, cx: &mut Context<'_>) -> Result<Value> {
    match (&sum, term) {
        (Value::List(_), Value::List(added)) => cx.allocated(CELL * added.len())?,
        (Value::List(_), _) => cx.allocated(CELL)?,
        _ => return combine(ArithmeticOp::Add, sum, term, cx),
    }
    crate::value::arith::append(sum, term)
}

/// Whether `expr` may read the local variable; subqueries count as reading everything.
fn reads(expr: &Expr, local: u32) -> bool {
    match expr {
        Expr::Const(_) | Expr::Param(_) | Expr::Slot(_) => false,
        Expr::Local(depth) => *depth == local,
        Expr::List(items) => items.iter().any(|item| reads(item, local)),
        Expr::Map(entries) => entries.iter().any(|(_, value)| reads(value, local)),
        Expr::Property { base, .. } => reads(base, local),
        Expr::Index { base, index, .. } => reads(base, local) || reads(index, local),
        Expr::Arithmetic { first, rest, .. } => reads(first, local) || rest.iter().any(|(_, term)| reads(term, local)),
        Expr::Call { arguments, .. } => arguments.iter().any(|argument| reads(argument, local)),
        Expr::Negate(operand, _) => reads(operand, local),
        _ => true,
    }
}
