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
            let kind = show(source, body.clone())?;
            match sugar::shown(source, kind, body)? {
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

fn show(source: Source<'_>, node: Node<'_>) -> Result<Show> {
    let kind = next(&mut children(node), "what to show")?;
    let kind = next(&mut children(kind), "what to show")?;
    Ok(match kind.as_rule() {
        Rule::show_indexes => Show::Indexes,
        Rule::show_range_indexes => Show::RangeIndexes,
        Rule::show_fulltext_indexes => Show::FulltextIndexes,
        Rule::show_other_indexes => Show::OtherIndexes,
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
