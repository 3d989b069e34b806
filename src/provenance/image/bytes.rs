//! The parts of the evidence as bytes, and back. Nothing that is read is believed unless it is within [`Bounds`].

use std::sync::Arc;

use super::super::evidence::{Events, MENTIONS, NodeEvidence, Others, SLOTS, Testimony};
use super::super::{Confidence, EventRecord, Locator, Member, Mention, MentionId, NameUse, Place, Side, SourceId};
use crate::graph::image::bytes::{Damaged, Read, Reader, Writer};
use crate::value::hash::DataMap;
use crate::value::{NodeRef, RelRef};

const SIDES: [Side; 2] = [Side::Start, Side::End];

/// What numbers in parts must be smaller than.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bounds {
    pub(super) sources: usize,
    pub(super) nodes: u32,
    pub(super) rels: u32,
    pub(super) mentions: u32,
    pub(super) events: u32,
}

/// Texts of a page, each once; the place of each in the order of first use.
#[derive(Default)]
struct Texts<'a> {
    all: Vec<&'a str>,
    at: DataMap<&'a str, u64>,
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

pub(super) fn mentions<'a>(all: impl Iterator<Item = (u32, &'a Mention)>) -> Vec<u8> {
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

pub(super) fn testimonies(all: impl Iterator<Item = (u32, Testimony)>) -> Vec<u8> {
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

pub(super) fn known(all: impl Iterator<Item = (u32, NodeEvidence)>) -> Vec<u8> {
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

pub(super) fn events(all: &[EventRecord], rels: &DataMap<Arc<str>, Vec<RelRef>>) -> Vec<u8> {
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
    pub(super) fn mentions(&self, reader: &mut Reader<'_>, chunk: u32) -> Read<Vec<(u32, Mention)>> {
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

    pub(super) fn testimonies(&self, reader: &mut Reader<'_>, chunk: u32) -> Read<Vec<(u32, Testimony)>> {
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

    pub(super) fn known(&self, reader: &mut Reader<'_>, chunk: u32) -> Read<Vec<(u32, NodeEvidence)>> {
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

    pub(super) fn events(&self, reader: &mut Reader<'_>) -> Read<Events> {
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
        let mut rels: DataMap<Arc<str>, Vec<RelRef>> = DataMap::default();
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
