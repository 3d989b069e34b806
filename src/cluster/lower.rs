//! The logical plan as SQL: one named step an operator, in the order the plan has them.
//!
//! ```text
//!   Aggregate ─► Filter ─► Pattern ─► Unit
//!
//!   WITH q1 AS (SELECT …), q2 AS (SELECT … FROM q1 JOIN …), q3 AS (SELECT … FROM q2 WHERE …) SELECT … FROM q3 GROUP BY …
//! ```
//!
//! A row of SQL has a column for each slot, and for each property that the statement reads of a node or relationship, so
//! that nothing is looked up twice. What runs once a row there (OPTIONAL MATCH, EXISTS, COUNT) runs here once for all
//! different values that it reads of the row, and is joined with them.
//! Whatever cannot be said so that it gives the same rows is refused, by name, before anything is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::client::Argument;
use super::expression::{Sql, common, no_sum};
use super::frontier::Search;
use super::scope::{Table, Var};
use super::types::Ty;
use crate::bind::bound::{Aggregate, AggregateCall, Expr, PathPart, Pattern, Slot, SortKey, SubqueryKind};
use crate::engine::Logical;
use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::function::{Aggregation, Body};
use crate::io::layout::Layout;
use crate::plan::node::{Node, Op};
use crate::plan::walk::{Imports, any};
use crate::value::Value;

/// That something is not lowered.
pub(super) fn refused(what: impl Into<String>) -> Error {
    let message = format!("this cannot be run on a cluster: {}", what.into());
    Error::new(Class::SyntaxError, Phase::Compile, Code::NotLowered, message)
}

/// A step of the query.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) name: String,
    /// What it is, for people.
    pub(super) what: String,
    pub(super) sql: String,
}

/// A query in SQL, and what its columns are.
#[derive(Clone, Debug)]
pub(super) struct Lowered {
    pub(super) steps: Vec<Step>,
    /// What is to be found before it runs.
    pub(super) searches: Vec<Search>,
    /// What is selected from them.
    pub(super) last: String,
    pub(super) arguments: Vec<Argument>,
    /// The columns of the answer: name and type.
    pub(super) columns: Vec<(Arc<str>, Ty)>,
    /// Behind them come the numbers of the tables of these columns, which are nodes or relationships.
    pub(super) located: Vec<usize>,
    /// Behind those come what the rows are in the order of, the first first; true: descending.
    pub(super) order: Vec<bool>,
}

impl Lowered {
    /// The whole text.
    pub(super) fn sql(&self) -> String {
        let steps: Vec<String> = self.steps.iter().map(|step| format!("{} AS ({})", step.name, step.sql)).collect();
        format!("WITH {} {}", steps.join(", "), self.last)
    }
}

/// What is read of a slot that is a node or a relationship.
#[derive(Clone, Debug, Default)]
pub(super) struct Demand {
    pub(super) keys: BTreeSet<Arc<str>>,
    /// `startNode` and `endNode`.
    pub(super) ends: bool,
}

/// A query while it is lowered.
pub(super) struct Lower<'a> {
    pub(super) layout: &'a Layout,
    pub(super) logical: &'a Logical,
    /// The folder of the tables, as the server knows it.
    folder: &'a str,
    pub(super) imports: Imports,
    demands: Vec<Demand>,
    steps: Vec<Step>,
    pub(super) searches: Vec<Search>,
    /// Patterns of which only the different rows matter, by address.
    different_suffice: BTreeSet<usize>,
    /// Slots that something reads.
    used: BTreeSet<Slot>,
    pub(super) arguments: Vec<Argument>,
    /// Variables of lists, the innermost last.
    pub(super) locals: Vec<(u32, Sql)>,
    /// How many variables of lists there have been.
    pub(super) lambdas: usize,
    /// What the subqueries of expressions have become.
    pub(super) answers: BTreeMap<u32, Sql>,
    names: usize,
}

/// Lowers a statement. Errors: `NotLowered`, with what is not.
pub(super) fn lower(logical: &Logical, layout: &Layout, folder: &str) -> Result<Lowered> {
    let plan = &logical.plan;
    if plan.writes {
        return Err(refused("a statement that writes"));
    }
    if layout.corrected {
        return Err(refused("a graph in which documents correct each other")
            .hint("plain answers leave out what is corrected, which the tables do not say"));
    }
    if plan.cite {
        return Err(refused("CITE"));
    }
    let mut lower = Lower {
        layout,
        logical,
        folder,
        imports: Imports::of(plan),
        demands: demands(logical),
        steps: Vec::new(),
        searches: Vec::new(),
        different_suffice: BTreeSet::new(),
        used: plan.columns.iter().map(|column| column.slot).collect(),
        arguments: Vec::new(),
        locals: Vec::new(),
        lambdas: 0,
        answers: BTreeMap::new(),
        names: 0,
    };
    lower.note_uses(&plan.root, false);
    for sub in &plan.subplans {
        lower.used.extend(sub.output);
        lower.note_uses(&sub.root, sub.kind == SubqueryKind::Exists);
    }
    let table = lower.node(&plan.root, None)?;
    let (mut select, mut columns, mut located, mut tables) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (at, column) in plan.columns.iter().enumerate() {
        let var = table.vars.get(&column.slot).ok_or_else(|| refused("a column that comes from elsewhere"))?;
        select.push(format!("{} AS c{at}", var.column));
        columns.push((Arc::clone(&column.name), var.ty.clone()));
        if let Some(of) = &var.of {
            located.push(at);
            tables.push(format!("{} AS t{at}", of.table));
        }
    }
    select.extend(tables);
    let order = table.order.iter().map(|(_, descending)| *descending).collect();
    select.extend(table.order.iter().enumerate().map(|(at, (column, _))| format!("{column} AS k{at}")));
    if select.is_empty() {
        return Err(refused("a statement that returns nothing"));
    }
    let last = format!("SELECT {} FROM {}{}", select.join(", "), table.name, table.order_by());
    Ok(Lowered {
        steps: lower.steps,
        searches: lower.searches,
        last,
        arguments: lower.arguments,
        columns,
        located,
        order,
    })
}

