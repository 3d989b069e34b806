//! Relationships between two nodes that are both known.
//!
//! Rows that share one of the two nodes come one after the other; where that pays, its neighbours are marked once, and
//! the rows whose other node is not among them are done with a look.

use super::expand::{holds_rel, other_end};
use super::found::{Columns, Found};
use super::marks::{Marks, same_from};
use super::{Feed, Live, Operator, Source};
use crate::error::Result;
use crate::exec::batch::{Batch, Column, Row};
use crate::exec::context::Context;
use crate::exec::names::{Types, dir};
use crate::graph::{Dir, Graph, RelTypeId};
use crate::plan::node::Hop;
use crate::value::{NodeRef, RelRef};

/// Keeps rows whose `hop.from` and `hop.to` are related, once per relationship.
pub(in crate::exec) struct ExpandInto<'p> {
    feed: Feed<'p>,
    hop: &'p Hop,
    to: Columns<'p>,
    types: Types<'p>,
    found: Found,
    marks: Marks,
    /// Neighbours on their way to being marked.
    buffer: Vec<u32>,
}

/// A list is marked when it is no longer than this many entries a row that looks at the marks: where each row would
/// search a sorted list, and where each would walk one.
const WORTH_MARKING: [usize; 2] = [8, 16];

impl<'p> ExpandInto<'p> {
    pub(in crate::exec) fn new(input: Source<'p>, hop: &'p Hop, live: Live<'p>, cx: &Context<'_>) -> Self {
        let to = Columns { rel: hop.rel, node: None, live };
        let marks = Marks::new(cx.meter.reservation());
        let (feed, types) = (Feed::new(input), Types::new(&hop.types));
        Self { feed, hop, to, types, found: Found::default(), marks, buffer: Vec::new() }
    }

    /// How often the two nodes of the row under way are related, where the marks of its run say so.
    #[inline]
    fn marked(&mut self, nodes: [NodeRef; 2], is_sorted: bool, graph: &Graph) -> Result<Option<usize>> {
        if !self.marks.is_of(nodes) {
            self.begin_run(nodes, is_sorted, graph)?;
        }
        Ok(self.marks.count(nodes))
    }

    fn begin_run(&mut self, nodes: [NodeRef; 2], is_sorted: bool, graph: &Graph) -> Result<()> {
        let row = self.feed.row;
        let [from, to] = [self.hop.from, self.hop.to].map(|slot| match self.feed.batch.column(slot) {
            Some(Column::Nodes(nodes)) => same_from(nodes, row),
            Some(Column::Const(_)) => self.feed.batch.len - row,
            _ => 1,
        });
        let (side, length) = if to > from { (1, to) } else { (0, from) };
        let (node, forward) = (nodes[side], dir(self.hop.towards));
        let direction = if side == 0 { forward } else { forward.reversed() };
        let most = length * WORTH_MARKING[usize::from(!is_sorted)];
        if length < 2 || graph.degree(node, direction, self.types.ids()) > most as u64 {
            self.marks.skip((side, node));
            return Ok(());
        }
        let buffer = &mut self.buffer;
        buffer.clear();
        graph.for_each_neighbour(node, direction, self.types.ids(), |_, other| buffer.push(other.0));
        buffer.sort_unstable();
        self.marks.begin((side, node), buffer, graph.node_bound())
    }

    fn fill(&mut self, cx: &Context<'_>) -> Result<()> {
        let graph = cx.graph();
        self.types.resolve(graph);
        if self.types.is_none() {
            self.feed.row = self.feed.batch.len;
            return Ok(());
        }
        let direction = dir(self.hop.towards);
        let bound_rel = self.hop.rel.is_some_and(|rel| self.feed.batch.column(rel).is_some());
        let wants_rel = self.hop.rel.is_some() || !self.hop.differs.is_empty() || cx.plan.cite;
        let slices = self.types.single().filter(|_| direction != Dir::Both && !wants_rel);
        if self.feed.row == 0 && !cx.is_reading() {
            self.marks.forget();
        }
        while self.feed.row < self.feed.batch.len && !self.found.is_full() {
            let row = self.feed.batch.row(self.feed.row);
            if let (Some(from), Some(to)) = (row.node(self.hop.from), row.node(self.hop.to)) {
                let count = if bound_rel { None } else { self.marked([from, to], slices.is_some(), graph)? };
                let row = self.feed.batch.row(self.feed.row);
                let work = if bound_rel {
                    along_bound(self.hop, row, (from, to), &self.types, graph, &mut self.found);
                    1
                } else if let Some(count) = count.filter(|count| *count == 0 || !wants_rel) {
                    let rows = self.found.rows.len() + count;
                    self.found.rows.resize(rows, self.feed.row as u32);
                    0
                } else if let Some(count) = slices.and_then(|ty| parallel(from, to, direction, ty, graph)) {
                    let rows = self.found.rows.len() + count;
                    self.found.rows.resize(rows, self.feed.row as u32);
                    1
                } else {
                    between(self.hop, row, (from, to), &self.types, graph, &mut self.found)
                };
                cx.meter.step(1 + work)?;
            }
            self.feed.row += 1;
        }
        Ok(())
    }
}

/// How many relationships of one type lead from one node to the other, by searching the shorter of the two
/// sorted lists of neighbours; nothing when there are no such lists.
pub(super) fn parallel(from: NodeRef, to: NodeRef, direction: Dir, ty: RelTypeId, graph: &Graph) -> Option<usize> {
    let ahead = graph.neighbour_slice(from, direction, ty)?;
    let (list, wanted) = match graph.neighbour_slice(to, direction.reversed(), ty) {
        Some(behind) if behind.len() < ahead.len() => (behind, from.0),
        _ => (ahead, to.0),
    };
    let first = list.partition_point(|&node| node < wanted);
    Some(list[first..].iter().take_while(|&&node| node == wanted).count())
}

/// Walks the neighbours of the node with fewer of them; how many those were.
fn between(
    hop: &Hop,
    row: Row<'_>,
    (from, to): (NodeRef, NodeRef),
    types: &Types<'_>,
    graph: &Graph,
    found: &mut Found,
) -> usize {
    let direction = dir(hop.towards);
    let forward = graph.degree(from, direction, types.ids());
    let backward = graph.degree(to, direction.reversed(), types.ids());
    let (start, direction, wanted) =
        if backward < forward { (to, direction.reversed(), from) } else { (from, direction, to) };
    graph.for_each_neighbour(start, direction, types.ids(), |rel, node| {
        if node == wanted && !hop.differs.iter().any(|slot| holds_rel(row, *slot, rel)) {
            found.rows.push(row.index as u32);
            found.rels.push(rel.0);
        }
    });
    forward.min(backward) as usize
}

fn along_bound(
    hop: &Hop,
    row: Row<'_>,
    (from, to): (NodeRef, NodeRef),
    types: &Types<'_>,
    graph: &Graph,
    found: &mut Found,
) {
    let Some(rel): Option<RelRef> = hop.rel.and_then(|slot| row.rel(slot)) else { return };
    if other_end(rel, from, hop.towards, types, graph) == Some(to)
        && !hop.differs.iter().any(|slot| holds_rel(row, *slot, rel))
    {
        found.rows.push(row.index as u32);
        found.rels.push(rel.0);
    }
}

impl Operator for ExpandInto<'_> {
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
        self.marks.forget();
    }
}
