//! One file on disk: a columnar image of the graph and a log of what was committed since. `docs/store.md` draws it.
//!
//! ```text
//! open      image parts (on demand) + log replayed          ─► a knowledge graph and its position
//! follow    what others committed is replayed onto a copy     (a reader: no lock; a writer: after `begin`)
//! begin     write lock
//! commit    changes ─► one record ─► one SQLite transaction, durable when it returns
//! checkpoint  new image and empty log in one transaction
//! ```
//!
//! The store holds no graph: whoever uses it keeps versions, each with its [`Position`], and hands in the one that is meant.
//! A version that failed half way is dropped.
//!
//! Promises: what `commit` acknowledged is there after any crash; nothing half is ever seen; an I/O error fails the
//! commit and poisons the handle; damage is reported, never read over. One writer at a time, any number of readers, in
//! any number of processes.
//!
//! This module knows no query. It is the only one that knows SQLite.

mod beside;
mod care;
mod companions;
mod connect;
mod counters;
mod evidence_log;
#[cfg(test)]
mod evidence_tests;
mod file;
mod follow;
mod log;
mod parts;
mod repair;
#[cfg(test)]
mod repair_tests;
mod restore;
#[cfg(test)]
mod tests;
mod turns;
#[cfg(test)]
mod version_tests;

pub use care::Info;
pub(crate) use counters::Seen;
pub(crate) use file::{FORMAT, is_of_store, vacant};
pub(crate) use follow::{Follower, Position};
pub(crate) use repair::Salvage;
pub use restore::{Restored, restore};

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use rusqlite::{Connection, params};

use self::file::{Head, sqlite, store_error};
use self::parts::PartWriter;
use self::turns::Turns;
use crate::error::{Class, Code, Error, Phase, Result};
use crate::graph::{Change, image};
use crate::provenance::{self, KnowledgeGraph};

/// The part of the image that holds sources and vocabulary.
const BESIDE: &str = "beside";
/// The log may grow to this many bytes, or half the image if that is more, before a checkpoint.
const LOG_ROOM: u64 = 16 << 20;

/// How a store is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Reads and writes; the file is made when there is none. One that cannot be written is read, and refuses writes with the
    /// reason.
    ReadWrite,
    /// Reads; nothing is ever written, and nothing is left beside the file.
    ReadOnly,
}

/// How a transaction has changed evidence and vocabulary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Beside {
    /// Not, but for what is gone from the graph.
    #[default]
    Same,
    /// It has added to the evidence. Where that was recorded ([`Evidence::record_changes`]) the log has nothing else.
    ///
    /// [`Evidence::record_changes`]: crate::provenance::Evidence::record_changes
    Added,
    /// Anything.
    Whole,
}

/// A store just opened, with what it holds.
#[derive(Debug)]
pub(crate) struct Opened {
    /// What it holds.
    pub knowledge: KnowledgeGraph,
    /// Which commit that is.
    pub position: Position,
    /// The handle.
    pub store: Store,
}

/// A handle of a store file: what a writer needs.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    conn: Connection,
    registered: Arc<file::Registered>,
    /// Why nothing is written.
    unwritable: Option<Error>,
    /// Whether SQLite's log goes when the file is closed: not one that was there for those who only read.
    tidy: bool,
    /// The head as it was read when the write lock was taken.
    head: Head,
    /// SQLite's count of others' commits, as it was then.
    data_version: i64,
    writing: bool,
    turns: Turns,
    /// Whether this handle has written before.
    begun: bool,
    /// The file's time and length when it was last seen that it is the one whose head and log are read.
    stamp: Option<(SystemTime, u64)>,
    /// After a failed write only reopening helps: nobody knows what the disk holds.
    poisoned: Option<Error>,
}

