//! HTTP: Neo4j's Query API below `/db`, our own interface below `/api/v1`.
//!
//! Every request passes the same gate: who is called (`Host`), from which page (`Origin`), with which token. Nothing that
//! reads changes anything, and answers carry the headers that keep pages of others out.

mod explore;
mod own;
mod pages;
mod query_api;
mod values;
mod views;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::Engine;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::server::Server;
use crate::server::access;
use crate::server::places::Seat;
use crate::server::status::Refusal;
use crate::server::wire::Wire;
pub(crate) use query_api::Transactions;
pub(crate) use values::{Form, Shown};

/// From a connection, or an answer, to the head of the next request.
const HEAD: Duration = Duration::from_secs(10);
const LONGEST_HEAD: usize = 32 << 10;
const MOST_HEADERS: usize = 100;
/// From the head of a request to the end of its body.
const BODY: Duration = Duration::from_secs(30);
const LONGEST_BODY: usize = 16 << 20;

/// Sets the flag when the request is given up: the client has gone.
#[derive(Debug)]
pub(crate) struct Cancelled(Arc<AtomicBool>);

impl Cancelled {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicBool::new(false)))
    }

    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

impl Drop for Cancelled {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Server {
    /// The engine as a request may use it.
    pub(crate) fn engine_for(&self, reads: bool) -> Engine {
        let engine = self.engine.clone();
        if reads || !self.config.write { engine.read_only() } else { engine }
    }
}

/// Accepts connections until the server stops.
pub(crate) async fn serve(server: Arc<Server>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let Ok(bound) = listener.local_addr() else { return };
    let routes = router(Arc::clone(&server), bound);
    let sweeping = {
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                server.transactions.sweep();
            }
        })
    };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(Duration::from_millis(20)).await; // out of descriptors: others must close first
            continue;
        };
        let seat = Arc::new(server.idle.seat());
        let (server, routes) = (Arc::clone(&server), routes.clone());
        let mut stop = stop.clone();
        tokio::spawn(async move {
            let accepted = tokio::select! {
                accepted = Wire::accept(stream, server.tls.as_ref()) => accepted,
                _ = seat.closed() => return,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            let Ok(wire) = accepted else { return };
            let of_requests = Arc::clone(&seat);
            let service = tower::service_fn(move |mut request: Request<hyper::body::Incoming>| {
                request.extensions_mut().insert(Peer(peer, Arc::clone(&of_requests)));
                let routes = routes.clone();
                async move { tower::ServiceExt::oneshot(routes, request.map(Body::new)).await }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD)
                .max_buf_size(LONGEST_HEAD)
                .max_headers(MOST_HEADERS)
                .serve_connection(TokioIo::new(wire), TowerToHyperService::new(service));
            tokio::select! {
                _ = connection => {}
                _ = seat.closed() => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
    }
    sweeping.abort();
}

/// Who asks, and the seat of the connection while nothing is asked.
#[derive(Clone, Debug)]
struct Peer(SocketAddr, Arc<Seat>);

fn router(server: Arc<Server>, bound: SocketAddr) -> Router {
    let gate = Gate { server: Arc::clone(&server), bound };
    Router::new()
        .route("/", get(own::root))
        .route("/healthz", get(own::health))
        .route("/metrics", get(own::metrics))
        .route("/db/{db}/query/v2", post(query_api::run))
        .route("/db/{db}/query/v2/tx", post(query_api::begin))
        .route("/db/{db}/query/v2/tx/{id}", post(query_api::go_on).delete(query_api::roll_back))
        .route("/db/{db}/query/v2/tx/{id}/commit", post(query_api::commit))
        .route("/api/v1/info", get(own::info))
        .route("/api/v1/query", post(own::query))
        .route("/api/v1/session", post(pages::session))
        .route("/api/v1/find", get(explore::find))
        .route("/api/v1/sources", get(explore::sources))
        .route("/api/v1/source/{id}", get(explore::source))
        .route("/api/v1/source/{id}/{at}", get(explore::sentence))
        .route("/api/v1/entity/{id}", get(explore::entity))
        .route("/api/v1/trace/{id}", get(explore::lineage))
        .route("/api/v1/view", post(explore::view))
        .route("/api/v1/view/{form}", post(explore::picture))
        .route("/api/v1/changes", get(explore::changes))
        .route("/api/v1/crosswalk", get(explore::crosswalk))
        .route("/api/v1/split", post(explore::split))
        .route("/api/v1/views", get(views::list))
        .route("/api/v1/views/{name}", get(views::get).put(views::put).delete(views::remove))
        .route("/api/v1/conflicts", get(explore::conflicts))
        .route("/api/v1/schema", get(explore::schema))
        .route("/assets/{name}", get(pages::asset))
        .route("/api/v1/complete", post(own::complete))
        .route("/api/v1/check", post(own::check))
        .nest_service("/mcp", crate::server::mcp::service(&server))
        .fallback(elsewhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(gate, pass))
        .with_state(server)
}

#[derive(Clone)]
struct Gate {
    server: Arc<Server>,
    bound: SocketAddr,
}

/// The gate: what has no business here is answered before anything is read of its body.
async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let peer = request.extensions().get::<Peer>().cloned();
    let mut response = match admit(&gate, request).await {
        Ok(request) => {
            // from here on, and no sooner, this request takes a place from others
            let place = peer.as_ref().map(|Peer(peer, _)| gate.server.http_places.take(peer.ip()));
            match place {
                Some(None) => with_status(StatusCode::SERVICE_UNAVAILABLE, &Refusal::busy()),
                place => {
                    peer.iter().for_each(|Peer(_, seat)| seat.rise());
                    let response = next.run(request).await;
                    drop(place);
                    response
                }
            }
        }
        Err(response) => *response,
    };
    peer.iter().for_each(|Peer(_, seat)| seat.sit());
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", CSP),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Some(origin) = origin.filter(|origin| gate.server.access.is_named_origin(origin))
        && let Ok(value) = HeaderValue::from_str(&origin)
    {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    }
    response
}

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                   form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

async fn admit(gate: &Gate, request: Request) -> Result<Request, Box<Response>> {
    let Gate { server, bound } = gate;
    let headers = request.headers();
    let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    let no = |status: u16, code: &'static str, message: &str| {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        Box::new(with_status(status, &Refusal::new(code, message)))
    };
    if headers.get_all(header::HOST).iter().count() > 1
        || !text(header::HOST).is_some_and(|host| server.access.is_ours(host, *bound))
    {
        return Err(no(
            421,
            "Neo.ClientError.Request.Invalid",
            "this server is not called that; --host NAME allows a name",
        ));
    }
    if let Some(origin) = text(header::ORIGIN) {
        if !server.access.allows_origin(origin, *bound) {
            return Err(no(
                403,
                "Neo.ClientError.Security.Forbidden",
                "pages of this origin may not ask here; --cors ORIGIN allows one",
            ));
        }
        if request.method() == Method::OPTIONS && server.access.is_named_origin(origin) {
            let allow = [
                (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, DELETE"),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, accept"),
            ];
            return Err(Box::new((StatusCode::NO_CONTENT, allow).into_response()));
        }
    }
    if request.method() == Method::TRACE || request.method() == Method::CONNECT {
        return Err(no(405, "Neo.ClientError.Request.Invalid", "this method is not offered"));
    }
    let begins = request.uri().path() == "/api/v1/session";
    let admitted = || {
        let admits = |word: &str| server.access.admits(word) || begins && server.access.takes_invitation(word);
        shown(headers).is_some_and(|word| admits(&word)) || pages::has_session(server, headers)
    };
    if server.access.is_guarded() && !pages::is_open(&request) && !admitted() {
        if headers.contains_key(header::AUTHORIZATION)
            && let Some(Peer(peer, _)) = request.extensions().get::<Peer>()
            && server.access.note_failure(peer.ip())
        {
            tokio::time::sleep(access::WAIT).await;
        }
        let mut response = refused(&Refusal::unauthorized(
            "this server's token is needed: Authorization: Bearer TOKEN, or as a password",
        ));
        // a page asks for the token itself: its browser is not to put a dialog of its own in the way
        let of_page = headers.get("sec-fetch-dest").is_some_and(|what| what == "empty");
        let scheme = if of_page { "Bearer realm=\"shejire\"" } else { "Basic realm=\"shejire\"" };
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
        return Err(Box::new(response));
    }
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(no(415, "Neo.ClientError.Request.UnsupportedMediaType", "bodies come without Content-Encoding"));
    }
    let announced = text(header::CONTENT_LENGTH).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    if announced > LONGEST_BODY as u64 {
        return Err(no(413, "Neo.ClientError.Request.TooLarge", "a body has at most 16 MiB"));
    }
    let (head, body) = request.into_parts();
    let whole = match tokio::time::timeout(BODY, axum::body::to_bytes(body, LONGEST_BODY)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(no(413, "Neo.ClientError.Request.TooLarge", "a body has at most 16 MiB")),
        Err(_) => return Err(no(408, "Neo.ClientError.Request.Invalid", "the body took longer than 30 seconds")),
    };
    Ok(Request::from_parts(head, Body::from(whole)))
}

