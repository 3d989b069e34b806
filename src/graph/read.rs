//! Reading: names, existence, scans, labels, neighbours, properties. All by handle, none of it can fail.

use std::ops::ControlFlow;
use std::sync::Arc;

use smallvec::SmallVec;

use super::slot_set::SlotSet;
use super::{Column, Csr, Dir, Graph, KeyId, LabelId, Names, NodeId, Rel, RelId, RelTypeId};
use crate::error::Error;
use crate::value::{NodeRef, RelRef, Value};

/// Names.
impl Graph {
    /// Text and ids of labels, relationship types and keys.
    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// The id of a label, if the graph knows it.
    pub(crate) fn label(&self, name: &str) -> Option<LabelId> {
        self.names.label(name)
    }

    /// The id of a relationship type, if the graph knows it.
    pub(crate) fn rel_type(&self, name: &str) -> Option<RelTypeId> {
        self.names.rel_type(name)
    }

    /// The id of a property key, if the graph knows it.
    pub(crate) fn key(&self, name: &str) -> Option<KeyId> {
        self.names.key(name)
    }

    /// The text of a label.
    pub(crate) fn label_name(&self, label: LabelId) -> &str {
        self.names.label_name(label)
    }

    /// The text of a relationship type.
    pub(crate) fn type_name(&self, ty: RelTypeId) -> &str {
        self.names.type_name(ty)
    }

    /// The text of a property key.
    pub(crate) fn key_name(&self, key: KeyId) -> &str {
        self.names.key_name(key)
    }
}

/// What is there.
impl Graph {
    /// Whether the node lives (a node deleted in this transaction does not).
    #[inline]
    pub(crate) fn node_exists(&self, node: NodeRef) -> bool {
        self.topology.node_exists(node.0)
    }

    /// Whether the relationship lives (one deleted in this transaction does not).
    #[inline]
    pub(crate) fn rel_exists(&self, rel: RelRef) -> bool {
        self.topology.rel_exists(rel.0)
    }

    /// Whether this transaction deleted the node; its labels and properties stay readable until commit.
    pub(crate) fn is_node_deleted(&self, node: NodeRef) -> bool {
        self.topology.dying_nodes.contains(node.0)
    }

    /// Whether this transaction deleted the relationship; its type, ends and properties stay readable until commit.
    pub(crate) fn is_rel_deleted(&self, rel: RelRef) -> bool {
        self.topology.dying_rels.contains(rel.0)
    }

    /// The id users see.
    #[inline]
    pub(crate) fn node_id(&self, node: NodeRef) -> NodeId {
        NodeId(self.topology.node_ids.id(node.0))
    }

    /// The id users see.
    #[inline]
    pub(crate) fn rel_id(&self, rel: RelRef) -> RelId {
        RelId(self.topology.rel_ids.id(rel.0))
    }

    /// The living node with this id.
    pub(crate) fn node_by_id(&self, id: u64) -> Option<NodeRef> {
        let slot = self.topology.node_ids.slot(id, self.topology.node_bound)?;
        self.topology.node_exists(slot).then_some(NodeRef::new(slot))
    }

    /// The living relationship with this id.
    pub(crate) fn rel_by_id(&self, id: u64) -> Option<RelRef> {
        let slot = self.topology.rel_ids.slot(id, self.topology.rel_bound)?;
        self.topology.rel_exists(slot).then_some(RelRef::new(slot))
    }

    /// One more than the largest node slot: what visited sets are sized by.
    pub(crate) fn node_bound(&self) -> u32 {
        self.topology.node_bound
    }

    /// One more than the largest relationship slot.
    pub(crate) fn rel_bound(&self) -> u32 {
        self.topology.rel_bound
    }
}

/// Scans: ascending slots from `cursor` (0 at first); each call appends at most `max` and returns the cursor to go on
/// with, or nothing at the end.
impl Graph {
    /// Every node.
    pub(crate) fn scan_nodes(&self, cursor: u32, out: &mut Vec<u32>, max: usize) -> Option<u32> {
        scan_all(cursor, self.topology.node_bound, &self.topology.dead_nodes, out, max)
    }

    /// The nodes of a label.
    pub(crate) fn scan_label(&self, label: LabelId, cursor: u32, out: &mut Vec<u32>, max: usize) -> Option<u32> {
        self.labels.nodes(label)?.scan(cursor, out, max)
    }

    /// Every relationship.
    pub(crate) fn scan_rels(&self, cursor: u32, out: &mut Vec<u32>, max: usize) -> Option<u32> {
        scan_all(cursor, self.topology.rel_bound, &self.topology.dead_rels, out, max)
    }

    /// The relationships of a type.
    pub(crate) fn scan_type(&self, ty: RelTypeId, cursor: u32, out: &mut Vec<u32>, max: usize) -> Option<u32> {
        self.topology.types.get(ty.index())?.live.scan(cursor, out, max)
    }
}

