//! The operators, one a file. Each pulls batches from its inputs and hands batches on.
//!
//! All have the same skeleton: a struct that borrows its part of the plan, `next` that returns the next
//! batch or nothing, and `reset` that starts again for a new argument. A batch handed on is never empty.

mod accumulate;
mod aggregate;
mod apply;
mod argument;
mod batches;
mod books;
mod call_procedure;
mod cheapest;
mod circuit;
mod cost;
mod create;
pub(super) mod delete;
mod distinct;
mod distribute;
mod eager;
mod expand;
mod expand_count;
mod expand_group;
mod expand_into;
mod expand_var;
mod filter;
mod flood;
mod found;
mod gather;
mod group_join;
mod group_key;
mod handle_groups;
mod intersect;
mod join;
mod limit;
mod lineage;
mod load_csv;
mod marks;
mod memoize;
mod merge;
mod node_map;
mod onward;
mod others;
mod pairs;
mod parallel;
mod paths;
mod project;
mod reach;
mod remove;
mod rows_of;
mod scan;
mod search;
mod search_distance;
mod seek;
mod seek_keys;
mod semi_join;
mod set;
mod shortest;
mod shortest_path;
mod sort;
mod through_view;
mod told;
mod trace;
mod union;
mod unwind;
mod valid;
mod walking;
mod writing;

pub(super) use aggregate::{Aggregate, EachPart, GroupBy};
pub(super) use apply::{Apply, ApplyUnit, Foreach};
pub(super) use argument::{Argument, Unit};
pub(super) use batches::Batches;
pub(super) use books::{CountByType, CountFromStats};
pub(super) use call_procedure::call_procedure;
pub(super) use create::Create;
pub(super) use delete::Delete;
pub(super) use distinct::Distinct;
pub(super) use distribute::Distribute;
pub(super) use eager::Eager;
pub(super) use expand::Expand;
pub(super) use expand_count::ExpandCount;
pub(super) use expand_group::ExpandGroup;
pub(super) use expand_into::ExpandInto;
pub(super) use expand_var::ExpandVar;
pub(super) use filter::Filter;
pub(super) use group_join::GroupJoin;
pub(super) use intersect::Intersect;
pub(super) use join::{Cross, HashJoin};
pub(super) use limit::{Limit, Skip};
pub(super) use lineage::{Conflicts, conflicts};
pub(super) use load_csv::{LoadCsv, Wanted as WantedCsv};
pub(super) use memoize::Memoize;
pub(super) use merge::Merge;
pub(super) use parallel::Parallel;
pub(super) use paths::{BindPath, SelectPaths};
pub(super) use project::Project;
pub(super) use reach::Reach;
pub(super) use remove::Remove;
pub(super) use scan::{ScanNodes, ScanRels};
pub(super) use search::SearchPaths;
pub(super) use seek::{SeekId, SeekIndex};
pub(super) use seek_keys::{SeekComposite, SeekRels};
pub(super) use semi_join::SemiJoin;
pub(super) use set::Set;
pub(super) use shortest_path::ShortestPath;
pub(super) use sort::{Sort, TopK};
pub(super) use through_view::{ThroughView, view_of};
pub(super) use told::{OneByOne, Told};
pub(super) use trace::{Trace, trace};
pub(super) use union::Union;
pub(super) use unwind::Unwind;
pub(super) use valid::Valid;

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

    /// Hands all rows there are to `each`, in their order, until that wants no more.
    fn drain<'a>(&mut self, cx: &mut Context<'a>, each: &mut Each<'_, 'a>) -> Result<()> {
        while let Some(batch) = self.next(cx)? {
            if !each(batch, cx)? {
                break;
            }
        }
        Ok(())
    }

    /// Hands on all rows there are in groups, as far as they can be grouped where they are found. False where they are found
    /// by one thread: then nothing was done.
    fn drain_grouped<'a>(
        &mut self,
        _by: aggregate::GroupBy<'_>,
        _cx: &mut Context<'a>,
        _each: &mut aggregate::EachPart<'_, 'a>,
    ) -> Result<bool> {
        Ok(false)
    }

    /// Starts again: the argument may be another one.
    fn reset(&mut self);
}

/// What takes batches one after another, and says whether it wants more.
pub(crate) type Each<'e, 'a> = dyn FnMut(Batch, &mut Context<'a>) -> Result<bool> + 'e;

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
