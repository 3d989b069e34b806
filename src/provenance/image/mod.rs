//! Evidence as parts of an image, and back. A part holds what is asked for together; it is loaded when that is asked for.
//!
//! ```text
//! evidence       counts, corrections: what is asked of all evidence; read when a store is opened
//! mentions.N     mentions 1024 N … by id        said.N   evidence of relationships, slots 4096 N …
//! events         events that mentions name      known.N  of nodes, slots 4096 N …
//! ```
//!
//! Sources are not among them: they are there at once. `docs/store.md` has the bytes. A part that cannot be loaded reads as
//! empty, and the loader keeps the error.

mod bytes;

pub(crate) use bytes::{read_name, read_place, write_name, write_place};

use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;

use self::bytes::{Bounds, events, known, mentions, testimonies};
use super::evidence::{Correctors, Counts, Events, MENTIONS, NodeEvidence, Others, SLOTS, Testimony};
use super::pages::{BySlot, Load};
use super::{EventRecord, Evidence, Member, Mention, MentionId, Source};
use crate::error::{Error, Result};
use crate::graph::image::bytes::{Damaged, Read, Reader, Writer};
use crate::graph::image::{PartSource, Placed, Sink, damaged};
use crate::memory;
use crate::value::{NodeRef, RelRef};

const VERSION: u8 = 1;
const EVIDENCE: &str = "evidence";
const EVENTS: &str = "events";

fn part(of: &str, chunk: u32) -> String {
    format!("{of}.{chunk}")
}

/// The list that a part is a page of; else its own name.
pub(crate) fn list_of(part: &str) -> &str {
    let list = part.split_once('.').map(|(list, _)| list);
    list.filter(|list| [OF_MENTIONS, OF_RELS, OF_NODES].contains(list)).unwrap_or(part)
}

const OF_MENTIONS: &str = "mentions";
const OF_RELS: &str = "said";
const OF_NODES: &str = "known";

/// Loads evidence page by page; keeps the first error.
#[derive(Debug)]
pub(super) struct Loader {
    source: Arc<dyn PartSource>,
    bounds: Bounds,
    failure: OnceLock<Error>,
}

/// Gives `sink` the evidence as parts, numbered as `placed` has it. With `keep` the image there is the one that it was opened
/// from, if from any. True: the new image has the evidence's own numbers. Errors: those of the sink; what was not loaded.
pub(crate) fn write(evidence: &Evidence, placed: &Placed, keep: bool, sink: &mut Sink<'_>) -> Result<bool> {
    let Counts { given, gone, .. } = evidence.counts;
    // in the order of the slots what is asked for together lies together; what was added since lies as it came
    let (there, new): (Vec<bool>, Vec<bool>) = evidence.mentions.chunks().map(|(_, stored)| stored).partition(|is| *is);
    let worn = gone > given / 2 || new.len() > there.len() + 1;
    let stays = keep && placed.is_same() && evidence.loader.is_some() && !worn;
    if stays {
        kept(evidence, sink)?;
    } else {
        anew(evidence, placed, sink)?;
    }
    evidence.failure().map_or(Ok(stays), Err)
}

/// What was changed, under its own numbers.
fn kept(evidence: &Evidence, sink: &mut Sink<'_>) -> Result<()> {
    fn each<T: Clone, const CHUNK: usize>(
        list: &BySlot<T, CHUNK>,
        of: &str,
        sink: &mut Sink<'_>,
        bytes: impl Fn(&mut dyn Iterator<Item = (u32, &T)>) -> Vec<u8>,
    ) -> Result<()> {
        list.chunks().try_for_each(|(at, stored)| {
            let bytes = (!stored).then(|| bytes(&mut list.of_chunk(at)));
            sink(&part(of, at), bytes)
        })
    }
    each(&evidence.mentions, OF_MENTIONS, sink, |all| mentions(all))?;
    each(&evidence.by_rel, OF_RELS, sink, |all| testimonies(all.map(|(slot, own)| (slot, own.clone()))))?;
    each(&evidence.by_node, OF_NODES, sink, |all| known(all.map(|(slot, own)| (slot, own.clone()))))?;
    let table = evidence.event_table();
    sink(EVENTS, Some(events(&table.all, &table.rels)))?;
    let chunks = Chunks {
        mentions: evidence.mentions.chunks().map(|(at, _)| at).collect(),
        rels: evidence.by_rel.chunks().map(|(at, _)| at).collect(),
        nodes: evidence.by_node.chunks().map(|(at, _)| at).collect(),
    };
    let corrected = evidence.corrected.as_ref().map(|rels| rels.iter().map(|rel| rel.0).collect());
    let summary = Summary {
        counts: evidence.counts,
        rels: evidence.by_rel.len(),
        nodes: evidence.by_node.len(),
        events: table.all.len() as u32,
        correctors: Correctors::clone(&evidence.correctors),
        corrected,
    };
    sink(EVIDENCE, Some(summary.bytes(&chunks)))
}

