//! Expressions as SQL that means the same.
//!
//! What differs between the two is said in other words here, or refused: integers are checked against 64 bits, division by
//! zero is an error of integers and an infinity of floats, NaN is equal to nothing, integers and floats are compared
//! exactly, `=` of values of two types is false and `<` of them null. What reads no row is computed here, by the engine
//! itself, and sent as an argument.

use std::sync::Arc;

use super::client::{Argument, MARK};
use super::lower::{Lower, refused};
use super::scope::{Content, Range, Table, Var};
use super::types::Ty;
use crate::bind::bound::{ArithmeticOp, BinaryOp, ComparisonOp, Expr, LabelTest, Quantifier, Slot};
use crate::error::{Result, Span};
use crate::function::Function;
use crate::plan::rewrite::replaced;
use crate::value::Value;

/// An expression in SQL.
#[derive(Clone, Debug)]
pub(super) struct Sql {
    pub(super) text: String,
    pub(super) ty: Ty,
    /// Least and greatest value of an integer.
    pub(super) range: Option<Range>,
    /// Of a float: never NaN.
    pub(super) finite: bool,
}

/// Every integer.
const ANY: Range = (i64::MIN as i128, i64::MAX as i128);

impl Sql {
    pub(super) fn new(text: impl Into<String>, ty: Ty) -> Self {
        Self { text: text.into(), ty, range: None, finite: false }
    }

    pub(super) fn null() -> Self {
        Self::new("CAST(NULL AS STRING)", Ty::Null)
    }

    fn ranged(mut self, range: Range) -> Self {
        self.range = Some(range);
        self
    }

    /// The same as a column of another type that holds its values. The two must go together ([`Ty::with`]).
    pub(super) fn as_type(&self, ty: &Ty) -> String {
        match (&self.ty, ty) {
            (own, ty) if own == ty => self.text.clone(),
            (Ty::Null, ty) => format!("CAST(NULL AS {})", ty.sql()),
            (_, ty) => format!("CAST({} AS {})", self.text, ty.sql()),
        }
    }

    fn range(&self) -> Range {
        self.range.unwrap_or(ANY)
    }

    /// As a double.
    fn double(&self) -> String {
        match self.ty {
            Ty::Int => format!("CAST({} AS DOUBLE)", self.text),
            Ty::FloatSum => format!("coalesce({}, 0.0D)", self.text),
            _ => self.text.clone(),
        }
    }

    /// What GROUP BY and DISTINCT take: both zeros are one.
    pub(super) fn grouped(&self) -> String {
        if self.ty == Ty::Float { format!("({} + 0.0D)", self.text) } else { self.text.clone() }
    }
}

/// The type that holds the values of all. Errors: there is none.
pub(super) fn common(all: &[Sql], what: &str) -> Result<Ty> {
    let mut ty = Ty::Null;
    for sql in all {
        ty = ty.with(&sql.ty).ok_or_else(|| {
            refused(format!("{what} has values of several types here: {} and {}", ty.name(), sql.ty.name()))
        })?;
    }
    Ok(ty)
}

/// A name or a text between quotes of SQL.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

