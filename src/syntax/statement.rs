//! Statements: queries and what is not a query (schema, SHOW, transactions).

use super::ast::{
    ConstraintKind, EntityKind, Mode, Name, SchemaCommand, SchemaTarget, Show, Statement, StatementBody,
    TransactionCommand,
};
use super::grammar::{Node, Rule};
use super::query;
use super::sugar;
use super::tree::{Source, children, drift, holds, next};
use crate::error::{Code, Error, Result};

/// `statement`.
pub(super) fn statement(source: Source<'_>, node: Node<'_>) -> Result<Statement> {
    let span = source.span(&node);
    let mode = match (holds(&node, Rule::EXPLAIN), holds(&node, Rule::PROFILE)) {
        (true, _) => Mode::Explain,
        (_, true) => Mode::Profile,
        _ => Mode::Run,
    };
    let mut graph = None;
    let mut parts = children(node).filter(|n| n.as_rule() != Rule::options);
    let mut body = next(&mut parts, "a statement")?;
    if body.as_rule() == Rule::use_graph {
        graph = Some(source.name(&next(&mut children(body), "a graph")?)?);
        body = next(&mut parts, "a query")?;
    }
    let body = match body.as_rule() {
        Rule::query => StatementBody::Query(query::query(source, body)?),
        Rule::transaction => StatementBody::Transaction(transaction(&body)),
        Rule::show => {
            let kind = show(source, body.clone())?;
            match sugar::shown(source, kind, body)? {
                Some(query) => StatementBody::Query(query),
                None => StatementBody::Show(kind),
            }
        }
        Rule::create_index => StatementBody::Schema(create_index(source, body)?),
        Rule::create_constraint => StatementBody::Schema(create_constraint(source, body)?),
        Rule::drop_index => StatementBody::Schema(drop_index(source, body)?),
        Rule::drop_constraint => StatementBody::Schema(drop_constraint(source, body)?),
        _ => return Err(drift(source, &body)),
    };
    Ok(Statement { mode, graph, body, span })
}

fn transaction(node: &Node<'_>) -> TransactionCommand {
    if holds(node, Rule::BEGIN) {
        TransactionCommand::Begin
    } else if holds(node, Rule::COMMIT) {
        TransactionCommand::Commit
    } else {
        TransactionCommand::Rollback
    }
}

fn show(source: Source<'_>, node: Node<'_>) -> Result<Show> {
    let kind = next(&mut children(node), "what to show")?;
    let kind = next(&mut children(kind), "what to show")?;
    Ok(match kind.as_rule() {
        Rule::show_indexes => Show::Indexes,
        Rule::show_constraints => Show::Constraints,
        Rule::show_functions => Show::Functions,
        Rule::show_procedures => Show::Procedures,
        Rule::show_labels => Show::Labels,
        Rule::show_types => Show::RelationshipTypes,
        Rule::show_keys => Show::PropertyKeys,
        Rule::show_sources => Show::Sources,
        Rule::show_databases => Show::Databases,
        Rule::show_user => Show::CurrentUser,
        Rule::show_transactions => Show::Transactions,
        Rule::show_settings => Show::Settings,
        _ => return Err(drift(source, &kind)),
    })
}

/// What a schema command says, whichever way it was written.
#[derive(Default)]
struct Described {
    name: Option<Name>,
    conditional: bool,
    entity: Option<EntityKind>,
    variable: Option<Name>,
    label: Option<Name>,
    property: Option<Name>,
    constraint: Option<ConstraintKind>,
}

fn described(source: Source<'_>, node: Node<'_>) -> Result<Described> {
    let mut said = Described::default();
    for part in children(node) {
        match part.as_rule() {
            Rule::index_name => said.name = Some(source.name(&next(&mut children(part), "a name")?)?),
            Rule::name => said.name = Some(source.name(&part)?),
            Rule::if_not_exists | Rule::if_exists => said.conditional = true,
            Rule::on_label => {
                let mut names = children(part);
                said.label = Some(source.name(&next(&mut names, "a label")?)?);
                said.property = Some(source.name(&next(&mut names, "a property")?)?);
            }
            Rule::entity_pattern => entity(source, part, &mut said)?,
            Rule::property_target => {
                let mut names = children(part);
                let variable = source.name(&next(&mut names, "a variable")?)?;
                same_variable(said.variable.as_ref(), &variable)?;
                said.property = Some(source.name(&next(&mut names, "a property")?)?);
            }
            Rule::constraint_kind => {
                let unique = holds(&part, Rule::unique);
                said.constraint = Some(if unique { ConstraintKind::Unique } else { ConstraintKind::NotNull });
            }
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(said)
}

fn entity(source: Source<'_>, node: Node<'_>, said: &mut Described) -> Result<()> {
    let node = next(&mut children(node), "a pattern")?;
    let relationship = node.as_rule() == Rule::rel_entity;
    said.entity = Some(if relationship { EntityKind::Relationship } else { EntityKind::Node });
    for part in children(node) {
        match part.as_rule() {
            Rule::variable => said.variable = Some(source.name(&part)?),
            Rule::label_name => said.label = Some(source.name(&part)?),
            Rule::left_head | Rule::right_head | Rule::dash => {}
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(())
}

fn same_variable(declared: Option<&Name>, used: &Name) -> Result<()> {
    match declared {
        Some(declared) if declared.text != used.text => {
            Err(Error::syntax(Code::UndefinedVariable, format!("`{}` is not defined", used.text))
                .at(used.span)
                .hint(format!("the pattern before it calls it `{}`", declared.text)))
        }
        _ => Ok(()),
    }
}

fn create_index(source: Source<'_>, node: Node<'_>) -> Result<SchemaCommand> {
    let said = described(source, node)?;
    Ok(SchemaCommand::CreateIndex {
        name: said.name,
        if_not_exists: said.conditional,
        label: said.label.ok_or_else(incomplete)?,
        property: said.property.ok_or_else(incomplete)?,
        entity: said.entity.unwrap_or(EntityKind::Node),
    })
}

fn create_constraint(source: Source<'_>, node: Node<'_>) -> Result<SchemaCommand> {
    let span = source.span(&node);
    let said = described(source, node)?;
    if said.entity == Some(EntityKind::Relationship) {
        return Err(Error::syntax(Code::Unsupported, "constraints on relationships are not offered").at(span));
    }
    Ok(SchemaCommand::CreateConstraint {
        name: said.name,
        if_not_exists: said.conditional,
        label: said.label.ok_or_else(incomplete)?,
        property: said.property.ok_or_else(incomplete)?,
        kind: said.constraint.ok_or_else(incomplete)?,
    })
}

fn drop_index(source: Source<'_>, node: Node<'_>) -> Result<SchemaCommand> {
    let said = described(source, node)?;
    Ok(SchemaCommand::DropIndex { if_exists: said.conditional, target: target(said)? })
}

fn drop_constraint(source: Source<'_>, node: Node<'_>) -> Result<SchemaCommand> {
    let said = described(source, node)?;
    Ok(SchemaCommand::DropConstraint { if_exists: said.conditional, target: target(said)? })
}

fn target(said: Described) -> Result<SchemaTarget> {
    match (said.name, said.label, said.property) {
        (Some(name), _, _) => Ok(SchemaTarget::Named(name)),
        (None, Some(label), Some(property)) => Ok(SchemaTarget::On { label, property }),
        _ => Err(incomplete()),
    }
}

fn incomplete() -> Error {
    Error::syntax(Code::UnexpectedSyntax, "this command does not say what it is about")
}
