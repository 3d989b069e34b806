//! Expressions: the one place that looks at every kind. Operators are here; accesses, collections, calls
//! and subqueries have files of their own.

use super::bound::{BinaryOp, Expr, LabelTest, MentionKind};
use super::pattern::{is_dynamic, label_span};
use super::same::{mentions, same};
use super::types::{Type, mismatch};
use super::{Binder, Typed, dates};
use crate::error::{Error, Result, Span};
use crate::function;
use crate::syntax::ast::{self, ArithmeticOp, ExprKind, Literal};
use crate::syntax::{self, Lifted};
use crate::value::Value;

impl<'a> Binder<'a> {
    /// Binds an expression that may have any value.
    pub(super) fn expr(&mut self, expr: &'a ast::Expr) -> Result<Typed> {
        if !self.rules.computed.is_empty()
            && let Some(known) = self.computed(expr)
        {
            return Ok(known);
        }
        match &expr.kind {
            ExprKind::Literal(literal) => Ok(constant(literal)),
            ExprKind::Parameter(name) => Ok(Typed::new(Expr::Param(self.param(name)), Type::Any)),
            ExprKind::Variable(name) => match (self.find(name), named_number(name)) {
                (Some(found), _) => Ok(Typed::new(found.expr, found.ty)),
                (None, _) if is_clock(name) => {
                    let function = function::resolve(name).map_err(|error| error.at(expr.span))?;
                    let call = Expr::Call { function, arguments: Vec::new(), span: expr.span };
                    Ok(Typed::new(call, Type::Temporal))
                }
                (None, Some(number)) => Ok(Typed::new(Expr::Const(Value::Float(number)), Type::Float)),
                (None, None) => Err(self.undefined(name, expr.span)),
            },
            ExprKind::List(items) => self.list_literal(items),
            ExprKind::Map(entries) => self.map_literal(entries),
            ExprKind::Arithmetic { first, rest } => self.arithmetic(first, rest, expr.span),
            ExprKind::Comparison { first, rest } => self.comparison(first, rest),
            ExprKind::And(operands) => self.connective(operands, expr.span, Expr::And),
            ExprKind::Or(operands) => self.connective(operands, expr.span, Expr::Or),
            ExprKind::Xor(operands) => self.connective(operands, expr.span, Expr::Xor),
            ExprKind::Not(operand) => {
                let operand = self.condition(operand)?;
                Ok(Typed::new(Expr::Not(Box::new(operand.expr), expr.span), Type::Bool))
            }
            ExprKind::Sign { negative, operand } => self.sign(*negative, operand, expr.span),
            ExprKind::Binary { op, left, right } => self.binary(*op, left, right, expr.span),
            ExprKind::IsNull { operand, negated } => self.is_null(operand, *negated),
            ExprKind::IsType { operand, negated, type_name } => self.is_type(operand, *negated, type_name, expr.span),
            ExprKind::Access { base, steps } => self.access(base, steps, expr.span),
            ExprKind::HasLabels { operand, labels } => self.has_labels(operand, labels, expr.span),
            ExprKind::Call { name, distinct, arguments } => self.call(expr, name, *distinct, arguments),
            ExprKind::CountStar => self.count_rows(expr),
            ExprKind::Case { operand, branches, otherwise } => {
                self.case(operand.as_deref(), branches, otherwise.as_deref())
            }
            ExprKind::ListComprehension { variable, list, condition, map } => {
                self.list_comprehension(variable, list, condition.as_deref(), map.as_deref(), expr.span)
            }
            ExprKind::Quantifier { kind, variable, list, condition } => {
                self.quantifier(*kind, variable, list, condition.as_deref(), expr.span)
            }
            ExprKind::Reduce { accumulator, init, variable, list, body } => {
                self.reduce((accumulator, init), (variable, list), body, expr.span)
            }
            ExprKind::MapProjection { variable, items } => self.map_projection(variable, items, expr.span),
            ExprKind::PatternPredicate { path, enclosed: true } => self.pattern_predicate(path),
            ExprKind::PatternPredicate { .. } => Err(super::subquery::pattern_as_value(expr.span)),
            ExprKind::PatternComprehension { path, condition, map } => {
                self.pattern_comprehension(path, condition.as_deref(), map)
            }
            ExprKind::ShortestPath(path) => self.shortest_path(path),
            ExprKind::Subquery { kind, body } => self.subquery(*kind, body, expr.span),
        }
    }

