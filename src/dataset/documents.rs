//! The documents themselves, when somebody has them: paragraphs and sentences by a mechanical rule, so
//! that a locator means the same sentence to everyone, and fingerprints to tell whether it still does.
//!
//! Paragraph: a line that is not blank, counted from 1, without white space at its ends and without a
//! list marker (`•`, `-`, `1.`); what is a line in formats other than plain text, [`papers`] says. Sentence: by the [`Rule`] that the folder names. Fingerprint: the first 16
//! hexadecimal digits of the SHA-256 of the sentence with straight quotation marks, single spaces, in NFC.

use std::io::Read as _;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use super::papers::{self, Part, Refused, Told};
use super::problem::{Problem, shown};
use super::record::Dataset;
use super::sentences::Rule;
use super::table::MAX_FILE;
use crate::error::{Class, Code, Error, Phase, Result};
use crate::lineage::names::compose;
use crate::provenance::Locator;
use crate::value::hash::DataMap;

/// The documents of a dataset, read from a folder.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    by_source: DataMap<Arc<str>, Document>,
}

/// How a sentence that is read now stands to what was read when facts were taken from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is the same.
    Verified,
    /// Another one stands in its place: it says nothing for the fact.
    Changed,
    /// There is no such place, or no such document.
    Missing,
    /// Nobody noted what it was.
    Unsigned,
}

impl Standing {
    /// The word for people and programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Unsigned => "no fingerprint",
        }
    }
}

/// One document, as it was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Document {
    file: Box<str>,
    sha256: String,
    /// What the file says of itself.
    told: Told,
    paragraphs: Vec<Paragraph>,
    /// Where a sentence with a fingerprint stands first, and how often; made when something is looked for.
    prints: OnceLock<DataMap<u64, (Locator, usize)>>,
    /// The sentences folded; made when something is looked for.
    folded: OnceLock<Vec<(Locator, Box<str>)>>,
}

#[derive(Clone, Debug, Default)]
struct Paragraph {
    text: Box<str>,
    /// The page it begins on; 0 where the format knows none.
    page: u32,
    sentences: Vec<Range<usize>>,
}

impl Documents {
    /// Reads the document of each source from `dir`: the file whose name is the id of the source, or
    /// begins with it (`003.txt`, `003_….txt`). Documents that cannot be read are reported.
    ///
    /// Errors: `DataError` when the folder cannot be listed.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::dataset::{self, Documents};
    ///
    /// let folder = tempfile::tempdir().unwrap();
    /// std::fs::write(folder.path().join("000.txt"), "The court was restored.\n").unwrap();
    /// let mut lacking = Vec::new();
    /// Documents::open(&dataset::builtin(), folder.path(), &mut lacking)?;
    /// assert_eq!(lacking.len(), 4, "the other four are not there");
    /// # Ok(())
    /// # }
    /// ```
    pub fn open(dataset: &Dataset, dir: &Path, problems: &mut Vec<Problem>) -> Result<Self> {
        let names = names_in(dir)?;
        let rule = Rule::numbered(dataset.meta.sentences).unwrap_or_default();
        let mut documents = Self::default();
        for source in &dataset.sources {
            let Some(name) = document_of(&source.id, &names) else {
                let message = format!("the document `{}` is not in {}", shown(&source.id), dir.display());
                let problem = Problem::new("sources.csv", source.row, "id", message);
                problems
                    .push(problem.hint(format!("it should be called {}.txt, or begin with {}_", source.id, source.id)));
                continue;
            };
            documents.add(source.id.clone(), &dir.join(name), name, rule, problems);
        }
        Ok(documents)
    }

