//! One place in one document, and what is said there.

use std::fmt;
use std::sync::Arc;

use super::SourceId;
use crate::value::NodeRef;

/// A document that asserts facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Short id, as locators and `ACCORDING TO` use it (`003`).
    pub id: Arc<str>,
    /// The node that stands for the document in the graph, when there is one.
    pub node: Option<NodeRef>,
    /// Title.
    pub title: Arc<str>,
    /// Who speaks, so that several documents of one voice can be counted once (`government`).
    pub group: Arc<str>,
    /// Date of the document, EDTF; empty when it states none.
    pub date: Arc<str>,
}

/// Where in a document: a paragraph, and in it one sentence, several, or all.
///
/// Paragraph 0 is the document as a whole. Printed as `11`, `11.8` or `11.8-9`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Locator {
    /// Number of the non-blank line, from 1.
    pub paragraph: u32,
    /// First sentence, from 1; 0 when the whole paragraph is meant.
    pub first: u16,
    /// Last sentence; the same as `first` for a single one.
    pub last: u16,
}

/// A locator in its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The document.
    pub source: SourceId,
    /// Where in it.
    pub at: Locator,
}

/// One assertion of a fact, at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Id in the dataset (`F0030`); empty when the mention was made without one.
    pub id: Arc<str>,
    /// Document and locator.
    pub place: Place,
    /// How plainly it is said there.
    pub confidence: Confidence,
    /// Leading 64 bits of the SHA-256 of the normalised sentence; 0 when there is none.
    pub fingerprint: u64,
    /// What this mention adds (`wording`, `through`, `date`, …), in the order written; keys may repeat.
    pub qualifiers: Box<[(Arc<str>, Arc<str>)]>,
}

/// How plainly a fact is said: a set of one-letter codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Confidence(u8);

impl Confidence {
    /// The codes with their meanings, in the order they print.
    pub const CODES: [(char, &'static str); 7] = [
        ('E', "explicit"),
        ('A', "actor implicit: the sentence names none, the dataset supplies one"),
        ('R', "a reference inside the document is resolved (\"this plan\", \"the latter\")"),
        ('X', "identity across documents is assumed"),
        ('I', "inferred or presupposed"),
        ('V', "evaluative or promotional"),
        ('M', "metadata of the document"),
    ];

    /// The set of `codes`, or the first character that is none. White space, `,` and `+` may separate them.
    pub fn parse(codes: &str) -> Result<Self, char> {
        codes.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '+')).try_fold(Self(0), |set, c| {
            let at = Self::CODES.iter().position(|(code, _)| *code == c).ok_or(c)?;
            Ok(Self(set.0 | 1 << at))
        })
    }

    /// Whether the set holds `code`.
    pub fn has(self, code: char) -> bool {
        Self::CODES.iter().position(|(c, _)| *c == code).is_some_and(|at| self.0 & 1 << at != 0)
    }

    /// Whether this is praise or blame rather than a finding.
    pub fn is_evaluative(self) -> bool {
        self.has('V')
    }

    /// Whether no code is set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Both sets together.
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The codes in their order.
    pub fn codes(self) -> impl Iterator<Item = char> {
        Self::CODES.iter().map(|(c, _)| *c).filter(move |c| self.has(*c))
    }

    /// The set as stored: bit n is code n of [`Self::CODES`].
    pub fn bits(self) -> u8 {
        self.0
    }

    /// The set from stored bits; bits beyond the table are dropped.
    pub fn from_bits(bits: u8) -> Self {
        Self(bits & ((1 << Self::CODES.len()) - 1))
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, code) in self.codes().enumerate() {
            write!(f, "{}{code}", if n == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

impl Mention {
    /// The values under `key`, in the order written.
    pub fn qualifier<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.qualifiers.iter().filter(move |(k, _)| &**k == key).map(|(_, v)| &**v)
    }
}

impl Locator {
    /// A whole paragraph.
    pub fn paragraph(paragraph: u32) -> Self {
        Self { paragraph, first: 0, last: 0 }
    }

    /// One sentence of a paragraph.
    pub fn sentence(paragraph: u32, sentence: u16) -> Self {
        Self { paragraph, first: sentence, last: sentence }
    }

    /// Reads `11`, `11.8` or `11.8-9`; nothing when it is none of these.
    pub fn parse(text: &str) -> Option<Self> {
        let (paragraph, sentences) = text.split_once('.').map_or((text, None), |(p, s)| (p, Some(s)));
        let paragraph = number(paragraph).filter(|p| *p > 0)?;
        let Some(sentences) = sentences else { return Some(Self::paragraph(paragraph)) };
        let (first, last) = sentences.split_once('-').unwrap_or((sentences, sentences));
        let (first, last) = (u16::try_from(number(first)?).ok()?, u16::try_from(number(last)?).ok()?);
        (first > 0 && first <= last).then_some(Self { paragraph, first, last })
    }

    /// Whether `other` lies inside this place.
    pub fn contains(&self, other: &Self) -> bool {
        self.paragraph == 0
            || self.paragraph == other.paragraph
                && (self.first == 0 || other.first >= self.first && other.last <= self.last)
    }
}

/// Digits only: no sign, no space, no leading nothing.
fn number(text: &str) -> Option<u32> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.paragraph, self.first, self.last) {
            (paragraph, 0, _) => write!(f, "{paragraph}"),
            (paragraph, first, last) if first == last => write!(f, "{paragraph}.{first}"),
            (paragraph, first, last) => write!(f, "{paragraph}.{first}-{last}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locators_read_what_they_print() {
        for text in ["11", "11.8", "11.8-9", "1.1"] {
            assert_eq!(Locator::parse(text).map(|l| l.to_string()).as_deref(), Some(text));
        }
        for text in ["", "0", "x", "1.", ".1", "1.0", "1.3-2", "+1", "1.2.3", "99999999999", "1.70000", "1 .2"] {
            assert_eq!(Locator::parse(text), None, "{text:?}");
        }
        assert!(Locator::paragraph(11).contains(&Locator::sentence(11, 8)));
        assert!(!Locator::sentence(11, 7).contains(&Locator::sentence(11, 8)));
    }

    #[test]
    fn confidence_is_a_set_of_letters() {
        let both = Confidence::parse("X, A").expect("two codes");
        assert_eq!(both.to_string(), "A X");
        assert_eq!(Confidence::from_bits(both.bits()), both);
        assert!(!both.is_evaluative());
        assert_eq!(Confidence::parse("E Q"), Err('Q'));
    }
}
