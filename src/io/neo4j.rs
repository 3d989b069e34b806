//! A folder of two CSV files with the headers of `neo4j-admin database import`: what `import` reads back without loss.
//!
//! ```text
//! nodes.csv           :ID{id-type:long},:LABEL,name:string,born:date,…
//! relationships.csv   :START_ID,:END_ID,:TYPE,since:long,…
//! ```
//!
//! Which columns there are, and what stands in them, says `columns`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::columns::{self, Cell, Form, Nodes, Rels};
use super::csv::Line;
use super::{Subgraph, Written};

/// The files, nodes first.
pub(crate) const FILES: [&str; 2] = ["nodes.csv", "relationships.csv"];
/// Writes both files; the folder is there. `safe`: without formulas, then text does not come back as it was.
pub(crate) fn write(graph: &Subgraph, safe: bool, folder: &Path) -> Written {
    let mut to = BufWriter::new(File::create(folder.join(FILES[0]))?);
    write_nodes(graph, safe, &mut to)?;
    to.flush()?;
    let mut to = BufWriter::new(File::create(folder.join(FILES[1]))?);
    write_rels(graph, safe, &mut to)?;
    to.flush()?;
    Ok(())
}

fn write_nodes(graph: &Subgraph, safe: bool, to: &mut dyn Write) -> Written {
    let nodes = Nodes::of(graph, Form::ANY);
    let mut line = Line::new(safe, false);
    nodes.titles().iter().for_each(|title| line.text(title));
    to.write_all(line.end().as_bytes())?;
    nodes.rows(&mut |cells| write_row(&mut line, &cells, to))
}

fn write_rels(graph: &Subgraph, safe: bool, to: &mut dyn Write) -> Written {
    let rels = Rels::of(graph, Form::ANY)?;
    let mut line = Line::new(safe, false);
    rels.titles().iter().for_each(|title| line.text(title));
    to.write_all(line.end().as_bytes())?;
    rels.rows(&mut |cells| write_row(&mut line, &cells, to))
}

fn write_row(line: &mut Line, cells: &[Cell<'_>], to: &mut dyn Write) -> Written {
    for cell in cells {
        match cell {
            Cell::Nothing => line.empty(),
            Cell::Text(text) => line.text(text),
            Cell::Value(value) => line.value(value, &columns::cell(value)),
        }
    }
    Ok(to.write_all(line.end().as_bytes())?)
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
