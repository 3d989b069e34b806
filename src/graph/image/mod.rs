//! A graph as named parts of bytes, and back: what the store keeps.
//!
//! A large graph opens at once because its parts are decoded when first asked for. A part that cannot be loaded reads
//! as empty, and the loader keeps the error: whoever runs a statement asks [`Graph::failure`](super::Graph::failure)
//! before handing out its rows, so that nothing missing is ever taken for nothing there.

pub(crate) mod bytes;
mod column;
pub(crate) mod declared;
mod read;
mod write;

use std::sync::{Arc, OnceLock};

pub(crate) use read::{damaged, open};
pub(crate) use write::{Facts, Placed, Sink, is_behind, note_written, write};

use super::column::Column;
use super::csr::Csr;
use super::{IndexDefinition, KeyId, RelTypeId, Subject};
use crate::error::{Error, Result};
use crate::memory;

/// Indexes smaller than this are sorted when they are first used, not stored in order.
pub(super) const STORED_ORDER: usize = if cfg!(test) { 8 } else { 10_000 };

/// Where the parts of an image are.
pub(crate) trait PartSource: Send + Sync + std::fmt::Debug {
    /// The bytes of a part, verified; nothing when there is no such part. Errors: `StoreIo`, `StoreDamaged`.
    fn part(&self, name: &str) -> Result<Option<Vec<u8>>>;
}

/// The names of the parts.
pub(crate) mod part {
    use crate::graph::{KeyId, RelTypeId};

    pub(crate) const NAMES: &str = "names";
    pub(crate) const NODES: &str = "nodes";
    pub(crate) const RELS: &str = "rels";
    pub(crate) const SCHEMA: &str = "schema";
    pub(crate) const FACTS: &str = "facts";
    /// Constraints that no index answers for; there only when there are any.
    pub(crate) const CONSTRAINTS: &str = "constraints";

    /// Full-text indexes; there only when there are any.
    pub(crate) const TEXTS: &str = "texts";

    /// Outgoing adjacency of a type.
    pub(crate) fn out(ty: RelTypeId) -> String {
        format!("out.{}", ty.0)
    }

    /// A key's values over nodes.
    pub(crate) fn node(key: KeyId) -> String {
        format!("node.{}", key.0)
    }

    /// A key's values over relationships.
    pub(crate) fn rel(key: KeyId) -> String {
        format!("rel.{}", key.0)
    }

    /// The slots of the index at this place of the schema, in order.
    pub(crate) fn order(at: usize) -> String {
        format!("order.{at}")
    }
}

/// A source of parts, the bounds they must keep, and the first error they gave.
#[derive(Debug)]
pub(crate) struct Loader {
    source: Arc<dyn PartSource>,
    /// Node and relationship slots of the image.
    bounds: (u32, u32),
    failure: OnceLock<Error>,
}

impl Loader {
    pub(super) fn new(source: Arc<dyn PartSource>, bounds: (u32, u32)) -> Self {
        Self { source, bounds, failure: OnceLock::new() }
    }

    pub(super) fn adjacency(&self, ty: RelTypeId) -> Csr {
        self.load(&part::out(ty), |bytes| read::adjacency(&bytes, self.bounds))
    }

    pub(super) fn node_column(&self, key: KeyId) -> Column {
        self.load(&part::node(key), column::read)
    }

    pub(super) fn rel_column(&self, key: KeyId) -> Column {
        self.load(&part::rel(key), column::read)
    }

    /// The stored order of an index; nothing when none was stored.
    pub(super) fn order(&self, index: &IndexDefinition) -> Option<Vec<u32>> {
        let bytes = self.source.part(&part::order(index.id.index())).ok()??;
        let bound = match index.subject {
            Subject::Nodes(_) => self.bounds.0,
            Subject::Rels(_) => self.bounds.1,
        };
        bytes::Reader(&bytes).words().ok().filter(|slots| slots.iter().all(|&slot| slot < bound))
    }

    pub(super) fn failure(&self) -> Option<&Error> {
        self.failure.get()
    }

    fn load<T: Default>(&self, name: &str, decode: impl FnOnce(Vec<u8>) -> bytes::Read<T>) -> T {
        let part = memory::aside(|| {
            let bytes = self.source.part(name)?.ok_or_else(|| damaged(name))?;
            decode(bytes).map_err(|_| damaged(name))
        });
        part.unwrap_or_else(|error| {
            let _ = self.failure.set(error); // the first one is told
            T::default()
        })
    }
}
