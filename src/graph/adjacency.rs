//! Reading who touches whom: a clean CSR where nothing changed, petgraph's lists for what is new.
//!
//! Each type has a CSR per direction that holds every relationship of the type below a *watermark* (an id). Later ones
//! are found at the head of petgraph's lists (latest first), and deleted ones are skipped by the dead set; both are
//! looked for only at nodes that are *touched* since. A type is folded into a fresh CSR only when the steps walked
//! beside clean adjacency exceed what the fold costs (ski rental): one write in a large graph never costs a rebuild,
//! and many reads after many writes never stay slow.
//!
//! Readers fold at any moment, in the middle of a transaction too, and a transaction may be taken back. Hence:
//! - a fold keeps the relationships that the transaction deleted, and their ends touched, so that taking a deletion back
//!   needs nothing;
//! - a watermark is never above what was committed or is in the CSR, since ids above that may be given again;
//! - a fold that holds relationships of the open transaction never takes the place of what was there before it: that is
//!   kept true beside it until the commit, and comes back when a relationship in the fold is taken back.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use petgraph::Direction;
use petgraph::stable_graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::csr::{Csr, Entry};
use super::image::Loader;
use super::slot_set::SlotSet;
use super::topology::{Ends, Topology};
use super::{Dir, RelTypeId};
use crate::value::{NodeRef, RelRef};

/// Reads may walk this many steps more than nodes and relationships before a fold.
const FREE_STEPS: u64 = 1024;

/// The adjacency of one relationship type.
#[derive(Debug, Default)]
pub(super) struct TypeAdjacency {
    /// The relationships that live.
    pub(super) live: SlotSet,
    /// Whether the image has relationships of the type, and then its outgoing CSR, loaded on demand.
    in_image: bool,
    /// The image holds the type as it is now.
    stored: bool,
    /// Relationships from a node to itself, as long as `stored`.
    loops: Option<u64>,
    image: OnceLock<Arc<Csr>>,
    /// Both ends of the image's relationships by slot, when somebody asks for them by slot.
    ends: OnceLock<Ends>,
    now: Layer,
    /// A fold made by a reader; the next write moves it to `now`.
    next: OnceLock<Layer>,
    /// What `now` was before the first fold that holds relationships of the open transaction.
    before: Option<Box<Layer>>,
}

/// A CSR and what changed since.
#[derive(Debug, Default)]
struct Layer {
    out: OnceLock<Arc<Csr>>,
    inward: OnceLock<Arc<Csr>>,
    /// Relationships with this id or a later one are not in the CSR.
    watermark: u64,
    /// Slots made since the watermark, in order.
    recent: Vec<u32>,
    /// Relationships of the open transaction are in the CSR.
    open: bool,
    touched_out: SlotSet,
    touched_in: SlotSet,
}

impl Layer {
    fn touched(&self, dir: Direction) -> &SlotSet {
        match dir {
            Direction::Outgoing => &self.touched_out,
            Direction::Incoming => &self.touched_in,
        }
    }

    fn touch(&mut self, start: u32, end: u32) {
        self.touched_out.insert(start);
        self.touched_in.insert(end);
    }

    fn take_back(&mut self, slot: u32) {
        if self.recent.last() == Some(&slot) {
            self.recent.pop();
        } else {
            self.recent.retain(|&s| s != slot);
        }
    }
}

impl TypeAdjacency {
    pub(super) fn start_from_image(&mut self, watermark: u64) {
        self.in_image = !self.live.is_empty();
        self.stored = true;
        self.now.watermark = watermark;
    }

    /// Whether the image holds the type as it is now.
    pub(super) fn is_stored(&self) -> bool {
        self.stored
    }

    /// The image holds the type as it is now.
    pub(super) fn note_stored(&mut self) {
        self.stored = true;
    }

    /// How many relationships of the type are loops, when the image says it.
    pub(super) fn known_loops(&self) -> Option<u64> {
        self.loops.filter(|_| self.stored)
    }

    pub(super) fn know_loops(&mut self, loops: u64) {
        self.loops = Some(loops);
    }

    /// The same for relationships that were appended in bulk: this is their outgoing CSR, which no image holds yet.
    pub(super) fn start_from(&mut self, csr: Arc<Csr>, watermark: u64) {
        self.start_from_image(watermark);
        self.stored = false;
        self.image = OnceLock::from(csr);
    }

