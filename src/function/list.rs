//! Functions on lists; `size` and `reverse` take strings as well.

use super::argument::{list, out_of_range, wrong_type};
use super::signature::Type;
use super::{Body, Budget, CallContext, Function, parameters};
use crate::error::{Code, Error, Result};
use crate::value::{List, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "size",
        parameters![value: Type::LIST.or(Type::STRING)],
        Type::INTEGER,
        "How many items a list or characters a string has.",
        ("RETURN size([1, 2, 3]) AS v", "3"),
        Body::Scalar(size),
    ),
    Function::new(
        "head",
        parameters![list: Type::LIST],
        Type::ANY,
        "The first item; null when there is none.",
        ("RETURN head([1, 2, 3]) AS v", "1"),
        Body::Scalar(head),
    ),
    Function::new(
        "last",
        parameters![list: Type::LIST],
        Type::ANY,
        "The last item; null when there is none.",
        ("RETURN last([1, 2, 3]) AS v", "3"),
        Body::Scalar(last),
    ),
    Function::new(
        "tail",
        parameters![list: Type::LIST],
        Type::LIST,
        "All items but the first.",
        ("RETURN tail([1, 2, 3]) AS v", "[2, 3]"),
        Body::Scalar(tail),
    ),
    Function::new(
        "reverse",
        parameters![value: Type::LIST.or(Type::STRING)],
        Type::LIST.or(Type::STRING),
        "The items of a list or the characters of a string from the end to the start.",
        ("RETURN reverse([1, 2, 3]) AS v", "[3, 2, 1]"),
        Body::Scalar(reverse),
    ),
    Function::new(
        "range",
        parameters![start: Type::ANY, end: Type::ANY, step: Type::ANY],
        Type::LIST,
        "The integers from start to end, both included, in steps.",
        ("RETURN range(10, 0, -3) AS v", "[10, 7, 4, 1]"),
        Body::Scalar(range),
    )
    .optional(1),
];

fn size(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::List(list) => Ok(Value::Int(list.len() as i64)),
        Value::Str(text) => Ok(Value::Int(text.chars().count() as i64)),
        other => Err(wrong_type("size", "a list or a string", other)),
    }
}

fn head(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    Ok(list("head", &arguments[0])?.first().cloned().unwrap_or_default())
}

fn last(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    Ok(list("last", &arguments[0])?.last().cloned().unwrap_or_default())
}

fn tail(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let items = list("tail", &arguments[0])?.items();
    context.charge(size_of_val(items))?;
    Value::list(items.get(1..).unwrap_or_default().to_vec())
}

fn reverse(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::List(list) => {
            context.charge(size_of_val(list.items()))?;
            Ok(Value::List(List::new(list.iter().rev().cloned().collect())?))
        }
        Value::Str(text) => {
            context.charge(text.len())?;
            reversed(text, context.budget)
        }
        other => Err(wrong_type("reverse", "a list or a string", other)),
    }
}

/// So many bytes of a text are turned round between two looks at the limits.
const AT_ONCE: usize = 1 << 20;

/// The characters from the last to the first. Errors: of the budget.
fn reversed(text: &str, budget: &dyn Budget) -> Result<Value> {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        budget.look()?;
        let (before, part) = rest.split_at(rest.floor_char_boundary(rest.len().saturating_sub(AT_ONCE)));
        match part.is_ascii() {
            true => out.extend(part.bytes().rev()),
            false => part.chars().rev().for_each(|c| out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes())),
        }
        rest = before;
    }
    let text = String::from_utf8(out).expect("whole characters");
    Ok(text.into())
}

/// The integers of a `range()`, one after another.
#[derive(Clone, Debug)]
pub(crate) struct Integers {
    next: Option<i64>,
    step: i64,
    left: u128,
}

impl Iterator for Integers {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        self.left = self.left.checked_sub(1)?;
        let next = self.next?;
        self.next = next.checked_add(self.step);
        Some(next)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.left);
        (left.unwrap_or(usize::MAX), left.ok())
    }
}

/// What `range()` with these arguments goes through; none of them is null.
/// Errors: other values than integers; a step of 0.
pub(crate) fn integers(arguments: &[Value]) -> Result<Integers> {
    let bound = |at: usize| match arguments.get(at) {
        None => Ok(1),
        Some(Value::Int(n)) => Ok(*n),
        Some(other) => {
            let message = format!("range() takes integers, not {}", other.type_name());
            Err(Error::argument(Code::InvalidArgumentType, message))
        }
    };
    let (start, end, step) = (bound(0)?, bound(1)?, bound(2)?);
    if step == 0 {
        return Err(out_of_range("the step of range() must not be 0"));
    }
    let count = ((i128::from(end) - i128::from(start)) / i128::from(step) + 1).max(0);
    let count = if (start < end) != (step > 0) && start != end { 0 } else { count };
    Ok(Integers { next: Some(start), step, left: count.unsigned_abs() })
}

