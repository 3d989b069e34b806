//! Functions on nodes, relationships and paths. What they know of the graph they ask of [`Entities`].
//!
//! [`Entities`]: crate::value::entity::Entities

use std::hash::Hash;

use rustc_hash::FxHashSet;

use super::argument::wrong_type;
use super::signature::Type;
use super::{Body, CallContext, Function, parameters};
use crate::error::{Code, Error, Result};
use crate::value::{NodeRef, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "id",
        parameters![entity: Type::ENTITY],
        Type::INTEGER,
        "The number of a node or relationship; never used again.",
        ("CREATE (n) RETURN id(n) >= 0 AS v", "true"),
        Body::Scalar(id),
    )
    .asks_graph(),
    Function::new(
        "elementId",
        parameters![entity: Type::ENTITY],
        Type::STRING,
        "The number of a node or relationship, as a string.",
        ("CREATE (n) RETURN elementId(n) = toString(id(n)) AS v", "true"),
        Body::Scalar(element_id),
    )
    .asks_graph(),
    Function::new(
        "labels",
        parameters![node: Type::NODE],
        Type::LIST,
        "The labels of a node.",
        ("CREATE (n:Person) RETURN labels(n) AS v", "['Person']"),
        Body::Scalar(labels),
    )
    .asks_graph(),
    Function::new(
        "hasLabels",
        parameters![entity: Type::ENTITY, names: Type::STRING.or(Type::LIST)],
        Type::BOOLEAN,
        "Whether a node has all of the labels (a relationship that type); what `n:$(names)` asks.",
        ("CREATE (n:A:B) RETURN hasLabels(n, ['A', 'B']) AS v", "true"),
        Body::Scalar(|context, arguments| named("hasLabels", context, arguments, true)),
    )
    .asks_graph(),
    Function::new(
        "hasAnyLabel",
        parameters![entity: Type::ENTITY, names: Type::STRING.or(Type::LIST)],
        Type::BOOLEAN,
        "Whether a node has one of the labels (a relationship one of those types); what `n:$any(names)` asks.",
        ("CREATE (n:A) RETURN hasAnyLabel(n, ['A', 'B']) AS v", "true"),
        Body::Scalar(|context, arguments| named("hasAnyLabel", context, arguments, false)),
    )
    .asks_graph(),
    Function::new(
        "type",
        parameters![relationship: Type::RELATIONSHIP],
        Type::STRING,
        "The type of a relationship.",
        ("CREATE ()-[r:KNOWS]->() RETURN type(r) AS v", "'KNOWS'"),
        Body::Scalar(type_of),
    )
    .asks_graph(),
    Function::new(
        "properties",
        parameters![entity: Type::ENTITY.or(Type::MAP)],
        Type::MAP,
        "All properties as a map; a map is returned as it is.",
        ("CREATE (n {a: 1}) RETURN properties(n) AS v", "{a: 1}"),
        Body::Scalar(properties),
    )
    .asks_graph(),
    Function::new(
        "keys",
        parameters![entity: Type::ENTITY.or(Type::MAP)],
        Type::LIST,
        "The names of all properties, or the keys of a map.",
        ("RETURN keys({a: 1, b: null}) AS v", "['a', 'b']"),
        Body::Scalar(keys),
    )
    .asks_graph(),
    Function::new(
        "startNode",
        parameters![relationship: Type::RELATIONSHIP],
        Type::NODE,
        "The node a relationship starts at.",
        ("CREATE (a)-[r:T]->(b) RETURN startNode(r) = a AS v", "true"),
        Body::Scalar(start_node),
    )
    .asks_graph(),
    Function::new(
        "endNode",
        parameters![relationship: Type::RELATIONSHIP],
        Type::NODE,
        "The node a relationship ends at.",
        ("CREATE (a)-[r:T]->(b) RETURN endNode(r) = b AS v", "true"),
        Body::Scalar(end_node),
    )
    .asks_graph(),
    Function::new(
        "nodes",
        parameters![path: Type::PATH],
        Type::LIST,
        "The nodes of a path, in the order walked.",
        ("CREATE p = (:A)-[:T]->(:B) RETURN [n IN nodes(p) | labels(n)] AS v", "[['A'], ['B']]"),
        Body::Scalar(nodes),
    ),
    Function::new(
        "relationships",
        parameters![path: Type::PATH],
        Type::LIST,
        "The relationships of a path, in the order walked.",
        ("CREATE p = (:A)-[:T]->(:B) RETURN [r IN relationships(p) | type(r)] AS v", "['T']"),
        Body::Scalar(relationships),
    ),
    Function::new(
        "length",
        parameters![path: Type::PATH],
        Type::INTEGER,
        "How many relationships a path has.",
        ("CREATE p = (:A)-[:T]->(:B) RETURN length(p) AS v", "1"),
        Body::Scalar(length),
    ),
    Function::new(
        "cost",
        parameters![path: Type::PATH],
        Type::NUMBER,
        "What a path costs that was chosen by that (`CHEAPEST`, `algo.dijkstra`).",
        (
            "CREATE (a)-[:ROAD {km: 3}]->(b) WITH a, b MATCH p = ANY CHEAPEST (a)-[r:ROAD COST r.km]->+(b) RETURN cost(p) AS v",
            "3",
        ),
        Body::Scalar(cost),
    ),
    Function::new(
        "isAcyclic",
        parameters![path: Type::PATH],
        Type::BOOLEAN,
        "Whether a path meets no node twice.",
        ("CREATE p = (a)-[:T]->(:B)-[:T]->(a) RETURN isAcyclic(p) AS v", "false"),
        Body::Scalar(is_acyclic),
    ),
    Function::new(
        "isSimple",
        parameters![path: Type::PATH],
        Type::BOOLEAN,
        "Whether a path meets no node twice, unless it ends where it began, and no relationship twice.",
        ("CREATE p = (a)-[:T]->(:B)-[:T]->(a) RETURN isSimple(p) AS v", "true"),
        Body::Scalar(is_simple),
    ),
];

