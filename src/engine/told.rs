//! What stands beside the graph — who says what, what the relationship types mean — by user id, as it leaves the
//! engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Engine;
use crate::graph::Graph;
use crate::provenance::{
    Evidence, Frame, KnowledgeGraph, Mention, MentionId, NameUse, Place, QualifierType, RelationType, Side, Source,
    SourceId, Vocabulary,
};
use crate::value::NodeRef;

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
    /// What else is known, where a dataset says so.
    pub further: Vec<Further>,
}

/// What a dataset may say beside places and mentions of single relationships, by user ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Further {
    /// A name of a node.
    Name {
        /// The node.
        node: u64,
        /// The name.
        name: NameUse,
    },
    /// A mention that states when a node began or ended.
    Exists {
        /// The node.
        node: u64,
        /// The mention.
        mention: Mention,
    },
    /// A mention that puts a node on one side of an event whose other side is not said body by body.
    Part {
        /// The node.
        node: u64,
        /// The id of the event.
        event: Arc<str>,
        /// The relationship type that says what kind of event it is.
        relation: Arc<str>,
        /// The column that names the node.
        side: Side,
        /// The mention.
        mention: Mention,
    },
    /// A mention that fits each of several relationships.
    Either {
        /// The relationships.
        rels: Vec<u64>,
        /// The mention.
        mention: Mention,
    },
    /// The declaration of a qualifier.
    Qualifier(QualifierType),
    /// How the dataset is to be read.
    Frame(Frame),
}

impl Further {
    /// The places it names, so that whoever writes it can say of which sources.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let told = shejire::Engine::builtin()?.told()?;
    /// for further in &told.further {
    ///     // whoever writes it down needs the documents first
    ///     assert!(further.sources().iter().all(|id| !told.source(*id).is_empty()));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn sources(&self) -> Vec<SourceId> {
        match self {
            Self::Name { name, .. } => name.places.iter().chain(&name.stated_at).map(|p| p.source).collect(),
            Self::Exists { mention, .. } | Self::Part { mention, .. } | Self::Either { mention, .. } => {
                vec![mention.place.source]
            }
            Self::Qualifier(_) | Self::Frame(_) => Vec::new(),
        }
    }

    /// The mention it is, if it is one.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::Further;
    ///
    /// let told = shejire::Engine::from_folder("examples/city-councils".as_ref())?.told()?;
    /// let dated = told.further.iter().filter(|further| matches!(further, Further::Exists { .. }));
    /// assert!(dated.into_iter().all(|further| further.mention().is_some()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn mention(&self) -> Option<&Mention> {
        match self {
            Self::Exists { mention, .. } | Self::Part { mention, .. } | Self::Either { mention, .. } => Some(mention),
            Self::Name { .. } | Self::Qualifier(_) | Self::Frame(_) => None,
        }
    }

    /// The nodes it is about.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::Further;
    ///
    /// let told = shejire::Engine::builtin()?.told()?;
    /// let named = told.further.iter().filter(|further| matches!(further, Further::Name { .. }));
    /// assert!(named.into_iter().all(|name| name.nodes().len() == 1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn nodes(&self) -> &[u64] {
        match self {
            Self::Name { node, .. } | Self::Exists { node, .. } | Self::Part { node, .. } => std::slice::from_ref(node),
            _ => &[],
        }
    }

    /// The relationships it is about.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::Further;
    ///
    /// let told = shejire::Engine::builtin()?.told()?;
    /// for further in &told.further {
    ///     assert_eq!(matches!(further, Further::Either { .. }), !further.rels().is_empty());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn rels(&self) -> &[u64] {
        if let Self::Either { rels, .. } = self { rels } else { &[] }
    }
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
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Mill)-[:PAYS]->(:Abbey)")?;
    /// assert!(engine.told()?.is_empty(), "facts, and nobody who says so");
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.types.is_empty() && self.conflicts.is_empty() && self.further.is_empty()
    }

    /// The id of a source, as locators use it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::SourceId;
    ///
    /// let told = shejire::Engine::builtin()?.told()?;
    /// assert_eq!(told.source(SourceId(0)), "000");
    /// # Ok(())
    /// # }
    /// ```
    pub fn source(&self, id: SourceId) -> &str {
        self.sources.get(id.0 as usize).map_or("", |(source, _)| &source.id)
    }

    /// Leaves what concerns these nodes and relationships only; sources keep their positions, those that nothing
    /// speaks of any more lose their node.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut told = shejire::Engine::builtin()?.told()?;
    /// told.keep(|_| false, |_| false, |name| name == "transformed-into");
    /// assert!(told.rels.is_empty() && told.conflicts.is_empty());
    /// assert_eq!(told.types.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn keep(&mut self, node: impl Fn(u64) -> bool, rel: impl Fn(u64) -> bool, ty: impl Fn(&str) -> bool) {
        self.nodes.retain(|id, _| node(*id));
        self.rels.retain(|id, _| rel(*id));
        self.types.retain(|t| ty(&t.name));
        self.conflicts.retain(|c| c.sides.iter().all(|side| rel(side.0)));
        self.further.retain(|f| f.nodes().iter().all(|id| node(*id)) && f.rels().iter().all(|id| rel(*id)));
        for (_, stands_for) in &mut self.sources {
            *stands_for = stands_for.filter(|id| node(*id));
        }
    }

    /// The sources that something here speaks of, or that have a node, with their positions.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut told = shejire::Engine::builtin()?.told()?;
    /// assert_eq!(told.used_sources().count(), 5);
    /// told.keep(|_| false, |_| false, |_| false);
    /// assert_eq!(told.used_sources().count(), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn used_sources(&self) -> impl Iterator<Item = (SourceId, &Source, Option<u64>)> {
        let mut used: Vec<bool> = self.sources.iter().map(|(_, node)| node.is_some()).collect();
        let places = self.nodes.values().flatten().map(|place| place.source);
        let mentions = self.rels.values().flatten().map(|mention| mention.place.source);
        let further = self.further.iter().flat_map(Further::sources);
        for source in places.chain(mentions).chain(further) {
            if let Some(used) = used.get_mut(source.0 as usize) {
                *used = true;
            }
        }
        let all = (0..).zip(&self.sources).zip(used).filter(|(_, used)| *used);
        all.map(|((at, (source, node)), _)| (SourceId(at), source, *node))
    }
}

