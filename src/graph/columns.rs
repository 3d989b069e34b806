//! The columns of all keys, over nodes or over relationships; those of an opened image are loaded when first asked for.
//!
//! Copies share the columns until one is written. A column of the image is loaded into a cell that all copies share, so
//! that whoever asks first loads it for everybody.

use std::sync::{Arc, OnceLock};

use super::KeyId;
use super::column::Column;
use super::image::Loader;
use crate::error::{Code, Error, Result};
use crate::memory;
use crate::value::Value;

/// Whether a property may hold `value`: scalars, times, and lists of these; no maps, nodes, relationships or paths at
/// any depth. Errors: `TypeError / InvalidPropertyType`.
pub(crate) fn storable(value: &Value) -> Result<()> {
    match value {
        Value::Map(_) | Value::Node(_) | Value::Rel(_) | Value::Path(_) => Err(Error::type_error(
            Code::InvalidPropertyType,
            format!("a property cannot hold a value of type {}", value.type_name()),
        )
        .hint("properties hold texts, numbers, booleans, times, and lists of these; give a map's entries keys of their own")),
        // a value nests at most value::MAX_DEPTH deep, so neither does this
        Value::List(items) => items.iter().try_for_each(storable),
        _ => Ok(()),
    }
}

/// Columns by key.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    list: Vec<Lazy>,
    loader: Option<(Arc<Loader>, Part)>,
}

#[derive(Clone, Debug, Default)]
struct Lazy {
    /// Where the column of the image goes, while this copy has not written to it.
    image: Option<Arc<OnceLock<Arc<Column>>>>,
    /// The image holds the column as it is now.
    stored: bool,
    column: OnceLock<Arc<Column>>,
}

/// Which of the image's columns these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Nodes,
    Rels,
}

impl Columns {
    /// Takes over an image that has these keys.
    pub(super) fn open(&mut self, keys: impl Iterator<Item = KeyId>, loader: Arc<Loader>, part: Part) {
        for key in keys {
            let lazy = self.slot(key);
            (lazy.image, lazy.stored) = (Some(Arc::default()), true);
        }
        self.loader = Some((loader, part));
    }

    /// Makes sure the key has a column, if an empty one, without loading it.
    pub(super) fn know(&mut self, key: KeyId) {
        let lazy = self.slot(key);
        if lazy.image.is_none() {
            lazy.column.get_or_init(Arc::default);
        }
    }

    #[inline]
    pub(super) fn get(&self, key: KeyId) -> Option<&Column> {
        let lazy = self.list.get(key.index())?;
        if let Some(column) = lazy.column.get() {
            return Some(column);
        }
        let image = lazy.image.as_ref()?;
        Some(&**memory::kept(&lazy.column, || Arc::clone(image.get_or_init(|| Arc::new(self.load(key))))))
    }

    pub(super) fn value(&self, slot: u32, key: KeyId) -> Value {
        self.get(key).map_or(Value::Null, |column| column.get(slot))
    }

    /// Puts a value there (null takes it away) and returns the old one. Errors: `Size`.
    pub(super) fn set(&mut self, slot: u32, key: KeyId, value: &Value) -> Result<Value> {
        if value.is_null() {
            return Ok(self.get_mut(key).remove(slot));
        }
        self.get_mut(key).set(slot, value)
    }

    pub(super) fn get_mut(&mut self, key: KeyId) -> &mut Column {
        if self.get(key).is_none() {
            let _ = self.slot(key).column.set(Arc::default()); // it was empty
        }
        let lazy = self.slot(key);
        (lazy.stored, lazy.image) = (false, None);
        Arc::make_mut(lazy.column.get_mut().expect("set or loaded just above"))
    }

    /// Whether the column is in the image and nobody has asked for it.
    pub(super) fn is_unread(&self, key: KeyId) -> bool {
        let unread = |image: &Arc<OnceLock<Arc<Column>>>| image.get().is_none();
        self.list
            .get(key.index())
            .is_some_and(|lazy| lazy.column.get().is_none() && lazy.image.as_ref().is_some_and(unread))
    }

    /// Whether the image holds the column as it is now.
    pub(super) fn is_stored(&self, key: KeyId) -> bool {
        self.list.get(key.index()).is_some_and(|lazy| lazy.stored)
    }

    /// The image holds every column as it is now.
    pub(super) fn note_stored(&mut self) {
        self.list.iter_mut().for_each(|lazy| lazy.stored = true);
    }

    /// The keys that have, or had, a value; in ascending order.
    pub(super) fn keys(&self) -> impl Iterator<Item = KeyId> + '_ {
        let known = |lazy: &Lazy| lazy.image.is_some() || lazy.column.get().is_some();
        self.list.iter().enumerate().filter(move |(_, lazy)| known(lazy)).map(|(key, _)| KeyId(key as u32))
    }

    pub(super) fn tidy(&mut self, keys: impl Iterator<Item = KeyId>) {
        for key in keys {
            let _ = self.get_mut(key).tidy(); // smaller than what was there: cannot be too large
        }
    }

    fn slot(&mut self, key: KeyId) -> &mut Lazy {
        if key.index() >= self.list.len() {
            self.list.resize_with(key.index() + 1, Lazy::default);
        }
        &mut self.list[key.index()]
    }

    fn load(&self, key: KeyId) -> Column {
        match &self.loader {
            Some((loader, Part::Nodes)) => loader.node_column(key),
            Some((loader, Part::Rels)) => loader.rel_column(key),
            None => Column::default(),
        }
    }
}
