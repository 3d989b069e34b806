//! The store of evidence: which mentions stand behind which relationship, what names and states the life of which node.
//!
//! Invariants: every id kept under a handle lies in `mentions`, every source id in `sources`; a handle
//! with no evidence has no entry. Mentions whose relationship or node is gone stay in `mentions`, where nothing points
//! to them, until the graph is opened again.
//!
//! Copies share everything; a write copies the pages it touches. What was opened from a store is loaded page by page, when
//! it is asked for (`image.rs`); what cannot be loaded reads as nothing, and [`Evidence::failure`] tells it.

use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;

use super::image::Loader;
use super::pages::BySlot;
use super::{EvidenceChange, Mention, Mode, NameUse, Place, Side, Source};
use crate::error::{Error, Result};
use crate::memory;
use crate::value::hash::DataMap;
use crate::value::{NodeRef, RelRef};

/// Index of a source in the evidence it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

/// Index of a mention in the evidence it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MentionId(pub u32);

/// So many mentions are loaded at once.
pub(super) const MENTIONS: usize = if cfg!(test) { 64 } else { 1024 };
/// The evidence of so many slots of relationships, or of nodes, is loaded at once.
pub(super) const SLOTS: usize = if cfg!(test) { 64 } else { 4096 };

/// Mentions behind relationships; names, places and mentions of nodes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    pub(super) sources: Arc<Vec<Source>>,
    source_ids: Arc<DataMap<Arc<str>, SourceId>>,
    /// By id.
    pub(super) mentions: BySlot<Mention, MENTIONS>,
    pub(super) by_rel: BySlot<Testimony, SLOTS>,
    pub(super) by_node: BySlot<NodeEvidence, SLOTS>,
    pub(super) counts: Counts,
    events: Arc<OnceLock<Events>>,
    /// The mentions that correct another, by the id of the one corrected.
    pub(super) correctors: Arc<Correctors>,
    /// The relationships with a mention that another corrects, and perhaps others; nothing: nobody has looked.
    pub(super) corrected: Option<Arc<Vec<RelRef>>>,
    /// Where what is not in memory is.
    pub(super) loader: Option<Arc<Loader>>,
    /// What was done since somebody wanted to know.
    changes: Option<Vec<EvidenceChange>>,
}

/// Ids of mentions to those that correct them.
pub(super) type Correctors = DataMap<Arc<str>, SmallVec<[MentionId; 1]>>;

/// What counting would tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Ids of mentions given out.
    pub(super) given: u32,
    /// Mentions taken out, so that their ids point to what nobody asks for.
    pub(super) gone: u32,
    /// Mentions that assert a relationship, those that stand behind two counted twice.
    pub(super) asserting: u64,
}

/// The id of an event, and the relationship type that says what kind of event it is.
type EventKey = (Arc<str>, Arc<str>);

/// Events that mentions name.
#[derive(Clone, Debug, Default)]
pub(super) struct Events {
    /// Those whose sides are stated one body at a time.
    pub(super) all: Arc<Vec<EventRecord>>,
    /// Id and relation to the place in `all`.
    ids: Arc<DataMap<EventKey, u32>>,
    /// The relationships whose mentions name an event. What was taken out stays listed: who reads asks the mentions.
    pub(super) rels: Arc<DataMap<Arc<str>, Vec<RelRef>>>,
}

impl Events {
    pub(super) fn new(all: Vec<EventRecord>, rels: DataMap<Arc<str>, Vec<RelRef>>) -> Self {
        let ids = (0u32..).zip(&all).map(|(at, event)| ((event.id.clone(), event.relation.clone()), at)).collect();
        Self { all: Arc::new(all), ids: Arc::new(ids), rels: Arc::new(rels) }
    }
}

/// What stands behind one relationship.
#[derive(Clone, Debug, Default)]
pub(super) struct Testimony {
    pub(super) own: SmallVec<[MentionId; 2]>,
    pub(super) others: Option<Box<Others>>,
}

