//! What stands beside the graph — evidence and vocabulary — as bytes and back. Nodes and relationships are named by id.
//!
//! A record has all of it in one piece; an image has the sources and the vocabulary, and the evidence in parts of its own
//! ([`crate::provenance::image`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Result;
use crate::graph::image::bytes::{Damaged, Read, Reader, Writer};
use crate::graph::image::{self, PartSource};
use crate::graph::{Graph, NodeId, RelId};
use crate::provenance::image::{read_name, read_place, write_name, write_place};
use crate::provenance::{
    self, Algebra, Claim, Confidence, Conflict, Descent, Evidence, Fate, Frame, Gathers, KnowledgeGraph, Mention,
    MentionId, Origin, Qualifier, QualifierType, Reading, RelationType, Role, Side, Source, SourceId, ValueType,
    Vocabulary,
};
use crate::value::{NodeRef, RelRef};

/// What a record has. [`FIRST`] is read, too; images of before have one of these.
const VERSION: u8 = 2;
/// Without readings of sources, further evidence of nodes, qualifiers and the frame.
const FIRST: u8 = 1;
/// What an image has: the evidence is elsewhere.
const IN_IMAGE: u8 = 3;

/// All of it, in one piece.
pub(super) fn write(knowledge: &KnowledgeGraph) -> Vec<u8> {
    let KnowledgeGraph { graph, evidence, vocabulary } = knowledge;
    let mut out = Writer::default();
    out.byte(VERSION);
    write_evidence(graph, evidence, &mut out);
    write_vocabulary(graph, vocabulary, &mut out);
    out.0
}

/// What an image has beside the evidence.
pub(super) fn write_in_image(knowledge: &KnowledgeGraph) -> Vec<u8> {
    let KnowledgeGraph { graph, evidence, vocabulary } = knowledge;
    let mut out = Writer::default();
    out.byte(IN_IMAGE);
    write_sources(graph, evidence, &mut out);
    write_vocabulary(graph, vocabulary, &mut out);
    out.0
}

/// What an image has beside the graph; `parts` are the others of it. Errors: `StoreDamaged`, `StoreIo`.
pub(super) fn open(bytes: &[u8], parts: Arc<dyn PartSource>, knowledge: &mut KnowledgeGraph) -> Result<()> {
    let damaged = |_| image::damaged(super::BESIDE);
    let [version, rest @ ..] = bytes else { return Err(damaged(Damaged)) };
    if *version != IN_IMAGE {
        return read(bytes, knowledge).map_err(damaged);
    }
    let graph = &knowledge.graph;
    let mut reader = Reader(rest);
    let mut read = || {
        let count = reader.count(5)?;
        let sources = (0..count).map(|_| read_source(&mut reader, graph)).collect::<Read<Vec<_>>>()?;
        let vocabulary = read_vocabulary(&mut reader, graph, VERSION)?;
        if reader.is_empty() { Ok((sources, vocabulary)) } else { Err(Damaged) }
    };
    let (sources, vocabulary) = read().map_err(damaged)?;
    let bounds = (graph.node_bound(), graph.rel_bound());
    let evidence = provenance::image::open(parts, &sources, bounds)?;
    (knowledge.evidence, knowledge.vocabulary) = (Arc::new(evidence), Arc::new(vocabulary));
    Ok(())
}

/// Takes the place of the evidence and vocabulary there.
pub(super) fn read(bytes: &[u8], knowledge: &mut KnowledgeGraph) -> Read<()> {
    let mut reader = Reader(bytes);
    let version = reader.byte()?;
    if !(FIRST..=VERSION).contains(&version) {
        return Err(Damaged);
    }
    let evidence = read_evidence(&mut reader, &knowledge.graph, version)?;
    let vocabulary = read_vocabulary(&mut reader, &knowledge.graph, version)?;
    if !reader.is_empty() {
        return Err(Damaged);
    }
    (knowledge.evidence, knowledge.vocabulary) = (Arc::new(evidence), Arc::new(vocabulary));
    Ok(())
}

