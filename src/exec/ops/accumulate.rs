//! The state of one aggregate over all groups, fed a batch at a time.
//!
//! `count` and `sum` of integers run on typed columns; everything else is the accumulators of the function
//! table, one per group. DISTINCT keeps a set of (group, value) pairs in front of the state.

use rustc_hash::FxHashSet;

use super::group_key::Groups;
use crate::bind::bound::AggregateCall;
use crate::error::{Code, Error, Result, Span};
use crate::exec::batch::{Column, NONE, doubled};
use crate::exec::context::{Context, Meter, Reservation};
use crate::exec::vector::narrowed;
use crate::function::{self, Aggregation, Body};
use crate::value::Value;
use crate::value::hash::DataSet;

/// What a batch gives an aggregate.
pub(super) struct Argument<'b> {
    pub(super) columns: &'b [Column],
    /// The group of each row; empty when there is only one.
    pub(super) groups: &'b [u32],
    /// How many rows each row stands for.
    pub(super) weights: Option<&'b [i64]>,
    pub(super) len: usize,
}

/// One aggregate.
pub(super) struct Accumulator {
    state: State,
    distinct: Option<Seen>,
    span: Span,
    memory: Reservation,
}

/// Whether parts of the rows can be given to accumulators of their own, to be merged in the order of the rows.
pub(super) fn merges(call: &AggregateCall) -> bool {
    match call {
        AggregateCall::CountRows => true,
        AggregateCall::Function { function, distinct, .. } => {
            !distinct && matches!(function.body, Body::Aggregate(aggregation) if aggregation.merges())
        }
    }
}

/// What DISTINCT has let through: numbers and handles by themselves, everything else by hash of its value.
struct Seen {
    ints: DataSet<(u32, i64)>,
    /// Integers of the first group that are small, once there are many.
    small: Option<Bits>,
    /// Group and handle in one number.
    nodes: FxHashSet<u64>,
    rels: FxHashSet<u64>,
    others: Groups,
}

/// Numbers below this are a bit each; so many bits take 128 KB.
const SMALL: usize = 1 << 20;
/// So many numbers are worth that room: to clear it takes longer than to hash a few.
const MANY: usize = 1024;

fn as_small(n: i64) -> Option<usize> {
    usize::try_from(n).ok().filter(|n| *n < SMALL)
}

/// A set of small numbers.
#[derive(Default)]
struct Bits(Vec<u64>);

impl Bits {
    /// Whether `n` was not there.
    #[inline]
    fn insert(&mut self, n: usize) -> bool {
        let (word, bit) = (n / 64, 1 << (n % 64));
        if self.0.len() <= word {
            self.0.resize((word + 1).next_power_of_two(), 0);
        }
        let fresh = self.0[word] & bit == 0;
        self.0[word] |= bit;
        fresh
    }
}

/// A handle in its group.
#[inline]
fn paired(group: u32, handle: u32) -> u64 {
    u64::from(group) << 32 | u64::from(handle)
}

enum State {
    CountRows(Vec<i64>),
    Count(Vec<i64>),
    /// Integers of typed columns apart (nothing: there was none yet), whatever else comes in the accumulators.
    Sum(Vec<Option<i128>>, Vec<function::Accumulator>),
    Other(Aggregation, Vec<function::Accumulator>),
}

impl Accumulator {
    pub(super) fn new(call: &AggregateCall, cx: &Context<'_>) -> Self {
        let memory = cx.meter.reservation();
        let AggregateCall::Function { function, distinct, span, .. } = call else {
            let (state, span) = (State::CountRows(Vec::new()), Span::default());
            return Self { state, distinct: None, span, memory };
        };
        let state = match function.body {
            Body::Aggregate(Aggregation::Count) => State::Count(Vec::new()),
            Body::Aggregate(Aggregation::Sum) => State::Sum(Vec::new(), Vec::new()),
            Body::Aggregate(other) => State::Other(other, Vec::new()),
            // the binder lets no other function stand here
            Body::Scalar(_) => State::Count(Vec::new()),
        };
        let distinct = distinct.then(|| Seen {
            ints: DataSet::default(),
            small: None,
            nodes: FxHashSet::default(),
            rels: FxHashSet::default(),
            others: Groups::new(2, cx.meter.reservation()),
        });
        Self { state, distinct, span: *span, memory }
    }

    /// Bytes of the blocks that are made when there are so many groups.
    fn growth(&self, groups: usize) -> usize {
        let cells = |len: usize, room: usize, cell: usize| doubled(len, room, groups.saturating_sub(len)) * cell;
        match &self.state {
            State::CountRows(counts) | State::Count(counts) => cells(counts.len(), counts.capacity(), 8),
            State::Sum(ints, others) => {
                cells(ints.len(), ints.capacity(), 32)
                    + cells(others.len(), others.capacity(), size_of::<function::Accumulator>())
            }
            State::Other(_, states) => cells(states.len(), states.capacity(), size_of::<function::Accumulator>()),
        }
    }

