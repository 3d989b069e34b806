//! The numbers of a graph: names' ids, and the ids of nodes and relationships that users see.

use std::fmt;

macro_rules! name_id {
    ($(#[$doc:meta] $name:ident)*) => {
        $(
            #[$doc]
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub(crate) struct $name(pub u32);

            impl $name {
                /// The id as an index into tables by id.
                pub(crate) fn index(self) -> usize {
                    self.0 as usize
                }
            }
        )*
    };
}

name_id! {
    /// A label.
    LabelId
    /// A relationship type.
    RelTypeId
    /// A property key.
    KeyId
    /// An index or a constraint.
    IndexId
}

/// The id of a node as users see it: given once, never again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub u64);

/// The id of a relationship as users see it: given once, never again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RelId(pub u64);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for RelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// From which end a relationship is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dir {
    /// Along its arrow: the node is its start.
    Out,
    /// Against its arrow: the node is its end.
    In,
    /// Either way; a loop counts once.
    Both,
}

impl Dir {
    /// The other way round.
    pub(crate) fn reversed(self) -> Self {
        match self {
            Self::Out => Self::In,
            Self::In => Self::Out,
            Self::Both => Self::Both,
        }
    }
}
