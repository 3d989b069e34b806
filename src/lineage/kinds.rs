//! The relationship types that carry a lineage, as the dataset declares them and the graph numbers them.

use std::sync::Arc;

use crate::graph::{Graph, RelTypeId};
use crate::provenance::{Fate, Gathers, Origin, Role, Side, Vocabulary};
use crate::value::hash::DataMap;
use crate::value::{NodeRef, RelRef};

/// One type, with its part in a lineage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The type.
    pub name: Arc<str>,
    /// Its part.
    pub role: Role,
    /// The end it befalls; for a succession, the successor.
    pub side: Side,
    /// The side of which one body stands for several on the other.
    pub gathers: Option<Gathers>,
    /// Whether it ends the predecessor; not known when nothing.
    pub predecessor: Option<Fate>,
    /// Whether it begins the successor; not known when nothing.
    pub successor: Option<Origin>,
}

impl Kind {
    /// The two ends of a fact as this type reads them: the predecessor (or whoever acts, or what moves) and the
    /// successor (or the body it befalls).
    pub(crate) fn ends(&self, start: NodeRef, end: NodeRef) -> (NodeRef, NodeRef) {
        if self.side == Side::End { (start, end) } else { (end, start) }
    }

    /// Whether a body in that column is the one it befalls (of a succession, the successor).
    pub(crate) fn befalls(&self, column: Side) -> bool {
        self.side == column
    }

    /// The end at which the facts of one event meet.
    pub(crate) fn gathering(&self, predecessor: NodeRef, successor: NodeRef) -> Option<NodeRef> {
        self.gathers.map(|side| if side == Gathers::Successor { successor } else { predecessor })
    }
}

/// The types that matter to a question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kinds {
    by_type: DataMap<RelTypeId, Arc<Kind>>,
    by_name: DataMap<Arc<str>, Arc<Kind>>,
    types: Vec<RelTypeId>,
}

impl Kinds {
    /// Every type with a declared part in a lineage; with `via`, only those named there, of which those without a
    /// declared part count as successions.
    pub(crate) fn of(graph: &Graph, vocabulary: &Vocabulary, via: &[Arc<str>]) -> Self {
        let mut kinds = Self::default();
        for ty in vocabulary.types().iter().filter(|ty| via.is_empty() || via.contains(&ty.name)) {
            let Some(descent) = &ty.descent else { continue };
            kinds.add(
                graph,
                Kind {
                    name: ty.name.clone(),
                    role: descent.role,
                    side: descent.side,
                    gathers: descent.gathers,
                    predecessor: descent.predecessor,
                    successor: descent.successor,
                },
            );
        }
        for name in via {
            if !kinds.by_name.contains_key(name) {
                let (name, role, side) = (name.clone(), Role::Succession, Side::End);
                kinds.add(graph, Kind { name, role, side, gathers: None, predecessor: None, successor: None });
            }
        }
        kinds.types = kinds.by_type.keys().copied().collect();
        kinds.types.sort_unstable();
        kinds
    }

    fn add(&mut self, graph: &Graph, kind: Kind) {
        let kind = Arc::new(kind);
        if let Some(ty) = graph.rel_type(&kind.name) {
            self.by_type.insert(ty, kind.clone());
        }
        self.by_name.insert(kind.name.clone(), kind);
    }

    /// The part of a fact.
    pub(crate) fn of_fact(&self, graph: &Graph, rel: RelRef) -> Option<&Arc<Kind>> {
        self.by_type.get(&graph.rel(rel).ty)
    }

    /// The part of a type.
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<Kind>> {
        self.by_name.get(name)
    }

    /// The types as the graph numbers them, ascending.
    pub(crate) fn types(&self) -> &[RelTypeId] {
        &self.types
    }
}
