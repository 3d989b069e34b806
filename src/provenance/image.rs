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

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::evidence::{Correctors, Counts, Events, MENTIONS, NodeEvidence, Others, SLOTS, Testimony};
use super::pages::{BySlot, Load};
use super::{
    Confidence, EventRecord, Evidence, Locator, Member, Mention, MentionId, NameUse, Place, Side, Source, SourceId,
};
use crate::error::{Error, Result};
use crate::graph::image::bytes::{Damaged, Read, Reader, Writer};
use crate::graph::image::{PartSource, Placed, Sink, damaged};
use crate::value::{NodeRef, RelRef};

const VERSION: u8 = 1;
const EVIDENCE: &str = "evidence";
const EVENTS: &str = "events";
const SIDES: [Side; 2] = [Side::Start, Side::End];

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

/// What numbers in parts must be smaller than.
#[derive(Clone, Copy, Debug, Default)]
struct Bounds {
    sources: usize,
    nodes: u32,
    rels: u32,
    mentions: u32,
    events: u32,
}

/// Gives `sink` the evidence as parts, numbered as `placed` has it. With `keep` the image there is the one that it was opened
/// from, if from any. True: the new image has the evidence's own numbers. Errors: those of the sink; what was not loaded.
pub(crate) fn write(evidence: &Evidence, placed: &Placed, keep: bool, sink: &mut Sink<'_>) -> Result<bool> {
    let Counts { given, gone, .. } = evidence.counts;
    let worn = gone > given / 2;
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
    each(&evidence.mentions, OF_MENTIONS, sink, |all| mentions(all.map(|(id, mention)| (id, mention))))?;
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
        let bytes = self.source.part(name).and_then(|bytes| bytes.ok_or_else(|| damaged(name)));
        let part = bytes.and_then(|bytes| {
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

/// Texts of a page, each once; the place of each in the order of first use.
#[derive(Default)]
struct Texts<'a> {
    all: Vec<&'a str>,
    at: FxHashMap<&'a str, u64>,
}

impl<'a> Texts<'a> {
    fn of(&mut self, text: &'a str) -> u64 {
        *self.at.entry(text).or_insert_with(|| {
            self.all.push(text);
            self.all.len() as u64 - 1
        })
    }
}

/// In a byte of confidence: a fingerprint follows.
const HAS_FINGERPRINT: u8 = 0x80;

fn mentions<'a>(all: impl Iterator<Item = (u32, &'a Mention)>) -> Vec<u8> {
    let (mut texts, mut body, mut count) = (Texts::default(), Writer::default(), 0);
    for (id, mention) in all {
        count += 1;
        body.small(u64::from(id) % MENTIONS as u64);
        body.text(&mention.id);
        write_place(mention.place, &mut body);
        let has_fingerprint = if mention.fingerprint == 0 { 0 } else { HAS_FINGERPRINT };
        body.byte(mention.confidence.bits() | has_fingerprint);
        if mention.fingerprint != 0 {
            body.long(mention.fingerprint);
        }
        body.small(mention.qualifiers.len() as u64);
        for (key, value) in &mention.qualifiers {
            body.small(texts.of(key));
            body.small(texts.of(value));
        }
    }
    let mut out = Writer::default();
    out.small(texts.all.len() as u64);
    texts.all.iter().for_each(|text| out.text(text));
    out.small(count);
    out.0.extend_from_slice(&body.0);
    out.0
}

/// Ids that mostly go on by one.
fn ids(ids: &[MentionId], next: &mut u32, out: &mut Writer) {
    for id in ids {
        out.signed(i64::from(id.0) - i64::from(*next));
        *next = id.0.wrapping_add(1);
    }
}

/// Slots within their chunk, ascending, as steps.
fn slot(slot: u32, next: &mut u32, out: &mut Writer) {
    out.small(u64::from(slot % SLOTS as u32 - *next));
    *next = slot % SLOTS as u32 + 1;
}

fn testimonies(all: impl Iterator<Item = (u32, Testimony)>) -> Vec<u8> {
    let (mut body, mut count, mut next, mut next_id) = (Writer::default(), 0, 0, 0);
    for (at, Testimony { own, others }) in all {
        count += 1;
        slot(at, &mut next, &mut body);
        body.small(own.len() as u64 * 2 + u64::from(others.is_some()));
        ids(&own, &mut next_id, &mut body);
        for list in others.iter().flat_map(|others| [&others.either, &others.denials]) {
            body.small(list.len() as u64);
            ids(list, &mut next_id, &mut body);
        }
    }
    counted(count, body)
}

