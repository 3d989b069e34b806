//! Indexes and constraints: the commands that make and drop them.

use crate::error::{Class, Code, Error, Phase, Result, nearest};
use crate::exec::context::Changes;
use crate::graph::{Graph, IndexDefinition, IndexId, IndexKind};
use crate::syntax::ast::{ConstraintKind, EntityKind, SchemaCommand, SchemaTarget};

/// Carries out one schema command.
pub(super) fn run(graph: &mut Graph, command: &SchemaCommand) -> Result<Changes> {
    let mut changes = Changes::default();
    match command {
        SchemaCommand::CreateIndex { entity: EntityKind::Relationship, label, .. } => {
            return Err(Error::new(
                Class::SemanticError,
                Phase::Compile,
                Code::Unsupported,
                "indexes on relationships are not offered",
            )
            .at(label.span)
            .hint("index a property of the nodes at its ends: CREATE INDEX FOR (n:Label) ON (n.key)"));
        }
        SchemaCommand::CreateIndex { name, if_not_exists, label, property, .. } => {
            let made = create(
                graph,
                name.as_ref().map(|n| n.text.as_str()),
                *if_not_exists,
                IndexKind::Index,
                &label.text,
                &property.text,
            )
            .map_err(|e| e.at(label.span))?;
            changes.indexes_added += u64::from(made);
        }
        SchemaCommand::CreateConstraint { name, if_not_exists, label, property, kind } => {
            let kind = match kind {
                ConstraintKind::Unique => IndexKind::Unique,
                ConstraintKind::NotNull => IndexKind::Exists,
            };
            let made = create(
                graph,
                name.as_ref().map(|n| n.text.as_str()),
                *if_not_exists,
                kind,
                &label.text,
                &property.text,
            )
            .map_err(|e| e.at(label.span))?;
            changes.constraints_added += u64::from(made);
        }
        SchemaCommand::DropIndex { target, if_exists } => {
            changes.indexes_removed += drop(graph, target, *if_exists, false)?;
        }
        SchemaCommand::DropConstraint { target, if_exists } => {
            changes.constraints_removed += drop(graph, target, *if_exists, true)?;
        }
    }
    Ok(changes)
}

/// Whether something new was made: not when it was there and `IF NOT EXISTS` was said.
fn create(
    graph: &mut Graph,
    name: Option<&str>,
    lenient: bool,
    kind: IndexKind,
    label: &str,
    key: &str,
) -> Result<bool> {
    let (label, key) = (graph.ensure_label(label)?, graph.ensure_key(key)?);
    let same = graph.index_definitions().into_iter().any(|d| d.kind == kind && d.label == label && d.key == key);
    let taken = name.is_some_and(|n| graph.index_named(n).is_some());
    if lenient && (same || taken) {
        return Ok(false);
    }
    graph.create_index(name, kind, label, key)?;
    Ok(true)
}

fn drop(graph: &mut Graph, target: &SchemaTarget, lenient: bool, constraint: bool) -> Result<u64> {
    let wanted = |d: &IndexDefinition| (d.kind != IndexKind::Index) == constraint;
    let all = graph.index_definitions();
    let found: Vec<IndexId> = match target {
        SchemaTarget::Named(name) => all.iter().filter(|d| wanted(d) && *d.name == *name.text).map(|d| d.id).collect(),
        SchemaTarget::On { label, property } => {
            let ids = graph.label(&label.text).zip(graph.key(&property.text));
            all.iter().filter(|d| wanted(d) && Some((d.label, d.key)) == ids).map(|d| d.id).collect()
        }
    };
    if found.is_empty() && !lenient {
        return Err(missing(target, constraint, &all));
    }
    for id in &found {
        graph.drop_index(*id)?;
    }
    Ok(found.len() as u64)
}

fn missing(target: &SchemaTarget, constraint: bool, all: &[IndexDefinition]) -> Error {
    let what = if constraint { "constraint" } else { "index" };
    let code = if constraint { Code::ConstraintNotFound } else { Code::IndexNotFound };
    let (message, span, near) = match target {
        SchemaTarget::Named(name) => (
            format!("there is no {what} called `{}`", name.text),
            name.span,
            nearest(&name.text, all.iter().map(|d| &*d.name)),
        ),
        SchemaTarget::On { label, property } => {
            (format!("there is no {what} on :{}({})", label.text, property.text), label.span.to(property.span), None)
        }
    };
    let error = Error::new(Class::SemanticError, Phase::Runtime, code, message).at(span);
    match near {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("SHOW {}S lists what there is", what.to_uppercase().replace("INDEX", "INDEXE"))),
    }
}
