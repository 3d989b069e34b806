//! Whether the tables fit each other: what a person should mend before trusting an answer.
//!
//! [`check`] adds to what could not be read: ids that nothing declares, kinds and relations likewise,
//! facts outside the domain or range of their relation, places that the documents do not have or that
//! stand twice for one fact, cells that contradict each other, dates that are not EDTF, and things
//! nobody mentions; and what cannot be so in time, or is counted as if it were something else ([`time`],
//! [`voices`]). Whether the sentences are still where the locators say is for [`super::check_sources`],
//! which needs the documents.
//!
//! One wrong cell gives one problem: what follows from a cell that is reported is not reported again.

mod mentions;
mod tables;
mod time;
mod voices;

pub(crate) use mentions::{fits, names_an_entity};

use std::sync::Arc;

use super::problem::{Problem, shown};
use super::record::{Dataset, Entity, Kind, MentionRecord, Relation, SourceRecord};
use crate::provenance::Locator;
use crate::value::edtf::Edtf;
use crate::value::hash::{DataMap, DataSet};

/// Everything that is wrong with `dataset`, in the order of files and rows.
///
/// Time: O(n log n) in the number of rows, and a bounded number of searches for the nearest names of misspelt ids.
///
/// ```
/// use shejire::dataset;
///
/// let mut data = dataset::builtin();
/// data.mentions[0].subject = "senat".into();
/// let problem = &dataset::check(&data)[0];
/// assert_eq!((&*problem.file, problem.hint.as_str()), ("mentions.csv", "did you mean `senate`?"));
/// ```
pub fn check(dataset: &Dataset) -> Vec<Problem> {
    let mut context = Context::new(dataset);
    tables::check(&mut context);
    // what is asked of time and voices needs the ids alone, so a thread of its own may ask it
    let beside = |mut context: Context<'_>| {
        time::check(&mut context);
        voices::check(&mut context);
        context.problems
    };
    let own = Context { problems: Vec::new(), ..context.clone() };
    let mut others = std::thread::scope(|scope| {
        let worth_it = dataset.mentions.len() >= WORTH_A_THREAD;
        let spawned = worth_it.then(|| std::thread::Builder::new().spawn_scoped(scope, || beside(own.clone())));
        mentions::check(&mut context);
        match spawned {
            Some(Ok(thread)) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            // few mentions, or no thread to be had
            None | Some(Err(_)) => beside(own.clone()),
        }
    });
    let mut problems = dataset.unread.clone();
    problems.append(&mut context.problems);
    problems.append(&mut others);
    problems.sort_by_key(|p| (FILES.iter().position(|f| **f == *p.file), p.row));
    problems
}

/// From so many mentions on a thread costs less than it saves.
const WORTH_A_THREAD: usize = 10_000;

const FILES: [&str; 9] = [
    "dataset.toml",
    "sources.csv",
    "kinds.csv",
    "relations.csv",
    "qualifiers.csv",
    "entities.csv",
    "aliases.csv",
    "mentions.csv",
    "conflicts.csv",
];

/// The tables by id, and the problems found so far.
#[derive(Clone)]
struct Context<'a> {
    data: &'a Dataset,
    sources: DataMap<&'a str, &'a SourceRecord>,
    kinds: DataMap<&'a str, &'a Kind>,
    relations: DataMap<&'a str, &'a Relation>,
    entities: DataMap<&'a str, &'a Entity>,
    /// The first mention of each id.
    mentions: Arc<DataMap<&'a str, &'a MentionRecord>>,
    problems: Vec<Problem>,
    /// Nearest names still to be looked for: a table full of wrong ids must not take minutes.
    searches: u32,
    /// What was found for wrong names.
    nearest: DataMap<(&'static str, &'a str), Option<&'a str>>,
    /// Ids of entities that a wrong id was probably to be.
    meant: DataSet<&'a str>,
}

