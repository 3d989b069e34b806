//! Later and earlier: a temporal value plus a duration, in the order months, days, seconds.

use super::calendar::wrap_day;
use super::{Date, DateTime, Duration, LocalDateTime, LocalTime, NANOS_PER_DAY, SECONDS_PER_DAY, Time};
use crate::error::Result;

impl Date {
    /// `duration` later; of its seconds only whole days count. Errors: outside the range of years.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::{Date, Duration};
    ///
    /// assert_eq!(Date::new(2024, 1, 31)?.plus(&Duration::of(1, 0, 0)?)?, Date::new(2024, 2, 29)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn plus(self, duration: &Duration) -> Result<Self> {
        let whole = (duration.clock_nanos() / i128::from(NANOS_PER_DAY)) as i64;
        self.plus_months(duration.months)?.plus_days(duration.days)?.plus_days(whole)
    }
}

impl LocalTime {
    /// `duration` later, around midnight; months and days do not count.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::{Duration, LocalTime};
    ///
    /// let hours = |n: i128| Duration::of(0, 0, n * 3_600_000_000_000);
    /// assert_eq!(LocalTime::new(23, 0, 0, 0)?.plus(&hours(2)?), LocalTime::new(1, 0, 0, 0)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn plus(self, duration: &Duration) -> Self {
        Self { nanos: wrap_day(i128::from(self.nanos) + duration.clock_nanos()) }
    }
}

impl Time {
    /// `duration` later, around midnight; months and days do not count.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::{Duration, Time};
    ///
    /// let midnight = Time { nanos: 0, offset: 7200 };
    /// let later = midnight.plus(&Duration::of(0, 0, 60_000_000_000)?);
    /// assert_eq!((later.nanos, later.offset), (60_000_000_000, 7200));
    /// # Ok(())
    /// # }
    /// ```
    pub fn plus(self, duration: &Duration) -> Self {
        Self { nanos: LocalTime { nanos: self.nanos }.plus(duration).nanos, offset: self.offset }
    }
}

impl LocalDateTime {
    /// `duration` later. Errors: outside the range of years.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::{Duration, LocalDateTime};
    ///
    /// let next = LocalDateTime::from_seconds(86_399, 0)?.plus(&Duration::of(0, 0, 1_000_000_000)?)?;
    /// assert_eq!(next.to_string(), "1970-01-02T00:00");
    /// # Ok(())
    /// # }
    /// ```
    pub fn plus(self, duration: &Duration) -> Result<Self> {
        self.plus_calendar(duration.months, duration.days)?.plus_nanos(duration.clock_nanos())
    }

    /// Months, then days later; the time of day stays.
    pub(super) fn plus_calendar(self, months: i64, days: i64) -> Result<Self> {
        let date = self.date().plus_months(months)?.plus_days(days)?;
        Ok(Self { seconds: date.days * SECONDS_PER_DAY + self.seconds.rem_euclid(SECONDS_PER_DAY), nanos: self.nanos })
    }
}

impl DateTime {
    /// `duration` later: months and days on the local calendar, seconds on the world's clock.
    /// Errors: outside the range of years.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::{DateTime, Duration, Instant};
    ///
    /// let epoch = DateTime::at(Instant { seconds: 0, nanos: 0 }, "UTC")?;
    /// assert_eq!(epoch.plus(&Duration::of(0, 1, 0)?)?.instant().seconds, 86_400);
    /// # Ok(())
    /// # }
    /// ```
    pub fn plus(&self, duration: &Duration) -> Result<Self> {
        self.plus_calendar(duration.months, duration.days)?.plus_nanos(duration.clock_nanos())
    }

    /// Months, then days later on the local calendar; each step lands on a time that exists in the zone.
    pub(super) fn plus_calendar(&self, months: i64, days: i64) -> Result<Self> {
        let mut moved = self.clone();
        for (months, days) in [(months, 0), (0, days)] {
            if (months, days) != (0, 0) {
                moved = moved.zone().resolve(moved.local.plus_calendar(months, days)?, Some(moved.offset))?;
            }
        }
        Ok(moved)
    }

    /// `nanos` later on the world's clock.
    pub(super) fn plus_nanos(&self, nanos: i128) -> Result<Self> {
        if nanos == 0 {
            return Ok(self.clone());
        }
        self.zone().at(self.instant().plus_nanos(nanos)?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Duration, parse};
    use super::*;

    fn date(text: &str) -> Date {
        parse::date(text).expect("a date")
    }

    fn duration(text: &str) -> Duration {
        parse::duration(text).expect("a duration")
    }

    #[test]
    fn months_clip_to_the_end_before_days_are_added() {
        assert_eq!(date("2024-01-31").plus(&duration("P1M")).expect("in range"), date("2024-02-29"));
        assert_eq!(date("2024-01-31").plus(&duration("P1M1D")).expect("in range"), date("2024-03-01"));
        assert_eq!(date("2024-03-31").plus(&duration("P-1M")).expect("in range"), date("2024-02-29"));
    }

    #[test]
    fn whole_days_of_seconds_move_a_date_towards_their_sign_only() {
        assert_eq!(date("2024-01-10").plus(&duration("PT23H59M")).expect("in range"), date("2024-01-10"));
        assert_eq!(date("2024-01-10").plus(&duration("PT24H")).expect("in range"), date("2024-01-11"));
        assert_eq!(date("2024-01-10").plus(&duration("PT-23H-59M")).expect("in range"), date("2024-01-10"));
        assert_eq!(date("2024-01-10").plus(&duration("PT-24H-0.5S")).expect("in range"), date("2024-01-09"));
    }

    #[test]
    fn times_wrap_at_midnight() {
        let time = parse::local_time("23:30").expect("a time");
        assert_eq!(time.plus(&duration("PT1H")).to_string(), "00:30");
        assert_eq!(time.plus(&duration("P3DT-24H")).to_string(), "23:30");
    }

    #[test]
    fn days_keep_the_wall_clock_and_hours_the_world_clock_across_dst() {
        let before = parse::date_time("2026-03-28T02:30[Europe/Berlin]").expect("a datetime");
        assert_eq!(
            before.plus(&duration("P1D")).expect("in range").to_string(),
            "2026-03-29T03:30+02:00[Europe/Berlin]"
        );
        assert_eq!(
            before.plus(&duration("PT24H")).expect("in range").to_string(),
            "2026-03-29T03:30+02:00[Europe/Berlin]"
        );
        let autumn = parse::date_time("2026-10-24T12:00[Europe/Berlin]").expect("a datetime");
        assert_eq!(
            autumn.plus(&duration("P1D")).expect("in range").to_string(),
            "2026-10-25T12:00+01:00[Europe/Berlin]"
        );
        assert_eq!(
            autumn.plus(&duration("PT24H")).expect("in range").to_string(),
            "2026-10-25T11:00+01:00[Europe/Berlin]"
        );
    }
}
