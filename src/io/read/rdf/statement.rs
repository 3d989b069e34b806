//! Statements about statements (RDF 1.2: `<< s p o >>`, `s p o {| … |}`).
//!
//! Where only values are said of a statement, nobody names it, and its object is a node, they are properties of the
//! relationship it is; a relationship that nobody states otherwise has the property `asserted` with the value false: it was
//! spoken of, which makes no fact of it. Every other one is a node: with a relationship `subject`, a property
//! `predicate` (the IRI), a relationship or a property `object`, and what is said of it.

use std::collections::HashSet;

use oxrdf::{BlankNode, GraphName, NamedNode, NamedOrBlankNode, Term, Triple};

use super::{Block, Reader};
use crate::error::Result;
use crate::io::rdf::{RDF, XSD};
use crate::io::read::{OnProblem, Properties};
use crate::value::Value;

/// The property of a relationship that was spoken of and not stated.
const ASSERTED: &str = "asserted";

/// A statement that waits: subject, predicate, object.
type Stated<'a> = (&'a NamedOrBlankNode, &'a str, &'a Term);

impl Reader<'_> {
    /// Takes the blocks that speak of statements.
    pub(super) fn statements(&mut self, problem: OnProblem<'_>) -> Result<()> {
        let blocks = std::mem::take(&mut self.state.reified);
        let mut named: HashSet<NamedOrBlankNode> = HashSet::new();
        let waiting = self.state.waiting.iter().map(|(_, _, object, _)| object);
        for object in waiting.chain(blocks.iter().flat_map(|b| b.said.iter().map(|(_, object, _)| object))) {
            if let Term::BlankNode(node) = object {
                named.insert(node.clone().into());
            }
        }
        // blocks about one statement may stand apart
        let mut joined: Vec<Block> = Vec::new();
        for block in blocks {
            match joined.iter_mut().rev().take(64).find(|known| known.subject == block.subject) {
                Some(known) => known.said.extend(block.said),
                None => joined.push(block),
            }
        }
        let waiting = std::mem::take(&mut self.state.waiting);
        let stated: HashSet<Stated<'_>> = waiting.iter().map(|(s, p, o, _)| (s, p.as_str(), o)).collect();
        for block in joined {
            let subject = block.subject.to_string();
            let taken = self.statement(block, &named, &stated);
            taken.or_else(|error| problem(self.named(&subject, &error)))?;
        }
        drop(stated);
        self.state.waiting.extend(waiting);
        Ok(())
    }

    fn statement(
        &mut self,
        block: Block,
        named: &HashSet<NamedOrBlankNode>,
        waiting: &HashSet<Stated<'_>>,
    ) -> Result<()> {
        let reifies = |(predicate, object, _): &&(String, Term, GraphName)| {
            matches!(object, Term::Triple(_)) && predicate.strip_prefix(RDF) == Some("reifies")
        };
        let about: Vec<&(String, Term, GraphName)> = block.said.iter().filter(reifies).collect();
        let rest: Vec<&(String, Term, GraphName)> = block.said.iter().filter(|s| !reifies(s)).collect();
        // more may have been said of it elsewhere in the file, behind a `[ … ]`
        let blank = matches!(block.subject, NamedOrBlankNode::BlankNode(_))
            && !named.contains(&block.subject)
            && !self.sink.knows(super::key(self.file, &block.subject));
        let values = rest.iter().all(|(_, object, _)| matches!(object, Term::Literal(_)));
        if let ([(_, Term::Triple(triple), graph)], true, true) = (&about[..], blank, values)
            && let Some(object) = node(&triple.object)
        {
            let mut properties = Properties::new();
            for (predicate, object, _) in rest {
                if let Term::Literal(literal) = object {
                    self.property(predicate, literal, &mut properties)?;
                }
            }
            if let GraphName::NamedNode(graph) = graph {
                properties.push(("graph".into(), Value::str(graph.as_str())));
            }
            let waits = waiting.contains(&(&triple.subject, triple.predicate.as_str(), &triple.object));
            if !waits && !self.stated(&triple.subject, triple.predicate.as_str(), &object)? {
                properties.push((ASSERTED.into(), Value::Bool(false)));
            }
            return self.relate(&triple.subject, triple.predicate.as_str(), &object, None, properties);
        }
        let (mut said, mut inner) = (Vec::new(), Vec::new());
        for (predicate, object, graph) in block.said {
            match object {
                Term::Triple(triple) if predicate.strip_prefix(RDF) == Some("reifies") => {
                    said.extend(parts(*triple, &mut inner).map(|(p, o)| (p, o, graph.clone())));
                }
                Term::Triple(triple) => {
                    let node = BlankNode::default();
                    said.push((predicate, node.clone().into(), graph));
                    inner.push((node, *triple));
                }
                object => said.push((predicate, object, graph)),
            }
        }
        self.described(Block { subject: block.subject, said })?;
        while let Some((node, triple)) = inner.pop() {
            let said = parts(triple, &mut inner).map(|(p, o)| (p, o, GraphName::DefaultGraph)).collect();
            self.described(Block { subject: node.into(), said })?;
        }
        Ok(())
    }

    /// Whether somebody states it.
    fn stated(&mut self, subject: &NamedOrBlankNode, predicate: &str, object: &NamedOrBlankNode) -> Result<bool> {
        let ty = self.names.of(predicate, super::names::Of::Predicate, self.sink)?;
        let (start, end) = (super::key(self.file, subject), super::key(self.file, object));
        Ok(self.sink.knows_rel(&ty, start, end))
    }
}

/// What a statement that is a node says of itself; triples in it become nodes too.
fn parts(triple: Triple, inner: &mut Vec<(BlankNode, Triple)>) -> impl Iterator<Item = (String, Term)> + use<> {
    let object = match triple.object {
        Term::Triple(triple) => {
            let node = BlankNode::default();
            inner.push((node.clone(), *triple));
            node.into()
        }
        object => object,
    };
    let predicate = oxrdf::Literal::new_typed_literal(
        triple.predicate.into_string(),
        NamedNode::new_unchecked(format!("{}anyURI", XSD)),
    );
    let named = |name: &str| format!("{RDF}{name}");
    let class = NamedNode::new_unchecked(format!("{RDF}Statement"));
    [
        (named("type"), class.into()),
        (named("subject"), triple.subject.into()),
        (named("predicate"), predicate.into()),
        (named("object"), object),
    ]
    .into_iter()
}

fn node(term: &Term) -> Option<NamedOrBlankNode> {
    match term {
        Term::NamedNode(node) => Some(node.clone().into()),
        Term::BlankNode(node) => Some(node.clone().into()),
        _ => None,
    }
}
