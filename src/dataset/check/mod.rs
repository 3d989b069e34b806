//! Whether the tables fit each other: what a person should mend before trusting an answer.
//!
//! [`check`] adds to what could not be read: ids that nothing declares, kinds and relations likewise,
//! facts outside the domain or range of their relation, places that the documents do not have or that
//! stand twice for one fact, cells that contradict each other, dates that are not EDTF, and things
//! nobody mentions. Whether the sentences are still where the locators say is for
//! [`super::check_sources`], which needs the documents.

mod mentions;
mod tables;

use rustc_hash::FxHashMap;

use super::problem::{Problem, shown};
use super::record::{Dataset, Entity, Kind, Relation, SourceRecord};
use crate::provenance::Locator;
use crate::value::edtf::Edtf;

/// Everything that is wrong with `dataset`, in the order of files and rows.
///
/// Time and space: linear in the number of rows, except for the nearest names of misspelt ids.
pub fn check(dataset: &Dataset) -> Vec<Problem> {
    let mut context = Context::new(dataset);
    tables::check(&mut context);
    mentions::check(&mut context);
    let mut problems = dataset.unread.clone();
    problems.append(&mut context.problems);
    problems.sort_by_key(|p| (FILES.iter().position(|f| **f == *p.file), p.row));
    problems
}

const FILES: [&str; 8] = [
    "dataset.toml",
    "sources.csv",
    "kinds.csv",
    "relations.csv",
    "entities.csv",
    "aliases.csv",
    "mentions.csv",
    "conflicts.csv",
];

/// The tables by id, and the problems found so far.
struct Context<'a> {
    data: &'a Dataset,
    sources: FxHashMap<&'a str, &'a SourceRecord>,
    kinds: FxHashMap<&'a str, &'a Kind>,
    relations: FxHashMap<&'a str, &'a Relation>,
    entities: FxHashMap<&'a str, &'a Entity>,
    problems: Vec<Problem>,
    /// Nearest names still to be looked for: a table full of wrong ids must not take minutes.
    searches: u32,
}

/// A cell: where a problem is.
#[derive(Clone, Copy)]
struct Cell {
    file: &'static str,
    row: u32,
    column: &'static str,
}

impl<'a> Context<'a> {
    fn new(data: &'a Dataset) -> Self {
        let mut context = Self {
            data,
            sources: FxHashMap::default(),
            kinds: FxHashMap::default(),
            relations: FxHashMap::default(),
            entities: FxHashMap::default(),
            problems: Vec::new(),
            searches: 200,
        };
        context.sources = context.by_id("sources.csv", "id", &data.sources, |s| (&*s.id, s.row));
        context.kinds = context.by_id("kinds.csv", "kind", &data.kinds, |k| (&*k.id, k.row));
        context.relations = context.by_id("relations.csv", "relation", &data.relations, |r| (&*r.id, r.row));
        context.entities = context.by_id("entities.csv", "id", &data.entities, |e| (&*e.id, e.row));
        context
    }

    /// The records by id; ids that are missing, ill formed or given twice are reported.
    fn by_id<T>(
        &mut self,
        file: &'static str,
        column: &'static str,
        records: &'a [T],
        id: impl Fn(&'a T) -> (&'a str, u32),
    ) -> FxHashMap<&'a str, &'a T> {
        let mut found: FxHashMap<&'a str, &'a T> = FxHashMap::default();
        for record in records {
            let (name, row) = id(record);
            let cell = Cell { file, row, column };
            if name.is_empty() {
                self.report(cell, "is empty", "every row needs an id of its own");
            } else if !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')) {
                let message = format!("`{}` holds a character that ids must not have", shown(name));
                self.report(cell, message, "letters, digits, hyphens: national-kurultai");
            } else if let Some(first) = found.get(name) {
                let message = format!("`{}` is already the id of row {}", shown(name), id(first).1);
                self.report(cell, message, "give one of them another id");
            } else {
                found.insert(name, record);
            }
        }
        found
    }

    fn report(&mut self, at: Cell, message: impl Into<String>, hint: impl Into<String>) {
        self.problems.push(Problem::new(at.file, at.row, at.column, message).hint(hint));
    }

    fn finding(&mut self, at: Cell, message: impl Into<String>, hint: impl Into<String>) {
        self.problems.push(Problem::finding(at.file, at.row, at.column, message).hint(hint));
    }

    /// Reports a name that nothing declares, with the nearest one that something does.
    fn unknown(&mut self, at: Cell, what: &str, name: &str, known: Vec<&'a str>, otherwise: &str) {
        let message =
            if name.is_empty() { format!("names no {what}") } else { format!("there is no {what} `{}`", shown(name)) };
        let problem = Problem::new(at.file, at.row, at.column, message);
        let search = self.searches > 0 && !name.is_empty() && name.len() < 200;
        self.searches = self.searches.saturating_sub(u32::from(search));
        let problem = if search { problem.nearest(name, known, otherwise) } else { problem.hint(otherwise) };
        self.problems.push(problem);
    }

    fn entity(&mut self, at: Cell, id: &str) -> Option<&'a Entity> {
        let found = self.entities.get(id).copied();
        if found.is_none() {
            let known = if self.searches > 0 { self.entities.keys().copied().collect() } else { Vec::new() };
            self.unknown(at, "entity", id, known, "add it to entities.csv, or correct the id");
        }
        found
    }

    /// Whether a place can be in its document, as far as `sources.csv` says.
    fn place(&mut self, at: Cell, source: &str, place: Locator) {
        let Some(document) = self.sources.get(source) else {
            let known: Vec<&str> = self.sources.keys().copied().collect();
            let bare = |id: &str| id.trim_start_matches('0').to_owned();
            return match known.iter().find(|id| !source.is_empty() && bare(id) == bare(source)) {
                Some(padded) => {
                    let hint = format!("`{padded}`: a spreadsheet drops leading zeros unless the column is text");
                    self.report(at, format!("there is no source `{}`", shown(source)), hint);
                }
                None => self.unknown(at, "source", source, known, "add it to sources.csv, or correct the id"),
            };
        };
        if document.paragraphs > 0 && place.paragraph > document.paragraphs {
            let message =
                format!("`{}` has {} paragraphs, so {source}:{place} is not in it", shown(source), document.paragraphs);
            self.report(at, message, "paragraphs are the lines that are not blank, counted from 1");
        }
    }

    /// The date in a cell; an empty cell is no date and no problem.
    fn date(&mut self, at: Cell, text: &str) -> Option<Edtf> {
        if text.is_empty() {
            return None;
        }
        Edtf::parse(text)
            .map_err(|why| {
                let hint = "dates are 2022, 2022-03, 2022-03-15, 2022/2024, 2013/.. (still so), XXXX (year not stated)";
                self.report(at, format!("`{}` is not an EDTF date: {why}", shown(text)), hint);
            })
            .ok()
    }

    fn dates(&mut self, start: (Cell, &str), end: (Cell, &str)) {
        let (first, last) = (self.date(start.0, start.1), self.date(end.0, end.1));
        if let (Some(from), Some(to)) = (first.and_then(|d| d.earliest()), last.and_then(|d| d.latest()))
            && from > to
        {
            let message = format!("ends ({}) before it starts ({})", shown(end.1), shown(start.1));
            self.report(end.0, message, "one of the two dates is wrong");
        }
    }
}
