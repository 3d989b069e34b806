//! The façade: a graph, its evidence, and the five stages in a row. The only module that knows the whole line.
//!
//! ```text
//!   text ─► prepare (syntax ─► bind ─► plan ─► optimize; kept by text) ─► run (exec) ─► Rows
//! ```
//!
//! A statement reads one version from its beginning to its end, and nobody is waited for; who writes works on a version
//! of its own, which becomes the last one when it is committed. A statement that fails leaves nothing behind.

mod aliases;
mod citing;
mod compat;
mod conflicts;
mod crosswalk;
mod deserialize;
pub(crate) mod difference;
mod entities;
mod evidence;
mod expression;
mod from_value;
mod fulltext;
#[cfg(feature = "parquet")]
mod handles;
mod holding;
mod lineage;
#[cfg(feature = "cluster")]
mod logical;
mod overview;
mod prepare;
mod procedures;
mod rows;
mod run;
mod schema;
mod session;
mod shared;
mod show;
mod source_view;
mod statement;
mod stream;
mod surroundings;
mod switch;
mod telling;
mod told;
mod version;
mod writer;

/// What `switch.rs` and `writer.rs` stand on; `loom/` puts its own in the place of these.
mod sync {
    pub(super) use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, RwLock};
}

pub(crate) use crate::exec::Allowance;
pub use crate::exec::context::{Changes, Limits};
pub use crate::function::{Field, NativeProcedure, OwnProcedure, Procedure, ProcedureBody};
pub use crate::plan::{PlanNode, PlanTree};
pub use conflicts::{Conflict, ConflictSide, Conflicts};
pub use evidence::{Entity, EntityName, Evidence, FactEvidence, Mentioned};
pub use from_value::{Cell, FromValue};
pub use holding::Span;
pub use lineage::{Course, Fact, Lineage, LineageRequest, Passage, Said, Step, TookPart, Withdrawal};
#[cfg(feature = "cluster")]
pub(crate) use logical::{Logical, constant_call};
pub use overview::{Kind, Problem, Property, Schema};
pub use rows::{Citation, Entities, IntoIter, Iter, NodeData, PathData, Record, RelData, Row, Rows, Warning};
pub use session::{Session, Snapshot, Transaction};
pub use source_view::{Life, LifeBound, LifeInterval, SourceView, Whose};
pub use statement::{Profile, Statement};
pub use stream::Stream;
pub use told::{Further, Told, ToldConflict};

pub use crate::lineage::names::{Candidate, Found, Name, Rank, Status as NameStatus};
pub use crate::provenance::KnowledgeGraph;
#[cfg(feature = "store")]
pub use crate::store::{Info as StoreInfo, Restored, restore};

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::dataset::{self, Dataset};
use crate::error::Result;
use crate::provenance::{RelationType, Source};
#[cfg(feature = "store")]
use crate::store::{Follower, Info, Mode, Store};
use crate::value::{NodeRef, RelRef};
use shared::Shared;
use statement::On;
use version::Version;

/// What the one graph of an engine is called where a name is asked for: what other engines' clients expect.
const GRAPH_NAME: &str = "neo4j";

/// How long a write waits for another one unless it is told otherwise.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// A graph and everything that answers queries on it. A handle that costs little to clone and that threads may share:
/// readers never wait, writers take turns.
///
/// A statement that is run on the engine itself commits by itself. For transactions there are [`Engine::session`] and
/// [`Engine::begin`], for a state that stays as it is [`Engine::snapshot`].
///
/// ```
/// use shejire::Engine;
///
/// # fn main() -> shejire::Result<()> {
/// let engine = Engine::in_memory();
/// engine.run("CREATE (:Law {name: 'On Courts'})")?;
/// let other = engine.clone(); // the same graph
/// std::thread::spawn(move || other.run("CREATE (:Law {name: 'On Elections'})")).join().unwrap()?;
/// assert_eq!(engine.run("MATCH (l:Law) RETURN l.name")?.len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Engine {
    shared: Arc<Shared>,
    read_only: bool,
    timeout: Duration,
}

impl Default for Engine {
    fn default() -> Self {
        Self::on(Shared::default())
    }
}

