//! `format()`: temporal values as a pattern of letters says, as Java's `DateTimeFormatter` and so Neo4j reads it.

use std::fmt::Write as _;

use super::argument::{text, wrong_type};
use super::signature::Type;
use super::{Body, CallContext, Function, parameters};
use crate::error::{Code, Error, Result};
use crate::value::edtf::month_name;
use crate::value::temporal::access::component;
use crate::value::temporal::construct::{from_epoch, from_epoch_millis};
use crate::value::{Value, text as written};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "format",
        parameters![value: Type::INSTANT, pattern: Type::STRING],
        Type::STRING,
        "A date or time as a pattern says (`yyyy-MM-dd HH:mm:ss`, `d MMMM y`, `EEE`), in English; without one as toString.",
        ("RETURN format(date('2024-02-29'), 'd MMMM yyyy') AS v", "'29 February 2024'"),
        Body::Scalar(format),
    )
    .optional(1),
    Function::new(
        "apoc.date.format",
        parameters![time: Type::INTEGER, unit: Type::STRING, pattern: Type::STRING],
        Type::STRING,
        "A moment, in ms, s, m, h or d since 1970, in UTC as a pattern of `format` says (`yyyy-MM-dd HH:mm:ss`).",
        ("RETURN apoc.date.format(86400, 's') AS v", "'1970-01-02 00:00:00'"),
        Body::Scalar(from_moment),
    )
    .optional(2),
];

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn format(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let value = &arguments[0];
    if !matches!(
        value,
        Value::Date(_) | Value::LocalTime(_) | Value::Time(_) | Value::LocalDateTime(_) | Value::DateTime(_)
    ) {
        return Err(wrong_type("format", "a date or time", value));
    }
    match arguments.get(1) {
        None => Ok(written::scalar(value).map_or(Value::Null, Value::from)),
        Some(pattern) => {
            let pattern = text("format", pattern)?;
            context.charge(pattern.len() * 4)?;
            by_pattern(value, pattern).map(Value::from)
        }
    }
}

fn from_moment(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let Value::Int(time) = arguments[0] else {
        return Err(wrong_type("apoc.date.format", "an integer", &arguments[0]));
    };
    let unit = arguments.get(1).map_or(Ok("ms"), |unit| text("apoc.date.format", unit).map(|unit| &**unit))?;
    let seconds = match unit {
        "ms" | "milli" | "millis" | "milliseconds" => None,
        "s" | "second" | "seconds" => Some(1),
        "m" | "minute" | "minutes" => Some(60),
        "h" | "hour" | "hours" => Some(3_600),
        "d" | "day" | "days" => Some(86_400),
        other => {
            let message = format!("the unit is ms, s, m, h or d, not '{other}'");
            return Err(Error::argument(Code::InvalidArgumentValue, message));
        }
    };
    let beyond = || Error::argument(Code::NumberOutOfRange, "this moment lies outside of all years");
    let moment = match seconds {
        None => from_epoch_millis(time)?,
        Some(seconds) => from_epoch(time.checked_mul(seconds).ok_or_else(beyond)?, 0)?,
    };
    let pattern = arguments.get(2).map_or(Ok("yyyy-MM-dd HH:mm:ss"), |p| text("apoc.date.format", p).map(|p| &**p))?;
    context.charge(pattern.len() * 4)?;
    by_pattern(&moment, pattern).map(Value::from)
}

/// The value in the letters of the pattern; what stands between quotes, and what is no letter, stands for itself.
fn by_pattern(value: &Value, pattern: &str) -> Result<String> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        if c == '\'' {
            rest = quoted(&rest[1..], &mut out)?;
        } else if c.is_ascii_alphabetic() {
            let length = rest.len() - rest.trim_start_matches(c).len();
            letters(value, c, length, &mut out)?;
            rest = &rest[length..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    Ok(out)
}

/// What stands between quotes, of which two are one; what is behind them.
fn quoted<'p>(inner: &'p str, out: &mut String) -> Result<&'p str> {
    if let Some(behind) = inner.strip_prefix('\'') {
        out.push('\'');
        return Ok(behind);
    }
    let mut rest = inner;
    while let Some(end) = rest.find('\'') {
        out.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(behind) => {
                out.push('\'');
                rest = behind;
            }
            None => return Ok(rest),
        }
    }
    Err(Error::argument(Code::InvalidArgumentValue, "a quote in the pattern is never closed")
        .hint("a quote itself is written ''"))
}

