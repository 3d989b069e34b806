//! What differs between two graphs, or between two days of one: bodies and facts added, gone, begun, ended, renamed, changed.
//!
//! A body is the one with the same id (without ids: the same labels and name) in the other graph; a fact the one with the same type,
//! ends, measure and subject matter. Nothing is matched by likeness.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::source_view::{LifeBound, SourceView};
use crate::error::{Error, Result};
use crate::lineage::validity::days_of;
use crate::value::text::literal;
use crate::value::{NodeRef, RelRef, Value};

/// What happened to something between the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    Added,
    Began,
    Ended,
    Gone,
    Renamed,
    Changed,
}

impl Change {
    pub(crate) const ALL: [Self; 6] = [Self::Added, Self::Began, Self::Ended, Self::Gone, Self::Renamed, Self::Changed];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Began => "began",
            Self::Ended => "ended",
            Self::Gone => "gone",
            Self::Renamed => "renamed",
            Self::Changed => "changed",
        }
    }
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) change: Change,
    /// Whether it is a fact; else a body.
    pub(crate) is_fact: bool,
    /// Its id in the dataset; of a fact its smallest mention.
    pub(crate) id: Arc<str>,
    pub(crate) name: String,
    /// What is otherwise: `end: not stated → 2010`.
    pub(crate) detail: String,
    /// Where the newer state is stated; of what is gone, the older.
    pub(crate) places: Vec<String>,
}

/// The properties of something by key.
type Properties = BTreeMap<Arc<str>, Value>;

/// A body or a fact of one side.
struct Thing {
    id: Arc<str>,
    name: String,
    properties: Properties,
    places: Vec<String>,
}

/// What makes a fact the same in two graphs.
type FactKey = (Arc<str>, String, String, String);

struct Side {
    bodies: BTreeMap<String, Thing>,
    facts: BTreeMap<FactKey, Vec<Thing>>,
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => "not stated".to_owned(),
        Value::Str(text) => text.to_string(),
        other => literal(other, None).unwrap_or_else(|_| other.type_name().to_owned()),
    }
}

fn string(properties: &Properties, key: &str) -> Arc<str> {
    match properties.get(key) {
        Some(Value::Str(text)) => text.clone(),
        _ => Arc::default(),
    }
}

impl Side {
    /// All there is; `only_told`: of what documents say there is only what they speak of.
    fn of(seen: &SourceView, only_told: bool) -> Self {
        let mut side = Self { bodies: BTreeMap::new(), facts: BTreeMap::new() };
        let graph = &seen.snapshot().version.knowledge.graph;
        let key_of = |node: NodeRef| -> String {
            let Some(data) = seen.node(node) else { return String::new() };
            let id = data.properties.iter().find(|(key, _)| &**key == "id").map(|(_, value)| text_of(value));
            id.unwrap_or_else(|| format!("{}:{}", data.labels.join(":"), seen.name(node)))
        };
        let known = seen.known();
        for node in (0..graph.node_bound()).map(NodeRef::new).filter(|node| graph.node_exists(*node)) {
            let Some(data) = seen.node(node) else { continue };
            if data.labels.iter().any(|label| &**label == "Literal") {
                continue;
            }
            if only_told && seen.evidence(node).is_empty() && seen.relationships(node).is_empty() {
                continue;
            }
            let properties: Properties =
                data.properties.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            let (id, name) = (string(&properties, "id"), seen.name(node));
            side.bodies.insert(key_of(node), Thing { id, name, properties, places: life_places(seen, node) });
        }
        for rel in (0..graph.rel_bound()).map(RelRef::new).filter(|rel| graph.rel_exists(*rel)) {
            let Some(data) = seen.rel(rel).filter(|_| !only_told || known.sees(rel)) else { continue };
            let ends = graph.rel(rel);
            let properties: Properties =
                data.properties.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            let about = format!("{}\0{}", string(&properties, "measure"), string(&properties, "what"));
            let key = (data.ty.clone(), key_of(ends.start), key_of(ends.end), about);
            let name = format!("{} {} {}", seen.name(ends.start), data.ty, seen.name(ends.end));
            let id = string(&properties, "fact");
            side.facts.entry(key).or_default().push(Thing { id, name, properties, places: fact_places(seen, rel) });
        }
        side.facts.values_mut().for_each(|facts| facts.sort_by(|a, b| a.id.cmp(&b.id)));
        side
    }
}

