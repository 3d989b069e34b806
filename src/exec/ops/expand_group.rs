//! Quantified groups: an inner plan repeated from node to node, depth first.

use rustc_hash::FxHashSet;

use super::found::cited;
use super::{Feed, Live, Operator, Seat, Source};
use crate::bind::bound::{PathMode, Slot};
use crate::error::Result;
use crate::exec::batch::{Batch, Column, ROWS};
use crate::exec::context::{Context, Reservation};
use crate::exec::vector::narrowed;
use crate::plan::node::GroupHop;
use crate::value::{NodeRef, RelRef, Value};

/// Every chain of repetitions from `group.from`; with `group.into`, those that end in the node that is there.
pub(in crate::exec) struct ExpandGroup<'p> {
    feed: Feed<'p>,
    inner: Source<'p>,
    seat: Seat,
    group: &'p GroupHop,
    live: Live<'p>,
    /// One per repetition: what the inner plan gave, and which row is tried next.
    frames: Vec<Frame>,
    /// The chosen row of each repetition.
    chain: Vec<Repetition>,
    taken: FxHashSet<RelRef>,
    open: bool,
    out: Out,
}

struct Frame {
    rows: Batch,
    at: usize,
    _memory: Reservation,
}

/// One repetition on the chain.
struct Repetition {
    end: NodeRef,
    rels: Vec<RelRef>,
    /// Values of the listed slots, and of the parts, in order.
    lists: Vec<Value>,
    parts: Vec<Value>,
    cite: u32,
}

#[derive(Default)]
struct Out {
    rows: Vec<u32>,
    ends: Vec<u32>,
    lists: Vec<Vec<Value>>,
    walks: Vec<Value>,
    cites: Vec<u32>,
    memory: Option<Reservation>,
}

impl<'p> ExpandGroup<'p> {
    pub(in crate::exec) fn new(
        (input, inner, seat): (Source<'p>, Source<'p>, Seat),
        group: &'p GroupHop,
        live: Live<'p>,
    ) -> Self {
        Self {
            feed: Feed::new(input),
            inner,
            seat,
            group,
            live,
            frames: Vec::new(),
            chain: Vec::new(),
            taken: FxHashSet::default(),
            open: false,
            out: Out { lists: vec![Vec::new(); group.lists.len()], ..Out::default() },
        }
    }

    fn begin(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.frames.clear();
        self.chain.clear();
        self.taken.clear();
        self.open = false;
        let row = self.feed.batch.row(self.feed.row);
        let Some(start) = row.node(self.group.from) else { return Ok(()) };
        for slot in &self.group.differs {
            collect(&row.value(*slot, cx.graph()), &mut self.taken);
        }
        self.open = true;
        if self.group.min == 0 {
            self.arrive(start, cx)?;
        }
        if self.group.max != Some(0) {
            self.repeat(start, cx)?;
        }
        Ok(())
    }

    /// Runs the inner plan from `node`.
    fn repeat(&mut self, node: NodeRef, cx: &mut Context<'_>) -> Result<()> {
        let mut argument = self.feed.batch.single(self.feed.row, cx.graph());
        argument.set(self.group.first, Column::Const(Value::Node(node)));
        if argument.cites.is_some() {
            argument.cites = Some(vec![0]);
        }
        self.inner.reset();
        self.seat.put(argument);
        let mut memory = cx.meter.reservation();
        let mut rows = Batch::default();
        while let Some(batch) = self.inner.next(cx)? {
            cx.meter.step(batch.len)?;
            memory.grow(batch.cell_bytes())?;
            rows.append(batch, cx.graph());
        }
        self.frames.push(Frame { rows, at: 0, _memory: memory });
        Ok(())
    }

    /// A row for the chain as it is, which ends in `end`.
    fn arrive(&mut self, end: NodeRef, cx: &mut Context<'_>) -> Result<()> {
        let row = self.feed.batch.row(self.feed.row);
        if self.group.into && row.node(self.group.to) != Some(end) {
            return Ok(());
        }
        let cells = self.chain.iter().map(|repetition| repetition.lists.len() + repetition.parts.len());
        let bytes = cells.sum::<usize>() * size_of::<Value>() + 80;
        self.out.memory.get_or_insert_with(|| cx.meter.reservation()).grow(bytes)?;
        cx.meter.step(1 + self.chain.len())?;
        for (at, list) in self.out.lists.iter_mut().enumerate() {
            list.push(Value::list(self.chain.iter().map(|repetition| repetition.lists[at].clone()).collect())?);
        }
        let parts = self.chain.iter().flat_map(|repetition| repetition.parts.iter().cloned());
        self.out.walks.push(Value::list(parts.collect())?);
        if let Some(cites) = &self.feed.batch.cites {
            let before = cites[self.feed.row];
            let cite = self.chain.iter().fold(before, |cite, repetition| cx.citations.and(cite, repetition.cite));
            self.out.cites.push(cite);
        }
        self.out.rows.push(self.feed.row as u32);
        self.out.ends.push(end.0);
        Ok(())
    }

    fn go(&mut self, cx: &mut Context<'_>) -> Result<()> {
        while self.out.rows.len() < ROWS {
            let Some(frame) = self.frames.last_mut() else {
                self.open = false;
                return Ok(());
            };
            cx.meter.step(1)?;
            if frame.at >= frame.rows.len {
                self.frames.pop();
                self.drop_last();
                continue;
            }
            let at = frame.at;
            frame.at += 1;
            let Some(repetition) = self.repetition(at, cx)? else { continue };
            let (end, empty) = (repetition.end, repetition.rels.is_empty());
            self.taken.extend(&repetition.rels);
            self.chain.push(repetition);
            let depth = self.chain.len() as u64;
            if depth >= self.group.min {
                self.arrive(end, cx)?;
            }
            // a repetition that takes no relationship could go on for ever
            let ends = self.group.max.is_some_and(|max| depth >= max) || (empty && depth >= self.group.min);
            if ends || self.closes(end) {
                self.drop_last();
            } else {
                self.repeat(end, cx)?;
            }
        }
        Ok(())
    }

