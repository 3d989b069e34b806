//! What a graph holds, as types: its labels, relationship types and properties; and what a text asks that it has not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::rows::Warning;
use super::run::{self, statement_spans};
use super::session::Snapshot;
use super::version::State;
use super::{Engine, prepare};
use crate::error::{Error, Result};
use crate::provenance::{QualifierType, RelationType};
use crate::value::Value;

/// Most values kept of a property, and the longest of them in characters.
const SAMPLES: usize = 3;
const LONGEST: usize = 40;

/// What a graph holds.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Number of nodes.
    pub nodes: u64,
    /// Number of relationships.
    pub relationships: u64,
    /// The labels by name.
    pub labels: BTreeMap<Arc<str>, Kind>,
    /// The relationship types by name; those that are declared too, whether or not there is such a relationship.
    pub types: BTreeMap<Arc<str>, Kind>,
    /// What the dataset declares of types, by name.
    pub relations: BTreeMap<Arc<str>, RelationType>,
    /// What it declares of qualifiers.
    pub qualifiers: Vec<QualifierType>,
}

/// The nodes of one label, or the relationships of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kind {
    /// How many there are.
    pub count: u64,
    /// Of a type: how many lead from one kind of node to another.
    pub between: BTreeMap<(Arc<str>, Arc<str>), u64>,
    /// Their properties by key.
    pub properties: BTreeMap<Arc<str>, Property>,
}

/// A property of a label or a type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Property {
    /// How many have it.
    pub count: u64,
    /// Its least values in the order of their texts, short ones only.
    pub samples: BTreeSet<String>,
}

impl Kind {
    fn add(&mut self, properties: &[(Arc<str>, Value)]) {
        self.count += 1;
        for (key, value) in properties {
            if !self.properties.contains_key(key) {
                self.properties.insert(key.clone(), Property::default());
            }
            let Some(property) = self.properties.get_mut(key) else { continue };
            property.count += 1;
            let sample = match value {
                Value::List(_) | Value::Map(_) => crate::value::text::literal(value, None).unwrap_or_default(),
                value => crate::value::text::scalar(value).unwrap_or_default(),
            };
            if !sample.is_empty() && sample.chars().count() <= LONGEST {
                property.samples.insert(sample);
                while property.samples.len() > SAMPLES {
                    property.samples.pop_last();
                }
            }
        }
    }

    /// How many lead from one kind of node to another, the most frequent first.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Farm)-[:SELLS_TO]->(t:Town), (:Farm)-[:SELLS_TO]->(t), (t)-[:SELLS_TO]->(:Port)")?;
    /// let sells = &engine.schema()?.types["SELLS_TO"];
    /// assert_eq!(sells.frequent()[0], ("Farm → Town".to_owned(), 2));
    /// # Ok(())
    /// # }
    /// ```
    pub fn frequent(&self) -> Vec<(String, u64)> {
        let all = self.between.iter().map(|((from, to), count)| (format!("{from} → {to}"), *count));
        let mut all: Vec<(String, u64)> = all.collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all
    }
}

impl Schema {
    fn of(snapshot: &Snapshot) -> Result<Self> {
        let (nodes, rels) = snapshot.everything()?;
        let mut schema = Self { nodes: nodes.len() as u64, relationships: rels.len() as u64, ..Self::default() };
        let mut kinds: BTreeMap<u64, Arc<str>> = BTreeMap::new();
        for node in &nodes {
            kinds.insert(node.id, node.kind().into());
            node.labels.iter().for_each(|label| schema.labels.entry(label.clone()).or_default().add(&node.properties));
        }
        for rel in &rels {
            let entry = schema.types.entry(rel.ty.clone()).or_default();
            entry.add(&rel.properties);
            let kind = |id: &u64| kinds.get(id).cloned().unwrap_or_default();
            *entry.between.entry((kind(&rel.start), kind(&rel.end))).or_default() += 1;
        }
        let vocabulary = &snapshot.version.knowledge.vocabulary;
        for relation in vocabulary.types() {
            schema.types.entry(relation.name.clone()).or_default();
            schema.relations.insert(relation.name.clone(), relation.clone());
        }
        schema.qualifiers = vocabulary.qualifiers().to_vec();
        Ok(schema)
    }
}

/// Something wrong, or doubtful, in a text.
#[derive(Clone, Debug)]
pub enum Problem {
    /// It cannot run.
    Error(Error),
    /// It runs, and may not do what is meant.
    Warning(Warning),
}

