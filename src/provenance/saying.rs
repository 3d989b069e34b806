//! What documents say of one thing, place by place: what the language shows as maps and the engine as types.

use std::sync::Arc;

use smallvec::SmallVec;

use super::{Evidence, FactId, Mention, Place, SourceId, View, values};

/// One place that speaks of a relationship or names a node.
#[derive(Clone, Debug)]
pub(crate) struct Saying<'a> {
    /// Where.
    pub place: Place,
    /// What is said there of a fact or of a life; nothing where the place only names the node.
    pub mention: Option<&'a Mention>,
    /// Whether the mention fits each of several facts.
    pub either: bool,
    /// The names that a place which names the node uses.
    pub names: Vec<Arc<str>>,
}

impl<'a> Saying<'a> {
    fn of(mention: &'a Mention, either: bool) -> Self {
        Self { place: mention.place, mention: Some(mention), either, names: Vec::new() }
    }
}

impl Mention {
    /// What it states of its fact: values by key, as properties spell it, the keys in order.
    pub(crate) fn states(&self) -> Vec<(Arc<str>, Vec<Arc<str>>)> {
        let mut all: Vec<(Arc<str>, Vec<Arc<str>>)> = Vec::new();
        for (key, value) in self.stated_qualifiers() {
            let key = values::property_key(key);
            match all.iter_mut().find(|(known, _)| *known == key) {
                Some((_, values)) => values.push(value.clone()),
                None => all.push((key, vec![value.clone()])),
            }
        }
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }
}

impl Evidence {
    /// Every place that is seen in `view` and speaks of `fact`: of a relationship the mentions that assert it, then those
    /// that deny it, then those that fit several facts; of a node the places that name it, then those that state its life.
    pub(crate) fn sayings<'a>(&'a self, fact: FactId, view: Option<&'a View>) -> Vec<Saying<'a>> {
        match fact {
            FactId::Rel(rel) => {
                let own = self.seen(rel, view).chain(self.denials_seen(rel, view)).map(|m| Saying::of(m, false));
                own.chain(self.visible(self.either_of(rel), view).map(|m| Saying::of(m, true))).collect()
            }
            FactId::Node(node) => {
                let names: Vec<_> = self.names_seen(node, view).collect();
                let named = self.places_seen(node, view).map(|place| {
                    let here = names.iter().filter(|(_, places)| places.contains(&place));
                    let names = here.map(|(name, _)| name.name.clone()).collect();
                    Saying { place, mention: None, either: false, names }
                });
                named.chain(self.exists_seen(node, view).map(|m| Saying::of(m, false))).collect()
            }
            FactId::Mention(id) => {
                self.mention(id).filter(|m| self.is_seen(m, view)).map(|m| Saying::of(m, false)).into_iter().collect()
            }
        }
    }

    /// The documents seen in `view` that assert a relationship, or name a node or state its life, each once, in order.
    pub(crate) fn documents_seen(&self, fact: FactId, view: Option<&View>) -> SmallVec<[SourceId; 8]> {
        let mut found: SmallVec<[SourceId; 8]> = match fact {
            FactId::Rel(rel) => self.seen(rel, view).map(|mention| mention.place.source).collect(),
            FactId::Node(node) => {
                let named = self.places_seen(node, view).map(|place| place.source);
                named.chain(self.exists_seen(node, view).map(|mention| mention.place.source)).collect()
            }
            FactId::Mention(id) => self.mention(id).map(|mention| mention.place.source).into_iter().collect(),
        };
        found.sort_unstable();
        found.dedup();
        found
    }
}
