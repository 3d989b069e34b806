//! MCP, the protocol by which language models use tools: over HTTP at `/mcp`, in both of its lives (with sessions, and
//! without since 2026-07-28), and over standard input and output.
//!
//! Every tool reads; each answer carries the places it rests on, so that whoever repeats it can cite.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

use crate::engine::{LineageRequest, Row, Rows, Snapshot};
use crate::io::json as encoding;
use crate::{Error, Value};
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, JsonObject,
    ListResourcesResult, ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse,
    ReadResourceResult, Resource, ResourceContents, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer, ServiceExt};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value as Json, json};

use crate::server::Server;
use crate::server::status::Refusal;
use crate::server::views;

/// Rows a query answers unless more are asked for, and at most.
const ROWS: usize = 100;
const MOST_ROWS: usize = 1000;
/// Facts of an entity, and conflicts, in one answer.
const FACTS: usize = 100;

const INSTRUCTIONS: &str = "\
A knowledge graph in which every fact names the sentence it comes from. Find an entity by any of its names with `find`, \
look at it with `entity`, ask what became of it with `trace`, where documents disagree with `conflicts`, and anything \
else in openCypher with `query` (read only). Answers carry locators such as 000:11.1 (document:paragraph.sentence): cite \
them, and say nothing that no place states.";

/// The language reference, as the book has it.
const LANGUAGE: &str = include_str!("../../docs/language.md");

/// The tools on one graph.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    server: Arc<Server>,
}

/// The service that HTTP mounts. Names and origins have been looked at by then.
pub(crate) fn service(server: &Arc<Server>) -> StreamableHttpService<Tools, LocalSessionManager> {
    let server = Arc::clone(server);
    let config = StreamableHttpServerConfig::default().disable_allowed_hosts().with_json_response(true);
    StreamableHttpService::new(move || Ok(Tools { server: Arc::clone(&server) }), Arc::default(), config)
}

/// The conversation with the program that started this one.
pub(crate) async fn on_standard_streams(server: Arc<Server>) -> std::io::Result<()> {
    let tools = Tools { server };
    let running = tools.serve(rmcp::transport::stdio()).await.map_err(std::io::Error::other)?;
    running.waiting().await.map(|_| ()).map_err(std::io::Error::other)
}

fn object(json: Json) -> Arc<JsonObject> {
    match json {
        Json::Object(object) => Arc::new(object),
        _ => Arc::default(),
    }
}

/// What is offered, the same for every graph.
static TOOLS: LazyLock<Vec<Tool>> = LazyLock::new(tools);

fn tools() -> Vec<Tool> {
    let text = |what: &str| json!({ "type": "string", "description": what });
    let number = |what: &str| json!({ "type": "integer", "minimum": 1, "description": what });
    let tool = |name: &'static str, what: &'static str, properties: Json, required: &[&str]| {
        let input =
            json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
        Tool::new(name, what, object(input))
            .with_raw_output_schema(object(json!({ "type": "object" })))
            .with_annotations(ToolAnnotations::new().read_only(true).idempotent(true).open_world(false))
    };
    vec![
        tool(
            "find",
            "Entities by any of their names, in any spelling or script; homonyms stand side by side.",
            json!({ "name": text("a name, or its beginning"), "kind": text("only of this kind"), "limit": number("at most so many, 20 unless it is said") }),
            &["name"],
        ),
        tool(
            "entity",
            "One entity: its names, its life, and what documents say of it, each with its place.",
            json!({ "id": text("its id or an unambiguous name"), "limit": number("facts, at most") }),
            &["id"],
        ),
        tool(
            "trace",
            "What became of an entity and what it came from: mergers, splits, transfers, each with date and place.",
            json!({
                "of": text("an id or an unambiguous name"),
                "direction": { "type": "string", "enum": ["forward", "backward", "both"] },
                "as_of": text("only what may have held on that day, such as 2022-06-01 or 2022"),
                "according_to": { "type": "array", "items": { "type": "string" }, "description": "only as these sources have it" },
            }),
            &["of"],
        ),
        tool(
            "query",
            "A reading openCypher query; each row with the places it rests on.",
            json!({
                "cypher": text("the query"),
                "params": { "type": "object", "description": "values of $name" },
                "cite": { "type": "boolean", "description": "give the places of each row; true unless it is said" },
                "limit": number("rows, at most; 100 unless it is said"),
            }),
            &["cypher"],
        ),
        tool(
            "schema",
            "Labels and relationship types with their counts; `full` adds definitions and properties.",
            json!({ "level": { "type": "string", "enum": ["brief", "full"] } }),
            &[],
        ),
        tool(
            "conflicts",
            "Where documents disagree, both sides with their places.",
            json!({ "about": text("only what concerns this entity") }),
            &[],
        ),
        tool("sources", "The documents that assert facts: ids, titles, dates.", json!({}), &[]),
    ]
}

