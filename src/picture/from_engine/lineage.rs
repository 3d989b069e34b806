//! The rows of `TRACE` as a timeline: successions become links, functions that move become links of their own kind, what
//! else happened becomes events of the body it happened to.

use std::collections::HashMap;

use super::citations::{Fact, Shelf};
use super::{caption, kind, names, text};
use crate::engine::{Engine, Row, Rows};
use crate::error::Result;
use crate::lineage::names::Found;
use crate::picture::model::{AsOf, Body, Event, Link, Target, Timeline};
use crate::picture::style::words;
use crate::picture::when::{When, day_of};
use crate::provenance::{Role, Side as Befallen};
use crate::value::{Map, NodeRef, Value};

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
        acts: HashMap::new(),
        said: Vec::new(),
    };
    draft.timeline.query = Some(asked.query.clone()).filter(|q| !q.is_empty());
    draft.timeline.lanes_by = asked.lanes_by.clone().unwrap_or_default();
    for row in rows.iter() {
        draft.row(row);
    }
    draft.alone();
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
            Some(AsOf { when: When::on(day_of((since.as_secs() / 86_400) as f64)), word: "today".into() })
        }
    }
}

pub(super) struct Draft<'a> {
    pub(super) engine: &'a Engine,
    pub(super) rows: &'a Rows,
    pub(super) asked: &'a Asked,
    pub(super) timeline: Timeline,
    pub(super) shelf: Shelf,
    pub(super) place: HashMap<NodeRef, usize>,
    /// Claims in the words of `CONFLICTS`, with what they became.
    pub(super) claims: Vec<(String, Target)>,
    /// The relationships behind the rows, by ids of their ends and type, with what they became.
    pub(super) acts: HashMap<(i64, i64, String), Target>,
    /// The mentions of what is drawn.
    pub(super) said: Vec<(Target, Vec<Map>)>,
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
        let descent = self.engine.relation_type(&kind).and_then(|t| t.descent);
        let role = descent.as_ref().map(|d| d.role);
        let befalls_start = descent.is_some_and(|d| d.side == Befallen::Start);
        let joins = matches!(role, None | Some(Role::Succession | Role::FunctionTransfer | Role::FunctionWithdrawal));
        let moves = matches!(role, Some(Role::FunctionTransfer | Role::FunctionWithdrawal));
        let name = |node: Option<NodeRef>| node.and_then(|n| self.rows.entities().node(n)).map(caption);
        let function = name(what);
        // the relationship itself: a function is what moves, otherwise the actor or predecessor begins it
        let ends = match (what, befalls_start) {
            (Some(what), _) => Some(what).zip(to.or(from)),
            (None, true) => to.zip(from),
            (None, false) => from.zip(to),
        };
        let claims = [name(from), function.clone()].map(|subject| Some(format!("{} {kind} {}", subject?, name(to)?)));
        let said = [name(from).or(function.clone()), Some(words(&kind)), name(to)];
        let fact = Fact { kind: kind.clone(), words: said.into_iter().flatten().collect::<Vec<_>>().join(" ") };
        let citations = self.cited(row.get("citations"), &fact, support);
        let target = match (from, to) {
            (Some(from), Some(to)) if joins && from != to => {
                let (from, to) = (self.body(from), self.body(to));
                let function = function.or_else(|| moves.then(String::new));
                let link = Link { from, to, kind: kind.clone(), function, when, citations, ..Link::default() };
                self.timeline.links.push(link);
                Target::Link(self.timeline.links.len() - 1)
            }
            (from, Some(to)) => {
                // `established by` an actor, but `founded in` a place
                let by = |n: String| if befalls_start { n } else { format!("by {n}") };
                let detail = function.or_else(|| name(from.filter(|f| *f != to)).map(by)).unwrap_or_default();
                self.event(to, Event { kind: kind.clone(), detail, when, citations, disputed: false })
            }
            (Some(from), None) => {
                let detail = function.unwrap_or_default();
                self.event(from, Event { kind: kind.clone(), detail, when, citations, disputed: false })
            }
            (None, None) => Target::None,
        };
        if let Some((start, end)) = ends.and_then(|(s, e)| Some((self.number(s)?, self.number(e)?))) {
            self.acts.insert((start, end, kind), target);
        }
        self.claims.extend(claims.into_iter().flatten().map(|claim| (claim, target)));
    }

    /// The id of a node, as queries know it.
    pub(super) fn number(&self, node: NodeRef) -> Option<i64> {
        self.rows.entities().node(node).and_then(|n| i64::try_from(n.id).ok())
    }

    fn event(&mut self, node: NodeRef, event: Event) -> Target {
        let body = self.body(node);
        let events = &mut self.timeline.bodies[body].events;
        events.push(event);
        Target::Event(body, events.len() - 1)
    }

    fn cited(&mut self, list: Option<&Value>, fact: &Fact, support: usize) -> Vec<usize> {
        let Some(Value::List(items)) = list else { return Vec::new() };
        let places = items.iter().filter_map(|i| if let Value::Str(place) = i { Some(place) } else { None });
        let mut cites: Vec<usize> = places.map(|p| self.shelf.place(p, fact, support)).collect();
        cites.sort_unstable();
        cites.dedup();
        cites
    }

    /// The place of a node among the bodies.
    fn body(&mut self, node: NodeRef) -> usize {
        if let Some(at) = self.place.get(&node) {
            return *at;
        }
        let data = self.rows.entities().node(node).cloned().or_else(|| self.engine.node(node)).unwrap_or_default();
        let data = &data;
        let date = |key: &str| text(data, key).map_or(When::NotStated, |t| When::parse(&t));
        // a start written as an interval (`2001/2019`) gives both ends
        let (start, end) = match (date("start"), date("end")) {
            (start, When::NotStated) => start.sides().unwrap_or((start, When::NotStated)),
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

    /// A body that nothing happened to is drawn all the same.
    fn alone(&mut self) {
        if let (true, Found::One(candidate)) = (self.timeline.bodies.is_empty(), self.engine.find(&self.asked.name)) {
            self.body(candidate.node);
        }
    }

    /// The body that was asked for, and the title.
    fn focus(&mut self) {
        let found = match self.engine.find(&self.asked.name) {
            Found::One(candidate) => Some(candidate),
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
        let first = &timeline.citations[link.citations[0]];
        let stated = "established: 1 document, implicit agent; transformed into: 2 documents, explicit";
        assert_eq!(first.stated_words(), stated);
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
    fn claims_that_differ_in_a_date_are_told_apart() {
        let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/city-councils"));
        let engine = Engine::from_folder(folder).expect("the example");
        let rows = engine.run("TRACE 'City Council'").expect("a lineage");
        let asked = Asked { name: "City Council".into(), ..Asked::default() };
        let timeline = lineage(&engine, &rows, &asked).expect("a timeline");
        let sides: Vec<&str> = timeline.conflicts[1].sides.iter().map(|s| s.claim.as_str()).collect();
        let claim = "Old Town Council merged-into City Council · date:";
        assert_eq!(sides, [format!("{claim} 2004-12-31"), format!("{claim} 2004-12")]);
        let bridge = timeline.bodies.iter().find(|b| b.name == "Bridge Board").expect("a body");
        assert_eq!((bridge.events[0].kind.as_str(), bridge.events[0].detail.as_str()), ("founded-in", "New Bridge"));
    }

    #[test]
    fn a_body_that_nothing_happened_to_is_drawn() {
        let timeline = traced("Ministry of Defense");
        assert_eq!((timeline.bodies.len(), timeline.focus), (1, Some(0)));
        assert!(!timeline.bodies[0].citations.is_empty());
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
}
