//! Values as literals. What XML Schema has a type for gets it; what it has none for keeps our text under a type of ours,
//! so that every value comes back as it went.

use oxrdf::{Literal, NamedNode};

use super::{TERM, XSD};
use crate::engine::Entities;
use crate::error::Result;
use crate::io::{cypher, json};
use crate::value::{Value, text};

/// Our types: JSON in our encoding, and the text of a temporal value.
const JSON: &str = "json";
const TEMPORAL: &str = "temporal";
/// Digits of a second that every program keeps.
const MICROSECOND: usize = "000001".len();

/// The literals of a property: several for a list of distinct plain values, one for everything else.
pub(super) fn literals(value: &Value) -> Vec<Literal> {
    if let Value::List(items) = value {
        let plain = items.len() > 1 && items.iter().all(|item| !matches!(item, Value::List(_) | Value::Null));
        let all: Vec<Literal> = items.iter().map(literal).collect();
        let distinct: std::collections::HashSet<&Literal> = all.iter().collect();
        if plain && distinct.len() == all.len() {
            return all;
        }
    }
    vec![literal(value)]
}

fn literal(value: &Value) -> Literal {
    match value {
        Value::Str(text) => Literal::new_simple_literal(&**text),
        Value::Bool(b) => xsd(b.to_string(), "boolean"),
        Value::Int(n) => xsd(n.to_string(), "integer"),
        Value::Float(x) if x.is_finite() => xsd(format!("{x:?}"), "double"),
        // rdflib writes what is not finite as Python does, which is neither XML Schema nor JSON
        Value::Float(_)
        | Value::List(_)
        | Value::Null
        | Value::Map(_)
        | Value::Node(_)
        | Value::Rel(_)
        | Value::Path(_) => {
            let mut out = String::new();
            json::write_value(&mut out, value, &Entities::default());
            ours(out, JSON)
        }
        temporal => {
            let plain = text::scalar(temporal).unwrap_or_default();
            match xml(temporal, &plain) {
                Some((text, ty)) => xsd(text, ty),
                None => ours(plain, TEMPORAL),
            }
        }
    }
}

/// What is left of a value when another program writes it again: rdflib keeps 7 digits of a double in Turtle, and moments
/// and durations to a microsecond, as Python does. Two values of which the same is left are told apart by [`EXACT`] only.
///
/// [`EXACT`]: super::EXACT
pub(in crate::io) fn left_of(value: &Value) -> String {
    match value {
        Value::Float(x) if x.is_finite() => format!("{x:.6e}"),
        Value::Float(_) | Value::Str(_) | Value::Int(_) | Value::Bool(_) | Value::List(_) => cypher::literal(value),
        other => {
            let text = cypher::literal(other);
            let Some((whole, fraction)) = text.split_once('.') else { return text };
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let (kept, behind) = (fraction[..digits.min(MICROSECOND)].trim_end_matches('0'), &fraction[digits..]);
            match kept {
                // a time without seconds is written without
                "" => format!("{}{behind}", whole.strip_suffix(":00").unwrap_or(whole)),
                kept => format!("{whole}.{kept}{behind}"),
            }
        }
    }
}

/// Whether another program may cut the value.
pub(super) fn is_fine(value: &Value) -> bool {
    match value {
        Value::Float(x) if x.is_finite() => left_of(value).parse() != Ok(*x),
        Value::Float(_) | Value::Str(_) | Value::Int(_) | Value::Bool(_) => false,
        // a list that is told one by one is told exactly all the same, any other is JSON
        Value::List(_) => false,
        other => {
            let text = cypher::literal(other);
            let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
            fraction.bytes().take_while(u8::is_ascii_digit).count() > MICROSECOND
        }
    }
}

