//! Aggregates: one value from the rows of a group. Nulls do not count, in any of them.
//!
//! The executor makes one [`Accumulator`] per group and aggregate, hands it the arguments row by row
//! (after DISTINCT, which is its own business) and asks for the value at the end.

use std::cmp::Ordering;

use super::argument::{out_of_range, wrong_type};
use super::context::Budget;
use super::edtf::order_dates;
use super::signature::Type;
use super::{Body, Function, parameters};
use crate::error::{Code, Error, Result};
use crate::value::temporal::Duration;
use crate::value::{Value, arith, order};

/// Which aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the table below documents each
pub(crate) enum Aggregation {
    Count,
    Sum,
    Avg,
    Min,
    Max,
    Collect,
    PercentileCont,
    PercentileDisc,
    StDev,
    StDevP,
    /// The least of dates, by their days.
    FirstDate,
    /// The greatest of dates, by their days.
    LastDate,
}

impl Aggregation {
    /// Whether parts of the rows can be taken by themselves, one part after another, and say together what all say: what
    /// integers add up to, and the first of the greatest.
    pub(crate) fn merges(self) -> bool {
        matches!(self, Self::Count | Self::Sum | Self::Avg | Self::Min | Self::Max)
    }
}

/// What can be added up.
const SUMMABLE: Type = Type::NUMBER.or(Type::DURATION);

pub(super) const FUNCTIONS: &[Function] = &[
    aggregate(
        "count",
        parameters![value: Type::ANY],
        Type::INTEGER,
        "How many values are not null.",
        ("UNWIND [1, null, 2] AS x RETURN count(x) AS v", "2"),
        Aggregation::Count,
    ),
    aggregate(
        "sum",
        parameters![value: SUMMABLE],
        SUMMABLE,
        "The sum of numbers or of durations; 0 of nothing.",
        ("UNWIND [1, 2, null] AS x RETURN sum(x) AS v", "3"),
        Aggregation::Sum,
    ),
    aggregate(
        "avg",
        parameters![value: SUMMABLE],
        Type::FLOAT.or(Type::DURATION),
        "The mean of numbers or of durations; null of nothing.",
        ("UNWIND [1, 2] AS x RETURN avg(x) AS v", "1.5"),
        Aggregation::Avg,
    ),
    aggregate(
        "min",
        parameters![value: Type::ANY],
        Type::ANY,
        "The value that ORDER BY puts first.",
        ("UNWIND [2, 1, null] AS x RETURN min(x) AS v", "1"),
        Aggregation::Min,
    ),
    aggregate(
        "max",
        parameters![value: Type::ANY],
        Type::ANY,
        "The value that ORDER BY puts last.",
        ("UNWIND [2, 1, null] AS x RETURN max(x) AS v", "2"),
        Aggregation::Max,
    ),
    aggregate(
        "collect",
        parameters![value: Type::ANY],
        Type::LIST,
        "A list of the values.",
        ("UNWIND [1, null, 2] AS x RETURN collect(x) AS v", "[1, 2]"),
        Aggregation::Collect,
    ),
    aggregate(
        "percentileCont",
        parameters![value: Type::NUMBER, percentile: Type::NUMBER],
        Type::FLOAT,
        "The value below which that part (0.0 to 1.0) of the numbers lies, between two of them if need be.",
        ("UNWIND [1, 2, 4] AS x RETURN percentileCont(x, 0.75) AS v", "3.0"),
        Aggregation::PercentileCont,
    ),
    aggregate(
        "percentileDisc",
        parameters![value: Type::NUMBER, percentile: Type::NUMBER],
        Type::NUMBER,
        "The smallest number below or at which that part (0.0 to 1.0) of the numbers lies.",
        ("UNWIND [1, 2, 4] AS x RETURN percentileDisc(x, 0.5) AS v", "2"),
        Aggregation::PercentileDisc,
    ),
    aggregate(
        "stDev",
        parameters![value: Type::NUMBER],
        Type::FLOAT,
        "The standard deviation of a sample; 0.0 below two numbers.",
        ("UNWIND [1, 3] AS x RETURN stDev(x) AS v", "1.4142135623730951"),
        Aggregation::StDev,
    ),
    aggregate(
        "stDevP",
        parameters![value: Type::NUMBER],
        Type::FLOAT,
        "The standard deviation of a whole population; 0.0 of nothing.",
        ("UNWIND [1, 3] AS x RETURN stDevP(x) AS v", "1.0"),
        Aggregation::StDevP,
    ),
];

