//! Word documents: each `<w:p>` is a paragraph, those in cells and text boxes too; footnotes and endnotes follow the body. Deleted text,
//! fields' instructions, headers and footers are no text. Pages are those of whoever saved the file last.
//!
//! Of the archive only the parts with text are unpacked, each to a bounded size.

use std::io::{Cursor, Read};

use flate2::read::DeflateDecoder;
use quick_xml::Reader as Xml;
use quick_xml::events::{BytesStart, Event};
use zip::{CompressionMethod, ZipArchive};

use super::{Deadline, MAX_TEXT, Paper, Part, Refused, Told, day_of, in_line};

/// Most files in the archive.
const MAX_FILES: usize = 20_000;
/// How deep elements may lie in one another.
const MAX_DEPTH: usize = 1000;

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

pub(super) fn read(bytes: &[u8], deadline: Deadline) -> Result<Paper, Refused> {
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(Refused::new(
            "is protected by a password, or an old .doc",
            "save a copy without a password as .docx",
        ));
    }
    let broken = || {
        Refused::new("is no whole .docx: the archive cannot be read", "open it in a word processor and save it again")
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    if archive.len() > MAX_FILES {
        return Err(Refused::new(
            format!("is an archive of {} files", archive.len()),
            "a Word document has some dozen",
        ));
    }
    let none = || Refused::new("is no Word document: word/document.xml is not in it", "save it as .docx");
    let body = part(&mut archive, "word/document.xml")?.ok_or_else(none)?;
    let mut reader = Reader { page: 1, ..Reader::default() };
    reader.read(&body, deadline)?;
    for notes in ["word/footnotes.xml", "word/endnotes.xml"] {
        if let Some(notes) = part(&mut archive, notes)? {
            reader.page = 0;
            reader.read(&notes, deadline)?;
        }
    }
    // a file without marks of pages says nothing of them
    if !reader.paged {
        reader.parts.iter_mut().for_each(|part| part.page = 0);
    }
    let told = part(&mut archive, "docProps/core.xml")?.map(|core| properties(&core)).unwrap_or_default();
    Ok(Paper { parts: reader.parts, told })
}

/// A file of the archive, unpacked. Errors: it is damaged, or swells beyond the bound.
fn part(archive: &mut Archive<'_>, name: &str) -> Result<Option<Vec<u8>>, Refused> {
    let damaged = |why: &dyn std::fmt::Display| {
        Refused::new(
            format!("is damaged: {name} cannot be unpacked ({why})"),
            "open it in a word processor and save it again",
        )
    };
    let Some(at) = archive.index_for_name(name) else { return Ok(None) };
    let entry = archive.by_index_raw(at).map_err(|why| damaged(&why))?;
    let mut out = Vec::new();
    let read = match entry.compression() {
        CompressionMethod::Stored => entry.take(MAX_TEXT + 1).read_to_end(&mut out),
        CompressionMethod::DEFLATE => DeflateDecoder::new(entry).take(MAX_TEXT + 1).read_to_end(&mut out),
        other => return Err(damaged(&other)),
    };
    read.map_err(|why| damaged(&why))?;
    match out.len() as u64 > MAX_TEXT {
        true => Err(Refused::new(
            format!("swells: {name} unpacks to more than {MAX_TEXT} bytes"),
            "no text of that size is read",
        )),
        false => Ok(Some(out)),
    }
}

#[derive(Default)]
struct Reader {
    parts: Vec<Part>,
    /// The paragraphs that are open, the innermost last: a text box stands within one.
    open: Vec<Part>,
    page: u32,
    paged: bool,
    depth: usize,
    /// The depth from which on nothing is text.
    silent: Option<usize>,
    /// Inside `<w:t>`.
    text: bool,
}

