//! `info`, `backup`, `restore`, `repair`, `compact`: looking after a store file.

use std::path::Path;

use super::args::{BackupArgs, RepairArgs, RestoreArgs, StoreArgs};
use super::terminal::Desk;
use super::{Done, Failure, Outcome};
use crate::engine::Engine;
use crate::error::{Class, Code, Error, Phase, Result};
use crate::io::safe::visible;
use crate::store::{self, Salvage};

/// Sizes, versions and counts of a store.
pub(super) fn info(args: StoreArgs, desk: &mut Desk) -> Outcome {
    let engine = Engine::open_read_only(&args.file)?;
    let info = of_store(engine.store_info())?;
    let [nodes, rels, indexes] = engine.snapshot()?.counts();
    let lines = [
        ("store", info.id),
        ("format", info.format.to_string()),
        ("nodes", nodes.to_string()),
        ("relationships", rels.to_string()),
        ("indexes and constraints", indexes.to_string()),
        ("commits", format!("{}, {} of them in the log", info.commits, info.commits_in_log)),
        ("file", format!("{} bytes", info.file_bytes)),
        ("image", format!("{} bytes", info.image_bytes)),
        ("log", format!("{} bytes", info.log_bytes)),
        ("SQLite's log", format!("{} bytes", info.wal_bytes)),
    ];
    for (name, value) in lines {
        writeln!(desk.out(), "{name:<24}{value}")?;
    }
    for (name, bytes) in info.parts {
        writeln!(desk.out(), "  {:<22}{bytes} bytes", visible(&name))?;
    }
    Ok(Done::Well)
}

/// A copy of a store as of its last commit.
pub(super) fn backup(args: BackupArgs, desk: &mut Desk) -> Outcome {
    let engine = Engine::open_read_only(&args.file)?;
    of_store(engine.backup(&args.copy))?;
    desk.note(&format!("{}: {} bytes", visible(&args.copy.display().to_string()), size(&args.copy)));
    Ok(Done::Well)
}

/// A backup in the place of a store.
pub(super) fn restore(args: RestoreArgs, desk: &mut Desk) -> Outcome {
    let restored = store::restore(&args.backup, &args.file)?;
    let shown = |path: &Path| visible(&path.display().to_string()).into_owned();
    let named = |before: &Path| args.file.with_file_name(before.file_name().unwrap_or_default());
    let before = restored.before.map(|before| format!("; what was there is {}", shown(&named(&before))));
    let before = before.unwrap_or_default();
    desk.note(&format!("{}: commit {}{before}", shown(&args.file), restored.commit));
    Ok(Done::Well)
}

/// A sound copy of a store that may be damaged; one line for everything it leaves out, and how far it got.
pub(super) fn repair(args: RepairArgs, desk: &mut Desk) -> Outcome {
    let mut salvage = Salvage::read(&args.file)?;
    let written = salvage.write(&args.to);
    for finding in &salvage.findings {
        writeln!(desk.out(), "left out: {}", visible(finding))?;
    }
    let [nodes, rels, indexes] = written?;
    let counted = |n: u64, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    writeln!(
        desk.out(),
        "commit {} of {}: {}, {}, {indexes} indexes and constraints",
        salvage.commit,
        salvage.commits,
        counted(nodes, "node"),
        counted(rels, "relationship")
    )?;
    desk.flush()?;
    let problems = Engine::open_read_only(&args.to)?.check()?;
    if !problems.is_empty() {
        problems.iter().for_each(|problem| desk.note(&format!("error: {}", visible(problem))));
        return Err(Failure::Problems);
    }
    desk.note(&format!("{}: no problems found", args.to.display()));
    match salvage.findings.is_empty() {
        false if args.strict => Ok(Done::Findings),
        _ => Ok(Done::Well),
    }
}

/// A new image, an empty log, and no unused pages.
pub(super) fn compact(args: StoreArgs, desk: &mut Desk) -> Outcome {
    drop(Engine::open_read_only(&args.file)?); // opening to write would make a store where there is none
    let before = size(&args.file);
    let engine = Engine::open(&args.file)?;
    of_store(engine.compact())?;
    drop(engine); // the last to close the file makes it small
    desk.note(&format!("{}: {before} bytes before, {} after", args.file.display(), size(&args.file)));
    Ok(Done::Well)
}

fn of_store<T>(done: Option<Result<T>>) -> Result<T> {
    let none = || Error::new(Class::StoreError, Phase::Runtime, Code::StoreIo, "this graph has no store");
    done.unwrap_or_else(|| Err(none()))
}

fn size(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |metadata| metadata.len())
}