pub(super) const fn aggregate(
    name: &'static str,
    parameters: &'static [super::Parameter],
    returns: Type,
    doc: &'static str,
    example: (&'static str, &'static str),
    aggregation: Aggregation,
) -> Function {
    Function::new(name, parameters, returns, doc, example, Body::Aggregate(aggregation)).takes_null()
}

/// The state of one aggregate over one group.
#[derive(Clone, Debug)]
pub(crate) struct Accumulator(State);

#[derive(Clone, Debug)]
enum State {
    Count(i64),
    Sum(Sum),
    Avg {
        sum: Sum,
        count: i64,
    },
    Extreme {
        best: Option<Value>,
        wanted: Ordering,
    },
    /// As `Extreme`, of dates.
    ExtremeDate {
        best: Option<Value>,
        wanted: Ordering,
    },
    Collect {
        items: Vec<Value>,
        bytes: usize,
    },
    Percentile {
        numbers: Vec<Value>,
        part: Option<f64>,
        continuous: bool,
    },
    /// Welford: count, mean, sum of squared distances from it.
    Deviation {
        count: f64,
        mean: f64,
        squares: f64,
        population: bool,
    },
}

/// Integers are summed by themselves and in 128 bits, so that only the result can overflow; a float makes it a float.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    ints: Option<i128>,
    rest: Rest,
}

/// What is summed beside integers. The sum of floats depends on their order.
#[derive(Clone, Copy, Debug, Default)]
enum Rest {
    #[default]
    Nothing,
    Float(f64),
    Duration(Duration),
}

impl Accumulator {
    /// The empty state of an aggregate.
    pub(crate) fn new(aggregation: Aggregation) -> Self {
        Self(match aggregation {
            Aggregation::Count => State::Count(0),
            Aggregation::Sum => State::Sum(Sum::default()),
            Aggregation::Avg => State::Avg { sum: Sum::default(), count: 0 },
            Aggregation::Min => State::Extreme { best: None, wanted: Ordering::Less },
            Aggregation::Max => State::Extreme { best: None, wanted: Ordering::Greater },
            Aggregation::FirstDate => State::ExtremeDate { best: None, wanted: Ordering::Less },
            Aggregation::LastDate => State::ExtremeDate { best: None, wanted: Ordering::Greater },
            Aggregation::Collect => State::Collect { items: Vec::new(), bytes: 0 },
            Aggregation::PercentileCont => State::Percentile { numbers: Vec::new(), part: None, continuous: true },
            Aggregation::PercentileDisc => State::Percentile { numbers: Vec::new(), part: None, continuous: false },
            Aggregation::StDev => State::Deviation { count: 0.0, mean: 0.0, squares: 0.0, population: false },
            Aggregation::StDevP => State::Deviation { count: 0.0, mean: 0.0, squares: 0.0, population: true },
        })
    }

    /// One row. `arguments` are those of the call. Errors: types that do not fit, a percentile outside
    /// 0.0 to 1.0, a list that outgrows the budget.
    pub(crate) fn add(&mut self, arguments: &[Value], budget: &dyn Budget) -> Result<()> {
        let value = arguments.first().unwrap_or(&Value::Null);
        if let State::Percentile { part, continuous, .. } = &mut self.0
            && part.is_none()
        {
            *part = Some(percentile(*continuous, arguments.get(1).unwrap_or(&Value::Null))?);
        }
        if value.is_null() {
            return Ok(());
        }
        match &mut self.0 {
            State::Count(count) => *count += 1,
            State::Sum(sum) => sum.add("sum", value)?,
            State::Avg { sum, count } => {
                sum.add("avg", value)?;
                *count += 1;
            }
            State::Extreme { best, wanted } => {
                if best.as_ref().is_none_or(|best| order::order(value, best) == *wanted) {
                    *best = Some(value.clone());
                }
            }
            State::ExtremeDate { best, wanted } => {
                if best.as_ref().is_none_or(|best| order_dates(value, best) == *wanted) {
                    *best = Some(value.clone());
                }
            }
            State::Collect { items, bytes } => {
                grow(items, budget)?;
                *bytes += value.heap_bytes();
                items.push(value.clone());
            }
            State::Percentile { numbers, continuous, .. } => {
                if !matches!(value, Value::Int(_) | Value::Float(_)) {
                    return Err(wrong_type(percentile_name(*continuous), "numbers", value));
                }
                grow(numbers, budget)?;
                numbers.push(value.clone());
            }
            State::Deviation { count, mean, squares, population } => {
                let name = if *population { "stDevP" } else { "stDev" };
                let x = super::argument::number(name, value)?;
                *count += 1.0;
                let before = x - *mean;
                *mean += before / *count;
                *squares += before * (x - *mean);
            }
        }
        Ok(())
    }

