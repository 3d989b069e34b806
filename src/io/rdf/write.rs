//! A graph as statements, in one order, for five syntaxes.
//!
//! ```text
//! types, sources          what relationships mean; who speaks
//! node                    its classes, its properties, then its plain relationships and what they mean in ORG and PROV
//! relationship            its properties, then one mention after another
//! conflicts
//! (TriG, JSON-LD)         a graph a source: what it asserts, plainly
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use std::sync::Arc;

use oxrdf::{BaseDirection, GraphName, Literal, NamedNode, Quad, Term};

use super::terms::{Standard, standard};
use super::{
    CONFLICT, DCTERMS, EVIDENCE, EXACT, IN_ORDER, KEY, LABEL, MENTION, NODE, OURS, PREFIXES, PROV, RDF, RDFS, REL,
    SOURCE, TERM, TYPE,
};
use super::{encode, value};
use crate::engine::{Entities, NodeData, RelData};
use crate::io::{Subgraph, WriteError, Written, beside, json};
use crate::provenance::{Mention, Place, RelationType};
use crate::value::Value;

/// Turtle: one graph, evidence included.
pub(crate) fn turtle(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let mut serializer = oxttl::TurtleSerializer::new();
    for (prefix, iri) in PREFIXES {
        serializer = serializer.with_prefix(prefix, iri).map_err(unfit)?;
    }
    to.write_all(IN_ORDER.as_bytes())?;
    let mut writer = serializer.for_writer(to);
    statements(graph, false, &mut |quad| Ok(writer.serialize_triple(oxrdf::TripleRef::from(quad.as_ref()))?))?;
    writer.finish()?;
    Ok(())
}

/// TriG: the same, and for each source a graph of what it asserts.
pub(crate) fn trig(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let mut serializer = oxttl::TriGSerializer::new();
    for (prefix, iri) in PREFIXES {
        serializer = serializer.with_prefix(prefix, iri).map_err(unfit)?;
    }
    to.write_all(IN_ORDER.as_bytes())?;
    let mut writer = serializer.for_writer(to);
    statements(graph, true, &mut |quad| Ok(writer.serialize_quad(quad)?))?;
    writer.finish()?;
    Ok(())
}

/// JSON-LD: as TriG.
pub(crate) fn json_ld(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let mut serializer = oxjsonld::JsonLdSerializer::new();
    for (prefix, iri) in PREFIXES {
        serializer = serializer.with_prefix(prefix, iri).map_err(unfit)?;
    }
    let mut writer = serializer.for_writer(to);
    let mut first = true;
    statements(graph, true, &mut |quad| {
        first = false;
        Ok(writer.serialize_quad(quad)?)
    })?;
    let to = writer.finish()?;
    if first {
        to.write_all(b"[]")?;
    }
    to.write_all(b"\n")?;
    Ok(())
}

/// N-Triples: as Turtle, a statement a line.
pub(crate) fn n_triples(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let mut writer = oxttl::NTriplesSerializer::new().for_writer(to);
    statements(graph, false, &mut |quad| Ok(writer.serialize_triple(oxrdf::TripleRef::from(quad.as_ref()))?))?;
    writer.finish();
    Ok(())
}

/// N-Quads: as TriG, a statement a line.
pub(crate) fn n_quads(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let mut writer = oxttl::NQuadsSerializer::new().for_writer(to);
    statements(graph, true, &mut |quad| Ok(writer.serialize_quad(quad)?))?;
    writer.finish();
    Ok(())
}

/// Our own prefixes are well formed; nobody sees this.
fn unfit(error: impl std::fmt::Display) -> WriteError {
    crate::error::Error::data(format!("a prefix is no IRI: {error}")).into()
}

type Emit<'a> = &'a mut dyn FnMut(&Quad) -> Written;

