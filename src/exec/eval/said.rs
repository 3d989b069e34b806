//! What documents say of a node or relationship, as functions give it: through the view that the handle carries.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::error::Result;
use crate::exec::view::Seeing;
use crate::graph::Graph;
use crate::provenance::{Identified, MENTION_KEYS, Mention, Mode, Place, SourceId, View, same_key, values};
use crate::value::{NodeRef, Value};

/// The keys under which documents state of a node when it began and ended.
const LIFE: [&str; 2] = ["start", "end"];

type Entries = BTreeMap<Arc<str>, Value>;

/// The number of the view that a handle carries.
pub(super) fn view_of(entity: &Value) -> u32 {
    match entity {
        Value::Node(node) => node.view(),
        Value::Rel(rel) => rel.view(),
        _ => 0,
    }
}

fn view<'a>(seeing: Seeing<'a>, entity: &Value) -> Option<&'a View> {
    seeing.views.get(view_of(entity))
}

/// The mentions that state something of an entity: of a relationship those that assert it, of a node those of its life.
fn mentions<'a>(seeing: Seeing<'a>, entity: &Value) -> Vec<&'a Mention> {
    let view = view(seeing, entity);
    match entity {
        Value::Rel(rel) => seeing.evidence.seen(*rel, view).collect(),
        Value::Node(node) => seeing.evidence.exists_seen(*node, view).collect(),
        _ => Vec::new(),
    }
}

/// The places that speak of an entity, as maps.
pub(super) fn evidence(seeing: Seeing<'_>, entity: &Value) -> Result<Vec<Value>> {
    let (evidence, view) = (seeing.evidence, view(seeing, entity));
    let mut all = Vec::new();
    match entity {
        Value::Rel(rel) => {
            for mention in evidence.seen(*rel, view).chain(evidence.denials_seen(*rel, view)) {
                all.push(Value::map(of_mention(seeing, mention)?)?);
            }
            for mention in evidence.visible(evidence.either_of(*rel), view) {
                let mut entries = of_mention(seeing, mention)?;
                entries.insert("either".into(), Value::Bool(true));
                all.push(Value::map(entries)?);
            }
        }
        Value::Node(node) => {
            let names: Vec<_> = evidence.names_seen(*node, view).collect();
            for place in evidence.places_seen(*node, view) {
                let mut entries = of_place(seeing, place);
                let here = names.iter().filter(|(_, places)| places.contains(&place));
                let here: Vec<Value> = here.map(|(name, _)| Value::Str(name.name.clone())).collect();
                if !here.is_empty() {
                    entries.insert("names".into(), Value::list(here)?);
                }
                all.push(Value::map(entries)?);
            }
            for mention in evidence.exists_seen(*node, view) {
                all.push(Value::map(of_mention(seeing, mention)?)?);
            }
        }
        _ => {}
    }
    Ok(all)
}

fn of_place(seeing: Seeing<'_>, place: Place) -> Entries {
    let source = seeing.evidence.source(place.source);
    let mut entries = Entries::new();
    entries.insert("source".into(), source.map_or_else(|| Value::str("?"), |s| Value::Str(s.id.clone())));
    if let Some(source) = source.filter(|source| !source.title.is_empty()) {
        entries.insert("title".into(), Value::Str(source.title.clone()));
    }
    entries.insert("locator".into(), Value::from(seeing.evidence.cite(place)));
    entries
}

/// A mention as a map: where it stands, how it is said, and what it states under the keys that properties have.
fn of_mention(seeing: Seeing<'_>, mention: &Mention) -> Result<Entries> {
    let mut stated: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for (key, value) in mention.stated_qualifiers() {
        let key = values::property_key(key);
        let key = if MENTION_KEYS.contains(&&*key) { format!("qualifier_{key}").into() } else { key };
        stated.entry(key).or_default().push(Value::Str(value.clone()));
    }
    let mut entries = of_place(seeing, mention.place);
    for (key, mut values) in stated {
        let value = if values.len() == 1 { values.remove(0) } else { Value::list(values)? };
        entries.insert(key, value);
    }
    let mut put = |key: &str, value: Option<&str>| {
        if let Some(text) = value.filter(|text| !text.is_empty()) {
            entries.insert(key.into(), Value::str(text));
        }
    };
    let (mode, identified) = (mention.mode(), mention.identified());
    put("mention", Some(&mention.id));
    put("confidence", Some(&mention.confidence.to_string()));
    put("mode", Some(mode.name()).filter(|_| mode != Mode::States));
    put("by", mention.by());
    put("as_named", mention.as_named());
    put("identified", Some(identified.name()).filter(|_| identified != Identified::Sure));
    put("event", mention.event());
    put("corrects", mention.corrects());
    Ok(entries)
}

