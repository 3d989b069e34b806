//! A compact copy of a part of the graph: nodes numbered from 0 in the order of their ids, their neighbours in rows.
//!
//! ```text
//!   ends   │ b c │ c │   │ a b d │ …      one row a node, sorted by (neighbour, weight, id of the relationship)
//!   rels   │ 0 1 │ 2 │   │ 5 3 4 │
//! ```
//!
//! It is a graph of petgraph's too: its algorithms run on `&Projection`. They cannot be stopped, so once a limit is
//! reached no node has neighbours any more, they soon come to their end, and [`Projection::finish`] says why.

use std::cell::OnceCell;
use std::sync::Arc;

use petgraph::Direction;
use petgraph::visit::{
    GraphBase, IntoNeighbors, IntoNeighborsDirected, IntoNodeIdentifiers, NodeCount, NodeIndexable, Visitable,
};

use super::Call;
use super::options::{Options, Weight};
use crate::error::{Code, Error, Result};
use crate::function::Budget;
use crate::graph::{Dir, Graph};
use crate::value::{NodeRef, RelRef, Value};

/// No place: the node is not projected.
const NOWHERE: u32 = u32::MAX;

/// No relationship: a query says what is joined.
pub(super) const NO_REL: u32 = u32::MAX;

/// So many neighbours are looked at between two questions to the limits.
const STRIDE: usize = 64;

/// What weights an algorithm can work with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weights {
    FromZero,
    AboveZero,
}

/// The part of the graph that an algorithm works on.
pub(super) struct Projection<'a> {
    budget: &'a dyn Budget,
    /// The slot of each place.
    slots: Vec<u32>,
    /// The place of each slot.
    places: Vec<u32>,
    /// Along the relationships, as the options say.
    forward: Arc<Rows>,
    /// Against them; nothing when both directions are followed, or when nobody goes back.
    backward: Option<Rows>,
    failure: OnceCell<Error>,
}

/// The neighbours of every node.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Where the row of each node begins, and where the last ends.
    starts: Vec<usize>,
    ends: Vec<u32>,
    rels: Vec<u32>,
    /// Nothing when every relationship weighs 1.
    weights: Vec<f64>,
}

impl Rows {
    /// What it holds.
    pub(super) fn bytes(&self) -> usize {
        self.starts.capacity() * size_of::<usize>()
            + (self.ends.capacity() + self.rels.capacity()) * size_of::<u32>()
            + self.weights.capacity() * size_of::<f64>()
    }
}

/// A step to a neighbour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) to: usize,
    pub(super) rel: RelRef,
    pub(super) weight: f64,
}

/// One relationship as projected.
pub(super) struct Link {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) rel: u32,
    pub(super) weight: f64,
}

impl<'a> Projection<'a> {
    /// The part that `options` names; `back` also against the relationships.
    /// Errors: a relationship without a weight or with one that cannot be used, `LimitExceeded`.
    pub(super) fn new(call: &Call<'a>, options: &Options<'_>, weights: Weights, back: bool) -> Result<Self> {
        let (graph, budget) = (call.graph, call.budget);
        let slots = nodes(graph, budget, options)?;
        budget.ask(graph.node_bound() as usize * size_of::<u32>())?;
        let mut places = vec![NOWHERE; graph.node_bound() as usize];
        for (place, slot) in (0u32..).zip(&slots) {
            places[*slot as usize] = place;
        }
        let links = links(graph, budget, options, (&places, weights))?;
        let weighed = options.weight.is_some();
        let forward = Arc::new(Rows::of(&links, slots.len(), weighed, budget, options.direction)?);
        let backward = match options.direction {
            Dir::Out if back => Some(Rows::of(&links, slots.len(), weighed, budget, Dir::In)?),
            Dir::In if back => Some(Rows::of(&links, slots.len(), weighed, budget, Dir::Out)?),
            _ => None,
        };
        Ok(Self { budget, slots, places, forward, backward, failure: OnceCell::new() })
    }

