//! The maps of `date({year: 1984, …})`: which keys there are, which go together, what they mean on top
//! of a base. Every key is checked; a key that the type does not know is an error with the nearest name.

use super::calendar::{month_length, within};
use super::{Date, LocalTime, NANOS_PER_SECOND, Zone, invalid};
use crate::error::{Code, Error, Result, nearest};
use crate::value::{Map, Value};

/// The components of a date, as keys.
const DATE: [&str; 8] = ["year", "quarter", "month", "week", "ordinalDay", "dayOfQuarter", "dayOfWeek", "day"];
/// The components of a time, as keys.
const TIME: [&str; 6] = ["hour", "minute", "second", "millisecond", "microsecond", "nanosecond"];

/// What a type of temporal value is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Date,
    LocalTime,
    Time,
    LocalDateTime,
    DateTime,
}

impl Kind {
    pub(super) fn has_date(self) -> bool {
        matches!(self, Self::Date | Self::LocalDateTime | Self::DateTime)
    }

    pub(super) fn has_time(self) -> bool {
        self != Self::Date
    }

    pub(super) fn has_zone(self) -> bool {
        matches!(self, Self::Time | Self::DateTime)
    }

    /// The name of the function that makes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::LocalTime => "localtime",
            Self::Time => "time",
            Self::LocalDateTime => "localdatetime",
            Self::DateTime => "datetime",
        }
    }

    /// Values that may be selected from, epochs, the zone: the keys beside the components.
    fn selectors(self) -> &'static [&'static str] {
        match self {
            Self::Date => &["date", "timezone"],
            Self::LocalTime | Self::Time => &["time", "timezone"],
            Self::LocalDateTime => &["date", "time", "datetime", "timezone"],
            Self::DateTime => &["date", "time", "datetime", "timezone", "epochSeconds", "epochMillis"],
        }
    }
}

impl Kind {
    /// All keys its map may have.
    fn keys(self) -> impl Iterator<Item = &'static str> {
        let date = if self.has_date() { &DATE[..] } else { &[] };
        let time = if self.has_time() { &TIME[..] } else { &[] };
        date.iter().chain(time).chain(self.selectors()).copied()
    }

    /// The key that is written `text`, in any case of letters: `epochmillis` is `epochMillis`.
    fn key(self, text: &str) -> Option<&'static str> {
        self.keys().find(|key| *key == text).or_else(|| self.keys().find(|key| key.eq_ignore_ascii_case(text)))
    }
}

/// A checked map.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    date: [Option<i64>; 8],
    time: [Option<i64>; 6],
    pub(super) from_date: Option<Value>,
    pub(super) from_time: Option<Value>,
    pub(super) from_date_time: Option<Value>,
    pub(super) epoch_seconds: Option<i64>,
    pub(super) epoch_millis: Option<i64>,
    pub(super) zone: Option<Zone>,
}

impl Fields {
    /// Reads the map for `kind`. Errors: unknown keys, values of the wrong type, no such zone.
    pub(super) fn read(kind: Kind, map: &Map) -> Result<Self> {
        let mut fields = Self::default();
        for (key, value) in map.entries() {
            match kind.key(key) {
                None => return Err(unknown(kind, key)),
                Some(name) if name != &**key && map.get(name).is_some() => {
                    return Err(super::given_twice(name, key));
                }
                Some(name) => fields.set(kind, name, value)?,
            }
        }
        Ok(fields)
    }

    /// `key` is one of [`Kind::keys`].
    fn set(&mut self, kind: Kind, key: &str, value: &Value) -> Result<()> {
        if let Some(at) = DATE.iter().position(|name| *name == key).filter(|_| kind.has_date()) {
            self.date[at] = Some(integer(key, value)?);
        } else if let Some(at) = TIME.iter().position(|name| *name == key).filter(|_| kind.has_time()) {
            self.time[at] = Some(integer(key, value)?);
        } else {
            match key {
                "date" => self.from_date = Some(value.clone()),
                "time" => self.from_time = Some(value.clone()),
                "datetime" => self.from_date_time = Some(value.clone()),
                "epochSeconds" => self.epoch_seconds = Some(integer(key, value)?),
                "epochMillis" => self.epoch_millis = Some(integer(key, value)?),
                _ => self.zone = Some(zone(value)?),
            }
        }
        Ok(())
    }

