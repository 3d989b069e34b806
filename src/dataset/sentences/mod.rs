//! Where a sentence ends: two mechanical rules, so that a locator means the same to everyone.
//!
//! Rule 1 is that of the first folders: a sentence ends after `.`, `!` or `?` and perhaps a closing quotation
//! mark, where white space follows and then, perhaps after an opening mark, A-Z or a digit.
//!
//! Rule 2 (`sentences = 2` in dataset.toml) reads every script and knows what a full stop is for besides:
//!
//! ```text
//!  Mr. A. B. Tarsk │ No. 118 of 3 June │ 7.5 percent │ am 3. Oktober │ in 2004 … and later │ г. Алматы
//! ```
//!
//! 1. A sentence can end after a run of `. ! ? …` (and the full stops of other scripts) with the closing marks
//!    and footnote numbers that touch it, where white space follows; after `。！？` without it too.
//! 2. It ends when what follows, after opening marks and dashes, begins a sentence: an upper-case letter, a letter of a
//!    script without cases, a digit, or one of `№ § $ € £ ¥ #`.
//! 3. Nothing without a letter or digit is a sentence.
//! 4. A single full stop does not end one after an abbreviation, an initial, an ordinal or a list number, as
//!    [`stop`] says. Runs (`...`, `?!`) always do.
//!
//! The lists of words are in `words.rs`; they are part of the rule: to change one makes a new rule.

mod stop;
mod words;

use std::ops::Range;

/// The rule by which a folder counts sentences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Rule {
    /// Of the first folders: A-Z and digits, no abbreviations.
    #[default]
    One,
    /// Every script, abbreviations, initials, ordinals.
    Two,
}

impl Rule {
    /// The rule with this number.
    pub(crate) fn numbered(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            _ => None,
        }
    }

    /// The sentences of a paragraph as byte ranges, in order, without the white space between them; at least one.
    pub(super) fn sentences(self, text: &str) -> Vec<Range<usize>> {
        match self {
            Self::One => one(text),
            Self::Two => two(text),
        }
    }
}

fn one(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut from = 0;
    while let Some(stop) = text[from..].find(['.', '!', '?']).map(|at| from + at + 1) {
        from = stop;
        let rest = &text[stop..];
        let closed = rest.strip_prefix(['\'', '"', '’', '”']).filter(|after| after.starts_with(char::is_whitespace));
        let tail = closed.unwrap_or(rest);
        let next = tail.trim_start();
        if next.len() == tail.len() {
            continue;
        }
        let first = next.strip_prefix(['\'', '"', '‘', '“', '[', '(']).unwrap_or(next);
        if first.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit()) {
            out.push(start..text.len() - tail.len());
            start = text.len() - next.len();
            from = start;
        }
    }
    out.push(start..text.len());
    out
}

fn two(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut from = 0;
    while let Some((at, mark)) = text[from..].char_indices().find(|(_, c)| ends(*c)) {
        let at = from + at;
        let run = text[at..].find(|c| !ends(c)).map_or(text.len(), |length| at + length);
        let end = run + closing(&text[run..]);
        let next = text.len() - text[end..].trim_start().len();
        from = run;
        let parted = next > end || text[at..run].chars().any(ends_unparted);
        if next == text.len() || !parted || !begins(&text[next..]) || !has_word(&text[start..at]) {
            continue;
        }
        let single = mark == '.' && run == at + 1;
        if single && stop::joins(&text[start..at], &text[next..], end == run) {
            continue;
        }
        out.push(start..end);
        start = next;
        from = next;
    }
    out.push(start..text.len());
    out
}

/// Marks after which a sentence can end.
fn ends(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '‼' | '⁇' | '⁈' | '⁉' | '‽' | '؟' | '۔' | '։' | '।' | '॥' | '።' | '፧')
        || ends_unparted(c)
}

/// Those after which no white space is written.
fn ends_unparted(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '｡')
}

/// How many bytes of closing marks and footnote numbers stand at the front.
fn closing(text: &str) -> usize {
    let mut rest = text;
    loop {
        let mark = rest.strip_prefix([
            '\'', '"', '’', '”', '“', '»', '«', '›', '‹', ')', ']', '}', '」', '』', '）', '*', '†', '‡', '¹', '²',
            '³', '⁰', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹',
        ]);
        let note = || {
            let (number, after) = rest.strip_prefix('[')?.split_once(']')?;
            (!number.is_empty() && number.len() <= 4 && number.bytes().all(|b| b.is_ascii_digit())).then_some(after)
        };
        match mark.or_else(note) {
            Some(after) => rest = after,
            None => break,
        }
    }
    // « Quoi ? » has white space before the closing mark; an opening one has none behind it
    let spaced = rest.trim_start();
    let apart =
        spaced.strip_prefix(['»', '›']).filter(|after| after.is_empty() || after.starts_with(char::is_whitespace));
    text.len() - if spaced.len() < rest.len() { apart.unwrap_or(rest) } else { rest }.len()
}

/// Whether a sentence can begin here, perhaps after opening marks.
fn begins(text: &str) -> bool {
    let opening = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '\'' | '"'
                    | '‘'
                    | '“'
                    | '„'
                    | '‚'
                    | '”'
                    | '«'
                    | '»'
                    | '‹'
                    | '›'
                    | '('
                    | '['
                    | '{'
                    | '¿'
                    | '¡'
                    | '—'
                    | '–'
                    | '-'
                    | '「'
                    | '『'
                    | '（'
                    | '•'
            )
    };
    text.trim_start_matches(opening).starts_with(|c: char| match c {
        '№' | '§' | '$' | '€' | '£' | '¥' | '#' => true,
        _ => c.is_numeric() || c.is_alphabetic() && !small(c),
    })
}

/// Whether a letter is the small one of two; Georgian writes its sentences in what Unicode calls small letters.
fn small(c: char) -> bool {
    c.is_lowercase() && !('\u{10d0}'..='\u{10ff}').contains(&c)
}

fn has_word(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

#[cfg(test)]
mod tests;
