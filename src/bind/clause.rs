//! The clauses, one after the other: `MATCH`, `UNWIND`, `WITH`, `FOREACH`, `LOAD CSV`. Writing clauses are
//! in `update`, calls and lineage in `call`, projections in `projection`.

use super::bound::{self, Clause, Expr, Projection, SlotKind};
use super::pattern::Names;
use super::query::Output;
use super::types::{Type, mismatch};
use super::{Binder, Typed};
use crate::error::{Code, Error, Result};
use crate::syntax::ast::{self, ClauseKind};

impl<'a> Binder<'a> {
    /// Binds one clause (but `RETURN`) to `out`. `alone`: it is the whole query, so that what a call yields
    /// is what the query returns; those columns come back.
    pub(super) fn clause(
        &mut self,
        clause: &'a ast::Clause,
        alone: bool,
        out: &mut Vec<Clause>,
    ) -> Result<Vec<Output>> {
        let is_plain = matches!(
            clause.kind,
            ClauseKind::Create(_) | ClauseKind::Set(_) | ClauseKind::Remove(_) | ClauseKind::Delete { .. }
        );
        self.plan_more(usize::from(!is_plain), clause.span)?;
        match &clause.kind {
            ClauseKind::Match(m) => {
                let bound = self.match_clause(m)?;
                out.push(Clause::Match(bound));
            }
            ClauseKind::Unwind { list, variable } => {
                let bound = self.unwind(list, variable)?;
                out.push(bound);
            }
            ClauseKind::With(projection) | ClauseKind::Return(projection) => {
                self.project(projection, clause.span, None, out)?;
            }
            ClauseKind::Create(pattern) => self.create(pattern, out)?,
            ClauseKind::Merge { path, on_create, on_match } => {
                self.merge(path, on_create, on_match, clause.span, out)?;
            }
            ClauseKind::Set(items) => {
                self.writes = true;
                let items = self.set_items(items)?;
                out.push(Clause::Set(items));
            }
            ClauseKind::Remove(items) => self.remove(items, out)?,
            ClauseKind::Delete { detach, targets } => self.delete(*detach, targets, out)?,
            ClauseKind::Foreach { variable, list, updates } => self.foreach(variable, list, updates, out)?,
            ClauseKind::CallProcedure(call) => return self.call_procedure(call, clause.span, alone, out),
            ClauseKind::CallSubquery(call) => self.call_subquery(call, clause.span, out)?,
            ClauseKind::LoadCsv { with_headers, url, variable, terminator } => {
                let url = self.text(url)?;
                let terminator = terminator.as_ref().map(|t| self.text(t)).transpose()?;
                let row = if *with_headers { Type::Map } else { Type::list(Type::Str) };
                let slot = self.declare_new(variable, SlotKind::Value, row)?;
                out.push(Clause::LoadCsv { with_headers: *with_headers, url, slot, terminator, span: clause.span });
            }
            ClauseKind::Finish => {}
            ClauseKind::Trace(trace) => return self.trace(trace, clause.span, out),
            ClauseKind::Conflicts { of, through, yields, condition } => {
                let asked = (of.as_ref(), through);
                return self.conflicts(asked, yields.as_deref(), condition.as_ref(), clause.span, out);
            }
        }
        Ok(Vec::new())
    }

    fn match_clause(&mut self, clause: &'a ast::Match) -> Result<bound::Match> {
        let as_of = clause.as_of.as_ref().map(|a| self.as_of(a)).transpose()?;
        let through = self.through(&clause.through)?;
        let pattern = self.pattern(&clause.pattern.paths, Names::New)?;
        let conditions = self.optional_conditions(clause.condition.as_ref())?;
        Ok(bound::Match { optional: clause.optional, pattern, as_of, through, conditions })
    }

    /// `AS OF`, over what was bound before the pattern.
    pub(super) fn as_of(&mut self, as_of: &'a ast::AsOf) -> Result<bound::AsOf> {
        let date = self.expr(&as_of.date)?;
        if !matches!(date.ty, Type::Any | Type::Null | Type::Dated | Type::Str | Type::Temporal) {
            return Err(mismatch("a date", &date.ty, as_of.date.span)
                .hint("write AS OF date('2022-06-01'), AS OF '2022-06' or AS OF '2022'"));
        }
        Ok(bound::AsOf { certain: as_of.certain, date: date.expr, span: as_of.date.span })
    }

