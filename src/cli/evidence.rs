//! `evidence`: everything documents say about an entity, place by place: what each states, how plainly, under which
//! name; given the documents, with the sentences.

use std::sync::Arc;

use super::args::EvidenceArgs;
use super::sentences::Sentences;
use super::terminal::Desk;
use super::{Done, Outcome, conflicts, open, query, trace};
use crate::engine::{Citation, Entity, Evidence, FactEvidence, Rows, SourceView};
use crate::error::Result;
use crate::io::answer;
use crate::provenance::{Identified, Mode};
use crate::value::Value;

/// What each code of confidence means for a reader: that something was supplied, resolved or assumed.
const SUPPLIED: [(char, &str); 4] =
    [('A', "actor supplied by the dataset"), ('R', "reference resolved"), ('X', "identity assumed"), ('I', "inferred")];

/// Runs the command.
pub(super) fn run(args: EvidenceArgs, desk: &mut Desk) -> Outcome {
    let engine = open::for_reading(&args.source)?;
    let snapshot = engine.snapshot()?;
    let entity = snapshot.entity(args.name.as_str())?;
    let (lines, nothing) = snapshot.read(|_| {
        let mut facts = entity.facts();
        facts.retain(|fact| args.relation.as_deref().is_none_or(|relation| *fact.kind == *relation));
        let (nothing, mut lines) = (facts.is_empty(), Vec::new());
        for fact in facts {
            of_fact(fact, entity.seen(), &mut lines);
        }
        if args.relation.is_none() {
            of_entity(&entity, &mut lines);
        }
        Ok((lines, nothing))
    })?;
    if nothing {
        let of = args.relation.as_ref().map_or(String::new(), |relation| format!(" of the relation {relation:?}"));
        desk.note(&format!("no document states a fact{of} about {:?}", entity.name()));
    }
    let open = |folder| Sentences::open(folder, &args.source, &engine, desk);
    let mut sentences = args.sources.as_deref().map(open).transpose()?;
    query::print(&table(lines, sentences.as_mut(), args.output.for_programs())?, &args.output, desk)?;
    match sentences {
        Some(sentences) if sentences.tell(desk) && args.strict => Ok(Done::Findings),
        _ => Ok(Done::Well),
    }
}

/// One place that speaks of the entity.
#[derive(Clone, Default)]
struct Line {
    subject: Value,
    relation: Value,
    object: Value,
    documents: usize,
    witnesses: usize,
    place: Option<Citation>,
    title: Value,
    says: Vec<(Arc<str>, Vec<Arc<str>>)>,
    confidence: Value,
    marks: Vec<String>,
}

/// A fact: a line a mention; one that nobody states has a line all the same.
fn of_fact(fact: FactEvidence, seen: &SourceView, out: &mut Vec<Line>) {
    let line = Line {
        subject: trace::name(seen, fact.start).into(),
        relation: Value::Str(fact.kind),
        object: trace::name(seen, fact.end).into(),
        documents: fact.support,
        witnesses: fact.witnesses,
        ..Line::default()
    };
    if fact.evidence.is_empty() {
        out.push(line.clone());
    }
    out.extend(fact.evidence.into_iter().map(|place| said(line.clone(), place)));
}

/// The entity itself: where documents state its life, and where each of its names is used.
fn of_entity(entity: &Entity, out: &mut Vec<Line>) {
    let subject = Value::from(trace::name(entity.seen(), entity.node()));
    let (documents, witnesses) = (entity.support(), entity.witnesses());
    for place in entity.evidence().into_iter().filter(|place| place.mention.is_some()) {
        let (subject, relation) = (subject.clone(), "exists".into());
        out.push(said(Line { subject, relation, documents, witnesses, ..Line::default() }, place));
    }
    for name in entity.names() {
        let count = name.documents().len();
        for place in name.citations {
            out.push(Line {
                subject: subject.clone(),
                relation: "named".into(),
                object: Value::Str(name.name.clone()),
                documents: count,
                witnesses: count,
                place: Some(place),
                ..Line::default()
            });
        }
    }
}

