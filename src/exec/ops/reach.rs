//! The distinct ends of walks, by breadth-first search: linear in the relationships reached, however many
//! walks lead there.
//!
//! | at least | whoever is reached by a walk of the mode is reached by |
//! |---|---|
//! | 0 or 1 steps | a shortest walk, which repeats neither relationship nor node |
//! | … and the start itself | a shortest circuit, which repeats nothing but its end (see [`super::circuit`]); in an acyclic walk by nothing |
//! | n steps, in trails | a beginning of n - 1 steps that repeats nothing, and a shortest walk in what it has left: there are never more beginnings, nor steps in such a search, than trails |
//! | n steps, in walks that may repeat | a shortest walk from whoever is reached by just n - 1 steps |
//!
//! Where the same steps may be taken from every row, rows of a batch are searched together ([`super::flood`]).

use super::circuit::around;
use super::flood::{Asked, Flood};
use super::found::{Columns, Found};
use super::pairs::{Pair, Pairs, Wanted};
use super::walking::{Steps, Visited};
use super::{Feed, Live, Operator, Source};
use crate::bind::bound::PathMode;
use crate::error::Result;
use crate::exec::batch::{Batch, Column, ROWS};
use crate::exec::context::Context;
use crate::plan::node::{Hop, VarHop};
use crate::value::NodeRef;

/// So many rows are searched together; fewer are done sooner one by one, in sets that stay small.
const TOGETHER: usize = 4;

/// Distinct ends per input row; with `into`, whether the end that is there is among them. `hop.rel` receives the length of
/// the shortest walk.
pub(in crate::exec) struct Reach<'p> {
    feed: Feed<'p>,
    hop: &'p Hop,
    var: &'p VarHop,
    into: bool,
    to: Columns<'p>,
    steps: Steps<'p>,
    found: Found,
    /// The length of the walk to each that was found, where it is asked for.
    lengths: Vec<i64>,
    visited: Visited,
    frontier: Vec<u32>,
    /// The nodes of the next level.
    level: Vec<u32>,
    next: Vec<(u32, u32)>,
    /// The relationships of the beginning under way.
    walked: Vec<u32>,
    /// What searches behind earlier beginnings have found.
    seen: Visited,
    pairs: Pairs,
    together: Flood,
    /// The rows that wait for what searches that go together have reached, by the number of the search.
    flooded: Vec<Vec<u32>>,
}

impl<'p> Reach<'p> {
    pub(in crate::exec) fn new(
        input: Source<'p>,
        (hop, var): (&'p Hop, &'p VarHop),
        into: bool,
        live: Live<'p>,
    ) -> Self {
        Self {
            feed: Feed::new(input),
            hop,
            var,
            into,
            to: Columns { rel: None, node: (!into).then_some(hop.to), live },
            steps: Steps::new(hop, var),
            found: Found::default(),
            lengths: Vec::new(),
            visited: Visited::with_room(),
            frontier: Vec::new(),
            level: Vec::new(),
            next: Vec::new(),
            walked: Vec::new(),
            seen: Visited::default(),
            pairs: Pairs::default(),
            together: Flood::default(),
            flooded: Vec::new(),
        }
    }

    /// Whether somebody asks how long the walks are.
    fn measures(&self) -> bool {
        self.hop.rel.is_some_and(|slot| self.to.live.is_none_or(|live| live.contains(&slot)))
    }

    /// Whether a walk that comes back to its start must be told from one that turns round on the way.
    fn must_circle(&self) -> bool {
        self.var.min > 0
            && (self.var.mode == PathMode::Acyclic || self.steps.go_either_way() && self.var.mode != PathMode::Walk)
    }

    /// Notes an end.
    fn push(&mut self, row: u32, node: u32, length: u64) {
        self.found.rows.push(row);
        self.found.nodes.push(node);
        if self.measures() {
            self.lengths.push(length.cast_signed());
        }
    }

    /// Searches from the current row, or from it and others behind it; `found` receives the ends.
    fn search(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let at = self.feed.row;
        self.steps.begin(self.feed.batch.row(at), cx);
        if self.var.min < 2 && self.steps.are_shared() {
            // an end that is there is searched from, too
            if self.into {
                return self.search_pairs(cx);
            }
            if self.feed.batch.len - at >= TOGETHER {
                return self.search_together(cx);
            }
        }
        self.feed.row += 1;
        let row = self.feed.batch.row(at);
        let Some(start) = row.node(self.hop.from) else { return Ok(()) };
        let target = if self.into { row.node(self.hop.to) } else { None };
        if self.into && target.is_none() {
            return Ok(());
        }
        let from = self.found.nodes.len();
        if self.var.min < 2 {
            self.flood(start, target, self.var.max, cx)?;
        } else {
            self.seen.clear();
            match self.var.mode {
                PathMode::Walk => self.repeat_steps(start, target, cx)?,
                _ => self.begin_walks(start, target, cx)?,
            }
        }
        if let Some(target) = target {
            let met = self.found.nodes[from..].iter().position(|node| *node == target.0);
            let length = met.and_then(|met| self.lengths.get(from + met).copied());
            self.found.nodes.truncate(from);
            self.lengths.truncate(from);
            if met.is_some() {
                self.found.nodes.push(target.0);
                self.lengths.extend(length);
            }
        }
        cx.meter.fits(self.found.nodes.len() * 20)?;
        self.found.rows.resize(self.found.nodes.len(), at as u32);
        Ok(())
    }