fn scan_all(cursor: u32, bound: u32, dead: &SlotSet, out: &mut Vec<u32>, max: usize) -> Option<u32> {
    let room = u32::try_from(max).unwrap_or(u32::MAX);
    if dead.is_empty() {
        let end = bound.min(cursor.saturating_add(room));
        out.extend(cursor..end);
        return (end < bound).then_some(end);
    }
    let stop = out.len().saturating_add(max);
    for slot in cursor..bound {
        if out.len() >= stop {
            return Some(slot);
        }
        if !dead.contains(slot) {
            out.push(slot);
        }
    }
    None
}

/// Labels and neighbours.
impl Graph {
    /// Whether the node has the label.
    #[inline]
    pub(crate) fn has_label(&self, node: NodeRef, label: LabelId) -> bool {
        self.labels.set(self.labels.set_of(node.0)).labels.contains(&label)
    }

    /// The number of the node's combination of labels: nodes with the same number have the same labels.
    #[inline]
    pub(crate) fn label_set(&self, node: NodeRef) -> u32 {
        self.labels.set_of(node.0)
    }

    /// The labels of a node in the order they were added; also of a node deleted in this transaction.
    pub(crate) fn labels_of(&self, node: NodeRef) -> SmallVec<[LabelId; 4]> {
        self.labels.set(self.labels.set_of(node.0)).labels.clone()
    }

    /// Ends and type; also of a relationship deleted in this transaction.
    pub(crate) fn rel(&self, rel: RelRef) -> Rel {
        self.topology.rel(rel)
    }

    /// Calls `f` with each relationship of `node` and the node at its other end. Any type when `types` is empty; a loop
    /// appears once for `Both`. By type, then ascending targets, what is new last.
    #[inline]
    pub(crate) fn for_each_neighbour(
        &self,
        node: NodeRef,
        dir: Dir,
        types: &[RelTypeId],
        mut f: impl FnMut(RelRef, NodeRef),
    ) {
        let _ = self.topology.visit(node, dir, types, |rel, other| {
            f(rel, other);
            ControlFlow::Continue(())
        });
    }

    /// The same, until `f` breaks.
    #[inline]
    pub(crate) fn try_for_each_neighbour(
        &self,
        node: NodeRef,
        dir: Dir,
        types: &[RelTypeId],
        f: impl FnMut(RelRef, NodeRef) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.topology.visit(node, dir, types, f)
    }

    /// The ascending targets as a slice, when nothing at this node changed since the CSR was built. `Both` never.
    #[inline]
    pub(crate) fn neighbour_slice(&self, node: NodeRef, dir: Dir, ty: RelTypeId) -> Option<&[u32]> {
        self.topology.slice(node, dir, ty)
    }

    /// How many relationships `for_each_neighbour` would give.
    pub(crate) fn degree(&self, node: NodeRef, dir: Dir, types: &[RelTypeId]) -> u64 {
        self.topology.degree(node, dir, types)
    }

    /// The whole adjacency of a type, when its CSR is clean; `dir` is `Out` or `In`.
    pub(crate) fn csr(&self, ty: RelTypeId, dir: Dir) -> Option<Arc<Csr>> {
        self.topology.clean_csr(ty, dir).cloned()
    }

    /// Says that about `work` relationships are going to be walked; builds what pays, and returns the CSR if it is clean.
    pub(crate) fn prepare(&self, ty: RelTypeId, dir: Dir, work: u64) -> Option<Arc<Csr>> {
        self.topology.prepare(ty, dir, work).cloned()
    }
}

/// Properties.
impl Graph {
    /// Null when absent. Of a node deleted in this transaction: what it had (ask `is_node_deleted` first).
    pub(crate) fn node_property(&self, node: NodeRef, key: KeyId) -> Value {
        self.node_columns.value(node.0, key)
    }

    /// Null when absent. Of a relationship deleted in this transaction: what it had.
    pub(crate) fn rel_property(&self, rel: RelRef, key: KeyId) -> Value {
        self.rel_columns.value(rel.0, key)
    }

    /// The properties of a living node, in ascending key id.
    pub(crate) fn node_properties(&self, node: NodeRef) -> Vec<(KeyId, Value)> {
        let keys = self.labels.set(self.labels.set_of(node.0)).keys.keys();
        keys.map(|key| (key, self.node_property(node, key))).filter(|p| !p.1.is_null()).collect()
    }

    /// The properties of a living relationship, in ascending key id.
    pub(crate) fn rel_properties(&self, rel: RelRef) -> Vec<(KeyId, Value)> {
        let Some(keys) = self.rel_keys.get(self.rel(rel).ty.index()) else { return Vec::new() };
        keys.keys().map(|key| (key, self.rel_property(rel, key))).filter(|p| !p.1.is_null()).collect()
    }

    /// The column of a key over node slots; nothing when no node ever had it. It may hold values of nodes deleted in
    /// this transaction.
    #[inline]
    pub(crate) fn node_column(&self, key: KeyId) -> Option<&Column> {
        self.node_columns.get(key)
    }

    /// The column of a key over relationship slots.
    #[inline]
    pub(crate) fn rel_column(&self, key: KeyId) -> Option<&Column> {
        self.rel_columns.get(key)
    }

    /// What went wrong while parts of a stored graph were loaded on demand: ask after each statement.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.topology.frozen.loader.as_ref()?.failure().cloned()
    }
}
