//! One row per element of a list.

use super::{Feed, Live, Operator, Source};
use crate::bind::bound::{Expr, Slot};
use crate::error::Result;
use crate::exec::batch::{Batch, Column, ROWS};
use crate::exec::context::Context;
use crate::exec::eval::eval;
use crate::value::{List, Value};

/// Unwinds a list per input row. Null is no element; what is no list is one element.
pub(in crate::exec) struct Unwind<'p> {
    feed: Feed<'p>,
    list: &'p Expr,
    slot: Slot,
    live: Live<'p>,
    /// The list of the current row and how far it is unwound.
    open: Option<(List, usize)>,
}

impl<'p> Unwind<'p> {
    pub(in crate::exec) fn new(input: Source<'p>, list: &'p Expr, slot: Slot, live: Live<'p>) -> Self {
        Self { feed: Feed::new(input), list, slot, live, open: None }
    }

    /// Fills `rows` and `values` from the current batch.
    fn fill(&mut self, rows: &mut Vec<u32>, values: &mut Vec<Value>, cx: &mut Context<'_>) -> Result<()> {
        while self.feed.row < self.feed.batch.len && rows.len() < ROWS {
            cx.meter.step(1)?;
            if self.open.is_none() {
                cx.scratch = 0;
                match eval(self.list, self.feed.batch.row(self.feed.row), cx)? {
                    Value::Null => {}
                    Value::List(list) => self.open = Some((list, 0)),
                    single => {
                        rows.push(self.feed.row as u32);
                        values.push(single);
                    }
                }
            }
            if let Some((list, at)) = &mut self.open {
                let until = list.len().min(*at + ROWS - rows.len());
                values.extend_from_slice(&list[*at..until]);
                rows.resize(values.len(), self.feed.row as u32);
                *at = until;
                if until < list.len() {
                    return Ok(());
                }
            }
            self.open = None;
            self.feed.row += 1;
        }
        Ok(())
    }
}

/// The narrowest column that holds `values`.
pub(super) fn narrow(values: Vec<Value>) -> Column {
    if !values.iter().all(|value| matches!(value, Value::Int(_))) {
        return Column::Values(values);
    }
    let int = |value: &Value| match value {
        Value::Int(n) => *n,
        _ => 0,
    };
    Column::Ints(values.iter().map(int).collect())
}

impl Operator for Unwind<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        while self.feed.ready(cx)? {
            let (mut rows, mut values) = (Vec::new(), Vec::new());
            self.fill(&mut rows, &mut values, cx)?;
            if !rows.is_empty() {
                cx.meter.step(rows.len())?;
                let mut batch = self.feed.batch.gather(&rows, self.live);
                if self.live.is_none_or(|live| live.contains(&self.slot)) {
                    batch.set(self.slot, narrow(values));
                }
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.open = None;
    }
}
