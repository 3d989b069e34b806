//! One file on disk: a columnar image of the graph and a log of what was committed since. `docs/store.md` draws it.
//!
//! ```text
//! open      image parts (on demand) + log replayed          ─► graph, evidence, vocabulary
//! begin     write lock; what others committed is replayed
//! commit    changes ─► one record ─► one SQLite transaction, durable when it returns
//! checkpoint  new image and empty log in one transaction
//! ```
//!
//! Promises: what `commit` acknowledged is there after any crash; nothing half is ever seen; an I/O error fails the
//! commit and poisons the handle; damage is reported, never read over. One writer at a time, any number of readers, in
//! any number of processes.
//!
//! This module knows no query. It is the only one that knows SQLite.

mod beside;
mod care;
mod counters;
mod file;
mod log;
mod parts;
mod repair;
#[cfg(test)]
mod repair_tests;
#[cfg(test)]
mod tests;

pub use care::Info;
pub use repair::Salvage;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, params};

use self::file::{Head, damage_or, damaged, sqlite, store_error};
use self::parts::{PartWriter, Parts};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::graph::{Change, Graph, image};
use crate::provenance::{Evidence, Vocabulary};

/// The part of the image that holds evidence and vocabulary.
const BESIDE: &str = "beside";
/// The log may grow to this many bytes, or half the image if that is more, before a checkpoint.
const LOG_ROOM: u64 = 16 << 20;
/// After this many commits, or bytes of records, SQLite's log is moved into the file.
const SETTLED_COMMITS: u64 = if cfg!(test) { 10 } else { 1000 };
const SETTLED_BYTES: u64 = 4 << 20;

/// How a store is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Reads and writes; the file is made when there is none.
    ReadWrite,
    /// Reads; nothing is ever written.
    ReadOnly,
}

/// What a store keeps, borrowed from whoever holds it.
#[derive(Debug)]
pub struct Contents<'a> {
    /// The graph.
    pub graph: &'a mut Graph,
    /// The evidence for it.
    pub evidence: &'a mut Evidence,
    /// What is declared of its relationship types.
    pub vocabulary: &'a mut Vocabulary,
}

/// A store just opened, with what it holds.
#[derive(Debug)]
pub struct Opened {
    /// The handle.
    pub store: Store,
    /// The graph.
    pub graph: Graph,
    /// The evidence for it.
    pub evidence: Evidence,
    /// What is declared of its relationship types.
    pub vocabulary: Vocabulary,
}

/// A handle of a store file.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    /// Closed before `conn`, which as the last connection can move SQLite's log into the file.
    parts: Arc<Parts>,
    conn: Connection,
    registered: Arc<file::Registered>,
    mode: Mode,
    /// What this process has replayed up to.
    head: Head,
    /// The image whose slots this process's graph has, so that a new one may keep parts of it.
    base: Option<(u64, u32)>,
    data_version: Option<i64>,
    /// The counters before this process last looked at what others committed.
    seen: Option<counters::Seen>,
    writing: bool,
    /// Commits, by anybody, and bytes of their records since SQLite's log was last moved into the file.
    unsettled: (u64, u64),
    /// After a failed write only reopening helps: nobody knows what the disk holds.
    poisoned: Option<Error>,
}

impl Store {
    /// Opens a store, or makes an empty one (only for writing, and only where no file is).
    /// Errors: `StoreIo`, `StoreDamaged`, `StoreVersion`, `StoreBusy`.
    pub fn open(path: &Path, mode: Mode) -> Result<Opened> {
        if !file::recognise(path)? {
            if mode == Mode::ReadOnly {
                return Err(store_error(Code::StoreIo, format!("there is no store at {}", path.display())));
            }
            let made = Self::create(path, &Graph::new(), &Evidence::default(), &Vocabulary::default());
            if !file::recognise(path)? {
                made?; // somebody else may have made it at the same moment: then it is there now
            }
        }
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let registered = Arc::new(file::register(&path)?);
        let conn = match mode {
            Mode::ReadWrite => file::connect(&path)?,
            Mode::ReadOnly => file::connect_to_read(&path)?,
        };
        let (head, parts, graph) = Self::snapshot(&path, &registered)?;
        let base = Some(head.image());
        let left = std::fs::metadata(file::suffixed(&path, "-wal")).map_or(0, |log| log.len());
        let (data_version, seen, writing, unsettled, poisoned) = (None, None, false, (0, left), None);
        let store =
            Self { path, conn, registered, mode, head, parts, base, data_version, seen, writing, unsettled, poisoned };
        let mut opened = Opened { store, graph, evidence: Evidence::default(), vocabulary: Vocabulary::default() };
        let mut contents =
            Contents { graph: &mut opened.graph, evidence: &mut opened.evidence, vocabulary: &mut opened.vocabulary };
        Self::read_beside(&opened.store.parts, &mut contents)?;
        opened.store.refresh(&mut contents)?;
        contents.graph.record_changes(mode == Mode::ReadWrite);
        Ok(opened)
    }

