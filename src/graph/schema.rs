//! Indexes and constraints: declaring, dropping, seeking.

use std::ops::Bound;
use std::sync::Arc;

use super::change::Change;
use super::index::{Index, Lookup, columns_of};
use super::{Graph, IndexDefinition, IndexId, IndexKind, KeyId, LabelId, Part, Subject, next_version};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::value::{NodeRef, Value};

impl Graph {
    /// Declares an index on one or several keys, or a constraint on one key of nodes; without a name it gets one from kind,
    /// label or type, and keys. Errors: `IndexAlreadyExists` or `ConstraintAlreadyExists` (same name, or the same in all
    /// else); `ConstraintViolation` when the nodes there break it.
    pub(crate) fn create_index(
        &mut self,
        name: Option<&str>,
        kind: IndexKind,
        subject: Subject,
        keys: &[KeyId],
    ) -> Result<IndexId> {
        let (changed, changes) = (self.journal.changed, self.journal.changes.len());
        let id = self.declare_index(name, kind, subject, keys)?;
        if let Err(error) = self.verify_index(id) {
            self.indexes.take(id);
            self.journal.changes.truncate(changes);
            self.journal.changed = changed;
            return Err(error);
        }
        Ok(id)
    }

    /// The same without asking whether the nodes fit it, and so without loading what they hold.
    pub(super) fn declare_index(
        &mut self,
        name: Option<&str>,
        kind: IndexKind,
        subject: Subject,
        keys: &[KeyId],
    ) -> Result<IndexId> {
        let name: Arc<str> = match name {
            Some(name) => name.into(),
            None => self.default_name(kind, subject, keys).into(),
        };
        let same = |d: &IndexDefinition| d.name == name || (d.kind, d.subject, &d.keys[..]) == (kind, subject, keys);
        if let Some(there) = self.indexes.all().map(|i| &i.definition).find(|d| same(d)) {
            return Err(already(there, self));
        }
        if self.has_named(&name) {
            let message = format!("something else is called {name} already");
            return Err(Error::new(Class::SemanticError, Phase::Runtime, Code::ConstraintAlreadyExists, message)
                .hint("give the index another name"));
        }
        let id = self.indexes.next_id();
        let definition = IndexDefinition { id, name, kind, subject, keys: keys.into() };
        self.journal.record(|| Change::IndexCreated(definition.clone()));
        self.put_index(Index::new(definition));
        self.schema_version = next_version();
        Ok(id)
    }

    /// Puts an index where writes find it, and makes sure that what it is on has columns.
    pub(super) fn put_index(&mut self, index: Index) {
        let definition = &index.definition;
        let columns = match definition.subject {
            Subject::Nodes(label) => {
                Arc::make_mut(&mut self.labels).know(label);
                &mut self.node_columns
            }
            Subject::Rels(ty) => {
                self.topology.know(ty);
                &mut self.rel_columns
            }
        };
        definition.keys.iter().for_each(|key| columns.know(*key));
        self.indexes.put(index);
    }

    /// Whether the nodes fit a constraint. Errors: `ConstraintViolation`.
    fn verify_index(&self, id: IndexId) -> Result<()> {
        let Some(definition) = self.indexes.get(id).map(|index| &index.definition) else { return Ok(()) };
        match definition.kind {
            IndexKind::Index => Ok(()),
            IndexKind::Exists => self.check_exists(definition),
            IndexKind::Unique => match self.lookup(id).and_then(|lookup| lookup.duplicate()) {
                Some((a, b)) => {
                    let key = definition.keys[0];
                    Err(self.not_unique(definition.subject, key, &self.node_property(NodeRef::new(a), key), b))
                }
                None => Ok(()),
            },
        }
    }

    /// Drops an index or a constraint. Errors: `IndexNotFound`.
    pub(crate) fn drop_index(&mut self, index: IndexId) -> Result<()> {
        let Some(index) = self.indexes.take(index) else {
            return Err(Error::new(
                Class::SemanticError,
                Phase::Runtime,
                Code::IndexNotFound,
                "there is no such index or constraint",
            ));
        };
        self.schema_version = next_version();
        let name = Arc::clone(&index.definition.name);
        self.journal.record(|| Change::IndexDropped { name });
        Ok(())
    }

    /// All indexes and constraints, in order of their ids.
    pub(crate) fn index_definitions(&self) -> Vec<IndexDefinition> {
        self.indexes.all().map(|i| i.definition.clone()).collect()
    }

    /// The index (or uniqueness constraint) that can seek nodes of `label` by `key`.
    pub(crate) fn index_for(&self, label: LabelId, key: KeyId) -> Option<IndexId> {
        self.index_of(Subject::Nodes(label), &[key])
    }

    /// The index (or uniqueness constraint) on just these keys.
    pub(crate) fn index_of(&self, subject: Subject, keys: &[KeyId]) -> Option<IndexId> {
        self.index_like(subject, keys).filter(|definition| definition.keys.len() == keys.len()).map(|d| d.id)
    }

