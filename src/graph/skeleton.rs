//! Signatures to write against; each moves to its own file as it is filled (same names).
#![allow(unused_variables, missing_docs)]

use std::ops::Bound;
use std::sync::Arc;

use smallvec::SmallVec;

use super::*;
use crate::error::Result;
use crate::value::{NodeRef, RelRef, Value};

/// A graph: reads by handle, writes that can be taken back.
#[derive(Debug, Default)]
pub struct Graph {
    names: Names,
}

/// Ends and type of a relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rel {
    pub start: NodeRef,
    pub end: NodeRef,
    pub ty: RelTypeId,
}

/// Adjacency of one relationship type in one direction, targets ascending within a node.
#[derive(Debug, Default)]
pub struct Csr;

impl Csr {
    /// The nodes at the other end.
    pub fn targets(&self, node: NodeRef) -> &[u32] {
        &[]
    }
    /// The positions of `node`'s relationships in `all_targets`.
    pub fn range(&self, node: NodeRef) -> std::ops::Range<usize> {
        0..0
    }
    /// The relationship at a position.
    pub fn rel_at(&self, position: usize) -> RelRef {
        RelRef(0)
    }
    pub fn degree(&self, node: NodeRef) -> u32 {
        0
    }
    /// All targets, grouped by node in ascending order of nodes.
    pub fn all_targets(&self) -> &[u32] {
        &[]
    }
    /// Slots that may have relationships here: everything outside has none.
    pub fn nodes(&self) -> std::ops::Range<u32> {
        0..0
    }
    /// How many relationships.
    pub fn len(&self) -> usize {
        0
    }
    pub fn is_empty(&self) -> bool {
        true
    }
}

/// The values of one key over node slots (or relationship slots).
#[derive(Debug, Default)]
pub struct Column {
    pool: Pool,
}

impl Column {
    pub fn get(&self, slot: u32) -> Value {
        Value::Null
    }
    pub fn is_present(&self, slot: u32) -> bool {
        false
    }
    /// The integer there; nothing when absent or of another type.
    pub fn int(&self, slot: u32) -> Option<i64> {
        None
    }
    pub fn float(&self, slot: u32) -> Option<f64> {
        None
    }
    pub fn bool(&self, slot: u32) -> Option<bool> {
        None
    }
    /// The code of the string there (every string of the column has one); nothing when absent or of another type.
    pub fn str_code(&self, slot: u32) -> Option<u32> {
        None
    }
    pub fn str(&self, slot: u32) -> Option<&str> {
        None
    }
    /// Present values.
    pub fn len(&self) -> u64 {
        0
    }
    pub fn is_empty(&self) -> bool {
        true
    }
    pub fn pool(&self) -> &Pool {
        &self.pool
    }
}

/// The distinct strings of a column.
#[derive(Debug, Default)]
pub struct Pool;

impl Pool {
    pub fn find(&self, text: &str) -> Option<u32> {
        None
    }
    pub fn text(&self, code: u32) -> &str {
        ""
    }
    pub fn len(&self) -> usize {
        0
    }
    pub fn is_empty(&self) -> bool {
        true
    }
}

/// What an index is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IndexKind {
    /// Finds nodes by value, range, prefix; gives them in order.
    Index,
    /// The same, and no two nodes of the label may have equal values.
    Unique,
    /// Every node of the label has the key (no lookup structure).
    Exists,
}

/// An index or constraint as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexDefinition {
    pub id: IndexId,
    pub name: Arc<str>,
    pub kind: IndexKind,
    pub label: LabelId,
    pub key: KeyId,
}

/// A point to roll back to.
#[derive(Clone, Copy, Debug)]
pub struct Mark(());

/// One logical change, by user ids, for the store's log.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Change {}

/// What a commit leaves to do elsewhere.
#[derive(Debug, Default)]
pub struct Commit {
    /// Nodes gone for good (their evidence may go too).
    pub purged_nodes: Vec<NodeId>,
    /// Relationships gone for good.
    pub purged_rels: Vec<RelId>,
}

