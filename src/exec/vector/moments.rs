//! What is asked of moments a day at a time: there are far fewer days than moments.

use std::sync::Arc;

use super::cells::{Cells, narrowed};
use crate::value::Value;
use crate::value::hash::DataMap;
use crate::value::temporal::{Date, DateTime, NANOS_PER_DAY};

/// The components that are the same for all moments of a day.
const OF_DAY: &[&str] =
    &["year", "quarter", "month", "week", "weekYear", "day", "ordinalDay", "weekDay", "dayOfWeek", "dayOfQuarter"];

/// Whether a component is the same for all moments of a day.
pub(super) fn is_of_day(key: &str) -> bool {
    OF_DAY.contains(&key)
}

/// What `of` says of the days of moments; nothing where it says nothing of one.
pub(super) fn of_day(moments: &[i64], nulls: Option<&[bool]>, of: &dyn Fn(&Value) -> Option<Value>) -> Option<Cells> {
    let mut known: DataMap<i64, Value> = DataMap::default();
    let mut out = Vec::with_capacity(moments.len());
    for (at, moment) in moments.iter().enumerate() {
        if nulls.is_some_and(|nulls| nulls[at]) {
            out.push(Value::Null);
            continue;
        }
        let day = moment.div_euclid(NANOS_PER_DAY);
        if let Some(value) = known.get(&day) {
            out.push(value.clone());
            continue;
        }
        let value = of(&Value::DateTime(Arc::new(DateTime::from_utc_nanos(*moment))))?;
        known.insert(day, value.clone());
        out.push(value);
    }
    Some(narrowed(out))
}

/// The dates of moments.
pub(super) fn dates(moments: &[i64], nulls: Option<&[bool]>) -> Cells {
    let date = |(at, moment): (usize, &i64)| match nulls {
        Some(nulls) if nulls[at] => Value::Null,
        _ => Value::Date(Date { days: moment.div_euclid(NANOS_PER_DAY) }),
    };
    Cells::Values(moments.iter().enumerate().map(date).collect())
}
