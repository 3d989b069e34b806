//! Walks of several relationships, one row each: depth first, without recursion.

use rustc_hash::FxHashSet;

use super::found::{Columns, Found, cited};
use super::walking::{Steps, rel_list};
use super::{Feed, Live, Operator, Source};
use crate::bind::bound::PathMode;
use crate::error::Result;
use crate::exec::batch::{Batch, Column};
use crate::exec::context::{Context, Reservation};
use crate::plan::node::{Hop, VarHop};
use crate::value::{NodeRef, RelRef, Value};

/// Every walk from `hop.from`; with `into`, those that end in the node that is there.
pub(in crate::exec) struct ExpandVar<'p> {
    feed: Feed<'p>,
    hop: &'p Hop,
    var: &'p VarHop,
    into: bool,
    to: Columns<'p>,
    steps: Steps<'p>,
    walk: Walk,
    found: Found,
    lists: Vec<Value>,
    /// The lengths of the walks, where they are asked for instead of lists.
    lengths: Vec<i64>,
    cites: Vec<u32>,
    memory: Option<Reservation>,
}

/// A walk and what is still to be tried at each of its nodes.
#[derive(Default)]
struct Walk {
    open: bool,
    target: Option<NodeRef>,
    /// Steps from every node on the walk, one node after the other.
    steps: Vec<(u32, u32)>,
    /// Where the steps of a node end, and the next to be tried.
    frames: Vec<(usize, usize)>,
    rels: OnWalk,
    nodes: OnWalk,
}

/// What is on the walk, in order; long ones are also hashed.
#[derive(Default)]
struct OnWalk {
    list: Vec<u32>,
    set: FxHashSet<u32>,
}

/// So many rows are read ahead for, where there are at least some.
const AHEAD: usize = 256;
const SOME: usize = 32;

/// Up to this length looking through the list is faster than hashing.
const SHORT: usize = 48;

impl OnWalk {
    fn push(&mut self, item: u32) {
        self.list.push(item);
        if self.list.len() > SHORT {
            if self.set.is_empty() {
                self.set.extend(&self.list);
            } else {
                self.set.insert(item);
            }
        }
    }

    fn pop(&mut self) {
        let gone = self.list.pop();
        if self.list.len() == SHORT {
            self.set.clear();
        } else if let Some(gone) = gone.filter(|_| self.list.len() > SHORT && !self.list.is_empty()) {
            self.set.remove(&gone);
        }
    }

    fn contains(&self, item: u32) -> bool {
        if self.list.len() > SHORT { self.set.contains(&item) } else { self.list.contains(&item) }
    }

    fn clear(&mut self) {
        self.list.clear();
        self.set.clear();
    }
}

impl<'p> ExpandVar<'p> {
    pub(in crate::exec) fn new(
        input: Source<'p>,
        (hop, var): (&'p Hop, &'p VarHop),
        into: bool,
        live: Live<'p>,
    ) -> Self {
        Self {
            feed: Feed::new(input),
            hop,
            var,
            into,
            to: Columns { rel: None, node: (!into).then_some(hop.to), live },
            steps: Steps::new(hop, var),
            walk: Walk::default(),
            found: Found::default(),
            lists: Vec::new(),
            lengths: Vec::new(),
            cites: Vec::new(),
            memory: None,
        }
    }

    fn wants_list(&self) -> bool {
        self.hop.rel.is_some_and(|slot| self.to.live.is_none_or(|live| live.contains(&slot)))
    }

    /// Reads ahead for the next rows, where there are many.
    fn read_ahead(&mut self, cx: &Context<'_>) {
        let (row, len) = (self.feed.row, self.feed.batch.len);
        if row.is_multiple_of(AHEAD)
            && len - row >= SOME
            && let Some(Column::Nodes(nodes)) = self.feed.batch.column(self.hop.from)
        {
            self.steps.begin(self.feed.batch.row(row), cx);
            self.steps.read_ahead(&nodes[row..len.min(row + AHEAD)], cx);
        }
    }

    /// Starts at the current row; false when there is nothing to walk from.
    fn begin(&mut self, cx: &mut Context<'_>) -> Result<bool> {
        let row = self.feed.batch.row(self.feed.row);
        let Some(start) = row.node(self.hop.from) else { return Ok(false) };
        self.walk.target = if self.into { row.node(self.hop.to) } else { None };
        if self.into && self.walk.target.is_none() {
            return Ok(false);
        }
        self.steps.begin(row, cx);
        self.walk.rels.clear();
        self.walk.nodes.clear();
        self.walk.steps.clear();
        self.walk.frames.clear();
        self.walk.nodes.push(start.0);
        if self.var.min == 0 {
            self.arrive(start.0, cx)?;
        }
        if self.var.max != Some(0) {
            self.look_around(start, cx)?;
        }
        self.walk.open = true;
        Ok(true)
    }

    fn look_around(&mut self, node: NodeRef, cx: &mut Context<'_>) -> Result<()> {
        let from = self.walk.steps.len();
        self.steps.leaving(node, &mut self.walk.steps, cx);
        cx.meter.step(1 + self.walk.steps.len() - from)?;
        if self.steps.has_conditions() {
            self.steps.retain(from, &mut self.walk.steps, cx)?;
        }
        cx.meter.fits(self.walk.steps.capacity() * 8)?;
        self.walk.frames.push((from, from));
        Ok(())
    }