impl Engine {
    /// An empty graph in memory.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// assert_eq!(engine.snapshot()?.counts(), [0, 0, 0]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// The built-in dataset: Kazakhstan's human-rights and democratic reforms.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// assert_eq!(engine.run("MATCH (n:Entity) RETURN count(*) AS n")?.get(0).unwrap().get::<i64>("n")?, 304);
    /// # Ok(())
    /// # }
    /// ```
    pub fn builtin() -> Result<Self> {
        Self::from_dataset(&dataset::builtin())
    }

    /// A dataset folder (see `docs/dataset.md`), checked and loaded.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::from_folder("examples/city-councils".as_ref())?;
    /// assert!(engine.snapshot()?.counts()[0] > 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_folder(folder: &Path) -> Result<Self> {
        Self::from_dataset(&dataset::open(folder)?)
    }

    /// A dataset that has been read.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::{Engine, dataset};
    ///
    /// let read = dataset::open("examples/city-councils".as_ref())?;
    /// assert!(dataset::check(&read).iter().all(|problem| !problem.blocking));
    /// let engine = Engine::from_dataset(&read)?;
    /// assert!(engine.snapshot()?.counts()[1] > 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_dataset(dataset: &Dataset) -> Result<Self> {
        Ok(Self::from_knowledge(dataset::load(dataset)?))
    }

    fn on(shared: Shared) -> Self {
        Self { shared: Arc::new(shared), read_only: false, timeout: LOCK_TIMEOUT }
    }

    /// A store file; made when it does not exist. Errors: `StoreIo`, `StoreDamaged`, `StoreVersion`, `StoreBusy`.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// let file = folder.path().join("laws.shejire");
    /// let engine = shejire::Engine::open(&file)?;
    /// engine.run("CREATE (:Law {name: 'On Courts'})")?;
    /// drop(engine);
    /// assert_eq!(shejire::Engine::open(&file)?.run("MATCH (l:Law) RETURN l")?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "store")]
    pub fn open(file: &Path) -> Result<Self> {
        Ok(Self::on(Shared::stored(Store::open(file, Mode::ReadWrite)?)))
    }

    /// A store file, for reading only.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// let file = folder.path().join("laws.shejire");
    /// shejire::Engine::open(&file)?.run("CREATE (:Law)")?;
    /// let engine = shejire::Engine::open_read_only(&file)?;
    /// assert!(engine.run("CREATE (:Law)").is_err());
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "store")]
    pub fn open_read_only(file: &Path) -> Result<Self> {
        Ok(Self::on(Shared::stored(Store::open(file, Mode::ReadOnly)?)).read_only())
    }

    /// The same graph, on which every statement that writes is refused.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// let reader = engine.clone().read_only();
    /// engine.run("CREATE (:Law)")?;
    /// assert_eq!(reader.run("MATCH (l:Law) RETURN l")?.len(), 1);
    /// assert!(reader.run("CREATE (:Law)").is_err());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Whether every statement that writes is refused.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?.read_only();
    /// assert!(engine.is_read_only() && engine.run("CREATE (:Law)").is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// The same graph; a write by this handle, or by a session or transaction of it, waits so long for other writers, of
    /// this process and of others, and then fails with `StoreBusy`. Five seconds unless it is set.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use std::time::Duration;
    /// use shejire::error::Code;
    ///
    /// let engine = shejire::Engine::in_memory().lock_timeout(Duration::ZERO);
    /// let mut writing = engine.begin()?;
    /// writing.run("CREATE (:Law)")?;
    /// assert_eq!(engine.run("CREATE (:Law)").unwrap_err().code(), Code::StoreBusy);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Writes the whole graph, with its evidence, into a store file that does not exist yet.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// let file = folder.path().join("laws.shejire");
    /// shejire::Engine::builtin()?.save(&file)?;
    /// let engine = shejire::Engine::open(&file)?;
    /// assert_eq!(engine.sources().len(), 5);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "store")]
    pub fn save(&self, file: &Path) -> Result<()> {
        Store::create(file, &self.at_hand().version.knowledge)
    }

    /// Closes the file behind the graph, if there is one, and leaves the graph to the system: for the end of a process,
    /// whose memory goes back as a whole, so that nothing need be taken apart piece by piece.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// let file = folder.path().join("laws.shejire");
    /// let engine = shejire::Engine::open(&file)?;
    /// engine.run("CREATE (:Law)")?;
    /// engine.close();
    /// # Ok(())
    /// # }
    /// ```
    pub fn close(self) {
        #[cfg(feature = "store")]
        self.close_file();
        std::mem::forget(self);
    }

    /// Closes the file behind the graph, if there is one, whoever else has a handle to the graph: for programs that say when they
    /// are done with a file, while what they have made of it is still about. What was read of the graph can still be read; a
    /// part of it that is first asked for now is an error, as is every write. Nothing happens while somebody is writing.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// let file = folder.path().join("laws.shejire");
    /// let engine = shejire::Engine::open(&file)?;
    /// engine.run("CREATE (:Law)")?;
    /// let other = engine.clone();
    /// engine.close_file();
    /// assert!(other.run("CREATE (:Law)").is_err());
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "store")]
    pub fn close_file(&self) {
        self.shared.close(Duration::ZERO);
    }

    /// Sizes and numbers of the store. Nothing for a graph in memory.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// let file = folder.path().join("laws.shejire");
    /// let engine = shejire::Engine::open(&file)?;
    /// engine.run("CREATE (:Law)")?;
    /// assert!(engine.store_info().unwrap()?.file_bytes > 0);
    /// assert!(shejire::Engine::in_memory().store_info().is_none());
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "store")]
    pub fn store_info(&self) -> Option<Result<Info>> {
        self.shared.follower.as_ref().map(Follower::info)
    }

    /// Copies the store, as of its last commit, to a path where no file is; others may read and write meanwhile. Nothing for
    /// a graph in memory.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// let file = folder.path().join("laws.shejire");
    /// let engine = shejire::Engine::open(&file)?;
    /// engine.run("CREATE (:Law)")?;
    /// let copy = folder.path().join("copy.shejire");
    /// engine.backup(&copy).unwrap()?;
    /// assert_eq!(shejire::Engine::open(&copy)?.run("MATCH (l:Law) RETURN l")?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "store")]
    pub fn backup(&self, to: &Path) -> Option<Result<()>> {
        self.shared.follower.as_ref().map(|follower| follower.backup(to))
    }

    /// Writes a new image of the store and gives unused pages of its file back to the disk; no other process may be using
    /// it. Nothing for a graph in memory.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// let file = folder.path().join("laws.shejire");
    /// let engine = shejire::Engine::open(&file)?;
    /// engine.run("UNWIND range(1, 1000) AS n CREATE (:Law {number: n})")?;
    /// engine.compact().unwrap()?;
    /// assert_eq!(engine.store_info().unwrap()?.commits_in_log, 0);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "store")]
    pub fn compact(&self) -> Option<Result<()>> {
        self.shared.follower.as_ref().map(|_| self.shared.compact(self.timeout))
    }

    /// Runs one statement without parameters.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("RETURN 6 * 7 AS answer")?;
    /// assert_eq!(rows.get(0).unwrap().get::<i64>("answer")?, 42);
    /// # Ok(())
    /// # }
    /// ```
    pub fn run(&self, text: &str) -> Result<Rows> {
        self.query(text).rows()
    }

    /// A statement to be given parameters and limits.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// let rows = engine.query("RETURN $x * 2 AS y").param("x", 21).rows()?;
    /// assert_eq!(rows.get(0).unwrap().get::<i64>("y")?, 42);
    /// # Ok(())
    /// # }
    /// ```
    pub fn query<'e>(&'e self, text: &'e str) -> Statement<'e> {
        Statement::new(On::Engine(self), text)
    }

    /// Runs a script in a session of its own: statements separated by semicolons, each committing by itself unless the
    /// script says BEGIN. Answers of the statements in order; stops at the first error, whose span is in the whole text.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let answers = shejire::Engine::in_memory().script("BEGIN; CREATE (:Law); COMMIT; MATCH (l:Law) RETURN l")?;
    /// assert_eq!(answers.last().unwrap().len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn script(&self, text: &str) -> Result<Vec<Rows>> {
        self.session().script(text)
    }

    /// Registers a procedure; one of the same name is replaced.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use std::sync::Arc;
    /// use shejire::engine::{Field, Procedure, ProcedureBody};
    ///
    /// let field = |name: &str| Field { name: name.into(), ty: "INTEGER".into() };
    /// let engine = shejire::Engine::in_memory();
    /// engine.register(Procedure {
    ///     name: "roman.value".into(),
    ///     inputs: vec![Field { name: "letter".into(), ty: "STRING".into() }],
    ///     outputs: vec![field("value")],
    ///     doc: "What a Roman letter stands for.",
    ///     body: ProcedureBody::Table(Arc::new(vec![vec!["V".into(), 5.into()], vec!["X".into(), 10.into()]])),
    /// })?;
    /// let rows = engine.run("CALL roman.value('X')")?;
    /// assert_eq!(rows.get(0).unwrap().get::<i64>("value")?, 10);
    /// # Ok(())
    /// # }
    /// ```
    pub fn register(&self, procedure: Procedure) -> Result<()> {
        let (name, procedure) = (procedure.name.to_lowercase(), Arc::new(procedure));
        self.shared.change_procedures(|procedures| {
            procedures.by_name.insert(name, procedure);
        });
        Ok(())
    }

    /// The rewrites that make plans quick, in the order they run: name and what each does.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// assert!(shejire::Engine::rewrites().any(|(name, _)| name == "top_k"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn rewrites() -> impl Iterator<Item = (&'static str, &'static str)> {
        crate::optimize::PASSES.iter().map(|pass| (pass.name, pass.what))
    }

    /// The whole graph as of the last commit: every node and relationship, in order of id.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Law)-[:AMENDS]->(:Law)")?;
    /// let (nodes, relationships) = engine.everything()?;
    /// assert_eq!((nodes.len(), relationships[0].start), (2, nodes[0].id));
    /// # Ok(())
    /// # }
    /// ```
    pub fn everything(&self) -> Result<(Vec<NodeData>, Vec<RelData>)> {
        self.snapshot()?.everything()
    }

    /// What a name means, across spellings, scripts and aliases: one node, several, or none with those that come
    /// nearest. Nothing is guessed.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::Found;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Town {name: 'São Tomé'}), (:Inn {name: 'Anchor'}), (:Ship {name: 'Anchor'})")?;
    /// assert!(matches!(engine.find("sao tome"), Found::One(town) if &*town.kind == "Town"));
    /// assert!(matches!(engine.find("Anchor"), Found::Many(two) if two.len() == 2));
    /// assert!(matches!(engine.find("Ankor"), Found::None(near) if !near.is_empty()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn find(&self, name: &str) -> Found {
        self.at_hand().find(name)
    }

    /// The nodes whose names look like `name`, best first, at most `limit`.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::Rank;
    ///
    /// let engine = shejire::Engine::builtin()?;
    /// let found = engine.search("Kurultai", 5);
    /// assert_eq!(&*found[0].name, "National Kurultai");
    /// assert!(found[0].rank <= Rank::Words && found.len() <= 5);
    /// # Ok(())
    /// # }
    /// ```
    pub fn search(&self, name: &str, limit: usize) -> Vec<Candidate> {
        self.at_hand().search(name, limit)
    }

    /// The nodes with a name of which a word begins as typed, in any script, best first, at most `limit`: for search as
    /// one types.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("UNWIND ['Canal Street', 'Old Canal', 'Market'] AS name CREATE (:Place {name: name})")?;
    /// let listed: Vec<String> = engine.starting_with("can", 10).iter().map(|found| found.name.to_string()).collect();
    /// assert_eq!(listed, ["Canal Street", "Old Canal"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn starting_with(&self, typed: &str, limit: usize) -> Vec<Candidate> {
        self.at_hand().starting_with(typed, limit)
    }

    /// A node's content by its handle; nothing when there is no such node.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::NodeRef;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let rows = engine.run("CREATE (l:Law {year: 1993}) RETURN l")?;
    /// let law = engine.node(rows.get(0).unwrap().get::<NodeRef>("l")?).unwrap();
    /// assert_eq!(law.get::<i64>("year")?, 1993);
    /// # Ok(())
    /// # }
    /// ```
    pub fn node(&self, node: NodeRef) -> Option<NodeData> {
        self.at_hand().node(node)
    }

    /// Every name of a node that `find` knows, the main one first.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Town {name: 'Almaty', aliases: ['Verny', 'Alma-Ata']})")?;
    /// let town = engine.entity("Verny")?.node();
    /// assert_eq!(engine.names_of(town).iter().map(|name| &*name.text).collect::<Vec<_>>(), ["Almaty", "Verny", "Alma-Ata"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn names_of(&self, node: NodeRef) -> Vec<Name> {
        self.at_hand().names_of(node)
    }

    /// The documents that assert facts, in the order of the dataset.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// assert!(engine.sources().iter().all(|source| !source.title.is_empty()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn sources(&self) -> Vec<Source> {
        self.at_hand().sources().to_vec()
    }

    /// What the dataset declares about a relationship type: its part in a lineage, what contradicts it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let declared = engine.relation_type("established").unwrap();
    /// assert!(declared.contradicts.iter().any(|other| &**other == "re-established"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn relation_type(&self, name: &str) -> Option<RelationType> {
        self.at_hand().relation_type(name).cloned()
    }

    /// Evidence and vocabulary as of the last statement or snapshot.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let told = shejire::Engine::builtin()?.told()?;
    /// assert_eq!((told.sources.len(), told.conflicts.len()), (5, 14));
    /// # Ok(())
    /// # }
    /// ```
    pub fn told(&self) -> Result<Told> {
        self.at_hand().told()
    }

    /// Verifies graph, columns, indexes, evidence and store against each other; one line per problem.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// assert!(shejire::Engine::builtin()?.check()?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn check(&self) -> Result<Vec<String>> {
        let snapshot = self.snapshot()?;
        let knowledge = &snapshot.version.knowledge;
        #[cfg(feature = "store")]
        if let Some(follower) = &self.shared.follower {
            return Ok(follower.check(knowledge));
        }
        Ok(crate::graph::check(&knowledge.graph))
    }
}

