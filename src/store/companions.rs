//! Whether what lies beside a store is its own: SQLite's log of another store, or of another copy of this one, must never
//! be read into it.
//!
//! ```text
//! FILE      head: store, copy            cp, mv, a kill …      FILE      head: store, copy'   ≠
//! FILE-wal  heads: store, copy   ✓      ─────────────────►     FILE-wal  heads: store, copy   refused, nothing touched
//! ```
//!
//! SQLite believes any log that lies under the right name. Each store therefore has, beside its id, the number of the *copy*
//! in its head: a backup is given one of its own, and a handle that writes for the first time gives the file a new one, in
//! the file before its first commit is acknowledged. So a log that was begun on a file fits that file and no copy of it
//! that was made while nobody had it open.
//!
//! File and log are read here byte by byte, before SQLite sees them. What cannot be read is left to SQLite: in a file into
//! which a log was being moved when the process died, pages of before and after lie side by side, and the log has all of
//! them.
//!
//! SQLite takes the first frame of its log that does not fit its checksum for the place where writing was cut off, and says
//! nothing of what lies behind it. A commit is begun when the one before is on the disk, so what was cut off is one commit.
//! Where the frames behind such a place fit each other and go on behind the end of a commit, or hold the head of a later one,
//! the place was damaged, and commits that were acknowledged are lost: that is refused. (That only the last commit is damaged
//! cannot be told from a cut.)

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;
use std::time::Duration;

use super::counters::read_at;
use super::file::{HEAD, Head, MEND, PAGE_SIZE, damaged, io, store_error, suffixed};
use crate::error::{Code, Error, Result};

/// Refuses a file whose log is not its own, or has commits behind a damaged place. The file must not be open in this process,
/// but through `file`. Errors: `StoreReplaced`, `StoreDamaged`, `StoreIo`.
pub(super) fn verify(path: &Path, file: &File) -> Result<()> {
    let scan = verified(path, file)?;
    match scan.map(|scan| confirmed(path, file, scan)).transpose()?.flatten() {
        Some(lost) => Err(damaged(&suffixed(path, "-wal").display().to_string(), &lost).hint(MEND)),
        None => Ok(()),
    }
}

/// The same of as much of the log as SQLite reads. Errors: as [`verify`], but not that what is behind is lost.
pub(super) fn verify_what_is_read(path: &Path, file: &File) -> Result<()> {
    verified(path, file).map(|_| ())
}

fn verified(path: &Path, file: &File) -> Result<Option<Scan>> {
    let left = suffixed(path, "-journal");
    if fs::metadata(&left).is_ok_and(|journal| journal.len() > 0) {
        let message = format!("{}: a store has no such file, and SQLite would change the store by it", left.display());
        return Err(
            replaced(message).hint("it belongs to another database, or to one that was here before: move it away")
        );
    }
    let scan = Scan::of(path)?;
    if let Some(scan) = scan.as_ref().filter(|scan| scan.committed)
        && let Some(trail) = Trail::of(file)
        && !scan.log.is_of(&trail)
    {
        return Err(scan.log.strange(path, Some(&trail.head)));
    }
    Ok(scan)
}

/// Commits in the log beside a file that SQLite does not read because something before them is damaged. Errors: `StoreIo`.
pub(super) fn lost(path: &Path, file: &File) -> Result<Option<String>> {
    let scan = Scan::of(path)?;
    scan.map(|scan| confirmed(path, file, scan)).transpose().map(Option::flatten)
}

/// What a scan of the log says is lost, if others say the same: a log that is written to while it is read shows places that
/// are whole a moment later.
fn confirmed(path: &Path, file: &File, scan: Scan) -> Result<Option<String>> {
    let in_file = Trail::of(file).map(|trail| trail.head.seq);
    let Some(first) = scan.lost(path, in_file)? else { return Ok(None) };
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(20));
        let again = Scan::of(path)?.map(|scan| scan.lost(path, in_file)).transpose()?.flatten();
        if again != Some(first) {
            return Ok(None);
        }
    }
    let Lost { at, commits } = first;
    Ok(Some(format!(
        "byte {at} of it or one behind that is damaged, and at least {commits} of the commits there are lost by it"
    )))
}