/// One run of a letter.
fn letters(value: &Value, letter: char, length: usize, out: &mut String) -> Result<()> {
    let number = |key: &str| match component(value, key) {
        Ok(Value::Int(number)) => Ok(number),
        _ => {
            let message = format!("a {} has no {key}, which `{letter}` in the pattern stands for", value.type_name());
            Err(Error::argument(Code::InvalidArgumentValue, message))
        }
    };
    let mut padded = |number: i64| -> Result<()> {
        let sign = if number < 0 { "-" } else { "" };
        let _ = write!(out, "{sign}{:0length$}", number.unsigned_abs());
        Ok(())
    };
    let name = |whole: &'static str| match length {
        4 => whole,
        5 => &whole[..1],
        _ => &whole[..3],
    };
    match letter {
        'G' => {
            out.push_str(if number("year")? > 0 { "AD" } else { "BC" });
            Ok(())
        }
        'y' | 'u' => {
            let year = number("year")?;
            // `y` counts within an era, in which there is no year 0
            let year = if letter == 'y' && year < 1 { 1 - year } else { year };
            if length == 2 {
                return padded(year.rem_euclid(100));
            }
            let long = year > 0 && length >= 4 && year.to_string().len() > length;
            out.push_str(if long { "+" } else { "" });
            let sign = if year < 0 { "-" } else { "" };
            let _ = write!(out, "{sign}{:0length$}", year.unsigned_abs());
            Ok(())
        }
        'Q' | 'q' => padded(number("quarter")?),
        'M' | 'L' if length > 2 => {
            out.push_str(name(month_name(number("month")?)));
            Ok(())
        }
        'M' | 'L' => padded(number("month")?),
        'd' => padded(number("day")?),
        'D' => padded(number("ordinalDay")?),
        'E' => {
            let day = usize::try_from(number("dayOfWeek")? - 1).ok().and_then(|at| DAYS.get(at));
            out.push_str(name(day.copied().unwrap_or_default()));
            Ok(())
        }
        'H' => padded(number("hour")?),
        'k' => padded(if number("hour")? == 0 { 24 } else { number("hour")? }),
        'K' => padded(number("hour")? % 12),
        'h' => padded(if number("hour")? % 12 == 0 { 12 } else { number("hour")? % 12 }),
        'a' => {
            out.push_str(if number("hour")? < 12 { "AM" } else { "PM" });
            Ok(())
        }
        'm' => padded(number("minute")?),
        's' => padded(number("second")?),
        'S' => {
            let digits = format!("{:09}", number("nanosecond")?);
            out.extend(digits.chars().chain(std::iter::repeat('0')).take(length));
            Ok(())
        }
        'n' => padded(number("nanosecond")?),
        'V' | 'z' | 'v' => match component(value, "timezone") {
            Ok(Value::Str(zone)) => {
                out.push_str(&zone);
                Ok(())
            }
            _ => number("timezone").map(drop),
        },
        'X' | 'x' | 'Z' | 'O' => {
            offset(number("offsetSeconds")?, letter, length, out);
            Ok(())
        }
        _ => {
            let message = format!("`{letter}` means nothing in a pattern");
            Err(Error::argument(Code::InvalidArgumentValue, message).hint(
                "letters are y M d (date), H h m s S (time), a, E (day of the week), D, Q, V X x Z O (zone); words stand in \
                 quotes: 'o''clock'",
            ))
        }
    }
}

