//! Components of temporal values: `d.year`, `t.offsetMinutes`, `p.monthsOfYear`.

use super::construct::Parts;
use super::{Date, Duration, LocalTime, Zone, out_of_range};
use crate::error::{Code, Error, Result, nearest};
use crate::value::Value;

/// The component `key` of a temporal value, in any case of letters; null of null. Errors: it has none of that name, beyond
/// 64 bits.
pub(crate) fn component(value: &Value, key: &str) -> Result<Value> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    if let Some(found) = named(value, key)? {
        return Ok(found);
    }
    match groups(value).iter().copied().flatten().find(|name| name.eq_ignore_ascii_case(key)) {
        Some(name) => named(value, name)?.ok_or_else(|| unknown(value, key)),
        None => Err(unknown(value, key)),
    }
}

/// The component of exactly that name.
fn named(value: &Value, key: &str) -> Result<Option<Value>> {
    match value {
        Value::Duration(duration) => Ok(of_duration(duration, key)?.map(Value::Int)),
        value => match Parts::of(value) {
            Some(parts) => of_parts(value, &parts, key),
            None => Ok(None),
        },
    }
}

const OF_DATE: &[&str] =
    &["year", "quarter", "month", "week", "weekYear", "day", "ordinalDay", "weekDay", "dayOfWeek", "dayOfQuarter"];
const OF_TIME: &[&str] = &["hour", "minute", "second", "millisecond", "microsecond", "nanosecond"];
const OF_ZONE: &[&str] = &["timezone", "offset", "offsetMinutes", "offsetSeconds"];
const OF_INSTANT: &[&str] = &["epochSeconds", "epochMillis"];
const OF_DURATION: &[&str] = &[
    "years",
    "quarters",
    "months",
    "weeks",
    "days",
    "hours",
    "minutes",
    "seconds",
    "milliseconds",
    "microseconds",
    "nanoseconds",
    "quartersOfYear",
    "monthsOfQuarter",
    "monthsOfYear",
    "daysOfWeek",
    "minutesOfHour",
    "secondsOfMinute",
    "millisecondsOfSecond",
    "microsecondsOfSecond",
    "nanosecondsOfSecond",
];

fn of_parts(value: &Value, parts: &Parts, key: &str) -> Result<Option<Value>> {
    let number = parts.date.and_then(|date| of_date(date, key)).or_else(|| of_time(parts.time?, key));
    if number.is_some() {
        return Ok(number.map(Value::Int));
    }
    if let Some((zone, offset)) = &parts.zone {
        let minutes = i64::from(*offset / 60);
        match key {
            "timezone" => return Ok(Some(zone.to_string().into())),
            "offset" => return Ok(Some(Zone::Offset(*offset).to_string().into())),
            "offsetMinutes" => return Ok(Some(minutes.into())),
            "offsetSeconds" => return Ok(Some(i64::from(*offset).into())),
            _ => {}
        }
    }
    Ok(match (value, key) {
        (Value::DateTime(t), "epochSeconds") => Some(t.instant().seconds.into()),
        (Value::DateTime(t), "epochMillis") => Some(t.epoch_millis()?.into()),
        _ => None,
    })
}

fn of_date(date: Date, key: &str) -> Option<i64> {
    Some(match key {
        "year" => date.year(),
        "quarter" => date.quarter(),
        "month" => date.civil().1,
        "week" => date.week().1,
        "weekYear" => date.week().0,
        "day" => date.civil().2,
        "ordinalDay" => date.ordinal_day(),
        "weekDay" | "dayOfWeek" => date.day_of_week(),
        "dayOfQuarter" => date.day_of_quarter(),
        _ => return None,
    })
}

fn of_time(time: LocalTime, key: &str) -> Option<i64> {
    let (hour, minute, second, nanos) = time.parts();
    Some(match key {
        "hour" => hour,
        "minute" => minute,
        "second" => second,
        "millisecond" => nanos / 1_000_000,
        "microsecond" => nanos / 1_000,
        "nanosecond" => nanos,
        _ => return None,
    })
}

