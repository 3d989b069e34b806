//! Groups rows and computes aggregates of each group.

use std::sync::atomic::{AtomicBool, Ordering};

use super::accumulate::{Accumulator, Argument, merges};
use super::expand_count::weight_of;
use super::gather::{AllRows, Rows, Work};
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
    by: GroupBy<'p>,
    grouping: Grouping<'p>,
    /// The rows may be grouped where they are found.
    in_parts: bool,
    live: Live<'p>,
    result: Option<(Batch, usize)>,
}

/// By what, and what of it.
#[derive(Clone, Copy)]
pub(in crate::exec) struct GroupBy<'p> {
    pub(in crate::exec) keys: &'p [(Slot, Expr)],
    pub(in crate::exec) calls: &'p [bound::Aggregate],
    pub(in crate::exec) weight: Option<Slot>,
}

/// The rows of a share.
pub(in crate::exec) struct Part {
    /// The first of them in groups, in the order in which they are met, and how many they were.
    groups: Option<(Groups, Vec<Accumulator>)>,
    grouped: u64,
    /// Those that follow.
    rest: Rows,
}

/// What takes parts of the rows one after another, and says whether it wants more.
pub(in crate::exec) type EachPart<'e, 'a> = dyn FnMut(Part, &mut Context<'a>) -> Result<bool> + 'e;

impl Part {
    /// How many rows there were.
    pub(in crate::exec) fn rows(&self) -> u64 {
        self.grouped + self.rest.batches.iter().map(|batch| batch.len as u64).sum::<u64>()
    }
}

/// [`GroupBy`], made ready.
struct Grouping<'p> {
    keys: Vec<Item<'p>>,
    /// The nodes that the keys say something of, and of nothing else.
    of_nodes: Option<Vec<Slot>>,
    calls: &'p [bound::Aggregate],
    arguments: Vec<Vec<Item<'p>>>,
    weight: Option<Slot>,
}

/// The groups so far.
struct State<'g> {
    groups: Groups,
    accumulators: Vec<Accumulator>,
    cites: Vec<u32>,
    by_handle: Option<HandleGroups<'g>>,
    /// The groups of the rows of a batch.
    of_row: Vec<u32>,
}

impl<'p> Aggregate<'p> {
    /// `in_parts`: the input may group its rows where it finds them.
    pub(in crate::exec) fn new(input: Source<'p>, by: GroupBy<'p>, in_parts: bool, live: Live<'p>) -> Self {
        let in_parts = in_parts && by.calls.iter().all(|call| merges(&call.call));
        Self { input, by, grouping: Grouping::new(by), in_parts, live, result: None }
    }
}

/// Where there are fewer rows a group it takes longer to merge the groups of a share than to make them of its rows.
const ROWS_A_GROUP: u64 = 4;

impl<'p> GroupBy<'p> {
    /// Grouping the rows of each task by themselves.
    pub(super) fn in_parts(self) -> InParts<'p> {
        InParts { by: self, pays: AtomicBool::new(true) }
    }
}

/// Groups the rows of a task: as they are from the first on that cannot be merged, and where there are about as many groups,
/// which the first such task notes for the others.
pub(super) struct InParts<'p> {
    by: GroupBy<'p>,
    pays: AtomicBool,
}

impl Work for InParts<'_> {
    type Made = Part;

    fn all(&self, input: &mut Source<'_>, most: usize, cx: &mut Context<'_>) -> Result<Option<Part>> {
        let grouping = Grouping::new(self.by);
        let mut state = self.pays.load(Ordering::Relaxed).then(|| grouping.begin(cx)).transpose()?;
        let (mut grouped, mut rest) = (0, Rows::new(cx));
        input.drain(cx, &mut |batch, cx| {
            if rest.batches.is_empty()
                && let Some(state) = &mut state
                && grouping.take(state, &batch, true, cx)?
            {
                grouped += batch.len as u64;
                return Ok(true);
            }
            rest.push(batch)?;
            Ok(rest.fit(most))
        })?;
        let groups = state.map(|state| (state.groups, state.accumulators));
        let many = groups.as_ref().is_some_and(|(groups, _)| ROWS_A_GROUP * groups.len() as u64 > grouped);
        if many || !rest.batches.is_empty() {
            self.pays.store(false, Ordering::Relaxed);
        }
        Ok(rest.fit(most).then_some(Part { groups, grouped, rest }))
    }

    fn some(&self, batch: Batch, cx: &Context<'_>) -> Part {
        Part { groups: None, grouped: 0, rest: AllRows.some(batch, cx) }
    }
}

