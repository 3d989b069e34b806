//! The same models for other tools: Mermaid, DOT, CSV and JSON.

use serde_json::{Value, json};

use super::font::clean;
use super::model::{Body, By, Cite, Dated, Stated, Timeline};
use super::node_link::NodeLink;
use super::style::{Style, words};
use super::when::When;
use crate::notation::csv::Line;
use crate::notation::dot::{Dot, Of};
use crate::notation::mermaid;

/// Text inside a Mermaid label in double quotes.
fn mermaid_text(text: &str) -> String {
    mermaid::quote(&clean(text))
}

fn span(start: &When, end: &When) -> String {
    match (start, end) {
        (When::NotStated, When::NotStated) => String::new(),
        (start, When::Open) => format!("{} –", start.side_words()),
        (start, end) => format!("{} – {}", start.side_words(), end.side_words()),
    }
}

/// Document and place of each citation, in brackets.
fn places(citations: &[Cite], list: &[usize]) -> String {
    let places: Vec<String> = list.iter().filter_map(|c| citations.get(*c)).map(Cite::place).collect();
    if places.is_empty() { "[no evidence]".into() } else { format!("[{}]", places.join(", ")) }
}

/// The words on an act, in parts.
fn act(timeline: &Timeline, at: usize) -> Vec<String> {
    let link = &timeline.links[at];
    let mut parts = vec![words(&link.kind)];
    parts.extend(link.function.clone());
    if link.when != When::NotStated && link.dates.is_empty() {
        parts.push(link.when.words());
    }
    parts.push(places(&timeline.citations, &link.citations));
    let dated = |date: &Dated| format!("{} {}", date.words(), places(&timeline.citations, &date.citations));
    parts.extend(link.dates.iter().map(dated));
    parts
}

/// A lineage as a Mermaid flowchart.
///
/// ```
/// use shejire::picture::{Body, Style, Timeline, timeline_mermaid};
///
/// let mill = Body { name: "Old mill".into(), ..Body::default() };
/// assert!(timeline_mermaid(&Timeline { bodies: vec![mill], ..Timeline::default() }, &Style::default()).contains("Old mill"));
/// ```
pub fn timeline_mermaid(timeline: &Timeline, style: &Style) -> String {
    let timeline = &timeline.mended();
    let mut out =
        format!("---\ntitle: {}\n---\nflowchart TB\n", serde_json::Value::String(clean(&timeline.title).into_owned()));
    for (at, body) in timeline.bodies.iter().enumerate() {
        let name = mermaid_text(style.caption(&body.name, &body.names).0);
        let dates = mermaid_text(&span(&body.start, &body.end));
        let label = if dates.trim().is_empty() { name } else { format!("{name}<br/>{dates}") };
        out.push_str(&format!("  b{at}[\"{label}\"]\n"));
    }
    for (at, link) in timeline.links.iter().enumerate() {
        let label: Vec<String> = act(timeline, at).iter().map(|p| mermaid_text(p)).collect();
        let arrow = if link.disputed || link.inferred || link.moves_function() { "-.->" } else { "-->" };
        out.push_str(&format!("  b{} {arrow}|\"{}\"| b{}\n", link.from, label.join("<br/>"), link.to));
    }
    if let Some(focus) = timeline.focus {
        out.push_str(&format!("  style b{focus} stroke-width:3px\n"));
    }
    let bare: Vec<String> =
        (0..timeline.links.len()).filter(|l| timeline.links[*l].citations.is_empty()).map(|l| l.to_string()).collect();
    if !bare.is_empty() {
        out.push_str(&format!("  linkStyle {} stroke:{}\n", bare.join(","), style.page.alarm));
    }
    out
}

