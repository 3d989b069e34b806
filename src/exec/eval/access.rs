//! Reaching into values: properties, elements, slices.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{eval, said};
use crate::bind::bound::Expr;
use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::exec::batch::Row;
use crate::exec::context::Context;
use crate::value::{NodeRef, RelRef, Value, temporal};

pub(super) fn of_property(base: &Expr, key: &str, span: Span, row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    if let Expr::Slot(slot) = base {
        if let Some(value) = row.borrowed(*slot) {
            return looked_at(value, key, span, cx);
        }
        let value = row.value(*slot, cx.graph());
        return looked_at(&value, key, span, cx);
    }
    if let Expr::Local(depth) = base
        && let Some(value) = cx.locals.get(*depth as usize)
    {
        return looked_at(value, key, span, cx);
    }
    let value = eval(base, row, cx)?;
    looked_at(&value, key, span, cx)
}

/// `base.key`; what documents disagree on is noted.
fn looked_at(base: &Value, key: &str, span: Span, cx: &Context<'_>) -> Result<Value> {
    let value = property(base, key, cx).map_err(|e| e.at(span))?;
    if !cx.evidence.is_empty() && cx.seeing(|seeing| said::is_disputed(seeing, base, key, &value))? {
        cx.note_disputed(key, span);
    }
    Ok(value)
}

/// `base.key`. Errors: deleted entities, values without properties.
fn property(base: &Value, key: &str, cx: &Context<'_>) -> Result<Value> {
    match base {
        Value::Null => Ok(Value::Null),
        Value::Node(_) | Value::Rel(_) => entity_property(base, key, cx),
        Value::Map(map) => Ok(map.get(key).cloned().unwrap_or_default()),
        Value::Date(_)
        | Value::LocalTime(_)
        | Value::Time(_)
        | Value::LocalDateTime(_)
        | Value::DateTime(_)
        | Value::Duration(_) => temporal::access::component(base, key),
        other => Err(Error::type_error(
            Code::InvalidArgumentType,
            format!("{} has no properties, so .{key} cannot be read", other.type_name()),
        )),
    }
}

/// A property of a node or relationship; null for anything else. Errors: it was deleted.
fn entity_property(entity: &Value, key: &str, cx: &Context<'_>) -> Result<Value> {
    let graph = cx.graph();
    match entity {
        Value::Node(node) => {
            check_node(*node, cx)?;
            if node.view() > 0 {
                return cx.seeing(|seeing| seeing.node_property(*node, key));
            }
            Ok(graph.key(key).map_or(Value::Null, |key| graph.node_property(*node, key)))
        }
        Value::Rel(rel) => {
            check_rel(*rel, cx)?;
            if rel.view() > 0 {
                return cx.seeing(|seeing| seeing.rel_property(*rel, key));
            }
            Ok(graph.key(key).map_or(Value::Null, |key| graph.rel_property(*rel, key)))
        }
        _ => Ok(Value::Null),
    }
}

/// All properties of a node, a relationship or a map. Errors: deleted entities, values without properties.
pub(crate) fn all_properties(base: &Value, cx: &Context<'_>) -> Result<BTreeMap<Arc<str>, Value>> {
    let graph = cx.graph();
    let named = |properties: Vec<(crate::graph::KeyId, Value)>| {
        properties.into_iter().map(|(key, value)| (graph.names().key_text(key), value)).collect()
    };
    match base {
        Value::Node(node) => {
            check_node(*node, cx)?;
            if node.view() > 0 {
                return cx.seeing(|seeing| seeing.node_properties(*node));
            }
            Ok(named(graph.node_properties(*node)))
        }
        Value::Rel(rel) => {
            check_rel(*rel, cx)?;
            if rel.view() > 0 {
                return cx.seeing(|seeing| seeing.rel_properties(*rel));
            }
            Ok(named(graph.rel_properties(*rel)))
        }
        Value::Map(map) => Ok(map.entries().clone()),
        Value::Null => Ok(BTreeMap::new()),
        other => Err(Error::type_error(
            Code::InvalidArgumentType,
            format!("expected a node, a relationship or a map, but this is a {}", other.type_name()),
        )),
    }
}

