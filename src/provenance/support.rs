//! How much stands behind a fact: documents, and independent voices among them.

use rustc_hash::FxHashMap;

use super::{Evidence, Place, SourceId};
use crate::value::hash::DataMap;

impl Evidence {
    /// How many independent voices speak in `sources` (each named once): sources of one `group` are one, and so are a
    /// source and what it derives from.
    pub(crate) fn witnesses(&self, sources: &[SourceId]) -> usize {
        let mut voices: Vec<usize> = (0..sources.len()).collect();
        fn voice(voices: &mut [usize], mut at: usize) -> usize {
            while voices[at] != at {
                voices[at] = voices[voices[at]];
                at = voices[at];
            }
            at
        }
        let mut first: DataMap<&str, usize> = DataMap::default();
        let mut origins: FxHashMap<SourceId, usize> = FxHashMap::default();
        for (at, id) in sources.iter().enumerate() {
            let Some(source) = self.source(*id) else { continue };
            if !source.group.is_empty() {
                let other = *first.entry(&source.group).or_insert(at);
                let (a, b) = (voice(&mut voices, at), voice(&mut voices, other));
                voices[a] = b;
            }
            for origin in self.origins(*id) {
                let other = *origins.entry(origin).or_insert(at);
                let (a, b) = (voice(&mut voices, at), voice(&mut voices, other));
                voices[a] = b;
            }
        }
        (0..sources.len()).filter(|at| voices[*at] == *at).count()
    }

    /// A source and everything it derives from, directly or not, each once.
    fn origins(&self, id: SourceId) -> Vec<SourceId> {
        let mut all = vec![id];
        let mut at = 0;
        while let Some(source) = all.get(at).and_then(|id| self.source(*id)) {
            for origin in source.derives_from.iter().filter_map(|id| self.source_id(id)) {
                if !all.contains(&origin) {
                    all.push(origin);
                }
            }
            at += 1;
        }
        all
    }

    /// A place as it is cited: `000:11`, `003:11.8`.
    pub(crate) fn cite(&self, place: Place) -> String {
        let source = self.source(place.source).map_or("?", |s| &*s.id);
        if place.at.paragraph == 0 { source.to_owned() } else { format!("{source}:{}", place.at) }
    }
}

/// What unit tests ask of a fact, without a view.
#[cfg(test)]
mod asked {
    use smallvec::SmallVec;

    use super::*;
    use crate::provenance::FactId;

    impl Evidence {
        /// The places behind a relationship or a node: sorted, each once.
        pub(crate) fn places(&self, fact: FactId) -> Vec<Place> {
            match fact {
                FactId::Node(node) => self.places_of(node).to_vec(),
                FactId::Rel(rel) => {
                    let mut places: Vec<Place> = self.mentions_of(rel).map(|m| m.place).collect();
                    places.sort_unstable();
                    places.dedup();
                    places
                }
                FactId::Mention(id) => self.mention(id).map(|mention| mention.place).into_iter().collect(),
            }
        }

        /// The distinct documents behind a relationship or a node, sorted.
        pub(crate) fn sources_of(&self, fact: FactId) -> SmallVec<[SourceId; 8]> {
            let mut found: SmallVec<[SourceId; 8]> = match fact {
                FactId::Node(node) => self.places_of(node).iter().map(|p| p.source).collect(),
                FactId::Rel(rel) => self.mentions_of(rel).map(|m| m.place.source).collect(),
                FactId::Mention(id) => self.mention(id).map(|m| m.place.source).into_iter().collect(),
            };
            found.sort_unstable();
            found.dedup();
            found
        }

        /// Number of distinct documents behind a relationship or a node.
        pub(crate) fn support(&self, fact: FactId) -> usize {
            self.sources_of(fact).len()
        }
    }
}
