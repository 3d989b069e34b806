//! Operands that open a bracket. What began with `(` or `[` is told apart here, once it has closed:
//! `(1 + 2)` or the node of a pattern, `[1, 2]` or a comprehension.

use super::ast::{
    CaseBranch, ComparisonOp, Expr, ExprKind, MapProjectionItem, Name, NodePattern, PathElement, PathPattern,
    Quantifier, SubqueryBody, SubqueryKind,
};
use super::expression::{Item, NodeParts, bare_variable, climb, expression, in_parentheses, items};
use super::grammar::{Node, Rule};
use super::lexical;
use super::pattern;
use super::query::{query, where_clause};
use super::tree::{Source, children, drift, holds, next, text};
use crate::error::{Code, Error, Result, Span};

fn unexpected(message: &str, span: Span) -> Error {
    Error::syntax(Code::UnexpectedSyntax, message).at(span)
}

/// `paren`: an expression in parentheses, or a pattern.
pub(super) fn paren(source: Source<'_>, node: Node<'_>) -> Result<Expr> {
    let span = source.span(&node);
    let close = node.clone().into_inner().find(|n| n.as_rule() == Rule::r_paren);
    let first_end = close.map_or(span.end, |n| source.span(&n).end);
    let first_span = Span { start: span.start, end: first_end };
    let mut first = NodePattern { variable: None, labels: None, properties: None, condition: None, span: first_span };
    let mut inner = None;
    let mut chain = Vec::new();
    let mut plain = true;
    for part in children(node) {
        plain &= part.as_rule() == Rule::expression;
        match part.as_rule() {
            Rule::expression => inner = Some(expression(source, part)?),
            Rule::node_labels => first.labels = Some(pattern::labels(source, part)?),
            Rule::properties => first.properties = Some(pattern::properties(source, part)?),
            Rule::where_clause => first.condition = Some(Box::new(where_clause(source, part)?)),
            Rule::chain => chain_link(source, part, &mut chain)?,
            _ => return Err(drift(source, &part)),
        }
    }
    if chain.is_empty() {
        return match inner {
            Some(inner) if plain => Ok(enclosed(inner, span)),
            _ => Err(unexpected("a node alone is no expression", span)
                .hint("a pattern in an expression has a relationship: (a)-->(b); existence is EXISTS { (a) }")),
        };
    }
    if let Some(inner) = inner {
        first_node(source, inner, &mut first)?;
    }
    let mut path = pattern::bare_path(span);
    path.elements = std::iter::once(PathElement::Node(first)).chain(chain).collect();
    Ok(Expr { kind: ExprKind::PatternPredicate { path: Box::new(path), enclosed: false }, span })
}

/// The expression with the parentheses around it.
fn enclosed(inner: Expr, span: Span) -> Expr {
    let kind = match inner.kind {
        ExprKind::PatternPredicate { path, .. } => ExprKind::PatternPredicate { path, enclosed: true },
        other => other,
    };
    Expr { kind, span }
}

fn chain_link(source: Source<'_>, node: Node<'_>, chain: &mut Vec<PathElement>) -> Result<()> {
    for part in children(node) {
        chain.push(match part.as_rule() {
            Rule::relationship => PathElement::Relationship(pattern::relationship(source, part)?),
            Rule::node => PathElement::Node(pattern::node(source, part)?),
            _ => return Err(drift(source, &part)),
        });
    }
    Ok(())
}

/// The first node of a pattern was read as an expression: `n`, `n:A`, `n {k: 1}`, `{k: 1}` and `$p` are both.
fn first_node(source: Source<'_>, inner: Expr, node: &mut NodePattern) -> Result<()> {
    let span = inner.span;
    let not_a_node = || {
        unexpected("a relationship leaves from a node, and this is none", span)
            .hint("a node is written (variable:Label {key: value})")
    };
    if in_parentheses(source, &inner) {
        return Err(not_a_node());
    }
    let parts = node_parts(source, inner).ok_or_else(not_a_node)?;
    if parts.properties.is_some() && node.properties.is_some() {
        return Err(unexpected("the properties are given twice", span));
    }
    node.variable = parts.variable;
    node.labels = parts.labels;
    node.properties = node.properties.take().or(parts.properties);
    Ok(())
}

fn node_parts(source: Source<'_>, inner: Expr) -> Option<NodeParts> {
    let none = NodeParts { variable: None, labels: None, properties: None };
    match inner.kind {
        ExprKind::Variable(text) => Some(NodeParts { variable: Some(Name { text, span: inner.span }), ..none }),
        ExprKind::HasLabels { operand, labels } => {
            Some(NodeParts { variable: Some(bare_variable(source, &operand)?), labels: Some(labels), ..none })
        }
        ExprKind::Map(_) | ExprKind::Parameter(_) => Some(NodeParts { properties: Some(inner), ..none }),
        ExprKind::MapProjection { variable, items } => {
            let entries: Option<Vec<_>> = items
                .into_iter()
                .map(|item| match item {
                    MapProjectionItem::Entry { key, value } => Some((key, value)),
                    _ => None,
                })
                .collect();
            let open = source.token_from(variable.span.end).map_or(variable.span.end, |t| t.span.start);
            let span = Span { start: open, end: inner.span.end };
            let properties = Some(Expr { kind: ExprKind::Map(entries?), span });
            Some(NodeParts { variable: Some(variable), properties, ..none })
        }
        _ => None,
    }
}

