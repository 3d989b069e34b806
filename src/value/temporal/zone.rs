//! Zones: fixed offsets and names of the time zone database. The only user of `jiff`.
//!
//! A local time that a named zone skips (spring) moves forward by the length of the gap; one that it
//! has twice (autumn) is the earlier, unless the offset that was asked for says otherwise. Names are
//! looked up in the database compiled into the program, never in the file system.

use std::sync::Arc;

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::{DateTime, Instant, LocalDateTime, MAX_OFFSET, NANOS_PER_SECOND, invalid, out_of_range};
use crate::error::Result;

/// How a local time hangs on the world's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Zone {
    /// Seconds east of UTC.
    Offset(i32),
    /// A name of the time zone database, spelled as the database spells it.
    Named(Arc<str>),
}

/// 400 Gregorian years: after them weekdays and leap years, and so the rules of a zone, repeat.
const CYCLE: i64 = 146_097 * super::SECONDS_PER_DAY;
/// Seconds of 9900-01-01 and of -9900-01-01: well inside what the database can be asked.
const LAST_KNOWN: i64 = 250_246_627_200;
const FIRST_KNOWN: i64 = -374_580_979_200;

impl Zone {
    pub(crate) const UTC: Self = Self::Offset(0);

    /// `Z`, `+01:00`, `+0100`, `+01`, `+02:05:59` or a name such as `Europe/Stockholm`.
    /// Errors: none of these, or no such zone.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        match text.as_bytes().first() {
            Some(b'+' | b'-') => offset(text).map(Self::Offset),
            Some(b'Z' | b'z') if text.len() == 1 => Ok(Self::UTC),
            _ => Self::named(text),
        }
    }

    /// A zone of the database. Errors: no such zone.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let tz = lookup(name)?;
        Ok(Self::Named(tz.iana_name().unwrap_or(name).into()))
    }

    /// The moment at which clocks in this zone show `local`; `preferred` decides between two offsets.
    /// Errors: outside the range of years.
    pub(crate) fn resolve(&self, local: LocalDateTime, preferred: Option<i32>) -> Result<DateTime> {
        let name = match self {
            Self::Offset(offset) => return Ok(DateTime { local, offset: *offset, zone: None }),
            Self::Named(name) => name,
        };
        let known = civil_of(LocalDateTime { seconds: fold(local.seconds), nanos: 0 })?;
        let (offset, shift) = match lookup(name)?.to_ambiguous_timestamp(known).offset() {
            AmbiguousOffset::Unambiguous { offset } => (offset.seconds(), 0),
            AmbiguousOffset::Gap { before, after } => (after.seconds(), after.seconds() - before.seconds()),
            AmbiguousOffset::Fold { after, .. } if preferred == Some(after.seconds()) => (after.seconds(), 0),
            AmbiguousOffset::Fold { before, .. } => (before.seconds(), 0),
        };
        let local = LocalDateTime::from_seconds(local.seconds + i64::from(shift), local.nanos)?;
        Ok(DateTime { local, offset, zone: Some(name.clone()) })
    }

    /// What clocks in this zone show at `instant`. Errors: outside the range of years.
    pub(crate) fn at(&self, instant: Instant) -> Result<DateTime> {
        let (offset, zone) = match self {
            Self::Offset(offset) => (*offset, None),
            Self::Named(name) => (offset_at(name, instant)?, Some(name.clone())),
        };
        let seconds = instant.seconds.checked_add(i64::from(offset)).ok_or_else(out_of_range)?;
        Ok(DateTime { local: LocalDateTime::from_seconds(seconds, instant.nanos)?, offset, zone })
    }

    /// Seconds east of UTC at `instant`.
    pub(crate) fn offset_at(&self, instant: Instant) -> Result<i32> {
        match self {
            Self::Offset(offset) => Ok(*offset),
            Self::Named(name) => offset_at(name, instant),
        }
    }
}

impl DateTime {
    /// What clocks in `zone` (`Europe/Stockholm`, `+01:00`, `Z`) show at an instant. Errors: no such zone; outside the range
    /// of years.
    ///
    /// ```
    /// use shejire::value::temporal::{DateTime, Instant};
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let moment = DateTime::at(Instant { seconds: 0, nanos: 0 }, "Asia/Almaty")?;
    /// assert_eq!(moment.to_string(), "1970-01-01T06:00+06:00[Asia/Almaty]");
    /// # Ok(())
    /// # }
    /// ```
    pub fn at(instant: Instant, zone: &str) -> Result<Self> {
        Zone::parse(zone)?.at(instant)
    }