impl Lower<'_> {
    /// An expression over the rows of `table`.
    pub(super) fn expr(&mut self, expr: &Expr, table: &Table) -> Result<Sql> {
        if !matches!(expr, Expr::Slot(_) | Expr::Local(_))
            && let Some(value) = self.fixed(expr, table)
        {
            return match value {
                Ok(value) => self.constant(&value),
                // there is one row, and it asks
                Err(error) if table.unit => Err(error),
                // whether it fails depends on whether a row asks
                Err(error) => Err(refused(format!("an expression that fails whatever the row: {}", error.message()))),
            };
        }
        match expr {
            Expr::Const(value) => self.constant(value),
            Expr::Param(_) => Err(refused("a parameter")),
            Expr::Slot(slot) => {
                let var = table.vars.get(slot).ok_or_else(|| refused("a variable that comes from elsewhere"))?;
                let Var { ty, column, range, finite, .. } = var.clone();
                Ok(Sql { text: column, ty, range, finite })
            }
            Expr::Local(depth) => {
                let local = self.locals.iter().rev().find(|(number, _)| number == depth);
                local
                    .map(|(_, sql)| sql.clone())
                    .ok_or_else(|| refused("a variable of a list that comes from elsewhere"))
            }
            Expr::List(items) => self.list(items, table),
            Expr::Map(entries) => {
                let entries = entries.iter().map(|(key, e)| Ok((Arc::clone(key), self.expr(e, table)?)));
                let mut entries = entries.collect::<Result<Vec<_>>>()?;
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                Ok(structure(entries))
            }
            Expr::Property { base, key, span } => self.property(base, key, table).map_err(|e| e.at(*span)),
            Expr::Index { base, index, span } => self.index(base, index, table).map_err(|e| e.at(*span)),
            Expr::Slice { base, from, to, span } => {
                self.slice(base, from.as_deref(), to.as_deref(), table).map_err(|e| e.at(*span))
            }
            Expr::Arithmetic { first, rest, span } => {
                let mut left = self.expr(first, table)?;
                for (op, right) in rest {
                    let right = self.expr(right, table)?;
                    left = self.arithmetic(left, *op, right).map_err(|e| e.at(*span))?;
                }
                Ok(left)
            }
            Expr::Compare { first, rest } => {
                let mut left = self.expr(first, table)?;
                let mut all = Vec::new();
                for (op, right) in rest {
                    let right = self.expr(right, table)?;
                    all.push(self.compare(&left, *op, &right)?);
                    left = right;
                }
                Ok(Sql::new(joined(all, "AND"), Ty::Bool))
            }
            Expr::And(terms, span) => self.logic(terms, "AND", *span, table),
            Expr::Or(terms, span) => self.logic(terms, "OR", *span, table),
            Expr::Xor(terms, span) => self.logic(terms, "<>", *span, table),
            Expr::Not(operand, span) => {
                let truth = self.truth(operand, *span, table)?;
                Ok(Sql::new(format!("(NOT {truth})"), Ty::Bool))
            }
            Expr::Negate(operand, span) => {
                let operand = self.expr(operand, table)?;
                match operand.ty {
                    Ty::Int => {
                        let zero = Sql::new("0L", Ty::Int).ranged((0, 0));
                        self.arithmetic(zero, ArithmeticOp::Subtract, operand)
                    }
                    Ty::Float => Ok(Sql { text: format!("(- {})", operand.text), ..operand }),
                    Ty::Null => Ok(operand),
                    _ => Err(no_operation("-", &operand)),
                }
                .map_err(|e| e.at(*span))
            }
            Expr::Binary { op, left, right, span } => self.binary(*op, left, right, table).map_err(|e| e.at(*span)),
            Expr::IsNull { operand, negated } => {
                let operand = self.expr(operand, table)?;
                if operand.ty == Ty::FloatSum {
                    return Ok(Sql::new(if *negated { "true" } else { "false" }, Ty::Bool));
                }
                let not = if *negated { "NOT " } else { "" };
                Ok(Sql::new(format!("({} IS {not}NULL)", operand.text), Ty::Bool))
            }
            Expr::IsType { span, .. } => Err(refused("IS :: TYPE").at(*span)),
            Expr::HasLabels { operand, test, span } => self.has_labels(operand, test, table).map_err(|e| e.at(*span)),
            Expr::Call { function, arguments, span } => self.call(function, arguments, table).map_err(|e| e.at(*span)),
            Expr::Case { operand, branches, otherwise } => {
                self.case(operand.as_deref(), branches, otherwise.as_deref(), table)
            }
            Expr::ListComprehension { local, list, condition, map, span } => {
                let list = self.list_of(list, table).map_err(|e| e.at(*span))?;
                let Some((list, element)) = list else { return Ok(Sql::null()) };
                let name = self.local(*local, &element);
                let mut text = list;
                let inner = (|| {
                    if let Some(condition) = condition {
                        text = format!("filter({text}, {name} -> {})", self.truth(condition, *span, table)?);
                    }
                    map.as_ref().map(|map| self.expr(map, table)).transpose()
                })();
                self.locals.pop();
                let Some(map) = inner? else { return Ok(Sql::new(text, Ty::List(Box::new(element)))) };
                no_sum(&map)?;
                Ok(Sql::new(format!("transform({text}, {name} -> {})", map.text), Ty::List(Box::new(map.ty))))
            }
            Expr::Quantifier { kind, local, list, condition, span } => {
                let Some(condition) = condition else {
                    return Err(refused("a quantifier without a condition").at(*span));
                };
                let list = self.list_of(list, table).map_err(|e| e.at(*span))?;
                let Some((list, element)) = list else { return Ok(Sql::new("CAST(NULL AS BOOLEAN)", Ty::Bool)) };
                let name = self.local(*local, &element);
                let truth = self.truth(condition, *span, table);
                self.locals.pop();
                let truth = truth?;
                let text = match kind {
                    Quantifier::All => format!("forall({list}, {name} -> {truth})"),
                    Quantifier::Any => format!("exists({list}, {name} -> {truth})"),
                    Quantifier::None => format!("(NOT exists({list}, {name} -> {truth}))"),
                    Quantifier::Single => format!(
                        "CASE WHEN {list} IS NULL THEN CAST(NULL AS BOOLEAN) WHEN size(filter({list}, {name} -> {truth})) > 1 THEN false \
                         WHEN exists({list}, {name} -> ({truth}) IS NULL) THEN CAST(NULL AS BOOLEAN) \
                         ELSE size(filter({list}, {name} -> {truth})) = 1 END"
                    ),
                };
                Ok(Sql::new(text, Ty::Bool))
            }
            Expr::Reduce { accumulator, init, local, list, body, span } => {
                let list = self.list_of(list, table).map_err(|e| e.at(*span))?;
                let Some((list, element)) = list else { return Ok(Sql::null()) };
                let init = self.expr(init, table)?;
                let so_far = self.local(*accumulator, &init.ty);
                let name = self.local(*local, &element);
                let body = self.expr(body, table);
                self.locals.truncate(self.locals.len() - 2);
                let body = body?;
                if body.ty != init.ty {
                    let (a, b) = (init.ty.name(), body.ty.name());
                    return Err(refused(format!("reduce() that begins with {a} and goes on with {b}")).at(*span));
                }
                let text = format!("aggregate({list}, {}, ({so_far}, {name}) -> {})", init.text, body.text);
                Ok(Sql::new(text, init.ty))
            }
            Expr::MapProjection { base, all, entries, span } => {
                if *all {
                    return Err(refused("a map projection with .*").at(*span));
                }
                let base = self.expr(base, table)?;
                let entries = entries.iter().map(|(key, e)| Ok((Arc::clone(key), self.expr(e, table)?)));
                let mut entries = entries.collect::<Result<Vec<_>>>()?;
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                let of = structure(entries);
                let text =
                    format!("CASE WHEN {} IS NULL THEN CAST(NULL AS {}) ELSE {} END", base.text, of.ty.sql(), of.text);
                Ok(Sql::new(text, of.ty))
            }
            Expr::Once { expr, .. } => self.expr(expr, table),
            Expr::Through { .. } => Err(refused("what sources say of one thing differently")),
            Expr::Subquery(number) => self.answers.get(number).cloned().ok_or_else(|| {
                refused("a subquery here: it must not stand inside a list, another subquery or an aggregate")
            }),
        }
    }

    /// The value of an expression that is the same in every row, or the error that it gives.
    pub(super) fn fixed(&self, expr: &Expr, table: &Table) -> Option<Result<Value>> {
        if let Expr::Const(value) = expr {
            return Some(Ok(value.clone()));
        }
        let known = |slot: Slot| table.vars.get(&slot).and_then(|var| var.constant.as_ref());
        if !is_constant(expr, &|slot| known(slot).is_some()) {
            return None;
        }
        let constant = |expr: &Expr| match expr {
            Expr::Slot(slot) => known(*slot).map(|value| Expr::Const(value.clone())),
            _ => None,
        };
        Some(self.logical.constant(&replaced(expr.clone(), &constant)))
    }

    /// A value as an argument.
    pub(super) fn constant(&mut self, value: &Value) -> Result<Sql> {
        let Some(ty) = Ty::of(value) else {
            let (ty, _) = Ty::among(std::slice::from_ref(value));
            return Ok(Sql::new("0", ty));
        };
        Ok(match value {
            Value::Null => Sql::null(),
            Value::Bool(yes) => Sql::new(yes.to_string(), Ty::Bool),
            Value::Int(n) => Sql::new(self.argument(ty, value), Ty::Int).ranged((i128::from(*n), i128::from(*n))),
            Value::Float(x) => Sql { finite: !x.is_nan(), ..Sql::new(self.argument(ty, value), Ty::Float) },
            Value::List(items) if items.is_empty() => Sql::new("CAST(array() AS ARRAY<STRING>)", ty),
            Value::List(items) => {
                let Ty::List(element) = &ty else { return Err(refused("a list")) };
                let items = items.iter().map(|item| match item {
                    // numbers need no protection, and long lists have many
                    Value::Int(n) if *n >= 0 => Ok(format!("{n}L")),
                    item => Ok(self.constant(item)?.as_type(element)),
                });
                let items = items.collect::<Result<Vec<String>>>()?;
                Sql::new(format!("array({})", items.join(", ")), ty)
            }
            Value::Map(map) => {
                let entries = map.entries().iter().map(|(key, value)| Ok((Arc::clone(key), self.constant(value)?)));
                structure(entries.collect::<Result<Vec<_>>>()?)
            }
            _ => Sql::new(self.argument(ty.clone(), value), ty),
        })
    }

    /// The name of a new argument.
    fn argument(&mut self, ty: Ty, value: &Value) -> String {
        let name = format!("p{}", self.arguments.len());
        let text = format!(":{name}");
        self.arguments.push(Argument { name, ty, value: value.clone() });
        text
    }

    /// Opens a variable of a list; to be taken from `locals` again.
    fn local(&mut self, number: u32, ty: &Ty) -> String {
        self.lambdas += 1;
        let name = format!("v{}", self.lambdas);
        self.locals.push((number, Sql::new(name.clone(), ty.clone())));
        name
    }

    /// A list and the type of its elements; nothing where it is always null. Errors: it is no list.
    fn list_of(&mut self, expr: &Expr, table: &Table) -> Result<Option<(String, Ty)>> {
        let list = self.expr(expr, table)?;
        match list.ty {
            Ty::List(element) => Ok(Some((list.text, *element))),
            Ty::Null => Ok(None),
            _ => Err(refused(format!("a {} where a list is wanted", list.ty.name()))),
        }
    }

    fn list(&mut self, items: &[Expr], table: &Table) -> Result<Sql> {
        let items = items.iter().map(|item| self.expr(item, table)).collect::<Result<Vec<_>>>()?;
        items.iter().try_for_each(no_sum)?;
        let element = common(&items, "a list")?;
        let ty = Ty::List(Box::new(element.clone()));
        if items.is_empty() {
            return Ok(Sql::new("CAST(array() AS ARRAY<STRING>)", ty));
        }
        let items: Vec<String> = items.iter().map(|item| item.as_type(&element)).collect();
        Ok(Sql::new(format!("array({})", items.join(", ")), ty))
    }

    /// What a condition is in SQL. Errors: it is no boolean.
    pub(super) fn truth(&mut self, expr: &Expr, span: Span, table: &Table) -> Result<String> {
        let sql = self.expr(expr, table)?;
        match sql.ty {
            Ty::Bool => Ok(sql.text),
            Ty::Null => Ok("CAST(NULL AS BOOLEAN)".to_owned()),
            _ => Err(refused(format!("a {} where a boolean is wanted", sql.ty.name())).at(span)),
        }
    }

    fn logic(&mut self, terms: &[Expr], operator: &str, span: Span, table: &Table) -> Result<Sql> {
        let terms = terms.iter().map(|term| self.truth(term, span, table)).collect::<Result<Vec<_>>>()?;
        Ok(Sql::new(joined(terms, operator), Ty::Bool))
    }

    /// The content of a node or relationship that an expression is.
    fn content<'t>(expr: &Expr, table: &'t Table) -> Option<(&'t Var, &'t Content)> {
        let Expr::Slot(slot) = expr else { return None };
        let var = table.vars.get(slot)?;
        Some((var, var.of.as_ref()?))
    }

    fn property(&mut self, base: &Expr, key: &Arc<str>, table: &Table) -> Result<Sql> {
        if let Some((_, of)) = Self::content(base, table) {
            let Some(property) = of.properties.get(key) else {
                return Err(refused(format!("`{key}`, which does not come along here")));
            };
            if let Some(mixed) = &property.mixed {
                return Err(refused(mixed.clone()).hint("a column has one type: ask for nodes of one label"));
            }
            let Some(column) = &property.column else { return Ok(Sql::null()) };
            return Ok(Sql {
                text: column.clone(),
                ty: property.ty.clone(),
                range: property.range,
                finite: property.finite,
            });
        }
        let base = self.expr(base, table)?;
        match &base.ty {
            Ty::Null => Ok(Sql::null()),
            Ty::Map(fields) => Ok(match fields.iter().position(|(own, _)| own == key) {
                Some(at) => Sql::new(format!("({}).f{at}", base.text), fields[at].1.clone()),
                None => Sql::null(),
            }),
            Ty::Date if matches!(&**key, "year" | "month" | "day") => {
                Ok(Sql::new(format!("CAST({key}({}) AS BIGINT)", base.text), Ty::Int))
            }
            Ty::Node | Ty::Rel => {
                Err(refused(format!("`{key}` of a node or relationship that is in a list or a path"))
                    .hint("UNWIND gives ids only: match the node again"))
            }
            other => Err(refused(format!("`{key}` of a {}", other.name()))),
        }
    }

    fn index(&mut self, base: &Expr, index: &Expr, table: &Table) -> Result<Sql> {
        let base = self.expr(base, table)?;
        let index = self.expr(index, table)?;
        match (&base.ty, &index.ty) {
            (Ty::Null, _) | (_, Ty::Null) => Ok(Sql::null()),
            (Ty::List(element), Ty::Int) => {
                let i = &index.text;
                let at = format!(
                    "CASE WHEN {i} BETWEEN -2147483647 AND 2147483646 THEN CAST(CASE WHEN {i} >= 0 THEN {i} + 1 ELSE {i} END AS INT) END"
                );
                Ok(Sql::new(format!("try_element_at({}, {at})", base.text), (**element).clone()))
            }
            (ty, _) => Err(refused(format!("[…] on a {}", ty.name()))),
        }
    }

    /// `list[from..to]`: bounds count from the end where they are negative, and end where the list does.
    fn slice(&mut self, base: &Expr, from: Option<&Expr>, to: Option<&Expr>, table: &Table) -> Result<Sql> {
        let list = self.expr(base, table)?;
        let bounds = [from, to].map(|bound| bound.map(|bound| self.expr(bound, table)).transpose());
        let [from, to] = bounds;
        let (from, to) = (from?, to?);
        let bounds = || from.iter().chain(&to);
        if list.ty == Ty::Null || bounds().any(|bound| bound.ty == Ty::Null) {
            return Ok(Sql::null());
        }
        if !matches!(list.ty, Ty::List(_)) || bounds().any(|bound| bound.ty != Ty::Int) {
            return Err(refused(format!("a slice of a {}", list.ty.name())));
        }
        let l = &list.text;
        let place = |bound: &Sql| {
            let b = &bound.text;
            format!(
                "CASE WHEN {b} >= 0 THEN least({b}, CAST(size({l}) AS BIGINT)) ELSE greatest(CAST(size({l}) AS BIGINT) + {b}, 0L) END"
            )
        };
        let begin = from.as_ref().map_or_else(|| "0L".to_owned(), place);
        let end = to.as_ref().map_or_else(|| format!("CAST(size({l}) AS BIGINT)"), place);
        let mut unknown = vec![format!("{l} IS NULL")];
        unknown.extend(bounds().map(|bound| format!("{} IS NULL", bound.text)));
        let none = format!("CAST(array() AS {})", list.ty.sql());
        let text = format!(
            "CASE WHEN {} THEN NULL WHEN {begin} >= {end} THEN {none} \
             ELSE slice({l}, CAST({begin} AS INT) + 1, CAST(greatest({end} - {begin}, 0L) AS INT)) END",
            unknown.join(" OR ")
        );
        Ok(Sql::new(text, list.ty))
    }

    fn arithmetic(&mut self, left: Sql, op: ArithmeticOp, right: Sql) -> Result<Sql> {
        let sign = op.sign();
        if left.ty == Ty::Null || right.ty == Ty::Null {
            let other = if left.ty == Ty::Null { &right } else { &left };
            // what fits no operator fails or not by the other side
            return match other.ty {
                Ty::Null | Ty::Int | Ty::Float | Ty::Str | Ty::List(_) => Ok(Sql::null()),
                _ => Err(no_operation(sign, other)),
            };
        }
        no_sum(&left)?;
        no_sum(&right)?;
        let (a, b) = (&left.text, &right.text);
        match (&left.ty, op, &right.ty) {
            (Ty::Int, _, Ty::Int) => integers(&left, op, &right).ok_or_else(|| no_operation(sign, &left)),
            (x, _, y) if x.is_number() && y.is_number() => {
                floats(&left, op, &right).ok_or_else(|| no_operation(sign, &left))
            }
            (Ty::Str, ArithmeticOp::Add | ArithmeticOp::Concat, Ty::Str) => {
                Ok(Sql::new(format!("concat({a}, {b})"), Ty::Str))
            }
            (Ty::Str, ArithmeticOp::Add, Ty::Int | Ty::Bool) => {
                Ok(Sql::new(format!("concat({a}, CAST({b} AS STRING))"), Ty::Str))
            }
            (Ty::Int | Ty::Bool, ArithmeticOp::Add, Ty::Str) => {
                Ok(Sql::new(format!("concat(CAST({a} AS STRING), {b})"), Ty::Str))
            }
            (Ty::List(_), ArithmeticOp::Add | ArithmeticOp::Concat, Ty::List(_)) => {
                let ty = common(&[left.clone(), right.clone()], "a list")?;
                Ok(Sql::new(format!("concat({}, {})", left.as_type(&ty), right.as_type(&ty)), ty))
            }
            (Ty::List(element), ArithmeticOp::Add, _) => {
                let one = Ty::List(Box::new(right.ty.clone()));
                let Some(ty) = left.ty.with(&one) else {
                    return Err(refused(format!("a list of {} and {} together", element.name(), right.ty.name())));
                };
                // null added to a list is null, and so is what is added to null
                let added = format!("concat({}, array({}))", left.as_type(&ty), right.text);
                Ok(Sql::new(format!("CASE WHEN {b} IS NULL THEN NULL ELSE {added} END"), ty))
            }
            (_, ArithmeticOp::Add, Ty::List(_)) => Err(refused("an element before a list, joined by +")),
            _ => Err(no_operation(sign, if left.ty.is_number() || left.ty == Ty::Str { &right } else { &left })),
        }
    }

    /// `a op b`, as it is true, false or null.
    pub(super) fn compare(&mut self, left: &Sql, op: ComparisonOp, right: &Sql) -> Result<String> {
        let sign = op.sign();
        let equality = matches!(op, ComparisonOp::Equal | ComparisonOp::NotEqual);
        let unequal = op == ComparisonOp::NotEqual;
        let (a, b) = (left.text.as_str(), right.text.as_str());
        if left.ty == Ty::Null || right.ty == Ty::Null {
            return Ok("CAST(NULL AS BOOLEAN)".to_owned());
        }
        let known =
            |truth: bool| format!("CASE WHEN {a} IS NULL OR {b} IS NULL THEN CAST(NULL AS BOOLEAN) ELSE {truth} END");
        Ok(match (&left.ty, &right.ty) {
            (Ty::Int, Ty::Int) | (Ty::Str, Ty::Str) | (Ty::Bool, Ty::Bool) | (Ty::Date, Ty::Date) => {
                format!("({a} {sign} {b})")
            }
            (Ty::Node, Ty::Node) | (Ty::Rel, Ty::Rel) | (Ty::Path, Ty::Path) if equality => format!("({a} {sign} {b})"),
            (x, y) if x.is_number() && y.is_number() => numbers(left, sign, unequal, right),
            (Ty::List(x), Ty::List(y)) if equality => {
                self.lambdas += 1;
                let i = format!("v{}", self.lambdas);
                let element = |list: &str, ty: &Ty| Sql::new(format!("get({list}, {i} - 1)"), ty.clone());
                let same = self.compare(&element(a, x), ComparisonOp::Equal, &element(b, y))?;
                let not = if unequal { "NOT " } else { "" };
                format!(
                    "({not}CASE WHEN {a} IS NULL OR {b} IS NULL THEN CAST(NULL AS BOOLEAN) WHEN size({a}) <> size({b}) THEN false \
                     WHEN size({a}) = 0 THEN true ELSE forall(sequence(1, size({a})), {i} -> {same}) END)"
                )
            }
            (Ty::Moment(_), _) | (_, Ty::Moment(_)) => {
                let ty = if matches!(left.ty, Ty::Moment(_)) { &left.ty } else { &right.ty };
                return Err(refused(format!("comparing a {}", ty.name())));
            }
            (Ty::Among(_), _) | (_, Ty::Among(_)) => {
                return Err(refused("comparing a value that no column can hold"));
            }
            (Ty::Map(_), Ty::Map(_)) => return Err(refused("comparing maps")),
            (Ty::List(_), Ty::List(_)) => return Err(refused("the order of lists")),
            // of two types: not equal, and in no order
            _ if equality => known(unequal),
            _ => "CAST(NULL AS BOOLEAN)".to_owned(),
        })
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr, table: &Table) -> Result<Sql> {
        let name = match op {
            BinaryOp::StartsWith => "startswith",
            BinaryOp::EndsWith => "endswith",
            BinaryOp::Contains => "contains",
            BinaryOp::Regex => return Err(refused("=~: regular expressions are not the same there")),
            BinaryOp::In => return self.within(left, right, table),
        };
        let (left, right) = (self.expr(left, table)?, self.expr(right, table)?);
        match (&left.ty, &right.ty) {
            (Ty::Str, Ty::Str) => Ok(Sql::new(format!("{name}({}, {})", left.text, right.text), Ty::Bool)),
            (Ty::Null | Ty::Str, Ty::Null | Ty::Str) => Ok(Sql::new("CAST(NULL AS BOOLEAN)", Ty::Bool)),
            _ => Err(refused(format!("{name} on {} and {}", left.ty.name(), right.ty.name()))),
        }
    }

    fn within(&mut self, left: &Expr, right: &Expr, table: &Table) -> Result<Sql> {
        let value = self.expr(left, table)?;
        no_sum(&value)?;
        // a list of constants of one type is what servers look up
        if let Some(Ok(Value::List(items))) = self.fixed(right, table)
            && !items.is_empty()
            && items.iter().all(|item| {
                matches!(
                    (item, &value.ty),
                    (Value::Int(_), Ty::Int) | (Value::Str(_), Ty::Str) | (Value::Bool(_), Ty::Bool)
                )
            })
        {
            let items = items.iter().map(|item| Ok(self.constant(item)?.text)).collect::<Result<Vec<_>>>()?;
            return Ok(Sql::new(format!("({} IN ({}))", value.text, items.join(", ")), Ty::Bool));
        }
        let Some((list, element)) = self.list_of(right, table)? else {
            return Ok(Sql::new("CAST(NULL AS BOOLEAN)", Ty::Bool));
        };
        self.lambdas += 1;
        let name = format!("v{}", self.lambdas);
        let same = self.compare(&value, ComparisonOp::Equal, &Sql::new(name.clone(), element))?;
        Ok(Sql::new(format!("exists({list}, {name} -> {same})"), Ty::Bool))
    }

    fn has_labels(&mut self, operand: &Expr, test: &LabelTest, table: &Table) -> Result<Sql> {
        let Some((var, of)) = Self::content(operand, table) else {
            let operand = self.expr(operand, table)?;
            return match operand.ty {
                Ty::Null => Ok(Sql::new("CAST(NULL AS BOOLEAN)", Ty::Bool)),
                _ => Err(refused("labels of a node that is in a list or a path")),
            };
        };
        let fits: Vec<String> = of
            .tables
            .iter()
            .filter(|number| match var.ty {
                Ty::Node => self.layout.nodes.get(**number).is_some_and(|t| holds(test, &t.labels)),
                _ => self.layout.relationships.get(**number).is_some_and(|t| holds(test, std::slice::from_ref(&t.ty))),
            })
            .map(ToString::to_string)
            .collect();
        let column = &of.table;
        Ok(Sql::new(
            match fits.is_empty() {
                true => format!("CASE WHEN {column} IS NULL THEN CAST(NULL AS BOOLEAN) ELSE false END"),
                false => format!("({column} IN ({}))", fits.join(", ")),
            },
            Ty::Bool,
        ))
    }

    fn case(
        &mut self,
        operand: Option<&Expr>,
        branches: &[(Vec<Expr>, Expr)],
        otherwise: Option<&Expr>,
        table: &Table,
    ) -> Result<Sql> {
        let operand = operand.map(|operand| self.expr(operand, table)).transpose()?;
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        for (whens, then) in branches {
            let mut any = Vec::new();
            for when in whens {
                any.push(match &operand {
                    None => self.truth(when, Span::default(), table)?,
                    Some(operand) => {
                        let when = self.expr(when, table)?;
                        if operand.ty == Ty::Null || when.ty == Ty::Null {
                            return Err(refused("CASE with null as what is compared"));
                        }
                        self.compare(operand, ComparisonOp::Equal, &when)?
                    }
                });
            }
            conditions.push(joined(any, "OR"));
            values.push(self.expr(then, table)?);
        }
        values.push(otherwise.map_or_else(|| Ok(Sql::null()), |otherwise| self.expr(otherwise, table))?);
        values.iter().try_for_each(no_sum)?;
        let ty = common(&values, "CASE")?;
        let last = values.pop().map_or_else(String::new, |value| value.as_type(&ty));
        let mut text = "CASE".to_owned();
        for (condition, value) in conditions.iter().zip(&values) {
            text.push_str(&format!(" WHEN {condition} THEN {}", value.as_type(&ty)));
        }
        Ok(Sql::new(format!("{text} ELSE {last} END"), ty))
    }

    fn call(&mut self, function: &Function, arguments: &[Expr], table: &Table) -> Result<Sql> {
        if let [argument] = arguments
            && let Some(sql) = self.of_entity(function.name, argument, table)?
        {
            return Ok(sql);
        }
        let arguments = arguments.iter().map(|a| self.expr(a, table)).collect::<Result<Vec<_>>>()?;
        arguments.iter().try_for_each(no_sum)?;
        if function.strict && arguments.iter().any(|argument| argument.ty == Ty::Null) {
            return Ok(Sql::null());
        }
        let types: Vec<&Ty> = arguments.iter().map(|a| &a.ty).collect();
        let text: Vec<&str> = arguments.iter().map(|a| a.text.as_str()).collect();
        let given = |at: usize| arguments.get(at).map(|a| a.range());
        let natural = |at: usize| given(at).is_some_and(|(least, most)| least >= 0 && most < i128::from(i32::MAX));
        Ok(match (function.name, types.as_slice()) {
            ("coalesce", _) => {
                let ty = common(&arguments, "coalesce()")?;
                let all: Vec<String> = arguments.iter().map(|a| a.as_type(&ty)).collect();
                Sql::new(format!("coalesce({})", all.join(", ")), ty)
            }
            ("size", [Ty::Str]) => Sql::new(format!("CAST(length({}) AS BIGINT)", text[0]), Ty::Int).ranged(LENGTH),
            ("size", [Ty::List(_)]) => length(text[0]),
            ("length", [Ty::Path]) => length(&format!("({}).rs", text[0])),
            ("nodes", [Ty::Path]) => Sql::new(format!("({}).ns", text[0]), Ty::List(Box::new(Ty::Node))),
            ("relationships", [Ty::Path]) => Sql::new(format!("({}).rs", text[0]), Ty::List(Box::new(Ty::Rel))),
            ("isEmpty", [Ty::Str]) => Sql::new(format!("(length({}) = 0)", text[0]), Ty::Bool),
            ("isEmpty", [Ty::List(_)]) => {
                let list = text[0];
                Sql::new(
                    format!("CASE WHEN {list} IS NULL THEN CAST(NULL AS BOOLEAN) ELSE size({list}) = 0 END"),
                    Ty::Bool,
                )
            }
            ("head", [Ty::List(element)]) => Sql::new(format!("get({}, 0)", text[0]), (**element).clone()),
            ("last", [Ty::List(element)]) => Sql::new(format!("try_element_at({}, -1)", text[0]), (**element).clone()),
            ("tail", [ty @ Ty::List(_)]) => {
                let list = text[0];
                let none = format!("CAST(array() AS {})", ty.sql());
                Sql::new(
                    format!(
                        "CASE WHEN {list} IS NULL THEN NULL WHEN size({list}) < 2 THEN {none} ELSE slice({list}, 2, size({list}) - 1) END"
                    ),
                    (*ty).clone(),
                )
            }
            ("reverse", [ty @ (Ty::List(_) | Ty::Str)]) => Sql::new(format!("reverse({})", text[0]), (*ty).clone()),
            ("toUpper" | "upper", [Ty::Str]) => Sql::new(format!("upper({})", text[0]), Ty::Str),
            ("toLower" | "lower", [Ty::Str]) => Sql::new(format!("lower({})", text[0]), Ty::Str),
            ("trim" | "btrim", [Ty::Str]) => self.trimmed(text[0])?,
            ("left", [Ty::Str, Ty::Int]) if natural(1) => {
                Sql::new(format!("substring({}, 1, CAST({} AS INT))", text[0], text[1]), Ty::Str)
            }
            ("right", [Ty::Str, Ty::Int]) if natural(1) => {
                Sql::new(format!("right({}, CAST({} AS INT))", text[0], text[1]), Ty::Str)
            }
            ("substring", [Ty::Str, Ty::Int]) if natural(1) => {
                Sql::new(format!("substring({}, CAST({} AS INT) + 1)", text[0], text[1]), Ty::Str)
            }
            ("substring", [Ty::Str, Ty::Int, Ty::Int]) if natural(1) && natural(2) => Sql::new(
                format!("substring({}, CAST({} AS INT) + 1, CAST({} AS INT))", text[0], text[1], text[2]),
                Ty::Str,
            ),
            ("replace", [Ty::Str, Ty::Str, Ty::Str]) => {
                // an empty text stands between all characters there, and nowhere in SQL
                let search = self.arguments.iter().find(|a| text[1] == format!(":{}", a.name)).map(|a| &a.value);
                match search {
                    Some(Value::Str(search)) if !search.is_empty() => {
                        Sql::new(format!("replace({}, {}, {})", text[0], text[1], text[2]), Ty::Str)
                    }
                    _ => return Err(refused("replace() of a text that may be empty")),
                }
            }
            ("toString", [Ty::Str]) => arguments[0].clone(),
            ("toString", [Ty::Int | Ty::Bool]) => Sql::new(format!("CAST({} AS STRING)", text[0]), Ty::Str),
            ("toInteger", [Ty::Int]) | ("toFloat", [Ty::Float]) => arguments[0].clone(),
            ("toInteger", [Ty::Bool]) => {
                Sql::new(format!("CASE WHEN {0} THEN 1L WHEN NOT {0} THEN 0L END", text[0]), Ty::Int).ranged((0, 1))
            }
            ("toInteger", [Ty::Float]) => {
                let x = text[0];
                Sql::new(
                    format!(
                        "CASE WHEN isnan({x}) OR abs({x}) >= 9.223372036854775808E18D THEN CAST(NULL AS BIGINT) ELSE try_cast({x} AS BIGINT) END"
                    ),
                    Ty::Int,
                )
            }
            ("toFloat", [Ty::Int]) => {
                Sql { finite: true, ..Sql::new(format!("CAST({} AS DOUBLE)", text[0]), Ty::Float) }
            }
            ("abs", [Ty::Int]) => {
                let (least, most) = arguments[0].range();
                if least == ANY.0 {
                    return Err(refused("abs() of integers down to the least"));
                }
                Sql::new(format!("abs({})", text[0]), Ty::Int).ranged((0, (-least).max(most)))
            }
            ("abs", [Ty::Float]) => {
                Sql { finite: arguments[0].finite, ..Sql::new(format!("abs({})", text[0]), Ty::Float) }
            }
            ("sign", [Ty::Int]) => {
                let x = text[0];
                Sql::new(format!("CASE WHEN {x} > 0 THEN 1L WHEN {x} = 0 THEN 0L WHEN {x} < 0 THEN -1L END"), Ty::Int)
                    .ranged((-1, 1))
            }
            (name, types) => {
                let types: Vec<String> = types.iter().map(|ty| ty.name()).collect();
                return Err(refused(format!("{name}({})", types.join(", "))));
            }
        })
    }

    fn trimmed(&mut self, text: &str) -> Result<Sql> {
        // what `char::is_whitespace` says is white
        let white: String = (0..=0x3000_u32).filter_map(char::from_u32).filter(|c| c.is_whitespace()).collect();
        let white = self.constant(&Value::from(white))?.text;
        Ok(Sql::new(format!("btrim({text}, {white})"), Ty::Str))
    }

    /// Functions that ask which thing something is.
    fn of_entity(&mut self, name: &str, argument: &Expr, table: &Table) -> Result<Option<Sql>> {
        let Some((var, of)) = Self::content(argument, table) else {
            return Ok(match name {
                "id" => {
                    let sql = self.expr(argument, table)?;
                    matches!(sql.ty, Ty::Node | Ty::Rel).then(|| Sql::new(sql.text, Ty::Int))
                }
                _ => None,
            });
        };
        let by_table = |value: &dyn Fn(usize) -> String, ty: Ty| {
            let mut text = format!("CASE {}", of.table);
            for number in &of.tables {
                text.push_str(&format!(" WHEN {number} THEN {}", value(*number)));
            }
            let none = format!("CAST(NULL AS {})", ty.sql());
            let text = if of.tables.is_empty() { none } else { format!("{text} ELSE {none} END") };
            Sql::new(text, ty)
        };
        let layout = self.layout;
        Ok(Some(match (name, &var.ty) {
            ("id", _) => Sql::new(var.column.clone(), Ty::Int).ranged((0, ANY.1)),
            ("type", Ty::Rel) => by_table(&|n| quoted(layout.relationships.get(n).map_or("", |t| &t.ty)), Ty::Str),
            ("labels", Ty::Node) => by_table(
                &|n| {
                    let labels = layout.nodes.get(n).map(|t| t.labels.as_slice()).unwrap_or_default();
                    let labels: Vec<String> = labels.iter().map(|label| quoted(label)).collect();
                    if labels.is_empty() {
                        "CAST(array() AS ARRAY<STRING>)".to_owned()
                    } else {
                        format!("array({})", labels.join(", "))
                    }
                },
                Ty::List(Box::new(Ty::Str)),
            ),
            ("startNode", Ty::Rel) => match &of.ends {
                Some((start, _)) => Sql::new(start.clone(), Ty::Node),
                None => return Ok(None),
            },
            ("endNode", Ty::Rel) => match &of.ends {
                Some((_, end)) => Sql::new(end.clone(), Ty::Node),
                None => return Ok(None),
            },
            _ => return Ok(None),
        }))
    }
}