/// `list`: a list, a list comprehension, or a pattern comprehension.
pub(super) fn list(source: Source<'_>, node: Node<'_>) -> Result<ExprKind> {
    let span = source.span(&node);
    let mapped = holds(&node, Rule::bar);
    let several = holds(&node, Rule::comma);
    let mut parts = children(node);
    let Some(first) = parts.next() else { return Ok(ExprKind::List(Vec::new())) };
    let (mut condition, mut others) = (None, Vec::new());
    for part in parts {
        match part.as_rule() {
            Rule::where_filtered => condition = Some(Box::new(where_clause(source, part)?)),
            _ => others.push(expression(source, part)?),
        }
    }
    if several {
        if mapped || condition.is_some() {
            return Err(unexpected("a comprehension makes one list: it has no comma", span));
        }
        let first = expression(source, first)?;
        return Ok(ExprKind::List(std::iter::once(first).chain(others).collect()));
    }
    let map = others.pop().map(Box::new);
    let mut tokens = first.clone().into_inner();
    if let (Some(Rule::variable), Some(Rule::in_list)) =
        (tokens.next().map(|n| n.as_rule()), tokens.next().map(|n| n.as_rule()))
    {
        let (variable, list) = variable_in_list(source, first)?;
        return Ok(ExprKind::ListComprehension { variable, list: Box::new(list), condition, map });
    }
    let first = expression(source, first)?;
    match map {
        Some(map) => {
            let path = Box::new(comprehended_path(source, first)?);
            Ok(ExprKind::PatternComprehension { path, condition, map })
        }
        None if condition.is_some() => Err(unexpected("WHERE in a list belongs to a comprehension", span)
            .hint("write [x IN list WHERE …] or [(a)-->(b) WHERE … | b]")),
        None => Ok(ExprKind::List(vec![first])),
    }
}

/// `x IN …` was read as a test; here it introduces a variable, and all behind `IN` is the list.
fn variable_in_list(source: Source<'_>, node: Node<'_>) -> Result<(Name, Expr)> {
    let span = source.span(&node);
    let mut nodes = node.into_inner();
    let variable = source.name(&next(&mut nodes, "a variable")?)?;
    let introduced = next(&mut nodes, "IN")?;
    let span = Span { start: source.span(&introduced).end, end: span.end };
    let items: Vec<Item> = items(source, nodes)?;
    Ok((variable, climb(items, span)?))
}

/// `(a)-->(b)` or `p = (a)-->(b)`, read as an expression.
fn comprehended_path(source: Source<'_>, expr: Expr) -> Result<PathPattern> {
    let span = expr.span;
    let wrong = || {
        unexpected("before | stands what is gone through: x IN list, or a pattern", span)
            .hint("write [x IN list | …] or [(a)-->(b) | …]")
    };
    if in_parentheses(source, &expr) && !matches!(expr.kind, ExprKind::PatternPredicate { .. }) {
        return Err(wrong());
    }
    match expr.kind {
        ExprKind::PatternPredicate { path, .. } => Ok(*path),
        ExprKind::Comparison { first, mut rest } => {
            let variable = bare_variable(source, &first).ok_or_else(wrong)?;
            match (rest.pop(), rest.is_empty()) {
                (Some((ComparisonOp::Equal, Expr { kind: ExprKind::PatternPredicate { path, .. }, .. })), true) => {
                    Ok(PathPattern { variable: Some(variable), span, ..*path })
                }
                _ => Err(wrong()),
            }
        }
        _ => Err(wrong()),
    }
}

/// `map`.
pub(super) fn map(source: Source<'_>, node: Node<'_>) -> Result<ExprKind> {
    let entry = |node| {
        let mut parts = children(node);
        let key = source.name(&next(&mut parts, "a key")?)?;
        Ok((key, expression(source, next(&mut parts, "a value")?)?))
    };
    Ok(ExprKind::Map(children(node).map(entry).collect::<Result<_>>()?))
}

/// `variable {.key, .*, key: value, other}`.
pub(super) fn projection(source: Source<'_>, variable: &Node<'_>, body: Node<'_>) -> Result<Expr> {
    let span = source.span(variable).to(source.span(&body));
    let variable = source.name(variable)?;
    let items = children(body).map(|n| projected(source, n)).collect::<Result<_>>()?;
    Ok(Expr { kind: ExprKind::MapProjection { variable, items }, span })
}

