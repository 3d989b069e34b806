//! What a query answered, written for people or machines: one entry for all five forms.
//!
//! `json` is an array of objects, one a row, keys in the order of the columns; `jsonl` the same objects one a line;
//! `csv` has a header and follows RFC 4180. When the query began with CITE, a further column `citations` holds the
//! locators (in JSON the key `$citations`). Dates that differ stand each with its places: a set of them is stated nowhere.

use std::io::Write;
use std::sync::Arc;

use super::text_sink::{Pages, TextSink};
use super::{Written, csv, json, table, text};
use crate::engine::{Row, Rows, Said};
use crate::error::{Error, Result};
use crate::value::Value;

/// The forms an answer can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Aligned text with rules.
    Table,
    /// An array of objects.
    Json,
    /// An object a line.
    JsonLines,
    /// RFC 4180, with a header.
    Csv,
    /// A Markdown table.
    Markdown,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The form.
    pub form: Form,
    /// Columns of the terminal, for tables.
    pub width: Option<u16>,
    /// In CSV, a text that a spreadsheet would take for a formula gets a `'` in front.
    pub csv_safe: bool,
    /// The output is a terminal: what would act on it is made visible in CSV too.
    pub terminal: bool,
    /// Most rows of a table; the other forms have them all.
    pub most: Option<usize>,
}

/// An answer that a command makes itself, so that it can be written in every form.
pub(crate) fn made(columns: &[&str], rows: Vec<Vec<Value>>) -> Rows {
    Rows::of(columns.iter().map(|c| (*c).into()).collect(), rows)
}

/// Whether an answer of this form can be written row by row; the others look at all rows first.
pub(crate) fn is_streamed(form: Form) -> bool {
    matches!(form, Form::Json | Form::JsonLines | Form::Csv)
}

/// Asked before so many bytes are taken, and for every few rows; what it says ends the writing.
pub(crate) type Look<'a> = &'a dyn Fn(usize) -> Result<()>;

/// Writes the answer.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// use shejire::io::answer::{Form, Style, write};
///
/// let rows = shejire::Engine::in_memory().run("UNWIND [4, 6] AS pence RETURN pence")?;
/// let style = Style { form: Form::Csv, width: None, csv_safe: false, terminal: false, most: None };
/// let mut csv = Vec::new();
/// write(&rows, style, &mut csv).map_err(|error| error.into_error())?;
/// assert_eq!(String::from_utf8(csv).unwrap().lines().collect::<Vec<_>>(), ["pence", "4", "6"]);
/// # Ok(())
/// # }
/// ```
pub fn write(rows: &Rows, style: Style, to: &mut dyn Write) -> Written {
    write_within(rows, style, &|_| Ok(()), to)
}

/// The same within limits.
pub(crate) fn write_within(rows: &Rows, style: Style, look: Look<'_>, to: &mut dyn Write) -> Written {
    match style.form {
        Form::Table => table::write(rows, table::Look { width: style.width, most: style.most }, look, to),
        Form::Markdown => table::write_markdown(rows, look, to),
        Form::Csv | Form::JsonLines | Form::Json => {
            let mut writer = Writer::new(style);
            writer.rows(rows, look, to)?;
            writer.end(rows.columns(), rows.cited(), to)
        }
    }
}

/// Bytes of values, about, that are written between two looks.
const BYTES_PER_LOOK: usize = 64 << 10;

/// Bytes of a line that are written between two looks.
const PIECE: usize = 1 << 20;

/// What a value counts beside what it keeps on the heap.
const CELL: usize = 64;

/// Writes an answer of which the rows come by and by, in a form that [`is_streamed`].
#[derive(Debug)]
pub(crate) struct Writer {
    style: Style,
    /// The head is written.
    begun: bool,
    rows: usize,
}

impl Writer {
    /// Of an answer of which nothing is written yet.
    pub(crate) fn new(style: Style) -> Self {
        Self { style, begun: false, rows: 0 }
    }

    /// How many rows were written.
    pub(crate) fn written(&self) -> usize {
        self.rows
    }

