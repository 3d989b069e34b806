//! How the first node of a pattern is found: by id, by an index, by its label, or by looking at all.

use std::sync::Arc;

use super::cost::{items_of, selectivity};
use super::graph::{Predicate, label_test};
use crate::bind::bound::{BinaryOp, ComparisonOp, Expr, Slot};
use crate::optimize::kinds::{Kinds, label_test_of};
use crate::optimize::stats::On;
use crate::plan::node::{Keys, Node, Op, Seek};
use crate::plan::walk::any;

/// A way to find a node.
#[derive(Clone, Debug)]
pub(super) enum Access {
    All,
    Label(Arc<str>),
    Index { label: Arc<str>, key: Arc<str>, seek: Seek },
    Composite { label: Arc<str>, keys: Keys },
    Id(Expr),
}

impl Access {
    /// Calls `f` on the expressions that say what is sought.
    pub(super) fn expressions<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        match self {
            Self::All | Self::Label(_) => {}
            Self::Index { seek, .. } => seek.expressions(f),
            Self::Composite { keys, .. } => keys.iter().for_each(|(_, seek)| seek.expressions(f)),
            Self::Id(id) => f(id),
        }
    }
}

/// A way to find a node, what it costs, what comes out, and which predicates it has already answered.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) access: Access,
    /// Nodes looked at.
    pub(super) looked_at: f64,
    /// Nodes left after every predicate that can be tested at once.
    pub(super) rows: f64,
    pub(super) answered: Vec<usize>,
    /// Predicates that are tested again, and by which what is looked at has been chosen.
    pub(super) chosen_by: Vec<usize>,
}

/// A way to find relationships by an index, what it costs, and by which predicates it finds them.
#[derive(Clone, Debug)]
pub(super) struct RelChoice {
    pub(super) keys: Keys,
    pub(super) looked_at: f64,
    pub(super) chosen_by: Vec<usize>,
}

/// The cheapest way to find the node in `slot`. `ready` tells whether a slot of the graph is already filled.
pub(super) fn best(slot: Slot, predicates: &[Predicate], ready: &dyn Fn(Slot) -> bool, kinds: &Kinds<'_>) -> Choice {
    let stats = kinds.stats();
    let usable = usable(slot, predicates, ready);
    let labels: Vec<(usize, &Arc<str>)> = usable
        .iter()
        .filter_map(|i| label_test(&predicates[*i].expr).filter(|(s, _)| *s == slot).map(|(_, label)| (*i, label)))
        .collect();
    let sought = sought(slot, predicates, &usable);
    // a label that every node has is still the better start: more is known of what it gives
    let all = stats.nodes().max(2.0) + 1.0;
    let none = Vec::new;
    let mut choices =
        vec![Choice { access: Access::All, looked_at: all, rows: 0.0, answered: none(), chosen_by: none() }];
    for (number, label) in &labels {
        // Never below a seek: a statement that writes may fill what is empty while it is planned.
        let count = stats.nodes_with(label).max(2.0);
        choices.push(Choice {
            access: Access::Label((*label).clone()),
            looked_at: count,
            rows: 0.0,
            answered: vec![*number],
            chosen_by: none(),
        });
        if sought.len() > 1 {
            choices.extend(by_composite((*number, label), &sought, kinds));
        }
        for (i, key, seek) in &sought {
            let given = (*i, key, seek.clone());
            choices.extend(by_index(slot, (*number, label), given, predicates, &usable, kinds));
        }
    }
    choices.extend(usable.iter().filter_map(|i| by_id(slot, *i, &predicates[*i].expr)));
    let rarest = labels.iter().map(|(_, label)| *label).min_by(|a, b| {
        let nodes = |label: &Arc<str>| stats.nodes_with(label);
        nodes(a).total_cmp(&nodes(b))
    });
    let share = |i: &usize| {
        let share = selectivity(&predicates[*i].expr, slot, rarest.map(|label| &**label), kinds);
        (*i, share.max(f64::MIN_POSITIVE))
    };
    let shares: Vec<(usize, f64)> = usable.iter().map(share).collect();
    let (all, share_of) = (shares.iter().map(|(_, share)| share).product::<f64>(), |number: &usize| {
        shares.binary_search_by_key(number, |(i, _)| *i).map_or(1.0, |at| shares[at].1)
    });
    // several labels are seldom independent of each other: how many nodes have them all is known
    let tests = usable.iter().filter_map(|i| label_test_of(&predicates[*i].expr)).map(|(_, test)| test);
    let together = (labels.len() > 1).then(|| kinds.with(tests.clone())).flatten().map_or(1.0, |(_, nodes)| {
        let apart: f64 = labels.iter().map(|(number, _)| share_of(number)).product();
        nodes.max(f64::MIN_POSITIVE) / stats.nodes().max(1.0) / apart
    });
    for choice in &mut choices {
        let answered: f64 = choice.answered.iter().chain(&choice.chosen_by).map(share_of).product();
        choice.rows = (choice.looked_at * together * all / answered).min(choice.looked_at).max(f64::MIN_POSITIVE);
    }
    choices
        .into_iter()
        .min_by(|a, b| (a.looked_at, a.rows).partial_cmp(&(b.looked_at, b.rows)).unwrap_or(std::cmp::Ordering::Equal))
        .unwrap_or(Choice { access: Access::All, looked_at: all, rows: all, answered: none(), chosen_by: none() })
}

