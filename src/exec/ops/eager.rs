//! Reads all of its input before it hands on the first row.

use std::collections::VecDeque;

use super::{Live, Operator, Source};
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::context::{Context, Reservation};

/// Separates reading from writing.
pub(in crate::exec) struct Eager<'p> {
    input: Source<'p>,
    live: Live<'p>,
    kept: Option<(VecDeque<Batch>, Reservation)>,
}

impl<'p> Eager<'p> {
    pub(in crate::exec) fn new(input: Source<'p>, live: Live<'p>) -> Self {
        Self { input, live, kept: None }
    }
}

/// All batches of `input`, their memory taken.
pub(super) fn read_all(
    input: &mut Source<'_>,
    live: Live<'_>,
    cx: &mut Context<'_>,
) -> Result<(VecDeque<Batch>, Reservation)> {
    let mut memory = cx.meter.reservation();
    let mut batches = VecDeque::new();
    while let Some(mut batch) = input.next(cx)? {
        cx.meter.step(1)?;
        batch.keep(live);
        memory.grow(batch.cell_bytes())?;
        batches.push_back(batch);
    }
    Ok((batches, memory))
}

impl Operator for Eager<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        if self.kept.is_none() {
            self.kept = Some(read_all(&mut self.input, self.live, cx)?);
        }
        Ok(self.kept.as_mut().and_then(|(batches, _)| batches.pop_front()))
    }

    fn reset(&mut self) {
        self.input.reset();
        self.kept = None;
    }
}
