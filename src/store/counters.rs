//! The counters that every commit of every process changes: the head of SQLite's index of its log (`FILE-shm`), read
//! without a lock, so that asking whether anything happened costs one read of 96 bytes.
//!
//! SQLite writes them after the log is synced and before COMMIT returns. Equal counters therefore mean that nothing was
//! acknowledged since they were last read; other ones mean nothing yet: then SQLite is asked. (It keeps two copies; a
//! reader that meets a commit half way sees a difference in one of them.)
//!
//! POSIX drops a process's locks on a file when the process closes any handle of it. The handle is shared by all that
//! have the store open in this process, and outlives their connections.

use std::fs::{self, File};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::file::inode;

/// Two copies of 48 bytes.
pub(crate) type Seen = [u8; 96];

/// The counters of one store.
#[derive(Clone, Debug)]
pub(super) struct Counters(Arc<File>);

/// A device and inode, and the handle of that file.
type Handle = ((u64, u64), Weak<File>);

/// The handles of this process.
static HANDLES: Mutex<Vec<Handle>> = Mutex::new(Vec::new());

impl Counters {
    /// The counters in this file; nothing where there are none to be read (then SQLite is asked each time).
    pub(super) fn open(file: &Path) -> Option<Self> {
        handle(file).map(Self)
    }

    /// What they are now.
    #[cfg(unix)]
    pub(super) fn read(&self) -> Option<Seen> {
        let mut seen = [0; 96];
        read_at(&self.0, &mut seen, 0).ok()?;
        Some(seen)
    }

    /// What they are now.
    #[cfg(not(unix))]
    pub(super) fn read(&self) -> Option<Seen> {
        None
    }
}

/// The handle of this process to a file that SQLite may have open, too. It must live as long as any connection to it.
pub(super) fn handle(file: &Path) -> Option<Arc<File>> {
    let mut handles = HANDLES.lock().unwrap_or_else(PoisonError::into_inner); // until the handle is in the list
    handles.retain(|(_, handle)| handle.strong_count() > 0);
    let wanted = inode(&fs::metadata(file).ok()?);
    if let Some(known) = handles.iter().find(|(inode, _)| cfg!(unix) && *inode == wanted) {
        return known.1.upgrade();
    }
    let handle = Arc::new(File::open(file).ok()?);
    handles.push((wanted, Arc::downgrade(&handle)));
    Some(handle)
}

/// Fills the buffer from a place of the file; threads may share the handle.
#[cfg(unix)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, at)
}

/// Fills the buffer from a place of the file.
#[cfg(not(unix))]
pub(super) fn read_at(mut file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<()> {
    use std::io::{Read as _, Seek as _};
    file.seek(std::io::SeekFrom::Start(at))?;
    file.read_exact(buffer)
}
