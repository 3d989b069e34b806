//! The SQLite file: recognising it, making it, its head row, and SQLite's errors in our words.
//!
//! A store is made whole under another name and then given its own, so that no crash leaves half of one.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use tempfile::TempPath;

use super::counters::{self, Counters, Seen};
use super::{companions, connect};
use crate::error::{Class, Code, Error, Phase, Result};

/// What SQLite's `application_id` of a store is: "SHJR".
pub(super) const APPLICATION: u32 = 0x5348_4a52;
/// The format this program writes, and the newest it reads: SQLite's `user_version`.
pub(crate) const FORMAT: u32 = 2;
/// The oldest format that is read. Its evidence says less, and the first write moves the file on.
const OLDEST: u32 = 1;
/// How long another process's lock is waited for.
pub(super) const PATIENCE: Duration = Duration::from_millis(if cfg!(test) { 100 } else { 5000 });
/// After this many commits, or bytes of records, SQLite's log is moved into the file.
const SETTLED_COMMITS: u64 = if cfg!(test) { 10 } else { 1000 };
const SETTLED_BYTES: u64 = 4 << 20;
pub(super) const PAGE_SIZE: u32 = 4096;
/// The place of the head in the log: after every record, so that a commit changes one page.
pub(super) const HEAD: i64 = i64::MAX;
/// Parts are written in blobs of at most this many bytes.
pub(super) const CHUNK: usize = 1 << 20;

pub(super) const SCHEMA: &str = "
    CREATE TABLE part (id INTEGER PRIMARY KEY, name TEXT NOT NULL, chunk INTEGER NOT NULL, crc INTEGER NOT NULL,
        data BLOB NOT NULL, UNIQUE (name, chunk));
    CREATE TABLE log (seq INTEGER PRIMARY KEY, chain INTEGER NOT NULL, data BLOB NOT NULL);
";

/// The last row of the log, which says what the rest of the file must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// Given at random when the store is made; part of every checksum.
    pub(super) store: [u8; 16],
    /// Number of the latest commit, and its checksum.
    pub(super) seq: u64,
    pub(super) chain: u32,
    /// The commit that the image holds, and its checksum.
    pub(super) image_seq: u64,
    pub(super) image_chain: u32,
    /// How many rows `part` has, and the checksum of their names and checksums.
    pub(super) parts: u64,
    pub(super) parts_sum: u32,
    pub(super) image_bytes: u64,
    pub(super) log_bytes: u64,
    /// Which copy of the store this is, and which it was before the commit that wrote this; 0: not said. See
    /// [`companions`](super::companions).
    pub(super) copy: u64,
    pub(super) before: u64,
}

