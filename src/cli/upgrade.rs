//! `upgrade`: a dataset folder moved on to the newest format of its tables.

use super::args::UpgradeArgs;
use super::terminal::Desk;
use super::verify::line;
use super::{Done, Outcome, query};
use crate::dataset;
use crate::io::safe::visible;

/// Runs the command; says what is written, and what only a person can carry over.
pub(super) fn run(args: UpgradeArgs, desk: &mut Desk) -> Outcome {
    let upgrade = dataset::upgrade(&args.folder)?;
    let files = upgrade.files();
    if files.is_empty() {
        writeln!(desk.out(), "nothing to do: the folder is of format 2")?;
        return Ok(Done::Well);
    }
    for (key, relation, reading) in &upgrade.declared {
        let of = if relation.is_empty() { String::new() } else { format!(" of `{relation}`") };
        let many = if reading.many { ", several" } else { "" };
        let said = format!("qualifiers.csv: `{key}`{of} is {}{many}", reading.ty.name());
        writeln!(desk.out(), "{}", visible(&said))?;
    }
    for problem in &upgrade.left {
        writeln!(desk.out(), "{}", line(problem))?;
        for example in &problem.examples {
            writeln!(desk.out(), "    {}", visible(example))?;
        }
    }
    desk.flush()?;
    if args.dry_run {
        desk.note(&format!("{} would be written", files.join(", ")));
        return Ok(Done::Well);
    }
    upgrade.write()?;
    let count = query::counted(upgrade.declared.len(), "qualifier");
    desk.note(&format!("written: {} ({count} declared)", files.join(", ")));
    Ok(Done::Well)
}