/// A lineage as DOT.
///
/// ```
/// use shejire::picture::{Body, Link, Style, Timeline, timeline_dot};
///
/// let [old, new] = ["Reeve", "Sheriff"].map(|name| Body { name: name.into(), ..Body::default() });
/// let link = Link { from: 0, to: 1, kind: "replaced-by".into(), ..Link::default() };
/// let dot = timeline_dot(&Timeline { bodies: vec![old, new], links: vec![link], ..Timeline::default() }, &Style::default());
/// assert!(dot.starts_with("digraph") && dot.contains("->"));
/// ```
pub fn timeline_dot(timeline: &Timeline, style: &Style) -> String {
    let timeline = &timeline.mended();
    let colours = style.colours(timeline.bodies.iter().map(|b| b.kind.as_str()));
    let mut dot = drawing(&timeline.title, "TB");
    for (at, body) in timeline.bodies.iter().enumerate() {
        let dates = span(&body.start, &body.end);
        let name = clean(style.caption(&body.name, &body.names).0).into_owned();
        let label = if dates.is_empty() { name } else { format!("{name}\n{}", clean(&dates)) };
        let colour = colours.get(&body.kind).map_or("#566170", String::as_str);
        let mut look = vec![("label", label.as_str()), ("color", colour)];
        look.push(("penwidth", if timeline.focus == Some(at) { "3" } else { "1" }));
        look.extend(body.disputed.then_some(("style", "filled,dashed")));
        dot.node(&format!("b{at}"), &look);
    }
    for (at, link) in timeline.links.iter().enumerate() {
        let label: Vec<String> = act(timeline, at).iter().map(|p| clean(p).into_owned()).collect();
        let label = label.join("\n");
        let mut look = vec![("label", label.as_str())];
        match () {
            () if link.citations.is_empty() => {
                look.extend([("color", style.page.alarm.as_str()), ("fontcolor", style.page.alarm.as_str())]);
            }
            () if link.disputed || link.inferred => look.push(("style", "dashed")),
            () if link.moves_function() => look.extend([("style", "dotted"), ("arrowhead", "odiamond")]),
            () => {}
        }
        dot.edge(&format!("b{}", link.from), &format!("b{}", link.to), &look);
    }
    dot.text("lineage")
}

/// A drawing that begins: its title, which way it goes, its fonts.
fn drawing(title: &str, direction: &str) -> Dot {
    let (font, title) = (("fontname", "PT Sans"), clean(title));
    let mut dot = Dot::default();
    dot.all(&Of::Graph, &[("label", &title), ("labelloc", "t"), ("rankdir", direction), font]);
    dot.all(&Of::Node, &[("shape", "box"), ("style", "filled"), font, ("fillcolor", "#ffffff")]);
    dot.all(&Of::Edge, &[font, ("fontsize", "10")]);
    dot
}

/// A lineage as a CSV table, one row an act or event; `from` is empty for what happened to one body alone, and bodies
/// that take part in nothing have a row without an act. `sources` are of the act; a date that not all of them state
/// stands with its own places. `start` and `end` are of the life of `to`, which has its own sources.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// use shejire::engine::LineageRequest;
/// use shejire::picture::{Asked, lineage, timeline_csv};
///
/// let engine = shejire::Engine::builtin()?;
/// let found = engine.lineage(&LineageRequest::of("National Kurultai"))?;
/// let table = timeline_csv(&lineage(&found, &Asked::default()));
/// assert!(table.lines().any(|row| row.contains("transformed-into") && row.contains("000:11.1")));
/// # Ok(())
/// # }
/// ```
pub fn timeline_csv(timeline: &Timeline) -> String {
    let timeline = &timeline.mended();
    let mut rows = vec![
        [
            "from",
            "act",
            "to",
            "date",
            "function",
            "detail",
            "start",
            "end",
            "disputed",
            "inferred",
            "sources",
            "start_sources",
            "end_sources",
        ]
        .map(String::from),
    ];
    let sources = |list: &[usize]| {
        list.iter().filter_map(|c| timeline.citations.get(*c)).map(Cite::place).collect::<Vec<_>>().join(" ")
    };
    let dated = |when: &When, dates: &[Dated]| match dates {
        [] => when.edtf(),
        several => {
            let each = several.iter().map(|date| format!("{} [{}]", date.when.edtf(), sources(&date.citations)));
            each.collect::<Vec<_>>().join("; ")
        }
    };
    let born = |body: &Body| sources(body.life.first().and_then(|(by, _)| by.as_deref()).unwrap_or_default());
    let died = |body: &Body| sources(body.life.last().and_then(|(_, by)| by.as_deref()).unwrap_or_default());
    let flag = |holds: bool| if holds { "true" } else { "false" }.to_string();
    for link in &timeline.links {
        let (from, to) = (&timeline.bodies[link.from], &timeline.bodies[link.to]);
        rows.push([
            from.name.clone(),
            link.kind.clone(),
            to.name.clone(),
            dated(&link.when, &link.dates),
            link.function.clone().unwrap_or_default(),
            link.detail.clone(),
            to.start.edtf(),
            to.end.edtf(),
            flag(link.disputed),
            flag(link.inferred),
            sources(&link.citations),
            born(to),
            died(to),
        ]);
    }
    for (at, body) in timeline.bodies.iter().enumerate() {
        let row = |act: &str, date: String, detail: &str, disputed: bool, cites: &[usize]| {
            [
                String::new(),
                act.into(),
                body.name.clone(),
                date,
                String::new(),
                detail.into(),
                body.start.edtf(),
                body.end.edtf(),
                flag(disputed),
                flag(false),
                sources(cites),
                born(body),
                died(body),
            ]
        };
        let happened = body.events.iter();
        rows.extend(happened.map(|e| row(&e.kind, dated(&e.when, &e.dates), &e.detail, e.disputed, &e.citations)));
        if body.events.is_empty() && !timeline.links.iter().any(|l| l.from == at || l.to == at) {
            rows.push(row("", String::new(), "", body.disputed, &body.citations));
        }
    }
    let mut line = Line::new(true, false);
    let row = |cells: [String; 13]| {
        for cell in cells {
            match clean(&cell) {
                cell if cell.is_empty() => line.empty(),
                cell => line.text(&cell),
            }
        }
        line.end()
    };
    rows.into_iter().map(row).collect()
}

