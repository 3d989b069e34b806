//! `date.truncate('week', x, {…})`: the beginning of the unit that `x` lies in, then components on top.

use super::calendar::first_monday;
use std::sync::Arc;

use super::construct::{Parts, assemble};
use super::fields::{Fields, Kind, wrong_type};
use super::{Date, LocalDateTime, LocalTime, NANOS_PER_DAY, NANOS_PER_SECOND, Zone};
use crate::error::{Code, Error, Result, nearest};
use crate::value::{Map, Value};

/// Units of the calendar, from the largest to the day.
const CALENDAR: [&str; 9] = ["millennium", "century", "decade", "year", "weekYear", "quarter", "month", "week", "day"];
/// Units of the clock in nanoseconds; the day closes the calendar and opens the clock.
const CLOCK: [(&str, i64); 6] = [
    ("day", NANOS_PER_DAY),
    ("hour", 3600 * NANOS_PER_SECOND),
    ("minute", 60 * NANOS_PER_SECOND),
    ("second", NANOS_PER_SECOND),
    ("millisecond", 1_000_000),
    ("microsecond", 1_000),
];

/// `value` cut down to `unit`, as a value of `kind`, with `fields` on top.
/// Errors: no such unit for this kind, a value that lacks the parts, components that do not exist.
pub(crate) fn truncate(kind: Kind, unit: &str, value: &Value, fields: &Map) -> Result<Value> {
    let what = format!("the second argument of {}.truncate()", kind.name());
    let parts = Parts::of(value).ok_or_else(|| wrong_type(&what, "a date or time", value))?;
    let known = unit_of(kind, unit)?;
    let mut fields = Fields::read(kind, fields)?;
    if fields.from_date.is_some() || fields.from_time.is_some() || fields.from_date_time.is_some() {
        return Err(Error::argument(
            Code::InvalidArgumentValue,
            "truncate() takes components, not values to select from",
        ));
    }
    let date = match (parts.date, kind.has_date()) {
        (Some(date), true) => start_of(known, date)?,
        (None, true) => return Err(wrong_type(&what, "a value that has a date", value)),
        (_, false) => Date { days: 0 },
    };
    let time = match (parts.time, kind.has_date()) {
        (Some(time), _) => clock_start(known, time),
        (None, true) => LocalTime::MIDNIGHT,
        (None, false) => return Err(wrong_type(&what, "a value that has a time", value)),
    };
    if let Some((_, nanos)) = CLOCK.iter().find(|(name, _)| *name == known) {
        fields.keep_below_second(time, *nanos);
    }
    let date = if kind.has_date() { fields.build_date(Some(date))? } else { date };
    let time = if kind.has_time() { fields.build_time(Some(time))? } else { time };
    match fields.zone {
        None => assemble(kind, date, time, parts.zone),
        Some(Zone::Offset(offset)) if kind.has_zone() => {
            assemble(kind, date, time, Some((Zone::Offset(offset), offset)))
        }
        Some(zone) if kind == Kind::DateTime => {
            Ok(Value::DateTime(Arc::new(zone.resolve(LocalDateTime::new(date, time), None)?)))
        }
        Some(zone) => {
            let message = format!("{}.truncate() cannot use the timezone {zone}", kind.name());
            Err(Error::argument(Code::InvalidArgumentValue, message))
        }
    }
}

/// The unit as it is spelled here. Errors: none of that name, or none for this kind.
fn unit_of(kind: Kind, unit: &str) -> Result<&'static str> {
    let calendar = CALENDAR.iter().copied().filter(|_| kind.has_date());
    let clock = CLOCK.iter().map(|(name, _)| *name).filter(|name| kind.has_time() || *name == "day");
    let known: Vec<&'static str> = calendar.chain(clock).collect();
    known.iter().copied().find(|name| name.eq_ignore_ascii_case(unit)).ok_or_else(|| {
        let shown: String = unit.chars().filter(|c| !c.is_control()).take(40).collect();
        let message = format!("{}.truncate() has no unit `{shown}`", kind.name());
        let error = Error::argument(Code::InvalidArgumentValue, message);
        match nearest(unit, known.iter().copied()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error,
        }
    })
}

/// First day of the unit.
fn start_of(unit: &str, date: Date) -> Result<Date> {
    let (year, month, _) = date.civil();
    let of_years = |count: i64| Date::new(year - year.rem_euclid(count), 1, 1);
    match unit {
        "millennium" => of_years(1000),
        "century" => of_years(100),
        "decade" => of_years(10),
        "year" => of_years(1),
        "weekYear" => Date::from_days(first_monday(date.week().0)),
        "quarter" => Date::new(year, (month - 1) / 3 * 3 + 1, 1),
        "month" => Date::new(year, month, 1),
        "week" => Date::from_days(date.days - date.day_of_week() + 1),
        _ => Ok(date),
    }
}

/// Midnight for units of the calendar.
fn clock_start(unit: &str, time: LocalTime) -> LocalTime {
    let size = CLOCK.iter().find(|(name, _)| *name == unit).map_or(NANOS_PER_DAY, |(_, nanos)| *nanos);
    LocalTime { nanos: time.nanos - time.nanos % size }
}
