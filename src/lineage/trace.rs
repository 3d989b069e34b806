//! What became of what: events followed in the order of time, and what else happened to the bodies on the way.
//!
//! ```text
//!   step  -1  predecessors ─transformed-into─► start      (negative: before)
//!          0  what happened to the start itself: established, re-established, received a function …
//!          1  start ─replaced-by─► successors             (positive: after)
//! ```
//!
//! There is one row for an event and a direction, so circles keep every event. Events are whole: the other parts of a
//! merger or a split are shown, and not followed. At the start everything counts; at other bodies, successions and
//! whatever else happened there by the same rule of time (see [`super::search`]).
//!
//! Which relationship types carry a descent, and how, is read from the [`Vocabulary`]. A function that passes between
//! bodies makes neither the successor of the other: it is a row with the function in [`Step::what`]. Where the start
//! gave a function up or received it, its further moves are rows too.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::events::{Events, Ordered, Part};
use super::kinds::{Kind, Kinds};
use super::search::{self, Edge, Reach, Time, Way};
use super::stated::{Known, Span, Stated, is_firm};
use super::transfers::Moves;
use crate::provenance::{Member, Mention, Role, Side};
use crate::value::{NodeRef, RelRef};

/// Which way a row lies from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Course {
    /// Towards the predecessors.
    Backward,
    /// At the start itself.
    Here,
    /// Towards the successors.
    Forward,
}

/// One thing that happened in a lineage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    /// The fewest events from the start on a way that counts: negative before it, 0 at it, positive after it.
    pub number: i64,
    /// Which way that is.
    pub course: Course,
    /// The relationship type, and its part in the lineage.
    pub kind: Arc<Kind>,
    /// What names the event: its id in the dataset, else its smallest mention.
    pub event: Arc<str>,
    /// The end from which the facts are stated, when it is one; of a function that moves, the giver.
    pub from: Option<NodeRef>,
    /// The end at which the facts are stated, when it is one; of a function that moves, the receiver.
    pub to: Option<NodeRef>,
    /// The function that moved.
    pub what: Option<NodeRef>,
    /// The body to which it happened, when it is no succession and no move of a function.
    pub body: Option<NodeRef>,
    /// The predecessors of a succession.
    pub predecessors: Vec<NodeRef>,
    /// The successors of a succession.
    pub successors: Vec<NodeRef>,
    /// The facts behind the row that are seen.
    pub facts: SmallVec<[RelRef; 2]>,
    /// The bodies that took part without a pair being stated.
    pub parts: Vec<Member>,
    /// The dates of each fact, in their order.
    pub dates: Dates,
    /// When it may have been.
    pub span: Span,
    /// Whether it and the events on its way are in order for every reading of their dates.
    pub certain: bool,
    /// How the search came to where it happened: a place in [`Lineage::ways`]; nothing for the start.
    pub by: Option<usize>,
}

/// The dates of several facts.
pub(super) type Dates = SmallVec<[Arc<[Stated]>; 1]>;

/// What became of a body and what it came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Lineage {
    /// From the farthest predecessor to the farthest successor.
    pub steps: Vec<Step>,
    /// The ways from the start to the bodies reached.
    pub ways: Vec<Passage>,
    /// How many bodies were looked at.
    pub looked: usize,
}

/// The last event of a way from the start.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Passage {
    /// What names the event.
    pub event: Arc<str>,
    /// Its facts.
    pub facts: SmallVec<[RelRef; 2]>,
    /// The bodies that took part without a pair being stated.
    pub parts: SmallVec<[Member; 1]>,
    /// The body it leads to.
    pub body: NodeRef,
    /// The way to where it begins, an earlier one; nothing when that is the start.
    pub before: Option<usize>,
}

/// What may be hidden by a date that is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Said<'a> {
    /// A fact.
    Fact(RelRef),
    /// That a body took part in an event of this relationship type.
    Part(&'a Mention),
}

