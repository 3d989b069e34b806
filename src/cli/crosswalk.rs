//! `crosswalk`: the bodies of one day as those of another.

use super::args::CrosswalkArgs;
use super::terminal::Desk;
use super::trace::{name, places};
use super::{Done, Outcome, open, query};
use crate::engine::SourceView;
use crate::error::Result;
use crate::io::answer;
use crate::io::safe::visible;
use crate::value::{NodeRef, Value};

/// Runs the command.
pub(super) fn run(args: CrosswalkArgs, desk: &mut Desk) -> Outcome {
    let engine = open::for_reading(&args.source)?;
    let snapshot = engine.snapshot()?;
    let to = args.to.as_deref().map(Value::str);
    let (rows, cut, counts) = desk.patiently("following the events", || {
        snapshot.read(|snapshot| {
            let seen = snapshot.seen();
            let (found, cut) = seen.crosswalk(&Value::str(args.from.as_str()), to.as_ref(), args.kind.as_deref())?;
            let mut counts: Vec<(&str, usize)> = Vec::new();
            for row in &found {
                match counts.iter_mut().find(|(way, _)| *way == row.way) {
                    Some((_, count)) => *count += 1,
                    None => counts.push((row.way, 1)),
                }
            }
            let shown = found.iter().filter(|row| !args.changed || row.way != "same");
            let for_programs = args.output.for_programs();
            let cells = shown.map(|row| {
                let mut cells = vec![id(&seen, row.from), name(&seen, row.from).into()];
                cells.extend([
                    row.to.map_or(Value::Null, |to| id(&seen, to)),
                    row.to.map(|to| name(&seen, to)).into(),
                    row.way.into(),
                ]);
                if args.shares {
                    cells.push(row.share.map_or(Value::Null, |share| Value::Float((share * 1e9).round() / 1e9)));
                }
                let events = Value::Int(i64::try_from(row.events).unwrap_or(i64::MAX));
                let cited = match for_programs {
                    true => Value::list(row.citations.iter().map(|place| place.to_string().into()).collect())?,
                    false => places(&row.citations).into(),
                };
                let certain = if for_programs {
                    row.certain.into()
                } else {
                    if row.certain || row.events == 0 { Value::Null } else { "possible".into() }
                };
                cells.extend([events, certain, cited]);
                Ok(cells)
            });
            let cells: Vec<Vec<Value>> = cells.collect::<Result<_>>()?;
            let cut: Vec<String> = cut.iter().map(|node| name(&seen, *node)).collect();
            Ok((cells, cut, counts))
        })
    })?;
    let certain = if args.output.for_programs() { "certain" } else { "remarks" };
    let mut columns = vec!["id", "from", "toId", "to", "way"];
    columns.extend(args.shares.then_some("share"));
    columns.extend(["events", certain, "places"]);
    query::print(&answer::made(&columns, rows), &args.output, desk)?;
    desk.flush()?;
    for unit in &cut {
        desk.note(&visible(&format!(
            "warning: more ways lead from {unit:?} than are walked: its rows may lack some, and have no shares"
        )));
    }
    let said: Vec<String> = counts.iter().map(|(way, count)| format!("{count} {way}")).collect();
    desk.note(&if said.is_empty() {
        "nothing of these kinds may have been on that day".to_owned()
    } else {
        said.join(", ")
    });
    Ok(Done::Well)
}

fn id(seen: &SourceView, node: NodeRef) -> Value {
    let data = seen.node(node).unwrap_or_default();
    data.properties.iter().find(|(key, _)| &**key == "id").map_or(Value::Null, |(_, id)| id.clone())
}
