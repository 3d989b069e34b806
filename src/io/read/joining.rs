//! How what comes in finds what is there already: nodes by the value of a property, relationships by what they say.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::facts::{self, Fact, Facts};
use super::{Key, NodeKey, Properties};
use crate::error::{Error, Result};
use crate::graph::{Graph, KeyId};
use crate::value::hash::DataMap;
use crate::value::{NodeRef, RelRef, Value};

/// What was found again instead of being made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Nodes.
    pub nodes: u64,
    /// Relationships.
    pub relationships: u64,
    /// Values of those nodes that are others now.
    pub changed: u64,
}

/// Which nodes have which value of a property.
#[derive(Debug, Default)]
pub(super) struct Joining {
    /// The property that tells nodes apart; nothing while every node is a new one.
    on: Option<Arc<str>>,
    by_value: DataMap<Arc<str>, Values>,
    /// Nodes that do not have it.
    without: u64,
    /// The nodes of datasets that have no id, while they are told apart.
    contents: Option<Contents>,
    /// Relationships that were there before and were not found again yet.
    before: Option<Facts>,
}

/// The nodes that a dataset makes and gives no id: those that stand for a document alone, and literals.
#[derive(Debug, Default)]
struct Contents {
    nodes: DataMap<Box<str>, Vec<NodeRef>>,
    /// Those found or made since the dataset began: two literals of one content are two nodes.
    taken: FxHashSet<NodeRef>,
}

/// What tells such a node from others: the id of its document, or all it says.
fn content<'a>(labels: &[Arc<str>], properties: impl Iterator<Item = (&'a str, &'a Value)>) -> Option<Box<str>> {
    let has = |name: &str| labels.iter().any(|label| **label == *name);
    let mut lines: Vec<String> = match (has("Source"), has("Literal")) {
        (true, _) => properties.filter(|(key, _)| *key == "source").map(|(_, value)| line("Source", value)).collect(),
        (_, true) => properties.filter(|(_, value)| !value.is_null()).map(|(key, value)| line(key, value)).collect(),
        _ => return None,
    };
    lines.extend(has("Literal").then(|| labels.join(":")));
    lines.sort_unstable();
    (!lines.is_empty()).then(|| lines.concat().into())
}

fn line(key: &str, value: &Value) -> String {
    format!("{key} {}\n", crate::io::cypher::literal(value))
}

/// The same of a node that is there.
fn content_of(node: NodeRef, graph: &Graph) -> Option<Box<str>> {
    let labels: Vec<Arc<str>> = graph.labels_of(node).iter().map(|label| graph.label_name(*label).into()).collect();
    let properties = graph.node_properties(node);
    content(&labels, properties.iter().map(|(key, value)| (graph.key_name(*key), value)))
}

impl Contents {
    fn of(graph: &Graph) -> Self {
        let mut contents = Self::default();
        for label in ["Source", "Literal"].iter().filter_map(|name| graph.label(name)) {
            let (mut slots, mut cursor) = (Vec::new(), Some(0));
            while let Some(from) = cursor {
                cursor = graph.scan_label(label, from, &mut slots, 1024);
                slots.drain(..).for_each(|slot| contents.add(NodeRef::new(slot), graph));
            }
        }
        contents
    }

    fn add(&mut self, node: NodeRef, graph: &Graph) {
        if let Some(content) = content_of(node, graph) {
            let nodes = self.nodes.entry(content).or_default();
            if !nodes.contains(&node) {
                nodes.push(node);
            }
        }
    }

    /// The first that says the same and was not found yet.
    fn take(&mut self, labels: &[Arc<str>], properties: &Properties, graph: &Graph) -> Option<NodeRef> {
        let content = content(labels, properties.iter().map(|(key, value)| (&**key, value)))?;
        let free = |node: &&NodeRef| graph.node_exists(**node) && !self.taken.contains(*node);
        let node = self.nodes.get(&content)?.iter().find(free).copied()?;
        self.taken.insert(node);
        Some(node)
    }
}

#[derive(Debug, Default)]
struct Values {
    ints: DataMap<i64, Vec<NodeRef>>,
    texts: DataMap<Box<str>, Vec<NodeRef>>,
    /// Those of other values, by type and text.
    others: DataMap<(&'static str, Box<str>), Vec<NodeRef>>,
}

impl Values {
    /// The nodes with a value. A number may be kept as text, and text that is a number as one.
    fn of_key(&self, key: Key<'_>) -> Vec<NodeRef> {
        let number = |n: i64| self.ints.get(&n);
        let text = |text: &str| self.texts.get(text);
        let found = match key {
            Key::Int(n) => number(n).or_else(|| text(&n.to_string())),
            Key::Text(told) => text(told).or_else(|| match told.parse::<i64>() {
                Ok(n) if n.to_string() == told => number(n),
                _ => None,
            }),
        };
        found.cloned().unwrap_or_default()
    }

    fn of_value(&self, value: &Value) -> Vec<NodeRef> {
        match value {
            Value::Int(n) => self.of_key(Key::Int(*n)),
            Value::Str(text) => self.of_key(Key::Text(text)),
            other => self.others.get(&written(other)).cloned().unwrap_or_default(),
        }
    }

