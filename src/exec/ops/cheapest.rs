//! The cheapest walks from a node: Dijkstra's search, its frontier in a binary heap.
//!
//! ```text
//!   a ─3─ b ─4─ d        settled, in order of cost: a 0, c 2, b 3, d 6
//!   └─2─ c ─4──┘         each with the relationship it was reached by: the walk is read back from its end
//! ```
//!
//! Costs are no less than 0, so that a walk which repeats a node is no cheaper than without the round: what is found
//! repeats none, whatever the mode of the path allows. Of walks that cost the same the one with the fewest relationships
//! is found. Back to where it began leads the cheapest of the circuits that two walks close whose first relationships are
//! not the same, as in [`super::circuit`]. Where a walk may only be so long, a node is settled again by each way to it that is dearer but shorter than
//! those before.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashSet;

use super::cost::Cost;
use super::node_map::NodeMap;
use super::pairs::{Pair, Side, Walk, by_source};
use super::walking::Steps;
use crate::error::Result;
use crate::exec::context::Context;
use crate::value::NodeRef;

const NOWHERE: u32 = u32::MAX;

/// A way to a node.
#[derive(Clone, Copy)]
struct Label {
    node: u32,
    /// The last relationship, and the label it comes from.
    rel: u32,
    before: u32,
    /// The first relationship of the walk.
    branch: u32,
    depth: u32,
    cost: Cost,
}

/// A relationship that joins two walks to a circuit: what that costs and how long it is; the label it comes from, the
/// relationship, the label it leads to.
type Closing = (Cost, u32, u32, u32, u32);

/// What is known of a node.
#[derive(Clone, Copy)]
struct Known {
    /// Its best label so far; none: it was not met.
    label: u32,
    /// The fewest relationships with which it was settled; none: it is not settled.
    depth: u32,
}

const UNKNOWN: Known = Known { label: NOWHERE, depth: NOWHERE };

/// What is searched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// Along the steps; otherwise against them.
    pub(super) forward: bool,
    /// The search may come back to where it began.
    pub(super) again: bool,
    /// The cheapest circuit is sought, the steps going either way.
    pub(super) circuit: bool,
    /// Nothing else is.
    pub(super) only_circuit: bool,
    pub(super) max: Option<u64>,
    /// A relationship that is not taken.
    pub(super) without: Option<u32>,
}

impl Asked {
    /// To every node, however far.
    pub(super) const FORWARD: Self =
        Self { forward: true, again: false, circuit: false, only_circuit: false, max: None, without: None };
}

/// A search and what it has reached. Its memory serves for the next one.
pub(super) struct Cheapest {
    known: NodeMap<Known>,
    labels: Vec<Label>,
    heap: BinaryHeap<Reverse<(Cost, u32, u32)>>,
    /// Settled nodes in the order of their cost, and how many were given.
    settled: Vec<u32>,
    given: usize,
    closing: Option<Closing>,
}

impl Default for Cheapest {
    fn default() -> Self {
        Self {
            known: NodeMap::new(UNKNOWN),
            labels: Vec::new(),
            heap: BinaryHeap::new(),
            settled: Vec::new(),
            given: 0,
            closing: None,
        }
    }
}

