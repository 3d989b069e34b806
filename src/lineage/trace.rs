//! What became of what: successions followed transitively, and what else happened to the bodies on the way.
//!
//! ```text
//!   step  -1  predecessor ─transformed-into─► start      (negative: before)
//!          0  what happened to the start itself: established, re-established, received a function …
//!          1  start ─replaced-by─► successor             (positive: after)
//! ```
//!
//! Which relationship types carry a descent, and how, is read from the [`Vocabulary`]. A function that
//! passes between bodies makes neither the successor of the other: it is one row with the function in
//! [`Step::what`], and the search does not go on through it.
//!
//! Time and space are linear in the relationships of the bodies reached.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::graph::{Dir, Graph, KeyId, RelTypeId};
use crate::provenance::{Role, Side, Vocabulary};
use crate::value::{NodeRef, RelRef, Value};

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
pub struct Step {
    /// How many successions away from the start: negative before it, 0 at it, positive after it.
    pub number: i64,
    /// Which way that is.
    pub course: Course,
    /// The relationship type.
    pub kind: Arc<str>,
    /// Its part in the lineage.
    pub role: Role,
    /// The predecessor, the giver of a function, or whoever acted.
    pub from: Option<NodeRef>,
    /// The successor, the receiver of a function, or the body it happened to.
    pub to: Option<NodeRef>,
    /// The function that moved.
    pub what: Option<NodeRef>,
    /// When, as the facts state it (EDTF); nothing when they do not.
    pub when: Option<Arc<str>>,
    /// The facts behind the row; the first one is what it says.
    pub facts: SmallVec<[RelRef; 2]>,
    /// How the search came to the body the row is about: a place in [`Lineage::ways`]; nothing for the start.
    pub by: Option<usize>,
}

/// What became of a body and what it came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lineage {
    /// From the farthest predecessor to the farthest successor.
    pub steps: Vec<Step>,
    /// The ways from the start to every other body reached, a shortest one each.
    pub ways: Vec<Way>,
}

/// The last succession of a way from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// The fact.
    pub rel: RelRef,
    /// The way to where it begins, an earlier one; nothing when that is the start.
    pub before: Option<usize>,
}

/// What to trace.
pub struct Request<'a> {
    /// The body, norm or function.
    pub start: NodeRef,
    /// Only this way; both when nothing.
    pub course: Option<Course>,
    /// Only these relationship types. Types without a declared part count as successions.
    pub via: &'a [Arc<str>],
    /// Which facts count (`AS OF` decides here).
    pub holds: &'a dyn Fn(RelRef) -> bool,
}

/// The lineage of a node, from its farthest predecessor to its farthest successor.
pub fn trace(graph: &Graph, vocabulary: &Vocabulary, request: &Request<'_>) -> Lineage {
    let kinds = Kinds::of(graph, vocabulary, request.via);
    let mut search = Search { graph, kinds, request, found: Lineage::default(), seen: FxHashSet::default() };
    search.happenings(request.start, 0, Course::Here, None);
    for course in [Course::Backward, Course::Forward] {
        if request.course.is_none_or(|only| only == course) {
            search.follow(course);
        }
    }
    search.found.steps.sort_by_key(order);
    search.found
}

/// Whether anything in the graph's types can be traced at all.
pub fn can_trace(vocabulary: &Vocabulary, via: &[Arc<str>]) -> bool {
    !via.is_empty() || vocabulary.types().iter().any(|t| t.descent.is_some())
}

/// The types that matter, as the graph numbers them.
struct Kinds {
    by_type: FxHashMap<RelTypeId, (Arc<str>, Role, Side)>,
    types: Vec<RelTypeId>,
}

impl Kinds {
    fn of(graph: &Graph, vocabulary: &Vocabulary, via: &[Arc<str>]) -> Self {
        let declared = vocabulary.types().iter().filter_map(|t| Some((&t.name, t.descent.as_ref()?)));
        let mut by_type = FxHashMap::default();
        for (name, descent) in declared.filter(|(name, _)| via.is_empty() || via.contains(name)) {
            if let Some(ty) = graph.rel_type(name) {
                by_type.insert(ty, (name.clone(), descent.role, descent.side));
            }
        }
        for name in via {
            if let Some(ty) = graph.rel_type(name) {
                by_type.entry(ty).or_insert_with(|| (name.clone(), Role::Succession, Side::End));
            }
        }
        let mut types: Vec<RelTypeId> = by_type.keys().copied().collect();
        types.sort_unstable();
        Self { by_type, types }
    }
}

