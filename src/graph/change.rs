//! What a transaction did: how to take it back, and how to tell it to a log.

use std::sync::Arc;

use smallvec::SmallVec;

use super::slot_set::SlotSet;
use super::{IndexId, IndexKind, KeyId, LabelId, NodeId, RelId, RelTypeId};
use crate::value::{NodeRef, RelRef, Value};

/// One logical change, by user ids. Names are ids of the graph that made the change.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the fields say what they are
pub enum Change {
    /// A node came to be.
    NodeCreated { id: NodeId, labels: SmallVec<[LabelId; 4]>, properties: Vec<(KeyId, Value)> },
    /// A relationship came to be.
    RelCreated { id: RelId, start: NodeId, end: NodeId, ty: RelTypeId, properties: Vec<(KeyId, Value)> },
    /// A node went, all its relationships before it.
    NodeDeleted { id: NodeId },
    /// A relationship went.
    RelDeleted { id: RelId },
    /// A node's property has this value now; null took it away.
    NodeProperty { id: NodeId, key: KeyId, value: Value },
    /// A relationship's property has this value now; null took it away.
    RelProperty { id: RelId, key: KeyId, value: Value },
    /// A node has the label now.
    LabelAdded { id: NodeId, label: LabelId },
    /// A node lost the label.
    LabelRemoved { id: NodeId, label: LabelId },
    /// An index or constraint was declared.
    IndexCreated { name: Arc<str>, kind: IndexKind, label: LabelId, key: KeyId },
    /// An index or constraint was dropped.
    IndexDropped { name: Arc<str> },
}

/// A point to roll back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub(super) undo: usize,
    pub(super) changes: usize,
}

/// What a commit leaves to do elsewhere.
#[derive(Debug, Default)]
pub struct Commit {
    /// Nodes gone for good, by the handle they had: what is kept beside the graph about them may go too.
    pub purged_nodes: Vec<NodeRef>,
    /// Relationships gone for good, by the handle they had.
    pub purged_rels: Vec<RelRef>,
}

/// How to take one write back.
#[derive(Debug)]
pub(super) enum Undo {
    NodeCreated(u32),
    RelCreated(u32),
    NodeDeleted(u32, SmallVec<[KeyId; 6]>),
    RelDeleted(u32, SmallVec<[KeyId; 6]>),
    NodeProperty(u32, KeyId, Value),
    RelProperty(u32, KeyId, Value),
    /// The label set it had.
    Labels(u32, u32),
    IndexCreated(IndexId),
    IndexDropped(super::IndexDefinition),
}

/// The writes since the last commit.
#[derive(Debug, Default)]
pub(super) struct Journal {
    pub(super) undo: Vec<Undo>,
    pub(super) changes: Vec<Change>,
    /// Whether changes are kept for a log.
    pub(super) recording: bool,
    /// Whether creations cannot be taken back (an import that is dropped whole when it fails).
    pub(super) bulk: bool,
    /// Keys whose columns lost values.
    pub(super) worn_node_keys: SlotSet,
    pub(super) worn_rel_keys: SlotSet,
}

impl Journal {
    pub(super) fn mark(&self) -> Mark {
        Mark { undo: self.undo.len(), changes: self.changes.len() }
    }

    /// Keeps a change for the log; it is made only when somebody listens.
    pub(super) fn record(&mut self, change: impl FnOnce() -> Change) {
        if self.recording {
            self.changes.push(change());
        }
    }
}
