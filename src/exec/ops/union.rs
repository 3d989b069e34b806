//! Rows of one part after the other, under the same slots.

use super::{Operator, Source};
use crate::bind::bound::Slot;
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::context::Context;

/// UNION ALL.
pub(in crate::exec) struct Union<'p> {
    /// Each part and its slots, aligned with `slots`.
    pub(in crate::exec) parts: Vec<(Source<'p>, &'p [Slot])>,
    pub(in crate::exec) slots: &'p [Slot],
    pub(in crate::exec) at: usize,
}

impl Operator for Union<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        while let Some((part, slots)) = self.parts.get_mut(self.at) {
            let Some(batch) = part.next(cx)? else {
                self.at += 1;
                continue;
            };
            // what the part read from outside stays beside its result
            let mut out = batch.clone();
            for (from, to) in slots.iter().zip(self.slots) {
                match batch.column(*from) {
                    Some(column) => out.set(*to, column.clone()),
                    None => out.clear(*to),
                }
            }
            return Ok(Some(out));
        }
        Ok(None)
    }

    fn reset(&mut self) {
        self.parts.iter_mut().for_each(|(part, _)| part.reset());
        self.at = 0;
    }
}
