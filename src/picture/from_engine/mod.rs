//! The bridge: what the engine answers as what pictures show. The only part of `picture` that knows the engine.

mod citations;
mod claims;
mod graph;
mod lineage;

pub use graph::graph;
pub use lineage::{Asked, lineage};

use crate::engine::NodeData;
use crate::value::Value;

/// A property as text; nothing when it is missing or null.
fn text(node: &NodeData, key: &str) -> Option<String> {
    node.properties.iter().find(|(k, _)| **k == *key).and_then(|(_, value)| plain(value))
}

/// A value in words.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Map(_) | Value::Node(_) | Value::Rel(_) | Value::Path(_) => None,
        Value::List(items) => Some(items.iter().filter_map(plain).collect::<Vec<_>>().join(", ")),
        other => crate::value::text::scalar(other),
    }
}

/// What a node is called: its name, a value with its unit, its id, its number.
fn caption(node: &NodeData) -> String {
    let value = || Some([text(node, "value")?, text(node, "unit").unwrap_or_default()].join(" ").trim().to_string());
    let named = text(node, "name").or_else(|| text(node, "title")).or_else(value).or_else(|| text(node, "id"));
    named.filter(|n| !n.trim().is_empty()).unwrap_or_else(|| format!("node {}", node.id))
}

/// Names in other languages: `name_kk` is Kazakh, `name_kk_latn` Kazakh in Latin letters.
fn names(node: &NodeData) -> Vec<(String, String)> {
    let tagged = node.properties.iter().filter_map(|(key, value)| {
        let tag = key.strip_prefix("name_").filter(|t| !t.is_empty())?;
        Some((tag.replace('_', "-"), plain(value)?))
    });
    tagged.collect()
}

/// The id of a node: as the dataset has it, else its number.
fn id(node: &NodeData) -> String {
    text(node, "id").unwrap_or_else(|| node.id.to_string())
}

/// The kind of a node: what it says itself, else its first telling label.
fn kind(node: &NodeData) -> String {
    text(node, "kind").unwrap_or_else(|| node.kind().to_owned())
}
