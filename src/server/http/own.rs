//! Our own interface: what the graph is, statements with citations, help while one is typed; health and figures.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::Value;
use crate::engine::Rows;
use crate::io::json as encoding;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{Cancelled, body_is_json, bytes, pages, refused};
use crate::server::Server;
use crate::server::status::Refusal;
use crate::server::work::BOUNDS;

pub(super) const JSON: &str = "application/json";

pub(super) fn answered(outcome: Result<Json, Refusal>) -> Response {
    match outcome {
        Ok(json) => bytes(JSON, json.to_string()),
        Err(refusal) => refused(&refusal),
    }
}

/// What is here, for drivers that look for Neo4j's addresses, and for people.
pub(crate) async fn root(State(server): State<Arc<Server>>, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if accept.contains("text/html") {
        return pages::index(&headers);
    }
    let scheme = server.scheme();
    let mut all = json!({
        "neo4j_version": "5.13.0",
        "neo4j_edition": "community",
        "query": format!("{scheme}://{host}/db/{{databaseName}}/query/v2"),
        "shejire": env!("CARGO_PKG_VERSION"),
    });
    if let Some(bolt) = server.bolt_address {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let by_tls = if server.tls.is_some() { "+s" } else { "" };
        all["bolt_direct"] = format!("bolt{by_tls}://{name}:{}", bolt.port()).into();
        all["bolt_routing"] = format!("neo4j{by_tls}://{name}:{}", bolt.port()).into();
    }
    bytes(JSON, all.to_string())
}

/// 200 when a read works within a second.
pub(crate) async fn health(State(server): State<Arc<Server>>) -> Response {
    let cancel = Cancelled::new();
    let engine = server.engine_for(true);
    let job = move |limits| engine.query("RETURN 1").limits(limits).rows().map(|_| ());
    let second = std::time::Duration::from_secs(1);
    match tokio::time::timeout(second, server.work.run(Some(second), &cancel.flag(), job)).await {
        Ok(Ok(Ok(()))) => bytes("text/plain", "ok\n"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "a read does not work within a second\n").into_response(),
    }
}

/// Figures since the start, as OpenMetrics writes them.
pub(crate) async fn metrics(State(server): State<Arc<Server>>) -> Response {
    let counts = &server.work.counts;
    let mut out = String::new();
    let mut figure = |name: &str, kind: &str, help: &str, value: f64| {
        let total = if kind == "counter" { "_total" } else { "" };
        let _ = write!(out, "# TYPE {name} {kind}\n# HELP {name} {help}\n{name}{total} {value}\n");
    };
    figure("shejire_uptime_seconds", "gauge", "Seconds since the start.", server.started.elapsed().as_secs_f64());
    figure("shejire_bolt_connections", "gauge", "Open Bolt connections.", server.bolt_places.taken() as f64);
    figure("shejire_http_connections", "gauge", "Open HTTP connections.", server.http_places.taken() as f64);
    figure("shejire_http_transactions", "gauge", "Open HTTP transactions.", server.transactions.count() as f64);
    figure("shejire_statements_running", "gauge", "Statements that run.", server.work.running() as f64);
    figure(
        "shejire_statements_refused",
        "counter",
        "Statements refused because too many ran.",
        counts.refused.load(Ordering::Relaxed) as f64,
    );
    figure(
        "shejire_failures",
        "counter",
        "Messages answered by a failure.",
        counts.failed.load(Ordering::Relaxed) as f64,
    );
    if let Some(kib) = resident_kib() {
        figure("process_resident_memory_bytes", "gauge", "Memory of the process.", kib as f64 * 1024.0);
    }
    let _ = writeln!(
        out,
        "# TYPE shejire_statement_seconds histogram\n# HELP shejire_statement_seconds Time of statements."
    );
    let mut below = 0;
    for (at, count) in counts.took.iter().enumerate() {
        below += count.load(Ordering::Relaxed);
        let bound = BOUNDS.get(at).map_or("+Inf".to_owned(), f64::to_string);
        let _ = writeln!(out, "shejire_statement_seconds_bucket{{le=\"{bound}\"}} {below}");
    }
    let _ = writeln!(out, "shejire_statement_seconds_count {below}\n# EOF");
    bytes("application/openmetrics-text; version=1.0.0; charset=utf-8", out)
}

fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok())
}

