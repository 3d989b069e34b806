//! Runs a plan: batches of typed columns pulled through one operator per plan node.
//!
//! ```text
//!   Plan ──build──► operators ──next──► batches ──► ResultTable (typed columns until the edge)
//!                        │
//!                        └─ eval/   expressions on a row      vector/  the same over whole columns
//! ```
//!
//! Limits are part of it: every loop that can run long polls time and cancellation, every buffer takes
//! its bytes from the statement's memory. The operators see the graph only through
//! [`crate::graph::Graph`] and know nothing of files, names or text.

pub(crate) mod batch;
mod build;
pub(crate) mod context;
pub(crate) mod eval;
mod list_sets;
mod names;
mod ops;
pub(crate) mod profile;
pub(crate) mod table;
mod transient;
mod vector;
pub(crate) mod view;

pub use context::Limits;
pub(crate) use context::{Changes, GraphAccess, Knowledge, Remark};
pub(crate) use table::{ResultTable, Traced};

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use batch::Batch;
use context::Context;
use profile::Profile;

use crate::error::{Result, Span};
use crate::plan::node::Plan;
use crate::provenance::Views;
use crate::provenance::citation::Citations;
use crate::value::Value;

/// What running a plan gives.
#[derive(Debug)]
pub(crate) struct Answer<'p> {
    pub(crate) table: ResultTable<'p>,
    /// What the numbers in `table.cites` mean.
    pub(crate) citations: Citations,
    /// What the numbers in handles mean.
    pub(crate) views: Views,
    /// The keys read of facts that are in dispute under them, each with the place of one read.
    pub(crate) disputed: BTreeMap<Arc<str>, Span>,
    pub(crate) changes: Changes,
    /// Rows and calls per operator, when asked for.
    pub(crate) profile: Option<Profile>,
    /// What the reader should know of the answer.
    pub(crate) remarks: Vec<Remark>,
    /// What a statement that is a TRACE and nothing else has traced.
    pub(crate) lineage: Option<Traced>,
}

/// Runs a plan to its end with `params` (aligned with `plan.params`). The graph keeps what a failing statement
/// has written: the caller rolls back.
/// Errors: whatever an expression or operator raises; `LimitExceeded`; `Cancelled`; `ReadOnly`.
pub(crate) fn execute<'p>(
    graph: GraphAccess<'_>,
    knowledge: Knowledge<'_>,
    plan: &'p Plan,
    params: &[Value],
    limits: &Limits,
    profile: bool,
) -> Result<Answer<'p>> {
    let mut cx = Context::new(graph, knowledge, plan, params, limits);
    cx.profile = profile.then(Profile::default);
    let mut table = ResultTable::new(plan);
    stream(&mut cx, |batch, cx| table.take(batch, cx))?;
    let views = cx.views.into_inner();
    let disputed = std::mem::take(&mut *cx.disputed.lock().unwrap_or_else(PoisonError::into_inner));
    let (citations, changes, profile, remarks) = (cx.citations, cx.changes, cx.profile, cx.remarks);
    let lineage = cx.lineage.map(|traced| Traced { kept: table.take_steps(), ..traced });
    Ok(Answer { table, citations, views, disputed, changes, profile, remarks, lineage })
}

/// Runs the plan of `cx`, handing every batch of the answer to `each` as it is made.
pub(crate) fn stream<'a>(
    cx: &mut Context<'a>,
    mut each: impl FnMut(Batch, &mut Context<'a>) -> Result<()>,
) -> Result<()> {
    cx.meter.look()?;
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
