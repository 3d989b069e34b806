//! The façade: a graph, its evidence, and the five stages in a row. The only module that knows the whole line.
//!
//! ```text
//!   text ─► prepare (syntax ─► bind ─► plan ─► optimize; kept by text) ─► run (exec) ─► Rows
//! ```
//!
//! Readers share the database, a writer has it alone. A statement that fails leaves nothing behind.

mod citing;
mod compat;
mod database;
mod entities;
mod prepare;
mod procedures;
mod rows;
mod run;
mod schema;
mod show;
mod told;

pub use crate::exec::context::{Changes, Limits};
pub use rows::{Citation, Entities, NodeData, RelData, Row, Rows, Warning};
pub use told::{Further, Holdings, Told, ToldConflict};

use std::path::Path;
#[cfg(feature = "store")]
use std::sync::Mutex;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::dataset::{self, Dataset};
use crate::error::Result;
use crate::function::Procedure;
use crate::lineage::names::{Candidate, Found, Name};
use crate::provenance::{RelationType, Source};
#[cfg(feature = "store")]
use crate::store::{Contents, Mode, Store};
use crate::value::{NodeRef, Value};
use database::Database;

/// What the one graph of an engine is called where a name is asked for: what other engines' clients expect.
const GRAPH_NAME: &str = "neo4j";

/// A graph and everything that answers queries on it. Shared by reference between threads: many readers, one writer.
#[derive(Debug, Default)]
pub struct Engine {
    database: RwLock<Database>,
    cache: prepare::Cache,
    /// Whether a file is behind it that other processes may write.
    #[cfg(feature = "store")]
    stored: bool,
}

/// A statement with its parameters and limits, ready to run.
#[derive(Debug)]
pub struct Statement<'e> {
    engine: &'e Engine,
    text: &'e str,
    params: Vec<(String, Value)>,
    limits: Limits,
    optimize: bool,
}

impl Engine {
    /// An empty graph in memory.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// The built-in dataset: Kazakhstan's human-rights and democratic reforms.
    pub fn builtin() -> Result<Self> {
        Self::from_dataset(&dataset::builtin())
    }

    /// A dataset folder (see `docs/dataset.md`), checked and loaded.
    pub fn from_folder(folder: &Path) -> Result<Self> {
        Self::from_dataset(&dataset::open(folder)?)
    }

    /// A dataset that has been read.
    pub fn from_dataset(dataset: &Dataset) -> Result<Self> {
        let loaded = dataset::load(dataset)?;
        let database = Database {
            graph: loaded.graph,
            evidence: loaded.evidence,
            vocabulary: loaded.vocabulary,
            ..Database::default()
        };
        Ok(Self { database: RwLock::new(database), ..Self::default() })
    }

    /// A store file; made when it does not exist. Errors: `StoreError` and what [`crate::store`] says.
    #[cfg(feature = "store")]
    pub fn open(file: &Path) -> Result<Self> {
        Self::opened(file, Mode::ReadWrite)
    }

    /// A store file, for reading only.
    #[cfg(feature = "store")]
    pub fn open_read_only(file: &Path) -> Result<Self> {
        Self::opened(file, Mode::ReadOnly)
    }

    #[cfg(feature = "store")]
    fn opened(file: &Path, mode: Mode) -> Result<Self> {
        let opened = Store::open(file, mode)?;
        let database = Database {
            graph: opened.graph,
            evidence: opened.evidence,
            vocabulary: opened.vocabulary,
            read_only: mode == Mode::ReadOnly,
            store: Some(Mutex::new(opened.store)),
            ..Database::default()
        };
        Ok(Self { database: RwLock::new(database), cache: prepare::Cache::default(), stored: true })
    }