/// New ids of mentions, in the order in which they are met.
struct Numbers {
    new: Vec<u32>,
    old: Vec<MentionId>,
}

impl Numbers {
    fn of(&mut self, id: MentionId) -> MentionId {
        let new = &mut self.new[id.0 as usize];
        if *new == u32::MAX {
            *new = self.old.len() as u32;
            self.old.push(id);
        }
        MentionId(*new)
    }

    fn of_all<'a, C: FromIterator<MentionId>>(&mut self, ids: impl IntoIterator<Item = &'a MentionId>) -> C {
        ids.into_iter().map(|id| self.of(*id)).collect()
    }
}

/// Everything, in the order of the slots; what nobody asks for any more is left out.
fn anew(evidence: &Evidence, placed: &Placed, sink: &mut Sink<'_>) -> Result<()> {
    let mut numbers = Numbers { new: vec![u32::MAX; evidence.counts.given as usize], old: Vec::new() };
    let mut counts = Counts::default();
    let mut corrected = Vec::new();
    let mut chunks = Chunks::default();

    let mut rels: Vec<(u32, &Testimony)> = Vec::with_capacity(evidence.by_rel.len());
    rels.extend(evidence.by_rel.iter().filter_map(|(rel, own)| Some((placed.rel(RelRef::new(rel))?.0, own))));
    rels.sort_unstable_by_key(|(slot, _)| *slot);
    for all in rels.chunk_by(|a, b| a.0 / SLOTS as u32 == b.0 / SLOTS as u32) {
        let numbered = all.iter().map(|(slot, Testimony { own, others })| {
            counts.asserting += own.len() as u64;
            let is_corrected =
                |id: &MentionId| evidence.mention(*id).is_some_and(|m| !evidence.corrections_of(m).is_empty());
            if !evidence.correctors.is_empty() && own.iter().any(is_corrected) {
                corrected.push(*slot);
            }
            let own = numbers.of_all(own);
            let others = others.as_ref().map(|others| {
                let (either, denials) = (numbers.of_all(&others.either), numbers.of_all(&others.denials));
                Box::new(Others { either, denials })
            });
            (*slot, Testimony { own, others })
        });
        let bytes = testimonies(numbered);
        let at = all[0].0 / SLOTS as u32;
        chunks.rels.push(at);
        sink(&part(OF_RELS, at), Some(bytes))?;
    }

    let mut nodes: Vec<(u32, &NodeEvidence)> = Vec::with_capacity(evidence.by_node.len());
    nodes.extend(evidence.by_node.iter().filter_map(|(node, own)| Some((placed.node(NodeRef::new(node))?.0, own))));
    nodes.sort_unstable_by_key(|(slot, _)| *slot);
    for all in nodes.chunk_by(|a, b| a.0 / SLOTS as u32 == b.0 / SLOTS as u32) {
        let numbered = all.iter().map(|(slot, own)| {
            let exists = numbers.of_all(&own.exists);
            let parts = own.parts.iter().map(|(event, side, id)| (*event, *side, numbers.of(*id))).collect();
            (*slot, NodeEvidence { places: own.places.clone(), names: own.names.clone(), exists, parts })
        });
        let bytes = known(numbered);
        let at = all[0].0 / SLOTS as u32;
        chunks.nodes.push(at);
        sink(&part(OF_NODES, at), Some(bytes))?;
    }

    let table = evidence.event_table();
    let all: Vec<EventRecord> = table
        .all
        .iter()
        .map(|EventRecord { id, relation, members }| {
            let placed = members.iter().filter_map(|Member { side, node, mention }| {
                Some(Member { side: *side, node: placed.node(*node)?, mention: numbers.of(*mention) })
            });
            let mut members: Vec<Member> = placed.collect();
            members.sort_unstable();
            EventRecord { id: id.clone(), relation: relation.clone(), members }
        })
        .collect();
    let placed_rels = |listed: &Vec<RelRef>| listed.iter().filter_map(|rel| placed.rel(*rel)).collect::<Vec<_>>();
    let of_rels = table.rels.iter().map(|(id, listed)| (id.clone(), placed_rels(listed))).collect();
    sink(EVENTS, Some(events(&all, &of_rels)))?;

    for (at, ids) in (0u32..).zip(numbers.old.chunks(MENTIONS)) {
        let numbered = (at * MENTIONS as u32..).zip(ids).filter_map(|(new, id)| Some((new, evidence.mention(*id)?)));
        chunks.mentions.push(at);
        sink(&part(OF_MENTIONS, at), Some(mentions(numbered)))?;
    }
    counts.given = numbers.old.len() as u32;
    let mut correctors = Correctors::default();
    for (of, ids) in &*evidence.correctors {
        let kept = ids.iter().map(|id| numbers.new[id.0 as usize]).filter(|new| *new != u32::MAX);
        let ids: SmallVec<[MentionId; 1]> = kept.map(MentionId).collect();
        if !ids.is_empty() {
            correctors.insert(of.clone(), ids);
        }
    }
    let (rels, nodes, events) = (rels.len(), nodes.len(), all.len() as u32);
    let summary = Summary { counts, rels, nodes, events, correctors, corrected: Some(corrected) };
    sink(EVIDENCE, Some(summary.bytes(&chunks)))
}

