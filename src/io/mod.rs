//! Other people's formats: answers as tables and JSON, graphs as what other tools read, and back.
//!
//! ```text
//! Rows ──► table, markdown, csv, json, jsonl            what a query answered
//! Subgraph ──► dot, mermaid, graphml, cypher, turtle …   the graph itself, whole or what a query touched
//! ```
//!
//! Every format has one file, and one escaper there or in `notation/`; nothing that came from data reaches an output in
//! another way.
//! [`FORMATS`] lists them all; the command line, the documentation and the tests read that list.
//! This module knows no command line and no terminal: it writes to whatever it is given.

pub mod answer;
mod beside;
#[cfg(feature = "parquet")]
pub(crate) mod columnar;
mod columns;
pub(crate) mod csv;
pub(crate) mod csv_graph;
pub(crate) mod cypher;
pub(crate) mod cytoscape;
pub(crate) mod dataset;
pub(crate) mod dot;
mod exact;
pub(crate) mod gephi;
pub(crate) mod gexf;
pub(crate) mod gml;
pub(crate) mod graphml;
pub(crate) mod json;
#[cfg(feature = "parquet")]
pub(crate) mod layout;
pub(crate) mod mermaid;
pub(crate) mod neo4j;
pub(crate) mod numbered;
pub(crate) mod rdf;
pub mod read;
#[cfg(feature = "store")]
pub(crate) mod sqlite;
pub(crate) mod subgraph;
pub(crate) mod table;
pub mod text;
pub(crate) mod text_sink;
#[cfg(feature = "spreadsheets")]
pub(crate) mod xlsx;

use std::io::Write;
use std::path::Path;

use crate::error::{Class, Code, Error, Phase};
pub(crate) use crate::notation::safe;
use crate::notation::xml;
use read::rdf::Syntax;
pub use subgraph::Subgraph;

/// Why something could not be written.
#[derive(Debug)]
pub enum WriteError {
    /// The place it was written to.
    Io(std::io::Error),
    /// What was to be written.
    Data(Error),
}

impl From<std::io::Error> for WriteError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Error> for WriteError {
    fn from(error: Error) -> Self {
        Self::Data(error)
    }
}

impl WriteError {
    /// The same as an error of the crate, for callers that do not tell a closed pipe from a full disk.
    ///
    /// ```
    /// use shejire::io::WriteError;
    ///
    /// let full = WriteError::from(std::io::Error::other("the disk is full"));
    /// assert_eq!(full.into_error().message(), "cannot write: the disk is full");
    /// ```
    pub fn into_error(self) -> Error {
        match self {
            Self::Io(error) => {
                Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, format!("cannot write: {error}"))
            }
            Self::Data(error) => error,
        }
    }
}

/// The error of input that breaks off.
fn unreadable(place: &str, error: &std::io::Error) -> Error {
    Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, format!("{place}: cannot read: {error}"))
}

/// Formatting into a `String` cannot fail; this takes the result where an expression is wanted.
fn wrote(_: std::fmt::Result) {}

/// What writers return.
pub type Written = std::result::Result<(), WriteError>;

/// A way to write a graph.
#[derive(Clone, Copy, Debug)]
pub enum How {
    /// As a stream.
    Stream(fn(&Subgraph, &mut dyn Write) -> Written),
    /// As one table of cells, on request without formulas.
    Table(fn(&Subgraph, bool, &mut dyn Write) -> Written),
    /// As several such tables, in a folder.
    Folder(fn(&Subgraph, bool, &Path) -> Written),
    /// As the tables of a dataset, in a folder; the answer says what has no place in them.
    Dataset(fn(&Subgraph, &Path) -> std::result::Result<Vec<String>, WriteError>),
    /// As a file that is written here and there, so that it cannot be a stream.
    File(fn(&Subgraph, &Path) -> Written),
}

/// A way to read a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadAs {
    /// JSON lines.
    JsonLines,
    /// One JSON document.
    Json,
    /// GraphML.
    GraphMl,
    /// GEXF.
    Gexf,
    /// GML.
    Gml,
    /// RDF.
    Rdf(Syntax),
    /// A script of statements, to be run.
    Script,
    /// A table of cells whose header says what it holds.
    Tables,
    /// The tables of our own SQLite export.
    #[cfg(feature = "store")]
    Sqlite,
}

