//! What scans, seeks and expansions have found for the rows of a batch, on its way into new batches.

use super::Live;
use crate::bind::bound::Slot;
use crate::error::Result;
use crate::exec::batch::{Batch, Column, NONE, ROWS};
use crate::exec::context::Context;
use crate::provenance::FactId;
use crate::provenance::citation::Leaf;
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

    /// Makes room for a short answer: to grow from nothing moves it several times.
    pub(super) fn begin(&mut self, with_rels: bool) {
        const FEW: usize = 128;
        if self.nodes.capacity() == 0 {
            let rels = with_rels.then_some(&mut self.rels);
            [&mut self.rows, &mut self.nodes].into_iter().chain(rels).for_each(|found| found.reserve(FEW));
        }
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
                let rel = self.rels.get(at).map(|rel| (RelRef::new(*rel), to.rel));
                let node = self.nodes.get(at).map(|node| (NodeRef::new(*node), to.node));
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

/// `cite` and what was found, each with the slot it goes to: the relationship always, the node when documents speak of
/// it by itself. What a view still lies before is cited when it has passed.
pub(super) fn cited(
    cite: u32,
    rel: Option<(RelRef, Option<Slot>)>,
    node: Option<(NodeRef, Option<Slot>)>,
    cx: &mut Context<'_>,
) -> u32 {
    let mut cite = cite;
    if let Some((rel, slot)) = rel.filter(|(rel, _)| rel.0 != NONE)
        && let Some(reads) = reads_of(slot, rel.view(), cx)
    {
        let leaf = cx.citations.leaf(Leaf { fact: FactId::Rel(rel), reads, view: rel.view() });
        cite = cx.citations.and(cite, leaf);
    }
    if let Some((node, slot)) = node.filter(|(node, _)| node.0 != NONE)
        && let Some(reads) = reads_of(slot, node.view(), cx)
        && (reads > 0 || !cx.knowledge.evidence.places_of(node).is_empty())
    {
        let leaf = cx.citations.leaf(Leaf { fact: FactId::Node(node), reads, view: node.view() });
        cite = cx.citations.and(cite, leaf);
    }
    cite
}

/// The number under which a leaf of `slot` knows what is read of it; nothing when a view still lies before it.
fn reads_of(slot: Option<Slot>, view: u32, cx: &Context<'_>) -> Option<u32> {
    let Some(slot) = slot else { return Some(0) };
    if view == 0 && cx.plan.viewed.contains(&slot) {
        return None;
    }
    let reads = cx.plan.reads.get(slot.0 as usize)?;
    Some(if reads.keys.is_empty() { 0 } else { slot.0 + 1 })
}