impl Store {
    /// Opens a store, or makes an empty one (only for writing, and only where no file is).
    /// Errors: `StoreIo`, `StoreDamaged`, `StoreVersion`, `StoreBusy`.
    pub(crate) fn open(path: &Path, mode: Mode) -> Result<Opened> {
        if !file::recognise(path)? {
            if mode == Mode::ReadOnly {
                return Err(store_error(Code::StoreIo, format!("there is no store at {}", path.display())));
            }
            let made = Self::create(path, &KnowledgeGraph::default());
            if !file::recognise(path)? {
                made?; // somebody else may have made it at the same moment: then it is there now
            }
        }
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let registered = Arc::new(file::register(&path)?);
        let stamp = registered.in_place()?.and_then(|file| stamp(&file));
        let logged = std::fs::metadata(file::suffixed(&path, "-wal")).is_ok_and(|log| log.len() > 0);
        let (conn, unwritable) = match mode {
            Mode::ReadOnly => (connect::to_look(&path)?, Some(for_reading())),
            Mode::ReadWrite => match connect::to_write(&path) {
                Ok(conn) => (conn, None),
                // it can be read all the same
                Err(error) if error.code() == Code::ReadOnlyGraph => (connect::to_look(&path)?, Some(error)),
                Err(error) => return Err(error),
            },
        };
        let tidy = unwritable.is_none() || !logged;
        let (knowledge, position) = follow::take(&path, &registered)?;
        let head = Head::default();
        registered.note_log();
        let (data_version, writing, poisoned) = (0, false, None);
        let (begun, turns) = (false, Turns::default());
        let store = Self {
            path,
            conn,
            registered,
            unwritable,
            tidy,
            head,
            data_version,
            writing,
            turns,
            begun,
            stamp,
            poisoned,
        };
        Ok(Opened { knowledge, position, store })
    }

    /// Makes a store that holds this, whole and durable when it returns; an import's way, quicker than committing.
    /// Errors: `StoreIo` (also when a file is there).
    pub(crate) fn create(path: &Path, knowledge: &KnowledgeGraph) -> Result<()> {
        file::create(path, |conn, head| {
            *head = write_image(conn, *head, knowledge, false)?.head;
            Ok(())
        })
    }

    /// What statements ask before they begin.
    pub(crate) fn follower(&self) -> Follower {
        Follower::new(&self.path, &self.registered)
    }

