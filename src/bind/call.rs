//! Tables from elsewhere: procedures, `CALL { … }`, `TRACE`, `CONFLICTS`.

use std::sync::Arc;

use super::Binder;
use super::bound::{self, Clause, Expr, Slot, SlotKind};
use super::order::is_unit;
use super::query::{Output, Role};
use super::scope::{Outside, Scope, Variable, already_bound};
use super::types::{Type, mismatch};
use crate::error::{Class, Code, Error, Phase, Result, Span, nearest};
use crate::function::{Procedure, ProcedureBody, advice_by_beginning};
use crate::lineage::columns;
use crate::syntax::ast::{self, Imports, Yield, YieldItem};
use crate::value::Value;

/// How the procedures behind `SHOW` are called.
const SHOWN: &str = "show.";

/// What a table is called and its columns: name and type as openCypher writes it.
struct Table<'t> {
    name: &'t str,
    columns: Vec<(&'t str, &'t str)>,
}

/// Procedures of other engines, by how their names begin, and what there is instead.
const NOT_OFFERED: &[(&str, &str)] = &[
    (
        "apoc.periodic.iterate",
        "it stands at the beginning of a statement; or write MATCH … CALL (n) { … } IN TRANSACTIONS OF 1000 ROWS",
    ),
    ("apoc.periodic.", "CALL { … } IN TRANSACTIONS OF 1000 ROWS works in batches"),
    (
        "apoc.load.",
        "apoc.load.json reads JSON, LOAD CSV tables; `shejire import` reads JSON lines, GraphML, RDF and more",
    ),
    ("apoc.import.", "`shejire import` reads JSON lines, GraphML, RDF and more"),
    ("apoc.export.", "`shejire export` writes JSON lines, GraphML, RDF and more"),
    ("apoc.create.node", "write CREATE (n:$(labels)) SET n = properties; the call itself needs YIELD node"),
    ("apoc.create.", "write CREATE (a)-[r:$(type)]->(b), SET n:$(labels), SET n[key] = value"),
    ("apoc.merge.", "write MERGE (n:$(label) {key: value}) ON CREATE SET … ON MATCH SET …"),
    (
        "apoc.path.",
        "apoc.path.expand and expandConfig are there; or write the pattern: MATCH p = (a)-[:TYPE]->{1,3}(b)",
    ),
    ("apoc.algo.", "graph algorithms: SHOW PROCEDURES YIELD name WHERE name STARTS WITH 'algo.'"),
    ("apoc.refactor.", "write what is to be: CREATE or MERGE the new, then DETACH DELETE the old"),
    ("apoc.cypher.", "a subquery is written CALL (n) { … }"),
    (
        "gds.",
        "gds.graph.project, exists, list, drop and gds.shortestPath.dijkstra.stream are there; other algorithms: SHOW PROCEDURES YIELD name WHERE name STARTS WITH 'algo.'",
    ),
    (
        "db.index.fulltext.",
        "CREATE FULLTEXT INDEX name FOR (n:Label) ON EACH [n.key] makes an index, db.index.fulltext.queryNodes and queryRelationships search it",
    ),
    (
        "db.index.vector.",
        "there are no vector indexes: ORDER BY vector.similarity.cosine(n.key, $vector) DESC LIMIT 10",
    ),
    ("dbms.security.", "there are no users and no rights"),
    ("dbms.cluster.", "there is no cluster"),
];

/// Column number → slot, and the new names.
type Yielded = (Vec<(usize, Slot)>, Vec<Output>);

