//! Where a version stands among the commits of its file, and how it is brought up to the last of them.
//!
//! ```text
//! counters as when the version was made? ── yes ─► it is the last commit         (one read of 96 bytes, no lock)
//!        └─ no ─► records after its own, replayed onto a copy ─► the next version
//!                 └─ the log begins after it: the image is taken anew
//! ```
//!
//! Versions in use are never changed; one that could not be replayed whole is dropped.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rusqlite::Connection;

use super::connect;
use super::counters::Seen;
use super::file::{Head, Registered, damaged, sqlite};
use super::log::{self, Record};
use super::parts::{Lease, Parts};
use super::{BESIDE, beside};
use crate::error::Result;
use crate::graph::image;
use crate::provenance::KnowledgeGraph;

/// The commit that a version of the graph stands at, and the image that it loads parts of.
#[derive(Clone, Debug)]
pub(crate) struct Position {
    store: [u8; 16],
    pub(super) seq: u64,
    pub(super) chain: u32,
    /// The image whose slots the graph has, so that a new one may keep parts of it.
    pub(super) base: Option<(u64, u32)>,
    /// Whether parts of it are still to be loaded.
    wanted: bool,
    pub(super) parts: Arc<Parts>,
    lease: Arc<Lease>,
}

impl Position {
    /// The number of the commit.
    pub(crate) fn commit(&self) -> u64 {
        self.seq
    }

    /// Whether a graph here was made out of one there by replaying what was committed in between, not by taking an image.
    pub(crate) fn goes_on_from(&self, before: &Self) -> bool {
        self.store == before.store && self.base == before.base
    }

    /// Notes that this process has written an image of the version. `keep`: of what is not in memory it has the parts
    /// that were there.
    pub(super) fn wrote(&mut self, base: Option<(u64, u32)>, keep: bool) {
        let before = std::mem::replace(&mut self.lease, Arc::new(Lease));
        self.parts.written_after(&before);
        (self.base, self.wanted) = (base, keep && base.is_some());
    }

    /// Holds the file as it is now in place of how it was, if it has the same image and no older version needs what was.
    pub(super) fn renew(&self) -> Result<bool> {
        self.parts.renew(self.store, self.base.filter(|_| self.wanted))
    }

    /// Lets the file go for good.
    pub(super) fn unpin(&self) {
        self.parts.unpin();
    }
}

/// What statements ask before they begin: whether there is a commit after the version that they would use.
#[derive(Debug)]
pub(crate) struct Follower {
    pub(super) path: PathBuf,
    registered: Arc<Registered>,
    /// One replays at a time; the connection is made when it is first needed.
    conn: Mutex<Option<Connection>>,
}

/// The right to replay: for as long as it is held nobody else of this process does.
#[derive(Debug)]
pub(crate) struct Following<'a> {
    follower: &'a Follower,
    conn: MutexGuard<'a, Option<Connection>>,
}

impl Follower {
    pub(super) fn new(path: &Path, registered: &Arc<Registered>) -> Self {
        Self { path: path.to_owned(), registered: Arc::clone(registered), conn: Mutex::new(None) }
    }

    /// What every commit of every process changes; read without a lock, in less than a microsecond. Equal ones mean that
    /// nothing was committed in between, others mean nothing yet. Nothing where they cannot be read.
    pub(crate) fn seen(&self) -> Option<Seen> {
        self.registered.counters()
    }

    /// Whether the file is still the one that was opened; looked at some times a second. Errors: `StoreReplaced`.
    pub(crate) fn in_place(&self, now: Instant) -> Result<()> {
        self.registered.in_place_lately(now)
    }

    /// Closes its connection, if it has one; the next question opens another.
    pub(crate) fn close(&self) {
        *self.conn.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Waits until nobody else replays.
    pub(crate) fn lock(&self) -> Following<'_> {
        // a version is published whole or not at all, so a panic has left nothing half done
        Following { follower: self, conn: self.conn.lock().unwrap_or_else(PoisonError::into_inner) }
    }
}

impl Following<'_> {
    /// What has been committed beyond this, replayed onto a copy; nothing when this is the last commit.
    /// Errors: `StoreDamaged`, `StoreIo`.
    pub(crate) fn catch_up(
        &mut self,
        from: (&KnowledgeGraph, &Position),
    ) -> Result<Option<(KnowledgeGraph, Position)>> {
        let Follower { path, registered, .. } = self.follower;
        let conn = match &mut *self.conn {
            Some(conn) => conn,
            none => none.insert(connect::to_read(path)?),
        };
        conn.prepare_cached("BEGIN").and_then(|mut begin| begin.execute([])).map_err(sqlite)?;
        let newer = catch_up(conn, (path, registered), from);
        let ended = conn.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([])).map_err(sqlite);
        let newer = newer?;
        ended?;
        let last = newer.as_ref().map_or(from.1, |newer| &newer.1);
        if registered.is_due() && !last.renew()? {
            // the image is another process's now: as long as parts of the old one are held, SQLite's log cannot shrink
            return take(path, registered).map(Some);
        }
        Ok(newer)
    }
}

