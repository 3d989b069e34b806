//! Packed files: gzip and zstd as they are, a file in a zip archive by `archive.zip/name`. How far a small file may swell is
//! bounded, and what was packed with a checksum is held against it.

use std::fs::File;
use std::io::{BufRead, BufReader, Error, Read, Result, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use zip::{CompressionMethod, ZipArchive};

/// A packed file may hold this many times its own size; real data stays far below, a bomb does not.
const LARGEST_RATIO: u64 = 200;
/// Below this size no ratio is looked at.
const SMALL: u64 = 16 << 20;
/// Room for what is read ahead.
const AHEAD: usize = 1 << 18;

/// The bytes by which a gzip file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// The bytes by which a zstd file begins.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The bytes by which a zip archive begins.
const ZIP: [u8; 4] = *b"PK\x03\x04";
/// As many bytes of a file say how it is packed.
pub(super) const HEAD: usize = 4;

/// An input, packed or not, as it was before. `head` are its first bytes, `packed` counts what is taken of the file.
///
/// Errors: an archive, of which nobody said which file is meant.
pub(super) fn unpacked<R: BufRead + Send + 'static>(
    head: &[u8],
    input: R,
    packed: Arc<AtomicU64>,
) -> Result<Box<dyn BufRead + Send>> {
    if head.starts_with(&ZIP) {
        return Err(Error::other(
            "it is a zip archive: give it a name that ends in .zip, or name a file in it, x.zip/nodes.csv",
        ));
    }
    if head.starts_with(&GZIP) {
        return Ok(bounded(flate2::bufread::MultiGzDecoder::new(input), packed));
    }
    if head.starts_with(&ZSTD) {
        return Ok(bounded(Frames { source: input, decoder: FrameDecoder::new(), begun: false }, packed));
    }
    Ok(Box::new(input))
}

fn bounded<R: Read + Send + 'static>(inner: R, packed: Arc<AtomicU64>) -> Box<dyn BufRead + Send> {
    Box::new(BufReader::with_capacity(AHEAD, Bounded { inner, packed, out: 0 }))
}

/// What comes out of a decompressor, while it stays in proportion to what went in.
struct Bounded<R> {
    inner: R,
    packed: Arc<AtomicU64>,
    out: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.inner.read(buffer)?;
        self.out += read as u64;
        let most = self.packed.load(Ordering::Relaxed).saturating_mul(LARGEST_RATIO).max(SMALL);
        if self.out > most {
            return Err(swells());
        }
        Ok(read)
    }
}

/// The frames of a zstd file, one after another; those to be skipped are.
struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    /// A frame is open.
    begun: bool,
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            if self.begun {
                if self.decoder.can_collect() > 0 {
                    return self.decoder.read(buffer);
                }
                if !self.decoder.is_finished() {
                    let one = BlockDecodingStrategy::UptoBlocks(1);
                    self.decoder.decode_blocks(&mut self.source, one).map_err(Error::other)?;
                    continue;
                }
                let told = self.decoder.get_checksum_from_data();
                if told.is_some() && told != self.decoder.get_calculated_checksum() {
                    return Err(Error::other("it is damaged: its content is not what its checksum says"));
                }
                self.begun = false;
            }
            if self.source.fill_buf()?.is_empty() {
                return Ok(0);
            }
            match self.decoder.init(&mut self.source) {
                Ok(()) => self.begun = true,
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    std::io::copy(&mut self.source.by_ref().take(length.into()), &mut std::io::sink())?;
                }
                Err(error) => return Err(Error::other(error)),
            }
        }
    }
}

/// Whether the files in an archive, a workbook say, stay in proportion to it, as they tell their own sizes. Errors: they do not,
/// or it is no archive.
#[cfg(feature = "spreadsheets")]
pub(crate) fn in_proportion(archive: &Path) -> Result<()> {
    let packed = archive.metadata()?.len();
    let mut zip = ZipArchive::new(BufReader::new(File::open(archive)?)).map_err(Error::other)?;
    let mut out = 0_u64;
    for at in 0..zip.len() {
        out = out.saturating_add(zip.by_index_raw(at).map_err(Error::other)?.size());
    }
    match out > packed.saturating_mul(LARGEST_RATIO).max(SMALL) {
        true => Err(swells()),
        false => Ok(()),
    }
}