/// What is read of each slot.
fn demands(logical: &Logical) -> Vec<Demand> {
    struct Finder {
        demands: Vec<Demand>,
        /// The first holds what the second does.
        same: Vec<(Slot, Slot)>,
    }
    impl Finder {
        fn of(&mut self, slot: Slot) -> Option<&mut Demand> {
            self.demands.get_mut(slot.0 as usize)
        }
        fn expr(&mut self, expr: &Expr) {
            match expr {
                Expr::Property { base, key, .. } => {
                    if let Expr::Slot(slot) = &**base
                        && let Some(demand) = self.of(*slot)
                    {
                        demand.keys.insert(Arc::clone(key));
                    }
                }
                Expr::Call { function, arguments, .. } if matches!(function.name, "startNode" | "endNode") => {
                    if let [Expr::Slot(slot)] = arguments.as_slice()
                        && let Some(demand) = self.of(*slot)
                    {
                        demand.ends = true;
                    }
                }
                _ => {}
            }
            crate::bind::parts::parts(expr, &mut |part| self.expr(part));
        }
        fn named(&mut self, to: Slot, from: &Expr) {
            if let Expr::Slot(from) = from {
                self.same.push((to, *from));
            }
        }
        fn node(&mut self, node: &Node) {
            node.op.expressions(&mut |expr| self.expr(expr));
            match &node.op {
                Op::Project { items, .. } => items.iter().for_each(|(to, from)| self.named(*to, from)),
                Op::Aggregate { keys, .. } => keys.iter().for_each(|(to, from)| self.named(*to, from)),
                Op::Union { parts, slots } => {
                    for part in parts {
                        self.same.extend(slots.iter().copied().zip(part.slots.iter().copied()));
                    }
                }
                _ => {}
            }
            node.op.inputs().into_iter().for_each(|input| self.node(input));
        }
    }
    let plan = &logical.plan;
    let mut finder = Finder { demands: vec![Demand::default(); plan.slots.len()], same: Vec::new() };
    finder.node(&plan.root);
    for sub in &plan.subplans {
        sub.imports.iter().for_each(|(to, from)| {
            finder.named(*to, from);
            finder.expr(from);
        });
        finder.node(&sub.root);
    }
    let Finder { mut demands, same } = finder;
    loop {
        let mut more = false;
        for (to, from) in &same {
            let Some(asked) = demands.get(to.0 as usize).cloned() else { continue };
            let Some(own) = demands.get_mut(from.0 as usize) else { continue };
            let before = (own.keys.len(), own.ends);
            own.keys.extend(asked.keys);
            own.ends |= asked.ends;
            more |= before != (own.keys.len(), own.ends);
        }
        if !more {
            return demands;
        }
    }
}

