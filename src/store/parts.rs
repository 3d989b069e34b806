//! The image in the file: named parts, cut into blobs, each with its checksum.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use rusqlite::{Connection, Row, params};

use super::connect;
use super::file::{CHUNK, Head, Registered, damage_or, damaged, sqlite};
use super::log::{self, Record};
use crate::error::Result;
use crate::graph::image::PartSource;
use crate::value::hash::DataMap;

/// Images up to this many bytes are read whole when a store is opened.
const SMALL_IMAGE: u64 = if cfg!(test) { 8 << 10 } else { 16 << 20 };

/// Writes the parts of an image, and at the end what the head must say of them.
pub(super) struct PartWriter<'a> {
    conn: &'a Connection,
    head: Head,
    /// The parts there before that have been neither kept nor replaced, by name: a graph of many types has many.
    before: BTreeMap<String, Vec<Entry>>,
    now: Vec<Entry>,
}

/// A blob of a part in the list: name, number, checksum, bytes.
type Entry = (String, u64, u32, u64);

impl<'a> PartWriter<'a> {
    /// Starts over a store whose parts, if any, are those the head speaks of. Errors: `StoreDamaged`.
    pub(super) fn new(conn: &'a Connection, head: Head) -> Result<Self> {
        let mut before: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        for entry in verified_list(conn, &head)? {
            before.entry(entry.0.clone()).or_default().push(entry);
        }
        Ok(Self { conn, head, before, now: Vec::new() })
    }

    /// The part with its bytes, in place of what was there.
    pub(super) fn put(&mut self, name: &str, data: &[u8]) -> Result<()> {
        self.take(name);
        self.remove(name)?;
        let mut insert = self
            .conn
            .prepare_cached("INSERT INTO part (name, chunk, crc, data) VALUES (?, ?, ?, ?)")
            .map_err(sqlite)?;
        let mut chunks: Vec<&[u8]> = data.chunks(CHUNK).collect();
        if chunks.is_empty() {
            chunks.push(&[]);
        }
        for (at, chunk) in (0u64..).zip(chunks) {
            let crc = self.head.part_crc(name, at, chunk);
            insert.execute(params![name, at as i64, crc, chunk]).map_err(sqlite)?;
            self.now.push((name.to_owned(), at, crc, chunk.len() as u64));
        }
        Ok(())
    }

    /// The part stays as it is. Errors: `StoreDamaged` when it is not there.
    pub(super) fn keep(&mut self, name: &str) -> Result<()> {
        let kept = self.take(name);
        match kept.is_empty() {
            true => Err(damaged(&format!("part {name}"), "it is missing")),
            false => {
                self.now.extend(kept);
                Ok(())
            }
        }
    }

    fn take(&mut self, name: &str) -> Vec<Entry> {
        self.before.remove(name).unwrap_or_default()
    }

    fn remove(&self, name: &str) -> Result<()> {
        let mut delete = self.conn.prepare_cached("DELETE FROM part WHERE name = ?").map_err(sqlite)?;
        delete.execute([name]).map(|_| ()).map_err(sqlite)
    }

    /// Removes what is part of the image no more; the head with what it must say of the others.
    pub(super) fn finish(mut self) -> Result<Head> {
        self.before.keys().try_for_each(|name| self.remove(name))?;
        self.now.sort_unstable();
        self.head.parts = self.now.len() as u64;
        self.head.parts_sum = sum(&self.now);
        self.head.image_bytes = self.now.iter().map(|entry| entry.3).sum();
        Ok(self.head)
    }
}

fn sum(entries: &[Entry]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    for (name, chunk, sum, _) in entries {
        crc.update(name.as_bytes());
        crc.update(&chunk.to_le_bytes());
        crc.update(&sum.to_le_bytes());
    }
    crc.finalize()
}

/// The blobs of the parts, by name and number, when they are those the head speaks of. Errors: `StoreDamaged`.
pub(super) fn verified_list(conn: &Connection, head: &Head) -> Result<Vec<Entry>> {
    let mut statement = conn.prepare_cached("SELECT name, chunk, crc, length(data) FROM part").map_err(damage_or)?;
    let long = |row: &Row<'_>, at: usize| row.get::<_, i64>(at).map(|n| n as u64);
    let rows = statement.query_map([], |row| Ok((row.get(0)?, long(row, 1)?, row.get(2)?, long(row, 3)?)));
    let mut entries: Vec<Entry> = rows.and_then(|rows| rows.collect::<Result<_, _>>()).map_err(damage_or)?;
    entries.sort_unstable();
    match entries.len() as u64 == head.parts && sum(&entries) == head.parts_sum {
        true => Ok(entries),
        false => Err(damaged("the parts of the store", "they are not those it was written with")),
    }
}

/// The bytes of a part; nothing when there is none. `room` is how many are expected.
/// Errors: `StoreIo`, `StoreDamaged`.
pub(super) fn read(conn: &Connection, head: &Head, name: &str, room: usize) -> Result<Option<Vec<u8>>> {
    let mut statement =
        conn.prepare_cached("SELECT chunk, crc, data FROM part WHERE name = ? ORDER BY chunk").map_err(damage_or)?;
    let mut rows = statement.query([name]).map_err(damage_or)?;
    let mut whole: Option<Vec<u8>> = None;
    let mut next = 0;
    while let Some(row) = rows.next().map_err(damage_or)? {
        let (chunk, crc) = (row.get::<_, i64>(0).map_err(damage_or)? as u64, row.get::<_, u32>(1).map_err(damage_or)?);
        let data = row.get_ref(2).and_then(|data| Ok(data.as_blob()?)).map_err(damage_or)?;
        if chunk != next || crc != head.part_crc(name, chunk, data) {
            return Err(damaged(&format!("part {name}"), "it does not fit its checksum"));
        }
        next += 1;
        whole.get_or_insert_with(|| Vec::with_capacity(room)).extend_from_slice(data);
    }
    Ok(whole)
}

