//! Indexes on properties of the nodes with a label or of the relationships of a type, and the constraints they keep.
//!
//! One of a single key has two structures, built when first needed and kept true by every write from then on: a hash table
//! for `=` and a sorted sequence for ranges, prefixes and order. One of several keys has a sorted sequence of its own. A
//! structure nobody asked for costs nothing. Existence constraints have none; the label counts answer for them.
//!
//! Versions share both, shard by shard and chunk by chunk. What a reader of one version builds serves every version in
//! which nothing has been written to the index since: the once-cells stand behind an `Arc`, and only a write makes new
//! ones, of what is in the old ones by then.

mod chunks;
mod composite;
mod equality;
mod ordered;
#[cfg(test)]
mod tests;

use std::ops::Bound;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;

use self::composite::Composite;
use self::equality::Equality;
pub(super) use self::equality::Posting;
use self::ordered::{Ordered, Span};
use super::column::Column;
use super::columns::Columns;
use super::constraint::Subject;
use super::image::Loader;
use super::slot_set::SlotSet;
use super::text::TextIndex;
use super::{IndexId, KeyId, LabelId, RelTypeId};
use crate::memory;
use crate::value::Value;

/// What an index is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum IndexKind {
    /// Finds nodes or relationships by value, range, prefix; gives them in order.
    Index,
    /// The same, and no two nodes of the label may have equal values.
    Unique,
    /// Every node of the label has the key (no lookup structure).
    Exists,
}

/// Which of the slots that are found in order are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// The last come first.
    pub descending: bool,
    /// How many are passed over.
    pub skip: usize,
    /// How many are taken, at most.
    pub max: usize,
}

impl Part {
    /// All, in order.
    pub(crate) const ALL: Self = Self { descending: false, skip: 0, max: usize::MAX };
}

/// An index or constraint as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IndexDefinition {
    /// Its number while it exists.
    pub id: IndexId,
    /// Its name, unique among indexes and constraints.
    pub name: Arc<str>,
    /// What it is for.
    pub kind: IndexKind,
    /// The label of the nodes in it, or the type of the relationships.
    pub subject: Subject,
    /// The keys of the values in it, in the order of the sequence; never empty, and only one where it is a constraint.
    pub keys: SmallVec<[KeyId; 2]>,
}

impl IndexDefinition {
    /// Its only key.
    pub(crate) fn single_key(&self) -> Option<KeyId> {
        (self.keys.len() == 1).then(|| self.keys[0])
    }

    /// Whether something can be sought in it.
    pub(crate) fn seeks(&self) -> bool {
        self.kind != IndexKind::Exists
    }
}

/// What is known of something when it is put into indexes or taken out.
#[derive(Clone, Copy)]
pub(super) enum Kin<'a> {
    /// The labels of a node.
    Node(&'a [LabelId]),
    /// The type of a relationship.
    Rel(RelTypeId),
}

impl Kin<'_> {
    pub(super) fn is(self, subject: Subject) -> bool {
        match (self, subject) {
            (Self::Node(labels), Subject::Nodes(label)) => labels.contains(&label),
            (Self::Rel(own), Subject::Rels(ty)) => own == ty,
            _ => false,
        }
    }
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
    composite: OnceLock<Composite>,
}

/// So many equality seeks are answered by binary search in a stored order before they pay for a hash table.
const FREE_SEARCHES: u32 = 256;

