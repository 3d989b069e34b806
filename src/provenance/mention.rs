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
    /// Ids of the sources it repeats (a digest, a translation, a quotation): they are one voice with it.
    pub derives_from: Box<[Arc<str>]>,
    /// How it is to be read.
    pub reading: Reading,
}

/// How the dates and lists of a source are to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The days on which everything it lists held (EDTF); empty when it says so of nothing.
    pub during: Arc<str>,
    /// The relationship types of which it lists all there were on these days.
    pub complete: Box<[Arc<str>]>,
    /// Whether an `end` is the first day on which it held no more, where the source says otherwise than its dataset.
    pub end_exclusive: Option<bool>,
    /// How far `~` reaches (`2y`), where the source says otherwise than its dataset; empty where not.
    pub about: Arc<str>,
    /// Values that stand for "not known" (`1943-01-01`), beside those of the dataset.
    pub unknown: Box<[Arc<str>]>,
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

/// In which way a place speaks of a fact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// It says so.
    #[default]
    States,
    /// It says so with reserve ("reportedly", "may"): support, but never the ground of a certain yes.
    Hedges,
    /// It gives the word of another ([`Mention::by`]).
    Reports,
    /// It says that it is not so.
    Denies,
}

/// How surely an entity is the one that a place means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identified {
    /// It is.
    #[default]
    Sure,
    /// Most likely.
    Probable,
    /// It may be; what rests on such mentions alone is marked.
    Possible,
}

impl Mode {
    /// Every mode with its word in the tables.
    pub const ALL: [(&'static str, Self); 4] =
        [("states", Self::States), ("hedges", Self::Hedges), ("reports", Self::Reports), ("denies", Self::Denies)];

    /// The mode of that word.
    ///
    /// ```
    /// use shejire::provenance::Mode;
    ///
    /// assert_eq!(Mode::parse("denies"), Some(Mode::Denies));
    /// assert_eq!(Mode::parse("shouts"), None);
    /// ```
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, mode)| *mode)
    }

    /// The word in the tables.
    ///
    /// ```
    /// use shejire::provenance::Mode;
    ///
    /// assert_eq!(Mode::Hedges.name(), "hedges");
    /// ```
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, mode)| *mode == self).map_or("", |(name, _)| name)
    }
}

