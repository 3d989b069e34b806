//! Dates as documents state them: the days they may be, whether something held, and how such dates compare.
//!
//! A property that the dataset declares as a date is a string. Where the binder knows that one is compared or sorted,
//! it calls the functions of this file that have no name in the language ([`compared`], [`SORT_KEY`], [`MIN`], [`MAX`]).

use std::cmp::Ordering;
use std::sync::Arc;

use super::aggregate::{self, Aggregation};
use super::argument::wrong_type;
use super::signature::Type;
use super::{Body, Call, CallContext, Function, parameters};
use crate::error::{Code, Error, Result};
use crate::value::edtf::{DaySet, Days, Edtf, FactTime, Holds, Precision};
use crate::value::{Value, order};

/// What has days: a text, a date, a thing that held or happened.
const DATED: Type = Type::STRING.or(Type::INTEGER).or(Type::ENTITY).or(POINT);
/// A date, alone or of a moment.
const POINT: Type = Type::DATE.or(Type::LOCAL_DATE_TIME).or(Type::DATE_TIME);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "earliest",
        parameters![date: DATED],
        Type::DATE,
        "The first day that a date (EDTF) can be, or on which a node or relationship may have begun; null when that is open or not stated.",
        ("RETURN earliest('2022-03') AS v", "'2022-03-01'"),
        Body::Scalar(earliest),
    )
    .asks_graph(),
    Function::new(
        "latest",
        parameters![date: DATED],
        Type::DATE,
        "The last day that a date (EDTF) can be, or on which a node or relationship may have ended (an act: happened); null when that is open or not stated.",
        ("RETURN latest('2022-02') AS v", "'2022-02-28'"),
        Body::Scalar(latest),
    )
    .asks_graph(),
    Function::new(
        "holds",
        parameters![date: DATED, day: Type::STRING.or(Type::INTEGER).or(POINT)],
        Type::BOOLEAN,
        "Whether a node, a relationship or an interval (EDTF) held on a day, or on some day of a month or year; null when it is not known.",
        ("RETURN holds('2010/2020', '2015-06-01') AS v", "true"),
        Body::Scalar(holds),
    )
    .asks_graph(),
    Function::new(
        "overlaps",
        parameters![left: DATED, right: DATED],
        Type::BOOLEAN,
        "Whether two nodes, relationships or dates (EDTF) have a day in common; null when it is not known.",
        ("RETURN overlaps('2010/2015', '2016/2020') AS v", "false"),
        Body::Scalar(overlaps),
    )
    .asks_graph(),
    Function::new(
        "precision",
        parameters![date: DATED],
        Type::STRING,
        "How finely a date (EDTF) is stated, or the coarsest date of a node or relationship: day, month, year, decade, century, millennium.",
        ("RETURN precision('195X') AS v", "'decade'"),
        Body::Scalar(precision),
    )
    .asks_graph(),
];

/// A comparison of two values of which one is a declared date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    Equal,
    Less,
    LessOrEqual,
}

/// The function behind a comparison of declared dates. It has no name in the language; EXPLAIN shows it.
pub(crate) fn compared(how: Compared) -> &'static Function {
    static EQUAL: Function = comparison("sameDays", |_, arguments| Ok(by_days(Compared::Equal, arguments).into()));
    static LESS: Function = comparison("before", |_, arguments| Ok(by_days(Compared::Less, arguments).into()));
    static LESS_OR_EQUAL: Function =
        comparison("notAfter", |_, arguments| Ok(by_days(Compared::LessOrEqual, arguments).into()));
    match how {
        Compared::Equal => &EQUAL,
        Compared::Less => &LESS,
        Compared::LessOrEqual => &LESS_OR_EQUAL,
    }
}

/// What ORDER BY sorts declared dates by: earliest day, latest day, text.
pub(crate) static SORT_KEY: Function = Function::new(
    "days",
    parameters![date: Type::ANY],
    Type::ANY,
    "What declared dates are sorted by.",
    ("", ""),
    Body::Scalar(sort_key),
);