impl Cheapest {
    /// Searches from `source` until every node in `wanted` is settled; all that can be reached without such.
    pub(super) fn run(
        &mut self,
        source: u32,
        asked: Asked,
        mut wanted: Option<FxHashSet<u32>>,
        steps: &mut Steps<'_>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        self.begin(cx)?;
        let most = asked.max.map_or(NOWHERE, |max| u32::try_from(max).unwrap_or(NOWHERE));
        let bounded = asked.max.is_some();
        let first = Label { node: source, rel: NOWHERE, before: NOWHERE, branch: NOWHERE, depth: 0, cost: Cost::ZERO };
        self.labels.push(first);
        self.heap.push(Reverse((Cost::ZERO, 0, 0)));
        let (mut ahead, mut costs) = (Vec::new(), Vec::new());
        while let Some(Reverse((cost, depth, number))) = self.heap.pop() {
            let Label { node, branch, .. } = self.labels[number as usize];
            cx.meter.step(1)?;
            if asked.only_circuit && self.closing.is_some_and(|(closed, ..)| closed < cost) {
                break;
            }
            // where it began a search that may come back has not been yet
            if number > 0 || !asked.again {
                let known = self.known.of(node);
                let settled = known.depth != NOWHERE;
                if settled && (!bounded || known.depth <= depth) {
                    continue;
                }
                known.depth = depth;
                if !settled {
                    known.label = number;
                    self.settled.push(node);
                    if let Some(wanted) = &mut wanted
                        && wanted.remove(&node)
                        && wanted.is_empty()
                    {
                        break;
                    }
                }
            }
            if depth >= most {
                continue;
            }
            ahead.clear();
            costs.clear();
            steps.append(NodeRef::new(node), asked.forward, &mut ahead, cx)?;
            steps.priced(0, &mut ahead, &mut costs, cx)?;
            self.known.expect(ahead.len(), cx.graph().node_bound() as usize, &cx.meter)?;
            for (&(rel, to), &step) in ahead.iter().zip(&costs) {
                if asked.without != Some(rel) {
                    if asked.circuit {
                        self.close(number, rel, to, step);
                    }
                    let branch = if number == 0 { rel } else { branch };
                    let cost = cost.plus(step);
                    self.reach(Label { node: to, rel, before: number, branch, depth: depth + 1, cost }, bounded);
                }
            }
            let bytes = self.labels.capacity() * size_of::<Label>() + self.heap.capacity() * 32;
            cx.meter.fits(bytes + self.settled.capacity() * size_of::<u32>())?;
        }
        Ok(())
    }

    fn begin(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.known.clear(self.labels.drain(..).map(|label| label.node));
        self.heap.clear();
        self.settled.clear();
        self.closing = None;
        self.given = 0;
        self.known.expect(1, cx.graph().node_bound() as usize, &cx.meter)
    }

    /// Notes a way to a node, unless one is known that is as good.
    fn reach(&mut self, label: Label, bounded: bool) {
        let known = self.known.of(label.node);
        if known.depth != NOWHERE && (!bounded || known.depth <= label.depth) {
            return;
        }
        let better = match self.labels.get(known.label as usize) {
            None => true,
            Some(other) if bounded && other.cost <= label.cost && other.depth <= label.depth => return,
            Some(other) => (label.cost, label.depth) < (other.cost, other.depth),
        };
        if !better && !bounded {
            return;
        }
        let number = self.labels.len() as u32;
        if better && known.depth == NOWHERE {
            known.label = number;
        }
        self.labels.push(label);
        self.heap.push(Reverse((label.cost, label.depth, number)));
    }

    /// Notes the circuit that a relationship closes, if it does: where it joins walks with different first relationships.
    fn close(&mut self, from: u32, rel: u32, to: u32, step: Cost) {
        let at = self.labels[from as usize];
        let source = self.labels[0].node;
        let other = if to == source { 0 } else { self.known.get(to).label };
        let Some(ahead) = self.labels.get(other as usize) else { return };
        // a walk of no step begins with the relationship itself
        let branch = |number: u32, label: &Label| if number == 0 { rel } else { label.branch };
        if branch(from, &at) == branch(other, ahead) && (from, other) != (0, 0) {
            return;
        }
        let closing = (at.cost.plus(step).plus(ahead.cost), at.depth + 1 + ahead.depth, from, rel, other);
        if self.closing.is_none_or(|(cost, depth, ..)| (closing.0, closing.1) < (cost, depth)) {
            self.closing = Some(closing);
        }
    }

    /// The relationships of the cheapest circuit that was closed.
    pub(super) fn circuit(&self) -> Option<Vec<u32>> {
        let (_, _, from, rel, other) = self.closing?;
        let mut rels = self.back(from);
        rels.reverse();
        rels.push(rel);
        rels.extend(self.back(other));
        Some(rels)
    }

    /// The relationships from a label back to where the search began.
    fn back(&self, mut at: u32) -> Vec<u32> {
        let mut rels = Vec::new();
        while let Some(label) = self.labels.get(at as usize).filter(|label| label.rel != NOWHERE) {
            rels.push(label.rel);
            at = label.before;
        }
        rels
    }

