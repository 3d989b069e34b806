//! Dates as documents state them: a day, a month, a year, an interval, an open end, or nothing.
//!
//! A date has two sides here: the stretch of the time axis it may lie in ([`When::bounds`], in days), which the
//! picture draws as a sharp or a soft edge, and the words a reader sees ([`When::words`]). A date that has no place
//! on the axis ("23 January, year not stated", "last year") keeps its words and has no bounds.

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// When something began, happened or ended, as precisely as it is stated.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum When {
    /// No document states it.
    #[default]
    NotStated,
    /// A year.
    Year(i32),
    /// A month (1 to 12) of a year.
    Month(i32, u8),
    /// A day.
    Day(i32, u8, u8),
    /// As an end: the thing still exists.
    Open,
    /// Somewhere between the two; either side may be open or not stated.
    Interval(Box<When>, Box<When>),
    /// Stated as uncertain or approximate (`2019?`, `2019~`).
    About(Box<When>),
    /// Stated in words that have no place on the axis ("last year", "23 January").
    Words(String),
}

impl When {
    /// Reads an EDTF text: `2022`, `2022-06`, `2022-06-14`, `2019/2022`, `2013/..`, `../2025`, `2019?`, `2019~`,
    /// `..` or `open`. Empty text is [`When::NotStated`]; anything else is kept as [`When::Words`].
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("unknown") {
            return Self::NotStated;
        }
        if text == ".." || text.eq_ignore_ascii_case("open") {
            return Self::Open;
        }
        if let Some((from, to)) = text.split_once('/') {
            let sides = (Self::side(from), Self::side(to));
            return match sides {
                (Some(from), Some(to)) => Self::Interval(Box::new(from), Box::new(to)),
                _ => Self::Words(text.to_string()),
            };
        }
        Self::point(text).unwrap_or_else(|| Self::Words(text.to_string()))
    }

    fn side(text: &str) -> Option<Self> {
        match text.trim() {
            "" => Some(Self::NotStated),
            ".." | "open" => Some(Self::Open),
            text => Self::point(text),
        }
    }

    fn point(text: &str) -> Option<Self> {
        if let Some(plain) = text.strip_suffix(['?', '~', '%']) {
            return Self::point(plain).map(|w| Self::About(Box::new(w)));
        }
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let mut parts = digits.split('-');
        let number = |part: &str, length: usize| {
            (part.len() == length && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<i32>().ok())?
        };
        let year = sign * number(parts.next()?, 4)?;
        let Some(month) = parts.next() else { return Some(Self::Year(year)) };
        let month = u8::try_from(number(month, 2)?).ok().filter(|m| (1..=12).contains(m))?;
        let Some(day) = parts.next() else { return Some(Self::Month(year, month)) };
        let day = u8::try_from(number(day, 2)?).ok().filter(|d| (1..=days_in(year, month)).contains(d))?;
        parts.next().is_none().then_some(Self::Day(year, month, day))
    }

    /// First and last moment it may lie at, in days since 1970-01-01 (the end is the start of the day after);
    /// `None` when it has no place on the axis.
    pub fn bounds(&self) -> Option<(f64, f64)> {
        Some(match self {
            Self::NotStated | Self::Open | Self::Words(_) => return None,
            Self::Year(y) => (day_number(*y, 1, 1), day_number(y.saturating_add(1), 1, 1)),
            Self::Month(y, m) if *m >= 12 => (day_number(*y, 12, 1), day_number(y.saturating_add(1), 1, 1)),
            Self::Month(y, m) => (day_number(*y, *m, 1), day_number(*y, m + 1, 1)),
            Self::Day(y, m, d) => (day_number(*y, *m, *d), day_number(*y, *m, *d) + 1.0),
            Self::About(inner) => inner.bounds()?,
            Self::Interval(from, to) => match (from.bounds(), to.bounds()) {
                (Some((a, _)), Some((_, b))) if b >= a => (a, b),
                (Some(one), _) | (None, Some(one)) => one,
                (None, None) => return None,
            },
        })
    }

    /// Stated as uncertain or approximate.
    pub fn is_about(&self) -> bool {
        matches!(self, Self::About(_))
    }

    /// The words a reader sees: `14 June 2022`, `June 2022`, `2022`, `2019 to 2022`, `about 2019`.
    pub fn words(&self) -> String {
        match self {
            Self::NotStated => "not stated".to_string(),
            Self::Open => "still exists".to_string(),
            Self::Year(y) => year_words(*y),
            Self::Month(y, m) => format!("{} {}", month_name(*m), year_words(*y)),
            Self::Day(y, m, d) => format!("{d} {} {}", month_name(*m), year_words(*y)),
            Self::About(inner) => format!("about {}", inner.words()),
            Self::Words(text) => text.clone(),
            Self::Interval(from, to) => match (&**from, &**to) {
                (from, Self::Open | Self::NotStated) => format!("since {}", from.words()),
                (Self::Open | Self::NotStated, to) => format!("until {}", to.words()),
                (from, to) => format!("{} to {}", from.words(), to.words()),
            },
        }
    }

    /// The EDTF text, for tables.
    pub fn edtf(&self) -> String {
        let year = |y: i32| if y < 0 { format!("-{:04}", y.unsigned_abs()) } else { format!("{y:04}") };
        match self {
            Self::NotStated => String::new(),
            Self::Open => "..".to_string(),
            Self::Year(y) => year(*y),
            Self::Month(y, m) => format!("{}-{m:02}", year(*y)),
            Self::Day(y, m, d) => format!("{}-{m:02}-{d:02}", year(*y)),
            Self::About(inner) => format!("{}~", inner.edtf()),
            Self::Words(text) => text.clone(),
            Self::Interval(from, to) => format!("{}/{}", from.edtf(), to.edtf()),
        }
    }

    /// The year alone, for narrow places: `2022`, `~2019`, `?`.
    pub fn year_words(&self) -> String {
        match self {
            Self::NotStated | Self::Words(_) => "?".to_string(),
            Self::Open => String::new(),
            Self::Year(y) | Self::Month(y, _) | Self::Day(y, _, _) => y.to_string(),
            Self::About(inner) => format!("~{}", inner.year_words()),
            Self::Interval(from, to) => format!("{}/{}", from.year_words(), to.year_words()),
        }
    }
}