    /// Makes room for `groups` groups. Errors: `LimitExceeded / Memory`.
    pub(super) fn grow(&mut self, groups: usize, meter: &Meter) -> Result<()> {
        meter.weigh(self.growth(groups))?;
        let (had, state) = match &mut self.state {
            State::CountRows(counts) | State::Count(counts) => {
                let had = counts.len();
                counts.resize(groups, 0);
                (had, 8)
            }
            State::Sum(ints, others) => {
                let had = ints.len();
                ints.resize(groups, None);
                others.resize_with(groups, || function::Accumulator::new(Aggregation::Sum));
                (had, 32 + size_of::<function::Accumulator>())
            }
            State::Other(aggregation, states) => {
                let had = states.len();
                states.resize_with(groups, || function::Accumulator::new(*aggregation));
                (had, size_of::<function::Accumulator>())
            }
        };
        self.memory.grow(groups.saturating_sub(had) * state)
    }

    /// Whether the order does not matter in which these are taken, where [`merges`] says that it may not: sums of floats depend
    /// on it.
    pub(super) fn is_exact(&self, columns: &[Column]) -> bool {
        let adds = matches!(self.state, State::Sum(..) | State::Other(Aggregation::Avg, _));
        let is_int = |value: &Value| matches!(value, Value::Int(_) | Value::Null);
        !adds
            || match columns.first() {
                Some(Column::Ints(_)) | None => true,
                Some(Column::Values(values)) => values.iter().all(is_int),
                Some(Column::Const(value)) => is_int(value),
                Some(_) => false,
            }
    }

    /// Takes what another one has taken of the rows that follow; `groups` are the groups of its own. Both are of a call that
    /// [`merges`], and what the other one has taken was exact.
    pub(super) fn merge(&mut self, after: Self, groups: &[u32], cx: &Context<'_>) -> Result<()> {
        let group = |own: usize| groups.get(own).map_or(0, |group| *group as usize);
        let span = self.span;
        match (&mut self.state, after.state) {
            (State::CountRows(counts), State::CountRows(more)) | (State::Count(counts), State::Count(more)) => {
                cx.meter.step(more.len())?;
                more.into_iter().enumerate().try_for_each(|(own, count)| add(&mut counts[group(own)], count))
            }
            (State::Sum(sums, others), State::Sum(more, rest)) => {
                cx.meter.step(more.len())?;
                for (own, (sum, other)) in more.into_iter().zip(rest).enumerate() {
                    if let Some(sum) = sum {
                        *sums[group(own)].get_or_insert(0) += sum;
                    }
                    others[group(own)].merge(other).map_err(|e| e.at(span))?;
                }
                Ok(())
            }
            (State::Other(_, states), State::Other(_, more)) => {
                cx.meter.step(more.len())?;
                let merge = |(own, state)| states[group(own)].merge(state).map_err(|e| e.at(span));
                more.into_iter().enumerate().try_for_each(merge)
            }
            // both are of one call
            _ => Ok(()),
        }
    }

    /// Takes the rows of a batch.
    pub(super) fn feed(&mut self, argument: &Argument<'_>, cx: &mut Context<'_>) -> Result<()> {
        if let State::CountRows(counts) = &mut self.state {
            return count_rows(counts, argument);
        }
        let Some(column) = argument.columns.first() else { return Ok(()) };
        if self.distinct.is_some() {
            return self.feed_distinct(column, argument, cx);
        }
        match (&mut self.state, column) {
            (State::Count(counts), column) => count_present(counts, column, argument),
            (State::Sum(sums, _), Column::Ints(ints)) => {
                for (row, n) in ints.iter().enumerate() {
                    let weighted = i128::from(*n) * i128::from(argument.weight(row));
                    *sums[argument.group(row)].get_or_insert(0) += weighted;
                }
                Ok(())
            }
            (State::Other(aggregation, states), Column::Ints(ints)) if keeps_nothing(*aggregation) => {
                cx.meter.step(argument.len)?;
                let span = self.span;
                ints.iter().enumerate().try_for_each(|(row, n)| {
                    let times = times(*aggregation, argument.weight(row));
                    states[argument.group(row)].add_int(*n, times).map_err(|e| e.at(span))
                })
            }
            (State::Other(aggregation, states), Column::Floats(floats)) if keeps_nothing(*aggregation) => {
                cx.meter.step(argument.len)?;
                let span = self.span;
                floats.iter().enumerate().try_for_each(|(row, x)| {
                    let times = times(*aggregation, argument.weight(row));
                    states[argument.group(row)].add_float(*x, times).map_err(|e| e.at(span))
                })
            }
            (State::Other(Aggregation::Collect, states), column) if argument.weights.is_none() => {
                let (graph, mut bytes) = (cx.graph(), 0);
                cx.meter.step(argument.len)?;
                for row in 0..argument.len {
                    let value = column.value(row, graph);
                    if !value.is_null() {
                        bytes += kept(Aggregation::Collect, &value);
                        states[argument.group(row)].keep(value, &cx.meter).map_err(|e| e.at(self.span))?;
                    }
                }
                self.memory.grow(bytes)
            }
            (State::Sum(_, others), Column::Floats(floats)) => {
                cx.meter.step(argument.len)?;
                let span = self.span;
                floats.iter().enumerate().try_for_each(|(row, x)| {
                    others[argument.group(row)].add_float(*x, argument.weight(row)).map_err(|e| e.at(span))
                })
            }
            _ => (0..argument.len).try_for_each(|row| self.take(row, argument, argument.weight(row), cx)),
        }
    }

