//! Functions that make, cut and measure temporal values. The work is done in [`crate::value::temporal`];
//! here stand names, documentation and the clock.

use super::argument::{integer, text, wrong_type};
use super::signature::Type;
use super::{Body, Call, CallContext, Function, Parameter, parameters};
use crate::error::Result;
use crate::value::temporal::between::{Unit, between};
use crate::value::temporal::construct::{construct, duration, from_epoch, from_epoch_millis, now_in, zone_of};
use crate::value::temporal::fields::Kind;
use crate::value::temporal::truncate::truncate;
use crate::value::temporal::{Instant, Zone};
use crate::value::{Map, Value};

/// What the constructors take: text, components, another temporal value.
const SOURCE: Type = Type::STRING.or(Type::MAP).or(Type::INSTANT);

/// A constructor and its three clocks.
macro_rules! constructors {
    ($($name:literal $kind:ident $ty:ident $doc:literal $example:literal $shown:literal)*) => {
        &[$(
            Function::new(
                $name,
                parameters![value: SOURCE],
                Type::$ty,
                concat!($doc, " from a text, a map of components or another temporal value; without any, of now."),
                (concat!("RETURN ", $example, " AS v"), $shown),
                Body::Scalar(|context, arguments| make(Kind::$kind, context, arguments)),
            )
            .optional(1)
            .reads_clock(),
            clock(
                concat!($name, ".transaction"),
                Type::$ty,
                concat!($doc, " of the start of the transaction, in UTC or in the given time zone."),
                (concat!("RETURN ", $name, ".transaction() = ", $name, ".transaction() AS v"), "true"),
                |context, arguments| there(Kind::$kind, context.clock.transaction, arguments),
            ),
            clock(
                concat!($name, ".statement"),
                Type::$ty,
                concat!($doc, " of the start of the statement, in UTC or in the given time zone."),
                (concat!("RETURN ", $name, ".statement() = ", $name, "() AS v"), "true"),
                |context, arguments| there(Kind::$kind, context.clock.statement, arguments),
            ),
            clock(
                concat!($name, ".realtime"),
                Type::$ty,
                concat!($doc, " of this very moment, in UTC or in the given time zone."),
                (concat!("RETURN ", $name, ".realtime() IS NOT NULL AS v"), "true"),
                |_, arguments| there(Kind::$kind, Instant::now(), arguments),
            )
            .changes(),
        )*]
    };
}

pub(super) const CONSTRUCTORS: &[Function] = constructors![
    "date" Date DATE "The date" "date('2024-02-29')" "'2024-02-29'"
    "localtime" LocalTime LOCAL_TIME "The time of day without a zone" "localtime({hour: 12, minute: 31})" "'12:31'"
    "time" Time TIME "The time of day with an offset from UTC" "time('12:31+01:00')" "'12:31+01:00'"
    "localdatetime" LocalDateTime LOCAL_DATE_TIME "The date and time without a zone"
        "localdatetime({year: 2024, week: 9, hour: 12})" "'2024-02-26T12:00'"
    "datetime" DateTime DATE_TIME "The date and time with a zone"
        "datetime('2024-07-01T12:00[Asia/Almaty]')" "'2024-07-01T12:00+05:00[Asia/Almaty]'"
];

/// A truncation.
macro_rules! truncations {
    ($($name:literal $kind:ident $ty:ident $units:literal $example:literal $shown:literal)*) => {
        &[$(
            Function::new(
                $name,
                parameters![unit: Type::STRING, value: Type::INSTANT, components: Type::MAP],
                Type::$ty,
                concat!("The start of the unit (", $units, ") that the value lies in, with components on top."),
                (concat!("RETURN ", $example, " AS v"), $shown),
                Body::Scalar(|context, arguments| cut(Kind::$kind, context, arguments)),
            )
            .optional(2)
            .reads_clock(),
        )*]
    };
}

pub(super) const TRUNCATION: &[Function] = truncations![
    "date.truncate" Date DATE "millennium to day" "date.truncate('quarter', date('2024-02-29'))" "'2024-01-01'"
    "localtime.truncate" LocalTime LOCAL_TIME "day to microsecond"
        "localtime.truncate('hour', localtime('12:31'))" "'12:00'"
    "time.truncate" Time TIME "day to microsecond" "time.truncate('minute', time('12:31:14+01:00'))" "'12:31+01:00'"
    "localdatetime.truncate" LocalDateTime LOCAL_DATE_TIME "millennium to microsecond"
        "localdatetime.truncate('month', date('2024-02-29'), {day: 5})" "'2024-02-05T00:00'"
    "datetime.truncate" DateTime DATE_TIME "millennium to microsecond"
        "datetime.truncate('day', datetime('2024-02-29T12:31Z'))" "'2024-02-29T00:00Z'"
];

