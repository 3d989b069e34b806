//! Values in the JSON of Neo4j's Query API: plain, or each with its type.

use std::sync::Arc;

use crate::engine::{Entities, NodeData, RelData};
use crate::error::Code;
use crate::value::text;
use crate::{Error, Value};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value as Json;

/// How values are written and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `application/json`: temporal values are text, and what a type was must be known.
    Plain,
    /// `application/vnd.neo4j.query`: `{"$type": …, "_value": …}`.
    Typed,
}

/// A value with the content of the nodes and relationships in it.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) value: &'a Value,
    pub(crate) entities: &'a Entities,
    pub(crate) form: Form,
}

impl<'a> Shown<'a> {
    fn of(self, value: &'a Value) -> Self {
        Self { value, ..self }
    }
}

struct Items<'a>(Shown<'a>, &'a [Value]);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.1.iter().map(|item| self.0.of(item)))
    }
}

struct Entries<'a>(Shown<'a>, Vec<(&'a Arc<str>, &'a Value)>);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.1.iter().map(|(key, item)| (&***key, self.0.of(item))))
    }
}

/// A value under its type.
struct Typed<'a, T>(&'a str, T);

impl<T: Serialize> Serialize for Typed<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(2))?;
        map.serialize_entry("$type", self.0)?;
        map.serialize_entry("_value", &self.1)?;
        map.end()
    }
}

struct Node<'a>(&'a NodeData, Shown<'a>);

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(node, shown) = self;
        let properties = Entries(*shown, node.properties.iter().map(|(k, v)| (k, v)).collect());
        let labels: Vec<&str> = node.labels.iter().map(|label| &**label).collect();
        let mut map = to.serialize_map(Some(3))?;
        let [id, of, with] = match shown.form {
            Form::Plain => ["elementId", "labels", "properties"],
            Form::Typed => ["_element_id", "_labels", "_properties"],
        };
        map.serialize_entry(id, &node.id.to_string())?;
        map.serialize_entry(of, &labels)?;
        map.serialize_entry(with, &properties)?;
        map.end()
    }
}

struct Rel<'a>(&'a RelData, Shown<'a>);

impl Serialize for Rel<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(rel, shown) = self;
        let properties = Entries(*shown, rel.properties.iter().map(|(k, v)| (k, v)).collect());
        let mut map = to.serialize_map(Some(5))?;
        let [id, start, end, ty, with] = match shown.form {
            Form::Plain => ["elementId", "startNodeElementId", "endNodeElementId", "type", "properties"],
            Form::Typed => ["_element_id", "_start_node_element_id", "_end_node_element_id", "_type", "_properties"],
        };
        map.serialize_entry(id, &rel.id.to_string())?;
        map.serialize_entry(start, &rel.start.to_string())?;
        map.serialize_entry(end, &rel.end.to_string())?;
        map.serialize_entry(ty, &*rel.ty)?;
        map.serialize_entry(with, &properties)?;
        map.end()
    }
}

/// The nodes and relationships of a path in the order walked.
struct Walk<'a>(&'a crate::value::Path, Shown<'a>);

impl Serialize for Walk<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(path, shown) = self;
        let mut seq = to.serialize_seq(Some(path.nodes.len() + path.rels.len()))?;
        for (at, node) in path.nodes.iter().enumerate() {
            seq.serialize_element(&shown.of(&Value::Node(*node)))?;
            if let Some(rel) = path.rels.get(at) {
                seq.serialize_element(&shown.of(&Value::Rel(*rel)))?;
            }
        }
        seq.end()
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let typed = self.form == Form::Typed;
        match self.value {
            Value::Null if typed => Typed("Null", ()).serialize(to),
            Value::Null => to.serialize_unit(),
            Value::Bool(b) if typed => Typed("Boolean", b).serialize(to),
            Value::Bool(b) => to.serialize_bool(*b),
            Value::Int(n) if typed => Typed("Integer", n.to_string()).serialize(to),
            Value::Int(n) => to.serialize_i64(*n),
            Value::Float(x) if typed || !x.is_finite() => {
                let said = match x {
                    x if x.is_nan() => "NaN".to_owned(),
                    x if x.is_infinite() => if *x > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
                    x => format!("{x:?}"),
                };
                if typed { Typed("Float", said).serialize(to) } else { to.serialize_str(&said) }
            }
            Value::Float(x) => to.serialize_f64(*x),
            Value::Str(text) if typed => Typed("String", &**text).serialize(to),
            Value::Str(text) => to.serialize_str(text),
            Value::List(list) if typed => Typed("List", Items(*self, list.items())).serialize(to),
            Value::List(list) => Items(*self, list.items()).serialize(to),
            Value::Map(map) => {
                let entries = Entries(*self, map.entries().iter().collect());
                if typed { Typed("Map", entries).serialize(to) } else { entries.serialize(to) }
            }
            Value::Node(node) => {
                let none = NodeData::default();
                let node = Node(self.entities.node(*node).unwrap_or(&none), *self);
                if typed { Typed("Node", node).serialize(to) } else { node.serialize(to) }
            }
            Value::Rel(rel) => {
                let none = RelData::default();
                let rel = Rel(self.entities.rel(*rel).unwrap_or(&none), *self);
                if typed { Typed("Relationship", rel).serialize(to) } else { rel.serialize(to) }
            }
            Value::Path(path) if typed => Typed("Path", Walk(path, *self)).serialize(to),
            Value::Path(path) => Walk(path, *self).serialize(to),
            temporal => {
                let said = text::scalar(temporal).unwrap_or_default();
                if typed { Typed(temporal_type(temporal), said).serialize(to) } else { to.serialize_str(&said) }
            }
        }
    }
}

