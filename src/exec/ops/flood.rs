//! Breadth-first search from up to 64 nodes at once: what each node has been reached from is one word.
//!
//! ```text
//!            word of a node                 planes: its distances, bit by bit
//!   from c   0 1 1 0                        2⁰  0 1 0 0
//!   from b   1 1 0 1                        2¹  1 0 0 1    from b at 2, 1 and 2 steps
//! ```
//!
//! A relationship is looked at once for all the searches whose frontier it leaves at the same step (Then et al., *The more
//! the merrier: efficient multi-source graph traversal*, VLDB 2014). Ways are not put down: a shortest walk goes back
//! over nodes each of which is one nearer, so any such neighbour is on one.

use rustc_hash::FxHashMap;

use super::Feed;
use super::node_map::NodeMap;
use super::walking::Steps;
use crate::bind::bound::Slot;
use crate::error::Result;
use crate::exec::context::Context;
use crate::value::NodeRef;

/// How many searches go together.
pub(super) const TOGETHER: usize = 64;

/// What is searched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// Along the steps; otherwise against them.
    pub(super) forward: bool,
    /// A search may come back to where it began, and that is found at the distance at which it does.
    pub(super) again: bool,
    pub(super) max: Option<u64>,
    /// Somebody asks for distances or walks.
    pub(super) distances: bool,
}

/// A node reached by one of the searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) node: u32,
    /// The number of the search.
    pub(super) search: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    /// The searches that have reached the node.
    seen: u64,
    /// Those that reach it by the step under way.
    next: u64,
}

/// Searches that go together, and what they have reached. Its memory serves for the next ones.
pub(super) struct Flood {
    cells: NodeMap<Cell>,
    planes: Vec<NodeMap<u64>>,
    /// The nodes of which something is known.
    touched: Vec<u32>,
    frontier: Vec<(u32, u64)>,
    ahead: Vec<u32>,
    sources: Vec<u32>,
    asked: Option<Asked>,
    /// Where giving has come to: place among the touched nodes, and the searches of that node still to be given.
    given: (usize, u64),
}

/// The ends that searches go on for: node, and the searches that want it.
#[derive(Default)]
pub(super) struct Waiting {
    wanted: FxHashMap<u32, u64>,
    left: u32,
}

impl Waiting {
    pub(super) fn add(&mut self, end: u32, search: u32) {
        let word = self.wanted.entry(end).or_default();
        self.left += u32::from(*word & (1 << search) == 0);
        *word |= 1 << search;
    }

    fn meet(&mut self, end: u32, word: u64) {
        if let Some(wanted) = self.wanted.get_mut(&end) {
            self.left -= (*wanted & word).count_ones();
            *wanted &= !word;
        }
    }
}

impl Feed<'_> {
    /// The nodes that searches of the next rows begin at, as many as go together: those in `slot` of the rows before `until`.
    /// `rows` receives the rows of each.
    pub(super) fn sources(&mut self, slot: Slot, until: usize, rows: &mut Vec<Vec<u32>>) -> Vec<u32> {
        let mut sources: Vec<u32> = Vec::new();
        let mut numbers: FxHashMap<u32, usize> = FxHashMap::default();
        while self.row < until {
            if let Some(start) = self.batch.row(self.row).node(slot) {
                let number = *numbers.entry(start.0).or_insert(sources.len());
                if number == TOGETHER {
                    break;
                }
                if number == sources.len() {
                    sources.push(start.0);
                    rows.push(Vec::new());
                }
                rows[number].push(self.row as u32);
            }
            self.row += 1;
        }
        sources
    }
}

impl Default for Flood {
    fn default() -> Self {
        Self {
            cells: NodeMap::new(Cell::default()),
            planes: Vec::new(),
            touched: Vec::new(),
            frontier: Vec::new(),
            ahead: Vec::new(),
            sources: Vec::new(),
            asked: None,
            given: (0, 0),
        }
    }
}

