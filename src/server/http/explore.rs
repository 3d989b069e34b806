//! Our own interface, as readers of a graph use it: names, entities, lineages, documents, conflicts, the schema.

use std::sync::Arc;

use crate::Value;
use crate::engine::{Lineage, LineageRequest, NodeData, RelData, Snapshot, SourceView, Whose};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::provenance::{Locator, Source};
use crate::value::{NodeRef, RelRef};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use rustc_hash::FxHashSet;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::own::{JSON, answered, read};
use super::{Cancelled, bytes, refused};
use crate::server::Server;
use crate::server::reading::{Here, Reading};
use crate::server::status::Refusal;
use crate::server::views;

/// A list whose members stand between commas.
fn listed(text: &str) -> Vec<String> {
    text.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

/// Whom the end of an address means: `@12` is the node with that number, all else a name or an id.
fn meant(snapshot: &Snapshot, text: String) -> Result<Value> {
    match text.strip_prefix('@').and_then(|number| number.parse().ok()) {
        Some(number) => snapshot.node_with_id(number).map(Value::Node).ok_or_else(|| {
            Error::new(Class::ArgumentError, Phase::Runtime, Code::NameNotFound, format!("there is no node @{number}"))
        }),
        None => Ok(Value::from(text)),
    }
}

/// From where it is looked at: whose word is taken, and for which day.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct From {
    as_of: Option<String>,
    according_to: Option<String>,
    known_by: Option<String>,
    limit: Option<usize>,
    /// Of whom: a name or an id.
    about: Option<String>,
}

impl From {
    fn seen(&self, snapshot: &Snapshot) -> Result<SourceView> {
        let mut whose = Whose::default();
        if let Some(sources) = &self.according_to {
            whose = whose.according_to(listed(sources));
        }
        if let Some(day) = self.known_by.as_deref().filter(|day| !day.is_empty()) {
            whose = whose.known_by(day);
        }
        snapshot.as_told_by(&whose)
    }

    fn day(&self) -> Option<&str> {
        self.as_of.as_deref().filter(|day| !day.is_empty())
    }

    fn most(&self) -> usize {
        self.limit.unwrap_or(200).min(10_000)
    }
}

/// Whom a name means.
#[derive(Debug, Deserialize)]
pub(crate) struct Sought {
    #[serde(default)]
    q: String,
    #[serde(default)]
    prefix: Option<u8>,
    limit: Option<usize>,
    kind: Option<String>,
}

/// Entities by any of their names, each with how well it is documented and when it was.
pub(crate) async fn find(State(server): State<Arc<Server>>, Query(sought): Query<Sought>) -> Response {
    read(&server, move |snapshot| {
        let limit = sought.limit.unwrap_or(20).min(200);
        let by_start = sought.prefix.is_some_and(|n| n > 0);
        let mut found = views::named(snapshot, &sought.q, by_start, sought.kind.as_deref(), limit + 1);
        let truncated = found.len() > limit;
        found.truncate(limit);
        let seen = snapshot.seen();
        let items: Result<Vec<Json>> = found
            .iter()
            .map(|candidate| {
                let entity = seen.entity(candidate.node)?;
                let mut one = views::who(&seen, candidate.node);
                one["name"] = (&*candidate.name).into();
                one["kind"] = (&*candidate.kind).into();
                one["met"] = (&*candidate.met.text).into();
                one["met_language"] = (&*candidate.met.language).into();
                one["by"] = format!("{:?}", candidate.rank).to_lowercase().into();
                one["documents"] = entity.support().into();
                one["witnesses"] = entity.witnesses().into();
                one["life"] = views::life(&seen, candidate.node);
                Ok(one)
            })
            .collect();
        let items = items?;
        Ok(json!({ "returned": items.len(), "truncated": truncated, "items": items }))
    })
    .await
}

/// One entity, by a name, an id, or `@` and its number.
pub(crate) async fn entity(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    Query(from): Query<From>,
) -> Response {
    read(&server, move |snapshot| {
        let seen = from.seen(snapshot)?;
        views::entity(&seen.entity(meant(snapshot, id)?)?, from.most(), from.day())
    })
    .await
}

