//! Typed answers of the engine as JSON: what our HTTP interface and MCP hand out.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::engine::{
    Candidate, Citation, Conflict, Conflicts, Entities, Entity, Evidence, FactEvidence, LifeBound, Lineage,
    LineageRequest, NodeData, Said, Schema, Snapshot, SourceView, Step, TookPart,
};
use crate::error::{Code, Error, Result};
use crate::picture::When;
use crate::provenance::{FactId, Identified, Mode, RelationType, Source, ValueType};
use crate::server::http::{Form, Shown};
use crate::value::{NodeRef, Value};

/// A value as plain JSON.
fn plain(value: &Value) -> Json {
    let shown = Shown { value, entities: &Entities::default(), form: Form::Plain };
    serde_json::to_value(shown).unwrap_or_default()
}

fn properties(node: &NodeData) -> Json {
    Json::Object(node.properties.iter().map(|(key, value)| (key.to_string(), plain(value))).collect())
}

/// Who a node is.
pub(crate) fn who(seen: &SourceView, node: NodeRef) -> Json {
    let content = seen.node(node).unwrap_or_default();
    let own = content.properties.iter().find(|(key, _)| &**key == "id").map(|(_, value)| plain(value));
    json!({ "element_id": content.id.to_string(), "id": own, "name": seen.name(node), "kind": content.kind() })
}

fn maybe(seen: &SourceView, node: Option<NodeRef>) -> Json {
    node.map_or(Json::Null, |node| who(seen, node))
}

pub(crate) fn places(citations: &[Citation]) -> Json {
    citations.iter().map(|citation| citation.locator.to_string()).collect()
}

fn stated(list: &[Said]) -> Json {
    list.iter().map(|said| json!({ "text": &*said.text, "citations": places(&said.citations) })).collect()
}

fn sides(seen: &SourceView, list: &[TookPart]) -> Json {
    list.iter()
        .map(|part| {
            let mut one = who(seen, part.body);
            one["citations"] = places(&part.citations);
            one
        })
        .collect()
}

fn step(seen: &SourceView, step: &Step) -> Json {
    json!({
        "step": step.number,
        "kind": &*step.kind,
        "event": &*step.event,
        "when": step.when.as_deref(),
        "dates": stated(&step.dates),
        "acts": stated(&step.acts),
        "shares": stated(&step.shares),
        "predecessors": sides(seen, &step.predecessors),
        "successors": sides(seen, &step.successors),
        "from": maybe(seen, step.from),
        "to": maybe(seen, step.to),
        "what": maybe(seen, step.what),
        "body": maybe(seen, step.body),
        "support": step.support,
        "witnesses": step.witnesses,
        "citations": places(&step.citations),
        "withdrawal": step.withdrawal.as_ref().map(|one| json!({ "kind": &*one.kind, "citations": places(&one.citations) })),
        "supplied": places(&step.supplied),
        "certain": step.certain,
        "disputed": step.disputed,
    })
}

/// A lineage, event by event.
pub(crate) fn lineage(lineage: &Lineage) -> Json {
    let seen = lineage.seen();
    json!({
        "of": lineage.starts().iter().map(|node| who(seen, *node)).collect::<Json>(),
        "as_of": lineage.as_of().as_deref(),
        "steps": lineage.steps().iter().map(|one| step(seen, one)).collect::<Json>(),
        "silence": lineage.silence(),
    })
}

