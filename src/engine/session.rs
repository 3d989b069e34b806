//! Who talks to an engine: sessions, transactions, snapshots.
//!
//! | | reads | writes |
//! |---|---|---|
//! | a statement outside a transaction | the last commit when it begins | the last commit, with the right to write |
//! | [`Transaction`] | the commit of its begin, and its own writes | the same, if nobody else has committed since |
//! | [`Snapshot`] | the commit it was made of | – |

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::run::{self, Ask, Outcome};
use super::shared::{Current, Shared, Work};
use super::statement::On;
use super::stream::Job;
use super::version::{Beside, Procedures, State, Version};
use super::{Engine, Rows, Statement};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::exec::Allowance;
use crate::provenance::KnowledgeGraph;
use crate::syntax::ast::TransactionCommand;

/// What a statement gives: rows, rows one after another, or the wish to begin or end a transaction.
pub(super) enum Reply {
    Rows(Box<Rows>),
    Stream(Box<Job>),
    Command(TransactionCommand),
}

/// The same where transactions are begun and ended.
pub(super) enum Answered {
    Rows(Box<Rows>),
    Stream(Box<Job>),
}

/// What a connection or a thread has: statements that commit by themselves, and one transaction at a time, begun and
/// ended by method or by text. A transaction that is open when the session goes is rolled back.
///
/// ```
/// use shejire::Engine;
///
/// # fn main() -> shejire::Result<()> {
/// let engine = Engine::in_memory();
/// let (mut one, mut other) = (engine.session(), engine.session());
/// one.run("BEGIN")?;
/// one.run("CREATE (:Law {name: 'On Courts'})")?;
/// assert_eq!(one.run("MATCH (l:Law) RETURN l")?.len(), 1); // its own writes
/// assert_eq!(other.run("MATCH (l:Law) RETURN l")?.len(), 0); // nobody sees what is not committed
/// one.run("COMMIT")?;
/// assert_eq!(other.run("MATCH (l:Law) RETURN l")?.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Session {
    engine: Engine,
    transaction: Option<Transaction>,
}

/// A transaction that whoever has it may keep and hand to another thread: it sees the commit of its begin and its own
/// writes; nobody sees it before [`Transaction::commit`]; **dropped it is rolled back**.
///
/// Its first write waits for other writers (see [`Engine::lock_timeout`]) and then needs that nobody has committed since it
/// began. If it has read nothing by then it moves to the last commit; else that write fails with `TransactionConflict`:
/// begin again.
///
/// ```
/// use shejire::Engine;
/// use shejire::error::Code;
///
/// # fn main() -> shejire::Result<()> {
/// let engine = Engine::in_memory();
/// engine.run("CREATE (:Counter {n: 1})")?;
/// let (mut one, mut other) = (engine.begin()?, engine.begin()?);
/// one.run("MATCH (c:Counter) SET c.n = c.n + 1")?;
/// other.run("MATCH (c:Counter) RETURN c.n")?; // 1: what its begin saw
/// one.commit()?;
/// let conflict = other.run("MATCH (c:Counter) SET c.n = c.n + 1").unwrap_err();
/// assert_eq!(conflict.code(), Code::TransactionConflict);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Transaction {
    engine: Engine,
    stage: Stage,
    /// A statement that fails leaves nothing behind, and the transaction goes on.
    lenient: bool,
}

#[derive(Debug)]
enum Stage {
    /// It has written nothing. `read`: it has read.
    Reading {
        version: Arc<Version>,
        read: bool,
    },
    Writing(Box<Work>),
    /// A statement failed: only a rollback is left.
    Failed,
}

/// One committed state of everything, for as long as it is held; made in no time, whatever the size of the graph.
/// Statements on it read only. Threads may share it.
///
/// ```
/// use shejire::Engine;
///
/// # fn main() -> shejire::Result<()> {
/// let engine = Engine::in_memory();
/// engine.run("CREATE (:Law)")?;
/// let then = engine.snapshot()?;
/// engine.run("CREATE (:Law)")?;
/// assert_eq!(then.run("MATCH (l:Law) RETURN l")?.len(), 1);
/// assert_eq!(engine.run("MATCH (l:Law) RETURN l")?.len(), 2);
/// assert!(then.run("CREATE (:Law)").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Snapshot {
    shared: Arc<Shared>,
    pub(super) version: Arc<Version>,
    pub(super) procedures: Arc<Procedures>,
}

