//! `evidence`: everything documents say about an entity, place by place: what each states, how plainly, under which
//! name; given the documents, with the sentences.

use super::args::EvidenceArgs;
use super::terminal::Desk;
use super::{Done, Outcome, conflicts, find, open, query, trace};
use crate::dataset::{self, Documents};
use crate::engine::{Row, Rows};
use crate::error::Result;
use crate::io::{answer, text};
use crate::provenance::{Confidence, Locator, MENTION_KEYS};
use crate::value::{Map, Value};

const FACTS: &str = "\
MATCH (n) WHERE id(n) = $id MATCH (n)-[r]-() WHERE $relation IS NULL OR type(r) = $relation
WITH DISTINCT r
RETURN startNode(r) AS subject, type(r) AS relation, endNode(r) AS object, support(r) AS documents,
  witnesses(r) AS witnesses, evidence(r) AS evidence
ORDER BY documents DESC, relation, id(r)";

const ENTITY: &str = "\
MATCH (n) WHERE id(n) = $id RETURN n AS subject, names(n) AS names, support(n) AS documents,
  witnesses(n) AS witnesses, [e IN evidence(n) WHERE e.mention IS NOT NULL OR e.start IS NOT NULL OR e.end IS NOT NULL] AS evidence";

/// What each code of confidence means for a reader: that something was supplied, resolved or assumed.
const SUPPLIED: [(char, &str); 4] =
    [('A', "actor supplied by the dataset"), ('R', "reference resolved"), ('X', "identity assumed"), ('I', "inferred")];

/// Runs the command.
pub(super) fn run(args: EvidenceArgs, desk: &mut Desk) -> Outcome {
    let engine = open::for_reading(&args.source)?;
    let (entity, node) = find::resolve(&engine, &args.name)?;
    let id = i64::try_from(node.id).unwrap_or_default();
    let facts = engine.query(FACTS).param("id", id).param("relation", args.relation.clone()).rows()?;
    if facts.is_empty() {
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
    let mut lines = Vec::new();
    for row in facts.iter() {
        of_fact(row, &facts, &mut lines);
    }
    if args.relation.is_none() {
        let own = engine.query(ENTITY).param("id", id).rows()?;
        for row in own.iter() {
            of_entity(row, &own, &mut lines);
        }
    }
    query::print(&table(lines, documents.as_ref(), args.output.for_programs())?, &args.output, desk)?;
    Ok(Done::Well)
}

/// One place that speaks of the entity.
#[derive(Default)]
struct Line {
    subject: Value,
    relation: Value,
    object: Value,
    documents: i64,
    witnesses: i64,
    place: String,
    title: Value,
    says: Value,
    confidence: Value,
    marks: Vec<String>,
}

fn number(row: Row<'_>, column: &str) -> i64 {
    if let Some(Value::Int(n)) = row.get(column) { *n } else { 0 }
}

fn cell(row: Row<'_>, rows: &Rows, column: &str) -> Value {
    row.get(column).map_or(Value::Null, |value| trace::plain(value, rows.entities()))
}

fn maps<'a>(row: Row<'a>, column: &str) -> impl Iterator<Item = &'a Map> {
    let items = if let Some(Value::List(items)) = row.get(column) { items.items() } else { &[] };
    items.iter().filter_map(|item| if let Value::Map(map) = item { Some(map) } else { None })
}

/// A fact: a line a mention; one that nobody states has a line all the same.
fn of_fact(row: Row<'_>, rows: &Rows, out: &mut Vec<Line>) {
    let line = || Line {
        subject: cell(row, rows, "subject"),
        relation: cell(row, rows, "relation"),
        object: cell(row, rows, "object"),
        documents: number(row, "documents"),
        witnesses: number(row, "witnesses"),
        ..Line::default()
    };
    let before = out.len();
    out.extend(maps(row, "evidence").map(|mention| said(line(), mention)));
    if out.len() == before {
        out.push(line());
    }
}