/// All statements. `graphs`: with a graph a source.
fn statements(graph: &Subgraph, graphs: bool, emit: Emit<'_>) -> Written {
    let writer = Writer::new(graph);
    let mut out = Out { emit, graph: GraphName::DefaultGraph };
    writer.types(&mut out)?;
    writer.sources(&mut out)?;
    for node in &graph.nodes {
        writer.node(node, &mut out)?;
    }
    for rel in &graph.rels {
        writer.rel(rel, &mut out)?;
    }
    writer.further(&mut out)?;
    writer.conflicts(&mut out)?;
    if graphs { writer.graphs(&mut out) } else { Ok(()) }
}

struct Out<'a> {
    emit: Emit<'a>,
    graph: GraphName,
}

impl Out<'_> {
    fn say(&mut self, subject: &NamedNode, predicate: &str, object: impl Into<Term>) -> Written {
        let predicate = NamedNode::new_unchecked(predicate);
        (self.emit)(&Quad::new(subject.clone(), predicate, object, self.graph.clone()))
    }

    fn text(&mut self, subject: &NamedNode, predicate: &str, text: &str) -> Written {
        match text {
            "" => Ok(()),
            text => self.say(subject, predicate, Literal::new_simple_literal(text)),
        }
    }

    fn json(&mut self, subject: &NamedNode, predicate: &str, value: &Value) -> Written {
        let mut text = String::new();
        json::write_value(&mut text, value, &Entities::default());
        self.say(subject, predicate, Literal::new_typed_literal(text, ours(TERM, "json")))
    }
}

struct Writer<'g> {
    graph: &'g Subgraph,
    /// The nodes that are named by their own IRIs.
    iris: HashMap<u64, NamedNode>,
    standard: HashMap<&'g str, Standard>,
    /// What names from RDF are short for.
    names: HashMap<&'g str, Name<'g>>,
    /// Plain relationships by the node that is their subject: property and object.
    plain: BTreeMap<u64, Vec<(String, u64)>>,
}

impl<'g> Writer<'g> {
    fn new(graph: &'g Subgraph) -> Self {
        let standard = graph.told.types.iter().map(|t| (&*t.name, standard(t))).collect();
        let names = graph.told.types.iter().filter_map(|t| Some((&*t.name, Name::of(t)?))).collect();
        let mut writer = Self { graph, iris: iris(graph), standard, names, plain: BTreeMap::new() };
        for rel in &graph.rels {
            for (subject, predicate, object) in writer.plainly(rel) {
                writer.plain.entry(subject).or_default().push((predicate, object));
            }
        }
        writer
    }

    /// What a relationship says without its properties: by its type, and in standard terms.
    fn plainly(&self, rel: &RelData) -> Vec<(u64, String, u64)> {
        let mut all = vec![(rel.start, format!("{TYPE}{}", encode(&rel.ty)), rel.end)];
        if let Some(Name { iri, tag: None, class: false }) = self.names.get(&*rel.ty) {
            all.push((rel.start, (*iri).to_owned(), rel.end));
        }
        if let Some(standard) = self.standard.get(&*rel.ty) {
            all.extend(standard.forward.iter().map(|iri| (rel.start, iri.clone(), rel.end)));
            all.extend(standard.backward.iter().map(|iri| (rel.end, iri.clone(), rel.start)));
        }
        all
    }

    fn iri(&self, node: u64) -> NamedNode {
        self.iris.get(&node).cloned().unwrap_or_else(|| ours(NODE, &node.to_string()))
    }

    fn types(&self, out: &mut Out<'_>) -> Written {
        for ty in &self.graph.told.types {
            let subject = ours(TYPE, &encode(&ty.name));
            out.say(&subject, &rdf("type"), ours(TERM, "RelationshipType"))?;
            out.say(&subject, &rdf("type"), ours(RDF, "Property"))?;
            out.text(&subject, &format!("{RDFS}label"), &ty.name)?;
            out.text(&subject, &format!("{RDFS}comment"), &ty.definition)?;
            out.json(&subject, &term("declaration"), &beside::relation_type(ty)?)?;
        }
        Ok(())
    }