/// What a list or a text can be long.
const LENGTH: Range = (0, i32::MAX as i128);

fn length(list: &str) -> Sql {
    let text = format!("CASE WHEN {list} IS NULL THEN CAST(NULL AS BIGINT) ELSE CAST(size({list}) AS BIGINT) END");
    Sql::new(text, Ty::Int).ranged(LENGTH)
}

/// A struct with a field an entry, in the order of the keys.
fn structure(entries: Vec<(Arc<str>, Sql)>) -> Sql {
    if entries.is_empty() {
        return Sql::new("named_struct('none', 0)", Ty::Map(Vec::new()));
    }
    let fields: Vec<String> = entries.iter().enumerate().map(|(n, (_, sql))| format!("'f{n}', {}", sql.text)).collect();
    let ty = Ty::Map(entries.into_iter().map(|(key, sql)| (key, sql.ty)).collect());
    Sql::new(format!("named_struct({})", fields.join(", ")), ty)
}

/// The rows of all parts. Hundreds of tables are joined in pairs of halves: servers go as deep as such a chain is long.
pub(super) fn all_of(parts: &[String]) -> String {
    const CHAIN: usize = 8;
    if parts.len() <= CHAIN {
        return parts.join(" UNION ALL ");
    }
    let (left, right) = parts.split_at(parts.len() / 2);
    format!("SELECT * FROM ({}) UNION ALL SELECT * FROM ({})", all_of(left), all_of(right))
}