impl<'a> Binder<'a> {
    /// `CALL name(…) YIELD …`.
    pub(super) fn call_procedure(
        &mut self,
        call: &'a ast::CallProcedure,
        span: Span,
        alone: bool,
        out: &mut Vec<Clause>,
    ) -> Result<Vec<Output>> {
        let procedure = self.procedure(&call.name)?;
        self.writes |= procedure.writes();
        let arguments = match &call.arguments {
            Some(arguments) => self.arguments(arguments, &procedure, &call.name)?,
            None if alone || procedure.inputs.is_empty() => self.implicit_arguments(&procedure),
            None => return Err(implicit_in_query(&procedure, call.name.span)),
        };
        let table =
            Table { name: &procedure.name, columns: procedure.outputs.iter().map(|f| (&*f.name, &*f.ty)).collect() };
        let (yields, outputs) = match &call.yields {
            Yield::Items(items) => self.yields(&table, Some(items), call.name.span)?,
            Yield::None if !alone => (Vec::new(), Vec::new()),
            Yield::Star if !alone && !procedure.name.starts_with(SHOWN) => return Err(star_in_query(&table, span)),
            Yield::None | Yield::Star => self.yields(&table, None, call.name.span)?,
        };
        let (optional, span) = (call.optional, call.name.span);
        out.push(Clause::CallProcedure { procedure, arguments, yields, optional, span });
        self.filter(call.condition.as_ref(), out)?;
        Ok(outputs)
    }

    fn procedure(&self, name: &ast::Name) -> Result<Arc<Procedure>> {
        if let Some(procedure) = self.catalog.procedure(&name.text) {
            return Ok(procedure);
        }
        let message = format!("there is no procedure `{}`", name.text);
        let error = Error::new(Class::ProcedureError, Phase::Compile, Code::ProcedureNotFound, message).at(name.span);
        let names = self.catalog.procedure_names();
        let advice = advice_by_beginning(&name.text, NOT_OFFERED);
        let near = nearest(&name.text, names.iter().map(|n| &**n));
        // what is called as one of ours for another kind of index is no slip of the hand
        let meant = near.filter(|near| {
            let is_of_indexes = advice.is_some_and(|known| known.0.starts_with("db.index."));
            let (own, other) = (last_part(&name.text), last_part(near));
            !is_of_indexes || (own != other && nearest(own, [other]).is_some())
        });
        Err(match (meant, advice) {
            (Some(near), _) => error.hint(format!("did you mean `{near}`?")),
            (None, Some((_, instead))) => error.hint(*instead),
            (None, None) => error.hint("SHOW PROCEDURES lists them"),
        })
    }

    fn arguments(&mut self, arguments: &'a [ast::Expr], procedure: &Procedure, name: &ast::Name) -> Result<Vec<Expr>> {
        let wanted = procedure.inputs.len();
        // what may be null may be left out at the end, where nothing depends on it
        let least = match procedure.body {
            ProcedureBody::Rows(_) | ProcedureBody::Own(_) if !procedure.writes() => {
                procedure.inputs.iter().rposition(|field| !field.ty.ends_with('?')).map_or(0, |last| last + 1)
            }
            _ => wanted,
        };
        if !(least..=wanted).contains(&arguments.len()) {
            let given = arguments.len();
            let fields: Vec<_> = procedure.inputs.iter().map(|f| format!("{} :: {}", f.name, f.ty)).collect();
            let message = format!("`{}` takes {wanted} arguments, not {given}", procedure.name);
            let extra = arguments.get(wanted).zip(arguments.last());
            let place = extra.map_or(name.span, |(first, last)| first.span.to(last.span));
            return Err(Error::syntax(Code::InvalidNumberOfArguments, message).at(place).hint(format!(
                "{}({})",
                procedure.name,
                fields.join(", ")
            )));
        }
        let mut bound = Vec::with_capacity(wanted);
        for (argument, field) in arguments.iter().zip(&procedure.inputs) {
            let value = self.expr(argument)?;
            if !value.ty.fits(&Type::parse(&field.ty)) {
                let wanted = format!("{} for `{}`", field.ty, field.name);
                return Err(mismatch(&wanted, &value.ty, argument.span));
            }
            bound.push(value.expr);
        }
        bound.resize(wanted, Expr::Const(Value::Null));
        Ok(bound)
    }

    /// `CALL name` alone takes its arguments from the parameters of the same names.
    fn implicit_arguments(&mut self, procedure: &Procedure) -> Vec<Expr> {
        let mut arguments = Vec::with_capacity(procedure.inputs.len());
        for field in &procedure.inputs {
            let known = self.params.iter().position(|p| **p == *field.name);
            let number = known.unwrap_or_else(|| {
                self.params.push(field.name.clone());
                self.params.len() - 1
            });
            arguments.push(Expr::Param(u32::try_from(number).expect("a procedure has few inputs")));
        }
        arguments
    }

