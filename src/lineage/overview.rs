//! What is found once of all that is known, when it is first asked for. Whoever changes graph or evidence drops it.

use std::sync::OnceLock;

use super::kinds::Kinds;
use super::validity::Lists;
use crate::graph::Graph;
use crate::memory;
use crate::provenance::{Evidence, Vocabulary};

/// What is the same for every question to one state of graph and evidence.
#[derive(Debug, Default)]
pub(crate) struct Overview {
    lists: OnceLock<Lists>,
    kinds: OnceLock<Kinds>,
    withdrawn: OnceLock<bool>,
}

impl Overview {
    /// The lists that say by silence what did not hold.
    pub(crate) fn lists(&self, graph: &Graph, evidence: &Evidence, vocabulary: &Vocabulary) -> &Lists {
        memory::kept(&self.lists, || Lists::of(graph, evidence, vocabulary))
    }

    /// Whether some relationship stands on corrected mentions alone: plain answers leave it out.
    pub(crate) fn has_withdrawn(&self, evidence: &Evidence) -> bool {
        evidence.has_corrections() && *self.withdrawn.get_or_init(|| evidence.has_withdrawn())
    }

    /// Whether nothing has been found yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.lists.get().is_none() && self.kinds.get().is_none() && self.withdrawn.get().is_none()
    }

    /// Every type with a declared part in a lineage.
    pub(crate) fn kinds(&self, graph: &Graph, vocabulary: &Vocabulary) -> &Kinds {
        memory::kept(&self.kinds, || Kinds::of(graph, vocabulary, &[]))
    }
}
