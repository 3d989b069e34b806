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

/// Reads records from `input`; knows the line it stands on.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    delimiter: u8,
    line: u64,
    buffer: Vec<u8>,
    record: Record,
}

/// The cells of one record; the text of all of them lies in one piece.
#[derive(Debug, Default)]
pub struct Record {
    text: String,
    /// Where each cell ends in `text`, and whether it stood in quotes.
    ends: Vec<(usize, bool)>,
}

impl Record {
    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text of a cell, without quotes; nothing when the cell holds nothing or there is no such cell.
    /// An empty cell in quotes holds the empty string.
    pub fn get(&self, at: usize) -> Option<&str> {
        let (end, quoted) = *self.ends.get(at)?;
        let start = if at == 0 { 0 } else { self.ends[at - 1].0 };
        (end > start || quoted).then(|| &self.text[start..end])
    }

    /// All cells; one that holds nothing is the empty text.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at).unwrap_or_default())
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Takes the cells out of one record; the error is the 1-based number of the cell that is written wrongly.
    fn split(&mut self, text: &str, delimiter: u8) -> std::result::Result<(), usize> {
        let bytes = text.as_bytes();
        let mut at = 0;
        loop {
            let quoted = bytes.get(at) == Some(&b'"');
            if quoted {
                at += 1;
                loop {
                    let end = text[at..].find('"').ok_or(self.len() + 1)?;
                    self.text.push_str(&text[at..at + end]);
                    at += end + 1;
                    if bytes.get(at) != Some(&b'"') {
                        break;
                    }
                    self.text.push('"');
                    at += 1;
                }
            } else {
                let end = bytes[at..].iter().position(|b| *b == delimiter).map_or(bytes.len(), |n| at + n);
                self.text.push_str(&text[at..end]);
                at = end;
            }
            self.ends.push((self.text.len(), quoted));
            match bytes.get(at) {
                None => return Ok(()),
                Some(b) if *b == delimiter => at += 1,
                Some(_) => return Err(self.len()),
            }
        }
    }
}

impl<R: BufRead> Reader<R> {
    /// A reader with the given delimiter, an ASCII character.
    pub fn new(input: R, delimiter: u8) -> Self {
        Self { input, delimiter, line: 0, buffer: Vec::new(), record: Record::default() }
    }

    /// The 1-based line on which the last record ended.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The next record; nothing at the end. Empty lines are skipped.
    /// Errors: text that is not UTF-8, a quote that never closes, text after a closing quote, a record that is too
    /// long. After an error the next call goes on with the next line.
    pub fn record(&mut self) -> Result<Option<&Record>> {
        loop {
            self.buffer.clear();
            self.record.clear();
            let first = self.line + 1;
            if !self.physical_line()? {
                return Ok(None);
            }
            self.close_quotes(first)?;
            let text = std::str::from_utf8(&self.buffer)
                .map_err(|e| Error::data(format!("line {first}: not UTF-8 at byte {}", e.valid_up_to())))?;
            let text = if first == 1 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
            let text = text.strip_suffix('\n').unwrap_or(text);
            let text = text.strip_suffix('\r').unwrap_or(text);
            if !text.is_empty() {
                let split = self.record.split(text, self.delimiter);
                split
                    .map_err(|cell| Error::data(format!("line {first}, column {cell}: text after a closing quote")))?;
                return Ok(Some(&self.record));
            }
        }
    }

    /// Reads on while a quote is open; a doubled quote inside a quoted cell counts twice and changes nothing.
    fn close_quotes(&mut self, first: u64) -> Result<()> {
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
        Ok(())
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
        assert_eq!(cells.iter().collect::<Vec<_>>(), [&texts[..], &[""]].concat());
        assert_eq!((cells.get(1), cells.get(11), cells.get(12)), (Some(""), None, None));
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