    /// An integer, `times` over, as [`Self::add`] takes it (percentiles and `collect` aside, which keep what they take).
    #[inline]
    pub(crate) fn add_int(&mut self, n: i64, times: i64) -> Result<()> {
        match &mut self.0 {
            State::Avg { sum, count } => {
                sum.add_exactly("avg", i128::from(n) * i128::from(times))?;
                *count += times;
                Ok(())
            }
            State::Extreme { best: Some(Value::Int(best)), wanted } => {
                if n.cmp(best) == *wanted {
                    *best = n;
                }
                Ok(())
            }
            _ => self.add_times(&Value::Int(n), times),
        }
    }

    /// The same for a float.
    #[inline]
    pub(crate) fn add_float(&mut self, x: f64, times: i64) -> Result<()> {
        match &mut self.0 {
            State::Sum(Sum { rest: Rest::Float(sum), .. }) => (0..times).for_each(|_| *sum += x),
            State::Avg { sum: Sum { rest: Rest::Float(sum), .. }, count } => {
                (0..times).for_each(|_| *sum += x);
                *count += times;
            }
            _ => return self.add_times(&Value::Float(x), times),
        }
        Ok(())
    }

    fn add_times(&mut self, value: &Value, times: i64) -> Result<()> {
        (0..times).try_for_each(|_| self.add(std::slice::from_ref(value), &super::Unlimited))
    }

    /// A value for `collect` to keep, which is not null. Errors: as [`Self::add`].
    pub(crate) fn keep(&mut self, value: Value, budget: &dyn Budget) -> Result<()> {
        if let State::Collect { items, bytes } = &mut self.0 {
            grow(items, budget)?;
            *bytes += value.heap_bytes();
            items.push(value);
        }
        Ok(())
    }

    /// An integer that `sum` has to add, however large.
    pub(crate) fn add_exactly(&mut self, n: i128) -> Result<()> {
        match &mut self.0 {
            State::Sum(sum) | State::Avg { sum, .. } => sum.add_exactly("sum", n),
            _ => Ok(()),
        }
    }

    /// Takes what another one has taken after this one, where [`Aggregation::merges`] and that was no float: then it says what
    /// one says that has taken all.
    pub(crate) fn merge(&mut self, after: Self) -> Result<()> {
        match (&mut self.0, after.0) {
            (State::Count(count), State::Count(more)) => *count = count.checked_add(more).ok_or_else(overflow)?,
            (State::Sum(sum), State::Sum(more)) => sum.merge("sum", more)?,
            (State::Avg { sum, count }, State::Avg { sum: more, count: others }) => {
                sum.merge("avg", more)?;
                *count += others;
            }
            (State::Extreme { best, wanted }, State::Extreme { best: Some(value), .. })
                if best.as_ref().is_none_or(|best| order::order(&value, best) == *wanted) =>
            {
                *best = Some(value);
            }
            _ => {}
        }
        Ok(())
    }

    /// The value of the group. Errors: a sum of integers outside 64 bits, too deep a list.
    pub(crate) fn finish(self) -> Result<Value> {
        match self.0 {
            State::Count(count) => Ok(Value::Int(count)),
            State::Sum(Sum { ints: None, rest: Rest::Nothing }) => Ok(Value::Int(0)),
            State::Sum(sum) => sum.total(),
            State::Avg { sum, count } => sum.mean(count),
            State::Extreme { best, .. } | State::ExtremeDate { best, .. } => Ok(best.unwrap_or_default()),
            State::Collect { items, .. } => Value::list(items),
            State::Percentile { numbers, part, continuous } => Ok(at_part(numbers, part.unwrap_or(0.0), continuous)),
            State::Deviation { count, squares, population, .. } => {
                let degrees = if population { count } else { count - 1.0 };
                Ok(Value::Float(if degrees > 0.0 { (squares / degrees).sqrt() } else { 0.0 }))
            }
        }
    }
}

impl Sum {
    fn add(&mut self, function: &str, value: &Value) -> Result<()> {
        match (self.rest, value) {
            (_, Value::Int(n)) => return self.add_exactly(function, i128::from(*n)),
            (Rest::Nothing, Value::Float(x)) => self.rest = Rest::Float(*x),
            (Rest::Float(sum), Value::Float(x)) => self.rest = Rest::Float(sum + x),
            (Rest::Nothing, Value::Duration(d)) if self.ints.is_none() => self.rest = Rest::Duration(**d),
            (Rest::Duration(sum), Value::Duration(d)) => self.rest = Rest::Duration(sum.plus(d)?),
            (Rest::Duration(_), Value::Float(_)) | (_, Value::Duration(_)) => return Err(not_both(function)),
            (_, other) => return Err(wrong_type(function, "numbers or durations", other)),
        }
        Ok(())
    }