/// Parts on demand. A large image is read through a connection that keeps its snapshot, so that no checkpoint of
/// anybody takes the parts away; a small one is in memory at once.
#[derive(Debug)]
pub(super) struct Parts {
    path: PathBuf,
    head: Head,
    /// Bytes of each part.
    sizes: DataMap<String, usize>,
    from: Mutex<From>,
    /// Versions of the graph from before an image that this process has written: what they have not loaded is only in
    /// the snapshot that is held.
    before: Mutex<Vec<Weak<Lease>>>,
    /// The parts may outlive the handle of the store, and their connections with them.
    _registered: Arc<Registered>,
}

/// What the versions of a graph hold that may load parts of one image.
#[derive(Debug)]
pub(super) struct Lease;

#[derive(Debug)]
enum From {
    /// The connection that holds the snapshot, and one to hold the next.
    Snapshot(Box<Connection>, Option<Box<Connection>>),
    Memory(DataMap<String, Vec<u8>>),
}

impl Parts {
    /// Takes over a connection inside a read transaction; gives it back when all parts are in memory.
    /// Errors: `StoreIo`, `StoreDamaged`.
    pub(super) fn new(
        path: &Path,
        conn: Connection,
        head: Head,
        registered: Arc<Registered>,
    ) -> Result<(Self, Option<Connection>)> {
        let mut sizes = DataMap::default();
        for (name, _, _, bytes) in verified_list(&conn, &head)? {
            *sizes.entry(name).or_insert(0) += bytes as usize;
        }
        let (from, conn) = match head.image_bytes <= SMALL_IMAGE {
            false => (From::Snapshot(Box::new(conn), None), None),
            true => {
                let mut parts = DataMap::default();
                for (name, &size) in &sizes {
                    if let Some(bytes) = read(&conn, &head, name, size)? {
                        parts.insert(name.clone(), bytes);
                    }
                }
                (From::Memory(parts), Some(conn))
            }
        };
        let (path, from, before) = (path.to_owned(), Mutex::new(from), Mutex::default());
        Ok((Self { path, head, sizes, from, before, _registered: registered }, conn))
    }

    /// Whether a snapshot is held.
    #[cfg(test)]
    pub(super) fn is_pinned(&self) -> bool {
        self.from.lock().is_ok_and(|from| matches!(&*from, From::Snapshot(..)))
    }

    /// Records of the log as the snapshot has it; nothing when none is held.
    pub(super) fn records(&self, after: u64) -> Option<Result<Vec<Record>>> {
        match &*self.from.lock().ok()? {
            From::Snapshot(conn, _) => Some(log::records(conn, after)),
            From::Memory(_) => None,
        }
    }

    /// Notes that an image has been written since these versions: no later snapshot has all that they may ask for.
    pub(super) fn written_after(&self, lease: &Arc<Lease>) {
        self.before.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(lease));
    }

    /// Whether a version may still ask for what only the snapshot that is held has.
    fn is_owed(&self) -> bool {
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        before.retain(|lease| lease.strong_count() > 0);
        !before.is_empty()
    }

    /// Lets the snapshot go for good; parts not loaded by now are gone.
    pub(super) fn unpin(&self) {
        if let Ok(mut from) = self.from.lock() {
            *from = From::Memory(DataMap::default());
        }
    }

    /// Takes a fresh snapshot in place of the one that is held, so that SQLite's log can be used from its start again.
    /// False: the image there is not the one these parts are of; nothing was done then. `image` is which one it must be;
    /// without it the parts are wanted no more, and the snapshot goes. Errors: `StoreIo`.
    pub(super) fn renew(&self, store: [u8; 16], image: Option<(u64, u32)>) -> Result<bool> {
        let Ok(mut from) = self.from.lock() else { return Ok(true) };
        let From::Snapshot(conn, spare) = &mut *from else { return Ok(true) };
        if self.is_owed() {
            return Ok(true); // the log stays as long as they do
        }
        let Some(image) = image else {
            *from = From::Memory(DataMap::default());
            return Ok(true);
        };
        let mut fresh = match spare.take() {
            Some(fresh) => fresh,
            None => Box::new(connect::to_read(&self.path)?),
        };
        fresh.execute_batch("BEGIN").map_err(sqlite)?;
        let head = Head::read(&fresh)?;
        if head.store != store || head.image() != image {
            fresh.execute_batch("ROLLBACK").map_err(sqlite)?;
            *spare = Some(fresh);
            return Ok(false);
        }
        std::mem::swap(conn, &mut fresh);
        fresh.execute_batch("ROLLBACK").map_err(sqlite)?;
        *spare = Some(fresh);
        Ok(true)
    }
}

pub(super) fn names(conn: &Connection) -> Result<Vec<String>> {
    let mut statement = conn.prepare("SELECT DISTINCT name FROM part ORDER BY name").map_err(damage_or)?;
    let names = statement.query_map([], |row| row.get(0)).and_then(|rows| rows.collect());
    names.map_err(damage_or)
}

impl PartSource for Parts {
    fn part(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let Ok(mut from) = self.from.lock() else {
            return Err(damaged("the store", "a thread died while reading it"));
        };
        match &mut *from {
            From::Snapshot(conn, _) => read(conn, &self.head, name, self.sizes.get(name).copied().unwrap_or_default()),
            From::Memory(parts) => Ok(parts.remove(name)), // each is asked for once: copies of a graph share what they load
        }
    }
}
