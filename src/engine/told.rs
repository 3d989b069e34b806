//! What stands beside the graph — who says what, what the relationship types mean — by user id, as it leaves the
//! engine; and everything a graph is known by, to be filled by an import.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Engine;
use crate::error::Result;
use crate::graph::Graph;
use crate::provenance::{Evidence, Mention, Place, RelationType, Source, SourceId, Vocabulary};

/// Evidence and vocabulary by user ids of nodes and relationships.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Every source with the node that stands for it. [`SourceId`]s of mentions and places are positions here.
    pub sources: Vec<(Source, Option<u64>)>,
    /// The mentions behind relationships.
    pub rels: BTreeMap<u64, Vec<Mention>>,
    /// The places that name nodes.
    pub nodes: BTreeMap<u64, Vec<Place>>,
    /// What is declared of relationship types.
    pub types: Vec<RelationType>,
    /// What was found in conflict.
    pub conflicts: Vec<ToldConflict>,
}

/// Two relationships that do not go together.
#[derive(Clone, Debug, Default)]
pub struct ToldConflict {
    /// Id in the dataset.
    pub id: Arc<str>,
    /// `contradiction`, `status`, …
    pub kind: Arc<str>,
    /// What it is about.
    pub topic: Arc<str>,
    /// What a reader should know.
    pub note: Arc<str>,
    /// The two relationships, and the documents meant (none for all).
    pub sides: [(u64, Vec<SourceId>); 2],
}

impl Told {
    /// Whether nothing stands beside the graph.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.types.is_empty() && self.conflicts.is_empty()
    }

    /// The id of a source, as locators use it.
    pub fn source(&self, id: SourceId) -> &str {
        self.sources.get(id.0 as usize).map_or("", |(source, _)| &source.id)
    }

    /// Leaves what concerns these nodes and relationships only; sources keep their positions, those that nothing
    /// speaks of any more lose their node.
    pub fn keep(&mut self, node: impl Fn(u64) -> bool, rel: impl Fn(u64) -> bool, ty: impl Fn(&str) -> bool) {
        self.nodes.retain(|id, _| node(*id));
        self.rels.retain(|id, _| rel(*id));
        self.types.retain(|t| ty(&t.name));
        self.conflicts.retain(|c| c.sides.iter().all(|side| rel(side.0)));
        for (_, stands_for) in &mut self.sources {
            *stands_for = stands_for.filter(|id| node(*id));
        }
    }

    /// The sources that something here speaks of, or that have a node, with their positions.
    pub fn used_sources(&self) -> impl Iterator<Item = (SourceId, &Source, Option<u64>)> {
        let mut used: Vec<bool> = self.sources.iter().map(|(_, node)| node.is_some()).collect();
        let places = self.nodes.values().flatten().map(|place| place.source);
        let mentions = self.rels.values().flatten().map(|mention| mention.place.source);
        for source in places.chain(mentions) {
            if let Some(used) = used.get_mut(source.0 as usize) {
                *used = true;
            }
        }
        let all = (0..).zip(&self.sources).zip(used).filter(|(_, used)| *used);
        all.map(|((at, (source, node)), _)| (SourceId(at), source, *node))
    }
}

/// Everything a graph is known by, to be filled: what [`Engine::change`] lends.
#[derive(Debug)]
pub struct Holdings<'a> {
    /// The graph.
    pub graph: &'a mut Graph,
    /// The evidence for it.
    pub evidence: &'a mut Evidence,
    /// What is declared of its relationship types.
    pub vocabulary: &'a mut Vocabulary,
}

impl Engine {
    /// An engine on what was made otherwise.
    pub fn from_parts(graph: Graph, evidence: Evidence, vocabulary: Vocabulary) -> Self {
        let database = super::Database { graph, evidence, vocabulary, ..super::Database::default() };
        Self { database: std::sync::RwLock::new(database), ..Self::default() }
    }

    /// Changes graph, evidence and vocabulary directly: when `work` fails nothing of it remains. Outside a transaction
    /// it is final when this returns (in a store: durable).
    pub fn change<T>(&self, work: impl FnOnce(Holdings<'_>) -> Result<T>) -> Result<T> {
        self.write().change(work)
    }

    /// Evidence and vocabulary as of the last statement or snapshot.
    pub fn told(&self) -> Told {
        let db = self.read();
        let (graph, evidence) = (&db.graph, &db.evidence);
        let node = |node| graph.node_exists(node).then(|| graph.node_id(node).0);
        let sources = evidence.sources().iter().map(|s| (s.clone(), s.node.and_then(node))).collect();
        let rels = evidence.rels().filter(|(rel, _)| graph.rel_exists(*rel));
        let rels = rels.map(|(rel, _)| (graph.rel_id(rel).0, evidence.mentions_of(rel).cloned().collect())).collect();
        let nodes = evidence.nodes().filter_map(|(at, places)| Some((node(at)?, places.to_vec()))).collect();
        let lives = |side: &crate::provenance::Claim| graph.rel_exists(side.rel);
        let conflicts = db.vocabulary.conflicts.iter().filter(|c| c.sides.iter().all(lives)).map(|c| ToldConflict {
            id: c.id.clone(),
            kind: c.kind.clone(),
            topic: c.topic.clone(),
            note: c.note.clone(),
            sides: [&c.sides[0], &c.sides[1]].map(|side| (graph.rel_id(side.rel).0, side.sources.to_vec())),
        });
        Told { sources, rels, nodes, types: db.vocabulary.types().to_vec(), conflicts: conflicts.collect() }
    }
}