/// The entity itself: where documents state its life, and where each of its names is used.
fn of_entity(row: Row<'_>, rows: &Rows, out: &mut Vec<Line>) {
    let subject = cell(row, rows, "subject");
    for mention in maps(row, "evidence") {
        let (documents, witnesses) = (number(row, "documents"), number(row, "witnesses"));
        let line =
            Line { subject: subject.clone(), relation: "exists".into(), documents, witnesses, ..Line::default() };
        out.push(said(line, mention));
    }
    for name in maps(row, "names") {
        let list = |key: &str| if let Some(Value::List(items)) = name.get(key) { items.items() } else { &[] };
        let count = i64::try_from(list("documents").len()).unwrap_or(i64::MAX);
        for place in list("places") {
            let place = text::cell(place, rows.entities());
            out.push(Line {
                subject: subject.clone(),
                relation: "named".into(),
                object: name.get("name").cloned().unwrap_or_default(),
                documents: count,
                witnesses: count,
                place,
                ..Line::default()
            });
        }
    }
}

/// What one mention says, and how.
fn said(mut line: Line, mention: &Map) -> Line {
    let word = |key: &str| if let Some(Value::Str(text)) = mention.get(key) { Some(text) } else { None };
    line.place = word("locator").map_or(String::new(), |place| place.to_string());
    line.title = mention.get("title").cloned().unwrap_or_default();
    line.confidence = mention.get("confidence").cloned().unwrap_or_default();
    let states = mention.entries().iter().filter(|(key, _)| !MENTION_KEYS.contains(&&***key));
    let states: Vec<_> = states.map(|(key, value)| (key.clone(), value.clone())).collect();
    line.says = if states.is_empty() { Value::Null } else { Value::map(states).unwrap_or_default() };
    let codes = word("confidence").and_then(|codes| Confidence::parse(codes).ok()).unwrap_or_default();
    let supplied = SUPPLIED.iter().filter(|(code, _)| codes.has(*code)).map(|(_, words)| (*words).to_owned());
    line.marks.extend(supplied);
    if let Some(identified) = word("identified") {
        line.marks.push(format!("identified: {identified}"));
    }
    match word("mode").map(|mode| &**mode) {
        Some("denies") => line.marks.push("denied".to_owned()),
        Some("reports") => line.marks.push(match word("by") {
            Some(by) => format!("reported by {by}"),
            None => "reported".to_owned(),
        }),
        Some(mode) => line.marks.push(mode.to_owned()),
        None => {}
    }
    if let Some(name) = word("as_named") {
        line.marks.push(format!("as {name:?}"));
    }
    if mention.get("either").is_some() {
        line.marks.push("fits several facts".to_owned());
    }
    line
}

/// The lines as a table. A person sees no column in which nothing stands; a program sees all.
fn table(lines: Vec<Line>, documents: Option<&Documents>, for_programs: bool) -> Result<Rows> {
    let says = |has: &dyn Fn(&Line) -> bool| for_programs || lines.iter().any(has);
    let voices = says(&|line| line.documents != line.witnesses);
    let shown = [
        ("subject", true),
        ("relation", true),
        ("object", true),
        ("documents", true),
        ("places", true),
        ("sentence", documents.is_some()),
        ("witnesses", voices),
        ("says", says(&|line| !line.says.is_null())),
        ("confidence", says(&|line| !line.confidence.is_null())),
        ("marks", says(&|line| !line.marks.is_empty())),
        ("title", says(&|line| !line.title.is_null())),
    ];
    let mut out = Vec::with_capacity(lines.len());
    for line in lines {
        let marks: Vec<Value> = line.marks.iter().map(|mark| Value::str(mark.as_str())).collect();
        let sentence = documents.and_then(|documents| sentence(documents, &line.place));
        let cells = [
            line.subject,
            line.relation,
            line.object,
            Value::Int(line.documents),
            Value::from(Some(line.place).filter(|place| !place.is_empty())),
            sentence.into(),
            Value::Int(line.witnesses),
            if for_programs { line.says } else { conflicts::states(Some(&line.says)).into() },
            line.confidence,
            if for_programs { Value::list(marks)? } else { line.marks.join("; ").into() },
            line.title,
        ];
        out.push(cells.into_iter().zip(&shown).filter(|(_, (_, shown))| *shown).map(|(cell, _)| cell).collect());
    }
    let columns: Vec<&str> = shown.iter().filter(|(_, shown)| *shown).map(|(column, _)| *column).collect();
    Ok(answer::made(&columns, out))
}

fn sentence(documents: &Documents, place: &str) -> Option<String> {
    let (source, locator) = place.split_once(':')?;
    documents.text(source, Locator::parse(locator)?).map(str::to_owned)
}
