//! Comma-separated text (RFC 4180), written and read so that nothing is lost: an empty cell without quotes is
//! "nothing", an empty cell with quotes is the empty string.

use std::io::BufRead;

use super::safe;
use crate::error::{Error, Result};
use crate::value::Value;

/// Longest record that is read, in bytes: a missing quote must not swallow a whole disk into memory.
const LONGEST_RECORD: usize = 64 << 20;

/// One line being written.
#[derive(Debug)]
pub struct Line {
    text: String,
    cells: usize,
    safe: bool,
    terminal: bool,
}

impl Line {
    /// An empty line. `safe` puts a `'` before text that a spreadsheet would take for a formula (the cell then no longer
    /// reads back as it was); `terminal` makes control characters visible.
    pub fn new(safe: bool, terminal: bool) -> Self {
        Self { text: String::new(), cells: 0, safe, terminal }
    }

    /// A cell that holds nothing.
    pub fn empty(&mut self) {
        self.separate();
    }

    /// A cell of text.
    pub fn text(&mut self, text: &str) {
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
    pub fn value(&mut self, value: &Value, text: &str) {
        let guarded = self.safe;
        self.safe &= !matches!(value, Value::Int(_) | Value::Float(_));
        self.text(text);
        self.safe = guarded;
    }

    /// The finished line with its end; the next cell begins a new one.
    pub fn end(&mut self) -> String {
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

/// A cell as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The text, without quotes.
    pub text: String,
    /// Whether it stood in quotes: an empty cell that did is the empty string, one that did not is nothing.
    pub quoted: bool,
}

/// Reads records from `input`; knows the line it stands on.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    delimiter: u8,
    line: u64,
    buffer: Vec<u8>,
}

impl<R: BufRead> Reader<R> {
    /// A reader with the given delimiter.
    pub fn new(input: R, delimiter: u8) -> Self {
        Self { input, delimiter, line: 0, buffer: Vec::new() }
    }

    /// The 1-based line on which the last record ended.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The next record; nothing at the end. Empty lines are skipped.
    /// Errors: text that is not UTF-8, a quote that never closes, text after a closing quote, a record that is too long.
    pub fn record(&mut self) -> Result<Option<Vec<Cell>>> {
        loop {
            self.buffer.clear();
            let first = self.line + 1;
            if !self.physical_line()? {
                return Ok(None);
            }
            // a doubled quote inside a quoted cell counts twice and changes nothing
            let mut open = odd_quotes(&self.buffer);
            while open || self.buffer.len() > LONGEST_RECORD {
                if self.buffer.len() > LONGEST_RECORD {
                    return Err(Error::data(format!("line {first}: the record is longer than {LONGEST_RECORD} bytes")));
                }
                let seen = self.buffer.len();
                if !self.physical_line()? {
                    return Err(Error::data(format!("line {first}: a quote is opened and never closed")));
                }
                open ^= odd_quotes(&self.buffer[seen..]);
            }
            let text = std::str::from_utf8(&self.buffer)
                .map_err(|e| Error::data(format!("line {first}: not UTF-8 at byte {}", e.valid_up_to())))?;
            let text = if first == 1 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
            let text = text.strip_suffix('\n').unwrap_or(text);
            let text = text.strip_suffix('\r').unwrap_or(text);
            if !text.is_empty() {
                return split(text, char::from(self.delimiter)).map(Some).map_err(|column| {
                    Error::data(format!("line {first}, column {column}: text after a closing quote"))
                });
            }
        }
    }

    fn physical_line(&mut self) -> Result<bool> {
        let mut limited = std::io::Read::take(&mut self.input, LONGEST_RECORD as u64 + 1);
        let read = limited
            .read_until(b'\n', &mut self.buffer)
            .map_err(|e| Error::data(format!("line {}: cannot read: {e}", self.line + 1)))?;
        self.line += u64::from(read > 0);
        Ok(read > 0)
    }
}

fn odd_quotes(text: &[u8]) -> bool {
    text.iter().filter(|b| **b == b'"').count() % 2 == 1
}

/// The cells of one record; the error is the 1-based number of the cell that is written wrongly.
fn split(text: &str, delimiter: char) -> std::result::Result<Vec<Cell>, usize> {
    let mut cells = Vec::new();
    let mut rest = text;
    loop {
        let (cell, after) = if let Some(mut inner) = rest.strip_prefix('"') {
            let mut cell = String::new();
            loop {
                let end = inner.find('"').ok_or(cells.len() + 1)?;
                cell.push_str(&inner[..end]);
                inner = &inner[end + 1..];
                match inner.strip_prefix('"') {
                    Some(more) => {
                        cell.push('"');
                        inner = more;
                    }
                    None => break,
                }
            }
            (Cell { text: cell, quoted: true }, inner)
        } else {
            let end = rest.find(delimiter).unwrap_or(rest.len());
            (Cell { text: rest[..end].to_owned(), quoted: false }, &rest[end..])
        };
        cells.push(cell);
        match after.strip_prefix(delimiter) {
            Some(more) => rest = more,
            None if after.is_empty() => return Ok(cells),
            None => return Err(cells.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_whatever_it_holds() {
        let texts =
            ["a", "", "x,y", "\"q\"", "two\r\nlines", " led", "trailed ", "=1+1", "\u{feff}bom", "құрылтай", "\u{0}"];
        let mut line = Line::new(false, false);
        texts.iter().for_each(|t| line.text(t));
        line.empty();
        let written = line.end();
        let mut reader = Reader::new(written.as_bytes(), b',');
        let cells = reader.record().expect("well formed").expect("one record");
        assert_eq!(cells.iter().map(|c| c.text.as_str()).collect::<Vec<_>>(), [&texts[..], &[""]].concat());
        assert!(cells[1].quoted && !cells[11].quoted);
        assert!(reader.record().expect("end").is_none());
    }

    #[test]
    fn formulas_are_disarmed_on_request_and_numbers_left_alone() {
        let mut line = Line::new(true, false);
        for text in ["=1+1", "@SUM(1)", "-x", "\tx", "plain"] {
            line.text(text);
        }
        line.value(&Value::Int(-5), "-5");
        assert_eq!(line.end(), "'=1+1,'@SUM(1),'-x,\"'\tx\",plain,-5\r\n");
    }

    #[test]
    fn broken_records_are_named_by_line_and_cell() {
        let message = |text: &str| {
            let mut reader = Reader::new(text.as_bytes(), b',');
            loop {
                match reader.record() {
                    Ok(Some(_)) => {}
                    Ok(None) => break String::new(),
                    Err(e) => break e.message().to_owned(),
                }
            }
        };
        assert_eq!(message("a,b\n\"open\nstill"), "line 2: a quote is opened and never closed");
        assert_eq!(message("a\n1,\"x\"y\"\"\n"), "line 2, column 2: text after a closing quote");
        assert_eq!(message("a,b\r\n\r\n1,2"), "");
    }
}