    /// The same graph, on which every statement that writes is refused.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.database.get_mut().unwrap_or_else(PoisonError::into_inner).read_only = true;
        self
    }

    /// Writes the whole graph, with its evidence, into a store file that does not exist yet.
    #[cfg(feature = "store")]
    pub fn save(&self, file: &Path) -> Result<()> {
        let db = self.read();
        Store::create(file, &db.graph, &db.evidence, &db.vocabulary)
    }

    /// Closes the file behind the graph, if there is one, and leaves the graph to the system: for the end of a process,
    /// whose memory goes back as a whole, so that nothing need be taken apart piece by piece.
    pub fn close(self) {
        #[cfg(feature = "store")]
        if let Some(store) = self.write().store.take() {
            store.into_inner().unwrap_or_else(PoisonError::into_inner).close();
        }
        std::mem::forget(self);
    }

    /// The work of a store: sizes, copies, space given back. Nothing for a graph in memory.
    #[cfg(feature = "store")]
    pub fn with_store<T>(&self, work: impl FnOnce(&mut Store, &mut Contents<'_>) -> Result<T>) -> Option<Result<T>> {
        let db = &mut *self.write();
        let store = db.store.as_mut()?.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut contents =
            Contents { graph: &mut db.graph, evidence: &mut db.evidence, vocabulary: &mut db.vocabulary };
        Some(work(store, &mut contents))
    }

    /// Runs one statement without parameters.
    pub fn run(&self, text: &str) -> Result<Rows> {
        self.query(text).rows()
    }

    /// A statement to be given parameters and limits.
    pub fn query<'e>(&'e self, text: &'e str) -> Statement<'e> {
        Statement { engine: self, text, params: Vec::new(), limits: Limits::default(), optimize: true }
    }

    /// Runs a script: statements separated by semicolons, each committing by itself unless the script says BEGIN.
    /// Answers of the statements in order; stops at the first error, whose span is in the whole text.
    pub fn script(&self, text: &str) -> Result<Vec<Rows>> {
        let spans = run::statement_spans(text)?;
        spans.into_iter().map(|span| run::shifted(self.run(span.of(text)), span)).collect()
    }

    /// Starts an explicit transaction. Errors: `TransactionError` when one is open.
    pub fn begin(&self) -> Result<()> {
        self.write().begin()
    }

    /// Ends the transaction; what it did is durable when this returns.
    pub fn commit(&self) -> Result<()> {
        self.write().commit()
    }

    /// Ends the transaction; nothing it did remains.
    pub fn rollback(&self) -> Result<()> {
        self.write().rollback()
    }

    /// After a statement of an open transaction failed: goes on with the transaction all the same. The statement has
    /// left nothing behind; who calls this has told somebody that it is missing.
    pub fn go_on(&self) {
        self.write().go_on();
    }

    /// Whether a transaction is open.
    pub fn in_transaction(&self) -> bool {
        self.read().transaction.is_some()
    }

    /// Drops all nodes, relationships, indexes, constraints and registered procedures.
    pub fn reset(&self) -> Result<()> {
        self.cache.clear();
        self.write().reset()
    }

    /// Registers a procedure; one of the same name is replaced.
    pub fn register(&self, procedure: Procedure) -> Result<()> {
        self.cache.clear();
        self.write().procedures.insert(procedure.name.to_lowercase(), Arc::new(procedure));
        Ok(())
    }

    /// The rewrites that make plans quick, in the order they run: name and what each does.
    pub fn rewrites() -> impl Iterator<Item = (&'static str, &'static str)> {
        crate::optimize::PASSES.iter().map(|pass| (pass.name, pass.what))
    }

    /// The whole graph: every node and relationship, in order of id.
    pub fn snapshot(&self) -> Result<(Vec<NodeData>, Vec<RelData>)> {
        let db = self.read_fresh()?;
        Ok(entities::snapshot(&db.graph))
    }

    /// What a name means, across spellings, scripts and aliases: one node, several, or none with those that come
    /// nearest. Nothing is guessed.
    pub fn find(&self, name: &str) -> Found {
        self.read().names().resolve(name)
    }

    /// The nodes whose names look like `name`, best first, at most `limit`.
    pub fn search(&self, name: &str, limit: usize) -> Vec<Candidate> {
        self.read().names().search(name, limit)
    }

    /// A node's content by its handle; nothing when there is no such node.
    pub fn node(&self, node: NodeRef) -> Option<NodeData> {
        let db = self.read();
        db.graph.node_exists(node).then(|| entities::node_data(&db.graph, node))
    }

    /// Every name of a node that `find` knows, the main one first.
    pub fn names_of(&self, node: NodeRef) -> Vec<Name> {
        self.read().names().names_of(node).cloned().collect()
    }

    /// The documents that assert facts, in the order of the dataset.
    pub fn sources(&self) -> Vec<Source> {
        self.read().evidence.sources().to_vec()
    }

    /// What the dataset declares about a relationship type: its part in a lineage, what contradicts it.
    pub fn relation_type(&self, name: &str) -> Option<RelationType> {
        self.read().vocabulary.get(name).cloned()
    }

    /// Verifies graph, columns, indexes, evidence and store against each other; one line per problem.
    pub fn check(&self) -> Result<Vec<String>> {
        let db = self.read_fresh()?;
        #[cfg(feature = "store")]
        if let Some(store) = &db.store {
            return Ok(store.lock().unwrap_or_else(PoisonError::into_inner).check(&db.graph));
        }
        Ok(crate::graph::check(&db.graph))
    }

    /// The database as of the last commit of whichever process made it.
    fn read_fresh(&self) -> Result<RwLockReadGuard<'_, Database>> {
        #[cfg(feature = "store")]
        if self.stored {
            self.write().refresh()?;
        }
        Ok(self.read())
    }

    // A statement that panicked (a bug) has poisoned the lock but left the graph to its undo log; go on.
    fn read(&self) -> RwLockReadGuard<'_, Database> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Database> {
        self.database.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Statement<'_> {
    /// Gives a parameter its value.
    pub fn param(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Runs the plan as the planner made it, without the optimizer's rewrites; answers must not differ.
    pub fn unoptimized(mut self) -> Self {
        self.optimize = false;
        self
    }

    /// Runs it.
    pub fn rows(self) -> Result<Rows> {
        run::run(self)
    }
}