    /// Takes the write lock, waiting at most so long for another process, or until `stop` is raised. [`Self::catch_up`] says
    /// what is written to then. Errors: `StoreBusy`, `ReadOnlyGraph`, and what an earlier failure was.
    pub(crate) fn begin(&mut self, timeout: Duration, stop: Option<&AtomicBool>) -> Result<()> {
        self.usable()?;
        if let Some(why) = &self.unwritable {
            return Err(why.clone());
        }
        if self.writing {
            return Ok(());
        }
        self.turns.let_others();
        // asked for often: a lock that its holder takes again at once is free for a moment only
        let started = Instant::now();
        let waits = || started.elapsed() < timeout && !stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
        self.conn.busy_timeout(Duration::ZERO).map_err(sqlite)?;
        let begun = loop {
            let begun = self.conn.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([]));
            match begun.map_err(sqlite) {
                Err(error) if error.code() == Code::StoreBusy && waits() => {
                    std::thread::sleep(Duration::from_millis(1).min(timeout));
                }
                begun => break begun,
            }
        };
        let restored = self.conn.busy_timeout(file::PATIENCE);
        begun?;
        self.writing = true;
        self.turns.begin();
        let looked = restored.map_err(sqlite).and_then(|()| {
            (self.data_version, self.head) = (follow::data_version(&self.conn)?, Head::read(&self.conn)?);
            self.in_place()
        });
        looked.inspect_err(|_| self.rollback())
    }

    /// Whether what is written now is in the file that was opened, under its name. Errors: `StoreReplaced`.
    fn in_place(&mut self) -> Result<()> {
        let Some(file) = self.registered.in_place()? else { return Ok(()) };
        let stamp = stamp(&file);
        if stamp != self.stamp
            && let Some(bare) = &self.registered.bare
        {
            if !companions::stands(&self.path, bare, &self.head)? {
                let message = format!("{} was written over while it was open", self.path.display());
                return Err(store_error(Code::StoreReplaced, message).hint("open it again"));
            }
            self.stamp = stamp;
        }
        Ok(())
    }

    /// What has been committed beyond this, replayed onto a copy; nothing when this is the last commit. Between `begin`
    /// and `commit`. Errors: `StoreDamaged`, `StoreIo`; then give the lock back.
    pub(crate) fn catch_up(&self, from: (&KnowledgeGraph, &Position)) -> Result<Option<(KnowledgeGraph, Position)>> {
        follow::catch_up(&self.conn, (&self.path, &self.registered), from)
    }

    /// Gives the write lock back; nothing was committed.
    pub(crate) fn rollback(&mut self) {
        self.turns.end();
        if std::mem::take(&mut self.writing)
            && let Err(error) = self.conn.prepare_cached("ROLLBACK").and_then(|mut rollback| rollback.execute([]))
        {
            self.poisoned.get_or_insert(sqlite(error));
        }
    }

    /// Makes the graph's changes since its last commit durable, commits the knowledge graph, and gives the write lock
    /// back. `changed`: whether evidence or vocabulary were changed otherwise than by what is gone from the graph.
    /// Errors: `StoreIo` and others: then nothing is committed (drop the version), and the handle takes no more writes.
    pub(crate) fn commit(&mut self, knowledge: &mut KnowledgeGraph, at: &mut Position, changed: Beside) -> Result<()> {
        self.usable()?;
        if !self.writing || at.seq != self.head.seq {
            return Err(store_error(Code::StoreIo, "nothing was begun"));
        }
        let graph = &knowledge.graph;
        let nothing_added = knowledge.evidence.changes().is_some_and(<[_]>::is_empty);
        let changed = if changed == Beside::Added && nothing_added { Beside::Same } else { changed };
        if graph.change_count() == 0 && changed == Beside::Same {
            self.rollback();
            knowledge.commit();
            return Ok(());
        }
        let moved = file::move_on(&self.path, &self.conn).inspect_err(|error| self.fail(error))?;
        // a program that knows only the old format must not read on
        let beside = match (changed, moved) {
            (Beside::Same, false) => log::Beside::Same,
            (Beside::Added, false) => match evidence_log::write(knowledge) {
                Some(added) => log::Beside::Added(added),
                None => log::Beside::Whole(beside::write(knowledge)),
            },
            _ => log::Beside::Whole(beside::write(knowledge)),
        };
        let record = log::encode(graph.names(), graph.changes(), &beside);
        if record.len() > MAX_RECORD {
            self.rollback();
            let message =
                format!("one transaction changes more than a record holds ({MAX_RECORD} bytes); nothing of it is kept");
            return Err(store_error(Code::StoreIo, message).hint("commit in smaller parts, or import into a new store"));
        }
        let first = self.is_first();
        match self.append(&record, first) {
            Ok(head) => {
                self.head = head;
                self.writing = false;
                self.turns.end();
                self.registered.note_commit(record.len() as u64);
                (at.seq, at.chain) = (head.seq, head.chain);
                // before it is acknowledged, the file says which copy it is now
                if first && let Err(error) = self.settle(at, true) {
                    self.note_failure(error);
                }
                if let Err(error) = self.registered.in_place() {
                    self.fail(&error);
                    return Err(error);
                }
                self.begun = true;
                knowledge.commit();
                Ok(())
            }
            Err(error) => {
                self.fail(&error);
                Err(error)
            }
        }
    }

    /// The counters of the file when they stand for the commit that was just made and no later one; right after it.
    pub(crate) fn seen(&self) -> Option<Seen> {
        let seen = self.registered.counters()?;
        // it does not count one's own commits: when it is as it was at `begin`, nobody else has committed before now
        let version = follow::data_version(&self.conn).ok()?;
        (version == self.data_version).then_some(seen)
    }

    /// Whether this is the first write of the handle, on a log in which nothing is.
    fn is_first(&self) -> bool {
        let log = std::fs::metadata(file::suffixed(&self.path, "-wal"));
        !self.begun && log.is_ok_and(|log| log.len() == 0)
    }

    /// The head that the next commit begins with. `first`: it makes the file another copy.
    fn next_head(&self, first: bool) -> Result<Head> {
        match first {
            true => self.head.of_another_copy(&self.conn),
            false => Ok(Head { before: self.head.copy, ..self.head }),
        }
    }

    fn append(&self, record: &[u8], first: bool) -> Result<Head> {
        let mut head = self.next_head(first)?;
        head.seq += 1;
        head.chain = head.link(self.head.chain, head.seq, record);
        head.log_bytes += record.len() as u64;
        let mut insert =
            self.conn.prepare_cached("INSERT INTO log (seq, chain, data) VALUES (?, ?, ?)").map_err(sqlite)?;
        insert.execute(params![head.seq as i64, head.chain, record]).map_err(sqlite)?;
        head.write(&self.conn)?;
        self.conn.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([])).map_err(sqlite)?;
        Ok(head)
    }

    /// After an acknowledged commit, which others may see already: writes a new image when the log is long, or when an
    /// index that was just made is large enough to have its order in one. Returns the same graph as the new image has
    /// it. What fails here does not undo the commit; it is told at the next begin.
    pub(crate) fn maintain(
        &mut self,
        last: (&KnowledgeGraph, &Position),
        indexed: bool,
    ) -> Option<(KnowledgeGraph, Position)> {
        let long = self.head.log_bytes > LOG_ROOM.max(self.head.image_bytes / 2);
        let due = long || (indexed && image::is_behind(&last.0.graph));
        if !due {
            return None;
        }
        match self.checkpoint(last) {
            Ok(written) => Some(written),
            Err(error) => {
                self.note_failure(error);
                None
            }
        }
    }

    /// Whether a transaction that changed this has made an index.
    pub(crate) fn has_indexed(knowledge: &KnowledgeGraph) -> bool {
        knowledge.graph.changes().any(|change| matches!(change, Change::IndexCreated(_)))
    }

    /// Moves SQLite's log into the file when it is due, as far as other readers let it; waits for nobody. `last` is where
    /// the last version stands, and no version before it that nobody holds may be kept by whoever calls this.
    pub(crate) fn settle_when_due(&mut self, last: &Position) {
        if self.registered.is_due()
            && let Err(error) = self.settle(last, false)
        {
            self.note_failure(error);
        }
    }

    /// The same now; `whole`: SQLite's log is made empty where nobody reads it.
    pub(crate) fn settle(&mut self, last: &Position, whole: bool) -> Result<()> {
        self.registered.settled();
        self.registered.in_place()?;
        let conn = &self.conn;
        conn.busy_timeout(Duration::ZERO).map_err(sqlite)?;
        // best effort: whoever holds it back, the next one will do it
        let move_in = |how: &str| drop(conn.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(())));
        let done = last.renew().and_then(|_| {
            move_in("PASSIVE");
            last.renew()?;
            if whole {
                move_in("TRUNCATE");
            }
            Ok(())
        });
        conn.busy_timeout(file::PATIENCE).map_err(sqlite)?;
        done
    }

    /// Writes a new image of the last commit and empties the log, in one transaction; between transactions. Parts that
    /// have not changed since the image there was written stay. Returns the same graph as the new image has it (and with
    /// what others have committed meanwhile).
    pub(crate) fn checkpoint(&mut self, last: (&KnowledgeGraph, &Position)) -> Result<(KnowledgeGraph, Position)> {
        self.begin(file::PATIENCE, None)?;
        let (mut knowledge, mut at) = match self.catch_up(last) {
            Ok(Some(newer)) => newer,
            Ok(None) => (last.0.clone(), last.1.clone()),
            Err(error) => {
                self.rollback();
                return Err(error);
            }
        };
        file::move_on(&self.path, &self.conn).inspect_err(|error| self.fail(error))?;
        let keep = at.base == Some(self.head.image());
        match self.write_over(&knowledge, &at, keep) {
            Ok(Written { head, facts, evidence_stays }) => {
                (self.writing, self.head, self.begun) = (false, head, true);
                let evidence = Arc::make_mut(&mut knowledge.evidence);
                match evidence_stays {
                    true => evidence.note_stored(),
                    false => evidence.detach(),
                }
                // without facts the slots in memory are not those of the image: it has nothing more to load
                at.wrote(facts.is_some().then(|| head.image()), keep);
                facts.into_iter().for_each(|facts| image::note_written(&mut knowledge.graph, facts));
                Ok((knowledge, at))
            }
            Err(error) => {
                self.fail(&error);
                Err(error)
            }
        }
    }

    fn write_over(&self, knowledge: &KnowledgeGraph, at: &Position, keep: bool) -> Result<Written> {
        if !keep {
            knowledge.load_everything()?;
        }
        let head = self.next_head(self.is_first())?;
        let head = Head { image_seq: at.seq, image_chain: at.chain, log_bytes: 0, ..head };
        let written = write_image(&self.conn, head, knowledge, keep)?;
        self.conn.execute_batch("DELETE FROM log").map_err(sqlite)?;
        written.head.write(&self.conn)?;
        self.conn.execute_batch("COMMIT").map_err(sqlite)?;
        Ok(written)
    }

    /// Closes the file although graphs that were opened with it stay. What has not been read of it by now is gone.
    /// The snapshot goes first: only the last connection to a file can move SQLite's log into it.
    pub(crate) fn close(self, last: &Position) {
        last.unpin();
    }

    fn usable(&self) -> Result<()> {
        match &self.poisoned {
            None => Ok(()),
            Some(error) => Err(store_error(error.code(), format!("an earlier write failed: {}", error.message()))
                .hint("nothing acknowledged is lost; open the store again")),
        }
    }

    fn fail(&mut self, error: &Error) {
        self.writing = false;
        let _ = self.conn.execute_batch("ROLLBACK"); // whether or not SQLite has done it by itself
        self.poisoned = Some(error.clone());
    }

    /// Of what was done for the file's sake after a commit.
    fn note_failure(&mut self, error: Error) {
        if error.code() != Code::StoreBusy {
            self.poisoned.get_or_insert(error);
        }
    }
}

