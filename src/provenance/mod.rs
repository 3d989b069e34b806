//! Why a fact is believed: which documents assert it, at which sentence, and how plainly.
//!
//! ```text
//!  relationship ──► mentions ──► source + locator (paragraph, sentences) + confidence + qualifiers
//!  node         ──► places   ──► source + locator
//! ```
//!
//! A *mention* is one place in one document that asserts something; a *fact* is a relationship of the
//! graph, and its evidence is the list of its mentions. Support is the number of distinct documents,
//! never of repeated sentences.
//!
//! `Evidence` is keyed by the handles of the graph and knows nothing else of it: whoever deletes a
//! relationship or node must take its evidence out in the same step (`Evidence::take_rel`,
//! `Evidence::take_node`), because a handle may be given out again. `Vocabulary` is what the dataset
//! says about its relationship types: which carry a lineage, which contradict each other.
//!
//! No text of a document is kept here, and no winner is picked between facts that contradict.

mod changes;
pub(crate) mod citation;
mod evidence;
pub(crate) mod grouping;
pub(crate) mod image;
mod knowledge;
mod mention;
mod names;
mod pages;
mod saying;
mod support;
mod telling;
pub(crate) mod values;
pub(crate) mod view;
mod vocabulary;

pub(crate) use changes::EvidenceChange;
pub(crate) use evidence::{EventRecord, Evidence, Member};
pub use evidence::{MentionId, SourceId};
pub use knowledge::KnowledgeGraph;
pub(crate) use mention::is_silent;
pub use mention::{Confidence, Identified, Locator, Mention, Mode, Place, Reading, Source, reserved};
pub use names::NameUse;
pub(crate) use saying::Saying;
pub(crate) use telling::Telling;
pub use telling::{NewMention, WhichMentions};
pub(crate) use view::{View, Views};
pub use vocabulary::{
    Algebra, Claim, Conflict, Descent, Fate, Frame, Gathers, Origin, Qualifier, QualifierType, RelationType, Role,
    Side, ValueType,
};
pub(crate) use vocabulary::{Vocabulary, same_key};

use crate::value::{NodeRef, RelRef};

/// What evidence is about: a relationship (a fact), a node (a thing that documents name), or one mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactId {
    /// A relationship.
    Rel(RelRef),
    /// A node.
    Node(NodeRef),
    /// One mention, where only what it states is meant.
    Mention(MentionId),
}

impl From<NodeRef> for FactId {
    fn from(node: NodeRef) -> Self {
        Self::Node(node)
    }
}

impl From<RelRef> for FactId {
    fn from(rel: RelRef) -> Self {
        Self::Rel(rel)
    }
}
