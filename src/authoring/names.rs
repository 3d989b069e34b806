//! The names of a dataset in a sentence: where each stands, and whom it may mean. The longest name that stands at a word is taken, so that
//! the Ministry of Health and Sport is not the Ministry of Health; one that several share is given with all of them, and nobody chooses.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::words::{Word, same, words};
use crate::dataset::{AliasStatus, Dataset};

/// A name that stands in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) at: Range<usize>,
    /// Everything that is called so, by id; several where a name is shared.
    pub(crate) who: Vec<Arc<str>>,
    /// It describes rather than names: `the lower house`.
    pub(crate) describes: bool,
    /// It stands within a longer name: Health in the Ministry of Health.
    pub(crate) within: bool,
}

/// The names of a dataset by the beginning of their first word.
#[derive(Debug, Default)]
pub(crate) struct Names {
    by_beginning: BTreeMap<String, Vec<Name>>,
}

#[derive(Debug)]
struct Name {
    words: Vec<Word>,
    who: Arc<str>,
    describes: bool,
}

/// So many bytes of the first word lead to the names.
const BEGINNING: usize = 3;

fn beginning(folded: &str) -> String {
    folded.chars().take(BEGINNING).collect()
}

impl Names {
    /// The names and aliases of a dataset, but those that no document uses.
    pub(crate) fn of(dataset: &Dataset) -> Self {
        let mut names = Self::default();
        for entity in &dataset.entities {
            names.add(&entity.name, &entity.id, false);
        }
        for alias in &dataset.aliases {
            names.add(&alias.name, &alias.entity, alias.status == AliasStatus::Description);
        }
        names
    }

    pub(crate) fn add(&mut self, name: &str, who: &Arc<str>, describes: bool) {
        let mut words = words(name);
        let articles = words.iter().take_while(|word| ["the", "a", "an"].contains(&word.folded.as_str())).count();
        if articles < words.len() {
            words.drain(..articles);
        }
        let Some(first) = words.first() else { return };
        // what one letter or one figure says is too little to be found by
        if words.len() == 1 && first.folded.chars().count() < 2 {
            return;
        }
        let list = self.by_beginning.entry(beginning(&first.folded)).or_default();
        if !list
            .iter()
            .any(|known| known.who == *who && known.words.iter().map(|w| &w.folded).eq(words.iter().map(|w| &w.folded)))
        {
            list.push(Name { words, who: who.clone(), describes });
        }
    }

    /// The names in a text, in order: the longest that stand there, none of which overlaps another, and those within them.
    pub(crate) fn named(&self, text: &str) -> Vec<Named> {
        let said = words(text);
        let mut out = Vec::new();
        let mut covered = 0;
        for at in 0..said.len() {
            for (long, who, describes) in self.standing(text, &said[at..]) {
                let within = at < covered;
                if within && at + long > covered {
                    continue;
                }
                covered = covered.max(at + long);
                out.push(Named { at: said[at].at.start..said[at + long - 1].at.end, who, describes, within });
            }
        }
        out
    }

    /// The names that stand at the front of these words, the longest first: how many words each takes, and whose it is.
    fn standing(&self, text: &str, said: &[Word]) -> Vec<(usize, Vec<Arc<str>>, bool)> {
        let mut found: Vec<(usize, Vec<Arc<str>>, bool)> = Vec::new();
        let names = said.first().and_then(|first| self.by_beginning.get(&beginning(&first.folded)));
        for name in names.into_iter().flatten().filter(|name| name.stands(text, said)) {
            let long = name.words.len();
            match found.iter_mut().find(|(known, ..)| *known == long) {
                Some((_, who, describes)) => {
                    if !who.contains(&name.who) {
                        who.push(name.who.clone());
                    }
                    *describes &= name.describes;
                }
                None => found.push((long, vec![name.who.clone()], name.describes)),
            }
        }
        found.sort_by_key(|(long, ..)| std::cmp::Reverse(*long));
        found
    }
}