/// One place that speaks of a fact of that type; of a life where there is none.
fn evidence(seen: &SourceView, relation: &str, evidence: &Evidence) -> Json {
    let mut one = json!({
        "citation": &*evidence.citation.locator, "source": &*evidence.citation.source, "title": &*evidence.title,
    });
    if let Some(mention) = &evidence.mention {
        if !mention.id.is_empty() {
            one["id"] = mention.id.to_string().into();
        }
        let dated = mention.states.iter().filter(|(key, _)| seen.value_type(relation, key) == ValueType::Edtf);
        let words: Map<String, Json> = dated
            .flat_map(|(key, texts)| texts.iter().map(move |text| (text.to_string(), date_words(key, text).into())))
            .collect();
        if !words.is_empty() {
            one["words"] = Json::Object(words);
        }
        let bodies = bodies(seen, relation, &mention.states);
        if !bodies.is_empty() {
            one["bodies"] = Json::Object(bodies);
        }
        let states: Map<String, Json> = mention
            .states
            .iter()
            .map(|(key, values)| (key.to_string(), values.iter().map(|v| v.to_string()).collect()))
            .collect();
        one["states"] = Json::Object(states);
        if mention.confidence != crate::provenance::Confidence::default() {
            one["confidence"] = mention.confidence.to_string().into();
        }
        // a place that denies, or means another perhaps, is no plain support
        if mention.mode != Mode::States {
            one["mode"] = mention.mode.name().into();
        }
        if mention.identified != Identified::Sure {
            one["identified"] = mention.identified.name().into();
        }
        if let Some(event) = &mention.event {
            one["event"] = event.to_string().into();
        }
        if let Some(by) = &mention.by {
            one["by"] = by.to_string().into();
        }
        if let Some(name) = &mention.as_named {
            one["as_named"] = name.to_string().into();
        }
        if let Some(corrects) = &mention.corrects {
            one["corrects"] = corrects.to_string().into();
        }
    }
    if evidence.either {
        one["either"] = true.into();
    }
    one
}

/// A date in words: as the begin or the end of something an interval is the time in which that lies.
fn date_words(key: &str, text: &str) -> String {
    match key {
        "start" | "end" => When::parse(text).side_words(),
        _ => crate::value::edtf::words(text),
    }
}

/// The entities among what is stated, by the id that states them.
fn bodies(
    seen: &SourceView,
    relation: &str,
    states: &[(std::sync::Arc<str>, Vec<std::sync::Arc<str>>)],
) -> Map<String, Json> {
    let named = states.iter().filter(|(key, _)| seen.value_type(relation, key) == ValueType::Entity);
    let found = named.flat_map(|(_, ids)| ids).filter_map(|id| {
        let body = seen.entity(Value::Str(id.clone())).ok()?;
        Some((id.to_string(), who(seen, body.node())))
    });
    found.collect()
}

/// A fact with the places that speak of it. `of`: only those of this source, at this place (or at any of it).
pub(crate) fn fact_at(
    seen: &SourceView,
    fact: &FactEvidence,
    of: Option<(&str, Option<&str>)>,
    day: Option<&str>,
) -> Result<Json> {
    let here = |place: &&Evidence| {
        of.is_none_or(|(source, at)| {
            *place.citation.source == *source && at.is_none_or(|at| *place.citation.locator == *at)
        })
    };
    let places: Json = fact.evidence.iter().filter(here).map(|place| evidence(seen, &fact.kind, place)).collect();
    let span = seen.span(fact.rel);
    let content = seen.rel(fact.rel);
    let mut one = json!({
        "element_id": content.as_ref().map(|rel| rel.id.to_string()),
        "kind": &*fact.kind,
        "start": who(seen, fact.start),
        "end": who(seen, fact.end),
        "support": fact.support,
        "witnesses": fact.witnesses,
        "evidence": places,
        "span": [span.earliest.as_deref(), span.latest.as_deref()],
    });
    if let Some(rel) = content.filter(|_| fact.evidence.is_empty()) {
        // nobody states these: they are the graph's own
        one["properties"] =
            Json::Object(rel.properties.iter().map(|(key, value)| (key.to_string(), plain(value))).collect());
    }
    if let Some(day) = day {
        one["holds"] = seen.holds(fact.rel, day)?.into();
    }
    Ok(one)
}

/// What types of relationship say, for those that read facts of them.
pub(crate) fn relations<'k>(seen: &SourceView, kinds: impl IntoIterator<Item = &'k str>) -> Json {
    let declared = kinds.into_iter().filter_map(|kind| seen.relation_type(kind));
    Json::Object(declared.map(|relation| (relation.name.to_string(), relation_type(relation))).collect())
}