/// One format of graphs.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The name to type.
    pub name: &'static str,
    /// The usual ends of file names, without the dot, the one we use first.
    pub extensions: &'static [&'static str],
    /// One line for people.
    pub doc: &'static str,
    /// How it is written.
    pub write: Option<How>,
    /// How it is read.
    pub read: Option<ReadAs>,
    /// What becomes of evidence in it.
    pub evidence: Evidence,
}

/// What becomes of evidence — mentions, sources, declarations, conflicts — in a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It comes along.
    Carried,
    /// There is no place for it: whoever exports is told.
    Left,
    /// Nobody looks for it in a picture.
    NotAsked,
}

/// Every format of graphs, in the order of the documentation.
pub const FORMATS: &[Format] = &[
    Format {
        name: "neo4j",
        extensions: &["csv", "tsv"],
        doc: "CSV with the headers of neo4j-admin import: a folder of nodes.csv and relationships.csv",
        write: Some(How::Folder(neo4j::write)),
        read: Some(ReadAs::Tables),
        evidence: Evidence::Left,
    },
    Format {
        name: "jsonl",
        extensions: &["jsonl", "ndjson", "ijson", "ftm"],
        doc: "one JSON object a line: ours with evidence, Neo4j's, FollowTheMoney's",
        write: Some(How::Stream(json::write_graph_lines)),
        read: Some(ReadAs::JsonLines),
        evidence: Evidence::Carried,
    },
    Format {
        name: "cypher",
        extensions: &["cypher", "cql", "cypherl"],
        doc: "a script of statements that makes the graph again",
        write: Some(How::Stream(cypher::write)),
        read: Some(ReadAs::Script),
        evidence: Evidence::Left,
    },
    Format {
        name: "graphml",
        extensions: &["graphml", "xml"],
        doc: "GraphML, for networkx, igraph, yEd",
        write: Some(How::Stream(graphml::write)),
        read: Some(ReadAs::GraphMl),
        evidence: Evidence::Left,
    },
    Format {
        name: "turtle",
        extensions: &["ttl"],
        doc: "RDF as Turtle, with evidence, W3C ORG and PROV",
        write: Some(How::Stream(rdf::write::turtle)),
        read: Some(ReadAs::Rdf(Syntax::Turtle)),
        evidence: Evidence::Carried,
    },
    Format {
        name: "trig",
        extensions: &["trig"],
        doc: "RDF as TriG: the same, and a graph for what each source asserts",
        write: Some(How::Stream(rdf::write::trig)),
        read: Some(ReadAs::Rdf(Syntax::TriG)),
        evidence: Evidence::Carried,
    },
    Format {
        name: "jsonld",
        extensions: &["jsonld"],
        doc: "RDF as JSON-LD: as TriG",
        write: Some(How::Stream(rdf::write::json_ld)),
        read: Some(ReadAs::Rdf(Syntax::JsonLd)),
        evidence: Evidence::Carried,
    },
    Format {
        name: "ntriples",
        extensions: &["nt"],
        doc: "RDF as N-Triples: as Turtle, a statement a line",
        write: Some(How::Stream(rdf::write::n_triples)),
        read: Some(ReadAs::Rdf(Syntax::NTriples)),
        evidence: Evidence::Carried,
    },
    Format {
        name: "nquads",
        extensions: &["nq"],
        doc: "RDF as N-Quads: as TriG, a statement a line",
        write: Some(How::Stream(rdf::write::n_quads)),
        read: Some(ReadAs::Rdf(Syntax::NQuads)),
        evidence: Evidence::Carried,
    },
    Format {
        name: "dataset",
        extensions: &[],
        doc: "a dataset folder that `check` lets pass: what documents state, to be edited and loaded again",
        write: Some(How::Dataset(dataset::write)),
        read: None,
        evidence: Evidence::Carried,
    },
    #[cfg(feature = "store")]
    Format {
        name: "sqlite",
        extensions: &["sqlite", "db"],
        doc: "a SQLite file of entities, facts, mentions and sources, for Datasette",
        write: Some(How::File(sqlite::write)),
        read: Some(ReadAs::Sqlite),
        evidence: Evidence::Carried,
    },
    #[cfg(feature = "spreadsheets")]
    Format {
        name: "xlsx",
        extensions: &["xlsx", "xlsm", "ods"],
        doc: "a workbook with the sheets nodes and relationships, for Excel; .ods is read, too",
        write: Some(How::File(xlsx::write)),
        read: Some(ReadAs::Tables),
        evidence: Evidence::Left,
    },
    #[cfg(feature = "parquet")]
    Format {
        name: "parquet",
        extensions: &["parquet"],
        doc: "Parquet: a folder of nodes.parquet and relationships.parquet",
        write: Some(How::Folder(columnar::write)),
        read: Some(ReadAs::Tables),
        evidence: Evidence::Left,
    },
    Format {
        name: "csv",
        extensions: &["csv"],
        doc: "one table for spreadsheets: nodes, then relationships",
        write: Some(How::Table(csv_graph::write)),
        read: None,
        evidence: Evidence::Left,
    },
    Format {
        name: "gexf",
        extensions: &["gexf"],
        doc: "GEXF 1.3, for Gephi",
        write: Some(How::Stream(gexf::write)),
        read: Some(ReadAs::Gexf),
        evidence: Evidence::Left,
    },
    Format {
        name: "gml",
        extensions: &["gml"],
        doc: "GML, for networkx, igraph, yEd",
        write: Some(How::Stream(gml::write)),
        read: Some(ReadAs::Gml),
        evidence: Evidence::Left,
    },
    Format {
        name: "gephi",
        extensions: &["csv"],
        doc: "Gephi's tables: a folder of nodes.csv and edges.csv",
        write: Some(How::Folder(gephi::write)),
        read: None,
        evidence: Evidence::Left,
    },
    Format {
        name: "cytoscape",
        extensions: &["cyjs"],
        doc: "Cytoscape JSON",
        write: Some(How::Stream(cytoscape::write)),
        read: Some(ReadAs::Json),
        evidence: Evidence::Left,
    },
    Format {
        name: "json",
        extensions: &["json"],
        doc: "one JSON document: ours, node-link (networkx, d3), Cytoscape; an array of records",
        write: Some(How::Stream(json::write_graph)),
        read: Some(ReadAs::Json),
        evidence: Evidence::Left,
    },
    Format {
        name: "dot",
        extensions: &["dot"],
        doc: "Graphviz: styled by kind, with a legend",
        write: Some(How::Stream(dot::write)),
        read: None,
        evidence: Evidence::NotAsked,
    },
    Format {
        name: "mermaid",
        extensions: &["mmd"],
        doc: "Mermaid flowchart, for Markdown pages",
        write: Some(How::Stream(mermaid::write)),
        read: None,
        evidence: Evidence::NotAsked,
    },
];

