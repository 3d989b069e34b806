//! How many ways lead on from a node, counted once per node however often it is met.
//!
//! ```text
//!   (f)-[:HAS_MEMBER]->(p)-[:LIVES_IN]->(c)-[:PART_OF]->(s)       of f: the sum over p, of p: the sum over c, …
//! ```
//!
//! What is asked for is worked out level by level: the far ends that are new of all nodes at once, then theirs.

use rustc_hash::FxHashMap;

use super::expand_count::{Ends, Step};
use crate::bind::bound::Expr;
use crate::error::Result;
use crate::exec::context::{Context, Reservation};
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
    counts: Counts,
}

/// More ways than can be counted.
pub(super) const TOO_MANY: u64 = u64::MAX - 1;
/// Not counted yet.
const UNKNOWN: u64 = u64::MAX;

/// Entries that a list of all nodes has for each that is needed before it is taken instead of a map.
const SPARSE: usize = 16;
/// Bytes of an entry of the map, about.
const ENTRY: usize = 32;

/// Counts by node: few in a map, many in a list of all nodes.
struct Counts {
    few: FxHashMap<u32, u64>,
    many: Vec<u64>,
    memory: Reservation,
}

impl Counts {
    #[inline]
    fn get(&self, node: u32) -> u64 {
        match self.many.get(node as usize) {
            Some(count) => *count,
            None if self.many.is_empty() => self.few.get(&node).copied().unwrap_or(UNKNOWN),
            None => UNKNOWN,
        }
    }

    fn set(&mut self, node: u32, count: u64) {
        if self.many.is_empty() {
            self.few.insert(node, count);
        } else {
            self.many[node as usize] = count;
        }
    }

    /// Makes room for `more` nodes out of `bound`.
    fn reserve(&mut self, more: usize, bound: usize) -> Result<()> {
        if !self.many.is_empty() {
            return Ok(());
        }
        if (self.few.len() + more) * SPARSE < bound {
            return self.memory.grow(more * ENTRY);
        }
        self.memory.grow(bound * size_of::<u64>())?;
        self.many = vec![UNKNOWN; bound];
        for (node, count) in self.few.drain() {
            self.many[node as usize] = count;
        }
        Ok(())
    }
}

impl<'p> Ways<'p> {
    pub(super) fn new(hop: &'p Hop, conditions: &'p [Expr], onward: &'p [Onward], cx: &Context<'_>) -> Self {
        let ways = |way: &'p Onward| Self::new(&way.hop, &way.conditions, &way.onward, cx);
        Self {
            types: Types::new(&hop.types),
            direction: dir(hop.towards),
            csr: None,
            ends: Ends::new(hop.to, conditions, cx),
            onward: onward.iter().map(ways).collect(),
            counts: Counts { few: FxHashMap::default(), many: Vec::new(), memory: cx.meter.reservation() },
        }
    }

    /// Counts the ways from each of the nodes, as far as that has not been done: [`Self::from`] knows them then.
    /// Errors: limits, and what a condition says.
    pub(super) fn prepare(&mut self, nodes: &[u32], cx: &mut Context<'_>) -> Result<()> {
        self.types.resolve(cx.graph());
        let bound = cx.graph().node_bound() as usize;
        self.counts.reserve(nodes.len(), bound)?;
        let mut fresh = Vec::new();
        for &node in nodes {
            if self.counts.get(node) == UNKNOWN {
                self.counts.set(node, 0);
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
            for onward in &mut self.onward {
                onward.prepare(&far, cx)?;
                far.retain(|node| onward.from(*node) > 0);
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
            self.counts.set(node, count.min(TOO_MANY));
        }
        Ok(())
    }

    /// The ways from a node that has been prepared; [`TOO_MANY`] when they cannot be counted.
    #[inline]
    pub(super) fn from(&self, node: u32) -> u64 {
        self.counts.get(node)
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
