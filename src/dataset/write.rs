//! Records to tables: the inverse of [`super::parse`]. What is written is read again before anybody gets it, so that a
//! value that a table cannot hold is named, and not changed.

use std::sync::Arc;

use super::columns::{self, Layout, Need, has_column, qualifiers_of};
use super::parse;
use super::record::{Dataset, MentionRecord, Meta, Relation};
use crate::error::{Error, Result};

/// A dataset as text.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The text of each file with its name, in the order in which a person reads them.
    pub files: Vec<(&'static str, String)>,
    /// The same read again: its records know their rows.
    pub read: Dataset,
}

/// The tables of a dataset. One that may be missing and would be empty is left out, and so is a column.
///
/// Errors: `DataError` with file, row and column, where a value would not be read as it is: white space at its ends,
/// a semicolon beside a double quote in a qualifier, a cell longer than a table may hold.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// use shejire::dataset;
///
/// let tables = dataset::tables(&dataset::builtin())?;
/// assert_eq!(tables.files[0].0, "dataset.toml");
/// assert_eq!(tables.read.mentions.len(), 705);
/// # Ok(())
/// # }
/// ```
pub fn tables(dataset: &Dataset) -> Result<Tables> {
    let written = all(dataset);
    let mut files = vec![("dataset.toml", meta(&dataset.meta))];
    for table in &written {
        if table.needed || !table.rows.is_empty() {
            files.push((table.file, table.text()?));
        }
    }
    let read = parse::parse(&mut |file, _| {
        let text = files.iter().find(|(known, _)| *known == file);
        Some(text.map(|(_, text)| text.clone().into_bytes().into()))
    });
    if let Some(problem) = read.unread.iter().find(|problem| problem.blocking) {
        return Err(Error::from(problem));
    }
    if read.meta != dataset.meta {
        return Err(Error::data("dataset.toml: its values would not be read as they are"));
    }
    for (own, other) in written.iter().zip(all(&read)) {
        own.same(&other)?;
    }
    same_qualifiers(&dataset.mentions, &read.mentions)?;
    Ok(Tables { files, read })
}

/// Errors: the first mention whose qualifiers are others, though they look the same in their cell: `a="; b="`.
fn same_qualifiers(own: &[MentionRecord], read: &[MentionRecord]) -> Result<()> {
    let stated = |record: &MentionRecord| -> Vec<(Arc<str>, Arc<str>)> {
        record.qualifiers.iter().filter(|(key, _)| !has_column(key)).cloned().collect()
    };
    match own.iter().zip(read).find(|(own, read)| stated(own) != stated(read)) {
        None => Ok(()),
        Some((own, read)) => {
            let (cell, row) = (qualifiers_of(&own.qualifiers), read.row);
            let message =
                format!("mentions.csv, row {row}, column qualifiers: {cell:?} would be read as other qualifiers");
            Err(Error::data(message).hint("a qualifier holds no semicolon beside a double quote"))
        }
    }
}

/// A table as it is written.
struct Table {
    file: &'static str,
    /// It stands in every folder.
    needed: bool,
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

struct Column {
    name: Arc<str>,
    need: Need,
}

impl Table {
    /// A table with a row for each record.
    fn of<T>(layout: &Layout, records: &[T], cells: impl Fn(&T) -> Vec<String>) -> Self {
        let columns = layout.columns.iter().map(|column| Column { name: column.name.into(), need: column.need });
        Self { file: layout.file, needed: true, columns: columns.collect(), rows: records.iter().map(cells).collect() }
    }

    /// A table that may be missing.
    fn or_none(self) -> Self {
        Self { needed: false, ..self }
    }

    fn text(&self) -> Result<String> {
        let kept: Vec<usize> = (0..self.columns.len())
            .filter(|at| {
                matches!(self.columns[*at].need, Need::Must | Need::Kept)
                    || self.rows.iter().any(|row| !row[*at].is_empty())
            })
            .collect();
        let mut writer = csv::Writer::from_writer(Vec::new());
        let failed = |error: &dyn std::fmt::Display| Error::data(format!("{}: cannot be written: {error}", self.file));
        writer.write_record(kept.iter().map(|at| &*self.columns[*at].name)).map_err(|e| failed(&e))?;
        for row in &self.rows {
            writer.write_record(kept.iter().map(|at| &row[*at])).map_err(|e| failed(&e))?;
        }
        let bytes = writer.into_inner().map_err(|e| failed(&e))?;
        String::from_utf8(bytes).map_err(|e| failed(&e))
    }