    /// Neighbours that are there already, to be searched: which nodes stand at the places, whoever has them knows.
    pub(super) fn of_rows(budget: &'a dyn Budget, rows: Arc<Rows>) -> Self {
        let (slots, places) = (Vec::new(), Vec::new());
        Self { budget, slots, places, forward: rows, backward: None, failure: OnceCell::new() }
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.forward.starts.len() - 1
    }

    /// The node at a place.
    pub(super) fn node(&self, place: usize) -> NodeRef {
        NodeRef::new(self.slots[place])
    }

    /// The place of a node. Errors: it is not projected.
    pub(super) fn place(&self, what: &str, node: &Value) -> Result<usize> {
        let place = match node {
            Value::Node(node) => self.places.get(node.0 as usize).copied().unwrap_or(NOWHERE),
            _ => NOWHERE,
        };
        if place == NOWHERE {
            let message = format!("the {what} is not among the nodes that the options name");
            return Err(Error::argument(Code::InvalidArgumentValue, message)
                .hint("add one of its labels to `labels`, or leave `labels` out"));
        }
        Ok(place as usize)
    }

    /// The steps from a node, by neighbour; of several relationships to one, the lightest first.
    pub(super) fn steps(&self, place: usize) -> impl Iterator<Item = Step> + '_ {
        self.forward.steps(place)
    }

    /// One step to each neighbour of a node other than itself: the lightest.
    pub(super) fn single_steps(&self, place: usize) -> impl Iterator<Item = Step> + '_ {
        let mut last = place;
        self.steps(place).filter(move |step| step.to != place && std::mem::replace(&mut last, step.to) != step.to)
    }

    /// How many steps lead from a node.
    pub(super) fn degree(&self, place: usize) -> usize {
        self.forward.row(place).len()
    }

    /// Whether relationships are weighed.
    pub(super) fn is_weighed(&self) -> bool {
        !self.forward.weights.is_empty()
    }

    /// Counts work on the steps from a node. Errors: `LimitExceeded`, `Cancelled`.
    pub(super) fn work(&self, place: usize) -> Result<()> {
        (0..=self.degree(place) / STRIDE).try_for_each(|_| self.budget.ask(0))
    }

    /// The answer of an algorithm of petgraph's, or why it was stopped.
    pub(super) fn finish<T>(&self, answer: T) -> Result<T> {
        self.failure.get().cloned().map_or(Ok(answer), Err)
    }

    /// The neighbours for petgraph: none after a limit is reached.
    fn neighbours_within_limits(
        &self,
        place: u32,
        direction: Direction,
    ) -> std::iter::Copied<std::slice::Iter<'_, u32>> {
        if self.failure.get().is_none()
            && let Err(error) = self.work(place as usize)
        {
            let _ = self.failure.set(error);
        }
        let rows = match direction {
            Direction::Outgoing => &self.forward,
            Direction::Incoming => self.backward.as_ref().unwrap_or(&self.forward),
        };
        let row = if self.failure.get().is_some() { 0..0 } else { rows.row(place as usize) };
        rows.ends[row].iter().copied()
    }
}

/// The slots of the nodes, in the order of their ids.
fn nodes(graph: &Graph, budget: &dyn Budget, options: &Options<'_>) -> Result<Vec<u32>> {
    const AT_ONCE: usize = 1 << 14;
    let mut slots = Vec::new();
    let mut scan = |scan: &dyn Fn(u32, &mut Vec<u32>) -> Option<u32>| -> Result<()> {
        let mut cursor = Some(0);
        while let Some(from) = cursor {
            budget.ask((slots.len() + AT_ONCE) * size_of::<u32>())?;
            cursor = scan(from, &mut slots);
        }
        Ok(())
    };
    match &options.labels {
        None => scan(&|from, out| graph.scan_nodes(from, out, AT_ONCE))?,
        Some(labels) => {
            for label in labels {
                scan(&|from, out| graph.scan_label(*label, from, out, AT_ONCE))?;
            }
        }
    }
    slots.sort_unstable_by_key(|slot| graph.node_id(NodeRef::new(*slot)));
    slots.dedup();
    Ok(slots)
}

