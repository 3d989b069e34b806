//! Who exists, under which id, and who touches whom.
//!
//! ```text
//! slots    0 ………… frozen_bound │ frozen_bound …………… rel_bound
//!          relationships of the │ relationships made since:
//!          opened image (CSR)   │ edge indices of petgraph's StableDiGraph
//! ```
//!
//! petgraph holds all nodes (from the first write on) and every relationship that was not read from an image; an
//! image's relationships stay in the compressed adjacency they were stored in, so that neither opening nor the first
//! write of a large graph costs a rebuild. Reading goes through [`adjacency`](super::adjacency).
//!
//! Invariants:
//! - a slot lives iff it is below its bound and not in the dead set; dead slots stay readable until `bury`;
//! - a freed slot is in no CSR: deleted ones that some CSR still holds are kept dead and unused until every CSR is
//!   rebuilt; a creation that is taken back takes the fold that holds it along (see [`adjacency`](super::adjacency));
//! - taking creations back, latest first, leaves ids and free slots as they were before them;
//! - within one of petgraph's lists ids descend among the relationships made since the last rebuild.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, OnceLock};

use petgraph::stable_graph::{EdgeIndex, NodeIndex, StableDiGraph};

use super::adjacency::TypeAdjacency;
use super::bulk::Raw;
use super::csr::{Csr, RelSlots};
use super::id_map::IdMap;
use super::image::Loader;
use super::slot_set::SlotSet;
use super::{Rel, RelTypeId};
use crate::error::{Code, Error, Result};
use crate::value::{NodeRef, RelRef};

/// The largest number of slots of one kind: the upper half of `u32` is free for tags.
pub(super) const MAX_SLOTS: u32 = 1 << 31;

/// petgraph's view: no node weights, the type as edge weight.
pub(super) type Living = StableDiGraph<(), TypeWeight, u32>;

/// A relationship type in a form that costs petgraph's `Option` nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TypeWeight(NonZeroU32);

impl TypeWeight {
    fn new(ty: RelTypeId) -> Self {
        Self(NonZeroU32::MIN.saturating_add(ty.0))
    }

    pub(super) fn ty(self) -> RelTypeId {
        RelTypeId(self.0.get() - 1)
    }
}

/// Existence, ids, ends.
#[derive(Debug, Default)]
pub(super) struct Topology {
    pub(super) frozen: Frozen,
    pub(super) living: Living,
    thawed: bool,
    /// One past the largest edge index petgraph ever gave.
    edge_bound: u32,
    pub(super) node_ids: IdMap,
    pub(super) rel_ids: IdMap,
    pub(super) node_bound: u32,
    node_count: u64,
    pub(super) dead_nodes: SlotSet,
    pub(super) dead_rels: SlotSet,
    /// Deleted, but not yet committed.
    pub(super) dying_nodes: SlotSet,
    pub(super) dying_rels: SlotSet,
    /// Nodes of the image that a log deleted: whether all their relationships went before them nobody has verified, so
    /// their slots are given to nobody else.
    kept_nodes: SlotSet,
    /// Dead relationships that petgraph still holds.
    buried: u64,
    pub(super) types: Vec<TypeAdjacency>,
    /// Steps that reads took beside clean adjacency since the last rebuild.
    pub(super) walked: AtomicU64,
    /// Relationships from this id on are of the open transaction.
    pub(super) committed: u64,
    /// A reader has folded relationships of the open transaction.
    pub(super) folded_open: AtomicBool,
    pub(super) loader: Option<Arc<Loader>>,
    /// While an empty graph is filled in bulk: its relationships, which nothing else holds yet.
    pub(super) raw: Option<Box<Raw>>,
}

/// The relationships of the image the graph was opened from.
#[derive(Debug, Default)]
pub(super) struct Frozen {
    pub(super) bound: u32,
    /// One past the last node slot of the image.
    nodes: u32,
    pub(super) types: TypeOf,
    /// Of all relationships, where types are mixed; those of one type are with the type.
    ends: OnceLock<Box<Ends>>,
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

    pub(super) fn heap_bytes(&self) -> usize {
        4 * (self.starts.capacity() + self.ends.capacity())
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

    fn heap_bytes(&self) -> usize {
        match self {
            Self::Runs(runs) => runs.capacity() * 8,
            Self::Each(types) => types.capacity() * 4,
        }
    }
}

impl Topology {
    pub(super) fn node_exists(&self, slot: u32) -> bool {
        slot < self.node_bound && !self.dead_nodes.contains(slot)
    }

