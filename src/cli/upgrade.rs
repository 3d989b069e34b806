//! `upgrade`: a dataset folder moved on to the newest format of its tables, a store copied into the newest format.

use super::args::UpgradeArgs;
use super::terminal::Desk;
use super::verify::line;
use super::{Done, Failure, Outcome, query};
use crate::dataset;
use crate::engine::Engine;
use crate::error::Error;
use crate::io::safe::visible;
use crate::store;

/// Runs the command; says what is written, and what only a person can carry over.
pub(super) fn run(args: UpgradeArgs, desk: &mut Desk) -> Outcome {
    if args.path.is_file() {
        return of_store(&args, desk);
    }
    if args.to.is_some() {
        let why = "--to is for a store file; a folder is moved on where it is";
        return Err(Failure::Usage(why.to_owned()));
    }
    let upgrade = dataset::upgrade(&args.path)?;
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

/// Writes a store of an older format anew, in this program's; the old file stays as it is.
fn of_store(args: &UpgradeArgs, desk: &mut Desk) -> Outcome {
    let engine = Engine::open_read_only(&args.path)?;
    let info = engine.store_info().transpose()?;
    let format = info.map_or(store::FORMAT, |info| info.format);
    if format == store::FORMAT {
        writeln!(desk.out(), "nothing to do: the store is of format {format}")?;
        return Ok(Done::Well);
    }
    let Some(to) = &args.to else {
        let error =
            Error::data(format!("{} is of format {format}: where is the new store to go?", args.path.display()));
        return Err(error.hint("name it with --to NEW; the first write to the file moves it on as well").into());
    };
    if args.dry_run {
        desk.note(&format!("{} would be written, of format {}", to.display(), store::FORMAT));
        return Ok(Done::Well);
    }
    engine.save(to)?;
    let problems = Engine::open_read_only(to)?.check()?;
    if !problems.is_empty() {
        problems.iter().for_each(|problem| desk.note(&format!("error: {}", visible(problem))));
        return Err(Failure::Problems);
    }
    desk.note(&format!("written: {}, of format {}", to.display(), store::FORMAT));
    Ok(Done::Well)
}
