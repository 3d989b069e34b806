//! Shortest walks between many pairs of nodes: pair by pair from both ends, or from one side of all of them at once.
//!
//! A search from both ends of a pair looks at few relationships; a flood looks at each at most once, for up to 64 nodes
//! together. Which is less is found on the way: the first pairs are searched one by one, and the others too while that is
//! expected to cost less than floods from the side on which fewer different nodes stand.

use rustc_hash::{FxHashMap, FxHashSet};

use super::flood::{Asked, Flood, Reached, TOGETHER, Waiting};
use super::shortest::one;
use super::walking::Steps;
use crate::error::Result;
use crate::exec::context::Context;
use crate::value::NodeRef;

/// Two different nodes, and the row they stand in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) row: u32,
    pub(super) start: u32,
    pub(super) target: u32,
}

/// A walk that was found.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) row: u32,
    pub(super) end: u32,
    pub(super) length: u64,
    /// Its relationships, where they are asked for.
    pub(super) rels: Vec<u32>,
}

/// What is asked of each pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Length,
    One,
    All,
}

/// So many pairs of a batch are searched one by one before floods are thought of.
const TRIED: usize = 4;
/// A search from both ends hashes what it meets: for each relationship it costs about so many times what a flood does.
const HASHED: u64 = 3;

/// What is known of pairs that were searched, and the room for floods.
#[derive(Default)]
pub(super) struct Pairs {
    flood: Flood,
    /// Relationships that searches from both ends looked at, and how many there were.
    looked: u64,
    searched: u64,
}

impl Pairs {
    /// The walks of all pairs that have one of at most `max` steps, by row; the same steps may be taken from every row.
    pub(super) fn answer(
        &mut self,
        pairs: &[Pair],
        (wanted, max): (Wanted, Option<u64>),
        steps: &mut Steps<'_>,
        cx: &mut Context<'_>,
    ) -> Result<Vec<Walk>> {
        let mut found = Vec::new();
        let mut left = pairs;
        let floods = match pairs.len() > TRIED {
            true => different(pairs, |pair| pair.start).min(different(pairs, |pair| pair.target)).div_ceil(TOGETHER),
            false => 1,
        };
        if wanted != Wanted::All {
            let most = steps.total(cx) * floods as u64;
            while let Some((pair, others)) = left.split_first() {
                if pairs.len() - left.len() >= TRIED
                    && self.looked / self.searched.max(1) * left.len() as u64 * HASHED > most
                {
                    break;
                }
                self.searched += 1;
                let ends = (NodeRef::new(pair.start), NodeRef::new(pair.target));
                if let Some(rels) = one(ends, max, &mut self.looked, steps, cx)? {
                    found.push(Walk { row: pair.row, end: pair.target, length: rels.len() as u64, rels });
                }
                left = others;
            }
        }
        if !left.is_empty() {
            self.floods(left, (wanted, max), &mut found, steps, cx)?;
            found.sort_by_key(|walk| walk.row);
        }
        Ok(found)
    }

    fn floods(
        &mut self,
        pairs: &[Pair],
        (wanted, max): (Wanted, Option<u64>),
        found: &mut Vec<Walk>,
        steps: &mut Steps<'_>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let (forward, sides) = by_source(pairs);
        let asked = Asked { forward, again: false, max, distances: true };
        for group in sides.chunks(TOGETHER) {
            let mut waiting = Waiting::default();
            for (search, side) in (0..).zip(group) {
                side.pairs.iter().for_each(|pair| waiting.add(pair.end(forward), search));
            }
            let sources: Vec<u32> = group.iter().map(|side| side.source).collect();
            self.flood.run(&sources, asked, Some(&mut waiting), steps, cx)?;
            for (search, side) in (0..).zip(group) {
                for pair in &side.pairs {
                    let to = Reached { node: pair.end(forward), search };
                    let Some(length) = self.flood.distance(to) else { continue };
                    let walk = |rels| Walk { row: pair.row, end: pair.target, length, rels };
                    match wanted {
                        Wanted::Length => found.push(walk(Vec::new())),
                        Wanted::One => found.push(walk(self.flood.walk(to, steps, cx)?)),
                        Wanted::All => found.extend(self.flood.walks(to, steps, cx)?.into_iter().map(walk)),
                    }
                    cx.meter.step(1)?;
                }
            }
        }
        Ok(())
    }
}

/// The pairs that a search from one node serves.
pub(super) struct Side {
    pub(super) source: u32,
    pub(super) pairs: Vec<Pair>,
}

/// The pairs by the node that the search goes from, in the order in which those are met: of the side on which fewer stand; true
/// where that is the side of the starts.
pub(super) fn by_source(pairs: &[Pair]) -> (bool, Vec<Side>) {
    let forward = different(pairs, |pair| pair.start) <= different(pairs, |pair| pair.target);
    let mut sides: Vec<Side> = Vec::new();
    let mut places: FxHashMap<u32, usize> = FxHashMap::default();
    for pair in pairs {
        let source = pair.end(!forward);
        let place = *places.entry(source).or_insert_with(|| {
            sides.push(Side { source, pairs: Vec::new() });
            sides.len() - 1
        });
        sides[place].pairs.push(*pair);
    }
    (forward, sides)
}

impl Pair {
    /// The end that a search comes to: along the steps, or against them.
    pub(super) fn end(&self, forward: bool) -> u32 {
        if forward { self.target } else { self.start }
    }
}

fn different(pairs: &[Pair], end: impl Fn(&Pair) -> u32) -> usize {
    pairs.iter().map(end).collect::<FxHashSet<u32>>().len()
}
