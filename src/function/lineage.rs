//! Lives of nodes, and the events that relationships are part of.

use super::signature::Type;
use super::{Body, CallContext, Function, parameters};
use crate::error::Result;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "life",
        parameters![node: Type::NODE],
        Type::LIST,
        "The intervals in which a node existed: maps of start, end and what begins and ends each, with its places; last, what is not dated.",
        ("CREATE (n {start: '1990', end: '2007'}) RETURN [i IN life(n) | [i.start, i.end]] AS v", "[['1990', '2007']]"),
        Body::Scalar(life),
    )
    .asks_graph(),
    Function::new(
        "event",
        parameters![relationship: Type::RELATIONSHIP],
        Type::MAP,
        "The event that a relationship is part of: a map of predecessors, successors, dates, acts and shares, each with its places; null when its type has no part in a lineage.",
        ("CREATE ()-[r:T]->() RETURN event(r) AS v", "null"),
        Body::Scalar(event),
    )
    .asks_graph(),
];

fn life(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match arguments {
        [Value::Node(node)] => context.entities.life(*node),
        [other] => Err(super::argument::wrong_type("life", "a node", other)),
        _ => Ok(Value::Null),
    }
}

fn event(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match arguments {
        [Value::Rel(rel)] => context.entities.event(*rel),
        [other] => Err(super::argument::wrong_type("event", "a relationship", other)),
        _ => Ok(Value::Null),
    }
}
