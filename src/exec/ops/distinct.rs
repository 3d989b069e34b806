//! One row of each combination of some slots.

use super::group_key::Groups;
use super::{Live, Operator, Source};
use crate::bind::bound::Slot;
use crate::error::Result;
use crate::exec::batch::{Batch, Column};
use crate::exec::context::Context;

/// Lets the first row of each combination pass. When rows are cited, later ones add their support, so that
/// nothing passes before all are seen.
pub(in crate::exec) struct Distinct<'p> {
    input: Source<'p>,
    slots: &'p [Slot],
    live: Live<'p>,
    seen: Option<Groups>,
    cited: Option<Vec<Batch>>,
}

impl<'p> Distinct<'p> {
    pub(in crate::exec) fn new(input: Source<'p>, slots: &'p [Slot], live: Live<'p>) -> Self {
        Self { input, slots, live, seen: None, cited: None }
    }

    /// The rows of `batch` that are new, and every row's group.
    fn new_rows(&mut self, batch: &Batch, cx: &Context<'_>) -> Result<(Vec<u32>, Vec<u32>)> {
        let columns: Vec<Column> =
            self.slots.iter().map(|slot| batch.column(*slot).cloned().unwrap_or_default()).collect();
        let seen = self.seen.get_or_insert_with(|| Groups::new(self.slots.len(), cx.meter.reservation()));
        let (mut fresh, mut groups) = (Vec::new(), Vec::with_capacity(batch.len));
        seen.of_rows(&columns, batch.len, cx, |group, first| {
            if first {
                fresh.push(groups.len() as u32);
            }
            groups.push(group);
        })?;
        Ok((fresh, groups))
    }

    /// Reads everything, joining the citations and views of rows that fall together.
    fn gather_cited(&mut self, cx: &mut Context<'_>) -> Result<Vec<Batch>> {
        let mut kept = Vec::new();
        let mut cites: Vec<u32> = Vec::new();
        while let Some(batch) = self.input.next(cx)? {
            let (fresh, groups) = self.new_rows(&batch, cx)?;
            for (row, group) in groups.iter().enumerate() {
                let cite = batch.cites.as_ref().map_or(0, |cites| cites[row]);
                match cites.get_mut(*group as usize) {
                    Some(known) => *known = cx.citations.or(*known, cite),
                    None => cites.push(cite),
                }
            }
            if !fresh.is_empty() {
                kept.push(batch.gather(&fresh, self.live));
            }
        }
        if cx.plan.cite {
            let mut cites = cites.into_iter();
            for batch in &mut kept {
                batch.cites = Some(cites.by_ref().take(batch.len).collect());
            }
        }
        if let Some(seen) = self.seen.take() {
            // rows that fell together see what each of them saw
            let (columns, memory) = seen.into_columns();
            let mut from = 0_u32;
            for batch in &mut kept {
                let rows: Vec<u32> = (from..from + batch.len as u32).collect();
                for (slot, column) in self.slots.iter().zip(&columns) {
                    batch.set(*slot, column.gather(&rows));
                }
                from += batch.len as u32;
                batch.keep(self.live);
            }
            drop(memory);
        }
        kept.reverse();
        Ok(kept)
    }
}

impl Operator for Distinct<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        if cx.plan.cite || !cx.plan.viewed.is_empty() {
            if self.cited.is_none() {
                self.cited = Some(self.gather_cited(cx)?);
            }
            return Ok(self.cited.as_mut().and_then(Vec::pop));
        }
        while let Some(mut batch) = self.input.next(cx)? {
            let (fresh, _) = self.new_rows(&batch, cx)?;
            if fresh.len() == batch.len {
                batch.keep(self.live);
                return Ok(Some(batch));
            }
            if !fresh.is_empty() {
                return Ok(Some(batch.gather(&fresh, self.live)));
            }
        }
        Ok(None)
    }

    fn reset(&mut self) {
        self.input.reset();
        self.seen = None;
        self.cited = None;
    }
}
