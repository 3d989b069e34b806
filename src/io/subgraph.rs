//! The part of a graph that is written out: nodes and relationships with their content, in order of id, and what
//! documents say of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{Engine, NodeData, RelData, Rows, Told};
use crate::error::Result;
use crate::io::rdf;
use crate::provenance::RelationType;
use crate::value::Value;

/// Columns that say that rows are the answer to a `TRACE`.
const TRACED: [&str; 4] = ["step", "from", "to", "what"];
/// Whatever lies between some nodes; of it the types with a part in a lineage are kept.
const LINEAGE: &str = "MATCH (a)-[r]->(b) WHERE id(a) IN $ids AND id(b) IN $ids RETURN r";

/// Nodes and relationships to be written. Every end of a relationship is among the nodes; both are in order of id.
#[derive(Clone, Debug, Default)]
pub struct Subgraph {
    /// The nodes.
    pub nodes: Vec<NodeData>,
    /// The relationships.
    pub rels: Vec<RelData>,
    /// Evidence and vocabulary, of what is here.
    pub told: Told,
}

impl Subgraph {
    /// The whole graph of an engine.
    pub fn whole(engine: &Engine) -> Result<Self> {
        let (nodes, rels) = engine.everything()?;
        Ok(Self { nodes, rels, told: engine.told() })
    }

    /// All nodes and relationships that occur in an answer; ends of relationships that do not are fetched. The answer to
    /// a `TRACE` names bodies only: the relationships that carry the lineage between them come along.
    pub fn of_answer(engine: &Engine, rows: &Rows) -> Result<Self> {
        let mut nodes: BTreeMap<u64, NodeData> = rows.entities().nodes.values().map(|n| (n.id, n.clone())).collect();
        let mut rels: BTreeMap<u64, RelData> = rows.entities().rels.values().map(|r| (r.id, r.clone())).collect();
        let mut fetch = |text: &str, ids: BTreeSet<u64>| -> Result<()> {
            let ids = ids.into_iter().filter_map(|id| i64::try_from(id).ok()).map(Value::Int).collect();
            let fetched = engine.query(text).param("ids", Value::list(ids)?).rows()?;
            nodes.extend(fetched.entities().nodes.values().map(|n| (n.id, n.clone())));
            rels.extend(fetched.entities().rels.values().map(|r| (r.id, r.clone())));
            Ok(())
        };
        if TRACED.iter().all(|column| rows.columns().iter().any(|c| **c == **column)) {
            fetch(LINEAGE, rows.entities().nodes.values().map(|n| n.id).collect())?;
        }
        let ends = rows.entities().rels.values().flat_map(|r| [r.start, r.end]).collect();
        fetch("MATCH (n) WHERE id(n) IN $ids RETURN n", ends)?;
        let mut told = engine.told();
        let types: BTreeSet<&str> = rels.values().map(|r| &*r.ty).collect();
        let labels = nodes.values().flat_map(|n| &n.labels).map(|label| &**label);
        let keys = nodes.values().flat_map(|n| &n.properties).map(|(key, _)| &**key);
        let named: BTreeSet<&str> = labels.chain(keys).collect();
        let from_rdf = |t: &RelationType| named.contains(&*t.name) && rdf::write::short_for(t).is_some();
        told.types.retain(|t| t.descent.is_some() || types.contains(&*t.name) || from_rdf(t));
        let from_rdf: BTreeSet<String> =
            told.types.iter().filter(|t| from_rdf(t)).map(|t| t.name.to_string()).collect();
        let traced: BTreeSet<&str> = told.types.iter().filter(|t| t.descent.is_some()).map(|t| &*t.name).collect();
        let occurring: BTreeSet<u64> = rows.entities().rels.values().map(|r| r.id).collect();
        rels.retain(|id, rel| occurring.contains(id) || traced.contains(&*rel.ty));
        let types: BTreeSet<String> = rels.values().map(|r| r.ty.to_string()).collect();
        told.keep(
            |id| nodes.contains_key(&id),
            |id| rels.contains_key(&id),
            |ty| types.contains(ty) || from_rdf.contains(ty),
        );
        Ok(Self { nodes: nodes.into_values().collect(), rels: rels.into_values().collect(), told })
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
    Subgraph { rels: rels.collect(), nodes, told: Told::default() }
}
