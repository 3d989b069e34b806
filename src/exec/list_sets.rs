//! The lists that `IN` looks into, as hash sets: one a list, made when a list is asked for the second time.
//!
//! A list is known by its place in memory; its set holds it there.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use hashbrown::HashTable;
use rustc_hash::FxHashSet;

use super::context::Reservation;
use crate::error::Result;
use crate::value::hash::{DataSet, hasher};
use crate::value::{List, Value, order};

/// Shorter lists are walked.
const SHORT: usize = 8;

/// Bytes an item of a list takes in its set, about.
const ENTRY: usize = 24;

/// So many lists are known at a time.
const KEPT: usize = 4;

/// The sets of the lists asked for last.
#[derive(Default)]
pub(crate) struct ListSets(Vec<Kept>);

/// A list by its place in memory. Until there is a set, which holds the list, another may come to stand there: then a
/// set is made one question early.
struct Kept {
    place: *const Value,
    len: usize,
    set: Option<Arc<ListSet>>,
}

/// The items of a list that can be looked up.
pub(crate) struct ListSet {
    list: List,
    ints: DataSet<i64>,
    nodes: FxHashSet<u32>,
    /// Items that are neither integers nor nodes, by the hash of what is equivalent to them.
    others: HashTable<u32>,
    has_null: bool,
}

impl ListSets {
    /// The set of a list that will be asked for often.
    pub(crate) fn make(list: &List, memory: &mut Reservation) -> Result<Arc<ListSet>> {
        memory.grow(list.len() * ENTRY)?;
        Ok(Arc::new(ListSet::new(list.clone())))
    }

    /// The set of a list that will be asked for at once again; nothing when it is too short to be worth one.
    pub(crate) fn of_run(&mut self, list: &List, memory: &mut Reservation) -> Result<Option<Arc<ListSet>>> {
        match self.of(list, memory)? {
            Some(set) => Ok(Some(set)),
            None => self.of(list, memory),
        }
    }

    /// The set of a list; nothing when it is not worth one (yet).
    pub(crate) fn of(&mut self, list: &List, memory: &mut Reservation) -> Result<Option<Arc<ListSet>>> {
        if list.len() < SHORT {
            return Ok(None);
        }
        let same = |kept: &Kept| kept.place == list.as_ptr() && kept.len == list.len();
        match self.0.iter().position(same) {
            None => {
                if self.0.len() == KEPT {
                    self.0.remove(0);
                }
                self.0.push(Kept { place: list.as_ptr(), len: list.len(), set: None });
                Ok(None)
            }
            Some(at) => {
                let kept = &mut self.0[at];
                if kept.set.is_none() {
                    kept.set = Some(Self::make(list, memory)?);
                }
                Ok(kept.set.clone())
            }
        }
    }
}

impl ListSet {
    /// The set of a list's items.
    fn new(list: List) -> Self {
        let (mut ints, mut nodes) = (DataSet::default(), FxHashSet::default());
        let (mut others, mut has_null) = (HashTable::new(), false);
        for (number, item) in (0..).zip(list.iter()) {
            match item {
                Value::Null => has_null = true,
                Value::Int(n) => {
                    ints.insert(*n);
                }
                Value::Node(node) => {
                    nodes.insert(node.0);
                }
                other => {
                    others.insert_unique(hash(other), number, |at: &u32| hash(&list[*at as usize]));
                }
            }
        }
        Self { list, ints, nodes, others, has_null }
    }

    /// Whether `item IN list`; what is a list or map itself cannot be looked up, and asks to be compared one by one.
    pub(crate) fn contains(&self, item: &Value) -> Option<Option<bool>> {
        let found = match item {
            Value::Null => return Some(if self.list.is_empty() { Some(false) } else { None }),
            Value::List(_) | Value::Map(_) => return None,
            Value::Int(n) => self.ints.contains(n) || self.among_others(item),
            Value::Node(node) => self.nodes.contains(&node.0),
            Value::Float(x) if x.fract() == 0.0 && self.has_whole(*x) => true,
            item => self.among_others(item),
        };
        Some(self.answer(found))
    }

