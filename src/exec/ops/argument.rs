//! The leaves that read nothing: one row without columns, and the rows an enclosing operator hands in.

use super::{Operator, Seat};
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::context::Context;
use crate::provenance::citation::NOTHING;

/// One row without columns.
#[derive(Default)]
pub(in crate::exec) struct Unit {
    done: bool,
}

impl Operator for Unit {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(None);
        }
        let mut batch = Batch::of_len(1);
        if cx.plan.cite {
            batch.cites = Some(vec![NOTHING]);
        }
        Ok(Some(batch))
    }

    fn reset(&mut self) {
        self.done = false;
    }
}

/// The rows in the seat, once.
pub(in crate::exec) struct Argument {
    pub(in crate::exec) seat: Seat,
    pub(in crate::exec) done: bool,
}

impl Operator for Argument {
    fn next(&mut self, _: &mut Context<'_>) -> Result<Option<Batch>> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(None);
        }
        Ok(self.seat.get().filter(|batch| batch.len > 0))
    }

    fn reset(&mut self) {
        self.done = false;
    }
}
