//! Civil arithmetic: days since 1970 and year, month, day, week, quarter, in 64 bits and without a zone.

use super::{Date, LocalDateTime, LocalTime, MAX_YEAR, NANOS_PER_DAY, NANOS_PER_SECOND, SECONDS_PER_DAY, invalid};
use crate::error::Result;

/// Days from 1970-01-01 to the first day that exists.
pub(super) const MIN_DAYS: i64 = days_from_civil(-MAX_YEAR, 1, 1);
/// Days from 1970-01-01 to the last day that exists.
pub(super) const MAX_DAYS: i64 = days_from_civil(MAX_YEAR, 12, 31);

impl Date {
    /// The first day that exists.
    pub const MIN: Self = Self { days: MIN_DAYS };
    /// The last day that exists.
    pub const MAX: Self = Self { days: MAX_DAYS };

    /// The day `days` after 1970-01-01. Errors: outside the years ±999,999,999.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Date;
    ///
    /// assert_eq!(Date::from_days(-1)?.to_string(), "1969-12-31");
    /// assert!(Date::from_days(i64::MAX).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_days(days: i64) -> Result<Self> {
        if !(MIN_DAYS..=MAX_DAYS).contains(&days) {
            return Err(super::out_of_range());
        }
        Ok(Self { days })
    }

    /// Year, month 1-12, day 1-31. Errors: no such day.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Date;
    ///
    /// assert_eq!(Date::new(1841, 5, 2)?.to_string(), "1841-05-02");
    /// assert!(Date::new(1900, 2, 29).is_err(), "1900 was no leap year");
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(year: i64, month: i64, day: i64) -> Result<Self> {
        within("year", year, -MAX_YEAR, MAX_YEAR)?;
        within("month", month, 1, 12)?;
        within("day", day, 1, 31)?;
        let last = month_length(year, month);
        if day > last {
            return Err(invalid(format!("{year}-{month:02} has only {last} days")));
        }
        Ok(Self { days: days_from_civil(year, month, day) })
    }

    /// Year and day of the year 1-366. Errors: no such day.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Date;
    ///
    /// assert_eq!(Date::from_ordinal(2024, 60)?, Date::new(2024, 2, 29)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_ordinal(year: i64, ordinal: i64) -> Result<Self> {
        within("year", year, -MAX_YEAR, MAX_YEAR)?;
        within("ordinalDay", ordinal, 1, 365 + i64::from(is_leap(year)))?;
        Ok(Self { days: days_from_civil(year, 1, 1) + ordinal - 1 })
    }

    /// ISO week year, week 1-53, day of week 1 (Monday) - 7. Errors: no such day.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Date;
    ///
    /// assert_eq!(Date::from_week(2025, 1, 1)?, Date::new(2024, 12, 30)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_week(week_year: i64, week: i64, day_of_week: i64) -> Result<Self> {
        within("year", week_year, -MAX_YEAR, MAX_YEAR)?;
        within("week", week, 1, weeks_in(week_year))?;
        within("dayOfWeek", day_of_week, 1, 7)?;
        Self::from_days(first_monday(week_year) + (week - 1) * 7 + day_of_week - 1)
    }

    /// Year, quarter 1-4, day of the quarter 1-92. Errors: no such day.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Date;
    ///
    /// assert_eq!(Date::from_quarter(1995, 3, 1)?, Date::new(1995, 7, 1)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_quarter(year: i64, quarter: i64, day: i64) -> Result<Self> {
        within("year", year, -MAX_YEAR, MAX_YEAR)?;
        within("quarter", quarter, 1, 4)?;
        let first = days_from_civil(year, quarter * 3 - 2, 1);
        let next =
            if quarter == 4 { days_from_civil(year + 1, 1, 1) } else { days_from_civil(year, quarter * 3 + 1, 1) };
        within("dayOfQuarter", day, 1, next - first)?;
        Ok(Self { days: first + day - 1 })
    }

    /// Year, month 1-12, day 1-31.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Date;
    ///
    /// assert_eq!(Date::from_days(0)?.civil(), (1970, 1, 1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn civil(self) -> (i64, i64, i64) {
        civil_from_days(self.days)
    }

    /// The day of year, month 1-12 and day of the month; nothing when the calendar has none.
    pub(crate) fn at(year: i64, month: i64, day: i64) -> Option<Self> {
        let known = (-MAX_YEAR..=MAX_YEAR).contains(&year) && (1..=12).contains(&month);
        let known = known && (1..=month_length(year, month)).contains(&day);
        known.then(|| Self { days: days_from_civil(year, month, day) })
    }

    /// The last day of a month 1-12 of a year.
    pub(crate) fn month_length(year: i64, month: i64) -> i64 {
        month_length(year, month)
    }

    /// The calendar year.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Date;
    ///
    /// assert_eq!(Date::new(-43, 3, 15)?.year(), -43, "44 BC");
    /// # Ok(())
    /// # }
    /// ```
    pub fn year(self) -> i64 {
        self.civil().0
    }

    /// Day of the year, 1-366.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Date;
    ///
    /// assert_eq!(Date::new(2024, 12, 31)?.ordinal_day(), 366);
    /// # Ok(())
    /// # }
    /// ```
    pub fn ordinal_day(self) -> i64 {
        self.days - days_from_civil(self.year(), 1, 1) + 1
    }

    /// Day of the ISO week, 1 (Monday) - 7.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Date;
    ///
    /// assert_eq!(Date::new(1970, 1, 1)?.day_of_week(), 4, "a Thursday");
    /// # Ok(())
    /// # }
    /// ```
    pub fn day_of_week(self) -> i64 {
        (self.days + 3).rem_euclid(7) + 1
    }

    /// ISO week year and week, 1-53.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Date;
    ///
    /// assert_eq!(Date::new(2021, 1, 3)?.week(), (2020, 53));
    /// # Ok(())
    /// # }
    /// ```
    pub fn week(self) -> (i64, i64) {
        let thursday = self.days - self.day_of_week() + 4;
        let year = civil_from_days(thursday).0;
        (year, (thursday - days_from_civil(year, 1, 1)) / 7 + 1)
    }

    /// The quarter, 1-4.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Date;
    ///
    /// assert_eq!(Date::new(1995, 6, 30)?.quarter(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn quarter(self) -> i64 {
        (self.civil().1 + 2) / 3
    }

    /// Day of the quarter, 1-92.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Date;
    ///
    /// assert_eq!(Date::new(1995, 7, 14)?.day_of_quarter(), 14);
    /// # Ok(())
    /// # }
    /// ```
    pub fn day_of_quarter(self) -> i64 {
        let (year, month, _) = self.civil();
        self.days - days_from_civil(year, (month - 1) / 3 * 3 + 1, 1) + 1
    }

    /// The same day `months` later; a day beyond the end of the month becomes its last day.
    pub(super) fn plus_months(self, months: i64) -> Result<Self> {
        let (year, month, day) = self.civil();
        let total = i128::from(year) * 12 + i128::from(month - 1) + i128::from(months);
        let year = i64::try_from(total.div_euclid(12)).map_err(|_| super::out_of_range())?;
        let month = i64::try_from(total.rem_euclid(12)).map_err(|_| super::out_of_range())? + 1;
        if !(-MAX_YEAR..=MAX_YEAR).contains(&year) {
            return Err(super::out_of_range());
        }
        Ok(Self { days: days_from_civil(year, month, day.min(month_length(year, month))) })
    }

    /// The day `days` later.
    pub(super) fn plus_days(self, days: i64) -> Result<Self> {
        Self::from_days(self.days.checked_add(days).ok_or_else(super::out_of_range)?)
    }
}

