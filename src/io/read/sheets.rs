//! The sheets of a workbook (`.xlsx`, `.ods`) as tables: what CSV is in text, cell by cell.
//!
//! | cell | text |
//! |---|---|
//! | text, number, boolean | as a program writes it: `36`, `0.5`, `true` |
//! | date, date and time, time of day, duration | `2020-01-05`, `2020-01-05T10:00:00`, `10:00:00`, `PT90S` |
//! | formula | what it last came to |
//! | error | a problem with the place of the cell |
//! | nothing, empty text | nothing |
//!
//! What a column means and what type its values have says its header, as in CSV; rows without content are none. A sheet is held in
//! memory, with its filled cells only, while it is read.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use calamine::{Data, DataRef, ExcelDateTime, Ods, Reader as _, Xlsx};

use super::input::unreadable;
use super::neo4j_csv::{Places, Records};
use crate::error::{Error, Result};
use crate::io::csv::Record;

/// The ends of the names of workbooks.
const ENDS: [&str; 3] = ["xlsx", "xlsm", "ods"];
/// Cells of this magnitude that are whole are whole numbers: a decimal of 64 bits holds each of them.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// Whether the name is that of a workbook.
pub(crate) fn is_workbook(file: &Path) -> bool {
    file.extension().is_some_and(|end| ENDS.iter().any(|known| end.eq_ignore_ascii_case(known)))
}

/// The workbook and the sheet that `book.xlsx/Sheet` names; no sheet where only the workbook is named, nothing for other
/// files.
pub(crate) fn in_workbook(file: &Path) -> Option<(PathBuf, Option<String>)> {
    if is_workbook(file) && !file.is_dir() {
        return Some((file.to_owned(), None));
    }
    let book = file.ancestors().skip(1).find(|path| is_workbook(path) && path.is_file())?;
    let sheet = file.strip_prefix(book).ok()?.to_string_lossy().into_owned();
    Some((book.to_owned(), Some(sheet)))
}

enum Book {
    Xlsx(Box<Xlsx<BufReader<File>>>),
    Ods(Box<Ods<BufReader<File>>>),
}

impl Book {
    fn open(file: &Path) -> Result<Self> {
        super::input::in_proportion(file).map_err(|e| unreadable(file, &e))?;
        let opened = BufReader::new(File::open(file).map_err(|e| unreadable(file, &e))?);
        let wrong = |error: &dyn std::fmt::Display| Error::data(format!("{}: no workbook: {error}", file.display()));
        let ods = file.extension().is_some_and(|end| end.eq_ignore_ascii_case("ods"));
        Ok(match ods {
            true => Self::Ods(Box::new(Ods::new(opened).map_err(|e| wrong(&e))?)),
            false => Self::Xlsx(Box::new(Xlsx::new(opened).map_err(|e| wrong(&e))?)),
        })
    }

    fn names(&self) -> Vec<String> {
        match self {
            Self::Xlsx(book) => book.sheet_names(),
            Self::Ods(book) => book.sheet_names(),
        }
    }
}

/// The names of the sheets of a workbook, in its order. Errors: it cannot be read, or is none.
pub(crate) fn names(file: &Path) -> Result<Vec<String>> {
    Ok(Book::open(file)?.names())
}

/// The cells of a row that hold something, by the number of their column, from 0.
type Filled = Vec<(u32, Cell)>;

/// What a cell holds.
enum Cell {
    Text(String),
    /// The name of an error.
    Error(String),
}

/// The records of a sheet.
pub(crate) struct Sheet {
    name: String,
    rows: std::vec::IntoIter<(u32, Filled)>,
    row: u32,
    record: Record,
}

/// Opens a sheet; without a name, the only one there is.
///
/// Errors: no such workbook or sheet, several sheets of which none is named, a file that is no workbook.
pub(crate) fn open(file: &Path, sheet: Option<&str>) -> Result<Sheet> {
    let mut book = Book::open(file)?;
    let names = book.names();
    let shown = file.display();
    let name = match (sheet, &names[..]) {
        (Some(name), _) if names.iter().any(|known| known == name) => name.to_owned(),
        (None, [only]) => only.clone(),
        (Some(name), _) => {
            let error = Error::data(format!("{shown} has no sheet {name:?}"));
            return Err(error.hint(format!("its sheets: {}", names.join(", "))));
        }
        (None, names) => {
            let first = names.first().map_or("Sheet1", String::as_str);
            let error = Error::data(format!("{shown} has {} sheets: which one is meant?", names.len()));
            return Err(error.hint(format!("name one: {shown}/{first}; its sheets: {}", names.join(", "))));
        }
    };
    let rows = rows(&mut book, &name).map_err(|e| Error::data(format!("{shown}, sheet {name}: {e}")))?;
    Ok(Sheet { name, rows: rows.into_iter(), row: 0, record: Record::default() })
}