/// The token that a request shows: a bearer's, or the password of `Basic`.
fn shown(headers: &HeaderMap) -> Option<String> {
    let auth = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = auth.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = base64::engine::general_purpose::STANDARD.decode(rest.trim()).ok()?;
        let text = String::from_utf8(decoded).ok()?;
        return text.split_once(':').map(|(_, password)| password.to_owned());
    }
    None
}

/// Errors: the body is said to be something else, as forms of other pages are.
pub(crate) fn body_is_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let ty = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let ty = ty.split(';').next().unwrap_or_default().trim();
    match ty.eq_ignore_ascii_case("application/json") || ty.eq_ignore_ascii_case(query_api::TYPED) {
        true => Ok(()),
        false => Err(Refusal::new(
            "Neo.ClientError.Request.UnsupportedMediaType",
            "a body is application/json, or application/vnd.neo4j.query",
        )),
    }
}

/// The answer to a request that is refused.
pub(crate) fn refused(refusal: &Refusal) -> Response {
    with_status(StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST), refusal)
}

fn with_status(status: StatusCode, refusal: &Refusal) -> Response {
    let body = serde_json::json!({ "errors": [{ "code": refusal.code, "message": refusal.message }] });
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// What has no route of its own: a page of the explorer, or nothing.
async fn elsewhere(request: Request) -> Response {
    match request.method() == Method::GET && pages::is_page(request.uri().path()) {
        true => pages::page(request.headers().clone()).await,
        false => nothing().await,
    }
}

async fn nothing() -> Response {
    with_status(StatusCode::NOT_FOUND, &Refusal::invalid("there is nothing here; / says what there is"))
}

async fn wrong_method() -> Response {
    with_status(StatusCode::METHOD_NOT_ALLOWED, &Refusal::invalid("this is asked by another method"))
}

/// Bytes with their type.
pub(crate) fn bytes(ty: &'static str, bytes: impl Into<Bytes>) -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, ty)], bytes.into()).into_response()
}