/// The relationships of which both ends are projected.
fn links(
    graph: &Graph,
    budget: &dyn Budget,
    options: &Options<'_>,
    (places, weights): (&[u32], Weights),
) -> Result<Vec<Link>> {
    const AT_ONCE: usize = 1 << 14;
    let (mut links, mut slots) = (Vec::new(), Vec::new());
    let mut types = options.types.clone().unwrap_or_else(|| graph.names().types().map(|(ty, _)| ty).collect());
    types.sort_unstable();
    types.dedup();
    for ty in types {
        let mut cursor = Some(0);
        while let Some(from) = cursor {
            budget.ask((links.len() + AT_ONCE) * size_of::<Link>())?;
            slots.clear();
            cursor = graph.scan_type(ty, from, &mut slots, AT_ONCE);
            for slot in &slots {
                let rel = graph.rel(RelRef::new(*slot));
                let place = |node: NodeRef| places.get(node.0 as usize).copied().unwrap_or(NOWHERE);
                let (start, end) = (place(rel.start), place(rel.end));
                if start != NOWHERE && end != NOWHERE {
                    let weight = options.weight.map_or(Ok(1.0), |by| weigh(graph, by, RelRef::new(*slot), weights))?;
                    links.push(Link { start, end, rel: *slot, weight });
                }
            }
        }
    }
    // ties between relationships are broken by their ids
    links.sort_unstable_by_key(|link| graph.rel_id(RelRef::new(link.rel)));
    Ok(links)
}

/// What a relationship weighs.
fn weigh(graph: &Graph, by: Weight, rel: RelRef, weights: Weights) -> Result<f64> {
    let value = by.key.map_or(Value::Null, |key| graph.rel_property(rel, key));
    let name = || by.key.map_or("", |key| graph.key_name(key));
    let weight = match (&value, by.default) {
        (Value::Int(n), _) => *n as f64,
        (Value::Float(x), _) => *x,
        (Value::Null, Some(default)) => default,
        (Value::Null, None) => {
            let message = format!("relationship {} has no `{}`", graph.rel_id(rel), name());
            return Err(Error::argument(Code::InvalidArgumentValue, message)
                .hint("say what such a relationship weighs: {default: 1}"));
        }
        (other, _) => {
            let message = format!(
                "`{}` of relationship {} is a {}, and a weight is a number",
                name(),
                graph.rel_id(rel),
                other.type_name()
            );
            return Err(Error::type_error(Code::InvalidArgumentType, message));
        }
    };
    let fits = match weights {
        Weights::FromZero => weight >= 0.0,
        Weights::AboveZero => weight > 0.0,
    };
    if fits && weight.is_finite() {
        return Ok(weight);
    }
    let least = if weights == Weights::FromZero { "no less than 0" } else { "more than 0" };
    let message =
        format!("relationship {} weighs {weight}, and a weight must be finite and {least}", graph.rel_id(rel));
    Err(Error::argument(Code::NumberOutOfRange, message))
}