    /// Makes a store that holds this, whole and durable when it returns; an import's way, quicker than committing.
    /// Errors: `StoreIo` (also when a file is there).
    pub fn create(path: &Path, graph: &Graph, evidence: &Evidence, vocabulary: &Vocabulary) -> Result<()> {
        file::create(path, |conn, head| {
            (*head, _) = write_image(conn, *head, (graph, evidence, vocabulary), false)?;
            Ok(())
        })
    }

    /// The image at this moment, through a connection of its own.
    fn snapshot(path: &Path, registered: &Arc<file::Registered>) -> Result<(Head, Arc<Parts>, Graph)> {
        let conn = file::connect_to_read(path)?;
        conn.execute_batch("BEGIN").map_err(sqlite)?;
        let mut head = Head::read(&conn)?;
        let parts = Arc::new(Parts::new(conn, head, Arc::clone(registered))?);
        let graph = image::open(Arc::clone(&parts) as Arc<dyn image::PartSource>)?;
        (head.seq, head.chain) = (head.image_seq, head.image_chain);
        Ok((head, parts, graph))
    }

    fn read_beside(parts: &Parts, contents: &mut Contents<'_>) -> Result<()> {
        use image::PartSource as _;
        let bytes = parts.part(BESIDE)?.ok_or_else(|| image::damaged(BESIDE))?;
        beside::read(&bytes, contents).map_err(|_| image::damaged(BESIDE))
    }

    /// Brings the contents up to what other processes committed. Call it before reading, outside a transaction; it
    /// costs less than a microsecond when nothing happened. Returns whether anything changed.
    pub fn refresh(&mut self, contents: &mut Contents<'_>) -> Result<bool> {
        if self.writing {
            return Ok(false);
        }
        let now = self.registered.counters();
        if now.is_some() && now == self.seen {
            return Ok(false);
        }
        let version = self.conn.prepare_cached("PRAGMA data_version").and_then(|mut s| s.query_row([], |r| r.get(0)));
        let version: i64 = version.map_err(sqlite)?;
        if self.data_version == Some(version) {
            self.seen = now;
            return Ok(false);
        }
        self.conn.execute_batch("BEGIN").map_err(sqlite)?;
        let caught_up = self.catch_up(contents);
        let ended = self.conn.execute_batch("ROLLBACK").map_err(sqlite);
        let changed = caught_up?;
        ended?;
        (self.data_version, self.seen) = (Some(version), now);
        let base = self.base;
        self.settle_when_due(contents)?;
        Ok(changed || self.base != base) // taken anew, the graph has other handles
    }

    /// Replays what the file holds beyond what this process knows; inside a transaction.
    fn catch_up(&mut self, contents: &mut Contents<'_>) -> Result<bool> {
        let head = Head::read(&self.conn)?;
        if head.store != self.head.store {
            return Err(damaged(&self.path.display().to_string(), "another store has taken its place; open it again"));
        }
        if head.seq == self.head.seq {
            if head.chain != self.head.chain {
                return Err(damaged("log", "its last record is not the one this process knows"));
            }
            self.head = head; // another process may have written an image of this very commit
            return Ok(false);
        }
        if head.seq < self.head.seq {
            return Err(damaged("log", "commits that this process has seen are gone"));
        }
        if head.image_seq > self.head.seq {
            self.reload(contents)?;
        }
        let recording = contents.graph.is_recording();
        contents.graph.record_changes(false);
        let replayed = self.replay(&head, contents);
        contents.graph.record_changes(recording);
        if let Err(error) = replayed {
            self.poisoned = Some(error.clone());
            return Err(error);
        }
        self.head = head;
        Ok(true)
    }

    fn replay(&mut self, head: &Head, contents: &mut Contents<'_>) -> Result<()> {
        let sql = "SELECT seq, chain, data FROM log WHERE seq > ? AND seq < ? ORDER BY seq";
        let mut statement = self.conn.prepare_cached(sql).map_err(damage_or)?;
        let mut rows = statement.query([self.head.seq as i64, file::HEAD]).map_err(damage_or)?;
        while let Some(row) = rows.next().map_err(damage_or)? {
            let seq = row.get::<_, i64>(0).map_err(damage_or)? as u64;
            let chain: u32 = row.get(1).map_err(damage_or)?;
            let data = row.get_ref(2).and_then(|data| Ok(data.as_blob()?)).map_err(damage_or)?;
            if seq != self.head.seq + 1 || seq > head.seq || chain != head.link(self.head.chain, seq, data) {
                return Err(damaged("log", &format!("record {seq} does not fit its checksum")));
            }
            log::replay(seq, data, contents)?;
            (self.head.seq, self.head.chain) = (seq, chain);
            self.unsettled.0 += 1;
            self.unsettled.1 += data.len() as u64;
        }
        match (self.head.seq, self.head.chain) == (head.seq, head.chain) {
            true => Ok(()),
            false => Err(damaged("log", "its last records are missing")),
        }
    }

