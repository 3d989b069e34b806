//! One CSV file as rows of cells, whatever a spreadsheet program, a mail client or an enemy made of it.
//!
//! Accepted: a byte order mark, CRLF or LF, semicolons or tabs instead of commas, quoted cells with line
//! breaks, columns in any order, further columns (`x-…` or any name not ours is reported as a finding),
//! blank rows. Refused with file, row and column: text that is not UTF-8, rows with too many or too few
//! cells, missing or repeated columns, cells and files beyond the limits.

use std::cell::RefCell;
use std::sync::Arc;

use csv_core::ReadRecordResult;

use super::columns::Layout;
use super::problem::{Problem, shown};
use crate::value::hash::DataSet;

/// Largest file that is read, in bytes. A table of this size holds some million rows.
pub(super) const MAX_FILE: u64 = 256 << 20;
/// Longest cell, in bytes: room for any note a person writes.
const MAX_CELL: usize = 64 << 10;
/// Most problems reported of one file: after so many, the file itself is wrong.
const MAX_PROBLEMS: usize = 100;

/// The head of one file. Cells are asked for by the column's place in the layout.
struct Table {
    file: &'static str,
    columns: Vec<Option<usize>>,
    /// The columns that belong to a family, by name.
    named: Vec<(Arc<str>, usize)>,
    width: usize,
}

/// What the tables of one folder share while they are read.
#[derive(Default)]
pub(super) struct Reading {
    texts: Texts,
    /// The parser of the delimiter met last: to make one costs as much as to read a short table.
    parser: Option<(u8, csv_core::Reader)>,
}

/// The texts met so far. Most cells repeat another (ids, kinds, sources): each text is kept once, here, in the
/// records and in the graph.
#[derive(Default)]
struct Texts(RefCell<DataSet<Arc<str>>>);

impl Texts {
    fn keep(&self, text: &str) -> Arc<str> {
        let mut known = self.0.borrow_mut();
        if let Some(text) = known.get(text) {
            return text.clone();
        }
        let text = Arc::from(text);
        known.insert(Arc::clone(&text));
        text
    }
}

/// One row: its spreadsheet number and its cells, trimmed.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) file: &'static str,
    pub(super) number: u32,
    cells: Cells<'a>,
    columns: &'a [Option<usize>],
    named: &'a [(Arc<str>, usize)],
    texts: &'a Texts,
}

impl<'a> Row<'a> {
    /// The cell of a column, trimmed; empty when the file has no such column.
    pub(super) fn cell(&self, column: usize) -> &'a str {
        self.columns.get(column).copied().flatten().and_then(|at| self.cells.get(at)).unwrap_or("").trim()
    }

    /// The cells of the columns that belong to a family and are not empty, by the names of the columns.
    pub(super) fn family(&self) -> impl Iterator<Item = (&'a Arc<str>, &'a str)> {
        let cell = |at: usize| self.cells.get(at).unwrap_or("").trim();
        self.named.iter().map(move |(name, at)| (name, cell(*at))).filter(|(_, cell)| !cell.is_empty())
    }

    /// A text of this row, to keep.
    pub(super) fn keep(&self, text: &str) -> Arc<str> {
        self.texts.keep(text)
    }
}

/// The cells of one row: their text, and where each ends in it.
#[derive(Clone, Copy)]
struct Cells<'a> {
    text: &'a str,
    ends: &'a [usize],
}

impl<'a> Cells<'a> {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, at: usize) -> Option<&'a str> {
        let start = at.checked_sub(1).map_or(Some(&0), |before| self.ends.get(before))?;
        self.text.get(*start..*self.ends.get(at)?)
    }

    fn iter(&self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map(|at| self.get(at).unwrap_or(""))
    }
}