    /// The outgoing CSR of the image; empty when there is none or it cannot be loaded (the loader keeps the error).
    pub(super) fn image(&self, ty: RelTypeId, loader: Option<&Loader>) -> &Arc<Csr> {
        self.image.get_or_init(|| match loader {
            Some(loader) if self.in_image => Arc::new(loader.adjacency(ty)),
            _ => Arc::default(),
        })
    }

    /// Both ends of the image's relationships by slot; made now if they are not there.
    pub(super) fn ends(&self, make: impl FnOnce() -> Ends) -> &Ends {
        self.ends.get_or_init(make)
    }

    /// Notes a relationship made just now.
    pub(super) fn added(&mut self, slot: u32, start: u32, end: u32) {
        self.touch(start, end);
        self.now.recent.push(slot);
        if let Some(before) = &mut self.before {
            before.recent.push(slot);
        }
    }

    /// Takes the latest relationship back; after it no CSR holds it.
    pub(super) fn take_back(&mut self, slot: u32, id: u64) {
        self.settle();
        if id < self.now.watermark
            && let Some(before) = self.before.take()
        {
            self.now = *before;
        }
        self.now.take_back(slot);
        if let Some(before) = &mut self.before {
            before.take_back(slot);
        }
    }

    /// From now on both ends are read with care.
    pub(super) fn touch(&mut self, start: u32, end: u32) {
        (self.stored, self.loops) = (false, None);
        self.settle();
        self.now.touch(start, end);
        if let Some(before) = &mut self.before {
            before.touch(start, end);
        }
    }

    /// What the open transaction made stays: nothing from before it is needed any more.
    fn committed(&mut self) {
        self.settle();
        (self.now.open, self.before) = (false, None);
    }

    fn settle(&mut self) {
        if let Some(next) = self.next.take() {
            let open = next.open;
            let old = std::mem::replace(&mut self.now, next);
            match (open, &self.before) {
                (true, None) => self.before = Some(Box::new(old)),
                (true, Some(_)) => {}
                (false, _) => self.before = None,
            }
        }
    }

    fn layer(&self) -> &Layer {
        self.next.get().unwrap_or(&self.now)
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let csr = |c: &OnceLock<Arc<Csr>>| c.get().map_or(0, |c| c.heap_bytes());
        let layer = |l: &Layer| {
            let out = match (l.out.get(), self.image.get()) {
                (Some(a), Some(b)) if Arc::ptr_eq(a, b) => 0,
                _ => csr(&l.out),
            };
            out + csr(&l.inward) + l.recent.capacity() * 4 + l.touched_out.heap_bytes() + l.touched_in.heap_bytes()
        };
        let ends = self.ends.get().map_or(0, Ends::heap_bytes);
        let others = self.next.get().map_or(0, layer) + self.before.as_deref().map_or(0, layer);
        ends + self.live.heap_bytes() + csr(&self.image) + layer(&self.now) + others
    }
}

impl Topology {
    /// Calls `f` with each relationship of `node` and the node at its other end, until it breaks.
    #[inline]
    pub(super) fn visit(
        &self,
        node: NodeRef,
        dir: Dir,
        types: &[RelTypeId],
        mut f: impl FnMut(RelRef, NodeRef) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if dir != Dir::In {
            self.visit_one_way(node, Direction::Outgoing, types, &mut f)?;
        }
        match dir {
            Dir::Out => ControlFlow::Continue(()),
            Dir::In => self.visit_one_way(node, Direction::Incoming, types, &mut f),
            Dir::Both => self.visit_one_way(node, Direction::Incoming, types, &mut |rel, other| match other == node {
                true => ControlFlow::Continue(()), // a loop was seen on its way out
                false => f(rel, other),
            }),
        }
    }

    fn visit_one_way(
        &self,
        node: NodeRef,
        dir: Direction,
        types: &[RelTypeId],
        f: &mut impl FnMut(RelRef, NodeRef) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut touched = false;
        if types.is_empty() {
            for i in 0..self.types.len() {
                touched |= self.visit_csr(node, dir, RelTypeId(i as u32), f)?;
            }
        } else {
            for (i, &ty) in types.iter().enumerate() {
                if i == 0 || !types[..i].contains(&ty) {
                    touched |= self.visit_csr(node, dir, ty, f)?;
                }
            }
        }
        match touched {
            true => self.visit_recent(node, dir, types, f),
            false => ControlFlow::Continue(()),
        }
    }