/// The format of this name.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// use shejire::io::{How, Subgraph, format};
///
/// let engine = shejire::Engine::in_memory();
/// engine.run("CREATE (:Mill {name: 'Old mill'})")?;
/// let Some(How::Stream(write)) = format("mermaid").and_then(|format| format.write) else { panic!("a stream") };
/// let mut chart = Vec::new();
/// write(&Subgraph::whole(&engine)?, &mut chart).map_err(|error| error.into_error())?;
/// assert!(String::from_utf8(chart).unwrap().contains("Old mill"));
/// # Ok(())
/// # }
/// ```
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|f| f.name.eq_ignore_ascii_case(name))
}

/// How a file of this name is read, by its end; that of a packed file (`.gz`, `.zst`) may follow.
///
/// ```
/// use shejire::io::{ReadAs, read_by_name};
///
/// assert_eq!(read_by_name("towns.graphml.gz".as_ref()), Some(ReadAs::GraphMl));
/// assert_eq!(read_by_name("towns.docx".as_ref()), None);
/// ```
pub fn read_by_name(file: &Path) -> Option<ReadAs> {
    let name = file.file_name()?.to_string_lossy().to_lowercase();
    let end = PACKED.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name).rsplit_once('.')?.1.to_owned();
    readable().find(|f| f.extensions.contains(&&*end)).and_then(|f| f.read)
}

