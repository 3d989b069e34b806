//! Pictures that pages show, save and keep: of an answer, of entities and what joins them, of a lineage.
//!
//! ```text
//!  a page's question ──┐
//!                      ├─► Asked ─► Picture ─► places for a page, or a file: svg png pdf html dot mmd csv
//!  a view that is kept ┘
//! ```
//! What the explorer saves and what `shejire view` draws is made here by the same steps, so that their bytes are the same.

use rustc_hash::FxHashSet;
use serde::Deserialize;
use serde_json::Value as Json;

use super::saved::View;
use super::views;
use crate::Value;
use crate::engine::{Limits, Lineage, LineageRequest, NodeData, RelData, Snapshot, SourceView, Whose};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::io::Subgraph;
use crate::io::json::read_value;
use crate::picture::{self, Fonts, NodeLink, Style, Timeline};
use crate::value::{NodeRef, RelRef};

/// Nodes a picture is asked for at most; of more it holds the best connected.
const MOST_NODES: usize = 2_000;
/// How many are shown around one that a page begins with.
const AROUND: usize = 16;
/// The fewest steps between two, whichever way they lead; several where there are several.
const WAYS: &str =
    "MATCH (a), (b) WHERE a.id = $from AND b.id = $to MATCH p = ALL SHORTEST (a)-[]-{1,8}(b) RETURN p LIMIT 12";

/// A list whose members stand between commas.
pub(crate) fn listed(text: &str) -> Vec<String> {
    text.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

/// Whom the end of an address means: `@12` is the node with that number, all else a name or an id.
pub(crate) fn meant(snapshot: &Snapshot, text: String) -> Result<Value> {
    match text.strip_prefix('@').and_then(|number| number.parse().ok()) {
        Some(number) => snapshot.node_with_id(number).map(Value::Node).ok_or_else(|| {
            Error::new(Class::ArgumentError, Phase::Runtime, Code::NameNotFound, format!("there is no node @{number}"))
        }),
        None => Ok(Value::from(text)),
    }
}

/// The graph as some sources tell it: their ids between commas, and a day by which they could be read.
pub(crate) fn seen_by(snapshot: &Snapshot, according_to: Option<&str>, known_by: Option<&str>) -> Result<SourceView> {
    let mut whose = Whose::default();
    if let Some(sources) = according_to.filter(|sources| !sources.trim().is_empty()) {
        whose = whose.according_to(listed(sources));
    }
    if let Some(day) = known_by.filter(|day| !day.is_empty()) {
        whose = whose.known_by(day);
    }
    snapshot.as_told_by(&whose)
}

/// The style that a text says, the usual one where there is none. Errors: it says none.
fn style_of(text: &str) -> Result<Style> {
    if text.trim().is_empty() { Ok(Style::default()) } else { Style::read(text) }
}

/// What is drawn: what a statement answers, or entities with the relationships between them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToDraw {
    query: Option<String>,
    #[serde(default)]
    params: serde_json::Map<String, Json>,
    /// Names, ids, or `@` and a number each.
    #[serde(default)]
    nodes: Vec<String>,
    /// In place of these: one, with those it is best documented with.
    around: Option<String>,
    /// In place of these: two, and the fewest steps between them.
    between: Option<(String, String)>,
    according_to: Option<String>,
    known_by: Option<String>,
    /// What stands above a file; nothing above what a page shows.
    title: Option<String>,
    /// The text of a style file.
    #[serde(default)]
    style: String,
}

impl ToDraw {
    /// The style. Errors: its text is none.
    pub(crate) fn style(&self) -> Result<Style> {
        style_of(&self.style)
    }

    /// The text that an error stands in.
    pub(crate) fn text(&self) -> &str {
        self.query.as_deref().unwrap_or_default()
    }
}

/// What a lineage is asked for beside its start.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct LineageAsked {
    direction: Option<String>,
    /// Relationship types, separated by commas.
    via: Option<String>,
    as_of: Option<String>,
    certain: Option<u8>,
    depth: Option<u32>,
    /// Sources, separated by commas.
    according_to: Option<String>,
    /// Only what sources say that may have been read by that day.
    known_by: Option<String>,
    /// The text of a style file.
    #[serde(default)]
    style: String,
}

impl LineageAsked {
    /// The style. Errors: its text is none.
    pub(crate) fn style(&self) -> Result<Style> {
        style_of(&self.style)
    }

