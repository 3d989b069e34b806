//! The duration from one temporal value to another.
//!
//! What one side lacks is lent by the other: a time without a date takes the other's date, a value
//! without a zone the other's zone. Months and days count only when both sides have a date of their own.

use std::sync::Arc;

use super::construct::Parts;
use super::fields::wrong_type;
use super::{Date, DateTime, Duration, LocalDateTime, LocalTime, NANOS_PER_SECOND, Zone};
use crate::error::Result;
use crate::value::Value;

/// Which parts of the difference are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// `duration.between`: months, then days, then seconds.
    All,
    /// `duration.inMonths`.
    Months,
    /// `duration.inDays`.
    Days,
    /// `duration.inSeconds`.
    Seconds,
}

/// From `a` to `b`; null when either is. Errors: a value that is no date or time.
pub(crate) fn between(unit: Unit, a: &Value, b: &Value) -> Result<Value> {
    if a.is_null() || b.is_null() {
        return Ok(Value::Null);
    }
    let parts = |value| Parts::of(value).ok_or_else(|| wrong_type("both ends of a duration", "dates or times", value));
    let (a, b) = (parts(a)?, parts(b)?);
    let dated = a.date.is_some() && b.date.is_some();
    let (from, to) = (on_clock(&a, &b)?, on_clock(&b, &a)?);
    let duration = match unit {
        Unit::Seconds => Duration::of(0, 0, nanos_between(&from, &to))?,
        _ if !dated && unit != Unit::All => Duration::ZERO,
        Unit::Months => Duration::of(months_between(from.local, to.in_zone(&from.zone())?.local), 0, 0)?,
        Unit::Days => Duration::of(0, days_between(from.local, to.in_zone(&from.zone())?.local), 0)?,
        Unit::All if dated => stepwise(&from, &to)?,
        Unit::All => Duration::of(0, 0, nanos_between(&from, &to))?,
    };
    Ok(Value::Duration(Arc::new(duration)))
}

fn stepwise(from: &DateTime, to: &DateTime) -> Result<Duration> {
    let end = to.in_zone(&from.zone())?.local;
    let months = months_between(from.local, end);
    let after_months = from.plus_calendar(months, 0)?;
    let days = days_between(after_months.local, end);
    let after_days = after_months.plus_calendar(0, days)?;
    Duration::of(months, days, nanos_between(&after_days, to))
}

/// `own` on the world's clock, what it lacks lent by `other`.
fn on_clock(own: &Parts, other: &Parts) -> Result<DateTime> {
    let date = own.date.or(other.date).unwrap_or(Date { days: 0 });
    let local = LocalDateTime::new(date, own.time.unwrap_or(LocalTime::MIDNIGHT));
    match (&own.zone, &other.zone) {
        (Some((zone, offset)), _) => zone.resolve(local, Some(*offset)),
        (None, Some((zone, _))) => zone.resolve(local, None),
        (None, None) => Zone::UTC.resolve(local, None),
    }
}

fn nanos_between(from: &DateTime, to: &DateTime) -> i128 {
    let (from, to) = (from.instant(), to.instant());
    i128::from(to.seconds - from.seconds) * i128::from(NANOS_PER_SECOND) + i128::from(to.nanos) - i128::from(from.nanos)
}

/// Whole months, towards zero.
fn months_between(from: LocalDateTime, to: LocalDateTime) -> i64 {
    let packed = |date: Date| {
        let (year, month, day) = date.civil();
        (year * 12 + month) * 32 + day
    };
    (packed(last_whole_day(from, to)) - packed(from.date())) / 32
}

/// Whole days, towards zero.
fn days_between(from: LocalDateTime, to: LocalDateTime) -> i64 {
    last_whole_day(from, to).days - from.date().days
}

/// The last day on the way to `to` on which the clock has reached the time of `from`.
fn last_whole_day(from: LocalDateTime, to: LocalDateTime) -> Date {
    let (start, end) = (from.date(), to.date());
    let days = if end > start && to.time() < from.time() {
        end.days - 1
    } else if end < start && to.time() > from.time() {
        end.days + 1
    } else {
        end.days
    };
    Date { days }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn value(text: &str) -> Value {
        if text.contains(['+', '[', 'Z']) && text.contains('T') {
            return Value::DateTime(Arc::new(parse::date_time(text).expect("a datetime")));
        }
        if text.contains('T') {
            return Value::LocalDateTime(parse::local_date_time(text).expect("a local datetime"));
        }
        if text.contains(':') {
            return match text.contains(['+', 'Z']) {
                true => Value::Time(parse::time(text).expect("a time")),
                false => Value::LocalTime(parse::local_time(text).expect("a local time")),
            };
        }
        Value::Date(parse::date(text).expect("a date"))
    }

    fn shown(unit: Unit, a: &str, b: &str) -> String {
        match between(unit, &value(a), &value(b)).expect("a duration") {
            Value::Duration(duration) => duration.to_string(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn months_and_days_are_whole_and_the_rest_is_seconds() {
        assert_eq!(shown(Unit::All, "2020-01-31", "2020-02-29"), "P29D");
        assert_eq!(shown(Unit::All, "2020-01-31", "2020-03-31"), "P2M");
        assert_eq!(shown(Unit::All, "2020-03-31", "2020-01-31"), "P-2M");
        assert_eq!(shown(Unit::All, "2020-01-01T12:00", "2020-02-01T11:59"), "P30DT23H59M");
        assert_eq!(shown(Unit::All, "2020-02-01T12:00", "2020-01-01T12:01"), "P-30DT-23H-59M");
        assert_eq!(shown(Unit::Months, "2020-01-15", "2021-03-14"), "P1Y1M");
        assert_eq!(shown(Unit::Days, "2020-01-01", "2021-01-01"), "P366D");
        assert_eq!(shown(Unit::Days, "2020-01-02T00:00", "2020-01-01T00:01"), "PT0S");
    }

    #[test]
    fn what_one_side_lacks_the_other_lends() {
        assert_eq!(shown(Unit::All, "12:00", "2020-05-05T13:00"), "PT1H");
        assert_eq!(shown(Unit::All, "12:00+01:00", "12:00"), "PT0S");
        assert_eq!(shown(Unit::All, "12:00+01:00", "12:00Z"), "PT1H");
        assert_eq!(shown(Unit::Months, "12:00", "2020-05-05T13:00"), "PT0S");
        assert_eq!(shown(Unit::Days, "12:00", "2020-05-05T13:00"), "PT0S");
    }

    #[test]
    fn a_day_of_changing_clocks_has_its_real_length() {
        assert_eq!(shown(Unit::Seconds, "2026-03-29T00:00[Europe/Berlin]", "2026-03-30"), "PT23H");
        assert_eq!(shown(Unit::All, "2026-03-29T00:00[Europe/Berlin]", "2026-03-30"), "P1D");
        assert_eq!(shown(Unit::Seconds, "2026-10-25T00:00[Europe/Berlin]", "2026-10-26"), "PT25H");
    }

    #[test]
    fn the_whole_range_fits() {
        assert_eq!(shown(Unit::All, "-999999999-01-01", "+999999999-12-31"), "P1999999998Y11M30D");
        assert_eq!(shown(Unit::Seconds, "+999999999-12-31", "-999999999-01-01"), "PT-17531639991192H");
        assert!(between(Unit::All, &Value::Null, &value("2020-01-01")).expect("null").is_null());
        assert!(between(Unit::All, &1.into(), &value("2020-01-01")).is_err());
    }
}
