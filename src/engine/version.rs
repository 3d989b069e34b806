//! One state of everything an engine holds, shared by all who read it, and what is derived from it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crate::exec::Knowledge;
use crate::function::{Procedure, Shelf};
use crate::graph::Graph;
use crate::lineage::{NameIndex, Overview};
use crate::memory;
use crate::provenance::{Evidence, KnowledgeGraph, Vocabulary};
#[cfg(feature = "store")]
pub(super) use crate::store::Beside;
#[cfg(feature = "store")]
use crate::store::Position;
use crate::value::NodeRef;
use crate::value::hash::DataMap;

/// Whether a transaction has changed evidence and vocabulary.
#[cfg(not(feature = "store"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Beside {
    Same,
    Added,
    Whole,
}

/// A number that nothing in this process has had before: whoever compares two of them compares what they were given to.
pub(super) fn fresh_stamp() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A state of graph, evidence and vocabulary. Published ones never change; a clone is what a transaction works on.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) knowledge: KnowledgeGraph,
    /// Names of nodes; versions share them while nothing of a node has changed.
    names: Arc<Names>,
    /// Those of a transaction's own version that has changed nodes.
    own_names: Option<Arc<OnceLock<Arc<NameIndex>>>>,
    /// What is found once of all that is known.
    overview: Arc<Overview>,
    /// Equal for two versions only when they hold the same.
    pub(super) stamp: u64,
    /// Counts commits, of every process.
    pub(super) commit: u64,
    /// Which commit of the file it is, when there is one.
    #[cfg(feature = "store")]
    pub(super) at: Option<Position>,
}

impl Default for Version {
    fn default() -> Self {
        Self::new(KnowledgeGraph::default())
    }
}

impl Version {
    /// The first of an engine.
    pub(super) fn new(knowledge: KnowledgeGraph) -> Self {
        Self {
            knowledge,
            names: Arc::default(),
            own_names: None,
            overview: Arc::default(),
            stamp: fresh_stamp(),
            commit: 0,
            #[cfg(feature = "store")]
            at: None,
        }
    }

    /// The first of an engine on a file.
    #[cfg(feature = "store")]
    pub(super) fn stored(mut knowledge: KnowledgeGraph, at: Position) -> Self {
        knowledge.graph.take_touched_nodes(0);
        Self { commit: at.commit(), at: Some(at), ..Self::new(knowledge) }
    }

    /// What others have committed after this. Its names are those from before and of what they touched.
    #[cfg(feature = "store")]
    pub(super) fn followed_by(&self, (mut knowledge, at): (KnowledgeGraph, Position)) -> Self {
        let touched = knowledge.graph.take_touched_nodes(FOLLOWED);
        let names = match self.at.as_ref().is_some_and(|before| at.goes_on_from(before)) {
            true if touched.as_ref().is_some_and(Vec::is_empty) => Arc::clone(&self.names),
            true => Arc::new(self.names.followed_by(touched)),
            false => Arc::default(),
        };
        Self { names, ..Self::stored(knowledge, at) }
    }

    /// The same with its parts in a new image.
    #[cfg(feature = "store")]
    pub(super) fn in_image(&self, (knowledge, at): (KnowledgeGraph, Position)) -> Self {
        match at.commit() == self.commit {
            true => Self { knowledge, at: Some(at), ..self.clone() },
            false => self.followed_by((knowledge, at)),
        }
    }

    /// The same, of which no file knows.
    pub(super) fn without_file(&self) -> Self {
        Self {
            #[cfg(feature = "store")]
            at: None,
            ..self.clone()
        }
    }

    /// Notes what a statement has done to a transaction's own version: what was found out before it is of another state.
    pub(super) fn written(&mut self) {
        self.stamp = fresh_stamp();
        // what nobody has asked for is true of any state; whoever shares it may yet ask
        if Arc::get_mut(&mut self.overview).is_none_or(|overview| !overview.is_empty()) {
            self.overview = Arc::default();
        }
        if self.knowledge.graph.touches_nodes()
            && self.own_names.as_mut().and_then(Arc::get_mut).is_none_or(|made| made.get().is_some())
        {
            self.own_names = Some(Arc::default());
        }
    }

    /// What is found once of all that is known.
    pub(super) fn overview(&self) -> &Overview {
        &self.overview
    }

    /// The names of the nodes.
    pub(super) fn names(&self) -> &Arc<NameIndex> {
        let graph = &self.knowledge.graph;
        match &self.own_names {
            Some(own) => memory::kept(own, || self.names.followed_by(graph.touched_nodes(FOLLOWED)).make(graph)),
            None => memory::kept(&self.names.made, || self.names.make(graph)),
        }
    }

    /// Before the graph is committed, and forgets which nodes were touched: notes what the next ones need of its names.
    pub(super) fn keep_names(&mut self) {
        if let Some(own) = self.own_names.take() {
            let touched = self.knowledge.graph.touched_nodes(FOLLOWED);
            let made = own.get().map_or_else(OnceLock::new, |made| OnceLock::from(Arc::clone(made)));
            self.names = Arc::new(Names { made, ..self.names.followed_by(touched) });
        }
    }

