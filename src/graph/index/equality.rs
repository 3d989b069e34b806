//! Value to slots: a hash table of slots, hashed by what their column holds.
//!
//! Follows openCypher's `=`: 1 is 1.0, -0.0 is 0.0, NaN is nothing. An entry is a slot, or (top bit set) the number of
//! a posting list of slots whose values are equivalent. Table and lists are in shards, so that versions share them.

use std::hash::Hasher;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use smallvec::SmallVec;

use crate::graph::column::Column;
use crate::graph::page::Cell;
use crate::graph::pool::text_hash;
use crate::graph::shards::Shards;
use crate::graph::slot_set::SlotSet;
use crate::value::Value;
use crate::value::hash::hasher;
use crate::value::order::{equal, equivalent, hash_equivalent};

const LIST: u32 = 1 << 31;
const FEW: usize = 64;
/// So many slots are put in order of their shards at a time, when a table is built.
const BATCH: usize = 1 << 20;

/// The whole table. Cloning costs a reference count for each shard.
#[derive(Clone, Debug, Default)]
pub(super) struct Equality {
    shards: Shards<Shard>,
    /// How many different values.
    distinct: u64,
}

#[derive(Clone, Debug, Default)]
struct Shard {
    table: HashTable<u32>,
    lists: Vec<Posting>,
    free: Vec<u32>,
}

/// The slots of one value, at least two while in use. In a shard each weighs one, but no posting more than `FEW`: a
/// set costs a copy no more than that.
#[derive(Clone, Debug)]
pub(in crate::graph) enum Posting {
    Few(SmallVec<[u32; 5]>),
    Many(SlotSet),
}

impl Default for Posting {
    fn default() -> Self {
        Self::Few(SmallVec::new())
    }
}

impl Posting {
    fn first(&self) -> u32 {
        match self {
            Self::Few(slots) => slots.first().copied().unwrap_or_default(),
            Self::Many(slots) => slots.next(0).unwrap_or_default(),
        }
    }

    pub(in crate::graph) fn len(&self) -> u64 {
        match self {
            Self::Few(slots) => slots.len() as u64,
            Self::Many(slots) => slots.len(),
        }
    }

    pub(in crate::graph) fn weight(&self) -> usize {
        match self {
            Self::Few(slots) => slots.len(),
            Self::Many(_) => FEW,
        }
    }

