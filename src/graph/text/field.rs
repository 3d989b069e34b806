//! The words of one property: which texts have each, and how often.
//!
//! Words lie in shards by hash that versions share, so that a write copies the shards of its own words. Positions are not
//! kept: whether words follow one another is read from the texts themselves.

use std::sync::Arc;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::graph::column::Column;
use crate::graph::index::Posting;
use crate::graph::paged::Paged;
use crate::graph::pool::text_hash;
use crate::graph::shards::Shards;
use crate::value::Value;
use crate::value::fold::fold;

/// The words of one property over all slots of an index.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    /// How many words the text of a slot has.
    lengths: Paged<u32, 256>,
    texts: u64,
    words: u64,
    terms: Shards<Terms>,
}

/// A copy of a shard shares the words, and a write copies those it touches.
#[derive(Clone, Debug, Default)]
struct Terms(HashTable<Arc<Term>>);

/// A word and the texts that have it.
#[derive(Clone, Debug)]
pub(super) struct Term {
    word: Box<str>,
    slots: Posting,
    /// How often it stands in texts in which it stands more than once, by slot.
    often: Box<[(u32, u32)]>,
}

impl Term {
    pub(super) fn word(&self) -> &str {
        &self.word
    }

    /// How many texts have it.
    pub(super) fn texts(&self) -> u64 {
        self.slots.len()
    }

    /// The texts that have it, ascending, and how often it stands in each.
    pub(super) fn slots(&self) -> Vec<(u32, u32)> {
        let mut slots = Vec::new();
        self.slots.append_to(&mut slots);
        slots.into_iter().map(|slot| (slot, self.times(slot))).collect()
    }

    fn times(&self, slot: u32) -> u32 {
        self.often.binary_search_by_key(&slot, |pair| pair.0).map_or(1, |at| self.often[at].1)
    }

    fn weight(&self) -> usize {
        1 + self.slots.weight()
    }

    fn note_times(&mut self, slot: u32, times: u32) {
        let known = self.often.binary_search_by_key(&slot, |pair| pair.0);
        if times < 2 && known.is_err() {
            return;
        }
        let mut often = std::mem::take(&mut self.often).into_vec();
        match known {
            Ok(at) if times < 2 => drop(often.remove(at)),
            Ok(at) => often[at].1 = times,
            Err(at) => often.insert(at, (slot, times)),
        }
        self.often = often.into();
    }
}

fn hash_of(term: &Arc<Term>) -> u64 {
    text_hash(&term.word)
}

impl Field {
    /// Puts the words of a slot in.
    pub(super) fn insert(&mut self, slot: u32, words: Vec<String>) {
        let count = words.len() as u32;
        if count == 0 {
            return;
        }
        self.lengths.set(slot, count);
        self.texts += 1;
        self.words += u64::from(count);
        for (word, times) in counted(words) {
            let hash = text_hash(&word);
            let Terms(table) = self.terms.of_mut(hash);
            let heavier = match table.entry(hash, |term| *term.word == *word, hash_of) {
                Entry::Occupied(mut there) => {
                    let term = Arc::make_mut(there.get_mut());
                    let before = term.weight();
                    term.slots.insert(slot);
                    term.note_times(slot, times);
                    term.weight() - before
                }
                Entry::Vacant(vacant) => {
                    let mut term = Term { word: word.into(), slots: Posting::default(), often: Box::default() };
                    term.slots.insert(slot);
                    term.note_times(slot, times);
                    let weight = term.weight();
                    vacant.insert(Arc::new(term));
                    weight
                }
            };
            if self.terms.gain(heavier) {
                self.terms.grow(|old, leaves| {
                    let moved = old.0.extract_if(|term| leaves(hash_of(term)));
                    let mut table = HashTable::new();
                    moved.for_each(|term| {
                        table.insert_unique(hash_of(&term), term, hash_of);
                    });
                    Terms(table)
                });
            }
        }
    }

