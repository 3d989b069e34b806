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
    let new = sheet.into_bytes();
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

/// Puts `new` in the place of a file that holds `old`: whole or not at all, with the same permissions. A link
/// stays one.
///
/// Errors: `DataError` when the file holds something else by now, or cannot be written.
pub(super) fn replace(path: &Path, old: &[u8], new: &[u8]) -> Result<()> {
    let target = fs::canonicalize(path).map_err(|why| no_access(path, "read", &why))?;
    let part = beside(&target);
    let written = write_part(&part, &target, new).and_then(|()| {
        if fs::read(&target)? != old {
            return Err(std::io::Error::other("somebody else changed it meanwhile"));
        }
        fs::rename(&part, &target)
    });
    if let Err(why) = written {
        let _ = fs::remove_file(&part);
        return Err(no_access(path, "write", &why));
    }
    // the new name is on the disk when the folder is; some file systems do not let a folder be synced
    if let Some(folder) = target.parent().and_then(|folder| fs::File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
    Ok(())
}

fn write_part(part: &Path, target: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(part)?;
    file.set_permissions(fs::metadata(target)?.permissions())?;
    file.write_all(bytes)?;
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
