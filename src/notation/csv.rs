//! Writing comma-separated text (RFC 4180): an empty cell without quotes is "nothing", an empty cell with quotes is the empty
//! string.

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
        self.separate();
        let shown = if self.terminal { safe::visible(text) } else { text.into() };
        let formula = self.safe && shown.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let quoted = shown.is_empty()
            || shown.contains([',', '"', '\n', '\r'])
            || shown.starts_with([' ', '\t', '\u{feff}'])
            || shown.ends_with([' ', '\t']);
        if quoted {
            self.text.push('"');
        }
        if formula {
            self.text.push('\'');
        }
        if quoted {
            self.text.push_str(&shown.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(&shown);
        }
    }

    /// A cell that holds a value shown as `text`: numbers are never taken for formulas.
    pub(crate) fn value(&mut self, value: &Value, text: &str) {
        let guarded = self.safe;
        self.safe &= !matches!(value, Value::Int(_) | Value::Float(_));
        self.text(text);
        self.safe = guarded;
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