impl Graph {
    pub fn new() -> Self {
        Self::default()
    }

    // ---- names
    pub fn names(&self) -> &Names {
        &self.names
    }
    pub fn label(&self, name: &str) -> Option<LabelId> {
        self.names.label(name)
    }
    pub fn rel_type(&self, name: &str) -> Option<RelTypeId> {
        self.names.rel_type(name)
    }
    pub fn key(&self, name: &str) -> Option<KeyId> {
        self.names.key(name)
    }
    pub fn label_name(&self, label: LabelId) -> &str {
        self.names.label_name(label)
    }
    pub fn type_name(&self, ty: RelTypeId) -> &str {
        self.names.type_name(ty)
    }
    pub fn key_name(&self, key: KeyId) -> &str {
        self.names.key_name(key)
    }

    // ---- what is there
    /// Whether the node lives (a node deleted in this transaction does not).
    pub fn node_exists(&self, node: NodeRef) -> bool {
        false
    }
    pub fn rel_exists(&self, rel: RelRef) -> bool {
        false
    }
    /// Whether the node was deleted; its labels and properties stay readable until commit.
    pub fn is_node_deleted(&self, node: NodeRef) -> bool {
        false
    }
    pub fn is_rel_deleted(&self, rel: RelRef) -> bool {
        false
    }
    pub fn node_id(&self, node: NodeRef) -> NodeId {
        NodeId(0)
    }
    pub fn rel_id(&self, rel: RelRef) -> RelId {
        RelId(0)
    }
    pub fn node_by_id(&self, id: u64) -> Option<NodeRef> {
        None
    }
    pub fn rel_by_id(&self, id: u64) -> Option<RelRef> {
        None
    }
    /// One more than the largest node slot: what visited sets are sized by.
    pub fn node_bound(&self) -> u32 {
        0
    }
    pub fn rel_bound(&self) -> u32 {
        0
    }

    // ---- scans, ascending slots; start with cursor 0; appends at most `max`; None when there is no more
    pub fn scan_nodes(&self, cursor: u32, out: &mut Vec<u32>, max: usize) -> Option<u32> {
        None
    }
    pub fn scan_label(&self, label: LabelId, cursor: u32, out: &mut Vec<u32>, max: usize) -> Option<u32> {
        None
    }
    pub fn scan_rels(&self, cursor: u32, out: &mut Vec<u32>, max: usize) -> Option<u32> {
        None
    }
    pub fn scan_type(&self, ty: RelTypeId, cursor: u32, out: &mut Vec<u32>, max: usize) -> Option<u32> {
        None
    }

    // ---- labels
    pub fn has_label(&self, node: NodeRef, label: LabelId) -> bool {
        false
    }
    pub fn labels_of(&self, node: NodeRef) -> SmallVec<[LabelId; 4]> {
        SmallVec::new()
    }

    // ---- adjacency
    /// Ends and type; also of a relationship deleted in this transaction.
    pub fn rel(&self, rel: RelRef) -> Rel {
        Rel { start: NodeRef(0), end: NodeRef(0), ty: RelTypeId(0) }
    }
    /// Calls `f` for each relationship of `node` (any type when `types` is empty); a loop appears once for `Both`.
    pub fn for_each_neighbour(&self, node: NodeRef, dir: Dir, types: &[RelTypeId], f: impl FnMut(RelRef, NodeRef)) {}
    /// The ascending targets, when they can be had as a slice (no changes since the CSR was built).
    pub fn neighbour_slice(&self, node: NodeRef, dir: Dir, ty: RelTypeId) -> Option<&[u32]> {
        None
    }
    pub fn degree(&self, node: NodeRef, dir: Dir, types: &[RelTypeId]) -> u64 {
        0
    }
    /// The whole adjacency of a type, when the CSR is clean; `dir` is `Out` or `In`.
    pub fn csr(&self, ty: RelTypeId, dir: Dir) -> Option<Arc<Csr>> {
        None
    }
    /// Says that about `work` relationships are going to be walked; builds what pays, and returns the clean CSR if any.
    pub fn prepare(&self, ty: RelTypeId, dir: Dir, work: u64) -> Option<Arc<Csr>> {
        None
    }