impl LocalTime {
    /// Midnight.
    pub const MIDNIGHT: Self = Self { nanos: 0 };

    /// Hour 0-23, minute, second, nanosecond of the second. Errors: no such time.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::LocalTime;
    ///
    /// assert_eq!(LocalTime::new(17, 30, 0, 0)?.to_string(), "17:30");
    /// assert!(LocalTime::new(24, 0, 0, 0).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(hour: i64, minute: i64, second: i64, nano: i64) -> Result<Self> {
        within("hour", hour, 0, 23)?;
        within("minute", minute, 0, 59)?;
        within("second", second, 0, 59)?;
        within("nanosecond", nano, 0, NANOS_PER_SECOND - 1)?;
        Ok(Self { nanos: ((hour * 60 + minute) * 60 + second) * NANOS_PER_SECOND + nano })
    }

    /// Hour, minute, second, nanosecond of the second.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::LocalTime;
    ///
    /// assert_eq!(LocalTime::new(9, 5, 30, 500)?.parts(), (9, 5, 30, 500));
    /// # Ok(())
    /// # }
    /// ```
    pub fn parts(self) -> (i64, i64, i64, i64) {
        let seconds = self.nanos / NANOS_PER_SECOND;
        (seconds / 3600, seconds / 60 % 60, seconds % 60, self.nanos % NANOS_PER_SECOND)
    }
}

impl LocalDateTime {
    /// A day and a time of it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::{Date, LocalDateTime, LocalTime};
    ///
    /// let opened = LocalDateTime::new(Date::new(1894, 6, 30)?, LocalTime::new(12, 0, 0, 0)?);
    /// assert_eq!(opened.to_string(), "1894-06-30T12:00");
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(date: Date, time: LocalTime) -> Self {
        Self {
            seconds: date.days * SECONDS_PER_DAY + time.nanos / NANOS_PER_SECOND,
            nanos: (time.nanos % NANOS_PER_SECOND) as u32,
        }
    }

    /// `seconds` after 1970-01-01T00:00:00 and `nanos` of the second. Errors: outside the range of years.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::LocalDateTime;
    ///
    /// assert_eq!(LocalDateTime::from_seconds(86_400, 0)?.to_string(), "1970-01-02T00:00");
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_seconds(seconds: i64, nanos: u32) -> Result<Self> {
        Date::from_days(seconds.div_euclid(SECONDS_PER_DAY))?;
        Ok(Self { seconds, nanos })
    }

