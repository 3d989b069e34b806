//! Answers that are handed over while they are made.
//!
//! ```text
//!   a thread of its own: version ─► exec ─► batch ─► looked up ─┐  at most AHEAD of them wait
//!   whoever asked:       Record ◄─ Record ◄─ … ◄───────────────┘  gone: the thread stops
//! ```
//!
//! The thread holds the version it reads, so that nothing it hands over is of another one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Builder;

use super::run::{self, Streaming};
use super::version::{Procedures, State, Version};
use super::{Changes, PlanTree, Record, Rows, Warning};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::exec::Allowance;

/// How many batches may wait to be taken.
const AHEAD: usize = 2;

/// A statement that reads, with all it takes to run it on another thread.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) version: Arc<Version>,
    pub(super) procedures: Arc<Procedures>,
    pub(super) read_only: bool,
    pub(super) in_transaction: bool,
    pub(super) of: Streaming,
}

/// What the thread hands over.
enum Part {
    Rows(Rows),
    /// There are no more rows; what is known of the whole answer.
    End(Rows),
    Failed(Error),
}

/// An answer whose rows come as they are made: an iterator of [`Record`]s. However long the answer, only a few thousand
/// rows are in memory at once. A statement that fails late has given the rows before; the error is the last item.
/// Dropping the stream stops the statement.
///
/// It reads the version that was the last one when it began, whatever is written meanwhile. The rows of a statement that
/// writes come when it is done and committed.
///
/// ```
/// use shejire::Engine;
///
/// # fn main() -> shejire::Result<()> {
/// let mut sum = 0;
/// for record in Engine::in_memory().query("UNWIND range(1, 100000) AS n RETURN n").stream()? {
///     sum += record?.get::<i64>("n")?;
/// }
/// assert_eq!(sum, 5_000_050_000);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Stream {
    columns: Arc<[Arc<str>]>,
    cited: bool,
    /// Nothing when there is nothing more to come.
    from: Option<Receiver<Part>>,
    unwanted: Arc<AtomicBool>,
    /// What is being handed on, and how far.
    batch: Arc<Rows>,
    at: usize,
    /// How many rows have come.
    come: usize,
    /// What is known of the whole answer.
    end: Option<Rows>,
}

impl Stream {
    /// Of an answer that is there as a whole.
    pub(super) fn of(rows: Rows) -> Self {
        let Rows { changes, warnings, plan, .. } = rows;
        let (columns, cited) = (Arc::clone(&rows.columns), rows.citations.is_some());
        let end = Rows { columns: Arc::clone(&columns), changes, warnings, plan, ..Rows::default() };
        let batch = Rows { changes: Changes::default(), warnings: Vec::new(), plan: None, ..rows };
        Self {
            columns,
            cited,
            from: None,
            unwanted: Arc::default(),
            batch: Arc::new(batch),
            at: 0,
            come: 0,
            end: Some(end),
        }
    }

    /// Begins the work. Errors: the system gives no thread.
    pub(super) fn start(job: Job, text: &str, allowance: Allowance) -> Result<Self> {
        let (send, from) = sync_channel(AHEAD);
        let unwanted = Arc::<AtomicBool>::default();
        let (columns, cited) = job.of.shape();
        let (stop, text) = (Arc::clone(&unwanted), text.to_owned());
        let stack = run::stack_for(&text);
        let work = move || job.work(&text, &allowance, stop, &send);
        let begun = Builder::new().name("shejire stream".to_owned()).stack_size(stack).spawn(work);
        begun.map_err(|error| {
            let message = format!("the system gives no thread for this statement: {error}");
            Error::new(Class::LimitExceeded, Phase::Runtime, Code::Memory, message)
        })?;
        Ok(Self { columns, cited, from: Some(from), unwanted, batch: Arc::default(), at: 0, come: 0, end: None })
    }

