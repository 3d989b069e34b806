//! The neighbours of a node that a run of rows shares, as bits: whether another node is among them is one look.
//!
//! Rows that come out of an expansion hold the same node one after the other. Where enough of them do, its neighbours
//! are marked once, and no row searches them again.

use crate::error::Result;
use crate::exec::context::Reservation;
use crate::value::NodeRef;

/// The marks of the run under way. They say what was so when the run began: whoever reads a graph that may have changed
/// since [`Self::forget`]s them.
pub(super) struct Marks {
    /// Which of the two sides of a row the run shares, and its node.
    run: Option<(usize, NodeRef)>,
    /// What is marked.
    marked: Vec<u32>,
    bits: Vec<u64>,
    /// Whether the list is marked: it may be empty.
    says: bool,
    /// No node stands in the list twice, so that a bit says how often.
    once: bool,
    memory: Reservation,
}

impl Marks {
    pub(super) fn new(memory: Reservation) -> Self {
        Self { run: None, marked: Vec::new(), bits: Vec::new(), says: false, once: true, memory }
    }

    /// Whether the run goes on with a row that holds `nodes`.
    #[inline]
    pub(super) fn is_of(&self, nodes: [NodeRef; 2]) -> bool {
        self.run.is_some_and(|(side, node)| nodes[side] == node)
    }

    /// A run begins whose node is not worth marking.
    pub(super) fn skip(&mut self, run: (usize, NodeRef)) {
        self.forget();
        self.run = Some(run);
    }

    /// A run begins, and `list` is what its node is related to, in ascending order. Errors: memory.
    pub(super) fn begin(&mut self, run: (usize, NodeRef), list: &[u32], bound: u32) -> Result<()> {
        self.skip(run);
        let words = bound as usize / 64 + 1;
        if self.bits.len() < words {
            self.memory.grow((words - self.bits.len()) * 8)?;
            self.bits.resize(words, 0);
        }
        self.says = true;
        self.once = list.windows(2).all(|pair| pair[0] != pair[1]);
        self.marked.extend_from_slice(list);
        list.iter().for_each(|node| self.bits[*node as usize / 64] |= 1 << (node % 64));
        Ok(())
    }

    /// No run is under way.
    pub(super) fn forget(&mut self) {
        self.marked.drain(..).for_each(|node| self.bits[node as usize / 64] = 0);
        (self.run, self.says) = (None, false);
    }

    /// The shared side, where the marks say how often each node stands in its list.
    #[inline]
    pub(super) fn counting_side(&self) -> Option<usize> {
        self.run.filter(|_| self.says && self.once).map(|(side, _)| side)
    }

    /// How often one of `nodes` stands in the list of the other; nothing where the marks do not say, or only that it
    /// does.
    #[inline]
    pub(super) fn count(&self, nodes: [NodeRef; 2]) -> Option<usize> {
        let (side, _) = self.run.filter(|_| self.says)?;
        let marked = self.is_marked(nodes[1 - side].0);
        if marked && !self.once { None } else { Some(usize::from(marked)) }
    }

    #[inline]
    fn is_marked(&self, node: u32) -> bool {
        self.bits[node as usize / 64] >> (node % 64) & 1 == 1
    }

    /// Calls `f` with each node of a list, and whether it is marked (1) or not (0).
    #[inline]
    pub(super) fn common(&self, list: &[u32], mut f: impl FnMut(u32, u64)) {
        for &node in list {
            // no branch: whether it is marked is not to be foreseen
            f(node, self.bits[node as usize / 64] >> (node % 64) & 1);
        }
    }
}

/// How many rows from `row` on hold the same node.
pub(super) fn same_from(nodes: &[u32], row: usize) -> usize {
    nodes[row..].iter().take_while(|node| **node == nodes[row]).count()
}
