//! Places in documents, each numbered once, with the most that any fact there is supported by.

use std::collections::HashMap;

use crate::engine::Engine;
use crate::picture::model::Cite;
use crate::value::{Map, Value};

/// Collects citations; a place that is cited twice keeps its number.
pub(super) struct Shelf {
    titles: HashMap<String, String>,
    known: HashMap<(String, String), usize>,
    pub(super) cites: Vec<Cite>,
}

impl Shelf {
    /// An empty shelf that knows the titles of the engine's documents.
    pub(super) fn new(engine: &Engine) -> Self {
        let titles = engine.sources().into_iter().map(|s| (s.id.to_string(), s.title.to_string())).collect();
        Self { titles, known: HashMap::new(), cites: Vec::new() }
    }

    /// The number of the place `document:paragraph.sentence`.
    pub(super) fn place(&mut self, place: &str, support: usize, confidence: &str) -> usize {
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
        let cite = &mut self.cites[at];
        cite.support = cite.support.max(support);
        if cite.confidence.is_empty() {
            cite.confidence = reading(confidence).into();
        }
        at
    }

    /// The numbers of the mentions or places that `evidence()` gives; of places, the first of every document.
    pub(super) fn evidence(&mut self, evidence: &Value, all: bool) -> Vec<usize> {
        let Value::List(items) = evidence else { return Vec::new() };
        let maps: Vec<&Map> =
            items.iter().filter_map(|i| if let Value::Map(map) = i { Some(map) } else { None }).collect();
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
                out.push(self.place(locator, support, get(map, "confidence").unwrap_or("")));
            }
        }
        out
    }
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
