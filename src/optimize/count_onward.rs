//! What is counted beyond a node that nobody reads is counted once a node, not once a row.
//!
//! ```text
//!   Aggregate count(*) weighted w ─► ExpandCount (p)-[:LIVES_IN]->(c), w *= degree ─► Expand (f)-[:MEMBER]->(p) ─► …
//!   Aggregate count(*) weighted w ─► ExpandCount (f)-[:MEMBER]->(p) times ((p)-[:LIVES_IN]->(c)), w *= degree ─► …
//! ```
//!
//! Applies below an aggregation to an expansion whose far end is read by its own conditions and by counts only, where the
//! same far ends are met again and again. So a tree of relationships is counted in as many steps as it has relationships, and not in as many as it has matches.

use super::count_ends::{begin_lowest, other_than, reads_only, ruled_out, takes_weights, turned};
use super::kinds::Kinds;
use super::{Stats, prune_slots};
use crate::bind::bound::{Slot, SlotInfo};
use crate::plan::node::{Except, Hop, Node, Op, Plan, Weight};
use crate::plan::onward::Onward;
use crate::plan::walk::Imports;

/// Ways have at most so many steps.
const LONGEST: usize = 64;

/// What is known of a node is worth keeping when each is expected to be met at least so often.
const OFTEN: f64 = 2.0;

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    if plan.writes {
        return; // what a condition says of a node may change under way
    }
    let imports = Imports::of(plan);
    let mut changed = false;
    let slots = std::mem::take(&mut plan.slots);
    super::each_node(plan, &mut |node| changed |= rewrite(node, &imports, &slots, stats));
    plan.slots = slots;
    if changed {
        prune_slots::run(plan, stats);
    }
}

fn rewrite(node: &mut Node, imports: &Imports, slots: &[SlotInfo], stats: &dyn Stats) -> bool {
    let Op::Aggregate { aggregates, .. } = &node.op else { return false };
    if !aggregates.iter().all(|aggregate| takes_weights(&aggregate.call)) {
        return false;
    }
    let read = node.op.uses(imports);
    let Op::Aggregate { input, weight, .. } = &mut node.op else { return false };
    let Some(weight) = *weight else { return false };
    let mut chain = Chain::taken_off(input);
    let mut changed = false;
    while chain.shorten(&read, weight, imports, slots, stats) {
        changed = true;
    }
    **input = chain.put_back();
    if changed {
        begin_lowest(input, weight);
    }
    changed
}

/// Operators with one input each, the uppermost first, and what they stand on.
struct Chain {
    links: Vec<Node>,
    bottom: Node,
}

impl Chain {
    fn taken_off(top: &mut Node) -> Self {
        let mut links = Vec::new();
        let mut node = std::mem::replace(top, Node::unit());
        loop {
            let below = match &mut node.op {
                Op::ExpandCount { input, .. }
                | Op::Expand { input, .. }
                | Op::ExpandInto { input, .. }
                | Op::Intersect { input, .. }
                | Op::Filter { input, .. }
                | Op::SemiJoin { input, .. } => std::mem::replace(&mut **input, Node::unit()),
                _ => return Self { links, bottom: node },
            };
            links.push(node);
            node = below;
        }
    }

    fn put_back(self) -> Node {
        self.links.into_iter().rev().fold(self.bottom, |below, mut link| {
            if let Some(input) = link.op.inputs_mut().into_iter().next() {
                *input = below;
            }
            link
        })
    }

    /// Makes one expansion a count; says whether there was one to be made.
    fn shorten(
        &mut self,
        read: &[Slot],
        weight: Slot,
        imports: &Imports,
        slots: &[SlotInfo],
        stats: &dyn Stats,
    ) -> bool {
        for at in 0..self.links.len() {
            if let Some(above) = self.only_counted(at, read, imports, slots)
                && self.meets_again(at, stats)
            {
                self.count(above, weight, slots);
                return true;
            }
        }
        false
    }

    /// Whether an expansion is expected to come to the same nodes several times.
    fn meets_again(&self, at: usize, stats: &dyn Stats) -> bool {
        let (Op::Expand { hop, .. }, Some(rows)) = (&self.links[at].op, self.links[at].rows) else { return true };
        let kinds = Kinds::new(stats);
        let far = kinds.follow(None, &hop.types, hop.towards).to;
        rows >= OFTEN * far.map_or_else(|| stats.nodes(), |far| kinds.nodes(&far))
    }

