//! GEXF 1.3: what Gephi reads. Values that GEXF has no type for are text.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use super::xml::Elements;
use super::{Subgraph, Written, text};
use crate::engine::Entities;
use crate::value::Value;

/// Writes a directed graph; the label of a node is its name, its kind stands in the attribute `kind`.
pub(crate) fn write(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let node_keys = keys(graph.nodes.iter().flat_map(|n| &n.properties));
    let rel_keys = keys(graph.rels.iter().flat_map(|r| &r.properties));
    let mut out = Elements::new(to)?;
    out.open("gexf", &[("xmlns", "http://gexf.net/1.3"), ("version", "1.3")])?;
    out.open("graph", &[("defaultedgetype", "directed")])?;
    out.line_end()?;
    out.open("attributes", &[("class", "node")])?;
    out.empty("attribute", &[("id", "kind"), ("title", "kind"), ("type", "string")])?;
    declare(&node_keys, &mut out)?;
    out.close("attributes")?;
    out.line_end()?;
    out.open("attributes", &[("class", "edge")])?;
    declare(&rel_keys, &mut out)?;
    out.close("attributes")?;
    out.line_end()?;
    out.open("nodes", &[])?;
    out.line_end()?;
    for node in &graph.nodes {
        let kind = node.labels.iter().map(|l| &**l).collect::<Vec<_>>().join(" ");
        out.open("node", &[("id", &node.id.to_string()), ("label", &text::caption(node))])?;
        out.open("attvalues", &[])?;
        out.empty("attvalue", &[("for", "kind"), ("value", &kind)])?;
        write_values(&node_keys, &node.properties, &mut out)?;
        out.close("attvalues")?;
        out.close("node")?;
        out.line_end()?;
    }
    out.close("nodes")?;
    out.open("edges", &[])?;
    out.line_end()?;
    for rel in &graph.rels {
        let [id, start, end] = [rel.id, rel.start, rel.end].map(|id| id.to_string());
        // `kind` lets Gephi keep parallel edges of different types apart
        let told = [("id", &*id), ("source", &*start), ("target", &*end), ("label", &*rel.ty), ("kind", &*rel.ty)];
        out.open("edge", &told)?;
        out.open("attvalues", &[])?;
        write_values(&rel_keys, &rel.properties, &mut out)?;
        out.close("attvalues")?;
        out.close("edge")?;
        out.line_end()?;
    }
    out.close("edges")?;
    out.close("graph")?;
    out.close("gexf")?;
    Ok(out.line_end()?)
}

/// Each key with its type: the one all its values share, else text.
fn keys<'a>(pairs: impl Iterator<Item = &'a (Arc<str>, Value)>) -> BTreeMap<&'a str, &'static str> {
    let mut keys: BTreeMap<&str, &'static str> = BTreeMap::new();
    for (key, value) in pairs {
        let ty = match value {
            Value::Bool(_) => "boolean",
            Value::Int(_) => "long",
            Value::Float(_) => "double",
            _ => "string",
        };
        let known = keys.entry(key).or_insert(ty);
        if *known != ty {
            *known = "string";
        }
    }
    keys
}

fn declare(keys: &BTreeMap<&str, &'static str>, out: &mut Elements<'_>) -> Written {
    for (at, (key, ty)) in keys.iter().enumerate() {
        out.empty("attribute", &[("id", &format!("a{at}")), ("title", key), ("type", ty)])?;
    }
    Ok(())
}

fn write_values(keys: &BTreeMap<&str, &'static str>, pairs: &[(Arc<str>, Value)], out: &mut Elements<'_>) -> Written {
    let none = Entities::default();
    for (at, (key, _)) in keys.iter().enumerate() {
        if let Some((_, value)) = pairs.iter().find(|(k, _)| &**k == *key) {
            out.empty("attvalue", &[("for", &format!("a{at}")), ("value", &text::cell(value, &none))])?;
        }
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
        let mut reader = quick_xml::Reader::from_str(&text);
        while !matches!(reader.read_event().expect("well formed"), quick_xml::events::Event::Eof) {}
        assert!(!text.chars().any(crate::io::xml::forbidden));
    }
}
