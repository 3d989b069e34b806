//! What a procedure may use beside the graph: other queries on the same state of it, and shelves on which something stays
//! for the next call.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Result;
use crate::value::Value;

/// What is around a call.
pub(crate) trait Around: Sync {
    /// The answer of a query that reads, on the state of the graph that the statement sees and within its limits.
    /// Errors: those of the query; it writes.
    fn ask(&self, text: &str, params: &[(String, Value)]) -> Result<Asked>;

    /// What stays as long as the graph is open.
    fn shelf(&self) -> &Shelf;

    /// What stays until the statement ends.
    fn own_shelf(&self) -> &Shelf;
}

/// The answer of a query.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub columns: Vec<Arc<str>>,
    pub rows: Vec<Vec<Value>>,
}

impl Asked {
    /// The place of a column.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| **column == *name)
    }
}

type Kept = Arc<dyn Any + Send + Sync>;

/// Things by their names.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<BTreeMap<String, Kept>>);

impl Shelf {
    /// The thing of that name, where it is of this kind.
    pub(crate) fn get<T: Any + Send + Sync>(&self, name: &str) -> Option<Arc<T>> {
        self.things().get(name).cloned()?.downcast().ok()
    }

    /// Puts a thing there, unless something has its name or there are `most`; whether it did.
    pub(crate) fn put<T: Any + Send + Sync>(&self, name: &str, thing: Arc<T>, most: usize) -> bool {
        let mut things = self.things();
        if things.contains_key(name) || things.len() >= most {
            return false;
        }
        things.insert(name.to_owned(), thing);
        true
    }

    /// The thing of that name, made where there is none; nothing where another kind of thing has the name.
    pub(crate) fn kept<T: Any + Send + Sync>(&self, name: &str, make: impl FnOnce() -> T) -> Option<Arc<T>> {
        let mut things = self.things();
        let thing = things.entry(name.to_owned()).or_insert_with(|| Arc::new(make()));
        Arc::clone(thing).downcast().ok()
    }

    /// Takes a thing away.
    pub(crate) fn take(&self, name: &str) {
        self.things().remove(name);
    }

    /// The names of all.
    pub(crate) fn names(&self) -> Vec<String> {
        self.things().keys().cloned().collect()
    }

    fn things(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Shelf").field(&self.names()).finish()
    }
}