fn write_evidence(graph: &Graph, evidence: &Evidence, out: &mut Writer) {
    write_sources(graph, evidence, out);
    let rels: Vec<RelRef> = evidence.rels().map(|(rel, _)| rel).filter(|rel| graph.rel_exists(*rel)).collect();
    out.small(rels.len() as u64);
    for &rel in &rels {
        out.small(graph.rel_id(rel).0);
        let all: Vec<&MentionId> = evidence.ids_of(rel).iter().chain(evidence.denials_of(rel)).collect();
        mentions(evidence, &all, out);
    }
    let nodes: Vec<NodeRef> = evidence.nodes().filter(|node| graph.node_exists(*node)).collect();
    out.small(nodes.len() as u64);
    for &node in &nodes {
        out.small(graph.node_id(node).0);
        let places = evidence.places_of(node);
        out.small(places.len() as u64);
        places.iter().for_each(|&at| write_place(at, out));
        let names = evidence.names_of(node);
        out.small(names.len() as u64);
        names.iter().for_each(|name| write_name(name, out));
        mentions(evidence, &evidence.exists_of(node).iter().collect::<Vec<_>>(), out);
    }
    write_events(graph, evidence, out);
    write_either(graph, evidence, &rels, out);
}

fn write_sources(graph: &Graph, evidence: &Evidence, out: &mut Writer) {
    out.small(evidence.sources().len() as u64);
    evidence.sources().iter().for_each(|source| write_source(graph, source, out));
}

pub(super) fn write_source(graph: &Graph, source: &Source, out: &mut Writer) {
    [&source.id, &source.title, &source.group, &source.date].into_iter().for_each(|text| out.text(text));
    let node = source.node.filter(|&node| graph.node_exists(node));
    out.small(node.map_or(0, |node| graph.node_id(node).0 + 1));
    reading(source, out);
}

pub(super) fn read_source(reader: &mut Reader<'_>, graph: &Graph) -> Read<Source> {
    let mut source = read_first_source(reader, graph)?;
    read_reading(reader, &mut source)?;
    Ok(source)
}

/// Without what format 1 did not know.
fn read_first_source(reader: &mut Reader<'_>, graph: &Graph) -> Read<Source> {
    let mut text = || Ok::<Arc<str>, Damaged>(reader.text()?.into());
    let (id, title, group, date) = (text()?, text()?, text()?, text()?);
    let node = match reader.small()? {
        0 => None,
        id => Some(node(graph, id - 1)?),
    };
    Ok(Source { id, node, title, group, date, ..Source::default() })
}

fn mentions(evidence: &Evidence, ids: &[&MentionId], out: &mut Writer) {
    let mentions: Vec<&Mention> = ids.iter().filter_map(|id| evidence.mention(**id)).collect();
    out.small(mentions.len() as u64);
    mentions.into_iter().for_each(|mention| write_mention(mention, out));
}

pub(super) fn write_mention(mention: &Mention, out: &mut Writer) {
    out.text(&mention.id);
    write_place(mention.place, out);
    out.byte(mention.confidence.bits());
    out.long(mention.fingerprint);
    pairs(&mention.qualifiers, out);
}

pub(super) fn read_mention(reader: &mut Reader<'_>) -> Read<Mention> {
    let id = reader.text()?.into();
    let place = read_place(reader)?;
    let confidence = Confidence::from_bits(reader.byte()?);
    let fingerprint = reader.long()?;
    Ok(Mention { id, place, confidence, fingerprint, qualifiers: read_pairs(reader)? })
}

fn pairs(pairs: &[(Arc<str>, Arc<str>)], out: &mut Writer) {
    out.small(pairs.len() as u64);
    for (key, value) in pairs {
        out.text(key);
        out.text(value);
    }
}

/// Keys with their values, as they were written.
type Pairs = Box<[(Arc<str>, Arc<str>)]>;

fn read_pairs(reader: &mut Reader<'_>) -> Read<Pairs> {
    let count = reader.count(2)?;
    (0..count).map(|_| Ok((reader.text()?.into(), reader.text()?.into()))).collect()
}

fn reading(source: &Source, out: &mut Writer) {
    let Reading { during, complete, end_exclusive, about, unknown } = &source.reading;
    texts(&source.derives_from, out);
    out.text(during);
    texts(complete, out);
    out.byte(end_exclusive.map_or(0, |exclusive| 1 + u8::from(exclusive)));
    out.text(about);
    texts(unknown, out);
}

