//! `+ - * / % ^` and unary minus on values: checked, null in null out.
//!
//! Integers overflow into an error, never around; an integer divided by zero is an error, a float is not.
//! `+` also joins strings and lists, and moves temporal values by a duration.
//! [`added_bytes`] tells what a `+` will allocate, so that callers can ask their budget first.

use std::sync::Arc;

use super::temporal::Duration;
use super::{List, Value, text};
use crate::error::{Code, Error, Result};

/// `a + b`. Errors: overflow, types that cannot be added, out of range.
pub(crate) fn add(a: &Value, b: &Value) -> Result<Value> {
    use Value::{Date, DateTime, Float, Int, LocalDateTime, LocalTime, Null, Str, Time};
    Ok(match (a, b) {
        (Null, _) | (_, Null) => Null,
        (Int(a), Int(b)) => Int(a.checked_add(*b).ok_or_else(|| overflow(*a, '+', *b))?),
        (Int(a), Float(b)) => Float(*a as f64 + b),
        (Float(a), Int(b)) => Float(a + *b as f64),
        (Float(a), Float(b)) => Float(a + b),
        (Value::List(_), _) | (_, Value::List(_)) => return append(a.clone(), b),
        (Str(a), Str(b)) => joined(a, b),
        (Str(a), b) => joined(a, &text::scalar(b).ok_or_else(|| no_operation('+', &Str(a.clone()), b))?),
        (a, Str(b)) => joined(&text::scalar(a).ok_or_else(|| no_operation('+', a, &Str(b.clone())))?, b),
        (Value::Duration(a), Value::Duration(b)) => duration(a.plus(b)?),
        (Date(t), Value::Duration(d)) | (Value::Duration(d), Date(t)) => Date(t.plus(d)?),
        (LocalTime(t), Value::Duration(d)) | (Value::Duration(d), LocalTime(t)) => LocalTime(t.plus(d)),
        (Time(t), Value::Duration(d)) | (Value::Duration(d), Time(t)) => Time(t.plus(d)),
        (LocalDateTime(t), Value::Duration(d)) | (Value::Duration(d), LocalDateTime(t)) => LocalDateTime(t.plus(d)?),
        (DateTime(t), Value::Duration(d)) | (Value::Duration(d), DateTime(t)) => DateTime(Arc::new(t.plus(d)?)),
        _ => return Err(no_operation('+', a, b)),
    })
}

/// `a + b`, in place when `a` is a list that nobody else holds: what a loop that collects should call.
pub(crate) fn append(a: Value, b: &Value) -> Result<Value> {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::List(a), Value::List(b)) if a.is_empty() => Ok(Value::List(b.clone())),
        (Value::List(a), Value::List(b)) => Ok(Value::List(a.extend(b)?)),
        (Value::List(a), b) => Ok(Value::List(a.push(b.clone())?)),
        (a, Value::List(b)) => {
            let items = std::iter::once(a).chain(b.iter().cloned()).collect();
            Ok(Value::List(List::new(items)?))
        }
        (a, b) => add(&a, b),
    }
}

/// `a || b`: two texts or two lists, nothing else. Errors: other types.
pub(crate) fn concat(a: Value, b: &Value) -> Result<Value> {
    match (&a, b) {
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::Str(_), Value::Str(_)) | (Value::List(_), Value::List(_)) => append(a, b),
        _ => {
            let message = format!("`||` joins two texts or two lists, not {} and {}", a.type_name(), b.type_name());
            Err(Error::type_error(Code::InvalidArgumentType, message))
        }
    }
}

/// About how many bytes `a + b` will allocate; 0 when it allocates nothing that can grow.
pub(crate) fn added_bytes(a: &Value, b: &Value) -> usize {
    const CELL: usize = size_of::<Value>();
    const SCALAR_TEXT: usize = 64;
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => 0,
        (Value::List(a), Value::List(b)) => (a.len() + b.len()) * CELL,
        (Value::List(list), _) | (_, Value::List(list)) => (list.len() + 1) * CELL,
        (Value::Str(a), Value::Str(b)) => a.len() + b.len(),
        (Value::Str(text), _) | (_, Value::Str(text)) => text.len() + SCALAR_TEXT,
        _ => 0,
    }
}