/// All indexes, and which of them a write of a key concerns. Cloning costs a reference count for each index.
#[derive(Clone, Debug, Default)]
pub(super) struct Indexes {
    list: Vec<Option<Arc<Index>>>,
    by_key: Arc<Vec<SmallVec<[IndexId; 2]>>>,
    texts: Vec<Arc<TextIndex>>,
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
        memory::kept(&self.built.equality, || Equality::build(Self::slots(nodes, column), nodes.len() as usize, column))
    }

    fn ordered(&self, nodes: &SlotSet, column: &Column) -> &Ordered {
        memory::kept(&self.built.ordered, || {
            // what is stored of several keys is their order, and that is not the order of the first alone
            let stored = self.definition.single_key().and_then(|_| self.stored_order(nodes, column));
            match stored {
                Some(order) => Ordered::from_sorted(&order),
                None => Ordered::build(Self::slots(nodes, column).collect(), column),
            }
        })
    }

    /// The order that an opened image has, while it is of these slots.
    fn stored_order(&self, members: &SlotSet, column: &Column) -> Option<Vec<u32>> {
        let order = self.stored.as_ref()?.order(&self.definition)?;
        (order.len() == Self::slots(members, column).count()).then_some(order)
    }

    /// Whether something is in it: it has the first key.
    fn holds(&self, slot: u32, columns: &Columns) -> bool {
        columns.get(self.definition.keys[0]).is_some_and(|column| column.is_present(slot))
    }

    /// The values of something that it holds have just been put in the columns.
    fn insert(&mut self, slot: u32, columns: &Columns) {
        self.changed();
        let Some(list) = columns_of(&self.definition, columns) else { return };
        let built = Arc::make_mut(&mut self.built);
        if let Some(equality) = built.equality.get_mut() {
            equality.insert(slot, list[0]);
        }
        if let Some(ordered) = built.ordered.get_mut() {
            ordered.insert(slot, list[0]);
        }
        if let Some(composite) = built.composite.get_mut() {
            composite.insert(slot, &list);
        }
    }

    /// The values of something that it holds are about to leave the columns.
    fn remove(&mut self, slot: u32, columns: &Columns) {
        self.changed();
        let Some(list) = columns_of(&self.definition, columns) else { return };
        let built = Arc::make_mut(&mut self.built);
        if let Some(equality) = built.equality.get_mut() {
            equality.remove(slot, list[0]);
        }
        if let Some(ordered) = built.ordered.get_mut() {
            ordered.remove(slot, list[0]);
        }
        if let Some(composite) = built.composite.get_mut() {
            composite.remove(slot, &list);
        }
    }

    fn changed(&mut self) {
        self.stored = None;
        self.in_image = false;
    }
}

/// The columns of its keys.
type ColumnList<'a> = SmallVec<[&'a Column; 2]>;

/// The columns of an index, which are there since it was declared.
pub(super) fn columns_of<'a>(definition: &IndexDefinition, columns: &'a Columns) -> Option<ColumnList<'a>> {
    definition.keys.iter().map(|key| columns.get(*key)).collect()
}

/// An index with what it indexes: the nodes of its label, or the relationships of its type, and the columns of its keys.
#[derive(Clone)]
pub(super) struct Lookup<'a> {
    pub(super) index: &'a Index,
    pub(super) members: &'a SlotSet,
    pub(super) columns: ColumnList<'a>,
}

