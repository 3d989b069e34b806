//! Estimated rows per operator, written into the plan for EXPLAIN.

use super::Stats;
use super::kinds::{Kinds, Known, label_test_of};
use super::lower::{items_of, rows_of, selectivity};
use super::stats::On;
use crate::bind::bound::{Aggregate, AggregateCall, Expr, Slot, TypeTest};
use crate::plan::node::{Hop, Node, Op, Plan, Seek};
use crate::value::Value;

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    let mut known = Known::new(stats);
    estimate(&mut plan.root, &mut known, &|_| None);
    for sub in plan.subplans.iter_mut().rev() {
        sub.imports.iter().for_each(|(slot, expr)| known.copy(*slot, expr));
        estimate(&mut sub.root, &mut known, &|_| None);
    }
}

/// The rows of a plan that is lowered already, of whose slots `known` says what they hold. What was asked once is not
/// computed anew.
pub(super) fn rows(node: &mut Node, known: &Known<'_>) -> f64 {
    estimate(node, &mut known.clone(), &|node| node.rows)
}

/// Writes estimates into a node and those below it, where `before` does not say them; `known` is what the rows that have
/// flowed so far hold.
fn estimate(node: &mut Node, known: &mut Known<'_>, before: &dyn Fn(&Node) -> Option<f64>) -> f64 {
    if let Some(rows) = before(node) {
        return rows;
    }
    let kinds = std::rc::Rc::clone(&known.kinds);
    let stats = kinds.stats();
    let inputs: Vec<f64> = node.op.inputs_mut().into_iter().map(|input| estimate(input, known, before)).collect();
    let first = inputs.first().copied().unwrap_or(1.0);
    let second = inputs.get(1).copied().unwrap_or(1.0);
    let rows = match &node.op {
        Op::ScanNodes { node, .. } => {
            known.put(*node, None);
            first * stats.nodes()
        }
        Op::ScanLabel { node, label, .. } => {
            start(*node, label, known);
            first * stats.nodes_with(label)
        }
        Op::ScanRels { hop, .. } => first * stats.rels(&hop.types),
        Op::SeekIndex { node, label, key, seek, .. } => {
            start(*node, label, known);
            first * seek_rows(label, key, seek, &kinds)
        }
        Op::SeekComposite { node, label, keys, .. } => {
            start(*node, label, known);
            first * rows_of(On::Label(label), keys, &kinds)
        }
        Op::SeekRels { hop, keys, .. } => {
            let rows = match &hop.types {
                TypeTest::OneOf(types) if types.len() == 1 => rows_of(On::Type(&types[0]), keys, &kinds),
                types => stats.rels(types),
            };
            first * rows
        }
        Op::Expand { hop, .. } => first * degree(hop, known),
        Op::ExpandInto { hop, .. } => {
            let ends = [known.get(hop.from), known.get(hop.to)];
            (first * known.kinds.between(ends, &hop.types, hop.towards)).min(first)
        }
        Op::Intersect { expand, into, count, .. } => {
            let found = first * degree(expand, known);
            let met = known.kinds.between([known.get(into.from), known.get(into.to)], &into.types, into.towards);
            if count.is_some() { first } else { (found * met).min(found) }
        }
        Op::ExpandVar { hop, var, into, .. } | Op::Reach { hop, var, into, .. } => {
            let reached = kinds.follow(known.get(hop.from), &hop.types, hop.towards);
            let (walks, ends) = kinds.walks(reached, (var.min, var.max), (&hop.types, hop.towards));
            if *into {
                first * walks.min(1.0)
            } else {
                known.put(hop.to, ends);
                first * walks
            }
        }
        Op::Filter { input, predicates } => {
            // a typed relationship usually ends where its labels say
            let typed = matches!(&input.op, Op::Expand { hop, .. } if hop.types != TypeTest::Any);
            let mut share = |p: &Expr| match (known.narrow(p), label_test_of(p)) {
                (Some(share), _) => share,
                (None, Some(_)) if typed => 1.0,
                _ => share_of(p, known),
            };
            first * predicates.iter().map(&mut share).product::<f64>()
        }
        Op::Aggregate { keys, .. } if keys.is_empty() => 1.0,
        Op::Aggregate { keys, .. } => groups(keys.iter().map(|(_, key)| key), first, known),
        Op::Distinct { slots, .. } => {
            let keys: Vec<Expr> = slots.iter().map(|slot| Expr::Slot(*slot)).collect();
            groups(keys.iter(), first, known)
        }
        Op::TopK { limit, .. } | Op::Limit { count: limit, .. } => match limit {
            Expr::Const(Value::Int(n)) => first.min(*n as f64),
            _ => first.min(100.0),
        },
        Op::Unwind { list: Expr::Slot(list), .. } => first * kinds.items(*list).unwrap_or(10.0),
        Op::Unwind { list, .. } => first * if matches!(list, Expr::List(_)) { items_of(list, &kinds) } else { 10.0 },
        Op::Apply { optional, .. } => {
            if *optional {
                (first * second).max(first)
            } else {
                first * second
            }
        }
        Op::Memoize { equal: Some((_, outer)), .. } => {
            first / known.get(*outer).map_or_else(|| stats.nodes(), |mix| kinds.nodes(mix)).max(1.0)
        }
        Op::SemiJoin { negated, .. } => first * if *negated { (1.0 - second).max(0.1) } else { second.min(0.9) },
        Op::Cross { .. } => first * second,
        Op::HashJoin { .. } => first.max(second),
        Op::Union { .. } => inputs.iter().sum(),
        _ => first,
    };
    if let Op::Aggregate { aggregates, .. } = &node.op {
        collected(aggregates, first / rows.max(1.0), &kinds);
    }
    known.pass(&node.op);
    node.rows = Some(rows);
    rows
}

