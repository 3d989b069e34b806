//! From text to its form (what is written), and from the form to the days it means.

use super::days::DaySet;
use super::{About, Day, Edtf, End, Point, Precision};
use crate::value::temporal::{Date, MAX_YEAR};

/// How many stretches of days the patterns of one text are written out as.
const STRETCHES: usize = 4096;

/// A text as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Form {
    Open,
    One(Stated),
    Interval(Side, Side),
    Set(Vec<Member>),
}

/// A side of an interval.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Side {
    Open,
    Unknown,
    At(Stated),
}

/// A date of a set, or some date from one to another; nothing is a side without limit.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Member {
    One(Stated),
    Between(Option<Stated>, Option<Stated>),
}

/// A date as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stated {
    pub(super) year: Year,
    pub(super) month: Option<Pair>,
    pub(super) day: Option<Pair>,
    pub(super) uncertain: bool,
    pub(super) approximate: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Year {
    /// Four digits or `X`.
    Digits { below: bool, digits: [u8; 4] },
    /// `Y` and five digits or more.
    Long(i64),
}

/// Two digits or `X`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair(pub(super) [u8; 2]);

impl Form {
    /// Reads `text`, or says in a few words what is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("the date is empty".into());
        }
        reserved(text)?;
        if let Some(inner) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            return set(inner);
        }
        match text.split_once('/') {
            Some((_, to)) if to.contains('/') => Err("an interval has one `/`, as in 2022/2024".into()),
            Some(("", "")) => Err("an interval needs at least one end, as in 2013/..".into()),
            Some((from, to)) => Ok(Self::Interval(side(from)?, side(to)?)),
            None if text == ".." => Ok(Self::Open),
            None => Ok(Self::One(date(text)?)),
        }
    }

    /// The dates of the form; `text` is what it was read from.
    pub(super) fn dates(&self, about: About, text: &str) -> Result<Edtf, String> {
        let end = |side: &Side| match side {
            Side::Open => Ok(End::Open),
            Side::Unknown => Ok(End::Unknown),
            Side::At(date) => one(&[Member::One(*date)], about, text),
        };
        match self {
            Self::Open => Ok(Edtf { from: End::Open, to: None }),
            Self::One(date) => Ok(Edtf { from: one(&[Member::One(*date)], about, text)?, to: None }),
            Self::Set(members) => Ok(Edtf { from: one(members, about, text)?, to: None }),
            Self::Interval(from, to) => {
                let (from, to) = (end(from)?, end(to)?);
                match (from.earliest(), to.latest()) {
                    (Some(first), Some(last)) if first > last => Err("the interval ends before it starts".into()),
                    _ => Ok(Edtf { from, to: Some(to) }),
                }
            }
        }
    }
}

/// What the notation of dates has, or other notations have, and is not read here.
fn reserved(text: &str) -> Result<(), String> {
    if text.contains("calendar=") {
        return Err(format!(
            "{text:?} names a calendar; only dates of the Gregorian calendar are read: write the \
                            Gregorian date, and keep the words of the document in a qualifier of its own"
        ));
    }
    if let Some((word, _)) = text.split_once(':')
        && !word.is_empty()
        && word.bytes().all(|b| b.is_ascii_alphabetic())
    {
        return Err(format!(
            "{text:?} is a relative date (`{word}:` an event), which is not read yet; write the days \
                            it may be, as in 2011/.."
        ));
    }
    if text.starts_with('{') {
        return Err(format!(
            "{text:?} is a set of which all are meant; write each date in a row of its own, or one \
                            of several as [2016,2018]"
        ));
    }
    Ok(())
}

fn side(text: &str) -> Result<Side, String> {
    match text.trim() {
        "" => Ok(Side::Unknown),
        ".." => Ok(Side::Open),
        text => date(text).map(Side::At),
    }
}