impl Identified {
    /// Every degree with its word in the tables.
    pub const ALL: [(&'static str, Self); 3] =
        [("sure", Self::Sure), ("probable", Self::Probable), ("possible", Self::Possible)];

    /// The degree of that word.
    ///
    /// ```
    /// use shejire::provenance::Identified;
    ///
    /// assert_eq!(Identified::parse("probable"), Some(Identified::Probable));
    /// ```
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, degree)| *degree)
    }

    /// The word in the tables.
    ///
    /// ```
    /// use shejire::provenance::Identified;
    ///
    /// assert_eq!(Identified::default().name(), "sure");
    /// ```
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, degree)| *degree == self).map_or("", |(name, _)| name)
    }
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
    ///
    /// ```
    /// use shejire::provenance::Confidence;
    ///
    /// assert_eq!(Confidence::parse("E+V").unwrap().to_string(), "E V");
    /// assert_eq!(Confidence::parse("E Q"), Err('Q'));
    /// ```
    pub fn parse(codes: &str) -> Result<Self, char> {
        codes.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '+')).try_fold(Self(0), |set, c| {
            let at = Self::CODES.iter().position(|(code, _)| *code == c).ok_or(c)?;
            Ok(Self(set.0 | 1 << at))
        })
    }

    /// Whether the set holds `code`.
    ///
    /// ```
    /// use shejire::provenance::Confidence;
    ///
    /// let inferred = Confidence::parse("I").unwrap();
    /// assert!(inferred.has('I') && !inferred.has('E'));
    /// ```
    pub fn has(self, code: char) -> bool {
        Self::CODES.iter().position(|(c, _)| *c == code).is_some_and(|at| self.0 & 1 << at != 0)
    }

    /// Whether this is praise or blame rather than a finding.
    ///
    /// ```
    /// use shejire::provenance::Confidence;
    ///
    /// assert!(Confidence::parse("E V").unwrap().is_evaluative());
    /// ```
    pub fn is_evaluative(self) -> bool {
        self.has('V')
    }

    /// Whether no code is set.
    ///
    /// ```
    /// use shejire::provenance::Confidence;
    ///
    /// assert!(Confidence::parse("").unwrap().is_empty());
    /// ```
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Both sets together.
    ///
    /// ```
    /// use shejire::provenance::Confidence;
    ///
    /// let [plain, praise] = ["E", "V"].map(|code| Confidence::parse(code).unwrap());
    /// assert_eq!(praise.union(plain), Confidence::parse("E V").unwrap());
    /// ```
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The codes in their order.
    ///
    /// ```
    /// use shejire::provenance::Confidence;
    ///
    /// assert_eq!(Confidence::parse("VEA").unwrap().codes().collect::<String>(), "EAV");
    /// ```
    pub fn codes(self) -> impl Iterator<Item = char> {
        Self::CODES.iter().map(|(c, _)| *c).filter(move |c| self.has(*c))
    }

    /// The set as stored: bit n is code n of [`Self::CODES`].
    pub(crate) fn bits(self) -> u8 {
        self.0
    }

    /// The set from stored bits; bits beyond the table are dropped.
    pub(crate) fn from_bits(bits: u8) -> Self {
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

/// Keys under which a mention keeps what is said of itself, not of its fact. No table can write them.
pub mod reserved {
    /// See [`super::Mention::mode`].
    pub const MODE: &str = "@mode";
    /// See [`super::Mention::by`].
    pub const BY: &str = "@by";
    /// See [`super::Mention::as_named`].
    pub const AS_NAMED: &str = "@as_named";
    /// See [`super::Mention::identified`].
    pub const IDENTIFIED: &str = "@identified";
    /// See [`super::Mention::event`].
    pub const EVENT: &str = "@event";
    /// See [`super::Mention::corrects`].
    pub const CORRECTS: &str = "@corrects";

    /// The program that wrote the mention; nothing where a person did. Programs change no row but their own.
    pub const MADE_BY: &str = "@made_by";

    /// All of them, with the names of their columns.
    pub const COLUMNS: [(&str, &str); 7] = [
        ("mode", MODE),
        ("by", BY),
        ("as_named", AS_NAMED),
        ("identified", IDENTIFIED),
        ("event", EVENT),
        ("corrects", CORRECTS),
        ("made_by", MADE_BY),
    ];
}

/// Whether a value says nothing: silence neither agrees nor disagrees with anything.
pub(crate) fn is_silent(value: &str) -> bool {
    value.is_empty() || value == "not stated"
}

impl Mention {
    /// The values under `key`, in the order written.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let told = shejire::Engine::from_folder("examples/city-councils".as_ref())?.told()?;
    /// let dates = told.rels.values().flatten().flat_map(|mention| mention.qualifier("date"));
    /// assert!(dates.into_iter().any(|date| date.starts_with("2004")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn qualifier<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.qualifiers.iter().filter(move |(k, _)| &**k == key).map(|(_, v)| &**v)
    }

    /// The qualifiers that state something of the fact: neither what is said of the mention itself nor silence.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let told = shejire::Engine::builtin()?.told()?;
    /// for mention in told.rels.values().flatten() {
    ///     assert!(mention.stated_qualifiers().all(|(key, value)| !key.starts_with('@') && !value.is_empty()));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stated_qualifiers(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>)> {
        self.qualifiers.iter().filter(|(k, v)| !k.starts_with('@') && !is_silent(v)).map(|(k, v)| (k, v))
    }

    /// The values stated under `key`: as [`Self::qualifier`], without silence.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let told = shejire::Engine::builtin()?.told()?;
    /// for mention in told.rels.values().flatten() {
    ///     assert!(mention.stated("date").count() <= mention.qualifier("date").count());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stated<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.qualifier(key).filter(|value| !is_silent(value))
    }

    /// In which way the place speaks of the fact.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::Mode;
    ///
    /// let told = shejire::Engine::builtin()?.told()?;
    /// assert!(told.rels.values().flatten().all(|mention| mention.mode() == Mode::States));
    /// # Ok(())
    /// # }
    /// ```
    pub fn mode(&self) -> Mode {
        self.own(reserved::MODE).and_then(Mode::parse).unwrap_or_default()
    }

    /// Whose word a place that reports gives: an id, or words.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let told = shejire::Engine::builtin()?.told()?;
    /// assert!(told.rels.values().flatten().all(|mention| mention.by().is_none()), "no document reports another's word");
    /// # Ok(())
    /// # }
    /// ```
    pub fn by(&self) -> Option<&str> {
        self.own(reserved::BY)
    }

    /// The name as the place writes it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::NewMention;
    /// use shejire::value::RelRef;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let rows = engine.run("CREATE (:Mill)-[r:PAYS]->(:Abbey) RETURN r, id(r) AS id")?;
    /// let row = rows.get(0).unwrap();
    /// engine.change(|known| {
    ///     known.put_source(shejire::provenance::Source { id: "roll".into(), ..Default::default() })?;
    ///     known.add_mention(row.get::<RelRef>("r")?.into(), &NewMention::at("roll:1.1")?.as_named("ye olde mylle"))
    /// })?;
    /// assert_eq!(engine.told()?.rels[&row.get::<u64>("id")?][0].as_named(), Some("ye olde mylle"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn as_named(&self) -> Option<&str> {
        self.own(reserved::AS_NAMED)
    }

    /// How surely the entities are those that the place means.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::Identified;
    ///
    /// let told = shejire::Engine::builtin()?.told()?;
    /// assert!(told.rels.values().flatten().all(|mention| mention.identified() == Identified::Sure));
    /// # Ok(())
    /// # }
    /// ```
    pub fn identified(&self) -> Identified {
        self.own(reserved::IDENTIFIED).and_then(Identified::parse).unwrap_or_default()
    }

    /// The occurrence or event that the mention belongs to, where the dataset names it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::{NewMention, Source};
    /// use shejire::value::RelRef;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let rows = engine.run("CREATE (:Board)-[r:MERGED_INTO]->(:Council) RETURN r, id(r) AS id")?;
    /// let row = rows.get(0).unwrap();
    /// engine.change(|known| {
    ///     known.put_source(Source { id: "act".into(), ..Source::default() })?;
    ///     known.add_mention(row.get::<RelRef>("r")?.into(), &NewMention::at("act:2.1")?.event("merger-1995"))
    /// })?;
    /// assert_eq!(engine.told()?.rels[&row.get::<u64>("id")?][0].event(), Some("merger-1995"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn event(&self) -> Option<&str> {
        self.own(reserved::EVENT)
    }

    /// The id of the mention that this one corrects.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let told = shejire::Engine::builtin()?.told()?;
    /// assert!(told.rels.values().flatten().all(|mention| mention.corrects().is_none()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn corrects(&self) -> Option<&str> {
        self.own(reserved::CORRECTS)
    }

    fn own(&self, key: &str) -> Option<&str> {
        self.qualifiers.iter().find(|(k, _)| &**k == key).map(|(_, v)| &**v)
    }
}

