//! `apoc.periodic.iterate`: the rows of one statement, batch by batch through another.
//!
//! ```text
//!   CALL apoc.periodic.iterate('MATCH (n:A) RETURN n', 'SET n.x = 1', {batchSize: 100})
//!
//!   MATCH (n:A) WITH n CALL (n) { SET n.x = 1 } IN TRANSACTIONS OF 100 ROWS ON ERROR CONTINUE REPORT STATUS AS s
//!   WITH count(*) AS total, … RETURN batches, total, committedOperations, failedOperations, failedBatches, errorMessages
//! ```

use super::ast::{
    Batches, CallProcedure, CallSubquery, Clause, ClauseKind, Expr, ExprKind, Imports, Literal, Name, OnError,
    Projection, ProjectionItem, Query, StatementBody, Yield,
};
use super::tree::Source;
use crate::error::{Code, Error, Result, Span};

const NAME: &str = "apoc.periodic.iterate";
/// So many rows go together when nothing is said, as it is there.
const ROWS: i64 = 10_000;
const COLUMNS: [&str; 9] = [
    "batches",
    "total",
    "committedOperations",
    "failedOperations",
    "failedBatches",
    "retries",
    "errorMessages",
    "operations",
    "wasTerminated",
];

/// The clauses of a query, the call at their beginning written out. Errors: it is a call that says more, or a statement in
/// it cannot be read.
pub(super) fn written_out(source: Source<'_>, mut clauses: Vec<Clause>) -> Result<Vec<Clause>> {
    let is_it = |clause: &Clause| matches!(&clause.kind, ClauseKind::CallProcedure(call) if call.name.text.eq_ignore_ascii_case(NAME));
    if !clauses.first().is_some_and(is_it) {
        return Ok(clauses);
    }
    let rest = clauses.split_off(1);
    let Some(Clause { kind: ClauseKind::CallProcedure(call), span }) = clauses.pop() else { return Ok(rest) };
    let mut out = iterated(source, &call, span)?;
    let columns = columns(call, rest.is_empty(), span)?;
    let kind = if rest.is_empty() { ClauseKind::Return(columns) } else { ClauseKind::With(columns) };
    out.push(Clause { kind, span });
    out.extend(rest);
    Ok(out)
}

/// Both statements, and what is known of how it went in the variables of [`COLUMNS`].
fn iterated(source: Source<'_>, call: &CallProcedure, span: Span) -> Result<Vec<Clause>> {
    let (rows, work, rest) = match call.arguments.as_deref() {
        Some([rows, work, rest @ ..]) if rest.len() < 2 => (rows, work, rest),
        _ => return Err(refused(span, "it takes two statements and a map")),
    };
    let size = match rest.first() {
        None => None,
        Some(Expr { kind: ExprKind::Map(entries), .. }) => {
            let asked = |name: &str| entries.iter().find(|(key, _)| key.text == name);
            if let Some((key, _)) = asked("params") {
                return Err(refused(key.span, "give parameters beside the whole statement"));
            }
            asked("batchSize").map(|(_, size)| size.clone())
        }
        Some(other) => return Err(refused(other.span, "write the options as a map: {batchSize: 1000}")),
    };
    let mut clauses = nested(source, rows)?;
    let Some(Clause { kind: ClauseKind::Return(said), span: returned }) = clauses.pop() else {
        return Err(refused(rows.span, "the first statement returns the rows to work on: MATCH (n) RETURN n"));
    };
    let names = names(&said, returned)?;
    clauses.push(Clause { kind: ClauseKind::With(said), span: returned });
    let mut work = nested(source, work)?;
    // what the second returns nobody sees
    if work.len() > 1 && matches!(work.last(), Some(Clause { kind: ClauseKind::Return(_), .. })) {
        work.pop();
    }
    let size = size.unwrap_or(Expr { kind: ExprKind::Literal(Literal::Integer(ROWS)), span });
    let status = Name { text: "apoc status".to_owned(), span };
    let batches = Some(Batches { rows: Some(size.clone()), on_error: OnError::Continue, status: Some(status) });
    let query = Query { cite: false, first: super::ast::SingleQuery { clauses: work, span }, unions: Vec::new(), span };
    let imports = Imports::Names(names);
    let subquery = CallSubquery { optional: false, imports, query: Box::new(query), batches };
    clauses.push(Clause { kind: ClauseKind::CallSubquery(subquery), span });
    clauses.extend(told(&size, span)?);
    Ok(clauses)
}

