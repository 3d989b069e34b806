//! Dropping the first rows, stopping after some.

use super::{Operator, Source};
use crate::bind::bound::Expr;
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::context::Context;
use crate::exec::eval::count;

/// Drops the first `count` rows.
pub(in crate::exec) struct Skip<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) count: &'p Expr,
    pub(in crate::exec) left: Option<u64>,
}

impl Operator for Skip<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let mut left = match self.left {
            Some(left) => left,
            None => count(self.count, "SKIP", Batch::of_len(1).row(0), cx)?,
        };
        while let Some(batch) = self.input.next(cx)? {
            if left >= batch.len as u64 {
                left -= batch.len as u64;
                continue;
            }
            self.left = Some(0);
            if left == 0 {
                return Ok(Some(batch));
            }
            let rows: Vec<u32> = (left as u32..batch.len as u32).collect();
            return Ok(Some(batch.gather(&rows, None)));
        }
        self.left = Some(left);
        Ok(None)
    }

    fn reset(&mut self) {
        self.input.reset();
        self.left = None;
    }
}

/// Stops after `count` rows.
pub(in crate::exec) struct Limit<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) count: &'p Expr,
    /// The input writes: it runs to its end although nobody wants its rows.
    pub(in crate::exec) exhaust: bool,
    pub(in crate::exec) left: Option<u64>,
}

impl Operator for Limit<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let left = match self.left {
            Some(left) => left,
            None => count(self.count, "LIMIT", Batch::of_len(1).row(0), cx)?,
        };
        self.left = Some(left);
        if left == 0 {
            return self.drain(cx);
        }
        let Some(batch) = self.input.next(cx)? else { return Ok(None) };
        if (batch.len as u64) <= left {
            self.left = Some(left - batch.len as u64);
            return Ok(Some(batch));
        }
        self.left = Some(0);
        let rows: Vec<u32> = (0..left as u32).collect();
        Ok(Some(batch.gather(&rows, None)))
    }

    fn reset(&mut self) {
        self.input.reset();
        self.left = None;
    }
}

impl Limit<'_> {
    fn drain(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        if self.exhaust {
            while self.input.next(cx)?.is_some() {
                cx.meter.step(1)?;
            }
        }
        Ok(None)
    }
}
