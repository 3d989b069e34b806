//! Full-text indexes: from words to the nodes or relationships whose texts have them, the best first.
//!
//! ```text
//!   a write ─► leave: the words of the text that stands there are taken out ─► the column changes ─► enter: put in
//!   a search ─► query.rs reads it ─► search.rs asks the words of each property ─► slots with scores
//! ```
//!
//! As the other indexes, one is built when it is first asked and kept true by every write from then on; versions share it
//! shard by shard. Words are compared as names are: across case, marks and scripts.

mod field;
mod query;
mod search;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;

use self::field::{Field, words_at};
use self::search::Search;
use super::column::Column;
use super::columns::Columns;
use super::index::Kin;
use super::slot_set::SlotSet;
use super::{Graph, KeyId, Subject, next_version};
use crate::error::{Class, Code, Error, Phase, Result, nearest};
use crate::graph::change::Change;
use crate::memory;

/// A full-text index as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextDefinition {
    /// Its name, unique among indexes and constraints.
    pub name: Arc<str>,
    /// Labels of the nodes in it, or types of the relationships; never empty, and all of one sort.
    pub subjects: SmallVec<[Subject; 1]>,
    /// The properties whose texts it finds; never empty.
    pub keys: SmallVec<[KeyId; 2]>,
}

impl TextDefinition {
    /// Whether it is on nodes, not on relationships.
    pub(crate) fn is_on_nodes(&self) -> bool {
        matches!(self.subjects[0], Subject::Nodes(_))
    }
}

#[derive(Clone, Debug)]
pub(super) struct TextIndex {
    pub(super) definition: TextDefinition,
    built: Arc<OnceLock<Text>>,
}

/// The words of each property.
#[derive(Clone, Debug)]
struct Text(Vec<Field>);

impl TextIndex {
    pub(super) fn new(definition: TextDefinition) -> Self {
        Self { definition, built: Arc::default() }
    }

    /// Whether a write of something of this kin concerns it.
    pub(super) fn is_about(&self, kin: Kin<'_>) -> bool {
        self.definition.subjects.iter().any(|subject| kin.is(*subject))
    }

    /// Calls `f` with each property of it that is among the keys, when it is built.
    fn each_field(&mut self, keys: &[KeyId], mut f: impl FnMut(KeyId, &mut Field)) {
        if self.built.get().is_none() {
            // what a reader of an earlier version builds later is not of this one
            self.built = Arc::default();
            return;
        }
        let Some(Text(fields)) = Arc::make_mut(&mut self.built).get_mut() else { return };
        for (key, field) in self.definition.keys.iter().zip(fields) {
            if keys.contains(key) {
                f(*key, field);
            }
        }
    }

    /// The values of these keys stand in their columns since now.
    pub(super) fn enter(&mut self, slot: u32, keys: &[KeyId], columns: &Columns) {
        self.each_field(keys, |key, field| {
            if let Some(column) = columns.get(key) {
                field.insert(slot, words_at(column, slot));
            }
        });
    }

    /// The values of these keys are about to leave their columns.
    pub(super) fn leave(&mut self, slot: u32, keys: &[KeyId], columns: &Columns) {
        self.each_field(keys, |key, field| {
            if let Some(column) = columns.get(key) {
                field.remove(slot, words_at(column, slot));
            }
        });
    }

    /// How many shards are not those of another clone.
    #[cfg(test)]
    fn own(&self, other: &Self) -> usize {
        let (Some(Text(own)), Some(Text(other))) = (self.built.get(), other.built.get()) else { return 0 };
        own.iter().zip(other).map(|(own, other)| own.own(other)).sum()
    }
}

impl Graph {
    /// Declares a full-text index; without a name it gets one from labels and keys. Errors: `IndexAlreadyExists` (same
    /// name, or the same in all else).
    pub(crate) fn create_text_index(&mut self, name: Option<&str>, subjects: &[Subject], keys: &[KeyId]) -> Result<()> {
        let name = name.map_or_else(|| self.text_index_name(subjects, keys).into(), Arc::from);
        self.declare_text_index(TextDefinition { name, subjects: subjects.into(), keys: keys.into() })
    }

    pub(super) fn declare_text_index(&mut self, definition: TextDefinition) -> Result<()> {
        let same = |other: &&TextDefinition| {
            other.name == definition.name || (&other.subjects, &other.keys) == (&definition.subjects, &definition.keys)
        };
        let there = self.text_definitions().find(same).map(|there| {
            format!("the full-text index {} ({}) exists already", there.name, self.text_index_in_words(there))
        });
        let taken = || {
            self.has_named(&definition.name).then(|| format!("something else is called {} already", definition.name))
        };
        if let Some(message) = there.or_else(taken) {
            return Err(Error::new(Class::SemanticError, Phase::Runtime, Code::IndexAlreadyExists, message)
                .hint("IF NOT EXISTS makes this a no-op"));
        }
        self.schema_version = next_version();
        self.journal.record(|| Change::TextIndexCreated(definition.clone()));
        self.put_text_index(definition);
        Ok(())
    }

