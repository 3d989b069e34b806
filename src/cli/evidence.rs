//! `evidence`: every fact about an entity, with the places that state it and, given the documents, their sentences.

use std::collections::BTreeSet;

use super::args::EvidenceArgs;
use super::terminal::Desk;
use super::{Done, Outcome, find, open, query, trace};
use crate::dataset::{self, Documents};
use crate::engine::Rows;
use crate::error::Result;
use crate::io::answer;
use crate::provenance::Locator;
use crate::value::Value;

const QUERY: &str = "\
MATCH (n) WHERE id(n) = $id MATCH (n)-[r]-() WHERE $relation IS NULL OR type(r) = $relation
RETURN startNode(r) AS subject, type(r) AS relation, endNode(r) AS object, support(r) AS documents,
  [e IN evidence(r) | e.locator] AS places
ORDER BY documents DESC, relation, id(r)";

/// Runs the command.
pub(super) fn run(args: EvidenceArgs, desk: &mut Desk) -> Outcome {
    let engine = open::to_the_end(&args.source)?;
    let (entity, node) = find::resolve(&engine, &args.name)?;
    let id = i64::try_from(node.id).unwrap_or_default();
    let rows = engine.query(QUERY).param("id", id).param("relation", args.relation.clone()).rows()?;
    if rows.is_empty() {
        let of = args.relation.as_ref().map_or(String::new(), |relation| format!(" of the relation {relation:?}"));
        desk.note(&format!("no document states a fact{of} about {:?}", &*entity.name));
    }
    let documents = match &args.sources {
        Some(folder) => {
            let dataset = match &args.source.data {
                Some(data) => dataset::read(data)?,
                None => dataset::builtin(),
            };
            let mut problems = Vec::new();
            let documents = Documents::open(&dataset, folder, &mut problems)?;
            problems.iter().for_each(|p| desk.note(&format!("warning: {p}")));
            Some(documents)
        }
        None => None,
    };
    query::print(&table(&rows, documents.as_ref())?, &args.output, desk)?;
    Ok(Done::Well)
}

/// One row a fact; with the documents, one row a place, with its sentence.
fn table(rows: &Rows, documents: Option<&Documents>) -> Result<Rows> {
    let mut out = Vec::new();
    for row in rows.iter() {
        let cells: Vec<Value> = row.values().iter().map(|v| trace::plain(v, rows.entities())).collect();
        let Some(documents) = documents else {
            out.push(cells);
            continue;
        };
        for place in places(row.get("places")) {
            let mut cells = cells.clone();
            cells.truncate(4);
            cells.push(Value::str(place.as_str()));
            cells.push(sentence(documents, &place).into());
            out.push(cells);
        }
    }
    let columns = ["subject", "relation", "object", "documents", "places", "sentence"];
    let shown = if documents.is_some() { &columns[..] } else { &columns[..5] };
    Ok(answer::made(shown, out))
}

fn places(value: Option<&Value>) -> BTreeSet<String> {
    let Some(Value::List(items)) = value else { return BTreeSet::new() };
    items.iter().filter_map(|v| if let Value::Str(text) = v { Some(text.to_string()) } else { None }).collect()
}

fn sentence(documents: &Documents, place: &str) -> Option<String> {
    let (source, locator) = place.split_once(':')?;
    documents.text(source, Locator::parse(locator)?).map(str::to_owned)
}
