//! The documents themselves, when somebody has them: paragraphs and sentences by a mechanical rule, so
//! that a locator means the same sentence to everyone, and fingerprints to tell whether it still does.
//!
//! Paragraph: a line that is not blank, counted from 1, without white space at its ends and without a
//! list marker (`•`, `-`, `1.`). Sentence: ends after `.`, `!` or `?` and perhaps a closing quotation
//! mark, where white space follows and then an upper-case letter or a digit, perhaps after an opening
//! quotation mark or bracket. Fingerprint: the first 16 hexadecimal digits of the SHA-256 of the
//! sentence with straight quotation marks, single spaces, in NFC.

use std::io::Read as _;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use super::problem::{Problem, shown};
use super::record::{AliasStatus, Dataset, MentionRecord, SourceRecord};
use super::table::MAX_FILE;
use crate::error::{Class, Code, Error, Phase, Result};
use crate::lineage::names::compose;
use crate::provenance::Locator;

/// The documents of a dataset, read from a folder.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    by_source: FxHashMap<Arc<str>, Document>,
}

#[derive(Clone, Debug, Default)]
struct Document {
    file: Box<str>,
    sha256: String,
    paragraphs: Vec<Paragraph>,
}

#[derive(Clone, Debug, Default)]
struct Paragraph {
    text: Box<str>,
    sentences: Vec<Range<usize>>,
}

/// What re-reading the documents has shown.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    /// Mentions whose sentence is where the locator says, with the same fingerprint.
    pub verified: usize,
    /// Mentions that have a fingerprint.
    pub total: usize,
    /// Everything that does not agree.
    pub problems: Vec<Problem>,
}

/// Re-reads the documents in `dir` and verifies every locator, fingerprint and name in use.
///
/// Errors: `DataError` when the folder cannot be read.
pub fn check_sources(dataset: &Dataset, dir: &Path) -> Result<Verification> {
    let mut verification = Verification::default();
    let documents = Documents::open(dataset, dir, &mut verification.problems)?;
    for source in &dataset.sources {
        documents.check_source(source, &mut verification.problems);
    }
    for mention in dataset.mentions.iter().filter(|m| m.fingerprint != 0) {
        verification.total += 1;
        match documents.mismatch(mention) {
            None => verification.verified += 1,
            Some(problem) => verification.problems.push(problem),
        }
    }
    documents.check_names(dataset, &mut verification.problems);
    Ok(verification)
}

impl Documents {
    /// Reads the document of each source from `dir`: the file whose name is the id of the source, or
    /// begins with it (`003.txt`, `003_….txt`). Documents that cannot be read are reported.
    ///
    /// Errors: `DataError` when the folder cannot be listed.
    pub fn open(dataset: &Dataset, dir: &Path, problems: &mut Vec<Problem>) -> Result<Self> {
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
        let mut documents = Self::default();
        for source in &dataset.sources {
            let Some(name) = names.iter().find(|name| is_document(name, &source.id)) else {
                let message = format!("the document `{}` is not in {}", shown(&source.id), dir.display());
                let problem = Problem::new("sources.csv", source.row, "id", message);
                problems
                    .push(problem.hint(format!("it should be called {}.txt, or begin with {}_", source.id, source.id)));
                continue;
            };
            let Some(Some(bytes)) = read_file(&dir.join(name), name, problems) else { continue };
            match Document::read(name, &bytes) {
                Ok(document) => {
                    documents.by_source.insert(source.id.clone(), document);
                }
                Err(why) => problems.push(Problem::new(name, 0, "", why).hint("documents are plain text in UTF-8")),
            }
        }
        Ok(documents)
    }

    /// The text at a locator; nothing when the document or the place is not there.
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

    fn mismatch(&self, mention: &MentionRecord) -> Option<Problem> {
        let document = self.by_source.get(&mention.source)?;
        let at = |column, message: String| Problem::new("mentions.csv", mention.row, column, message);
        let place = format!("{}:{}", mention.source, mention.at);
        let Some(text) = self.text(&mention.source, mention.at) else {
            let sentences =
                document.paragraphs.get((mention.at.paragraph as usize).wrapping_sub(1)).map(|p| p.sentences.len());
            return Some(at("locator", format!("{place} is not in {}", document.file)).hint(match sentences {
                Some(count) => format!("that paragraph has {count} sentences"),
                None => format!("the document has {} paragraphs", document.paragraphs.len()),
            }));
        };
        if fingerprint(text) == mention.fingerprint {
            return None;
        }
        let problem = at("fingerprint", format!("the sentence at {place} is not the one this row was made from"));
        Some(match document.find(mention.fingerprint) {
            Some(moved) => problem.hint(format!("that sentence is now at {}:{moved}", mention.source)),
            None => problem.hint(format!("the document was changed; its sentence has {:016x}", fingerprint(text))),
        })
    }

