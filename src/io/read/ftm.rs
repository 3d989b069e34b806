//! FollowTheMoney: entities as JSON, and the statements they are made of.
//!
//! An entity is a node with its schema as the label, its id as the property `id`, and its properties; one value is a value,
//! several are a list. What several records say of one entity is put together, also with what an earlier import said: ids mean the
//! same everywhere. A value that is the id of an entity of the file is a relationship to it, of the property's name. A
//! statement says one value of one entity, and which dataset says so: the dataset becomes a source, the statement a mention of
//! the relationship, or, where the value is no entity, a place that names the node. Everything waits for the end of the file:
//! only then is it known which values are ids.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map as Object, Value as Json};

use super::jsonl::only;
use super::{Beside, Key, NodeKey, OnProblem, Properties, Sink, in_file};
use crate::error::{Error, Result};
use crate::provenance::{Confidence, Locator, Mention, Place, Source, SourceId};
use crate::value::Value;

/// Members of an entity, beside its properties, that become properties.
const OF_ENTITIES: [&str; 7] = ["caption", "datasets", "referents", "target", "first_seen", "last_seen", "last_change"];
/// Members of a statement that say something about it.
const OF_STATEMENTS: [&str; 6] = ["lang", "original_value", "origin", "first_seen", "last_seen", "external"];

/// What was read, until the end of the file.
#[derive(Default)]
pub(super) struct Ftm {
    entities: Vec<Entity>,
    statements: Vec<Statement>,
    ids: HashSet<Box<str>>,
}

struct Entity {
    place: Box<str>,
    id: Box<str>,
    schema: Arc<str>,
    properties: Properties,
    values: Vec<(Arc<str>, Vec<Box<str>>)>,
}

struct Statement {
    place: Box<str>,
    id: Box<str>,
    /// The entity it is about.
    entity: Box<str>,
    schema: Arc<str>,
    property: Arc<str>,
    value: Box<str>,
    dataset: Box<str>,
    about: Vec<(Arc<str>, Arc<str>)>,
}

impl Ftm {
    /// Whether a record is an entity or a statement.
    pub(super) fn is(object: &Object<String, Json>) -> bool {
        object.contains_key("schema") && (object.contains_key("properties") || is_statement(object))
    }

    /// Takes a record; `place` names it in messages.
    pub(super) fn take(&mut self, object: &Object<String, Json>, place: &str, sink: &mut dyn Sink) -> Result<()> {
        if is_statement(object) { self.statement(object, place) } else { self.entity(object, place, sink) }
    }

    fn entity(&mut self, object: &Object<String, Json>, place: &str, sink: &mut dyn Sink) -> Result<()> {
        let known: Vec<&str> = ["id", "schema", "properties"].into_iter().chain(OF_ENTITIES).collect();
        only(object, "the entity", &known)?;
        let (id, schema) = (text(object, "id")?, text(object, "schema")?);
        let Some(Json::Object(stated)) = object.get("properties") else {
            return Err(Error::data("properties is an object of lists"));
        };
        let mut values = Vec::new();
        for (name, all) in stated {
            let wrong = || Error::data(format!("the property {name:?} is a list of texts"));
            let Json::Array(all) = all else { return Err(wrong()) };
            let all = all.iter().map(|v| v.as_str().map(Box::from).ok_or_else(wrong)).collect::<Result<_>>()?;
            values.push((name.as_str().into(), all));
        }
        let told = object.iter().filter(|(key, _)| OF_ENTITIES.contains(&key.as_str()));
        let properties = super::jsonl::foreign_properties(told, sink)?;
        self.ids.insert(id.into());
        self.entities.push(Entity { place: place.into(), id: id.into(), schema: schema.into(), properties, values });
        Ok(())
    }

