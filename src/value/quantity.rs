//! A number with its unit, as a cell says it.

/// `30 percent`, `1,500 demonstrations`, `5000`, `18-28 years`, `2.5 km`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Quantity<'a> {
    /// The number, or the lower end of a range.
    pub(crate) value: Number,
    /// The upper end of a range.
    pub(crate) upper: Option<Number>,
    /// What is counted; empty when the cell does not say.
    pub(crate) unit: &'a str,
}

/// A number as it can stand in a property.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Int(i64),
    Float(f64),
}

impl<'a> Quantity<'a> {
    /// The quantity in `text`; nothing when it does not begin with a number.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let (number, unit) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let (number, unit) = match number.strip_suffix('%') {
            Some(number) if unit.is_empty() => (number, "percent"),
            _ => (number, unit.trim()),
        };
        // a hyphen at the front is a sign, one further on makes a range
        let hyphen =
            number.char_indices().skip(1).find(|(_, c)| matches!(c, '-' | '–')).map(|(at, c)| (at, c.len_utf8()));
        let (value, upper) = match hyphen {
            Some((at, len)) => (Number::parse(&number[..at])?, Some(Number::parse(&number[at + len..])?)),
            None => (Number::parse(number)?, None),
        };
        Some(Self { value, upper, unit })
    }
}

/// A quantity as people read it: `at least 30 percent`. `words` is the figure as the cell has it.
pub(crate) fn in_words(words: &str, bound: &str, unit: &str) -> String {
    let before = if matches!(bound, "" | "exact") { String::new() } else { format!("{} ", bound.replace('-', " ")) };
    let after = if unit.is_empty() || words.ends_with(unit) { String::new() } else { format!(" {unit}") };
    format!("{before}{words}{after}")
}

/// The words of a cell within what [`in_words`] made of it.
pub(crate) fn words_of<'a>(whole: &'a str, bound: &str, unit: &str) -> &'a str {
    let bound = bound.replace('-', " ");
    let words = match &*bound {
        "" | "exact" => whole,
        bound => whole.strip_prefix(bound).map_or(whole, str::trim_start),
    };
    if unit.is_empty() { words } else { words.strip_suffix(unit).map_or(words, str::trim_end) }
}

impl Number {
    /// Digits with an optional sign, a decimal point, and commas between thousands.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
        let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
        let mut groups = whole.split(',');
        let first = groups.next()?;
        let grouped = whole.contains(',');
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !plain(first) || grouped && first.len() > 3 || groups.any(|g| g.len() != 3 || !plain(g)) {
            return None;
        }
        let whole = format!("{sign}{}", whole.replace(',', ""));
        match fraction {
            None => whole.parse().ok().map(Self::Int),
            Some(fraction) if plain(fraction) => format!("{whole}.{fraction}").parse().ok().map(Self::Float),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_units_and_ranges() {
        let read = |text| Quantity::parse(text);
        let int = |value, upper: Option<i64>, unit| {
            Some(Quantity { value: Number::Int(value), upper: upper.map(Number::Int), unit })
        };
        assert_eq!(read("30 percent"), int(30, None, "percent"));
        assert_eq!(read("30%"), int(30, None, "percent"));
        assert_eq!(read("5000"), int(5000, None, ""));
        assert_eq!(read("1,500 peaceful demonstrations"), int(1500, None, "peaceful demonstrations"));
        assert_eq!(read("18-28 years"), int(18, Some(28), "years"));
        assert_eq!(read("18–28 years"), int(18, Some(28), "years"));
        assert_eq!(read("-3 degrees"), int(-3, None, "degrees"));
        assert_eq!(read("2.5 km").map(|q| q.value), Some(Number::Float(2.5)));
        for text in ["", "many", "1,50 things", "1.2.3", "5-", "99999999999999999999", "1500,000"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
