//! What the store must offer so that a large graph opens at once: its parts, loaded when first asked for.
//!
//! A part that cannot be loaded reads as empty, and the loader keeps the error: whoever runs a statement asks
//! [`Graph::failure`](super::Graph::failure) before handing out its rows, so that nothing missing is ever taken for
//! nothing there.

use std::sync::{Arc, OnceLock};

use super::column::Column;
use super::csr::Csr;
use super::{KeyId, RelTypeId};
use crate::error::{Error, Result};

/// The parts of a stored image.
pub(crate) trait ImageSource: Send + Sync + std::fmt::Debug {
    /// Outgoing adjacency of a type.
    fn adjacency(&self, ty: RelTypeId) -> Result<Csr>;
    /// A key's values over nodes.
    fn node_column(&self, key: KeyId) -> Result<Column>;
    /// A key's values over relationships.
    fn rel_column(&self, key: KeyId) -> Result<Column>;
}

/// An image source and the first error it gave.
#[derive(Debug)]
pub(crate) struct Loader {
    source: Arc<dyn ImageSource>,
    failure: OnceLock<Error>,
}

impl Loader {
    pub(crate) fn new(source: Arc<dyn ImageSource>) -> Self {
        Self { source, failure: OnceLock::new() }
    }

    pub(super) fn adjacency(&self, ty: RelTypeId) -> Csr {
        self.keep(self.source.adjacency(ty))
    }

    pub(super) fn node_column(&self, key: KeyId) -> Column {
        self.keep(self.source.node_column(key))
    }

    pub(super) fn rel_column(&self, key: KeyId) -> Column {
        self.keep(self.source.rel_column(key))
    }

    pub(super) fn failure(&self) -> Option<&Error> {
        self.failure.get()
    }

    fn keep<T: Default>(&self, part: Result<T>) -> T {
        part.unwrap_or_else(|error| {
            let _ = self.failure.set(error); // the first one is told
            T::default()
        })
    }
}
