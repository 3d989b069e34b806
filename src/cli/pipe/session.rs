//! One conversation: a graph, its limits, and whether the open transaction has failed.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map as Object, Value as Json};

use crate::engine::{Changes, Engine, Limits, Rows};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::function::{Field, Procedure, ProcedureBody};
use crate::io::json;
use crate::value::Value;

/// What one process keeps between requests.
#[derive(Debug)]
pub(super) struct Session {
    engine: Engine,
    limits: Limits,
    /// A statement failed inside the open transaction.
    failed: bool,
}

impl Session {
    /// A session on a graph; the limits apply to every statement.
    pub fn new(engine: Engine, limits: Limits) -> Self {
        Self { engine, limits, failed: false }
    }

    /// The answer to one request.
    pub fn answer(&mut self, line: &str) -> String {
        let request = json::parse_text(line).and_then(|json| match json {
            Json::Object(request) => Ok(request),
            _ => Err(malformed("a request is a JSON object")),
        });
        match request {
            Ok(request) => self.perform(&request),
            Err(error) => self.refuse(&error),
        }
    }

    /// The answer to a request that could not be understood.
    pub fn refuse(&mut self, error: &Error) -> String {
        self.failed |= self.engine.in_transaction();
        failure(error, "")
    }

    fn perform(&mut self, request: &Object<String, Json>) -> String {
        let query = request.get("query").and_then(Json::as_str).unwrap_or_default();
        match self.operate(request, query) {
            Ok(answer) => answer,
            Err(error) => {
                self.failed |= self.engine.in_transaction();
                failure(&error, query)
            }
        }
    }

    fn operate(&mut self, request: &Object<String, Json>, query: &str) -> Result<String> {
        let op = request.get("op").and_then(Json::as_str).ok_or_else(|| malformed("a request names its \"op\""))?;
        if self.failed && self.engine.in_transaction() && op != "rollback" {
            return Err(transaction("a statement of this transaction failed; only rollback is possible now"));
        }
        match op {
            "run" => self.run(request, query),
            "reset" if self.engine.in_transaction() => {
                Err(transaction("a transaction is open").hint("commit or roll back first"))
            }
            "reset" => self.engine.reset().map(|()| done()),
            "begin" => self.engine.begin().map(|()| done()),
            "commit" => self.engine.commit().map(|()| done()),
            "rollback" => {
                self.engine.rollback()?;
                self.failed = false;
                Ok(done())
            }
            "snapshot" => self.snapshot(),
            "procedure" => self.engine.register(procedure(request)?).map(|()| done()),
            "check" => self.check(),
            _ => Err(malformed(format!("there is no op {op:?}"))
                .hint("ops: reset, run, begin, commit, rollback, snapshot, procedure, check")),
        }
    }

    fn run(&mut self, request: &Object<String, Json>, query: &str) -> Result<String> {
        if !request.get("query").is_some_and(Json::is_string) {
            return Err(malformed("run needs a \"query\" of text"));
        }
        let params = match request.get("params") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Object(params)) => params
                .iter()
                .map(|(name, value)| Ok((name.clone(), json::read_value(value)?)))
                .collect::<Result<Vec<_>>>()?,
            Some(_) => return Err(malformed("\"params\" is an object from names to values")),
        };
        let started = Instant::now();
        let statement = self.engine.query(query).limits(self.limits.clone());
        let statement = params.into_iter().fold(statement, |s, (name, value)| s.param(name, value));
        let rows = statement.rows()?;
        let us = started.elapsed().as_secs_f64() * 1e6;
        // the statement may itself have been COMMIT or ROLLBACK
        self.failed &= self.engine.in_transaction();
        Ok(answered(&rows, query, us))
    }

    fn snapshot(&self) -> Result<String> {
        let (nodes, rels) = self.engine.snapshot()?;
        let mut out = String::from("{\"ok\":true,\"nodes\":");
        json::write_array(&mut out, nodes.iter(), json::write_node);
        out.push_str(",\"rels\":");
        json::write_array(&mut out, rels.iter(), json::write_rel);
        out.push('}');
        Ok(out)
    }

    fn check(&self) -> Result<String> {
        let problems = self.engine.check()?;
        let mut out = format!("{{\"ok\":{},\"problems\":", problems.is_empty());
        json::write_array(&mut out, problems.iter(), |out, p| json::write_string(out, p));
        out.push('}');
        Ok(out)
    }
}

fn done() -> String {
    "{\"ok\":true}".to_owned()
}

fn malformed(message: impl Into<String>) -> Error {
    Error::argument(Code::InvalidArgumentValue, message)
}

fn transaction(message: &str) -> Error {
    Error::new(Class::TransactionError, Phase::Runtime, Code::TransactionState, message)
}

/// Columns, rows, counts and time; citations, warnings and the plan when there are any.
fn answered(rows: &Rows, query: &str, us: f64) -> String {
    let mut out = String::with_capacity(512);
    out.push_str("{\"ok\":true,\"columns\":");
    json::write_array(&mut out, rows.columns().iter(), |out, c| json::write_string(out, c));
    out.push_str(",\"rows\":");
    json::write_array(&mut out, rows.iter(), |out, row| {
        json::write_array(out, row.values().iter(), |out, v| json::write_value(out, v, rows.entities()));
    });
    if rows.cited() {
        out.push_str(",\"citations\":");
        json::write_array(&mut out, rows.iter(), |out, row| {
            json::write_array(out, row.citations().iter(), |out, c| json::write_string(out, &c.locator));
        });
    }
    if !rows.warnings().is_empty() {
        out.push_str(",\"warnings\":");
        json::write_array(&mut out, rows.warnings().iter(), |out, warning| {
            let (line, column) = warning.span.line_column(query);
            out.push_str("{\"message\":");
            json::write_string(out, &warning.message);
            let _ = write!(out, ",\"line\":{line},\"column\":{column}");
            write_hint(out, warning.hint.as_deref());
            out.push('}');
        });
    }
    if let Some(plan) = rows.plan() {
        out.push_str(",\"plan\":");
        json::write_string(&mut out, plan);
    }
    out.push_str(",\"stats\":");
    write_changes(&mut out, rows.changes());
    let _ = write!(out, ",\"us\":{us:.1}}}");
    out
}

