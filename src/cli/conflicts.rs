//! `conflicts`: what does not go together, side by side.

use std::sync::Arc;

use super::args::ConflictsArgs;
use super::terminal::Desk;
use super::trace::{places, whose};
use super::{Done, Outcome, open, query};
use crate::engine::{Conflict, ConflictSide, Conflicts, Rows};
use crate::io::answer::{self, Form};
use crate::value::Value;

/// Runs the command.
pub(super) fn run(args: ConflictsArgs, desk: &mut Desk) -> Outcome {
    let engine = open::for_reading(&args.source)?;
    let (shown, any) = engine.snapshot()?.read(|snapshot| {
        let seen = snapshot.as_told_by(&whose(&args.through))?;
        let of = args.name.as_deref().map(|name| seen.entity(name)).transpose()?;
        let conflicts = seen.conflicts(of.map(|entity| entity.node()));
        let shown = match args.output.form() {
            Form::Json | Form::JsonLines => conflicts.rows()?,
            Form::Csv => plain(&conflicts),
            Form::Table | Form::Markdown => readable(&conflicts),
        };
        Ok((shown, !conflicts.is_empty()))
    })?;
    query::print(&shown, &args.output, desk)?;
    Ok(if args.strict && any { Done::Findings } else { Done::Well })
}

/// The columns of the language but the facts themselves, lists as people write them.
fn plain(conflicts: &Conflicts) -> Rows {
    const COLUMNS: [&str; 15] = [
        "topic",
        "type",
        "left",
        "leftSupport",
        "leftSources",
        "right",
        "rightSupport",
        "rightSources",
        "certain",
        "leftStates",
        "leftWitnesses",
        "leftPlaces",
        "rightStates",
        "rightWitnesses",
        "rightPlaces",
    ];
    let cells = conflicts.iter().map(|conflict| {
        let mut cells = vec![stated(&conflict.topic), Value::Str(conflict.kind.clone())];
        for side in &conflict.sides {
            cells.extend([side.claim.as_str().into(), number(side.documents.len()), side.documents.join(", ").into()]);
        }
        cells.push(conflict.certain.into());
        for side in &conflict.sides {
            cells.extend([said(&side.states), number(side.witnesses), places(&side.citations).into()]);
        }
        cells
    });
    answer::made(&COLUMNS, cells.collect())
}

/// Side by side for a person: the claim with what it states otherwise than the other, who says so, where. Columns in
/// which nothing stands are left out, and voices where there are as many as documents.
fn readable(conflicts: &Conflicts) -> Rows {
    let all: Vec<Conflict> = conflicts.iter().collect();
    let mut columns = Vec::new();
    columns.extend(all.iter().any(|one| !one.topic.is_empty()).then_some("topic"));
    columns.extend((!all.is_empty()).then_some("type"));
    columns.extend(all.iter().any(|one| one.certain == Some(false)).then_some("certain"));
    let named = columns.len();
    columns.extend(["left", "documents", "places", "right", "documents", "places"]);
    let cells = all.iter().map(|conflict| {
        let mut cells: Vec<Value> = Vec::with_capacity(columns.len());
        cells.extend(columns[..named].iter().map(|column| match *column {
            "topic" => stated(&conflict.topic),
            "type" => Value::Str(conflict.kind.clone()),
            _ => conflict.certain.map(|certain| if certain { "yes" } else { "not stated" }).into(),
        }));
        for side in &conflict.sides {
            cells.extend([claim(side).into(), support(side).into(), places(&side.citations).into()]);
        }
        cells
    });
    answer::made(&columns, cells.collect())
}

fn number(n: usize) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

fn stated(text: &Arc<str>) -> Value {
    if text.is_empty() { Value::Null } else { Value::Str(text.clone()) }
}

fn said(states: &[(Arc<str>, Vec<Arc<str>>)]) -> Value {
    if states.is_empty() { Value::Null } else { self::states(states).into() }
}

/// `Kazakhstan amended Media law · status: done`.
pub(super) fn claim(side: &ConflictSide) -> String {
    let states = states(&side.states);
    if states.is_empty() { side.claim.clone() } else { format!("{} · {states}", side.claim) }
}

/// `date: 2004; status: done`.
pub(super) fn states(states: &[(Arc<str>, Vec<Arc<str>>)]) -> String {
    let said: Vec<String> = states.iter().map(|(key, values)| format!("{key}: {}", values.join(" | "))).collect();
    said.join("; ")
}

/// `2`, or `5 (1 witness)` where fewer voices speak than there are documents.
fn support(side: &ConflictSide) -> String {
    match (side.documents.len(), side.witnesses) {
        (documents, n) if n == documents => documents.to_string(),
        (documents, 1) => format!("{documents} (1 witness)"),
        (documents, n) => format!("{documents} ({n} witnesses)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::FactId;
    use crate::value::NodeRef;

    #[test]
    fn voices_are_told_where_they_are_fewer_than_documents() {
        let counted = |documents: usize, witnesses| {
            support(&ConflictSide {
                about: FactId::Node(NodeRef::new(0)),
                claim: String::new(),
                states: Vec::new(),
                mentions: Vec::new(),
                citations: Vec::new(),
                documents: vec!["d".into(); documents],
                witnesses,
            })
        };
        assert_eq!([counted(2, 2), counted(5, 1), counted(5, 3)], ["2", "5 (1 witness)", "5 (3 witnesses)"]);
    }
}
