//! Reading who touches whom: a CSR where nothing changed, newer CSRs and petgraph's lists for what is new.
//!
//! ```text
//! base     one CSR a direction, complete but for what follows
//! runs     newer CSRs, each at most a sixteenth of the one before: sealed by commits
//! delta    petgraph's StableDiGraph over the nodes it needs, of all types: what no commit has sealed yet
//! ```
//!
//! A node is *touched* when its base alone is not the truth: it has newer relationships, or deleted ones. Only there
//! are runs and delta asked, and deleted relationships skipped by the dead set. A type is folded into one fresh CSR only
//! when the steps walked beside clean adjacency exceed what the fold costs (ski rental): one write in a large graph
//! never costs a rebuild, and many reads after many writes never stay slow.
//!
//! Readers fold at any moment. A fold is of the copy it was made from, and of all that share the type with it; the first
//! write to the type makes it the base of the copy that writes. So it can never hold what its copy has not.
//!
//! Within one walk the two answers must not be mixed: somebody may finish a fold in the middle of it. Whether a type is
//! read with its delta is therefore decided once, when its CSR is read.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use petgraph::visit::{EdgeRef, IntoEdgeReferences};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::csr::{Csr, Entry};
use super::slot_set::SlotSet;
use super::topology::Topology;
use super::{Dir, RelTypeId};
use crate::memory;
use crate::value::{NodeRef, RelRef};

/// Reads may walk this many steps more than nodes and relationships before a fold.
const FREE_STEPS: u64 = 1024;

/// A commit that leaves more relationships than this in the delta seals them.
const DELTA: usize = if cfg!(test) { 16 } else { 512 };

/// A run is at most this part of the one before it.
const STEP: u64 = 16;

/// The adjacency of one relationship type.
#[derive(Clone, Debug, Default)]
pub(super) struct TypeAdjacency {
    /// The relationships that live.
    pub(super) live: SlotSet,
    /// Deleted ones whose slots some part may hold.
    pub(super) dead: SlotSet,
    /// The image holds the type as it is now.
    stored: bool,
    /// Relationships from a node to itself, as long as `stored`.
    loops: Option<u64>,
    base: Arc<Part>,
    /// Newer ones, the oldest first.
    runs: Vec<Arc<Part>>,
    touched_out: SlotSet,
    touched_in: SlotSet,
    /// All there is, in one, made by a reader; the next write makes it the base.
    folded: OnceLock<Arc<Part>>,
}

/// A CSR in both directions.
#[derive(Debug, Default)]
struct Part {
    /// The outgoing one is that of the image.
    frozen: bool,
    out: OnceLock<Arc<Csr>>,
    inward: OnceLock<Arc<Csr>>,
}

impl Part {
    fn of(csr: Csr) -> Arc<Self> {
        Arc::new(Self { frozen: false, out: OnceLock::from(Arc::new(csr)), inward: OnceLock::new() })
    }
}

impl TypeAdjacency {
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

    /// From now on both ends are read with care.
    pub(super) fn touch(&mut self, start: u32, end: u32) {
        (self.stored, self.loops) = (false, None);
        self.touched_out.insert(start);
        self.touched_in.insert(end);
    }

    fn touched(&self, dir: Direction) -> &SlotSet {
        match dir {
            Direction::Outgoing => &self.touched_out,
            Direction::Incoming => &self.touched_in,
        }
    }

    /// The part that is the whole truth for this node.
    #[inline]
    fn answers(&self, node: NodeRef, dir: Direction) -> Option<&Part> {
        match self.folded.get() {
            Some(folded) => Some(folded),
            None => (!self.touched(dir).contains(node.0)).then_some(&self.base),
        }
    }

    /// The part that is the whole truth in this direction.
    fn clean(&self, dir: Direction) -> Option<&Part> {
        match self.folded.get() {
            Some(folded) => Some(folded),
            None => self.touched(dir).is_empty().then_some(&self.base),
        }
    }
}

/// Relationships that stand in no CSR, with the nodes they need.
#[derive(Clone, Debug, Default)]
pub(super) struct Delta {
    graph: StableDiGraph<u32, Edge, u32>,
    /// Node slot to petgraph's number.
    at: FxHashMap<u32, NodeIndex<u32>>,
}

