//! Gephi's tables, as its spreadsheet import and its data laboratory have them: a folder of two CSV files, which other
//! programs read as a table of nodes and a list of edges.
//!
//! ```text
//! nodes.csv    Id,Label,Kind,born,…
//! edges.csv    Source,Target,Type,Label,Kind,since,…
//! ```
//!
//! `Kind` holds the labels of a node, and the relationship type, by which Gephi keeps parallel edges apart. A key that
//! would be one of Gephi's columns, whatever its case, gets `property_` in front. Lists and other values that are no plain text
//! stand as openCypher writes them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use super::csv::Line;
use super::{Subgraph, Written, text};
use crate::value::{Value, text as value_text};

/// The files, nodes first.
pub(crate) const FILES: [&str; 2] = ["nodes.csv", "edges.csv"];
/// Columns that mean something to Gephi, in small letters.
const TAKEN: [&str; 9] = ["id", "label", "kind", "source", "target", "type", "timeset", "interval", "nodes"];

type Properties = [(Arc<str>, Value)];

/// Writes both files; the folder is there. `safe`: without formulas (see [`Line::new`]).
pub(crate) fn write(graph: &Subgraph, safe: bool, folder: &Path) -> Written {
    let mut line = Line::new(safe, false);
    let mut to = BufWriter::new(File::create(folder.join(FILES[0]))?);
    let columns = Columns::of(graph.nodes.iter().map(|node| node.properties.as_slice()));
    columns.header(&["Id", "Label", "Kind"], &mut line);
    to.write_all(line.end().as_bytes())?;
    for node in &graph.nodes {
        line.text(&node.id.to_string());
        line.text(&text::caption(node));
        line.text(&node.labels.join(" "));
        columns.cells(&node.properties, &mut line)?;
        to.write_all(line.end().as_bytes())?;
    }
    to.flush()?;
    let mut to = BufWriter::new(File::create(folder.join(FILES[1]))?);
    let columns = Columns::of(graph.rels.iter().map(|rel| rel.properties.as_slice()));
    columns.header(&["Source", "Target", "Type", "Label", "Kind"], &mut line);
    to.write_all(line.end().as_bytes())?;
    for rel in &graph.rels {
        line.text(&rel.start.to_string());
        line.text(&rel.end.to_string());
        line.text("Directed");
        line.text(&rel.ty);
        line.text(&rel.ty);
        columns.cells(&rel.properties, &mut line)?;
        to.write_all(line.end().as_bytes())?;
    }
    Ok(to.flush()?)
}

/// The keys of a table with the names of their columns.
struct Columns<'g>(BTreeMap<&'g str, String>);

impl<'g> Columns<'g> {
    fn of(all: impl Iterator<Item = &'g Properties>) -> Self {
        let keys: BTreeSet<&str> = all.flat_map(|properties| properties.iter().map(|(key, _)| &**key)).collect();
        let mut taken: HashSet<String> = HashSet::new();
        let mut name = |key: &'g str| {
            let mut name = key.to_owned();
            // a column without a name is passed over, and names that differ in their case are one to Gephi
            while name.trim().is_empty()
                || TAKEN.contains(&&*name.trim().to_lowercase())
                || !taken.insert(name.to_lowercase())
            {
                name.insert_str(0, "property_");
            }
            (key, name)
        };
        Self(keys.into_iter().map(&mut name).collect())
    }

    fn header(&self, own: &[&str], line: &mut Line) {
        own.iter().for_each(|name| line.text(name));
        self.0.values().for_each(|name| line.text(name));
    }

    fn cells(&self, properties: &Properties, line: &mut Line) -> Written {
        for key in self.0.keys() {
            match properties.iter().find(|(known, _)| &**known == *key).map(|(_, value)| value) {
                None | Some(Value::Null) => line.empty(),
                Some(Value::Str(text)) => line.text(text),
                Some(value) => line.value(value, &value_text::literal(value, None)?),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;

    #[test]
    fn two_tables_with_the_columns_of_gephi_and_no_name_twice() {
        let engine = Engine::in_memory();
        engine
            .run("CREATE (:A {name: 'a,b', Id: 7, id: 8, l: [1, 2]})-[:T {weight: 1.5, type: 'x'}]->(:B:C {name: 'c'})")
            .expect("created");
        let folder = tempfile::tempdir().expect("a folder");
        write(&Subgraph::whole(&engine).expect("a graph"), false, folder.path()).expect("written");
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("there");
        let nodes = "Id,Label,Kind,property_Id,property_property_id,l,name\r\n0,\"a,b\",A,7,8,\"[1, 2]\",\"a,b\"\r\n1,c,B C,,,,c\r\n";
        assert_eq!(read(FILES[0]), nodes);
        assert_eq!(read(FILES[1]), "Source,Target,Type,Label,Kind,property_type,weight\r\n0,1,Directed,T,T,x,1.5\r\n");
    }
}