fn projected(source: Source<'_>, node: Node<'_>) -> Result<MapProjectionItem> {
    let part = next(&mut children(node), "a key")?;
    match part.as_rule() {
        Rule::projected_all => Ok(MapProjectionItem::AllProperties),
        Rule::name => Ok(MapProjectionItem::Property(source.name(&part)?)),
        _ => {
            let mut parts = children(part);
            let key = source.name(&next(&mut parts, "a key")?)?;
            match parts.next() {
                Some(value) => Ok(MapProjectionItem::Entry { key, value: expression(source, value)? }),
                None => Ok(MapProjectionItem::Variable(key)),
            }
        }
    }
}

/// `case`.
pub(super) fn case(source: Source<'_>, node: Node<'_>) -> Result<ExprKind> {
    let (mut operand, mut branches, mut otherwise) = (None, Vec::new(), None);
    for part in children(node) {
        match part.as_rule() {
            Rule::expression => operand = Some(Box::new(expression(source, part)?)),
            Rule::when_branch => {
                let place = source.span(&part);
                let mut when = children(part).map(|n| expression(source, n)).collect::<Result<Vec<_>>>()?;
                let then = when.pop().ok_or_else(|| unexpected("a value is missing", place))?;
                if let (None, Some(second)) = (&operand, when.get(1)) {
                    return Err(unexpected("several values need something to compare them with", second.span)
                        .hint("write CASE x WHEN 1, 2 THEN …, or join conditions with OR"));
                }
                branches.push(CaseBranch { when, then });
            }
            Rule::else_branch => otherwise = Some(Box::new(where_clause(source, part)?)),
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(ExprKind::Case { operand, branches, otherwise })
}

/// `EXISTS { … }`, `COUNT { … }`, `COLLECT { … }`.
pub(super) fn subquery(source: Source<'_>, node: Node<'_>) -> Result<ExprKind> {
    let kind = match (holds(&node, Rule::EXISTS), holds(&node, Rule::COUNT)) {
        (true, _) => SubqueryKind::Exists,
        (_, true) => SubqueryKind::Count,
        _ => SubqueryKind::Collect,
    };
    let mut parts = children(node);
    let first = next(&mut parts, "a query")?;
    let body = if first.as_rule() == Rule::query {
        SubqueryBody::Query(query(source, first)?)
    } else {
        let pattern = pattern::pattern(source, first)?;
        let condition = parts.next().map(|n| where_clause(source, n)).transpose()?;
        SubqueryBody::Pattern { pattern, condition }
    };
    Ok(ExprKind::Subquery { kind, body: Box::new(body) })
}

/// `reduce(acc = init, x IN list | body)`.
pub(super) fn reduce(source: Source<'_>, node: Node<'_>) -> Result<ExprKind> {
    let mut parts = children(node);
    let accumulator = source.name(&next(&mut parts, "a variable")?)?;
    let init = Box::new(expression(source, next(&mut parts, "a first value")?)?);
    let variable = source.name(&next(&mut parts, "a variable")?)?;
    let list = Box::new(expression(source, next(&mut parts, "a list")?)?);
    let body = Box::new(expression(source, next(&mut parts, "an expression")?)?);
    Ok(ExprKind::Reduce { accumulator, init, variable, list, body })
}

/// `all(x IN list WHERE …)` and its sisters.
pub(super) fn list_predicate(source: Source<'_>, node: Node<'_>) -> Result<ExprKind> {
    let kind = match node.clone().into_inner().next().map(|n| n.as_rule()) {
        Some(Rule::ALL) => Quantifier::All,
        Some(Rule::ANY_KW) => Quantifier::Any,
        Some(Rule::NONE) => Quantifier::None,
        _ => Quantifier::Single,
    };
    let mut parts = children(node);
    let variable = source.name(&next(&mut parts, "a variable")?)?;
    let list = Box::new(expression(source, next(&mut parts, "a list")?)?);
    let condition = parts.next().map(|n| where_clause(source, n)).transpose()?.map(Box::new);
    Ok(ExprKind::Quantifier { kind, variable, list, condition })
}

/// `name([DISTINCT] a, b)` and `name.of.parts(…)`: what stands behind the first part of the name.
pub(super) fn call(source: Source<'_>, first: &Node<'_>, body: Node<'_>) -> Result<Expr> {
    let span = source.span(first).to(source.span(&body));
    let distinct = holds(&body, Rule::DISTINCT);
    let mut name = source.name(first)?;
    let mut parts = children(body).peekable();
    while let Some(part) = parts.next_if(|n| n.as_rule() == Rule::dotted) {
        name.text.push_str(&lexical::plain_name(text(&part)));
        name.span = name.span.to(source.span(&part));
    }
    let arguments = parts.map(|n| expression(source, n)).collect::<Result<_>>()?;
    Ok(Expr { kind: ExprKind::Call { name, distinct, arguments }, span })
}
