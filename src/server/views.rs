//! Typed answers of the engine as JSON: what our HTTP interface and MCP hand out.

use serde_json::{Map, Value as Json, json};

use crate::engine::{
    Citation, Conflict, Conflicts, Entities, Entity, Evidence, FactEvidence, LifeBound, Lineage, LineageRequest,
    NodeData, Said, Schema, Snapshot, SourceView, Step, TookPart,
};
use crate::error::{Code, Error, Result};
use crate::provenance::{Identified, Mode, Source};
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

fn evidence(evidence: &Evidence) -> Json {
    let mut one = json!({ "citation": &*evidence.citation.locator, "title": &*evidence.title });
    if let Some(mention) = &evidence.mention {
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

fn fact(seen: &SourceView, fact: &FactEvidence) -> Json {
    json!({
        "kind": &*fact.kind,
        "start": who(seen, fact.start),
        "end": who(seen, fact.end),
        "support": fact.support,
        "witnesses": fact.witnesses,
        "evidence": fact.evidence.iter().map(evidence).collect::<Json>(),
    })
}

fn bound(bound: &LifeBound) -> Json {
    json!({ "text": bound.text.as_deref(), "disputed": bound.disputed, "citations": places(&bound.citations) })
}

/// An entity: its names, its life, what documents say of it.
pub(crate) fn entity(entity: &Entity, limit: usize) -> Json {
    let seen = entity.seen();
    let content = entity.content();
    let facts = entity.facts();
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
    let life: Json = seen
        .life(entity.node())
        .intervals
        .iter()
        .map(|interval| json!({ "start": bound(&interval.start), "end": bound(&interval.end) }))
        .collect();
    json!({
        "element_id": content.id.to_string(),
        "name": entity.name(),
        "kind": content.kind(),
        "properties": properties(&content),
        "names": names,
        "life": life,
        "support": entity.support(),
        "witnesses": entity.witnesses(),
        "facts": {
            "total": facts.len(),
            "returned": facts.len().min(limit),
            "truncated": facts.len() > limit,
            "items": facts.iter().take(limit).map(|one| fact(seen, one)).collect::<Json>(),
        },
    })
}

fn conflict(conflict: &Conflict) -> Json {
    let side = |at: usize| {
        let side = &conflict.sides[at];
        let states: Map<String, Json> = side
            .states
            .iter()
            .map(|(key, values)| (key.to_string(), values.iter().map(|v| v.to_string()).collect()))
            .collect();
        json!({
            "claim": side.claim, "states": states, "citations": places(&side.citations),
            "documents": side.documents.iter().map(|d| d.to_string()).collect::<Json>(), "witnesses": side.witnesses,
        })
    };
    json!({
        "topic": &*conflict.topic, "kind": &*conflict.kind, "note": &*conflict.note, "certain": conflict.certain,
        "left": side(0), "right": side(1),
    })
}

/// Where documents disagree.
pub(crate) fn conflicts(conflicts: &Conflicts, limit: usize) -> Json {
    json!({
        "total": conflicts.len(),
        "returned": conflicts.len().min(limit),
        "truncated": conflicts.len() > limit,
        "items": conflicts.iter().take(limit).map(|one| conflict(&one)).collect::<Json>(),
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
            let definition = schema.relations.get(name).map(|r| r.definition.to_string()).unwrap_or_default();
            let pairs: Json = between.iter().map(|(pair, count)| json!({ "between": pair, "count": count })).collect();
            (
                name.to_string(),
                json!({ "count": kind.count, "definition": definition, "properties": keys, "between": pairs }),
            )
        })
        .collect();
    json!({ "nodes": schema.nodes, "relationships": schema.relationships, "labels": labels, "types": types })
}

/// The documents that assert facts.
pub(crate) fn sources(snapshot: &Snapshot) -> Vec<Json> {
    let one = |source: &Source| json!({ "id": &*source.id, "title": &*source.title, "group": &*source.group, "date": source.date.to_string() });
    snapshot.sources().iter().map(one).collect()
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
