//! Connections to the file: how durable, how long others are waited for, and that SQLite does in it only what we ask for.
//!
//! A file may come from anybody. What SQL it holds beyond our two tables (triggers, views, other tables) would be obeyed by
//! SQLite: a trigger can take back a commit that was acknowledged. Every connection therefore refuses a file whose
//! schema is not ours to the letter, has triggers and views switched off, attaches nothing, and ends a statement that does
//! more work than a file of its size can ask for.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::file::{self, Registered, SCHEMA, damage_or, damaged, sqlite, store_error};
use crate::error::{Class, Code, Error, Phase, Result};

/// A connection that writes durably. What it has in SQLite's log stays there when it is closed, unless [`last_words`] are said.
/// Errors: `ReadOnlyGraph`, saying why, and others.
pub(super) fn to_write(path: &Path) -> Result<Connection> {
    let conn = keeper(path).map_err(|error| unwritable(path, error))?;
    file::remove_abandoned(file::folder_of(path), path);
    let mode = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0));
    let mode: String = mode.map_err(|error| unwritable(path, error))?;
    if mode != "wal" {
        return Err(store_error(Code::StoreIo, format!("the store cannot keep its log here ({mode})")));
    }
    if conn.is_readonly("main").map_err(sqlite)? {
        return Err(read_only(path));
    }
    has_our_schema(path, &conn)?;
    Ok(conn)
}

/// A connection that reads; the last to be closed, and given [`last_words`], takes what SQLite has put beside the file away
/// again. Nothing is ever written through it.
pub(super) fn to_look(path: &Path) -> Result<Connection> {
    let keeper = keeper(path).and_then(|conn| {
        conn.execute_batch("PRAGMA query_only = ON")?;
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(conn)
    });
    match keeper {
        Ok(conn) => has_our_schema(path, &conn).map(|()| conn),
        Err(_) => to_read(path), // which says what is wrong
    }
}

/// Keeps a file open for others that read it, and at the end takes away what SQLite has put beside it.
pub(super) struct Looking {
    conn: Connection,
    registered: Arc<Registered>,
    /// Not a log that was there before.
    tidy: bool,
}

impl Looking {
    pub(super) fn at(path: &Path, registered: &Arc<Registered>) -> Result<Self> {
        let tidy = fs::metadata(file::suffixed(path, "-wal")).map_or(true, |log| log.len() == 0);
        Ok(Self { conn: to_look(path)?, registered: Arc::clone(registered), tidy })
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        if self.tidy && self.registered.in_place().is_ok() {
            last_words(&self.conn);
        }
    }
}

fn keeper(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(path, flags)?;
    // SQLite would move its log into the file it has open and remove what lies under the log's name: another's, perhaps
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    settle(path, &mut conn)?;
    Ok(conn)
}

/// Lets the last connection to a file move SQLite's log into it and remove the log when it is closed; only for one that is
/// still in place.
pub(super) fn last_words(conn: &Connection) {
    let _ = conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false);
}

/// What keeps a store from being opened for writing.
fn unwritable(path: &Path, error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly) => read_only(path),
        _ => damage_or(error),
    }
}

fn read_only(path: &Path) -> Error {
    let why = match tempfile::tempfile_in(file::folder_of(path)) {
        Err(error) => format!("nothing can be put beside it ({})", error.kind()),
        Ok(_) if fs::metadata(path).is_ok_and(|file| file.permissions().readonly()) => "its mode forbids it".to_owned(),
        Ok(_) => "the file, or one beside it, is not ours to write".to_owned(),
    };
    let message = format!("{} cannot be written: {why}", path.display());
    Error::new(Class::ReadOnly, Phase::Runtime, Code::ReadOnlyGraph, message)
        .hint("it can be read; to write, copy it to where that is allowed (shejire backup FILE COPY)")
}

