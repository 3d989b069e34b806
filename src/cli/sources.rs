//! `sources`: the documents of a graph, and how much rests on each. `search`: words in their sentences, with the facts that rest on them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::args::{SearchArgs, SourcesArgs};
use super::show::told;
use super::terminal::Desk;
use super::{Done, Outcome, open, query};
use crate::dataset::Words;
use crate::engine::{Further, Rows};
use crate::error::{Error, Result};
use crate::io::answer::{self, Form};
use crate::io::safe::visible;
use crate::server::reading::Reading;
use crate::value::Value;

/// Runs `sources`.
pub(super) fn run(args: SourcesArgs, desk: &mut Desk) -> Outcome {
    let engine = open::for_reading(&args.source)?;
    let snapshot = engine.snapshot()?;
    let rows = snapshot.read(|snapshot| {
        let all = snapshot.told()?;
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        let further = all.further.iter().filter_map(Further::mention);
        all.rels.values().flatten().chain(further).for_each(|one| *counts.entry(one.place.source.0).or_default() += 1);
        let text = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
        let rows = (0_u32..).zip(snapshot.sources()).map(|(at, source)| {
            let count = counts.get(&at).copied().unwrap_or(0);
            let derives = source.derives_from.join(", ");
            vec![
                text(&source.id),
                text(&source.title),
                text(&crate::value::edtf::words(&source.date)),
                text(&source.group),
                text(&derives),
                Value::Int(i64::try_from(count).unwrap_or(i64::MAX)),
            ]
        });
        Ok(rows.collect::<Vec<_>>())
    })?;
    query::print(
        &filled(&["source", "title", "date", "group", "derivesFrom", "mentions"], rows, args.output.for_programs()),
        &args.output,
        desk,
    )?;
    Ok(Done::Well)
}

/// A table without the columns in which nothing stands, unless a program reads it.
fn filled(columns: &[&str], rows: Vec<Vec<Value>>, for_programs: bool) -> Rows {
    let kept: Vec<usize> = (0..columns.len())
        .filter(|at| for_programs || *at == 0 || rows.iter().any(|row| !row[*at].is_null()))
        .collect();
    let names: Vec<&str> = kept.iter().map(|at| columns[*at]).collect();
    let rows = rows.iter().map(|row| kept.iter().map(|at| row[*at].clone()).collect());
    answer::made(&names, rows.collect())
}

/// Runs `search`; exit code 1 when no sentence has the words.
pub(super) fn search(args: SearchArgs, desk: &mut Desk) -> Outcome {
    let engine = open::for_reading(&args.source)?;
    let snapshot = engine.snapshot()?;
    let own = args.source.data.as_ref().map(|data| data.join("texts")).filter(|texts| texts.is_dir());
    let Some(folder): Option<PathBuf> = args.sources.clone().or(own) else {
        let error = Error::data("where the documents lie is not said");
        return Err(error.hint("name their folder with --sources DIR: a dataset holds places, not sentences").into());
    };
    let (reading, problems) = snapshot.read(|snapshot| Reading::open(snapshot, Some(&folder)))?;
    problems.iter().for_each(|problem| desk.note(&format!("warning: {problem}")));
    let words = Words::read(&args.words);
    let (hits, more) = snapshot.read(|snapshot| {
        let places = reading.places(snapshot)?;
        let seen = snapshot.seen();
        let (mut hits, mut more) = (Vec::new(), 0);
        for source in snapshot.sources() {
            let Some(document) = reading.of(&source.id).and_then(|documents| documents.get(&source.id)) else {
                continue;
            };
            for (at, page, sentence, _) in document.numbered().filter(|(_, _, sentence, _)| words.stand(sentence)) {
                if hits.len() == args.limit {
                    more += 1;
                    continue;
                }
                let here = places.get(&source.id).into_iter().flat_map(|all| all.iter());
                let here = here.filter(|(place, _)| place.contains(&at) && place.first > 0);
                let mut facts: Vec<String> = Vec::new();
                for rel in here.flat_map(|(_, here)| &here.rels) {
                    let fact = snapshot.rel_with_id(*rel).and_then(|rel| seen.fact(rel));
                    facts.extend(fact.map(|fact| told(&seen, &fact)));
                }
                facts.dedup();
                hits.push((format!("{}:{at}", source.id), page, sentence.to_owned(), facts));
            }
        }
        Ok((hits, more))
    })?;
    if hits.is_empty() {
        let error = Error::data(format!("no sentence has the words {:?}", args.words));
        return Err(error
            .hint("all words must stand in one sentence; `word*` finds endings, \"in quotation marks\" words in a row")
            .into());
    }
    match args.output.form() {
        Form::Table => {
            for (place, page, sentence, facts) in &hits {
                let page = if *page > 0 { format!(" (page {page})") } else { String::new() };
                writeln!(desk.out(), "{place}{page}  {}", visible(sentence))?;
                for fact in facts {
                    writeln!(desk.out(), "    {}", visible(fact))?;
                }
            }
        }
        _ => query::print(&rows(hits)?, &args.output, desk)?,
    }
    desk.flush()?;
    if more > 0 {
        desk.note(&format!("and {more} more sentences; --limit says how many are shown"));
    }
    Ok(Done::Well)
}

fn rows(hits: Vec<(String, u32, String, Vec<String>)>) -> Result<Rows> {
    let row = |(place, page, sentence, facts): (String, u32, String, Vec<String>)| {
        let page = if page > 0 { Value::Int(page.into()) } else { Value::Null };
        let facts = Value::list(facts.into_iter().map(Value::from).collect())?;
        Ok(vec![place.into(), page, sentence.into(), facts])
    };
    Ok(answer::made(&["place", "page", "sentence", "facts"], hits.into_iter().map(row).collect::<Result<_>>()?))
}
