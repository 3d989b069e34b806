//! Searches for shortest walks between two nodes.
//!
//! | asked | search |
//! |---|---|
//! | one shortest | breadth first from both ends |
//! | k shortest, groups, at least so many steps, circles | best first, guided by the exact distance to the end |
//!
//! Both are linear in the relationships they touch, but for the number of walks they give. Between many ends, to every node,
//! and for all shortest walks at once: [`super::flood`].

use std::collections::hash_map::Entry;
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::walking::Steps;
use crate::bind::bound::PathMode;
use crate::error::Result;
use crate::exec::context::Context;
use crate::graph::Csr;
use crate::plan::node::VarHop;
use crate::value::NodeRef;

/// How a node was reached: by which relationship, from which node.
#[derive(Clone, Copy)]
struct Way {
    rel: u32,
    from: u32,
}

const NOWHERE: u32 = u32::MAX;
/// Nodes there is room for at first.
const ROOM: usize = 256;
/// How many nodes are asked for their degree to know about how many relationships a step looks at.
const ASKED: usize = 64;

/// One side of a search from both ends.
struct Side {
    ways: FxHashMap<u32, Way>,
    frontier: Vec<u32>,
    /// Room for the next frontier.
    spare: Vec<u32>,
    depth: u64,
    /// The steps that lead on from the frontier: relationship and other end.
    ahead: Vec<(u32, u32)>,
    /// Where in `ahead` the steps of each node of the frontier end.
    ends: Vec<usize>,
    /// Relationships that were looked at.
    looked: u64,
}

/// A step from a node of one side to a node of the other.
struct Meeting {
    from: u32,
    rel: u32,
    to: u32,
}

impl Side {
    fn new(start: NodeRef) -> Self {
        let mut ways = FxHashMap::with_capacity_and_hasher(ROOM, FxBuildHasher);
        ways.insert(start.0, Way { rel: NOWHERE, from: NOWHERE });
        Self {
            ways,
            frontier: vec![start.0],
            spare: Vec::new(),
            depth: 0,
            ahead: Vec::new(),
            ends: Vec::new(),
            looked: 0,
        }
    }

    /// Goes one step further everywhere, unless a step leads to what `other` has met: that is looked for before any is
    /// taken, because most of a search is its last step.
    fn advance(
        &mut self,
        other: &Self,
        forward: bool,
        steps: &mut Steps<'_>,
        cx: &mut Context<'_>,
    ) -> Result<Option<Meeting>> {
        if let Some(lanes) = steps.untested(forward, cx) {
            return self.advance_untested(other, lanes, cx);
        }
        self.ahead.clear();
        self.ends.clear();
        for &from in &self.frontier {
            let known = self.ahead.len();
            if forward {
                steps.leaving(NodeRef::new(from), &mut self.ahead, cx);
            } else {
                steps.entering(NodeRef::new(from), &mut self.ahead, cx);
            }
            self.looked += (self.ahead.len() - known) as u64;
            cx.meter.step(1 + self.ahead.len() - known)?;
            steps.retain(known, &mut self.ahead, cx)?;
            let met = |(_, to): &&(u32, u32)| other.ways.contains_key(to);
            if let Some(&(rel, to)) = self.ahead[known..].iter().find(met) {
                return Ok(Some(Meeting { from, rel, to }));
            }
            self.ends.push(self.ahead.len());
        }
        cx.meter.fits((self.ways.len() + self.ahead.len()) * 32)?;
        self.depth += 1;
        let mut at = 0;
        for (from, end) in std::mem::take(&mut self.frontier).into_iter().zip(&self.ends) {
            for &(rel, to) in &self.ahead[at..*end] {
                if let Entry::Vacant(way) = self.ways.entry(to) {
                    way.insert(Way { rel, from });
                    self.frontier.push(to);
                }
            }
            at = *end;
        }
        Ok(None)
    }

