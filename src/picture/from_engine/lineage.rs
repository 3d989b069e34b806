//! The rows of `TRACE` as a timeline: successions become links, functions that move become links of their own kind, what
//! else happened becomes events of the body it happened to.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::citations::{Fact, Shelf, get, maps};
use super::{caption, kind, names, text};
use crate::engine::{Engine, Row, Rows};
use crate::error::Result;
use crate::lineage::names::Found;
use crate::picture::model::{AsOf, Body, Event, Link, Target, Timeline};
use crate::picture::style::words;
use crate::picture::when::{When, day_of};
use crate::provenance::{Descent, Fate, Origin, Qualifier, Role, Side as Befallen, ValueType, values};
use crate::value::{Map, NodeRef, Value};

/// What was asked, for title and axis.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The query, as it stands under the title.
    pub query: String,
    /// The names that were traced, as they were typed.
    pub names: Vec<String>,
    /// The date of `AS OF`; without one, the line is drawn at today.
    pub as_of: Option<String>,
    /// `ACCORDING TO` and `KNOWN BY` as they stand in the query: what is read beside the rows is read likewise.
    pub through: String,
    /// What `$name` in these stands for.
    pub params: Vec<(String, Value)>,
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
        acts: HashMap::new(),
        said: Vec::new(),
        drawn: HashSet::new(),
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

/// When one pair of an event met, by the dates that are said of it; where none is said of both, by those said of either.
/// What is said of other bodies of the event is not said of these.
fn date_of_pair(dates: &[(Arc<str>, Vec<NodeRef>)], before: NodeRef, after: NodeRef) -> When {
    let said = |of: &dyn Fn(&[NodeRef]) -> bool| -> Vec<Arc<str>> {
        let mut texts: Vec<Arc<str>> =
            dates.iter().filter(|(_, bodies)| of(bodies)).map(|(text, _)| text.clone()).collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    };
    let of_both = said(&|bodies| bodies.contains(&before) && bodies.contains(&after));
    let texts = match of_both.is_empty() {
        true => said(&|bodies| bodies.contains(&before) || bodies.contains(&after)),
        false => of_both,
    };
    let reading = Qualifier { ty: ValueType::Edtf, many: false, conflicts: true };
    match values::pool(reading, texts).map(|pooled| pooled.value) {
        Ok(Value::Str(text)) => When::parse(&text),
        _ => When::NotStated,
    }
}

/// What a row says beside who took part.
struct Told {
    kind: String,
    event: String,
    when: When,
    places: Vec<String>,
    /// The places that name no actor.
    supplied: Vec<String>,
}

/// The bodies of one side, each with the places that say that it took part.
fn sides(list: Option<&Value>) -> Vec<(NodeRef, Vec<String>)> {
    let side = |map: &Map| match map.get("body") {
        Some(Value::Node(node)) => Some((*node, places(map.get("citations")))),
        _ => None,
    };
    maps(list.unwrap_or(&Value::Null)).into_iter().filter_map(side).collect()
}

fn places(list: Option<&Value>) -> Vec<String> {
    let Some(Value::List(items)) = list else { return Vec::new() };
    items.iter().filter_map(|i| if let Value::Str(place) = i { Some(place.to_string()) } else { None }).collect()
}

fn nodes(list: Option<&Value>) -> Vec<NodeRef> {
    let Some(Value::List(items)) = list else { return Vec::new() };
    items.iter().filter_map(|i| if let Value::Node(node) = i { Some(*node) } else { None }).collect()
}

pub(super) struct Draft<'a> {
    pub(super) engine: &'a Engine,
    pub(super) rows: &'a Rows,
    pub(super) asked: &'a Asked,
    pub(super) timeline: Timeline,
    pub(super) shelf: Shelf,
    pub(super) place: HashMap<NodeRef, usize>,
    /// The relationships behind the rows, by ids of their ends and type, with what they became.
    pub(super) acts: HashMap<(i64, i64, String), Target>,
    /// The mentions of what is drawn.
    pub(super) said: Vec<(Target, Vec<Map>)>,
    /// The pairs that have a link: of which event and kind, from where to where. A circle has its events twice.
    drawn: HashSet<(String, String, usize, usize)>,
}

