//! Running an inner plan for each row of an outer one.
//!
//! Most inner plans treat every row by itself (expand, filter, project …). Such a plan is given a whole
//! batch at once; each of its rows remembers the outer row it was made from. Only plans that look at
//! several rows together (aggregates, sorts, limits) are started again for every row.

use super::semi_join::argument_slots;
use super::{Feed, Live, Operator, Seat, Source};
use crate::bind::bound::{Expr, Slot};
use crate::error::{Code, Error, Result};
use crate::exec::batch::{Batch, Column};
use crate::exec::context::Context;
use crate::exec::eval::eval;
use crate::plan::node::{Node, Op};
use crate::value::Value;

/// Whether an inner plan treats every row of its argument by itself, in order.
pub(in crate::exec) fn is_row_by_row(node: &Node) -> bool {
    match &node.op {
        Op::Argument => true,
        Op::ScanNodes { input, .. }
        | Op::ScanLabel { input, .. }
        | Op::SeekIndex { input, .. }
        | Op::SeekComposite { input, .. }
        | Op::SeekRels { input, .. }
        | Op::SeekId { input, .. }
        | Op::Expand { input, .. }
        | Op::ExpandInto { input, .. }
        | Op::ExpandCount { input, .. }
        | Op::ExpandVar { input, .. }
        | Op::Reach { input, .. }
        | Op::Intersect { input, .. }
        | Op::Filter { input, .. }
        | Op::Project { input, .. }
        | Op::BindPath { input, .. }
        | Op::ThroughView { input, .. }
        | Op::Valid { input, .. }
        | Op::SemiJoin { input, .. }
        | Op::GroupJoin { input, .. }
        | Op::Memoize { input, .. }
        | Op::Unwind { input, .. } => is_row_by_row(input),
        _ => false,
    }
}

/// The rows of `inner` for each row of `input`.
pub(in crate::exec) struct Apply<'p> {
    feed: Feed<'p>,
    inner: Source<'p>,
    seat: Seat,
    /// Rows without an inner row stay, with nulls in these slots.
    optional: Option<&'p [Slot]>,
    whole_batches: bool,
    /// The slots that a plan which is given whole batches reads of a row.
    read: Live<'p>,
    live: Live<'p>,
    /// An inner run is going on.
    running: bool,
    /// Whether each outer row of the run has had an inner row; up to which rows that has been asked.
    met: Vec<bool>,
    asked: usize,
    /// Rows to hand on before the run goes on.
    ready: Option<Batch>,
}

impl<'p> Apply<'p> {
    pub(in crate::exec) fn new(
        (input, inner, seat): (Source<'p>, Source<'p>, Seat),
        plan: &'p Node,
        optional: Option<&'p [Slot]>,
        live: Live<'p>,
    ) -> Self {
        Self {
            feed: Feed::new(input),
            inner,
            seat,
            optional,
            whole_batches: is_row_by_row(plan),
            read: argument_slots(plan),
            live,
            running: false,
            met: Vec::new(),
            asked: 0,
            ready: None,
        }
    }

    fn start(&mut self, cx: &Context<'_>) {
        let argument = if self.whole_batches {
            let mut argument = match self.read {
                Some(slots) => self.feed.batch.only(slots),
                None => self.feed.batch.clone(),
            };
            argument.origin = Some((0..argument.len as u32).collect());
            argument
        } else {
            self.feed.batch.single(self.feed.row, cx.graph())
        };
        self.met.clear();
        self.met.resize(argument.len, false);
        self.asked = 0;
        self.inner.reset();
        self.seat.put(argument);
        self.running = true;
    }

    /// The number of the outer row in the batch of the first row of the run.
    fn base(&self) -> usize {
        if self.whole_batches { 0 } else { self.feed.row }
    }

