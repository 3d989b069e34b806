//! Histories of writes, reads and clones, beside a map that is copied whole.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::value::order::{equal, less, less_or_equal, order};
use crate::value::temporal::Date;

const KEY: KeyId = KeyId(0);
const LABELS: [LabelId; 1] = [LabelId(0)];
const ID: IndexId = IndexId(0);

/// A version: an index, what it indexes, and the model of both.
#[derive(Clone, Default)]
struct Version {
    indexes: Indexes,
    nodes: SlotSet,
    columns: Columns,
    model: BTreeMap<u32, Value>,
}

impl Version {
    fn new() -> Self {
        let mut version = Self::default();
        let (kind, subject) = (IndexKind::Index, Subject::Nodes(LABELS[0]));
        let definition = IndexDefinition { id: ID, name: "i".into(), kind, subject, keys: [KEY].as_slice().into() };
        version.columns.know(KEY);
        version.indexes.put(Index::new(definition));
        version
    }

    fn of(values: impl Iterator<Item = Value>) -> Self {
        let mut version = Self::new();
        (0u32..).zip(values).for_each(|(slot, value)| version.set(slot, value));
        version
    }

    fn index(&self) -> &Index {
        self.indexes.get(ID).expect("declared")
    }

    fn lookup(&self) -> Lookup<'_> {
        let columns = columns_of(&self.index().definition, &self.columns).expect("known");
        Lookup { index: self.index(), members: &self.nodes, columns }
    }

    fn set(&mut self, slot: u32, value: Value) {
        self.nodes.insert(slot);
        self.put(slot, &value);
        self.model.insert(slot, value);
    }

    fn unset(&mut self, slot: u32) {
        self.put(slot, &Value::Null);
        self.model.remove(&slot);
    }

    fn put(&mut self, slot: u32, value: &Value) {
        self.indexes.leave(slot, KEY, Kin::Node(&LABELS), &self.columns);
        self.columns.set(slot, KEY, value).expect("room");
        self.indexes.enter(slot, KEY, Kin::Node(&LABELS), &self.columns);
    }

    fn count(&self) -> u32 {
        self.columns.get(KEY).map_or(0, Column::len) as u32
    }

    fn build(&self, equality: bool, ordered: bool) {
        if equality {
            self.lookup().distinct();
        }
        if ordered {
            self.lookup().in_order();
        }
    }

    /// Shards and chunks that are not those of another version.
    fn own(&self, other: &Self) -> (usize, usize) {
        let (own, other) = (&self.index().built, &other.index().built);
        let equality = own.equality.get().zip(other.equality.get()).map_or(0, |(own, other)| own.own(other));
        (equality, own.ordered.get().zip(other.ordered.get()).map_or(0, |(own, other)| own.own(other)))
    }

    fn slots(&self, holds: impl Fn(&Value) -> bool) -> Vec<u32> {
        self.model.iter().filter(|(_, value)| holds(value)).map(|(&slot, _)| slot).collect()
    }

    fn in_order(&self, holds: impl Fn(&Value) -> bool) -> Vec<u32> {
        let mut slots = self.slots(holds);
        slots.sort_by(|a, b| order(&self.model[a], &self.model[b]));
        slots
    }

    /// Everything that can be asked is as the model says.
    fn answers(&self, probes: &[Value]) -> Result<(), TestCaseError> {
        let lookup = self.lookup();
        let asked = |ask: &dyn Fn(&mut Vec<u32>)| {
            let mut slots = Vec::new();
            ask(&mut slots);
            slots
        };
        for value in probes.iter().chain(self.model.values().step_by(17)) {
            let wanted = self.slots(|own| equal(own, value) == Some(true));
            prop_assert_eq!(asked(&|out| lookup.seek_equal(value, out)), wanted);
        }
        let mut distinct: Vec<Value> = self.model.values().cloned().collect();
        distinct.sort_by(order);
        distinct.dedup_by(|a, b| order(a, b).is_eq());
        distinct.retain(|value| equal(value, value) == Some(true));
        prop_assert_eq!(lookup.distinct(), distinct.len() as u64);

        prop_assert_eq!(lookup.in_order(), self.in_order(|_| true));
        for pair in probes.windows(2) {
            let (low, high) = (&pair[0], &pair[1]);
            let bounds = [(Bound::Included(low), Bound::Excluded(high)), (Bound::Excluded(low), Bound::Included(high))];
            for ((lower, upper), closed) in bounds.into_iter().zip([true, false]) {
                let wanted = self.in_order(|own| match closed {
                    true => less_or_equal(low, own) == Some(true) && less(own, high) == Some(true),
                    false => less(low, own) == Some(true) && less_or_equal(own, high) == Some(true),
                });
                // lists are compared otherwise than they are ordered: there an index cannot tell
                if let Some(count) = lookup.count_range(lower, upper) {
                    prop_assert_eq!(count, wanted.len() as u64);
                    self.parts(&wanted, &|part, out| assert!(lookup.seek_range(lower, upper, part, out)))?;
                } else {
                    prop_assert!(matches!(low, Value::List(_)) || matches!(high, Value::List(_)));
                }
            }
            if let Value::Str(text) = low {
                let prefix: String = text.chars().take(1).collect();
                let wanted = self.in_order(|own| matches!(own, Value::Str(own) if own.starts_with(&prefix)));
                self.parts(&wanted, &|part, out| lookup.seek_prefix(&prefix, part, out))?;
            }
        }
        let mut problems = Vec::new();
        lookup.check(&mut problems);
        prop_assert_eq!(problems, Vec::<String>::new());
        Ok(())
    }

    /// A span is what it should be from both ends, and in parts.
    fn parts(&self, wanted: &[u32], ask: &dyn Fn(Part, &mut Vec<u32>)) -> Result<(), TestCaseError> {
        for descending in [false, true] {
            let mut whole = wanted.to_vec();
            if descending {
                // equal values stay in the order of their slots
                whole.sort_by(|a, b| order(&self.model[b], &self.model[a]));
            }
            let third = wanted.len() / 3;
            for (skip, max) in [(0, usize::MAX), (0, 1), (third, third + 1), (wanted.len(), 1), (third, usize::MAX)] {
                let mut slots = Vec::new();
                ask(Part { descending, skip, max }, &mut slots);
                let some: Vec<u32> = whole.iter().skip(skip).take(max).copied().collect();
                prop_assert_eq!(slots, some);
            }
        }
        Ok(())
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => (-40i64..40).prop_map(Value::Int),
        4 => "[a-cқ]{0,3}".prop_map(Value::str),
        1 => any::<i64>().prop_map(Value::Int),
        1 => (-8i32..8).prop_map(|n| Value::Float(f64::from(n) / 2.0)),
        1 => Just(Value::Float(f64::NAN)),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => (0i64..9).prop_map(|days| Value::Date(Date { days })),
        1 => vec((0i64..3).prop_map(Value::Int), 0..3).prop_map(|items| Value::list(items).expect("shallow")),
    ]
}

