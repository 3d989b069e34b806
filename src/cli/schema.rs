//! `schema`: labels, relationship types and properties, with counts.

use std::collections::{BTreeMap, BTreeSet};

use super::args::SchemaArgs;
use super::terminal::Desk;
use super::{Done, Outcome, open, query};
use crate::engine::{Engine, Rows};
use crate::error::Result;
use crate::io::{Subgraph, answer};
use crate::value::Value;

/// What is known about a label or a type.
#[derive(Default)]
struct Entry<'g> {
    count: i64,
    between: BTreeSet<String>,
    keys: BTreeSet<&'g str>,
}

/// Runs the command.
pub(super) fn run(args: SchemaArgs, desk: &mut Desk) -> Outcome {
    let engine = open::to_the_end(&args.source)?;
    let graph = Subgraph::whole(&engine)?;
    let rows = rows(&graph)?;
    query::print(&rows, &args.output, desk)?;
    desk.remark(&format!("{} nodes, {} relationships", graph.nodes.len(), graph.rels.len()));
    Ok(Done::Well)
}

/// The schema of a graph as rows.
pub(super) fn of(engine: &Engine) -> Result<Rows> {
    rows(&Subgraph::whole(engine)?)
}

/// One row for every label, then one for every type; the ends of a type as pairs of labels.
fn rows(graph: &Subgraph) -> Result<Rows> {
    let mut labels: BTreeMap<&str, Entry<'_>> = BTreeMap::new();
    let mut kinds: BTreeMap<u64, &str> = BTreeMap::new();
    for node in &graph.nodes {
        kinds.insert(node.id, node.labels.first().map_or("", |l| l));
        for label in &node.labels {
            let entry = labels.entry(label).or_default();
            entry.count += 1;
            entry.keys.extend(node.properties.iter().map(|(k, _)| &**k));
        }
    }
    let mut types: BTreeMap<&str, Entry<'_>> = BTreeMap::new();
    for rel in &graph.rels {
        let entry = types.entry(&rel.ty).or_default();
        entry.count += 1;
        entry.keys.extend(rel.properties.iter().map(|(k, _)| &**k));
        let kind = |id| kinds.get(id).copied().unwrap_or_default();
        entry.between.insert(format!("{} → {}", kind(&rel.start), kind(&rel.end)));
    }
    let mut values = Vec::new();
    for (what, entries) in [("label", labels), ("type", types)] {
        for (name, entry) in entries {
            let keys = entry.keys.into_iter().map(Value::from).collect();
            let between = entry.between.into_iter().map(Value::from).collect();
            let (keys, between) = (Value::list(keys)?, Value::list(between)?);
            values.push(vec![what.into(), name.into(), Value::Int(entry.count), keys, between]);
        }
    }
    Ok(answer::made(&["what", "name", "count", "properties", "between"], values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{NodeData, RelData};

    #[test]
    fn labels_and_types_are_counted_with_their_properties_and_ends() {
        let node = |id, label: &str, key: &str| NodeData {
            id,
            labels: vec![label.into()],
            properties: vec![(key.into(), Value::Int(1))],
        };
        let rel = RelData { id: 1, ty: "T".into(), start: 1, end: 2, properties: Vec::new() };
        let graph = Subgraph {
            nodes: vec![node(1, "A", "x"), node(2, "B", "y"), node(3, "A", "z")],
            rels: vec![rel],
            ..Subgraph::default()
        };
        let rows = rows(&graph).expect("short lists");
        let shown = |row: crate::engine::Row<'_>| {
            let cells = Value::list(row.values().to_vec()).expect("short");
            crate::io::text::inline(&cells, rows.entities())
        };
        let shown: Vec<String> = rows.iter().map(shown).collect();
        assert_eq!(
            shown,
            ["['label', 'A', 2, ['x', 'z'], []]", "['label', 'B', 1, ['y'], []]", "['type', 'T', 1, [], ['A → B']]"]
        );
    }
}
