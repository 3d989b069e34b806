//! Cytoscape JSON: `{"elements":{"nodes":[{"data":{…}}],"edges":[{"data":{…}}]}}`, as Cytoscape, cytoscape.js and networkx
//! read it.
//!
//! `id`, `source`, `target`, `label`, `name`, `value` and `kind` are Cytoscape's and ours; a property that would hide one
//! of them, or whose name Cytoscape refuses, gets `property_` in front, as often as it takes to be the only one. Values
//! without a JSON type are text.

use std::io::Write;
use std::sync::Arc;

use serde_json::{Map as Object, Value as Json, json};

use super::{Subgraph, Written, text};
use crate::engine::Entities;
use crate::value::Value;

const TAKEN: &[&str] =
    &["id", "source", "target", "parent", "label", "kind", "name", "value", "SUID", "shared name", "key"];

/// Writes the elements, one a line.
pub(crate) fn write(graph: &Subgraph, to: &mut dyn Write) -> Written {
    to.write_all(b"{\"data\":[],\"directed\":true,\"multigraph\":true,\"elements\":{\"nodes\":[")?;
    for (at, node) in graph.nodes.iter().enumerate() {
        let id = format!("n{}", node.id);
        let kind = node.labels.iter().map(|l| &**l).collect::<Vec<_>>().join(" ");
        let own = json!({ "id": id, "value": id, "name": text::caption(node), "kind": kind });
        element(at, own, &node.properties, to)?;
    }
    to.write_all(b"],\"edges\":[")?;
    for (at, rel) in graph.rels.iter().enumerate() {
        let [id, source, target] = [format!("e{}", rel.id), format!("n{}", rel.start), format!("n{}", rel.end)];
        // networkx tells parallel edges apart by `key`
        let own = json!({ "id": id, "key": rel.id, "source": source, "target": target, "label": &*rel.ty });
        element(at, own, &rel.properties, to)?;
    }
    to.write_all(b"]}}\n")?;
    Ok(())
}

fn element(at: usize, own: Json, properties: &[(Arc<str>, Value)], to: &mut dyn Write) -> Written {
    let mut data = if let Json::Object(own) = own { own } else { Object::new() };
    // keys that hide nothing first: the others make room for them
    let (plain, taken): (Vec<_>, Vec<_>) = properties.iter().partition(|(key, _)| !TAKEN.contains(&&**key));
    for (key, value) in plain.into_iter().chain(taken) {
        let mut name = key.to_string();
        while TAKEN.contains(&name.as_str()) || data.contains_key(&name) {
            name.insert_str(0, "property_");
        }
        data.insert(name, plainly(value));
    }
    to.write_all(if at > 0 { b",\n" } else { b"\n" })?;
    let text = serde_json::to_string(&json!({ "data": data })).unwrap_or_default();
    to.write_all(visible(&text).as_bytes())?;
    Ok(())
}

/// JSON in which nothing acts on a terminal: such characters stand in its strings only, where an escape means the same.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if super::safe::is_control(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

fn plainly(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => (*b).into(),
        Value::Int(n) => (*n).into(),
        Value::Str(text) => (**text).into(),
        Value::Float(x) if x.is_finite() => (*x).into(),
        other => text::cell(other, &Entities::default()).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::subgraph::hostile;

    #[test]
    fn it_is_json_with_every_node_and_edge() {
        let mut out = Vec::new();
        write(&hostile(), &mut out).expect("memory");
        let json: serde_json::Value = serde_json::from_slice(&out).expect("json");
        assert_eq!(json["elements"]["nodes"].as_array().map(Vec::len), Some(hostile().nodes.len()));
        assert_eq!(json["elements"]["edges"].as_array().map(Vec::len), Some(hostile().rels.len()));
        assert_eq!(json["elements"]["nodes"][2]["data"]["property_name"], "\"];evil[label=\"p");
        assert!(!out.iter().any(|b| *b < b' ' && *b != b'\n'), "nothing acts on a terminal");
    }
}
