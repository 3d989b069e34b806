//! The rows of the tables, as read: names are still names, and each row knows its number.

use std::sync::Arc;

use super::problem::Problem;
pub use crate::lineage::names::Status as AliasStatus;
use crate::provenance::{Confidence, Locator, Qualifier};

type Text = Arc<str>;

/// A folder of tables.
#[derive(Clone, Debug, Default)]
pub struct Dataset {
    /// What the folder describes.
    pub meta: Meta,
    /// The documents.
    pub sources: Vec<SourceRecord>,
    /// The kinds of things.
    pub kinds: Vec<Kind>,
    /// The relationship types.
    pub relations: Vec<Relation>,
    /// What is declared of qualifiers.
    pub qualifiers: Vec<QualifierRecord>,
    /// The things.
    pub entities: Vec<Entity>,
    /// Their further names.
    pub aliases: Vec<Alias>,
    /// What is said where.
    pub mentions: Vec<MentionRecord>,
    /// Facts that do not go together.
    pub conflicts: Vec<ConflictRecord>,
    /// What could not be read.
    pub(crate) unread: Vec<Problem>,
}

/// `dataset.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Short id.
    pub id: Text,
    /// Title.
    pub title: Text,
    /// What the folder is about.
    pub description: Text,
    /// Version of the tables.
    pub version: Text,
    /// Language of names and definitions (`en`).
    pub language: Text,
    /// Licence of the tables (SPDX).
    pub licence: Text,
    /// What may be done with them, in words.
    pub terms: Text,
    /// The entity supplied as actor where a sentence names none; empty when there is none.
    pub implicit_agent: Text,
    /// The format of the tables: 1 where it is not said.
    pub format: u8,
    /// The version of the rule by which paragraphs are divided into sentences.
    pub sentences: u8,
    /// Whether an `end` is the first day on which a thing held no more.
    pub end_exclusive: bool,
    /// How far `~` reaches (`2y`); empty for one unit of what is stated.
    pub about: Text,
    /// Values that stand for "not known".
    pub unknown: Box<[Text]>,
}

/// A row of `sources.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the columns of the table, described in docs/dataset.md
pub struct SourceRecord {
    pub row: u32,
    pub id: Text,
    pub entity: Text,
    pub title: Text,
    pub genre: Text,
    pub author: Text,
    pub publisher: Text,
    pub date: Text,
    pub group: Text,
    pub language: Text,
    pub url: Text,
    /// Number of paragraphs; 0 when not stated.
    pub paragraphs: u32,
    pub sha256: Text,
    pub note: Text,
    pub derives_from: Box<[Text]>,
    pub during: Text,
    pub complete: Box<[Text]>,
    pub end: Text,
    pub about: Text,
    pub unknown: Box<[Text]>,
}

/// A row of `kinds.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Kind {
    pub row: u32,
    pub id: Text,
    pub definition: Text,
    pub classes: Text,
    pub note: Text,
}

/// A row of `relations.csv`. `domain`, `range`, `contradicts` and `terms` hold words separated by spaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Relation {
    pub row: u32,
    pub id: Text,
    pub group: Text,
    pub tier: Text,
    pub definition: Text,
    pub domain: Text,
    pub range: Text,
    pub inverse: Text,
    pub algebra: Text,
    pub lineage: Text,
    pub role: Text,
    pub side: Text,
    pub contradicts: Text,
    pub single_valued: Text,
    /// Terms of every vocabulary, with their prefix.
    pub terms: Text,
    pub note: Text,
    pub gathers: Text,
    pub predecessor: Text,
    pub successor: Text,
    pub repeats: Text,
    /// Words by which documents say it, with commas between; `*` at the end of one stands for any ending.
    pub words: Text,
    /// The columns `forward`, `backward`, `forward_ru`, … that are not empty.
    pub wording: Box<[(Text, Text)]>,
}

/// A row of `qualifiers.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct QualifierRecord {
    pub row: u32,
    pub key: Text,
    pub relation: Text,
    pub definition: Text,
    pub reading: Qualifier,
}

/// A row of `entities.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Entity {
    pub row: u32,
    pub id: Text,
    pub kind: Text,
    pub name: Text,
    pub start: Text,
    pub end: Text,
    /// Places that mean it without naming it.
    pub by_reference: Vec<(Text, Locator)>,
    pub note: Text,
    /// The place that states `start` and `end`; without it they are the dataset's own.
    pub stated_at: Option<(Text, Locator)>,
}