    /// The columns that are kept: those named, or all.
    fn yields(&mut self, table: &Table<'_>, items: Option<&'a [YieldItem]>, span: Span) -> Result<Yielded> {
        let mut wanted = Vec::new();
        match items {
            None => {
                let of_itself = |(_, (name, _)): &(usize, &(&str, &str))| *name != columns::ROUTE;
                for (number, (name, _)) in table.columns.iter().enumerate().filter(of_itself) {
                    wanted.push((number, ast::Name { text: (*name).to_owned(), span }));
                }
            }
            Some(items) => {
                for item in items {
                    let number = table.column(&item.column)?;
                    wanted.push((number, item.alias.as_ref().unwrap_or(&item.column).clone()));
                }
            }
        }
        let mut yields = Vec::with_capacity(wanted.len());
        let mut outputs = Vec::with_capacity(wanted.len());
        for (number, name) in wanted {
            let ty = Type::parse(table.columns[number].1);
            if self.find(&name.text).is_some() {
                return Err(
                    already_bound(&name).hint(format!("name the column anew: YIELD {} AS …", table.columns[number].0))
                );
            }
            let slot = self.declare(&name.text, SlotKind::Value, ty.clone());
            yields.push((number, slot));
            let (kind, name, span) = (SlotKind::Value, name.text.into(), name.span);
            outputs.push(Output { name, slot, kind, ty, span, named: true });
        }
        Ok((yields, outputs))
    }

    /// `TRACE`.
    pub(super) fn trace(&mut self, trace: &'a ast::Trace, span: Span, out: &mut Vec<Clause>) -> Result<Vec<Output>> {
        let start = self.traced(&trace.start)?;
        let to = trace.to.as_ref().map(|to| self.traced(to)).transpose()?;
        let as_of = trace.as_of.as_ref().map(|a| self.as_of(a)).transpose()?;
        let through = self.through(&trace.through)?;
        for ty in &trace.via {
            self.mention(bound::MentionKind::Type, ty);
        }
        let via = trace.via.iter().map(|n| n.text.as_str().into()).collect();
        let table = lineage_table("TRACE", columns::TRACE);
        let (yields, outputs) = self.yields(&table, trace.yields.as_deref(), span)?;
        let direction = trace.direction;
        out.push(Clause::Trace(bound::Trace { start, to, direction, via, as_of, through, yields, span }));
        self.filter(trace.condition.as_ref(), out)?;
        Ok(outputs)
    }

    /// Where a query is one TRACE and nothing else: has it tell the place of each step in the lineage.
    pub(super) fn traced_alone(&mut self, query: &ast::Query, body: &mut bound::Body) -> Option<bound::Alone> {
        let ([ast::Clause { kind: ast::ClauseKind::Trace(trace), .. }], []) =
            (&query.first.clauses[..], &query.unions[..])
        else {
            return None;
        };
        let clauses = body.parts.iter_mut().flat_map(|part| &mut part.clauses);
        let mut traces =
            clauses.filter_map(|clause| if let Clause::Trace(trace) = clause { Some(trace) } else { None });
        let yields = &mut traces.next()?.yields;
        let slot = self.new_slot("", SlotKind::Value);
        yields.push((columns::PLACE, slot));
        Some(bound::Alone { slot, yields: trace.yields.is_some() })
    }

    /// A name or a node, or several of them.
    fn traced(&mut self, expr: &'a ast::Expr) -> Result<Expr> {
        let bound = self.expr(expr)?;
        if !matches!(bound.ty, Type::Any | Type::Null | Type::Dated | Type::Str | Type::Node | Type::List(_)) {
            return Err(
                mismatch("a name or a node to trace", &bound.ty, expr.span).hint("write TRACE 'National Kurultai'")
            );
        }
        Ok(bound.expr)
    }

