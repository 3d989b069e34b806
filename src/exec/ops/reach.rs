//! The distinct ends of walks, by breadth-first search: linear in the relationships reached, however many
//! walks lead there.
//!
//! Where at least 0 or 1 steps are asked for, whoever is reached by a walk is reached by one that repeats nothing. Against
//! all directions that does not tell whether the start itself is reached again; see [`super::circuit`]. Where at least n
//! steps are asked for, every beginning of n - 1 steps that repeats nothing is walked, and from its end one step or more are
//! searched in what the beginning has left: there are never more beginnings, nor steps in such a search, than trails.

use super::circuit::Circuit;
use super::found::{Columns, Found};
use super::walking::{Steps, Visited};
use super::{Feed, Live, Operator, Source};
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::context::Context;
use crate::plan::node::{Hop, Towards, VarHop};
use crate::value::NodeRef;

/// Distinct ends per input row; with `into`, whether the end that is there is among them.
pub(in crate::exec) struct Reach<'p> {
    feed: Feed<'p>,
    hop: &'p Hop,
    var: &'p VarHop,
    into: bool,
    to: Columns<'p>,
    steps: Steps<'p>,
    found: Found,
    visited: Visited,
    frontier: Vec<u32>,
    /// The nodes of the next level.
    level: Vec<u32>,
    next: Vec<(u32, u32)>,
    /// The relationships of the beginning under way.
    walked: Vec<u32>,
    /// What searches behind earlier beginnings have found.
    seen: Visited,
    /// Whether the start is reached again is asked of this.
    circuit: Option<Circuit>,
}

impl<'p> Reach<'p> {
    pub(in crate::exec) fn new(
        input: Source<'p>,
        (hop, var): (&'p Hop, &'p VarHop),
        into: bool,
        live: Live<'p>,
    ) -> Self {
        Self {
            feed: Feed::new(input),
            hop,
            var,
            into,
            to: Columns { rel: None, node: (!into).then_some(hop.to), live },
            steps: Steps::new(hop, var),
            found: Found::default(),
            visited: Visited::default(),
            frontier: Vec::new(),
            level: Vec::new(),
            next: Vec::new(),
            walked: Vec::new(),
            seen: Visited::default(),
            circuit: (var.min > 0 && hop.towards == Towards::Both).then(Circuit::default),
        }
    }

    /// Searches from the current row; `found` receives the ends.
    fn search(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let row = self.feed.batch.row(self.feed.row);
        let Some(start) = row.node(self.hop.from) else { return Ok(()) };
        let target = if self.into { row.node(self.hop.to) } else { None };
        if self.into && target.is_none() {
            return Ok(());
        }
        self.steps.begin(row, cx);
        let from = self.found.nodes.len();
        if self.var.min < 2 {
            self.flood(start, target, self.var.max, cx)?;
        } else {
            self.seen.clear();
            self.begin_walks(start, target, cx)?;
        }
        if let Some(target) = target {
            let met = self.found.nodes[from..].contains(&target.0);
            self.found.nodes.truncate(from);
            if met {
                self.found.nodes.push(target.0);
            }
        }
        cx.meter.fits(self.found.nodes.len() * 12)?;
        self.found.rows.resize(self.found.nodes.len(), self.feed.row as u32);
        Ok(())
    }

    /// Walks every beginning that is one step shorter than what is asked for, and searches behind each.
    fn begin_walks(&mut self, start: NodeRef, target: Option<NodeRef>, cx: &mut Context<'_>) -> Result<()> {
        let rest = self.var.max.map(|max| (max + 1).saturating_sub(self.var.min));
        if rest == Some(0) {
            return Ok(());
        }
        let from = self.found.nodes.len();
        let mut open: Vec<Vec<(u32, u32)>> = vec![self.next_steps(start, cx)?];
        while let Some(steps) = open.last_mut() {
            let Some((rel, end)) = steps.pop() else {
                open.pop();
                self.walked.pop();
                continue;
            };
            if self.walked.contains(&rel) {
                continue;
            }
            self.walked.push(rel);
            if self.walked.len() as u64 + 1 < self.var.min {
                let steps = self.next_steps(NodeRef::new(end), cx)?;
                cx.meter.fits(open.iter().map(|steps| steps.len() * 8).sum())?;
                open.push(steps);
                continue;
            }
            self.flood(NodeRef::new(end), target, rest, cx)?;
            self.walked.pop();
            if target.is_some_and(|target| self.found.nodes[from..].contains(&target.0)) {
                break;
            }
        }
        self.walked.clear();
        Ok(())
    }