/// Whole amounts of the unit within its group (months, days or seconds); `…Of…` what is left of them.
fn of_duration(d: &Duration, key: &str) -> Result<Option<i64>> {
    let below = i64::from(d.nanos);
    let total = |per_nano: i128| i64::try_from(d.clock_nanos() / per_nano).map_err(|_| out_of_range());
    Ok(Some(match key {
        "years" => d.months / 12,
        "quarters" => d.months / 3,
        "months" => d.months,
        "weeks" => d.days / 7,
        "days" => d.days,
        "hours" => d.seconds / 3600,
        "minutes" => d.seconds / 60,
        "seconds" => d.seconds,
        "milliseconds" => total(1_000_000)?,
        "microseconds" => total(1_000)?,
        "nanoseconds" => total(1)?,
        "quartersOfYear" => d.months / 3 % 4,
        "monthsOfQuarter" => d.months % 3,
        "monthsOfYear" => d.months % 12,
        "daysOfWeek" => d.days % 7,
        "minutesOfHour" => d.seconds / 60 % 60,
        "secondsOfMinute" => d.seconds % 60,
        "millisecondsOfSecond" => below / 1_000_000,
        "microsecondsOfSecond" => below / 1_000,
        "nanosecondsOfSecond" => below,
        _ => return Ok(None),
    }))
}

/// The names of the components that a value of its type has.
fn groups(value: &Value) -> &'static [&'static [&'static str]] {
    match value {
        Value::Date(_) => &[OF_DATE],
        Value::LocalTime(_) => &[OF_TIME],
        Value::Time(_) => &[OF_TIME, OF_ZONE],
        Value::LocalDateTime(_) => &[OF_DATE, OF_TIME],
        Value::DateTime(_) => &[OF_DATE, OF_TIME, OF_ZONE, OF_INSTANT],
        Value::Duration(_) => &[OF_DURATION],
        _ => &[],
    }
}

fn unknown(value: &Value, key: &str) -> Error {
    let shown: String = key.chars().filter(|c| !c.is_control()).take(40).collect();
    let message = format!("a {} has no component `{shown}`", value.type_name());
    let error = Error::type_error(Code::InvalidArgumentValue, message);
    match nearest(key, groups(value).iter().copied().flatten().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::parse;
    use super::*;
    use crate::value::text::literal;

    fn shown(value: &Value, key: &str) -> String {
        component(value, key).map_or_else(|e| e.code().name().into(), |v| literal(&v, None).expect("no entities"))
    }

    #[test]
    fn every_documented_component_is_there() {
        let moment = Value::DateTime(Arc::new(parse::date_time("1969-12-31T23:59:59.5+01:00").expect("a datetime")));
        for key in OF_DATE.iter().chain(OF_TIME).chain(OF_ZONE).chain(OF_INSTANT) {
            assert!(component(&moment, key).is_ok(), "{key}");
            assert_eq!(shown(&moment, &key.to_lowercase()), shown(&moment, key));
            assert_eq!(shown(&moment, &key.to_uppercase()), shown(&moment, key));
        }
        let duration = Value::Duration(Arc::new(parse::duration("P1Y4M10DT1H1M1.5S").expect("a duration")));
        for key in OF_DURATION {
            assert!(component(&duration, key).is_ok(), "{key}");
            assert_eq!(shown(&duration, &key.to_lowercase()), shown(&duration, key));
        }
        for (key, wanted) in [
            ("weekYear", "1970"),
            ("week", "1"),
            ("dayOfQuarter", "92"),
            ("millisecond", "500"),
            ("timezone", "'+01:00'"),
            ("offsetMinutes", "60"),
            ("epochSeconds", "-3601"),
            ("epochMillis", "-3600500"),
            ("foo", "InvalidArgumentValue"),
        ] {
            assert_eq!(shown(&moment, key), wanted, "{key}");
        }
    }

    #[test]
    fn parts_of_a_type_stay_with_it_and_amounts_never_overflow() {
        let date = Value::Date(parse::date("2020-01-01").expect("a date"));
        assert_eq!(component(&date, "hour").expect_err("no time").code(), Code::InvalidArgumentValue);
        assert_eq!(component(&date, "yaer").expect_err("a slip").hint_text(), Some("did you mean `year`?"));
        let long = Value::Duration(Arc::new(parse::duration("PT9223372036854775807S").expect("a duration")));
        assert!(component(&long, "nanoseconds").is_err());
        let negative = Value::Duration(Arc::new(parse::duration("PT-0.4S").expect("a duration")));
        assert_eq!((shown(&negative, "milliseconds"), shown(&negative, "seconds")), ("-400".into(), "-1".into()));
    }
}
