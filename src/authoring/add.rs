//! Writing facts down: the rows of a claim, the folder as it would be with them, and what there is to know before they are saved.

use std::sync::Arc;

use super::folder::Folder;
use super::gates::{Claim, unused};
use crate::dataset::{self, Dataset, Edit, Problem};
use crate::engine::{ConflictSide, Engine};
use crate::error::{Error, Result};
use crate::provenance::{Locator, Mode, reserved};

/// Facts that are to be written, and what follows from them.
pub(crate) struct Adding {
    edit: Edit,
    /// The ids of the rows.
    pub(crate) ids: Vec<String>,
    /// The entities that it makes, each once, by id and name.
    made: Vec<(Arc<str>, Arc<str>)>,
}

/// What there is to know of facts before they are saved.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// What `check` would say that it does not say now.
    pub(crate) problems: Vec<Problem>,
    /// Conflicts that there are not yet, each in a line.
    pub(crate) conflicts: Vec<String>,
    /// Places that say the same already: they are further evidence of one fact.
    pub(crate) same: Vec<String>,
}

impl Adding {
    /// Of a folder; nothing is added yet.
    pub(crate) fn to(folder: &Folder) -> Self {
        Self { edit: Edit::open(&folder.dir), ids: Vec::new(), made: Vec::new() }
    }

    /// Adds the rows of a claim. Errors: a table cannot be read.
    pub(crate) fn claim(&mut self, folder: &Folder, claim: &Claim) -> Result<()> {
        let mut mention = claim.mention.clone();
        if mention.id.is_empty() {
            mention.id = self.next_id(&folder.dataset).into();
        }
        for entity in &claim.new {
            match self.made.iter().find(|(id, _)| *id == entity.id) {
                Some((_, name)) if *name == entity.name => continue,
                Some((id, name)) => {
                    let message = format!("`{name}` and `{}` would both be `{id}`", entity.name);
                    return Err(Error::data(message)
                        .hint("write one of them down first, with an id of its own in entities.csv"));
                }
                None => self.made.push((entity.id.clone(), entity.name.clone())),
            }
            self.edit.add("entities.csv", &[("id", &entity.id), ("kind", &entity.kind), ("name", &entity.name)])?;
            let text = folder.documents.text(&mention.source, mention.at).unwrap_or_default();
            if dataset::says(text, &entity.name) {
                let place = format!("{}:{}", mention.source, Locator::paragraph(mention.at.paragraph));
                let language = folder.source(&mention.source).map_or("", |source| &*source.language);
                let cells = [("entity", &*entity.id), ("alias", &*entity.name), ("language", language)];
                self.edit
                    .add("aliases.csv", &[&cells[..], &[("status", "preferred"), ("used_in", &place)]].concat())?;
            }
        }
        let cells = dataset::cells_of_mention(&mention);
        let cells: Vec<(&str, &str)> = cells.iter().map(|(column, cell)| (*column, cell.as_str())).collect();
        self.edit.add("mentions.csv", &cells)?;
        self.ids.push(mention.id.to_string());
        Ok(())
    }

    /// The id behind the last one, as ids are made here: `M7` after `M6`, `F0706` after `F0705`.
    fn next_id(&self, dataset: &Dataset) -> String {
        let last = self
            .ids
            .last()
            .map(String::as_str)
            .or_else(|| dataset.mentions.last().map(|mention| &*mention.id))
            .unwrap_or("M0");
        let digits = last.len() - last.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (name, number) = last.split_at(last.len() - digits);
        let next = number.parse::<u64>().unwrap_or(0).saturating_add(1);
        let taken = |id: &str| {
            self.ids.iter().any(|own| own == id) || dataset.mentions.iter().any(|mention| *mention.id == *id)
        };
        let name = if digits == 0 { format!("{name}-") } else { name.to_owned() };
        let mut number = next;
        let mut id = format!("{name}{number:0digits$}");
        while taken(&id) && number < u64::MAX {
            number += 1;
            id = format!("{name}{number:0digits$}");
        }
        unused(&id, taken)
    }

    /// What there is to know before it is saved. Errors: the folder as it would be has a problem that must be mended, which is told.
    pub(crate) fn before(&self, folder: &Folder, claims: &[&Claim]) -> Result<Before> {
        let after = self.edit.read();
        let key = |problem: &Problem| (problem.file.clone(), problem.column, problem.message.clone());
        let known: Vec<_> = dataset::check(&folder.dataset).iter().map(key).collect();
        let mut problems = dataset::check(&after);
        problems.retain(|problem| !known.contains(&key(problem)));
        if let Some(problem) = problems.iter().find(|problem| problem.blocking) {
            return Err(Error::from(problem));
        }
        let before = conflict_lines(&Engine::from_dataset(&folder.dataset)?)?;
        let mut conflicts = conflict_lines(&Engine::from_dataset(&after)?)?;
        conflicts.retain(|line| !before.contains(line));
        let mut same = Vec::new();
        for claim in claims {
            for mention in folder.dataset.mentions.iter().filter(|mention| mention.is_of_group(&claim.mention)) {
                let denies = mention.qualifier(reserved::MODE).and_then(Mode::parse) == Some(Mode::Denies);
                let says = if denies { "denies it" } else { "says so, too" };
                same.push(format!("{}:{} {says} ({})", mention.source, mention.at, mention.id));
            }
        }
        Ok(Before { problems, conflicts, same })
    }

    /// The lines that are written, file by file.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.edit.lines()
    }

    /// Saves it under the words `what`. Errors: a table was changed meanwhile, or cannot be written; nothing is written then.
    pub(crate) fn save(&self, what: &str) -> Result<Vec<String>> {
        self.edit.write(what)
    }
}

/// The conflicts of a graph, each in a line: what is said against what. Errors: none is expected of a graph in memory.
fn conflict_lines(engine: &Engine) -> Result<Vec<String>> {
    let claim = |side: &ConflictSide| {
        let states: Vec<String> =
            side.states.iter().map(|(key, values)| format!("{key}: {}", values.join(" | "))).collect();
        let states = if states.is_empty() { String::new() } else { format!(" ({})", states.join("; ")) };
        format!("{}{states}, {}", side.claim, side.documents.join(", "))
    };
    let all = engine.conflicts(None)?;
    Ok(all.iter().map(|one| format!("{} — {}", claim(&one.sides[0]), claim(&one.sides[1]))).collect())
}