/// Values of all kinds, or of one.
fn values() -> impl Strategy<Value = Vec<Value>> {
    prop_oneof![
        vec(value(), 8..40),
        vec((-60i64..60).prop_map(Value::Int), 8..40),
        vec("[a-cқ]{0,3}".prop_map(Value::str), 8..40),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Every clone answers as when it was made, whoever built its structures and whatever was written to others.
    #[test]
    fn every_version_answers_as_its_model(
        values in values(),
        built in 0usize..3_000,
        steps in vec((0u8..16, 0u32..3_200, any::<prop::sample::Index>()), 1..250),
    ) {
        let mut version = Version::of(values.iter().cycle().take(built).cloned());
        let mut versions = Vec::new();
        for (kind, slot, value) in steps {
            match kind {
                0 => versions.push(version.clone()),
                1 => version.build(true, slot % 2 == 0),
                2 => version.build(false, true),
                // a reader of an earlier version
                3 => if let Some(earlier) = versions.last() { earlier.build(slot % 2 == 0, slot % 3 == 0) },
                // back to an earlier version, as when a transaction is dropped
                4 if slot % 4 == 0 => if let Some(earlier) = versions.last() { version = earlier.clone() },
                5..=7 => version.unset(slot),
                _ => version.set(slot, value.get(&values).clone()),
            }
        }
        versions.push(version);
        for version in versions.iter().rev().take(3).chain(versions.first()) {
            version.answers(&values[..8])?;
        }
    }
}

/// Numbers without order, one in `share` of them twice.
fn scattered(count: u64, share: u64) -> impl Iterator<Item = Value> {
    (0..count)
        .map(move |n| Value::Int((n - n % share.min(n + 1) / (share - 1).max(1)).wrapping_mul(0x9e37_79b9) as i64 >> 3))
}

#[test]
fn a_write_to_a_shared_index_copies_a_shard_and_a_chunk() {
    let mut version = Version::of(scattered(30_000, 3));
    version.build(true, true);
    let count = version.count();
    for n in 0..200u32 {
        let held = version.clone();
        assert!(Arc::ptr_eq(&held.index().built, &version.index().built), "a clone shares everything");
        let slot = n.wrapping_mul(7_919) % count;
        match n % 3 {
            0 => version.set(count + n, Value::Int(i64::from(n) << 30)),
            1 => version.unset(slot),
            _ => version.set(slot, Value::Int(-i64::from(n))),
        }
        // a value that changes leaves one shard and enters another; a third and a fourth where the table grows
        let (shards, chunks) = version.own(&held);
        assert!((1..=4).contains(&shards) && (1..=4).contains(&chunks), "{shards} shards, {chunks} chunks");
        assert_eq!(held.own(&held), (0, 0));
    }
    let shards = version.index().built.equality.get().map_or(0, |equality| equality.own(&Equality::default()));
    assert!(shards >= 8, "the table was in {shards} shards: nothing was tested");
}

#[test]
fn what_one_version_builds_serves_all_that_share_it() {
    let first = Version::of(scattered(500, 3));
    let (mut second, third) = (first.clone(), first.clone());
    second.build(true, true);
    assert!(first.index().known_distinct().is_some() && third.index().built.ordered.get().is_some());

    // a write takes what is built with it, and what is not stays unbuilt
    second.set(3, Value::Int(1));
    assert!(second.index().built.equality.get().is_some() && !Arc::ptr_eq(&second.index().built, &first.index().built));
    let unbuilt = Version::of(scattered(500, 3));
    let mut written = unbuilt.clone();
    written.set(3, Value::Int(1));
    unbuilt.build(true, true);
    assert!(written.index().known_distinct().is_none());
    for version in [first, second, third, unbuilt, written] {
        version.answers(&[Value::Int(1), Value::Int(90)]).expect("the model's answers");
    }
}

#[test]
fn the_table_grows_and_shrinks_with_all_sizes_of_postings() {
    let mut version = Version::new();
    version.build(true, true);
    // value n / 97 squared: lists of every length from one to two thousand
    for slot in 0..20_000u32 {
        let group = (f64::from(slot) / 5.0).sqrt() as i64;
        version.set(slot, Value::Int(if slot % 2 == 0 { group } else { i64::from(slot) << 20 }));
    }
    version.answers(&[Value::Int(1), Value::Int(30), Value::Int(60)]).expect("the model's answers");
    for slot in (0..20_000).filter(|slot| slot % 11 != 0) {
        version.unset(slot);
    }
    version.answers(&[Value::Int(1), Value::Int(30), Value::Int(60)]).expect("the model's answers");
    (0..20_000).for_each(|slot| version.unset(slot));
    version.answers(&[Value::Int(1), Value::Int(30)]).expect("the model's answers");
    assert_eq!(version.lookup().distinct(), 0);
}