    /// Errors: the first cell that is another one in `other`.
    fn same(&self, other: &Self) -> Result<()> {
        for (at, row) in self.rows.iter().enumerate() {
            let cells = other.rows.get(at);
            for (column, cell) in self.columns.iter().zip(row) {
                let place = other.columns.iter().position(|known| known.name == column.name);
                let read = place.zip(cells).map_or("", |(place, cells)| &cells[place]);
                if read != cell {
                    let (file, name) = (self.file, &column.name);
                    let message = format!("{file}, row {}, column {name}: {cell:?} would be read as {read:?}", at + 2);
                    return Err(Error::data(message).hint(
                        "cells begin and end without white space; a qualifier holds no semicolon beside a double quote",
                    ));
                }
            }
        }
        Ok(())
    }
}

fn all(dataset: &Dataset) -> Vec<Table> {
    macro_rules! table {
        ($name:ident) => {
            Table::of(&columns::$name::LAYOUT, &dataset.$name, columns::$name::cells)
        };
    }
    vec![
        table!(sources),
        table!(kinds),
        relations(&dataset.relations),
        table!(qualifiers).or_none(),
        table!(entities),
        table!(aliases).or_none(),
        table!(mentions),
        table!(conflicts).or_none(),
    ]
}

/// The relations, with a column for each wording.
fn relations(records: &[Relation]) -> Table {
    let wordings = wordings(records);
    let said = |r: &Relation, name: &Arc<str>| {
        r.wording.iter().find(|(known, _)| known == name).map_or(String::new(), |(_, said)| said.to_string())
    };
    let mut table = Table::of(&columns::relations::LAYOUT, records, |r| {
        columns::relations::cells(r).into_iter().chain(wordings.iter().map(|name| said(r, name))).collect()
    });
    table.columns.extend(wordings.iter().map(|name| Column { name: name.clone(), need: Need::May }));
    table
}

/// The columns of all wordings, in an order that keeps that of every relation where there is one.
fn wordings(records: &[Relation]) -> Vec<Arc<str>> {
    let mut all: Vec<Arc<str>> = Vec::new();
    for record in records {
        let mut place = 0;
        for (name, _) in &record.wording {
            place = match all.iter().position(|known| known == name) {
                Some(known) => known + 1,
                None => {
                    all.insert(place, name.clone());
                    place + 1
                }
            };
        }
    }
    all
}

fn meta(meta: &Meta) -> String {
    let mut out = String::new();
    let mut line = |key: &str, value: toml::Value| out.push_str(&format!("{key} = {value}\n"));
    for (key, value) in [
        ("id", &meta.id),
        ("title", &meta.title),
        ("description", &meta.description),
        ("version", &meta.version),
        ("language", &meta.language),
        ("licence", &meta.licence),
        ("terms", &meta.terms),
        ("implicit_agent", &meta.implicit_agent),
        ("about", &meta.about),
    ] {
        if !value.is_empty() {
            line(key, toml::Value::from(&**value));
        }
    }
    for (key, number) in [("format", meta.format), ("sentences", meta.sentences)] {
        if number > 1 {
            line(key, toml::Value::from(i64::from(number)));
        }
    }
    if meta.end_exclusive {
        line("end", toml::Value::from("exclusive"));
    }
    if !meta.unknown.is_empty() {
        line("unknown", toml::Value::from(meta.unknown.iter().map(|text| text.to_string()).collect::<Vec<_>>()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::builtin;

    /// Without the numbers of rows: blank rows are not written again.
    fn bare(mut dataset: Dataset) -> String {
        dataset.sources.iter_mut().for_each(|r| r.row = 0);
        dataset.kinds.iter_mut().for_each(|r| r.row = 0);
        dataset.relations.iter_mut().for_each(|r| r.row = 0);
        dataset.qualifiers.iter_mut().for_each(|r| r.row = 0);
        dataset.entities.iter_mut().for_each(|r| r.row = 0);
        dataset.aliases.iter_mut().for_each(|r| r.row = 0);
        dataset.mentions.iter_mut().for_each(|r| r.row = 0);
        dataset.conflicts.iter_mut().for_each(|r| r.row = 0);
        format!("{dataset:#?}")
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let built_in = builtin();
        let again = tables(&built_in).expect("tables").read;
        assert!(again.mentions.len() > 100);
        assert!(bare(again) == bare(built_in));
    }

    #[test]
    fn what_a_table_cannot_hold_is_named() {
        let whole = builtin();
        let wrong = |change: &dyn Fn(&mut Dataset)| {
            let mut dataset = whole.clone();
            change(&mut dataset);
            tables(&dataset).expect_err("cannot be written").message().to_owned()
        };
        let said = wrong(&|d| d.entities[0].name = " led by a space".into());
        assert!(said.starts_with("entities.csv, row 2, column name: \" led by a space\" would be read as"), "{said}");
        let said = wrong(&|d| d.mentions[1].qualifiers.push(("note".into(), "a \"b\"; c".into())));
        assert!(said.starts_with("mentions.csv, row 3, column qualifiers"), "{said}");
        let said = wrong(&|d| d.entities[2].note = "long ".repeat(20_000).into());
        assert!(said.starts_with("entities.csv, row 4"), "{said}");
    }

    proptest::proptest! {
        #[test]
        fn qualifiers_come_back_or_are_refused(
            pairs in proptest::collection::vec(("[a-z]{1,3}", "[a-c\";= |,\n]{0,6}"), 0..4),
        ) {
            let mut dataset = builtin();
            dataset.mentions.truncate(1);
            dataset.conflicts.clear();
            let pairs: Vec<(Arc<str>, Arc<str>)> = pairs.iter().map(|(k, v)| (k.as_str().into(), v.as_str().into())).collect();
            dataset.mentions[0].qualifiers = pairs.clone();
            if let Ok(tables) = tables(&dataset) {
                proptest::prop_assert_eq!(&tables.read.mentions[0].qualifiers, &pairs);
            } else {
                let odd = |text: &str| text.trim() != text || text.contains(['"', ';']);
                proptest::prop_assert!(pairs.iter().any(|(_, value)| odd(value)));
            }
        }
    }
}