fn set(inner: &str) -> Result<Form, String> {
    let member = |item: &str| match item.trim().split_once("..") {
        Some(("", "")) => Err("a set that has every day says nothing; write .. alone".to_owned()),
        Some((from, to)) => {
            let end = |text: &str| if text.is_empty() { Ok(None) } else { date(text.trim()).map(Some) };
            Ok(Member::Between(end(from)?, end(to)?))
        }
        None if item.trim().is_empty() => Err("a date is missing in the set".into()),
        None => date(item.trim()).map(Member::One),
    };
    if inner.trim().is_empty() {
        return Err("the set of dates is empty".into());
    }
    inner.split(',').map(member).collect::<Result<_, _>>().map(Form::Set)
}

fn date(text: &str) -> Result<Stated, String> {
    let (body, uncertain, approximate) = match text.as_bytes() {
        [.., b'?'] => (&text[..text.len() - 1], true, false),
        [.., b'~'] => (&text[..text.len() - 1], false, true),
        [.., b'%'] => (&text[..text.len() - 1], true, true),
        _ => (text, false, false),
    };
    let wrong = || format!("{text:?} is not a date; write 2022, 2022-03 or 2022-03-15");
    if let Some(digits) = body.strip_prefix('Y') {
        let year = long_year(digits).ok_or_else(|| {
            format!("{text:?} is not a year; after Y come five to nine digits and nothing else, as in Y-17000")
        })?;
        return Ok(Stated { year: Year::Long(year), month: None, day: None, uncertain, approximate });
    }
    let (below, rest) = body.strip_prefix('-').map_or((false, body), |rest| (true, rest));
    let mut parts = rest.split('-');
    let (year, month, day) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    if parts.next().is_some() {
        return Err(wrong());
    }
    let Ok(digits) = <[u8; 4]>::try_from(year.as_bytes()) else {
        let only_digits = !year.is_empty() && year.bytes().all(|b| b.is_ascii_digit());
        return Err(match (only_digits, year.len()) {
            (true, ..4) => format!("{text:?} is not a date: a year has four digits, as in {year:0>4}"),
            (true, _) => {
                format!("{text:?} is not a date: a year of more than four digits begins with Y, as in Y{year}")
            }
            _ => wrong(),
        });
    };
    if below && &digits == b"0000" {
        return Err(format!("{text:?} is not a year: 1 BC is 0000, 2 BC is -0001"));
    }
    let pair = |text: &str| {
        let digits = <[u8; 2]>::try_from(text.as_bytes()).ok()?;
        digits.iter().all(|b| is_digit(*b)).then_some(Pair(digits))
    };
    let month = month.map(|text| pair(text).ok_or_else(wrong)).transpose()?;
    let day = day.map(|text| pair(text).ok_or_else(wrong)).transpose()?;
    if !digits.iter().all(|b| is_digit(*b)) {
        return Err(wrong());
    }
    let stated = Stated { year: Year::Digits { below, digits }, month, day, uncertain, approximate };
    if stated.exists() { Ok(stated) } else { Err(format!("the calendar has no {text:?}")) }
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'X'
}

