//! A whole graph as one table, for spreadsheets: nodes first, then relationships. A key that both have is one column; no
//! two columns have the same name, so that a program that finds them by name finds everything.
//!
//! ```text
//!   _id,_labels,_start,_end,_type,date,name,…
//!   16,institution,,,,,National Kurultai,…
//!   ,,15,16,transformed-into,2022,,…
//! ```
//!
//! Lists and other values that are no plain text stand as openCypher writes them. Must not know: the command line.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use super::csv::Line;
use super::{Subgraph, Written};
use crate::value::{Value, text};

type Properties = [(Arc<str>, Value)];

/// The columns that say what a row is.
const OWN: [&str; 5] = ["_id", "_labels", "_start", "_end", "_type"];

/// Writes the graph. Columns are in the order of their names. `safe`: without formulas (see [`Line::new`]).
pub(crate) fn write(graph: &Subgraph, safe: bool, to: &mut dyn Write) -> Written {
    let nodes = graph.nodes.iter().map(|n| n.properties.as_slice());
    let keys = keys(nodes.chain(graph.rels.iter().map(|r| r.properties.as_slice())));
    let mut line = Line::new(safe, false);
    OWN.into_iter().for_each(|title| line.text(title));
    keys.iter().for_each(|key| line.text(&title(key)));
    to.write_all(line.end().as_bytes())?;
    for node in &graph.nodes {
        line.text(&node.id.to_string());
        line.text(&node.labels.join(";"));
        (2..OWN.len()).for_each(|_| line.empty());
        cells(&mut line, &keys, &node.properties)?;
        to.write_all(line.end().as_bytes())?;
    }
    for rel in &graph.rels {
        line.empty();
        line.empty();
        line.text(&rel.start.to_string());
        line.text(&rel.end.to_string());
        line.text(&rel.ty);
        cells(&mut line, &keys, &rel.properties)?;
        to.write_all(line.end().as_bytes())?;
    }
    Ok(())
}

/// The name of a key's column: the key, and one `_` more where it would be one of ours, or of another key.
fn title(key: &str) -> String {
    let stem = key.trim_end_matches('_');
    if OWN.contains(&stem) { format!("{key}_") } else { key.to_owned() }
}

fn keys<'g>(all: impl Iterator<Item = &'g Properties>) -> Vec<&'g str> {
    let keys: BTreeSet<&str> = all.flat_map(|properties| properties.iter().map(|(key, _)| &**key)).collect();
    keys.into_iter().collect()
}

fn cells(line: &mut Line, keys: &[&str], properties: &Properties) -> Written {
    for key in keys {
        match properties.iter().find(|(k, _)| &**k == *key).map(|(_, value)| value) {
            None | Some(Value::Null) => line.empty(),
            Some(Value::Str(text)) => line.text(text),
            Some(value) => line.value(value, &text::literal(value, None)?),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;

    #[test]
    fn every_node_and_relationship_is_one_line_and_hostile_text_stays_in_its_cell() {
        let engine = Engine::in_memory();
        engine
            .run("CREATE (:A {name: 'a\"b,c\\nd', n: [1, 2]})-[:T {date: '2022'}]->(:B {name: ''})")
            .expect("created");
        let mut out = Vec::new();
        write(&Subgraph::whole(&engine).expect("a graph"), false, &mut out).expect("written");
        let text = String::from_utf8(out).expect("UTF-8");
        let wanted = "_id,_labels,_start,_end,_type,date,n,name\r\n0,A,,,,,\"[1, 2]\",\"a\"\"b,c\nd\"\r\n1,B,,,,,,\"\"\r\n,,0,1,T,2022,,\r\n";
        assert_eq!(text, wanted);
    }
}