    /// Binds an expression of which the truth is asked. Only here may a pattern stand without
    /// parentheses of its own.
    pub(super) fn condition(&mut self, expr: &'a ast::Expr) -> Result<Typed> {
        if let ExprKind::PatternPredicate { path, .. } = &expr.kind {
            return self.pattern_predicate(path);
        }
        let bound = self.expr(expr)?;
        if !bound.ty.fits(&Type::Bool) {
            return Err(not_boolean(&bound.ty, expr.span));
        }
        Ok(bound)
    }

    /// What a projection has already computed under this expression, if it has.
    fn computed(&mut self, expr: &'a ast::Expr) -> Option<Typed> {
        if matches!(expr.kind, ExprKind::Literal(_) | ExprKind::Parameter(_)) {
            return None;
        }
        if let ExprKind::Variable(name) = &expr.kind
            && self.scope().frame.get(name).is_some_and(|v| !v.hidden)
        {
            return None;
        }
        let text = self.text;
        let known = self.rules.computed.iter().find(|known| same(text, known.ast, expr))?;
        let locals = self.scopes.last().map(|scope| scope.locals.as_slice()).unwrap_or_default();
        if locals.iter().any(|local| mentions(expr, &local.name)) {
            return None;
        }
        Some(Typed::new(Expr::Slot(known.slot), known.ty.clone()))
    }

    /// A sum whose beginning a projection has already computed: `a.x + a.y + 1` behind `a.x + a.y AS s`.
    fn computed_beginning(
        &mut self,
        first: &'a ast::Expr,
        rest: &'a [(ArithmeticOp, ast::Expr)],
    ) -> Option<(Typed, usize)> {
        let text = self.text;
        let locals = self.scopes.last().is_some_and(|scope| !scope.locals.is_empty());
        if locals {
            return None;
        }
        let begins = |known: &ast::Expr| match &known.kind {
            ExprKind::Arithmetic { first: a, rest: x } if x.len() < rest.len() => {
                let same_rest = x.iter().zip(rest).all(|(x, y)| x.0 == y.0 && same(text, &x.1, &y.1));
                (same_rest && same(text, a, first)).then_some(x.len())
            }
            _ => None,
        };
        let found = self.rules.computed.iter().filter_map(|known| Some((begins(known.ast)?, known)));
        let (length, known) = found.max_by_key(|(length, _)| *length)?;
        Some((Typed::new(Expr::Slot(known.slot), known.ty.clone()), length))
    }

    fn arithmetic(&mut self, first: &'a ast::Expr, rest: &'a [(ArithmeticOp, ast::Expr)], span: Span) -> Result<Typed> {
        let beginning = if self.rules.computed.is_empty() { None } else { self.computed_beginning(first, rest) };
        let (start, skipped) = match beginning {
            Some((known, length)) => (known, length),
            None => (self.expr(first)?, 0),
        };
        let mut ty = start.ty;
        let mut left = first.span;
        let mut bound = Vec::with_capacity(rest.len() - skipped);
        for (op, operand) in &rest[skipped..] {
            let right = self.expr(operand)?;
            ty = arithmetic_type(*op, (&ty, left), (&right.ty, operand.span))?;
            left = left.to(operand.span);
            bound.push((*op, right.expr));
        }
        Ok(Typed::new(Expr::Arithmetic { first: Box::new(start.expr), rest: bound, span }, ty))
    }

    fn comparison(&mut self, first: &'a ast::Expr, rest: &'a [(ast::ComparisonOp, ast::Expr)]) -> Result<Typed> {
        let mut span = first.span;
        let first = self.expr_to_compare(first)?;
        let mut bound = Vec::with_capacity(rest.len());
        for (op, operand) in rest {
            span = span.to(operand.span);
            bound.push((*op, self.expr_to_compare(operand)?));
        }
        Ok(Typed::new(dates::compare(first, bound, span), Type::Bool))
    }

    /// Binds a side of a comparison. A literal that was taken out of the text is known by its type still.
    pub(super) fn expr_to_compare(&mut self, expr: &'a ast::Expr) -> Result<Typed> {
        let bound = self.expr(expr)?;
        let ty = match &expr.kind {
            ExprKind::Parameter(name) => match syntax::lifted(name) {
                Some(Lifted::Str) => Type::Str,
                Some(Lifted::Int) => Type::Int,
                None => bound.ty,
            },
            _ => bound.ty,
        };
        Ok(Typed::new(bound.expr, ty))
    }

