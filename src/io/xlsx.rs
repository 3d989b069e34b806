//! A workbook for Excel and LibreOffice: the sheets `nodes` and `relationships`, with the columns of `neo4j-admin import` (see
//! `columns`). Numbers and booleans are cells of their kind; whole numbers that a decimal of 64 bits cannot hold are text, as all
//! else is: no text is ever a formula.
//!
//! What a cell cannot hold as it is — empty text, control characters, more than 32,767 characters — stands as JSON in the column
//! of exact values.

use std::path::Path;

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::columns::{self, Cell, Form, Nodes, Rels};
use super::{Subgraph, WriteError, Written};
use crate::error::Error;
use crate::value::Value;

/// The sheets, nodes first.
pub(crate) const SHEETS: [&str; 2] = ["nodes", "relationships"];
/// Most characters of a cell, in units of UTF-16.
const LONGEST: usize = 32_767;
/// Below this magnitude every whole number is a decimal of 64 bits.
const WHOLE: u64 = 1 << 53;

/// What a cell can hold: characters of XML, but no returns, which XML makes line feeds; no `_x`, which begins what Excel has for
/// a character.
const FORM: Form = Form { text: Some(holds), value: |_| true, json: |json| json.replace("_x", "\\u005fx") };

fn holds(text: &str) -> bool {
    let odd =
        |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    !text.is_empty() && !text.contains(odd) && !text.contains("_x") && text.encode_utf16().count() <= LONGEST
}

/// Writes the workbook. Errors: more rows, columns or characters than a sheet has room for.
pub(crate) fn write(graph: &Subgraph, file: &Path) -> Written {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let nodes = Nodes::of(graph, FORM);
    let mut sheet = sheet_of(&mut book, SHEETS[0], &nodes.titles(), &bold)?;
    nodes.rows(&mut |cells| sheet.row(&cells))?;
    let rels = Rels::of(graph, FORM)?;
    let mut sheet = sheet_of(&mut book, SHEETS[1], &rels.titles(), &bold)?;
    rels.rows(&mut |cells| sheet.row(&cells))?;
    book.save(file).map_err(|e| failed(&e))
}

/// A sheet while it is written.
struct Sheet<'b> {
    sheet: &'b mut Worksheet,
    name: &'static str,
    row: u32,
}

fn sheet_of<'b>(
    book: &'b mut Workbook,
    name: &'static str,
    titles: &[String],
    bold: &Format,
) -> Result<Sheet<'b>, WriteError> {
    let sheet = book.add_worksheet();
    sheet.set_name(name).map_err(|e| failed(&e))?;
    for (at, title) in titles.iter().enumerate() {
        let column = u16::try_from(at).map_err(|_| full(name))?;
        sheet.write_string_with_format(0, column, title, bold).map_err(|e| failed(&e))?;
    }
    sheet.set_freeze_panes(1, 0).map_err(|e| failed(&e))?;
    Ok(Sheet { sheet, name, row: 0 })
}

impl Sheet<'_> {
    fn row(&mut self, cells: &[Cell<'_>]) -> Written {
        self.row += 1;
        for (at, cell) in cells.iter().enumerate() {
            let column = u16::try_from(at).map_err(|_| full(self.name))?;
            let sheet = &mut *self.sheet;
            let written = match cell {
                Cell::Nothing => continue,
                Cell::Text(text) => sheet.write_string(self.row, column, &**text),
                Cell::Value(value) => match &**value {
                    Value::Int(n) if n.unsigned_abs() <= WHOLE => sheet.write_number(self.row, column, *n as f64),
                    Value::Float(x) if x.is_finite() && !is_minus_zero(*x) => sheet.write_number(self.row, column, *x),
                    Value::Bool(yes) => sheet.write_boolean(self.row, column, *yes),
                    value => sheet.write_string(self.row, column, columns::cell(value)),
                },
            };
            written.map_err(|e| failed(&e))?;
        }
        Ok(())
    }
}

/// A number cell has no sign of zero.
fn is_minus_zero(x: f64) -> bool {
    x == 0.0 && x.is_sign_negative()
}

fn failed(error: &XlsxError) -> WriteError {
    match error {
        XlsxError::IoError(error) => std::io::Error::new(error.kind(), error.to_string()).into(),
        XlsxError::RowColumnLimitError => full("a sheet"),
        XlsxError::MaxStringLengthExceeded => {
            Error::data("labels, or exact values, of more than 32,767 characters: a cell cannot hold them")
                .hint(ELSEWHERE)
                .into()
        }
        other => Error::data(format!("the workbook cannot be written: {other}")).into(),
    }
}

const ELSEWHERE: &str = "`export neo4j` writes CSV, which has no such bounds";

fn full(sheet: &str) -> WriteError {
    let message = format!("{sheet} has more than 1,048,576 rows or 16,384 columns: a workbook has no room for them");
    Error::data(message).hint(ELSEWHERE).into()
}