    /// The request of the engine. Errors: a direction that is none.
    pub(crate) fn request(self, of: Value) -> Result<LineageRequest> {
        let mut request = views::directed(LineageRequest::of(of), self.direction.as_deref())?;
        for ty in self.via.as_deref().map(listed).unwrap_or_default() {
            request = request.via(ty);
        }
        if let Some(date) = self.as_of.filter(|date| !date.is_empty()) {
            request = request.as_of(date);
        }
        if self.certain.is_some_and(|n| n > 0) {
            request = request.certain();
        }
        if let Some(depth) = self.depth {
            request = request.depth(depth);
        }
        if let Some(sources) = self.according_to.filter(|sources| !sources.trim().is_empty()) {
            request = request.according_to(listed(&sources));
        }
        if let Some(day) = self.known_by.filter(|day| !day.is_empty()) {
            request = request.known_by(day);
        }
        Ok(request)
    }
}

/// A picture, before it has a form.
pub(crate) enum Picture {
    Graph(NodeLink),
    Lineage(Timeline),
}

impl Picture {
    pub(crate) fn of_lineage(found: &Lineage, request: &LineageRequest) -> Self {
        let asked = picture::Asked { query: request.to_string(), ..picture::Asked::default() };
        Self::Lineage(picture::lineage(found, &asked))
    }

    /// The picture in a form, with the type of its bytes: `svg` where the form is none that is known. Errors: a picture too large for
    /// dots.
    pub(crate) fn in_form(&self, form: &str, style: &Style) -> Result<(&'static str, Vec<u8>)> {
        let text = "text/plain; charset=utf-8";
        let fonts = Fonts::default();
        Ok(match (self, form) {
            (Self::Lineage(of), "html") => ("text/html; charset=utf-8", picture::timeline_html(of, style).into()),
            (Self::Graph(of), "html") => ("text/html; charset=utf-8", picture::node_link_html(of, style).into()),
            (Self::Lineage(of), "mmd") => (text, picture::timeline_mermaid(of, style).into()),
            (Self::Graph(of), "mmd") => (text, picture::node_link_mermaid(of).into()),
            (Self::Lineage(of), "dot") => (text, picture::timeline_dot(of, style).into()),
            (Self::Graph(of), "dot") => (text, picture::node_link_dot(of, style).into()),
            (Self::Lineage(of), "csv") => ("text/csv; charset=utf-8", picture::timeline_csv(of).into()),
            (Self::Lineage(of), "pdf") => ("application/pdf", picture::timeline_pdf(of, style, &fonts)?),
            (Self::Graph(_), "pdf") => ("application/pdf", picture::pdf(&self.svg(style), &fonts)?),
            (_, "png") => ("image/png", picture::png(&self.svg(style), 2.0, &fonts)?),
            _ => ("image/svg+xml", self.svg(style).into()),
        })
    }

    fn svg(&self, style: &Style) -> String {
        match self {
            Self::Graph(of) => picture::node_link_svg(of, style),
            Self::Lineage(of) => picture::timeline_svg(of, style),
        }
    }
}

/// What a graph is drawn from, and what it is called.
pub(crate) struct Contents {
    pub(crate) nodes: Vec<NodeData>,
    pub(crate) rels: Vec<RelData>,
    title: String,
}

/// The nodes and relationships that are to be drawn. Errors: those of the statement; somebody is not there.
pub(crate) fn contents(snapshot: &Snapshot, asked: &ToDraw, limits: Limits) -> Result<Contents> {
    let seen = seen_by(snapshot, asked.according_to.as_deref(), asked.known_by.as_deref())?;
    let named = |who: &str| Ok::<_, Error>(seen.entity(meant(snapshot, who.to_owned())?)?.name());
    let title = |of: String| asked.title.clone().unwrap_or(of);
    if let Some((from, to)) = &asked.between {
        let params = [("from", from), ("to", to)].map(|(name, id)| (name.to_owned(), Json::from(id.as_str())));
        let found = answered(snapshot, WAYS, &params.into_iter().collect(), limits)?;
        let title = title(format!("{} – {}", named(from)?, named(to)?));
        return Ok(Contents { nodes: found.nodes, rels: found.rels, title });
    }
    if let Some(query) = &asked.query {
        let found = answered(snapshot, query, &asked.params, limits)?;
        return Ok(Contents { nodes: found.nodes, rels: found.rels, title: title("Answer".to_owned()) });
    }
    let names = match &asked.around {
        Some(who) => around(snapshot, &seen, who)?,
        None => asked.nodes.clone(),
    };
    let first = names.first().map(|who| named(who)).transpose()?.unwrap_or_default();
    let (nodes, rels) = among(snapshot, &seen, &names)?;
    Ok(Contents { nodes, rels, title: title(first) })
}

/// The picture of these.
pub(crate) fn graph(snapshot: &Snapshot, of: &Contents, query: &str, style: &Style) -> NodeLink {
    picture::graph(snapshot, &of.nodes, &of.rels, &of.title, query.trim(), style)
}

/// What a statement answers, with the ends of its relationships.
fn answered(
    snapshot: &Snapshot,
    query: &str,
    params: &serde_json::Map<String, Json>,
    limits: Limits,
) -> Result<Subgraph> {
    let mut statement = snapshot.query(query).limits(limits);
    for (name, value) in params {
        statement = statement.param(name.as_str(), read_value(value)?);
    }
    Subgraph::of_answer(snapshot, &statement.rows()?)
}