impl Engine {
    /// An engine on what was made otherwise.
    pub(crate) fn from_knowledge(knowledge: KnowledgeGraph) -> Self {
        Self::on(super::Shared::new(super::Version::new(knowledge)))
    }
}

/// Evidence and vocabulary by user ids.
pub(super) fn told(knowledge: &KnowledgeGraph) -> Told {
    let KnowledgeGraph { graph, evidence, vocabulary } = knowledge;
    let node = |node| graph.node_exists(node).then(|| graph.node_id(node).0);
    let sources = evidence.sources().iter().map(|s| (s.clone(), s.node.and_then(node))).collect();
    let mention = |id: &MentionId| evidence.mention(*id).cloned();
    let rels = evidence.rels().filter(|(rel, _)| graph.rel_exists(*rel));
    let told = |(rel, own): (_, &[MentionId])| {
        let all: Vec<Mention> = own.iter().chain(evidence.denials_of(rel)).filter_map(mention).collect();
        (!all.is_empty()).then(|| (graph.rel_id(rel).0, all))
    };
    let rels = rels.filter_map(told).collect();
    let places = evidence.nodes().filter_map(|at| Some((node(at)?, evidence.places_of(at).to_vec())));
    let nodes = places.filter(|(_, places)| !places.is_empty()).collect();
    let lives = |side: &crate::provenance::Claim| graph.rel_exists(side.rel);
    let conflicts = vocabulary.conflicts.iter().filter(|c| c.sides.iter().all(lives)).map(|c| ToldConflict {
        id: c.id.clone(),
        kind: c.kind.clone(),
        topic: c.topic.clone(),
        note: c.note.clone(),
        sides: [&c.sides[0], &c.sides[1]].map(|side| (graph.rel_id(side.rel).0, side.sources.to_vec())),
    });
    let (types, conflicts) = (vocabulary.types().to_vec(), conflicts.collect());
    Told { sources, rels, nodes, types, conflicts, further: further(graph, evidence, vocabulary) }
}
/// What is known beside places and mentions of single relationships.
fn further(graph: &Graph, evidence: &Evidence, vocabulary: &Vocabulary) -> Vec<Further> {
    let mut all = Vec::new();
    if vocabulary.frame != Frame::default() {
        all.push(Further::Frame(vocabulary.frame.clone()));
    }
    all.extend(vocabulary.qualifiers().iter().cloned().map(Further::Qualifier));
    for at in evidence.nodes().filter(|node| graph.node_exists(*node)) {
        let node = graph.node_id(at).0;
        all.extend(evidence.names_of(at).iter().map(|name| Further::Name { node, name: name.clone() }));
        let mentions = evidence.exists_of(at).iter().filter_map(|id| evidence.mention(*id));
        all.extend(mentions.map(|mention| Further::Exists { node, mention: mention.clone() }));
        all.extend(parts(evidence, at, node));
    }
    let mut either: BTreeMap<MentionId, Vec<u64>> = BTreeMap::new();
    for (rel, _) in evidence.rels().filter(|(rel, _)| graph.rel_exists(*rel)) {
        for id in evidence.either_of(rel) {
            either.entry(*id).or_default().push(graph.rel_id(rel).0);
        }
    }
    all.extend(either.into_iter().filter_map(|(id, rels)| {
        let mention = evidence.mention(id)?.clone();
        Some(Further::Either { rels, mention })
    }));
    all
}

/// The parts of a node in events that are stated one body at a time.
fn parts(evidence: &Evidence, at: NodeRef, node: u64) -> Vec<Further> {
    let events = evidence.events_of(at).into_iter().filter_map(|event| evidence.events().get(event as usize));
    let members = events.flat_map(|event| event.members.iter().map(move |member| (event, member)));
    members
        .filter(|(_, member)| member.node == at)
        .filter_map(|(event, member)| {
            let mention = evidence.mention(member.mention)?.clone();
            let (event, relation) = (event.id.clone(), event.relation.clone());
            Some(Further::Part { node, event, relation, side: member.side, mention })
        })
        .collect()
}