/// The evidence of an image whose sources these are and whose graph has so many slots of nodes and relationships.
/// Errors: `StoreDamaged`, `StoreIo`.
pub(crate) fn open(source: Arc<dyn PartSource>, sources: &[Source], bounds: (u32, u32)) -> Result<Evidence> {
    let bytes = source.part(EVIDENCE)?.ok_or_else(|| damaged(EVIDENCE))?;
    let (summary, chunks) = Summary::read(&bytes).map_err(|_| damaged(EVIDENCE))?;
    let (mentions, events) = (summary.counts.given, summary.events);
    let bounds = Bounds { sources: sources.len(), nodes: bounds.0, rels: bounds.1, mentions, events };
    let fits = |chunks: &[u32], bound: u32, size: usize| {
        chunks.is_sorted_by(|a, b| a < b) && chunks.last().is_none_or(|last| *last < bound.div_ceil(size as u32))
    };
    let correctors = summary.correctors.values().flatten();
    let fit = fits(&chunks.mentions, mentions, MENTIONS)
        && fits(&chunks.rels, bounds.rels, SLOTS)
        && fits(&chunks.nodes, bounds.nodes, SLOTS)
        && correctors.into_iter().all(|id| id.0 < mentions)
        && summary.corrected.iter().flatten().all(|rel| *rel < bounds.rels)
        && summary.rels <= bounds.rels as usize
        && summary.nodes <= bounds.nodes as usize;
    let mut evidence = Evidence::default();
    for source in sources {
        evidence.add_source(source.clone());
    }
    if !fit || evidence.sources().len() != sources.len() {
        return Err(damaged(EVIDENCE));
    }
    let loader = Arc::new(Loader { source, bounds, failure: OnceLock::new() });
    evidence.counts = summary.counts;
    evidence.mentions = BySlot::stored(Arc::clone(&loader) as _, mentions as usize, chunks.mentions);
    evidence.by_rel = BySlot::stored(Arc::clone(&loader) as _, summary.rels, chunks.rels);
    evidence.by_node = BySlot::stored(Arc::clone(&loader) as _, summary.nodes, chunks.nodes);
    evidence.correctors = Arc::new(summary.correctors);
    evidence.corrected = summary.corrected.map(|rels| Arc::new(rels.into_iter().map(RelRef::new).collect()));
    evidence.loader = Some(loader);
    Ok(evidence)
}

impl Loader {
    pub(super) fn failure(&self) -> Option<&Error> {
        self.failure.get()
    }