    fn sources(&self, out: &mut Out<'_>) -> Written {
        for (_, source, _) in self.graph.told.used_sources() {
            let subject = ours(SOURCE, &encode(&source.id));
            out.say(&subject, &rdf("type"), ours(TERM, "Source"))?;
            out.say(&subject, &rdf("type"), ours(PROV, "Entity"))?;
            out.text(&subject, &format!("{DCTERMS}identifier"), &source.id)?;
            out.text(&subject, &format!("{DCTERMS}title"), &source.title)?;
            out.text(&subject, &format!("{DCTERMS}date"), &source.date)?;
            out.text(&subject, &term("group"), &source.group)?;
            for origin in &source.derives_from {
                out.say(&subject, &format!("{PROV}wasDerivedFrom"), ours(SOURCE, &encode(origin)))?;
            }
            if let Some(reading) = beside::reading(source)? {
                out.json(&subject, &term("reading"), &reading)?;
            }
        }
        Ok(())
    }

    fn node(&self, node: &NodeData, out: &mut Out<'_>) -> Written {
        let subject = self.iri(node.id);
        out.say(&subject, &rdf("type"), ours(TERM, "Node"))?;
        for label in &node.labels {
            out.say(&subject, &rdf("type"), ours(LABEL, &encode(label)))?;
            if let Some(Name { iri, class: true, .. }) = self.names.get(&**label) {
                out.say(&subject, &rdf("type"), NamedNode::new_unchecked(*iri))?;
            }
        }
        let named = self.iris.contains_key(&node.id);
        let told = node.properties.iter().filter(|(key, _)| !(named && &**key == "iri"));
        properties(&subject, told, out)?;
        self.in_their_words(&subject, node, out)?;
        let told = &self.graph.told;
        for (source, _) in told.sources.iter().filter(|(_, stands_for)| *stands_for == Some(node.id)) {
            out.say(&subject, &term("standsFor"), ours(SOURCE, &encode(&source.id)))?;
        }
        for place in told.nodes.get(&node.id).into_iter().flatten() {
            out.say(&subject, &term("namedAt"), self.place(place))?;
        }
        for (predicate, object) in self.plain.get(&node.id).into_iter().flatten() {
            out.say(&subject, predicate, self.iri(*object))?;
        }
        Ok(())
    }

    /// The properties that came from RDF, as they were stated there.
    fn in_their_words(&self, subject: &NamedNode, node: &NodeData, out: &mut Out<'_>) -> Written {
        for (key, value) in &node.properties {
            let Some(Name { iri, tag, class: false }) = self.names.get(&**key) else { continue };
            let datatype = node.properties.iter().find(|(other, _)| **other == format!("{key}_datatype"));
            for literal in value::literals(value) {
                let literal = match (tag, datatype) {
                    (Some(tag), _) => tagged(&literal, tag),
                    (None, Some((_, Value::Str(ty)))) => NamedNode::new(ty.to_string())
                        .map_or(literal.clone(), |ty| Literal::new_typed_literal(literal.value(), ty)),
                    _ => literal,
                };
                out.say(subject, iri, literal)?;
            }
        }
        Ok(())
    }

    fn rel(&self, rel: &RelData, out: &mut Out<'_>) -> Written {
        let subject = ours(REL, &rel.id.to_string());
        out.say(&subject, &rdf("type"), ours(TERM, "Relationship"))?;
        self.statement(&subject, rel, out)?;
        if let Some(standard) = self.standard.get(&*rel.ty).filter(|s| s.event) {
            out.say(&subject, &rdf("type"), ours(super::ORG, "ChangeEvent"))?;
            for (all, end) in [(&standard.event_start, rel.start), (&standard.event_end, rel.end)] {
                for iri in all {
                    out.say(&subject, iri, self.iri(end))?;
                }
            }
        }
        properties(&subject, rel.properties.iter(), out)?;
        for (at, mention) in (1..).zip(self.graph.told.rels.get(&rel.id).into_iter().flatten()) {
            self.mention(rel, (at, mention), &subject, out)?;
        }
        Ok(())
    }

