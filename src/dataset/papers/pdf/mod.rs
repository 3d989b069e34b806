//! PDF: the letters of each page where they stand, put together to lines and paragraphs by `layout`. Only files with a layer of text
//! say anything; pictures of pages are refused. Annotations are no text.
//!
//! The library interprets what the file says; before, every packed stream is unpacked once into nothing, so that one that swells
//! beyond the bound is refused and not held.

mod layout;

use std::cell::Cell;
use std::io::Read;
use std::panic::AssertUnwindSafe;

use flate2::read::ZlibDecoder;
use hayro_interpret::font::{Glyph, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, RenderContent, SoftMask, TransformExt, interpret_page,
};

use super::{Deadline, MAX_TEXT, Paper, Refused, Told, in_line};
use layout::{Letter, Page};

/// Most letters of a file.
const MAX_LETTERS: usize = 20_000_000;
/// What one packed stream, and all together, may unpack to.
const MAX_STREAM: u64 = MAX_TEXT;
const MAX_STREAMS: u64 = 1 << 30;
/// Streams packed several times over are unpacked so often.
const MAX_LAYERS: u32 = 4;

pub(super) fn read(bytes: &[u8], deadline: Deadline) -> Result<Paper, Refused> {
    if !bytes[..bytes.len().min(1024)].windows(5).any(|at| at == b"%PDF-") {
        return Err(Refused::new("is no PDF", "a PDF begins with %PDF-; is the end of its name right?"));
    }
    bounded(bytes, deadline)?;
    // the library is fuzzed and free of unsafe code; should it stop on a file all the same, this file is refused and no more
    let read = std::panic::catch_unwind(AssertUnwindSafe(|| interpreted(bytes, deadline)));
    read.unwrap_or_else(|_| {
        Err(Refused::new("is no PDF that can be read", "save its text as a .txt file, a paragraph a line"))
    })
}

fn interpreted(bytes: &[u8], deadline: Deadline) -> Result<Paper, Refused> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|why| match why {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => {
            Refused::new("is protected by a password", "save a copy without one")
        }
        LoadPdfError::Decryption(_) => {
            Refused::new("is encrypted in a way that is not known", "save a copy without encryption")
        }
        LoadPdfError::Invalid => Refused::new("is a damaged PDF", "open it in a reader and save it again"),
    })?;
    let settings = || InterpreterSettings { render_content: RenderContent::PAGE, ..InterpreterSettings::default() };
    let cache = InterpreterCache::new();
    let (mut pages, mut letters, mut images, mut unread) = (Vec::new(), 0, 0, 0);
    for page in pdf.pages().iter() {
        deadline.look()?;
        let (width, height) = page.render_dimensions();
        let area = Rect::new(0.0, 0.0, width.into(), height.into());
        let mut context = Context::new(page.initial_transform(true).to_kurbo(), area, &cache, pdf.xref(), settings());
        let mut reader = Reader {
            deadline,
            letters: Vec::new(),
            images: 0,
            unread: 0,
            most: MAX_LETTERS - letters,
            over: Cell::new(false),
        };
        interpret_page(page, &mut context, &mut reader);
        deadline.look()?;
        if reader.over.get() {
            return Err(Refused::new(
                format!("holds more than {MAX_LETTERS} letters"),
                "part it into several documents",
            ));
        }
        letters += reader.letters.len();
        images += reader.images;
        unread += reader.unread;
        pages.push(Page { height: f64::from(height), letters: reader.letters });
    }
    let parts = layout::paragraphs(&pages);
    if parts.is_empty() {
        let count = pages.len();
        let page = if count == 1 { "its page has" } else { "its pages have" };
        return Err(match (images > 0, unread > 0) {
            (_, true) => Refused::new(
                format!("says nothing that can be read: {page} letters of which the file does not say what they mean"),
                "recognise its text (ocrmypdf --force-ocr IN OUT does), or save it as .txt",
            ),
            (true, false) => Refused::new(
                format!("is a scan: {page} pictures and no text"),
                "recognise its text first (ocrmypdf IN OUT does), and look it through",
            ),
            (false, false) => Refused::new(format!("holds no text: {page} nothing on them"), "is it the right file?"),
        });
    }
    Ok(Paper { parts, told: told(&pdf) })
}

