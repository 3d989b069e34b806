//! Every index against a scan of a plain model.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::tests::{Model, Random};
use super::*;
use crate::value::order::{equal, order};
use crate::value::{RelRef, Value};

/// What equalities along the keys of an index and a range behind them find is what a scan of the model does.
fn assert_several(graph: &Graph, model: &Model, d: &IndexDefinition, random: &mut Random) {
    use crate::value::order::{less, less_or_equal};
    let about = model.about(d.subject);
    let value =
        |properties: &BTreeMap<u32, Value>, at: usize| properties.get(&d.keys[at].0).cloned().unwrap_or_default();
    let id = |slot: &u32| match d.subject {
        Subject::Nodes(_) => graph.node_id(NodeRef::new(*slot)).0,
        Subject::Rels(_) => graph.rel_id(RelRef::new(*slot)).0,
    };
    let count = random.below(d.keys.len() + 1);
    // values that are there are found more often than those that are not
    let there = if about.is_empty() { None } else { Some(about[random.below(about.len())].1) };
    let mut probe = |at: usize| match there.filter(|_| random.below(4) > 0) {
        Some(properties) => value(properties, at),
        None => random.value(),
    };
    let equal_to: Vec<Value> = (0..count).map(&mut probe).collect();
    let (low, high) = (probe(count.min(d.keys.len() - 1)), probe(count.min(d.keys.len() - 1)));
    let starts = |properties: &BTreeMap<u32, Value>| {
        properties.contains_key(&d.keys[0].0)
            && equal_to.iter().enumerate().all(|(at, wanted)| equal(&value(properties, at), wanted) == Some(true))
    };
    let found = |bounds: (Bound<&Value>, Bound<&Value>)| {
        let mut slots = Vec::new();
        graph.seek_several(d.id, &equal_to, bounds, &mut slots);
        let ids: BTreeSet<u64> = slots.iter().map(id).collect();
        assert_eq!(ids.len(), slots.len(), "nothing is found twice");
        ids
    };
    let all = found((Bound::Unbounded, Bound::Unbounded));
    let wanted: BTreeSet<u64> = about.iter().filter(|(_, p)| starts(p)).map(|(id, _)| *id).collect();
    let plain = equal_to.iter().all(|v| equal(v, v) == Some(true));
    assert!(wanted.is_subset(&all) && (!plain || wanted == all), "{equal_to:?}: {wanted:?} {all:?}");
    if count < d.keys.len() {
        let within = found((Bound::Included(&low), Bound::Excluded(&high)));
        let holds = |v: &Value| less_or_equal(&low, v) == Some(true) && less(v, &high) == Some(true);
        let wanted: BTreeSet<u64> =
            about.iter().filter(|(_, p)| starts(p) && holds(&value(p, count))).map(|(id, _)| *id).collect();
        assert!(wanted.is_subset(&within) && within.is_subset(&all), "{equal_to:?} {low:?} {high:?}");
        let tells = plain && !matches!(low, Value::List(_)) && !matches!(high, Value::List(_));
        assert!(!tells || wanted == within, "{equal_to:?} {low:?} {high:?}: {wanted:?} {within:?}");
        let mut slots = Vec::new();
        graph.seek_several_prefix(d.id, &equal_to, "a", &mut slots);
        let begins = |v: Value| matches!(v, Value::Str(text) if text.starts_with('a'));
        let wanted: BTreeSet<u64> =
            about.iter().filter(|(_, p)| starts(p) && begins(value(p, count))).map(|(id, _)| *id).collect();
        assert!(wanted.is_subset(&slots.iter().map(id).collect()));
    }
}

/// Every index answers as a scan of the model does.
pub(super) fn assert_seeks(graph: &Graph, model: &Model, random: &mut Random) {
    for d in graph.index_definitions() {
        let first = d.keys[0];
        assert_several(graph, model, &d, random);
        let about = model.about(d.subject).into_iter();
        let values: Vec<(u64, Value)> = about.filter_map(|(id, p)| Some((id, p.get(&first.0)?.clone()))).collect();
        let ids = |slots: Vec<u32>| {
            let id = |slot| match d.subject {
                Subject::Nodes(_) => graph.node_id(NodeRef::new(slot)).0,
                Subject::Rels(_) => graph.rel_id(RelRef::new(slot)).0,
            };
            slots.into_iter().map(id).collect::<Vec<_>>()
        };
        let sorted = |mut ids: Vec<u64>| {
            ids.sort_unstable();
            ids
        };
        let wanted =
            |test: &dyn Fn(&Value) -> bool| values.iter().filter(|v| test(&v.1)).map(|v| v.0).collect::<Vec<_>>();
        let (probe, upper) = (random.value(), random.value());
        let mut found = Vec::new();
        assert!(graph.seek_equal(d.id, &probe, &mut found));
        assert_eq!(sorted(ids(found)), wanted(&|v| equal(v, &probe) == Some(true)), "{probe:?}");

        use crate::value::order::{less, less_or_equal};
        for (low, high) in
            [(Bound::Included(&probe), Bound::Excluded(&upper)), (Bound::Excluded(&probe), Bound::Unbounded)]
        {
            let mut found = Vec::new();
            if graph.seek_range(d.id, (low, high), Part::ALL, &mut found) {
                assert_eq!(graph.count_range(d.id, low, high), Some(found.len() as u64));
                let test = |v: &Value| match high {
                    Bound::Excluded(high) => less_or_equal(&probe, v) == Some(true) && less(v, high) == Some(true),
                    _ => less(&probe, v) == Some(true),
                };
                assert_eq!(sorted(ids(found)), wanted(&test), "{low:?} {high:?}");
            }
        }
        let prefix = ["", "a", "ab", "қ", "z"][random.below(5)];
        let mut found = Vec::new();
        graph.seek_prefix(d.id, prefix, Part::ALL, &mut found);
        let (mut some, descending) = (Vec::new(), random.below(2) == 0);
        graph.seek_prefix(d.id, prefix, Part { descending, skip: 1, max: 3 }, &mut some);
        let column = match d.subject {
            Subject::Nodes(_) => graph.node_column(first),
            Subject::Rels(_) => graph.rel_column(first),
        };
        let column = column.expect("indexed");
        // equal values stay in the order of their slots
        let backward = |slots: &[u32]| {
            let mut slots = slots.to_vec();
            slots.sort_by(|a, b| order(&column.get(*b), &column.get(*a)));
            slots
        };
        let whole = if descending { backward(&found) } else { found.clone() };
        assert!(some.iter().eq(whole.iter().skip(1).take(3)));
        let starts = |v: &Value| matches!(v, Value::Str(text) if text.starts_with(prefix));
        assert_eq!(sorted(ids(found)), wanted(&starts));

        let mut all = Vec::new();
        graph.seek_ordered(d.id, Part::ALL, &mut all);
        assert_eq!(all.len(), values.len());
        assert!(all.is_sorted_by(|&a, &b| order(&column.get(a), &column.get(b)).then(a.cmp(&b)).is_le()));
        let mut back = Vec::new();
        graph.seek_ordered(d.id, Part { descending: true, skip: 1, max: 3 }, &mut back);
        assert!(back.iter().eq(backward(&all).iter().skip(1).take(3)));
    }
}