/// Mentions that concern a relationship without asserting it.
#[derive(Clone, Debug, Default)]
pub(super) struct Others {
    /// They fit several facts of one group: listed at each, counted at none.
    pub(super) either: Vec<MentionId>,
    /// They say that it is not so.
    pub(super) denials: Vec<MentionId>,
}

/// What is known of one node by itself.
#[derive(Clone, Debug, Default)]
pub(super) struct NodeEvidence {
    /// Places that name it, sorted, each once.
    pub(super) places: Vec<Place>,
    pub(super) names: Vec<NameUse>,
    /// Mentions that state when it began or ended.
    pub(super) exists: SmallVec<[MentionId; 1]>,
    /// Its parts in events whose other side is not said body by body.
    pub(super) parts: Vec<(u32, Side, MentionId)>,
}

/// An event of which the sides are stated one body at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventRecord {
    /// Its id in the dataset.
    pub id: Arc<str>,
    /// The relationship type that says what kind of event it is.
    pub relation: Arc<str>,
    /// The bodies on either side with the mentions that say so, sorted.
    pub members: Vec<Member>,
}

/// One body on one side of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Member {
    /// The column that names it: [`Side::Start`] the subject, [`Side::End`] the object.
    pub side: Side,
    /// The body.
    pub node: NodeRef,
    /// The mention that says so.
    pub mention: MentionId,
}

impl Testimony {
    pub(super) fn others(&mut self) -> &mut Others {
        self.others.get_or_insert_default()
    }
}

