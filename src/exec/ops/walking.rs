//! What the operators that follow several relationships share: the steps a walk may take, and sets of nodes.

use rustc_hash::FxHashSet;

use crate::bind::bound::{Expr, Slot};
use crate::error::Result;
use crate::exec::batch::{Batch, Column, Row};
use crate::exec::context::Context;
use crate::exec::eval::is_true;
use crate::exec::names::{Types, dir};
use crate::graph::Dir;
use crate::plan::node::{Hop, VarHop};
use crate::value::{NodeRef, RelRef, Value};

/// The steps of a walk: types, direction, conditions on each relationship, and those it must not take.
pub(super) struct Steps<'p> {
    types: Types<'p>,
    dir: Dir,
    differs: &'p [Slot],
    slot: Slot,
    conditions: &'p [Expr],
    /// The row the walk starts from, in which `slot` holds the relationship being tested.
    row: Batch,
    /// Relationships that other parts of the pattern have taken in this row.
    taken: Vec<RelRef>,
}

impl<'p> Steps<'p> {
    pub(super) fn new(hop: &'p Hop, var: &'p VarHop) -> Self {
        Self {
            types: Types::new(&hop.types),
            dir: dir(hop.towards),
            differs: &hop.differs,
            slot: var.step,
            conditions: &var.conditions,
            row: Batch::default(),
            taken: Vec::new(),
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
        if !self.conditions.is_empty() {
            self.row = row.batch.single(row.index, graph);
        }
    }

    /// Appends the steps that lead on from `node`: relationship and other end.
    pub(super) fn leaving(&self, node: NodeRef, out: &mut Vec<(u32, u32)>, cx: &Context<'_>) {
        self.towards(node, self.dir, out, cx);
    }

    /// Appends the nodes that one step leads to; only when no step needs a test of its own.
    pub(super) fn ends(&self, node: NodeRef, out: &mut Vec<(u32, u32)>, cx: &Context<'_>) {
        if self.dir == Dir::Both || self.types.is_any() || !self.taken.is_empty() {
            return self.leaving(node, out, cx);
        }
        let graph = cx.graph();
        for ty in self.types.ids() {
            match graph.neighbour_slice(node, self.dir, *ty) {
                Some(ends) => out.extend(ends.iter().map(|end| (0, *end))),
                None => graph.for_each_neighbour(node, self.dir, &[*ty], |_, end| out.push((0, end.0))),
            }
        }
    }

    /// Appends the steps that lead to `node`.
    pub(super) fn entering(&self, node: NodeRef, out: &mut Vec<(u32, u32)>, cx: &Context<'_>) {
        self.towards(node, self.dir.reversed(), out, cx);
    }

    /// How many relationships lead on from `node` (or to it).
    pub(super) fn degree(&self, node: NodeRef, forward: bool, cx: &Context<'_>) -> u64 {
        let dir = if forward { self.dir } else { self.dir.reversed() };
        if self.types.is_none() { 0 } else { cx.graph().degree(node, dir, self.types.ids()) }
    }

    fn towards(&self, node: NodeRef, dir: Dir, out: &mut Vec<(u32, u32)>, cx: &Context<'_>) {
        if self.types.is_none() {
            return;
        }
        let taken = &self.taken;
        cx.graph().for_each_neighbour(node, dir, self.types.ids(), |rel, node| {
            if taken.is_empty() || !taken.contains(&rel) {
                out.push((rel.0, node.0));
            }
        });
    }

    /// Whether steps must be tested one by one.
    pub(super) fn has_conditions(&self) -> bool {
        !self.conditions.is_empty()
    }

    /// Drops from `steps[from..]` those whose relationship fails a condition.
    pub(super) fn retain(&mut self, from: usize, steps: &mut Vec<(u32, u32)>, cx: &mut Context<'_>) -> Result<()> {
        if self.conditions.is_empty() {
            return Ok(());
        }
        let mut kept = from;
        for at in from..steps.len() {
            cx.meter.step(1)?;
            self.row.set(self.slot, Column::Const(Value::Rel(RelRef(steps[at].0))));
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

fn collect_rels(value: &Value, rels: &mut Vec<RelRef>) {
    match value {
        Value::Rel(rel) => rels.push(*rel),
        Value::List(list) => list.iter().for_each(|item| collect_rels(item, rels)),
        _ => {}
    }
}

/// A list of relationships as a value.
pub(super) fn rel_list(rels: impl ExactSizeIterator<Item = u32>) -> Result<Value> {
    Value::list(rels.map(|rel| Value::Rel(RelRef(rel))).collect())
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

impl Visited {
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