    /// What a statement may know beside the graph, and the graph to be written.
    pub(super) fn split<'a>(&'a mut self, names: &'a dyn Fn() -> Arc<NameIndex>) -> (&'a mut Graph, Knowledge<'a>) {
        let KnowledgeGraph { graph, evidence, vocabulary } = &mut self.knowledge;
        (graph, Knowledge { evidence, vocabulary, names, overview: &self.overview, around: None })
    }
}

/// So many touched nodes are followed; after more of them the names are read off the whole graph again.
const FOLLOWED: u64 = 4096;

/// The names of a version's nodes, made when they are first asked for.
#[derive(Debug, Default)]
struct Names {
    made: OnceLock<Arc<NameIndex>>,
    /// Those of a version before it that somebody has asked for, and the nodes touched since.
    before: Option<(Arc<NameIndex>, Vec<NodeRef>)>,
}

impl Names {
    fn make(&self, graph: &Graph) -> Arc<NameIndex> {
        Arc::new(match &self.before {
            Some((before, touched)) => before.changed(graph, touched.iter().copied()),
            None => NameIndex::of_graph(graph),
        })
    }

    /// Those of a version in which these nodes are different; nothing: too many are.
    fn followed_by(&self, touched: Option<Vec<NodeRef>>) -> Self {
        let known = match (self.made.get(), &self.before) {
            (Some(made), _) => Some((Arc::clone(made), Vec::new())),
            (None, before) => before.clone(),
        };
        let before = known.zip(touched).and_then(|((before, mut all), touched)| {
            all.extend(touched);
            all.sort_unstable();
            all.dedup();
            (all.len() as u64 <= FOLLOWED).then_some((before, all))
        });
        Self { made: OnceLock::new(), before }
    }
}

/// The procedures that were registered.
#[derive(Clone, Debug)]
pub(super) struct Procedures {
    /// Plans are good for one set of procedures.
    pub(super) stamp: u64,
    /// By name in lower case.
    pub(super) by_name: DataMap<String, Arc<Procedure>>,
    /// What procedures keep as long as the graph is open; no plan depends on it.
    pub(super) shelf: Arc<Shelf>,
}

impl Default for Procedures {
    fn default() -> Self {
        Self { stamp: fresh_stamp(), by_name: DataMap::default(), shelf: Arc::default() }
    }
}

/// What a statement is prepared for and reads.
#[derive(Clone, Copy, Debug)]
pub(super) struct State<'a> {
    pub(super) version: &'a Version,
    pub(super) graph: &'a Graph,
    pub(super) evidence: &'a Evidence,
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) procedures: &'a Procedures,
    pub(super) read_only: bool,
    /// In an explicit transaction.
    pub(super) in_transaction: bool,
}

impl<'a> State<'a> {
    pub(super) fn of(version: &'a Version, procedures: &'a Procedures) -> Self {
        let KnowledgeGraph { graph, evidence, vocabulary } = &version.knowledge;
        Self { version, graph, evidence, vocabulary, procedures, read_only: false, in_transaction: false }
    }

    /// Whether the property `key` is declared to be a date, as a text. A graph without a dataset declares nothing.
    pub(super) fn is_date(&self, key: &str) -> bool {
        !self.evidence.is_empty() && self.vocabulary.is_date(key)
    }

    /// Whether some relationship stands on corrected mentions alone: plain answers leave it out.
    pub(super) fn has_withdrawn(&self) -> bool {
        self.version.overview.has_withdrawn(self.evidence)
    }

    /// What a statement that reads may know.
    pub(super) fn knowledge(&self, names: &'a dyn Fn() -> Arc<NameIndex>) -> Knowledge<'a> {
        let (evidence, vocabulary, overview) = (self.evidence, self.vocabulary, &self.version.overview);
        Knowledge { evidence, vocabulary, names, overview, around: None }
    }
}

#[cfg(all(test, feature = "store"))]
mod tests {
    use crate::Engine;

    /// Guarded by counting: after a commit of others the names of what it touched are read, not those of the graph.
    #[test]
    fn names_follow_the_commits_of_others() {
        let folder = tempfile::tempdir().expect("room for a folder");
        let file = folder.path().join("s.shejire");
        let (writer, reader) = (Engine::open(&file).expect("new"), Engine::open(&file).expect("there"));
        writer.run("UNWIND range(1, 300) AS x CREATE (:Body {name: 'Council ' + x})").expect("room");
        let followed = || {
            let names = &reader.snapshot().expect("readable").version.names;
            names.before.as_ref().map(|(_, touched)| touched.len())
        };
        assert_eq!((followed(), reader.starting_with("Council", 500).len()), (None, 300));
        writer.run("MATCH (b:Body {name: 'Council 7'}) SET b.name = 'Court'").expect("room");
        writer.run("MATCH (b:Body {name: 'Council 8'}) DELETE b").expect("room");
        assert_eq!(followed(), Some(2));
        assert_eq!((reader.starting_with("Council", 500).len(), reader.starting_with("Court", 9).len()), (298, 1));
        writer.run("CREATE (:Body)-[:NEAR]->(:Body)").expect("room");
        assert_eq!(followed(), Some(2), "the two that are new, and what was found before");
    }
}
