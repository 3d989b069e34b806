//! Temporal values out of strings, maps and each other, and out of "now".
//!
//! A map may *select*: `{date: d, time: t, day: 28}` takes the date of `d` and the time of `t` and then
//! overrides components. A zone given beside a selected time that has one converts the instant; beside
//! one that has none it is merely attached.

use std::sync::Arc;

use super::duration::{Builder, Ratio, UNITS};
use super::fields::{Fields, Kind, wrong_type, zone};
use super::{Date, DateTime, Duration, Instant, LocalDateTime, LocalTime, Time, Zone, invalid, out_of_range, parse};
use crate::error::{Code, Error, Result, nearest};
use crate::value::{Map, Value};

/// What a temporal value consists of, as far as it has it.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub(super) date: Option<Date>,
    pub(super) time: Option<LocalTime>,
    /// The zone, and the offset that clocks there had.
    pub(super) zone: Option<(Zone, i32)>,
}

impl Parts {
    /// Nothing for what is no date or time.
    pub(super) fn of(value: &Value) -> Option<Self> {
        let (date, time, zone) = match value {
            Value::Date(date) => (Some(*date), None, None),
            Value::LocalTime(time) => (None, Some(*time), None),
            Value::Time(t) => (None, Some(LocalTime { nanos: t.nanos }), Some((Zone::Offset(t.offset), t.offset))),
            Value::LocalDateTime(t) => (Some(t.date()), Some(t.time()), None),
            Value::DateTime(t) => (Some(t.local.date()), Some(t.local.time()), Some((t.zone(), t.offset))),
            _ => return None,
        };
        Some(Self { date, time, zone })
    }

    fn select(what: &str, value: &Value) -> Result<Self> {
        Self::of(value).ok_or_else(|| wrong_type(what, "a date or time", value))
    }
}

/// `date(value)`, `localtime(value)` and so on. Errors: cannot be read, built or converted.
pub(crate) fn construct(kind: Kind, value: &Value, now: Instant) -> Result<Value> {
    match (kind, value) {
        (_, Value::Null) => Ok(Value::Null),
        (Kind::Date, Value::Str(text)) => parse::date(text).map(Value::Date),
        (Kind::LocalTime, Value::Str(text)) => parse::local_time(text).map(Value::LocalTime),
        (Kind::Time, Value::Str(text)) => parse::time(text).map(Value::Time),
        (Kind::LocalDateTime, Value::Str(text)) => parse::local_date_time(text).map(Value::LocalDateTime),
        (Kind::DateTime, Value::Str(text)) => parse::date_time(text).map(|t| Value::DateTime(Arc::new(t))),
        (_, Value::Map(map)) => from_map(kind, map, now),
        (_, value) => {
            let what = format!("the argument of {}()", kind.name());
            let parts =
                Parts::of(value).ok_or_else(|| wrong_type(&what, "a string, a map, a date or a time", value))?;
            if kind.has_date() && parts.date.is_none() {
                return Err(wrong_type(&what, "a value that has a date", value));
            }
            if !kind.has_date() && parts.time.is_none() {
                return Err(wrong_type(&what, "a value that has a time", value));
            }
            assemble(
                kind,
                parts.date.unwrap_or(Date { days: 0 }),
                parts.time.unwrap_or(LocalTime::MIDNIGHT),
                parts.zone,
            )
        }
    }
}

/// The moment `now` as clocks in `zone` show it.
pub(crate) fn now_in(kind: Kind, now: Instant, zone: &Zone) -> Result<Value> {
    let there = zone.at(now)?;
    let parts = (there.zone(), there.offset);
    assemble(kind, there.local.date(), there.local.time(), Some(parts))
}

/// A zone out of the argument of `date.statement('Europe/Berlin')`. Errors: no string, no such zone.
pub(crate) fn zone_of(value: &Value) -> Result<Zone> {
    zone(value)
}

