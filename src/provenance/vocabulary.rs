//! What a dataset says about its relationship types: which carry a descent and how, which contradict
//! each other, and which facts its makers found in conflict.
//!
//! Nothing about lineage is known to the program beforehand; it is read from the relation table.

use std::sync::Arc;

use super::SourceId;
use crate::value::RelRef;
use crate::value::hash::DataMap;

/// Everything a dataset declares about the relationship types of its graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Vocabulary {
    types: Vec<RelationType>,
    by_name: DataMap<Arc<str>, usize>,
    qualifiers: Vec<QualifierType>,
    /// How the dataset as a whole is to be read.
    pub frame: Frame,
    /// Facts that the makers of the dataset found in conflict.
    pub conflicts: Vec<Conflict>,
}

/// One relationship type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelationType {
    /// The type, as it stands in queries (`transformed-into`).
    pub name: Arc<str>,
    /// What a relationship of this type says.
    pub definition: Arc<str>,
    /// The type read from the other end (`transformed-from`); empty when it has no name.
    pub inverse: Arc<str>,
    /// Kinds of node it may start from; empty for any.
    pub domain: Box<[Arc<str>]>,
    /// Kinds of node, or `quantity`, `date`, `text`, it may end in; empty for any.
    pub range: Box<[Arc<str>]>,
    /// How it composes.
    pub algebra: Algebra,
    /// Its part in a lineage, when it has one.
    pub descent: Option<Descent>,
    /// Types that, between the same two nodes, cannot be true together with this one.
    pub contradicts: Box<[Arc<str>]>,
    /// Whether two different ends for one start contradict each other.
    pub single_valued: bool,
    /// Whether the same may happen, or hold, several times between the same two ends; not declared when nothing.
    pub repeats: Option<bool>,
    /// Terms of published vocabularies (`org:hasSuccessor`, `wikidata:P1366`), `^` for the inverse
    /// and `~` at the end for a loose match.
    pub terms: Box<[Arc<str>]>,
}

/// How relationships of a type compose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Algebra {
    /// Nothing follows from two of them.
    #[default]
    Plain,
    /// a → b and b → c give a → c.
    Transitive,
    /// a → b gives b → a.
    Symmetric,
}

/// The part a relationship type plays in a lineage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descent {
    /// What kind of event it is.
    pub role: Role,
    /// The end that the event befalls. For a succession, the successor.
    pub side: Side,
    /// The kind of succession in plain words (`transformed-into`), when the dataset names one.
    pub kind: Option<Arc<str>>,
    /// The side of which one body stands for several on the other, in one event.
    pub gathers: Option<Gathers>,
    /// Whether the event ends the predecessor; not known when nothing.
    pub predecessor: Option<Fate>,
    /// Whether the event begins the successor; not known when nothing.
    pub successor: Option<Origin>,
    /// The event in words, by column: `forward` ("merged into"), `backward` ("took in"), `forward_ru`, …
    pub wording: Box<[(Arc<str>, Arc<str>)]>,
}

/// The side on which the relationships of one event meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gathers {
    /// Several predecessors, one successor.
    Successor,
    /// One predecessor, several successors.
    Predecessor,
}

/// What becomes of the predecessor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It ends.
    Ends,
    /// It goes on.
    Continues,
}

/// Where the successor comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// It begins.
    New,
    /// It was there before.
    Existing,
}

impl Descent {
    /// A part in a lineage of which no more is declared.
    pub(crate) fn new(role: Role, side: Side, kind: Option<Arc<str>>) -> Self {
        Self { role, side, kind, gathers: None, predecessor: None, successor: None, wording: Box::default() }
    }
}

