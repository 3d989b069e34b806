//! `find`: entities by any of their names; homonyms and look-alikes stand side by side, none is chosen.

use super::args::FindArgs;
use super::terminal::Desk;
use super::{Done, Outcome, open, query};
use crate::engine::{Entity, Rows};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::io::answer;
use crate::lineage::names::{Candidate, Found};
use crate::value::Value;

/// Runs the command; exit code 1 when nothing comes near.
pub(super) fn run(args: FindArgs, desk: &mut Desk) -> Outcome {
    let engine = open::for_reading(&args.source)?;
    let snapshot = engine.snapshot()?;
    let candidates = snapshot.search(&args.name, args.limit);
    if candidates.is_empty() {
        return Err(nobody(&args.name).into());
    }
    let certain = match snapshot.find(&args.name) {
        Found::One(candidate) => Some(candidate.node),
        Found::Many(_) | Found::None(_) => None,
    };
    let count = |n: usize| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let row = |candidate: &Candidate| {
        let mark = if certain == Some(candidate.node) { " (this one)" } else { "" };
        let entity = snapshot.entity(candidate.node)?;
        Ok(vec![
            Value::Str(candidate.name.clone()),
            Value::Str(candidate.kind.clone()),
            Value::Str(candidate.id.clone()),
            Value::Str(candidate.met.text.clone()),
            format!("{}{mark}", candidate.rank.words()).into(),
            count(entity.support()),
            count(entity.witnesses()),
            used_in(&entity, &candidate.met.text).into(),
        ])
    };
    let rows = snapshot.read(|_| candidates.iter().map(row).collect::<Result<Vec<_>>>())?;
    query::print(&table(rows, args.output.for_programs()), &args.output, desk)?;
    desk.flush()?;
    if certain.is_none() {
        desk.note("no single entity answers to this name: say which by its full name or its id");
    }
    Ok(Done::Well)
}

/// The documents that use a name of an entity; nothing when none does.
fn used_in(entity: &Entity, met: &str) -> Option<String> {
    let names = entity.names();
    let mut documents: Vec<_> = names.iter().filter(|name| *name.name == *met).flat_map(|n| n.documents()).collect();
    documents.sort_unstable();
    documents.dedup();
    (!documents.is_empty()).then(|| documents.join(", "))
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