/// The cheapest way to find relationships of one type by an index on properties of theirs, when there is one.
pub(super) fn best_rel(
    slot: Slot,
    ty: &str,
    predicates: &[Predicate],
    ready: &dyn Fn(Slot) -> bool,
    kinds: &Kinds<'_>,
) -> Option<RelChoice> {
    let sought = sought(slot, predicates, &usable(slot, predicates, ready));
    if sought.is_empty() {
        return None;
    }
    let choices = kinds.stats().indexes_on(On::Type(ty)).into_iter().filter_map(|index| {
        let (keys, chosen_by) = along(&index, &sought);
        let looked_at = (!keys.is_empty()).then(|| rows_of(On::Type(ty), &keys, kinds).max(1.0))?;
        Some(RelChoice { keys, looked_at, chosen_by })
    });
    choices.min_by(|a, b| a.looked_at.total_cmp(&b.looked_at))
}

/// The predicates that can be tested when the slot is there, by their numbers.
fn usable(slot: Slot, predicates: &[Predicate], ready: &dyn Fn(Slot) -> bool) -> Vec<usize> {
    let is_usable = |i: &usize| {
        let needs = &predicates[*i].needs;
        needs.contains(&slot) && needs.iter().all(|s| *s == slot || ready(*s))
    };
    (0..predicates.len()).filter(is_usable).collect()
}

/// What those among them that an index could answer seek, with their numbers.
fn sought(slot: Slot, predicates: &[Predicate], usable: &[usize]) -> Vec<(usize, Arc<str>, Seek)> {
    let seek = |i: &usize| as_seek(slot, &predicates[*i].expr).map(|(key, seek)| (*i, key, seek));
    usable.iter().filter_map(seek).collect()
}

/// What an index on these keys answers: equalities along them, and one more seek behind; with the numbers of the predicates.
fn along(index: &[Arc<str>], sought: &[(usize, Arc<str>, Seek)]) -> (Keys, Vec<usize>) {
    let (mut keys, mut numbers) = (Keys::new(), Vec::new());
    for key in index {
        let own = || sought.iter().filter(|(_, of, _)| of == key);
        if let Some((number, _, seek)) = own().find(|(_, _, seek)| matches!(seek, Seek::Equal(_))) {
            keys.push((key.clone(), seek.clone()));
            numbers.push(*number);
            continue;
        }
        if let Some((number, _, seek)) = own().find(|(_, _, seek)| matches!(seek, Seek::In(_) | Seek::Prefix(_))) {
            keys.push((key.clone(), seek.clone()));
            numbers.push(*number);
            break;
        }
        let (mut from, mut until) = (None, None);
        for (number, _, seek) in own() {
            if let Seek::Range { lower, upper } = seek {
                from = from.or_else(|| lower.clone());
                until = until.or_else(|| upper.clone());
                numbers.push(*number);
            }
        }
        if from.is_some() || until.is_some() {
            keys.push((key.clone(), Seek::Range { lower: from, upper: until }));
        }
        break;
    }
    (keys, numbers)
}

/// Seeks in the indexes on several properties of a label.
fn by_composite(
    (number, label): (usize, &Arc<str>),
    sought: &[(usize, Arc<str>, Seek)],
    kinds: &Kinds<'_>,
) -> Vec<Choice> {
    let choice = |index: Vec<Arc<str>>| {
        let (keys, chosen_by) = along(&index, sought);
        if keys.is_empty() {
            return None;
        }
        let looked_at = rows_of(On::Label(label), &keys, kinds).max(1.0);
        let access = Access::Composite { label: label.clone(), keys };
        Some(Choice { access, looked_at, rows: 0.0, answered: vec![number], chosen_by })
    };
    kinds.stats().indexes_on(On::Label(label)).into_iter().filter_map(choice).collect()
}

