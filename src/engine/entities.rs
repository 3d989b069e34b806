//! Nodes and relationships by value, as they leave the engine.

use std::sync::Arc;

use super::rows::{Entities, NodeData, RelData};
use crate::exec::view::Seeing;
use crate::graph::{Graph, KeyId};
use crate::value::{NodeRef, RelRef, Value};

impl Entities {
    /// Adds what `value` holds of nodes and relationships, as the graph has them now.
    pub(super) fn gather(&mut self, seeing: Seeing<'_>, value: &Value) {
        if !value.has_entities() {
            return;
        }
        match value {
            Value::Node(node) => self.add_node(seeing, *node),
            Value::Rel(rel) => self.add_rel(seeing, *rel),
            Value::Path(path) => {
                path.nodes.iter().for_each(|node| self.add_node(seeing, *node));
                path.rels.iter().for_each(|rel| self.add_rel(seeing, *rel));
            }
            Value::List(list) => list.iter().for_each(|item| self.gather(seeing, item)),
            Value::Map(map) => map.entries().values().for_each(|item| self.gather(seeing, item)),
            _ => {}
        }
    }

    fn add_node(&mut self, seeing: Seeing<'_>, node: NodeRef) {
        self.nodes.entry((node, node.view())).or_insert_with(|| node_seen(seeing, node));
    }

    fn add_rel(&mut self, seeing: Seeing<'_>, rel: RelRef) {
        self.rels.entry((rel, rel.view())).or_insert_with(|| rel_seen(seeing, rel));
    }
}

/// A node's content as its view has it.
pub(super) fn node_seen(seeing: Seeing<'_>, node: NodeRef) -> NodeData {
    let mut data = node_data(seeing.graph, node);
    if node.view() > 0 && !seeing.graph.is_node_deleted(node) {
        data.properties = seeing.node_properties(node).unwrap_or_default().into_iter().collect();
    }
    data
}

/// A relationship's content as its view has it.
pub(super) fn rel_seen(seeing: Seeing<'_>, rel: RelRef) -> RelData {
    let mut data = rel_data(seeing.graph, rel);
    if rel.view() > 0 && !seeing.graph.is_rel_deleted(rel) {
        data.properties = seeing.rel_properties(rel).unwrap_or_default().into_iter().collect();
    }
    data
}

/// Every node and relationship, in order of id.
pub(super) fn snapshot(graph: &Graph) -> (Vec<NodeData>, Vec<RelData>) {
    let mut slots = Vec::new();
    let mut cursor = Some(0);
    while let Some(at) = cursor {
        cursor = graph.scan_nodes(at, &mut slots, 4096);
    }
    let mut nodes: Vec<NodeData> = slots.drain(..).map(|slot| node_data(graph, NodeRef::new(slot))).collect();
    cursor = Some(0);
    while let Some(at) = cursor {
        cursor = graph.scan_rels(at, &mut slots, 4096);
    }
    let mut rels: Vec<RelData> = slots.drain(..).map(|slot| rel_data(graph, RelRef::new(slot))).collect();
    nodes.sort_by_key(|n| n.id);
    rels.sort_by_key(|r| r.id);
    (nodes, rels)
}

/// A node's content; of a deleted one only its id is left.
pub(super) fn node_data(graph: &Graph, node: NodeRef) -> NodeData {
    let id = graph.node_id(node).0;
    if graph.is_node_deleted(node) {
        return NodeData { id, ..NodeData::default() };
    }
    let mut labels: Vec<Arc<str>> = graph.labels_of(node).iter().map(|l| graph.names().label_text(*l)).collect();
    labels.sort_unstable();
    NodeData { id, labels, properties: properties(graph, graph.node_properties(node)) }
}

/// A relationship's content; of a deleted one id, type and ends are left.
pub(super) fn rel_data(graph: &Graph, rel: RelRef) -> RelData {
    let ends = graph.rel(rel);
    let properties = if graph.is_rel_deleted(rel) { Vec::new() } else { properties(graph, graph.rel_properties(rel)) };
    RelData {
        id: graph.rel_id(rel).0,
        ty: graph.names().type_text(ends.ty),
        start: graph.node_id(ends.start).0,
        end: graph.node_id(ends.end).0,
        properties,
    }
}

fn properties(graph: &Graph, properties: Vec<(KeyId, Value)>) -> Vec<(Arc<str>, Value)> {
    let mut named: Vec<_> = properties.into_iter().map(|(key, value)| (graph.names().key_text(key), value)).collect();
    named.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    named
}
