//! Writing XML: elements, attributes and text that mean themselves, whatever they hold.

use std::borrow::Cow;
use std::io::Write;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::safe::is_control;

/// What writing gives.
pub(crate) type Written = std::io::Result<()>;

/// Writes a document element by element. Whoever opens an element closes it.
pub(crate) struct Elements<'w> {
    writer: Writer<&'w mut dyn Write>,
}

impl<'w> Elements<'w> {
    /// A document that begins here.
    pub(crate) fn new(to: &'w mut dyn Write) -> std::io::Result<Self> {
        let mut elements = Self::within(to);
        elements.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        elements.line_end()?;
        Ok(elements)
    }

    /// A part of a document that stands in another one: without a declaration.
    pub(crate) fn within(to: &'w mut dyn Write) -> Self {
        Self { writer: Writer::new(to) }
    }

    /// The beginning of an element.
    pub(crate) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> Written {
        self.event(Event::Start(start(name, attributes)))
    }

    /// An element with nothing in it.
    pub(crate) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> Written {
        self.event(Event::Empty(start(name, attributes)))
    }

    /// An element with text in it.
    pub(crate) fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> Written {
        self.open(name, attributes)?;
        self.words(text)?;
        self.close(name)
    }

    /// Text inside an element.
    pub(crate) fn words(&mut self, text: &str) -> Written {
        self.event(Event::Text(BytesText::new(&fit(text))))
    }

    /// Markup of our own, or text that needs no escape, as it stands.
    pub(crate) fn as_it_stands(&mut self, markup: &str) -> Written {
        self.writer.get_mut().write_all(markup.as_bytes())
    }

    /// The end of an element.
    pub(crate) fn close(&mut self, name: &str) -> Written {
        self.event(Event::End(BytesEnd::new(name)))
    }

    /// A line end, for people who look at the file.
    pub(crate) fn line_end(&mut self) -> Written {
        self.writer.get_mut().write_all(b"\n")
    }

    fn event(&mut self, event: Event<'_>) -> Written {
        self.writer.write_event(event)
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

/// Text for XML and HTML on one line, in elements and attributes: what would act where it is shown becomes U+FFFD.
pub(crate) fn escape(text: &str) -> String {
    quick_xml::escape::escape(&*one_line(text)).into_owned()
}

/// What [`escape`] was given, but for what it could not keep; text that it has not made, as it stands.
pub(crate) fn unescape(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), Cow::into_owned)
}

/// Text on one line: line ends and tabs are blanks, what would act where it is shown becomes U+FFFD.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| is_control(c) || forbidden(c)) {
        return text.into();
    }
    let shown = |c: char| match c {
        '\t' | '\n' | '\r' => ' ',
        c if c.is_control() || forbidden(c) => '\u{fffd}',
        c => c,
    };
    text.chars().map(shown).collect::<String>().into()
}

/// Whether XML 1.0 has no way to write the character.
pub(crate) fn forbidden(c: char) -> bool {
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

    #[test]
    fn everything_is_escaped() {
        assert_eq!(escape("<a b=\"c\">&'\u{0}\u{ffff}\n"), "&lt;a b=&quot;c&quot;&gt;&amp;&apos;\u{fffd}\u{fffd} ");
    }
}