/// A row of `aliases.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Alias {
    pub row: u32,
    pub entity: Text,
    pub name: Text,
    pub language: Text,
    pub script: Text,
    pub status: AliasStatus,
    /// The status as written.
    pub status_word: Text,
    /// Places that use this name.
    pub used_in: Vec<(Text, Locator)>,
    pub from: Text,
    pub to: Text,
    /// The place that states `from` and `to`; without it they are the dataset's own.
    pub stated_at: Option<(Text, Locator)>,
}

/// The words for the sort of a name in `aliases.csv`.
pub(super) const STATUSES: [(&str, AliasStatus); 5] = [
    ("preferred", AliasStatus::Preferred),
    ("alternate", AliasStatus::Alternate),
    ("abbreviation", AliasStatus::Abbreviation),
    ("description", AliasStatus::Description),
    ("editorial", AliasStatus::Editorial),
];

/// A row of `mentions.csv`: one place in a document that asserts something.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct MentionRecord {
    pub row: u32,
    pub id: Text,
    pub subject: Text,
    pub relation: Text,
    pub object: Object,
    pub qualifiers: Vec<(Text, Text)>,
    pub source: Text,
    pub at: Locator,
    pub confidence: Confidence,
    /// First 64 bits of the SHA-256 of the normalised sentence; 0 when the cell is empty.
    pub fingerprint: u64,
    pub note: Text,
}

/// What a mention says of its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// An entity, by id.
    Entity(Text),
    /// A number, with or without a unit, as written (`30 percent`, `18-28 years`).
    Quantity(Text),
    /// A date: EDTF, or as printed with the qualifier `edtf`.
    Date(Text),
    /// A few words.
    Text(Text),
    /// None: the mention states when its subject began or ended, or puts it into an event whose other side is not said.
    Nothing,
}

/// The relation of mentions that state when their subject began or ended; they have no object.
pub(crate) const EXISTS: &str = "exists";

impl Object {
    /// The cell as written.
    ///
    /// ```
    /// use shejire::dataset::Object;
    ///
    /// assert_eq!(Object::Quantity("30 percent".into()).text(), "30 percent");
    /// assert_eq!(Object::Nothing.text(), "");
    /// ```
    pub fn text(&self) -> &str {
        match self {
            Self::Entity(text) | Self::Quantity(text) | Self::Date(text) | Self::Text(text) => text,
            Self::Nothing => "",
        }
    }

    /// The cell as written, shared; empty where there is none.
    pub(super) fn shared(&self) -> &Text {
        static NONE: std::sync::LazyLock<Text> = std::sync::LazyLock::new(Text::default);
        match self {
            Self::Entity(text) | Self::Quantity(text) | Self::Date(text) | Self::Text(text) => text,
            Self::Nothing => &NONE,
        }
    }

    /// `entity`, `quantity`, `date` or `text`.
    ///
    /// ```
    /// use shejire::dataset::Object;
    ///
    /// assert_eq!(Object::Date("1995-06".into()).type_name(), "date");
    /// ```
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Entity(_) => "entity",
            Self::Quantity(_) => "quantity",
            Self::Date(_) => "date",
            Self::Text(_) => "text",
            Self::Nothing => "",
        }
    }
}

/// A row of `conflicts.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ConflictRecord {
    pub row: u32,
    pub id: Text,
    pub kind: Text,
    pub topic: Text,
    pub sides: [Side; 2],
    pub note: Text,
}

/// One side of a conflict: a fact by its key, and the documents meant (empty: all that assert it).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Side {
    pub subject: Text,
    pub relation: Text,
    pub object: Text,
    pub sources: Vec<Text>,
}

/// What makes two mentions one group: subject, relation, object by its type and text, the measure of a quantity, and what it
/// is about.
pub(super) type GroupKey<'a> = (&'a str, &'a str, (&'static str, &'a str), &'a str, &'a str);

impl MentionRecord {
    /// The first value under `key`.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let data = shejire::dataset::open("examples/city-councils".as_ref())?;
    /// let dated = data.mentions.iter().filter(|mention| mention.qualifier("date").is_some());
    /// assert!(dated.count() > 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers.iter().find(|(k, _)| **k == *key).map(|(_, value)| &**value)
    }

    /// Whether it is of one group with another mention: what makes two mentions say the same.
    pub(crate) fn is_of_group(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    pub(super) fn key(&self) -> GroupKey<'_> {
        let told = |key| self.qualifier(key).unwrap_or("");
        (&self.subject, &self.relation, (self.object.type_name(), self.object.text()), told("measure"), told("what"))
    }
}