/// `a - b`. Errors: overflow, types that cannot be subtracted, out of range.
pub(crate) fn subtract(a: &Value, b: &Value) -> Result<Value> {
    use Value::{Float, Int, Null};
    Ok(match (a, b) {
        (Null, _) | (_, Null) => Null,
        (Int(a), Int(b)) => Int(a.checked_sub(*b).ok_or_else(|| overflow(*a, '-', *b))?),
        (Int(a), Float(b)) => Float(*a as f64 - b),
        (Float(a), Int(b)) => Float(a - *b as f64),
        (Float(a), Float(b)) => Float(a - b),
        (
            Value::Date(_)
            | Value::LocalTime(_)
            | Value::Time(_)
            | Value::LocalDateTime(_)
            | Value::DateTime(_)
            | Value::Duration(_),
            Value::Duration(d),
        ) => return add(a, &duration(d.negated()?)),
        _ => return Err(no_operation('-', a, b)),
    })
}

/// `a * b`. Errors: overflow, types that cannot be multiplied.
pub(crate) fn multiply(a: &Value, b: &Value) -> Result<Value> {
    use Value::{Float, Int, Null};
    Ok(match (a, b) {
        (Null, _) | (_, Null) => Null,
        (Int(a), Int(b)) => Int(a.checked_mul(*b).ok_or_else(|| overflow(*a, '*', *b))?),
        (Int(a), Float(b)) => Float(*a as f64 * b),
        (Float(a), Int(b)) => Float(a * *b as f64),
        (Float(a), Float(b)) => Float(a * b),
        (Value::Duration(d), Int(n)) | (Int(n), Value::Duration(d)) => duration(d.times_int(*n)?),
        (Value::Duration(d), Float(x)) | (Float(x), Value::Duration(d)) => duration(d.times(*x)?),
        _ => return Err(no_operation('*', a, b)),
    })
}

/// `a / b`; integers round towards zero. Errors: an integer by zero, overflow, types that cannot be divided.
pub(crate) fn divide(a: &Value, b: &Value) -> Result<Value> {
    use Value::{Float, Int, Null};
    Ok(match (a, b) {
        (Null, _) | (_, Null) => Null,
        (Int(_), Int(0)) => return Err(by_zero()),
        (Int(a), Int(b)) => Int(a.checked_div(*b).ok_or_else(|| overflow(*a, '/', *b))?),
        (Int(a), Float(b)) => Float(*a as f64 / b),
        (Float(a), Int(b)) => Float(a / *b as f64),
        (Float(a), Float(b)) => Float(a / b),
        (Value::Duration(d), Int(n)) => duration(d.divided_by_int(*n)?),
        (Value::Duration(d), Float(x)) => duration(d.divided_by(*x)?),
        _ => return Err(no_operation('/', a, b)),
    })
}

/// `a % b`, with the sign of `a`. Errors: an integer by zero, types that have no remainder.
pub(crate) fn modulo(a: &Value, b: &Value) -> Result<Value> {
    use Value::{Float, Int, Null};
    Ok(match (a, b) {
        (Null, _) | (_, Null) => Null,
        (Int(_), Int(0)) => return Err(by_zero()),
        // -1 divides every integer; only the quotient of the least one does not exist
        (Int(a), Int(b)) => Int(a.wrapping_rem(*b)),
        (Int(a), Float(b)) => Float(*a as f64 % b),
        (Float(a), Int(b)) => Float(a % *b as f64),
        (Float(a), Float(b)) => Float(a % b),
        _ => return Err(no_operation('%', a, b)),
    })
}