/// How many commits of others a connection has noticed.
pub(super) fn data_version(conn: &Connection) -> Result<i64> {
    conn.prepare_cached("PRAGMA data_version").and_then(|mut s| s.query_row([], |r| r.get(0))).map_err(sqlite)
}

/// What `conn`, inside a transaction, sees beyond this.
pub(super) fn catch_up(
    conn: &Connection,
    (path, registered): (&Path, &Arc<Registered>),
    (knowledge, at): (&KnowledgeGraph, &Position),
) -> Result<Option<(KnowledgeGraph, Position)>> {
    let head = Head::read(conn)?;
    if head.store != at.store {
        return Err(damaged(&path.display().to_string(), "another store has taken its place; open it again"));
    }
    if head.seq == at.seq {
        return match head.chain == at.chain {
            true => Ok(None),
            false => Err(damaged("log", "its last record is not the one this process knows")),
        };
    }
    if head.seq < at.seq {
        return Err(damaged("log", "commits that this process has seen are gone"));
    }
    if head.image_seq > at.seq {
        return take(path, registered).map(Some);
    }
    let (mut knowledge, mut at) = (knowledge.clone(), at.clone());
    replay(&head, registered, |after| log::records(conn, after), (&mut knowledge, &mut at))?;
    Ok(Some((knowledge, at)))
}

/// Replays records up to the head.
fn replay(
    head: &Head,
    registered: &Registered,
    records: impl Fn(u64) -> Result<Vec<Record>>,
    (knowledge, at): (&mut KnowledgeGraph, &mut Position),
) -> Result<()> {
    knowledge.graph.record_changes(false);
    while at.seq < head.seq {
        let some = records(at.seq)?;
        if some.is_empty() {
            break;
        }
        for Record { seq, chain, data } in some {
            if seq != at.seq + 1 || seq > head.seq || chain != head.link(at.chain, seq, &data) {
                return Err(damaged("log", &format!("record {seq} does not fit its checksum")));
            }
            log::replay(seq, &data, knowledge)?;
            (at.seq, at.chain) = (seq, chain);
            registered.note_commit(data.len() as u64);
        }
    }
    match (at.seq, at.chain) == (head.seq, head.chain) {
        true => Ok(()),
        false => Err(damaged("log", "its last records are missing")),
    }
}

/// The image of a file at one moment, through a connection of its own.
pub(super) struct Image {
    pub(super) head: Head,
    pub(super) knowledge: KnowledgeGraph,
    pub(super) at: Position,
    /// The connection, when the parts do not need it.
    conn: Option<Connection>,
}

/// Takes the image, without the log. Errors: `StoreIo`, `StoreDamaged`.
pub(super) fn image(path: &Path, registered: &Arc<Registered>) -> Result<Image> {
    let conn = connect::to_read(path)?;
    conn.execute_batch("BEGIN").map_err(sqlite)?;
    let head = Head::read(&conn)?;
    let (parts, conn) = Parts::new(path, conn, head, Arc::clone(registered))?;
    let parts = Arc::new(parts);
    let graph = image::open(Arc::clone(&parts) as Arc<dyn image::PartSource>)?;
    let mut knowledge = KnowledgeGraph { graph, ..KnowledgeGraph::default() };
    let bytes = image::PartSource::part(&*parts, BESIDE)?.ok_or_else(|| image::damaged(BESIDE))?;
    beside::open(&bytes, Arc::clone(&parts) as Arc<dyn image::PartSource>, &mut knowledge)?;
    let (seq, chain, base) = (head.image_seq, head.image_chain, Some(head.image()));
    let at = Position { store: head.store, seq, chain, base, wanted: true, parts, lease: Arc::new(Lease) };
    Ok(Image { head, knowledge, at, conn })
}

/// What the file holds at one moment: image and log.
pub(super) fn take(path: &Path, registered: &Arc<Registered>) -> Result<(KnowledgeGraph, Position)> {
    let Image { head, mut knowledge, mut at, conn } = image(path, registered)?;
    let parts = Arc::clone(&at.parts);
    let records = |after| match &conn {
        Some(conn) => log::records(conn, after),
        None => parts.records(after).unwrap_or_else(|| Ok(Vec::new())),
    };
    replay(&head, registered, records, (&mut knowledge, &mut at))?;
    Ok((knowledge, at))
}