impl Name {
    fn stands(&self, text: &str, said: &[Word]) -> bool {
        let fits = |(at, (own, word)): (usize, (&Word, &Word))| {
            // letters that stand for words are no word: WHO and who
            let written = !own.all_upper || word.all_upper;
            // only the last word of a Latin name has an ending of its own
            let last = at + 1 == self.words.len() || own.inflected;
            written && if last { same(own, word) } else { own.folded == word.folded }
        };
        let together = |pair: &[Word]| {
            let between = &text[pair[0].at.end..pair[1].at.start];
            // names do not go over the end of a clause
            !between.contains([';', ':', '!', '?', '(', ')']) && between.chars().count() <= 4
        };
        said.len() >= self.words.len()
            && self.words.iter().zip(said).enumerate().all(fits)
            && said[..self.words.len()].windows(2).all(together)
    }
}

/// Words that begin sentences and no names.
const OPENERS: [&str; 24] = [
    "the", "a", "an", "in", "on", "at", "by", "of", "for", "from", "since", "after", "before", "under", "its", "this",
    "these", "that", "as", "with", "until", "der", "die", "das",
];

/// Words in a row that look like a name and are none that is known: what a table of unlinked names lists.
pub(crate) fn unlinked(text: &str, named: &[Named]) -> Vec<Range<usize>> {
    let said = words(text);
    let linked = |word: &Word| named.iter().any(|name| name.at.start < word.at.end && word.at.start < name.at.end);
    let dated = super::dates::dates(text);
    // months and articles have capitals and are no names
    let no_name = |word: &Word| {
        super::dates::month(word).is_some()
            || dated.iter().any(|date| date.at.start <= word.at.start && word.at.end <= date.at.end)
            || word.first && OPENERS.contains(&word.folded.as_str())
    };
    let small = |word: &Word| {
        ["of", "for", "the", "and", "on", "de", "la", "du", "des", "der", "von", "und"].contains(&word.folded.as_str())
    };
    let mut out: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < said.len() {
        let capital = |word: &Word| word.upper && !linked(word) && !no_name(word);
        if !capital(&said[at]) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while let Some(word) = said.get(end) {
            let touches = |n: usize| {
                text[said[n - 1].at.end..said[n].at.start].chars().all(|c| c == ' ' || c == '-' || c == '\u{a0}')
            };
            let goes_on = small(word) && said.get(end + 1).is_some_and(capital) && touches(end) && touches(end + 1);
            if goes_on || capital(word) && touches(end) {
                end += if goes_on { 2 } else { 1 };
            } else {
                break;
            }
        }
        // one word at the front of a sentence has its capital from there
        if end - at > 1 || !said[at].first {
            out.push(said[at].at.start..said[end - 1].at.end);
        }
        at = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[(&str, &str)]) -> Names {
        let mut names = Names::default();
        all.iter().for_each(|(name, who)| names.add(name, &Arc::from(*who), false));
        names
    }

    fn found<'t>(names: &Names, text: &'t str) -> Vec<(&'t str, String)> {
        let all = names.named(text).into_iter().filter(|one| !one.within);
        all.map(|one| (&text[one.at], one.who.join("+"))).collect()
    }

    #[test]
    fn the_longest_name_is_taken_and_a_shared_one_is_everybodys() {
        let names = names(&[
            ("Ministry of Health", "health"),
            ("Ministry of Health and Sport", "sport"),
            ("the Council", "one"),
            ("Council", "two"),
            ("Совет Старого Города", "old"),
        ]);
        let text = "The Ministry of Health and Sport took over from the Ministry of Health's council.";
        assert_eq!(
            found(&names, text),
            [
                ("Ministry of Health and Sport", "sport".into()),
                ("Ministry of Health's", "health".into()),
                ("council", "one+two".into())
            ]
        );
        assert_eq!(found(&names, "The Council met."), [("Council", "one+two".into())]);
        assert_eq!(found(&names, "Совета Старого Города не было."), [("Совета Старого Города", "old".into())]);
        assert_eq!(found(&names, "The Ministry; of Health"), []);
        let within: Vec<bool> = names.named("The Ministry of Health and Sport").iter().map(|one| one.within).collect();
        assert_eq!(within, [false, true], "a name within a longer one is told apart");
    }

    #[test]
    fn what_looks_like_a_name_is_listed() {
        let names = names(&[("Harbour Office", "office")]);
        let text = "The July meeting of the Harbour Office heard the Board of Trade and Ada Ness on 5 May 2001.";
        let named = names.named(text);
        let all: Vec<&str> = unlinked(text, &named).into_iter().map(|at| &text[at]).collect();
        assert_eq!(all, ["Board of Trade and Ada Ness"], "what stands together may be one name");
    }
}
