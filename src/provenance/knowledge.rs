//! A graph with what is known about it.

use std::sync::Arc;

use super::{Evidence, Vocabulary};
use crate::error::Error;
#[cfg(feature = "store")]
use crate::error::Result;
use crate::graph::{Commit, Graph};

/// A graph, the evidence for it, and what is declared of its relationship types. A clone shares what neither changes.
#[derive(Clone, Debug, Default)]
pub struct KnowledgeGraph {
    /// The graph.
    pub(crate) graph: Graph,
    /// The evidence for it.
    pub(crate) evidence: Arc<Evidence>,
    /// What is declared of its relationship types.
    pub(crate) vocabulary: Arc<Vocabulary>,
}

impl KnowledgeGraph {
    /// What was made otherwise.
    #[cfg(test)]
    pub(crate) fn new(graph: Graph, evidence: Evidence, vocabulary: Vocabulary) -> Self {
        Self { graph, evidence: Arc::new(evidence), vocabulary: Arc::new(vocabulary) }
    }

    /// What went wrong while parts of a stored graph, or of the evidence for it, were loaded on demand: ask before anything
    /// that was read is handed out.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.graph.failure().or_else(|| self.evidence.failure())
    }

    /// Loads every part of the opened image that has not been asked for. Errors: `StoreIo`, `StoreDamaged`.
    #[cfg(feature = "store")]
    pub(crate) fn load_everything(&self) -> Result<()> {
        self.graph.load_everything()?;
        self.evidence.load_everything()
    }

    /// The evidence, to be changed; copied first where another graph shares it.
    pub(crate) fn evidence_mut(&mut self) -> &mut Evidence {
        Arc::make_mut(&mut self.evidence)
    }

    /// What is declared of relationship types, to be changed; copied first where another graph shares it.
    pub(crate) fn vocabulary_mut(&mut self) -> &mut Vocabulary {
        Arc::make_mut(&mut self.vocabulary)
    }

    /// Graph, evidence and vocabulary, to be changed together.
    pub(crate) fn parts_mut(&mut self) -> (&mut Graph, &mut Evidence, &mut Vocabulary) {
        (&mut self.graph, Arc::make_mut(&mut self.evidence), Arc::make_mut(&mut self.vocabulary))
    }

    /// For imports: from now on (until it is switched off, or what was done is committed) nodes and relationships of an empty graph
    /// are only appended, in memory that holds little else; of a graph that holds something, nothing changes.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::io::ReadAs;
    /// use shejire::io::read::{IntoGraph, Known};
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let lines = "{\"type\":\"node\",\"id\":\"1\",\"labels\":[\"Mill\"]}\n".as_bytes();
    /// engine.change(|knowledge| {
    ///     knowledge.bulk(true);
    ///     let mut sink = IntoGraph::new(knowledge, Known::default());
    ///     ReadAs::JsonLines.read(Box::new(lines), "mills.jsonl", None, &mut sink, &mut Err)?;
    ///     knowledge.bulk(false);
    ///     Ok(())
    /// })?;
    /// assert_eq!(engine.snapshot()?.counts()[0], 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn bulk(&mut self, on: bool) {
        self.graph.bulk(on);
    }

    /// Commits the graph, and takes away what was known of what is gone with it: its handles may be given out again.
    pub(crate) fn commit(&mut self) {
        let gone = self.graph.commit();
        self.forget(&gone);
        if self.evidence.changes().is_some() {
            Arc::make_mut(&mut self.evidence).record_changes(false);
        }
    }

    /// The same for what a log says was done, which nobody has verified.
    #[cfg(feature = "store")]
    pub(crate) fn commit_replayed(&mut self) {
        let gone = self.graph.commit_replayed();
        self.forget(&gone);
    }

    /// Evidence and vocabulary are copied only where they say something of what is gone.
    fn forget(&mut self, gone: &Commit) {
        if gone.purged_rels.iter().any(|rel| self.evidence.knows_rel(*rel)) {
            let evidence = Arc::make_mut(&mut self.evidence);
            for rel in &gone.purged_rels {
                evidence.take_rel(*rel);
            }
        }
        if gone.purged_nodes.iter().any(|node| self.evidence.knows_node(*node)) {
            let evidence = Arc::make_mut(&mut self.evidence);
            for node in &gone.purged_nodes {
                evidence.take_node(*node);
            }
        }
        let named = |rel| self.vocabulary.conflicts.iter().any(|conflict| conflict.sides.iter().any(|s| s.rel == rel));
        if !self.vocabulary.conflicts.is_empty() && gone.purged_rels.iter().any(|rel| named(*rel)) {
            let gone: rustc_hash::FxHashSet<_> = gone.purged_rels.iter().copied().collect();
            let conflicts = &mut Arc::make_mut(&mut self.vocabulary).conflicts;
            conflicts.retain(|conflict| !conflict.sides.iter().any(|side| gone.contains(&side.rel)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::{Confidence, Locator, Mention, Place, Source};

    #[test]
    fn evidence_is_copied_only_when_something_it_speaks_of_is_gone() {
        let mut graph = Graph::new();
        let ty = graph.ensure_type("T").expect("room");
        let nodes = [(); 3].map(|()| graph.create_node(&[], []).expect("room"));
        let rels = [0, 1].map(|at| graph.create_rel(nodes[at], nodes[at + 1], ty, []).expect("both live"));
        graph.commit();
        let mut evidence = Evidence::default();
        let source = evidence.add_source(Source { id: "1".into(), ..Source::default() }).expect("room");
        let place = Place { source, at: Locator::sentence(1, 1) };
        let confidence = Confidence::from_bits(0);
        let mention = Mention { id: "m".into(), place, confidence, fingerprint: 1, qualifiers: Box::default() };
        evidence.add_mention(rels[0], mention).expect("a known source");
        let before = KnowledgeGraph::new(graph, evidence, Vocabulary::default());

        let mut after = before.clone();
        assert!(after.graph.delete_rel(rels[1]));
        after.commit();
        assert!(Arc::ptr_eq(&before.evidence, &after.evidence));
        assert!(after.graph.delete_rel(rels[0]));
        after.commit();
        assert_eq!((before.evidence.mention_count(), after.evidence.mention_count()), (1, 0));
    }
}
