//! Files as streams of UTF-8: plain or packed, with a bound on how far a small file may swell; in whatever encoding.

mod decode;
mod unpack;

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

pub use decode::Charset;
pub(crate) use unpack::files_in;
#[cfg(feature = "spreadsheets")]
pub(super) use unpack::in_proportion;

use crate::error::{Class, Code, Error, Phase, Result};

/// The name of standard input.
pub(crate) const STANDARD_INPUT: &str = "-";

/// How far the reading is, for whoever shows it; and whether it should stop.
#[derive(Debug, Default)]
pub struct Watch {
    /// Bytes taken from the disk.
    pub bytes: AtomicU64,
    /// Set it, and every reader ends with an error.
    pub stop: AtomicBool,
}

/// Opens a file for reading as UTF-8; `-` is standard input, `archive.zip/name` a file in an archive. Packed files are
/// recognised by their first bytes, the encoding as `decode` says; `charset` is what the caller knows of it.
///
/// Errors: `DataError / FileAccess` when the file cannot be opened, and an encoding that nobody knows.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// use std::io::Read;
/// use std::sync::Arc;
/// use std::sync::atomic::Ordering;
/// use shejire::io::read::{Charset, Watch, open};
///
/// let folder = tempfile::tempdir().unwrap();
/// let file = folder.path().join("old.txt");
/// std::fs::write(&file, b"caf\xe9").unwrap();
/// let watch = Arc::new(Watch::default());
/// let mut text = String::new();
/// open(&file, Charset::named("latin1"), &watch)?.read_to_string(&mut text).unwrap();
/// assert_eq!((&*text, watch.bytes.load(Ordering::Relaxed)), ("café", 4));
/// assert!(open(&folder.path().join("none.txt"), None, &watch).is_err());
/// # Ok(())
/// # }
/// ```
pub fn open(file: &Path, charset: Option<Charset>, watch: &Arc<Watch>) -> Result<Box<dyn BufRead + Send>> {
    let cannot = |e: std::io::Error| unreadable(file, &e);
    let seen = Arc::new(AtomicU64::new(0));
    let watched = |inner| Watched { inner, seen: Arc::clone(&seen), watch: Arc::clone(watch) };
    let ahead = |inner: Box<dyn Read + Send>| BufReader::with_capacity(1 << 18, watched(inner));
    if file.as_os_str() != STANDARD_INPUT
        && !file.exists()
        && let Some((archive, name)) = unpack::archive_of(file)
    {
        let (bytes, content) = unpack::find(&archive, &name).map_err(cannot)?;
        return text(file, content.unpacked(ahead(Box::new(bytes)), Arc::clone(&seen)), charset);
    }
    let opened: Box<dyn Read + Send> = if file.as_os_str() == STANDARD_INPUT {
        Box::new(std::io::stdin())
    } else {
        let opened = File::open(file).map_err(cannot)?;
        if opened.metadata().map_err(cannot)?.is_dir() {
            return Err(cannot(ErrorKind::IsADirectory.into()));
        }
        Box::new(opened)
    };
    let (head, input) = peeked(ahead(opened), unpack::HEAD).map_err(cannot)?;
    text(file, unpack::unpacked(&head, input, Arc::clone(&seen)).map_err(cannot)?, charset)
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
    let same = error.raw_os_error().map_or_else(|| error.kind().into(), std::io::Error::from_raw_os_error);
    Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, message).caused_by(same)
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

    fn content(file: &Path) -> std::io::Result<Vec<u8>> {
        let mut out = Vec::new();
        let mut input = open(file, None, &Arc::default()).map_err(std::io::Error::other)?;
        input.read_to_end(&mut out).map(|_| out)
    }

    #[test]
    fn frames_of_zstd_are_read_one_after_another_and_damage_is_found() {
        // two frames with checksums, and one to be skipped between them
        let frame = |text: &[u8]| ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest);
        let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"xyz"].concat();
        let whole = [frame(b"a,b\n"), skipped, frame(&b"1,2\n".repeat(40_000))].concat();
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("t.csv.zst");
        std::fs::write(&file, &whole).expect("written");
        assert_eq!(content(&file).expect("zstd"), [&b"a,b\n"[..], &b"1,2\n".repeat(40_000)].concat());
        for cut in [5, whole.len() - 3] {
            std::fs::write(&file, &whole[..cut]).expect("written");
            assert!(content(&file).is_err(), "cut at {cut}");
        }
    }

    /// A zip archive of one file.
    fn archive(name: &str, bytes: &[u8], deflated: bool) -> Vec<u8> {
        let packed = if deflated {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(bytes).expect("memory");
            encoder.finish().expect("memory")
        } else {
            bytes.to_vec()
        };
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        let method: u16 = if deflated { 8 } else { 0 };
        let common = [
            &20_u16.to_le_bytes()[..],
            &0_u16.to_le_bytes(),
            &method.to_le_bytes(),
            &[0; 4],
            &sum.sum().to_le_bytes(),
            &(packed.len() as u32).to_le_bytes(),
            &(bytes.len() as u32).to_le_bytes(),
            &(name.len() as u16).to_le_bytes(),
            &0_u16.to_le_bytes(),
        ]
        .concat();
        let local = [&b"PK\x03\x04"[..], &common, name.as_bytes(), &packed].concat();
        let central = [&b"PK\x01\x02\x14\0"[..], &common, &[0; 14], name.as_bytes()].concat();
        let end = [
            &b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..],
            &(central.len() as u32).to_le_bytes(),
            &(local.len() as u32).to_le_bytes(),
            &[0; 2],
        ]
        .concat();
        [local, central, end].concat()
    }

    #[test]
    fn files_in_an_archive_are_read_by_name_and_damage_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let zip = folder.path().join("x.zip");
        let text = b"id,name\n1,Ada\n".repeat(1000);
        for deflated in [false, true] {
            let bytes = archive("data/nodes.csv", &text, deflated);
            std::fs::write(&zip, &bytes).expect("written");
            let files = files_in(&zip).expect("an archive");
            assert_eq!(files, [zip.join("data/nodes.csv")]);
            assert!(content(&files[0]).expect("unpacked") == text);
            assert!(content(&zip).expect_err("which file?").to_string().contains("zip archive"));
            assert!(content(&zip.join("other.csv")).expect_err("none").to_string().contains("there is no file"));
            let mut damaged = bytes.clone();
            damaged[60] ^= 1;
            std::fs::write(&zip, &damaged).expect("written");
            assert!(content(&files[0]).is_err());
        }
        std::fs::write(&zip, archive("bomb.csv", &vec![0; 64 << 20], true)).expect("written");
        let error = content(&zip.join("bomb.csv")).expect_err("a bomb");
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
