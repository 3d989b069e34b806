//! The distinct ends of walks, by breadth-first search: linear in the relationships reached, however many
//! walks lead there.
//!
//! Only for walks of length 0 or more, or of length 1 or more: then whoever is reached by a walk is reached by one that
//! repeats nothing. Against all directions that does not tell whether the start itself is reached again; see
//! [`super::circuit`].

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
    next: Vec<(u32, u32)>,
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
            next: Vec::new(),
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
        self.visited.clear();
        self.frontier.clear();
        self.frontier.push(start.0);
        let bound = cx.graph().node_bound();
        let from = self.found.nodes.len();
        if self.var.min == 0 {
            self.visited.insert(start.0, bound);
            self.found.nodes.push(start.0);
        } else if let Some(circuit) = &mut self.circuit {
            self.visited.insert(start.0, bound);
            circuit.begin(start.0);
        }
        let mut depth = 0;
        while !self.frontier.is_empty() && self.var.max.is_none_or(|max| depth < max) {
            let before = self.found.nodes.len();
            for at in 0..self.frontier.len() {
                let node = NodeRef::new(self.frontier[at]);
                let mut meet = |node: u32| {
                    if self.visited.insert(node, bound) {
                        self.found.nodes.push(node);
                    }
                };
                let asks = self.circuit.as_ref().is_some_and(|circuit| !circuit.within(self.var.max));
                if let Some(lanes) = self.steps.untested(true, cx).filter(|_| !asks) {
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
                self.steps.retain(0, &mut self.next, cx)?;
                self.next.iter().for_each(|(_, end)| meet(*end));
                if let Some(circuit) = self.circuit.as_mut().filter(|circuit| !circuit.within(self.var.max)) {
                    self.next.iter().for_each(|(rel, end)| circuit.step(node.0, depth, *rel, *end));
                    cx.meter.fits(circuit.bytes())?;
                }
            }
            self.frontier.clear();
            self.frontier.extend_from_slice(&self.found.nodes[before..]);
            depth += 1;
            if target.is_some_and(|target| self.found.nodes[before..].contains(&target.0)) {
                break;
            }
        }
        if self.circuit.as_ref().is_some_and(|circuit| circuit.within(self.var.max)) {
            self.found.nodes.push(start.0);
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
