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

use super::documents::{Document, Documents, fold};
use super::edit::Edit;
use super::problem::{Problem, shown};
use super::record::{AliasStatus, Dataset, MentionRecord, SourceRecord};
use crate::error::{Error, Result};
use crate::provenance::Locator;
use crate::value::hash::DataMap;

const MENTIONS: &str = "mentions.csv";

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
    /// Mentions whose sentence stands, word for word, at one other place and nowhere else.
    pub(crate) moved: Vec<Moved>,
    /// Mentions at whose place another sentence stands now, and whose own stands nowhere, or at several places.
    pub(crate) changed: usize,
    /// Mentions whose place is no more, and whose sentence stands nowhere, or at several places.
    pub(crate) gone: usize,
}

/// A sentence that stands elsewhere now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    /// The row of mentions.csv.
    pub(crate) row: u32,
    pub(crate) source: Arc<str>,
    pub(crate) from: Locator,
    pub(crate) to: Locator,
}

/// The change of the folder `dir` that gives every mention whose sentence has moved its new place; nothing else is changed.
/// Errors: the table cannot be read.
pub(crate) fn moves(dir: &Path, moved: &[Moved]) -> Result<Edit> {
    let mut edit = Edit::open(dir);
    for Moved { row, source, from, to } in moved {
        let cell = edit.cell(MENTIONS, *row, "locator")?.unwrap_or_default();
        let place = cell.rsplit_once(':').map_or(cell.as_str(), |(_, place)| place.trim());
        if Locator::parse(place) != Some(*from) {
            return Err(Error::data(format!("{MENTIONS}, row {row} was changed while its documents were read"))
                .hint("run the command again"));
        }
        let new = if cell.contains(':') { format!("{source}:{to}") } else { to.to_string() };
        edit.set(MENTIONS, *row, "locator", &new)?;
    }
    Ok(edit)
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
        if !self.exists(MENTIONS, mention.row, "locator", &mention.source, mention.at) {
            let at = has_print.then(|| self.moved(mention, document)).flatten();
            self.found.gone += usize::from(has_print && at.is_none());
            let first = has_print.then(|| document.find(mention.fingerprint)).flatten();
            self.elsewhere(before, mention, at.or(first));
            return;
        }
        let Some(print) = self.documents.fingerprint(&mention.source, mention.at) else { return };
        if has_print && print != mention.fingerprint {
            let at = |column, message| Problem::new(MENTIONS, mention.row, column, message);
            let place = format!("{}:{}", mention.source, mention.at);
            let message = format!("the sentence at {place} is not the one this row was made from");
            let moved = self.moved(mention, document);
            let now = || self.documents.text(&mention.source, mention.at).map_or_else(String::new, shown);
            let hint = match moved {
                Some(moved) => {
                    format!("that sentence is now at {}:{moved}; --moves writes the new place", mention.source)
                }
                None => {
                    let several =
                        document.find(mention.fingerprint).map_or("", |_| "; its sentence stands at several places");
                    format!("the document was changed{several}: there stands now `{}`, with {print:016x}", now())
                }
            };
            self.found.changed += usize::from(moved.is_none());
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

    /// Where the sentence of a mention stands now, when it stands at one place and no other; a near one is never taken.
    fn moved(&mut self, mention: &MentionRecord, document: &Document) -> Option<Locator> {
        let long =
            if mention.at.first == 0 { 0 } else { mention.at.last.saturating_sub(mention.at.first).saturating_add(1) };
        let (to, _) = document.find_run(mention.fingerprint, long).filter(|(_, only)| *only)?;
        let (row, source, from) = (mention.row, mention.source.clone(), mention.at);
        self.found.moved.push(Moved { row, source, from, to });
        Some(to)
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

/// Whether a text has `words`, of which `...` stands for any text; case, quotation marks and spaces do not matter.
pub(crate) fn says_in(text: &str, words: &str) -> bool {
    says(&fold(text), words)
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

    /// A dataset with a mention for each sentence of a text, and two for some sentences in a row.
    fn with_every_sentence(text: &str) -> Dataset {
        let document = Document::read("t.txt", text.as_bytes(), crate::dataset::Rule::Two).expect("text");
        let mut mentions = Vec::new();
        let mut mention = |at: Locator, print: u64| {
            mentions.push(MentionRecord {
                row: u32::try_from(mentions.len() + 2).expect("few"),
                id: format!("M{}", mentions.len() + 1).into(),
                subject: "a".into(),
                relation: "r".into(),
                object: crate::dataset::Object::Entity("b".into()),
                qualifiers: Vec::new(),
                source: "t".into(),
                at,
                confidence: Default::default(),
                fingerprint: print,
                note: Arc::default(),
            });
        };
        let all: Vec<(Locator, u64)> = document.numbered().map(|(at, _, _, print)| (at, print)).collect();
        all.iter().for_each(|(at, print)| mention(*at, *print));
        let documents = Documents::of("t", document);
        for (at, _) in all.iter().filter(|(at, _)| at.first > 1) {
            let pair = Locator { first: at.first - 1, ..*at };
            mention(pair, documents.fingerprint("t", pair).expect("two sentences"));
        }
        let source = SourceRecord { id: "t".into(), title: "T".into(), ..SourceRecord::default() };
        let meta = crate::dataset::Meta { sentences: 2, ..Default::default() };
        Dataset { meta, sources: vec![source], mentions, ..Dataset::default() }
    }

    /// However a document was changed: what is told to have moved stands, word for word, at its new place and nowhere else; what is told
    /// to be the same stands where it stood; everything else is changed or gone.
    #[test]
    fn no_sentence_moves_that_does_not_stand_elsewhere_word_for_word() {
        let paragraphs: Vec<String> = (0..12)
            .map(|n| format!("The office number {n} was opened in {}. It was small. It had {n} rooms and a door. Nobody knows who kept it.", 1900 + n))
            .collect();
        let text = paragraphs.join("\n");
        let dataset = with_every_sentence(&text);
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut random = move |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % below.max(1) as u64).unwrap_or(0)
        };
        let mut counts = [0; 4];
        for _ in 0..200 {
            let mut lines = paragraphs.clone();
            for _ in 0..=random(3) {
                let at = random(lines.len());
                match random(6) {
                    0 => lines.insert(at, "A new paragraph.".to_owned()),
                    1 => drop(lines.remove(at)),
                    2 => lines[at] = lines[at].replacen("opened", "closed", 1),
                    3 => {
                        let other = random(lines.len());
                        lines.swap(at, other);
                    }
                    4 => lines[at] = format!("Preface. {}", lines[at]),
                    _ => {
                        let twice = lines[at].clone();
                        lines.push(twice);
                    }
                }
            }
            let dir = tempfile::tempdir().expect("a folder");
            std::fs::write(dir.path().join("t.txt"), lines.join("\n")).expect("written");
            let found = check_sources(&dataset, dir.path()).expect("read");
            let now = Documents::open(&dataset, dir.path(), &mut Vec::new()).expect("read");
            let mut every: Vec<(Locator, u64)> = Vec::new();
            let document = now.get("t").expect("read");
            let singles: Vec<Locator> = document.numbered().map(|(at, ..)| at).collect();
            for at in &singles {
                every.push((*at, now.fingerprint("t", *at).expect("there")));
                let pair = Locator { last: at.first + 1, ..*at };
                every.extend(now.fingerprint("t", pair).map(|print| (pair, print)));
            }
            let [mut same, mut moved, mut changed, mut gone] = [0; 4];
            for mention in &dataset.mentions {
                let there = now.fingerprint("t", mention.at);
                let long = mention.at.last - mention.at.first;
                let places: Vec<Locator> = every
                    .iter()
                    .filter(|(at, print)| *print == mention.fingerprint && at.last - at.first == long)
                    .map(|(at, _)| *at)
                    .collect();
                let told = found.moved.iter().find(|one| one.row == mention.row).map(|one| one.to);
                match (there == Some(mention.fingerprint), &places[..]) {
                    (true, _) => same += 1,
                    (false, [only]) => {
                        moved += 1;
                        assert_eq!(told, Some(*only), "{}", lines.join("\n"));
                        continue;
                    }
                    (false, _) if there.is_some() => changed += 1,
                    (false, _) => gone += 1,
                }
                assert_eq!(told, None, "{} at {}", mention.id, mention.at);
            }
            assert_eq!([found.verified, found.moved.len(), found.changed, found.gone], [same, moved, changed, gone]);
            [same, moved, changed, gone].iter().zip(&mut counts).for_each(|(own, count)| *count += own);
        }
        assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
    }
}