/// A temporal value as XML Schema writes it, where it can.
fn xml(value: &Value, text: &str) -> Option<(String, &'static str)> {
    let (date, clock) = match value {
        Value::Date(_) => (Some(text), None),
        Value::Time(_) | Value::LocalTime(_) => (None, Some(text)),
        Value::DateTime(_) | Value::LocalDateTime(_) => {
            let (date, clock) = text.split_once('T')?;
            (Some(date), Some(clock))
        }
        Value::Duration(_) => {
            let plain = !text.contains('-');
            return plain.then(|| (text.to_owned(), "duration"));
        }
        _ => return None,
    };
    if date.is_some_and(|date| date.len() != "2022-06-01".len() || date.starts_with("0000") || date.starts_with('-')) {
        return None;
    }
    let Some(clock) = clock else { return Some((text.to_owned(), "date")) };
    let (time, zone) = clock.split_at(clock.find(['Z', '+', '-', '[']).unwrap_or(clock.len()));
    // a named zone has no place in XML Schema, an offset with seconds or beyond 14 hours neither
    let hours: u32 = zone.get(1..3).unwrap_or("0").parse().ok()?;
    if zone.contains('[') || zone.len() > "+01:00".len() || hours >= 14 {
        return None;
    }
    let seconds = if time.len() == "12:31".len() { ":00" } else { "" };
    match date {
        Some(date) => Some((format!("{date}T{time}{seconds}{zone}"), "dateTime")),
        None => Some((format!("{time}{seconds}{zone}"), "time")),
    }
}

fn xsd(text: String, ty: &str) -> Literal {
    Literal::new_typed_literal(text, NamedNode::new_unchecked(format!("{XSD}{ty}")))
}

fn ours(text: String, ty: &str) -> Literal {
    Literal::new_typed_literal(text, NamedNode::new_unchecked(format!("{TERM}{ty}")))
}