/// What one place says, and how.
fn said(mut line: Line, place: Evidence) -> Line {
    line.place = Some(place.citation);
    line.title = text(&place.title);
    if place.either {
        line.marks.push("fits several facts".to_owned());
    }
    let Some(said) = place.mention else { return line };
    line.confidence = text(&said.confidence.to_string().into());
    line.says = said.states;
    let mut marks: Vec<String> = Vec::new();
    let supplied = SUPPLIED.iter().filter(|(code, _)| said.confidence.has(*code));
    marks.extend(supplied.map(|(_, words)| (*words).to_owned()));
    if said.identified != Identified::Sure {
        marks.push(format!("identified: {}", said.identified.name()));
    }
    match said.mode {
        Mode::States => {}
        Mode::Denies => marks.push("denied".to_owned()),
        Mode::Reports => marks.push(said.by.map_or("reported".to_owned(), |by| format!("reported by {by}"))),
        Mode::Hedges => marks.push(said.mode.name().to_owned()),
    }
    marks.extend(said.as_named.map(|name| format!("as {name:?}")));
    marks.append(&mut line.marks);
    line.marks = marks;
    line
}

fn text(text: &Arc<str>) -> Value {
    if text.is_empty() { Value::Null } else { Value::Str(text.clone()) }
}

/// What a place states as a value: under each key one text, or the list of several.
fn states(says: &[(Arc<str>, Vec<Arc<str>>)]) -> Result<Value> {
    if says.is_empty() {
        return Ok(Value::Null);
    }
    let entry = |(key, values): &(Arc<str>, Vec<Arc<str>>)| {
        let value = match &values[..] {
            [one] => Value::Str(one.clone()),
            several => Value::list(several.iter().cloned().map(Value::Str).collect())?,
        };
        Ok((key.clone(), value))
    };
    Value::map(says.iter().map(entry).collect::<Result<Vec<_>>>()?)
}

/// The lines as a table. A person sees no column in which nothing stands; a program sees all.
fn table(lines: Vec<Line>, mut sentences: Option<&mut Sentences>, for_programs: bool) -> Result<Rows> {
    let says = |has: &dyn Fn(&Line) -> bool| for_programs || lines.iter().any(has);
    let voices = says(&|line| line.documents != line.witnesses);
    let shown = [
        ("subject", true),
        ("relation", true),
        ("object", true),
        ("documents", true),
        ("places", true),
        ("sentence", sentences.is_some()),
        ("verdict", sentences.is_some()),
        ("witnesses", voices),
        ("says", says(&|line| !line.says.is_empty())),
        ("confidence", says(&|line| !line.confidence.is_null())),
        ("marks", says(&|line| !line.marks.is_empty())),
        ("title", says(&|line| !line.title.is_null())),
    ];
    let mut out = Vec::with_capacity(lines.len());
    for line in lines {
        let marks: Vec<Value> = line.marks.iter().map(|mark| Value::str(mark.as_str())).collect();
        let place = line.place.as_ref().map(|place| place.to_string());
        let found = sentences.as_mut().zip(place.as_ref()).and_then(|(sentences, place)| sentences.at(place));
        let (sentence, verdict) = found.unzip();
        let count = |n: usize| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
        let cells = [
            line.subject,
            line.relation,
            line.object,
            count(line.documents),
            Value::from(place),
            sentence.flatten().into(),
            verdict.into(),
            count(line.witnesses),
            if for_programs { states(&line.says)? } else { conflicts::states(&line.says).into() },
            line.confidence,
            if for_programs { Value::list(marks)? } else { line.marks.join("; ").into() },
            line.title,
        ];
        out.push(cells.into_iter().zip(&shown).filter(|(_, (_, shown))| *shown).map(|(cell, _)| cell).collect());
    }
    let columns: Vec<&str> = shown.iter().filter(|(_, shown)| *shown).map(|(column, _)| *column).collect();
    Ok(answer::made(&columns, out))
}
