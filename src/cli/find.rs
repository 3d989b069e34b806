//! `find`: entities by any of their names; homonyms and look-alikes stand side by side, none is chosen.

use super::args::FindArgs;
use super::terminal::Desk;
use super::{Done, Outcome, open, query};
use crate::engine::{Engine, NodeData, Rows};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::io::answer;
use crate::lineage::names::{Candidate, Found, Rank};
use crate::value::Value;

/// Runs the command; exit code 1 when nothing comes near.
pub(super) fn run(args: FindArgs, desk: &mut Desk) -> Outcome {
    let engine = open::for_reading(&args.source)?;
    let candidates = engine.search(&args.name, args.limit);
    if candidates.is_empty() {
        return Err(nobody(&args.name).into());
    }
    let certain = match engine.find(&args.name) {
        Found::One(candidate) => Some(candidate.node),
        Found::Many(_) | Found::None(_) => None,
    };
    let mut rows = Vec::new();
    for candidate in &candidates {
        let mark = if certain == Some(candidate.node) { " (this one)" } else { "" };
        let known = known(&engine, candidate)?;
        rows.push(vec![
            Value::Str(candidate.name.clone()),
            Value::Str(candidate.kind.clone()),
            Value::Str(candidate.id.clone()),
            Value::Str(candidate.met.text.clone()),
            format!("{}{mark}", how(candidate.rank)).into(),
            Value::Int(known.documents),
            Value::Int(known.witnesses),
            known.used_in.into(),
        ]);
    }
    query::print(&table(rows, args.output.for_programs()), &args.output, desk)?;
    desk.flush()?;
    if certain.is_none() {
        desk.note("no single entity answers to this name: say which by its full name or its id");
    }
    Ok(Done::Well)
}

/// The one entity that answers to a name. Errors: nobody does, or several do; they are listed, never guessed.
pub(super) fn resolve(engine: &Engine, name: &str) -> Result<(Candidate, NodeData)> {
    match engine.find(name) {
        Found::One(candidate) => {
            let node = engine.node(candidate.node).ok_or_else(|| nobody(name))?;
            Ok((candidate, node))
        }
        Found::Many(candidates) => {
            let message = format!("several entities are called {name:?}");
            let error = Error::new(Class::EntityNotFound, Phase::Runtime, Code::NameAmbiguous, message);
            Err(error.hint(format!("say which: {}", listed(&candidates))))
        }
        Found::None(near) if near.is_empty() => Err(nobody(name)),
        Found::None(near) => Err(nobody(name).hint(format!("near: {}", listed(&near)))),
    }
}

fn listed(candidates: &[Candidate]) -> String {
    let shown: Vec<String> =
        candidates.iter().take(8).map(|c| format!("{} ({}, id {})", c.name, c.kind, c.id)).collect();
    shown.join("; ")
}

/// What documents have of an entity.
#[derive(Default)]
struct Known {
    /// The documents that use the name it was met by; nothing when none does.
    used_in: Option<String>,
    documents: i64,
    witnesses: i64,
}

fn known(engine: &Engine, candidate: &Candidate) -> Result<Known> {
    const ASKED: &str = "\
MATCH (n) WHERE id(n) = $id
RETURN support(n) AS documents, witnesses(n) AS witnesses, [x IN names(n) WHERE x.name = $met | x.documents] AS used";
    let Some(id) = engine.node(candidate.node).and_then(|n| i64::try_from(n.id).ok()) else {
        return Ok(Known::default());
    };
    let met = Value::Str(candidate.met.text.clone());
    let rows = engine.query(ASKED).param("id", id).param("met", met).rows()?;
    let Some(row) = rows.get(0) else { return Ok(Known::default()) };
    let number = |column: &str| if let Some(Value::Int(n)) = row.get(column) { *n } else { 0 };
    let mut used: Vec<String> = Vec::new();
    if let Some(Value::List(names)) = row.get("used") {
        for documents in names.iter().filter_map(|v| if let Value::List(items) = v { Some(items) } else { None }) {
            used.extend(documents.iter().map(|v| crate::io::text::cell(v, rows.entities())));
        }
    }
    used.sort_unstable();
    used.dedup();
    let used_in = (!used.is_empty()).then(|| used.join(", "));
    Ok(Known { used_in, documents: number("documents"), witnesses: number("witnesses") })
}

/// The candidates as a table; a person sees voices and documents of a name only where there is something to see.
fn table(rows: Vec<Vec<Value>>, for_programs: bool) -> Rows {
    const COLUMNS: [&str; 8] = ["name", "kind", "id", "met", "by", "documents", "witnesses", "usedIn"];
    let differ = |row: &Vec<Value>| matches!((&row[5], &row[6]), (Value::Int(a), Value::Int(b)) if a != b);
    let shown = |column: usize| match column {
        6 => for_programs || rows.iter().any(differ),
        7 => for_programs || rows.iter().any(|row| !row[7].is_null()),
        _ => true,
    };
    let columns: Vec<usize> = (0..COLUMNS.len()).filter(|column| shown(*column)).collect();
    let names: Vec<&str> = columns.iter().map(|column| COLUMNS[*column]).collect();
    let cells = rows.iter().map(|row| columns.iter().map(|column| row[*column].clone()).collect());
    answer::made(&names, cells.collect())
}

fn nobody(name: &str) -> Error {
    let message = format!("nothing is called {name:?}");
    Error::new(Class::EntityNotFound, Phase::Runtime, Code::NameNotFound, message)
        .hint("`shejire schema` lists the kinds of things there are, `shejire query \"MATCH (n:KIND) RETURN n.name\"` those of one")
}

fn how(rank: Rank) -> &'static str {
    match rank {
        Rank::Exact => "name",
        Rank::Folded => "same letters",
        Rank::Alias => "alias",
        Rank::Spelling => "spelling",
        Rank::Start => "beginning",
        Rank::Words => "words",
        Rank::Initials => "initials",
        Rank::Near => "look-alike",
    }
}