fn id(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Node(node) => context.entities.node_id(*node).map(Value::Int),
        Value::Rel(rel) => context.entities.rel_id(*rel).map(Value::Int),
        other => Err(wrong_type("id", "a node or a relationship", other)),
    }
}

fn element_id(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Node(node) => Ok(context.entities.node_id(*node)?.to_string().into()),
        Value::Rel(rel) => Ok(context.entities.rel_id(*rel)?.to_string().into()),
        other => Err(wrong_type("elementId", "a node or a relationship", other)),
    }
}

fn labels(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Node(node) => Value::list(context.entities.labels(*node)?.into_iter().map(Value::Str).collect()),
        other => Err(wrong_type("labels", "a node", other)),
    }
}

/// Whether an entity is called by all (or any) of the names.
fn named(name: &str, context: &mut CallContext<'_>, arguments: &[Value], all: bool) -> Result<Value> {
    let own = match &arguments[0] {
        Value::Node(node) => context.entities.labels(*node)?,
        Value::Rel(rel) => vec![context.entities.rel_type(*rel)?],
        other => return Err(wrong_type(name, "a node or a relationship", other)),
    };
    let has = |wanted: &Value| match wanted {
        Value::Str(wanted) => Ok(own.contains(wanted)),
        other => Err(wrong_type(name, "names of labels or types", other)),
    };
    let Value::List(wanted) = &arguments[1] else { return has(&arguments[1]).map(Value::Bool) };
    let mut found = all;
    for wanted in wanted.iter() {
        let has = has(wanted)?;
        found = if all { found && has } else { found || has };
    }
    Ok(Value::Bool(found))
}

fn type_of(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Rel(rel) => context.entities.rel_type(*rel).map(Value::Str),
        other => Err(wrong_type("type", "a relationship", other)),
    }
}

fn properties(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Map(_) => Ok(arguments[0].clone()),
        Value::Node(node) => context.entities.node_properties(*node).map(Value::Map),
        Value::Rel(rel) => context.entities.rel_properties(*rel).map(Value::Map),
        other => Err(wrong_type("properties", "a node, a relationship or a map", other)),
    }
}

fn keys(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match properties(context, arguments)? {
        Value::Map(map) => Value::list(map.entries().keys().cloned().map(Value::Str).collect()),
        other => Err(wrong_type("keys", "a node, a relationship or a map", &other)),
    }
}

fn start_node(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    ends("startNode", context, &arguments[0]).map(|(start, _)| Value::Node(start))
}

fn end_node(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    ends("endNode", context, &arguments[0]).map(|(_, end)| Value::Node(end))
}

fn ends(function: &str, context: &mut CallContext<'_>, value: &Value) -> Result<(NodeRef, NodeRef)> {
    match value {
        Value::Rel(rel) => context.entities.ends(*rel),
        other => Err(wrong_type(function, "a relationship", other)),
    }
}

