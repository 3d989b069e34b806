//! Lists: cells with `rdf:first` and `rdf:rest`, wherever they stand in the file.

use oxrdf::{BlankNode, GraphName, NamedNode, NamedOrBlankNode, Term};

use super::names::Of;
use super::{Block, Reader, key};
use crate::error::Result;
use crate::io::rdf::{RDF, value};
use crate::io::read::OnProblem;
use crate::value::Value;

/// A cell of a list.
#[derive(Default)]
pub(super) struct Cell {
    first: Option<Term>,
    rest: Option<Term>,
    /// Whatever else is said of it: then it is more than a cell.
    more: Vec<(String, Term, GraphName)>,
    /// It stands in a list that was taken.
    used: bool,
}

/// What a list holds.
enum Item {
    Value(Value),
    Node(NamedOrBlankNode),
}

impl Reader<'_> {
    /// Keeps a block that is a cell of a list, or says more of one.
    pub(super) fn cell(&mut self, block: &mut Block) -> bool {
        let NamedOrBlankNode::BlankNode(node) = &block.subject else { return false };
        let about = |name: &str| name.strip_prefix(RDF).is_some_and(|name| matches!(name, "first" | "rest"));
        let is_cell = block.said.iter().any(|(predicate, ..)| about(predicate));
        if !is_cell && !self.state.cells.contains_key(node.as_str()) {
            return false;
        }
        let cell = self.state.cells.entry(node.as_str().to_owned()).or_default();
        for (predicate, object, graph) in block.said.drain(..) {
            let place = match predicate.strip_prefix(RDF) {
                Some("first") => &mut cell.first,
                Some("rest") => &mut cell.rest,
                Some("type") if matches!(&object, Term::NamedNode(n) if n.as_str() == format!("{RDF}List")) => continue,
                _ => {
                    cell.more.push((predicate, object, graph));
                    continue;
                }
            };
            match place {
                Some(known) if *known == object => {}
                Some(_) => cell.more.push((predicate, object, graph)),
                None => *place = Some(object),
            }
        }
        true
    }

    /// Takes what waited for the end: statements whose object is a blank node, or a list; then what is left of lists.
    pub(super) fn lists(&mut self, problem: OnProblem<'_>) -> Result<()> {
        loop {
            for (subject, predicate, object, graph) in std::mem::take(&mut self.state.waiting) {
                let taken = self.waited(&subject, &predicate, &object, &graph);
                taken.or_else(|error| problem(self.named(&subject.to_string(), &error)))?;
            }
            let mut left: Vec<String> =
                self.state.cells.iter().filter(|(_, cell)| !cell.used).map(|(name, _)| name.clone()).collect();
            if left.is_empty() {
                return Ok(());
            }
            left.sort();
            for name in left {
                let Some(cell) = self.state.cells.remove(&name) else { continue };
                let subject = NamedOrBlankNode::from(BlankNode::new_unchecked(name));
                let part = |name: &str, term: Option<Term>| {
                    term.map(|term| (format!("{RDF}{name}"), term, GraphName::DefaultGraph))
                };
                let said = part("first", cell.first).into_iter().chain(part("rest", cell.rest)).chain(cell.more);
                let named = subject.to_string();
                let taken = self.described(Block { subject, said: said.collect() });
                taken.or_else(|error| problem(self.named(&named, &error)))?;
            }
        }
    }

    fn waited(&mut self, subject: &NamedOrBlankNode, predicate: &str, object: &Term, graph: &GraphName) -> Result<()> {
        let Some(items) = self.items(object, 0)? else {
            return match object {
                Term::BlankNode(object) => self.rel(subject, predicate, &object.clone().into(), graph, None),
                Term::NamedNode(object) => self.rel(subject, predicate, &object.clone().into(), graph, None),
                _ => Ok(()),
            };
        };
        self.use_up(object);
        let mut values = Vec::new();
        let mut positions = Vec::new();
        let count = items.len();
        for (position, item) in (1..).zip(items) {
            match item {
                Item::Value(value) => {
                    values.push(value);
                    positions.push(Value::Int(position));
                }
                Item::Node(node) => self.rel(subject, predicate, &node, graph, Some(position))?,
            }
        }
        if values.is_empty() && count > 0 {
            return Ok(());
        }
        let name = self.names.of(predicate, Of::Predicate, self.sink)?;
        let mut properties = Vec::new();
        if values.len() < count {
            // beside nodes: which of the list they are
            properties.push((format!("{name}_position").into(), Value::list(positions)?));
        }
        properties.push((name, Value::list(values)?));
        self.more(subject, &[], properties)
    }

    /// The items of what is nothing but a list; nothing for everything else.
    fn items(&self, head: &Term, depth: u16) -> Result<Option<Vec<Item>>> {
        if depth > crate::value::MAX_DEPTH / 2 {
            return Ok(None);
        }
        let (mut items, mut at) = (Vec::new(), head);
        loop {
            match at {
                Term::NamedNode(node) if is_nil(node) => return Ok(Some(items)),
                Term::BlankNode(node) => {
                    let known = self.sink.knows(key(self.file, &node.clone().into()));
                    let Some(cell) = self.state.cells.get(node.as_str()).filter(|cell| !known && cell.more.is_empty())
                    else {
                        return Ok(None);
                    };
                    let (Some(first), Some(rest)) = (&cell.first, &cell.rest) else { return Ok(None) };
                    if items.len() >= self.state.cells.len() {
                        return Ok(None); // it bites its tail
                    }
                    let Some(item) = self.item(first, depth)? else { return Ok(None) };
                    items.push(item);
                    at = rest;
                }
                _ => return Ok(None),
            }
        }
    }

    fn item(&self, term: &Term, depth: u16) -> Result<Option<Item>> {
        Ok(match term {
            Term::Literal(literal) => {
                let plain = literal.language().is_none() && !literal_is_odd(literal)?;
                plain.then_some(Item::Value(value::read(literal)?.unwrap_or_else(|| Value::str(literal.value()))))
            }
            Term::NamedNode(node) if !is_nil(node) => Some(Item::Node(node.clone().into())),
            Term::BlankNode(node) if !self.state.cells.contains_key(node.as_str()) => {
                Some(Item::Node(node.clone().into()))
            }
            // a list in a list
            Term::NamedNode(_) | Term::BlankNode(_) => match self.items(term, depth + 1)? {
                Some(items) => {
                    let value = |item| if let Item::Value(value) = item { Some(value) } else { None };
                    items
                        .into_iter()
                        .map(value)
                        .collect::<Option<Vec<_>>>()
                        .map(Value::list)
                        .transpose()?
                        .map(Item::Value)
                }
                None => None,
            },
            Term::Triple(_) => None,
        })
    }

    /// The cells of a list that was taken, those of lists in it too, are not taken again.
    fn use_up(&mut self, head: &Term) {
        let mut open = vec![head.clone()];
        while let Some(Term::BlankNode(node)) = open.pop().or_else(|| open.pop()) {
            let Some(cell) = self.state.cells.get_mut(node.as_str()).filter(|cell| !cell.used) else { continue };
            cell.used = true;
            open.extend(
                cell.first.clone().into_iter().chain(cell.rest.clone()).filter(|t| matches!(t, Term::BlankNode(_))),
            );
        }
    }
}

/// Whether more than a value must be said of a literal: its datatype.
fn literal_is_odd(literal: &oxrdf::Literal) -> Result<bool> {
    Ok(value::read(literal)?.is_none())
}

pub(super) fn is_nil(node: &NamedNode) -> bool {
    node.as_str().strip_prefix(RDF) == Some("nil")
}
