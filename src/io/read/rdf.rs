//! RDF: Turtle, TriG, N-Triples, N-Quads and JSON-LD. What we exported ourselves is recognised by its vocabulary and
//! becomes the graph it was; everything else is mapped:
//!
//! | statement | graph |
//! |---|---|
//! | subject or object IRI | node with the property `iri`; a blank node is a node without it |
//! | `rdf:type` | label: the last part of the IRI |
//! | literal | property, key: the last part of the predicate; several values become a list |
//! | language tag | part of the key: `name_kk` |
//! | datatype without a counterpart | the text, and the datatype under `KEY_datatype` |
//! | IRI or blank node | relationship, type: the last part of the predicate |
//! | RDF list of literals | list; of others: a relationship to each, with `position` |
//! | named graph | property `graph` of relationships |
//!
//! Two IRIs with the same last part do not become one name: the second keeps its whole IRI. One block of statements about
//! the same subject is held at a time; besides, until the end, the cells of lists and what names blank nodes. No URL is
//! fetched: a context that JSON-LD has elsewhere is refused.

mod foreign;
mod ours;

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, Read};
use std::sync::Arc;

use oxrdf::{GraphName, NamedOrBlankNode, Quad, Term};

use super::{Key, NodeKey, OnProblem, Sink, in_file};
use crate::error::{Code, Error, Result};
use crate::io::rdf::OURS;

/// The syntaxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Turtle.
    Turtle,
    /// TriG.
    TriG,
    /// N-Triples.
    NTriples,
    /// N-Quads.
    NQuads,
    /// JSON-LD.
    JsonLd,
}

/// Reads `input` to its end. `file` names it in messages.
pub fn read(
    input: Box<dyn BufRead + Send>,
    file: &str,
    syntax: Syntax,
    sink: &mut dyn Sink,
    problem: OnProblem<'_>,
) -> Result<()> {
    let mut reader = Reader { sink, file, names: Names::default(), state: State::default() };
    let mut block: Option<Block> = None;
    for quad in quads(input, syntax) {
        let quad = match quad {
            Ok(quad) => quad,
            Err(error) if error.code() == Code::FileAccess => return Err(in_file(file, &error)),
            Err(error) => {
                problem(in_file(file, &error))?;
                continue;
            }
        };
        match &mut block {
            Some(block) if block.subject == quad.subject => block.push(quad),
            _ => {
                if let Some(full) = block.replace(Block::new(quad)) {
                    reader.block(full, problem)?;
                }
            }
        }
    }
    if let Some(last) = block {
        reader.block(last, problem)?;
    }
    reader.finish(problem)
}

type Quads = Box<dyn Iterator<Item = Result<Quad>>>;

fn quads(input: Box<dyn BufRead + Send>, syntax: Syntax) -> Quads {
    let triple =
        |t: std::result::Result<oxrdf::Triple, _>| t.map(|t| t.in_graph(GraphName::DefaultGraph)).map_err(turtle);
    match syntax {
        Syntax::Turtle => Box::new(oxttl::TurtleParser::new().for_reader(input).map(triple)),
        Syntax::NTriples => Box::new(oxttl::NTriplesParser::new().for_reader(input).map(triple)),
        Syntax::TriG => Box::new(oxttl::TriGParser::new().for_reader(input).map(|q| q.map_err(turtle))),
        Syntax::NQuads => Box::new(oxttl::NQuadsParser::new().for_reader(input).map(|q| q.map_err(turtle))),
        Syntax::JsonLd => {
            let parser = oxjsonld::JsonLdParser::new().for_reader(input as Box<dyn Read>);
            let parser = parser.with_load_document_callback(|url, _| {
                Err(format!("the context {url} is elsewhere, and nothing is fetched: put it into the file").into())
            });
            Box::new(parser.map(|q| q.map_err(json_ld)))
        }
    }
}

fn turtle(error: oxttl::TurtleParseError) -> Error {
    match error {
        oxttl::TurtleParseError::Io(error) => crate::io::unreadable("RDF", &error),
        oxttl::TurtleParseError::Syntax(error) => {
            let at = error.location().start;
            Error::data(format!("line {}, column {}: {}", at.line + 1, at.column + 1, error.message()))
        }
    }
}

fn json_ld(error: oxjsonld::JsonLdParseError) -> Error {
    match error {
        oxjsonld::JsonLdParseError::Io(error) => crate::io::unreadable("JSON-LD", &error),
        oxjsonld::JsonLdParseError::Syntax(error) => match error.location() {
            Some(at) => Error::data(format!("line {}, column {}: {error}", at.start.line + 1, at.start.column + 1)),
            None => Error::data(format!("JSON-LD: {error}")),
        },
    }
}

