//! Looking after a store: sizes, verification, copies, and pages given back.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;

use super::file::{self, Head, damage_or, sqlite};
use super::{Follower, Store, connect, parts};
use crate::error::Result;
use crate::graph::check;
use crate::provenance::KnowledgeGraph;
use crate::provenance::image::list_of;

/// Sizes and numbers of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Given at random when the store was made, in hexadecimal.
    pub id: String,
    /// Version of the format.
    pub format: u32,
    /// Commits since it was made.
    pub commits: u64,
    /// Commits in the log, not yet in the image.
    pub commits_in_log: u64,
    /// Bytes of the image.
    pub image_bytes: u64,
    /// Bytes of the log.
    pub log_bytes: u64,
    /// Bytes of the file (without SQLite's own log).
    pub file_bytes: u64,
    /// Bytes of SQLite's own log. It cannot shrink while somebody holds an older state of which not all is loaded.
    pub wal_bytes: u64,
    /// The parts of the image with their bytes, by name; pages of one list as one.
    pub parts: Vec<(String, u64)>,
}

impl Store {
    /// Gives unused pages of the file back to the disk, after a checkpoint. Nobody else may be using the store.
    pub(crate) fn vacuum(&mut self) -> Result<()> {
        self.registered.in_place()?;
        let done = connect::attaching(&self.conn, |conn| conn.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"));
        done.map_err(sqlite)
    }
}

/// Each through a connection of its own: nobody waits for it.
impl Follower {
    /// Copies the store, as of its last commit, to a path where no file is; others may write meanwhile.
    pub(crate) fn backup(&self, to: &Path) -> Result<()> {
        self.in_place(std::time::Instant::now())?;
        file::copy(&connect::to_read(&self.path)?, &self.path, to)
    }

    /// Sizes and numbers. Errors: `StoreIo`, `StoreDamaged`.
    pub(crate) fn info(&self) -> Result<Info> {
        let conn = connect::to_read(&self.path)?;
        conn.execute_batch("BEGIN").map_err(sqlite)?; // all of it at one moment
        let head = Head::read(&conn)?;
        let mut statement =
            conn.prepare("SELECT name, sum(length(data)) FROM part GROUP BY name ORDER BY name").map_err(damage_or)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)));
        let mut parts: BTreeMap<String, u64> = BTreeMap::new();
        for (name, bytes) in rows.and_then(|rows| rows.collect::<Result<Vec<(String, u64)>, _>>()).map_err(damage_or)? {
            *parts.entry(list_of(&name).to_owned()).or_default() += bytes;
        }
        Ok(Info {
            id: head.store.iter().map(|byte| format!("{byte:02x}")).collect(),
            format: file::format(&conn)?,
            commits: head.seq,
            commits_in_log: head.seq - head.image_seq,
            image_bytes: head.image_bytes,
            log_bytes: head.log_bytes,
            file_bytes: bytes(&self.path),
            wal_bytes: bytes(&file::suffixed(&self.path, "-wal")),
            parts: parts.into_iter().collect(),
        })
    }

    /// Verifies the file (SQLite's pages, every checksum, every part decoded) and the graph against itself; one line
    /// per problem.
    pub(crate) fn check(&self, knowledge: &KnowledgeGraph) -> Vec<String> {
        let checked = connect::to_read(&self.path).and_then(|conn| check_file(&conn));
        let mut problems = checked.unwrap_or_else(|error| vec![error.to_string()]);
        if let Err(error) = knowledge.load_everything() {
            problems.push(error.to_string());
        }
        problems.extend(check(&knowledge.graph));
        problems
    }
}

fn bytes(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |metadata| metadata.len())
}

fn check_file(conn: &Connection) -> Result<Vec<String>> {
    conn.execute_batch("BEGIN").map_err(damage_or)?; // all of it at one moment
    let mut problems = Vec::new();
    let mut statement = conn.prepare("PRAGMA integrity_check(20)").map_err(damage_or)?;
    let lines = statement.query_map([], |row| row.get(0)).and_then(|rows| rows.collect::<Result<Vec<String>, _>>());
    problems.extend(lines.map_err(damage_or)?.into_iter().filter(|line| line != "ok"));
    let head = Head::read(conn)?;
    parts::verified_list(conn, &head)?;
    for name in parts::names(conn)? {
        if let Err(error) = parts::read(conn, &head, &name, 0) {
            problems.push(error.to_string());
        }
    }
    let (mut seq, mut chain) = (head.image_seq, head.image_chain);
    let mut statement =
        conn.prepare("SELECT seq, chain, data FROM log WHERE seq < ? ORDER BY seq").map_err(damage_or)?;
    let mut rows = statement.query([file::HEAD]).map_err(damage_or)?;
    while let Some(row) = rows.next().map_err(damage_or)? {
        let (own, sum) = (row.get::<_, i64>(0).map_err(damage_or)? as u64, row.get(1).map_err(damage_or)?);
        let data = row.get_ref(2).and_then(|data| Ok(data.as_blob()?)).map_err(damage_or)?;
        (seq, chain) = (seq + 1, head.link(chain, seq + 1, data));
        if (own, sum) != (seq, chain) {
            problems.push(format!("log: record {own} does not fit its checksum"));
            return Ok(problems);
        }
    }
    if (seq, chain) != (head.seq, head.chain) {
        problems.push("log: its last records are missing".into());
    }
    Ok(problems)
}