    fn statement(&mut self, object: &Object<String, Json>, place: &str) -> Result<()> {
        let mut known = vec!["id", "entity_id", "canonical_id", "schema", "prop", "prop_type", "value", "dataset"];
        known.extend(OF_STATEMENTS);
        only(object, "the statement", &known)?;
        // the canonical id is that of the entity after several were found to be one
        let entity = text(object, "canonical_id").or_else(|_| text(object, "entity_id"))?;
        let about = OF_STATEMENTS.iter().filter_map(|key| Some((key, object.get(*key).filter(|v| !v.is_null())?)));
        let about = about.map(|(key, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (Arc::from(*key), Arc::from(value))
        });
        self.ids.insert(entity.into());
        self.statements.push(Statement {
            place: place.into(),
            id: text(object, "id").unwrap_or_default().into(),
            entity: entity.into(),
            schema: text(object, "schema")?.into(),
            property: text(object, "prop")?.into(),
            value: text(object, "value")?.into(),
            dataset: text(object, "dataset")?.into(),
            about: about.filter(|(_, value): &(Arc<str>, Arc<str>)| !value.is_empty()).collect(),
        });
        Ok(())
    }

    /// Hands everything over: entities, then what relates them.
    pub(super) fn finish(self, file: &str, sink: &mut dyn Sink, problem: OnProblem<'_>) -> Result<()> {
        if self.entities.is_empty() && self.statements.is_empty() {
            return Ok(());
        }
        sink.told_apart_by("id");
        let mut rels = Vec::new();
        for entity in &self.entities {
            let mut properties = vec![("id".into(), Value::str(&*entity.id))];
            properties.extend(entity.properties.iter().cloned());
            for (name, values) in &entity.values {
                let (ids, plain): (Vec<_>, Vec<_>) = values.iter().partition(|v| self.is_other(v, &entity.id));
                rels.extend(ids.into_iter().map(|id| (&entity.place, &entity.id, name, id)));
                properties.extend(
                    value(&plain.into_iter().map(|text| &**text).collect::<Vec<_>>())?
                        .map(|value| (Arc::clone(name), value)),
                );
            }
            let taken = sink.more(key(&entity.id), std::slice::from_ref(&entity.schema), properties);
            taken.or_else(|error| problem(placed(file, &entity.place, &error)))?;
        }
        for (place, start, ty, end) in rels {
            let taken = sink.rel(None, ty, key(start), key(end), Vec::new());
            taken.or_else(|error| problem(placed(file, place, &error)))?;
        }
        self.tell(file, sink, problem)
    }

    /// Hands the statements over: nodes first, so that relationships find their ends.
    fn tell(&self, file: &str, sink: &mut dyn Sink, problem: OnProblem<'_>) -> Result<()> {
        let mut sources = HashSet::new();
        for statement in &self.statements {
            if sources.insert(&statement.dataset) {
                sink.beside(Beside::Source(Source { id: (&*statement.dataset).into(), ..Source::default() }))?;
            }
            let taken = self.node_of(statement, sink);
            taken.or_else(|error| problem(placed(file, &statement.place, &error)))?;
        }
        let mut stated: HashSet<(&str, &str, &str)> = HashSet::new();
        for statement in self.statements.iter().filter(|s| self.relates(s)) {
            let fact = (&*statement.entity, &*statement.property, &*statement.value);
            let rel = format!("{}\u{1f}{}\u{1f}{}", fact.0, fact.1, fact.2);
            let mut taken = Ok(());
            if stated.insert(fact) {
                let (start, end) = (key(&statement.entity), key(&statement.value));
                taken = sink.rel(Some(Key::Text(&rel)), &statement.property, start, end, Vec::new());
            }
            let mention = Mention {
                id: (&*statement.id).into(),
                place: Place { source: SourceId(0), at: Locator::default() },
                confidence: Confidence::default(),
                fingerprint: 0,
                qualifiers: statement.about.clone().into(),
            };
            let beside = Beside::Mention { rel: Key::Text(&rel), source: &statement.dataset, mention };
            let taken = taken.and_then(|()| sink.beside(beside));
            taken.or_else(|error| problem(placed(file, &statement.place, &error)))?;
        }
        Ok(())
    }

    fn node_of(&self, statement: &Statement, sink: &mut dyn Sink) -> Result<()> {
        let node = key(&statement.entity);
        let mut properties = vec![("id".into(), Value::str(&*statement.entity))];
        // the statement of the property `id` says that there is such an entity
        if &*statement.property != "id" && !self.relates(statement) {
            properties.push((Arc::clone(&statement.property), Value::str(&*statement.value)));
        }
        sink.more(node, std::slice::from_ref(&statement.schema), properties)?;
        if self.relates(statement) {
            return Ok(());
        }
        sink.beside(Beside::Place { node, source: &statement.dataset, at: Locator::default() })
    }

