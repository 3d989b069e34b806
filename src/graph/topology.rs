//! Who exists, under which id, and who touches whom.
//!
//! ```text
//! slots    0 ………… frozen.bound │ frozen.bound …………… rel_bound
//!          relationships of the │ relationships made since:
//!          opened image         │ ends and type in pages
//! ```
//!
//! An image's relationships stay in the compressed adjacency they were stored in, so that neither opening nor the first
//! write of a large graph costs a rebuild. Those made since stand in petgraph's `StableDiGraph` of the [`Delta`], until
//! a commit seals them into a CSR of their own. Reading goes through [`adjacency`](super::adjacency).
//!
//! A copy of a topology shares everything with it until one of the two is written, and a write copies the pages it
//! touches. Nothing is ever taken back: who wants that keeps the copy.
//!
//! Invariants:
//! - a slot lives iff it is below its bound and not in the dead set; dead slots stay readable until `bury`;
//! - a freed slot is in no CSR: deleted relationships that some CSR may hold stay dead and unused until the CSRs of
//!   their type are one; the slots of an image's relationships are never given to others;
//! - which part of the adjacency holds a relationship is said by the part it stands in, never by its id.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

use super::adjacency::{Delta, TypeAdjacency};
use super::bulk::Raw;
use super::csr::{Csr, RelSlots};
use super::id_map::IdMap;
use super::image::Loader;
use super::kept::Kept;
use super::paged::Paged;
use super::slot_set::SlotSet;
use super::{Rel, RelTypeId};
use crate::error::{Code, Error, Result};
use crate::memory;
use crate::value::{NodeRef, RelRef};

/// The largest number of slots of one kind: the upper half of `u32` is free for tags.
pub(super) const MAX_SLOTS: u32 = 1 << 31;

/// Ends and type of a relationship that was made since the image.
#[derive(Clone, Copy, Debug, Default)]
struct Made {
    start: u32,
    end: u32,
    ty: u32,
}

/// Existence, ids, ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Topology {
    pub(super) frozen: Arc<Frozen>,
    made: Paged<Made, 1024>,
    pub(super) delta: Arc<Delta>,
    pub(super) node_ids: IdMap,
    pub(super) rel_ids: IdMap,
    pub(super) node_bound: u32,
    node_count: u64,
    pub(super) rel_bound: u32,
    pub(super) dead_nodes: SlotSet,
    pub(super) dead_rels: SlotSet,
    /// Deleted, but not yet committed.
    pub(super) dying_nodes: SlotSet,
    pub(super) dying_rels: SlotSet,
    /// Nodes of the image that a log deleted: whether all their relationships went before them nobody has verified, so
    /// their slots are given to nobody else.
    kept_nodes: SlotSet,
    /// Dead slots that are given to the next creations.
    free_nodes: Kept<u32>,
    free_rels: Kept<u32>,
    pub(super) types: Vec<Arc<TypeAdjacency>>,
    /// Steps that reads took beside clean adjacency since the last fold; of all copies together.
    pub(super) walked: Arc<AtomicU64>,
    /// While an empty graph is filled in bulk: its relationships, which nothing else holds yet.
    pub(super) raw: Option<Box<Raw>>,
}

/// The relationships of the image the graph was opened from, or was filled with in bulk.
#[derive(Debug, Default)]
pub(super) struct Frozen {
    pub(super) bound: u32,
    /// One past the last node slot of the image.
    nodes: u32,
    pub(super) types: TypeOf,
    /// By type.
    adjacency: Vec<FrozenType>,
    /// Of all relationships, where types are mixed; those of one type are with the type.
    ends: OnceLock<Box<Ends>>,
    pub(super) loader: Option<Arc<Loader>>,
}

/// The image's relationships of one type.
#[derive(Debug, Default)]
struct FrozenType {
    in_image: bool,
    csr: OnceLock<Arc<Csr>>,
    /// Both ends by slot, when somebody asks for them by slot.
    ends: OnceLock<Ends>,
}

/// Starts and ends by slot, from slot `first` on.
#[derive(Debug)]
pub(super) struct Ends {
    first: u32,
    starts: Vec<u32>,
    ends: Vec<u32>,
}

impl Ends {
    fn of(first: u32, bound: u32) -> Self {
        let slots = bound.saturating_sub(first) as usize;
        Self { first, starts: vec![0; slots], ends: vec![0; slots] }
    }

    fn fill(&mut self, csr: &Csr) {
        csr.for_each_entry(|e| {
            let at = e.rel.wrapping_sub(self.first) as usize;
            if let (Some(start), Some(end)) = (self.starts.get_mut(at), self.ends.get_mut(at)) {
                (*start, *end) = (e.from, e.to);
            }
        });
    }

    fn get(&self, slot: u32) -> Option<(u32, u32)> {
        let at = slot.wrapping_sub(self.first) as usize;
        Some((*self.starts.get(at)?, *self.ends.get(at)?))
    }

