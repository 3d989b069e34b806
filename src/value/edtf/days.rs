//! Sets of days: what a date may mean, as sorted disjoint stretches that may be open on either side.
//!
//! Stretches that touch are one stretch, so two sets are equal when they have the same days. Asking for one day is
//! O(log n), two sets are compared or joined in O(n + m), many are joined in O(n log n); no operation goes from day
//! to day.

use smallvec::SmallVec;

use super::Day;

/// The day of a side without limit.
const BEFORE: i64 = i64::MIN;
const AFTER: i64 = i64::MAX;

/// Days from `first` to `last`, both included, counted from 1970-01-01; [`BEFORE`] and [`AFTER`] have no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Stretch {
    first: i64,
    last: i64,
}

/// A set of days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct DaySet {
    stretches: SmallVec<[Stretch; 1]>,
}

impl DaySet {
    /// No day.
    pub(crate) fn empty() -> Self {
        Self::default()
    }

    /// Every day.
    pub(crate) fn all() -> Self {
        Self::stretch(BEFORE, AFTER)
    }

    /// The days from `first` to `last`, both included; nothing is a side without limit. No day when `last` is
    /// before `first`.
    pub(crate) fn of(first: Option<Day>, last: Option<Day>) -> Self {
        Self::stretch(first.map_or(BEFORE, |day| day.days), last.map_or(AFTER, |day| day.days))
    }

