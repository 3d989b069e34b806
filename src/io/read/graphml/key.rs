//! The data keys a file declares: what they are called, what their values are, where they may stand.

use std::collections::HashMap;
use std::sync::Arc;

use quick_xml::events::BytesStart;

use super::attribute;
use crate::error::{Error, Result};
use crate::io::graphml::{JSON_MARK, LABEL, LABELS, PROPERTIES};
use crate::io::json;
use crate::io::read::float;
use crate::value::Value;

/// Every key of a file.
#[derive(Default)]
pub(super) struct Keys {
    all: Vec<Declared>,
    /// The places of those with an id: one each for nodes and for edges may share it.
    by_id: HashMap<String, Vec<usize>>,
    defaults: Vec<usize>,
    /// Ids of elements are mere numbers: the file is by Neo4j or by ourselves.
    counted: bool,
}

/// A declared key.
#[derive(Debug)]
pub(super) struct Declared {
    /// What its values are called.
    pub name: Arc<str>,
    /// Where it may stand, as it is written.
    domain: String,
    ty: Type,
    /// Lists of values, as JSON (`attr.list` of Neo4j).
    list: bool,
    /// The program has no way to leave a value out: it writes an empty text, or no number.
    always: bool,
    /// The key is about drawing.
    drawing: bool,
    default: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Bool,
    Int,
    Float,
    Text,
}

/// What a datum is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A property.
    Property,
    /// Labels as `:A:B`.
    Labels,
    /// One label, or several with `::` between.
    Label,
    /// The type.
    Type,
    /// Labels as JSON.
    ExactLabels,
    /// The type as JSON.
    ExactType,
    /// Properties as JSON.
    ExactProperties,
}

impl Keys {
    /// Takes a declaration; its place.
    pub(super) fn declare(&mut self, tag: &BytesStart<'_>) -> Result<usize> {
        let id = attribute(tag, "id")?.ok_or_else(|| Error::data("a key without an id"))?;
        let name = attribute(tag, "attr.name")?;
        let domain = attribute(tag, "for")?.unwrap_or_else(|| "all".to_owned());
        let drawing = attribute(tag, "yfiles.type")?.is_some();
        let always = name.as_ref().is_some_and(|name| ["v_", "e_"].iter().any(|side| id == format!("{side}{name}")));
        let ty = attribute(tag, "attr.type")?.unwrap_or_default().to_ascii_lowercase();
        let ty = match ty.as_str() {
            "boolean" | "bool" => Type::Bool,
            "int" | "integer" | "long" | "short" | "byte" => Type::Int,
            "float" | "double" | "real" => Type::Float,
            _ => Type::Text,
        };
        let list = attribute(tag, "attr.list")?;
        self.counted |= [("labels", "node"), ("label", "edge")].contains(&(&id, &domain));
        let name = name.unwrap_or_else(|| id.clone()).into();
        let at = self.all.len();
        self.by_id.entry(id).or_default().push(at);
        self.all.push(Declared { name, domain, ty, list: list.is_some(), always, drawing, default: None });
        Ok(at)
    }

    /// Gives a key its default.
    pub(super) fn set_default(&mut self, at: usize, text: String) {
        if let Some(key) = self.all.get_mut(at) {
            key.default = Some(text);
            self.defaults.push(at);
        }
    }

    /// The key of an id, for an edge or a node.
    pub(super) fn find(&self, id: &str, edge: bool) -> Option<&Declared> {
        let all = self.by_id.get(id)?;
        let fits = all.iter().find(|at| self.all[**at].may_stand(edge));
        fits.or(all.first()).map(|at| &self.all[*at])
    }

    /// The keys with a default for edges or nodes, and the defaults.
    pub(super) fn defaults(&self, edge: bool) -> impl Iterator<Item = (&Declared, &str)> {
        let keys = self.defaults.iter().map(|at| &self.all[*at]).filter(move |key| key.may_stand(edge));
        keys.filter_map(|key| Some((key, key.default.as_deref()?)))
    }

    /// Whether ids are mere numbers of the program that wrote the file.
    pub(super) fn counted_ids(&self) -> bool {
        self.counted
    }
}

impl Declared {
    fn may_stand(&self, edge: bool) -> bool {
        matches!((self.domain.as_str(), edge), ("all", _) | ("node", false) | ("edge", true))
    }

    /// Whether the values are drawings.
    pub(super) fn draws(&self) -> bool {
        self.drawing
    }

    /// What a datum of this key is for.
    pub(super) fn role(&self, edge: bool) -> Role {
        match (edge, &*self.name) {
            (false, "labels") => Role::Labels,
            (false, "labelV") => Role::Label,
            (true, "label" | "labelE") => Role::Type,
            (false, LABELS) => Role::ExactLabels,
            (true, LABEL) => Role::ExactType,
            (_, name) if PROPERTIES.contains(&name) => Role::ExactProperties,
            _ => Role::Property,
        }
    }

    /// The property a datum stands for; nothing where it says that there is none.
    pub(super) fn property(&self, text: String) -> Result<Option<(Arc<str>, Value)>> {
        let blank = text.trim().is_empty();
        if let Some(name) = self.name.strip_suffix(JSON_MARK) {
            return match blank {
                true => Ok(None),
                false => Ok(Some((name.into(), json::read_value(&json::parse_text(&text)?)?))),
            };
        }
        let nothing =
            if self.list { blank } else { blank && (self.ty != Type::Text || (self.always && text.is_empty())) };
        if nothing {
            return Ok(None);
        }
        let value = if self.list { self.list(&text)? } else { self.value(text)? };
        let missing = self.always && matches!(value, Value::Float(x) if x.is_nan());
        Ok((!missing).then(|| (Arc::clone(&self.name), value)))
    }

    fn list(&self, text: &str) -> Result<Value> {
        match json::read_value(&json::parse_text(text)?)? {
            Value::List(items) if self.ty == Type::Float => {
                let float = |item| if let Value::Int(n) = item { Value::Float(n as f64) } else { item };
                Value::list(items.into_items().into_iter().map(float).collect())
            }
            list @ Value::List(_) => Ok(list),
            _ => Err(Error::data(format!("{text:?} is no list"))),
        }
    }

    fn value(&self, text: String) -> Result<Value> {
        let wrong = |what: &str| Error::data(format!("{text:?} is not {what}"));
        Ok(match self.ty {
            Type::Bool => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" => Value::Bool(true),
                "false" | "0" => Value::Bool(false),
                _ => return Err(wrong("true or false")),
            },
            Type::Int => Value::Int(text.trim().parse().map_err(|_| wrong("an integer of 64 bits"))?),
            Type::Float => Value::Float(float(&text)?),
            Type::Text => Value::from(text),
        })
    }
}
