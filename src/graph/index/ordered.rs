//! Slots in the order of their values (openCypher's ORDER BY), then slot: ranges, prefixes, first and last.
//!
//! Only slots are kept; how two of them stand is read from their column. So a slot is taken out while the column still
//! holds what it was put in with, and put in when the column holds the new value.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::ops::Bound;

use super::Part;
use super::chunks::{Chunks, Place};
use crate::graph::column::{Column, ColumnKind};
use crate::value::Value;
use crate::value::order::order;

/// The sorted slots. Cloning costs a reference count for each chunk of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Ordered(Chunks);

/// A value and its slot, in index order.
#[derive(Debug)]
struct Key(Value, u32);

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        order(&self.0, &other.0).then(self.1.cmp(&other.1))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

/// What a seek is looking for: where it starts and ends among values in order.
pub(super) enum Span<'a> {
    All,
    /// Values of one comparable kind between bounds; `probe` is any of the bounds.
    Between {
        lower: Bound<&'a Value>,
        upper: Bound<&'a Value>,
        probe: &'a Value,
    },
    /// Strings with a prefix.
    Prefix(&'a str),
}

impl<'a> Span<'a> {
    /// The span of comparisons with these bounds. `Err(true)`: nothing can match; `Err(false)`: an index cannot tell.
    pub(super) fn between(lower: Bound<&'a Value>, upper: Bound<&'a Value>) -> Result<Self, bool> {
        let value = |bound: Bound<&'a Value>| match bound {
            Bound::Included(v) | Bound::Excluded(v) => Some(v),
            Bound::Unbounded => None,
        };
        let Some(probe) = value(lower).or(value(upper)) else { return Err(false) };
        for bound in [value(lower), value(upper)].into_iter().flatten() {
            match bound {
                Value::Null => return Err(true),
                Value::Float(x) if x.is_nan() => return Err(true),
                Value::List(_) | Value::Map(_) | Value::Node(_) | Value::Rel(_) => return Err(false),
                Value::Path(_) | Value::Duration(_) => return Err(false),
                _ if !same_kind(bound, probe) => return Err(true),
                _ => {}
            }
        }
        Ok(Self::Between { lower, upper, probe })
    }

    /// Whether the value stands before the span.
    fn is_after(&self, value: &Value) -> bool {
        match self {
            Self::All => false,
            Self::Between { lower: Bound::Included(low), .. } => order(value, low).is_lt(),
            Self::Between { lower: Bound::Excluded(low), .. } => order(value, low).is_le(),
            Self::Between { probe, .. } => !same_kind(value, probe) && order(value, probe).is_lt(),
            Self::Prefix(prefix) => match value {
                Value::Str(text) => text.as_bytes() < prefix.as_bytes(),
                other => order(other, &Value::Str("".into())).is_lt(),
            },
        }
    }

    /// Whether the value stands before the end of the span.
    fn ends_after(&self, value: &Value) -> bool {
        match self {
            Self::All => true,
            Self::Between { upper: Bound::Included(high), .. } => order(value, high).is_le(),
            Self::Between { upper: Bound::Excluded(high), .. } => order(value, high).is_lt(),
            Self::Between { probe, .. } => same_kind(value, probe) || order(value, probe).is_lt(),
            Self::Prefix(prefix) => match value {
                Value::Str(text) => text.starts_with(prefix) || text.as_bytes() < prefix.as_bytes(),
                other => order(other, &Value::Str("".into())).is_lt(),
            },
        }
    }

    /// The same two questions for a string, without making a value; nothing where it has to be made.
    fn text_before(&self, text: &str, end: bool) -> Option<bool> {
        let bytes = text.as_bytes();
        match self {
            Self::Prefix(prefix) if end => Some(text.starts_with(prefix) || bytes < prefix.as_bytes()),
            Self::Prefix(prefix) => Some(bytes < prefix.as_bytes()),
            _ => self.own_before(bytes, end, |value| match value {
                Value::Str(text) => Some(text.as_bytes()),
                _ => None,
            }),
        }
    }

    /// The same two questions for an integer.
    fn int_before(&self, int: i64, end: bool) -> Option<bool> {
        self.own_before(&int, end, |value| match value {
            Value::Int(int) => Some(int),
            _ => None,
        })
    }

    /// The same for what is of one type with the bounds.
    fn own_before<T: Ord + ?Sized>(&self, own: &T, end: bool, typed: impl Fn(&Value) -> Option<&T>) -> Option<bool> {
        let Self::Between { lower, upper, probe } = self else { return None };
        let (bound, included) = match if end { upper } else { lower } {
            Bound::Included(bound) => (typed(bound)?, true),
            Bound::Excluded(bound) => (typed(bound)?, false),
            Bound::Unbounded => return typed(probe).map(|_| end),
        };
        let ordering = own.cmp(bound);
        // what is included stands before the end, and not before the start
        Some(if end == included { ordering.is_le() } else { ordering.is_lt() })
    }
}

