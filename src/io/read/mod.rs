//! Readers of other people's formats: streams in, nodes and relationships out, one at a time into a [`Sink`].
//!
//! A reader holds one record (of CSV some thousand), never a whole file. Nodes have keys in their file; relationships name their ends by
//! them, and whoever takes the nodes resolves the keys. No reader opens a URL, expands an entity or follows a link.

pub(crate) mod batch;
#[cfg(feature = "parquet")]
mod columnar;
pub(crate) mod document;
mod facts;
mod ftm;
pub(crate) mod gexf;
pub(crate) mod gml;
pub(crate) mod graphml;
pub(crate) mod input;
pub(crate) mod into_graph;
mod joining;
pub(crate) mod jsonl;
pub(crate) mod neo4j_csv;
pub(crate) mod rdf;
#[doc(hidden)] // for a fuzz target
pub mod script;
#[cfg(feature = "spreadsheets")]
mod sheets;
pub(crate) mod subgraph;
pub(crate) mod tables;
mod xml;

use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

#[doc(hidden)]
pub use batch::Batch;
pub use input::{Charset, Watch, open};
pub use into_graph::{Found, IntoGraph, Known};
pub use rdf::Syntax;

use super::ReadAs;
use crate::engine::{Further, ToldConflict};
use crate::error::{Code, Error, Result};
use crate::provenance::{Locator, Mention, RelationType, Source};
use crate::value::Value;
use neo4j_csv::Dialect;

/// The type of an edge that states none.
pub const NO_TYPE: &str = "RELATED";

/// How a node is called in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key<'a> {
    /// A number: `7` and `007` are the same key.
    Int(i64),
    /// Text, byte for byte.
    Text(&'a str),
}

/// A key within its space: two files may call different nodes by the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeKey<'a> {
    /// The space; empty where the format has one only.
    pub space: &'a str,
    /// The key in it.
    pub key: Key<'a>,
}

/// A name that is declared, with the terms of published vocabularies that it stands for.
pub type Declared = (Arc<str>, Box<[Arc<str>]>);

/// Properties of what was read, in the order of the file.
pub type Properties = Vec<(Arc<str>, Value)>;

