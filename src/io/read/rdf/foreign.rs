//! Other people's statements.

use std::collections::HashSet;
use std::sync::Arc;

use oxrdf::{GraphName, Literal, NamedOrBlankNode, Term};

use super::{Block, Reader, key};
use crate::error::{Error, Result};
use crate::io::rdf::{RDF, value};
use crate::io::read::Properties;
use crate::value::Value;

impl Reader<'_> {
    /// Takes a block: its node with labels and properties, then its relationships.
    pub(super) fn foreign(&mut self, block: Block) -> Result<()> {
        if matches!(block.subject, NamedOrBlankNode::BlankNode(_)) && self.cell(&block) {
            return Ok(());
        }
        let mut labels: Vec<Arc<str>> = Vec::new();
        let mut properties = Vec::new();
        let mut rels = Vec::new();
        let mut seen = HashSet::new();
        for statement in block.said {
            if !seen.insert(statement.clone()) {
                continue; // a statement said twice is one
            }
            let (predicate, object, graph) = statement;
            match object {
                Term::NamedNode(class) if is_type(&predicate) => labels.push(self.names.of(class.as_str())),
                Term::Literal(literal) => self.property(&predicate, &literal, &mut properties)?,
                other => rels.push((predicate, other, graph)),
            }
        }
        self.more(&block.subject, &labels, properties)?;
        for (predicate, object, graph) in rels {
            match object {
                Term::NamedNode(object) if object.as_str() != format!("{RDF}nil") => {
                    self.rel(&block.subject, &predicate, &object.into(), &graph, None)?;
                }
                other => self.state.waiting.push((block.subject.clone(), predicate, other, graph)),
            }
        }
        Ok(())
    }

    /// Keeps a block that is a cell of a list.
    fn cell(&mut self, block: &Block) -> bool {
        let one = |name: &str| block.all(&format!("{RDF}{name}")).next().cloned();
        let (first, rest) = (one("first"), one("rest"));
        if first.is_none() && rest.is_none() {
            return false;
        }
        if let NamedOrBlankNode::BlankNode(node) = &block.subject {
            let cell = self.state.cells.entry(node.as_str().to_owned()).or_default();
            *cell = (first.or(cell.0.take()), rest.or(cell.1.take()));
        }
        true
    }

    /// Takes a statement whose object is a blank node, or a list, now that everything is read.
    pub(super) fn waited(
        &mut self,
        subject: NamedOrBlankNode,
        predicate: &str,
        object: Term,
        graph: &GraphName,
    ) -> Result<()> {
        let Some(items) = self.list(&object)? else {
            let Term::BlankNode(object) = object else { return Ok(()) };
            return self.rel(&subject, predicate, &object.into(), graph, None);
        };
        if items.iter().all(|item| matches!(item, Term::Literal(_))) {
            let mut values = Vec::new();
            for item in &items {
                let Term::Literal(literal) = item else { continue };
                values.push(value::read(literal)?.unwrap_or_else(|| Value::str(literal.value())));
            }
            let name = self.names.of(predicate);
            return self.more(&subject, &[], vec![(name, Value::list(values)?)]);
        }
        for (position, item) in (1..).zip(items) {
            let object = match item {
                Term::NamedNode(node) => node.into(),
                Term::BlankNode(node) => node.into(),
                Term::Literal(literal) => {
                    let message = format!("the list of {predicate} holds the literal {literal} beside nodes");
                    return Err(Error::data(message));
                }
            };
            self.rel(&subject, predicate, &object, graph, Some(position))?;
        }
        Ok(())
    }

    /// The items of a list; nothing for what is none. Errors: a list that does not end, or lacks an item.
    fn list(&self, head: &Term) -> Result<Option<Vec<Term>>> {
        let nil = format!("{RDF}nil");
        let broken = || Error::data(format!("the list {head} is broken"));
        let mut items = Vec::new();
        let mut at = head;
        loop {
            match at {
                Term::NamedNode(node) if node.as_str() == nil => return Ok(Some(items)),
                Term::BlankNode(node) => match self.state.cells.get(node.as_str()) {
                    None if items.is_empty() => return Ok(None),
                    Some((Some(first), Some(rest))) if items.len() < self.state.cells.len() => {
                        items.push(first.clone());
                        at = rest;
                    }
                    _ => return Err(broken()),
                },
                _ => return Err(broken()),
            }
        }
    }

    fn property(&mut self, predicate: &str, literal: &Literal, to: &mut Properties) -> Result<()> {
        let name = self.names.of(predicate);
        let name: Arc<str> = match literal.language() {
            Some(tag) => format!("{name}_{}", tag.replace('-', "_")).into(),
            None => name,
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

    fn more(&mut self, node: &NamedOrBlankNode, labels: &[Arc<str>], properties: Properties) -> Result<()> {
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

    fn rel(
        &mut self,
        subject: &NamedOrBlankNode,
        predicate: &str,
        object: &NamedOrBlankNode,
        graph: &GraphName,
        position: Option<i64>,
    ) -> Result<()> {
        self.more(subject, &[], Properties::new())?;
        self.more(object, &[], Properties::new())?;
        let mut properties = Properties::new();
        if let GraphName::NamedNode(graph) = graph {
            properties.push(("graph".into(), Value::str(graph.as_str())));
        }
        properties.extend(position.map(|position| ("position".into(), Value::Int(position))));
        let ty = self.names.of(predicate);
        self.sink.rel(None, &ty, key(self.file, subject), key(self.file, object), properties)
    }
}

fn is_type(predicate: &str) -> bool {
    predicate.strip_prefix(RDF) == Some("type")
}
