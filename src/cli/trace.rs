//! `trace`: the lineage of an institution as rows, made by TRACE of the query language.

use std::fmt::Write as _;

use super::args::{ThroughArgs, TraceArgs};
use super::open::Query;
use super::terminal::Desk;
use super::{Done, Failure, Outcome, draw, open, query, report};
use crate::engine::{Engine, Entities, Rows};
use crate::error::Error;
use crate::io::cypher::{literal, name};
use crate::io::{answer, text};
use crate::picture::{Asked, Timeline};
use crate::value::{Map, Value};

/// Runs the command.
pub(super) fn run(args: TraceArgs, desk: &mut Desk) -> Outcome {
    let engine = open::for_reading(&args.source)?;
    let asked = Query { text: statement(&args, &starts(&args, &engine)?), origin: None };
    let rows = engine.query(&asked.text).rows().map_err(|e| asked.failed(e))?;
    report::warnings(&rows, &asked.text, desk);
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
    let asked = draw::asked(engine, &query, &[]).unwrap_or_default();
    Ok(crate::picture::lineage(engine, rows, &Asked { lanes_by: args.lane_by.clone(), ..asked })?)
}

/// Whom to trace: the names as typed, and the nodes that the query of `--from-query` finds, by their ids.
fn starts(args: &TraceArgs, engine: &Engine) -> Result<Vec<String>, Failure> {
    let mut starts = args.names.clone();
    let Some(text) = &args.from_query else { return Ok(starts) };
    let query = Query { text: text.clone(), origin: None };
    let rows = engine.query(text).rows().map_err(|e| query.failed(e))?;
    let mut found = Vec::new();
    for value in rows.iter().flat_map(|row| row.values()) {
        named(value, &rows, &mut found)?;
    }
    if found.is_empty() {
        let error = Error::data("the query of --from-query finds no node");
        return Err(error.hint("let it return nodes or names, such as MATCH (n:court) RETURN n").into());
    }
    starts.extend(found);
    starts.dedup();
    Ok(starts)
}