/// What the statuses of the batches say, in the variables of [`COLUMNS`].
fn told(size: &Expr, span: Span) -> Result<Vec<Clause>> {
    let text = "WITH count(*) AS total, collect(`apoc status`.committed) AS done, \
        [m IN collect(`apoc status`.errorMessage) | m] AS messages \
        WITH *, size([d IN done WHERE d]) AS committedOperations, 0 AS retries, false AS wasTerminated, \
        toInteger(ceil(total / (1.0 * `apoc size`))) AS batches, \
        size([i IN range(0, total - 1, `apoc size`) WHERE NOT done[i]]) AS failedBatches, \
        map.fromPairs([m IN coll.distinct(messages) | [m, size([x IN messages WHERE x = m])]]) AS errorMessages \
        WITH *, total - committedOperations AS failedOperations \
        WITH *, {total: total, committed: committedOperations, failed: failedOperations, errors: errorMessages} AS operations \
        FINISH";
    let statement = super::parse_statement(text).map_err(|error| error.at(span))?;
    let StatementBody::Query(query) = statement.body else { return Ok(Vec::new()) };
    let mut clauses = query.first.clauses;
    clauses.retain(|clause| matches!(clause.kind, ClauseKind::With(_)));
    clauses.iter_mut().for_each(|clause| clause.span = span);
    // behind the counts: beside them it would be a key to group by
    let alias = Some(Name { text: "apoc size".to_owned(), span });
    let items = vec![ProjectionItem { expr: size.clone(), alias }];
    let sized = Projection { star: true, ..projection(items) };
    clauses.insert(1.min(clauses.len()), Clause { kind: ClauseKind::With(sized), span });
    Ok(clauses)
}

fn projection(items: Vec<ProjectionItem>) -> Projection {
    Projection { distinct: false, star: false, items, order_by: Vec::new(), skip: None, limit: None, condition: None }
}

/// The columns that are asked for, all without YIELD.
fn columns(call: CallProcedure, alone: bool, span: Span) -> Result<Projection> {
    let named = |text: &str, alias: Option<Name>, span: Span| ProjectionItem {
        expr: Expr { kind: ExprKind::Variable(text.to_owned()), span },
        alias,
    };
    let items = match call.yields {
        Yield::Items(items) => items
            .into_iter()
            .map(|item| match COLUMNS.contains(&item.column.text.as_str()) {
                true => Ok(named(&item.column.text, item.alias, item.column.span)),
                false => {
                    let message = format!("`{NAME}` has no column `{}`", item.column.text);
                    Err(Error::syntax(Code::UndefinedVariable, message)
                        .at(item.column.span)
                        .hint(format!("its columns: {}", COLUMNS.join(", "))))
                }
            })
            .collect::<Result<_>>()?,
        Yield::None if !alone => Vec::new(),
        Yield::None | Yield::Star => COLUMNS.iter().map(|column| named(column, None, span)).collect(),
    };
    Ok(Projection { condition: call.condition, ..projection(items) })
}

/// A statement given as a text, its places those it has in the whole.
fn nested(source: Source<'_>, expr: &Expr) -> Result<Vec<Clause>> {
    let ExprKind::Literal(Literal::String(inner)) = &expr.kind else {
        return Err(refused(
            expr.span,
            "write both statements out as texts, so that they can be checked before anything runs",
        ));
    };
    let start = (expr.span.start as usize + 1).min(source.text.len());
    let text = format!("{}{inner}", " ".repeat(start));
    let statement = super::parse_statement(&text)?;
    match statement.body {
        StatementBody::Query(query) if query.unions.is_empty() && !query.cite => Ok(query.first.clauses),
        _ => Err(refused(expr.span, "each of the two is a query without UNION and CITE")),
    }
}

/// The variables that the columns of the first statement are for the second.
fn names(said: &Projection, span: Span) -> Result<Vec<Name>> {
    let name = |item: &ProjectionItem| match (&item.alias, &item.expr.kind) {
        (Some(alias), _) => Some(alias.clone()),
        (None, ExprKind::Variable(text)) => Some(Name { text: text.clone(), span: item.expr.span }),
        _ => None,
    };
    let names: Option<Vec<Name>> = said.items.iter().map(name).collect();
    match names {
        Some(names) if !said.star => Ok(names),
        _ => Err(refused(span, "name each column of the first statement: RETURN n, n.key AS key")),
    }
}

fn refused(span: Span, advice: &str) -> Error {
    Error::syntax(Code::Unsupported, format!("`{NAME}` cannot be written out as clauses"))
        .at(span)
        .hint(format!("{advice}; or write it yourself: MATCH … CALL (n) {{ … }} IN TRANSACTIONS OF 1000 ROWS"))
}
