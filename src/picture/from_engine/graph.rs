//! Nodes and relationships of an answer as a node-link picture.

use std::collections::HashMap;

use super::citations::{Fact, Identity, Shelf};
use super::{caption, kind, names, plain};
use crate::engine::{Evidence, NodeData, RelData, Snapshot};
use crate::picture::node_link::{Node, NodeLink, Relation};
use crate::picture::style::{Style, words};
use crate::provenance::Mode;
use crate::value::Value;

/// The graph of these nodes and relationships (each end among the nodes), captions in the style's first language; with
/// the places behind them, as the snapshot knows them, when the style asks for citations.
///
/// ```
/// use shejire::picture::{Style, graph, node_link_svg};
///
/// # fn main() -> shejire::Result<()> {
/// let snapshot = shejire::Engine::builtin()?.snapshot()?;
/// let court = snapshot.entity("Constitutional Court")?.content();
/// let picture = graph(&snapshot, &[court], &[], "The court", "", &Style::default());
/// assert!(node_link_svg(&picture, &Style::default()).contains("Constitutional Court"));
/// # Ok(())
/// # }
/// ```
pub fn graph(
    snapshot: &Snapshot,
    nodes: &[NodeData],
    rels: &[RelData],
    title: &str,
    query: &str,
    style: &Style,
) -> NodeLink {
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
        cite(snapshot, &mut out, nodes, rels, &place);
    }
    out
}

fn cite(snapshot: &Snapshot, out: &mut NodeLink, nodes: &[NodeData], rels: &[RelData], place: &HashMap<u64, usize>) {
    let mut shelf = Shelf::new(snapshot);
    let is_drawn = |rel: &&RelData| place.contains_key(&rel.start) && place.contains_key(&rel.end);
    let mut drawn: Vec<(u64, usize)> = rels.iter().filter(is_drawn).zip(0..).map(|(rel, at)| (rel.id, at)).collect();
    drawn.sort_unstable();
    for (id, at) in drawn {
        let Some(rel) = snapshot.rel_with_id(id) else { continue };
        let link = &out.links[at];
        let name = |at: usize| out.nodes[at].caption.as_str();
        let words = format!("{} {} {}", name(link.from), words(&link.link_type), name(link.to));
        let ends = snapshot.seen().ends(rel);
        let (subject, object) = (ends.map(|ends| ends.0), ends.map(|ends| ends.1));
        let identity = Identity { kind: link.link_type.clone(), subject, object };
        // a place that denies it, or that fits several facts, does not stand behind this one
        let stands =
            |place: &Evidence| !place.either && place.mention.as_ref().is_none_or(|said| said.mode != Mode::Denies);
        let places: Vec<Evidence> = snapshot.evidence(rel).into_iter().filter(stands).collect();
        out.links[at].citations = shelf.evidence(&places, &Fact { identity, words }, true);
    }
    let mut named: Vec<(u64, usize)> = nodes.iter().map(|node| (node.id, place[&node.id])).collect();
    named.sort_unstable();
    for (id, at) in named {
        let Some(node) = snapshot.node_with_id(id) else { continue };
        let fact = Fact::name(node, &out.nodes[at].caption);
        out.nodes[at].citations = shelf.evidence(&snapshot.evidence(node), &fact, false);
    }
    out.citations = shelf.cites;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;
    use crate::picture::node_link_svg;

    #[test]
    fn a_place_that_denies_a_fact_does_not_stand_behind_it() {
        let engine = Engine::in_memory();
        for text in [
            "CREATE (:court {name: 'A'})-[:T]->(:court {name: 'B'})",
            "CALL source.put({id: 'm'})",
            "CALL source.put({id: 'n'})",
            "MATCH ()-[r]->() CALL evidence.add(r, {locator: 'm:1'})",
            "MATCH ()-[r]->() CALL evidence.add(r, {locator: 'n:1', mode: 'denies'})",
        ] {
            engine.run(text).expect(text);
        }
        let (nodes, rels) = engine.everything().expect("in memory");
        let style = Style { citations: true, ..Style::default() };
        let graph = graph(&engine.snapshot().expect("in memory"), &nodes, &rels, "", "", &style);
        let cited: Vec<String> = graph.links[0].citations.iter().map(|at| graph.citations[*at].place()).collect();
        assert_eq!(cited, ["m:1"]);
    }

    #[test]
    fn an_answer_is_drawn_with_its_places() {
        let engine = Engine::builtin().expect("the built-in dataset");
        let rows = engine.run("MATCH (a)-[r:`transformed-into`]->(b) RETURN a, r, b").expect("an answer");
        let nodes: Vec<NodeData> = rows.entities().nodes.values().cloned().collect();
        let rels: Vec<RelData> = rows.entities().rels.values().cloned().collect();
        let style = Style { citations: true, ..Style::default() };
        let snapshot = engine.snapshot().expect("in memory");
        let graph = graph(&snapshot, &nodes, &rels, "What became what", "MATCH …", &style);
        assert!(graph.links.iter().all(|l| !l.citations.is_empty()));
        let svg = node_link_svg(&graph, &style);
        assert!(svg.contains("National Kurultai") && svg.contains("001:22.1"));
    }
}