/// Reads `bytes` and gives each row to `each`. Rows that cannot be read are left out and reported.
pub(super) fn read(
    layout: &Layout,
    bytes: &[u8],
    reading: &mut Reading,
    problems: &mut Vec<Problem>,
    mut each: impl FnMut(Row<'_>, &mut Vec<Problem>),
) {
    let mut table = Table { file: layout.file, columns: Vec::new(), named: Vec::new(), width: 0 };
    let start = problems.len();
    let Some(text) = text_of(layout.file, bytes, problems) else { return };
    let Some(delimiter) = delimiter_of(layout, text, problems) else { return };
    let Reading { texts, parser } = reading;
    let mut records = Records::new(text, parser_of(delimiter, parser));
    if let Some((_, cells)) = records.next() {
        table.head(layout, cells, problems);
    }
    if table.columns.is_empty() {
        return;
    }
    while let Some((number, cells)) = records.next() {
        if problems.len() - start >= MAX_PROBLEMS {
            problems.push(Problem::new(layout.file, number, "", "has too many problems; the rest was not read"));
            break;
        }
        if table.is_row(number, cells, problems) {
            each(
                Row { file: table.file, number, cells, columns: &table.columns, named: &table.named, texts },
                problems,
            );
        }
    }
}

/// What may stand behind the name of a family of columns: nothing, or a language.
fn is_tail(tail: &str) -> bool {
    tail.is_empty() || tail.strip_prefix('_').is_some_and(|language| !language.is_empty())
}

/// The parser for a delimiter, ready for a new file.
fn parser_of(delimiter: u8, known: &mut Option<(u8, csv_core::Reader)>) -> &mut csv_core::Reader {
    if known.as_ref().is_none_or(|(of, _)| *of != delimiter) {
        *known = None;
    }
    let make = || (delimiter, csv_core::ReaderBuilder::new().delimiter(delimiter).build());
    let (_, parser) = known.get_or_insert_with(make);
    parser.reset();
    parser
}

impl Table {
    fn head(&mut self, layout: &Layout, header: Cells<'_>, problems: &mut Vec<Problem>) {
        let names: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
        let known = || layout.names();
        let family = |name: &str| layout.families.iter().any(|f| name.strip_prefix(f).is_some_and(is_tail));
        for (at, name) in names.iter().enumerate() {
            if !name.is_empty() && names[..at].contains(name) {
                problems.push(
                    Problem::new(layout.file, 1, "", format!("the column `{}` stands twice", shown(name)))
                        .hint("rename or remove one of them"),
                );
                return;
            }
            if !name.is_empty() && !name.starts_with("x-") && !known().any(|k| k == name) && !family(name) {
                problems.push(
                    Problem::finding(layout.file, 1, "", format!("the column `{}` is not read", shown(name))).nearest(
                        name,
                        known(),
                        "begin its name with x- if it is only for you",
                    ),
                );
            }
        }
        let columns: Vec<Option<usize>> = known().map(|k| names.iter().position(|name| name == k)).collect();
        let missing: Vec<&str> = layout.required().filter(|name| !names.iter().any(|known| known == name)).collect();
        if missing.is_empty() {
            self.columns = columns;
            let named = names.iter().enumerate().filter(|(_, name)| family(name));
            self.named = named.map(|(at, name)| (Arc::from(name.as_str()), at)).collect();
            self.width = header.len();
        } else {
            let message =
                format!("has no column {}", missing.iter().map(|m| format!("`{m}`")).collect::<Vec<_>>().join(", "));
            problems.push(Problem::new(layout.file, 1, "", message).hint(heading(layout)));
        }
    }

    /// Whether there is a row here. Rows without content are none; what is no proper row is reported.
    fn is_row(&self, number: u32, cells: Cells<'_>, problems: &mut Vec<Problem>) -> bool {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return false;
        }
        let width = self.width;
        if cells.len() < width || cells.iter().skip(width).any(|cell| !cell.trim().is_empty()) {
            problems.push(
                Problem::new(self.file, number, "", format!("has {} cells, the header has {width}", cells.len()))
                    .hint("a cell that holds a comma or a line break must stand in double quotes"),
            );
            return false;
        }
        if let Some(long) = cells.iter().find(|cell| cell.len() > MAX_CELL) {
            let message = format!("a cell of {} bytes; the longest allowed has {MAX_CELL}", long.len());
            problems.push(Problem::new(self.file, number, "", message).hint("is a double quote left open?"));
            return false;
        }
        true
    }
}

/// The records of a text with the row at which a spreadsheet shows each: blank lines count, line breaks
/// inside cells do not.
struct Records<'a> {
    text: &'a [u8],
    parser: &'a mut csv_core::Reader,
    row: u32,
    at: usize,
    /// The cells of the record read last, and where each ends; as long as the longest record so far asked for.
    cells: Vec<u8>,
    ends: Vec<usize>,
}

impl<'a> Records<'a> {
    fn new(text: &'a str, parser: &'a mut csv_core::Reader) -> Self {
        Self { text: text.as_bytes(), parser, row: 1, at: 0, cells: vec![0; 1024], ends: vec![0; 32] }
    }

    /// The next record and its row.
    fn next(&mut self) -> Option<(u32, Cells<'_>)> {
        while matches!(self.text.get(self.at), Some(b'\n' | b'\r')) {
            self.row = self.row.saturating_add(u32::from(self.is_break(self.at)));
            self.at += 1;
        }
        let number = self.row;
        let (mut long, mut many) = (0, 0);
        loop {
            let rest = self.text.get(self.at..).unwrap_or(&[]);
            let (result, read, wrote, ended) =
                self.parser.read_record(rest, &mut self.cells[long..], &mut self.ends[many..]);
            self.at += read;
            long += wrote;
            many += ended;
            match result {
                // the text is all there is: asked again with nothing left, the parser ends the last record
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return None,
            }
        }
        if self.at > 0 && self.is_break(self.at - 1) {
            self.row = self.row.saturating_add(1);
        }
        // marks are cut out of a text and nothing else, so what is left is text
        let text = std::str::from_utf8(&self.cells[..long]).unwrap_or_default();
        Some((number, Cells { text, ends: &self.ends[..many] }))
    }

    fn is_break(&self, at: usize) -> bool {
        match self.text.get(at) {
            Some(b'\n') => true,
            Some(b'\r') => self.text.get(at + 1) != Some(&b'\n'),
            _ => false,
        }
    }
}

