//! What is wrong with a folder, in words a spreadsheet user understands.

use std::fmt;

use crate::error::Error;
use crate::value::hash::DataMap;

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
    /// What several problems of this sort have in common, in the singular; empty when they have their message.
    pub sort: &'static str,
    /// How many problems this stands for ([`grouped`]).
    pub count: usize,
    /// The first of them, when it stands for several.
    pub examples: Vec<String>,
}

impl Problem {
    /// A problem that keeps the folder from being loaded.
    pub(super) fn new(file: &str, row: u32, column: &'static str, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            row,
            column,
            message: message.into(),
            hint: String::new(),
            blocking: true,
            sort: "",
            count: 1,
            examples: Vec::new(),
        }
    }

    /// A finding: the folder loads, and somebody should look.
    pub(super) fn finding(file: &str, row: u32, column: &'static str, message: impl Into<String>) -> Self {
        Self { blocking: false, ..Self::new(file, row, column, message) }
    }

    /// The same, told together with others of its sort.
    pub(super) fn sort(mut self, sort: &'static str) -> Self {
        self.sort = sort;
        self
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

/// The same problems with equal ones told once: those of one sort, or with one message, become the first of them
/// with their number and the first three as examples. In the order of the first.
///
/// ```
/// use shejire::dataset;
///
/// let mut data = dataset::builtin();
/// for mention in &mut data.mentions[..20] {
///     mention.relation = "transformd-into".into();
/// }
/// let problems = dataset::check(&data);
/// let groups = dataset::grouped(problems.clone());
/// assert!(groups.len() < problems.len() && groups.iter().any(|group| group.count == 20));
/// ```
pub fn grouped(problems: Vec<Problem>) -> Vec<Problem> {
    const EXAMPLES: usize = 3;
    let mut out: Vec<Problem> = Vec::new();
    let mut known: DataMap<(bool, String), usize> = DataMap::default();
    for problem in problems {
        let key = if problem.sort.is_empty() { problem.message.clone() } else { problem.sort.to_owned() };
        let Some(at) = known.get(&(problem.blocking, key.clone())).copied() else {
            known.insert((problem.blocking, key), out.len());
            out.push(problem);
            continue;
        };
        let group = &mut out[at];
        if group.examples.is_empty() {
            group.examples.push(group.example());
            if !group.sort.is_empty() {
                group.message = group.sort.to_owned();
            }
        }
        group.count += problem.count;
        if group.examples.len() < EXAMPLES {
            group.examples.push(problem.example());
        }
    }
    out
}

impl Problem {
    /// The file, row and column, as far as they are known: `mentions.csv, row 3, column object`.
    ///
    /// ```
    /// use shejire::dataset;
    ///
    /// let mut data = dataset::builtin();
    /// data.mentions[0].source = "999".into();
    /// let problems = dataset::check(&data);
    /// let problem = problems.iter().find(|problem| problem.blocking).unwrap();
    /// assert_eq!(problem.place(), "mentions.csv, row 2, column locator");
    /// ```
    pub fn place(&self) -> String {
        let mut out = self.file.to_string();
        if self.row > 0 {
            out += &format!(", row {}", self.row);
        }
        if !self.column.is_empty() {
            out += &format!(", column {}", self.column);
        }
        out
    }

    /// As one of a group: without the message when all share it.
    fn example(&self) -> String {
        if self.sort.is_empty() { self.place() } else { format!("{}: {}", self.place(), self.message) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count > 1 {
            return write!(f, "{}, {} times", self.message, self.count);
        }
        write!(f, "{}: {}", self.place(), self.message)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_problems_are_told_once_with_three_examples() {
        let mut problems = vec![Problem::new("a.csv", 2, "kind", "there is no kind `x`").hint("add it")];
        problems.extend(
            (3..8).map(|row| Problem::finding("b.csv", row, "", format!("row {row} is odd")).sort("an odd row")),
        );
        problems.extend((2..4).map(|row| Problem::new("c.csv", row, "range", "there is no kind `x`")));
        problems.push(Problem::finding("d.csv", 9, "", "alone").sort("a lonely row"));
        let told: Vec<(String, usize, Vec<String>)> =
            grouped(problems).into_iter().map(|p| (p.to_string(), p.count, p.examples)).collect();
        assert_eq!(
            told,
            [
                (
                    "there is no kind `x`, 3 times".to_owned(),
                    3,
                    vec![
                        "a.csv, row 2, column kind".to_owned(),
                        "c.csv, row 2, column range".into(),
                        "c.csv, row 3, column range".into()
                    ]
                ),
                (
                    "an odd row, 5 times".to_owned(),
                    5,
                    vec![
                        "b.csv, row 3: row 3 is odd".to_owned(),
                        "b.csv, row 4: row 4 is odd".into(),
                        "b.csv, row 5: row 5 is odd".into()
                    ]
                ),
                ("d.csv, row 9: alone".to_owned(), 1, vec![]),
            ]
        );
    }
}
