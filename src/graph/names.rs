//! Text to id and back for labels, relationship types and property keys.
//!
//! Ids are dense and given in order of first use. A name is never forgotten while the graph is open, even when
//! the statement that brought it is rolled back, so that an id once resolved stays true.

use std::sync::Arc;

use super::{KeyId, LabelId, RelTypeId};
use crate::error::{Code, Error, Result};
use crate::value::hash::DataMap;

/// How many names of one kind a graph may hold.
const MAX_NAMES: usize = 1 << 24;

/// The names a graph knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    labels: Table,
    types: Table,
    keys: Table,
}

#[derive(Clone, Debug, Default)]
struct Table {
    ids: DataMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
    bytes: usize,
}

impl Names {
    /// The id of a label, if the graph knows it.
    pub(crate) fn label(&self, name: &str) -> Option<LabelId> {
        self.labels.find(name).map(LabelId)
    }

    /// The id of a relationship type, if the graph knows it.
    pub(crate) fn rel_type(&self, name: &str) -> Option<RelTypeId> {
        self.types.find(name).map(RelTypeId)
    }

    /// The id of a property key, if the graph knows it.
    pub(crate) fn key(&self, name: &str) -> Option<KeyId> {
        self.keys.find(name).map(KeyId)
    }

    /// The text of a label; empty for an id of another graph.
    pub(crate) fn label_name(&self, label: LabelId) -> &str {
        self.labels.text(label.0).map_or("", |t| t)
    }

    /// The text of a relationship type; empty for an id of another graph.
    pub(crate) fn type_name(&self, ty: RelTypeId) -> &str {
        self.types.text(ty.0).map_or("", |t| t)
    }

    /// The text of a property key; empty for an id of another graph.
    pub(crate) fn key_name(&self, key: KeyId) -> &str {
        self.keys.text(key.0).map_or("", |t| t)
    }

    /// The text of a property key, shared.
    pub(crate) fn key_text(&self, key: KeyId) -> Arc<str> {
        self.keys.text(key.0).cloned().unwrap_or_default()
    }

    /// The text of a label, shared.
    pub(crate) fn label_text(&self, label: LabelId) -> Arc<str> {
        self.labels.text(label.0).cloned().unwrap_or_default()
    }

    /// The text of a relationship type, shared.
    pub(crate) fn type_text(&self, ty: RelTypeId) -> Arc<str> {
        self.types.text(ty.0).cloned().unwrap_or_default()
    }

    /// Every label with its text, in order of first use.
    pub(crate) fn labels(&self) -> impl ExactSizeIterator<Item = (LabelId, &str)> {
        self.labels.all().map(|(id, text)| (LabelId(id), text))
    }

    /// Every relationship type with its text, in order of first use.
    pub(crate) fn types(&self) -> impl ExactSizeIterator<Item = (RelTypeId, &str)> {
        self.types.all().map(|(id, text)| (RelTypeId(id), text))
    }

    /// Every property key with its text, in order of first use.
    pub(crate) fn keys(&self) -> impl ExactSizeIterator<Item = (KeyId, &str)> {
        self.keys.all().map(|(id, text)| (KeyId(id), text))
    }

    pub(super) fn ensure_label(&mut self, name: &str) -> Result<LabelId> {
        self.labels.ensure(name).map(LabelId)
    }

    pub(super) fn ensure_type(&mut self, name: &str) -> Result<RelTypeId> {
        self.types.ensure(name).map(RelTypeId)
    }

    pub(super) fn ensure_key(&mut self, name: &str) -> Result<KeyId> {
        self.keys.ensure(name).map(KeyId)
    }
}

impl Table {
    fn find(&self, name: &str) -> Option<u32> {
        self.ids.get(name).copied()
    }

    fn text(&self, id: u32) -> Option<&Arc<str>> {
        self.texts.get(id as usize)
    }

    fn all(&self) -> impl ExactSizeIterator<Item = (u32, &str)> {
        self.texts.iter().enumerate().map(|(id, text)| (id as u32, &**text))
    }

    fn ensure(&mut self, name: &str) -> Result<u32> {
        if let Some(id) = self.find(name) {
            return Ok(id);
        }
        if self.texts.len() >= MAX_NAMES {
            return Err(Error::limit(Code::Size, format!("a graph may hold at most {MAX_NAMES} names of one kind")));
        }
        let id = self.texts.len() as u32;
        let text: Arc<str> = name.into();
        self.bytes += text.len() + 16;
        self.texts.push(Arc::clone(&text));
        self.ids.insert(text, id);
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_dense_and_names_come_back() {
        let mut names = Names::default();
        let a = names.ensure_label("Law").expect("room");
        let b = names.ensure_label("Body").expect("room");
        assert_eq!((a, b), (LabelId(0), LabelId(1)));
        assert_eq!(names.ensure_label("Law").expect("room"), a);
        assert_eq!(names.label("Body"), Some(b));
        assert_eq!(names.label("law"), None);
        assert_eq!(names.label_name(b), "Body");
        assert_eq!(names.label_name(LabelId(9)), "");
        assert_eq!(names.ensure_key("Law").expect("room"), KeyId(0), "kinds do not share ids");
    }
}
