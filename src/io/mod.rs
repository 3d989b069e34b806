//! Other people's formats: answers as tables and JSON, graphs as what other tools read, and back.
//!
//! ```text
//! Rows ──► table, markdown, csv, json, jsonl            what a query answered
//! Subgraph ──► dot, mermaid, graphml, cypher, turtle …   the graph itself, whole or what a query touched
//! ```
//!
//! Every format has one file and in it one escaper; nothing that came from data reaches an output in another way.
//! [`FORMATS`] lists them all; the command line, the documentation and the tests read that list.
//! This module knows no command line and no terminal: it writes to whatever it is given.

pub mod answer;
pub mod csv;
pub mod csv_graph;
pub mod cypher;
pub mod cytoscape;
pub mod dot;
pub mod gexf;
pub mod graphml;
pub mod json;
pub mod mermaid;
pub mod read;
pub mod safe;
pub mod subgraph;
pub mod table;
pub mod text;
mod xml;

use std::io::Write;

use crate::error::{Class, Code, Error, Phase};
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
    pub fn into_error(self) -> Error {
        match self {
            Self::Io(error) => {
                Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, format!("cannot write: {error}"))
            }
            Self::Data(error) => error,
        }
    }
}

/// Formatting into a `String` cannot fail; this takes the result where an expression is wanted.
fn wrote(_: std::fmt::Result) {}

/// What writers return.
pub type Written = std::result::Result<(), WriteError>;

/// A way to write a graph.
pub type GraphWriter = fn(&Subgraph, &mut dyn Write) -> Written;

/// One format that a graph can be written in.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The name to type.
    pub name: &'static str,
    /// The usual end of a file name, without the dot.
    pub extension: &'static str,
    /// One line for people.
    pub doc: &'static str,
    /// Whether `import` reads it back without loss.
    pub reads: bool,
    /// How it is written; nothing when it needs more than one file.
    pub write: Option<GraphWriter>,
}

/// Every format of graphs, in the order of the documentation.
pub const FORMATS: &[Format] = &[
    Format {
        name: "dot",
        extension: "dot",
        doc: "Graphviz: styled by kind, with a legend",
        reads: false,
        write: Some(dot::write),
    },
    Format {
        name: "mermaid",
        extension: "mmd",
        doc: "Mermaid flowchart, for Markdown pages",
        reads: false,
        write: Some(mermaid::write),
    },
    Format {
        name: "graphml",
        extension: "graphml",
        doc: "GraphML, for networkx, igraph, yEd",
        reads: true,
        write: Some(graphml::write),
    },
    Format { name: "gexf", extension: "gexf", doc: "GEXF 1.3, for Gephi", reads: false, write: Some(gexf::write) },
    Format { name: "cytoscape", extension: "cyjs", doc: "Cytoscape JSON", reads: false, write: Some(cytoscape::write) },
    Format {
        name: "json",
        extension: "json",
        doc: "one JSON object with nodes and relationships",
        reads: false,
        write: Some(json::write_graph),
    },
    Format {
        name: "jsonl",
        extension: "jsonl",
        doc: "one JSON object a line: nodes, then relationships",
        reads: true,
        write: Some(json::write_graph_lines),
    },
    Format {
        name: "csv",
        extension: "csv",
        doc: "one table for spreadsheets: nodes, then relationships",
        reads: false,
        write: Some(csv_graph::write),
    },
    Format {
        name: "cypher",
        extension: "cypher",
        doc: "a script of statements that makes the graph again",
        reads: true,
        write: Some(cypher::write),
    },
];

/// The format of this name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|f| f.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_documented() {
        for (at, format) in FORMATS.iter().enumerate() {
            assert!(FORMATS[..at].iter().all(|f| f.name != format.name), "{} stands twice", format.name);
            assert!(!format.doc.is_empty() && !format.extension.contains('.'));
        }
    }
}