fn joined(terms: Vec<String>, operator: &str) -> String {
    match terms.as_slice() {
        [one] => one.clone(),
        all => format!("({})", all.join(&format!(" {operator} "))),
    }
}

/// Errors: it is the sum of floats, whose type is that of what there was to add.
pub(super) fn no_sum(sql: &Sql) -> Result<()> {
    if sql.ty == Ty::FloatSum {
        return Err(refused("computing with a sum of floats, which is the integer 0 of nothing")
            .hint("return it as it is, or coalesce what is added up"));
    }
    Ok(())
}

fn no_operation(sign: &str, sql: &Sql) -> crate::error::Error {
    refused(format!("`{sign}` on a {}", sql.ty.name()))
}

/// `a op b` of integers, with 64 bits or an error.
fn integers(left: &Sql, op: ArithmeticOp, right: &Sql) -> Option<Sql> {
    let (a, b) = (&left.text, &right.text);
    let ((a0, a1), (b0, b1)) = (left.range(), right.range());
    let within = |(least, most): Range| least >= ANY.0 && most <= ANY.1;
    let checked = |sign: &str, range: Range| {
        let text = match within(range) {
            true => format!("({a} {sign} {b})"),
            false => format!("CAST(CAST({a} AS DECIMAL(38,0)) {sign} CAST({b} AS DECIMAL(38,0)) AS BIGINT)"),
        };
        Sql::new(text, Ty::Int).ranged((range.0.max(ANY.0), range.1.min(ANY.1)))
    };
    let zero = || {
        let (a, b) = (a.as_str(), b.as_str());
        format!("WHEN {b} = 0L AND {a} IS NOT NULL THEN CAST(raise_error('{MARK}DivisionByZero') AS BIGINT)")
    };
    let never_zero = b0 > 0 || b1 < 0;
    // a branch may be computed for rows that take another
    let divisor = if never_zero { b.clone() } else { format!("nullif({b}, 0L)") };
    Some(match op {
        ArithmeticOp::Add => checked("+", (a0 + b0, a1 + b1)),
        ArithmeticOp::Subtract => checked("-", (a0 - b1, a1 - b0)),
        ArithmeticOp::Multiply => {
            let ends = [a0 * b0, a0 * b1, a1 * b0, a1 * b1];
            checked("*", (*ends.iter().min()?, *ends.iter().max()?))
        }
        ArithmeticOp::Divide => {
            let biggest = a0.abs().max(a1.abs());
            let whole = match a0 == ANY.0 && b0 <= -1 && b1 >= -1 {
                false => format!("{a} div {divisor}"),
                true => format!(
                    "CASE WHEN {b} = -1L THEN CAST(- CAST({a} AS DECIMAL(38,0)) AS BIGINT) ELSE {a} div {divisor} END"
                ),
            };
            let text = if never_zero { format!("({whole})") } else { format!("CASE {} ELSE {whole} END", zero()) };
            Sql::new(text, Ty::Int).ranged((-biggest.min(ANY.1), biggest.min(ANY.1)))
        }
        ArithmeticOp::Modulo => {
            let biggest = b0.abs().max(b1.abs()).min(ANY.1);
            let whole = match a0 == ANY.0 && b0 <= -1 && b1 >= -1 {
                false => format!("{a} % {divisor}"),
                true => format!("CASE WHEN {b} = -1L THEN 0L ELSE {a} % {divisor} END"),
            };
            let text = if never_zero { format!("({whole})") } else { format!("CASE {} ELSE {whole} END", zero()) };
            Sql::new(text, Ty::Int).ranged((-biggest, biggest))
        }
        ArithmeticOp::Concat | ArithmeticOp::Power => return None,
    })
}

