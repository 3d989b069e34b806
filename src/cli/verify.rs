//! `check`: a dataset folder against its own rules and its documents, or a store against itself.
//!
//! Exit codes: 1 when something must be mended, 3 when `--strict` is given and something should be looked at.

use std::path::Path;

use super::args::{CheckArgs, Source};
use super::terminal::Desk;
use super::{Done, Failure, Outcome, open, query};
use crate::dataset::{self, Dataset, Problem};
use crate::engine::Rows;
use crate::error::{Code, Error, Result};
use crate::io::answer::{self, Form};
use crate::io::safe::visible;
use crate::store::Salvage;
use crate::value::Value;

/// Runs the command; one line a problem.
pub(super) fn run(args: CheckArgs, desk: &mut Desk) -> Outcome {
    let path = args.path.as_deref().or(args.source.data.as_deref());
    match (path, args.source.db.as_deref()) {
        (Some(_), Some(_)) => Err(Failure::Usage("a path and --db were given: one is enough".to_owned())),
        (Some(path), None) if path.is_dir() || !path.exists() => {
            let mut read = dataset::read(path)?;
            if args.fix && mend(path, &read, desk)? {
                read = dataset::read(path)?;
            }
            folder(&read, Some(path), &args, desk)
        }
        (Some(_), None) | (None, Some(_)) if args.sources.is_some() => {
            Err(Failure::Usage("--sources checks a dataset folder, and this is a store".to_owned()))
        }
        (Some(file), None) | (None, Some(file)) => store(file, desk),
        (None, None) if args.write || args.fix || args.moves => {
            let flag = if args.write {
                "--write"
            } else if args.fix {
                "--fix"
            } else {
                "--moves"
            };
            Err(Failure::Usage(format!("{flag} needs a folder: the built-in dataset cannot be written")))
        }
        (None, None) => folder(&dataset::builtin(), None, &args, desk),
    }
}

/// Mends what has one right answer, and says what; whether anything was.
fn mend(dir: &Path, dataset: &Dataset, desk: &mut Desk) -> std::result::Result<bool, Failure> {
    /// Most cells that are listed.
    const LISTED: usize = 20;
    let (edit, fixes) = dataset::fix(dir, dataset)?;
    if fixes.is_empty() {
        desk.note("nothing to mend that has one right answer");
        return Ok(false);
    }
    let blocking = |dataset: &Dataset| dataset::check(dataset).iter().filter(|problem| problem.blocking).count();
    if blocking(&edit.read()) > blocking(dataset) {
        let error = Error::data("mending the cells would make new mistakes, so nothing was written");
        return Err(error.hint("mend what stands below by hand first").into());
    }
    for dataset::Fix { file, row, column, old, new } in fixes.iter().take(LISTED) {
        desk.note(&format!("mended: {file}, row {row}, column {column}: {old:?} is {new:?}"));
    }
    if fixes.len() > LISTED {
        desk.note(&format!("mended: {} more", query::counted(fixes.len() - LISTED, "cell")));
    }
    edit.write("check --fix")?;
    Ok(true)
}