    pub(super) fn events(&self) -> Events {
        self.read(EVENTS, |reader| self.bounds.events(reader)).unwrap_or_default()
    }

    fn read<T>(&self, name: &str, decode: impl FnOnce(&mut Reader<'_>) -> Read<T>) -> Option<T> {
        let part = memory::aside(|| {
            let bytes = self.source.part(name)?.ok_or_else(|| damaged(name))?;
            let mut reader = Reader(&bytes);
            let part = decode(&mut reader).ok().filter(|_| reader.is_empty());
            part.ok_or_else(|| damaged(name))
        });
        part.inspect_err(|error| drop(self.failure.set(error.clone()))).ok() // the first one is told
    }

    fn chunk<T>(
        &self,
        of: &str,
        chunk: u32,
        decode: impl FnOnce(&mut Reader<'_>) -> Read<Vec<(u32, T)>>,
    ) -> Vec<(u32, T)> {
        self.read(&part(of, chunk), decode).unwrap_or_default()
    }
}

impl Load<Mention> for Loader {
    fn load(&self, chunk: u32) -> Vec<(u32, Mention)> {
        self.chunk(OF_MENTIONS, chunk, |reader| self.bounds.mentions(reader, chunk))
    }
}

impl Load<Testimony> for Loader {
    fn load(&self, chunk: u32) -> Vec<(u32, Testimony)> {
        self.chunk(OF_RELS, chunk, |reader| self.bounds.testimonies(reader, chunk))
    }
}

impl Load<NodeEvidence> for Loader {
    fn load(&self, chunk: u32) -> Vec<(u32, NodeEvidence)> {
        self.chunk(OF_NODES, chunk, |reader| self.bounds.known(reader, chunk))
    }
}

/// The numbers of the chunks that there are.
#[derive(Debug, Default)]
struct Chunks {
    mentions: Vec<u32>,
    rels: Vec<u32>,
    nodes: Vec<u32>,
}

/// What is asked of all evidence.
struct Summary {
    counts: Counts,
    /// Relationships and nodes of which something is known.
    rels: usize,
    nodes: usize,
    events: u32,
    correctors: Correctors,
    corrected: Option<Vec<u32>>,
}

impl Summary {
    fn bytes(&self, chunks: &Chunks) -> Vec<u8> {
        let mut out = Writer::default();
        out.byte(VERSION);
        let Counts { given, gone, asserting } = self.counts;
        [given.into(), gone.into(), asserting, self.rels as u64, self.nodes as u64, self.events.into()]
            .into_iter()
            .for_each(|n| out.small(n));
        [&chunks.mentions, &chunks.rels, &chunks.nodes].into_iter().for_each(|chunks| out.words(chunks));
        let mut correctors: Vec<_> = self.correctors.iter().collect();
        correctors.sort_unstable();
        out.small(correctors.len() as u64);
        for (of, ids) in correctors {
            out.text(of);
            out.small(ids.len() as u64);
            ids.iter().for_each(|id| out.small(id.0.into()));
        }
        out.byte(self.corrected.is_some().into());
        out.words(self.corrected.as_deref().unwrap_or_default());
        out.0
    }

    fn read(bytes: &[u8]) -> Read<(Self, Chunks)> {
        let mut reader = Reader(bytes);
        if reader.byte()? != VERSION {
            return Err(Damaged);
        }
        let counts = Counts { given: reader.word()?, gone: reader.word()?, asserting: reader.small()? };
        let (rels, nodes, events) = (reader.word()? as usize, reader.word()? as usize, reader.word()?);
        let chunks = Chunks { mentions: reader.words()?, rels: reader.words()?, nodes: reader.words()? };
        let mut correctors = Correctors::default();
        for _ in 0..reader.count(2)? {
            let of = reader.text()?.into();
            let ids = (0..reader.count(1)?).map(|_| Ok(MentionId(reader.word()?))).collect::<Read<_>>()?;
            correctors.insert(of, ids);
        }
        let known = reader.byte()? != 0;
        let corrected = Some(reader.words()?).filter(|_| known);
        if !reader.is_empty() {
            return Err(Damaged);
        }
        Ok((Self { counts, rels, nodes, events, correctors, corrected }, chunks))
    }
}
