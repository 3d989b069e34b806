//! What documents say of a node or relationship, as functions give it: through the view that the handle carries.

use std::collections::BTreeMap;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::error::Result;
use crate::exec::view::Seeing;
use crate::graph::Graph;
use crate::lineage::names::{UsedName, used};
use crate::provenance::{
    FactId, Identified, Locator, Mention, Mode, Place, Saying, Source, SourceId, View, same_key, values,
};
use crate::value::hash::DataMap;
use crate::value::{NodeRef, Value};

/// The keys under which documents state of a node when it began and ended.
const LIFE: [&str; 2] = ["start", "end"];

/// What the map of a place says of the place itself.
const OF_THE_MAP: [&str; 4] = ["mention", "confidence", "either", "names"];

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

/// The fact that an entity is.
fn fact_of(entity: &Value) -> Option<FactId> {
    match entity {
        Value::Rel(rel) => Some(FactId::Rel(*rel)),
        Value::Node(node) => Some(FactId::Node(*node)),
        _ => None,
    }
}

/// The places that speak of an entity, as maps.
pub(super) fn evidence(seeing: Seeing<'_>, entity: &Value) -> Result<Vec<Value>> {
    let Some(fact) = fact_of(entity) else { return Ok(Vec::new()) };
    let sayings = seeing.evidence.sayings(fact, view(seeing, entity)).into_iter();
    sayings.map(|saying| Value::map(of_saying(seeing, saying)?)).collect()
}

fn of_saying(seeing: Seeing<'_>, saying: Saying<'_>) -> Result<Entries> {
    let mut entries = match saying.mention {
        Some(mention) => of_mention(seeing, mention)?,
        None => of_place(seeing, saying.place)?,
    };
    if saying.either {
        entries.insert("either".into(), Value::Bool(true));
    }
    if !saying.names.is_empty() {
        entries.insert("names".into(), Value::list(saying.names.into_iter().map(Value::Str).collect())?);
    }
    Ok(entries)
}

fn of_place(seeing: Seeing<'_>, place: Place) -> Result<Entries> {
    let source = seeing.evidence.source(place.source);
    let mut entries = Entries::new();
    entries.insert("source".into(), source.map_or_else(|| Value::str("?"), |s| Value::Str(s.id.clone())));
    entries.insert("locator".into(), Value::from(seeing.evidence.cite(place)));
    entries.insert("place".into(), parts_of(source, place.at)?);
    Ok(entries)
}

/// Where a place is: the document's title, which no sentence states, and the numbers of the locator.
fn parts_of(source: Option<&Source>, at: Locator) -> Result<Value> {
    let title = source.filter(|source| !source.title.is_empty()).map(|source| Value::Str(source.title.clone()));
    let mut entries: Vec<(Arc<str>, Value)> = title.into_iter().map(|title| ("title".into(), title)).collect();
    let numbers = [("paragraph", at.paragraph), ("first", at.first.into()), ("last", at.last.into())];
    let named = numbers.into_iter().filter(|(_, number)| *number > 0);
    entries.extend(named.map(|(key, number)| (key.into(), Value::Int(i64::from(number)))));
    Value::map(entries)
}

/// A mention as a map: where it stands, how it is said, and what it states under the keys that properties have.
fn of_mention(seeing: Seeing<'_>, mention: &Mention) -> Result<Entries> {
    let mut entries = of_place(seeing, mention.place)?;
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
    for (key, values) in mention.states() {
        // the key of the property, unless it is taken: one spelling for both
        let taken = OF_THE_MAP.contains(&&*key) || entries.contains_key(&key);
        let key = if taken { format!("qualifier_{key}").into() } else { key };
        let value = match <[Arc<str>; 1]>::try_from(values) {
            Ok([one]) => Value::Str(one),
            Err(several) => Value::list(several.into_iter().map(Value::Str).collect())?,
        };
        entries.insert(key, value);
    }
    Ok(entries)
}

/// The documents that assert a relationship or name a node, each once.
pub(super) fn documents(seeing: Seeing<'_>, entity: &Value) -> SmallVec<[SourceId; 8]> {
    let Some(fact) = fact_of(entity) else { return SmallVec::new() };
    seeing.evidence.documents_seen(fact, view(seeing, entity))
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
pub(super) fn by_id(graph: &Graph) -> DataMap<Arc<str>, NodeRef> {
    let mut known: DataMap<Arc<str>, NodeRef> = DataMap::default();
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
    let used = used(&seeing.known(node.view()), node).into_iter();
    let name = |used: UsedName<'_>| {
        let mut sources: Vec<SourceId> = used.places.iter().map(|place| place.source).collect();
        sources.dedup();
        let mut entries = Entries::new();
        entries.insert("name".into(), Value::Str(used.name));
        let mut put = |key: &str, text: &Arc<str>| {
            if !text.is_empty() {
                entries.insert(key.into(), Value::Str(text.clone()));
            }
        };
        match used.listed {
            // the dataset's own word for it; no place is cited for it
            None => put("status", &"label".into()),
            Some(listed) => {
                put("language", &listed.language);
                put("script", &listed.script);
                put("status", &listed.status);
                if used.dated {
                    put("from", &listed.from);
                    put("to", &listed.to);
                }
            }
        }
        if let Some(place) = used.stated_at {
            entries.insert("stated_at".into(), Value::from(seeing.evidence.cite(place)));
        }
        entries.insert("documents".into(), ids_of(seeing, &sources)?);
        entries.insert("places".into(), cited(seeing, &used.places)?);
        Value::map(entries)
    };
    used.map(name).collect()
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