impl Reader {
    fn read(&mut self, xml: &[u8], deadline: Deadline) -> Result<(), Refused> {
        let damaged = |why: &dyn std::fmt::Display| {
            Refused::new(
                format!("is damaged: its text is no XML ({why})"),
                "open it in a word processor and save it again",
            )
        };
        let text = std::str::from_utf8(xml).map_err(|why| damaged(&why))?;
        let mut reader = Xml::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        (self.depth, self.silent, self.text) = (0, None, false);
        for count in 0_u64.. {
            if count % 4096 == 0 {
                deadline.look()?;
            }
            match reader.read_event().map_err(|why| damaged(&why))? {
                Event::Start(tag) => {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(damaged(&"elements lie too deep in one another"));
                    }
                    self.begin(&tag);
                }
                Event::End(tag) => {
                    self.finish(tag.local_name().as_ref());
                    self.depth -= 1;
                    if self.silent.is_some_and(|depth| self.depth < depth) {
                        self.silent = None;
                    }
                }
                Event::Text(words) if self.text => self.push(&words),
                Event::CData(words) if self.text => self.push(&words),
                Event::GeneralRef(name) if self.text => {
                    let entity = format!("&{};", &*name);
                    let words = quick_xml::escape::unescape(&entity).map_err(|why| damaged(&why))?;
                    self.push(&words);
                }
                Event::Eof => break,
                _ => {}
            }
        }
        Ok(())
    }

    fn begin(&mut self, tag: &BytesStart<'_>) {
        if self.silent.is_some() {
            return;
        }
        match tag.local_name().as_ref() {
            "p" if is_word(tag) => self.open.push(Part { text: String::new(), page: self.page }),
            "t" if is_word(tag) => self.text = true,
            "tab" | "br" | "cr" | "ptab" => {
                if attribute(tag, "type").as_deref() == Some("page") {
                    self.turn();
                }
                // a tab stop of a style is no text
                if tag.local_name().as_ref() != "tab" || attribute(tag, "val").is_none() {
                    self.push(" ");
                }
            }
            "noBreakHyphen" => self.push("-"),
            "lastRenderedPageBreak" => self.turn(),
            // what a program that knows less is to show instead, and what was deleted
            "Fallback" | "del" | "moveFrom" | "instrText" | "delText" | "delInstrText" => {
                self.silent = Some(self.depth)
            }
            // the lines above notes
            "footnote" | "endnote" if attribute(tag, "type").is_some_and(|ty| ty != "normal") => {
                self.silent = Some(self.depth)
            }
            _ => {}
        }
    }

    fn finish(&mut self, name: &str) {
        if self.silent.is_some() {
            return;
        }
        match name {
            "t" => self.text = false,
            "p" => {
                if let Some(Part { text, page }) = self.open.pop() {
                    let text = in_line(&text);
                    if !text.is_empty() {
                        self.parts.push(Part { text, page });
                    }
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        if self.silent.is_none()
            && let Some(open) = self.open.last_mut()
        {
            open.text.push_str(text);
        }
    }

    /// The next page begins here; a paragraph that has no text yet stands on it.
    fn turn(&mut self) {
        (self.page, self.paged) = (self.page.saturating_add(1), true);
        let page = self.page;
        self.open.iter_mut().filter(|open| open.text.trim().is_empty()).for_each(|open| open.page = page);
    }
}

/// Whether an element is of the text and not of drawings in it.
fn is_word(tag: &BytesStart<'_>) -> bool {
    tag.name().prefix().is_none_or(|prefix| prefix.as_ref() == "w")
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(found.value.to_string())
}

/// What docProps/core.xml says; nothing where it cannot be read.
fn properties(xml: &[u8]) -> Told {
    let mut told = Told::default();
    let Ok(text) = std::str::from_utf8(xml) else { return told };
    let mut reader = Xml::from_str(text);
    let mut within = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => within = tag.local_name().as_ref().to_owned(),
            Ok(Event::End(_)) => within.clear(),
            Ok(Event::Text(words)) => {
                let words = words.trim();
                let (to, words) = match within.as_str() {
                    "title" => (&mut told.title, words.to_owned()),
                    "creator" => (&mut told.author, words.to_owned()),
                    "created" => (&mut told.date, day_of(words)),
                    "language" => (&mut told.language, words.split('-').next().unwrap_or("").to_lowercase()),
                    _ => continue,
                };
                to.push_str(&words);
            }
            Ok(Event::Eof) | Err(_) => return told,
            Ok(_) => {}
        }
    }
}
