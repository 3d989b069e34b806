//! Why a node or relationship is believed: its mentions, their documents, how many.

use std::sync::Arc;

use super::argument::wrong_type;
use super::signature::Type;
use super::{Body, CallContext, Function, parameters};
use crate::error::Result;
use crate::value::Value;

const CITED: Type = Type::ENTITY.or(Type::PATH);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "evidence",
        parameters![entity: CITED],
        Type::LIST,
        "The places in documents that assert a relationship (or name a node): maps of source, locator, confidence and what the place adds.",
        ("CREATE ()-[r:T]->() RETURN evidence(r) AS v", "[]"),
        Body::Scalar(evidence),
    )
    .asks_graph(),
    Function::new(
        "sources",
        parameters![entity: CITED],
        Type::LIST,
        "The documents that assert a relationship, name a node, or assert any step of a path; each once.",
        ("CREATE ()-[r:T]->() RETURN sources(r) AS v", "[]"),
        Body::Scalar(sources),
    )
    .asks_graph(),
    Function::new(
        "support",
        parameters![entity: CITED],
        Type::INTEGER,
        "How many documents assert a relationship or name a node; of a path, the least of its relationships.",
        ("CREATE ()-[r:T]->() RETURN support(r) AS v", "0"),
        Body::Scalar(support),
    )
    .asks_graph(),
];

fn evidence(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let [of] = arguments else { return Ok(Value::Null) };
    let mut places = Vec::new();
    for entity in entities("evidence", of)? {
        places.extend(context.entities.evidence(&entity)?);
    }
    if of.is_null() { Ok(Value::Null) } else { Value::list(places) }
}

fn sources(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let [of] = arguments else { return Ok(Value::Null) };
    let mut names = Vec::new();
    for entity in entities("sources", of)? {
        names.extend(documents(context, &entity)?);
    }
    names.sort_unstable();
    names.dedup();
    if of.is_null() { Ok(Value::Null) } else { Value::list(names.into_iter().map(Value::Str).collect()) }
}

fn support(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let [of] = arguments else { return Ok(Value::Null) };
    let mut least: Option<usize> = None;
    for entity in entities("support", of)? {
        let mut names = documents(context, &entity)?;
        names.sort_unstable();
        names.dedup();
        least = Some(least.map_or(names.len(), |l| l.min(names.len())));
    }
    Ok(least.map_or(Value::Null, |n| Value::Int(i64::try_from(n).unwrap_or(i64::MAX))))
}

/// What is asked about: the entity itself, or the relationships of a path (its node, when it has none).
fn entities(function: &str, of: &Value) -> Result<Vec<Value>> {
    Ok(match of {
        Value::Null => Vec::new(),
        Value::Node(_) | Value::Rel(_) => vec![of.clone()],
        Value::Path(path) if path.rels.is_empty() => path.nodes.iter().copied().map(Value::Node).collect(),
        Value::Path(path) => path.rels.iter().copied().map(Value::Rel).collect(),
        other => return Err(wrong_type(function, "a node, relationship or path", other)),
    })
}

fn documents(context: &CallContext<'_>, entity: &Value) -> Result<Vec<Arc<str>>> {
    let source = |place: &Value| match place {
        Value::Map(map) => match map.get("source") {
            Some(Value::Str(name)) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    };
    Ok(context.entities.evidence(entity)?.iter().filter_map(source).collect())
}
