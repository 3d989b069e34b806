//! Our own interface, as readers of a graph use it: names, entities, lineages, documents, conflicts, the schema.

use std::sync::Arc;

use crate::Value;
use crate::engine::{Limits, Lineage, LineageRequest, NodeData, Snapshot, SourceView};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::picture::Style;
use crate::provenance::{Locator, Source};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::own::{JSON, read};
use super::{Cancelled, bytes, refused};
use crate::server::Server;
use crate::server::pictures::{self, Contents, LineageAsked, Picture, ToDraw, meant, seen_by};
use crate::server::reading::{Here, Reading};
use crate::server::status::Refusal;
use crate::server::views;

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
        seen_by(snapshot, self.according_to.as_deref(), self.known_by.as_deref())
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
            let style = asked.style()?;
            let request = asked.request(meant(snapshot, of)?)?.limits(limits);
            shown(&snapshot.lineage(&request)?, &request, &style, form)
        })
    };
    match server.work.run(None, &cancel.flag(), job).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => refused(&Refusal::of(&error, "")),
        Err(refusal) => refused(&refusal),
    }
}

/// A lineage in a form; as JSON without one.
fn shown(found: &Lineage, request: &LineageRequest, style: &Style, form: Option<&str>) -> crate::Result<Response> {
    let Some(form) = form.filter(|form| *form != ".json") else {
        return Ok(bytes(JSON, views::lineage(found).to_string()));
    };
    let picture = Picture::of_lineage(found, request);
    if let (Picture::Lineage(timeline), ".timeline") = (&picture, form) {
        return Ok(bytes(JSON, crate::server::timeline::json(timeline, found.silence()).to_string()));
    }
    file(&picture, form.trim_start_matches('.'), style)
}

/// A picture as a file.
fn file(picture: &Picture, form: &str, style: &Style) -> crate::Result<Response> {
    let (ty, written) = picture.in_form(form, style)?;
    Ok(match form {
        "html" | "svg" => styled(ty, written),
        _ => bytes(ty, written),
    })
}

/// What carries its own style and no script.
fn styled(ty: &'static str, text: Vec<u8>) -> Response {
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

/// A graph with the place of everything in it, as its picture has it.
pub(crate) async fn view(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response {
    let drawn = with_picture(server, &headers, &body, |snapshot, asked, limits| {
        let style = asked.style()?;
        let found = pictures::contents(snapshot, &asked, limits)?;
        Ok(bytes(JSON, placed(snapshot, &found, &style).to_string()))
    });
    drawn.await
}

/// The same as a file: `svg`, `png`, `pdf`, `html`, `mmd`, `dot`.
pub(crate) async fn picture(
    State(server): State<Arc<Server>>,
    Path(form): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let drawn = with_picture(server, &headers, &body, move |snapshot, asked, limits| {
        const FORMS: [&str; 6] = ["svg", "png", "pdf", "html", "mmd", "dot"];
        if !FORMS.contains(&&*form) {
            let message = format!("a picture has no form {form:?}");
            return Err(Error::argument(Code::InvalidArgumentValue, message).hint(FORMS.join(", ")));
        }
        let style = Style { citations: true, ..asked.style()? };
        let found = pictures::contents(snapshot, &asked, limits)?;
        file(&Picture::Graph(pictures::graph(snapshot, &found, asked.text(), &style)), &form, &style)
    });
    drawn.await
}

/// Draws what a body asks for, within the limits of the server.
async fn with_picture(
    server: Arc<Server>,
    headers: &HeaderMap,
    body: &[u8],
    draw: impl FnOnce(&Snapshot, ToDraw, Limits) -> crate::Result<Response> + Send + 'static,
) -> Response {
    let asked: ToDraw = match asked(headers, body) {
        Ok(asked) => asked,
        Err(refusal) => return refused(&refusal),
    };
    let engine = server.engine_for(true);
    let cancel = Cancelled::new();
    let job = move |limits| {
        let text = asked.text().to_owned();
        let drawn = engine.snapshot().and_then(|snapshot| snapshot.read(|snapshot| draw(snapshot, asked, limits)));
        drawn.map_err(|error| Refusal::of(&error, &text))
    };
    match server.work.run(None, &cancel.flag(), job).await.and_then(|drawn| drawn) {
        Ok(response) => response,
        Err(refusal) => refused(&refusal),
    }
}

/// What a page draws: boxes, lines and words with their places.
fn placed(snapshot: &Snapshot, of: &Contents, style: &Style) -> Json {
    let total = of.nodes.len();
    // with the places behind each line, which are told and not drawn
    let cited = Style { citations: true, ..style.clone() };
    let graph = pictures::graph(snapshot, of, "", &cited);
    let drawn = crate::picture::node_link_drawn(&graph, &Style { citations: false, ..cited });
    let by_id: std::collections::HashMap<String, &NodeData> =
        of.nodes.iter().map(|node| (node.id.to_string(), node)).collect();
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
        cited.iter().filter_map(|at| drawn.graph.citations.get(*at)).map(crate::picture::Cite::place).collect()
    };
    let links: Json = drawn
        .graph
        .links
        .iter()
        .zip(drawn.lines.iter().zip(&drawn.labels))
        .map(|(link, (points, label))| {
            json!({
                "from": link.from, "to": link.to, "kind": link.link_type, "points": points, "label": label,
                "citations": places(&link.citations),
            })
        })
        .collect();
    json!({
        "nodes": items, "links": links, "total": total, "returned": drawn.graph.nodes.len(),
        "truncated": total > drawn.graph.nodes.len(), "notes": drawn.graph.notes,
    })
}

/// Between what: two days of the world, or two days of the documents.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Compared {
    from: Option<String>,
    to: Option<String>,
    known_from: Option<String>,
    known_to: Option<String>,
    /// Only what became of bodies of this kind.
    kind: Option<String>,
    limit: Option<usize>,
}