    /// Whether an integer is in the list, when that settles it.
    #[inline]
    pub(crate) fn contains_int(&self, n: i64) -> bool {
        self.ints.contains(&n) || !self.others.is_empty() && self.among_others(&Value::Int(n))
    }

    /// Whether `node IN list`.
    #[inline]
    pub(crate) fn contains_node(&self, node: u32) -> Option<bool> {
        self.answer(self.nodes.contains(&node))
    }

    /// The texts in the list.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.list.iter().filter_map(|item| if let Value::Str(text) = item { Some(&**text) } else { None })
    }

    /// Whether an item is in the list, by going through it.
    pub(crate) fn compare_each(&self, item: &Value) -> Option<bool> {
        order::contains(&self.list, item)
    }

    fn has_whole(&self, x: f64) -> bool {
        // a whole number below 2^63 is exactly that integer
        x.abs() < 9.2e18 && self.ints.contains(&(x as i64))
    }

    fn answer(&self, found: bool) -> Option<bool> {
        if !found && self.has_null { None } else { Some(found) }
    }

    fn among_others(&self, item: &Value) -> bool {
        if self.others.is_empty() {
            return false;
        }
        let same = |at: &u32| order::equal(&self.list[*at as usize], item) == Some(true);
        self.others.find(hash(item), same).is_some()
    }
}

fn hash(value: &Value) -> u64 {
    let mut state = hasher();
    order::hash_equivalent(value, &mut state);
    0_u8.hash(&mut state);
    state.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::NodeRef;

    /// What `IN` says when it goes through the list.
    fn walked(item: &Value, list: &List) -> Option<bool> {
        let answers: Vec<Option<bool>> = list.iter().map(|other| order::equal(item, other)).collect();
        if answers.contains(&Some(true)) {
            return Some(true);
        }
        if answers.contains(&None) { None } else { Some(false) }
    }

    #[test]
    fn a_list_is_made_into_a_set_when_it_is_asked_for_again_and_then_once() {
        let (mut sets, mut memory) = (ListSets::default(), Reservation::unlimited());
        let list = List::new((0..100).map(Value::Int).collect()).expect("shallow");
        let other = List::new((0..100).map(Value::Int).collect()).expect("shallow");
        assert!(sets.of(&list, &mut memory).expect("memory").is_none());
        assert!(sets.of(&other, &mut memory).expect("memory").is_none());
        let made = sets.of(&list.clone(), &mut memory).expect("memory").expect("a set");
        let again = sets.of(&list, &mut memory).expect("memory").expect("a set");
        assert!(Arc::ptr_eq(&made, &again));
        assert_eq!(memory.bytes(), 100 * ENTRY);
    }

    #[test]
    fn a_set_says_what_walking_the_list_says() {
        let inner = Value::list(vec![1.into(), Value::Null]).expect("shallow");
        let items: Vec<Value> = vec![
            1.into(),
            2.0.into(),
            f64::NAN.into(),
            9_007_199_254_740_993_i64.into(),
            9_100_000_000_000_000_i64.into(),
            9_007_199_254_740_992.0.into(),
            "a".into(),
            true.into(),
            inner.clone(),
            Value::Node(NodeRef::new(3)),
            Value::Null,
        ];
        let asked = [
            Value::Node(NodeRef::new(3)),
            Value::Node(NodeRef::new(4)),
            1.into(),
            1.0.into(),
            2.into(),
            2.0.into(),
            2.5.into(),
            f64::NAN.into(),
            9_007_199_254_740_993_i64.into(),
            9_007_199_254_740_992_i64.into(),
            9_007_199_254_740_992.0.into(),
            9.1e15.into(),
            "a".into(),
            "b".into(),
            true.into(),
            false.into(),
            Value::Null,
        ];
        for length in 0..=items.len() {
            let list = List::new(items[..length].to_vec()).expect("shallow");
            let set = ListSet::new(list.clone());
            for item in &asked {
                assert_eq!(set.contains(item), Some(walked(item, &list)), "{item:?} IN {list:?}");
            }
            assert_eq!(set.contains(&inner), None);
        }
    }
}
