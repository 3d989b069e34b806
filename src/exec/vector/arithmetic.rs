//! Arithmetic on cells. What would be an error in some row gives nothing: then the rows are asked one by one, and the
//! first of them that fails says why.

use super::cells::{Cells, Nulls, either_null, narrowed};
use crate::bind::bound::ArithmeticOp;
use crate::graph::Graph;
use crate::value::temporal::{NANOS_PER_SECOND, SECONDS_PER_DAY};
use crate::value::{Value, arith};

/// Numbers of a side: a list of them or the same in every row.
enum Side<T> {
    Many(Vec<T>),
    Same(T),
}

impl<T: Copy> Side<T> {
    fn get(&self, at: usize) -> T {
        match self {
            Self::Many(numbers) => numbers[at],
            Self::Same(number) => *number,
        }
    }
}

/// `a op b` in `len` rows; nothing: an error, or something that is better done row by row.
pub(super) fn combine(op: ArithmeticOp, a: Cells, b: Cells, len: usize, graph: &Graph) -> Option<Cells> {
    if matches!(a, Cells::Same(Value::Null)) || matches!(b, Cells::Same(Value::Null)) {
        return Some(Cells::Same(Value::Null));
    }
    if let (Cells::Same(a), Cells::Same(b)) = (&a, &b) {
        return apply(op, a, b).map(Cells::Same);
    }
    if let Some(moments) = shifted(op, &a, &b) {
        return Some(moments);
    }
    match (ints(&a), ints(&b)) {
        (true, true) if !matches!(op, ArithmeticOp::Power | ArithmeticOp::Concat) => {
            let ((a, a_null), (b, b_null)) = (into_ints(a)?, into_ints(b)?);
            let nulls = either_null(a_null, b_null);
            integers(op, &a, &b, nulls.as_deref(), len).map(|ints| Cells::Ints(ints, nulls))
        }
        _ if numbers(&a) && numbers(&b) && op != ArithmeticOp::Concat => {
            let ((a, a_null), (b, b_null)) = (into_floats(a)?, into_floats(b)?);
            let nulls = either_null(a_null, b_null);
            let each = |f: fn(f64, f64) -> f64| (0..len).map(|at| f(a.get(at), b.get(at))).collect();
            let floats = match op {
                ArithmeticOp::Add => each(|a, b| a + b),
                ArithmeticOp::Subtract => each(|a, b| a - b),
                ArithmeticOp::Multiply => each(|a, b| a * b),
                ArithmeticOp::Divide => each(|a, b| a / b),
                ArithmeticOp::Modulo => each(|a, b| a % b),
                ArithmeticOp::Power => each(f64::powf),
                ArithmeticOp::Concat => return None,
            };
            Some(Cells::Floats(floats, nulls))
        }
        _ => {
            let values = (0..len).map(|at| apply(op, &a.value(at, graph), &b.value(at, graph)));
            values.collect::<Option<Vec<Value>>>().map(narrowed)
        }
    }
}

/// Moments in UTC, a duration later or earlier that is as long whenever it begins: days have 24 hours there, but months
/// are not alike. Nothing where it is anything else, or the sums are out of reach.
fn shifted(op: ArithmeticOp, a: &Cells, b: &Cells) -> Option<Cells> {
    let (moments, nulls, duration) = match (op, a, b) {
        (
            ArithmeticOp::Add | ArithmeticOp::Subtract,
            Cells::Moments(moments, nulls),
            Cells::Same(Value::Duration(duration)),
        )
        | (ArithmeticOp::Add, Cells::Same(Value::Duration(duration)), Cells::Moments(moments, nulls)) => {
            (moments, nulls, duration)
        }
        _ => return None,
    };
    let seconds = duration.days.checked_mul(SECONDS_PER_DAY)?.checked_add(duration.seconds)?;
    let nanos = seconds.checked_mul(NANOS_PER_SECOND)?.checked_add(duration.nanos.into())?;
    let nanos = if op == ArithmeticOp::Subtract { nanos.checked_neg()? } else { nanos };
    let later = moments.iter().map(|moment| moment.checked_add(nanos)).collect::<Option<Vec<i64>>>();
    later.filter(|_| duration.months == 0).map(|later| Cells::Moments(later, nulls.clone()))
}

/// `-a`.
pub(super) fn negate(a: Cells, len: usize, graph: &Graph) -> Option<Cells> {
    match a {
        Cells::Ints(ints, nulls) => {
            ints.into_iter().map(i64::checked_neg).collect::<Option<_>>().map(|ints| Cells::Ints(ints, nulls))
        }
        Cells::Floats(floats, nulls) => Some(Cells::Floats(floats.into_iter().map(|x| -x).collect(), nulls)),
        Cells::Same(value) => arith::negate(&value).ok().map(Cells::Same),
        other => {
            let values = (0..len).map(|at| arith::negate(&other.value(at, graph)).ok());
            values.collect::<Option<Vec<Value>>>().map(narrowed)
        }
    }
}