/// Whether what a connection that holds the write lock has read as the head is that of the file as it lies there, and of
/// its log: a file can be written over under those who have it open. Errors: `StoreIo`.
pub(super) fn stands(path: &Path, file: &File, head: &Head) -> Result<bool> {
    for attempt in 0..3 {
        let Some(trail) = Trail::of(file) else { return Ok(true) };
        // the file says the same, or a log that was begun on it goes on from there
        let fits = trail.head == *head
            || (trail.head.store == head.store && Log::read(path)?.is_some_and(|log| log.is_of(&trail)));
        if fits {
            return Ok(true);
        }
        if attempt < 2 {
            std::thread::sleep(Duration::from_millis(20)); // another process may be moving its log into the file
        }
    }
    Ok(false)
}

/// Sees that a store can be made at a path where none is: no commits of an earlier one lie beside it. What else lies there
/// stays: SQLite reads nothing from it, and it may be that of a store which another process is making at this moment.
/// Errors: `StoreReplaced`, `StoreIo`.
pub(super) fn clear(path: &Path) -> Result<()> {
    let left = suffixed(path, "-journal");
    if left.symlink_metadata().is_ok() {
        let message = format!("{} is left of a database that is here no more", left.display());
        return Err(replaced(message).hint("put the database back, or remove that file"));
    }
    match Log::read(path)? {
        Some(log) if path.symlink_metadata().is_err() => Err(log.strange(path, None)),
        _ => Ok(()),
    }
}

/// Whether there are commits in the log beside a file. Errors: `StoreIo`, `StoreReplaced`.
pub(super) fn has_commits(path: &Path) -> Result<bool> {
    Ok(Log::read(path)?.is_some())
}

fn replaced(message: String) -> Error {
    store_error(Code::StoreReplaced, message)
}

/// The head of a file as it lies there, without the log, and the pages that lead to it.
struct Trail {
    head: Head,
    pages: Vec<(u32, Page)>,
}

type Page = [u8; PAGE_SIZE as usize];

impl Trail {
    fn of(file: &File) -> Option<Self> {
        let mut pages = Vec::new();
        let mut number = root_of_log(&page(file, 1)?)?;
        loop {
            let page = page(file, number)?;
            pages.push((number, page));
            match page[0] {
                LEAF => {
                    let (HEAD, payload) = last_cell(&page)? else { return None };
                    return Some(Self { head: head_in(payload)?, pages });
                }
                INNER if pages.len() < 20 => number = u32::from_be_bytes(*page[8..].first_chunk()?),
                _ => return None,
            }
        }
    }
}

/// What SQLite's log says of the store that it is of.
struct Log {
    /// Of its first and its last commit; nothing when the commits are those of another kind of database.
    heads: Option<(Head, Head)>,
    copies: Vec<u64>,
    /// The last page of each number that is committed.
    pages: Vec<(u32, u64)>,
    from: File,
}

/// Commits that SQLite passes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lost {
    /// Where the first frame begins that it does not read.
    at: u64,
    /// Those that were on the disk when the next was begun.
    commits: u64,
}

/// SQLite's log, frame by frame.
struct Frames {
    reader: BufReader<File>,
    salts: [u8; 8],
    /// The checksum of what was read so far.
    sum: Sum,
    frame: Vec<u8>,
    /// Where the next frame begins.
    at: u64,
}

/// How a frame goes with those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    Fits,
    /// It is of this use of the log, and does not go on from the one before.
    Other,
    /// It is left of an earlier use of the log, or is none.
    Foreign,
}