fn year_words(year: i32) -> String {
    if year > 0 { year.to_string() } else { format!("{} BC", 1 - i64::from(year)) }
}

fn month_name(month: u8) -> &'static str {
    MONTHS.get(usize::from(month).wrapping_sub(1)).copied().unwrap_or("?")
}

fn days_in(year: i32, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar (exact; years to ±9999).
pub(crate) fn day_number(year: i32, month: u8, day: u8) -> f64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((i64::from(month) + 9) % 12) + 2) / 5 + i64::from(day) - 1;
    (era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468) as f64
}

/// The year, month and day that a day number falls on.
pub(crate) fn date_of(days: f64) -> (i32, u8, u8) {
    let days = days.floor() as i64 + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * shifted + 2) / 5 + 1) as u8;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 } as u8;
    ((year_of_era + era * 400 + i64::from(month <= 2)) as i32, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_documents_state() {
        assert_eq!(When::parse("2022-06-14"), When::Day(2022, 6, 14));
        assert_eq!(When::parse("2022-06"), When::Month(2022, 6));
        assert_eq!(When::parse("2019~"), When::About(Box::new(When::Year(2019))));
        assert_eq!(When::parse("2013/.."), When::Interval(Box::new(When::Year(2013)), Box::new(When::Open)));
        assert_eq!(When::parse(""), When::NotStated);
        for words in ["last year", "XXXX-01-23", "2022-02-30", "2022-13", "20", "2022-06-14-1", "٢٠٢٢"] {
            assert_eq!(When::parse(words), When::Words(words.to_string()), "{words}");
        }
    }

    #[test]
    fn edtf_survives_the_round() {
        for text in ["2022", "2022-06", "2022-06-14", "2019~", "2013/..", "../2025", "2022/2024", "..", "-0044", ""] {
            assert_eq!(When::parse(text).edtf(), text);
        }
    }

    #[test]
    fn calendar_goes_there_and_back() {
        for days in (-800_000..900_000).step_by(37) {
            let (y, m, d) = date_of(f64::from(days));
            assert_eq!(day_number(y, m, d), f64::from(days), "{y}-{m}-{d}");
        }
        assert_eq!(day_number(1970, 1, 1), 0.0);
        assert_eq!(day_number(2022, 6, 14), 19_157.0);
    }

    #[test]
    fn bounds_and_words() {
        let (a, b) = When::Year(2023).bounds().expect("a year has a place");
        assert_eq!(b - a, 365.0);
        assert_eq!(When::parse("2013/..").words(), "since 2013");
        assert_eq!(When::Day(2023, 12, 8).words(), "8 December 2023");
        assert!(When::parse("last year").bounds().is_none());
        assert_eq!(When::Year(-43).words(), "44 BC");
    }
}
