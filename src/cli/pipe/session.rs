//! One conversation: a graph, its limits, and the sessions that are open.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use serde_json::{Map as Object, Value as Json};

use crate::engine::{self, Allowance, Changes, Engine, LOCK_TIMEOUT, Limits, Rows};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::function::{Field, Procedure, ProcedureBody};
use crate::io::json;
use crate::io::text_sink::{Pages, TextSink};
use crate::value::Value;

/// What one process keeps between requests.
#[derive(Debug)]
pub(super) struct Conversation {
    engine: Engine,
    limits: Limits,
    /// By number; 0 is always there.
    sessions: BTreeMap<u64, Session>,
    next: u64,
}

/// A session, and whether something failed inside its open transaction.
#[derive(Debug)]
struct Session {
    on: engine::Session,
    failed: bool,
}

/// What a request gets, or the error with the place of the parameter set that met it.
type Answer = std::result::Result<Text, (Error, Option<usize>)>;

/// The text of an answer, in pages.
type Text = Vec<String>;

impl Conversation {
    /// A conversation about a graph; the limits apply to every statement.
    pub(super) fn new(engine: Engine, limits: Limits) -> Self {
        let first = Session { on: engine.session(), failed: false };
        Self { engine, limits, sessions: BTreeMap::from([(0, first)]), next: 1 }
    }

    /// The answer to one request. To read it and to write the answer belongs to the statement: its limits hold for both.
    pub(super) fn answer(&mut self, line: &str) -> Text {
        let allowance = Allowance::of(&self.limits);
        let request = {
            let meter = allowance.meter();
            json::parse_within(line, &|| meter.look())
        };
        let request = request.and_then(|json| match json {
            Json::Object(request) => Ok(request),
            _ => Err(malformed("a request is a JSON object")),
        });
        match request {
            Ok(request) => self.perform(request, &allowance),
            Err(error) => self.refuse(&error),
        }
    }

    /// The answer to a request that could not be understood: whose it was nobody knows, so it counts as session 0's.
    pub(super) fn refuse(&mut self, error: &Error) -> Text {
        self.sessions.get_mut(&0).into_iter().for_each(Session::note_failure);
        vec![failure(error, None, "")]
    }

    fn perform(&mut self, mut request: Object<String, Json>, allowance: &Allowance) -> Text {
        let query = match request.remove("query") {
            Some(Json::String(query)) => Some(query),
            _ => None,
        };
        let (given, query) = (query.is_some(), query.unwrap_or_default());
        let number = match request.get("session") {
            None | Some(Json::Null) => Some(0),
            Some(number) => number.as_u64().filter(|number| self.sessions.contains_key(number)),
        };
        let Some(number) = number else {
            let error =
                malformed("there is no such session").hint("{\"op\":\"session\"} opens one and gives its number");
            return vec![failure(&error, None, &query)];
        };
        match self.operate(request, number, given.then_some(&query), allowance) {
            Ok(answer) => answer,
            Err((error, element)) => {
                self.sessions.get_mut(&number).into_iter().for_each(Session::note_failure);
                vec![failure(&error, element, &query)]
            }
        }
    }

    fn operate(
        &mut self,
        request: Object<String, Json>,
        number: u64,
        query: Option<&str>,
        allowance: &Allowance,
    ) -> Answer {
        let op = request.get("op").and_then(Json::as_str).ok_or_else(|| malformed("a request names its \"op\""));
        let op = op.map_err(at_once)?.to_owned();
        let op = &*op;
        // requests come one at a time: a session that has written could not end while another one waits for it
        let other_writes = self.sessions.iter().any(|(other, session)| *other != number && session.on.is_writing());
        let any_open = self.sessions.values().any(|session| session.on.in_transaction());
        let Some(session) = self.sessions.get_mut(&number) else { return Err(at_once(malformed("no such session"))) };
        session.on.set_lock_timeout(if other_writes { Duration::ZERO } else { LOCK_TIMEOUT });
        if session.failed && session.on.in_transaction() && !matches!(op, "rollback" | "close" | "session") {
            let message = "a statement of this transaction failed; only rollback is possible now";
            return Err(at_once(transaction(message)));
        }
        match op {
            "run" => return session.run(request, query, allowance),
            "reset" if any_open => Err(transaction("a transaction is open").hint("commit or roll back first")),
            "reset" => self.engine.reset().map(|()| done()),
            "begin" => session.on.begin().map(|()| done()),
            "commit" => session.on.commit().map(|()| done()),
            "rollback" => session.on.rollback().map(|()| {
                session.failed = false;
                done()
            }),
            "session" => {
                let opened = self.next;
                self.next += 1;
                self.sessions.insert(opened, Session { on: self.engine.session(), failed: false });
                Ok(vec![format!("{{\"ok\":true,\"session\":{opened}}}")])
            }
            "close" if number == 0 => Err(malformed("session 0 ends with the input")),
            "close" => {
                self.sessions.remove(&number); // what it has not committed is rolled back
                Ok(done())
            }
            "snapshot" => session.snapshot(),
            "procedure" => procedure(&request).and_then(|procedure| self.engine.register(procedure)).map(|()| done()),
            "check" => session.check(),
            _ => Err(malformed(format!("there is no op {op:?}"))
                .hint("ops: reset, run, begin, commit, rollback, session, close, snapshot, procedure, check")),
        }
        .map_err(at_once)
    }
}