impl Flood {
    /// Searches from `sources` (at most 64, all different) as far as there is something to reach, or until everybody in
    /// `waiting` was met.
    pub(super) fn run(
        &mut self,
        sources: &[u32],
        asked: Asked,
        mut waiting: Option<&mut Waiting>,
        steps: &mut Steps<'_>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        self.begin(sources, asked, cx)?;
        let (mut depth, mut buffer) = (0_u64, Vec::new());
        while !self.frontier.is_empty() && asked.max.is_none_or(|max| depth < max) {
            depth += 1;
            self.advance(asked.forward, &mut buffer, steps, cx)?;
            self.arrive(depth, waiting.as_deref_mut(), cx)?;
            if waiting.as_ref().is_some_and(|waiting| waiting.left == 0) {
                break;
            }
        }
        Ok(())
    }

    fn begin(&mut self, sources: &[u32], asked: Asked, cx: &Context<'_>) -> Result<()> {
        self.planes.iter_mut().for_each(|plane| plane.clear(self.touched.iter().copied()));
        self.cells.clear(self.touched.drain(..));
        self.cells.expect(sources.len(), cx.graph().node_bound() as usize, &cx.meter)?;
        (self.asked, self.given) = (Some(asked), (0, 0));
        self.sources.clear();
        self.sources.extend_from_slice(sources);
        self.frontier.clear();
        for (search, source) in sources.iter().enumerate() {
            let bit = 1 << search;
            self.frontier.push((*source, bit));
            if !asked.again {
                self.cells.of(*source).seen |= bit;
                self.touched.push(*source);
            }
        }
        Ok(())
    }

    /// Notes what the steps from the frontier reach.
    fn advance(
        &mut self,
        forward: bool,
        buffer: &mut Vec<(u32, u32)>,
        steps: &mut Steps<'_>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let bound = cx.graph().node_bound() as usize;
        let Self { cells, ahead, frontier, .. } = self;
        let mut meet = |cells: &mut NodeMap<Cell>, end: u32, word: u64| {
            let cell = cells.of(end);
            let fresh = word & !cell.seen;
            if fresh != 0 {
                if cell.next == 0 {
                    ahead.push(end);
                }
                cell.next |= fresh;
            }
        };
        if let Some(lanes) = steps.untested(forward, cx) {
            for &(node, word) in frontier.iter() {
                let mut looked = 1;
                for csr in lanes {
                    let ends = csr.targets(NodeRef::new(node));
                    looked += ends.len();
                    ends.iter().for_each(|end| meet(cells, *end, word));
                }
                cx.meter.step(looked)?;
                cells.expect(0, bound, &cx.meter)?;
            }
            return Ok(());
        }
        for &(node, word) in frontier.iter() {
            buffer.clear();
            steps.append(NodeRef::new(node), forward, buffer, cx)?;
            buffer.iter().for_each(|(_, end)| meet(cells, *end, word));
            cells.expect(0, bound, &cx.meter)?;
        }
        Ok(())
    }

    /// What was noted is reached, and is the next frontier.
    fn arrive(&mut self, depth: u64, mut waiting: Option<&mut Waiting>, cx: &mut Context<'_>) -> Result<()> {
        self.frontier.clear();
        if self.asked.is_some_and(|asked| asked.distances) {
            while self.planes.len() < 64 && depth >> self.planes.len() > 0 {
                self.planes.push(NodeMap::new(0));
            }
        }
        for node in self.ahead.drain(..) {
            let cell = self.cells.of(node);
            let word = std::mem::take(&mut cell.next);
            if cell.seen == 0 {
                self.touched.push(node);
            }
            cell.seen |= word;
            self.frontier.push((node, word));
            if let Some(waiting) = &mut waiting {
                waiting.meet(node, word);
            }
        }
        if self.asked.is_some_and(|asked| asked.distances) {
            let bound = cx.graph().node_bound() as usize;
            for (_, plane) in self.planes.iter_mut().enumerate().filter(|(bit, _)| depth >> bit & 1 == 1) {
                plane.expect(self.frontier.len(), bound, &cx.meter)?;
                self.frontier.iter().for_each(|(node, word)| *plane.of(*node) |= word);
            }
        }
        cx.meter.fits((self.touched.len() + self.frontier.len()) * 16)?;
        cx.meter.step(self.frontier.len())
    }