impl Engine {
    /// What the graph holds as of the last commit: labels and relationship types, how many of each, with which properties.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let schema = shejire::Engine::builtin()?.schema()?;
    /// assert!(schema.labels["institution"].properties["name"].count > 0);
    /// assert_eq!(schema.types["transformed-into"].frequent()[0].0, "institution → institution");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of the store.
    pub fn schema(&self) -> Result<Schema> {
        self.snapshot()?.schema()
    }
}

impl Snapshot {
    /// What the graph holds: labels and relationship types, how many of each, with which properties. Linear in its size. Errors: a
    /// part of a stored graph cannot be read.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Ship {name: 'Argo', tons: 90}), (:Ship {name: 'Swan'})")?;
    /// let schema = engine.snapshot()?.schema()?;
    /// let ships = &schema.labels["Ship"];
    /// assert_eq!((ships.count, ships.properties["tons"].count), (2, 1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn schema(&self) -> Result<Schema> {
        Schema::of(self)
    }

    /// The labels, in order.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Ship), (:Port:Town)")?;
    /// assert_eq!(engine.snapshot()?.labels(), ["Port", "Ship", "Town"].map(Into::into));
    /// # Ok(())
    /// # }
    /// ```
    pub fn labels(&self) -> Vec<Arc<str>> {
        sorted(self.version.knowledge.graph.names().labels().map(|(_, name)| name))
    }

    /// The relationship types, in order.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Ship)-[:SAILS_TO]->(:Port)<-[:LIES_IN]-(:Ship)")?;
    /// assert_eq!(engine.snapshot()?.relationship_types(), ["LIES_IN", "SAILS_TO"].map(Into::into));
    /// # Ok(())
    /// # }
    /// ```
    pub fn relationship_types(&self) -> Vec<Arc<str>> {
        sorted(self.version.knowledge.graph.names().types().map(|(_, name)| name))
    }

    /// The property keys, in order.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Ship {tons: 90, name: 'Argo'})")?;
    /// assert_eq!(engine.snapshot()?.property_keys(), ["name", "tons"].map(Into::into));
    /// # Ok(())
    /// # }
    /// ```
    pub fn property_keys(&self) -> Vec<Arc<str>> {
        sorted(self.version.knowledge.graph.names().keys().map(|(_, name)| name))
    }

    /// The procedures, in order.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let snapshot = shejire::Engine::in_memory().snapshot()?;
    /// assert!(snapshot.procedures().contains(&"db.labels".into()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn procedures(&self) -> Vec<Arc<str>> {
        let own = self.procedures.by_name.values().cloned();
        let names: Vec<Arc<str>> =
            own.chain(super::procedures::all()).map(|procedure| procedure.name.clone()).collect();
        sorted(names.iter().map(|name| &**name))
    }

    /// What is wrong or doubtful in a script, statement by statement, without running it. Places are in the whole text.
    ///
    /// ```
    /// use shejire::engine::Problem;
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// let text = "MATCH (n:lawz) RETURN n; RETURN m";
    /// let problems = snapshot.problems(text);
    /// assert!(matches!(&problems[0], Problem::Warning(doubt) if doubt.hint.as_deref() == Some("did you mean `law`?")));
    /// assert!(matches!(&problems[1], Problem::Error(error) if error.span().unwrap().of(text) == "m"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn problems(&self, text: &str) -> Vec<Problem> {
        let spans = match statement_spans(text) {
            Ok(spans) => spans,
            Err(error) => return vec![Problem::Error(error)],
        };
        let state = State::of(&self.version, &self.procedures);
        let mut problems = Vec::new();
        for span in spans {
            match prepare::prepare((span.of(text), false), &state, true) {
                Err(error) => problems.push(Problem::Error(error.shifted(span.start))),
                Ok(prepared) => {
                    let doubts = run::warnings(state.graph, state.evidence, prepared.doubtful()).into_iter();
                    problems.extend(doubts.map(|doubt| {
                        let (start, end) = (doubt.span.start + span.start, doubt.span.end + span.start);
                        Problem::Warning(Warning { span: crate::error::Span { start, end }, ..doubt })
                    }));
                }
            }
        }
        problems
    }
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = names.map(Arc::from).collect();
    names.sort_unstable();
    names
}