    /// Writes the next rows of the answer.
    pub(crate) fn rows(&mut self, rows: &Rows, look: Look<'_>, to: &mut dyn Write) -> Written {
        self.begin(rows.columns(), rows.cited(), to)?;
        let mut line = csv::Line::new(self.style.csv_safe, self.style.terminal);
        let mut text = String::new();
        let mut unseen = BYTES_PER_LOOK;
        for row in rows.iter() {
            let bytes = CELL + row.values().iter().map(|value| CELL + value.heap_bytes()).sum::<usize>();
            unseen += bytes;
            if unseen >= BYTES_PER_LOOK {
                look(0)?;
                unseen = 0;
            }
            let (before, after): (&[u8], &[u8]) = match self.style.form {
                Form::Csv => {
                    write_line(rows, row, &mut line, look, to)?;
                    self.rows += 1;
                    continue;
                }
                Form::JsonLines => (b"", b"\n"),
                _ => (if self.rows > 0 { b",\n" } else { b"\n" }, b""),
            };
            to.write_all(before)?;
            if bytes < BYTES_PER_LOOK {
                text.clear();
                write_object(&mut text, rows, row);
                to.write_all(text.as_bytes())?;
            } else {
                let mut pages = Pages::new(look);
                write_object(&mut pages, rows, row);
                write_pages(&pages.finish()?, look, to)?;
            }
            to.write_all(after)?;
            self.rows += 1;
        }
        Ok(())
    }

    /// Ends an answer with these columns.
    pub(crate) fn end(&mut self, columns: &[Arc<str>], cited: bool, to: &mut dyn Write) -> Written {
        self.begin(columns, cited, to)?;
        if self.style.form == Form::Json {
            to.write_all(if self.rows == 0 { b"]\n" } else { b"\n]\n" })?;
        }
        Ok(())
    }

    fn begin(&mut self, columns: &[Arc<str>], cited: bool, to: &mut dyn Write) -> Written {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        let programs = matches!(self.style.form, Form::Json | Form::JsonLines);
        if programs && cited && columns.iter().any(|column| &**column == CITED) {
            let message = format!("a column is called `{CITED}`, as that in which CITE gives the places");
            return Err(Error::data(message).hint("give it another name with AS").into());
        }
        match self.style.form {
            Form::Csv => write_head(columns, cited, self.style, to)?,
            Form::Json => to.write_all(b"[")?,
            _ => {}
        }
        Ok(())
    }
}

/// What the column of CITE is called: as none of the query's own.
pub(super) fn cited_as(columns: &[Arc<str>]) -> String {
    let mut name = "citations".to_owned();
    while columns.iter().any(|column| **column == *name) {
        name.push_str(" (CITE)");
    }
    name
}

/// The key of the places in answers for programs.
const CITED: &str = "$citations";

fn write_pages(pages: &[String], look: Look<'_>, to: &mut dyn Write) -> Written {
    for page in pages {
        look(0)?;
        to.write_all(page.as_bytes())?;
    }
    Ok(())
}

fn write_object<S: TextSink>(out: &mut S, rows: &Rows, row: Row<'_>) {
    out.push('{');
    for (at, (column, value)) in rows.columns().iter().zip(row.values()).enumerate() {
        if at > 0 {
            out.push(',');
        }
        json::write_string(out, column);
        out.push(':');
        json::write_cell(out, row, value, rows.entities());
    }
    if rows.cited() {
        out.push_str(if rows.columns().is_empty() { "" } else { "," });
        json::write_string(out, CITED);
        out.push(':');
        json::write_array(out, row.citations().iter(), |out, c| json::write_string(out, &c.locator));
    }
    out.push('}');
}

/// The text of a cell that is long, in pages; nothing for any other.
pub(super) fn long_cell(rows: &Rows, row: Row<'_>, value: &Value, look: Look<'_>) -> Result<Option<Vec<String>>> {
    let holds_values = matches!(value, Value::List(_) | Value::Map(_));
    if !holds_values || value.heap_bytes() < BYTES_PER_LOOK || !row.stated(value).is_empty() {
        return Ok(None);
    }
    let mut pages = Pages::new(look);
    text::write_value(&mut pages, value, rows.entities());
    pages.finish().map(Some)
}