/// What a tool is called with.
struct Given(JsonObject);

impl Given {
    fn text(&self, key: &str) -> Result<Option<String>, Error> {
        match self.0.get(key) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(wrong(format!("{key} is text"))),
        }
    }

    fn needed(&self, key: &str) -> Result<String, Error> {
        self.text(key)?.ok_or_else(|| wrong(format!("{key} is needed")))
    }

    fn number(&self, key: &str, or: usize, most: usize) -> Result<usize, Error> {
        match self.0.get(key) {
            None | Some(Json::Null) => Ok(or),
            Some(number) => match number.as_u64() {
                Some(n) if n > 0 => Ok(usize::try_from(n).unwrap_or(most).min(most)),
                _ => Err(wrong(format!("{key} is a number above 0"))),
            },
        }
    }
}

fn wrong(message: String) -> Error {
    Error::argument(crate::error::Code::InvalidArgumentValue, message)
}

impl Tools {
    /// The answer of a tool, or what the model should know of why there is none. Nothing: there is no such tool.
    async fn answer(&self, name: &str, given: Given) -> Option<Result<Json, Refusal>> {
        if !TOOLS.iter().any(|tool| tool.name == name) {
            return None;
        }
        let (server, name) = (Arc::clone(&self.server), name.to_owned());
        let engine = server.engine_for(true);
        let cancel = Arc::new(AtomicBool::new(false));
        let stop = Stop(Arc::clone(&cancel));
        let job = move |limits| -> Result<Json, Refusal> {
            let text = given.text("cypher").ok().flatten().unwrap_or_default();
            let answer = |snapshot: &Snapshot| -> Result<Json, Error> {
                match name.as_str() {
                    "find" => {
                        let (sought, kind) = (given.needed("name")?, given.text("kind")?);
                        let limit = given.number("limit", 20, 200)?;
                        let mut found = views::named(snapshot, &sought, false, kind.as_deref(), limit);
                        if found.is_empty() {
                            found = views::named(snapshot, &sought, true, kind.as_deref(), limit);
                        }
                        let items: Json = found
                            .iter()
                            .map(|one| json!({ "id": &*one.id, "name": &*one.name, "kind": &*one.kind, "met": &*one.met.text }))
                            .collect();
                        Ok(json!({ "items": items }))
                    }
                    "entity" => {
                        let limit = given.number("limit", FACTS, 10_000)?;
                        views::entity(&snapshot.entity(given.needed("id")?)?, limit, None)
                    }
                    "trace" => Ok(views::lineage(&snapshot.lineage(&lineage(&given)?.limits(limits))?)),
                    "schema" => Ok(views::schema(&snapshot.schema()?, given.text("level")?.as_deref() == Some("full"))),
                    "conflicts" => {
                        let about = given.text("about")?.map(|who| snapshot.entity(who)).transpose()?;
                        Ok(views::conflicts(&snapshot.conflicts(about.map(|entity| entity.node())), FACTS))
                    }
                    "sources" => {
                        let items = views::sources(snapshot);
                        Ok(json!({ "items": items }))
                    }
                    _ => {
                        let cite = !matches!(given.0.get("cite"), Some(Json::Bool(false)));
                        let most = given.number("limit", ROWS, MOST_ROWS)?;
                        let cypher = given.needed("cypher")?;
                        let mut statement = snapshot.query(&cypher).limits(limits);
                        if cite {
                            statement = statement.cite();
                        }
                        if let Some(Json::Object(params)) = given.0.get("params") {
                            for (name, value) in params {
                                statement = statement.param(name.as_str(), encoding::read_value(value)?);
                            }
                        }
                        Ok(table(&statement.rows()?, most))
                    }
                }
            };
            let done = engine.snapshot().and_then(|snapshot| snapshot.read(answer));
            done.map_err(|error| Refusal::of(&error, &text))
        };
        let done = server.work.run(None, &cancel, job).await;
        drop(stop);
        Some(done.unwrap_or_else(Err))
    }
}