fn relation_type(relation: &RelationType) -> Json {
    let wording: Map<String, Json> = relation
        .descent
        .iter()
        .flat_map(|descent| descent.wording.iter())
        .map(|(column, words)| (column.to_string(), words.to_string().into()))
        .collect();
    let kinds = |list: &[std::sync::Arc<str>]| list.iter().map(|kind| kind.to_string()).collect::<Json>();
    json!({
        "definition": &*relation.definition, "inverse": &*relation.inverse, "wording": wording,
        "lineage": relation.descent.is_some(), "domain": kinds(&relation.domain), "range": kinds(&relation.range),
    })
}

fn bound(bound: &LifeBound) -> Json {
    let words = bound.text.as_deref().map(|text| date_words("start", text));
    json!({ "text": bound.text.as_deref(), "words": words, "disputed": bound.disputed, "citations": places(&bound.citations) })
}

/// The stretches of time in which a node was.
pub(crate) fn life(seen: &SourceView, node: NodeRef) -> Json {
    let intervals = seen.life(node).intervals;
    intervals.iter().map(|one| json!({ "start": bound(&one.start), "end": bound(&one.end) })).collect()
}

/// What one place says of the life of a node.
pub(crate) fn evidence_at(seen: &SourceView, node: NodeRef, locator: &str) -> Json {
    let all = seen.evidence(node);
    let here = all.iter().filter(|place| place.mention.is_some() && *place.citation.locator == *locator);
    here.map(|place| evidence(seen, "exists", place)).collect()
}

/// An entity: its names, its life, what documents say of it, and where they disagree; with a `day` whether each held.
pub(crate) fn entity(entity: &Entity, limit: usize, day: Option<&str>) -> Result<Json> {
    let seen = entity.seen();
    let content = entity.content();
    let facts = entity.facts();
    let shown: Json = facts.iter().take(limit).map(|one| fact_at(seen, one, None, day)).collect::<Result<_>>()?;
    let lived = entity.evidence();
    let lived: Json =
        lived.iter().filter(|place| place.mention.is_some()).map(|place| evidence(seen, "exists", place)).collect();
    let kinds: BTreeSet<&str> = facts.iter().take(limit).map(|one| &*one.kind).collect();
    let contested = seen.conflicts(Some(entity.node()));
    let names: Json = entity
        .names()
        .iter()
        .map(|name| {
            json!({
                "name": &*name.name, "language": &*name.language, "script": &*name.script, "status": &*name.status,
                "citations": places(&name.citations),
            })
        })
        .collect();
    let mut all = json!({
        "element_id": content.id.to_string(),
        "id": who(seen, entity.node())["id"],
        "name": entity.name(),
        "kind": content.kind(),
        "properties": properties(&content),
        "evidence": lived,
        "relations": relations(seen, kinds),
        "conflicts": conflicts(&contested, limit),
        "names": names,
        "life": life(seen, entity.node()),
        "support": entity.support(),
        "witnesses": entity.witnesses(),
        "facts": {
            "total": facts.len(),
            "returned": facts.len().min(limit),
            "truncated": facts.len() > limit,
            "items": shown,
        },
    });
    if let Some(day) = day {
        all["holds"] = seen.holds(entity.node(), day)?.into();
    }
    Ok(all)
}

fn conflict(seen: &SourceView, conflict: &Conflict) -> Json {
    let side = |at: usize| {
        let side = &conflict.sides[at];
        let states: Map<String, Json> = side
            .states
            .iter()
            .map(|(key, values)| (key.to_string(), values.iter().map(|v| v.to_string()).collect()))
            .collect();
        let about = match side.about {
            FactId::Node(node) => json!({ "node": who(seen, node) }),
            FactId::Rel(rel) => seen.fact(rel).map_or(
                Json::Null,
                |fact| json!({ "kind": &*fact.kind, "start": who(seen, fact.start), "end": who(seen, fact.end) }),
            ),
            FactId::Mention(_) => Json::Null,
        };
        json!({
            "about": about, "claim": side.claim, "states": states, "citations": places(&side.citations),
            "documents": side.documents.iter().map(|d| d.to_string()).collect::<Json>(), "witnesses": side.witnesses,
        })
    };
    json!({
        "id": &*conflict.id, "topic": &*conflict.topic, "kind": &*conflict.kind, "note": &*conflict.note, "certain": conflict.certain,
        "left": side(0), "right": side(1),
    })
}

