//! ISO 8601 text to temporal values: calendar, week, ordinal and quarter dates, basic and extended,
//! offsets and `[Zone/Name]`. Every function takes the whole text or fails.

use super::{Date, DateTime, Duration, LocalDateTime, LocalTime, Time, Zone, duration, invalid, zone};
use crate::error::{Error, Result};

/// `2015-07-21`, `20150721`, `2015-07`, `2015-W30-2`, `2015W302`, `2015-202`, `2015-Q3-21`, `2015`,
/// `+999999999-12-31`. Errors: anything else, or no such day.
pub(crate) fn date(text: &str) -> Result<Date> {
    let wrong = || unreadable(text, "a date such as 2015-07-21");
    let signed = text.starts_with(['+', '-']);
    let unsigned = text.trim_start_matches(['+', '-']);
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    let width = if signed { digits } else { 4 };
    if !(1..=9).contains(&width) || digits < width || text.len() - unsigned.len() > 1 {
        return Err(wrong());
    }
    let (year, rest) = unsigned.split_at(width);
    let year = number(year).ok_or_else(wrong)? * if text.starts_with('-') { -1 } else { 1 };
    let extended = rest.starts_with('-');
    if signed && !extended && !rest.is_empty() {
        return Err(wrong());
    }
    date_in_year(year, rest.strip_prefix('-').unwrap_or(rest), extended).unwrap_or_else(|| Err(wrong()))
}

/// What follows the year; nothing when it is no form of a date.
fn date_in_year(year: i64, rest: &str, extended: bool) -> Option<Result<Date>> {
    let split = |text: &str, at: usize| -> Option<(i64, Option<i64>)> {
        let (first, second) = text.split_at_checked(at)?;
        let second = match (second, extended) {
            ("", _) => None,
            (second, true) => Some(number(second.strip_prefix('-')?)?),
            (second, false) => Some(number(second)?),
        };
        Some((number(first)?, second))
    };
    match rest.as_bytes() {
        [] if !extended => Some(Date::new(year, 1, 1)),
        [b'W', week @ ..] if week.len() == 2 || week.len() == 3 + usize::from(extended) => {
            let (week, day) = split(&rest[1..], 2)?;
            Some(Date::from_week(year, week, day.unwrap_or(1)))
        }
        [b'Q', quarter @ ..] if quarter.len() == 1 || quarter.len() == 3 + usize::from(extended) => {
            let (quarter, day) = split(&rest[1..], 1)?;
            Some(Date::from_quarter(year, quarter, day.unwrap_or(1)))
        }
        [_, _, _] => Some(Date::from_ordinal(year, number(rest)?)),
        month if month.len() == 2 || month.len() == 4 + usize::from(extended) => {
            let (month, day) = split(rest, 2)?;
            Some(Date::new(year, month, day.unwrap_or(1)))
        }
        _ => None,
    }
}