fn at_once(error: Error) -> (Error, Option<usize>) {
    (error, None)
}

impl Session {
    fn note_failure(&mut self) {
        self.failed |= self.on.in_transaction();
    }

    fn run(&mut self, mut request: Object<String, Json>, query: Option<&str>, allowance: &Allowance) -> Answer {
        let Some(query) = query else { return Err(at_once(malformed("run needs a \"query\" of text"))) };
        match request.remove("batch") {
            None | Some(Json::Null) => self.run_once(request.remove("params"), query, allowance).map_err(at_once),
            Some(Json::Array(_)) if request.contains_key("params") => {
                Err(at_once(malformed("a run has either \"params\" or a \"batch\" of them")))
            }
            Some(Json::Array(sets)) => self.run_batch(sets, query, allowance),
            Some(_) => Err(at_once(malformed("\"batch\" is a list of objects from names to values"))),
        }
    }

    fn run_once(&mut self, params: Option<Json>, query: &str, allowance: &Allowance) -> Result<Text> {
        let params = parameters(params, allowance)?;
        let started = Instant::now();
        let rows = self.rows(params, query, allowance.clone())?;
        let us = started.elapsed().as_secs_f64() * 1e6;
        // the statement may itself have been COMMIT or ROLLBACK
        self.failed &= self.on.in_transaction();
        let done = rows.changes() != Changes::default() && !self.on.in_transaction();
        let allowance = if done { allowance.again() } else { allowance.clone() };
        let text = written(&allowance, |out| {
            out.push_str("{\"ok\":true,");
            write_rows(out, &rows, query);
            let _ = write!(out, ",\"us\":{us:.1}}}");
        });
        text.map_err(|error| if done { committed(&error) } else { error })
    }

    fn rows(&mut self, params: Vec<(String, Value)>, query: &str, allowance: Allowance) -> Result<Rows> {
        self.on.query(query).within(allowance).given(params).rows()
    }

    /// The statement once for each set of parameters, in one transaction: all or nothing.
    fn run_batch(&mut self, sets: Vec<Json>, query: &str, allowance: &Allowance) -> Answer {
        let in_element = |at: usize| move |error: Error| (error, Some(at));
        let sets =
            sets.into_iter().enumerate().map(|(at, set)| parameters(Some(set), allowance).map_err(in_element(at)));
        let sets = sets.collect::<std::result::Result<Vec<_>, _>>()?;
        let own = !self.on.in_transaction();
        let started = Instant::now();
        if own {
            self.on.begin().map_err(at_once)?;
        }
        let mut all = Vec::with_capacity(sets.len());
        for (at, params) in sets.into_iter().enumerate() {
            let rows = self.rows(params, query, allowance.again());
            let rows = rows.and_then(|rows| match self.on.in_transaction() {
                true => Ok(rows),
                false => Err(transaction("a batch is one transaction, and cannot begin or end another")),
            });
            match rows {
                Ok(rows) => all.push(rows),
                Err(error) => {
                    if own && self.on.in_transaction() {
                        self.on.rollback().map_err(at_once)?;
                    }
                    return Err((error, Some(at)));
                }
            }
        }
        if own {
            self.on.commit().map_err(at_once)?;
        }
        let us = started.elapsed().as_secs_f64() * 1e6;
        let changes: Changes = all.iter().map(Rows::changes).sum();
        let text = written(&allowance.again(), |out| {
            out.push_str("{\"ok\":true,\"batch\":");
            json::write_array(out, all.iter(), |out, rows| {
                out.push('{');
                write_rows(out, rows, query);
                out.push('}');
            });
            out.push_str(",\"stats\":");
            write_changes(out, changes);
            let _ = write!(out, ",\"us\":{us:.1}}}");
        });
        let done = own && changes != Changes::default();
        text.map_err(|error| at_once(if done { committed(&error) } else { error }))
    }

    fn snapshot(&self) -> Result<Text> {
        let (nodes, rels) = self.on.snapshot()?.everything()?;
        let mut out = String::from("{\"ok\":true,\"nodes\":");
        json::write_array(&mut out, nodes.iter(), json::write_node);
        out.push_str(",\"rels\":");
        json::write_array(&mut out, rels.iter(), json::write_rel);
        out.push('}');
        Ok(vec![out])
    }