/// What the row-by-row evaluation would give; what makes texts or lists is left to it, because it accounts for them.
fn apply(op: ArithmeticOp, a: &Value, b: &Value) -> Option<Value> {
    let grows = |value: &Value| matches!(value, Value::Str(_) | Value::List(_) | Value::Map(_));
    if grows(a) || grows(b) {
        return None;
    }
    match op {
        ArithmeticOp::Add => arith::add(a, b),
        ArithmeticOp::Subtract => arith::subtract(a, b),
        ArithmeticOp::Multiply => arith::multiply(a, b),
        ArithmeticOp::Divide => arith::divide(a, b),
        ArithmeticOp::Modulo => arith::modulo(a, b),
        ArithmeticOp::Power => arith::power(a, b),
        // numbers are not joined: the row says so
        ArithmeticOp::Concat => return None,
    }
    .ok()
}

fn ints(cells: &Cells) -> bool {
    matches!(cells, Cells::Ints(..) | Cells::Same(Value::Int(_)))
}

fn numbers(cells: &Cells) -> bool {
    ints(cells) || matches!(cells, Cells::Floats(..) | Cells::Same(Value::Float(_)))
}

fn into_ints(cells: Cells) -> Option<(Side<i64>, Nulls)> {
    match cells {
        Cells::Ints(ints, nulls) => Some((Side::Many(ints), nulls)),
        Cells::Same(Value::Int(n)) => Some((Side::Same(n), None)),
        _ => None,
    }
}

fn into_floats(cells: Cells) -> Option<(Side<f64>, Nulls)> {
    match cells {
        Cells::Floats(floats, nulls) => Some((Side::Many(floats), nulls)),
        Cells::Ints(ints, nulls) => Some((Side::Many(ints.into_iter().map(|n| n as f64).collect()), nulls)),
        Cells::Same(Value::Float(x)) => Some((Side::Same(x), None)),
        Cells::Same(Value::Int(n)) => Some((Side::Same(n as f64), None)),
        _ => None,
    }
}

/// Integers are checked; what stands under a null is not.
fn integers(op: ArithmeticOp, a: &Side<i64>, b: &Side<i64>, nulls: Option<&[bool]>, len: usize) -> Option<Vec<i64>> {
    match op {
        // these overflow seldom: one look at the end is enough
        ArithmeticOp::Add => overflowing(a, b, nulls, len, i64::overflowing_add),
        ArithmeticOp::Subtract => overflowing(a, b, nulls, len, i64::overflowing_sub),
        ArithmeticOp::Multiply => overflowing(a, b, nulls, len, i64::overflowing_mul),
        ArithmeticOp::Divide => checked(a, b, nulls, len, i64::checked_div),
        ArithmeticOp::Modulo => checked(a, b, nulls, len, i64::checked_rem),
        ArithmeticOp::Power | ArithmeticOp::Concat => None,
    }
}

fn overflowing(
    a: &Side<i64>,
    b: &Side<i64>,
    nulls: Option<&[bool]>,
    len: usize,
    f: impl Fn(i64, i64) -> (i64, bool),
) -> Option<Vec<i64>> {
    let mut out = Vec::with_capacity(len);
    let mut overflow = false;
    let mut put = |(n, over): (i64, bool), null: bool| {
        overflow |= over && !null;
        out.push(n);
    };
    match (a, b, nulls) {
        (Side::Many(a), Side::Many(b), None) => a.iter().zip(b).for_each(|(a, b)| put(f(*a, *b), false)),
        (Side::Many(a), Side::Same(b), None) => a.iter().for_each(|a| put(f(*a, *b), false)),
        (Side::Same(a), Side::Many(b), None) => b.iter().for_each(|b| put(f(*a, *b), false)),
        (a, b, nulls) => (0..len).for_each(|at| put(f(a.get(at), b.get(at)), nulls.is_some_and(|nulls| nulls[at]))),
    }
    (!overflow).then_some(out)
}

fn checked(
    a: &Side<i64>,
    b: &Side<i64>,
    nulls: Option<&[bool]>,
    len: usize,
    f: impl Fn(i64, i64) -> Option<i64>,
) -> Option<Vec<i64>> {
    let one = |at: usize| if nulls.is_some_and(|nulls| nulls[at]) { Some(0) } else { f(a.get(at), b.get(at)) };
    (0..len).map(one).collect()
}