    /// The moment at which clocks in `zone` show `local`; of two the earlier. Errors: no such zone; outside the range of
    /// years.
    ///
    /// ```
    /// use shejire::value::temporal::{DateTime, LocalDateTime};
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let moment = DateTime::in_zone_of(LocalDateTime::from_seconds(0, 0)?, "Asia/Almaty")?;
    /// assert_eq!(moment.instant().seconds, -6 * 3600);
    /// # Ok(())
    /// # }
    /// ```
    pub fn in_zone_of(local: LocalDateTime, zone: &str) -> Result<Self> {
        Zone::parse(zone)?.resolve(local, None)
    }

    /// The zone: its name when it has one, else its offset.
    pub(crate) fn zone(&self) -> Zone {
        self.zone.clone().map_or(Zone::Offset(self.offset), Zone::Named)
    }

    /// The same instant as clocks in `zone` show it.
    pub(crate) fn in_zone(&self, zone: &Zone) -> Result<Self> {
        zone.at(self.instant())
    }
}

impl Instant {
    /// The instant this computer's clock shows. To be asked once a statement, never while rows flow.
    /// Whatever it shows: a year of which there are no dates is an error where it is asked for.
    ///
    /// ```
    /// use shejire::value::temporal::Instant;
    ///
    /// assert!(Instant::now().seconds > 1_700_000_000, "it is later than 2023");
    /// ```
    pub fn now() -> Self {
        Self::of(SystemTime::now())
    }

    fn of(time: SystemTime) -> Self {
        let nanos = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => after.as_nanos() as i128,
            Err(before) => -(before.duration().as_nanos() as i128),
        };
        let per_second = i128::from(NANOS_PER_SECOND);
        Self { seconds: nanos.div_euclid(per_second) as i64, nanos: nanos.rem_euclid(per_second) as u32 }
    }

    /// `nanos` later. Errors: outside 64 bits of seconds.
    pub(super) fn plus_nanos(self, nanos: i128) -> Result<Self> {
        let per_second = i128::from(NANOS_PER_SECOND);
        let total = i128::from(self.seconds) * per_second + i128::from(self.nanos) + nanos;
        let seconds = i64::try_from(total.div_euclid(per_second)).map_err(|_| out_of_range())?;
        Ok(Self { seconds, nanos: total.rem_euclid(per_second) as u32 })
    }
}

/// `±HH`, `±HHMM`, `±HH:MM`, `±HHMMSS`, `±HH:MM:SS`, within 18 hours.
pub(super) fn offset(text: &str) -> Result<i32> {
    let wrong = || invalid(format!("`{text}` is no offset from UTC such as +01:00"));
    let (sign, rest) = match text.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => return Err(wrong()),
    };
    let bytes = rest.as_bytes();
    let digits: Vec<u8> = match (bytes.len(), rest.contains(':')) {
        (2 | 4 | 6, false) => bytes.to_vec(),
        (5, true) if bytes[2] == b':' => [&bytes[..2], &bytes[3..]].concat(),
        (8, true) if bytes[2] == b':' && bytes[5] == b':' => [&bytes[..2], &bytes[3..5], &bytes[6..]].concat(),
        _ => return Err(wrong()),
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(wrong());
    }
    let pair = |at: usize| digits.get(at..at + 2).map_or(0, |d| i32::from(d[0] - b'0') * 10 + i32::from(d[1] - b'0'));
    let (hours, minutes, seconds) = (pair(0), pair(2), pair(4));
    let total = (hours * 60 + minutes) * 60 + seconds;
    if minutes > 59 || seconds > 59 || total > MAX_OFFSET {
        return Err(invalid(format!("`{text}` lies outside ±18:00")));
    }
    Ok(sign * total)
}

fn lookup(name: &str) -> Result<TimeZone> {
    let plausible = !name.is_empty()
        && name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'+'));
    let found = if plausible { TimeZone::get(name).ok().filter(|tz| !tz.is_unknown()) } else { None };
    found.ok_or_else(|| {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
        invalid(format!("there is no time zone named `{shown}`")).hint("names look like Europe/Stockholm or +01:00")
    })
}

fn offset_at(name: &str, instant: Instant) -> Result<i32> {
    let known = Timestamp::from_second(fold(instant.seconds)).map_err(|_| out_of_range())?;
    Ok(lookup(name)?.to_offset(known).seconds())
}

/// A second with the same rules inside the years the database can be asked: the future repeats every
/// 400 years, the far past is all before the first transition.
fn fold(seconds: i64) -> i64 {
    if seconds >= LAST_KNOWN {
        return LAST_KNOWN - CYCLE + (seconds - LAST_KNOWN).rem_euclid(CYCLE);
    }
    seconds.max(FIRST_KNOWN)
}

fn civil_of(local: LocalDateTime) -> Result<civil::DateTime> {
    let (year, month, day) = local.date().civil();
    let (hour, minute, second, _) = local.time().parts();
    let year = i16::try_from(year).map_err(|_| out_of_range())?;
    civil::DateTime::new(year, month as i8, day as i8, hour as i8, minute as i8, second as i8, 0)
        .map_err(|_| out_of_range())
}

