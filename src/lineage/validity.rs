//! When something holds: dates with precision, intervals with open and unstated ends, and the three
//! answers an as-of question has.
//!
//! | written | means |
//! |---|---|
//! | `2013`, `2023-03`, `2023-12-08` | the whole year, month, day |
//! | `2022/2024` | from the beginning of 2022 to the end of 2024 |
//! | `2013/..`, `../2025` | stated to be open on that side |
//! | `2013/`, `/2025` | the other side is not stated |
//! | `XXXX-01-23`, `last year`, anything else | not stated |
//!
//! A date with `~`, `?` or `%` behind it is read without it. Absence of an end is no proof that a thing
//! still holds: the answer is then [`Holds::NotStated`], which `AS OF` keeps and `AS OF CERTAIN` drops.

use crate::error::{Code, Error, Result};
use crate::graph::Graph;
use crate::value::edtf::{Day, Edtf, End};
use crate::value::{NodeRef, RelRef, Value};

/// Whether something held at a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// It is stated to hold.
    Yes,
    /// It is stated not to hold: not yet, or no longer.
    No,
    /// Nothing stated contradicts it, and nothing says so either.
    NotStated,
}

/// The days a date may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
}

/// From when to when something holds. [`End::Unknown`] also stands for an end about which nothing is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    /// When it begins.
    pub start: End,
    /// When it ends.
    pub end: End,
}

impl Interval {
    /// The interval between two property values; a start written as an interval (`2022/2024`) gives both ends
    /// when no end is there.
    pub fn of(start: &Value, end: &Value) -> Self {
        let from = stated(start);
        let to = stated(end);
        Self {
            start: from.as_ref().map_or(End::Unknown, |from| from.from().clone()),
            end: match (&to, &from) {
                (Some(to), _) => to.to().clone(),
                (None, Some(from)) if from.is_interval() => from.to().clone(),
                _ => End::Unknown,
            },
        }
    }

    /// The interval of something that happened: from its date on, without a stated end. A date written as an
    /// interval keeps both its ends.
    pub fn since(date: &Value) -> Self {
        Self::of(date, &Value::Null)
    }

    /// Whether it holds at some day of `date`.
    pub fn holds_at(&self, date: Days) -> Holds {
        if self.start.earliest().is_some_and(|first| date.last < first)
            || self.end.latest().is_some_and(|last| date.first > last)
        {
            return Holds::No;
        }
        let begun = match (&self.start, &self.end) {
            (End::At(_) | End::Open, _) => true,
            // what ends at that very time was there until then
            (End::Unknown, End::At(end)) => end.days.earliest().is_some_and(|day| date.last >= day),
            (End::Unknown, _) => false,
        };
        let lasting = match (&self.end, &self.start) {
            (End::At(_) | End::Open, _) => true,
            // what begins at that very time is there
            (End::Unknown, End::At(start)) => start.days.latest().is_some_and(|day| date.first <= day),
            (End::Unknown, _) => false,
        };
        if begun && lasting { Holds::Yes } else { Holds::NotStated }
    }
}

/// The days of a date asked for: a date, a point in time, a year, or text as in the table above (no interval).
/// Errors: `ArgumentError / InvalidTemporal`.
pub fn days_of(date: &Value) -> Result<Days> {
    let days = stated(date).filter(|date| !date.is_interval());
    let days = days.and_then(|date| Some(Days { first: date.earliest()?, last: date.latest()? }));
    days.ok_or_else(|| {
        Error::argument(
            Code::InvalidTemporal,
            format!(
                "AS OF needs a date, and {} is none",
                crate::value::text::literal(date, None).unwrap_or_else(|_| date.type_name().to_owned())
            ),
        )
        .hint("write date('2022-06-01'), or a text such as '2022-06' or '2022'")
    })
}

/// Whether a relationship holds at `date`: by its `start` and `end`, else since its `date`. What states no time
/// holds, unless only the certain is asked for.
pub fn rel_holds(graph: &Graph, rel: RelRef, date: Days, certain: bool) -> bool {
    let property = |key: &str| graph.key(key).map_or(Value::Null, |key| graph.rel_property(rel, key));
    accepted(&property, date, certain)
}