pub(super) fn text_of<'a>(file: &'static str, bytes: &'a [u8], problems: &mut Vec<Problem>) -> Option<&'a str> {
    const UTF8: &str = "save the file as \"CSV UTF-8\"";
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        problems.push(Problem::new(file, 0, "", "is in UTF-16, not UTF-8").hint(UTF8));
        return None;
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) if text.contains('\0') => {
            problems.push(Problem::new(file, 0, "", "holds a zero byte, so it is not a CSV file").hint(UTF8));
            None
        }
        Ok(text) => Some(text),
        Err(why) => {
            let before = &bytes[..why.valid_up_to()];
            let line = before.iter().filter(|b| **b == b'\n').count() + 1;
            let message = format!("is not UTF-8: a stray byte in line {line}");
            problems.push(Problem::new(file, 0, "", message).hint(UTF8));
            None
        }
    }
}

/// Comma, semicolon or tab: whichever makes the required columns stand in the first line.
pub(super) fn delimiter_of(layout: &Layout, text: &str, problems: &mut Vec<Problem>) -> Option<u8> {
    let first = text.lines().next().unwrap_or("");
    let score = |delimiter: char| {
        let names: Vec<String> = first.split(delimiter).map(|n| n.trim().trim_matches('"').to_lowercase()).collect();
        layout.required().filter(|column| names.iter().any(|n| n == column)).count()
    };
    let best = [',', ';', '\t'].into_iter().rev().max_by_key(|d| score(*d)).unwrap_or(',');
    if score(best) == 0 {
        let message = if first.trim().is_empty() {
            "has no header in its first row".to_owned()
        } else {
            format!("has no header in its first row: it begins `{}`", shown(first))
        };
        problems.push(Problem::new(layout.file, 1, "", message).hint(heading(layout)));
        return None;
    }
    u8::try_from(best).ok()
}

fn heading(layout: &Layout) -> String {
    format!("the first row must hold: {}", layout.heading())
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::dataset::columns::{Column, Need};

    const LAYOUT: Layout = Layout {
        file: "t.csv",
        columns: &[
            Column { name: "id", need: Need::Must },
            Column { name: "name", need: Need::Must },
            Column { name: "note", need: Need::May },
        ],
        families: &[],
    };

    type Cells = (u32, String, String, String);

    fn read(bytes: &[u8]) -> (Vec<Cells>, Vec<String>) {
        let mut problems = Vec::new();
        let mut rows = Vec::new();
        super::read(&LAYOUT, bytes, &mut Reading::default(), &mut problems, |r, _| {
            rows.push((r.number, r.cell(0).into(), r.cell(1).into(), r.cell(2).into()));
        });
        (rows, problems.iter().map(|p| format!("{p} ({})", p.hint)).collect())
    }

    #[test]
    fn what_spreadsheets_write_is_read() {
        let wanted =
            vec![(2, "a".to_owned(), "x, y".to_owned(), String::new()), (4, "b".into(), "z\nz".into(), "n".into())];
        for text in [
            "id,name,note\na,\"x, y\",\n\nb,\"z\nz\",n\n",
            "id,name,note\r\na,\"x, y\",\r\n\r\nb,\"z\nz\",n\r\n",
            "id,name,note\na,\"x, y\",\n,,\nb,\"z\nz\",n\n",
            "\u{feff}id,name,note\r\na,\"x, y\",\r\n,,\r\nb,\"z\nz\",n",
            "ID;Name;Note\na;x, y;\n;;\nb;\"z\nz\";n;;\n",
            "note\tname\tid\n\tx, y\ta\n\t\t\nn\t\"z\nz\"\tb\n",
        ] {
            assert_eq!(read(text.as_bytes()), (wanted.clone(), vec![]), "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_row() {
        let said = |bytes: &[u8]| read(bytes).1.join("\n");
        assert!(said(b"").contains("no header"));
        assert!(said(b"id,name\na\n").contains("row 2: has 1 cells, the header has 2"));
        assert!(said(b"id,name\na,b,c\n").contains("row 2: has 3 cells"));
        assert!(said(b"id\na\n").contains("has no column `name`"));
        assert!(said(b"id,name,id\n").contains("stands twice"));
        assert!(said(b"id,name,naem\n").contains("did you mean `name`?"));
        assert!(said(b"id,name\na,\xff\n").contains("not UTF-8: a stray byte in line 2"));
        assert!(said(b"\xff\xfei\0d\0").contains("UTF-16"));
        assert!(said(b"id,name\na,\0\n").contains("zero byte"));
        assert!(said(b"kind,definition\n").contains("the first row must hold: id,name"));
        let open = format!("id,name\na,\"{}", "x,\n".repeat(40_000));
        assert!(said(open.as_bytes()).contains("is a double quote left open?"));
        let ragged = "id,name\n".to_owned() + &"a\n".repeat(5_000);
        assert_eq!(read(ragged.as_bytes()).1.len(), MAX_PROBLEMS + 1);
    }
}
