//! What was done to evidence since the last commit, for a log: so that a mention more or less costs a mention, not everything.

use std::sync::Arc;

use super::{MentionId, NameUse, Place, Side, SourceId};
use crate::value::{NodeRef, RelRef};

/// Something added or taken out; what is said twice and was there is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the fields say what they are
pub(crate) enum EvidenceChange {
    /// A source, or new particulars of one.
    Source(SourceId),
    /// A mention of a relationship, for it or (by its mode) against it.
    Mention { rel: RelRef, mention: MentionId },
    /// A mention that fits each of several relationships.
    Either { rels: Arc<[RelRef]>, mention: MentionId },
    /// A mention that states when a node began or ended.
    Exists { node: NodeRef, mention: MentionId },
    /// A mention that puts a node on one side of an event: its place among the events.
    Part { event: u32, side: Side, node: NodeRef, mention: MentionId },
    /// A place that names a node.
    Place { node: NodeRef, place: Place },
    /// A name of a node.
    Name { node: NodeRef, name: NameUse },
    /// A mention was taken from a relationship, whatever it said of it.
    MentionTaken { rel: RelRef, mention: MentionId },
    /// A mention of the life of a node was taken from it.
    ExistsTaken { node: NodeRef, mention: MentionId },
    /// A place no longer names a node.
    PlaceTaken { node: NodeRef, place: Place },
}
