//! XML documents as a stream of elements and text: whole or refused. What reads a dialect of XML stands on this.
//!
//! A document has one root, of the name that is wanted, and ends where the root ends. A document type that is only named is
//! passed over; one that declares something is refused, and so is every entity but the five that XML has. Nothing is
//! fetched.

pub(super) mod frames;

use std::borrow::Cow;
use std::io::{BufRead, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event as Xml};

use super::in_file;
use crate::error::{Error, Result};

/// A place in a file; columns count characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct At {
    line: u64,
    column: u64,
}

impl At {
    /// The error with the place before its message.
    pub(super) fn named(self, file: &str, error: &Error) -> Error {
        in_file(file, &error.prefixed(&format!("line {}, column {}: ", self.line + 1, self.column + 1)))
    }
}

/// What a document consists of.
pub(super) enum Event<'a> {
    /// An element begins; every one that begins ends.
    Open(&'a BytesStart<'a>),
    /// Text, part of it.
    Text(&'a str),
    /// An element ends.
    Close,
}

/// Reads a document whose root has the name `root` and hands its content over, with the place where it begins.
pub(super) fn read(
    input: &mut dyn BufRead,
    file: &str,
    root: &str,
    take: &mut dyn FnMut(Event<'_>, At) -> Result<()>,
) -> Result<()> {
    let mut reader = Reader::from_reader(Counted { input, at: At::default(), piece: 0 });
    reader.config_mut().expand_empty_elements = true;
    let (mut open, mut begun, mut buffer) = (Open::default(), false, Vec::new());
    loop {
        buffer.clear();
        let at = reader.get_ref().at;
        reader.get_mut().piece = 0;
        let wrong = |what: &str| at.named(file, &Error::data(what));
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(quick_xml::Error::Io(e)) => return Err(in_file(file, &crate::io::unreadable("XML", &e))),
            Err(e) => return Err(wrong(&e.to_string())),
        };
        match event {
            Xml::Eof if !begun => return Err(wrong(&format!("there is no <{root}> in it"))),
            Xml::Eof => match open.last() {
                Some(name) => return Err(wrong(&format!("the file ends inside <{name}>: a part of it is missing"))),
                None => return Ok(()),
            },
            Xml::DocType(text) if text.contains('[') => {
                return Err(wrong("document types are not read: this one declares something of its own"));
            }
            Xml::Start(tag) => {
                let name = tag.local_name();
                if open.is_empty() {
                    if begun || name.as_ref() != root {
                        return Err(at.named(file, &not(root, name.as_ref(), begun)));
                    }
                    begun = true;
                }
                open.push(name.as_ref());
                take(Event::Open(&tag), at)?;
            }
            Xml::End(_) => {
                if !open.pop() {
                    return Err(wrong("an end without a beginning"));
                }
                take(Event::Close, at)?;
            }
            Xml::Text(text) => text_of(&text.xml10_content(), &open, at, file, take)?,
            Xml::CData(text) => text_of(&text.xml10_content(), &open, at, file, take)?,
            Xml::GeneralRef(name) => match name.resolve_char_ref() {
                Ok(Some(c)) => text_of(c.encode_utf8(&mut [0; 4]), &open, at, file, take)?,
                Ok(None) => match quick_xml::escape::resolve_predefined_entity(&name) {
                    Some(text) => text_of(text, &open, at, file, take)?,
                    None => return Err(wrong(&format!("entities are not read: &{};", &*name))),
                },
                Err(e) => return Err(wrong(&e.to_string())),
            },
            _ => {}
        }
    }
}

/// The names of the elements that are open, one after the other in one text: there is one for every element of a file.
#[derive(Default)]
struct Open {
    names: String,
    starts: Vec<usize>,
}

impl Open {
    fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    fn push(&mut self, name: &str) {
        self.starts.push(self.names.len());
        self.names.push_str(name);
    }

    /// The name of the innermost.
    fn last(&self) -> Option<&str> {
        self.starts.last().and_then(|start| self.names.get(*start..))
    }

    /// Ends the innermost; whether there was one.
    fn pop(&mut self) -> bool {
        let start = self.starts.pop();
        self.names.truncate(start.unwrap_or_default());
        start.is_some()
    }
}

