//! An expansion whose new node must be related to another known one: both sorted lists of neighbours are
//! intersected, and candidates that lead nowhere never become rows.
//!
//! Rows that share one of the two nodes come one after the other; where that pays, its neighbours are marked once and
//! the other lists only look at the marks.

use std::sync::Arc;

use super::expand_count::{multiplied, weighed};
use super::found::{Columns, Found};
use super::marks::{Marks, same_from};
use super::{Feed, Live, Operator, Source};
use crate::bind::bound::Slot;
use crate::error::Result;
use crate::exec::batch::{Batch, Column, NONE};
use crate::exec::context::Context;
use crate::exec::names::{Types, dir};
use crate::graph::{Csr, Dir, Graph, RelTypeId};
use crate::plan::node::{Hop, Weight};
use crate::value::NodeRef;

/// Common neighbours of two nodes.
pub(in crate::exec) struct Intersect<'p> {
    feed: Feed<'p>,
    sides: [Side<'p>; 2],
    to: Columns<'p>,
    /// The two relationships must differ: by themselves they do, where the two known nodes do.
    apart: bool,
    /// They are counted, not made into rows.
    count: Option<Weight>,
    found: Found,
    marks: Marks,
}

/// A known node and the way from it to the common neighbour.
struct Side<'p> {
    from: Slot,
    /// The node in each row of the batch.
    nodes: Vec<u32>,
    dir: Dir,
    types: Types<'p>,
    /// The whole adjacency, when nothing was written since it was made.
    csr: Option<Arc<Csr>>,
    /// Neighbours copied and sorted where there is no slice of them.
    buffer: Vec<u32>,
}

impl<'p> Intersect<'p> {
    pub(in crate::exec) fn new(
        input: Source<'p>,
        (expand, into): (&'p Hop, &'p Hop),
        count: Option<Weight>,
        live: Live<'p>,
        cx: &Context<'_>,
    ) -> Self {
        let back = into.from == expand.to;
        let side = |from, dir, hop: &'p Hop| {
            let types = Types::new(&hop.types);
            Side { from, nodes: Vec::new(), dir, types, csr: None, buffer: Vec::new() }
        };
        let sides = [
            side(expand.from, dir(expand.towards), expand),
            match back {
                true => side(into.to, dir(into.towards).reversed(), into),
                false => side(into.from, dir(into.towards), into),
            },
        ];
        Self {
            feed: Feed::new(input),
            sides,
            to: Columns { rel: None, node: Some(expand.to), live },
            apart: !into.differs.is_empty(),
            count,
            found: Found::default(),
            marks: Marks::new(cx.meter.reservation()),
        }
    }

    /// The one type of each side; nothing when the graph does not have it. At the first row of a batch its nodes are
    /// laid out.
    fn types(&mut self, graph: &Graph) -> Option<[RelTypeId; 2]> {
        let (batch, begins) = (&self.feed.batch, self.feed.row == 0);
        for side in &mut self.sides {
            side.types.resolve(graph);
            if !begins {
                continue;
            }
            if let Some(ty) = side.types.single().filter(|_| side.dir != Dir::Both) {
                side.csr = graph.prepare(ty, side.dir, batch.len as u64 * 8);
            }
            let column = batch.column(side.from);
            let node = |row| column.and_then(|column| column.node(row)).map_or(NONE, |node| node.0);
            side.nodes.clear();
            match column {
                Some(Column::Nodes(nodes)) => side.nodes.extend_from_slice(nodes),
                _ => side.nodes.extend((0..batch.len).map(node)),
            }
        }
        Some([self.sides[0].types.single()?, self.sides[1].types.single()?])
    }

    /// Calls `f` with each common neighbour of the row under way, and how often it is one.
    #[inline]
    fn row(&mut self, types: [RelTypeId; 2], cx: &Context<'_>, f: impl FnMut(u32, u64)) -> Result<()> {
        let (row, graph) = (self.feed.row, cx.graph());
        let nodes = [self.sides[0].nodes[row], self.sides[1].nodes[row]];
        if nodes.contains(&NONE) {
            return Ok(());
        }
        let nodes = nodes.map(NodeRef::new);
        if self.apart && nodes[0] == nodes[1] {
            let ways = [(self.sides[0].dir, types[0]), (self.sides[1].dir, types[1])];
            return and_back(nodes[0], ways, cx, f);
        }
        if !self.marks.is_of(nodes) {
            let lengths = [same_from(&self.sides[0].nodes, row), same_from(&self.sides[1].nodes, row)];
            let side = usize::from(lengths[1] >= lengths[0]);
            let list = neighbours(nodes[side], types[side], &mut self.sides[side], graph);
            match lengths[side] > 1 && list.len() <= lengths[side] * WORTH_MARKING {
                true => self.marks.begin((side, nodes[side]), list, graph.node_bound())?,
                false => self.marks.skip((side, nodes[side])),
            }
        }
        let [one, other] = &mut self.sides;
        if let Some(side) = self.marks.counting_side() {
            let (free, side) = if side == 0 { (other, 1) } else { (one, 0) };
            let list = neighbours(nodes[side], types[side], free, graph);
            cx.meter.step(1 + list.len() / 8)?;
            self.marks.common(list, f);
        } else {
            let left = neighbours(nodes[0], types[0], one, graph);
            let right = neighbours(nodes[1], types[1], other, graph);
            cx.meter.step(1 + (left.len() + right.len()) / 8)?;
            intersect(left, right, f);
        }
        Ok(())
    }

    fn fill(&mut self, cx: &Context<'_>) -> Result<()> {
        let Some(types) = self.types(cx.graph()) else {
            self.feed.row = self.feed.batch.len;
            return Ok(());
        };
        while self.feed.row < self.feed.batch.len && !self.found.is_full() {
            let mut nodes = std::mem::take(&mut self.found.nodes);
            let done = self.row(types, cx, |node, times| (0..times).for_each(|_| nodes.push(node)));
            self.found.nodes = nodes;
            done?;
            self.found.rows.resize(self.found.nodes.len(), self.feed.row as u32);
            self.feed.row += 1;
        }
        Ok(())
    }

    /// The rows of the batch at hand that have common neighbours, weighed.
    fn counted(&mut self, count: Weight, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let (mut rows, mut weights) = (Vec::new(), Vec::new());
        if let Some(types) = self.types(cx.graph()) {
            while self.feed.row < self.feed.batch.len {
                let mut common = 0;
                self.row(types, cx, |_, times| common += times)?;
                if common > 0 {
                    rows.push(self.feed.row as u32);
                    weights.push(multiplied(&self.feed.batch, count, self.feed.row, common)?);
                }
                self.feed.row += 1;
            }
        }
        let batch = std::mem::take(&mut self.feed.batch);
        self.feed.row = 0;
        Ok((!rows.is_empty()).then(|| weighed(batch, &rows, weights, count.slot, self.to.live)))
    }
}

