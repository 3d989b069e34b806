//! Indexes and constraints: the commands that make and drop them.

use crate::error::{Class, Code, Error, Phase, Result, Span, nearest};
use crate::exec::context::Changes;
use crate::graph::{Demand, Graph, IndexDefinition, IndexKind, KeyId, Subject, is_type};
use crate::syntax::ast::{ConstraintKind, EntityKind, Name, SchemaCommand, SchemaTarget, Target};
use crate::value::Value;

/// Carries out one schema command.
pub(super) fn run(graph: &mut Graph, command: &SchemaCommand) -> Result<Changes> {
    let mut changes = Changes::default();
    match command {
        SchemaCommand::CreateIndex { name, if_not_exists, on } => {
            let (label, key) = indexed(on)?;
            let made = create_index(graph, (name.as_ref(), *if_not_exists), IndexKind::Index, (label, key))?;
            changes.indexes_added += u64::from(made);
        }
        SchemaCommand::CreateLookup => {}
        SchemaCommand::CreateConstraint { name, if_not_exists, on, kind } => {
            let asked = (name.as_ref(), *if_not_exists);
            let made = match by_index(on, kind) {
                Some(kind) => create_index(graph, asked, kind, (&on.label, &on.properties[0]))?,
                None => create_constraint(graph, asked, on, kind)?,
            };
            changes.constraints_added += u64::from(made);
        }
        SchemaCommand::DropIndex { target, if_exists } => {
            changes.indexes_removed += drop_found(graph, target, *if_exists, false)?;
        }
        SchemaCommand::DropConstraint { target, if_exists } => {
            changes.constraints_removed += drop_found(graph, target, *if_exists, true)?;
        }
    }
    Ok(changes)
}

/// What an index stands on. Errors: relationships, several properties.
fn indexed(on: &Target) -> Result<(&Name, &Name)> {
    let refused = |message: &str, hint: String| {
        Err(Error::new(Class::SemanticError, Phase::Compile, Code::Unsupported, message).at(on.span()).hint(hint))
    };
    if on.entity == EntityKind::Relationship {
        let hint = "index a property of the nodes at its ends: CREATE INDEX FOR (n:Label) ON (n.key)";
        return refused("indexes on relationships are not offered", hint.to_owned());
    }
    match &on.properties[..] {
        [only] => Ok((&on.label, only)),
        several => {
            let each = several.iter().map(|key| format!("CREATE INDEX FOR (n:{}) ON (n.{})", on.label.text, key.text));
            let each: Vec<String> = each.collect();
            let message = "an index stands on one property";
            refused(message, format!("make one for each; the most selective is taken: {}", each.join("; ")))
        }
    }
}

/// The kind of index that keeps a constraint true, where one does.
fn by_index(on: &Target, kind: &ConstraintKind) -> Option<IndexKind> {
    match kind {
        _ if on.entity == EntityKind::Relationship || on.properties.len() > 1 => None,
        ConstraintKind::Unique => Some(IndexKind::Unique),
        ConstraintKind::NotNull => Some(IndexKind::Exists),
        ConstraintKind::Key | ConstraintKind::Type(_) => None,
    }
}

fn is_taken(graph: &Graph, name: Option<&Name>) -> bool {
    name.is_some_and(|name| {
        graph.index_named(&name.text).is_some()
            || graph.constraint_definitions().iter().any(|constraint| *constraint.name == *name.text)
    })
}

/// Whether something new was made: not when it was there and `IF NOT EXISTS` was said.
fn create_index(
    graph: &mut Graph,
    (name, lenient): (Option<&Name>, bool),
    kind: IndexKind,
    (label, property): (&Name, &Name),
) -> Result<bool> {
    let span = label.span.to(property.span);
    let (label, key) = (graph.ensure_label(&label.text)?, graph.ensure_key(&property.text)?);
    let same = graph.index_definitions().into_iter().any(|d| d.kind == kind && d.label == label && d.key == key);
    if lenient && (same || is_taken(graph, name)) {
        return Ok(false);
    }
    graph.create_index(name.map(|name| name.text.as_str()), kind, label, key).map_err(|error| error.at(span))?;
    Ok(true)
}

/// The same for what no index answers for.
fn create_constraint(
    graph: &mut Graph,
    (name, lenient): (Option<&Name>, bool),
    on: &Target,
    kind: &ConstraintKind,
) -> Result<bool> {
    let demand = demand(kind, on.span())?;
    let (subject, keys) = subject(graph, on)?;
    let like = |demand: &Demand, other: &Demand| std::mem::discriminant(demand) == std::mem::discriminant(other);
    let mut there = graph.constraint_definitions().iter();
    let same = there.any(|d| d.subject == subject && d.keys[..] == keys && like(&demand, &d.demand));
    if lenient && (same || is_taken(graph, name)) {
        return Ok(false);
    }
    let name = name.map(|name| name.text.as_str());
    graph.create_constraint(name, subject, &keys, demand).map_err(|error| error.at(on.span()))?;
    Ok(true)
}

