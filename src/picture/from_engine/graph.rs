//! Nodes and relationships of an answer as a node-link picture.

use std::collections::HashMap;

use super::citations::{Fact, Shelf};
use super::{caption, kind, names, plain};
use crate::engine::{Engine, NodeData, RelData};
use crate::error::Result;
use crate::picture::node_link::{Node, NodeLink, Relation};
use crate::picture::style::{Style, words};
use crate::value::Value;

/// The graph of these nodes and relationships (each end among the nodes), captions in the style's first language; with
/// the places behind them when the style asks for citations.
///
/// # Errors
/// Those of the engine, when it is asked for the evidence.
pub fn graph(
    engine: &Engine,
    nodes: &[NodeData],
    rels: &[RelData],
    title: &str,
    query: &str,
    style: &Style,
) -> Result<NodeLink> {
    let place: HashMap<u64, usize> = nodes.iter().enumerate().map(|(at, n)| (n.id, at)).collect();
    let properties = |list: &[(std::sync::Arc<str>, Value)]| {
        list.iter().filter_map(|(key, value)| Some((key.to_string(), plain(value)?))).collect::<Vec<_>>()
    };
    let node = |data: &NodeData| {
        let (name, names) = (caption(data), names(data));
        let (shown, others) = style.caption(&name, &names);
        Node {
            id: data.id.to_string(),
            caption: shown.to_string(),
            kind: kind(data),
            lines: others.into_iter().map(str::to_string).collect(),
            properties: properties(&data.properties),
            citations: Vec::new(),
        }
    };
    let relation = |data: &RelData| {
        Some(Relation {
            from: *place.get(&data.start)?,
            to: *place.get(&data.end)?,
            link_type: data.ty.to_string(),
            label: data.ty.to_string(),
            properties: properties(&data.properties),
            citations: Vec::new(),
        })
    };
    let mut out = NodeLink {
        title: title.to_string(),
        query: Some(query.to_string()).filter(|q| !q.is_empty()),
        nodes: nodes.iter().map(node).collect(),
        links: rels.iter().filter_map(relation).collect(),
        clusters: false,
        ..NodeLink::default()
    };
    if style.citations {
        cite(engine, &mut out, nodes, rels, &place)?;
    }
    Ok(out)
}

fn cite(
    engine: &Engine,
    out: &mut NodeLink,
    nodes: &[NodeData],
    rels: &[RelData],
    place: &HashMap<u64, usize>,
) -> Result<()> {
    let mut shelf = Shelf::new(engine);
    let ids = |all: &mut dyn Iterator<Item = u64>| {
        Value::list(all.filter_map(|id| i64::try_from(id).ok()).map(Value::Int).collect())
    };
    let drawn: HashMap<u64, usize> = rels
        .iter()
        .filter(|r| place.contains_key(&r.start) && place.contains_key(&r.end))
        .zip(0..)
        .map(|(r, at)| (r.id, at))
        .collect();
    let facts = "MATCH ()-[r]->() WHERE id(r) IN $ids RETURN id(r) AS id, evidence(r) AS e ORDER BY id";
    for row in engine.query(facts).param("ids", ids(&mut rels.iter().map(|r| r.id))?).rows()?.iter() {
        let (Some(Value::Int(id)), Some(evidence)) = (row.get("id"), row.get("e")) else { continue };
        if let Some(at) = u64::try_from(*id).ok().and_then(|id| drawn.get(&id)) {
            let link = &out.links[*at];
            let name = |at: usize| out.nodes[at].caption.as_str();
            let said = format!("{} {} {}", name(link.from), words(&link.link_type), name(link.to));
            let fact = Fact { kind: link.link_type.clone(), words: said };
            out.links[*at].citations = shelf.evidence(evidence, &fact, true);
        }
    }
    let named = "MATCH (n) WHERE id(n) IN $ids RETURN id(n) AS id, evidence(n) AS e ORDER BY id";
    for row in engine.query(named).param("ids", ids(&mut nodes.iter().map(|n| n.id))?).rows()?.iter() {
        let (Some(Value::Int(id)), Some(evidence)) = (row.get("id"), row.get("e")) else { continue };
        if let Some(at) = u64::try_from(*id).ok().and_then(|id| place.get(&id)) {
            out.nodes[*at].citations = shelf.evidence(evidence, &Fact::name(&out.nodes[*at].caption), false);
        }
    }
    out.citations = shelf.cites;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::node_link_svg;

    #[test]
    fn an_answer_is_drawn_with_its_places() {
        let engine = Engine::builtin().expect("the built-in dataset");
        let rows = engine.run("MATCH (a)-[r:`transformed-into`]->(b) RETURN a, r, b").expect("an answer");
        let nodes: Vec<NodeData> = rows.entities().nodes.values().cloned().collect();
        let rels: Vec<RelData> = rows.entities().rels.values().cloned().collect();
        let style = Style { citations: true, ..Style::default() };
        let graph = graph(&engine, &nodes, &rels, "What became what", "MATCH …", &style).expect("a graph");
        assert!(graph.links.iter().all(|l| !l.citations.is_empty()));
        let svg = node_link_svg(&graph, &style);
        assert!(svg.contains("National Kurultai") && svg.contains("001:22.1"));
    }
}
