//! ISO 8601 text of temporal values, as `toString()` gives it and the constructors read it back.

use std::fmt::{Display, Formatter, Result, Write};

use super::{Date, DateTime, Duration, LocalDateTime, LocalTime, NANOS_PER_SECOND, Time, Zone};

impl Display for Date {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (year, month, day) = self.civil();
        match year {
            0..=9999 => write!(f, "{year:04}")?,
            10_000.. => write!(f, "+{year}")?,
            _ => write!(f, "-{:04}", -year)?,
        }
        write!(f, "-{month:02}-{day:02}")
    }
}

impl Display for LocalTime {
    /// Seconds only when there are any; a fraction in groups of three digits.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (hour, minute, second, nanos) = self.parts();
        write!(f, "{hour:02}:{minute:02}")?;
        if second == 0 && nanos == 0 {
            return Ok(());
        }
        write!(f, ":{second:02}")?;
        match nanos {
            0 => Ok(()),
            n if n % 1_000_000 == 0 => write!(f, ".{:03}", n / 1_000_000),
            n if n % 1_000 == 0 => write!(f, ".{:06}", n / 1_000),
            n => write!(f, ".{n:09}"),
        }
    }
}

impl Display for Time {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}{}", LocalTime { nanos: self.nanos }, Zone::Offset(self.offset))
    }
}

impl Display for LocalDateTime {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}T{}", self.date(), self.time())
    }
}

impl Display for DateTime {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}{}", self.local, Zone::Offset(self.offset))?;
        match &self.zone {
            Some(name) => write!(f, "[{name}]"),
            None => Ok(()),
        }
    }
}

impl Display for Zone {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let offset = match self {
            Self::Named(name) => return f.write_str(name),
            Self::Offset(0) => return f.write_char('Z'),
            Self::Offset(offset) => *offset,
        };
        let (sign, size) = (if offset < 0 { '-' } else { '+' }, offset.abs());
        write!(f, "{sign}{:02}:{:02}", size / 3600, size / 60 % 60)?;
        if size % 60 != 0 {
            write!(f, ":{:02}", size % 60)?;
        }
        Ok(())
    }
}

impl Display for Duration {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if *self == Self::ZERO {
            return f.write_str("PT0S");
        }
        f.write_char('P')?;
        for (amount, letter) in [(self.months / 12, 'Y'), (self.months % 12, 'M'), (self.days, 'D')] {
            if amount != 0 {
                write!(f, "{amount}{letter}")?;
            }
        }
        let clock = self.clock_nanos();
        if clock == 0 {
            return Ok(());
        }
        f.write_char('T')?;
        let seconds = clock / i128::from(NANOS_PER_SECOND);
        for (amount, letter) in [(seconds / 3600, 'H'), (seconds / 60 % 60, 'M')] {
            if amount != 0 {
                write!(f, "{amount}{letter}")?;
            }
        }
        let below_minute = clock % (60 * i128::from(NANOS_PER_SECOND));
        if below_minute == 0 {
            return Ok(());
        }
        let sign = if below_minute < 0 { "-" } else { "" };
        let size = below_minute.unsigned_abs();
        let per_second = NANOS_PER_SECOND as u128;
        write!(f, "{sign}{}", size / per_second)?;
        if !size.is_multiple_of(per_second) {
            let fraction = format!("{:09}", size % per_second);
            write!(f, ".{}", fraction.trim_end_matches('0'))?;
        }
        f.write_char('S')
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn dates_have_four_digits_or_a_sign() {
        for text in ["0000-01-01", "0028-11-11", "9999-12-31", "+10000-01-01", "-0001-02-03", "-999999999-01-01"] {
            assert_eq!(parse::date(text).expect("a date").to_string(), text);
        }
    }

    #[test]
    fn times_show_what_they_have() {
        for text in ["00:00", "12:00:01", "12:00:00.100", "12:31:14.645876", "12:31:14.000000001"] {
            assert_eq!(parse::local_time(text).expect("a time").to_string(), text);
        }
        assert_eq!(parse::time("12:00+00:00").expect("a time").to_string(), "12:00Z");
        assert_eq!(parse::time("12:00-02:05:07").expect("a time").to_string(), "12:00-02:05:07");
    }

    #[test]
    fn durations_carry_the_sign_in_every_part() {
        for text in ["PT0S", "P1Y2M3DT4H5M6.7S", "P-1Y-2M", "PT-0.001S", "PT-9M-59.4S", "P1DT-1S", "PT-1H-0.5S", "P2D"]
        {
            assert_eq!(parse::duration(text).expect("a duration").to_string(), text);
        }
        let least = Duration { months: i64::MIN, days: i64::MIN, seconds: i64::MIN, nanos: 0 };
        assert!(least.to_string().starts_with("P-768614336404564650Y-8M-9223372036854775808DT"));
    }
}