fn known(all: impl Iterator<Item = (u32, NodeEvidence)>) -> Vec<u8> {
    let (mut body, mut count, mut next, mut next_id) = (Writer::default(), 0, 0, 0);
    for (at, NodeEvidence { places, names, exists, parts }) in all {
        count += 1;
        slot(at, &mut next, &mut body);
        body.small(places.len() as u64);
        places.iter().for_each(|place| write_place(*place, &mut body));
        body.small(names.len() as u64);
        names.iter().for_each(|name| write_name(name, &mut body));
        body.small(exists.len() as u64);
        ids(&exists, &mut next_id, &mut body);
        body.small(parts.len() as u64);
        for (event, side, id) in parts {
            body.small(event.into());
            write_side(side, &mut body);
            ids(&[id], &mut next_id, &mut body);
        }
    }
    counted(count, body)
}

fn events(all: &[EventRecord], rels: &FxHashMap<Arc<str>, Vec<RelRef>>) -> Vec<u8> {
    let mut out = Writer::default();
    out.small(all.len() as u64);
    for EventRecord { id, relation, members } in all {
        out.text(id);
        out.text(relation);
        out.small(members.len() as u64);
        for Member { side, node, mention } in members {
            write_side(*side, &mut out);
            out.small(node.0.into());
            out.small(mention.0.into());
        }
    }
    let mut rels: Vec<_> = rels.iter().filter(|(_, rels)| !rels.is_empty()).collect();
    rels.sort_unstable();
    out.small(rels.len() as u64);
    for (id, rels) in rels {
        out.text(id);
        out.words(&rels.iter().map(|rel| rel.0).collect::<Vec<_>>());
    }
    out.0
}

fn counted(count: u64, body: Writer) -> Vec<u8> {
    let mut out = Writer::default();
    out.small(count);
    out.0.extend_from_slice(&body.0);
    out.0
}

impl Bounds {
    fn mentions(&self, reader: &mut Reader<'_>, chunk: u32) -> Read<Vec<(u32, Mention)>> {
        let texts = (0..reader.count(1)?).map(|_| Ok(Arc::from(reader.text()?))).collect::<Read<Vec<Arc<str>>>>()?;
        let text = |at: u64| texts.get(at as usize).cloned().ok_or(Damaged);
        let base = chunk * MENTIONS as u32;
        (0..reader.count(8)?)
            .map(|_| {
                let id = self.mention(
                    base + u32::try_from(reader.small()?).ok().filter(|at| *at < MENTIONS as u32).ok_or(Damaged)?,
                )?;
                let own = reader.text()?.into();
                let place = self.place(reader)?;
                let byte = reader.byte()?;
                let fingerprint = if byte & HAS_FINGERPRINT == 0 { 0 } else { reader.long()? };
                let pair = |reader: &mut Reader<'_>| Ok((text(reader.small()?)?, text(reader.small()?)?));
                let qualifiers = (0..reader.count(2)?).map(|_| pair(reader)).collect::<Read<_>>()?;
                let confidence = Confidence::from_bits(byte & !HAS_FINGERPRINT);
                Ok((id.0, Mention { id: own, place, confidence, fingerprint, qualifiers }))
            })
            .collect()
    }

    fn testimonies(&self, reader: &mut Reader<'_>, chunk: u32) -> Read<Vec<(u32, Testimony)>> {
        let (mut next, mut next_id) = (0, 0);
        (0..reader.count(2)?)
            .map(|_| {
                let slot = self.slot(reader, chunk, &mut next, self.rels)?;
                let head = reader.small()?;
                let own = self.ids(head / 2, reader, &mut next_id)?;
                let mut list = || {
                    let count = reader.small()?;
                    self.ids(count, reader, &mut next_id)
                };
                let others = match head % 2 {
                    0 => None,
                    _ => Some(Box::new(Others { either: list()?, denials: list()? })),
                };
                Ok((slot, Testimony { own, others }))
            })
            .collect()
    }

