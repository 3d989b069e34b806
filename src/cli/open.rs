//! Which graph a command works on, and the text of its query.

use std::io::Read;
use std::ops::Deref;
use std::path::Path;

use super::Failure;
use super::args::{Source, Text};
use crate::engine::Engine;
use crate::error::{Class, Code, Error, Phase, Result};
pub(super) use crate::io::read::input::unreadable;

/// Longest query text that is read from a file or standard input, in bytes.
const LONGEST_TEXT: u64 = 256 << 20;

/// The engine of a command that works on it to its end, and closes it then.
pub(super) struct Opened(Engine);

impl Deref for Opened {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        &self.0
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        std::mem::take(&mut self.0).close();
    }
}

/// The engine on the graph that was asked for, to the end of the command.
pub(super) fn to_the_end(source: &Source) -> Result<Opened> {
    engine(source).map(Opened)
}

/// An engine on nothing, in memory.
pub(super) fn nothing(read_only: bool) -> Opened {
    let engine = Engine::in_memory();
    Opened(if read_only { engine.read_only() } else { engine })
}

/// The engine on a store file, which is made when there is none, to the end of the command.
pub(super) fn store(file: &Path) -> Result<Opened> {
    Engine::open(file).map(Opened)
}

/// The same for a command that only reads: it never makes a file. Errors: there is none.
pub(super) fn for_reading(source: &Source) -> Result<Opened> {
    there(source)?;
    to_the_end(source)
}

/// The same for a statement, which makes a file only when it writes.
pub(super) fn for_text(source: &Source, text: &str) -> Result<Opened> {
    if writes(text) { to_the_end(source) } else { for_reading(source) }
}

fn there(source: &Source) -> Result<()> {
    match &source.db {
        Some(file) if !file.exists() => Err(data(format!("there is no store {}", file.display()))
            .hint("look at its name; a store is made by writing: shejire import --db FILE …")),
        _ => Ok(()),
    }
}

/// Whether a text may write: a word that begins a writing clause stands in it as a word.
fn writes(text: &str) -> bool {
    has_word(text, &["CREATE", "MERGE", "INSERT", "SET", "DELETE", "REMOVE", "FOREACH", "DROP"])
}

/// Whether a statement may write, or begins a transaction, which may.
pub(super) fn begins_or_writes(text: &str) -> bool {
    writes(text) || has_word(text, &["BEGIN", "START"])
}

fn has_word(text: &str, words: &[&str]) -> bool {
    let (tokens, _) = crate::syntax::tokens(text);
    tokens
        .iter()
        .filter(|token| token.kind == crate::syntax::TokenKind::Word)
        .any(|token| words.iter().any(|word| word.eq_ignore_ascii_case(token.span.of(text))))
}

/// The engine on the graph that was asked for; without any, the built-in dataset.
pub(super) fn engine(source: &Source) -> Result<Engine> {
    let in_memory = match (&source.db, &source.data) {
        (Some(file), _) if source.read_only => return Engine::open_read_only(file),
        (Some(file), _) => return Engine::open(file),
        (None, Some(folder)) => Engine::from_folder(folder)?,
        (None, None) => Engine::builtin()?,
    };
    Ok(if source.read_only { in_memory.read_only() } else { in_memory })
}

/// The engine of a server that only reads: it never makes a file, and others may write to it meanwhile. Errors: there is none.
#[cfg(feature = "server")]
pub(super) fn engine_for_reading(source: &Source) -> Result<Engine> {
    there(source)?;
    engine(source).map(Engine::read_only)
}

/// A query text and where it came from.
#[derive(Debug)]
pub(super) struct Query {
    pub text: String,
    pub origin: Option<String>,
}

impl Query {
    /// The failure that points into this text.
    pub(super) fn failed(&self, error: Error) -> Failure {
        Failure::Query { error, text: self.text.clone(), origin: self.origin.clone() }
    }
}

/// The query: the argument, a file, or standard input when neither is given or the argument is `-`.
pub(super) fn query(text: &Text) -> std::result::Result<Query, Failure> {
    match (&text.query, &text.file) {
        (Some(query), _) if query != "-" => Ok(Query { text: query.clone(), origin: None }),
        (_, Some(file)) => {
            let opened = std::fs::File::open(file).map_err(|e| unreadable(file, &e))?;
            let text = read(opened, &file.display().to_string())?;
            Ok(Query { text, origin: Some(file.display().to_string()) })
        }
        (query, None) => {
            let input = std::io::stdin();
            if query.is_none() && std::io::IsTerminal::is_terminal(&input) {
                return Err(Failure::Usage(
                    "no query: give one as an argument, with -f FILE, or on standard input".into(),
                ));
            }
            Ok(Query { text: read(input, "input")?, origin: Some("input".to_owned()) })
        }
    }
}

/// The text of a file that a person has written. Errors: it is no plain file, it is larger than `most` bytes, or not UTF-8.
pub(super) fn small(file: &Path, most: u64) -> Result<String> {
    let bytes = small_bytes(file, most)?;
    let wrong = |e: std::string::FromUtf8Error| {
        data(format!("{} is not UTF-8 at byte {}", file.display(), e.utf8_error().valid_up_to()))
    };
    String::from_utf8(bytes).map_err(wrong)
}

/// The bytes of a file. Errors: it is no plain file, or larger than `most` bytes.
pub(super) fn small_bytes(file: &Path, most: u64) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| unreadable(file, &error);
    // looked at before it is opened: a pipe without a writer would be waited for
    let found = std::fs::metadata(file).map_err(failed)?;
    if !found.is_file() && !found.is_dir() {
        return Err(data(format!("{} is not a plain file", file.display())));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(file).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(failed)?;
    match bytes.len() as u64 > most {
        true => Err(Error::limit(Code::Size, format!("{} is larger than {most} bytes", file.display()))),
        false => Ok(bytes),
    }
}

fn read(from: impl Read, name: &str) -> Result<String> {
    let mut bytes = Vec::new();
    let read = from.take(LONGEST_TEXT + 1).read_to_end(&mut bytes);
    read.map_err(|e| data(format!("cannot read {name}: {e}")))?;
    if bytes.len() as u64 > LONGEST_TEXT {
        return Err(Error::limit(Code::Size, format!("{name} is longer than {LONGEST_TEXT} bytes")));
    }
    String::from_utf8(bytes).map_err(|e| data(format!("{name} is not UTF-8 at byte {}", e.utf8_error().valid_up_to())))
}

fn data(message: String) -> Error {
    Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_writes_makes_a_file() {
        assert!(writes("MATCH (n) SET n.k = 1") && writes("create (n)") && writes("CREATE INDEX FOR (n:A) ON (n.k)"));
        assert!(!writes("MATCH (n) WHERE n.name = 'CREATE' RETURN n // SET") && !writes("SHOW INDEXES"));
    }

    #[test]
    fn text_that_is_not_utf8_is_named_by_its_byte() {
        let error = read(&b"RETURN \"\xff\xfe\" AS v"[..], "input").expect_err("not UTF-8");
        assert_eq!(error.message(), "input is not UTF-8 at byte 8");
    }
}