    /// Takes the image anew: another process wrote a later one than this process has replayed up to.
    fn reload(&mut self, contents: &mut Contents<'_>) -> Result<()> {
        let recording = contents.graph.is_recording();
        let (head, parts, mut graph) = Self::snapshot(&self.path, &self.registered)?;
        graph.record_changes(recording);
        (self.base, self.data_version, self.seen, self.unsettled) = (Some(head.image()), None, None, (0, 0));
        (self.head, self.parts) = (head, parts);
        *contents.graph = graph;
        Self::read_beside(&self.parts, contents)
    }

    /// Takes the write lock (waiting for another process some seconds) and brings the contents up to date. Call it
    /// before the first write of a transaction. Errors: `StoreBusy`, `ReadOnlyGraph`, and what an earlier failure was.
    pub fn begin(&mut self, contents: &mut Contents<'_>) -> Result<()> {
        self.usable()?;
        if self.mode == Mode::ReadOnly {
            let message = "the store is open for reading only";
            return Err(Error::new(Class::ReadOnly, Phase::Runtime, Code::ReadOnlyGraph, message));
        }
        if self.writing {
            return Ok(());
        }
        self.conn.execute_batch("BEGIN IMMEDIATE").map_err(sqlite)?;
        match self.catch_up(contents) {
            Ok(_) => {
                self.writing = true;
                Ok(())
            }
            Err(error) => {
                let _ = self.conn.execute_batch("ROLLBACK"); // nothing was written
                Err(error)
            }
        }
    }

    /// Gives the write lock back; nothing was committed. The graph is rolled back by whoever holds it.
    pub fn rollback(&mut self) {
        if std::mem::take(&mut self.writing)
            && let Err(error) = self.conn.execute_batch("ROLLBACK")
        {
            self.poisoned.get_or_insert(sqlite(error));
        }
    }

    /// Makes the graph's changes since its last commit durable, commits the graph, takes from the evidence what stood
    /// behind what is gone, and gives the write lock back. `beside_changed`: evidence or vocabulary were changed otherwise.
    /// Errors: `StoreIo` and others: then nothing is committed, the graph is as before (roll it back), and the handle
    /// takes no more writes.
    pub fn commit(&mut self, contents: &mut Contents<'_>, beside_changed: bool) -> Result<()> {
        self.usable()?;
        if !self.writing {
            return Err(store_error(Code::StoreIo, "nothing was begun"));
        }
        if contents.graph.changes().is_empty() && !beside_changed {
            self.rollback();
            purge(contents, false);
            return Ok(());
        }
        let moved = file::move_on(&self.path, &self.conn).inspect_err(|error| self.fail(error))?;
        // a program that knows only the old format must not read on
        let beside_changed = beside_changed || moved;
        let indexed = contents.graph.changes().iter().any(|change| matches!(change, Change::IndexCreated { .. }));
        let beside = beside_changed.then(|| beside::write(contents.graph, contents.evidence, contents.vocabulary));
        let record = log::encode(contents.graph.names(), contents.graph.changes(), beside.as_deref());
        match self.append(&record) {
            Ok(head) => {
                self.head = head;
                self.writing = false;
                self.unsettled.0 += 1;
                self.unsettled.1 += record.len() as u64;
                purge(contents, false);
            }
            Err(error) => {
                self.fail(&error);
                return Err(error);
            }
        }
        self.maintain(contents, indexed);
        Ok(())
    }

