//! Queries: clauses one after the other, joined by `UNION`.

use super::ast::{
    AsOf, Batches, CallProcedure, CallSubquery, Clause, ClauseKind, Detach, Expr, ExprKind, Imports, Match, Name,
    OnError, PathMode, Projection, ProjectionItem, Query, RemoveItem, SetItem, SingleQuery, SortItem, Through, Trace,
    TraceDirection, Union, Yield, YieldItem,
};
use super::called;
use super::expression::{expression, target};
use super::grammar::{Node, Rule};
use super::iterate;
use super::pattern;
use super::sugar::{self, Parts};
use super::tree::{Source, children, drift, holds, next};
use crate::error::{Code, Error, Result, Span};

/// `query`.
pub(super) fn query(source: Source<'_>, node: Node<'_>) -> Result<Query> {
    let span = source.span(&node);
    let cite = holds(&node, Rule::CITE);
    let (mut own, mut later): (Vec<Node<'_>>, Vec<Node<'_>>) = (Vec::new(), Vec::new());
    for part in children(node) {
        if part.as_rule() == Rule::next_part { later.push(part) } else { own.push(part) }
    }
    let mut said = parts(source, own)?;
    for part in later {
        let span = source.span(&part);
        let second = parts(source, children(part).collect())?;
        said = sugar::followed(said, second, span)?;
    }
    Ok(Query { cite, first: said.first, unions: said.unions, span })
}

/// Parts with UNION between them.
fn parts(source: Source<'_>, nodes: Vec<Node<'_>>) -> Result<Parts> {
    let mut nodes = nodes.into_iter();
    let first = next(&mut nodes, "a clause")?;
    let union = nodes.next();
    if sugar::is_conditional(&first) {
        return match union {
            None => sugar::conditional(source, first),
            Some(union) => Err(conditional_beside_union(source.span(&union))),
        };
    }
    let first = single_query(source, first)?;
    let mut unions = Vec::new();
    let mut union = union;
    while let Some(word) = union {
        let (all, span) = (holds(&word, Rule::ALL), source.span(&word));
        let part = next(&mut nodes, "the query behind UNION")?;
        if sugar::is_conditional(&part) {
            return Err(conditional_beside_union(span));
        }
        unions.push(Union { all, part: single_query(source, part)?, span });
        union = nodes.next();
    }
    Ok(Parts { first, unions })
}

fn conditional_beside_union(span: Span) -> Error {
    Error::syntax(Code::Unsupported, "UNION cannot stand beside WHEN … THEN …")
        .at(span)
        .hint("put the conditional query in braces: CALL { WHEN … THEN … } RETURN … UNION …")
}

fn single_query(source: Source<'_>, node: Node<'_>) -> Result<SingleQuery> {
    let span = source.span(&node);
    let mut returned = false;
    for part in children(node.clone()) {
        if returned && part.as_rule() == Rule::standing {
            return Err(Error::syntax(Code::UnexpectedSyntax, "this cannot stand behind SKIP or LIMIT")
                .at(source.span(&part))
                .hint("ORDER BY stands before SKIP, and SKIP before LIMIT"));
        }
        returned = part.as_rule() == Rule::return_clause;
    }
    let clauses = children(node).map(|n| clause(source, n)).collect::<Result<_>>()?;
    Ok(SingleQuery { clauses: iterate::written_out(source, clauses)?, span })
}

pub(super) fn clause(source: Source<'_>, node: Node<'_>) -> Result<Clause> {
    let span = source.span(&node);
    let kind = match node.as_rule() {
        Rule::match_clause => match_clause(source, node)?,
        Rule::return_clause => ClauseKind::Return(projection(source, node)?),
        Rule::with_clause => ClauseKind::With(projection(source, node)?),
        Rule::create_clause | Rule::insert_clause => {
            ClauseKind::Create(pattern::pattern(source, next(&mut children(node), "a pattern")?)?)
        }
        Rule::merge_clause => merge_clause(source, node)?,
        Rule::set_clause => ClauseKind::Set(set_items(source, next(&mut children(node), "what to set")?)?),
        Rule::remove_clause => ClauseKind::Remove(each(source, node, remove_item)?),
        Rule::nodetach => ClauseKind::Delete { detach: Detach::No, targets: each(source, node, expression)? },
        Rule::finish_clause => ClauseKind::Finish,
        Rule::filter_clause | Rule::let_clause | Rule::for_clause | Rule::standing => sugar::clause(source, node)?,
        Rule::delete_clause => {
            let detach = if holds(&node, Rule::DETACH) { Detach::Yes } else { Detach::Unsaid };
            ClauseKind::Delete { detach, targets: each(source, node, expression)? }
        }
        Rule::unwind_clause => {
            let mut parts = children(node);
            let list = expression(source, next(&mut parts, "a list")?)?;
            ClauseKind::Unwind { list, variable: source.name(&next(&mut parts, "a variable")?)? }
        }
        Rule::foreach_clause => foreach_clause(source, node)?,
        Rule::call_subquery => ClauseKind::CallSubquery(call_subquery(source, node)?),
        Rule::call_procedure => called::clause(call_procedure(source, node)?, span),
        Rule::load_csv => load_csv(source, node)?,
        Rule::trace => ClauseKind::Trace(Box::new(trace(source, node)?)),
        Rule::conflicts => conflicts(source, node)?,
        _ => return Err(drift(source, &node)),
    };
    Ok(Clause { kind, span })
}