impl Engine {
    /// A session of its own.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut session = shejire::Engine::in_memory().session();
    /// session.run("BEGIN")?;
    /// session.run("CREATE (:Law)")?;
    /// session.run("ROLLBACK")?;
    /// assert!(session.run("MATCH (l:Law) RETURN l")?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn session(&self) -> Session {
        Session { engine: self.clone(), transaction: None }
    }

    /// Begins a transaction on the last commit. Errors: those of the store.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// let mut transaction = engine.begin()?;
    /// transaction.run("CREATE (:Law)")?;
    /// transaction.commit()?;
    /// assert_eq!(engine.run("MATCH (l:Law) RETURN l")?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn begin(&self) -> Result<Transaction> {
        let Current { version, .. } = self.shared.latest(Instant::now())?;
        let stage = Stage::Reading { version, read: false };
        Ok(Transaction { engine: self.clone(), stage, lenient: false })
    }

    /// The last commit, to be read for as long as it is held. Errors: those of the store.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// let then = engine.snapshot()?;
    /// engine.run("CREATE (:Law)")?;
    /// assert!(then.run("MATCH (l:Law) RETURN l")?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn snapshot(&self) -> Result<Snapshot> {
        let Current { version, procedures, .. } = self.shared.latest(Instant::now())?;
        Ok(Snapshot { shared: Arc::clone(&self.shared), version, procedures })
    }

    /// The last commit this process has seen.
    pub(super) fn at_hand(&self) -> Snapshot {
        let Current { version, procedures, .. } = self.shared.current();
        Snapshot { shared: Arc::clone(&self.shared), version, procedures }
    }

    /// Runs a statement that commits by itself.
    pub(super) fn autocommit(&self, ask: Ask<'_>) -> Result<Reply> {
        let Current { version, procedures, .. } = self.shared.latest(ask.allowance.begun())?;
        let plans = &self.shared.cache;
        let read_only = self.read_only || ask.how.read_only;
        let state = State { read_only, ..State::of(&version, &procedures) };
        match run::read(ask, &state, plans)? {
            Outcome::Read(rows) | Outcome::Terminated(rows) => {
                let shared = || Arc::clone(&self.shared);
                let rows = rows.held_by(|| Snapshot { shared: shared(), version, procedures });
                Ok(Reply::Rows(rows))
            }
            Outcome::Stream(of) => {
                let read_only = state.read_only;
                Ok(Reply::Stream(Box::new(Job { version, procedures, read_only, in_transaction: false, of })))
            }
            Outcome::Transaction(command) => Ok(Reply::Command(command)),
            Outcome::Write(prepared) => {
                drop(version);
                let mut work = self.first_write(ask.allowance)?;
                let rows = run::write(ask, &prepared, &mut work, &procedures, plans)?;
                work.commit()?;
                Ok(Reply::Rows(rows))
            }
        }
    }

    /// Takes the right to write, waiting no longer than the statement may run. Errors: `StoreBusy`; `LimitExceeded / Time`,
    /// `Cancelled`.
    fn first_write(&self, allowance: &Allowance) -> Result<Work> {
        let stop = allowance.limits().cancel.as_deref();
        let begun = Work::begin(&self.shared, allowance.wait(self.timeout), stop);
        begun.map_err(|error| match error.code() {
            Code::StoreBusy => allowance.look().err().unwrap_or(error),
            _ => error,
        })
    }

    /// What a statement outside any session answers.
    pub(super) fn answer(&self, ask: Ask<'_>) -> Result<Answered> {
        match self.autocommit(ask)? {
            Reply::Rows(rows) => Ok(Answered::Rows(rows)),
            Reply::Stream(job) => Ok(Answered::Stream(job)),
            Reply::Command(_) => Err(state("there is no session here whose transaction this could be")
                .hint("a script and the shell have one; in a program it is engine.session(), or engine.begin() for a transaction")),
        }
    }

    /// Changes graph, evidence and vocabulary directly, as one write: when `work` fails nothing of it remains. It is final
    /// when this returns (in a store: durable).
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::Source;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// engine.change(|knowledge| {
    ///     knowledge.put_source(Source { id: "003".into(), title: "Town book".into(), ..Source::default() })?;
    ///     Ok(())
    /// })?;
    /// assert_eq!(engine.run("SHOW SOURCES")?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn change<T>(&self, work: impl FnOnce(&mut KnowledgeGraph) -> Result<T>) -> Result<T> {
        self.writable()?;
        let mut own = Work::begin(&self.shared, self.timeout, None)?;
        let done = change(&mut own, work)?;
        own.commit()?;
        Ok(done)
    }

    /// Drops all nodes, relationships, indexes, constraints, evidence and registered procedures.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// engine.reset()?;
    /// assert_eq!(engine.snapshot()?.counts(), [0, 0, 0]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn reset(&self) -> Result<()> {
        self.writable()?;
        let mut work = Work::begin(&self.shared, self.timeout, None)?;
        work.part(|work| {
            let KnowledgeGraph { graph, evidence, vocabulary } = &mut work.version.knowledge;
            (*evidence, *vocabulary) = (Arc::default(), Arc::default());
            work.beside = Beside::Whole;
            graph.clear()
        })?;
        work.commit()?;
        self.shared.change_procedures(|procedures| procedures.by_name.clear());
        Ok(())
    }

    fn writable(&self) -> Result<()> {
        match self.read_only {
            false => Ok(()),
            true => {
                let message = "this graph is open for reading only";
                Err(Error::new(Class::ReadOnly, Phase::Runtime, Code::ReadOnlyGraph, message))
            }
        }
    }
}