    /// The days that are in any of `sets`.
    pub(crate) fn union_of<'a>(sets: impl IntoIterator<Item = &'a Self>) -> Self {
        Self::normal(sets.into_iter().flat_map(|set| set.stretches.iter().copied()).collect())
    }

    /// The days from each `first` to its `last`, as [`Self::of`] reads them.
    pub(crate) fn of_stretches(stretches: impl IntoIterator<Item = (Option<Day>, Option<Day>)>) -> Self {
        let stretches = stretches.into_iter().map(|(first, last)| Stretch {
            first: first.map_or(BEFORE, |day| day.days),
            last: last.map_or(AFTER, |day| day.days),
        });
        Self::normal(stretches.filter(|s| s.first <= s.last).collect())
    }

    fn stretch(first: i64, last: i64) -> Self {
        let mut stretches = SmallVec::new();
        if first <= last {
            stretches.push(Stretch { first, last });
        }
        Self { stretches }
    }

    fn normal(mut stretches: SmallVec<[Stretch; 1]>) -> Self {
        if !stretches.is_sorted() {
            stretches.sort_unstable();
        }
        let mut joined: SmallVec<[Stretch; 1]> = SmallVec::new();
        for next in stretches {
            match joined.last_mut() {
                Some(before) if next.first <= before.last.saturating_add(1) => before.last = before.last.max(next.last),
                _ => joined.push(next),
            }
        }
        Self { stretches: joined }
    }

    /// Whether no day is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// Whether every day is in it: a date that says so bounds nothing.
    pub(crate) fn is_all(&self) -> bool {
        matches!(self.stretches[..], [Stretch { first: BEFORE, last: AFTER }])
    }

    /// The first day; nothing when there is none, or no limit on this side.
    pub(crate) fn earliest(&self) -> Option<Day> {
        self.stretches.first().filter(|s| s.first != BEFORE).map(|s| Day { days: s.first })
    }

    /// The last day; nothing when there is none, or no limit on this side.
    pub(crate) fn latest(&self) -> Option<Day> {
        self.stretches.last().filter(|s| s.last != AFTER).map(|s| Day { days: s.last })
    }

    /// The one day in it.
    pub(crate) fn single(&self) -> Option<Day> {
        match self.stretches[..] {
            [Stretch { first, last }] if first == last => Some(Day { days: first }),
            _ => None,
        }
    }

    /// The stretches from the first to the last; nothing is a side without limit.
    pub(crate) fn stretches(&self) -> impl ExactSizeIterator<Item = (Option<Day>, Option<Day>)> {
        self.stretches.iter().map(|s| {
            let first = (s.first != BEFORE).then_some(Day { days: s.first });
            (first, (s.last != AFTER).then_some(Day { days: s.last }))
        })
    }

    /// Whether every day of `other` is in it.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        let mut mine = self.stretches.iter().peekable();
        other.stretches.iter().all(|theirs| {
            while mine.next_if(|s| s.last < theirs.first).is_some() {}
            mine.peek().is_some_and(|s| s.first <= theirs.first && theirs.last <= s.last)
        })
    }

    /// Whether no day of `other` is in it.
    pub(crate) fn excludes(&self, other: &Self) -> bool {
        let (mut mine, mut theirs) = (&self.stretches[..], &other.stretches[..]);
        while let ([a, my_rest @ ..], [b, their_rest @ ..]) = (mine, theirs) {
            if a.last < b.first {
                mine = my_rest;
            } else if b.last < a.first {
                theirs = their_rest;
            } else {
                return false;
            }
        }
        true
    }

    /// Whether a day of `other` is in it, or next to a day in it.
    pub(crate) fn touches(&self, other: &Self) -> bool {
        let wider = self.stretches.iter().map(|s| Stretch {
            first: if s.first == BEFORE { BEFORE } else { s.first.saturating_sub(1) },
            last: if s.last == AFTER { AFTER } else { s.last.saturating_add(1) },
        });
        !Self { stretches: wider.collect() }.excludes(other)
    }

    /// The days in either.
    #[must_use]
    pub(crate) fn union(&self, other: &Self) -> Self {
        Self::union_of([self, other])
    }

    /// The days in both.
    #[must_use]
    pub(crate) fn intersect(&self, other: &Self) -> Self {
        let (mut mine, mut theirs) = (&self.stretches[..], &other.stretches[..]);
        let mut both = SmallVec::new();
        while let ([a, my_rest @ ..], [b, their_rest @ ..]) = (mine, theirs) {
            let (first, last) = (a.first.max(b.first), a.last.min(b.last));
            if first <= last {
                both.push(Stretch { first, last });
            }
            if a.last <= b.last {
                mine = my_rest;
            } else {
                theirs = their_rest;
            }
        }
        // neither set has stretches that touch, so none of these do
        Self { stretches: both }
    }

    /// The days that are not in it.
    #[must_use]
    pub(crate) fn complement(&self) -> Self {
        let mut rest = SmallVec::new();
        let mut from = Some(BEFORE);
        for s in &self.stretches {
            if let Some(first) = from
                && first < s.first
            {
                rest.push(Stretch { first, last: s.first.saturating_sub(1) });
            }
            from = (s.last != AFTER).then(|| s.last.saturating_add(1));
        }
        if let Some(first) = from {
            rest.push(Stretch { first, last: AFTER });
        }
        Self { stretches: rest }
    }

    /// The days that are in it and not in `other`.
    #[must_use]
    pub(crate) fn without(&self, other: &Self) -> Self {
        self.intersect(&other.complement())
    }

    /// Every day from the first to the last.
    #[must_use]
    pub(crate) fn hull(&self) -> Self {
        match (self.stretches.first(), self.stretches.last()) {
            (Some(first), Some(last)) => Self::stretch(first.first, last.last),
            _ => Self::empty(),
        }
    }

    /// Every day moved by `by` days.
    #[must_use]
    pub(crate) fn moved(&self, by: i64) -> Self {
        let moved = |day: i64| if matches!(day, BEFORE | AFTER) { day } else { clamp(day.saturating_add(by)) };
        Self::normal(self.stretches.iter().map(|s| Stretch { first: moved(s.first), last: moved(s.last) }).collect())
    }
}

/// The nearest day that the calendar has.
fn clamp(days: i64) -> i64 {
    days.clamp(Day::MIN.days, Day::MAX.days)
}
