//! Records to tables: the inverse of [`super::parse`]. What is written is read again before anybody gets it, so that a
//! value that a table cannot hold is named, and not changed.

use std::sync::Arc;

use super::parse;
use super::record::{
    Alias, ConflictRecord, Dataset, Entity, Kind, MentionRecord, Meta, QualifierRecord, Relation, Side, SourceRecord,
};
use crate::error::{Error, Result};
use crate::provenance::{Locator, reserved};

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

/// Whether a qualifier stands in a column of its own.
fn has_column(key: &str) -> bool {
    reserved::COLUMNS.iter().any(|(_, known)| *known == key)
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
    name: String,
    needed: bool,
}

impl Table {
    /// A table with a row for each record; the names of columns that are needed end in `!`.
    fn of<T>(file: &'static str, columns: &[&str], records: &[T], cells: impl Fn(&T) -> Vec<String>) -> Self {
        let columns = columns
            .iter()
            .map(|name| Column { name: name.trim_end_matches('!').to_owned(), needed: name.ends_with('!') });
        Self { file, needed: true, columns: columns.collect(), rows: records.iter().map(cells).collect() }
    }

    /// A table that may be missing.
    fn or_none(self) -> Self {
        Self { needed: false, ..self }
    }

    fn text(&self) -> Result<String> {
        let kept: Vec<usize> = (0..self.columns.len())
            .filter(|at| self.columns[*at].needed || self.rows.iter().any(|row| !row[*at].is_empty()))
            .collect();
        let mut writer = csv::Writer::from_writer(Vec::new());
        let failed = |error: &dyn std::fmt::Display| Error::data(format!("{}: cannot be written: {error}", self.file));
        writer.write_record(kept.iter().map(|at| &self.columns[*at].name)).map_err(|e| failed(&e))?;
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
    vec![
        sources(&dataset.sources),
        kinds(&dataset.kinds),
        relations(&dataset.relations),
        qualifiers(&dataset.qualifiers),
        entities(&dataset.entities),
        aliases(&dataset.aliases),
        mentions(&dataset.mentions),
        conflicts(&dataset.conflicts),
    ]
}

fn sources(records: &[SourceRecord]) -> Table {
    let columns = [
        "id!",
        "title!",
        "entity",
        "genre",
        "author",
        "publisher",
        "date",
        "group",
        "language",
        "url",
        "paragraphs",
        "sha256",
        "derives_from",
        "during",
        "complete",
        "end",
        "about",
        "unknown",
        "note",
    ];
    Table::of("sources.csv", &columns, records, |s| {
        let paragraphs = if s.paragraphs > 0 { s.paragraphs.to_string() } else { String::new() };
        vec![
            text(&s.id),
            text(&s.title),
            text(&s.entity),
            text(&s.genre),
            text(&s.author),
            text(&s.publisher),
            text(&s.date),
            text(&s.group),
            text(&s.language),
            text(&s.url),
            paragraphs,
            text(&s.sha256),
            words(&s.derives_from),
            text(&s.during),
            words(&s.complete),
            text(&s.end),
            text(&s.about),
            words(&s.unknown),
            text(&s.note),
        ]
    })
}

fn kinds(records: &[Kind]) -> Table {
    Table::of("kinds.csv", &["kind!", "definition!", "classes", "note"], records, |k| {
        vec![text(&k.id), text(&k.definition), text(&k.classes), text(&k.note)]
    })
}

fn relations(records: &[Relation]) -> Table {
    let mut columns = vec![
        "relation!",
        "definition!",
        "domain!",
        "range!",
        "group",
        "tier",
        "inverse",
        "algebra",
        "lineage_role",
        "lineage_side",
        "lineage",
        "gathers",
        "predecessor",
        "successor",
        "repeats",
        "contradicts",
        "single_valued",
        "other_terms",
        "note",
    ];
    let wordings = wordings(records);
    columns.extend(wordings.iter().map(|name| &**name));
    Table::of("relations.csv", &columns, records, |r| {
        let own = [
            &r.id,
            &r.definition,
            &r.domain,
            &r.range,
            &r.group,
            &r.tier,
            &r.inverse,
            &r.algebra,
            &r.role,
            &r.side,
            &r.lineage,
            &r.gathers,
            &r.predecessor,
            &r.successor,
            &r.repeats,
            &r.contradicts,
            &r.single_valued,
            &r.terms,
            &r.note,
        ];
        let said = |name: &Arc<str>| r.wording.iter().find(|(known, _)| known == name).map_or("", |(_, said)| said);
        own.into_iter().map(text).chain(wordings.iter().map(|name| said(name).to_owned())).collect()
    })
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

fn qualifiers(records: &[QualifierRecord]) -> Table {
    let columns = ["key!", "relation", "type!", "many!", "conflicts!", "definition"];
    let table = Table::of("qualifiers.csv", &columns, records, |q| {
        let (many, conflicts) = (yes_no(q.reading.many), yes_no(q.reading.conflicts));
        vec![text(&q.key), text(&q.relation), q.reading.ty.name().to_owned(), many, conflicts, text(&q.definition)]
    });
    table.or_none()
}

fn entities(records: &[Entity]) -> Table {
    let columns = ["id!", "kind!", "name!", "start", "end", "locator", "by_reference", "note"];
    Table::of("entities.csv", &columns, records, |e| {
        let stated = place(e.stated_at.as_ref());
        let (start, end) = (text(&e.start), text(&e.end));
        vec![text(&e.id), text(&e.kind), text(&e.name), start, end, stated, places(&e.by_reference), text(&e.note)]
    })
}

fn aliases(records: &[Alias]) -> Table {
    let columns = ["entity!", "alias!", "language", "script", "status", "used_in", "from", "to", "locator"];
    let table = Table::of("aliases.csv", &columns, records, |a| {
        let (language, script, status) = (text(&a.language), text(&a.script), text(&a.status_word));
        let (used, stated) = (places(&a.used_in), place(a.stated_at.as_ref()));
        vec![text(&a.entity), text(&a.name), language, script, status, used, text(&a.from), text(&a.to), stated]
    });
    table.or_none()
}

fn mentions(records: &[MentionRecord]) -> Table {
    let mut columns = vec![
        "id!",
        "subject!",
        "relation!",
        "object!",
        "object_type",
        "qualifiers",
        "source!",
        "locator!",
        "confidence",
        "fingerprint",
        "note",
    ];
    columns.extend(reserved::COLUMNS.iter().map(|(column, _)| column));
    Table::of("mentions.csv", &columns, records, |m| {
        let print = if m.fingerprint == 0 { String::new() } else { format!("{:016x}", m.fingerprint) };
        let mut cells = vec![
            text(&m.id),
            text(&m.subject),
            text(&m.relation),
            m.object.text().to_owned(),
            if m.object.type_name() == "entity" { String::new() } else { m.object.type_name().to_owned() },
            qualifiers_of(&m.qualifiers),
            text(&m.source),
            format!("{}:{}", m.source, m.at),
            m.confidence.to_string(),
            print,
            text(&m.note),
        ];
        let own = |key: &str| m.qualifier(key).unwrap_or_default().to_owned();
        cells.extend(reserved::COLUMNS.iter().map(|(_, key)| own(key)));
        cells
    })
}

/// `key=value; key="value; with a semicolon"`, without the keys that have columns of their own.
fn qualifiers_of(qualifiers: &[(Arc<str>, Arc<str>)]) -> String {
    let pair = |(key, value): &(Arc<str>, Arc<str>)| match value.contains(';') {
        true => format!("{key}=\"{value}\""),
        false => format!("{key}={value}"),
    };
    let pairs: Vec<String> = qualifiers.iter().filter(|(key, _)| !has_column(key)).map(pair).collect();
    pairs.join("; ")
}

fn conflicts(records: &[ConflictRecord]) -> Table {
    let columns = ["id!", "type!", "topic!", "claim_a!", "claim_b!", "sources_a", "sources_b", "note"];
    let claim = |side: &Side| format!("{} | {} | {}", side.subject, side.relation, side.object);
    let table = Table::of("conflicts.csv", &columns, records, |c| {
        let [a, b] = &c.sides;
        let (sources_a, sources_b) = (words(&a.sources), words(&b.sources));
        vec![text(&c.id), text(&c.kind), text(&c.topic), claim(a), claim(b), sources_a, sources_b, text(&c.note)]
    });
    table.or_none()
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

fn text(cell: &Arc<str>) -> String {
    cell.to_string()
}

fn words(list: &[Arc<str>]) -> String {
    list.join(" ")
}

fn yes_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

fn place(place: Option<&(Arc<str>, Locator)>) -> String {
    place.map_or_else(String::new, |(source, at)| format!("{source}:{at}"))
}

/// `000:16; 001:15,16`: what lies in one document together, in the order given.
fn places(places: &[(Arc<str>, Locator)]) -> String {
    let mut out = String::new();
    let mut last: Option<&Arc<str>> = None;
    for (source, at) in places {
        out.push_str(&match last {
            Some(known) if known == source => format!(",{at}"),
            Some(_) => format!("; {source}:{at}"),
            None => format!("{source}:{at}"),
        });
        last = Some(source);
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