/// How many entries of an index fit, about.
pub(in crate::optimize) fn rows_of(on: On<'_>, keys: &Keys, kinds: &Kinds<'_>) -> f64 {
    let stats = kinds.stats();
    let names: Vec<&str> = keys.iter().map(|(key, _)| &**key).collect();
    let Some((last, before)) = keys.split_last().zip(names.split_last().map(|(_, before)| before)) else { return 0.0 };
    match &last.0.1 {
        Seek::Equal(_) => stats.entries_for(on, &names),
        Seek::In(list) => (items_of(list, kinds) * stats.entries_for(on, &names)).min(stats.entries_for(on, before)),
        Seek::All => stats.entries_for(on, before),
        Seek::Prefix(_) => 0.01 * stats.entries_for(on, before),
        Seek::Range { lower, upper } => {
            let share = if lower.is_some() && upper.is_some() { 0.1 } else { 0.3 };
            share * stats.entries_for(on, before)
        }
    }
}

/// The operator that finds the node.
pub(super) fn operator(input: Node, node: Slot, access: Access) -> Node {
    let input = input.boxed();
    Node::new(match access {
        Access::All => Op::ScanNodes { input, node },
        Access::Label(label) => Op::ScanLabel { input, node, label },
        Access::Index { label, key, seek } => Op::SeekIndex { input, node, label, key, seek, order: None, made: false },
        Access::Composite { label, keys } => Op::SeekComposite { input, node, label, keys },
        Access::Id(id) => Op::SeekId { input, node, id },
    })
}

/// What an OR says of each node by itself, where every side of it demands a value of the same key.
///
/// `(a.id = 1 AND b.id = 2) OR (a.id = 2 AND b.id = 1)` implies `a.id IN [1, 2]` and `b.id IN [2, 1]`: each can be sought.
/// Values that are the same for every row are always taken; those of a row (`a.id = endNode(r).id`) where an index can
/// answer, for otherwise the list would only be asked besides.
pub(super) fn implied_by_or(expr: &Expr, own: &[Slot], indexed: &dyn Fn(Slot, &str) -> bool) -> Vec<Expr> {
    let Expr::Or(sides, span) = expr else { return Vec::new() };
    let demanded = |slot: Slot, side: &Expr| -> Vec<(Arc<str>, Expr)> {
        let terms = if let Expr::And(terms, _) = side { terms.as_slice() } else { std::slice::from_ref(side) };
        let equal = terms.iter().filter_map(|term| match as_seek(slot, term)? {
            (key, Seek::Equal(value @ (Expr::Const(_) | Expr::Param(_)))) => Some((key, value)),
            (key, Seek::Equal(value)) if indexed(slot, &key) && is_of_the_row(&value) => Some((key, value)),
            _ => None,
        });
        equal.collect()
    };
    let implied = |slot: &Slot| {
        let sides: Vec<Vec<(Arc<str>, Expr)>> = sides.iter().map(|side| demanded(*slot, side)).collect();
        let mut keys = sides.first()?.iter().map(|(key, _)| key);
        let key = keys.find(|key| sides.iter().all(|side| side.iter().any(|(other, _)| other == *key)))?;
        let values = sides.iter().filter_map(|side| side.iter().find(|(other, _)| other == key));
        let list = Expr::List(values.map(|(_, value)| value.clone()).collect());
        let property = Expr::Property { base: Box::new(Expr::Slot(*slot)), key: key.clone(), span: *span };
        Some(Expr::Binary { op: BinaryOp::In, left: Box::new(property), right: Box::new(list), span: *span })
    };
    own.iter().filter_map(implied).collect()
}

/// Whether a value is read off the row: cheap, and the same each time it is read.
fn is_of_the_row(expr: &Expr) -> bool {
    match expr {
        Expr::Const(_) | Expr::Param(_) | Expr::Slot(_) => true,
        Expr::Property { base, .. } => is_of_the_row(base),
        Expr::Call { function, arguments, .. } => {
            matches!(function.name, "startNode" | "endNode" | "id") && arguments.iter().all(is_of_the_row)
        }
        _ => false,
    }
}

fn by_index(
    slot: Slot,
    (label_number, label): (usize, &Arc<str>),
    (number, key, seek): (usize, &Arc<str>, Seek),
    predicates: &[Predicate],
    usable: &[usize],
    kinds: &Kinds<'_>,
) -> Option<Choice> {
    let key = key.clone();
    let facts = kinds.stats().index(label, &key)?;
    let (seek, share, answered) = match seek {
        Seek::Equal(e) => (Seek::Equal(e), 1.0 / facts.distinct.max(1.0), vec![label_number, number]),
        Seek::In(e) => {
            let share = items_of(&e, kinds) / facts.distinct.max(1.0);
            (Seek::In(e), share.min(1.0), vec![label_number, number])
        }
        Seek::Prefix(e) => (Seek::Prefix(e), 0.01, vec![label_number, number]),
        Seek::All => return None,
        // The predicate stays above a range seek: it also decides between values of different types.
        Seek::Range { lower, upper } => {
            let (lower, upper) = join_bounds(slot, &key, lower, upper, number, predicates, usable);
            let share = if lower.is_some() && upper.is_some() { 0.1 } else { 0.3 };
            (Seek::Range { lower, upper }, share, vec![label_number])
        }
    };
    let access = Access::Index { label: label.clone(), key, seek };
    let looked_at = (facts.entries * share).max(1.0);
    Some(Choice { access, looked_at, rows: 0.0, answered, chosen_by: Vec::new() })
}

