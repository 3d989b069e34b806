//! Dates and numbers that stand in a sentence, as EDTF: what is written, at the precision in which it is written, and nothing worked out.
//!
//! ```text
//!  1 July 1998, July 1, 1998, 1998-07-01, 01.07.1998, 1 июля 1998 года, 1998 жылғы 1 шілде   ─► 1998-07-01
//!  July 1998, июль 1998 г.   ─► 1998-07        1998, in 1998   ─► 1998        the 1990s, 1990-е   ─► 199X
//! ```

use std::ops::Range;
use std::sync::LazyLock;

use super::words::{Word, number_of, words};

/// A date in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dated {
    pub(crate) at: Range<usize>,
    pub(crate) edtf: String,
}

/// The names of months, each with the beginnings by which they are told in the languages of documents, folded.
#[rustfmt::skip]
const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "января", "январе", "январь", "янв", "қаңтар", "januar", "jänner", "janvier", "janv"],
    &["february", "feb", "февраля", "феврале", "февраль", "фев", "ақпан", "februar", "février", "févr"],
    &["march", "mar", "марта", "марте", "март", "мар", "наурыз", "märz", "mars"],
    &["april", "apr", "апреля", "апреле", "апрель", "апр", "сәуір", "avril", "avr"],
    &["may", "мая", "мае", "май", "мамыр", "mai"],
    &["june", "jun", "июня", "июне", "июнь", "июн", "маусым", "juni", "juin"],
    &["july", "jul", "июля", "июле", "июль", "июл", "шілде", "juli", "juillet", "juil"],
    &["august", "aug", "августа", "августе", "август", "авг", "тамыз", "août"],
    &["september", "sept", "sep", "сентября", "сентябре", "сентябрь", "сен", "сент", "қыркүйек", "septembre"],
    &["october", "oct", "октября", "октябре", "октябрь", "окт", "қазан", "oktober", "octobre"],
    &["november", "nov", "ноября", "ноябре", "ноябрь", "ноя", "қараша", "novembre"],
    &["december", "dec", "декабря", "декабре", "декабрь", "дек", "желтоқсан", "dezember", "décembre", "déc"],
];

/// The names of months as words are compared, with whether they are Cyrillic: folded once, for they are asked for at every word.
static FOLDED: LazyLock<Vec<(String, bool, u32)>> = LazyLock::new(|| {
    let cyrillic = |name: &str| name.chars().any(|c| ('\u{400}'..='\u{52f}').contains(&c));
    let all = (1..).zip(MONTHS).flat_map(|(month, names)| names.iter().map(move |name| (month, *name)));
    all.map(|(month, name)| (crate::value::fold::fold(name), cyrillic(name), month)).collect()
});

/// The words that stand between a year and its month in Kazakh.
static YEAR_WORDS: LazyLock<[String; 3]> = LazyLock::new(|| ["жылғы", "жыл", "жылы"].map(crate::value::fold::fold));

pub(super) fn month(word: &Word) -> Option<u32> {
    let of_script = || FOLDED.iter().filter(|(_, cyrillic, _)| *cyrillic == word.inflected);
    let exact = of_script().find(|(name, ..)| *name == word.folded);
    // Kazakh puts the case behind the name: шілдеде, шілденің
    let ending = |(name, cyrillic, _): &&(String, bool, u32)| {
        *cyrillic && name.len() > 4 && word.folded.strip_prefix(&**name).is_some_and(|rest| rest.len() <= 4)
    };
    exact.or_else(|| of_script().find(ending)).map(|(.., month)| *month)
}

/// A number in figures within these bounds.
fn figure(
    text: &str,
    word: &Word,
    bounds: std::ops::RangeInclusive<u32>,
    long: std::ops::RangeInclusive<usize>,
) -> Option<u32> {
    let own = &text[word.at.clone()];
    let digits = own.trim_end_matches(|c: char| !c.is_ascii_digit());
    // 1st, 2nd, 25го: a short ending
    let whole = own.len() - digits.len() <= 4 && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let number = digits.parse().ok().filter(|n| bounds.contains(n))?;
    (whole && long.contains(&digits.len())).then_some(number)
}

