//! When something held: what several places state of it together, and the three answers that a day gets.
//!
//! ```text
//!            earliest start      latest start          earliest end        latest end
//!   ── no ──────┤ not known ─────────┤ yes ────────────────┤ not known ─────────┤── no ──
//! ```
//!
//! Starts and ends are pooled: a start that nobody doubts does not cancel a later one that somebody else states. Yes
//! needs both sides stated (`..` is stated), each by a place that may ground it: what is in doubt (`?`, `%`, "may")
//! bounds, and never grounds. An act needs no end. `during` says yes of all its days and nothing of others. A list
//! that is complete says no of the days on which it lacks the thing; where somebody says yes of such a day, it is not
//! known.

use super::{Day, DaySet, Edtf, End, Precision};
use crate::value::Value;

/// The keys that date an act, in the order in which they are preferred: never the day on which it was published.
pub(crate) const ACT_DATES: [&str; 3] = ["effective", "date", "adopted"];
/// The keys that make a thing a state.
pub(crate) const STATE_DATES: [&str; 3] = ["start", "end", "during"];

/// Whether something held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Holds {
    /// It is stated to hold.
    Yes,
    /// It is stated not to hold: not yet, or no longer.
    No,
    /// Nothing stated contradicts it, and nothing says so either.
    NotStated,
}

/// The days that are asked about: one, or those of a month or a year, of which some day decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Days {
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
}

/// One side of a time, pooled from what states it; sides without limit reach to the ends of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Side {
    first: Day,
    last: Day,
    /// Whether something states it that may ground a yes.
    grounded: bool,
    /// The coarsest precision stated; nothing when only `..` is.
    precision: Option<Precision>,
}

/// What is pooled of one mention.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The days of an act.
    pub act: Option<Edtf>,
    /// When a state began.
    pub start: Option<Edtf>,
    /// When it ended: on its last day.
    pub end: Option<Edtf>,
    /// Days on all of which it held.
    pub during: Option<Edtf>,
    /// Whether `end` is the first day on which it held no more.
    pub end_exclusive: bool,
    /// Whether the place itself speaks with reserve: it bounds, and never grounds a yes.
    pub doubted: bool,
}

/// One side of a time that is known as such: of a life, say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit<'d> {
    /// The days it may be; nothing when it is open.
    pub days: Option<&'d DaySet>,
    /// Whether a yes may rest on it.
    pub grounded: bool,
    /// How finely it is stated.
    pub precision: Option<Precision>,
}

/// When something held, pooled from all that states it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FactTime {
    act: Option<Side>,
    start: Option<Side>,
    end: Option<Side>,
    during: DaySet,
    /// Days on which it held according to what is in doubt, or to one of several.
    perhaps: DaySet,
    /// Days on which a complete list lacks it.
    absent: DaySet,
    /// Whether it is a state: something of it has a start, an end or a `during`.
    state: bool,
    denied: bool,
}

impl Days {
    /// The days of a date that is asked about; nothing for an interval, a date with an open side, or one of dates that
    /// do not follow each other.
    pub(crate) fn of(date: &Edtf) -> Option<Self> {
        if date.is_interval() {
            return None;
        }
        let days = date.days();
        let mut stretches = days.stretches();
        match (stretches.next(), stretches.next()) {
            (Some((Some(first), Some(last))), None) => Some(Self { first, last }),
            _ => None,
        }
    }

    fn set(self) -> DaySet {
        DaySet::of(Some(self.first), Some(self.last))
    }
}

impl Side {
    /// The days of an end as a side of a time; nothing when it is not known. `later`: whether this is the end of it.
    fn of(end: &End, later: bool, doubted: bool) -> Option<Self> {
        let limit = if later { Day::MAX } else { Day::MIN };
        match end {
            End::Unknown => None,
            End::Open => Some(Self { first: limit, last: limit, grounded: !doubted, precision: None }),
            End::At(point) => Some(Self {
                first: point.days.earliest().unwrap_or(Day::MIN),
                last: point.days.latest().unwrap_or(Day::MAX),
                grounded: !doubted && !point.uncertain,
                precision: Some(point.precision),
            }),
        }
    }

