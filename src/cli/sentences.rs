//! The sentences that facts were taken from, as they stand in the documents now: none is shown without saying whether it is
//! the one that was read.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::args::Source;
use super::terminal::Desk;
use crate::dataset::{self, Documents, Standing};
use crate::engine::Engine;
use crate::error::Result;
use crate::provenance::{Locator, Mention, SourceId};

/// Documents, and what is known of each place in them.
pub(super) struct Sentences {
    documents: Documents,
    /// The fingerprints that mentions of a place have.
    prints: BTreeMap<String, Vec<u64>>,
    /// The fingerprints of whole documents, by source.
    whole: BTreeMap<Arc<str>, Arc<str>>,
    found: Vec<Standing>,
}

impl Sentences {
    /// Reads the documents of a folder. Errors: it cannot be read.
    pub(super) fn open(folder: &Path, source: &Source, engine: &Engine, desk: &Desk) -> Result<Self> {
        let dataset = match &source.data {
            Some(data) => dataset::read(data)?,
            None => dataset::builtin(),
        };
        let mut problems = Vec::new();
        let documents = Documents::open(&dataset, folder, &mut problems)?;
        problems.iter().for_each(|p| desk.note(&format!("warning: {p}")));
        let told = engine.told()?;
        let mut prints: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        let mut note = |source: SourceId, at: Locator, print: u64| {
            prints.entry(format!("{}:{at}", told.source(source))).or_default().push(print);
        };
        let further = told.further.iter().filter_map(|further| further.mention());
        let mentions = told.rels.values().flatten().chain(further);
        mentions.for_each(|Mention { place, fingerprint, .. }| note(place.source, place.at, *fingerprint));
        let whole = dataset.sources.iter().map(|source| (source.id.clone(), source.sha256.clone())).collect();
        Ok(Self { documents, prints, whole, found: Vec::new() })
    }

    /// The sentence at a place such as `003:11.8`, and how it stands.
    pub(super) fn at(&mut self, place: &str) -> Option<(Option<String>, &'static str)> {
        let (source, locator) = place.split_once(':')?;
        let at = Locator::parse(locator)?;
        let prints = self.prints.get(place).map_or(&[][..], Vec::as_slice);
        let whole = self.whole.get(source).map_or("", |sha256| sha256);
        let standing = self.documents.standing(source, at, prints, whole);
        self.found.push(standing);
        Some((self.documents.text(source, at).map(str::to_owned), standing.name()))
    }

    /// Says how many of those that were shown are not what was read; whether there are any.
    pub(super) fn tell(&self, desk: &Desk) -> bool {
        let count = |wanted| self.found.iter().filter(|standing| **standing == wanted).count();
        let (changed, missing) = (count(Standing::Changed), count(Standing::Missing));
        if changed + missing > 0 {
            desk.alarm(&format!(
                "warning: of {} places {changed} have another sentence than the one that was read, {missing} are not in the documents",
                self.found.len()
            ));
        }
        changed + missing > 0
    }
}
