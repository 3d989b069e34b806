//! Writing: every function leaves all of topology, labels, columns, indexes and counts true; what fails has changed
//! nothing, except where a list is full (`Size`): then the graph is to be dropped.

use std::sync::Arc;

use smallvec::SmallVec;

use super::change::{Change, Deleted};
use super::index::Kin;
use super::labels::{KeyCounts, SetId};
use super::{Dir, Graph, KeyId, LabelId, NodeId, Rel, RelId, RelTypeId, next_version, storable};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::value::{NodeRef, RelRef, Value};

impl Graph {
    /// The id of a label, given now if it is new. Errors: `Size`.
    pub(crate) fn ensure_label(&mut self, name: &str) -> Result<LabelId> {
        match self.names.label(name) {
            Some(label) => Ok(label),
            None => {
                self.schema_version = next_version();
                Arc::make_mut(&mut self.names).ensure_label(name)
            }
        }
    }

    /// The id of a relationship type, given now if it is new. Errors: `Size`.
    pub(crate) fn ensure_type(&mut self, name: &str) -> Result<RelTypeId> {
        match self.names.rel_type(name) {
            Some(ty) => Ok(ty),
            None => {
                self.schema_version = next_version();
                let ty = Arc::make_mut(&mut self.names).ensure_type(name)?;
                self.patterns.grow(ty);
                Ok(ty)
            }
        }
    }

    /// The id of a property key, given now if it is new. Errors: `Size`.
    pub(crate) fn ensure_key(&mut self, name: &str) -> Result<KeyId> {
        match self.names.key(name) {
            Some(key) => Ok(key),
            None => {
                self.schema_version = next_version();
                Arc::make_mut(&mut self.names).ensure_key(name)
            }
        }
    }

    /// A new node. Null properties are left out; of a key given twice the last counts.
    /// Errors: `InvalidPropertyType`, `ConstraintViolation`, `Size`; then nothing was made.
    pub(crate) fn create_node(
        &mut self,
        labels: &[LabelId],
        properties: impl IntoIterator<Item = (KeyId, Value)>,
    ) -> Result<NodeRef> {
        self.make_node(None, labels, properties)
    }

    pub(super) fn make_node(
        &mut self,
        id: Option<u64>,
        labels: &[LabelId],
        properties: impl IntoIterator<Item = (KeyId, Value)>,
    ) -> Result<NodeRef> {
        let properties: SmallVec<[(KeyId, Value); 8]> = properties.into_iter().filter(|p| !p.1.is_null()).collect();
        for (key, value) in &properties {
            storable(value)?;
            self.check_unique(u32::MAX, labels, *key, value)?;
        }
        let slot = self.topology.add_node(id)?;
        self.note_node(slot);
        let set = Arc::make_mut(&mut self.labels).intern(labels);
        Arc::make_mut(&mut self.labels).enter(slot, set);
        for (key, value) in &properties {
            self.put_node_property(slot, *key, value)?;
        }
        let id = self.node_id(NodeRef::new(slot));
        self.journal.record(|| Change::NodeCreated { id, labels: labels.into(), properties: properties.into_vec() });
        Ok(NodeRef::new(slot))
    }

    /// A new relationship between living nodes. Null properties are left out.
    /// Errors: `InvalidPropertyType`, `DeletedEntityAccess`, `Size`; then nothing was made.
    pub(crate) fn create_rel(
        &mut self,
        start: NodeRef,
        end: NodeRef,
        ty: RelTypeId,
        properties: impl IntoIterator<Item = (KeyId, Value)>,
    ) -> Result<RelRef> {
        self.make_rel(None, Rel { start, end, ty }, properties)
    }

