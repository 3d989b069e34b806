//! Finding by name: what `find` lists and what other commands resolve.

use std::sync::Arc;

use super::entities;
use super::{Engine, NodeData};
use crate::lineage::names::{Found, Rank};
use crate::provenance::FactId;

/// A node that a name may mean.
#[derive(Clone, Debug)]
pub struct Match {
    /// The node, with its content.
    pub node: NodeData,
    /// Its kind: the property `kind`, else its first label.
    pub kind: Arc<str>,
    /// The name under which it is listed.
    pub name: Arc<str>,
    /// Its id in the dataset; empty when it has none.
    pub id: Arc<str>,
    /// The name that was met.
    pub met: Arc<str>,
    /// How it was met, in words: `name`, `alias`, `spelling` …
    pub how: &'static str,
    /// Whether this alone answers to the name.
    pub certain: bool,
    /// How many documents mention it.
    pub support: usize,
}

impl Engine {
    /// Every node that `name` may mean across spellings and scripts, the best first, at most `limit`: homonyms and
    /// look-alikes stand beside each other and are told apart by [`Match::certain`].
    pub fn find(&self, name: &str, limit: usize) -> Vec<Match> {
        let db = self.read();
        let certain = match db.names().resolve(name) {
            Found::One(candidate) => Some(candidate.node),
            Found::Many(_) | Found::None(_) => None,
        };
        let candidates = db.names().search(name, limit);
        let found = candidates.into_iter().map(|candidate| Match {
            node: entities::node_data(&db.graph, candidate.node),
            kind: candidate.kind,
            name: candidate.name,
            id: candidate.id,
            met: candidate.met.text,
            how: how(candidate.rank),
            certain: certain == Some(candidate.node),
            support: db.evidence.support(FactId::Node(candidate.node)),
        });
        found.collect()
    }
}

fn how(rank: Rank) -> &'static str {
    match rank {
        Rank::Exact => "name",
        Rank::Folded => "same letters",
        Rank::Alias => "alias",
        Rank::Spelling => "spelling",
        Rank::Words => "words",
        Rank::Initials => "initials",
        Rank::Near => "look-alike",
    }
}
