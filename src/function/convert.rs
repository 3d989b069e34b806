//! `toInteger` and its kin: one value, one value or null, every item of a list.
//!
//! White space around a number or truth value in a text is ignored. What cannot be converted is null;
//! what is of a type that never can be is `TypeError / InvalidArgumentValue`, and null for `…OrNull`
//! and inside `…List`.

use super::argument::{list, wrong_type};
use super::signature::Type;
use super::{Body, CallContext, Function, parameters};
use crate::error::Result;
use crate::value::text::scalar;
use crate::value::{Value, order};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "toInteger",
        parameters![value: Type::ANY],
        Type::INTEGER,
        "The value as an integer: fractions are cut off, true is 1; null when a text holds no number or it lies outside 64 bits.",
        ("RETURN toInteger('2.9') AS v", "2"),
        Body::Scalar(|_, arguments| strictly("toInteger", integer, &arguments[0])),
    ),
    Function::new(
        "toIntegerOrNull",
        parameters![value: Type::ANY],
        Type::INTEGER,
        "The value as toInteger converts it; null where that would be an error.",
        ("RETURN toIntegerOrNull([]) AS v", "null"),
        Body::Scalar(|_, arguments| Ok(integer(&arguments[0]).flatten().unwrap_or_default())),
    ),
    Function::new(
        "toIntegerList",
        parameters![list: Type::LIST],
        Type::LIST,
        "Every item as toInteger converts it; null where that would be an error.",
        ("RETURN toIntegerList([1.5, 'x', 3]) AS v", "[1, null, 3]"),
        Body::Scalar(|context, arguments| each("toIntegerList", context, integer, &arguments[0])),
    ),
    Function::new(
        "toFloat",
        parameters![value: Type::ANY],
        Type::FLOAT,
        "The value as a float; null when a text holds no number or one too large for a float.",
        ("RETURN toFloat('1.5') AS v", "1.5"),
        Body::Scalar(|_, arguments| strictly("toFloat", float, &arguments[0])),
    ),
    Function::new(
        "toFloatOrNull",
        parameters![value: Type::ANY],
        Type::FLOAT,
        "The value as toFloat converts it; null where that would be an error.",
        ("RETURN toFloatOrNull([]) AS v", "null"),
        Body::Scalar(|_, arguments| Ok(float(&arguments[0]).flatten().unwrap_or_default())),
    ),
    Function::new(
        "toFloatList",
        parameters![list: Type::LIST],
        Type::LIST,
        "Every item as toFloat converts it; null where that would be an error.",
        ("RETURN toFloatList([1, 'x']) AS v", "[1.0, null]"),
        Body::Scalar(|context, arguments| each("toFloatList", context, float, &arguments[0])),
    ),
    Function::new(
        "toBoolean",
        parameters![value: Type::ANY],
        Type::BOOLEAN,
        "The value as a boolean: 'true' and 'false' in any case, 0 is false; null for any other text.",
        ("RETURN toBoolean('TRUE') AS v", "true"),
        Body::Scalar(|_, arguments| strictly("toBoolean", boolean, &arguments[0])),
    ),
    Function::new(
        "toBooleanOrNull",
        parameters![value: Type::ANY],
        Type::BOOLEAN,
        "The value as toBoolean converts it; null where that would be an error.",
        ("RETURN toBooleanOrNull([]) AS v", "null"),
        Body::Scalar(|_, arguments| Ok(boolean(&arguments[0]).flatten().unwrap_or_default())),
    ),
    Function::new(
        "toBooleanList",
        parameters![list: Type::LIST],
        Type::LIST,
        "Every item as toBoolean converts it; null where that would be an error.",
        ("RETURN toBooleanList(['true', 0, 'x']) AS v", "[true, false, null]"),
        Body::Scalar(|context, arguments| each("toBooleanList", context, boolean, &arguments[0])),
    ),
    Function::new(
        "toString",
        parameters![value: Type::ANY],
        Type::STRING,
        "The value as text: numbers, booleans and temporal values as they are written.",
        ("RETURN toString(1.0) AS v", "'1.0'"),
        Body::Scalar(|_, arguments| strictly("toString", string, &arguments[0])),
    ),
    Function::new(
        "toStringOrNull",
        parameters![value: Type::ANY],
        Type::STRING,
        "The value as toString converts it; null where that would be an error.",
        ("RETURN toStringOrNull([]) AS v", "null"),
        Body::Scalar(|_, arguments| Ok(string(&arguments[0]).flatten().unwrap_or_default())),
    ),
    Function::new(
        "toStringList",
        parameters![list: Type::LIST],
        Type::LIST,
        "Every item as toString converts it; null where that would be an error.",
        ("RETURN toStringList([1, true]) AS v", "['1', 'true']"),
        Body::Scalar(|context, arguments| each("toStringList", context, string, &arguments[0])),
    ),
];

/// Outer nothing: the type can never be converted. Inner nothing: this value cannot.
type Convert = fn(&Value) -> Option<Option<Value>>;

fn strictly(function: &str, convert: Convert, value: &Value) -> Result<Value> {
    match convert(value) {
        Some(converted) => Ok(converted.unwrap_or_default()),
        None => Err(wrong_type(function, "a value that can be converted", value)),
    }
}

