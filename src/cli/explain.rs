//! `explain`: the plan of a query, and with `--profile` what it did.

use super::args::ExplainArgs;
use super::open::Query;
use super::terminal::Desk;
use super::{Done, Outcome, open, params, report};

/// Runs the command.
pub(super) fn run(args: ExplainArgs, desk: &mut Desk) -> Outcome {
    let query = open::query(&args.text)?;
    let word = if args.profile { "PROFILE" } else { "EXPLAIN" };
    let first = query.text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    let asked = if matches!(first.as_str(), "EXPLAIN" | "PROFILE") {
        query
    } else {
        Query { text: format!("{word} {}", query.text), origin: query.origin }
    };
    let engine = open::for_reading(&args.source)?;
    let params = params::read(&args.text.params)?;
    let statement = params.into_iter().fold(engine.query(&asked.text), |s, (name, value)| s.param(name, value));
    let rows = statement.rows().map_err(|e| asked.failed(e))?;
    report::warnings(&rows, &asked.text, desk);
    let plan = crate::io::safe::visible_lines(rows.plan().unwrap_or_default().trim_end()).into_owned();
    writeln!(desk.out(), "{plan}")?;
    Ok(Done::Well)
}