fn temporal_type(value: &Value) -> &'static str {
    match value {
        Value::Date(_) => "Date",
        Value::LocalTime(_) => "LocalTime",
        Value::Time(_) => "Time",
        Value::LocalDateTime(_) => "LocalDateTime",
        Value::DateTime(moment) if moment.zone.is_some() => "ZonedDateTime",
        Value::DateTime(_) => "OffsetDateTime",
        _ => "Duration",
    }
}

/// A parameter as it comes in. Errors: it is no value of the language; the message says what is wrong.
pub(crate) fn read(json: &Json) -> Result<Value, Error> {
    match json {
        Json::Null => Ok(Value::Null),
        Json::Bool(b) => Ok(Value::Bool(*b)),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(n), _) => Ok(Value::Int(n)),
            (None, Some(x)) if !number.is_u64() => Ok(Value::Float(x)),
            _ => Err(wrong(format!("the integer {number} does not fit 64 bits"))),
        },
        Json::String(text) => Ok(Value::str(text.as_str())),
        Json::Array(items) => Value::list(items.iter().map(read).collect::<Result<_, _>>()?),
        Json::Object(entries) => match (entries.len(), entries.get("$type"), entries.get("_value")) {
            (2, Some(Json::String(ty)), Some(value)) => typed(ty, value),
            _ => map(entries),
        },
    }
}

fn map(entries: &serde_json::Map<String, Json>) -> Result<Value, Error> {
    let pairs: Result<Vec<(Arc<str>, Value)>, Error> =
        entries.iter().map(|(key, value)| Ok((key.as_str().into(), read(value)?))).collect();
    Value::map(pairs?)
}

fn typed(ty: &str, value: &Json) -> Result<Value, Error> {
    let not = || wrong(format!("{value} is no {ty}"));
    match (ty, value) {
        ("Null", _) => Ok(Value::Null),
        ("Boolean", Json::Bool(b)) => Ok(Value::Bool(*b)),
        ("Integer", Json::String(text)) => text.parse().map(Value::Int).map_err(|_| not()),
        ("Integer", Json::Number(n)) => n.as_i64().map(Value::Int).ok_or_else(not),
        ("Float", Json::String(text)) => match text.as_str() {
            "NaN" => Ok(Value::Float(f64::NAN)),
            "Infinity" => Ok(Value::Float(f64::INFINITY)),
            "-Infinity" => Ok(Value::Float(f64::NEG_INFINITY)),
            text => text.parse().map(Value::Float).map_err(|_| not()),
        },
        ("Float", Json::Number(n)) => n.as_f64().map(Value::Float).ok_or_else(not),
        ("String", Json::String(text)) => Ok(Value::str(text.as_str())),
        ("List", Json::Array(items)) => Value::list(items.iter().map(read).collect::<Result<_, _>>()?),
        ("Map", Json::Object(entries)) => map(entries),
        (
            "Date" | "Time" | "LocalTime" | "LocalDateTime" | "OffsetDateTime" | "ZonedDateTime" | "Duration",
            Json::String(text),
        ) => {
            let json = serde_json::json!({ "$temporal": text });
            let read = crate::io::json::read_value(&json)?;
            let is = match &read {
                Value::DateTime(_) => matches!(ty, "OffsetDateTime" | "ZonedDateTime"),
                other => temporal_type(other) == ty,
            };
            if is { Ok(read) } else { Err(not()) }
        }
        ("Base64" | "Point" | "Node" | "Relationship" | "Path" | "Vector", _) => {
            Err(wrong(format!("a {ty} cannot be handed in"))
                .hint("match nodes by a property; bytes go as text or as a list of integers"))
        }
        _ => Err(not()),
    }
}

fn wrong(message: String) -> Error {
    Error::type_error(Code::InvalidArgumentType, message)
}
