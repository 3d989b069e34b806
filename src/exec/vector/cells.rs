//! What an expression is in every selected row: typed cells, nulls beside them.

use std::sync::Arc;

use crate::exec::batch::{Column, NONE, Texts};
use crate::exec::meter::reading;
use crate::graph::{Column as PropertyColumn, Graph, KeyId};
use crate::value::temporal::DateTime;
use crate::value::{NodeRef, RelRef, Value};

/// No, yes, not known: a truth in a byte.
pub(super) const NO: u8 = 0;
pub(super) const YES: u8 = 1;
pub(super) const UNKNOWN: u8 = 2;

/// Which cells are null; nothing: none is.
pub(super) type Nulls = Option<Vec<bool>>;

/// The values of an expression, one per selected row.
pub(super) enum Cells {
    Ints(Vec<i64>, Nulls),
    Floats(Vec<f64>, Nulls),
    /// Datetimes in UTC, as nanoseconds since 1970.
    Moments(Vec<i64>, Nulls),
    Truths(Vec<u8>),
    Texts(Texts),
    Nodes(Vec<u32>),
    Rels(Vec<u32>),
    Values(Vec<Value>),
    /// The same in every row.
    Same(Value),
}

impl Cells {
    /// The cells `rows` of a column.
    pub(super) fn of_column(column: Option<&Column>, rows: &[u32]) -> Self {
        match column {
            None => Self::Same(Value::Null),
            Some(Column::Const(value)) => Self::Same(value.clone()),
            Some(Column::Ints(ints)) => Self::Ints(rows.iter().map(|row| ints[*row as usize]).collect(), None),
            Some(Column::Floats(floats)) => Self::Floats(rows.iter().map(|row| floats[*row as usize]).collect(), None),
            Some(Column::Nodes(nodes)) => Self::Nodes(rows.iter().map(|row| nodes[*row as usize]).collect()),
            Some(Column::Rels(rels)) => Self::Rels(rows.iter().map(|row| rels[*row as usize]).collect()),
            Some(Column::Texts(texts)) => {
                let codes = rows.iter().map(|row| texts.codes[*row as usize]).collect();
                Self::Texts(Texts { key: texts.key, codes })
            }
            Some(Column::Values(values)) => narrowed(rows.iter().map(|row| values[*row as usize].clone()).collect()),
        }
    }

    /// Whether all `len` cells are read in so short a time that no limit need be asked between them. (Texts of the graph
    /// are known by their codes.)
    pub(super) fn is_light(&self, len: usize) -> bool {
        const STEPS: usize = 1 << 14;
        match self {
            Self::Values(values) => values.iter().map(reading).fold(0, usize::saturating_add) < STEPS,
            Self::Same(value) => reading(value).saturating_mul(len) < STEPS,
            _ => true,
        }
    }

    /// The value of a cell.
    pub(super) fn value(&self, at: usize, graph: &Graph) -> Value {
        match self {
            Self::Ints(_, Some(nulls)) | Self::Floats(_, Some(nulls)) | Self::Moments(_, Some(nulls)) if nulls[at] => {
                Value::Null
            }
            Self::Moments(moments, _) => Value::DateTime(Arc::new(DateTime::from_utc_nanos(moments[at]))),
            Self::Ints(ints, _) => Value::Int(ints[at]),
            Self::Floats(floats, _) => Value::Float(floats[at]),
            Self::Truths(truths) => truth_value(truths[at]),
            Self::Texts(texts) => texts.text(at, graph).map_or(Value::Null, Value::str),
            Self::Nodes(nodes) if nodes[at] != NONE => Value::Node(NodeRef::new(nodes[at])),
            Self::Rels(rels) if rels[at] != NONE => Value::Rel(RelRef::new(rels[at])),
            Self::Nodes(_) | Self::Rels(_) => Value::Null,
            Self::Values(values) => values[at].clone(),
            Self::Same(value) => value.clone(),
        }
    }

    /// Whether a cell is null.
    pub(super) fn is_null(&self, at: usize) -> bool {
        match self {
            Self::Ints(_, nulls) | Self::Floats(_, nulls) | Self::Moments(_, nulls) => {
                nulls.as_ref().is_some_and(|nulls| nulls[at])
            }
            Self::Truths(truths) => truths[at] == UNKNOWN,
            Self::Texts(texts) => texts.codes[at] == NONE,
            Self::Nodes(handles) | Self::Rels(handles) => handles[at] == NONE,
            Self::Values(values) => values[at].is_null(),
            Self::Same(value) => value.is_null(),
        }
    }

    /// As truths; nothing when a cell is neither a boolean nor null.
    pub(super) fn into_truths(self, len: usize) -> Option<Vec<u8>> {
        let truth = |value: &Value| match value {
            Value::Bool(truth) => Some(u8::from(*truth)),
            Value::Null => Some(UNKNOWN),
            _ => None,
        };
        match self {
            Self::Truths(truths) => Some(truths),
            Self::Same(value) => truth(&value).map(|truth| vec![truth; len]),
            Self::Values(values) => values.iter().map(truth).collect(),
            _ if len == 0 => Some(Vec::new()),
            _ => None,
        }
    }

