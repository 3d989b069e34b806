//! Rows that have a partner (or have none) in an inner plan.

use super::{Live, Operator, Seat, Source};
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::context::Context;
use crate::plan::node::{Node, Op};

/// An inner plan that treats every row by itself, and is asked about a batch of them at a time.
pub(super) struct Inner<'p> {
    pub(super) plan: Source<'p>,
    seat: Seat,
    /// The slots that it reads of a row.
    read: Live<'p>,
}

impl<'p> Inner<'p> {
    pub(super) fn new((plan, seat): (Source<'p>, Seat), node: &'p Node) -> Self {
        Self { plan, seat, read: argument_slots(node) }
    }

    /// Starts it on the rows of a batch: what it finds says of which row it is (`origin`).
    pub(super) fn start(&mut self, batch: &Batch) {
        let mut argument = match self.read {
            Some(slots) => batch.only(slots),
            None => batch.clone(),
        };
        argument.origin = Some((0..batch.len as u32).collect());
        self.plan.reset();
        self.seat.put(argument);
    }
}

/// Keeps the rows of `input` for which `inner`, which treats every row by itself, gives a row; `negated`: gives none.
pub(in crate::exec) struct SemiJoin<'p> {
    input: Source<'p>,
    inner: Inner<'p>,
    negated: bool,
    live: Live<'p>,
    met: Vec<bool>,
}

impl<'p> SemiJoin<'p> {
    pub(in crate::exec) fn new(
        (input, inner, seat): (Source<'p>, Source<'p>, Seat),
        plan: &'p Node,
        negated: bool,
        live: Live<'p>,
    ) -> Self {
        Self { input, inner: Inner::new((inner, seat), plan), negated, live, met: Vec::new() }
    }

    /// The rows of a batch that stay.
    fn kept(&mut self, batch: &Batch, cx: &mut Context<'_>) -> Result<Vec<u32>> {
        self.met.clear();
        self.met.resize(batch.len, false);
        self.inner.start(batch);
        let mut left = batch.len;
        while left > 0
            && let Some(found) = self.inner.plan.next(cx)?
        {
            cx.meter.step(found.len)?;
            for row in found.origin.iter().flatten() {
                let met = &mut self.met[*row as usize];
                left -= usize::from(!*met);
                *met = true;
            }
        }
        Ok((0..batch.len as u32).filter(|row| self.met[*row as usize] != self.negated).collect())
    }
}

/// The slots that somebody reads of the argument at the bottom of a chain.
pub(super) fn argument_slots(node: &Node) -> Live<'_> {
    match &node.op {
        Op::Argument => node.live.as_deref(),
        op => op.inputs().first().and_then(|input| argument_slots(input)),
    }
}

impl Operator for SemiJoin<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        while let Some(batch) = self.input.next(cx)? {
            cx.meter.step(batch.len)?;
            let rows = self.kept(&batch, cx)?;
            if let Some(kept) = batch.kept(&rows, self.live) {
                return Ok(Some(kept));
            }
        }
        Ok(None)
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}
