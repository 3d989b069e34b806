//! `import --snapshot`: an edition of a register into a dataset folder.

use super::args::ImportArgs;
use super::terminal::Desk;
use super::{Done, Failure, Outcome, number, open, query};
use crate::dataset::{self, List};
use crate::error::Error;
use crate::io::safe::visible;

/// Takes the list into the folder; says what it brings.
pub(super) fn run(args: &ImportArgs, desk: &mut Desk) -> Outcome {
    let (Some(dir), Some(date), Some(kind)) = (&args.data, &args.snapshot, &args.complete) else {
        return Err(Failure::Usage("an edition needs --data DIR, --snapshot DATE and --complete KIND".to_owned()));
    };
    let [file] = &args.files[..] else {
        return Err(Failure::Usage("an edition is one list: name its FILE".to_owned()));
    };
    if !args.nodes.is_empty() || !args.relationships.is_empty() {
        return Err(Failure::Usage(
            "--snapshot takes one list of units, without --nodes and --relationships".to_owned(),
        ));
    }
    let bytes = open::small_bytes(file, number::LARGEST)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let id = args.match_key.as_deref().unwrap_or("id");
    let dataset = dataset::open(dir)?;
    let (edit, brought) =
        dataset::edition(dir, &dataset, &List { file: &name, bytes: &bytes, date, kind, id, name: &args.named })?;
    let after = edit.read();
    if let Some(problem) = dataset::check(&after).iter().find(|problem| problem.blocking) {
        return Err(Error::from(problem).into());
    }
    let lists = [("new", &brought.new), ("ended", &brought.ended), ("renamed", &brought.renamed)];
    for (what, ids) in lists {
        for id in ids {
            let name = after.entities.iter().find(|entity| *entity.id == **id).map_or("", |entity| &*entity.name);
            writeln!(desk.out(), "{what}: {}", visible(&format!("{id} {name}")))?;
        }
    }
    desk.flush()?;
    if edit.lines().is_empty() {
        desk.note("this edition is there already: nothing was written");
        return Ok(Done::Well);
    }
    let before =
        brought.before.as_ref().map_or("the first edition".to_owned(), |before| format!("after that of {before}"));
    let [new, ended, renamed] = [brought.new.len(), brought.ended.len(), brought.renamed.len()];
    let count = query::counted(brought.units, "unit");
    desk.note(&format!("{count}, {before}: {new} new, {ended} ended, {renamed} renamed"));
    if args.dry_run {
        desk.note("nothing was written (--dry-run)");
        return Ok(Done::Well);
    }
    let files = edit.write(&format!("import {name} of {date}"))?;
    desk.note(&format!("written: {}", files.join(", ")));
    Ok(Done::Well)
}