    /// The days of an act: from the first on which it may have begun to the last on which it may have been done.
    fn of_act(date: &Edtf, doubted: bool) -> Option<Self> {
        let from = Self::of(date.from(), false, doubted);
        let to = Self::of(date.to(), true, doubted);
        match (from, to) {
            (Some(from), Some(to)) => Some(Self {
                first: from.first,
                last: to.last,
                grounded: to.grounded && from.grounded,
                precision: coarser(from.precision, to.precision),
            }),
            // it is not known when it was done
            (Some(from), None) => Some(Self { last: Day::MAX, grounded: false, ..from }),
            (None, Some(to)) => Some(Self { first: Day::MIN, ..to }),
            (None, None) => None,
        }
    }

    /// Every day moved by one towards the past.
    fn day_before(self) -> Self {
        let before = |day: Day| if day == Day::MAX || day == Day::MIN { day } else { Day { days: day.days - 1 } };
        Self { first: before(self.first), last: before(self.last), ..self }
    }

    fn pool(known: &mut Option<Self>, more: Option<Self>) {
        let Some(more) = more else { return };
        *known = Some(known.map_or(more, |known| Self {
            first: known.first.min(more.first),
            last: known.last.max(more.last),
            grounded: known.grounded || more.grounded,
            precision: coarser(known.precision, more.precision),
        }));
    }
}

fn coarser(a: Option<Precision>, b: Option<Precision>) -> Option<Precision> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

impl FactTime {
    /// The time that these mentions state together.
    pub(crate) fn pooled(moments: impl IntoIterator<Item = Moment>) -> Self {
        let mut time = Self::default();
        let (mut during, mut perhaps) = (Vec::new(), Vec::new());
        for moment in moments {
            let doubted = moment.doubted;
            time.state |= moment.start.is_some() || moment.end.is_some() || moment.during.is_some();
            Side::pool(&mut time.act, moment.act.as_ref().and_then(|act| Side::of_act(act, doubted)));
            if let Some(start) = &moment.start {
                Side::pool(&mut time.start, Side::of(start.from(), false, doubted));
            }
            let end = match (&moment.end, &moment.start) {
                (Some(end), _) => Side::of(end.to(), true, doubted),
                // a start written as an interval says when it ended, too
                (None, Some(start)) if start.is_interval() => Side::of(start.to(), true, doubted),
                _ => None,
            };
            let exclusive = moment.end_exclusive && moment.end.is_some();
            Side::pool(&mut time.end, end.map(|end| if exclusive { end.day_before() } else { end }));
            if let Some(days) = &moment.during {
                match certainly_all(days).filter(|_| !doubted) {
                    Some(all) => during.push(all),
                    None => perhaps.push(days.days()),
                }
            }
        }
        time.during = DaySet::union_of(&during);
        time.perhaps = DaySet::union_of(&perhaps);
        if time.state {
            // what is a state with a date and no start began with that act
            time.start = time.start.or(time.act);
        } else {
            time.start = time.act;
        }
        time
    }

    /// The time that properties state, where nothing else does.
    pub(crate) fn of_properties(property: impl Fn(&str) -> Value) -> Self {
        let date = |key: &str| Edtf::of_value(&property(key));
        let act = ACT_DATES.iter().find_map(|key| date(key));
        let [start, end, during] = STATE_DATES.map(date);
        let first = Moment { act, start, end, during, ..Moment::default() };
        let listed = match property("during") {
            Value::List(list) => list.iter().filter_map(Edtf::of_value).collect(),
            _ => Vec::new(),
        };
        let more = listed.into_iter().map(|during| Moment { during: Some(during), ..Moment::default() });
        Self::pooled(std::iter::once(first).chain(more))
    }

    /// The time of what a date by itself stands for: an interval, or some day of the date.
    pub(crate) fn of_date(date: &Edtf) -> Self {
        let (start, end) = (Side::of(date.from(), false, false), Side::of(date.to(), true, false));
        Self { start, end, state: true, ..Self::default() }
    }

