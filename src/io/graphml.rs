//! GraphML: what networkx, igraph and yEd read, and what we read back without loss.
//!
//! Labels stand in the data key `labels` (`:A:B`, a back-tick doubled inside back-ticks), types in `label`, as Neo4j's
//! own export has it. A property key whose values are all of one simple type is declared with that type; any other
//! value is text in our JSON encoding, under a key whose `attr.name` ends in [`JSON_MARK`]. Labels, types and keys with
//! characters that XML cannot hold stand as JSON under keys of their own ([`LABELS`], [`LABEL`], [`PROPERTIES`]).

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use super::{Subgraph, Written, json, xml};
use crate::engine::Entities;
use crate::value::Value;

/// Ends the name of a key whose values are text in our JSON encoding.
pub const JSON_MARK: &str = "|json";

/// The id of the key for labels as a JSON array.
pub const LABELS: &str = "labels.json";
/// The id of the key for a type as a JSON string.
pub const LABEL: &str = "label.json";
/// The ids of the keys for properties as a JSON object: of nodes, of relationships.
pub const PROPERTIES: [&str; 2] = ["properties.json", "properties.json.edge"];

/// The data keys: where they stand, name and type, with the id each is declared under.
type Keys<'a> = BTreeMap<(&'static str, &'a str, &'static str), String>;

/// Writes a directed graph.
pub fn write(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let keys = keys(graph);
    to.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
    to.write_all(b"<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n")?;
    for ((side, name, ty), id) in &keys {
        let (name, mark) = (xml::escape(name), if *ty == "json" { JSON_MARK } else { "" });
        let ty = if *ty == "json" { "string" } else { ty };
        writeln!(to, "<key id=\"{id}\" for=\"{side}\" attr.name=\"{name}{mark}\" attr.type=\"{ty}\"/>")?;
    }
    to.write_all(b"<key id=\"labels\" for=\"node\" attr.name=\"labels\" attr.type=\"string\"/>\n")?;
    to.write_all(b"<key id=\"label\" for=\"edge\" attr.name=\"label\" attr.type=\"string\"/>\n")?;
    for (id, side) in [(LABELS, "node"), (LABEL, "edge"), (PROPERTIES[0], "node"), (PROPERTIES[1], "edge")] {
        if awkward(graph, id) {
            writeln!(to, "<key id=\"{id}\" for=\"{side}\" attr.name=\"{id}\" attr.type=\"string\"/>")?;
        }
    }
    to.write_all(b"<graph id=\"G\" edgedefault=\"directed\">\n")?;
    for node in &graph.nodes {
        if node.labels.iter().any(|label| has_forbidden(label)) {
            let labels = Value::list(node.labels.iter().map(|label| Value::Str(label.clone())).collect())?;
            write!(to, "<node id=\"n{}\"><data key=\"{LABELS}\">{}</data>", node.id, json_text(&labels))?;
        } else {
            let labels: String = node.labels.iter().map(|l| format!(":{}", super::cypher::name(l))).collect();
            write!(to, "<node id=\"n{}\"><data key=\"labels\">{}</data>", node.id, xml::escape(&labels))?;
        }
        write_data(&keys, "node", &node.properties, to)?;
        to.write_all(b"</node>\n")?;
    }
    for rel in &graph.rels {
        write!(to, "<edge id=\"e{}\" source=\"n{}\" target=\"n{}\">", rel.id, rel.start, rel.end)?;
        match has_forbidden(&rel.ty) {
            true => write!(to, "<data key=\"{LABEL}\">{}</data>", json_text(&Value::Str(rel.ty.clone())))?,
            false => write!(to, "<data key=\"label\">{}</data>", xml::escape(&rel.ty))?,
        }
        write_data(&keys, "edge", &rel.properties, to)?;
        to.write_all(b"</edge>\n")?;
    }
    to.write_all(b"</graph>\n</graphml>\n")?;
    Ok(())
}

fn keys(graph: &Subgraph) -> Keys<'_> {
    let mut keys = Keys::new();
    let nodes = graph.nodes.iter().flat_map(|n| &n.properties).map(|p| ("node", p));
    let rels = graph.rels.iter().flat_map(|r| &r.properties).map(|p| ("edge", p));
    for (side, (key, value)) in nodes.chain(rels).filter(|(_, (key, _))| !is_awkward(key)) {
        keys.insert((side, &**key, type_of(value)), String::new());
    }
    for (at, id) in keys.values_mut().enumerate() {
        *id = format!("d{at}");
    }
    keys
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Int(_) => "long",
        Value::Float(x) if x.is_finite() => "double",
        Value::Str(text) if !has_forbidden(text) => "string",
        _ => "json",
    }
}

fn has_forbidden(text: &str) -> bool {
    text.chars().any(xml::forbidden)
}

/// Whether a property's key cannot stand as the name of a data key: XML forbids it, or it reads as our own mark.
fn is_awkward(key: &str) -> bool {
    has_forbidden(key) || key.ends_with(JSON_MARK)
}

/// Whether the key of this id is needed.
fn awkward(graph: &Subgraph, id: &str) -> bool {
    let keys = |properties: &[(Arc<str>, Value)]| properties.iter().any(|(key, _)| is_awkward(key));
    match id {
        LABELS => graph.nodes.iter().flat_map(|n| &n.labels).any(|label| has_forbidden(label)),
        LABEL => graph.rels.iter().any(|r| has_forbidden(&r.ty)),
        id if id == PROPERTIES[0] => graph.nodes.iter().any(|n| keys(&n.properties)),
        _ => graph.rels.iter().any(|r| keys(&r.properties)),
    }
}

/// A value as JSON fit for XML: what neither JSON nor we escape, and XML forbids, is escaped too.
fn json_text(value: &Value) -> String {
    let mut out = String::new();
    json::write_value(&mut out, value, &Entities::default());
    xml::escape(&out.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff"))
}

fn write_data(keys: &Keys<'_>, side: &'static str, pairs: &[(Arc<str>, Value)], to: &mut dyn Write) -> Written {
    for (key, value) in pairs.iter().filter(|(key, _)| !is_awkward(key)) {
        let ty = type_of(value);
        let Some(id) = keys.get(&(side, &**key, ty)) else { continue };
        match value {
            Value::Str(text) if ty == "string" => write!(to, "<data key=\"{id}\">{}</data>", xml::escape(text))?,
            other => write!(to, "<data key=\"{id}\">{}</data>", json_text(other))?,
        }
    }
    let rest: Vec<_> = pairs.iter().filter(|(key, _)| is_awkward(key)).cloned().collect();
    if !rest.is_empty() {
        let id = PROPERTIES[usize::from(side == "edge")];
        write!(to, "<data key=\"{id}\">{}</data>", json_text(&Value::map(rest)?))?;
    }
    Ok(())
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
