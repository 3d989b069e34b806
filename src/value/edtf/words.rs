//! Dates in words, as people read them.

use super::parse::{Form, Member, Pair, Side, Stated, Year};
use super::{About, Day};

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
const SEASONS: [&str; 4] = ["spring", "summer", "autumn", "winter"];

/// A date in words: `14 June 2022`, `about 1991`, `the 1950s`, `1901 or 1905`, `1943 or earlier`, `44 BC`, `since 2013`.
/// A text that is no date is given back as it is.
pub(crate) fn words(text: &str) -> String {
    match Form::read(text) {
        Err(_) => text.to_owned(),
        Ok(Form::Open) => "without limit".to_owned(),
        Ok(Form::One(date)) => stated(date),
        Ok(Form::Set(members)) => set(&members),
        Ok(Form::Interval(from, to)) => match (from, to) {
            (Side::At(from), Side::At(to)) => format!("{} to {}", stated(from), stated(to)),
            (Side::At(from), Side::Open) => format!("since {}", stated(from)),
            (Side::At(from), Side::Unknown) => format!("from {}, end not stated", stated(from)),
            (Side::Open, Side::At(to)) => format!("until {}", stated(to)),
            (Side::Unknown, Side::At(to)) => format!("until {}, start not stated", stated(to)),
            (Side::Open, Side::Open) => "always".to_owned(),
            (Side::Open, _) => "end not stated".to_owned(),
            (Side::Unknown, Side::Open) => "since a time not stated".to_owned(),
            (Side::Unknown, Side::Unknown) => "not stated".to_owned(),
        },
    }
}

/// The years of a date, for narrow places: `2022`, `~2019`, `18XX`, `1901|1905`, `≤1943`, `44 BC`. A text that is no
/// date is given back as it is.
pub(crate) fn short(text: &str) -> String {
    let side = |side: Side| match side {
        Side::At(date) => short_year(date),
        Side::Open | Side::Unknown => String::new(),
    };
    match Form::read(text) {
        Err(_) => text.to_owned(),
        Ok(Form::Open) => String::new(),
        Ok(Form::One(date)) => short_year(date),
        Ok(Form::Interval(from, to)) => format!("{}/{}", side(from), side(to)),
        Ok(Form::Set(members)) => {
            let member = |member: &Member| match member {
                Member::One(date) => short_year(*date),
                Member::Between(Some(from), Some(to)) => format!("{}..{}", short_year(*from), short_year(*to)),
                Member::Between(None, Some(to)) => format!("≤{}", short_year(*to)),
                Member::Between(Some(from), None) => format!("≥{}", short_year(*from)),
                Member::Between(None, None) => String::new(),
            };
            let mut all: Vec<String> = members.iter().map(member).collect();
            all.dedup();
            all.join("|")
        }
    }
}

fn short_year(date: Stated) -> String {
    let year = match date.year {
        Year::Long(year) => year_words(year),
        Year::Digits { below, digits } => match number(below, digits) {
            Some(year) => year_words(year),
            None => Stated { month: None, day: None, uncertain: false, approximate: false, ..date }.to_string(),
        },
    };
    format!("{}{year}{}", if date.approximate { "~" } else { "" }, if date.uncertain { "?" } else { "" })
}

/// A day in words.
pub(crate) fn day_words(day: Day) -> String {
    let (year, month, of_month) = day.civil();
    format!("{of_month} {} {}", month_name(month), year_words(year))
}

/// A year in words: `2022`, `44 BC`.
pub(crate) fn year_words(year: i64) -> String {
    if year > 0 { year.to_string() } else { format!("{} BC", 1 - year) }
}

/// The English name of a month, 1 to 12.
pub(crate) fn month_name(month: i64) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or("?")
}

fn set(members: &[Member]) -> String {
    let several = members.len() > 1;
    let said: Vec<String> = members
        .iter()
        .map(|member| match member {
            Member::One(date) => stated(*date),
            Member::Between(Some(from), Some(to)) => format!("between {} and {}", stated(*from), stated(*to)),
            Member::Between(None, Some(to)) if several => format!("some time until {}", stated(*to)),
            Member::Between(Some(from), None) if several => format!("some time from {} on", stated(*from)),
            Member::Between(None, Some(to)) => format!("{} or earlier", stated(*to)),
            Member::Between(Some(from), None) => format!("{} or later", stated(*from)),
            Member::Between(None, None) => "any time".to_owned(),
        })
        .collect();
    match said.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} or {last}", before.join(", ")),
        None => String::new(),
    }
}

fn stated(date: Stated) -> String {
    let plain = Stated { uncertain: false, approximate: false, ..date };
    let said = known(plain).unwrap_or_else(|| pattern(plain));
    let about = if date.approximate { "about " } else { "" };
    let doubt = if date.uncertain { " (uncertain)" } else { "" };
    format!("{about}{said}{doubt}")
}