    /// Reads those documents of these sources that `dir` has, for a graph whose dataset is not at hand. By which rule its
    /// locators count is not known then: `known` says which fingerprints its mentions have where (source, locator,
    /// fingerprint), and the rule by which more of them are found holds; of equal ones the newer.
    ///
    /// ```
    /// use shejire::dataset::Documents;
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let dir = tempfile::tempdir().unwrap();
    /// std::fs::write(dir.path().join("007.txt"), "Mr. Tarsk spoke. He left.\n").unwrap();
    /// let documents = Documents::of_sources(["007", "008"], &[], dir.path(), &mut Vec::new())?;
    /// assert_eq!((documents.has("007"), documents.has("008")), (true, false));
    /// assert_eq!((documents.paragraphs("007"), documents.sentences("007", 1)), (1, 2));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Errors: as [`Self::open`].
    pub fn of_sources<'s>(
        ids: impl IntoIterator<Item = &'s str>,
        known: &[(Arc<str>, Locator, u64)],
        dir: &Path,
        problems: &mut Vec<Problem>,
    ) -> Result<Self> {
        let names = names_in(dir)?;
        let files: Vec<(&str, &String)> =
            ids.into_iter().filter_map(|id| Some((id, document_of(id, &names)?))).collect();
        let read = |rule: Rule, problems: &mut Vec<Problem>| {
            let mut documents = Self::default();
            files.iter().for_each(|(id, name)| documents.add((*id).into(), &dir.join(name), name, rule, problems));
            let found = |(source, at, print): &&(Arc<str>, Locator, u64)| {
                *print != 0 && documents.fingerprint(source, *at) == Some(*print)
            };
            let found = known.iter().filter(found).count();
            (found, documents)
        };
        let newer = read(Rule::Two, problems);
        // no other rule can agree with more
        if newer.0 == known.iter().filter(|(.., print)| *print != 0).count() {
            return Ok(newer.1);
        }
        let older = read(Rule::One, &mut Vec::new());
        Ok(if older.0 > newer.0 { older.1 } else { newer.1 })
    }

    fn add(&mut self, id: Arc<str>, path: &Path, name: &str, rule: Rule, problems: &mut Vec<Problem>) {
        let Some(Some(bytes)) = read_file(path, name, problems) else { return };
        match Document::read(name, &bytes, rule) {
            Ok(document) => {
                self.by_source.insert(id, document);
            }
            Err(why) => problems.push(Problem::new(name, 0, "", why.message).hint(why.hint)),
        }
    }

    /// Whether the document of a source was read.
    ///
    /// ```
    /// use shejire::dataset::Documents;
    ///
    /// let none = Documents::default();
    /// assert!(!none.has("007"));
    /// ```
    pub fn has(&self, source: &str) -> bool {
        self.by_source.contains_key(source)
    }

    /// How many paragraphs the document of a source has.
    ///
    /// ```
    /// use shejire::dataset::Documents;
    ///
    /// let none = Documents::default();
    /// assert!(none.paragraphs("007") == 0);
    /// ```
    pub fn paragraphs(&self, source: &str) -> usize {
        self.get(source).map_or(0, Document::paragraphs)
    }

    /// How many sentences a paragraph of it has.
    ///
    /// ```
    /// use shejire::dataset::Documents;
    ///
    /// let none = Documents::default();
    /// assert!(none.sentences("007", 1) == 0);
    /// ```
    pub fn sentences(&self, source: &str, paragraph: u32) -> usize {
        self.get(source).and_then(|document| document.sentences(paragraph)).unwrap_or(0)
    }

    /// The text at a locator; nothing when the document or the place is not there.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::dataset::{self, Documents};
    /// use shejire::provenance::Locator;
    ///
    /// let folder = tempfile::tempdir().unwrap();
    /// std::fs::write(folder.path().join("000.txt"), "A heading\n\nThe court was restored. It sits in Astana.\n").unwrap();
    /// let documents = Documents::open(&dataset::builtin(), folder.path(), &mut Vec::new())?;
    /// assert_eq!(documents.text("000", Locator::sentence(2, 2)), Some("It sits in Astana."));
    /// assert_eq!(documents.text("000", Locator::paragraph(3)), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn text(&self, source: &str, at: Locator) -> Option<&str> {
        let document = self.by_source.get(source)?;
        let paragraph = document.paragraphs.get((at.paragraph as usize).checked_sub(1)?)?;
        if at.first == 0 {
            return Some(&paragraph.text);
        }
        let first = paragraph.sentences.get(usize::from(at.first) - 1)?;
        let last = paragraph.sentences.get(usize::from(at.last).checked_sub(1)?)?;
        paragraph.text.get(first.start..last.end)
    }

    /// Whether the sentence at a locator is the one that mentions were made from: `prints` are their fingerprints (0: none was
    /// taken), `sha256` is what the dataset says of the whole document (empty: nothing).
    pub(crate) fn standing(&self, source: &str, at: Locator, prints: &[u64], sha256: &str) -> Standing {
        let (Some(document), Some(text)) = (self.by_source.get(source), self.text(source, at)) else {
            return Standing::Missing;
        };
        if !sha256.is_empty() && document.sha256.eq_ignore_ascii_case(sha256) {
            return Standing::Verified;
        }
        let taken: Vec<u64> = prints.iter().copied().filter(|print| *print != 0).collect();
        match taken.is_empty() {
            true => Standing::Unsigned,
            false if taken.iter().all(|print| *print == fingerprint(text)) => Standing::Verified,
            false => Standing::Changed,
        }
    }

    /// One document alone.
    #[cfg(test)]
    pub(super) fn of(source: &str, document: Document) -> Self {
        Self { by_source: [(Arc::from(source), document)].into_iter().collect() }
    }

    /// The document of a source, when it was read.
    pub(crate) fn get(&self, source: &str) -> Option<&Document> {
        self.by_source.get(source)
    }

    /// The fingerprint of the text at a locator.
    pub(crate) fn fingerprint(&self, source: &str, at: Locator) -> Option<u64> {
        self.text(source, at).map(fingerprint)
    }
}