/// A lineage as JSON: `bodies`, `links`, `conflicts`, `citations`; they name each other by place in their lists, and
/// dates are EDTF. `citations` of a link or an event state its `date`; where not all of them do, `date` is a list of maps of
/// `date` and its own `citations`. `citations` of a body name it; what states its life is in `start_citations`,
/// `end_citations`: none where the dataset itself says it.
///
/// ```
/// use shejire::picture::{Body, Timeline, timeline_json};
///
/// let mill = Body { name: "Old mill".into(), ..Body::default() };
/// let json = timeline_json(&Timeline { title: "Mills".into(), bodies: vec![mill], ..Timeline::default() });
/// assert_eq!(json["bodies"][0]["name"], "Old mill");
/// ```
pub fn timeline_json(timeline: &Timeline) -> Value {
    let timeline = &timeline.mended();
    let date = |when: &When, dates: &[Dated]| match dates {
        [] => json!(when.edtf()),
        several => several.iter().map(|one| json!({"date": one.when.edtf(), "citations": one.citations})).collect(),
    };
    let bodies: Vec<Value> = timeline
        .bodies
        .iter()
        .map(|b| {
            let names: serde_json::Map<String, Value> = b.names.iter().map(|(tag, n)| (tag.clone(), json!(n))).collect();
            let events: Vec<Value> = b
                .events
                .iter()
                .map(|e| json!({"type": e.kind, "said": e.word(), "detail": e.detail, "date": date(&e.when, &e.dates), "citations": e.citations, "disputed": e.disputed}))
                .collect();
            let gap = |(at, (end, start)): (usize, &(When, When))| {
                json!({
                    "after": end.edtf(), "before": start.edtf(),
                    "after_citations": b.life.get(at).map(|(_, by)| by), "before_citations": b.life.get(at + 1).map(|(by, _)| by),
                })
            };
            let gaps: Vec<Value> = b.gaps.iter().enumerate().map(gap).collect();
            let (born, died): (Option<&By>, Option<&By>) = (b.life.first().map(|(by, _)| by), b.life.last().map(|(_, by)| by));
            json!({
                "id": b.id, "name": b.name, "names": names, "kind": b.kind, "lane": b.lane, "start": b.start.edtf(),
                "end": b.end.edtf(), "start_citations": born, "end_citations": died, "gaps": gaps, "events": events, "citations": b.citations, "disputed": b.disputed, "evidence": b.evidence,
            })
        })
        .collect();
    let links: Vec<Value> = timeline
        .links
        .iter()
        .map(|l| {
            json!({
                "from": l.from, "to": l.to, "type": l.kind, "event": l.event, "function": l.function, "detail": l.detail, "date": date(&l.when, &l.dates),
                "citations": l.citations, "disputed": l.disputed, "inferred": l.inferred,
            })
        })
        .collect();
    let conflicts: Vec<Value> = timeline
        .conflicts
        .iter()
        .map(|c| {
            let sides: Vec<Value> = c
                .sides
                .iter()
                .map(|s| json!({"claim": s.claim, "support": s.support, "citations": s.citations}))
                .collect();
            json!({"topic": c.topic, "sides": sides})
        })
        .collect();
    json!({
        "title": timeline.title,
        "query": timeline.query,
        "as_of": timeline.as_of.as_ref().map(|a| json!({"date": a.when.edtf(), "word": a.word})),
        "focus": timeline.focus,
        "dated": !timeline.is_undated(),
        "bodies": bodies,
        "links": links,
        "conflicts": conflicts,
        "citations": cites_json(&timeline.citations),
        "notes": timeline.notes,
    })
}

