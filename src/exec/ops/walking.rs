//! What the operators that follow several relationships share: the steps a walk may take, and sets of nodes.

use std::cell::OnceCell;
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashSet};

use super::cost::{Cost, Prices};
use crate::bind::bound::{Expr, Slot};
use crate::error::Result;
use crate::exec::batch::{Batch, Column, Row};
use crate::exec::context::Context;
use crate::exec::eval::is_true;
use crate::exec::names::{Types, dir};
use crate::graph::{Csr, Dir, Graph};
use crate::plan::node::{Hop, VarHop};
use crate::plan::walk::{Imports, any, slots_of};
use crate::value::{NodeRef, RelRef, Value};

/// The steps of a walk: types, direction, conditions on each relationship, and those it must not take.
pub(super) struct Steps<'p> {
    types: Types<'p>,
    dir: Dir,
    differs: &'p [Slot],
    slot: Slot,
    conditions: &'p [Expr],
    /// What each relationship costs, where that is asked.
    prices: Option<Prices<'p>>,
    /// The row the walk starts from, in which `slot` holds the relationship being tested.
    row: Batch,
    /// Relationships that other parts of the pattern have taken in this row.
    taken: Vec<RelRef>,
    /// No step depends on the row.
    shared: bool,
    /// The adjacency of each type, against the direction and along it, while nothing is written.
    lanes: [OnceCell<Option<Vec<Arc<Csr>>>>; 2],
    /// The same for steps that go either way.
    both: OnceCell<Option<Vec<Arc<Csr>>>>,
}

impl<'p> Steps<'p> {
    pub(super) fn new(hop: &'p Hop, var: &'p VarHop) -> Self {
        Self {
            types: Types::new(&hop.types),
            dir: dir(hop.towards),
            differs: &hop.differs,
            slot: var.step,
            conditions: &var.conditions,
            prices: var.cost.as_ref().map(|cost| Prices::new(cost, var.step)),
            row: Batch::default(),
            taken: Vec::new(),
            shared: hop.differs.is_empty()
                && var.conditions.iter().chain(&var.cost).all(|asked| asks_only(asked, var.step)),
            lanes: Default::default(),
            both: OnceCell::new(),
        }
    }

    /// Makes ready for a row.
    pub(super) fn begin(&mut self, row: Row<'_>, cx: &Context<'_>) {
        let graph = cx.graph();
        self.types.resolve(graph);
        self.taken.clear();
        for slot in self.differs {
            collect_rels(&row.value(*slot, graph), &mut self.taken);
        }
        if !self.conditions.is_empty() || self.prices.is_some() {
            self.row = row.batch.single(row.index, graph);
        }
        if let Some(prices) = self.prices.as_mut().filter(|_| !self.shared) {
            prices.forget();
        }
    }

    /// The whole adjacency of the types in the direction (or against it); nothing when it must be asked node by node.
    fn lanes(&self, forward: bool, cx: &Context<'_>) -> Option<&[Arc<Csr>]> {
        if self.dir == Dir::Both || self.types.is_any() || !cx.is_reading() {
            return None;
        }
        let dir = if forward { self.dir } else { self.dir.reversed() };
        let find = || self.types.ids().iter().map(|ty| cx.graph().csr(*ty, dir)).collect();
        self.lanes[usize::from(forward)].get_or_init(find).as_deref()
    }

    /// Appends the steps that lead on from `node`: relationship and other end.
    pub(super) fn leaving(&self, node: NodeRef, out: &mut Vec<(u32, u32)>, cx: &Context<'_>) {
        self.towards(node, true, out, cx);
    }

    /// The adjacency that leads on from any node (or to it), where no step needs a test of its own: then ends are all
    /// there is to read (some may be there twice).
    pub(super) fn untested(&self, forward: bool, cx: &Context<'_>) -> Option<&[Arc<Csr>]> {
        if self.has_conditions() || !self.taken.is_empty() {
            return None;
        }
        if self.dir == Dir::Both && !self.types.is_any() && cx.is_reading() {
            let sides = |ty: &crate::graph::RelTypeId| [Dir::Out, Dir::In].map(|dir| cx.graph().csr(*ty, dir));
            return self.both.get_or_init(|| self.types.ids().iter().flat_map(sides).collect()).as_deref();
        }
        self.lanes(forward, cx)
    }

