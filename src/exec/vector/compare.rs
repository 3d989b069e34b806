//! Comparisons of cells: true, false or unknown per row. They cannot fail.

use std::cmp::Ordering;

use super::cells::{Cells, NO, Nulls, UNKNOWN, either_null, truth};
use crate::bind::bound::ComparisonOp;
use crate::exec::batch::{NONE, Texts};
use crate::exec::eval::compare_values;
use crate::graph::{Graph, Pool};
use crate::value::Value;

/// `a op b` in `len` rows.
pub(super) fn compare(op: ComparisonOp, a: Cells, b: Cells, len: usize, graph: &Graph) -> Vec<u8> {
    match (a, b) {
        (Cells::Same(a), Cells::Same(b)) => vec![truth(compare_values(op, &a, &b)); len],
        (Cells::Same(Value::Null), _) | (_, Cells::Same(Value::Null)) => vec![UNKNOWN; len],
        (Cells::Same(a), b) => compare(turned(op), b, Cells::Same(a), len, graph),
        (Cells::Ints(a, nulls), Cells::Same(Value::Int(b))) => {
            let truths = ordered(op, a.iter(), std::iter::repeat(&b));
            masked(truths, &nulls)
        }
        (Cells::Ints(a, a_null), Cells::Ints(b, b_null)) => {
            masked(ordered(op, a.iter(), b.iter()), &either_null(a_null, b_null))
        }
        (Cells::Floats(a, nulls), Cells::Same(Value::Float(b))) => {
            masked(ordered(op, a.iter(), std::iter::repeat(&b)), &nulls)
        }
        (Cells::Floats(a, a_null), Cells::Floats(b, b_null)) => {
            masked(ordered(op, a.iter(), b.iter()), &either_null(a_null, b_null))
        }
        (Cells::Moments(a, nulls), Cells::Same(Value::DateTime(b))) if b.utc_nanos().is_some() => {
            let b = b.utc_nanos().unwrap_or_default();
            masked(ordered(op, a.iter(), std::iter::repeat(&b)), &nulls)
        }
        (Cells::Moments(a, a_null), Cells::Moments(b, b_null)) => {
            masked(ordered(op, a.iter(), b.iter()), &either_null(a_null, b_null))
        }
        (Cells::Texts(a), Cells::Same(Value::Str(b))) => with_text(op, &a, &b, graph),
        (Cells::Texts(a), Cells::Texts(b)) => texts(op, &a, &b, graph),
        (Cells::Nodes(a), Cells::Nodes(b)) | (Cells::Rels(a), Cells::Rels(b)) if is_equality(op) => {
            let wanted = op == ComparisonOp::Equal;
            let one = |(a, b): (&u32, &u32)| {
                if *a == NONE || *b == NONE { UNKNOWN } else { u8::from((a == b) == wanted) }
            };
            a.iter().zip(&b).map(one).collect()
        }
        (a, b) => (0..len).map(|at| truth(compare_values(op, &a.value(at, graph), &b.value(at, graph)))).collect(),
    }
}

fn is_equality(op: ComparisonOp) -> bool {
    matches!(op, ComparisonOp::Equal | ComparisonOp::NotEqual)
}

/// The operator with its sides exchanged.
pub(super) fn turned(op: ComparisonOp) -> ComparisonOp {
    match op {
        ComparisonOp::Less => ComparisonOp::Greater,
        ComparisonOp::LessEqual => ComparisonOp::GreaterEqual,
        ComparisonOp::Greater => ComparisonOp::Less,
        ComparisonOp::GreaterEqual => ComparisonOp::LessEqual,
        same => same,
    }
}

/// Numbers of one kind, pair by pair. (A NaN is unequal to everything, and neither less nor greater: as floats say.)
fn ordered<'n, T: PartialOrd + 'n>(
    op: ComparisonOp,
    a: impl Iterator<Item = &'n T>,
    b: impl Iterator<Item = &'n T>,
) -> Vec<u8> {
    let pairs = a.zip(b);
    match op {
        ComparisonOp::Equal => pairs.map(|(a, b)| u8::from(a == b)).collect(),
        ComparisonOp::NotEqual => pairs.map(|(a, b)| u8::from(a != b)).collect(),
        ComparisonOp::Less => pairs.map(|(a, b)| u8::from(a < b)).collect(),
        ComparisonOp::LessEqual => pairs.map(|(a, b)| u8::from(a <= b)).collect(),
        ComparisonOp::Greater => pairs.map(|(a, b)| u8::from(a > b)).collect(),
        ComparisonOp::GreaterEqual => pairs.map(|(a, b)| u8::from(a >= b)).collect(),
    }
}

fn masked(mut truths: Vec<u8>, nulls: &Nulls) -> Vec<u8> {
    if let Some(nulls) = nulls {
        truths.iter_mut().zip(nulls).filter(|(_, null)| **null).for_each(|(truth, _)| *truth = UNKNOWN);
    }
    truths
}

fn pool_of<'g>(texts: &Texts, graph: &'g Graph) -> Option<&'g Pool> {
    graph.node_column(texts.key).map(|column| column.pool())
}

fn with_text(op: ComparisonOp, a: &Texts, b: &str, graph: &Graph) -> Vec<u8> {
    let Some(pool) = pool_of(a, graph) else { return vec![UNKNOWN; a.codes.len()] };
    if is_equality(op) {
        let (wanted, found) = (op == ComparisonOp::Equal, pool.find(b));
        let one = |code: &u32| if *code == NONE { UNKNOWN } else { u8::from((Some(*code) == found) == wanted) };
        return a.codes.iter().map(one).collect();
    }
    let one = |code: &u32| match *code {
        NONE => UNKNOWN,
        code => u8::from(holds(op, pool.text(code).as_bytes().cmp(b.as_bytes()))),
    };
    a.codes.iter().map(one).collect()
}

fn texts(op: ComparisonOp, a: &Texts, b: &Texts, graph: &Graph) -> Vec<u8> {
    let (Some(own), Some(other)) = (pool_of(a, graph), pool_of(b, graph)) else { return vec![UNKNOWN; a.codes.len()] };
    let same_pool = a.key == b.key;
    let one = |(a, b): (&u32, &u32)| match (*a, *b) {
        (NONE, _) | (_, NONE) => UNKNOWN,
        (a, b) if same_pool && a == b => u8::from(holds(op, Ordering::Equal)),
        (_, _) if same_pool && op == ComparisonOp::Equal => NO,
        (a, b) => u8::from(holds(op, own.text(a).as_bytes().cmp(other.text(b).as_bytes()))),
    };
    a.codes.iter().zip(&b.codes).map(one).collect()
}

/// Whether an ordering satisfies the operator.
pub(super) fn holds(op: ComparisonOp, ordering: Ordering) -> bool {
    match op {
        ComparisonOp::Equal => ordering.is_eq(),
        ComparisonOp::NotEqual => ordering.is_ne(),
        ComparisonOp::Less => ordering.is_lt(),
        ComparisonOp::LessEqual => ordering.is_le(),
        ComparisonOp::Greater => ordering.is_gt(),
        ComparisonOp::GreaterEqual => ordering.is_ge(),
    }
}
