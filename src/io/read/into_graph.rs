//! What was read becomes part of a graph: keys are resolved, names interned once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::batch::{Batch, Cells, Keys};
use super::facts::{self, Fact, Facts};
pub use super::joining::Found;
use super::joining::{self, Joining};
use super::{Beside, Declared, Key, NodeKey, Properties, Sink};
use crate::engine::{Further, KnowledgeGraph};
use crate::error::{Error, Result};
use crate::graph::{BulkValue, Graph, KeyId, LabelId, RelTypeId};
use crate::provenance::{Claim, Conflict, Mention, Place, Source, SourceId};
use crate::value::hash::DataMap;
use crate::value::{NodeRef, RelRef, Value};

/// Takes nodes and relationships into a graph.
pub struct IntoGraph<'g> {
    to: &'g mut KnowledgeGraph,
    known: Known,
    labels: DataMap<Arc<str>, LabelId>,
    keys: DataMap<Arc<str>, KeyId>,
    types: DataMap<Arc<str>, RelTypeId>,
    /// Relationships below this slot were there before.
    first_rel: u32,
}

/// Which node has which key, over all files of an import.
#[derive(Debug, Default)]
pub struct Known {
    spaces: HashMap<Arc<str>, Space>,
    rels: Rels,
    /// Nodes taken.
    pub nodes: u64,
    /// Relationships taken.
    pub relationships: u64,
    /// What stands beside the graph: sources, mentions, declarations, conflicts.
    pub told: u64,
    /// What was not taken, and how often, in the order of the alphabet.
    pub passed_over: BTreeMap<String, u64>,
    /// What was there already.
    pub found: Found,
    /// What else is to be said at the end.
    pub notes: Vec<String>,
    joining: Joining,
    /// Relationships that are said to be there, by what they say.
    facts: Option<Facts>,
}

#[derive(Debug, Default)]
struct Rels {
    ints: DataMap<i64, RelRef>,
    texts: DataMap<Box<str>, RelRef>,
}

/// The nodes of one key space. Numbers that lie close together are kept in a list, the others in a table.
#[derive(Debug, Default)]
struct Space {
    /// Slot by number; [`NOBODY`] where there is none.
    dense: Vec<u32>,
    ints: DataMap<i64, u32>,
    texts: DataMap<Box<str>, u32>,
    count: usize,
}

/// The property that says which place in a list a relationship is for.
const POSITION: &str = "position";
const NOBODY: u32 = u32::MAX;
/// The list may be this many times as long as there are nodes, and at least [`SMALL_LIST`].
const LIST_ROOM: usize = 4;
const SMALL_LIST: usize = 1 << 16;

impl Space {
    fn get(&self, key: Key<'_>) -> Option<u32> {
        match key {
            Key::Int(n) => match usize::try_from(n).ok().and_then(|n| self.dense.get(n)) {
                Some(&slot) if slot != NOBODY => Some(slot),
                _ if self.ints.is_empty() => None,
                _ => self.ints.get(&n).copied(),
            },
            Key::Text(text) => self.texts.get(text).copied(),
        }
    }

    /// Gives the key to a node; false when somebody has it.
    fn claim(&mut self, key: Key<'_>, slot: u32) -> bool {
        if self.get(key).is_some() {
            return false;
        }
        self.count += 1;
        match key {
            Key::Int(n) => match usize::try_from(n) {
                Ok(n) if n < self.dense.len() => self.dense[n] = slot,
                Ok(n) if n < SMALL_LIST.max(self.count * LIST_ROOM) => {
                    let len = (n + 1).max(self.dense.len() * 2).min(SMALL_LIST.max(self.count * LIST_ROOM));
                    self.dense.resize(len, NOBODY);
                    self.dense[n] = slot;
                }
                _ => drop(self.ints.insert(n, slot)),
            },
            Key::Text(text) => drop(self.texts.insert(text.into(), slot)),
        }
        true
    }
}