/// `a op b` of which one is a float.
fn floats(left: &Sql, op: ArithmeticOp, right: &Sql) -> Option<Sql> {
    let (a, b) = (left.double(), right.double());
    let plain = |sign: &str| Some(Sql::new(format!("({a} {sign} {b})"), Ty::Float));
    match op {
        ArithmeticOp::Add => plain("+"),
        ArithmeticOp::Subtract => plain("-"),
        ArithmeticOp::Multiply => plain("*"),
        ArithmeticOp::Divide => Some(Sql::new(
            format!(
                "CASE WHEN {b} = 0.0D THEN CASE WHEN {a} IS NULL THEN NULL WHEN isnan({a}) OR {a} = 0.0D THEN double('NaN') \
                 WHEN ({a} > 0.0D) = startswith(CAST({b} AS STRING), '-') THEN double('-Infinity') ELSE double('Infinity') END \
                 ELSE {a} / nullif({b}, 0.0D) END"
            ),
            Ty::Float,
        )),
        ArithmeticOp::Modulo => Some(Sql::new(
            format!("CASE WHEN {b} = 0.0D AND {a} IS NOT NULL THEN double('NaN') ELSE {a} % nullif({b}, 0.0D) END"),
            Ty::Float,
        )),
        ArithmeticOp::Concat | ArithmeticOp::Power => None,
    }
}

