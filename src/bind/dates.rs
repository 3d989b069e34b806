//! Properties that the dataset declares as dates: texts to the language, days where they are compared or sorted.
//!
//! `=` between texts, DISTINCT, grouping and indexes go by the text, as everywhere. `< <= > >=`, and `=` with anything
//! that may be a date value, go by the days the texts mean; ORDER BY, min and max by the earliest of them.

use super::Typed;
use super::bound::{ComparisonOp, Expr};
use super::types::Type;
use crate::error::Span;
use crate::function::Function;
use crate::function::edtf::{Compared, MAX, MIN, SORT_KEY, compared};

/// `first op second op …`, by days where a declared date is in it.
pub(super) fn compare(first: Typed, rest: Vec<(ComparisonOp, Typed)>, span: Span) -> Expr {
    let dated = |typed: &Typed| typed.ty == Type::Dated;
    if !dated(&first) && !rest.iter().any(|(_, operand)| dated(operand)) {
        let rest = rest.into_iter().map(|(op, operand)| (op, operand.expr)).collect();
        return Expr::Compare { first: Box::new(first.expr), rest };
    }
    let mut left = first;
    let mut pairs = Vec::with_capacity(rest.len());
    for (op, right) in rest {
        pairs.push(pair(left, op, right.clone(), span));
        left = right;
    }
    match pairs.pop() {
        Some(only) if pairs.is_empty() => only,
        last => Expr::And(pairs.into_iter().chain(last).collect(), span),
    }
}

fn pair(left: Typed, op: ComparisonOp, right: Typed, span: Span) -> Expr {
    let call = |how, left: Typed, right: Typed| Expr::Call {
        function: compared(how),
        arguments: vec![left.expr, right.expr],
        span,
    };
    if !by_days(&left, op, &right) {
        return Expr::Compare { first: Box::new(left.expr), rest: vec![(op, right.expr)] };
    }
    match op {
        ComparisonOp::Equal => call(Compared::Equal, left, right),
        ComparisonOp::NotEqual => Expr::Not(Box::new(call(Compared::Equal, left, right)), span),
        ComparisonOp::Less => call(Compared::Less, left, right),
        ComparisonOp::LessEqual => call(Compared::LessOrEqual, left, right),
        ComparisonOp::Greater => call(Compared::Less, right, left),
        ComparisonOp::GreaterEqual => call(Compared::LessOrEqual, right, left),
    }
}

/// Whether a declared date stands on one side, and what stands on the other may be asked about days.
fn by_days(left: &Typed, op: ComparisonOp, right: &Typed) -> bool {
    let other = match (&left.ty, &right.ty) {
        (Type::Dated, other) | (other, Type::Dated) => other,
        _ => return false,
    };
    match op {
        ComparisonOp::Equal | ComparisonOp::NotEqual => matches!(other, Type::Any | Type::Temporal),
        _ => matches!(other, Type::Any | Type::Dated | Type::Str | Type::Temporal),
    }
}

/// The aggregate that finds the first or last of dates, where `function` is `min` or `max` of them.
pub(super) fn aggregate(function: &'static Function, result: &Type) -> &'static Function {
    match (function.name, result) {
        ("min", Type::Dated) => &MIN,
        ("max", Type::Dated) => &MAX,
        _ => function,
    }
}

/// What to sort by.
pub(super) fn sort_key(key: Typed, span: Span) -> Expr {
    match key.ty {
        Type::Dated => Expr::Call { function: &SORT_KEY, arguments: vec![key.expr], span },
        _ => key.expr,
    }
}