/// What this graph is.
pub(crate) async fn info(State(server): State<Arc<Server>>) -> Response {
    let outcome = server.engine.snapshot().map_err(|e| Refusal::of(&e, "")).map(|snapshot| {
        let [nodes, relationships, indexes] = snapshot.counts();
        let limits = &server.config;
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "commit": snapshot.commit(),
            "nodes": nodes,
            "relationships": relationships,
            "indexes_and_constraints": indexes,
            "sources": snapshot.sources().len(),
            "title": limits.title,
            "name": limits.name,
            "views": server.saved.is_kept(),
            "documents": server.reading.has_documents(),
            "read_only": !limits.write,
            "languages": languages(&snapshot),
            "limits": {
                "time_ms": u64::try_from(limits.time.as_millis()).unwrap_or(u64::MAX),
                "memory": limits.memory,
                "rows": limits.rows,
                "text": limits.text,
            },
        })
    });
    answered(outcome)
}

/// The languages that names are told in: `kk` where a property `name_kk` is.
fn languages(snapshot: &crate::engine::Snapshot) -> Vec<String> {
    let tags = snapshot.property_keys().into_iter().filter_map(|key| key.strip_prefix("name_").map(str::to_owned));
    tags.filter(|tag| tag.len() == 2).collect()
}

/// A statement of our own interface.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    query: String,
    #[serde(default)]
    params: serde_json::Map<String, Json>,
    #[serde(default)]
    cite: bool,
    /// Milliseconds.
    timeout_ms: Option<u64>,
}

/// Runs a statement: values as `pipe` writes them, with citations when they are asked for.
pub(crate) async fn query(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let outcome = async {
        body_is_json(&headers)?;
        let asked: Asked = serde_json::from_slice(&body).map_err(|e| {
            Refusal::new("Neo.ClientError.Request.InvalidFormat", format!("the body is not what is asked for: {e}"))
        })?;
        if asked.query.len() > server.config.text {
            let message = format!("a statement has at most {} bytes", server.config.text);
            return Err(Refusal::new("Neo.ClientError.General.LimitExceeded", message));
        }
        let params = asked.params.iter().map(|(name, value)| match encoding::read_value(value) {
            Ok(value) => Ok((name.clone(), value)),
            Err(error) => Err(Refusal::of(&error.prefixed(&format!("the parameter ${name}: ")), "")),
        });
        let params: Vec<(String, Value)> = params.collect::<Result<_, _>>()?;
        let engine = server.engine_for(false);
        let cancel = Cancelled::new();
        let timeout = asked.timeout_ms.map(std::time::Duration::from_millis);
        let job = move |limits| {
            let text = asked.query;
            let statement = engine.query(&text).limits(limits).given(params);
            let started = Instant::now();
            let rows = if asked.cite { statement.cite() } else { statement }.rows();
            let rows = rows.map_err(|error| Refusal::of(&error, &text))?;
            let micros = started.elapsed().as_micros();
            Ok(match accept.as_str() {
                accept if accept.contains("text/csv") => csv(&rows),
                accept if accept.contains("application/x-ndjson") => lines(&rows, micros),
                _ => whole(&rows, &text, micros),
            })
        };
        server.work.run(timeout, &cancel.flag(), job).await?
    };
    outcome.await.unwrap_or_else(|refusal| refused(&refusal))
}

fn values(out: &mut String, rows: &Rows, at: usize) {
    let Some(row) = rows.get(at) else { return };
    encoding::write_array(out, row.values().iter(), |out, value| {
        encoding::write_cell(out, row, value, rows.entities());
    });
}

fn citations(out: &mut String, rows: &Rows, at: usize) {
    let cited = rows.get(at).map_or(&[][..], |row| row.citations());
    encoding::write_array(out, cited.iter(), |out, citation| encoding::write_string(out, &citation.locator));
}

fn whole(rows: &Rows, text: &str, micros: u128) -> Response {
    let mut out = String::from("{\"columns\":");
    encoding::write_array(&mut out, rows.columns().iter(), |out, column| encoding::write_string(out, column));
    out.push_str(",\"rows\":");
    encoding::write_array(&mut out, 0..rows.len(), |out, at| values(out, rows, at));
    if rows.cited() {
        out.push_str(",\"citations\":");
        encoding::write_array(&mut out, 0..rows.len(), |out, at| citations(out, rows, at));
    }
    let warnings: Vec<Json> = rows
        .warnings()
        .iter()
        .map(|warning| {
            let (line, column) = warning.span.line_column(text);
            json!({ "message": warning.message, "hint": warning.hint, "line": line, "column": column })
        })
        .collect();
    let mut changes = serde_json::Map::new();
    changes.extend(
        crate::server::status::counts(&rows.changes()).iter().map(|(_, name, n)| ((*name).to_owned(), (*n).into())),
    );
    let rest = json!({ "warnings": warnings, "plan": rows.plan().map(ToString::to_string), "changes": changes, "us": u64::try_from(micros).unwrap_or(u64::MAX) });
    out.push(',');
    out.push_str(&rest.to_string()[1..]);
    bytes(JSON, out)
}

