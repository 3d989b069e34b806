//! GraphML: what networkx, igraph and yEd read, and what we read back without loss, also after they wrote it again.
//!
//! Labels stand in the data key `labels` (`:A:B`, a back-tick doubled inside back-ticks), types in `label`, as Neo4j's
//! own export has it. No two keys of nodes, and no two of edges, have the same name. A property whose values are all of one
//! simple type is declared with it; one of several types stands as `double` (numbers) or as text, and once more exactly
//! (see `super::exact`) in the key [`PROPERTIES`]. What GraphML has no type for is text in our JSON encoding under
//! a key whose `attr.name` ends in [`JSON_MARK`]; the empty text too, because programs that cannot leave a value out write
//! an empty text for it. Labels, types and keys with characters that XML cannot hold, and keys that mean something
//! themselves, stand as JSON under keys of their own ([`LABELS`], [`LABEL`], [`PROPERTIES`]). Edges have no ids: other
//! programs would make data of them.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use super::exact::Plain;
use super::xml::{self, Elements};
use super::{Subgraph, Written, json};
use crate::engine::Entities;
use crate::value::Value;

/// Ends the name of a key whose values are text in our JSON encoding.
pub(crate) const JSON_MARK: &str = "|json";

/// The id of the key for labels as a JSON array.
pub(crate) const LABELS: &str = "labels.json";
/// The id of the key for a type as a JSON string.
pub(crate) const LABEL: &str = "label.json";
/// The ids of the keys for properties as a JSON object: of nodes, of relationships.
pub(crate) const PROPERTIES: [&str; 2] = ["properties.json", "properties.json.edge"];

/// What is written of nodes, or of edges.
struct Side<'g> {
    element: &'static str,
    /// The id of the key for exact properties.
    exact: &'static str,
    /// The data keys by name, with the id each is declared under.
    keys: BTreeMap<&'g str, Key>,
    /// The property keys that need the mark, with the id each is declared under.
    json: BTreeMap<&'g str, String>,
    /// Some properties stand exactly.
    any_exact: bool,
}

/// One data key.
struct Key {
    id: String,
    ty: &'static str,
    /// The values are of several types.
    mixed: Option<Plain>,
}

/// Writes a directed graph.
pub(crate) fn write(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let nodes = Side::of(false, graph.nodes.iter().map(|n| n.properties.as_slice()), 0);
    let first = nodes.keys.len() + nodes.json.len();
    let edges = Side::of(true, graph.rels.iter().map(|r| r.properties.as_slice()), first);
    let mut out = Elements::new(to)?;
    out.open("graphml", &[("xmlns", "http://graphml.graphdrawing.org/xmlns")])?;
    out.line_end()?;
    nodes.declare(&mut out)?;
    edges.declare(&mut out)?;
    declare(&mut out, "labels", "node", "labels", "string")?;
    declare(&mut out, "label", "edge", "label", "string")?;
    if graph.nodes.iter().flat_map(|n| &n.labels).any(|label| has_forbidden(label)) {
        declare(&mut out, LABELS, "node", LABELS, "string")?;
    }
    if graph.rels.iter().any(|r| is_odd_type(&r.ty)) {
        declare(&mut out, LABEL, "edge", LABEL, "string")?;
    }
    out.open("graph", &[("id", "G"), ("edgedefault", "directed")])?;
    out.line_end()?;
    for node in &graph.nodes {
        out.open("node", &[("id", &format!("n{}", node.id))])?;
        if node.labels.iter().any(|label| has_forbidden(label)) {
            let labels = Value::list(node.labels.iter().map(|label| Value::Str(label.clone())).collect())?;
            datum(&mut out, LABELS, &json_text(&labels))?;
        } else {
            let labels: String = node.labels.iter().map(|l| format!(":{}", super::cypher::name(l))).collect();
            datum(&mut out, "labels", &labels)?;
        }
        nodes.write(&node.properties, &mut out)?;
        out.close("node")?;
        out.line_end()?;
    }
    for rel in &graph.rels {
        let ends = [rel.start, rel.end].map(|id| format!("n{id}"));
        out.open("edge", &[("source", &ends[0]), ("target", &ends[1])])?;
        match is_odd_type(&rel.ty) {
            true => datum(&mut out, LABEL, &json_text(&Value::Str(rel.ty.clone())))?,
            false => datum(&mut out, "label", &rel.ty)?,
        }
        edges.write(&rel.properties, &mut out)?;
        out.close("edge")?;
        out.line_end()?;
    }
    out.close("graph")?;
    out.close("graphml")?;
    Ok(out.line_end()?)
}

fn declare(out: &mut Elements<'_>, id: &str, side: &str, name: &str, ty: &str) -> Written {
    out.empty("key", &[("id", id), ("for", side), ("attr.name", name), ("attr.type", ty)])?;
    Ok(out.line_end()?)
}

fn datum(out: &mut Elements<'_>, key: &str, text: &str) -> Written {
    Ok(out.text("data", &[("key", key)], text)?)
}