impl Known {
    fn get(&self, key: NodeKey<'_>) -> Option<NodeRef> {
        self.spaces.get(key.space)?.get(key.key).map(NodeRef::new)
    }

    fn space(&mut self, name: &str) -> &mut Space {
        if !self.spaces.contains_key(name) {
            self.spaces.insert(name.into(), Space::default());
        }
        self.spaces.entry(name.into()).or_default()
    }

    fn rel(&self, key: Key<'_>) -> Result<RelRef> {
        let rel = match key {
            Key::Int(n) => self.rels.ints.get(&n),
            Key::Text(text) => self.rels.texts.get(text),
        };
        let nobody = || match key {
            Key::Int(n) => Error::data(format!("there is no relationship {n}")),
            Key::Text(text) => Error::data(format!("there is no relationship {text:?}")),
        };
        rel.copied().ok_or_else(nobody)
    }
}

impl<'g> IntoGraph<'g> {
    /// A sink on a graph; keys are resolved among the nodes that `known` has seen.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::io::read::{IntoGraph, Key, Known, NodeKey, Sink};
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let key = |n| NodeKey { space: "ships", key: Key::Int(n) };
    /// engine.change(|knowledge| {
    ///     let mut sink = IntoGraph::new(knowledge, Known::default());
    ///     sink.node(Some(key(1)), &["Ship".into()], vec![("name".into(), "Argo".into())])?;
    ///     sink.node(Some(key(2)), &["Port".into()], Vec::new())?;
    ///     sink.rel(None, &"SAILS_TO".into(), key(1), key(2), Vec::new())
    /// })?;
    /// assert_eq!(engine.run("MATCH (:Ship)-[:SAILS_TO]->(:Port) RETURN 1")?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(to: &'g mut KnowledgeGraph, known: Known) -> Self {
        let first_rel = to.graph.rel_bound();
        let (labels, keys, types) = Default::default();
        Self { to, known, labels, keys, types, first_rel }
    }

    /// From here on a node whose value of this property another one has is that node: its labels are added, its values
    /// take the place of those that are there. A relationship that says the same as one that was there before is that one.
    /// Without a property, everything is new.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::io::read::{IntoGraph, Known, Sink};
    ///
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Ship {id: 'argo', tons: 80})")?;
    /// engine.change(|knowledge| {
    ///     let mut sink = IntoGraph::new(knowledge, Known::default());
    ///     sink.join_on(Some("id"));
    ///     sink.node(None, &["Ship".into()], vec![("id".into(), "argo".into()), ("tons".into(), 90.into())])
    /// })?;
    /// assert_eq!(engine.run("MATCH (s:Ship) RETURN s.tons AS tons")?.get(0).unwrap().get::<i64>("tons")?, 90);
    /// # Ok(())
    /// # }
    /// ```
    pub fn join_on(&mut self, property: Option<&str>) {
        self.known.joining.on(property, &self.to.graph);
    }

    /// The same for a dataset, some of whose nodes have no id: one that stands for a document alone is that of the
    /// document, a literal the one that says the same.
    pub(crate) fn join_dataset(&mut self, property: &str) {
        self.known.joining.on_dataset(property, &self.to.graph);
    }

    /// What was seen so far.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::io::read::{IntoGraph, Known, Sink};
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let taken = engine.change(|knowledge| {
    ///     let mut sink = IntoGraph::new(knowledge, Known::default());
    ///     sink.node(None, &["Ship".into()], Vec::new())?;
    ///     Ok(sink.known().nodes)
    /// })?;
    /// assert_eq!(taken, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// How many nodes did not have the property that tells nodes apart: they are new ones.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::io::read::{IntoGraph, Known, Sink};
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let nameless = engine.change(|knowledge| {
    ///     let mut sink = IntoGraph::new(knowledge, Known::default());
    ///     sink.join_on(Some("id"));
    ///     sink.node(None, &["Ship".into()], Vec::new())?;
    ///     Ok(sink.without())
    /// })?;
    /// assert_eq!(nameless, 1, "it has no id to be told apart by");
    /// # Ok(())
    /// # }
    /// ```
    pub fn without(&self) -> u64 {
        self.known.joining.without()
    }

    /// Learns something that is to be said at the end.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::io::read::{IntoGraph, Known};
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let known = engine.change(|knowledge| {
    ///     let mut sink = IntoGraph::new(knowledge, Known::default());
    ///     sink.note("the last column is of another century");
    ///     Ok(sink.finish())
    /// })?;
    /// assert_eq!(known.notes.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn note(&mut self, what: &str) {
        self.known.notes.push(what.to_owned());
    }

    /// What was seen, for the next sink.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::io::ReadAs;
    /// use shejire::io::read::{IntoGraph, Known};
    ///
    /// // what one file calls a node, the next may mean by the same key
    /// let engine = shejire::Engine::in_memory();
    /// let known = engine.change(|knowledge| {
    ///     let mut known = Known::default();
    ///     for table in ["id:ID,name\n1,Argo\n2,Iolcus\n", ":START_ID,:END_ID,:TYPE\n1,2,SAILS_TO\n"] {
    ///         let mut sink = IntoGraph::new(knowledge, known);
    ///         ReadAs::Tables.read(Box::new(table.as_bytes()), "table.csv", None, &mut sink, &mut Err)?;
    ///         known = sink.finish();
    ///     }
    ///     Ok(known)
    /// })?;
    /// assert_eq!((known.nodes, known.relationships), (2, 1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn finish(self) -> Known {
        self.known
    }

    /// The node that a key means: one that was read, or one that was there.
    fn end(&self, key: NodeKey<'_>) -> Result<NodeRef> {
        let found = match self.known.get(key) {
            Some(node) => Some(node),
            None => self.known.joining.end(key, &self.to.graph)?,
        };
        found.ok_or_else(|| Error::data(format!("there is no node {}", shown(key))))
    }

    /// The node that is there already, if there is one.
    fn there(&mut self, labels: &[Arc<str>], properties: &Properties) -> Result<Option<NodeRef>> {
        let found = self.known.joining.node(properties, labels, &self.to.graph)?;
        self.known.found.nodes += u64::from(found.is_some());
        Ok(found)
    }

    /// Gives a node that is there what a record says of it.
    fn renew(&mut self, node: NodeRef, labels: &[Arc<str>], properties: Properties) -> Result<()> {
        for label in labels {
            let label = self.label(label)?;
            self.to.graph.add_label(node, label)?;
        }
        for (key, value) in self.properties(properties)? {
            let known = self.to.graph.node_property(node, key);
            if !value.is_null() && !same(&known, &value) {
                self.to.graph.set_node_property(node, key, value)?;
                self.known.found.changed += u64::from(!known.is_null());
            }
        }
        Ok(())
    }

    /// What a relationship says, with its place in a list.
    fn placed(&self) -> impl Fn(RelRef) -> Fact {
        let graph = &self.to.graph;
        let position = graph.key(POSITION);
        move |rel| {
            let (ty, start, end, _) = joining::fact(graph, rel);
            let place = position.map(|key| graph.rel_property(rel, key));
            (ty, start, end, if let Some(Value::Int(n)) = place { Some(n) } else { None })
        }
    }

    /// The relationships said to be there; at first, those the graph has.
    fn facts(&mut self) -> Facts {
        self.known.facts.take().unwrap_or_else(|| {
            let mut facts = Facts::default();
            let said_by = self.placed();
            for rel in facts::all(&self.to.graph) {
                if facts.find(said_by(rel), &said_by).is_none() {
                    facts.add(rel, &said_by);
                }
            }
            facts
        })
    }

    fn label(&mut self, name: &Arc<str>) -> Result<LabelId> {
        ensure(&mut self.labels, name, |name| self.to.graph.ensure_label(name))
    }

    fn key(&mut self, name: &Arc<str>) -> Result<KeyId> {
        ensure(&mut self.keys, name, |name| self.to.graph.ensure_key(name))
    }

    fn ty(&mut self, name: &Arc<str>) -> Result<RelTypeId> {
        ensure(&mut self.types, name, |name| self.to.graph.ensure_type(name))
    }

    fn label_ids(&mut self, labels: &[Arc<str>]) -> Result<Vec<LabelId>> {
        labels.iter().map(|label| self.label(label)).collect()
    }

    fn properties(&mut self, properties: Properties) -> Result<Vec<(KeyId, Value)>> {
        properties.into_iter().map(|(name, value)| Ok((self.key(&name)?, value))).collect()
    }

    fn source(&self, id: &str) -> Result<SourceId> {
        self.to.evidence.source_id(id).ok_or_else(|| Error::data(format!("there is no source {id:?}")))
    }

    /// Nodes from `from` on, up to the first whose key somebody has.
    fn nodes(&mut self, batch: &Batch, from: usize) -> std::result::Result<(), (usize, Error)> {
        let at = |error| (from, error);
        let mut sets = Vec::with_capacity(batch.kinds.len());
        for labels in &batch.kinds {
            let ids = self.label_ids(labels).map_err(at)?;
            sets.push(self.to.graph.bulk_labels(&ids));
        }
        let first = self.to.graph.node_bound();
        let mut upto = batch.len();
        let mut twice = None;
        let space = self.known.space(&batch.keys.space);
        for row in from..batch.len() {
            let Some(key) = batch.keys.get(row) else { continue };
            if !space.claim(key.key, first + (row - from) as u32) {
                (upto, twice) = (row, Some(Error::data(format!("there are two nodes {}", shown(key)))));
                break;
            }
        }
        let sets: Vec<u32> = batch.kind_of[from..upto].iter().map(|&kind| sets[kind as usize]).collect();
        self.to.graph.bulk_nodes(&sets).map_err(at)?;
        self.known.nodes += sets.len() as u64;
        self.columns(batch, from..upto, first).map_err(at)?;
        twice.map_or(Ok(()), |error| Err((upto, error)))
    }

    /// Relationships from `from` on, up to the first with an end that nobody has.
    fn rels(&mut self, batch: &Batch, from: usize) -> std::result::Result<(), (usize, Error)> {
        let at = |error| (from, error);
        let mut types = Vec::with_capacity(batch.kinds.len());
        for ty in batch.kinds.iter().filter_map(|kind| kind.first()) {
            types.push(self.ty(ty).map_err(at)?);
        }
        let mut ends = Vec::with_capacity(batch.len() - from);
        let mut nobody = None;
        let [starts, targets] = [&batch.keys, &batch.ends].map(|keys| Ends::new(&self.known, keys));
        for row in from..batch.len() {
            match (starts.get(row), targets.get(row)) {
                (Some(start), Some(end)) => ends.push((start, end)),
                (None, _) => nobody = batch.keys.get(row),
                _ => nobody = batch.ends.get(row),
            }
            if nobody.is_some() {
                break;
            }
        }
        let upto = from + ends.len();
        let ty = |row: usize| types[batch.kind_of[from + row] as usize];
        let first = self.to.graph.bulk_rels(&ends, ty).map_err(at)?;
        self.known.relationships += ends.len() as u64;
        self.columns(batch, from..upto, first).map_err(at)?;
        nobody.map_or(Ok(()), |key| Err((upto, Error::data(format!("there is no node {}", shown(key))))))
    }

    fn columns(&mut self, batch: &Batch, rows: std::ops::Range<usize>, first: u32) -> Result<()> {
        for column in &batch.columns {
            let key = self.key(&column.name)?;
            let slot = |row: usize| first + (row - rows.start) as u32;
            let present = rows.clone().filter(|&row| column.present[row]);
            let graph = &mut self.to.graph;
            let rels = batch.relationships;
            match &column.cells {
                Cells::Ints(ints) => put(graph, rels, key, present.map(|row| (slot(row), BulkValue::Int(ints[row])))),
                Cells::Texts(text, ends) => {
                    let value = |row| BulkValue::Text(Cells::text(text, ends, row));
                    put(graph, rels, key, present.map(|row| (slot(row), value(row))))
                }
                Cells::Values(values) => {
                    put(graph, rels, key, present.map(|row| (slot(row), BulkValue::Value(&values[row]))))
                }
            }?;
        }
        Ok(())
    }
}

impl IntoGraph<'_> {
    /// What is said again of a relationship: its properties join those it has.
    fn said_again(&mut self, rel: RelRef, properties: Vec<(KeyId, Value)>) -> Result<()> {
        self.known.found.relationships += u64::from(rel.0 < self.first_rel);
        for (key, value) in properties {
            let known = self.to.graph.rel_property(rel, key);
            let value = joined(known.clone(), value)?;
            if !same(&known, &value) {
                self.to.graph.set_rel_property(rel, key, value)?;
            }
        }
        Ok(())
    }
}

fn put<'a>(
    graph: &mut Graph,
    rels: bool,
    key: KeyId,
    values: impl Iterator<Item = (u32, BulkValue<'a>)>,
) -> Result<()> {
    match rels {
        false => graph.bulk_node_values(key, values),
        true => graph.bulk_rel_values(key, values),
    }
}

/// The ends of relationships in one column of keys, looked up without asking for the space each time.
struct Ends<'a> {
    keys: &'a Keys,
    space: Option<&'a Space>,
}

impl<'a> Ends<'a> {
    fn new(known: &'a Known, keys: &'a Keys) -> Self {
        Self { keys, space: known.spaces.get(&keys.space) }
    }

    fn get(&self, row: usize) -> Option<u32> {
        self.space?.get(self.keys.get(row)?.key)
    }
}

fn ensure<T: Copy>(
    known: &mut DataMap<Arc<str>, T>,
    name: &Arc<str>,
    make: impl FnOnce(&str) -> Result<T>,
) -> Result<T> {
    if let Some(id) = known.get(name) {
        return Ok(*id);
    }
    let id = make(name)?;
    known.insert(Arc::clone(name), id);
    Ok(id)
}

impl Sink for IntoGraph<'_> {
    fn node(&mut self, key: Option<NodeKey<'_>>, labels: &[Arc<str>], properties: Properties) -> Result<()> {
        if let Some(key) = key
            && self.known.get(key).is_some()
        {
            return Err(Error::data(format!("there are two nodes {}", shown(key))));
        }
        let node = match self.there(labels, &properties)? {
            Some(node) => {
                self.renew(node, labels, properties)?;
                node
            }
            None => {
                // who is found by the key need not be found by the property
                let by_key = match key {
                    Some(NodeKey { space: "", key: Key::Text(text) }) => self.known.joining.says(&properties, text),
                    _ => false,
                };
                let labels = self.label_ids(labels)?;
                let properties = self.properties(properties)?;
                let told = (self.known.joining.is_on() && !by_key).then(|| properties.clone());
                let node = self.to.graph.create_node(&labels, properties)?;
                if let Some(properties) = told {
                    self.known.joining.made(node, &properties, &self.to.graph);
                }
                self.known.nodes += 1;
                node
            }
        };
        if let Some(NodeKey { space, key }) = key {
            self.known.space(space).claim(key, node.0);
        }
        Ok(())
    }

    fn more(&mut self, key: NodeKey<'_>, labels: &[Arc<str>], properties: Properties) -> Result<()> {
        let node = match self.known.get(key) {
            Some(node) => node,
            None => match self.there(labels, &properties)? {
                Some(node) => {
                    self.known.space(key.space).claim(key.key, node.0);
                    node
                }
                None => return self.node(Some(key), labels, properties),
            },
        };
        for label in labels {
            let label = self.label(label)?;
            self.to.graph.add_label(node, label)?;
        }
        for (name, value) in properties {
            let key = self.key(&name)?;
            let known = self.to.graph.node_property(node, key);
            let value = joined(known.clone(), value)?;
            if !same(&known, &value) {
                self.to.graph.set_node_property(node, key, value)?;
            }
        }
        Ok(())
    }

    fn rel(
        &mut self,
        key: Option<Key<'_>>,
        ty: &Arc<str>,
        start: NodeKey<'_>,
        end: NodeKey<'_>,
        properties: Properties,
    ) -> Result<()> {
        let (start, end) = (self.end(start)?, self.end(end)?);
        let ty = self.ty(ty)?;
        let properties = self.properties(properties)?;
        let before = self.known.joining.rel((ty, start.0, end.0, None), &properties, &self.to.graph);
        let rel = match before {
            Some(rel) => {
                self.known.found.relationships += 1;
                rel
            }
            None => {
                self.known.relationships += 1;
                self.to.graph.create_rel(start, end, ty, properties)?
            }
        };
        match key {
            Some(Key::Int(n)) => drop(self.known.rels.ints.insert(n, rel)),
            Some(Key::Text(text)) => drop(self.known.rels.texts.insert(text.into(), rel)),
            None => {}
        }
        Ok(())
    }

    fn beside(&mut self, what: Beside<'_>) -> Result<()> {
        let full = || Error::data("there is no room for more evidence");
        self.known.told += 1;
        match what {
            Beside::Source(source) => {
                let known = self.to.evidence.source_id(&source.id).and_then(|id| self.to.evidence.source(id));
                let node = known.and_then(|source| source.node);
                self.to.evidence_mut().add_source(Source { node, ..source }).ok_or_else(full)?;
            }
            Beside::StandsFor { source, node } => {
                let node = Some(self.end(node)?);
                let id = self.source(source)?;
                if let Some(known) = self.to.evidence.source(id).cloned() {
                    self.to.evidence_mut().add_source(Source { node, ..known });
                }
            }
            Beside::Place { node, source, at } => {
                let (node, source) = (self.end(node)?, self.source(source)?);
                self.to.evidence_mut().add_place(node, Place { source, at });
            }
            Beside::Mention { rel, source, mention } => {
                let (rel, source) = (self.known.rel(rel)?, self.source(source)?);
                let mention = Mention { place: Place { source, ..mention.place }, ..mention };
                let again = rel.0 < self.first_rel && self.to.evidence.has_mention(rel, &mention);
                if !again {
                    self.to.evidence_mut().add_mention(rel, mention).ok_or_else(full)?;
                }
            }
            Beside::Type(ty) => self.to.vocabulary_mut().declare(ty),
            Beside::Further { what, sources, nodes, rels } => {
                let sources: Vec<SourceId> = sources.iter().map(|s| self.source(s)).collect::<Result<_>>()?;
                let nodes: Vec<NodeRef> = nodes.into_iter().map(|n| self.end(n)).collect::<Result<_>>()?;
                let rels: Vec<RelRef> = rels.into_iter().map(|r| self.known.rel(r)).collect::<Result<_>>()?;
                self.further(what, &sources, &nodes, &rels)?.ok_or_else(full)?;
            }
            Beside::Conflict { conflict, sides: [a, b] } => {
                let claim = |(rel, sources): (Key<'_>, Vec<Arc<str>>)| {
                    let sources = sources.iter().map(|s| self.source(s)).collect::<Result<_>>()?;
                    Ok::<_, Error>(Claim { rel: self.known.rel(rel)?, sources })
                };
                let (id, kind) = (conflict.id.clone(), conflict.kind.clone());
                let (topic, note) = (conflict.topic.clone(), conflict.note.clone());
                let conflict = Conflict { id, kind, topic, note, sides: [claim(a)?, claim(b)?] };
                if !self.to.vocabulary.conflicts.contains(&conflict) {
                    self.to.vocabulary_mut().conflicts.push(conflict);
                }
            }
        }
        Ok(())
    }

    fn rel_once(
        &mut self,
        ty: &Arc<str>,
        start: NodeKey<'_>,
        end: NodeKey<'_>,
        position: Option<i64>,
        mut properties: Properties,
    ) -> Result<()> {
        let ends = (self.end(start)?, self.end(end)?);
        let ty = self.ty(ty)?;
        properties.extend(position.map(|position| (POSITION.into(), Value::Int(position))));
        let properties = self.properties(properties)?;
        let mut facts = self.facts();
        let found = facts.find((ty, ends.0.0, ends.1.0, position), self.placed());
        let taken = match found {
            Some(rel) => self.said_again(rel, properties),
            None => self.to.graph.create_rel(ends.0, ends.1, ty, properties).map(|rel| {
                self.known.relationships += 1;
                facts.add(rel, self.placed());
            }),
        };
        self.known.facts = Some(facts);
        taken
    }

    fn knows_rel(&mut self, ty: &Arc<str>, start: NodeKey<'_>, end: NodeKey<'_>) -> bool {
        let (Ok(start), Ok(end), Some(ty)) = (self.end(start), self.end(end), self.to.graph.rel_type(ty)) else {
            return false;
        };
        let facts = self.facts();
        let found = facts.find((ty, start.0, end.0, None), self.placed());
        self.known.facts = Some(facts);
        found.is_some()
    }

    fn declared(&self) -> Vec<Declared> {
        self.to.vocabulary.types().iter().map(|ty| (Arc::clone(&ty.name), ty.terms.clone())).collect()
    }

    fn numbers(&self, space: &str) -> bool {
        self.known.spaces.get(space).is_some_and(|space| space.count > 0 && space.texts.is_empty())
    }

    fn knows(&self, key: NodeKey<'_>) -> bool {
        self.known.get(key).is_some() || matches!(self.known.joining.end(key, &self.to.graph), Ok(Some(_)))
    }

    fn told_apart_by(&mut self, property: &str) {
        if !self.known.joining.is_on() {
            self.join_on(Some(property));
        }
    }

    fn passed_over(&mut self, what: &str, count: u64) {
        *self.known.passed_over.entry(what.to_owned()).or_default() += count;
    }

    fn batch(&mut self, batch: &Batch, from: usize) -> std::result::Result<(), (usize, Error)> {
        match (self.to.graph.is_bulk() && !self.known.joining.is_on(), batch.relationships) {
            (false, _) => batch.each_from(from, self),
            (true, false) => self.nodes(batch, from),
            (true, true) => self.rels(batch, from),
        }
    }
}

