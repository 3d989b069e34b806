//! Dates as documents state them: a year, a month, a day, an interval, an open end, "not stated".
//!
//! The notation is the Extended Date/Time Format (EDTF), levels 0 and 1 and the sets of level 2:
//! `2022`, `2023-03`, `2023-12-08`, `2022/2024`, `2013/..` (still going on), `2013/` (end not known),
//! `XXXX-01-23` (year not stated), `201X`, `2022?`, `2022~`, `[2025-07-10,2025-10-07]` (one of these).
//!
//! Precision is kept: `2022` is some day of that year, not its first. [`Edtf::holds_on`] therefore
//! answers yes, no, or nothing when the text does not say.

/// A calendar day; ordered as the calendar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day {
    /// Year, astronomical numbering (0 is 1 BC).
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
}

/// How finely a date is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Precision {
    /// Only the year, the decade or the century is known.
    Year,
    /// Year and month.
    Month,
    /// A day.
    Day,
}

/// One end of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// Without limit in this direction (`..`): it still holds, or always has.
    Open,
    /// There is an end, and the text does not say when.
    Unknown,
    /// Some day from `earliest` to `latest`, both included.
    At {
        /// The first day it can be.
        earliest: Day,
        /// The last day it can be.
        latest: Day,
        /// How finely it was stated.
        precision: Precision,
    },
}

/// A date or an interval with its precision. For a single date both ends are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edtf {
    /// The start of the interval, or the date.
    pub start: End,
    /// The end of the interval, or the date.
    pub end: End,
    /// Whether this was written as an interval (`A/B`).
    pub interval: bool,
    /// Whether the writer doubts the date (`?` or `%`).
    pub uncertain: bool,
    /// Whether the date is only near (`~` or `%`).
    pub approximate: bool,
}

impl Edtf {
    /// Reads `text`, or says in a few words what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("the date is empty".into());
        }
        if let Some(inner) = text.strip_prefix(['[', '{']).and_then(|t| t.strip_suffix([']', '}'])) {
            return set(inner);
        }
        if let Some((start, end)) = text.split_once('/') {
            return interval(start, end);
        }
        if text == ".." {
            return Ok(Self::plain(End::Open));
        }
        let (start, marks) = date(text)?;
        Ok(Self { uncertain: marks.uncertain, approximate: marks.approximate, ..Self::plain(start) })
    }

    /// The first day this can concern; nothing when it is open or not stated.
    pub fn earliest(&self) -> Option<Day> {
        self.start.earliest()
    }

    /// The last day this can concern; nothing when it is open or not stated.
    pub fn latest(&self) -> Option<Day> {
        self.end.latest()
    }

    /// Whether `day` lies inside: `Some(true)` when the text says so, `Some(false)` when it rules it out,
    /// nothing when it leaves it open.
    pub fn holds_on(&self, day: Day) -> Option<bool> {
        if self.start.earliest().is_some_and(|first| day < first) || self.end.latest().is_some_and(|last| day > last) {
            return Some(false);
        }
        let begun = match self.start {
            End::Open => true,
            End::Unknown => false,
            End::At { latest, .. } => day >= latest,
        };
        let going = match self.end {
            End::Open => true,
            End::Unknown => false,
            End::At { earliest, .. } => day <= earliest,
        };
        (begun && going).then_some(true)
    }

    fn plain(end: End) -> Self {
        Self { start: end, end, interval: false, uncertain: false, approximate: false }
    }
}

impl End {
    /// The first day it can be.
    pub fn earliest(&self) -> Option<Day> {
        match self {
            Self::At { earliest, .. } => Some(*earliest),
            _ => None,
        }
    }

    /// The last day it can be.
    pub fn latest(&self) -> Option<Day> {
        match self {
            Self::At { latest, .. } => Some(*latest),
            _ => None,
        }
    }
}