    fn feed_distinct(&mut self, column: &Column, argument: &Argument<'_>, cx: &mut Context<'_>) -> Result<()> {
        let Some(mut seen) = self.distinct.take() else { return Ok(()) };
        let fresh = seen.fresh(column, argument, cx);
        self.distinct = Some(seen);
        let fresh = fresh?;
        cx.meter.step(argument.len)?;
        self.memory.grow(fresh.len() * 16)?;
        if let (State::Count(counts), Column::Ints(_) | Column::Nodes(_) | Column::Rels(_)) = (&mut self.state, column)
        {
            return fresh.iter().try_for_each(|row| add(&mut counts[argument.group(*row as usize)], 1));
        }
        fresh.into_iter().try_for_each(|row| self.take(row as usize, argument, 1, cx))
    }

    /// Takes one row that stands for `weight` rows.
    fn take(&mut self, row: usize, argument: &Argument<'_>, weight: i64, cx: &Context<'_>) -> Result<()> {
        let group = argument.group(row);
        let column = &argument.columns[0];
        if let State::Count(counts) = &mut self.state {
            return if column.is_null(row) { Ok(()) } else { add(&mut counts[group], weight) };
        }
        let graph = cx.graph();
        let first = column.value(row, graph);
        let second = argument.columns.get(1).map_or(Value::Null, |column| column.value(row, graph));
        let values = [first, second];
        let values = &values[..argument.columns.len().min(2)];
        let (state, keeps, times) = match &mut self.state {
            State::CountRows(_) | State::Count(_) => return Ok(()),
            State::Sum(_, others) => (&mut others[group], 0, weight),
            State::Other(aggregation, states) => {
                (&mut states[group], kept(*aggregation, &values[0]), times(*aggregation, weight))
            }
        };
        for _ in 0..times {
            cx.meter.step(1)?;
            self.memory.grow(keeps)?;
            state.add(values, &cx.meter).map_err(|e| e.at(self.span))?;
        }
        Ok(())
    }

    /// The aggregates of all groups, and the memory they hold.
    pub(super) fn finish(self, cx: &Context<'_>) -> Result<(Column, Reservation)> {
        let span = self.span;
        let finished = |state: function::Accumulator| {
            cx.meter.step(1)?;
            state.finish().map_err(|e| e.at(span))
        };
        let column = match self.state {
            State::CountRows(counts) | State::Count(counts) => Column::Ints(counts),
            State::Other(_, states) => narrowed(states.into_iter().map(finished).collect::<Result<_>>()?),
            State::Sum(ints, others) => {
                let mut sums = Vec::with_capacity(ints.len());
                for (int, mut other) in ints.into_iter().zip(others) {
                    if let Some(int) = int {
                        other.add_exactly(int).map_err(|e| e.at(span))?;
                    }
                    sums.push(finished(other)?);
                }
                narrowed(sums)
            }
        };
        Ok((column, self.memory))
    }
}

impl Seen {
    /// Whether the integer is new in its group.
    #[inline]
    fn is_fresh(&mut self, group: u32, n: i64) -> bool {
        if let (0, Some(small), Some(n)) = (group, &mut self.small, as_small(n)) {
            return small.insert(n);
        }
        let fresh = self.ints.insert((group, n));
        if fresh && self.small.is_none() && self.ints.len() == MANY {
            let mut small = Bits::default();
            self.ints.retain(|(group, n)| match as_small(*n).filter(|_| *group == 0) {
                Some(n) => !small.insert(n),
                None => true,
            });
            self.small = Some(small);
        }
        fresh
    }