fn range(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let integers = integers(arguments)?;
    let count = integers.left;
    let too_long = || Error::limit(Code::Memory, format!("range() would make a list of {count} integers"));
    let length = usize::try_from(count).map_err(|_| too_long())?;
    context.charge(length.checked_mul(size_of::<Value>()).ok_or_else(too_long)?)?;
    let mut items = Vec::new();
    items.try_reserve_exact(length).map_err(|_| too_long())?;
    items.extend(integers.map(Value::Int));
    Value::list(items)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, list as listed, shown};
    use super::*;
    use crate::error::Class;

    #[test]
    fn ranges_go_both_ways_and_stop_at_the_ends_of_64_bits() {
        for (start, end, step, wanted) in [
            (0, 3, 1, "[0, 1, 2, 3]"),
            (3, 0, 1, "[]"),
            (0, 3, -1, "[]"),
            (3, 0, -2, "[3, 1]"),
            (5, 5, -7, "[5]"),
            (0, 1, 5, "[0]"),
            (i64::MAX - 1, i64::MAX, 1, "[9223372036854775806, 9223372036854775807]"),
            (i64::MIN + 1, i64::MIN, -1, "[-9223372036854775807, -9223372036854775808]"),
            (i64::MIN, i64::MAX, i64::MAX, "[-9223372036854775808, -1, 9223372036854775806]"),
        ] {
            assert_eq!(shown("range", &[start.into(), end.into(), step.into()]), wanted);
        }
    }

    #[test]
    fn ranges_ask_before_they_allocate() {
        for (start, end, step) in [(1, i64::MAX, 1), (0, i64::MIN, -1), (i64::MIN, i64::MAX, 1), (1, 100_000, 1)] {
            assert_eq!(shown("range", &[start.into(), end.into(), step.into()]), "Memory");
        }
        let (unlimited, mut state) = (super::super::Unlimited, super::super::CallState::default());
        let mut context =
            CallContext::new(&super::super::tests::Line, &unlimited, super::super::Clock::now(), &mut state);
        assert_eq!(range(&mut context, &[1.into(), i64::MAX.into()]).expect_err("too long").code(), Code::Memory);
    }

    #[test]
    fn ranges_take_integers_only() {
        for wrong in [true.into(), (-0.0).into(), 1.0.into(), "1".into(), listed(&[])] {
            let error = call("range", &[0.into(), wrong, 1.into()]).expect_err("no integer");
            assert_eq!((error.class(), error.code()), (Class::ArgumentError, Code::InvalidArgumentType));
        }
        assert_eq!(shown("range", &[0.into(), 1.into(), 0.into()]), "NumberOutOfRange");
        assert_eq!(shown("range", &[Value::Null, 1.into()]), "null");
    }

    #[test]
    fn ends_and_sizes() {
        let three = listed(&[1.into(), Value::Null, 3.into()]);
        for (name, wanted, of_empty) in [
            ("size", "3", "0"),
            ("head", "1", "null"),
            ("last", "3", "null"),
            ("tail", "[null, 3]", "[]"),
            ("reverse", "[3, null, 1]", "[]"),
        ] {
            assert_eq!(shown(name, std::slice::from_ref(&three)), wanted);
            assert_eq!(shown(name, &[listed(&[])]), of_empty);
            assert_eq!(shown(name, &[Value::Null]), "null");
        }
        assert_eq!(shown("size", &["日本語".into()]), "3");
        assert_eq!(shown("reverse", &["é日".into()]), "'日é'");
        assert_eq!(shown("size", &[1.into()]), "InvalidArgumentType");
    }

    #[test]
    fn a_long_text_is_turned_round_part_by_part() {
        // no part of three, four or one byte ends where AT_ONCE does
        for pattern in ["日", "a日", "😀é", "abc"] {
            let text = pattern.repeat(2 * AT_ONCE / pattern.len() + 7);
            let wanted: String = text.chars().rev().collect();
            assert!(reversed(&text, &super::super::Unlimited).expect("no limit") == wanted.into(), "{pattern}");
        }
    }
}