    pub(super) fn make_rel(
        &mut self,
        id: Option<u64>,
        rel: Rel,
        properties: impl IntoIterator<Item = (KeyId, Value)>,
    ) -> Result<RelRef> {
        self.living_node(rel.start)?;
        self.living_node(rel.end)?;
        let properties: SmallVec<[(KeyId, Value); 8]> = properties.into_iter().filter(|p| !p.1.is_null()).collect();
        properties.iter().try_for_each(|(_, value)| storable(value))?;
        let slot = self.topology.add_rel(rel.start.0, rel.end.0, rel.ty, id)?;
        self.note_rel(slot);
        self.count_pattern(rel, true);
        for (key, value) in &properties {
            self.put_rel_property(slot, rel.ty, *key, value)?;
        }
        let (id, start, end) = (self.rel_id(RelRef::new(slot)), self.node_id(rel.start), self.node_id(rel.end));
        let properties = || properties.into_vec();
        self.journal.record(|| Change::RelCreated { id, start, end, ty: rel.ty, properties: properties() });
        Ok(RelRef::new(slot))
    }

    /// Deletes a relationship; deleting what is deleted changes nothing and returns false.
    pub(crate) fn delete_rel(&mut self, rel: RelRef) -> bool {
        if !self.rel_exists(rel) {
            return false;
        }
        let ends = self.rel(rel);
        let keys: SmallVec<[KeyId; 6]> = self.present_rel_keys(rel, ends.ty);
        for &key in &keys {
            self.rel_keys_mut(ends.ty).take(key);
        }
        self.indexes.leave_all(rel.0, &keys, Kin::Rel(ends.ty), &self.rel_columns);
        self.count_pattern(ends, false);
        self.topology.delete_rel(rel.0, ends);
        self.note_rel(rel.0);
        self.journal.deleted.push(Deleted { slot: rel.0, is_node: false, keys });
        let id = self.rel_id(rel);
        self.journal.record(|| Change::RelDeleted { id });
        true
    }

    /// Deletes a node and, with `detach`, its relationships first; returns whether it was there and how many
    /// relationships went. Without `detach`, relationships that remain must be gone before the commit.
    pub(crate) fn delete_node(&mut self, node: NodeRef, detach: bool) -> (bool, u64) {
        let mut rels = Vec::new();
        if detach {
            self.for_each_neighbour(node, Dir::Both, &[], |rel, _| rels.push(rel));
        }
        let gone = rels.into_iter().filter(|&rel| self.delete_rel(rel)).count() as u64;
        if !self.node_exists(node) {
            return (false, gone);
        }
        let keys = self.present_node_keys(node);
        self.uncount_node(node.0, &keys);
        self.topology.delete_node(node.0);
        self.note_node(node.0);
        self.journal.deleted.push(Deleted { slot: node.0, is_node: true, keys });
        let id = self.node_id(node);
        self.journal.record(|| Change::NodeDeleted { id });
        (true, gone)
    }

    /// Sets a property; null removes it. Returns whether there was or is a value.
    /// Errors: `InvalidPropertyType`, `ConstraintViolation`, `DeletedEntityAccess`, `Size`; then nothing changed.
    pub(crate) fn set_node_property(&mut self, node: NodeRef, key: KeyId, value: Value) -> Result<bool> {
        storable(&value)?;
        self.living_node(node)?;
        if !value.is_null() {
            self.check_unique(node.0, &self.labels.set(self.labels.set_of(node.0)).labels, key, &value)?;
        }
        let old = self.put_node_property(node.0, key, &value)?;
        let changed = !(old.is_null() && value.is_null());
        if changed {
            self.journal.worn_node_keys.insert(key.0);
            self.note_node(node.0);
            let id = self.node_id(node);
            self.journal.record(|| Change::NodeProperty { id, key, value });
        }
        Ok(changed)
    }