fn year(text: &str, word: &Word) -> Option<u32> {
    let own = &text[word.at.clone()];
    let plain = own.len() == 4;
    figure(text, word, 1000..=2199, 4..=4).filter(|_| plain)
}

/// The dates in a text, in order; what is part of a longer one is not told again.
pub(crate) fn dates(text: &str) -> Vec<Dated> {
    let all = words(text);
    let mut out: Vec<Dated> = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let near = |n: usize| {
            let word = all.get(at + n)?;
            if n == 0 {
                return Some(word);
            }
            // a full stop or a comma may stand between the parts of a date, another word not
            let between = &text[all[at + n - 1].at.end..word.at.start];
            let joined = between.chars().all(|c| c.is_whitespace() || matches!(c, ',' | '.' | '‘' | '-'));
            (joined && between.len() <= 4).then_some(word)
        };
        let first = &all[at];
        // a date begins with a figure or a month
        let figure_first = first.folded.starts_with(|c: char| c.is_ascii_digit());
        if !figure_first && month(first).is_none() {
            at += 1;
            continue;
        }
        let day = |n: usize| near(n).and_then(|word| figure(text, word, 1..=31, 1..=2));
        let named = |n: usize| near(n).and_then(month);
        let of_year = |n: usize| near(n).and_then(|word| year(text, word));
        let figures = |n: usize, bounds, long| near(n).and_then(|word| figure(text, word, bounds, long));
        let joined = |n: usize, mark: char| {
            let (Some(a), Some(b)) = (all.get(at + n - 1), all.get(at + n)) else { return false };
            text[a.at.end..b.at.start].chars().eq([mark])
        };
        // a word between a year and its month: 1998 жылғы 1 шілде, июля 1998 года
        let is_year_word = |n: usize| near(n).is_some_and(|word| YEAR_WORDS.contains(&word.folded));
        let may = text[first.at.clone()].eq_ignore_ascii_case("may") && !first.upper;
        let whole = |y: u32, m: u32, d: u32| format!("{y:04}-{m:02}-{d:02}");
        let found: Option<(usize, String)> = if let (Some(d), Some(m)) = (day(0), named(1)) {
            match of_year(2) {
                Some(y) => Some((3, whole(y, m, d))),
                None => Some((2, format!("XXXX-{m:02}-{d:02}"))),
            }
        } else if let (Some(m), Some(d), Some(y)) = (named(0), day(1), of_year(2)) {
            Some((3, whole(y, m, d)))
        } else if let (Some(m), Some(y)) = (named(0).filter(|_| !may), of_year(1)) {
            Some((2, format!("{y:04}-{m:02}")))
        } else if let (Some(y), true, Some(d), Some(m)) = (of_year(0), is_year_word(1), day(2), named(3)) {
            Some((4, whole(y, m, d)))
        } else if let (Some(y), true, Some(m)) = (of_year(0), is_year_word(1), named(2)) {
            Some((3, format!("{y:04}-{m:02}")))
        } else if let (Some(y), Some(m), Some(d), true, true) =
            (of_year(0), figures(1, 1..=12, 2..=2), figures(2, 1..=31, 2..=2), joined(1, '-'), joined(2, '-'))
        {
            Some((3, whole(y, m, d)))
        } else if let (Some(d), Some(m), Some(y), true, true) =
            (day(0), figures(1, 1..=12, 1..=2), of_year(2), joined(1, '.'), joined(2, '.'))
        {
            Some((3, whole(y, m, d)))
        } else if let Some(decade) = decade(text, first, all.get(at + 1)) {
            Some((1, decade))
        } else {
            // a number with a thousands mark, a share or a part of an address is no year
            of_year(0).filter(|_| !is_amount(text, first)).map(|y| (1, format!("{y:04}")))
        };
        match found {
            Some((long, edtf)) if crate::value::edtf::Edtf::parse(&edtf).is_ok() => {
                out.push(Dated { at: first.at.start..all[at + long - 1].at.end, edtf });
                at += long;
            }
            _ => at += 1,
        }
    }
    out
}