/// A connection that reads; on media that cannot be written, without SQLite's shared memory.
pub(super) fn to_read(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let plain = Connection::open_with_flags(path, flags).map_err(sqlite).and_then(|mut conn| {
        settle(path, &mut conn).map_err(damage_or)?;
        has_our_schema(path, &conn)?;
        Ok(conn)
    });
    let Err(error) = plain else { return plain };
    let log = file::suffixed(path, "-wal");
    match fs::metadata(&log).map_or(0, |log| log.len()) {
        _ if error.code() == Code::StoreDamaged || error.code() == Code::StoreBusy => Err(error),
        0 => alone(path), // nobody else can write either: it takes a log
        _ => Err(error.hint(format!(
            "{} holds commits, and to read it SQLite must put a file beside it: copy both to where that is allowed",
            log.display()
        ))),
    }
}

/// A connection that reads the file alone, without any log beside it, and leaves every byte and every name as it is. Nobody
/// may write to the file meanwhile.
pub(super) fn alone(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let mut conn = Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags).map_err(sqlite)?;
    settle(path, &mut conn).map_err(damage_or)?;
    has_our_schema(path, &conn)?;
    Ok(conn)
}

/// A connection that shares the file with nobody, and changes nothing by being there; nothing where the file is none of
/// SQLite's. Errors: `StoreBusy`: somebody has it open.
pub(super) fn keep_out(path: &Path) -> Result<Option<Connection>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let alone = Connection::open_with_flags(path, flags).and_then(|conn| {
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        // in this mode the index of the log is in memory, and the lock of the file is held to the end
        conn.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(()))?;
        conn.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
        Ok(conn)
    });
    match alone {
        Ok(conn) => Ok(Some(conn)),
        Err(error) if sqlite_busy(&error) => {
            let message = format!("{} is open in another program", path.display());
            Err(store_error(Code::StoreBusy, message).hint("end that program first"))
        }
        Err(_) => Ok(None),
    }
}

fn sqlite_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn settle(path: &Path, conn: &mut Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(file::PATIENCE)?;
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
    ] {
        conn.set_db_config(config, on)?;
    }
    conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    let mut left = 100 + fs::metadata(path).map_or(0, |file| file.len() / WORK_PER_STEPS);
    let tired = move || {
        left = left.saturating_sub(1);
        left == 0
    };
    conn.progress_handler(STEPS, Some(tired))?;
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 0; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;",
    )
}

/// A statement of more than so many of SQLite's steps is counted; one that goes through a file has one such count for many
/// times so many bytes.
const STEPS: i32 = 1_000_000;
const WORK_PER_STEPS: u64 = 64 << 10;

/// Sees that the file has our tables and nothing else. Errors: `StoreDamaged`, naming what else there is.
fn has_our_schema(path: &Path, conn: &Connection) -> Result<()> {
    let words = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut wanted: Vec<(String, String, String)> = SCHEMA
        .split(';')
        .map(words)
        .filter(|sql| !sql.is_empty())
        .map(|sql| ("table".to_owned(), sql.split(' ').nth(2).unwrap_or_default().to_owned(), sql))
        .collect();
    wanted.push(("index".to_owned(), "sqlite_autoindex_part_1".to_owned(), String::new()));
    let mut statement = conn.prepare("SELECT type, name, coalesce(sql, '') FROM sqlite_schema").map_err(damage_or)?;
    let mut rows = statement.query([]).map_err(damage_or)?;
    while let Some(row) = rows.next().map_err(damage_or)? {
        let text = |at: usize| row.get::<_, String>(at).map_err(damage_or);
        let (kind, name, sql) = (text(0)?, text(1)?, words(&text(2)?));
        match wanted.iter().position(|(k, n, s)| *k == kind && *n == name && *s == sql) {
            Some(at) => drop(wanted.swap_remove(at)),
            None => {
                let why = format!("it has a {kind} `{name}` that no store has");
                return Err(damaged(&path.display().to_string(), &why)
                    .hint("another program has changed it, and SQLite would do what that says; restore a backup"));
            }
        }
    }
    match wanted.first() {
        None => Ok(()),
        Some((kind, name, _)) => Err(damaged(&path.display().to_string(), &format!("it has no {kind} `{name}`"))),
    }
}

/// Does something for which SQLite attaches a file of its own.
pub(super) fn attaching<T>(
    conn: &Connection,
    what: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 1)?;
    let done = what(conn);
    conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    done
}
