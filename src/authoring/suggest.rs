//! What a sentence offers: names, dates, numbers and relations that stand in it, as choices; and the names in a document that nothing is
//! called by. Nothing is concluded: which of them belong together, who reads the sentence says.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::dates::{Counted, Dated, dates, numbers};
use super::folder::Folder;
use super::names::{self, Named};
use super::words::words;
use crate::provenance::Locator;

/// What stands in one sentence.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) source: Arc<str>,
    pub(crate) at: Locator,
    pub(crate) sentence: String,
    pub(crate) fingerprint: u64,
    pub(crate) named: Vec<Named>,
    pub(crate) dates: Vec<Dated>,
    pub(crate) numbers: Vec<Counted>,
    /// Relations of which a word stands in it, with the words.
    pub(crate) relations: Vec<(Arc<str>, String)>,
    /// What looks like a name and is none that is known.
    pub(crate) unlinked: Vec<String>,
}

/// What a sentence offers; nothing when there is none at the place.
pub(crate) fn offer(folder: &Folder, source: &str, at: Locator) -> Option<Offer> {
    let text = folder.documents.text(source, at)?;
    let said = words(text);
    let relations = folder.relations().filter_map(|(relation, spoken)| {
        let found = spoken.find(&said)?;
        let words = &text[said[found.start].at.start..said[found.end - 1].at.end];
        Some((relation.id.clone(), words.to_owned()))
    });
    let named = folder.names.named(text);
    let dates = dates(text);
    let within = |at: &std::ops::Range<usize>| {
        let over = |other: &std::ops::Range<usize>| other.start < at.end && at.start < other.end;
        dates.iter().any(|date| over(&date.at)) || named.iter().any(|one| over(&one.at))
    };
    let numbers = numbers(text).into_iter().filter(|one| !within(&one.at)).collect();
    let unlinked = names::unlinked(text, &named).into_iter().map(|at| text[at].to_owned()).collect();
    Some(Offer {
        source: folder.source(source)?.id.clone(),
        at,
        sentence: text.to_owned(),
        fingerprint: folder.documents.fingerprint(source, at).unwrap_or_default(),
        relations: relations.collect(),
        numbers,
        unlinked,
        named,
        dates,
    })
}

/// A name that nothing in the tables has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unlinked {
    pub(crate) name: String,
    /// How many sentences have it.
    pub(crate) count: usize,
    /// The first places.
    pub(crate) places: Vec<String>,
}

/// The names of a document that nothing is called by, the frequent ones first.
pub(crate) fn unlinked(folder: &Folder, source: &str) -> Vec<Unlinked> {
    const PLACES: usize = 5;
    let mut all: BTreeMap<String, Unlinked> = BTreeMap::new();
    let Some(document) = folder.documents.get(source) else { return Vec::new() };
    for (at, _, text, _) in document.numbered() {
        let named = folder.names.named(text);
        for range in names::unlinked(text, &named) {
            let name = &text[range];
            let entry = all.entry(name.to_owned()).or_insert_with(|| Unlinked {
                name: name.to_owned(),
                count: 0,
                places: Vec::new(),
            });
            entry.count += 1;
            if entry.places.len() < PLACES {
                entry.places.push(format!("{source}:{at}"));
            }
        }
    }
    let mut all: Vec<Unlinked> = all.into_values().collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.count));
    all
}
