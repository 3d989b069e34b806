//! What was read becomes part of a graph: keys are resolved, names interned once.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Key, NodeKey, Properties, Sink};
use crate::error::{Error, Result};
use crate::graph::{Graph, KeyId, LabelId, RelTypeId};
use crate::value::{NodeRef, Value};

/// Takes nodes and relationships into a graph.
pub struct IntoGraph<'g> {
    graph: &'g mut Graph,
    spaces: HashMap<String, Space>,
    labels: FxHashMap<Arc<str>, LabelId>,
    keys: FxHashMap<Arc<str>, KeyId>,
    types: FxHashMap<Arc<str>, RelTypeId>,
    /// Nodes taken.
    pub nodes: u64,
    /// Relationships taken.
    pub rels: u64,
}

/// The nodes of one key space.
#[derive(Default)]
struct Space {
    ints: FxHashMap<i64, NodeRef>,
    texts: FxHashMap<Box<str>, NodeRef>,
}

impl<'g> IntoGraph<'g> {
    /// A sink on a graph; keys are resolved among the nodes this sink took.
    pub fn new(graph: &'g mut Graph) -> Self {
        Self {
            graph,
            spaces: HashMap::new(),
            labels: FxHashMap::default(),
            keys: FxHashMap::default(),
            types: FxHashMap::default(),
            nodes: 0,
            rels: 0,
        }
    }

    fn known(&self, key: NodeKey<'_>) -> Option<NodeRef> {
        let space = self.spaces.get(key.space)?;
        match key.key {
            Key::Int(n) => space.ints.get(&n).copied(),
            Key::Text(text) => space.texts.get(text).copied(),
        }
    }

    fn end(&self, key: NodeKey<'_>) -> Result<NodeRef> {
        self.known(key).ok_or_else(|| Error::data(format!("there is no node {}", shown(key))))
    }

    fn properties(&mut self, properties: Properties) -> Result<Vec<(KeyId, Value)>> {
        properties
            .into_iter()
            .map(|(name, value)| {
                let key = match self.keys.get(&name) {
                    Some(key) => *key,
                    None => {
                        let key = self.graph.ensure_key(&name)?;
                        self.keys.insert(name, key);
                        key
                    }
                };
                Ok((key, value))
            })
            .collect()
    }
}

impl Sink for IntoGraph<'_> {
    fn node(&mut self, key: Option<NodeKey<'_>>, labels: &[Arc<str>], properties: Properties) -> Result<()> {
        if let Some(key) = key
            && self.known(key).is_some()
        {
            return Err(Error::data(format!("there are two nodes {}", shown(key))));
        }
        let mut ids = Vec::with_capacity(labels.len());
        for label in labels {
            let id = match self.labels.get(label) {
                Some(id) => *id,
                None => {
                    let id = self.graph.ensure_label(label)?;
                    self.labels.insert(label.clone(), id);
                    id
                }
            };
            ids.push(id);
        }
        let properties = self.properties(properties)?;
        let node = self.graph.create_node(&ids, properties)?;
        self.nodes += 1;
        if let Some(NodeKey { space, key }) = key {
            if !self.spaces.contains_key(space) {
                self.spaces.insert(space.to_owned(), Space::default());
            }
            let space = self.spaces.entry(space.to_owned()).or_default();
            match key {
                Key::Int(n) => drop(space.ints.insert(n, node)),
                Key::Text(text) => drop(space.texts.insert(text.into(), node)),
            }
        }
        Ok(())
    }

    fn rel(&mut self, ty: &Arc<str>, start: NodeKey<'_>, end: NodeKey<'_>, properties: Properties) -> Result<()> {
        let (start, end) = (self.end(start)?, self.end(end)?);
        let ty = match self.types.get(ty) {
            Some(id) => *id,
            None => {
                let id = self.graph.ensure_type(ty)?;
                self.types.insert(ty.clone(), id);
                id
            }
        };
        let properties = self.properties(properties)?;
        self.graph.create_rel(start, end, ty, properties)?;
        self.rels += 1;
        Ok(())
    }
}

fn shown(key: NodeKey<'_>) -> String {
    let space = if key.space.is_empty() { String::new() } else { format!(" in {}", key.space) };
    match key.key {
        Key::Int(n) => format!("{n}{space}"),
        Key::Text(text) => format!("{text:?}{space}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_resolved_and_what_nobody_has_is_refused() {
        let mut graph = Graph::new();
        let mut sink = IntoGraph::new(&mut graph);
        let key = |n| NodeKey { space: "P", key: Key::Int(n) };
        sink.node(Some(key(1)), &["A".into()], vec![("k".into(), Value::Int(1))]).expect("new");
        sink.node(Some(key(2)), &[], vec![]).expect("new");
        assert!(sink.node(Some(key(2)), &[], vec![]).is_err());
        sink.rel(&"T".into(), key(1), key(2), vec![]).expect("both ends");
        let error = sink.rel(&"T".into(), key(1), key(3), vec![]).expect_err("no such end");
        assert_eq!(error.message(), "there is no node 3 in P");
        assert_eq!((sink.nodes, sink.rels), (2, 1));
    }
}
