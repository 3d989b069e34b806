//! The three ways of comparing values, never to be mixed.
//!
//! | | answers | null | NaN | used by |
//! |---|---|---|---|---|
//! | [`equal`], [`compare`] | true, false or unknown | unknown | equal to nothing | `= <> < <= > >= IN` |
//! | [`equivalent`], [`hash_equivalent`] | yes or no | is null | is NaN | DISTINCT, grouping |
//! | [`order`] | a total order | last | after all numbers | ORDER BY, min, max |
//!
//! Integers and floats are compared as the numbers they are, never rounded: 9007199254740993 is not
//! 9007199254740992.0. `order` says `Equal` exactly where `equivalent` says yes.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{Path, Value};

/// What `<` and its kin know of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// They stand in this order.
    Is(Ordering),
    /// A NaN is in the way: every comparison is false.
    Never,
    /// A null or two types are in the way: every comparison is null.
    Unknown,
}

impl Comparison {
    /// The truth of a comparison that holds for the orderings `holds` accepts.
    pub(crate) fn truth(self, holds: impl Fn(Ordering) -> bool) -> Option<bool> {
        match self {
            Self::Is(ordering) => Some(holds(ordering)),
            Self::Never => Some(false),
            Self::Unknown => None,
        }
    }
}

/// `a = b`: `None` is unknown. Lists and maps are compared in depth; what differs for sure wins over nulls.
///
/// ```
/// use shejire::Value;
/// use shejire::value::order::equal;
///
/// assert_eq!(equal(&1.into(), &1.0.into()), Some(true));
/// assert_eq!(equal(&1.into(), &"1".into()), Some(false));
/// assert_eq!(equal(&1.into(), &Value::Null), None, "nobody knows");
/// ```
pub fn equal(a: &Value, b: &Value) -> Option<bool> {
    use Value::{Float, Int, List, Map, Null};
    match (a, b) {
        (Null, _) | (_, Null) => None,
        (Int(a), Int(b)) => Some(a == b),
        (Float(a), Float(b)) => Some(a == b),
        (Int(n), Float(x)) | (Float(x), Int(n)) => Some(compare_mixed(*n, *x) == Some(Ordering::Equal)),
        (List(a), List(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            all_equal(a.iter().zip(b.iter()))
        }
        (Map(a), Map(b)) => {
            let (a, b) = (a.entries(), b.entries());
            if a.len() != b.len() || a.keys().ne(b.keys()) {
                return Some(false);
            }
            all_equal(a.values().zip(b.values()))
        }
        _ => Some(equivalent(a, b)),
    }
}

/// `value IN list`, found by going through it: `None` is unknown.
pub(crate) fn contains(list: &[Value], value: &Value) -> Option<bool> {
    let mut unknown = false;
    for item in list {
        match equal(value, item) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => unknown = true,
        }
    }
    if unknown { None } else { Some(false) }
}

/// What `a < b` and its kin know. Only numbers among themselves, strings, booleans, lists, and temporal
/// values of one type (durations excepted) are comparable.
///
/// ```
/// use std::cmp::Ordering;
/// use shejire::value::order::{Comparison, compare};
///
/// assert_eq!(compare(&2.into(), &2.5.into()), Comparison::Is(Ordering::Less));
/// assert_eq!(compare(&2.into(), &f64::NAN.into()), Comparison::Never);
/// assert_eq!(compare(&2.into(), &"two".into()), Comparison::Unknown);
/// ```
pub fn compare(a: &Value, b: &Value) -> Comparison {
    use Comparison::{Is, Never, Unknown};
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Is(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b).map_or(Never, Is),
        (Value::Int(n), Value::Float(x)) => compare_mixed(*n, *x).map_or(Never, Is),
        (Value::Float(x), Value::Int(n)) => compare_mixed(*n, *x).map_or(Never, |o| Is(o.reverse())),
        (Value::Str(a), Value::Str(b)) => Is(a.as_bytes().cmp(b.as_bytes())),
        (Value::Bool(a), Value::Bool(b)) => Is(a.cmp(b)),
        (Value::List(a), Value::List(b)) => {
            for (x, y) in a.iter().zip(b.iter()) {
                match compare(x, y) {
                    Is(Ordering::Equal) => {}
                    Unknown if equal(x, y) == Some(true) => {}
                    decided => return decided,
                }
            }
            Is(a.len().cmp(&b.len()))
        }
        (Value::Date(a), Value::Date(b)) => Is(a.cmp(b)),
        (Value::LocalTime(a), Value::LocalTime(b)) => Is(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Is(a.cmp(b)),
        (Value::LocalDateTime(a), Value::LocalDateTime(b)) => Is(a.cmp(b)),
        (Value::DateTime(a), Value::DateTime(b)) => Is(a.cmp(b)),
        _ => Unknown,
    }
}