impl Document {
    /// Reads a file, whose name says how its text is laid down. Errors: why it cannot be read.
    pub(crate) fn read(file: &str, bytes: &[u8], rule: Rule) -> Result<Self, Refused> {
        let paper = papers::read(file, bytes)?;
        let sha256 = sha256(bytes);
        Ok(Self { sha256, told: paper.told, ..Self::of_parts(file, &paper.parts, rule) })
    }

    fn of_text(file: &str, text: &str, rule: Rule) -> Self {
        Self::of_parts(file, &[Part { text: text.to_owned(), page: 0 }], rule)
    }

    fn of_parts(file: &str, parts: &[Part], rule: Rule) -> Self {
        let lines = parts.iter().flat_map(|part| part.text.split('\n').map(|line| (line, part.page)));
        let paragraphs = lines
            .map(|(line, page)| (without_marker(line.trim()), page))
            .filter(|(line, _)| !line.is_empty())
            .map(|(line, page)| Paragraph { text: line.into(), page, sentences: rule.sentences(line) })
            .collect();
        Self { file: file.into(), paragraphs, ..Self::default() }
    }

    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// What the file says of itself.
    pub(crate) fn told(&self) -> &Told {
        &self.told
    }

    /// Every sentence in order, with its place, its page and its fingerprint.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (Locator, u32, &str, u64)> {
        let page = |at: Locator| self.paragraphs.get(at.paragraph as usize - 1).map_or(0, |paragraph| paragraph.page);
        self.every_sentence().map(move |(at, text)| (at, page(at), text, fingerprint(text)))
    }

    pub(crate) fn sha256(&self) -> &str {
        &self.sha256
    }

    /// How many paragraphs it has.
    pub(crate) fn paragraphs(&self) -> usize {
        self.paragraphs.len()
    }

    /// How many sentences a paragraph has, when there is one with this number.
    pub(super) fn sentences(&self, paragraph: u32) -> Option<usize> {
        let at = (paragraph as usize).checked_sub(1)?;
        self.paragraphs.get(at).map(|paragraph| paragraph.sentences.len())
    }

    /// Where a sentence with this fingerprint stands first.
    pub(super) fn find(&self, print: u64) -> Option<Locator> {
        self.prints().get(&print).map(|(first, _)| *first)
    }

    /// Where so many sentences in a row (0: a paragraph) with this fingerprint stand: the first place, and whether it is the only one.
    pub(super) fn find_run(&self, print: u64, long: u16) -> Option<(Locator, bool)> {
        if long == 1 {
            return self.prints().get(&print).map(|(first, count)| (*first, *count == 1));
        }
        let mut found = None;
        if long == 0 {
            let mut all =
                self.paragraphs.iter().zip(1_u32..).filter(|(paragraph, _)| fingerprint(&paragraph.text) == print);
            let first = all.next().map(|(_, number)| Locator::paragraph(number))?;
            return Some((first, all.next().is_none()));
        }
        for (paragraph, number) in self.paragraphs.iter().zip(1_u32..) {
            let sentences = &paragraph.sentences;
            for (first, run) in (1_u16..).zip(sentences.windows(long.into())) {
                let (Some(from), Some(to)) = (run.first(), run.last()) else { continue };
                if fingerprint(&paragraph.text[from.start..to.end]) == print {
                    if found.is_some() {
                        return found.map(|(first, _)| (first, false));
                    }
                    found = Some((Locator { paragraph: number, first, last: first + long - 1 }, true));
                }
            }
        }
        found
    }

    /// By fingerprint: where the first sentence with it stands, and how many there are.
    fn prints(&self) -> &DataMap<u64, (Locator, usize)> {
        self.prints.get_or_init(|| {
            let mut prints: DataMap<u64, (Locator, usize)> = DataMap::default();
            for (at, sentence) in self.every_sentence() {
                prints.entry(fingerprint(sentence)).or_insert((at, 0)).1 += 1;
            }
            prints
        })
    }

    /// The sentences in order, as [`fold`] leaves them, and after them the paragraphs.
    pub(super) fn folded(&self) -> impl Iterator<Item = (Locator, &str)> {
        let folded = self.folded.get_or_init(|| {
            let paragraphs =
                self.paragraphs.iter().zip(1_u32..).map(|(p, number)| (Locator::paragraph(number), &*p.text));
            self.every_sentence().chain(paragraphs).map(|(at, text)| (at, fold(text).into())).collect()
        });
        folded.iter().map(|(at, text)| (*at, &**text))
    }

    fn every_sentence(&self) -> impl Iterator<Item = (Locator, &str)> {
        self.paragraphs.iter().zip(1_u32..).flat_map(|(paragraph, number)| {
            let sentences = paragraph.sentences.iter().zip(1_u16..);
            sentences.map(move |(range, at)| (Locator::sentence(number, at), &paragraph.text[range.clone()]))
        })
    }
}