fn each<T>(source: Source<'_>, node: Node<'_>, build: fn(Source<'_>, Node<'_>) -> Result<T>) -> Result<Vec<T>> {
    children(node).map(|n| build(source, n)).collect()
}

fn match_clause(source: Source<'_>, node: Node<'_>) -> Result<ClauseKind> {
    let optional = holds(&node, Rule::OPTIONAL);
    let mut parts = children(node).peekable();
    let mode = parts.next_if(|n| n.as_rule() == Rule::match_mode);
    let mut pattern = pattern::pattern(source, next(&mut parts, "a pattern")?)?;
    if mode.is_some_and(|n| holds(&n, Rule::repeatable)) {
        // where anything may be repeated, every path is a walk
        for path in pattern.paths.iter_mut().filter(|path| path.mode == PathMode::Trail) {
            path.mode = PathMode::Walk;
        }
    }
    let mut clause = Match { optional, pattern, as_of: None, through: Through::default(), condition: None };
    for part in parts {
        match part.as_rule() {
            // hints are for planners that need them
            Rule::using_hint => {}
            Rule::as_of => clause.as_of = Some(as_of(source, part)?),
            Rule::through => clause.through = through(source, part)?,
            Rule::where_clause => clause.condition = Some(where_clause(source, part)?),
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(ClauseKind::Match(clause))
}

/// `ACCORDING TO …`, `KNOWN BY …`, or both.
fn through(source: Source<'_>, node: Node<'_>) -> Result<Through> {
    let mut said = Through::default();
    for part in children(node) {
        match part.as_rule() {
            Rule::according_to => said.according_to = each(source, part, expression)?,
            Rule::known_by => said.known_by = Some(as_of(source, part)?),
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(said)
}

fn as_of(source: Source<'_>, node: Node<'_>) -> Result<AsOf> {
    let certain = holds(&node, Rule::CERTAIN);
    Ok(AsOf { certain, date: expression(source, next(&mut children(node), "a date")?)? })
}

/// `where_clause`: the condition.
pub(super) fn where_clause(source: Source<'_>, node: Node<'_>) -> Result<Expr> {
    expression(source, next(&mut children(node), "a condition")?)
}

fn projection(source: Source<'_>, node: Node<'_>) -> Result<Projection> {
    let said = Projection {
        distinct: holds(&node, Rule::DISTINCT),
        star: false,
        items: Vec::new(),
        order_by: Vec::new(),
        skip: None,
        limit: None,
        condition: None,
    };
    projection_tail(source, node, said)
}

/// What a projection says, added to `said`.
pub(super) fn projection_tail(source: Source<'_>, node: Node<'_>, mut said: Projection) -> Result<Projection> {
    for part in children(node) {
        match part.as_rule() {
            Rule::star => said.star = true,
            Rule::projection_item => said.items.push(projection_item(source, part)?),
            Rule::order_by => said.order_by = each(source, part, sort_item)?,
            Rule::skip_rows => said.skip = Some(where_clause(source, part)?),
            Rule::limit_rows => said.limit = Some(where_clause(source, part)?),
            Rule::where_clause => said.condition = Some(where_clause(source, part)?),
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(said)
}

fn projection_item(source: Source<'_>, node: Node<'_>) -> Result<ProjectionItem> {
    let mut parts = children(node);
    let expr = expression(source, next(&mut parts, "an expression")?)?;
    let alias = parts.next().map(|n| source.name(&n)).transpose()?;
    Ok(ProjectionItem { expr, alias })
}

fn sort_item(source: Source<'_>, node: Node<'_>) -> Result<SortItem> {
    let descending = holds(&node, Rule::descending);
    Ok(SortItem { expr: expression(source, next(&mut children(node), "an expression")?)?, descending })
}

fn merge_clause(source: Source<'_>, node: Node<'_>) -> Result<ClauseKind> {
    let mut parts = children(node);
    let path = pattern::path(source, next(&mut parts, "a pattern")?)?;
    let (mut on_create, mut on_match) = (Vec::new(), Vec::new());
    for action in parts {
        let create = holds(&action, Rule::CREATE);
        let items = set_items(source, next(&mut children(action), "what to set")?)?;
        if create { on_create.extend(items) } else { on_match.extend(items) }
    }
    Ok(ClauseKind::Merge { path, on_create, on_match })
}

fn set_items(source: Source<'_>, node: Node<'_>) -> Result<Vec<SetItem>> {
    each(source, node, set_item)
}

fn set_item(source: Source<'_>, node: Node<'_>) -> Result<SetItem> {
    let span = source.span(&node);
    let merge = holds(&node, Rule::plus_equals);
    let mut parts = children(node);
    let changed = target(source, next(&mut parts, "what to set")?)?;
    let value = next(&mut parts, "a value")?;
    if value.as_rule() == Rule::node_labels {
        let (labels, dynamic) = pattern::plain_labels(source, value)?;
        return Ok(SetItem::Labels { variable: variable_of(changed)?, labels, dynamic });
    }
    let value = expression(source, value)?;
    if merge {
        return Ok(SetItem::Merge { variable: variable_of(changed)?, value });
    }
    match changed.kind {
        ExprKind::Variable(text) => Ok(SetItem::Replace { variable: Name { text, span: changed.span }, value }),
        _ => Ok(SetItem::Property { target: property_of(changed, span)?, value }),
    }
}

fn remove_item(source: Source<'_>, node: Node<'_>) -> Result<RemoveItem> {
    let span = source.span(&node);
    let mut parts = children(node);
    let changed = target(source, next(&mut parts, "what to remove")?)?;
    match parts.next() {
        Some(labels) => {
            let (labels, dynamic) = pattern::plain_labels(source, labels)?;
            Ok(RemoveItem::Labels { variable: variable_of(changed)?, labels, dynamic })
        }
        None => Ok(RemoveItem::Property(property_of(changed, span)?)),
    }
}

fn variable_of(expr: Expr) -> Result<Name> {
    match expr.kind {
        ExprKind::Variable(text) => Ok(Name { text, span: expr.span }),
        _ => Err(Error::syntax(Code::UnexpectedSyntax, "here a variable is wanted").at(expr.span)),
    }
}

/// Only what ends in `.key` or `[key]` can be set or removed.
fn property_of(expr: Expr, span: Span) -> Result<Expr> {
    use super::ast::AccessStep::{Index, Property};
    match &expr.kind {
        ExprKind::Access { steps, .. } if matches!(steps.last(), Some(Property(_) | Index(_))) => Ok(expr),
        _ => Err(Error::syntax(Code::UnexpectedSyntax, "only properties and labels can be set or removed")
            .at(span)
            .hint("write variable.key or variable:Label")),
    }
}

fn foreach_clause(source: Source<'_>, node: Node<'_>) -> Result<ClauseKind> {
    let mut parts = children(node);
    let variable = source.name(&next(&mut parts, "a variable")?)?;
    let list = expression(source, next(&mut parts, "a list")?)?;
    let updates = parts.map(|n| clause(source, n)).collect::<Result<_>>()?;
    Ok(ClauseKind::Foreach { variable, list, updates })
}

fn call_subquery(source: Source<'_>, node: Node<'_>) -> Result<CallSubquery> {
    let optional = holds(&node, Rule::OPTIONAL);
    let mut batches = None;
    let mut imports = Imports::Leading;
    let mut body = None;
    for part in children(node) {
        match part.as_rule() {
            Rule::imports if holds(&part, Rule::star) => imports = Imports::All,
            Rule::imports => imports = Imports::Names(each(source, part, |s, n| s.name(&n))?),
            Rule::query => body = Some(Box::new(query(source, part)?)),
            Rule::in_transactions => batches = Some(in_transactions(source, part)?),
            _ => return Err(drift(source, &part)),
        }
    }
    let query = body.ok_or_else(|| Error::syntax(Code::UnexpectedSyntax, "a query is missing"))?;
    Ok(CallSubquery { optional, imports, query, batches })
}

fn in_transactions(source: Source<'_>, node: Node<'_>) -> Result<Batches> {
    let mut said = Batches { rows: None, on_error: OnError::Fail, status: None };
    let mut seen = Vec::new();
    for part in children(node) {
        if seen.contains(&part.as_rule()) {
            let message = "OF, ON ERROR and REPORT STATUS may stand once each";
            return Err(Error::syntax(Code::UnexpectedSyntax, message).at(source.span(&part)));
        }
        seen.push(part.as_rule());
        match part.as_rule() {
            Rule::rows_each => said.rows = Some(where_clause(source, part)?),
            Rule::on_error if holds(&part, Rule::CONTINUE) => said.on_error = OnError::Continue,
            Rule::on_error if holds(&part, Rule::BREAK) => said.on_error = OnError::Break,
            Rule::on_error | Rule::count_literal => {}
            Rule::report_status => said.status = Some(source.name(&next(&mut children(part), "a variable")?)?),
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(said)
}

fn call_procedure(source: Source<'_>, node: Node<'_>) -> Result<CallProcedure> {
    let optional = holds(&node, Rule::OPTIONAL);
    let mut parts = children(node);
    let name = source.name(&next(&mut parts, "a procedure")?)?;
    let mut call = CallProcedure { optional, name, arguments: None, yields: Yield::None, condition: None };
    let mut yielded = false;
    for part in parts {
        match part.as_rule() {
            Rule::arguments => call.arguments = Some(each(source, part, expression)?),
            Rule::yield_star => call.yields = Yield::Star,
            Rule::yield_items => {
                call.yields = yield_items(source, part)?.map_or(Yield::None, Yield::Items);
                yielded = true;
            }
            Rule::where_clause if !yielded && call.yields == Yield::None => {
                return Err(Error::syntax(Code::UnexpectedSyntax, "WHERE behind CALL needs a YIELD before it")
                    .at(source.span(&part))
                    .hint("name the columns first: CALL … YIELD a, b WHERE …"));
            }
            Rule::where_clause => call.condition = Some(where_clause(source, part)?),
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(call)
}

/// `YIELD a, b AS c`; nothing for the `YIELD -` of older texts.
pub(super) fn yield_items(source: Source<'_>, node: Node<'_>) -> Result<Option<Vec<YieldItem>>> {
    if holds(&node, Rule::yield_nothing) {
        return Ok(None);
    }
    each(source, node, yield_item).map(Some)
}

fn yield_item(source: Source<'_>, node: Node<'_>) -> Result<YieldItem> {
    let mut parts = children(node);
    let column = source.name(&next(&mut parts, "a column")?)?;
    let alias = parts.next().map(|n| source.name(&n)).transpose()?;
    Ok(YieldItem { column, alias })
}

fn load_csv(source: Source<'_>, node: Node<'_>) -> Result<ClauseKind> {
    let with_headers = holds(&node, Rule::with_headers);
    let mut parts = children(node).filter(|n| n.as_rule() != Rule::with_headers);
    let url = expression(source, next(&mut parts, "a file")?)?;
    let variable = source.name(&next(&mut parts, "a variable")?)?;
    let terminator = parts.next().map(|n| where_clause(source, n)).transpose()?;
    Ok(ClauseKind::LoadCsv { with_headers, url, variable, terminator })
}

fn trace(source: Source<'_>, node: Node<'_>) -> Result<Trace> {
    let direction = match (holds(&node, Rule::BACKWARD), holds(&node, Rule::FORWARD)) {
        (true, _) => Some(TraceDirection::Backward),
        (_, true) => Some(TraceDirection::Forward),
        _ => None,
    };
    let mut parts = children(node);
    let start = expression(source, next(&mut parts, "whom to trace")?)?;
    let mut said = Trace {
        start,
        to: None,
        direction,
        via: Vec::new(),
        as_of: None,
        through: Through::default(),
        yields: None,
        condition: None,
    };
    for part in parts {
        match part.as_rule() {
            Rule::trace_to => said.to = Some(expression(source, next(&mut children(part), "where it leads")?)?),
            Rule::via => said.via = each(source, part, |s, n| s.name(&n))?,
            Rule::as_of => said.as_of = Some(as_of(source, part)?),
            Rule::through => said.through = through(source, part)?,
            Rule::yield_star => {}
            Rule::yield_items => said.yields = yield_items(source, part)?,
            Rule::where_clause => said.condition = Some(where_clause(source, part)?),
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(said)
}

fn conflicts(source: Source<'_>, node: Node<'_>) -> Result<ClauseKind> {
    let (mut of, mut seen, mut yields, mut condition) = (None, Through::default(), None, None);
    for part in children(node) {
        match part.as_rule() {
            Rule::expression => of = Some(expression(source, part)?),
            Rule::through => seen = through(source, part)?,
            Rule::yield_star => {}
            Rule::yield_items => yields = yield_items(source, part)?,
            Rule::where_clause => condition = Some(where_clause(source, part)?),
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(ClauseKind::Conflicts { of, through: seen, yields, condition })
}