struct Search<'a> {
    graph: &'a Graph,
    kinds: Kinds,
    request: &'a Request<'a>,
    found: Lineage,
    /// Facts that already have a row.
    seen: FxHashSet<RelRef>,
}

impl Search<'_> {
    fn follow(&mut self, course: Course) {
        let sign = if course == Course::Backward { -1 } else { 1 };
        let mut visited: FxHashSet<NodeRef> = FxHashSet::from_iter([self.request.start]);
        let mut queue = VecDeque::from([(self.request.start, 0i64, None)]);
        while let Some((body, number, by)) = queue.pop_front() {
            for (rel, kind, from, to) in self.successions(body, course) {
                let next = if course == Course::Backward { from } else { to };
                if self.seen.insert(rel) {
                    self.found.steps.push(Step {
                        number: number + sign,
                        course,
                        kind,
                        role: Role::Succession,
                        from: Some(from),
                        to: Some(to),
                        what: None,
                        when: when(self.graph, rel),
                        facts: SmallVec::from_slice(&[rel]),
                        by,
                    });
                }
                if visited.insert(next) {
                    let way = Some(self.found.ways.len());
                    self.found.ways.push(Way { rel, before: by });
                    self.happenings(next, number + sign, course, way);
                    queue.push_back((next, number + sign, way));
                }
            }
        }
    }

    /// Successions that lead from `body` the given way, as predecessor and successor.
    fn successions(&self, body: NodeRef, course: Course) -> Vec<(RelRef, Arc<str>, NodeRef, NodeRef)> {
        let mut out = Vec::new();
        self.graph.for_each_neighbour(body, Dir::Both, &self.kinds.types, |rel, _| {
            let ends = self.graph.rel(rel);
            let Some((name, Role::Succession, side)) = self.kinds.by_type.get(&ends.ty) else { return };
            let (from, to) = if *side == Side::End { (ends.start, ends.end) } else { (ends.end, ends.start) };
            let leads = if course == Course::Backward { to == body } else { from == body };
            if leads && (self.request.holds)(rel) {
                out.push((rel, name.clone(), from, to));
            }
        });
        out.sort_by_key(|(rel, ..)| *rel);
        out
    }

    /// What happened to a body besides succession.
    fn happenings(&mut self, body: NodeRef, number: i64, course: Course, by: Option<usize>) {
        let mut found = Vec::new();
        self.graph.for_each_neighbour(body, Dir::Both, &self.kinds.types, |rel, _| {
            let ends = self.graph.rel(rel);
            if let Some((name, role, side)) = self.kinds.by_type.get(&ends.ty) {
                found.push((rel, name.clone(), *role, *side, ends));
            }
        });
        found.sort_by_key(|(rel, ..)| *rel);
        for (rel, kind, role, side, ends) in found {
            let (actor, befallen) = if side == Side::End { (ends.start, ends.end) } else { (ends.end, ends.start) };
            if !(self.request.holds)(rel) || self.seen.contains(&rel) {
                continue;
            }
            let step = match role {
                Role::Succession => continue,
                Role::FunctionTransfer => self.transfer(rel, kind, actor, befallen),
                Role::FunctionWithdrawal => self.withdrawal(rel, kind, actor, befallen),
                _ if befallen != body => continue,
                _ => Some(Step {
                    number: 0,
                    course,
                    kind,
                    role,
                    from: Some(actor),
                    to: Some(befallen),
                    what: None,
                    when: when(self.graph, rel),
                    facts: SmallVec::from_slice(&[rel]),
                    by,
                }),
            };
            if let Some(step) = step {
                self.seen.extend(step.facts.iter().copied());
                self.found.steps.push(Step { number, course, by, ..step });
            }
        }
    }

    /// A function that one body receives, with the body that gives it up when that is known.
    fn transfer(&self, rel: RelRef, kind: Arc<str>, function: NodeRef, receiver: NodeRef) -> Option<Step> {
        let givers = self.of_function(function, Role::FunctionWithdrawal);
        let named = text_property(self.graph, rel, "from");
        let giver = givers
            .iter()
            .find(|(_, giver)| givers.len() == 1 || named.is_some() && self.node_text(*giver, "id") == named);
        let mut facts = SmallVec::from_slice(&[rel]);
        facts.extend(giver.map(|(rel, _)| *rel));
        Some(self.function_step(Role::FunctionTransfer, kind, giver.map(|(_, g)| *g), Some(receiver), function, facts))
    }

    /// A function that a body gives up: its own row only when no transfer tells where it went.
    fn withdrawal(&self, rel: RelRef, kind: Arc<str>, function: NodeRef, giver: NodeRef) -> Option<Step> {
        let received = self.of_function(function, Role::FunctionTransfer);
        let Some((transfer, receiver)) = received.first() else {
            let facts = SmallVec::from_slice(&[rel]);
            return Some(self.function_step(Role::FunctionWithdrawal, kind, Some(giver), None, function, facts));
        };
        if self.seen.contains(transfer) {
            return None;
        }
        let name = self.kinds.by_type.get(&self.graph.rel(*transfer).ty).map_or(kind, |(name, ..)| name.clone());
        let facts = SmallVec::from_slice(&[*transfer, rel]);
        Some(self.function_step(Role::FunctionTransfer, name, Some(giver), Some(*receiver), function, facts))
    }

    fn function_step(
        &self,
        role: Role,
        kind: Arc<str>,
        from: Option<NodeRef>,
        to: Option<NodeRef>,
        what: NodeRef,
        facts: SmallVec<[RelRef; 2]>,
    ) -> Step {
        let when = facts.first().and_then(|rel| when(self.graph, *rel));
        Step { number: 0, course: Course::Here, kind, role, from, to, what: Some(what), when, facts, by: None }
    }

    /// Bodies that receive (or give up) a function, with the fact that says so.
    fn of_function(&self, function: NodeRef, wanted: Role) -> Vec<(RelRef, NodeRef)> {
        let mut out = Vec::new();
        self.graph.for_each_neighbour(function, Dir::Both, &self.kinds.types, |rel, _| {
            let ends = self.graph.rel(rel);
            let Some((_, role, side)) = self.kinds.by_type.get(&ends.ty) else { return };
            let (moved, body) = if *side == Side::End { (ends.start, ends.end) } else { (ends.end, ends.start) };
            if *role == wanted && moved == function && (self.request.holds)(rel) {
                out.push((rel, body));
            }
        });
        out.sort_unstable();
        out
    }

    fn node_text(&self, node: NodeRef, key: &str) -> Option<Arc<str>> {
        match self.graph.node_property(node, self.graph.key(key)?) {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }
}

