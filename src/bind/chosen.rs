//! What a selector demands of the path it chooses among, and what relationships cost where the cheapest are chosen.

use super::Binder;
use super::bound::{Expr, PathMode, Selector, Slot};
use super::parts::parts;
use super::types::{Type, mismatch};
use crate::error::{Code, Error, Result};
use crate::syntax::ast::{self, Length, PathElement};

/// What is wrong with a path as it is written; `inside` the parentheses of another.
pub(super) fn check(path: &ast::PathPattern, inside: bool) -> Result<()> {
    check_selector(path)?;
    check_ends(path)?;
    if inside {
        return Ok(());
    }
    let mut costs = Vec::new();
    costs_of(path, &mut costs);
    match (path.selector.is_by_cost(), costs.first()) {
        (false, Some(cost)) => {
            let message = "COST belongs to a path that is chosen by what it costs";
            Err(Error::syntax(Code::InvalidRelationshipPattern, message)
                .at(cost.span)
                .hint("write ANY CHEAPEST before the path: ANY CHEAPEST (a)-[r:ROAD COST r.km]->+(b)"))
        }
        (true, None) => {
            let message = "nothing says what this path costs";
            Err(Error::syntax(Code::InvalidRelationshipPattern, message)
                .at(path.span)
                .hint("say it in a relationship: -[r:ROAD COST r.km]->+; or choose by length: ANY SHORTEST"))
        }
        _ => Ok(()),
    }
}

fn costs_of<'a>(path: &'a ast::PathPattern, out: &mut Vec<&'a ast::Expr>) {
    for element in &path.elements {
        match element {
            PathElement::Node(_) => {}
            PathElement::Relationship(rel) => out.extend(rel.cost.as_deref()),
            PathElement::Group(group) => costs_of(&group.path, out),
        }
    }
}

impl<'a> Binder<'a> {
    /// What one relationship of `rel` costs, over `step`, which holds it. Errors: it reads what the pattern is still to
    /// find (slots from `begins` on), or is no number.
    pub(super) fn rel_cost(
        &mut self,
        (rel, cost): (&'a ast::RelPattern, &'a ast::Expr),
        step: Slot,
        begins: usize,
    ) -> Result<Expr> {
        let bound = self.of_each(rel, step, |this| this.expr(cost))?;
        if !bound.ty.fits(&Type::Number) {
            return Err(mismatch("a number", &bound.ty, cost.span));
        }
        let mut reads = Vec::new();
        self.outer_slots(&bound.expr, &mut reads);
        if reads.iter().any(|slot| *slot != step && slot.0 as usize >= begins) {
            let message =
                "COST reads its relationship and what is known before the pattern, nothing else of the pattern";
            return Err(Error::syntax(Code::InvalidRelationshipPattern, message).at(cost.span).hint(
                "ask the ends of the relationship: startNode(r).toll, endNode(r).toll; or MATCH what it needs before",
            ));
        }
        Ok(bound.expr)
    }

    /// The slots of this scope that an expression and its subqueries read.
    pub(super) fn outer_slots(&self, expr: &Expr, out: &mut Vec<Slot>) {
        match expr {
            Expr::Slot(slot) => out.push(*slot),
            Expr::Subquery(number) => {
                for (_, import) in self.subqueries.get(*number as usize).iter().flat_map(|subquery| &subquery.imports) {
                    self.outer_slots(import, out);
                }
            }
            _ => {}
        }
        parts(expr, &mut |part| self.outer_slots(part, out));
    }
}

/// A walk may repeat what it likes: without an upper bound, and with no selector, there is no end of them.
fn check_ends(path: &ast::PathPattern) -> Result<()> {
    if path.mode != PathMode::Walk || path.selector != Selector::All {
        return Ok(());
    }
    let endless = path.elements.iter().find_map(|element| match element {
        PathElement::Relationship(rel) if matches!(rel.length, Length::Var { max: None, .. }) => Some(rel.span),
        PathElement::Group(group) if group.max.is_none() => Some(group.span),
        PathElement::Group(group) => group.path.elements.iter().find_map(|inner| match inner {
            PathElement::Relationship(rel) if matches!(rel.length, Length::Var { max: None, .. }) => Some(rel.span),
            _ => None,
        }),
        _ => None,
    });
    match endless {
        None => Ok(()),
        Some(span) => Err(Error::syntax(
            Code::InvalidRelationshipPattern,
            "a WALK may go round in circles for ever: it needs an upper bound or a selector",
        )
        .at(span)
        .hint("write a bound, {1,5}; or choose, ANY SHORTEST WALK …; or leave WALK away")),
    }
}

/// `shortestPath` takes one relationship between two nodes.
fn check_selector(path: &ast::PathPattern) -> Result<()> {
    if !matches!(path.selector, Selector::ShortestPath | Selector::AllShortestPaths) {
        return Ok(());
    }
    let [PathElement::Node(_), PathElement::Relationship(rel), PathElement::Node(_)] = path.elements.as_slice() else {
        return Err(Error::syntax(Code::InvalidRelationshipPattern, "a shortest path has exactly one relationship")
            .at(path.span)
            .hint("write shortestPath((a)-[:T*]->(b)); for longer patterns use ANY SHORTEST"));
    };
    if let Length::Var { min: Some(min), .. } = rel.length
        && min > 1
    {
        return Err(Error::syntax(
            Code::InvalidRelationshipPattern,
            "a shortest path cannot have a minimal length above 1",
        )
        .at(rel.span)
        .hint("start at 0 or 1: [*], [*0..], [*1..5]; and filter with WHERE length(p) >= …"));
    }
    Ok(())
}
