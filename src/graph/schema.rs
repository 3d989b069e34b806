//! Indexes and constraints: declaring, dropping, seeking.

use std::ops::Bound;
use std::sync::Arc;

use super::change::Change;
use super::index::{Index, Lookup};
use super::{Graph, IndexDefinition, IndexId, IndexKind, KeyId, LabelId, Part, next_version};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::value::{NodeRef, Value};

impl Graph {
    /// Declares an index or a constraint; without a name it gets one from kind, label and key.
    /// Errors: `IndexAlreadyExists` or `ConstraintAlreadyExists` (same name, or same kind, label and key);
    /// `ConstraintViolation` when the nodes there break it.
    pub fn create_index(&mut self, name: Option<&str>, kind: IndexKind, label: LabelId, key: KeyId) -> Result<IndexId> {
        let (changed, changes) = (self.journal.changed, self.journal.changes.len());
        let id = self.declare_index(name, kind, label, key)?;
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
        label: LabelId,
        key: KeyId,
    ) -> Result<IndexId> {
        let name: Arc<str> = match name {
            Some(name) => name.into(),
            None => self.default_name(kind, label, key).into(),
        };
        let same = |d: &IndexDefinition| d.name == name || (d.kind, d.label, d.key) == (kind, label, key);
        if let Some(there) = self.indexes.all().map(|i| &i.definition).find(|d| same(d)) {
            return Err(already(there, self));
        }
        if let Some(there) = self.constraints.all().iter().find(|constraint| constraint.name == name) {
            let message = format!("the constraint {} exists already", there.name);
            return Err(Error::new(Class::SemanticError, Phase::Runtime, Code::ConstraintAlreadyExists, message)
                .hint("give the index another name"));
        }
        let id = self.indexes.next_id();
        let definition = IndexDefinition { id, name: Arc::clone(&name), kind, label, key };
        self.node_columns.know(key);
        Arc::make_mut(&mut self.labels).know(label);
        self.indexes.put(Index::new(definition));
        self.schema_version = next_version();
        self.journal.record(|| Change::IndexCreated { name, kind, label, key });
        Ok(id)
    }

    /// Whether the nodes fit a constraint. Errors: `ConstraintViolation`.
    fn verify_index(&self, id: IndexId) -> Result<()> {
        let Some(definition) = self.indexes.get(id).map(|index| &index.definition) else { return Ok(()) };
        if definition.kind == IndexKind::Exists {
            return self.check_exists(definition);
        }
        if definition.kind == IndexKind::Unique
            && let Some((a, b)) = self.lookup(id).and_then(|lookup| lookup.duplicate())
        {
            let (label, key) = (definition.label, definition.key);
            return Err(self.not_unique(label, key, &self.node_property(NodeRef::new(a), key), b));
        }
        Ok(())
    }