    pub(super) fn rel_exists(&self, slot: u32) -> bool {
        slot < self.rel_bound() && !self.dead_rels.contains(slot)
    }

    pub(super) fn rel_bound(&self) -> u32 {
        self.frozen.bound + self.edge_bound
    }

    pub(super) fn node_count(&self) -> u64 {
        self.node_count
    }

    pub(super) fn rel_count(&self) -> u64 {
        self.types.iter().map(|t| t.live.len()).sum()
    }

    /// Ends and type of a relationship that lives or died in this transaction; of any other slot, something harmless.
    pub(super) fn rel(&self, rel: RelRef) -> Rel {
        if rel.0 >= self.frozen.bound {
            let edge = EdgeIndex::new((rel.0 - self.frozen.bound) as usize);
            return match (self.living.edge_endpoints(edge), self.living.edge_weight(edge)) {
                (Some((start, end)), Some(weight)) => Rel {
                    start: NodeRef::new(start.index() as u32),
                    end: NodeRef::new(end.index() as u32),
                    ty: weight.ty(),
                },
                _ => Rel { start: NodeRef::new(0), end: NodeRef::new(0), ty: RelTypeId(0) },
            };
        }
        match &self.raw {
            Some(raw) => raw.rel(rel.0),
            None => self.frozen_rel(rel),
        }
    }

    fn frozen_rel(&self, rel: RelRef) -> Rel {
        let ty = self.frozen.types.ty(rel.0);
        let ends = self.types.get(ty.index()).and_then(|adjacency| {
            let image = adjacency.image(ty, self.loader.as_deref());
            match (image.parts().2, &self.frozen.types) {
                (&RelSlots::From(base), _) => {
                    let at = rel.0.wrapping_sub(base) as usize;
                    image.all_targets().get(at).map(|&end| (image.node_at(at).0, end))
                }
                (RelSlots::Each(_), _) => {
                    let all = || self.frozen.ends.get_or_init(|| Box::new(self.all_ends())).get(rel.0);
                    adjacency.ends(|| Self::ends_of_type(image)).get(rel.0).or_else(all)
                }
            }
        });
        let (start, end) = ends.unwrap_or_default();
        Rel { start: NodeRef::new(start), end: NodeRef::new(end), ty }
    }

    /// None where the slots of the type lie too far between those of others.
    fn ends_of_type(image: &Csr) -> Ends {
        let RelSlots::Each(slots) = image.parts().2 else { return Ends::of(0, 0) };
        let (first, last) = slots.iter().fold((u32::MAX, 0), |(low, high), &slot| (low.min(slot), high.max(slot)));
        if u64::from(last.saturating_sub(first)) > 4 * slots.len() as u64 {
            return Ends::of(0, 0);
        }
        let mut ends = Ends::of(first, last.saturating_add(1));
        ends.fill(image);
        ends
    }

    fn all_ends(&self) -> Ends {
        let mut ends = Ends::of(0, self.frozen.bound);
        for (ty, adjacency) in (0u32..).zip(&self.types) {
            ends.fill(adjacency.image(RelTypeId(ty), self.loader.as_deref()));
        }
        ends
    }

    /// A new node with the next id, or the one a log replays. Errors: `Size`.
    pub(super) fn add_node(&mut self, id: Option<u64>) -> Result<u32> {
        let id = next_id(&self.node_ids, id)?;
        if self.node_bound >= MAX_SLOTS && (self.raw.is_some() || self.living.node_count() >= MAX_SLOTS as usize) {
            return Err(Error::limit(Code::Size, format!("a graph holds at most {MAX_SLOTS} nodes")));
        }
        let slot = if self.raw.is_some() {
            self.node_bound
        } else {
            self.thaw();
            self.living.add_node(()).index() as u32
        };
        self.dead_nodes.remove(slot);
        self.node_bound = self.node_bound.max(slot + 1);
        self.node_count += 1;
        self.node_ids.give(slot, id);
        Ok(slot)
    }

    /// Takes back the latest node creation.
    pub(super) fn undo_node(&mut self, slot: u32) {
        let id = self.node_ids.id(slot);
        self.node_count -= 1;
        if self.raw.is_some() {
            self.node_bound = slot;
            self.node_ids.rewind(id);
            return;
        }
        self.dead_nodes.insert(slot);
        self.release_node(slot); // its relationships were taken back before it
        self.node_ids.forget(slot);
        self.node_ids.rewind(id);
    }

