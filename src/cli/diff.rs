//! `diff`: what differs between two folders or stores, or between two days of one graph.

use std::path::Path;

use super::args::DiffArgs;
use super::terminal::Desk;
use super::{Done, Failure, Outcome, open, query};
use crate::dataset;
use crate::engine::difference::{self, Change, Difference};
use crate::engine::{Engine, Rows};
use crate::error::{Error, Result};
use crate::io::answer;
use crate::value::Value;

/// Runs the command.
pub(super) fn run(args: DiffArgs, desk: &mut Desk) -> Outcome {
    let found = match (&args.old, &args.new, &args.as_of[..]) {
        (Some(old), Some(new), []) => {
            let (old, new) = (graph(old)?, graph(new)?);
            let (old, new) = (old.snapshot()?, new.snapshot()?);
            desk.patiently("comparing", || {
                old.read(|old| new.read(|new| Ok(difference::between(&old.seen(), &new.seen()))))
            })?
        }
        (None, None, [from, to]) => {
            let engine = open::for_reading(&args.source)?;
            engine.snapshot()?.read(|snapshot| difference::between_days(&snapshot.seen(), from, to))?
        }
        (_, None, [_, _]) | (Some(_), Some(_), [_, ..]) => {
            return Err(Failure::Usage(
                "two graphs or two days are compared: OLD NEW, or --as-of DAY --as-of DAY".to_owned(),
            ));
        }
        _ => {
            return Err(Failure::Usage(
                "what is compared? OLD NEW (folders or stores), or --as-of DAY --as-of DAY".to_owned(),
            ));
        }
    };
    query::print(&rows(&found, args.output.for_programs())?, &args.output, desk)?;
    desk.flush()?;
    desk.note(&counted(&found));
    Ok(if args.strict && !found.is_empty() { Done::Findings } else { Done::Well })
}

/// The graph of a folder or a store.
fn graph(path: &Path) -> Result<Engine> {
    if path.is_dir() {
        return Engine::from_dataset(&dataset::open(path)?);
    }
    if !path.exists() {
        return Err(Error::data(format!("there is no folder or store {}", path.display())));
    }
    Engine::open_read_only(path)
}

/// `2 bodies added, 1 ended; 3 facts added`.
fn counted(found: &[Difference]) -> String {
    let of = |is_fact: bool, one: &str, many: &str| {
        let counts = Change::ALL.into_iter().filter_map(|change| {
            let count = found.iter().filter(|one| one.is_fact == is_fact && one.change == change).count();
            (count > 0).then_some((count, change.name()))
        });
        let said: Vec<String> = counts
            .enumerate()
            .map(|(at, (count, name))| match at {
                0 => format!("{count} {} {name}", if count == 1 { one } else { many }),
                _ => format!("{count} {name}"),
            })
            .collect();
        (!said.is_empty()).then(|| said.join(", "))
    };
    let said: Vec<String> = [of(false, "body", "bodies"), of(true, "fact", "facts")].into_iter().flatten().collect();
    if said.is_empty() { "no difference".to_owned() } else { said.join("; ") }
}

fn rows(found: &[Difference], for_programs: bool) -> Result<Rows> {
    let text = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
    let row = |one: &Difference| {
        let places = match for_programs {
            true => Value::list(one.places.iter().map(|place| Value::str(place.as_str())).collect())?,
            false => text(&one.places.join(", ")),
        };
        let what = if one.is_fact { "fact" } else { "body" };
        Ok(vec![one.change.name().into(), what.into(), text(&one.id), text(&one.name), text(&one.detail), places])
    };
    let rows = found.iter().map(row).collect::<Result<_>>()?;
    Ok(answer::made(&["change", "what", "id", "name", "detail", "places"], rows))
}