impl Locator {
    /// A whole paragraph.
    ///
    /// ```
    /// use shejire::provenance::Locator;
    ///
    /// assert_eq!(Locator::paragraph(11).to_string(), "11");
    /// ```
    pub fn paragraph(paragraph: u32) -> Self {
        Self { paragraph, first: 0, last: 0 }
    }

    /// One sentence of a paragraph.
    ///
    /// ```
    /// use shejire::provenance::Locator;
    ///
    /// assert_eq!(Locator::sentence(11, 8).to_string(), "11.8");
    /// ```
    pub fn sentence(paragraph: u32, sentence: u16) -> Self {
        Self { paragraph, first: sentence, last: sentence }
    }

    /// Reads `11`, `11.8` or `11.8-9`; nothing when it is none of these.
    ///
    /// ```
    /// use shejire::provenance::Locator;
    ///
    /// assert_eq!(Locator::parse("11.8-9").map(|place| (place.first, place.last)), Some((8, 9)));
    /// assert_eq!(Locator::parse("11.9-8"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (paragraph, sentences) = text.split_once('.').map_or((text, None), |(p, s)| (p, Some(s)));
        let paragraph = number(paragraph).filter(|p| *p > 0)?;
        let Some(sentences) = sentences else { return Some(Self::paragraph(paragraph)) };
        let (first, last) = sentences.split_once('-').unwrap_or((sentences, sentences));
        let (first, last) = (u16::try_from(number(first)?).ok()?, u16::try_from(number(last)?).ok()?);
        (first > 0 && first <= last).then_some(Self { paragraph, first, last })
    }

    /// Whether `other` lies inside this place.
    ///
    /// ```
    /// use shejire::provenance::Locator;
    ///
    /// assert!(Locator::paragraph(11).contains(&Locator::sentence(11, 8)));
    /// assert!(!Locator::sentence(11, 8).contains(&Locator::paragraph(11)));
    /// ```
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
