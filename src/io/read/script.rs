//! Cypher scripts: statements with `;` between them, read one at a time.
//!
//! The whole import is one transaction, so `BEGIN` and `COMMIT` (and cypher-shell's `:begin`, `:commit`) are passed over
//! and `ROLLBACK` is refused. A `;` in quotes, back-ticks or comments separates nothing.

use std::io::BufRead;

use super::{OnProblem, in_file};
use crate::error::{Error, Result};

/// Longest statement that is read, in bytes.
const LONGEST: usize = 16 << 20;

/// Reads `input` to its end and gives each statement to `run`. `file` names it in messages.
pub fn read(
    input: &mut dyn BufRead,
    file: &str,
    run: &mut dyn FnMut(&str) -> Result<()>,
    problem: OnProblem<'_>,
) -> Result<()> {
    let mut statements = Statements { input, line: 1, state: State::Plain };
    loop {
        let start = statements.line;
        let bytes = match statements.next() {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(()),
            Err(error) => return Err(in_file(file, &error)),
        };
        let taken = std::str::from_utf8(&bytes)
            .map_err(|e| Error::data(format!("not UTF-8 at byte {} of the statement", e.valid_up_to())))
            .and_then(|text| take(text.trim_start_matches('\u{feff}'), run));
        if let Err(error) = taken {
            problem(placed(&error, &bytes, start, file))?;
        }
    }
}

fn take(text: &str, run: &mut dyn FnMut(&str) -> Result<()>) -> Result<()> {
    let (whole, mut text) = (text.len(), text);
    loop {
        let bare = without_comments(text);
        let Some(command) = bare.strip_prefix(':') else { break };
        let (command, rest) = command.split_once('\n').unwrap_or((command, ""));
        if !matches!(command.trim().to_ascii_lowercase().as_str(), "begin" | "commit") {
            return Err(Error::data(format!("cypher-shell's command :{} is not known here", command.trim())));
        }
        text = rest;
    }
    let bare = without_comments(text);
    match bare.trim_end().to_ascii_uppercase().as_str() {
        "" | "BEGIN" | "COMMIT" => Ok(()),
        "ROLLBACK" => Err(Error::data("a script that is imported is one transaction: ROLLBACK is not taken")),
        _ => run(text).map_err(|error| error.shifted((whole - text.len()) as u32)),
    }
}

/// The error with file, line and column before its message; `start` is the line the statement begins in.
fn placed(error: &Error, statement: &[u8], start: u64, file: &str) -> Error {
    let before = match error.span() {
        Some(span) => statement.get(..span.start as usize).unwrap_or(statement),
        None => {
            let blank = statement.iter().take_while(|b| b.is_ascii_whitespace()).count();
            &statement[..blank]
        }
    };
    let line = start + before.iter().filter(|b| **b == b'\n').count() as u64;
    let column = String::from_utf8_lossy(before.rsplit(|b| *b == b'\n').next().unwrap_or_default()).chars().count() + 1;
    let bare = Error::new(
        error.class(),
        error.phase(),
        error.code(),
        format!("line {line}, column {column}: {}", error.message()),
    );
    let bare = match error.hint_text() {
        Some(hint) => bare.hint(hint),
        None => bare,
    };
    in_file(file, &bare)
}

/// The text without white space and comments before it.
fn without_comments(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        rest = if let Some(comment) = rest.strip_prefix("//") {
            comment.split_once('\n').map_or("", |(_, rest)| rest)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            return rest;
        }
        .trim_start();
    }
}

struct Statements<'i> {
    input: &'i mut dyn BufRead,
    line: u64,
    state: State,
}

/// What a `;` stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Plain,
    /// A `/` that may begin a comment.
    Slash,
    Line,
    Block,
    /// A `*` that may end a comment.
    Star,
    Quoted(u8),
    /// A back-slash in quotes.
    Escaped(u8),
}

impl State {
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Plain | Self::Slash, b'\'' | b'"' | b'`') => Self::Quoted(byte),
            (Self::Slash, b'/') => Self::Line,
            (Self::Slash, b'*') => Self::Block,
            (Self::Plain, b'/') => Self::Slash,
            (Self::Plain | Self::Slash, _) | (Self::Line, b'\n') | (Self::Star, b'/') => Self::Plain,
            (Self::Block | Self::Star, b'*') => Self::Star,
            (Self::Block | Self::Star, _) => Self::Block,
            (Self::Quoted(quote), b'\\') if quote != b'`' => Self::Escaped(quote),
            // a back-tick doubled ends and begins: nothing lies between
            (Self::Quoted(quote), _) if quote == byte => Self::Plain,
            (Self::Escaped(quote), _) => Self::Quoted(quote),
            (same, _) => same,
        }
    }
}

impl Statements<'_> {
    fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut statement = Vec::new();
        self.state = State::Plain;
        loop {
            let seen = statement.len();
            let room = (LONGEST + 1).saturating_sub(seen) as u64;
            let read = std::io::Read::take(&mut *self.input, room).read_until(b';', &mut statement);
            let read = read.map_err(|e| crate::io::unreadable(&format!("line {}", self.line), &e))?;
            if statement.len() > LONGEST {
                return Err(Error::data(format!("line {}: a statement longer than {LONGEST} bytes", self.line)));
            }
            let ends = statement[seen..].iter().fold(false, |_, &byte| {
                let ends = byte == b';' && matches!(self.state, State::Plain | State::Slash);
                self.line += u64::from(byte == b'\n');
                self.state = self.state.after(byte);
                ends
            });
            if ends {
                statement.pop();
                return Ok(Some(statement));
            }
            if read == 0 {
                return match self.state {
                    State::Quoted(_) | State::Escaped(_) => {
                        Err(Error::data(format!("line {}: a quote is opened and never closed", self.line)))
                    }
                    _ => Ok((!statement.is_empty()).then_some(statement)),
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(text: &str) -> (Vec<String>, Result<()>) {
        let mut seen = Vec::new();
        let mut run = |text: &str| {
            seen.push(text.trim().to_owned());
            if text.contains("BAD") { Err(Error::data("bad").at(crate::error::Span::new(3, 6))) } else { Ok(()) }
        };
        let result = read(&mut text.as_bytes(), "x.cypher", &mut run, &mut |e| Err(e));
        (seen, result)
    }

    #[test]
    fn a_semicolon_separates_only_where_it_stands_alone() {
        let text = "CREATE (:A {n: 'a;\\';b'}); // c;\nCREATE (:`x``;y`) /* ; */;\n\nRETURN \";\" / 2;;\nRETURN 1";
        let (seen, result) = statements(text);
        result.expect("well formed");
        let expected =
            ["CREATE (:A {n: 'a;\\';b'})", "// c;\nCREATE (:`x``;y`) /* ; */", "RETURN \";\" / 2", "RETURN 1"];
        assert_eq!(seen, expected);
    }

    #[test]
    fn transactions_are_passed_over_and_errors_are_placed() {
        let (seen, result) = statements(":begin\nCREATE ();\n:commit\nBEGIN;\nCOMMIT;\n\n  BAD;");
        assert_eq!(result.expect_err("bad").message(), "x.cypher, line 7, column 2: bad");
        assert_eq!(seen, ["CREATE ()", "BAD"]);
        assert!(statements("ROLLBACK;").1.is_err());
        assert!(statements(":source x\n").1.is_err());
        let error = statements("RETURN 1;\nRETURN '1;").1.expect_err("open");
        assert_eq!(error.message(), "x.cypher, line 2: a quote is opened and never closed");
    }
}