    /// Takes the words of a slot out.
    pub(super) fn remove(&mut self, slot: u32, words: Vec<String>) {
        let count = words.len() as u32;
        if count == 0 {
            return;
        }
        self.lengths.set(slot, 0);
        self.texts -= 1;
        self.words -= u64::from(count);
        for (word, _) in counted(words) {
            let hash = text_hash(&word);
            let Terms(table) = self.terms.of_mut(hash);
            let Ok(mut there) = table.find_entry(hash, |term| *term.word == *word) else { continue };
            let term = Arc::make_mut(there.get_mut());
            let before = term.weight();
            term.slots.remove(slot);
            term.note_times(slot, 1);
            let after = if term.texts() == 0 { 0 } else { term.weight() };
            if after == 0 {
                there.remove();
            }
            self.terms.lose(before - after);
        }
    }

    /// How many texts there are.
    pub(super) fn texts(&self) -> u64 {
        self.texts
    }

    /// How many words the text of a slot has, as a multiple of what a text has on average.
    pub(super) fn length(&self, slot: u32) -> f64 {
        f64::from(self.lengths.get(slot)) * self.texts as f64 / (self.words as f64).max(1.0)
    }

    pub(super) fn term(&self, word: &str) -> Option<&Term> {
        let hash = text_hash(word);
        self.terms.of(hash).0.find(hash, |term| *term.word == *word).map(|term| &**term)
    }

    /// Every word, in no order.
    pub(super) fn terms(&self) -> impl Iterator<Item = &Term> {
        self.terms.iter().flat_map(|Terms(table)| table.iter().map(|term| &**term))
    }

    /// Everything in it, in an order of its own.
    pub(super) fn dump(&self) -> Vec<(String, Vec<(u32, u32)>)> {
        let mut all: Vec<_> = self.terms().map(|term| (term.word.to_string(), term.slots())).collect();
        all.sort_unstable();
        all
    }

    /// Whether the counts are those of the words.
    pub(super) fn is_sound(&self) -> bool {
        let weight: usize = self.terms().map(Term::weight).sum();
        let words: u64 = self.terms().flat_map(Term::slots).map(|(_, times)| u64::from(times)).sum();
        (weight, words) == (self.terms.weight(), self.words)
    }

    /// How many shards are not those of another clone.
    #[cfg(test)]
    pub(super) fn own(&self, other: &Self) -> usize {
        self.terms.own(&other.terms)
    }
}

/// Each word once, with how often it stood there.
fn counted(mut words: Vec<String>) -> Vec<(String, u32)> {
    words.sort_unstable();
    let mut counted: Vec<(String, u32)> = Vec::with_capacity(words.len());
    for word in words {
        match counted.last_mut() {
            Some((last, times)) if *last == word => *times += 1,
            _ => counted.push((word, 1)),
        }
    }
    counted
}

/// The words of what stands at a slot, in their order: of a text, or of all texts in a list.
pub(super) fn words_at(column: &Column, slot: u32) -> Vec<String> {
    if let Some(text) = column.str(slot) {
        return words(text);
    }
    let Value::List(items) = column.get(slot) else { return Vec::new() };
    let text = |item: &Value| match item {
        Value::Str(text) => words(text),
        _ => Vec::new(),
    };
    items.iter().flat_map(text).collect()
}

/// The words of a text as they are compared: spelt alike across case, marks and scripts. Of writing without spaces between
/// words, each sign is one.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in fold(text).split(' ').filter(|word| !word.is_empty()) {
        if !word.contains(stands_alone) {
            words.push(word.to_owned());
            continue;
        }
        let mut spelt = String::new();
        for c in word.chars() {
            if !stands_alone(c) {
                spelt.push(c);
                continue;
            }
            if !spelt.is_empty() {
                words.push(std::mem::take(&mut spelt));
            }
            words.push(c.to_string());
        }
        if !spelt.is_empty() {
            words.push(spelt);
        }
    }
    words
}

/// Signs of scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, kana, Han.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_spelt_alike() {
        assert_eq!(words("Ulttyq Qūryltai"), words("ұлттық құрылтай"));
        assert_eq!(words("state-owned"), ["state", "ouned"]);
        assert_eq!(words("東京 Tower, 2号"), ["東", "京", "touer", "2", "号"]);
        assert_eq!(words("—…"), Vec::<String>::new());
    }
}
