//! The names of a graph's nodes, read off their properties.

use super::names::{NameIndex, Status};
use crate::graph::{Graph, KeyId};
use crate::value::{NodeRef, Value};

/// Label every entity of a dataset carries besides its kind.
pub const ENTITY: &str = "Entity";

/// An index of every node that has a `name`: by it, by its `id`, and by its `aliases`.
pub fn name_index(graph: &Graph) -> NameIndex {
    let mut index = NameIndex::default();
    let Some(name_key) = graph.key("name") else { return index };
    let mut slots = Vec::new();
    let mut cursor = Some(0);
    while let Some(at) = cursor {
        cursor = graph.scan_nodes(at, &mut slots, 4096);
        for node in slots.drain(..).map(NodeRef) {
            add(&mut index, graph, node, name_key);
        }
    }
    index
}

fn add(index: &mut NameIndex, graph: &Graph, node: NodeRef, name_key: KeyId) {
    let Value::Str(name) = graph.node_property(node, name_key) else { return };
    index.add_node(node, &kind_of(graph, node), &name, "");
    if let Some(Value::Str(id)) = graph.key("id").map(|key| graph.node_property(node, key)) {
        index.add_name(node, &id, Status::Id, "", "");
    }
    if let Some(Value::List(aliases)) = graph.key("aliases").map(|key| graph.node_property(node, key)) {
        for alias in aliases.iter() {
            if let Value::Str(alias) = alias {
                index.add_name(node, alias, Status::Alternate, "", "");
            }
        }
    }
}

/// The label that says what a node is: its first that is not [`ENTITY`].
pub fn kind_of(graph: &Graph, node: NodeRef) -> String {
    let labels = graph.labels_of(node);
    let kind = labels.iter().map(|l| graph.label_name(*l)).find(|l| *l != ENTITY);
    kind.unwrap_or_default().to_owned()
}
