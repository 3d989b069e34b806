//! Queries that cannot run, and what queries that can become.
#![allow(clippy::panic)] // a test says what is wrong by panicking

mod accepted;
mod depth;
mod refused_clauses;
mod refused_names;
mod refused_types;
mod shapes;

use std::sync::Arc;

use super::{Catalog, bound};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::function::{Field, Procedure, ProcedureBody};
use crate::syntax::ast::StatementBody;

/// A handful of procedures.
struct Procedures;

impl Procedures {
    fn all() -> Vec<Procedure> {
        let field = |(name, ty): &(&str, &str)| Field { name: (*name).into(), ty: (*ty).into() };
        let make = |name: &str, inputs: &[(&str, &str)], outputs: &[(&str, &str)]| Procedure {
            name: name.into(),
            inputs: inputs.iter().map(field).collect(),
            outputs: outputs.iter().map(field).collect(),
            doc: "",
            body: ProcedureBody::Table(Arc::default()),
        };
        vec![
            make("test.doNothing", &[], &[]),
            make("test.labels", &[], &[("label", "STRING?")]),
            make("test.city", &[("name", "STRING?"), ("id", "INTEGER?")], &[("city", "STRING?"), ("code", "INTEGER?")]),
            make("test.half", &[("number", "FLOAT?")], &[("half", "FLOAT?")]),
        ]
    }
}

impl Catalog for Procedures {
    fn is_date(&self, key: &str) -> bool {
        key == "since"
    }

    fn procedure(&self, name: &str) -> Option<Arc<Procedure>> {
        Self::all().into_iter().find(|p| p.name.eq_ignore_ascii_case(name)).map(Arc::new)
    }

    fn writes(&self, _: &str) -> bool {
        false
    }

    fn procedure_names(&self) -> Vec<Arc<str>> {
        Self::all().into_iter().map(|p| p.name).collect()
    }
}

/// Parses and binds `text`.
fn bind(text: &str) -> Result<bound::Query> {
    let statement = crate::syntax::parse_statement(text).unwrap_or_else(|e| panic!("{text}: does not parse: {e}"));
    let StatementBody::Query(query) = &statement.body else { panic!("{text}: no query") };
    super::bind(text, query, &Procedures)
}

/// Every case: query, code, and the words of the query the caret stands under.
fn check_refused(cases: &[(&str, Code, &str)]) {
    let mut wrong = Vec::new();
    for (text, code, place) in cases {
        let found = match bind(text) {
            Ok(_) => "accepted".to_owned(),
            Err(error) => describe(text, &error),
        };
        let class = if *code == Code::ProcedureNotFound { Class::ProcedureError } else { Class::SyntaxError };
        let wanted = format!("{} {} {} at `{place}`", class.name(), Phase::Compile.name(), code.name());
        if found != wanted {
            wrong.push(format!("{text}\n  wanted {wanted}\n  found  {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn describe(text: &str, error: &Error) -> String {
    let place = error.span().map_or("", |span| span.of(text));
    format!("{} {} {} at `{place}`", error.class().name(), error.phase().name(), error.code().name())
}
