//! Statements that our own export made: each block says what it is.

use std::sync::Arc;

use oxrdf::{Literal, NamedNode, NamedOrBlankNode, Term};

use super::{Block, Reader, iri_key, is_ours, key};
use crate::error::{Error, Result};
use crate::io::beside;
use crate::io::rdf::{
    CONFLICT, DCTERMS, EVIDENCE, EXACT, KEY, LABEL, LIST, MENTION, NODE, PROV, RDF, REL, SOURCE, TERM, TYPE, decode,
    value,
};
use crate::io::read::{Beside, Key, Properties};
use crate::provenance::{Locator, Mention, Place, Source, SourceId};
use crate::value::Value;

impl Reader<'_> {
    /// Takes a block of ours; gives one back that is not.
    pub(super) fn ours(&mut self, block: Block) -> Result<Option<Block>> {
        let NamedOrBlankNode::NamedNode(subject) = &block.subject else { return Ok(Some(block)) };
        let iri = subject.as_str();
        let is = |class: &str| {
            let class = format!("{TERM}{class}");
            block.all(&format!("{RDF}type")).any(|t| matches!(t, Term::NamedNode(n) if n.as_str() == class))
        };
        if is("Node") {
            if !is_ours(iri) {
                self.state.own.insert(iri.to_owned());
            }
            return self.node(&block).map(|()| None);
        }
        // what plain relationships say is said again where their properties are
        let plain = block.said.iter().any(|(predicate, ..)| predicate.starts_with(TYPE));
        if plain || self.state.own.contains(iri) || iri.starts_with(NODE) {
            return Ok(None);
        }
        if !is_ours(iri) {
            return Ok(Some(block));
        }
        if iri.starts_with(REL) {
            self.relationship(&block)?;
        } else if iri.starts_with(SOURCE) {
            self.source(&block)?;
        } else if iri.starts_with(TYPE) {
            let declared = declaration(&block)?;
            self.sink.beside(Beside::Type(beside::read_relation_type(map(&declared)?)?))?;
        } else if iri.starts_with(MENTION) || iri.starts_with(EVIDENCE) || iri.starts_with(CONFLICT) {
            self.state.later.push(block);
        }
        Ok(None)
    }

    fn node(&mut self, block: &Block) -> Result<()> {
        let mut labels: Vec<Arc<str>> = Vec::new();
        let label = |iri: &str| iri.strip_prefix(LABEL).and_then(decode);
        for term in block.all(&format!("{RDF}type")) {
            if let Term::NamedNode(class) = term {
                labels.extend(label(class.as_str()).map(Arc::from));
            }
        }
        let mut properties = properties(block)?;
        if let NamedOrBlankNode::NamedNode(node) = &block.subject
            && !is_ours(node.as_str())
        {
            properties.push(("iri".into(), Value::str(node.as_str())));
        }
        let node = key(self.file, &block.subject);
        self.sink.more(node, &labels, properties)?;
        for source in iris(block, &format!("{TERM}standsFor")) {
            let (source, _) = place(source)?;
            self.known_source(&source)?;
            self.sink.beside(Beside::StandsFor { source: &source, node })?;
        }
        for named in iris(block, &format!("{TERM}namedAt")) {
            let (source, at) = place(named)?;
            self.known_source(&source)?;
            self.sink.beside(Beside::Place { node, source: &source, at })?;
        }
        Ok(())
    }

    fn relationship(&mut self, block: &Block) -> Result<()> {
        let end = |name: &str| {
            let iri = block.iri(&format!("{RDF}{name}"));
            iri.map(NamedNode::new_unchecked).ok_or_else(|| Error::data(format!("the relationship has no rdf:{name}")))
        };
        let (start, ty, to) = (end("subject")?, end("predicate")?, end("object")?);
        let ty: Arc<str> = ty
            .as_str()
            .strip_prefix(TYPE)
            .and_then(decode)
            .map(Arc::from)
            .ok_or_else(|| Error::data(format!("{ty} is no type of ours")))?;
        let (start, to) = (iri_key(self.file, start.as_str()), iri_key(self.file, to.as_str()));
        self.sink.more(start, &[], Properties::new())?;
        self.sink.more(to, &[], Properties::new())?;
        self.sink.rel(Some(Key::Text(subject(block))), &ty, start, to, properties(block)?)
    }

    fn source(&mut self, block: &Block) -> Result<()> {
        let (id, _) = place(subject(block))?;
        let text = |predicate: String| Arc::from(block.text(&predicate));
        self.state.sources.insert(id.clone());
        let mut source = Source {
            id: id.into(),
            title: text(format!("{DCTERMS}title")),
            group: text(format!("{TERM}group")),
            date: text(format!("{DCTERMS}date")),
            ..Source::default()
        };
        let reading = block.all(&format!("{TERM}reading")).find_map(literal).map(value::read).transpose()?.flatten();
        if let Some(reading) = reading {
            beside::read_reading(map(&reading)?, &mut source)?;
        }
        self.sink.beside(Beside::Source(source))
    }

    /// Makes sure that somebody can be cited who is declared only later.
    fn known_source(&mut self, id: &str) -> Result<()> {
        if self.state.sources.insert(id.to_owned()) {
            self.sink.beside(Beside::Source(Source { id: id.into(), ..Source::default() }))?;
        }
        Ok(())
    }

    /// Takes a mention or a conflict; everything they name is there by now.
    pub(super) fn beside(&mut self, block: &Block) -> Result<()> {
        if subject(block).starts_with(CONFLICT) {
            let declared = declaration(block)?;
            let (conflict, sides) = beside::read_conflict(map(&declared)?)?;
            let keys = sides.each_ref().map(|(rel, _)| format!("{REL}{rel}"));
            let [a, b] = sides;
            let sides = [(Key::Text(keys[0].as_str()), a.1), (Key::Text(keys[1].as_str()), b.1)];
            return self.sink.beside(Beside::Conflict { conflict: &conflict, sides });
        }
        if subject(block).starts_with(EVIDENCE) {
            return self.further(block);
        }
        let term = |name: &str| format!("{TERM}{name}");
        let rel = block.iri(&term("of")).ok_or_else(|| Error::data("the mention is of no relationship"))?;
        let at = block.iri(&term("at")).or_else(|| block.iri(&format!("{PROV}hadPrimarySource")));
        let (source, at) = place(at.ok_or_else(|| Error::data("the mention has no source"))?)?;
        self.known_source(&source)?;
        let qualifiers = block.all(&term("qualifiers")).find_map(literal).map(value::read).transpose()?.flatten();
        let mention = Mention {
            id: block.text(&format!("{DCTERMS}identifier")).into(),
            place: Place { source: SourceId(0), at },
            confidence: beside::read_confidence(block.text(&term("confidence")))?,
            fingerprint: beside::read_fingerprint(block.text(&term("fingerprint")))?,
            qualifiers: beside::read_qualifiers(qualifiers.as_ref())?,
        };
        self.sink.beside(Beside::Mention { rel: Key::Text(rel), source: &source, mention })
    }
}