/// What stands beside a graph, as readers hand it over. Sources are named by their ids, and come first.
#[derive(Clone, Debug)]
pub enum Beside<'a> {
    /// A document; one of the same id takes the place of the first.
    Source(Source),
    /// The node that stands for a document.
    StandsFor {
        /// The id of the document.
        source: &'a str,
        /// The node.
        node: NodeKey<'a>,
    },
    /// A place that names a node.
    Place {
        /// The node.
        node: NodeKey<'a>,
        /// The id of the document.
        source: &'a str,
        /// Where in it.
        at: Locator,
    },
    /// A mention of a relationship; which document, says `source`, not the place inside.
    Mention {
        /// The relationship.
        rel: Key<'a>,
        /// The id of the document.
        source: &'a str,
        /// The rest.
        mention: Mention,
    },
    /// The declaration of a relationship type.
    Type(RelationType),
    /// What else is known: nodes, relationships and sources are those given here, not those inside.
    Further {
        /// What it says.
        what: Further,
        /// The ids of the documents, in the order of [`Further::sources`].
        sources: &'a [Arc<str>],
        /// The nodes, in the order of [`Further::nodes`].
        nodes: Vec<NodeKey<'a>>,
        /// The relationships, in the order of [`Further::rels`].
        rels: Vec<Key<'a>>,
    },
    /// Two relationships in conflict, each with the ids of the documents meant; the claims inside are not looked at.
    Conflict {
        /// Id, kind, topic and note.
        conflict: &'a ToldConflict,
        /// The relationships.
        sides: [(Key<'a>, Vec<Arc<str>>); 2],
    },
}

/// Who takes what was read. An error says that this one cannot be taken: a key that exists already, an end that
/// nobody has.
pub trait Sink {
    /// Takes a node; one without a key can be the end of no relationship.
    fn node(&mut self, key: Option<NodeKey<'_>>, labels: &[Arc<str>], properties: Properties) -> Result<()>;

    /// Takes what is said of a node that may be known already: labels and values join those it has, a value it has
    /// is not kept twice, several values of one property become a list.
    fn more(&mut self, key: NodeKey<'_>, labels: &[Arc<str>], properties: Properties) -> Result<()>;

    /// Takes a relationship; one with a key may have evidence.
    fn rel(
        &mut self,
        key: Option<Key<'_>>,
        ty: &Arc<str>,
        start: NodeKey<'_>,
        end: NodeKey<'_>,
        properties: Properties,
    ) -> Result<()>;

    /// Takes what stands beside the graph.
    fn beside(&mut self, what: Beside<'_>) -> Result<()>;

    /// Takes a relationship that is said to be there, unless it is: what is said again is one fact, and properties join
    /// those it has. Of one with a `position` there is one for each.
    fn rel_once(
        &mut self,
        ty: &Arc<str>,
        start: NodeKey<'_>,
        end: NodeKey<'_>,
        position: Option<i64>,
        properties: Properties,
    ) -> Result<()>;

    /// Whether [`Sink::rel_once`] took such a relationship, or it was there before.
    fn knows_rel(&mut self, ty: &Arc<str>, start: NodeKey<'_>, end: NodeKey<'_>) -> bool;

    /// The names that are declared, with the terms they stand for.
    fn declared(&self) -> Vec<Declared>;

    /// Whether there is a node with this key.
    fn knows(&self, key: NodeKey<'_>) -> bool;

    /// Whether the nodes of a key space have numbers for keys: a table that names them by the same digits means those.
    fn numbers(&self, _space: &str) -> bool {
        false
    }

    /// From here to the end of the file, a property tells nodes apart that were there before, unless another one was asked for: the
    /// format has ids that mean something everywhere.
    fn told_apart_by(&mut self, property: &str);

    /// Learns what a file holds that is not taken into the graph, and how often: `points of x kept as text`.
    fn passed_over(&mut self, what: &str, count: u64);

    /// Takes the records of a batch from `from` on, in order; stops at the first that cannot be taken and says which.
    #[doc(hidden)] // how our own readers of tables hand over thousands
    fn batch(&mut self, batch: &Batch, from: usize) -> std::result::Result<(), (usize, Error)> {
        batch.each_from(from, self)
    }
}

/// What happens to a record that cannot be taken: `Ok` skips it, `Err` ends the reading.
pub type OnProblem<'a> = &'a mut dyn FnMut(Error) -> Result<()>;

impl ReadAs {
    /// Reads one input into `sink`, record by record. `name` is what errors call the input; relative IRIs of RDF are resolved against
    /// `base`. A table is read as the command `import` reads one that is named alone: its header says what it holds.
    ///
    /// Errors: what `problem` makes of a record that cannot be taken; `DataError` for an input that is not of the format, `Argument` for
    /// a script, which is run ([`Engine::script`](crate::Engine::script)), and a database, which is a file ([`ReadAs::read_file`]).
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::io::ReadAs;
    /// use shejire::io::read::{IntoGraph, Known};
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let lines = "{\"type\":\"node\",\"id\":\"1\",\"labels\":[\"Ship\"]}\nno JSON\n".as_bytes();
    /// let mut skipped = Vec::new();
    /// engine.change(|knowledge| {
    ///     let mut sink = IntoGraph::new(knowledge, Known::default());
    ///     ReadAs::JsonLines.read(Box::new(lines), "ships.jsonl", None, &mut sink, &mut |problem| {
    ///         skipped.push(problem.message().to_owned());
    ///         Ok(()) // go on with the next record
    ///     })
    /// })?;
    /// assert!(skipped[0].starts_with("ships.jsonl, line 2"), "{skipped:?}");
    /// assert_eq!(engine.snapshot()?.counts()[0], 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn read(
        self,
        mut input: Box<dyn BufRead + Send>,
        name: &str,
        base: Option<&str>,
        sink: &mut dyn Sink,
        problem: OnProblem<'_>,
    ) -> Result<()> {
        match self {
            Self::GraphMl => graphml::read(&mut input, name, sink, problem),
            Self::Gexf => gexf::read(&mut input, name, sink, problem),
            Self::Gml => gml::read(&mut input, name, sink, problem),
            Self::JsonLines => jsonl::read(&mut input, name, sink, problem),
            Self::Json => document::read(&mut input, name, sink, problem),
            Self::Rdf(syntax) => rdf::read(input, name, syntax, base, sink, problem),
            Self::Tables => {
                let wrong = |e: Error| in_file(name, &e);
                let delimiter = neo4j_csv::guess_delimiter(&mut input).map_err(wrong)?;
                let dialect = Dialect { delimiter, ..Dialect::default() };
                let records = Box::new(dialect.records(input).map_err(wrong)?);
                neo4j_csv::read_table(records, dialect, name, sink, problem)
            }
            Self::Script => Err(no_input("a script is run, not read into a graph")),
            #[cfg(feature = "store")]
            Self::Sqlite => Err(no_input("a database is read as a file, not as a stream")),
        }
    }

    /// The same for a file, unpacked (`.gz`, `.zst`) and decoded where it must be.
    ///
    /// Errors: as [`ReadAs::read`]; `FileAccess` when the file cannot be opened.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::io::read::{IntoGraph, Known};
    /// use shejire::io::read_by_name;
    ///
    /// let folder = tempfile::tempdir().unwrap();
    /// let file = folder.path().join("routes.csv");
    /// std::fs::write(&file, "Source,Target\nIolcus,Lemnos\nLemnos,Colchis\n").unwrap();
    /// let engine = shejire::Engine::in_memory();
    /// engine.change(|knowledge| {
    ///     let mut sink = IntoGraph::new(knowledge, Known::default());
    ///     read_by_name(&file).unwrap().read_file(&file, None, &mut sink, &mut Err)
    /// })?;
    /// assert_eq!(engine.snapshot()?.counts()[..2], [3, 2]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn read_file(self, file: &Path, base: Option<&str>, sink: &mut dyn Sink, problem: OnProblem<'_>) -> Result<()> {
        let name = file.display().to_string();
        #[cfg(feature = "store")]
        if self == Self::Sqlite {
            let graph = super::sqlite::read(file).map_err(|error| in_file(&name, &error))?;
            return subgraph::read(&graph, &name, sink);
        }
        if self == Self::Tables
            && let Some(records) = tables::open(file)?
        {
            return neo4j_csv::read_table(records, Dialect::default(), &name, sink, problem);
        }
        self.read(input::open(file, None, &Arc::default())?, &name, base, sink, problem)
    }
}

fn no_input(why: &str) -> Error {
    Error::argument(Code::InvalidArgumentValue, why)
}

/// A decimal as other programs write it: `1.5`, `1e3`, `NaN`, `Infinity`, `-inf`, white space around it. Errors: text that is none, a
/// number so large that it would become infinite.
fn float(text: &str) -> Result<f64> {
    let wrong = |what: &str| Error::data(format!("{text:?} is not {what}"));
    let number: f64 = text.trim().parse().map_err(|_| wrong("a number"))?;
    match number.is_infinite() && text.contains(|c: char| c.is_ascii_digit()) {
        true => Err(wrong("a number of 64 bits")),
        false => Ok(number),
    }
}

/// Puts the file before the message of an error, so that it can be found.
pub(super) fn in_file(file: &str, error: &Error) -> Error {
    error.prefixed(&format!("{file}, "))
}

/// A sink for the tests: what came, as text, in order.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct Seen {
    pub lines: Vec<String>,
    pub passed_over: std::collections::BTreeMap<String, u64>,
    keys: std::collections::HashSet<String>,
    types: Vec<Declared>,
}

#[cfg(test)]
impl Sink for Seen {
    fn node(&mut self, key: Option<NodeKey<'_>>, labels: &[Arc<str>], properties: Properties) -> Result<()> {
        let key = key.map_or("-".to_owned(), |k| show_key(&k));
        self.lines.push(format!("{key} :{} {}", labels.join(":"), show_properties(&properties)));
        self.keys.insert(key);
        Ok(())
    }

    fn more(&mut self, key: NodeKey<'_>, labels: &[Arc<str>], properties: Properties) -> Result<()> {
        self.keys.insert(show_key(&key));
        self.lines.push(format!("{} +:{} {}", show_key(&key), labels.join(":"), show_properties(&properties)));
        Ok(())
    }

    fn rel(
        &mut self,
        _: Option<Key<'_>>,
        ty: &Arc<str>,
        start: NodeKey<'_>,
        end: NodeKey<'_>,
        properties: Properties,
    ) -> Result<()> {
        self.lines.push(format!("{} -{ty}-> {} {}", show_key(&start), show_key(&end), show_properties(&properties)));
        Ok(())
    }

    fn beside(&mut self, what: Beside<'_>) -> Result<()> {
        match what {
            // names are declared as they come: not part of what is read
            Beside::Type(ty) if ty.definition.is_empty() => self.types.push((ty.name, ty.terms)),
            what => self.lines.push(format!("{what:?}")),
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
        let fact = format!("{} -{ty}-> {} {position:?}", show_key(&start), show_key(&end));
        properties.extend(position.map(|position| ("position".into(), Value::Int(position))));
        if self.keys.insert(fact) { self.rel(None, ty, start, end, properties) } else { Ok(()) }
    }

    fn knows_rel(&mut self, ty: &Arc<str>, start: NodeKey<'_>, end: NodeKey<'_>) -> bool {
        self.keys.contains(&format!("{} -{ty}-> {} None", show_key(&start), show_key(&end)))
    }

    fn declared(&self) -> Vec<Declared> {
        self.types.clone()
    }

    fn knows(&self, key: NodeKey<'_>) -> bool {
        self.keys.contains(&show_key(&key))
    }

    fn told_apart_by(&mut self, _: &str) {}

    fn passed_over(&mut self, what: &str, count: u64) {
        *self.passed_over.entry(what.to_owned()).or_default() += count;
    }
}

#[cfg(test)]
fn show_key(key: &NodeKey<'_>) -> String {
    match key.key {
        Key::Int(n) => format!("{}#{n}", key.space),
        Key::Text(text) => format!("{}/{text}", key.space),
    }
}

#[cfg(test)]
fn show_properties(properties: &Properties) -> String {
    let none = crate::engine::Entities::default();
    let shown = |(k, v): &(Arc<str>, Value)| format!("{k}={}", crate::io::text::inline(v, &none));
    let mut shown: Vec<String> = properties.iter().map(shown).collect();
    shown.sort();
    shown.join(" ")
}