impl Gathers {
    /// Each with its word in the relation table.
    pub const ALL: [(&'static str, Self); 2] = [("successor", Self::Successor), ("predecessor", Self::Predecessor)];
}

impl Fate {
    /// Each with its word in the tables.
    pub const ALL: [(&'static str, Self); 2] = [("ends", Self::Ends), ("continues", Self::Continues)];

    /// The fate of that word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, one)| *one)
    }
}

impl Origin {
    /// Each with its word in the tables.
    pub const ALL: [(&'static str, Self); 2] = [("new", Self::New), ("existing", Self::Existing)];

    /// The origin of that word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, one)| *one)
    }
}

/// How a dataset is to be read: what `dataset.toml` says for all of its sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The format of the tables: 1 (as they were before it was numbered) or 2.
    pub format: u8,
    /// Whether an `end` is the first day on which a thing held no more.
    pub end_exclusive: bool,
    /// How far `~` and `%` reach (`2y`); empty for one unit of what is stated.
    pub about: Arc<str>,
    /// Values that stand for "not known" (`1943-01-01`).
    pub unknown: Box<[Arc<str>]>,
    /// The entity supplied as actor where a sentence names none; empty when there is none.
    pub implicit_agent: Arc<str>,
}

/// What the values of a qualifier are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// A date or interval.
    Edtf,
    /// A number.
    Number,
    /// A number with a unit.
    Quantity,
    /// The id of an entity.
    Entity,
    /// Words.
    #[default]
    Text,
}

/// What a dataset declares about a qualifier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QualifierType {
    /// The key, as it stands in `qualifiers` (`with-consent-of`).
    pub key: Arc<str>,
    /// The relationship type it is declared for; empty for all.
    pub relation: Arc<str>,
    /// What it means.
    pub definition: Arc<str>,
    /// How it is read.
    pub reading: Qualifier,
}

/// How the values of a qualifier are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Qualifier {
    /// What its values are.
    pub ty: ValueType,
    /// Whether a fact may have several at once.
    pub many: bool,
    /// Whether values that exclude each other are a conflict.
    pub conflicts: bool,
}

impl ValueType {
    /// Each with its word in `qualifiers.csv`.
    pub const ALL: [(&'static str, Self); 5] = [
        ("edtf", Self::Edtf),
        ("number", Self::Number),
        ("quantity", Self::Quantity),
        ("entity", Self::Entity),
        ("text", Self::Text),
    ];

    /// The type of that word.
    ///
    /// ```
    /// use shejire::provenance::ValueType;
    ///
    /// assert_eq!(ValueType::parse("edtf"), Some(ValueType::Edtf));
    /// ```
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, ty)| *ty)
    }

    /// The word in `qualifiers.csv`.
    ///
    /// ```
    /// use shejire::provenance::ValueType;
    ///
    /// assert_eq!(ValueType::Quantity.name(), "quantity");
    /// ```
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, ty)| *ty == self).map_or("", |(name, _)| name)
    }
}

impl Qualifier {
    /// How a key is read that no dataset declares, on a relationship type with (`lineage`) or without a part in a
    /// lineage.
    pub(crate) fn by_default(key: &str, lineage: bool) -> Self {
        let one = |ty, conflicts| Self { ty, many: false, conflicts };
        match key {
            "date" | "adopted" | "published" | "effective" | "start" | "end" => one(ValueType::Edtf, true),
            "during" => Self { ty: ValueType::Edtf, many: true, conflicts: false },
            "share" | "age" => one(ValueType::Quantity, true),
            "count" | "rank" => one(ValueType::Number, true),
            "status" => one(ValueType::Text, true),
            "from" | "to" if lineage => one(ValueType::Entity, true),
            "agent" => one(ValueType::Entity, false),
            "attribute" | "what" | "measure" | "unit" | "bound" | "edtf" => one(ValueType::Text, false),
            "through" | "by" => Self { ty: ValueType::Entity, many: true, conflicts: false },
            "wording" | "at" | "purpose" | "scope" | "note" | "condition" | "printed" | "role" | "of" | "direction"
            | "target" | "right" | "from" | "to" => Self { ty: ValueType::Text, many: true, conflicts: false },
            _ => one(ValueType::Text, false),
        }
    }
}

/// What happens to a body, a norm or a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// One becomes, or gives way to, another.
    Succession,
    /// It comes into being.
    Creation,
    /// It comes back after a gap.
    Restoration,
    /// It goes on, changed.
    Change,
    /// It ends.
    Ending,
    /// It receives a function; no body succeeds another.
    FunctionTransfer,
    /// It gives a function up; no body succeeds another.
    FunctionWithdrawal,
}

/// An end of a relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The node it starts from.
    Start,
    /// The node it ends in.
    End,
}

/// Two facts that do not go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Id in the dataset (`C1`).
    pub id: Arc<str>,
    /// `contradiction`, `status`, `scope`, …
    pub kind: Arc<str>,
    /// What it is about, in a few words.
    pub topic: Arc<str>,
    /// The two sides.
    pub sides: [Claim; 2],
    /// What a reader should know.
    pub note: Arc<str>,
}

/// One side of a conflict: a fact, or what only some documents say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The fact.
    pub rel: RelRef,
    /// The documents meant; empty for all that assert the fact.
    pub sources: Box<[SourceId]>,
}

impl Vocabulary {
    /// Declares a type; a second declaration of the same name takes the place of the first.
    pub(crate) fn declare(&mut self, relation: RelationType) {
        match self.by_name.get(&relation.name) {
            Some(&at) => self.types[at] = relation,
            None => {
                self.by_name.insert(relation.name.clone(), self.types.len());
                self.types.push(relation);
            }
        }
    }

