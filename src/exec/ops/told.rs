//! What the subqueries inside expressions rest on, told to the row they were asked for.
//!
//! ```text
//!   Told ─► Filter EXISTS { … } ─► OneByOne ─► …
//! ```
//!
//! Only for statements that cite and have subqueries: rows go through one at a time, so that what
//! [`Context::told`] gathers meanwhile belongs to that row.

use super::{Operator, Source};
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::context::Context;
use crate::provenance::citation::NOTHING;

/// Adds to the row that comes out what was gathered while it was computed.
pub(in crate::exec) struct Told<'p> {
    pub(in crate::exec) input: Source<'p>,
}

impl Operator for Told<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let Some(mut batch) = self.input.next(cx)? else { return Ok(None) };
        let told = std::mem::replace(&mut cx.told, NOTHING);
        for cite in batch.cites.iter_mut().flatten() {
            *cite = cx.citations.and(*cite, told);
        }
        Ok(Some(batch))
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}

/// The rows of its input, one a batch; nothing is told of a row that has only just arrived.
pub(in crate::exec) struct OneByOne<'p> {
    input: Source<'p>,
    batch: Batch,
    next: u32,
}

impl<'p> OneByOne<'p> {
    pub(in crate::exec) fn new(input: Source<'p>) -> Self {
        Self { input, batch: Batch::default(), next: 0 }
    }
}

impl Operator for OneByOne<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        while self.next as usize >= self.batch.len {
            let Some(batch) = self.input.next(cx)? else { return Ok(None) };
            (self.batch, self.next) = (batch, 0);
        }
        let row = self.batch.gather(&[self.next], None);
        self.next += 1;
        cx.told = NOTHING;
        Ok(Some(row))
    }

    fn reset(&mut self) {
        self.input.reset();
        (self.batch, self.next) = (Batch::default(), 0);
    }
}
