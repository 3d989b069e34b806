//! Functions that put lists together, take them apart and look into them. Positions begin with 0; items are told
//! apart as DISTINCT tells them, and ordered as ORDER BY orders them.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::hash::Hasher;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::argument::{integer, list, out_of_range, text, wrong_type};
use super::signature::Type;
use super::{Body, CallContext, Function, parameters};
use crate::error::Result;
use crate::value::hash::hasher;
use crate::value::{Map, Value, order};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "join",
        parameters![list: Type::LIST, separator: Type::STRING],
        Type::STRING,
        "The texts of a list, one behind the other, with the separator between them; nulls are passed over.",
        ("RETURN join(['a', 'b', 'c'], ', ') AS v", "'a, b, c'"),
        Body::Scalar(join),
    )
    .optional(1),
    Function::new(
        "coll.distinct",
        parameters![list: Type::LIST],
        Type::LIST,
        "The items of a list, each once, where it first stands.",
        ("RETURN coll.distinct([1, 2, 1.0]) AS v", "[1, 2]"),
        Body::Scalar(distinct),
    ),
    Function::new(
        "coll.sort",
        parameters![list: Type::LIST],
        Type::LIST,
        "The items of a list in ascending order.",
        ("RETURN coll.sort([3, 1, 2]) AS v", "[1, 2, 3]"),
        Body::Scalar(sort),
    ),
    Function::new(
        "coll.flatten",
        parameters![list: Type::LIST, depth: Type::INTEGER],
        Type::LIST,
        "A list with the items of the lists in it (as many levels deep as depth says, 1) in their place.",
        ("RETURN coll.flatten([[1, 2], [3]]) AS v", "[1, 2, 3]"),
        Body::Scalar(flatten),
    )
    .optional(1),
    Function::new(
        "coll.max",
        parameters![list: Type::LIST],
        Type::ANY,
        "The item that comes last in ascending order, nulls aside; null when there is none.",
        ("RETURN coll.max([1, 3, 2]) AS v", "3"),
        Body::Scalar(|_, arguments| extreme("coll.max", &arguments[0], Ordering::Greater)),
    ),
    Function::new(
        "coll.min",
        parameters![list: Type::LIST],
        Type::ANY,
        "The item that comes first in ascending order, nulls aside; null when there is none.",
        ("RETURN coll.min([2, 1, 3]) AS v", "1"),
        Body::Scalar(|_, arguments| extreme("coll.min", &arguments[0], Ordering::Less)),
    ),
    Function::new(
        "coll.indexOf",
        parameters![list: Type::LIST, item: Type::ANY],
        Type::INTEGER,
        "Where an item first stands in a list; -1 when it does not.",
        ("RETURN coll.indexOf(['a', 'b'], 'b') AS v", "1"),
        Body::Scalar(index_of),
    ),
    Function::new(
        "coll.insert",
        parameters![list: Type::LIST, index: Type::INTEGER, item: Type::ANY],
        Type::LIST,
        "A list with an item put in before the one at index.",
        ("RETURN coll.insert([1, 2], 0, 5) AS v", "[5, 1, 2]"),
        Body::Scalar(insert),
    )
    .takes_null(),
    Function::new(
        "coll.remove",
        parameters![list: Type::LIST, index: Type::INTEGER],
        Type::LIST,
        "A list without the item at index.",
        ("RETURN coll.remove([1, 2, 3], 1) AS v", "[1, 3]"),
        Body::Scalar(remove),
    ),
    Function::new(
        "map.fromPairs",
        parameters![pairs: Type::LIST],
        Type::MAP,
        "A map of pairs of a key and a value; of two with one key the later holds.",
        ("RETURN map.fromPairs([['a', 1], ['b', 2]]) AS v", "{a: 1, b: 2}"),
        Body::Scalar(from_pairs),
    ),
];

fn join(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let items = list("join", &arguments[0])?;
    let separator = arguments.get(1).map_or(Ok(""), |value| text("join", value).map(|text| &**text))?;
    let mut parts: Vec<&str> = Vec::with_capacity(items.len());
    for item in items.iter().filter(|item| !item.is_null()) {
        parts.push(text("join", item)?);
    }
    let bytes = parts.iter().map(|part| part.len() + separator.len()).fold(0_usize, usize::saturating_add);
    context.charge(bytes)?;
    Ok(parts.join(separator).into())
}

fn hash(value: &Value) -> u64 {
    let mut state = hasher();
    order::hash_equivalent(value, &mut state);
    state.finish()
}

fn distinct(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let items = list("coll.distinct", &arguments[0])?;
    context.charge(items.len().saturating_mul(2 * size_of::<Value>()))?;
    let mut kept: Vec<Value> = Vec::new();
    let mut seen: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    for item in items.iter() {
        let places = seen.entry(hash(item)).or_default();
        if places.iter().all(|at| !order::equivalent(&kept[*at], item)) {
            places.push(kept.len());
            kept.push(item.clone());
        }
    }
    Value::list(kept)
}

fn sort(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let items = list("coll.sort", &arguments[0])?;
    context.charge(size_of_val(items.items()))?;
    let mut sorted = items.items().to_vec();
    sorted.sort_by(order::order);
    Value::list(sorted)
}

