//! Accesses behind a value: `.key`, `[index]`, `[from..to]`, one after the other.

use super::bound::{Expr, MentionKind};
use super::same::{same, same_step};
use super::types::{Type, no_properties};
use super::{Binder, Typed};
use crate::error::{Result, Span};
use crate::syntax::ast::{self, AccessStep, ExprKind};

impl<'a> Binder<'a> {
    /// `base` followed by `steps`.
    pub(super) fn access(&mut self, base: &'a ast::Expr, steps: &'a [AccessStep], span: Span) -> Result<Typed> {
        let (known, taken) = self.computed_access(base, steps).unzip();
        let taken = taken.unwrap_or(0);
        self.deeper(steps.len() - taken, span, |this| {
            let mut at = match known {
                Some(known) => known,
                None => this.expr(base)?,
            };
            for step in &steps[taken..] {
                at = this.step(at, step, span)?;
            }
            Ok(at)
        })
    }

    /// The longest beginning of the chain that a projection has already computed, and its length.
    fn computed_access(&self, base: &'a ast::Expr, steps: &'a [AccessStep]) -> Option<(Typed, usize)> {
        let text = self.text;
        // Inside a comprehension the same words may mean another thing.
        if self.rules.computed.is_empty() || self.scopes.last().is_some_and(|scope| !scope.locals.is_empty()) {
            return None;
        }
        let begins = |known: &ast::Expr| match &known.kind {
            ExprKind::Access { base: other, steps: taken } if taken.len() <= steps.len() => {
                let same_steps = taken.iter().zip(steps).all(|(a, b)| same_step(text, a, b));
                (same_steps && same(text, other, base)).then_some(taken.len())
            }
            _ => None,
        };
        let found = self.rules.computed.iter().filter_map(|known| Some((begins(known.ast)?, known)));
        let (length, known) = found.max_by_key(|(length, _)| *length)?;
        Some((Typed::new(Expr::Slot(known.slot), known.ty.clone()), length))
    }

    fn step(&mut self, base: Typed, step: &'a AccessStep, span: Span) -> Result<Typed> {
        match step {
            AccessStep::Property(key) => self.property(base, key),
            AccessStep::Index(index) => {
                let ty = base.ty.element();
                let index = Box::new(self.expr(index)?.expr);
                Ok(Typed::new(Expr::Index { base: Box::new(base.expr), index, span }, ty))
            }
            AccessStep::Slice { from, to } => {
                let ty = if matches!(base.ty, Type::List(_)) { base.ty.clone() } else { Type::Any };
                let from = from.as_ref().map(|e| self.expr(e)).transpose()?.map(|e| Box::new(e.expr));
                let to = to.as_ref().map(|e| self.expr(e)).transpose()?.map(|e| Box::new(e.expr));
                Ok(Typed::new(Expr::Slice { base: Box::new(base.expr), from, to, span }, ty))
            }
        }
    }

    fn property(&mut self, base: Typed, key: &'a ast::Name) -> Result<Typed> {
        match base.ty {
            Type::Node | Type::Rel => self.mention(MentionKind::Key, key),
            Type::Any | Type::Null | Type::Map | Type::Temporal | Type::Dated => {}
            _ => return Err(no_properties(&base.ty, &key.text, key.span)),
        }
        let dated = matches!(base.ty, Type::Node | Type::Rel | Type::Any) && self.catalog.is_date(&key.text);
        let property = Expr::Property { base: Box::new(base.expr), key: key.text.as_str().into(), span: key.span };
        Ok(Typed::new(property, if dated { Type::Dated } else { Type::Any }))
    }
}
