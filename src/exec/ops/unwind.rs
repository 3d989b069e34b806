//! One row per element of a list.

use super::{Feed, Live, Operator, Source};
use crate::bind::bound::{Expr, Slot};
use crate::error::{Result, Span};
use crate::exec::batch::{Batch, Column, ROWS, Row};
use crate::exec::context::Context;
use crate::exec::eval::eval;
use crate::function::{self, Integers};
use crate::value::{List, Value};

/// Unwinds a list per input row. Null is no element; what is no list is one element.
pub(in crate::exec) struct Unwind<'p> {
    feed: Feed<'p>,
    list: &'p Expr,
    slot: Slot,
    live: Live<'p>,
    /// What is being unwound for the current row.
    open: Option<Open>,
}

/// What there is one row of each.
enum Open {
    /// A list, and how far it is unwound.
    List(List, usize),
    /// The integers of a `range()`, which need not be a list first.
    Integers(Integers),
}

impl Open {
    /// Gives the next elements, at most `most`; whether there are more.
    fn give(&mut self, most: usize, values: &mut Vec<Value>) -> bool {
        match self {
            Self::List(list, at) => {
                let until = list.len().min(*at + most);
                values.extend_from_slice(&list[*at..until]);
                *at = until;
                until < list.len()
            }
            Self::Integers(integers) => {
                values.extend(integers.take(most).map(Value::Int));
                integers.size_hint().0 > 0
            }
        }
    }
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
                let row = self.feed.batch.row(self.feed.row);
                self.open = match self.list {
                    Expr::Call { function, arguments, span } if function.name == "range" => {
                        integers_of(arguments, *span, row, cx)?.map(Open::Integers)
                    }
                    list => match eval(list, row, cx)? {
                        Value::Null => None,
                        Value::List(list) => Some(Open::List(list, 0)),
                        single => {
                            rows.push(self.feed.row as u32);
                            values.push(single);
                            None
                        }
                    },
                };
            }
            let room = ROWS - rows.len();
            let more = self.open.as_mut().is_some_and(|open| open.give(room, values));
            rows.resize(values.len(), self.feed.row as u32);
            if more {
                return Ok(());
            }
            self.open = None;
            self.feed.row += 1;
        }
        Ok(())
    }
}

/// What `range()` with these arguments goes through; nothing when one of them is null.
fn integers_of(arguments: &[Expr], span: Span, row: Row<'_>, cx: &mut Context<'_>) -> Result<Option<Integers>> {
    let values: Vec<Value> = arguments.iter().map(|argument| eval(argument, row, cx)).collect::<Result<_>>()?;
    if values.iter().any(Value::is_null) {
        return Ok(None);
    }
    function::integers(&values).map(Some).map_err(|e| e.at(span))
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
