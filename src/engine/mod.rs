//! The façade: a graph, its evidence, and the five stages in a row. The only module that knows the whole line.
//!
//! ```text
//!   text ─► prepare (syntax ─► bind ─► plan ─► optimize; kept by text) ─► run (exec) ─► Rows
//! ```
//!
//! Readers share the database, a writer has it alone. A statement that fails leaves nothing behind.

mod database;
mod entities;
mod prepare;
mod procedures;
mod rows;
mod run;
mod schema;
mod show;

pub use crate::exec::context::{Changes, Limits};
pub use rows::{Citation, Entities, NodeData, RelData, Row, Rows, Warning};

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::dataset::{self, Dataset};
use crate::error::Result;
use crate::function::Procedure;
use crate::lineage::names::{Candidate, Found, Name};
use crate::provenance::Source;
use crate::value::{NodeRef, Value};
use database::Database;

/// A graph and everything that answers queries on it. Shared by reference between threads: many readers, one writer.
#[derive(Debug, Default)]
pub struct Engine {
    database: RwLock<Database>,
    cache: prepare::Cache,
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
        let mut database = Database::default();
        (database.graph, database.evidence, database.vocabulary) = (loaded.graph, loaded.evidence, loaded.vocabulary);
        Ok(Self { database: RwLock::new(database), cache: prepare::Cache::default() })
    }

    /// A store file; made when it does not exist.
    #[cfg(feature = "store")]
    pub fn open(_file: &Path) -> Result<Self> {
        Err(not_yet())
    }

    /// A store file, for reading only.
    #[cfg(feature = "store")]
    pub fn open_read_only(_file: &Path) -> Result<Self> {
        Err(not_yet())
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

    /// The whole graph: every node and relationship, in order of id.
    pub fn snapshot(&self) -> Result<(Vec<NodeData>, Vec<RelData>)> {
        let db = self.read();
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

    /// Verifies graph, columns, indexes, evidence and store against each other; one line per problem.
    pub fn check(&self) -> Result<Vec<String>> {
        Ok(crate::graph::check(&self.read().graph))
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

#[cfg(feature = "store")]
fn not_yet() -> crate::Error {
    use crate::error::{Class, Code, Error, Phase};
    Error::new(Class::StoreError, Phase::Runtime, Code::Unsupported, "stores are being laid")
}