    fn connective(
        &mut self,
        operands: &'a [ast::Expr],
        span: Span,
        make: impl FnOnce(Vec<Expr>, Span) -> Expr,
    ) -> Result<Typed> {
        let bound: Result<Vec<_>> = operands.iter().map(|o| Ok(self.condition(o)?.expr)).collect();
        Ok(Typed::new(make(bound?, span), Type::Bool))
    }

    fn sign(&mut self, negative: bool, operand: &'a ast::Expr, span: Span) -> Result<Typed> {
        let bound = self.expr(operand)?;
        if is_certainly_no_operand(&bound.ty) {
            return Err(mismatch("a number", &bound.ty, operand.span));
        }
        if !negative {
            return Ok(bound);
        }
        Ok(Typed::new(Expr::Negate(Box::new(bound.expr), span), bound.ty))
    }

    fn binary(&mut self, op: BinaryOp, left: &'a ast::Expr, right: &'a ast::Expr, span: Span) -> Result<Typed> {
        let left = Box::new(self.expr(left)?.expr);
        let bound = self.expr(right)?;
        if op == BinaryOp::In && !bound.ty.is_open() && !matches!(bound.ty, Type::List(_)) {
            return Err(mismatch("a list after IN", &bound.ty, right.span).hint("write x IN [1, 2, 3]"));
        }
        Ok(Typed::new(Expr::Binary { op, left, right: Box::new(bound.expr), span }, Type::Bool))
    }

    fn is_null(&mut self, operand: &'a ast::Expr, negated: bool) -> Result<Typed> {
        let operand = Box::new(self.expr(operand)?.expr);
        Ok(Typed::new(Expr::IsNull { operand, negated }, Type::Bool))
    }

    fn is_type(&mut self, operand: &'a ast::Expr, negated: bool, name: &str, span: Span) -> Result<Typed> {
        let operand = Box::new(self.expr(operand)?.expr);
        Ok(Typed::new(Expr::IsType { operand, negated, type_name: name.into(), span }, Type::Bool))
    }

    fn has_labels(&mut self, operand: &'a ast::Expr, labels: &'a ast::LabelExpr, span: Span) -> Result<Typed> {
        let bound = self.expr(operand)?;
        if !bound.ty.fits(&Type::Node) && !bound.ty.fits(&Type::Rel) {
            return Err(mismatch("a node or relationship", &bound.ty, operand.span));
        }
        let what = if bound.ty == Type::Rel { MentionKind::Type } else { MentionKind::Label };
        if is_dynamic(labels) {
            return Ok(Typed::new(self.named_labels(&bound.expr, labels, what)?, Type::Bool));
        }
        let test: LabelTest = self.label_test(labels, what);
        let span = label_span(labels).map_or(span, |labels| span.to(labels));
        Ok(Typed::new(Expr::HasLabels { operand: Box::new(bound.expr), test, span }, Type::Bool))
    }

    fn case(
        &mut self,
        operand: Option<&'a ast::Expr>,
        branches: &'a [ast::CaseBranch],
        otherwise: Option<&'a ast::Expr>,
    ) -> Result<Typed> {
        let compared = operand.map(|o| self.expr(o)).transpose()?;
        let mut ty = Type::Null;
        let mut bound = Vec::with_capacity(branches.len());
        for branch in branches {
            let mut when = Vec::with_capacity(branch.when.len());
            for value in &branch.when {
                when.push(if compared.is_some() { self.expr(value)?.expr } else { self.condition(value)?.expr });
            }
            let then = self.expr(&branch.then)?;
            ty = ty.join(then.ty);
            bound.push((when, then.expr));
        }
        let otherwise = otherwise.map(|o| self.expr(o)).transpose()?;
        if let Some(otherwise) = &otherwise {
            ty = ty.join(otherwise.ty.clone());
        }
        let operand = compared.map(|o| Box::new(o.expr));
        let otherwise = otherwise.map(|o| Box::new(o.expr));
        Ok(Typed::new(Expr::Case { operand, branches: bound, otherwise }, ty))
    }
}

/// `INF`, `INFINITY` and `NAN` are floats where no variable is called so.
fn named_number(name: &str) -> Option<f64> {
    let is = |word: &str| name.eq_ignore_ascii_case(word);
    if is("inf") || is("infinity") { Some(f64::INFINITY) } else { is("nan").then_some(f64::NAN) }
}