impl IntoGraph<'_> {
    /// Takes what is known beside places and mentions; nothing when there is no room, or it is about nothing.
    fn further(
        &mut self,
        what: Further,
        sources: &[SourceId],
        nodes: &[NodeRef],
        rels: &[RelRef],
    ) -> Result<Option<()>> {
        let from = |mention: Mention| {
            let source = sources.first().copied()?;
            Some(Mention { place: Place { source, ..mention.place }, ..mention })
        };
        let evidence = self.to.evidence_mut();
        let node = nodes.first().copied();
        Ok(match (what, node) {
            (Further::Name { mut name, .. }, Some(node)) => {
                for (place, source) in name.places.iter_mut().chain(&mut name.stated_at).zip(sources) {
                    place.source = *source;
                }
                evidence.add_name(node, name)
            }
            (Further::Exists { mention, .. }, Some(node)) => {
                from(mention).and_then(|mention| evidence.add_exists(node, mention)).map(drop)
            }
            (Further::Part { event, relation, side, mention, .. }, Some(node)) => {
                from(mention).and_then(|m| evidence.add_part(&event, &relation, side, node, m)).map(drop)
            }
            (Further::Either { mention, .. }, _) => from(mention).and_then(|m| evidence.add_either(rels, m)).map(drop),
            (Further::Qualifier(qualifier), _) => {
                self.to.vocabulary_mut().declare_qualifier(qualifier);
                Some(())
            }
            (Further::Frame(frame), _) => {
                self.to.vocabulary_mut().frame = frame;
                Some(())
            }
            (Further::Name { .. } | Further::Exists { .. } | Further::Part { .. }, None) => {
                return Err(Error::data("the evidence is about no node"));
            }
        })
    }
}

