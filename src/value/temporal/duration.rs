//! Durations: built from components with exact fractions, added, scaled, ordered.
//!
//! A fraction of a month is carried into days, hours and seconds at the average length of a month
//! (30.436875 days), a fraction of a day into hours and seconds; hours never grow into days by themselves.
//! Fractions are exact ratios until the last step, which cuts below the nanosecond.

use std::cmp::Ordering;

use super::{Duration, NANOS_PER_SECOND, SECONDS_PER_DAY};
use crate::error::{Code, Error, Result};

/// Seconds of a month on the average: a twelfth of 365.2425 days.
const SECONDS_PER_MONTH: i64 = 2_629_746;
const PICOS_PER_NANO: i128 = 1_000;
const PICOS_PER_SECOND: i128 = 1_000_000_000_000;
const PICOS_PER_DAY: i128 = SECONDS_PER_DAY as i128 * PICOS_PER_SECOND;
const PICOS_PER_MONTH: i128 = SECONDS_PER_MONTH as i128 * PICOS_PER_SECOND;
/// Decimal places of a fraction that are kept.
const PLACES: u32 = 18;

/// What a component of a duration counts: the name of its key, how many of the base it is, the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    Month,
    Day,
    /// Picoseconds.
    Clock,
}

/// The keys `duration({…})` understands.
pub(super) const UNITS: &[(&str, i128, Base)] = &[
    ("years", 12, Base::Month),
    ("quarters", 3, Base::Month),
    ("months", 1, Base::Month),
    ("weeks", 7, Base::Day),
    ("days", 1, Base::Day),
    ("hours", 3600 * PICOS_PER_SECOND, Base::Clock),
    ("minutes", 60 * PICOS_PER_SECOND, Base::Clock),
    ("seconds", PICOS_PER_SECOND, Base::Clock),
    ("milliseconds", 1_000_000_000, Base::Clock),
    ("microseconds", 1_000_000, Base::Clock),
    ("nanoseconds", PICOS_PER_NANO, Base::Clock),
];

/// An exact number: `top / bottom`, with `bottom` positive, both far enough from 128 bits for one more step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ratio {
    top: i128,
    bottom: i128,
}

impl Ratio {
    pub(super) fn whole(n: i64) -> Self {
        Self { top: i128::from(n), bottom: 1 }
    }

    /// The number a person means by `x`: its shortest decimal form, to 18 places.
    pub(super) fn of(x: f64) -> Result<Self> {
        if !x.is_finite() || x.abs() >= 9.3e18 {
            return Err(overflow());
        }
        let text = format!("{x:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, places) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: i128 = format!("{whole}{places}").parse().map_err(|_| overflow())?;
        let scale = places.len() as i32 - exponent.parse::<i32>().map_err(|_| overflow())?;
        Ok(Self::decimal(digits, scale))
    }

    /// `whole.places`, as digits of a text. Errors: `whole` beyond 64 bits.
    pub(super) fn digits(negative: bool, whole: &str, places: &str) -> Result<Self> {
        let kept = &places[..places.len().min(PLACES as usize)];
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| overflow())? };
        let below: i128 = if kept.is_empty() { 0 } else { kept.parse().map_err(|_| overflow())? };
        let bottom = 10_i128.pow(kept.len() as u32);
        let top = i128::from(whole) * bottom + below;
        Ok(Self { top: if negative { -top } else { top }, bottom })
    }

    /// `digits` / 10^`scale`; `digits` has at most 17 places and the number stays under 1e19.
    fn decimal(digits: i128, scale: i32) -> Self {
        if scale <= 0 {
            return Self { top: digits * 10_i128.pow(scale.unsigned_abs().min(20)), bottom: 1 };
        }
        let cut = (scale as u32).saturating_sub(PLACES).min(38);
        Self { top: digits / 10_i128.pow(cut), bottom: 10_i128.pow((scale as u32).min(PLACES)) }
    }

    /// `n` times this number.
    fn times(self, n: i64) -> Result<Self> {
        let top = self.top.checked_mul(i128::from(n)).ok_or_else(overflow)?;
        Ok(Self { top, bottom: self.bottom })
    }

    /// One divided by this number. Errors: zero.
    fn inverse(self) -> Result<Self> {
        match self.top.signum() {
            0 => Err(Error::arithmetic(Code::DivisionByZero, "a duration cannot be divided by zero")),
            1 => Ok(Self { top: self.bottom, bottom: self.top }),
            _ => Ok(Self { top: -self.bottom, bottom: -self.top }),
        }
    }
}

/// Adds up components; [`Self::build`] carries the fractions down.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Builder {
    months: i128,
    month_picos: i128,
    days: i128,
    day_picos: i128,
    clock_picos: i128,
}

