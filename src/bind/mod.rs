//! Meaning: names become slots, calls become table entries, and every mistake that needs no row is found.
//!
//! ```text
//! MATCH (n:Person) WHERE n.age > 30      slots   0 n: node
//! RETURN n.name AS name             ─►           1 name: value
//!                                        Match   nodes [0]  predicates [0:Person]  conditions [0.age > 30]
//!                                        Project [1 ← 0.name]
//! ```
//!
//! One pass from the first clause to the last; each file binds one family of things. Compile-time errors
//! carry openCypher's class and code, the place, and what could have been typed instead.
//!
//! What may be relied on: a slot is written by one clause; a name passed on by `WITH` keeps its slot;
//! nothing bound holds a name that still needs resolving. Knows no graph, no plan and no parameter values.

pub(crate) mod bound;

mod access;
mod call;
mod chosen;
mod clause;
mod collection;
mod dates;
mod expression;
mod function;
mod grouping;
mod order;
pub(crate) mod parts;
mod pattern;
mod projection;
mod query;
mod same;
mod scope;
mod subquery;
mod types;
mod undefined;
mod update;
mod waits;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::function::Procedure;
use crate::syntax::ast;
use grouping::Grouping;
use scope::{Outside, Scope};
use types::Type;

/// What the binder asks of its surroundings.
pub(crate) trait Catalog {
    /// The procedure of that name, without regard to case.
    fn procedure(&self, name: &str) -> Option<Arc<Procedure>>;

    /// Whether a call of the procedure of that name writes.
    fn writes(&self, procedure: &str) -> bool;

    /// The names of all procedures, for "did you mean".
    fn procedure_names(&self) -> Vec<Arc<str>>;

    /// Whether the property `key` is declared to be a date (EDTF), as a text.
    fn is_date(&self, key: &str) -> bool;
}

/// Binds `query`. `text` is the text it was parsed from: unaliased columns are called as they are written.
///
/// Errors: everything openCypher finds at compile time, except a parameter that is missing: the parameters
/// a statement needs are `bound::Query::params`.
pub(crate) fn bind(text: &str, query: &ast::Query, catalog: &dyn Catalog) -> Result<bound::Query> {
    let mut binder = Binder {
        text,
        catalog,
        slots: Vec::new(),
        params: Vec::new(),
        param_numbers: BTreeMap::new(),
        subqueries: Vec::new(),
        mentions: Vec::new(),
        scopes: vec![Scope::new(Outside::Nothing)],
        rules: Rules::default(),
        read_only: false,
        writes: false,
        depth: 0,
        parts: 0,
        passed_on: 0,
    };
    let mut body = binder.query(query, query::Role::Statement)?;
    let traced = binder.traced_alone(query, &mut body);
    Ok(bound::Query {
        slots: binder.slots,
        params: binder.params,
        body,
        subqueries: binder.subqueries,
        cite: query.cite,
        writes: binder.writes,
        traced,
        mentions: first_of_each(binder.mentions),
    })
}

/// Deepest expression that may come out. Chains like `a.b.c.d` are flat in the text but nest once bound.
const MAX_DEPTH: usize = 1_000;

/// Most queries inside queries. Each takes a hundred times the room of a bracket, here and in every later stage.
const MAX_NESTED_QUERIES: usize = 50;

/// Most clauses, and most nodes, relationships and labels of patterns that are looked for, in one statement. Planning
/// weighs each against every other; what is created, set or returned is not among them.
const MAX_PARTS: usize = 5_000;

/// Most columns that the projections of a statement pass on, all taken together.
const MAX_PASSED_ON: usize = 250_000;

/// Everything known while a statement is bound.
struct Binder<'a> {
    text: &'a str,
    catalog: &'a dyn Catalog,
    slots: Vec<bound::SlotInfo>,
    params: Vec<Arc<str>>,
    param_numbers: BTreeMap<&'a str, u32>,
    subqueries: Vec<bound::Subquery>,
    mentions: Vec<bound::Mention>,
    /// The query being bound is last; those it stands in are before it.
    scopes: Vec<Scope>,
    rules: Rules<'a>,
    /// Inside an expression, where nothing may be written.
    read_only: bool,
    writes: bool,
    /// How deep the bound expression already nests.
    depth: usize,
    /// How much there is to plan so far: see [`MAX_PARTS`] and [`MAX_PASSED_ON`].
    parts: usize,
    passed_on: usize,
}