fn swells() -> Error {
    Error::other(format!("the compressed file swells to more than {LARGEST_RATIO} times its size"))
}

/// The files in an archive, each named as [`super::open`] takes it: `archive.zip/folder/name`.
pub(crate) fn files_in(archive: &Path) -> Result<Vec<PathBuf>> {
    let mut zip = ZipArchive::new(BufReader::new(File::open(archive)?)).map_err(Error::other)?;
    let mut files = Vec::new();
    for at in 0..zip.len() {
        let entry = zip.by_index_raw(at).map_err(Error::other)?;
        if !entry.is_dir() {
            files.push(archive.join(entry.name().map_err(Error::other)?.trim_start_matches('/')));
        }
    }
    Ok(files)
}

/// The archive and the name in it, where a path leads through a file.
pub(super) fn archive_of(file: &Path) -> Option<(PathBuf, String)> {
    let archive = file.ancestors().skip(1).find(|path| path.is_file())?;
    let name = file.strip_prefix(archive).ok()?;
    let parts: Vec<_> = name.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    Some((archive.to_owned(), parts.join("/")))
}

/// How a file lies in an archive.
#[derive(Clone, Copy)]
pub(super) struct Content {
    deflated: bool,
    checksum: u32,
    size: u64,
}

/// The packed bytes of a file in an archive, and how they lie there.
///
/// Errors: there is none of the name, or it is packed in a way that is not known.
pub(super) fn find(archive: &Path, name: &str) -> Result<(std::io::Take<File>, Content)> {
    let mut file = File::open(archive)?;
    let mut zip = ZipArchive::new(BufReader::new(File::open(archive)?)).map_err(Error::other)?;
    for at in 0..zip.len() {
        let entry = zip.by_index_raw(at).map_err(Error::other)?;
        if entry.name().map_err(Error::other)?.trim_start_matches('/') != name {
            continue;
        }
        let deflated = match entry.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::DEFLATE => true,
            other => return Err(Error::other(format!("it is packed as {other} in the archive: unpack it first"))),
        };
        if entry.encrypted() {
            return Err(Error::other("it is encrypted: unpack it first"));
        }
        let start = entry.data_start().ok_or_else(|| Error::other("the archive does not say where it begins"))?;
        file.seek(SeekFrom::Start(start))?;
        let content = Content { deflated, checksum: entry.crc32(), size: entry.size() };
        return Ok((file.take(entry.compressed_size()), content));
    }
    Err(std::io::ErrorKind::NotFound.into())
}

impl Content {
    /// The file as it was; `input` are the bytes that [`find`] gave, `packed` counts them.
    pub(super) fn unpacked<R: BufRead + Send + 'static>(
        self,
        input: R,
        packed: Arc<AtomicU64>,
    ) -> Box<dyn BufRead + Send> {
        let inner: Box<dyn Read + Send> = match self.deflated {
            true => Box::new(flate2::bufread::DeflateDecoder::new(input)),
            false => Box::new(input),
        };
        bounded(Summed { inner, sum: flate2::Crc::new(), of: self, out: 0 }, packed)
    }
}

/// A file whose checksum is known before.
struct Summed {
    inner: Box<dyn Read + Send>,
    sum: flate2::Crc,
    of: Content,
    out: u64,
}

impl Read for Summed {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.inner.read(buffer)?;
        self.sum.update(&buffer[..read]);
        self.out += read as u64;
        let ended = read == 0 && !buffer.is_empty();
        if self.out > self.of.size || ended && (self.out, self.sum.sum()) != (self.of.size, self.of.checksum) {
            return Err(Error::other("the archive is damaged: the file is not what its checksum says"));
        }
        Ok(read)
    }
}