impl<'p> Grouping<'p> {
    fn new(GroupBy { keys, calls, weight }: GroupBy<'p>) -> Self {
        let of_call = |call: &'p bound::Aggregate| match &call.call {
            AggregateCall::CountRows => Vec::new(),
            AggregateCall::Function { arguments, .. } => {
                arguments.iter().map(|argument| Item::new(Slot(NONE), argument)).collect()
            }
        };
        let of_nodes = HandleGroups::applies(keys);
        let keys = keys.iter().map(|(slot, expr)| Item::new(*slot, expr)).collect();
        Self { keys, of_nodes, calls, arguments: calls.iter().map(of_call).collect(), weight }
    }

    fn begin(&self, cx: &Context<'_>) -> Result<State<'_>> {
        let groups = Groups::new(self.keys.len(), cx.meter.reservation());
        let mut accumulators = Vec::with_capacity(self.calls.len());
        for call in self.calls {
            accumulators.push(Accumulator::new(&call.call, cx));
        }
        if self.keys.is_empty() {
            accumulators.iter_mut().try_for_each(|accumulator| accumulator.grow(1, &cx.meter))?;
        }
        let by_handle = self.of_nodes.as_deref().and_then(|slots| HandleGroups::new(slots, cx));
        Ok(State { groups, accumulators, cites: Vec::new(), by_handle, of_row: Vec::new() })
    }

    /// Takes the rows of a batch. False when they had to be such as can be merged, and are not.
    fn take(&self, state: &mut State<'_>, batch: &Batch, to_merge: bool, cx: &mut Context<'_>) -> Result<bool> {
        cx.meter.step(batch.len)?;
        let State { groups, accumulators, cites, by_handle, of_row } = state;
        let mut held = cx.meter.reservation();
        of_row.clear();
        if !self.keys.is_empty() {
            let mut keyed = |batch: &Batch, of_row: &mut Vec<u32>, cx: &mut Context<'_>| {
                let columns = self.key_columns(batch, &mut held, cx)?;
                groups.of_rows(&columns, batch.len, cx, |group, _| of_row.push(group))
            };
            match by_handle {
                Some(handles) if handles.pays() => handles.of_rows(batch, of_row, &mut keyed, cx)?,
                handles => {
                    handles.iter_mut().for_each(|handles| handles.pass(batch.len));
                    keyed(batch, of_row, cx)?;
                }
            }
            accumulators.iter_mut().try_for_each(|accumulator| accumulator.grow(groups.len(), &cx.meter))?;
        }
        let arguments = self.arguments(batch, &mut held, cx)?;
        let exact = |(accumulator, columns): (&Accumulator, &Vec<Column>)| accumulator.is_exact(columns);
        if to_merge && !accumulators.iter().zip(&arguments).all(exact) {
            return Ok(false);
        }
        self.feed(batch, of_row, accumulators, &arguments, cx)?;
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
    }

    /// Takes the next part of the rows.
    fn take_part(&self, state: &mut State<'_>, part: Part, cx: &mut Context<'_>) -> Result<()> {
        if let Some((groups, accumulators)) = part.groups {
            state.of_row.clear();
            if !self.keys.is_empty() {
                let len = groups.len();
                let (columns, _held) = groups.into_columns();
                state.groups.of_rows(&columns, len, cx, |group, _| state.of_row.push(group))?;
                let len = state.groups.len();
                state.accumulators.iter_mut().try_for_each(|accumulator| accumulator.grow(len, &cx.meter))?;
            }
            for (accumulator, after) in state.accumulators.iter_mut().zip(accumulators) {
                accumulator.merge(after, &state.of_row, cx)?;
            }
        }
        part.rest.batches.iter().try_for_each(|batch| self.take(state, batch, false, cx).map(|_| ()))
    }

    fn run(&self, in_parts: Option<GroupBy<'_>>, input: &mut Source<'_>, cx: &mut Context<'_>) -> Result<Batch> {
        let mut state = self.begin(cx)?;
        let done = match in_parts {
            Some(by) => {
                input.drain_grouped(by, cx, &mut |part, cx| self.take_part(&mut state, part, cx).map(|()| true))?
            }
            None => false,
        };
        if !done {
            input.drain(cx, &mut |batch, cx| self.take(&mut state, &batch, false, cx))?;
        }
        self.finish(state.groups, state.accumulators, state.cites, cx)
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

    /// What the aggregates take of a batch.
    fn arguments(&self, batch: &Batch, held: &mut Reservation, cx: &mut Context<'_>) -> Result<Vec<Vec<Column>>> {
        let mut all = Vec::with_capacity(self.arguments.len());
        for items in &self.arguments {
            let mut columns = Vec::with_capacity(items.len());
            for item in items {
                columns.push(item.column(batch, held, cx)?.unwrap_or_default());
            }
            all.push(columns);
        }
        Ok(all)
    }

    fn feed(
        &self,
        batch: &Batch,
        groups: &[u32],
        accumulators: &mut [Accumulator],
        arguments: &[Vec<Column>],
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let weights: Option<Vec<i64>> =
            self.weight.map(|slot| (0..batch.len).map(|row| weight_of(batch, slot, row)).collect());
        for (columns, accumulator) in arguments.iter().zip(accumulators) {
            let argument = Argument { columns, groups, weights: weights.as_deref(), len: batch.len };
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
            let in_parts = self.in_parts.then_some(self.by);
            self.result = Some((self.grouping.run(in_parts, &mut self.input, cx)?, 0));
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
