//! Neo4j's Query API, version 2: statements alone, and in transactions that are named by random ids.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::Value;
use crate::engine::{Rows, Transaction};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value as Json;

use super::values::{self, Form, Shown};
use super::{Cancelled, body_is_json, refused};
use crate::server::Server;
use crate::server::access;
use crate::server::bookmark;
use crate::server::plan;
use crate::server::status::{self, Refusal};

/// The type that carries types.
pub(crate) const TYPED: &str = "application/vnd.neo4j.query";

/// What a request may say.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    statement: Option<String>,
    #[serde(default)]
    parameters: Option<serde_json::Map<String, Json>>,
    #[serde(default)]
    include_counters: bool,
    access_mode: Option<String>,
    #[serde(default)]
    bookmarks: Option<Vec<String>>,
    /// Seconds.
    max_execution_time: Option<f64>,
    impersonated_user: Option<String>,
}

/// Transactions that clients have open, by id.
#[derive(Debug, Default)]
pub(crate) struct Transactions(Mutex<HashMap<String, Open>>);

#[derive(Debug)]
struct Open {
    /// Away while a statement of it runs.
    on: Option<Transaction>,
    until: Instant,
}

impl Transactions {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rolls back what has idled for too long.
    pub(crate) fn sweep(&self) {
        let now = Instant::now();
        let gone: Vec<Open> = {
            let mut all = self.lock();
            let ids: Vec<String> = all
                .iter()
                .filter(|(_, open)| open.on.is_some() && open.until < now)
                .map(|(id, _)| id.clone())
                .collect();
            ids.iter().filter_map(|id| all.remove(id)).collect()
        };
        drop(gone); // outside the lock: rolling back may take its time
    }

    /// Rolls back everything.
    pub(crate) fn clear(&self) {
        let all = std::mem::take(&mut *self.lock());
        drop(all);
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    fn take(&self, id: &str) -> Result<Transaction, Refusal> {
        let mut all = self.lock();
        let Some(open) = all.get_mut(id) else { return Err(unknown(id)) };
        open.on.take().ok_or_else(|| Refusal::invalid("a statement of this transaction is running"))
    }

    fn put(&self, id: &str, transaction: Option<Transaction>, idle: Duration) -> Instant {
        let until = Instant::now() + idle;
        let mut all = self.lock();
        match transaction {
            Some(on) => {
                all.insert(id.to_owned(), Open { on: Some(on), until });
            }
            None => {
                all.remove(id);
            }
        }
        until
    }
}

fn unknown(id: &str) -> Refusal {
    let id: String = id.chars().take(64).collect();
    Refusal::new(
        "Neo.ClientError.Transaction.TransactionNotFound",
        format!("there is no transaction {id:?}: it ended, or idled for too long"),
    )
}

/// The answer to a statement, as JSON.
struct Answered<'a> {
    rows: Option<&'a Rows>,
    text: &'a str,
    form: Form,
    counters: bool,
    bookmark: Option<u64>,
    transaction: Option<(&'a str, String)>,
}

struct Data<'a>(&'a Rows, Form);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        struct Values<'a>(&'a Rows, Form);
        impl Serialize for Values<'_> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let Self(rows, form) = *self;
                let shown = |value| Shown { value, entities: rows.entities(), form };
                to.collect_seq(rows.iter().map(|row| row.values().iter().map(shown).collect::<Vec<_>>()))
            }
        }
        let Self(rows, form) = *self;
        let fields: Vec<&str> = rows.columns().iter().map(|c| &**c).collect();
        let mut map = to.serialize_map(Some(2))?;
        map.serialize_entry("fields", &fields)?;
        map.serialize_entry("values", &Values(rows, form))?;
        map.end()
    }
}

impl Serialize for Answered<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        if let Some(rows) = self.rows {
            map.serialize_entry("data", &Data(rows, self.form))?;
            if self.counters {
                let changes = rows.changes();
                let counts = status::counts(&changes);
                let mut all = serde_json::Map::new();
                all.insert("containsUpdates".into(), counts.iter().any(|(_, _, n)| *n > 0).into());
                all.insert("containsSystemUpdates".into(), false.into());
                all.insert("systemUpdates".into(), 0.into());
                all.extend(counts.iter().map(|(_, name, n)| ((*name).to_owned(), (*n).into())));
                map.serialize_entry("counters", &all)?;
            }
            if !rows.warnings().is_empty() {
                let notes: Vec<Json> = rows.warnings().iter().map(|warning| notification(warning, self.text)).collect();
                map.serialize_entry("notifications", &notes)?;
            }
            if let Some((key, plan)) = plan::as_value(rows) {
                let name = if key == "plan" { "queryPlan" } else { "profiledQueryPlan" };
                map.serialize_entry(name, &Shown { value: &plan, entities: rows.entities(), form: Form::Plain })?;
            }
        }
        if let Some(commit) = self.bookmark {
            map.serialize_entry("bookmarks", &[bookmark::of(commit)])?;
        }
        if let Some((id, expires)) = &self.transaction {
            map.serialize_entry("transaction", &serde_json::json!({ "id": id, "expires": expires }))?;
        }
        map.end()
    }
}

