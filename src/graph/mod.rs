//! The graph in memory: who touches whom, labels, properties, indexes, counts; undo and redo of every write.
//!
//! ```text
//!             reads (handles, slots)                     writes (undoable)
//!                     │                                         │
//!   ┌─────────────────┴──────────────────────────────────────────┴───────────┐
//!   │ topology   petgraph's StableDiGraph + a CSR per type and direction      │
//!   │ labels     label → nodes; node → label set (interned, with key counts)  │
//!   │ columns    key → typed pages over slots; strings as codes               │
//!   │ indexes    (label, key) → hash table, sorted array                      │
//!   │ journal    how to take back; what to tell the store                     │
//!   └──────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! [`NodeRef`] and [`RelRef`](crate::value::RelRef) are slots: good for array access, valid until the transaction ends. [`NodeId`] and
//! [`RelId`] are what users see: given once, never again.
//!
//! Deletion is deferred: what a transaction deletes disappears from every scan, seek, count and walk at once, but stays
//! readable by handle until [`Graph::commit`] buries it; so handles never change meaning within a transaction, and
//! taking a deletion back is clearing a bit.
//!
//! Many may read at once, one may write (`&mut`). Caches that readers build (CSR folds, lookup tables, counts) are
//! behind once-cells and change no answer.
//!
//! This module knows no query, no file and no evidence.

mod adjacency;
mod bulk;
mod change;
mod check;
mod column;
mod columns;
mod csr;
mod id_map;
mod ids;
pub(crate) mod image;
mod index;
mod labels;
mod names;
mod page;
mod pool;
mod read;
pub(crate) mod rewrite;
mod schema;
mod slot_set;
mod stats;
#[cfg(test)]
mod tests;
mod topology;
mod transaction;
#[cfg(test)]
mod undo_tests;
mod view;
mod write;

pub use bulk::BulkValue;
pub use change::{Change, Commit, Mark};
pub use check::check;
pub use column::{Column, ColumnKind};
pub use columns::storable;
pub use csr::Csr;
pub use ids::{Dir, IndexId, KeyId, LabelId, NodeId, RelId, RelTypeId};
pub use index::{IndexDefinition, IndexKind, Part};
pub use names::Names;
pub use pool::Pool;
pub use view::View;

use crate::value::NodeRef;

/// A graph: reads by handle, writes that can be taken back.
#[derive(Debug, Default)]
pub struct Graph {
    names: Names,
    topology: topology::Topology,
    labels: labels::Labels,
    node_columns: columns::Columns,
    rel_columns: columns::Columns,
    /// Per relationship type, how many living relationships have each key.
    rel_keys: Vec<labels::KeyCounts>,
    indexes: index::Indexes,
    patterns: stats::PatternCounts,
    journal: change::Journal,
    schema_version: u64,
}

/// Ends and type of a relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rel {
    /// Where it starts.
    pub start: NodeRef,
    /// Where it ends.
    pub end: NodeRef,
    /// Its type.
    pub ty: RelTypeId,
}

impl Rel {
    /// The end that is not `node`; `node` itself for a loop.
    pub fn other(&self, node: NodeRef) -> NodeRef {
        if self.start == node { self.end } else { self.start }
    }
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Self {
        Self::default()
    }

    /// Heap bytes held by each part, with its name.
    pub fn heap_parts(&self) -> [(&'static str, usize); 6] {
        [
            ("names", self.names.heap_bytes()),
            ("topology", self.topology.heap_bytes()),
            ("labels", self.labels.heap_bytes()),
            ("node properties", self.node_columns.heap_bytes()),
            ("relationship properties", self.rel_columns.heap_bytes()),
            ("indexes", self.indexes.heap_bytes()),
        ]
    }

    /// Heap bytes held by all parts.
    pub fn heap_bytes(&self) -> usize {
        self.heap_parts().iter().map(|part| part.1).sum()
    }
}
