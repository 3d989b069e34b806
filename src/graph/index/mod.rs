//! Indexes and constraints on (label, key).
//!
//! Each has two structures, built when first needed and kept true by every write from then on: a hash table for `=`
//! and a sorted sequence for ranges, prefixes and order. A structure nobody asked for costs nothing. Existence
//! constraints have neither; the label counts answer for them.
//!
//! Versions share both, shard by shard and chunk by chunk. What a reader of one version builds serves every version in
//! which nothing has been written to the index since: the once-cells stand behind an `Arc`, and only a write makes new
//! ones, of what is in the old ones by then.

mod chunks;
mod equality;
mod ordered;
#[cfg(test)]
mod tests;

use std::ops::Bound;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;

use self::equality::Equality;
use self::ordered::{Ordered, Span};
use super::column::Column;
use super::image::Loader;
use super::slot_set::SlotSet;
use super::{IndexId, KeyId, LabelId};
use crate::value::Value;

/// What an index is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IndexKind {
    /// Finds nodes by value, range, prefix; gives them in order.
    Index,
    /// The same, and no two nodes of the label may have equal values.
    Unique,
    /// Every node of the label has the key (no lookup structure).
    Exists,
}

/// Which of the slots that are found in order are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The last come first.
    pub descending: bool,
    /// How many are passed over.
    pub skip: usize,
    /// How many are taken, at most.
    pub max: usize,
}

impl Part {
    /// All, in order.
    pub const ALL: Self = Self { descending: false, skip: 0, max: usize::MAX };
}

/// An index or constraint as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexDefinition {
    /// Its number while it exists.
    pub id: IndexId,
    /// Its name, unique among indexes and constraints.
    pub name: Arc<str>,
    /// What it is for.
    pub kind: IndexKind,
    /// The label of the nodes in it.
    pub label: LabelId,
    /// The key of the values in it.
    pub key: KeyId,
}

#[derive(Clone, Debug)]
pub(super) struct Index {
    pub(super) definition: IndexDefinition,
    built: Arc<Built>,
    /// Where the order of an opened image lies, while nothing in the index has changed.
    stored: Option<Arc<Loader>>,
    /// The image holds the order as it is now, under this index's number.
    in_image: bool,
    /// Distinct values when the image was made: an estimate that costs nothing.
    distinct: Option<u64>,
    /// Equality seeks answered from the stored order so far.
    searched: Arc<AtomicU32>,
}

/// What readers have asked for. A clone has what is there; what is built in one of the two later is not in the other.
#[derive(Clone, Debug, Default)]
struct Built {
    equality: OnceLock<Equality>,
    ordered: OnceLock<Ordered>,
}

/// So many equality seeks are answered by binary search in a stored order before they pay for a hash table.
const FREE_SEARCHES: u32 = 256;

/// All indexes, and which of them a write of a key concerns. Cloning costs a reference count for each index.
#[derive(Clone, Debug, Default)]
pub(super) struct Indexes {
    list: Vec<Option<Arc<Index>>>,
    by_key: Arc<Vec<SmallVec<[IndexId; 2]>>>,
}

impl Index {
    pub(super) fn new(definition: IndexDefinition) -> Self {
        Self {
            definition,
            built: Arc::default(),
            stored: None,
            in_image: false,
            distinct: None,
            searched: Arc::default(),
        }
    }

    /// Of an opened image, which may have the slots in order.
    pub(super) fn stored(definition: IndexDefinition, loader: Arc<Loader>) -> Self {
        Self { stored: Some(loader), ..Self::new(definition) }
    }

    /// What is known of the number of distinct values without counting.
    pub(super) fn known_distinct(&self) -> Option<u64> {
        self.built.equality.get().map(Equality::distinct).or(self.distinct)
    }

    /// Distinct values, where they are known exactly.
    pub(super) fn exact_distinct(&self) -> Option<u64> {
        self.built.equality.get().map(Equality::distinct).or(self.distinct.filter(|_| self.in_image))
    }

    /// Whether the image holds the order as it is now.
    pub(super) fn is_in_image(&self) -> bool {
        self.in_image
    }

    /// Notes that the image has the order, and how many distinct values are in it; or, with nothing, that it has not.
    pub(super) fn note_in_image(&mut self, distinct: Option<u64>) {
        (self.in_image, self.distinct) = (distinct.is_some(), distinct);
        self.stored = self.stored.take().filter(|_| self.in_image);
    }

    fn slots<'a>(nodes: &'a SlotSet, column: &'a Column) -> impl Iterator<Item = u32> + 'a {
        nodes.iter().filter(|&slot| column.is_present(slot))
    }

    fn equality(&self, nodes: &SlotSet, column: &Column) -> &Equality {
        self.built.equality.get_or_init(|| Equality::build(Self::slots(nodes, column), nodes.len() as usize, column))
    }