    fn append(&self, record: &[u8]) -> Result<Head> {
        let mut head = self.head;
        head.seq += 1;
        head.chain = head.link(self.head.chain, head.seq, record);
        head.log_bytes += record.len() as u64;
        if record.len() > MAX_RECORD {
            return Err(store_error(Code::StoreIo, "one transaction changes more than a record holds (900 MB)")
                .hint("commit in smaller parts, or import"));
        }
        let mut insert =
            self.conn.prepare_cached("INSERT INTO log (seq, chain, data) VALUES (?, ?, ?)").map_err(sqlite)?;
        insert.execute(params![head.seq as i64, head.chain, record]).map_err(sqlite)?;
        head.write(&self.conn)?;
        self.conn.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([])).map_err(sqlite)?;
        Ok(head)
    }

    /// After an acknowledged commit: writes a new image when the log is long, or when an index is large enough to have
    /// its order in one. What fails here does not undo the commit; it is told at the next begin.
    fn maintain(&mut self, contents: &mut Contents<'_>, indexed: bool) {
        let long = self.head.log_bytes > LOG_ROOM.max(self.head.image_bytes / 2);
        let done = match long || (indexed && image::is_behind(contents.graph)) {
            true => self.checkpoint(contents),
            false => self.settle_when_due(contents),
        };
        if let Err(error) = done
            && error.code() != Code::StoreBusy
        {
            self.poisoned = Some(error);
        }
    }

    fn settle_when_due(&mut self, contents: &mut Contents<'_>) -> Result<()> {
        match self.unsettled.0 >= SETTLED_COMMITS || self.unsettled.1 >= SETTLED_BYTES {
            true => self.settle(contents, "PASSIVE"),
            false => Ok(()),
        }
    }

    /// Moves SQLite's log into the file, as far as other readers let it; waits for nobody.
    fn settle(&mut self, contents: &mut Contents<'_>, how: &str) -> Result<()> {
        self.unsettled = (0, 0);
        let conn = &self.conn;
        let same = self.parts.renew((self.head.store, self.base), || {
            let _ = conn.busy_timeout(Duration::ZERO);
            // best effort: whoever holds it back, the next one will do it
            let _ = conn.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(()));
            let _ = conn.busy_timeout(file::PATIENCE);
        })?;
        match same {
            true => Ok(()),
            false => self.reload(contents),
        }
    }

    /// Writes a new image and empties the log, in one transaction; between transactions. Parts that have not changed
    /// since the image there was written stay.
    pub fn checkpoint(&mut self, contents: &mut Contents<'_>) -> Result<()> {
        self.begin(contents)?;
        file::move_on(&self.path, &self.conn).inspect_err(|error| self.fail(error))?;
        let keep = self.base == Some(self.head.image());
        let written = self.write_over(contents, keep);
        match written {
            Ok((head, facts)) => {
                (self.writing, self.head) = (false, head);
                self.base = facts.is_some().then(|| head.image());
                match facts {
                    Some(facts) if keep => image::note_written(contents.graph, facts),
                    // all that was not in memory before is there now, or has other slots than in the new image
                    facts => {
                        facts.into_iter().for_each(|facts| image::note_written(contents.graph, facts));
                        self.parts.unpin();
                    }
                }
                self.settle(contents, "TRUNCATE")
            }
            Err(error) => {
                self.fail(&error);
                Err(error)
            }
        }
    }

    fn write_over(&self, contents: &Contents<'_>, keep: bool) -> Result<(Head, Option<image::Facts>)> {
        if !keep {
            contents.graph.load_everything()?;
        }
        let head = Head { image_seq: self.head.seq, image_chain: self.head.chain, log_bytes: 0, ..self.head };
        let beside = (&*contents.graph, &*contents.evidence, &*contents.vocabulary);
        let (head, facts) = write_image(&self.conn, head, beside, keep)?;
        self.conn.execute_batch("DELETE FROM log").map_err(sqlite)?;
        head.write(&self.conn)?;
        self.conn.execute_batch("COMMIT").map_err(sqlite)?;
        Ok((head, facts))
    }

    /// Closes the file although the graph that was opened with it stays. What has not been read of it by now is gone.
    /// The snapshot goes first: only the last connection to a file can move SQLite's log into it.
    pub fn close(self) {
        self.parts.unpin();
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a transaction holds the write lock.
    pub fn is_writing(&self) -> bool {
        self.writing
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
}

/// A record must fit a blob.
const MAX_RECORD: usize = 900_000_000;

fn write_image(
    conn: &Connection,
    head: Head,
    (graph, evidence, vocabulary): (&Graph, &Evidence, &Vocabulary),
    keep: bool,
) -> Result<(Head, Option<image::Facts>)> {
    let mut writer = PartWriter::new(conn, head)?;
    let facts = image::write(graph, keep, &mut |name, bytes| match bytes {
        Some(bytes) => writer.put(name, &bytes),
        None => writer.keep(name),
    })?;
    writer.put(BESIDE, &beside::write(graph, evidence, vocabulary))?;
    Ok((writer.finish()?, facts))
}

/// Commits the graph and takes from the evidence what stood behind what is gone. `replayed`: a log says what was done,
/// nobody has verified it.
fn purge(contents: &mut Contents<'_>, replayed: bool) {
    let gone = if replayed { contents.graph.commit_replayed() } else { contents.graph.commit() };
    for rel in gone.purged_rels {
        contents.evidence.take_rel(rel);
        contents.vocabulary.conflicts.retain(|conflict| conflict.sides.iter().all(|side| side.rel != rel));
    }
    for node in gone.purged_nodes {
        contents.evidence.take_node(node);
    }
}