impl Evidence {
    /// Whether nothing is known: no source, no mention.
    pub(crate) fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.by_rel.is_empty() && self.by_node.is_empty()
    }

    /// From now on what is done is kept for a log; or, with `false`, no more, and what was kept is forgotten.
    pub(crate) fn record_changes(&mut self, on: bool) {
        self.changes = on.then(|| self.changes.take().unwrap_or_default());
    }

    /// What was done since [`Self::record_changes`], in order; nothing when it was not asked for. What goes with the
    /// relationship or node it is about is not told.
    pub(crate) fn changes(&self) -> Option<&[EvidenceChange]> {
        self.changes.as_deref()
    }

    fn note(&mut self, change: impl FnOnce() -> EvidenceChange) {
        if let Some(all) = &mut self.changes {
            all.push(change());
        }
    }

    /// Adds a source, or finds the one of the same id and puts the new particulars in its place.
    /// Nothing when there are already as many sources as ids.
    pub(crate) fn add_source(&mut self, source: Source) -> Option<SourceId> {
        if let Some(&known) = self.source_ids.get(&source.id) {
            Arc::make_mut(&mut self.sources)[known.0 as usize] = source;
            self.note(|| EvidenceChange::Source(known));
            return Some(known);
        }
        let id = SourceId(u32::try_from(self.sources.len()).ok()?);
        Arc::make_mut(&mut self.source_ids).insert(source.id.clone(), id);
        Arc::make_mut(&mut self.sources).push(source);
        self.note(|| EvidenceChange::Source(id));
        Some(id)
    }

    /// Adds a mention of `rel`; one that denies it goes where it supports nothing.
    /// Nothing when its source is unknown or there is no room for another id.
    pub(crate) fn add_mention(&mut self, rel: RelRef, mention: Mention) -> Option<MentionId> {
        let denies = mention.mode() == Mode::Denies;
        let event = mention.event().filter(|_| !denies).map(Arc::<str>::from);
        let is_corrected = !self.corrections_of(&mention).is_empty();
        let id = self.keep(mention)?;
        if let Some(event) = event {
            let rels = Arc::make_mut(&mut self.events_mut().rels).entry(event).or_default();
            if rels.last() != Some(&rel) {
                rels.push(rel);
            }
        }
        if let Some(known) = self.corrected.as_mut().filter(|_| is_corrected) {
            Arc::make_mut(known).push(rel);
        }
        let testimony = self.by_rel.of(rel.0);
        match denies {
            true => testimony.others().denials.push(id),
            false => {
                testimony.own.push(id);
                self.counts.asserting += 1;
            }
        }
        self.note(|| EvidenceChange::Mention { rel, mention: id });
        Some(id)
    }

    /// Adds a mention that fits each of several facts of its group: it is listed at each and counts for none.
    /// Nothing as [`Self::add_mention`].
    pub(crate) fn add_either(&mut self, rels: &[RelRef], mention: Mention) -> Option<MentionId> {
        let listed = rels.first().map_or(&[][..], |rel| self.either_of(*rel));
        if let Some(known) = listed.iter().find(|id| self.mention(**id) == Some(&mention)) {
            return Some(*known);
        }
        let id = self.keep(mention)?;
        for rel in rels {
            self.by_rel.of(rel.0).others().either.push(id);
        }
        self.note(|| EvidenceChange::Either { rels: rels.into(), mention: id });
        Some(id)
    }

    /// Lists a known mention at one more relationship it denies.
    pub(crate) fn add_denial(&mut self, rel: RelRef, id: MentionId) {
        self.by_rel.of(rel.0).others().denials.push(id);
        self.note(|| EvidenceChange::Mention { rel, mention: id });
    }

    /// Adds a mention that states when a node began or ended. Nothing as [`Self::add_mention`].
    pub(crate) fn add_exists(&mut self, node: NodeRef, mention: Mention) -> Option<MentionId> {
        if let Some(known) = self.exists_of(node).iter().find(|id| self.mention(**id) == Some(&mention)) {
            return Some(*known);
        }
        let id = self.keep(mention)?;
        self.by_node.of(node.0).exists.push(id);
        self.note(|| EvidenceChange::Exists { node, mention: id });
        Some(id)
    }

    /// Adds a mention that puts `node` on one side of the event `event`, without saying who is on the other.
    /// Nothing as [`Self::add_mention`].
    pub(crate) fn add_part(
        &mut self,
        event: &Arc<str>,
        relation: &Arc<str>,
        side: Side,
        node: NodeRef,
        mention: Mention,
    ) -> Option<MentionId> {
        let parts = self.by_node.get(node.0).map_or(&[][..], |known| &known.parts);
        if let Some(known) = parts.iter().find(|part| part.1 == side && self.mention(part.2) == Some(&mention)) {
            return Some(known.2);
        }
        let id = self.keep(mention)?;
        let at = match self.event_at(event, relation) {
            Some(at) => at,
            None => {
                let events = self.events_mut();
                let at = u32::try_from(events.all.len()).ok()?;
                Arc::make_mut(&mut events.ids).insert((event.clone(), relation.clone()), at);
                let (id, relation) = (event.clone(), relation.clone());
                Arc::make_mut(&mut events.all).push(EventRecord { id, relation, members: Vec::new() });
                at
            }
        };
        self.by_node.of(node.0).parts.push((at, side, id));
        self.enter(at, Member { side, node, mention: id });
        self.note(|| EvidenceChange::Part { event: at, side, node, mention: id });
        Some(id)
    }

    fn enter(&mut self, event: u32, member: Member) {
        let members = &mut Arc::make_mut(&mut self.events_mut().all)[event as usize].members;
        if let Err(at) = members.binary_search(&member) {
            members.insert(at, member);
        }
    }

    fn keep(&mut self, mention: Mention) -> Option<MentionId> {
        self.source(mention.place.source)?;
        let id = MentionId(self.counts.given);
        self.counts.given = self.counts.given.checked_add(1)?;
        if let Some(corrected) = mention.corrects() {
            Arc::make_mut(&mut self.correctors).entry(corrected.into()).or_default().push(id);
            self.corrected = None;
        }
        self.mentions.put(id.0, mention);
        Some(id)
    }

    /// Adds a place that names `node`; a place already known is not kept twice.
    /// Nothing when the source is unknown.
    pub(crate) fn add_place(&mut self, node: NodeRef, place: Place) -> Option<()> {
        self.source(place.source)?;
        let places = &mut self.by_node.of(node.0).places;
        if let Err(at) = places.binary_search(&place) {
            places.insert(at, place);
            self.note(|| EvidenceChange::Place { node, place });
        }
        Some(())
    }

    /// Adds a name of a node. Nothing when the source of one of its places is unknown.
    pub(crate) fn add_name(&mut self, node: NodeRef, mut name: NameUse) -> Option<()> {
        for place in name.places.iter().chain(&name.stated_at) {
            self.source(place.source)?;
        }
        name.places.sort_unstable();
        let names = &mut self.by_node.of(node.0).names;
        if !names.contains(&name) {
            names.push(name.clone());
            self.note(|| EvidenceChange::Name { node, name });
        }
        Some(())
    }

    /// Takes a mention from a relationship, whatever it says of it; whether it was there.
    pub(crate) fn take_mention(&mut self, rel: RelRef, id: MentionId) -> bool {
        let Some(testimony) = self.by_rel.get(rel.0) else { return false };
        let others = testimony.others.as_deref();
        let listed = testimony.own.contains(&id)
            || others.is_some_and(|others| others.either.contains(&id) || others.denials.contains(&id));
        if !listed {
            return false;
        }
        let testimony = self.by_rel.of(rel.0);
        let before = testimony.own.len();
        testimony.own.retain(|own| *own != id);
        let taken = (before - testimony.own.len()) as u32;
        self.counts.asserting -= u64::from(taken);
        self.counts.gone += taken;
        if let Some(others) = &mut testimony.others {
            others.either.retain(|own| *own != id);
            others.denials.retain(|own| *own != id);
            if others.either.is_empty() && others.denials.is_empty() {
                testimony.others = None;
            }
        }
        if testimony.own.is_empty() && testimony.others.is_none() {
            self.by_rel.take(rel.0);
        }
        self.correct_no_more(std::iter::once(&id));
        self.note(|| EvidenceChange::MentionTaken { rel, mention: id });
        true
    }

    /// Takes a mention of its life from a node; whether it was there.
    pub(crate) fn take_exists(&mut self, node: NodeRef, id: MentionId) -> bool {
        if !self.exists_of(node).contains(&id) {
            return false;
        }
        self.by_node.of(node.0).exists.retain(|own| *own != id);
        self.counts.gone += 1;
        self.leave_nothing_empty(node);
        self.correct_no_more(std::iter::once(&id));
        self.note(|| EvidenceChange::ExistsTaken { node, mention: id });
        true
    }

    /// Takes a place from those that name a node; whether it was there.
    pub(crate) fn take_place(&mut self, node: NodeRef, place: Place) -> bool {
        let Ok(at) = self.places_of(node).binary_search(&place) else { return false };
        self.by_node.of(node.0).places.remove(at);
        self.leave_nothing_empty(node);
        self.note(|| EvidenceChange::PlaceTaken { node, place });
        true
    }

    fn leave_nothing_empty(&mut self, node: NodeRef) {
        let is_empty = |known: &NodeEvidence| {
            known.places.is_empty() && known.names.is_empty() && known.exists.is_empty() && known.parts.is_empty()
        };
        if self.by_node.get(node.0).is_some_and(is_empty) {
            self.by_node.take(node.0);
        }
    }

    /// Takes the evidence of a relationship out, as deleting it must.
    pub(crate) fn take_rel(&mut self, rel: RelRef) {
        let Some(taken) = self.by_rel.take(rel.0) else { return };
        self.counts.asserting -= taken.own.len() as u64;
        self.counts.gone += taken.own.len() as u32;
        let others = taken.others.iter().flat_map(|others| others.either.iter().chain(&others.denials));
        self.correct_no_more(taken.own.iter().chain(others));
    }

    /// Mentions that are gone correct nothing. One that fits several relationships is gone with the last of them.
    fn correct_no_more<'i>(&mut self, gone: impl Iterator<Item = &'i MentionId>) {
        if !self.has_corrections() {
            return;
        }
        for id in gone {
            let Some(of) = self.mention(*id).and_then(Mention::corrects).map(Arc::<str>::from) else { continue };
            let lists = |of: &Testimony| {
                let others = of.others.iter().flat_map(|others| others.either.iter().chain(&others.denials));
                of.own.iter().chain(others).any(|other| other == id)
            };
            if self.by_rel.iter().any(|(_, testimony)| lists(testimony)) {
                continue;
            }
            let correctors = Arc::make_mut(&mut self.correctors);
            if let Some(ids) = correctors.get_mut(&of) {
                ids.retain(|other| other != id);
                if ids.is_empty() {
                    correctors.remove(&of);
                }
            }
        }
    }

    /// Takes what is known of a node out, as deleting it must.
    pub(crate) fn take_node(&mut self, node: NodeRef) {
        if self.sources.iter().any(|source| source.node == Some(node)) {
            let sources = Arc::make_mut(&mut self.sources).iter_mut();
            sources.filter(|source| source.node == Some(node)).for_each(|source| source.node = None);
        }
        let Some(taken) = self.by_node.take(node.0) else { return };
        self.counts.gone += (taken.exists.len() + taken.parts.len()) as u32;
        let parts: Vec<MentionId> = taken.parts.iter().map(|part| part.2).collect();
        self.correct_no_more(taken.exists.iter().chain(&parts));
        for (event, ..) in &taken.parts {
            let events = Arc::make_mut(&mut self.events_mut().all);
            events.get_mut(*event as usize).into_iter().for_each(|event| event.members.retain(|m| m.node != node));
        }
    }

    /// Whether anything is known of a relationship that deleting it would take out.
    pub(crate) fn knows_rel(&self, rel: RelRef) -> bool {
        self.by_rel.get(rel.0).is_some()
    }

    /// Whether anything is known of a node that deleting it would take out.
    pub(crate) fn knows_node(&self, node: NodeRef) -> bool {
        self.by_node.get(node.0).is_some() || self.sources.iter().any(|source| source.node == Some(node))
    }

    /// Every source, in the order added.
    pub(crate) fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The source behind an id.
    pub(crate) fn source(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.0 as usize)
    }

    /// The id of the source called `id` (`003`).
    pub(crate) fn source_id(&self, id: &str) -> Option<SourceId> {
        self.source_ids.get(id).copied()
    }

    /// The mention behind an id.
    pub(crate) fn mention(&self, id: MentionId) -> Option<&Mention> {
        self.mentions.get(id.0)
    }

    /// The mentions that assert a relationship, in the order added; none for a relationship without evidence.
    pub(crate) fn mentions_of(&self, rel: RelRef) -> impl Iterator<Item = &Mention> {
        self.ids_of(rel).iter().filter_map(|id| self.mention(*id))
    }

    /// The ids of the mentions that assert a relationship.
    pub(crate) fn ids_of(&self, rel: RelRef) -> &[MentionId] {
        self.by_rel.get(rel.0).map_or(&[], |testimony| &testimony.own)
    }

    /// Whether a mention that asserts or denies a relationship is just this one.
    pub(crate) fn has_mention(&self, rel: RelRef, mention: &Mention) -> bool {
        let mut known = self.ids_of(rel).iter().chain(self.denials_of(rel));
        known.any(|id| self.mention(*id) == Some(mention))
    }

    /// The mentions that fit several facts of the group of a relationship: listed with it, counted for none.
    pub(crate) fn either_of(&self, rel: RelRef) -> &[MentionId] {
        self.others_of(rel).map_or(&[], |others| &others.either)
    }

    /// The mentions that say of a relationship that it is not so.
    pub(crate) fn denials_of(&self, rel: RelRef) -> &[MentionId] {
        self.others_of(rel).map_or(&[], |others| &others.denials)
    }

    fn others_of(&self, rel: RelRef) -> Option<&Others> {
        self.by_rel.get(rel.0)?.others.as_deref()
    }

    /// The places that name a node, in the order of source and locator.
    pub(crate) fn places_of(&self, node: NodeRef) -> &[Place] {
        self.by_node.get(node.0).map_or(&[], |known| &known.places)
    }

    /// The names of a node, in the order of the dataset.
    pub(crate) fn names_of(&self, node: NodeRef) -> &[NameUse] {
        self.by_node.get(node.0).map_or(&[], |known| &known.names)
    }

    /// The ids of the mentions that state when a node began or ended.
    pub(crate) fn exists_of(&self, node: NodeRef) -> &[MentionId] {
        self.by_node.get(node.0).map_or(&[], |known| &known.exists)
    }

    /// The events in which a node stands on one side without the other being said body by body: positions in
    /// [`Self::events`], ascending, each once.
    pub(crate) fn events_of(&self, node: NodeRef) -> SmallVec<[u32; 2]> {
        let parts = self.by_node.get(node.0).map_or(&[][..], |known| &known.parts);
        let mut events: SmallVec<[u32; 2]> = parts.iter().map(|part| part.0).collect();
        events.sort_unstable();
        events.dedup();
        events
    }

    /// The relationships that mentions assert as part of the event of that id, ascending, each once.
    pub(crate) fn rels_of_event(&self, event: &str) -> Vec<RelRef> {
        let names = |rel: &RelRef| self.mentions_of(*rel).any(|mention| mention.event() == Some(event));
        let listed = self.event_table().rels.get(event).map_or(&[][..], |rels| rels);
        let mut rels: Vec<RelRef> = listed.iter().copied().filter(names).collect();
        rels.sort_unstable();
        rels.dedup();
        rels
    }

    /// The position in [`Self::events`] of the event of that id whose kind is the type `relation`.
    pub(crate) fn event_at(&self, event: &Arc<str>, relation: &Arc<str>) -> Option<u32> {
        self.event_table().ids.get(&(event.clone(), relation.clone())).copied()
    }

    /// The events whose sides are stated one body at a time. One whose members are gone is empty.
    pub(crate) fn events(&self) -> &[EventRecord] {
        &self.event_table().all
    }

    pub(super) fn event_table(&self) -> &Events {
        memory::kept(&self.events, || self.loader.as_ref().map_or_else(Events::default, |loader| loader.events()))
    }

    fn events_mut(&mut self) -> &mut Events {
        self.event_table();
        let cell = Arc::make_mut(&mut self.events);
        let known = cell.take().unwrap_or_default();
        cell.get_or_init(|| known);
        match cell.get_mut() {
            Some(events) => events,
            None => unreachable!("it was filled just now"),
        }
    }

    /// Whether any mention corrects another.
    pub(crate) fn has_corrections(&self) -> bool {
        !self.correctors.is_empty()
    }

    /// The relationships with a mention that another corrects, and perhaps others; nothing: nobody has looked.
    pub(super) fn corrected_rels(&self) -> Option<&[RelRef]> {
        self.corrected.as_deref().map(Vec::as_slice)
    }

    /// The mentions that correct the one of this id.
    pub(crate) fn corrections_of(&self, mention: &Mention) -> &[MentionId] {
        if self.correctors.is_empty() || mention.id.is_empty() {
            return &[];
        }
        self.correctors.get(&mention.id).map_or(&[], |ids| ids)
    }

    /// Relationships with evidence, each with the mentions that assert it; in the order of the handles.
    pub(crate) fn rels(&self) -> impl Iterator<Item = (RelRef, &[MentionId])> {
        self.by_rel.iter().map(|(rel, testimony)| (RelRef::new(rel), testimony.own.as_slice()))
    }

    /// Nodes of which something is known, in the order of the handles.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = NodeRef> {
        self.by_node.iter().map(|(node, _)| NodeRef::new(node))
    }

    /// Number of mentions that assert a relationship.
    pub(crate) fn mention_count(&self) -> usize {
        self.counts.asserting as usize
    }

    /// What went wrong while evidence of a stored graph was loaded on demand: ask after each statement.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.loader.as_ref()?.failure().cloned()
    }

    /// How many chunks are as the image has them.
    #[cfg(test)]
    pub(crate) fn stored_chunks(&self) -> usize {
        let chunks = self.mentions.chunks().chain(self.by_rel.chunks()).chain(self.by_node.chunks());
        chunks.filter(|(_, stored)| *stored).count()
    }

    /// How many chunks are in memory.
    #[cfg(test)]
    pub(crate) fn chunks_in_memory(&self) -> usize {
        self.mentions.in_memory() + self.by_rel.in_memory() + self.by_node.in_memory()
    }

    /// Loads all that has not been asked for. Errors: `StoreIo`, `StoreDamaged`.
    pub(crate) fn load_everything(&self) -> Result<()> {
        self.mentions.load();
        self.by_rel.load();
        self.by_node.load();
        self.event_table();
        self.failure().map_or(Ok(()), Err)
    }

    /// Loads all there is, and knows of no store any more.
    pub(crate) fn detach(&mut self) {
        self.event_table();
        self.mentions.detach();
        self.by_rel.detach();
        self.by_node.detach();
        self.loader = None;
    }

    /// Notes that an image has been written of this, with its own ids and slots, over the one it was opened from.
    pub(crate) fn note_stored(&mut self) {
        self.mentions.note_stored();
        self.by_rel.note_stored();
        self.by_node.note_stored();
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Confidence, Locator};
    use super::*;
    use crate::provenance::FactId;

    fn evidence() -> Evidence {
        let mut evidence = Evidence::default();
        for id in ["000", "001"] {
            evidence.add_source(Source { id: id.into(), ..Source::default() });
        }
        evidence
    }

    fn mention(source: u32, paragraph: u32) -> Mention {
        Mention {
            id: format!("F{paragraph}").into(),
            place: Place { source: SourceId(source), at: Locator::sentence(paragraph, 1) },
            confidence: Confidence::default(),
            fingerprint: 0,
            qualifiers: Box::default(),
        }
    }

    #[test]
    fn support_counts_documents_not_sentences() {
        let mut evidence = evidence();
        let rel = RelRef::new(7);
        for (source, paragraph) in [(0, 11), (0, 39), (1, 22)] {
            evidence.add_mention(rel, mention(source, paragraph));
        }
        assert_eq!(evidence.mentions_of(rel).count(), 3);
        assert_eq!(evidence.support(FactId::Rel(rel)), 2);
        let cited: Vec<String> = evidence.places(FactId::Rel(rel)).into_iter().map(|p| evidence.cite(p)).collect();
        assert_eq!(cited, ["000:11.1", "000:39.1", "001:22.1"]);
        assert_eq!(evidence.support(FactId::Rel(RelRef::new(8))), 0);
    }

    #[test]
    fn a_handle_given_out_again_inherits_nothing_and_a_copy_keeps_what_it_had() {
        let mut evidence = evidence();
        evidence.add_mention(RelRef::new(1), mention(0, 1));
        evidence.add_mention(RelRef::new(2), mention(1, 2));
        let copy = evidence.clone();
        evidence.take_rel(RelRef::new(1));
        assert!(!evidence.knows_rel(RelRef::new(1)) && copy.knows_rel(RelRef::new(1)));
        evidence.add_mention(RelRef::new(1), mention(1, 3));
        let ids = |evidence: &Evidence| {
            evidence.mentions_of(RelRef::new(1)).map(|mention| mention.id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!((ids(&evidence), ids(&copy)), (vec!["F3".to_owned()], vec!["F1".to_owned()]));
        assert_eq!((evidence.mention_count(), copy.mention_count()), (2, 2));
    }

    #[test]
    fn places_of_a_node_are_kept_once_and_unknown_sources_are_refused() {
        let mut evidence = evidence();
        let node = NodeRef::new(3);
        for paragraph in [2, 1, 2] {
            evidence.add_place(node, Place { source: SourceId(0), at: Locator::paragraph(paragraph) });
        }
        assert_eq!(evidence.places_of(node).len(), 2);
        assert_eq!(evidence.add_place(node, Place { source: SourceId(9), at: Locator::paragraph(1) }), None);
        assert!(evidence.add_mention(RelRef::new(1), mention(9, 1)).is_none());
        evidence.take_node(node);
        assert_eq!(evidence.support(FactId::Node(node)), 0);
    }
}