impl<'a> Lookup<'a> {
    /// The column of the first key.
    fn column(&self) -> &'a Column {
        self.columns[0]
    }

    fn equality(&self) -> &'a Equality {
        self.index.equality(self.members, self.column())
    }

    fn ordered(&self) -> &'a Ordered {
        self.index.ordered(self.members, self.column())
    }

    fn composite(&self) -> &'a Composite {
        memory::kept(&self.index.built.composite, || match self.index.stored_order(self.members, self.column()) {
            Some(order) => Composite::from_sorted(&order, &self.columns),
            None => Composite::build(Index::slots(self.members, self.column()).collect(), &self.columns),
        })
    }

    /// Appends the slots whose first values are equal to these, in the order of the next; where `then` is no range that
    /// the order can tell, the whole of them. What does not equal itself (null, NaN) is never found.
    pub(super) fn seek_several(
        &self,
        equal: &[Value],
        (lower, upper): (Bound<&Value>, Bound<&Value>),
        out: &mut Vec<u32>,
    ) {
        let never = |value: &Value| value.is_null() || matches!(value, Value::Float(x) if x.is_nan());
        let then = match Span::between(lower, upper) {
            Ok(span) => span,
            Err(true) => return,
            Err(false) => Span::All,
        };
        if !equal.iter().any(never) {
            self.composite().collect(equal, &then, &self.columns, out);
        }
    }

    /// The same with the start of a text as the range.
    pub(super) fn seek_several_prefix(&self, equal: &[Value], prefix: &str, out: &mut Vec<u32>) {
        self.composite().collect(equal, &Span::Prefix(prefix), &self.columns, out);
    }

    /// How many different combinations of values the first keys have, about.
    pub(super) fn distinct_of(&self, keys: usize) -> u64 {
        match self.columns.len() {
            1 => self.distinct(),
            _ => self.composite().distinct(keys),
        }
    }

    pub(super) fn seek_equal(&self, value: &Value, out: &mut Vec<u32>) {
        if self.searches(value) && self.seek_range(Bound::Included(value), Bound::Included(value), Part::ALL, out) {
            return;
        }
        self.equality().seek(value, self.column(), out);
    }

    /// Whether the order of an opened image answers, so that the first seeks need not wait for a hash table.
    fn searches(&self, value: &Value) -> bool {
        let index = self.index;
        index.built.equality.get().is_none()
            && index.stored.is_some()
            && self.members.len() >= super::image::STORED_ORDER as u64
            && matches!(value, Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::Date(_))
            && index.searched.fetch_add(1, Ordering::Relaxed) < FREE_SEARCHES
    }

    /// A node other than `slot` with this value.
    pub(super) fn other(&self, value: &Value, slot: u32) -> Option<u32> {
        let equality = self.equality();
        match equality.any(value, self.column()) {
            Some(found) if found == slot => {
                let mut slots = Vec::new();
                equality.seek(value, self.column(), &mut slots);
                slots.into_iter().find(|&s| s != slot)
            }
            found => found,
        }
    }

    pub(super) fn duplicate(&self) -> Option<(u32, u32)> {
        self.equality().duplicate(self.column())
    }

    pub(super) fn distinct(&self) -> u64 {
        self.equality().distinct()
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
            count = self.ordered().count(span, self.column());
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

    pub(super) fn seek_ordered(&self, part: Part, out: &mut Vec<u32>) {
        self.take(&Span::All, part, out);
    }

    fn take(&self, span: &Span<'_>, part: Part, out: &mut Vec<u32>) {
        self.ordered().collect(span, part, self.column(), out);
    }

    /// Whether the values of two slots stand at the same place in the order.
    pub(super) fn same_place(&self, a: u32, b: u32) -> bool {
        self.columns.iter().all(|column| composite::same_place(column, a, b))
    }

    /// How many different values, or combinations of them, slots in order have.
    pub(super) fn distinct_in_order(&self, slots: &[u32]) -> u64 {
        let changes = slots.windows(2).filter(|pair| !self.same_place(pair[0], pair[1])).count();
        changes as u64 + u64::from(!slots.is_empty())
    }

    /// All slots in order.
    pub(super) fn in_order(&self) -> Vec<u32> {
        if self.columns.len() > 1 { self.composite().slots() } else { self.ordered().slots() }
    }

    /// What is wrong: slots missing from a structure, or in it without reason, or out of order.
    pub(super) fn check(&self, problems: &mut Vec<String>) {
        let name = &self.index.definition.name;
        let expected: Vec<u32> = Index::slots(self.members, self.column()).collect();
        if let Some(equality) = self.index.built.equality.get() {
            let nan = |slot: &u32| matches!(self.column().get(*slot), Value::Float(x) if x.is_nan());
            let mut slots = equality.slots();
            slots.sort_unstable();
            let wanted: Vec<u32> = expected.iter().copied().filter(|slot| !nan(slot)).collect();
            if slots != wanted || !equality.is_sound() {
                problems.push(format!("index {name}: the hash table does not hold what it should"));
            }
            for &slot in &wanted {
                let (value, mut found) = (self.column().get(slot), Vec::new());
                equality.seek(&value, self.column(), &mut found);
                let null_inside = crate::value::order::equal(&value, &value) != Some(true);
                if !null_inside && found.binary_search(&slot).is_err() {
                    problems.push(format!("index {name}: slot {slot} is not found by its value"));
                }
            }
        }
        if let Some(ordered) = self.index.built.ordered.get()
            && (ordered.slots() != Ordered::build(expected.clone(), self.column()).slots() || !ordered.is_sound())
        {
            problems.push(format!("index {name}: the sorted sequence is not the order of the values"));
        }
        if let Some(composite) = self.index.built.composite.get()
            && (composite.slots() != Composite::build(expected, &self.columns).slots() || !composite.is_sound())
        {
            problems.push(format!("index {name}: the sorted sequence is not the order of the values of its keys"));
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
        let id = index.definition.id;
        let by_key = Arc::make_mut(&mut self.by_key);
        for key in &index.definition.keys {
            if key.index() >= by_key.len() {
                by_key.resize_with(key.index() + 1, SmallVec::new);
            }
            by_key[key.index()].push(id);
        }
        if id.index() >= self.list.len() {
            self.list.resize_with(id.index() + 1, || None);
        }
        self.list[id.index()] = Some(Arc::new(index));
    }

    pub(super) fn take(&mut self, id: IndexId) -> Option<Index> {
        let index = Arc::unwrap_or_clone(self.list.get_mut(id.index())?.take()?);
        for key in &index.definition.keys {
            Arc::make_mut(&mut self.by_key)[key.index()].retain(|other| *other != id);
        }
        while self.list.last().is_some_and(Option::is_none) {
            self.list.pop();
        }
        Some(index)
    }

    /// A value of the key stands in its column since now: what has been taken out before it goes in again.
    pub(super) fn enter(&mut self, slot: u32, key: KeyId, kin: Kin<'_>, columns: &Columns) {
        self.concerned(
            key,
            |index| kin.is(index.definition.subject) && index.holds(slot, columns),
            |index| {
                index.insert(slot, columns);
            },
        );
        self.texts_about(&[key], kin, |index| index.enter(slot, &[key], columns));
    }

    /// The value of the key is about to change.
    pub(super) fn leave(&mut self, slot: u32, key: KeyId, kin: Kin<'_>, columns: &Columns) {
        self.concerned(
            key,
            |index| kin.is(index.definition.subject) && index.holds(slot, columns),
            |index| {
                index.remove(slot, columns);
            },
        );
        self.texts_about(&[key], kin, |index| index.leave(slot, &[key], columns));
    }

    /// Something with these keys is there since now, or has another label: it goes into every index that is about it.
    pub(super) fn enter_all(&mut self, slot: u32, keys: &[KeyId], kin: Kin<'_>, columns: &Columns) {
        for &key in keys {
            let is_first = |index: &Index| index.definition.keys[0] == key && kin.is(index.definition.subject);
            self.concerned(key, is_first, |index| index.insert(slot, columns));
        }
        self.texts_about(keys, kin, |index| index.enter(slot, keys, columns));
    }

    /// Something with these keys is about to go, or to lose a label.
    pub(super) fn leave_all(&mut self, slot: u32, keys: &[KeyId], kin: Kin<'_>, columns: &Columns) {
        for &key in keys {
            let is_first = |index: &Index| index.definition.keys[0] == key && kin.is(index.definition.subject);
            self.concerned(key, is_first, |index| index.remove(slot, columns));
        }
        self.texts_about(keys, kin, |index| index.leave(slot, keys, columns));
    }

    fn texts_about(&mut self, keys: &[KeyId], kin: Kin<'_>, mut f: impl FnMut(&mut TextIndex)) {
        let about =
            |index: &TextIndex| index.definition.keys.iter().any(|key| keys.contains(key)) && index.is_about(kin);
        for index in self.texts.iter_mut().filter(|index| about(index)) {
            f(Arc::make_mut(index));
        }
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &TextIndex> {
        self.texts.iter().map(|index| &**index)
    }

    pub(super) fn put_text(&mut self, index: TextIndex) {
        self.texts.push(Arc::new(index));
    }

    /// Whether there was one of that name.
    pub(super) fn take_text(&mut self, name: &str) -> bool {
        let before = self.texts.len();
        self.texts.retain(|index| *index.definition.name != *name);
        self.texts.len() < before
    }

    fn concerned(&mut self, key: KeyId, concerns: impl Fn(&Index) -> bool, mut f: impl FnMut(&mut Index)) {
        let Some(ids) = self.by_key.get(key.index()) else { return };
        for id in ids {
            if let Some(Some(index)) = self.list.get_mut(id.index())
                && concerns(index)
            {
                f(Arc::make_mut(index));
            }
        }
    }
}