/// Numbers compared as the numbers they are; NaN is in no relation to any.
fn numbers(left: &Sql, sign: &str, unequal: bool, right: &Sql) -> String {
    let of = |sql: &Sql| if sql.ty == Ty::Int { sql.text.clone() } else { sql.double() };
    let (a, b) = (of(left), of(right));
    let mut nan: Vec<String> = Vec::new();
    for (sql, text) in [(left, &a), (right, &b)] {
        if sql.ty != Ty::Int && !sql.finite {
            nan.push(format!("isnan({text})"));
        }
    }
    const EXACT: i128 = 1 << 53;
    let small = |sql: &Sql| sql.range.is_some_and(|(least, most)| least >= -EXACT && most <= EXACT);
    let mixed = |integer: &str, float: &str, compared: &dyn Fn(&str, &str) -> String| {
        // beyond 53 bits floats are whole numbers; beyond 64 every integer lies on one side of them
        format!(
            "CASE WHEN abs({float}) >= 9.223372036854775808E18D THEN {} WHEN abs({float}) >= 9007199254740992.0D THEN {} ELSE {} END",
            compared("0.0D", float),
            compared(integer, &format!("try_cast({float} AS BIGINT)")),
            compared(&format!("CAST({integer} AS DOUBLE)"), float),
        )
    };
    let text = match (&left.ty, &right.ty) {
        (Ty::Int, Ty::Int) => format!("({a} {sign} {b})"),
        (Ty::Int, _) if small(left) => format!("(CAST({a} AS DOUBLE) {sign} {b})"),
        (_, Ty::Int) if small(right) => format!("({a} {sign} CAST({b} AS DOUBLE))"),
        (Ty::Int, _) => mixed(&a, &b, &|i, f| format!("{i} {sign} {f}")),
        (_, Ty::Int) => mixed(&b, &a, &|i, f| format!("{f} {sign} {i}")),
        _ => format!("({a} {sign} {b})"),
    };
    if nan.is_empty() {
        return text;
    }
    let nan = nan.join(" OR ");
    format!("CASE WHEN {a} IS NULL OR {b} IS NULL THEN CAST(NULL AS BOOLEAN) WHEN {nan} THEN {unequal} ELSE {text} END")
}