/// What to trace.
pub(crate) struct Request<'a> {
    /// The bodies, norms or functions.
    pub starts: &'a [NodeRef],
    /// Only what joins the starts with these; everything when there are none.
    pub to: &'a [NodeRef],
    /// Only this way; both when nothing.
    pub course: Option<Course>,
    /// What counts (`AS OF` decides here).
    pub holds: &'a dyn Fn(Said<'_>) -> bool,
    /// The entity of an id, to find a giver or a receiver that is only named.
    pub entity: &'a dyn Fn(&str) -> Option<NodeRef>,
    /// Asked at each body. Once it says so nothing happened at any further one: what is found is no answer.
    pub interrupted: &'a dyn Fn() -> bool,
}

/// The same with the types of [`Request::via`], found once for many lineages.
pub(crate) fn trace_by(known: Known<'_>, kinds: &Kinds, request: &Request<'_>) -> Lineage {
    let tracer = Tracer::new(known, kinds, request);
    if request.to.is_empty() { tracer.whole() } else { tracer.between() }
}

/// One thing that happened, as far as it is seen.
struct Item {
    kind: Arc<Kind>,
    id: Arc<str>,
    facts: SmallVec<[RelRef; 2]>,
    parts: Vec<Member>,
    dates: Dates,
    span: Span,
    firm: bool,
    /// Who gave what to whom.
    moved: Option<(Option<NodeRef>, NodeRef, Option<NodeRef>)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Event(u32),
    Transfer(RelRef),
}

struct Tracer<'a> {
    known: Known<'a>,
    request: &'a Request<'a>,
    kinds: &'a Kinds,
    events: Events<'a>,
    items: Vec<Item>,
    numbers: FxHashMap<Key, Option<u32>>,
    moves: FxHashMap<NodeRef, Moves>,
    parts: FxHashMap<NodeRef, Rc<[Part]>>,
    starts: Vec<NodeRef>,
    lineage: Lineage,
    /// What happened at the start, which is told there and nowhere else.
    here: FxHashSet<u32>,
    interrupted: bool,
}

impl<'a> Tracer<'a> {
    fn new(known: Known<'a>, kinds: &'a Kinds, request: &'a Request<'a>) -> Self {
        let mut starts = request.starts.to_vec();
        starts.sort_by(|a, b| known.by_id(*a, *b));
        starts.dedup();
        Self {
            known,
            request,
            kinds,
            events: Events::new(known, kinds),
            items: Vec::new(),
            numbers: FxHashMap::default(),
            moves: FxHashMap::default(),
            parts: FxHashMap::default(),
            starts,
            lineage: Lineage::default(),
            here: FxHashSet::default(),
            interrupted: false,
        }
    }

    fn whole(mut self) -> Lineage {
        let (mut given, mut taken) = (Vec::new(), Vec::new());
        for start in self.starts.clone() {
            let parts = self.parts(start);
            for item in self.happenings(start, &parts) {
                if !self.here.insert(item) {
                    continue;
                }
                self.step(item, 0, Course::Here, None, self.items[item as usize].firm);
                if let Some((giver, function, receiver)) = self.items[item as usize].moved {
                    if giver == Some(start) {
                        given.push(function);
                    }
                    if receiver == Some(start) {
                        taken.push(function);
                    }
                }
            }
        }
        for (course, functions) in [(Course::Backward, taken), (Course::Forward, given)] {
            if self.request.course.is_some_and(|only| only != course) {
                continue;
            }
            let reach = self.search(&self.starts.clone(), course);
            self.take(&reach, course, &|_| true);
            self.career(functions, course);
        }
        self.finish()
    }