fn demand(kind: &ConstraintKind, span: Span) -> Result<Demand> {
    Ok(match kind {
        ConstraintKind::Unique => Demand::Unique,
        ConstraintKind::NotNull => Demand::Exists,
        ConstraintKind::Key => Demand::Key,
        ConstraintKind::Type(name) if is_type(&Value::Null, name).is_none() => {
            return Err(Error::syntax(Code::InvalidArgumentType, format!("there is no type {name}")).at(span).hint(
                "types are BOOLEAN, STRING, INTEGER, FLOAT, DATE, LOCAL TIME, ZONED TIME, LOCAL DATETIME, ZONED DATETIME, \
                 DURATION, LIST<… NOT NULL>, and several of them with | between",
            ));
        }
        ConstraintKind::Type(name) => Demand::Type(name.to_uppercase().into()),
    })
}

fn subject(graph: &mut Graph, on: &Target) -> Result<(Subject, Vec<KeyId>)> {
    let subject = match on.entity {
        EntityKind::Node => Subject::Nodes(graph.ensure_label(&on.label.text)?),
        EntityKind::Relationship => Subject::Rels(graph.ensure_type(&on.label.text)?),
    };
    let keys = on.properties.iter().map(|property| graph.ensure_key(&property.text)).collect::<Result<_>>()?;
    Ok((subject, keys))
}

fn drop_found(graph: &mut Graph, target: &SchemaTarget, lenient: bool, constraint: bool) -> Result<u64> {
    let wanted = |d: &&IndexDefinition| (d.kind != IndexKind::Index) == constraint;
    let all = graph.index_definitions();
    let mut indexes = all.iter().filter(wanted);
    let (found, named): (Vec<_>, Vec<_>) = match target {
        SchemaTarget::Named(name) => {
            let named = graph.constraint_definitions().iter().filter(|d| constraint && *d.name == *name.text);
            (indexes.filter(|d| *d.name == *name.text).collect(), named.map(|d| d.name.clone()).collect())
        }
        SchemaTarget::On(on, None) => {
            let (label, key) = indexed(on)?;
            let ids = graph.label(&label.text).zip(graph.key(&key.text));
            (indexes.filter(|d| Some((d.label, d.key)) == ids).collect(), Vec::new())
        }
        SchemaTarget::On(on, Some(kind)) => {
            let keys: Option<Vec<KeyId>> = on.properties.iter().map(|property| graph.key(&property.text)).collect();
            let (label, ty) = (graph.label(&on.label.text), graph.rel_type(&on.label.text));
            match by_index(on, kind) {
                Some(kind) => {
                    let ids = label.zip(keys.and_then(|keys| keys.first().copied()));
                    let is = |d: &&IndexDefinition| d.kind == kind && Some((d.label, d.key)) == ids;
                    (indexes.find(is).into_iter().collect(), Vec::new())
                }
                None => {
                    let demand = demand(kind, on.span())?;
                    let subject = match on.entity {
                        EntityKind::Node => label.map(Subject::Nodes),
                        EntityKind::Relationship => ty.map(Subject::Rels),
                    };
                    let all = graph.constraint_definitions().iter();
                    let is = |d: &&_| {
                        let d: &crate::graph::ConstraintDefinition = d;
                        Some(d.subject) == subject && Some(&d.keys[..]) == keys.as_deref() && d.demand == demand
                    };
                    (Vec::new(), all.filter(is).map(|d| d.name.clone()).collect())
                }
            }
        }
    };
    if found.is_empty() && named.is_empty() && !lenient {
        return Err(missing(graph, target, constraint, &all));
    }
    for definition in &found {
        graph.drop_index(definition.id)?;
    }
    named.iter().for_each(|name| {
        graph.drop_constraint(name);
    });
    Ok((found.len() + named.len()) as u64)
}

fn missing(graph: &Graph, target: &SchemaTarget, constraint: bool, all: &[IndexDefinition]) -> Error {
    let what = if constraint { "constraint" } else { "index" };
    let code = if constraint { Code::ConstraintNotFound } else { Code::IndexNotFound };
    let (message, span, near) = match target {
        SchemaTarget::Named(name) => {
            let constraints = graph.constraint_definitions().iter().map(|d| &*d.name).filter(|_| constraint);
            let names = all.iter().map(|d| &*d.name).chain(constraints);
            (format!("there is no {what} called `{}`", name.text), name.span, nearest(&name.text, names))
        }
        SchemaTarget::On(on, _) => {
            let keys: Vec<&str> = on.properties.iter().map(|property| property.text.as_str()).collect();
            (format!("there is no such {what} on :{}({})", on.label.text, keys.join(", ")), on.span(), None)
        }
    };
    let error = Error::new(Class::SemanticError, Phase::Runtime, code, message).at(span);
    match near {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("SHOW {}S lists what there is", what.to_uppercase().replace("INDEX", "INDEXE"))),
    }
}
