//! What is wrong with a folder, in words a spreadsheet user understands.

use std::fmt;

use crate::error::Error;

/// Something in a dataset folder that needs a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as named in the folder (`mentions.csv`).
    pub file: Box<str>,
    /// The row as a spreadsheet numbers it: the header is row 1. 0 when the whole file is meant.
    pub row: u32,
    /// The column, by its heading; empty when the whole row is meant.
    pub column: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it; empty when the message says it.
    pub hint: String,
    /// Whether the folder cannot be loaded before this is mended.
    pub blocking: bool,
}

impl Problem {
    /// A problem that keeps the folder from being loaded.
    pub(super) fn new(file: &str, row: u32, column: &'static str, message: impl Into<String>) -> Self {
        Self { file: file.into(), row, column, message: message.into(), hint: String::new(), blocking: true }
    }

    /// A finding: the folder loads, and somebody should look.
    pub(super) fn finding(file: &str, row: u32, column: &'static str, message: impl Into<String>) -> Self {
        Self { blocking: false, ..Self::new(file, row, column, message) }
    }

    /// The same with advice.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The same, advising the nearest of `known` to `wrong`; without one near, what `otherwise` says.
    pub(super) fn nearest<'a>(
        self,
        wrong: &str,
        known: impl IntoIterator<Item = &'a str>,
        otherwise: impl Into<String>,
    ) -> Self {
        match crate::error::nearest(wrong, known) {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None => self.hint(otherwise),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.row > 0 {
            write!(f, ", row {}", self.row)?;
        }
        if !self.column.is_empty() {
            write!(f, ", column {}", self.column)?;
        }
        write!(f, ": {}", self.message)
    }
}

impl From<&Problem> for Error {
    fn from(problem: &Problem) -> Self {
        let error = Error::data(problem.to_string());
        if problem.hint.is_empty() { error } else { error.hint(problem.hint.clone()) }
    }
}

/// `text` as a message may show it: in one line, control characters made visible, cut when long.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut out: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}