fn life_places(seen: &SourceView, node: NodeRef) -> Vec<String> {
    let mut places = Vec::new();
    let mut add = |bound: &LifeBound| places.extend(bound.citations.iter().map(ToString::to_string));
    for interval in &seen.life(node).intervals {
        add(&interval.start);
        add(&interval.end);
    }
    places.dedup();
    places
}

fn fact_places(seen: &SourceView, rel: RelRef) -> Vec<String> {
    let mut places: Vec<String> = seen.evidence(rel).iter().map(|one| one.citation.to_string()).collect();
    places.dedup();
    places
}

/// The keys whose values differ, as `key: old → new`.
fn differing(old: &Properties, new: &Properties, without: &[&str]) -> Vec<String> {
    let mut keys: Vec<&Arc<str>> = old.keys().chain(new.keys()).filter(|key| !without.contains(&&***key)).collect();
    keys.sort_unstable();
    keys.dedup();
    let null = Value::Null;
    let differs = |key: &&Arc<str>| {
        let (a, b) = (old.get(*key).unwrap_or(&null), new.get(*key).unwrap_or(&null));
        let (a, b) = (text_of(a), text_of(b));
        (a != b).then(|| format!("{key}: {a} → {b}"))
    };
    keys.iter().filter_map(differs).collect()
}

/// What is otherwise in `new` than in `old`.
pub(crate) fn between(old: &SourceView, new: &SourceView) -> Vec<Difference> {
    let only_told = [old, new].iter().any(|seen| seen.known().view.is_some());
    let (old, new) = (Side::of(old, only_told), Side::of(new, only_told));
    let mut out = Vec::new();
    let mut body = |change, of: &Thing, detail: String, places: &[String]| {
        out.push(Difference {
            change,
            is_fact: false,
            id: of.id.clone(),
            name: of.name.clone(),
            detail,
            places: places.to_vec(),
        });
    };
    for (key, after) in &new.bodies {
        let Some(before) = old.bodies.get(key) else {
            body(Change::Added, after, String::new(), &after.places);
            continue;
        };
        let stated = |of: &Thing| !matches!(&*string(&of.properties, "end"), "" | "..");
        let mut told: &[&str] = &["name"];
        if before.name != after.name {
            body(Change::Renamed, after, format!("{} → {}", before.name, after.name), &after.places);
        }
        if stated(after) && !stated(before) {
            body(Change::Ended, after, format!("end: {}", string(&after.properties, "end")), &after.places);
            told = &["name", "end"];
        }
        let detail = differing(&before.properties, &after.properties, told);
        if !detail.is_empty() {
            body(Change::Changed, after, detail.join("; "), &after.places);
        }
    }
    for (_, before) in old.bodies.iter().filter(|(key, _)| !new.bodies.contains_key(*key)) {
        body(Change::Gone, before, String::new(), &before.places);
    }
    let mut fact = |change, of: &Thing, detail: String| {
        out.push(Difference {
            change,
            is_fact: true,
            id: of.id.clone(),
            name: of.name.clone(),
            detail,
            places: of.places.clone(),
        });
    };
    let none = Vec::new();
    let mut keys: Vec<&FactKey> = old.facts.keys().chain(new.facts.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let (before, after) = (old.facts.get(key).unwrap_or(&none), new.facts.get(key).unwrap_or(&none));
        // those that are the same in both are paired first, then those with one id, then the others in order
        let mut left: Vec<&Thing> = before.iter().collect();
        let mut rest: Vec<&Thing> = Vec::new();
        for one in after {
            let same = |other: &&Thing| other.properties == one.properties && other.places == one.places;
            match left.iter().position(same) {
                Some(at) => drop(left.remove(at)),
                None => rest.push(one),
            }
        }
        for one in rest {
            let at = left.iter().position(|other| other.id == one.id).or(if left.is_empty() { None } else { Some(0) });
            let Some(at) = at else {
                fact(Change::Added, one, String::new());
                continue;
            };
            let other = left.remove(at);
            let mut detail = differing(&other.properties, &one.properties, &["fact"]);
            let lost: Vec<&str> =
                other.places.iter().filter(|place| !one.places.contains(place)).map(String::as_str).collect();
            let gained: Vec<&str> =
                one.places.iter().filter(|place| !other.places.contains(place)).map(String::as_str).collect();
            for (mark, places) in [("no longer at", lost), ("also at", gained)] {
                if !places.is_empty() {
                    detail.push(format!("{mark} {}", places.join(", ")));
                }
            }
            if !detail.is_empty() {
                fact(Change::Changed, one, detail.join("; "));
            }
        }
        left.into_iter().for_each(|one| fact(Change::Gone, one, String::new()));
    }
    sorted(out)
}