    /// As a column of a batch.
    pub(super) fn into_column(self, len: usize, graph: &Graph) -> Column {
        match self {
            Self::Ints(ints, None) => Column::Ints(ints),
            Self::Floats(floats, None) => Column::Floats(floats),
            Self::Nodes(nodes) => Column::Nodes(nodes),
            Self::Rels(rels) => Column::Rels(rels),
            Self::Texts(texts) => Column::Texts(texts),
            Self::Values(values) => Column::Values(values),
            Self::Same(value) => Column::Const(value),
            other => Column::Values((0..len).map(|at| other.value(at, graph)).collect()),
        }
    }
}

/// A truth as a value.
pub(super) fn truth_value(truth: u8) -> Value {
    match truth {
        NO => Value::Bool(false),
        YES => Value::Bool(true),
        _ => Value::Null,
    }
}

/// A three-valued answer as a truth.
pub(super) fn truth(answer: Option<bool>) -> u8 {
    answer.map_or(UNKNOWN, u8::from)
}

/// Values in the narrowest form that holds them all.
pub(super) fn narrowed(values: Vec<Value>) -> Cells {
    let first = values.iter().find(|value| !value.is_null());
    let nulls = || {
        let nulls: Vec<bool> = values.iter().map(Value::is_null).collect();
        nulls.contains(&true).then_some(nulls)
    };
    match first {
        Some(Value::Int(_)) => {
            let ints = values.iter().map(|value| match value {
                Value::Int(n) => Some(*n),
                Value::Null => Some(0),
                _ => None,
            });
            match ints.collect() {
                Some(ints) => Cells::Ints(ints, nulls()),
                None => Cells::Values(values),
            }
        }
        Some(Value::Float(_)) => {
            let floats = values.iter().map(|value| match value {
                Value::Float(x) => Some(*x),
                Value::Null => Some(0.0),
                _ => None,
            });
            match floats.collect() {
                Some(floats) => Cells::Floats(floats, nulls()),
                None => Cells::Values(values),
            }
        }
        Some(Value::Bool(_)) => {
            let truths = values.iter().map(|value| match value {
                Value::Bool(b) => Some(u8::from(*b)),
                Value::Null => Some(UNKNOWN),
                _ => None,
            });
            match truths.collect() {
                Some(truths) => Cells::Truths(truths),
                None => Cells::Values(values),
            }
        }
        _ => Cells::Values(values),
    }
}

/// A property of nodes (or relationships; `NONE` is null), in the narrowest form. `codes`: texts may be given as codes
/// of the column's pool, under this key.
pub(super) fn of_property(column: Option<&PropertyColumn>, handles: &[u32], codes: Option<KeyId>) -> Cells {
    let Some(column) = column else { return Cells::Same(Value::Null) };
    let present = |handle: &&u32| **handle != NONE && column.is_present(**handle);
    let Some(&first) = handles.iter().find(present) else { return Cells::Same(Value::Null) };
    let typed = if column.int(first).is_some() {
        match column.ints(handles) {
            Some(ints) => Some(Cells::Ints(ints, None)),
            None => {
                with_nulls(handles, |handle| column.int(handle), column).map(|(ints, nulls)| Cells::Ints(ints, nulls))
            }
        }
    } else if column.float(first).is_some() {
        with_nulls(handles, |handle| column.float(handle), column).map(|(floats, nulls)| Cells::Floats(floats, nulls))
    } else if column.moment(first).is_some() {
        with_nulls(handles, |handle| column.moment(handle), column)
            .map(|(moments, nulls)| Cells::Moments(moments, nulls))
    } else if column.bool(first).is_some() {
        let truth = |&handle: &u32| match handle {
            NONE => Some(UNKNOWN),
            handle => column.bool(handle).map(u8::from).or_else(|| (!column.is_present(handle)).then_some(UNKNOWN)),
        };
        handles.iter().map(truth).collect::<Option<Vec<u8>>>().map(Cells::Truths)
    } else if let (Some(key), Some(_)) = (codes, column.str_code(first)) {
        let code = |&handle: &u32| match handle {
            NONE => Some(NONE),
            handle => column.str_code(handle).or_else(|| (!column.is_present(handle)).then_some(NONE)),
        };
        handles.iter().map(code).collect::<Option<Vec<u32>>>().map(|codes| Cells::Texts(Texts { key, codes }))
    } else {
        None
    };
    typed.unwrap_or_else(|| {
        let value = |&handle: &u32| if handle == NONE { Value::Null } else { column.get(handle) };
        Cells::Values(handles.iter().map(value).collect())
    })
}

/// Numbers and which of them are null; nothing when something else is among them.
fn with_nulls<T: Default>(
    handles: &[u32],
    of: impl Fn(u32) -> Option<T>,
    column: &PropertyColumn,
) -> Option<(Vec<T>, Nulls)> {
    let (mut numbers, mut nulls) = (Vec::with_capacity(handles.len()), None);
    for (at, &handle) in handles.iter().enumerate() {
        let number = if handle == NONE { None } else { of(handle) };
        match number {
            Some(number) => numbers.push(number),
            None if handle == NONE || !column.is_present(handle) => {
                numbers.push(T::default());
                nulls.get_or_insert_with(|| vec![false; handles.len()])[at] = true;
            }
            None => return None,
        }
    }
    Some((numbers, nulls))
}

/// Null where one of the two is.
pub(super) fn either_null(a: Nulls, b: Nulls) -> Nulls {
    match (a, b) {
        (None, nulls) | (nulls, None) => nulls,
        (Some(mut a), Some(b)) => {
            a.iter_mut().zip(b).for_each(|(a, b)| *a |= b);
            Some(a)
        }
    }
}
