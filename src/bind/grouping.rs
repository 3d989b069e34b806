//! Aggregates: where they may stand, and how they are taken out of the expressions around them.

use super::bound::{Aggregate, AggregateCall, Expr, Slot, SlotKind};
use super::function::Known;
use super::same::{any, same};
use super::scope::Frame;
use super::types::Type;
use super::{Aggregates, Binder, Rules, Typed, dates};
use crate::error::{Code, Error, Result, Span};
use crate::syntax::ast::{self, AccessStep, ExprKind};

/// The aggregates of one projection, while its items and sort keys are bound.
#[derive(Default)]
pub(super) struct Grouping<'a> {
    /// What the arguments of an aggregate see. (The expressions around it see the keys.)
    pub(super) incoming: Frame,
    /// Where each aggregate was written, and its slot.
    known: Vec<(&'a ast::Expr, Slot, Type)>,
    pub(super) aggregates: Vec<Aggregate>,
    /// Slots of the aggregates asked for since this was last emptied.
    pub(super) used: Vec<Slot>,
}

impl Grouping<'_> {
    /// No aggregates yet.
    pub(super) fn new(incoming: Frame) -> Self {
        Self { incoming, ..Self::default() }
    }
}

impl<'a> Binder<'a> {
    /// `count(*)`.
    pub(super) fn count_rows(&mut self, expr: &'a ast::Expr) -> Result<Typed> {
        self.aggregate(expr, Type::Int, |_| Ok(AggregateCall::CountRows))
    }

    /// An aggregating call.
    pub(super) fn aggregate_call(
        &mut self,
        expr: &'a ast::Expr,
        known: Known,
        distinct: bool,
        arguments: &'a [ast::Expr],
    ) -> Result<Typed> {
        let mut result = None;
        let span = expr.span;
        let bound = self.aggregate(expr, Type::Any, |this| {
            let (arguments, ty) = this.call_arguments(&known, arguments)?;
            let function = dates::aggregate(known.function, &ty);
            result = Some(ty);
            Ok(AggregateCall::Function { function, distinct, arguments, span })
        })?;
        let ty = result.unwrap_or(bound.ty);
        if let Some(grouping) = &mut self.rules.grouping
            && let Some(last) = grouping.known.last_mut()
            && Expr::is_slot(&bound.expr, last.1)
        {
            last.2 = ty.clone();
        }
        Ok(Typed::new(bound.expr, ty))
    }

    fn aggregate(
        &mut self,
        expr: &'a ast::Expr,
        ty: Type,
        bind: impl FnOnce(&mut Self) -> Result<AggregateCall>,
    ) -> Result<Typed> {
        let mut grouping = match (self.rules.aggregates, self.rules.grouping.take()) {
            (Aggregates::Allowed, Some(grouping)) => grouping,
            (Aggregates::Nested, _) => return Err(nested(expr.span)),
            _ => return Err(misplaced(expr.span)),
        };
        let text = self.text;
        if let Some((_, slot, ty)) = grouping.known.iter().find(|(known, ..)| same(text, known, expr)) {
            let (slot, ty) = (*slot, ty.clone());
            grouping.used.push(slot);
            self.rules.grouping = Some(grouping);
            return Ok(Typed::new(Expr::Slot(slot), ty));
        }
        // Arguments are computed before rows are grouped.
        let scope = self.scope();
        std::mem::swap(&mut scope.frame, &mut grouping.incoming);
        scope.groupings = scope.groupings.saturating_sub(1);
        let rules = Rules { aggregates: Aggregates::Nested, ..Rules::default() };
        let call = self.under(rules, bind)?;
        let scope = self.scope();
        scope.groupings += 1;
        std::mem::swap(&mut scope.frame, &mut grouping.incoming);
        let slot = self.new_slot("", SlotKind::Value);
        grouping.known.push((expr, slot, ty.clone()));
        grouping.aggregates.push(Aggregate { slot, call });
        grouping.used.push(slot);
        self.rules.grouping = Some(grouping);
        Ok(Typed::new(Expr::Slot(slot), ty))
    }

    /// Refuses aggregates in what is computed for every element of a list, before anything else is said.
    pub(super) fn no_aggregates(&self, parts: &[Option<&ast::Expr>]) -> Result<()> {
        if self.rules.aggregates != Aggregates::Allowed {
            return Ok(());
        }
        match parts.iter().flatten().find_map(|part| find_aggregate(part)) {
            Some(span) => Err(misplaced(span)),
            None => Ok(()),
        }
    }

    /// Whether an aggregate stands in `expr`.
    pub(super) fn aggregates(&self, expr: &ast::Expr) -> bool {
        any(expr, &is_aggregate)
    }
}

impl Expr {
    fn is_slot(&self, slot: Slot) -> bool {
        matches!(self, Expr::Slot(own) if *own == slot)
    }
}

/// Whether `expr` itself aggregates.
pub(super) fn is_aggregate(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ExprKind::CountStar => true,
        ExprKind::Call { name, .. } => super::function::is_aggregate(&name.text),
        _ => false,
    }
}

/// The place of an aggregate in `expr`, if there is one.
pub(super) fn find_aggregate(expr: &ast::Expr) -> Option<Span> {
    let found = std::cell::Cell::new(None);
    any(expr, &|e| {
        let hit = is_aggregate(e);
        if hit {
            found.set(Some(e.span));
        }
        hit
    });
    found.get()
}

/// A variable, or properties of one: the grouping keys that may stand beside an aggregate.
pub(super) fn is_simple_key(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ExprKind::Variable(_) => true,
        ExprKind::Access { base, steps } => {
            matches!(base.kind, ExprKind::Variable(_)) && steps.iter().all(|s| matches!(s, AccessStep::Property(_)))
        }
        _ => false,
    }
}

/// The aggregate inside `expr` stands where none may.
pub(super) fn misplaced(span: Span) -> Error {
    Error::syntax(Code::InvalidAggregation, "an aggregate cannot stand here")
        .at(span)
        .hint("aggregate in a WITH before: WITH …, count(*) AS n; then use n")
}

fn nested(span: Span) -> Error {
    Error::syntax(Code::NestedAggregation, "an aggregate cannot stand inside another")
        .at(span)
        .hint("aggregate in two steps, with a WITH between them")
}
