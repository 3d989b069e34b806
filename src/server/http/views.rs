//! Saved views over HTTP.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};

use super::explore::asked;
use super::own::answered;
use super::refused;
use crate::error::Result;
use crate::server::Server;
use crate::server::saved::View;
use crate::server::status::Refusal;

fn told(name: &str, view: &View) -> Json {
    json!({ "name": name, "title": view.title, "path": view.path, "parameters": view.parameters })
}

/// Does something with files, on a thread that may wait.
async fn with_files<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> std::result::Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    let failed = |_| Refusal::new("Neo.DatabaseError.General.UnknownError", "the view could not be read or written");
    done.map_err(failed)?.map_err(|error| Refusal::of(&error, ""))
}

/// Every view that is kept; what cannot be read says why.
pub(crate) async fn list(State(server): State<Arc<Server>>) -> Response {
    let found = with_files(move || {
        let items: Vec<Json> = server
            .saved
            .all()?
            .iter()
            .map(|(name, view)| match view {
                Ok(view) => told(name, view),
                Err(why) => json!({ "name": name, "error": why.message() }),
            })
            .collect();
        Ok(json!({ "returned": items.len(), "total": items.len(), "truncated": false, "items": items }))
    });
    answered(found.await)
}

/// One view.
pub(crate) async fn get(State(server): State<Arc<Server>>, Path(name): Path<String>) -> Response {
    answered(with_files(move || Ok(told(&name, &server.saved.get(&name)?))).await)
}

fn may_write(server: &Server) -> std::result::Result<(), Refusal> {
    match server.config.write {
        true => Ok(()),
        false => Err(Refusal::new("Neo.ClientError.Security.Forbidden", "nothing is written here; --write allows it")),
    }
}

/// Keeps one.
pub(crate) async fn put(
    State(server): State<Arc<Server>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let written = async {
        may_write(&server)?;
        let view: View = asked(&headers, &body)?;
        with_files(move || server.saved.put(&name, view)).await
    };
    match written.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refused(&refusal),
    }
}

/// Forgets one.
pub(crate) async fn remove(State(server): State<Arc<Server>>, Path(name): Path<String>) -> Response {
    let removed = async {
        may_write(&server)?;
        with_files(move || server.saved.remove(&name)).await
    };
    match removed.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refused(&refusal),
    }
}