    // ---- properties
    /// Null when absent. Of a deleted node: what it had (ask `is_node_deleted` first).
    pub fn node_property(&self, node: NodeRef, key: KeyId) -> Value {
        Value::Null
    }
    pub fn rel_property(&self, rel: RelRef, key: KeyId) -> Value {
        Value::Null
    }
    /// In ascending key id.
    pub fn node_properties(&self, node: NodeRef) -> Vec<(KeyId, Value)> {
        Vec::new()
    }
    pub fn rel_properties(&self, rel: RelRef) -> Vec<(KeyId, Value)> {
        Vec::new()
    }
    /// The column of a key over nodes; nothing when no node ever had it.
    pub fn node_column(&self, key: KeyId) -> Option<&Column> {
        None
    }
    pub fn rel_column(&self, key: KeyId) -> Option<&Column> {
        None
    }

    // ---- indexes and constraints
    pub fn index_definitions(&self) -> Vec<IndexDefinition> {
        Vec::new()
    }
    /// The index (or uniqueness constraint) that can seek nodes of `label` by `key`.
    pub fn index_for(&self, label: LabelId, key: KeyId) -> Option<IndexId> {
        None
    }
    pub fn index_named(&self, name: &str) -> Option<IndexId> {
        None
    }
    /// Appends the slots whose value equals `value` (openCypher `=`), ascending. False: cannot answer, scan instead.
    pub fn seek_equal(&self, index: IndexId, value: &Value, out: &mut Vec<u32>) -> bool {
        false
    }
    /// Appends the slots within the bounds, in value order, then slot. False: cannot answer, scan instead.
    pub fn seek_range(&self, index: IndexId, lower: Bound<&Value>, upper: Bound<&Value>, out: &mut Vec<u32>) -> bool {
        false
    }
    /// Appends the slots whose string starts with `prefix`, in text order, then slot; at most `max`.
    pub fn seek_prefix(&self, index: IndexId, prefix: &str, max: usize, out: &mut Vec<u32>) {}
    pub fn count_prefix(&self, index: IndexId, prefix: &str) -> u64 {
        0
    }
    pub fn count_equal(&self, index: IndexId, value: &Value) -> Option<u64> {
        None
    }
    pub fn count_range(&self, index: IndexId, lower: Bound<&Value>, upper: Bound<&Value>) -> Option<u64> {
        None
    }
    /// Appends slots in the index's order (`ORDER BY key`, nulls are not in an index), skipping `skip`, at most `max`.
    pub fn seek_ordered(&self, index: IndexId, descending: bool, skip: usize, max: usize, out: &mut Vec<u32>) {}

    // ---- statistics
    pub fn node_count(&self) -> u64 {
        0
    }
    pub fn rel_count(&self) -> u64 {
        0
    }
    pub fn label_count(&self, label: LabelId) -> u64 {
        0
    }
    pub fn type_count(&self, ty: RelTypeId) -> u64 {
        0
    }
    /// Relationships `(start)-[ty]->(end)`, exact; `None` is any label.
    pub fn pattern_count(&self, start: Option<LabelId>, ty: RelTypeId, end: Option<LabelId>) -> u64 {
        0
    }
    /// Distinct starts (`Out`) or ends (`In`) of a type; may be an estimate.
    pub fn distinct_ends(&self, ty: RelTypeId, dir: Dir) -> u64 {
        0
    }
    pub fn loop_count(&self, ty: RelTypeId) -> u64 {
        0
    }
    /// Whether every node of the label has the key.
    pub fn complete(&self, label: LabelId, key: KeyId) -> bool {
        false
    }
    /// Distinct values in an index.
    pub fn distinct_values(&self, index: IndexId) -> u64 {
        0
    }
    /// A number that grows with every change of schema (names, indexes): what plan caches compare.
    pub fn schema_version(&self) -> u64 {
        0
    }
    pub fn heap_bytes(&self) -> usize {
        0
    }

