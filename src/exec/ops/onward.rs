//! How many ways lead on from a node, counted once per node however often it is met.
//!
//! ```text
//!   (f)-[:HAS_MEMBER]->(p)-[:LIVES_IN]->(c)-[:PART_OF]->(s)       of f: the sum over p, of p: the sum over c, …
//! ```
//!
//! What is asked for is worked out level by level: the far ends that are new of all nodes at once, then theirs.

use super::expand_count::{Ends, Step};
use super::node_map::NodeMap;
use crate::bind::bound::Expr;
use crate::error::Result;
use crate::exec::context::Context;
use crate::exec::names::{Types, dir};
use crate::graph::{Csr, Dir};
use crate::plan::node::Hop;
use crate::plan::onward::Onward;
use crate::value::NodeRef;

/// The ways of one step, and of those behind it.
pub(super) struct Ways<'p> {
    types: Types<'p>,
    direction: Dir,
    csr: Option<std::sync::Arc<Csr>>,
    /// Which far ends count; all without it.
    pub(super) ends: Option<Ends<'p>>,
    onward: Vec<Ways<'p>>,
    counts: NodeMap<u64>,
}

/// More ways than can be counted.
pub(super) const TOO_MANY: u64 = u64::MAX - 1;
/// Not counted yet.
const UNKNOWN: u64 = u64::MAX;

impl<'p> Ways<'p> {
    pub(super) fn new(hop: &'p Hop, conditions: &'p [Expr], onward: &'p [Onward], cx: &Context<'_>) -> Self {
        let ways = |way: &'p Onward| Self::new(&way.hop, &way.conditions, &way.onward, cx);
        Self {
            types: Types::new(&hop.types),
            direction: dir(hop.towards),
            csr: None,
            ends: Ends::new(hop.to, conditions, cx),
            onward: onward.iter().map(ways).collect(),
            counts: NodeMap::new(UNKNOWN),
        }
    }

    /// Counts the ways from each of the nodes, as far as that has not been done: [`Self::from`] knows them then.
    /// Errors: limits, and what a condition says.
    pub(super) fn prepare(&mut self, nodes: &[u32], cx: &mut Context<'_>) -> Result<()> {
        self.types.resolve(cx.graph());
        let bound = cx.graph().node_bound() as usize;
        self.counts.expect(nodes.len(), bound, &cx.meter)?;
        let mut fresh = Vec::new();
        for &node in nodes {
            let count = self.counts.of(node);
            if *count == UNKNOWN {
                *count = 0;
                fresh.push(node);
            }
        }
        if fresh.is_empty() {
            return Ok(());
        }
        let single = self.types.single().filter(|_| self.direction != Dir::Both);
        self.csr = single.and_then(|ty| cx.graph().prepare(ty, self.direction, fresh.len() as u64));
        let step = Step { types: &self.types, direction: self.direction, csr: self.csr.as_deref() };
        let sources: Vec<Option<NodeRef>> = fresh.iter().map(|node| Some(NodeRef::new(*node))).collect();
        if let Some(ends) = &mut self.ends {
            ends.ask(&sources, &step, cx)?;
        }
        if !self.onward.is_empty() {
            let mut far: Vec<u32> = Vec::new();
            for node in sources.iter().flatten() {
                step.for_each(*node, cx.graph(), |neighbour| far.push(neighbour));
                cx.meter.step(1)?;
            }
            cx.meter.step(far.len())?;
            far.sort_unstable();
            far.dedup();
            if let Some(ends) = &self.ends {
                far.retain(|node| ends.counts(*node));
            }
            let last = self.onward.len() - 1;
            for (at, onward) in self.onward.iter_mut().enumerate() {
                onward.prepare(&far, cx)?;
                if at < last {
                    far.retain(|node| onward.from(*node) > 0);
                }
            }
        }
        for node in fresh {
            let mut count: u64 = 0;
            match (&self.ends, self.onward.is_empty()) {
                (None, true) => count = step.degree(NodeRef::new(node), cx.graph()),
                _ => {
                    step.for_each(NodeRef::new(node), cx.graph(), |far| count = count.saturating_add(self.beyond(far)))
                }
            }
            *self.counts.of(node) = count.min(TOO_MANY);
        }
        Ok(())
    }

    /// The ways from a node that has been prepared; [`TOO_MANY`] when they cannot be counted.
    #[inline]
    pub(super) fn from(&self, node: u32) -> u64 {
        self.counts.get(node)
    }

    /// The only step on from a far end, where every far end counts: its [`Self::from`] says what [`Self::beyond`] would.
    pub(super) fn only_onward(&self) -> Option<&Self> {
        match self.onward.as_slice() {
            [onward] if self.ends.is_none() => Some(onward),
            _ => None,
        }
    }

    /// How many ways go through one relationship to a far end of a prepared node.
    #[inline]
    pub(super) fn beyond(&self, far: u32) -> u64 {
        if self.ends.as_ref().is_some_and(|ends| !ends.counts(far)) {
            return 0;
        }
        let mut ways: u64 = 1;
        for onward in &self.onward {
            match onward.from(far) {
                // what stands behind it has not been asked
                0 => return 0,
                more => ways = ways.saturating_mul(more).min(TOO_MANY),
            }
        }
        ways
    }
}
