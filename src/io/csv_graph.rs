//! A whole graph as one table, for spreadsheets: nodes first, then relationships, each kind with the columns the other
//! leaves empty.
//!
//! ```text
//!   _id,_labels,name,…,_start,_end,_type,date,…
//!   16,institution,National Kurultai,…
//!   ,,,…,15,16,transformed-into,…
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

/// Writes the graph. Columns are in the order of their names. `safe`: without formulas (see [`Line::new`]).
pub fn write(graph: &Subgraph, safe: bool, to: &mut dyn Write) -> Written {
    let node_keys = keys(graph.nodes.iter().map(|n| n.properties.as_slice()));
    let rel_keys = keys(graph.rels.iter().map(|r| r.properties.as_slice()));
    let mut line = Line::new(safe, false);
    let titles = ["_id", "_labels"].into_iter().chain(node_keys.iter().copied());
    let titles = titles.chain(["_start", "_end", "_type"]).chain(rel_keys.iter().copied());
    titles.for_each(|title| line.text(title));
    to.write_all(line.end().as_bytes())?;
    for node in &graph.nodes {
        line.text(&node.id.to_string());
        line.text(&node.labels.join(";"));
        cells(&mut line, &node_keys, &node.properties)?;
        (0..3 + rel_keys.len()).for_each(|_| line.empty());
        to.write_all(line.end().as_bytes())?;
    }
    for rel in &graph.rels {
        (0..2 + node_keys.len()).for_each(|_| line.empty());
        line.text(&rel.start.to_string());
        line.text(&rel.end.to_string());
        line.text(&rel.ty);
        cells(&mut line, &rel_keys, &rel.properties)?;
        to.write_all(line.end().as_bytes())?;
    }
    Ok(())
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
        let wanted = "_id,_labels,n,name,_start,_end,_type,date\r\n0,A,\"[1, 2]\",\"a\"\"b,c\nd\",,,,\r\n1,B,,\"\",,,,\r\n,,,,0,1,T,2022\r\n";
        assert_eq!(text, wanted);
    }
}