/// `a < b`; `None` is null.
pub(crate) fn less(a: &Value, b: &Value) -> Option<bool> {
    compare(a, b).truth(Ordering::is_lt)
}

/// `a <= b`; `None` is null.
pub(crate) fn less_or_equal(a: &Value, b: &Value) -> Option<bool> {
    compare(a, b).truth(Ordering::is_le)
}

/// Whether DISTINCT and grouping take the two for one: null is null, NaN is NaN, 1 is 1.0.
///
/// ```
/// use shejire::Value;
/// use shejire::value::order::equivalent;
///
/// // as DISTINCT and grouping see it: null is null, NaN is NaN
/// assert!(equivalent(&Value::Null, &Value::Null));
/// assert!(equivalent(&f64::NAN.into(), &f64::NAN.into()));
/// assert!(equivalent(&1.into(), &1.0.into()));
/// ```
pub fn equivalent(a: &Value, b: &Value) -> bool {
    use Value::{Float, Int, List, Map};
    match (a, b) {
        (Float(a), Float(b)) => a == b || (a.is_nan() && b.is_nan()),
        (Int(n), Float(x)) | (Float(x), Int(n)) => compare_mixed(*n, *x) == Some(Ordering::Equal),
        (List(a), List(b)) if Arc::ptr_eq(&a.0, &b.0) => true,
        (Map(a), Map(b)) if Arc::ptr_eq(&a.0, &b.0) => true,
        (List(a), List(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(x, y)| equivalent(x, y)),
        (Map(a), Map(b)) => {
            let (a, b) = (a.entries(), b.entries());
            a.len() == b.len() && a.iter().zip(b).all(|((k, x), (l, y))| k == l && equivalent(x, y))
        }
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Int(a), Int(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Node(a), Value::Node(b)) => a == b,
        (Value::Rel(a), Value::Rel(b)) => a == b,
        (Value::Path(a), Value::Path(b)) => a == b,
        (Value::Date(a), Value::Date(b)) => a == b,
        (Value::LocalTime(a), Value::LocalTime(b)) => a == b,
        (Value::Time(a), Value::Time(b)) => a == b,
        (Value::LocalDateTime(a), Value::LocalDateTime(b)) => a == b,
        (Value::DateTime(a), Value::DateTime(b)) => a == b,
        (Value::Duration(a), Value::Duration(b)) => a == b,
        _ => false,
    }
}

/// Feeds `state` what [`equivalent`] compares: equivalent values leave the same trace.
///
/// ```
/// use std::hash::{DefaultHasher, Hasher};
/// use shejire::value::order::hash_equivalent;
///
/// let hash = |value| {
///     let mut state = DefaultHasher::new();
///     hash_equivalent(&value, &mut state);
///     state.finish()
/// };
/// assert_eq!(hash(shejire::Value::from(1)), hash(1.0.into()));
/// ```
pub fn hash_equivalent(value: &Value, state: &mut impl Hasher) {
    state.write_u8(rank(value));
    match value {
        Value::Null => {}
        Value::Bool(b) => b.hash(state),
        Value::Int(n) => n.hash(state),
        Value::Float(x) => match integral(*x) {
            Some(n) => n.hash(state),
            None if x.is_nan() => f64::NAN.to_bits().hash(state),
            None => x.to_bits().hash(state),
        },
        Value::Str(text) => text.hash(state),
        Value::List(list) => {
            list.len().hash(state);
            list.iter().for_each(|item| hash_equivalent(item, state));
        }
        Value::Map(map) => {
            map.entries().len().hash(state);
            for (key, item) in map.entries() {
                key.hash(state);
                hash_equivalent(item, state);
            }
        }
        Value::Node(node) => node.hash(state),
        Value::Rel(rel) => rel.hash(state),
        Value::Path(path) => path.hash(state),
        Value::Date(date) => date.hash(state),
        Value::LocalTime(time) => time.hash(state),
        Value::Time(time) => time.hash(state),
        Value::LocalDateTime(time) => time.hash(state),
        Value::DateTime(time) => time.hash(state),
        Value::Duration(duration) => duration.hash(state),
    }
}

/// The order of ORDER BY ASC: maps, nodes, relationships, lists, paths, temporal values, strings,
/// booleans, numbers, NaN, null.
///
/// ```
/// use shejire::Value;
/// use shejire::value::order::order;
///
/// // as ORDER BY sorts: texts before numbers, null last
/// let mut mixed = [Value::Null, 3.into(), "toll".into(), 2.5.into()];
/// mixed.sort_by(order);
/// assert_eq!(mixed, ["toll".into(), 2.5.into(), 3.into(), Value::Null]);
/// ```
pub fn order(a: &Value, b: &Value) -> Ordering {
    use Value::{Float, Int};
    match (a, b) {
        (Int(a), Int(b)) => a.cmp(b),
        (Float(a), Float(b)) => order_floats(*a, *b),
        (Int(n), Float(x)) => compare_mixed(*n, *x).unwrap_or(Ordering::Less),
        (Float(x), Int(n)) => compare_mixed(*n, *x).map_or(Ordering::Greater, Ordering::reverse),
        (Value::Str(a), Value::Str(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) => order_items(a.iter(), b.iter()).then(a.len().cmp(&b.len())),
        (Value::Map(a), Value::Map(b)) => {
            let (a, b) = (a.entries(), b.entries());
            a.len().cmp(&b.len()).then_with(|| a.keys().cmp(b.keys())).then_with(|| order_items(a.values(), b.values()))
        }
        (Value::Node(a), Value::Node(b)) => a.cmp(b),
        (Value::Rel(a), Value::Rel(b)) => a.cmp(b),
        (Value::Path(a), Value::Path(b)) => order_paths(a, b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::LocalTime(a), Value::LocalTime(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::LocalDateTime(a), Value::LocalDateTime(b)) => a.cmp(b),
        (Value::DateTime(a), Value::DateTime(b)) => a.cmp(b),
        (Value::Duration(a), Value::Duration(b)) => a.order(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// Unknown only when nothing differs for sure.
fn all_equal<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    let mut known = Some(true);
    for (a, b) in pairs {
        match equal(a, b) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => known = None,
        }
    }
    known
}

/// Exact, without rounding the integer to a float; `None` for NaN.
fn compare_mixed(n: i64, x: f64) -> Option<Ordering> {
    const TWO_POW_63: f64 = 9_223_372_036_854_775_808.0;
    if x.is_nan() {
        return None;
    }
    if x >= TWO_POW_63 {
        return Some(Ordering::Less);
    }
    if x < -TWO_POW_63 {
        return Some(Ordering::Greater);
    }
    let whole = x.trunc();
    // exact: |whole| lies within 64 bits; what trunc cut off decides between equals
    Some(n.cmp(&(whole as i64)).then(0.0_f64.partial_cmp(&(x - whole))?))
}

/// The integer a float stands for, when it is one.
pub(crate) fn integral(x: f64) -> Option<i64> {
    let n = x as i64; // saturates; the comparison below finds out
    (compare_mixed(n, x) == Some(Ordering::Equal)).then_some(n)
}

fn order_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

fn order_items<'a>(a: impl Iterator<Item = &'a Value>, b: impl Iterator<Item = &'a Value>) -> Ordering {
    a.zip(b).map(|(x, y)| order(x, y)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}

/// Step by step along the walk; a walk comes after its beginnings.
fn order_paths(a: &Path, b: &Path) -> Ordering {
    let first = a.nodes.first().cmp(&b.nodes.first());
    let steps = |path: &Path| path.rels.iter().copied().zip(path.nodes.iter().copied().skip(1)).collect::<Vec<_>>();
    first.then_with(|| steps(a).cmp(&steps(b)))
}

/// Place of the type in the order; numbers share one because 1 is 1.0.
fn rank(value: &Value) -> u8 {
    match value {
        Value::Map(_) => 0,
        Value::Node(_) => 1,
        Value::Rel(_) => 2,
        Value::List(_) => 3,
        Value::Path(_) => 4,
        Value::DateTime(_) => 5,
        Value::LocalDateTime(_) => 6,
        Value::Date(_) => 7,
        Value::Time(_) => 8,
        Value::LocalTime(_) => 9,
        Value::Duration(_) => 10,
        Value::Str(_) => 11,
        Value::Bool(_) => 12,
        Value::Int(_) | Value::Float(_) => 13,
        Value::Null => 14,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::temporal::parse;
    use super::super::{NodeRef, RelRef};
    use super::*;

    const NULL: Value = Value::Null;
    const NAN: Value = Value::Float(f64::NAN);

    fn list(items: impl IntoIterator<Item = Value>) -> Value {
        Value::list(items.into_iter().collect()).expect("a shallow list")
    }

    fn map(entries: &[(&str, Value)]) -> Value {
        Value::map(entries.iter().map(|(k, v)| (Arc::from(*k), v.clone()))).expect("a shallow map")
    }

    fn int(n: i64) -> Value {
        Value::Int(n)
    }

    /// Distinct values of every type in the order ORDER BY gives them.
    fn sorted() -> Vec<Value> {
        let date_time = |text| Value::DateTime(Arc::new(parse::date_time(text).expect("a datetime")));
        let duration = |text| Value::Duration(Arc::new(parse::duration(text).expect("a duration")));
        let path = |nodes: &[u32], rels: &[u32]| {
            Value::Path(Arc::new(Path {
                nodes: nodes.iter().map(|n| NodeRef::new(*n)).collect(),
                rels: rels.iter().map(|r| RelRef::new(*r)).collect(),
                cost: None,
            }))
        };
        vec![
            map(&[]),
            map(&[("a", int(1))]),
            map(&[("a", NULL)]),
            map(&[("b", int(0))]),
            map(&[("a", int(0)), ("b", int(0))]),
            Value::Node(NodeRef::new(0)),
            Value::Node(NodeRef::new(7)),
            Value::Rel(RelRef::new(0)),
            list([]),
            list(["a".into()]),
            list(["a".into(), int(1)]),
            list([int(1)]),
            list([int(1), "a".into()]),
            list([int(1), NULL]),
            list([NULL, int(1)]),
            path(&[1], &[]),
            path(&[1, 2], &[3]),
            path(&[1, 2, 1], &[3, 4]),
            path(&[1, 3], &[4]),
            date_time("2020-01-01T00:00+01:00"),
            date_time("2020-01-01T00:00Z"),
            date_time("2020-01-01T01:00+01:00"),
            date_time("2020-01-01T01:00[Europe/Berlin]"),
            Value::LocalDateTime(parse::local_date_time("2020-01-01").expect("a local datetime")),
            Value::Date(parse::date("2020-01-01").expect("a date")),
            Value::Time(parse::time("12:00+01:00").expect("a time")),
            Value::Time(parse::time("11:30Z").expect("a time")),
            Value::LocalTime(parse::local_time("11:30").expect("a time")),
            duration("P30D"),
            duration("P1M"),
            "".into(),
            " ".into(),
            "a".into(),
            "é".into(),
            false.into(),
            true.into(),
            Value::Float(f64::NEG_INFINITY),
            int(i64::MIN),
            int(-1),
            Value::Float(0.0),
            Value::Float(0.5),
            int(1),
            int(9_007_199_254_740_992),
            int(9_007_199_254_740_993),
            int(i64::MAX),
            Value::Float(9_223_372_036_854_775_808.0),
            Value::Float(f64::INFINITY),
            NAN,
            NULL,
        ]
    }

    #[test]
    fn order_is_total_and_agrees_with_equivalence_and_comparison() {
        let values = sorted();
        for (i, a) in values.iter().enumerate() {
            for (j, b) in values.iter().enumerate() {
                assert_eq!(order(a, b), i.cmp(&j), "{a:?} {b:?}");
                assert_eq!(equivalent(a, b), i == j, "{a:?} {b:?}");
                if let Comparison::Is(o) = compare(a, b) {
                    assert_eq!(o, i.cmp(&j), "{a:?} {b:?}");
                }
                if let Some(true) = equal(a, b) {
                    assert_eq!(i, j);
                }
            }
        }
    }

    #[test]
    fn equality_has_three_values() {
        let cases = [
            (int(1), Value::Float(1.0), Some(true)),
            (int(9_007_199_254_740_993), Value::Float(9_007_199_254_740_992.0), Some(false)),
            (int(i64::MAX), Value::Float(9_223_372_036_854_775_807.0), Some(false)),
            (NAN, NAN, Some(false)),
            (NAN, "a".into(), Some(false)),
            (NULL, NULL, None),
            (int(1), "1".into(), Some(false)),
            (list([int(1), NULL]), list([int(1), int(2)]), None),
            (list([int(1), NULL]), list([int(2), NULL]), Some(false)),
            (list([NULL, int(1)]), list([NULL, int(2)]), Some(false)),
            (list([NULL]), list([NULL, NULL]), Some(false)),
            (list([list([NULL])]), list([list([int(1)])]), None),
            (list([]), list([]), Some(true)),
            (map(&[("k", NULL)]), map(&[]), Some(false)),
            (map(&[("k", NULL)]), map(&[("k", NULL)]), None),
            (map(&[("k", NULL), ("l", int(1))]), map(&[("k", NULL), ("l", int(2))]), Some(false)),
            (map(&[("k", NULL)]), map(&[("l", NULL)]), Some(false)),
            (list([int(1)]), int(1), Some(false)),
        ];
        for (a, b, wanted) in cases {
            assert_eq!(equal(&a, &b), wanted, "{a:?} {b:?}");
            assert_eq!(equal(&b, &a), wanted, "{b:?} {a:?}");
        }
    }

    #[test]
    fn comparison_knows_false_from_unknown() {
        let cases = [
            (int(1), Value::Float(1.5), Some(true)),
            (int(1), NAN, Some(false)),
            (NAN, NAN, Some(false)),
            (NAN, "a".into(), None),
            (int(1), "1".into(), None),
            (NULL, int(1), None),
            (list([int(1), int(2)]), list([int(1), NULL]), None),
            (list([int(1), int(2)]), list([int(3), NULL]), Some(true)),
            (list([int(1)]), list([int(1), NULL]), Some(true)),
            (list([map(&[]), int(1)]), list([map(&[]), int(2)]), Some(true)),
            (map(&[]), map(&[]), None),
            (Value::Node(NodeRef::new(1)), Value::Node(NodeRef::new(2)), None),
            (false.into(), true.into(), Some(true)),
            ("a".into(), "b".into(), Some(true)),
        ];
        for (a, b, wanted) in cases {
            assert_eq!(less(&a, &b), wanted, "{a:?} {b:?}");
        }
        assert_eq!(less_or_equal(&NAN, &NAN), Some(false));
        assert_eq!(less_or_equal(&int(1), &Value::Float(1.0)), Some(true));
    }

    #[test]
    fn equivalent_values_share_one_place_in_a_set() {
        let values = [NAN, NAN, int(1), Value::Float(1.0), Value::Float(-0.0), Value::Float(0.0), int(0), NULL, NULL];
        let set: HashSet<Value> = values.into_iter().collect();
        assert_eq!(set.len(), 4);
        let nested: HashSet<Value> = [
            list([int(1), NAN]),
            list([Value::Float(1.0), NAN]),
            map(&[("a", int(2))]),
            map(&[("a", Value::Float(2.0))]),
        ]
        .into_iter()
        .collect();
        assert_eq!(nested.len(), 2);
    }

    #[test]
    fn large_integers_and_floats_stay_apart_in_a_set() {
        let values = [
            int(9_007_199_254_740_993),
            Value::Float(9_007_199_254_740_992.0),
            int(9_007_199_254_740_992),
            int(i64::MAX),
            Value::Float(9_223_372_036_854_775_807.0),
            int(i64::MIN),
            Value::Float(-9_223_372_036_854_775_808.0),
        ];
        let set: HashSet<Value> = values.into_iter().collect();
        assert_eq!(set.len(), 5);
    }
}