/// `datetime.fromepoch(seconds, nanoseconds)`. Errors: outside the range of years.
pub(crate) fn from_epoch(seconds: i64, nanos: i64) -> Result<Value> {
    let instant = Instant { seconds, nanos: 0 }.plus_nanos(i128::from(nanos))?;
    Zone::UTC.at(instant).map(|t| Value::DateTime(Arc::new(t)))
}

/// `datetime.fromepochmillis(milliseconds)`. Errors: outside the range of years.
pub(crate) fn from_epoch_millis(millis: i64) -> Result<Value> {
    from_epoch(millis.div_euclid(1000), millis.rem_euclid(1000) * 1_000_000)
}

/// `duration(value)`: from a string, a map of amounts, a duration. Errors: cannot be read, overflow.
pub(crate) fn duration(value: &Value) -> Result<Value> {
    let duration = match value {
        Value::Null => return Ok(Value::Null),
        Value::Duration(_) => return Ok(value.clone()),
        Value::Str(text) => parse::duration(text)?,
        Value::Map(map) => duration_from_map(map)?,
        other => return Err(wrong_type("the argument of duration()", "a string, a map or a duration", other)),
    };
    Ok(Value::Duration(Arc::new(duration)))
}

fn duration_from_map(map: &Map) -> Result<Duration> {
    let mut sum = Builder::default();
    for (key, value) in map.entries() {
        let Some((name, factor, base)) = UNITS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(key)) else {
            let shown: String = key.chars().filter(|c| !c.is_control()).take(40).collect();
            let message = format!("duration() has no component `{shown}`");
            let error = Error::argument(Code::InvalidArgumentValue, message);
            return Err(match nearest(key, UNITS.iter().map(|(name, ..)| *name)) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error,
            });
        };
        if *name != &**key && map.get(name).is_some() {
            return Err(super::given_twice(name, key));
        }
        let amount = match value {
            Value::Int(n) => Ratio::whole(*n),
            Value::Float(x) => Ratio::of(*x)?,
            other => return Err(wrong_type(key, "a number", other)),
        };
        sum.add(amount, *factor, *base)?;
    }
    sum.build()
}

fn from_map(kind: Kind, map: &Map, now: Instant) -> Result<Value> {
    let fields = Fields::read(kind, map)?;
    if map.entries().is_empty() {
        return Err(invalid(format!("{}() needs at least one component", kind.name())));
    }
    if fields.only_zone() {
        return now_in(kind, now, fields.zone.as_ref().unwrap_or(&Zone::UTC));
    }
    if fields.epoch_seconds.is_some() || fields.epoch_millis.is_some() {
        return from_epoch_map(&fields);
    }
    let selected = select(&fields)?;
    let date = match kind.has_date() {
        true => fields.build_date(selected.date)?,
        false => Date { days: 0 },
    };
    let time = match kind.has_time() {
        true => fields.build_time(selected.time)?,
        false => LocalTime::MIDNIGHT,
    };
    match (&fields.zone, selected.zone) {
        (Some(zone), Some((from, offset))) if kind == Kind::DateTime => {
            let there = from.resolve(LocalDateTime::new(date, time), Some(offset))?.in_zone(zone)?;
            Ok(Value::DateTime(Arc::new(there)))
        }
        (Some(zone), Some((_, offset))) if kind == Kind::Time => {
            let to = zone.offset_at(now)?;
            let moved = Time { nanos: time.nanos, offset }.with_offset(to);
            Ok(Value::Time(moved))
        }
        (Some(zone), _) if kind == Kind::Time => {
            // a named zone has no offset of its own: a time of day takes the one of today
            Ok(Value::Time(Time { nanos: time.nanos, offset: zone.offset_at(now)? }))
        }
        (Some(zone), _) if kind == Kind::DateTime => {
            Ok(Value::DateTime(Arc::new(zone.resolve(LocalDateTime::new(date, time), None)?)))
        }
        (Some(_), _) => assemble(kind, date, time, None),
        (None, selected) => assemble(kind, date, time, selected),
    }
}

