//! A node or an edge of a file, while it is read.

use std::sync::Arc;

use quick_xml::events::BytesStart;

use super::key::{Declared, Keys, Role};
use super::{At, Datum, Properties, attributes};
use crate::error::{Error, Result};
use crate::io::{exact, json};
use crate::value::Value;

/// A node or an edge.
#[derive(Default)]
pub(super) struct Element {
    pub edge: bool,
    /// Where it begins.
    pub at: At,
    /// The graph it stands in, by its place.
    pub graph: usize,
    pub id: Option<String>,
    /// The ids of the ends of an edge.
    pub ends: (String, String),
    pub ty: Option<String>,
    pub labels: Vec<Arc<str>>,
    pub properties: Properties,
    /// What an edge says of its direction itself.
    pub directed: Option<bool>,
    /// Data whose keys are not declared yet.
    pub undeclared: Vec<Datum>,
    /// Part of it was handed over already.
    pub told: bool,
    /// Its id is kept, whatever it looks like: nodes inside name it.
    group: bool,
    /// Properties once more, exactly.
    exact: Properties,
    /// The names of keys that had a datum.
    seen: Vec<Arc<str>>,
}

impl Element {
    /// The element that a tag begins.
    pub(super) fn new(tag: &BytesStart<'_>, at: At, graph: usize) -> Result<Self> {
        let edge = tag.local_name().as_ref() == "edge";
        let mut element = Self { edge, at, graph, ..Self::default() };
        let (mut ends, mut ports) = ([None, None], [None, None]);
        for attribute in attributes(tag) {
            let (name, value) = attribute?;
            match (name, edge) {
                ("id", _) => element.id = Some(value.into_owned()),
                // Neo4j writes the labels a second time as an attribute
                ("labels", false) => element.labels = read_labels(&value),
                ("source", true) => ends[0] = Some(value.into_owned()),
                ("target", true) => ends[1] = Some(value.into_owned()),
                ("sourceport", true) => ports[0] = Some(value.into_owned()),
                ("targetport", true) => ports[1] = Some(value.into_owned()),
                ("label", true) => element.ty = Some(value.into_owned()).filter(|ty| !ty.is_empty()),
                ("directed", true) => element.directed = Some(matches!(value.trim(), "true" | "1")),
                _ => {}
            }
        }
        if edge {
            let without = |end: &str| Error::data(format!("an edge without a {end}: it has two ends"));
            let [source, target] = ends;
            element.ends = (source.ok_or_else(|| without("source"))?, target.ok_or_else(|| without("target"))?);
            for (name, port) in ["sourceport", "targetport"].into_iter().zip(ports) {
                if let Some(port) = port {
                    element.property(name.into(), Value::from(port));
                }
            }
        }
        Ok(element)
    }

    /// Takes what there is of a node with a graph in it out of the element; what comes later joins it.
    pub(super) fn as_group(&mut self) -> Self {
        let (id, at, graph) = (self.id.clone(), self.at, self.graph);
        let told = std::mem::take(self);
        *self = Self { id, at, graph, told: true, group: true, seen: told.seen.clone(), ..Self::default() };
        Self { group: true, ..told }
    }

    /// Adds a property; one of the same name that is there stays, and the new one gets another.
    pub(super) fn property(&mut self, name: Arc<str>, value: Value) {
        let taken = |name: &str| self.properties.iter().any(|(known, _)| **known == *name);
        let mut free = name;
        while taken(&free) {
            free = format!("{free}_").into();
        }
        self.properties.push((free, value));
    }

    /// Takes a datum. The answer says what of it is not taken.
    pub(super) fn datum(&mut self, key: &Declared, data: Datum) -> Result<Option<String>> {
        self.seen.push(Arc::clone(&key.name));
        if data.drawn || key.draws() {
            return Ok(self.drawing(key, data));
        }
        self.told_by(key, data.text)?;
        Ok(None)
    }

    /// Of a drawing, its labels are taken.
    fn drawing(&mut self, key: &Declared, data: Datum) -> Option<String> {
        let label = data.labels.join("\n");
        match (label.is_empty(), self.edge) {
            (true, _) => {}
            (false, true) => drop(self.ty.get_or_insert(label)),
            (false, false) => self.property("label".into(), Value::from(label)),
        }
        let _ = key;
        Some("drawings, of which only labels are read".to_owned())
    }