impl Head {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.store.to_vec();
        for n in [self.seq, self.image_seq, self.parts, self.image_bytes, self.log_bytes] {
            bytes.extend_from_slice(&n.to_le_bytes());
        }
        for n in [self.chain, self.image_chain, self.parts_sum] {
            bytes.extend_from_slice(&n.to_le_bytes());
        }
        for n in [self.copy, self.before] {
            bytes.extend_from_slice(&n.to_le_bytes());
        }
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let long = |at: usize| long_at(bytes, 16 + 8 * at);
        let word = |at: usize| bytes.get(56 + 4 * at..)?.first_chunk::<4>().map(|b| u32::from_le_bytes(*b));
        Some(Self {
            store: *bytes.first_chunk::<16>()?,
            seq: long(0)?,
            image_seq: long(1)?,
            parts: long(2)?,
            image_bytes: long(3)?,
            log_bytes: long(4)?,
            chain: word(0)?,
            image_chain: word(1)?,
            parts_sum: word(2)?,
            // programs of before write none
            copy: long_at(bytes, 68).unwrap_or(0),
            before: long_at(bytes, 76).unwrap_or(0),
        })
    }

    /// The same of another copy.
    pub(super) fn of_another_copy(self, conn: &Connection) -> Result<Self> {
        let copy: i64 = conn.query_row("SELECT random()", [], |row| row.get(0)).map_err(sqlite)?;
        Ok(Self { copy: (copy as u64).max(1), before: self.copy, ..self })
    }

    /// Which image this is: no two of a store have the same.
    pub(super) fn image(&self) -> (u64, u32) {
        (self.image_seq, self.parts_sum)
    }

    /// The checksum of a record, which holds that of the one before it.
    pub(super) fn link(&self, before: u32, seq: u64, record: &[u8]) -> u32 {
        let mut crc = crc32fast::Hasher::new();
        crc.update(&self.store);
        crc.update(&before.to_le_bytes());
        crc.update(&seq.to_le_bytes());
        crc.update(record);
        crc.finalize()
    }

    /// The checksum of a blob of a part.
    pub(super) fn part_crc(&self, name: &str, chunk: u64, data: &[u8]) -> u32 {
        let mut crc = crc32fast::Hasher::new();
        crc.update(&self.store);
        crc.update(name.as_bytes());
        crc.update(&chunk.to_le_bytes());
        crc.update(data);
        crc.finalize()
    }

    /// Errors: `StoreDamaged` when the row is missing or does not fit its checksum.
    pub(super) fn read(conn: &Connection) -> Result<Self> {
        let mut statement = conn.prepare_cached("SELECT chain, data FROM log WHERE seq = ?").map_err(damage_or)?;
        let row = statement.query_row([HEAD], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, Vec<u8>>(1)?)));
        match row.optional().map_err(damage_or)? {
            Some((crc, bytes)) if crc == crc32fast::hash(&bytes) => Self::from_bytes(&bytes),
            _ => None,
        }
        .filter(|head| head.image_seq <= head.seq && head.seq < HEAD as u64)
        .ok_or_else(|| damaged("head", "the row that says what the store holds does not fit its checksum"))
    }

    pub(super) fn write(&self, conn: &Connection) -> Result<()> {
        let mut statement =
            conn.prepare_cached("INSERT OR REPLACE INTO log (seq, chain, data) VALUES (?, ?, ?)").map_err(sqlite)?;
        let bytes = self.bytes();
        statement.execute(params![HEAD, crc32fast::hash(&bytes), bytes]).map_err(sqlite)?;
        Ok(())
    }
}

fn long_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes))
}

/// The stores this process has open, by device and inode. POSIX drops a process's locks on a file when the process closes
/// *any* handle of it, so a store that SQLite holds must not be opened and closed beside it to look at its header.
static OPEN: Mutex<Vec<(u64, u64)>> = Mutex::new(Vec::new());

/// Keeps a file known as open while it lives; dropped after the connections to it.
#[derive(Debug)]
pub(super) struct Registered {
    inode: (u64, u64),
    path: PathBuf,
    /// The file as it lies there, without the log.
    pub(super) bare: Option<Arc<File>>,
    /// Device and inode of SQLite's log, once it is open.
    log: OnceLock<(u64, u64)>,
    /// When it was last seen that they are still under their names, in milliseconds of `since`.
    looked: AtomicU64,
    since: Instant,
    closed: AtomicBool,
    counters: OnceLock<Option<Counters>>,
    /// Commits, by anybody, and bytes of their records since SQLite's log was last moved into the file.
    unsettled: [AtomicU64; 2],
}

impl Registered {
    /// What every commit changes; see [`Counters`]. Only once a connection has read the store.
    pub(super) fn counters(&self) -> Option<Seen> {
        let counters = self.counters.get_or_init(|| Counters::open(&suffixed(&self.path, "-shm")));
        counters.as_ref()?.read()
    }

    /// Notes the log that SQLite has open.
    pub(super) fn note_log(&self) {
        if let Ok(log) = fs::metadata(suffixed(&self.path, "-wal")) {
            let _ = self.log.set(inode(&log));
        }
    }

