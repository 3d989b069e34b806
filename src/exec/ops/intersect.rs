//! An expansion whose new node must be related to another known one: both sorted lists of neighbours are
//! intersected, and candidates that lead nowhere never become rows.
//!
//! Runs in the place of an `Expand` directly below an `ExpandInto` when neither relationship is read.

use super::found::{Columns, Found};
use super::{Feed, Live, Operator, Source};
use crate::bind::bound::{Slot, TypeTest};
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::context::Context;
use crate::exec::names::{Types, dir};
use crate::graph::{Dir, Graph, RelTypeId};
use crate::plan::node::{Hop, Towards};
use crate::value::NodeRef;

/// Common neighbours of two nodes.
pub(in crate::exec) struct Intersect<'p> {
    feed: Feed<'p>,
    sides: [Side<'p>; 2],
    to: Columns<'p>,
    found: Found,
    /// Neighbours copied and sorted where there is no slice of them.
    buffers: [Vec<u32>; 2],
}

/// A known node and the way from it to the common neighbour.
struct Side<'p> {
    from: Slot,
    dir: Dir,
    types: Types<'p>,
}

impl<'p> Intersect<'p> {
    /// The operator for `into` above `expand`; nothing when they must run one after the other.
    pub(in crate::exec) fn fits(expand: &Hop, into: &Hop) -> bool {
        let plain = |hop: &Hop| {
            hop.rel.is_none()
                && hop.differs.is_empty()
                && hop.towards != Towards::Both
                && matches!(&hop.types, TypeTest::OneOf(names) if names.len() == 1)
        };
        plain(expand) && plain(into) && (into.from == expand.to) != (into.to == expand.to) && expand.from != expand.to
    }

    pub(in crate::exec) fn new(input: Source<'p>, expand: &'p Hop, into: &'p Hop, live: Live<'p>) -> Self {
        let back = into.from == expand.to;
        let sides = [
            Side { from: expand.from, dir: dir(expand.towards), types: Types::new(&expand.types) },
            Side {
                from: if back { into.to } else { into.from },
                dir: if back { dir(into.towards).reversed() } else { dir(into.towards) },
                types: Types::new(&into.types),
            },
        ];
        Self {
            feed: Feed::new(input),
            sides,
            to: Columns { rel: None, node: Some(expand.to), live },
            found: Found::default(),
            buffers: Default::default(),
        }
    }

    fn fill(&mut self, cx: &Context<'_>) -> Result<()> {
        let graph = cx.graph();
        for side in &mut self.sides {
            side.types.resolve(graph);
            if let Some(ty) = side.types.single().filter(|_| self.feed.row == 0) {
                graph.prepare(ty, side.dir, self.feed.batch.len as u64 * 8);
            }
        }
        let (Some(a), Some(b)) = (self.sides[0].types.single(), self.sides[1].types.single()) else {
            self.feed.row = self.feed.batch.len;
            return Ok(());
        };
        while self.feed.row < self.feed.batch.len && !self.found.is_full() {
            let row = self.feed.batch.row(self.feed.row);
            if let (Some(first), Some(second)) = (row.node(self.sides[0].from), row.node(self.sides[1].from)) {
                let [one, other] = &mut self.buffers;
                let left = neighbours(first, self.sides[0].dir, a, one, graph);
                let right = neighbours(second, self.sides[1].dir, b, other, graph);
                cx.meter.step(1 + (left.len() + right.len()) / 8)?;
                intersect(left, right, &mut self.found.nodes);
                self.found.rows.resize(self.found.nodes.len(), self.feed.row as u32);
            }
            self.feed.row += 1;
        }
        Ok(())
    }
}

/// The neighbours in ascending order: the graph's own list, or a sorted copy.
fn neighbours<'g>(node: NodeRef, dir: Dir, ty: RelTypeId, buffer: &'g mut Vec<u32>, graph: &'g Graph) -> &'g [u32] {
    if let Some(slice) = graph.neighbour_slice(node, dir, ty) {
        return slice;
    }
    buffer.clear();
    graph.for_each_neighbour(node, dir, &[ty], |_, node| buffer.push(node.0));
    buffer.sort_unstable();
    buffer
}

/// How much longer one list must be before it is searched instead of walked.
const MUCH_LONGER: usize = 16;

/// Appends what both ascending lists hold, as often as the product of how often each holds it.
fn intersect(left: &[u32], right: &[u32], out: &mut Vec<u32>) {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    if short.len() * MUCH_LONGER < long.len() {
        let mut rest = long;
        for &node in short {
            rest = &rest[rest.partition_point(|&other| other < node)..];
            let times = rest.iter().take_while(|&&other| other == node).count();
            out.extend(std::iter::repeat_n(node, times));
        }
        return;
    }
    let (mut i, mut j) = (0, 0);
    while i < short.len() && j < long.len() {
        let (a, b) = (short[i], long[j]);
        if a == b {
            let times = long[j..].iter().take_while(|&&other| other == a).count();
            out.extend(std::iter::repeat_n(a, times));
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
            self.fill(cx)?;
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.found.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::intersect;

    fn both(left: &[u32], right: &[u32]) -> Vec<u32> {
        let (mut one, mut other) = (Vec::new(), Vec::new());
        intersect(left, right, &mut one);
        intersect(right, left, &mut other);
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