fn change<T>(own: &mut Work, work: impl FnOnce(&mut KnowledgeGraph) -> Result<T>) -> Result<T> {
    own.part(|own| {
        own.record_evidence();
        let knowledge = &mut own.version.knowledge;
        let declared = Arc::clone(&knowledge.vocabulary);
        let done = work(knowledge)?;
        let same = declared == knowledge.vocabulary;
        if same {
            knowledge.vocabulary = declared;
        }
        own.beside = own.beside.max(if same { Beside::Added } else { Beside::Whole });
        Ok(done)
    })
}

impl Session {
    /// Runs one statement without parameters.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut session = shejire::Engine::in_memory().session();
    /// assert_eq!(session.run("UNWIND [1, 2] AS n RETURN n")?.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn run(&mut self, text: &str) -> Result<Rows> {
        self.query(text).rows()
    }

    /// A statement to be given parameters and limits.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut session = shejire::Engine::in_memory().session();
    /// let rows = session.query("RETURN $n AS n").param("n", 1).rows()?;
    /// assert_eq!(rows.get(0).unwrap().get::<i64>("n")?, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn query<'s>(&'s mut self, text: &'s str) -> Statement<'s> {
        Statement::new(On::Session(self), text)
    }

    /// Runs a script: statements separated by semicolons. Answers of the statements in order; stops at the first error,
    /// whose span is in the whole text.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut session = shejire::Engine::in_memory().session();
    /// assert_eq!(session.script("CREATE (:Law); MATCH (l:Law) RETURN l")?[1].len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn script(&mut self, text: &str) -> Result<Vec<Rows>> {
        let spans = run::statement_spans(text)?;
        spans.into_iter().map(|span| run::shifted(self.run(span.of(text)), span)).collect()
    }

    /// Begins a transaction. Errors: `TransactionState` when one is open.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut session = shejire::Engine::in_memory().session();
    /// session.begin()?;
    /// assert!(session.begin().is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn begin(&mut self) -> Result<()> {
        if self.transaction.is_some() {
            return Err(state("a transaction is already open").hint("COMMIT or ROLLBACK it first"));
        }
        self.transaction = Some(self.engine.begin()?);
        Ok(())
    }

    /// Ends the transaction; what it did is durable when this returns. When it fails nothing of it remains.
    /// Errors: `TransactionState` when there is none, or when one of its statements failed; then it stays open.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// let mut session = engine.session();
    /// session.begin()?;
    /// session.run("CREATE (:Law)")?;
    /// session.commit()?;
    /// assert_eq!(engine.run("MATCH (l:Law) RETURN l")?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn commit(&mut self) -> Result<()> {
        match self.transaction.take() {
            None => Err(none_open()),
            Some(open) if open.is_failed() => {
                self.transaction = Some(open);
                Err(failed())
            }
            Some(open) => open.commit(),
        }
    }

    /// Ends the transaction; nothing it did remains. Errors: `TransactionState` when there is none.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut session = shejire::Engine::in_memory().session();
    /// session.begin()?;
    /// session.run("CREATE (:Law)")?;
    /// session.rollback()?;
    /// assert!(session.run("MATCH (l:Law) RETURN l")?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn rollback(&mut self) -> Result<()> {
        self.transaction.take().ok_or_else(none_open).map(Transaction::rollback)
    }

    /// Whether a transaction is open.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut session = shejire::Engine::in_memory().session();
    /// session.run("BEGIN")?;
    /// assert!(session.in_transaction());
    /// # Ok(())
    /// # }
    /// ```
    pub fn in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    /// The open transaction.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut session = shejire::Engine::in_memory().session();
    /// session.begin()?;
    /// session.transaction().unwrap().run("CREATE (:Law)")?;
    /// assert!(session.is_writing());
    /// # Ok(())
    /// # }
    /// ```
    pub fn transaction(&mut self) -> Option<&mut Transaction> {
        self.transaction.as_mut()
    }

    /// Whether its transaction has written: nobody else can write then.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut session = shejire::Engine::in_memory().session();
    /// session.script("BEGIN; MATCH (n) RETURN n")?;
    /// assert!(!session.is_writing());
    /// session.run("CREATE (:Law)")?;
    /// assert!(session.is_writing());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_writing(&self) -> bool {
        self.transaction.as_ref().is_some_and(Transaction::is_writing)
    }

    /// How long a write waits for others from now on; see [`Engine::lock_timeout`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// let mut session = engine.session();
    /// session.set_lock_timeout(std::time::Duration::ZERO);
    /// let mut other = engine.begin()?;
    /// other.run("CREATE (:Law)")?;
    /// assert!(session.run("CREATE (:Law)").is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_lock_timeout(&mut self, timeout: Duration) {
        self.engine.timeout = timeout;
        if let Some(open) = &mut self.transaction {
            open.engine.timeout = timeout;
        }
    }

    /// Changes graph, evidence and vocabulary directly, as one write; see [`Engine::change`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::Source;
    ///
    /// let mut session = shejire::Engine::in_memory().session();
    /// session.begin()?;
    /// session.change(|knowledge| knowledge.put_source(Source { id: "roll".into(), ..Source::default() }))?;
    /// assert_eq!(session.run("SHOW SOURCES")?.len(), 1);
    /// session.rollback()?;
    /// assert!(session.run("SHOW SOURCES")?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn change<T>(&mut self, work: impl FnOnce(&mut KnowledgeGraph) -> Result<T>) -> Result<T> {
        match &mut self.transaction {
            Some(open) => open.change(work),
            None => self.engine.change(work),
        }
    }

    /// The engine it is a session of.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut session = shejire::Engine::in_memory().session();
    /// session.script("BEGIN; CREATE (:Law)")?;
    /// assert!(session.engine().run("MATCH (l:Law) RETURN l")?.is_empty(), "it is not committed");
    /// # Ok(())
    /// # }
    /// ```
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What it sees now, to be read for as long as it is held: in a transaction its own writes, too. Errors: those of the
    /// store.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut session = shejire::Engine::in_memory().session();
    /// session.script("BEGIN; CREATE (:Ferry)")?;
    /// assert_eq!(session.snapshot()?.counts()[0], 1, "its own writes, too");
    /// assert_eq!(session.engine().snapshot()?.counts()[0], 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn snapshot(&self) -> Result<Snapshot> {
        match &self.transaction {
            Some(open) => Ok(open.snapshot()),
            None => self.engine.snapshot(),
        }
    }

    pub(super) fn answer(&mut self, ask: Ask<'_>) -> Result<Answered> {
        let reply = match &mut self.transaction {
            None => self.engine.autocommit(ask)?,
            Some(open) => open.reply(ask)?,
        };
        match reply {
            Reply::Rows(rows) => return Ok(Answered::Rows(rows)),
            Reply::Stream(job) => return Ok(Answered::Stream(job)),
            Reply::Command(TransactionCommand::Begin) => {
                if let Err(error) = self.begin() {
                    self.transaction.iter_mut().for_each(Transaction::fail);
                    return Err(error);
                }
            }
            Reply::Command(TransactionCommand::Commit) => self.commit()?,
            Reply::Command(TransactionCommand::Rollback) => self.rollback()?,
        }
        Ok(Answered::Rows(Box::default()))
    }
}

