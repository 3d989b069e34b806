//! Queries and patterns inside expressions. Each is lifted out into [`Subquery`], with what it uses from
//! outside as imports; the expression keeps its number.
//!
//! | written | kind | body | value |
//! |---|---|---|---|
//! | `EXISTS { … }`, `(a)-->(b)` as a condition | `Exists` | the query; a `MATCH` | whether there is a row |
//! | `COUNT { … }` | `Count` | the same | how many rows |
//! | `COLLECT { … }` | `Collect` | the query | its one column |
//! | `[(a)-->(b) WHERE … \| e]` | `Collect` | `MATCH`, then a projection of `e` | the list |
//! | `allShortestPaths(…)` | `Collect` | `MATCH` of the selected path | the list of paths |
//! | `shortestPath(…)` | `Collect` | the same | its element 0, null when there is none |

use super::bound::{Body, Clause, Expr, Match, Part, Projection, Selector, Slot, SlotKind, Subquery, SubqueryKind};
use super::pattern::Names;
use super::query::Role;
use super::scope::{Outside, Scope};
use super::types::Type;
use super::{Binder, Rules, Typed};
use crate::error::{Code, Error, Result, Span};
use crate::syntax::ast::{self, SubqueryBody};
use crate::value::Value;

impl<'a> Binder<'a> {
    /// Lifts what `bind` makes in a scope of its own. Returns the expression that stands for it.
    fn lift(
        &mut self,
        kind: SubqueryKind,
        span: Span,
        bind: impl FnOnce(&mut Self) -> Result<(Body, Option<Slot>, Type)>,
    ) -> Result<Typed> {
        let outer_read_only = std::mem::replace(&mut self.read_only, true);
        let outer_depth = std::mem::take(&mut self.depth);
        // What cannot be used outside cannot be used here either.
        let (ungrouped, left_behind) = (self.rules.ungrouped.clone(), self.rules.left_behind.clone());
        let rules = Rules { ungrouped, left_behind, ..Rules::default() };
        let scope = Scope::new(Outside::Everything);
        let (bound, scope) = self.inside(scope, span, |this| this.under(rules, bind))?;
        self.read_only = outer_read_only;
        self.depth = outer_depth;
        let (body, output, ty) = bound;
        let number = u32::try_from(self.subqueries.len()).expect("a text has fewer subqueries than bytes");
        self.subqueries.push(Subquery { kind, imports: scope.imports, body, output });
        Ok(Typed::new(Expr::Subquery(number), ty))
    }

    /// Lifts a pattern with conditions.
    fn lift_pattern(
        &mut self,
        kind: SubqueryKind,
        paths: &'a [ast::PathPattern],
        names: Names,
        condition: Option<&'a ast::Expr>,
    ) -> Result<Typed> {
        let span = paths.first().map(|path| path.span).unwrap_or_default();
        self.constant_only(span)?;
        let ty = if kind == SubqueryKind::Exists { Type::Bool } else { Type::Int };
        self.lift(kind, span, |this| {
            let pattern = this.pattern(paths, names)?;
            let conditions = this.optional_conditions(condition)?;
            let clauses = vec![Clause::Match(Match { pattern, conditions, ..Match::default() })];
            Ok((single(clauses), None, ty))
        })
    }

    /// A pattern as a condition.
    pub(super) fn pattern_predicate(&mut self, path: &'a ast::PathPattern) -> Result<Typed> {
        self.lift_pattern(SubqueryKind::Exists, std::slice::from_ref(path), Names::Known, None)
    }

