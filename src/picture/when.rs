//! Dates as documents state them, on the time axis and in words.
//!
//! What a date means is said by [`Edtf`]; here it has two more sides: the stretch of the axis it may lie in
//! ([`When::bounds`], in days), which the picture draws as a sharp or a soft edge, and the words a reader sees
//! ([`When::words`]). A date that has no place on the axis ("23 January, year not stated", "last year") keeps its words
//! and has no bounds.

use crate::value::edtf::{self, Day, Edtf};

/// When something began, happened or ended, as precisely as it is stated.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum When {
    /// No document states it.
    #[default]
    NotStated,
    /// As an end: the thing still exists.
    Open,
    /// A date or an interval.
    Stated(Box<StatedDate>),
    /// Stated in words that are no date ("last year").
    Words(String),
}

/// A date or an interval as it is written, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedDate {
    text: String,
    date: Edtf,
}

impl When {
    /// Reads an EDTF text. Empty text is [`When::NotStated`], `..` (or `open`) is [`When::Open`]; what is no date is
    /// kept as [`When::Words`].
    ///
    /// ```
    /// use shejire::picture::When;
    ///
    /// assert_eq!(When::parse(""), When::NotStated);
    /// assert_eq!(When::parse(".."), When::Open);
    /// assert_eq!(When::parse("last year"), When::Words("last year".into()));
    /// assert_eq!(When::parse("1995-06").edtf(), "1995-06");
    /// ```
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("unknown") {
            return Self::NotStated;
        }
        if text == ".." || text.eq_ignore_ascii_case("open") {
            return Self::Open;
        }
        match Edtf::parse(text) {
            Ok(date) => Self::Stated(Box::new(StatedDate { text: text.to_owned(), date })),
            Err(_) => Self::Words(text.to_owned()),
        }
    }

    /// That day.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::picture::When;
    /// use shejire::value::temporal::Date;
    ///
    /// assert_eq!(When::on(Date::new(1894, 6, 30)?).words(), "30 June 1894");
    /// # Ok(())
    /// # }
    /// ```
    pub fn on(day: Day) -> Self {
        Self::Stated(Box::new(StatedDate { text: day.to_string(), date: Edtf::day(day) }))
    }

    /// Both sides of an interval; nothing for what is none.
    pub(crate) fn sides(&self) -> Option<(Self, Self)> {
        let Self::Stated(stated) = self else { return None };
        stated.text.split_once('/').map(|(from, to)| (Self::parse(from), Self::parse(to)))
    }

    /// First and last moment it may lie at, in days since 1970-01-01 (the end is the start of the day after);
    /// nothing on a side that is open. `None` when it has no place on the axis.
    pub(crate) fn limits(&self) -> Option<(Option<f64>, Option<f64>)> {
        let Self::Stated(stated) = self else { return None };
        let (first, last) = (stated.date.earliest(), stated.date.latest());
        if first.is_none() && last.is_none() {
            return None;
        }
        Some((first.map(|day| day.days as f64), last.map(|day| day.days as f64 + 1.0)))
    }

    /// First and last moment it may lie at, in days since 1970-01-01 (the end is the start of the day after); what is stated of the
    /// other side stands in the place of a side that is open. `None` when it has no place on the axis.
    ///
    /// ```
    /// use shejire::picture::When;
    ///
    /// assert_eq!(When::parse("1970").bounds(), Some((0.0, 365.0)));
    /// assert_eq!(When::parse("last year").bounds(), None);
    /// ```
    pub fn bounds(&self) -> Option<(f64, f64)> {
        let Self::Stated(stated) = self else { return None };
        match self.limits()? {
            (Some(first), Some(last)) => Some((first, last)),
            (Some(first), None) => {
                Some((first, stated.date.from().latest().map_or(first + 1.0, |day| day.days as f64 + 1.0)))
            }
            (None, Some(last)) => Some((stated.date.to().earliest().map_or(last - 1.0, |day| day.days as f64), last)),
            (None, None) => None,
        }
    }

    /// The words a reader sees: `14 June 2022`, `the 1950s`, `1901 or 1905`, `2019 to 2022`, `about 2019`, `44 BC`.
    ///
    /// ```
    /// use shejire::picture::When;
    ///
    /// assert_eq!(When::parse("195X").words(), "the 1950s");
    /// assert_eq!(When::parse("2019/2022").words(), "2019 to 2022");
    /// ```
    pub fn words(&self) -> String {
        match self {
            Self::NotStated => "not stated".to_string(),
            Self::Open => "still exists".to_string(),
            Self::Stated(stated) => edtf::words(&stated.text),
            Self::Words(text) => text.clone(),
        }
    }

    /// The words where it is one side of a life: an interval is the time in which that side lies.
    pub(crate) fn side_words(&self) -> String {
        match self {
            Self::Stated(stated) if stated.date.is_interval() => edtf::words(&as_choice(&stated.text)),
            other => other.words(),
        }
    }

    /// The EDTF text, for tables.
    ///
    /// ```
    /// use shejire::picture::When;
    ///
    /// assert_eq!(When::parse("2019~").edtf(), "2019~");
    /// assert_eq!(When::Open.edtf(), "..");
    /// ```
    pub fn edtf(&self) -> String {
        match self {
            Self::NotStated => String::new(),
            Self::Open => "..".to_string(),
            Self::Stated(stated) => stated.text.clone(),
            Self::Words(text) => text.clone(),
        }
    }

    /// The year alone, for narrow places: `2022`, `~2019`, `18XX`, `≤1943`, `44 BC`, `?`.
    pub(crate) fn year_words(&self) -> String {
        match self {
            Self::NotStated | Self::Words(_) => "?".to_string(),
            Self::Open => String::new(),
            Self::Stated(stated) if stated.date.earliest().or(stated.date.latest()).is_none() => "?".to_string(),
            Self::Stated(stated) => edtf::short(&as_choice(&stated.text)),
        }
    }
}

