//! GEXF 1.3: what Gephi reads. Values that GEXF has no type for are text.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use super::{Subgraph, Written, text, xml};
use crate::engine::Entities;
use crate::value::Value;

/// Writes a directed graph; the label of a node is its name, its kind stands in the attribute `kind`.
pub fn write(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let node_keys = keys(graph.nodes.iter().flat_map(|n| &n.properties));
    let rel_keys = keys(graph.rels.iter().flat_map(|r| &r.properties));
    to.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
    to.write_all(b"<gexf xmlns=\"http://gexf.net/1.3\" version=\"1.3\">\n<graph defaultedgetype=\"directed\">\n")?;
    to.write_all(b"<attributes class=\"node\"><attribute id=\"kind\" title=\"kind\" type=\"string\"/>")?;
    declare(&node_keys, to)?;
    to.write_all(b"</attributes>\n<attributes class=\"edge\">")?;
    declare(&rel_keys, to)?;
    to.write_all(b"</attributes>\n<nodes>\n")?;
    for node in &graph.nodes {
        let kind = node.labels.iter().map(|l| &**l).collect::<Vec<_>>().join(" ");
        write!(to, "<node id=\"{}\" label=\"{}\"><attvalues>", node.id, xml::escape(&text::caption(node)))?;
        write!(to, "<attvalue for=\"kind\" value=\"{}\"/>", xml::escape(&kind))?;
        write_values(&node_keys, &node.properties, to)?;
        to.write_all(b"</attvalues></node>\n")?;
    }
    to.write_all(b"</nodes>\n<edges>\n")?;
    for rel in &graph.rels {
        let ty = xml::escape(&rel.ty);
        // `kind` lets Gephi keep parallel edges of different types apart
        write!(to, "<edge id=\"{}\" source=\"{}\" target=\"{}\"", rel.id, rel.start, rel.end)?;
        write!(to, " label=\"{ty}\" kind=\"{ty}\"><attvalues>")?;
        write_values(&rel_keys, &rel.properties, to)?;
        to.write_all(b"</attvalues></edge>\n")?;
    }
    to.write_all(b"</edges>\n</graph>\n</gexf>\n")?;
    Ok(())
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

fn declare(keys: &BTreeMap<&str, &'static str>, to: &mut dyn Write) -> Written {
    for (at, (key, ty)) in keys.iter().enumerate() {
        write!(to, "<attribute id=\"a{at}\" title=\"{}\" type=\"{ty}\"/>", xml::escape(key))?;
    }
    Ok(())
}

fn write_values(keys: &BTreeMap<&str, &'static str>, pairs: &[(Arc<str>, Value)], to: &mut dyn Write) -> Written {
    let none = Entities::default();
    for (at, (key, _)) in keys.iter().enumerate() {
        if let Some((_, value)) = pairs.iter().find(|(k, _)| &**k == *key) {
            write!(to, "<attvalue for=\"a{at}\" value=\"{}\"/>", xml::escape(&text::cell(value, &none)))?;
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
        assert!(!text.chars().any(xml::forbidden));
    }
}
