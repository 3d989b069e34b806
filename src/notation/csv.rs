//! Writing comma-separated text (RFC 4180): an empty cell without quotes is "nothing", an empty cell with quotes is the empty
//! string.

use std::borrow::Cow;

use super::safe;
use crate::value::Value;

/// One line being written.
#[derive(Debug)]
pub(crate) struct Line {
    text: String,
    cells: usize,
    safe: bool,
    terminal: bool,
}

impl Line {
    /// An empty line. `safe` puts a `'` before text that a spreadsheet would take for a formula (the cell then no longer
    /// reads back as it was); `terminal` makes control characters visible.
    pub(crate) fn new(safe: bool, terminal: bool) -> Self {
        Self { text: String::new(), cells: 0, safe, terminal }
    }

    /// A cell that holds nothing.
    pub(crate) fn empty(&mut self) {
        self.separate();
    }

    /// A cell of text.
    pub(crate) fn text(&mut self, text: &str) {
        self.cell(&[text], self.safe);
    }

    /// A cell that holds a value shown as `text`: numbers are never taken for formulas.
    pub(crate) fn value(&mut self, value: &Value, text: &str) {
        self.cell(&[text], self.safe && !matches!(value, Value::Int(_) | Value::Float(_)));
    }

    /// A cell of a text that comes in pieces, none of them empty.
    pub(crate) fn pieces(&mut self, text: &[String]) {
        self.cell(text, self.safe);
    }

    fn cell(&mut self, text: &[impl AsRef<str>], safe: bool) {
        self.separate();
        let terminal = self.terminal;
        let shown = |piece| shown(piece, terminal);
        let formula =
            safe && text.first().is_some_and(|t| shown(t.as_ref()).starts_with(['=', '+', '-', '@', '\t', '\r']));
        let begins = |text: &str| text.is_empty() || text.starts_with([' ', '\t', '\u{feff}']);
        let quoted = text.first().is_none_or(|piece| begins(&shown(piece.as_ref())))
            || text.last().is_some_and(|piece| shown(piece.as_ref()).ends_with([' ', '\t']))
            || text.iter().any(|piece| shown(piece.as_ref()).contains([',', '"', '\n', '\r']));
        if quoted {
            self.text.push('"');
        }
        if formula {
            self.text.push('\'');
        }
        for piece in text {
            match quoted {
                true => self.text.push_str(&shown(piece.as_ref()).replace('"', "\"\"")),
                false => self.text.push_str(&shown(piece.as_ref())),
            }
        }
        if quoted {
            self.text.push('"');
        }
    }

    /// The finished line with its end; the next cell begins a new one.
    pub(crate) fn end(&mut self) -> String {
        self.cells = 0;
        self.text.push_str("\r\n");
        std::mem::take(&mut self.text)
    }

    fn separate(&mut self) {
        if self.cells > 0 {
            self.text.push(',');
        }
        self.cells += 1;
    }
}

/// A text as it is printed.
fn shown(text: &str, on_terminal: bool) -> Cow<'_, str> {
    if on_terminal { safe::visible(text) } else { text.into() }
}
