//! Shortest walks, or cheapest: between two nodes that are there, or from one to all it reaches.
//!
//! Where the same steps may be taken from every row, the rows of a batch are searched together: see [`super::pairs`] for
//! those whose ends are there, [`super::flood`] for the others.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::cheapest::{self, Cheapest};
use super::circuit::around;
use super::cost::Cost;
use super::flood::{Asked, Flood, Reached};
use super::found::cited;
use super::pairs::{Pair, Pairs, Walk, Wanted};
use super::shortest::{self, in_order};
use super::walking::{Steps, rel_list};
use super::{Feed, Live, Operator, Source};
use crate::bind::bound::{PathMode, Selector, Slot};
use crate::error::Result;
use crate::exec::batch::{Batch, Column, ROWS};
use crate::exec::context::Context;
use crate::exec::vector::narrowed;
use crate::plan::node::{Hop, VarHop};
use crate::value::{NodeRef, RelRef, Value};

/// Shortest walks per input row; `hop.rel` receives the list of relationships, or how many there are.
pub(in crate::exec) struct ShortestPath<'p> {
    feed: Feed<'p>,
    hop: &'p Hop,
    var: &'p VarHop,
    selector: Selector,
    into: bool,
    live: Live<'p>,
    steps: Steps<'p>,
    pairs: Pairs,
    flood: Flood,
    /// The rows that wait for what the flood has reached, by the number of the search; none: nothing is to be given.
    flooded: Vec<Vec<u32>>,
    /// Searches by cost; from these nodes the cheapest walks are still to be sought, the last first, with the rows of each.
    cheapest: Cheapest,
    waiting: Vec<(u32, Vec<u32>)>,
    /// Found and not yet handed on.
    walks: VecDeque<Walk>,
}

impl<'p> ShortestPath<'p> {
    pub(in crate::exec) fn new(
        input: Source<'p>,
        (hop, var): (&'p Hop, &'p VarHop),
        (selector, into): (Selector, bool),
        live: Live<'p>,
    ) -> Self {
        Self {
            feed: Feed::new(input),
            hop,
            var,
            selector,
            into,
            live,
            steps: Steps::new(hop, var),
            pairs: Pairs::default(),
            flood: Flood::default(),
            flooded: Vec::new(),
            cheapest: Cheapest::default(),
            waiting: Vec::new(),
            walks: VecDeque::new(),
        }
    }

    /// What breadth-first search alone answers: one or all of the shortest walks, which need no least length.
    fn plain(&self) -> Option<Wanted> {
        match self.selector {
            _ if self.var.min > 1 => None,
            Selector::ShortestPath | Selector::Any(1) | Selector::Shortest(1) => Some(Wanted::One),
            Selector::AllShortestPaths | Selector::AllShortest => Some(Wanted::All),
            _ => None,
        }
    }

    /// Finds the walks of the rows that come next: of one, or of all that can be searched together.
    fn search(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let first = self.feed.row;
        self.steps.begin(self.feed.batch.row(first), cx);
        let together = (self.var.cost.is_some() || self.plain().is_some()) && self.steps.are_shared();
        let until = if together { self.feed.batch.len } else { first + 1 };
        if self.into {
            let mut pairs = Vec::new();
            for row in first..until {
                let cells = self.feed.batch.row(row);
                if let (Some(start), Some(target)) = (cells.node(self.hop.from), cells.node(self.hop.to)) {
                    pairs.push(Pair { row: row as u32, start: start.0, target: target.0 });
                }
            }
            self.feed.row = until;
            return self.between(&pairs, cx);
        }
        if self.var.cost.is_some() {
            let mut rows = Vec::new();
            let sources = self.feed.sources(self.hop.from, until, &mut rows);
            self.waiting.extend(sources.into_iter().zip(rows).rev());
            return Ok(());
        }
        let sources = self.feed.sources(self.hop.from, until, &mut self.flooded);
        for (number, source) in sources.iter().enumerate() {
            for row in self.flooded[number].clone() {
                self.between(&[Pair { row, start: *source, target: *source }], cx)?;
            }
        }
        let asked = Asked { forward: true, again: false, max: self.var.max, distances: true };
        self.flood.run(&sources, asked, None, &mut self.steps, cx)
    }