    /// What joins the starts and the ends: the ways by which one descends from the other, else from the latest
    /// predecessors that they have in common.
    fn between(mut self) -> Lineage {
        let starts = self.starts.clone();
        let mut ends = self.request.to.to_vec();
        ends.sort_by(|a, b| self.known.by_id(*a, *b));
        ends.dedup();
        let after = self.search(&starts, Course::Forward);
        let before = self.search(&starts, Course::Backward);
        let other_after = self.search(&ends, Course::Forward);
        let other_before = self.search(&ends, Course::Backward);
        self.lineage.looked = [&after, &before, &other_after, &other_before]
            .iter()
            .flat_map(|reach| reach.bodies.keys().copied())
            .collect::<FxHashSet<NodeRef>>()
            .len();
        let down = self.on_the_way(&after, &other_before);
        let up = self.on_the_way(&other_after, &before);
        if !down.is_empty() || !up.is_empty() {
            self.take(&after, Course::Forward, &|item| down.contains(&item));
            self.take(&before, Course::Backward, &|item| up.contains(&item));
            return self.finish();
        }
        let mut common: Vec<NodeRef> =
            before.bodies.keys().filter(|body| other_before.bodies.contains_key(body)).copied().collect();
        common.sort_by(|a, b| self.known.by_id(*a, *b));
        let shared: FxHashSet<NodeRef> = common.iter().copied().collect();
        let latest: Vec<NodeRef> = common
            .iter()
            .copied()
            .filter(|body| {
                // another common predecessor that comes of this one, on a way to both, is later
                let leads = |reach: &Reach, body: NodeRef, edges: &[Edge]| {
                    edges.iter().any(|edge| {
                        reach.items.contains_key(&edge.item)
                            && edge.to.iter().any(|(to, _)| *to != body && shared.contains(to))
                    })
                };
                let edges = self.edges(*body, false);
                !(leads(&before, *body, &edges) && leads(&other_before, *body, &edges))
            })
            .collect();
        let latest = if latest.is_empty() { common } else { latest };
        if latest.is_empty() {
            return self.finish();
        }
        let from_common = self.search(&latest, Course::Forward);
        let to_starts = self.on_the_way(&from_common, &before);
        let to_ends = self.on_the_way(&from_common, &other_before);
        self.take(&before, Course::Backward, &|item| to_starts.contains(&item));
        self.take(&from_common, Course::Forward, &|item| to_ends.contains(&item));
        self.finish()
    }

    /// The events on a way that counts from where `down` was searched from to where `up` was: those at which the
    /// latest of the earliest days so far is not after the earliest of the latest days from there on.
    fn on_the_way(&mut self, down: &Reach, up: &Reach) -> FxHashSet<u32> {
        let mut found = FxHashSet::default();
        let mut bodies: Vec<NodeRef> = down.bodies.keys().copied().collect();
        bodies.sort_unstable();
        for body in bodies {
            let bound = down.bodies[&body].day;
            for edge in self.edges(body, false) {
                if edge.time.latest < bound || found.contains(&edge.item) {
                    continue;
                }
                let reached = bound.max(edge.time.earliest);
                let leads = |to: &NodeRef| {
                    let Some(back) = up.bodies.get(to) else { return false };
                    let until = match back.day {
                        i64::MIN => i64::MAX,
                        day => -day,
                    };
                    reached <= until.min(edge.time.latest) && edge.time.earliest <= until
                };
                if edge.to.iter().any(|(to, _)| leads(to)) {
                    found.insert(edge.item);
                }
            }
        }
        found
    }

    fn search(&mut self, starts: &[NodeRef], course: Course) -> Reach {
        let backward = course == Course::Backward;
        search::search(starts, &mut |body| {
            let parts = self.parts(body);
            let mut edges = self.edges_of(body, &parts, backward);
            if !self.starts.contains(&body) {
                for item in self.happenings(body, &parts) {
                    let (span, firm) = (self.items[item as usize].span, self.items[item as usize].firm);
                    edges.push(Edge { item, time: Time::of(span, backward), firm, to: SmallVec::new() });
                }
            }
            edges
        })
    }

    /// The rows of a search, those for which `wanted` holds.
    fn take(&mut self, reach: &Reach, course: Course, wanted: &dyn Fn(u32) -> bool) {
        self.lineage.looked = self.lineage.looked.max(reach.bodies.len());
        let offset = self.lineage.ways.len();
        self.pass(&reach.ways);
        let mut items: Vec<u32> = reach.items.keys().copied().filter(|item| wanted(*item)).collect();
        items.sort_unstable();
        for item in items {
            let reached = reach.items[&item];
            let succession = self.items[item as usize].kind.role == Role::Succession;
            if !succession && self.here.contains(&item) {
                continue;
            }
            let number = i64::from(reached.level) + i64::from(succession);
            let number = if course == Course::Backward { -number } else { number };
            let by = reached.by.map(|way| way + offset);
            self.step(item, number, course, by, reached.certain);
        }
    }

