//! Calls: the name is looked up, arguments are counted and checked against the signature, aggregates go to
//! `grouping`.

use super::bound::Expr;
use super::types::Type;
use super::{Aggregates, Binder, Typed};
use crate::error::{Code, Error, Result, Span};
use crate::function::{self, Function};
use crate::syntax::ast::{self, AccessStep, ExprKind};

/// A function that was found.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) function: &'static Function,
    /// Where its name stands.
    span: Span,
}

impl<'a> Binder<'a> {
    /// `name([DISTINCT] arguments)`.
    pub(super) fn call(
        &mut self,
        expr: &'a ast::Expr,
        name: &'a ast::Name,
        distinct: bool,
        arguments: &'a [ast::Expr],
    ) -> Result<Typed> {
        if name.text.eq_ignore_ascii_case("exists")
            && let [argument] = arguments
        {
            return self.exists(name, argument);
        }
        let function = function::resolve(&name.text).map_err(|error| error.at(name.span))?;
        let known = Known { function, span: name.span };
        if function.is_aggregate() {
            return self.aggregate_call(expr, known, distinct, arguments);
        }
        if distinct {
            return Err(Error::syntax(
                Code::UnexpectedSyntax,
                format!("DISTINCT means nothing in `{}`", function.name),
            )
            .at(name.span)
            .hint("DISTINCT stands in aggregates: count(DISTINCT x)"));
        }
        if self.rules.aggregates == Aggregates::Nested && is_random(function) {
            let message = format!("`{}` gives another value in every row, so it cannot be aggregated", function.name);
            return Err(Error::syntax(Code::NonConstantExpression, message)
                .at(expr.span)
                .hint("give it a name in a WITH before, then aggregate that"));
        }
        let (arguments, ty) = self.call_arguments(&known, arguments)?;
        Ok(Typed::new(Expr::Call { function, arguments, span: expr.span }, ty))
    }

    /// Arguments, counted and checked, and the type of the result.
    pub(super) fn call_arguments(&mut self, known: &Known, arguments: &'a [ast::Expr]) -> Result<(Vec<Expr>, Type)> {
        let Function { name, signature, .. } = known.function;
        signature.check_count(name, arguments.len()).map_err(|error| error.at(known.span))?;
        let mut types = Vec::with_capacity(arguments.len());
        let mut bound = Vec::with_capacity(arguments.len());
        for (number, argument) in arguments.iter().enumerate() {
            let value = self.expr(argument)?;
            let given = as_signature(&value.ty);
            signature.check_type(name, number, given).map_err(|error| error.at(argument.span))?;
            types.push(value.ty);
            bound.push(value.expr);
        }
        Ok((bound, result_type(known.function, types)))
    }

    /// `exists(n.key)` is `n.key IS NOT NULL`; `exists((a)-->(b))` asks for the pattern.
    fn exists(&mut self, name: &ast::Name, argument: &'a ast::Expr) -> Result<Typed> {
        match &argument.kind {
            ExprKind::PatternPredicate { path, .. } => self.pattern_predicate(path),
            ExprKind::Access { steps, .. } if !matches!(steps.last(), Some(AccessStep::Slice { .. })) => {
                let operand = Box::new(self.expr(argument)?.expr);
                Ok(Typed::new(Expr::IsNull { operand, negated: true }, Type::Bool))
            }
            _ => Err(Error::syntax(Code::InvalidArgumentType, "`exists` takes a property or a pattern")
                .at(argument.span.to(name.span))
                .hint("write exists(n.key), or x IS NOT NULL, or EXISTS { MATCH … }")),
        }
    }
}

/// Whether `name` is an aggregate.
pub(super) fn is_aggregate(name: &str) -> bool {
    function::lookup(name).is_some_and(Function::is_aggregate)
}

/// Whether a call has another value each time (the clock stands still within a statement).
fn is_random(function: &Function) -> bool {
    ["rand", "randomUUID"].iter().any(|name| function.name.eq_ignore_ascii_case(name))
}

/// A static type as signatures know it.
fn as_signature(ty: &Type) -> function::Type {
    match ty {
        Type::Any | Type::Dated => function::Type::ANY,
        Type::Null => function::Type::NULL,
        Type::Bool => function::Type::BOOLEAN,
        Type::Int => function::Type::INTEGER,
        Type::Float => function::Type::FLOAT,
        Type::Number => function::Type::NUMBER,
        Type::Str => function::Type::STRING,
        Type::List(_) => function::Type::LIST,
        Type::Map => function::Type::MAP,
        Type::Node => function::Type::NODE,
        Type::Rel => function::Type::RELATIONSHIP,
        Type::Path => function::Type::PATH,
        Type::Temporal => function::Type::INSTANT.or(function::Type::DURATION),
    }
}

/// What a signature promises.
fn from_signature(ty: function::Type) -> Type {
    match ty {
        function::Type::NULL => Type::Null,
        function::Type::BOOLEAN => Type::Bool,
        function::Type::INTEGER => Type::Int,
        function::Type::FLOAT => Type::Float,
        function::Type::NUMBER => Type::Number,
        function::Type::STRING => Type::Str,
        function::Type::LIST => Type::any_list(),
        function::Type::MAP => Type::Map,
        function::Type::NODE => Type::Node,
        function::Type::RELATIONSHIP => Type::Rel,
        function::Type::PATH => Type::Path,
        ty if ty.is_always(function::Type::INSTANT.or(function::Type::DURATION)) => Type::Temporal,
        _ => Type::Any,
    }
}

/// The type of a call: what the signature says, and what follows from the arguments where a function
/// hands on (elements of) what it is given.
fn result_type(function: &Function, mut arguments: Vec<Type>) -> Type {
    let promised = from_signature(function.signature.returns);
    let joined = |arguments: Vec<Type>| arguments.into_iter().reduce(Type::join).unwrap_or(Type::Any);
    match (function.name.to_ascii_lowercase().as_str(), arguments.first_mut()) {
        ("nodes", _) => Type::list(Type::Node),
        ("relationships" | "rels", _) => Type::list(Type::Rel),
        ("keys" | "labels" | "split", _) => Type::list(Type::Str),
        ("range", _) => Type::list(Type::Int),
        ("coalesce", _) => joined(arguments),
        ("collect", Some(element)) => Type::list(std::mem::replace(element, Type::Null)),
        ("head" | "last", Some(list)) => list.element(),
        ("tail" | "reverse", Some(list)) if matches!(list, Type::List(_)) => std::mem::replace(list, Type::Null),
        ("min" | "max", Some(value)) if value.is_number() => Type::Number,
        ("min" | "max", Some(Type::Dated)) => Type::Dated,
        _ => promised,
    }
}
