//! Where the records of a table come from: text between delimiters, or whatever else has cells in rows.

use std::io::BufRead;

use crate::error::Result;
use crate::io::csv::{Reader, Record};

/// The records of a table, the header first.
pub(crate) trait Records: Send {
    /// The next record; nothing at the end. Errors: as [`Reader::record`].
    fn next(&mut self) -> Result<Option<&Record>>;

    /// The line or row on which the last record ended, from 1.
    fn line(&self) -> u64;

    /// How its places are called.
    fn places(&self) -> Places;

    /// The type of the values of a column, in the words of a header, where the table itself states one.
    fn type_of(&self, _column: usize) -> Option<&'static str> {
        None
    }

    /// What of the records was not taken as it is, and how often.
    fn passed_over(&self) -> Vec<(String, u64)> {
        Vec::new()
    }
}

/// How the places of a table are called in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(all(feature = "spreadsheets", feature = "parquet")), allow(dead_code))] // text has lines
pub(crate) enum Places {
    /// Lines, and columns by what the header calls them: `line 3, column age:int`.
    Lines,
    /// The cells of a sheet, whose name stands before them: `People!C3`.
    Sheet(String),
    /// Rows, and columns by what the header calls them: `row 3, column age:int`.
    Rows,
}

impl Places {
    /// The place of a record, or of a cell in it: the number of its column, from 0, and what the header calls it.
    pub(crate) fn place(&self, line: u64, cell: Option<(usize, &str)>) -> String {
        match (self, cell) {
            (Self::Lines, None) => format!("line {line}"),
            (Self::Lines, Some((_, column))) => format!("line {line}, column {column}"),
            (Self::Rows, None) => format!("row {line}"),
            (Self::Rows, Some((_, column))) => format!("row {line}, column {column}"),
            (Self::Sheet(sheet), cell) => {
                format!("{sheet}!{}{line}", letters(cell.map_or(0, |(at, _)| at)))
            }
        }
    }
}

/// The letters of a column: `A` … `Z`, `AA` …
fn letters(column: usize) -> String {
    let mut letters = String::new();
    let mut left = column + 1;
    while left > 0 {
        left -= 1;
        letters.insert(0, char::from(b'A' + (left % 26) as u8));
        left /= 26;
    }
    letters
}

impl<R: BufRead + Send> Records for Reader<R> {
    fn next(&mut self) -> Result<Option<&Record>> {
        self.record()
    }

    fn line(&self) -> u64 {
        Self::line(self)
    }

    fn places(&self) -> Places {
        Places::Lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_called_as_spreadsheets_call_them() {
        let sheet = Places::Sheet("People".to_owned());
        for (column, wanted) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(sheet.place(7, Some((column, "x"))), format!("People!{wanted}7"));
        }
        assert_eq!(Places::Lines.place(2, Some((1, "age:int"))), "line 2, column age:int");
        assert_eq!(sheet.place(3, None), "People!A3");
    }
}