fn text_of(
    text: &str,
    open: &Open,
    at: At,
    file: &str,
    take: &mut dyn FnMut(Event<'_>, At) -> Result<()>,
) -> Result<()> {
    match open.is_empty() {
        false => take(Event::Text(text), at),
        true if text.trim().is_empty() => Ok(()),
        true => {
            let start: String = text.trim().chars().take(20).collect();
            Err(at.named(file, &Error::data(format!("this is no XML: {start:?} stands outside of every element"))))
        }
    }
}

/// What is said of a root that was not wanted.
fn not(wanted: &str, found: &str, begun: bool) -> Error {
    if begun {
        return Error::data(format!("a second root element <{found}>: a document has one"));
    }
    let error = Error::data(format!("this is a document <{found}>, not <{wanted}>"));
    match found.to_ascii_lowercase().as_str() {
        "html" => error.hint("it is a web page, perhaps the message of a server that had no such file"),
        "gexf" | "graphml" => error.hint(format!("say --format {found}")),
        "rdf" => error.hint("RDF/XML is not read: rdflib, riot or rapper make Turtle of it"),
        "xgmml" => error.hint("XGMML is not read: Cytoscape also writes Cytoscape JSON and GraphML"),
        _ => error,
    }
}

/// The attributes of a tag, in the order in which they are written: names and values.
pub(super) fn attributes<'t>(tag: &'t BytesStart<'_>) -> impl Iterator<Item = Result<(&'t str, Cow<'t, str>)>> {
    tag.attributes().map(|attribute| {
        let attribute = attribute.map_err(|e| Error::data(e.to_string()))?;
        let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
        Ok((attribute.key.into_inner(), value.map_err(|e| Error::data(e.to_string()))?))
    })
}

/// The value of an attribute.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>> {
    for attribute in attributes(tag) {
        let (known, value) = attribute?;
        if known == name {
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

/// Most bytes of one tag or one piece of text: all of it must be in memory before it is known what it is.
const LONGEST: usize = 64 << 20;

/// An input that knows where it is.
struct Counted<'i> {
    input: &'i mut dyn BufRead,
    at: At,
    /// Bytes of the tag or text that is being read.
    piece: usize,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let from = self.fill_buf()?;
        let count = from.len().min(buffer.len());
        buffer[..count].copy_from_slice(&from[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Counted<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.piece > LONGEST {
            let message = format!("a tag or text of more than {} MiB is not read", LONGEST >> 20);
            return Err(std::io::Error::other(message));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.piece += count;
        // what is consumed is in the buffer: this reads nothing
        if let Ok(buffer) = self.input.fill_buf()
            && let Some(taken) = buffer.get(..count)
        {
            let lines = taken.iter().filter(|b| **b == b'\n').count() as u64;
            let last = if lines == 0 { taken } else { taken.rsplit(|b| *b == b'\n').next().unwrap_or_default() };
            let columns = last.iter().filter(|b| **b & 0xc0 != 0x80).count() as u64;
            self.at.column = if lines == 0 { self.at.column + columns } else { columns };
            self.at.line += lines;
        }
        self.input.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A file without an end (a device, say) took all of the memory.
    #[test]
    fn a_piece_without_an_end_is_refused() {
        for start in ["", "<r>", "<r a=\"", "<r><![CDATA[", "<!--"] {
            let mut input = std::io::BufReader::new(start.as_bytes().chain(std::io::repeat(b' ')));
            let error = super::read(&mut input, "x", "r", &mut |_, _| Ok(())).expect_err("it never ends");
            assert!(error.message().contains("more than 64 MiB"), "{start}: {error}");
        }
    }

    fn said(text: &str) -> Result<Vec<String>> {
        let mut all = Vec::new();
        read(&mut text.as_bytes(), "x", "r", &mut |event, at| {
            all.push(match event {
                Event::Open(tag) => format!("<{}@{}:{}", tag.local_name().as_ref(), at.line + 1, at.column + 1),
                Event::Text(text) => text.to_owned(),
                Event::Close => ">".to_owned(),
            });
            Ok(())
        })?;
        Ok(all)
    }

    #[test]
    fn places_are_lines_and_columns() {
        let all = said("<?xml version='1.0'?>\n<!DOCTYPE r SYSTEM 'x.dtd'><r>\n жж<a/>&amp;&#x416;</r>").expect("XML");
        assert_eq!(all, ["<r@2:28", "\n жж", "<a@3:4", ">", "&", "Ж", ">"]);
    }

    #[test]
    fn what_is_no_such_document_is_refused_by_name() {
        for (text, says) in [
            ("", "there is no <r> in it"),
            ("  \n", "there is no <r> in it"),
            ("Not Found", "this is no XML: \"Not Found\""),
            ("<html><body/></html>", "a document <html>, not <r>"),
            ("<!doctype html>", "there is no <r> in it"),
            ("<r><a>", "ends inside <a>: a part of it is missing"),
            ("<r><a></r></a>", "line 1, column"),
            ("<r/><r/>", "a second root element"),
            ("<r/>x", "outside of every element"),
            ("<!DOCTYPE r [<!ENTITY a 'b'>]><r>&a;</r>", "document types are not read"),
            ("<r>&a;</r>", "entities are not read: &a;"),
        ] {
            let error = said(text).expect_err(text);
            assert!(error.message().contains(says), "{text}: {}", error.message());
        }
    }

    proptest! {
        #[test]
        fn a_document_that_is_cut_anywhere_is_refused(cut in 1..70_usize) {
            let whole = "<?xml version='1.0'?><r a='1'><b>text &lt; <![CDATA[x]]></b><c/><!-- d --></r>";
            prop_assert!(said(whole).is_ok());
            prop_assert!(said(&whole[..cut]).is_err(), "{}", &whole[..cut]);
        }
    }
}