/// When a fact happened: its `date`, else its `start`.
fn when(graph: &Graph, rel: RelRef) -> Option<Arc<str>> {
    text_property(graph, rel, "date").or_else(|| text_property(graph, rel, "start"))
}

/// A property as text: strings as they are, dates printed, lists by their first element.
fn text_property(graph: &Graph, rel: RelRef, key: &str) -> Option<Arc<str>> {
    fn text(value: &Value) -> Option<Arc<str>> {
        match value {
            Value::Null => None,
            Value::Str(text) => Some(text.clone()),
            Value::List(list) => list.first().and_then(text),
            other => crate::value::text::scalar(other).map(Arc::from),
        }
    }
    let key: KeyId = graph.key(key)?;
    text(&graph.rel_property(rel, key))
}

/// Where a step stands: number, before or behind the succession there, date, role, kind, fact.
type Place = (i64, u8, Option<Arc<str>>, Role, Arc<str>, Option<RelRef>);

/// From the farthest predecessor to the farthest successor; at one place by date, what is undated first.
fn order(step: &Step) -> Place {
    // Before the start, what happened to a predecessor comes before it passed on; after it, behind.
    let rank = match (step.course, step.role) {
        (Course::Backward, Role::Succession) => 1,
        (Course::Forward, Role::Succession) => 0,
        (Course::Forward, _) => 1,
        _ => 0,
    };
    (step.number, rank, step.when.clone(), step.role, step.kind.clone(), step.facts.first().copied())
}
