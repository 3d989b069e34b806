//! What scans, seeks and expansions have found for the rows of a batch, on its way into new batches.

use super::Live;
use crate::bind::bound::Slot;
use crate::error::Result;
use crate::exec::batch::{Batch, Column, NONE, ROWS};
use crate::exec::context::Context;
use crate::provenance::FactId;
use crate::value::{NodeRef, RelRef};

/// Triples of input row, relationship, node. A column that nobody asked for stays empty.
#[derive(Default)]
pub(super) struct Found {
    pub(super) rows: Vec<u32>,
    pub(super) rels: Vec<u32>,
    pub(super) nodes: Vec<u32>,
    pub(super) at: usize,
}

/// Where the found things go.
#[derive(Clone, Copy)]
pub(super) struct Columns<'p> {
    pub(super) rel: Option<Slot>,
    pub(super) node: Option<Slot>,
    pub(super) live: Live<'p>,
}

impl Found {
    /// Whether there is enough for a batch.
    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= ROWS
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.rels.clear();
        self.nodes.clear();
        self.at = 0;
    }

    /// The next batch out of what was found for rows of `input`; nothing when all is handed on.
    pub(super) fn emit(&mut self, input: &Batch, to: Columns<'_>, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let left = self.rows.len() - self.at;
        if left == 0 {
            return Ok(None);
        }
        let from = self.at;
        let until = from + if left > 4 * ROWS { ROWS } else { left };
        let mut batch = input.gather(&self.rows[from..until], to.live);
        if let Some(cites) = &mut batch.cites {
            for (cite, at) in cites.iter_mut().zip(from..until) {
                let rel = self.rels.get(at).map(|rel| RelRef(*rel));
                let node = self.nodes.get(at).map(|node| NodeRef(*node));
                *cite = cited(*cite, rel, node, cx);
            }
            cx.meter.fits(cx.citations.heap_bytes())?;
        }
        let all = until - from == self.rows.len();
        let cells = |found: &mut Vec<u32>| if all { std::mem::take(found) } else { found[from..until].to_vec() };
        let is_live = |slot: &Slot| to.live.is_none_or(|live| live.contains(slot));
        if let Some(slot) = to.rel.filter(is_live) {
            batch.set(slot, Column::Rels(cells(&mut self.rels)));
        }
        if let Some(slot) = to.node.filter(is_live) {
            batch.set(slot, Column::Nodes(cells(&mut self.nodes)));
        }
        self.at = until;
        if self.at == self.rows.len() {
            self.clear();
        }
        Ok(Some(batch))
    }
}

/// `cite` and what was found: the relationship always, the node when documents speak of it by itself.
pub(super) fn cited(cite: u32, rel: Option<RelRef>, node: Option<NodeRef>, cx: &mut Context<'_>) -> u32 {
    let mut cite = cite;
    if let Some(rel) = rel.filter(|rel| rel.0 != NONE) {
        let fact = cx.citations.fact(FactId::Rel(rel));
        cite = cx.citations.and(cite, fact);
    }
    if let Some(node) = node.filter(|node| node.0 != NONE)
        && !cx.knowledge.evidence.places_of(node).is_empty()
    {
        let fact = cx.citations.fact(FactId::Node(node));
        cite = cx.citations.and(cite, fact);
    }
    cite
}
