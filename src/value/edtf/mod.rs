//! Dates as documents state them: a year, a month, a day, an interval, an open end, "not stated".
//!
//! The notation is the Extended Date/Time Format (EDTF) level 1, and of level 2 the sets and `X` in any place:
//!
//! | written | means |
//! |---|---|
//! | `2022`, `2023-03`, `2023-12-08` | some day of the year, of the month; that day |
//! | `-0043`, `0000` | years are astronomical: 44 BC, 1 BC |
//! | `Y-17000`, `Y12026` | years of more than four digits |
//! | `201X`, `18XX`, `1X3X-0X` | digits that are not stated |
//! | `2023-21` | a season; which months it is depends on where one stands, so the year is what is known |
//! | `2022/2024` | from some day of 2022 to some day of 2024 |
//! | `2013/..`, `../2025` | without limit on that side |
//! | `2013/`, `/2025` | the other side is not known |
//! | `[2016,2018..2020]`, `[..1943]` | one of these |
//! | `2022?`, `2022~`, `2022%` | uncertain, approximate, both |
//! | `XXXX-01-23` | without a year it bounds nothing |
//!
//! One parser gives a set of days ([`DaySet`]). Precision is kept: `2022` is some day of that year, not its first.
//! `~` and `%` widen by one unit of the stated precision each way (or by what [`About`] says); whether a date is in
//! doubt (`?`, `%`) is kept beside its days. The calendar is the one of [`Date`], proleptic Gregorian.
//!
//! Patterns of digits are written out as the stretches of days they mean, up to some thousands; beyond, the days,
//! then the months, then the years between are taken as meant too. So no text costs more than a bounded multiple of
//! its length.

mod days;
mod held;
#[cfg(test)]
mod laws;
mod parse;
mod words;

pub(crate) use days::DaySet;
pub(crate) use held::{ACT_DATES, Days, FactTime, Holds, Limit, Moment};
pub(crate) use words::{month_name, short, words, year_words};

use super::Value;
use super::temporal::Date;

/// A calendar day; ordered as the calendar is.
pub(crate) type Day = Date;

/// How finely a date is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Precision {
    /// Only the first digit of the year is known.
    Millennium,
    /// The century.
    Century,
    /// The decade.
    Decade,
    /// The year.
    Year,
    /// Year and month.
    Month,
    /// A day.
    Day,
}

/// A stated date: the days it may be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Point {
    /// The days, never none; what `~` and `%` add is among them.
    pub days: DaySet,
    /// How finely it is stated; of a set, its coarsest date.
    pub precision: Precision,
    /// Whether the writer doubts it (`?` or `%`).
    pub uncertain: bool,
    /// Whether it is only near (`~` or `%`).
    pub approximate: bool,
    /// Whether it is one of several: of a set, or by digits that are not stated.
    pub choice: bool,
}

/// One end of a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum End {
    /// Without limit in this direction (`..`): it still holds, or always has.
    Open,
    /// There is an end, and the text does not say when.
    Unknown,
    /// Some day of these.
    At(Point),
}

/// A date or an interval with its precision. For a single date both ends are the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Edtf {
    from: End,
    /// The other end of an interval.
    to: Option<End>,
}

/// How far `~` and `%` reach each way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum About {
    /// One unit of the stated precision.
    #[default]
    Unit,
    /// So many months.
    Months(u32),
    /// So many days.
    Days(u32),
}

