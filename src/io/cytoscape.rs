//! Cytoscape JSON: `{"elements":{"nodes":[{"data":{…}}],"edges":[{"data":{…}}]}}`.
//!
//! `id`, `source`, `target`, `label` and `kind` are Cytoscape's and ours; a property that would hide one of them, or
//! whose name Cytoscape refuses, gets `property_` in front. Values without a JSON type are text.

use std::io::Write;
use std::sync::Arc;

use super::json::{write_array, write_string, write_value};
use super::{Subgraph, Written, text};
use crate::engine::Entities;
use crate::value::Value;

const TAKEN: &[&str] = &["id", "source", "target", "parent", "label", "kind", "name", "SUID", "shared name"];

/// Writes the elements.
pub fn write(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let mut out = String::from("{\"elements\":{\"nodes\":");
    write_array(&mut out, graph.nodes.iter(), |out, node| {
        out.push_str(&format!("\n{{\"data\":{{\"id\":\"n{}\",\"name\":", node.id));
        write_string(out, &text::caption(node));
        out.push_str(",\"kind\":");
        write_string(out, &node.labels.iter().map(|l| &**l).collect::<Vec<_>>().join(" "));
        write_properties(out, &node.properties);
        out.push_str("}}");
    });
    out.push_str(",\"edges\":");
    write_array(&mut out, graph.rels.iter(), |out, rel| {
        out.push_str(&format!("\n{{\"data\":{{\"id\":\"e{}\",\"source\":\"n{}\"", rel.id, rel.start));
        out.push_str(&format!(",\"target\":\"n{}\",\"label\":", rel.end));
        write_string(out, &rel.ty);
        write_properties(out, &rel.properties);
        out.push_str("}}");
    });
    out.push_str("}}\n");
    to.write_all(out.as_bytes())?;
    Ok(())
}

fn write_properties(out: &mut String, pairs: &[(Arc<str>, Value)]) {
    let none = Entities::default();
    for (key, value) in pairs {
        out.push(',');
        let taken = TAKEN.contains(&&**key);
        write_string(out, &if taken { format!("property_{key}") } else { key.to_string() });
        out.push(':');
        match value {
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Str(_) => write_value(out, value, &none),
            Value::Float(x) if x.is_finite() => write_value(out, value, &none),
            other => write_string(out, &text::cell(other, &none)),
        }
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
    }
}