    #[inline]
    fn add_exactly(&mut self, function: &str, n: i128) -> Result<()> {
        if matches!(self.rest, Rest::Duration(_)) {
            return Err(not_both(function));
        }
        self.ints = Some(self.ints.unwrap_or_default().checked_add(n).ok_or_else(overflow)?);
        Ok(())
    }

    fn merge(&mut self, function: &str, after: Self) -> Result<()> {
        after.ints.map_or(Ok(()), |ints| self.add_exactly(function, ints))
    }

    fn total(self) -> Result<Value> {
        Ok(match (self.ints, self.rest) {
            (None, Rest::Nothing) => Value::Null,
            (Some(ints), Rest::Nothing) => Value::Int(i64::try_from(ints).map_err(|_| overflow())?),
            (ints, Rest::Float(sum)) => Value::Float(sum + ints.unwrap_or_default() as f64),
            (_, Rest::Duration(sum)) => Value::Duration(sum.into()),
        })
    }

    fn mean(self, count: i64) -> Result<Value> {
        match (self.ints, self.rest) {
            (Some(ints), Rest::Nothing) => Ok(Value::Float(ints as f64 / count as f64)),
            (ints, Rest::Float(sum)) => Ok(Value::Float((sum + ints.unwrap_or_default() as f64) / count as f64)),
            _ => arith::divide(&self.total()?, &Value::Int(count)),
        }
    }
}

fn not_both(function: &str) -> Error {
    let message = format!("{function}() takes numbers or durations, not both");
    Error::type_error(Code::InvalidArgumentValue, message)
}

/// Asks the budget for the next doubling.
fn grow(items: &mut Vec<Value>, budget: &dyn Budget) -> Result<()> {
    if items.len() == items.capacity() {
        let more = items.len().max(4);
        if more > 64 {
            // the old and the new block exist together while the items move
            budget.ask((items.len() + 2 * more).saturating_mul(size_of::<Value>()))?;
        }
        items.try_reserve_exact(more).map_err(|_| Error::limit(Code::Memory, "a group holds too many values"))?;
    }
    Ok(())
}

fn percentile(continuous: bool, value: &Value) -> Result<f64> {
    let name = percentile_name(continuous);
    let part = super::argument::number(name, value)?;
    if (0.0..=1.0).contains(&part) {
        return Ok(part);
    }
    let shown = crate::value::text::float(part);
    Err(out_of_range(format!("the percentile of {name}() must lie between 0.0 and 1.0, not {shown}")))
}

fn percentile_name(continuous: bool) -> &'static str {
    if continuous { "percentileCont" } else { "percentileDisc" }
}