impl Lower<'_> {
    pub(super) fn demand(&self, slot: Slot) -> &Demand {
        static NONE: Demand = Demand { keys: BTreeSet::new(), ends: false };
        self.demands.get(slot.0 as usize).unwrap_or(&NONE)
    }

    /// A name that nothing has.
    pub(super) fn fresh(&mut self, begin: &str) -> String {
        self.names += 1;
        format!("{begin}{}", self.names)
    }

    /// How many steps there are.
    pub(super) fn steps_so_far(&self) -> usize {
        self.steps.len()
    }

    /// Notes the slots that are read, and the patterns above which equal rows become one: `different`, or nothing is told of
    /// them but whether there are any.
    fn note_uses(&mut self, node: &Node, different: bool) {
        self.used.extend(node.op.uses(&self.imports));
        let below = match &node.op {
            Op::Distinct { .. } => true,
            Op::Aggregate { aggregates, .. } => aggregates.iter().all(|aggregate| match &aggregate.call {
                AggregateCall::CountRows => false,
                AggregateCall::Function { function, distinct, .. } => {
                    let extreme = matches!(function.body, Body::Aggregate(Aggregation::Min | Aggregation::Max));
                    *distinct || extreme
                }
            }),
            Op::Pattern { pattern, .. } => {
                if different {
                    self.different_suffice.insert(std::ptr::from_ref::<Pattern>(pattern) as usize);
                }
                for path in pattern.paths.iter().filter(|path| path.slot.is_some()) {
                    for part in &path.elements {
                        if let PathPart::Rel(rel) = part {
                            self.used.insert(pattern.rels[*rel].slot);
                        }
                    }
                }
                different
            }
            Op::Filter { .. }
            | Op::Project { .. }
            | Op::Sort { .. }
            | Op::Unwind { .. }
            | Op::Apply { .. }
            | Op::Union { .. }
            | Op::Eager { .. } => different,
            _ => false,
        };
        node.op.inputs().into_iter().for_each(|input| self.note_uses(input, below));
    }

    /// Whether it is enough to know which ends a relationship of a pattern leads to.
    pub(super) fn ends_suffice(&self, pattern: &Pattern, slot: Slot) -> bool {
        let address = std::ptr::from_ref::<Pattern>(pattern) as usize;
        self.different_suffice.contains(&address) && !self.used.contains(&slot)
    }

    /// A new step; its name.
    pub(super) fn emit(&mut self, what: &str, sql: String) -> String {
        let name = format!("q{}", self.steps.len() + 1);
        self.steps.push(Step { name: name.clone(), what: what.to_owned(), sql });
        name
    }

    /// A table as SQL names it.
    pub(super) fn file(&self, table: &str) -> String {
        format!("parquet.`{}/{table}`", self.folder)
    }

    fn unit(&mut self) -> Table {
        let name = self.emit("one row", "SELECT 1 AS one".to_owned());
        Table { name, vars: BTreeMap::new(), order: Vec::new(), unit: true }
    }

    /// The rows of an operator; `argument`: what an Argument below it has.
    fn node(&mut self, node: &Node, argument: Option<&Table>) -> Result<Table> {
        match &node.op {
            Op::Unit => Ok(self.unit()),
            Op::Argument => match argument {
                Some(table) => Ok(table.clone()),
                None => Ok(self.unit()),
            },
            Op::Pattern { input, pattern, conditions } => {
                let table = self.node(input, argument)?;
                self.pattern(table, pattern, conditions)
            }
            Op::Filter { input, predicates } => {
                let table = self.node(input, argument)?;
                self.filter(table, &predicates.iter().collect::<Vec<_>>())
            }
            Op::Project { input, items } => {
                let table = self.node(input, argument)?;
                self.project(table, items)
            }
            Op::Aggregate { input, keys, aggregates, weight: None } => {
                let table = self.node(input, argument)?;
                self.aggregate(table, keys, aggregates)
            }
            Op::Distinct { input, slots } => {
                let table = self.node(input, argument)?;
                self.distinct(table, slots)
            }
            Op::Sort { input, keys } => {
                let table = self.node(input, argument)?;
                self.sort(table, keys)
            }
            Op::Skip { input, count } => {
                let table = self.node(input, argument)?;
                let count = self.count_of(count)?;
                let sql = format!("SELECT {} FROM {}{} OFFSET {count}", table.list(), table.name, table.order_by());
                Ok(Table { name: self.emit("SKIP", sql), unit: false, ..table })
            }
            Op::Limit { input, count, .. } => {
                let table = self.node(input, argument)?;
                let count = self.count_of(count)?;
                let sql = format!("SELECT {} FROM {}{} LIMIT {count}", table.list(), table.name, table.order_by());
                Ok(Table { name: self.emit("LIMIT", sql), unit: false, ..table })
            }
            Op::Unwind { input, list, slot } => {
                let table = self.node(input, argument)?;
                self.unwind(table, list, *slot)
            }
            Op::Apply { input, inner, optional, nulls } => {
                let table = self.node(input, argument)?;
                if *optional { self.optional(table, inner, nulls) } else { self.each(table, inner) }
            }
            Op::Union { parts, slots } => {
                let mut tables = Vec::new();
                for part in parts {
                    tables.push((self.node(&part.node, argument)?, part.slots.as_slice()));
                }
                self.union(&tables, slots)
            }
            Op::Eager { input } => self.node(input, argument),
            Op::ThroughView { .. } => Err(refused("ACCORDING TO and KNOWN BY")),
            Op::Valid { .. } => Err(refused("AS OF")),
            Op::Trace { span, .. } => Err(refused("TRACE").at(*span)),
            Op::Conflicts { span, .. } => Err(refused("CONFLICTS").at(*span)),
            Op::CallProcedure { span, procedure, .. } => {
                Err(refused(format!("CALL {}: procedures run where the graph is", procedure.name)).at(*span))
            }
            Op::LoadCsv { span, .. } => Err(refused("LOAD CSV").at(*span)),
            Op::ApplyUnit { .. } | Op::Foreach { .. } | Op::Batches { .. } => Err(refused("a statement that writes")),
            _ => Err(refused("a part of the plan that has no words in SQL")),
        }
    }

    /// What SKIP and LIMIT say.
    fn count_of(&self, expr: &Expr) -> Result<i64> {
        match self.logical.constant(expr)? {
            Value::Int(count) if count >= 0 => Ok(count),
            Value::Int(_) => {
                Err(Error::syntax(Code::NegativeIntegerArgument, "SKIP and LIMIT take no negative number"))
            }
            other => Err(refused(format!("SKIP or LIMIT of a {}", other.type_name()))),
        }
    }

    /// Rows for which every predicate is true.
    pub(super) fn filter(&mut self, table: Table, predicates: &[&Expr]) -> Result<Table> {
        if predicates.is_empty() {
            return Ok(table);
        }
        let mut table = self.answer(table, predicates)?;
        let conditions = predicates.iter().map(|p| self.truth(p, Span::default(), &table));
        let conditions = conditions.collect::<Result<Vec<String>>>()?;
        let (of_lists, plain): (Vec<String>, Vec<String>) = conditions.into_iter().partition(|c| c.contains("->"));
        if !plain.is_empty() {
            let sql = format!("SELECT {} FROM {} WHERE {}", table.list(), table.name, plain.join(" AND "));
            table = Table { name: self.emit("WHERE", sql), unit: false, ..table };
        }
        if !of_lists.is_empty() {
            // a function over a list must not be moved to where the table is read: Sail 0.7 does not find the list there.
            // What gives another number each time is not moved, nor what is behind it
            let (truth, barrier) = (self.fresh("b"), self.fresh("z"));
            let computed = format!("({}) AS {truth}, rand() AS {barrier}", of_lists.join(" AND "));
            let sql = format!("SELECT {}, {computed} FROM {}", table.list(), table.name);
            let name = self.emit("conditions on lists", sql);
            let list = table.list().replace("1 AS one", "one");
            let sql = format!("SELECT {list} FROM {name} WHERE CASE WHEN {barrier} >= 0.0D THEN {truth} END");
            table = Table { name: self.emit("WHERE", sql), unit: false, ..table };
        }
        Ok(table)
    }

    /// A slot that holds what an expression gives; in `computed` what is to be selected for it.
    fn var_of(&mut self, expr: &Expr, table: &Table, computed: &mut Vec<String>) -> Result<Var> {
        if let Expr::Slot(slot) = expr
            && let Some(var) = table.vars.get(slot)
        {
            return Ok(var.clone());
        }
        let constant = self.fixed(expr, table).and_then(Result::ok);
        let sql = self.expr(expr, table)?;
        let name = self.fresh("x");
        computed.push(format!("{} AS {name}", sql.text));
        Ok(Var { range: sql.range, finite: sql.finite, constant, ..Var::value(sql.ty, name) })
    }

    fn project(&mut self, table: Table, items: &[(Slot, Expr)]) -> Result<Table> {
        let table = self.answer(table, &items.iter().map(|(_, expr)| expr).collect::<Vec<_>>())?;
        let mut computed = Vec::new();
        let mut new = Vec::new();
        for (slot, expr) in items {
            new.push((*slot, self.var_of(expr, &table, &mut computed)?));
        }
        let mut projected = table;
        if !computed.is_empty() {
            let sql = format!("SELECT {}, {} FROM {}", projected.list(), computed.join(", "), projected.name);
            projected.name = self.emit("expressions", sql);
        }
        projected.unit &= new.is_empty();
        projected.vars.extend(new);
        Ok(projected)
    }

    fn distinct(&mut self, table: Table, slots: &[Slot]) -> Result<Table> {
        let mut vars = BTreeMap::new();
        let mut columns: Vec<String> = Vec::new();
        for slot in slots {
            let mut var =
                table.vars.get(slot).cloned().ok_or_else(|| refused("DISTINCT of what comes from elsewhere"))?;
            groupable(&var.ty)?;
            if var.ty == Ty::Float {
                let name = self.fresh("x");
                columns.push(format!("({} + 0.0D) AS {name}", var.column));
                var.column = name;
            } else {
                columns.extend(var.columns().into_iter().map(str::to_owned));
            }
            vars.insert(*slot, var);
        }
        let mut seen = BTreeSet::new();
        columns.retain(|column| seen.insert(column.clone()));
        if columns.is_empty() {
            return Err(refused("DISTINCT of nothing"));
        }
        let sql = format!("SELECT DISTINCT {} FROM {}", columns.join(", "), table.name);
        Ok(Table { name: self.emit("DISTINCT", sql), vars, order: Vec::new(), unit: false })
    }

    fn sort(&mut self, table: Table, keys: &[SortKey]) -> Result<Table> {
        let table = self.answer(table, &keys.iter().map(|key| &key.expr).collect::<Vec<_>>())?;
        let mut order = Vec::new();
        let mut computed = Vec::new();
        for key in keys {
            let sql = self.expr(&key.expr, &table)?;
            match sql.ty {
                Ty::Null => continue,
                Ty::Bool | Ty::Int | Ty::Float | Ty::FloatSum | Ty::Str | Ty::Date | Ty::Among(_) => {}
                ty => return Err(refused(format!("ORDER BY a {}", ty.name()))),
            }
            let name = self.fresh("o");
            let text = if sql.ty == Ty::FloatSum { format!("coalesce({}, 0.0D)", sql.text) } else { sql.grouped() };
            computed.push(format!("{text} AS {name}"));
            order.push((name, key.descending));
        }
        if computed.is_empty() {
            return Ok(table);
        }
        // rows that are equal by these keys stay in the order they had
        let mut sorted = table;
        let sql = format!("SELECT {}, {} FROM {}", sorted.list(), computed.join(", "), sorted.name);
        sorted.name = self.emit("ORDER BY", sql);
        order.append(&mut sorted.order);
        Ok(Table { order, unit: false, ..sorted })
    }

    fn unwind(&mut self, table: Table, list: &Expr, slot: Slot) -> Result<Table> {
        let table = self.answer(table, &[list])?;
        let sql = self.expr(list, &table)?;
        no_sum(&sql)?;
        let (element, text) = match &sql.ty {
            Ty::Among(values) => match &**values {
                // a list that no column can hold: a row has the number of its element
                [Value::List(items)] => {
                    let (ty, numbers) = Ty::among(items);
                    let number = |n: Option<usize>| n.map_or_else(|| "CAST(NULL AS INT)".to_owned(), |n| n.to_string());
                    let numbers: Vec<String> = numbers.into_iter().map(number).collect();
                    (ty, format!("array({})", numbers.join(", ")))
                }
                _ => (sql.ty.clone(), format!("CASE WHEN {0} IS NOT NULL THEN array({0}) END", sql.text)),
            },
            Ty::List(element) => ((**element).clone(), sql.text.clone()),
            Ty::Null => (Ty::Null, "CAST(array() AS ARRAY<STRING>)".to_owned()),
            // what is no list is one element; null is none
            ty => (ty.clone(), format!("CASE WHEN {0} IS NOT NULL THEN array({0}) END", sql.text)),
        };
        let (items, at, item) = (self.fresh("l"), self.fresh("o"), self.fresh("x"));
        let listed = self.emit("the list", format!("SELECT {}, {text} AS {items} FROM {}", table.list(), table.name));
        let mut unwound = table;
        let ordered = unwound.unit || !unwound.order.is_empty();
        let rows = format!(
            "SELECT {}, {at}, {item} FROM {listed} LATERAL VIEW posexplode({items}) u AS {at}, {item}",
            unwound.list().replace("1 AS one", "one")
        );
        unwound.name = self.emit("UNWIND", rows);
        if ordered {
            unwound.order.push((at, false));
        }
        unwound.vars.insert(slot, Var::value(element, item));
        Ok(Table { unit: false, ..unwound })
    }

    fn aggregate(&mut self, table: Table, keys: &[(Slot, Expr)], aggregates: &[Aggregate]) -> Result<Table> {
        let mut read: Vec<&Expr> = keys.iter().map(|(_, expr)| expr).collect();
        for aggregate in aggregates {
            if let AggregateCall::Function { arguments, .. } = &aggregate.call {
                read.extend(arguments);
            }
        }
        let table = self.answer(table, &read)?;
        let mut computed: Vec<String> = Vec::new();
        let mut vars = BTreeMap::new();
        let mut groups: Vec<String> = Vec::new();
        for (slot, expr) in keys {
            let mut var = self.var_of(expr, &table, &mut computed)?;
            groupable(&var.ty)?;
            if var.ty == Ty::Float {
                let name = self.fresh("x");
                let text = self.expr(expr, &table)?.grouped();
                computed.push(format!("{text} AS {name}"));
                var.column = name;
            }
            groups.extend(var.columns().into_iter().map(str::to_owned));
            vars.insert(*slot, var);
        }
        let mut seen = BTreeSet::new();
        groups.retain(|column| seen.insert(column.clone()));
        let mut select = groups.clone();
        for aggregate in aggregates {
            let name = self.fresh("g");
            let var = self.aggregated(&table, &aggregate.call, &name, &mut computed, &mut select)?;
            vars.insert(aggregate.slot, var);
        }
        let more = if computed.is_empty() { String::new() } else { format!(", {}", computed.join(", ")) };
        let prepared = self.emit("what is gathered", format!("SELECT {}{more} FROM {}", table.list(), table.name));
        let by = if groups.is_empty() { String::new() } else { format!(" GROUP BY {}", groups.join(", ")) };
        let select = if select.is_empty() { "1 AS one".to_owned() } else { select.join(", ") };
        let what = if groups.is_empty() { "aggregates" } else { "groups" };
        let distinct = if aggregates.is_empty() { "DISTINCT " } else { "" };
        let by = if aggregates.is_empty() { String::new() } else { by };
        let sql = format!("SELECT {distinct}{select} FROM {prepared}{by}");
        Ok(Table { name: self.emit(what, sql), vars, order: Vec::new(), unit: false })
    }

    /// One aggregate: what is computed for it of each row, and of the group.
    fn aggregated(
        &mut self,
        table: &Table,
        call: &AggregateCall,
        name: &str,
        computed: &mut Vec<String>,
        select: &mut Vec<String>,
    ) -> Result<Var> {
        let rows = |text: String, ty: Ty| (format!("{text} AS {name}"), Var::value(ty, name.to_owned()));
        let AggregateCall::Function { function, distinct, arguments, span } = call else {
            let (text, var) = rows("count(*)".to_owned(), Ty::Int);
            select.push(text);
            return Ok(Var { range: Some((0, i64::MAX.into())), ..var });
        };
        let Body::Aggregate(aggregation) = function.body else { return Err(refused(function.name).at(*span)) };
        let Some(first) = arguments.first() else { return Err(refused(function.name).at(*span)) };
        let sql = self.expr(first, table).map_err(|e| e.at(*span))?;
        no_sum(&sql).map_err(|e| e.at(*span))?;
        let argument = self.fresh("a");
        let text = if *distinct { sql.grouped() } else { sql.text.clone() };
        computed.push(format!("{text} AS {argument}"));
        let d = if *distinct { "DISTINCT " } else { "" };
        let unfit = || refused(format!("{}() of {}", function.name, sql.ty.name())).at(*span);
        if *distinct {
            match sql.ty {
                Ty::List(_) | Ty::Map(_) | Ty::Path | Ty::Moment(_) => return Err(unfit()),
                _ => {}
            }
        }
        let (text, var) = match (aggregation, &sql.ty) {
            (Aggregation::Count, _) => {
                let (text, var) = rows(format!("count({d}{argument})"), Ty::Int);
                (text, Var { range: Some((0, i64::MAX.into())), ..var })
            }
            (Aggregation::Sum, Ty::Null) => rows("CAST(0 AS BIGINT) * count(*)".to_owned(), Ty::Int),
            // summed beyond 64 bits, so that only the result can be too large
            (Aggregation::Sum, Ty::Int) => {
                rows(format!("CAST(coalesce(sum({d}CAST({argument} AS DECIMAL(38,0))), 0) AS BIGINT)"), Ty::Int)
            }
            (Aggregation::Sum, Ty::Float) => rows(format!("sum({d}{argument})"), Ty::FloatSum),
            (Aggregation::Avg, Ty::Int) => rows(
                format!(
                    "CAST(sum({d}CAST({argument} AS DECIMAL(38,0))) AS DOUBLE) / CAST(nullif(count({d}{argument}), 0) AS DOUBLE)"
                ),
                Ty::Float,
            ),
            (Aggregation::Avg, Ty::Float) => {
                rows(format!("sum({d}{argument}) / CAST(nullif(count({d}{argument}), 0) AS DOUBLE)"), Ty::Float)
            }
            (
                Aggregation::Min | Aggregation::Max,
                Ty::Bool | Ty::Int | Ty::Float | Ty::Str | Ty::Date | Ty::Among(_),
            ) => {
                let function = if aggregation == Aggregation::Min { "min" } else { "max" };
                let (text, var) = rows(format!("{function}({argument})"), sql.ty.clone());
                (text, Var { range: sql.range, finite: sql.finite, ..var })
            }
            (Aggregation::Avg | Aggregation::Min | Aggregation::Max, Ty::Null) => {
                rows("CAST(min(CAST(NULL AS STRING)) AS STRING)".to_owned(), Ty::Null)
            }
            (Aggregation::Collect, ty) => {
                let element = ty.clone();
                let list = match (table.order.as_slice(), *distinct) {
                    ([], false) => format!("collect_list({argument})"),
                    ([], true) => format!("collect_set({argument})"),
                    (order, false) if order.iter().all(|(_, descending)| !descending) => {
                        // null is the last of its column; what is null itself is left out of the list
                        let keys = order
                            .iter()
                            .map(|(column, _)| format!("'{column}n', {column} IS NULL, '{column}', {column}"));
                        let keys = keys.collect::<Vec<_>>().join(", ");
                        format!(
                            "transform(array_sort(collect_list(CASE WHEN {argument} IS NOT NULL THEN named_struct({keys}, 'v', {argument}) END)), e -> e.v)"
                        )
                    }
                    _ => {
                        return Err(refused("collect() of rows in a descending order, or DISTINCT in any")
                            .hint("sort the list where it is read")
                            .at(*span));
                    }
                };
                rows(list, Ty::List(Box::new(element)))
            }
            _ => return Err(unfit()),
        };
        select.push(text);
        Ok(var)
    }

    fn union(&mut self, tables: &[(Table, &[Slot])], slots: &[Slot]) -> Result<Table> {
        let mut vars = BTreeMap::new();
        let mut selects: Vec<Vec<String>> = vec![Vec::new(); tables.len()];
        for (at, slot) in slots.iter().enumerate() {
            let own = |(table, slots): &(Table, &[Slot])| {
                let var = slots.get(at).and_then(|slot| table.vars.get(slot)).cloned();
                var.ok_or_else(|| refused("UNION of what comes from elsewhere"))
            };
            let all = tables.iter().map(own).collect::<Result<Vec<Var>>>()?;
            let ty =
                common(&all.iter().map(|v| Sql::new(v.column.clone(), v.ty.clone())).collect::<Vec<_>>(), "UNION")?;
            let name = self.fresh("u");
            for (select, var) in selects.iter_mut().zip(&all) {
                select.push(format!("{} AS {name}", Sql::new(var.column.clone(), var.ty.clone()).as_type(&ty)));
            }
            let mut var = Var { finite: all.iter().all(|v| v.finite), ..Var::value(ty, name.clone()) };
            // of nodes and relationships what all parts have
            if all.iter().all(|v| v.of.is_some()) {
                let keys = all.iter().flat_map(|v| &v.of).flat_map(|of| of.properties.keys());
                if keys.collect::<BTreeSet<_>>().is_empty() {
                    let mut tables: Vec<usize> =
                        all.iter().flat_map(|v| &v.of).flat_map(|of| of.tables.clone()).collect();
                    tables.sort_unstable();
                    tables.dedup();
                    for (select, of) in selects.iter_mut().zip(all.iter().filter_map(|v| v.of.as_ref())) {
                        select.push(format!("{} AS {name}_t", of.table));
                    }
                    var.of = Some(super::scope::Content { table: format!("{name}_t"), tables, ..Default::default() });
                }
            }
            vars.insert(*slot, var);
        }
        if selects.iter().any(Vec::is_empty) {
            return Err(refused("UNION of nothing"));
        }
        let parts: Vec<String> = selects
            .iter()
            .zip(tables)
            .map(|(select, (table, _))| format!("SELECT {} FROM {}", select.join(", "), table.name))
            .collect();
        let name = self.emit("UNION", parts.join(" UNION ALL "));
        Ok(Table { name, vars, order: Vec::new(), unit: false })
    }

    /// The slots of `outer` that a plan reads.
    fn reads(&self, inner: &Node, outer: &Table) -> Vec<Slot> {
        fn all(node: &Node, imports: &Imports, out: &mut BTreeSet<Slot>) {
            out.extend(node.op.uses(imports));
            node.op.inputs().into_iter().for_each(|input| all(input, imports, out));
        }
        let mut slots = BTreeSet::new();
        all(inner, &self.imports, &mut slots);
        slots.into_iter().filter(|slot| outer.vars.contains_key(slot)).collect()
    }

    /// CALL { … }: for each row, the rows of `inner`.
    fn each(&mut self, table: Table, inner: &Node) -> Result<Table> {
        if self.reads(inner, &table).is_empty() {
            let inner = self.node(inner, None)?;
            let mut joined = table;
            let new: Vec<(Slot, Var)> =
                inner.vars.into_iter().filter(|(slot, _)| !joined.vars.contains_key(slot)).collect();
            let mut columns: Vec<String> = joined.columns().into_iter().map(str::to_owned).collect();
            columns.extend(new.iter().flat_map(|(_, var)| var.columns()).map(str::to_owned));
            let mut seen = BTreeSet::new();
            columns.retain(|column| seen.insert(column.clone()));
            let columns = if columns.is_empty() { "1 AS one".to_owned() } else { columns.join(", ") };
            let from = match joined.unit {
                true => inner.name,
                false => format!("{} CROSS JOIN {}", joined.name, inner.name),
            };
            joined.name = self.emit("CALL", format!("SELECT {columns} FROM {from}"));
            joined.vars.extend(new);
            return Ok(Table { unit: false, ..joined });
        }
        if !row_by_row(inner) {
            return Err(refused("CALL { … } that groups, sorts or cuts what it finds for each row"));
        }
        self.node(inner, Some(&table))
    }

    /// OPTIONAL MATCH: the rows of `inner`, or one with nulls.
    fn optional(&mut self, table: Table, inner: &Node, nulls: &[Slot]) -> Result<Table> {
        if !row_by_row(inner) {
            return Err(refused("OPTIONAL CALL { … } that groups, sorts or cuts what it finds for each row"));
        }
        let keys = self.reads(inner, &table);
        let different = self.different(&table, &keys);
        let found = self.node(inner, Some(&different))?;
        let mut new = Vec::new();
        for slot in nulls {
            let var = found.vars.get(slot).cloned();
            let var = var.ok_or_else(|| refused("OPTIONAL MATCH of what comes from elsewhere"))?;
            new.push((*slot, Var { nullable: true, constant: None, ..var }));
        }
        let given: Vec<String> = new.iter().flat_map(|(_, var)| var.columns()).map(str::to_owned).collect();
        let known: BTreeSet<&str> = table.columns().into_iter().collect();
        // a pattern may give back what it was given: it is there already
        let given: Vec<String> = given.into_iter().filter(|column| !known.contains(column.as_str())).collect();
        let mut select = given.clone();
        let on = self.same(&table, &keys, &mut select);
        // the columns by which they are joined are asked for under other names
        if select.is_empty() {
            select.push("1 AS one".to_owned());
        }
        let mut columns: Vec<String> = table.columns().into_iter().map(str::to_owned).collect();
        columns.extend(given);
        let columns = if columns.is_empty() { "1 AS one".to_owned() } else { columns.join(", ") };
        let sql = format!(
            "SELECT {columns} FROM {} LEFT JOIN (SELECT {} FROM {}) ON {on}",
            table.name,
            select.join(", "),
            found.name
        );
        let mut joined = table;
        joined.name = self.emit("OPTIONAL MATCH", sql);
        joined.vars.extend(new);
        Ok(Table { unit: false, ..joined })
    }

    /// All different values of some slots of a table.
    fn different(&mut self, table: &Table, keys: &[Slot]) -> Table {
        let vars: BTreeMap<Slot, Var> =
            keys.iter().filter_map(|slot| Some((*slot, table.vars.get(slot)?.clone()))).collect();
        if vars.is_empty() {
            return self.unit();
        }
        let mut different = Table { name: String::new(), vars, order: Vec::new(), unit: false };
        let sql = format!("SELECT DISTINCT {} FROM {}", different.list(), table.name);
        different.name = self.emit("all different rows", sql);
        different
    }

    /// The condition that joins a table with what was found for its different values; `select` gets the columns that it
    /// reads of them.
    fn same(&mut self, table: &Table, keys: &[Slot], select: &mut Vec<String>) -> String {
        let mut on = Vec::new();
        for slot in keys {
            let Some(var) = table.vars.get(slot) else { continue };
            let name = self.fresh("k");
            select.push(format!("{} AS {name}", var.column));
            let sign = if var.nullable { "<=>" } else { "=" };
            on.push(format!("{} {sign} {name}", var.column));
        }
        if on.is_empty() { "true".to_owned() } else { on.join(" AND ") }
    }

    /// Answers the subqueries in expressions: each becomes a column of the table.
    pub(super) fn answer(&mut self, mut table: Table, exprs: &[&Expr]) -> Result<Table> {
        let mut numbers = Vec::new();
        for expr in exprs {
            subqueries(expr, &mut numbers);
        }
        for number in numbers {
            table = self.subquery(table, number)?;
        }
        Ok(table)
    }

    fn subquery(&mut self, table: Table, number: u32) -> Result<Table> {
        let logical = self.logical;
        let Some(sub) = logical.plan.subplans.get(number as usize) else { return Err(refused("a subquery")) };
        if sub.imports.iter().any(|(_, expr)| any(expr, &|e| matches!(e, Expr::Local(_)))) {
            return Err(refused("a subquery inside a list, which reads its variable"));
        }
        if !row_by_row(&sub.root) {
            return Err(refused("a subquery in an expression that groups, sorts or cuts what it finds"));
        }
        // what it reads of the row, under the slots it knows it by
        let others: Vec<(Slot, Expr)> = sub
            .imports
            .iter()
            .filter(|(slot, expr)| !matches!(expr, Expr::Slot(own) if own == slot))
            .cloned()
            .collect();
        let table = self.project(table, &others)?;
        let keys: Vec<Slot> = sub.imports.iter().map(|(slot, _)| *slot).collect();
        for (slot, _) in &sub.imports {
            if !table.vars.contains_key(slot) {
                return Err(refused("a subquery that reads what comes from elsewhere"));
            }
        }
        let different = self.different(&table, &keys);
        let found = self.node(&sub.root, Some(&different))?;
        let name = self.fresh("s");
        let mut select = Vec::new();
        let on = self.same(&table, &keys, &mut select);
        // `same` names the columns of the outer table; inside they are called the same
        let names: Vec<String> =
            select.iter().filter_map(|column| column.rsplit_once(" AS ").map(|(_, name)| name.to_owned())).collect();
        let mut group = names.clone();
        let (gathered, sql) = match sub.kind {
            SubqueryKind::Exists => ("true".to_owned(), Sql::new(format!("({name} IS NOT NULL)"), Ty::Bool)),
            SubqueryKind::Count => (
                "count(*)".to_owned(),
                Sql { range: Some((0, i64::MAX.into())), ..Sql::new(format!("coalesce({name}, 0L)"), Ty::Int) },
            ),
            SubqueryKind::Collect => {
                let output = sub.output.and_then(|slot| found.vars.get(&slot)).ok_or_else(|| refused("COLLECT"))?;
                let ty = Ty::List(Box::new(output.ty.clone()));
                let none = format!("CAST(array() AS {})", ty.sql());
                (
                    // a list keeps its nulls where collecting does not
                    format!("transform(collect_list(named_struct('v', {})), e -> e.v)", output.column),
                    Sql::new(format!("coalesce({name}, {none})"), ty),
                )
            }
        };
        let inner = if names.is_empty() {
            match sub.kind {
                SubqueryKind::Exists => format!("SELECT true AS {name} FROM {} LIMIT 1", found.name),
                _ => format!("SELECT {gathered} AS {name} FROM {}", found.name),
            }
        } else {
            group.dedup();
            let outputs: Vec<String> = found.vars.values().flat_map(Var::columns).map(str::to_owned).collect();
            let mut own: Vec<String> = select.clone();
            own.extend(outputs);
            let mut seen = BTreeSet::new();
            own.retain(|column| seen.insert(column.clone()));
            format!(
                "SELECT {0}, {gathered} AS {name} FROM (SELECT {1} FROM {2}) GROUP BY {0}",
                group.join(", "),
                own.join(", "),
                found.name
            )
        };
        let what = match sub.kind {
            SubqueryKind::Exists => "EXISTS",
            SubqueryKind::Count => "COUNT",
            SubqueryKind::Collect => "COLLECT",
        };
        let columns = match table.columns().is_empty() {
            true => name.clone(),
            false => format!("{}, {name}", table.list()),
        };
        let sql_text = format!("SELECT {columns} FROM {} LEFT JOIN ({inner}) ON {on}", table.name);
        let mut joined = table;
        joined.name = self.emit(what, sql_text);
        // a slot of its own keeps the column alive
        let slot = Slot(u32::MAX - number);
        joined.vars.insert(slot, Var::value(sql.ty.clone(), name));
        self.answers.insert(number, sql);
        Ok(Table { unit: false, ..joined })
    }
}