    /// From one side to the other; a side that is not stated bounds nothing.
    pub(crate) fn between(start: Option<Limit<'_>>, end: Option<Limit<'_>>) -> Self {
        let side = |limit: Limit<'_>, open: Day| Side {
            first: limit.days.map_or(open, |days| days.earliest().unwrap_or(Day::MIN)),
            last: limit.days.map_or(open, |days| days.latest().unwrap_or(Day::MAX)),
            grounded: limit.grounded,
            precision: limit.precision,
        };
        let (start, end) = (start.map(|start| side(start, Day::MIN)), end.map(|end| side(end, Day::MAX)));
        Self { start, end, state: start.is_some() || end.is_some(), ..Self::default() }
    }

    /// What is denied and affirmed by nobody: it holds on no day.
    pub(crate) fn never() -> Self {
        Self { denied: true, ..Self::default() }
    }

    /// With the days on which complete lists lack it.
    #[must_use]
    pub(crate) fn absent_on(mut self, days: DaySet) -> Self {
        self.absent = days;
        self
    }

    /// The days of which it is stated that it held on all of them.
    pub(crate) fn listed(&self) -> DaySet {
        self.during.clone()
    }

    /// Whether it held on some day of `asked`: yes when it did on one of them, no when it did on none.
    pub(crate) fn holds(&self, asked: Days) -> Holds {
        if self.denied {
            return Holds::No;
        }
        let asked = asked.set();
        let possible = DaySet::of(self.start.map(|start| start.first), self.last());
        let said = self.core().union(&self.during);
        let yes = self.certain();
        if !asked.excludes(&yes) {
            return Holds::Yes;
        }
        // who says that it held stands against those whose dates or lists say that it did not
        let said = said.union(&self.perhaps);
        let no = possible.complement().union(&self.absent).without(&said);
        if no.contains(&asked) { Holds::No } else { Holds::NotStated }
    }

    /// The days on which it held for certain, by its two sides.
    fn core(&self) -> DaySet {
        let end = if self.state { self.end } else { self.start.map(|_| NO_END) };
        match (self.start, end) {
            (Some(start), Some(end)) if start.grounded && end.grounded => DaySet::of(Some(start.last), Some(end.first)),
            _ => DaySet::empty(),
        }
    }

    /// The last day on which it may have held.
    fn last(&self) -> Option<Day> {
        if self.state { self.end.map(|end| end.last) } else { None }
    }

    /// The first day it may concern; nothing when that is open or not stated.
    pub(crate) fn earliest(&self) -> Option<Day> {
        match self.start {
            Some(start) => Some(start.first).filter(|day| *day != Day::MIN),
            // a list says of its days only
            None if self.end.is_none() => self.during.union(&self.perhaps).earliest(),
            None => None,
        }
    }

    /// The last day it may concern: of an act the last on which it may have been done, of a state the last on which it
    /// may have held; nothing when that is open or not stated.
    pub(crate) fn latest(&self) -> Option<Day> {
        let end = if self.state { self.end } else { self.act };
        match end {
            Some(end) => Some(end.last).filter(|day| *day != Day::MAX),
            None if self.start.is_none() => self.during.union(&self.perhaps).latest(),
            None => None,
        }
    }

    /// How finely it is stated: the coarsest of its dates; nothing when none has a day.
    pub(crate) fn precision(&self) -> Option<Precision> {
        coarser(self.start.and_then(|s| s.precision), self.end.and_then(|s| s.precision))
    }

    /// Whether the two held on one day at least.
    pub(crate) fn overlaps(&self, other: &Self) -> Holds {
        let (mine, theirs) = (self.reach(), other.reach());
        if mine.excludes(&theirs) {
            return Holds::No;
        }
        let (core, other_core) = (self.certain(), other.certain());
        let meets = |core: &DaySet, time: &Self| {
            let side = |side: Option<Side>| {
                side.is_some_and(|s| s.grounded && core.contains(&DaySet::of(Some(s.first), Some(s.last))))
            };
            side(time.start) || time.state && side(time.end)
        };
        if !core.excludes(&other_core) || meets(&core, other) || meets(&other_core, self) {
            return Holds::Yes;
        }
        Holds::NotStated
    }

    /// The days on which it may have held.
    fn reach(&self) -> DaySet {
        if self.denied {
            return DaySet::empty();
        }
        let sides = DaySet::of(self.start.map(|start| start.first), self.last());
        sides.without(&self.absent).union(&self.during).union(&self.perhaps)
    }

    /// The days on which it held for certain.
    pub(crate) fn certain(&self) -> DaySet {
        let possible = DaySet::of(self.start.map(|start| start.first), self.last());
        self.core().union(&self.during).intersect(&possible).without(&self.absent)
    }
}

