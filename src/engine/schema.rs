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
            let made = create_index(graph, (name.as_ref(), *if_not_exists), IndexKind::Index, on)?;
            changes.indexes_added += u64::from(made);
        }
        SchemaCommand::CreateFulltext { name, if_not_exists, entity, labels, properties } => {
            let made = create_fulltext(graph, (name.as_ref(), *if_not_exists), *entity, (labels, properties))?;
            changes.indexes_added += u64::from(made);
        }
        SchemaCommand::CreateLookup => {}
        SchemaCommand::CreateConstraint { name, if_not_exists, on, kind } => {
            let asked = (name.as_ref(), *if_not_exists);
            let made = match by_index(on, kind) {
                Some(kind) => create_index(graph, asked, kind, on)?,
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
    name.is_some_and(|name| graph.has_named(&name.text))
}

/// Whether something new was made: not when it was there and `IF NOT EXISTS` was said.
fn create_index(
    graph: &mut Graph,
    (name, lenient): (Option<&Name>, bool),
    kind: IndexKind,
    on: &Target,
) -> Result<bool> {
    let (subject, keys) = subject(graph, on)?;
    let same = |d: IndexDefinition| d.kind == kind && d.subject == subject && d.keys[..] == keys;
    if lenient && (graph.index_definitions().into_iter().any(same) || is_taken(graph, name)) {
        return Ok(false);
    }
    let name = name.map(|name| name.text.as_str());
    graph.create_index(name, kind, subject, &keys).map_err(|error| error.at(on.span()))?;
    Ok(true)
}

/// The same for the words of texts.
fn create_fulltext(
    graph: &mut Graph,
    (name, lenient): (Option<&Name>, bool),
    entity: EntityKind,
    (labels, properties): (&[Name], &[Name]),
) -> Result<bool> {
    let (Some(first), Some(last)) = (labels.first(), properties.last()) else { return Ok(false) };
    let mut subjects: Vec<Subject> = Vec::with_capacity(labels.len());
    for label in labels {
        let subject = subject_of(graph, entity, label)?;
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    let keys = properties.iter().map(|property| graph.ensure_key(&property.text)).collect::<Result<Vec<_>>>()?;
    let same = graph.text_definitions().any(|d| d.subjects[..] == subjects && d.keys[..] == keys);
    if lenient && (same || is_taken(graph, name)) {
        return Ok(false);
    }
    let name = name.map(|name| name.text.as_str());
    graph.create_text_index(name, &subjects, &keys).map_err(|error| error.at(first.span.to(last.span)))?;
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
    let subject = subject_of(graph, on.entity, &on.label)?;
    let keys = on.properties.iter().map(|property| graph.ensure_key(&property.text)).collect::<Result<_>>()?;
    Ok((subject, keys))
}

fn subject_of(graph: &mut Graph, entity: EntityKind, label: &Name) -> Result<Subject> {
    Ok(match entity {
        EntityKind::Node => Subject::Nodes(graph.ensure_label(&label.text)?),
        EntityKind::Relationship => Subject::Rels(graph.ensure_type(&label.text)?),
    })
}

fn drop_found(graph: &mut Graph, target: &SchemaTarget, lenient: bool, constraint: bool) -> Result<u64> {
    let wanted = |d: &&IndexDefinition| (d.kind != IndexKind::Index) == constraint;
    let all = graph.index_definitions();
    let mut indexes = all.iter().filter(wanted);
    if let SchemaTarget::Named(name) = target
        && !constraint
        && graph.drop_text_index(&name.text)
    {
        return Ok(1);
    }
    let (found, named): (Vec<_>, Vec<_>) = match target {
        SchemaTarget::Named(name) => {
            let named = graph.constraint_definitions().iter().filter(|d| constraint && *d.name == *name.text);
            (indexes.filter(|d| *d.name == *name.text).collect(), named.map(|d| d.name.clone()).collect())
        }
        SchemaTarget::On(on, kind) => {
            let keys: Option<Vec<KeyId>> = on.properties.iter().map(|property| graph.key(&property.text)).collect();
            let subject = match on.entity {
                EntityKind::Node => graph.label(&on.label.text).map(Subject::Nodes),
                EntityKind::Relationship => graph.rel_type(&on.label.text).map(Subject::Rels),
            };
            let on_these = |d: &&IndexDefinition| Some(d.subject) == subject && Some(&d.keys[..]) == keys.as_deref();
            match kind.as_ref().map(|kind| (kind, by_index(on, kind))) {
                None => (indexes.filter(on_these).collect(), Vec::new()),
                Some((_, Some(kind))) => {
                    let is = |d: &&IndexDefinition| d.kind == kind && on_these(d);
                    (indexes.find(is).into_iter().collect(), Vec::new())
                }
                Some((kind, None)) => {
                    let demand = demand(kind, on.span())?;
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
            let texts = graph.text_definitions().map(|d| &*d.name).filter(|_| !constraint);
            let names = all.iter().map(|d| &*d.name).chain(constraints).chain(texts);
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