impl Frames {
    /// Nothing when there is no log that SQLite reads. Errors: `StoreIo`, `StoreReplaced`.
    fn open(path: &Path) -> Result<Option<Self>> {
        let failed = |error: std::io::Error| io(path, &error);
        let from = match File::open(path) {
            Ok(from) => from,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if !from.metadata().map_err(failed)?.is_file() {
            return Err(replaced(format!("{} is not a file", path.display())));
        }
        let mut reader = BufReader::with_capacity(1 << 20, from);
        let mut header = [0; 32];
        if !filled(&mut reader, &mut header).map_err(failed)? {
            return Ok(None);
        }
        let magic = u32::from_be_bytes([header[0], header[1], header[2], header[3]]) & !1;
        let size = u32::from_be_bytes([header[8], header[9], header[10], header[11]]);
        let mut sum = Sum { big: header[3] & 1 == 1, words: [0; 2] };
        sum.add(&header[..24]);
        if magic != 0x377f_0682
            || !(512..=65536).contains(&size)
            || !size.is_power_of_two()
            || sum.bytes() != header[24..]
        {
            return Ok(None);
        }
        let mut salts = [0; 8];
        salts.copy_from_slice(&header[16..24]);
        Ok(Some(Self { reader, salts, sum, frame: vec![0; 24 + size as usize], at: 32 }))
    }

    /// Reads the next frame; nothing at the end. Its checksum, right or wrong, is what the next goes on from.
    fn next(&mut self) -> std::io::Result<Option<Fit>> {
        if !filled(&mut self.reader, &mut self.frame)? {
            return Ok(None);
        }
        self.at += self.frame.len() as u64;
        self.sum.add(&self.frame[..8]);
        self.sum.add(&self.frame[24..]);
        let fits = self.sum.bytes() == self.frame[16..24];
        self.sum.words = [self.word(16), self.word(20)];
        Ok(Some(match self.frame[8..16] == self.salts {
            true if fits => Fit::Fits,
            true => Fit::Other,
            false => Fit::Foreign,
        }))
    }

    fn word(&self, at: usize) -> u32 {
        let frame = &self.frame;
        u32::from_be_bytes([frame[at], frame[at + 1], frame[at + 2], frame[at + 3]])
    }

    /// The number of the page.
    fn number(&self) -> u32 {
        self.word(0)
    }

    /// Whether a commit ends with it.
    fn ends_commit(&self) -> bool {
        self.word(4) != 0
    }

    fn page(&self) -> &[u8] {
        &self.frame[24..]
    }

    /// The head of the store, where the page holds it.
    fn head(&self) -> Option<Head> {
        let page = self.page();
        let (_, payload) = last_cell(page).filter(|(row, _)| page[0] == LEAF && *row == HEAD)?;
        head_in(payload)
    }

    /// Where its page begins in the log.
    fn page_at(&self) -> u64 {
        self.at - self.page().len() as u64
    }
}

/// A log as far as SQLite reads it, and what is behind.
struct Scan {
    log: Log,
    /// Whether there is a commit in it: without one SQLite does not read it.
    committed: bool,
    /// Where what fits ends.
    at: u64,
    /// At the first frame that does not fit, where there is one.
    rest: Option<Frames>,
}

impl Scan {
    /// Nothing when there is no log. Errors: `StoreIo`, `StoreReplaced`.
    fn of(path: &Path) -> Result<Option<Self>> {
        let path = suffixed(path, "-wal");
        let failed = |error: std::io::Error| io(&path, &error);
        let Some(mut frames) = Frames::open(&path)? else { return Ok(None) };
        let from = frames.reader.get_ref().try_clone().map_err(failed)?;
        let log = Log { heads: None, copies: Vec::new(), pages: Vec::new(), from };
        let mut scan = Self { log, committed: false, at: frames.at, rest: None };
        let (mut head, mut pages) = (None, Vec::new());
        // frames that are left of an earlier use of the log bear other salts; what was being written has another checksum
        loop {
            match frames.next().map_err(failed)? {
                None => return Ok(Some(scan)),
                Some(Fit::Fits) => {}
                Some(_) => break,
            }
            scan.at = frames.at;
            head = frames.head().or(head);
            pages.push((frames.number(), frames.page_at()));
            if frames.ends_commit() {
                let log = &mut scan.log;
                scan.committed = true;
                log.pages.append(&mut pages);
                if let Some(head) = head.take() {
                    log.heads = Some((log.heads.map_or(head, |(first, _)| first), head));
                    if !log.copies.contains(&head.copy) {
                        log.copies.push(head.copy);
                    }
                }
            }
        }
        scan.rest = Some(frames);
        Ok(Some(scan))
    }

