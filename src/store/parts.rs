//! The image in the file: named parts, cut into blobs, each with its checksum.

use std::sync::{Arc, Mutex};

use rusqlite::{Connection, params};
use rustc_hash::FxHashMap;

use super::file::{CHUNK, Head, Registered, damage_or, damaged, sqlite};
use crate::error::Result;
use crate::graph::image::PartSource;

/// Images up to this many bytes are read whole when a store is opened.
const SMALL_IMAGE: u64 = if cfg!(test) { 4 << 20 } else { 16 << 20 };

/// Writes the parts of an image, and at the end what the head must say of them.
pub(super) struct PartWriter<'a> {
    conn: &'a Connection,
    head: Head,
    sums: Vec<(String, u64, u32)>,
    bytes: u64,
}

impl<'a> PartWriter<'a> {
    pub(super) fn new(conn: &'a Connection, head: Head) -> Self {
        Self { conn, head, sums: Vec::new(), bytes: 0 }
    }

    pub(super) fn put(&mut self, name: &str, data: &[u8]) -> Result<()> {
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
            self.sums.push((name.to_owned(), at, crc));
        }
        self.bytes += data.len() as u64;
        Ok(())
    }

    /// The head with what it must say of these parts.
    pub(super) fn finish(mut self) -> Head {
        self.sums.sort_unstable();
        self.head.parts = self.sums.len() as u64;
        self.head.parts_sum = sum(&self.sums);
        self.head.image_bytes = self.bytes;
        self.head
    }
}

fn sum(sums: &[(String, u64, u32)]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    for (name, chunk, sum) in sums {
        crc.update(name.as_bytes());
        crc.update(&chunk.to_le_bytes());
        crc.update(&sum.to_le_bytes());
    }
    crc.finalize()
}

/// Whether the parts there are those the head speaks of. Errors: `StoreDamaged`.
pub(super) fn verify_list(conn: &Connection, head: &Head) -> Result<()> {
    let mut statement = conn.prepare("SELECT name, chunk, crc FROM part").map_err(damage_or)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64, row.get(2)?)));
    let mut sums: Vec<(String, u64, u32)> = rows.and_then(|rows| rows.collect::<Result<_, _>>()).map_err(damage_or)?;
    sums.sort_unstable();
    match sums.len() as u64 == head.parts && sum(&sums) == head.parts_sum {
        true => Ok(()),
        false => Err(damaged("the parts of the store", "they are not those it was written with")),
    }
}

/// The bytes of a part; nothing when there is none. Errors: `StoreIo`, `StoreDamaged`.
pub(super) fn read(conn: &Connection, head: &Head, name: &str) -> Result<Option<Vec<u8>>> {
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
        match &mut whole {
            None => whole = Some(data.to_vec()),
            Some(bytes) => bytes.extend_from_slice(data),
        }
    }
    Ok(whole)
}

/// Parts on demand. A large image is read through a connection that keeps its snapshot, so that no checkpoint of
/// anybody takes the parts away; a small one is in memory at once.
#[derive(Debug)]
pub(super) struct Parts {
    head: Head,
    from: Mutex<From>,
    /// The parts may outlive the handle of the store, and their connection with them.
    _registered: Arc<Registered>,
}

#[derive(Debug)]
enum From {
    Snapshot(Connection),
    Memory(FxHashMap<String, Vec<u8>>),
}

impl Parts {
    /// Takes over a connection inside a read transaction. Errors: `StoreIo`, `StoreDamaged`.
    pub(super) fn new(conn: Connection, head: Head, registered: Arc<Registered>) -> Result<Self> {
        let from = match head.image_bytes <= SMALL_IMAGE {
            false => From::Snapshot(conn),
            true => {
                let mut parts = FxHashMap::default();
                for name in names(&conn)? {
                    if let Some(bytes) = read(&conn, &head, &name)? {
                        parts.insert(name, bytes);
                    }
                }
                From::Memory(parts)
            }
        };
        Ok(Self { head, from: Mutex::new(from), _registered: registered })
    }

    /// Whether a snapshot is held.
    pub(super) fn is_pinned(&self) -> bool {
        self.from.lock().is_ok_and(|from| matches!(&*from, From::Snapshot(_)))
    }

    /// Lets the snapshot go; parts not loaded by now are gone.
    pub(super) fn unpin(&self) {
        if let Ok(mut from) = self.from.lock() {
            *from = From::Memory(FxHashMap::default());
        }
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
            From::Snapshot(conn) => read(conn, &self.head, name),
            From::Memory(parts) => Ok(parts.remove(name)), // each is asked for once
        }
    }
}