    fn known(&self, reader: &mut Reader<'_>, chunk: u32) -> Read<Vec<(u32, NodeEvidence)>> {
        let (mut next, mut next_id) = (0, 0);
        (0..reader.count(5)?)
            .map(|_| {
                let slot = self.slot(reader, chunk, &mut next, self.nodes)?;
                let places = (0..reader.count(4)?).map(|_| self.place(reader)).collect::<Read<_>>()?;
                let name = |reader: &mut Reader<'_>| {
                    let name = read_name(reader)?;
                    let known =
                        name.places.iter().chain(&name.stated_at).all(|at| (at.source.0 as usize) < self.sources);
                    known.then_some(name).ok_or(Damaged)
                };
                let names = (0..reader.count(8)?).map(|_| name(reader)).collect::<Read<_>>()?;
                let count = reader.small()?;
                let exists = self.ids(count, reader, &mut next_id)?;
                let mut part = |reader: &mut Reader<'_>| {
                    let event = Some(reader.word()?).filter(|event| *event < self.events).ok_or(Damaged)?;
                    let side = read_side(reader)?;
                    let [id] = self.ids::<Vec<_>>(1, reader, &mut next_id)?[..] else { return Err(Damaged) };
                    Ok((event, side, id))
                };
                let parts = (0..reader.count(3)?).map(|_| part(reader)).collect::<Read<_>>()?;
                Ok((slot, NodeEvidence { places, names, exists, parts }))
            })
            .collect()
    }

    fn events(&self, reader: &mut Reader<'_>) -> Read<Events> {
        let member = |reader: &mut Reader<'_>| {
            let side = read_side(reader)?;
            let node = Some(reader.word()?).filter(|node| *node < self.nodes).ok_or(Damaged)?;
            Ok(Member { side, node: NodeRef::new(node), mention: self.mention(reader.word()?)? })
        };
        let event = |reader: &mut Reader<'_>| {
            let (id, relation) = (reader.text()?.into(), reader.text()?.into());
            let members = (0..reader.count(3)?).map(|_| member(reader)).collect::<Read<_>>()?;
            Ok(EventRecord { id, relation, members })
        };
        let all = (0..reader.count(3)?).map(|_| event(reader)).collect::<Read<Vec<_>>>()?;
        let mut rels: FxHashMap<Arc<str>, Vec<RelRef>> = FxHashMap::default();
        for _ in 0..reader.count(2)? {
            let (id, listed) = (reader.text()?.into(), reader.words()?);
            if listed.iter().any(|rel| *rel >= self.rels) {
                return Err(Damaged);
            }
            rels.insert(id, listed.into_iter().map(RelRef::new).collect());
        }
        if all.len() != self.events as usize {
            return Err(Damaged);
        }
        Ok(Events::new(all, rels))
    }

    fn slot(&self, reader: &mut Reader<'_>, chunk: u32, next: &mut u32, bound: u32) -> Read<u32> {
        let at = u32::try_from(reader.small()?).ok().and_then(|step| next.checked_add(step)).ok_or(Damaged)?;
        *next = at.checked_add(1).ok_or(Damaged)?;
        let slot = Some(at).filter(|at| *at < SLOTS as u32).map(|at| chunk * SLOTS as u32 + at);
        slot.filter(|slot| *slot < bound).ok_or(Damaged)
    }

    fn mention(&self, id: u32) -> Read<MentionId> {
        Some(MentionId(id)).filter(|id| id.0 < self.mentions).ok_or(Damaged)
    }

    fn ids<C: FromIterator<MentionId>>(&self, count: u64, reader: &mut Reader<'_>, next: &mut u32) -> Read<C> {
        (0..count)
            .map(|_| {
                let id = i64::from(*next)
                    .checked_add(reader.signed()?)
                    .and_then(|id| u32::try_from(id).ok())
                    .ok_or(Damaged)?;
                *next = id.wrapping_add(1);
                self.mention(id)
            })
            .collect()
    }

    fn place(&self, reader: &mut Reader<'_>) -> Read<Place> {
        Some(read_place(reader)?).filter(|place| (place.source.0 as usize) < self.sources).ok_or(Damaged)
    }
}

fn write_side(side: Side, out: &mut Writer) {
    out.byte(SIDES.iter().position(|known| *known == side).unwrap_or_default() as u8);
}

fn read_side(reader: &mut Reader<'_>) -> Read<Side> {
    SIDES.get(reader.byte()? as usize).copied().ok_or(Damaged)
}

/// A place as bytes.
pub(crate) fn write_place(place: Place, out: &mut Writer) {
    out.small(place.source.0.into());
    out.small(place.at.paragraph.into());
    out.small(place.at.first.into());
    out.small(place.at.last.into());
}

/// A place from bytes; whether there is such a source is for the caller to see.
pub(crate) fn read_place(reader: &mut Reader<'_>) -> Read<Place> {
    let source = SourceId(reader.word()?);
    let paragraph = reader.word()?;
    let mut sentence = || u16::try_from(reader.small()?).map_err(|_| Damaged);
    Ok(Place { source, at: Locator { paragraph, first: sentence()?, last: sentence()? } })
}

/// A name as bytes.
pub(crate) fn write_name(name: &NameUse, out: &mut Writer) {
    let NameUse { name, language, script, status, from, to, stated_at, places } = name;
    [name, language, script, status, from, to].into_iter().for_each(|text| out.text(text));
    for list in [stated_at.as_slice(), places] {
        out.small(list.len() as u64);
        list.iter().for_each(|&at| write_place(at, out));
    }
}

/// A name from bytes, as [`read_place`].
pub(crate) fn read_name(reader: &mut Reader<'_>) -> Read<NameUse> {
    let mut text = || Ok::<Arc<str>, Damaged>(reader.text()?.into());
    let (name, language, script) = (text()?, text()?, text()?);
    let (status, from, to) = (text()?, text()?, text()?);
    let mut places = || {
        let count = reader.count(4)?;
        (0..count).map(|_| read_place(reader)).collect::<Read<Box<[Place]>>>()
    };
    let stated_at = places()?.first().copied();
    Ok(NameUse { name, language, script, status, from, to, stated_at, places: places()? })
}