    /// Commits behind what fits. `in_file`: the number of the last commit in the file. Errors: `StoreIo`.
    fn lost(self, path: &Path, in_file: Option<u64>) -> Result<Option<Lost>> {
        let Some(mut frames) = self.rest else { return Ok(None) };
        let seq = self.log.heads.map(|(_, last)| last.seq).max(in_file);
        // of frames that go on from each other: whether the last ends a commit, and how many did before it
        let (mut ended, mut before, mut most) = (frames.ends_commit(), 0, 0);
        while let Some(fit) = frames.next().map_err(|error| io(path, &error))? {
            (ended, before) = match fit {
                Fit::Fits => (frames.ends_commit(), before + u64::from(ended)),
                _ => (frames.ends_commit() && fit == Fit::Other, 0),
            };
            // what was cut off is the commit behind the last that is read
            let skipped = match (frames.head().filter(|_| fit != Fit::Foreign), seq) {
                (Some(head), Some(seq)) => head.seq.saturating_sub(seq + 1),
                _ => 0,
            };
            most = most.max(before).max(skipped);
        }
        Ok((most > 0).then_some(Lost { at: self.at, commits: most }))
    }
}

impl Log {
    /// Nothing when there is no log, or no commit in it: SQLite does not read it then. Errors: `StoreIo`.
    fn read(path: &Path) -> Result<Option<Self>> {
        Ok(Scan::of(path)?.filter(|scan| scan.committed).map(|scan| scan.log))
    }

    /// Whether it was begun on this file.
    fn is_of(&self, Trail { head, pages }: &Trail) -> bool {
        let Some((first, last)) = self.heads else { return false };
        let known = head.copy == first.before || self.copies.contains(&head.copy);
        // what an earlier version of this program has begun says nothing of copies
        let old = first.copy == 0;
        let begun = first.seq.saturating_sub(1) <= head.seq && head.seq <= last.seq;
        if head.store == first.store && begun && (known || old) {
            return true;
        }
        // while a log is moved in, the way to the head may lead to an older one that is no longer meant
        head.store == first.store && pages.iter().any(|(number, page)| self.has(*number, page))
    }

    /// Whether the page is one of its own.
    fn has(&self, number: u32, page: &Page) -> bool {
        let mut own = [0; PAGE_SIZE as usize];
        let mut of_this_number = self.pages.iter().filter(|(n, _)| *n == number);
        of_this_number.any(|(_, at)| read_at(&self.from, &mut own, *at).is_ok_and(|()| own == *page))
    }

    /// Why it cannot be read with the file there, if there is one.
    fn strange(&self, path: &Path, file: Option<&Head>) -> Error {
        let (shown, log) = (path.display(), suffixed(path, "-wal"));
        let log = log.display();
        let of = |head: &Head| head.store[..4].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let has = match &self.heads {
            Some((first, last)) => format!("commits {} to {} of store {}", first.seq, last.seq, of(last)),
            None => "what another program wrote".to_owned(),
        };
        match file {
            None => replaced(format!("{log} is left of a store that is here no more, with {has}"))
                .hint(format!("put that store back as {shown}, or remove its log: rm '{log}'")),
            Some(file) => replaced(format!(
                "{log} holds {has}, and was not begun on {shown} as it is now (commit {} of store {})",
                file.seq,
                of(file)
            ))
            .hint(format!(
                "a file was copied or moved over a store that had not been closed; to have {shown} as it is: \
                 shejire restore '{shown}' '{shown}'; to have a backup: shejire restore BACKUP '{shown}'; what the log \
                 holds is to be had with the file it was begun on"
            )),
        }
    }
}

/// SQLite's checksum of its log, which runs through all of it.
struct Sum {
    /// How the words of four bytes are written that it adds.
    big: bool,
    words: [u32; 2],
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        let [mut one, mut two] = self.words;
        for pair in bytes.chunks_exact(8) {
            let word = |at: usize| {
                let bytes = [pair[at], pair[at + 1], pair[at + 2], pair[at + 3]];
                if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
            };
            one = one.wrapping_add(word(0)).wrapping_add(two);
            two = two.wrapping_add(word(4)).wrapping_add(one);
        }
        self.words = [one, two];
    }