fn notification(warning: &crate::engine::Warning, text: &str) -> Json {
    let (line, column) = warning.span.line_column(text);
    serde_json::json!({
        "code": status::code_of_warning(warning),
        "title": warning.message,
        "description": warning.hint.as_ref().map_or_else(|| warning.message.clone(), |hint| format!("{}; {hint}", warning.message)),
        "severity": "WARNING",
        "category": "UNRECOGNIZED",
        "position": { "offset": warning.span.start, "line": line, "column": column },
    })
}

fn form(headers: &HeaderMap) -> Form {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if accept.contains(TYPED) { Form::Typed } else { Form::Plain }
}

fn answer(answered: &Answered<'_>) -> Response {
    let ty = if answered.form == Form::Typed { TYPED } else { "application/json" };
    match serde_json::to_vec(answered) {
        Ok(bytes) => (StatusCode::ACCEPTED, [(header::CONTENT_TYPE, ty)], bytes).into_response(),
        Err(error) => refused(&Refusal::new("Neo.DatabaseError.General.UnknownError", error.to_string())),
    }
}

fn asked(server: &Server, name: &str, headers: &HeaderMap, body: &[u8]) -> Result<Asked, Refusal> {
    if !server.config.is_graph(name) {
        return Err(Refusal::no_database(name));
    }
    body_is_json(headers)?;
    let asked: Asked = match body.is_empty() {
        true => Asked::default(),
        false => serde_json::from_slice(body).map_err(|e| {
            Refusal::new("Neo.ClientError.Request.InvalidFormat", format!("the body is not what is asked for: {e}"))
        })?,
    };
    if asked.impersonated_user.is_some() {
        return Err(Refusal::new("Neo.ClientError.Security.Forbidden", "there are no users who could be impersonated"));
    }
    if asked.statement.as_ref().is_some_and(|text| text.len() > server.config.text) {
        let message = format!("a statement has at most {} bytes", server.config.text);
        return Err(Refusal::new("Neo.ClientError.General.LimitExceeded", message));
    }
    Ok(asked)
}

impl Asked {
    fn parameters(&self) -> Result<Vec<(String, Value)>, Refusal> {
        let all = self.parameters.iter().flatten();
        all.map(|(name, value)| match values::read(value) {
            Ok(value) => Ok((name.clone(), value)),
            Err(error) => Err(Refusal::of(&error.prefixed(&format!("the parameter ${name}: ")), "")),
        })
        .collect()
    }

    fn reads(&self) -> Result<bool, Refusal> {
        match self.access_mode.as_deref() {
            None => Ok(false),
            Some(mode) if mode.eq_ignore_ascii_case("write") => Ok(false),
            Some(mode) if mode.eq_ignore_ascii_case("read") => Ok(true),
            Some(_) => Err(Refusal::invalid("accessMode is Read or Write")),
        }
    }

    fn timeout(&self) -> Option<Duration> {
        self.max_execution_time.filter(|s| *s > 0.0).and_then(|s| Duration::try_from_secs_f64(s).ok())
    }

    async fn wait(&self, server: &Server) -> Result<(), Refusal> {
        let commit = bookmark::latest(self.bookmarks.iter().flatten().map(|text| Some(text.as_str())))?;
        server.seen(commit).await
    }
}

/// A statement that commits by itself.
pub(crate) async fn run(
    State(server): State<Arc<Server>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match alone(&server, &name, &headers, &body).await {
        Ok(response) => response,
        Err(refusal) => refused(&refusal),
    }
}

async fn alone(server: &Arc<Server>, name: &str, headers: &HeaderMap, body: &[u8]) -> Result<Response, Refusal> {
    let asked = asked(server, name, headers, body)?;
    let text = asked.statement.clone().ok_or_else(|| Refusal::invalid("a request has a statement"))?;
    let params = asked.parameters()?;
    asked.wait(server).await?;
    let engine = server.engine_for(asked.reads()?);
    let cancel = Cancelled::new();
    let (form, counters) = (form(headers), asked.include_counters);
    let job = move |limits| {
        let statement = engine.query(&text).limits(limits);
        let rows = statement.given(params).rows();
        let rows = rows.map_err(|error| Refusal::of(&error, &text))?;
        let bookmark = engine.snapshot().ok().map(|snapshot| snapshot.commit());
        // written here: a large answer takes its time
        Ok(answer(&Answered { rows: Some(&rows), text: &text, form, counters, bookmark, transaction: None }))
    };
    server.work.run(asked.timeout(), &cancel.flag(), job).await?
}

