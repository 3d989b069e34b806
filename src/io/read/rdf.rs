//! RDF: Turtle, TriG, N-Triples, N-Quads and JSON-LD, with RDF 1.2. What we exported ourselves is recognised by its
//! vocabulary and becomes the graph it was; everything else is mapped:
//!
//! | statement | graph |
//! |---|---|
//! | subject or object IRI | node with the property `iri`; a blank node is a node without it |
//! | `rdf:type` | label: the last part of the IRI |
//! | literal | property, key: the last part of the predicate; several values become a list |
//! | language tag | part of the key: `name_kk`; a direction too: `name_ar_rtl` |
//! | datatype without a counterpart, number that ours cannot hold exactly | the text, and the datatype under `KEY_datatype` |
//! | IRI or blank node | relationship, type: the last part of the predicate; said twice it is one |
//! | RDF list of literals | list; of others: a relationship to each, with `position` |
//! | RDF list that is more than a list | its cells as nodes, with `first` and `rest` |
//! | named graph | property `graph` of relationships |
//! | statement about a statement | see `statement` |
//!
//! Two IRIs with the same last part do not become one name: the second keeps its whole IRI, also when it comes in another file
//! or a later import. Which IRI a name is short for is declared, as the terms of a relationship type. One block of
//! statements about the same subject is held at a time; besides, until the end, the cells of lists, statements about
//! statements and what names blank nodes. Statements of our own that stand in another order, because somebody sorted lines or
//! another program wrote them again, are put together by their subjects first. No URL is fetched: a context that JSON-LD has elsewhere is refused.

mod dropped;
mod foreign;
mod list;
mod names;
mod ours;
mod statement;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufRead, Cursor, Read};

use oxrdf::{GraphName, NamedOrBlankNode, Quad, Term};

use super::{Key, NodeKey, OnProblem, Sink, in_file};
use crate::error::{Code, Error, Result};
use crate::io::rdf::{IN_ORDER, NODE, OURS, REL, SOURCE, TYPE};
use list::Cell;
use names::Names;

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

/// Reads `input` to its end. `file` names it in messages; relative IRIs are taken to lie below `base`.
pub(crate) fn read(
    mut input: Box<dyn BufRead + Send>,
    file: &str,
    syntax: Syntax,
    base: Option<&str>,
    sink: &mut dyn Sink,
    problem: OnProblem<'_>,
) -> Result<()> {
    let scattered = may_be_scattered(&mut *input, syntax);
    let mut unexplained = BTreeMap::new();
    if syntax == Syntax::JsonLd && !scattered {
        (input, unexplained) = looked_through(input, base.is_some()).map_err(|e| in_file(file, &e))?;
    }
    let mut said = false;
    let names = Names::new(sink);
    let mut reader = Reader { sink, file, names, state: State::default() };
    let mut held = Held::default();
    let mut block: Option<Block> = None;
    for quad in quads(input, syntax, base).map_err(|e| in_file(file, &e))? {
        let quad = match quad {
            Ok(quad) => quad,
            Err(error) if error.code() == Code::FileAccess => return Err(in_file(file, &error)),
            Err(error) => {
                problem(in_file(file, &error))?;
                continue;
            }
        };
        said = true;
        // what our own export says in the graph of a source, it says elsewhere too
        if matches!(&quad.graph_name, GraphName::NamedNode(graph) if graph.as_str().starts_with(SOURCE)) {
            continue;
        }
        if scattered {
            held.push(quad);
            continue;
        }
        match &mut block {
            Some(block) if block.subject == quad.subject => block.push(quad),
            _ => {
                if let Some(full) = block.replace(Block::new(quad)) {
                    reader.block(full, problem)?;
                }
            }
        }
    }
    if let (false, Some((what, count))) = (said, unexplained.first_key_value()) {
        let message = format!("nothing of it can be understood: {count} × {what}");
        let hint = "a @context in the file says what its names mean, --base IRI what its relative IRIs are relative to";
        return Err(in_file(file, &Error::data(message).hint(hint)));
    }
    for (what, count) in unexplained {
        reader.sink.passed_over(&format!("{file}: {what}"), count);
    }
    for block in held.in_order().into_iter().chain(block) {
        reader.block(block, problem)?;
    }
    reader.finish(problem)
}

/// Longest document of JSON-LD that is looked through for what is dropped, in bytes.
const LONGEST_LOOK: u64 = 64 << 20;

/// The input, and what of it is dropped in silence. One that is very long is not looked through: then that is said.
fn looked_through(
    mut input: Box<dyn BufRead + Send>,
    based: bool,
) -> Result<(Box<dyn BufRead + Send>, BTreeMap<String, u64>)> {
    let mut text = Vec::new();
    let read = input.by_ref().take(LONGEST_LOOK + 1).read_to_end(&mut text);
    read.map_err(|e| crate::io::unreadable("JSON-LD", &e))?;
    let counts = match text.len() as u64 > LONGEST_LOOK {
        true => BTreeMap::from([("members without a meaning: the file is too long to look for them".to_owned(), 1)]),
        false => dropped::dropped(&text, based),
    };
    Ok((Box::new(Cursor::new(text).chain(input)), counts))
}

/// Whether the beginning names something of ours, and nothing says that it stands in our order; nothing is taken. Whoever
/// writes Turtle again drops comments; lines may be sorted, comments and all.
fn may_be_scattered(input: &mut dyn BufRead, syntax: Syntax) -> bool {
    // what cannot be read says so when it is read
    let head = input.fill_buf().unwrap_or_default();
    let ours = head.windows(OURS.len()).any(|w| w == OURS.as_bytes());
    let ordered = matches!(syntax, Syntax::Turtle | Syntax::TriG) && head.starts_with(IN_ORDER.as_bytes());
    ours && !ordered
}

