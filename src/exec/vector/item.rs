//! A projected slot: a copy, a property read from its column, an expression over all rows at once, or row by row.

use std::cell::Cell;
use std::sync::Arc;

use super::code::Code;
use crate::bind::bound::{Expr, Slot};
use crate::error::Result;
use crate::exec::batch::{Batch, Column, NONE, Texts};
use crate::exec::context::{Context, Reservation};
use crate::exec::eval::eval;
use crate::graph::{Graph, KeyId};
use crate::value::{NodeRef, RelRef, Value};

/// One item of a projection.
pub(crate) struct Item<'p> {
    pub(crate) slot: Slot,
    expr: &'p Expr,
    kind: Kind<'p>,
}

enum Kind<'p> {
    /// The slot stays what it is.
    Same,
    Copy(Slot),
    Property(Slot, &'p Arc<str>),
    /// Computed for all rows at once, as long as that says something.
    Code(Box<Code<'p>>, Cell<bool>),
    General,
}

impl<'p> Kind<'p> {
    fn code(expr: &'p Expr) -> Self {
        let code = Code::new(expr).filter(|_| !matches!(expr, Expr::Const(_) | Expr::Param(_)));
        code.map_or(Self::General, |code| Self::Code(Box::new(code), Cell::new(true)))
    }
}

impl<'p> Item<'p> {
    pub(crate) fn new(slot: Slot, expr: &'p Expr) -> Self {
        let kind = match expr {
            Expr::Slot(from) if *from == slot => Kind::Same,
            Expr::Slot(from) => Kind::Copy(*from),
            Expr::Property { base, key, .. } => match **base {
                Expr::Slot(base) => Kind::Property(base, key),
                _ => Kind::code(expr),
            },
            _ => Kind::code(expr),
        };
        Self { slot, expr, kind }
    }

    /// The column for every row of `batch`; nothing when it is there already. `held` takes the memory.
    pub(crate) fn column(&self, batch: &Batch, held: &mut Reservation, cx: &mut Context<'_>) -> Result<Option<Column>> {
        match &self.kind {
            Kind::Same => Ok(None),
            Kind::Copy(from) => Ok(Some(batch.column(*from).cloned().unwrap_or_default())),
            Kind::Property(base, key) => match batch.column(*base) {
                Some(Column::Nodes(nodes)) if !cx.has_deleted() => {
                    let reading = cx.is_reading();
                    let graph = cx.graph();
                    Ok(Some(graph.key(key).map_or_else(Column::default, |key| of_nodes(nodes, key, reading, graph))))
                }
                // where documents may disagree, each value is looked at
                Some(Column::Rels(rels)) if !cx.has_deleted() && cx.evidence.is_empty() => {
                    let graph = cx.graph();
                    Ok(Some(graph.key(key).map_or_else(Column::default, |key| of_rels(rels, key, graph))))
                }
                _ => self.by_row(batch, held, cx).map(Some),
            },
            Kind::Code(code, says) if says.get() => match code.column(batch, cx)? {
                Some(column) => Ok(Some(column)),
                None => {
                    says.set(false);
                    self.by_row(batch, held, cx).map(Some)
                }
            },
            Kind::Code(..) | Kind::General => self.by_row(batch, held, cx).map(Some),
        }
    }

    fn by_row(&self, batch: &Batch, held: &mut Reservation, cx: &mut Context<'_>) -> Result<Column> {
        let mut values = Vec::with_capacity(batch.len);
        for index in 0..batch.len {
            cx.scratch = 0;
            let value = eval(self.expr, batch.row(index), cx)?;
            if cx.scratch > 0 {
                let bytes = match &value {
                    Value::Str(text) => text.len() + 16,
                    Value::List(_) | Value::Map(_) | Value::Path(_) => cx.scratch,
                    _ => 0,
                };
                held.grow(bytes)?;
                cx.scratch = 0;
            }
            cx.meter.step(1)?;
            values.push(value);
        }
        Ok(narrowed(values))
    }
}

/// The narrowest column that holds `values`.
pub(crate) fn narrowed(values: Vec<Value>) -> Column {
    match values.first() {
        Some(Value::Int(_)) => {
            narrow(values, |value| if let Value::Int(n) = value { Some(*n) } else { None }, Column::Ints)
        }
        Some(Value::Float(_)) => {
            narrow(values, |value| if let Value::Float(x) = value { Some(*x) } else { None }, Column::Floats)
        }
        Some(Value::Node(_)) => {
            narrow(
                values,
                |value| match value {
                    // a handle that sees only some of the evidence must keep its view
                    Value::Node(n) if n.view() == 0 => Some(n.0),
                    _ => None,
                },
                Column::Nodes,
            )
        }
        Some(Value::Rel(_)) => narrow(
            values,
            |value| match value {
                Value::Rel(r) if r.view() == 0 => Some(r.0),
                _ => None,
            },
            Column::Rels,
        ),
        _ => Column::Values(values),
    }
}

fn narrow<T>(values: Vec<Value>, of: impl Fn(&Value) -> Option<T>, column: impl Fn(Vec<T>) -> Column) -> Column {
    match values.iter().map(of).collect::<Option<Vec<T>>>() {
        Some(cells) => column(cells),
        None => Column::Values(values),
    }
}

/// The property `key` of `nodes`, in the narrowest form. Codes of texts are only given while nothing is written.
fn of_nodes(nodes: &[u32], key: KeyId, reading: bool, graph: &Graph) -> Column {
    let Some(column) = graph.node_column(key) else { return Column::default() };
    let present = |node: &&u32| **node != NONE && column.is_present(**node);
    let Some(&first) = nodes.iter().find(present) else { return Column::default() };
    if column.int(first).is_some()
        && let Some(ints) = column.ints(nodes)
    {
        return Column::Ints(ints);
    }
    if column.float(first).is_some()
        && let Some(floats) = nodes.iter().map(|node| column.float(*node)).collect()
    {
        return Column::Floats(floats);
    }
    if reading && column.str_code(first).is_some() {
        let code = |&node: &u32| match node {
            NONE => Some(NONE),
            node => column.str_code(node).or_else(|| (!column.is_present(node)).then_some(NONE)),
        };
        if let Some(codes) = nodes.iter().map(code).collect() {
            return Column::Texts(Texts { key, codes });
        }
    }
    let value = |&node: &u32| if node == NONE { Value::Null } else { graph.node_property(NodeRef::new(node), key) };
    Column::Values(nodes.iter().map(value).collect())
}

/// The property `key` of `rels`.
fn of_rels(rels: &[u32], key: KeyId, graph: &Graph) -> Column {
    if graph.rel_column(key).is_none() {
        return Column::default();
    }
    let value = |&rel: &u32| if rel == NONE { Value::Null } else { graph.rel_property(RelRef::new(rel), key) };
    narrowed(rels.iter().map(value).collect())
}
