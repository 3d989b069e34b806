//! Our own interface: what the graph is, statements with citations, names, sources; health and figures.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::Value;
use crate::engine::{Lineage, LineageRequest, Rows};
use crate::io::json as encoding;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{Cancelled, body_is_json, bytes, refused};
use crate::server::Server;
use crate::server::status::Refusal;
use crate::server::views;
use crate::server::work::{BOUNDS, given};

const JSON: &str = "application/json";

fn answered(outcome: Result<Json, Refusal>) -> Response {
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
        let page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>shejire</title><h1>shejire</h1>\
                    <p>A graph is served here. Statements go to <code>POST /api/v1/query</code>.</p></html>";
        return bytes("text/html; charset=utf-8", page);
    }
    let mut all = json!({
        "neo4j_version": "5.13.0",
        "neo4j_edition": "community",
        "query": format!("http://{host}/db/{{databaseName}}/query/v2"),
        "shejire": env!("CARGO_PKG_VERSION"),
    });
    if let Some(bolt) = server.bolt_address {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        all["bolt_direct"] = format!("bolt://{name}:{}", bolt.port()).into();
        all["bolt_routing"] = format!("neo4j://{name}:{}", bolt.port()).into();
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
            "read_only": !limits.write,
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
            let statement = given(engine.query(&text).limits(limits), params);
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

/// Whom a name means.
#[derive(Debug, Deserialize)]
pub(crate) struct Sought {
    q: String,
    #[serde(default)]
    prefix: Option<u8>,
    limit: Option<usize>,
    kind: Option<String>,
}

/// Entities by any of their names.
pub(crate) async fn find(State(server): State<Arc<Server>>, Query(sought): Query<Sought>) -> Response {
    read(&server, move |snapshot| {
        let limit = sought.limit.unwrap_or(20).min(200);
        let found = match sought.prefix {
            Some(n) if n > 0 => snapshot.starting_with(&sought.q, limit + 1),
            _ => snapshot.search(&sought.q, limit + 1),
        };
        let fits = |kind: &str| sought.kind.as_deref().is_none_or(|wanted| wanted == kind);
        let items: Vec<Json> = found
            .iter()
            .filter(|candidate| fits(&candidate.kind))
            .take(limit)
            .map(|candidate| {
                let id = snapshot.node(candidate.node).map(|node| node.id);
                json!({
                    "element_id": id.map(|id| id.to_string()),
                    "id": &*candidate.id,
                    "name": &*candidate.name,
                    "kind": &*candidate.kind,
                    "met": &*candidate.met.text,
                    "by": format!("{:?}", candidate.rank).to_lowercase(),
                })
            })
            .collect();
        let truncated = found.len() > limit;
        Ok(json!({ "returned": items.len(), "truncated": truncated, "items": items }))
    })
    .await
}

/// The documents that assert facts.
pub(crate) async fn sources(State(server): State<Arc<Server>>) -> Response {
    read(&server, |snapshot| {
        let items = views::sources(snapshot);
        Ok(json!({ "returned": items.len(), "total": items.len(), "truncated": false, "items": items }))
    })
    .await
}

/// Runs something that reads the last commit, as JSON.
async fn read(
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

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    limit: Option<usize>,
    /// Of whom: a name or an id.
    about: Option<String>,
}

/// One entity, by a name or an id.
pub(crate) async fn entity(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    Query(page): Query<Page>,
) -> Response {
    let limit = page.limit.unwrap_or(200).min(10_000);
    read(&server, move |snapshot| Ok(views::entity(&snapshot.entity(id)?, limit))).await
}

/// Where documents disagree.
pub(crate) async fn conflicts(State(server): State<Arc<Server>>, Query(page): Query<Page>) -> Response {
    let limit = page.limit.unwrap_or(200).min(10_000);
    read(&server, move |snapshot| {
        let about = page.about.map(|who| snapshot.entity(who)).transpose()?;
        Ok(views::conflicts(&snapshot.conflicts(about.map(|entity| entity.node())), limit))
    })
    .await
}

/// How much of a schema is told.
#[derive(Debug, Deserialize)]
pub(crate) struct Level {
    level: Option<String>,
}

/// Labels and relationship types.
pub(crate) async fn schema(State(server): State<Arc<Server>>, Query(level): Query<Level>) -> Response {
    let full = level.level.as_deref() != Some("brief");
    read(&server, move |snapshot| Ok(views::schema(&snapshot.schema()?, full))).await
}

/// What a lineage is asked for beside its start.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct LineageAsked {
    direction: Option<String>,
    /// Relationship types, separated by commas.
    via: Option<String>,
    as_of: Option<String>,
    certain: Option<u8>,
    depth: Option<u32>,
    /// Sources, separated by commas.
    according_to: Option<String>,
}