/// The value of a literal, whatever its type; nothing when its type is none that has values here, or the text is not of
/// the type.
pub(in crate::io) fn read(literal: &Literal) -> Result<Option<Value>> {
    let (text, ty) = (literal.value(), literal.datatype().as_str().to_owned());
    if let Some(ty) = ty.strip_prefix(TERM) {
        return match ty {
            JSON => json::read_value(&json::parse_text(text)?).map(Some),
            TEMPORAL => json::read_temporal(text).map(Some),
            _ => Ok(None),
        };
    }
    if literal.language().is_some() {
        return Ok(Some(Value::str(text)));
    }
    let Some(ty) = ty.strip_prefix(XSD) else { return Ok(None) };
    let trimmed = text.trim();
    Ok(match ty {
        "string" | "normalizedString" | "token" | "language" | "anyURI" => Some(Value::str(text)),
        "boolean" => match trimmed {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        "integer" | "long" | "int" | "short" | "byte" | "nonNegativeInteger" | "positiveInteger"
        | "nonPositiveInteger" | "negativeInteger" | "unsignedLong" | "unsignedInt" | "unsignedShort"
        | "unsignedByte" => trimmed.parse().ok().map(Value::Int),
        "double" | "float" | "decimal" => match trimmed {
            // XML Schema's words, and those of Python, which rdflib writes
            "INF" | "+INF" | "inf" => Some(Value::Float(f64::INFINITY)),
            "-INF" | "-inf" => Some(Value::Float(f64::NEG_INFINITY)),
            "NaN" | "nan" => Some(Value::Float(f64::NAN)),
            // every text of a double or float means the nearest number
            other if ty != "decimal" && is_number(other) => {
                other.parse().ok().filter(|x: &f64| x.is_finite()).map(Value::Float)
            }
            // what Rust reads besides
            other if other.contains(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E')) => None,
            other => exact(other).map(Value::Float),
        },
        "date" | "dateTime" | "dateTimeStamp" | "time" | "duration" | "dayTimeDuration" | "yearMonthDuration" => {
            let value = json::read_temporal(trimmed).ok();
            value.filter(|value| match ty {
                "date" => matches!(value, Value::Date(_)),
                "time" => matches!(value, Value::Time(_) | Value::LocalTime(_)),
                "dateTime" | "dateTimeStamp" => matches!(value, Value::DateTime(_) | Value::LocalDateTime(_)),
                _ => matches!(value, Value::Duration(_)),
            })
        }
        _ => None,
    })
}

/// A number that is as exact in ours as it is written; nothing for what would be rounded or become infinite.
fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'))
}

fn exact(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    let (digits, power) = decimal(text)?;
    let (same_digits, same_power) = decimal(&format!("{number:e}"))?;
    // the shortest text that gives the number again is the number, for people
    (number.is_finite() && digits == same_digits && (power == same_power || digits == "0")).then_some(number)
}

/// The digits of a number without zeros around them, and the power of ten of the last.
fn decimal(text: &str) -> Option<(String, i64)> {
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let power: i64 = power.parse().ok()?;
    let mantissa = mantissa.trim_start_matches(['+', '-']);
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{part}");
    let power = power - part.len() as i64;
    let short = digits.trim_end_matches('0');
    let power = power + (digits.len() - short.len()) as i64;
    let short = short.trim_start_matches('0');
    Some(if short.is_empty() { ("0".to_owned(), 0) } else { (short.to_owned(), power) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_went_under_a_type_that_others_know() {
        for (json, ty) in [
            ("true", "boolean"),
            ("-9223372036854775808", "integer"),
            ("1e300", "double"),
            ("-0.0", "double"),
            ("\"\\u0000 \\ud83d\\ude00\"", "string"),
            ("{\"$temporal\":\"2022-06-01\"}", "date"),
            ("{\"$temporal\":\"12:31\"}", "time"),
            ("{\"$temporal\":\"12:31:14.645+01:00\"}", "time"),
            ("{\"$temporal\":\"1984-10-11T12:31\"}", "dateTime"),
            ("{\"$temporal\":\"1984-10-11T12:31Z\"}", "dateTime"),
            ("{\"$temporal\":\"P1Y2M3DT4H5M6.7S\"}", "duration"),
        ] {
            let value = json::read_value(&json::parse_text(json).expect(json)).expect(json);
            let literal = literal(&value);
            assert_eq!(literal.datatype().as_str(), format!("{XSD}{ty}"), "{json}");
            assert_eq!(shown(&read(&literal).expect(json).expect(json)), shown(&value), "{json}");
        }
        for json in [
            "{\"$temporal\":\"1984-10-11T12:31:14+01:00[Europe/Stockholm]\"}",
            "{\"$temporal\":\"-0044-03-15\"}",
            "{\"$temporal\":\"0000-03-15\"}",
            "{\"$temporal\":\"12:31+01:00:30\"}",
            "{\"$temporal\":\"12:31+18:00\"}",
            "{\"$temporal\":\"P1Y2M-3DT4H\"}",
            "{\"$float\":\"-Infinity\"}",
            "{\"$float\":\"NaN\"}",
            "[]",
            "[1,[\"a\",null]]",
        ] {
            let value = json::read_value(&json::parse_text(json).expect(json)).expect(json);
            let literal = literal(&value);
            assert!(literal.datatype().as_str().starts_with(TERM), "{json}: {literal}");
            assert_eq!(shown(&read(&literal).expect(json).expect(json)), shown(&value), "{json}");
        }
    }

    #[test]
    fn a_number_that_ours_cannot_hold_exactly_is_none() {
        let of = |text: &str| read(&xsd(text.to_owned(), "decimal")).expect("a literal").is_some();
        for text in ["0.1", "1.10", "-00.50", "0", "-0.0", "1234567890.678900", "1e22", "9007199254740992"] {
            assert!(of(text), "{text}");
        }
        for text in
            ["12345678901234567890.123", "0.1000000000000000055511151231257827", "1e400", "1e-400", "9007199254740993"]
        {
            assert!(!of(text), "{text}");
        }
    }

    #[test]
    fn distinct_plain_values_are_told_one_by_one() {
        let count = |json: &str| literals(&json::read_value(&json::parse_text(json).expect(json)).expect(json)).len();
        assert_eq!((count("[1,2.0,\"a\"]"), count("[1,1]"), count("[1]"), count("[1,[2]]")), (3, 1, 1, 1));
    }

    fn shown(value: &Value) -> String {
        crate::io::cypher::literal(value)
    }
}
