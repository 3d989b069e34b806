//! Reading nodes and relationships through a view: what some sources say of them.
//!
//! A handle that `ACCORDING TO` or `KNOWN BY` has let through carries the number of a view. Whatever is read of it
//! (properties, names, life) comes from the mentions in that view. Labels, ids, kinds and the dataset's own name stay;
//! what no source states is not seen.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Result;
use crate::graph::{Dir, Graph};
use crate::lineage::kinds::Kinds;
use crate::lineage::lives;
use crate::lineage::stated::Known;
use crate::provenance::{Evidence, View, Views, Vocabulary, grouping, values};
use crate::value::{List, NodeRef, Path, RelRef, Value, quantity};

/// Properties that the dataset gives to what it describes, whoever is asked: they say which thing it is.
const OF_THE_DATASET: [&str; 4] = ["id", "name", "kind", "source"];
/// Properties of a source: what the dataset knows of the document.
const OF_SOURCES: [&str; 9] =
    ["title", "genre", "author", "publisher", "date", "group", "language", "url", "paragraphs"];
/// What a literal says, beside the words themselves.
const OF_LITERALS: [&str; 3] = ["bound", "unit", "edtf"];

/// What is known, to be read through views.
#[derive(Clone, Copy)]
pub(crate) struct Seeing<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) evidence: &'a Evidence,
    pub(crate) vocabulary: &'a Vocabulary,
    pub(crate) views: &'a Views,
}

impl<'a> Seeing<'a> {
    /// What is known, as the view of that number has it.
    pub(crate) fn known(&self, view: u32) -> Known<'a> {
        let Self { graph, evidence, vocabulary, views } = *self;
        Known { graph, evidence, vocabulary, view: views.get(view) }
    }

    /// A property of a relationship as its view has it.
    pub(crate) fn rel_property(&self, rel: RelRef, key: &str) -> Result<Value> {
        let Some(view) = self.views.get(rel.view()) else {
            return Ok(self.graph.key(key).map_or(Value::Null, |key| self.graph.rel_property(rel, key)));
        };
        let seen = self.evidence.seen(rel, Some(view));
        Ok(match key {
            "fact" => grouping::smallest_id(seen).map_or(Value::Null, Value::Str),
            "confidence" => {
                let codes = seen.fold(crate::provenance::Confidence::default(), |all, m| all.union(m.confidence));
                Value::list(codes.codes().map(|code| Value::str(String::from(code))).collect())?
            }
            "evaluative" => {
                let mut seen = seen.peekable();
                match seen.peek() {
                    None => Value::Null,
                    Some(_) => Value::Bool(seen.all(|m| m.confidence.is_evaluative())),
                }
            }
            key if OF_LITERALS.contains(&key) => Value::Null,
            key => {
                let ty = self.graph.type_name(self.graph.rel(rel).ty);
                self.evidence.pooled(seen, key, ty, self.vocabulary)?.value
            }
        })
    }

    /// All properties of a relationship as its view has them.
    pub(crate) fn rel_properties(&self, rel: RelRef) -> Result<BTreeMap<Arc<str>, Value>> {
        let Some(view) = self.views.get(rel.view()) else {
            let all = self.graph.rel_properties(rel).into_iter();
            return Ok(all.map(|(key, value)| (self.graph.names().key_text(key), value)).collect());
        };
        let mut keys = values::keys(self.evidence.seen(rel, Some(view)));
        keys.extend(["fact", "confidence", "evaluative"].map(Arc::from));
        self.all(keys, |key| self.rel_property(rel, key))
    }

    /// A property of a node as its view has it.
    pub(crate) fn node_property(&self, node: NodeRef, key: &str) -> Result<Value> {
        let of_graph = || self.graph.key(key).map_or(Value::Null, |key| self.graph.node_property(node, key));
        let Some(view) = self.views.get(node.view()) else { return Ok(of_graph()) };
        if self.has_label(node, "Literal") {
            return self.literal_property(node, key, view);
        }
        if OF_THE_DATASET.contains(&key) || OF_SOURCES.contains(&key) && self.has_label(node, "Source") {
            return Ok(of_graph());
        }
        match key {
            "start" | "end" => {
                let kinds = Kinds::of(self.graph, self.vocabulary, &[]);
                Ok(lives::of(&self.known(node.view()), &kinds, node).property(key))
            }
            "aliases" => {
                let main = self.graph.key("name").map(|key| self.graph.node_property(node, key));
                let names = self.evidence.names_seen(node, Some(view)).map(|(name, _)| Value::Str(name.name.clone()));
                let others: Vec<Value> = names.filter(|name| !same_text(main.as_ref(), name)).collect();
                if others.is_empty() { Ok(Value::Null) } else { Value::list(others) }
            }
            key if key.starts_with("name_") => {
                // the graph has the first name in that language; it is seen where a place in view uses it
                let stated = of_graph();
                let used = self
                    .evidence
                    .names_seen(node, Some(view))
                    .any(|(name, _)| matches!(&stated, Value::Str(s) if *s == name.name));
                Ok(if used { stated } else { Value::Null })
            }
            _ => Ok(Value::Null),
        }
    }

    /// All properties of a node as its view has them.
    pub(crate) fn node_properties(&self, node: NodeRef) -> Result<BTreeMap<Arc<str>, Value>> {
        let all = self.graph.node_properties(node).into_iter();
        let named = all.map(|(key, value)| (self.graph.names().key_text(key), value));
        if node.view() == 0 {
            return Ok(named.collect());
        }
        let mut keys: Vec<Arc<str>> = named.map(|(key, _)| key).collect();
        keys.extend(["start", "end"].map(Arc::from));
        self.all(keys, |key| self.node_property(node, key))
    }

    fn all(&self, keys: Vec<Arc<str>>, property: impl Fn(&str) -> Result<Value>) -> Result<BTreeMap<Arc<str>, Value>> {
        let mut all = BTreeMap::new();
        for key in keys {
            let value = property(&key)?;
            if !value.is_null() {
                all.insert(key, value);
            }
        }
        Ok(all)
    }

    /// Name, unit, bound and reading of a literal belong to the mentions that use it; a unit that stands in the words
    /// themselves belongs to the words.
    fn literal_property(&self, node: NodeRef, key: &str, view: &View) -> Result<Value> {
        let of_graph = |key: &str| self.graph.key(key).map_or(Value::Null, |key| self.graph.node_property(node, key));
        if !matches!(key, "name" | "unit" | "bound" | "edtf") {
            return Ok(of_graph(key));
        }
        let mut rels = Vec::new();
        self.graph.for_each_neighbour(node, Dir::In, &[], |rel, _| rels.push(rel));
        let stated = |key: &str, view: Option<&View>| {
            let mentions = rels.iter().flat_map(|rel| self.evidence.seen(*rel, view));
            Ok::<_, crate::error::Error>(self.evidence.pooled(mentions, key, "", self.vocabulary)?.value)
        };
        let in_words = key != "edtf" && stated("unit", None)?.is_null();
        match key {
            "unit" if in_words => Ok(of_graph(key)),
            "name" => {
                let text = |value: Value| if let Value::Str(text) = value { text } else { Arc::default() };
                let whole = text(of_graph("name"));
                let words = quantity::words_of(
                    &whole,
                    &text(of_graph("bound")),
                    &if in_words { Arc::default() } else { text(of_graph("unit")) },
                );
                let unit = if in_words { Arc::default() } else { text(stated("unit", Some(view))?) };
                let bound = text(stated("bound", Some(view))?);
                Ok(Value::from(quantity::in_words(words, &bound, &unit)))
            }
            key => stated(key, Some(view)),
        }
    }

    fn has_label(&self, node: NodeRef, name: &str) -> bool {
        self.graph.label(name).is_some_and(|label| self.graph.has_label(node, label))
    }
}

