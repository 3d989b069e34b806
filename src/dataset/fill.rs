//! Writing fingerprints into mentions.csv where there are none, and replacing files whole.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::columns::mentions;
use super::parse;
use super::problem::Problem;
use super::sheet::Sheet;
use super::verify::Verification;
use crate::error::{Class, Code, Error, Phase, Result};

const FILE: &str = "mentions.csv";
const COLUMN: &str = "fingerprint";

/// Writes the fingerprints that `found` says are missing into the folder `dir`; how many were written. Every other
/// byte of the table stays. A fingerprint that stands there is never changed.
///
/// Errors: `DataError` when the table cannot be read or written, or is not as it was when `found` was made; the
/// file is then as it was.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// use shejire::dataset;
///
/// let nothing = dataset::Verification::default();
/// assert_eq!(dataset::write_fingerprints("examples/city-councils".as_ref(), &nothing)?, 0);
/// # Ok(())
/// # }
/// ```
pub fn write_fingerprints(dir: &Path, found: &Verification) -> Result<usize> {
    if found.missing.is_empty() {
        return Ok(0);
    }
    let path = dir.join(FILE);
    let old = fs::read(&path).map_err(|why| no_access(&path, "read", &why))?;
    let changed = || {
        Error::data(format!("{} was changed while its documents were read", path.display()))
            .hint("run the command again")
    };
    let mut sheet = Sheet::read(&mentions::LAYOUT, &old).ok_or_else(changed)?;
    if sheet.head().iter().any(|name| name == COLUMN) {
        for (row, print) in &found.missing {
            let empty = sheet.cell(*row, COLUMN).is_some_and(|cell| cell.is_empty());
            if !empty || !sheet.set(*row, COLUMN, &format!("{print:016x}")) {
                return Err(changed());
            }
        }
    } else {
        let prints: crate::value::hash::DataMap<u32, u64> = found.missing.iter().copied().collect();
        sheet.add_column(COLUMN, |row| prints.get(&row).map_or(String::new(), |print| format!("{print:016x}")));
    }
    let new = sheet.bytes();
    // what was read before and what would be read now: nothing else may differ
    let mut problems: Vec<Problem> = Vec::new();
    let (before, mut after) = (parse::mentions(&old, &mut problems), parse::mentions(&new, &mut problems));
    let mut written = 0;
    for (before, after) in before.iter().zip(&mut after).filter(|(before, _)| before.fingerprint == 0) {
        written += usize::from(after.fingerprint != 0);
        after.fingerprint = before.fingerprint;
    }
    if before != after || written != found.missing.len() {
        return Err(changed());
    }
    replace(&path, &old, &new)?;
    Ok(written)
}

/// A file of a folder that is to hold something else.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) path: PathBuf,
    /// What it holds; nothing when it is to be made.
    pub(super) old: Option<Vec<u8>>,
    /// What it is to hold; nothing when it is to go.
    pub(super) new: Option<Vec<u8>>,
}

/// Puts `new` in the place of a file that holds `old`: whole or not at all, with the same permissions. A link
/// stays one.
///
/// Errors: `DataError` when the file holds something else by now, or cannot be written.
pub(super) fn replace(path: &Path, old: &[u8], new: &[u8]) -> Result<()> {
    replace_all(&[Change { path: path.to_path_buf(), old: Some(old.to_vec()), new: Some(new.to_vec()) }])
}

/// Makes all changes, or none: everything is written beside the files first, then each takes its place in the order given; what has
/// been put in place is put back when a later one fails.
///
/// Errors: `DataError` when a file holds something else by now, or cannot be written.
pub(super) fn replace_all(changes: &[Change]) -> Result<()> {
    let mut ready: Vec<(PathBuf, PathBuf, &Change)> = Vec::new();
    let discard = |ready: &[(PathBuf, PathBuf, &Change)]| {
        ready.iter().for_each(|(part, ..)| {
            let _ = fs::remove_file(part);
        });
    };
    for change in changes {
        let target = match change.old {
            Some(_) => fs::canonicalize(&change.path).map_err(|why| no_access(&change.path, "read", &why)),
            None => Ok(change.path.clone()),
        };
        let prepared = target.and_then(|target| {
            let part = beside(&target);
            let written = prepare(&part, &target, change).map_err(|why| no_access(&change.path, "write", &why));
            ready.push((part, target, change));
            written
        });
        if let Err(error) = prepared {
            discard(&ready);
            return Err(error);
        }
    }
    for (at, (part, target, change)) in ready.iter().enumerate() {
        let put = match change.new {
            Some(_) => fs::rename(part, target),
            None => fs::remove_file(target),
        };
        if let Err(why) = put {
            // what was there is known: it is put back
            for (_, target, change) in &ready[..at] {
                let _ = match &change.old {
                    Some(old) => fs::write(target, old),
                    None => fs::remove_file(target),
                };
            }
            discard(&ready[at..]);
            return Err(no_access(&change.path, "write", &why));
        }
    }
    // the new names are on the disk when the folder is; some file systems do not let a folder be synced
    if let Some(folder) =
        ready.first().and_then(|(_, target, _)| target.parent()).and_then(|folder| fs::File::open(folder).ok())
    {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Writes what a file is to hold beside it, when the file holds what it held.
fn prepare(part: &Path, target: &Path, change: &Change) -> std::io::Result<()> {
    let now = match fs::read(target) {
        Ok(bytes) => Some(bytes),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => None,
        Err(why) => return Err(why),
    };
    if now != change.old {
        return Err(std::io::Error::other("somebody else changed it meanwhile"));
    }
    let Some(new) = &change.new else { return Ok(()) };
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(part)?;
    if change.old.is_some() {
        file.set_permissions(fs::metadata(target)?.permissions())?;
    }
    file.write_all(new)?;
    file.sync_all()
}

/// The name a file has while it is being written.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    file.with_file_name(name)
}

pub(super) fn no_access(path: &Path, what: &str, why: &std::io::Error) -> Error {
    let message = format!("cannot {what} {}: {why}", path.display());
    Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, message)
}