    /// The relationship as RDF says that something is stated.
    fn statement(&self, subject: &NamedNode, rel: &RelData, out: &mut Out<'_>) -> Written {
        out.say(subject, &rdf("type"), ours(RDF, "Statement"))?;
        out.say(subject, &rdf("subject"), self.iri(rel.start))?;
        out.say(subject, &rdf("predicate"), ours(TYPE, &encode(&rel.ty)))?;
        out.say(subject, &rdf("object"), self.iri(rel.end))
    }

    fn mention(&self, rel: &RelData, (at, mention): (usize, &Mention), of: &NamedNode, out: &mut Out<'_>) -> Written {
        let subject = ours(MENTION, &format!("{}.{at}", rel.id));
        out.say(&subject, &rdf("type"), ours(TERM, "Mention"))?;
        self.statement(&subject, rel, out)?;
        out.say(&subject, &term("of"), of.clone())?;
        out.text(&subject, &format!("{DCTERMS}identifier"), &mention.id)?;
        let source = ours(SOURCE, &encode(self.graph.told.source(mention.place.source)));
        out.say(&subject, &format!("{PROV}hadPrimarySource"), source)?;
        out.say(&subject, &term("at"), self.place(&mention.place))?;
        out.text(&subject, &term("confidence"), &mention.confidence.to_string())?;
        out.text(&subject, &term("fingerprint"), &beside::fingerprint(mention.fingerprint))?;
        if !mention.qualifiers.is_empty() {
            out.json(&subject, &term("qualifiers"), &beside::qualifiers(mention)?)?;
        }
        Ok(())
    }

    fn further(&self, out: &mut Out<'_>) -> Written {
        let told = &self.graph.told;
        for (at, further) in (1..).zip(&told.further) {
            let subject = ours(EVIDENCE, &at.to_string());
            out.say(&subject, &rdf("type"), ours(TERM, "Evidence"))?;
            for node in further.nodes() {
                out.say(&subject, &term("about"), self.iri(*node))?;
            }
            for rel in further.rels() {
                out.say(&subject, &term("either"), ours(REL, &rel.to_string()))?;
            }
            out.json(&subject, &term("declaration"), &beside::further(further, told)?)?;
        }
        Ok(())
    }

    fn conflicts(&self, out: &mut Out<'_>) -> Written {
        let told = &self.graph.told;
        for (at, conflict) in (1..).zip(&told.conflicts) {
            let subject = ours(CONFLICT, &at.to_string());
            out.say(&subject, &rdf("type"), ours(TERM, "Conflict"))?;
            out.text(&subject, &format!("{DCTERMS}identifier"), &conflict.id)?;
            out.text(&subject, &format!("{RDFS}comment"), &conflict.topic)?;
            for (rel, _) in &conflict.sides {
                out.say(&subject, &term("between"), ours(REL, &rel.to_string()))?;
            }
            out.json(&subject, &term("declaration"), &beside::conflict(conflict, told)?)?;
        }
        Ok(())
    }

    /// For each source a graph of what it asserts.
    fn graphs(&self, out: &mut Out<'_>) -> Written {
        let rels: HashMap<u64, &RelData> = self.graph.rels.iter().map(|r| (r.id, r)).collect();
        let mut asserted: BTreeMap<u32, BTreeSet<(u64, String, u64)>> = BTreeMap::new();
        for (id, mentions) in &self.graph.told.rels {
            let Some(rel) = rels.get(id) else { continue };
            for mention in mentions {
                asserted.entry(mention.place.source.0).or_default().extend(self.plainly(rel));
            }
        }
        for (source, all) in asserted {
            out.graph = ours(SOURCE, &encode(self.graph.told.source(crate::provenance::SourceId(source)))).into();
            for (subject, predicate, object) in all {
                out.say(&self.iri(subject), &predicate, self.iri(object))?;
            }
        }
        Ok(())
    }