    fn check_source(&self, source: &SourceRecord, problems: &mut Vec<Problem>) {
        let Some(document) = self.by_source.get(&source.id) else { return };
        if source.paragraphs > 0 && source.paragraphs as usize != document.paragraphs.len() {
            let message = format!("{} has {} paragraphs", document.file, document.paragraphs.len());
            problems
                .push(Problem::new("sources.csv", source.row, "paragraphs", message).hint("lines that are not blank"));
        }
        if !source.sha256.is_empty() && *source.sha256 != *document.sha256 {
            let message = format!("{} is not the file these rows were made from", document.file);
            let problem = Problem::finding("sources.csv", source.row, "sha256", message);
            problems.push(problem.hint(format!("its SHA-256 is {}", document.sha256)));
        }
    }

    /// Names that a document is said to use, and does not.
    fn check_names(&self, dataset: &Dataset, problems: &mut Vec<Problem>) {
        let mut texts: FxHashMap<(&str, Locator), String> = FxHashMap::default();
        for alias in &dataset.aliases {
            if matches!(alias.status, AliasStatus::Description | AliasStatus::Editorial) {
                continue;
            }
            let name = normalise(&alias.name).to_lowercase();
            for (source, at) in &alias.used_in {
                let Some(text) = self.text(source, *at) else { continue };
                let text = texts.entry((source, *at)).or_insert_with(|| normalise(text).to_lowercase());
                if !text.contains(&name) {
                    let message = format!("{source}:{at} does not use `{}`", shown(&alias.name));
                    let problem = Problem::finding("aliases.csv", alias.row, "used_in", message);
                    problems.push(problem.hint("correct the place, or call the name a description"));
                }
            }
        }
    }
}

impl Document {
    fn read(file: &str, bytes: &[u8]) -> Result<Self, String> {
        let text =
            std::str::from_utf8(bytes).map_err(|why| format!("is not UTF-8 after byte {}", why.valid_up_to()))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let paragraphs = text
            .split('\n')
            .map(|line| without_marker(line.trim()))
            .filter(|line| !line.is_empty())
            .map(|line| Paragraph { text: line.into(), sentences: sentences(line) })
            .collect();
        let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { file: file.into(), sha256, paragraphs })
    }

    /// Where a sentence with this fingerprint stands.
    fn find(&self, print: u64) -> Option<Locator> {
        self.paragraphs.iter().zip(1_u32..).find_map(|(paragraph, number)| {
            let mut sentences = paragraph.sentences.iter().zip(1_u16..);
            let (_, sentence) = sentences.find(|(range, _)| fingerprint(&paragraph.text[(*range).clone()]) == print)?;
            Some(Locator::sentence(number, sentence))
        })
    }
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

/// The sentences of a paragraph as byte ranges; at least one.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut from = 0;
    while let Some(stop) = text[from..].find(['.', '!', '?']).map(|at| from + at + 1) {
        from = stop;
        let rest = &text[stop..];
        let closed = rest.strip_prefix(['\'', '"', '’', '”']).filter(|after| after.starts_with(char::is_whitespace));
        let tail = closed.unwrap_or(rest);
        let next = tail.trim_start();
        if next.len() == tail.len() {
            continue;
        }
        let first = next.strip_prefix(['\'', '"', '‘', '“', '[', '(']).unwrap_or(next);
        if first.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit()) {
            out.push(start..text.len() - tail.len());
            start = text.len() - next.len();
            from = start;
        }
    }
    out.push(start..text.len());
    out
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
    fn sentences_end_where_the_rule_says() {
        let split = |text: &str| sentences(text).into_iter().map(|r| text[r].to_owned()).collect::<Vec<_>>();
        assert_eq!(split("One. Two! Three?"), ["One.", "Two!", "Three?"]);
        assert_eq!(split("He said 'Yes.' \"No.\" (So.) end"), ["He said 'Yes.'", "\"No.\"", "(So.) end"]);
        assert_eq!(split("Art. 5 of e.g. this"), ["Art.", "5 of e.g. this"]);
        assert_eq!(split("no stop. lower case"), ["no stop. lower case"]);
        assert_eq!(split("End.”  “Next"), ["End.”", "“Next"]);
        assert_eq!(split("Ends.'Quoted"), ["Ends.'Quoted"]);
        assert_eq!(split(""), [""]);
    }

    #[test]
    fn markers_are_not_text_and_blank_lines_not_paragraphs() {
        let document =
            Document::read("t", "\u{feff} \r\n • A\tb. \r\n\n- c\n12. d\n-e\n1.5 f\n".as_bytes()).expect("UTF-8");
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