    /// The names of the columns, in order.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let stream = shejire::Engine::in_memory().query("UNWIND range(1, 3000) AS n RETURN n").stream()?;
    /// assert_eq!(&*stream.columns()[0], "n");
    /// # Ok(())
    /// # }
    /// ```
    pub fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    /// Whether rows carry citations.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let stream = shejire::Engine::builtin()?.query("MATCH (l:law) RETURN l").cite().stream()?;
    /// assert!(stream.is_cited());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_cited(&self) -> bool {
        self.cited
    }

    /// What the statement changed; known when the last row has been taken.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut stream = shejire::Engine::in_memory().query("UNWIND [1, 2] AS n CREATE (l:Law {number: n}) RETURN l").stream()?;
    /// assert_eq!(stream.by_ref().count(), 2);
    /// assert_eq!(stream.changes().nodes_created, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn changes(&self) -> Changes {
        self.end.as_ref().map_or_else(Changes::default, Rows::changes)
    }

    /// What the reader should know although the statement ran; known when the last row has been taken.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut stream = shejire::Engine::builtin()?.query("MATCH (l:lwa) RETURN l").stream()?;
    /// assert_eq!(stream.by_ref().count(), 0);
    /// assert_eq!(stream.warnings().len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn warnings(&self) -> &[Warning] {
        self.end.as_ref().map_or(&[], Rows::warnings)
    }

    /// The plan, after EXPLAIN and PROFILE; known when the last row has been taken.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut stream = shejire::Engine::builtin()?.query("PROFILE MATCH (l:law) RETURN l").stream()?;
    /// let rows = stream.by_ref().count();
    /// assert_eq!(stream.plan().unwrap().root().rows(), Some(rows as u64));
    /// # Ok(())
    /// # }
    /// ```
    pub fn plan(&self) -> Option<&PlanTree> {
        self.end.as_ref()?.plan()
    }

    /// The next rows, as many as were made at once, in the place of taking them one by one; nothing at the end.
    /// Errors: that of the statement, after which there is nothing more.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut stream = shejire::Engine::in_memory().query("UNWIND range(1, 3000) AS n RETURN n").stream()?;
    /// let mut rows = 0;
    /// while let Some(batch) = stream.next_batch()? {
    ///     rows += batch.len();
    /// }
    /// assert_eq!(rows, 3000);
    /// # Ok(())
    /// # }
    /// ```
    pub fn next_batch(&mut self) -> Result<Option<Rows>> {
        if self.at >= self.batch.len() && !self.refill()? {
            return Ok(None);
        }
        let batch = std::mem::take(&mut self.batch);
        let at = std::mem::take(&mut self.at);
        Ok(Some(match Arc::try_unwrap(batch) {
            Ok(whole) if at == 0 => whole,
            Ok(some) => some.starting_at(at),
            Err(shared) => shared.starting_at(at),
        }))
    }

    /// Takes the next batch that is not empty; whether there is one.
    fn refill(&mut self) -> Result<bool> {
        while let Some(from) = &self.from {
            match from.recv() {
                Ok(Part::Rows(mut rows)) => {
                    rows.before = self.come;
                    self.come += rows.len();
                    (self.batch, self.at) = (Arc::new(rows), 0);
                    if !self.batch.is_empty() {
                        return Ok(true);
                    }
                }
                Ok(Part::End(end)) => {
                    self.from = None;
                    self.end = Some(end);
                }
                Ok(Part::Failed(error)) => {
                    self.from = None;
                    return Err(error);
                }
                // the system has ended the thread: the answer is not whole
                Err(_) => {
                    self.from = None;
                    let message = "the thread that made the rows is gone";
                    return Err(Error::new(Class::InternalError, Phase::Runtime, Code::Internal, message));
                }
            }
        }
        Ok(false)
    }
}

impl Iterator for Stream {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.batch.len() {
            match self.refill() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
        self.at += 1;
        Some(Ok(Record::new(&self.batch, self.at - 1)))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.unwanted.store(true, Ordering::Relaxed);
    }
}

impl Job {
    fn work(&self, text: &str, allowance: &Allowance, stop: Arc<AtomicBool>, send: &SyncSender<Part>) {
        let Self { version, procedures, read_only, in_transaction, of } = self;
        let state = State { read_only: *read_only, in_transaction: *in_transaction, ..State::of(version, procedures) };
        let handed = |rows| {
            send.send(Part::Rows(rows)).map_err(|_| {
                Error::new(Class::Cancelled, Phase::Runtime, Code::Cancelled, "nobody takes the rows any more")
            })
        };
        let end = run::contained(|| run::stream(of, &state, text, (allowance, stop), handed));
        // whether somebody takes it is no matter
        let _ = send.send(end.map_or_else(Part::Failed, Part::End));
    }
}