/// The documents that assert a relationship or name a node, each once.
pub(super) fn documents(seeing: Seeing<'_>, entity: &Value) -> SmallVec<[SourceId; 8]> {
    let named = match entity {
        Value::Node(node) => Some(seeing.evidence.places_seen(*node, view(seeing, entity))),
        _ => None,
    };
    let mut found: SmallVec<[SourceId; 8]> = named.into_iter().flatten().map(|place| place.source).collect();
    found.extend(mentions(seeing, entity).into_iter().map(|mention| mention.place.source));
    found.sort_unstable();
    found.dedup();
    found
}

/// The distinct values under a key with the places that state them, the best supported first.
pub(super) fn stated(seeing: Seeing<'_>, entity: &Value, key: &str) -> Result<Vec<Value>> {
    let evidence = seeing.evidence;
    let reading = seeing.vocabulary.qualifier(key, relation(seeing, entity));
    let mut by_value: BTreeMap<Arc<str>, Vec<Place>> = BTreeMap::new();
    for mention in mentions(seeing, entity) {
        for value in evidence.stated_by(mention, key, reading, seeing.vocabulary) {
            by_value.entry(value.clone()).or_default().push(mention.place);
        }
    }
    let mut all = Vec::with_capacity(by_value.len());
    for (text, mut places) in by_value {
        places.sort_unstable();
        places.dedup();
        let mut sources: Vec<SourceId> = places.iter().map(|place| place.source).collect();
        sources.dedup();
        let witnesses = evidence.witnesses(&sources);
        let value = match values::single(reading.ty, &text) {
            // what is no number is shown as it stands
            Value::Null => Value::Str(text.clone()),
            value => value,
        };
        let map = Value::map([
            ("value".into(), value),
            ("documents".into(), ids_of(seeing, &sources)?),
            ("places".into(), cited(seeing, &places)?),
            ("support".into(), count(sources.len())),
            ("witnesses".into(), count(witnesses)),
        ])?;
        all.push(((sources.len(), witnesses), text, map));
    }
    all.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    Ok(all.into_iter().map(|(_, _, map)| map).collect())
}

/// The keys under which what is stated excludes each other.
pub(super) fn disputed(seeing: Seeing<'_>, entity: &Value) -> Result<Vec<Arc<str>>> {
    let mentions = mentions(seeing, entity);
    if mentions.len() < 2 {
        // one place may state two values too
        let repeats = |m: &&Mention| values::keys(std::iter::once(*m)).len() < m.stated_qualifiers().count();
        if !mentions.iter().any(repeats) {
            return Ok(Vec::new());
        }
    }
    let relation = relation(seeing, entity);
    let mut keys = values::keys(mentions.iter().copied());
    if matches!(entity, Value::Node(_)) {
        keys.retain(|key| LIFE.contains(&&**key));
    }
    let mut out = Vec::new();
    for key in keys {
        if seeing.evidence.pooled(mentions.iter().copied(), &key, relation, seeing.vocabulary)?.disputed {
            out.push(key);
        }
    }
    Ok(out)
}

fn relation<'a>(seeing: Seeing<'a>, entity: &Value) -> &'a str {
    match entity {
        Value::Rel(rel) => seeing.graph.type_name(seeing.graph.rel(*rel).ty),
        _ => "",
    }
}