impl Day {
    /// The day, when the calendar has it.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        ((1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day)).then_some(Self { year, month, day })
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[derive(Clone, Copy, Default)]
struct Marks {
    uncertain: bool,
    approximate: bool,
}

fn interval(start: &str, end: &str) -> Result<Edtf, String> {
    if end.contains('/') {
        return Err("an interval has one `/`, as in 2022/2024".into());
    }
    if start.is_empty() && end.is_empty() {
        return Err("an interval needs at least one end, as in 2013/..".into());
    }
    let mut marks = Marks::default();
    let mut side = |text: &str| -> Result<End, String> {
        match text {
            "" => Ok(End::Unknown),
            ".." => Ok(End::Open),
            _ => {
                let (end, found) = date(text)?;
                marks.uncertain |= found.uncertain;
                marks.approximate |= found.approximate;
                Ok(end)
            }
        }
    };
    let (start, end) = (side(start)?, side(end)?);
    if let (Some(first), Some(last)) = (start.earliest(), end.latest())
        && first > last
    {
        return Err("the interval ends before it starts".into());
    }
    Ok(Edtf { start, end, interval: true, uncertain: marks.uncertain, approximate: marks.approximate })
}

/// One of several dates: the span from the first to the last, at the coarsest precision among them.
fn set(inner: &str) -> Result<Edtf, String> {
    let mut span: Option<(Day, Day, Precision)> = None;
    for item in inner.split(',') {
        for part in item.trim().split("..").filter(|p| !p.is_empty()) {
            let End::At { earliest, latest, precision } = date(part.trim())?.0 else {
                return Err(format!("{part:?} has no year, so it cannot stand in a set of dates"));
            };
            span = Some(span.map_or((earliest, latest, precision), |(first, last, coarse)| {
                (first.min(earliest), last.max(latest), coarse.min(precision))
            }));
        }
    }
    let Some((earliest, latest, precision)) = span else { return Err("the set of dates is empty".into()) };
    Ok(Edtf { uncertain: true, ..Edtf::plain(End::At { earliest, latest, precision }) })
}

fn date(text: &str) -> Result<(End, Marks), String> {
    let mut marks = Marks::default();
    let mut body = text;
    while let Some((rest, mark)) = body.char_indices().next_back().map(|(at, c)| (&body[..at], c)) {
        match mark {
            '?' => marks.uncertain = true,
            '~' => marks.approximate = true,
            '%' => (marks.uncertain, marks.approximate) = (true, true),
            _ => break,
        }
        body = rest;
    }
    let wrong = || format!("{text:?} is not a date; write 2022, 2022-03 or 2022-03-15");
    let (negative, digits) = body.strip_prefix('-').map_or((false, body), |rest| (true, rest));
    let mut parts = digits.split('-');
    let (year, month, day) = (parts.next().ok_or_else(wrong)?, parts.next(), parts.next());
    if parts.next().is_some() || year.len() != 4 {
        return Err(wrong());
    }
    let (low, high) = digits_of(year).ok_or_else(wrong)?;
    let month = month.map(|m| digits_of(m).filter(|_| m.len() == 2).ok_or_else(wrong)).transpose()?;
    let day = day.map(|d| digits_of(d).filter(|_| d.len() == 2).ok_or_else(wrong)).transpose()?;
    if year.bytes().all(|b| b == b'X') {
        possible(month, day).then_some(()).ok_or_else(|| format!("no year has the day {text:?}"))?;
        return Ok((End::Unknown, marks));
    }
    let (low, high) = if negative { (-high, -low) } else { (low, high) };
    let end = span(low, high, month, day).ok_or_else(|| format!("the calendar has no {text:?}"))?;
    Ok((end, marks))
}

/// Lowest and highest number that digits with `X` for "not stated" can mean.
fn digits_of(text: &str) -> Option<(i32, i32)> {
    text.bytes().try_fold((0, 0), |(low, high): (i32, i32), b| match b {
        b'0'..=b'9' => {
            let digit = i32::from(b - b'0');
            Some((low * 10 + digit, high * 10 + digit))
        }
        b'X' => Some((low * 10, high * 10 + 9)),
        _ => None,
    })
}

type Range = Option<(i32, i32)>;

/// Whether some year has such a month and day.
fn possible(month: Range, day: Range) -> bool {
    span(2000, 2000, month, day).is_some()
}

fn span(low: i32, high: i32, month: Range, day: Range) -> Option<End> {
    // 21 to 24 are the seasons; which months they are depends on where one stands, so the year is what is known
    let month = month.filter(|m| !(21..=24).contains(&m.0));
    let Some((first, last)) = month else {
        let whole_year = day.is_none();
        return whole_year.then(|| at(low, 1, 1, high, 12, 31, Precision::Year)).flatten();
    };
    let (first, last) = (u8::try_from(first.max(1)).ok()?, u8::try_from(last.min(12).max(first)).ok()?);
    let open_month = first != last || low != high;
    let Some((from, to)) = day else {
        let precision = if open_month { Precision::Year } else { Precision::Month };
        return at(low, first, 1, high, last, days_in(high, last), precision);
    };
    let exact = from == to && !open_month;
    let from = u8::try_from(from.max(1)).ok()?;
    let to = u8::try_from(to).ok()?.max(from);
    let to = if exact { to } else { to.min(days_in(high, last)) };
    let precision = match (exact, open_month) {
        (true, _) => Precision::Day,
        (false, false) => Precision::Month,
        (false, true) => Precision::Year,
    };
    at(low, first, from, high, last, to, precision)
}

fn at(y1: i32, m1: u8, d1: u8, y2: i32, m2: u8, d2: u8, precision: Precision) -> Option<End> {
    Some(End::At { earliest: Day::new(y1, m1, d1)?, latest: Day::new(y2, m2, d2)?, precision })
}

fn days_in(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u8, day: u8) -> Day {
        Day::new(year, month, day).expect("a day of the calendar")
    }