impl Reader<'_> {
    /// Takes what is known beside places and mentions of single relationships.
    fn further(&mut self, block: &Block) -> Result<()> {
        let declared = declaration(block)?;
        let read = beside::read_further(map(&declared)?)?;
        for source in &read.sources {
            self.known_source(source)?;
        }
        let (about, either) = (format!("{TERM}about"), format!("{TERM}either"));
        let nodes = iris(block, &about).map(|iri| iri_key(self.file, iri)).collect();
        let rels = iris(block, &either).map(Key::Text).collect();
        self.sink.beside(Beside::Further { what: read.what, sources: &read.sources, nodes, rels })
    }
}

fn subject(block: &Block) -> &str {
    if let NamedOrBlankNode::NamedNode(node) = &block.subject { node.as_str() } else { "" }
}

fn literal(term: &Term) -> Option<&Literal> {
    if let Term::Literal(literal) = term { Some(literal) } else { None }
}

fn iris<'a>(block: &'a Block, predicate: &'a str) -> impl Iterator<Item = &'a str> {
    block.all(predicate).filter_map(|term| if let Term::NamedNode(node) = term { Some(node.as_str()) } else { None })
}

/// The properties, in the order of the file; several values of one key are a list.
fn properties(block: &Block) -> Result<Properties> {
    let mut all: Vec<(&str, Vec<Value>)> = Vec::new();
    let mut exact: Vec<(&str, Value)> = Vec::new();
    for (predicate, object, _) in &block.said {
        let Some(literal) = literal(object) else { continue };
        if let Some(name) = predicate.strip_prefix(EXACT).or_else(|| predicate.strip_prefix(LIST)) {
            exact.extend(value::read(literal)?.map(|value| (name, value)));
            continue;
        }
        let Some(name) = predicate.strip_prefix(KEY) else { continue };
        let value = value::read(literal)?.unwrap_or_else(|| Value::str(literal.value()));
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => all.push((name, vec![value])),
        }
    }
    let property = |(name, mut values): (&str, Vec<Value>)| {
        let mut told = exact.iter().filter(|(known, _)| *known == name).map(|(_, value)| value);
        let value = match (told.next(), told.next()) {
            (Some(exact), None) if says_the_same(&values, exact) => exact.clone(),
            _ if values.len() == 1 => values.remove(0),
            _ => Value::list(values)?,
        };
        let name = decode(name).ok_or_else(|| Error::data(format!("{KEY}{name} is no key of ours")))?;
        Ok((name.into(), value))
    };
    all.into_iter().map(property).collect()
}

/// Whether values told one by one are still those of the exact one, as far as other programs keep them.
fn says_the_same(told: &[Value], exact: &Value) -> bool {
    let left = |values: &[Value]| {
        let mut all: Vec<String> = values.iter().map(value::left_of).collect();
        all.sort();
        // what other programs make the same is one statement
        all.dedup();
        all
    };
    match exact {
        Value::List(list) => left(list.items()) == left(told),
        exact => left(std::slice::from_ref(exact)) == left(told),
    }
}

/// The source and the place in it that an IRI of ours means.
fn place(iri: &str) -> Result<(String, Locator)> {
    let wrong = || Error::data(format!("<{iri}> is no source of ours"));
    let name = iri.strip_prefix(SOURCE).ok_or_else(wrong)?;
    let (source, at) = name.split_once('#').unwrap_or((name, ""));
    Ok((decode(source).ok_or_else(wrong)?, beside::read_locator(at)?))
}

fn declaration(block: &Block) -> Result<Value> {
    let declared = block.all(&format!("{TERM}declaration")).find_map(literal).map(value::read).transpose()?;
    declared.flatten().ok_or_else(|| Error::data("there is no declaration"))
}

fn map(value: &Value) -> Result<&crate::value::Map> {
    if let Value::Map(map) = value { Ok(map) } else { Err(Error::data("the declaration is no map")) }
}