    /// Drops an index or a constraint. Errors: `IndexNotFound`.
    pub fn drop_index(&mut self, index: IndexId) -> Result<()> {
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
    pub fn index_definitions(&self) -> Vec<IndexDefinition> {
        self.indexes.all().map(|i| i.definition.clone()).collect()
    }

    /// The index (or uniqueness constraint) that can seek nodes of `label` by `key`.
    pub fn index_for(&self, label: LabelId, key: KeyId) -> Option<IndexId> {
        let seeks = |id: &&IndexId| {
            let definition = self.indexes.get(**id).map(|i| &i.definition);
            definition.is_some_and(|d| d.label == label && d.kind != IndexKind::Exists)
        };
        self.indexes.on_key(key).iter().find(seeks).copied()
    }

    /// The index or constraint of this name.
    pub fn index_named(&self, name: &str) -> Option<IndexId> {
        self.indexes.all().find(|i| &*i.definition.name == name).map(|i| i.definition.id)
    }

    /// Appends the slots whose value equals `value` (openCypher `=`), ascending. False: cannot answer, scan instead.
    pub fn seek_equal(&self, index: IndexId, value: &Value, out: &mut Vec<u32>) -> bool {
        let Some(lookup) = self.lookup(index) else { return false };
        lookup.seek_equal(value, out);
        true
    }

    /// Appends a part of the slots within the bounds, in value order, then slot. False: cannot answer (unbounded, or lists
    /// and durations, which openCypher compares otherwise than it orders them), scan instead.
    pub fn seek_range(
        &self,
        index: IndexId,
        (lower, upper): (Bound<&Value>, Bound<&Value>),
        part: Part,
        out: &mut Vec<u32>,
    ) -> bool {
        self.lookup(index).is_some_and(|lookup| lookup.seek_range(lower, upper, part, out))
    }

    /// Appends a part of the slots whose string starts with `prefix`, in text order, then slot.
    pub fn seek_prefix(&self, index: IndexId, prefix: &str, part: Part, out: &mut Vec<u32>) {
        if let Some(lookup) = self.lookup(index) {
            lookup.seek_prefix(prefix, part, out);
        }
    }

    /// How many strings start with `prefix`.
    pub fn count_prefix(&self, index: IndexId, prefix: &str) -> u64 {
        self.lookup(index).map_or(0, |lookup| lookup.count_prefix(prefix))
    }

    /// How many values equal `value`.
    pub fn count_equal(&self, index: IndexId, value: &Value) -> Option<u64> {
        Some(self.lookup(index)?.count_equal(value))
    }

    /// How many values lie within the bounds; nothing when an index cannot tell.
    pub fn count_range(&self, index: IndexId, lower: Bound<&Value>, upper: Bound<&Value>) -> Option<u64> {
        self.lookup(index)?.count_range(lower, upper)
    }

    /// Appends a part of the slots in the order of their values (`ORDER BY key`; nodes without a value are not there),
    /// equal values by slot, all of it reversed when descending.
    pub fn seek_ordered(&self, index: IndexId, part: Part, out: &mut Vec<u32>) {
        if let Some(lookup) = self.lookup(index) {
            lookup.seek_ordered(part, out);
        }
    }

    pub(super) fn lookup(&self, index: IndexId) -> Option<Lookup<'_>> {
        let index = self.indexes.get(index).filter(|i| i.definition.kind != IndexKind::Exists)?;
        Some(Lookup {
            index,
            nodes: self.labels.nodes(index.definition.label)?,
            column: self.node_columns.get(index.definition.key)?,
        })
    }

    /// Whether a node with these labels may have this value. Errors: `ConstraintViolation`.
    pub(super) fn check_unique(&self, slot: u32, labels: &[LabelId], key: KeyId, value: &Value) -> Result<()> {
        for &id in self.indexes.on_key(key) {
            let Some(index) = self.indexes.get(id) else { continue };
            let definition = &index.definition;
            if definition.kind == IndexKind::Unique
                && labels.contains(&definition.label)
                && let Some(other) = self.lookup(id).and_then(|lookup| lookup.other(value, slot))
            {
                return Err(self.not_unique(definition.label, key, value, other));
            }
        }
        Ok(())
    }

    /// Whether every node of the label has the key. Errors: `ConstraintViolation`.
    pub(super) fn check_exists(&self, definition: &IndexDefinition) -> Result<()> {
        let (label, key) = (definition.label, definition.key);
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

    fn not_unique(&self, label: LabelId, key: KeyId, value: &Value, other: u32) -> Error {
        let value = shown(value);
        violation(format!(
            "node {} with the label {} already has {} = {value}",
            self.node_id(NodeRef::new(other)),
            self.label_name(label),
            self.key_name(key)
        ))
    }

    fn default_name(&self, kind: IndexKind, label: LabelId, key: KeyId) -> String {
        let kind = match kind {
            IndexKind::Index => "index",
            IndexKind::Unique => "unique",
            IndexKind::Exists => "exists",
        };
        format!("{kind}_{}_{}", self.label_name(label), self.key_name(key))
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
    let (label, key) = (graph.label_name(there.label), graph.key_name(there.key));
    Error::new(
        Class::SemanticError,
        Phase::Runtime,
        code,
        format!("the {what} {} on :{label}({key}) exists already", there.name),
    )
    .hint("IF NOT EXISTS makes this a no-op")
}