    /// `CONFLICTS`.
    pub(super) fn conflicts(
        &mut self,
        (of, through): (Option<&'a ast::Expr>, &'a ast::Through),
        yields: Option<&'a [YieldItem]>,
        condition: Option<&'a ast::Expr>,
        span: Span,
        out: &mut Vec<Clause>,
    ) -> Result<Vec<Output>> {
        let mut subject = None;
        if let Some(of) = of {
            let bound = self.expr(of)?;
            if !matches!(bound.ty, Type::Any | Type::Null | Type::Dated | Type::Str | Type::Node | Type::Rel) {
                return Err(mismatch("a name, a node or a relationship", &bound.ty, of.span));
            }
            subject = Some(bound.expr);
        }
        let through = self.through(through)?;
        let table = lineage_table("CONFLICTS", columns::CONFLICTS);
        let (yields, outputs) = self.yields(&table, yields, span)?;
        out.push(Clause::Conflicts { of: subject, through, yields, span });
        self.filter(condition, out)?;
        Ok(outputs)
    }

    /// Whether `projection`, the first clause of a `CALL { … }`, brings in variables from outside. One
    /// without variables (`WITH 1 AS x`) is an ordinary `WITH`.
    pub(super) fn imports_by_with(&self, projection: &ast::Projection) -> bool {
        let variable = |item: &ast::ProjectionItem| matches!(item.expr.kind, ast::ExprKind::Variable(_));
        self.scopes.last().is_some_and(|scope| scope.imports_by_with)
            // `WITH * WHERE …` brings in nothing: there is only one way to say what comes from outside
            && (projection.star && projection.condition.is_none() || projection.items.iter().any(variable))
    }

    /// `CALL { … }`.
    pub(super) fn call_subquery(
        &mut self,
        call: &'a ast::CallSubquery,
        span: Span,
        out: &mut Vec<Clause>,
    ) -> Result<()> {
        let batches = call.batches.as_ref().map(|batches| self.batches(batches, span)).transpose()?;
        let scope = self.subquery_scope(&call.imports)?;
        let (bound, _) = self.inside(scope, span, |this| this.query_with_outputs(&call.query, Role::Call))?;
        let unit = is_unit(call) && bound.outputs.is_empty();
        for output in &bound.outputs {
            if !output.named {
                return Err(no_alias(&output.name, output.span));
            }
            if self.find(&output.name).is_some() {
                let name = ast::Name { text: output.name.to_string(), span: output.span };
                return Err(already_bound(&name).hint(format!(
                    "it comes from outside; return it under another name: RETURN {0} AS {0}2",
                    name.text
                )));
            }
            let (slot, kind, ty) = (output.slot, output.kind, output.ty.clone());
            self.frame().insert(output.name.clone(), Variable { slot, kind, ty, hidden: false });
        }
        out.push(Clause::CallSubquery { body: bound.body, unit, optional: call.optional, batches });
        Ok(())
    }

    /// `IN TRANSACTIONS …`: at the top of a statement only, as its batches are undone one by one.
    fn batches(&mut self, batches: &'a ast::Batches, span: Span) -> Result<bound::Batches> {
        if self.scopes.len() > 1 {
            return Err(Error::syntax(
                Code::InvalidClauseComposition,
                "IN TRANSACTIONS cannot stand inside another query",
            )
            .at(span)
            .hint("batches are made of the rows of the whole statement: write it outermost"));
        }
        let rows = match &batches.rows {
            None => None,
            Some(rows) => {
                let bound = self.expr(rows)?;
                if !bound.ty.fits(&Type::Int) {
                    return Err(mismatch("an integer after OF", &bound.ty, rows.span));
                }
                Some(bound.expr)
            }
        };
        if batches.status.is_some() && batches.on_error == ast::OnError::Fail {
            return Err(Error::syntax(
                Code::InvalidClauseComposition,
                "REPORT STATUS needs ON ERROR CONTINUE or BREAK",
            )
            .at(span)
            .hint("where an error ends the statement there is nothing to report"));
        }
        let status = match &batches.status {
            Some(name) => Some(self.declare_new(name, SlotKind::Value, Type::Map)?),
            None => None,
        };
        Ok(bound::Batches { rows, on_error: batches.on_error, status, span })
    }