/// The least of declared dates.
pub(crate) static MIN: Function = extreme("min", Aggregation::FirstDate);
/// The greatest of declared dates.
pub(crate) static MAX: Function = extreme("max", Aggregation::LastDate);

const fn comparison(name: &'static str, call: Call) -> Function {
    let doc = "How declared dates compare.";
    Function::new(
        name,
        parameters![left: Type::ANY, right: Type::ANY],
        Type::BOOLEAN,
        doc,
        ("", ""),
        Body::Scalar(call),
    )
}

const fn extreme(name: &'static str, aggregation: Aggregation) -> Function {
    aggregate::aggregate(name, parameters![date: Type::ANY], Type::ANY, "Of declared dates.", ("", ""), aggregation)
}

/// The stretches of time of a value, in order: of a date one, of a node as many as it has lives. None: it is no date.
fn times(function: &str, context: &CallContext<'_>, value: &Value) -> Result<Vec<FactTime>> {
    match value {
        Value::Node(_) | Value::Rel(_) => context.entities.times(value),
        Value::Str(_) | Value::Int(_) | Value::Date(_) | Value::LocalDateTime(_) | Value::DateTime(_) => {
            Ok(Edtf::of_value(value).iter().map(FactTime::of_date).collect())
        }
        other => Err(wrong_type(function, "a date, a text, a node or a relationship", other)),
    }
}

fn earliest(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let [of] = arguments else { return Ok(Value::Null) };
    let times = times("earliest", context, of)?;
    Ok(times.first().and_then(FactTime::earliest).map_or(Value::Null, Value::Date))
}

fn latest(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let [of] = arguments else { return Ok(Value::Null) };
    let times = times("latest", context, of)?;
    Ok(times.last().and_then(FactTime::latest).map_or(Value::Null, Value::Date))
}

fn holds(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let [of, on] = arguments else { return Ok(Value::Null) };
    let Some(days) = Edtf::of_value(on).as_ref().and_then(Days::of) else {
        let shown = crate::value::text::literal(on, None).unwrap_or_else(|_| on.type_name().to_owned());
        return Err(Error::argument(Code::InvalidTemporal, format!("holds() needs a date, and {shown} is none"))
            .hint("write date('2022-06-01'), or a text such as '2022-06' or '2022'"));
    };
    if let Value::Node(_) | Value::Rel(_) = of {
        return Ok(truth(context.entities.holds(of, days)?));
    }
    Ok(truth(any(times("holds", context, of)?.iter().map(|time| time.holds(days)))))
}

fn overlaps(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let [left, right] = arguments else { return Ok(Value::Null) };
    let (left, right) = (times("overlaps", context, left)?, times("overlaps", context, right)?);
    Ok(truth(any(left.iter().flat_map(|a| right.iter().map(move |b| a.overlaps(b))))))
}

fn precision(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let [of] = arguments else { return Ok(Value::Null) };
    let coarsest = times("precision", context, of)?.iter().filter_map(FactTime::precision).min();
    Ok(coarsest.map_or(Value::Null, |precision: Precision| Value::from(precision.name())))
}

/// Yes when one of them says yes, no when all do; not stated of nothing.
fn any(answers: impl Iterator<Item = Holds>) -> Holds {
    let mut all = None;
    for answer in answers {
        match (all, answer) {
            (_, Holds::Yes) => return Holds::Yes,
            (None | Some(Holds::No), answer) => all = Some(answer),
            _ => all = Some(Holds::NotStated),
        }
    }
    all.unwrap_or(Holds::NotStated)
}

fn truth(holds: Holds) -> Value {
    match holds {
        Holds::Yes => Value::Bool(true),
        Holds::No => Value::Bool(false),
        Holds::NotStated => Value::Null,
    }
}