pub(super) const DURATIONS: &[Function] = &[
    Function::new(
        "datetime.fromepoch",
        parameters![seconds: Type::INTEGER, nanoseconds: Type::INTEGER],
        Type::DATE_TIME,
        "The moment that many seconds and nanoseconds after 1970-01-01T00:00Z.",
        ("RETURN datetime.fromepoch(86400, 0) AS v", "'1970-01-02T00:00Z'"),
        Body::Scalar(|_, arguments| {
            let name = "datetime.fromepoch";
            from_epoch(integer(name, &arguments[0])?, arguments.get(1).map_or(Ok(0), |n| integer(name, n))?)
        }),
    )
    .optional(1),
    Function::new(
        "datetime.fromepochmillis",
        parameters![milliseconds: Type::INTEGER],
        Type::DATE_TIME,
        "The moment that many milliseconds after 1970-01-01T00:00Z.",
        ("RETURN datetime.fromepochmillis(1500) AS v", "'1970-01-01T00:00:01.500Z'"),
        Body::Scalar(|_, arguments| from_epoch_millis(integer("datetime.fromepochmillis", &arguments[0])?)),
    ),
    Function::new(
        "duration",
        parameters![value: Type::STRING.or(Type::MAP).or(Type::DURATION)],
        Type::DURATION,
        "A duration from a text or a map of amounts; fractions are carried into smaller units.",
        ("RETURN duration({months: 0.75}) AS v", "'P22DT19H51M49.5S'"),
        Body::Scalar(|_, arguments| duration(&arguments[0])),
    ),
    span(
        "duration.between",
        "From the first to the second: months, then days, then seconds.",
        ("RETURN duration.between(date('2024-01-31'), date('2024-03-01')) AS v", "'P1M1D'"),
        |_, arguments| between(Unit::All, &arguments[0], &arguments[1]),
    ),
    span(
        "duration.inMonths",
        "From the first to the second in whole months.",
        ("RETURN duration.inMonths(date('2024-01-31'), date('2025-03-30')) AS v", "'P1Y1M'"),
        |_, arguments| between(Unit::Months, &arguments[0], &arguments[1]),
    ),
    span(
        "duration.inDays",
        "From the first to the second in whole days.",
        ("RETURN duration.inDays(date('2024-01-01'), date('2025-01-01')) AS v", "'P366D'"),
        |_, arguments| between(Unit::Days, &arguments[0], &arguments[1]),
    ),
    span(
        "duration.inSeconds",
        "From the first to the second in seconds.",
        ("RETURN duration.inSeconds(localtime('12:00'), localtime('13:30')) AS v", "'PT1H30M'"),
        |_, arguments| between(Unit::Seconds, &arguments[0], &arguments[1]),
    ),
];

const fn clock(
    name: &'static str,
    returns: Type,
    doc: &'static str,
    example: (&'static str, &'static str),
    call: Call,
) -> Function {
    let parameters: &[Parameter] = parameters![timezone: Type::STRING];
    Function::new(name, parameters, returns, doc, example, Body::Scalar(call)).optional(1).reads_clock()
}

const fn span(name: &'static str, doc: &'static str, example: (&'static str, &'static str), call: Call) -> Function {
    let parameters = parameters![from: Type::INSTANT, to: Type::INSTANT];
    Function::new(name, parameters, Type::DURATION, doc, example, Body::Scalar(call))
}

fn make(kind: Kind, context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let now = context.clock.statement;
    match arguments.first() {
        Some(value) => construct(kind, value, now),
        None => now_in(kind, now, &Zone::UTC),
    }
}

fn there(kind: Kind, now: Instant, arguments: &[Value]) -> Result<Value> {
    let zone = arguments.first().map_or(Ok(Zone::UTC), zone_of)?;
    now_in(kind, now, &zone)
}