    /// The inner rows beside the outer rows they were made from.
    fn joined(&mut self, mut inner: Batch, cx: &mut Context<'_>) -> Batch {
        let outer = &self.feed.batch;
        let rows: Vec<u32> = match inner.origin.take().filter(|_| self.whole_batches) {
            Some(origin) => origin,
            None => vec![self.feed.row as u32; inner.len],
        };
        let base = self.base();
        rows.iter().for_each(|row| self.met[*row as usize - base] = true);
        let is_live = |slot: &Slot| self.live.is_none_or(|live| live.contains(slot));
        let missing: Vec<Slot> = outer.slots().filter(|slot| inner.column(*slot).is_none() && is_live(slot)).collect();
        for slot in missing {
            if let Some(column) = outer.column(slot) {
                inner.set(slot, column.gather(&rows));
            }
        }
        inner.keep(self.live);
        inner.origin = outer.origin.as_ref().map(|origin| rows.iter().map(|row| origin[*row as usize]).collect());
        if let Some(cites) = outer.cites.as_ref().filter(|_| !self.whole_batches) {
            let own = inner.cites.get_or_insert_with(|| vec![0; inner.len]);
            for (own, row) in own.iter_mut().zip(&rows) {
                *own = cx.citations.and(cites[*row as usize], *own);
            }
        }
        inner
    }

    /// The outer rows up to `until` of the run that had no inner row.
    fn unmet(&mut self, until: usize) -> Option<Batch> {
        self.optional?;
        let base = self.base();
        let rows: Vec<u32> = (self.asked..until).filter(|at| !self.met[*at]).map(|at| (base + at) as u32).collect();
        self.asked = until;
        (!rows.is_empty()).then(|| self.feed.batch.gather(&rows, self.live))
    }
}

impl Operator for Apply<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some(batch) = self.ready.take() {
                return Ok(Some(batch));
            }
            if !self.running {
                if !self.feed.ready(cx)? {
                    return Ok(None);
                }
                self.start(cx);
            }
            cx.meter.step(1)?;
            match self.inner.next(cx)? {
                Some(inner) => {
                    let last = inner.origin.as_ref().and_then(|origin| origin.last().copied()).unwrap_or(0);
                    let joined = self.joined(inner, cx);
                    // what lies before the last row met is decided
                    if self.whole_batches {
                        self.ready = self.unmet(last as usize);
                    }
                    return Ok(Some(joined));
                }
                None => {
                    self.ready = self.unmet(self.met.len());
                    self.running = false;
                    self.feed.row = if self.whole_batches { self.feed.batch.len } else { self.feed.row + 1 };
                }
            }
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.running = false;
        self.ready = None;
    }
}

/// Runs `inner` for its effect, once per row; the rows go on as they are.
pub(in crate::exec) struct ApplyUnit<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) inner: Source<'p>,
    pub(in crate::exec) seat: Seat,
    pub(in crate::exec) live: Live<'p>,
}

/// Runs an inner plan to its end and forgets its rows.
fn drain(inner: &mut Source<'_>, seat: &Seat, argument: Batch, cx: &mut Context<'_>) -> Result<()> {
    inner.reset();
    seat.put(argument);
    while inner.next(cx)?.is_some() {
        cx.meter.step(1)?;
    }
    Ok(())
}

impl Operator for ApplyUnit<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let Some(mut batch) = self.input.next(cx)? else { return Ok(None) };
        for row in 0..batch.len {
            cx.meter.step(1)?;
            let argument = batch.single(row, cx.graph());
            drain(&mut self.inner, &self.seat, argument, cx)?;
        }
        batch.keep(self.live);
        Ok(Some(batch))
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}

/// Runs `inner` for its effect, once per row and element of a list.
pub(in crate::exec) struct Foreach<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) inner: Source<'p>,
    pub(in crate::exec) seat: Seat,
    pub(in crate::exec) list: &'p Expr,
    pub(in crate::exec) slot: Slot,
    pub(in crate::exec) live: Live<'p>,
}

impl Operator for Foreach<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let Some(mut batch) = self.input.next(cx)? else { return Ok(None) };
        for row in 0..batch.len {
            cx.meter.step(1)?;
            cx.scratch = 0;
            let items = match eval(self.list, batch.row(row), cx)? {
                Value::Null => continue,
                Value::List(list) => list,
                other => {
                    let message = format!("FOREACH goes over a list, and this is a {}", other.type_name());
                    return Err(Error::type_error(Code::InvalidArgumentType, message));
                }
            };
            for item in items.iter() {
                let mut argument = batch.single(row, cx.graph());
                argument.set(self.slot, Column::Const(item.clone()));
                drain(&mut self.inner, &self.seat, argument, cx)?;
            }
        }
        batch.keep(self.live);
        Ok(Some(batch))
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}
