//! Lists and maps: literals, comprehensions, quantifiers, `reduce`, map projections. Their variables are
//! locals: they live in one expression and may hide a variable of the row.

use std::sync::Arc;

use super::bound::{Expr, MentionKind, Quantifier};
use super::scope::Local;
use super::types::{Type, mismatch};
use super::{Aggregates, Binder, Typed};
use crate::error::{Result, Span};
use crate::syntax::ast::{self, MapProjectionItem};

impl<'a> Binder<'a> {
    pub(super) fn list_literal(&mut self, items: &'a [ast::Expr]) -> Result<Typed> {
        let mut element: Option<Type> = None;
        let mut bound = Vec::with_capacity(items.len());
        for item in items {
            let item = self.expr(item)?;
            element = Some(match element {
                Some(element) => element.join(item.ty),
                None => item.ty,
            });
            bound.push(item.expr);
        }
        Ok(Typed::new(Expr::List(bound), Type::list(element.unwrap_or(Type::Any))))
    }

    pub(super) fn map_literal(&mut self, entries: &'a [(ast::Name, ast::Expr)]) -> Result<Typed> {
        let mut bound: Vec<(Arc<str>, Expr)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            bound.push((key.text.as_str().into(), self.expr(value)?.expr));
        }
        Ok(Typed::new(Expr::Map(bound), Type::Map))
    }

    /// Binds with `name` as a local. Aggregates cannot stand where it is visible.
    fn with_local<T>(&mut self, name: &str, ty: Type, bind: impl FnOnce(&mut Self, u32) -> Result<T>) -> Result<T> {
        let before = std::mem::replace(&mut self.rules.aggregates, Aggregates::Forbidden);
        let locals = &mut self.scope().locals;
        let number = u32::try_from(locals.len()).expect("nesting is bounded");
        locals.push(Local { name: name.into(), ty });
        let result = bind(self, number);
        self.scope().locals.pop();
        self.rules.aggregates = before;
        result
    }

    pub(super) fn list_comprehension(
        &mut self,
        variable: &'a ast::Name,
        list: &'a ast::Expr,
        condition: Option<&'a ast::Expr>,
        map: Option<&'a ast::Expr>,
        span: Span,
    ) -> Result<Typed> {
        self.no_aggregates(&[condition, map])?;
        let list = self.list(list)?;
        let element = list.ty.element();
        self.with_local(&variable.text, element.clone(), |this, local| {
            let condition = condition.map(|c| this.condition(c)).transpose()?.map(|c| Box::new(c.expr));
            let map = map.map(|m| this.expr(m)).transpose()?;
            let ty = map.as_ref().map_or(element, |m| m.ty.clone());
            let map = map.map(|m| Box::new(m.expr));
            let list = Box::new(list.expr);
            Ok(Typed::new(Expr::ListComprehension { local, list, condition, map, span }, Type::list(ty)))
        })
    }

    pub(super) fn quantifier(
        &mut self,
        kind: Quantifier,
        variable: &'a ast::Name,
        list: &'a ast::Expr,
        condition: Option<&'a ast::Expr>,
        span: Span,
    ) -> Result<Typed> {
        self.no_aggregates(&[condition])?;
        let list = self.list(list)?;
        self.with_local(&variable.text, list.ty.element(), |this, local| {
            let condition = condition.map(|c| this.condition(c)).transpose()?.map(|c| Box::new(c.expr));
            let list = Box::new(list.expr);
            Ok(Typed::new(Expr::Quantifier { kind, local, list, condition, span }, Type::Bool))
        })
    }

    pub(super) fn reduce(
        &mut self,
        (accumulator, init): (&'a ast::Name, &'a ast::Expr),
        (variable, list): (&'a ast::Name, &'a ast::Expr),
        body: &'a ast::Expr,
        span: Span,
    ) -> Result<Typed> {
        self.no_aggregates(&[Some(body)])?;
        let init = Box::new(self.expr(init)?.expr);
        let list = self.list(list)?;
        // The accumulator may change its type from step to step: nothing is certain about it.
        self.with_local(&accumulator.text, Type::Any, |this, accumulator| {
            this.with_local(&variable.text, list.ty.element(), |this, local| {
                let body = Box::new(this.expr(body)?.expr);
                let list = Box::new(list.expr);
                Ok(Typed::new(Expr::Reduce { accumulator, init, local, list, body, span }, Type::Any))
            })
        })
    }

    pub(super) fn map_projection(
        &mut self,
        variable: &'a ast::Name,
        items: &'a [MapProjectionItem],
        span: Span,
    ) -> Result<Typed> {
        let base = self.resolve(&variable.text, variable.span)?;
        if ![Type::Node, Type::Rel, Type::Map].iter().any(|ty| base.ty.fits(ty)) {
            return Err(mismatch("a node, a relationship or a map", &base.ty, variable.span));
        }
        let mut all = false;
        let mut entries: Vec<(Arc<str>, Expr)> = Vec::with_capacity(items.len());
        for item in items {
            match item {
                MapProjectionItem::AllProperties => all = true,
                MapProjectionItem::Property(key) => {
                    if matches!(base.ty, Type::Node | Type::Rel) {
                        self.mention(MentionKind::Key, key);
                    }
                    let name: Arc<str> = key.text.as_str().into();
                    let value = Box::new(base.expr.clone());
                    entries.push((name.clone(), Expr::Property { base: value, key: name, span: key.span }));
                }
                MapProjectionItem::Entry { key, value } => {
                    entries.push((key.text.as_str().into(), self.expr(value)?.expr));
                }
                MapProjectionItem::Variable(name) => {
                    let found = self.resolve(&name.text, name.span)?;
                    entries.push((name.text.as_str().into(), found.expr));
                }
            }
        }
        Ok(Typed::new(Expr::MapProjection { base: Box::new(base.expr), all, entries, span }, Type::Map))
    }
}
