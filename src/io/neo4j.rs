//! A folder of two CSV files with the headers of `neo4j-admin database import`: what `import` reads back without loss.
//!
//! ```text
//! nodes.csv           :ID{id-type:long},:LABEL,name:string,born:date,…
//! relationships.csv   :START_ID,:END_ID,:TYPE,since:long,…
//! ```
//!
//! A key has one column for each type its values have. What these columns cannot hold — a label with `;` in it, a key that
//! cannot stand in a header, a list of lists — stands as JSON (see `read::neo4j_csv`).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use super::csv::Line;
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
    line.text(if plain { ":LABEL" } else { ":LABEL{json}" });
    columns.header(&mut line);
    to.write_all(line.end().as_bytes())?;
    for node in &graph.nodes {
        line.text(&node.id.to_string());
        match (plain, node.labels.is_empty()) {
            (_, true) => line.empty(),
            (true, _) => line.text(&node.labels.join(";")),
            (false, _) => {
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

/// Whether a header can name the key.
fn is_plain_key(key: &str) -> bool {
    !key.is_empty() && key.trim() == key && !key.contains(['{', '}', '\u{feff}'])
}

/// The columns of one file: key and type.
struct Columns<'g> {
    plain: Vec<(&'g str, &'static str)>,
    /// Whether some keys need the column of properties.
    rest: bool,
}

impl<'g> Columns<'g> {
    fn of(all: impl Iterator<Item = &'g Properties>) -> Self {
        let mut plain = BTreeMap::new();
        let mut rest = false;
        for (key, value) in all.flatten() {
            match is_plain_key(key) {
                true => drop(plain.insert((&**key, type_of(value)), ())),
                false => rest = true,
            }
        }
        Self { plain: plain.into_keys().collect(), rest }
    }

    fn header(&self, line: &mut Line) {
        for (key, ty) in &self.plain {
            line.text(&format!("{key}:{ty}"));
        }
        if self.rest {
            line.text(":PROPERTIES{json}");
        }
    }

    fn cells(&self, properties: &Properties, line: &mut Line) -> Written {
        for (key, ty) in &self.plain {
            let value = properties.iter().find(|(k, _)| &**k == *key).map(|(_, value)| value);
            match value.filter(|value| type_of(value) == *ty) {
                None => line.empty(),
                Some(value) => line.value(value, &cell(value, ty)),
            }
        }
        if self.rest {
            let rest: Vec<_> = properties.iter().filter(|(key, _)| !is_plain_key(key)).cloned().collect();
            match rest.is_empty() {
                true => line.empty(),
                false => line.text(&cell(&Value::map(rest)?, "json")),
            }
        }
        Ok(())
    }
}

/// The type of the column that holds the value.
fn type_of(value: &Value) -> &'static str {
    let all = |items: &[Value], fits: fn(&Value) -> bool| !items.is_empty() && items.iter().all(fits);
    match value {
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
        _ => "json",
    }
}

fn cell(value: &Value, ty: &str) -> String {
    match value {
        _ if ty == "json" => {
            let mut out = String::new();
            json::write_value(&mut out, value, &Entities::default());
            out
        }
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