    /// Notes that the file is closed for good: it need not stay where it is.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    /// Whether file and log are still those that were opened; what is under the name of the file now.
    /// Errors: `StoreReplaced`: whatever was written then would be nowhere, or in another's file.
    pub(super) fn in_place(&self) -> Result<Option<fs::Metadata>> {
        if self.closed.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let (path, log) = (&self.path, suffixed(&self.path, "-wal"));
        let replaced = |what: String| Err(store_error(Code::StoreReplaced, what));
        let file = match fs::metadata(path) {
            Ok(file) if inode(&file) == self.inode => file,
            Ok(_) => {
                return replaced(format!("another file has taken the place of {} while it was open", path.display()))
                    .map_err(|error| error.hint("open it again; the file that was there is no longer written to"));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return replaced(format!("{} was moved or removed while it was open", path.display())).map_err(
                    |error| error.hint(format!("put it back, with {}, or open it under its new name", log.display())),
                );
            }
            Err(error) => return Err(io(path, &error)),
        };
        let Some(opened) = self.log.get() else { return Ok(Some(file)) };
        match fs::metadata(&log) {
            Ok(log) if inode(&log) == *opened => Ok(Some(file)),
            _ => replaced(format!("{} was removed or replaced while the store was open", log.display())).map_err(|error| {
                error.hint("commits that were only in it are in no file any more; what this process has read it can still answer")
            }),
        }
    }

    /// The same for those who read, at most some times a second. `now`: about now; asking the clock costs as much as the rest.
    /// Errors: `StoreReplaced`.
    pub(super) fn in_place_lately(&self, now: Instant) -> Result<()> {
        let now = now.saturating_duration_since(self.since).as_millis() as u64;
        let looked = self.looked.load(Ordering::Relaxed);
        if now < looked + 20 {
            return Ok(());
        }
        self.in_place()?;
        self.looked.store(now, Ordering::Relaxed);
        Ok(())
    }

    /// Notes a commit whose record has so many bytes.
    pub(super) fn note_commit(&self, bytes: u64) {
        self.unsettled[0].fetch_add(1, Ordering::Relaxed);
        self.unsettled[1].fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether SQLite's log is due to be moved into the file; then the count begins anew.
    pub(super) fn is_due(&self) -> bool {
        let [commits, bytes] = [0, 1].map(|at| self.unsettled[at].load(Ordering::Relaxed));
        let due = commits >= SETTLED_COMMITS || bytes >= SETTLED_BYTES;
        if due {
            self.settled();
        }
        due
    }

    /// Notes that it has been moved.
    pub(super) fn settled(&self) {
        self.unsettled.iter().for_each(|count| count.store(0, Ordering::Relaxed));
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = open.iter().position(|inode| *inode == self.inode) {
            open.swap_remove(at);
        }
    }
}

/// Notes that this process is about to open the store through SQLite.
pub(super) fn register(path: &Path) -> Result<Registered> {
    let inode = inode(&fs::metadata(path).map_err(|error| io(path, &error))?);
    OPEN.lock().unwrap_or_else(PoisonError::into_inner).push(inode);
    let left = fs::metadata(suffixed(path, "-wal")).map_or(0, |log| log.len());
    let unsettled = [AtomicU64::new(0), AtomicU64::new(left)];
    Ok(Registered {
        inode,
        path: path.to_owned(),
        bare: counters::handle(path),
        log: OnceLock::new(),
        looked: AtomicU64::new(0),
        since: Instant::now(),
        closed: AtomicBool::new(false),
        counters: OnceLock::new(),
        unsettled,
    })
}

#[cfg(unix)]
pub(super) fn inode(metadata: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
pub(super) fn inode(_: &fs::Metadata) -> (u64, u64) {
    (0, 0)
}

/// Whether the path names a store that this program reads, with a log of its own. `Ok(false)`: there is nothing there.
/// Touches nothing. Errors: `StoreIo`, `StoreDamaged` (something else is there), `StoreVersion`, `StoreReplaced`.
pub(super) fn recognise(path: &Path) -> Result<bool> {
    recognise_with(path, companions::verify)
}

/// The same to read what can be read, though commits in the log be lost. Errors: as [`recognise`].
pub(super) fn recognise_to_salvage(path: &Path) -> Result<bool> {
    recognise_with(path, companions::verify_what_is_read)
}

/// The same of the file alone, whatever lies beside it.
pub(super) fn recognise_alone(path: &Path) -> Result<bool> {
    recognise_with(path, |_, _| Ok(()))
}

fn recognise_with(path: &Path, log: impl FnOnce(&Path, &File) -> Result<()>) -> Result<bool> {
    let foreign = |why: &str| Err(damaged(&path.display().to_string(), why).hint("was another file meant?"));
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(io(path, &error)),
    };
    if !metadata.is_file() {
        return foreign("it is not a file");
    }
    let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner); // held until the header is read
    if cfg!(unix) && open.contains(&inode(&metadata)) {
        return Ok(true); // it was recognised when this process opened it
    }
    let mut header = [0u8; 100];
    let mut file = File::open(path).map_err(|error| io(path, &error))?;
    if let Err(error) = file.read_exact(&mut header) {
        return match error.kind() {
            std::io::ErrorKind::UnexpectedEof => foreign("it is too short to be a shejire store"),
            _ => Err(io(path, &error)),
        };
    }
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    if !header.starts_with(b"SQLite format 3\0") || number(68) != APPLICATION {
        return foreign("it is not a shejire store");
    }
    match number(60) {
        OLDEST..=FORMAT => {
            let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()); // as SQLite names its log
            log(&path, &file).map(|()| true)
        }
        other => Err(later(path, other)),
    }
}

