//! Every node, every node of a label, every relationship: for each row of the input.

use std::ops::Range;
use std::sync::Arc;

use super::found::{Columns, Found};
use super::{Feed, Live, Operator, Source};
use crate::bind::bound::Slot;
use crate::error::Result;
use crate::exec::batch::{Batch, Column, ROWS};
use crate::exec::context::Context;
use crate::exec::names::Types;
use crate::graph::Graph;
use crate::plan::node::{Hop, Towards};
use crate::value::{NodeRef, RelRef};

/// Every node, or every node of a label, per input row.
pub(in crate::exec) struct ScanNodes<'p> {
    feed: Feed<'p>,
    label: Option<&'p Arc<str>>,
    to: Columns<'p>,
    found: Found,
    /// Where the scan for the current row goes on; nothing: it has not begun.
    cursor: Option<u32>,
}

impl<'p> ScanNodes<'p> {
    pub(in crate::exec) fn new(input: Source<'p>, node: Slot, label: Option<&'p Arc<str>>, live: Live<'p>) -> Self {
        let to = Columns { rel: None, node: Some(node), live };
        Self { feed: Feed::new(input), label, to, found: Found::default(), cursor: None }
    }

    /// Finds the next nodes for the current row, among the slots that are this thread's share.
    fn fill(&mut self, graph: &Graph, share: Option<&Range<u32>>) {
        let share = share.map_or(0..u32::MAX, Range::clone);
        let cursor = self.cursor.unwrap_or(share.start);
        let nodes = &mut self.found.nodes;
        let before = nodes.len();
        let next = match self.label {
            None => graph.scan_nodes(cursor, nodes, ROWS),
            Some(label) => graph.label(label).and_then(|label| graph.scan_label(label, cursor, nodes, ROWS)),
        };
        let within = nodes[before..].partition_point(|node| *node < share.end);
        nodes.truncate(before + within);
        self.cursor = next.filter(|next| *next < share.end);
        self.found.rows.resize(self.found.nodes.len(), self.feed.row as u32);
        if self.cursor.is_none() {
            self.feed.row += 1;
        }
    }
}

impl Operator for ScanNodes<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some(batch) = self.found.emit(&self.feed.batch, self.to, cx)? {
                return Ok(Some(batch));
            }
            if !self.feed.ready(cx)? {
                return Ok(None);
            }
            while self.feed.row < self.feed.batch.len && !self.found.is_full() {
                let before = self.found.rows.len();
                self.fill(cx.graph(), cx.share.as_ref());
                cx.meter.step(1 + self.found.rows.len() - before)?;
            }
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.found.clear();
        self.cursor = None;
    }
}

/// Every relationship of the types with its ends, per input row.
pub(in crate::exec) struct ScanRels<'p> {
    feed: Feed<'p>,
    hop: &'p Hop,
    live: Live<'p>,
    types: Types<'p>,
    /// Which of the types is being scanned, and where that scan goes on.
    ty: usize,
    cursor: u32,
}

impl<'p> ScanRels<'p> {
    pub(in crate::exec) fn new(input: Source<'p>, hop: &'p Hop, live: Live<'p>) -> Self {
        Self { feed: Feed::new(input), hop, live, types: Types::new(&hop.types), ty: 0, cursor: 0 }
    }

    /// The next relationships for the current row; moves to the next row when there are no more.
    fn fill(&mut self, graph: &Graph, rels: &mut Vec<u32>) {
        if self.types.is_none() {
            self.feed.row += 1;
            return;
        }
        let next = match self.types.ids().get(self.ty) {
            Some(ty) => graph.scan_type(*ty, self.cursor, rels, ROWS),
            None => graph.scan_rels(self.cursor, rels, ROWS),
        };
        match next {
            Some(cursor) => self.cursor = cursor,
            None => {
                self.cursor = 0;
                self.ty += 1;
                if self.ty >= self.types.ids().len() {
                    self.ty = 0;
                    self.feed.row += 1;
                }
            }
        }
    }
}

/// The batch of `rels` found for a row of the input, each the ways round that the step asks for.
pub(super) fn rel_batch(
    (input, row): (&Batch, usize),
    rels: &[u32],
    hop: &Hop,
    live: Live<'_>,
    cx: &mut Context<'_>,
) -> Result<Batch> {
    let graph = cx.graph();
    let (mut froms, mut links, mut tos) = (Vec::new(), Vec::with_capacity(rels.len()), Vec::new());
    for &rel in rels {
        let ends = graph.rel(RelRef::new(rel));
        let forward = hop.towards != Towards::In;
        let backward = hop.towards == Towards::In || (hop.towards == Towards::Both && ends.start != ends.end);
        let ways = [(forward, ends.start, ends.end), (backward, ends.end, ends.start)];
        for (_, from, to) in ways.into_iter().filter(|way| way.0) {
            froms.push(from.0);
            links.push(rel);
            tos.push(to.0);
        }
    }
    let rows = vec![row as u32; links.len()];
    let mut found = Found { rows, rels: links, nodes: tos, ..Found::default() };
    let wanted = Columns { rel: hop.rel, node: Some(hop.to), live };
    let mut batch = found.emit(input, wanted, cx)?.unwrap_or_default();
    if let Some(cites) = &mut batch.cites {
        for (cite, from) in cites.iter_mut().zip(&froms) {
            *cite = super::found::cited(*cite, None, Some((NodeRef::new(*from), Some(hop.from))), cx);
        }
    }
    if live.is_none_or(|live| live.contains(&hop.from)) {
        batch.set(hop.from, Column::Nodes(froms));
    }
    Ok(batch)
}

impl Operator for ScanRels<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let mut rels = Vec::new();
        while self.feed.ready(cx)? {
            self.types.resolve(cx.graph());
            let row = self.feed.row;
            rels.clear();
            self.fill(cx.graph(), &mut rels);
            cx.meter.step(1 + rels.len())?;
            if !rels.is_empty() {
                return rel_batch((&self.feed.batch, row), &rels, self.hop, self.live, cx).map(Some);
            }
        }
        Ok(None)
    }

    fn reset(&mut self) {
        self.feed.reset();
        (self.ty, self.cursor) = (0, 0);
    }
}