    /// Declares a qualifier; a second declaration of the same key and relation takes the place of the first.
    pub(crate) fn declare_qualifier(&mut self, qualifier: QualifierType) {
        let same = |q: &&mut QualifierType| q.key == qualifier.key && q.relation == qualifier.relation;
        match self.qualifiers.iter_mut().find(same) {
            Some(known) => *known = qualifier,
            None => self.qualifiers.push(qualifier),
        }
    }

    /// Every declared qualifier, in the order of the table.
    pub(crate) fn qualifiers(&self) -> &[QualifierType] {
        &self.qualifiers
    }

    /// How `key` is read on relationships of type `relation`: as declared for it, as declared for all, or as by default.
    /// `-` and `_` are one letter here: `with-consent-of` is the property `with_consent_of`.
    pub(crate) fn qualifier(&self, key: &str, relation: &str) -> Qualifier {
        let declared = self.qualifiers.iter().filter(|q| same_key(&q.key, key));
        let mut general = None;
        for qualifier in declared {
            if *qualifier.relation == *relation {
                return qualifier.reading;
            }
            if qualifier.relation.is_empty() {
                general = Some(qualifier.reading);
            }
        }
        let changed = |key| key == "from" || key == "to";
        let lineage = || self.get(relation).is_some_and(|t| t.descent.is_some() || &*t.name == "changed-to");
        general.unwrap_or_else(|| Qualifier::by_default(key, changed(key) && lineage()))
    }

    /// Whether a property of this name is a date, on some relationship type or on nodes.
    pub(crate) fn is_date(&self, key: &str) -> bool {
        let mut general = None;
        for qualifier in self.qualifiers.iter().filter(|q| same_key(&q.key, key)) {
            if qualifier.reading.ty == ValueType::Edtf {
                return true;
            }
            if qualifier.relation.is_empty() {
                general = Some(qualifier.reading.ty);
            }
        }
        general.unwrap_or_else(|| Qualifier::by_default(key, false).ty) == ValueType::Edtf
    }

    /// Every declared type, in the order of the table.
    pub(crate) fn types(&self) -> &[RelationType] {
        &self.types
    }

    /// The declaration of a type.
    pub(crate) fn get(&self, name: &str) -> Option<&RelationType> {
        self.by_name.get(name).map(|at| &self.types[*at])
    }

    /// Whether relationships of these two types between the same nodes contradict each other.
    pub(crate) fn contradict(&self, a: &str, b: &str) -> bool {
        let says = |x: &str, y: &str| self.get(x).is_some_and(|t| t.contradicts.iter().any(|c| **c == *y));
        says(a, b) || says(b, a)
    }
}

/// Whether two spellings are one key: properties write `_` where tables write `-`.
pub(crate) fn same_key(a: &str, b: &str) -> bool {
    let letter = |b: u8| if b == b'-' { b'_' } else { b };
    a.len() == b.len() && a.bytes().map(letter).eq(b.bytes().map(letter))
}

impl Role {
    /// Every role with its name in the relation table.
    pub const ALL: [(&'static str, Role); 7] = [
        ("succession", Role::Succession),
        ("creation", Role::Creation),
        ("restoration", Role::Restoration),
        ("change", Role::Change),
        ("ending", Role::Ending),
        ("function-transfer", Role::FunctionTransfer),
        ("function-withdrawal", Role::FunctionWithdrawal),
    ];

    /// The name in the relation table.
    ///
    /// ```
    /// use shejire::provenance::Role;
    ///
    /// assert_eq!(Role::Succession.name(), "succession");
    /// ```
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, role)| *role == self).map_or("", |(name, _)| name)
    }

    /// The role of that name.
    ///
    /// ```
    /// use shejire::provenance::Role;
    ///
    /// assert_eq!(Role::parse("ending"), Some(Role::Ending));
    /// ```
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, role)| *role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contradiction_is_declared_once_and_holds_both_ways() {
        let mut vocabulary = Vocabulary::default();
        for (name, against) in [("established", "re-established"), ("re-established", "")] {
            vocabulary.declare(RelationType {
                name: name.into(),
                contradicts: [against].iter().filter(|a| !a.is_empty()).map(|a| Arc::from(*a)).collect(),
                ..RelationType::default()
            });
        }
        assert!(vocabulary.contradict("re-established", "established"));
        assert!(!vocabulary.contradict("established", "established"));
        assert_eq!(vocabulary.types().len(), 2);
    }

    #[test]
    fn roles_read_what_they_print() {
        for (name, role) in Role::ALL {
            assert_eq!((role.name(), Role::parse(name)), (name, Some(role)));
        }
    }
}
