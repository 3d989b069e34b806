//! Patterns: nodes, relationships, quantified groups, labels.

use super::ast::{
    Direction, Expr, ExprKind, GroupPattern, LabelExpr, Length, Literal, Name, NodePattern, PathElement, PathMode,
    PathPattern, Pattern, RelPattern, Selector,
};
use super::expression;
use super::grammar::{Node, Rule};
use super::lexical;
use super::query::where_clause;
use super::tree::{Source, children, drift, holds, next, text};
use crate::error::{Code, Error, Result, Span};

/// `pattern`: paths between commas.
pub(super) fn pattern(source: Source<'_>, node: Node<'_>) -> Result<Pattern> {
    Ok(Pattern { paths: children(node).map(|n| path(source, n)).collect::<Result<_>>()? })
}

/// `path`.
pub(super) fn path(source: Source<'_>, node: Node<'_>) -> Result<PathPattern> {
    let mut said = bare_path(source.span(&node));
    for part in children(node) {
        match part.as_rule() {
            Rule::path_name => said.variable = Some(path_name(source, part)?),
            Rule::path_prefix => path_prefix(source, part, &mut said)?,
            Rule::path_steps => path_body(source, part, &mut said)?,
            Rule::shortest_path => {
                let variable = said.variable.take();
                said = PathPattern { variable, span: said.span, ..shortest_path(source, part)? };
            }
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(said)
}

/// A path with nothing in it yet.
pub(super) fn bare_path(span: Span) -> PathPattern {
    PathPattern {
        variable: None,
        selector: Selector::All,
        mode: PathMode::Trail,
        elements: Vec::new(),
        condition: None,
        span,
    }
}

/// What stands behind selector and mode: steps, or a path in parentheses, which may have a name and a `WHERE` of its
/// own.
fn path_body(source: Source<'_>, node: Node<'_>, said: &mut PathPattern) -> Result<()> {
    let mut parts = children(node.clone());
    let whole = match (parts.next(), parts.next()) {
        (Some(only), None) if only.as_rule() == Rule::group && !holds(&only, Rule::quantifier) => only,
        _ => {
            said.elements = path_steps(source, node)?;
            return Ok(());
        }
    };
    for part in children(whole) {
        match part.as_rule() {
            Rule::path_name => {
                let name = path_name(source, part)?;
                if said.variable.is_some() {
                    return Err(Error::syntax(Code::UnexpectedSyntax, "this path is named twice")
                        .at(name.span)
                        .hint("leave one of the names away"));
                }
                said.variable = Some(name);
            }
            Rule::path_steps => path_body(source, part, said)?,
            Rule::where_clause => {
                said.condition = Some(Box::new(both(said.condition.take(), where_clause(source, part)?)));
            }
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(())
}

fn path_name(source: Source<'_>, node: Node<'_>) -> Result<Name> {
    source.name(&next(&mut children(node), "a variable")?)
}

fn path_prefix(source: Source<'_>, node: Node<'_>, said: &mut PathPattern) -> Result<()> {
    let span = source.span(&node);
    let groups = holds(&node, Rule::groups_word);
    for part in children(node) {
        match part.as_rule() {
            Rule::selector => said.selector = selector(source, next(&mut children(part), "a selector")?)?,
            Rule::path_mode => {
                said.mode = match text(&part).to_ascii_uppercase().as_str() {
                    "WALK" => PathMode::Walk,
                    "ACYCLIC" => PathMode::Acyclic,
                    "SIMPLE" => PathMode::Simple,
                    _ => PathMode::Trail,
                }
            }
            Rule::path_word | Rule::groups_word => {}
            _ => return Err(drift(source, &part)),
        }
    }
    if groups {
        said.selector = match said.selector {
            Selector::Shortest(k) => Selector::ShortestGroups(k),
            Selector::Cheapest(k) => Selector::CheapestGroups(k),
            _ => {
                let message = "GROUPS belongs to SHORTEST k and CHEAPEST k";
                return Err(Error::syntax(Code::UnexpectedSyntax, message)
                    .at(span)
                    .hint("SHORTEST 2 GROUPS (a)-[*]-(b)"));
            }
        };
    }
    Ok(())
}

fn selector(source: Source<'_>, node: Node<'_>) -> Result<Selector> {
    let rule = node.as_rule();
    let count = match children(node).next() {
        Some(n) => match count(source, &n)? {
            0 => {
                return Err(Error::syntax(Code::NumberOutOfRange, "a selector chooses at least one path")
                    .at(source.span(&n))
                    .hint("write SHORTEST 1, or leave the number away"));
            }
            k => Some(k),
        },
        None => None,
    };
    Ok(match rule {
        Rule::all_shortest => Selector::AllShortest,
        Rule::any_shortest | Rule::shortest_k => Selector::Shortest(count.unwrap_or(1)),
        Rule::all_cheapest => Selector::AllCheapest,
        Rule::any_cheapest | Rule::cheapest_k => Selector::Cheapest(count.unwrap_or(1)),
        Rule::any_k => Selector::Any(count.unwrap_or(1)),
        _ => Selector::All,
    })
}

fn count(source: Source<'_>, node: &Node<'_>) -> Result<u64> {
    lexical::count(text(node)).map_err(|e| e.at(source.span(node)))
}

/// `shortestPath(…)` and its sister.
pub(super) fn shortest_path(source: Source<'_>, node: Node<'_>) -> Result<PathPattern> {
    let mut said = bare_path(source.span(&node));
    let all = holds(&node, Rule::ALLSHORTESTPATHS);
    said.selector = if all { Selector::AllShortestPaths } else { Selector::ShortestPath };
    said.elements = path_steps(source, next(&mut children(node), "a path")?)?;
    Ok(said)
}

fn path_steps(source: Source<'_>, node: Node<'_>) -> Result<Vec<PathElement>> {
    let mut steps = Vec::new();
    for part in children(node) {
        let span = source.span(&part);
        let step = match part.as_rule() {
            Rule::node => vec![PathElement::Node(self::node(source, part)?)],
            Rule::relationship => vec![PathElement::Relationship(relationship(source, part)?)],
            Rule::group => group(source, part)?,
            _ => return Err(drift(source, &part)),
        };
        if let (Some(PathElement::Node(_)), Some(PathElement::Node(_))) = (steps.last(), step.first()) {
            let message = "two nodes side by side";
            return Err(Error::syntax(Code::UnexpectedSyntax, message)
                .at(span)
                .hint("join them with a relationship, (a)-->(b), or separate them with a comma"));
        }
        steps.extend(step);
    }
    Ok(steps)
}

/// `((a)-->(b)){1,3}`; without a quantifier the parentheses only group, and what is inside stands by itself.
fn group(source: Source<'_>, node: Node<'_>) -> Result<Vec<PathElement>> {
    let span = source.span(&node);
    let mut path = bare_path(span);
    let (mut condition, mut range) = (None, None);
    for part in children(node) {
        match part.as_rule() {
            Rule::path_name => path.variable = Some(path_name(source, part)?),
            Rule::path_steps => {
                path.span = source.span(&part);
                path.elements = path_steps(source, part)?;
            }
            Rule::where_clause => condition = Some(where_clause(source, part)?),
            Rule::quantifier => range = Some(quantifier(source, part)?),
            _ => return Err(drift(source, &part)),
        }
    }
    let Some((min, max)) = range else {
        return plain_group(path, condition);
    };
    let path = Box::new(path);
    Ok(vec![PathElement::Group(GroupPattern { path, condition: condition.map(Box::new), min, max, span })])
}

fn plain_group(mut path: PathPattern, condition: Option<Expr>) -> Result<Vec<PathElement>> {
    if let Some(variable) = path.variable {
        let message = "a path inside parentheses can be named only when it is repeated";
        return Err(Error::syntax(Code::UnexpectedSyntax, message)
            .at(variable.span)
            .hint("name the whole path: p = (a)-->(b), or add a quantifier: (p = (a)-->(b)){1,3}"));
    }
    if let Some(condition) = condition {
        match path.elements.last_mut() {
            Some(PathElement::Node(node)) => node.condition = Some(Box::new(both(node.condition.take(), condition))),
            _ => {
                let message = "WHERE must follow a node here";
                return Err(Error::syntax(Code::UnexpectedSyntax, message).at(condition.span));
            }
        }
    }
    Ok(path.elements)
}

fn both(first: Option<Box<Expr>>, second: Expr) -> Expr {
    match first {
        None => second,
        Some(first) => {
            let span = first.span.to(second.span);
            Expr { kind: ExprKind::And(vec![*first, second]), span }
        }
    }
}

/// The fewest and the most repetitions.
fn quantifier(source: Source<'_>, node: Node<'_>) -> Result<(u64, Option<u64>)> {
    let span = source.span(&node);
    let range = node.into_inner().next().ok_or_else(|| Error::syntax(Code::UnexpectedSyntax, "a range is missing"))?;
    match range.as_rule() {
        Rule::plus => Ok((1, None)),
        Rule::asterisk => Ok((0, None)),
        _ => {
            let (min, max) = bounds(source, range, Rule::comma)?;
            if max.is_some_and(|max| max < min.unwrap_or(0)) {
                return Err(backwards(span));
            }
            Ok((min.unwrap_or(0), max))
        }
    }
}

fn backwards(span: Span) -> Error {
    Error::syntax(Code::InvalidRelationshipPattern, "the most is less than the fewest").at(span)
}

/// `2`, `2 sep`, `sep 3`, `2 sep 3`.
fn bounds(source: Source<'_>, node: Node<'_>, separator: Rule) -> Result<(Option<u64>, Option<u64>)> {
    let (mut min, mut max, mut open) = (None, None, false);
    for part in node.into_inner() {
        match part.as_rule() {
            Rule::count_literal if open => max = Some(count(source, &part)?),
            Rule::count_literal => min = Some(count(source, &part)?),
            rule if rule == separator => open = true,
            _ => {}
        }
    }
    Ok(if open { (min, max) } else { (min, min) })
}

/// `node`: `(variable:Labels {properties} WHERE …)`.
pub(super) fn node(source: Source<'_>, node: Node<'_>) -> Result<NodePattern> {
    let span = source.span(&node);
    let mut said = NodePattern { variable: None, labels: None, properties: None, condition: None, span };
    for part in children(node) {
        match part.as_rule() {
            Rule::variable => said.variable = Some(source.name(&part)?),
            Rule::node_labels => said.labels = Some(labels(source, part)?),
            Rule::properties => said.properties = Some(properties(source, part)?),
            Rule::where_clause => said.condition = Some(Box::new(where_clause(source, part)?)),
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(said)
}

/// `properties`: a map or a parameter.
pub(super) fn properties(source: Source<'_>, node: Node<'_>) -> Result<Expr> {
    expression::atom(source, next(&mut children(node), "properties")?)
}

/// `relationship`: `-[variable:TYPE *1..3 {properties} WHERE …]->`.
pub(super) fn relationship(source: Source<'_>, node: Node<'_>) -> Result<RelPattern> {
    let span = source.span(&node);
    let direction = match (holds(&node, Rule::left_head), holds(&node, Rule::right_head)) {
        (true, false) => Direction::Left,
        (false, true) => Direction::Right,
        _ => Direction::Either,
    };
    let mut said = RelPattern {
        variable: None,
        types: None,
        properties: None,
        condition: None,
        cost: None,
        direction,
        length: Length::One,
        span,
    };
    for part in children(node) {
        match part.as_rule() {
            Rule::relationship_detail => relationship_detail(source, part, &mut said)?,
            Rule::quantifier if said.length != Length::One => {
                let message = "this relationship is given a length twice";
                return Err(Error::syntax(Code::InvalidRelationshipPattern, message).at(source.span(&part)));
            }
            Rule::quantifier => {
                let (min, max) = quantifier(source, part)?;
                said.length = Length::Var { min: Some(min), max };
            }
            Rule::left_head | Rule::right_head | Rule::dash => {}
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(said)
}

fn relationship_detail(source: Source<'_>, node: Node<'_>, said: &mut RelPattern) -> Result<()> {
    for part in children(node) {
        match part.as_rule() {
            Rule::variable => said.variable = Some(source.name(&part)?),
            Rule::types => said.types = Some(labels(source, part)?),
            Rule::var_length => {
                let (min, max) = bounds(source, part, Rule::dots)?;
                said.length = Length::Var { min, max };
            }
            Rule::properties => said.properties = Some(properties(source, part)?),
            Rule::where_clause => said.condition = Some(Box::new(where_clause(source, part)?)),
            Rule::cost => said.cost = Some(Box::new(cost(source, part)?)),
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(())
}

/// `COST expression`.
fn cost(source: Source<'_>, node: Node<'_>) -> Result<Expr> {
    let expr = children(node).find(|part| part.as_rule() == Rule::expression);
    let expr = expr.ok_or_else(|| Error::syntax(Code::UnexpectedSyntax, "a cost is missing"))?;
    expression::expression(source, expr)
}

/// `node_labels`, `types`, `narrow_labels`: what stands behind the colon.
pub(super) fn labels(source: Source<'_>, node: Node<'_>) -> Result<LabelExpr> {
    label_expr(source, next(&mut children(node), "a label")?)
}

pub(super) fn label_expr(source: Source<'_>, node: Node<'_>) -> Result<LabelExpr> {
    match node.as_rule() {
        Rule::label_or | Rule::type_or | Rule::narrow_or => chain(source, node, LabelExpr::Or),
        Rule::label_and | Rule::type_and => chain(source, node, LabelExpr::And),
        Rule::label_not | Rule::type_not => {
            let (mut bangs, mut inner) = (0_usize, None);
            for part in children(node) {
                match part.as_rule() {
                    Rule::bang => bangs += 1,
                    _ => inner = Some(label_expr(source, part)?),
                }
            }
            let inner = inner.ok_or_else(|| Error::syntax(Code::UnexpectedSyntax, "a label is missing"))?;
            Ok((0..bangs).fold(inner, |label, _| LabelExpr::Not(Box::new(label))))
        }
        Rule::label_name => Ok(LabelExpr::Name(source.name(&node)?)),
        Rule::dynamic => dynamic(source, node),
        Rule::any_label => Ok(LabelExpr::Any),
        _ => Err(drift(source, &node)),
    }
}

/// `$(expression)`; where the names are written out, it is the same as writing them.
fn dynamic(source: Source<'_>, node: Node<'_>) -> Result<LabelExpr> {
    let any = holds(&node, Rule::ANY_KW);
    let inner = children(node).find(|n| n.as_rule() == Rule::expression);
    let inner = inner.ok_or_else(|| Error::syntax(Code::UnexpectedSyntax, "a name is missing"))?;
    let names = expression::expression(source, inner)?;
    let name = |expr: &Expr| match &expr.kind {
        ExprKind::Literal(Literal::String(text)) if !text.is_empty() => {
            Some(LabelExpr::Name(Name { text: text.clone(), span: expr.span }))
        }
        _ => None,
    };
    let written = match &names.kind {
        ExprKind::List(items) if items.len() > 1 => {
            let join = if any { LabelExpr::Or } else { LabelExpr::And };
            items.iter().map(name).collect::<Option<Vec<_>>>().map(join)
        }
        ExprKind::List(items) if items.len() == 1 => name(&items[0]),
        _ => name(&names),
    };
    Ok(written.unwrap_or(LabelExpr::Dynamic { names: Box::new(names), any }))
}

fn chain(source: Source<'_>, node: Node<'_>, join: fn(Vec<LabelExpr>) -> LabelExpr) -> Result<LabelExpr> {
    let mut parts = children(node);
    let first = label_expr(source, next(&mut parts, "a label")?)?;
    let mut all = vec![first];
    for part in parts {
        all.push(label_expr(source, part)?);
    }
    Ok(match all.len() {
        1 => all.remove(0),
        _ => join(all),
    })
}

/// `:A:B:$(names)` of SET and REMOVE: labels one by one, and expressions that name some.
pub(super) fn plain_labels(source: Source<'_>, node: Node<'_>) -> Result<(Vec<Name>, Vec<Expr>)> {
    let span = source.span(&node);
    let not_plain = || {
        Error::syntax(Code::UnexpectedSyntax, "labels can be set and removed only one by one")
            .at(span)
            .hint("write variable:A:B")
    };
    let (mut names, mut dynamic) = (Vec::new(), Vec::new());
    let mut open = vec![labels(source, node)?];
    while let Some(label) = open.pop() {
        match label {
            LabelExpr::Name(name) => names.push(name),
            LabelExpr::Dynamic { names, any: false } => dynamic.push(*names),
            LabelExpr::And(all) => open.extend(all.into_iter().rev()),
            _ => return Err(not_plain()),
        }
    }
    Ok((names, dynamic))
}