    pub(in crate::graph) fn insert(&mut self, slot: u32) {
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

    pub(in crate::graph) fn remove(&mut self, slot: u32) {
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

    pub(in crate::graph) fn append_to(&self, out: &mut Vec<u32>) {
        match self {
            Self::Few(slots) => out.extend_from_slice(slots),
            Self::Many(slots) => out.extend(slots.iter()),
        }
    }
}

/// A slot with the value of an entry.
#[inline]
fn first(entry: u32, lists: &[Posting]) -> u32 {
    match entry & LIST {
        0 => entry,
        _ => lists[(entry & !LIST) as usize].first(),
    }
}

/// Puts a posting into a list that is free.
fn keep(posting: Posting, lists: &mut Vec<Posting>, free: &mut Vec<u32>) -> u32 {
    match free.pop() {
        Some(list) => {
            lists[list as usize] = posting;
            list
        }
        None => {
            lists.push(posting);
            (lists.len() - 1) as u32
        }
    }
}

impl Shard {
    fn with_capacity(capacity: usize) -> Self {
        Self { table: HashTable::with_capacity(capacity), ..Self::default() }
    }

    /// Whether the value is new, and how much heavier the shard has become.
    fn insert(&mut self, hash: u64, slot: u32, column: &Column) -> (bool, usize) {
        let Self { table, lists, free } = self;
        let rehash = |entry: &u32| slot_hash(column, first(*entry, lists)).unwrap_or_default();
        match table.entry(hash, |&entry| same_slots(column, first(entry, lists), slot), rehash) {
            Entry::Vacant(vacant) => {
                vacant.insert(slot);
                (true, 1)
            }
            Entry::Occupied(mut occupied) => {
                let entry = *occupied.get();
                if entry & LIST != 0 {
                    let posting = &mut lists[(entry & !LIST) as usize];
                    let before = posting.weight();
                    posting.insert(slot);
                    (false, posting.weight() - before)
                } else if entry != slot {
                    let pair = [entry.min(slot), entry.max(slot)];
                    *occupied.get_mut() = LIST | keep(Posting::Few(SmallVec::from_slice(&pair)), lists, free);
                    (false, 1)
                } else {
                    (false, 0)
                }
            }
        }
    }

    /// Whether that was the last slot with the value, and how much lighter the shard has become.
    fn remove(&mut self, hash: u64, slot: u32, column: &Column) -> (bool, usize) {
        let Self { table, lists, free } = self;
        let Ok(mut occupied) = table.find_entry(hash, |&entry| same_slots(column, first(entry, lists), slot)) else {
            return (false, 0);
        };
        let entry = *occupied.get();
        if entry & LIST == 0 {
            if entry == slot {
                occupied.remove();
            }
            return (entry == slot, usize::from(entry == slot));
        }
        let posting = &mut lists[(entry & !LIST) as usize];
        let before = posting.weight();
        posting.remove(slot);
        if posting.len() > 1 {
            return (false, before - posting.weight());
        }
        *occupied.get_mut() = posting.first();
        *posting = Posting::Few(SmallVec::new());
        free.push(entry & !LIST);
        (false, before - 1)
    }

    /// Takes out the entries whose hash leaves.
    fn divide(&mut self, leaves: &dyn Fn(u64) -> bool, column: &Column) -> Self {
        let Self { table, lists, free } = self;
        let hash = |entry: u32, lists: &[Posting]| slot_hash(column, first(entry, lists)).unwrap_or_default();
        let mut new = Self::with_capacity(table.len() / 2);
        let gone: Vec<u32> = table.extract_if(|entry| leaves(hash(*entry, lists))).collect();
        for mut entry in gone {
            let hash_of_entry = hash(entry, lists);
            if entry & LIST != 0 {
                free.push(entry & !LIST);
                let list = &mut lists[(entry & !LIST) as usize];
                let posting = std::mem::replace(list, Posting::Few(SmallVec::new()));
                entry = LIST | keep(posting, &mut new.lists, &mut new.free);
            }
            let lists = &new.lists;
            new.table.insert_unique(hash_of_entry, entry, |&entry| hash(entry, lists));
        }
        new
    }
}

impl Equality {
    /// From every slot that has a value.
    pub(super) fn build(slots: impl Iterator<Item = u32>, expected: usize, column: &Column) -> Self {
        let mut shards = Shards::with_room(expected, Shard::with_capacity);
        let mut waiting = vec![Vec::new(); shards.count()];
        let (mut slots, mut distinct, mut weight) = (slots.peekable(), 0, 0);
        while slots.peek().is_some() {
            // shard after shard, so that each is in the cache while it is filled
            for slot in slots.by_ref().take(BATCH) {
                if let Some(hash) = slot_hash(column, slot) {
                    waiting[shards.place(hash)].push((hash, slot));
                }
            }
            for (shard, waiting) in shards.iter_mut().zip(&mut waiting) {
                for (hash, slot) in waiting.drain(..) {
                    let (new, heavier) = shard.insert(hash, slot, column);
                    distinct += u64::from(new);
                    weight += heavier;
                }
            }
        }
        for shard in shards.iter_mut() {
            // values that many slots share need less room than was taken
            let lists = &shard.lists;
            if shard.table.len() < shard.table.capacity() / 4 {
                shard.table.shrink_to_fit(|&entry| slot_hash(column, first(entry, lists)).unwrap_or_default());
            }
        }
        let mut index = Self { shards, distinct };
        index.gain(weight, column);
        index
    }

    /// Adds a slot whose value already stands in the column.
    pub(super) fn insert(&mut self, slot: u32, column: &Column) {
        let Some(hash) = slot_hash(column, slot) else { return };
        let (new, weight) = self.shards.of_mut(hash).insert(hash, slot, column);
        self.distinct += u64::from(new);
        self.gain(weight, column);
    }

    fn gain(&mut self, weight: usize, column: &Column) {
        if self.shards.gain(weight) {
            self.shards.grow(|shard, leaves| shard.divide(leaves, column));
        }
    }

    /// Removes a slot whose value still stands in the column.
    pub(super) fn remove(&mut self, slot: u32, column: &Column) {
        let Some(hash) = slot_hash(column, slot) else { return };
        let (gone, weight) = self.shards.of_mut(hash).remove(hash, slot, column);
        self.distinct -= u64::from(gone);
        self.shards.lose(weight);
    }

    /// Appends the slots whose value equals `value`, ascending.
    pub(super) fn seek(&self, value: &Value, column: &Column, out: &mut Vec<u32>) {
        match self.find(value, column) {
            Some((entry, _)) if entry & LIST == 0 => out.push(entry),
            Some((entry, shard)) => shard.lists[(entry & !LIST) as usize].append_to(out),
            None => {}
        }
    }

    /// One slot with this value, if any.
    pub(super) fn any(&self, value: &Value, column: &Column) -> Option<u32> {
        self.find(value, column).map(|(entry, shard)| first(entry, &shard.lists))
    }

    /// A value that two slots share, for uniqueness: the two slots.
    pub(super) fn duplicate(&self, column: &Column) -> Option<(u32, u32)> {
        let entries = self.shards.iter().flat_map(|shard| shard.table.iter().map(move |&entry| (entry, shard)));
        entries.filter(|(entry, _)| entry & LIST != 0).find_map(|(entry, shard)| {
            let mut slots = Vec::new();
            self.seek(&column.get(first(entry, &shard.lists)), column, &mut slots);
            (slots.len() > 1).then(|| (slots[0], slots[1]))
        })
    }

    /// How many different values.
    pub(super) fn distinct(&self) -> u64 {
        self.distinct
    }

    /// Every slot, in no order.
    pub(super) fn slots(&self) -> Vec<u32> {
        let mut out = Vec::new();
        for shard in self.shards.iter() {
            for &entry in &shard.table {
                match entry & LIST {
                    0 => out.push(entry),
                    _ => shard.lists[(entry & !LIST) as usize].append_to(&mut out),
                }
            }
        }
        out
    }

    /// Whether the counts are those of the entries.
    pub(super) fn is_sound(&self) -> bool {
        let entries = self.shards.iter().flat_map(|shard| shard.table.iter().map(move |&entry| (entry, shard)));
        let (mut distinct, mut weight) = (0, 0);
        for (entry, shard) in entries {
            distinct += 1;
            weight += if entry & LIST == 0 { 1 } else { shard.lists[(entry & !LIST) as usize].weight() };
        }
        (distinct, weight) == (self.distinct, self.shards.weight())
    }

    /// The entry of a value and the shard it is in.
    fn find(&self, value: &Value, column: &Column) -> Option<(u32, &Shard)> {
        let hash = value_hash(value)?;
        let shard = self.shards.of(hash);
        let entry = *shard.table.find(hash, |&entry| holds(column, first(entry, &shard.lists), value))?;
        // equivalent is not equal where nulls hide in lists
        let deep = matches!(value, Value::List(_));
        (!deep || equal(&column.get(first(entry, &shard.lists)), value) == Some(true)).then_some((entry, shard))
    }

    /// How many shards are not those of another clone.
    #[cfg(test)]
    pub(super) fn own(&self, other: &Self) -> usize {
        self.shards.own(&other.shards)
    }
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

pub(super) fn same_slots(column: &Column, a: u32, b: u32) -> bool {
    if a == b {
        return true;
    }
    match (column.int(a), column.int(b)) {
        (Some(a), Some(b)) => return a == b,
        (None, None) => {}
        _ => return equivalent(&column.get(a), &column.get(b)),
    }
    if let (Some(a), Some(b)) = (column.moment(a), column.moment(b)) {
        return a == b;
    }
    match (column.str_code(a), column.str_code(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => equivalent(&column.get(a), &column.get(b)),
        _ => false,
    }
}