/// The ids under a key: those stated, or those of the property where nobody states any. Sorted, each once.
pub(super) fn ids(seeing: Seeing<'_>, entity: &Value, key: &str) -> Result<Vec<Arc<str>>> {
    let mut ids: Vec<Arc<str>> = Vec::new();
    for mention in mentions(seeing, entity) {
        ids.extend(mention.stated_qualifiers().filter(|(known, _)| same_key(known, key)).map(|(_, id)| id.clone()));
    }
    if ids.is_empty() {
        let value = match entity {
            Value::Rel(rel) => seeing.rel_property(*rel, key)?,
            Value::Node(node) => seeing.node_property(*node, key)?,
            _ => Value::Null,
        };
        match value {
            Value::Str(id) => ids.push(id),
            Value::List(items) => {
                ids.extend(
                    items.iter().filter_map(|item| if let Value::Str(id) = item { Some(id.clone()) } else { None }),
                );
            }
            _ => {}
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// The nodes of a graph by their property `id`; of several with one id, the one that was made first.
pub(super) fn by_id(graph: &Graph) -> FxHashMap<Arc<str>, NodeRef> {
    let mut known: FxHashMap<Arc<str>, NodeRef> = FxHashMap::default();
    let Some(key) = graph.key("id") else { return known };
    let mut slots = Vec::new();
    let mut cursor = Some(0);
    while let Some(at) = cursor {
        cursor = graph.scan_nodes(at, &mut slots, 4096);
        for node in slots.drain(..).map(NodeRef::new) {
            let Value::Str(id) = graph.node_property(node, key) else { continue };
            let first = known.entry(id).or_insert(node);
            if graph.node_id(node).0 < graph.node_id(*first).0 {
                *first = node;
            }
        }
    }
    known
}

/// What a node is called: its own name, then what the dataset lists, each with the places that use it.
pub(super) fn names(seeing: Seeing<'_>, node: NodeRef) -> Result<Vec<Value>> {
    let view = seeing.views.get(node.view());
    let listed: Vec<_> = seeing.evidence.names_seen(node, view).collect();
    let mut all = Vec::with_capacity(listed.len() + 1);
    let label = seeing.graph.key("name").map_or(Value::Null, |key| seeing.graph.node_property(node, key));
    if let Value::Str(label) = label
        && !seeing.evidence.names_of(node).iter().any(|name| name.name == label)
    {
        // the dataset's own word for it; no place is cited for it
        let empty = || Value::list(Vec::new());
        all.push(Value::map([
            ("name".into(), Value::Str(label)),
            ("status".into(), Value::str("label")),
            ("documents".into(), empty()?),
            ("places".into(), empty()?),
        ])?);
    }
    for (name, mut places) in listed {
        places.sort_unstable();
        let mut sources: Vec<SourceId> = places.iter().map(|place| place.source).collect();
        sources.dedup();
        let mut entries: Entries =
            [("name", &name.name), ("language", &name.language), ("script", &name.script), ("status", &name.status)]
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(key, text)| (Arc::from(key), Value::Str(text.clone())))
                .collect();
        // since when it is used is seen where the place that states it is
        let stated_at = name.stated_at.filter(|place| crate::provenance::view::sees(view, place.source));
        if view.is_none() || stated_at.is_some() {
            for (key, text) in [("from", &name.from), ("to", &name.to)].into_iter().filter(|(_, t)| !t.is_empty()) {
                entries.insert(key.into(), Value::Str(text.clone()));
            }
        }
        if let Some(place) = stated_at {
            entries.insert("stated_at".into(), Value::from(seeing.evidence.cite(place)));
        }
        entries.insert("documents".into(), ids_of(seeing, &sources)?);
        entries.insert("places".into(), cited(seeing, &places)?);
        all.push(Value::map(entries)?);
    }
    Ok(all)
}

fn ids_of(seeing: Seeing<'_>, sources: &[SourceId]) -> Result<Value> {
    let ids = sources.iter().filter_map(|id| seeing.evidence.source(*id)).map(|source| Value::Str(source.id.clone()));
    Value::list(ids.collect())
}

fn cited(seeing: Seeing<'_>, places: &[Place]) -> Result<Value> {
    Value::list(places.iter().map(|place| Value::from(seeing.evidence.cite(*place))).collect())
}

fn count(n: usize) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Whether a property that reads as `value` is one of values that exclude each other: such a property is null, or a set
/// of dates.
pub(super) fn is_disputed(seeing: Seeing<'_>, entity: &Value, key: &str, value: &Value) -> Result<bool> {
    let may_be = match value {
        Value::Null => true,
        Value::Str(text) => text.starts_with('['),
        _ => false,
    };
    if !may_be {
        return Ok(false);
    }
    let several = match entity {
        Value::Rel(rel) => differ(seeing.evidence.seen(*rel, view(seeing, entity)), key),
        Value::Node(node) if LIFE.contains(&key) => {
            differ(seeing.evidence.exists_seen(*node, view(seeing, entity)), key)
        }
        _ => false,
    };
    if !several {
        return Ok(false);
    }
    let mentions = mentions(seeing, entity).into_iter();
    Ok(seeing.evidence.pooled(mentions, key, relation(seeing, entity), seeing.vocabulary)?.disputed)
}

/// Whether mentions state more than one value under a key.
fn differ<'a>(mentions: impl Iterator<Item = &'a Mention>, key: &str) -> bool {
    let mut values = mentions.flat_map(Mention::stated_qualifiers).filter(|(k, _)| same_key(k, key)).map(|(_, v)| v);
    let first = values.next();
    values.any(|value| Some(value) != first)
}