/// How two values compare of which one is a declared date. `=` between texts is about the texts; everything else
/// between texts and dates is about their days: true when it is so for all days they may be, false when for none.
fn by_days(how: Compared, arguments: &[Value]) -> Option<bool> {
    let [left, right] = arguments else { return None };
    let texts = matches!((left, right), (Value::Str(_), Value::Str(_)));
    let about_text = matches!(left, Value::Str(_)) || matches!(right, Value::Str(_));
    let is_date =
        |value: &Value| matches!(value, Value::Str(_) | Value::Date(_) | Value::LocalDateTime(_) | Value::DateTime(_));
    if !about_text || !is_date(left) || !is_date(right) || texts && how == Compared::Equal {
        return match how {
            Compared::Equal => order::equal(left, right),
            Compared::Less => order::less(left, right),
            Compared::LessOrEqual => order::less_or_equal(left, right),
        };
    }
    let (left, right) = (Edtf::of_value(left)?.days(), Edtf::of_value(right)?.days());
    let before = |a: Option<_>, b: Option<_>| a.zip(b).is_some_and(|(a, b)| a < b);
    let not_after = |a: Option<_>, b: Option<_>| a.zip(b).is_some_and(|(a, b)| a <= b);
    match how {
        Compared::Equal if left.excludes(&right) => Some(false),
        Compared::Equal => (left.single().is_some() && left == right).then_some(true),
        Compared::Less if before(left.latest(), right.earliest()) => Some(true),
        Compared::Less => not_after(right.latest(), left.earliest()).then_some(false),
        Compared::LessOrEqual if not_after(left.latest(), right.earliest()) => Some(true),
        Compared::LessOrEqual => before(right.latest(), left.earliest()).then_some(false),
    }
}

/// Where a declared date stands among others: earliest day, latest day, text; open sides lie beyond every day. What is
/// neither text nor date stands by itself.
fn place(value: &Value) -> Option<(i64, i64, Arc<str>)> {
    let text = match value {
        Value::Str(text) => text.clone(),
        Value::Date(_) | Value::LocalDateTime(_) | Value::DateTime(_) => Arc::from(""),
        _ => return None,
    };
    let days = Edtf::of_value(value).map_or_else(DaySet::all, |date| date.days());
    let first = days.earliest().map_or(i64::MIN, |day| day.days);
    Some((first, days.latest().map_or(i64::MAX, |day| day.days), text))
}

fn sort_key(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let [value] = arguments else { return Ok(Value::Null) };
    match place(value) {
        Some((first, last, text)) => Value::list(vec![Value::Int(first), Value::Int(last), Value::Str(text)]),
        None => Ok(value.clone()),
    }
}

