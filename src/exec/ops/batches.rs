//! `CALL { … } IN TRANSACTIONS`: rows go through an inner plan in batches, each of which stands or is undone whole.

use std::collections::VecDeque;

use super::{Live, Operator, Seat, Source};
use crate::bind::bound::{Batches as Said, OnError, Slot};
use crate::error::{Class, Code, Error, Result};
use crate::exec::batch::{Batch, Column};
use crate::exec::context::Context;
use crate::exec::eval::eval;
use crate::graph::Graph;
use crate::value::Value;

/// How many rows go together when nothing is said.
const ROWS: i64 = 1_000;

/// The rows of `inner` for each row of `input`, a batch at a time.
pub(in crate::exec) struct Batches<'p> {
    input: Source<'p>,
    inner: Source<'p>,
    seat: Seat,
    said: &'p Said,
    unit: bool,
    /// Rows without an inner row stay, with nulls.
    optional: bool,
    live: Live<'p>,
    /// Rows of the input that no batch has taken, one each.
    waiting: VecDeque<Batch>,
    ready: VecDeque<Batch>,
    /// An error has ended it all: rows go on untouched.
    broken: bool,
}

impl<'p> Batches<'p> {
    pub(in crate::exec) fn new(
        (input, inner, seat): (Source<'p>, Source<'p>, Seat),
        said: &'p Said,
        (unit, optional): (bool, bool),
        live: Live<'p>,
    ) -> Self {
        let (waiting, ready) = (VecDeque::new(), VecDeque::new());
        Self { input, inner, seat, said, unit, optional, live, waiting, ready, broken: false }
    }

    fn size(&self, cx: &mut Context<'_>) -> Result<usize> {
        let Some(rows) = &self.said.rows else { return Ok(ROWS as usize) };
        let nothing = Batch::of_len(1);
        match eval(rows, nothing.row(0), cx)? {
            Value::Int(n) if n > 0 => Ok(usize::try_from(n).unwrap_or(usize::MAX)),
            other => {
                let message = match other {
                    Value::Int(n) => format!("a batch has at least 1 row, not {n}"),
                    other => format!("the rows of a batch are counted by an integer, not by a {}", other.type_name()),
                };
                Err(Error::argument(Code::NumberOutOfRange, message).at(self.said.span))
            }
        }
    }

    /// The next batch of rows; empty at the end.
    fn take(&mut self, size: usize, cx: &mut Context<'_>) -> Result<Vec<Batch>> {
        while self.waiting.len() < size {
            let Some(batch) = self.input.next(cx)? else { break };
            for row in 0..batch.len {
                self.waiting.push_back(batch.single(row, cx.graph()));
            }
        }
        let count = size.min(self.waiting.len());
        Ok(self.waiting.drain(..count).collect())
    }

    fn run(&mut self, rows: &[Batch], cx: &mut Context<'_>) -> Result<Vec<Batch>> {
        let mut out = Vec::new();
        for row in rows {
            cx.meter.step(1)?;
            self.inner.reset();
            self.seat.put(row.clone());
            let mut met = false;
            while let Some(mut inner) = self.inner.next(cx)? {
                cx.meter.step(1)?;
                if self.unit {
                    continue;
                }
                met = true;
                let missing: Vec<Slot> = row.slots().filter(|slot| inner.column(*slot).is_none()).collect();
                for slot in missing {
                    inner.set(slot, Column::Const(row.row(0).value(slot, cx.graph())));
                }
                if let Some(cites) = &row.cites {
                    let own = inner.cites.get_or_insert_with(|| vec![0; inner.len]);
                    own.iter_mut().for_each(|own| *own = cx.citations.and(cites[0], *own));
                }
                out.push(inner);
            }
            if self.unit || (!met && self.optional) {
                out.push(row.clone());
            }
        }
        Ok(out)
    }

    /// One batch, with what became of it.
    fn batch(&mut self, rows: Vec<Batch>, cx: &mut Context<'_>) -> Result<()> {
        if self.broken {
            self.hand_on(rows, (false, None))
        } else {
            let goes_on = self.said.on_error != OnError::Fail;
            let before = (goes_on && !cx.is_reading()).then(|| cx.graph().clone());
            let (changes, told) = (cx.changes, cx.tellings.len());
            // what was deleted before is judged when the statement ends
            let outside = std::mem::take(&mut cx.left_connected);
            let done = self.run(&rows, cx).and_then(|out| judged(cx).map(|()| out));
            cx.left_connected = outside;
            match done {
                Ok(out) => self.hand_on(out, (true, None)),
                Err(error) if self.said.on_error == OnError::Fail || is_final(&error) => Err(error),
                Err(error) => {
                    if let Some(before) = before {
                        go_back(cx.graph_mut()?, before)?;
                    }
                    cx.changes = changes;
                    cx.tellings.truncate(told);
                    self.broken = self.said.on_error == OnError::Break;
                    self.hand_on(rows, (true, Some(error)))
                }
            }
        }
    }

    fn hand_on(&mut self, rows: Vec<Batch>, (started, error): (bool, Option<Error>)) -> Result<()> {
        let status = match self.said.status {
            None => None,
            Some(slot) => {
                let message = error.as_ref().map_or(Value::Null, |error| Value::from(error.message()));
                let status = Value::map([
                    ("started".into(), started.into()),
                    ("committed".into(), (started && error.is_none()).into()),
                    ("errorMessage".into(), message),
                ])?;
                Some((slot, status))
            }
        };
        for mut row in rows {
            if let Some((slot, status)) = &status {
                row.set(*slot, Column::Const(status.clone()));
            }
            row.keep(self.live);
            if row.len > 0 {
                self.ready.push_back(row);
            }
        }
        Ok(())
    }
}

/// Judges what a batch has written, as the end of a statement is judged. Errors: `ConstraintViolation`,
/// `DeleteConnectedNode`.
fn judged(cx: &mut Context<'_>) -> Result<()> {
    if cx.is_reading() {
        return Ok(());
    }
    super::delete::judge(cx)?;
    cx.graph_mut()?.check_constraints()
}

/// Takes a graph back to what it was; names that it has learnt keep their ids, for operators may have noted them.
fn go_back(graph: &mut Graph, before: Graph) -> Result<()> {
    let names = graph.names().clone();
    *graph = before;
    names.labels().try_for_each(|(_, name)| graph.ensure_label(name).map(drop))?;
    names.types().try_for_each(|(_, name)| graph.ensure_type(name).map(drop))?;
    names.keys().try_for_each(|(_, name)| graph.ensure_key(name).map(drop))
}

/// Whether an error ends the statement whatever is said: it is out of time or memory, or somebody has stopped it.
fn is_final(error: &Error) -> bool {
    matches!(error.class(), Class::LimitExceeded | Class::Cancelled | Class::ReadOnly)
}

impl Operator for Batches<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some(batch) = self.ready.pop_front() {
                return Ok(Some(batch));
            }
            let size = self.size(cx)?;
            let rows = self.take(size, cx)?;
            if rows.is_empty() {
                return Ok(None);
            }
            self.batch(rows, cx)?;
        }
    }

    fn reset(&mut self) {
        self.input.reset();
        self.waiting.clear();
        self.ready.clear();
        self.broken = false;
    }
}