    pub(super) fn delete_node(&mut self, slot: u32) {
        self.dead_nodes.insert(slot);
        self.dying_nodes.insert(slot);
        self.node_count -= 1;
    }

    pub(super) fn undelete_node(&mut self, slot: u32) {
        self.dead_nodes.remove(slot);
        self.dying_nodes.remove(slot);
        self.node_count += 1;
    }

    /// A new relationship between living nodes, with the next id or the one a log replays. Errors: `Size`.
    pub(super) fn add_rel(&mut self, start: u32, end: u32, ty: RelTypeId, id: Option<u64>) -> Result<u32> {
        let id = next_id(&self.rel_ids, id)?;
        if self.rel_bound() >= MAX_SLOTS {
            return Err(Error::limit(Code::Size, format!("a graph holds at most {MAX_SLOTS} relationships")));
        }
        if let Some(raw) = &mut self.raw {
            raw.push(start, end, ty);
            let slot = self.frozen.bound;
            self.frozen.bound += 1;
            self.rel_ids.give(slot, id);
            return Ok(slot);
        }
        self.thaw();
        let (a, b) = (NodeIndex::new(start as usize), NodeIndex::new(end as usize));
        let edge = self.living.add_edge(a, b, TypeWeight::new(ty)).index() as u32;
        self.edge_bound = self.edge_bound.max(edge + 1);
        let slot = self.frozen.bound + edge;
        self.dead_rels.remove(slot);
        self.rel_ids.give(slot, id);
        let adjacency = self.type_mut(ty);
        adjacency.live.insert(slot);
        adjacency.added(slot, start, end);
        Ok(slot)
    }

    /// Takes back the latest relationship creation.
    pub(super) fn undo_rel(&mut self, slot: u32) {
        let (id, rel) = (self.rel_ids.id(slot), self.rel(RelRef::new(slot)));
        if let Some(raw) = &mut self.raw {
            raw.pop();
            self.frozen.bound = slot;
            self.rel_ids.rewind(id);
            return;
        }
        self.dead_rels.insert(slot);
        let adjacency = self.type_mut(rel.ty);
        adjacency.live.remove(slot);
        adjacency.take_back(slot, id);
        self.living.remove_edge(EdgeIndex::new((slot - self.frozen.bound) as usize));
        self.rel_ids.forget(slot);
        self.rel_ids.rewind(id);
    }

    pub(super) fn delete_rel(&mut self, slot: u32, rel: Rel) {
        self.dead_rels.insert(slot);
        self.dying_rels.insert(slot);
        let adjacency = self.type_mut(rel.ty);
        adjacency.live.remove(slot);
        adjacency.touch(rel.start.0, rel.end.0);
    }

    pub(super) fn undelete_rel(&mut self, slot: u32, rel: Rel) {
        self.dead_rels.remove(slot);
        self.dying_rels.remove(slot);
        self.type_mut(rel.ty).live.insert(slot);
    }

    /// Makes the deletions of the transaction final; nobody holds their handles any more. Amortised constant.
    pub(super) fn bury(&mut self) {
        self.commit_rels();
        let rels = std::mem::take(&mut self.dying_rels);
        self.buried += rels.iter().filter(|&slot| slot >= self.frozen.bound).count() as u64;
        for slot in std::mem::take(&mut self.dying_nodes).iter() {
            self.node_ids.forget(slot);
            self.release_node(slot);
        }
        let held = self.living.edge_count() as u64;
        if self.buried > 1024 && self.buried * 4 > held + self.rel_count() + u64::from(self.node_bound) {
            self.rebuild();
        }
    }

    /// What is deleted was deleted by a log, which nobody has verified against the image.
    pub(super) fn keep_dying(&mut self) {
        for slot in self.dying_nodes.iter().filter(|&slot| slot < self.frozen.nodes) {
            self.kept_nodes.insert(slot);
        }
    }

    /// Frees the slot for reuse when petgraph holds no relationship of it; otherwise the next rebuild does.
    fn release_node(&mut self, slot: u32) -> bool {
        let node = NodeIndex::new(slot as usize);
        let free = !self.kept_nodes.contains(slot) && self.living.neighbors_undirected(node).next().is_none();
        if free {
            self.living.remove_node(node);
        }
        free
    }

