//! `WITH` and `RETURN`: items, grouping, and what `ORDER BY`, `SKIP`, `LIMIT` and `WHERE` see.
//!
//! | projection | `ORDER BY` and `WHERE` see |
//! |---|---|
//! | plain | the new names, then everything that came in |
//! | `DISTINCT` or grouping | the new names; and an expression that is projected, as it was written |
//!
//! What a `WHERE` needs but the projection does not pass on travels along as a hidden item; a second
//! projection behind the filter drops it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::bound::{Aggregation, Clause, Expr, Projection, Slot, SlotKind, SortKey};
use super::call::no_alias;
use super::grouping::{Grouping, find_aggregate, is_simple_key, misplaced};
use super::query::{Output, Role};
use super::same::any;
use super::scope::{Frame, Variable};
use super::types::{Type, mismatch};
use super::{Aggregates, Binder, Computed, Rules, Typed, dates};
use crate::error::{Code, Error, Result, Span};
use crate::syntax::ast::{self, ExprKind, Literal};

/// An item before it is bound.
struct Item<'a> {
    name: Arc<str>,
    what: What<'a>,
    span: Span,
    named: bool,
    aggregates: bool,
}

enum What<'a> {
    /// Out of `*`.
    Variable(Variable),
    Expr(&'a ast::Expr),
}

/// An item after it is bound.
struct Made<'a> {
    output: Output,
    expr: Expr,
    ast: Option<&'a ast::Expr>,
    aggregates: bool,
}

/// The items of a projection and how it groups.
struct Items<'a> {
    made: Vec<Made<'a>>,
    keys: Vec<(Slot, Expr)>,
    grouping: Option<Box<Grouping<'a>>>,
}

impl<'a> Binder<'a> {
    /// Binds a `WITH` (`returning` is `None`) or `RETURN`. Afterwards only the new names are visible.
    pub(super) fn project(
        &mut self,
        projection: &'a ast::Projection,
        span: Span,
        returning: Option<Role>,
        out: &mut Vec<Clause>,
    ) -> Result<Vec<Output>> {
        let items = self.items(projection, span, returning)?;
        self.pass_on(items.len(), span)?;
        check_names(&items)?;
        let groups = items.iter().any(|item| item.aggregates);
        let mut items = if groups { self.grouped_items(items)? } else { self.plain_items(items)? };
        let left_behind = self.enter_tail(&items.made, !groups && !projection.distinct);
        let order_by = self.order_by(&projection.order_by, &mut items, &left_behind)?;
        let skip = projection.skip.as_ref().map(|e| self.row_count(e, "SKIP")).transpose()?;
        let limit = projection.limit.as_ref().map(|e| self.row_count(e, "LIMIT")).transpose()?;
        self.scope().hidden_used.clear();
        let conditions = self.having(projection.condition.as_ref(), &items.made, &left_behind)?;
        let hidden = self.hidden(&items, projection)?;
        if returning.is_none()
            && let Some(item) = items.made.iter().find(|item| !item.output.named)
        {
            return Err(no_alias(&item.output.name, item.output.span));
        }
        let bound = Projection { order_by, skip, limit, conditions, distinct: projection.distinct, ..items.start() };
        let outputs: Vec<Output> = items.made.into_iter().map(|item| item.output).collect();
        push_projection(bound, &hidden, &outputs, out);
        let mut frame = Frame::default();
        for output in &outputs {
            frame.insert(output.name.clone(), variable(output));
        }
        let scope = self.scope();
        let tail = std::mem::replace(&mut scope.frame, frame);
        scope.dropped.extend(left_behind);
        scope.dropped.extend(tail.iter().filter(|(_, v)| v.hidden).map(|(name, _)| name.clone()));
        Ok(outputs)
    }