    /// Whether nothing but a zone was given: then the value is "now, there".
    pub(super) fn only_zone(&self) -> bool {
        let selected = [&self.from_date, &self.from_time, &self.from_date_time].iter().any(|value| value.is_some());
        let components = self.date.iter().chain(&self.time).any(Option::is_some);
        self.zone.is_some() && !selected && !components && self.epoch_seconds.is_none() && self.epoch_millis.is_none()
    }

    pub(super) fn has_date_components(&self) -> bool {
        self.date.iter().any(Option::is_some)
    }

    /// Makes the sub-second parts of `time` explicit under a finer one that is given:
    /// what truncation to milliseconds and microseconds keeps.
    pub(super) fn keep_below_second(&mut self, time: LocalTime, unit_nanos: i64) {
        let nanos = time.nanos % NANOS_PER_SECOND;
        let [_, _, _, millis, micros, finest] = &mut self.time;
        if unit_nanos == 1_000_000 && (micros.is_some() || finest.is_some()) {
            millis.get_or_insert(nanos / 1_000_000);
        } else if unit_nanos == 1_000 && finest.is_some() {
            micros.get_or_insert(nanos / 1_000);
        }
    }

    /// The date the components describe, each missing one taken from `base`, or without a base its least.
    /// Errors: components of two calendars, a hole between components, no such day.
    pub(super) fn build_date(&self, base: Option<Date>) -> Result<Date> {
        let [year, quarter, month, week, ordinal, day_of_quarter, day_of_week, day] = self.date;
        let systems = [
            ("month or day", month.is_some() || day.is_some()),
            ("week or dayOfWeek", week.is_some() || day_of_week.is_some()),
            ("quarter or dayOfQuarter", quarter.is_some() || day_of_quarter.is_some()),
            ("ordinalDay", ordinal.is_some()),
        ];
        let mut given = systems.iter().filter(|(_, given)| *given).map(|(name, _)| *name);
        let (system, second) = (given.next(), given.next());
        if let (Some(first), Some(second)) = (system, second) {
            return Err(invalid(format!("{first} and {second} cannot be given together")));
        }
        if base.is_none() {
            self.check_no_holes()?;
        }
        let start = match (base, year) {
            (Some(base), Some(year)) if week.is_none() => with_year(base, year)?,
            (Some(base), _) => base,
            (None, Some(year)) => Date::new(year, 1, 1)?,
            (None, None) => return Err(missing("year")),
        };
        match system {
            Some("ordinalDay") => Date::from_ordinal(start.year(), ordinal.unwrap_or(1)),
            Some("week or dayOfWeek") => {
                let (base_year, base_week) = if base.is_some() { start.week() } else { (start.year(), 1) };
                let base_day = if base.is_some() { start.day_of_week() } else { 1 };
                let week_year = if week.is_some() { year.unwrap_or(base_year) } else { base_year };
                Date::from_week(week_year, week.unwrap_or(base_week), day_of_week.unwrap_or(base_day))
            }
            Some("quarter or dayOfQuarter") => {
                let quarter = within("quarter", quarter.unwrap_or(start.quarter()), 1, 4)?;
                let (year, month, day) = start.civil();
                match day_of_quarter {
                    Some(day) => Date::from_quarter(year, quarter, day),
                    None => clipped(year, month + (quarter - start.quarter()) * 3, day),
                }
            }
            _ => {
                let (year, base_month, base_day) = start.civil();
                let month = within("month", month.unwrap_or(base_month), 1, 12)?;
                match day {
                    Some(day) => Date::new(year, month, day),
                    None => clipped(year, month, base_day),
                }
            }
        }
    }