    fn ordered(&self, nodes: &SlotSet, column: &Column) -> &Ordered {
        self.built.ordered.get_or_init(|| {
            let stored = self.stored.as_ref().and_then(|loader| loader.order(self.definition.id));
            match stored {
                Some(order) if order.len() == Self::slots(nodes, column).count() => Ordered::from_sorted(&order),
                _ => Ordered::build(Self::slots(nodes, column).collect(), column),
            }
        })
    }

    /// A value just put in the column.
    fn insert(&mut self, slot: u32, column: &Column) {
        let built = Arc::make_mut(&mut self.built);
        if let Some(equality) = built.equality.get_mut() {
            equality.insert(slot, column);
        }
        if let Some(ordered) = built.ordered.get_mut() {
            ordered.insert(slot, column);
        }
        self.changed();
    }

    /// A value about to leave the column.
    fn remove(&mut self, slot: u32, column: &Column) {
        let built = Arc::make_mut(&mut self.built);
        if let Some(equality) = built.equality.get_mut() {
            equality.remove(slot, column);
        }
        if let Some(ordered) = built.ordered.get_mut() {
            ordered.remove(slot, column);
        }
        self.changed();
    }

    fn changed(&mut self) {
        self.stored = None;
        self.in_image = false;
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let Built { equality, ordered } = &*self.built;
        equality.get().map_or(0, Equality::heap_bytes) + ordered.get().map_or(0, Ordered::heap_bytes)
    }
}

/// An index with what it indexes: the nodes of its label and the column of its key.
#[derive(Clone, Copy)]
pub(super) struct Lookup<'a> {
    pub(super) index: &'a Index,
    pub(super) nodes: &'a SlotSet,
    pub(super) column: &'a Column,
}

impl Lookup<'_> {
    pub(super) fn seek_equal(&self, value: &Value, out: &mut Vec<u32>) {
        if self.searches(value) && self.seek_range(Bound::Included(value), Bound::Included(value), Part::ALL, out) {
            return;
        }
        self.index.equality(self.nodes, self.column).seek(value, self.column, out);
    }

    /// Whether the order of an opened image answers, so that the first seeks need not wait for a hash table.
    fn searches(&self, value: &Value) -> bool {
        let index = self.index;
        index.built.equality.get().is_none()
            && index.stored.is_some()
            && self.nodes.len() >= super::image::STORED_ORDER as u64
            && matches!(value, Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::Date(_))
            && index.searched.fetch_add(1, Ordering::Relaxed) < FREE_SEARCHES
    }

    pub(super) fn count_equal(&self, value: &Value) -> u64 {
        self.index.equality(self.nodes, self.column).count(value, self.column)
    }

    /// A node other than `slot` with this value.
    pub(super) fn other(&self, value: &Value, slot: u32) -> Option<u32> {
        let equality = self.index.equality(self.nodes, self.column);
        match equality.any(value, self.column) {
            Some(found) if found == slot => {
                let mut slots = Vec::new();
                equality.seek(value, self.column, &mut slots);
                slots.into_iter().find(|&s| s != slot)
            }
            found => found,
        }
    }

    pub(super) fn duplicate(&self) -> Option<(u32, u32)> {
        self.index.equality(self.nodes, self.column).duplicate(self.column)
    }

    pub(super) fn distinct(&self) -> u64 {
        self.index.equality(self.nodes, self.column).distinct()
    }

    pub(super) fn seek_range(
        &self,
        lower: Bound<&Value>,
        upper: Bound<&Value>,
        part: Part,
        out: &mut Vec<u32>,
    ) -> bool {
        self.with_span(lower, upper, |span| self.take(span, part, out)).is_some()
    }

    pub(super) fn count_range(&self, lower: Bound<&Value>, upper: Bound<&Value>) -> Option<u64> {
        let mut count = 0;
        self.with_span(lower, upper, |span| {
            count = self.index.ordered(self.nodes, self.column).count(span, self.column);
        })?;
        Some(count)
    }

    fn with_span(&self, lower: Bound<&Value>, upper: Bound<&Value>, f: impl FnOnce(&Span<'_>)) -> Option<()> {
        match Span::between(lower, upper) {
            Ok(span) => f(&span),
            Err(true) => {}
            Err(false) => return None,
        }
        Some(())
    }

    pub(super) fn seek_prefix(&self, prefix: &str, part: Part, out: &mut Vec<u32>) {
        self.take(&Span::Prefix(prefix), part, out);
    }

    pub(super) fn count_prefix(&self, prefix: &str) -> u64 {
        self.index.ordered(self.nodes, self.column).count(&Span::Prefix(prefix), self.column)
    }

    pub(super) fn seek_ordered(&self, part: Part, out: &mut Vec<u32>) {
        self.take(&Span::All, part, out);
    }

    fn take(&self, span: &Span<'_>, part: Part, out: &mut Vec<u32>) {
        self.index.ordered(self.nodes, self.column).collect(span, part, self.column, out);
    }

    /// Whether the values of two slots stand at the same place in the order.
    pub(super) fn same_place(&self, a: u32, b: u32) -> bool {
        crate::value::order::order(&self.column.get(a), &self.column.get(b)).is_eq()
    }

    /// How many different values slots in order have.
    pub(super) fn distinct_in_order(&self, slots: &[u32]) -> u64 {
        equality::distinct_in_order(slots, self.column)
    }

    /// All slots in order.
    pub(super) fn in_order(&self) -> Vec<u32> {
        self.index.ordered(self.nodes, self.column).slots()
    }

    /// What is wrong: slots missing from a structure, or in it without reason, or out of order.
    pub(super) fn check(&self, problems: &mut Vec<String>) {
        let name = &self.index.definition.name;
        let expected: Vec<u32> = Index::slots(self.nodes, self.column).collect();
        if let Some(equality) = self.index.built.equality.get() {
            let nan = |slot: &u32| matches!(self.column.get(*slot), Value::Float(x) if x.is_nan());
            let mut slots = equality.slots();
            slots.sort_unstable();
            let wanted: Vec<u32> = expected.iter().copied().filter(|slot| !nan(slot)).collect();
            if slots != wanted || !equality.is_sound() {
                problems.push(format!("index {name}: the hash table does not hold the nodes it should"));
            }
            for &slot in &wanted {
                let (value, mut found) = (self.column.get(slot), Vec::new());
                equality.seek(&value, self.column, &mut found);
                let null_inside = crate::value::order::equal(&value, &value) != Some(true);
                if !null_inside && found.binary_search(&slot).is_err() {
                    problems.push(format!("index {name}: node slot {slot} is not found by its value"));
                }
            }
        }
        if let Some(ordered) = self.index.built.ordered.get()
            && (ordered.slots() != Ordered::build(expected, self.column).slots() || !ordered.is_sound())
        {
            problems.push(format!("index {name}: the sorted sequence is not the order of the values"));
        }
    }
}