/// Errors: the node was deleted by this statement.
#[inline]
pub(super) fn check_node(node: NodeRef, cx: &Context<'_>) -> Result<()> {
    if cx.has_deleted() && cx.graph().is_node_deleted(node) {
        return Err(deleted("node"));
    }
    Ok(())
}

/// Errors: the relationship was deleted by this statement.
#[inline]
pub(super) fn check_rel(rel: RelRef, cx: &Context<'_>) -> Result<()> {
    if cx.has_deleted() && cx.graph().is_rel_deleted(rel) {
        return Err(deleted("relationship"));
    }
    Ok(())
}

fn deleted(what: &str) -> Error {
    Error::new(
        Class::EntityNotFound,
        Phase::Runtime,
        Code::DeletedEntityAccess,
        format!("this {what} was deleted earlier in the statement"),
    )
}

pub(super) fn of_index(base: &Expr, index: &Expr, span: Span, row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    let base = eval(base, row, cx)?;
    let index = eval(index, row, cx)?;
    match (&base, &index) {
        (Value::Node(_) | Value::Rel(_), Value::Str(key)) => looked_at(&base, key, span, cx),
        _ => element(&base, &index, cx).map_err(|e| e.at(span)),
    }
}

fn element(base: &Value, index: &Value, cx: &Context<'_>) -> Result<Value> {
    match (base, index) {
        (Value::Null, _) => Ok(Value::Null),
        (Value::List(_) | Value::Map(_) | Value::Node(_) | Value::Rel(_), Value::Null) => Ok(Value::Null),
        (Value::List(list), Value::Int(at)) => {
            let at = if *at < 0 { at.saturating_add(list.len() as i64) } else { *at };
            Ok(usize::try_from(at).ok().and_then(|at| list.get(at)).cloned().unwrap_or_default())
        }
        (Value::List(_), other) => Err(Error::type_error(
            Code::ListElementAccessByNonInteger,
            format!("an element of a list is found by an Integer, not by a {}", other.type_name()),
        )),
        (Value::Map(_) | Value::Node(_) | Value::Rel(_), Value::Str(key)) => property(base, key, cx),
        (Value::Map(_) | Value::Node(_) | Value::Rel(_), other) => Err(Error::type_error(
            Code::MapElementAccessByNonString,
            format!("a {} is read by a String, not by a {}", base.type_name(), other.type_name()),
        )),
        (other, _) => Err(Error::type_error(
            Code::InvalidArgumentType,
            format!("a {} has no elements to read with [ ]", other.type_name()),
        )),
    }
}

pub(super) fn of_slice(
    base: &Expr,
    from: Option<&Expr>,
    to: Option<&Expr>,
    span: Span,
    row: Row<'_>,
    cx: &mut Context<'_>,
) -> Result<Value> {
    let base = eval(base, row, cx)?;
    let from = from.map(|from| eval(from, row, cx)).transpose()?;
    let to = to.map(|to| eval(to, row, cx)).transpose()?;
    let list = match base {
        Value::Null => return Ok(Value::Null),
        Value::List(list) => list,
        other => {
            let message = format!("only a list can be sliced, and this is a {}", other.type_name());
            return Err(Error::type_error(Code::InvalidArgumentType, message).at(span));
        }
    };
    let bound = |bound: Option<Value>, missing: usize| match bound {
        None => Ok(Some(missing)),
        Some(Value::Null) => Ok(None),
        Some(Value::Int(at)) => {
            let at = if at < 0 { at.saturating_add(list.len() as i64).max(0) } else { at };
            Ok(Some(usize::try_from(at).unwrap_or(usize::MAX).min(list.len())))
        }
        Some(other) => {
            let message = format!("the bounds of a slice are Integers, and this is a {}", other.type_name());
            Err(Error::type_error(Code::ListElementAccessByNonInteger, message).at(span))
        }
    };
    let (Some(from), Some(to)) = (bound(from, 0)?, bound(to, list.len())?) else { return Ok(Value::Null) };
    let items = list.get(from..to).unwrap_or_default();
    cx.allocated(size_of_val(items) + 40)?;
    Value::list(items.to_vec())
}