    /// The shortest index whose first keys are these.
    pub(crate) fn index_beginning(&self, subject: Subject, keys: &[KeyId]) -> Option<IndexId> {
        self.index_like(subject, keys).map(|definition| definition.id)
    }

    fn index_like(&self, subject: Subject, keys: &[KeyId]) -> Option<&IndexDefinition> {
        let on_first = self.indexes.on_key(*keys.first()?).iter();
        let definitions = on_first.filter_map(|id| self.indexes.get(*id)).map(|index| &index.definition);
        let fits = |d: &&IndexDefinition| d.seeks() && d.subject == subject && d.keys.starts_with(keys);
        definitions.filter(fits).min_by_key(|definition| definition.keys.len())
    }

    /// The keys of every index on the nodes with a label or the relationships of a type, constraints' own aside.
    pub(crate) fn indexed_keys(&self, subject: Subject) -> impl Iterator<Item = &[KeyId]> {
        let all = self.indexes.all().map(|index| &index.definition);
        all.filter(move |d| d.seeks() && d.subject == subject).map(|definition| &definition.keys[..])
    }

    /// Appends the slots whose first values equal `equal` and whose next value lies within the bounds, in the order of
    /// that. It finds all that fit, and may find others where `=` and comparisons say of values that they are unknown (lists
    /// with nulls, durations): the caller asks each. Unbounded: the next value may be any, or missing.
    pub(crate) fn seek_several(
        &self,
        index: IndexId,
        equal: &[Value],
        bounds: (Bound<&Value>, Bound<&Value>),
        out: &mut Vec<u32>,
    ) {
        if let Some(lookup) = self.lookup(index) {
            lookup.seek_several(equal, bounds, out);
        }
    }

    /// The same with the start of a text for the next value.
    pub(crate) fn seek_several_prefix(&self, index: IndexId, equal: &[Value], prefix: &str, out: &mut Vec<u32>) {
        if let Some(lookup) = self.lookup(index) {
            lookup.seek_several_prefix(equal, prefix, out);
        }
    }

    /// How many different combinations of values the first `keys` keys of an index have, about.
    pub(crate) fn distinct_of(&self, index: IndexId, keys: usize) -> u64 {
        self.lookup(index).map_or(0, |lookup| lookup.distinct_of(keys))
    }

    /// Whether an index of any kind or a constraint has this name.
    pub(crate) fn has_named(&self, name: &str) -> bool {
        self.index_named(name).is_some()
            || self.constraints.all().iter().any(|constraint| *constraint.name == *name)
            || self.text_definitions().any(|definition| *definition.name == *name)
    }

    /// The index or constraint of this name.
    pub(crate) fn index_named(&self, name: &str) -> Option<IndexId> {
        self.indexes.all().find(|i| &*i.definition.name == name).map(|i| i.definition.id)
    }

    /// Appends the slots whose value equals `value` (openCypher `=`), ascending. False: cannot answer, scan instead.
    pub(crate) fn seek_equal(&self, index: IndexId, value: &Value, out: &mut Vec<u32>) -> bool {
        let Some(lookup) = self.lookup(index) else { return false };
        lookup.seek_equal(value, out);
        true
    }

    /// Appends a part of the slots within the bounds, in value order, then slot. False: cannot answer (unbounded, or lists
    /// and durations, which openCypher compares otherwise than it orders them), scan instead.
    pub(crate) fn seek_range(
        &self,
        index: IndexId,
        (lower, upper): (Bound<&Value>, Bound<&Value>),
        part: Part,
        out: &mut Vec<u32>,
    ) -> bool {
        self.lookup(index).is_some_and(|lookup| lookup.seek_range(lower, upper, part, out))
    }

    /// Appends a part of the slots whose string starts with `prefix`, in text order, then slot.
    pub(crate) fn seek_prefix(&self, index: IndexId, prefix: &str, part: Part, out: &mut Vec<u32>) {
        if let Some(lookup) = self.lookup(index) {
            lookup.seek_prefix(prefix, part, out);
        }
    }

    /// How many values lie within the bounds; nothing when an index cannot tell.
    pub(crate) fn count_range(&self, index: IndexId, lower: Bound<&Value>, upper: Bound<&Value>) -> Option<u64> {
        self.lookup(index)?.count_range(lower, upper)
    }

    /// Appends a part of the slots in the order of their values (`ORDER BY key`; nodes without a value are not there),
    /// equal values by slot, also when descending.
    pub(crate) fn seek_ordered(&self, index: IndexId, part: Part, out: &mut Vec<u32>) {
        if let Some(lookup) = self.lookup(index) {
            lookup.seek_ordered(part, out);
        }
    }

