//! Relationships between two nodes that are both known.

use super::expand::{holds_rel, other_end};
use super::found::{Columns, Found};
use super::{Feed, Live, Operator, Source};
use crate::error::Result;
use crate::exec::batch::{Batch, Row};
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
}

impl<'p> ExpandInto<'p> {
    pub(in crate::exec) fn new(input: Source<'p>, hop: &'p Hop, live: Live<'p>) -> Self {
        let to = Columns { rel: hop.rel, node: None, live };
        Self { feed: Feed::new(input), hop, to, types: Types::new(&hop.types), found: Found::default() }
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
        while self.feed.row < self.feed.batch.len && !self.found.is_full() {
            let row = self.feed.batch.row(self.feed.row);
            if let (Some(from), Some(to)) = (row.node(self.hop.from), row.node(self.hop.to)) {
                let work = if bound_rel {
                    along_bound(self.hop, row, (from, to), &self.types, graph, &mut self.found);
                    1
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
    }
}
