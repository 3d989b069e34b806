//! Value to slots: a hash table of slots, hashed by what their column holds.
//!
//! Follows openCypher's `=`: 1 is 1.0, -0.0 is 0.0, NaN is nothing. An entry is a slot, or (top bit set) the number of
//! a posting list of slots whose values are equivalent.

use std::hash::Hasher;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::graph::column::Column;
use crate::graph::page::Cell;
use crate::graph::pool::{hasher, text_hash};
use crate::graph::slot_set::SlotSet;
use crate::value::Value;
use crate::value::order::{equal, equivalent, hash_equivalent};

const LIST: u32 = 1 << 31;
const FEW: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Equality {
    table: HashTable<u32>,
    lists: Vec<Posting>,
    free: Vec<u32>,
}

/// The slots of one value, at least two while in use.
#[derive(Debug)]
enum Posting {
    Few(Vec<u32>),
    Many(SlotSet),
}

impl Posting {
    fn first(&self) -> u32 {
        match self {
            Self::Few(slots) => slots.first().copied().unwrap_or_default(),
            Self::Many(slots) => slots.next(0).unwrap_or_default(),
        }
    }

    fn len(&self) -> u64 {
        match self {
            Self::Few(slots) => slots.len() as u64,
            Self::Many(slots) => slots.len(),
        }
    }

    fn insert(&mut self, slot: u32) {
        match self {
            Self::Few(slots) if slots.len() < FEW => {
                if let Err(at) = slots.binary_search(&slot) {
                    slots.insert(at, slot);
                }
            }
            Self::Few(slots) => {
                let mut many: SlotSet = slots.iter().copied().collect();
                many.insert(slot);
                *self = Self::Many(many);
            }
            Self::Many(slots) => {
                slots.insert(slot);
            }
        }
    }

    fn remove(&mut self, slot: u32) {
        match self {
            Self::Few(slots) => {
                if let Ok(at) = slots.binary_search(&slot) {
                    slots.remove(at);
                }
            }
            Self::Many(slots) => {
                slots.remove(slot);
            }
        }
    }
}

impl Equality {
    /// From every slot that has a value.
    pub(super) fn build(slots: impl Iterator<Item = u32>, expected: usize, column: &Column) -> Self {
        let mut index = Self { table: HashTable::with_capacity(expected), ..Self::default() };
        for slot in slots {
            index.insert(slot, column);
        }
        index
    }

    /// Adds a slot whose value already stands in the column.
    pub(super) fn insert(&mut self, slot: u32, column: &Column) {
        let Some(hash) = slot_hash(column, slot) else { return };
        let Self { table, lists, free } = self;
        let first = |entry: u32, lists: &[Posting]| match entry & LIST {
            0 => entry,
            _ => lists[(entry & !LIST) as usize].first(),
        };
        let rehash = |entry: &u32| slot_hash(column, first(*entry, lists)).unwrap_or_default();
        match table.entry(hash, |&entry| same_slots(column, first(entry, lists), slot), rehash) {
            Entry::Vacant(vacant) => {
                vacant.insert(slot);
            }
            Entry::Occupied(mut occupied) => {
                let entry = *occupied.get();
                if entry & LIST != 0 {
                    lists[(entry & !LIST) as usize].insert(slot);
                } else if entry != slot {
                    let posting = Posting::Few(vec![entry.min(slot), entry.max(slot)]);
                    let list = match free.pop() {
                        Some(list) => {
                            lists[list as usize] = posting;
                            list
                        }
                        None => {
                            lists.push(posting);
                            (lists.len() - 1) as u32
                        }
                    };
                    *occupied.get_mut() = LIST | list;
                }
            }
        }
    }

    /// Removes a slot whose value still stands in the column.
    pub(super) fn remove(&mut self, slot: u32, column: &Column) {
        let Some(hash) = slot_hash(column, slot) else { return };
        let lists = &self.lists;
        let first = |entry: u32| match entry & LIST {
            0 => entry,
            _ => lists[(entry & !LIST) as usize].first(),
        };
        let Ok(mut occupied) = self.table.find_entry(hash, |&entry| same_slots(column, first(entry), slot)) else {
            return;
        };
        let entry = *occupied.get();
        if entry & LIST == 0 {
            if entry == slot {
                occupied.remove();
            }
            return;
        }
        let list = entry & !LIST;
        let posting = &mut self.lists[list as usize];
        posting.remove(slot);
        if posting.len() == 1 {
            *occupied.get_mut() = posting.first();
            self.lists[list as usize] = Posting::Few(Vec::new());
            self.free.push(list);
        }
    }

