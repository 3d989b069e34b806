//! Operands that open a bracket. What began with `(` or `[` is told apart here, once it has closed:
//! `(1 + 2)` or the node of a pattern, `[1, 2]` or a comprehension.

use super::ast::{
    CaseBranch, ComparisonOp, Expr, ExprKind, LabelExpr, MapProjectionItem, Name, NodePattern, PathElement,
    PathPattern, Quantifier, SubqueryBody, SubqueryKind,
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
        plain &= matches!(part.as_rule(), Rule::expression | Rule::node_labels);
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
            // `(n IS Label)`
            Some(inner) if plain && first.labels.is_some() => {
                let labels = first.labels.take().unwrap_or(LabelExpr::Any);
                Ok(Expr { kind: ExprKind::HasLabels { operand: Box::new(inner), labels }, span })
            }
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
    node.labels = parts.labels.or(node.labels.take());
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
    let (mut operand, mut branches, mut otherwise, mut tests) = (None, Vec::new(), None, false);
    for part in children(node) {
        match part.as_rule() {
            Rule::expression => operand = Some(Box::new(expression(source, part)?)),
            Rule::when_branch => {
                let place = source.span(&part);
                let mut parts: Vec<_> = children(part).collect();
                let then = parts.pop().ok_or_else(|| unexpected("a value is missing", place))?;
                let then = expression(source, then)?;
                let mut when = Vec::with_capacity(parts.len());
                for part in parts {
                    tests |= part.as_rule() == Rule::when_test;
                    when.push(when_value(source, part, operand.as_deref())?);
                }
                if let (None, Some(second)) = (&operand, when.get(1)) {
                    return Err(unexpected("several values need something to compare them with", second.span())
                        .hint("write CASE x WHEN 1, 2 THEN …, or join conditions with OR"));
                }
                branches.push((when, then));
            }
            Rule::else_branch => otherwise = Some(Box::new(where_clause(source, part)?)),
            _ => return Err(drift(source, &part)),
        }
    }
    let branch = |(when, then): (Vec<When>, Expr)| {
        let plain = |when: When| match when {
            When::Value(value) | When::Test(value) => value,
        };
        if !tests {
            return CaseBranch { when: when.into_iter().map(plain).collect(), then };
        }
        // one test among the branches makes them all tests of what stands behind CASE
        let mut all: Vec<Expr> = when.into_iter().map(|when| as_test(when, operand.as_deref())).collect();
        let span = then.span;
        let one = if all.len() == 1 { all.pop() } else { Some(Expr { kind: ExprKind::Or(all), span }) };
        CaseBranch { when: one.into_iter().collect(), then }
    };
    let branches = branches.into_iter().map(branch).collect();
    Ok(ExprKind::Case { operand: operand.filter(|_| !tests), branches, otherwise })
}

/// What stands behind WHEN: a value to be compared with, or a whole test.
enum When {
    Value(Expr),
    Test(Expr),
}

impl When {
    fn span(&self) -> Span {
        match self {
            Self::Value(value) | Self::Test(value) => value.span,
        }
    }
}

fn as_test(when: When, operand: Option<&Expr>) -> Expr {
    match (when, operand) {
        (When::Value(value), Some(operand)) => {
            let span = value.span;
            let rest = vec![(ComparisonOp::Equal, value)];
            Expr { kind: ExprKind::Comparison { first: Box::new(operand.clone()), rest }, span }
        }
        (When::Value(value) | When::Test(value), _) => value,
    }
}

/// `when_test` (`> 3`, `IS NULL`, `STARTS WITH 'a'`) with the operand before it, or a value.
fn when_value(source: Source<'_>, node: Node<'_>, operand: Option<&Expr>) -> Result<When> {
    if node.as_rule() != Rule::when_test {
        return expression(source, node).map(When::Value);
    }
    let place = source.span(&node);
    let Some(operand) = operand else {
        return Err(unexpected("this test has nothing before it", place)
            .hint("say behind CASE what is tested: CASE x WHEN > 3 THEN …"));
    };
    let mut all = vec![Item::Operand(operand.clone())];
    all.extend(items(source, node.into_inner())?);
    climb(all, place).map(When::Test)
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
    let (mut arguments, mut side, mut from, mut cast) = (Vec::new(), None, None, None);
    for part in parts {
        match part.as_rule() {
            Rule::trim_side => side = Some(text(&part).to_ascii_lowercase()),
            Rule::from_text => from = Some(where_clause(source, part)?),
            Rule::cast_type => {
                let ty = next(&mut children(part), "a type")?;
                cast = Some((source.span(&ty), super::expression::type_name(source, ty)?));
            }
            _ => arguments.push(expression(source, part)?),
        }
    }
    if let Some((place, ty)) = cast {
        return cast_call(&name, arguments, (place, &ty), span);
    }
    if let Some(from) = from {
        if !name.text.eq_ignore_ascii_case("trim") {
            return Err(unexpected("FROM stands in trim(BOTH 'x' FROM text) only", from.span));
        }
        name.text = match side.as_deref() {
            Some("leading") => "ltrim",
            Some("trailing") => "rtrim",
            _ => "btrim",
        }
        .to_owned();
        arguments.insert(0, from);
    }
    Ok(Expr { kind: ExprKind::Call { name, distinct, arguments }, span })
}

/// `cast(x AS TYPE)`: the conversion to that type.
fn cast_call(name: &Name, arguments: Vec<Expr>, (place, ty): (Span, &str), span: Span) -> Result<Expr> {
    if !name.text.eq_ignore_ascii_case("cast") {
        return Err(
            unexpected("AS stands in cast(x AS TYPE) only", place).hint("only a whole column can be named with AS")
        );
    }
    let function = match ty {
        "INTEGER" | "INT" | "SIGNED INTEGER" => "toInteger",
        "FLOAT" => "toFloat",
        "STRING" | "VARCHAR" => "toString",
        "BOOLEAN" | "BOOL" => "toBoolean",
        "DATE" => "date",
        "DATETIME" | "ZONED DATETIME" => "datetime",
        "LOCAL DATETIME" => "localdatetime",
        "TIME" | "ZONED TIME" => "time",
        "LOCAL TIME" => "localtime",
        "DURATION" => "duration",
        _ => {
            return Err(unexpected(&format!("there is no conversion to {ty}"), place)
                .hint("INTEGER, FLOAT, STRING, BOOLEAN, DATE, DATETIME, LOCAL DATETIME, TIME, LOCAL TIME, DURATION"));
        }
    };
    let name = Name { text: function.to_owned(), span: name.span };
    Ok(Expr { kind: ExprKind::Call { name, distinct: false, arguments }, span })
}
