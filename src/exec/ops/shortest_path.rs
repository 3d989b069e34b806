//! Shortest walks: between two nodes that are there, or from one to all it reaches.

use super::found::cited;
use super::shortest::{Wanted, all, in_order, one, to_all};
use super::walking::{Steps, rel_list};
use super::{Feed, Live, Operator, Source};
use crate::bind::bound::{Selector, Slot};
use crate::error::Result;
use crate::exec::batch::{Batch, Column, ROWS};
use crate::exec::context::Context;
use crate::plan::node::{Hop, VarHop};
use crate::value::{NodeRef, RelRef, Value};

/// Shortest walks per input row; `hop.rel` receives the list of relationships.
pub(in crate::exec) struct ShortestPath<'p> {
    feed: Feed<'p>,
    hop: &'p Hop,
    var: &'p VarHop,
    selector: Selector,
    into: bool,
    live: Live<'p>,
    steps: Steps<'p>,
    /// Walks found for the current row, to be handed on from the back.
    walks: Vec<(u32, Vec<u32>)>,
}

impl<'p> ShortestPath<'p> {
    pub(in crate::exec) fn new(
        input: Source<'p>,
        (hop, var): (&'p Hop, &'p VarHop),
        (selector, into): (Selector, bool),
        live: Live<'p>,
    ) -> Self {
        let steps = Steps::new(hop, var);
        Self { feed: Feed::new(input), hop, var, selector, into, live, steps, walks: Vec::new() }
    }

    /// Finds the walks of the current row.
    fn search(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let row = self.feed.batch.row(self.feed.row);
        let Some(start) = row.node(self.hop.from) else { return Ok(()) };
        let target = row.node(self.hop.to);
        if self.into && target.is_none() {
            return Ok(());
        }
        self.steps.begin(row, cx);
        if let Some(target) = target.filter(|_| self.into) {
            let walks = self.between(start, target, cx)?;
            self.walks.extend(walks.into_iter().map(|walk| (target.0, walk)));
        } else {
            let reached = to_all(start, self.var.max, &mut self.steps, cx)?;
            let alone = self.is_one() && self.var.min <= 1;
            for walk in self.between(start, start, cx)? {
                self.walks.push((start.0, walk));
            }
            for (node, walk) in reached {
                if alone {
                    self.walks.push((node, walk));
                } else {
                    let walks = self.between(start, NodeRef::new(node), cx)?;
                    self.walks.extend(walks.into_iter().map(|walk| (node, walk)));
                }
            }
        }
        self.walks.reverse();
        Ok(())
    }

    fn is_one(&self) -> bool {
        matches!(self.selector, Selector::ShortestPath | Selector::Any(1) | Selector::Shortest(1))
    }

    fn between(&mut self, start: NodeRef, target: NodeRef, cx: &mut Context<'_>) -> Result<Vec<Vec<u32>>> {
        let plain = self.var.min <= 1 && start != target;
        let max = self.var.max;
        match self.selector {
            _ if plain && self.is_one() => Ok(one((start, target), max, &mut self.steps, cx)?.into_iter().collect()),
            Selector::AllShortestPaths | Selector::AllShortest if plain => {
                all((start, target), max, &mut self.steps, cx)
            }
            _ if start == target && self.var.min == 0 && (self.is_one() || self.wants_shortest()) => {
                Ok(vec![Vec::new()])
            }
            _ => {
                let wanted = match self.selector {
                    Selector::ShortestPath => Wanted::Walks(1),
                    Selector::Any(k) | Selector::Shortest(k) => Wanted::Walks(k),
                    Selector::AllShortestPaths | Selector::AllShortest => Wanted::Lengths(1),
                    Selector::ShortestGroups(k) => Wanted::Lengths(k),
                    Selector::All => Wanted::Walks(u64::MAX),
                };
                in_order((start, target), self.var, wanted, &mut self.steps, cx)
            }
        }
    }

    fn wants_shortest(&self) -> bool {
        matches!(self.selector, Selector::AllShortestPaths | Selector::AllShortest)
    }

    /// The rows of the current input row.
    fn emit(&mut self, cx: &mut Context<'_>) -> Result<Batch> {
        let len = self.walks.len().min(ROWS);
        let walks = self.walks.split_off(self.walks.len() - len);
        let rows = vec![self.feed.row as u32; len];
        let mut batch = self.feed.batch.gather(&rows, self.live);
        let is_live = |slot: &Slot| self.live.is_none_or(|live| live.contains(slot));
        if !self.into && is_live(&self.hop.to) {
            batch.set(self.hop.to, Column::Nodes(walks.iter().rev().map(|(node, _)| *node).collect()));
        }
        if let Some(slot) = self.hop.rel.filter(is_live) {
            let mut memory = cx.meter.reservation();
            let mut lists = Vec::with_capacity(len);
            for (_, rels) in walks.iter().rev() {
                memory.grow(40 + rels.len() * size_of::<Value>())?;
                cx.meter.step(1 + rels.len() / 8)?;
                lists.push(if self.var.reversed {
                    rel_list(rels.iter().rev().copied())?
                } else {
                    rel_list(rels.iter().copied())?
                });
            }
            batch.set(slot, Column::Values(lists));
            batch.hold(memory);
        }
        if let Some(cites) = &mut batch.cites {
            for (cite, (_, rels)) in cites.iter_mut().zip(walks.iter().rev()) {
                *cite =
                    rels.iter().fold(*cite, |cite, rel| cited(cite, Some((RelRef::new(*rel), self.hop.rel)), None, cx));
            }
        }
        Ok(batch)
    }
}

impl Operator for ShortestPath<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if !self.walks.is_empty() {
                let batch = self.emit(cx)?;
                if self.walks.is_empty() {
                    self.feed.row += 1;
                }
                return Ok(Some(batch));
            }
            if !self.feed.ready(cx)? {
                return Ok(None);
            }
            cx.meter.step(1)?;
            self.search(cx)?;
            if self.walks.is_empty() {
                self.feed.row += 1;
            }
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.walks.clear();
    }
}