    /// Reads what walks from these nodes are going to read first, for all of them at once: one after the other each waits for
    /// memory at every step. As many steps are read ahead as most of them go on without branching.
    pub(super) fn read_ahead(&self, nodes: &[u32], cx: &Context<'_>) {
        const STEPS: usize = 8;
        const FEW: usize = 16;
        let Some([csr]) = self.lanes(true, cx) else { return };
        let (mut at, mut ranges, most) = (nodes.to_vec(), Vec::with_capacity(nodes.len()), nodes.len());
        for _ in 0..STEPS {
            ranges.clear();
            csr.ranges(&at, &mut ranges);
            at.clear();
            let goes_on = ranges.iter().filter(|(start, end)| start < end);
            at.extend(goes_on.map(|(start, _)| csr.all_targets()[*start as usize]));
            let steps: u32 = ranges.iter().map(|(start, end)| end - start).sum();
            if at.len() < FEW || steps as usize > most {
                break;
            }
        }
    }

    /// Appends the steps that lead to `node`.
    pub(super) fn entering(&self, node: NodeRef, out: &mut Vec<(u32, u32)>, cx: &Context<'_>) {
        self.towards(node, false, out, cx);
    }

    /// How many relationships lead on from `node` (or to it).
    pub(super) fn degree(&self, node: NodeRef, forward: bool, cx: &Context<'_>) -> u64 {
        if let Some(lanes) = self.lanes(forward, cx) {
            return lanes.iter().map(|csr| u64::from(csr.degree(node))).sum();
        }
        let dir = if forward { self.dir } else { self.dir.reversed() };
        if self.types.is_none() { 0 } else { cx.graph().degree(node, dir, self.types.ids()) }
    }

    fn towards(&self, node: NodeRef, forward: bool, out: &mut Vec<(u32, u32)>, cx: &Context<'_>) {
        let from = out.len();
        match self.lanes(forward, cx) {
            Some(lanes) => lanes.iter().for_each(|csr| {
                out.extend(csr.range(node).map(|at| (csr.rel_at(at).0, csr.all_targets()[at])));
            }),
            None => self.ask(node, forward, out, cx.graph()),
        }
        if !self.taken.is_empty() {
            let mut kept = from;
            for at in from..out.len() {
                if !self.taken.contains(&RelRef::new(out[at].0)) {
                    out[kept] = out[at];
                    kept += 1;
                }
            }
            out.truncate(kept);
        }
    }

    fn ask(&self, node: NodeRef, forward: bool, out: &mut Vec<(u32, u32)>, graph: &Graph) {
        let dir = if forward { self.dir } else { self.dir.reversed() };
        if !self.types.is_none() {
            graph.for_each_neighbour(node, dir, self.types.ids(), |rel, node| out.push((rel.0, node.0)));
        }
    }

    /// Appends the steps that lead on from `node` (or to it) and pass the tests.
    pub(super) fn append(
        &mut self,
        node: NodeRef,
        forward: bool,
        out: &mut Vec<(u32, u32)>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let from = out.len();
        self.towards(node, forward, out, cx);
        cx.meter.step(1 + out.len() - from)?;
        self.retain(from, out, cx)
    }

    /// Whether the same steps may be taken from every row.
    pub(super) fn are_shared(&self) -> bool {
        self.shared
    }

    /// How many relationships there are to follow, either way counted twice.
    pub(super) fn total(&self, cx: &Context<'_>) -> u64 {
        let graph = cx.graph();
        let rels = match self.types.is_any() {
            true => graph.rel_count(),
            false => self.types.ids().iter().map(|ty| graph.type_count(*ty)).sum(),
        };
        if self.dir == Dir::Both { rels * 2 } else { rels }
    }

    /// Whether steps go either way.
    pub(super) fn go_either_way(&self) -> bool {
        self.dir == Dir::Both
    }

    /// Whether steps must be tested one by one.
    pub(super) fn has_conditions(&self) -> bool {
        !self.conditions.is_empty()
    }