/// A relationship: its slot and its type.
#[derive(Clone, Copy, Debug)]
struct Edge {
    slot: u32,
    ty: RelTypeId,
}

impl Delta {
    pub(super) fn add(&mut self, slot: u32, start: u32, end: u32, ty: RelTypeId) {
        let (start, end) = (self.node(start), self.node(end));
        self.graph.add_edge(start, end, Edge { slot, ty });
    }

    fn node(&mut self, slot: u32) -> NodeIndex<u32> {
        *self.at.entry(slot).or_insert_with(|| self.graph.add_node(slot))
    }

    /// Without what is in the set; gives each of these with its type.
    pub(super) fn remove_all(&mut self, slots: &SlotSet) -> Vec<(u32, RelTypeId)> {
        let all = self.graph.edge_weights();
        let gone: Vec<_> = all.filter(|edge| slots.contains(edge.slot)).map(|edge| (edge.slot, edge.ty)).collect();
        if !gone.is_empty() {
            self.keep(|_, e| !slots.contains(e.rel));
        }
        gone
    }

    /// Makes itself anew of what is to be kept: petgraph takes longer to remove an edge, the more its ends have.
    fn keep(&mut self, keep: impl Fn(RelTypeId, Entry) -> bool) {
        let mut kept = Self::default();
        for (ty, e) in self.entries().filter(|(ty, e)| keep(*ty, *e)) {
            kept.add(e.rel, e.from, e.to, ty);
        }
        *self = kept;
    }

