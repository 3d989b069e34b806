//! Neighbours of a node: triples of input row, relationship, neighbour are collected first, and only the
//! columns somebody reads are gathered for them.

use std::sync::Arc;

use super::found::{Columns, Found};
use super::{Feed, Live, Operator, Source};
use crate::bind::bound::Slot;
use crate::error::Result;
use crate::exec::batch::{Batch, Column, Row};
use crate::exec::context::Context;
use crate::exec::names::{Types, dir};
use crate::graph::{Csr, Dir, Graph};
use crate::plan::node::{Hop, Towards};
use crate::value::{NodeRef, RelRef, Value};

/// Neighbours of `hop.from` into `hop.to`. When `hop.rel` is bound already, its other end.
pub(in crate::exec) struct Expand<'p> {
    feed: Feed<'p>,
    hop: &'p Hop,
    to: Columns<'p>,
    types: Types<'p>,
    found: Found,
    window: Window,
}

/// The next rows of a batch whose neighbours are read from whole adjacencies, with the positions they have there.
#[derive(Default)]
struct Window {
    /// One a type and direction, in the order in which neighbours are handed on.
    lanes: Vec<Arc<Csr>>,
    /// The row of the first.
    from: usize,
    rows: usize,
    /// Those of the rows in the first lane, then those in the second one, …
    ranges: Vec<(u32, u32)>,
}

/// Rows of a window.
const TOGETHER: usize = 256;
/// Rows of a batch from which on a window is worth it; the same where it must be known that nothing leads back to where it
/// began, which takes a look at all relationships of the type once.
const SOME: usize = 8;
const MORE: usize = 64;

impl<'p> Expand<'p> {
    pub(in crate::exec) fn new(input: Source<'p>, hop: &'p Hop, live: Live<'p>) -> Self {
        let to = Columns { rel: hop.rel, node: Some(hop.to), live };
        let (found, window) = (Found::default(), Window::default());
        Self { feed: Feed::new(input), hop, to, types: Types::new(&hop.types), found, window }
    }

    fn fill(&mut self, cx: &Context<'_>) -> Result<()> {
        let graph = cx.graph();
        self.types.resolve(graph);
        if self.types.is_none() {
            self.feed.row = self.feed.batch.len;
            return Ok(());
        }
        let bound_rel = self.hop.rel.is_some_and(|rel| self.feed.batch.column(rel).is_some());
        let wants_rel = self.hop.rel.is_some() || !self.hop.differs.is_empty() || cx.plan.cite;
        let direction = dir(self.hop.towards);
        if self.feed.row == 0 {
            let together = self.feed.batch.len >= SOME && !bound_rel && cx.is_reading();
            self.window.rows = 0;
            self.window.lanes.clear();
            if together {
                self.window.lanes = self.lanes(direction, graph).unwrap_or_default();
            } else if let Some(ty) = self.types.single().filter(|_| direction != Dir::Both) {
                graph.prepare(ty, direction, self.feed.batch.len as u64 * 8);
            }
        }
        self.found.begin(wants_rel);
        if !self.window.lanes.is_empty() && matches!(self.feed.batch.column(self.hop.from), Some(Column::Nodes(_))) {
            return self.together(wants_rel, cx);
        }
        while self.feed.row < self.feed.batch.len && !self.found.is_full() {
            let before = self.found.rows.len();
            match self.feed.batch.row(self.feed.row).node(self.hop.from) {
                None => {}
                Some(_) if bound_rel => self.along_bound(graph),
                Some(node) if !wants_rel => self.nodes_only(node, direction, graph),
                Some(node) => self.with_rels(node, direction, graph),
            }
            self.feed.row += 1;
            cx.meter.step(1 + self.found.rows.len() - before)?;
        }
        Ok(())
    }

    /// The adjacencies that hold all neighbours, where there are such; says also that many are going to be read.
    fn lanes(&self, direction: Dir, graph: &Graph) -> Option<Vec<Arc<Csr>>> {
        let (types, rows) = (self.types.ids(), self.feed.batch.len);
        let repeated = types.iter().enumerate().any(|(at, ty)| types[..at].contains(ty));
        // a relationship from a node to itself is met once
        let loops = || types.iter().any(|ty| graph.loop_count(*ty) > 0);
        let directions: &[Dir] = match direction {
            Dir::Out => &[Dir::Out],
            Dir::In => &[Dir::In],
            Dir::Both if rows >= MORE && !loops() => &[Dir::Out, Dir::In],
            Dir::Both => return None,
        };
        if self.types.is_any() || repeated {
            return None;
        }
        let one_way = |dir: &Dir| types.iter().map(|ty| graph.prepare(*ty, *dir, rows as u64 * 8)).collect::<Vec<_>>();
        directions.iter().flat_map(one_way).collect()
    }

