//! What the rows of an inner plan make together for each row: their number, whether there are any, a list.

use super::semi_join::Inner;
use super::{Live, Operator, Seat, Source};
use crate::bind::bound::{Slot, SubqueryKind};
use crate::error::Result;
use crate::exec::batch::{Batch, Column};
use crate::exec::context::Context;
use crate::plan::node::Node;
use crate::value::Value;

/// The rows of `input` with a value in `slot` that is made of the rows `inner`, which treats every row by itself, gives
/// for each.
pub(in crate::exec) struct GroupJoin<'p> {
    input: Source<'p>,
    inner: Inner<'p>,
    kind: SubqueryKind,
    output: Option<Slot>,
    slot: Slot,
    live: Live<'p>,
}

impl<'p> GroupJoin<'p> {
    pub(in crate::exec) fn new(
        (input, inner, seat): (Source<'p>, Source<'p>, Seat),
        plan: &'p Node,
        (kind, output, slot): (SubqueryKind, Option<Slot>, Slot),
        live: Live<'p>,
    ) -> Self {
        Self { input, inner: Inner::new((inner, seat), plan), kind, output, slot, live }
    }

    /// How many inner rows each row has; `once`: no more than whether there is one is asked.
    fn counts(&mut self, batch: &Batch, once: bool, cx: &mut Context<'_>) -> Result<Vec<i64>> {
        self.inner.start(batch);
        let mut counts = vec![0; batch.len];
        let mut left = batch.len;
        while let Some(found) = self.inner.plan.next(cx)? {
            cx.meter.step(found.len)?;
            for row in found.origin.iter().flatten() {
                let count: &mut i64 = &mut counts[*row as usize];
                left -= usize::from(*count == 0);
                *count += 1;
            }
            if once && left == 0 {
                break;
            }
        }
        Ok(counts)
    }

    /// The lists of what `output` holds in the inner rows of each row, in their order.
    fn lists(&mut self, batch: &mut Batch, output: Slot, cx: &mut Context<'_>) -> Result<Vec<Value>> {
        self.inner.start(batch);
        let mut lists: Vec<Vec<Value>> = vec![Vec::new(); batch.len];
        let mut held = cx.meter.reservation();
        while let Some(found) = self.inner.plan.next(cx)? {
            cx.meter.step(found.len)?;
            let graph = cx.graph();
            let mut bytes = found.len * size_of::<Value>();
            for (at, row) in found.origin.iter().flatten().enumerate() {
                let value = found.row(at).value(output, graph);
                bytes += value.heap_bytes();
                lists[*row as usize].push(value);
            }
            held.grow(bytes)?;
        }
        batch.hold(held);
        lists.into_iter().map(Value::list).collect()
    }
}

impl Operator for GroupJoin<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let Some(mut batch) = self.input.next(cx)? else { return Ok(None) };
        cx.meter.step(batch.len)?;
        let column = match (self.kind, self.output) {
            (SubqueryKind::Collect, Some(output)) => Column::Values(self.lists(&mut batch, output, cx)?),
            (SubqueryKind::Exists, _) => {
                let counts = self.counts(&batch, true, cx)?;
                Column::Values(counts.into_iter().map(|count| Value::Bool(count > 0)).collect())
            }
            _ => Column::Ints(self.counts(&batch, false, cx)?),
        };
        batch.set(self.slot, column);
        batch.keep(self.live);
        Ok(Some(batch))
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}
