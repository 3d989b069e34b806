//! Procedures of other engines that say what a clause says: each becomes the tree of that clause.
//!
//! ```text
//!   CALL apoc.create.node(labels, map) YIELD node               CREATE (node:$(labels) map)
//!   CALL apoc.create.relationship(a, type, map, b) YIELD rel    CREATE (a)-[rel:$(type) map]->(b)
//!   CALL apoc.merge.node(['A', 'B'], {…}, c, m) YIELD node          MERGE (node:A:B {…}) ON CREATE SET node += c
//!                                                               ON MATCH SET node += m
//! ```

use super::ast::{
    CallProcedure, ClauseKind, Direction, Expr, ExprKind, LabelExpr, Length, Literal, Name, NodePattern, PathElement,
    PathMode, PathPattern, Pattern, RelPattern, Selector, SetItem, Yield,
};
use crate::error::Span;

/// The clause that a call stands for; the call itself when it is none of these, or says more than a clause can.
pub(super) fn clause(call: CallProcedure, span: Span) -> ClauseKind {
    let lower = call.name.text.to_ascii_lowercase();
    let (known, column) = match &*lower {
        "apoc.create.node" | "apoc.merge.node" => (true, "node"),
        "apoc.create.relationship" => (true, "rel"),
        _ => (false, ""),
    };
    if !known || call.optional || call.condition.is_some() {
        return ClauseKind::CallProcedure(call);
    }
    let (Yield::Items(items), Some(arguments)) = (&call.yields, &call.arguments) else {
        return ClauseKind::CallProcedure(call);
    };
    let [item] = &items[..] else { return ClauseKind::CallProcedure(call) };
    if item.column.text != column {
        return ClauseKind::CallProcedure(call);
    }
    let variable = item.alias.clone().unwrap_or_else(|| item.column.clone());
    let made = match (&*lower, &arguments[..]) {
        ("apoc.create.node", [labels, properties]) => {
            let node = node(Some(variable), Some(labels), Some(properties), span);
            Some(ClauseKind::Create(Pattern { paths: vec![path(vec![PathElement::Node(node)], span)] }))
        }
        ("apoc.create.relationship", [start, ty, properties, end]) => {
            relationship(variable, [start, end], (ty, properties), span)
        }
        ("apoc.merge.node", [labels, identity, actions @ ..]) if actions.len() <= 2 => {
            merged(variable, labels, identity, actions, span)
        }
        _ => None,
    };
    made.unwrap_or(ClauseKind::CallProcedure(call))
}

fn relationship(variable: Name, ends: [&Expr; 2], (ty, properties): (&Expr, &Expr), span: Span) -> Option<ClauseKind> {
    let [start, end] = ends.map(|end| match &end.kind {
        ExprKind::Variable(text) => Some(node(Some(Name { text: text.clone(), span: end.span }), None, None, span)),
        _ => None,
    });
    let rel = RelPattern {
        variable: Some(variable),
        types: Some(named(ty)),
        properties: Some(properties.clone()),
        condition: None,
        cost: None,
        direction: Direction::Right,
        length: Length::One,
        span,
    };
    let elements = vec![PathElement::Node(start?), PathElement::Relationship(rel), PathElement::Node(end?)];
    Some(ClauseKind::Create(Pattern { paths: vec![path(elements, span)] }))
}

/// What identifies a node must be written out: MERGE looks for each property.
fn merged(variable: Name, labels: &Expr, identity: &Expr, actions: &[Expr], span: Span) -> Option<ClauseKind> {
    if !matches!(identity.kind, ExprKind::Map(_)) {
        return None;
    }
    let set = |action: Option<&Expr>| {
        let action = action.filter(|value| !matches!(&value.kind, ExprKind::Map(entries) if entries.is_empty()));
        action.map(|value| SetItem::Merge { variable: variable.clone(), value: value.clone() }).into_iter().collect()
    };
    let (on_create, on_match) = (set(actions.first()), set(actions.get(1)));
    let mut node = node(Some(variable), None, Some(identity), span);
    node.labels = written(labels)?;
    Some(ClauseKind::Merge { path: path(vec![PathElement::Node(node)], span), on_create, on_match })
}

/// The labels that a list of texts names, which MERGE needs to know; nothing when it is something else.
fn written(labels: &Expr) -> Option<Option<LabelExpr>> {
    let ExprKind::List(items) = &labels.kind else { return None };
    let name = |item: &Expr| match &item.kind {
        ExprKind::Literal(Literal::String(text)) => Some(LabelExpr::Name(Name { text: text.clone(), span: item.span })),
        _ => None,
    };
    let mut names: Vec<LabelExpr> = items.iter().map(name).collect::<Option<_>>()?;
    Some(if names.len() > 1 { Some(LabelExpr::And(names)) } else { names.pop() })
}

/// The labels or the type that an expression names.
fn named(names: &Expr) -> LabelExpr {
    LabelExpr::Dynamic { names: Box::new(names.clone()), any: false }
}

fn node(variable: Option<Name>, labels: Option<&Expr>, properties: Option<&Expr>, span: Span) -> NodePattern {
    NodePattern { variable, labels: labels.map(named), properties: properties.cloned(), condition: None, span }
}

fn path(elements: Vec<PathElement>, span: Span) -> PathPattern {
    PathPattern { variable: None, selector: Selector::All, mode: PathMode::Trail, elements, condition: None, span }
}
