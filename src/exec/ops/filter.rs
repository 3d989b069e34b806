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
        while let Some(mut batch) = self.input.next(cx)? {
            cx.meter.step(batch.len)?;
            match self.tests.select(&batch, cx)? {
                [] => {}
                all if all.len() == batch.len => {
                    batch.keep(self.live);
                    return Ok(Some(batch));
                }
                some => return Ok(Some(batch.gather(some, self.live))),
            }
        }
        Ok(None)
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}