    /// Appends the slots whose value equals `value`, ascending.
    pub(super) fn seek(&self, value: &Value, column: &Column, out: &mut Vec<u32>) {
        match self.find(value, column) {
            Some(entry) if entry & LIST == 0 => out.push(entry),
            Some(entry) => match &self.lists[(entry & !LIST) as usize] {
                Posting::Few(slots) => out.extend_from_slice(slots),
                Posting::Many(slots) => out.extend(slots.iter()),
            },
            None => {}
        }
    }

    pub(super) fn count(&self, value: &Value, column: &Column) -> u64 {
        match self.find(value, column) {
            Some(entry) if entry & LIST == 0 => 1,
            Some(entry) => self.lists[(entry & !LIST) as usize].len(),
            None => 0,
        }
    }

    /// One slot with this value, if any.
    pub(super) fn any(&self, value: &Value, column: &Column) -> Option<u32> {
        self.find(value, column).map(|entry| self.first(entry))
    }

    /// A value that two slots share, for uniqueness: the two slots.
    pub(super) fn duplicate(&self, column: &Column) -> Option<(u32, u32)> {
        self.table.iter().filter(|&&entry| entry & LIST != 0).find_map(|&entry| {
            let mut slots = Vec::new();
            let first = self.first(entry);
            self.seek(&column.get(first), column, &mut slots);
            (slots.len() > 1).then(|| (slots[0], slots[1]))
        })
    }

    /// How many different values.
    pub(super) fn distinct(&self) -> u64 {
        self.table.len() as u64
    }

    /// Every slot, in no order.
    pub(super) fn slots(&self) -> Vec<u32> {
        let mut out = Vec::new();
        for &entry in &self.table {
            match entry & LIST {
                0 => out.push(entry),
                _ => match &self.lists[(entry & !LIST) as usize] {
                    Posting::Few(slots) => out.extend_from_slice(slots),
                    Posting::Many(slots) => out.extend(slots.iter()),
                },
            }
        }
        out
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let posting = |p: &Posting| match p {
            Posting::Few(slots) => slots.capacity() * 4,
            Posting::Many(slots) => slots.heap_bytes(),
        };
        self.table.capacity() * 5
            + self.lists.capacity() * size_of::<Posting>()
            + self.lists.iter().map(posting).sum::<usize>()
    }

    fn find(&self, value: &Value, column: &Column) -> Option<u32> {
        let hash = value_hash(value)?;
        let found = self.table.find(hash, |&entry| holds(column, self.first(entry), value)).copied()?;
        // equivalent is not equal where nulls hide in lists
        let deep = matches!(value, Value::List(_));
        (!deep || equal(&column.get(self.first(found)), value) == Some(true)).then_some(found)
    }

    fn first(&self, entry: u32) -> u32 {
        match entry & LIST {
            0 => entry,
            _ => self.lists[(entry & !LIST) as usize].first(),
        }
    }
}

/// How many different values slots have that stand in the order of their values.
pub(super) fn distinct_in_order(slots: &[u32], column: &Column) -> u64 {
    let changes = slots.windows(2).filter(|pair| !same_slots(column, pair[0], pair[1])).count();
    changes as u64 + u64::from(!slots.is_empty())
}

fn value_hash(value: &Value) -> Option<u64> {
    match value {
        Value::Null => None,
        Value::Float(x) if x.is_nan() => None,
        Value::Str(text) => Some(text_hash(text)),
        other => {
            let mut state = hasher();
            hash_equivalent(other, &mut state);
            Some(state.finish())
        }
    }
}

fn slot_hash(column: &Column, slot: u32) -> Option<u64> {
    if let Some(n) = column.int(slot) {
        return value_hash(&Value::Int(n));
    }
    match column.cell(slot)? {
        Cell::Code(code) => Some(text_hash(column.pool().text(code))),
        _ => value_hash(&column.get(slot)),
    }
}

#[inline]
fn holds(column: &Column, slot: u32, value: &Value) -> bool {
    match value {
        Value::Str(text) => column.str(slot) == Some(text),
        Value::Int(n) => match column.int(slot) {
            Some(own) => own == *n,
            None => equivalent(&column.get(slot), value),
        },
        _ => equivalent(&column.get(slot), value),
    }
}

fn same_slots(column: &Column, a: u32, b: u32) -> bool {
    if a == b {
        return true;
    }
    match (column.int(a), column.int(b)) {
        (Some(a), Some(b)) => return a == b,
        (None, None) => {}
        _ => return equivalent(&column.get(a), &column.get(b)),
    }
    match (column.str_code(a), column.str_code(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => equivalent(&column.get(a), &column.get(b)),
        _ => false,
    }
}