    /// A row for the walk as it is.
    fn arrive(&mut self, node: u32, cx: &mut Context<'_>) -> Result<()> {
        if self.walk.target.is_some_and(|target| target.0 != node) {
            return Ok(());
        }
        let rels = &self.walk.rels.list;
        if self.wants_list() && self.var.counted {
            self.lengths.push(rels.len() as i64);
        } else if self.wants_list() {
            let bytes = 64 + rels.len() * size_of::<Value>();
            self.memory.get_or_insert_with(|| cx.meter.reservation()).grow(bytes)?;
            cx.meter.step(rels.len() / 8)?;
            self.lists.push(if self.var.reversed {
                rel_list(rels.iter().rev().copied())?
            } else {
                rel_list(rels.iter().copied())?
            });
        }
        if cx.plan.cite {
            let before = self.feed.batch.cites.as_ref().map_or(0, |cites| cites[self.feed.row]);
            let rels = rels.clone();
            let slot = self.hop.rel;
            let cite = |cite, rel| cited(cite, Some((RelRef::new(rel), slot)), None, cx);
            self.cites.push(rels.into_iter().fold(before, cite));
        }
        self.found.rows.push(self.feed.row as u32);
        self.found.nodes.push(node);
        Ok(())
    }

    /// Walks on until there is enough for a batch or the walk is over.
    fn go(&mut self, cx: &mut Context<'_>) -> Result<()> {
        while !self.found.is_full() {
            let Some(frame) = self.walk.frames.last_mut() else {
                self.walk.open = false;
                return Ok(());
            };
            let (from, at) = *frame;
            if at == self.walk.steps.len() {
                self.walk.frames.pop();
                self.walk.steps.truncate(from);
                self.walk.rels.pop();
                self.walk.nodes.pop();
                continue;
            }
            frame.1 += 1;
            cx.meter.step(1)?;
            let (rel, node) = self.walk.steps[at];
            let Some(closes) = self.may_take(rel, node) else { continue };
            self.walk.rels.push(rel);
            self.walk.nodes.push(node);
            let depth = self.walk.rels.list.len() as u64;
            if depth >= self.var.min {
                self.arrive(node, cx)?;
            }
            if closes || self.var.max.is_some_and(|max| depth >= max) {
                self.walk.rels.pop();
                self.walk.nodes.pop();
            } else {
                self.look_around(NodeRef::new(node), cx)?;
            }
        }
        Ok(())
    }

    /// Whether the walk may go on by this step; true inside: it must end there.
    fn may_take(&self, rel: u32, node: u32) -> Option<bool> {
        match self.var.mode {
            PathMode::Walk => Some(false),
            PathMode::Trail => (!self.walk.rels.contains(rel)).then_some(false),
            PathMode::Acyclic => (!self.walk.nodes.contains(node)).then_some(false),
            PathMode::Simple => {
                let closes = self.walk.nodes.list.first() == Some(&node);
                // back over the relationship it came by is no circle
                if closes {
                    return (!self.walk.rels.contains(rel)).then_some(true);
                }
                (!self.walk.nodes.contains(node)).then_some(false)
            }
        }
    }

    fn emit(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        if self.found.rows.is_empty() {
            return Ok(None);
        }
        let mut batch = self.feed.batch.gather(&self.found.rows, self.to.live);
        if let Some(slot) = self.to.node.filter(|slot| self.to.live.is_none_or(|live| live.contains(slot))) {
            batch.set(slot, Column::Nodes(std::mem::take(&mut self.found.nodes)));
        }
        if let Some(slot) = self.hop.rel.filter(|_| self.wants_list()) {
            batch.set(
                slot,
                match self.var.counted {
                    true => Column::Ints(std::mem::take(&mut self.lengths)),
                    false => Column::Values(std::mem::take(&mut self.lists)),
                },
            );
        }
        if cx.plan.cite {
            batch.cites = Some(std::mem::take(&mut self.cites));
            cx.meter.fits(cx.citations.heap_bytes())?;
        }
        if let Some(memory) = self.memory.take() {
            batch.hold(memory);
        }
        self.found.clear();
        Ok(Some(batch))
    }
}

impl Operator for ExpandVar<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if self.found.is_full() {
                return self.emit(cx);
            }
            if self.walk.open {
                self.go(cx)?;
                if !self.walk.open {
                    self.feed.row += 1;
                }
                continue;
            }
            // rows found belong to the batch at hand: hand them on before it goes
            if self.feed.row >= self.feed.batch.len
                && let Some(batch) = self.emit(cx)?
            {
                return Ok(Some(batch));
            }
            if !self.feed.ready(cx)? {
                return Ok(None);
            }
            cx.meter.step(1)?;
            self.read_ahead(cx);
            if !self.begin(cx)? {
                self.feed.row += 1;
            }
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.found.clear();
        self.lists.clear();
        self.lengths.clear();
        self.cites.clear();
        self.memory = None;
        self.walk.open = false;
    }
}
