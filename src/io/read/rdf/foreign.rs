//! Other people's statements.

use std::collections::HashSet;
use std::sync::Arc;

use oxrdf::{BaseDirection, GraphName, Literal, NamedOrBlankNode, Term};

use super::names::Of;
use super::{Block, Reader, key, list};
use crate::error::Result;
use crate::io::rdf::{RDF, value};
use crate::io::read::Properties;
use crate::value::Value;

impl Reader<'_> {
    /// Takes a block, unless it must wait: a cell of a list, a statement about a statement.
    pub(super) fn foreign(&mut self, mut block: Block) -> Result<()> {
        if self.cell(&mut block) {
            return Ok(());
        }
        if block.said.iter().any(|(_, object, _)| matches!(object, Term::Triple(_))) {
            self.state.reified.push(block);
            return Ok(());
        }
        self.described(block)
    }

    /// Takes a block: its node with labels and properties, then its relationships.
    pub(super) fn described(&mut self, block: Block) -> Result<()> {
        let mut labels: Vec<Arc<str>> = Vec::new();
        let mut properties = Vec::new();
        let mut rels = Vec::new();
        let mut seen = HashSet::new();
        let several = block.said.len() > 1;
        for statement in block.said {
            if several && !seen.insert(statement.clone()) {
                continue; // a statement said twice is one
            }
            let (predicate, object, graph) = statement;
            match object {
                Term::NamedNode(class) if is_type(&predicate) => {
                    labels.push(self.names.of(class.as_str(), Of::Class, self.sink)?);
                }
                Term::Literal(literal) => {
                    if graph != GraphName::DefaultGraph {
                        let what = format!("{}: graphs of values (those of relationships are kept)", self.file);
                        self.sink.passed_over(&what, 1);
                    }
                    self.property(&predicate, &literal, &mut properties)?;
                }
                other => rels.push((predicate, other, graph)),
            }
        }
        self.more(&block.subject, &labels, properties)?;
        for (predicate, object, graph) in rels {
            match object {
                Term::NamedNode(object) if !list::is_nil(&object) => {
                    self.rel(&block.subject, &predicate, &object.into(), &graph, None)?;
                }
                other => self.state.waiting.push((block.subject.clone(), predicate, other, graph)),
            }
        }
        Ok(())
    }

    /// Adds the property that a literal is.
    pub(super) fn property(&mut self, predicate: &str, literal: &Literal, to: &mut Properties) -> Result<()> {
        let name = match literal.language() {
            Some(language) => {
                let direction = match literal.direction() {
                    Some(BaseDirection::Ltr) => "_ltr",
                    Some(BaseDirection::Rtl) => "_rtl",
                    None => "",
                };
                let tag = format!("{}{direction}", language.replace('-', "_"));
                self.names.of(predicate, Of::Tagged(&tag), self.sink)?
            }
            None => self.names.of(predicate, Of::Predicate, self.sink)?,
        };
        let value = match value::read(literal)? {
            Some(value) => value,
            None => {
                to.push((format!("{name}_datatype").into(), Value::str(literal.datatype().as_str())));
                Value::str(literal.value())
            }
        };
        to.push((name, value));
        Ok(())
    }

    /// Says more of a node: what it is not known for yet.
    pub(super) fn more(&mut self, node: &NamedOrBlankNode, labels: &[Arc<str>], properties: Properties) -> Result<()> {
        let mut all = Properties::new();
        if let NamedOrBlankNode::NamedNode(node) = node {
            all.push(("iri".into(), Value::str(node.as_str())));
        }
        // several values of one key in a block join one after another
        for (name, value) in properties {
            match all.iter_mut().find(|(known, _)| *known == name) {
                Some((_, Value::Str(_))) if &*name == "iri" => all.push(("iri_property".into(), value)),
                Some((_, known)) => *known = crate::io::read::into_graph::joined(known.clone(), value)?,
                None => all.push((name, value)),
            }
        }
        self.sink.more(key(self.file, node), labels, all)
    }

    /// Makes sure that there is a node to relate.
    fn end(&mut self, node: &NamedOrBlankNode) -> Result<()> {
        if self.sink.knows(key(self.file, node)) { Ok(()) } else { self.more(node, &[], Properties::new()) }
    }

    pub(super) fn rel(
        &mut self,
        subject: &NamedOrBlankNode,
        predicate: &str,
        object: &NamedOrBlankNode,
        graph: &GraphName,
        position: Option<i64>,
    ) -> Result<()> {
        let mut properties = Properties::new();
        match graph {
            GraphName::NamedNode(graph) => properties.push(("graph".into(), Value::str(graph.as_str()))),
            GraphName::BlankNode(graph) => properties.push(("graph".into(), Value::str(graph.to_string()))),
            GraphName::DefaultGraph => {}
        }
        self.relate(subject, predicate, object, position, properties)
    }

    /// Relates two nodes, once.
    pub(super) fn relate(
        &mut self,
        subject: &NamedOrBlankNode,
        predicate: &str,
        object: &NamedOrBlankNode,
        position: Option<i64>,
        properties: Properties,
    ) -> Result<()> {
        self.end(subject)?;
        self.end(object)?;
        let ty = self.names.of(predicate, Of::Predicate, self.sink)?;
        let (start, end) = (key(self.file, subject), key(self.file, object));
        self.sink.rel_once(&ty, start, end, position, properties)
    }
}

fn is_type(predicate: &str) -> bool {
    predicate.strip_prefix(RDF) == Some("type")
}