impl Indexes {
    pub(super) fn get(&self, id: IndexId) -> Option<&Index> {
        self.list.get(id.index())?.as_deref()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Index> {
        self.list.iter().flatten().map(|index| &**index)
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Index> {
        self.list.iter_mut().flatten().map(Arc::make_mut)
    }

    /// The indexes on a key.
    #[inline]
    pub(super) fn on_key(&self, key: KeyId) -> &[IndexId] {
        self.by_key.get(key.index()).map_or(&[], |ids| ids)
    }

    pub(super) fn next_id(&self) -> IndexId {
        IndexId(self.list.len() as u32)
    }

    /// Puts an index at its id.
    pub(super) fn put(&mut self, index: Index) {
        let (id, key) = (index.definition.id, index.definition.key);
        let by_key = Arc::make_mut(&mut self.by_key);
        if key.index() >= by_key.len() {
            by_key.resize_with(key.index() + 1, SmallVec::new);
        }
        by_key[key.index()].push(id);
        if id.index() >= self.list.len() {
            self.list.resize_with(id.index() + 1, || None);
        }
        self.list[id.index()] = Some(Arc::new(index));
    }

    pub(super) fn take(&mut self, id: IndexId) -> Option<Index> {
        let index = Arc::unwrap_or_clone(self.list.get_mut(id.index())?.take()?);
        Arc::make_mut(&mut self.by_key)[index.definition.key.index()].retain(|other| *other != id);
        while self.list.last().is_some_and(Option::is_none) {
            self.list.pop();
        }
        Some(index)
    }

    /// A value of a node with these labels stands in the column since now.
    pub(super) fn insert(&mut self, slot: u32, key: KeyId, labels: &[LabelId], column: &Column) {
        self.concerned(key, labels, |index| index.insert(slot, column));
    }

    /// A value of a node with these labels is about to leave the column, or the node its label.
    pub(super) fn remove(&mut self, slot: u32, key: KeyId, labels: &[LabelId], column: &Column) {
        self.concerned(key, labels, |index| index.remove(slot, column));
    }

    fn concerned(&mut self, key: KeyId, labels: &[LabelId], mut f: impl FnMut(&mut Index)) {
        let Some(ids) = self.by_key.get(key.index()) else { return };
        for id in ids {
            if let Some(Some(index)) = self.list.get_mut(id.index())
                && labels.contains(&index.definition.label)
            {
                f(Arc::make_mut(index));
            }
        }
    }

    /// After strings were given new codes nothing here changes: tables hash text, and slots stay in order.
    pub(super) fn heap_bytes(&self) -> usize {
        self.all().map(Index::heap_bytes).sum()
    }
}
