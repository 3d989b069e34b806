//! The end of a transaction: committing, and replaying what another process committed. Rolling back is dropping the copy
//! of the graph that the transaction wrote to.

use std::collections::BTreeSet;

use super::change::{Change, Deleted};
use super::kept::Kept;
use super::slot_set::SlotSet;
use super::{Commit, Dir, Graph, IndexDefinition, KeyId, Rel};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::value::{NodeRef, RelRef};

impl Graph {
    /// Whether anything was written since the last commit.
    pub(crate) fn is_changed(&self) -> bool {
        self.journal.changed
    }

    /// Whether any node came, went, or has other labels or properties since the last commit.
    pub(crate) fn touches_nodes(&self) -> bool {
        !self.journal.touched_nodes.is_empty()
    }

    /// The nodes that came, went, or have other labels or properties since the last commit; nothing when they are more
    /// than `most`.
    pub(crate) fn touched_nodes(&self, most: u64) -> Option<Vec<NodeRef>> {
        let touched = &self.journal.touched_nodes;
        (touched.len() <= most).then(|| touched.iter().map(NodeRef::new).collect())
    }

    /// What can only be judged at the end: constraints without an index, nodes deleted before their relationships, parts of a
    /// stored graph that could not be loaded. Call it before the store's commit. After an error the graph is to be dropped.
    pub(crate) fn validate(&mut self) -> Result<()> {
        if let Some(error) = self.failure() {
            return Err(error);
        }
        for slot in self.topology.dying_nodes.iter() {
            let left = self.degree(NodeRef::new(slot), Dir::Both, &[]);
            if left > 0 {
                return Err(Error::new(
                    Class::ConstraintVerificationFailed,
                    Phase::Runtime,
                    Code::DeleteConnectedNode,
                    format!(
                        "{} still has {left} relationships",
                        super::write::node_text(self.node_id(NodeRef::new(slot)))
                    ),
                )
                .hint("DETACH DELETE deletes them too"));
            }
        }
        self.check_constraints()
    }

    /// The changes since the last commit, for a log; kept only after `record_changes(true)`.
    pub(crate) fn changes(&self) -> impl Iterator<Item = &Change> {
        self.journal.changes.iter()
    }

    /// How many changes there are.
    pub(crate) fn change_count(&self) -> usize {
        self.journal.changes.len()
    }

    /// Whether changes are kept for a log from now on.
    pub(crate) fn record_changes(&mut self, on: bool) {
        self.journal.recording = on;
    }

    /// Loads every part of the opened image that has not been asked for. Errors: `StoreIo`, `StoreDamaged`.
    pub(crate) fn load_everything(&self) -> Result<()> {
        for key in self.node_columns.keys() {
            self.node_column(key);
        }
        for key in self.rel_columns.keys() {
            self.rel_column(key);
        }
        for ty in 0..self.topology.types.len() as u32 {
            self.topology.frozen.csr(super::RelTypeId(ty));
        }
        self.failure().map_or(Ok(()), Err)
    }

    /// Buries what was deleted; ends filling in bulk. Handles from before are void after it.
    pub(crate) fn commit(&mut self) -> Commit {
        if self.journal.bulk {
            self.bulk(false);
        }
        self.follow_constraints();
        let mut commit = Commit::default();
        let deleted = std::mem::take(&mut self.journal.deleted);
        for &Deleted { slot, is_node, ref keys } in deleted.iter() {
            self.purge(slot, keys, is_node);
            match is_node {
                true => commit.purged_nodes.push(NodeRef::new(slot)),
                false => commit.purged_rels.push(RelRef::new(slot)),
            }
        }
        self.journal.changes = Kept::default();
        self.journal.changed = false;
        self.journal.touched_nodes = SlotSet::default();
        self.topology.bury();
        let keys = std::mem::take(&mut self.journal.worn_node_keys);
        self.node_columns.tidy(keys.iter().map(KeyId));
        let keys = std::mem::take(&mut self.journal.worn_rel_keys);
        self.rel_columns.tidy(keys.iter().map(KeyId));
        commit
    }