    pub(super) fn pattern_comprehension(
        &mut self,
        path: &'a ast::PathPattern,
        condition: Option<&'a ast::Expr>,
        map: &'a ast::Expr,
    ) -> Result<Typed> {
        self.constant_only(path.span)?;
        self.no_aggregates(&[condition, Some(map)])?;
        self.lift(SubqueryKind::Collect, path.span, |this| {
            let pattern = this.pattern(std::slice::from_ref(path), Names::New)?;
            let conditions = this.optional_conditions(condition)?;
            let map = this.expr(map)?;
            let slot = this.new_slot("", SlotKind::Value);
            let clauses = vec![
                Clause::Match(Match { pattern, conditions, ..Match::default() }),
                Clause::Project(Projection { items: vec![(slot, map.expr)], ..Projection::default() }),
            ];
            Ok((single(clauses), Some(slot), Type::list(map.ty)))
        })
    }

    pub(super) fn shortest_path(&mut self, path: &'a ast::PathPattern) -> Result<Typed> {
        self.constant_only(path.span)?;
        let all = path.selector == Selector::AllShortestPaths;
        let paths = self.lift(SubqueryKind::Collect, path.span, |this| {
            let mut pattern = this.pattern(std::slice::from_ref(path), Names::New)?;
            let slot = this.new_slot("", SlotKind::Path);
            let searched = pattern.paths.first_mut().expect("a selected path is one of the pattern's paths");
            searched.slot = Some(slot);
            let clauses = vec![Clause::Match(Match { pattern, ..Match::default() })];
            Ok((single(clauses), Some(slot), Type::list(Type::Path)))
        })?;
        if all {
            return Ok(paths);
        }
        let (base, index) = (Box::new(paths.expr), Box::new(Expr::Const(Value::Int(0))));
        Ok(Typed::new(Expr::Index { base, index, span: path.span }, Type::Path))
    }

    /// `EXISTS { … }`, `COUNT { … }`, `COLLECT { … }`.
    pub(super) fn subquery(&mut self, kind: SubqueryKind, body: &'a SubqueryBody, span: Span) -> Result<Typed> {
        self.constant_only(span)?;
        match body {
            SubqueryBody::Pattern { pattern, condition } if kind != SubqueryKind::Collect => {
                self.lift_pattern(kind, &pattern.paths, Names::New, condition.as_ref())
            }
            SubqueryBody::Pattern { .. } => Err(Error::syntax(Code::UnexpectedSyntax, "COLLECT needs a whole query")
                .at(span)
                .hint("write COLLECT { MATCH … RETURN … }")),
            SubqueryBody::Query(query) => self.lift(kind, span, |this| match kind {
                SubqueryKind::Exists => Ok((this.query(query, Role::Test)?, None, Type::Bool)),
                SubqueryKind::Count => Ok((this.query(query, Role::Test)?, None, Type::Int)),
                SubqueryKind::Collect => {
                    let bound = this.query_with_outputs(query, Role::Collect)?;
                    let [column] = bound.outputs.as_slice() else {
                        return Err(Error::syntax(
                            Code::InvalidClauseComposition,
                            "COLLECT returns exactly one column",
                        )
                        .at(span)
                        .hint("gather several values in a map: RETURN {a: a, b: b}"));
                    };
                    Ok((bound.body, Some(column.slot), Type::list(column.ty.clone())))
                }
            }),
        }
    }

    /// `SKIP` and `LIMIT` are counted before any row flows: nothing there may ask the graph.
    fn constant_only(&self, span: Span) -> Result<()> {
        match self.rules.constant {
            None => Ok(()),
            Some(clause) => Err(Error::syntax(Code::NonConstantExpression, format!("{clause} cannot ask the graph"))
                .at(span)
                .hint(format!("{clause} takes a number, a parameter, or an expression of these"))),
        }
    }
}

fn single(clauses: Vec<Clause>) -> Body {
    Body { parts: vec![Part { clauses, result: Vec::new() }], distinct: false, columns: Vec::new() }
}

/// A pattern where a value must stand.
pub(super) fn pattern_as_value(span: Span) -> Error {
    Error::syntax(Code::UnexpectedSyntax, "a pattern is a condition, not a value")
        .at(span)
        .hint("ask EXISTS { pattern }, count with COUNT { pattern }, or list with [pattern | expression]")
}
