//! `find`: entities by any of their names; homonyms and look-alikes stand side by side, none is chosen.

use super::args::FindArgs;
use super::terminal::Desk;
use super::{Done, Outcome, open, query};
use crate::engine::{Engine, Match};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::io::answer;
use crate::value::Value;

/// Runs the command; exit code 1 when nothing comes near.
pub(super) fn run(args: FindArgs, desk: &mut Desk) -> Outcome {
    let engine = open::engine(&args.source)?;
    let found = engine.find(&args.name, args.limit);
    if found.is_empty() {
        return Err(nobody(&args.name).into());
    }
    let rows = found.iter().map(|m| {
        let how = if m.certain { format!("{} (this one)", m.how) } else { m.how.to_owned() };
        vec![
            Value::Str(m.name.clone()),
            Value::Str(m.kind.clone()),
            Value::Str(m.id.clone()),
            Value::Str(m.met.clone()),
            how.into(),
            Value::Int(i64::try_from(m.support).unwrap_or(i64::MAX)),
        ]
    });
    let rows = answer::made(&["name", "kind", "id", "met", "by", "documents"], rows.collect());
    query::print(&rows, &args.output, desk)?;
    desk.flush()?;
    if !found.iter().any(|m| m.certain) {
        desk.note("no single entity answers to this name: say which by its full name or its id");
    }
    Ok(Done::Well)
}

/// The one entity that answers to a name. Errors: nobody does, or several do; they are listed, never guessed.
pub(super) fn resolve(engine: &Engine, name: &str) -> Result<Match> {
    let mut found = engine.find(name, 8);
    if let Some(at) = found.iter().position(|m| m.certain) {
        return Ok(found.swap_remove(at));
    }
    let listed: Vec<String> = found.iter().map(|m| format!("{} ({}, id {})", m.name, m.kind, m.id)).collect();
    let close = found.first().is_none_or(|m| matches!(m.how, "initials" | "look-alike"));
    if close {
        let error = nobody(name);
        return Err(if listed.is_empty() { error } else { error.hint(format!("near: {}", listed.join("; "))) });
    }
    let message = format!("several entities are called {name:?}");
    let error = Error::new(Class::EntityNotFound, Phase::Runtime, Code::NameAmbiguous, message);
    Err(error.hint(format!("say which: {}", listed.join("; "))))
}

fn nobody(name: &str) -> Error {
    let message = format!("nothing is called {name:?}");
    Error::new(Class::EntityNotFound, Phase::Runtime, Code::NameNotFound, message)
}
