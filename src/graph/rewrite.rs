//! A graph written anew from what it holds, so that nothing kept beside that — adjacency, counts, indexes — is believed.
//!
//! What `shejire repair` is made of. Nodes and relationships keep their ids, names their order, and ids that were given
//! stay given.

use super::write::rel_text;
use super::{Change, ConstraintDefinition, Graph, NodeId};
use crate::error::{Code, Error, Result};
use crate::value::text::literal;
use crate::value::{NodeRef, RelRef};

/// The relationships of which an end is not there, by id.
pub(crate) fn without_ends(graph: &Graph) -> Vec<RelRef> {
    let mut slots = Vec::new();
    graph.scan_rels(0, &mut slots, usize::MAX);
    let mut loose: Vec<RelRef> = slots.into_iter().map(RelRef::new).filter(|&rel| !has_ends(graph, rel)).collect();
    loose.sort_unstable_by_key(|&rel| graph.rel_id(rel));
    loose
}

pub(super) fn has_ends(graph: &Graph, rel: RelRef) -> bool {
    let ends = graph.rel(rel);
    graph.node_exists(ends.start) && graph.node_exists(ends.end)
}

/// A relationship in words, with all it holds, and what of it is not there.
pub(crate) fn described(graph: &Graph, rel: RelRef) -> String {
    let (id, ends) = (graph.rel_id(rel), graph.rel(rel));
    let (start, end) = (graph.node_id(ends.start), graph.node_id(ends.end));
    let properties = graph.rel_properties(rel);
    let pairs: Vec<String> = properties
        .iter()
        .map(|(key, value)| format!("{}: {}", graph.key_name(*key), literal(value, None).unwrap_or_default()))
        .collect();
    let properties = if pairs.is_empty() { String::new() } else { format!(" {{{}}}", pairs.join(", ")) };
    let mut gone: Vec<NodeId> =
        [ends.start, ends.end].iter().filter(|end| !graph.node_exists(**end)).map(|end| graph.node_id(*end)).collect();
    gone.dedup();
    let gone: Vec<String> = gone.iter().map(|id| format!("node {id} is gone")).collect();
    let gone = if gone.is_empty() { String::new() } else { format!(": {}", gone.join(", ")) };
    format!("{} ({start})-[:{}{properties}]->({end}){gone}", rel_text(id), graph.type_name(ends.ty))
}

/// The error for a relationship that ends nowhere.
pub(super) fn loose(graph: &Graph, rel: RelRef) -> Error {
    use crate::error::{Class, Phase};
    let message = format!("the store is damaged: {}", described(graph, rel));
    Error::new(Class::StoreError, Phase::Runtime, Code::StoreDamaged, message)
        .hint("`shejire check FILE` lists what is wrong, `shejire repair FILE --to NEW` writes a sound copy")
}

