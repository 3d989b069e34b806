//! `trace`: the lineage of an institution, as rows or drawn.

use super::args::{ThroughArgs, TraceArgs};
use super::open::Query;
use super::terminal::Desk;
use super::{Done, Failure, Outcome, draw, open, query};
use crate::engine::{Citation, Lineage, LineageRequest, Rows, Said, Snapshot, SourceView, Step, Whose};
use crate::error::Error;
use crate::io::{answer, text};
use crate::picture::{Asked, Timeline};
use crate::value::{NodeRef, Value};

/// Runs the command.
pub(super) fn run(args: TraceArgs, desk: &mut Desk) -> Outcome {
    let engine = open::for_reading(&args.source)?;
    let snapshot = engine.snapshot()?;
    let request = request(&args, &starts(&args, &snapshot)?);
    let lineage = snapshot.lineage(&request)?;
    if let Some(why) = lineage.silence() {
        desk.note(&format!("warning: {}", crate::io::safe::visible(why)));
    }
    let asked = Asked { query: request.to_string(), lanes_by: args.lane_by.clone(), ..Asked::default() };
    // what is told of a step is read when it is asked for
    let timeline = || snapshot.read(|_| Ok(crate::picture::lineage(&lineage, &asked)));
    if args.text || args.csv.is_some() || args.json.is_some() || draw::wanted(&args.picture) {
        return picture(&args, &timeline()?, desk);
    }
    let bare = if args.strict { timeline()?.without_evidence() } else { Vec::new() };
    let shown = snapshot.read(|_| if args.output.for_programs() { lineage.rows() } else { Ok(readable(&lineage)) })?;
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

/// Whom to trace: the names as typed, and what the query of `--from-query` finds.
fn starts(args: &TraceArgs, snapshot: &Snapshot) -> Result<Vec<Value>, Failure> {
    let mut starts: Vec<Value> = args.names.iter().map(|name| Value::str(name.as_str())).collect();
    let Some(text) = &args.from_query else { return Ok(starts) };
    let query = Query { text: text.clone(), origin: None };
    let rows = snapshot.query(text).rows().map_err(|e| query.failed(e))?;
    let mut found = Vec::new();
    for value in rows.iter().flat_map(|row| row.values()) {
        add_starts(value, &rows, &mut found)?;
    }
    if found.is_empty() {
        let error = Error::data("the query of --from-query finds no node");
        return Err(error.hint("let it return nodes or names, such as MATCH (n:court) RETURN n").into());
    }
    starts.extend(found);
    Ok(starts)
}

/// The names and nodes that a value holds. A node is named by its id, so that the request reads well; without one by its
/// handle.
fn add_starts(value: &Value, rows: &Rows, to: &mut Vec<Value>) -> Result<(), Failure> {
    match value {
        Value::Null => {}
        Value::Str(_) => to.push(value.clone()),
        Value::List(items) => {
            for item in items.iter() {
                add_starts(item, rows, to)?;
            }
        }
        Value::Node(node) => {
            let properties = rows.entities().node(*node).map_or(&[][..], |data| &data.properties);
            let id = properties.iter().find(|(key, id)| &**key == "id" && matches!(id, Value::Str(_)));
            to.push(id.map_or_else(|| value.clone(), |(_, id)| id.clone()));
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

/// What the options ask.
fn request(args: &TraceArgs, starts: &[Value]) -> LineageRequest {
    let mut request = starts.iter().cloned().fold(LineageRequest::default(), LineageRequest::and_of);
    if let Some(to) = &args.to {
        request = request.to(to.as_str());
    }
    if args.backward {
        request = request.backward();
    } else if args.forward {
        request = request.forward();
    }
    request = args.via.iter().fold(request, |request, ty| request.via(ty.as_str()));
    if let Some(date) = &args.as_of {
        request = request.as_of(date.as_str());
    }
    if args.certain {
        request = request.certain();
    }
    request.told_by(whose(&args.through))
}

/// Whose word the options take.
pub(super) fn whose(args: &ThroughArgs) -> Whose {
    let whose = Whose::default().according_to(args.according_to.iter().map(String::as_str));
    match &args.known_by {
        Some(date) => whose.known_by(date.as_str()),
        None => whose,
    }
}

/// A lineage for people: names for nodes, dates in words, each of several with its places. Columns in which nothing
/// stands are left out, and what the sign of the step says already.
pub(super) fn readable(lineage: &Lineage) -> Rows {
    let cells: Vec<Vec<Value>> = lineage.steps().iter().map(|step| shown(step, lineage.seen())).collect();
    let says = |at: &usize| cells.iter().any(|row| row.get(*at).is_some_and(|value| !value.is_null()));
    let kept: Vec<usize> = (0..SHOWN.len()).filter(says).collect();
    let columns: Vec<&str> = kept.iter().map(|at| SHOWN[*at]).collect();
    let cells = cells.into_iter().map(|row| kept.iter().filter_map(|at| row.get(*at).cloned()).collect());
    answer::made(&columns, cells.collect())
}

/// What people see of a step, in this order.
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

fn shown(step: &Step, seen: &SourceView) -> Vec<Value> {
    let name = |node: NodeRef| self::name(seen, node);
    let named = |node: Option<NodeRef>| Value::from(node.map(name));
    let names = |list: Vec<NodeRef>| Value::from(joined(list.into_iter().map(name), ", "));
    let count = |n: usize| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let moves = step.what.is_some();
    // a place that names no actor is no place that names this one
    let supplied = |actor: String| match step.supplied.len() {
        0 => actor,
        all if all == step.citations.len() => format!("{actor} (supplied by the dataset)"),
        _ => format!("{actor} (supplied by the dataset at {})", places(&step.supplied)),
    };
    // the other end of what happened to a body: who did it, or where, or what it is called now
    let other = |end: Option<NodeRef>| end.filter(|end| step.body.is_some_and(|body| !moves && *end != body)).map(name);
    let of_move = |end: Option<NodeRef>| named(end.filter(|_| moves));
    let mut remarks: Vec<String> = Vec::new();
    if !step.certain {
        remarks.push("possible".to_owned());
    }
    if step.disputed {
        remarks.push("in dispute".to_owned());
    }
    if moves && !step.supplied.is_empty() {
        remarks.push("actor supplied by the dataset".to_owned());
    }
    let date = |date: &Said| match date.role {
        "" | "date" => crate::value::edtf::words(&date.text),
        role => format!("{} ({role})", crate::value::edtf::words(&date.text)),
    };
    let dates = joined(with_places(&step.dates, step, date), "; ");
    let said = |list: &[Said]| Value::from(joined(with_places(list, step, |said| said.text.to_string()), ", "));
    vec![
        Value::Int(step.number),
        Value::Str(step.kind.clone()),
        names(step.predecessors.iter().map(|one| one.body).collect()),
        names(step.successors.iter().map(|one| one.body).collect()),
        named(step.body),
        other(step.from).map(supplied).into(),
        other(step.to).into(),
        of_move(step.from),
        of_move(step.to),
        named(step.what),
        dates.or_else(|| step.when.as_deref().map(str::to_owned)).into(),
        said(&step.acts),
        said(&step.shares),
        count(step.support),
        count(step.witnesses),
        cited(step).into(),
        joined(remarks.into_iter(), ", ").into(),
    ]
}

/// A node as people call it.
pub(super) fn name(seen: &SourceView, node: NodeRef) -> String {
    seen.node(node).map(|data| text::caption(&data)).unwrap_or_default()
}

/// Places as they are cited, with commas between.
pub(super) fn places(citations: &[Citation]) -> String {
    citations.iter().map(Citation::to_string).collect::<Vec<_>>().join(", ")
}

/// Where a step is said; a withdrawal beside a receipt by its own name.
fn cited(step: &Step) -> String {
    let own = places(&step.citations);
    match (&step.withdrawal, &step.places()[step.citations.len()..]) {
        (Some(withdrawal), only @ [_, ..]) => format!("{own}; {} at {}", withdrawal.kind, places(only)),
        _ => own,
    }
}

/// The texts with `between` between them; nothing of none.
fn joined(texts: impl Iterator<Item = String>, between: &str) -> Option<String> {
    let texts: Vec<String> = texts.collect();
    (!texts.is_empty()).then(|| texts.join(between))
}

/// Each value in words; with its places, unless all that the step cites state it.
fn with_places(list: &[Said], step: &Step, words: impl Fn(&Said) -> String) -> impl Iterator<Item = String> {
    let all = step.places().len();
    list.iter().map(move |said| match said.citations.is_empty() || said.citations.len() == all {
        true => words(said),
        false => format!("{} [{}]", words(said), places(&said.citations)),
    })
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
            request(&args(&["a`b", "led-to"]), &["it's".into()]).to_string(),
            "TRACE 'it\\'s' TO 'x' BACKWARD VIA `a``b`|`led-to` AS OF CERTAIN '2022\\' OR 1' \
             ACCORDING TO '0\\'1' KNOWN BY '2020'"
        );
        let several = request(&args(&[]), &["a".into(), "b'".into()]).to_string();
        assert!(several.starts_with("TRACE ['a', 'b\\''] TO 'x' BACKWARD"), "{several}");
    }
}
