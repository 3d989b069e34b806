//! The explorer: one page for every address that is a page, the files it loads, and the sessions of browsers.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::refused;
use crate::server::Server;
use crate::server::assets::{self, Asset};
use crate::server::status::Refusal;

/// Addresses that are pages; what stands below them is read by the page itself.
const PAGES: [&str; 12] =
    ["find", "e", "lineage", "conflicts", "query", "graph", "s", "annotate", "schema", "views", "changes", "help"];

/// Whether the path is an address of the explorer.
pub(super) fn is_page(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    path == "/" || PAGES.contains(&first)
}

/// Whether anybody may ask for it: the pages and what they load hold nothing of the graph.
pub(super) fn is_open<B>(request: &Request<B>) -> bool {
    let path = request.uri().path();
    request.method() == Method::GET && (path == "/healthz" || path.starts_with("/assets/") || is_page(path))
}

/// The page.
pub(super) fn index(headers: &HeaderMap) -> Response {
    answer(headers, assets::page(), "no-cache")
}

/// A page that is asked for by its own address.
pub(super) async fn page(headers: HeaderMap) -> Response {
    index(&headers)
}

/// A file that a page loads.
pub(super) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match assets::named(&name) {
        Some(file) => answer(&headers, file, "public, max-age=31536000, immutable"),
        None => super::nothing().await,
    }
}

fn answer(headers: &HeaderMap, file: Asset, caching: &'static str) -> Response {
    let takes = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let packed = takes.split(',').any(|one| one.split(';').next().is_some_and(|name| name.trim() == "gzip"));
    let mut response = (
        StatusCode::OK,
        [(header::CONTENT_TYPE, file.ty), (header::CACHE_CONTROL, caching), (header::VARY, "accept-encoding")],
        if packed { file.gzip } else { file.plain },
    )
        .into_response();
    if packed {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// The name of the cookie: browsers give one to every port of a host, so that each server needs a name of its own.
fn cookie(server: &Server) -> String {
    format!("shejire-{}", server.http_address.map_or(0, |address| address.port()))
}

/// Whether a request carries a session of this server.
pub(super) fn has_session(server: &Server, headers: &HeaderMap) -> bool {
    let name = cookie(server);
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut all = cookies.flat_map(|value| value.split(';')).filter_map(|one| one.trim().split_once('='));
    all.any(|(key, value)| key == name && server.access.is_session(value))
}

/// Begins a session: who comes here has shown the token. The cookie carries no token, and scripts do not see it.
pub(super) async fn session(State(server): State<Arc<Server>>) -> Response {
    if !server.access.is_guarded() {
        return StatusCode::NO_CONTENT.into_response();
    }
    let Ok(session) = server.access.begin_session() else {
        return refused(&Refusal::new(
            "Neo.DatabaseError.General.UnknownError",
            "the system has no randomness to give",
        ));
    };
    let only_by_tls = if server.tls.is_some() { "; Secure" } else { "" };
    let carried = format!("{}={session}; HttpOnly; SameSite=Strict; Path=/{only_by_tls}", cookie(&server));
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, carried)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_from_what_is_asked_of_a_graph() {
        for page in ["/", "/find", "/e/national-kurultai", "/s/003", "/query"] {
            assert!(is_page(page), "{page}");
        }
        for other in ["/api/v1/info", "/db/neo4j/query/v2", "/mcp", "/metrics", "/finder", "/e.php", ""] {
            assert!(!is_page(other), "{other}");
        }
    }
}