    fn subquery_scope(&mut self, imports: &'a Imports) -> Result<Scope> {
        let mut constants = super::scope::Frame::default();
        let names: Vec<(String, Span)> = match imports {
            Imports::Leading => {
                let mut scope = Scope::new(Outside::Nothing);
                scope.imports_by_with = true;
                return Ok(scope);
            }
            Imports::All => self.visible_names().iter().map(|n| (n.to_string(), Span::default())).collect(),
            Imports::Names(names) => names.iter().map(|n| (n.text.clone(), n.span)).collect(),
        };
        for (name, span) in names {
            let found = self.resolve(&name, span)?;
            let Some(slot) = found.slot() else { continue };
            let name: Arc<str> = name.into();
            constants.insert(name, Variable { slot, kind: found.kind, ty: found.ty, hidden: false });
        }
        Ok(Scope::new(Outside::Constants(constants)))
    }

    /// The leading `WITH` of `CALL { WITH a, b … }`: plain variables from outside, under their own names.
    pub(super) fn importing_with(&mut self, projection: &'a ast::Projection) -> Result<()> {
        let inner = self.scopes.pop().expect("CALL has a scope of its own");
        let mut taken = Vec::new();
        if projection.star {
            for name in self.visible_names() {
                taken.extend(self.find(&name).map(|found| (name, found)));
            }
        }
        for item in &projection.items {
            let ast::ExprKind::Variable(name) = &item.expr.kind else { return Err(not_importing(item.expr.span)) };
            if let Some(alias) = item.alias.as_ref().filter(|alias| alias.text != *name) {
                return Err(not_importing(alias.span));
            }
            let found = self.resolve(name, item.expr.span)?;
            taken.push((name.as_str().into(), found));
        }
        self.scopes.push(inner);
        let tail = projection.order_by.first().map(|s| &s.expr);
        let tail = tail.or(projection.skip.as_ref()).or(projection.limit.as_ref()).or(projection.condition.as_ref());
        if let Some(tail) = tail {
            return Err(not_importing(tail.span));
        }
        for (name, found) in taken {
            let Some(slot) = found.slot() else { continue };
            let scope = self.scope();
            if !scope.imports.iter().any(|(known, _)| *known == slot) {
                scope.imports.push((slot, Expr::Slot(slot)));
            }
            scope.frame.insert(name, Variable { slot, kind: found.kind, ty: found.ty, hidden: false });
        }
        Ok(())
    }
}

impl Table<'_> {
    fn column(&self, name: &ast::Name) -> Result<usize> {
        if let Some(number) = self.columns.iter().position(|(column, _)| *column == name.text) {
            return Ok(number);
        }
        let message = format!("`{}` has no column `{}`", self.name, name.text);
        let error = Error::syntax(Code::UndefinedVariable, message).at(name.span);
        Err(match nearest(&name.text, self.columns.iter().map(|(column, _)| *column)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("its columns: {}", self.list())),
        })
    }

    fn list(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

fn lineage_table(name: &'static str, columns: &'static [columns::Column]) -> Table<'static> {
    Table { name, columns: columns.iter().map(|c| (c.name, c.ty)).collect() }
}

fn implicit_in_query(procedure: &Procedure, span: Span) -> Error {
    let fields: Vec<_> = procedure.inputs.iter().map(|f| format!("${}", f.name)).collect();
    Error::syntax(Code::InvalidArgumentPassingMode, "inside a query the arguments of a procedure must be written out")
        .at(span)
        .hint(format!("{}({})", procedure.name, fields.join(", ")))
}

fn star_in_query(table: &Table<'_>, span: Span) -> Error {
    Error::syntax(Code::UnexpectedSyntax, "YIELD * can only stand in a call that is the whole query")
        .at(span)
        .hint(format!("name the columns: YIELD {}", table.list()))
}

/// `NoExpressionAlias`.
pub(super) fn no_alias(text: &str, span: Span) -> Error {
    Error::syntax(Code::NoExpressionAlias, "an expression that is passed on needs a name")
        .at(span)
        .hint(format!("write {text} AS …"))
}

fn not_importing(span: Span) -> Error {
    Error::syntax(
        Code::InvalidClauseComposition,
        "the first WITH of CALL { … } can only bring in variables as they are",
    )
    .at(span)
    .hint("bring them in first: CALL { WITH a, b … }, or CALL (a, b) { … }; and work on them in a WITH behind that")
}

/// What a procedure is called in its namespace.
fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