/// What began and what ended between two days: where one of the two days is excluded, and the other is not.
///
/// Errors: `InvalidTemporal`; the second day is before the first.
pub(crate) fn between_days(seen: &SourceView, from: &str, to: &str) -> Result<Vec<Difference>> {
    if days_of(&from.into())?.first.days > days_of(&to.into())?.last.days {
        return Err(Error::data(format!("{to} is before {from}")).hint("the earlier day comes first"));
    }
    let graph = &seen.snapshot().version.knowledge.graph;
    let turned = |before: Option<bool>, after: Option<bool>| match (before, after) {
        (Some(false), None | Some(true)) => Some(Change::Began),
        (None | Some(true), Some(false)) => Some(Change::Ended),
        _ => None,
    };
    let mut out = Vec::new();
    for node in (0..graph.node_bound()).map(NodeRef::new).filter(|node| graph.node_exists(*node)) {
        let Some(change) = turned(seen.holds(node, from)?, seen.holds(node, to)?) else { continue };
        let Some(data) = seen.node(node) else { continue };
        let id = data
            .properties
            .iter()
            .find(|(key, _)| &**key == "id")
            .map_or_else(Arc::default, |(_, id)| text_of(id).into());
        let life = seen.life(node);
        let bounds = life.intervals.iter().flat_map(|one| [("from", &one.start), ("to", &one.end)]);
        let stated = bounds
            .filter_map(|(word, bound)| Some(format!("{word} {}", crate::value::edtf::words(bound.text.as_deref()?))));
        let detail = stated.collect::<Vec<_>>().join(" ");
        out.push(Difference {
            change,
            is_fact: false,
            id,
            name: seen.name(node),
            detail,
            places: life_places(seen, node),
        });
    }
    for rel in (0..graph.rel_bound()).map(RelRef::new).filter(|rel| graph.rel_exists(*rel)) {
        let Some(change) = turned(seen.holds(rel, from)?, seen.holds(rel, to)?) else { continue };
        let Some(data) = seen.rel(rel) else { continue };
        let ends = graph.rel(rel);
        let name = format!("{} {} {}", seen.name(ends.start), data.ty, seen.name(ends.end));
        let stated = ["date", "effective", "adopted", "start", "end"].into_iter().filter_map(|key| {
            let value = data.properties.iter().find(|(own, _)| &**own == key).map(|(_, value)| text_of(value))?;
            Some(format!("{key}: {value}"))
        });
        let detail = stated.collect::<Vec<_>>().join("; ");
        let id = data
            .properties
            .iter()
            .find(|(key, _)| &**key == "fact")
            .map_or_else(Arc::default, |(_, id)| text_of(id).into());
        out.push(Difference { change, is_fact: true, id, name, detail, places: fact_places(seen, rel) });
    }
    Ok(sorted(out))
}