/// `21:40:32.142`, `214032.142`, `21:40`, `2140`, `21`. Errors: anything else, or no such time.
pub(crate) fn local_time(text: &str) -> Result<LocalTime> {
    let wrong = || unreadable(text, "a time such as 21:40:32");
    let (clock, fraction) = match text.split_once(['.', ',']) {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let bytes = clock.as_bytes();
    let at: &[usize] = match (bytes.len(), bytes.get(2) == Some(&b':')) {
        (2, _) => &[0],
        (4, false) => &[0, 2],
        (6, false) => &[0, 2, 4],
        (5, true) => &[0, 3],
        (8, true) if bytes[5] == b':' => &[0, 3, 6],
        _ => return Err(wrong()),
    };
    let mut parts = [0; 3];
    for (part, start) in parts.iter_mut().zip(at) {
        *part = clock.get(*start..start + 2).and_then(number).ok_or_else(wrong)?;
    }
    let nanos = match fraction {
        None => 0,
        Some(digits) if at.len() == 3 && digits.len() <= 9 => {
            number(digits).ok_or_else(wrong)? * 10_i64.pow(9 - digits.len() as u32)
        }
        Some(_) => return Err(wrong()),
    };
    LocalTime::new(parts[0], parts[1], parts[2], nanos)
}

/// A local time and an offset; without one, UTC. Errors: anything else, a named zone.
pub(crate) fn time(text: &str) -> Result<Time> {
    let (clock, offset, name) = split_zone(text)?;
    if name.is_some() {
        return Err(invalid("a time without a date has an offset, not a named zone"));
    }
    Ok(Time { nanos: local_time(clock)?.nanos, offset: offset.unwrap_or(0) })
}

/// A date, and after `T` a local time. Errors: anything else.
pub(crate) fn local_date_time(text: &str) -> Result<LocalDateTime> {
    match text.split_once('T') {
        Some((day, clock)) => Ok(LocalDateTime::new(date(day)?, local_time(clock)?)),
        None => Ok(LocalDateTime::new(date(text)?, LocalTime::MIDNIGHT)),
    }
}

/// A date, after `T` a local time, then an offset, a `[Zone/Name]` or both; without either, UTC.
/// Errors: anything else, or an offset that the named zone does not have at that time.
pub(crate) fn date_time(text: &str) -> Result<DateTime> {
    let (plain, name) = text.split_at(text.find('[').unwrap_or(text.len()));
    let (day, clock) = match plain.find('T') {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (plain, name),
    };
    let timed = day.len() < plain.len();
    let (clock, offset, name) = split_zone(clock)?;
    let clock = if timed { local_time(clock)? } else { LocalTime::MIDNIGHT };
    let local = LocalDateTime::new(date(day)?, clock);
    let Some(name) = name else {
        return Zone::Offset(offset.unwrap_or(0)).resolve(local, None);
    };
    let resolved = Zone::named(name)?.resolve(local, offset)?;
    if offset.is_some_and(|offset| offset != resolved.offset) {
        return Err(invalid(format!("`{text}`: clocks in {name} do not have that offset then")));
    }
    Ok(resolved)
}

/// `21:40+01:00[Europe/Paris]` to the clock, the offset and the name.
fn split_zone(text: &str) -> Result<(&str, Option<i32>, Option<&str>)> {
    let (text, name) = match text.split_once('[') {
        Some((rest, name)) => {
            let name = name.strip_suffix(']').ok_or_else(|| unreadable(text, "a time; `]` is missing"))?;
            (rest, Some(name))
        }
        None => (text, None),
    };
    match text.find(['+', '-', 'Z', 'z']) {
        None => Ok((text, None, name)),
        Some(at) if text[at..].eq_ignore_ascii_case("z") => Ok((&text[..at], Some(0), name)),
        Some(at) => Ok((&text[..at], Some(zone::offset(&text[at..])?), name)),
    }
}

/// `P14DT16H12M`, `P5M1.5D`, `-P1Y`, `P2012-02-02T14:37:21.545`. Errors: anything else, or parts beyond 64 bits.
pub(crate) fn duration(text: &str) -> Result<Duration> {
    let wrong = || unreadable(text, "a duration such as P1Y2M3DT4H5M6.7S");
    let (negative, rest) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let body = rest.strip_prefix('P').ok_or_else(wrong)?;
    let (day, clock) = match body.split_once('T') {
        Some((_, "")) => return Err(wrong()),
        Some((day, clock)) => (day, clock),
        None => (body, ""),
    };
    let mut sum = duration::Builder::default();
    let dated =
        body.bytes().any(|b| b.is_ascii_digit()) && !body.contains(|c: char| c.is_ascii_alphabetic() && c != 'T');
    if dated {
        dated_duration(day, clock, negative, &mut sum).ok_or_else(wrong)??;
    } else if body.is_empty() {
        return Err(wrong());
    } else {
        components(day, &["years", "months", "weeks", "days"], negative, &mut sum).ok_or_else(wrong)??;
        components(clock, &["hours", "minutes", "seconds"], negative, &mut sum).ok_or_else(wrong)??;
    }
    sum.build()
}

/// `1Y-2.5M`: numbers with the first letters of `units`, each at most once and in that order.
fn components(mut text: &str, mut units: &[&str], negative: bool, sum: &mut duration::Builder) -> Option<Result<()>> {
    while !text.is_empty() {
        let (minus, rest) = match text.strip_prefix(['+', '-']) {
            Some(rest) => (text.starts_with('-'), rest),
            None => (false, text),
        };
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')?;
        let (amount, tail) = rest.split_at(end);
        let letter = tail.chars().next()?.to_ascii_lowercase();
        let at = units.iter().position(|unit| unit.starts_with(letter))?;
        if let Err(error) = add(sum, units[at], minus != negative, amount)? {
            return Some(Err(error));
        }
        units = &units[at + 1..];
        text = &tail[1..];
    }
    Some(Ok(()))
}

/// `2012-02-02` and `14:37:21.545`, or the same without separators, none beyond its carry.
fn dated_duration(day: &str, clock: &str, negative: bool, sum: &mut duration::Builder) -> Option<Result<()>> {
    let day: Vec<&str> = match day.len() {
        10 if day.is_ascii() && day.as_bytes()[4] == b'-' && day.as_bytes()[7] == b'-' => {
            vec![&day[..4], &day[5..7], &day[8..]]
        }
        8 if day.is_ascii() => vec![&day[..4], &day[4..6], &day[6..]],
        _ => return None,
    };
    let (whole, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let clock: Vec<&str> = match whole.len() {
        0 if clock.is_empty() => vec![],
        8 if whole.is_ascii() && whole.as_bytes()[2] == b':' && whole.as_bytes()[5] == b':' => {
            vec![&whole[..2], &whole[3..5], &whole[6..]]
        }
        6 if whole.is_ascii() => vec![&whole[..2], &whole[2..4], &whole[4..]],
        _ => return None,
    };
    let units = [("years", 9999), ("months", 12), ("days", 31), ("hours", 24), ("minutes", 60), ("seconds", 60)];
    for (digits, (unit, most)) in day.into_iter().chain(clock).zip(units) {
        if number(digits)? > most {
            return None;
        }
        let amount =
            if unit == "seconds" && !fraction.is_empty() { format!("{digits}.{fraction}") } else { digits.into() };
        if let Err(error) = add(sum, unit, negative, &amount)? {
            return Some(Err(error));
        }
    }
    Some(Ok(()))
}

fn add(sum: &mut duration::Builder, unit: &str, negative: bool, amount: &str) -> Option<Result<()>> {
    let (whole, places) = amount.split_once(['.', ',']).unwrap_or((amount, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(places) || whole.is_empty() || (places.is_empty() && whole.len() != amount.len()) {
        return None;
    }
    let (_, factor, base) = *duration::UNITS.iter().find(|(name, ..)| *name == unit)?;
    Some(duration::Ratio::digits(negative, whole, places).and_then(|amount| sum.add(amount, factor, base)))
}

/// ASCII digits, at most 18, as a number.
fn number(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn unreadable(text: &str, wanted: &str) -> Error {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    invalid(format!("`{shown}` cannot be read as {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_every_form_mean_the_same_day() {
        for text in [
            "2024-03-01",
            "20240301",
            "2024-W09-5",
            "2024W095",
            "2024-061",
            "2024061",
            "2024-03",
            "202403",
            "2024-Q1-61",
            "2024Q161",
            "+2024-03-01",
            "+02024-061",
            "+2024-W09-5",
        ] {
            assert_eq!(date(text).expect(text).to_string(), "2024-03-01", "{text}");
        }
        assert_eq!(date("2024").expect("a year").to_string(), "2024-01-01");
        assert_eq!(date("2024-W09").expect("a week").to_string(), "2024-02-26");
        assert_eq!(date("2024Q3").expect("a quarter").to_string(), "2024-07-01");
        assert_eq!(date("-1").expect("a year").to_string(), "-0001-01-01");
    }

    #[test]
    fn what_is_no_date_is_an_error() {
        for text in [
            "",
            "-",
            "+",
            "2024-",
            "2024-3",
            "2024-13",
            "2024-02-30",
            "2023-366",
            "2024-W54",
            "2024-W09-8",
            "2024-0301",
            "202403-01",
            "20240",
            "24",
            "++2024",
            "+1000000000-01-01",
            "2024-03-01T",
            "2024-03-01 ",
            "２０２４",
            "2024-Q5",
            "2024-Q1-92",
            "2024é",
            "20é4",
            "+-1",
            "2024-W",
            "2024W",
            "2024-é1",
            "2024-W0é",
        ] {
            assert!(date(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_in_every_form() {
        for (text, wanted) in
            [("21:40:32.142", "21:40:32.142"), ("214032,142", "21:40:32.142"), ("2140", "21:40"), ("21", "21:00")]
        {
            assert_eq!(local_time(text).expect(text).to_string(), wanted);
        }
        for (text, wanted) in [
            ("214032-0100", "21:40:32-01:00"),
            ("21Z", "21:00Z"),
            ("21:40+02:05:07", "21:40+02:05:07"),
            ("21", "21:00Z"),
        ] {
            assert_eq!(time(text).expect(text).to_string(), wanted);
        }
        for text in [
            "",
            "2",
            "24",
            "21:60",
            "21:4",
            "21:40:60",
            "2140:32",
            "21:40.5",
            "21:40:32.",
            "21:40:32.1234567890",
            "é1",
            "21:é",
        ] {
            assert!(local_time(text).is_err(), "{text}");
        }
        for text in ["21+19", "21[Europe/Paris]", "21+", "21Z+01:00", "+01:00", "Z"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn datetimes_take_offset_and_name_and_check_one_against_the_other() {
        for (text, wanted) in [
            ("2015-07-21T21:40:32+02:00[Europe/Stockholm]", "2015-07-21T21:40:32+02:00[Europe/Stockholm]"),
            ("2015202T21+18:00", "2015-07-21T21:00+18:00"),
            ("2015-07-21", "2015-07-21T00:00Z"),
            ("2015-07-21[Europe/London]", "2015-07-21T00:00+01:00[Europe/London]"),
            ("2015-07-21[America/Toronto]", "2015-07-21T00:00-04:00[America/Toronto]"),
            ("2026-10-25T02:30+01:00[Europe/Berlin]", "2026-10-25T02:30+01:00[Europe/Berlin]"),
            ("2026-03-29T02:30:00[Europe/Berlin]", "2026-03-29T03:30+02:00[Europe/Berlin]"),
        ] {
            assert_eq!(date_time(text).expect(text).to_string(), wanted);
        }
        for text in [
            "2015-07-21T21:40:32+05:00[Europe/Stockholm]",
            "2015-07-21T",
            "2015-07-21TZ",
            "2026-01-01T00:00:00[Mars/Olympus]",
            "2026-01-01T00:00:00[../../../etc/passwd]",
            "2026-01-01T00:00:00+19:00",
            "2026-01-01T00:00[Europe/Paris",
            "T12:00",
            "2026-01-01T00:00]",
            "2015-07-21+01:00",
        ] {
            assert!(date_time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_in_both_forms() {
        for (text, wanted) in [
            ("P5M1.5D", "P5M1DT12H"),
            ("P0.75M", "P22DT19H51M49.5S"),
            ("PT0.75M", "PT45S"),
            ("P2.5W", "P17DT12H"),
            ("P2012-02-02T14:37:21.545", "P2012Y2M2DT14H37M21.545S"),
            ("P20120202T143721", "P2012Y2M2DT14H37M21S"),
            ("-P1Y-2D", "P-1Y2D"),
            ("P1Y,", "error"),
            ("PT-0,4S", "PT-0.4S"),
            ("P0.1M", "P3DT1H2M54.6S"),
            ("PT1H70M", "PT2H10M"),
            ("P0D", "PT0S"),
            ("P1.5Y", "P1Y6M"),
            ("P0.6Y0.9M", "P8M3DT1H2M54.6S"),
        ] {
            let got = duration(text).map_or("error".into(), |d| d.to_string());
            assert_eq!(got, wanted, "{text}");
        }
        for text in [
            "",
            "P",
            "PT",
            "P1",
            "P1DT",
            "1D",
            "P1D1Y",
            "P1Y1Y",
            "PT1D",
            "P1H",
            "P1.D",
            "P.5D",
            "P--1D",
            "P1é",
            "P2012-13-01",
            "PT99999999999999999999S",
            "P9223372036854775807W",
            "P1X",
            "Pé012-01-01",
            "P2012-02-02T",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert_eq!(duration("PT9223372036854775807S").expect("the most seconds").seconds, i64::MAX);
    }
}
