//! Files as streams of UTF-8: plain or packed, with a bound on how far a small file may swell; in whatever encoding.

mod decode;

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

pub use decode::Charset;

use crate::error::{Class, Code, Error, Phase, Result};

/// The name of standard input.
pub const STANDARD_INPUT: &str = "-";

/// A packed file may hold this many times its own size; real data stays far below, a bomb does not.
const LARGEST_RATIO: u64 = 200;
/// Below this size no ratio is looked at.
const SMALL: u64 = 16 << 20;

/// How far the reading is, for whoever shows it; and whether it should stop.
#[derive(Debug, Default)]
pub struct Watch {
    /// Bytes taken from the disk.
    pub bytes: AtomicU64,
    /// Set it, and every reader ends with an error.
    pub stop: AtomicBool,
}

/// Opens a file for reading as UTF-8; `-` is standard input. Packed files are recognised by their first bytes, the
/// encoding as `decode` says; `charset` is what the caller knows of it.
///
/// Errors: `DataError / FileAccess` when the file cannot be opened, and an encoding that nobody knows.
pub fn open(file: &Path, charset: Option<Charset>, watch: &Arc<Watch>) -> Result<Box<dyn BufRead + Send>> {
    let cannot = |e: std::io::Error| unreadable(file, &e);
    let opened: Box<dyn Read + Send> = if file.as_os_str() == STANDARD_INPUT {
        Box::new(std::io::stdin())
    } else {
        let opened = File::open(file).map_err(cannot)?;
        if opened.metadata().map_err(cannot)?.is_dir() {
            return Err(cannot(ErrorKind::IsADirectory.into()));
        }
        Box::new(opened)
    };
    let seen = Arc::new(AtomicU64::new(0));
    let watched = Watched { inner: opened, seen: Arc::clone(&seen), watch: Arc::clone(watch) };
    let (head, input) = peeked(BufReader::with_capacity(1 << 18, watched), 2).map_err(cannot)?;
    if !head.starts_with(&[0x1f, 0x8b]) {
        return text(file, input, charset);
    }
    let bounded = Bounded { inner: flate2::bufread::MultiGzDecoder::new(input), packed: seen, out: 0 };
    text(file, BufReader::with_capacity(1 << 18, bounded), charset)
}

/// The text of an opened file.
fn text<R>(file: &Path, input: R, charset: Option<Charset>) -> Result<Box<dyn BufRead + Send>>
where
    R: BufRead + Send + 'static,
{
    let cannot = |e: std::io::Error| unreadable(file, &e);
    let (head, input) = peeked(input, decode::HEAD).map_err(cannot)?;
    let told = decode::Told::by(&head, charset).map_err(|e| super::in_file(&file.display().to_string(), &e))?;
    told.text(input).map_err(cannot)
}

/// An input with the bytes that were looked at still in it.
type Whole<R> = std::io::Chain<Cursor<Vec<u8>>, R>;

/// The first bytes, and the input with them still in it.
fn peeked<R: BufRead>(mut input: R, count: usize) -> std::io::Result<(Vec<u8>, Whole<R>)> {
    let mut head = Vec::new();
    input.by_ref().take(count as u64).read_to_end(&mut head)?;
    Ok((head.clone(), Cursor::new(head).chain(input)))
}

/// The error of a file that cannot be read.
pub(crate) fn unreadable(file: &Path, error: &std::io::Error) -> Error {
    let name = file.display();
    let message = match error.kind() {
        ErrorKind::NotFound => format!("there is no file {name}"),
        ErrorKind::IsADirectory => format!("{name} is a folder, not a file"),
        ErrorKind::PermissionDenied => format!("{name} may not be read: its owner has not allowed it"),
        _ => format!("cannot read {name}: {error}"),
    };
    Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, message)
}

struct Watched<R> {
    inner: R,
    seen: Arc<AtomicU64>,
    watch: Arc<Watch>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        // asked after reading: that may have waited long
        if self.watch.stop.load(Ordering::Relaxed) {
            return Err(std::io::Error::other("stopped"));
        }
        self.seen.fetch_add(read as u64, Ordering::Relaxed);
        self.watch.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// What comes out of a decompressor, while it stays in proportion to what went in.
struct Bounded<R> {
    inner: R,
    packed: Arc<AtomicU64>,
    out: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.out += read as u64;
        let most = self.packed.load(Ordering::Relaxed).saturating_mul(LARGEST_RATIO).max(SMALL);
        if self.out > most {
            let message = format!("the compressed file swells to more than {LARGEST_RATIO} times its size");
            return Err(std::io::Error::other(message));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).expect("memory");
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.write_all(&encoder.finish().expect("memory")).expect("a temporary file");
        file
    }

    #[test]
    fn gzip_is_read_and_a_bomb_is_not() {
        let read = |file: &tempfile::NamedTempFile| {
            let mut out = Vec::new();
            let mut input = open(file.path(), None, &Arc::default()).expect("opens");
            input.read_to_end(&mut out).map(|_| out)
        };
        assert_eq!(read(&packed(b"a,b\n1,2\n")).expect("gzip"), b"a,b\n1,2\n");
        let error = read(&packed(&vec![0; 64 << 20])).expect_err("a bomb");
        assert!(error.to_string().contains("swells"), "{error}");
    }

    #[test]
    fn a_folder_is_not_a_file() {
        assert!(open(Path::new("/"), None, &Arc::default()).is_err());
    }

    #[test]
    fn who_watches_can_stop_the_reading() {
        let watch = Arc::new(Watch::default());
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.write_all(&vec![b'a'; 1 << 20]).expect("a temporary file");
        let mut input = open(file.path(), None, &watch).expect("opens");
        assert!(watch.bytes.load(Ordering::Relaxed) > 4);
        watch.stop.store(true, Ordering::Relaxed);
        assert!(input.read_to_end(&mut Vec::new()).is_err());
    }
}