    /// Appends to `costs` what each of `steps[from..]` costs, and drops those that cannot be walked over.
    pub(super) fn priced(
        &mut self,
        from: usize,
        steps: &mut Vec<(u32, u32)>,
        costs: &mut Vec<Cost>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let mut kept = from;
        for at in from..steps.len() {
            if let Some(cost) = self.price(steps[at].0, cx)? {
                costs.push(cost);
                steps[kept] = steps[at];
                kept += 1;
            }
        }
        steps.truncate(kept);
        Ok(())
    }

    /// What a relationship costs; nothing when it cannot be walked over.
    pub(super) fn price(&mut self, rel: u32, cx: &mut Context<'_>) -> Result<Option<Cost>> {
        match &mut self.prices {
            Some(prices) => prices.of(rel, &mut self.row, cx),
            None => Ok(Some(Cost::ONE)),
        }
    }

    /// Drops from `steps[from..]` those whose relationship fails a condition.
    pub(super) fn retain(&mut self, from: usize, steps: &mut Vec<(u32, u32)>, cx: &mut Context<'_>) -> Result<()> {
        if self.conditions.is_empty() {
            return Ok(());
        }
        let mut kept = from;
        for at in from..steps.len() {
            cx.meter.step(1)?;
            self.row.set(self.slot, Column::Const(Value::Rel(RelRef::new(steps[at].0))));
            let mut passes = true;
            for condition in self.conditions {
                passes = passes && is_true(condition, self.row.row(0), cx)?;
            }
            if passes {
                steps[kept] = steps[at];
                kept += 1;
            }
        }
        steps.truncate(kept);
        Ok(())
    }
}

/// Whether a condition asks of nothing but what `slot` holds, and says the same whenever it is asked.
fn asks_only(condition: &Expr, slot: Slot) -> bool {
    let mut slots = Vec::new();
    slots_of(condition, &Imports::default(), &mut slots);
    let varies = |e: &Expr| match e {
        Expr::Subquery(_) => true,
        Expr::Call { function, .. } => !function.deterministic,
        _ => false,
    };
    slots.iter().all(|read| *read == slot) && !any(condition, &varies)
}

pub(super) fn collect_rels(value: &Value, rels: &mut Vec<RelRef>) {
    match value {
        Value::Rel(rel) => rels.push(*rel),
        Value::List(list) => list.iter().for_each(|item| collect_rels(item, rels)),
        _ => {}
    }
}

/// A list of relationships as a value.
pub(super) fn rel_list(rels: impl ExactSizeIterator<Item = u32>) -> Result<Value> {
    Value::list(rels.map(|rel| Value::Rel(RelRef::new(rel))).collect())
}

/// Nodes already visited. Small sets are hashed; a set that grows becomes a bitmap over all nodes, so that
/// a short search never touches memory in proportion to the graph.
#[derive(Default)]
pub(super) struct Visited {
    few: FxHashSet<u32>,
    bits: Vec<u64>,
    many: bool,
}

/// How large a set is hashed.
const FEW: usize = 2048;
/// How many nodes there is room for at first.
const ROOM: usize = 64;

impl Visited {
    /// With room for the nodes of a short search.
    pub(super) fn with_room() -> Self {
        Self { few: FxHashSet::with_capacity_and_hasher(ROOM, FxBuildHasher), ..Self::default() }
    }

    /// Adds a node; false when it was there.
    #[inline]
    pub(super) fn insert(&mut self, node: u32, bound: u32) -> bool {
        if self.many {
            let (word, bit) = (node as usize / 64, 1_u64 << (node % 64));
            let fresh = self.bits[word] & bit == 0;
            self.bits[word] |= bit;
            return fresh;
        }
        let fresh = self.few.insert(node);
        if self.few.len() > FEW {
            self.spread(bound.max(node + 1));
        }
        fresh
    }

    fn spread(&mut self, bound: u32) {
        let most = self.few.iter().copied().max().unwrap_or(0).max(bound);
        self.bits.clear();
        self.bits.resize(most as usize / 64 + 1, 0);
        for node in self.few.drain() {
            self.bits[node as usize / 64] |= 1 << (node % 64);
        }
        self.many = true;
    }

    pub(super) fn clear(&mut self) {
        self.few.clear();
        self.many = false;
    }
}