    /// The rest of the batch, whose ends are there.
    fn search_pairs(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let mut pairs = Vec::new();
        for row in self.feed.row..self.feed.batch.len {
            let cells = self.feed.batch.row(row);
            let (Some(start), Some(target)) = (cells.node(self.hop.from), cells.node(self.hop.to)) else { continue };
            let row = row as u32;
            match start == target {
                true if self.var.min == 0 => self.push(row, target.0, 0),
                true => self.come_back(row, start, cx)?,
                false => pairs.push(Pair { row, start: start.0, target: target.0 }),
            }
        }
        self.feed.row = self.feed.batch.len;
        let wanted = (Wanted::Length, self.var.max);
        for walk in self.pairs.answer(&pairs, wanted, &mut self.steps, cx)? {
            self.push(walk.row, walk.end, walk.length);
        }
        Ok(())
    }

    /// As many rows of the batch as begin at 64 different nodes.
    fn search_together(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let sources = self.feed.sources(self.hop.from, self.feed.batch.len, &mut self.flooded);
        let again = self.var.min > 0 && !self.must_circle();
        let asked = Asked { forward: true, again, max: self.var.max, distances: self.measures() };
        for (number, source) in sources.iter().enumerate().filter(|_| !again) {
            let rows = self.flooded[number].clone();
            let from = self.found.rows.len();
            match self.var.min {
                0 => self.push(rows[0], *source, 0),
                _ => self.come_back(rows[0], NodeRef::new(*source), cx)?,
            }
            if self.found.rows.len() > from {
                let length = self.lengths.last().copied().unwrap_or_default().cast_unsigned();
                rows[1..].iter().for_each(|row| self.push(*row, *source, length));
            }
        }
        self.together.run(&sources, asked, None, &mut self.steps, cx)
    }

    /// Notes a row whose start is reached again.
    fn come_back(&mut self, row: u32, start: NodeRef, cx: &mut Context<'_>) -> Result<()> {
        if self.var.mode == PathMode::Acyclic {
            return Ok(());
        }
        let bounds = (self.must_circle(), self.var.max);
        if let Some(rels) = around(start, bounds, &[], &mut self.steps, cx)? {
            self.push(row, start.0, rels.len() as u64);
        }
        Ok(())
    }

    /// Takes some of what searches that went together have reached; false when there is nothing any more.
    fn drain_flood(&mut self, cx: &mut Context<'_>) -> Result<bool> {
        let measures = self.measures();
        while !self.flooded.is_empty() && self.found.rows.len() < 4 * ROWS {
            let Some(to) = self.together.give() else {
                self.flooded.clear();
                break;
            };
            let length = if measures { self.together.distance(to).unwrap_or_default() } else { 0 };
            let rows = &self.flooded[to.search as usize];
            cx.meter.step(rows.len())?;
            self.found.rows.extend_from_slice(rows);
            self.found.nodes.extend(rows.iter().map(|_| to.node));
            if measures {
                self.lengths.extend(rows.iter().map(|_| length.cast_signed()));
            }
        }
        Ok(!self.found.rows.is_empty())
    }

    /// Walks every beginning that is one step shorter than what is asked for, and searches behind each.
    fn begin_walks(&mut self, start: NodeRef, target: Option<NodeRef>, cx: &mut Context<'_>) -> Result<()> {
        let rest = self.var.max.map(|max| (max + 1).saturating_sub(self.var.min));
        if rest == Some(0) {
            return Ok(());
        }
        let from = self.found.nodes.len();
        let mut open: Vec<Vec<(u32, u32)>> = vec![self.next_steps(start, cx)?];
        while let Some(steps) = open.last_mut() {
            let Some((rel, end)) = steps.pop() else {
                open.pop();
                self.walked.pop();
                continue;
            };
            if self.walked.contains(&rel) {
                continue;
            }
            self.walked.push(rel);
            if self.walked.len() as u64 + 1 < self.var.min {
                let steps = self.next_steps(NodeRef::new(end), cx)?;
                cx.meter.fits(open.iter().map(|steps| steps.len() * 8).sum())?;
                open.push(steps);
                continue;
            }
            self.flood(NodeRef::new(end), target, rest, cx)?;
            self.walked.pop();
            if target.is_some_and(|target| self.found.nodes[from..].contains(&target.0)) {
                break;
            }
        }
        self.walked.clear();
        Ok(())
    }