    /// The rows whose value is new in their group.
    fn fresh(&mut self, column: &Column, argument: &Argument<'_>, cx: &Context<'_>) -> Result<Vec<u32>> {
        let group = |row: usize| argument.group(row) as u32;
        let mut fresh = Vec::with_capacity(argument.len);
        let (ints, nodes) = (self.ints.capacity(), self.nodes.capacity());
        match column {
            Column::Nodes(_) => cx.meter.weigh(doubled(self.nodes.len(), nodes, argument.len) * 12)?,
            _ => cx.meter.weigh(doubled(self.ints.len(), ints, argument.len) * 20)?,
        }
        match column {
            Column::Ints(ints) => {
                if self.ints.is_empty() && self.small.is_none() {
                    self.ints.reserve(ints.len().min(MANY)); // to grow from nothing hashes everything several times
                }
                let rows = ints.iter().enumerate().filter(|(row, n)| self.is_fresh(group(*row), **n));
                fresh.extend(rows.map(|(row, _)| row as u32));
            }
            Column::Nodes(handles) | Column::Rels(handles) => {
                let known = if matches!(column, Column::Nodes(_)) { &mut self.nodes } else { &mut self.rels };
                let there = handles.iter().enumerate().filter(|(_, handle)| **handle != NONE);
                let rows = there.filter(|(row, handle)| known.insert(paired(group(*row), **handle)));
                fresh.extend(rows.map(|(row, _)| row as u32));
            }
            column => {
                let graph = cx.graph();
                let mut rest: Vec<u32> = Vec::new();
                for row in 0..argument.len {
                    match column.value(row, graph) {
                        // the same numbers and nodes may have come in a typed column before
                        Value::Int(n) if !self.is_fresh(group(row), n) => {}
                        Value::Node(node) if !self.nodes.insert(paired(group(row), node.0)) => {}
                        Value::Rel(rel) if !self.rels.insert(paired(group(row), rel.0)) => {}
                        Value::Int(_) | Value::Node(_) | Value::Rel(_) => fresh.push(row as u32),
                        // a float that is a whole number is that integer, however large
                        Value::Null => {}
                        Value::Float(x) => match crate::value::order::integral(x) {
                            Some(n) if self.is_fresh(group(row), n) => fresh.push(row as u32),
                            Some(_) => {}
                            None => rest.push(row as u32),
                        },
                        _ => rest.push(row as u32),
                    }
                }
                let groups = Column::Ints(rest.iter().map(|row| i64::from(group(*row as usize))).collect());
                let pair = [groups, column.gather(&rest)];
                let mut at = 0;
                self.others.of_rows(&pair, rest.len(), cx, |_, first| {
                    if first {
                        fresh.push(rest[at]);
                    }
                    at += 1;
                })?;
                fresh.sort_unstable();
            }
        }
        Ok(fresh)
    }
}

/// How often a value of a row that stands for `weight` rows is added.
fn times(aggregation: Aggregation, weight: i64) -> i64 {
    if matches!(aggregation, Aggregation::Min | Aggregation::Max) { 1 } else { weight }
}

/// Whether the state of the aggregate does not grow with the numbers it is given.
fn keeps_nothing(aggregation: Aggregation) -> bool {
    matches!(
        aggregation,
        Aggregation::Avg | Aggregation::Min | Aggregation::Max | Aggregation::StDev | Aggregation::StDevP
    )
}

/// Bytes an aggregate keeps of a value.
fn kept(aggregation: Aggregation, value: &Value) -> usize {
    match (aggregation, value) {
        (_, Value::Null) => 0,
        (Aggregation::Collect, value) => size_of::<Value>() + value.heap_bytes(),
        (Aggregation::PercentileCont | Aggregation::PercentileDisc, _) => size_of::<Value>(),
        _ => 0,
    }
}

impl Argument<'_> {
    fn group(&self, row: usize) -> usize {
        self.groups.get(row).map_or(0, |group| *group as usize)
    }

    fn weight(&self, row: usize) -> i64 {
        self.weights.map_or(1, |weights| weights[row])
    }
}

fn add(count: &mut i64, more: i64) -> Result<()> {
    *count = count.checked_add(more).ok_or_else(overflow)?;
    Ok(())
}

fn overflow() -> Error {
    Error::arithmetic(Code::IntegerOverflow, "the aggregate does not fit into 64 bits")
}

fn count_rows(counts: &mut [i64], argument: &Argument<'_>) -> Result<()> {
    if argument.groups.is_empty() && argument.weights.is_none() {
        return add(&mut counts[0], argument.len as i64);
    }
    (0..argument.len).try_for_each(|row| add(&mut counts[argument.group(row)], argument.weight(row)))
}

fn count_present(counts: &mut [i64], column: &Column, argument: &Argument<'_>) -> Result<()> {
    if matches!(column, Column::Ints(_) | Column::Floats(_)) {
        return count_rows(counts, argument);
    }
    (0..argument.len)
        .filter(|row| !column.is_null(*row))
        .try_for_each(|row| add(&mut counts[argument.group(row)], argument.weight(row)))
}
