//! Slots in the order of their values (openCypher's ORDER BY), then slot: ranges, prefixes, first and last.
//!
//! A sorted array and what changed since: `moved` remembers what a slot of the array held when it was sorted, `extra`
//! holds what came after. Too many changes, and the array is sorted anew at the next read.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::{Bound, ControlFlow, Range};

use rustc_hash::FxHashMap;

use crate::graph::column::{Column, ColumnKind};
use crate::value::Value;
use crate::value::order::{equivalent, order};

#[derive(Debug, Default)]
pub(super) struct Ordered {
    base: Vec<u32>,
    moved: FxHashMap<u32, Value>,
    extra: BTreeSet<Key>,
}

/// A value and its slot, in index order.
#[derive(Clone, Debug)]
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

    /// The same two questions for a string, without making a value.
    fn text_before(&self, text: &str, end: bool) -> Option<bool> {
        let bytes = text.as_bytes();
        match self {
            Self::Prefix(prefix) if end => Some(text.starts_with(prefix) || bytes < prefix.as_bytes()),
            Self::Prefix(prefix) => Some(bytes < prefix.as_bytes()),
            Self::Between { lower, upper, .. } => match if end { upper } else { lower } {
                Bound::Included(Value::Str(bound)) if end => Some(bytes <= bound.as_bytes()),
                Bound::Excluded(Value::Str(bound)) if end => Some(bytes < bound.as_bytes()),
                Bound::Included(Value::Str(bound)) => Some(bytes < bound.as_bytes()),
                Bound::Excluded(Value::Str(bound)) => Some(bytes <= bound.as_bytes()),
                _ => None,
            },
            Self::All => None,
        }
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
        Self { base: sorted(slots, column), ..Self::default() }
    }

    /// From slots that were stored in order.
    pub(super) fn from_sorted(base: Vec<u32>) -> Self {
        Self { base, ..Self::default() }
    }

    /// The slots in order, when nothing changed since they were sorted.
    pub(super) fn clean(&self) -> Option<&[u32]> {
        (self.moved.is_empty() && self.extra.is_empty()).then_some(&self.base)
    }

    /// Notes that a slot has come in with `value`.
    pub(super) fn insert(&mut self, slot: u32, value: Value) {
        match self.moved.get(&slot) {
            Some(old) if equivalent(old, &value) => {
                self.moved.remove(&slot);
            }
            _ => {
                self.extra.insert(Key(value, slot));
            }
        }
    }

    /// Notes that a slot that held `value` has gone.
    pub(super) fn remove(&mut self, slot: u32, value: Value) {
        let key = Key(value, slot);
        if !self.extra.remove(&key) {
            self.moved.insert(slot, key.0);
        }
    }

    /// Whether sorting anew is cheaper than living with the changes.
    pub(super) fn is_worn(&self) -> bool {
        self.moved.len() + self.extra.len() > self.base.len() / 16 + 256
    }

    pub(super) fn count(&self, span: &Span<'_>, column: &Column) -> u64 {
        let range = self.range(span, usize::MAX, column);
        let within = |value: &Value| !span.is_after(value) && span.ends_after(value);
        let gone = self.moved.values().filter(|v| within(v)).count();
        let extra = match self.extra.is_empty() {
            true => 0,
            false => self.extra.iter().filter(|k| within(&k.0)).count(),
        };
        (range.len() + extra).saturating_sub(gone) as u64
    }

    /// Calls `f` with the slots of the span in order (or in reverse: `descending`) until it breaks, which it does after
    /// `most` slots at the latest.
    pub(super) fn walk(
        &self,
        span: &Span<'_>,
        column: &Column,
        (descending, most): (bool, usize),
        mut f: impl FnMut(u32) -> ControlFlow<()>,
    ) {
        let clean = self.clean().is_some();
        let base = &self.base[self.range(span, if clean && !descending { most } else { usize::MAX }, column)];
        let mut f = |slot: u32| f(slot).is_break();
        if clean {
            match descending {
                false => base.iter().any(|&slot| f(slot)),
                true => base.iter().rev().any(|&slot| f(slot)),
            };
            return;
        }
        let old = |&&slot: &&u32| !self.moved.contains_key(&slot);
        let new = |key: &&Key| !span.is_after(&key.0) && span.ends_after(&key.0);
        match descending {
            false => merge(base.iter().filter(old), self.extra.iter().filter(new), column, Ordering::Less, f),
            true => {
                merge(base.iter().rev().filter(old), self.extra.iter().rev().filter(new), column, Ordering::Greater, f);
            }
        }
    }

    /// Where the span lies in the array; no more than its first `most` slots, whose end is found without a search.
    fn range(&self, span: &Span<'_>, most: usize, column: &Column) -> Range<usize> {
        let before = |slot: u32, end: bool| {
            let ask = |value: &Value| if end { span.ends_after(value) } else { span.is_after(value) };
            if !self.moved.is_empty()
                && let Some(value) = self.moved.get(&slot)
            {
                return ask(value);
            }
            match column.str(slot).and_then(|text| span.text_before(text, end)) {
                Some(answer) => answer,
                None => ask(&column.get(slot)),
            }
        };
        if let Span::All = span {
            return 0..self.base.len().min(most);
        }
        let start = self.base.partition_point(|&slot| before(slot, false));
        let rest = &self.base[start..];
        let rest = &rest[..rest.len().min(most)];
        let length = match rest.last() {
            Some(&last) if before(last, true) => rest.len(),
            _ => rest.partition_point(|&slot| before(slot, true)),
        };
        start..start + length
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.base.capacity() * 4 + self.moved.capacity() * 40 + self.extra.len() * 48
    }
}

/// Two streams in one order; `first` says which of two unequal keys comes first.
fn merge<'a>(
    base: impl Iterator<Item = &'a u32>,
    extra: impl Iterator<Item = &'a Key>,
    column: &Column,
    first: Ordering,
    mut f: impl FnMut(u32) -> bool,
) {
    let mut extra = extra.peekable();
    for &slot in base {
        if extra.peek().is_some() {
            let key = Key(column.get(slot), slot);
            while let Some(next) = extra.next_if(|next| (*next).cmp(&key) == first) {
                if f(next.1) {
                    return;
                }
            }
        }
        if f(slot) {
            return;
        }
    }
    let _ = extra.any(|key| f(key.1));
}

/// The slots by value, then slot. Integers and strings are sorted as numbers (strings by the rank of their code).
fn sorted(mut slots: Vec<u32>, column: &Column) -> Vec<u32> {
    match column.kind() {
        Some(ColumnKind::Int) => {
            let mut keys: Vec<(i64, u32)> = slots.iter().map(|&s| (column.int(s).unwrap_or_default(), s)).collect();
            keys.sort_unstable();
            slots.clear();
            slots.extend(keys.iter().map(|k| k.1));
            slots
        }
        Some(ColumnKind::Str) => by_rank(slots, column),
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