/// Calls `f` with each node that two different relationships join to `node`, and how many such pairs there are.
fn and_back(node: NodeRef, ways: [(Dir, RelTypeId); 2], cx: &Context<'_>, mut f: impl FnMut(u32, u64)) -> Result<()> {
    let graph = cx.graph();
    let [there, back] = ways.map(|(dir, ty)| {
        let mut found = Vec::new();
        graph.for_each_neighbour(node, dir, &[ty], |rel, other| found.push((other.0, rel.0)));
        found.sort_unstable();
        found
    });
    cx.meter.step(1 + (there.len() + back.len()) / 8)?;
    let mut rest = back.as_slice();
    for group in there.chunk_by(|a, b| a.0 == b.0) {
        let other = group[0].0;
        rest = &rest[rest.partition_point(|(node, _)| *node < other)..];
        let own = &rest[..rest.partition_point(|(node, _)| *node == other)];
        let same = group.iter().filter(|pair| own.binary_search(pair).is_ok()).count();
        f(other, (group.len() * own.len() - same) as u64);
    }
    Ok(())
}

/// A list is marked when it is no longer than this many entries a row that looks at the marks.
const WORTH_MARKING: usize = 64;

/// The neighbours in ascending order: the graph's own list, or a sorted copy.
#[inline]
fn neighbours<'s>(node: NodeRef, ty: RelTypeId, side: &'s mut Side<'_>, graph: &Graph) -> &'s [u32] {
    if let Some(csr) = &side.csr {
        return csr.targets(node);
    }
    side.buffer.clear();
    graph.for_each_neighbour(node, side.dir, &[ty], |_, node| side.buffer.push(node.0));
    side.buffer.sort_unstable();
    &side.buffer
}

/// How much longer one list must be before it is searched instead of walked.
const MUCH_LONGER: usize = 16;

/// Calls `f` with what both ascending lists hold, and the product of how often each holds it.
fn intersect(left: &[u32], right: &[u32], mut f: impl FnMut(u32, u64)) {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    let times = |rest: &[u32], node: u32| rest.iter().take_while(|&&other| other == node).count() as u64;
    if short.len() * MUCH_LONGER < long.len() {
        let mut rest = long;
        for &node in short {
            rest = &rest[rest.partition_point(|&other| other < node)..];
            f(node, times(rest, node));
        }
        return;
    }
    let (mut i, mut j) = (0, 0);
    while i < short.len() && j < long.len() {
        let (a, b) = (short[i], long[j]);
        if a == b {
            f(a, times(&long[j..], a));
            // the next of `short` may be the same node again: stay
            i += 1;
        } else {
            i += usize::from(a < b);
            j += usize::from(b < a);
        }
    }
}

impl Operator for Intersect<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some(batch) = self.found.emit(&self.feed.batch, self.to, cx)? {
                return Ok(Some(batch));
            }
            if !self.feed.ready(cx)? {
                return Ok(None);
            }
            match self.count {
                None => self.fill(cx)?,
                Some(count) => {
                    if let Some(batch) = self.counted(count, cx)? {
                        return Ok(Some(batch));
                    }
                }
            }
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.found.clear();
        self.marks.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::intersect;

    fn both(left: &[u32], right: &[u32]) -> Vec<u32> {
        let (mut one, mut other) = (Vec::new(), Vec::new());
        intersect(left, right, |node, times| (0..times).for_each(|_| one.push(node)));
        intersect(right, left, |node, times| (0..times).for_each(|_| other.push(node)));
        assert_eq!(one, other);
        one
    }

    #[test]
    fn parallel_relationships_multiply() {
        assert_eq!(both(&[1, 2, 2, 5], &[2, 2, 2, 3, 5]), [2, 2, 2, 2, 2, 2, 5]);
        assert_eq!(both(&[], &[1]), [0; 0]);
        let long: Vec<u32> = (0..1000).collect();
        assert_eq!(both(&[3, 3, 700, 2000], &long), [3, 3, 700]);
    }
}
