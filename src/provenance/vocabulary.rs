//! What a dataset says about its relationship types: which carry a descent and how, which contradict
//! each other, and which facts its makers found in conflict.
//!
//! Nothing about lineage is known to the program beforehand; it is read from the relation table.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::SourceId;
use crate::value::RelRef;

/// Everything a dataset declares about the relationship types of its graph.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    types: Vec<RelationType>,
    by_name: FxHashMap<Arc<str>, usize>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    pub fn declare(&mut self, relation: RelationType) {
        match self.by_name.get(&relation.name) {
            Some(&at) => self.types[at] = relation,
            None => {
                self.by_name.insert(relation.name.clone(), self.types.len());
                self.types.push(relation);
            }
        }
    }

    /// Every declared type, in the order of the table.
    pub fn types(&self) -> &[RelationType] {
        &self.types
    }

    /// The declaration of a type.
    pub fn get(&self, name: &str) -> Option<&RelationType> {
        self.by_name.get(name).map(|at| &self.types[*at])
    }

    /// The part of a type in a lineage.
    pub fn descent(&self, name: &str) -> Option<&Descent> {
        self.get(name)?.descent.as_ref()
    }

    /// The types of one role, in the order of the table.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &RelationType> {
        self.types.iter().filter(move |t| t.descent.as_ref().is_some_and(|d| d.role == role))
    }

    /// Whether relationships of these two types between the same nodes contradict each other.
    pub fn contradict(&self, a: &str, b: &str) -> bool {
        let says = |x: &str, y: &str| self.get(x).is_some_and(|t| t.contradicts.iter().any(|c| **c == *y));
        says(a, b) || says(b, a)
    }
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
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, role)| *role == self).map_or("", |(name, _)| name)
    }

    /// The role of that name.
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