/// How two values are ordered that are declared dates.
pub(super) fn order_dates(a: &Value, b: &Value) -> Ordering {
    match (place(a), place(b)) {
        (Some(x), Some(y)) => x.0.cmp(&y.0).then(x.1.cmp(&y.1)).then_with(|| x.2.as_bytes().cmp(y.2.as_bytes())),
        _ => order::order(a, b),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{shown, with_context};
    use super::*;
    use crate::value::temporal::Date;

    fn compare(how: Compared, left: &Value, right: &Value) -> Option<bool> {
        match with_context(|context| compared(how).call(context, &[left.clone(), right.clone()])) {
            Ok(Value::Bool(truth)) => Some(truth),
            other => {
                assert!(other.is_ok_and(|value| value.is_null()));
                None
            }
        }
    }

    fn day(text: &str) -> Value {
        Value::Date(Edtf::parse(text).expect("a date").earliest().expect("a day"))
    }

    #[test]
    fn days_of_texts_and_dates() {
        for (call, text, answer) in [
            ("earliest", "2022", "'2022-01-01'"),
            ("latest", "2022", "'2022-12-31'"),
            ("earliest", "[..1943]", "null"),
            ("latest", "[..1943]", "'1943-12-31'"),
            ("latest", "2013/..", "null"),
            ("earliest", "last year", "null"),
            ("earliest", "-0043-03-15", "'-0043-03-15'"),
            ("precision", "18XX", "'century'"),
            ("precision", "2022-05/2023", "'year'"),
            ("precision", "XXXX-01-23", "null"),
        ] {
            assert_eq!(shown(call, &[text.into()]), answer, "{call}({text})");
        }
        let date = Value::Date(Date::new(2022, 6, 1).expect("a day"));
        assert_eq!(shown("earliest", std::slice::from_ref(&date)), "'2022-06-01'");
        assert_eq!(shown("precision", std::slice::from_ref(&date)), "'day'");
        assert_eq!(shown("holds", &["2022/2024".into(), "2023".into()]), "true");
        assert_eq!(shown("holds", &["2022/2024".into(), date.clone()]), "null");
        assert_eq!(shown("holds", &["2022/2024".into(), "2025".into()]), "false");
        assert_eq!(shown("holds", &["2022/2024".into(), "soon".into()]), "InvalidTemporal");
        assert_eq!(shown("overlaps", &["2010/2015".into(), date]), "false");
        assert_eq!(shown("overlaps", &["2010/2015".into(), "2012".into()]), "true");
    }

    #[test]
    fn declared_dates_compare_by_days() {
        use Compared::{Equal, Less, LessOrEqual};
        let (yes, no, unknown) = (Some(true), Some(false), None);
        for (left, how, right, answer) in [
            ("2009", Less, "2010-05", yes),
            ("2010", Less, "2010-05", unknown),
            ("2011", Less, "2010-05", no),
            ("2010-05-31", LessOrEqual, "2010-05-31", yes),
            ("2010-06-01", LessOrEqual, "2010-05-31", no),
            ("2010", LessOrEqual, "2010", unknown),
            ("-0044", Less, "-0043", yes),
            ("[..1943]", Less, "1950", yes),
            ("../1943", Less, "1900", unknown),
            ("2013/..", Less, "2010", no),
            ("XXXX-01-23", Less, "2010", unknown),
            ("last year", Less, "2010", unknown),
            ("2010", Equal, "2010", yes),
            ("2010", Equal, "2010-05", no),
        ] {
            assert_eq!(compare(how, &left.into(), &right.into()), answer, "{left} {how:?} {right}");
        }
        for (left, right, answer) in
            [("2010-05-03", "2010-05-03", yes), ("2010", "2010-05-03", unknown), ("2011", "2010-05-03", no)]
        {
            assert_eq!(compare(Equal, &left.into(), &day(right)), answer, "{left} = {right}");
            assert_eq!(compare(Equal, &day(right), &left.into()), answer, "{right} = {left}");
        }
        assert_eq!(compare(Less, &Value::Int(1), &Value::Int(2)), yes, "what is no text compares as it always does");
        assert_eq!(compare(Less, &"2010".into(), &Value::Int(2)), unknown);
    }

    #[test]
    fn declared_dates_are_sorted_by_their_days() {
        let sorted = ["[..1943]", "-0044", "-0043", "1943", "1943-05", "1943-05-03", "1944"];
        for pair in sorted.windows(2) {
            let [a, b] = pair else { continue };
            assert_eq!(order_dates(&(*a).into(), &(*b).into()), Ordering::Less, "{a} {b}");
        }
        let mut least = aggregate::Accumulator::new(Aggregation::FirstDate);
        let mut last = aggregate::Accumulator::new(Aggregation::LastDate);
        for text in ["1944", "-0044", "-0043", "1943-05"] {
            least.add(&[text.into()], &super::super::Unlimited).expect("counts");
            last.add(&[text.into()], &super::super::Unlimited).expect("counts");
        }
        let said = |value: Value| crate::value::text::literal(&value, None).expect("a text");
        assert_eq!(said(least.finish().expect("one")), "'-0044'");
        assert_eq!(said(last.finish().expect("one")), "'1944'");
    }
}