type Bound = Option<(Expr, bool)>;

/// Another predicate on the same key may give the other bound.
fn join_bounds(
    slot: Slot,
    key: &Arc<str>,
    mut lower: Bound,
    mut upper: Bound,
    number: usize,
    predicates: &[Predicate],
    usable: &[usize],
) -> (Bound, Bound) {
    for i in usable.iter().filter(|i| **i != number) {
        if let Some((other, Seek::Range { lower: l, upper: u })) = as_seek(slot, &predicates[*i].expr)
            && other == *key
        {
            lower = lower.or(l);
            upper = upper.or(u);
        }
    }
    (lower, upper)
}

/// `slot.key op value`, where the value does not depend on the slot itself.
pub(in crate::optimize) fn as_seek(slot: Slot, expr: &Expr) -> Option<(Arc<str>, Seek)> {
    match expr {
        Expr::Compare { first, rest } if rest.len() == 1 => {
            let (op, second) = &rest[0];
            if let Some(key) = property_of(slot, first)
                && !reads(second, slot)
            {
                return comparison(*op, second).map(|seek| (key, seek));
            }
            let key = property_of(slot, second).filter(|_| !reads(first, slot))?;
            comparison(turned(*op), first).map(|seek| (key, seek))
        }
        Expr::Binary { op: BinaryOp::In, left, right, .. } if !reads(right, slot) => {
            property_of(slot, left).map(|key| (key, Seek::In((**right).clone())))
        }
        Expr::Binary { op: BinaryOp::StartsWith, left, right, .. } if !reads(right, slot) => {
            property_of(slot, left).map(|key| (key, Seek::Prefix((**right).clone())))
        }
        _ => None,
    }
}

fn comparison(op: ComparisonOp, value: &Expr) -> Option<Seek> {
    let value = value.clone();
    Some(match op {
        ComparisonOp::Equal => Seek::Equal(value),
        ComparisonOp::NotEqual => return None,
        ComparisonOp::Less => Seek::Range { lower: None, upper: Some((value, false)) },
        ComparisonOp::LessEqual => Seek::Range { lower: None, upper: Some((value, true)) },
        ComparisonOp::Greater => Seek::Range { lower: Some((value, false)), upper: None },
        ComparisonOp::GreaterEqual => Seek::Range { lower: Some((value, true)), upper: None },
    })
}

fn turned(op: ComparisonOp) -> ComparisonOp {
    match op {
        ComparisonOp::Less => ComparisonOp::Greater,
        ComparisonOp::LessEqual => ComparisonOp::GreaterEqual,
        ComparisonOp::Greater => ComparisonOp::Less,
        ComparisonOp::GreaterEqual => ComparisonOp::LessEqual,
        same => same,
    }
}

fn by_id(slot: Slot, number: usize, expr: &Expr) -> Option<Choice> {
    let is_id = |e: &Expr| {
        matches!(e, Expr::Call { function, arguments, .. }
            if function.name == "id" && matches!(arguments[..], [Expr::Slot(s)] if s == slot))
    };
    let id = match expr {
        Expr::Compare { first, rest } if rest.len() == 1 && rest[0].0 == ComparisonOp::Equal => {
            let second = &rest[0].1;
            if is_id(first) && !reads(second, slot) {
                second.clone()
            } else if is_id(second) && !reads(first, slot) {
                (**first).clone()
            } else {
                return None;
            }
        }
        Expr::Binary { op: BinaryOp::In, left, right, .. } if is_id(left) && !reads(right, slot) => (**right).clone(),
        _ => return None,
    };
    // The predicate stays: `id(n) = 1.0` or a list may be given.
    let _ = number;
    Some(Choice { access: Access::Id(id), looked_at: 1.0, rows: 0.0, answered: Vec::new(), chosen_by: Vec::new() })
}

fn property_of(slot: Slot, expr: &Expr) -> Option<Arc<str>> {
    match expr {
        Expr::Property { base, key, .. } if matches!(**base, Expr::Slot(s) if s == slot) => Some(key.clone()),
        _ => None,
    }
}

fn reads(expr: &Expr, slot: Slot) -> bool {
    any(expr, &|e| matches!(e, Expr::Slot(s) if *s == slot) || matches!(e, Expr::Subquery(_)))
}