fn same_text(a: Option<&Value>, b: &Value) -> bool {
    matches!((a, b), (Some(Value::Str(a)), Value::Str(b)) if a == b)
}

/// `value` seen in the view of that number: the handles in it carry the number, unless they carry one already.
pub(crate) fn in_view(value: Value, view: u32) -> Result<Value> {
    Ok(match value {
        Value::Node(node) if node.view() == 0 => Value::Node(node.in_view(view)),
        Value::Rel(rel) if rel.view() == 0 => Value::Rel(rel.in_view(view)),
        Value::Path(path) => Value::Path(Arc::new(Path {
            nodes: path.nodes.iter().map(|n| if n.view() == 0 { n.in_view(view) } else { *n }).collect(),
            rels: path.rels.iter().map(|r| if r.view() == 0 { r.in_view(view) } else { *r }).collect(),
            cost: path.cost.clone(),
        })),
        Value::List(list) => {
            let items = list.items().iter().map(|item| in_view(item.clone(), view));
            Value::List(List::new(items.collect::<Result<_>>()?)?)
        }
        Value::Map(map) => {
            let entries = map.entries().iter().map(|(key, value)| Ok((key.clone(), in_view(value.clone(), view)?)));
            Value::Map(crate::value::Map::new(entries.collect::<Result<_>>()?)?)
        }
        other => other,
    })
}

/// Where two equal values become one, it sees what either saw.
pub(crate) fn join(kept: &mut Value, other: &Value, views: &mut Views) {
    match (&mut *kept, other) {
        (Value::Node(a), Value::Node(b)) if a.view() != b.view() => *a = a.in_view(views.union(a.view(), b.view())),
        (Value::Rel(a), Value::Rel(b)) if a.view() != b.view() => *a = a.in_view(views.union(a.view(), b.view())),
        (Value::Path(a), Value::Path(b)) => {
            let path = Arc::make_mut(a);
            for (a, b) in path.nodes.iter_mut().zip(&b.nodes) {
                *a = a.in_view(views.union(a.view(), b.view()));
            }
            for (a, b) in path.rels.iter_mut().zip(&b.rels) {
                *a = a.in_view(views.union(a.view(), b.view()));
            }
        }
        (Value::List(a), Value::List(b)) => {
            let mut items = a.items().to_vec();
            items.iter_mut().zip(b.items()).for_each(|(a, b)| join(a, b, views));
            if let Ok(list) = List::new(items) {
                *a = list;
            }
        }
        (Value::Map(a), Value::Map(b)) => {
            let mut entries = a.entries().clone();
            for (key, value) in &mut entries {
                if let Some(other) = b.get(key) {
                    join(value, other, views);
                }
            }
            if let Ok(map) = crate::value::Map::new(entries) {
                *a = map;
            }
        }
        _ => {}
    }
}
