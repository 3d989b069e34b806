//! `query`: run a query, print its rows.

use std::time::Instant;

use super::args::{OutputArgs, QueryArgs};
use super::open::Query;
use super::terminal::Desk;
use super::{Done, Outcome, draw, limits, open, params, report};
use crate::engine::{Changes, Rows};
use crate::io::Subgraph;
use crate::io::answer::{self, Style};
use crate::picture;

/// Runs the command.
pub(super) fn run(args: QueryArgs, desk: &mut Desk) -> Outcome {
    let mut query = open::query(&args.text)?;
    if args.cite {
        cite(&mut query);
    }
    let params = params::read(&args.text.params)?;
    let engine = open::engine(&args.source)?;
    let statement = engine.query(&query.text).limits(limits::limits(&args.limits, None));
    let statement = params.into_iter().fold(statement, |s, (name, value)| s.param(name, value));
    let started = Instant::now();
    let rows = statement.rows().map_err(|e| query.failed(e))?;
    let took = started.elapsed();
    report::warnings(&rows, &query.text, desk);
    if draw::wanted(&args.picture) {
        let mut style = draw::style(&args.picture.look)?;
        draw::shape(&args.graph, &mut style);
        let graph = Subgraph::of_answer(&engine, &rows)?;
        let title = args.graph.title.as_deref().unwrap_or("Answer");
        let graph = picture::graph(&engine, &graph.nodes, &graph.rels, title, &query.text, &style)?;
        draw::graph(&args.picture, &graph, &style, desk)?;
    } else {
        print(&rows, &args.output, desk)?;
    }
    desk.flush()?;
    let count = rows.len();
    desk.remark(&format!("{count} row{} in {:.1} ms", if count == 1 { "" } else { "s" }, took.as_secs_f64() * 1e3));
    let changes = changed(rows.changes());
    if !changes.is_empty() {
        desk.remark(&changes);
        if args.source.db.is_none() {
            desk.note(
                "note: this graph lives in memory and its changes end with the command; use --db FILE to keep them",
            );
        }
    }
    Ok(if args.strict && !rows.warnings().is_empty() { Done::Findings } else { Done::Well })
}

/// Prints an answer in the form asked for; the plan instead, when the query asked for that.
pub(super) fn print(rows: &Rows, output: &OutputArgs, desk: &mut Desk) -> Result<(), super::Failure> {
    if let Some(plan) = rows.plan() {
        writeln_all(desk, plan)?;
        if rows.columns().is_empty() || rows.is_empty() {
            return Ok(());
        }
    }
    let style =
        Style { form: output.format.into(), width: desk.width(), csv_safe: output.csv_safe, terminal: desk.terminal };
    answer::write(rows, style, desk.out())?;
    Ok(())
}

fn writeln_all(desk: &mut Desk, text: &str) -> std::io::Result<()> {
    let text = crate::io::safe::visible_lines(text.trim_end());
    writeln!(desk.out(), "{text}")
}

/// Puts CITE before the query, unless it begins with a word that must stand first or cites already.
fn cite(query: &mut Query) {
    let first = query.text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    if !matches!(first.as_str(), "CITE" | "EXPLAIN" | "PROFILE") {
        query.text.insert_str(0, "CITE ");
    }
}

fn changed(changes: Changes) -> String {
    let counts = [
        (changes.nodes_created, "nodes created"),
        (changes.nodes_deleted, "nodes deleted"),
        (changes.relationships_created, "relationships created"),
        (changes.relationships_deleted, "relationships deleted"),
        (changes.properties_set, "properties set"),
        (changes.labels_added, "labels added"),
        (changes.labels_removed, "labels removed"),
        (changes.indexes_added, "indexes added"),
        (changes.indexes_removed, "indexes removed"),
        (changes.constraints_added, "constraints added"),
        (changes.constraints_removed, "constraints removed"),
    ];
    let said: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{what}: {n}")).collect();
    said.join(", ")
}