/// An interval as the set of what may be meant: `2019/2022` as `[2019..2022]`.
fn as_choice(text: &str) -> String {
    match text.split_once('/') {
        Some((from, to)) => format!("[{}..{}]", from.trim_matches('.'), to.trim_matches('.')),
        None => text.to_owned(),
    }
}

/// The start of a year, in days since 1970-01-01; at the ends of the calendar, its first and last day.
pub(crate) fn year_start(year: i64) -> f64 {
    month_start(year, 1)
}

/// The start of a month (1 to 12) of a year.
pub(crate) fn month_start(year: i64, month: i64) -> f64 {
    Day::at(year, month, 1).unwrap_or(if year < 0 { Day::MIN } else { Day::MAX }).days as f64
}

/// The day that a moment falls on.
pub(crate) fn day_of(days: f64) -> Day {
    Day { days: (days.floor() as i64).clamp(Day::MIN.days, Day::MAX.days) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_kept() {
        for text in
            ["2022", "2022-06", "2022-06-14", "2019~", "2013/..", "../2025", "2022/2024", "..", "-0044", "[..1943]", ""]
        {
            assert_eq!(When::parse(text).edtf(), text);
        }
        for words in ["last year", "2022-02-30", "2022-13", "20", "2022-06-14-1", "٢٠٢٢"] {
            assert_eq!(When::parse(words), When::Words(words.to_string()), "{words}");
            assert_eq!(When::parse(words).bounds(), None, "{words}");
        }
    }

    #[test]
    fn every_date_has_its_place_and_its_words() {
        let year = |y: i64| year_start(y);
        for (text, limits, side, short) in [
            ("2023", (Some(year(2023)), Some(year(2024))), "2023", "2023"),
            ("18XX", (Some(year(1800)), Some(year(1900))), "between 1800 and 1899", "18XX"),
            ("195X", (Some(year(1950)), Some(year(1960))), "the 1950s", "195X"),
            ("[1901,1905]", (Some(year(1901)), Some(year(1906))), "1901 or 1905", "1901|1905"),
            ("[..1943]", (None, Some(year(1944))), "1943 or earlier", "≤1943"),
            ("../1943", (None, Some(year(1944))), "1943 or earlier", "≤1943"),
            ("2013/..", (Some(year(2013)), None), "2013 or later", "≥2013"),
            ("2019~", (Some(year(2018)), Some(year(2021))), "about 2019", "~2019"),
            ("-0043", (Some(year(-43)), Some(year(-42))), "44 BC", "44 BC"),
            ("2019/2022", (Some(year(2019)), Some(year(2023))), "between 2019 and 2022", "2019..2022"),
        ] {
            let when = When::parse(text);
            assert_eq!(when.limits(), Some(limits), "{text}");
            assert_eq!((when.side_words().as_str(), when.year_words().as_str()), (side, short), "{text}");
            assert!(when.bounds().is_some_and(|(a, b)| a < b), "{text}");
        }
        assert_eq!(When::parse("XXXX-01-23").bounds(), None);
        assert_eq!(When::parse("XXXX-01-23").words(), "23 January, year not stated");
        assert_eq!(When::parse("2013/..").words(), "since 2013");
    }
}