/// Whether a file is a store, or lies beside one as a part of it (its log, say): nothing else may be written over it.
pub(crate) fn is_of_store(path: &Path) -> bool {
    let is_store = |path: &Path| {
        let Ok(metadata) = fs::metadata(path) else { return false };
        let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner); // held until the header is read
        if !metadata.is_file() || (cfg!(unix) && open.contains(&inode(&metadata))) {
            return metadata.is_file();
        }
        let mut header = [0; 72];
        let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
        read.is_ok() && header.starts_with(b"SQLite format 3\0") && header[68..] == APPLICATION.to_be_bytes()
    };
    let name = path.as_os_str().as_encoded_bytes();
    let ending = ["-wal", "-shm", "-journal"].iter().find(|ending| name.ends_with(ending.as_bytes()));
    let of = ending.and_then(|ending| path.to_str()?.strip_suffix(ending));
    is_store(path) || of.is_some_and(|store| is_store(Path::new(store)))
}

fn later(path: &Path, format: u32) -> Error {
    store_error(
        Code::StoreVersion,
        format!("{} has format {format}; this program reads formats {OLDEST} to {FORMAT}", path.display()),
    )
    .hint("use the version of shejire that wrote it, or export there and import here")
}

/// Makes a store at a path where there is none: `fill` writes its parts. Nobody sees it before it is whole and durable.
pub(super) fn create(path: &Path, fill: impl FnOnce(&Connection, &mut Head) -> Result<()>) -> Result<()> {
    let folder = folder_of(path);
    if !folder.is_dir() {
        let message = format!("there is no folder {} to put {} in", folder.display(), path.display());
        return Err(store_error(Code::StoreIo, message));
    }
    remove_abandoned(folder, path);
    vacant(path)?;
    let new = new_beside(path, None)?;
    make(&new, fill)?;
    vacant(path)?;
    publish(&new, path)
}

