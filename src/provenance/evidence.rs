//! The store of evidence: which mentions stand behind which relationship, which places name which node.
//!
//! Invariants: every id kept under a handle lies in `mentions`, every source id in `sources`; a handle
//! with no evidence has no entry. Mentions that were taken out stay in the arena (their ids must not be
//! given out again while an undo log may put them back) until [`Evidence::compact`].

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::{FactId, Mention, Place, Source};
use crate::value::{NodeRef, RelRef};

/// Index of a source in its [`Evidence`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

/// Index of a mention in its [`Evidence`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MentionId(pub u32);

/// Mentions behind relationships, and places behind nodes.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    sources: Vec<Source>,
    source_ids: FxHashMap<Arc<str>, SourceId>,
    mentions: Vec<Mention>,
    by_rel: FxHashMap<RelRef, SmallVec<[MentionId; 2]>>,
    by_node: FxHashMap<NodeRef, Vec<Place>>,
}

impl Evidence {
    /// Whether nothing is known: no source, no mention.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.by_rel.is_empty() && self.by_node.is_empty()
    }

    /// Adds a source, or finds the one of the same id and puts the new particulars in its place.
    /// Nothing when there are already as many sources as ids.
    pub fn add_source(&mut self, source: Source) -> Option<SourceId> {
        if let Some(&known) = self.source_ids.get(&source.id) {
            self.sources[known.0 as usize] = source;
            return Some(known);
        }
        let id = SourceId(u32::try_from(self.sources.len()).ok()?);
        self.source_ids.insert(source.id.clone(), id);
        self.sources.push(source);
        Some(id)
    }

    /// Adds a mention of `rel`. Nothing when its source is unknown or there is no room for another id.
    pub fn add_mention(&mut self, rel: RelRef, mention: Mention) -> Option<MentionId> {
        self.source(mention.place.source)?;
        let id = MentionId(u32::try_from(self.mentions.len()).ok()?);
        self.mentions.push(mention);
        self.by_rel.entry(rel).or_default().push(id);
        Some(id)
    }

    /// Adds a place that names `node`; a place already known is not kept twice.
    /// Nothing when the source is unknown.
    pub fn add_place(&mut self, node: NodeRef, place: Place) -> Option<()> {
        self.source(place.source)?;
        let places = self.by_node.entry(node).or_default();
        if let Err(at) = places.binary_search(&place) {
            places.insert(at, place);
        }
        Some(())
    }

    /// Takes the evidence of a relationship out, as deleting it must. What is returned puts it back.
    pub fn take_rel(&mut self, rel: RelRef) -> SmallVec<[MentionId; 2]> {
        self.by_rel.remove(&rel).unwrap_or_default()
    }

    /// Puts back what [`Self::take_rel`] returned.
    pub fn restore_rel(&mut self, rel: RelRef, mentions: SmallVec<[MentionId; 2]>) {
        if !mentions.is_empty() {
            self.by_rel.insert(rel, mentions);
        }
    }

    /// Takes the places of a node out, as deleting it must. What is returned puts them back.
    pub fn take_node(&mut self, node: NodeRef) -> Vec<Place> {
        for source in self.sources.iter_mut().filter(|s| s.node == Some(node)) {
            source.node = None;
        }
        self.by_node.remove(&node).unwrap_or_default()
    }

    /// Puts back what [`Self::take_node`] returned.
    pub fn restore_node(&mut self, node: NodeRef, places: Vec<Place>) {
        if !places.is_empty() {
            self.by_node.insert(node, places);
        }
    }

    /// Every source, in the order added.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The source behind an id.
    pub fn source(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.0 as usize)
    }

    /// The id of the source called `id` (`003`).
    pub fn source_id(&self, id: &str) -> Option<SourceId> {
        self.source_ids.get(id).copied()
    }

    /// The mention behind an id.
    pub fn mention(&self, id: MentionId) -> Option<&Mention> {
        self.mentions.get(id.0 as usize)
    }

    /// The mentions of a relationship, in the order added; none for a relationship without evidence.
    pub fn mentions_of(&self, rel: RelRef) -> impl ExactSizeIterator<Item = &Mention> {
        self.ids_of(rel).iter().map(|id| &self.mentions[id.0 as usize])
    }

    /// The ids of the mentions of a relationship.
    pub fn ids_of(&self, rel: RelRef) -> &[MentionId] {
        self.by_rel.get(&rel).map_or(&[], |ids| ids)
    }

    /// The places that name a node, in the order of source and locator.
    pub fn places_of(&self, node: NodeRef) -> &[Place] {
        self.by_node.get(&node).map_or(&[], |places| places)
    }

    /// The places behind a relationship or a node: sorted, each once.
    pub fn places(&self, fact: FactId) -> Vec<Place> {
        match fact {
            FactId::Node(node) => self.places_of(node).to_vec(),
            FactId::Rel(rel) => {
                let mut places: Vec<Place> = self.mentions_of(rel).map(|m| m.place).collect();
                places.sort_unstable();
                places.dedup();
                places
            }
        }
    }

    /// The distinct documents behind a relationship or a node, sorted.
    pub fn sources_of(&self, fact: FactId) -> SmallVec<[SourceId; 8]> {
        let mut found: SmallVec<[SourceId; 8]> = match fact {
            FactId::Node(node) => self.places_of(node).iter().map(|p| p.source).collect(),
            FactId::Rel(rel) => self.mentions_of(rel).map(|m| m.place.source).collect(),
        };
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Number of distinct documents behind a relationship or a node.
    pub fn support(&self, fact: FactId) -> usize {
        self.sources_of(fact).len()
    }

    /// Whether one of `sources` asserts the relationship (or names the node).
    pub fn asserted_by(&self, fact: FactId, sources: &[SourceId]) -> bool {
        match fact {
            FactId::Node(node) => self.places_of(node).iter().any(|p| sources.contains(&p.source)),
            FactId::Rel(rel) => self.mentions_of(rel).any(|m| sources.contains(&m.place.source)),
        }
    }

    /// Relationships with evidence, each with its mentions; in the order of the handles.
    pub fn rels(&self) -> impl Iterator<Item = (RelRef, &[MentionId])> {
        let mut rels: Vec<RelRef> = self.by_rel.keys().copied().collect();
        rels.sort_unstable();
        rels.into_iter().map(|rel| (rel, self.ids_of(rel)))
    }

    /// Nodes with places, in the order of the handles.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeRef, &[Place])> {
        let mut nodes: Vec<NodeRef> = self.by_node.keys().copied().collect();
        nodes.sort_unstable();
        nodes.into_iter().map(|node| (node, self.places_of(node)))
    }

    /// Number of mentions that stand behind a relationship.
    pub fn mention_count(&self) -> usize {
        self.by_rel.values().map(SmallVec::len).sum()
    }

    /// A place as it is cited: `000:11`, `003:11.8`.
    pub fn cite(&self, place: Place) -> String {
        let source = self.source(place.source).map_or("?", |s| &*s.id);
        if place.at.paragraph == 0 { source.to_owned() } else { format!("{source}:{}", place.at) }
    }

    /// Drops mentions that nothing points to. Ids change, so no undo log may be open.
    pub fn compact(&mut self) {
        let mut old: Vec<Option<Mention>> = std::mem::take(&mut self.mentions).into_iter().map(Some).collect();
        let mut rels: Vec<RelRef> = self.by_rel.keys().copied().collect();
        rels.sort_unstable();
        for rel in rels {
            let Some(ids) = self.by_rel.get_mut(&rel) else { continue };
            for id in ids {
                if let Some(mention) = old[id.0 as usize].take() {
                    // as many as before at most, so the count still fits an id
                    let new = u32::try_from(self.mentions.len()).unwrap_or(u32::MAX);
                    self.mentions.push(mention);
                    *id = MentionId(new);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Confidence, Locator};
    use super::*;

    fn evidence() -> Evidence {
        let mut evidence = Evidence::default();
        for id in ["000", "001"] {
            evidence.add_source(Source { id: id.into(), ..Source::default() });
        }
        evidence
    }

    fn mention(source: u32, paragraph: u32) -> Mention {
        Mention {
            id: format!("F{paragraph}").into(),
            place: Place { source: SourceId(source), at: Locator::sentence(paragraph, 1) },
            confidence: Confidence::default(),
            fingerprint: 0,
            qualifiers: Box::default(),
        }
    }

    #[test]
    fn support_counts_documents_not_sentences() {
        let mut evidence = evidence();
        let rel = RelRef(7);
        for (source, paragraph) in [(0, 11), (0, 39), (1, 22)] {
            evidence.add_mention(rel, mention(source, paragraph));
        }
        assert_eq!(evidence.mentions_of(rel).len(), 3);
        assert_eq!(evidence.support(FactId::Rel(rel)), 2);
        let cited: Vec<String> = evidence.places(FactId::Rel(rel)).into_iter().map(|p| evidence.cite(p)).collect();
        assert_eq!(cited, ["000:11.1", "000:39.1", "001:22.1"]);
        assert!(evidence.asserted_by(FactId::Rel(rel), &[SourceId(1)]));
        assert_eq!(evidence.support(FactId::Rel(RelRef(8))), 0);
    }

    #[test]
    fn a_handle_given_out_again_inherits_nothing_and_undo_puts_back() {
        let mut evidence = evidence();
        evidence.add_mention(RelRef(1), mention(0, 1));
        evidence.add_mention(RelRef(2), mention(1, 2));
        let taken = evidence.take_rel(RelRef(1));
        evidence.add_mention(RelRef(1), mention(1, 3));
        assert_eq!(evidence.mentions_of(RelRef(1)).map(|m| &*m.id).collect::<Vec<_>>(), ["F3"]);
        evidence.take_rel(RelRef(1));
        evidence.restore_rel(RelRef(1), taken);
        assert_eq!(evidence.mentions_of(RelRef(1)).map(|m| &*m.id).collect::<Vec<_>>(), ["F1"]);
        evidence.compact();
        assert_eq!((evidence.mention_count(), evidence.mentions.len()), (2, 2));
        assert_eq!(evidence.mentions_of(RelRef(2)).map(|m| &*m.id).collect::<Vec<_>>(), ["F2"]);
    }

    #[test]
    fn places_of_a_node_are_kept_once_and_unknown_sources_are_refused() {
        let mut evidence = evidence();
        let node = NodeRef(3);
        for paragraph in [2, 1, 2] {
            evidence.add_place(node, Place { source: SourceId(0), at: Locator::paragraph(paragraph) });
        }
        assert_eq!(evidence.places_of(node).len(), 2);
        assert_eq!(evidence.add_place(node, Place { source: SourceId(9), at: Locator::paragraph(1) }), None);
        assert!(evidence.add_mention(RelRef(1), mention(9, 1)).is_none());
        evidence.take_node(node);
        assert_eq!(evidence.support(FactId::Node(node)), 0);
    }
}