impl LineageAsked {
    /// The request of the engine. Errors: a direction that is none.
    pub(crate) fn request(self, of: String) -> crate::Result<LineageRequest> {
        let mut request = views::directed(LineageRequest::of(of), self.direction.as_deref())?;
        for ty in self.via.iter().flat_map(|via| via.split(',')).map(str::trim).filter(|ty| !ty.is_empty()) {
            request = request.via(ty);
        }
        if let Some(date) = self.as_of {
            request = request.as_of(date);
        }
        if self.certain.is_some_and(|n| n > 0) {
            request = request.certain();
        }
        if let Some(depth) = self.depth {
            request = request.depth(depth);
        }
        if let Some(sources) = self.according_to {
            let all: Vec<String> = sources.split(',').map(|s| s.trim().to_owned()).collect();
            request = request.according_to(all);
        }
        Ok(request)
    }
}

/// A lineage as JSON; with an ending after the name (`.svg`, `.html`, `.mmd`, `.csv`, `.dot`) as a picture.
pub(crate) async fn lineage(
    State(server): State<Arc<Server>>,
    Path(named): Path<String>,
    Query(asked): Query<LineageAsked>,
) -> Response {
    let forms = [".json", ".svg", ".png", ".pdf", ".html", ".mmd", ".csv", ".dot"];
    let form = forms.into_iter().find(|form| named.ends_with(form));
    let of = form.and_then(|form| named.strip_suffix(form)).unwrap_or(&named).to_owned();
    let engine = server.engine_for(true);
    let cancel = Cancelled::new();
    let job = move |_| {
        let request = asked.request(of)?;
        engine.snapshot()?.read(|snapshot| shown(&snapshot.lineage(&request)?, &request, form))
    };
    match server.work.run(None, &cancel.flag(), job).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => refused(&Refusal::of(&error, "")),
        Err(refusal) => refused(&refusal),
    }
}

/// A lineage in a form; as JSON without one.
fn shown(found: &Lineage, request: &LineageRequest, form: Option<&str>) -> crate::Result<Response> {
    use crate::picture;
    let Some(form) = form.filter(|form| *form != ".json") else {
        return Ok(bytes(JSON, views::lineage(found).to_string()));
    };
    let asked = picture::Asked { query: request.to_string(), ..picture::Asked::default() };
    let (timeline, style) = (picture::lineage(found, &asked), picture::Style::default());
    let svg = || picture::timeline_svg(&timeline, &style);
    Ok(match form {
        ".png" => bytes("image/png", picture::png(&svg(), 2.0, &picture::Fonts::default())?),
        ".pdf" => bytes("application/pdf", picture::pdf(&svg(), &picture::Fonts::default())?),
        ".html" => page(picture::timeline_html(&timeline, &style)),
        ".mmd" => bytes("text/plain; charset=utf-8", picture::timeline_mermaid(&timeline, &style)),
        ".dot" => bytes("text/plain; charset=utf-8", picture::timeline_dot(&timeline, &style)),
        ".csv" => bytes("text/csv; charset=utf-8", picture::timeline_csv(&timeline)),
        _ => styled("image/svg+xml", svg()),
    })
}

/// A page that carries its own style and no script.
fn page(html: String) -> Response {
    styled("text/html; charset=utf-8", html)
}

fn styled(ty: &'static str, text: String) -> Response {
    let csp = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'";
    let mut response = bytes(ty, text);
    response.headers_mut().insert("content-security-policy", axum::http::HeaderValue::from_static(csp));
    response
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

/// What is wrong in a text, without running it.
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
        Ok(json!({ "items": items }))
    })
    .await
}