    // ---- writes; everything can be taken back
    pub fn ensure_label(&mut self, name: &str) -> Result<LabelId> {
        self.names.ensure_label(name)
    }
    pub fn ensure_type(&mut self, name: &str) -> Result<RelTypeId> {
        self.names.ensure_type(name)
    }
    pub fn ensure_key(&mut self, name: &str) -> Result<KeyId> {
        self.names.ensure_key(name)
    }
    /// Null properties are left out. Errors: `InvalidPropertyType`, `ConstraintViolation`, `Size`; then nothing was made.
    pub fn create_node(
        &mut self,
        labels: &[LabelId],
        properties: impl IntoIterator<Item = (KeyId, Value)>,
    ) -> Result<NodeRef> {
        Ok(NodeRef(0))
    }
    pub fn create_rel(
        &mut self,
        start: NodeRef,
        end: NodeRef,
        ty: RelTypeId,
        properties: impl IntoIterator<Item = (KeyId, Value)>,
    ) -> Result<RelRef> {
        Ok(RelRef(0))
    }
    /// Deletes; deleting what is deleted changes nothing and returns false.
    pub fn delete_rel(&mut self, rel: RelRef) -> bool {
        false
    }
    /// Deletes the node and, with `detach`, its relationships; returns (was there, relationships deleted).
    pub fn delete_node(&mut self, node: NodeRef, detach: bool) -> (bool, u64) {
        (false, 0)
    }
    /// Null removes. Returns whether anything changed.
    pub fn set_node_property(&mut self, node: NodeRef, key: KeyId, value: Value) -> Result<bool> {
        Ok(false)
    }
    pub fn set_rel_property(&mut self, rel: RelRef, key: KeyId, value: Value) -> Result<bool> {
        Ok(false)
    }
    /// Returns whether the label was missing.
    pub fn add_label(&mut self, node: NodeRef, label: LabelId) -> Result<bool> {
        Ok(false)
    }
    pub fn remove_label(&mut self, node: NodeRef, label: LabelId) -> Result<bool> {
        Ok(false)
    }
    pub fn create_index(&mut self, name: Option<&str>, kind: IndexKind, label: LabelId, key: KeyId) -> Result<IndexId> {
        Ok(IndexId(0))
    }
    pub fn drop_index(&mut self, index: IndexId) -> Result<()> {
        Ok(())
    }
    /// Drops everything but names: nodes, relationships, indexes, constraints. Can be taken back.
    pub fn clear(&mut self) -> Result<()> {
        Ok(())
    }

    // ---- transactions: mark, then either roll back to it or commit
    pub fn mark(&self) -> Mark {
        Mark(())
    }
    pub fn rollback_to(&mut self, mark: Mark) {}
    /// What is only known at the end: existence constraints. Call before the store's commit.
    pub fn validate(&self) -> Result<()> {
        Ok(())
    }
    /// Changes since the last commit, for the store (recorded only after `record_changes(true)`).
    pub fn changes(&self) -> &[Change] {
        &[]
    }
    pub fn record_changes(&mut self, on: bool) {}
    /// Forgets the undo log and buries what was deleted. Handles from before are void after it.
    pub fn commit(&mut self) -> Commit {
        Commit::default()
    }
    /// What went wrong while parts of a stored graph were loaded on demand: ask after each statement.
    pub fn failure(&self) -> Option<crate::Error> {
        None
    }
}

/// Whether a property may hold `value`. Errors: `TypeError / InvalidPropertyType`.
pub fn storable(value: &Value) -> Result<()> {
    Ok(())
}
