//! Places in documents, each numbered once, with the facts stated there and the documents behind each.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::engine::{Citation, Evidence, Snapshot};
use crate::picture::model::{Cite, Stated};
use crate::provenance::Confidence;
use crate::value::NodeRef;

/// Collects citations; a place that is cited twice keeps its number.
pub(super) struct Shelf {
    titles: HashMap<Arc<str>, String>,
    known: HashMap<Citation, usize>,
    pub(super) cites: Vec<Cite>,
    /// The facts of each citation, as they stand in its list.
    facts: Vec<Vec<Identity>>,
}

/// Which fact it is: two bodies may have one name, and then two facts read the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    /// The relationship type; `named` for the name of a body.
    pub(super) kind: String,
    pub(super) subject: Option<NodeRef>,
    pub(super) object: Option<NodeRef>,
}

/// A fact that is cited, with its words.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) identity: Identity,
    pub(super) words: String,
}

impl Fact {
    /// That a body is named.
    pub(super) fn name(node: NodeRef, of: &str) -> Self {
        let identity = Identity { kind: "named".into(), subject: Some(node), object: None };
        Self { identity, words: format!("{of} named") }
    }
}

impl Shelf {
    /// An empty shelf that knows the titles of the documents.
    pub(super) fn new(snapshot: &Snapshot) -> Self {
        let titles = snapshot.sources().iter().map(|s| (s.id.clone(), s.title.to_string())).collect();
        Self { titles, known: HashMap::new(), cites: Vec::new(), facts: Vec::new() }
    }

    /// The number of a place where `fact` is stated.
    pub(super) fn place(&mut self, place: &Citation, fact: &Fact, support: usize) -> usize {
        let at = *self.known.entry(place.clone()).or_insert_with(|| {
            let locator = place.locator.strip_prefix(&*place.source).unwrap_or(&place.locator);
            self.cites.push(Cite {
                source: place.source.to_string(),
                locator: locator.trim_start_matches(':').into(),
                title: self.titles.get(&place.source).cloned().unwrap_or_default(),
                ..Cite::default()
            });
            self.facts.push(Vec::new());
            self.cites.len() - 1
        });
        let stated = &mut self.cites[at].facts;
        match self.facts[at].iter().position(|identity| *identity == fact.identity) {
            Some(known) => stated[known].support = stated[known].support.max(support),
            None => {
                let (kind, fact_words) = (fact.identity.kind.clone(), fact.words.clone());
                stated.push(Stated { kind, fact: fact_words, support, reading: String::new() });
                self.facts[at].push(fact.identity.clone());
            }
        }
        at
    }

    /// The numbers of places that state `fact`; those that are cited for something else already get no further words.
    pub(super) fn stating(&mut self, places: &[Citation], fact: &Fact) -> Vec<usize> {
        let support = documents(places);
        let number = |place| self.number(place).unwrap_or_else(|| self.place(place, fact, support));
        let mut all: Vec<usize> = places.iter().map(number).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The number of a place that is cited.
    pub(super) fn number(&self, place: &Citation) -> Option<usize> {
        self.known.get(place).copied()
    }

    /// Notes how plainly a place states a fact.
    pub(super) fn read(&mut self, place: &Citation, fact: &Identity, confidence: Confidence) {
        let Some(at) = self.known.get(place).copied() else { return };
        let Some(known) = self.facts[at].iter().position(|identity| identity == fact) else { return };
        let reading_of = &mut self.cites[at].facts[known].reading;
        if reading_of.is_empty() {
            *reading_of = reading(confidence).into();
        }
    }

    /// The numbers of the places that speak of a fact; of places, the first of every document unless `all` are wanted.
    pub(super) fn evidence(&mut self, evidence: &[Evidence], fact: &Fact, all: bool) -> Vec<usize> {
        let support = documents(evidence.iter().map(|place| &place.citation));
        let mut seen: Vec<&str> = Vec::new();
        let mut out = Vec::new();
        for one in evidence {
            if all || !seen.contains(&&*one.citation.source) {
                seen.push(&one.citation.source);
                out.push(self.place(&one.citation, fact, support));
                if let Some(said) = &one.mention {
                    self.read(&one.citation, &fact.identity, said.confidence);
                }
            }
        }
        out
    }
}

/// How many documents the places stand in.
pub(super) fn documents<'a>(places: impl IntoIterator<Item = &'a Citation>) -> usize {
    places.into_iter().map(|place| &*place.source).collect::<HashSet<&str>>().len()
}

/// How plainly a sentence says it, in a word.
fn reading(confidence: Confidence) -> &'static str {
    const WORDS: [(char, &str); 7] = [
        ('I', "inferred"),
        ('X', "identity assumed"),
        ('R', "reference resolved"),
        ('A', "implicit agent"),
        ('V', "evaluative"),
        ('E', "explicit"),
        ('M', "metadata"),
    ];
    WORDS.iter().find(|(code, _)| confidence.has(*code)).map_or("", |(_, word)| word)
}