impl Builder {
    /// `amount` of a unit of [`UNITS`], given by its factor and base.
    pub(super) fn add(&mut self, amount: Ratio, factor: i128, base: Base) -> Result<()> {
        if base == Base::Clock {
            let whole = (amount.top / amount.bottom).checked_mul(factor).ok_or_else(overflow)?;
            let rest = (amount.top % amount.bottom).checked_mul(factor).ok_or_else(overflow)? / amount.bottom;
            self.clock_picos = self.clock_picos.checked_add(whole + rest).ok_or_else(overflow)?;
            return Ok(());
        }
        let top = amount.top.checked_mul(factor).ok_or_else(overflow)?;
        let (whole, rest) = (top / amount.bottom, top % amount.bottom);
        let (sum, picos, unit) = match base {
            Base::Month => (&mut self.months, &mut self.month_picos, PICOS_PER_MONTH),
            _ => (&mut self.days, &mut self.day_picos, PICOS_PER_DAY),
        };
        *sum = sum.checked_add(whole).ok_or_else(overflow)?;
        *picos += rest.checked_mul(unit).ok_or_else(overflow)? / amount.bottom;
        Ok(())
    }

    /// The duration. Errors: a part beyond 64 bits.
    pub(super) fn build(self) -> Result<Duration> {
        let months = self.months + self.month_picos / PICOS_PER_MONTH;
        let below_day = self.month_picos % PICOS_PER_MONTH + self.day_picos;
        let days = self.days + below_day / PICOS_PER_DAY;
        let nanos = (self.clock_picos + below_day % PICOS_PER_DAY) / PICOS_PER_NANO;
        Duration::of(narrow(months)?, narrow(days)?, nanos)
    }
}

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self { months: 0, days: 0, seconds: 0, nanos: 0 };

    /// Months, days and nanoseconds. Errors: seconds beyond 64 bits.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Duration;
    ///
    /// assert_eq!(Duration::of(14, 3, 1_500_000_000)?.to_string(), "P1Y2M3DT1.5S");
    /// # Ok(())
    /// # }
    /// ```
    pub fn of(months: i64, days: i64, clock_nanos: i128) -> Result<Self> {
        let per_second = i128::from(NANOS_PER_SECOND);
        let seconds = narrow(clock_nanos.div_euclid(per_second))?;
        Ok(Self { months, days, seconds, nanos: clock_nanos.rem_euclid(per_second) as i32 })
    }

    /// Seconds and nanoseconds together, in nanoseconds.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Duration;
    ///
    /// assert_eq!(Duration::of(1, 0, 90_000_000_000)?.clock_nanos(), 90_000_000_000, "without the month");
    /// # Ok(())
    /// # }
    /// ```
    pub fn clock_nanos(&self) -> i128 {
        i128::from(self.seconds) * i128::from(NANOS_PER_SECOND) + i128::from(self.nanos)
    }

    /// Part by part. Errors: a part beyond 64 bits.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Duration;
    ///
    /// let lease = Duration::of(21 * 12, 0, 0)?.plus(&Duration::of(0, 1, 0)?)?;
    /// assert_eq!(lease.to_string(), "P21Y1D");
    /// # Ok(())
    /// # }
    /// ```
    pub fn plus(&self, other: &Self) -> Result<Self> {
        let months = self.months.checked_add(other.months).ok_or_else(overflow)?;
        let days = self.days.checked_add(other.days).ok_or_else(overflow)?;
        Self::of(months, days, self.clock_nanos() + other.clock_nanos())
    }

    /// Every part with the other sign. Errors: a part beyond 64 bits.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Duration;
    ///
    /// assert_eq!(Duration::of(2, -3, 0)?.negated()?, Duration::of(-2, 3, 0)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn negated(&self) -> Result<Self> {
        let months = self.months.checked_neg().ok_or_else(overflow)?;
        let days = self.days.checked_neg().ok_or_else(overflow)?;
        Self::of(months, days, -self.clock_nanos())
    }

    /// `n` times, exactly. Errors: a part beyond 64 bits.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Duration;
    ///
    /// assert_eq!(Duration::of(0, 7, 0)?.times_int(4)?, Duration::of(0, 28, 0)?);
    /// assert!(Duration::of(i64::MAX, 0, 0)?.times_int(2).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn times_int(&self, n: i64) -> Result<Self> {
        self.scaled(Ratio::whole(n))
    }

    /// `x` times, fractions carried down. Errors: a part beyond 64 bits, no number.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Duration;
    ///
    /// assert_eq!(Duration::of(0, 1, 0)?.times(1.5)?.to_string(), "P1DT12H");
    /// # Ok(())
    /// # }
    /// ```
    pub fn times(&self, x: f64) -> Result<Self> {
        self.scaled(Ratio::of(x)?)
    }

    /// The `n`th part, fractions carried down. Errors: zero.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Duration;
    ///
    /// assert_eq!(Duration::of(12, 0, 0)?.divided_by_int(4)?, Duration::of(3, 0, 0)?);
    /// assert!(Duration::of(12, 0, 0)?.divided_by_int(0).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn divided_by_int(&self, n: i64) -> Result<Self> {
        self.scaled(Ratio::whole(n).inverse()?)
    }

    /// The `x`th part, fractions carried down. Errors: zero, a part beyond 64 bits, no number.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::temporal::Duration;
    ///
    /// assert_eq!(Duration::of(0, 1, 0)?.divided_by(0.5)?, Duration::of(0, 2, 0)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn divided_by(&self, x: f64) -> Result<Self> {
        self.scaled(Ratio::of(x)?.inverse()?)
    }

    /// By average length (a month is 30.436875 days), then part by part: a total order that agrees with `==`.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use std::cmp::Ordering;
    /// use shejire::value::temporal::Duration;
    ///
    /// let (month, days) = (Duration::of(1, 0, 0)?, Duration::of(0, 30, 0)?);
    /// assert_eq!(month.order(&days), Ordering::Greater, "a month is 30.44 days on average");
    /// # Ok(())
    /// # }
    /// ```
    pub fn order(&self, other: &Self) -> Ordering {
        let length = |d: &Self| {
            i128::from(d.months) * i128::from(SECONDS_PER_MONTH)
                + i128::from(d.days) * i128::from(SECONDS_PER_DAY)
                + i128::from(d.seconds)
        };
        let parts = |d: &Self| (d.nanos, d.months, d.days, d.seconds);
        length(self).cmp(&length(other)).then_with(|| parts(self).cmp(&parts(other)))
    }

    fn scaled(&self, by: Ratio) -> Result<Self> {
        // truncation towards zero needs seconds and nanoseconds of one sign
        let clock = self.clock_nanos();
        let per_second = i128::from(NANOS_PER_SECOND);
        let mut sum = Builder::default();
        sum.add(by.times(self.months)?, 1, Base::Month)?;
        sum.add(by.times(self.days)?, 1, Base::Day)?;
        sum.add(by.times(narrow(clock / per_second)?)?, PICOS_PER_SECOND, Base::Clock)?;
        sum.add(by.times(narrow(clock % per_second)?)?, PICOS_PER_NANO, Base::Clock)?;
        sum.build()
    }
}

