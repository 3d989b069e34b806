//! A lineage as the page of lineages draws it: the model of [`picture`](crate::picture) with the place of every date on the
//! axis, so that the browser reads no dates.

use serde_json::{Value as Json, json};

use crate::picture::{Body, Cite, Dated, Event, Link, Target, Timeline, When, timeline_order};

/// A date: as stated, in words, and its days since 1970-01-01 (nothing on a side that is open).
fn when(when: &When) -> Json {
    let days = when.limits().map(|(first, last)| json!([first, last]));
    json!({ "edtf": when.edtf(), "words": when.words(), "year": when.year_words(), "days": days, "drawn": when.bounds().map(|(a, b)| json!([a, b])) })
}

/// The same as one side of a life, where an interval is the time in which that side lies.
fn side(of: &When) -> Json {
    let mut one = when(of);
    if *of != When::NotStated {
        one["words"] = of.side_words().into();
    }
    one
}

fn dates(all: &[Dated]) -> Json {
    all.iter().map(|one| json!({ "when": when(&one.when), "role": one.role, "citations": one.citations })).collect()
}

fn event(event: &Event) -> Json {
    json!({
        "kind": event.kind, "word": event.word(), "detail": event.detail, "when": when(&event.when),
        "dates": dates(&event.dates), "citations": event.citations, "disputed": event.disputed,
    })
}

fn body(body: &Body) -> Json {
    let stretch = |(at, (start, end)): (usize, (When, When))| {
        let of = body.life.get(at);
        json!({
            "start": side(&start), "end": side(&end),
            "start_by": of.map(|(by, _)| by), "end_by": of.map(|(_, by)| by),
        })
    };
    json!({
        "id": body.id, "name": body.name, "kind": body.kind, "disputed": body.disputed, "evidence": body.evidence,
        "names": body.names.iter().map(|(tag, name)| json!({ "language": tag, "name": name })).collect::<Json>(),
        "stretches": body.stretches().into_iter().enumerate().map(stretch).collect::<Json>(),
        "events": body.events.iter().map(event).collect::<Json>(),
        "citations": body.citations,
    })
}

fn link(link: &Link) -> Json {
    json!({
        "from": link.from, "to": link.to, "kind": link.kind, "class": link.class(), "event": link.event,
        "function": link.function, "detail": link.detail, "when": when(&link.when), "dates": dates(&link.dates),
        "citations": link.citations, "disputed": link.disputed, "inferred": link.inferred,
        "continues": link.continues, "existing": link.existing, "moves": link.moves_function(),
    })
}

fn cite(cite: &Cite) -> Json {
    let facts: Json = cite
        .facts
        .iter()
        .map(|f| json!({ "kind": f.kind, "fact": f.fact, "support": f.support, "reading": f.reading }))
        .collect();
    json!({ "source": cite.source, "locator": cite.locator, "place": cite.place(), "title": cite.title, "facts": facts })
}

fn target(at: Target) -> Json {
    match at {
        Target::None => Json::Null,
        Target::Body(body) => json!({ "body": body }),
        Target::Event(body, event) => json!({ "body": body, "event": event }),
        Target::Link(link) => json!({ "link": link }),
    }
}

/// The lineage, and why nothing is told of it where nothing is.
pub(crate) fn json(timeline: &Timeline, silence: Option<&str>) -> Json {
    let conflict = |one: &crate::picture::Conflict| {
        let sides: Json = one
            .sides
            .iter()
            .map(|s| json!({ "claim": s.claim, "support": s.support, "citations": s.citations, "at": target(s.at) }))
            .collect();
        json!({ "topic": one.topic, "sides": sides })
    };
    json!({
        "title": timeline.title,
        "query": timeline.query,
        "as_of": timeline.as_of.as_ref().map(|a| json!({ "when": when(&a.when), "word": a.word })),
        "focus": timeline.focus,
        "dated": !timeline.is_undated(),
        "order": timeline_order(timeline),
        "bodies": timeline.bodies.iter().map(body).collect::<Json>(),
        "links": timeline.links.iter().map(link).collect::<Json>(),
        "conflicts": timeline.conflicts.iter().map(conflict).collect::<Json>(),
        "citations": timeline.citations.iter().map(cite).collect::<Json>(),
        "notes": timeline.notes,
        "silence": silence,
    })
}
