//! `show`: one entity on one card: names, life, facts, events, conflicts, each with its places; given the documents, with the sentences.

use super::args::ShowArgs;
use super::sentences::Sentences;
use super::terminal::Desk;
use super::trace::{name, places};
use super::{Done, Outcome, conflicts, open, query};
use crate::engine::{Entity, FactEvidence, LifeBound, LineageRequest, Snapshot, SourceView};
use crate::error::Result;
use crate::io::answer::{self, Form};
use crate::io::safe::visible;
use crate::provenance::Mode;
use crate::server::views;
use crate::value::Value;

/// A line of the card, with the places that state it.
struct Line {
    text: String,
    places: Vec<String>,
}

type Section = (&'static str, Vec<Line>);

/// Runs the command.
pub(super) fn run(args: ShowArgs, desk: &mut Desk) -> Outcome {
    let engine = open::for_reading(&args.source)?;
    let snapshot = engine.snapshot()?;
    let entity = snapshot.entity(args.name.as_str())?;
    if args.output.for_programs() {
        let card = snapshot.read(|_| views::entity(&entity, usize::MAX, None))?;
        let text = if args.output.form() == Form::Json {
            serde_json::to_string_pretty(&card)
        } else {
            serde_json::to_string(&card)
        };
        writeln!(desk.out(), "{}", text.unwrap_or_default())?;
        return Ok(Done::Well);
    }
    let sections = snapshot.read(|snapshot| card(snapshot, &entity))?;
    let mut sentences =
        args.sources.as_deref().map(|folder| Sentences::open(folder, &args.source, &engine, desk)).transpose()?;
    let content = entity.content();
    let id = content
        .properties
        .iter()
        .find(|(key, _)| &**key == "id")
        .map_or_else(String::new, |(_, id)| crate::io::text::inline(id, &Default::default()));
    let id = id.trim_matches('\'').to_owned();
    let about: Vec<&str> = [content.kind(), id.as_str()].into_iter().filter(|text| !text.is_empty()).collect();
    let heading = format!("{} ({})", entity.name(), about.join(", "));
    match args.output.form() {
        Form::Csv => {
            let rows = sections.into_iter().flat_map(|(title, lines)| {
                lines.into_iter().map(move |line| vec![title.into(), line.text.into(), line.places.join(", ").into()])
            });
            query::print(&answer::made(&["section", "what", "places"], rows.collect()), &args.output, desk)?;
        }
        form => printed(form == Form::Markdown, &heading, &sections, sentences.as_mut(), desk)?,
    }
    if let Some(sentences) = sentences {
        sentences.tell(desk);
    }
    Ok(Done::Well)
}

fn printed(
    markdown: bool,
    heading: &str,
    sections: &[Section],
    mut sentences: Option<&mut Sentences>,
    desk: &mut Desk,
) -> std::io::Result<()> {
    let [before, title, item, said] = if markdown { ["# ", "## ", "- ", "  > "] } else { ["", "", "  ", "      "] };
    writeln!(desk.out(), "{before}{}", visible(heading))?;
    for (section, lines) in sections.iter().filter(|(_, lines)| !lines.is_empty()) {
        writeln!(desk.out(), "\n{title}{section}{}", if markdown { "\n" } else { "" })?;
        for line in lines {
            let places = if line.places.is_empty() { String::new() } else { format!("  [{}]", line.places.join(", ")) };
            writeln!(desk.out(), "{item}{}{places}", visible(&line.text))?;
            let Some(sentences) = sentences.as_mut() else { continue };
            for place in &line.places {
                if let Some((text, standing)) = sentences.at(place) {
                    let mark = if standing == "verified" { String::new() } else { format!(" ({standing})") };
                    writeln!(desk.out(), "{said}{place} {}{mark}", visible(&text.unwrap_or_default()))?;
                }
            }
        }
    }
    Ok(())
}

/// The sections of a card; those with nothing in them are left out when it is printed.
fn card(snapshot: &Snapshot, entity: &Entity) -> Result<Vec<Section>> {
    let seen = entity.seen();
    let line = |text: String, places: Vec<String>| Line { text, places };
    let cited = |list: &[crate::engine::Citation]| list.iter().map(ToString::to_string).collect::<Vec<String>>();
    let bound = |bound: &LifeBound| {
        let words = bound.text.as_deref().map_or("not stated".to_owned(), crate::value::edtf::words);
        let disputed = if bound.disputed { ", in dispute" } else { "" };
        let sourced = if bound.text.is_some() && bound.citations.is_empty() { ", not sourced" } else { "" };
        format!("{words}{disputed}{sourced}")
    };
    let lived = seen.life(entity.node()).intervals.into_iter().map(|one| {
        let mut places = cited(&one.start.citations);
        places.extend(cited(&one.end.citations));
        places.dedup();
        line(format!("from {} to {}", bound(&one.start), bound(&one.end)), places)
    });
    let names = entity.names().into_iter().map(|one| {
        let about: Vec<&str> =
            [&one.language, &one.script, &one.status].into_iter().map(|t| &**t).filter(|t| !t.is_empty()).collect();
        let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
        line(format!("{}{about}", one.name), cited(&one.citations))
    });
    let lineage = snapshot.lineage(&LineageRequest::of(Value::Node(entity.node())))?;
    let steps = lineage.steps().iter().map(|step| {
        let bodies = |list: &[crate::engine::TookPart]| {
            list.iter().map(|part| name(seen, part.body)).collect::<Vec<_>>().join(", ")
        };
        let sides = match (bodies(&step.predecessors), bodies(&step.successors)) {
            (before, after) if before.is_empty() && after.is_empty() => {
                let ends =
                    [step.from, step.what, step.body, step.to].into_iter().flatten().map(|node| name(seen, node));
                ends.collect::<Vec<_>>().join(" · ")
            }
            (before, after) => format!("{before} → {after}"),
        };
        let when = step.when.as_deref().map_or_else(String::new, |when| format!(", {when}"));
        let mark = if step.disputed { ", in dispute" } else { "" };
        line(
            format!("{:+}  {}: {sides}{when}{mark}", step.number, step.kind),
            step.citations.iter().map(ToString::to_string).collect(),
        )
    });
    let facts = entity.facts();
    let mut grouped: Vec<&FactEvidence> = facts.iter().collect();
    grouped.sort_by(|a, b| (a.start != entity.node(), &a.kind).cmp(&(b.start != entity.node(), &b.kind)));
    let facts = grouped.into_iter().map(|fact| {
        let mut places: Vec<String> = fact.evidence.iter().map(|place| place.citation.to_string()).collect();
        places.dedup();
        line(told(seen, fact), places)
    });
    let contested = seen.conflicts(Some(entity.node()));
    let contested = contested.iter().map(|conflict| {
        let side = |at: usize| {
            let side = &conflict.sides[at];
            format!("{} [{}]", conflicts::claim(side), places(&side.citations))
        };
        let topic = if conflict.topic.is_empty() { String::new() } else { format!("{}: ", conflict.topic) };
        line(format!("{topic}{} — {}", side(0), side(1)), Vec::new())
    });
    Ok(vec![
        ("life", lived.collect()),
        ("names", names.collect()),
        ("events", steps.collect()),
        ("facts", facts.collect()),
        ("conflicts", contested.collect()),
    ])
}

/// A fact in a line, with what its places state.
pub(super) fn told(seen: &SourceView, fact: &FactEvidence) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut denied = 0;
    for mention in fact.evidence.iter().filter_map(|place| place.mention.as_ref()) {
        denied += usize::from(mention.mode == Mode::Denies);
        let states = conflicts::states(
            &mention.states.iter().filter(|(key, _)| &**key != "wording").cloned().collect::<Vec<_>>(),
        );
        if !states.is_empty() && !said.contains(&states) {
            said.push(states);
        }
    }
    let states = if said.is_empty() { String::new() } else { format!(" · {}", said.join(" | ")) };
    let denied = match denied {
        0 => "",
        all if all == fact.evidence.len() => " (denied)",
        _ => " (denied by some)",
    };
    format!("{} {} {}{states}{denied}", name(seen, fact.start), fact.kind, name(seen, fact.end))
}