impl Transaction {
    /// Runs one statement without parameters. After one that failed only [`Self::rollback`] is left.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut transaction = shejire::Engine::in_memory().begin()?;
    /// transaction.run("CREATE (:Law)")?;
    /// assert_eq!(transaction.run("MATCH (l:Law) RETURN l")?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn run(&mut self, text: &str) -> Result<Rows> {
        self.query(text).rows()
    }

    /// A statement to be given parameters and limits.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut transaction = shejire::Engine::in_memory().begin()?;
    /// transaction.query("CREATE (:Law {number: $n})").param("n", 7).rows()?;
    /// transaction.commit()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn query<'t>(&'t mut self, text: &'t str) -> Statement<'t> {
        Statement::new(On::Transaction(self), text)
    }

    /// Ends it; what it did is durable when this returns. Errors: `TransactionState` after a statement that failed,
    /// `StoreIo`; nothing of it remains then.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// let mut transaction = engine.begin()?;
    /// transaction.run("CREATE (:Law)")?;
    /// assert!(transaction.run("RETURN 1 / 0").is_err());
    /// assert!(transaction.commit().is_err(), "one of its statements failed");
    /// assert_eq!(engine.snapshot()?.counts()[0], 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn commit(self) -> Result<()> {
        match self.stage {
            Stage::Reading { .. } => Ok(()),
            Stage::Writing(work) => work.commit(),
            Stage::Failed => Err(failed()),
        }
    }

    /// Ends it; nothing it did remains. Dropping it does the same.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// let mut transaction = engine.begin()?;
    /// transaction.run("CREATE (:Law)")?;
    /// transaction.rollback();
    /// assert_eq!(engine.snapshot()?.counts()[0], 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn rollback(self) {}

    /// From now on a statement that fails leaves nothing behind and the transaction goes on without it, as an import may
    /// that leaves out what it cannot take. Every statement that writes then pays for a point to go back to.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// let mut transaction = engine.begin()?.lenient();
    /// transaction.run("CREATE (:Law)")?;
    /// assert!(transaction.run("CREATE (:Law) RETURN 1 / 0").is_err());
    /// transaction.commit()?;
    /// assert_eq!(engine.snapshot()?.counts()[0], 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn lenient(mut self) -> Self {
        self.lenient = true;
        self
    }

    /// Whether it has written: nobody else can write then.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut transaction = shejire::Engine::in_memory().begin()?;
    /// assert!(!transaction.is_writing());
    /// transaction.run("CREATE (:Law)")?;
    /// assert!(transaction.is_writing());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_writing(&self) -> bool {
        matches!(self.stage, Stage::Writing(_))
    }

    /// Whether a statement of it failed: only a rollback is left.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut transaction = shejire::Engine::in_memory().begin()?;
    /// assert!(transaction.run("RETURN 1 / 0").is_err());
    /// assert!(transaction.is_failed());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_failed(&self) -> bool {
        matches!(self.stage, Stage::Failed)
    }

    /// Changes graph, evidence and vocabulary directly, as one write of the transaction.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::Source;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let mut transaction = engine.begin()?;
    /// transaction.change(|knowledge| knowledge.put_source(Source { id: "roll".into(), ..Source::default() }))?;
    /// transaction.commit()?;
    /// assert_eq!(engine.sources().len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn change<T>(&mut self, work: impl FnOnce(&mut KnowledgeGraph) -> Result<T>) -> Result<T> {
        self.engine.writable()?;
        self.step(|own, stage| own.write(stage, None, |writing| change(writing, work)))
    }

    /// What it sees now, its own writes included, to be read for as long as it is held.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// let mut transaction = engine.begin()?;
    /// transaction.run("CREATE (:Law)")?;
    /// assert_eq!(transaction.snapshot().counts()[0], 1);
    /// assert_eq!(engine.snapshot()?.counts()[0], 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn snapshot(&self) -> Snapshot {
        let Current { procedures, .. } = self.engine.shared.current();
        self.of_stage(&self.stage, procedures)
    }

    fn of_stage(&self, stage: &Stage, procedures: Arc<Procedures>) -> Snapshot {
        let shared = &self.engine.shared;
        let version = match stage {
            Stage::Reading { version, .. } => Arc::clone(version),
            Stage::Writing(work) => Arc::new(work.version.without_file()),
            Stage::Failed => shared.current().version,
        };
        Snapshot { shared: Arc::clone(shared), version, procedures }
    }

    pub(super) fn answer(&mut self, ask: Ask<'_>) -> Result<Answered> {
        match self.reply(ask)? {
            Reply::Rows(rows) => Ok(Answered::Rows(rows)),
            Reply::Stream(job) => Ok(Answered::Stream(job)),
            Reply::Command(_) => {
                self.fail();
                Err(state("this transaction is not ended by a text").hint("call commit() or rollback()"))
            }
        }
    }

    fn reply(&mut self, ask: Ask<'_>) -> Result<Reply> {
        if self.is_failed() {
            let statement = crate::syntax::parse_statement(ask.text)?;
            return match statement.body {
                crate::syntax::ast::StatementBody::Transaction(command) if command != TransactionCommand::Begin => {
                    Ok(Reply::Command(command))
                }
                _ => Err(failed()),
            };
        }
        self.step(|own, stage| own.ask(stage, ask))
    }

    fn fail(&mut self) {
        self.stage = Stage::Failed;
    }

    /// Goes from one stage to the next; if it panics on the way, the transaction has failed.
    fn step<T>(&mut self, step: impl FnOnce(&Self, Stage) -> (Stage, Result<T>)) -> Result<T> {
        let stage = std::mem::replace(&mut self.stage, Stage::Failed);
        let (stage, done) = step(self, stage);
        self.stage = stage;
        done
    }

    fn ask(&self, mut stage: Stage, ask: Ask<'_>) -> (Stage, Result<Reply>) {
        let Current { procedures, .. } = self.engine.shared.current();
        let version = match &stage {
            Stage::Reading { version, .. } => &**version,
            Stage::Writing(work) => &work.version,
            Stage::Failed => return (Stage::Failed, Err(failed())),
        };
        let plans = &self.engine.shared.cache;
        let read_only = self.engine.read_only || ask.how.read_only;
        let state = State { read_only, in_transaction: true, ..State::of(version, &procedures) };
        let outcome = run::read(ask, &state, plans);
        if let Ok(Outcome::Write(prepared)) = outcome {
            let (stage, rows) =
                self.write(stage, Some(ask.allowance), |work| run::write(ask, &prepared, work, &procedures, plans));
            return (stage, rows.map(Reply::Rows));
        }
        if let Stage::Reading { read, .. } = &mut stage {
            *read = true;
        }
        match outcome {
            Ok(Outcome::Read(rows)) => {
                let rows = rows.held_by(|| self.of_stage(&stage, procedures));
                (stage, Ok(Reply::Rows(rows)))
            }
            Ok(Outcome::Stream(of)) => {
                let Snapshot { version, .. } = self.of_stage(&stage, Arc::clone(&procedures));
                let job = Job { version, procedures, read_only, in_transaction: true, of };
                (stage, Ok(Reply::Stream(Box::new(job))))
            }
            Ok(Outcome::Transaction(command)) => (stage, Ok(Reply::Command(command))),
            Ok(Outcome::Terminated(rows)) => (Stage::Failed, Ok(Reply::Rows(rows))),
            Ok(Outcome::Write(_)) => (stage, Err(failed())), // done above
            Err(error) if self.lenient => (stage, Err(error)),
            Err(error) => (Stage::Failed, Err(error)),
        }
    }

    fn write<T>(
        &self,
        stage: Stage,
        allowance: Option<&Allowance>,
        write: impl FnOnce(&mut Work) -> Result<T>,
    ) -> (Stage, Result<T>) {
        let mut work = match stage {
            Stage::Writing(work) => work,
            Stage::Reading { version, read } => match self.first_write(&version, read, allowance) {
                Ok(work) => Box::new(work),
                Err(error) => return (Stage::Failed, Err(error)),
            },
            Stage::Failed => return (Stage::Failed, Err(failed())),
        };
        let before = self.lenient.then(|| (work.version.clone(), work.beside));
        match (write(&mut work), before) {
            (Ok(done), _) => (Stage::Writing(work), Ok(done)),
            (Err(error), Some(before)) => {
                (work.version, work.beside) = before;
                (Stage::Writing(work), Err(error))
            }
            (Err(error), None) => (Stage::Failed, Err(error)),
        }
    }

    /// Takes the right to write. Errors: `StoreBusy`; `TransactionConflict`.
    fn first_write(&self, version: &Version, read: bool, allowance: Option<&Allowance>) -> Result<Work> {
        let work = match allowance {
            Some(allowance) => self.engine.first_write(allowance)?,
            None => Work::begin(&self.engine.shared, self.engine.timeout, None)?,
        };
        if read && work.version.stamp != version.stamp {
            let message = "others have committed since this transaction began, and it has read what was before";
            return Err(Error::new(Class::TransactionError, Phase::Runtime, Code::TransactionConflict, message)
                .hint("roll back and run the transaction again: it will see what they committed"));
        }
        Ok(work)
    }
}

