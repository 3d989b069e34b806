//! What a single full stop stands for: an end, or part of a word.

use super::small;
use super::words::{
    ALWAYS, COUNTED, DETERMINERS, ENDING, FIRMS, LABELS, LEADING, MONTHS, NAMED, OPENERS, PARTNERS, YEARS,
};

/// Whether the full stop between `before` (the sentence so far, without it) and `next` does not end the sentence.
/// `bare`: no closing mark stands behind it.
pub(super) fn joins(before: &str, next: &str, bare: bool) -> bool {
    if !bare {
        return false;
    }
    let (word, earlier) = last(before);
    let head = Head::of(next);
    if word.is_empty() {
        return false;
    }
    if is_number(word) || is_roman(word) && word.len() > 1 {
        return ordinal(word, before.len() == word.len() + lead(before), earlier, &head);
    }
    let pair = paired(word, earlier);
    let word = pair.as_deref().unwrap_or(word);
    let folded = word.to_lowercase();
    let listed = |list| holds(list, &folded);
    if listed(ENDING) {
        return false;
    }
    let (previous, _) = last(unstopped(earlier));
    let counted = is_number(previous) || is_roman(previous);
    // `5 mm.` and `10 мин.` are units; `S. 5` is a page, `Vitamin C. 5` not
    let is_small = word.chars().all(small);
    if is_small && counted && listed(YEARS) {
        return begins_with_time(earlier);
    }
    if listed(ALWAYS) && !(counted && is_small) {
        return true;
    }
    if listed(COUNTED) && (is_small || word.chars().nth(1).is_some() || word == "S") {
        let written_large = !is_small && folded != "no";
        if head.digit || head.counts && (written_large || !head.opens) {
            return true;
        }
    }
    if listed(FIRMS) {
        return holds(PARTNERS, &head.word.to_lowercase());
    }
    if head.opens || head.digit {
        return false;
    }
    if listed(NAMED) {
        return true;
    }
    match letters(word) {
        // U.S. Congress, А.С. Пушкин
        Some(2..) => true,
        Some(1) => initial(word, previous, is_small, &head),
        _ => false,
    }
}

/// A single letter: an initial, or an abbreviation when it is a small one (`г. Алматы`).
fn initial(letter: &str, previous: &str, is_small: bool, head: &Head<'_>) -> bool {
    if is_small {
        // `5 м.` is a unit, but in `5 z. B.` the letter goes with the next; `я` is a word
        return (head.is_letter || !is_number(previous)) && !matches!(letter, "я" | "є");
    }
    let folded = previous.to_lowercase();
    head.is_letter || !LABELS.iter().any(|stem| folded.starts_with(stem))
}

/// A number before a full stop: a list number at the front, or an ordinal.
fn ordinal(number: &str, first: bool, earlier: &str, head: &Head<'_>) -> bool {
    if number.len() > 5 || is_number(number) && number.len() > 3 {
        return false;
    }
    if first || earlier.trim_end().ends_with([':', ';']) {
        return true;
    }
    let (previous, _) = last(unstopped(earlier));
    let date = number.len() <= 2 && head.is_date_part;
    let month = holds(MONTHS, &head.word.to_lowercase());
    date || month || holds(DETERMINERS, &previous.to_lowercase()) && !head.opens
}

fn holds(list: &[&str], word: &str) -> bool {
    list.binary_search(&word).is_ok()
}

/// What stands behind the full stop.
struct Head<'a> {
    word: &'a str,
    /// It begins with a digit.
    digit: bool,
    /// A number, a Roman numeral or a single letter, as after `No.` and `Art.`.
    counts: bool,
    /// A single letter with a full stop.
    is_letter: bool,
    /// A word that begins sentences and is no name: `The`, `Это`.
    opens: bool,
    /// `10.` or the year of a date in figures.
    is_date_part: bool,
}

impl<'a> Head<'a> {
    fn of(next: &'a str) -> Self {
        let length = next.find(|c: char| !c.is_alphanumeric() && !is_mark(c)).unwrap_or(next.len());
        let (word, after) = next.split_at(length);
        let digit = next.starts_with(char::is_numeric);
        let opens = !after.starts_with(['.', '-', '/']) && holds(OPENERS, &word.to_lowercase());
        let one = word.chars().count() == 1 && !after.starts_with(['\'', '’']);
        let is_letter = word.chars().count() == 1 && !digit && after.starts_with('.');
        let counts = digit || next.starts_with(['§', '№']) || is_roman(word) || one;
        let figures = word.bytes().all(|b| b.is_ascii_digit());
        let is_date_part = digit && figures && (word.len() <= 2 && after.starts_with('.') || word.len() == 4);
        Self { word, digit, counts, is_letter, opens, is_date_part }
    }
}

/// The last word, with full stops and hyphens inside it, and what stands before.
fn last(text: &str) -> (&str, &str) {
    let start =
        text.trim_end_matches(|c: char| c.is_alphanumeric() || is_mark(c) || matches!(c, '.' | '-' | '\u{ad}')).len();
    let word = text[start..].trim_start_matches(['.', '-']);
    (word, &text[..text.len() - word.len()])
}

/// A mark that combines with the letter before it.
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// `earlier` without the white space and the full stop at its end.
fn unstopped(earlier: &str) -> &str {
    let text = earlier.trim_end();
    text.strip_suffix('.').unwrap_or(text)
}

/// How much white space, brackets and quotation marks stand at the front.
fn lead(text: &str) -> usize {
    text.len() - text.trim_start_matches(|c: char| !c.is_alphanumeric()).len()
}

/// `т. д`, `z. B` and their like, written apart: as if they were not.
fn paired(word: &str, earlier: &str) -> Option<String> {
    let one = |text: &str| text.chars().count() == 1;
    let before = earlier.trim_end();
    let first = before.strip_suffix('.').filter(|_| before.len() < earlier.len() && one(word))?;
    let (first, _) = last(first);
    (one(first) && first.chars().all(small)).then(|| format!("{first}.{word}"))
}

/// Of how many letters with full stops between them a word is made; nothing when it is another word.
fn letters(word: &str) -> Option<usize> {
    word.split('.').try_fold(0, |count, part| {
        // J.-P. has a hyphen before its second initial
        let mut chars = part.trim_start_matches('-').chars().filter(|c| !is_mark(*c));
        (chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()).then_some(count + 1)
    })
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '.'))
}

fn is_roman(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| matches!(b, b'I' | b'V' | b'X' | b'L' | b'C' | b'D' | b'M'))
}

/// Whether the sentence so far is a time and nothing else: `В начале 2010`, `С 1 января 2010`.
fn begins_with_time(before: &str) -> bool {
    let mut words = before.split_whitespace();
    let leads = words.next().is_some_and(|word| is_number(word) || holds(LEADING, &word.to_lowercase()));
    leads && words.nth(6).is_none()
}