    /// Puts an index where writes find it.
    pub(super) fn put_text_index(&mut self, definition: TextDefinition) {
        let columns = if definition.is_on_nodes() { &mut self.node_columns } else { &mut self.rel_columns };
        definition.keys.iter().for_each(|key| columns.know(*key));
        for subject in &definition.subjects {
            match subject {
                Subject::Nodes(label) => Arc::make_mut(&mut self.labels).know(*label),
                Subject::Rels(ty) => self.topology.know(*ty),
            }
        }
        self.indexes.put_text(TextIndex::new(definition));
    }

    /// Drops a full-text index; false when there is none of that name.
    pub(crate) fn drop_text_index(&mut self, name: &str) -> bool {
        if !self.indexes.take_text(name) {
            return false;
        }
        self.schema_version = next_version();
        let name = name.into();
        self.journal.record(|| Change::TextIndexDropped { name });
        true
    }

    /// The full-text indexes, in the order they were declared.
    pub(crate) fn text_definitions(&self) -> impl Iterator<Item = &TextDefinition> {
        self.indexes.texts().map(|index| &index.definition)
    }

    /// What a full-text index is on as a statement says it.
    pub(crate) fn text_index_in_words(&self, definition: &TextDefinition) -> String {
        let names: Vec<&str> = definition.subjects.iter().map(|subject| self.subject_name(*subject)).collect();
        let names = names.join("|");
        let on = if definition.is_on_nodes() { format!("(n:{names})") } else { format!("()-[n:{names}]-()") };
        let keys: Vec<String> = definition.keys.iter().map(|key| format!("n.{}", self.key_name(*key))).collect();
        format!("FOR {on} ON EACH [{}]", keys.join(", "))
    }

    fn text_index_name(&self, subjects: &[Subject], keys: &[KeyId]) -> String {
        let names = subjects.iter().map(|subject| self.subject_name(*subject));
        let names: Vec<&str> = names.chain(keys.iter().map(|key| self.key_name(*key))).collect();
        format!("fulltext_{}", names.join("_"))
    }

    /// The nodes (or relationships) of which a text fits a search, by slot, and how well; the best first, then by slot.
    /// `step` is told of the work and may end it. Errors: no such index, a search that cannot be read; those of `step`.
    pub(crate) fn search_texts(
        &self,
        name: &str,
        on_nodes: bool,
        search: &str,
        step: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<Vec<(u32, f64)>> {
        let index = self.indexes.texts().find(|index| *index.definition.name == *name);
        let index = index.ok_or_else(|| self.no_text_index(name))?;
        if index.definition.is_on_nodes() != on_nodes {
            let (there, call) = if on_nodes { ("relationships", "Relationships") } else { ("nodes", "Nodes") };
            let message = format!("the full-text index {name} is on {there}");
            return Err(Error::argument(Code::InvalidArgumentValue, message)
                .hint(format!("CALL db.index.fulltext.query{call}('{name}', …)")));
        }
        let part = query::parse(search)?;
        let columns: Option<Vec<&Column>> = self.text_columns(&index.definition);
        let Some(columns) = columns else { return Ok(Vec::new()) };
        let Text(fields) = memory::kept(&index.built, || self.build_text(&index.definition, &columns));
        let names = index.definition.keys.iter().map(|key| self.key_name(*key)).collect();
        let mut hits = Search { fields, columns, names, step }.part(&part, None)?;
        hits.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Ok(hits)
    }

    fn text_columns(&self, definition: &TextDefinition) -> Option<Vec<&Column>> {
        let columns = if definition.is_on_nodes() { &self.node_columns } else { &self.rel_columns };
        definition.keys.iter().map(|key| columns.get(*key)).collect()
    }

    fn build_text(&self, definition: &TextDefinition, columns: &[&Column]) -> Text {
        let sets = definition.subjects.iter().filter_map(|subject| match subject {
            Subject::Nodes(label) => self.labels.nodes(*label),
            Subject::Rels(ty) => self.topology.types.get(ty.index()).map(|ty| &ty.live),
        });
        let sets: Vec<&SlotSet> = sets.collect();
        let field = |column: &&Column| {
            let mut field = Field::default();
            for (at, set) in sets.iter().enumerate() {
                // what is in a set before has been looked at
                let fresh = |slot: &u32| !sets[..at].iter().any(|before| before.contains(*slot));
                for slot in set.iter().filter(fresh) {
                    field.insert(slot, words_at(column, slot));
                }
            }
            field
        };
        Text(columns.iter().map(field).collect())
    }

    fn no_text_index(&self, name: &str) -> Error {
        let error = Error::argument(Code::IndexNotFound, format!("there is no full-text index called `{name}`"));
        match nearest(name, self.text_definitions().map(|definition| &*definition.name)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("CREATE FULLTEXT INDEX name FOR (n:Label) ON EACH [n.key] makes one"),
        }
    }

    /// What is wrong with the full-text indexes: words that are not those of the texts.
    pub(super) fn check_texts(&self, problems: &mut Vec<String>) {
        for index in self.indexes.texts() {
            let (Some(Text(built)), Some(columns)) = (index.built.get(), self.text_columns(&index.definition)) else {
                continue;
            };
            let Text(wanted) = self.build_text(&index.definition, &columns);
            let same = built.iter().zip(&wanted).all(|(own, wanted)| own.is_sound() && own.dump() == wanted.dump());
            if !same {
                problems
                    .push(format!("full-text index {}: its words are not those of the texts", index.definition.name));
            }
        }
    }
}