fn cites_json(citations: &[Cite]) -> Vec<Value> {
    citations
        .iter()
        .map(|c| {
            let fact = |f: &Stated| json!({"type": f.kind, "fact": f.fact, "support": f.support, "reading": f.reading});
            let facts: Vec<Value> = c.facts.iter().map(fact).collect();
            json!({
                "source": c.source, "locator": c.locator, "title": c.title, "facts": facts, "sentence": c.sentence,
            })
        })
        .collect()
}

/// A graph as a Mermaid flowchart.
///
/// ```
/// use shejire::picture::{Node, NodeLink, node_link_mermaid};
///
/// let ship = Node { caption: "Argo".into(), ..Node::default() };
/// assert!(node_link_mermaid(&NodeLink { nodes: vec![ship], ..NodeLink::default() }).contains("Argo"));
/// ```
pub fn node_link_mermaid(graph: &NodeLink) -> String {
    let graph = &graph.mended();
    let mut out =
        format!("---\ntitle: {}\n---\nflowchart LR\n", serde_json::Value::String(clean(&graph.title).into_owned()));
    for (at, node) in graph.nodes.iter().enumerate() {
        let lines: Vec<String> = [&node.caption].into_iter().chain(&node.lines).map(|l| mermaid_text(l)).collect();
        out.push_str(&format!("  n{at}[\"{}\"]\n", lines.join("<br/>")));
    }
    for link in &graph.links {
        out.push_str(&format!("  n{} -->|\"{}\"| n{}\n", link.from, mermaid_text(&words(&link.label)), link.to));
    }
    out
}

/// A graph as DOT.
///
/// ```
/// use shejire::picture::{Node, NodeLink, Style, node_link_dot};
///
/// let ship = Node { caption: "Argo".into(), ..Node::default() };
/// assert!(node_link_dot(&NodeLink { nodes: vec![ship], ..NodeLink::default() }, &Style::default()).contains("Argo"));
/// ```
pub fn node_link_dot(graph: &NodeLink, style: &Style) -> String {
    let graph = &graph.mended();
    let colours = style.colours(graph.nodes.iter().map(|n| n.kind.as_str()));
    let mut dot = drawing(&graph.title, "LR");
    for (at, node) in graph.nodes.iter().enumerate() {
        let lines: Vec<String> =
            [&node.caption].into_iter().chain(&node.lines).map(|l| clean(l).into_owned()).collect();
        let colour = colours.get(&node.kind).map_or("#566170", String::as_str);
        dot.node(&format!("n{at}"), &[("label", &lines.join("\n")), ("color", colour)]);
    }
    for link in &graph.links {
        let label = words(&link.label);
        dot.edge(&format!("n{}", link.from), &format!("n{}", link.to), &[("label", &clean(&label))]);
    }
    dot.text("result")
}

/// A graph as JSON: `nodes`, `links`, `citations`.
///
/// ```
/// use shejire::picture::{Node, NodeLink, node_link_json};
///
/// let ship = Node { caption: "Argo".into(), ..Node::default() };
/// assert!(node_link_json(&NodeLink { nodes: vec![ship], ..NodeLink::default() }).to_string().contains("Argo"));
/// ```
pub fn node_link_json(graph: &NodeLink) -> Value {
    let graph = &graph.mended();
    let nodes: Vec<Value> = graph
        .nodes
        .iter()
        .map(|n| json!({"id": n.id, "caption": n.caption, "kind": n.kind, "lines": n.lines, "citations": n.citations}))
        .collect();
    let links: Vec<Value> = graph
        .links
        .iter()
        .map(|l| json!({"from": l.from, "to": l.to, "type": l.link_type, "label": l.label, "citations": l.citations}))
        .collect();
    json!({"title": graph.title, "query": graph.query, "nodes": nodes, "links": links, "citations": cites_json(&graph.citations), "notes": graph.notes})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::samples::lineages;

    #[test]
    fn every_notation_of_every_lineage() {
        for (name, timeline) in lineages() {
            let style = Style::default();
            let dot = timeline_dot(&timeline, &style);
            let quotes = dot.replace("\\\\", "").replace("\\\"", "").matches('"').count();
            assert_eq!(quotes % 2, 0, "{name}: {dot}");
            assert!(timeline_mermaid(&timeline, &style).starts_with("---\ntitle: \""), "{name}");
            let json = timeline_json(&timeline);
            assert_eq!(json["bodies"].as_array().map(Vec::len), Some(timeline.bodies.len()), "{name}");
            let csv = timeline_csv(&timeline);
            let mut rows = csv::Reader::from_reader(csv.as_bytes());
            assert!(rows.records().all(|r| r.is_ok_and(|r| r.len() == 13)), "{name}: {csv}");
        }
    }
}
