//! The operators, one a file. Each pulls batches from its inputs and hands batches on.
//!
//! All have the same skeleton: a struct that borrows its part of the plan, `next` that returns the next
//! batch or nothing, and `reset` that starts again for a new argument. A batch handed on is never empty.

mod accumulate;
mod aggregate;
mod apply;
mod argument;
mod create;
mod delete;
mod distinct;
mod eager;
mod expand;
mod expand_count;
mod expand_into;
mod filter;
mod found;
mod group_key;
mod limit;
mod project;
mod remove;
mod scan;
mod seek;
mod set;
mod sort;
mod unwind;
mod writing;

pub(super) use aggregate::Aggregate;
pub(super) use apply::{Apply, ApplyUnit, Foreach};
pub(super) use argument::{Argument, Unit};
pub(super) use create::Create;
pub(super) use delete::Delete;
pub(super) use distinct::Distinct;
pub(super) use eager::Eager;
pub(super) use expand::Expand;
pub(super) use expand_count::ExpandCount;
pub(super) use expand_into::ExpandInto;
pub(super) use filter::Filter;
pub(super) use limit::{Limit, Skip};
pub(super) use project::Project;
pub(super) use remove::Remove;
pub(super) use scan::{ScanNodes, ScanRels};
pub(super) use seek::{SeekId, SeekIndex};
pub(super) use set::Set;
pub(super) use sort::{Sort, TopK};
pub(super) use unwind::Unwind;

use std::cell::RefCell;
use std::rc::Rc;

use super::batch::Batch;
use super::context::Context;
use crate::bind::bound::Slot;
use crate::error::Result;

/// A running operator.
pub(crate) trait Operator {
    /// The next rows; nothing when there are no more. Never an empty batch.
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>>;

    /// Starts again: the argument may be another one.
    fn reset(&mut self);
}

/// An operator as its consumer holds it.
pub(crate) type Source<'p> = Box<dyn Operator + 'p>;

/// The slots somebody above reads; all of them without a list.
pub(crate) type Live<'p> = Option<&'p [Slot]>;

/// Where an enclosing operator puts the rows that an inner plan starts from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seat(Rc<RefCell<Option<Batch>>>);

impl Seat {
    /// Puts the rows there.
    pub(crate) fn put(&self, batch: Batch) {
        *self.0.borrow_mut() = Some(batch);
    }

    /// The rows that were put there.
    fn get(&self) -> Option<Batch> {
        self.0.borrow().clone()
    }
}

/// An input, row by row: the batch being worked on and how far.
struct Feed<'p> {
    source: Source<'p>,
    batch: Batch,
    row: usize,
}

impl<'p> Feed<'p> {
    fn new(source: Source<'p>) -> Self {
        Self { source, batch: Batch::default(), row: 0 }
    }

    /// Whether there is a row at `self.row` of `self.batch`; pulls when the batch is used up.
    fn ready(&mut self, cx: &mut Context<'_>) -> Result<bool> {
        while self.row >= self.batch.len {
            match self.source.next(cx)? {
                Some(batch) => {
                    self.batch = batch;
                    self.row = 0;
                }
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    fn reset(&mut self) {
        self.source.reset();
        self.batch = Batch::default();
        self.row = 0;
    }
}