    /// Gives petgraph the nodes of the image, once, before the first write.
    fn thaw(&mut self) {
        if self.thawed {
            return;
        }
        self.thawed = true;
        self.living.reserve_nodes(self.node_bound as usize);
        for _ in 0..self.node_bound {
            self.living.add_node(());
        }
        self.release_dead_nodes();
    }

    fn release_dead_nodes(&mut self) {
        let mut dead: Vec<u32> = self.dead_nodes.iter().filter(|&slot| !self.dying_nodes.contains(slot)).collect();
        while let Some(slot) = dead.pop() {
            self.release_node(slot); // descending, so that the lowest slot is reused first
        }
    }

    /// A fresh petgraph without the dead, in the same slots. Linear; only between transactions.
    fn rebuild(&mut self) {
        self.fold_everything();
        let old = std::mem::take(&mut self.living);
        let slots = self.edge_bound as usize;
        self.living = Living::with_capacity(self.node_bound as usize + 1, slots);
        for _ in 0..self.node_bound {
            self.living.add_node(());
        }
        let place_holder = self.living.add_node(());
        let mut holes = Vec::new();
        for slot in 0..slots {
            let edge = EdgeIndex::new(slot);
            match (old.edge_endpoints(edge), old.edge_weight(edge)) {
                (Some((start, end)), Some(&weight)) if self.rel_exists_in(slot as u32) => {
                    self.living.add_edge(start, end, weight);
                }
                _ => holes.push(self.living.add_edge(place_holder, place_holder, TypeWeight::new(RelTypeId(0)))),
            }
        }
        while let Some(hole) = holes.pop() {
            self.rel_ids.forget(self.frozen.bound + hole.index() as u32);
            self.living.remove_edge(hole); // the latest of its lists: constant
        }
        self.living.remove_node(place_holder);
        self.release_dead_nodes();
        self.buried = 0;
    }

    fn rel_exists_in(&self, edge: u32) -> bool {
        !self.dead_rels.contains(self.frozen.bound + edge)
    }

    pub(super) fn type_mut(&mut self, ty: RelTypeId) -> &mut TypeAdjacency {
        if ty.index() >= self.types.len() {
            self.types.resize_with(ty.index() + 1, TypeAdjacency::default);
        }
        &mut self.types[ty.index()]
    }

    /// Takes over an image: bounds, ids, holes, types. Adjacency is loaded by type on demand.
    pub(super) fn open(
        &mut self,
        nodes: (u32, IdMap, SlotSet),
        rels: (u32, IdMap, SlotSet),
        types: TypeOf,
        loader: Arc<Loader>,
    ) {
        (self.node_bound, self.node_ids, self.dead_nodes) = nodes;
        self.node_count = u64::from(self.node_bound) - self.dead_nodes.len();
        (self.frozen.bound, self.rel_ids, self.dead_rels) = rels;
        self.frozen.nodes = self.node_bound;
        self.loader = Some(loader);
        match &types {
            TypeOf::Runs(runs) => {
                for (i, &(start, ty)) in runs.iter().enumerate() {
                    let end = runs.get(i + 1).map_or(self.frozen.bound, |next| next.0);
                    self.type_mut(ty).live.insert_range(start, end);
                }
            }
            TypeOf::Each(each) => {
                for (slot, &ty) in each.iter().enumerate() {
                    self.type_mut(RelTypeId(ty)).live.insert(slot as u32);
                }
            }
        }
        let dead: Vec<u32> = self.dead_rels.iter().collect();
        for slot in dead {
            let ty = types.ty(slot);
            self.type_mut(ty).live.remove(slot);
        }
        let watermark = self.rel_ids.next();
        self.committed = watermark;
        self.types.iter_mut().for_each(|t| t.start_from_image(watermark));
        self.frozen.types = types;
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let petgraph = self.living.capacity();
        petgraph.0 * 12
            + petgraph.1 * 20
            + self.frozen.types.heap_bytes()
            + self.frozen.ends.get().map_or(0, |ends| ends.heap_bytes())
            + self.node_ids.heap_bytes()
            + self.rel_ids.heap_bytes()
            + [&self.dead_nodes, &self.dead_rels, &self.dying_nodes, &self.dying_rels, &self.kept_nodes]
                .iter()
                .map(|s| s.heap_bytes())
                .sum::<usize>()
            + self.types.iter().map(TypeAdjacency::heap_bytes).sum::<usize>()
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