/// Errors: values of the type are not the same by their columns alone.
fn groupable(ty: &Ty) -> Result<()> {
    match ty {
        Ty::Moment(_) | Ty::FloatSum => Err(refused(format!("DISTINCT or grouping by a {}", ty.name()))),
        Ty::List(element) if **element != Ty::Float => groupable(element),
        Ty::List(_) => Err(refused("DISTINCT or grouping by a list of floats")),
        Ty::Map(fields) => fields.iter().try_for_each(|(_, ty)| match ty {
            Ty::Float => Err(refused("DISTINCT or grouping by a map with floats")),
            ty => groupable(ty),
        }),
        _ => Ok(()),
    }
}

/// The subqueries in an expression, the inner ones of lists aside.
fn subqueries(expr: &Expr, out: &mut Vec<u32>) {
    if let Expr::Subquery(number) = expr
        && !out.contains(number)
    {
        out.push(*number);
    }
    crate::bind::parts::parts(expr, &mut |part| subqueries(part, out));
}

/// Whether a plan over an Argument treats every row by itself.
fn row_by_row(node: &Node) -> bool {
    match &node.op {
        Op::Argument => true,
        Op::Pattern { input, .. } | Op::Filter { input, .. } | Op::Project { input, .. } | Op::Unwind { input, .. } => {
            row_by_row(input)
        }
        Op::Apply { input, inner, .. } => row_by_row(input) && row_by_row(inner),
        _ => false,
    }
}