/// The number at `part` (0.0 to 1.0) of the sorted numbers; null of nothing.
fn at_part(mut numbers: Vec<Value>, part: f64, continuous: bool) -> Value {
    numbers.sort_unstable_by(order::order);
    let Some(last) = numbers.len().checked_sub(1) else {
        return Value::Null;
    };
    if !continuous {
        let rank = (part * numbers.len() as f64).ceil() as usize;
        return numbers[rank.saturating_sub(1).min(last)].clone();
    }
    let at = part * last as f64;
    let below = (at.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let float = |value: &Value| match value {
        Value::Int(n) => *n as f64,
        Value::Float(x) => *x,
        _ => f64::NAN,
    };
    let (low, high) = (float(&numbers[below]), float(&numbers[above]));
    let weight = at - below as f64;
    Value::Float(if weight == 0.0 { low } else { low * (1.0 - weight) + high * weight })
}

fn overflow() -> Error {
    Error::arithmetic(Code::IntegerOverflow, "the sum lies outside 64-bit integers")
        .hint("sum(toFloat(x)) is approximate and does not overflow")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Megabyte, call, list};
    use super::*;
    use crate::error::Class;
    use crate::value::text::literal;

    fn over(aggregation: Aggregation, rows: &[Value], part: Option<Value>) -> Result<Value> {
        let mut state = Accumulator::new(aggregation);
        for row in rows {
            let arguments: Vec<Value> = std::iter::once(row.clone()).chain(part.clone()).collect();
            state.add(&arguments, &Megabyte)?;
        }
        state.finish()
    }

    fn shown(aggregation: Aggregation, rows: &[Value]) -> String {
        over(aggregation, rows, None)
            .and_then(|value| literal(&value, None))
            .unwrap_or_else(|error| error.code().name().to_owned())
    }

    #[test]
    fn nulls_never_count_and_nothing_has_its_value() {
        use Aggregation::*;
        let rows = [Value::Null, 1.into(), Value::Null, 3.into()];
        for (aggregation, wanted, of_nothing) in [
            (Count, "2", "0"),
            (Sum, "4", "0"),
            (Avg, "2.0", "null"),
            (Min, "1", "null"),
            (Max, "3", "null"),
            (Collect, "[1, 3]", "[]"),
            (StDev, "1.4142135623730951", "0.0"),
            (StDevP, "1.0", "0.0"),
        ] {
            assert_eq!(shown(aggregation, &rows), wanted);
            assert_eq!(shown(aggregation, &[]), of_nothing);
            assert_eq!(shown(aggregation, &[Value::Null]), of_nothing);
        }
    }

    #[test]
    fn sums_overflow_only_in_their_result() {
        assert_eq!(shown(Aggregation::Sum, &[i64::MAX.into(), 1.into()]), "IntegerOverflow");
        assert_eq!(shown(Aggregation::Sum, &[i64::MAX.into(), 1.into(), (-1).into()]), "9223372036854775807");
        assert_eq!(shown(Aggregation::Avg, &[i64::MAX.into(), i64::MAX.into()]), "9.223372036854776E18");
        assert_eq!(shown(Aggregation::Sum, &[1.into(), 0.5.into(), 2.into()]), "3.5");
        assert_eq!(shown(Aggregation::Sum, &["a".into()]), "InvalidArgumentValue");
    }

    #[test]
    fn durations_add_up_but_not_with_numbers() {
        let day = call("duration", &["P1D".into()]).expect("a duration");
        let hours = call("duration", &["PT3H".into()]).expect("a duration");
        assert_eq!(shown(Aggregation::Sum, &[day.clone(), hours.clone()]), "'P1DT3H'");
        assert_eq!(shown(Aggregation::Avg, &[day.clone(), hours]), "'PT13H30M'");
        assert_eq!(shown(Aggregation::Sum, &[day.clone(), 1.into()]), "InvalidArgumentValue");
        assert_eq!(shown(Aggregation::Avg, &[1.into(), day]), "InvalidArgumentValue");
    }

    #[test]
    fn extremes_follow_order_by() {
        let rows = [1.into(), "a".into(), Value::Null, list(&[1.into(), 2.into()]), 0.2.into(), "b".into()];
        assert_eq!(shown(Aggregation::Min, &rows), "[1, 2]");
        assert_eq!(shown(Aggregation::Max, &rows), "1");
        assert_eq!(shown(Aggregation::Max, &[1.into(), f64::NAN.into(), 2.into()]), "NaN");
    }

    #[test]
    fn percentiles_stay_in_range_and_between_numbers() {
        let rows: Vec<Value> = vec![30.0.into(), 10.into(), Value::Null, 20.0.into()];
        for (aggregation, part, wanted) in [
            (Aggregation::PercentileDisc, 0.0, "10"),
            (Aggregation::PercentileDisc, 0.5, "20.0"),
            (Aggregation::PercentileDisc, 1.0, "30.0"),
            (Aggregation::PercentileCont, 0.0, "10.0"),
            (Aggregation::PercentileCont, 0.75, "25.0"),
            (Aggregation::PercentileCont, 1.0, "30.0"),
        ] {
            let got = over(aggregation, &rows, Some(part.into())).expect("in range");
            assert_eq!(literal(&got, None).expect("printable"), wanted);
        }
        for part in [1000.into(), (-1).into(), 1.1.into(), f64::NAN.into()] {
            let error = over(Aggregation::PercentileDisc, &rows, Some(part)).expect_err("out of range");
            assert_eq!((error.class(), error.code()), (Class::ArgumentError, Code::NumberOutOfRange));
        }
        assert!(over(Aggregation::PercentileCont, &[], Some(0.5.into())).expect("nothing").is_null());
        assert!(over(Aggregation::PercentileCont, &["a".into()], Some(0.5.into())).is_err());
        assert!(over(Aggregation::PercentileCont, &[1.into()], Some(Value::Null)).is_err());
    }

    #[test]
    fn collecting_asks_the_budget_and_accounts_its_bytes() {
        let mut state = Accumulator::new(Aggregation::Collect);
        let row = [Value::from("a text of some length")];
        let error = (0..1_000_000).find_map(|_| state.add(&row, &Megabyte).err()).expect("a limit");
        assert_eq!(error.code(), Code::Memory);
        assert!(matches!(state.0, State::Collect { bytes, .. } if bytes > 100_000));
    }
}