    /// What it costs to get to a node; nothing when it was not reached.
    pub(super) fn cost(&self, node: u32) -> Option<Cost> {
        let known = Some(self.known.get(node)).filter(|known| known.depth != NOWHERE)?;
        Some(self.labels[known.label as usize].cost)
    }

    /// The relationships of the walk to a node that was reached, from where the search began.
    pub(super) fn walk(&self, node: u32) -> Vec<u32> {
        let mut rels = self.back(self.known.get(node).label);
        rels.reverse();
        rels
    }

    /// The next node that was reached.
    pub(super) fn give(&mut self) -> Option<u32> {
        let node = self.settled.get(self.given).copied();
        self.given += 1;
        node
    }

    /// The cheapest walks between pairs of different nodes, by row. The same steps may be taken from every row; a search
    /// goes from each node of the side on which fewer stand.
    pub(super) fn between(
        &mut self,
        pairs: &[Pair],
        max: Option<u64>,
        steps: &mut Steps<'_>,
        cx: &mut Context<'_>,
    ) -> Result<Vec<Walk>> {
        let (forward, sides) = by_source(pairs);
        let (mut found, mut bytes) = (Vec::new(), 0);
        let asked = Asked { forward, max, ..Asked::FORWARD };
        for Side { source, pairs } in sides {
            let wanted = pairs.iter().map(|pair| pair.end(forward)).collect();
            self.run(source, asked, Some(wanted), steps, cx)?;
            for pair in pairs {
                let end = pair.end(forward);
                if self.cost(end).is_none() {
                    continue;
                }
                let mut rels = self.walk(end);
                if !forward {
                    rels.reverse();
                }
                bytes += 64 + rels.len() * size_of::<u32>();
                cx.meter.fits(bytes)?;
                found.push(Walk { row: pair.row, end: pair.target, length: rels.len() as u64, rels });
            }
        }
        found.sort_by_key(|walk| walk.row);
        Ok(found)
    }

    /// The cheapest walk of a step or more from a node back to itself. `joins`: the steps go either way, and none may be
    /// taken twice. Where it may only be so long: whatever is the first step, the rest is a cheapest walk without it.
    pub(super) fn around(
        &mut self,
        start: u32,
        (joins, max): (bool, Option<u64>),
        steps: &mut Steps<'_>,
        cx: &mut Context<'_>,
    ) -> Result<Option<Vec<u32>>> {
        let asked = Asked { again: true, max, ..Asked::FORWARD };
        if !joins {
            self.run(start, asked, Some(FxHashSet::from_iter([start])), steps, cx)?;
            return Ok(self.cost(start).map(|_| self.walk(start)));
        }
        if max.is_none() {
            self.run(start, Asked { circuit: true, only_circuit: true, ..Asked::FORWARD }, None, steps, cx)?;
            return Ok(self.circuit());
        }
        if max == Some(0) {
            return Ok(None);
        }
        let (mut ahead, mut costs) = (Vec::new(), Vec::new());
        steps.append(NodeRef::new(start), true, &mut ahead, cx)?;
        steps.priced(0, &mut ahead, &mut costs, cx)?;
        let mut best: Option<(Cost, Vec<u32>)> = None;
        for (&(rel, to), &first) in ahead.iter().zip(&costs) {
            if best.as_ref().is_some_and(|(best, _)| *best < first) {
                continue;
            }
            let mut rels = vec![rel];
            let mut cost = first;
            if to != start {
                let rest = Asked { again: false, max: max.map(|max| max - 1), without: Some(rel), ..asked };
                self.run(to, rest, Some(FxHashSet::from_iter([start])), steps, cx)?;
                let Some(left) = self.cost(start) else { continue };
                cost = cost.plus(left);
                rels.extend(self.walk(start));
            }
            let better = |(known, walk): &(Cost, Vec<u32>)| (cost, rels.len()) < (*known, walk.len());
            if best.as_ref().is_none_or(better) {
                best = Some((cost, rels));
            }
        }
        Ok(best.map(|(_, rels)| rels))
    }
}
