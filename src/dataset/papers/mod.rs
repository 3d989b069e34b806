//! What files say, as paragraphs: plain text, Markdown, HTML, .docx, PDF with a layer of text.
//!
//! ```text
//!  report.txt  ─► a line that is not blank        ┐
//!  report.md   ─► a block                         │
//!  report.html ─► a block element                 ├─► paragraphs, pages, what the file says of itself
//!  report.docx ─► <w:p>, page breaks as they lie  │
//!  report.pdf  ─► lines that belong together      ┘
//! ```
//!
//! Locators count what is read here, so a reader that parts paragraphs otherwise moves every locator of its format. Nothing is fetched,
//! no macro or script is run, and what an archive unpacks to is bounded. What cannot be read is refused whole, with what to do.

#[cfg(feature = "documents")]
mod docx;
#[cfg(feature = "documents")]
mod html;
#[cfg(feature = "documents")]
mod markdown;
#[cfg(feature = "documents")]
mod pdf;

use std::time::{Duration, Instant};

/// Longest text that is taken from a file, in bytes; a library of laws stays below.
#[cfg(feature = "documents")]
const MAX_TEXT: u64 = 64 << 20;
/// Longest time a file may take. A real one takes seconds.
const MAX_TIME: Duration = Duration::from_secs(60);

/// What a file says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paper {
    /// Its text in order. What stands on a line of its own within one is a paragraph, too.
    pub(crate) parts: Vec<Part>,
    /// What it says of itself.
    pub(crate) told: Told,
}

/// A stretch of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) text: String,
    /// The page it begins on, counted from 1; 0 where the format knows no pages.
    pub(crate) page: u32,
}

/// What a file says of itself; empty where it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) title: String,
    pub(crate) author: String,
    /// EDTF.
    pub(crate) date: String,
    pub(crate) language: String,
    pub(crate) url: String,
}

impl Told {
    /// What it says, each under its name.
    pub(crate) fn said(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("title", &self.title),
            ("author", &self.author),
            ("date", &self.date),
            ("language", &self.language),
            ("url", &self.url),
        ];
        all.into_iter().map(|(key, value)| (key, value.as_str())).filter(|(_, value)| !value.is_empty())
    }
}

/// Why a file cannot be read, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl Refused {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

/// Within which time a file must be read.
#[derive(Clone, Copy, Debug)]
struct Deadline(Instant);

impl Deadline {
    #[cfg(feature = "documents")]
    fn passed(self) -> bool {
        Instant::now() > self.0
    }

    /// Errors: the time is over.
    #[cfg(feature = "documents")]
    fn look(self) -> Result<(), Refused> {
        match self.passed() {
            true => Err(Refused::new(
                format!("takes longer than {} seconds to read", MAX_TIME.as_secs()),
                "save its text as a .txt file, a paragraph a line",
            )),
            false => Ok(()),
        }
    }
}

/// How text is laid down in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Plain,
    Markdown,
    Html,
    Docx,
    Pdf,
    /// A format that is known and not read, by the name people know.
    Other(&'static str),
}

/// The form of a file, by the end of its name; any other end is plain text, as it is where there is none.
fn form(name: &str) -> Form {
    let end = name.rsplit_once('.').map_or("", |(_, end)| end).to_lowercase();
    match end.as_str() {
        "md" | "markdown" => Form::Markdown,
        "html" | "htm" | "xhtml" => Form::Html,
        "docx" | "docm" => Form::Docx,
        "pdf" => Form::Pdf,
        "doc" => Form::Other("an old Word document"),
        "odt" => Form::Other("an OpenDocument text"),
        "rtf" => Form::Other("a text in RTF"),
        "epub" => Form::Other("an e-book"),
        "png" | "jpg" | "jpeg" | "tif" | "tiff" | "gif" | "webp" => Form::Other("an image"),
        "xlsx" | "xls" | "ods" => Form::Other("a workbook"),
        "pptx" | "ppt" | "odp" => Form::Other("a presentation"),
        "zip" | "gz" | "7z" | "rar" => Form::Other("an archive"),
        _ => Form::Plain,
    }
}

/// Which of several files is the document of a source: plain text before what must be interpreted, what cannot be read last.
pub(super) fn preference(name: &str) -> impl Ord + use<> {
    form(name)
}

/// The text of a file, whose name says how it is laid down.
pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Paper, Refused> {
    let deadline = Deadline(Instant::now() + MAX_TIME);
    let other = |what: &str| Refused::new(format!("is {what}"), "save it as .docx, .pdf, .html or .txt");
    match form(name) {
        Form::Other(what) => Err(other(what)),
        Form::Plain if bytes.starts_with(b"%PDF-") => Err(Refused::new("is a PDF", "give its name the end .pdf")),
        Form::Plain if bytes.starts_with(b"PK\x03\x04") => {
            Err(Refused::new("is an archive", "a Word document has a name that ends in .docx"))
        }
        Form::Plain => {
            let text = text_of(bytes)?;
            Ok(Paper { parts: vec![Part { text: text.to_owned(), page: 0 }], told: Told::default() })
        }
        form => interpreted(form, bytes, deadline),
    }
}

#[cfg(feature = "documents")]
fn interpreted(form: Form, bytes: &[u8], deadline: Deadline) -> Result<Paper, Refused> {
    match form {
        Form::Markdown => Ok(markdown::read(text_of(bytes)?)),
        Form::Html => html::read(bytes, deadline),
        Form::Docx => docx::read(bytes, deadline),
        _ => pdf::read(bytes, deadline),
    }
}

#[cfg(not(feature = "documents"))]
fn interpreted(_: Form, _: &[u8], _: Deadline) -> Result<Paper, Refused> {
    Err(Refused::new(
        "is no plain text",
        "this build reads plain text only: it was made without the feature `documents`",
    ))
}

/// Bytes that are text in UTF-8. Errors: they are not.
fn text_of(bytes: &[u8]) -> Result<&str, Refused> {
    const HINT: &str = "documents are plain text in UTF-8: save it so";
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(Refused::new("is in UTF-16, not UTF-8", HINT));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|why| Refused::new(format!("is not UTF-8 after byte {}", why.valid_up_to()), HINT))?;
    if text.contains('\0') {
        return Err(Refused::new("holds a zero byte, so it is no text", HINT));
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Text as a line has it: white space is one blank, none at the ends.
#[cfg(feature = "documents")]
fn in_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The day of a time stamp as EDTF (`2023-11-05T10:00:00Z`, `D:20231105…`); nothing where it is none.
#[cfg(feature = "documents")]
fn day_of(stamp: &str) -> String {
    let stamp = stamp.trim();
    let digits: String = match stamp.strip_prefix("D:") {
        Some(pdf) => pdf.chars().take(8).collect(),
        None => stamp.chars().take(10).filter(|c| *c != '-').collect(),
    };
    let day = match digits.len() {
        8 => format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]),
        6 => format!("{}-{}", &digits[..4], &digits[4..]),
        4 => digits.clone(),
        _ => return String::new(),
    };
    let whole = digits.bytes().all(|b| b.is_ascii_digit());
    if whole && crate::value::edtf::Edtf::parse(&day).is_ok() { day } else { String::new() }
}

#[cfg(all(test, feature = "documents"))]
mod tests;