/// Whether a node holds at `date`: by its `start` and `end`. What states no time holds, unless only the certain
/// is asked for.
pub fn node_holds(graph: &Graph, node: NodeRef, date: Days, certain: bool) -> bool {
    let property = |key: &str| graph.key(key).map_or(Value::Null, |key| graph.node_property(node, key));
    accepted(&property, date, certain)
}

fn accepted(property: &dyn Fn(&str) -> Value, date: Days, certain: bool) -> bool {
    let (start, end) = (property("start"), property("end"));
    let interval = match (&start, &end) {
        (Value::Null, Value::Null) => Interval::since(&property("date")),
        _ => Interval::of(&start, &end),
    };
    match interval.holds_at(date) {
        Holds::Yes => true,
        Holds::NotStated => !certain,
        Holds::No => false,
    }
}

/// What a property value states of a time; nothing when it cannot be read as one.
fn stated(value: &Value) -> Option<Edtf> {
    match value {
        Value::Str(text) => Edtf::parse(text).ok(),
        Value::Int(year) => Edtf::year(*year),
        Value::Date(date) => Some(Edtf::day(*date)),
        Value::LocalDateTime(moment) => Some(Edtf::day(moment.date())),
        Value::DateTime(moment) => Some(Edtf::day(moment.local.date())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::temporal::Date;

    fn at(start: &str, end: &str, date: &str) -> Holds {
        let value = |text: &str| if text.is_empty() { Value::Null } else { Value::str(text) };
        let date = days_of(&Value::str(date)).expect("a date");
        Interval::of(&value(start), &value(end)).holds_at(date)
    }

    #[test]
    fn a_year_covers_its_year() {
        assert_eq!(at("2013", "2015", "2013-01-01"), Holds::Yes);
        assert_eq!(at("2013", "2015", "2015-12-31"), Holds::Yes);
        assert_eq!(at("2013", "2015", "2016-01-01"), Holds::No);
        assert_eq!(at("2023-03", "2023-04", "2023-04-30"), Holds::Yes);
        assert_eq!(at("2023-03", "2023-04", "2023-02-28"), Holds::No);
        assert_eq!(at("2023-12-08", "", "2023"), Holds::Yes);
    }

    #[test]
    fn what_is_not_stated_is_not_no() {
        assert_eq!(at("", "", "2020"), Holds::NotStated);
        assert_eq!(at("2013", "", "2020"), Holds::NotStated);
        assert_eq!(at("2013", "", "2013-06-01"), Holds::Yes);
        assert_eq!(at("2013", "", "2012-06-01"), Holds::No);
        assert_eq!(at("", "2025", "2020"), Holds::NotStated);
        assert_eq!(at("", "2025", "2026"), Holds::No);
        assert_eq!(at("XXXX-01-23", "", "2020"), Holds::NotStated);
        assert_eq!(at("last year", "", "2020"), Holds::NotStated);
    }

    #[test]
    fn a_stated_open_end_is_open() {
        assert_eq!(at("2013/..", "", "2020"), Holds::Yes);
        assert_eq!(at("2013/..", "", "2010"), Holds::No);
        assert_eq!(at("../2025", "", "2020"), Holds::Yes);
        assert_eq!(at("../2025", "", "2026"), Holds::No);
        assert_eq!(at("2022/2024", "", "2023"), Holds::Yes);
        assert_eq!(at("2022/2024", "", "2025"), Holds::No);
        assert_eq!(at("2013/", "", "2020"), Holds::NotStated);
    }

    #[test]
    fn dates_of_every_kind_are_read() {
        let day = Value::Date(Date::new(2022, 6, 1).expect("a day"));
        assert_eq!(days_of(&day).expect("read").first, days_of(&Value::str("2022-06-01")).expect("read").last);
        assert_eq!(days_of(&Value::Int(1950)).expect("read"), days_of(&Value::str("1950")).expect("read"));
        assert_eq!(days_of(&Value::str("soon")).expect_err("no date").code(), Code::InvalidTemporal);
        assert_eq!(days_of(&Value::str("2022-13")).expect_err("no month").code(), Code::InvalidTemporal);
    }
}
