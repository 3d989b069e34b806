//! A chain of operators over one scan, worked on by several threads: each takes shares of the slots that are scanned.

use super::aggregate::{EachPart, GroupBy};
use super::gather::{AllRows, Chain, Rows, Take, Task, Work, threads};
use super::{Each, Operator, Seat, Source};
use crate::error::Result;
use crate::exec::batch::{Batch, ROWS};
use crate::exec::context::Context;
use crate::graph::Graph;
use crate::plan::node::{Node, Op, Seek};

/// Shares a thread takes, about: enough for one that is slow not to keep the others waiting at the end.
const SHARES_A_THREAD: usize = 8;
/// Most slots of a share: what it gives is held until it is its turn. Of groups there are fewer than of rows.
const LARGEST_SHARE: usize = 1 << 13;
const LARGEST_GROUPED: usize = 1 << 16;
/// Fewest nodes of a share.
const SMALLEST: usize = 64;

/// The rows of a chain, found by several threads when they are drained.
pub(in crate::exec) struct Parallel<'p>(Chain<'p>);

impl<'p> Parallel<'p> {
    /// Of the chain that was built from `node`, the operator of that number.
    pub(in crate::exec) fn new(input: Source<'p>, node: &'p Node, number: usize) -> Self {
        Self(Chain { input, seat: Seat::default(), node, number })
    }

    /// Hands what `work` makes of each share to `take`. False when there is nobody to share with: then nothing was done.
    fn share<'a, W: Work>(
        &mut self,
        largest: usize,
        work: &W,
        cx: &mut Context<'a>,
        take: &mut Take<'_, 'a, W::Made>,
    ) -> Result<bool> {
        let most = threads(cx);
        let ends = if most > 1 { ends(self.0.node, largest, most * SHARES_A_THREAD, cx.graph()) } else { Vec::new() };
        let others = most.min(ends.len()).saturating_sub(1);
        if others == 0 {
            return Ok(false);
        }
        let (mut from, mut ends) = (0, ends.into_iter());
        let mut next = |_: &mut Context<'a>| {
            let share = ends.next().map(|end| from..end);
            share.iter().for_each(|share| from = share.end);
            Ok(share.map(Task::Share))
        };
        self.0.run(&mut next, others, work, cx, take).map(|()| true)
    }
}

/// Where the shares of the scan at the bottom of a chain end. Nodes of one label mostly stand together: each share has as many
/// of them as another.
fn ends(chain: &Node, largest: usize, count: usize, graph: &Graph) -> Vec<u32> {
    let bound = graph.node_bound();
    let label = scanned(chain).and_then(|label| graph.label(label));
    let Some(label) = label.filter(|label| graph.label_count(*label) < u64::from(bound) / 2) else {
        let size = (bound as usize / count).clamp(ROWS, largest);
        return (0..bound).step_by(size).skip(1).chain([bound]).collect();
    };
    let size = (graph.label_count(label) as usize / count).clamp(SMALLEST, largest);
    let (mut ends, mut nodes, mut cursor) = (Vec::new(), Vec::with_capacity(size), Some(0));
    while let Some(at) = cursor {
        nodes.clear();
        cursor = graph.scan_label(label, at, &mut nodes, size);
        ends.push(cursor.unwrap_or(bound));
    }
    ends
}

/// The label whose nodes are scanned at the bottom of a chain.
fn scanned(node: &Node) -> Option<&str> {
    match &node.op {
        Op::ScanLabel { label, .. } | Op::SeekIndex { label, seek: Seek::Range { .. }, .. } => Some(label),
        op => op.inputs().first().and_then(|input| scanned(input)),
    }
}

impl Operator for Parallel<'_> {
    // whoever asks for some rows gets them from one thread
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        self.0.input.next(cx)
    }

    fn drain<'a>(&mut self, cx: &mut Context<'a>, each: &mut Each<'_, 'a>) -> Result<()> {
        let shared = self.share(LARGEST_SHARE, &AllRows, cx, &mut |rows, cx| hand_on(rows, cx, each))?;
        if shared { Ok(()) } else { self.0.input.drain(cx, each) }
    }

    fn drain_grouped<'a>(
        &mut self,
        by: GroupBy<'_>,
        cx: &mut Context<'a>,
        each: &mut EachPart<'_, 'a>,
    ) -> Result<bool> {
        self.share(LARGEST_GROUPED, &by.in_parts(), cx, each)
    }

    fn reset(&mut self) {
        self.0.input.reset();
    }
}

/// Hands rows on one batch after the other; whether more are wanted.
pub(super) fn hand_on<'a>(mut rows: Rows, cx: &mut Context<'a>, each: &mut Each<'_, 'a>) -> Result<bool> {
    for batch in std::mem::take(&mut rows.batches) {
        if !each(batch, cx)? {
            return Ok(false);
        }
    }
    Ok(true)
}
