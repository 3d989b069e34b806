//! Files that commands write for people: whole or not at all, and never something that is not theirs to replace.
//!
//! ```text
//! nothing, or a file      a file of no other name's choosing in the same folder ─► written ─► takes the place, with its mode
//! a device, a pipe        written to, never replaced
//! a link                  replaced, not followed (what it leads to may be another's choice); to a device: written to
//! a store, its log        refused
//! ```

use std::fs::{self, File, Metadata};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempDir};

use super::Failure;
use crate::error::{Class, Code, Error, Phase, Result};
use crate::store;

/// Writes a file that is a stream of bytes. Errors: it cannot be written, and those of `write`; then what was there is.
pub(super) fn stream(
    file: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::result::Result<(), Failure>,
) -> std::result::Result<(), Failure> {
    if let Some(device) = device(file)? {
        let mut to = BufWriter::new(device);
        write(&mut to)?;
        return Ok(to.flush().map_err(|error| cannot(file, &error))?);
    }
    let mut new = new_file(file)?;
    let mut to = BufWriter::new(new.as_file_mut());
    write(&mut to)?;
    to.flush().map_err(|error| cannot(file, &error))?;
    drop(to);
    Ok(keep(new, file)?)
}

/// Writes a file by a program that wants its path, at which an empty file is.
pub(super) fn by_path(
    file: &Path,
    write: impl FnOnce(&Path) -> std::result::Result<(), Failure>,
) -> std::result::Result<(), Failure> {
    if device(file)?.is_some() {
        return Err(refused(file, "this format is no stream: it cannot be written to a device").into());
    }
    let new = new_file(file)?;
    write(new.path())?;
    Ok(keep(new, file)?)
}

/// Writes the files of a folder, which is there then; one that was there gets them one by one.
pub(super) fn folder(
    folder: &Path,
    write: impl FnOnce(&Path) -> std::result::Result<(), Failure>,
) -> std::result::Result<(), Failure> {
    let failed = |error: std::io::Error| cannot(folder, &error);
    let into = folder.is_dir();
    if !into && folder.symlink_metadata().is_ok() {
        return Err(refused(folder, "it is not a folder").into());
    }
    let new = new_folder(folder, into).map_err(failed)?;
    write(new.path())?;
    if !into {
        fs::rename(new.keep(), folder).map_err(failed)?;
        return Ok(());
    }
    for entry in fs::read_dir(new.path()).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let target = folder.join(entry.file_name());
        no_store(&target)?;
        if let Some(mode) = mode(&target) {
            fs::set_permissions(entry.path(), mode).map_err(failed)?;
        }
        fs::rename(entry.path(), &target).map_err(|error| cannot(&target, &error))?;
    }
    Ok(())
}

/// A file that grows while something else is done, and then takes its place.
#[derive(Debug)]
pub(super) struct Growing {
    target: PathBuf,
    to: BufWriter<To>,
}

#[derive(Debug)]
enum To {
    New(NamedTempFile),
    Device(File),
}

impl Growing {
    pub(super) fn new(file: &Path) -> Result<Self> {
        let to = match device(file)? {
            Some(device) => To::Device(device),
            None => To::New(new_file(file)?),
        };
        Ok(Self { target: file.to_owned(), to: BufWriter::new(to) })
    }

    /// A line at its end.
    pub(super) fn line(&mut self, text: &str) -> Result<()> {
        writeln!(self.to, "{text}").map_err(|error| cannot(&self.target, &error))
    }

    /// Ends it.
    pub(super) fn finish(self) -> Result<()> {
        let Self { target, to } = self;
        match to.into_inner().map_err(|error| cannot(&target, error.error()))? {
            To::New(new) => keep(new, &target),
            To::Device(_) => Ok(()),
        }
    }
}

impl Write for To {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::New(new) => new.write(bytes),
            Self::Device(device) => device.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::New(new) => new.flush(),
            Self::Device(device) => device.flush(),
        }
    }
}

/// What can only be written to: a device, a pipe, a terminal; also where a link leads to one.
fn device(file: &Path) -> Result<Option<File>> {
    match fs::metadata(file) {
        Ok(found) if found.is_dir() => Err(refused(file, "it is a folder")),
        Ok(found) if !found.is_file() => {
            File::options().write(true).open(file).map(Some).map_err(|error| cannot(file, &error))
        }
        _ => Ok(None),
    }
}

fn new_file(file: &Path) -> Result<NamedTempFile> {
    no_store(file)?;
    let mut builder = Builder::new();
    let prefix = hidden(file);
    builder.prefix(&prefix).suffix(".part").rand_bytes(12);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // less what the user's mask takes away
    builder.tempfile_in(folder_of(file)).map_err(|error| cannot(file, &error))
}

fn new_folder(folder: &Path, into: bool) -> std::io::Result<TempDir> {
    let mut builder = Builder::new();
    let prefix = hidden(folder);
    builder.prefix(&prefix).suffix(".part").rand_bytes(12);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    builder.tempdir_in(if into { folder } else { folder_of(folder) })
}

fn hidden(file: &Path) -> std::ffi::OsString {
    let mut name = std::ffi::OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(".");
    name
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Gives a file its name, with the mode of the file that has it.
fn keep(new: NamedTempFile, file: &Path) -> Result<()> {
    if let Some(mode) = mode(file) {
        new.as_file().set_permissions(mode).map_err(|error| cannot(file, &error))?;
    }
    new.persist(file).map(|_| ()).map_err(|error| cannot(file, &error.error))
}

fn mode(file: &Path) -> Option<fs::Permissions> {
    fs::symlink_metadata(file).ok().filter(Metadata::is_file).map(|found| found.permissions())
}

fn no_store(file: &Path) -> Result<()> {
    match store::is_of_store(file) {
        true => Err(refused(file, "it is a store, or belongs to one").hint("write to another file")),
        false => Ok(()),
    }
}

fn refused(file: &Path, why: &str) -> Error {
    Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, format!("cannot write {}: {why}", file.display()))
}

fn cannot(file: &Path, error: &std::io::Error) -> Error {
    refused(file, &error.to_string())
}
