//! What is run elsewhere: a statement as its logical plan, and values that need no graph.
//!
//! The plan is that of `plan/`, before any rewrite: every `MATCH` is one pattern. It is bound against an empty graph, so
//! that no choice in it depends on what this process holds.

use std::sync::Arc;

use super::run::parameters;
use super::version::{Procedures, State, Version};
use super::{Limits, procedures, show};
use crate::bind::{self, bound};
use crate::error::{Code, Error, Result, Span};
use crate::exec::{self, Allowance, GraphAccess, ResultTable};
use crate::function::{Function, Procedure};
use crate::optimize;
use crate::plan::node::{Node, Op, Plan};
use crate::syntax::{self, ast};
use crate::value::Value;

/// A statement that reads, before anything of it is decided that a graph decides.
#[derive(Debug)]
pub(crate) struct Logical {
    pub(crate) plan: Plan,
    /// The values of its parameters, in the order of `plan.params`.
    pub(crate) params: Vec<Value>,
    version: Version,
    procedures: Procedures,
}

impl Logical {
    /// Reads and binds a text. `is_date`: whether a property is declared to be a date. Errors: those of every statement,
    /// a parameter that is missing, a statement that is no query.
    pub(crate) fn of(
        text: &str,
        cite: bool,
        is_date: &dyn Fn(&str) -> bool,
        params: &[(String, Value)],
    ) -> Result<Self> {
        let statement = syntax::parse_statement(text)?;
        let ast::StatementBody::Query(mut query) = statement.body else {
            return Err(Error::syntax(Code::Unsupported, "only queries can be run elsewhere, no commands"));
        };
        if statement.mode != ast::Mode::Run {
            return Err(Error::syntax(Code::Unsupported, "EXPLAIN and PROFILE show plans of this process")
                .hint("shejire explain --on … shows what would be sent"));
        }
        query.cite |= cite;
        let (version, procedures) = (Version::default(), Procedures::default());
        let bound = bind::bind(text, &query, &Catalog { state: State::of(&version, &procedures), is_date })?;
        let plan = crate::plan::plan(bound);
        let params = parameters(&plan, [params, &[]], text)?;
        Ok(Self { plan, params, version, procedures })
    }

    /// The value of an expression that reads no row. Errors: those of evaluating it.
    pub(crate) fn constant(&self, expr: &bound::Expr) -> Result<Value> {
        let slot = bound::Slot(0);
        let column = bound::Column { name: Arc::from("value"), slot };
        let input = Node::unit().boxed();
        let plan = optimize::lower_only(Plan {
            root: Node::new(Op::Project { input, items: vec![(slot, expr.clone())] }),
            subplans: Vec::new(),
            slots: vec![bound::SlotInfo { name: Arc::from(""), kind: bound::SlotKind::Value }],
            params: self.plan.params.clone(),
            columns: vec![column],
            cite: false,
            writes: false,
            traced: None,
            reads: Vec::new(),
            viewed: Vec::new(),
        });
        let state = State::of(&self.version, &self.procedures);
        let names = || Arc::clone(self.version.names());
        let (knowledge, allowance) = (state.knowledge(&names), Allowance::of(&Limits::default()));
        let answer = exec::execute(GraphAccess::Read(state.graph), knowledge, &plan, &self.params, &allowance, false)?;
        let table: ResultTable<'_> = answer.table;
        Ok(table.into_values(state.graph).pop().unwrap_or_default())
    }
}

/// What a function makes of a text. Errors: those of the function.
pub(crate) fn constant_call(function: &'static Function, text: &str) -> Result<Value> {
    let logical = Logical::of("RETURN null AS nothing", false, &|_| false, &[])?;
    let arguments = vec![bound::Expr::Const(Value::from(text))];
    logical.constant(&bound::Expr::Call { function, arguments, span: Span::default() })
}

/// What the binder may ask.
struct Catalog<'a> {
    state: State<'a>,
    is_date: &'a dyn Fn(&str) -> bool,
}

impl bind::Catalog for Catalog<'_> {
    fn procedure(&self, name: &str) -> Option<Arc<Procedure>> {
        let lower = name.to_lowercase();
        let lasting = procedures::lasting(&lower).or_else(|| procedures::builtin(&lower, &self.state));
        lasting.or_else(|| show::procedure(&lower, &self.state))
    }

    fn writes(&self, procedure: &str) -> bool {
        super::telling::writes(procedure)
    }

    fn is_date(&self, key: &str) -> bool {
        (self.is_date)(key)
    }

    fn procedure_names(&self) -> Vec<Arc<str>> {
        procedures::names().collect()
    }
}