fn narrow(n: i128) -> Result<i64> {
    i64::try_from(n).map_err(|_| overflow())
}

fn overflow() -> Error {
    Error::arithmetic(Code::IntegerOverflow, "a part of the duration lies outside 64 bits")
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn duration(text: &str) -> Duration {
        parse::duration(text).expect("a duration")
    }

    #[test]
    fn scaling_carries_fractions_down_and_cuts_below_a_nanosecond() {
        let d = duration("P12Y5M14DT16H13M10.000000001S");
        assert_eq!(d.times(0.5).expect("in range").to_string(), "P6Y2M22DT13H21M8S");
        assert_eq!(d.divided_by_int(2).expect("in range"), d.times(0.5).expect("in range"));
        assert_eq!(d.divided_by(0.5).expect("in range"), d.times_int(2).expect("in range"));
        assert_eq!(duration("P1M").divided_by_int(3).expect("in range").to_string(), "P10DT3H29M42S");
        assert_eq!(duration("P-3D").times(0.5).expect("in range").to_string(), "P-1DT-12H");
        assert_eq!(duration("PT0.1S").times_int(3).expect("in range").to_string(), "PT0.3S");
        assert_eq!(duration("PT-0.3S").divided_by_int(3).expect("in range").to_string(), "PT-0.1S");
    }

    #[test]
    fn overflow_is_an_error_everywhere() {
        let max = Duration { months: i64::MAX, days: i64::MAX, seconds: i64::MAX, nanos: 999_999_999 };
        let min = Duration { months: i64::MIN, days: i64::MIN, seconds: i64::MIN, nanos: 0 };
        assert!(max.plus(&duration("PT1S")).is_err());
        assert!(min.negated().is_err());
        assert!(max.times_int(i64::MAX).is_err());
        assert!(min.times_int(i64::MIN).is_err());
        for x in [1e300, 1e18, -1e19, f64::NAN, f64::INFINITY] {
            assert!(max.times(x).is_err(), "{x}");
        }
        assert!(max.divided_by(1e-18).is_err());
        assert!(max.divided_by(1e-300).is_err());
        assert!(min.divided_by_int(-1).is_err());
        assert_eq!(max.times_int(1).expect("in range"), max);
        assert_eq!(min.times(1.0).expect("in range"), min);
        assert_eq!(duration("P1D").divided_by_int(0).expect_err("zero").code(), Code::DivisionByZero);
        assert_eq!(duration("P1D").divided_by(-0.0).expect_err("zero").code(), Code::DivisionByZero);
    }

    #[test]
    fn order_is_by_average_length_and_agrees_with_equality() {
        assert_eq!(duration("P30D").order(&duration("P1M")), Ordering::Less);
        assert_eq!(duration("P31D").order(&duration("P1M")), Ordering::Greater);
        assert_ne!(duration("P1D").order(&duration("PT24H")), Ordering::Equal);
        assert_eq!(duration("PT0.5S").order(&duration("PT-0.5S")), Ordering::Greater);
    }
}