/// Statements put together by their subjects, when they do not stand together.
#[derive(Default)]
struct Held {
    blocks: Vec<Block>,
    by_subject: HashMap<NamedOrBlankNode, usize>,
    /// The subject of the last statement, by its place.
    last: usize,
    /// Some statements stand apart from others about their subject.
    apart: bool,
}

impl Held {
    fn push(&mut self, quad: Quad) {
        match self.by_subject.get(&quad.subject) {
            Some(&at) => {
                self.apart |= at != self.last;
                self.last = at;
                self.blocks[at].push(quad);
            }
            None => {
                self.last = self.blocks.len();
                self.by_subject.insert(quad.subject.clone(), self.last);
                self.blocks.push(Block::new(quad));
            }
        }
    }

    /// As they stood; where that was no order, in that of our own files: what is declared, who speaks, nodes, relationships by their numbers, the rest.
    fn in_order(mut self) -> Vec<Block> {
        let rank = |block: &Block| {
            let NamedOrBlankNode::NamedNode(subject) = &block.subject else { return (4, 0) };
            let number = |space: &str| subject.as_str().strip_prefix(space).and_then(|n| n.parse::<u64>().ok());
            match subject.as_str() {
                iri if iri.starts_with(TYPE) => (0, 0),
                iri if iri.starts_with(SOURCE) => (1, 0),
                iri if iri.starts_with(NODE) => (2, number(NODE).unwrap_or_default()),
                iri if iri.starts_with(REL) => (3, number(REL).unwrap_or_default()),
                iri if iri.starts_with(OURS) => (4, 0),
                _ => (2, u64::MAX),
            }
        };
        let numbers = self.blocks.iter().map(rank).filter(|(kind, number)| matches!(kind, 2 | 3) && *number < u64::MAX);
        if self.apart || !numbers.is_sorted() {
            self.blocks.sort_by_cached_key(rank);
        }
        self.blocks
    }
}

type Quads = Box<dyn Iterator<Item = Result<Quad>>>;

fn quads(input: Box<dyn BufRead + Send>, syntax: Syntax, base: Option<&str>) -> Result<Quads> {
    let triple =
        |t: std::result::Result<oxrdf::Triple, _>| t.map(|t| t.in_graph(GraphName::DefaultGraph)).map_err(turtle);
    let wrong = |base: &str| Error::data(format!("the base {base:?} is no absolute IRI"));
    Ok(match syntax {
        Syntax::Turtle => {
            let mut parser = oxttl::TurtleParser::new();
            if let Some(base) = base {
                parser = parser.with_base_iri(base).map_err(|_| wrong(base))?;
            }
            Box::new(parser.for_reader(input).map(triple))
        }
        Syntax::TriG => {
            let mut parser = oxttl::TriGParser::new();
            if let Some(base) = base {
                parser = parser.with_base_iri(base).map_err(|_| wrong(base))?;
            }
            Box::new(parser.for_reader(input).map(|q| q.map_err(turtle)))
        }
        Syntax::NTriples => Box::new(oxttl::NTriplesParser::new().for_reader(input).map(triple)),
        Syntax::NQuads => Box::new(oxttl::NQuadsParser::new().for_reader(input).map(|q| q.map_err(turtle))),
        Syntax::JsonLd => {
            let mut parser = oxjsonld::JsonLdParser::new();
            if let Some(base) = base {
                parser = parser.with_base_iri(base).map_err(|_| wrong(base))?;
            }
            let parser = parser.for_reader(input as Box<dyn Read>);
            let parser = parser.with_load_document_callback(|url, _| {
                Err(format!("the context {url} is elsewhere, and nothing is fetched: put it into the file").into())
            });
            Box::new(parser.map(|q| q.map_err(json_ld)))
        }
    })
}

fn turtle(error: oxttl::TurtleParseError) -> Error {
    match error {
        oxttl::TurtleParseError::Io(error) => crate::io::unreadable("RDF", &error),
        oxttl::TurtleParseError::Syntax(error) => {
            let at = error.location().start;
            let said = Error::data(format!("line {}, column {}: {}", at.line + 1, at.column + 1, error.message()));
            match error.message().contains("scheme") || error.message().contains("relative") {
                true => Error::data(format!("{}: a relative IRI needs a base", said.message()))
                    .hint("--base IRI says what the file's IRIs are relative to, as @base in the file would"),
                false => said,
            }
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

/// What waits for the end, and what was recognised.
#[derive(Default)]
struct State {
    /// Cells of lists: what they hold and where they go on.
    cells: HashMap<String, Cell>,
    /// Statements about statements.
    reified: Vec<Block>,
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
        taken.or_else(|error| problem(self.named(&subject, &error)))
    }

    /// An error of the statements about a subject.
    fn named(&self, subject: &str, error: &Error) -> Error {
        in_file(self.file, &error.prefixed(&format!("{subject}: ")))
    }

    fn finish(&mut self, problem: OnProblem<'_>) -> Result<()> {
        for block in std::mem::take(&mut self.state.later) {
            let subject = block.subject.to_string();
            let taken = self.beside(&block);
            taken.or_else(|error| problem(self.named(&subject, &error)))?;
        }
        self.statements(problem)?;
        self.lists(problem)
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