    pub(super) fn lookup(&self, index: IndexId) -> Option<Lookup<'_>> {
        let index = self.indexes.get(index).filter(|i| i.definition.seeks())?;
        let (members, columns) = match index.definition.subject {
            Subject::Nodes(label) => (self.labels.nodes(label)?, &self.node_columns),
            Subject::Rels(ty) => (&self.topology.types.get(ty.index())?.live, &self.rel_columns),
        };
        Some(Lookup { index, members, columns: columns_of(&index.definition, columns)? })
    }

    /// Whether a node with these labels may have this value. Errors: `ConstraintViolation`.
    pub(super) fn check_unique(&self, slot: u32, labels: &[LabelId], key: KeyId, value: &Value) -> Result<()> {
        for &id in self.indexes.on_key(key) {
            let Some(index) = self.indexes.get(id) else { continue };
            let definition = &index.definition;
            if definition.kind == IndexKind::Unique
                && matches!(definition.subject, Subject::Nodes(label) if labels.contains(&label))
                && let Some(other) = self.lookup(id).and_then(|lookup| lookup.other(value, slot))
            {
                return Err(self.not_unique(definition.subject, key, value, other));
            }
        }
        Ok(())
    }

    /// Whether every node of the label has the key. Errors: `ConstraintViolation`.
    pub(super) fn check_exists(&self, definition: &IndexDefinition) -> Result<()> {
        let (Subject::Nodes(label), key) = (definition.subject, definition.keys[0]) else { return Ok(()) };
        if self.complete(label, key) {
            return Ok(());
        }
        let lacks = |slot: &u32| self.node_columns.get(key).is_none_or(|column| !column.is_present(*slot));
        let example = self.labels.nodes(label).and_then(|nodes| nodes.iter().find(lacks));
        let example = example.map_or(String::new(), |slot| format!(" ({})", self.node_id(NodeRef::new(slot))));
        Err(violation(format!(
            "every node with the label {} must have the property {}, and one{example} has not",
            self.label_name(label),
            self.key_name(key)
        )))
    }

    fn not_unique(&self, subject: Subject, key: KeyId, value: &Value, other: u32) -> Error {
        let value = shown(value);
        violation(format!(
            "node {} with the label {} already has {} = {value}",
            self.node_id(NodeRef::new(other)),
            self.subject_name(subject),
            self.key_name(key)
        ))
    }

    /// The text of a label or type.
    pub(crate) fn subject_name(&self, subject: Subject) -> &str {
        match subject {
            Subject::Nodes(label) => self.label_name(label),
            Subject::Rels(ty) => self.type_name(ty),
        }
    }

    /// What an index is on as a statement says it: `FOR (n:Label) ON (n.a, n.b)`.
    pub(crate) fn index_in_words(&self, definition: &IndexDefinition) -> String {
        let keys: Vec<String> = definition.keys.iter().map(|key| format!("n.{}", self.key_name(*key))).collect();
        let on = match definition.subject {
            Subject::Nodes(label) => format!("(n:{})", self.label_name(label)),
            Subject::Rels(ty) => format!("()-[n:{}]-()", self.type_name(ty)),
        };
        format!("FOR {on} ON ({})", keys.join(", "))
    }

    fn default_name(&self, kind: IndexKind, subject: Subject, keys: &[KeyId]) -> String {
        let kind = match kind {
            IndexKind::Index => "index",
            IndexKind::Unique => "unique",
            IndexKind::Exists => "exists",
        };
        let keys: Vec<&str> = keys.iter().map(|key| self.key_name(*key)).collect();
        format!("{kind}_{}_{}", self.subject_name(subject), keys.join("_"))
    }
}

/// A value in a message, cut when it is long.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => format!("'{}'", text.chars().take(80).collect::<String>()),
        Value::Int(n) => n.to_string(),
        Value::Float(x) => x.to_string(),
        Value::Bool(b) => b.to_string(),
        other => format!("of type {}", other.type_name()),
    }
}

pub(super) fn violation(message: String) -> Error {
    Error::new(Class::ConstraintValidationFailed, Phase::Runtime, Code::ConstraintViolation, message)
}

fn already(there: &IndexDefinition, graph: &Graph) -> Error {
    let (code, what) = match there.kind {
        IndexKind::Index => (Code::IndexAlreadyExists, "index"),
        IndexKind::Unique => (Code::ConstraintAlreadyExists, "uniqueness constraint"),
        IndexKind::Exists => (Code::ConstraintAlreadyExists, "existence constraint"),
    };
    let keys: Vec<&str> = there.keys.iter().map(|key| graph.key_name(*key)).collect();
    Error::new(
        Class::SemanticError,
        Phase::Runtime,
        code,
        format!(
            "the {what} {} on :{}({}) exists already",
            there.name,
            graph.subject_name(there.subject),
            keys.join(", ")
        ),
    )
    .hint("IF NOT EXISTS makes this a no-op")
}