/// Where documents disagree.
pub(crate) async fn conflicts(State(server): State<Arc<Server>>, Query(from): Query<From>) -> Response {
    read(&server, move |snapshot| {
        let seen = from.seen(snapshot)?;
        let about = from.about.clone().map(|who| seen.entity(meant(snapshot, who)?)).transpose()?;
        Ok(views::conflicts(&seen.conflicts(about.map(|entity| entity.node())), from.most()))
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

/// The documents that assert facts, each with how many places of it are cited and how many facts stand there.
pub(crate) async fn sources(State(server): State<Arc<Server>>) -> Response {
    let reading = Arc::clone(&server.reading);
    read(&server, move |snapshot| {
        let places = reading.places(snapshot)?;
        let mut items = views::sources(snapshot);
        for item in &mut items {
            let id = item["id"].as_str().unwrap_or_default().to_owned();
            let here = || places.get(&*id).into_iter().flat_map(|of| of.values());
            let mut facts: Vec<u64> = here().flat_map(|here| here.rels.iter().copied()).collect();
            facts.sort_unstable();
            facts.dedup();
            item["facts"] = facts.len().into();
            item["places"] = here().filter(|here| here.is_cited()).count().into();
            item["text"] = reading.of(&id).is_some().into();
        }
        Ok(json!({ "returned": items.len(), "total": items.len(), "truncated": false, "items": items }))
    })
    .await
}

/// How many places of a document are told at a time, where nothing else is asked.
const PLACES: usize = 400;
/// Sentences that are told above and below one, where nothing else is asked.
const AROUND: usize = 2;

/// Which part of a document.
#[derive(Debug, Deserialize)]
pub(crate) struct Part {
    /// The paragraph to begin with.
    from: Option<u32>,
    limit: Option<usize>,
    /// Sentences above and below.
    around: Option<usize>,
}

/// The source of that id. Errors: there is none.
fn known<'s>(snapshot: &'s Snapshot, id: &str) -> Result<&'s Source> {
    snapshot.sources().iter().find(|source| *source.id == *id).ok_or_else(|| {
        Error::new(Class::ArgumentError, Phase::Runtime, Code::NameNotFound, format!("there is no source {id:?}"))
            .hint("/api/v1/sources lists them")
    })
}

/// A document: its paragraphs where its text is at hand, its cited places, and the facts that stand there, as this document
/// states them.
pub(crate) async fn source(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    Query(part): Query<Part>,
) -> Response {
    let reading = Arc::clone(&server.reading);
    read(&server, move |snapshot| {
        let seen = snapshot.seen();
        let known = known(snapshot, &id)?;
        let (first, limit) = (part.from.unwrap_or(0), part.limit.unwrap_or(PLACES).clamp(1, 5_000));
        let places = reading.places(snapshot)?;
        let cited =
            places.get(&*id).into_iter().flatten().filter(|(at, here)| at.paragraph >= first && here.is_cited());
        // whole paragraphs only, so that the next page begins with one
        let (mut page, mut next): (Vec<(&Locator, &Here)>, Option<u32>) = (Vec::new(), None);
        for (at, here) in cited {
            if page.len() >= limit && page.last().is_some_and(|(last, _)| last.paragraph < at.paragraph) {
                next = Some(at.paragraph);
                break;
            }
            page.push((at, here));
        }
        let here: Json =
            page.iter().map(|(at, here)| place(&reading, &seen, (&id, **at), here)).collect::<Result<_>>()?;
        let documents = reading.of(&id);
        let last = documents.map_or(0, |documents| u32::try_from(documents.paragraphs(&id)).unwrap_or(u32::MAX));
        let numbers = first.max(1)..next.unwrap_or(last.saturating_add(1)).max(1);
        let paragraphs: Json = documents.map_or(Json::Null, |documents| {
            let sentences = |number: u32| {
                let counts = 1..=u16::try_from(documents.sentences(&id, number)).unwrap_or(u16::MAX);
                counts.map(|n| documents.text(&id, Locator::sentence(number, n)).unwrap_or_default()).collect::<Json>()
            };
            numbers.map(|number| json!({ "number": number, "sentences": sentences(number) })).collect()
        });
        let kinds: Vec<&str> = seen_kinds(&here);
        let relations = views::relations(&seen, kinds);
        Ok(json!({
            "source": views::source(&seen, known), "text": documents.is_some(), "paragraphs": paragraphs,
            "places": here, "relations": relations, "next": next,
        }))
    })
    .await
}

fn seen_kinds(places: &Json) -> Vec<&str> {
    let facts = places.as_array().into_iter().flatten().filter_map(|place| place["facts"].as_array()).flatten();
    let mut kinds: Vec<&str> = facts.filter_map(|fact| fact["kind"].as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// One place: its text and standing, where the text is at hand, and the facts as this place states them.
fn place(reading: &Reading, seen: &SourceView, (source, at): (&str, Locator), here: &Here) -> Result<Json> {
    let snapshot = seen.snapshot();
    let (text, standing) = reading.text(source, at, Some(here));
    let locator = format!("{source}:{at}");
    let rels = here.rels.iter().filter_map(|rel| snapshot.rel_with_id(*rel)).filter_map(|rel| seen.fact(rel));
    let facts: Json =
        rels.map(|fact| views::fact_at(seen, &fact, Some((source, Some(&locator))), None)).collect::<Result<_>>()?;
    let nodes = |ids: &[u64]| -> Json {
        ids.iter().filter_map(|id| snapshot.node_with_id(*id)).map(|node| views::who(seen, node)).collect()
    };
    let lives: Json = here
        .lives
        .iter()
        .filter_map(|id| snapshot.node_with_id(*id))
        .map(|node| {
            let mut one = views::who(seen, node);
            one["evidence"] = views::evidence_at(seen, node, &locator);
            one
        })
        .collect();
    Ok(json!({
        "at": at.to_string(), "citation": locator, "paragraph": at.paragraph, "first": at.first, "last": at.last,
        "text": text, "standing": standing.map(|standing| standing.name()), "facts": facts, "lives": lives,
        "named": nodes(&here.named),
    }))
}

/// One place of a document with the sentences above and below it.
pub(crate) async fn sentence(
    State(server): State<Arc<Server>>,
    Path((id, at)): Path<(String, String)>,
    Query(part): Query<Part>,
) -> Response {
    let reading = Arc::clone(&server.reading);
    read(&server, move |snapshot| {
        let seen = snapshot.seen();
        let known = known(snapshot, &id)?;
        let locator = Locator::parse(&at).ok_or_else(|| {
            let message = format!("{at:?} is no place in a document");
            Error::argument(Code::InvalidArgumentValue, message)
                .hint("a place is a paragraph (11), a sentence of it (11.8), or several (11.8-9)")
        })?;
        let places = reading.places(snapshot)?;
        let nobody = Here::default();
        let here = places.get(&*id).and_then(|of| of.get(&locator)).unwrap_or(&nobody);
        let mut one = place(&reading, &seen, (&id, locator), here)?;
        let around = part.around.unwrap_or(AROUND).min(20);
        let (above, below) = reading.around(&id, locator, around);
        let kinds = seen_kinds(&json!([{ "facts": one["facts"] }])).into_iter().map(str::to_owned).collect::<Vec<_>>();
        one["relations"] = views::relations(&seen, kinds.iter().map(String::as_str));
        one["source"] = views::source(&seen, known);
        one["text_at_hand"] = reading.of(&id).is_some().into();
        let told = |list: Vec<(Locator, &str)>| -> Json {
            list.into_iter().map(|(at, text)| json!({ "at": at.to_string(), "text": text })).collect()
        };
        (one["above"], one["below"]) = (told(above), told(below));
        Ok(one)
    })
    .await
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
    /// Only what sources say that may have been read by that day.
    known_by: Option<String>,
}

impl LineageAsked {
    /// The request of the engine. Errors: a direction that is none.
    fn request(self, of: Value) -> crate::Result<LineageRequest> {
        let mut request = views::directed(LineageRequest::of(of), self.direction.as_deref())?;
        for ty in self.via.as_deref().map(listed).unwrap_or_default() {
            request = request.via(ty);
        }
        if let Some(date) = self.as_of.filter(|date| !date.is_empty()) {
            request = request.as_of(date);
        }
        if self.certain.is_some_and(|n| n > 0) {
            request = request.certain();
        }
        if let Some(depth) = self.depth {
            request = request.depth(depth);
        }
        if let Some(sources) = self.according_to.filter(|sources| !sources.trim().is_empty()) {
            request = request.according_to(listed(&sources));
        }
        if let Some(day) = self.known_by.filter(|day| !day.is_empty()) {
            request = request.known_by(day);
        }
        Ok(request)
    }
}

/// A lineage as JSON; with an ending after the name (`.svg`, `.html`, `.mmd`, `.csv`, `.dot`) as a picture; `.timeline`
/// gives what a picture is drawn from.
pub(crate) async fn lineage(
    State(server): State<Arc<Server>>,
    Path(named): Path<String>,
    Query(asked): Query<LineageAsked>,
) -> Response {
    let forms = [".timeline", ".json", ".svg", ".png", ".pdf", ".html", ".mmd", ".csv", ".dot"];
    let form = forms.into_iter().find(|form| named.ends_with(form));
    let of = form.and_then(|form| named.strip_suffix(form)).unwrap_or(&named).to_owned();
    let engine = server.engine_for(true);
    let cancel = Cancelled::new();
    let job = move |limits| {
        engine.snapshot()?.read(|snapshot| {
            let request = asked.request(meant(snapshot, of)?)?.limits(limits);
            shown(&snapshot.lineage(&request)?, &request, form)
        })
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
    if form == ".timeline" {
        return Ok(bytes(JSON, crate::server::timeline::json(&timeline, found.silence()).to_string()));
    }
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

/// A text that facts are to be taken from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Text {
    text: String,
}

/// Its sentences, each with the place by which it is cited and its fingerprint. Nothing of it is kept.
pub(crate) async fn split(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response {
    let Text { text } = match asked(&headers, &body) {
        Ok(text) => text,
        Err(refusal) => return refused(&refusal),
    };
    read(&server, move |_| {
        let paragraphs = crate::dataset::split(&text);
        let sentences = |number: u32, all: &[(String, u64)]| -> Json {
            let all = all.iter().zip(1_u16..);
            all.map(|((text, print), n)| {
                let at = Locator::sentence(number, n).to_string();
                json!({ "at": at, "text": text, "fingerprint": format!("{print:016x}") })
            })
            .collect()
        };
        let paragraphs: Json = paragraphs
            .iter()
            .zip(1_u32..)
            .map(|(all, n)| json!({ "number": n, "sentences": sentences(n, all) }))
            .collect();
        Ok(json!({ "paragraphs": paragraphs }))
    })
    .await
}

/// What a body asks for. Errors: it is no JSON, or asks for something else.
pub(super) fn asked<T: serde::de::DeserializeOwned>(
    headers: &HeaderMap,
    body: &[u8],
) -> std::result::Result<T, Refusal> {
    super::body_is_json(headers)?;
    serde_json::from_slice(body).map_err(|e| {
        Refusal::new("Neo.ClientError.Request.InvalidFormat", format!("the body is not what is asked for: {e}"))
    })
}

/// What is to be drawn: what a statement answers, or nodes (a name, an id, or `@` and a number) with the relationships between
/// them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToDraw {
    query: Option<String>,
    #[serde(default)]
    params: serde_json::Map<String, Json>,
    #[serde(default)]
    nodes: Vec<String>,
}

/// Nodes a picture is asked for at most; of more it holds the best connected.
const MOST_NODES: usize = 2_000;

/// A graph with the place of everything in it, as its picture has it.
pub(crate) async fn view(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response {
    use crate::picture::{self, Style};
    let asked: ToDraw = match asked(&headers, &body) {
        Ok(asked) => asked,
        Err(refusal) => return refused(&refusal),
    };
    let engine = server.engine_for(true);
    let cancel = Cancelled::new();
    let job = move |limits| {
        let text = asked.query.clone().unwrap_or_default();
        let drawn = || -> Result<Json> {
            let snapshot = engine.snapshot()?;
            let (nodes, rels) = match &asked.query {
                Some(query) => {
                    let mut statement = snapshot.query(query).limits(limits);
                    for (name, value) in &asked.params {
                        statement = statement.param(name.as_str(), crate::io::json::read_value(value)?);
                    }
                    let rows = statement.rows()?;
                    let of = rows.entities();
                    let mut nodes: Vec<NodeData> = of.nodes.values().cloned().collect();
                    let mut rels: Vec<RelData> = of.rels.values().cloned().collect();
                    nodes.sort_unstable_by_key(|node| node.id);
                    rels.sort_unstable_by_key(|rel| rel.id);
                    (nodes, rels)
                }
                None => among(&snapshot, &asked.nodes)?,
            };
            let total = nodes.len();
            // with the places behind each line, which are told and not drawn
            let cited = Style { citations: true, ..Style::default() };
            let graph = picture::graph(&snapshot, &nodes, &rels, "", "", &cited);
            let drawn = picture::node_link_drawn(&graph, &Style::default());
            let by_id: std::collections::HashMap<String, &NodeData> =
                nodes.iter().map(|node| (node.id.to_string(), node)).collect();
            let own = |id: &str| {
                let of = by_id.get(id)?.properties.iter().find(|(key, _)| &**key == "id")?;
                crate::value::text::scalar(&of.1)
            };
            let items: Json = drawn
                .graph
                .nodes
                .iter()
                .zip(&drawn.nodes)
                .zip(drawn.texts.iter().zip(&drawn.colours))
                .map(|((node, at), (text, colour))| {
                    json!({
                        "element_id": node.id, "id": own(&node.id), "name": node.caption, "kind": node.kind, "box": at,
                        "text": text, "colour": colour,
                    })
                })
                .collect();
            let places = |cited: &[usize]| -> Json {
                cited.iter().filter_map(|at| drawn.graph.citations.get(*at)).map(picture::Cite::place).collect()
            };
            let links: Json = drawn
                .graph
                .links
                .iter()
                .zip(drawn.lines.iter().zip(&drawn.labels))
                .map(|(link, (points, label))| {
                    json!({
                        "from": link.from, "to": link.to, "kind": link.link_type, "points": points, "label": label, "citations": places(&link.citations),
                    })
                })
                .collect();
            Ok(json!({
                "nodes": items, "links": links, "total": total, "returned": drawn.graph.nodes.len(),
                "truncated": total > drawn.graph.nodes.len(), "notes": drawn.graph.notes,
            }))
        };
        drawn().map_err(|error| Refusal::of(&error, &text))
    };
    answered(server.work.run(None, &cancel.flag(), job).await.and_then(|drawn| drawn))
}

/// The nodes that are named, and the relationships between them.
fn among(snapshot: &Snapshot, named: &[String]) -> Result<(Vec<NodeData>, Vec<RelData>)> {
    let seen = snapshot.seen();
    let (mut nodes, mut chosen): (Vec<NodeRef>, FxHashSet<NodeRef>) = Default::default();
    for name in named.iter().take(MOST_NODES) {
        let node = seen.entity(meant(snapshot, name.clone())?)?.node();
        if chosen.insert(node) {
            nodes.push(node);
        }
    }
    let mut rels: Vec<RelRef> = Vec::new();
    for node in &nodes {
        let own = seen.relationships(*node);
        rels.extend(
            own.into_iter()
                .filter(|rel| seen.ends(*rel).is_some_and(|(from, to)| from == *node && chosen.contains(&to))),
        );
    }
    let contents = nodes.iter().filter_map(|node| seen.node(*node)).collect();
    Ok((contents, rels.into_iter().filter_map(|rel| seen.rel(rel)).collect()))
}