/// `+01`, `+0100`, `+01:00`, with `X` a `Z` for UTC.
fn offset(seconds: i64, letter: char, length: usize, out: &mut String) {
    if seconds == 0 && letter == 'X' || seconds == 0 && letter == 'Z' && length == 5 {
        out.push('Z');
        return;
    }
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs() / 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let _ = match (letter, length) {
        ('O', _) | ('Z', 4) if seconds == 0 => write!(out, "GMT"),
        ('O', 4) | ('Z', 4) => write!(out, "GMT{sign}{hours:02}:{minutes:02}"),
        ('O', _) if minutes == 0 => write!(out, "GMT{sign}{hours}"),
        ('O', _) => write!(out, "GMT{sign}{hours}:{minutes:02}"),
        ('X' | 'x', 1) if minutes == 0 => write!(out, "{sign}{hours:02}"),
        ('X' | 'x', 1 | 2 | 4) | ('Z', 1..=3) => write!(out, "{sign}{hours:02}{minutes:02}"),
        _ => write!(out, "{sign}{hours:02}:{minutes:02}"),
    };
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, shown};

    #[test]
    fn patterns_are_read_as_java_reads_them() {
        let moment = call("datetime", &["1984-10-01T08:05:03.045006007+01:30".into()]).expect("a moment");
        for (pattern, wanted) in [
            ("yyyy-MM-dd'T'HH:mm:ss.SSS", "'1984-10-01T08:05:03.045'"),
            ("yy M d H h K k a", "'84 10 1 8 8 8 8 AM'"),
            ("EEEE, d. MMM y; Q D G", "'Monday, 1. Oct 1984; 4 275 AD'"),
            ("MMMMM E EEEEE", "'O Mon M'"),
            ("h 'o''clock'", "'8 o\\'clock'"),
            (
                "X XX XXX x xx xxx Z ZZZZ ZZZZZ O",
                "'+0130 +0130 +01:30 +0130 +0130 +01:30 +0130 GMT+01:30 +01:30 GMT+1:30'",
            ),
            ("SSSSSSSSSSSS n 日", "'045006007000 45006007 日'"),
            ("", "''"),
        ] {
            assert_eq!(shown("format", &[moment.clone(), pattern.into()]), wanted, "{pattern}");
        }
        let midnight = call("datetime", &["2000-01-01T00:00Z".into()]).expect("a moment");
        assert_eq!(shown("format", &[midnight, "h K k a X XXX x ZZZZZ".into()]), "'12 0 24 AM Z Z +00 Z'");
        let before = call("date", &["-0043-03-15".into()]).expect("a date");
        assert_eq!(shown("format", &[before.clone(), "uuuu yyyy G".into()]), "'-0043 0044 BC'");
        let far = call("date", &["+12345-01-01".into()]).expect("a date");
        assert_eq!(shown("format", &[far, "yyyy uuuuuu yy".into()]), "'+12345 012345 45'");
        assert_eq!(shown("format", &[before]), "'-0043-03-15'");
    }

    #[test]
    fn what_a_value_has_not_is_an_error() {
        let date = call("date", &["2024-02-29".into()]).expect("a date");
        for pattern in ["HH", "X", "VV", "b", "'open"] {
            assert_eq!(shown("format", &[date.clone(), pattern.into()]), "InvalidArgumentValue", "{pattern}");
        }
        let message = call("format", &[date, "HH".into()]).expect_err("no hour").message().to_owned();
        assert_eq!(message, "a Date has no hour, which `H` in the pattern stands for");
        assert_eq!(shown("apoc.date.format", &[0.into(), "ms".into()]), "'1970-01-01 00:00:00'");
        assert_eq!(shown("apoc.date.format", &[i64::MAX.into(), "d".into()]), "NumberOutOfRange");
        assert_eq!(shown("apoc.date.format", &[0.into(), "fortnight".into()]), "InvalidArgumentValue");
    }
}