fn read_reading(reader: &mut Reader<'_>, source: &mut Source) -> Read<()> {
    source.derives_from = read_texts(reader)?;
    let (during, complete) = (reader.text()?.into(), read_texts(reader)?);
    let end_exclusive = match reader.byte()? {
        0 => None,
        1 => Some(false),
        2 => Some(true),
        _ => return Err(Damaged),
    };
    let (about, unknown) = (reader.text()?.into(), read_texts(reader)?);
    source.reading = Reading { during, complete, end_exclusive, about, unknown };
    Ok(())
}

/// Events whose sides are stated one body at a time.
fn write_events(graph: &Graph, evidence: &Evidence, out: &mut Writer) {
    let all: Vec<_> = evidence.events().iter().filter(|event| !event.members.is_empty()).collect();
    out.small(all.len() as u64);
    for event in all {
        out.text(&event.id);
        out.text(&event.relation);
        let lives: Vec<_> = event.members.iter().filter(|m| graph.node_exists(m.node)).collect();
        out.small(lives.len() as u64);
        for member in lives {
            choose(&SIDES, member.side, out);
            out.small(graph.node_id(member.node).0);
            mentions(evidence, &[&member.mention], out);
        }
    }
}

fn read_events(reader: &mut Reader<'_>, graph: &Graph, evidence: &mut Evidence) -> Read<()> {
    for _ in 0..reader.count(3)? {
        let (id, relation) = (reader.text()?.into(), reader.text()?.into());
        for _ in 0..reader.count(3)? {
            let side = chosen(&SIDES, reader)?;
            let node = node(graph, reader.small()?)?;
            for _ in 0..reader.count(8)? {
                evidence.add_part(&id, &relation, side, node, read_mention(reader)?).ok_or(Damaged)?;
            }
        }
    }
    Ok(())
}

/// Mentions that fit several relationships, each once with all of them.
fn write_either(graph: &Graph, evidence: &Evidence, rels: &[RelRef], out: &mut Writer) {
    let mut all: BTreeMap<MentionId, Vec<u64>> = BTreeMap::new();
    for &rel in rels {
        for id in evidence.either_of(rel) {
            all.entry(*id).or_default().push(graph.rel_id(rel).0);
        }
    }
    out.small(all.len() as u64);
    for (id, rels) in all {
        mentions(evidence, &[&id], out);
        out.small(rels.len() as u64);
        rels.into_iter().for_each(|rel| out.small(rel));
    }
}

fn read_either(reader: &mut Reader<'_>, graph: &Graph, evidence: &mut Evidence) -> Read<()> {
    for _ in 0..reader.count(3)? {
        let count = reader.count(8)?;
        let mentions = (0..count).map(|_| read_mention(reader)).collect::<Read<Vec<_>>>()?;
        let count = reader.count(1)?;
        let rels = (0..count).map(|_| rel(graph, reader.small()?)).collect::<Read<Vec<_>>>()?;
        for mention in mentions {
            evidence.add_either(&rels, mention).ok_or(Damaged)?;
        }
    }
    Ok(())
}

fn read_evidence(reader: &mut Reader<'_>, graph: &Graph, version: u8) -> Read<Evidence> {
    let mut evidence = Evidence::default();
    for _ in 0..reader.count(5)? {
        let source = if version > FIRST { read_source(reader, graph)? } else { read_first_source(reader, graph)? };
        evidence.add_source(source).ok_or(Damaged)?;
    }
    for _ in 0..reader.count(2)? {
        let rel = rel(graph, reader.small()?)?;
        for _ in 0..reader.count(8)? {
            evidence.add_mention(rel, read_mention(reader)?).ok_or(Damaged)?;
        }
    }
    for _ in 0..reader.count(2)? {
        let node = node(graph, reader.small()?)?;
        for _ in 0..reader.count(4)? {
            evidence.add_place(node, read_place(reader)?).ok_or(Damaged)?;
        }
        if version == FIRST {
            continue;
        }
        for _ in 0..reader.count(8)? {
            evidence.add_name(node, read_name(reader)?).ok_or(Damaged)?;
        }
        for _ in 0..reader.count(8)? {
            evidence.add_exists(node, read_mention(reader)?).ok_or(Damaged)?;
        }
    }
    if version > FIRST {
        read_events(reader, graph, &mut evidence)?;
        read_either(reader, graph, &mut evidence)?;
    }
    Ok(evidence)
}

