//! The rows of `TRACE` as a timeline: successions become links, functions that move become links of their own kind, what
//! else happened becomes events of the body it happened to.

use std::collections::HashMap;

use super::citations::{Shelf, get};
use super::{caption, kind, names, text};
use crate::engine::{Engine, NodeData, Row, Rows};
use crate::error::Result;
use crate::picture::model::{AsOf, Body, Conflict, Event, Link, Side, Target, Timeline};
use crate::picture::when::{When, date_of};
use crate::provenance::Role;
use crate::value::{NodeRef, Value};

/// What was asked, for title and axis.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The query, as it stands under the title.
    pub query: String,
    /// The name that was traced, as it was typed.
    pub name: String,
    /// The date of `AS OF`, as it was typed; without one, the line is drawn at today.
    pub as_of: Option<String>,
    /// What lanes stand for: `kind` or any property of the bodies; nothing for one lane.
    pub lanes_by: Option<String>,
}

/// The lineage that `rows`, the answer to a `TRACE`, tells.
///
/// # Errors
/// Those of the engine, when it is asked for the evidence and the conflicts.
pub fn lineage(engine: &Engine, rows: &Rows, asked: &Asked) -> Result<Timeline> {
    let mut draft = Draft {
        engine,
        rows,
        asked,
        timeline: Timeline::default(),
        shelf: Shelf::new(engine),
        place: HashMap::new(),
        claims: Vec::new(),
    };
    draft.timeline.query = Some(asked.query.clone()).filter(|q| !q.is_empty());
    draft.timeline.lanes_by = asked.lanes_by.clone().unwrap_or_default();
    for row in rows.iter() {
        draft.row(row);
    }
    draft.evidence()?;
    draft.conflicts()?;
    draft.focus();
    draft.timeline.citations = draft.shelf.cites;
    draft.timeline.as_of = as_of(asked.as_of.as_deref());
    Ok(draft.timeline)
}

fn as_of(typed: Option<&str>) -> Option<AsOf> {
    match typed {
        Some(date) => Some(AsOf { when: When::parse(date), word: "as of".into() }),
        None => {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
            let (year, month, day) = date_of((since.as_secs() / 86_400) as f64);
            Some(AsOf { when: When::Day(year, month, day), word: "today".into() })
        }
    }
}

struct Draft<'a> {
    engine: &'a Engine,
    rows: &'a Rows,
    asked: &'a Asked,
    timeline: Timeline,
    shelf: Shelf,
    place: HashMap<NodeRef, usize>,
    /// Claims in the words of `CONFLICTS`, with what they became.
    claims: Vec<(String, Target)>,
}

