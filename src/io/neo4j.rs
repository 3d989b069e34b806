//! A folder of two CSV files with the headers of `neo4j-admin database import`: what `import` reads back without loss.
//!
//! ```text
//! nodes.csv           :ID{id-type:long},:LABEL,name:string,born:date,…
//! relationships.csv   :START_ID,:END_ID,:TYPE,since:long,…
//! ```
//!
//! No two columns have the same name, which neo4j-admin would refuse. A key whose values have several types has one column:
//! of decimals where all are numbers, else of text. What this says less exactly, and what no column of neo4j can hold — a
//! label with `;` in it, a key that cannot stand in a header, a list of lists — stands as JSON in columns that neo4j-admin
//! is told to ignore and `import` reads (see `read::neo4j_csv`).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use super::csv::Line;
use super::exact::Plain;
use super::read::neo4j_csv::header::{EXACT_LABELS, EXACT_PROPERTIES};
use super::{Subgraph, Written, json};
use crate::engine::Entities;
use crate::value::{Value, text};

/// The files, nodes first.
pub const FILES: [&str; 2] = ["nodes.csv", "relationships.csv"];
/// Between labels, and between the elements of a list.
const BETWEEN: char = ';';

type Properties = [(Arc<str>, Value)];

/// Writes both files; the folder is there. `safe`: without formulas, then text does not come back as it was.
pub fn write(graph: &Subgraph, safe: bool, folder: &Path) -> Written {
    let mut to = BufWriter::new(File::create(folder.join(FILES[0]))?);
    write_nodes(graph, safe, &mut to)?;
    to.flush()?;
    let mut to = BufWriter::new(File::create(folder.join(FILES[1]))?);
    write_rels(graph, safe, &mut to)?;
    to.flush()?;
    Ok(())
}

fn write_nodes(graph: &Subgraph, safe: bool, to: &mut dyn Write) -> Written {
    let columns = Columns::of(graph.nodes.iter().map(|n| n.properties.as_slice()));
    let plain = graph.labels().iter().all(|label| is_plain_label(label));
    let mut line = Line::new(safe, false);
    line.text(":ID{id-type:long}");
    line.text(":LABEL");
    if !plain {
        line.text(&format!("{EXACT_LABELS}:IGNORE"));
    }
    columns.header(&mut line);
    to.write_all(line.end().as_bytes())?;
    for node in &graph.nodes {
        line.text(&node.id.to_string());
        let labels: Vec<&str> = node.labels.iter().map(|l| &**l).filter(|l| is_plain_label(l)).collect();
        match labels.is_empty() {
            true => line.empty(),
            false => line.text(&labels.join(";")),
        }
        match node.labels.iter().all(|label| is_plain_label(label)) {
            true if plain => {}
            true => line.empty(),
            false => {
                let mut cell = String::new();
                json::write_array(&mut cell, node.labels.iter(), |out, label| json::write_string(out, label));
                line.text(&cell);
            }
        }
        columns.cells(&node.properties, &mut line)?;
        to.write_all(line.end().as_bytes())?;
    }
    Ok(())
}

fn write_rels(graph: &Subgraph, safe: bool, to: &mut dyn Write) -> Written {
    let columns = Columns::of(graph.rels.iter().map(|r| r.properties.as_slice()));
    let mut line = Line::new(safe, false);
    [":START_ID", ":END_ID", ":TYPE"].into_iter().for_each(|title| line.text(title));
    columns.header(&mut line);
    to.write_all(line.end().as_bytes())?;
    for rel in &graph.rels {
        line.text(&rel.start.to_string());
        line.text(&rel.end.to_string());
        line.text(&rel.ty);
        columns.cells(&rel.properties, &mut line)?;
        to.write_all(line.end().as_bytes())?;
    }
    Ok(())
}

fn is_plain_label(label: &str) -> bool {
    !label.is_empty() && !label.contains(BETWEEN)
}

/// Whether a header can name the key, and means nothing else by it.
fn is_plain_key(key: &str) -> bool {
    let taken = [EXACT_LABELS, EXACT_PROPERTIES].contains(&key);
    !key.is_empty() && key.trim() == key && !key.contains(['{', '}', '(', ')', '\u{feff}']) && !taken
}

/// The columns of one file: key and type.
struct Columns<'g> {
    plain: BTreeMap<&'g str, Column>,
    /// Some properties stand in the column of exact ones.
    rest: bool,
}

struct Column {
    ty: &'static str,
    /// The values are of several types.
    mixed: Option<Plain>,
}

