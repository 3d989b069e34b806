//! A lineage as a timeline: successions become links, functions that move become links of their own kind, what else
//! happened becomes events of the body it happened to.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::citations::{Fact, Identity, Shelf, documents};
use super::{caption, id, kind, names, text};
use crate::engine::{Citation, Lineage, NodeData, Said, Step};
use crate::picture::model::{AsOf, Body, Dated, Event, Link, Target, Timeline};
use crate::picture::style::words;
use crate::picture::when::{When, day_of};
use crate::provenance::{Descent, Fate, Origin, Qualifier, Role, Side as Befallen, ValueType, values};
use crate::value::{NodeRef, RelRef, Value};

/// What is shown of a lineage beside what it says itself.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The query, as it stands under the title.
    pub query: String,
    /// What lanes stand for: `kind` or any property of the bodies; nothing for one lane.
    pub lanes_by: Option<String>,
    /// What stands on top, in place of the names that were asked for.
    pub title: Option<String>,
    /// Draw the bodies that were asked for, each of them, and only what joins them: a set on one axis.
    pub only: bool,
}

/// A lineage as a timeline. Without a date of its own, the line is drawn at today.
///
/// ```
/// use shejire::engine::LineageRequest;
/// use shejire::picture::{Asked, Style, lineage, timeline_svg};
///
/// # fn main() -> shejire::Result<()> {
/// let request = LineageRequest::of("National Kurultai").backward().as_of("2024");
/// let found = shejire::Engine::builtin()?.lineage(&request)?;
/// let timeline = lineage(&found, &Asked { query: request.to_string(), ..Asked::default() });
/// assert_eq!(timeline.title, "National Kurultai");
/// assert!(timeline_svg(&timeline, &Style::default()).contains("National Council of Public Trust"));
/// # Ok(())
/// # }
/// ```
pub fn lineage(lineage: &Lineage, asked: &Asked) -> Timeline {
    let mut draft = Draft {
        lineage,
        timeline: Timeline::default(),
        shelf: Shelf::new(lineage.seen().snapshot()),
        place: HashMap::new(),
        acts: HashMap::new(),
        drawn: HashSet::new(),
        only: asked.only.then(|| lineage.starts().iter().copied().collect()),
    };
    draft.timeline.query = Some(asked.query.clone()).filter(|q| !q.is_empty());
    draft.timeline.lanes_by = asked.lanes_by.clone().unwrap_or_default();
    if asked.only {
        lineage.starts().iter().for_each(|start| {
            draft.body(*start);
        });
    }
    for step in lineage.steps() {
        draft.step(step);
    }
    draft.alone();
    draft.evidence();
    draft.conflicts();
    draft.focus();
    if let Some(title) = &asked.title {
        draft.timeline.title.clone_from(title);
    }
    draft.timeline.citations = draft.shelf.cites;
    draft.timeline.as_of = as_of(lineage.as_of().as_deref());
    draft.timeline
}

fn as_of(date: Option<&str>) -> Option<AsOf> {
    match date {
        Some(date) => Some(AsOf { when: When::parse(date), word: "as of".into() }),
        None => {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(AsOf { when: When::on(day_of((since.as_secs() / 86_400) as f64)), word: "today".into() })
        }
    }
}

/// The dates that are said of one pair of an event; where none is said of both, those said of either. What is said of
/// other bodies of the event is not said of these.
fn dates_of_pair(dates: &[Said], before: NodeRef, after: NodeRef) -> Vec<&Said> {
    let said = |of: &dyn Fn(&[NodeRef]) -> bool| -> Vec<&Said> { dates.iter().filter(|d| of(&d.bodies)).collect() };
    let of_both = said(&|bodies| bodies.contains(&before) && bodies.contains(&after));
    match of_both.is_empty() {
        true => said(&|bodies| bodies.contains(&before) || bodies.contains(&after)),
        false => of_both,
    }
}

/// Several dates as one, to draw it at.
fn pooled(dates: &[&Said]) -> When {
    let mut texts: Vec<Arc<str>> = dates.iter().map(|date| date.text.clone()).collect();
    texts.sort_unstable();
    texts.dedup();
    let reading = Qualifier { ty: ValueType::Edtf, many: false, conflicts: true };
    match values::pool(reading, texts).map(|pooled| pooled.value) {
        Ok(Value::Str(text)) => When::parse(&text),
        _ => When::NotStated,
    }
}