/// Where documents disagree.
pub(crate) fn conflicts(conflicts: &Conflicts, limit: usize) -> Json {
    json!({
        "total": conflicts.len(),
        "returned": conflicts.len().min(limit),
        "truncated": conflicts.len() > limit,
        "items": conflicts.iter().take(limit).map(|one| conflict(conflicts.seen(), &one)).collect::<Json>(),
    })
}

/// What the graph holds; briefly: names and counts, and between which kinds a type leads most often.
pub(crate) fn schema(schema: &Schema, full: bool) -> Json {
    let labels: Map<String, Json> = schema
        .labels
        .iter()
        .map(|(name, kind)| {
            let keys: Json = kind.properties.keys().map(|key| key.to_string()).collect();
            (
                name.to_string(),
                if full { json!({ "count": kind.count, "properties": keys }) } else { kind.count.into() },
            )
        })
        .collect();
    let types: Map<String, Json> = schema
        .types
        .iter()
        .map(|(name, kind)| {
            let between = kind.frequent();
            if !full {
                let most = between.first().map_or_else(String::new, |(pair, _)| pair.clone());
                return (name.to_string(), json!(format!("{} {most}", kind.count).trim_end().to_owned()));
            }
            let keys: Json = kind.properties.keys().map(|key| key.to_string()).collect();
            let declared = schema.relations.get(name).map(relation_type);
            let pairs: Json = between.iter().map(|(pair, count)| json!({ "between": pair, "count": count })).collect();
            (
                name.to_string(),
                json!({ "count": kind.count, "properties": keys, "between": pairs, "declared": declared }),
            )
        })
        .collect();
    json!({ "nodes": schema.nodes, "relationships": schema.relationships, "labels": labels, "types": types })
}

/// A document that asserts facts.
pub(crate) fn source(seen: &SourceView, source: &Source) -> Json {
    json!({
        "id": &*source.id, "title": &*source.title, "group": &*source.group, "date": &*source.date,
        "date_words": crate::value::edtf::words(&source.date),
        "derives_from": source.derives_from.iter().map(|id| id.to_string()).collect::<Json>(),
        "entity": maybe(seen, source.node),
    })
}

/// The documents that assert facts.
pub(crate) fn sources(snapshot: &Snapshot) -> Vec<Json> {
    let seen = snapshot.seen();
    snapshot.sources().iter().map(|one| source(&seen, one)).collect()
}

/// The things that a text names, or whose names begin with it; only those of a kind where one is given. The best `most`.
pub(crate) fn named(
    snapshot: &Snapshot,
    text: &str,
    by_start: bool,
    kind: Option<&str>,
    most: usize,
) -> Vec<Candidate> {
    // how many of other kinds stand before those that are sought is not known
    let among = if kind.is_some() { usize::MAX } else { most };
    let mut found = if by_start { snapshot.starting_with(text, among) } else { snapshot.search(text, among) };
    found.retain(|candidate| kind.is_none_or(|wanted| *candidate.kind == *wanted));
    found.truncate(most);
    found
}

/// The request in the direction that is named. Errors: it is none.
pub(crate) fn directed(request: LineageRequest, direction: Option<&str>) -> Result<LineageRequest> {
    match direction {
        None | Some("both" | "") => Ok(request),
        Some("forward") => Ok(request.forward()),
        Some("backward") => Ok(request.backward()),
        Some(_) => Err(Error::argument(Code::InvalidArgumentValue, "direction is forward, backward or both")),
    }
}
