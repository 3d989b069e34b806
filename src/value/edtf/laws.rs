//! The parser and the sets against a model that goes from day to day.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{About, Day, DaySet, Edtf, End, Precision};

fn day(year: i64, month: i64, day: i64) -> Day {
    Day::new(year, month, day).expect("a day of the calendar")
}

fn read(text: &str) -> Edtf {
    Edtf::parse(text).unwrap_or_else(|why| unreachable!("{text}: {why}"))
}

fn spans(text: &str) -> Vec<(String, String)> {
    let said = |day: Option<Day>| day.map_or("..".to_owned(), |day| day.to_string());
    read(text).days().stretches().map(|(first, last)| (said(first), said(last))).collect()
}

#[test]
fn days_of_every_form() {
    for (text, expected) in [
        ("2022", "2022-01-01/2022-12-31"),
        ("2023-02", "2023-02-01/2023-02-28"),
        ("2024-02-29", "2024-02-29/2024-02-29"),
        ("201X", "2010-01-01/2019-12-31"),
        ("2023-XX", "2023-01-01/2023-12-31"),
        ("2023-0X", "2023-01-01/2023-09-30"),
        ("2023-04-XX", "2023-04-01/2023-04-30"),
        ("2023-21", "2023-01-01/2023-12-31"),
        ("[2025-07-10,2025-10-07]", "2025-07-10/2025-07-10 2025-10-07/2025-10-07"),
        ("[1901,1902,1905]", "1901-01-01/1902-12-31 1905-01-01/1905-12-31"),
        ("[1901..1903,1905]", "1901-01-01/1903-12-31 1905-01-01/1905-12-31"),
        ("[..1943]", "../1943-12-31"),
        ("[1905,1984..]", "1905-01-01/1905-12-31 1984-01-01/.."),
        ("[1901..1903/1905]", ""),
        ("-0043-03-15", "-0043-03-15/-0043-03-15"),
        ("-004X", "-0049-01-01/-0040-12-31"),
        (
            "-00X4",
            "-0094-01-01/-0094-12-31 -0084-01-01/-0084-12-31 -0074-01-01/-0074-12-31 -0064-01-01/-0064-12-31 \
                   -0054-01-01/-0054-12-31 -0044-01-01/-0044-12-31 -0034-01-01/-0034-12-31 -0024-01-01/-0024-12-31 \
                   -0014-01-01/-0014-12-31 -0004-01-01/-0004-12-31",
        ),
        ("Y-17000", "-17000-01-01/-17000-12-31"),
        ("2023-1X-31", "2023-10-31/2023-10-31 2023-12-31/2023-12-31"),
        ("202X-02-29", "2020-02-29/2020-02-29 2024-02-29/2024-02-29 2028-02-29/2028-02-29"),
        ("1991~", "1990-01-01/1992-12-31"),
        ("1991%", "1990-01-01/1992-12-31"),
        ("1991?", "1991-01-01/1991-12-31"),
        ("199X~", "1980-01-01/2009-12-31"),
        ("2023-01~", "2022-12-01/2023-02-28"),
        ("2024-03~", "2024-02-01/2024-04-30"),
        ("2023-03-01~", "2023-02-28/2023-03-02"),
        ("[1991~,2001]", "1990-01-01/1992-12-31 2001-01-01/2001-12-31"),
        ("2022/2024", "2022-01-01/2024-12-31"),
        ("2022~/2024", "2021-01-01/2024-12-31"),
        ("2013/..", "2013-01-01/.."),
        ("2013/", "2013-01-01/.."),
        ("../2025", "../2025-12-31"),
        ("..", "../.."),
        ("XXXX-01-23", "../.."),
        ("[2011,XXXX]", "../.."),
    ] {
        if expected.is_empty() {
            assert!(Edtf::parse(text).is_err(), "{text}");
            continue;
        }
        let found: Vec<String> = spans(text).iter().map(|(first, last)| format!("{first}/{last}")).collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }
}

#[test]
fn precision_and_doubt_are_kept() {
    for (text, precision) in [
        ("1XXX", Precision::Millennium),
        ("19XX", Precision::Century),
        ("199X", Precision::Decade),
        ("1991", Precision::Year),
        ("Y12026", Precision::Year),
        ("1991-21", Precision::Year),
        ("1991-XX", Precision::Year),
        ("1991-05", Precision::Month),
        ("1991-05-XX", Precision::Month),
        ("1991-05-03", Precision::Day),
        ("[1991-05-03,1992]", Precision::Year),
        ("1991-05-03/1992-05", Precision::Month),
        ("1991-05-03/..", Precision::Day),
    ] {
        assert_eq!(read(text).precision(), Some(precision), "{text}");
    }
    assert_eq!(read("XXXX-01-23").precision(), None);
    for (text, certain) in [("1991", true), ("1991~", true), ("1991?", false), ("1991/1993%", false), ("..", true)] {
        assert_eq!(read(text).certain(), certain, "{text}");
    }
}

