//! A whole query: its parts, the `UNION` between them, the columns that come out.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Binder;
use super::bound::{Body, Clause, Column, Expr, Part, Projection, Slot, SlotKind};
use super::scope::{Frame, Outside};
use super::types::Type;
use crate::error::{Code, Error, Result, Span};
use crate::syntax::ast;

/// Where a query stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A statement of its own.
    Statement,
    /// `CALL { … }`.
    Call,
    /// `EXISTS { … }` and `COUNT { … }`: `RETURN` may be missing.
    Test,
    /// `COLLECT { … }`.
    Collect,
}

/// A column of a part.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pub(super) name: Arc<str>,
    pub(super) slot: Slot,
    pub(super) kind: SlotKind,
    pub(super) ty: Type,
    pub(super) span: Span,
    /// It has an alias or is a variable.
    pub(super) named: bool,
}

/// A bound query and what is known of its columns (aligned with `body.columns`).
pub(super) struct Bound {
    pub(super) body: Body,
    pub(super) outputs: Vec<Output>,
}

impl<'a> Binder<'a> {
    /// Binds a query that stands as `role` in the current scope.
    pub(super) fn query(&mut self, query: &'a ast::Query, role: Role) -> Result<Body> {
        self.query_with_outputs(query, role).map(|bound| bound.body)
    }

    /// The same, with its columns.
    pub(super) fn query_with_outputs(&mut self, query: &'a ast::Query, role: Role) -> Result<Bound> {
        let all = query.unions.first().is_none_or(|u| u.all);
        if let Some(other) = query.unions.iter().find(|u| u.all != all) {
            return Err(Error::syntax(Code::InvalidClauseComposition, "UNION and UNION ALL cannot be mixed")
                .at(other.span)
                .hint(if all { "write UNION ALL everywhere" } else { "write UNION everywhere" }));
        }
        let (first, outputs) = self.part(&query.first, role)?;
        if query.unions.is_empty() {
            let columns = columns(&outputs);
            return Ok(Bound { body: Body { parts: vec![first], distinct: false, columns }, outputs });
        }
        let mut parts = vec![(first, outputs)];
        for union in &query.unions {
            let part = self.part(&union.part, role)?;
            parts.push(part);
        }
        self.union(query, parts, !all)
    }

    fn union(&mut self, query: &'a ast::Query, parts: Vec<(Part, Vec<Output>)>, distinct: bool) -> Result<Bound> {
        let mut united = parts[0].1.clone();
        for (number, (_, outputs)) in parts.iter().enumerate().skip(1) {
            agree(&united, outputs, query.unions[number - 1].part.span)?;
            for column in &mut united {
                let other = outputs.iter().find(|o| o.name == column.name).expect("the columns agree");
                column.ty = std::mem::replace(&mut column.ty, Type::Any).join(other.ty.clone());
                if column.kind != other.kind {
                    column.kind = SlotKind::Value;
                }
            }
        }
        let mut bound = Vec::with_capacity(parts.len());
        for (mut part, outputs) in parts {
            let by_name = |c: &Output| outputs.iter().find(|o| o.name == c.name).map(|o| o.slot);
            part.result = united.iter().filter_map(by_name).collect();
            bound.push(part);
        }
        for column in &mut united {
            column.slot = self.new_slot(column.name.clone(), column.kind);
        }
        let distinct = distinct && !united.is_empty();
        Ok(Bound { body: Body { parts: bound, distinct, columns: columns(&united) }, outputs: united })
    }

    /// One part, from a fresh frame.
    fn part(&mut self, part: &'a ast::SingleQuery, role: Role) -> Result<(Part, Vec<Output>)> {
        self.check_order(part, role)?;
        let scope = self.scope();
        scope.frame = Frame::default();
        scope.dropped.clear();
        scope.groupings = 0;
        scope.outside_used_after = 0;
        let mut clauses = Vec::with_capacity(part.clauses.len());
        let mut outputs = Vec::new();
        let alone = part.clauses.len() == 1;
        for (number, clause) in part.clauses.iter().enumerate() {
            let leading = number == 0 && role == Role::Call;
            match &clause.kind {
                ast::ClauseKind::Return(projection) => {
                    outputs = self.project(projection, clause.span, Some(role), &mut clauses)?;
                }
                ast::ClauseKind::With(projection) if leading && self.imports_by_with(projection) => {
                    self.importing_with(projection)?;
                }
                _ => {
                    let yielded = self.clause(clause, alone, &mut clauses)?;
                    if alone {
                        outputs = yielded;
                    }
                }
            }
        }
        let clauses = self.keep_imports(clauses);
        Ok((Part { clauses, result: outputs.iter().map(|o| o.slot).collect() }, outputs))
    }

    /// Grouping drops every column that is neither key nor aggregate; what a subquery imports must outlive
    /// it. Where that matters, what comes before (with the grouping) becomes a nested `CALL { … }`, around
    /// which the imports stay.
    fn keep_imports(&mut self, clauses: Vec<Clause>) -> Vec<Clause> {
        let scope = self.scope();
        let wanted = scope.outside_used_after;
        if wanted == 0 {
            return clauses;
        }
        if matches!(scope.outside, Outside::Nothing) {
            return clauses;
        }
        let mut kept = Vec::with_capacity(clauses.len() + 1);
        let mut groupings = 0;
        for clause in clauses {
            match clause {
                Clause::Project(projection) if projection.aggregation.is_some() && groupings < wanted => {
                    groupings += 1;
                    let before = std::mem::take(&mut kept);
                    kept.extend(self.group_apart(before, projection));
                }
                other => kept.push(other),
            }
        }
        kept
    }

    fn group_apart(&self, mut before: Vec<Clause>, mut projection: Projection) -> [Clause; 2] {
        let aggregation = projection.aggregation.take();
        let grouped: Vec<Slot> = aggregation
            .iter()
            .flat_map(|a| a.keys.iter().map(|(s, _)| *s).chain(a.aggregates.iter().map(|a| a.slot)))
            .collect();
        before.push(Clause::Project(Projection {
            aggregation,
            items: grouped.iter().map(|s| (*s, Expr::Slot(*s))).collect(),
            ..Projection::default()
        }));
        let named = |slot: &Slot| Column { name: self.slots[slot.0 as usize].name.clone(), slot: *slot };
        let columns = grouped.iter().map(named).collect();
        let body = Body { parts: vec![Part { clauses: before, result: grouped }], distinct: false, columns };
        [Clause::CallSubquery { body, unit: false, optional: false, batches: None }, Clause::Project(projection)]
    }
}

fn columns(outputs: &[Output]) -> Vec<Column> {
    outputs.iter().map(|o| Column { name: o.name.clone(), slot: o.slot }).collect()
}

fn agree(first: &[Output], other: &[Output], span: Span) -> Result<()> {
    let names = |outputs: &[Output]| outputs.iter().map(|o| o.name.clone()).collect::<BTreeSet<_>>();
    let (left, right) = (names(first), names(other));
    if left == right {
        return Ok(());
    }
    let list = |names: &BTreeSet<Arc<str>>| match names.len() {
        0 => "nothing".to_owned(),
        _ => names.iter().map(|n| &**n).collect::<Vec<_>>().join(", "),
    };
    let span = other.first().map_or(span, |o| o.span);
    Err(Error::syntax(
        Code::DifferentColumnsInUnion,
        format!("the parts of a UNION must return the same columns: first {}, here {}", list(&left), list(&right)),
    )
    .at(span)
    .hint("give the columns the same names with AS"))
}