    /// Sets a property; null removes it. Returns whether there was or is a value.
    /// Errors: `InvalidPropertyType`, `DeletedEntityAccess`, `Size`; then nothing changed.
    pub(crate) fn set_rel_property(&mut self, rel: RelRef, key: KeyId, value: Value) -> Result<bool> {
        storable(&value)?;
        if !self.rel_exists(rel) {
            return Err(deleted("relationship", self.rel_id(rel).0));
        }
        let old = self.put_rel_property(rel.0, self.rel(rel).ty, key, &value)?;
        let changed = !(old.is_null() && value.is_null());
        if changed {
            self.journal.worn_rel_keys.insert(key.0);
            self.note_rel(rel.0);
            let id = self.rel_id(rel);
            self.journal.record(|| Change::RelProperty { id, key, value });
        }
        Ok(changed)
    }

    /// Gives a node a label; returns whether it was missing. Errors: `ConstraintViolation`, `DeletedEntityAccess`.
    pub(crate) fn add_label(&mut self, node: NodeRef, label: LabelId) -> Result<bool> {
        self.living_node(node)?;
        let mut labels = self.labels_of(node);
        if labels.contains(&label) {
            return Ok(false);
        }
        for key in self.present_node_keys(node) {
            self.check_unique(node.0, &[label], key, &self.node_property(node, key))?;
        }
        labels.push(label);
        self.relabel(node, &labels);
        let id = self.node_id(node);
        self.journal.record(|| Change::LabelAdded { id, label });
        Ok(true)
    }

    /// Takes a label from a node; returns whether it was there. Errors: `DeletedEntityAccess`.
    pub(crate) fn remove_label(&mut self, node: NodeRef, label: LabelId) -> Result<bool> {
        self.living_node(node)?;
        let mut labels = self.labels_of(node);
        let Some(at) = labels.iter().position(|&l| l == label) else { return Ok(false) };
        labels.remove(at);
        self.relabel(node, &labels);
        let id = self.node_id(node);
        self.journal.record(|| Change::LabelRemoved { id, label });
        Ok(true)
    }

    /// Drops all nodes, relationships, indexes and constraints; names stay known.
    pub(crate) fn clear(&mut self) -> Result<()> {
        for definition in self.index_definitions() {
            self.drop_index(definition.id)?;
        }
        for definition in self.text_definitions().cloned().collect::<Vec<_>>() {
            self.drop_text_index(&definition.name);
        }
        for definition in self.constraint_definitions().to_vec() {
            self.drop_constraint(&definition.name);
        }
        let (mut slots, mut cursor) = (Vec::new(), Some(0));
        while let Some(from) = cursor {
            slots.clear();
            cursor = self.scan_nodes(from, &mut slots, 1024);
            for &slot in &slots {
                self.delete_node(NodeRef::new(slot), true);
            }
        }
        Ok(())
    }
}

/// What writes are made of.
impl Graph {
    fn note_node(&mut self, slot: u32) {
        self.journal.touched_nodes.insert(slot);
        if !self.constraints.all().is_empty() {
            self.journal.unjudged_nodes.insert(slot);
        }
    }

    fn note_rel(&mut self, slot: u32) {
        if !self.constraints.all().is_empty() {
            self.journal.unjudged_rels.insert(slot);
        }
    }

    fn relabel(&mut self, node: NodeRef, labels: &[LabelId]) {
        self.note_node(node.0);
        let set = Arc::make_mut(&mut self.labels).intern(labels);
        self.move_to_set(node.0, set);
    }

    /// Gives a living node another label set: indexes, key counts and pattern counts follow.
    pub(super) fn move_to_set(&mut self, slot: u32, set: SetId) {
        let keys = self.present_node_keys(NodeRef::new(slot));
        self.count_patterns_of(NodeRef::new(slot), false);
        self.uncount_node(slot, &keys);
        self.count_node(slot, set, &keys);
        self.count_patterns_of(NodeRef::new(slot), true);
    }

    /// Counts a node with these keys in: label sets, key counts, indexes.
    pub(super) fn count_node(&mut self, slot: u32, set: SetId, keys: &[KeyId]) {
        Arc::make_mut(&mut self.labels).enter(slot, set);
        for &key in keys {
            Arc::make_mut(&mut self.labels).set_mut(set).keys.add(key);
        }
        self.indexes.enter_all(slot, keys, Kin::Node(&self.labels.set(set).labels), &self.node_columns);
    }