/// `a ^ b`, always a float; null beside anything is null, as for the other operators. Errors: types that are no numbers.
pub(crate) fn power(a: &Value, b: &Value) -> Result<Value> {
    if a.is_null() || b.is_null() {
        return Ok(Value::Null);
    }
    let number = |value: &Value| match value {
        Value::Int(n) => Ok(*n as f64),
        Value::Float(x) => Ok(*x),
        _ => Err(no_operation('^', a, b)),
    };
    Ok(Value::Float(number(a)?.powf(number(b)?)))
}

/// `-a`. Errors: overflow, no number.
pub(crate) fn negate(a: &Value) -> Result<Value> {
    Ok(match a {
        Value::Null => Value::Null,
        Value::Int(n) => Value::Int(n.checked_neg().ok_or_else(|| overflow(0, '-', *n))?),
        Value::Float(x) => Value::Float(-x),
        Value::Duration(d) => duration(d.negated()?),
        _ => return Err(not_a_number('-', a)),
    })
}

fn joined(a: &str, b: &str) -> Value {
    let mut text = String::with_capacity(a.len() + b.len());
    text.push_str(a);
    text.push_str(b);
    Value::str(text)
}

fn duration(d: Duration) -> Value {
    Value::Duration(Arc::new(d))
}

fn overflow(a: i64, operator: char, b: i64) -> Error {
    Error::arithmetic(Code::IntegerOverflow, format!("{a} {operator} {b} lies outside 64-bit integers"))
        .hint("write one of them as a float, such as 1.0, if an approximate result will do")
}

fn by_zero() -> Error {
    Error::arithmetic(Code::DivisionByZero, "an integer cannot be divided by zero")
}

fn no_operation(operator: char, a: &Value, b: &Value) -> Error {
    let message = format!("`{operator}` does not work on {} and {}", a.type_name(), b.type_name());
    Error::type_error(Code::InvalidArgumentType, message)
}

fn not_a_number(operator: char, a: &Value) -> Error {
    let message = format!("unary `{operator}` needs a number, not {}", a.type_name());
    Error::type_error(Code::InvalidArgumentType, message)
}

#[cfg(test)]
mod tests {
    use super::super::order::equivalent;
    use super::super::temporal::parse;
    use super::*;

    const MAX: Value = Value::Int(i64::MAX);
    const MIN: Value = Value::Int(i64::MIN);

    fn same(got: Result<Value>, wanted: impl Into<Value>) {
        let (got, wanted) = (got.expect("a value"), wanted.into());
        assert!(equivalent(&got, &wanted) && got.type_name() == wanted.type_name(), "{got:?} is not {wanted:?}");
    }

    /// Every operator, beside values of every kind, either way round.
    #[test]
    fn null_beside_anything_is_null() {
        let date = Value::Date(parse::date("2024-01-31").expect("a date"));
        let list = Value::list(vec![MAX]).expect("a list");
        let values =
            [Value::Int(2), Value::Float(0.5), Value::Bool(true), Value::str("a"), list, date, duration_of("P1M")];
        for value in &values {
            for operator in [multiply, divide, modulo, power] {
                same(operator(value, &Value::Null), Value::Null);
                same(operator(&Value::Null, value), Value::Null);
            }
        }
    }

    fn code(got: Result<Value>) -> Code {
        got.expect_err("an error").code()
    }

    fn ints(items: &[i64]) -> Value {
        Value::list(items.iter().map(|n| Value::Int(*n)).collect()).expect("a flat list")
    }

    fn duration_of(text: &str) -> Value {
        duration(parse::duration(text).expect("a duration"))
    }

    #[test]
    fn integers_overflow_into_an_error() {
        let one = Value::Int(1);
        for got in [
            add(&MAX, &one),
            subtract(&MIN, &one),
            multiply(&Value::Int(1 << 62), &Value::Int(2)),
            divide(&MIN, &Value::Int(-1)),
            negate(&MIN),
        ] {
            assert_eq!(code(got), Code::IntegerOverflow);
        }
        same(add(&MAX, &MIN), -1);
    }