    /// The day.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::{Date, LocalDateTime};
    ///
    /// assert_eq!(LocalDateTime::from_seconds(-1, 0)?.date(), Date::new(1969, 12, 31)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn date(self) -> Date {
        Date { days: self.seconds.div_euclid(SECONDS_PER_DAY) }
    }

    /// The time of the day.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::LocalDateTime;
    ///
    /// assert_eq!(LocalDateTime::from_seconds(-1, 0)?.time().parts(), (23, 59, 59, 0));
    /// # Ok(())
    /// # }
    /// ```
    pub fn time(self) -> LocalTime {
        LocalTime { nanos: self.seconds.rem_euclid(SECONDS_PER_DAY) * NANOS_PER_SECOND + i64::from(self.nanos) }
    }

    /// `nanos` later. Errors: outside the range of years.
    pub(super) fn plus_nanos(self, nanos: i128) -> Result<Self> {
        let total = i128::from(self.seconds) * i128::from(NANOS_PER_SECOND) + i128::from(self.nanos) + nanos;
        let per_second = i128::from(NANOS_PER_SECOND);
        let seconds = i64::try_from(total.div_euclid(per_second)).map_err(|_| super::out_of_range())?;
        Self::from_seconds(seconds, total.rem_euclid(per_second) as u32)
    }
}

/// Wraps nanoseconds around midnight.
pub(super) fn wrap_day(nanos: i128) -> i64 {
    nanos.rem_euclid(i128::from(NANOS_PER_DAY)) as i64
}

/// Whether February of `year` has 29 days.
pub(super) const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days in a month of a year.
pub(super) const fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + is_leap(year) as i64,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// ISO weeks in a week year, 52 or 53.
pub(super) fn weeks_in(week_year: i64) -> i64 {
    (first_monday(week_year + 1) - first_monday(week_year)) / 7
}

/// Monday of week 1, in days since 1970-01-01.
pub(super) fn first_monday(week_year: i64) -> i64 {
    let fourth = days_from_civil(week_year, 1, 4);
    fourth - (fourth + 3).rem_euclid(7)
}

/// `value` if it lies in `low..=high`; else an error that names the field.
pub(super) fn within(field: &str, value: i64, low: i64, high: i64) -> Result<i64> {
    if (low..=high).contains(&value) {
        return Ok(value);
    }
    Err(invalid(format!("{field} must lie between {low} and {high}, not {value}")))
}

/// Days since 1970-01-01; month 1-12, day from 1. The year is counted from March so that leap days come last.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + (month <= 2) as i64, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_days_run_without_a_gap_across_leap_years_and_eras() {
        let mut previous = Date::new(-401, 12, 31).expect("a day");
        for days in previous.days + 1..previous.days + 300_000 {
            let date = Date { days };
            let (year, month, day) = date.civil();
            assert_eq!(Date::new(year, month, day).expect("a day"), date);
            assert_eq!(Date::from_ordinal(year, date.ordinal_day()).expect("a day"), date);
            assert_eq!(Date::from_quarter(year, date.quarter(), date.day_of_quarter()).expect("a day"), date);
            let (week_year, week) = date.week();
            assert_eq!(Date::from_week(week_year, week, date.day_of_week()).expect("a day"), date);
            assert!(date.civil() > previous.civil());
            previous = date;
        }
    }

    #[test]
    fn the_ends_of_the_range_hold() {
        let last = Date::new(MAX_YEAR, 12, 31).expect("the last day");
        assert!(last.plus_days(1).is_err());
        assert!(last.plus_months(1).is_err());
        assert!(last.plus_months(i64::MAX).is_err());
        assert!(last.plus_days(i64::MAX).is_err());
        let first = Date::new(-MAX_YEAR, 1, 1).expect("the first day");
        assert!(first.plus_days(-1).is_err());
        assert!(first.plus_months(i64::MIN).is_err());
        assert_eq!(first.plus_months(12 * 2 * MAX_YEAR + 11).expect("the last month").civil(), (MAX_YEAR, 12, 1));
        assert!(Date::new(MAX_YEAR + 1, 1, 1).is_err());
    }

    #[test]
    fn weeks_follow_iso_8601() {
        for (civil, week) in
            [((2020, 12, 31), (2020, 53, 4)), ((2021, 1, 3), (2020, 53, 7)), ((2024, 12, 30), (2025, 1, 1))]
        {
            let date = Date::new(civil.0, civil.1, civil.2).expect("a day");
            assert_eq!((date.week().0, date.week().1, date.day_of_week()), week);
        }
        assert!(Date::from_week(2021, 53, 1).is_err());
        assert!(Date::new(2023, 2, 29).is_err());
        assert!(Date::from_ordinal(2023, 366).is_err());
    }
}
