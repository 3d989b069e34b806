//! A CSV table as a person keeps it, changed cell by cell: what is not changed keeps its bytes, quotation marks,
//! line ends and order, so that a diff shows the change and nothing else.
//!
//! ```text
//!  id,name          set(row 3, "name", "Y, Z")      id,name
//!  a,"X"            ─────────────────────────►      a,"X"
//!  b,Y                                              b,"Y, Z"
//! ```
//!
//! Rows are numbered as [`super::table`] numbers them. Which files are tables is said there; here a text that
//! is none gives no sheet.

use std::collections::BTreeMap;
use std::ops::Range;

use csv_core::ReadFieldResult;

use super::columns::Layout;
use super::table::{delimiter_of, text_of};

/// The text of a table, and what is to change in it.
pub(super) struct Sheet {
    text: String,
    delimiter: char,
    head: Vec<String>,
    /// Each row with its number; the head is the first.
    rows: Vec<Line>,
    /// New text for stretches of the old, by where they begin.
    edits: BTreeMap<usize, (usize, String)>,
    /// Cells of new rows by their columns.
    added: Vec<Vec<(String, String)>>,
}

struct Line {
    number: u32,
    /// Where each cell stands, without the delimiter, with its quotation marks.
    cells: Vec<Range<usize>>,
}

impl Line {
    fn end(&self) -> usize {
        self.cells.last().map_or(0, |cell| cell.end)
    }
}