#[cfg(test)]
mod tests {
    use super::super::{Date, LocalTime, parse};
    use super::*;

    fn resolved(local: &str, zone: &str) -> String {
        let local = parse::local_date_time(local).expect("a local datetime");
        Zone::parse(zone).and_then(|z| z.resolve(local, None)).expect("a datetime").to_string()
    }

    #[test]
    fn the_known_ends_are_what_their_names_say() {
        let seconds = |year| LocalDateTime::new(Date::new(year, 1, 1).expect("a day"), LocalTime::MIDNIGHT).seconds;
        assert_eq!((LAST_KNOWN, FIRST_KNOWN), (seconds(9900), seconds(-9900)));
    }

    #[test]
    fn gaps_move_forward_and_overlaps_take_the_earlier() {
        assert_eq!(resolved("2026-03-29T02:30", "Europe/Berlin"), "2026-03-29T03:30+02:00[Europe/Berlin]");
        assert_eq!(resolved("2026-10-25T02:30", "Europe/Berlin"), "2026-10-25T02:30+02:00[Europe/Berlin]");
        let overlap = parse::local_date_time("2026-10-25T02:30").expect("a local datetime");
        let later = Zone::parse("Europe/Berlin").and_then(|z| z.resolve(overlap, Some(3600))).expect("a datetime");
        assert_eq!(later.offset, 3600);
    }

    #[test]
    fn rules_reach_the_ends_of_the_range() {
        assert_eq!(resolved("+999999999-07-01T00:00", "Europe/Berlin"), "+999999999-07-01T00:00+02:00[Europe/Berlin]");
        assert_eq!(resolved("+999999999-01-01T00:00", "Europe/Berlin"), "+999999999-01-01T00:00+01:00[Europe/Berlin]");
        assert_eq!(
            resolved("-999999999-07-01T00:00", "Europe/Berlin"),
            "-999999999-07-01T00:00+00:53:28[Europe/Berlin]"
        );
        assert_eq!(resolved("1818-07-21T21:40", "Europe/Stockholm"), "1818-07-21T21:40+00:53:28[Europe/Stockholm]");
    }

    #[test]
    fn offsets_have_five_spellings_and_a_limit() {
        for (text, seconds) in
            [("+01", 3600), ("-0130", -5400), ("+01:30", 5400), ("-020507", -7507), ("+18:00", 64800)]
        {
            assert_eq!(offset(text).expect("an offset"), seconds, "{text}");
        }
        for text in ["+19:00", "+18:00:01", "+1", "+01:60", "+01:3", "+0x", "1", "", "+é1", "+-1", "+01:00:0"] {
            assert!(offset(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_never_leave_the_database() {
        for name in ["Mars/Olympus", "../../../etc/passwd", "/etc/localtime", "Etc/Unknown", "", "é", &"a".repeat(1000)]
        {
            assert!(Zone::parse(name).is_err(), "{name}");
        }
        assert_eq!(Zone::parse("europe/berlin").expect("a zone"), Zone::Named("Europe/Berlin".into()));
    }
}

#[cfg(test)]
mod clock_tests {
    use std::time::{Duration, SystemTime};

    use super::super::construct::now_in;
    use super::super::fields::Kind;
    use super::*;

    /// A clock in the year 10000 ended the program.
    #[test]
    fn a_clock_that_is_wrong_by_any_amount_gives_a_moment_or_an_error() {
        let (mut right, mut refused) = (0, 0);
        for power in 0..63 {
            for off in [0u64, 1, 59, 253_402_300_800] {
                let by = Duration::new((1u64 << power).saturating_add(off).min(i64::MAX as u64), 999_999_999);
                let times = [SystemTime::UNIX_EPOCH.checked_add(by), SystemTime::UNIX_EPOCH.checked_sub(by)];
                for time in times.into_iter().flatten() {
                    let zones = [Zone::UTC, Zone::Offset(-64_800), Zone::Named("Asia/Almaty".into())];
                    for (kind, zone) in [Kind::Date, Kind::DateTime, Kind::LocalDateTime, Kind::Time, Kind::LocalTime]
                        .into_iter()
                        .flat_map(|kind| zones.iter().map(move |zone| (kind, zone)))
                    {
                        match now_in(kind, Instant::of(time), zone) {
                            Ok(_) => right += 1,
                            Err(_) => refused += 1,
                        }
                    }
                }
            }
        }
        assert!(right > 1000 && refused > 500, "{right} {refused}");
        assert_eq!(
            Instant::of(SystemTime::UNIX_EPOCH - Duration::from_nanos(1)),
            Instant { seconds: -1, nanos: 999_999_999 }
        );
    }
}
