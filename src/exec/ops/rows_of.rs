//! Operators that put the rows of a table beside each input row: procedures, TRACE, CONFLICTS, LOAD CSV.

use super::{Feed, Live, Operator, Source};
use crate::bind::bound::Slot;
use crate::error::Result;
use crate::exec::batch::{Batch, ROWS, Row};
use crate::exec::context::Context;
use crate::exec::vector::narrowed;
use crate::value::Value;

/// Where the rows of an input row come from.
pub(in crate::exec) trait Table {
    /// All rows for one input row; each holds every column of the table. The citation of each, when the
    /// statement cites and the table knows.
    fn rows(&mut self, row: Row<'_>, cx: &mut Context<'_>) -> Result<Answered>;
}

/// The rows of a table for one input row.
#[derive(Default)]
pub(in crate::exec) struct Answered {
    pub(super) rows: Vec<Vec<Value>>,
    pub(super) cites: Vec<u32>,
}

/// Puts the rows of a table beside each input row.
pub(in crate::exec) struct RowsOf<'p, T> {
    feed: Feed<'p>,
    table: T,
    /// Column of the table to slot.
    yields: &'p [(usize, Slot)],
    live: Live<'p>,
    open: Option<(Answered, usize)>,
}

impl<'p, T: Table> RowsOf<'p, T> {
    pub(super) fn of(input: Source<'p>, table: T, yields: &'p [(usize, Slot)], live: Live<'p>) -> Self {
        Self { feed: Feed::new(input), table, yields, live, open: None }
    }
}

impl<T: Table> Operator for RowsOf<'_, T> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some((answered, at)) = &mut self.open {
                let until = answered.rows.len().min(*at + ROWS);
                if *at == until {
                    self.open = None;
                    self.feed.row += 1;
                    continue;
                }
                let rows = vec![self.feed.row as u32; until - *at];
                let mut batch = self.feed.batch.gather(&rows, self.live);
                for (column, slot) in self.yields {
                    if self.live.is_none_or(|live| live.contains(slot)) {
                        let cells = answered.rows[*at..until].iter();
                        let cells = cells.map(|row| row.get(*column).cloned().unwrap_or_default());
                        batch.set(*slot, narrowed(cells.collect()));
                    }
                }
                if let Some(cites) = &mut batch.cites {
                    for (cite, own) in cites.iter_mut().zip(answered.cites.get(*at..until).unwrap_or_default()) {
                        *cite = cx.citations.and(*cite, *own);
                    }
                }
                *at = until;
                cx.meter.step(batch.len)?;
                return Ok(Some(batch));
            }
            if !self.feed.ready(cx)? {
                return Ok(None);
            }
            cx.scratch = 0;
            self.open = Some((self.table.rows(self.feed.batch.row(self.feed.row), cx)?, 0));
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.open = None;
    }
}