fn lines(rows: &Rows, micros: u128) -> Response {
    let mut out = String::from("{\"columns\":");
    encoding::write_array(&mut out, rows.columns().iter(), |out, column| encoding::write_string(out, column));
    out.push_str("}\n");
    for at in 0..rows.len() {
        out.push_str("{\"row\":");
        values(&mut out, rows, at);
        if rows.cited() {
            out.push_str(",\"citations\":");
            citations(&mut out, rows, at);
        }
        out.push_str("}\n");
    }
    let _ = writeln!(out, "{{\"end\":{{\"rows\":{},\"us\":{micros}}}}}", rows.len());
    bytes("application/x-ndjson", out)
}

fn csv(rows: &Rows) -> Response {
    use crate::io::answer::{self, Form, Style};
    let mut out = Vec::new();
    let style = Style { form: Form::Csv, width: None, csv_safe: false, terminal: false, most: None };
    match answer::write(rows, style, &mut out) {
        Ok(()) => bytes("text/csv; charset=utf-8", out),
        Err(_) => refused(&Refusal::invalid("this answer cannot be written as a table")),
    }
}

/// Runs something that reads the last commit, as JSON.
pub(super) async fn read(
    server: &Arc<Server>,
    job: impl FnOnce(&crate::engine::Snapshot) -> crate::Result<Json> + Send + 'static,
) -> Response {
    let engine = server.engine_for(true);
    let cancel = Cancelled::new();
    let outcome = match server.work.run(None, &cancel.flag(), move |_| engine.snapshot()?.read(job)).await {
        Ok(Ok(json)) => Ok(json),
        Ok(Err(error)) => Err(Refusal::of(&error, "")),
        Err(refusal) => Err(refusal),
    };
    answered(outcome)
}

/// A text that is being typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    query: String,
    /// The byte the cursor stands before; the end without it.
    at: Option<usize>,
    #[serde(default)]
    params: Vec<String>,
}

fn typed(headers: &HeaderMap, body: &[u8]) -> Result<Typed, Refusal> {
    body_is_json(headers)?;
    let typed: Typed = serde_json::from_slice(body).map_err(|e| {
        Refusal::new("Neo.ClientError.Request.InvalidFormat", format!("the body is not what is asked for: {e}"))
    })?;
    match typed.query.len() <= 64 << 10 && typed.at.is_none_or(|at| typed.query.is_char_boundary(at)) {
        true => Ok(typed),
        false => Err(Refusal::invalid("query has at most 64 KiB, and at is a byte of it at which a character begins")),
    }
}

/// What may stand at the cursor.
pub(crate) async fn complete(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response {
    let typed = match typed(&headers, &body) {
        Ok(typed) => typed,
        Err(refusal) => return refused(&refusal),
    };
    read(&server, move |snapshot| {
        let at = typed.at.unwrap_or(typed.query.len());
        let found = crate::assist::complete(snapshot, &typed.params, &typed.query, at);
        let items: Vec<Json> = found.offers.iter().map(|o| json!({ "label": o.shown, "insert": o.text })).collect();
        Ok(json!({ "from": found.start, "items": items }))
    })
    .await
}

/// What is wrong in a text, without running it; and what its parts are, for those that colour it.
pub(crate) async fn check(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response {
    use crate::assist::Problem;
    let typed = match typed(&headers, &body) {
        Ok(typed) => typed,
        Err(refusal) => return refused(&refusal),
    };
    read(&server, move |snapshot| {
        let problems = crate::assist::problems(snapshot, &typed.query);
        let one = |severity: &str, message: &str, hint: Option<&str>, span: crate::error::Span| {
            let (line, column) = span.line_column(&typed.query);
            json!({
                "severity": severity, "message": message, "hint": hint,
                "start": span.start, "end": span.end, "line": line, "column": column,
            })
        };
        let items: Vec<Json> = problems
            .iter()
            .map(|problem| match problem {
                Problem::Error(e) => one("error", e.message(), e.hint_text(), e.span().unwrap_or_default()),
                Problem::Warning(w) => one("warning", &w.message, w.hint.as_deref(), w.span),
            })
            .collect();
        let parts: Vec<Json> = crate::assist::parts(&typed.query)
            .into_iter()
            .map(|(span, part)| json!([span.start, span.end, format!("{part:?}").to_lowercase()]))
            .collect();
        Ok(json!({ "items": items, "parts": parts }))
    })
    .await
}
