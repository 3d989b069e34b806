//! What a search for a name gives: names, nodes that may be meant, and how well they were met.

use std::sync::Arc;

use crate::value::NodeRef;

/// What sort of name a name is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// The name under which the node is listed.
    Main,
    /// Its id in the dataset.
    Id,
    /// The name of the node, as a document writes it.
    Preferred,
    /// Another name or spelling.
    #[default]
    Alternate,
    /// Short letters.
    Abbreviation,
    /// A description rather than a name (`the lower house`).
    Description,
    /// Supplied by the makers of the dataset; no document uses it.
    Editorial,
}

/// One name of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The node.
    pub node: NodeRef,
    /// The name, as written.
    pub text: Arc<str>,
    /// What sort of name.
    pub status: Status,
    /// Language code (`kk`); empty when not stated.
    pub language: Arc<str>,
    /// Script code (`Cyrl`); empty when not stated.
    pub script: Arc<str>,
}

/// How a query met a name; the better comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rank {
    /// The name or id of the node, letter for letter.
    Exact,
    /// Its name, but for case, punctuation, diacritics or script.
    Folded,
    /// Another of its names, likewise.
    Alias,
    /// One of its names in another transliteration (Kurultai, Quryltai).
    Spelling,
    /// A word of one of its names begins so (`starting_with`).
    Start,
    /// Every word of the query is a word of one of its names.
    Words,
    /// The letters are the initials of its name.
    Initials,
    /// Nearly one of its names, or nearly the words of one.
    Near,
}

impl Rank {
    /// What was met, in words: `name`, `alias`, `look-alike`.
    ///
    /// ```
    /// use shejire::engine::Rank;
    ///
    /// assert_eq!(Rank::Near.words(), "look-alike");
    /// ```
    pub fn words(self) -> &'static str {
        match self {
            Self::Exact => "name",
            Self::Folded => "same letters",
            Self::Alias => "alias",
            Self::Spelling => "spelling",
            Self::Start => "beginning",
            Self::Words => "words",
            Self::Initials => "initials",
            Self::Near => "look-alike",
        }
    }
}

/// A node that a query may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The node.
    pub node: NodeRef,
    /// Its kind, as given to the index.
    pub kind: Arc<str>,
    /// The name under which it is listed.
    pub name: Arc<str>,
    /// Its id in the dataset; empty when it has none.
    pub id: Arc<str>,
    /// The name that was met.
    pub met: Name,
    /// How well.
    pub rank: Rank,
}

/// What a name resolves to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// One node.
    One(Candidate),
    /// Several that share the name, or the words: somebody has to say which.
    Many(Vec<Candidate>),
    /// None; those that come nearest.
    None(Vec<Candidate>),
}