    /// How far a node is from the beginning of a search; nothing when it was not reached.
    pub(super) fn distance(&self, to: Reached) -> Option<u64> {
        if self.cells.get(to.node).seen >> to.search & 1 == 0 {
            return None;
        }
        let bit = |(bit, plane): (usize, &NodeMap<u64>)| (plane.get(to.node) >> to.search & 1) << bit;
        Some(self.planes.iter().enumerate().map(bit).sum())
    }

    /// The next node that was reached; those where searches began only when they were reached again.
    pub(super) fn give(&mut self) -> Option<Reached> {
        loop {
            if self.given.1 != 0 {
                let node = self.touched[self.given.0 - 1];
                let search = self.given.1.trailing_zeros();
                self.given.1 &= self.given.1 - 1;
                let own = self.sources[search as usize] == node && !self.asked.is_some_and(|asked| asked.again);
                if own {
                    continue;
                }
                return Some(Reached { node, search });
            }
            let node = self.touched.get(self.given.0)?;
            self.given = (self.given.0 + 1, self.cells.get(*node).seen);
        }
    }

    /// The steps by which a walk of `length` steps that a search has led to a node comes from a node one step nearer.
    fn nearer(
        &self,
        (at, length): (Reached, u64),
        steps: &mut Steps<'_>,
        cx: &mut Context<'_>,
    ) -> Result<Vec<(u32, u32)>> {
        let forward = self.asked.is_none_or(|asked| asked.forward);
        let mut found = Vec::new();
        steps.append(NodeRef::new(at.node), !forward, &mut found, cx)?;
        let source = self.sources[at.search as usize];
        found.retain(|(_, node)| match length {
            1 => *node == source,
            _ => self.distance(Reached { node: *node, search: at.search }) == Some(length - 1) && *node != source,
        });
        Ok(found)
    }

    /// The relationships of one shortest walk that a search has led to a node, in the order of the steps.
    pub(super) fn walk(&self, to: Reached, steps: &mut Steps<'_>, cx: &mut Context<'_>) -> Result<Vec<u32>> {
        let mut rels = Vec::new();
        let (mut at, mut length) = (to, self.distance(to).unwrap_or(0));
        while length > 0
            && let Some((rel, node)) = self.nearer((at, length), steps, cx)?.first()
        {
            rels.push(*rel);
            (at.node, length) = (*node, length - 1);
        }
        self.turn(&mut rels);
        Ok(rels)
    }

    /// Every shortest walk that a search has led to a node.
    pub(super) fn walks(&self, to: Reached, steps: &mut Steps<'_>, cx: &mut Context<'_>) -> Result<Vec<Vec<u32>>> {
        let (mut found, mut bytes) = (Vec::new(), 0);
        let length = self.distance(to).unwrap_or(0);
        if length == 0 {
            return Ok(found);
        }
        // what is still to be tried at each node of the walk
        let mut open = vec![self.nearer((to, length), steps, cx)?];
        let mut rels: Vec<u32> = Vec::new();
        while let Some(ways) = open.last_mut() {
            cx.meter.step(1)?;
            let Some((rel, node)) = ways.pop() else {
                open.pop();
                rels.pop();
                continue;
            };
            rels.push(rel);
            let left = length - open.len() as u64;
            if left > 0 {
                open.push(self.nearer((Reached { node, ..to }, left), steps, cx)?);
                continue;
            }
            let mut walk = rels.clone();
            self.turn(&mut walk);
            bytes += 40 + 4 * walk.len();
            cx.meter.fits(bytes)?;
            found.push(walk);
            rels.pop();
        }
        Ok(found)
    }

    /// Puts relationships collected from the end back to where the search began into the order of the steps.
    fn turn(&self, rels: &mut [u32]) {
        if self.asked.is_none_or(|asked| asked.forward) {
            rels.reverse();
        }
    }
}