impl Sheet {
    /// The table in `bytes`; nothing when they hold none.
    pub(super) fn read(layout: &Layout, bytes: &[u8]) -> Option<Self> {
        let mut problems = Vec::new();
        let text = text_of(layout.file, bytes, &mut problems)?.to_owned();
        let delimiter = delimiter_of(layout, &text, &mut problems)?;
        let rows = lines(&text, delimiter);
        let head = rows.first()?.cells.iter().map(|cell| unquoted(&text[cell.clone()]).trim().to_lowercase()).collect();
        // the byte order mark is no text, and stays
        let mark = if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) { vec!["\u{feff}".to_owned()] } else { Vec::new() };
        let mut sheet =
            Self { text, delimiter: delimiter.into(), head, rows, edits: BTreeMap::new(), added: Vec::new() };
        if let Some(mark) = mark.into_iter().next() {
            sheet.edits.insert(0, (0, mark));
        }
        Some(sheet)
    }

    /// The columns by their headings, in small letters.
    pub(super) fn head(&self) -> &[String] {
        &self.head
    }

    /// The numbers of the rows below the head.
    pub(super) fn rows(&self) -> impl Iterator<Item = u32> {
        self.rows.iter().skip(1).map(|row| row.number)
    }

    /// What a cell holds; nothing when there is no such row or column.
    pub(super) fn cell(&self, row: u32, column: &str) -> Option<String> {
        let at = self.head.iter().position(|name| name == column)?;
        let cell = self.row(row)?.cells.get(at)?;
        Some(unquoted(&self.text[cell.clone()]).trim().to_owned())
    }

    /// A cell as it stands, with its quotation marks and the blanks around it.
    pub(super) fn raw(&self, row: u32, column: &str) -> Option<&str> {
        let at = self.head.iter().position(|name| name == column)?;
        self.text.get(self.row(row)?.cells.get(at)?.clone())
    }

    /// Gives a cell another text. False when there is no such cell.
    pub(super) fn set(&mut self, row: u32, column: &str, value: &str) -> bool {
        let Some(at) = self.head.iter().position(|name| name == column) else { return false };
        let Some(cell) = self.row(row).and_then(|row| row.cells.get(at)).cloned() else { return false };
        let value = self.quoted(value);
        self.edits.insert(self.key(&cell), (cell.end, value));
        true
    }

    /// Adds a column at the end of every row: `value` of its number, or nothing.
    pub(super) fn add_column(&mut self, name: &str, value: impl Fn(u32) -> String) {
        let width = self.head.len();
        let mut changes = Vec::with_capacity(self.rows.len());
        for (at, row) in self.rows.iter().enumerate() {
            let value = if at == 0 { name.to_owned() } else { value(row.number) };
            let value = self.quoted(&value);
            // cells beyond the head are empty, and the new column takes the place of the first
            let place = row.cells.get(width).map_or(row.end()..row.end(), Clone::clone);
            let text = if row.cells.len() > width { value } else { format!("{}{value}", self.delimiter) };
            changes.push((place, text));
        }
        for (place, text) in changes {
            match self.edits.get_mut(&self.key(&place)) {
                // a column or a cell that was added here before
                Some((_, earlier)) if place.is_empty() => earlier.push_str(&text),
                _ => {
                    self.edits.insert(self.key(&place), (place.end, text));
                }
            }
        }
        self.head.push(name.to_owned());
    }

    /// Adds a row at the end: its cells by column, the others empty.
    pub(super) fn add_row(&mut self, cells: &[(&str, &str)]) {
        self.added.push(cells.iter().map(|(column, value)| ((*column).to_owned(), (*value).to_owned())).collect());
    }

    /// The bytes with every change made.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let line_end = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut out = String::with_capacity(self.text.len() + 1024);
        let mut at = 0;
        for (key, (end, text)) in &self.edits {
            let start = key / 2;
            out.push_str(&self.text[at..start]);
            out.push_str(text);
            at = *end;
        }
        out.push_str(&self.text[at..]);
        for row in &self.added {
            let value =
                |name: &String| row.iter().find(|(column, _)| column == name).map_or("", |(_, value)| value.as_str());
            let line: Vec<String> = self.head.iter().map(|name| self.quoted(value(name))).collect();
            let row = line.join(&self.delimiter.to_string());
            if !out.is_empty() && !out.ends_with('\n') {
                out.push_str(line_end);
            }
            out.push_str(&row);
            out.push_str(line_end);
        }
        out.into_bytes()
    }

    fn row(&self, number: u32) -> Option<&Line> {
        self.rows.binary_search_by_key(&number, |row| row.number).ok().and_then(|at| self.rows.get(at))
    }

    /// Where an edit stands among the others: what replaces comes before what is put behind.
    fn key(&self, place: &Range<usize>) -> usize {
        place.start * 2 + usize::from(place.is_empty() && place.start > 0)
    }

    fn quoted(&self, value: &str) -> String {
        let plain = !value.contains([self.delimiter, '"', '\n', '\r']) && value.trim() == value;
        if plain { value.to_owned() } else { format!("\"{}\"", value.replace('"', "\"\"")) }
    }
}