impl Draft<'_> {
    fn row(&mut self, row: Row<'_>) {
        let node = |column: &str| if let Some(Value::Node(node)) = row.get(column) { Some(*node) } else { None };
        let (from, to, what) = (node("from"), node("to"), node("what"));
        let kind = if let Some(Value::Str(kind)) = row.get("kind") { kind.to_string() } else { String::new() };
        let when = match row.get("when") {
            Some(Value::Str(text)) => When::parse(text),
            _ => When::NotStated,
        };
        let support = if let Some(Value::Int(n)) = row.get("support") { usize::try_from(*n).unwrap_or(0) } else { 0 };
        let citations = self.cited(row.get("citations"), support);
        let role = self.engine.relation_type(&kind).and_then(|t| t.descent).map(|d| d.role);
        let joins = matches!(role, None | Some(Role::Succession | Role::FunctionTransfer | Role::FunctionWithdrawal));
        let name = |node: Option<NodeRef>| node.and_then(|n| self.rows.entities().node(n)).map(caption);
        let function = name(what);
        let claims = [name(from), function.clone()].map(|subject| Some(format!("{} {kind} {}", subject?, name(to)?)));
        let target = match (from, to) {
            (Some(from), Some(to)) if joins && from != to => {
                let (from, to) = (self.body(from), self.body(to));
                let function = function.or_else(|| {
                    matches!(role, Some(Role::FunctionTransfer | Role::FunctionWithdrawal)).then(String::new)
                });
                self.timeline.links.push(Link { from, to, kind, function, when, citations, ..Link::default() });
                Target::Link(self.timeline.links.len() - 1)
            }
            (from, Some(to)) => {
                let detail =
                    function.or_else(|| name(from.filter(|f| *f != to)).map(|n| format!("by {n}"))).unwrap_or_default();
                self.event(to, Event { kind, detail, when, citations, disputed: false })
            }
            (Some(from), None) => {
                let detail = function.unwrap_or_default();
                self.event(from, Event { kind, detail, when, citations, disputed: false })
            }
            (None, None) => Target::None,
        };
        self.claims.extend(claims.into_iter().flatten().map(|claim| (claim, target)));
    }

    fn event(&mut self, node: NodeRef, event: Event) -> Target {
        let body = self.body(node);
        let events = &mut self.timeline.bodies[body].events;
        events.push(event);
        Target::Event(body, events.len() - 1)
    }

    fn cited(&mut self, list: Option<&Value>, support: usize) -> Vec<usize> {
        let Some(Value::List(items)) = list else { return Vec::new() };
        let places = items.iter().filter_map(|i| if let Value::Str(place) = i { Some(place) } else { None });
        let mut cites: Vec<usize> = places.map(|p| self.shelf.place(p, support, "")).collect();
        cites.sort_unstable();
        cites.dedup();
        cites
    }

    /// The place of a node among the bodies.
    fn body(&mut self, node: NodeRef) -> usize {
        if let Some(at) = self.place.get(&node) {
            return *at;
        }
        let empty = NodeData::default();
        let data = self.rows.entities().node(node).unwrap_or(&empty);
        let date = |key: &str| text(data, key).map_or(When::NotStated, |t| When::parse(&t));
        // a start written as an interval (`2001/2019`) gives both ends
        let (start, end) = match (date("start"), date("end")) {
            (When::Interval(from, to), When::NotStated) => (*from, *to),
            both => both,
        };
        let kind = kind(data);
        let lane = match self.timeline.lanes_by.as_str() {
            "kind" => kind.clone(),
            "" => String::new(),
            key => text(data, key).unwrap_or_else(|| format!("{key} not stated")),
        };
        let id = text(data, "id").unwrap_or_else(|| data.id.to_string());
        let body = Body { id, name: caption(data), names: names(data), kind, lane, start, end, ..Body::default() };
        self.timeline.bodies.push(body);
        let at = self.timeline.bodies.len() - 1;
        self.place.insert(node, at);
        at
    }

    /// Where documents name each body, and how plainly they say each link.
    fn evidence(&mut self) -> Result<()> {
        let number = |node: NodeRef| self.rows.entities().node(node).and_then(|n| i64::try_from(n.id).ok());
        let body_of: HashMap<i64, usize> =
            self.place.iter().filter_map(|(node, at)| Some((number(*node)?, *at))).collect();
        let mut ids: Vec<i64> = body_of.keys().copied().collect();
        ids.sort_unstable();
        let ids = Value::list(ids.into_iter().map(Value::Int).collect())?;
        let nodes = "MATCH (n) WHERE id(n) IN $ids RETURN id(n) AS id, evidence(n) AS e ORDER BY id";
        for row in self.engine.query(nodes).param("ids", ids.clone()).rows()?.iter() {
            let (Some(Value::Int(id)), Some(evidence)) = (row.get("id"), row.get("e")) else { continue };
            if let Some(at) = body_of.get(id) {
                let citations = self.shelf.evidence(evidence, false);
                self.timeline.bodies[*at].evidence |= !citations.is_empty();
                self.timeline.bodies[*at].citations = citations;
            }
        }
        let acts = "MATCH (a)-[r]->(b) WHERE id(a) IN $ids AND id(b) IN $ids \
                    RETURN id(a) AS a, id(b) AS b, type(r) AS t, evidence(r) AS e ORDER BY a, b, t";
        for row in self.engine.query(acts).param("ids", ids).rows()?.iter() {
            let (Some(Value::Int(a)), Some(Value::Int(b)), Some(Value::Str(ty))) =
                (row.get("a"), row.get("b"), row.get("t"))
            else {
                continue;
            };
            let ends = (body_of.get(a).copied(), body_of.get(b).copied());
            let Some(Value::List(mentions)) = row.get("e") else { continue };
            let inferred = !mentions.is_empty()
                && mentions
                    .iter()
                    .all(|m| matches!(m, Value::Map(m) if get(m, "confidence").is_some_and(|c| c.contains('I'))));
            let same = |l: &&mut Link| (Some(l.from), Some(l.to)) == ends && l.kind == **ty;
            if let Some(link) = self.timeline.links.iter_mut().find(same) {
                link.inferred = inferred;
                self.shelf.evidence(&Value::List(mentions.clone()), true);
            }
        }
        let cited: Vec<usize> =
            self.timeline.links.iter().filter(|l| !l.citations.is_empty()).flat_map(|l| [l.from, l.to]).collect();
        for at in cited {
            self.timeline.bodies[at].evidence = true;
        }
        for body in &mut self.timeline.bodies {
            body.evidence |= body.events.iter().any(|e| !e.citations.is_empty());
        }
        Ok(())
    }

    /// The conflicts whose claims are drawn here.
    fn conflicts(&mut self) -> Result<()> {
        for row in self.engine.query("CONFLICTS").rows()?.iter() {
            let word = |column: &str| {
                if let Some(Value::Str(text)) = row.get(column) { text.to_string() } else { String::new() }
            };
            let sides = [self.side(row, "left"), self.side(row, "right")];
            if sides.iter().all(|s| s.at == Target::None) {
                continue;
            }
            for side in &sides {
                match side.at {
                    Target::Link(at) => self.timeline.links[at].disputed = true,
                    Target::Event(body, at) => self.timeline.bodies[body].events[at].disputed = true,
                    _ => {}
                }
            }
            let topic = match (word("topic"), word("type")) {
                (topic, _) if topic.is_empty() => sides[0].claim.clone(),
                (topic, kind) if kind.is_empty() => topic,
                (topic, kind) => format!("{topic} ({kind})"),
            };
            self.timeline.conflicts.push(Conflict { topic, sides: sides.into() });
        }
        Ok(())
    }

    fn side(&self, row: Row<'_>, which: &str) -> Side {
        let claim = if let Some(Value::Str(text)) = row.get(which) { text.to_string() } else { String::new() };
        let support = if let Some(Value::Int(n)) = row.get(&format!("{which}Support")) {
            usize::try_from(*n).unwrap_or(0)
        } else {
            0
        };
        let at = self.claims.iter().find(|(c, _)| *c == claim).map_or(Target::None, |(_, at)| *at);
        let sources: Vec<&str> = match row.get(&format!("{which}Sources")) {
            Some(Value::List(items)) => {
                items.iter().filter_map(|i| if let Value::Str(s) = i { Some(s.as_ref()) } else { None }).collect()
            }
            _ => Vec::new(),
        };
        let cited: &[usize] = match at {
            Target::Link(at) => &self.timeline.links[at].citations,
            Target::Event(body, at) => &self.timeline.bodies[body].events[at].citations,
            _ => &[],
        };
        let said = |c: &usize| sources.is_empty() || sources.contains(&self.shelf.cites[*c].source.as_str());
        Side { claim, at, support, citations: cited.iter().copied().filter(said).collect() }
    }

    /// The body that was asked for, and the title.
    fn focus(&mut self) {
        let found = match self.engine.find(&self.asked.name) {
            crate::lineage::names::Found::One(candidate) => Some(candidate),
            _ => None,
        };
        self.timeline.focus = found.as_ref().and_then(|c| self.place.get(&c.node).copied());
        self.timeline.title = found.map_or_else(|| self.asked.name.clone(), |c| c.name.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{Style, timeline_svg};

    fn traced(name: &str) -> Timeline {
        let engine = Engine::builtin().expect("the built-in dataset");
        let query = format!("TRACE '{name}'");
        let rows = engine.run(&query).expect("a lineage");
        let asked = Asked { query, name: name.into(), as_of: Some("2026-01-01".into()), lanes_by: None };
        lineage(&engine, &rows, &asked).expect("a timeline")
    }

    #[test]
    fn the_council_became_the_kurultai() {
        let timeline = traced("National Council of Public Trust");
        assert_eq!(timeline.focus.map(|f| timeline.bodies[f].name.as_str()), Some("National Council of Public Trust"));
        let link = timeline.links.iter().find(|l| l.kind == "transformed-into").expect("the transformation");
        let places: Vec<String> = link.citations.iter().map(|c| timeline.citations[*c].place()).collect();
        assert_eq!(places, ["000:11.1", "000:39.1", "001:22.1"]);
        assert_eq!(timeline.citations[link.citations[0]].confidence, "explicit");
        assert!(timeline.without_evidence().is_empty(), "{:?}", timeline.without_evidence());
        assert!(timeline_svg(&timeline, &Style::default()).contains("National Kurultai"));
    }

    #[test]
    fn the_court_is_disputed_and_both_claims_stand() {
        let timeline = traced("Constitutional Court");
        let conflict = timeline.conflicts.first().expect("created or restored");
        assert_eq!(conflict.sides.iter().map(|s| s.support).collect::<Vec<_>>(), [2, 3]);
        assert!(conflict.sides.iter().all(|s| matches!(s.at, Target::Event(..)) && s.citations.len() == s.support));
    }

    #[test]
    fn a_function_moves_and_no_ministry_succeeds_the_other() {
        let timeline = traced("Ministry of Health");
        assert_eq!(timeline.links.len(), 1);
        assert!(timeline.links[0].moves_function());
        assert_eq!(timeline.links[0].function.as_deref(), Some("State policy on medical care for prisoners"));
    }

    #[test]
    fn every_entity_of_the_dataset_can_be_drawn() {
        let engine = Engine::builtin().expect("the built-in dataset");
        let names = engine
            .run("MATCH (n:Entity) WHERE n.kind IN ['institution', 'office', 'concept', 'law'] RETURN n.id AS id")
            .expect("names");
        let mut drawn = 0;
        for row in names.iter().step_by(4) {
            let Some(Value::Str(id)) = row.get("id") else { continue };
            let query = format!("TRACE '{id}'");
            let Ok(rows) = engine.run(&query) else { continue };
            let asked =
                Asked { query, name: id.to_string(), as_of: Some("2026-01-01".into()), lanes_by: Some("kind".into()) };
            let timeline = lineage(&engine, &rows, &asked).expect("a timeline");
            let scene = crate::picture::timeline::scene(&timeline, &Style::default());
            let faults = crate::picture::timeline::faults(&scene);
            assert!(faults.is_empty(), "{id}: {faults:#?}");
            drawn += 1;
        }
        assert!(drawn > 5, "{drawn}");
    }

    /// `PICTURES=DIR cargo test dataset_to_look_at -- --ignored` writes lineages of the built-in dataset there.
    #[test]
    #[ignore = "writes files to look at"]
    fn dataset_to_look_at() {
        let Ok(folder) = std::env::var("PICTURES") else { return };
        let names = [
            "National Kurultai",
            "Constitutional Court",
            "Ministry of Health",
            "Commissioner for Human Rights",
            "super-presidential-system",
        ];
        for name in names {
            let timeline = traced(name);
            let style = Style { languages: vec!["en".into(), "kk".into()], ..Style::default() };
            let start = std::time::Instant::now();
            let svg = timeline_svg(&timeline, &style);
            let spent = start.elapsed();
            let png = crate::picture::png(&svg, 1.0).expect("it can be drawn");
            let file = name.to_lowercase().replace(' ', "-");
            std::fs::write(format!("{folder}/kz-{file}.png"), png).expect("the folder can be written");
            std::fs::write(format!("{folder}/kz-{file}.pdf"), crate::picture::pdf(&svg).expect("a page"))
                .expect("the folder can be written");
            std::fs::write(format!("{folder}/kz-{file}.html"), crate::picture::timeline_html(&timeline, &style))
                .expect("the folder can be written");
            let text = crate::picture::timeline_text(&timeline, &style, 100, false);
            std::fs::write(format!("{folder}/kz-{file}.txt"), format!("{text}{spent:?}\n"))
                .expect("the folder can be written");
        }
    }
}
