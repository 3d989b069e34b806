//! How many neighbours a node has, multiplied into a running weight instead of making rows of them.

use super::{Live, Operator, Source};
use crate::bind::bound::Slot;
use crate::error::{Code, Error, Result};
use crate::exec::batch::{Batch, Column, Row};
use crate::exec::context::Context;
use crate::exec::names::{Types, dir};
use crate::graph::Graph;
use crate::plan::node::{Hop, Towards};
use crate::value::{NodeRef, RelRef, Value};

/// Multiplies `weight` by the degree of `hop.from`; rows of degree 0 go.
pub(in crate::exec) struct ExpandCount<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) hop: &'p Hop,
    pub(in crate::exec) types: Types<'p>,
    pub(in crate::exec) weight: Slot,
    /// The weight begins here.
    pub(in crate::exec) fresh: bool,
    pub(in crate::exec) live: Live<'p>,
}

impl ExpandCount<'_> {
    fn weigh(&mut self, batch: &Batch, cx: &Context<'_>) -> Result<(Vec<u32>, Vec<i64>)> {
        let graph = cx.graph();
        let (mut rows, mut weights) = (Vec::with_capacity(batch.len), Vec::with_capacity(batch.len));
        if self.types.is_none() {
            return Ok((rows, weights));
        }
        let direction = dir(self.hop.towards);
        for index in 0..batch.len {
            let row = batch.row(index);
            let Some(node) = row.node(self.hop.from) else { continue };
            let mut degree = graph.degree(node, direction, self.types.ids());
            if !self.hop.differs.is_empty() {
                degree = degree.saturating_sub(self.excluded(node, row, graph));
            }
            if degree == 0 {
                continue;
            }
            let before = if self.fresh { 1 } else { weight_of(batch, self.weight, index) };
            let weight = i64::try_from(degree).ok().and_then(|degree| before.checked_mul(degree)).ok_or_else(|| {
                Error::arithmetic(Code::IntegerOverflow, "the number of matches does not fit into 64 bits")
            })?;
            rows.push(index as u32);
            weights.push(weight);
        }
        cx.meter.step(batch.len)?;
        Ok((rows, weights))
    }

    /// How many of the relationships that must not be taken again are counted in the degree.
    fn excluded(&self, node: NodeRef, row: Row<'_>, graph: &Graph) -> u64 {
        let mut rels = Vec::new();
        for slot in &self.hop.differs {
            collect_rels(&row.value(*slot, graph), &mut rels);
        }
        rels.sort_unstable();
        rels.dedup();
        let counted = |rel: &&RelRef| {
            let ends = graph.rel(**rel);
            self.types.fits(ends.ty)
                && match self.hop.towards {
                    Towards::Out => ends.start == node,
                    Towards::In => ends.end == node,
                    Towards::Both => ends.start == node || ends.end == node,
                }
        };
        rels.iter().filter(counted).count() as u64
    }
}

fn collect_rels(value: &Value, rels: &mut Vec<RelRef>) {
    match value {
        Value::Rel(rel) => rels.push(*rel),
        Value::List(list) => list.iter().for_each(|item| collect_rels(item, rels)),
        _ => {}
    }
}

/// The weight of a row; 1 where nothing has weighed it.
pub(super) fn weight_of(batch: &Batch, slot: Slot, row: usize) -> i64 {
    match batch.column(slot) {
        Some(Column::Ints(weights)) => weights[row],
        Some(Column::Const(Value::Int(weight))) => *weight,
        Some(Column::Values(values)) => match values[row] {
            Value::Int(weight) => weight,
            _ => 1,
        },
        _ => 1,
    }
}

impl Operator for ExpandCount<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        while let Some(mut batch) = self.input.next(cx)? {
            self.types.resolve(cx.graph());
            let (rows, weights) = self.weigh(&batch, cx)?;
            if rows.is_empty() {
                continue;
            }
            batch.clear(self.weight);
            if rows.len() == batch.len {
                batch.keep(self.live);
            } else {
                batch = batch.gather(&rows, self.live);
            }
            batch.set(self.weight, Column::Ints(weights));
            return Ok(Some(batch));
        }
        Ok(None)
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}
