//! The façade: a graph, its evidence, and the five stages in a row. The only module that knows the whole line.

mod options;
mod rows;

pub use options::Limits;
pub use rows::{Changes, Citation, Entities, NodeData, RelData, Row, Rows, Warning};

use std::path::Path;

use crate::error::{Class, Code, Error, Phase, Result};
use crate::function::Procedure;
use crate::value::Value;

/// A graph and everything that answers queries on it. Shared by reference between threads: many readers, one writer.
#[derive(Debug)]
pub struct Engine {
    _being_laid: (),
}

/// A statement with its parameters and limits, ready to run.
#[derive(Debug)]
pub struct Statement<'e> {
    engine: &'e Engine,
    text: String,
    params: Vec<(String, Value)>,
    limits: Limits,
    optimize: bool,
}

impl Engine {
    /// An empty graph in memory.
    pub fn in_memory() -> Self {
        Self { _being_laid: () }
    }

    /// The built-in dataset: Kazakhstan's human-rights and democratic reforms.
    pub fn builtin() -> Result<Self> {
        Err(not_yet())
    }

    /// A dataset folder (see `docs/dataset.md`), checked and loaded.
    pub fn from_folder(_folder: &Path) -> Result<Self> {
        Err(not_yet())
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
    pub fn query(&self, text: &str) -> Statement<'_> {
        Statement { engine: self, text: text.to_owned(), params: Vec::new(), limits: Limits::default(), optimize: true }
    }

    /// Runs a script: statements separated by semicolons, each committing by itself unless the script says BEGIN.
    /// Answers of the statements in order; stops at the first error.
    pub fn script(&self, _text: &str) -> Result<Vec<Rows>> {
        Err(not_yet())
    }

    /// Starts an explicit transaction. Errors: `TransactionError` when one is open.
    pub fn begin(&self) -> Result<()> {
        Err(not_yet())
    }

    /// Ends the transaction; what it did is durable when this returns.
    pub fn commit(&self) -> Result<()> {
        Err(not_yet())
    }

    /// Ends the transaction; nothing it did remains.
    pub fn rollback(&self) -> Result<()> {
        Err(not_yet())
    }

    /// Whether a transaction is open.
    pub fn in_transaction(&self) -> bool {
        false
    }

    /// Drops all nodes, relationships, indexes, constraints and registered procedures.
    pub fn reset(&self) -> Result<()> {
        Err(not_yet())
    }

    /// Registers a procedure; one of the same name is replaced.
    pub fn register(&self, _procedure: Procedure) -> Result<()> {
        Err(not_yet())
    }

    /// The whole graph: every node and relationship, in order of id.
    pub fn snapshot(&self) -> Result<(Vec<NodeData>, Vec<RelData>)> {
        Err(not_yet())
    }

    /// Verifies graph, columns, indexes, evidence and store against each other; one line per problem.
    pub fn check(&self) -> Result<Vec<String>> {
        Err(not_yet())
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
        let _ = (self.engine, self.text, self.params, self.limits, self.optimize);
        Err(not_yet())
    }
}

fn not_yet() -> Error {
    Error::new(Class::SemanticError, Phase::Runtime, Code::Unsupported, "being laid")
}