    /// None where the slots of the type lie too far between those of others.
    fn of_type(csr: &Csr) -> Self {
        let RelSlots::Each(slots) = csr.parts().2 else { return Self::of(0, 0) };
        let (first, last) = slots.iter().fold((u32::MAX, 0), |(low, high), &slot| (low.min(slot), high.max(slot)));
        if u64::from(last.saturating_sub(first)) > 4 * slots.len() as u64 {
            return Self::of(0, 0);
        }
        let mut ends = Self::of(first, last.saturating_add(1));
        ends.fill(csr);
        ends
    }
}

/// Slot to type, for the slots of an image.
#[derive(Debug)]
pub(super) enum TypeOf {
    /// From this slot on, this type. Ascending.
    Runs(Vec<(u32, RelTypeId)>),
    /// One type a slot.
    Each(Vec<u32>),
}

impl Default for TypeOf {
    fn default() -> Self {
        Self::Runs(Vec::new())
    }
}

impl TypeOf {
    fn ty(&self, slot: u32) -> RelTypeId {
        match self {
            Self::Runs(runs) => {
                let at = runs.partition_point(|run| run.0 <= slot);
                at.checked_sub(1).map_or(RelTypeId(0), |at| runs[at].1)
            }
            Self::Each(types) => RelTypeId(types.get(slot as usize).copied().unwrap_or_default()),
        }
    }
}

impl Frozen {
    /// What was filled in bulk: slot to type, and the outgoing CSR of each type.
    pub(super) fn filled(bound: u32, types: TypeOf, csrs: Vec<Option<Arc<Csr>>>) -> Self {
        let ty = |csr: Option<Arc<Csr>>| FrozenType {
            in_image: csr.is_some(),
            csr: csr.map_or_else(OnceLock::new, OnceLock::from),
            ends: OnceLock::new(),
        };
        Self { bound, types, adjacency: csrs.into_iter().map(ty).collect(), ..Self::default() }
    }

    /// Whether there is anything of the type.
    pub(super) fn has(&self, ty: RelTypeId) -> bool {
        self.adjacency.get(ty.index()).is_some_and(|own| own.in_image)
    }

    /// The outgoing CSR of a type; empty when there is none or it cannot be loaded (the loader keeps the error).
    pub(super) fn csr(&self, ty: RelTypeId) -> Option<&Arc<Csr>> {
        let own = self.adjacency.get(ty.index()).filter(|own| own.in_image)?;
        Some(memory::kept(&own.csr, || match &self.loader {
            Some(loader) => Arc::new(loader.adjacency(ty)),
            None => Arc::default(),
        }))
    }

    fn rel(&self, slot: u32) -> Rel {
        let ty = self.types.ty(slot);
        let ends = self.csr(ty).and_then(|csr| match csr.parts().2 {
            &RelSlots::From(base) => {
                let at = slot.wrapping_sub(base) as usize;
                csr.all_targets().get(at).map(|&end| (csr.node_at(at).0, end))
            }
            RelSlots::Each(_) => {
                let own = memory::kept(&self.adjacency.get(ty.index())?.ends, || Ends::of_type(csr));
                own.get(slot).or_else(|| memory::kept(&self.ends, || Box::new(self.all_ends())).get(slot))
            }
        });
        let (start, end) = ends.unwrap_or_default();
        Rel { start: NodeRef::new(start), end: NodeRef::new(end), ty }
    }

    fn all_ends(&self) -> Ends {
        let mut ends = Ends::of(0, self.bound);
        for ty in 0..self.adjacency.len() as u32 {
            if let Some(csr) = self.csr(RelTypeId(ty)) {
                ends.fill(csr);
            }
        }
        ends
    }
}

impl Topology {
    pub(super) fn node_exists(&self, slot: u32) -> bool {
        slot < self.node_bound && !self.dead_nodes.contains(slot)
    }

    pub(super) fn rel_exists(&self, slot: u32) -> bool {
        slot < self.rel_bound && !self.dead_rels.contains(slot)
    }

    pub(super) fn node_count(&self) -> u64 {
        self.node_count
    }

    pub(super) fn rel_count(&self) -> u64 {
        self.types.iter().map(|t| t.live.len()).sum()
    }

    /// Ends and type of a relationship that lives or died in this transaction; of any other slot, something harmless.
    pub(super) fn rel(&self, rel: RelRef) -> Rel {
        if let Some(raw) = &self.raw {
            return raw.rel(rel.0);
        }
        match rel.0.checked_sub(self.frozen.bound) {
            Some(at) => {
                let Made { start, end, ty } = self.made.get(at);
                Rel { start: NodeRef::new(start), end: NodeRef::new(end), ty: RelTypeId(ty) }
            }
            None => self.frozen.rel(rel.0),
        }
    }

    /// A new node with the next id, or the one a log replays. Errors: `Size`.
    pub(super) fn add_node(&mut self, id: Option<u64>) -> Result<u32> {
        let id = next_id(&self.node_ids, id)?;
        let slot = match self.free_nodes.pop() {
            Some(slot) => slot,
            None if self.node_bound >= MAX_SLOTS => {
                return Err(Error::limit(Code::Size, format!("a graph holds at most {MAX_SLOTS} nodes")));
            }
            None => self.node_bound,
        };
        self.dead_nodes.remove(slot);
        self.node_bound = self.node_bound.max(slot + 1);
        self.node_count += 1;
        self.node_ids.give(slot, id);
        Ok(slot)
    }