fn sorted(mut all: Vec<Difference>) -> Vec<Difference> {
    all.sort_by(|a, b| (a.is_fact, a.change, &a.name, &a.id).cmp(&(b.is_fact, b.change, &b.name, &b.id)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Dataset, builtin};
    use crate::engine::Engine;

    fn seen(dataset: &Dataset) -> SourceView {
        Engine::from_dataset(dataset).expect("a graph").snapshot().expect("it").seen()
    }

    fn told(old: &Dataset, new: &Dataset) -> Vec<(Change, bool, String)> {
        between(&seen(old), &seen(new))
            .into_iter()
            .map(|one| (one.change, one.is_fact, format!("{} {}", one.id, one.detail).trim().to_owned()))
            .collect()
    }

    #[test]
    fn a_graph_differs_from_itself_in_nothing_and_from_a_changed_one_in_what_was_changed() {
        let old = builtin();
        assert_eq!(told(&old, &old), []);
        let mut new = old.clone();
        let at = |id: &str| old.entities.iter().position(|entity| *entity.id == *id).expect("known");
        new.entities[at("senate")].name = "Senate of the Republic".into();
        new.entities[at("central-asia")].note = "A region".into();
        new.entities.push(crate::dataset::Entity {
            id: "new-body".into(),
            kind: "institution".into(),
            name: "New Body".into(),
            ..Default::default()
        });
        let found = told(&old, &new);
        assert!(found.contains(&(Change::Added, false, "new-body".to_owned())), "{found:?}");
        assert!(
            found.contains(&(Change::Renamed, false, "senate Senate → Senate of the Republic".to_owned())),
            "{found:?}"
        );
        assert!(
            found.contains(&(Change::Changed, false, "central-asia note: not stated → A region".to_owned())),
            "{found:?}"
        );
        assert_eq!(found.iter().filter(|(_, is_fact, _)| *is_fact).count(), 0, "no fact differs");
        let back = told(&new, &old);
        assert!(back.contains(&(Change::Gone, false, "new-body".to_owned())));
    }

    #[test]
    fn facts_are_added_gone_and_changed() {
        let old = builtin();
        let mut new = old.clone();
        let gone = new.mentions.remove(500);
        let found = told(&old, &new);
        let of_fact: Vec<_> = found.iter().filter(|(_, is_fact, _)| *is_fact).collect();
        assert_eq!(of_fact.len(), 1, "{}: {found:?}", gone.id);
        let back = told(&new, &old);
        assert_eq!(back.iter().filter(|(_, is_fact, _)| *is_fact).count(), 1, "{back:?}");
    }

    #[test]
    fn between_two_days_is_told_what_one_of_them_excludes() {
        let seen =
            Engine::from_folder("examples/city-councils".as_ref()).expect("a folder").snapshot().expect("it").seen();
        let found = between_days(&seen, "2000", "2024").expect("days");
        let names: Vec<(Change, &str)> =
            found.iter().filter(|one| !one.is_fact).map(|one| (one.change, one.name.as_str())).collect();
        assert!(names.contains(&(Change::Ended, "Harbour Board")), "{names:?}");
        assert!(names.contains(&(Change::Began, "City Assembly")), "{names:?}");
        for one in &found {
            let node = |name: &str| seen.entity(name).map(|entity| entity.node());
            if let (false, Ok(node)) = (one.is_fact, node(&one.id)) {
                let (before, after) =
                    (seen.holds(node, "2000").expect("a day"), seen.holds(node, "2024").expect("a day"));
                assert!(
                    if one.change == Change::Began { before == Some(false) } else { after == Some(false) },
                    "{one:?}"
                );
            }
        }
        assert!(between_days(&seen, "2024", "2000").is_err());
    }
}
