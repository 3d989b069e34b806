//! Which relationships are there: found by type and ends, without keeping them a second time.

use std::hash::{BuildHasher, BuildHasherDefault};

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use crate::graph::{Graph, RelTypeId};
use crate::value::RelRef;

/// What tells one fact from another: type, ends, place in a list.
pub(super) type Fact = (RelTypeId, u32, u32, Option<i64>);

/// Relationships by what they say. Only their numbers are kept: what they say is asked of the graph.
#[derive(Debug, Default)]
pub(super) struct Facts {
    table: HashTable<RelRef>,
}

impl Facts {
    /// The relationship that says this.
    pub(super) fn find(&self, fact: Fact, said_by: impl Fn(RelRef) -> Fact) -> Option<RelRef> {
        self.table.find(hash(fact), |rel| said_by(*rel) == fact).copied()
    }

    /// Adds a relationship that is not there yet.
    pub(super) fn add(&mut self, rel: RelRef, said_by: impl Fn(RelRef) -> Fact) {
        self.table.insert_unique(hash(said_by(rel)), rel, |rel| hash(said_by(*rel)));
    }

    /// Takes out a relationship that says this and is `right` besides: what is found once is not found again.
    pub(super) fn take(
        &mut self,
        fact: Fact,
        said_by: impl Fn(RelRef) -> Fact,
        right: impl Fn(RelRef) -> bool,
    ) -> Option<RelRef> {
        let found = self.table.find_entry(hash(fact), |rel| said_by(*rel) == fact && right(*rel));
        found.ok().map(|entry| entry.remove().0)
    }
}

/// Every relationship of the graph, ascending.
pub(super) fn all(graph: &Graph) -> impl Iterator<Item = RelRef> + use<'_> {
    (0..graph.rel_bound()).map(RelRef::new).filter(|rel| graph.rel_exists(*rel))
}

fn hash(fact: Fact) -> u64 {
    BuildHasherDefault::<FxHasher>::default().hash_one(fact)
}
