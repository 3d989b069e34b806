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
mod file;
mod log;
mod parts;
#[cfg(test)]
mod tests;

pub use care::Info;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, params};

use self::file::{Head, damage_or, damaged, sqlite, store_error};
use self::parts::{PartWriter, Parts};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::graph::{Graph, image};
use crate::provenance::{Evidence, Vocabulary};

/// The part of the image that holds evidence and vocabulary.
const BESIDE: &str = "beside";
/// The log may grow to this many bytes, or half the image if that is more, before a checkpoint.
const LOG_ROOM: u64 = 16 << 20;
/// After this many commits a writer lets the snapshot of a large image go.
const PINNED_COMMITS: u64 = 256;

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
    conn: Connection,
    registered: Arc<file::Registered>,
    mode: Mode,
    /// What this process has replayed up to.
    head: Head,
    parts: Arc<Parts>,
    data_version: Option<i64>,
    writing: bool,
    commits: u64,
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
        let mut opened = Opened {
            store: Self {
                path,
                conn,
                registered,
                mode,
                head,
                parts,
                data_version: None,
                writing: false,
                commits: 0,
                poisoned: None,
            },
            graph,
            evidence: Evidence::default(),
            vocabulary: Vocabulary::default(),
        };
        let mut contents =
            Contents { graph: &mut opened.graph, evidence: &mut opened.evidence, vocabulary: &mut opened.vocabulary };
        opened.store.read_beside(&mut contents)?;
        opened.store.refresh(&mut contents)?;
        contents.graph.record_changes(mode == Mode::ReadWrite);
        Ok(opened)
    }

    /// Makes a store that holds this, whole and durable when it returns; an import's way, quicker than committing.
    /// Errors: `StoreIo` (also when a file is there).
    pub fn create(path: &Path, graph: &Graph, evidence: &Evidence, vocabulary: &Vocabulary) -> Result<()> {
        file::create(path, |conn, head| {
            *head = write_image(conn, *head, graph, evidence, vocabulary)?;
            Ok(())
        })
    }

    /// The image at this moment, through a connection of its own.
    fn snapshot(path: &Path, registered: &Arc<file::Registered>) -> Result<(Head, Arc<Parts>, Graph)> {
        let conn = file::connect_to_read(path)?;
        conn.execute_batch("BEGIN").map_err(sqlite)?;
        let mut head = Head::read(&conn)?;
        parts::verify_list(&conn, &head)?;
        let parts = Arc::new(Parts::new(conn, head, Arc::clone(registered))?);
        let graph = image::open(Arc::clone(&parts) as Arc<dyn image::PartSource>)?;
        (head.seq, head.chain) = (head.image_seq, head.image_chain);
        Ok((head, parts, graph))
    }

    fn read_beside(&self, contents: &mut Contents<'_>) -> Result<()> {
        use image::PartSource as _;
        let bytes = self.parts.part(BESIDE)?.ok_or_else(|| image::damaged(BESIDE))?;
        beside::read(&bytes, contents).map_err(|_| image::damaged(BESIDE))
    }

    /// Brings the contents up to what other processes committed. Call it before reading, outside a transaction; it
    /// costs a microsecond when nothing happened. Returns whether anything changed.
    pub fn refresh(&mut self, contents: &mut Contents<'_>) -> Result<bool> {
        if self.writing {
            return Ok(false);
        }
        let version = self.conn.prepare_cached("PRAGMA data_version").and_then(|mut s| s.query_row([], |r| r.get(0)));
        let version: i64 = version.map_err(sqlite)?;
        if self.data_version == Some(version) {
            return Ok(false);
        }
        self.conn.execute_batch("BEGIN").map_err(sqlite)?;
        let caught_up = self.catch_up(contents);
        let ended = self.conn.execute_batch("ROLLBACK").map_err(sqlite);
        let changed = caught_up?;
        ended?;
        self.data_version = Some(version);
        Ok(changed)
    }

    /// Replays what the file holds beyond what this process knows; inside a transaction.
    fn catch_up(&mut self, contents: &mut Contents<'_>) -> Result<bool> {
        let head = Head::read(&self.conn)?;
        if head.store != self.head.store {
            return Err(damaged(&self.path.display().to_string(), "another store has taken its place; open it again"));
        }
        if head.seq == self.head.seq {
            return match head.chain == self.head.chain {
                true => Ok(false),
                false => Err(damaged("log", "its last record is not the one this process knows")),
            };
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
            log::replay(data, contents)?;
            (self.head.seq, self.head.chain) = (seq, chain);
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
        graph.follows(contents.graph);
        graph.record_changes(recording);
        (self.head, self.parts) = (head, parts);
        *contents.graph = graph;
        self.read_beside(contents)
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
            purge(contents);
            return Ok(());
        }
        let beside = beside_changed.then(|| beside::write(contents.graph, contents.evidence, contents.vocabulary));
        let record = log::encode(contents.graph.names(), contents.graph.changes(), beside.as_deref());
        match self.append(&record) {
            Ok(head) => {
                self.head = head;
                self.writing = false;
                purge(contents);
            }
            Err(error) => {
                self.fail(&error);
                return Err(error);
            }
        }
        self.commits += 1;
        self.maintain(contents);
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

    /// After an acknowledged commit: lets a long-held snapshot go, and writes a new image when the log is long. What
    /// fails here does not undo the commit; it is told at the next begin.
    fn maintain(&mut self, contents: &mut Contents<'_>) {
        if self.commits.is_multiple_of(PINNED_COMMITS)
            && self.parts.is_pinned()
            && contents.graph.load_everything().is_ok()
        {
            self.parts.unpin();
        }
        if self.head.log_bytes > LOG_ROOM.max(self.head.image_bytes / 2)
            && let Err(error) = self.checkpoint(contents)
            && error.code() != Code::StoreBusy
        {
            self.poisoned = Some(error);
        }
    }

    /// Writes a new image and empties the log, in one transaction; between transactions. Linear in the graph.
    pub fn checkpoint(&mut self, contents: &mut Contents<'_>) -> Result<()> {
        self.begin(contents)?;
        let written = contents.graph.load_everything().and_then(|()| {
            self.conn.execute_batch("DELETE FROM part; DELETE FROM log").map_err(sqlite)?;
            let head = Head { image_seq: self.head.seq, image_chain: self.head.chain, log_bytes: 0, ..self.head };
            let head = write_image(&self.conn, head, contents.graph, contents.evidence, contents.vocabulary)?;
            head.write(&self.conn)?;
            self.conn.execute_batch("COMMIT").map_err(sqlite)?;
            Ok(head)
        });
        match written {
            Ok(head) => {
                self.writing = false;
                self.head = head;
                self.parts.unpin();
                // best effort: readers may hold it back, and the next one will do it
                let _ = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
                Ok(())
            }
            Err(error) => {
                self.fail(&error);
                Err(error)
            }
        }
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
    graph: &Graph,
    evidence: &Evidence,
    vocabulary: &Vocabulary,
) -> Result<Head> {
    let mut writer = PartWriter::new(conn, head);
    image::write(graph, &mut |name, bytes| writer.put(name, &bytes))?;
    writer.put(BESIDE, &beside::write(graph, evidence, vocabulary))?;
    Ok(writer.finish())
}

/// Commits the graph and takes from the evidence what stood behind what is gone.
fn purge(contents: &mut Contents<'_>) {
    let gone = contents.graph.commit();
    for rel in gone.purged_rels {
        contents.evidence.take_rel(rel);
        contents.vocabulary.conflicts.retain(|conflict| conflict.sides.iter().all(|side| side.rel != rel));
    }
    for node in gone.purged_nodes {
        contents.evidence.take_node(node);
    }
}