/// An empty file beside a store that is being made, under a name that nobody can have chosen before; it goes when it is
/// dropped, and has the mode of `like`, or that of any new file.
pub(super) fn new_beside(path: &Path, like: Option<&Path>) -> Result<TempPath> {
    let mut builder = tempfile::Builder::new();
    let mut prefix = path.file_name().unwrap_or_default().to_owned();
    prefix.push(format!("{NEW}{}-", std::process::id()));
    builder.prefix(&prefix).rand_bytes(12);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let new = builder.tempfile_in(folder_of(path)).map_err(|error| io(path, &error))?;
    if let Some(like) = like.and_then(|like| fs::metadata(like).ok()) {
        new.as_file().set_permissions(like.permissions()).map_err(|error| io(path, &error))?;
    }
    Ok(new.into_temp_path())
}

/// Sees that nothing is under the name of a store to be made, and nothing beside it that would be taken for its log.
/// Errors: `StoreIo`, `StoreReplaced`.
pub(crate) fn vacant(path: &Path) -> Result<()> {
    match path.symlink_metadata() {
        Ok(_) => Err(store_error(Code::StoreIo, format!("{} exists already", path.display()))),
        Err(_) => companions::clear(path),
    }
}

/// Between the name of a store that is being made and the number of the process that makes it.
const NEW: &str = ".new-";

/// Removes what processes left that died while they made this store, or the copy of it in an older format: no process
/// here has their number, and nobody (on another machine, say) has written to it for a minute.
pub(super) fn remove_abandoned(folder: &Path, path: &Path) {
    let (Some(name), true) = (path.file_name(), Path::new("/proc/self").exists()) else { return };
    let digits_of = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    for file in fs::read_dir(folder).into_iter().flatten().flatten() {
        let found = file.file_name();
        let Some(mut rest) = found.as_encoded_bytes().strip_prefix(name.as_encoded_bytes()) else { continue };
        if let Some(older) = rest.strip_prefix(b".format") {
            rest = &older[digits_of(older)..];
        }
        let Some(rest) = rest.strip_prefix(NEW.as_bytes()) else { continue };
        let digits = digits_of(rest);
        let process = std::str::from_utf8(&rest[..digits]).unwrap_or_default();
        let written = file.metadata().and_then(|metadata| metadata.modified());
        let idle = written.ok().and_then(|at| at.elapsed().ok()).is_some_and(|age| age > Duration::from_secs(60));
        if digits > 0 && idle && !Path::new("/proc").join(process).exists() {
            let _ = fs::remove_file(file.path());
        }
    }
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn make(new: &Path, fill: impl FnOnce(&Connection, &mut Head) -> Result<()>) -> Result<()> {
    let conn = Connection::open(new).map_err(sqlite)?;
    conn.execute_batch(&format!(
        "PRAGMA page_size = {PAGE_SIZE}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
         PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT}; BEGIN; {SCHEMA}"
    ))
    .map_err(sqlite)?;
    let store: [u8; 16] = conn.query_row("SELECT randomblob(16)", [], |row| row.get(0)).map_err(sqlite)?;
    let mut head = Head { store, ..Head::default() }.of_another_copy(&conn)?;
    fill(&conn, &mut head)?;
    head.write(&conn)?;
    conn.execute_batch("COMMIT").map_err(sqlite)?;
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(sqlite)?;
    if mode != "wal" {
        return Err(store_error(Code::StoreIo, format!("this file system does not allow a log ({mode})")));
    }
    conn.close().map_err(|(_, error)| sqlite(error))?;
    File::open(new).and_then(|file| file.sync_all()).map_err(|error| io(new, &error))
}

/// Gives a finished file its name, unless something took the name meanwhile.
pub(super) fn publish(new: &Path, path: &Path) -> Result<()> {
    match fs::hard_link(new, path) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(store_error(Code::StoreIo, format!("{} exists already", path.display())));
        }
        // a file system without links
        Err(_) if !path.exists() => fs::rename(new, path).map_err(|error| io(path, &error))?,
        Err(error) => return Err(io(path, &error)),
    }
    sync_folder(path)
}