/// One and those it is best documented with, as names of nodes.
fn around(snapshot: &Snapshot, seen: &SourceView, who: &str) -> Result<Vec<String>> {
    let entity = seen.entity(meant(snapshot, who.to_owned())?)?;
    let (mut all, mut known) = (vec![entity.node()], FxHashSet::from_iter([entity.node()]));
    for fact in entity.facts() {
        let other = if fact.start == entity.node() { fact.end } else { fact.start };
        let is_value = seen.node(other).is_some_and(|data| data.kind() == "Literal");
        if !is_value && all.len() < AROUND && known.insert(other) {
            all.push(other);
        }
    }
    Ok(all.into_iter().filter_map(|node| Some(format!("@{}", seen.node(node)?.id))).collect())
}

/// The nodes that are named, and the relationships between them.
fn among(snapshot: &Snapshot, seen: &SourceView, named: &[String]) -> Result<(Vec<NodeData>, Vec<RelData>)> {
    let (mut nodes, mut chosen): (Vec<NodeRef>, FxHashSet<NodeRef>) = Default::default();
    for name in named.iter().take(MOST_NODES) {
        let node = seen.entity(meant(snapshot, name.clone())?)?.node();
        if chosen.insert(node) {
            nodes.push(node);
        }
    }
    let mut rels: Vec<RelRef> = Vec::new();
    for node in &nodes {
        let own = seen.relationships(*node);
        rels.extend(
            own.into_iter()
                .filter(|rel| seen.ends(*rel).is_some_and(|(from, to)| from == *node && chosen.contains(&to))),
        );
    }
    let contents = nodes.iter().filter_map(|node| seen.node(*node)).collect();
    Ok((contents, rels.into_iter().filter_map(|rel| seen.rel(rel)).collect()))
}

/// The picture of a view that is kept, and its style. Errors: its page has none; those of what it asks.
pub(crate) fn of_view(snapshot: &Snapshot, view: &View, limits: Limits) -> Result<(Picture, Style)> {
    let get = |name: &str| view.parameters.get(name).filter(|text| !text.is_empty()).cloned();
    let parts: Vec<String> = view.path.split('/').filter(|part| !part.is_empty()).map(unescaped).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let style = get("style").unwrap_or_default();
    if let ["lineage", who] = parts[..] {
        let asked = LineageAsked {
            direction: get("direction"),
            via: get("via"),
            as_of: get("asof"),
            certain: None,
            depth: get("depth").and_then(|depth| depth.parse().ok()),
            according_to: get("by"),
            known_by: get("knownby"),
            style,
        };
        let style = asked.style()?;
        let request = asked.request(meant(snapshot, who.to_owned())?)?.limits(limits);
        return Ok((Picture::of_lineage(&snapshot.lineage(&request)?, &request), style));
    }
    let mut asked = ToDraw { according_to: get("by"), known_by: get("knownby"), style, ..ToDraw::default() };
    match parts[..] {
        ["query"] => {
            let params = view.parameters.iter().filter_map(|(name, text)| Some((name.strip_prefix("p.")?, text)));
            // as the page reads what is typed: JSON where it is some, else a text
            let value = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Json::from(text));
            asked.params = params.map(|(name, text)| (name.to_owned(), value(text))).collect();
            asked.query = Some(get("q").unwrap_or_default());
        }
        ["graph"] => {
            let ids = listed(&get("ids").unwrap_or_default());
            match (get("to"), &ids[..]) {
                (Some(to), [from, ..]) => asked.between = Some((from.clone(), to)),
                (None, [one]) if get("all").is_none() => asked.around = Some(one.clone()),
                _ => asked.nodes = ids,
            }
        }
        _ => {
            let message = format!("the page {} is read, and has no picture", view.path);
            return Err(Error::data(message).hint("views of /lineage, /graph and /query can be drawn"));
        }
    }
    let style = Style { citations: true, ..asked.style()? };
    let found = contents(snapshot, &asked, limits)?;
    Ok((Picture::Graph(graph(snapshot, &found, asked.text(), &style)), style))
}

/// A part of an address without its escapes; what is no escape stands as it is.
fn unescaped(part: &str) -> String {
    let (bytes, mut out, mut at) = (part.as_bytes(), Vec::with_capacity(part.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let code = part.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (byte, code) {
            (b'%', Some(code)) => {
                out.push(code);
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_addresses_are_read() {
        for (part, said) in [("a%20b", "a b"), ("%D2%9B", "қ"), ("100%", "100%"), ("%zz%4", "%zz%4"), ("қ%41", "қA")]
        {
            assert_eq!(unescaped(part), said);
        }
    }
}