/// Notes how many items the lists have that are collected of groups of so many rows.
fn collected(aggregates: &[Aggregate], rows: f64, kinds: &Kinds<'_>) {
    for aggregate in aggregates {
        if matches!(&aggregate.call, AggregateCall::Function { function, .. } if function.name == "collect") {
            kinds.put_items(aggregate.slot, rows);
        }
    }
}

fn start(node: Slot, label: &str, known: &mut Known<'_>) {
    let test = crate::bind::bound::LabelTest::Name(label.into());
    let found = known.kinds.with([&test]).map(|(mix, _)| mix);
    known.put(node, found);
}

/// Relationships that leave a node; what they lead to is noted.
fn degree(hop: &Hop, known: &mut Known<'_>) -> f64 {
    let reached = known.kinds.follow(known.get(hop.from), &hop.types, hop.towards);
    known.put(hop.to, reached.to);
    reached.degree
}

/// The share of rows a predicate keeps that says nothing of labels.
fn share_of(predicate: &Expr, known: &Known<'_>) -> f64 {
    let mut slots = Vec::new();
    crate::plan::walk::slots_of(predicate, &crate::plan::walk::Imports::default(), &mut slots);
    let slot = slots.first().copied().unwrap_or(Slot(u32::MAX));
    let label = known.get(slot).and_then(|mix| known.kinds.main_label(mix)).map(|label| &**label);
    selectivity(predicate, slot, label, &known.kinds)
}

/// How many groups rows with these keys fall into.
fn groups<'k>(keys: impl Iterator<Item = &'k Expr>, rows: f64, known: &Known<'_>) -> f64 {
    let (mut most, mut all_known) = (1.0, true);
    for key in keys {
        let values = match key {
            Expr::Slot(slot) => known.get(*slot).map(|mix| known.kinds.nodes(mix)),
            _ => None,
        };
        all_known &= values.is_some();
        most *= values.unwrap_or(1.0);
    }
    let guess = rows.sqrt().max(1.0);
    if all_known { most.min(rows) } else { guess.max(most).min(rows) }
}

fn seek_rows(label: &str, key: &str, seek: &Seek, kinds: &Kinds<'_>) -> f64 {
    let Some(facts) = kinds.stats().index(label, key) else { return 1.0 };
    match seek {
        Seek::All => facts.entries,
        Seek::Equal(_) => facts.entries / facts.distinct.max(1.0),
        Seek::In(list) => (items_of(list, kinds) * facts.entries / facts.distinct.max(1.0)).min(facts.entries),
        Seek::Range { .. } => facts.entries * 0.3,
        Seek::Prefix(_) => facts.entries * 0.01,
    }
}