fn flatten(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let depth = arguments.get(1).map_or(Ok(1), |depth| integer("coll.flatten", depth))?;
    if depth < 0 {
        return Err(out_of_range(format!("the depth of coll.flatten() must not be negative, and is {depth}")));
    }
    let mut level = list("coll.flatten", &arguments[0])?.items().to_vec();
    for _ in 0..depth {
        if !level.iter().any(|item| matches!(item, Value::List(_))) {
            break;
        }
        let mut next = Vec::with_capacity(level.len());
        for item in level {
            match item {
                Value::List(inner) => next.extend(inner.iter().cloned()),
                other => next.push(other),
            }
            if next.len().is_power_of_two() {
                context.charge(2 * next.len() * size_of::<Value>())?;
            }
        }
        level = next;
    }
    Value::list(level)
}

fn extreme(name: &str, value: &Value, wanted: Ordering) -> Result<Value> {
    let mut best: Option<&Value> = None;
    for item in list(name, value)?.iter().filter(|item| !item.is_null()) {
        if best.is_none_or(|best| order::order(item, best) == wanted) {
            best = Some(item);
        }
    }
    Ok(best.cloned().unwrap_or_default())
}

fn index_of(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let place = list("coll.indexOf", &arguments[0])?.iter().position(|item| order::equivalent(item, &arguments[1]));
    Ok(Value::Int(place.map_or(-1, |at| at as i64)))
}

/// A place in a list of `length` items (or right behind the last). Errors: there is none.
fn place(name: &str, index: i64, length: usize) -> Result<usize> {
    usize::try_from(index).ok().filter(|at| *at < length).ok_or_else(|| {
        let last = length.saturating_sub(1);
        out_of_range(format!("the index of {name}() lies between 0 and {last} here, and is {index}"))
    })
}

fn insert(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let (Value::List(items), index) = (&arguments[0], &arguments[1]) else {
        return if arguments[0].is_null() {
            Ok(Value::Null)
        } else {
            Err(wrong_type("coll.insert", "a list", &arguments[0]))
        };
    };
    if index.is_null() {
        return Ok(Value::Null);
    }
    let at = place("coll.insert", integer("coll.insert", index)?, items.len() + 1)?;
    context.charge(size_of_val(items.items()))?;
    let mut all = items.items().to_vec();
    all.insert(at, arguments[2].clone());
    Value::list(all)
}

fn remove(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let items = list("coll.remove", &arguments[0])?;
    let at = place("coll.remove", integer("coll.remove", &arguments[1])?, items.len())?;
    context.charge(size_of_val(items.items()))?;
    let mut all = items.items().to_vec();
    all.remove(at);
    Value::list(all)
}

fn from_pairs(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let pairs = list("map.fromPairs", &arguments[0])?;
    context.charge(pairs.len().saturating_mul(96))?;
    let mut map: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    for pair in pairs.iter() {
        let (Value::List(two), wanted) = (pair, "pairs of a key and a value") else {
            return Err(wrong_type("map.fromPairs", "pairs of a key and a value", pair));
        };
        let [key, value] = two.items() else { return Err(wrong_type("map.fromPairs", wanted, pair)) };
        map.insert(text("map.fromPairs", key)?.clone(), value.clone());
    }
    Map::new(map).map(Value::Map)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{list as listed, shown};
    use super::*;

    #[test]
    fn lists_are_looked_into_as_distinct_and_order_by_do() {
        let mixed = listed(&[2.into(), Value::Null, 1.0.into(), 2.0.into(), 1.into()]);
        for (name, arguments, wanted) in [
            ("coll.distinct", vec![mixed.clone()], "[2, null, 1.0]"),
            ("coll.sort", vec![mixed.clone()], "[1.0, 1, 2, 2.0, null]"),
            ("coll.max", vec![mixed.clone()], "2"),
            ("coll.min", vec![mixed.clone()], "1.0"),
            ("coll.max", vec![listed(&[])], "null"),
            ("coll.indexOf", vec![mixed.clone(), 1.into()], "2"),
            ("coll.indexOf", vec![mixed, 7.into()], "-1"),
            ("coll.insert", vec![listed(&[1.into()]), 1.into(), Value::Null], "[1, null]"),
            ("coll.insert", vec![listed(&[1.into()]), 2.into(), 5.into()], "NumberOutOfRange"),
            ("coll.remove", vec![listed(&[1.into(), 2.into()]), 0.into()], "[2]"),
            ("coll.remove", vec![listed(&[]), 0.into()], "NumberOutOfRange"),
            ("coll.flatten", vec![listed(&[listed(&[1.into(), listed(&[2.into()])])])], "[1, [2]]"),
            ("coll.flatten", vec![listed(&[listed(&[1.into(), listed(&[2.into()])])]), 2.into()], "[1, 2]"),
            ("map.fromPairs", vec![listed(&[listed(&["a".into(), 1.into()])])], "{a: 1}"),
            ("map.fromPairs", vec![listed(&[1.into()])], "InvalidArgumentValue"),
        ] {
            assert_eq!(shown(name, &arguments), wanted, "{name}");
        }
    }

    #[test]
    fn texts_are_joined() {
        for (arguments, wanted) in [
            (vec![listed(&["a".into(), "b".into()]), ", ".into()], "'a, b'"),
            (vec![listed(&["a".into(), Value::Null, "b".into()]), "-".into()], "'a-b'"),
            (vec![listed(&["a".into()])], "'a'"),
            (vec![listed(&[]), ",".into()], "''"),
            (vec![listed(&[1.into()]), ",".into()], "InvalidArgumentValue"),
            (vec![Value::Null, ",".into()], "null"),
        ] {
            assert_eq!(shown("join", &arguments), wanted);
        }
    }
}