    /// A place: the source, and where in it as a fragment.
    fn place(&self, place: &Place) -> NamedNode {
        let source = encode(self.graph.told.source(place.source));
        match beside::locator(place.at).as_str() {
            "" => ours(SOURCE, &source),
            at => ours(SOURCE, &format!("{source}#{at}")),
        }
    }
}

/// What a name that came from RDF is short for.
struct Name<'g> {
    iri: &'g str,
    /// The language of the values, and their direction.
    tag: Option<&'g str>,
    /// It is the name of a class.
    class: bool,
}

impl<'g> Name<'g> {
    fn of(ty: &'g RelationType) -> Option<Self> {
        let iri = short_for(ty)?;
        let rest = &ty.terms[1..];
        let tag = rest.iter().find_map(|term| term.strip_prefix('@'));
        Some(Self { iri, tag, class: rest.iter().any(|term| **term == *super::CLASS) })
    }
}

/// The IRI that a declared name is short for; its first term, when it is a whole IRI.
pub(in crate::io) fn short_for(ty: &RelationType) -> Option<&str> {
    let iri = ty.terms.first()?;
    (iri.contains("://") || iri.starts_with("urn:")).then_some(&**iri).filter(|iri| NamedNode::new(*iri).is_ok())
}

/// A text in the language that a key says: `en_gb`, `ar_rtl`.
fn tagged(literal: &Literal, tag: &str) -> Literal {
    let text = literal.value();
    let directed = [("_ltr", BaseDirection::Ltr), ("_rtl", BaseDirection::Rtl)];
    for (end, direction) in directed {
        if let Some(language) = tag.strip_suffix(end)
            && let Ok(literal) =
                Literal::new_directional_language_tagged_literal(text, language.replace('_', "-"), direction)
        {
            return literal;
        }
    }
    Literal::new_language_tagged_literal(text, tag.replace('_', "-")).unwrap_or_else(|_| literal.clone())
}

/// The nodes whose property `iri` is an absolute IRI that no other node has and that is none of ours.
fn iris(graph: &Subgraph) -> HashMap<u64, NamedNode> {
    let stated = graph.nodes.iter().filter_map(|node| {
        let (_, iri) = node.properties.iter().find(|(key, _)| &**key == "iri")?;
        let Value::Str(iri) = iri else { return None };
        // what looks like a prefixed name would be read as one
        let prefixed =
            |iri: &str| iri.split_once(':').is_none_or(|(p, _)| PREFIXES.iter().any(|(known, _)| *known == p));
        let fits = !iri.starts_with(OURS) && !prefixed(iri);
        Some((node.id, NamedNode::new(iri.to_string()).ok().filter(|_| fits)?))
    });
    let stated: Vec<(u64, NamedNode)> = stated.collect();
    let mut count: HashMap<&NamedNode, usize> = HashMap::new();
    stated.iter().for_each(|(_, iri)| *count.entry(iri).or_default() += 1);
    let once: BTreeSet<u64> = stated.iter().filter(|(_, iri)| count.get(iri) == Some(&1)).map(|(id, _)| *id).collect();
    stated.into_iter().filter(|(id, _)| once.contains(id)).collect()
}

fn properties<'a>(
    subject: &NamedNode,
    told: impl Iterator<Item = &'a (Arc<str>, Value)>,
    out: &mut Out<'_>,
) -> Written {
    for (key, value) in told {
        let predicate = format!("{KEY}{}", encode(key));
        let literals = value::literals(value);
        if literals.len() > 1 || value::is_fine(value) {
            out.json(subject, &format!("{EXACT}{}", encode(key)), value)?;
        }
        for literal in literals {
            out.say(subject, &predicate, literal)?;
        }
    }
    Ok(())
}

/// A name of ours, or of a vocabulary: made of parts that are fit for an IRI.
fn ours(space: &str, name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{space}{name}"))
}

fn rdf(name: &str) -> String {
    format!("{RDF}{name}")
}

fn term(name: &str) -> String {
    format!("{TERM}{name}")
}
