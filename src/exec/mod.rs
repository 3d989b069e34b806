//! Runs a plan: batches of typed columns pulled through one operator per plan node.
//!
//! ```text
//!   Plan ──build──► operators ──next──► batches ──► ResultTable (typed columns until the edge)
//!                        │
//!                        └─ eval/   expressions on a row      vector/  the same over whole columns
//! ```
//!
//! Limits are part of it (`meter.rs`): every loop that can run long polls time, cancellation and memory, and whatever is
//! about to take much at once asks before. The operators see the graph only through
//! [`crate::graph::Graph`] and know nothing of files, names or text.

pub(crate) mod batch;
mod build;
pub(crate) mod context;
pub(crate) mod eval;
mod list_sets;
mod meter;
mod names;
mod ops;
pub(crate) mod profile;
pub(crate) mod table;
mod transient;
mod vector;
pub(crate) mod view;

pub(crate) use context::{Changes, GraphAccess, Knowledge, Remark};
pub(crate) use meter::Allowance;
pub(crate) use table::{ResultTable, Traced};

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use batch::Batch;
use context::{Context, Disputed};
use profile::Profile;

use crate::error::{Result, Span};
use crate::graph::Graph;
use crate::plan::node::Plan;
use crate::provenance::citation::Citations;
use crate::provenance::{Telling, Views};
use crate::value::Value;

/// What running a plan gives.
#[derive(Debug)]
pub(crate) struct Answer<'p> {
    pub(crate) table: ResultTable<'p>,
    /// What the numbers in `table.cites` mean.
    pub(crate) citations: Citations,
    /// What the numbers in handles mean.
    pub(crate) views: Views,
    pub(crate) rest: Rest,
}

/// What is known of an answer when its last row is.
#[derive(Debug)]
pub(crate) struct Rest {
    /// The keys read of facts that are in dispute under them, each with the place of one read.
    pub(crate) disputed: Disputed,
    pub(crate) changes: Changes,
    /// What each operator did, when asked for.
    pub(crate) profile: Option<Profile>,
    /// What it tells of the evidence, yet to be done, with the places that say so.
    pub(crate) tellings: Vec<(Telling, Span)>,
    /// What the reader should know of the answer.
    pub(crate) remarks: Vec<Remark>,
    /// What a statement that is a TRACE and nothing else has traced.
    pub(crate) lineage: Option<Box<Traced>>,
}

/// Runs a plan to its end with `params` (aligned with `plan.params`). The graph keeps what a failing statement
/// has written: the caller rolls back.
/// Errors: whatever an expression or operator raises; `LimitExceeded`; `Cancelled`; `ReadOnly`.
pub(crate) fn execute<'p>(
    graph: GraphAccess<'_>,
    knowledge: Knowledge<'_>,
    plan: &'p Plan,
    params: &[Value],
    allowance: &Allowance,
    profile: bool,
) -> Result<Answer<'p>> {
    let mut cx = Context::new(graph, knowledge, plan, params, allowance);
    cx.profile = profile.then(Profile::default);
    let mut table = ResultTable::new(plan);
    stream(&mut cx, |batch, cx| table.take(batch, cx))?;
    let (citations, views) = (std::mem::take(&mut cx.citations), cx.views.take());
    let mut rest = cx.rest();
    if let Some(traced) = &mut rest.lineage {
        traced.kept = table.take_steps();
    }
    Ok(Answer { table, citations, views, rest })
}

/// Runs a plan that reads, handing its rows to `each` as they are made, a batch at a time, with what the numbers in their
/// citations and handles mean. `stop`: whoever set it wants no more. Errors: as [`execute`]; the first of `each`.
pub(crate) fn hand_over(
    (graph, knowledge): (&Graph, Knowledge<'_>),
    plan: &Plan,
    params: &[Value],
    (allowance, stop): (&Allowance, Arc<AtomicBool>),
    profile: bool,
    mut each: impl FnMut(ResultTable<'_>, &Citations, &Views) -> Result<()>,
) -> Result<Rest> {
    let mut cx = Context::new(GraphAccess::Read(graph), knowledge, plan, params, allowance);
    cx.meter.stopped_by(stop);
    cx.profile = profile.then(Profile::default);
    stream(&mut cx, |batch, cx| {
        let mut table = ResultTable::new(plan);
        table.take(batch, cx)?;
        each(table, &cx.citations, &cx.views.borrow())?;
        cx.meter.handed_over();
        Ok(())
    })?;
    Ok(cx.rest())
}

/// Runs the plan of `cx`, handing every batch of the answer to `each` as it is made.
pub(crate) fn stream<'a>(
    cx: &mut Context<'a>,
    mut each: impl FnMut(Batch, &mut Context<'a>) -> Result<()>,
) -> Result<()> {
    cx.meter.begin()?;
    let mut root = build::build_root(cx)?;
    while let Some(batch) = root.next(cx)? {
        cx.meter.step(batch.len)?;
        if cx.plan.columns.is_empty() {
            continue;
        }
        cx.count_rows(batch.len)?;
        each(batch, cx)?;
    }
    ops::delete::judge(cx)
}

impl Context<'_> {
    /// What is left of a statement that has run to its end.
    fn rest(&mut self) -> Rest {
        use std::mem::take;
        let noted = |noted: &Arc<Mutex<Disputed>>| take(&mut *noted.lock().unwrap_or_else(PoisonError::into_inner));
        Rest {
            disputed: self.disputed.get().map_or_else(Disputed::new, noted),
            changes: self.changes,
            profile: self.profile.take(),
            tellings: take(&mut self.tellings),
            remarks: take(&mut self.remarks),
            lineage: self.lineage.take(),
        }
    }
}