/// `1990s`, `1990-е`.
fn decade(text: &str, word: &Word, next: Option<&Word>) -> Option<String> {
    let own = &text[word.at.clone()];
    let (digits, tail) = own.split_at(own.len().min(4));
    let stated = match tail {
        "s" => true,
        "" => next.is_some_and(|next| {
            text[word.at.end..next.at.start].eq("-")
                && ["e", "h", "ih"].contains(&crate::value::fold::fold(&text[next.at.clone()]).as_str())
        }),
        _ => false,
    };
    let whole = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()) && digits.ends_with('0');
    (stated && whole).then(|| format!("{}X", &digits[..3]))
}

/// Whether a number of four figures is an amount: a mark of thousands, a per cent or a currency touches it.
fn is_amount(text: &str, word: &Word) -> bool {
    let (before, after) = (&text[..word.at.start], &text[word.at.end..]);
    let digit_then =
        |mark: char| after.strip_prefix(mark).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    digit_then(',')
        || digit_then('.')
        || after.trim_start().starts_with(['%', '€', '$', '₸', '₽'])
        || before.ends_with(['$', '€', '£', '₸', '№', '#'])
        || before.strip_suffix([',', '.']).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()))
}

/// A number in a text, in figures or in words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counted {
    pub(crate) at: Range<usize>,
    pub(crate) number: f64,
}

/// The numbers in a text, in order: `1,500`, `1 500` and `1.500` are what they look like, one number each.
pub(crate) fn numbers(text: &str) -> Vec<Counted> {
    let mut out: Vec<Counted> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let mut end = at;
        while end < bytes.len() && bytes[end].is_ascii_digit() {
            end += 1;
        }
        let group = |end: usize, mark: &str| {
            let rest = text.get(end..)?.strip_prefix(mark)?;
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            (digits == 3).then_some(end + mark.len() + 3)
        };
        let mut digits = text[at..end].to_owned();
        let mark =
            [",", " ", "\u{a0}", "\u{202f}"].into_iter().find(|mark| end - at <= 3 && group(end, mark).is_some());
        while let Some(next) = mark.and_then(|mark| group(end, mark)) {
            digits.push_str(&text[next - 3..next]);
            end = next;
        }
        let rest = &text[end..];
        if let Some(after) = rest.strip_prefix(['.', ',']) {
            let fraction = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            if fraction > 0 && !(mark == Some(",") && rest.starts_with(',')) {
                digits.push('.');
                digits.push_str(&after[..fraction]);
                end += 1 + fraction;
            }
        }
        if let Ok(number) = digits.parse() {
            out.push(Counted { at: at..end, number });
        }
        at = end;
    }
    for word in words(text) {
        let own = &text[word.at.clone()];
        if !own.starts_with(|c: char| c.is_ascii_digit())
            && let Some(number) = number_of(own)
        {
            out.push(Counted { at: word.at, number });
        }
    }
    out.sort_by_key(|counted| counted.at.start);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        dates(text).into_iter().map(|date| date.edtf).collect()
    }

    #[test]
    fn dates_are_read_as_they_are_written() {
        for (text, wanted) in [
            ("On 1 July 1998 it was merged.", &["1998-07-01"][..]),
            ("On July 1, 1998, it was merged.", &["1998-07-01"]),
            ("In July 1998 and in 2001", &["1998-07", "2001"]),
            ("1998 was a year.", &["1998"]),
            ("July 1998", &["1998-07"]),
            ("from 1997-04-01 to 01.12.2004", &["1997-04-01", "2004-12-01"]),
            ("Указ от 1 июля 1998 года, вступил в силу в марте 1999 г.", &["1998-07-01", "1999-03"]),
            ("1998 жылғы 1 шілдеде құрылды", &["1998-07-01"]),
            ("in the 1990s; в 1990-е годы", &["199X", "199X"]),
            ("between 2004 and 2007", &["2004", "2007"]),
            ("on 5 June it may close", &["XXXX-06-05"]),
            ("it had 1,998 members, $2000, 1998.5 and 2010%", &[]),
            ("No. 118 of 3 June 2022", &["2022-06-03"]),
        ] {
            assert_eq!(found(text), wanted, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        let all = |text: &str| numbers(text).into_iter().map(|one| one.number).collect::<Vec<f64>>();
        assert_eq!(all("1,500 people, 12.5 percent, 3 000 and seven"), [1500.0, 12.5, 3000.0, 7.0]);
        assert_eq!(all("18-28 years; 30%"), [18.0, 28.0, 30.0]);
    }
}
