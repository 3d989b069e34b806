//! What a graph has and the one that its folder loads to has not: said to whoever exports, property by property.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::engine::{NodeData, RelData};
use crate::io::{Subgraph, cypher};
use crate::value::Value;

/// The differences, for people; nothing when the graphs are the same. `ids` are the ids of the entities of `graph`.
pub(super) fn differences(graph: &Subgraph, again: &Subgraph, ids: &HashMap<u64, Arc<str>>) -> Vec<String> {
    let mut found = Found::default();
    let own = names(graph, |node| ids.get(&node.id).map(|id| format!("e{id}")));
    let other = names(again, |node| id_of(node).map(|id| format!("e{id}")));
    let by_name: HashMap<&str, &NodeData> =
        again.nodes.iter().filter_map(|node| Some((other.get(&node.id)?.as_str(), node))).collect();
    for node in &graph.nodes {
        if let Some(name) = own.get(&node.id) {
            let twin = by_name.get(name.as_str()).copied();
            found.labels(node, twin);
            found.properties("nodes", &node.properties, twin.map(|twin| twin.properties.as_slice()));
        }
    }
    let mut twins = rels(again, &other);
    for rel in graph.rels.iter().filter(|rel| graph.told.rels.contains_key(&rel.id)) {
        let Some(key) = key(rel, &own) else { continue };
        if let Some(twin) = twins.get_mut(&key).and_then(Vec::pop) {
            found.properties("relationships", &rel.properties, Some(twin.properties.as_slice()));
        }
    }
    found.0.into_iter().map(|(what, count)| format!("{count} × {what}")).collect()
}

#[derive(Default)]
struct Found(BTreeMap<String, u64>);

impl Found {
    fn labels(&mut self, node: &NodeData, twin: Option<&NodeData>) {
        for label in &node.labels {
            if twin.is_none_or(|twin| !twin.labels.contains(label)) {
                *self.0.entry(format!("label {label}")).or_default() += 1;
            }
        }
    }

    fn properties(&mut self, of: &str, own: &[(Arc<str>, Value)], other: Option<&[(Arc<str>, Value)]>) {
        for (key, value) in own {
            let twin = other.and_then(|other| other.iter().find(|(known, _)| known == key));
            if twin.is_none_or(|(_, twin)| cypher::literal(twin) != cypher::literal(value)) {
                *self.0.entry(format!("property {key} of {of}")).or_default() += 1;
            }
        }
    }
}

fn id_of(node: &NodeData) -> Option<&str> {
    match node.properties.iter().find(|(key, _)| &**key == "id") {
        Some((_, Value::Str(id))) => Some(id),
        _ => None,
    }
}

/// What tells a node apart in both graphs: its id as an entity, the id of its document, what it says as a literal.
fn names(graph: &Subgraph, entity: impl Fn(&NodeData) -> Option<String>) -> HashMap<u64, String> {
    let documents: HashMap<u64, &str> =
        graph.told.sources.iter().filter_map(|(source, node)| Some(((*node)?, &*source.id))).collect();
    let literal = |node: &NodeData| {
        let mut said: Vec<String> =
            node.properties.iter().map(|(key, value)| format!("{key}={}", cypher::literal(value))).collect();
        said.sort();
        super::literals::is_literal(node).then(|| format!("l{}", said.join("\0")))
    };
    let document = |node: &NodeData| documents.get(&node.id).map(|id| format!("d{id}"));
    let name = |node: &NodeData| entity(node).or_else(|| document(node)).or_else(|| literal(node));
    graph.nodes.iter().filter_map(|node| Some((node.id, name(node)?))).collect()
}

fn key(rel: &RelData, names: &HashMap<u64, String>) -> Option<(String, Arc<str>, String)> {
    Some((names.get(&rel.start)?.clone(), rel.ty.clone(), names.get(&rel.end)?.clone()))
}

/// Relationships by what they say, the first of them last.
fn rels<'g>(
    graph: &'g Subgraph,
    names: &HashMap<u64, String>,
) -> HashMap<(String, Arc<str>, String), Vec<&'g RelData>> {
    let mut all: HashMap<_, Vec<&RelData>> = HashMap::new();
    for rel in graph.rels.iter().rev() {
        if let Some(key) = key(rel, names) {
            all.entry(key).or_default().push(rel);
        }
    }
    all
}