fn when(step: &Step) -> When {
    step.when.as_deref().map_or(When::NotStated, When::parse)
}

pub(super) struct Draft<'a> {
    pub(super) lineage: &'a Lineage,
    pub(super) timeline: Timeline,
    pub(super) shelf: Shelf,
    pub(super) place: HashMap<NodeRef, usize>,
    /// What each relationship became, and as which fact it is cited.
    pub(super) acts: HashMap<RelRef, (Target, Option<Identity>)>,
    /// The pairs that have a link: of which event and kind, from where to where. A circle has its events twice.
    drawn: HashSet<(Arc<str>, Arc<str>, usize, usize)>,
    /// The bodies of a set; nothing where all that takes part is drawn.
    only: Option<HashSet<NodeRef>>,
}

impl Draft<'_> {
    /// Whether a body is to be drawn.
    fn shows(&self, node: NodeRef) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&node))
    }

    fn step(&mut self, step: &Step) {
        let descent = self.lineage.seen().relation_type(&step.kind).and_then(|t| t.descent.clone());
        match step.role {
            Role::Succession => self.succession(step, descent.as_ref()),
            Role::FunctionTransfer | Role::FunctionWithdrawal => self.transfer(step, descent.as_ref()),
            _ => self.happening(step),
        }
    }

    /// A link for each pair of predecessor and successor. Where both are several and no pair is stated, the pairs are
    /// drawn as what they are: inferred.
    fn succession(&mut self, step: &Step, descent: Option<&Descent>) {
        let unpaired = step.predecessors.len() > 1 && step.successors.len() > 1;
        let turned = descent.is_some_and(|d| d.side == Befallen::Start);
        for before in &step.predecessors {
            for after in &step.successors {
                if before.body == after.body || !self.shows(before.body) || !self.shows(after.body) {
                    continue;
                }
                // what is said of this pair: one of the two stands for the whole event, the other has places of its own
                let of_both = |place: &&Citation| after.citations.contains(place);
                let shared: Vec<Citation> = before.citations.iter().filter(of_both).cloned().collect();
                let places = if shared.is_empty() { &step.citations } else { &shared };
                let of_pair = dates_of_pair(&step.dates, before.body, after.body);
                let when = if step.dates.is_empty() { when(step) } else { pooled(&of_pair) };
                let (start, end) = if turned { (after.body, before.body) } else { (before.body, after.body) };
                let (citations, identity) = self.cited(places, &step.kind, Some(start), Some(end));
                let (from, to) = (self.body(before.body), self.body(after.body));
                if !self.drawn.insert((step.event.clone(), step.kind.clone(), from, to)) {
                    continue;
                }
                let dates = self.dates(&of_pair, places);
                self.timeline.links.push(Link {
                    from,
                    to,
                    kind: step.kind.to_string(),
                    class: descent.and_then(|d| d.kind.as_deref()).unwrap_or("succession").to_owned(),
                    event: step.event.to_string(),
                    when,
                    dates,
                    citations,
                    inferred: unpaired,
                    continues: descent.is_some_and(|d| d.predecessor != Some(Fate::Ends)),
                    existing: descent.is_some_and(|d| d.successor != Some(Origin::New)),
                    ..Link::default()
                });
                let target = Target::Link(self.timeline.links.len() - 1);
                for fact in step.facts.iter().filter(|fact| (fact.start, fact.end) == (start, end)) {
                    self.acts.insert(fact.rel, (target, Some(identity.clone())));
                }
            }
        }
    }

    /// A function that moves: a link where both sides are stated, else what happened to the one that is.
    fn transfer(&mut self, step: &Step, descent: Option<&Descent>) {
        let (from, to, what) = (step.from, step.to, step.what);
        let (from, to) = (from.filter(|node| self.shows(*node)), to.filter(|node| self.shows(*node)));
        if from.or(to).is_none() {
            return;
        }
        let function = what.map(|node| self.name(node)).unwrap_or_default();
        let places = step.places();
        let (citations, identity) = self.cited(&places, &step.kind, what.or(from), to.or(from));
        let dates = self.dates(&step.dates.iter().collect::<Vec<_>>(), &places);
        let target = match (from, to) {
            (Some(from), Some(to)) if from != to => {
                let (from, to) = (self.body(from), self.body(to));
                let link = Link {
                    from,
                    to,
                    kind: step.kind.to_string(),
                    class: "transferred".into(),
                    event: step.event.to_string(),
                    function: Some(function),
                    when: when(step),
                    dates,
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
                let (kind, when) = (step.kind.to_string(), when(step));
                self.event(body, Event { kind, said, detail: function, when, dates, citations, disputed: false })
            }
            (None, None) => Target::None,
        };
        self.known_as(target, step, &identity);
    }

    /// What happened to one body: by whom, or in which place.
    fn happening(&mut self, step: &Step) {
        let (from, to) = (step.from, step.to);
        let Some(body) = step.body.or(to).or(from).filter(|node| self.shows(*node)) else { return };
        let detail = match (from, to) {
            // `established by` an actor, but `founded in` a place
            (Some(actor), _) if actor != body => format!("by {}", self.name(actor)),
            (_, Some(other)) if other != body => self.name(other),
            _ => String::new(),
        };
        let supplied = match from {
            Some(actor) if actor != body && !step.supplied.is_empty() => {
                match step.supplied.len() == step.citations.len() {
                    true => " (supplied by the dataset)".to_owned(),
                    false => {
                        let places: Vec<String> = step.supplied.iter().map(Citation::to_string).collect();
                        format!(" (supplied by the dataset at {})", places.join(", "))
                    }
                }
            }
            _ => String::new(),
        };
        let detail = if detail.is_empty() { detail } else { format!("{detail}{supplied}") };
        let (citations, identity) = self.cited(&step.citations, &step.kind, from, to);
        let (kind, when) = (step.kind.to_string(), when(step));
        let dates = self.dates(&step.dates.iter().collect::<Vec<_>>(), &step.citations);
        let event = Event { kind, said: String::new(), detail, when, dates, citations, disputed: false };
        let target = self.event(body, event);
        self.known_as(target, step, &identity);
    }

    /// The dates of an act that stands at `places`, each with its own places; none where each place states the one date.
    fn dates(&self, dates: &[&Said], places: &[Citation]) -> Vec<Dated> {
        let plain = |one: &Said| matches!(one.role, "" | "date");
        match dates {
            [] => return Vec::new(),
            [one] if plain(one) && places.iter().all(|place| one.citations.contains(place)) => return Vec::new(),
            _ => {}
        }
        let dated = dates.iter().map(|one| {
            let mut citations: Vec<usize> = one.citations.iter().filter_map(|place| self.shelf.number(place)).collect();
            citations.sort_unstable();
            let role = if plain(one) { String::new() } else { one.role.to_owned() };
            Dated { when: When::parse(&one.text), role, citations }
        });
        dated.collect()
    }

    /// Notes what the facts of a step became. One of another type is not the one that is cited.
    fn known_as(&mut self, target: Target, step: &Step, identity: &Identity) {
        for fact in &step.facts {
            let cited = (fact.kind == step.kind).then(|| identity.clone());
            self.acts.insert(fact.rel, (target, cited));
        }
    }

    fn event(&mut self, node: NodeRef, event: Event) -> Target {
        let body = self.body(node);
        let events = &mut self.timeline.bodies[body].events;
        events.push(event);
        Target::Event(body, events.len() - 1)
    }

    /// The numbers of places that state that `subject` did this to `object`, and which fact that is.
    fn cited(
        &mut self,
        places: &[Citation],
        kind: &str,
        subject: Option<NodeRef>,
        object: Option<NodeRef>,
    ) -> (Vec<usize>, Identity) {
        let other = object.filter(|_| object != subject);
        let said = [subject.map(|node| self.name(node)), Some(words(kind)), other.map(|node| self.name(node))];
        let identity = Identity { kind: kind.to_owned(), subject, object };
        let words = said.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let fact = Fact { identity: identity.clone(), words };
        let support = documents(places);
        let mut cites: Vec<usize> = places.iter().map(|place| self.shelf.place(place, &fact, support)).collect();
        cites.sort_unstable();
        cites.dedup();
        (cites, identity)
    }

    fn data(&self, node: NodeRef) -> NodeData {
        self.lineage.seen().node(node).unwrap_or_default()
    }

    fn name(&self, node: NodeRef) -> String {
        caption(&self.data(node))
    }

    /// The place of a node among the bodies.
    fn body(&mut self, node: NodeRef) -> usize {
        if let Some(at) = self.place.get(&node) {
            return *at;
        }
        let data = &self.data(node);
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
        let (id, name, names) = (id(data), caption(data), names(data));
        self.timeline.bodies.push(Body { id, name, names, kind, lane, start, end, ..Body::default() });
        let at = self.timeline.bodies.len() - 1;
        self.place.insert(node, at);
        at
    }

    /// Bodies that nothing happened to are drawn all the same.
    fn alone(&mut self) {
        if self.timeline.bodies.is_empty() {
            for start in self.lineage.starts() {
                self.body(*start);
            }
        }
    }

    /// The body that was asked for, when it was one, and the title.
    fn focus(&mut self) {
        let starts = self.lineage.starts();
        if let [start] = starts {
            self.timeline.focus = self.place.get(start).copied();
        }
        let titles: Vec<String> = starts.iter().map(|start| self.name(*start)).collect();
        self.timeline.title = titles.join(", ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Engine, LineageRequest};
    use crate::picture::{Style, timeline_svg};

    fn traced(name: &str) -> Timeline {
        let engine = Engine::builtin().expect("the built-in dataset");
        let request = LineageRequest::of(name).as_of("2026-01-01");
        let asked = Asked { query: request.to_string(), ..Asked::default() };
        lineage(&engine.lineage(&request).expect("a lineage"), &asked)
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
        let found = engine.lineage(&LineageRequest::of("City Council")).expect("a lineage");
        let timeline = lineage(&found, &Asked::default());
        let sides: Vec<&str> = timeline.conflicts[1].sides.iter().map(|s| s.claim.as_str()).collect();
        let claim = "Old Town Council merged-into City Council · date:";
        assert_eq!(sides, [format!("{claim} 2004-12-31"), format!("{claim} 2004-12")]);
        let bridge = timeline.bodies.iter().find(|b| b.name == "Bridge Board").expect("a body");
        assert_eq!((bridge.events[0].kind.as_str(), bridge.events[0].detail.as_str()), ("founded-in", "New Bridge"));
    }

    #[test]
    fn a_set_is_drawn_whole_and_alone() {
        let engine = Engine::builtin().expect("the built-in dataset");
        let of = LineageRequest::of("National Kurultai").and_of("Ministry of Defense").and_of("Constitutional Court");
        let asked = Asked { only: true, title: Some("Three".into()), ..Asked::default() };
        let set = lineage(&engine.lineage(&of.clone().depth(1)).expect("a lineage"), &asked);
        let names: Vec<&str> = set.bodies.iter().map(|b| b.name.as_str()).collect();
        assert_eq!(names, ["National Kurultai", "Ministry of Defense", "Constitutional Court"]);
        assert!(set.links.is_empty() && set.title == "Three" && set.focus.is_none());
        let both = lineage(&engine.lineage(&of.and_of("National Council of Public Trust")).expect("one"), &asked);
        assert_eq!(both.links.len(), 1, "what joins two of the set");
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
            let Some(Value::Str(id)) = row.value("id") else { continue };
            let request = LineageRequest::of(&**id).as_of("2026-01-01");
            let Ok(found) = engine.lineage(&request) else { continue };
            let lanes_by = Some("kind".into());
            let asked = Asked { query: request.to_string(), lanes_by, ..Asked::default() };
            let timeline = lineage(&found, &asked);
            let scene = crate::picture::timeline::scene(&timeline, &Style::default());
            let faults = crate::picture::timeline::faults(&scene);
            assert!(faults.is_empty(), "{id}: {faults:#?}");
            drawn += 1;
        }
        assert!(drawn > 5, "{drawn}");
    }
}