/// The same nodes, relationships, indexes and constraints in a new graph; and in words what it does not take: constraints
/// that do not hold. Every relationship must have its ends. Errors: `Size`, `StoreDamaged`.
pub(crate) fn rewritten(graph: &Graph) -> Result<(Graph, Vec<String>)> {
    let mut copy = Graph::new();
    for (_, name) in graph.names().labels() {
        copy.ensure_label(name)?;
    }
    for (_, name) in graph.names().types() {
        copy.ensure_type(name)?;
    }
    for (_, name) in graph.names().keys() {
        copy.ensure_key(name)?;
    }
    copy.bulk(true);
    let mut slots = Vec::new();
    graph.scan_nodes(0, &mut slots, usize::MAX);
    slots.sort_unstable_by_key(|&slot| graph.node_id(NodeRef::new(slot)));
    for node in slots.drain(..).map(NodeRef::new) {
        copy.make_node(Some(graph.node_id(node).0), &graph.labels_of(node), graph.node_properties(node))?;
    }
    graph.scan_rels(0, &mut slots, usize::MAX);
    slots.sort_unstable_by_key(|&slot| graph.rel_id(RelRef::new(slot)));
    for rel in slots.into_iter().map(RelRef::new) {
        let (id, mut ends) = (graph.rel_id(rel).0, graph.rel(rel));
        for end in [&mut ends.start, &mut ends.end] {
            *end = copy
                .node_by_id(graph.node_id(*end).0)
                .filter(|_| has_ends(graph, rel))
                .ok_or_else(|| loose(graph, rel))?;
        }
        copy.make_rel(Some(id), ends, graph.rel_properties(rel))?;
    }
    copy.topology.node_ids.skip_to(graph.topology.node_ids.next());
    copy.topology.rel_ids.skip_to(graph.topology.rel_ids.next());
    copy.commit();
    let mut refused = Vec::new();
    for index in graph.index_definitions() {
        if let Err(error) = copy.create_index(Some(&index.name), index.kind, index.subject, &index.keys) {
            refused.push(format!("constraint {}: {}", index.name, error.message()));
        }
    }
    for definition in graph.text_definitions() {
        copy.declare_text_index(definition.clone())?;
    }
    for ConstraintDefinition { name, subject, keys, demand } in graph.constraint_definitions() {
        if let Err(error) = copy.create_constraint(Some(name), *subject, keys, demand.clone()) {
            refused.push(format!("constraint {name}: {}", error.message()));
        }
    }
    copy.commit();
    graph.failure().map_or(Ok((copy, refused)), Err)
}

impl Graph {
    /// Does again what a log says, or nothing of it. Errors: `InvalidData` and others when it does not fit this graph.
    pub(crate) fn apply_whole(&mut self, change: &Change) -> Result<()> {
        let before = self.clone();
        self.apply(change).inspect_err(|_| *self = before)
    }

    /// A change in words, for whoever must know that it could not be done.
    pub(crate) fn change_in_words(&self, change: &Change) -> String {
        let properties = |properties: &[(super::KeyId, crate::value::Value)]| {
            let pairs = properties
                .iter()
                .map(|(key, value)| format!("{}: {}", self.key_name(*key), literal(value, None).unwrap_or_default()));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        };
        let one = |key: &super::KeyId, value: &crate::value::Value| properties(&[(*key, value.clone())]);
        match change {
            Change::NodeCreated { id, labels, properties: own } => {
                let labels: String = labels.iter().map(|label| format!(":{}", self.label_name(*label))).collect();
                format!("create node {id} ({labels} {})", properties(own))
            }
            Change::RelCreated { id, start, end, ty, properties: own } => {
                format!("create relationship {id} ({start})-[:{} {}]->({end})", self.type_name(*ty), properties(own))
            }
            Change::NodeDeleted { id } => format!("delete node {id}"),
            Change::RelDeleted { id } => format!("delete relationship {id}"),
            Change::NodeProperty { id, key, value } => format!("set {} of node {id}", one(key, value)),
            Change::RelProperty { id, key, value } => format!("set {} of relationship {id}", one(key, value)),
            Change::LabelAdded { id, label } => format!("add label {} to node {id}", self.label_name(*label)),
            Change::LabelRemoved { id, label } => format!("remove label {} of node {id}", self.label_name(*label)),
            Change::IndexCreated(definition) => {
                format!("create index or constraint {} {}", definition.name, self.index_in_words(definition))
            }
            Change::IndexDropped { name } => format!("drop index or constraint {name}"),
            Change::TextIndexCreated(definition) => {
                format!("create full-text index {} {}", definition.name, self.text_index_in_words(definition))
            }
            Change::TextIndexDropped { name } => format!("drop full-text index {name}"),
            Change::ConstraintCreated(definition) => {
                format!("create constraint {} {}", definition.name, self.constraint_in_words(definition))
            }
            Change::ConstraintDropped { name } => format!("drop constraint {name}"),
        }
    }
}