    /// The same where ends are all there is to read: nothing is put down that the last step does not need.
    fn advance_untested(&mut self, other: &Self, lanes: &[Arc<Csr>], cx: &Context<'_>) -> Result<Option<Meeting>> {
        for &from in &self.frontier {
            let mut looked = 1;
            for csr in lanes {
                let range = csr.range(NodeRef::new(from));
                let ends = &csr.all_targets()[range.clone()];
                if let Some(at) = ends.iter().position(|to| other.ways.contains_key(to)) {
                    return Ok(Some(Meeting { from, rel: csr.rel_at(range.start + at).0, to: ends[at] }));
                }
                looked += ends.len();
            }
            self.looked += looked as u64;
            cx.meter.step(looked)?;
        }
        self.depth += 1;
        let mut next = std::mem::take(&mut self.spare);
        for &from in &self.frontier {
            let mut looked = 1;
            for csr in lanes {
                let range = csr.range(NodeRef::new(from));
                looked += range.len();
                for (&to, at) in csr.all_targets()[range.clone()].iter().zip(range) {
                    if let Entry::Vacant(way) = self.ways.entry(to) {
                        way.insert(Way { rel: csr.rel_at(at).0, from });
                        next.push(to);
                    }
                }
            }
            self.looked += looked as u64;
            cx.meter.step(looked)?;
            cx.meter.fits(self.ways.len() * 32)?;
        }
        self.spare = std::mem::replace(&mut self.frontier, next);
        self.spare.clear();
        Ok(None)
    }

    /// About how many relationships the next step looks at.
    fn work(&self, forward: bool, steps: &Steps<'_>, cx: &Context<'_>) -> u64 {
        let asked = self.frontier.len().min(ASKED);
        let degrees = self.frontier[..asked].iter().map(|node| steps.degree(NodeRef::new(*node), forward, cx));
        degrees.sum::<u64>() * self.frontier.len() as u64 / asked.max(1) as u64
    }

    /// The relationships from `node` back to where the side began.
    fn back(&self, mut node: u32) -> Vec<u32> {
        let mut rels = Vec::new();
        while let Some(way) = self.ways.get(&node).filter(|way| way.rel != NOWHERE) {
            rels.push(way.rel);
            node = way.from;
        }
        rels
    }
}

/// One shortest walk between two different nodes, as its relationships; `looked` grows by the relationships looked at.
pub(super) fn one(
    (start, target): (NodeRef, NodeRef),
    max: Option<u64>,
    looked: &mut u64,
    steps: &mut Steps<'_>,
    cx: &mut Context<'_>,
) -> Result<Option<Vec<u32>>> {
    let (mut ahead, mut behind) = (Side::new(start), Side::new(target));
    let (mut ahead_work, mut behind_work) = (ahead.work(true, steps, cx), behind.work(false, steps, cx));
    let mut found = None;
    while !ahead.frontier.is_empty() && !behind.frontier.is_empty() {
        if max.is_some_and(|max| ahead.depth + behind.depth >= max) {
            break;
        }
        // the side that has less to look at goes first: one end may be a hub
        let forward = ahead_work <= behind_work;
        let (side, other) = if forward { (&mut ahead, &mut behind) } else { (&mut behind, &mut ahead) };
        if let Some(Meeting { from, rel, to }) = side.advance(other, forward, steps, cx)? {
            let (first, last) = if forward { (from, to) } else { (to, from) };
            let mut walk = ahead.back(first);
            walk.reverse();
            walk.push(rel);
            walk.extend(behind.back(last));
            found = Some(walk);
            break;
        }
        let work = side.work(forward, steps, cx);
        *(if forward { &mut ahead_work } else { &mut behind_work }) = work;
    }
    *looked += ahead.looked + behind.looked;
    Ok(found)
}

/// How many walks are wanted.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    /// So many, the shortest first.
    Walks(u64),
    /// All of the so many smallest lengths.
    Lengths(u64),
}

/// A partial walk of the search in order of length.
struct Partial {
    node: u32,
    rel: u32,
    parent: u32,
    depth: u64,
}