    /// The part that a CSR answers; says whether the node is touched for this type.
    #[inline]
    fn visit_csr(
        &self,
        node: NodeRef,
        dir: Direction,
        ty: RelTypeId,
        f: &mut impl FnMut(RelRef, NodeRef) -> ControlFlow<()>,
    ) -> ControlFlow<(), bool> {
        let Some(adjacency) = self.types.get(ty.index()) else { return ControlFlow::Continue(false) };
        let layer = adjacency.layer();
        let csr = self.layer_csr(adjacency, layer, ty, dir);
        let range = csr.range(node);
        let touched = layer.touched(dir).contains(node.0);
        if touched {
            self.walked.fetch_add(range.len() as u64, Ordering::Relaxed);
        }
        for at in range {
            let rel = csr.rel_at(at);
            if !touched || !self.dead_rels.contains(rel.0) {
                f(rel, NodeRef::new(csr.all_targets()[at]))?;
            }
        }
        ControlFlow::Continue(touched)
    }

    /// The part that only petgraph knows.
    fn visit_recent(
        &self,
        node: NodeRef,
        dir: Direction,
        types: &[RelTypeId],
        f: &mut impl FnMut(RelRef, NodeRef) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let watermark = |ty: RelTypeId| self.types.get(ty.index()).map_or(u64::MAX, |t| t.layer().watermark);
        let oldest = match types {
            [] => (0..self.types.len()).map(|i| watermark(RelTypeId(i as u32))).min(),
            _ => types.iter().map(|&ty| watermark(ty)).min(),
        };
        let oldest = oldest.unwrap_or(u64::MAX);
        let (mut steps, mut flow) = (1, ControlFlow::Continue(()));
        for edge in self.living.edges_directed(NodeIndex::new(node.0 as usize), dir) {
            steps += 1;
            let slot = self.frozen.bound + edge.id().index() as u32;
            let (id, ty) = (self.rel_ids.id(slot), edge.weight().ty());
            if id < oldest {
                break;
            }
            if (types.is_empty() || types.contains(&ty)) && id >= watermark(ty) && !self.dead_rels.contains(slot) {
                let other = if dir == Direction::Outgoing { edge.target() } else { edge.source() };
                flow = f(RelRef::new(slot), NodeRef::new(other.index() as u32));
                if flow.is_break() {
                    break;
                }
            }
        }
        self.account(steps, types);
        flow
    }

    /// Adds steps to the account, and folds the types when they have paid for it.
    fn account(&self, steps: u64, types: &[RelTypeId]) {
        let walked = self.walked.fetch_add(steps, Ordering::Relaxed) + steps;
        if walked <= self.rel_count() + u64::from(self.node_bound) + FREE_STEPS {
            return;
        }
        self.walked.store(0, Ordering::Relaxed);
        let all: Vec<RelTypeId>;
        let types = match types {
            [] => {
                all = (0..self.types.len() as u32).map(RelTypeId).collect();
                &all
            }
            _ => types,
        };
        types.iter().for_each(|&ty| self.fold(ty));
    }

    fn fold(&self, ty: RelTypeId) {
        if let Some(adjacency) = self.types.get(ty.index())
            && adjacency.next.get().is_none()
            && !(adjacency.now.touched_out.is_empty() && adjacency.now.touched_in.is_empty())
        {
            adjacency.next.get_or_init(|| self.folded(adjacency, ty));
        }
    }

