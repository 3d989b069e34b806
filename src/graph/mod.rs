//! The graph in memory: who touches whom, labels, properties, indexes, counts; copies that share what they have in common.
//!
//! ```text
//!             reads (handles, slots)                     writes
//!                     │                                         │
//!   ┌─────────────────┴──────────────────────────────────────────┴───────────┐
//!   │ topology   CSRs per type and direction + petgraph's StableDiGraph       │
//!   │ labels     label → nodes; node → label set (interned, with key counts)  │
//!   │ columns    key → typed pages over slots; strings as codes               │
//!   │ indexes    (label or type, keys) → hash shards, sorted chunks           │
//!   │            (labels or types, words) → hash shards                       │
//!   │ journal    what to tell the store, what to bury                         │
//!   └──────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! [`NodeRef`] and [`RelRef`](crate::value::RelRef) are slots: good for array access, valid until the transaction ends. [`NodeId`] and
//! [`RelId`] are what users see: given once, never again.
//!
//! Deletion is deferred: what a transaction deletes disappears from every scan, seek, count and walk at once, but stays
//! readable by handle until [`Graph::commit`] buries it; so handles never change meaning within a transaction.
//!
//! A clone costs a few hundred reference counts, and shares everything with what it was cloned from until one of the two
//! is written; a write copies the pages it touches where somebody else has them too. Whoever may want to take writes
//! back keeps a clone: there is no other undo. Caches that readers build (CSR folds, lookup tables, counts) are behind
//! once-cells in the part they are computed from, serve every clone that shares it, and change no answer.
//!
//! This module knows no query, no file and no evidence.

mod adjacency;
mod bulk;
mod change;
mod check;
mod column;
mod columns;
mod constraint;
#[cfg(test)]
mod copy_tests;
mod csr;
mod id_map;
mod ids;
pub(crate) mod image;
mod index;
#[cfg(test)]
mod index_tests;
mod kept;
mod labels;
mod names;
mod page;
mod paged;
mod pool;
mod read;
pub(crate) mod rewrite;
mod schema;
mod shards;
mod slot_set;
mod stats;
#[cfg(test)]
mod tests;
mod text;
mod topology;
mod transaction;
mod types;
mod write;

pub(crate) use bulk::BulkValue;
pub(crate) use change::{Change, Commit};
pub(crate) use check::check;
pub(crate) use column::Column;
pub(crate) use columns::storable;
pub(crate) use constraint::{ConstraintDefinition, Demand, Subject};
pub(crate) use csr::Csr;
pub(crate) use ids::{Dir, IndexId, KeyId, LabelId, NodeId, RelId, RelTypeId};
pub(crate) use index::{IndexDefinition, IndexKind, Part};
pub(crate) use names::Names;
pub(crate) use pool::Pool;
pub(crate) use text::TextDefinition;
pub(crate) use types::is_type;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::value::NodeRef;

/// A graph: reads by handle, writes; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    names: Arc<Names>,
    topology: topology::Topology,
    labels: Arc<labels::Labels>,
    node_columns: columns::Columns,
    rel_columns: columns::Columns,
    /// Per relationship type, how many living relationships have each key.
    rel_keys: Arc<Vec<labels::KeyCounts>>,
    indexes: index::Indexes,
    constraints: constraint::Constraints,
    patterns: stats::PatternCounts,
    journal: change::Journal,
    /// Of no two graphs with different names, indexes or constraints the same.
    schema_version: u64,
}

/// A number that no schema of this process has had.
fn next_version() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Ends and type of a relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rel {
    /// Where it starts.
    pub start: NodeRef,
    /// Where it ends.
    pub end: NodeRef,
    /// Its type.
    pub ty: RelTypeId,
}

impl Graph {
    /// An empty graph.
    pub(crate) fn new() -> Self {
        Self::default()
    }
}