/// Walks in order of length, of at least `var.min` steps, repeating no more than the mode allows.
pub(super) fn in_order(
    (start, target): (NodeRef, NodeRef),
    var: &VarHop,
    wanted: Wanted,
    steps: &mut Steps<'_>,
    cx: &mut Context<'_>,
) -> Result<Vec<Vec<u32>>> {
    let distances = distances_to(target, var.max, steps, cx)?;
    let mut found: Vec<Vec<u32>> = Vec::new();
    let Some(least) = distances.get(&start.0) else { return Ok(found) };
    let mut partials = vec![Partial { node: start.0, rel: NOWHERE, parent: NOWHERE, depth: 0 }];
    // partial walks by the least length they can come to
    let mut queue: std::collections::BTreeMap<u64, Vec<u32>> = [(*least, vec![0])].into();
    let (mut lengths, mut last, mut buffer, mut kept) = (0, None, Vec::new(), 0);
    while let Some(mut entry) = queue.first_entry() {
        let Some(at) = entry.get_mut().pop() else {
            entry.remove();
            continue;
        };
        cx.meter.step(1)?;
        let Partial { node, depth, .. } = partials[at as usize];
        if node == target.0 && depth >= var.min {
            if last != Some(depth) {
                last = Some(depth);
                lengths += 1;
            }
            let enough = match wanted {
                Wanted::Walks(k) => found.len() as u64 >= k,
                Wanted::Lengths(k) => lengths > k,
            };
            if enough {
                break;
            }
            let rels = rels_of(&partials, at);
            kept += 40 + 4 * rels.len();
            found.push(rels);
            if matches!(wanted, Wanted::Walks(k) if found.len() as u64 >= k) {
                break;
            }
        }
        if var.max.is_some_and(|max| depth >= max) || ends_here(var.mode, node, start, depth) {
            continue;
        }
        buffer.clear();
        steps.leaving(NodeRef::new(node), &mut buffer, cx);
        cx.meter.step(1 + buffer.len())?;
        steps.retain(0, &mut buffer, cx)?;
        for (rel, to) in &buffer {
            let Some(left) = distances.get(to) else { continue };
            let length = depth + 1 + left;
            if var.max.is_some_and(|max| length > max) || repeats(&partials, at, *rel, *to, var.mode, start) {
                continue;
            }
            cx.meter.step(1)?;
            let next = partials.len() as u32;
            partials.push(Partial { node: *to, rel: *rel, parent: at, depth: depth + 1 });
            queue.entry(length).or_default().push(next);
        }
        cx.meter.fits(kept + partials.len() * 28)?;
    }
    Ok(found)
}

/// A circle of a simple walk is not walked on.
fn ends_here(mode: PathMode, node: u32, start: NodeRef, depth: u64) -> bool {
    mode == PathMode::Simple && depth > 0 && node == start.0
}

/// Whether the step repeats what the mode forbids to repeat.
fn repeats(partials: &[Partial], at: u32, rel: u32, node: u32, mode: PathMode, start: NodeRef) -> bool {
    let mut on = at;
    while on != NOWHERE {
        let partial = &partials[on as usize];
        let repeated = match mode {
            PathMode::Walk => return false,
            PathMode::Trail => partial.rel == rel,
            PathMode::Acyclic => partial.node == node,
            PathMode::Simple => partial.rel == rel || (partial.node == node && node != start.0),
        };
        if repeated {
            return true;
        }
        on = partial.parent;
    }
    false
}

fn rels_of(partials: &[Partial], mut at: u32) -> Vec<u32> {
    let mut rels = Vec::new();
    while at != NOWHERE {
        let partial = &partials[at as usize];
        if partial.rel != NOWHERE {
            rels.push(partial.rel);
        }
        at = partial.parent;
    }
    rels.reverse();
    rels
}

/// The distance of every node from which `target` can be reached.
fn distances_to(
    target: NodeRef,
    max: Option<u64>,
    steps: &mut Steps<'_>,
    cx: &mut Context<'_>,
) -> Result<FxHashMap<u32, u64>> {
    let mut distances = FxHashMap::default();
    distances.insert(target.0, 0);
    let (mut frontier, mut depth, mut buffer) = (vec![target.0], 0, Vec::new());
    while !frontier.is_empty() && max.is_none_or(|max| depth < max) {
        depth += 1;
        let mut next = Vec::new();
        for node in frontier {
            buffer.clear();
            steps.entering(NodeRef::new(node), &mut buffer, cx);
            cx.meter.step(1 + buffer.len())?;
            steps.retain(0, &mut buffer, cx)?;
            for (_, from) in &buffer {
                distances.entry(*from).or_insert_with(|| {
                    next.push(*from);
                    depth
                });
            }
        }
        cx.meter.fits(distances.len() * 24)?;
        frontier = next;
    }
    Ok(distances)
}
