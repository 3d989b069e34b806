//! Which graph a command works on, and the text of its query.

use std::io::Read;
use std::ops::Deref;

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
        Some(file) if !file.exists() => Err(data(format!("there is no file {}", file.display()))
            .hint("look at its name; a store is made by writing: shejire import --db FILE …")),
        _ => Ok(()),
    }
}

/// Whether a text may write: a word that begins a writing clause stands in it as a word.
fn writes(text: &str) -> bool {
    const WORDS: &[&str] = &["CREATE", "MERGE", "INSERT", "SET", "DELETE", "REMOVE", "FOREACH", "DROP"];
    let (tokens, _) = crate::syntax::tokens(text);
    tokens
        .iter()
        .filter(|token| token.kind == crate::syntax::TokenKind::Word)
        .any(|token| WORDS.iter().any(|word| word.eq_ignore_ascii_case(token.span.of(text))))
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

/// A query text and where it came from.
#[derive(Debug)]
pub(super) struct Query {
    pub text: String,
    pub origin: Option<String>,
}

impl Query {
    /// The failure that points into this text.
    pub fn failed(&self, error: Error) -> Failure {
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