const ALGEBRAS: [Algebra; 3] = [Algebra::Plain, Algebra::Transitive, Algebra::Symmetric];
const ROLES: [Role; 7] = [
    Role::Succession,
    Role::Creation,
    Role::Restoration,
    Role::Change,
    Role::Ending,
    Role::FunctionTransfer,
    Role::FunctionWithdrawal,
];
pub(super) const SIDES: [Side; 2] = [Side::Start, Side::End];
const GATHERS: [Gathers; 2] = [Gathers::Successor, Gathers::Predecessor];
const FATES: [Fate; 2] = [Fate::Ends, Fate::Continues];
const ORIGINS: [Origin; 2] = [Origin::New, Origin::Existing];
const TYPES: [ValueType; 5] =
    [ValueType::Edtf, ValueType::Number, ValueType::Quantity, ValueType::Entity, ValueType::Text];

pub(super) fn choose<T: Copy + PartialEq>(all: &[T], one: T, out: &mut Writer) {
    out.byte(all.iter().position(|&other| other == one).unwrap_or(0) as u8);
}

pub(super) fn chosen<T: Copy>(all: &[T], reader: &mut Reader<'_>) -> Read<T> {
    all.get(reader.byte()? as usize).copied().ok_or(Damaged)
}

/// One of a list, or none of it.
fn maybe<T: Copy + PartialEq>(all: &[T], one: Option<T>, out: &mut Writer) {
    out.byte(one.and_then(|one| all.iter().position(|&other| other == one)).map_or(0, |at| at as u8 + 1));
}

fn read_maybe<T: Copy>(all: &[T], reader: &mut Reader<'_>) -> Read<Option<T>> {
    match reader.byte()? {
        0 => Ok(None),
        at => all.get(at as usize - 1).copied().map(Some).ok_or(Damaged),
    }
}

fn texts(list: &[Arc<str>], out: &mut Writer) {
    out.small(list.len() as u64);
    list.iter().for_each(|text| out.text(text));
}

fn read_texts(reader: &mut Reader<'_>) -> Read<Box<[Arc<str>]>> {
    let count = reader.count(1)?;
    (0..count).map(|_| Ok(reader.text()?.into())).collect()
}

fn write_vocabulary(graph: &Graph, vocabulary: &Vocabulary, out: &mut Writer) {
    out.small(vocabulary.types().len() as u64);
    for ty in vocabulary.types() {
        [&ty.name, &ty.definition, &ty.inverse].into_iter().for_each(|text| out.text(text));
        texts(&ty.domain, out);
        texts(&ty.range, out);
        choose(&ALGEBRAS, ty.algebra, out);
        out.byte(ty.descent.is_some().into());
        if let Some(descent) = &ty.descent {
            choose(&ROLES, descent.role, out);
            choose(&SIDES, descent.side, out);
            out.byte(descent.kind.is_some().into());
            out.text(descent.kind.as_deref().unwrap_or(""));
            maybe(&GATHERS, descent.gathers, out);
            maybe(&FATES, descent.predecessor, out);
            maybe(&ORIGINS, descent.successor, out);
            pairs(&descent.wording, out);
        }
        texts(&ty.contradicts, out);
        out.byte(ty.single_valued.into());
        maybe(&[false, true], ty.repeats, out);
        texts(&ty.terms, out);
    }
    let lives = |conflict: &&Conflict| conflict.sides.iter().all(|side| graph.rel_exists(side.rel));
    let conflicts: Vec<&Conflict> = vocabulary.conflicts.iter().filter(lives).collect();
    out.small(conflicts.len() as u64);
    for conflict in conflicts {
        [&conflict.id, &conflict.kind, &conflict.topic, &conflict.note].into_iter().for_each(|text| out.text(text));
        for side in &conflict.sides {
            out.small(graph.rel_id(side.rel).0);
            out.words(&side.sources.iter().map(|source| source.0).collect::<Vec<_>>());
        }
    }
    out.small(vocabulary.qualifiers().len() as u64);
    for qualifier in vocabulary.qualifiers() {
        [&qualifier.key, &qualifier.relation, &qualifier.definition].into_iter().for_each(|text| out.text(text));
        choose(&TYPES, qualifier.reading.ty, out);
        out.byte(qualifier.reading.many.into());
        out.byte(qualifier.reading.conflicts.into());
    }
    let Frame { format, end_exclusive, about, unknown, implicit_agent } = &vocabulary.frame;
    out.byte(*format);
    out.byte((*end_exclusive).into());
    out.text(about);
    texts(unknown, out);
    out.text(implicit_agent);
}