impl Snapshot {
    /// Every node and relationship, in order of id. Errors: a part of a stored graph cannot be read.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Law)-[:AMENDS]->(:Law)")?;
    /// assert_eq!(engine.snapshot()?.everything()?.0.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn everything(&self) -> Result<(Vec<NodeData>, Vec<RelData>)> {
        self.read(|snapshot| Ok(entities::snapshot(&snapshot.version.knowledge.graph)))
    }

    /// Verifies graph, columns and indexes against each other; one line per problem.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("UNWIND range(1, 100) AS n CREATE (:N {n: n})-[:NEXT]->(:N)")?;
    /// assert!(engine.snapshot()?.check().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn check(&self) -> Vec<String> {
        crate::graph::check(&self.version.knowledge.graph)
    }

    /// The node of that user id.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// let id = engine.run("CREATE (n:Chapel) RETURN id(n) AS id")?.get(0).unwrap().get::<u64>("id")?;
    /// let snapshot = engine.snapshot()?;
    /// assert_eq!(&*snapshot.node(snapshot.node_with_id(id).unwrap()).unwrap().labels[0], "Chapel");
    /// assert_eq!(snapshot.node_with_id(id + 1), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn node_with_id(&self, id: u64) -> Option<NodeRef> {
        self.version.knowledge.graph.node_by_id(id)
    }

    /// The relationship of that user id.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// let id = engine.run("CREATE (:Chapel)-[r:BELONGS_TO]->(:Parish) RETURN id(r) AS id")?.get(0).unwrap().get::<u64>("id")?;
    /// assert!(engine.snapshot()?.rel_with_id(id).is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub fn rel_with_id(&self, id: u64) -> Option<RelRef> {
        self.version.knowledge.graph.rel_by_id(id)
    }

    /// A relationship's content by its handle; nothing when there is no such relationship.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::RelRef;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let rows = engine.run("CREATE (:Smith)-[r:SHOES {on: date('1841-05-02')}]->(:Horse) RETURN r")?;
    /// let shod = engine.snapshot()?.rel(rows.get(0).unwrap().get::<RelRef>("r")?).unwrap();
    /// assert_eq!(shod.get::<shejire::value::temporal::Date>("on")?.year(), 1841);
    /// # Ok(())
    /// # }
    /// ```
    pub fn rel(&self, rel: RelRef) -> Option<RelData> {
        let graph = &self.version.knowledge.graph;
        graph.rel_exists(rel).then(|| entities::rel_data(graph, rel))
    }

    /// How many nodes, relationships, and indexes and constraints there are.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Law)-[:AMENDS]->(:Law)")?;
    /// assert_eq!(engine.snapshot()?.counts(), [2, 1, 0]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn counts(&self) -> [u64; 3] {
        let graph = &self.version.knowledge.graph;
        [graph.node_count(), graph.rel_count(), graph.index_and_constraint_count()]
    }

    /// What a name means; see [`Engine::find`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::Found;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Fort {name: 'Perovsk'})")?;
    /// let before = engine.snapshot()?;
    /// engine.run("MATCH (f:Fort) SET f.name = 'Kyzylorda'")?;
    /// assert!(matches!(before.find("Perovsk"), Found::One(_)), "a snapshot keeps its names");
    /// assert!(matches!(engine.snapshot()?.find("Perovsk"), Found::None(_)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn find(&self, name: &str) -> Found {
        self.version.names().resolve(name)
    }

    /// The nodes whose names look like `name`, best first, at most `limit`.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// assert!(snapshot.search("ministry", 3).iter().all(|found| found.name.starts_with("Ministry")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn search(&self, name: &str, limit: usize) -> Vec<Candidate> {
        self.version.names().search(name, limit)
    }

    /// The nodes with a name of which a word begins as typed; see [`Engine::starting_with`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// assert!(snapshot.starting_with("Констит", 5).iter().any(|found| &*found.name == "Constitutional Court"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn starting_with(&self, typed: &str, limit: usize) -> Vec<Candidate> {
        self.version.names().starting_with(typed, limit)
    }

    /// A node's content by its handle; nothing when there is no such node.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::NodeRef;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let rows = engine.run("CREATE (l:Law {year: 1993}) RETURN l")?;
    /// let law = rows.get(0).unwrap().get::<NodeRef>("l")?;
    /// assert_eq!(engine.snapshot()?.node(law).unwrap().labels[0].as_ref(), "Law");
    /// # Ok(())
    /// # }
    /// ```
    pub fn node(&self, node: NodeRef) -> Option<NodeData> {
        let graph = &self.version.knowledge.graph;
        graph.node_exists(node).then(|| entities::node_data(graph, node))
    }

    /// Every name of a node that `find` knows, the main one first.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::NameStatus;
    ///
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// let names = snapshot.names_of(snapshot.entity("Senate")?.node());
    /// assert_eq!((&*names[0].text, names[0].status), ("Senate", NameStatus::Main));
    /// # Ok(())
    /// # }
    /// ```
    pub fn names_of(&self, node: NodeRef) -> Vec<Name> {
        self.version.names().names_of(node).cloned().collect()
    }

    /// The documents that assert facts, in the order of the dataset.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// assert_eq!(&*snapshot.sources()[1].title, "Press-service summary of reforms");
    /// # Ok(())
    /// # }
    /// ```
    pub fn sources(&self) -> &[Source] {
        self.version.knowledge.evidence.sources()
    }

    /// What the dataset declares about a relationship type.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// let declared = snapshot.relation_type("transformed-into").unwrap();
    /// assert!(!declared.definition.is_empty() && declared.terms.iter().any(|term| &**term == "wikidata:P1366"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn relation_type(&self, name: &str) -> Option<&RelationType> {
        self.version.knowledge.vocabulary.get(name)
    }

    /// Evidence and vocabulary by user ids. Errors: a part of a stored graph cannot be read.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let id = engine.run("MATCH ()-[r:`transformed-into`]->() RETURN id(r) AS id")?.get(0).unwrap().get::<u64>("id")?;
    /// assert_eq!(engine.snapshot()?.told()?.rels[&id].len(), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn told(&self) -> Result<Told> {
        self.read(|snapshot| Ok(told::told(&snapshot.version.knowledge)))
    }

    /// Reads, and says whether all that was to be read could be: parts of a stored graph are loaded when they are asked for,
    /// and one that cannot be is missing from what was read.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// let facts = snapshot.read(|snapshot| Ok(snapshot.entity("Constitutional Court")?.facts()))?;
    /// assert!(!facts.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `StoreIo`, `StoreDamaged`; else what `read` says.
    pub fn read<T>(&self, read: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let done = read(self);
        self.version.knowledge.failure().map_or(done, Err)
    }
}

#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod pass_tests;