/// The names by which TRACE finds what a value holds.
fn named(value: &Value, rows: &Rows, to: &mut Vec<String>) -> Result<(), Failure> {
    match value {
        Value::Null => {}
        Value::Str(name) => to.push(name.to_string()),
        Value::List(items) => {
            for item in items.iter() {
                named(item, rows, to)?;
            }
        }
        Value::Node(node) => {
            let properties = rows.entities().node(*node).map_or(&[][..], |data| &data.properties);
            match properties.iter().find(|(key, _)| &**key == "id") {
                Some((_, Value::Str(id))) => to.push(id.to_string()),
                _ => {
                    let error = Error::data("a node that the query of --from-query finds has no `id` to trace it by");
                    return Err(error.hint("return a property that names it, such as RETURN n.name").into());
                }
            }
        }
        other => {
            let error = Error::data(format!(
                "the query of --from-query gives a value of the type {}",
                other.type_name().to_uppercase()
            ));
            return Err(error.hint("let it return nodes or names").into());
        }
    }
    Ok(())
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

fn statement(args: &TraceArgs, starts: &[String]) -> String {
    let text_of = |text: &String| literal(&Value::str(text.as_str()));
    let mut text = match starts {
        [one] => format!("TRACE {}", text_of(one)),
        several => format!("TRACE [{}]", several.iter().map(text_of).collect::<Vec<_>>().join(", ")),
    };
    if let Some(to) = &args.to {
        let _ = write!(text, " TO {}", text_of(to));
    }
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
    text.push_str(&through(&args.through));
    text
}

/// `ACCORDING TO` and `KNOWN BY` as the options say them, with a blank before.
pub(super) fn through(args: &ThroughArgs) -> String {
    let text_of = |text: &String| literal(&Value::str(text.as_str()));
    let mut text = String::new();
    if !args.according_to.is_empty() {
        let sources: Vec<String> = args.according_to.iter().map(text_of).collect();
        let _ = write!(text, " ACCORDING TO {}", sources.join(", "));
    }
    if let Some(date) = &args.known_by {
        let _ = write!(text, " KNOWN BY {}", text_of(date));
    }
    text
}

/// The same rows for people: names for nodes, dates in words, each of several with its places. Columns in which nothing
/// stands are left out, and what the sign of the step says already.
pub(super) fn readable(rows: &Rows) -> Rows {
    let cells: Vec<Vec<Value>> = rows.iter().map(|row| shown(row, rows.entities())).collect();
    let says = |at: &usize| cells.iter().any(|row| row.get(*at).is_some_and(|value| !value.is_null()));
    let kept: Vec<usize> = (0..SHOWN.len()).filter(says).collect();
    let columns: Vec<&str> = kept.iter().map(|at| SHOWN[*at]).collect();
    let cells = cells.into_iter().map(|row| kept.iter().filter_map(|at| row.get(*at).cloned()).collect());
    answer::made(&columns, cells.collect())
}

/// What people see of a row, in this order.
const SHOWN: [&str; 17] = [
    "step",
    "kind",
    "predecessors",
    "successors",
    "body",
    "by",
    "in",
    "giver",
    "receiver",
    "what",
    "when",
    "act",
    "share",
    "support",
    "witnesses",
    "citations",
    "remarks",
];

fn shown(row: crate::engine::Row<'_>, entities: &Entities) -> Vec<Value> {
    let cell = |column: &str| row.get(column).cloned().unwrap_or_default();
    let name = |value: &Value| plain(value, entities);
    let is_null = |column: &str| row.get(column).is_none_or(Value::is_null);
    let holds = |column: &str| matches!(row.get(column), Some(Value::Bool(true)));
    // a place that names no actor is no place that names this one
    let supplied = |value: Value| match (value, row.get("supplied"), row.get("citations")) {
        (Value::Str(actor), Some(Value::List(supplied)), Some(Value::List(all))) if !supplied.is_empty() => {
            match supplied.len() == all.len() {
                true => format!("{actor} (supplied by the dataset)").into(),
                false => {
                    let places = text::cell(&plain(&cell("supplied"), entities), entities);
                    format!("{actor} (supplied by the dataset at {places})").into()
                }
            }
        }
        (other, ..) => other,
    };
    let (body, moves) = (cell("body"), !is_null("what"));
    // the other end of what happened to a body: who did it, or where, or what it is called now
    let other = |column: &str| match (cell(column), &body) {
        (Value::Node(node), Value::Node(body)) if !moves && node != *body => name(&Value::Node(node)),
        _ => Value::Null,
    };
    let of_move = |column: &str| if moves { name(&cell(column)) } else { Value::Null };
    let mut remarks: Vec<&str> = Vec::new();
    if matches!(row.get("certain"), Some(Value::Bool(false))) {
        remarks.push("possible");
    }
    if holds("disputed") {
        remarks.push("in dispute");
    }
    if moves && matches!(row.get("supplied"), Some(Value::List(places)) if !places.is_empty()) {
        remarks.push("actor supplied by the dataset");
    }
    let remarks = if remarks.is_empty() { Value::Null } else { remarks.join(", ").into() };
    vec![
        cell("step"),
        cell("kind"),
        joined(&cell("predecessors"), |map| map.get("body").map(name)),
        joined(&cell("successors"), |map| map.get("body").map(name)),
        name(&body),
        supplied(other("from")),
        other("to"),
        of_move("from"),
        of_move("to"),
        name(&cell("what")),
        when(&cell("when"), &cell("dates"), &cell("citations")),
        said(&cell("act"), "act", &cell("citations")),
        said(&cell("share"), "share", &cell("citations")),
        cell("support"),
        cell("witnesses"),
        name(&cell("citations")),
        remarks,
    ]
}

/// The maps of a list, each as one text, with commas between; nothing for an empty list.
fn joined(list: &Value, text: impl Fn(&crate::value::Map) -> Option<Value>) -> Value {
    let Value::List(items) = list else { return Value::Null };
    let texts: Vec<String> = items
        .iter()
        .filter_map(|item| match item {
            Value::Map(map) => {
                text(map).and_then(|value| if let Value::Str(text) = value { Some(text.to_string()) } else { None })
            }
            _ => None,
        })
        .collect();
    if texts.is_empty() { Value::Null } else { texts.join(", ").into() }
}

/// When it was, in words, as [`with_places`].
fn when(one: &Value, dates: &Value, all: &Value) -> Value {
    let words = |map: &Map| {
        let Some(Value::Str(text)) = map.get("date") else { return None };
        let role = match map.get("role") {
            Some(Value::Str(role)) if &**role != "date" => format!(" ({role})"),
            _ => String::new(),
        };
        Some(format!("{}{role}", crate::value::edtf::words(text)))
    };
    let texts = with_places(dates, all, words);
    if texts.is_empty() { one.clone() } else { texts.join("; ").into() }
}

/// What is said under a key, as [`with_places`].
fn said(list: &Value, key: &str, all: &Value) -> Value {
    let words = |map: &Map| if let Some(Value::Str(text)) = map.get(key) { Some(text.to_string()) } else { None };
    let texts = with_places(list, all, words);
    if texts.is_empty() { Value::Null } else { texts.join(", ").into() }
}

/// Each value in words; with its places, unless all that the row cites state it.
fn with_places(list: &Value, all: &Value, words: impl Fn(&Map) -> Option<String>) -> Vec<String> {
    let places = |list: Option<&Value>| -> Vec<String> {
        let Some(Value::List(places)) = list else { return Vec::new() };
        let place = |place: &Value| if let Value::Str(place) = place { Some(place.to_string()) } else { None };
        places.iter().filter_map(place).collect()
    };
    let (Value::List(items), all) = (list, places(Some(all))) else { return Vec::new() };
    let each = items.iter().filter_map(|item| {
        let Value::Map(map) = item else { return None };
        let (words, own) = (words(map)?, places(map.get("citations")));
        Some(if own.is_empty() || own == all { words } else { format!("{words} [{}]", own.join(", ")) })
    });
    each.collect()
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
        let args = |via: &[&str]| TraceArgs {
            names: Vec::new(),
            from_query: None,
            to: Some("x".to_owned()),
            backward: true,
            forward: false,
            via: via.iter().map(|v| (*v).to_owned()).collect(),
            as_of: Some("2022' OR 1".to_owned()),
            certain: true,
            through: ThroughArgs { according_to: vec!["0'1".to_owned()], known_by: Some("2020".to_owned()) },
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
            statement(&args(&["a`b", "led-to"]), &["it's".to_owned()]),
            "TRACE 'it\\'s' TO 'x' BACKWARD VIA `a``b`|`led-to` AS OF CERTAIN '2022\\' OR 1' \
             ACCORDING TO '0\\'1' KNOWN BY '2020'"
        );
        let several = statement(&args(&[]), &["a".to_owned(), "b'".to_owned()]);
        assert!(several.starts_with("TRACE ['a', 'b\\''] TO 'x' BACKWARD"), "{several}");
    }
}