/// What the file says of itself.
fn told(pdf: &Pdf) -> Told {
    let about = pdf.metadata();
    let text = |bytes: &Option<Box<[u8]>>| in_line(&bytes.as_deref().map(decoded).unwrap_or_default());
    let date = about.creation_date.as_ref().map(|d| format!("{:04}-{:02}-{:02}", d.year, d.month, d.day));
    Told {
        title: text(&about.title),
        author: text(&about.author),
        date: date.map(|date| super::day_of(&date)).unwrap_or_default(),
        ..Told::default()
    }
}

/// A text string of a PDF: UTF-16 or UTF-8 behind a mark, else bytes, of which only ASCII is sure.
fn decoded(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] => encoding_rs::Encoding::for_bom(bytes)
            .map(|(encoding, _)| encoding.decode(bytes).0.into_owned())
            .unwrap_or_default(),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Collects the letters of a page.
struct Reader {
    deadline: Deadline,
    letters: Vec<Letter>,
    images: usize,
    /// Letters of which the file does not say what they mean.
    unread: usize,
    most: usize,
    over: Cell<bool>,
}

impl<'a> Device<'a> for Reader {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        if self.over.get() || self.deadline.passed() {
            return;
        }
        for glyph in run.glyphs() {
            let Some(text) = glyph.as_unicode() else {
                self.unread += 1;
                continue;
            };
            let text = match text {
                BfString::Char(c) => c.to_string(),
                BfString::String(text) => text,
            };
            let place: Affine = props.transform * glyph.transform();
            let advance = match &**glyph {
                Glyph::Outline(outline) => outline.advance_width(),
                Glyph::Type3(letter) => letter.advance_width(),
            };
            let from = place * Point::ZERO;
            let to = place * Point::new(f64::from(advance.unwrap_or(500.0)), 0.0);
            let size = (place * Point::new(0.0, 1000.0) - from).hypot();
            let sound = [from.x, from.y, to.x, size].iter().all(|number| number.is_finite());
            // what runs up or down the page is a mark on its edge
            let level = (to.y - from.y).abs() <= (to.x - from.x).abs();
            if sound && level && size > 0.1 && !text.is_empty() {
                self.letters.push(Letter { x: from.x, end: to.x, y: from.y, size, text });
            }
        }
        self.over.set(self.letters.len() > self.most);
    }

    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {
        self.images += 1;
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// Whether every packed stream stays within the bound. Errors: one swells beyond it.
fn bounded(bytes: &[u8], deadline: Deadline) -> Result<(), Refused> {
    let mut all = 0;
    let mut at = 0;
    while let Some(found) = find(&bytes[at..], b"stream") {
        at += found + b"stream".len();
        let data = bytes[at..].strip_prefix(b"\r\n").or_else(|| bytes[at..].strip_prefix(b"\n"));
        let Some(data) = data else { continue };
        deadline.look()?;
        all += unpacked(data, 0)?;
        if all > MAX_STREAMS {
            return Err(swells());
        }
    }
    Ok(())
}

/// How much a stream unpacks to; what is not packed by deflate is nothing. Errors: it is beyond the bound.
fn unpacked(data: &[u8], layer: u32) -> Result<u64, Refused> {
    if data.first().is_none_or(|first| first & 0x0f != 8) || layer >= MAX_LAYERS {
        return Ok(0);
    }
    let mut decoder = ZlibDecoder::new(data);
    let (mut size, mut head, mut buffer) = (0_u64, Vec::new(), vec![0; 64 << 10]);
    // what is damaged ends where it is damaged: the library reads no further either
    while let Ok(read) = decoder.read(&mut buffer) {
        if read == 0 {
            break;
        }
        size += read as u64;
        if size > MAX_STREAM {
            return Err(swells());
        }
        if head.len() < 1 << 20 {
            head.extend_from_slice(&buffer[..read]);
        }
    }
    Ok(size + unpacked(&head, layer + 1)?)
}

fn swells() -> Refused {
    Refused::new(
        format!("swells: a part of it unpacks to more than {MAX_STREAM} bytes"),
        "no text of that size is read",
    )
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    let first = *word.first()?;
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == first) {
        if bytes[from + at..].starts_with(word) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}