    fn add(&mut self, value: &Value, node: NodeRef) {
        match value {
            Value::Null => {}
            Value::Int(n) => self.ints.entry(*n).or_default().push(node),
            Value::Str(text) => self.texts.entry((&**text).into()).or_default().push(node),
            other => self.others.entry(written(other)).or_default().push(node),
        }
    }
}

/// What tells one value from another.
fn written(value: &Value) -> (&'static str, Box<str>) {
    (value.type_name(), crate::io::cypher::literal(value).into())
}

impl Joining {
    /// From here on nodes are told apart by this property, or are all new.
    pub(super) fn on(&mut self, property: Option<&str>, graph: &Graph) {
        self.on = property.map(Arc::from);
        self.contents = None;
        let Some(name) = &self.on else { return };
        self.by_value.entry(Arc::clone(name)).or_insert_with(|| values(graph, name));
        if self.before.is_none() {
            let mut before = Facts::default();
            facts::all(graph).for_each(|rel| before.add(rel, |rel| fact(graph, rel)));
            self.before = Some(before);
        }
    }

    /// The same for what a dataset makes, which may have no such property: documents that are no entities, literals.
    pub(super) fn on_dataset(&mut self, property: &str, graph: &Graph) {
        self.on(Some(property), graph);
        self.contents = Some(Contents::of(graph));
    }

    /// Whether nodes are told apart.
    pub(super) fn is_on(&self) -> bool {
        self.on.is_some()
    }

    /// Whether the property that tells nodes apart says this.
    pub(super) fn says(&self, properties: &Properties, text: &str) -> bool {
        let on = self.on.as_ref();
        properties.iter().any(|(name, value)| Some(name) == on && matches!(value, Value::Str(v) if **v == *text))
    }

    /// How many nodes did not have the property that tells them apart.
    pub(super) fn without(&self) -> u64 {
        self.without
    }

    /// The node that has what a new one states; of those with the value, one that shares a label with it, where it has
    /// any. Errors: several.
    pub(super) fn node(
        &mut self,
        properties: &Properties,
        labels: &[Arc<str>],
        graph: &Graph,
    ) -> Result<Option<NodeRef>> {
        let Some(on) = &self.on else { return Ok(None) };
        let stated = properties.iter().find(|(name, _)| name == on).map(|(_, value)| value);
        let Some(stated) = stated.filter(|value| !value.is_null()) else {
            let same = self.contents.as_mut().and_then(|contents| contents.take(labels, properties, graph));
            self.without += u64::from(same.is_none());
            return Ok(same);
        };
        let Some(values) = self.by_value.get(on) else { return Ok(None) };
        self.only(values.of_value(stated), &|| crate::io::cypher::literal(stated), labels, graph)
    }

    /// The node a key means that no record brought: the one whose property says it. The space of the key is a label, where
    /// there is one of that name.
    pub(super) fn end(&self, key: NodeKey<'_>, graph: &Graph) -> Result<Option<NodeRef>> {
        let labels: &[Arc<str>] = if key.space.is_empty() { &[] } else { &[key.space.into()] };
        let Some(values) = self.on.as_ref().and_then(|on| self.by_value.get(on)) else { return Ok(None) };
        let shown = || super::into_graph::shown(NodeKey { space: "", ..key });
        self.only(values.of_key(key.key), &shown, labels, graph)
    }

    fn only(
        &self,
        mut all: Vec<NodeRef>,
        shown: &dyn Fn() -> String,
        labels: &[Arc<str>],
        graph: &Graph,
    ) -> Result<Option<NodeRef>> {
        all.retain(|node| graph.node_exists(*node));
        let known: Vec<_> = labels.iter().filter_map(|label| graph.label(label)).collect();
        let sharing = |node: &NodeRef| known.iter().any(|label| graph.has_label(*node, *label));
        if all.iter().any(sharing) {
            all.retain(sharing);
        }
        match all[..] {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            _ => {
                let (on, count) = (self.on.as_deref().unwrap_or_default(), all.len());
                let error = Error::data(format!("{count} nodes have the {on} {}: which one is meant?", shown()));
                Err(error.hint("--match takes a property that tells nodes apart"))
            }
        }
    }

    /// Learns a node that was made.
    pub(super) fn made(&mut self, node: NodeRef, properties: &[(KeyId, Value)], graph: &Graph) {
        if let Some(contents) = &mut self.contents {
            contents.taken.insert(node);
        }
        for (name, values) in &mut self.by_value {
            let Some(key) = graph.key(name) else { continue };
            if let Some((_, value)) = properties.iter().find(|(known, _)| *known == key) {
                values.add(value, node);
            }
        }
    }

    /// A relationship that was there before and says the same, properties and all; each is found once.
    pub(super) fn rel(&mut self, wanted: Fact, properties: &[(KeyId, Value)], graph: &Graph) -> Option<RelRef> {
        self.on.as_ref()?;
        let right = |rel: RelRef| {
            let has = graph.rel_properties(rel);
            let stated = properties.iter().filter(|(_, value)| !value.is_null());
            has.len() == stated.clone().count()
                && stated
                    .clone()
                    .all(|(key, value)| has.iter().any(|(k, v)| k == key && super::into_graph::same(v, value)))
        };
        self.before.as_mut()?.take(wanted, |rel| fact(graph, rel), right)
    }
}

fn values(graph: &Graph, name: &str) -> Values {
    let mut values = Values::default();
    if let Some(key) = graph.key(name) {
        for node in (0..graph.node_bound()).map(NodeRef::new).filter(|node| graph.node_exists(*node)) {
            values.add(&graph.node_property(node, key), node);
        }
    }
    values
}

/// What a relationship says, wherever it stands.
pub(super) fn fact(graph: &Graph, rel: RelRef) -> Fact {
    let ends = graph.rel(rel);
    (ends.ty, ends.start.0, ends.end.0, None)
}