/// The sentences of a text, paragraph by paragraph, as locators of new folders count them, each with its fingerprint.
///
/// ```
/// let paragraphs = shejire::dataset::split("Notices.\n\nMr. Tarsk spoke. He left.\n");
/// let counts: Vec<usize> = paragraphs.iter().map(Vec::len).collect();
/// assert_eq!((counts, &*paragraphs[1][1].0), (vec![1, 2], "He left."));
/// ```
pub fn split(text: &str) -> Vec<Vec<(String, u64)>> {
    let document = Document::of_text("", text.strip_prefix('\u{feff}').unwrap_or(text), Rule::Two);
    let sentence = |paragraph: &Paragraph, at: &Range<usize>| {
        let text = &paragraph.text[at.clone()];
        (text.to_owned(), fingerprint(text))
    };
    let paragraphs = document.paragraphs.iter();
    paragraphs.map(|one| one.sentences.iter().map(|at| sentence(one, at)).collect()).collect()
}

/// The names of the files of a folder, in order.
fn names_in(dir: &Path) -> Result<Vec<String>> {
    let no_access = |why: std::io::Error| {
        let message = format!("cannot read the folder {}: {why}", dir.display());
        Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, message)
            .hint("name the folder that holds the documents")
    };
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(no_access)? {
        names.extend(entry.map_err(no_access)?.file_name().to_str().map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// Of the files with these names the document of a source.
fn document_of<'n>(id: &str, names: &'n [String]) -> Option<&'n String> {
    // `report-2.txt` is the document of `report-2`, not of `report`
    let rank = |name: &&String| (!name[id.len()..].starts_with('.'), papers::preference(name));
    names.iter().filter(|name| is_document(name, id)).min_by_key(rank)
}

/// The id by which locators name a document with this file name: that of the source it belongs to, the longest that fits; else the
/// name without its end, as an id.
pub(crate) fn id_of_document<'s>(name: &str, known: impl Iterator<Item = &'s str>) -> String {
    match known.filter(|id| is_document(name, id)).max_by_key(|id| id.len()) {
        Some(id) => id.to_owned(),
        None => as_id(name.rsplit_once('.').map_or(name, |(stem, _)| stem)),
    }
}