    /// In a transaction the graph as it sees it; the file is verified outside one.
    fn check(&self) -> Result<Text> {
        let problems = match self.on.in_transaction() {
            true => self.on.snapshot()?.check(),
            false => self.on.engine().check()?,
        };
        let mut out = format!("{{\"ok\":{},\"problems\":", problems.is_empty());
        json::write_array(&mut out, problems.iter(), |out, p| json::write_string(out, p));
        out.push('}');
        Ok(vec![out])
    }
}

/// The text of an answer, which belongs to the memory and the time of its statement. Errors: `LimitExceeded`.
fn written(allowance: &Allowance, write: impl FnOnce(&mut Pages<'_>)) -> Result<Text> {
    let meter = allowance.meter();
    let look = |bytes| meter.look().and_then(|()| meter.weigh(bytes));
    let mut out = Pages::new(&look);
    write(&mut out);
    out.finish()
}

/// Of a statement whose answer cannot be given although it was carried out.
fn committed(error: &Error) -> Error {
    Error::new(
        error.class(),
        error.phase(),
        error.code(),
        format!("what the statement has written is committed, but its answer cannot be given: {}", error.message()),
    )
    .hint("do not run it again; return less")
}

/// The parameters of a statement; each takes the place of its JSON.
fn parameters(json: Option<Json>, allowance: &Allowance) -> Result<Vec<(String, Value)>> {
    let meter = allowance.meter();
    match json {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::Object(params)) => {
            let value = |(name, json): (String, Json)| Ok((name, json::read_value_within(json, &|| meter.step(1))?));
            params.into_iter().map(value).collect()
        }
        Some(_) => Err(malformed("the parameters of a statement are an object from names to values")),
    }
}

fn done() -> Text {
    vec!["{\"ok\":true}".to_owned()]
}

fn malformed(message: impl Into<String>) -> Error {
    Error::argument(Code::InvalidArgumentValue, message)
}

fn transaction(message: &str) -> Error {
    Error::new(Class::TransactionError, Phase::Runtime, Code::TransactionState, message)
}

/// Columns, rows and counts; citations, warnings and the plan when there are any.
fn write_rows<S: TextSink>(out: &mut S, rows: &Rows, query: &str) {
    out.push_str("\"columns\":");
    json::write_array(out, rows.columns().iter(), |out, c| json::write_string(out, c));
    out.push_str(",\"rows\":");
    json::write_array(out, rows.iter(), |out, row| {
        json::write_array(out, row.values().iter(), |out, v| json::write_value(out, v, rows.entities()));
    });
    if rows.cited() {
        out.push_str(",\"citations\":");
        json::write_array(out, rows.iter(), |out, row| {
            json::write_array(out, row.citations().iter(), |out, c| json::write_string(out, &c.locator));
        });
    }
    if !rows.warnings().is_empty() {
        out.push_str(",\"warnings\":");
        json::write_array(out, rows.warnings().iter(), |out, warning| {
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
        json::write_string(out, &plan.to_string());
    }
    out.push_str(",\"stats\":");
    write_changes(out, rows.changes());
}

/// The counts of what is told of evidence.
const EVIDENCE: [&str; 3] = ["sources_put", "mentions_added", "mentions_removed"];

/// What is written of a statement that changed nothing.
static NO_CHANGES: LazyLock<String> = LazyLock::new(|| {
    let mut out = String::new();
    write_counts(&mut out, Changes::default());
    out
});

fn write_changes<S: TextSink>(out: &mut S, changes: Changes) {
    // nearly every answer, and the counts cost more than the rest of a short one
    match changes == Changes::default() {
        true => out.push_str(&NO_CHANGES),
        false => write_counts(out, changes),
    }
}

fn write_counts<S: TextSink>(out: &mut S, changes: Changes) {
    // of evidence only those are told it who tell some
    let told = |(name, count): &(&str, u64)| *count > 0 || !EVIDENCE.contains(name);
    for (at, (name, count)) in changes.counts().iter().filter(|one| told(one)).enumerate() {
        out.push_str(if at > 0 { ",\"" } else { "{\"" });
        out.push_str(name);
        let _ = write!(out, "\":{count}");
    }
    out.push('}');
}

fn failure(error: &Error, element: Option<usize>, query: &str) -> String {
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
    if let Some(element) = element {
        let _ = write!(out, ",\"element\":{element}");
    }
    write_hint(&mut out, error.hint_text());
    out.push_str("}}");
    out
}

fn write_hint<S: TextSink>(out: &mut S, hint: Option<&str>) {
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

    fn conversation() -> Conversation {
        Conversation::new(Engine::in_memory(), Limits::default())
    }

    #[test]
    fn what_is_no_request_gets_an_error_and_the_session_goes_on() {
        let mut conversation = conversation();
        for line in
            ["", "nonsense", "[]", "{}", "{\"op\":\"fly\"}", "{\"op\":\"run\"}", "{\"op\":1}", &"[".repeat(200_000)]
        {
            let answer: Json = serde_json::from_str(&conversation.answer(line).concat()).expect("json");
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