    /// Keeps the ways of a search behind those that are there.
    fn pass(&mut self, ways: &[Way]) {
        let offset = self.lineage.ways.len();
        for way in ways {
            let item = &self.items[way.item as usize];
            let facts = match way.rel {
                Some(rel) => SmallVec::from_slice(&[rel]),
                None => item.facts.clone(),
            };
            let parts = if way.rel.is_none() { SmallVec::from_slice(&item.parts) } else { SmallVec::new() };
            let before = way.before.map(|before| before + offset);
            self.lineage.ways.push(Passage { event: item.id.clone(), facts, parts, body: way.body, before });
        }
    }

    /// The further moves of functions that the start gave up, or the earlier ones of those it received.
    fn career(&mut self, functions: Vec<NodeRef>, course: Course) {
        let backward = course == Course::Backward;
        let mut seen = FxHashSet::default();
        for function in functions.into_iter().filter(|function| seen.insert(*function)) {
            let items = self.of_function(function);
            let starts = self.starts.clone();
            let mut by_body: FxHashMap<NodeRef, Vec<Edge>> = FxHashMap::default();
            for item in items {
                let of = &self.items[item as usize];
                let Some((giver, _, receiver)) = of.moved else { continue };
                let (from, to) = if backward { (receiver, giver) } else { (giver, receiver) };
                let Some(from) = from else { continue };
                let to = to.into_iter().map(|to| (to, of.facts.first().copied())).collect();
                let (time, firm) = (Time::of(of.span, backward), of.firm);
                by_body.entry(from).or_default().push(Edge { item, time, firm, to });
            }
            let reach = search::search(&starts, &mut |body| by_body.remove(&body).unwrap_or_default());
            let offset = self.lineage.ways.len();
            self.pass(&reach.ways);
            let mut found: Vec<u32> = reach.items.keys().copied().collect();
            found.sort_unstable();
            for item in found {
                let reached = reach.items[&item];
                if self.here.insert(item) {
                    let number = if backward { -i64::from(reached.level) } else { i64::from(reached.level) };
                    self.step(item, number, course, reached.by.map(|way| way + offset), reached.certain);
                }
            }
        }
    }

    fn finish(mut self) -> Lineage {
        self.lineage.steps.sort_by(order);
        self.lineage
    }

    /// Where a body leads: its successions, those of one event together.
    fn edges(&mut self, body: NodeRef, backward: bool) -> Vec<Edge> {
        let parts = self.parts(body);
        self.edges_of(body, &parts, backward)
    }

    /// The parts that a body has in events, found once.
    fn parts(&mut self, body: NodeRef) -> Rc<[Part]> {
        if let Some(parts) = self.parts.get(&body) {
            return parts.clone();
        }
        self.interrupted = self.interrupted || (self.request.interrupted)();
        if self.interrupted {
            return Rc::new([]);
        }
        let parts: Rc<[Part]> = self.events.at(body).into();
        self.parts.insert(body, parts.clone());
        parts
    }

