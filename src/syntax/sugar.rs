//! Words that say what other words say too: each becomes the tree of those.
//!
//! ```text
//!   LET x = a, y = b                     WITH *, a AS x, b AS y
//!   FILTER [WHERE] c                     WITH * WHERE c
//!   ORDER BY a SKIP 1 LIMIT 2            WITH * ORDER BY a SKIP 1 LIMIT 2
//!   FOR x IN list                        UNWIND list AS x
//!   INSERT pattern                       CREATE pattern
//!   … RETURN a AS x NEXT …               … WITH a AS x …
//!   … CREATE pattern NEXT …              CALL (*) { … CREATE pattern } …
//!   WHEN c THEN q ELSE r                 WITH * WHERE c CALL (*) { q } RETURN …
//!                                        UNION ALL WITH * WHERE NOT coalesce(c, false) CALL (*) { r } RETURN …
//!   SHOW INDEXES YIELD name WHERE …      CALL show.indexes() YIELD name WHERE … RETURN *
//!   SHOW NODE KEY CONSTRAINTS YIELD name CALL show.constraints() YIELD * WHERE type IN ['NODE_KEY'] WITH name …
//! ```

use super::ast::{
    BinaryOp, CallProcedure, CallSubquery, Clause, ClauseKind, Expr, ExprKind, Imports, Literal, Name, Projection,
    ProjectionItem, Query, Show, SingleQuery, Union, Yield, YieldItem,
};
use super::expression::expression;
use super::grammar::{Node, Rule};
use super::query;
use super::tree::{Source, children, drift, holds, next};
use crate::error::{Code, Error, Result, Span};

/// `WITH *` and nothing else yet.
fn everything() -> Projection {
    Projection {
        distinct: false,
        star: true,
        items: Vec::new(),
        order_by: Vec::new(),
        skip: None,
        limit: None,
        condition: None,
    }
}

/// `filter_clause`, `let_clause`, `standing`, `for_clause`.
pub(super) fn clause(source: Source<'_>, node: Node<'_>) -> Result<ClauseKind> {
    match node.as_rule() {
        Rule::filter_clause => {
            let condition = expression(source, next(&mut children(node), "a condition")?)?;
            Ok(ClauseKind::With(Projection { condition: Some(condition), ..everything() }))
        }
        Rule::let_clause => {
            let items = children(node).map(|item| let_item(source, item)).collect::<Result<_>>()?;
            Ok(ClauseKind::With(Projection { items, ..everything() }))
        }
        Rule::for_clause => {
            let mut parts = children(node);
            let variable = source.name(&next(&mut parts, "a variable")?)?;
            let list = expression(source, next(&mut parts, "a list")?)?;
            Ok(ClauseKind::Unwind { list, variable })
        }
        _ => Ok(ClauseKind::With(query::projection_tail(source, node, everything())?)),
    }
}

fn let_item(source: Source<'_>, node: Node<'_>) -> Result<ProjectionItem> {
    let mut parts = children(node);
    let alias = Some(source.name(&next(&mut parts, "a variable")?)?);
    Ok(ProjectionItem { expr: expression(source, next(&mut parts, "a value")?)?, alias })
}

/// Parts joined by UNION, as they came.
pub(super) struct Parts {
    pub(super) first: SingleQuery,
    pub(super) unions: Vec<Union>,
}

/// `first NEXT second`: what the first returns is what the second starts from.
pub(super) fn followed(mut first: Parts, second: Parts, span: Span) -> Result<Parts> {
    if let Some(union) = second.unions.first() {
        return Err(Error::syntax(Code::Unsupported, "UNION and WHEN cannot stand behind NEXT")
            .at(union.span)
            .hint("put them in braces: NEXT CALL (*) { … UNION … } RETURN …"));
    }
    let mut rest = second.first.clauses;
    let mut clauses = if first.unions.is_empty() {
        let mut clauses = std::mem::take(&mut first.first.clauses);
        match clauses.pop() {
            Some(Clause { kind: ClauseKind::Return(said), span }) => {
                clauses.push(Clause { kind: ClauseKind::With(said), span });
            }
            // what returns nothing hands on nothing but that it has run
            Some(last) => {
                clauses.push(last);
                let first = SingleQuery { clauses, span: first.first.span };
                clauses = vec![run_before(first, Vec::new(), span)];
            }
            None => {}
        }
        clauses
    } else {
        vec![run_before(first.first, first.unions, span)]
    };
    clauses.append(&mut rest);
    Ok(Parts { first: SingleQuery { clauses, span }, unions: Vec::new() })
}