impl<'g> Side<'g> {
    /// The keys that these properties need; ids are numbers from `first` on.
    fn of(edges: bool, all: impl Iterator<Item = &'g [(Arc<str>, Value)]>, first: usize) -> Self {
        let mut side = Self {
            element: if edges { "edge" } else { "node" },
            exact: PROPERTIES[usize::from(edges)],
            keys: BTreeMap::new(),
            json: BTreeMap::new(),
            any_exact: false,
        };
        for (key, value) in all.flatten() {
            if side.is_awkward(key) {
                side.any_exact = true;
                continue;
            }
            let Some(ty) = type_of(value) else {
                side.json.entry(key).or_default();
                continue;
            };
            let known = side.keys.entry(key).or_insert(Key { id: String::new(), ty, mixed: None });
            if known.ty != ty {
                let numbers = |ty| matches!(ty, "long" | "double");
                let number = numbers(ty) && numbers(known.ty) && known.mixed != Some(Plain::Text);
                known.mixed = Some(if number { Plain::Number } else { Plain::Text });
                known.ty = if number { "double" } else { "string" };
                side.any_exact = true;
            }
        }
        let ids = side.keys.values_mut().map(|key| &mut key.id).chain(side.json.values_mut());
        (first..).zip(ids).for_each(|(at, id)| *id = format!("d{at}"));
        side
    }

    /// Whether a property's key cannot stand as the name of a data key: XML forbids it, or readers take it for
    /// something else.
    fn is_awkward(&self, key: &str) -> bool {
        let taken: &[&str] =
            if self.element == "edge" { &["label", "labelE", LABEL] } else { &["labels", "labelV", LABELS] };
        let ours = key.ends_with(JSON_MARK) || PROPERTIES.contains(&key);
        key.is_empty() || ours || taken.contains(&key) || has_forbidden(key)
    }

    fn declare(&self, out: &mut Elements<'_>) -> Written {
        for (name, key) in &self.keys {
            declare(out, &key.id, self.element, name, key.ty)?;
        }
        for (name, id) in &self.json {
            declare(out, id, self.element, &format!("{name}{JSON_MARK}"), "string")?;
        }
        if self.any_exact {
            declare(out, self.exact, self.element, self.exact, "string")?;
        }
        Ok(())
    }

    fn write(&self, properties: &[(Arc<str>, Value)], out: &mut Elements<'_>) -> Written {
        let mut exact = Vec::new();
        for (name, value) in properties {
            if self.is_awkward(name) {
                exact.push((Arc::clone(name), value.clone()));
                continue;
            }
            let Some(ty) = type_of(value) else {
                if let Some(id) = self.json.get(&**name) {
                    datum(out, id, &json_text(value))?;
                }
                continue;
            };
            let Some(key) = self.keys.get(&**name) else { continue };
            let plain = match key.mixed {
                Some(mixed) if ty != key.ty => {
                    exact.push((Arc::clone(name), value.clone()));
                    mixed.of(value)
                }
                _ => value.clone(),
            };
            match &plain {
                Value::Str(text) => datum(out, &key.id, text)?,
                other => datum(out, &key.id, &json_text(other))?,
            }
        }
        if !exact.is_empty() {
            datum(out, self.exact, &json_text(&Value::map(exact)?))?;
        }
        Ok(())
    }
}

/// The type that GraphML has for a value.
fn type_of(value: &Value) -> Option<&'static str> {
    match value {
        Value::Bool(_) => Some("boolean"),
        Value::Int(_) => Some("long"),
        Value::Float(x) if x.is_finite() => Some("double"),
        Value::Str(text) if !text.is_empty() && !has_forbidden(text) => Some("string"),
        _ => None,
    }
}

/// Whether XML has no way to write a text, or other programs lose a part of it: they write carriage returns that readers
/// take for line feeds.
fn has_forbidden(text: &str) -> bool {
    text.chars().any(|c| c == '\r' || xml::forbidden(c))
}

/// Whether a type cannot stand as text: XML forbids it, or readers take it for none.
fn is_odd_type(ty: &str) -> bool {
    ty.is_empty() || has_forbidden(ty)
}

/// A value as JSON fit for XML: what neither JSON nor XML escapes, and XML forbids, is escaped too.
fn json_text(value: &Value) -> String {
    let mut out = String::new();
    json::write_value(&mut out, value, &Entities::default());
    out.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::subgraph::hostile;

    #[test]
    fn hostile_text_leaves_the_document_well_formed() {
        let mut out = Vec::new();
        write(&hostile(), &mut out).expect("memory");
        let text = String::from_utf8(out).expect("text");
        assert!(!text.chars().any(xml::forbidden));
        let mut reader = quick_xml::Reader::from_str(&text);
        let mut nodes = 0;
        loop {
            match reader.read_event().expect("well formed") {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Start(tag) => nodes += usize::from(tag.name().as_ref() == "node"),
                _ => {}
            }
        }
        assert_eq!(nodes, hostile().nodes.len());
    }
}