fn write_changes(out: &mut String, changes: Changes) {
    let counts = [
        ("nodes_created", changes.nodes_created),
        ("nodes_deleted", changes.nodes_deleted),
        ("relationships_created", changes.relationships_created),
        ("relationships_deleted", changes.relationships_deleted),
        ("properties_set", changes.properties_set),
        ("labels_added", changes.labels_added),
        ("labels_removed", changes.labels_removed),
        ("indexes_added", changes.indexes_added),
        ("indexes_removed", changes.indexes_removed),
        ("constraints_added", changes.constraints_added),
        ("constraints_removed", changes.constraints_removed),
    ];
    for (at, (name, count)) in counts.iter().enumerate() {
        out.push_str(if at > 0 { ",\"" } else { "{\"" });
        out.push_str(name);
        // nearly all are 0 nearly always, and formatting them costs more than the rest of a short answer
        match count {
            0 => out.push_str("\":0"),
            count => {
                let _ = write!(out, "\":{count}");
            }
        }
    }
    out.push('}');
}

fn failure(error: &Error, query: &str) -> String {
    let mut out = String::from("{\"ok\":false,\"error\":{\"type\":");
    json::write_string(&mut out, error.class().name());
    out.push_str(",\"phase\":");
    json::write_string(&mut out, error.phase().name());
    out.push_str(",\"detail\":");
    json::write_string(&mut out, error.code().name());
    out.push_str(",\"message\":");
    json::write_string(&mut out, error.message());
    if let Some(span) = error.span() {
        let (line, column) = span.line_column(query);
        let _ = write!(out, ",\"line\":{line},\"column\":{column}");
    }
    write_hint(&mut out, error.hint_text());
    out.push_str("}}");
    out
}

fn write_hint(out: &mut String, hint: Option<&str>) {
    if let Some(hint) = hint {
        out.push_str(",\"hint\":");
        json::write_string(out, hint);
    }
}

/// The look-up table that a request describes.
fn procedure(request: &Object<String, Json>) -> Result<Procedure> {
    let name = request.get("name").and_then(Json::as_str).filter(|n| !n.is_empty());
    let name = name.ok_or_else(|| malformed("procedure needs a \"name\""))?;
    let inputs = fields(request.get("in"), "in")?;
    let outputs = fields(request.get("out"), "out")?;
    let rows = match request.get("rows") {
        None | Some(Json::Null) => &[][..],
        Some(Json::Array(rows)) => rows,
        Some(_) => return Err(malformed("\"rows\" is a list of objects")),
    };
    let cell = |row: &Object<String, Json>, field: &Field| -> Result<Value> {
        row.get(&*field.name).map_or(Ok(Value::Null), json::read_value)
    };
    let table = rows
        .iter()
        .map(|row| match row {
            Json::Object(row) => inputs.iter().chain(&outputs).map(|f| cell(row, f)).collect(),
            _ => Err(malformed("a row of a procedure is an object from column to value")),
        })
        .collect::<Result<Vec<Vec<Value>>>>()?;
    let body = ProcedureBody::Table(Arc::new(table));
    Ok(Procedure { name: name.into(), inputs, outputs, doc: "registered by a client", body })
}

fn fields(json: Option<&Json>, what: &str) -> Result<Vec<Field>> {
    let wrong = || malformed(format!("{what:?} is a list of [name, type] pairs"));
    let Some(json) = json else { return Ok(Vec::new()) };
    let pairs = json.as_array().ok_or_else(wrong)?;
    pairs
        .iter()
        .map(|pair| match pair.as_array().map(Vec::as_slice) {
            Some([Json::String(name), Json::String(ty)]) => {
                Ok(Field { name: name.as_str().into(), ty: ty.as_str().into() })
            }
            _ => Err(wrong()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session::new(Engine::in_memory(), Limits::default())
    }

    #[test]
    fn what_is_no_request_gets_an_error_and_the_session_goes_on() {
        let mut session = session();
        for line in
            ["", "nonsense", "[]", "{}", "{\"op\":\"fly\"}", "{\"op\":\"run\"}", "{\"op\":1}", &"[".repeat(200_000)]
        {
            let answer: Json = serde_json::from_str(&session.answer(line)).expect("json");
            assert_eq!(answer["ok"], false, "{line:.20}");
            assert_eq!(answer["error"]["type"], "ArgumentError", "{line:.20}");
        }
    }

    #[test]
    fn a_procedure_is_read_with_inputs_before_outputs() {
        let line = r#"{"op":"procedure","name":"a.b","in":[["k","STRING?"]],"out":[["v","INTEGER?"]],"rows":[{"v":1,"k":"x"},{"k":"y"}]}"#;
        let json = json::parse_text(line).expect("json");
        let procedure = procedure(json.as_object().expect("an object")).expect("well formed");
        assert_eq!((&*procedure.inputs[0].name, &*procedure.outputs[0].ty), ("k", "INTEGER?"));
        assert!(matches!(&procedure.body, ProcedureBody::Table(rows)
            if format!("{rows:?}") == "[[Str(\"x\"), Int(1)], [Str(\"y\"), Null]]"));
    }
}