/// Makes durable which names are in the folder of a file.
pub(super) fn sync_folder(path: &Path) -> Result<()> {
    match File::open(folder_of(path)).and_then(|folder| folder.sync_all()) {
        Err(error) if error.kind() != std::io::ErrorKind::PermissionDenied && cfg!(unix) => Err(io(path, &error)),
        _ => Ok(()),
    }
}

pub(super) fn suffixed(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The format of an open file.
pub(super) fn format(conn: &Connection) -> Result<u32> {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(sqlite)
}

/// Moves a file of an older format on to this program's, within the transaction that is open on `conn` and has changed
/// nothing yet: as it was, it stays beside the file under the name of its format. Returns whether there was anything to
/// do; what is written then must be of this format.
pub(super) fn move_on(path: &Path, conn: &Connection) -> Result<bool> {
    let old = format(conn)?;
    if old == FORMAT {
        return Ok(false);
    }
    if old > FORMAT {
        return Err(later(path, old)); // somebody has moved it on while this process had it open
    }
    let left = suffixed(path, &format!(".format{old}"));
    if !left.exists() {
        copy(&connect::to_read(path)?, path, &left)?;
    }
    conn.execute_batch(&format!("PRAGMA user_version = {FORMAT}")).map_err(sqlite)?;
    Ok(true)
}

/// Copies what a connection sees to a path where no file is, durably; with the mode of the file it is of.
pub(super) fn copy(conn: &Connection, of: &Path, to: &Path) -> Result<()> {
    vacant(to)?;
    let new = new_beside(to, Some(of))?;
    copy_to(conn, &new)?;
    publish(&new, to)
}

/// Copies what a connection sees to an empty file, durably, as another copy of the store.
pub(super) fn copy_to(conn: &Connection, new: &Path) -> Result<()> {
    connect::attaching(conn, |conn| conn.execute("VACUUM INTO ?", [new.to_string_lossy()])).map_err(sqlite)?;
    let copy = Connection::open(new).map_err(sqlite)?;
    copy.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").map_err(sqlite)?;
    Head::read(&copy)?.of_another_copy(&copy)?.write(&copy)?;
    copy.close().map_err(|(_, error)| sqlite(error))?;
    File::open(new).and_then(|file| file.sync_all()).map_err(|error| io(new, &error))
}

pub(super) fn store_error(code: Code, message: impl Into<String>) -> Error {
    Error::new(Class::StoreError, Phase::Runtime, code, message)
}

/// What helps a store that its own log does not fit.
pub(super) const MEND: &str =
    "`shejire check FILE` lists what is wrong, `shejire repair FILE --to NEW` writes a sound copy";

pub(super) fn damaged(what: &str, why: &str) -> Error {
    store_error(Code::StoreDamaged, format!("{what}: {why}"))
}

pub(super) fn io(path: &Path, error: &std::io::Error) -> Error {
    store_error(Code::StoreIo, format!("{}: {error}", path.display()))
}

/// SQLite's error in our words.
pub(super) fn sqlite(error: rusqlite::Error) -> Error {
    let code = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Code::StoreBusy,
        // ended because it did not end by itself
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::OperationInterrupted) => {
            Code::StoreDamaged
        }
        Some(ErrorCode::ReadOnly) => Code::ReadOnlyGraph,
        _ => Code::StoreIo,
    };
    let said = match code {
        Code::StoreBusy => store_error(code, "another process is writing to the store").hint("try again"),
        Code::StoreDamaged => store_error(code, format!("the store is damaged ({error})")),
        Code::ReadOnlyGraph => {
            Error::new(Class::ReadOnly, Phase::Runtime, code, "the store cannot be written here".to_owned())
        }
        _ => store_error(code, format!("the store could not be read or written ({error})")),
    };
    said.caused_by(error)
}

/// The same where anything but a failing disk or a lock means damage: a table or column that must be there is not.
pub(super) fn damage_or(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::Unknown) | None => damaged("the store", &error.to_string()),
        _ => sqlite(error),
    }
}
