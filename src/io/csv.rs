//! Comma-separated text (RFC 4180), written and read so that nothing is lost: an empty cell without quotes is
//! "nothing", an empty cell with quotes is the empty string.

use std::io::BufRead;

use crate::error::{Error, Result};
pub(crate) use crate::notation::csv::Line;

/// Longest record that is read, in bytes: a missing quote must not swallow a whole disk into memory.
const LONGEST_RECORD: usize = 64 << 20;

/// Reads records from `input`; knows the line it stands on.
///
/// A record ends at a line feed, a carriage return, or both, whichever the file uses, mixed or not. A quote opens a cell
/// when it is the first thing in it, and is a character like any other elsewhere: `5" pipe` is text.
#[derive(Debug)]
pub(crate) struct Reader<R> {
    input: R,
    delimiter: u8,
    quote: u8,
    line: u64,
    /// The last byte taken was a carriage return: a line feed after it belongs to it.
    after_return: bool,
    record: Record,
}

/// The cells of one record, as they are meant: without the quotes around them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
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
    /// Takes all cells away.
    #[cfg(any(feature = "spreadsheets", feature = "parquet"))]
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
    }

    /// Adds a cell; nothing for one that holds nothing.
    #[cfg(any(feature = "spreadsheets", feature = "parquet"))]
    pub(crate) fn push(&mut self, text: Option<&str>) {
        let start = self.text.len();
        self.text.push_str(text.unwrap_or_default());
        self.cells.push(Cell { start, end: self.text.len(), quoted: text.is_some() });
    }

    /// How many cells there are.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The text of a cell, without quotes; nothing when the cell holds nothing or there is no such cell.
    /// An empty cell in quotes holds the empty string.
    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<&str> {
        let cell = self.cells.get(at)?;
        if cell.end > cell.start || cell.quoted { self.text.get(cell.start..cell.end) } else { None }
    }

    /// All cells; one that holds nothing is the empty text.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at).unwrap_or_default())
    }
}

/// Where the reader is in a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before its first byte.
    Start,
    /// In text without quotes.
    Plain,
    /// In quotes.
    Quoted,
    /// Behind a quote in quotes: it closes them, or is the first of two.
    Closed,
    /// Behind the end of quotes, where nothing may stand: the number of the cell.
    Broken(usize),
}

impl<R: BufRead> Reader<R> {
    /// A reader with the given delimiter, an ASCII character.
    pub(crate) fn new(input: R, delimiter: u8) -> Self {
        Self { input, delimiter, quote: b'"', line: 0, after_return: false, record: Record::default() }
    }

    /// The same with another quote, an ASCII character.
    pub(crate) fn quoted_by(self, quote: u8) -> Self {
        Self { quote, ..self }
    }

    /// The 1-based line on which the last record ended.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Takes another delimiter from here on: for files that say theirs.
    pub(crate) fn set_delimiter(&mut self, delimiter: u8) {
        self.delimiter = delimiter;
    }

    /// The next record; nothing at the end. Empty lines are skipped.
    /// Errors: text that is not UTF-8, a quote that never closes, text after a closing quote, a record that is too
    /// long. After an error the next call goes on with the next record, except after `FileAccess`, when nothing more comes.
    pub(crate) fn record(&mut self) -> Result<Option<&Record>> {
        loop {
            let mut text = std::mem::take(&mut self.record.text).into_bytes();
            text.clear();
            self.record.cells.clear();
            let first = self.line + 1;
            let state = self.scan(&mut text)?;
            if first == 1 && text.starts_with("\u{feff}".as_bytes()) {
                self.forget_mark();
            }
            let text = String::from_utf8(text).map_err(|e| not_utf8(first, &e.utf8_error()));
            match state {
                None => return Ok(None),
                Some(State::Broken(cell)) => {
                    return Err(Error::data(format!("line {first}, column {cell}: text after a closing quote")));
                }
                Some(State::Quoted) => {
                    return Err(Error::data(format!("line {first}: a quote is opened and never closed")));
                }
                Some(_) => {}
            }
            self.record.text = text?;
            match &self.record.cells[..] {
                [only] if only.start == only.end && !only.quoted => {}
                _ => return Ok(Some(&self.record)),
            }
        }
    }

    /// The byte order mark is no part of the first cell.
    fn forget_mark(&mut self) {
        if let Some(cell) = self.record.cells.first_mut().filter(|cell| cell.start == 0 && cell.end >= 3) {
            cell.start = '\u{feff}'.len_utf8();
        }
    }

