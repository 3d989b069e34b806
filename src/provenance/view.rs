//! What is seen of the evidence: all of it, or what some sources say.
//!
//! `ACCORDING TO` and `KNOWN BY` look at a graph through a view: properties, names, lives, support and citations are
//! those of the mentions in it. What was grouped into facts and events once, from all mentions, stays as it is.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::{Evidence, Mention, MentionId, NameUse, Place, SourceId};
use crate::value::{NodeRef, RelRef};

/// The sources that are seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct View {
    /// One bit a source.
    sources: SmallVec<[u64; 2]>,
}

impl View {
    /// A view of these sources, of nothing when there are none.
    pub(crate) fn of(sources: impl IntoIterator<Item = SourceId>) -> Self {
        let mut view = Self::default();
        for SourceId(id) in sources {
            let (word, bit) = (id as usize / 64, id % 64);
            if view.sources.len() <= word {
                view.sources.resize(word + 1, 0);
            }
            view.sources[word] |= 1 << bit;
        }
        view
    }

    /// Whether a source is seen.
    pub(crate) fn sees(&self, SourceId(id): SourceId) -> bool {
        self.sources.get(id as usize / 64).is_some_and(|word| word & (1 << (id % 64)) != 0)
    }

    /// What is seen in either.
    #[must_use]
    pub(crate) fn union(&self, other: &Self) -> Self {
        let len = self.sources.len().max(other.sources.len());
        let word = |of: &Self, at: usize| of.sources.get(at).copied().unwrap_or(0);
        Self { sources: (0..len).map(|at| word(self, at) | word(other, at)).collect() }
    }

    /// What is seen in both.
    #[must_use]
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        let mut sources: SmallVec<[u64; 2]> = self.sources.iter().zip(&other.sources).map(|(a, b)| a & b).collect();
        while sources.last() == Some(&0) {
            sources.pop();
        }
        Self { sources }
    }
}

/// The views of one statement, each with a number. Number 0 sees everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Views {
    all: Vec<View>,
    numbers: FxHashMap<View, u32>,
}

impl Views {
    /// The number of a view; 0 for everything.
    pub(crate) fn number(&mut self, view: View) -> u32 {
        let next = u32::try_from(self.all.len() + 1).unwrap_or(u32::MAX);
        let all = &mut self.all;
        *self.numbers.entry(view).or_insert_with_key(|view| {
            all.push(view.clone());
            next
        })
    }

    /// The view of a number; nothing for everything.
    pub(crate) fn get(&self, number: u32) -> Option<&View> {
        self.all.get((number as usize).checked_sub(1)?)
    }

    /// The view that sees what either sees.
    pub(crate) fn union(&mut self, a: u32, b: u32) -> u32 {
        match (self.get(a), self.get(b)) {
            (Some(x), Some(y)) if a != b => {
                let both = x.union(y);
                self.number(both)
            }
            (Some(_), Some(_)) => a,
            _ => 0,
        }
    }
}

/// Whether `view` sees a source; without one, everything is seen.
pub(crate) fn sees(view: Option<&View>, source: SourceId) -> bool {
    view.is_none_or(|view| view.sees(source))
}

impl Evidence {
    /// The mentions that assert a relationship and are seen in `view`: not those that another seen one corrects.
    pub(crate) fn seen<'a>(&'a self, rel: RelRef, view: Option<&'a View>) -> impl Iterator<Item = &'a Mention> + Clone {
        self.visible(self.ids_of(rel), view)
    }

    /// The mentions that deny a relationship and are seen in `view`.
    pub(crate) fn denials_seen<'a>(
        &'a self,
        rel: RelRef,
        view: Option<&'a View>,
    ) -> impl Iterator<Item = &'a Mention> + Clone {
        self.visible(self.denials_of(rel), view)
    }

    /// The mentions of the life of a node that are seen in `view`.
    pub(crate) fn exists_seen<'a>(
        &'a self,
        node: NodeRef,
        view: Option<&'a View>,
    ) -> impl Iterator<Item = &'a Mention> + Clone {
        self.visible(self.exists_of(node), view)
    }

    /// Those of `ids` that are seen in `view`.
    pub(crate) fn visible<'a>(
        &'a self,
        ids: &'a [MentionId],
        view: Option<&'a View>,
    ) -> impl Iterator<Item = &'a Mention> + Clone {
        let all = ids.iter().filter_map(|id| self.mention(*id));
        all.filter(move |mention| self.is_seen(mention, view))
    }

    /// Whether a mention is seen in `view` and no mention seen there corrects it.
    pub(crate) fn is_seen(&self, mention: &Mention, view: Option<&View>) -> bool {
        let corrected = |id: &MentionId| self.mention(*id).is_some_and(|by| sees(view, by.place.source));
        sees(view, mention.place.source) && !self.corrections_of(mention).iter().any(corrected)
    }

    /// Whether every mention of some relationship is corrected.
    pub(crate) fn has_withdrawn(&self) -> bool {
        let is_withdrawn = |ids: &[MentionId]| !ids.is_empty() && self.visible(ids, None).next().is_none();
        self.has_corrections()
            && match self.corrected_rels() {
                Some(known) => known.iter().any(|rel| is_withdrawn(self.ids_of(*rel))),
                None => self.rels().any(|(_, ids)| is_withdrawn(ids)),
            }
    }

    /// The names of a node that are seen in `view`, each with the places that use it there. Without a view also names
    /// that no place uses.
    pub(crate) fn names_seen<'a>(
        &'a self,
        node: NodeRef,
        view: Option<&'a View>,
    ) -> impl Iterator<Item = (&'a NameUse, Vec<Place>)> {
        self.names_of(node).iter().filter_map(move |name| {
            let places: Vec<Place> = name.places.iter().filter(|place| sees(view, place.source)).copied().collect();
            (view.is_none() || !places.is_empty()).then_some((name, places))
        })
    }

    /// The places that name a node and are seen in `view`.
    pub(crate) fn places_seen<'a>(&'a self, node: NodeRef, view: Option<&'a View>) -> impl Iterator<Item = Place> {
        self.places_of(node).iter().filter(move |place| sees(view, place.source)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_have_numbers_and_the_whole_takes_in_everything() {
        let mut views = Views::default();
        let (a, b) = (views.number(View::of([SourceId(1)])), views.number(View::of([SourceId(70)])));
        assert_eq!(views.number(View::of([SourceId(1)])), a);
        let both = views.union(a, b);
        assert_eq!(views.union(both, a), both);
        assert_eq!(views.union(a, 0), 0);
        let seen = views.get(both).expect("a view");
        assert!(seen.sees(SourceId(1)) && seen.sees(SourceId(70)) && !seen.sees(SourceId(2)));
        assert!(views.get(0).is_none());
        let none = View::of([SourceId(1)]).intersection(&View::of([SourceId(70)]));
        assert_eq!(none, View::default());
    }
}