/// Whether labels (or a type) are as a label expression says.
pub(super) fn holds(test: &LabelTest, labels: &[String]) -> bool {
    match test {
        LabelTest::Name(name) => labels.iter().any(|label| **label == **name),
        LabelTest::Any => !labels.is_empty(),
        LabelTest::Not(test) => !holds(test, labels),
        LabelTest::And(tests) => tests.iter().all(|test| holds(test, labels)),
        LabelTest::Or(tests) => tests.iter().any(|test| holds(test, labels)),
    }
}

/// Whether an expression reads no row and is the same whenever it is computed.
fn is_constant(expr: &Expr, known: &dyn Fn(Slot) -> bool) -> bool {
    fn fixed(expr: &Expr, known: &dyn Fn(Slot) -> bool, bound: &mut Vec<u32>) -> bool {
        match expr {
            Expr::Slot(slot) => return known(*slot),
            Expr::Subquery(_) | Expr::Through { .. } | Expr::Once { .. } => return false,
            Expr::Local(depth) => return bound.contains(depth),
            // what is given a moment need not ask what time it is
            Expr::Call { function, arguments, .. }
                if !function.deterministic || function.needs_graph || function.reads_clock && arguments.is_empty() =>
            {
                return false;
            }
            Expr::ListComprehension { local, .. } | Expr::Quantifier { local, .. } => bound.push(*local),
            Expr::Reduce { local, accumulator, .. } => bound.extend([*local, *accumulator]),
            _ => {}
        }
        let mut all = true;
        crate::bind::parts::parts(expr, &mut |part| all = all && fixed(part, known, bound));
        all
    }
    fixed(expr, known, &mut Vec::new())
}
