//! Documents as a reader opens them: their sentences, where `--sources` gives them, and the facts that stand at each place.
//!
//! ```text
//!  --sources DIR ─► Documents ─┐
//!  what mentions say of places ┴─► by source: place ─► facts, standing
//! ```
//! What stands where is gathered once for a commit, in time linear in the mentions, when somebody opens a document.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::dataset::{Documents, Standing};
use crate::engine::{Further, Snapshot};
use crate::error::Result;
use crate::provenance::{Locator, Mention, SourceId};
use crate::value::hash::DataMap;

/// The documents of a server, and what is known of their places.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    documents: Option<Documents>,
    /// What stands where, at the commit with that number.
    places: Mutex<Option<(u64, Arc<Places>)>>,
}

/// By source, in order of place: what stands there.
pub(crate) type Places = DataMap<Arc<str>, BTreeMap<Locator, Here>>;

/// What stands at one place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Here {
    /// The relationships that are spoken of, by user id.
    pub(crate) rels: Vec<u64>,
    /// The nodes whose life is spoken of, by user id.
    pub(crate) lives: Vec<u64>,
    /// The nodes that are named, by user id.
    pub(crate) named: Vec<u64>,
    prints: Vec<u64>,
}

impl Reading {
    /// With the documents of a folder; what could not be read of it is told. Errors: it cannot be listed.
    pub(crate) fn open(snapshot: &Snapshot, folder: Option<&Path>) -> Result<(Self, Vec<String>)> {
        let Some(folder) = folder else { return Ok((Self::default(), Vec::new())) };
        let places = gathered(snapshot)?;
        let mut known = Vec::new();
        for (source, all) in &places {
            for (at, here) in all {
                known.extend(here.prints.iter().map(|print| (Arc::clone(source), *at, *print)));
            }
        }
        let mut problems = Vec::new();
        let ids = snapshot.sources().iter().map(|source| &*source.id);
        let documents = Documents::of_sources(ids, &known, folder, &mut problems)?;
        let reading =
            Self { documents: Some(documents), places: Mutex::new(Some((snapshot.commit(), Arc::new(places)))) };
        Ok((reading, problems.iter().map(ToString::to_string).collect()))
    }

    /// Whether there are documents at all.
    pub(crate) fn has_documents(&self) -> bool {
        self.documents.is_some()
    }

    /// The documents, where one of this source was read.
    pub(crate) fn of(&self, source: &str) -> Option<&Documents> {
        self.documents.as_ref().filter(|documents| documents.has(source))
    }

    /// What stands where. Errors: those of the store.
    pub(crate) fn places(&self, snapshot: &Snapshot) -> Result<Arc<Places>> {
        let kept = || self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((commit, places)) = &*kept()
            && *commit == snapshot.commit()
        {
            return Ok(Arc::clone(places));
        }
        let places = Arc::new(gathered(snapshot)?);
        *kept() = Some((snapshot.commit(), Arc::clone(&places)));
        Ok(places)
    }

    /// The text at a place, and how it stands to what the mentions of the place were made from.
    pub(crate) fn text(&self, source: &str, at: Locator, here: Option<&Here>) -> (Option<&str>, Option<Standing>) {
        let Some(documents) = &self.documents else { return (None, None) };
        let standing = here.map(|here| documents.standing(source, at, &here.prints, ""));
        (documents.text(source, at), standing)
    }

    /// The sentences above and below a place, at most so many, in the order of the document.
    pub(crate) fn around(&self, source: &str, at: Locator, most: usize) -> (Told<'_>, Told<'_>) {
        let Some(documents) = self.of(source) else { return (Vec::new(), Vec::new()) };
        let count = |paragraph: u32| u16::try_from(documents.sentences(source, paragraph)).unwrap_or(u16::MAX);
        let told = |at: Locator| documents.text(source, at).map(|text| (at, text));
        let last = u32::try_from(documents.paragraphs(source)).unwrap_or(u32::MAX);
        let before = (1..=at.paragraph.min(last)).rev().flat_map(|paragraph| {
            let own = if paragraph == at.paragraph { at.first.saturating_sub(1) } else { count(paragraph) };
            (1..=own.min(count(paragraph))).rev().map(move |n| Locator::sentence(paragraph, n))
        });
        let after = (at.paragraph.max(1)..=last).flat_map(|paragraph| {
            let from = match paragraph == at.paragraph {
                true if at.first == 0 => count(paragraph),
                true => at.last,
                false => 0,
            };
            (from.saturating_add(1)..=count(paragraph)).map(move |n| Locator::sentence(paragraph, n))
        });
        let mut above: Told<'_> = before.filter_map(told).take(most).collect();
        above.reverse();
        (above, after.filter_map(told).take(most).collect())
    }
}

/// Sentences with their places.
type Told<'a> = Vec<(Locator, &'a str)>;

impl Here {
    /// Whether a fact or a life is spoken of, and not only a name used.
    pub(crate) fn is_cited(&self) -> bool {
        !self.rels.is_empty() || !self.lives.is_empty()
    }
}

/// Every place that a mention, a life or a name stands at. Errors: those of the store.
fn gathered(snapshot: &Snapshot) -> Result<Places> {
    let told = snapshot.told()?;
    let ids: Vec<Arc<str>> = told.sources.iter().map(|(source, _)| source.id.clone()).collect();
    let mut places = Places::default();
    let mut at = |source: SourceId, locator: Locator, note: &dyn Fn(&mut Here)| {
        if let Some(id) = ids.get(source.0 as usize) {
            note(places.entry(id.clone()).or_default().entry(locator).or_default());
        }
    };
    let add = |list: &mut Vec<u64>, id: u64| {
        if list.last() != Some(&id) {
            list.push(id);
        }
    };
    let mention = |here: &mut Here, mention: &Mention| here.prints.push(mention.fingerprint);
    for (rel, mentions) in &told.rels {
        for one in mentions {
            at(one.place.source, one.place.at, &|here| {
                add(&mut here.rels, *rel);
                mention(here, one);
            });
        }
    }
    for (node, named) in &told.nodes {
        named.iter().for_each(|place| at(place.source, place.at, &|here| add(&mut here.named, *node)));
    }
    for further in &told.further {
        match further {
            Further::Exists { node, mention: one } => at(one.place.source, one.place.at, &|here| {
                add(&mut here.lives, *node);
                mention(here, one);
            }),
            Further::Either { rels, mention: one } => at(one.place.source, one.place.at, &|here| {
                rels.iter().for_each(|rel| add(&mut here.rels, *rel));
                mention(here, one);
            }),
            Further::Part { node, mention: one, .. } => at(one.place.source, one.place.at, &|here| {
                add(&mut here.lives, *node);
                mention(here, one);
            }),
            Further::Name { node, name } => {
                name.places.iter().for_each(|place| at(place.source, place.at, &|here| add(&mut here.named, *node)))
            }
            Further::Qualifier(_) | Further::Frame(_) => {}
        }
    }
    Ok(places)
}