    fn entries(&self) -> impl Iterator<Item = (RelTypeId, Entry)> + '_ {
        self.graph.edge_references().map(|edge| {
            let (from, to) = (self.graph[edge.source()], self.graph[edge.target()]);
            (edge.weight().ty, Entry { from, to, rel: edge.weight().slot })
        })
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
        let mut touched: SmallVec<[RelTypeId; 8]> = SmallVec::new();
        let mut visit = |ty: RelTypeId| {
            if self.visit_csrs(node, dir, ty, f)? {
                touched.push(ty);
            }
            ControlFlow::Continue(())
        };
        if types.is_empty() {
            for i in 0..self.types.len() {
                visit(RelTypeId(i as u32))?;
            }
        } else {
            for (i, &ty) in types.iter().enumerate() {
                if i == 0 || !types[..i].contains(&ty) {
                    visit(ty)?;
                }
            }
        }
        match touched.is_empty() {
            true => ControlFlow::Continue(()),
            false => self.visit_delta(node, dir, &touched, f),
        }
    }

    /// What CSRs answer; says whether the delta must be asked too.
    #[inline]
    fn visit_csrs(
        &self,
        node: NodeRef,
        dir: Direction,
        ty: RelTypeId,
        f: &mut impl FnMut(RelRef, NodeRef) -> ControlFlow<()>,
    ) -> ControlFlow<(), bool> {
        let Some(adjacency) = self.types.get(ty.index()) else { return ControlFlow::Continue(false) };
        if let Some(part) = adjacency.answers(node, dir) {
            let csr = self.csr_of(part, ty, dir);
            for at in csr.range(node) {
                f(csr.rel_at(at), NodeRef::new(csr.all_targets()[at]))?;
            }
            return ControlFlow::Continue(false);
        }
        let mut steps = 0;
        for part in std::iter::once(&adjacency.base).chain(&adjacency.runs) {
            let csr = self.csr_of(part, ty, dir);
            let range = csr.range(node);
            steps += range.len() as u64;
            for at in range {
                let rel = csr.rel_at(at);
                if !self.dead_rels.contains(rel.0) {
                    f(rel, NodeRef::new(csr.all_targets()[at]))?;
                }
            }
        }
        self.walked.fetch_add(steps, Ordering::Relaxed);
        ControlFlow::Continue(true)
    }

    /// What only petgraph knows, of these types.
    fn visit_delta(
        &self,
        node: NodeRef,
        dir: Direction,
        types: &[RelTypeId],
        f: &mut impl FnMut(RelRef, NodeRef) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let (mut steps, mut flow) = (1, ControlFlow::Continue(()));
        if let Some(&at) = self.delta.at.get(&node.0) {
            for edge in self.delta.graph.edges_directed(at, dir) {
                steps += 1;
                let Edge { slot, ty } = *edge.weight();
                if types.contains(&ty) && !self.dead_rels.contains(slot) {
                    let other = if dir == Direction::Outgoing { edge.target() } else { edge.source() };
                    flow = f(RelRef::new(slot), NodeRef::new(self.delta.graph[other]));
                    if flow.is_break() {
                        break;
                    }
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
        types.iter().for_each(|&ty| self.fold(ty));
    }

    fn fold(&self, ty: RelTypeId) {
        if let Some(adjacency) = self.types.get(ty.index())
            && !(adjacency.touched_out.is_empty() && adjacency.touched_in.is_empty())
        {
            let new = || self.delta.entries().filter(|(own, _)| *own == ty).map(|(_, e)| e);
            memory::kept(&adjacency.folded, || Part::of(self.whole(adjacency, ty, new())));
        }
    }

    /// Everything of a type that lives, in one CSR; `new` stands in no part.
    fn whole(&self, adjacency: &TypeAdjacency, ty: RelTypeId, new: impl Iterator<Item = Entry>) -> Csr {
        let mut entries = Vec::with_capacity(adjacency.live.len() as usize);
        let mut keep = |e: Entry| {
            if !self.dead_rels.contains(e.rel) {
                entries.push(e);
            }
        };
        for part in std::iter::once(&adjacency.base).chain(&adjacency.runs) {
            self.csr_of(part, ty, Direction::Outgoing).for_each_entry(&mut keep);
        }
        new.for_each(keep);
        Csr::build(entries)
    }

    /// Makes sure the type has a set, if an empty one.
    pub(super) fn know(&mut self, ty: RelTypeId) {
        if ty.index() >= self.types.len() {
            self.types.resize_with(ty.index() + 1, Arc::default);
        }
    }

    /// The adjacency of a type, to be written: first what a reader has folded becomes its base.
    pub(super) fn type_mut(&mut self, ty: RelTypeId) -> &mut TypeAdjacency {
        self.know(ty);
        if let Some(folded) = self.types[ty.index()].folded.get() {
            let folded = Arc::clone(folded);
            self.rebase(ty, folded);
        }
        Arc::make_mut(&mut self.types[ty.index()])
    }

    /// Makes a part that holds all there is of the type its only one.
    fn rebase(&mut self, ty: RelTypeId, whole: Arc<Part>) {
        let own = Arc::make_mut(&mut self.types[ty.index()]);
        (own.base, own.folded) = (whole, OnceLock::new());
        own.runs.clear();
        (own.touched_out, own.touched_in) = (SlotSet::default(), SlotSet::default());
        // what the running transaction has deleted can still be read by its handle
        let dead = std::mem::take(&mut own.dead);
        let (dying, dead): (Vec<u32>, Vec<u32>) = dead.iter().partition(|&slot| self.dying_rels.contains(slot));
        own.dead = dying.into_iter().collect();
        dead.into_iter().for_each(|slot| self.release_rel(slot));
        if self.delta.graph.edge_weights().any(|edge| edge.ty == ty) {
            Arc::make_mut(&mut self.delta).keep(|other, _| other != ty);
        }
    }

    /// At the end of a transaction: a delta that has grown large becomes a run of each type, and a type with many dead
    /// relationships is folded without them. Amortised constant.
    pub(super) fn seal(&mut self) {
        if self.delta.graph.edge_count() > DELTA {
            let mut new: FxHashMap<RelTypeId, Vec<Entry>> = FxHashMap::default();
            let delta = std::mem::take(&mut self.delta);
            delta.entries().for_each(|(ty, entry)| new.entry(ty).or_default().push(entry));
            new.into_iter().for_each(|(ty, entries)| self.seal_type(ty, entries));
        }
        for ty in (0..self.types.len() as u32).map(RelTypeId) {
            let own = &self.types[ty.index()];
            if own.dead.len() > 1024 && own.dead.len() * 4 > own.live.len() {
                self.compact(ty, Vec::new());
            }
        }
    }

    /// Takes over what the delta held of a type.
    fn seal_type(&mut self, ty: RelTypeId, new: Vec<Entry>) {
        let own = &self.types[ty.index()];
        let run_len = |own: &TypeAdjacency, at: usize| self.csr_of(&own.runs[at], ty, Direction::Outgoing).len() as u64;
        // runs that are not much longer than what comes go into it; so does the base, and then it is all one
        let (mut len, mut stay) = (new.len() as u64, own.runs.len());
        while stay > 0 && run_len(own, stay - 1) < STEP * len {
            stay -= 1;
            len += run_len(own, stay);
        }
        let in_runs = (0..stay).map(|at| run_len(own, at)).sum::<u64>() + len;
        if own.folded.get().is_some() || own.live.len() < (STEP + 1) * in_runs {
            self.compact(ty, new);
            return;
        }
        let mut entries = new;
        for run in &own.runs[stay..] {
            self.csr_of(run, ty, Direction::Outgoing).for_each_entry(|e| {
                if !self.dead_rels.contains(e.rel) {
                    entries.push(e);
                }
            });
        }
        let own = Arc::make_mut(&mut self.types[ty.index()]);
        own.runs.truncate(stay);
        own.runs.push(Part::of(Csr::build(entries)));
    }

    /// Folds a type into one part, with what stands in none yet.
    fn compact(&mut self, ty: RelTypeId, new: Vec<Entry>) {
        let own = &self.types[ty.index()];
        let whole = match own.folded.get() {
            Some(folded) => Arc::clone(folded),
            None => {
                let delta = self.delta.entries().filter(|(other, _)| *other == ty).map(|(_, e)| e);
                Part::of(self.whole(own, ty, new.into_iter().chain(delta)))
            }
        };
        self.rebase(ty, whole);
    }

    /// From here on the image is the base of every type.
    pub(super) fn start_from_frozen(&mut self, stored: bool) {
        for (ty, own) in (0u32..).map(RelTypeId).zip(&mut self.types) {
            let own = Arc::make_mut(own);
            let frozen = self.frozen.has(ty);
            (own.base, own.stored) = (Arc::new(Part { frozen, ..Part::default() }), stored);
        }
    }

    /// Asked once a node: what is there is looked up in line.
    #[inline]
    fn csr_of<'a>(&'a self, part: &'a Part, ty: RelTypeId, dir: Direction) -> &'a Arc<Csr> {
        let known = match dir {
            Direction::Outgoing => part.out.get(),
            Direction::Incoming => part.inward.get(),
        };
        known.unwrap_or_else(|| self.make_csr(part, ty, dir))
    }

    #[cold]
    fn make_csr<'a>(&'a self, part: &'a Part, ty: RelTypeId, dir: Direction) -> &'a Arc<Csr> {
        let out = || {
            memory::kept(&part.out, || match part.frozen {
                true => self.frozen.csr(ty).cloned().unwrap_or_default(),
                false => Arc::default(),
            })
        };
        match dir {
            Direction::Outgoing => out(),
            Direction::Incoming => memory::kept(&part.inward, || match out().is_empty() {
                true => Arc::default(),
                false => Arc::new(out().transposed()),
            }),
        }
    }

    /// The CSR, when it is the whole truth in this direction (`Out` or `In`).
    pub(super) fn clean_csr(&self, ty: RelTypeId, dir: Dir) -> Option<&Arc<Csr>> {
        let dir = direction(dir)?;
        Some(self.csr_of(self.types.get(ty.index())?.clean(dir)?, ty, dir))
    }

    /// Accounts for `work` steps to come and folds when that pays.
    pub(super) fn prepare(&self, ty: RelTypeId, dir: Dir, work: u64) -> Option<&Arc<Csr>> {
        if self.types.get(ty.index()).is_some_and(|own| direction(dir).is_some_and(|dir| own.clean(dir).is_none())) {
            self.account(work, &[ty]);
        }
        self.clean_csr(ty, dir)
    }

    /// The ascending targets of an untouched node.
    #[inline]
    pub(super) fn slice(&self, node: NodeRef, dir: Dir, ty: RelTypeId) -> Option<&[u32]> {
        let dir = direction(dir)?;
        let Some(adjacency) = self.types.get(ty.index()) else { return Some(&[]) };
        Some(self.csr_of(adjacency.answers(node, dir)?, ty, dir).targets(node))
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