/// The SHA-256 of bytes, in hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Words as an id: letters and digits, hyphens between; never empty.
pub(crate) fn as_id(words: &str) -> String {
    let mut out = String::new();
    for c in compose(words).chars().flat_map(char::to_lowercase) {
        match c {
            c if c.is_alphanumeric() => out.push(c),
            '\'' | '’' | 'ʼ' => {}
            _ if out.is_empty() || out.ends_with('-') => {}
            _ => out.push('-'),
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { "x".to_owned() } else { out.to_owned() }
}

fn is_document(name: &str, id: &str) -> bool {
    name.strip_prefix(id).is_some_and(|rest| rest.starts_with(['_', '-', '.', ' ']))
}

fn without_marker(line: &str) -> &str {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = match digits {
        0 => line.strip_prefix('•').or_else(|| line.strip_prefix('-')),
        _ => line[digits..].strip_prefix('.'),
    };
    match rest {
        Some(rest) if rest.starts_with(char::is_whitespace) => rest.trim_start(),
        _ => line,
    }
}

/// The leading 64 bits of the SHA-256 of the normalised text.
fn fingerprint(text: &str) -> u64 {
    let digest = Sha256::digest(normalise(text).as_bytes());
    digest.iter().take(8).fold(0, |print, byte| print << 8 | u64::from(*byte))
}

/// Straight quotation marks, single spaces, NFC.
fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().map(|c| match c {
            '’' | '‘' => '\'',
            '“' | '”' => '"',
            other => other,
        }));
    }
    compose(&out)
}

/// Text as it is compared with a wording: small letters, one sort of quotation mark, single spaces, NFC.
pub(super) fn fold(text: &str) -> String {
    let marks = |c| match c {
        '"' | '„' | '‚' | '«' | '»' | '‹' | '›' | '‛' | '‟' | '`' | '´' | '＂' | '＇' => '\'',
        other => other,
    };
    normalise(text).to_lowercase().chars().map(marks).collect()
}

/// The bytes of a file within the size limit; `Some(None)` when there is none, nothing when it was reported.
pub(super) fn read_file(path: &Path, name: &str, problems: &mut Vec<Problem>) -> Option<Option<Vec<u8>>> {
    let mut refuse = |message: String, hint: &str| {
        problems.push(Problem::new(name, 0, "", message).hint(hint));
        None
    };
    let size = match std::fs::metadata(path) {
        Ok(meta) if meta.is_file() => meta.len(),
        Ok(_) => return refuse("is not a plain file".into(), "a folder or a device stands in its place"),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Some(None),
        Err(why) => return refuse(format!("cannot be read: {why}"), "look at its permissions"),
    };
    if size > MAX_FILE {
        let message = format!("has {size} bytes; the largest that is read has {MAX_FILE}");
        return refuse(message, "graphs of that size are loaded with `shejire import`");
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    // a file that grows while it is read stops at the limit as well
    match std::fs::File::open(path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes)) {
        Ok(read) if read as u64 <= MAX_FILE => Some(Some(bytes)),
        Ok(_) => refuse("grew beyond the limit while it was read".into(), ""),
        Err(why) => refuse(format!("cannot be read: {why}"), "look at its permissions"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_not_text_and_blank_lines_not_paragraphs() {
        let document = Document::read("t", "\u{feff} \r\n • A\tb. \r\n\n- c\n12. d\n-e\n1.5 f\n".as_bytes(), Rule::One)
            .expect("UTF-8");
        let texts: Vec<&str> = document.paragraphs.iter().map(|p| &*p.text).collect();
        assert_eq!(texts, ["A\tb.", "c", "d", "-e", "1.5 f"]);
    }

    #[test]
    fn fingerprints_forgive_quotation_marks_and_spaces() {
        assert_eq!(fingerprint("“Just”  and ‘fair’"), fingerprint("\"Just\" and 'fair'"));
        assert_eq!(fingerprint("e\u{301}"), fingerprint("é"));
        assert_ne!(fingerprint("a"), fingerprint("b"));
    }
}
