//! What a transaction did, to be told to a log, and what it leaves to be buried.

use std::sync::Arc;

use smallvec::SmallVec;

use super::constraint::ConstraintDefinition;
use super::kept::Kept;
use super::slot_set::SlotSet;
use super::{IndexDefinition, KeyId, LabelId, NodeId, RelId, RelTypeId, TextDefinition};
use crate::value::{NodeRef, RelRef, Value};

/// One logical change, by user ids. Names are ids of the graph that made the change.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the fields say what they are
pub(crate) enum Change {
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
    IndexCreated(IndexDefinition),
    /// An index or constraint was dropped.
    IndexDropped { name: Arc<str> },
    /// A full-text index was declared.
    TextIndexCreated(TextDefinition),
    /// A full-text index was dropped.
    TextIndexDropped { name: Arc<str> },
    /// A constraint that no index answers for was declared.
    ConstraintCreated(ConstraintDefinition),
    /// Such a constraint was dropped.
    ConstraintDropped { name: Arc<str> },
}

/// What a commit leaves to do elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    /// Nodes gone for good, by the handle they had: what is kept beside the graph about them may go too.
    pub purged_nodes: Vec<NodeRef>,
    /// Relationships gone for good, by the handle they had.
    pub purged_rels: Vec<RelRef>,
}

/// Something deleted, with the keys it had.
#[derive(Clone, Debug)]
pub(super) struct Deleted {
    pub(super) slot: u32,
    pub(super) is_node: bool,
    pub(super) keys: SmallVec<[KeyId; 6]>,
}

/// The writes since the last commit.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    pub(super) changes: Kept<Change>,
    pub(super) deleted: Kept<Deleted>,
    /// Anything was written.
    pub(super) changed: bool,
    /// Nodes that came, went, or have other labels or properties.
    pub(super) touched_nodes: SlotSet,
    /// Nodes written since the constraints were last judged; noted only while there are constraints that no index answers for.
    pub(super) unjudged_nodes: SlotSet,
    /// The same for relationships.
    pub(super) unjudged_rels: SlotSet,
    /// Whether changes are kept for a log.
    pub(super) recording: bool,
    /// Whether an import fills the graph.
    pub(super) bulk: bool,
    /// Keys whose columns lost values.
    pub(super) worn_node_keys: SlotSet,
    pub(super) worn_rel_keys: SlotSet,
}

impl Journal {
    /// Keeps a change for the log; it is made only when somebody listens.
    pub(super) fn record(&mut self, change: impl FnOnce() -> Change) {
        self.changed = true;
        if self.recording {
            self.changes.push(change());
        }
    }
}
