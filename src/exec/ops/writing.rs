//! What the writing operators share: properties out of expressions, targets out of values.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::bind::bound::Expr;
use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::exec::batch::Row;
use crate::exec::context::Context;
use crate::exec::eval::{all_properties, eval};
use crate::graph::{KeyId, LabelId};
use crate::provenance::{Mention, same_key};
use crate::value::{NodeRef, RelRef, Value};

/// Properties to be written; nulls among them.
pub(super) type Properties = Vec<(KeyId, Value)>;

/// A node or a relationship to be changed.
#[derive(Clone, Copy)]
pub(super) enum Target {
    Node(NodeRef),
    Rel(RelRef),
}

/// The properties of a new node or relationship: a map literal, a map, or another entity's properties.
pub(super) fn properties(expr: Option<&Expr>, row: Row<'_>, cx: &mut Context<'_>) -> Result<Properties> {
    let Some(expr) = expr else { return Ok(Vec::new()) };
    if let Expr::Map(entries) = expr {
        let mut properties = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let value = eval(value, row, cx)?;
            properties.push((cx.graph_mut()?.ensure_key(key)?, value));
        }
        return Ok(properties);
    }
    let value = eval(expr, row, cx)?;
    from_value(&value, cx)
}

/// The entries of a map, or the properties of a node or relationship.
pub(super) fn from_value(value: &Value, cx: &mut Context<'_>) -> Result<Properties> {
    let entries = all_properties(value, cx)?;
    let mut properties = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        properties.push((cx.graph_mut()?.ensure_key(&key)?, value));
    }
    Ok(properties)
}

/// The name of the property that is written; nothing when it is null.
pub(super) fn property_key(key: &Expr, row: Row<'_>, span: Span, cx: &mut Context<'_>) -> Result<Option<Arc<str>>> {
    match eval(key, row, cx)? {
        Value::Str(key) => Ok(Some(key)),
        Value::Null => Ok(None),
        other => {
            let message = format!("a property is named by a String, not by {}", other.type_name());
            Err(Error::type_error(Code::MapElementAccessByNonString, message).at(span))
        }
    }
}

/// The ids of labels, made when the graph does not know them; each once.
pub(super) fn labels(names: &[Arc<str>], cx: &mut Context<'_>) -> Result<SmallVec<[LabelId; 4]>> {
    let mut labels = SmallVec::new();
    for name in names {
        let label = cx.graph_mut()?.ensure_label(name)?;
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    Ok(labels)
}

/// The names an expression gives: a text, or a list of texts. Errors: null, other values.
pub(super) fn names(expr: &Expr, row: Row<'_>, span: Span, cx: &mut Context<'_>) -> Result<Vec<Arc<str>>> {
    let wrong = |value: &Value| {
        let message = format!("labels and types are named by texts, not by a {}", value.type_name());
        Error::type_error(Code::InvalidArgumentType, message).at(span)
    };
    let name = |value: &Value| match value {
        Value::Str(name) if !name.is_empty() => Ok(name.clone()),
        Value::Str(_) => {
            Err(Error::argument(Code::InvalidArgumentValue, "a label or type cannot be the empty text").at(span))
        }
        other => Err(wrong(other)),
    };
    match eval(expr, row, cx)? {
        Value::List(list) => list.iter().map(name).collect(),
        Value::Null => Err(wrong(&Value::Null)),
        one => Ok(vec![name(&one)?]),
    }
}

/// The entity to be changed; nothing for null. Errors: no entity, or one that was deleted.
pub(super) fn target(expr: &Expr, row: Row<'_>, span: Span, cx: &mut Context<'_>) -> Result<Option<Target>> {
    let value = eval(expr, row, cx)?;
    let (target, deleted) = match value {
        Value::Null => return Ok(None),
        Value::Node(node) => (Target::Node(node), cx.graph().is_node_deleted(node)),
        Value::Rel(rel) => (Target::Rel(rel), cx.graph().is_rel_deleted(rel)),
        other => {
            let message = format!("only nodes and relationships can be changed, and this is a {}", other.type_name());
            return Err(Error::type_error(Code::InvalidArgumentType, message).at(span));
        }
    };
    if deleted {
        let message = "this was deleted earlier in the statement and cannot be changed";
        return Err(Error::new(Class::EntityNotFound, Phase::Runtime, Code::DeletedEntityAccess, message).at(span));
    }
    Ok(Some(target))
}

/// Properties that follow from how the mentions of a relationship were read.
const BOOKKEEPING: [&str; 3] = ["fact", "confidence", "evaluative"];

/// Sets a property (null removes it) and counts it. Errors: it is what documents state.
pub(super) fn set_property(target: Target, key: KeyId, value: Value, cx: &mut Context<'_>) -> Result<()> {
    if let Target::Rel(rel) = target {
        refuse_stated(rel, key, cx)?;
    }
    let graph = cx.graph_mut()?;
    let changed = match target {
        Target::Node(node) => graph.set_node_property(node, key, value)?,
        Target::Rel(rel) => graph.set_rel_property(rel, key, value)?,
    };
    if let Target::Node(node) = target {
        cx.note_property(node, key);
    }
    cx.changes.properties_set += u64::from(changed);
    Ok(())
}

/// Errors: the property follows from what documents state of the relationship, so that a value from elsewhere would stand
/// next to their citations.
fn refuse_stated(rel: RelRef, key: KeyId, cx: &Context<'_>) -> Result<()> {
    if cx.evidence.ids_of(rel).is_empty() {
        return Ok(());
    }
    let name = cx.graph().key_name(key);
    let states = |m: &Mention| m.stated_qualifiers().any(|(stated, _)| same_key(stated, name));
    let place = cx.evidence.seen(rel, None).find(|mention| states(mention)).map(|mention| mention.place);
    if place.is_none() && !BOOKKEEPING.contains(&name) {
        return Ok(());
    }
    let by = place.map_or_else(|| "its mentions".to_owned(), |place| cx.evidence.cite(place));
    let message = format!("`{name}` of this relationship is what {by} states, and cannot be set");
    Err(Error::new(Class::SemanticError, Phase::Runtime, Code::InvalidArgumentValue, message)
        .hint("change the mentions of the dataset and import it again, or set a property of another name"))
}