/// What stands before NEXT, run as a whole.
fn run_before(first: SingleQuery, unions: Vec<Union>, span: Span) -> Clause {
    let query = Query { cite: false, first, unions, span };
    Clause { kind: ClauseKind::CallSubquery(called(query)), span }
}

fn called(query: Query) -> CallSubquery {
    CallSubquery { optional: false, imports: Imports::All, query: Box::new(query), batches: None }
}

/// `WHEN c THEN q … ELSE r`: the first whose condition is true runs, once.
pub(super) fn conditional(source: Source<'_>, node: Node<'_>) -> Result<Parts> {
    let span = source.span(&node);
    let mut before: Vec<Expr> = Vec::new();
    let mut parts: Vec<SingleQuery> = Vec::new();
    for part in children(node) {
        let place = source.span(&part);
        let otherwise = part.as_rule() == Rule::else_query;
        let mut inside = children(part);
        let own = if otherwise { None } else { Some(expression(source, next(&mut inside, "a condition")?)?) };
        let body = branch(source, next(&mut inside, "a query")?)?;
        let mut all: Vec<Expr> = before.iter().cloned().map(no).collect();
        all.extend(own.clone());
        before.extend(own);
        let condition = match all.len() {
            1 => all.pop(),
            0 => None,
            _ => Some(Expr { kind: ExprKind::And(all), span: place }),
        };
        parts.push(only_if(condition, body, place));
    }
    let mut parts = parts.into_iter();
    let first = parts.next().ok_or_else(|| Error::syntax(Code::UnexpectedSyntax, "a query is missing").at(span))?;
    let unions = parts.map(|part| Union { all: true, span: part.span, part }).collect();
    Ok(Parts { first, unions })
}

/// Not true: false, or nothing at all.
fn no(condition: Expr) -> Expr {
    let span = condition.span;
    let expr = |kind| Expr { kind, span };
    let name = Name { text: "coalesce".to_owned(), span };
    let arguments = vec![condition, expr(ExprKind::Literal(Literal::Bool(false)))];
    let known = expr(ExprKind::Call { name, distinct: false, arguments });
    expr(ExprKind::Not(Box::new(known)))
}

fn branch(source: Source<'_>, node: Node<'_>) -> Result<Query> {
    let span = source.span(&node);
    let inner = next(&mut children(node), "a query")?;
    if inner.as_rule() == Rule::query {
        return query::query(source, inner);
    }
    let clauses = children(inner).map(|n| query::clause(source, n)).collect::<Result<_>>()?;
    Ok(Query { cite: false, first: SingleQuery { clauses, span }, unions: Vec::new(), span })
}

fn only_if(condition: Option<Expr>, body: Query, span: Span) -> SingleQuery {
    let clause = |kind| Clause { kind, span };
    let returned = match body.first.clauses.last() {
        Some(Clause { kind: ClauseKind::Return(said), .. }) => Some(columns(said)),
        _ => None,
    };
    let mut clauses = Vec::new();
    if condition.is_some() {
        clauses.push(clause(ClauseKind::With(Projection { condition, ..everything() })));
    }
    clauses.push(clause(ClauseKind::CallSubquery(called(body))));
    clauses.extend(returned.map(|said| clause(ClauseKind::Return(said))));
    SingleQuery { clauses, span }
}

/// The columns of a query by their names, in their order.
fn columns(said: &Projection) -> Projection {
    let item = |item: &ProjectionItem| {
        let name = match (&item.alias, &item.expr.kind) {
            (Some(alias), _) => alias.clone(),
            (None, ExprKind::Variable(text)) => Name { text: text.clone(), span: item.expr.span },
            _ => return None,
        };
        let expr = Expr { kind: ExprKind::Variable(name.text.clone()), span: name.span };
        Some(ProjectionItem { expr, alias: None })
    };
    match said.items.iter().map(item).collect::<Option<Vec<_>>>() {
        Some(items) if !said.star => Projection { star: false, items, ..everything() },
        _ => everything(),
    }
}