/// The words for the usual forms.
fn known(date: Stated) -> Option<String> {
    let year = match date.year {
        year if year.is_any() => None,
        Year::Long(year) => Some(year_words(year)),
        Year::Digits { below, digits } => match (date.month, date.day) {
            (None, None) => return year_of(below, digits),
            _ => Some(year_words(number(below, digits)?)),
        },
    };
    let of = |what: String| match &year {
        Some(year) => format!("{what} {year}"),
        None => format!("{what}, year not stated"),
    };
    Some(match (date.month, date.day) {
        (None, None) => year.unwrap_or_else(|| "year not stated".to_owned()),
        (Some(month), None) => match month.number() {
            Some(season @ 21..=24) => of(SEASONS[usize::try_from(season - 21).ok()?].to_owned()),
            Some(month) => of(month_name(month).to_owned()),
            None if month == Pair(*b"XX") => format!("some month of {}", year?),
            None => return None,
        },
        (Some(month), Some(day)) => match (month.number(), day.number()) {
            (Some(month), Some(day)) => of(format!("{day} {}", month_name(month))),
            (Some(month), None) if day == Pair(*b"XX") => of(format!("some day of {}", month_name(month))),
            (None, None) if (month, day) == (Pair(*b"XX"), Pair(*b"XX")) => format!("some day of {}", year?),
            _ => return None,
        },
        (None, Some(_)) => return None,
    })
}

fn number(below: bool, digits: [u8; 4]) -> Option<i64> {
    let digit = |sum, b: &u8| b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0'));
    digits.iter().try_fold(0, digit).map(|year| if below { -year } else { year })
}

/// A year without month; nothing when its open digits are not the last ones.
fn year_of(below: bool, digits: [u8; 4]) -> Option<String> {
    let open = digits.iter().rev().take_while(|b| **b == b'X').count();
    if digits.iter().rev().skip(open).any(|b| *b == b'X') {
        return None;
    }
    let digits = digits.map(|b| if b == b'X' { b'0' } else { b });
    let size = 10_i64.pow(u32::try_from(open).ok()?);
    let (low, high) = match number(below, digits)? {
        year if below => (year - size + 1, year),
        year => (year, year + size - 1),
    };
    Some(match open {
        0 => year_words(low),
        1 if low > 0 => format!("the {low}s"),
        _ => format!("between {} and {}", year_words(low), year_words(high)),
    })
}

/// Digits that are open in other places: first and last day when every day between is meant, else as written.
fn pattern(date: Stated) -> String {
    let days = Form::One(date).dates(About::Unit, "").map(|read| read.days()).unwrap_or_default();
    match (days.stretches().len(), days.earliest(), days.latest()) {
        (1, Some(first), Some(last)) if first == last => day_words(first),
        (1, Some(first), Some(last)) => format!("between {} and {}", day_words(first), day_words(last)),
        _ => date.to_string(),
    }
}

impl std::fmt::Display for Stated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let chars = |f: &mut std::fmt::Formatter<'_>, bytes: &[u8]| {
            bytes.iter().try_for_each(|b| std::fmt::Write::write_char(f, char::from(*b)))
        };
        match self.year {
            Year::Long(year) => write!(f, "Y{year}")?,
            Year::Digits { below, digits } => {
                f.write_str(if below { "-" } else { "" })?;
                chars(f, &digits)?;
            }
        }
        for Pair(digits) in self.month.iter().chain(&self.day) {
            f.write_str("-")?;
            chars(f, digits)?;
        }
        match (self.uncertain, self.approximate) {
            (true, true) => f.write_str("%"),
            (true, false) => f.write_str("?"),
            (false, true) => f.write_str("~"),
            (false, false) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn every_form_has_its_words() {
        for (text, said) in [
            ("2022-06-14", "14 June 2022"),
            ("2022-06", "June 2022"),
            ("2022", "2022"),
            ("-0043", "44 BC"),
            ("0000", "1 BC"),
            ("0987", "987"),
            ("-0043-03-15", "15 March 44 BC"),
            ("Y-17000", "17001 BC"),
            ("195X", "the 1950s"),
            ("18XX", "between 1800 and 1899"),
            ("-004X", "between 50 BC and 41 BC"),
            ("000X", "between 1 BC and 9"),
            ("1X3X", "1X3X"),
            ("2023-21", "spring 2023"),
            ("2023-XX", "some month of 2023"),
            ("2023-12-XX", "some day of December 2023"),
            ("2023-12-1X", "between 10 December 2023 and 19 December 2023"),
            ("XXXX-01-23", "23 January, year not stated"),
            ("XXXX", "year not stated"),
            ("1991~", "about 1991"),
            ("1991?", "1991 (uncertain)"),
            ("195X%", "about the 1950s (uncertain)"),
            ("[1901,1905]", "1901 or 1905"),
            ("[2001,2003,2005-02]", "2001, 2003 or February 2005"),
            ("[2016..2018]", "between 2016 and 2018"),
            ("[..1943]", "1943 or earlier"),
            ("[1984..]", "1984 or later"),
            ("[1950,1984..]", "1950 or some time from 1984 on"),
            ("2019/2022", "2019 to 2022"),
            ("2013/..", "since 2013"),
            ("2013/", "from 2013, end not stated"),
            ("../1943", "until 1943"),
            ("/1943", "until 1943, start not stated"),
            ("last year", "last year"),
            ("2022-02-30", "2022-02-30"),
        ] {
            assert_eq!(words(text), said, "{text}");
        }
    }
}
