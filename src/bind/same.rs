//! Questions about expressions before they are bound: are two the same but for their places, what does
//! one contain. Projections need them to recognise in `ORDER BY a.x` what `RETURN a.x` has computed.
//!
//! Patterns and subqueries count as the same only when their text is the same to the letter.

use crate::syntax::ast::{AccessStep, Expr, ExprKind, LabelExpr, MapProjectionItem, PathElement, PathPattern};

/// Whether `a` and `b` say the same; places do not matter.
pub(super) fn same(text: &str, a: &Expr, b: &Expr) -> bool {
    use ExprKind as K;
    let same = |a: &Expr, b: &Expr| same(text, a, b);
    match (&a.kind, &b.kind) {
        (K::Literal(a), K::Literal(b)) => a == b,
        (K::Parameter(a), K::Parameter(b)) | (K::Variable(a), K::Variable(b)) => a == b,
        (K::CountStar, K::CountStar) => true,
        (K::List(a), K::List(b)) | (K::And(a), K::And(b)) | (K::Or(a), K::Or(b)) | (K::Xor(a), K::Xor(b)) => {
            all(a, b, same)
        }
        (K::Map(a), K::Map(b)) => all(a, b, |a, b| a.0.text == b.0.text && same(&a.1, &b.1)),
        (K::Arithmetic { first: a, rest: x }, K::Arithmetic { first: b, rest: y }) => {
            same(a, b) && all(x, y, |x, y| x.0 == y.0 && same(&x.1, &y.1))
        }
        (K::Comparison { first: a, rest: x }, K::Comparison { first: b, rest: y }) => {
            same(a, b) && all(x, y, |x, y| x.0 == y.0 && same(&x.1, &y.1))
        }
        (K::Not(a), K::Not(b)) => same(a, b),
        (K::Sign { negative: m, operand: a }, K::Sign { negative: n, operand: b }) => m == n && same(a, b),
        (K::Binary { op: o, left: a, right: c }, K::Binary { op: p, left: b, right: d }) => {
            o == p && same(a, b) && same(c, d)
        }
        (K::IsNull { operand: a, negated: m }, K::IsNull { operand: b, negated: n }) => m == n && same(a, b),
        (K::Access { base: a, steps: x }, K::Access { base: b, steps: y }) => {
            same(a, b) && all(x, y, |x, y| same_step(text, x, y))
        }
        (K::HasLabels { operand: a, labels: x }, K::HasLabels { operand: b, labels: y }) => {
            same(a, b) && same_labels(x, y)
        }
        (K::Call { name: f, distinct: d, arguments: x }, K::Call { name: g, distinct: e, arguments: y }) => {
            d == e && f.text.eq_ignore_ascii_case(&g.text) && all(x, y, same)
        }
        (K::Case { operand: a, branches: x, otherwise: c }, K::Case { operand: b, branches: y, otherwise: d }) => {
            option(a.as_deref(), b.as_deref(), same)
                && all(x, y, |x, y| all(&x.when, &y.when, same) && same(&x.then, &y.then))
                && option(c.as_deref(), d.as_deref(), same)
        }
        (
            K::ListComprehension { variable: v, list: a, condition: c, map: m },
            K::ListComprehension { variable: w, list: b, condition: d, map: n },
        ) => {
            v.text == w.text
                && same(a, b)
                && option(c.as_deref(), d.as_deref(), same)
                && option(m.as_deref(), n.as_deref(), same)
        }
        (
            K::Quantifier { kind: k, variable: v, list: a, condition: c },
            K::Quantifier { kind: l, variable: w, list: b, condition: d },
        ) => k == l && v.text == w.text && same(a, b) && option(c.as_deref(), d.as_deref(), same),
        _ => std::mem::discriminant(&a.kind) == std::mem::discriminant(&b.kind) && a.span.of(text) == b.span.of(text),
    }
}

/// Whether the accesses of `a` and `b` are the same.
pub(super) fn same_step(text: &str, a: &AccessStep, b: &AccessStep) -> bool {
    let bound = |a: &Option<Expr>, b: &Option<Expr>| option(a.as_ref(), b.as_ref(), |a, b| same(text, a, b));
    match (a, b) {
        (AccessStep::Property(a), AccessStep::Property(b)) => a.text == b.text,
        (AccessStep::Index(a), AccessStep::Index(b)) => same(text, a, b),
        (AccessStep::Slice { from: a, to: c }, AccessStep::Slice { from: b, to: d }) => bound(a, b) && bound(c, d),
        _ => false,
    }
}