    /// Takes the bytes of a record and finds its cells; the state it ends in, nothing when there is no record any more.
    fn scan(&mut self, text: &mut Vec<u8>) -> Result<Option<State>> {
        let first = self.line + 1;
        let (mut state, mut cell, mut taken) = (State::Start, Cell { start: 0, end: 0, quoted: false }, false);
        loop {
            let from = match self.input.fill_buf() {
                Ok(from) => from,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(super::unreadable(&format!("line {}", self.line + 1), &e)),
            };
            if from.is_empty() {
                if !taken {
                    return Ok(None);
                }
                self.line += 1;
                self.record.cells.push(Cell { end: text.len(), ..cell });
                return Ok(Some(state));
            }
            let mut at = 0;
            if self.after_return {
                self.after_return = false;
                at = usize::from(from[0] == b'\n');
                if at > 0 && state == State::Quoted {
                    text.push(b'\n');
                }
            }
            let mut ended = false;
            while at < from.len() {
                taken = true;
                // text up to the next byte that may mean something is copied at once
                let plain = match state {
                    State::Quoted => from[at..].iter().position(|b| *b == self.quote || matches!(b, b'\n' | b'\r')),
                    State::Plain | State::Broken(_) => {
                        from[at..].iter().position(|b| *b == self.delimiter || matches!(b, b'\n' | b'\r'))
                    }
                    State::Start | State::Closed => Some(0),
                };
                let until = plain.map_or(from.len(), |n| at + n);
                if !matches!(state, State::Broken(_)) {
                    text.extend_from_slice(&from[at..until]);
                }
                at = until;
                let Some(&byte) = from.get(at) else { break };
                at += 1;
                let line_end = matches!(byte, b'\n' | b'\r');
                if line_end {
                    self.line += 1;
                    let returns = byte == b'\r';
                    // whether a line feed follows is seen in the next buffer
                    self.after_return = returns && at == from.len();
                    at += usize::from(returns && from.get(at) == Some(&b'\n'));
                }
                match (state, byte) {
                    (State::Quoted, b) if b == self.quote => state = State::Closed,
                    (State::Quoted, _) => {
                        text.push(byte);
                        if line_end && from[at - 1] != byte {
                            text.push(b'\n');
                        }
                    }
                    (State::Closed, b) if b == self.quote => {
                        text.push(byte);
                        state = State::Quoted;
                    }
                    (_, b) if b == self.delimiter || line_end => {
                        self.record.cells.push(Cell { end: text.len(), ..cell });
                        cell = Cell { start: text.len(), end: 0, quoted: false };
                        if line_end {
                            ended = true;
                            break;
                        }
                        if !matches!(state, State::Broken(_)) {
                            state = State::Start;
                        }
                    }
                    (State::Start, b) if b == self.quote => {
                        cell.quoted = true;
                        state = State::Quoted;
                    }
                    (State::Closed, _) => state = State::Broken(self.record.cells.len() + 1),
                    (_, b) => {
                        text.push(b);
                        state = State::Plain;
                    }
                }
            }
            self.input.consume(at);
            if ended {
                return Ok(Some(state));
            }
            if text.len() > LONGEST_RECORD {
                return Err(Error::data(format!("line {first}: the record is longer than {LONGEST_RECORD} bytes")));
            }
        }
    }
}

fn not_utf8(line: u64, error: &std::str::Utf8Error) -> Error {
    Error::data(format!("line {line}: not UTF-8 at byte {}", error.valid_up_to()))
        .hint("say how the file is written: --encoding latin1, windows-1251, utf-16 …")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::Value;

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

    /// What RFC 4180 and common sense say, one character at a time: the model of the reader.
    fn model(text: &str, quote: char) -> Vec<Vec<Option<String>>> {
        let mut records = Vec::new();
        let chars: Vec<char> = text.strip_prefix('\u{feff}').unwrap_or(text).chars().collect();
        let (mut at, mut record) = (0, Vec::new());
        while at < chars.len() {
            let mut cell = String::new();
            let quoted = chars[at] == quote;
            if quoted {
                at += 1;
                loop {
                    if chars[at] == quote && chars.get(at + 1) == Some(&quote) {
                        at += 1;
                    } else if chars[at] == quote {
                        break;
                    }
                    cell.push(chars[at]);
                    at += 1;
                }
                at += 1;
            } else {
                while at < chars.len() && !matches!(chars[at], ',' | '\n' | '\r') {
                    cell.push(chars[at]);
                    at += 1;
                }
            }
            record.push((quoted || !cell.is_empty()).then_some(cell));
            if chars.get(at) == Some(&',') {
                at += 1;
                if at < chars.len() && !matches!(chars[at], '\n' | '\r') {
                    continue;
                }
                record.push(None);
            }
            at += if chars.get(at) == Some(&'\r') && chars.get(at + 1) == Some(&'\n') { 2 } else { 1 };
            let record = std::mem::take(&mut record);
            if record != [None] {
                records.push(record);
            }
        }
        records
    }

    proptest! {
        #[test]
        fn records_end_and_quotes_mean_the_same_wherever_the_buffer_ends(
            cells in prop::collection::vec((0..8_usize, 0..6_usize), 1..40),
            quote in prop::sample::select(vec!['"', '\'', '|']),
            room in 1..9_usize,
        ) {
            let q = quote;
            let cell = |n: usize| match n {
                0 => String::new(),
                1 => "plain".to_owned(),
                2 => format!("5{q} pipe{q}{q}"),
                3 => format!("{q}{q}"),
                4 => format!("{q}a,b\r\nc\rd\n{q}"),
                5 => format!("{q}said {q}{q}so{q}{q}{q}"),
                6 => " көл ".to_owned(),
                _ => "1.5".to_owned(),
            };
            let ends = [",", ",", "\n", "\r\n", "\r", "\n\n"];
            let text: String = cells.iter().map(|(c, end)| cell(*c) + ends[*end]).collect();
            let input = std::io::BufReader::with_capacity(room, text.as_bytes());
            let mut reader = Reader::new(input, b',').quoted_by(quote as u8);
            let mut got = Vec::new();
            while let Some(record) = reader.record().expect("well formed") {
                got.push((0..record.len()).map(|at| record.get(at).map(str::to_owned)).collect::<Vec<_>>());
            }
            prop_assert_eq!(got, model(&text, quote));
            let lines = text.replace("\r\n", "\n").replace('\r', "\n");
            let lines = lines.matches('\n').count() + usize::from(!lines.ends_with('\n'));
            prop_assert_eq!(reader.line(), lines as u64);
        }
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