fn long_year(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let well =
        (5..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    well.then(|| text.parse().ok()).flatten().filter(|year: &i64| year.abs() <= MAX_YEAR)
}

impl Pair {
    /// Whether neither digit is stated.
    fn is_any(self) -> bool {
        self.0 == *b"XX"
    }

    pub(super) fn number(self) -> Option<i64> {
        let [tens, ones] = self.0;
        (tens != b'X' && ones != b'X').then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    }

    /// The numbers from `low` to `high` it can be, as stretches.
    fn runs(self, low: i64, high: i64) -> Vec<(i64, i64)> {
        let fits = |number: &i64| {
            let [tens, ones] = self.0.map(|b| (b != b'X').then(|| i64::from(b - b'0')));
            tens.is_none_or(|t| number / 10 == t) && ones.is_none_or(|o| number % 10 == o)
        };
        join((low..=high).filter(fits).map(|n| (n, n)))
    }
}

/// Stretches that follow each other made one.
fn join(stretches: impl Iterator<Item = (i64, i64)>) -> Vec<(i64, i64)> {
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (first, last) in stretches {
        match joined.last_mut() {
            Some(before) if before.1 + 1 == first => before.1 = last,
            _ => joined.push((first, last)),
        }
    }
    joined
}

impl Year {
    /// Whether no digit is stated.
    pub(super) fn is_any(self) -> bool {
        matches!(self, Self::Digits { digits: [b'X', b'X', b'X', b'X'], .. })
    }

    /// The years it can be, as ascending stretches.
    fn runs(self) -> Vec<(i64, i64)> {
        let (below, digits) = match self {
            Self::Long(year) => return vec![(year, year)],
            Self::Digits { below, digits } => (below, digits),
        };
        let mut runs = vec![(0, 0)];
        for (at, digit) in digits.iter().enumerate() {
            // from here on every digit is open: one stretch of each
            if digits[at..].iter().all(|b| *b == b'X') {
                let size = 10_i64.pow(4 - at as u32);
                runs.iter_mut().for_each(|(first, last)| (*first, *last) = (*first * size, *first * size + size - 1));
                break;
            }
            let choices = if *digit == b'X' { 0..=9 } else { i64::from(digit - b'0')..=i64::from(digit - b'0') };
            runs = runs
                .iter()
                .flat_map(|(n, _)| choices.clone().map(move |digit| (n * 10 + digit, n * 10 + digit)))
                .collect();
        }
        if below {
            runs = runs.into_iter().rev().map(|(first, last)| (-last, -first)).collect();
        }
        join(runs.into_iter())
    }
}

impl Stated {
    fn season(self) -> bool {
        self.month.and_then(Pair::number).is_some_and(|month| (21..=24).contains(&month))
    }

    /// The months it can be; all when it says none, or a season.
    fn months(self) -> Vec<(i64, i64)> {
        match self.month {
            Some(month) if !self.season() => month.runs(1, 12),
            _ => vec![(1, 12)],
        }
    }

    /// The days of the month it can be; all when it says none.
    fn days_of_month(self) -> Vec<(i64, i64)> {
        self.day.map_or_else(|| vec![(1, 31)], |day| day.runs(1, 31))
    }

    /// First and last day, when every digit is stated. `Some(None)`: the calendar has no such day.
    fn plain(self) -> Option<Option<(Day, Day)>> {
        let year = match self.year {
            Year::Long(year) => year,
            Year::Digits { below, digits } => {
                let digit = |sum, b: &u8| b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0'));
                let year = digits.iter().try_fold(0, digit)?;
                if below { -year } else { year }
            }
        };
        let month = self.month.map(|month| month.number().ok_or(())).transpose().ok()?;
        let day = self.day.map(|day| day.number().ok_or(())).transpose().ok()?;
        let (first, last) = match (month, day) {
            (None | Some(21..=24), None) => ((1, 1), (12, 31)),
            (Some(month), None) => ((month, 1), (month, Date::month_length(year, month))),
            (month, Some(day)) => ((month.unwrap_or(0), day), (month.unwrap_or(0), day)),
        };
        Some(Date::at(year, first.0, first.1).zip(Date::at(year, last.0, last.1)))
    }

    /// Whether the calendar has such a day.
    fn exists(self) -> bool {
        if let Some(plain) = self.plain() {
            return plain.is_some();
        }
        if self.season() && self.day.is_some() {
            return false;
        }
        let years = if self.year.is_any() { vec![(2000, 2000)] } else { self.year.runs() };
        let first_day = self.days_of_month().first().map(|run| run.0);
        let Some(day) = first_day else { return false };
        let months: Vec<i64> = self.months().iter().flat_map(|(first, last)| *first..=*last).collect();
        // of four years in a row one is a leap year, but for centuries; of eight one always is
        years.iter().any(|(first, last)| {
            (*first..=*last).take(8).any(|year| months.iter().any(|month| Date::at(year, *month, day).is_some()))
        })
    }

    /// Down to which digit it is stated.
    fn precision(self) -> Precision {
        let stated = |pair: Option<Pair>| pair.is_some_and(|pair| pair.number().is_some());
        let digits = match self.year {
            Year::Long(_) => 4,
            Year::Digits { digits, .. } => digits.iter().take_while(|b| **b != b'X').count(),
        };
        match digits {
            0 | 1 => Precision::Millennium,
            2 => Precision::Century,
            3 => Precision::Decade,
            _ if !stated(self.month) || self.season() => Precision::Year,
            _ if !stated(self.day) => Precision::Month,
            _ => Precision::Day,
        }
    }

    /// What it is read as when patterns are not written out to the last: without day, month, digits of the year.
    fn coarser(self, level: u8) -> Self {
        let any = |pair: Option<Pair>| pair.map(|pair| if pair.number().is_some() { pair } else { Pair(*b"XX") });
        match level {
            0 => self,
            1 => Self { day: any(self.day).filter(|day| !day.is_any()), ..self },
            _ => Self { day: None, month: any(self.month).filter(|m| !m.is_any()), ..self },
        }
    }

    /// How many stretches it is written out as.
    fn count(self) -> usize {
        if self.plain().is_some() {
            return 1;
        }
        let (years, months, days) = (self.year.runs(), self.months(), self.days_of_month());
        let sum = |runs: &[(i64, i64)]| runs.iter().map(|(first, last)| (last - first + 1) as usize).sum::<usize>();
        match (&months[..], &days[..]) {
            ([(1, 12)], [(1, 31)]) => years.len(),
            (months, [(1, 31)]) => sum(&years) * months.len(),
            (months, days) => sum(&years) * sum(months) * days.len(),
        }
    }

    /// The stretches of days it is, in order. `hull`: from the first year to the last without gaps.
    fn write_out(self, hull: bool, to: &mut Vec<(Option<Day>, Option<Day>)>) {
        if let Some(plain) = self.plain() {
            to.extend(plain.map(|(first, last)| (Some(first), Some(last))));
            return;
        }
        let (mut years, months, days) = (self.year.runs(), self.months(), self.days_of_month());
        if hull {
            years = years.first().zip(years.last()).map(|(a, b)| (a.0, b.1)).into_iter().collect();
        }
        let mut push = |first: (i64, i64, i64), last: (i64, i64, i64)| {
            let first = Date::at(first.0, first.1, first.2.min(Date::month_length(first.0, first.1)));
            let last = Date::at(last.0, last.1, last.2.min(Date::month_length(last.0, last.1)));
            if let (Some(first), Some(last)) = (first, last) {
                to.push((Some(first), Some(last)));
            }
        };
        for (low, high) in years {
            if months[..] == [(1, 12)] && days[..] == [(1, 31)] {
                push((low, 1, 1), (high, 12, 31));
                continue;
            }
            if hull {
                // the months and days of the first and the last year
                if let (Some(a), Some(b), Some(c), Some(d)) = (months.first(), months.last(), days.first(), days.last())
                {
                    push((low, a.0, c.0), (high, b.1, d.1));
                }
                continue;
            }
            for year in low..=high {
                for (from, to) in &months {
                    if days[..] == [(1, 31)] {
                        push((year, *from, 1), (year, *to, 31));
                        continue;
                    }
                    for month in *from..=*to {
                        for (first, last) in days.iter().filter(|(first, _)| *first <= Date::month_length(year, month))
                        {
                            push((year, month, *first), (year, month, *last));
                        }
                    }
                }
            }
        }
    }

    /// Its days, moved apart by what `~` and `%` add.
    fn spread(self, about: About, stretches: &mut [(Option<Day>, Option<Day>)]) {
        if !self.approximate {
            return;
        }
        let precision = self.precision();
        let (months, days) = match about {
            About::Months(months) => (i64::from(months), 0),
            About::Days(days) => (0, i64::from(days)),
            About::Unit => match precision {
                Precision::Millennium => (12_000, 0),
                Precision::Century => (1200, 0),
                Precision::Decade => (120, 0),
                Precision::Year => (12, 0),
                Precision::Month => (1, 0),
                Precision::Day => (0, 1),
            },
        };
        let whole_months = precision < Precision::Day;
        for (first, last) in stretches {
            *first = first.map(|day| moved(day, -months, -days, false));
            *last = last.map(|day| moved(day, months, days, whole_months));
        }
    }
}

/// `day` so many months and days later; with `whole_months` the last day of a month stays one. At the ends of the
/// calendar, its first and last day.
fn moved(day: Day, months: i64, days: i64, whole_months: bool) -> Day {
    let (year, month, of_month) = day.civil();
    let at_end = whole_months && of_month == Date::month_length(year, month);
    let total = year * 12 + month - 1 + months;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    if year < -MAX_YEAR {
        return Day::MIN;
    }
    let length = Date::month_length(year, month);
    let of_month = if at_end { length } else { of_month.min(length) };
    let Some(moved) = Date::at(year, month, of_month) else { return Day::MAX };
    Day { days: (moved.days + days).clamp(Day::MIN.days, Day::MAX.days) }
}

/// Whether every digit is stated.
fn is_plain(member: &Member) -> bool {
    matches!(member, Member::One(date) if date.plain().is_some())
}

/// One of `members`, as the days it may be.
fn one(members: &[Member], about: About, text: &str) -> Result<End, String> {
    let ends = |member: &Member| match member {
        Member::One(date) => [Some(*date), None],
        Member::Between(from, to) => [*from, *to],
    };
    let dates = || members.iter().flat_map(ends).flatten();
    // what may be any day bounds nothing, whatever else it may be
    if dates().any(|date| date.year.is_any()) {
        return Ok(End::Unknown);
    }
    if let [Member::One(date)] = members
        && !date.approximate
        && let Some(Some((first, last))) = date.plain()
    {
        let (days, precision) = (DaySet::of(Some(first), Some(last)), date.precision());
        return Ok(End::At(Point { days, precision, uncertain: date.uncertain, approximate: false, choice: false }));
    }
    let patterns =
        || members.iter().filter_map(|member| if let Member::One(date) = member { Some(*date) } else { None });
    let room = STRETCHES.max(members.len());
    let level = (0..3).find(|level| {
        patterns()
            .try_fold(0_usize, |sum, date| sum.checked_add(date.coarser(*level).count()))
            .is_some_and(|n| n <= room)
    });
    let mut stretches = Vec::new();
    let mut written = Vec::new();
    for member in members {
        written.clear();
        match member {
            Member::One(date) => {
                date.coarser(level.unwrap_or(2)).write_out(level.is_none(), &mut written);
                date.spread(about, &mut written);
            }
            Member::Between(from, to) => {
                let mut end = |date: &Stated, last: bool| {
                    written.clear();
                    date.write_out(true, &mut written);
                    date.spread(about, &mut written);
                    if last { written.last().and_then(|s| s.1) } else { written.first().and_then(|s| s.0) }
                };
                let stretch = (from.as_ref().and_then(|d| end(d, false)), to.as_ref().and_then(|d| end(d, true)));
                if let (Some(first), Some(last)) = stretch
                    && first > last
                {
                    return Err(format!("a part of {text:?} ends before it starts"));
                }
                written.clear();
                written.push(stretch);
            }
        }
        stretches.extend_from_slice(&written);
    }
    let days = DaySet::of_stretches(stretches);
    if days.is_empty() {
        return Err(format!("the calendar has no {text:?}"));
    }
    let precision = dates().map(Stated::precision).min().unwrap_or(Precision::Year);
    let uncertain = dates().any(|date| date.uncertain);
    let approximate = dates().any(|date| date.approximate);
    let choice = members.len() > 1 || members.iter().any(|m| matches!(m, Member::Between(..)) || !is_plain(m));
    Ok(End::At(Point { days, precision, uncertain, approximate, choice }))
}