    pub(super) fn delete_node(&mut self, slot: u32) {
        self.dead_nodes.insert(slot);
        self.dying_nodes.insert(slot);
        self.node_count -= 1;
    }

    /// A new relationship between living nodes, with the next id or the one a log replays. Errors: `Size`.
    pub(super) fn add_rel(&mut self, start: u32, end: u32, ty: RelTypeId, id: Option<u64>) -> Result<u32> {
        let id = next_id(&self.rel_ids, id)?;
        let free = self.free_rels.pop();
        if free.is_none() && self.rel_bound >= MAX_SLOTS {
            return Err(Error::limit(Code::Size, format!("a graph holds at most {MAX_SLOTS} relationships")));
        }
        let slot = free.unwrap_or(self.rel_bound);
        self.rel_bound = self.rel_bound.max(slot + 1);
        self.rel_ids.give(slot, id);
        if let Some(raw) = &mut self.raw {
            raw.push(start, end, ty);
            return Ok(slot);
        }
        self.dead_rels.remove(slot);
        self.made.set(slot - self.frozen.bound, Made { start, end, ty: ty.0 });
        let adjacency = self.type_mut(ty);
        adjacency.live.insert(slot);
        adjacency.touch(start, end);
        Arc::make_mut(&mut self.delta).add(slot, start, end, ty);
        Ok(slot)
    }

    pub(super) fn delete_rel(&mut self, slot: u32, rel: Rel) {
        self.dead_rels.insert(slot);
        self.dying_rels.insert(slot);
        let adjacency = self.type_mut(rel.ty);
        adjacency.live.remove(slot);
        adjacency.dead.insert(slot);
        adjacency.touch(rel.start.0, rel.end.0);
    }

    /// Makes the deletions of the transaction final; nobody holds their handles any more. Amortised constant.
    pub(super) fn bury(&mut self) {
        if !self.dying_rels.is_empty() {
            let dying = std::mem::take(&mut self.dying_rels);
            for (slot, ty) in Arc::make_mut(&mut self.delta).remove_all(&dying) {
                // unless a fold without it has released it with the others just now
                if self.type_mut(ty).dead.remove(slot) {
                    self.release_rel(slot);
                }
            }
        }
        for slot in std::mem::take(&mut self.dying_nodes).iter() {
            self.node_ids.forget(slot);
            if !self.kept_nodes.contains(slot) {
                self.free_nodes.push(slot);
            }
        }
        self.seal();
    }

    /// The slot of a relationship that stands in no CSR goes to somebody else.
    pub(super) fn release_rel(&mut self, slot: u32) {
        if slot >= self.frozen.bound {
            self.rel_ids.forget(slot);
            self.free_rels.push(slot);
        }
    }

    /// What is deleted was deleted by a log, which nobody has verified against the image.
    pub(super) fn keep_dying(&mut self) {
        for slot in self.dying_nodes.iter().filter(|&slot| slot < self.frozen.nodes) {
            self.kept_nodes.insert(slot);
        }
    }

    /// Takes over an image: bounds, ids, types. Adjacency is loaded by type on demand.
    pub(super) fn open(&mut self, nodes: (u32, IdMap), rels: (u32, IdMap), types: TypeOf, loader: Arc<Loader>) {
        (self.node_bound, self.node_ids) = nodes;
        self.node_count = u64::from(self.node_bound);
        (self.rel_bound, self.rel_ids) = rels;
        match &types {
            TypeOf::Runs(runs) => {
                for (i, &(start, ty)) in runs.iter().enumerate() {
                    let end = runs.get(i + 1).map_or(self.rel_bound, |next| next.0);
                    self.type_mut(ty).live.insert_range(start, end);
                }
            }
            TypeOf::Each(each) => {
                for (slot, &ty) in each.iter().enumerate() {
                    self.type_mut(RelTypeId(ty)).live.insert(slot as u32);
                }
            }
        }
        let ty = |own: &Arc<TypeAdjacency>| FrozenType { in_image: !own.live.is_empty(), ..FrozenType::default() };
        let adjacency = self.types.iter().map(ty).collect();
        self.frozen = Arc::new(Frozen {
            bound: self.rel_bound,
            nodes: self.node_bound,
            types,
            adjacency,
            ends: OnceLock::new(),
            loader: Some(loader),
        });
        self.start_from_frozen(true);
    }
}

fn next_id(ids: &IdMap, wanted: Option<u64>) -> Result<u64> {
    let next = ids.next();
    match wanted {
        Some(id) if id < next || id == u64::MAX => {
            Err(Error::data(format!("id {id} was given before (the next one is {next})")))
        }
        Some(id) => Ok(id),
        None if next >= i64::MAX as u64 => Err(Error::limit(Code::Size, "all ids are used up")),
        None => Ok(next),
    }
}
