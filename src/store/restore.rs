//! A backup in the place of a store, with no log left that would be read into it.
//!
//! ```text
//! BACKUP ─► checked copy beside FILE, another copy of the store ─► FILE        what was there: FILE.before, with its log
//! ```
//!
//! Killed at any moment it leaves the old store whole under one of the names, or the new one; in between, FILE is refused
//! because of the old log beside it, and doing it again goes on.

use std::fs;
use std::path::{Path, PathBuf};

use super::file::{self, Head, io, store_error, suffixed};
use super::{Mode, Store, companions, connect};
use crate::error::{Code, Result};

/// What [`restore`] has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The last commit of the store that is there now.
    pub commit: u64,
    /// Where what was there before is, with its log.
    pub before: Option<PathBuf>,
}

/// Puts what a backup holds in the place of a store; the backup stays as it is. It may be the file itself: then what it
/// holds without the log beside it. Errors: `StoreBusy` (somebody has the store open), `StoreIo`, and of the backup
/// `StoreDamaged`, `StoreVersion`, `StoreReplaced`; then nothing was done.
///
/// ```
/// use shejire::Engine;
///
/// # fn main() -> shejire::Result<()> {
/// # let folder = tempfile::tempdir().unwrap();
/// let (file, backup) = (folder.path().join("laws.shejire"), folder.path().join("monday.shejire"));
/// let engine = Engine::open(&file)?;
/// engine.run("CREATE (:Law)")?;
/// engine.backup(&backup).unwrap()?;
/// engine.run("MATCH (l:Law) DELETE l")?;
/// drop(engine);
/// let restored = shejire::engine::restore(&backup, &file)?;
/// assert_eq!(Engine::open(&file)?.run("MATCH (l:Law) RETURN l")?.len(), 1);
/// assert_eq!(restored.before, Some(folder.path().join("laws.shejire.before")));
/// # Ok(())
/// # }
/// ```
pub fn restore(backup: &Path, to: &Path) -> Result<Restored> {
    let to = &fs::canonicalize(to).unwrap_or_else(|_| to.to_owned());
    let itself = fs::canonicalize(backup).is_ok_and(|backup| backup == *to);
    if !(if itself { file::recognise_alone(backup)? } else { file::recognise(backup)? }) {
        return Err(store_error(Code::StoreIo, format!("there is no store at {}", backup.display())));
    }
    let exists = match to.symlink_metadata() {
        Ok(there) if there.is_file() => true,
        Ok(_) => return Err(store_error(Code::StoreIo, format!("{} is not a file", to.display()))),
        Err(_) => false,
    };
    let journal = suffixed(to, "-journal");
    if journal.symlink_metadata().is_ok() {
        let message = format!("{} is in the way: it belongs to another database", journal.display());
        return Err(store_error(Code::StoreReplaced, message).hint("move it away"));
    }
    let _alone = if exists { connect::keep_out(to)? } else { None };
    file::remove_abandoned(file::folder_of(to), to);
    let new = file::new_beside(to, Some(if exists { to } else { backup }))?;
    let commit = copy(backup, itself, &new)?;
    let logged = companions::has_commits(to)?;
    let before = set_aside(to, exists, logged)?;
    new.persist(to).map_err(|error| io(to, &error.error))?;
    // with commits in it nobody opens the file, so nobody has it open; without, somebody may, and it does no harm
    for ending in ["-wal", "-shm"].iter().filter(|_| logged) {
        let _ = fs::remove_file(suffixed(to, ending)); // it has another name by now
    }
    file::sync_folder(to)?;
    Ok(Restored { commit, before })
}

/// A sound copy of the backup under a name of its own; its last commit.
fn copy(backup: &Path, alone: bool, new: &Path) -> Result<u64> {
    let conn = if alone { connect::alone(backup)? } else { connect::to_read(backup)? };
    Head::read(&conn)?;
    file::copy_to(&conn, new)?;
    let copy = Store::open(new, Mode::ReadOnly)?;
    let problems = copy.store.follower().check(&copy.knowledge);
    match problems.first() {
        None => Ok(copy.position.commit()),
        Some(first) => Err(file::damaged(&backup.display().to_string(), first).hint(file::MEND)),
    }
}

/// Gives what is at a path, and its log, a second name; which.
fn set_aside(path: &Path, exists: bool, logged: bool) -> Result<Option<PathBuf>> {
    let log = suffixed(path, "-wal");
    if !exists && !logged {
        return Ok(None);
    }
    let names = (1..1000).map(|n| suffixed(path, &if n == 1 { ".before".to_owned() } else { format!(".before{n}") }));
    let free = |name: &PathBuf| {
        ["", "-wal", "-shm", "-journal"].iter().all(|ending| suffixed(name, ending).symlink_metadata().is_err())
    };
    let Some(before) = names.into_iter().find(free) else {
        let message = format!("too many files are called {}.before…", path.display());
        return Err(store_error(Code::StoreIo, message).hint("remove those that are not needed"));
    };
    // the log first: a store without its log would be an older one
    if logged {
        name_too(&log, &suffixed(&before, "-wal"))?;
    }
    if exists {
        name_too(path, &before)?;
    }
    Ok(Some(before))
}

/// A second name for a file; on a file system without them, a copy.
fn name_too(file: &Path, name: &Path) -> Result<()> {
    let linked = fs::hard_link(file, name).or_else(|_| fs::copy(file, name).map(|_| ()));
    linked.map_err(|error| io(name, &error))
}