/// Statements about one subject.
struct Block {
    subject: NamedOrBlankNode,
    said: Vec<(String, Term, GraphName)>,
}

impl Block {
    fn new(quad: Quad) -> Self {
        let mut block = Self { subject: quad.subject.clone(), said: Vec::new() };
        block.push(quad);
        block
    }

    fn push(&mut self, quad: Quad) {
        self.said.push((quad.predicate.into_string(), quad.object, quad.graph_name));
    }

    /// The objects of a predicate.
    fn all<'a>(&'a self, predicate: &str) -> impl Iterator<Item = &'a Term> + use<'a> {
        let found: Vec<&Term> = self.said.iter().filter(|s| s.0 == predicate).map(|s| &s.1).collect();
        found.into_iter()
    }

    /// The first of them that is an IRI.
    fn iri(&self, predicate: &str) -> Option<&str> {
        self.all(predicate).find_map(|term| if let Term::NamedNode(node) = term { Some(node.as_str()) } else { None })
    }

    /// The first of them that is a literal; empty when there is none.
    fn text(&self, predicate: &str) -> &str {
        let mut all = self.all(predicate);
        all.find_map(|term| if let Term::Literal(literal) = term { Some(literal.value()) } else { None })
            .unwrap_or_default()
    }
}

/// Short names of IRIs; no two IRIs have the same.
#[derive(Default)]
struct Names {
    short: HashMap<String, Arc<str>>,
    taken: HashSet<Arc<str>>,
}

impl Names {
    /// The name of an IRI: its last part, or all of it when another IRI has that part already.
    fn of(&mut self, iri: &str) -> Arc<str> {
        if let Some(known) = self.short.get(iri) {
            return Arc::clone(known);
        }
        let last = iri.rsplit(['#', '/', ':']).next().filter(|last| !last.is_empty()).unwrap_or(iri);
        let name: Arc<str> = if self.taken.contains(last) { iri.into() } else { last.into() };
        self.taken.insert(Arc::clone(&name));
        self.short.insert(iri.to_owned(), Arc::clone(&name));
        name
    }
}

/// What waits for the end, and what was recognised.
#[derive(Default)]
struct State {
    /// Cells of lists: what they hold and where they go on.
    cells: HashMap<String, (Option<Term>, Option<Term>)>,
    /// Statements whose object is a blank node or the empty list: it may be a list.
    waiting: Vec<(NamedOrBlankNode, String, Term, GraphName)>,
    /// Nodes of ours that have an IRI of their own.
    own: HashSet<String>,
    /// Sources that were declared.
    sources: HashSet<String>,
    /// Mentions and conflicts, whose relationships may come later.
    later: Vec<Block>,
}

struct Reader<'a> {
    sink: &'a mut dyn Sink,
    file: &'a str,
    names: Names,
    state: State,
}

impl Reader<'_> {
    fn block(&mut self, block: Block, problem: OnProblem<'_>) -> Result<()> {
        let subject = block.subject.to_string();
        let taken = match self.ours(block) {
            Ok(None) => Ok(()),
            Ok(Some(block)) => self.foreign(block),
            Err(error) => Err(error),
        };
        taken.or_else(|error| problem(in_file(self.file, &Error::data(format!("{subject}: {}", error.message())))))
    }

    fn finish(&mut self, problem: OnProblem<'_>) -> Result<()> {
        for block in std::mem::take(&mut self.state.later) {
            let subject = block.subject.to_string();
            self.beside(&block).or_else(|error| {
                problem(in_file(self.file, &Error::data(format!("{subject}: {}", error.message()))))
            })?;
        }
        for (subject, predicate, object, graph) in std::mem::take(&mut self.state.waiting) {
            let named = subject.to_string();
            self.waited(subject, &predicate, object, &graph)
                .or_else(|error| problem(in_file(self.file, &Error::data(format!("{named}: {}", error.message())))))?;
        }
        Ok(())
    }
}

/// The key of a node: its IRI, or the label of a blank node within its file.
fn key<'a>(file: &'a str, node: &'a NamedOrBlankNode) -> NodeKey<'a> {
    match node {
        NamedOrBlankNode::NamedNode(node) => iri_key(file, node.as_str()),
        NamedOrBlankNode::BlankNode(node) => NodeKey { space: file, key: Key::Text(node.as_str()) },
    }
}

/// The key of a node that has an IRI; those of ours that are mere numbers mean something within their file only.
fn iri_key<'a>(file: &'a str, iri: &'a str) -> NodeKey<'a> {
    NodeKey { space: if is_ours(iri) { file } else { "" }, key: Key::Text(iri) }
}

/// Whether an IRI is one of ours.
fn is_ours(iri: &str) -> bool {
    iri.starts_with(OURS)
}

#[cfg(test)]
mod tests;