impl Edtf {
    /// Reads `text`, or says in a few words what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Self::parse_about(text, About::Unit)
    }

    /// Reads `text`, in which `~` and `%` reach as far as `about` says, or says in a few words what is wrong with it.
    pub(crate) fn parse_about(text: &str, about: About) -> Result<Self, String> {
        parse::Form::read(text).and_then(|form| form.dates(about, text))
    }

    /// A value as a date: a text that is one, a year, a date, the day of a moment.
    pub(crate) fn of_value(value: &Value) -> Option<Self> {
        match value {
            Value::Str(text) => Self::parse(text).ok(),
            Value::Int(year) => Self::year(*year),
            Value::Date(day) => Some(Self::day(*day)),
            Value::LocalDateTime(moment) => Some(Self::day(moment.date())),
            Value::DateTime(moment) => Some(Self::day(moment.local.date())),
            _ => None,
        }
    }

    /// That day.
    pub(crate) fn day(day: Day) -> Self {
        Self::point(DaySet::of(Some(day), Some(day)), Precision::Day)
    }

    /// Some day of that year; nothing when the calendar does not reach so far.
    pub(crate) fn year(year: i64) -> Option<Self> {
        let (first, last) = (Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?);
        Some(Self::point(DaySet::of(Some(first), Some(last)), Precision::Year))
    }

    fn point(days: DaySet, precision: Precision) -> Self {
        Self { from: End::At(Point { days, precision, uncertain: false, approximate: false, choice: false }), to: None }
    }

    /// The start of the interval, or the date.
    pub(crate) fn from(&self) -> &End {
        &self.from
    }

    /// The end of the interval, or the date.
    pub(crate) fn to(&self) -> &End {
        self.to.as_ref().unwrap_or(&self.from)
    }

    /// Whether this was written as an interval (`A/B`).
    pub(crate) fn is_interval(&self) -> bool {
        self.to.is_some()
    }

    /// The days on which it may begin; all when that is open or not known.
    pub(crate) fn begin(&self) -> DaySet {
        self.from().days()
    }

    /// The days on which it may end; all when that is open or not known.
    pub(crate) fn end(&self) -> DaySet {
        self.to().days()
    }

    /// The days it may concern: those of the date, or all from the first on which the interval may begin to the last
    /// on which it may end.
    pub(crate) fn days(&self) -> DaySet {
        match self.to {
            None => self.begin(),
            Some(_) => DaySet::of(self.earliest(), self.latest()),
        }
    }

    /// The first day this can concern; nothing when it is open or not known.
    pub(crate) fn earliest(&self) -> Option<Day> {
        self.from().earliest()
    }

    /// The last day this can concern; nothing when it is open or not known.
    pub(crate) fn latest(&self) -> Option<Day> {
        self.to().latest()
    }

    /// How finely it is stated; of an interval, its coarser end; nothing when no day is stated.
    pub(crate) fn precision(&self) -> Option<Precision> {
        match (self.from().precision(), self.to().precision()) {
            (Some(from), Some(to)) => Some(from.min(to)),
            (one, other) => one.or(other),
        }
    }

    /// Whether the writer doubts nothing of it (no `?`, no `%`).
    pub(crate) fn certain(&self) -> bool {
        self.from().certain() && self.to().certain()
    }
}

impl End {
    /// The days it can be; all when it is open or not known.
    pub(crate) fn days(&self) -> DaySet {
        self.point().map_or_else(DaySet::all, |point| point.days.clone())
    }

    /// The first day it can be.
    pub(crate) fn earliest(&self) -> Option<Day> {
        self.point().and_then(|point| point.days.earliest())
    }

    /// The last day it can be.
    pub(crate) fn latest(&self) -> Option<Day> {
        self.point().and_then(|point| point.days.latest())
    }

    /// How finely it is stated.
    pub(crate) fn precision(&self) -> Option<Precision> {
        self.point().map(|point| point.precision)
    }

    /// Whether the writer does not doubt it.
    pub(crate) fn certain(&self) -> bool {
        self.point().is_none_or(|point| !point.uncertain)
    }

    /// The date, when one is stated.
    pub(crate) fn point(&self) -> Option<&Point> {
        match self {
            Self::At(point) => Some(point),
            Self::Open | Self::Unknown => None,
        }
    }
}

impl Precision {
    /// The name: `day`, `month`, `year`, `decade`, `century`, `millennium`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Millennium => "millennium",
            Self::Century => "century",
            Self::Decade => "decade",
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
        }
    }
}

impl About {
    /// Reads `2y`, `6m` or `10d`, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a length of time; write 2y (years), 6m (months) or 10d (days)");
        let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let number: u32 = number.parse().map_err(|_| wrong())?;
        match unit {
            "y" => number.checked_mul(12).map(Self::Months).ok_or_else(wrong),
            "m" => Ok(Self::Months(number)),
            "d" => Ok(Self::Days(number)),
            _ => Err(wrong()),
        }
    }
}
