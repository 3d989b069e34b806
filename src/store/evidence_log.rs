//! Changes of the evidence as bytes of a record and back. Nodes and relationships are named by id, sources by their place.
//!
//! ```text
//! additions   small count, each: byte of kind, then
//!             1 source: source · 2 mention: small relationship, mention · 3 either: small count, relationships, mention
//!             4 exists: small node, mention · 5 part: text event, text relation, byte side, small node, mention
//!             6 place: small node, place · 7 name: small node, name
//!             8 mention taken: relationship, mention · 9 exists taken: small node, mention · 10 place taken: small node, place
//! ```
//!
//! What was done to something that the same transaction deleted is left out.

use std::sync::Arc;

use super::beside::{self, SIDES, chosen, node, rel};
use crate::graph::image::bytes::{Damaged, Read, Reader, Writer};
use crate::provenance::image::{read_name, read_place, write_name, write_place};
use crate::provenance::{Evidence, EvidenceChange, KnowledgeGraph, MentionId};
use crate::value::{NodeRef, RelRef};

/// What was done since the last commit; nothing when nobody has kept it. Before the graph is committed.
pub(super) fn write(knowledge: &KnowledgeGraph) -> Option<Vec<u8>> {
    let evidence = &knowledge.evidence;
    let (mut body, mut count) = (Writer::default(), 0);
    for change in evidence.changes()? {
        let mut out = Writer::default();
        if one(knowledge, evidence, change, &mut out).is_some() {
            body.0.extend_from_slice(&out.0);
            count += 1;
        }
    }
    let mut whole = Writer::default();
    whole.small(count);
    whole.0.extend_from_slice(&body.0);
    Some(whole.0)
}

fn one(knowledge: &KnowledgeGraph, evidence: &Evidence, change: &EvidenceChange, out: &mut Writer) -> Option<()> {
    let graph = &knowledge.graph;
    let rel_id = |rel: RelRef| graph.rel_exists(rel).then(|| graph.rel_id(rel).0);
    let node_id = |node: NodeRef| graph.node_exists(node).then(|| graph.node_id(node).0);
    let mention =
        |id: MentionId, out: &mut Writer| evidence.mention(id).map(|mention| beside::write_mention(mention, out));
    match change {
        EvidenceChange::Source(id) => {
            out.byte(1);
            beside::write_source(graph, evidence.source(*id)?, out);
        }
        EvidenceChange::Mention { rel, mention: id } => {
            out.byte(2);
            out.small(rel_id(*rel)?);
            mention(*id, out)?;
        }
        EvidenceChange::Either { rels, mention: id } => {
            out.byte(3);
            let rels: Vec<u64> = rels.iter().filter_map(|rel| rel_id(*rel)).collect();
            out.small(rels.len() as u64);
            rels.iter().for_each(|rel| out.small(*rel));
            mention(*id, out)?;
        }
        EvidenceChange::Exists { node, mention: id } => {
            out.byte(4);
            out.small(node_id(*node)?);
            mention(*id, out)?;
        }
        EvidenceChange::Part { event, side, node, mention: id } => {
            out.byte(5);
            let event = evidence.events().get(*event as usize)?;
            out.text(&event.id);
            out.text(&event.relation);
            beside::choose(&SIDES, *side, out);
            out.small(node_id(*node)?);
            mention(*id, out)?;
        }
        EvidenceChange::Place { node, place } => {
            out.byte(6);
            out.small(node_id(*node)?);
            write_place(*place, out);
        }
        EvidenceChange::Name { node, name } => {
            out.byte(7);
            out.small(node_id(*node)?);
            write_name(name, out);
        }
        EvidenceChange::MentionTaken { rel, mention: id } => {
            out.byte(8);
            out.small(rel_id(*rel)?);
            mention(*id, out)?;
        }
        EvidenceChange::ExistsTaken { node, mention: id } => {
            out.byte(9);
            out.small(node_id(*node)?);
            mention(*id, out)?;
        }
        EvidenceChange::PlaceTaken { node, place } => {
            out.byte(10);
            out.small(node_id(*node)?);
            write_place(*place, out);
        }
    }
    Some(())
}

/// Adds what a record says to the evidence. Errors: it does not fit the graph.
pub(super) fn read(bytes: &[u8], knowledge: &mut KnowledgeGraph) -> Read<()> {
    let KnowledgeGraph { graph, evidence, .. } = knowledge;
    let evidence = Arc::make_mut(evidence);
    let mut reader = Reader(bytes);
    for _ in 0..reader.count(2)? {
        let kind = reader.byte()?;
        match kind {
            1 => drop(evidence.add_source(beside::read_source(&mut reader, graph)?).ok_or(Damaged)?),
            2 => {
                let rel = rel(graph, reader.small()?)?;
                evidence.add_mention(rel, beside::read_mention(&mut reader)?).ok_or(Damaged)?;
            }
            3 => {
                let count = reader.count(1)?;
                let rels = (0..count).map(|_| rel(graph, reader.small()?)).collect::<Read<Vec<_>>>()?;
                evidence.add_either(&rels, beside::read_mention(&mut reader)?).ok_or(Damaged)?;
            }
            4 => {
                let node = node(graph, reader.small()?)?;
                evidence.add_exists(node, beside::read_mention(&mut reader)?).ok_or(Damaged)?;
            }
            5 => {
                let (event, relation) = (reader.text()?.into(), reader.text()?.into());
                let side = chosen(&SIDES, &mut reader)?;
                let node = node(graph, reader.small()?)?;
                let mention = beside::read_mention(&mut reader)?;
                evidence.add_part(&event, &relation, side, node, mention).ok_or(Damaged)?;
            }
            6 => {
                let node = node(graph, reader.small()?)?;
                evidence.add_place(node, read_place(&mut reader)?).ok_or(Damaged)?;
            }
            7 => {
                let node = node(graph, reader.small()?)?;
                evidence.add_name(node, read_name(&mut reader)?).ok_or(Damaged)?;
            }
            8 => {
                let rel = rel(graph, reader.small()?)?;
                let taken = beside::read_mention(&mut reader)?;
                let listed = [evidence.ids_of(rel), evidence.denials_of(rel), evidence.either_of(rel)].concat();
                let id = listed.into_iter().find(|id| evidence.mention(*id) == Some(&taken)).ok_or(Damaged)?;
                evidence.take_mention(rel, id);
            }
            9 => {
                let node = node(graph, reader.small()?)?;
                let taken = beside::read_mention(&mut reader)?;
                let mut listed = evidence.exists_of(node).iter().copied();
                let id = listed.find(|id| evidence.mention(*id) == Some(&taken)).ok_or(Damaged)?;
                evidence.take_exists(node, id);
            }
            10 => {
                let node = node(graph, reader.small()?)?;
                let place = read_place(&mut reader)?;
                evidence.take_place(node, place).then_some(()).ok_or(Damaged)?;
            }
            _ => return Err(Damaged),
        }
    }
    if reader.is_empty() { Ok(()) } else { Err(Damaged) }
}
