//! A picture as a page of its own: the SVG, its data as tables, no script, nothing from outside.

use super::model::{Cite, Dated, Timeline};
use super::style::{Style, words};
use super::when::When;
use crate::notation::xml::escape;

/// The page around a picture. Content policy: nothing is loaded, inline style and `data:` fonts only.
const STYLE: &str = "body{margin:0;padding:24px;background:#eceff3;color:#1b2430;\
font:15px/1.5 'PT Sans','Noto Sans',system-ui,sans-serif}\
main{max-width:max-content;margin:0 auto}figure{margin:0;overflow-x:auto}\
svg{display:block;max-width:none;height:auto;box-shadow:0 1px 6px rgba(0,0,0,.18);border-radius:6px}\
details{margin-top:18px;background:#fff;color:#1b2430;border-radius:6px;padding:10px 16px}\
summary{cursor:pointer;font-weight:600}table{border-collapse:collapse;margin:10px 0}\
caption{text-align:left;font-weight:600;padding:6px 0}\
th,td{text-align:left;vertical-align:top;padding:3px 14px 3px 0;border-bottom:1px solid #dde2e8}\
:target{outline:2px solid #b5651d;outline-offset:2px}\
@media (prefers-color-scheme:dark){body{background:#14181d}}\
@media print{body{padding:0;background:#fff}details{display:none}svg{box-shadow:none}}";

/// A whole page with the picture and, folded away, the same as tables.
pub(super) fn page(title: &str, svg: &str, tables: &str) -> String {
    // its places are followed here, so it is more than one image
    let svg = svg.replacen("role=\"img\"", "role=\"group\"", 1);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; font-src data:\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<figure>\n{svg}</figure>\n{tables}</main>\n</body>\n</html>\n",
        escape(title)
    )
}

/// The tables under a lineage.
pub(super) fn tables(timeline: &Timeline, style: &Style) -> String {
    let name = |at: usize| timeline.bodies.get(at).map_or("?", |b| style.caption(&b.name, &b.names).0);
    let side = |when: &When, by: Option<&Vec<usize>>| match (when, by) {
        (When::NotStated, _) | (_, None) => when.side_words(),
        (_, Some(by)) if by.is_empty() => format!("{} (not sourced)", when.side_words()),
        (_, Some(by)) => format!("{} [{}]", when.side_words(), places(timeline, by)),
    };
    let bodies = timeline.bodies.iter().map(|b| {
        let names: Vec<String> = b.names.iter().map(|(tag, n)| format!("{n} ({tag})")).collect();
        vec![
            b.name.clone(),
            names.join("; "),
            words(&b.kind),
            side(&b.start, b.life.first().and_then(|(by, _)| by.as_ref())),
            side(&b.end, b.life.last().and_then(|(_, by)| by.as_ref())),
            places(timeline, &b.citations),
        ]
    });
    let acts = timeline.links.iter().map(|l| {
        let mut act = words(&l.kind);
        if let Some(function) = &l.function {
            act.push_str(&format!(": {function}"));
        }
        vec![
            name(l.from).into(),
            act,
            name(l.to).into(),
            dated(timeline, &l.when, &l.dates),
            places(timeline, &l.citations),
        ]
    });
    let events = timeline.bodies.iter().flat_map(|b| {
        b.events.iter().map(|e| {
            let date = dated(timeline, &e.when, &e.dates);
            vec![b.name.clone(), words(&e.kind), e.detail.clone(), date, places(timeline, &e.citations)]
        })
    });
    let mut out = String::from("<details>\n<summary>The same as tables</summary>\n");
    out.push_str(&table("Institutions", &["Name", "Other names", "Kind", "Start", "End", "Named in"], bodies));
    out.push_str(&table("Acts", &["From", "Act", "To", "Date", "Sources"], acts));
    out.push_str(&table("Events", &["Institution", "Event", "Detail", "Date", "Sources"], events));
    out.push_str(&citation_table(&timeline.citations));
    out.push_str("</details>\n");
    out
}

/// The citations with their sentences.
pub(super) fn citation_table(citations: &[Cite]) -> String {
    let rows = citations.iter().zip(1..).map(|(c, n)| {
        vec![
            format!("{n}"),
            c.place(),
            c.title.clone(),
            c.support_words(),
            c.readings(),
            c.sentence.clone().unwrap_or_default(),
        ]
    });
    table("Citations", &["No.", "Place", "Document", "Support", "Reading", "Sentence"], rows)
}

/// The date of an act: where not all of its places state it, each date with its own.
fn dated(timeline: &Timeline, when: &When, dates: &[Dated]) -> String {
    if dates.is_empty() {
        return when.words();
    }
    let each = dates.iter().map(|date| format!("{} [{}]", date.words(), places(timeline, &date.citations)));
    each.collect::<Vec<_>>().join("; ")
}

fn places(timeline: &Timeline, citations: &[usize]) -> String {
    let places: Vec<String> = citations.iter().filter_map(|c| timeline.citations.get(*c)).map(Cite::place).collect();
    if places.is_empty() { "no evidence".into() } else { places.join(", ") }
}

/// An HTML table; nothing when there are no rows.
pub(super) fn table(caption: &str, head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut body = String::new();
    for row in rows {
        body.push_str("<tr>");
        for cell in row {
            body.push_str(&format!("<td>{}</td>", escape(&cell)));
        }
        body.push_str("</tr>\n");
    }
    if body.is_empty() {
        return body;
    }
    let head: String = head.iter().map(|h| format!("<th scope=\"col\">{h}</th>")).collect();
    format!(
        "<table>\n<caption>{}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n",
        escape(caption)
    )
}
