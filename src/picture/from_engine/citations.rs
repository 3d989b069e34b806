//! Places in documents, each numbered once, with the facts stated there and the documents behind each.

use std::collections::HashMap;

use crate::engine::Engine;
use crate::picture::model::{Cite, Stated};
use crate::value::{Map, Value};

/// Collects citations; a place that is cited twice keeps its number.
pub(super) struct Shelf {
    titles: HashMap<String, String>,
    known: HashMap<(String, String), usize>,
    pub(super) cites: Vec<Cite>,
}

/// A fact that is cited: its type and its words.
#[derive(Clone, Debug, Default)]
pub(super) struct Fact {
    pub(super) kind: String,
    pub(super) words: String,
}

impl Fact {
    /// That a body is named.
    pub(super) fn name(of: &str) -> Self {
        Self { kind: "named".into(), words: format!("{of} named") }
    }
}

impl Shelf {
    /// An empty shelf that knows the titles of the engine's documents.
    pub(super) fn new(engine: &Engine) -> Self {
        let titles = engine.sources().into_iter().map(|s| (s.id.to_string(), s.title.to_string())).collect();
        Self { titles, known: HashMap::new(), cites: Vec::new() }
    }

    /// The number of the place `document:paragraph.sentence`, where `fact` is stated.
    pub(super) fn place(&mut self, place: &str, fact: &Fact, support: usize) -> usize {
        let (source, locator) = place.split_once(':').unwrap_or((place, ""));
        let key = (source.to_string(), locator.to_string());
        let at = *self.known.entry(key).or_insert_with(|| {
            self.cites.push(Cite {
                source: source.into(),
                locator: locator.into(),
                title: self.titles.get(source).cloned().unwrap_or_default(),
                ..Cite::default()
            });
            self.cites.len() - 1
        });
        let facts = &mut self.cites[at].facts;
        match facts.iter_mut().find(|f| f.kind == fact.kind && f.fact == fact.words) {
            Some(known) => known.support = known.support.max(support),
            None => {
                let reading = String::new();
                facts.push(Stated { kind: fact.kind.clone(), fact: fact.words.clone(), support, reading });
            }
        }
        at
    }

    /// Notes how plainly a place states the facts of a type.
    pub(super) fn read(&mut self, place: &str, kind: &str, confidence: &str) {
        let (source, locator) = place.split_once(':').unwrap_or((place, ""));
        let Some(at) = self.known.get(&(source.to_string(), locator.to_string())) else { return };
        for fact in self.cites[*at].facts.iter_mut().filter(|f| f.kind == kind && f.reading.is_empty()) {
            fact.reading = reading(confidence).into();
        }
    }

    /// The numbers of the mentions or places that `evidence()` gives; of places, the first of every document.
    pub(super) fn evidence(&mut self, evidence: &Value, fact: &Fact, all: bool) -> Vec<usize> {
        let maps = maps(evidence);
        let mut documents: Vec<&str> = maps.iter().filter_map(|m| get(m, "source")).collect();
        documents.sort_unstable();
        documents.dedup();
        let support = documents.len();
        let mut seen = Vec::new();
        let mut out = Vec::new();
        for map in maps {
            let (Some(source), Some(locator)) = (get(map, "source"), get(map, "locator")) else { continue };
            if all || !seen.contains(&source) {
                seen.push(source);
                out.push(self.place(locator, fact, support));
                self.read(locator, &fact.kind, get(map, "confidence").unwrap_or(""));
            }
        }
        out
    }
}

/// The maps in a list.
pub(super) fn maps(list: &Value) -> Vec<&Map> {
    let Value::List(items) = list else { return Vec::new() };
    items.iter().filter_map(|i| if let Value::Map(map) = i { Some(map) } else { None }).collect()
}

/// A text in a map.
pub(super) fn get<'a>(map: &'a Map, key: &str) -> Option<&'a str> {
    match map.get(key) {
        Some(Value::Str(text)) => Some(text.as_ref()),
        _ => None,
    }
}

/// The dataset's letters for how plainly a sentence says it, in words.
fn reading(code: &str) -> &'static str {
    match code.chars().find(|c| "IXRAVME".contains(*c)) {
        _ if code.contains('I') => "inferred",
        _ if code.contains('X') => "identity assumed",
        _ if code.contains('R') => "reference resolved",
        _ if code.contains('A') => "implicit agent",
        _ if code.contains('V') => "evaluative",
        Some('M') => "metadata",
        Some('E') => "explicit",
        _ => "",
    }
}
