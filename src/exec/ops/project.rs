//! Computes slots; slots not named stay, unless nobody reads them.

use super::{Live, Operator, Source};
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::context::Context;
use crate::exec::vector::Item;

/// Computes its items for every row.
pub(in crate::exec) struct Project<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) items: Vec<Item<'p>>,
    pub(in crate::exec) live: Live<'p>,
}

impl Operator for Project<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let Some(mut batch) = self.input.next(cx)? else { return Ok(None) };
        cx.meter.step(batch.len)?;
        let mut computed = Vec::with_capacity(self.items.len());
        let mut held = cx.meter.reservation();
        for item in &self.items {
            // every item sees the incoming row, not what its neighbours compute
            if let Some(column) = item.column(&batch, &mut held, cx)? {
                computed.push((item.slot, column));
            }
        }
        for (slot, column) in computed {
            batch.set(slot, column);
        }
        batch.hold(held);
        batch.keep(self.live);
        Ok(Some(batch))
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}
