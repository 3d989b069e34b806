//! Rows for which every predicate is true.

use super::{Live, Operator, Source};
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::context::Context;
use crate::exec::vector::Tests;

/// Keeps the rows that pass every test.
pub(in crate::exec) struct Filter<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) tests: Tests<'p>,
    pub(in crate::exec) live: Live<'p>,
}

impl Operator for Filter<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        while let Some(batch) = self.input.next(cx)? {
            cx.meter.step(batch.len)?;
            let rows = self.tests.select(&batch, cx)?;
            if let Some(kept) = batch.kept(rows, self.live) {
                return Ok(Some(kept));
            }
        }
        Ok(None)
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}