    fn items(&self, projection: &'a ast::Projection, span: Span, returning: Option<Role>) -> Result<Vec<Item<'a>>> {
        let mut items = Vec::with_capacity(projection.items.len());
        if projection.star {
            for (name, variable) in self.star() {
                let what = What::Variable(variable);
                items.push(Item { name, what, span, named: true, aggregates: false });
            }
            let needed = matches!(returning, Some(Role::Statement | Role::Call | Role::Collect));
            if items.is_empty() && needed {
                return Err(Error::syntax(Code::NoVariablesInScope, "there is nothing for RETURN * to return")
                    .at(span)
                    .hint("give what you want back a name in the pattern: MATCH (n) RETURN *"));
            }
        }
        for item in &projection.items {
            let named = item.alias.is_some() || matches!(item.expr.kind, ExprKind::Variable(_));
            let name = match (&item.alias, &item.expr.kind) {
                (Some(alias), _) => alias.text.as_str(),
                (None, ExprKind::Variable(name)) => name.as_str(),
                _ => item.expr.span.of(self.text).trim(),
            };
            items.push(Item {
                name: name.into(),
                what: What::Expr(&item.expr),
                span: item.alias.as_ref().map_or(item.expr.span, |alias| alias.span),
                named,
                aggregates: self.aggregates(&item.expr),
            });
        }
        Ok(items)
    }

    fn plain_items(&mut self, items: Vec<Item<'a>>) -> Result<Items<'a>> {
        let made: Result<Vec<_>> = items.into_iter().map(|item| self.item(item)).collect();
        Ok(Items { made: made?, keys: Vec::new(), grouping: None })
    }

    /// An item that does not aggregate.
    fn item(&mut self, item: Item<'a>) -> Result<Made<'a>> {
        let (bound, ast) = match item.what {
            What::Variable(variable) => (Typed::new(Expr::Slot(variable.slot), variable.ty), None),
            What::Expr(expr) => (self.expr(expr)?, Some(expr)),
        };
        let slot = match bound.expr {
            Expr::Slot(slot) if self.slots[slot.0 as usize].name == item.name => slot,
            _ => self.new_slot(item.name.clone(), self.kind_of(&bound.expr)),
        };
        let (kind, ty) = (self.slots[slot.0 as usize].kind, bound.ty);
        let output = Output { name: item.name, slot, kind, ty, span: item.span, named: item.named };
        Ok(Made { output, expr: bound.expr, ast, aggregates: false })
    }

    /// Only what is passed on unchanged has a kind for certain.
    fn kind_of(&self, expr: &Expr) -> SlotKind {
        match expr {
            Expr::Slot(slot) => self.slots[slot.0 as usize].kind,
            _ => SlotKind::Value,
        }
    }

    /// The items of a grouping projection: those without aggregates are the keys.
    fn grouped_items(&mut self, items: Vec<Item<'a>>) -> Result<Items<'a>> {
        let mut made = Vec::with_capacity(items.len());
        let mut mixed = Vec::new();
        for (place, item) in items.into_iter().enumerate() {
            if item.aggregates {
                mixed.push((place, item));
            } else {
                made.push((place, self.item(item)?));
            }
        }
        let mut keys = Vec::with_capacity(made.len());
        let mut visible = Frame::default();
        let mut computed = Vec::new();
        for (_, key) in &mut made {
            let slot = key.output.slot;
            keys.push((slot, std::mem::replace(&mut key.expr, Expr::Slot(slot))));
            match key.ast {
                None => _ = visible.insert(key.output.name.clone(), variable(&key.output)),
                Some(ast) if is_simple_key(ast) => match &ast.kind {
                    ExprKind::Variable(name) => _ = visible.insert(name.as_str().into(), variable(&key.output)),
                    _ => computed.push(Computed { ast, slot, ty: key.output.ty.clone() }),
                },
                Some(_) => {}
            }
        }
        let scope = self.scope();
        scope.groupings += 1;
        let incoming = std::mem::replace(&mut scope.frame, visible);
        let ungrouped = incoming.iter().map(|(name, _)| name.clone()).collect();
        let grouping = Some(Box::new(Grouping::new(incoming)));
        let rules = Rules { aggregates: Aggregates::Allowed, grouping, computed, ungrouped, ..Rules::default() };
        let grouping = self.under(rules, |this| {
            for (place, item) in mixed {
                made.push((place, this.mixed_item(item)?));
            }
            Ok(this.rules.grouping.take())
        })?;
        made.sort_by_key(|(place, _)| *place);
        Ok(Items { made: made.into_iter().map(|(_, item)| item).collect(), keys, grouping })
    }

    /// An item with an aggregate in it. One that is nothing but an aggregate keeps the aggregate's slot.
    fn mixed_item(&mut self, item: Item<'a>) -> Result<Made<'a>> {
        let What::Expr(ast) = item.what else { return self.item(item) };
        let before = self.rules.grouping.as_ref().map_or(0, |g| g.aggregates.len());
        let bound = self.expr(ast)?;
        let fresh = self.rules.grouping.as_ref().and_then(|g| g.aggregates.get(before)).map(|a| a.slot);
        let slot = match bound.expr {
            Expr::Slot(slot) if Some(slot) == fresh => {
                self.slots[slot.0 as usize].name = item.name.clone();
                slot
            }
            _ => self.new_slot(item.name.clone(), SlotKind::Value),
        };
        let (kind, ty) = (SlotKind::Value, bound.ty);
        let output = Output { name: item.name, slot, kind, ty, span: item.span, named: item.named };
        Ok(Made { output, expr: bound.expr, ast: Some(ast), aggregates: true })
    }

    /// Sets the names that `ORDER BY` and `WHERE` see. `open`: also what came in, unless a new name hides it.
    /// Returns the names that came in and are not seen.
    fn enter_tail(&mut self, made: &[Made<'a>], open: bool) -> Vec<Arc<str>> {
        let incoming = std::mem::take(self.frame());
        let mut frame = Frame::default();
        if open {
            let projected: BTreeSet<Slot> = made.iter().map(|item| item.output.slot).collect();
            for (name, variable) in incoming.iter() {
                let hidden = !projected.contains(&variable.slot);
                frame.insert(name.clone(), Variable { hidden, ..variable.clone() });
            }
        }
        for item in made {
            frame.insert(item.output.name.clone(), variable(&item.output));
        }
        let gone = incoming.iter().map(|(name, _)| name).filter(|name| frame.get(name).is_none()).cloned().collect();
        *self.frame() = frame;
        gone
    }

    fn order_by(
        &mut self,
        sort: &'a [ast::SortItem],
        items: &mut Items<'a>,
        left_behind: &[Arc<str>],
    ) -> Result<Vec<SortKey>> {
        if let Some(grouping) = &mut items.grouping {
            grouping.used.clear();
            grouping.incoming = Frame::default();
            for item in items.made.iter().filter(|item| !item.aggregates) {
                if matches!(item.ast.map(|ast| &ast.kind), None | Some(ExprKind::Variable(_))) {
                    grouping.incoming.insert(item.output.name.clone(), variable(&item.output));
                }
            }
        }
        let mut keys = Vec::with_capacity(sort.len());
        for item in sort {
            let aggregates = self.aggregates(&item.expr);
            let rules = Rules {
                aggregates: if items.grouping.is_some() { Aggregates::Allowed } else { Aggregates::Forbidden },
                computed: computed(&items.made, |made| {
                    !aggregates || made.aggregates || made.ast.is_some_and(is_simple_key)
                }),
                ungrouped: if aggregates && items.grouping.is_some() {
                    complex_key_names(&items.made)
                } else {
                    Vec::new()
                },
                left_behind: left_behind.to_vec(),
                grouping: items.grouping.take(),
                constant: None,
            };
            let (expr, grouping) = self.under(rules, |this| {
                let bound = this.expr(&item.expr)?;
                Ok((dates::sort_key(bound, item.expr.span), this.rules.grouping.take()))
            })?;
            items.grouping = grouping;
            keys.push(SortKey { expr, descending: item.descending });
        }
        Ok(keys)
    }

    /// The number behind `SKIP` and `LIMIT`.
    fn row_count(&mut self, count: &'a ast::Expr, clause: &'static str) -> Result<Expr> {
        if let Some(aggregate) = find_aggregate(count) {
            return Err(misplaced(aggregate));
        }
        let negative = match &count.kind {
            ExprKind::Literal(Literal::Integer(n)) => *n < 0,
            ExprKind::Sign { negative: true, operand } => {
                matches!(operand.kind, ExprKind::Literal(Literal::Integer(n)) if n > 0)
            }
            _ => false,
        };
        if negative {
            return Err(Error::syntax(Code::NegativeIntegerArgument, format!("{clause} cannot be negative"))
                .at(count.span)
                .hint("write 0 or a positive integer"));
        }
        let visible = std::mem::take(self.frame());
        let rules = Rules { constant: Some(clause), ..Rules::default() };
        let outside = std::mem::replace(&mut self.scope().outside, super::scope::Outside::Nothing);
        let bound = self.under(rules, |this| this.expr(count))?;
        self.scope().outside = outside;
        *self.frame() = visible;
        if !bound.ty.fits(&Type::Int) {
            return Err(mismatch(&format!("an integer after {clause}"), &bound.ty, count.span));
        }
        Ok(bound.expr)
    }

    /// The `WHERE` of `WITH`.
    fn having(
        &mut self,
        condition: Option<&'a ast::Expr>,
        made: &[Made<'a>],
        left_behind: &[Arc<str>],
    ) -> Result<Vec<Expr>> {
        let Some(condition) = condition else { return Ok(Vec::new()) };
        if let Some(aggregate) = find_aggregate(condition) {
            return Err(misplaced(aggregate));
        }
        let left_behind = left_behind.to_vec();
        let rules = Rules { computed: computed(made, |_| true), left_behind, ..Rules::default() };
        self.under(rules, |this| this.optional_conditions(Some(condition)))
    }

    /// Slots that the tail needs and the items do not pass on.
    fn hidden(&mut self, items: &Items<'a>, projection: &ast::Projection) -> Result<Vec<Slot>> {
        let mut hidden = std::mem::take(&mut self.scope().hidden_used);
        hidden.extend(items.grouping.iter().flat_map(|g| g.used.iter().copied()));
        hidden.sort_unstable();
        hidden.dedup();
        hidden.retain(|slot| !items.made.iter().any(|item| item.output.slot == *slot));
        if projection.distinct && !hidden.is_empty() {
            let span = projection.order_by.first().map_or(Span::default(), |sort| sort.expr.span);
            return Err(misplaced(span).hint("behind DISTINCT only what is projected can be sorted by"));
        }
        Ok(hidden)
    }
}

impl Items<'_> {
    /// The projection without its tail.
    fn start(&mut self) -> Projection {
        let aggregation = self
            .grouping
            .take()
            .map(|grouping| Aggregation { keys: std::mem::take(&mut self.keys), aggregates: grouping.aggregates });
        let items = self.made.iter_mut().map(|item| {
            let expr = std::mem::replace(&mut item.expr, Expr::Slot(item.output.slot));
            (item.output.slot, expr)
        });
        Projection { aggregation, items: items.collect(), ..Projection::default() }
    }
}

fn push_projection(mut projection: Projection, hidden: &[Slot], outputs: &[Output], out: &mut Vec<Clause>) {
    let pass = |slot: &Slot| (*slot, Expr::Slot(*slot));
    projection.items.extend(hidden.iter().map(pass));
    out.push(Clause::Project(projection));
    if !hidden.is_empty() {
        let items = outputs.iter().map(|o| pass(&o.slot)).collect();
        out.push(Clause::Project(Projection { items, ..Projection::default() }));
    }
}

fn computed<'a>(made: &[Made<'a>], wanted: impl Fn(&Made<'a>) -> bool) -> Vec<Computed<'a>> {
    let chosen = made.iter().filter(|item| wanted(item));
    let known = |item: &Made<'a>| Some(Computed { ast: item.ast?, slot: item.output.slot, ty: item.output.ty.clone() });
    chosen.filter_map(known).collect()
}

/// Names that only stand in keys which are more than a variable or a property: beside an aggregate they
/// would mix rows with groups.
fn complex_key_names(made: &[Made<'_>]) -> Vec<Arc<str>> {
    let names = std::cell::RefCell::new(Vec::new());
    for key in made.iter().filter(|item| !item.aggregates) {
        if let Some(ast) = key.ast.filter(|ast| !is_simple_key(ast)) {
            any(ast, &|e| {
                if let ExprKind::Variable(name) = &e.kind {
                    names.borrow_mut().push(name.as_str().into());
                }
                false
            });
        }
    }
    names.into_inner()
}

fn variable(output: &Output) -> Variable {
    Variable { slot: output.slot, kind: output.kind, ty: output.ty.clone(), hidden: false }
}

fn check_names(items: &[Item<'_>]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for item in items {
        if !seen.insert(&item.name) {
            return Err(Error::syntax(Code::ColumnNameConflict, format!("two columns are called `{}`", item.name))
                .at(item.span)
                .hint("give one of them another name with AS"));
        }
    }
    Ok(())
}