    fn edges_of(&mut self, body: NodeRef, parts: &[Part], backward: bool) -> Vec<Edge> {
        let mut edges: Vec<Edge> = Vec::new();
        // where the edge of an item stands: a look through few, a map of many
        let mut places: FxHashMap<u32, usize> = FxHashMap::default();
        let many = parts.len() > 16;
        for part in parts {
            if part.first == backward || self.events.get(part.event).kind.role != Role::Succession {
                continue;
            }
            let Some(item) = self.item_of_event(part.event) else { continue };
            let to = self.leads_to(part, body, item);
            if to.is_empty() {
                continue;
            }
            let known = match many {
                true => places.get(&item).copied(),
                false => edges.iter().position(|edge| edge.item == item),
            };
            if let Some(known) = known {
                edges[known].to.extend(to);
                continue;
            }
            if many {
                places.insert(item, edges.len());
            }
            let (span, firm) = (self.items[item as usize].span, self.items[item as usize].firm);
            edges.push(Edge { item, time: Time::of(span, backward), firm, to });
        }
        if edges.len() > 1 {
            edges.sort_by_cached_key(|edge| {
                let item = &self.items[edge.item as usize];
                (edge.time.earliest, edge.time.latest, item.kind.name.clone(), Ordered(item.id.clone()))
            });
        }
        let known = self.known;
        for edge in edges.iter_mut().filter(|edge| edge.to.len() > 1) {
            // a pair that is stated stands before the same body named without one
            edge.to.sort_by(|a, b| known.by_id(a.0, b.0).then_with(|| b.1.cmp(&a.1)));
            edge.to.dedup_by_key(|(node, _)| *node);
        }
        edges
    }

    /// The other side of a part in an event. A pair that is stated leads to its other end; where bodies of the other
    /// side are named without a pair, it leads to all of these.
    fn leads_to(&self, part: &Part, body: NodeRef, item: u32) -> SmallVec<[(NodeRef, Option<RelRef>); 1]> {
        let item = &self.items[item as usize];
        let befalls = |member: &Member| item.kind.befalls(member.side) != part.first;
        let mut to: SmallVec<[(NodeRef, Option<RelRef>); 1]> = SmallVec::new();
        match part.fact {
            Some((rel, other)) if self.visible(rel) => to.push((other, Some(rel))),
            Some(_) => return to,
            None if !item.parts.iter().any(|member| member.node == body && befalls(member)) => return to,
            None => {
                for rel in &item.facts {
                    let ends = self.known.graph.rel(*rel);
                    let (before, after) = item.kind.ends(ends.start, ends.end);
                    to.push((if part.first { after } else { before }, None));
                }
            }
        }
        to.extend(item.parts.iter().filter(|member| !befalls(member)).map(|member| (member.node, None)));
        to
    }

    /// What happened to a body besides succession, in an order that does not depend on the order of rows.
    fn happenings(&mut self, body: NodeRef, parts: &[Part]) -> Vec<u32> {
        let mut items: Vec<u32> = Vec::new();
        for part in parts {
            let event = self.events.get(part.event);
            match event.kind.role {
                Role::Succession => {}
                Role::FunctionTransfer | Role::FunctionWithdrawal => match part.fact {
                    Some((rel, other)) => {
                        let function = if part.first { body } else { other };
                        items.extend(self.transfers(function, rel));
                    }
                    None => items.extend(self.item_of_event(part.event)),
                },
                _ if part.first => {}
                _ => items.extend(self.item_of_event(part.event)),
            }
        }
        items.sort_unstable();
        items.dedup();
        if items.len() > 1 {
            items.sort_by_cached_key(|item| {
                let item = &self.items[*item as usize];
                (item.span.earliest, item.span.latest, item.kind.name.clone(), Ordered(item.id.clone()))
            });
        }
        items
    }

    fn visible(&self, rel: RelRef) -> bool {
        self.known.sees(rel) && (self.request.holds)(Said::Fact(rel))
    }

    fn item_of_event(&mut self, event: u32) -> Option<u32> {
        if let Some(item) = self.numbers.get(&Key::Event(event)) {
            return *item;
        }
        let known = self.known;
        let of = self.events.get(event).clone();
        let facts: SmallVec<[RelRef; 2]> = of.facts.iter().copied().filter(|rel| self.visible(*rel)).collect();
        let said = |member: &Member| {
            let mention = known.evidence.mention(member.mention)?;
            let seen = known.evidence.is_seen(mention, known.view);
            (seen && (self.request.holds)(Said::Part(mention))).then_some(mention)
        };
        let parts: Vec<Member> = of.parts.iter().copied().filter(|member| said(member).is_some()).collect();
        let item = (!facts.is_empty() || !parts.is_empty()).then(|| {
            let dates: Dates = facts.iter().map(|rel| known.dates(*rel).into()).collect();
            let of_parts: Vec<Stated> =
                parts.iter().filter_map(said).flat_map(|mention| known.mention_dates(mention)).collect();
            let span = Span::of(dates.iter().flat_map(|dates| &**dates).chain(&of_parts));
            let firm = facts.iter().any(|rel| known.is_firm(*rel)) || parts.iter().filter_map(said).any(is_firm);
            let (kind, id) = (of.kind.clone(), of.id(&known));
            Item { kind, id, facts, parts, dates, span, firm, moved: None }
        });
        let number = item.map(|item| self.keep(item));
        self.numbers.insert(Key::Event(event), number);
        number
    }

