//! `query`: run a query, print its rows.

use std::io::Write;
use std::time::{Duration, Instant};

use super::args::{OutputArgs, QueryArgs};
use super::open::Query;
use super::terminal::Desk;
use super::{Done, Failure, Outcome, draw, limits, open, params, report};
use crate::engine::{Allowance, Changes, Limits, Rows, Stream};
use crate::error::Error;
use crate::io::answer::{self, Style};

/// Runs the command.
pub(super) fn run(args: QueryArgs, desk: &mut Desk) -> Outcome {
    let query = open::query(&args.text)?;
    let params = params::read(&args.text.params)?;
    #[cfg(feature = "cluster")]
    if let Some(named) = args.cluster.named() {
        return super::elsewhere::query(named, &query, &params, &args, desk);
    }
    let engine = open::for_text(&args.source, &query.text)?;
    let allowance = Allowance::of(&limits::limits(&args.limits, None));
    let statement = engine.query(&query.text).within(allowance.clone());
    let statement = params.iter().fold(statement, |s, (name, value)| s.param(name.as_str(), value.clone()));
    let statement = if args.cite { statement.cite() } else { statement };
    let started = Instant::now();
    let drawn = draw::wanted(&args.picture);
    let form = args.output.form();
    let done = if !drawn && answer::is_streamed(form) {
        let stream = desk.patiently("running the query", || statement.stream());
        streamed(stream, &query, style(&args.output, desk, None), &allowance, desk)?
    } else {
        let rows = desk.patiently("running the query", || statement.rows()).map_err(|e| query.failed(e))?;
        report::warnings(&rows, &query.text, desk);
        let done = Answered { rows: rows.len(), changes: rows.changes(), warned: !rows.warnings().is_empty() };
        if drawn {
            let mut style = draw::style(&args.picture.look)?;
            draw::shape(&args.graph, &mut style);
            let title = args.graph.title.as_deref();
            let snapshot = engine.snapshot()?;
            let titles = (query.text.as_str(), title);
            match args.timeline {
                true => draw::set(&args.picture, &snapshot, &rows, titles, args.lane_by.as_deref(), &style, desk)?,
                false => draw::answer(&args.picture, &snapshot, &rows, titles, &style, desk)?,
            }
        } else {
            let style = style(&args.output, desk, None);
            render_within(&rows, style, &allowance, desk.out())?;
        }
        done
    };
    let took = started.elapsed();
    desk.flush()?;
    desk.remark(&format!("{} in {}", counted(done.rows, "row"), millis(took)));
    let changes = changed(done.changes);
    if !changes.is_empty() {
        desk.remark(&changes);
        if args.source.db.is_none() {
            desk.note(
                "note: this graph lives in memory and its changes end with the command; use --db FILE to keep them",
            );
        }
    }
    Ok(if args.strict && done.warned { Done::Findings } else { Done::Well })
}

/// What is said of an answer beneath it.
struct Answered {
    rows: usize,
    changes: Changes,
    warned: bool,
}

/// Writes rows as they are made. Rows before an error are written, too.
fn streamed(
    stream: Result<Stream, Error>,
    query: &Query,
    style: Style,
    allowance: &Allowance,
    desk: &mut Desk,
) -> Result<Answered, Failure> {
    let mut stream = stream.map_err(|error| query.failed(error))?;
    let mut writer = answer::Writer::new(style);
    let meter = allowance.meter();
    let look = |bytes| meter.look().and_then(|()| meter.weigh(bytes));
    let mut batch = desk.patiently("running the query", || stream.next_batch());
    while let Some(rows) = batch.map_err(|error| desk.flush().map_or_else(Failure::from, |()| query.failed(error)))? {
        writer.rows(&rows, &look, desk.out())?;
        batch = stream.next_batch();
    }
    let plan = stream.plan();
    if plan.is_none() || writer.written() > 0 {
        writer.end(stream.columns(), stream.is_cited(), desk.out())?;
    }
    if let Some(plan) = plan {
        writeln!(desk.out(), "{}", crate::io::safe::visible_lines(plan.to_string().trim_end()))?;
    }
    report::warned(stream.warnings(), &query.text, desk);
    Ok(Answered { rows: writer.written(), changes: stream.changes(), warned: !stream.warnings().is_empty() })
}

/// Prints an answer in the form asked for; the plan instead, when the query asked for that.
pub(super) fn print(rows: &Rows, output: &OutputArgs, desk: &mut Desk) -> Result<(), Failure> {
    let style = style(output, desk, None);
    render(rows, style, desk.out())
}

/// How answers look on this desk.
pub(super) fn style(output: &OutputArgs, desk: &Desk, most: Option<usize>) -> Style {
    Style { form: output.form(), width: desk.width(), csv_safe: output.csv_safe, terminal: desk.terminal, most }
}

/// Writes an answer, or its plan.
pub(super) fn render(rows: &Rows, style: Style, to: &mut dyn Write) -> Result<(), Failure> {
    render_within(rows, style, &Allowance::of(&Limits::default()), to)
}

/// The same within what is left of the limits of its statement.
pub(super) fn render_within(
    rows: &Rows,
    style: Style,
    allowance: &Allowance,
    to: &mut dyn Write,
) -> Result<(), Failure> {
    if let Some(plan) = rows.plan() {
        writeln!(to, "{}", crate::io::safe::visible_lines(plan.to_string().trim_end()))?;
        if rows.columns().is_empty() || rows.is_empty() {
            return Ok(());
        }
    }
    let meter = allowance.meter();
    let look = |bytes| meter.look().and_then(|()| meter.weigh(bytes));
    Ok(answer::write_within(rows, style, &look, to)?)
}

/// `1 row`, `2 rows`.
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A time as people read it.
pub(super) fn millis(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 10.0 { format!("{:.1} ms", seconds * 1e3) } else { format!("{seconds:.1} s") }
}

/// What a statement changed, in words.
pub(super) fn changed(changes: Changes) -> String {
    let counts = changes.counts().into_iter().filter(|(_, count)| *count > 0);
    let said: Vec<String> = counts.map(|(name, count)| format!("{}: {count}", name.replace('_', " "))).collect();
    said.join(", ")
}