impl Rows {
    pub(super) fn of(links: &[Link], nodes: usize, weighed: bool, budget: &dyn Budget, direction: Dir) -> Result<Self> {
        let (out, back) = (direction != Dir::In, direction != Dir::Out);
        let each = |f: &mut dyn FnMut(u32, u32, u32)| -> Result<()> {
            for (number, link) in (0u32..).zip(links) {
                if (number as usize).is_multiple_of(STRIDE) {
                    budget.ask(0)?;
                }
                if out {
                    f(link.start, link.end, number);
                }
                // a loop is one step, whichever way it is walked
                if back && !(out && link.start == link.end) {
                    f(link.end, link.start, number);
                }
            }
            Ok(())
        };
        let most = links.len() * if out && back { 2 } else { 1 };
        let weight = if weighed { size_of::<f64>() } else { 0 };
        budget.ask(nodes * 2 * size_of::<usize>() + most * (3 * size_of::<u32>() + weight))?;
        let mut starts = vec![0; nodes + 1];
        each(&mut |from, _, _| starts[from as usize + 1] += 1)?;
        for place in 0..nodes {
            starts[place + 1] += starts[place];
        }
        let total = starts[nodes];
        let mut next = starts.clone();
        let (mut ends, mut order) = (vec![0; total], vec![0; total]);
        each(&mut |from, to, number| {
            let at = &mut next[from as usize];
            (ends[*at], order[*at]) = (to, number);
            *at += 1;
        })?;
        let mut rows =
            Self { starts, ends, rels: vec![0; total], weights: vec![0.0; if weight > 0 { total } else { 0 }] };
        let mut row: Vec<(u32, u32)> = Vec::new();
        for place in 0..nodes {
            budget.ask(0)?;
            let range = rows.row(place);
            row.clear();
            row.extend(range.clone().map(|at| (rows.ends[at], order[at])));
            row.sort_unstable_by(|a, b| {
                let weight = |number: u32| links[number as usize].weight;
                a.0.cmp(&b.0).then(weight(a.1).total_cmp(&weight(b.1))).then(a.1.cmp(&b.1))
            });
            for (at, (end, number)) in range.zip(&row) {
                let link = &links[*number as usize];
                (rows.ends[at], rows.rels[at]) = (*end, link.rel);
                if weight > 0 {
                    rows.weights[at] = link.weight;
                }
            }
        }
        Ok(rows)
    }

    fn row(&self, place: usize) -> std::ops::Range<usize> {
        self.starts[place]..self.starts[place + 1]
    }

    fn steps(&self, place: usize) -> impl Iterator<Item = Step> + '_ {
        self.row(place).map(|at| Step {
            to: self.ends[at] as usize,
            rel: RelRef::new(self.rels[at]),
            weight: self.weights.get(at).copied().unwrap_or(1.0),
        })
    }
}

impl GraphBase for Projection<'_> {
    type NodeId = u32;
    type EdgeId = u32;
}

impl NodeCount for Projection<'_> {
    fn node_count(&self) -> usize {
        self.len()
    }
}

impl NodeIndexable for Projection<'_> {
    fn node_bound(&self) -> usize {
        self.len()
    }

    fn to_index(&self, place: u32) -> usize {
        place as usize
    }

    fn from_index(&self, index: usize) -> u32 {
        index as u32
    }
}

impl IntoNodeIdentifiers for &Projection<'_> {
    type NodeIdentifiers = std::ops::Range<u32>;

    fn node_identifiers(self) -> Self::NodeIdentifiers {
        0..self.len() as u32
    }
}

impl<'p> IntoNeighbors for &'p Projection<'_> {
    type Neighbors = std::iter::Copied<std::slice::Iter<'p, u32>>;

    fn neighbors(self, place: u32) -> Self::Neighbors {
        self.neighbours_within_limits(place, Direction::Outgoing)
    }
}

impl<'p> IntoNeighborsDirected for &'p Projection<'_> {
    type NeighborsDirected = std::iter::Copied<std::slice::Iter<'p, u32>>;

    fn neighbors_directed(self, place: u32, direction: Direction) -> Self::NeighborsDirected {
        self.neighbours_within_limits(place, direction)
    }
}

/// The set of nodes that petgraph's own graphs use.
type Seen = <petgraph::csr::Csr<(), ()> as Visitable>::Map;

impl Visitable for Projection<'_> {
    type Map = Seen;

    fn visit_map(&self) -> Seen {
        Seen::with_capacity(self.len())
    }

    fn reset_map(&self, map: &mut Seen) {
        map.clear();
        map.grow(self.len());
    }
}