    fn keep(&mut self, item: Item) -> u32 {
        self.items.push(item);
        u32::try_from(self.items.len() - 1).unwrap_or(u32::MAX)
    }

    /// The moves behind a fact by which `function` is received or given up.
    fn transfers(&mut self, function: NodeRef, rel: RelRef) -> Vec<u32> {
        if !self.visible(rel) {
            return Vec::new();
        }
        self.ensure_moves(function);
        let Some(moves) = self.moves.get(&function) else { return Vec::new() };
        let (role, ends) = (self.kinds.of_fact(self.known.graph, rel).map(|kind| kind.role), self.known.graph.rel(rel));
        let body = if ends.start == function { ends.end } else { ends.start };
        if role == Some(Role::FunctionTransfer) {
            let given = moves.given.get(&rel).copied();
            return vec![self.receipt(function, rel, body, given)];
        }
        let (given, giver) = (rel, body);
        let taken = moves.taken.get(&given).cloned().unwrap_or_default();
        if taken.is_empty() {
            return vec![self.withdrawal(function, given, giver)];
        }
        taken.into_iter().map(|(receipt, to)| self.receipt(function, receipt, to, Some((given, giver)))).collect()
    }

    /// Every move of a function.
    fn of_function(&mut self, function: NodeRef) -> Vec<u32> {
        self.ensure_moves(function);
        let Some(moves) = self.moves.get(&function) else { return Vec::new() };
        let receipts: Vec<_> =
            moves.receipts.iter().map(|(rel, to)| (*rel, *to, moves.given.get(rel).copied())).collect();
        let lone: Vec<_> =
            moves.withdrawals.iter().copied().filter(|(rel, _)| !moves.taken.contains_key(rel)).collect();
        let mut items: Vec<u32> =
            receipts.into_iter().map(|(rel, to, given)| self.receipt(function, rel, to, given)).collect();
        items.extend(lone.into_iter().map(|(rel, giver)| self.withdrawal(function, rel, giver)));
        items
    }

    fn ensure_moves(&mut self, function: NodeRef) {
        if !self.moves.contains_key(&function) {
            let moves = Moves::of(&self.known, self.kinds, function, &|rel| self.visible(rel));
            self.moves.insert(function, moves);
        }
    }

    fn receipt(&mut self, function: NodeRef, rel: RelRef, to: NodeRef, given: Option<(RelRef, NodeRef)>) -> u32 {
        // a giver that only the receipt names is shown as well
        let giver = given.map(|(_, giver)| giver).or_else(|| self.named(rel, "from"));
        let facts = std::iter::once(rel).chain(given.map(|(rel, _)| rel)).collect();
        self.transfer(rel, facts, (giver, function, Some(to)))
    }

    fn withdrawal(&mut self, function: NodeRef, rel: RelRef, giver: NodeRef) -> u32 {
        let receiver = self.named(rel, "to");
        self.transfer(rel, SmallVec::from_slice(&[rel]), (Some(giver), function, receiver))
    }

    /// The one entity that a fact names under `key`.
    fn named(&self, rel: RelRef, key: &str) -> Option<NodeRef> {
        let mut ids: Vec<Arc<str>> = self.known.values(rel, key).into_iter().map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids.dedup();
        if let [id] = ids.as_slice() { (self.request.entity)(id) } else { None }
    }