fn rows(book: &mut Book, name: &str) -> std::result::Result<Vec<(u32, Filled)>, String> {
    let mut rows: Vec<(u32, Filled)> = Vec::new();
    let mut add = |row: u32, column: u32, cell: Option<Cell>| {
        let Some(cell) = cell else { return };
        match rows.last_mut() {
            Some((last, filled)) if *last == row => filled.push((column, cell)),
            _ => rows.push((row, vec![(column, cell)])),
        }
    };
    match book {
        // cell by cell: two cells at the corners of a sheet do not make a table of all between them
        Book::Xlsx(book) => {
            let mut cells = book.worksheet_cells_reader(name).map_err(|e| e.to_string())?;
            while let Some(cell) = cells.next_cell().map_err(|e| e.to_string())? {
                let (row, column) = cell.get_position();
                add(row, column, xlsx_cell(cell.get_value()));
            }
        }
        Book::Ods(book) => {
            let range = book.worksheet_range(name).map_err(|e| e.to_string())?;
            let (first, left) = range.start().unwrap_or_default();
            for (row, column, cell) in range.used_cells() {
                add(first + row as u32, left + column as u32, ods_cell(cell));
            }
        }
    }
    // cells of hostile files may stand anywhere
    rows.sort_by_key(|(row, _)| *row);
    rows.dedup_by(|(row, filled), (known, all)| {
        let same = row == known;
        if same {
            all.append(filled);
        }
        same
    });
    rows.iter_mut().for_each(|(_, filled)| filled.sort_by_key(|(column, _)| *column));
    Ok(rows)
}

fn xlsx_cell(cell: &DataRef<'_>) -> Option<Cell> {
    match cell {
        DataRef::SharedString(text) => told((*text).to_owned()),
        DataRef::Int(n) => told(n.to_string()),
        DataRef::Float(x) => told(number(*x)),
        DataRef::String(text) => told(text.clone()),
        DataRef::Bool(yes) => told(yes.to_string()),
        DataRef::DateTime(moment) => told(self::moment(moment)),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => told(text.clone()),
        DataRef::Error(error) => Some(Cell::Error(error.to_string())),
        DataRef::Empty => None,
    }
}

fn ods_cell(cell: &Data) -> Option<Cell> {
    match cell {
        Data::Int(n) => told(n.to_string()),
        Data::Float(x) => told(number(*x)),
        Data::String(text) => told(text.clone()),
        Data::Bool(yes) => told(yes.to_string()),
        Data::DateTime(moment) => told(self::moment(moment)),
        Data::DateTimeIso(text) | Data::DurationIso(text) => told(text.clone()),
        Data::Error(error) => Some(Cell::Error(error.to_string())),
        Data::Empty => None,
    }
}

fn told(text: String) -> Option<Cell> {
    (!text.is_empty()).then_some(Cell::Text(text))
}

fn number(x: f64) -> String {
    match x.fract() == 0.0 && x.abs() < WHOLE {
        true => format!("{x:.0}"),
        false => x.to_string(),
    }
}

fn moment(moment: &ExcelDateTime) -> String {
    let days = moment.as_f64();
    if moment.is_duration() {
        let millis = (days * 86_400_000.0).round();
        let sign = if millis < 0.0 { "-" } else { "" };
        return format!("PT{sign}{}S", number(millis.abs() / 1000.0));
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let fraction = if milli == 0 { String::new() } else { format!(".{milli:03}") };
    let clock = format!("{hour:02}:{minute:02}:{second:02}{fraction}");
    match (days < 1.0, days.fract() == 0.0) {
        (true, false) => clock,
        (_, true) => format!("{year:04}-{month:02}-{day:02}"),
        (false, false) => format!("{year:04}-{month:02}-{day:02}T{clock}"),
    }
}

impl Records for Sheet {
    fn next(&mut self) -> Result<Option<&Record>> {
        let Some((row, filled)) = self.rows.next() else { return Ok(None) };
        self.row = row + 1;
        self.record.clear();
        for (column, cell) in filled {
            let column = column as usize;
            match cell {
                Cell::Text(text) => {
                    while self.record.len() < column {
                        self.record.push(None);
                    }
                    // a second cell in the same place says nothing
                    if self.record.len() == column {
                        self.record.push(Some(&text));
                    }
                }
                Cell::Error(error) => {
                    let place = self.places().place(self.line(), Some((column, "")));
                    return Err(Error::data(format!("{place}: the cell holds the error {error}")));
                }
            }
        }
        Ok(Some(&self.record))
    }

    fn line(&self) -> u64 {
        self.row.into()
    }

    fn places(&self) -> Places {
        Places::Sheet(self.name.clone())
    }
}