    /// Counts a node with these keys out.
    pub(super) fn uncount_node(&mut self, slot: u32, keys: &[KeyId]) {
        let set = self.labels.set_of(slot);
        self.indexes.leave_all(slot, keys, Kin::Node(&self.labels.set(set).labels), &self.node_columns);
        for &key in keys {
            Arc::make_mut(&mut self.labels).set_mut(set).keys.take(key);
        }
        Arc::make_mut(&mut self.labels).leave(slot);
    }

    /// Puts a value that no constraint forbids (null takes it away) with indexes and counts; returns the old one.
    pub(super) fn put_node_property(&mut self, slot: u32, key: KeyId, value: &Value) -> Result<Value> {
        let set = self.labels.set_of(slot);
        self.indexes.leave(slot, key, Kin::Node(&self.labels.set(set).labels), &self.node_columns);
        let put = self.node_columns.set(slot, key, value);
        self.indexes.enter(slot, key, Kin::Node(&self.labels.set(set).labels), &self.node_columns);
        let old = put?;
        match (old.is_null(), value.is_null()) {
            (true, false) => Arc::make_mut(&mut self.labels).set_mut(set).keys.add(key),
            (false, true) => Arc::make_mut(&mut self.labels).set_mut(set).keys.take(key),
            _ => {}
        }
        Ok(old)
    }

    /// Puts a value (null takes it away) with indexes and counts; returns the old one.
    pub(super) fn put_rel_property(&mut self, slot: u32, ty: RelTypeId, key: KeyId, value: &Value) -> Result<Value> {
        self.indexes.leave(slot, key, Kin::Rel(ty), &self.rel_columns);
        let put = self.rel_columns.set(slot, key, value);
        self.indexes.enter(slot, key, Kin::Rel(ty), &self.rel_columns);
        let old = put?;
        match (old.is_null(), value.is_null()) {
            (true, false) => self.rel_keys_mut(ty).add(key),
            (false, true) => self.rel_keys_mut(ty).take(key),
            _ => {}
        }
        Ok(old)
    }

    /// How many relationships of a type have each key.
    pub(super) fn rel_keys_mut(&mut self, ty: RelTypeId) -> &mut KeyCounts {
        let rel_keys = Arc::make_mut(&mut self.rel_keys);
        if ty.index() >= rel_keys.len() {
            rel_keys.resize_with(ty.index() + 1, KeyCounts::default);
        }
        &mut rel_keys[ty.index()]
    }

    pub(super) fn present_node_keys(&self, node: NodeRef) -> SmallVec<[KeyId; 6]> {
        let keys = self.labels.set(self.labels.set_of(node.0)).keys.keys();
        keys.filter(|&key| self.node_columns.get(key).is_some_and(|c| c.is_present(node.0))).collect()
    }

    pub(super) fn present_rel_keys(&self, rel: RelRef, ty: RelTypeId) -> SmallVec<[KeyId; 6]> {
        let Some(keys) = self.rel_keys.get(ty.index()) else { return SmallVec::new() };
        keys.keys().filter(|&key| self.rel_columns.get(key).is_some_and(|c| c.is_present(rel.0))).collect()
    }

    fn living_node(&self, node: NodeRef) -> Result<()> {
        match self.node_exists(node) {
            true => Ok(()),
            false => Err(deleted("node", self.node_id(node).0)),
        }
    }
}

/// The error for writing to what is gone.
fn deleted(what: &str, id: u64) -> Error {
    Error::new(
        Class::EntityNotFound,
        Phase::Runtime,
        Code::DeletedEntityAccess,
        format!("the {what} with id {id} has been deleted"),
    )
}

pub(super) fn node_text(id: NodeId) -> String {
    format!("node {id}")
}

pub(super) fn rel_text(id: RelId) -> String {
    format!("relationship {id}")
}