    /// The walks of pairs.
    fn between(&mut self, pairs: &[Pair], cx: &mut Context<'_>) -> Result<()> {
        let (mut apart, mut found) = (Vec::with_capacity(pairs.len()), Vec::new());
        let together = self.var.cost.is_some() || self.plain().is_some();
        for pair in pairs {
            if together && pair.start != pair.target {
                apart.push(*pair);
                continue;
            }
            for rels in self.one_by_one(*pair, cx)? {
                found.push(Walk { row: pair.row, end: pair.target, length: rels.len() as u64, rels });
            }
        }
        if self.var.cost.is_some() {
            found.extend(self.cheapest.between(&apart, self.var.max, &mut self.steps, cx)?);
        } else if let Some(wanted) = self.plain() {
            found.extend(self.pairs.answer(&apart, (wanted, self.var.max), &mut self.steps, cx)?);
        }
        found.sort_by_key(|walk| walk.row);
        self.walks.extend(found);
        Ok(())
    }

    /// The walks of a pair whose ends are the same, or between which more is asked for than the shortest.
    fn one_by_one(&mut self, pair: Pair, cx: &mut Context<'_>) -> Result<Vec<Vec<u32>>> {
        let (start, target) = (NodeRef::new(pair.start), NodeRef::new(pair.target));
        let plain = self.plain();
        if (plain.is_some() || self.var.cost.is_some()) && self.var.min == 0 {
            return Ok(vec![Vec::new()]);
        }
        if start == target && self.var.min > 0 && self.var.mode == PathMode::Acyclic {
            return Ok(Vec::new());
        }
        let joins = self.joins();
        if self.var.cost.is_some() {
            let around = self.cheapest.around(start.0, (joins, self.var.max), &mut self.steps, cx)?;
            return Ok(around.into_iter().collect());
        }
        let mut var = Cow::Borrowed(self.var);
        if plain.is_some() {
            let around = around(start, (joins, self.var.max), &[], &mut self.steps, cx)?;
            let (Some(length), Some(Wanted::All)) = (around.as_ref().map(|rels| rels.len() as u64), plain) else {
                return Ok(around.into_iter().collect());
            };
            // where nothing leads back, trying would go through every trail there is
            var.to_mut().max = Some(length);
        }
        let wanted = match self.selector {
            Selector::ShortestPath => shortest::Wanted::Walks(1),
            Selector::Any(k) | Selector::Shortest(k) => shortest::Wanted::Walks(k),
            Selector::AllShortestPaths | Selector::AllShortest => shortest::Wanted::Lengths(1),
            Selector::ShortestGroups(k) => shortest::Wanted::Lengths(k),
            // the cheapest have been found above
            Selector::All | Selector::Cheapest(_) | Selector::AllCheapest | Selector::CheapestGroups(_) => {
                shortest::Wanted::Walks(u64::MAX)
            }
        };
        in_order((start, target), &var, wanted, &mut self.steps, cx)
    }

    /// Takes what the flood has reached, as far as that makes a batch; false when there is nothing any more.
    fn drain_flood(&mut self, cx: &mut Context<'_>) -> Result<bool> {
        while !self.flooded.is_empty() && self.walks.len() < ROWS {
            let Some(to) = self.flood.give() else {
                self.flooded.clear();
                break;
            };
            cx.meter.step(1)?;
            self.reached(to, cx)?;
        }
        Ok(!self.walks.is_empty())
    }

    /// Takes what searches by cost have reached, as far as that makes a batch; false when there is nothing any more.
    fn drain_cheapest(&mut self, cx: &mut Context<'_>) -> Result<bool> {
        while self.walks.len() < ROWS {
            if !self.flooded.is_empty()
                && let Some(end) = self.cheapest.give()
            {
                cx.meter.step(1)?;
                let rels = self.cheapest.walk(end);
                let rows = std::mem::take(&mut self.flooded[0]);
                self.found_for(&rows, end, &rels);
                self.flooded[0] = rows;
                continue;
            }
            self.flooded.clear();
            let Some((source, rows)) = self.waiting.pop() else { break };
            // the search that goes everywhere finds the circuit, too, where there is one to be found
            let circuit = self.joins() && self.var.max.is_none() && self.var.min > 0;
            let circuit = circuit && self.var.mode != PathMode::Acyclic;
            if !circuit {
                let own = self.one_by_one(Pair { row: rows[0], start: source, target: source }, cx)?;
                own.iter().for_each(|rels| self.found_for(&rows, source, rels));
            }
            let asked = cheapest::Asked { circuit, max: self.var.max, ..cheapest::Asked::FORWARD };
            self.cheapest.run(source, asked, None, &mut self.steps, cx)?;
            if let Some(rels) = self.cheapest.circuit() {
                self.found_for(&rows, source, &rels);
            }
            // the first is where the search began
            self.cheapest.give();
            self.flooded.push(rows);
        }
        Ok(!self.walks.is_empty())
    }

