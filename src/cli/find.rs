//! `find`: entities by any of their names; homonyms and look-alikes stand side by side, none is chosen.

use super::args::FindArgs;
use super::terminal::Desk;
use super::{Done, Outcome, open, query};
use crate::engine::{Engine, NodeData};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::io::answer;
use crate::lineage::names::{Candidate, Found, Rank};
use crate::value::Value;

/// Runs the command; exit code 1 when nothing comes near.
pub(super) fn run(args: FindArgs, desk: &mut Desk) -> Outcome {
    let engine = open::to_the_end(&args.source)?;
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
        rows.push(vec![
            Value::Str(candidate.name.clone()),
            Value::Str(candidate.kind.clone()),
            Value::Str(candidate.id.clone()),
            Value::Str(candidate.met.text.clone()),
            format!("{}{mark}", how(candidate.rank)).into(),
            documents(&engine, candidate)?,
        ]);
    }
    query::print(&answer::made(&["name", "kind", "id", "met", "by", "documents"], rows), &args.output, desk)?;
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

fn documents(engine: &Engine, candidate: &Candidate) -> Result<Value> {
    let Some(id) = engine.node(candidate.node).and_then(|n| i64::try_from(n.id).ok()) else { return Ok(Value::Null) };
    let rows = engine.query("MATCH (n) WHERE id(n) = $id RETURN support(n)").param("id", id).rows()?;
    Ok(rows.get(0).and_then(|r| r.values().first().cloned()).unwrap_or_default())
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
        Rank::Words => "words",
        Rank::Initials => "initials",
        Rank::Near => "look-alike",
    }
}