/// The rules for the expression being bound: they change with the place and are put back behind it.
#[derive(Default)]
struct Rules<'a> {
    aggregates: Aggregates,
    /// Collects the aggregates of a projection's items and sort keys.
    grouping: Option<Box<Grouping<'a>>>,
    /// Expressions that a projection has already computed.
    computed: Vec<Computed<'a>>,
    /// Names that exist but are no grouping keys: using one mixes rows with groups.
    ungrouped: Vec<Arc<str>>,
    /// Names that a projection has left behind. A pattern here cannot bring them back as new ones.
    left_behind: Vec<Arc<str>>,
    /// `SKIP` or `LIMIT`: no variable may stand here.
    constant: Option<&'static str>,
}

/// Whether an aggregate may stand here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Aggregates {
    #[default]
    Forbidden,
    /// In an item or sort key of a projection that groups.
    Allowed,
    /// Inside another aggregate.
    Nested,
}

/// An expression that need not be computed again.
struct Computed<'a> {
    ast: &'a ast::Expr,
    slot: bound::Slot,
    ty: Type,
}

/// A bound expression and what is known of its value.
#[derive(Clone, Debug)]
struct Typed {
    expr: bound::Expr,
    ty: Type,
}

impl Typed {
    fn new(expr: bound::Expr, ty: Type) -> Self {
        Self { expr, ty }
    }
}

fn too_large(message: String) -> Error {
    Error::new(Class::LimitExceeded, Phase::Compile, Code::Size, message)
        .hint("split it into several statements, or give what is alike as a list: UNWIND $rows AS row …")
}

/// Each name once, where the text first has it.
fn first_of_each(mut mentions: Vec<bound::Mention>) -> Vec<bound::Mention> {
    let mut seen = HashSet::new();
    mentions.retain(|mention| seen.insert((mention.what, mention.name.clone())));
    mentions
}

impl<'a> Binder<'a> {
    /// Notes `parts` more to plan, which stand at `span`. Errors: `LimitExceeded / Size`.
    fn plan_more(&mut self, parts: usize, span: Span) -> Result<()> {
        self.parts += parts;
        if self.parts <= MAX_PARTS {
            return Ok(());
        }
        let message = format!("one statement may have at most {MAX_PARTS} clauses and parts of patterns to plan");
        Err(too_large(message).at(span))
    }

    /// Notes `columns` more that are passed on by what stands at `span`. Errors: `LimitExceeded / Size`.
    fn pass_on(&mut self, columns: usize, span: Span) -> Result<()> {
        self.passed_on += columns;
        if self.passed_on <= MAX_PASSED_ON {
            return Ok(());
        }
        let message = format!("the projections of one statement may pass on at most {MAX_PASSED_ON} columns together");
        Err(too_large(message).at(span))
    }

    /// The number of a parameter.
    fn param(&mut self, name: &'a str) -> u32 {
        if let Some(number) = self.param_numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.params.len()).expect("a text has fewer parameters than bytes");
        self.params.push(name.into());
        self.param_numbers.insert(name, number);
        number
    }

    /// Remembers a schema name for warnings about names the graph does not have.
    fn mention(&mut self, what: bound::MentionKind, name: &ast::Name) {
        self.mentions.push(bound::Mention { what, name: name.text.as_str().into(), span: name.span });
    }

    /// Runs `bind` under rules of its own and puts the present ones back.
    fn under<T>(&mut self, rules: Rules<'a>, bind: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let outer = std::mem::replace(&mut self.rules, rules);
        let result = bind(self);
        self.rules = outer;
        result
    }

    /// Runs `bind` with `levels` more of nesting around what it makes. Errors: `LimitExceeded / Depth`.
    fn deeper<T>(&mut self, levels: usize, span: Span, bind: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += levels;
        if self.depth > MAX_DEPTH {
            return Err(too_deep(format!("expressions may nest at most {MAX_DEPTH} deep"), span));
        }
        let result = bind(self);
        self.depth -= levels;
        result
    }

    /// Binds a query or pattern inside the present one, in a scope of its own, which is handed back.
    /// Errors: `LimitExceeded / Depth`.
    fn inside<T>(&mut self, scope: Scope, span: Span, bind: impl FnOnce(&mut Self) -> Result<T>) -> Result<(T, Scope)> {
        if self.scopes.len() > MAX_NESTED_QUERIES {
            return Err(too_deep(format!("queries may nest at most {MAX_NESTED_QUERIES} deep"), span));
        }
        self.scopes.push(scope);
        let bound = bind(self)?;
        let scope = self.scopes.pop().expect("pushed above");
        Ok((bound, scope))
    }
}

fn too_deep(message: String, span: Span) -> Error {
    Error::new(Class::LimitExceeded, Phase::Compile, Code::Depth, message)
        .at(span)
        .hint("take the query apart: do a part of it in a clause before, and pass on what it gives with WITH")
}
