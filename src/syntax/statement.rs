//! Statements: queries and what is not a query (schema, SHOW, transactions).

use super::ast::{Mode, Show, Statement, StatementBody, TransactionCommand};
use super::grammar::{Node, Rule};
use super::lexical;
use super::query;
use super::schema;
use super::sugar;
use super::tree::{Source, children, drift, holds, next, text};
use crate::error::Result;

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
        Rule::terminate => StatementBody::Terminate(
            children(body)
                .map(|id| lexical::string(text(&id)).map_err(|e| e.at(source.span(&id))))
                .collect::<Result<_>>()?,
        ),
        Rule::show => {
            let (kind, only) = show(source, body.clone())?;
            match sugar::shown(source, (kind, only), body)? {
                Some(query) => StatementBody::Query(query),
                None => StatementBody::Show(kind),
            }
        }
        Rule::create_index
        | Rule::create_fulltext
        | Rule::create_lookup
        | Rule::create_constraint
        | Rule::drop_index
        | Rule::drop_constraint => StatementBody::Schema(schema::command(source, body)?),
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

/// What is shown, and which of it.
fn show(source: Source<'_>, node: Node<'_>) -> Result<(Show, Option<sugar::Only>)> {
    let kind = next(&mut children(node), "what to show")?;
    let kind = next(&mut children(kind), "what to show")?;
    let only = only(source, &kind)?;
    let show = match kind.as_rule() {
        Rule::show_indexes => Show::Indexes,
        Rule::show_range_indexes => Show::RangeIndexes,
        Rule::show_fulltext_indexes => Show::FulltextIndexes,
        Rule::show_other_indexes => Show::OtherIndexes,
        Rule::show_constraints | Rule::show_some_constraints => Show::Constraints,
        Rule::show_functions | Rule::show_own_functions => Show::Functions,
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
    };
    Ok((show, only))
}

/// `NODE KEY` before CONSTRAINTS, a name behind DATABASE: the column that says so, and its values.
fn only(source: Source<'_>, kind: &Node<'_>) -> Result<Option<sugar::Only>> {
    let written = || children(kind.clone()).filter(|part| part.as_rule() != Rule::executable);
    let column = match kind.as_rule() {
        Rule::show_some_constraints => return Ok(Some(sugar::Only { column: "type", values: constraint_types(kind) })),
        Rule::show_own_functions => return Ok(Some(sugar::Only { column: "name", values: Vec::new() })),
        Rule::show_databases => {
            let named = written().next().map(|name| source.name(&name)).transpose()?;
            return Ok(named.map(|name| sugar::Only { column: "name", values: vec![name.text.to_lowercase()] }));
        }
        Rule::show_transactions => "transactionId",
        Rule::show_settings => "name",
        _ => return Ok(None),
    };
    let values: Vec<String> = written()
        .map(|part| lexical::string(text(&part)).map_err(|e| e.at(source.span(&part))))
        .collect::<Result<_>>()?;
    Ok((!values.is_empty()).then_some(sugar::Only { column, values }))
}

/// The types of the constraints of one kind, as SHOW CONSTRAINTS names them.
fn constraint_types(kind: &Node<'_>) -> Vec<String> {
    let (of_nodes, of_rels) = if holds(kind, Rule::KEY) {
        ("NODE_KEY", "RELATIONSHIP_KEY")
    } else if holds(kind, Rule::type_kind) {
        ("NODE_PROPERTY_TYPE", "RELATIONSHIP_PROPERTY_TYPE")
    } else if holds(kind, Rule::UNIQUE) || holds(kind, Rule::UNIQUENESS) {
        ("UNIQUENESS", "RELATIONSHIP_UNIQUENESS")
    } else {
        ("NODE_PROPERTY_EXISTENCE", "RELATIONSHIP_PROPERTY_EXISTENCE")
    };
    let types: &[&str] = if holds(kind, Rule::NODE) {
        &[of_nodes]
    } else if holds(kind, Rule::REL) || holds(kind, Rule::RELATIONSHIP) {
        &[of_rels]
    } else {
        &[of_nodes, of_rels]
    };
    types.iter().map(|ty| (*ty).to_owned()).collect()
}