fn each(function: &str, context: &mut CallContext<'_>, convert: Convert, value: &Value) -> Result<Value> {
    let items = list(function, value)?.items();
    context.charge(items.len().saturating_mul(2 * size_of::<Value>()))?;
    Value::list(items.iter().map(|item| convert(item).flatten().unwrap_or_default()).collect())
}

fn integer(value: &Value) -> Option<Option<Value>> {
    Some(match value {
        Value::Int(n) => Some(Value::Int(*n)),
        Value::Bool(b) => Some(Value::Int(i64::from(*b))),
        Value::Float(x) => whole(*x),
        Value::Str(text) => match text.trim().parse::<i64>() {
            Ok(n) => Some(Value::Int(n)),
            Err(_) => decimal(text).and_then(whole),
        },
        Value::Null => None,
        _ => return None,
    })
}

fn float(value: &Value) -> Option<Option<Value>> {
    Some(match value {
        Value::Int(n) => Some(Value::Float(*n as f64)),
        Value::Float(x) => Some(Value::Float(*x)),
        Value::Str(text) => match text.trim() {
            "NaN" => Some(Value::Float(f64::NAN)),
            "Infinity" | "+Infinity" => Some(Value::Float(f64::INFINITY)),
            "-Infinity" => Some(Value::Float(f64::NEG_INFINITY)),
            _ => decimal(text).filter(|x| x.is_finite()).map(Value::Float),
        },
        Value::Null => None,
        _ => return None,
    })
}

fn boolean(value: &Value) -> Option<Option<Value>> {
    Some(match value {
        Value::Bool(b) => Some(Value::Bool(*b)),
        Value::Int(n) => Some(Value::Bool(*n != 0)),
        Value::Str(text) => match text.trim() {
            text if text.eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
            text if text.eq_ignore_ascii_case("false") => Some(Value::Bool(false)),
            _ => None,
        },
        Value::Null => None,
        _ => return None,
    })
}

fn string(value: &Value) -> Option<Option<Value>> {
    match value {
        Value::Null => Some(None),
        Value::Str(_) => Some(Some(value.clone())),
        other => scalar(other).map(|text| Some(text.into())),
    }
}

/// Fractions cut off; nothing outside 64 bits and for NaN.
fn whole(x: f64) -> Option<Value> {
    let cut = x.trunc();
    let n = Value::Int(cut as i64); // saturates: equal only when it did not have to
    order::equivalent(&n, &Value::Float(cut)).then_some(n)
}

/// A number in decimal notation; no words, no underscores, no hexadecimals.
fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'+' | b'-' | b'e' | b'E'));
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, list as listed, shown};
    use super::*;
    use crate::error::{Class, Code, Phase};
    use crate::value::NodeRef;

    #[test]
    fn integers() {
        for (value, wanted) in [
            ("7".into(), "7"),
            ("  7 ".into(), "7"),
            ("1.7".into(), "1"),
            ("-1.7".into(), "-1"),
            ("1e3".into(), "1000"),
            ("".into(), "null"),
            ("foo".into(), "null"),
            ("inf".into(), "null"),
            ("0x1F".into(), "null"),
            ("99999999999999999999".into(), "null"),
            ("9223372036854775807".into(), "9223372036854775807"),
            (2.9.into(), "2"),
            (1e300.into(), "null"),
            (f64::NAN.into(), "null"),
            (9_223_372_036_854_775_808.0.into(), "null"),
            (true.into(), "1"),
            (Value::Null, "null"),
        ] {
            assert_eq!(shown("toInteger", std::slice::from_ref(&value)), wanted, "{value:?}");
        }
    }

    #[test]
    fn floats_booleans_and_strings() {
        for (name, value, wanted) in [
            ("toFloat", "5".into(), "5.0"),
            ("toFloat", "1e999".into(), "null"),
            ("toFloat", "Infinity".into(), "Infinity"),
            ("toFloat", "nan".into(), "null"),
            ("toFloat", 3.into(), "3.0"),
            ("toBoolean", " True ".into(), "true"),
            ("toBoolean", " tru ".into(), "null"),
            ("toBoolean", 2.into(), "true"),
            ("toString", 1e10.into(), "'1.0E10'"),
            ("toString", true.into(), "'true'"),
            ("toString", "a".into(), "'a'"),
        ] {
            assert_eq!(shown(name, &[value]), wanted);
        }
    }

    #[test]
    fn types_that_never_convert_are_errors_while_running() {
        let node = Value::Node(NodeRef::new(1));
        for (name, value) in [
            ("toInteger", listed(&[])),
            ("toInteger", node.clone()),
            ("toFloat", true.into()),
            ("toBoolean", 1.0.into()),
            ("toString", listed(&[])),
            ("toString", node),
        ] {
            let error = call(name, std::slice::from_ref(&value)).expect_err(name);
            assert_eq!(
                (error.class(), error.phase(), error.code()),
                (Class::TypeError, Phase::Runtime, Code::InvalidArgumentValue)
            );
            assert_eq!(shown(&format!("{name}OrNull"), &[value]), "null");
        }
        assert_eq!(shown("toIntegerList", &[listed(&["1".into(), listed(&[]), Value::Null])]), "[1, null, null]");
        assert_eq!(shown("toIntegerList", &["1".into()]), "InvalidArgumentType");
    }
}