fn same_kind(a: &Value, b: &Value) -> bool {
    use Value::{Float, Int};
    match (a, b) {
        (Float(x), _) | (_, Float(x)) if x.is_nan() => false,
        (Int(_) | Float(_), Int(_) | Float(_)) => true,
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

impl Ordered {
    pub(super) fn build(slots: Vec<u32>, column: &Column) -> Self {
        Self::from_sorted(&sorted(slots, column))
    }

    /// From slots that were stored in order.
    pub(super) fn from_sorted(slots: &[u32]) -> Self {
        Self(Chunks::from_sorted(slots))
    }

    /// Puts in a slot whose value stands in the column.
    pub(super) fn insert(&mut self, slot: u32, column: &Column) {
        self.0.insert(slot, standing_to(slot, column));
    }

    /// Takes out a slot whose value still stands in the column.
    pub(super) fn remove(&mut self, slot: u32, column: &Column) {
        self.0.remove(standing_to(slot, column));
    }

    pub(super) fn count(&self, span: &Span<'_>, column: &Column) -> u64 {
        let (from, to) = self.range(span, usize::MAX, column);
        self.0.distance(from, to) as u64
    }

    /// Appends a part of the slots of the span.
    pub(super) fn collect(&self, span: &Span<'_>, part: Part, column: &Column, out: &mut Vec<u32>) {
        if part.max == 0 {
            return;
        }
        let most = if part.descending { usize::MAX } else { part.skip.saturating_add(part.max) };
        let (from, to) = self.range(span, most, column);
        let (mut skip, mut left) = (part.skip, part.max);
        let mut take = |length: usize| {
            let passed = skip.min(length);
            let taken = left.min(length - passed);
            (skip, left) = (skip - passed, left - taken);
            (left > 0, passed, taken)
        };
        let mut take_all = |from: Place, to: Place| {
            self.0.slices(from, to).all(|slots| {
                let (more, passed, taken) = take(slots.len());
                out.extend_from_slice(&slots[passed..passed + taken]);
                more
            })
        };
        if !part.descending {
            take_all(from, to);
            return;
        }
        // the last value first; slots of equal values in their order, as a sort would leave them
        let mut end = to;
        while from < end
            && let Some(last) = self.0.before(end)
        {
            let start = self.0.start_of_run(from, end, |slot| between(column, slot, last).is_lt());
            if !take_all(start, end) {
                break;
            }
            end = start;
        }
    }

    /// All slots, in order.
    pub(super) fn slots(&self) -> Vec<u32> {
        let (from, to) = (Chunks::START, self.0.end());
        let mut slots = Vec::with_capacity(self.0.distance(from, to));
        self.0.slices(from, to).for_each(|part| slots.extend_from_slice(part));
        slots
    }

    /// Where the span starts and ends; no more than its first `most` slots, whose end is found without a search.
    fn range(&self, span: &Span<'_>, most: usize, column: &Column) -> (Place, Place) {
        let before = |slot: u32, end: bool| stands_before(span, slot, end, column);
        let end = self.0.end();
        if let Span::All = span {
            return (Chunks::START, if most < usize::MAX { self.0.advance(Chunks::START, most, end) } else { end });
        }
        let from = self.0.partition(Chunks::START, end, |slot| before(slot, false));
        let to = if most < usize::MAX { self.0.advance(from, most, end) } else { end };
        match self.0.before(to) {
            Some(last) if from < to && before(last, true) => (from, to),
            _ => (from, self.0.partition(from, to, |slot| before(slot, true))),
        }
    }

    /// Whether the parts fit together.
    pub(super) fn is_sound(&self) -> bool {
        self.0.is_sound()
    }

    /// How many chunks are not those of another clone.
    #[cfg(test)]
    pub(super) fn own(&self, other: &Self) -> usize {
        self.0.own(&other.0)
    }
}

/// Whether the value of a slot stands before the start of a span, or before its end.
pub(super) fn stands_before(span: &Span<'_>, slot: u32, end: bool, column: &Column) -> bool {
    let typed = match column.int(slot) {
        Some(int) => span.int_before(int, end),
        None => column.str(slot).and_then(|text| span.text_before(text, end)),
    };
    match typed {
        Some(answer) => answer,
        None if end => span.ends_after(&column.get(slot)),
        None => span.is_after(&column.get(slot)),
    }
}

/// How the values of two slots stand to each other.
pub(super) fn between(column: &Column, one: u32, other: u32) -> Ordering {
    if let (Some(one), Some(other)) = (column.int(one), column.int(other)) {
        return one.cmp(&other);
    }
    if let (Some(one), Some(other)) = (column.moment(one), column.moment(other)) {
        return one.cmp(&other);
    }
    match (column.str_code(one), column.str_code(other)) {
        (Some(one), Some(other)) => column.pool().compare(one, other),
        _ => order(&column.get(one), &column.get(other)),
    }
}

/// How another slot stands to this one: by value, then slot.
fn standing_to(slot: u32, column: &Column) -> impl Fn(u32) -> Ordering {
    let (int, code) = (column.int(slot), column.str_code(slot));
    let value = OnceCell::new();
    move |other| {
        let by_value = match (int, code) {
            (Some(int), _) => column.int(other).map(|other| other.cmp(&int)),
            (_, Some(code)) => column.str_code(other).map(|other| column.pool().compare(other, code)),
            _ => None,
        };
        by_value
            .unwrap_or_else(|| order(&column.get(other), value.get_or_init(|| column.get(slot))))
            .then(other.cmp(&slot))
    }
}

/// The slots by value, then slot. Integers and strings are sorted as numbers (strings by the rank of their code).
pub(super) fn sorted(mut slots: Vec<u32>, column: &Column) -> Vec<u32> {
    match column.kind() {
        Some(ColumnKind::Int) => {
            let mut keys: Vec<(i64, u32)> = slots.iter().map(|&s| (column.int(s).unwrap_or_default(), s)).collect();
            keys.sort_unstable();
            slots.clear();
            slots.extend(keys.iter().map(|k| k.1));
            slots
        }
        Some(ColumnKind::Str) => by_rank(slots, column),
        _ if slots.iter().all(|&slot| column.moment(slot).is_some()) => {
            slots.sort_unstable_by_key(|&slot| (column.moment(slot), slot));
            slots
        }
        _ => {
            let mut keys: Vec<Key> = slots.iter().map(|&s| Key(column.get(s), s)).collect();
            keys.sort_unstable();
            keys.into_iter().map(|k| k.1).collect()
        }
    }
}

fn by_rank(slots: Vec<u32>, column: &Column) -> Vec<u32> {
    let pool = column.pool();
    let head = |code: u32| {
        let mut head = [0u8; 8];
        let text = pool.text(code).as_bytes();
        let length = text.len().min(8);
        head[..length].copy_from_slice(&text[..length]);
        u64::from_be_bytes(head)
    };
    let code = |slot: u32| column.str_code(slot).unwrap_or_default();
    let mut rank = vec![u32::MAX; pool.len()];
    let mut codes = Vec::new();
    for &slot in &slots {
        let code = code(slot);
        if std::mem::replace(&mut rank[code as usize], 0) == u32::MAX {
            codes.push((head(code), code));
        }
    }
    codes.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| pool.compare(a.1, b.1)));
    for (at, &(_, code)) in (0u32..).zip(&codes) {
        rank[code as usize] = at;
    }
    let mut keys: Vec<u64> = slots.iter().map(|&s| u64::from(rank[code(s) as usize]) << 32 | u64::from(s)).collect();
    keys.sort_unstable();
    keys.into_iter().map(|k| k as u32).collect()
}