/// What changes when a file is written to.
fn stamp(file: &Metadata) -> Option<(SystemTime, u64)> {
    file.modified().ok().map(|time| (time, file.len()))
}

fn for_reading() -> Error {
    let message = "the store is open for reading only";
    Error::new(Class::ReadOnly, Phase::Runtime, Code::ReadOnlyGraph, message)
}

impl Drop for Store {
    fn drop(&mut self) {
        let stands = match (self.registered.in_place(), &self.registered.bare) {
            (Err(_), _) => false,
            (Ok(Some(file)), Some(bare)) if stamp(&file) != self.stamp => companions::verify(&self.path, bare).is_ok(),
            _ => true,
        };
        if self.tidy && stands {
            connect::last_words(&self.conn);
        }
        self.registered.close();
    }
}

/// A record must fit a blob.
const MAX_RECORD: usize = if cfg!(test) { 4 << 20 } else { 900_000_000 };

/// An image as it was written.
struct Written {
    head: Head,
    /// Nothing: the slots of the graph in memory are not those of the image.
    facts: Option<image::Facts>,
    /// Whether ids and slots of the evidence in memory are those of the image.
    evidence_stays: bool,
}

fn write_image(conn: &Connection, head: Head, knowledge: &KnowledgeGraph, keep: bool) -> Result<Written> {
    let mut writer = PartWriter::new(conn, head)?;
    let mut sink = |name: &str, bytes: Option<Vec<u8>>| match bytes {
        Some(bytes) => writer.put(name, &bytes),
        None => writer.keep(name),
    };
    let (facts, placed) = image::write(&knowledge.graph, keep, &mut sink)?;
    let evidence_stays = provenance::image::write(&knowledge.evidence, &placed, keep, &mut sink)?;
    sink(BESIDE, Some(beside::write_in_image(knowledge)))?;
    Ok(Written { head: writer.finish()?, facts, evidence_stays })
}
