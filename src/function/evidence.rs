//! Why a node or relationship is believed: its mentions, their documents, how many; what they state and call it.

use super::argument::{text, wrong_type};
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
        "The places in documents that speak of a relationship (or name a node): maps of source, locator, place (with the title of the document), confidence and what the place adds. One that denies has the mode 'denies'; one that fits several facts has `either`.",
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
    Function::new(
        "witnesses",
        parameters![entity: CITED],
        Type::INTEGER,
        "How many independent voices assert a relationship or name a node: documents of one group are one, and so are a document and what it derives from. Of a path, the least of its relationships.",
        ("CREATE ()-[r:T]->() RETURN witnesses(r) AS v", "0"),
        Body::Scalar(witnesses),
    )
    .asks_graph(),
    Function::new(
        "stated",
        parameters![entity: Type::ENTITY, key: Type::STRING],
        Type::LIST,
        "The distinct values that documents state of a relationship (or of when a node began and ended) under a key: maps of value, documents, places, support and witnesses; the best supported first.",
        ("CREATE ()-[r:T]->() RETURN stated(r, 'date') AS v", "[]"),
        Body::Scalar(stated),
    )
    .asks_graph(),
    Function::new(
        "disputed",
        parameters![entity: Type::ENTITY],
        Type::LIST,
        "The keys under which documents state of one thing what excludes each other.",
        ("CREATE ()-[r:T]->() RETURN disputed(r) AS v", "[]"),
        Body::Scalar(disputed),
    )
    .asks_graph(),
    Function::new(
        "entities",
        parameters![entity: Type::ENTITY, key: Type::STRING],
        Type::LIST,
        "The nodes whose ids stand under a key of a relationship or node: `entities(r, 'through')`.",
        ("CREATE (:law {id: 'act-7'}), ()-[r:T {through: 'act-7'}]->() RETURN [n IN entities(r, 'through') | n.id] AS v", "['act-7']"),
        Body::Scalar(entities_behind),
    )
    .asks_graph(),
    Function::new(
        "names",
        parameters![node: Type::NODE],
        Type::LIST,
        "What a node is called: maps of name, language, script, status, from and to, with the documents and places that use the name.",
        ("CREATE (n:law {name: 'Act 7'}) RETURN [x IN names(n) | x.name] AS v", "['Act 7']"),
        Body::Scalar(names),
    )
    .asks_graph(),
];

fn evidence(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let [of] = arguments else { return Ok(Value::Null) };
    let mut places = Vec::new();
    for entity in parts("evidence", of)? {
        places.extend(context.entities.evidence(&entity)?);
    }
    if of.is_null() { Ok(Value::Null) } else { Value::list(places) }
}

fn sources(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let [of] = arguments else { return Ok(Value::Null) };
    let mut documents = Vec::new();
    for entity in parts("sources", of)? {
        documents.extend(context.entities.sources(&entity)?);
    }
    documents.sort_unstable();
    documents.dedup();
    if of.is_null() { Ok(Value::Null) } else { Value::list(documents.into_iter().map(Value::Str).collect()) }
}

fn support(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    least("support", context, arguments, |context, entity| Ok(context.entities.sources(entity)?.len()))
}

fn witnesses(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    least("witnesses", context, arguments, |context, entity| context.entities.witnesses(entity))
}

/// The least of what `count` gives for the parts of what is asked about; null for null.
fn least(
    function: &str,
    context: &mut CallContext<'_>,
    arguments: &[Value],
    count: impl Fn(&CallContext<'_>, &Value) -> Result<usize>,
) -> Result<Value> {
    let [of] = arguments else { return Ok(Value::Null) };
    let mut least: Option<usize> = None;
    for entity in parts(function, of)? {
        let n = count(context, &entity)?;
        least = Some(least.map_or(n, |l| l.min(n)));
    }
    Ok(least.map_or(Value::Null, |n| Value::Int(i64::try_from(n).unwrap_or(i64::MAX))))
}

fn stated(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let [of, key] = arguments else { return Ok(Value::Null) };
    let of = entity("stated", of)?;
    Value::list(context.entities.stated(of, text("stated", key)?)?)
}

fn disputed(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let [of] = arguments else { return Ok(Value::Null) };
    let keys = context.entities.disputed(entity("disputed", of)?)?;
    Value::list(keys.into_iter().map(Value::Str).collect())
}

fn entities_behind(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let [of, key] = arguments else { return Ok(Value::Null) };
    let of = entity("entities", of)?;
    let nodes = context.entities.behind(of, text("entities", key)?)?;
    Value::list(nodes.into_iter().map(Value::Node).collect())
}

fn names(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match arguments {
        [Value::Node(node)] => Value::list(context.entities.names(*node)?),
        [other] => Err(wrong_type("names", "a node", other)),
        _ => Ok(Value::Null),
    }
}

fn entity<'a>(function: &str, of: &'a Value) -> Result<&'a Value> {
    match of {
        Value::Node(_) | Value::Rel(_) => Ok(of),
        other => Err(wrong_type(function, "a node or relationship", other)),
    }
}

/// What is asked about: the entity itself, or the relationships of a path (its node, when it has none).
fn parts(function: &str, of: &Value) -> Result<Vec<Value>> {
    Ok(match of {
        Value::Null => Vec::new(),
        Value::Node(_) | Value::Rel(_) => vec![of.clone()],
        Value::Path(path) if path.rels.is_empty() => path.nodes.iter().copied().map(Value::Node).collect(),
        Value::Path(path) => path.rels.iter().copied().map(Value::Rel).collect(),
        other => return Err(wrong_type(function, "a node, relationship or path", other)),
    })
}
