//! Laws that hold for all temporal values, tried on random ones over the whole range of years.

use std::sync::Arc;

use proptest::prelude::*;

use super::between::{Unit, between};
use super::calendar::{MAX_DAYS, MIN_DAYS};
use super::fields::Kind;
use super::truncate::truncate;
use super::*;
use crate::value::{Map, Value, order};

/// Gaps, overlaps, halves of hours, no daylight saving, a southern summer.
const ZONES: [&str; 6] = [
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Almaty",
    "America/St_Johns",
    "Africa/Casablanca",
    "America/Santiago",
];

fn days() -> impl Strategy<Value = i64> {
    prop_oneof![4 => -100_000..100_000_i64, 1 => MIN_DAYS + 400..MAX_DAYS - 400]
}

fn local() -> impl Strategy<Value = LocalDateTime> {
    let nanos = prop_oneof![Just(0), Just(500_000_000), 0..1_000_000_000_u32];
    (days(), 0..SECONDS_PER_DAY, nanos)
        .prop_map(|(days, seconds, nanos)| LocalDateTime { seconds: days * SECONDS_PER_DAY + seconds, nanos })
}

fn date_time() -> impl Strategy<Value = DateTime> {
    let zone = prop_oneof![
        (-MAX_OFFSET..=MAX_OFFSET).prop_map(Zone::Offset),
        (0..ZONES.len()).prop_map(|at| Zone::Named(ZONES[at].into())),
    ];
    (local(), zone, any::<bool>()).prop_map(|(local, zone, as_instant)| {
        let made = match as_instant {
            true => zone.at(Instant { seconds: local.seconds, nanos: local.nanos }),
            false => zone.resolve(local, None),
        };
        made.expect("a year within the range")
    })
}

fn duration() -> impl Strategy<Value = Duration> {
    let part = || prop_oneof![Just(0), -1000..1000_i64, any::<i64>()];
    let clock = prop_oneof![
        Just(0),
        -100_000_000_000..100_000_000_000_i128,
        i128::from(i64::MIN) * 1_000_000_000..i128::from(i64::MAX) * 1_000_000_000
    ];
    (part(), part(), clock)
        .prop_map(|(months, days, clock)| Duration::of(months, days, clock).expect("64 bits of seconds"))
}

fn moment(t: DateTime) -> Value {
    Value::DateTime(Arc::new(t))
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(local in local(), zoned in date_time(), duration in duration()) {
        prop_assert_eq!(parse::date(&local.date().to_string()).expect("printed"), local.date());
        prop_assert_eq!(parse::local_time(&local.time().to_string()).expect("printed"), local.time());
        prop_assert_eq!(parse::local_date_time(&local.to_string()).expect("printed"), local);
        prop_assert_eq!(parse::date_time(&zoned.to_string()).expect("printed"), zoned.clone());
        let time = Time { nanos: zoned.local.time().nanos, offset: zoned.offset };
        prop_assert_eq!(parse::time(&time.to_string()).expect("printed"), time);
        prop_assert_eq!(parse::duration(&duration.to_string()).expect("printed"), duration);
    }

    #[test]
    fn what_lies_between_leads_from_one_to_the_other(a in date_time(), b in date_time()) {
        let Value::Duration(way) = between(Unit::All, &moment(a.clone()), &moment(b.clone())).expect("in range") else {
            unreachable!("a duration")
        };
        prop_assert_eq!(a.plus(&way).expect("in range").instant(), b.instant());
        let Value::Duration(seconds) = between(Unit::Seconds, &moment(a.clone()), &moment(b.clone())).expect("in range") else {
            unreachable!("a duration")
        };
        prop_assert_eq!(a.plus(&seconds).expect("in range").instant(), b.instant());
        prop_assert_eq!(seconds.clock_nanos().signum() as i8, b.instant().cmp(&a.instant()) as i8);
    }

    #[test]
    fn a_zone_shows_an_instant_it_can_be_asked_for(t in date_time()) {
        prop_assert_eq!(t.zone().at(t.instant()).expect("in range"), t.clone());
        prop_assert_eq!(t.zone().resolve(t.local, Some(t.offset)).expect("in range"), t);
    }

    #[test]
    fn truncation_goes_back_and_stays_there(t in local(), unit in 0..13_usize) {
        let units = ["century", "decade", "year", "weekYear", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond"];
        let value = Value::LocalDateTime(t);
        let cut = truncate(Kind::LocalDateTime, units[unit], &value, &Map::default()).expect("in range");
        prop_assert_eq!(order::less_or_equal(&cut, &value), Some(true));
        let again = truncate(Kind::LocalDateTime, units[unit], &cut, &Map::default()).expect("in range");
        prop_assert!(order::equivalent(&cut, &again));
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "[0-9PTWQZYMDHS:+.,\\[\\]/é-]{0,30}") {
        let _ = (parse::date(&text), parse::local_time(&text), parse::time(&text), parse::local_date_time(&text));
        let _ = (parse::date_time(&text), parse::duration(&text), Zone::parse(&text));
    }

    #[test]
    fn scaling_by_one_and_by_minus_one_is_exact(d in duration()) {
        prop_assert_eq!(d.times_int(1).expect("unchanged"), d);
        prop_assert_eq!(d.divided_by(1.0).expect("unchanged"), d);
        if let Ok(negated) = d.negated() {
            prop_assert_eq!(d.times_int(-1).expect("in range"), negated);
            prop_assert_eq!(negated.negated().expect("in range"), d);
        }
    }
}

#[test]
fn moments_in_utc_are_their_nanoseconds_and_others_are_not() {
    for nanos in [0, 1, -1, 1_700_000_000_123_456_789, i64::MAX, i64::MIN + 1_000_000_000] {
        assert_eq!(DateTime::from_utc_nanos(nanos).utc_nanos(), Some(nanos));
    }
    let utc = DateTime::from_utc_nanos(5);
    assert_eq!(DateTime { offset: 3600, ..utc.clone() }.utc_nanos(), None);
    assert_eq!(DateTime { zone: Some("Etc/UTC".into()), ..utc.clone() }.utc_nanos(), None);
    let far = LocalDateTime { seconds: 10_000_000_000, nanos: 0 };
    assert_eq!(DateTime { local: far, ..utc }.utc_nanos(), None);
}
