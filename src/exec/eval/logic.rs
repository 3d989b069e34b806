//! Comparisons and connectives: true, false, unknown.

use super::eval;
use crate::bind::bound::{ComparisonOp, Expr};
use crate::error::{Code, Error, Result, Span};
use crate::exec::batch::Row;
use crate::exec::context::Context;
use crate::exec::meter::reading;
use crate::value::{Value, order};

/// True, false, or unknown.
pub(crate) type Truth = Option<bool>;

/// The truth of a value. Errors: it is neither boolean nor null.
pub(crate) fn truth_of(value: &Value, span: Span) -> Result<Truth> {
    match value {
        Value::Bool(truth) => Ok(Some(*truth)),
        Value::Null => Ok(None),
        other => Err(Error::type_error(
            Code::InvalidArgumentType,
            format!("expected a Boolean, but this is a {}", other.type_name()),
        )
        .at(span)),
    }
}

/// `left op right`.
pub(crate) fn compare_values(op: ComparisonOp, left: &Value, right: &Value) -> Truth {
    match op {
        ComparisonOp::Equal => order::equal(left, right),
        ComparisonOp::NotEqual => order::equal(left, right).map(|equal| !equal),
        ComparisonOp::Less => order::less(left, right),
        ComparisonOp::LessEqual => order::less_or_equal(left, right),
        ComparisonOp::Greater => order::less(right, left),
        ComparisonOp::GreaterEqual => order::less_or_equal(right, left),
    }
}

pub(super) fn comparison(
    first: &Expr,
    rest: &[(ComparisonOp, Expr)],
    row: Row<'_>,
    cx: &mut Context<'_>,
) -> Result<Value> {
    let mut left = eval(first, row, cx)?;
    let mut truth = Some(true);
    for (op, right) in rest {
        let right = eval(right, row, cx)?;
        cx.meter.step(reading(&left).min(reading(&right)))?;
        truth = match (truth, compare_values(*op, &left, &right)) {
            (Some(false), _) | (_, Some(false)) => return Ok(Value::Bool(false)),
            (Some(true), other) => other,
            (None, _) => None,
        };
        left = right;
    }
    Ok(truth.into())
}

pub(super) fn all(terms: &[Expr], span: Span, row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    connective(terms, false, span, row, cx)
}

pub(super) fn any(terms: &[Expr], span: Span, row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    connective(terms, true, span, row, cx)
}

/// AND is decided by the first false, OR by the first true.
fn connective(terms: &[Expr], decides: bool, span: Span, row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    let mut unknown = false;
    for term in terms {
        match truth_of(&eval(term, row, cx)?, span)? {
            Some(truth) if truth == decides => return Ok(Value::Bool(decides)),
            Some(_) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown { Value::Null } else { Value::Bool(!decides) })
}

pub(super) fn odd(terms: &[Expr], span: Span, row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    let mut result = Some(false);
    for term in terms {
        let truth = truth_of(&eval(term, row, cx)?, span)?;
        result = result.zip(truth).map(|(a, b)| a != b);
    }
    Ok(result.into())
}