/// Two values of one property: the second joins the first unless it is there.
pub(super) fn joined(old: Value, new: Value) -> Result<Value> {
    let new = match (&old, new) {
        (Value::Null, new) => return Ok(new),
        (_, Value::List(items)) => items.into_items(),
        (_, new) => vec![new],
    };
    let single = !matches!(old, Value::List(_));
    let mut all = match old {
        Value::List(items) => items.into_items(),
        old => vec![old],
    };
    for value in new {
        if !all.iter().any(|known| same(known, &value)) {
            all.push(value);
        }
    }
    match (single, all.len()) {
        (true, 1) => Ok(all.remove(0)),
        _ => Value::list(all),
    }
}

/// Whether two values are the same to the last bit of their text; `1` and `1.0` are not.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    a.type_name() == b.type_name() && crate::io::cypher::literal(a) == crate::io::cypher::literal(b)
}

pub(super) fn shown(key: NodeKey<'_>) -> String {
    let space = if key.space.is_empty() { String::new() } else { format!(" in {}", key.space) };
    match key.key {
        Key::Int(n) => format!("{n}{space}"),
        Key::Text(text) => format!("{text:?}{space}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;

    #[test]
    fn keys_are_resolved_and_what_nobody_has_is_refused() {
        let engine = Engine::in_memory();
        let done = engine.change(|to| {
            let mut sink = IntoGraph::new(to, Known::default());
            let key = |n| NodeKey { space: "P", key: Key::Int(n) };
            sink.node(Some(key(1)), &["A".into()], vec![("k".into(), Value::Int(1))])?;
            sink.node(Some(key(2)), &[], vec![])?;
            assert!(sink.node(Some(key(2)), &[], vec![]).is_err());
            sink.rel(None, &"T".into(), key(1), key(2), vec![])?;
            let error = sink.rel(None, &"T".into(), key(1), key(3), vec![]).expect_err("no such end");
            assert_eq!(error.message(), "there is no node 3 in P");
            Ok(sink.finish())
        });
        let known = done.expect("taken");
        assert_eq!((known.nodes, known.relationships), (2, 1));
    }

    #[test]
    fn numbers_far_apart_are_found_like_those_close_together() {
        let mut space = Space::default();
        let keys = [0, 1, 70_000, -5, i64::MAX, i64::MIN, 65_535, 65_536, 3];
        for (slot, key) in (0..).zip(keys) {
            assert!(space.claim(Key::Int(key), slot));
            assert!(!space.claim(Key::Int(key), 99));
        }
        for (slot, key) in (0..).zip(keys) {
            assert_eq!(space.get(Key::Int(key)), Some(slot));
        }
        assert_eq!((space.get(Key::Int(2)), space.get(Key::Int(-1)), space.get(Key::Text("0"))), (None, None, None));
        assert!(space.dense.len() <= SMALL_LIST, "a large number makes no large list");
    }

    #[test]
    fn more_about_a_node_joins_what_it_has() {
        let list = |items: &[i64]| Value::list(items.iter().map(|n| Value::Int(*n)).collect()).expect("short");
        let shown = |old: Value, new: Value| crate::io::cypher::literal(&joined(old, new).expect("short"));
        assert_eq!(shown(Value::Null, list(&[1, 1])), "[1, 1]");
        assert_eq!(shown(Value::Int(1), Value::Int(1)), "1");
        assert_eq!(shown(Value::Int(1), Value::Float(1.0)), "[1, 1.0]");
        assert_eq!(shown(list(&[1, 2]), list(&[2, 3])), "[1, 2, 3]");
    }
}