fn read_qualifiers(reader: &mut Reader<'_>, vocabulary: &mut Vocabulary) -> Read<()> {
    for _ in 0..reader.count(6)? {
        let (key, relation, definition) = (reader.text()?.into(), reader.text()?.into(), reader.text()?.into());
        let ty = chosen(&TYPES, reader)?;
        let reading = Qualifier { ty, many: reader.byte()? != 0, conflicts: reader.byte()? != 0 };
        vocabulary.declare_qualifier(QualifierType { key, relation, definition, reading });
    }
    let (format, end_exclusive, about) = (reader.byte()?, reader.byte()? != 0, reader.text()?.into());
    let (unknown, implicit_agent) = (read_texts(reader)?, reader.text()?.into());
    vocabulary.frame = Frame { format, end_exclusive, about, unknown, implicit_agent };
    Ok(())
}

fn read_vocabulary(reader: &mut Reader<'_>, graph: &Graph, version: u8) -> Read<Vocabulary> {
    let mut vocabulary = Vocabulary::default();
    for _ in 0..reader.count(10)? {
        let (name, definition, inverse) = (reader.text()?.into(), reader.text()?.into(), reader.text()?.into());
        let (domain, range) = (read_texts(reader)?, read_texts(reader)?);
        let algebra = chosen(&ALGEBRAS, reader)?;
        let descent = match reader.byte()? {
            0 => None,
            _ => {
                let (role, side) = (chosen(&ROLES, reader)?, chosen(&SIDES, reader)?);
                let (named, kind) = (reader.byte()? != 0, reader.text()?);
                let mut descent = Descent::new(role, side, named.then(|| kind.into()));
                if version > FIRST {
                    descent.gathers = read_maybe(&GATHERS, reader)?;
                    descent.predecessor = read_maybe(&FATES, reader)?;
                    descent.successor = read_maybe(&ORIGINS, reader)?;
                    descent.wording = read_pairs(reader)?;
                }
                Some(descent)
            }
        };
        let (contradicts, single_valued) = (read_texts(reader)?, reader.byte()? != 0);
        let repeats = if version > FIRST { read_maybe(&[false, true], reader)? } else { None };
        let terms = read_texts(reader)?;
        vocabulary.declare(RelationType {
            name,
            definition,
            inverse,
            domain,
            range,
            algebra,
            descent,
            contradicts,
            single_valued,
            repeats,
            terms,
        });
    }
    for _ in 0..reader.count(8)? {
        let mut text = || Ok::<Arc<str>, Damaged>(reader.text()?.into());
        let (id, kind, topic, note) = (text()?, text()?, text()?, text()?);
        let mut side = || {
            let rel = rel(graph, reader.small()?)?;
            Ok::<Claim, Damaged>(Claim { rel, sources: reader.words()?.into_iter().map(SourceId).collect() })
        };
        let sides = [side()?, side()?];
        vocabulary.conflicts.push(Conflict { id, kind, topic, sides, note });
    }
    if version > FIRST {
        read_qualifiers(reader, &mut vocabulary)?;
    }
    Ok(vocabulary)
}

pub(super) fn node(graph: &Graph, id: u64) -> Read<NodeRef> {
    graph.node_by_id(NodeId(id).0).ok_or(Damaged)
}

pub(super) fn rel(graph: &Graph, id: u64) -> Read<RelRef> {
    graph.rel_by_id(RelId(id).0).ok_or(Damaged)
}