/// A cell as text: dates that differ each with its places.
pub(super) fn cell(rows: &Rows, row: Row<'_>, value: &Value) -> String {
    let stated = row.stated(value);
    if stated.is_empty() {
        return text::cell(value, rows.entities());
    }
    let one = |said: &Said| {
        let places: Vec<&str> = said.citations.iter().map(|c| &*c.locator).collect();
        format!("{} [{}]", said.text, places.join(", "))
    };
    stated.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn write_head(columns: &[Arc<str>], cited: bool, style: Style, to: &mut dyn Write) -> Written {
    if columns.is_empty() {
        return Ok(());
    }
    let mut line = csv::Line::new(style.csv_safe, style.terminal);
    columns.iter().for_each(|column| line.text(column));
    if cited {
        line.text(&cited_as(columns));
    }
    to.write_all(line.end().as_bytes())?;
    Ok(())
}

fn write_line(rows: &Rows, row: Row<'_>, line: &mut csv::Line, look: Look<'_>, to: &mut dyn Write) -> Written {
    for value in row.values() {
        match long_cell(rows, row, value, look)? {
            Some(pages) => line.pieces(&pages),
            None if value.is_null() => line.empty(),
            None => line.value(value, &cell(rows, row, value)),
        }
    }
    if rows.cited() {
        line.text(&row.citations().iter().map(|c| &*c.locator).collect::<Vec<_>>().join("; "));
    }
    let line = line.end();
    for piece in line.as_bytes().chunks(PIECE) {
        to.write_all(piece)?;
        if piece.len() == PIECE {
            look(0)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Citation;

    fn written(form: Form) -> String {
        let rows = Rows {
            citations: Some(vec![
                vec![Citation { source: "000".into(), locator: "000:11.2".into() }].into(),
                Vec::new().into(),
            ]),
            ..made(&["a", "b"], vec![vec![Value::Int(1), "x,\"y\"".into()], vec![Value::Null, "".into()]])
        };
        let mut out = Vec::new();
        write(&rows, Style { form, width: None, csv_safe: false, terminal: false, most: None }, &mut out)
            .expect("memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn csv_tells_null_from_empty_and_quotes_what_must_be() {
        assert_eq!(written(Form::Csv), "a,b,citations\r\n1,\"x,\"\"y\"\"\",000:11.2\r\n,\"\",\"\"\r\n");
    }

    #[test]
    fn json_is_an_array_of_objects_in_column_order() {
        let expected = "[\n{\"a\":1,\"b\":\"x,\\\"y\\\"\",\"$citations\":[\"000:11.2\"]},\n{\"a\":null,\"b\":\"\",\"$citations\":[]}\n]\n";
        assert_eq!(written(Form::Json), expected);
        assert_eq!(written(Form::JsonLines).lines().count(), 2);
    }

    /// A column of the query that is called as that of CITE was taken for it.
    #[test]
    fn no_column_passes_for_that_of_cite() {
        let rows = Rows {
            citations: Some(vec![vec![Citation { source: "000".into(), locator: "000:11.2".into() }].into()]),
            ..made(&["citations", "$citations"], vec![vec!["forged".into(), "forged".into()]])
        };
        let write = |form| {
            let mut out = Vec::new();
            let style = Style { form, width: None, csv_safe: false, terminal: false, most: None };
            super::write(&rows, style, &mut out).map(|()| String::from_utf8(out).expect("text"))
        };
        assert!(write(Form::Json).is_err() && write(Form::JsonLines).is_err());
        let csv = write(Form::Csv).expect("memory");
        assert_eq!(csv, "citations,$citations,citations (CITE)\r\nforged,forged,000:11.2\r\n");
        assert!(write(Form::Table).expect("memory").contains("citations (CITE)"));
    }

    #[test]
    fn the_table_has_a_column_of_citations() {
        assert!(written(Form::Table).contains("000:11.2"));
        assert!(written(Form::Markdown).starts_with("| a | b | citations |\n| --- | --- | --- |\n"));
    }
}