fn folder(dataset: &Dataset, path: Option<&Path>, args: &CheckArgs, desk: &mut Desk) -> Outcome {
    let mut problems = dataset::check(dataset);
    if args.unsourced {
        problems.append(&mut dataset::unsourced(dataset));
    }
    if let Some(documents) = &args.sources {
        let mut found = dataset::check_sources(dataset, documents)?;
        problems.append(&mut found.problems);
        desk.note(&format!("places: {} of {} are in the documents", found.standing, found.places));
        desk.note(&format!("fingerprints: {} of {} verified", found.verified, found.total));
        if found.verified < found.total {
            let [moved, changed, gone] = [found.moved.len(), found.changed, found.gone];
            desk.note(&format!(
                "sentences: {} the same, {moved} moved, {changed} changed, {gone} gone",
                found.verified
            ));
        }
        if let Some(path) = path.filter(|_| args.moves && !found.moved.is_empty()) {
            dataset::moves(path, &found.moved)?.write("check --moves")?;
            for dataset::Moved { row, source, from, to } in &found.moved {
                desk.note(&format!("moved: mentions.csv, row {row}: {source}:{from} is {source}:{to}"));
            }
            let moved = |problem: &Problem| {
                &*problem.file == "mentions.csv"
                    && found.moved.iter().any(|moved| moved.row == problem.row)
                    && !matches!(problem.column, "qualifiers")
            };
            problems.retain(|problem| !moved(problem));
        }
        match path.filter(|_| args.write || args.fix && !args.moves) {
            Some(path) => {
                let written = dataset::write_fingerprints(path, &found)?;
                desk.note(&format!("{} written to mentions.csv", query::counted(written, "fingerprint")));
            }
            None if found.missing.is_empty() => {}
            None => desk.note(&format!("{} without a fingerprint; --write adds it", mentions(found.missing.len()))),
        }
    }
    let problems = dataset::grouped(problems);
    if args.output.form() == Form::Table {
        for problem in &problems {
            writeln!(desk.out(), "{}", line(problem))?;
            for example in &problem.examples {
                writeln!(desk.out(), "    {}", visible(example))?;
            }
            let more = problem.count - problem.examples.len().min(problem.count);
            if more > 0 && !problem.examples.is_empty() {
                writeln!(desk.out(), "    and {more} more")?;
            }
        }
    } else {
        query::print(&table(&problems)?, &args.output, desk)?;
    }
    let blocking = problems.iter().filter(|p| p.blocking).count();
    if problems.is_empty() {
        let counts = [
            (dataset.sources.len(), "source", "sources"),
            (dataset.entities.len(), "entity", "entities"),
            (dataset.relations.len(), "relation", "relations"),
            (dataset.mentions.len(), "mention", "mentions"),
        ];
        let counts: Vec<String> =
            counts.iter().map(|(n, one, many)| format!("{n} {}", if *n == 1 { one } else { many })).collect();
        let found = format!("no problems found: {}", counts.join(", "));
        match args.output.form() {
            Form::Table => writeln!(desk.out(), "{found}")?,
            _ => desk.remark(&found),
        }
        return Ok(Done::Well);
    }
    desk.flush()?;
    desk.note(&format!("{blocking} to mend, {} to look at", problems.len() - blocking));
    match blocking {
        0 if args.strict => Ok(Done::Findings),
        0 => Ok(Done::Well),
        _ => Err(Failure::Problems),
    }
}

/// The same for programs and spreadsheets.
fn table(problems: &[Problem]) -> Result<Rows> {
    let text = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
    let row = |p: &Problem| {
        let row = if p.row > 0 { Value::Int(p.row.into()) } else { Value::Null };
        let severity = if p.blocking { "error" } else { "note" };
        let examples = p.examples.iter().map(|example| Value::str(example.as_str())).collect();
        let (count, examples) = (i64::try_from(p.count).unwrap_or(i64::MAX), Value::list(examples)?);
        let said = [severity.into(), text(&p.file), row, text(p.column), text(&p.message), text(&p.hint)];
        Ok(said.into_iter().chain([Value::Int(count), examples]).collect())
    };
    let columns = ["severity", "file", "row", "column", "message", "hint", "count", "examples"];
    Ok(answer::made(&columns, problems.iter().map(row).collect::<Result<_>>()?))
}

pub(super) fn line(problem: &Problem) -> String {
    let mark = if problem.blocking { "error" } else { "note" };
    let hint = if problem.hint.is_empty() { String::new() } else { format!(" ({})", problem.hint) };
    visible(&format!("{mark}: {problem}{hint}")).into_owned()
}

fn mentions(count: usize) -> String {
    query::counted(count, "mention")
}

fn store(file: &Path, desk: &mut Desk) -> Outcome {
    let source = Source { db: Some(file.to_path_buf()), read_only: true, ..Source::default() };
    let problems = match open::to_the_end(&source) {
        Ok(engine) => engine.check()?,
        // it does not open: whatever can be read of it says why
        Err(error) if error.code() == Code::StoreDamaged => {
            let mut problems = vec![error.message().to_owned()];
            problems.extend(Salvage::read(file).map(|salvage| salvage.findings).unwrap_or_default());
            problems
        }
        Err(error) => return Err(error.into()),
    };
    for problem in &problems {
        writeln!(desk.out(), "error: {}", visible(problem))?;
    }
    if problems.is_empty() {
        writeln!(desk.out(), "no problems found")?;
        return Ok(Done::Well);
    }
    desk.flush()?;
    desk.note(&format!(
        "{} problem{}; `shejire repair {} --to NEW` writes a sound copy",
        problems.len(),
        if problems.len() == 1 { "" } else { "s" },
        visible(&file.display().to_string())
    ));
    Err(Failure::Problems)
}