fn nodes(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Path(path) => Value::list(path.nodes.iter().copied().map(Value::Node).collect()),
        other => Err(wrong_type("nodes", "a path", other)),
    }
}

fn relationships(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Path(path) => Value::list(path.rels.iter().copied().map(Value::Rel).collect()),
        other => Err(wrong_type("relationships", "a path", other)),
    }
}

fn length(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Path(path) => Ok(Value::Int(path.rels.len() as i64)),
        other => Err(wrong_type("length", "a path", other)),
    }
}

fn cost(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Path(path) => path.cost.clone().ok_or_else(|| {
            Error::argument(Code::InvalidArgumentValue, "this path was not chosen by what it costs")
                .hint("say what a relationship costs: p = ANY CHEAPEST (a)-[r:ROAD COST r.km]->+(b); or add up: reduce(sum = 0, r IN relationships(p) | sum + r.km)")
        }),
        other => Err(wrong_type("cost", "a path", other)),
    }
}

fn is_acyclic(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Path(path) => Ok(Value::Bool(all_differ(&path.nodes))),
        other => Err(wrong_type("isAcyclic", "a path", other)),
    }
}

fn is_simple(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Path(path) => {
            let closed = path.nodes.len() > 1 && path.nodes.first() == path.nodes.last();
            let nodes = &path.nodes[usize::from(closed)..];
            Ok(Value::Bool(all_differ(nodes) && all_differ(&path.rels)))
        }
        other => Err(wrong_type("isSimple", "a path", other)),
    }
}

fn all_differ<T: Copy + Eq + Hash>(items: &[T]) -> bool {
    let mut seen = FxHashSet::default();
    items.iter().all(|item| seen.insert(*item))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::tests::{call, shown, with_context};
    use super::*;
    use crate::error::{Class, Code, Phase};
    use crate::value::{Path, RelRef};

    #[test]
    fn entities_show_what_they_are() {
        let (node, rel) = (Value::Node(NodeRef::new(3)), Value::Rel(RelRef::new(3)));
        assert_eq!(shown("id", std::slice::from_ref(&node)), "3");
        assert_eq!(shown("elementId", std::slice::from_ref(&rel)), "'3'");
        assert_eq!(shown("labels", std::slice::from_ref(&node)), "['L']");
        assert_eq!(shown("type", std::slice::from_ref(&rel)), "'T'");
        assert_eq!(shown("properties", std::slice::from_ref(&node)), "{n: 3}");
        assert_eq!(shown("keys", std::slice::from_ref(&rel)), "['n']");
        assert_eq!(shown("startNode", std::slice::from_ref(&rel)), "(:L {n: 3})");
        assert_eq!(shown("endNode", &[rel]), "(:L {n: 4})");
        assert_eq!(shown("labels", &[Value::Null]), "null");
        assert_eq!(shown("labels", &[Value::Node(NodeRef::new(100))]), "DeletedEntityAccess");
        assert_eq!(shown("type", &[Value::Rel(RelRef::new(100))]), "'T'");
    }

    #[test]
    fn paths_come_apart() {
        let path = Value::Path(Arc::new(Path {
            nodes: vec![NodeRef::new(1), NodeRef::new(2)],
            rels: vec![RelRef::new(1)],
            cost: None,
        }));
        assert_eq!(shown("nodes", std::slice::from_ref(&path)), "[(:L {n: 1}), (:L {n: 2})]");
        assert_eq!(shown("relationships", std::slice::from_ref(&path)), "[[:T {n: 1}]]");
        assert_eq!(shown("length", &[path]), "1");
    }

    #[test]
    fn wrong_types_are_found_before_and_while_running() {
        for (name, value) in [
            ("labels", 1.into()),
            ("type", Value::Node(NodeRef::new(1))),
            ("length", Value::Node(NodeRef::new(1))),
            ("properties", 1.into()),
        ] {
            let error = call(name, std::slice::from_ref(&value)).expect_err(name);
            assert_eq!(
                (error.class(), error.phase(), error.code()),
                (Class::SyntaxError, Phase::Compile, Code::InvalidArgumentType)
            );
            let function = super::super::resolve(name).expect("there");
            let error = with_context(|context| function.call(context, &[value])).expect_err(name);
            assert_eq!(
                (error.class(), error.phase(), error.code()),
                (Class::TypeError, Phase::Runtime, Code::InvalidArgumentValue)
            );
        }
    }
}