/// Which rows a SHOW lists: those whose column has one of the values.
pub(super) struct Only {
    pub(super) column: &'static str,
    pub(super) values: Vec<String>,
}

impl Only {
    fn condition(self, span: Span) -> Expr {
        let expr = |kind| Expr { kind, span };
        let values = self.values.into_iter().map(|value| expr(ExprKind::Literal(Literal::String(value)))).collect();
        let (left, right) = (expr(ExprKind::Variable(self.column.to_owned())), expr(ExprKind::List(values)));
        expr(ExprKind::Binary { op: BinaryOp::In, left: Box::new(left), right: Box::new(right) })
    }
}

/// What `YIELD` names, out of everything.
fn picked(yields: Option<Yield>, condition: Option<Expr>) -> Projection {
    let item = |item: YieldItem| {
        let expr = Expr { kind: ExprKind::Variable(item.column.text), span: item.column.span };
        ProjectionItem { expr, alias: item.alias }
    };
    match yields {
        Some(Yield::Items(items)) => {
            let items = items.into_iter().map(item).collect();
            Projection { star: false, items, condition, ..everything() }
        }
        _ => Projection { condition, ..everything() },
    }
}

/// `SHOW … YIELD … WHERE … RETURN …`: a query over the rows of the SHOW; nothing for one that stands alone.
pub(super) fn shown(source: Source<'_>, (show, only): (Show, Option<Only>), node: Node<'_>) -> Result<Option<Query>> {
    let span = source.span(&node);
    let (mut yields, mut condition, mut tail, mut returned) = (None, None, Vec::new(), None);
    for part in children(node) {
        let place = source.span(&part);
        match part.as_rule() {
            Rule::show_kind => {}
            Rule::yield_star => yields = Some(Yield::Star),
            Rule::yield_items => yields = query::yield_items(source, part)?.map(Yield::Items),
            Rule::standing => tail.push(Clause { kind: clause(source, part)?, span: place }),
            Rule::where_clause => condition = Some(query::where_clause(source, part)?),
            Rule::return_clause => returned = Some(query::clause(source, part)?),
            _ => return Err(drift(source, &part)),
        }
    }
    if yields.is_none() && condition.is_none() && returned.is_none() && only.is_none() {
        return Ok(None);
    }
    if returned.is_some() && yields.is_none() {
        return Err(Error::syntax(Code::UnexpectedSyntax, "RETURN behind SHOW needs a YIELD before it")
            .at(returned.map_or(span, |clause| clause.span))
            .hint("name the columns first: SHOW INDEXES YIELD name RETURN name"));
    }
    let name = Show::PROCEDURES.iter().find(|(kind, _)| *kind == show).map_or("", |(_, name)| *name);
    let name = Name { text: name.to_owned(), span };
    // rows are ordered and cut before they are filtered
    let behind = if tail.is_empty() { None } else { condition.take() };
    let alone = yields.is_none() && condition.is_none();
    let (yields, condition, picked) = match only {
        None => (yields.unwrap_or(Yield::Star), condition, None),
        Some(only) => (Yield::Star, Some(only.condition(span)), (!alone).then(|| picked(yields, condition))),
    };
    let call = CallProcedure { optional: false, name, arguments: Some(Vec::new()), yields, condition };
    let mut clauses = vec![Clause { kind: ClauseKind::CallProcedure(call), span }];
    clauses.extend(picked.map(|said| Clause { kind: ClauseKind::With(said), span }));
    clauses.append(&mut tail);
    if behind.is_some() {
        clauses.push(Clause { kind: ClauseKind::With(Projection { condition: behind, ..everything() }), span });
    }
    if clauses.len() > 1 || returned.is_some() {
        let all = Clause { kind: ClauseKind::Return(everything()), span };
        clauses.push(returned.unwrap_or(all));
    }
    Ok(Some(Query { cite: false, first: SingleQuery { clauses, span }, unions: Vec::new(), span }))
}

/// Whether a part of a query is `WHEN … THEN …`.
pub(super) fn is_conditional(node: &Node<'_>) -> bool {
    holds(node, Rule::when_query)
}