    #[test]
    fn only_integers_mind_a_zero_divisor() {
        assert_eq!(code(divide(&1.into(), &0.into())), Code::DivisionByZero);
        assert_eq!(code(modulo(&1.into(), &0.into())), Code::DivisionByZero);
        same(divide(&1.0.into(), &0.into()), f64::INFINITY);
        same(divide(&0.0.into(), &0.0.into()), f64::NAN);
        same(modulo(&1.into(), &0.0.into()), f64::NAN);
        same(divide(&Value::Int(-7), &2.into()), -3);
        same(modulo(&MIN, &Value::Int(-1)), 0);
        same(modulo(&Value::Int(-7), &2.into()), -1);
        same(modulo(&Value::Float(-7.5), &2.into()), -1.5);
        same(divide(&7.into(), &2.0.into()), 3.5);
        same(power(&2.into(), &3.into()), 8.0);
        same(power(&4.into(), &Value::Float(0.5)), 2.0);
    }

    #[test]
    fn null_in_null_out() {
        for operation in [add, subtract, multiply, divide, modulo, power] {
            assert!(operation(&Value::Null, &1.into()).expect("null").is_null());
            assert!(operation(&1.into(), &Value::Null).expect("null").is_null());
        }
        assert!(add(&ints(&[1]), &Value::Null).expect("null").is_null());
        assert!(negate(&Value::Null).expect("null").is_null());
    }

    #[test]
    fn plus_joins_strings_and_lists() {
        same(add(&"a".into(), &"b".into()), "ab");
        same(add(&"a".into(), &1.into()), "a1");
        same(add(&1.5.into(), &"a".into()), "1.5a");
        same(add(&ints(&[1]), &ints(&[2, 3])), ints(&[1, 2, 3]));
        same(add(&ints(&[1]), &2.into()), ints(&[1, 2]));
        same(add(&0.into(), &ints(&[1])), ints(&[0, 1]));
        same(append(ints(&[]), &ints(&[2])), ints(&[2]));
        assert_eq!(added_bytes(&"abc".into(), &"de".into()), 5);
        assert_eq!(added_bytes(&ints(&[1, 2]), &ints(&[3])), 72);
    }

    #[test]
    fn appending_to_a_shared_list_leaves_the_other_holder_alone() {
        let shared = ints(&[1]);
        same(append(shared.clone(), &2.into()), ints(&[1, 2]));
        same(Ok(shared), ints(&[1]));
    }

    #[test]
    fn temporal_values_move_by_durations() {
        let date = Value::Date(parse::date("2024-01-31").expect("a date"));
        same(add(&date, &duration_of("P1M")), Value::Date(parse::date("2024-02-29").expect("a date")));
        same(add(&duration_of("P1M"), &date), Value::Date(parse::date("2024-02-29").expect("a date")));
        same(subtract(&date, &duration_of("P1D")), Value::Date(parse::date("2024-01-30").expect("a date")));
        same(subtract(&duration_of("P1D"), &duration_of("P2D")), duration_of("P-1D"));
        same(multiply(&2.into(), &duration_of("P1D")), duration_of("P2D"));
        same(divide(&duration_of("P1D"), &2.into()), duration_of("PT12H"));
        assert_eq!(code(subtract(&duration_of("P1D"), &date)), Code::InvalidArgumentType);
        assert_eq!(code(add(&date, &duration_of("P1000000000000D"))), Code::InvalidTemporal);
        assert_eq!(code(multiply(&duration_of("P2D"), &MAX)).name(), "IntegerOverflow".to_owned());
    }

    #[test]
    fn other_types_are_refused_by_name() {
        let error = add(&true.into(), &1.into()).expect_err("no sum");
        assert_eq!(error.code(), Code::InvalidArgumentType);
        assert_eq!(error.message(), "`+` does not work on Boolean and Integer");
        for operation in [subtract, multiply, divide, modulo, power] {
            assert_eq!(code(operation(&"a".into(), &1.into())), Code::InvalidArgumentType);
        }
        assert_eq!(code(negate(&"a".into())), Code::InvalidArgumentType);
    }
}
