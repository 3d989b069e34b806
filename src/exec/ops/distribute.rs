//! The rows of an input, of which several threads each take some through a chain of operators.

use std::time::{Duration, Instant};

use super::aggregate::{EachPart, GroupBy};
use super::gather::{AllRows, Chain, Task, Work, threads};
use super::parallel::hand_on;
use super::{Each, Operator, Seat, Source};
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::context::Context;
use crate::plan::node::Node;

/// As long as the chain has taken no longer than this, one thread is enough: to start another takes about a third of it.
const PATIENCE: Duration = Duration::from_millis(1);

/// A batch is cut into so many pieces, of at least and at most so many rows.
const PIECES: usize = 8;
const SMALLEST: usize = 64;
const LARGEST: usize = 256;

/// The rows of the chain for the rows of `input`.
pub(in crate::exec) struct Distribute<'p> {
    input: Source<'p>,
    chain: Chain<'p>,
    /// Rows are in the seat of the chain.
    open: bool,
}

/// The rows of the input, in pieces.
#[derive(Default)]
struct Pieces {
    batch: Batch,
    at: usize,
}

impl Pieces {
    fn next(&mut self, input: &mut Source<'_>, cx: &mut Context<'_>) -> Result<Option<Task>> {
        if self.at == self.batch.len {
            let Some(batch) = input.next(cx)? else { return Ok(None) };
            (self.batch, self.at) = (batch, 0);
        }
        let size = (self.batch.len / PIECES).clamp(SMALLEST, LARGEST);
        let until = self.batch.len.min(self.at + size);
        let rows: Vec<u32> = (self.at as u32..until as u32).collect();
        self.at = until;
        Ok(Some(Task::Rows(match rows.len() == self.batch.len {
            true => std::mem::take(self).batch,
            false => self.batch.gather(&rows, None),
        })))
    }
}

impl<'p> Distribute<'p> {
    /// Of the chain that was built from `node`, the operator of that number, and takes its rows from `seat`.
    pub(in crate::exec) fn new(
        input: Source<'p>,
        (chain, seat): (Source<'p>, Seat),
        (node, number): (&'p Node, usize),
    ) -> Self {
        Self { input, chain: Chain { input: chain, seat, node, number }, open: false }
    }

    fn share<'a, W: Work>(
        &mut self,
        work: &W,
        cx: &mut Context<'a>,
        take: &mut super::gather::Take<'_, 'a, W::Made>,
    ) -> Result<()> {
        let (mut pieces, mut taken) = (Pieces::default(), Duration::ZERO);
        let others = threads(cx) - 1;
        while others == 0 || taken < PATIENCE {
            let Some(task) = pieces.next(&mut self.input, cx)? else { return Ok(()) };
            let started = Instant::now();
            if !self.chain.stream(&task, work, cx, take)? {
                return Ok(());
            }
            taken += started.elapsed();
        }
        let input = &mut self.input;
        self.chain.run(&mut |cx| pieces.next(input, cx), others, work, cx, take)
    }
}

impl Operator for Distribute<'_> {
    // whoever asks for some rows gets them from one thread
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if self.open {
                match self.chain.input.next(cx)? {
                    Some(batch) => return Ok(Some(batch)),
                    None => self.open = false,
                }
            }
            let Some(batch) = self.input.next(cx)? else { return Ok(None) };
            self.chain.seat.put(batch);
            self.chain.input.reset();
            self.open = true;
        }
    }

    fn drain<'a>(&mut self, cx: &mut Context<'a>, each: &mut Each<'_, 'a>) -> Result<()> {
        self.share(&AllRows, cx, &mut |rows, cx| hand_on(rows, cx, each))
    }

    fn drain_grouped<'a>(
        &mut self,
        by: GroupBy<'_>,
        cx: &mut Context<'a>,
        each: &mut EachPart<'_, 'a>,
    ) -> Result<bool> {
        self.share(&by.in_parts(), cx, each).map(|()| true)
    }

    fn reset(&mut self) {
        self.input.reset();
        self.open = false;
    }
}
