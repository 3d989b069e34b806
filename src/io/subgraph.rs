//! The part of a graph that is written out: nodes and relationships with their content, in order of id.

use std::collections::BTreeSet;

use crate::engine::{Engine, NodeData, RelData, Rows};
use crate::error::Result;
use crate::value::Value;

/// Nodes and relationships to be written. Every end of a relationship is among the nodes; both are in order of id.
#[derive(Clone, Debug, Default)]
pub struct Subgraph {
    /// The nodes.
    pub nodes: Vec<NodeData>,
    /// The relationships.
    pub rels: Vec<RelData>,
}

impl Subgraph {
    /// The whole graph of an engine.
    pub fn whole(engine: &Engine) -> Result<Self> {
        let (nodes, rels) = engine.snapshot()?;
        Ok(Self { nodes, rels })
    }

    /// All nodes and relationships that occur in an answer; ends of relationships that do not are fetched.
    pub fn of_answer(engine: &Engine, rows: &Rows) -> Result<Self> {
        let mut graph = Self {
            nodes: rows.entities().nodes.values().cloned().collect(),
            rels: rows.entities().rels.values().cloned().collect(),
        };
        let known: BTreeSet<u64> = graph.nodes.iter().map(|n| n.id).collect();
        let missing: BTreeSet<u64> =
            graph.rels.iter().flat_map(|r| [r.start, r.end]).filter(|id| !known.contains(id)).collect();
        if !missing.is_empty() {
            let ids = missing.iter().filter_map(|id| i64::try_from(*id).ok()).map(Value::Int).collect();
            let fetched =
                engine.query("MATCH (n) WHERE id(n) IN $ids RETURN n").param("ids", Value::list(ids)?).rows()?;
            graph.nodes.extend(fetched.entities().nodes.values().cloned());
        }
        graph.nodes.sort_by_key(|n| n.id);
        graph.rels.sort_by_key(|r| r.id);
        Ok(graph)
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.rels.is_empty()
    }

    /// All labels, each once, in order.
    pub fn labels(&self) -> BTreeSet<&str> {
        self.nodes.iter().flat_map(|n| &n.labels).map(|l| &**l).collect()
    }

    /// All relationship types, each once, in order.
    pub fn types(&self) -> BTreeSet<&str> {
        self.rels.iter().map(|r| &*r.ty).collect()
    }
}

/// A graph of hostile names and strings for the tests of the writers.
#[cfg(test)]
pub(crate) fn hostile() -> Subgraph {
    let texts = [
        "plain",
        "",
        "\"];evil[label=\"p",
        "a\\",
        "\\N\\G\\l",
        "two\nlines\r\n",
        "<b>&amp;]]></b><!--",
        "</script><img src=x onerror=alert(1)>",
        "'; DETACH DELETE n //",
        "x\"] --> E[\"y",
        "click A \"javascript:alert(1)\"",
        "%%{init: {}}%%",
        "end",
        "`` ` ``",
        "${x} /* */ $$",
        "құрылтай 日本 👩‍⚖️",
        "\u{1b}[2J\u{202e}\u{2028}\u{0}\u{fffe}",
    ];
    let pair = |key: &str, text: &str| (key.into(), Value::from(text));
    let nodes = texts.iter().enumerate().map(|(at, text)| NodeData {
        id: at as u64 + 1,
        labels: vec![(*text).into()],
        properties: vec![pair("name", text), pair(text, text)],
    });
    let nodes: Vec<NodeData> = nodes.collect();
    let rels = texts.iter().enumerate().map(|(at, text)| RelData {
        id: at as u64 + 1,
        ty: (*text).into(),
        start: at as u64 + 1,
        end: (at as u64 + 1) % texts.len() as u64 + 1,
        properties: vec![pair(text, text)],
    });
    Subgraph { rels: rels.collect(), nodes }
}
