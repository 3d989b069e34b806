//! Whether the documents say what the tables hold them to: every place exists, every wording and name stands
//! there, every fingerprint agrees.
//!
//! ```text
//!  mentions.csv   source, locator, wording, fingerprint ─┐
//!  aliases.csv    used_in, alias; locator                ├─► the text at the place ─► problems
//!  entities.csv   by_reference; locator                 ─┘
//! ```
//!
//! One wrong cell gives one problem: where there is no such place, nothing more is asked of it than whether the
//! document has the wording at all; where the fingerprint shows that a sentence has moved, its wording is looked for
//! there.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use super::documents::{Documents, fold};
use super::problem::{Problem, shown};
use super::record::{AliasStatus, Dataset, MentionRecord, SourceRecord};
use crate::error::Result;
use crate::provenance::Locator;
use crate::value::hash::DataMap;

/// What re-reading the documents has shown.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    /// Places that were looked up: of mentions, names and references.
    pub places: usize,
    /// Places that exist.
    pub standing: usize,
    /// Mentions whose sentence is where the locator says, with the same fingerprint.
    pub verified: usize,
    /// Mentions that have a fingerprint.
    pub total: usize,
    /// Fingerprints to write where there is none: the row of mentions.csv, and what belongs there. Only of places
    /// with which nothing is wrong.
    pub missing: Vec<(u32, u64)>,
    /// Everything that does not agree.
    pub problems: Vec<Problem>,
}

/// Re-reads the documents in `dir` and verifies every place, wording, fingerprint and name in use.
///
/// Errors: `DataError` when the folder cannot be read.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// use shejire::dataset;
///
/// let folder = tempfile::tempdir().unwrap();
/// std::fs::write(folder.path().join("000.txt"), "One paragraph.\n").unwrap();
/// let found = dataset::check_sources(&dataset::builtin(), folder.path())?;
/// assert!(found.verified == 0 && !found.problems.is_empty(), "these are not the documents");
/// # Ok(())
/// # }
/// ```
pub fn check_sources(dataset: &Dataset, dir: &Path) -> Result<Verification> {
    let mut found = Verification::default();
    let documents = Documents::open(dataset, dir, &mut found.problems)?;
    for source in &dataset.sources {
        self::source(&documents, source, &mut found.problems);
    }
    let mut reader = Reader { documents: &documents, folded: DataMap::default(), searches: 1000, found };
    for mention in &dataset.mentions {
        reader.mention(mention);
    }
    for alias in &dataset.aliases {
        let used = !matches!(alias.status, AliasStatus::Description | AliasStatus::Editorial);
        for (source, at) in &alias.used_in {
            if reader.exists("aliases.csv", alias.row, "used_in", source, *at) && used {
                reader.name(alias.row, &alias.name, source, *at);
            }
        }
        if let Some((source, at)) = &alias.stated_at {
            reader.exists("aliases.csv", alias.row, "locator", source, *at);
        }
    }
    for entity in &dataset.entities {
        for (source, at) in &entity.by_reference {
            reader.exists("entities.csv", entity.row, "by_reference", source, *at);
        }
        if let Some((source, at)) = &entity.stated_at {
            reader.exists("entities.csv", entity.row, "locator", source, *at);
        }
    }
    Ok(reader.found)
}

fn source(documents: &Documents, source: &SourceRecord, problems: &mut Vec<Problem>) {
    let Some(document) = documents.get(&source.id) else { return };
    if source.paragraphs > 0 && source.paragraphs as usize != document.paragraphs() {
        let message = format!("{} has {} paragraphs", document.file(), document.paragraphs());
        problems.push(Problem::new("sources.csv", source.row, "paragraphs", message).hint("lines that are not blank"));
    }
    if !source.sha256.is_empty() && *source.sha256 != *document.sha256() {
        let message = format!("{} is not the file these rows were made from", document.file());
        let problem = Problem::finding("sources.csv", source.row, "sha256", message);
        problems.push(problem.hint(format!("its SHA-256 is {}", document.sha256())));
    }
}

struct Reader<'a> {
    documents: &'a Documents,
    /// Texts met so far, folded.
    folded: DataMap<(&'a str, Locator), Arc<str>>,
    /// Whole documents still to be searched: tables of the wrong document must not take minutes.
    searches: u32,
    found: Verification,
}

impl<'a> Reader<'a> {
    /// Whether the place exists; reported when it does not. A document that was not read is reported by itself.
    fn exists(&mut self, file: &str, row: u32, column: &'static str, source: &str, at: Locator) -> bool {
        let Some(document) = self.documents.get(source) else { return false };
        self.found.places += 1;
        if self.documents.text(source, at).is_some() {
            self.found.standing += 1;
            return true;
        }
        let message = format!("{source}:{at} is not in {}", document.file());
        let hint = match document.sentences(at.paragraph) {
            Some(1) => "that paragraph has 1 sentence".to_owned(),
            Some(count) => format!("that paragraph has {count} sentences"),
            None => format!("the document has {} paragraphs", document.paragraphs()),
        };
        self.found.problems.push(Problem::new(file, row, column, message).hint(hint));
        false
    }