    /// The time the components describe, each missing one taken from `base`, or without a base zero.
    /// Errors: a hole between components, no such time.
    pub(super) fn build_time(&self, base: Option<LocalTime>) -> Result<LocalTime> {
        let [hour, minute, second, millis, micros, nanos] = self.time;
        if base.is_none() {
            let below_second = [millis, micros, nanos].iter().any(Option::is_some);
            for (name, given, finer) in [
                ("hour", hour.is_some(), minute.is_some() || second.is_some() || below_second),
                ("minute", minute.is_some(), second.is_some() || below_second),
                ("second", second.is_some(), below_second),
            ] {
                if finer && !given {
                    return Err(missing(name));
                }
            }
        }
        let (base_hour, base_minute, base_second, base_nanos) = base.unwrap_or(LocalTime::MIDNIGHT).parts();
        let below = if millis.or(micros).or(nanos).is_some() { self.below_second()? } else { base_nanos };
        LocalTime::new(hour.unwrap_or(base_hour), minute.unwrap_or(base_minute), second.unwrap_or(base_second), below)
    }

    /// Nanoseconds of the second out of milli-, micro- and nanoseconds; a coarser one limits the finer.
    pub(super) fn below_second(&self) -> Result<i64> {
        let [_, _, _, millis, micros, nanos] = self.time;
        let most_micros = if millis.is_some() { 999 } else { 999_999 };
        let most_nanos = match (millis, micros) {
            (_, Some(_)) => 999,
            (Some(_), None) => 999_999,
            (None, None) => NANOS_PER_SECOND - 1,
        };
        Ok(within("millisecond", millis.unwrap_or(0), 0, 999)? * 1_000_000
            + within("microsecond", micros.unwrap_or(0), 0, most_micros)? * 1_000
            + within("nanosecond", nanos.unwrap_or(0), 0, most_nanos)?)
    }

    /// A finer component needs the coarser one above it.
    fn check_no_holes(&self) -> Result<()> {
        let [_, quarter, month, week, _, day_of_quarter, day_of_week, day] = self.date;
        for (coarse, name, fine) in
            [(month, "month", day), (week, "week", day_of_week), (quarter, "quarter", day_of_quarter)]
        {
            if fine.is_some() && coarse.is_none() {
                return Err(missing(name));
            }
        }
        Ok(())
    }
}

/// A zone out of a string. Errors: no string, no such zone.
pub(super) fn zone(value: &Value) -> Result<Zone> {
    match value {
        Value::Str(text) => Zone::parse(text),
        other => Err(wrong_type("timezone", "a string", other)),
    }
}

pub(super) fn wrong_type(what: &str, wanted: &str, given: &Value) -> Error {
    Error::type_error(Code::InvalidArgumentType, format!("{what} must be {wanted}, not {}", given.type_name()))
}

fn integer(key: &str, value: &Value) -> Result<i64> {
    match value {
        Value::Int(n) => Ok(*n),
        other => Err(wrong_type(key, "an integer", other)),
    }
}

fn with_year(date: Date, year: i64) -> Result<Date> {
    let (_, month, day) = date.civil();
    within("year", year, -super::MAX_YEAR, super::MAX_YEAR)?;
    clipped(year, month, day)
}

/// The day, or the last one of the month when it is shorter.
fn clipped(year: i64, month: i64, day: i64) -> Result<Date> {
    Date::new(year, month, day.min(month_length(year, month)))
}

fn missing(name: &str) -> Error {
    invalid(format!("{name} must be given too"))
}

fn unknown(kind: Kind, key: &str) -> Error {
    let shown: String = key.chars().filter(|c| !c.is_control()).take(40).collect();
    let error = Error::argument(Code::InvalidArgumentValue, format!("{}() has no component `{shown}`", kind.name()));
    match nearest(key, kind.keys()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error,
    }
}