fn cut(kind: Kind, context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let unit = text("truncate", &arguments[0])?;
    let now;
    let value = match arguments.get(1) {
        Some(value) => value,
        None => {
            now = now_in(Kind::DateTime, context.clock.statement, &Zone::UTC)?;
            &now
        }
    };
    match arguments.get(2) {
        None => truncate(kind, unit, value, &Map::default()),
        Some(Value::Map(components)) => truncate(kind, unit, value, components),
        Some(other) => Err(wrong_type("truncate", "a map of components", other)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, shown, with_context};
    use super::*;

    fn map(entries: &[(&str, Value)]) -> Value {
        Value::map(entries.iter().map(|(k, v)| ((*k).into(), v.clone()))).expect("shallow")
    }

    fn made(name: &str, text: &str) -> Value {
        call(name, &[text.into()]).expect(text)
    }

    #[test]
    fn constructors_take_text_maps_and_each_other() {
        let moment = made("datetime", "2024-02-29T12:31:14.5+05:00[Asia/Tashkent]");
        for (name, wanted) in [
            ("date", "'2024-02-29'"),
            ("localtime", "'12:31:14.500'"),
            ("time", "'12:31:14.500+05:00'"),
            ("localdatetime", "'2024-02-29T12:31:14.500'"),
            ("datetime", "'2024-02-29T12:31:14.500+05:00[Asia/Tashkent]'"),
        ] {
            assert_eq!(shown(name, std::slice::from_ref(&moment)), wanted);
        }
        assert_eq!(shown("time", &[made("date", "2024-01-01")]), "InvalidArgumentType");
        assert_eq!(shown("date", &[made("time", "12:00")]), "InvalidArgumentType");
        assert_eq!(shown("date", &[1.into()]), "InvalidArgumentType");
        assert_eq!(shown("date", &["2024-01-01".into(), "x".into()]), "InvalidNumberOfArguments");
        assert_eq!(shown("date", &[Value::Null]), "null");
    }

    #[test]
    fn components_of_two_calendars_holes_and_strangers_are_errors() {
        let year = ("year", Value::Int(2024));
        for (entries, wanted) in [
            (vec![], "InvalidTemporal"),
            (vec![("month", 3.into())], "InvalidTemporal"),
            (vec![year.clone(), ("day", 3.into())], "InvalidTemporal"),
            (vec![year.clone(), ("dayOfWeek", 3.into())], "InvalidTemporal"),
            (vec![year.clone(), ("month", 3.into()), ("week", 3.into())], "InvalidTemporal"),
            (vec![year.clone(), ("month", 2.into()), ("day", 30.into())], "InvalidTemporal"),
            (vec![year.clone(), ("hour", 3.into())], "InvalidArgumentValue"),
            (vec![year.clone(), ("month", "3".into())], "InvalidArgumentType"),
            (vec![year.clone(), ("month", Value::Null)], "InvalidArgumentType"),
            (vec![("year", i64::MAX.into())], "InvalidTemporal"),
            (vec![year.clone(), ("quarter", 1.into()), ("dayOfQuarter", 91.into())], "'2024-03-31'"),
            (vec![year, ("quarter", 1.into()), ("dayOfQuarter", 92.into())], "InvalidTemporal"),
        ] {
            assert_eq!(shown("date", &[map(&entries)]), wanted, "{entries:?}");
        }
        let error = call("date", &[map(&[("yaer", 1.into())])]).expect_err("a slip");
        assert_eq!(error.hint_text(), Some("did you mean `year`?"));
    }

    #[test]
    fn selected_values_lend_what_is_not_overridden() {
        let (day, clock) = (made("date", "2024-02-29"), made("time", "23:30:05.25+01:00"));
        for (entries, wanted) in [
            (vec![("date", day.clone()), ("year", 2023.into())], "'2023-02-28T00:00Z'"),
            (vec![("date", day.clone()), ("time", clock.clone())], "'2024-02-29T23:30:05.250+01:00'"),
            (
                vec![("date", day.clone()), ("time", clock.clone()), ("timezone", "+05:00".into())],
                "'2024-03-01T03:30:05.250+05:00'",
            ),
            (
                vec![("date", day.clone()), ("hour", 1.into()), ("timezone", "Asia/Almaty".into())],
                "'2024-02-29T01:00+06:00[Asia/Almaty]'",
            ),
            (vec![("date", day.clone()), ("second", 1.into())], "InvalidTemporal"),
            (vec![("date", clock.clone())], "InvalidArgumentType"),
            (vec![("datetime", day.clone()), ("time", clock)], "InvalidTemporal"),
            (vec![("epochSeconds", 0.into()), ("nanosecond", 7.into())], "'1970-01-01T00:00:00.000000007Z'"),
            (vec![("epochMillis", (-1).into()), ("timezone", "+01:00".into())], "'1970-01-01T00:59:59.999+01:00'"),
            (vec![("epochmillis", (-1).into()), ("TimeZone", "+01:00".into())], "'1970-01-01T00:59:59.999+01:00'"),
            (vec![("epochMillis", 0.into()), ("epochmillis", 0.into())], "InvalidTemporal"),
            (vec![("epochMillis", 0.into()), ("year", 1.into())], "InvalidTemporal"),
            (vec![("epochSeconds", i64::MAX.into())], "InvalidTemporal"),
        ] {
            assert_eq!(shown("datetime", &[map(&entries)]), wanted, "{entries:?}");
        }
    }

    #[test]
    fn sub_seconds_add_up_and_limit_each_other() {
        let base = [("hour", Value::Int(1)), ("minute", 2.into()), ("second", 3.into())];
        for (more, wanted) in [
            (
                vec![("millisecond", 123.into()), ("microsecond", 456.into()), ("nanosecond", 789.into())],
                "'01:02:03.123456789'",
            ),
            (vec![("microsecond", 999_999.into())], "'01:02:03.999999'"),
            (vec![("millisecond", 1.into()), ("microsecond", 1000.into())], "InvalidTemporal"),
            (vec![("millisecond", 1.into()), ("nanosecond", 999_999.into())], "'01:02:03.001999999'"),
            (vec![("nanosecond", 1_000_000_000.into())], "InvalidTemporal"),
        ] {
            assert_eq!(shown("localtime", &[map(&[&base[..], &more].concat())]), wanted);
        }
    }

    #[test]
    fn truncation_knows_its_units_and_keeps_what_it_should() {
        let moment = made("datetime", "2024-02-29T12:31:14.123456789+01:00");
        for (name, unit, entries, wanted) in [
            (
                "datetime.truncate",
                "millisecond",
                vec![("nanosecond", Value::Int(5))],
                "'2024-02-29T12:31:14.123000005+01:00'",
            ),
            (
                "datetime.truncate",
                "microsecond",
                vec![("nanosecond", 5.into())],
                "'2024-02-29T12:31:14.123456005+01:00'",
            ),
            ("datetime.truncate", "weekYear", vec![], "'2024-01-01T00:00+01:00'"),
            (
                "datetime.truncate",
                "DECADE",
                vec![("timezone", "Asia/Almaty".into())],
                "'2020-01-01T00:00+06:00[Asia/Almaty]'",
            ),
            ("date.truncate", "week", vec![("dayOfWeek", 7.into())], "'2024-03-03'"),
            ("date.truncate", "hour", vec![], "InvalidArgumentValue"),
            ("time.truncate", "year", vec![], "InvalidArgumentValue"),
            ("time.truncate", "day", vec![("timezone", "Asia/Almaty".into())], "InvalidArgumentValue"),
            ("localtime.truncate", "hour", vec![("hour", 1.into())], "'01:00'"),
        ] {
            assert_eq!(shown(name, &[unit.into(), moment.clone(), map(&entries)]), wanted, "{name} {unit}");
        }
        assert_eq!(shown("date.truncate", &["millennium".into(), made("date", "-0001-05-05")]), "'-1000-01-01'");
        assert_eq!(shown("date.truncate", &["millennium".into(), made("date", "-999999999-05-05")]), "InvalidTemporal");
        assert_eq!(shown("date.truncate", &["day".into(), Value::Null]), "null");
    }

    #[test]
    fn the_clock_stands_still_within_a_statement() {
        with_context(|context| {
            let date_time = super::super::lookup("datetime").expect("there");
            let a = date_time.call(context, &[]).expect("now");
            std::thread::sleep(std::time::Duration::from_millis(2));
            let b = date_time.call(context, &[]).expect("now");
            assert!(crate::value::order::equivalent(&a, &b));
            let real = super::super::lookup("datetime.realtime").expect("there").call(context, &[]).expect("now");
            assert_eq!(crate::value::order::less(&a, &real), Some(true));
        });
        assert!(shown("date.transaction", &["Mars/Olympus".into()]).contains("InvalidTemporal"));
        assert_eq!(shown("time.realtime", &[Value::Null]), "null");
    }
}