/// Begins a transaction, and runs its first statement when there is one.
pub(crate) async fn begin(
    State(server): State<Arc<Server>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let begun = async {
        let asked = asked(&server, &name, &headers, &body)?;
        asked.wait(&server).await?;
        let engine = server.engine_for(asked.reads()?);
        let never = Arc::new(AtomicBool::new(false));
        let begun = server.work.run(None, &never, move |_| engine.begin()).await?.map_err(|e| Refusal::of(&e, ""))?;
        let id = access::random().map_err(|e| Refusal::new("Neo.DatabaseError.General.UnknownError", e.to_string()))?;
        if server.transactions.count() >= server.config.connections {
            return Err(Refusal::busy());
        }
        inside(&server, &id, Some(begun), &headers, &asked, false).await
    };
    begun.await.unwrap_or_else(|refusal| refused(&refusal))
}

/// Runs a statement in a transaction.
pub(crate) async fn go_on(
    server: State<Arc<Server>>,
    of: Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    next(server, of, headers, body, false).await
}

/// Runs a last statement, when there is one, and commits.
pub(crate) async fn commit(
    server: State<Arc<Server>>,
    of: Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    next(server, of, headers, body, true).await
}

async fn next(
    State(server): State<Arc<Server>>,
    Path((name, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
    last: bool,
) -> Response {
    let done = async {
        let asked = asked(&server, &name, &headers, &body)?;
        inside(&server, &id, None, &headers, &asked, last).await
    };
    done.await.unwrap_or_else(|refusal| refused(&refusal))
}

/// Rolls back.
pub(crate) async fn roll_back(State(server): State<Arc<Server>>, Path((name, id)): Path<(String, String)>) -> Response {
    if !server.config.is_graph(&name) {
        return refused(&Refusal::no_database(&name));
    }
    match server.transactions.take(&id) {
        Ok(transaction) => {
            server.transactions.put(&id, None, Duration::ZERO);
            drop(transaction);
            (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], "{}").into_response()
        }
        Err(refusal) => refused(&refusal),
    }
}

async fn inside(
    server: &Arc<Server>,
    id: &str,
    begun: Option<Transaction>,
    headers: &HeaderMap,
    asked: &Asked,
    last: bool,
) -> Result<Response, Refusal> {
    let params = asked.parameters()?;
    let mut transaction = match begun {
        Some(begun) => begun,
        None => server.transactions.take(id)?,
    };
    // whatever happens to the request, the transaction does not stay behind half taken
    let mut held = Held { server: Arc::clone(server), id: id.to_owned(), done: false };
    let cancel = Cancelled::new();
    let (form, counters, text) = (form(headers), asked.include_counters, asked.statement.clone());
    let engine = server.engine.clone();
    let job = move |limits| {
        let rows = match &text {
            None => None,
            Some(text) => {
                let statement = transaction.query(text).limits(limits);
                let rows = statement.given(params).rows();
                Some(rows.map_err(|error| Refusal::of(&error, text))?)
            }
        };
        let mut bookmark = None;
        let left = match last {
            false => Some(transaction),
            true => {
                transaction.commit().map_err(|e| Refusal::of(&e, ""))?;
                bookmark = engine.snapshot().ok().map(|snapshot| snapshot.commit());
                None
            }
        };
        Ok::<_, Refusal>((rows, left, bookmark, text.unwrap_or_default()))
    };
    let (rows, left, bookmark, text) = server.work.run(asked.timeout(), &cancel.flag(), job).await??;
    let goes_on = left.is_some();
    server.transactions.put(id, left, server.config.idle_transaction);
    held.done = true;
    let expires = shejire_time(SystemTime::now() + server.config.idle_transaction);
    let transaction = goes_on.then_some((id, expires));
    Ok(answer(&Answered { rows: rows.as_ref(), text: &text, form, counters, bookmark, transaction }))
}

/// A transaction that is away; forgotten when its statement fails or its client goes.
struct Held {
    server: Arc<Server>,
    id: String,
    done: bool,
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.done {
            self.server.transactions.put(&self.id, None, Duration::ZERO);
        }
    }
}

/// A moment as RFC 3339 writes it.
fn shejire_time(moment: SystemTime) -> String {
    use crate::value::temporal::{DateTime, Instant};
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let instant = Instant { seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX), nanos: 0 };
    DateTime::at(instant, "Z").map(|moment| moment.to_string()).unwrap_or_default()
}