/// The end of an act: none.
const NO_END: Side = Side { first: Day::MAX, last: Day::MAX, grounded: true, precision: None };

/// The days of a `during` when it says that it held on all of them.
fn certainly_all(during: &Edtf) -> Option<DaySet> {
    let sure = |end: &End| match end {
        End::At(point) => !point.uncertain && !point.approximate && !point.choice,
        End::Open => true,
        End::Unknown => false,
    };
    (sure(during.from()) && sure(during.to())).then(|| during.days())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<Edtf> {
        (!text.is_empty()).then(|| Edtf::parse(text).unwrap_or_else(|why| unreachable!("{text}: {why}")))
    }

    fn state(start: &str, end: &str) -> Moment {
        Moment { start: read(start), end: read(end), ..Moment::default() }
    }

    fn act(date: &str) -> Moment {
        Moment { act: read(date), ..Moment::default() }
    }

    fn during(days: &str) -> Moment {
        Moment { during: read(days), ..Moment::default() }
    }

    fn holds(moments: &[Moment], asked: &str) -> Holds {
        let asked = read(asked).and_then(|asked| Days::of(&asked)).expect("a date to ask about");
        FactTime::pooled(moments.to_vec()).holds(asked)
    }

    use Holds::{No, NotStated, Yes};

    #[test]
    fn a_state_holds_between_its_latest_start_and_its_earliest_end() {
        let time = [state("2022", "2025-03")];
        for (asked, answer) in [
            ("2021-12-31", No),
            ("2022-06-01", NotStated),
            ("2022", Yes),
            ("2022-12-31", Yes),
            ("2025-03-01", Yes),
            ("2025-03-02", NotStated),
            ("2025-04-01", No),
        ] {
            assert_eq!(holds(&time, asked), answer, "{asked}");
        }
        assert_eq!(holds(&[state("2022", "")], "2030"), NotStated, "silence is no end");
        assert_eq!(holds(&[state("2022", "..")], "2030"), Yes);
        assert_eq!(holds(&[state("2022/..", "")], "2030"), Yes);
        assert_eq!(holds(&[state("2022/2024", "")], "2025"), No);
        assert_eq!(holds(&[state("", "2025")], "2020"), NotStated);
        assert_eq!(holds(&[state("", "2025")], "2026"), No);
        assert_eq!(holds(&[state("XXXX-01-23", "")], "2020"), NotStated);
        assert_eq!(holds(&[], "2020"), NotStated);
    }

    #[test]
    fn what_is_in_doubt_bounds_and_grounds_nothing() {
        for (start, on_1990_12_01, on_1991_06_01, on_1992_06_01) in [
            ("1991", No, NotStated, Yes),
            ("1991~", NotStated, NotStated, NotStated),
            ("1991?", No, NotStated, NotStated),
            ("[1991,1993]", No, NotStated, NotStated),
            ("199X", NotStated, NotStated, NotStated),
        ] {
            let time = [state(start, "..")];
            let days = ["1990-12-01", "1991-06-01", "1992-06-01"].map(|asked| holds(&time, asked));
            assert_eq!(days, [on_1990_12_01, on_1991_06_01, on_1992_06_01], "{start}");
        }
        assert_eq!(holds(&[state("[1991,1993]", "..")], "1993-12-31"), Yes);
        let hedged = Moment { doubted: true, ..state("2010", "..") };
        assert_eq!(holds(std::slice::from_ref(&hedged), "2020"), NotStated);
        assert_eq!(holds(&[hedged, state("2011", "..")], "2020"), Yes);
    }

    #[test]
    fn an_act_holds_from_its_day_on() {
        assert_eq!(holds(&[act("2004-01-01")], "2003-12-31"), No);
        assert_eq!(holds(&[act("2004-01-01")], "2004-01-01"), Yes);
        assert_eq!(holds(&[act("[1991,1993]")], "1992-06-01"), NotStated);
        assert_eq!(holds(&[act("[1991,1993]")], "1993-12-31"), Yes);
        let going_on = [act("2004/2006")];
        assert_eq!(["2003", "2005", "2006-12-31"].map(|day| holds(&going_on, day)), [No, NotStated, Yes]);
        assert_eq!(holds(&[act("2004/..")], "2020"), NotStated);
        assert_eq!(holds(&[act("2004"), act("2005")], "1998-01-01"), No);
        assert_eq!(holds(&[act("2004"), act("2005")], "2004-12-31"), NotStated);
        assert_eq!(holds(&[act("2004"), act("2005")], "2020"), Yes);
    }

    #[test]
    fn starts_and_ends_are_pooled() {
        let time = [
            Moment { end_exclusive: true, ..state("2010", "2020") },
            Moment { end_exclusive: true, ..state("2012", "2025") },
        ];
        assert_eq!(
            ["2009", "2011", "2015", "2022", "2026"].map(|d| holds(&time, d)),
            [No, NotStated, Yes, NotStated, No]
        );
        let exclusive = [Moment { end_exclusive: true, ..state("2010", "2020-01-01") }];
        assert_eq!(["2019-12-31", "2020-01-01"].map(|day| holds(&exclusive, day)), [Yes, No]);
        let inclusive = [state("2010", "2020-01-01")];
        assert_eq!(["2020-01-01", "2020-01-02"].map(|day| holds(&inclusive, day)), [Yes, No]);
    }

    #[test]
    fn lists_say_of_their_days_only_unless_they_are_complete() {
        let listed = [during("2010"), during("2012")];
        assert_eq!(["2010-06-01", "2011-06-01"].map(|day| holds(&listed, day)), [Yes, NotStated]);
        assert_eq!(holds(&[during("2010~")], "2010-06-01"), NotStated);
        assert_eq!(holds(&[during("[2010,2011]")], "2010-06-01"), NotStated);
        let asked = |day: &str| Days::of(&read(day).expect("a date")).expect("days");
        let absent = FactTime::pooled(listed).absent_on(read("2011/2012").expect("days").days());
        assert_eq!(absent.holds(asked("2010")), Yes);
        assert_eq!(absent.holds(asked("2011-06-01")), No);
        assert_eq!(absent.holds(asked("2012-06-01")), NotStated, "one list has it, another one lacks it");
        assert_eq!(FactTime::never().holds(asked("2010")), No);
    }

    #[test]
    fn what_meets_and_what_cannot() {
        let time = |text: &str| FactTime::of_date(&Edtf::parse(text).expect("a date"));
        for (a, b, answer) in [
            ("2010/2015", "2012/2020", Yes),
            ("2010/2015", "2015/2020", NotStated),
            ("2010/2015", "2016/2020", No),
            ("2010/..", "../2012", Yes),
            ("2010/2015", "2012", Yes),
            ("2012", "2012", NotStated),
            ("2012-05-03", "2012-05-03", Yes),
            ("2010/", "2012", NotStated),
        ] {
            assert_eq!(time(a).overlaps(&time(b)), answer, "{a} {b}");
            assert_eq!(time(b).overlaps(&time(a)), answer, "{b} {a}");
        }
    }

    /// A side as the model knows it: first and last day, and whether it is certain.
    type Span = (i64, i64, bool);

    fn span() -> impl Strategy<Value = Span> {
        (0_i64..20, 0_i64..6, prop::bool::weighted(0.7)).prop_map(|(first, more, sure)| (first, first + more, sure))
    }

    fn text((first, last, sure): Span) -> String {
        let day = |n: i64| Day { days: 18_000 + n };
        let mark = if sure { "" } else { "?" };
        if first == last { format!("{}{mark}", day(first)) } else { format!("[{}{mark}..{}]", day(first), day(last)) }
    }

    #[derive(Clone, Debug)]
    struct Stated {
        start: Option<Span>,
        end: Option<Span>,
        during: Option<Span>,
    }

    fn stated() -> impl Strategy<Value = Stated> {
        let side = || prop::option::of(span());
        (side(), side(), prop::option::weighted(0.3, span())).prop_map(|(start, end, during)| Stated {
            start,
            end,
            during,
        })
    }

    /// The rule, said of one day.
    fn model(all: &[Stated], day: i64) -> Holds {
        let starts: Vec<Span> = all.iter().filter_map(|s| s.start).collect();
        let ends: Vec<Span> = all.iter().filter_map(|s| s.end).collect();
        let too_early = starts.iter().map(|s| s.0).min().is_some_and(|first| day < first);
        let too_late = ends.iter().map(|s| s.1).max().is_some_and(|last| day > last);
        let listed =
            |sure: bool| all.iter().filter_map(|s| s.during).any(|d| (d.0..=d.1).contains(&day) && (!sure || d.2));
        let begun = starts.iter().any(|s| s.2) && starts.iter().all(|s| day >= s.1);
        let going = ends.iter().any(|s| s.2) && ends.iter().all(|s| day <= s.0);
        let yes = listed(true) || begun && going;
        match (too_early || too_late, yes || listed(false)) {
            (true, false) => No,
            (true, true) => NotStated,
            (false, _) if yes => Yes,
            (false, _) => NotStated,
        }
    }

    proptest! {
        #[test]
        fn holding_is_what_the_rule_says_of_every_day(
            all in prop::collection::vec(stated(), 0..5),
            first in -5_i64..30,
            more in 0_i64..5,
        ) {
            let during = |(first, last, sure): Span| {
                let day = |n: i64| Day { days: 18_000 + n };
                let text = format!("{}{}/{}", day(first), if sure { "" } else { "?" }, day(last));
                Edtf::parse(&text).expect("an interval")
            };
            let moments = all.iter().map(|s| Moment {
                start: s.start.map(|s| Edtf::parse(&text(s)).expect("a date")),
                end: s.end.map(|s| Edtf::parse(&text(s)).expect("a date")),
                during: s.during.map(during),
                ..Moment::default()
            });
            let time = FactTime::pooled(moments);
            let days: Vec<Holds> = (first..=first + more).map(|day| model(&all, day)).collect();
            let expected = if days.contains(&Yes) {
                Yes
            } else if days.iter().all(|day| *day == No) {
                No
            } else {
                NotStated
            };
            let day = |n: i64| Day { days: 18_000 + n };
            prop_assert_eq!(time.holds(Days { first: day(first), last: day(first + more) }), expected);
        }

        #[test]
        fn what_certainly_holds_together_overlaps(a in prop::collection::vec(stated(), 1..3), b in prop::collection::vec(stated(), 1..3)) {
            let time = |all: &[Stated]| FactTime::pooled(all.iter().map(|s| Moment {
                start: s.start.map(|s| Edtf::parse(&text(s)).expect("a date")),
                end: s.end.map(|s| Edtf::parse(&text(s)).expect("a date")),
                ..Moment::default()
            }));
            let (x, y) = (time(&a), time(&b));
            prop_assert_eq!(x.overlaps(&y), y.overlaps(&x));
            let day = |n: i64| Day { days: 18_000 + n };
            let on = |time: &FactTime, n: i64| time.holds(Days { first: day(n), last: day(n) });
            let both = |answer: Holds| (-5..40).any(|n| on(&x, n) == answer && on(&y, n) == answer);
            if both(Yes) {
                prop_assert_eq!(x.overlaps(&y), Yes);
            }
            let apart = (-5..40).all(|n| on(&x, n) == No || on(&y, n) == No);
            if x.overlaps(&y) == No {
                prop_assert!(apart);
            }
        }
    }
}
