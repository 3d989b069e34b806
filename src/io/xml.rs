//! Writing XML: elements, attributes and text that mean themselves, whatever they hold.

use std::borrow::Cow;
use std::io::Write;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::Written;

/// Writes a document element by element. Whoever opens an element closes it.
pub(super) struct Elements<'w> {
    writer: Writer<&'w mut dyn Write>,
}

impl<'w> Elements<'w> {
    /// A document that begins here.
    pub fn new(to: &'w mut dyn Write) -> Result<Self, super::WriteError> {
        let mut elements = Self { writer: Writer::new(to) };
        elements.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        elements.line_end()?;
        Ok(elements)
    }

    /// The beginning of an element.
    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> Written {
        self.event(Event::Start(start(name, attributes)))
    }

    /// An element with nothing in it.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> Written {
        self.event(Event::Empty(start(name, attributes)))
    }

    /// An element with text in it.
    pub fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> Written {
        self.open(name, attributes)?;
        self.event(Event::Text(BytesText::new(&fit(text))))?;
        self.close(name)
    }

    /// The end of an element.
    pub fn close(&mut self, name: &str) -> Written {
        self.event(Event::End(BytesEnd::new(name)))
    }

    /// A line end, for people who look at the file.
    pub fn line_end(&mut self) -> Written {
        Ok(self.writer.get_mut().write_all(b"\n")?)
    }

    fn event(&mut self, event: Event<'_>) -> Written {
        Ok(self.writer.write_event(event)?)
    }
}

fn start<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        start.push_attribute((*key, &*fit(value)));
    }
    start
}

/// The text with U+FFFD in place of what XML has no way to write.
fn fit(text: &str) -> Cow<'_, str> {
    if text.contains(forbidden) { text.replace(forbidden, "\u{fffd}").into() } else { text.into() }
}

/// Whether XML 1.0 has no way to write the character.
pub(super) fn forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text_and_forbidden_characters_are_replaced() {
        let mut out: Vec<u8> = Vec::new();
        let mut elements = Elements::new(&mut out).expect("memory");
        elements.text("a", &[("b", "\"\n<\t")], "<a b='c'>&\r\u{1b}]]>").expect("memory");
        let text = String::from_utf8(out).expect("text");
        let wanted = "<a b=\"&quot;&#10;&lt;&#9;\">&lt;a b=&apos;c&apos;&gt;&amp;&#13;\u{fffd}]]&gt;</a>";
        assert_eq!(text.lines().nth(1), Some(wanted));
    }
}