    /// A complete CSR of everything that lives or may come back.
    fn folded(&self, adjacency: &TypeAdjacency, ty: RelTypeId) -> Layer {
        let now = &adjacency.now;
        let old = self.layer_csr(adjacency, now, ty, Direction::Outgoing);
        let mut entries = Vec::with_capacity(old.len() + now.recent.len());
        let latest = now.recent.last().map_or(0, |&slot| self.rel_ids.id(slot) + 1);
        let watermark = latest.max(now.watermark).max(self.committed);
        let open = watermark > self.committed;
        if open {
            self.folded_open.store(true, Ordering::Relaxed);
        }
        let mut layer = Layer { watermark, open, ..Layer::default() };
        let mut keep = |e: Entry| {
            let dying = self.dying_rels.contains(e.rel);
            if dying {
                layer.touched_out.insert(e.from);
                layer.touched_in.insert(e.to);
            }
            if dying || !self.dead_rels.contains(e.rel) {
                entries.push(e);
            }
        };
        old.for_each_entry(&mut keep);
        for &slot in &now.recent {
            let rel = self.rel(RelRef::new(slot));
            keep(Entry { from: rel.start.0, to: rel.end.0, rel: slot });
        }
        layer.out = OnceLock::from(Arc::new(Csr::build(entries)));
        layer
    }

    /// The ids given so far stay given, and what readers folded stays true. Constant unless somebody folded what was open.
    pub(super) fn commit_rels(&mut self) {
        self.committed = self.rel_ids.next();
        if std::mem::take(self.folded_open.get_mut()) {
            self.types.iter_mut().for_each(TypeAdjacency::committed);
        }
    }

    /// Folds every type now and lets no list be read for what was made so far. Only between transactions.
    pub(super) fn fold_everything(&mut self) {
        let next = self.rel_ids.next();
        for i in 0..self.types.len() {
            self.types[i].settle(); // a fold from before the commit may hold what is buried now
            self.fold(RelTypeId(i as u32));
            self.types[i].settle();
            self.types[i].now.recent.clear();
            self.types[i].now.watermark = next;
        }
    }

    fn layer_csr<'a>(
        &'a self,
        adjacency: &'a TypeAdjacency,
        layer: &'a Layer,
        ty: RelTypeId,
        dir: Direction,
    ) -> &'a Arc<Csr> {
        let out = || {
            layer.out.get_or_init(|| match adjacency.in_image {
                true => Arc::clone(adjacency.image(ty, self.loader.as_deref())),
                false => Arc::default(),
            })
        };
        match dir {
            Direction::Outgoing => out(),
            Direction::Incoming => layer.inward.get_or_init(|| match out().is_empty() {
                true => Arc::default(),
                false => Arc::new(out().transposed()),
            }),
        }
    }

    /// The CSR, when it is the whole truth in this direction (`Out` or `In`).
    pub(super) fn clean_csr(&self, ty: RelTypeId, dir: Dir) -> Option<&Arc<Csr>> {
        let dir = direction(dir)?;
        let adjacency = self.types.get(ty.index())?;
        let layer = adjacency.layer();
        layer.touched(dir).is_empty().then(|| self.layer_csr(adjacency, layer, ty, dir))
    }

    /// Accounts for `work` steps to come and folds when that pays.
    pub(super) fn prepare(&self, ty: RelTypeId, dir: Dir, work: u64) -> Option<&Arc<Csr>> {
        if self.types.get(ty.index()).is_some_and(|t| direction(dir).is_some_and(|d| !t.layer().touched(d).is_empty()))
        {
            self.account(work, &[ty]);
        }
        self.clean_csr(ty, dir)
    }

    /// The ascending targets of an untouched node.
    #[inline]
    pub(super) fn slice(&self, node: NodeRef, dir: Dir, ty: RelTypeId) -> Option<&[u32]> {
        let dir = direction(dir)?;
        let Some(adjacency) = self.types.get(ty.index()) else { return Some(&[]) };
        let layer = adjacency.layer();
        if layer.touched(dir).contains(node.0) {
            return None;
        }
        Some(self.layer_csr(adjacency, layer, ty, dir).targets(node))
    }

    pub(super) fn degree(&self, node: NodeRef, dir: Dir, types: &[RelTypeId]) -> u64 {
        if let (&[ty], Some(_)) = (types, direction(dir))
            && let Some(slice) = self.slice(node, dir, ty)
        {
            return slice.len() as u64;
        }
        let mut degree = 0;
        let _ = self.visit(node, dir, types, |_, _| {
            degree += 1;
            ControlFlow::Continue(())
        });
        degree
    }
}

fn direction(dir: Dir) -> Option<Direction> {
    match dir {
        Dir::Out => Some(Direction::Outgoing),
        Dir::In => Some(Direction::Incoming),
        Dir::Both => None,
    }
}
