//! Slots in the order of several values, one key after the other, then slot: equalities, and a range behind them.
//!
//! Who has the first key is in it; a value that is missing stands last, as null does in ORDER BY. As in a sequence of one
//! key, only slots are kept, and a slot is taken out while its columns still have what it was put in with.

use std::cmp::Ordering;

use super::chunks::{Chunks, Place};
use super::equality::same_slots;
use super::ordered::{Span, between, sorted, stands_before};
use crate::graph::column::Column;
use crate::value::Value;
use crate::value::order::order;

/// The sorted slots. Cloning costs a reference count for each chunk of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Composite {
    order: Chunks,
    /// How many different values the first key had when this was built, the first two keys together, and so on.
    distinct: Vec<u64>,
}

impl Composite {
    pub(super) fn build(slots: Vec<u32>, columns: &[&Column]) -> Self {
        Self::from_sorted(&in_order(slots, columns), columns)
    }

    /// From slots that were stored in order.
    pub(super) fn from_sorted(sorted: &[u32], columns: &[&Column]) -> Self {
        let mut distinct = vec![u64::from(!sorted.is_empty()); columns.len()];
        for pair in sorted.windows(2) {
            let first = columns.iter().position(|column| !same_place(column, pair[0], pair[1]));
            distinct.iter_mut().skip(first.unwrap_or(columns.len())).for_each(|count| *count += 1);
        }
        Self { order: Chunks::from_sorted(sorted), distinct }
    }

    /// Puts in a slot whose values stand in the columns.
    pub(super) fn insert(&mut self, slot: u32, columns: &[&Column]) {
        self.order.insert(slot, |other| standing(other, slot, columns));
    }

    /// Takes out a slot whose values still stand in the columns.
    pub(super) fn remove(&mut self, slot: u32, columns: &[&Column]) {
        self.order.remove(|other| standing(other, slot, columns));
    }

    /// How many different combinations of values the first `keys` keys had when this was built.
    pub(super) fn distinct(&self, keys: usize) -> u64 {
        self.distinct.get(keys.wrapping_sub(1)).copied().unwrap_or(0)
    }

    /// Appends, in order, the slots whose first values stand where `equal` does in ORDER BY and whose next is in `then`.
    pub(super) fn collect(&self, equal: &[Value], then: &Span<'_>, columns: &[&Column], out: &mut Vec<u32>) {
        let before = |slot: u32, end: bool| {
            for (value, column) in equal.iter().zip(columns) {
                match against(column, slot, value) {
                    Ordering::Equal => {}
                    apart => return apart.is_lt(),
                }
            }
            columns.get(equal.len()).map_or(end, |column| stands_before(then, slot, end, column))
        };
        let end = self.order.end();
        let from = self.order.partition(Chunks::START, end, |slot| before(slot, false));
        let to = self.order.partition(from, end, |slot| before(slot, true));
        self.slices(from, to, out);
    }

    /// All slots, in order.
    pub(super) fn slots(&self) -> Vec<u32> {
        let mut slots = Vec::new();
        self.slices(Chunks::START, self.order.end(), &mut slots);
        slots
    }

    fn slices(&self, from: Place, to: Place, out: &mut Vec<u32>) {
        self.order.slices(from, to).for_each(|part| out.extend_from_slice(part));
    }

    pub(super) fn is_sound(&self) -> bool {
        self.order.is_sound()
    }
}

/// The slots by their values, then slot. The last key is sorted by first: every sort keeps what was done before.
fn in_order(mut slots: Vec<u32>, columns: &[&Column]) -> Vec<u32> {
    slots.sort_unstable();
    let bound = slots.last().map_or(0, |last| *last as usize + 1);
    let mut rank = vec![u32::MAX; bound];
    for column in columns.iter().rev() {
        rank.fill(u32::MAX); // what is missing stands last
        let present = slots.iter().copied().filter(|slot| column.is_present(*slot)).collect();
        let (mut at, mut last) = (0, None);
        for slot in sorted(present, column) {
            at += u32::from(last.is_some_and(|last| !same_slots(column, last, slot)));
            rank[slot as usize] = at;
            last = Some(slot);
        }
        slots.sort_by_key(|slot| rank[*slot as usize]);
    }
    slots
}

/// How one slot stands to another.
fn standing(one: u32, other: u32, columns: &[&Column]) -> Ordering {
    let apart = columns.iter().map(|column| between(column, one, other)).find(|ordering| ordering.is_ne());
    apart.unwrap_or_else(|| one.cmp(&other))
}

/// Whether two slots stand at the same place in the order of a key.
pub(super) fn same_place(column: &Column, one: u32, other: u32) -> bool {
    match (column.is_present(one), column.is_present(other)) {
        (true, true) => same_slots(column, one, other),
        (one, other) => one == other,
    }
}

/// How the value of a slot stands to a value.
fn against(column: &Column, slot: u32, value: &Value) -> Ordering {
    let typed = match value {
        Value::Int(value) => column.int(slot).map(|own| own.cmp(value)),
        Value::Str(text) => column.cmp_str(slot, text),
        _ => None,
    };
    typed.unwrap_or_else(|| order(&column.get(slot), value))
}
