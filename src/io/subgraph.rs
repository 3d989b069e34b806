//! The part of a graph that is written out: nodes and relationships with their content, in order of id, and what
//! documents say of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::engine::{Engine, Further, NodeData, RelData, Rows, Snapshot, Told};
use crate::error::Result;
use crate::io::rdf;
use crate::provenance::{Mention, RelationType, ValueType};
use crate::value::Value;

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
    /// The whole graph of an engine. Errors: those of the store.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::io::Subgraph;
    ///
    /// let whole = Subgraph::whole(&shejire::Engine::builtin()?)?;
    /// assert_eq!(whole.rels.len(), 591);
    /// # Ok(())
    /// # }
    /// ```
    pub fn whole(engine: &Engine) -> Result<Self> {
        Self::of(&engine.snapshot()?)
    }

    /// The whole graph as a snapshot has it. Errors: a part of a stored graph cannot be read.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::io::Subgraph;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let before = engine.snapshot()?;
    /// engine.run("CREATE (:Ship)")?;
    /// assert!(Subgraph::of(&before)?.is_empty(), "as it was then");
    /// # Ok(())
    /// # }
    /// ```
    pub fn of(snapshot: &Snapshot) -> Result<Self> {
        let (nodes, rels) = snapshot.everything()?;
        Ok(Self { nodes, rels, told: snapshot.told()? })
    }

    /// All nodes and relationships that occur in an answer; ends of relationships that do not are fetched, as the snapshot
    /// has them. The answer to a `TRACE` names bodies: the relationships behind its steps come along. Errors: a part of a
    /// stored graph cannot be read.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::io::Subgraph;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Ship {name: 'Argo'})-[:SAILS_TO]->(:Port), (:Inn)")?;
    /// let snapshot = engine.snapshot()?;
    /// let rows = snapshot.run("MATCH ()-[r:SAILS_TO]->() RETURN r")?;
    /// let part = Subgraph::of_answer(&snapshot, &rows)?;
    /// assert_eq!((part.nodes.len(), part.rels.len()), (2, 1), "the ends come along, the inn does not");
    /// # Ok(())
    /// # }
    /// ```
    pub fn of_answer(snapshot: &Snapshot, rows: &Rows) -> Result<Self> {
        Self::of_rows(snapshot, rows, false)
    }

    /// The same with what its evidence names by ids, so that it can stand alone: entities in qualifiers and as the implicit
    /// agent, and the types that types are declared with.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::io::Subgraph;
    ///
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// let rows = snapshot.run("MATCH ()-[r:`transferred-to`]->() RETURN r")?;
    /// let bare = Subgraph::of_answer(&snapshot, &rows)?;
    /// let whole = Subgraph::of_answer_with_all_it_names(&snapshot, &rows)?;
    /// assert!(whole.nodes.len() > bare.nodes.len(), "with the ministry that a qualifier names");
    /// # Ok(())
    /// # }
    /// ```
    pub fn of_answer_with_all_it_names(snapshot: &Snapshot, rows: &Rows) -> Result<Self> {
        Self::of_rows(snapshot, rows, true)
    }

    fn of_rows(snapshot: &Snapshot, rows: &Rows, with_names: bool) -> Result<Self> {
        let mut nodes: BTreeMap<u64, NodeData> = rows.entities().nodes.values().map(|n| (n.id, n.clone())).collect();
        let mut rels: BTreeMap<u64, RelData> = rows.entities().rels.values().map(|r| (r.id, r.clone())).collect();
        if let Some(lineage) = rows.lineage() {
            let facts = lineage.steps().iter().flat_map(|step| &step.facts);
            rels.extend(facts.filter_map(|fact| lineage.seen().rel(fact.rel)).map(|rel| (rel.id, rel)));
        }
        let ends: BTreeSet<u64> = rels.values().flat_map(|rel| [rel.start, rel.end]).collect();
        for id in ends {
            if let Some(data) = snapshot.node_with_id(id).and_then(|node| snapshot.node(node)) {
                nodes.entry(id).or_insert(data);
            }
        }
        let mut told = snapshot.told()?;
        let types: BTreeSet<&str> = rels.values().map(|r| &*r.ty).collect();
        let labels = nodes.values().flat_map(|n| &n.labels).map(|label| &**label);
        let keys = nodes.values().flat_map(|n| &n.properties).map(|(key, _)| &**key);
        let named: BTreeSet<&str> = labels.chain(keys).collect();
        let from_rdf = |t: &RelationType| named.contains(&*t.name) && rdf::write::short_for(t).is_some();
        told.types.retain(|t| t.descent.is_some() || types.contains(&*t.name) || from_rdf(t));
        let from_rdf: BTreeSet<String> =
            told.types.iter().filter(|t| from_rdf(t)).map(|t| t.name.to_string()).collect();
        let mut types: BTreeSet<String> = rels.values().map(|r| r.ty.to_string()).collect();
        if with_names {
            let ids = ids_named(&told, &nodes, &rels);
            let ids = Value::list(ids.iter().map(|id| Value::str(&**id)).collect())?;
            let fetched = snapshot.query("MATCH (n) WHERE n.id IN $ids RETURN n").param("ids", ids).rows()?;
            nodes.extend(fetched.entities().nodes.values().map(|n| (n.id, n.clone())));
            told.types = snapshot.told()?.types;
            let mut open: Vec<String> = types.iter().cloned().collect();
            while let Some(name) = open.pop() {
                let Some(ty) = told.types.iter().find(|t| *t.name == *name) else { continue };
                let others = ty.contradicts.iter().chain(std::iter::once(&ty.inverse)).filter(|name| !name.is_empty());
                open.extend(others.filter(|name| types.insert(name.to_string())).map(|name| name.to_string()));
            }
        }
        told.keep(
            |id| nodes.contains_key(&id),
            |id| rels.contains_key(&id),
            |ty| types.contains(ty) || from_rdf.contains(ty),
        );
        Ok(Self { nodes: nodes.into_values().collect(), rels: rels.into_values().collect(), told })
    }

    /// Whether there is nothing to write.
    ///
    /// ```
    /// assert!(shejire::io::Subgraph::default().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.rels.is_empty()
    }

    /// All labels, each once, in order.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::io::Subgraph;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Ship), (:Port:Town)")?;
    /// assert_eq!(Subgraph::whole(&engine)?.labels().into_iter().collect::<Vec<_>>(), ["Port", "Ship", "Town"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn labels(&self) -> BTreeSet<&str> {
        self.nodes.iter().flat_map(|n| &n.labels).map(|l| &**l).collect()
    }

    /// All relationship types, each once, in order.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::io::Subgraph;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Ship)-[:SAILS_TO]->(:Port)")?;
    /// assert!(Subgraph::whole(&engine)?.types().contains("SAILS_TO"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn types(&self) -> BTreeSet<&str> {
        self.rels.iter().map(|r| &*r.ty).collect()
    }
}