    fn bytes(&self) -> [u8; 8] {
        (u64::from(self.words[0]) << 32 | u64::from(self.words[1])).to_be_bytes()
    }
}

/// Fills the buffer; false when there is not enough left.
fn filled(from: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<bool> {
    match from.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// SQLite's kinds of pages of tables.
const LEAF: u8 = 13;
const INNER: u8 = 5;

fn page(file: &File, number: u32) -> Option<Page> {
    let mut page = [0; PAGE_SIZE as usize];
    read_at(file, &mut page, u64::from(number.checked_sub(1)?) * u64::from(PAGE_SIZE)).ok()?;
    Some(page)
}

/// A number of SQLite's: seven bits a byte, most first, eight in the ninth. With what is behind it.
fn varint(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let mut value = 0u64;
    for (at, &byte) in bytes.iter().take(9).enumerate() {
        if at == 8 {
            return Some(((value << 8 | u64::from(byte)) as i64, &bytes[9..]));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((value as i64, &bytes[at + 1..]));
        }
    }
    None
}

/// The row and the payload of a cell, as far as it is in the page.
fn cell(page: &[u8], at: usize) -> Option<(i64, &[u8])> {
    let pointer = u16::from_be_bytes(*page.get(at..)?.first_chunk()?);
    let (length, rest) = varint(page.get(usize::from(pointer)..)?)?;
    let (row, rest) = varint(rest)?;
    Some((row, rest.get(..usize::try_from(length).ok()?).unwrap_or(rest)))
}

/// Of a leaf that is not the first page.
fn last_cell(page: &[u8]) -> Option<(i64, &[u8])> {
    let cells = usize::from(u16::from_be_bytes([page[3], page[4]]));
    cell(page, 8 + 2 * cells.checked_sub(1)?)
}

/// The columns of a row, of which there must be `N`.
fn columns<const N: usize>(payload: &[u8]) -> Option<[(i64, &[u8]); N]> {
    let (length, mut types) = varint(payload)?;
    let (header, mut values) = payload.split_at_checked(usize::try_from(length).ok()?)?;
    types = header.get(payload.len() - types.len()..)?;
    let mut columns = [(0, &payload[..0]); N];
    for column in &mut columns {
        let ty;
        (ty, types) = varint(types)?;
        let length = match ty {
            0 | 8 | 9 => 0,
            1..=4 => ty,
            5 => 6,
            6 | 7 => 8,
            _ => (ty - 12) / 2,
        };
        let value;
        (value, values) = values.split_at_checked(usize::try_from(length).ok()?)?;
        *column = (ty, value);
    }
    Some(columns)
}

/// The head that a row of the log is: its number (the row's), the checksum, the bytes.
fn head_in(payload: &[u8]) -> Option<Head> {
    let [_, (_, crc), (_, bytes)] = columns(payload)?;
    let crc = crc.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    (crc == u64::from(crc32fast::hash(bytes))).then(|| Head::from_bytes(bytes))?
}

/// The page at which the log begins, from the first page of a file.
fn root_of_log(first: &Page) -> Option<u32> {
    const START: usize = 100;
    if first[16..18] != (PAGE_SIZE as u16).to_be_bytes() || first[START] != LEAF {
        return None;
    }
    let cells = usize::from(u16::from_be_bytes([first[START + 3], first[START + 4]]));
    (0..cells).find_map(|at| {
        let (_, payload) = cell(first, START + 8 + 2 * at)?;
        let [(_, kind), (_, name), _, (_, root), _] = columns(payload)?;
        let root = root.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte));
        (kind == b"table" && name == b"log").then_some(root)
    })
}