    /// The same for many rows at once.
    fn together(&mut self, wants_rel: bool, cx: &Context<'_>) -> Result<()> {
        let (from, differs) = (self.hop.from, &self.hop.differs);
        let Self { feed, found, window, .. } = self;
        let Some(Column::Nodes(nodes)) = feed.batch.column(from) else { return Ok(()) };
        while feed.row < nodes.len() && !found.is_full() {
            if feed.row >= window.from + window.rows || window.rows == 0 {
                window.from = feed.row;
                window.rows = TOGETHER.min(nodes.len() - feed.row);
                window.ranges.clear();
                for csr in &window.lanes {
                    csr.ranges(&nodes[feed.row..feed.row + window.rows], &mut window.ranges);
                }
            }
            let before = (feed.row, found.nodes.len());
            for at in feed.row - window.from..window.rows {
                let found_before = found.nodes.len();
                for (lane, csr) in window.lanes.iter().enumerate() {
                    let range = window.ranges[lane * window.rows + at];
                    csr.copy(range, &mut found.nodes, wants_rel.then_some(&mut found.rels));
                }
                if !differs.is_empty() {
                    let row = feed.batch.row(feed.row);
                    retain_different(differs, row, found_before, &mut found.rels, &mut found.nodes);
                }
                found.rows.resize(found.nodes.len(), feed.row as u32);
                feed.row += 1;
                if found.is_full() {
                    break;
                }
            }
            cx.meter.step(feed.row - before.0 + found.nodes.len() - before.1)?;
        }
        Ok(())
    }

    fn nodes_only(&mut self, node: NodeRef, direction: Dir, graph: &Graph) {
        let nodes = &mut self.found.nodes;
        let slice = self.types.single().filter(|_| direction != Dir::Both);
        match slice.and_then(|ty| graph.neighbour_slice(node, direction, ty)) {
            Some(neighbours) => nodes.extend_from_slice(neighbours),
            None => graph.for_each_neighbour(node, direction, self.types.ids(), |_, node| nodes.push(node.0)),
        }
        self.found.rows.resize(nodes.len(), self.feed.row as u32);
    }

    fn with_rels(&mut self, node: NodeRef, direction: Dir, graph: &Graph) {
        let from = self.found.rels.len();
        let (rels, nodes) = (&mut self.found.rels, &mut self.found.nodes);
        graph.for_each_neighbour(node, direction, self.types.ids(), |rel, node| {
            rels.push(rel.0);
            nodes.push(node.0);
        });
        if !self.hop.differs.is_empty() {
            let row = self.feed.batch.row(self.feed.row);
            retain_different(&self.hop.differs, row, from, rels, nodes);
        }
        self.found.rows.resize(self.found.nodes.len(), self.feed.row as u32);
    }

    /// The relationship is known: only its other end is to be found.
    fn along_bound(&mut self, graph: &Graph) {
        let row = self.feed.batch.row(self.feed.row);
        let (Some(node), Some(rel)) = (row.node(self.hop.from), self.hop.rel.and_then(|slot| row.rel(slot))) else {
            return;
        };
        if let Some(other) = other_end(rel, node, self.hop.towards, &self.types, graph)
            && !self.hop.differs.iter().any(|slot| holds_rel(row, *slot, rel))
        {
            self.found.rows.push(self.feed.row as u32);
            self.found.rels.push(rel.0);
            self.found.nodes.push(other.0);
        }
    }
}

/// The node at the other end of `rel`, walked from `node` the way the hop allows.
pub(super) fn other_end(
    rel: RelRef,
    node: NodeRef,
    towards: Towards,
    types: &Types<'_>,
    graph: &Graph,
) -> Option<NodeRef> {
    let ends = graph.rel(rel);
    if !types.fits(ends.ty) {
        return None;
    }
    match towards {
        Towards::Out | Towards::Both if ends.start == node => Some(ends.end),
        Towards::In | Towards::Both if ends.end == node => Some(ends.start),
        _ => None,
    }
}

/// Drops from `rels[from..]` (and `nodes`) what the slots in `differs` already hold in this row.
pub(super) fn retain_different(differs: &[Slot], row: Row<'_>, from: usize, rels: &mut Vec<u32>, nodes: &mut Vec<u32>) {
    let mut kept = from;
    for at in from..rels.len() {
        if !differs.iter().any(|slot| holds_rel(row, *slot, RelRef::new(rels[at]))) {
            (rels[kept], nodes[kept]) = (rels[at], nodes[at]);
            kept += 1;
        }
    }
    rels.truncate(kept);
    nodes.truncate(kept);
}

/// Whether a slot holds the relationship, itself or in a list.
pub(super) fn holds_rel(row: Row<'_>, slot: Slot, rel: RelRef) -> bool {
    match row.batch.column(slot) {
        Some(Column::Rels(rels)) => rels[row.index] == rel.0,
        Some(Column::Values(values)) => value_holds(&values[row.index], rel),
        Some(Column::Const(value)) => value_holds(value, rel),
        _ => false,
    }
}

fn value_holds(value: &Value, rel: RelRef) -> bool {
    match value {
        Value::Rel(other) => *other == rel,
        Value::List(list) => list.iter().any(|item| value_holds(item, rel)),
        _ => false,
    }
}

impl Operator for Expand<'_> {
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
        self.window.lanes.clear();
    }
}