    #[test]
    fn precision_is_kept() {
        for (text, first, last, precision) in [
            ("2022", day(2022, 1, 1), day(2022, 12, 31), Precision::Year),
            ("2023-02", day(2023, 2, 1), day(2023, 2, 28), Precision::Month),
            ("2024-02-29", day(2024, 2, 29), day(2024, 2, 29), Precision::Day),
            ("201X", day(2010, 1, 1), day(2019, 12, 31), Precision::Year),
            ("2023-XX", day(2023, 1, 1), day(2023, 12, 31), Precision::Year),
            ("2023-04-XX", day(2023, 4, 1), day(2023, 4, 30), Precision::Month),
            ("2023-21", day(2023, 1, 1), day(2023, 12, 31), Precision::Year),
            ("[2025-07-10,2025-10-07]", day(2025, 7, 10), day(2025, 10, 7), Precision::Day),
        ] {
            let read = Edtf::parse(text).unwrap_or_else(|why| unreachable!("{text}: {why}"));
            let End::At { precision: found, .. } = read.start else { unreachable!("{text} has a year") };
            assert_eq!((read.earliest(), read.latest(), found), (Some(first), Some(last), precision), "{text}");
        }
    }

    #[test]
    fn open_unknown_and_relative_ends() {
        let since = Edtf::parse("2013/..").expect("since");
        assert_eq!((since.earliest(), since.end), (Some(day(2013, 1, 1)), End::Open));
        assert_eq!(since.holds_on(day(2040, 1, 1)), Some(true));
        assert_eq!(since.holds_on(day(2012, 12, 31)), Some(false));
        assert_eq!(since.holds_on(day(2013, 6, 1)), None, "some day of 2013, not its first");
        let from = Edtf::parse("2013/").expect("end not known");
        assert_eq!(from.holds_on(day(2040, 1, 1)), None);
        let until = Edtf::parse("../2025").expect("until");
        assert_eq!(until.holds_on(day(2026, 1, 1)), Some(false));
        assert_eq!(Edtf::parse("XXXX-01-23").map(|d| d.start), Ok(End::Unknown));
        assert_eq!(Edtf::parse("..").map(|d| d.end), Ok(End::Open));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "last year",
            "10-07-2025",
            "2023-13",
            "2023-02-30",
            "23",
            "2024/2022",
            "/",
            "2023-1-1",
            "2022/2023/2024",
            "[]",
            "XXXX-02-30",
            "2023-00",
            "２０２３",
            "2023-12-08T10:00",
            "?",
            "-",
            "2023-",
        ] {
            assert!(Edtf::parse(text).is_err(), "{text:?} passed");
        }
    }
}