    /// Whether a walk back to where it began must not return by the relationship it came by.
    fn joins(&self) -> bool {
        self.steps.go_either_way() && self.var.mode != PathMode::Walk
    }

    fn found_for(&mut self, rows: &[u32], end: u32, rels: &[u32]) {
        let walk = |row: &u32| Walk { row: *row, end, length: rels.len() as u64, rels: rels.to_vec() };
        self.walks.extend(rows.iter().map(walk));
    }

    /// What each walk costs, the relationships in the order in which they are written.
    fn totals(&mut self, walks: &[Walk], cx: &mut Context<'_>) -> Result<Vec<Value>> {
        let mut totals = Vec::with_capacity(walks.len());
        for walk in walks {
            let mut costs = Vec::with_capacity(walk.rels.len());
            for rel in &walk.rels {
                costs.extend(self.steps.price(*rel, cx)?);
            }
            if self.var.reversed {
                costs.reverse();
            }
            totals.push(costs.into_iter().fold(Cost::ZERO, Cost::plus).total()?);
        }
        Ok(totals)
    }

    fn reached(&mut self, to: Reached, cx: &mut Context<'_>) -> Result<()> {
        let rows = self.flooded[to.search as usize].clone();
        let walks = match self.plain() {
            Some(Wanted::One) => vec![self.flood.walk(to, &mut self.steps, cx)?],
            Some(_) => self.flood.walks(to, &mut self.steps, cx)?,
            None => {
                let start = self.feed.batch.row(rows[0] as usize).node(self.hop.from).map_or(to.node, |start| start.0);
                self.one_by_one(Pair { row: rows[0], start, target: to.node }, cx)?
            }
        };
        walks.iter().for_each(|rels| self.found_for(&rows, to.node, rels));
        Ok(())
    }

    /// The next rows.
    fn emit(&mut self, cx: &mut Context<'_>) -> Result<Batch> {
        let walks: Vec<Walk> = self.walks.drain(..self.walks.len().min(ROWS)).collect();
        let rows: Vec<u32> = walks.iter().map(|walk| walk.row).collect();
        let mut batch = self.feed.batch.gather(&rows, self.live);
        let live = self.live;
        let is_live = |slot: &Slot| live.is_none_or(|live| live.contains(slot));
        if !self.into && is_live(&self.hop.to) {
            batch.set(self.hop.to, Column::Nodes(walks.iter().map(|walk| walk.end).collect()));
        }
        if let Some(slot) = self.hop.rel.filter(is_live) {
            if self.var.counted {
                batch.set(slot, Column::Ints(walks.iter().map(|walk| walk.length.cast_signed()).collect()));
            } else {
                let mut memory = cx.meter.reservation();
                let mut lists = Vec::with_capacity(walks.len());
                for Walk { rels, .. } in &walks {
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
        }
        if self.var.cost.is_some() {
            let totals = self.totals(&walks, cx)?;
            if let Some(slot) = self.var.total.filter(is_live) {
                batch.set(slot, narrowed(totals));
            }
        }
        if let Some(cites) = &mut batch.cites {
            for (cite, walk) in cites.iter_mut().zip(&walks) {
                let leaf = |cite, rel: &u32| cited(cite, Some((RelRef::new(*rel), self.hop.rel)), None, cx);
                *cite = walk.rels.iter().fold(*cite, leaf);
            }
        }
        Ok(batch)
    }
}

impl Operator for ShortestPath<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            let drained = match self.var.cost {
                Some(_) => self.drain_cheapest(cx)?,
                None => self.drain_flood(cx)?,
            };
            if drained {
                return self.emit(cx).map(Some);
            }
            if !self.feed.ready(cx)? {
                return Ok(None);
            }
            cx.meter.step(1)?;
            self.search(cx)?;
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.walks.clear();
        self.flooded.clear();
        self.waiting.clear();
    }
}