impl Compared {
    fn given(text: Option<&String>) -> Option<&str> {
        text.map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    fn lacking() -> Error {
        Error::argument(Code::InvalidArgumentValue, "two days are compared: from and to, or known_from and known_to")
    }

    fn most(&self) -> usize {
        self.limit.unwrap_or(2_000).min(20_000)
    }
}

fn a_list(items: Vec<Json>, total: usize) -> Json {
    json!({ "returned": items.len(), "total": total, "truncated": total > items.len(), "items": items })
}

/// What began, ended or differs between two days of the world (`from`, `to`), or between what could be read on two days
/// (`known_from`, `known_to`).
pub(crate) async fn changes(State(server): State<Arc<Server>>, Query(asked): Query<Compared>) -> Response {
    use crate::engine::difference;
    read(&server, move |snapshot| {
        let day = |text| Compared::given(text);
        let found = match (day(asked.from.as_ref()), day(asked.to.as_ref())) {
            (Some(from), Some(to)) => difference::between_days(&snapshot.seen(), from, to)?,
            (None, None) => {
                let (old, new) = (day(asked.known_from.as_ref()), day(asked.known_to.as_ref()));
                let Some(old) = old else { return Err(Compared::lacking()) };
                difference::between(&seen_by(snapshot, None, Some(old))?, &seen_by(snapshot, None, new)?)
            }
            _ => return Err(Compared::lacking()),
        };
        let items = found.iter().take(asked.most()).map(|one| {
            json!({
                "change": one.change.name(), "what": if one.is_fact { "fact" } else { "body" }, "id": &*one.id,
                "name": one.name, "detail": one.detail, "places": one.places,
            })
        });
        Ok(a_list(items.collect(), found.len()))
    })
    .await
}

/// What the bodies of one day are on another.
pub(crate) async fn crosswalk(State(server): State<Arc<Server>>, Query(asked): Query<Compared>) -> Response {
    read(&server, move |snapshot| {
        let seen = snapshot.seen();
        let from = Compared::given(asked.from.as_ref()).unwrap_or_default();
        let to = Compared::given(asked.to.as_ref()).map(Value::from);
        let (rows, cut) = seen.crosswalk(&Value::from(from), to.as_ref(), Compared::given(asked.kind.as_ref()))?;
        let items = rows.iter().take(asked.most()).map(|row| {
            json!({
                "from": views::who(&seen, row.from), "to": row.to.map(|to| views::who(&seen, to)), "way": row.way,
                "share": row.share, "events": row.events, "certain": row.certain, "citations": views::places(&row.citations),
            })
        });
        let mut all = a_list(items.collect(), rows.len());
        all["cut"] = cut.iter().map(|node| views::who(&seen, *node)).collect();
        Ok(all)
    })
    .await
}