    /// The steps from a node that pass the tests.
    fn next_steps(&mut self, node: NodeRef, cx: &mut Context<'_>) -> Result<Vec<(u32, u32)>> {
        let mut steps = Vec::new();
        self.steps.leaving(node, &mut steps, cx);
        cx.meter.step(1 + steps.len())?;
        self.steps.retain(0, &mut steps, cx)?;
        Ok(steps)
    }

    /// Searches from a node in breadth, without the relationships of the beginning that led there.
    fn flood(&mut self, start: NodeRef, target: Option<NodeRef>, max: Option<u64>, cx: &mut Context<'_>) -> Result<()> {
        let (bound, deep) = (cx.graph().node_bound(), !self.walked.is_empty());
        self.visited.clear();
        self.frontier.clear();
        self.frontier.push(start.0);
        if self.var.min == 0 {
            self.visited.insert(start.0, bound);
            self.found.nodes.push(start.0);
        } else if let Some(circuit) = &mut self.circuit {
            self.visited.insert(start.0, bound);
            circuit.begin(start.0);
        }
        let mut depth = 0;
        while !self.frontier.is_empty() && max.is_none_or(|max| depth < max) {
            self.level.clear();
            for at in 0..self.frontier.len() {
                let node = NodeRef::new(self.frontier[at]);
                let mut meet = |node: u32| {
                    if self.visited.insert(node, bound) {
                        self.level.push(node);
                    }
                };
                let asks = self.circuit.as_ref().is_some_and(|circuit| !circuit.within(max));
                if let Some(lanes) = self.steps.untested(true, cx).filter(|_| !asks && !deep) {
                    let mut looked = 1;
                    for csr in lanes {
                        let ends = csr.targets(node);
                        looked += ends.len();
                        ends.iter().for_each(|end| meet(*end));
                    }
                    cx.meter.step(looked)?;
                    continue;
                }
                self.next.clear();
                self.steps.leaving(node, &mut self.next, cx);
                cx.meter.step(1 + self.next.len())?;
                if deep {
                    let walked = &self.walked;
                    self.next.retain(|(rel, _)| !walked.contains(rel));
                }
                self.steps.retain(0, &mut self.next, cx)?;
                self.next.iter().for_each(|(_, end)| meet(*end));
                if let Some(circuit) = self.circuit.as_mut().filter(|circuit| !circuit.within(max)) {
                    self.next.iter().for_each(|(rel, end)| circuit.step(node.0, depth, *rel, *end));
                    cx.meter.fits(circuit.bytes())?;
                }
            }
            std::mem::swap(&mut self.frontier, &mut self.level);
            if deep {
                let seen = &mut self.seen;
                self.found.nodes.extend(self.frontier.iter().copied().filter(|node| seen.insert(*node, bound)));
            } else {
                self.found.nodes.extend_from_slice(&self.frontier);
            }
            depth += 1;
            if target.is_some_and(|target| self.frontier.contains(&target.0)) {
                break;
            }
        }
        let again = self.circuit.as_ref().is_some_and(|circuit| circuit.within(max));
        if again && (!deep || self.seen.insert(start.0, bound)) {
            self.found.nodes.push(start.0);
        }
        Ok(())
    }
}

impl Operator for Reach<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some(batch) = self.found.emit(&self.feed.batch, self.to, cx)? {
                return Ok(Some(batch));
            }
            if !self.feed.ready(cx)? {
                return Ok(None);
            }
            while self.feed.row < self.feed.batch.len && !self.found.is_full() {
                self.search(cx)?;
                self.feed.row += 1;
            }
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.found.clear();
    }
}
