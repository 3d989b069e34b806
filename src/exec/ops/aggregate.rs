//! Groups rows and computes aggregates of each group.

use super::accumulate::{Accumulator, Argument};
use super::expand_count::weight_of;
use super::group_key::Groups;
use super::handle_groups::HandleGroups;
use super::{Live, Operator, Source};
use crate::bind::bound::{self, AggregateCall, Expr, Slot};
use crate::error::Result;
use crate::exec::batch::{Batch, Column, NONE, ROWS};
use crate::exec::context::{Context, Reservation};
use crate::exec::vector::Item;
use crate::provenance::citation::NOTHING;

/// Grouping. Without keys there is one group even when there is no row.
pub(in crate::exec) struct Aggregate<'p> {
    input: Source<'p>,
    grouping: Grouping<'p>,
    live: Live<'p>,
    result: Option<(Batch, usize)>,
}

/// By what, and what of it.
struct Grouping<'p> {
    keys: Vec<Item<'p>>,
    /// The nodes that the keys say something of, and of nothing else.
    of_nodes: Option<Vec<Slot>>,
    calls: &'p [bound::Aggregate],
    arguments: Vec<Vec<Item<'p>>>,
    weight: Option<Slot>,
}

impl<'p> Aggregate<'p> {
    pub(in crate::exec) fn new(
        input: Source<'p>,
        keys: &'p [(Slot, Expr)],
        calls: &'p [bound::Aggregate],
        weight: Option<Slot>,
        live: Live<'p>,
    ) -> Self {
        let of_call = |call: &'p bound::Aggregate| match &call.call {
            AggregateCall::CountRows => Vec::new(),
            AggregateCall::Function { arguments, .. } => {
                arguments.iter().map(|argument| Item::new(Slot(NONE), argument)).collect()
            }
        };
        let of_nodes = HandleGroups::applies(keys);
        let keys = keys.iter().map(|(slot, expr)| Item::new(*slot, expr)).collect();
        let grouping = Grouping { keys, of_nodes, calls, arguments: calls.iter().map(of_call).collect(), weight };
        Self { input, grouping, live, result: None }
    }
}

impl Grouping<'_> {
    fn run(&self, input: &mut Source<'_>, cx: &mut Context<'_>) -> Result<Batch> {
        let mut groups = Groups::new(self.keys.len(), cx.meter.reservation());
        let mut accumulators = Vec::with_capacity(self.calls.len());
        for call in self.calls {
            accumulators.push(Accumulator::new(&call.call, cx));
        }
        let mut cites: Vec<u32> = Vec::new();
        let mut of_row: Vec<u32> = Vec::new();
        let mut by_handle = self.of_nodes.as_deref().and_then(|slots| HandleGroups::new(slots, cx));
        if self.keys.is_empty() {
            accumulators.iter_mut().try_for_each(|accumulator| accumulator.grow(1, &cx.meter))?;
        }
        input.drain(cx, &mut |batch, cx| {
            cx.meter.step(batch.len)?;
            let mut held = cx.meter.reservation();
            of_row.clear();
            if !self.keys.is_empty() {
                let mut keyed = |batch: &Batch, of_row: &mut Vec<u32>, cx: &mut Context<'_>| {
                    let columns = self.key_columns(batch, &mut held, cx)?;
                    groups.of_rows(&columns, batch.len, cx, |group, _| of_row.push(group))
                };
                match &mut by_handle {
                    Some(handles) if handles.pays() => handles.of_rows(&batch, &mut of_row, &mut keyed, cx)?,
                    handles => {
                        handles.iter_mut().for_each(|handles| handles.pass(batch.len));
                        keyed(&batch, &mut of_row, cx)?;
                    }
                }
                accumulators.iter_mut().try_for_each(|accumulator| accumulator.grow(groups.len(), &cx.meter))?;
            }
            self.feed(&batch, &of_row, &mut accumulators, &mut held, cx)?;
            if let Some(own) = &batch.cites {
                for (row, cite) in own.iter().enumerate() {
                    let group = of_row.get(row).map_or(0, |group| *group as usize);
                    if cites.len() <= group {
                        cites.resize(group + 1, NOTHING);
                    }
                    cites[group] = cx.citations.or(cites[group], *cite);
                }
            }
            Ok(true)
        })?;
        self.finish(groups, accumulators, cites, cx)
    }

    fn key_columns(&self, batch: &Batch, held: &mut Reservation, cx: &mut Context<'_>) -> Result<Vec<Column>> {
        let mut columns = Vec::with_capacity(self.keys.len());
        for key in &self.keys {
            columns.push(match key.column(batch, held, cx)? {
                Some(column) => column,
                None => batch.column(key.slot).cloned().unwrap_or_default(),
            });
        }
        Ok(columns)
    }

    fn feed(
        &self,
        batch: &Batch,
        groups: &[u32],
        accumulators: &mut [Accumulator],
        held: &mut Reservation,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let weights: Option<Vec<i64>> =
            self.weight.map(|slot| (0..batch.len).map(|row| weight_of(batch, slot, row)).collect());
        for (items, accumulator) in self.arguments.iter().zip(accumulators) {
            let mut columns = Vec::with_capacity(items.len());
            for item in items {
                columns.push(item.column(batch, held, cx)?.unwrap_or_default());
            }
            let argument = Argument { columns: &columns, groups, weights: weights.as_deref(), len: batch.len };
            accumulator.feed(&argument, cx)?;
        }
        Ok(())
    }

    fn finish(
        &self,
        groups: Groups,
        accumulators: Vec<Accumulator>,
        mut cites: Vec<u32>,
        cx: &mut Context<'_>,
    ) -> Result<Batch> {
        let len = if self.keys.is_empty() { 1 } else { groups.len() };
        let mut out = Batch::of_len(len);
        let (columns, memory) = groups.into_columns();
        out.hold(memory);
        for (key, column) in self.keys.iter().zip(columns) {
            out.set(key.slot, column);
        }
        for (call, accumulator) in self.calls.iter().zip(accumulators) {
            let (column, memory) = accumulator.finish(cx)?;
            out.set(call.slot, column);
            out.hold(memory);
        }
        if cx.plan.cite {
            cites.resize(len, NOTHING);
            out.cites = Some(cites);
        }
        Ok(out)
    }
}

impl Operator for Aggregate<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        if self.result.is_none() {
            self.result = Some((self.grouping.run(&mut self.input, cx)?, 0));
        }
        let Some((groups, at)) = &mut self.result else { return Ok(None) };
        let until = groups.len.min(*at + ROWS);
        if *at == until {
            return Ok(None);
        }
        if *at == 0 && until == groups.len {
            *at = until;
            let mut whole = std::mem::replace(groups, Batch::of_len(until));
            whole.keep(self.live);
            return Ok(Some(whole));
        }
        let rows: Vec<u32> = (*at as u32..until as u32).collect();
        *at = until;
        Ok(Some(groups.gather(&rows, self.live)))
    }

    fn reset(&mut self) {
        self.input.reset();
        self.result = None;
    }
}