    fn drop_last(&mut self) {
        if let Some(repetition) = self.chain.pop() {
            for rel in &repetition.rels {
                self.taken.remove(rel);
            }
        }
    }

    /// Whether a simple walk has come back to where it began.
    fn closes(&self, end: NodeRef) -> bool {
        self.group.mode == PathMode::Simple && self.feed.batch.row(self.feed.row).node(self.group.from) == Some(end)
    }

    /// The repetition in a row of the last frame; nothing when it repeats what it must not.
    fn repetition(&self, at: usize, cx: &mut Context<'_>) -> Result<Option<Repetition>> {
        let Some(frame) = self.frames.last() else { return Ok(None) };
        let row = frame.rows.row(at);
        let Some(end) = row.node(self.group.last) else { return Ok(None) };
        let graph = cx.graph();
        let values = |slots: &[Slot]| -> Vec<Value> { slots.iter().map(|slot| row.value(*slot, graph)).collect() };
        let mut rels = FxHashSet::default();
        for value in values(&self.group.rels) {
            collect(&value, &mut rels);
        }
        let rels: Vec<RelRef> = rels.into_iter().collect();
        let parts = values(&self.group.parts);
        let allowed = match self.group.mode {
            PathMode::Walk => true,
            PathMode::Trail => !rels.iter().any(|rel| self.taken.contains(rel)),
            PathMode::Acyclic | PathMode::Simple => {
                !rels.iter().any(|rel| self.taken.contains(rel)) && self.is_new(&parts)
            }
        };
        if !allowed {
            return Ok(None);
        }
        let inner: Vec<Slot> = self.group.lists.iter().map(|(inner, _)| *inner).collect();
        let lists = values(&inner);
        let mut cite = frame.rows.cites.as_ref().map_or(0, |cites| cites[at]);
        if cx.plan.cite {
            cite = rels.iter().fold(cite, |cite, rel| cited(cite, Some((*rel, Some(self.group.walk))), None, cx));
        }
        Ok(Some(Repetition { end, rels, lists, parts, cite }))
    }

    /// Whether the nodes of a repetition, but for the first, are new on the chain (the last may close it when
    /// the walk is simple).
    fn is_new(&self, parts: &[Value]) -> bool {
        let start = self.feed.batch.row(self.feed.row).node(self.group.from);
        let mut seen: FxHashSet<NodeRef> = start.into_iter().collect();
        for repetition in &self.chain {
            seen.extend(nodes(&repetition.parts));
        }
        let own: Vec<NodeRef> = nodes(parts).collect();
        own.iter().enumerate().skip(1).all(|(at, node)| {
            let closes = at + 1 == own.len() && self.group.mode == PathMode::Simple && Some(*node) == start;
            closes || seen.insert(*node)
        })
    }

    fn emit(&mut self, cx: &Context<'_>) -> Option<Batch> {
        if self.out.rows.is_empty() {
            return None;
        }
        let fresh = Out { lists: vec![Vec::new(); self.group.lists.len()], ..Out::default() };
        let out = std::mem::replace(&mut self.out, fresh);
        let is_live = |slot: Slot| self.live.is_none_or(|live| live.contains(&slot));
        let mut batch = self.feed.batch.gather(&out.rows, self.live);
        if !self.group.into && is_live(self.group.to) {
            batch.set(self.group.to, Column::Nodes(out.ends));
        }
        for ((_, slot), values) in self.group.lists.iter().zip(out.lists) {
            if is_live(*slot) {
                batch.set(*slot, narrowed(values));
            }
        }
        if is_live(self.group.walk) {
            batch.set(self.group.walk, Column::Values(out.walks));
        }
        if cx.plan.cite {
            batch.cites = Some(out.cites);
        }
        if let Some(memory) = out.memory {
            batch.hold(memory);
        }
        Some(batch)
    }
}

fn nodes(parts: &[Value]) -> impl Iterator<Item = NodeRef> + '_ {
    parts.iter().filter_map(|part| match part {
        Value::Node(node) => Some(*node),
        _ => None,
    })
}

fn collect(value: &Value, rels: &mut FxHashSet<RelRef>) {
    match value {
        Value::Rel(rel) => {
            rels.insert(*rel);
        }
        Value::List(list) => list.iter().for_each(|item| collect(item, rels)),
        _ => {}
    }
}

impl Operator for ExpandGroup<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if self.out.rows.len() >= ROWS {
                return Ok(self.emit(cx));
            }
            if self.open {
                self.go(cx)?;
                if !self.open {
                    self.feed.row += 1;
                }
                continue;
            }
            // rows found belong to the batch at hand: hand them on before it goes
            if self.feed.row >= self.feed.batch.len
                && let Some(batch) = self.emit(cx)
            {
                return Ok(Some(batch));
            }
            if !self.feed.ready(cx)? {
                return Ok(None);
            }
            cx.meter.step(1)?;
            self.begin(cx)?;
            if !self.open {
                self.feed.row += 1;
            }
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.frames.clear();
        self.chain.clear();
        self.open = false;
        self.out = Out { lists: vec![Vec::new(); self.group.lists.len()], ..Out::default() };
    }
}