impl Draft<'_> {
    fn row(&mut self, row: Row<'_>) {
        let node = |column: &str| if let Some(Value::Node(node)) = row.get(column) { Some(*node) } else { None };
        let word =
            |column: &str| if let Some(Value::Str(text)) = row.get(column) { text.to_string() } else { String::new() };
        let told = Told {
            kind: word("kind"),
            event: word("event"),
            when: match row.get("when") {
                Some(Value::Str(text)) => When::parse(text),
                _ => When::NotStated,
            },
            places: places(row.get("citations")),
            supplied: places(row.get("supplied")),
        };
        let descent = self.engine.relation_type(&told.kind).and_then(|t| t.descent);
        let (from, to) = (node("from"), node("to"));
        match descent.as_ref().map(|d| d.role) {
            None | Some(Role::Succession) => self.succession(&told, descent.as_ref(), row),
            Some(Role::FunctionTransfer | Role::FunctionWithdrawal) => {
                self.transfer(&told, descent.as_ref(), from, to, node("what"));
            }
            Some(_) => self.happening(&told, from, to, node("body")),
        }
    }

    /// A link for each pair of predecessor and successor. Where both are several and no pair is stated, the pairs are
    /// drawn as what they are: inferred.
    fn succession(&mut self, told: &Told, descent: Option<&Descent>, row: Row<'_>) {
        let (predecessors, successors) = (sides(row.get("predecessors")), sides(row.get("successors")));
        let dates: Vec<(Arc<str>, Vec<NodeRef>)> = maps(row.get("dates").unwrap_or(&Value::Null))
            .into_iter()
            .filter_map(|map| Some((get(map, "date")?.into(), nodes(map.get("bodies")))))
            .collect();
        let unpaired = predecessors.len() > 1 && successors.len() > 1;
        let turned = descent.is_some_and(|d| d.side == Befallen::Start);
        for (before, of_before) in &predecessors {
            for (after, of_after) in &successors {
                if before == after {
                    continue;
                }
                // what is said of this pair: one of the two stands for the whole event, the other has places of its own
                let shared: Vec<String> = of_before.iter().filter(|place| of_after.contains(place)).cloned().collect();
                let places = if shared.is_empty() { told.places.clone() } else { shared };
                let when = if dates.is_empty() { told.when.clone() } else { date_of_pair(&dates, *before, *after) };
                let stated = if turned { (*after, *before) } else { (*before, *after) };
                let citations = self.cited(&places, &told.kind, Some(stated.0), Some(stated.1));
                let (from, to) = (self.body(*before), self.body(*after));
                if !self.drawn.insert((told.event.clone(), told.kind.clone(), from, to)) {
                    continue;
                }
                let class = descent.and_then(|d| d.kind.as_deref()).unwrap_or(if descent.is_some() {
                    "succession"
                } else {
                    ""
                });
                self.timeline.links.push(Link {
                    from,
                    to,
                    kind: told.kind.clone(),
                    class: class.to_owned(),
                    event: told.event.clone(),
                    when,
                    citations,
                    inferred: unpaired,
                    continues: descent.is_some_and(|d| d.predecessor != Some(Fate::Ends)),
                    existing: descent.is_some_and(|d| d.successor != Some(Origin::New)),
                    ..Link::default()
                });
                let target = Target::Link(self.timeline.links.len() - 1);
                self.known_as(target, &told.kind, Some(stated.0), Some(stated.1));
            }
        }
    }

    /// A function that moves: a link where both sides are stated, else what happened to the one that is.
    fn transfer(
        &mut self,
        told: &Told,
        descent: Option<&Descent>,
        from: Option<NodeRef>,
        to: Option<NodeRef>,
        what: Option<NodeRef>,
    ) {
        let name = |node: Option<NodeRef>| node.and_then(|n| self.rows.entities().node(n)).map(caption);
        let function = name(what).unwrap_or_default();
        let citations = self.cited(&told.places, &told.kind, what.or(from), to.or(from));
        let target = match (from, to) {
            (Some(from), Some(to)) if from != to => {
                let (from, to) = (self.body(from), self.body(to));
                let link = Link {
                    from,
                    to,
                    kind: told.kind.clone(),
                    class: "transferred".into(),
                    event: told.event.clone(),
                    function: Some(function),
                    when: told.when.clone(),
                    citations,
                    ..Link::default()
                };
                self.timeline.links.push(link);
                Target::Link(self.timeline.links.len() - 1)
            }
            (_, Some(body)) | (Some(body), None) => {
                let received = to.is_some();
                let column = if received { "backward" } else { "forward" };
                let declared = descent.and_then(|d| d.wording.iter().find(|(key, _)| **key == *column));
                let own = if received { "received" } else { "gave up" };
                let said = declared.map_or_else(|| own.to_owned(), |(_, text)| text.to_string());
                let event = Event {
                    kind: told.kind.clone(),
                    said,
                    detail: function,
                    when: told.when.clone(),
                    citations,
                    disputed: false,
                };
                self.event(body, event)
            }
            (None, None) => Target::None,
        };
        if let Some((start, end)) = what.zip(to.or(from)).and_then(|(s, e)| Some((self.number(s)?, self.number(e)?))) {
            self.acts.insert((start, end, told.kind.clone()), target);
        }
    }

    /// What happened to one body: by whom, or in which place.
    fn happening(&mut self, told: &Told, from: Option<NodeRef>, to: Option<NodeRef>, body: Option<NodeRef>) {
        let Some(body) = body.or(to).or(from) else { return };
        let name = |node: NodeRef| self.rows.entities().node(node).map(caption);
        let detail = match (from, to) {
            // `established by` an actor, but `founded in` a place
            (Some(actor), _) if actor != body => name(actor).map(|actor| format!("by {actor}")),
            (_, Some(other)) if other != body => name(other),
            _ => None,
        };
        let supplied = match from {
            Some(actor) if actor != body && !told.supplied.is_empty() => match told.supplied.len() == told.places.len()
            {
                true => " (supplied by the dataset)".to_owned(),
                false => format!(" (supplied by the dataset at {})", told.supplied.join(", ")),
            },
            _ => String::new(),
        };
        let detail = detail.map(|detail| format!("{detail}{supplied}")).unwrap_or_default();
        let citations = self.cited(&told.places, &told.kind, from, to);
        let (kind, when) = (told.kind.clone(), told.when.clone());
        let target = self.event(body, Event { kind, said: String::new(), detail, when, citations, disputed: false });
        self.known_as(target, &told.kind, from, to);
    }

    /// Notes by which relationship, and by which words, a thing that is drawn is known elsewhere.
    fn known_as(&mut self, target: Target, kind: &str, start: Option<NodeRef>, end: Option<NodeRef>) {
        let Some((start, end)) = start.zip(end) else { return };
        if let (Some(start), Some(end)) = (self.number(start), self.number(end)) {
            self.acts.insert((start, end, kind.to_owned()), target);
        }
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

    /// The numbers of places that state that `subject` did this to `object`.
    fn cited(
        &mut self,
        places: &[String],
        kind: &str,
        subject: Option<NodeRef>,
        object: Option<NodeRef>,
    ) -> Vec<usize> {
        let name = |node: Option<NodeRef>| node.and_then(|n| self.rows.entities().node(n)).map(caption);
        let said = [name(subject), Some(words(kind)), name(object).filter(|_| object != subject)];
        let fact = Fact { kind: kind.to_owned(), words: said.into_iter().flatten().collect::<Vec<_>>().join(" ") };
        let mut documents: Vec<&str> = places.iter().map(|place| place.split(':').next().unwrap_or(place)).collect();
        documents.sort_unstable();
        documents.dedup();
        let support = documents.len();
        let mut cites: Vec<usize> = places.iter().map(|place| self.shelf.place(place, &fact, support)).collect();
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

    /// Bodies that nothing happened to are drawn all the same.
    fn alone(&mut self) {
        if !self.timeline.bodies.is_empty() {
            return;
        }
        for name in &self.asked.names {
            if let Found::One(candidate) = self.engine.find(name) {
                self.body(candidate.node);
            }
        }
    }

    /// The body that was asked for, when it was one, and the title.
    fn focus(&mut self) {
        let mut titles = Vec::new();
        for name in &self.asked.names {
            let found = match self.engine.find(name) {
                Found::One(candidate) => Some(candidate),
                _ => None,
            };
            if self.asked.names.len() == 1 {
                self.timeline.focus = found.as_ref().and_then(|c| self.place.get(&c.node).copied());
            }
            titles.push(found.map_or_else(|| name.clone(), |c| c.name.to_string()));
        }
        self.timeline.title = titles.join(", ");
    }

    /// What `clause` finds, with `ACCORDING TO` and `KNOWN BY` of the query in the place of `{through}`.
    pub(super) fn likewise(&self, clause: &str, more: Option<(&str, Value)>) -> Result<Rows> {
        let text = clause.replace("{through}", &self.asked.through);
        let given = self.asked.params.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let query = self.engine.query(&text);
        given.chain(more).fold(query, |query, (name, value)| query.param(name, value)).rows()
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
        let asked = Asked { query, names: vec![name.into()], as_of: Some("2026-01-01".into()), ..Asked::default() };
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
        let asked = Asked { names: vec!["City Council".into()], ..Asked::default() };
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
            let as_of = Some("2026-01-01".into());
            let lanes_by = Some("kind".into());
            let asked = Asked { query, names: vec![id.to_string()], as_of, lanes_by, ..Asked::default() };
            let timeline = lineage(&engine, &rows, &asked).expect("a timeline");
            let scene = crate::picture::timeline::scene(&timeline, &Style::default());
            let faults = crate::picture::timeline::faults(&scene);
            assert!(faults.is_empty(), "{id}: {faults:#?}");
            drawn += 1;
        }
        assert!(drawn > 5, "{drawn}");
    }
}