    fn mention(&mut self, mention: &'a MentionRecord) {
        let has_print = mention.fingerprint != 0;
        self.found.total += usize::from(has_print);
        let Some(document) = self.documents.get(&mention.source) else { return };
        let before = self.found.problems.len();
        if !self.exists("mentions.csv", mention.row, "locator", &mention.source, mention.at) {
            let at = has_print.then(|| document.find(mention.fingerprint)).flatten();
            self.elsewhere(before, mention, at);
            return;
        }
        let Some(print) = self.documents.fingerprint(&mention.source, mention.at) else { return };
        if has_print && print != mention.fingerprint {
            let at = |column, message| Problem::new("mentions.csv", mention.row, column, message);
            let place = format!("{}:{}", mention.source, mention.at);
            let message = format!("the sentence at {place} is not the one this row was made from");
            let moved = document.find(mention.fingerprint);
            let hint = match moved {
                Some(moved) => format!("that sentence is now at {}:{moved}", mention.source),
                None => format!("the document was changed; its sentence has {print:016x}"),
            };
            self.found.problems.push(at("fingerprint", message).hint(hint));
            return match moved {
                Some(_) => self.elsewhere(before, mention, moved),
                None => self.wordings(mention, mention.at),
            };
        }
        self.found.verified += usize::from(has_print);
        self.wordings(mention, mention.at);
        if !has_print && self.found.problems.len() == before {
            self.found.missing.push((mention.row, print));
        }
    }

    /// The place of a mention is wrong (the problem at `reported` says so): looks for its wordings where its fingerprint
    /// leads, or anywhere in the document, and reports only those that stand nowhere.
    fn elsewhere(&mut self, reported: usize, mention: &'a MentionRecord, moved: Option<Locator>) {
        if let Some(moved) = moved {
            self.advise(reported, &format!("the sentence with its fingerprint is at {}:{moved}", mention.source));
        }
        for wording in wordings(mention) {
            if moved.is_some_and(|at| self.stands(&mention.source, at, wording)) {
                continue;
            }
            match self.search(&mention.source, wording) {
                Search::At(at) => self.advise(reported, &format!("its wording stands at {}:{at}", mention.source)),
                Search::Nowhere => {
                    let message = format!("{} nowhere says `{}`", mention.source, shown(wording));
                    self.report_wording(mention, message, None);
                }
                Search::NotMade => {}
            }
        }
    }

    fn advise(&mut self, problem: usize, advice: &str) {
        if let Some(problem) = self.found.problems.get_mut(problem)
            && !problem.hint.contains(" at ")
        {
            let _ = write!(problem.hint, "; {advice}");
        }
    }

    fn wordings(&mut self, mention: &'a MentionRecord, at: Locator) {
        for wording in wordings(mention) {
            if !self.stands(&mention.source, at, wording) {
                let message = format!("{}:{at} does not say `{}`", mention.source, shown(wording));
                let elsewhere = match self.search(&mention.source, wording) {
                    Search::At(at) => Some(format!("that stands at {}:{at}", mention.source)),
                    _ => None,
                };
                self.report_wording(mention, message, elsewhere);
            }
        }
    }

    fn report_wording(&mut self, mention: &MentionRecord, message: String, hint: Option<String>) {
        let hint = hint.unwrap_or_else(|| "give the words of the document, with ... for what is left out".to_owned());
        self.found.problems.push(Problem::new("mentions.csv", mention.row, "qualifiers", message).hint(hint));
    }

    fn name(&mut self, row: u32, name: &str, source: &'a str, at: Locator) {
        if !self.stands(source, at, name) {
            let message = format!("{source}:{at} does not use `{}`", shown(name));
            let hint = match self.search(source, name) {
                Search::At(at) => format!("{source}:{at} does; correct the place"),
                _ => "correct the place, or call the name a description".to_owned(),
            };
            self.found.problems.push(Problem::finding("aliases.csv", row, "used_in", message).hint(hint));
        }
    }

    /// Whether words stand at a place.
    fn stands(&mut self, source: &'a str, at: Locator, words: &str) -> bool {
        let documents = self.documents;
        let text = self
            .folded
            .entry((source, at))
            .or_insert_with(|| documents.text(source, at).map(fold).unwrap_or_default().into());
        says(text, words)
    }

    /// The first sentence, or else paragraph, of a document that has these words.
    fn search(&mut self, source: &'a str, words: &str) -> Search {
        let Some(document) = self.documents.get(source) else { return Search::NotMade };
        let Some(left) = self.searches.checked_sub(1) else { return Search::NotMade };
        self.searches = left;
        document.folded().find(|(_, text)| says(text, words)).map_or(Search::Nowhere, |(at, _)| Search::At(at))
    }
}

enum Search {
    At(Locator),
    Nowhere,
    /// The document was not read, or enough was searched.
    NotMade,
}

fn wordings(mention: &MentionRecord) -> impl Iterator<Item = &str> {
    let of_wording = mention.qualifiers.iter().filter(|(key, _)| &**key == "wording");
    of_wording.map(|(_, value)| &**value).filter(|value| *value != "not stated")
}

/// Whether folded `text` has `words`, of which `...` stands for any text.
fn says(text: &str, words: &str) -> bool {
    let words = fold(words).replace('…', "...");
    let mut rest = text;
    for part in words.split("...") {
        // `[...]` is another way to write it
        let part = part.trim_matches(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | '(' | ')'));
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wordings_forgive_case_quotation_marks_and_spaces() {
        let text = fold("The “Just  Kazakhstan” plan of «Ministry» was\u{a0}adopted … in 2022.");
        for words in [
            "just kazakhstan",
            "the 'JUST Kazakhstan' plan",
            "plan ... adopted",
            "\"Ministry\"",
            "plan … 2022",
            "... 2022 ...",
            "plan [...] was adopted",
            "was adopted",
            "",
        ] {
            assert!(says(&text, words), "{words:?}");
        }
        for words in ["just plan", "adopted ... plan", "2023", "plan ... 2022 ... 2022"] {
            assert!(!says(&text, words), "{words:?}");
        }
    }
}