    fn transfer(
        &mut self,
        rel: RelRef,
        facts: SmallVec<[RelRef; 2]>,
        moved: (Option<NodeRef>, NodeRef, Option<NodeRef>),
    ) -> u32 {
        if let Some(Some(known)) = self.numbers.get(&Key::Transfer(rel)) {
            return *known;
        }
        let known = self.known;
        let Some(kind) = self.kinds.of_fact(known.graph, rel).cloned() else { return u32::MAX };
        let dates: Dates = facts.iter().map(|rel| known.dates(*rel).into()).collect();
        let span = Span::of(dates.iter().flat_map(|dates| &**dates));
        let named = known.mentions(rel).filter_map(Mention::event).min().map(Arc::from);
        let id = named.unwrap_or_else(|| known.fact_id(rel));
        let firm = known.is_firm(rel);
        let item = Item { kind, id, facts, parts: Vec::new(), dates, span, firm, moved: Some(moved) };
        let number = self.keep(item);
        self.numbers.insert(Key::Transfer(rel), Some(number));
        number
    }

    fn step(&mut self, item: u32, number: i64, course: Course, by: Option<usize>, certain: bool) {
        let known = self.known;
        let of = &self.items[item as usize];
        let side = |column: Side| {
            let facts = of.facts.iter().map(|rel| {
                let ends = known.graph.rel(*rel);
                if column == Side::Start { ends.start } else { ends.end }
            });
            let parts = of.parts.iter().filter(|member| member.side == column).map(|member| member.node);
            let mut bodies: Vec<NodeRef> = facts.chain(parts).collect();
            if bodies.len() > 1 {
                bodies.sort_unstable();
                bodies.dedup();
                bodies.sort_by(|a, b| known.by_id(*a, *b));
            }
            bodies
        };
        let single = |bodies: &[NodeRef]| if let [one] = bodies { Some(*one) } else { None };
        let (subjects, objects) = (side(Side::Start), side(Side::End));
        let mut step = Step {
            number,
            course,
            kind: of.kind.clone(),
            event: of.id.clone(),
            from: single(&subjects),
            to: single(&objects),
            what: None,
            body: None,
            predecessors: Vec::new(),
            successors: Vec::new(),
            facts: of.facts.clone(),
            parts: of.parts.clone(),
            dates: of.dates.clone(),
            span: of.span,
            certain,
            by,
        };
        let (first, second) = if of.kind.side == Side::End { (subjects, objects) } else { (objects, subjects) };
        match (of.kind.role, of.moved) {
            (Role::Succession, _) => (step.predecessors, step.successors) = (first, second),
            (_, Some((giver, function, receiver))) => {
                (step.from, step.what, step.to) = (giver, Some(function), receiver);
            }
            (Role::FunctionTransfer, None) => {
                (step.from, step.what, step.to) = (None, single(&first), single(&second));
            }
            (Role::FunctionWithdrawal, None) => {
                (step.from, step.what, step.to) = (single(&second), single(&first), None);
            }
            _ => step.body = single(&second),
        }
        self.lineage.steps.push(step);
    }
}

/// From the farthest predecessor to the farthest successor; at one place by date, what is undated first.
fn order(a: &Step, b: &Step) -> std::cmp::Ordering {
    // Before the start, what happened to a predecessor comes before it passed on; after it, behind.
    let rank = |step: &Step| match (step.course, step.kind.role) {
        (Course::Backward, Role::Succession) => 1,
        (Course::Forward, Role::Succession) => 0,
        (Course::Forward, _) => 1,
        _ => 0,
    };
    let key = |step: &Step| (step.number, rank(step), step.span.earliest, step.span.latest, step.kind.role);
    let by_id = crate::provenance::grouping::by_number;
    key(a)
        .cmp(&key(b))
        .then_with(|| a.course.cmp(&b.course))
        .then_with(|| a.kind.name.cmp(&b.kind.name))
        .then_with(|| by_id(&a.event, &b.event))
        .then_with(|| a.facts.cmp(&b.facts))
}