#[test]
fn open_and_unknown_ends_differ() {
    assert_eq!(read("2013/..").to(), &End::Open);
    assert_eq!(read("2013/").to(), &End::Unknown);
    assert_eq!(read("XXXX-01-23").from(), &End::Unknown);
    assert_eq!(read("..").from(), &End::Open);
    assert!(read("2013/..").is_interval() && !read("..").is_interval());
    assert_eq!(read("2022/2024").end(), read("2024").days());
}

#[test]
fn the_caller_says_how_far_about_reaches() {
    let about = About::parse("2y").expect("two years");
    let days = |text: &str| Edtf::parse_about(text, about).expect("a date").days();
    assert_eq!(days("1991~"), read("1989/1993").days());
    assert_eq!(days("1991"), read("1991").days(), "what is stated without ~ stays");
    assert_eq!(days("1991-05-03%"), read("1989-05-03/1993-05-03").days());
    assert_eq!(About::parse("10d"), Ok(About::Days(10)));
    assert_eq!(About::parse("6m"), Ok(About::Months(6)));
    for text in ["", "y", "2", "2w", "-2y", "2.5y", "99999999999y", "4294967295y", "２y"] {
        assert!(About::parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_no_date_is_refused() {
    for text in [
        "",
        " ",
        "last year",
        "10-07-2025",
        "2023-13",
        "2023-02-30",
        "23",
        "987",
        "20231",
        "2024/2022",
        "/",
        "2023-1-1",
        "2022/2023/2024",
        "[]",
        "[,]",
        "[2011,]",
        "[..]",
        "[2013..2011]",
        "[2011",
        "2011]",
        "XXXX-02-30",
        "2023-00",
        "2023-00-01",
        "2023-01-00",
        "２０２３",
        "2023-12-08T10:00",
        "?",
        "-",
        "2023-",
        "2023-25",
        "2023-21-05",
        "Y2023",
        "Y-0017000",
        "Y1234567890",
        "Y17000-05",
        "-0000",
        "2023-02-3X",
        "2023-2X",
        "2022??",
        "2022?~",
        "xxxx",
        "{2011,2012}",
        "[2011/2012]",
        "[2011]~",
        "2011-",
        "2011-05-",
        "--2011",
        "open",
        "unknown",
        "2013/open",
    ] {
        assert!(Edtf::parse(text).is_err(), "{text:?} passed");
    }
    for (text, word) in [
        ("after:merger-3", "relative date"),
        ("1582-10-04 calendar=julian", "calendar"),
        ("{2011,2012}", "row of its own"),
        ("987", "0987"),
        ("20231", "Y20231"),
        ("-0000", "1 BC"),
    ] {
        let why = Edtf::parse(text).expect_err("refused");
        assert!(why.contains(word), "{text}: {why}");
    }
}

#[test]
fn patterns_of_many_days_are_bounded() {
    for text in ["XXX0-XX-XX", "XXX1-XX-15", "2XXX-XX-X5", "XX1X-X2-X1", "XXX0-02-29", "-XX1X-XX-X1~"] {
        let days = read(text).days();
        assert!(days.stretches().len() <= 4096, "{text}: {}", days.stretches().len());
    }
    let many: Vec<String> = (0..5000).map(|n| format!("XX{:02}-XX-X5", n % 100)).collect();
    let set = format!("[{}]", many.join(","));
    assert!(read(&set).days().stretches().len() <= 5000);
    // what is plain stays exact however much there is of it
    let plain: Vec<String> = (1000..9000).step_by(2).map(|year| year.to_string()).collect();
    assert_eq!(read(&format!("[{}]", plain.join(","))).days().stretches().len(), 4000);
}

/// The days of a text by trying each: digits compared one by one.
fn fits(pattern: &str, day: Day) -> bool {
    let (year, month, of_month) = day.civil();
    let written = format!("{}{:04}-{month:02}-{of_month:02}", if year < 0 { "-" } else { "" }, year.abs());
    pattern.starts_with('-') == written.starts_with('-')
        && written.bytes().zip(pattern.bytes()).all(|(digit, wanted)| wanted == b'X' || wanted == digit)
}

fn pattern() -> impl Strategy<Value = String> {
    let part = |numbers: Vec<String>| prop::sample::select(numbers);
    let year = part(["2019", "202X", "20X1", "201X", "2X2X", "2023", "2024", "20XX"].map(str::to_owned).to_vec());
    let month = part((1..=12).map(|m| format!("{m:02}")).chain(["0X", "1X", "X1", "XX"].map(str::to_owned)).collect());
    let day = part((1..=31).map(|m| format!("{m:02}")).chain(["0X", "3X", "X5", "XX"].map(str::to_owned)).collect());
    (year, prop::option::of((month, prop::option::of(day)))).prop_map(|(year, rest)| match rest {
        None => year,
        Some((month, None)) => format!("{year}-{month}"),
        Some((month, Some(day))) => format!("{year}-{month}-{day}"),
    })
}

/// Sets within some dozens of days, beside the days they have.
fn small() -> impl Strategy<Value = (DaySet, BTreeSet<i64>)> {
    prop::collection::vec((0_i64..60, 0_i64..6), 0..8).prop_map(|stretches| {
        let day = |days| Some(Day { days });
        let set = DaySet::of_stretches(stretches.iter().map(|(first, size)| (day(*first), day(first + size))));
        (set, stretches.iter().flat_map(|(first, size)| *first..=first + size).collect())
    })
}

fn has(set: &DaySet, day: i64) -> bool {
    set.contains(&DaySet::of(Some(Day { days: day }), Some(Day { days: day })))
}

fn listed(set: &DaySet) -> BTreeSet<i64> {
    (-10..80).filter(|days| has(set, *days)).collect()
}

proptest! {
    #[test]
    fn a_pattern_means_the_days_it_fits(text in pattern()) {
        // a window, so that the model can go through all of it
        let (first, last) = (day(2017, 1, 1), day(2032, 12, 31));
        let expected: BTreeSet<i64> =
            (first.days..=last.days).filter(|days| fits(&text, Day { days: *days })).collect();
        match Edtf::parse(&text) {
            Err(_) => prop_assert!(expected.is_empty(), "{text} was refused"),
            Ok(read) => {
                let days = read.days();
                let found: BTreeSet<i64> =
                    (first.days..=last.days).filter(|days_| has(&days, *days_)).collect();
                prop_assert_eq!(&found, &expected, "{}", text);
            }
        }
    }

    #[test]
    fn sets_of_days_are_sets((a, days_a) in small(), (b, days_b) in small(), by in -5_i64..5) {
        prop_assert_eq!(listed(&a), days_a.clone());
        prop_assert_eq!(a.is_empty(), days_a.is_empty());
        prop_assert_eq!(a.earliest().map(|d| d.days), days_a.first().copied());
        prop_assert_eq!(a.latest().map(|d| d.days), days_a.last().copied());
        prop_assert_eq!(listed(&a.union(&b)), &days_a | &days_b);
        prop_assert_eq!(listed(&a.intersect(&b)), &days_a & &days_b);
        prop_assert_eq!(listed(&a.without(&b)), &days_a - &days_b);
        prop_assert_eq!(a.contains(&b), days_b.is_subset(&days_a));
        prop_assert_eq!(a.excludes(&b), days_a.is_disjoint(&days_b));
        let near: BTreeSet<i64> = days_a.iter().flat_map(|d| [d - 1, *d, d + 1]).collect();
        prop_assert_eq!(a.touches(&b), !near.is_disjoint(&days_b));
        prop_assert_eq!(a == b, days_a == days_b, "equal sets have equal stretches");
        prop_assert_eq!(a.complement().complement(), a.clone());
        prop_assert!(a.excludes(&a.complement()) && a.union(&a.complement()).is_all());
        prop_assert_eq!(a.moved(by).moved(-by), a.clone());
        prop_assert!(a.hull().contains(&a));
        for (set, days) in [(&a, &days_a), (&a.intersect(&b), &(&days_a & &days_b))] {
            let stretches: Vec<_> = set.stretches().collect();
            let gaps = stretches.windows(2).all(|w| w[0].1.map(|d| d.days + 1) < w[1].0.map(|d| d.days));
            prop_assert!(gaps, "sorted, disjoint, none touches the next");
            prop_assert_eq!(days.is_empty(), stretches.is_empty());
        }
    }

    #[test]
    fn open_sides_are_without_limit(at in -50_i64..50, other in -50_i64..50) {
        let from = DaySet::of(Some(Day { days: at }), None);
        let until = DaySet::of(None, Some(Day { days: other }));
        prop_assert_eq!(from.excludes(&until), other < at);
        prop_assert_eq!(from.union(&until).is_all(), at <= other + 1);
        prop_assert_eq!((from.latest(), until.earliest()), (None, None));
        prop_assert_eq!(from.complement(), DaySet::of(None, Some(Day { days: at - 1 })));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[-0-9XY./\\[\\],?~%{}: a-z]{0,20}") {
        if let Ok(read) = Edtf::parse(&text) {
            prop_assert!(!read.days().is_empty());
            prop_assert!(!super::words(&text).is_empty());
            if let (Some(first), Some(last)) = (read.earliest(), read.latest()) {
                prop_assert!(first <= last);
            }
        }
    }
}