/// The rows of a text as [`super::table`] counts them: blank lines count, line breaks inside cells do not.
fn lines(text: &str, delimiter: u8) -> Vec<Line> {
    let bytes = text.as_bytes();
    let is_break = |at: usize| match bytes.get(at) {
        Some(b'\n') => true,
        Some(b'\r') => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    let mut parser = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    let mut scratch = [0; 4096];
    let (mut rows, mut number, mut at) = (Vec::new(), 1_u32, 0);
    while at < bytes.len() {
        while matches!(bytes.get(at), Some(b'\n' | b'\r')) {
            number = number.saturating_add(u32::from(is_break(at)));
            at += 1;
        }
        if at == bytes.len() {
            break;
        }
        let mut cells = Vec::new();
        let mut start = at;
        let whole = loop {
            let (result, read, _) = parser.read_field(&bytes[at..], &mut scratch);
            at += read;
            match result {
                // asked again with nothing left, the parser ends the last cell
                ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
                ReadFieldResult::Field { record_end } => {
                    let mark = usize::from(at > start && (!record_end && bytes[at - 1] == delimiter));
                    let cell =
                        text[start..at - mark].trim_end_matches(if record_end { &['\r', '\n'][..] } else { &[] });
                    cells.push(start..start + cell.len());
                    start = at;
                    if record_end {
                        break true;
                    }
                }
                ReadFieldResult::End => break !cells.is_empty(),
            }
        };
        if whole {
            rows.push(Line { number, cells });
        }
        if at > 0 && is_break(at - 1) {
            number = number.saturating_add(1);
        }
    }
    rows
}

/// What a cell says: without the quotation marks around it.
fn unquoted(cell: &str) -> String {
    match cell.strip_prefix('"') {
        Some(inner) => inner.strip_suffix('"').unwrap_or(inner).replace("\"\"", "\""),
        None => cell.to_owned(),
    }
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
            Column { name: "print", need: Need::May },
        ],
        families: &[],
    };

    fn changed(text: &str, change: impl FnOnce(&mut Sheet)) -> String {
        let mut sheet = Sheet::read(&LAYOUT, text.as_bytes()).expect("a table");
        change(&mut sheet);
        String::from_utf8(sheet.bytes()).expect("text stays text")
    }

    #[test]
    fn what_is_not_changed_keeps_its_bytes() {
        for text in [
            "id,name\na,\"x, y\"\n\nb,\"z\nz\"\n",
            "\u{feff}ID;Name;\r\na; x ;\r\n;;\r\n\r\nb;\"z\"\"z\";;\r\n",
            "name\tid\nx\ta",
            "id,name\n",
            "id,name",
        ] {
            assert_eq!(changed(text, |_| ()), text);
        }
    }

    #[test]
    fn a_cell_changes_alone() {
        let text = "\u{feff}id,name,print\r\na,\"x, y\",\r\n\r\nb,\"z\nz\",7\r\n";
        let set = |row, column: &'static str, value: &'static str| {
            changed(text, |sheet| assert!(sheet.set(row, column, value), "row {row}"))
        };
        assert_eq!(set(2, "print", "1"), text.replace("\"x, y\",", "\"x, y\",1"));
        assert_eq!(set(2, "name", "q"), text.replace("\"x, y\"", "q"));
        assert_eq!(set(4, "name", "a\"b"), text.replace("\"z\nz\"", "\"a\"\"b\""));
        assert_eq!(set(4, "print", ""), text.replace(",7", ","));
        changed(text, |sheet| assert!(!sheet.set(3, "name", "q") && !sheet.set(2, "nome", "q")));
    }

    #[test]
    fn columns_and_rows_are_added_at_the_end() {
        let text = "id;name\r\na;x\r\n\r\nb;\"y\";;\r\nc;z";
        let added = changed(text, |sheet| {
            assert!(sheet.set(2, "name", "X"));
            sheet.add_column("print", |row| if row == 2 { "p;q".into() } else { row.to_string() });
            sheet.add_column("more", |_| String::new());
            sheet.add_row(&[("id", "d"), ("print", "5")]);
        });
        assert_eq!(added, "id;name;print;more\r\na;X;\"p;q\";\r\n\r\nb;\"y\";4;\r\nc;z;5;\r\nd;;5;\r\n");
    }

    #[test]
    fn rows_have_the_numbers_of_the_table() {
        let text = "id,name\na,\"x\ny\"\n\n,\r\nb,\"z\r\nz\"\r\rc,d";
        let mut numbers = Vec::new();
        super::super::table::read(&LAYOUT, text.as_bytes(), &mut Default::default(), &mut Vec::new(), |row, _| {
            numbers.push(row.number);
        });
        let sheet = Sheet::read(&LAYOUT, text.as_bytes()).expect("a table");
        let ours: Vec<u32> =
            sheet.rows().filter(|row| sheet.cell(*row, "id").is_some_and(|id| !id.is_empty())).collect();
        assert_eq!(ours, numbers);
        assert_eq!(sheet.cell(5, "name").as_deref(), Some("z\r\nz"));
    }
}