impl<'g> Columns<'g> {
    fn of(all: impl Iterator<Item = &'g Properties>) -> Self {
        let mut columns = Self { plain: BTreeMap::new(), rest: false };
        for (key, value) in all.flatten() {
            let Some(ty) = type_of(value).filter(|_| is_plain_key(key)) else {
                columns.rest = true;
                continue;
            };
            let column = columns.plain.entry(key).or_insert(Column { ty, mixed: None });
            if column.ty != ty {
                let numbers = |ty| matches!(ty, "long" | "double");
                let number = numbers(ty) && numbers(column.ty) && column.mixed != Some(Plain::Text);
                column.mixed = Some(if number { Plain::Number } else { Plain::Text });
                column.ty = if number { "double" } else { "string" };
                columns.rest = true;
            }
        }
        columns
    }

    fn header(&self, line: &mut Line) {
        for (key, column) in &self.plain {
            line.text(&format!("{key}:{}", column.ty));
        }
        if self.rest {
            line.text(&format!("{EXACT_PROPERTIES}:IGNORE"));
        }
    }

    fn cells(&self, properties: &Properties, line: &mut Line) -> Written {
        let mut exact: Vec<(Arc<str>, Value)> = Vec::new();
        for (key, column) in &self.plain {
            let Some((key, value)) = properties.iter().find(|(k, _)| &**k == *key) else {
                line.empty();
                continue;
            };
            let ty = type_of(value);
            match column.mixed {
                _ if ty == Some(column.ty) => line.value(value, &cell(value)),
                Some(mixed) if ty.is_some() => {
                    exact.push((Arc::clone(key), value.clone()));
                    let plain = mixed.of(value);
                    line.value(&plain, &cell(&plain));
                }
                _ => {
                    exact.push((Arc::clone(key), value.clone()));
                    line.empty();
                }
            }
        }
        if self.rest {
            let others = properties.iter().filter(|(key, _)| !self.plain.contains_key(&**key));
            exact.extend(others.cloned());
            match exact.is_empty() {
                true => line.empty(),
                false => line.text(&json_cell(&Value::map(exact)?)),
            }
        }
        Ok(())
    }
}

/// The type of the column that holds the value; nothing where neo4j has none.
fn type_of(value: &Value) -> Option<&'static str> {
    let all = |items: &[Value], fits: fn(&Value) -> bool| !items.is_empty() && items.iter().all(fits);
    Some(match value {
        Value::Int(_) => "long",
        Value::Float(_) => "double",
        Value::Bool(_) => "boolean",
        Value::Str(_) => "string",
        Value::Date(_) => "date",
        Value::LocalTime(_) => "localtime",
        Value::Time(_) => "time",
        Value::LocalDateTime(_) => "localdatetime",
        Value::DateTime(_) => "datetime",
        Value::Duration(_) => "duration",
        Value::List(list) if all(list.items(), |v| matches!(v, Value::Int(_))) => "long[]",
        Value::List(list) if all(list.items(), |v| matches!(v, Value::Str(text) if !text.contains(BETWEEN))) => {
            "string[]"
        }
        _ => return None,
    })
}

fn json_cell(value: &Value) -> String {
    let mut out = String::new();
    json::write_value(&mut out, value, &Entities::default());
    out
}

fn cell(value: &Value) -> String {
    match value {
        Value::List(items) => items.iter().map(|v| text::scalar(v).unwrap_or_default()).collect::<Vec<_>>().join(";"),
        Value::Float(x) => format!("{x:?}").replace("inf", "Infinity"),
        other => text::scalar(other).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::subgraph::hostile;

    #[test]
    fn hostile_text_stays_in_its_cell() {
        let mut out = Vec::new();
        write_nodes(&hostile(), false, &mut out).expect("memory");
        let mut reader = super::super::csv::Reader::new(&out[..], b',');
        let mut rows = 0;
        let mut width = None;
        while let Some(record) = reader.record().expect("well formed") {
            assert_eq!(*width.get_or_insert(record.len()), record.len());
            rows += 1;
        }
        assert_eq!(rows, hostile().nodes.len() + 1);
    }

    #[test]
    fn formulas_are_disarmed_on_request() {
        let mut graph = hostile();
        graph.nodes[0].properties = vec![("k".into(), "=1+1".into())];
        let mut out = Vec::new();
        write_nodes(&graph, true, &mut out).expect("memory");
        let text = String::from_utf8(out).expect("text");
        assert!(text.contains("'=1+1") && !text.contains(",=1+1"), "{text}");
    }
}