fn same_labels(a: &LabelExpr, b: &LabelExpr) -> bool {
    match (a, b) {
        (LabelExpr::Name(a), LabelExpr::Name(b)) => a.text == b.text,
        (LabelExpr::Any, LabelExpr::Any) => true,
        // what an expression names is never taken for known
        (LabelExpr::Dynamic { .. }, _) | (_, LabelExpr::Dynamic { .. }) => false,
        (LabelExpr::Not(a), LabelExpr::Not(b)) => same_labels(a, b),
        (LabelExpr::And(a), LabelExpr::And(b)) | (LabelExpr::Or(a), LabelExpr::Or(b)) => all(a, b, same_labels),
        _ => false,
    }
}

fn all<T>(a: &[T], b: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

fn option<T>(a: Option<T>, b: Option<T>, same: impl Fn(T, T) -> bool) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => same(a, b),
        _ => false,
    }
}

/// Whether `wanted` holds of `expr` or of anything in it. Queries inside `EXISTS { … }` and its sisters
/// are not entered: what stands in them is their own affair.
pub(super) fn any(expr: &Expr, wanted: &dyn Fn(&Expr) -> bool) -> bool {
    let mut found = wanted(expr);
    if !found {
        children(expr, &mut |child| found = found || any(child, wanted));
    }
    found
}

/// Calls `visit` with every expression directly inside `expr`.
fn children<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    use ExprKind as K;
    match &expr.kind {
        K::Literal(_) | K::Parameter(_) | K::Variable(_) | K::CountStar | K::Subquery { .. } => {}
        K::List(items) | K::And(items) | K::Or(items) | K::Xor(items) | K::Call { arguments: items, .. } => {
            items.iter().for_each(visit);
        }
        K::Map(entries) => entries.iter().for_each(|(_, value)| visit(value)),
        K::Arithmetic { first, rest } => {
            visit(first);
            rest.iter().for_each(|(_, operand)| visit(operand));
        }
        K::Comparison { first, rest } => {
            visit(first);
            rest.iter().for_each(|(_, operand)| visit(operand));
        }
        K::Access { base, steps } => {
            visit(base);
            steps.iter().for_each(|step| step_children(step, visit));
        }
        K::Case { .. } | K::MapProjection { .. } => branch_children(expr, visit),
        K::Not(operand)
        | K::Sign { operand, .. }
        | K::IsNull { operand, .. }
        | K::IsType { operand, .. }
        | K::HasLabels { operand, .. } => visit(operand),
        K::Binary { left, right, .. } => {
            visit(left);
            visit(right);
        }
        K::ListComprehension { list, condition, map, .. } => {
            visit(list);
            condition.iter().chain(map).for_each(|e| visit(e));
        }
        K::Quantifier { list, condition, .. } => {
            visit(list);
            condition.iter().for_each(|e| visit(e));
        }
        K::Reduce { init, list, body, .. } => [init, list, body].into_iter().for_each(|e| visit(e)),
        K::PatternComprehension { path, condition, map } => {
            path_children(path, visit);
            condition.iter().for_each(|e| visit(e));
            visit(map);
        }
        K::PatternPredicate { path, .. } | K::ShortestPath(path) => path_children(path, visit),
    }
}

fn branch_children<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    match &expr.kind {
        ExprKind::Case { operand, branches, otherwise } => {
            operand.iter().for_each(|e| visit(e));
            for branch in branches {
                for value in &branch.when {
                    visit(value);
                }
                visit(&branch.then);
            }
            otherwise.iter().for_each(|e| visit(e));
        }
        ExprKind::MapProjection { items, .. } => {
            for item in items {
                if let MapProjectionItem::Entry { value, .. } = item {
                    visit(value);
                }
            }
        }
        _ => {}
    }
}

fn step_children<'a>(step: &'a AccessStep, visit: &mut dyn FnMut(&'a Expr)) {
    match step {
        AccessStep::Property(_) => {}
        AccessStep::Index(index) => visit(index),
        AccessStep::Slice { from, to } => from.iter().chain(to).for_each(visit),
    }
}

fn path_children<'a>(path: &'a PathPattern, visit: &mut dyn FnMut(&'a Expr)) {
    path.condition.iter().for_each(|e| visit(e));
    for element in &path.elements {
        match element {
            PathElement::Node(node) => {
                node.properties.iter().for_each(&mut *visit);
                node.condition.iter().for_each(|e| visit(e));
            }
            PathElement::Relationship(rel) => {
                rel.properties.iter().for_each(&mut *visit);
                rel.condition.iter().chain(&rel.cost).for_each(|e| visit(e));
            }
            PathElement::Group(group) => {
                path_children(&group.path, visit);
                group.condition.iter().for_each(|e| visit(e));
            }
        }
    }
}

/// Whether a variable called `name` stands anywhere in `expr`.
pub(super) fn mentions(expr: &Expr, name: &str) -> bool {
    any(expr, &|e| match &e.kind {
        ExprKind::Variable(variable) => variable == name,
        ExprKind::MapProjection { variable, .. } => variable.text == name,
        _ => false,
    })
}