    /// The same for what was done because a log says so. Which nodes were touched stays known until somebody asks: the names
    /// of them follow once for many commits.
    pub(crate) fn commit_replayed(&mut self) -> Commit {
        self.topology.keep_dying();
        let touched = std::mem::take(&mut self.journal.touched_nodes);
        let commit = self.commit();
        self.journal.touched_nodes = touched;
        commit
    }

    /// As [`Self::touched_nodes`], of what was replayed; from now on none is.
    pub(crate) fn take_touched_nodes(&mut self, most: u64) -> Option<Vec<NodeRef>> {
        let touched = self.touched_nodes(most);
        self.journal.touched_nodes = SlotSet::default();
        touched
    }

    fn purge(&mut self, slot: u32, keys: &[KeyId], node: bool) {
        for &key in keys {
            if node {
                self.node_columns.get_mut(key).remove(slot);
                self.journal.worn_node_keys.insert(key.0);
            } else {
                self.rel_columns.get_mut(key).remove(slot);
                self.journal.worn_rel_keys.insert(key.0);
            }
        }
    }

    /// Does again what a log says; names are ids of this graph. Errors: `InvalidData` when it does not fit this graph.
    pub(crate) fn apply(&mut self, change: &Change) -> Result<()> {
        let foreign = |what: &str, id: u64| Error::data(format!("it speaks of {what} {id}, which does not exist"));
        let node = |graph: &Self, id: u64| graph.node_by_id(id).ok_or_else(|| foreign("node", id));
        let rel = |graph: &Self, id: u64| graph.rel_by_id(id).ok_or_else(|| foreign("relationship", id));
        match change {
            Change::NodeCreated { id, labels, properties } => {
                self.make_node(Some(id.0), labels, properties.iter().cloned())?;
            }
            Change::RelCreated { id, start, end, ty, properties } => {
                let ends = Rel { start: node(self, start.0)?, end: node(self, end.0)?, ty: *ty };
                self.make_rel(Some(id.0), ends, properties.iter().cloned())?;
            }
            Change::NodeDeleted { id } => {
                self.delete_node(node(self, id.0)?, false);
            }
            Change::RelDeleted { id } => {
                self.delete_rel(rel(self, id.0)?);
            }
            Change::NodeProperty { id, key, value } => {
                self.set_node_property(node(self, id.0)?, *key, value.clone())?;
            }
            Change::RelProperty { id, key, value } => {
                self.set_rel_property(rel(self, id.0)?, *key, value.clone())?;
            }
            Change::LabelAdded { id, label } => {
                self.add_label(node(self, id.0)?, *label)?;
            }
            Change::LabelRemoved { id, label } => {
                self.remove_label(node(self, id.0)?, *label)?;
            }
            Change::IndexCreated(IndexDefinition { name, kind, subject, keys, .. }) => {
                self.declare_index(Some(name), *kind, *subject, keys)?;
            }
            Change::IndexDropped { name } => {
                let index = self
                    .index_named(name)
                    .ok_or_else(|| Error::data(format!("it drops the index {name}, which does not exist")))?;
                self.drop_index(index)?;
            }
            Change::TextIndexCreated(definition) => self.declare_text_index(definition.clone())?,
            Change::TextIndexDropped { name } => {
                if !self.drop_text_index(name) {
                    return Err(Error::data(format!("it drops the full-text index {name}, which does not exist")));
                }
            }
            Change::ConstraintCreated(definition) => self.declare_constraint(definition.clone())?,
            Change::ConstraintDropped { name } => {
                if !self.drop_constraint(name) {
                    return Err(Error::data(format!("it drops the constraint {name}, which does not exist")));
                }
            }
        }
        Ok(())
    }

    /// The keys any node or relationship has now, by name: what the schema shows.
    pub(crate) fn keys_in_use(&self) -> BTreeSet<KeyId> {
        let nodes = self.labels.sets().iter().flat_map(|set| set.keys.keys());
        nodes.chain(self.rel_keys.iter().flat_map(|keys| keys.keys())).collect()
    }
}
