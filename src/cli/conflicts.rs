//! `conflicts`: facts that contradict each other, as CONFLICTS of the query language lists them.

use super::args::ConflictsArgs;
use super::open::Query;
use super::terminal::Desk;
use super::{Done, Outcome, open, query, trace};
use crate::engine::Rows;
use crate::io::answer;
use crate::io::cypher::literal;
use crate::value::Value;

/// Runs the command.
pub(super) fn run(args: ConflictsArgs, desk: &mut Desk) -> Outcome {
    let of = args.name.as_deref().map_or(String::new(), |n| format!(" OF {}", literal(&Value::str(n))));
    let asked = Query { text: format!("CONFLICTS{of}"), origin: None };
    let engine = open::to_the_end(&args.source)?;
    let rows = engine.query(&asked.text).rows().map_err(|e| asked.failed(e))?;
    let found = !rows.is_empty();
    let shown = if args.output.for_programs() { rows } else { readable(&rows) };
    query::print(&shown, &args.output, desk)?;
    Ok(if args.strict && found { Done::Findings } else { Done::Well })
}

fn readable(rows: &Rows) -> Rows {
    let columns: Vec<&str> = rows.columns().iter().map(|c| &**c).collect();
    let cells = rows.iter().map(|row| row.values().iter().map(|v| trace::plain(v, rows.entities())).collect());
    answer::made(&columns, cells.collect())
}