    fn told_by(&mut self, key: &Declared, text: String) -> Result<()> {
        match key.role(self.edge) {
            // anything else under this name is a property like any other
            Role::Labels if text.trim_start().starts_with(':') || text.trim().is_empty() => {
                if !text.trim().is_empty() {
                    self.labels = read_labels(&text);
                }
            }
            Role::Label => self.labels.extend(text.split("::").filter(|l| !l.is_empty()).map(Arc::from)),
            // an empty text says that there is none
            Role::Type => self.ty = Some(text).filter(|ty| !ty.is_empty()),
            Role::ExactLabels if !text.is_empty() => match json::read_value(&json::parse_text(&text)?)? {
                Value::List(items) => {
                    let text = |item| match item {
                        Value::Str(label) => Ok(label),
                        _ => Err(Error::data("labels are a JSON array of texts")),
                    };
                    self.labels = items.into_items().into_iter().map(text).collect::<Result<_>>()?;
                }
                _ => return Err(Error::data("labels are a JSON array of texts")),
            },
            Role::ExactType if !text.is_empty() => match json::read_value(&json::parse_text(&text)?)? {
                Value::Str(label) => self.ty = Some(label.to_string()),
                _ => return Err(Error::data("a label is a JSON string")),
            },
            Role::ExactProperties if !text.is_empty() => match json::read_value(&json::parse_text(&text)?)? {
                Value::Map(map) => self.exact.extend(map.into_entries()),
                _ => return Err(Error::data("properties are a JSON object")),
            },
            Role::ExactLabels | Role::ExactType | Role::ExactProperties => {}
            Role::Labels | Role::Property => {
                if let Some((name, value)) = key.property(text)? {
                    self.property(name, value);
                }
            }
        }
        Ok(())
    }

    /// Nothing more comes: defaults, exact values and the id take their places. `counted`: ids are mere numbers.
    pub(super) fn finish(&mut self, keys: &Keys, counted: bool) -> Result<()> {
        if !self.told {
            for (key, default) in keys.defaults(self.edge) {
                if !self.seen.contains(&key.name) {
                    self.told_by(key, default.to_owned())?;
                }
            }
        }
        for (name, value) in std::mem::take(&mut self.exact) {
            match self.properties.iter_mut().find(|(known, _)| *known == name) {
                Some((_, plain)) if exact::says_the_same(plain, &value) => *plain = value,
                Some(_) => {}
                None => self.properties.push((name, value)),
            }
        }
        let Some(id) = self.id.clone() else { return Ok(()) };
        let is_id =
            |(name, value): &(Arc<str>, Value)| &**name == "id" && matches!(value, Value::Str(text) if **text == *id);
        if counts(&id, self.edge) && !self.group {
            // igraph writes the ids it was given as data
            if !counted {
                self.properties.retain(|property| !is_id(property));
            }
        } else if !self.told && !self.properties.iter().any(is_id) {
            self.property("id".into(), Value::from(id));
        }
        Ok(())
    }
}

/// Whether an id is no name: it only counts (`n12`, `e12`, `n0::n3`; for edges also `12`).
fn counts(id: &str, edge: bool) -> bool {
    let numbered = |part: &str, letters: &[char]| {
        let digits = part.strip_prefix(letters).unwrap_or("x");
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let (groups, last) = id.rsplit_once("::").map_or((None, id), |(groups, last)| (Some(groups), last));
    let mut parts = groups.into_iter().flat_map(|groups| groups.split("::"));
    let number = edge && !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
    number || (numbered(last, &['n', 'e']) && parts.all(|part| numbered(part, &['n'])))
}

/// `:A:B`, with back-ticks around names that need them.
pub(in crate::io::read) fn read_labels(text: &str) -> Vec<Arc<str>> {
    let mut labels = Vec::new();
    let mut rest = text.trim_start();
    while let Some(after) = rest.strip_prefix(':') {
        if let Some(quoted) = after.strip_prefix('`') {
            let mut label = String::new();
            let mut inner = quoted;
            loop {
                let Some((part, more)) = inner.split_once('`') else {
                    label.push_str(inner);
                    inner = "";
                    break;
                };
                label.push_str(part);
                inner = more;
                match inner.strip_prefix('`') {
                    Some(more) => {
                        label.push('`');
                        inner = more;
                    }
                    None => break,
                }
            }
            labels.push(label.into());
            rest = inner;
        } else {
            let end = after.find(':').unwrap_or(after.len());
            labels.push(after[..end].trim().into());
            rest = &after[end..];
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_may_hold_anything() {
        let labels = |text| read_labels(text).join("|");
        assert_eq!(labels(":A:`b:c``d`:E"), "A|b:c`d|E");
        assert_eq!(labels(""), "");
    }

    #[test]
    fn ids_that_only_count_are_no_names() {
        for id in ["n0", "n12", "n0::n3", "n0::n1::n2"] {
            assert!(counts(id, false), "{id}");
        }
        assert!(counts("12", true) && counts("e3", true) && counts("n0::e3", true) && !counts("12", false));
        for id in ["", "n", "Ada Lovelace", "n1a", "N1", "n0:n1", "a::n1", "letter-17", "::"] {
            assert!(!counts(id, false), "{id}");
        }
    }
}
