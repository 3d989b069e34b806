//! `conflicts`: what does not go together, as CONFLICTS of the query language lists it.

use super::args::ConflictsArgs;
use super::open::Query;
use super::terminal::Desk;
use super::{Done, Outcome, open, query, report, trace};
use crate::engine::{Row, Rows};
use crate::io::answer::{self, Form};
use crate::io::cypher::literal;
use crate::io::text;
use crate::value::Value;

/// Runs the command.
pub(super) fn run(args: ConflictsArgs, desk: &mut Desk) -> Outcome {
    let of = args.name.as_deref().map_or(String::new(), |n| format!(" OF {}", literal(&Value::str(n))));
    let through = trace::through(&args.through);
    let asked = Query { text: format!("CONFLICTS{of}{through}"), origin: None };
    let engine = open::for_reading(&args.source)?;
    let rows = engine.query(&asked.text).rows().map_err(|e| asked.failed(e))?;
    report::warnings(&rows, &asked.text, desk);
    let found = !rows.is_empty();
    let shown = match args.output.form() {
        Form::Json | Form::JsonLines => rows,
        Form::Csv => plain(&rows),
        Form::Table | Form::Markdown => readable(&rows),
    };
    query::print(&shown, &args.output, desk)?;
    Ok(if args.strict && found { Done::Findings } else { Done::Well })
}

/// Every column but the facts themselves, lists as people write them.
fn plain(rows: &Rows) -> Rows {
    let columns: Vec<&str> = rows.columns().iter().map(|c| &**c).filter(|c| !c.ends_with("Fact")).collect();
    let cells = rows.iter().map(|row| {
        let cell = |column: &&str| match row.get(column) {
            Some(Value::Map(_)) => states(row.get(column)).into(),
            value => value.map_or(Value::Null, |value| trace::plain(value, rows.entities())),
        };
        columns.iter().map(cell).collect()
    });
    answer::made(&columns, cells.collect())
}

/// Side by side for a person: the claim with what it states otherwise than the other, who says so, where. Columns in
/// which nothing stands are left out, and voices where there are as many as documents.
fn readable(rows: &Rows) -> Rows {
    let says = |column: &str| rows.iter().any(|row| row.get(column).is_some_and(|value| !value.is_null()));
    let mut columns: Vec<&str> = ["topic", "type"].into_iter().filter(|column| says(column)).collect();
    let doubted = rows.iter().any(|row| matches!(row.get("certain"), Some(Value::Bool(false))));
    if doubted {
        columns.push("certain");
    }
    let named = columns.len();
    columns.extend(["left", "documents", "places", "right", "documents", "places"]);
    let cells = rows.iter().map(|row| {
        let mut cells: Vec<Value> = columns[..named]
            .iter()
            .map(|column| match (*column, row.get(column)) {
                ("certain", Some(Value::Bool(certain))) => if *certain { "yes" } else { "not stated" }.into(),
                (_, value) => value.cloned().unwrap_or_default(),
            })
            .collect();
        for side in ["left", "right"] {
            cells.push(claim(row, side).into());
            cells.push(support(row, side).into());
            let places = row.get(&format!("{side}Places"));
            cells.push(places.map_or(Value::Null, |places| trace::plain(places, rows.entities())));
        }
        cells
    });
    answer::made(&columns, cells.collect())
}

/// `Kazakhstan amended Media law · status: done`.
fn claim(row: Row<'_>, side: &str) -> String {
    let text = row.get(side).map_or(String::new(), |value| text::cell(value, &crate::engine::Entities::default()));
    let states = states(row.get(&format!("{side}States")));
    if states.is_empty() { text } else { format!("{text} · {states}") }
}

/// `date: 2004; status: done`.
pub(super) fn states(value: Option<&Value>) -> String {
    let Some(Value::Map(map)) = value else { return String::new() };
    let words = |value: &Value| match value {
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|v| text::cell(v, &crate::engine::Entities::default())).collect();
            items.join(" | ")
        }
        value => text::cell(value, &crate::engine::Entities::default()),
    };
    let said: Vec<String> = map.entries().iter().map(|(key, value)| format!("{key}: {}", words(value))).collect();
    said.join("; ")
}

/// `2`, or `5 (1 witness)` where fewer voices speak than there are documents.
fn support(row: Row<'_>, side: &str) -> String {
    let number = |column: String| if let Some(Value::Int(n)) = row.get(&column) { *n } else { 0 };
    counted(number(format!("{side}Support")), number(format!("{side}Witnesses")))
}

/// A number of documents, with the number of independent voices where that is smaller.
pub(super) fn counted(documents: i64, witnesses: i64) -> String {
    match witnesses {
        n if n == documents => documents.to_string(),
        1 => format!("{documents} (1 witness)"),
        n => format!("{documents} ({n} witnesses)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voices_are_told_where_they_are_fewer_than_documents() {
        assert_eq!([counted(2, 2), counted(5, 1), counted(5, 3)], ["2", "5 (1 witness)", "5 (3 witnesses)"]);
    }
}