/// The ids of entities that the evidence of these nodes and relationships names.
fn ids_named(told: &Told, nodes: &BTreeMap<u64, NodeData>, rels: &BTreeMap<u64, RelData>) -> BTreeSet<Arc<str>> {
    let mut named = BTreeSet::new();
    let declared = |key: &str| {
        told.further
            .iter()
            .any(|f| matches!(f, Further::Qualifier(q) if *q.key == *key && q.reading.ty == ValueType::Entity))
    };
    let mut take = |mention: &Mention| {
        for (key, value) in &mention.qualifiers {
            if declared(key) || crate::dataset::names_an_entity(key) {
                named.insert(value.clone());
            }
        }
    };
    let of_rels = told.rels.iter().filter(|(rel, _)| rels.contains_key(rel));
    of_rels.flat_map(|(_, mentions)| mentions).for_each(&mut take);
    for further in &told.further {
        let here = further.nodes().iter().all(|id| nodes.contains_key(id))
            && further.rels().iter().all(|id| rels.contains_key(id));
        match further {
            Further::Exists { mention, .. } | Further::Part { mention, .. } | Further::Either { mention, .. }
                if here =>
            {
                take(mention);
            }
            _ => {}
        }
    }
    let agents = told.further.iter().filter_map(|f| if let Further::Frame(frame) = f { Some(frame) } else { None });
    named.extend(agents.map(|frame| frame.implicit_agent.clone()).filter(|id| !id.is_empty()));
    named
}

/// A graph of hostile names and strings for the tests of the writers.
#[cfg(test)]
pub(crate) fn hostile() -> Subgraph {
    use crate::value::Value;
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