    /// Goes all steps but one of those asked for at least, each from everybody the step before has reached, and searches on
    /// from there. A walk may repeat what it likes.
    fn repeat_steps(&mut self, start: NodeRef, target: Option<NodeRef>, cx: &mut Context<'_>) -> Result<()> {
        let rest = self.var.max.map(|max| (max + 1).saturating_sub(self.var.min));
        if rest == Some(0) {
            return Ok(());
        }
        self.frontier.clear();
        self.frontier.push(start.0);
        for _ in 1..self.var.min {
            self.visited.clear();
            self.look_around(cx)?;
            std::mem::swap(&mut self.frontier, &mut self.level);
            if self.frontier.is_empty() {
                return Ok(());
            }
        }
        self.visited.clear();
        self.spread(target, rest, cx)
    }

    /// The steps from a node that pass the tests.
    fn next_steps(&mut self, node: NodeRef, cx: &mut Context<'_>) -> Result<Vec<(u32, u32)>> {
        let mut steps = Vec::new();
        self.steps.append(node, true, &mut steps, cx)?;
        Ok(steps)
    }

    /// Searches from a node in breadth, without the relationships of the beginning that led there.
    fn flood(&mut self, start: NodeRef, target: Option<NodeRef>, max: Option<u64>, cx: &mut Context<'_>) -> Result<()> {
        let (bound, deep) = (cx.graph().node_bound(), !self.walked.is_empty());
        let measures = self.measures();
        self.visited.clear();
        self.frontier.clear();
        self.frontier.push(start.0);
        if self.var.min == 0 {
            self.visited.insert(start.0, bound);
            self.found.nodes.push(start.0);
            self.lengths.extend(measures.then_some(0));
        } else if self.must_circle() {
            self.visited.insert(start.0, bound);
            let wanted = self.var.mode != PathMode::Acyclic && target.is_none_or(|target| target == start);
            if wanted
                && let Some(rels) = around(start, (true, max), &self.walked, &mut self.steps, cx)?
                && (!deep || self.seen.insert(start.0, bound))
            {
                self.found.nodes.push(start.0);
                self.lengths.extend(measures.then_some(rels.len() as i64));
            }
        }
        self.spread(target, max, cx)
    }

    /// Goes on from the frontier, to whoever was not visited yet, for so many steps.
    fn spread(&mut self, target: Option<NodeRef>, max: Option<u64>, cx: &mut Context<'_>) -> Result<()> {
        let (bound, deep, measures) = (cx.graph().node_bound(), !self.walked.is_empty(), self.measures());
        let mut depth = 0;
        while !self.frontier.is_empty() && max.is_none_or(|max| depth < max) {
            self.look_around(cx)?;
            std::mem::swap(&mut self.frontier, &mut self.level);
            depth += 1;
            let before = self.found.nodes.len();
            if deep {
                let seen = &mut self.seen;
                self.found.nodes.extend(self.frontier.iter().copied().filter(|node| seen.insert(*node, bound)));
            } else {
                self.found.nodes.extend_from_slice(&self.frontier);
                if measures {
                    self.lengths.extend(self.frontier.iter().map(|_| depth.cast_signed()));
                }
            }
            // most levels are small, and asking takes longer than making them
            let after = self.found.nodes.len();
            if after / ROWS > before / ROWS {
                cx.meter.fits(after * 20)?;
            }
            if target.is_some_and(|target| self.frontier.contains(&target.0)) {
                break;
            }
        }
        Ok(())
    }

    /// Takes every step from the frontier; `level` receives those that were not visited yet.
    fn look_around(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let bound = cx.graph().node_bound();
        let (visited, level, walked) = (&mut self.visited, &mut self.level, &self.walked);
        level.clear();
        let mut meet = |node: u32| {
            if visited.insert(node, bound) {
                level.push(node);
            }
        };
        if walked.is_empty()
            && let Some(lanes) = self.steps.untested(true, cx)
        {
            for node in &self.frontier {
                let mut looked = 1;
                for csr in lanes {
                    let ends = csr.targets(NodeRef::new(*node));
                    looked += ends.len();
                    ends.iter().for_each(|end| meet(*end));
                }
                cx.meter.step(looked)?;
            }
            return Ok(());
        }
        for node in &self.frontier {
            self.next.clear();
            self.steps.append(NodeRef::new(*node), true, &mut self.next, cx)?;
            self.next.iter().filter(|(rel, _)| !walked.contains(rel)).for_each(|(_, end)| meet(*end));
        }
        Ok(())
    }
}

impl Operator for Reach<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if self.found.at > 0 || !self.found.rows.is_empty() || self.drain_flood(cx)? {
                let from = self.found.at;
                if let Some(mut batch) = self.found.emit(&self.feed.batch, self.to, cx)? {
                    if let Some(slot) = self.hop.rel.filter(|_| self.measures()) {
                        batch.set(slot, Column::Ints(self.lengths[from..from + batch.len].to_vec()));
                    }
                    if self.found.rows.is_empty() {
                        self.lengths.clear();
                    }
                    return Ok(Some(batch));
                }
            }
            if !self.feed.ready(cx)? {
                return Ok(None);
            }
            self.found.begin(false);
            while self.feed.row < self.feed.batch.len && !self.found.is_full() && self.flooded.is_empty() {
                self.search(cx)?;
            }
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.found.clear();
        self.lengths.clear();
        self.flooded.clear();
    }
}