    /// How many links stand above an expansion and what is asked of its far end, when that is only counted.
    fn only_counted(&self, at: usize, read: &[Slot], imports: &Imports, slots: &[SlotInfo]) -> Option<usize> {
        let Op::Expand { hop, .. } = &self.links[at].op else { return None };
        let end = hop.to;
        if hop.rel.is_some() || end == hop.from || read.contains(&end) {
            return None;
        }
        let uses = |link: &Node| reads(link, end, imports);
        let mut above = at;
        if let Some(Op::Filter { predicates, .. }) = self.links[..above].last().map(|link| &link.op)
            && uses(&self.links[above - 1])
        {
            // a verdict per node is worth keeping when many are asked for
            let many = self.links[at].rows.is_some_and(|rows| rows >= super::MANY_ROWS);
            let asked =
                |predicate| other_than(predicate, end, slots).is_some() || many && reads_only(predicate, end, imports);
            if !predicates.iter().all(asked) {
                return None;
            }
            above -= 1;
        }
        if self.links[..above].last().is_some_and(|link| related(link, end).is_some()) {
            above -= 1;
        }
        let mut depth = 0;
        for link in self.links[..above].iter().filter(|link| uses(link)) {
            match &link.op {
                Op::ExpandCount { hop, except, onward, optional: false, .. }
                    if hop.from == end
                        && hop.differs.is_empty()
                        && except.nodes.is_empty()
                        && except.related.is_none() =>
                {
                    depth = depth.max(1 + onward.iter().map(Onward::depth).max().unwrap_or(0));
                }
                _ => return None,
            }
        }
        // an end that nothing leads on from is no more than a degree, which `count_ends` has seen to
        (1..LONGEST).contains(&depth).then_some(above)
    }

    /// Makes a count of the expansion below the first links, with what is asked of its end and the ways on from there.
    fn count(&mut self, above: usize, weight: Slot, slots: &[SlotInfo]) {
        let mut below = self.links.split_off(above).into_iter();
        let (mut except, mut conditions) = (Except::default(), Vec::new());
        for link in below.by_ref() {
            match link.op {
                Op::SemiJoin { inner, .. } => except.related = ruled_out(&inner).map(Box::new),
                Op::Filter { predicates, .. } => conditions = predicates,
                Op::Expand { input, hop } => {
                    let is_way =
                        |link: &Node| matches!(&link.op, Op::ExpandCount { hop: way, .. } if way.from == hop.to);
                    let (ways, rest): (Vec<Node>, Vec<Node>) =
                        std::mem::take(&mut self.links).into_iter().partition(is_way);
                    // what stood lower was asked first
                    let onward = ways.into_iter().rev().filter_map(|link| match link.op {
                        Op::ExpandCount { hop, conditions, onward, .. } => Some(Onward { hop, conditions, onward }),
                        _ => None,
                    });
                    let onward = onward.collect();
                    self.links = rest;
                    conditions.retain(|predicate| match other_than(predicate, hop.to, slots) {
                        Some(other) => {
                            except.nodes.push(other);
                            false
                        }
                        None => true,
                    });
                    except.related =
                        except.related.map(|way| if way.from == hop.to { turned(&way).into() } else { way });
                    let count = Weight { slot: weight, fresh: false };
                    let op = Op::ExpandCount { input, hop, conditions, except, onward, count, optional: false };
                    self.links.push(Node { op, rows: link.rows, live: None });
                    break;
                }
                _ => break,
            }
        }
        self.links.extend(below);
    }
}

/// The step that a join rules out between the end and another node of the row.
fn related(link: &Node, end: Slot) -> Option<Hop> {
    let Op::SemiJoin { inner, negated: true, .. } = &link.op else { return None };
    ruled_out(inner).filter(|way| (way.from == end) != (way.to == end))
}

/// Whether a link reads a slot, itself or in what is joined to it.
fn reads(link: &Node, slot: Slot, imports: &Imports) -> bool {
    link.op.uses(imports).contains(&slot)
        || link.op.inputs().into_iter().skip(1).any(|inner| reads_anywhere(inner, slot, imports))
}

fn reads_anywhere(node: &Node, slot: Slot, imports: &Imports) -> bool {
    node.op.uses(imports).contains(&slot)
        || node.op.inputs().into_iter().any(|input| reads_anywhere(input, slot, imports))
}