/// What `date`, `time` and `datetime` in the map bring along.
fn select(fields: &Fields) -> Result<Parts> {
    if let Some(value) = &fields.from_date_time {
        if fields.from_date.is_some() || fields.from_time.is_some() {
            return Err(invalid("datetime cannot be given together with date or time"));
        }
        let parts = Parts::select("datetime", value)?;
        if parts.date.is_none() {
            return Err(wrong_type("datetime", "a value that has a date", value));
        }
        return Ok(Parts { time: Some(parts.time.unwrap_or(LocalTime::MIDNIGHT)), ..parts });
    }
    let mut selected = Parts { date: None, time: None, zone: None };
    if let Some(value) = &fields.from_date {
        selected.date = Parts::select("date", value)?.date;
        if selected.date.is_none() {
            return Err(wrong_type("date", "a value that has a date", value));
        }
    }
    if let Some(value) = &fields.from_time {
        let parts = Parts::select("time", value)?;
        if parts.time.is_none() {
            return Err(wrong_type("time", "a value that has a time", value));
        }
        (selected.time, selected.zone) = (parts.time, parts.zone);
    }
    Ok(selected)
}

/// `{epochSeconds: …}` or `{epochMillis: …}`, finer parts on top, shown in the zone.
fn from_epoch_map(fields: &Fields) -> Result<Value> {
    let selected = fields.from_date.is_some() || fields.from_time.is_some() || fields.from_date_time.is_some();
    let below = fields.below_second()?;
    let instant = match (fields.epoch_seconds, fields.epoch_millis) {
        _ if selected || fields.has_date_components() => {
            return Err(invalid("an epoch cannot be given together with a date or time"));
        }
        (Some(_), Some(_)) => return Err(invalid("epochSeconds and epochMillis cannot be given together")),
        (Some(seconds), None) => Instant { seconds, nanos: below as u32 },
        (None, millis) => {
            let millis = millis.unwrap_or(0);
            let nanos = i128::from(millis.rem_euclid(1000)) * 1_000_000 + i128::from(below);
            Instant { seconds: millis.div_euclid(1000), nanos: 0 }.plus_nanos(nanos)?
        }
    };
    let zone = fields.zone.as_ref().unwrap_or(&Zone::UTC);
    zone.at(instant).map(|t| Value::DateTime(Arc::new(t)))
}

/// Parts to the value of a kind; without a zone, UTC.
pub(super) fn assemble(kind: Kind, date: Date, time: LocalTime, zone: Option<(Zone, i32)>) -> Result<Value> {
    let local = LocalDateTime::new(date, time);
    Ok(match kind {
        Kind::Date => Value::Date(date),
        Kind::LocalTime => Value::LocalTime(time),
        Kind::LocalDateTime => Value::LocalDateTime(local),
        Kind::Time => Value::Time(Time { nanos: time.nanos, offset: zone.map_or(0, |(_, offset)| offset) }),
        Kind::DateTime => {
            let (zone, offset) = zone.unwrap_or((Zone::UTC, 0));
            Value::DateTime(Arc::new(zone.resolve(local, Some(offset))?))
        }
    })
}

impl Time {
    /// The same instant of the day on clocks with another offset.
    fn with_offset(self, offset: i32) -> Self {
        let nanos = i128::from(self.utc_nanos()) + i128::from(offset) * i128::from(super::NANOS_PER_SECOND);
        Self { nanos: super::calendar::wrap_day(nanos), offset }
    }
}

impl DateTime {
    /// Milliseconds since 1970. Errors: beyond 64 bits.
    pub(super) fn epoch_millis(&self) -> Result<i64> {
        let at = self.instant();
        let millis = at.seconds.checked_mul(1000).and_then(|ms| ms.checked_add(i64::from(at.nanos / 1_000_000)));
        millis.ok_or_else(out_of_range)
    }
}
