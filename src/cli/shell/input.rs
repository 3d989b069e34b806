//! Plain lines: of a pipe, of a file, or of a terminal that cannot be edited on.
//!
//! In a script a statement ends with a semicolon, at a line that is a `:command`, or with the file; at a terminal also
//! when it is whole. A `:command` is a line of its own.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::Failure;
use super::Keyboard;
use super::session::Session;
use crate::error::{Class, Code, Error, Phase};
use crate::syntax;

/// Longest statement that is waited for, in bytes.
const LONGEST: usize = 64 << 20;

/// What was typed.
#[derive(Debug, PartialEq)]
pub(super) enum Typed {
    /// A command or statements.
    Text(String),
    /// Ctrl-C, or an empty line.
    Nothing,
    /// The end of the input.
    End,
}

/// A source of plain lines.
pub(super) struct Lines {
    from: Box<dyn BufRead>,
    /// What belongs to the statement so far.
    pending: String,
    /// A command that ended the statement before it.
    command: Option<String>,
    /// Lines read so far, and how many of them stand before the statement under way.
    read: usize,
    before: usize,
    interrupted: Option<Arc<AtomicBool>>,
}

impl Lines {
    /// Lines of standard input that nobody types.
    pub(super) fn of_pipe() -> Self {
        Self::new(Box::new(std::io::stdin().lock()), None)
    }

    /// Lines of a file.
    pub(super) fn of_file(file: File) -> Self {
        Self::new(Box::new(BufReader::new(file)), None)
    }

    /// Lines that a person types without an editor.
    pub(super) fn of_terminal(interrupted: Arc<AtomicBool>) -> Self {
        Self::new(Box::new(std::io::stdin().lock()), Some(interrupted))
    }

    fn new(from: Box<dyn BufRead>, interrupted: Option<Arc<AtomicBool>>) -> Self {
        Self { from, pending: String::new(), command: None, read: 0, before: 0, interrupted }
    }

    /// The next statements or command of a script.
    pub(super) fn next_of_script(&mut self) -> Result<Typed, Failure> {
        if let Some(command) = self.command.take() {
            return Ok(Typed::Text(command));
        }
        loop {
            let Some(line) = self.line()? else {
                let rest = std::mem::take(&mut self.pending);
                return Ok(if rest.trim().is_empty() { Typed::End } else { Typed::Text(rest) });
            };
            if is_command(&line) && (self.pending.trim().is_empty() || !syntax::is_unfinished(&self.pending)) {
                let before = std::mem::take(&mut self.pending);
                if before.trim().is_empty() {
                    return Ok(Typed::Text(line));
                }
                self.command = Some(line);
                return Ok(Typed::Text(before));
            }
            if self.pending.is_empty() {
                self.before = self.read - 1;
            }
            self.pending.push_str(&line);
            // only a line with a semicolon can end a statement: long ones are not read again and again
            if line.contains(';') && ends(&self.pending) {
                return Ok(Typed::Text(std::mem::take(&mut self.pending)));
            }
        }
    }

    /// An error in the text that was given last, placed in the whole script.
    pub(super) fn placed(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Query { error, text, origin: None } if error.span().is_some() => {
                let error = error.shifted(u32::try_from(self.before).unwrap_or(0));
                Failure::Query { error, text: "\n".repeat(self.before) + &text, origin: None }
            }
            other => other,
        }
    }

    /// The next line with its end; nothing at the end of the input.
    fn line(&mut self) -> Result<Option<String>, Failure> {
        let mut bytes = Vec::new();
        let read = self.from.read_until(b'\n', &mut bytes);
        let cannot = |why: String| Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, why);
        if read.map_err(|e| cannot(format!("cannot read the input: {e}")))? == 0 {
            return Ok(None);
        }
        if self.pending.len() + bytes.len() > LONGEST {
            return Err(Error::limit(Code::Size, format!("a statement is longer than {LONGEST} bytes")).into());
        }
        self.read += 1;
        let line = String::from_utf8(bytes);
        Ok(Some(line.map_err(|e| cannot(format!("a line is not UTF-8 at byte {}", e.utf8_error().valid_up_to())))?))
    }
}

impl Keyboard for Lines {
    fn next(&mut self, session: &Session) -> Result<Typed, Failure> {
        loop {
            let prompt = if self.pending.is_empty() { session.prompt() } else { "    ...> " };
            print_prompt(prompt)?;
            let line = self.line()?;
            if self.interrupted.as_ref().is_some_and(|flag| flag.swap(false, Ordering::Relaxed)) {
                self.pending.clear();
                return Ok(if line.is_none() { Typed::End } else { Typed::Nothing });
            }
            let Some(line) = line else { return Ok(Typed::End) };
            let blank = line.trim().is_empty();
            self.pending.push_str(&line);
            if is_command(&self.pending) || blank || !syntax::is_unfinished(&self.pending) {
                let text = std::mem::take(&mut self.pending);
                return Ok(if text.trim().is_empty() { Typed::Nothing } else { Typed::Text(text) });
            }
        }
    }
}

fn print_prompt(prompt: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(prompt.as_bytes())?;
    out.flush()
}

/// Whether a line is a command: a colon and a letter. No statement begins so.
pub(super) fn is_command(line: &str) -> bool {
    line.trim_start().strip_prefix(':').is_some_and(|rest| rest.starts_with(|c: char| c.is_alphabetic() || c == '?'))
}

/// Whether the last thing of the text is a semicolon that stands in no quote and no comment.
fn ends(text: &str) -> bool {
    let (tokens, problem) = syntax::tokens(text);
    problem.is_none() && tokens.last().is_some_and(|token| token.span.of(text) == ";")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &'static str) -> Vec<String> {
        let mut lines = Lines::new(Box::new(text.as_bytes()), None);
        let mut all = Vec::new();
        while let Typed::Text(text) = lines.next_of_script().expect("text") {
            all.push(text.trim().to_owned());
        }
        all
    }

    #[test]
    fn statements_end_with_a_semicolon_a_command_or_the_file() {
        assert_eq!(
            script("MATCH (n)\nRETURN n\nLIMIT 1; RETURN ';\n' AS x;\n\n:format csv\nRETURN 1\n:schema\nRETURN 2"),
            ["MATCH (n)\nRETURN n\nLIMIT 1; RETURN ';\n' AS x;", ":format csv", "RETURN 1", ":schema", "RETURN 2"]
        );
    }

    #[test]
    fn a_label_at_the_begin_of_a_line_is_no_command() {
        assert_eq!(script("MATCH (n\n:law)\nRETURN n;"), ["MATCH (n\n:law)\nRETURN n;"]);
        assert_eq!(script("\n\n"), [""; 0]);
    }
}