/// The first mention of each id.
fn by_id(mentions: &[MentionRecord]) -> DataMap<&str, &MentionRecord> {
    let mut first: DataMap<&str, &MentionRecord> = DataMap::default();
    first.reserve(mentions.len());
    for mention in mentions {
        first.entry(&mention.id).or_insert(mention);
    }
    first
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
            sources: DataMap::default(),
            kinds: DataMap::default(),
            relations: DataMap::default(),
            entities: DataMap::default(),
            mentions: Arc::new(by_id(&data.mentions)),
            problems: Vec::new(),
            searches: 200,
            nearest: DataMap::default(),
            meant: DataSet::default(),
        };
        context.sources = context.by_id("sources.csv", "id", &data.sources, |s| (&*s.id, s.row));
        context.kinds = context.by_id("kinds.csv", "kind", &data.kinds, |k| (&*k.id, k.row));
        context.relations = context.by_id("relations.csv", "relation", &data.relations, |r| (&*r.id, r.row));
        context.entities = context.by_id("entities.csv", "id", &data.entities, |e| (&*e.id, e.row));
        context
    }

    /// Reports an id that is missing, ill formed, or that of an earlier row.
    fn id(&mut self, cell: Cell, name: &str, first: Option<u32>) {
        if name.is_empty() {
            self.report(cell, "is empty", "every row needs an id of its own");
        } else if !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')) {
            let message = format!("`{}` holds a character that ids must not have", shown(name));
            self.report(cell, message, "letters, digits, hyphens: national-kurultai");
        } else if let Some(first) = first {
            let message = format!("`{}` is already the id of row {first}", shown(name));
            self.report(cell, message, "give one of them another id");
        }
    }

    /// The records by id; ids that are missing, ill formed or given twice are reported.
    fn by_id<T>(
        &mut self,
        file: &'static str,
        column: &'static str,
        records: impl IntoIterator<Item = &'a T>,
        id: impl Fn(&'a T) -> (&'a str, u32),
    ) -> DataMap<&'a str, &'a T> {
        let mut found: DataMap<&'a str, &'a T> = DataMap::default();
        for record in records {
            let (name, row) = id(record);
            let first = found.get(name).map(|first| id(first).1);
            let before = self.problems.len();
            self.id(Cell { file, row, column }, name, first);
            if self.problems.len() == before {
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

    /// A problem that is told together with others of its sort.
    fn report_sort(&mut self, at: Cell, sort: &'static str, message: impl Into<String>, hint: &str) {
        self.problems.push(Problem::new(at.file, at.row, at.column, message).hint(hint).sort(sort));
    }

    /// A finding that is told together with others of its sort.
    fn note(&mut self, at: Cell, sort: &'static str, message: impl Into<String>, hint: &str) {
        self.problems.push(Problem::finding(at.file, at.row, at.column, message).hint(hint).sort(sort));
    }

    /// Reports a name that nothing declares, with the nearest one that something does.
    fn unknown(
        &mut self,
        at: Cell,
        what: &'static str,
        name: &'a str,
        known: impl FnOnce(&Self) -> Vec<&'a str>,
        otherwise: &str,
    ) {
        let message =
            if name.is_empty() { format!("names no {what}") } else { format!("there is no {what} `{}`", shown(name)) };
        let near = match self.nearest.get(&(what, name)) {
            Some(near) => *near,
            None if self.searches == 0 || name.is_empty() => None,
            None => {
                self.searches -= 1;
                let near = crate::error::nearest(name, known(self));
                self.nearest.insert((what, name), near);
                near
            }
        };
        if what == "entity" {
            self.meant.extend(near);
        }
        let hint = near.map_or_else(|| otherwise.to_owned(), |near| format!("did you mean `{near}`?"));
        self.report(at, message, hint);
    }

    fn entity(&mut self, at: Cell, id: &'a str) -> Option<&'a Entity> {
        let found = self.entities.get(id).copied();
        if found.is_none() {
            let known = |context: &Self| context.entities.keys().copied().collect();
            self.unknown(at, "entity", id, known, "add it to entities.csv, or correct the id");
        }
        found
    }

    /// Whether a place can be in its document, as far as `sources.csv` says.
    fn place(&mut self, at: Cell, source: &'a str, place: Locator) {
        let Some(document) = self.sources.get(source) else {
            let bare = |id: &'a str| id.trim_start_matches('0');
            return match self.sources.keys().find(|id| !source.is_empty() && bare(id) == bare(source)) {
                Some(padded) => {
                    let hint = format!("`{padded}`: a spreadsheet drops leading zeros unless the column is text");
                    self.report(at, format!("there is no source `{}`", shown(source)), hint);
                }
                None => {
                    let known = |context: &Self| context.sources.keys().copied().collect();
                    self.unknown(at, "source", source, known, "add it to sources.csv, or correct the id");
                }
            };
        };
        if document.paragraphs > 0 && place.paragraph > document.paragraphs {
            let message =
                format!("`{}` has {} paragraphs, so {source}:{place} is not in it", shown(source), document.paragraphs);
            let hint = "paragraphs are the lines that are not blank, counted from 1";
            self.report_sort(at, "a place that its document does not have", message, hint);
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

    /// A word that must be one of a few.
    fn choice(&mut self, at: Cell, word: &'a str, allowed: &[&'static str]) {
        if !word.is_empty() && !allowed.contains(&word) {
            let message = format!("`{}` cannot stand here", shown(word));
            let otherwise = format!("{} or nothing", allowed.join(", "));
            let problem = Problem::new(at.file, at.row, at.column, message);
            self.problems.push(problem.nearest(word, allowed.iter().copied(), otherwise));
        }
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
