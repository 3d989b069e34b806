//! What stands beside the graph — evidence and vocabulary — as bytes and back. Nodes and relationships are named by id.

use std::sync::Arc;

use crate::graph::image::bytes::{Damaged, Read, Reader, Writer};
use crate::graph::{Graph, NodeId, RelId};
use crate::provenance::{
    Algebra, Claim, Confidence, Conflict, Descent, Evidence, Locator, Mention, Place, RelationType, Role, Side, Source,
    SourceId, Vocabulary,
};
use crate::value::{NodeRef, RelRef};

use super::Contents;

const VERSION: u8 = 1;

pub(super) fn write(graph: &Graph, evidence: &Evidence, vocabulary: &Vocabulary) -> Vec<u8> {
    let mut out = Writer::default();
    out.byte(VERSION);
    write_evidence(graph, evidence, &mut out);
    write_vocabulary(graph, vocabulary, &mut out);
    out.0
}

/// Takes the place of the evidence and vocabulary there.
pub(super) fn read(bytes: &[u8], contents: &mut Contents<'_>) -> Read<()> {
    let mut reader = Reader(bytes);
    if reader.byte()? != VERSION {
        return Err(Damaged);
    }
    let evidence = read_evidence(&mut reader, contents.graph)?;
    let vocabulary = read_vocabulary(&mut reader, contents.graph)?;
    if !reader.is_empty() {
        return Err(Damaged);
    }
    *contents.evidence = evidence;
    *contents.vocabulary = vocabulary;
    Ok(())
}

fn write_evidence(graph: &Graph, evidence: &Evidence, out: &mut Writer) {
    out.small(evidence.sources().len() as u64);
    for source in evidence.sources() {
        [&source.id, &source.title, &source.group, &source.date].into_iter().for_each(|text| out.text(text));
        let node = source.node.filter(|&node| graph.node_exists(node));
        out.small(node.map_or(0, |node| graph.node_id(node).0 + 1));
    }
    let rels: Vec<_> = evidence.rels().filter(|(rel, _)| graph.rel_exists(*rel)).collect();
    out.small(rels.len() as u64);
    for (rel, ids) in rels {
        out.small(graph.rel_id(rel).0);
        out.small(ids.len() as u64);
        for mention in evidence.mentions_of(rel) {
            out.text(&mention.id);
            place(mention.place, out);
            out.byte(mention.confidence.bits());
            out.long(mention.fingerprint);
            out.small(mention.qualifiers.len() as u64);
            for (key, value) in &mention.qualifiers {
                out.text(key);
                out.text(value);
            }
        }
    }
    let nodes: Vec<_> = evidence.nodes().filter(|(node, _)| graph.node_exists(*node)).collect();
    out.small(nodes.len() as u64);
    for (node, places) in nodes {
        out.small(graph.node_id(node).0);
        out.small(places.len() as u64);
        places.iter().for_each(|&at| place(at, out));
    }
}

fn read_evidence(reader: &mut Reader<'_>, graph: &Graph) -> Read<Evidence> {
    let mut evidence = Evidence::default();
    for _ in 0..reader.count(5)? {
        let mut text = || Ok::<Arc<str>, Damaged>(reader.text()?.into());
        let (id, title, group, date) = (text()?, text()?, text()?, text()?);
        let node = match reader.small()? {
            0 => None,
            id => Some(node(graph, id - 1)?),
        };
        evidence.add_source(Source { id, node, title, group, date }).ok_or(Damaged)?;
    }
    for _ in 0..reader.count(2)? {
        let rel = rel(graph, reader.small()?)?;
        for _ in 0..reader.count(8)? {
            let id = reader.text()?.into();
            let place = read_place(reader)?;
            let confidence = Confidence::from_bits(reader.byte()?);
            let fingerprint = reader.long()?;
            let count = reader.count(2)?;
            let qualifiers = (0..count).map(|_| Ok((reader.text()?.into(), reader.text()?.into())));
            let qualifiers = qualifiers.collect::<Read<_>>()?;
            let mention = Mention { id, place, confidence, fingerprint, qualifiers };
            evidence.add_mention(rel, mention).ok_or(Damaged)?;
        }
    }
    for _ in 0..reader.count(2)? {
        let node = node(graph, reader.small()?)?;
        for _ in 0..reader.count(4)? {
            evidence.add_place(node, read_place(reader)?).ok_or(Damaged)?;
        }
    }
    Ok(evidence)
}

fn place(place: Place, out: &mut Writer) {
    out.small(place.source.0.into());
    out.small(place.at.paragraph.into());
    out.small(place.at.first.into());
    out.small(place.at.last.into());
}

fn read_place(reader: &mut Reader<'_>) -> Read<Place> {
    let source = SourceId(reader.word()?);
    let paragraph = reader.word()?;
    let mut sentence = || u16::try_from(reader.small()?).map_err(|_| Damaged);
    Ok(Place { source, at: Locator { paragraph, first: sentence()?, last: sentence()? } })
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
const SIDES: [Side; 2] = [Side::Start, Side::End];

fn choose<T: Copy + PartialEq>(all: &[T], one: T, out: &mut Writer) {
    out.byte(all.iter().position(|&other| other == one).unwrap_or(0) as u8);
}

fn chosen<T: Copy>(all: &[T], reader: &mut Reader<'_>) -> Read<T> {
    all.get(reader.byte()? as usize).copied().ok_or(Damaged)
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
        }
        texts(&ty.contradicts, out);
        out.byte(ty.single_valued.into());
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
}

fn read_vocabulary(reader: &mut Reader<'_>, graph: &Graph) -> Read<Vocabulary> {
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
                Some(Descent { role, side, kind: named.then(|| kind.into()) })
            }
        };
        let (contradicts, single_valued, terms) = (read_texts(reader)?, reader.byte()? != 0, read_texts(reader)?);
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
    Ok(vocabulary)
}

fn node(graph: &Graph, id: u64) -> Read<NodeRef> {
    graph.node_by_id(NodeId(id).0).ok_or(Damaged)
}

fn rel(graph: &Graph, id: u64) -> Read<RelRef> {
    graph.rel_by_id(RelId(id).0).ok_or(Damaged)
}