    /// `ACCORDING TO`, `KNOWN BY`.
    pub(super) fn through(&mut self, through: &'a ast::Through) -> Result<bound::Through> {
        let according_to = through.according_to.iter().map(|e| self.source(e)).collect::<Result<_>>()?;
        let known_by = through.known_by.as_ref().map(|k| self.as_of(k)).transpose()?;
        Ok(bound::Through { according_to, known_by })
    }

    fn source(&mut self, source: &'a ast::Expr) -> Result<Expr> {
        let bound = self.expr(source)?;
        let fits = bound.ty.fits(&Type::Str) || bound.ty.fits(&Type::list(Type::Str));
        if !fits {
            return Err(mismatch("the name of a source", &bound.ty, source.span)
                .hint("write ACCORDING TO '003', or a list of such names"));
        }
        let literals = match &source.kind {
            ast::ExprKind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(source),
        };
        for literal in literals {
            if let ast::ExprKind::Literal(ast::Literal::String(name)) = &literal.kind {
                let mention =
                    bound::Mention { what: bound::MentionKind::Source, name: name.as_str().into(), span: literal.span };
                self.mentions.push(mention);
            }
        }
        Ok(bound.expr)
    }

    fn text(&mut self, text: &'a ast::Expr) -> Result<Expr> {
        let bound = self.expr(text)?;
        if !bound.ty.fits(&Type::Str) {
            return Err(mismatch("a string", &bound.ty, text.span));
        }
        Ok(bound.expr)
    }

    fn unwind(&mut self, list: &'a ast::Expr, variable: &'a ast::Name) -> Result<Clause> {
        let list = self.expr(list)?;
        let slot = self.declare_new(variable, SlotKind::Value, list.ty.element())?;
        Ok(Clause::Unwind { list: list.expr, slot })
    }

    fn foreach(
        &mut self,
        variable: &'a ast::Name,
        list: &'a ast::Expr,
        updates: &'a [ast::Clause],
        out: &mut Vec<Clause>,
    ) -> Result<()> {
        self.writes = true;
        let list = self.list(list)?;
        let mark = self.frame().mark();
        let slot = self.declare_new(variable, SlotKind::Value, list.ty.element())?;
        let mut inner = Vec::with_capacity(updates.len());
        for update in updates {
            if !is_update(&update.kind) {
                let name = super::order::keyword(&update.kind);
                return Err(Error::syntax(Code::InvalidClauseComposition, format!("{name} cannot stand in FOREACH"))
                    .at(update.span)
                    .hint("FOREACH only writes; to read for every element use UNWIND"));
            }
            self.clause(update, false, &mut inner)?;
        }
        self.frame().forget_since(mark);
        out.push(Clause::Foreach { list: list.expr, slot, updates: inner });
        Ok(())
    }

    /// A list to go through.
    pub(super) fn list(&mut self, list: &'a ast::Expr) -> Result<Typed> {
        let bound = self.expr(list)?;
        if !bound.ty.is_open() && !matches!(bound.ty, Type::List(_)) {
            return Err(mismatch("a list", &bound.ty, list.span));
        }
        Ok(bound)
    }

    /// The conjuncts of a `WHERE` that may be missing.
    pub(super) fn optional_conditions(&mut self, condition: Option<&'a ast::Expr>) -> Result<Vec<Expr>> {
        let mut conditions = Vec::new();
        if let Some(condition) = condition {
            self.conditions(condition, &mut conditions)?;
        }
        Ok(conditions)
    }

    /// The conjuncts of a condition, `AND` by `AND`.
    pub(super) fn conditions(&mut self, condition: &'a ast::Expr, out: &mut Vec<Expr>) -> Result<()> {
        if let ast::ExprKind::And(operands) = &condition.kind {
            return operands.iter().try_for_each(|operand| self.conditions(operand, out));
        }
        let bound = self.condition(condition)?;
        out.push(bound.expr);
        Ok(())
    }

    /// A filter behind a clause that has none of its own: everything visible is passed on.
    pub(super) fn filter(&mut self, condition: Option<&'a ast::Expr>, out: &mut Vec<Clause>) -> Result<()> {
        let conditions = self.optional_conditions(condition)?;
        if !conditions.is_empty() {
            let items = self.star().into_iter().map(|(_, v)| (v.slot, Expr::Slot(v.slot))).collect();
            out.push(Clause::Project(Projection { items, conditions, ..Projection::default() }));
        }
        Ok(())
    }
}

fn is_update(kind: &ClauseKind) -> bool {
    matches!(
        kind,
        ClauseKind::Create(_)
            | ClauseKind::Merge { .. }
            | ClauseKind::Set(_)
            | ClauseKind::Remove(_)
            | ClauseKind::Delete { .. }
            | ClauseKind::Foreach { .. }
    )
}