/// `CURRENT_DATE` and its like are calls where no variable is called so.
fn is_clock(name: &str) -> bool {
    ["current_date", "current_time", "current_timestamp"].iter().any(|word| name.eq_ignore_ascii_case(word))
}

fn constant(literal: &Literal) -> Typed {
    let (value, ty) = match literal {
        Literal::Null => (Value::Null, Type::Null),
        Literal::Bool(b) => (Value::Bool(*b), Type::Bool),
        Literal::Integer(n) => (Value::Int(*n), Type::Int),
        Literal::Float(x) => (Value::Float(*x), Type::Float),
        Literal::String(text) => (Value::str(text.as_str()), Type::Str),
    };
    Typed::new(Expr::Const(value), ty)
}

/// `InvalidArgumentType` for something that is neither true nor false.
pub(super) fn not_boolean(ty: &Type, span: Span) -> Error {
    let error = mismatch("a boolean", ty, span);
    match ty {
        Type::Node | Type::Rel | Type::Path => error.hint("to ask whether it is there, write IS NOT NULL behind it"),
        Type::List(_) => error.hint("to ask whether it has elements, write size(…) > 0"),
        Type::Str => error.hint("compare it: … = 'text'"),
        ty if ty.is_number() => error.hint("compare it: … <> 0"),
        _ => error,
    }
}

/// Whether a value of this type can never be an operand of `- * / % ^`.
fn is_certainly_no_operand(ty: &Type) -> bool {
    matches!(ty, Type::Bool | Type::Str | Type::List(_) | Type::Map | Type::Node | Type::Rel | Type::Path)
}

/// The type of `left op right`. Errors: `InvalidArgumentType` where no values of these types have a result.
fn arithmetic_type(op: ArithmeticOp, left: (&Type, Span), right: (&Type, Span)) -> Result<Type> {
    match op {
        ArithmeticOp::Add => return sum_type(left, right),
        ArithmeticOp::Concat => return joined_type(left, right),
        _ => {}
    }
    for (ty, span) in [left, right] {
        if is_certainly_no_operand(ty) {
            return Err(mismatch("a number", ty, span));
        }
    }
    let (left, right) = (left.0, right.0);
    Ok(match (left, right) {
        _ if !left.is_number() || !right.is_number() => Type::Any,
        _ if op == ArithmeticOp::Power => Type::Float,
        (Type::Int, Type::Int) => Type::Int,
        (Type::Float, _) | (_, Type::Float) => Type::Float,
        _ => Type::Number,
    })
}

/// `||` joins two texts or two lists.
fn joined_type(left: (&Type, Span), right: (&Type, Span)) -> Result<Type> {
    for (ty, span) in [left, right] {
        if !matches!(ty, Type::Any | Type::Null | Type::Str | Type::List(_)) {
            return Err(
                mismatch("a text or a list", ty, span).hint("|| joins texts and lists; write OR for a condition")
            );
        }
    }
    Ok(match (left.0, right.0) {
        (Type::Str, Type::Str) => Type::Str,
        (Type::List(a), Type::List(b)) => Type::list((**a).clone().join((**b).clone())),
        (Type::Str, Type::List(_)) | (Type::List(_), Type::Str) => {
            return Err(mismatch(if *left.0 == Type::Str { "a text" } else { "a list" }, right.0, right.1));
        }
        _ => Type::Any,
    })
}

fn sum_type(left: (&Type, Span), right: (&Type, Span)) -> Result<Type> {
    let no_term = |ty: &Type| matches!(ty, Type::Bool | Type::Map | Type::Node | Type::Rel | Type::Path);
    Ok(match (left.0, right.0) {
        (Type::List(a), Type::List(b)) => Type::list((**a).clone().join((**b).clone())),
        (Type::List(a), b) | (b, Type::List(a)) => Type::list((**a).clone().join(b.clone())),
        (Type::Any | Type::Null | Type::Dated, _) | (_, Type::Any | Type::Null | Type::Dated) => Type::Any,
        (Type::Int, Type::Int) => Type::Int,
        (Type::Str, _) | (_, Type::Str) => Type::Any,
        (a, _) if no_term(a) => return Err(mismatch("a number, a string or a list", a, left.1)),
        (_, b) if no_term(b) => return Err(mismatch("a number, a string or a list", b, right.1)),
        (Type::Float, b) | (b, Type::Float) if b.is_number() => Type::Float,
        (a, b) if a.is_number() && b.is_number() => Type::Number,
        _ => Type::Any,
    })
}