/// Stops the statement when the request is given up.
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, std::sync::atomic::Ordering::Release);
    }
}

fn lineage(given: &Given) -> Result<LineageRequest, Error> {
    let mut request = LineageRequest::of(given.needed("of")?);
    request = views::directed(request, given.text("direction")?.as_deref())?;
    if let Some(date) = given.text("as_of")? {
        request = request.as_of(date);
    }
    if let Some(Json::Array(sources)) = given.0.get("according_to") {
        let sources: Vec<String> = sources.iter().filter_map(|s| s.as_str().map(str::to_owned)).collect();
        request = request.according_to(sources);
    }
    Ok(request)
}

/// Rows as objects by column, each with its places.
fn table(rows: &Rows, most: usize) -> Json {
    let one = |row: Row<'_>, value: &Value| {
        let mut text = String::new();
        encoding::write_cell(&mut text, row, value, rows.entities());
        serde_json::from_str::<Json>(&text).unwrap_or_default()
    };
    let items: Vec<Json> = rows
        .iter()
        .take(most)
        .map(|row| {
            let cells =
                rows.columns().iter().zip(row.values()).map(|(column, value)| (column.to_string(), one(row, value)));
            let cells = Json::Object(cells.collect());
            if rows.cited() {
                json!({ "row": cells, "citations": views::places(row.citations()) })
            } else {
                json!({ "row": cells })
            }
        })
        .collect();
    let warnings: Vec<&str> = rows.warnings().iter().map(|warning| warning.message.as_str()).collect();
    json!({
        "columns": rows.columns().iter().map(|c| c.to_string()).collect::<Json>(),
        "returned": items.len(), "total": rows.len(), "truncated": rows.len() > most,
        "rows": items, "warnings": warnings, "plan": rows.plan().map(ToString::to_string),
    })
}

impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().enable_resources().build())
            .with_server_info(Implementation::new("shejire", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, rmcp::ErrorData> {
        Ok(ListToolsResult::with_all_items(TOOLS.clone()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        TOOLS.iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, rmcp::ErrorData> {
        let given = Given(request.arguments.unwrap_or_default());
        match self.answer(&request.name, given).await {
            None => Err(rmcp::ErrorData::invalid_params(format!("there is no tool {:?}", request.name), None)),
            Some(Ok(json)) => Ok(CallToolResult::structured(json).into()),
            Some(Err(refusal)) => Ok(CallToolResult::error(vec![ContentBlock::text(refusal.message)]).into()),
        }
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, rmcp::ErrorData> {
        let language = Resource::new("shejire://language", "language")
            .with_description("The query language: openCypher with evidence, time and lineage.")
            .with_mime_type("text/markdown");
        Ok(ListResourcesResult::with_all_items(vec![language]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, rmcp::ErrorData> {
        match request.uri.as_str() {
            "shejire://language" => {
                let text = ResourceContents::text(LANGUAGE, "shejire://language").with_mime_type("text/markdown");
                Ok(ReadResourceResult::new(vec![text]).into())
            }
            uri => Err(rmcp::ErrorData::resource_not_found(format!("there is no resource {uri}"), None)),
        }
    }
}
