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
    record: Record,
}

/// The cells of one record. Its text is kept as it was read; what stood in quotes with quotes inside is kept once more
/// behind it, as it is meant.
#[derive(Debug, Default)]
pub struct Record {
    text: String,
    cells: Vec<Cell>,
}

/// Where a cell stands in the text, and whether it stood in quotes.
#[derive(Clone, Copy, Debug)]
struct Cell {
    start: usize,
    end: usize,
    quoted: bool,
}

impl Record {
    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The text of a cell, without quotes; nothing when the cell holds nothing or there is no such cell.
    /// An empty cell in quotes holds the empty string.
    #[inline]
    pub fn get(&self, at: usize) -> Option<&str> {
        let cell = self.cells.get(at)?;
        if cell.end > cell.start || cell.quoted { self.text.get(cell.start..cell.end) } else { None }
    }

    /// All cells; one that holds nothing is the empty text.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at).unwrap_or_default())
    }

    /// Finds the cells of the record `from..to` of the text; the error is the 1-based number of the cell that is written
    /// wrongly.
    fn split(&mut self, from: usize, to: usize, quotes: bool, delimiter: u8) -> std::result::Result<(), usize> {
        if quotes {
            return self.split_quoted(from, to, delimiter);
        }
        let mut start = from;
        let bytes = &self.text.as_bytes()[from..to];
        for (at, _) in bytes.iter().enumerate().filter(|(_, b)| **b == delimiter) {
            self.cells.push(Cell { start, end: from + at, quoted: false });
            start = from + at + 1;
        }
        self.cells.push(Cell { start, end: to, quoted: false });
        Ok(())
    }

    fn split_quoted(&mut self, from: usize, to: usize, delimiter: u8) -> std::result::Result<(), usize> {
        let mut at = from;
        loop {
            let quoted = self.text.as_bytes()[at..to].first() == Some(&b'"');
            let cell = if quoted {
                let mut cell = Cell { start: at + 1, end: at + 1, quoted };
                let mut doubled = false;
                loop {
                    let rest = &self.text.as_bytes()[cell.end..to];
                    cell.end += rest.iter().position(|b| *b == b'"').ok_or(self.len() + 1)?;
                    at = cell.end + 1;
                    if at >= to || self.text.as_bytes()[at] != b'"' {
                        break;
                    }
                    doubled = true;
                    cell.end += 2;
                }
                if doubled {
                    let meant = self.text[cell.start..cell.end].replace("\"\"", "\"");
                    cell.start = self.text.len();
                    self.text.push_str(&meant);
                    cell.end = self.text.len();
                }
                cell
            } else {
                let rest = &self.text.as_bytes()[at..to];
                let end = rest.iter().position(|b| *b == delimiter).map_or(to, |n| at + n);
                let cell = Cell { start: at, end, quoted };
                at = end;
                cell
            };
            self.cells.push(cell);
            if at >= to {
                return Ok(());
            }
            if self.text.as_bytes()[at] != delimiter {
                return Err(self.len());
            }
            at += 1;
        }
    }
}

impl<R: BufRead> Reader<R> {
    /// A reader with the given delimiter, an ASCII character.
    pub fn new(input: R, delimiter: u8) -> Self {
        Self { input, delimiter, line: 0, record: Record::default() }
    }

    /// The 1-based line on which the last record ended.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The next record; nothing at the end. Empty lines are skipped.
    /// Errors: text that is not UTF-8, a quote that never closes, text after a closing quote, a record that is too
    /// long. After an error the next call goes on with the next line, except after `FileAccess`, when nothing more comes.
    pub fn record(&mut self) -> Result<Option<&Record>> {
        loop {
            let mut buffer = std::mem::take(&mut self.record.text).into_bytes();
            buffer.clear();
            self.record.cells.clear();
            let first = self.line + 1;
            if !self.physical_line(&mut buffer)? {
                return Ok(None);
            }
            let quotes = self.close_quotes(first, &mut buffer)?;
            self.record.text = String::from_utf8(buffer).map_err(|e| {
                Error::data(format!("line {first}: not UTF-8 at byte {}", e.utf8_error().valid_up_to()))
            })?;
            let text = &self.record.text;
            let from = if first == 1 && text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
            let text = text.strip_suffix('\n').unwrap_or(text);
            let to = text.strip_suffix('\r').unwrap_or(text).len();
            if to > from {
                let split = self.record.split(from, to, quotes, self.delimiter);
                split
                    .map_err(|cell| Error::data(format!("line {first}, column {cell}: text after a closing quote")))?;
                return Ok(Some(&self.record));
            }
        }
    }

    /// Reads on while a quote is open; a doubled quote inside a quoted cell counts twice and changes nothing. Says
    /// whether there is any quote.
    fn close_quotes(&mut self, first: u64, buffer: &mut Vec<u8>) -> Result<bool> {
        let mut quotes = count_quotes(buffer);
        while quotes % 2 == 1 || buffer.len() > LONGEST_RECORD {
            if buffer.len() > LONGEST_RECORD {
                return Err(Error::data(format!("line {first}: the record is longer than {LONGEST_RECORD} bytes")));
            }
            let seen = buffer.len();
            if !self.physical_line(buffer)? {
                return Err(Error::data(format!("line {first}: a quote is opened and never closed")));
            }
            quotes += count_quotes(&buffer[seen..]);
        }
        Ok(quotes > 0)
    }

    fn physical_line(&mut self, buffer: &mut Vec<u8>) -> Result<bool> {
        let mut limited = std::io::Read::take(&mut self.input, LONGEST_RECORD as u64 + 1);
        let read =
            limited.read_until(b'\n', buffer).map_err(|e| super::unreadable(&format!("line {}", self.line + 1), &e))?;
        self.line += u64::from(read > 0);
        Ok(read > 0)
    }
}

fn count_quotes(text: &[u8]) -> usize {
    text.iter().filter(|b| **b == b'"').count()
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