/// Formats that are known and not read, by the ends of their names: what they are, and what to do.
const NOT_READ: &[(&[&str], &str, &str)] = &[
    (&["rdf", "owl", "rdfs"], "RDF/XML is not read", "rdflib, riot or rapper make Turtle of it"),
    (&["n3"], "Notation3 is not read", "--format turtle reads one that is Turtle"),
    (
        &["xlsx", "xlsm", "xls", "xlsb", "ods"],
        "this program is built without spreadsheets",
        "save each sheet as CSV, or build it: cargo install shejire --features spreadsheets",
    ),
    (
        &["parquet"],
        "this program is built without Parquet",
        "pandas or duckdb make CSV of it, or build it: cargo install shejire --features parquet",
    ),
    (&["net", "paj"], "Pajek is not read", "networkx or igraph make GraphML of it"),
    (&["xgmml", "sif", "cys"], "it is not read", "Cytoscape also writes Cytoscape JSON and GraphML"),
    (&["graphson"], "GraphSON is not read", "TinkerPop also writes GraphML"),
    (
        &["mtx", "edgelist", "edges", "adjlist"],
        "it is not read",
        "a list of edges is a .csv whose first line is Source,Target",
    ),
    (&["dump", "backup"], "it is not read", "apoc.export.json and apoc.export.cypher write what is read"),
    (
        &["bz2", "xz", "7z", "rar", "tar", "tgz"],
        "it is packed in a way that is not read",
        "unpack it; .gz, .zst and .zip are read",
    ),
];

/// What a file is whose format is known and not read, and what to do; nothing for one that is not known.
///
/// ```
/// let (what, instead) = shejire::io::not_read("towns.rdf".as_ref()).unwrap();
/// assert_eq!(what, "RDF/XML is not read");
/// assert!(instead.contains("Turtle"));
/// ```
pub fn not_read(file: &Path) -> Option<(&'static str, &'static str)> {
    let name = file.file_name()?.to_string_lossy().to_lowercase();
    let end = PACKED.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name).rsplit_once('.')?.1.to_owned();
    NOT_READ.iter().find(|(ends, ..)| ends.contains(&&*end)).map(|(_, what, hint)| (*what, *hint))
}

/// The ends of the names of packed files.
const PACKED: [&str; 2] = [".gz", ".zst"];

/// The ends of file names that are read: `.jsonl, .cypher, …`.
///
/// ```
/// assert!(shejire::io::readable_extensions().contains(".graphml"));
/// ```
pub fn readable_extensions() -> String {
    let ends = readable().flat_map(|f| f.extensions).map(|end| format!(".{end}"));
    ends.collect::<Vec<_>>().join(", ")
}

fn readable() -> impl Iterator<Item = &'static Format> {
    FORMATS.iter().filter(|f| f.read.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_documented() {
        for (at, format) in FORMATS.iter().enumerate() {
            assert!(FORMATS[..at].iter().all(|f| f.name != format.name), "{} stands twice", format.name);
            assert!(!format.doc.is_empty() && format.extensions.iter().all(|e| !e.contains('.')));
            assert!(format.write.is_some() || format.read.is_some());
        }
    }

    #[test]
    fn the_end_of_a_name_says_how_it_is_read() {
        let read = |name: &str| read_by_name(Path::new(name));
        assert_eq!(read("a/b.x.JSONL.gz"), Some(ReadAs::JsonLines));
        assert_eq!(read("a.ttl"), Some(ReadAs::Rdf(Syntax::Turtle)));
        assert_eq!((read("a.csv"), read("a.tsv.gz")), (Some(ReadAs::Tables), Some(ReadAs::Tables)));
        assert_eq!((read("a.dot"), read("jsonl/x"), read(".gz"), read("jsonl")), (None, None, None, None));
    }
}
