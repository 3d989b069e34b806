//! The state of one aggregate over all groups, fed a batch at a time.
//!
//! `count` and `sum` of integers run on typed columns. Nulls are passed over. DISTINCT keeps a set of
//! (group, value) pairs in front of the state.

use std::cmp::Ordering;

use super::group_key::Groups;
use crate::bind::bound::AggregateCall;
use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::exec::batch::Column;
use crate::exec::context::{Context, Reservation};
use crate::exec::vector::narrowed;
use crate::value::{Value, arith, order};

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
    distinct: Option<Groups>,
    span: Span,
    memory: Reservation,
}

enum State {
    CountRows(Vec<i64>),
    Count(Vec<i64>),
    Sum(Vec<Value>),
    Average(Vec<Average>),
    Extreme { best: Vec<Value>, wanted: Ordering },
    Collect(Vec<Vec<Value>>),
    Deviation { moments: Vec<Moments>, sample: bool },
    Percentile { numbers: Vec<Vec<Value>>, at: Vec<Option<f64>>, continuous: bool },
}

#[derive(Clone, Default)]
struct Average {
    sum: Value,
    count: i64,
}

/// Count, mean and sum of squared distances from it (Welford).
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Accumulator {
    pub(super) fn new(call: &AggregateCall, cx: &Context<'_>) -> Result<Self> {
        let memory = cx.meter.reservation();
        let AggregateCall::Function { function, distinct, span, .. } = call else {
            let state = State::CountRows(Vec::new());
            return Ok(Self { state, distinct: None, span: Span::default(), memory });
        };
        let state = match function.name.to_ascii_lowercase().as_str() {
            "count" => State::Count(Vec::new()),
            "sum" => State::Sum(Vec::new()),
            "avg" => State::Average(Vec::new()),
            "min" => State::Extreme { best: Vec::new(), wanted: Ordering::Less },
            "max" => State::Extreme { best: Vec::new(), wanted: Ordering::Greater },
            "collect" | "collect_list" => State::Collect(Vec::new()),
            "stdev" | "stddev_samp" => State::Deviation { moments: Vec::new(), sample: true },
            "stdevp" | "stddev_pop" => State::Deviation { moments: Vec::new(), sample: false },
            "percentilecont" | "percentile_cont" => {
                State::Percentile { numbers: Vec::new(), at: Vec::new(), continuous: true }
            }
            "percentiledisc" | "percentile_disc" => {
                State::Percentile { numbers: Vec::new(), at: Vec::new(), continuous: false }
            }
            _ => {
                let message = format!("`{}` cannot gather the rows of a group", function.name);
                return Err(Error::new(Class::SemanticError, Phase::Runtime, Code::Unsupported, message).at(*span));
            }
        };
        let distinct = distinct.then(|| Groups::new(2, cx.meter.reservation()));
        Ok(Self { state, distinct, span: *span, memory })
    }

    /// Makes room for `groups` groups.
    pub(super) fn grow(&mut self, groups: usize) {
        match &mut self.state {
            State::CountRows(counts) | State::Count(counts) => counts.resize(groups, 0),
            State::Sum(sums) => sums.resize(groups, Value::Int(0)),
            State::Average(averages) => averages.resize(groups, Average::default()),
            State::Extreme { best, .. } => best.resize(groups, Value::Null),
            State::Collect(lists) => lists.resize(groups, Vec::new()),
            State::Deviation { moments, .. } => moments.resize(groups, Moments::default()),
            State::Percentile { numbers, at, .. } => {
                numbers.resize(groups, Vec::new());
                at.resize(groups, None);
            }
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
            (State::Sum(sums), Column::Ints(ints)) => sum_ints(sums, ints, argument).map_err(|e| e.at(self.span)),
            _ => {
                for row in 0..argument.len {
                    self.take(column, row, argument, argument.weight(row), cx)?;
                }
                Ok(())
            }
        }
    }

    fn feed_distinct(&mut self, column: &Column, argument: &Argument<'_>, cx: &mut Context<'_>) -> Result<()> {
        let Some(mut seen) = self.distinct.take() else { return Ok(()) };
        let groups = Column::Ints((0..argument.len).map(|row| argument.group(row) as i64).collect());
        let pair = [groups, column.clone()];
        let (mut row, mut fresh) = (0, Vec::new());
        let fed = seen.of_rows(&pair, argument.len, cx, |_, first| {
            if first {
                fresh.push(row);
            }
            row += 1;
        });
        self.distinct = Some(seen);
        fed?;
        for row in fresh {
            self.take(column, row, argument, 1, cx)?;
        }
        Ok(())
    }

    /// Takes one row that stands for `weight` rows.
    fn take(
        &mut self,
        column: &Column,
        row: usize,
        argument: &Argument<'_>,
        weight: i64,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        if column.is_null(row) {
            return Ok(());
        }
        let group = argument.group(row);
        if let State::Count(counts) = &mut self.state {
            return add(&mut counts[group], weight);
        }
        let value = column.value(row, cx.graph());
        let span = self.span;
        match &mut self.state {
            State::CountRows(_) | State::Count(_) => {}
            State::Sum(sums) => {
                sums[group] = plus(&sums[group], &value, weight, "sum").map_err(|e| e.at(span))?;
            }
            State::Average(averages) => {
                let average = &mut averages[group];
                let sum = if average.count == 0 { zero_like(&value) } else { std::mem::take(&mut average.sum) };
                average.sum = plus_for_average(&sum, &value, weight).map_err(|e| e.at(span))?;
                add(&mut average.count, weight)?;
            }
            State::Extreme { best, wanted } => {
                if best[group].is_null() || order::order(&value, &best[group]) == *wanted {
                    best[group] = value;
                }
            }
            State::Collect(lists) => {
                let bytes = size_of::<Value>() + value.heap_bytes();
                for _ in 0..weight {
                    cx.meter.step(1)?;
                    self.memory.grow(bytes)?;
                    lists[group].push(value.clone());
                }
            }
            State::Deviation { moments, .. } => {
                let x = number(&value, "stDev").map_err(|e| e.at(span))?;
                for _ in 0..weight {
                    cx.meter.step(1)?;
                    moments[group].take(x);
                }
            }
            State::Percentile { numbers, at, .. } => {
                number(&value, "percentile").map_err(|e| e.at(span))?;
                if at[group].is_none() {
                    let share = argument.columns.get(1).map_or(Value::Null, |column| column.value(row, cx.graph()));
                    at[group] = Some(share_of(&share).map_err(|e| e.at(span))?);
                }
                for _ in 0..weight {
                    cx.meter.step(1)?;
                    self.memory.grow(size_of::<Value>())?;
                    numbers[group].push(value.clone());
                }
            }
        }
        Ok(())
    }

    /// The aggregates of all groups, and the memory they hold.
    pub(super) fn finish(self, cx: &Context<'_>) -> Result<(Column, Reservation)> {
        let column = match self.state {
            State::CountRows(counts) | State::Count(counts) => Column::Ints(counts),
            State::Sum(sums) => narrowed(sums),
            State::Average(averages) => {
                let averages = averages.into_iter().map(Average::value).collect::<Result<_>>();
                Column::Values(averages.map_err(|e| e.at(self.span))?)
            }
            State::Extreme { best, .. } => narrowed(best),
            State::Collect(lists) => Column::Values(lists.into_iter().map(Value::list).collect::<Result<_>>()?),
            State::Deviation { moments, sample } => {
                Column::Values(moments.into_iter().map(|m| Value::Float(m.deviation(sample))).collect())
            }
            State::Percentile { numbers, at, continuous } => {
                let mut out = Vec::with_capacity(numbers.len());
                for (numbers, at) in numbers.into_iter().zip(at) {
                    cx.meter.look()?;
                    out.push(percentile(numbers, at.unwrap_or(0.0), continuous));
                }
                Column::Values(out)
            }
        };
        Ok((column, self.memory))
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
    if matches!(column, Column::Ints(_)) {
        return count_rows(counts, argument);
    }
    (0..argument.len)
        .filter(|row| !column.is_null(*row))
        .try_for_each(|row| add(&mut counts[argument.group(row)], argument.weight(row)))
}

fn sum_ints(sums: &mut [Value], ints: &[i64], argument: &Argument<'_>) -> Result<()> {
    for (row, n) in ints.iter().enumerate() {
        let weighted = n.checked_mul(argument.weight(row)).ok_or_else(overflow)?;
        let sum = &mut sums[argument.group(row)];
        match sum {
            Value::Int(sum) => add(sum, weighted)?,
            other => *other = arith::add(other, &Value::Int(weighted))?,
        }
    }
    Ok(())
}

/// `sum + value * weight`. Only numbers and durations add up.
fn plus(sum: &Value, value: &Value, weight: i64, what: &str) -> Result<Value> {
    match value {
        Value::Int(_) | Value::Float(_) => {}
        // the zero a sum begins with gives way to a duration
        Value::Duration(_) if matches!(sum, Value::Int(0)) => return plus(&zero_like(value), value, weight, what),
        Value::Duration(_) => {}
        other => {
            let message = format!("{what}() adds numbers or durations, not a {}", other.type_name());
            return Err(Error::type_error(Code::InvalidArgumentType, message));
        }
    }
    if weight == 1 {
        return arith::add(sum, value);
    }
    arith::add(sum, &arith::multiply(value, &Value::Int(weight))?)
}

/// As [`plus`], but whole numbers that leave 64 bits go on as floats: an average cannot overflow.
fn plus_for_average(sum: &Value, value: &Value, weight: i64) -> Result<Value> {
    plus(sum, value, weight, "avg").or_else(|error| match (sum, value) {
        (Value::Int(sum), Value::Int(n)) => Ok(Value::Float(*sum as f64 + *n as f64 * weight as f64)),
        _ => Err(error),
    })
}

fn zero_like(value: &Value) -> Value {
    match value {
        Value::Duration(_) => Value::Duration(Default::default()),
        _ => Value::Int(0),
    }
}

fn number(value: &Value, what: &str) -> Result<f64> {
    match value {
        Value::Int(n) => Ok(*n as f64),
        Value::Float(x) => Ok(*x),
        other => {
            let message = format!("{what} is of numbers, not of a {}", other.type_name());
            Err(Error::type_error(Code::InvalidArgumentType, message))
        }
    }
}

fn share_of(value: &Value) -> Result<f64> {
    let share = number(value, "the percentile")?;
    if (0.0..=1.0).contains(&share) {
        return Ok(share);
    }
    Err(Error::argument(Code::NumberOutOfRange, format!("a percentile lies between 0.0 and 1.0, not at {share}")))
}

impl Average {
    fn value(self) -> Result<Value> {
        if self.count == 0 {
            return Ok(Value::Null);
        }
        match self.sum {
            Value::Int(sum) => Ok(Value::Float(sum as f64 / self.count as f64)),
            sum => arith::divide(&sum, &Value::Int(self.count)),
        }
    }
}

impl Moments {
    fn take(&mut self, x: f64) {
        self.count += 1.0;
        let before = x - self.mean;
        self.mean += before / self.count;
        self.squares += before * (x - self.mean);
    }

    fn deviation(self, sample: bool) -> f64 {
        let n = if sample { self.count - 1.0 } else { self.count };
        if n <= 0.0 { 0.0 } else { (self.squares / n).sqrt() }
    }
}

fn percentile(mut numbers: Vec<Value>, share: f64, continuous: bool) -> Value {
    if numbers.is_empty() {
        return Value::Null;
    }
    numbers.sort_by(order::order);
    let last = numbers.len() - 1;
    if !continuous {
        // the first whose rank reaches the share
        let rank = (share * numbers.len() as f64).ceil() as usize;
        return numbers[rank.saturating_sub(1).min(last)].clone();
    }
    let at = share * last as f64;
    let below = (at.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let as_float = |value: &Value| number(value, "").unwrap_or(f64::NAN);
    let (low, high) = (as_float(&numbers[below]), as_float(&numbers[above]));
    Value::Float(if below == above { low } else { low + (high - low) * (at - below as f64) })
}