impl Snapshot {
    /// Runs one statement without parameters. Errors: also `ReadOnlyGraph` when it writes.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// assert!(!snapshot.run("MATCH (l:law) RETURN l")?.is_empty());
    /// assert!(snapshot.run("CREATE (:law)").is_err());
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
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// let rows = snapshot.query("MATCH (n:Entity {kind: $kind}) RETURN n.name AS name").param("kind", "code").rows()?;
    /// assert_eq!(rows.get(0).unwrap().get::<&str>("name")?, "Social Code");
    /// # Ok(())
    /// # }
    /// ```
    pub fn query<'s>(&'s self, text: &'s str) -> Statement<'s> {
        Statement::new(On::Snapshot(self), text)
    }

    /// The number of the commit: how many there were before it, in a store since it was made.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// let before = engine.snapshot()?.commit();
    /// engine.run("CREATE (:Law)")?;
    /// assert_eq!(engine.snapshot()?.commit(), before + 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn commit(&self) -> u64 {
        self.version.commit
    }

    /// The plan of a query just before and just after one rewrite, as EXPLAIN prints them.
    #[cfg(test)]
    pub(super) fn around_pass(&self, text: &str, pass: &str) -> Result<(String, String)> {
        super::prepare::around_pass(text, &State::of(&self.version, &self.procedures), pass)
    }

    pub(super) fn answer(&self, ask: Ask<'_>) -> Result<Answered> {
        let plans = &self.shared.cache;
        let state = State { read_only: true, ..State::of(&self.version, &self.procedures) };
        match run::read(ask, &state, plans)? {
            Outcome::Read(rows) => Ok(Answered::Rows(rows.held_by(|| self.clone()))),
            Outcome::Stream(of) => {
                let (version, procedures) = (Arc::clone(&self.version), Arc::clone(&self.procedures));
                Ok(Answered::Stream(Box::new(Job { version, procedures, read_only: true, in_transaction: false, of })))
            }
            _ => Err(state_of_snapshot()),
        }
    }
}

fn state_of_snapshot() -> Error {
    state("a snapshot has no transactions").hint("begin one on the engine or in a session")
}

fn state(message: &str) -> Error {
    Error::new(Class::TransactionError, Phase::Runtime, Code::TransactionState, message)
}

fn none_open() -> Error {
    state("no transaction is open").hint("BEGIN one first")
}

fn failed() -> Error {
    state("a statement of this transaction failed; only ROLLBACK is accepted")
}
