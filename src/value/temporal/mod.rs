//! Dates, times, durations: openCypher's six temporal types.
//!
//! ```text
//! text ─ parse ─┐                       ┌─ access   (.year, .epochMillis)
//! map  ─ construct ─► six plain structs ┼─ print    (what toString gives)
//! value ─ truncate ┘   calendar, zone   ├─ shift    (+ and - a duration)
//!                                       └─ between  (the duration from one to another)
//! ```
//!
//! Invariants: years lie in ±999,999,999, offsets in ±18 hours, nanoseconds of a second in 0..1e9; every
//! operation that would leave these ranges is an error, never an overflow. Nothing here reads a clock:
//! whoever needs "now" is handed an [`Instant`]. `jiff` (the bundled time zone database) is used in
//! `zone` alone.

pub(crate) mod access;
pub(crate) mod between;
mod calendar;
pub(crate) mod construct;
mod duration;
pub(crate) mod fields;
#[cfg(test)]
mod laws;
pub(crate) mod parse;
mod print;
mod shift;
pub(crate) mod truncate;
mod zone;

use std::cmp::Ordering;
use std::sync::Arc;

use crate::error::{Code, Error};

pub(crate) use zone::Zone;

/// The last year that dates know; the first is its negative.
pub const MAX_YEAR: i64 = 999_999_999;

pub(crate) const NANOS_PER_SECOND: i64 = 1_000_000_000;
pub(crate) const SECONDS_PER_DAY: i64 = 86_400;
pub(crate) const NANOS_PER_DAY: i64 = SECONDS_PER_DAY * NANOS_PER_SECOND;
/// The largest distance of a zone from UTC, in seconds.
pub(crate) const MAX_OFFSET: i32 = 18 * 3600;

/// A day of the proleptic Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    /// Days since 1970-01-01.
    pub days: i64,
}

/// A time of day without a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalTime {
    /// Nanoseconds since midnight.
    pub nanos: i64,
}

/// A time of day with an offset from UTC. Equal when time and offset are; ordered by instant, then offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Time {
    /// Local nanoseconds since midnight.
    pub nanos: i64,
    /// Seconds east of UTC.
    pub offset: i32,
}

/// A date and a time of day without a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalDateTime {
    /// Seconds since 1970-01-01T00:00:00 local.
    pub seconds: i64,
    /// Nanoseconds of the second.
    pub nanos: u32,
}

/// An instant with its zone. Equal when local time and zone are; ordered by instant, then zone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DateTime {
    /// Local date and time.
    pub local: LocalDateTime,
    /// Seconds east of UTC.
    pub offset: i32,
    /// IANA name, when one was given.
    pub zone: Option<Arc<str>>,
}

/// Months, days, seconds and nanoseconds, each kept apart, each with its own sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Duration {
    /// Months.
    pub months: i64,
    /// Days.
    pub days: i64,
    /// Seconds, rounded down.
    pub seconds: i64,
    /// Nanoseconds above `seconds`, 0..1e9.
    pub nanos: i32,
}

/// A moment on the world's clock; what functions that need "now" are handed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instant {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// Nanoseconds of the second.
    pub nanos: u32,
}

impl Time {
    /// Nanoseconds since midnight UTC of the same day; negative or beyond a day near midnight.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::{LocalTime, Time};
    ///
    /// let noon = Time { nanos: LocalTime::new(12, 0, 0, 0)?.nanos, offset: 3600 };
    /// assert_eq!(noon.utc_nanos(), 11 * 3600 * 1_000_000_000);
    /// # Ok(())
    /// # }
    /// ```
    pub fn utc_nanos(self) -> i64 {
        self.nanos - i64::from(self.offset) * NANOS_PER_SECOND
    }
}

impl Ord for Time {
    fn cmp(&self, other: &Self) -> Ordering {
        self.utc_nanos().cmp(&other.utc_nanos()).then(self.offset.cmp(&other.offset))
    }
}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl DateTime {
    /// The moment on the world's clock.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::{DateTime, Instant};
    ///
    /// let epoch = Instant { seconds: 0, nanos: 0 };
    /// assert_eq!(DateTime::at(epoch, "Europe/Paris")?.instant(), epoch);
    /// # Ok(())
    /// # }
    /// ```
    pub fn instant(&self) -> Instant {
        Instant { seconds: self.local.seconds - i64::from(self.offset), nanos: self.local.nanos }
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z of a moment in UTC, where that is all there is to say of it: it has no
    /// name of a zone, and lies between 1677 and 2262.
    pub(crate) fn utc_nanos(&self) -> Option<i64> {
        let nanos = self.local.seconds.checked_mul(NANOS_PER_SECOND)?.checked_add(self.local.nanos.into())?;
        (self.offset == 0 && self.zone.is_none()).then_some(nanos)
    }

    /// The moment in UTC so many nanoseconds after 1970-01-01T00:00:00Z.
    pub(crate) fn from_utc_nanos(nanos: i64) -> Self {
        let seconds = nanos.div_euclid(NANOS_PER_SECOND);
        let local = LocalDateTime { seconds, nanos: nanos.rem_euclid(NANOS_PER_SECOND) as u32 };
        Self { local, offset: 0, zone: None }
    }
}

impl Ord for DateTime {
    fn cmp(&self, other: &Self) -> Ordering {
        self.instant()
            .cmp(&other.instant())
            .then(self.offset.cmp(&other.offset))
            .then_with(|| self.zone.cmp(&other.zone))
    }
}

impl PartialOrd for DateTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A date, time or duration that does not exist or lies outside the range.
/// One component under two spellings of its name.
fn given_twice(name: &str, key: &str) -> Error {
    invalid(format!("`{name}` and `{key}` are the same component: give one"))
}

fn invalid(message: impl Into<String>) -> Error {
    Error::argument(Code::InvalidTemporal, message)
}

/// A computation that leaves the range of years or of 64 bits.
fn out_of_range() -> Error {
    Error::arithmetic(Code::InvalidTemporal, "the result lies outside the years ±999,999,999 or outside 64 bits")
}
