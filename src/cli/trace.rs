//! `trace`: the lineage of an institution as rows, made by TRACE of the query language.

use std::fmt::Write as _;

use super::args::TraceArgs;
use super::open::Query;
use super::terminal::Desk;
use super::{Done, Failure, Outcome, draw, open, query, report};
use crate::engine::{Engine, Entities, Rows};
use crate::io::cypher::{literal, name};
use crate::io::{answer, text};
use crate::picture::{Asked, Timeline};
use crate::value::Value;

/// Runs the command.
pub(super) fn run(args: TraceArgs, desk: &mut Desk) -> Outcome {
    let asked = Query { text: statement(&args), origin: None };
    let engine = open::to_the_end(&args.source)?;
    let rows = engine.query(&asked.text).rows().map_err(|e| asked.failed(e))?;
    report::warnings(&rows, &asked.text, desk);
    if rows.is_empty() {
        desk.note(&format!("no document says what became of {:?}, or what it came from", args.name));
    }
    let timeline = || model(&args, &engine, &rows, asked.text.clone());
    if args.text || args.csv.is_some() || args.json.is_some() || draw::wanted(&args.picture) {
        return picture(&args, &timeline()?, desk);
    }
    let bare = if args.strict { timeline()?.without_evidence() } else { Vec::new() };
    let shown = if args.output.for_programs() { rows } else { readable(&rows) };
    query::print(&shown, &args.output, desk)?;
    Ok(judged(&bare, args.strict, desk))
}

/// Names the facts that nobody states; under `--strict` they are findings.
fn judged(bare: &[String], strict: bool, desk: &Desk) -> Done {
    for fact in bare {
        desk.note(&format!("no document says: {}", crate::io::safe::visible(fact)));
    }
    if strict && !bare.is_empty() { Done::Findings } else { Done::Well }
}

fn model(args: &TraceArgs, engine: &Engine, rows: &Rows, query: String) -> Result<Timeline, Failure> {
    let (name, as_of, lanes_by) = (args.name.clone(), args.as_of.clone(), args.lane_by.clone());
    Ok(crate::picture::lineage(engine, rows, &Asked { query, name, as_of, lanes_by })?)
}

/// Draws the lineage instead of printing rows.
fn picture(args: &TraceArgs, timeline: &Timeline, desk: &mut Desk) -> Outcome {
    let style = draw::style(&args.picture.look)?;
    let more = [("csv", args.csv.as_deref()), ("json", args.json.as_deref())];
    draw::lineage(&args.picture, &more, timeline, &style, desk)?;
    if args.text {
        let width = desk.width().map_or(100, usize::from);
        let colour = desk.terminal && desk.colour;
        let text = crate::picture::timeline_text(timeline, &style, width, colour);
        desk.out().write_all(text.as_bytes())?;
    }
    Ok(judged(&timeline.without_evidence(), args.strict, desk))
}

fn statement(args: &TraceArgs) -> String {
    let mut text = format!("TRACE {}", literal(&Value::str(args.name.as_str())));
    if args.backward {
        text.push_str(" BACKWARD");
    } else if args.forward {
        text.push_str(" FORWARD");
    }
    if !args.via.is_empty() {
        let types: Vec<String> = args.via.iter().map(|t| name(t)).collect();
        let _ = write!(text, " VIA {}", types.join("|"));
    }
    if let Some(date) = &args.as_of {
        let certain = if args.certain { "CERTAIN " } else { "" };
        let _ = write!(text, " AS OF {certain}{}", literal(&Value::str(date.as_str())));
    }
    text
}

/// The same rows with names for nodes and lists as people write them; columns in which nothing stands are left out,
/// and the direction, which the sign of the step says already.
pub(super) fn readable(rows: &Rows) -> Rows {
    let says =
        |column: &str| column != "direction" && rows.iter().any(|row| row.get(column).is_some_and(|v| !v.is_null()));
    let columns: Vec<&str> = rows.columns().iter().map(|c| &**c).filter(|c| says(c)).collect();
    let cells = rows.iter().map(|row| {
        let cell = |column: &&str| match row.get(column) {
            None => Value::Null,
            // for people a date stands in words; programs are given it as it is stated
            Some(Value::Str(date)) if *column == "when" => crate::value::edtf::words(date).into(),
            Some(value) => plain(value, rows.entities()),
        };
        columns.iter().map(cell).collect()
    });
    answer::made(&columns, cells.collect())
}

/// A node by its name, a list joined by commas, anything else as it is.
pub(super) fn plain(value: &Value, entities: &Entities) -> Value {
    match value {
        Value::Node(node) => entities.node(*node).map_or(Value::Null, |n| text::caption(n).into()),
        Value::List(items) => {
            let parts: Vec<String> = items.iter().map(|v| text::cell(&plain(v, entities), entities)).collect();
            parts.join(", ").into()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_stays_data() {
        let args = |name: &str, via: &[&str]| TraceArgs {
            name: name.to_owned(),
            backward: true,
            forward: false,
            via: via.iter().map(|v| (*v).to_owned()).collect(),
            as_of: Some("2022' OR 1".to_owned()),
            certain: true,
            strict: false,
            text: false,
            csv: None,
            json: None,
            lane_by: None,
            picture: super::super::args::PictureArgs::default(),
            output: super::super::args::OutputArgs::default(),
            source: super::super::args::Source::default(),
        };
        assert_eq!(
            statement(&args("it's", &["a`b", "led-to"])),
            "TRACE 'it\\'s' BACKWARD VIA `a``b`|`led-to` AS OF CERTAIN '2022\\' OR 1'"
        );
    }
}