    fn relates(&self, statement: &Statement) -> bool {
        &*statement.property != "id" && self.is_other(&statement.value, &statement.entity)
    }

    /// Whether a value is the id of another entity.
    fn is_other(&self, value: &str, own: &str) -> bool {
        value != own && self.ids.contains(value)
    }
}

fn is_statement(object: &Object<String, Json>) -> bool {
    ["entity_id", "prop", "value", "dataset"].iter().all(|key| object.contains_key(*key))
}

fn key(id: &str) -> NodeKey<'_> {
    NodeKey { space: "", key: Key::Text(id) }
}

fn placed(file: &str, place: &str, error: &Error) -> Error {
    in_file(file, &error.prefixed(&format!("{place}: ")))
}

fn text<'a>(object: &'a Object<String, Json>, name: &str) -> Result<&'a str> {
    object.get(name).and_then(Json::as_str).ok_or_else(|| Error::data(format!("{name} is missing or no text")))
}

/// One value as it is, several as a list.
fn value(all: &[&str]) -> Result<Option<Value>> {
    Ok(match all {
        [] => None,
        [only] => Some(Value::str(*only)),
        all => Some(Value::list(all.iter().map(|v| Value::str(*v)).collect())?),
    })
}

#[cfg(test)]
mod tests {
    use crate::io::read::{Seen, jsonl};

    fn seen(text: &str) -> Vec<String> {
        let mut seen = Seen::default();
        jsonl::read(&mut text.as_bytes(), "x", &mut seen, &mut |e| Err(e)).expect(text);
        seen.lines
    }

    #[test]
    fn entities_become_nodes_and_ids_in_values_relationships() {
        let text = "{\"id\":\"o\",\"schema\":\"Ownership\",\"properties\":{\"owner\":[\"p\"],\"asset\":[\"c\"],\"date\":[\"2020\"]}}\n\
            {\"id\":\"p\",\"schema\":\"Person\",\"properties\":{\"name\":[\"Ada\",\"A. L.\"]},\"datasets\":[\"d\"]}\n\
            {\"id\":\"c\",\"schema\":\"Company\",\"properties\":{\"name\":[\"Engines\"]}}\n";
        let wanted = [
            "/o +:Ownership date='2020' id='o'",
            "/p +:Person datasets=['d'] id='p' name=['Ada', 'A. L.']",
            "/c +:Company id='c' name='Engines'",
            "/o -asset-> /c ",
            "/o -owner-> /p ",
        ];
        let mut lines = seen(text);
        lines[3..].sort();
        assert_eq!(lines, wanted);
    }

    #[test]
    fn statements_are_mentions_and_two_of_one_fact_stay_two() {
        let of = |id: &str, entity: &str, prop: &str, value: &str, dataset: &str| {
            format!(
                "{{\"id\":\"{id}\",\"entity_id\":\"{entity}\",\"schema\":\"Person\",\"prop\":\"{prop}\",\"value\":\"{value}\",\"dataset\":\"{dataset}\",\"first_seen\":\"2020\"}}\n"
            )
        };
        let text = of("1", "p", "name", "Ada", "eu")
            + &of("2", "p", "parent", "q", "eu")
            + &of("3", "q", "id", "q", "un")
            + &of("4", "p", "parent", "q", "un");
        let lines = seen(&text);
        assert_eq!(lines.iter().filter(|l| l.contains("-parent->")).count(), 1, "{lines:?}");
        assert_eq!(lines.iter().filter(|l| l.starts_with("Mention")).count(), 2);
        assert_eq!(lines.iter().filter(|l| l.starts_with("Source")).count(), 2);
        assert!(lines.iter().any(|l| l == "/p +:Person id='p' name='Ada'"), "{lines:?}");
        assert!(lines.iter().any(|l| l.contains("first_seen")), "{lines:?}");
    }
}
