//! Steps that start again from a node which is the same in all rows are made once and joined to the rows.
//!
//! ```text
//!   Filter b.on > a.on ─► ExpandInto (c)-[:OF]->(f)     Filter b.on > a.on ─► Apply
//!   Expand (b)-[:IN]->(f) ─► Expand (t)<-[:HAS]-(b)     ├ Expand (t)<-[:HAS]-(a)-[:BY]->(c) ─► SeekIndex t
//!   Expand (t)<-[:HAS]-(a)-[:BY]->(c) ─► SeekIndex t    └ Memoize t, #9 = c
//!                                                         Expand (f)<-[:OF]-(#9) ─► Expand (t)<-[:HAS]-(b)-[:IN]->(f)
//! ```
//!
//! A plan that grows by one step at a time is bad at patterns whose halves meet in the middle, and believes that few rows
//! are left before the second half, where what it asked of the first goes together. Whether there are many rows is seen
//! when it runs. What the steps ask of the rest of the row (filters, relationships that must differ) is asked behind
//! them.

use rustc_hash::FxHashMap;

use super::count_ends::turned;
use super::estimate;
use super::kinds::Kinds;
use super::lower::apart;
use super::{Stats, put_below, put_on};
use crate::bind::bound::{Expr, Slot, SlotInfo, SlotKind};
use crate::plan::node::{Hop, Node, Op, Plan};
use crate::plan::rewrite::slot_replaced;
use crate::plan::walk::{Imports, any, slots_of, varies};

/// Values that a slot may have for being taken to be the same in all rows.
const ONE: f64 = 1.5;

/// Rows that must be expected somewhere between a node and the steps that start from it again.
const SOME: f64 = 8.0;

/// Relationships that the steps must be expected to look at.
const WORTH_IT: f64 = 4.0;

/// How many times more rows than they hand on, where they are not joined by hash.
const MUCH_MORE: f64 = 2.0;

/// Neighbours that a step to any node may meet in the place of a step into one.
const FEW: f64 = 32.0;

/// Neighbours that a row may have where two of its nodes must agree on one.
const MANY: f64 = 256.0;

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    if plan.writes || plan.cite || !plan.viewed.is_empty() || !begins_again(&plan.root) {
        return;
    }
    let mut tried = plan.clone();
    estimate::run(&mut tried, stats);
    let imports = Imports::of(&tried);
    let mut work = Work { imports: &imports, slots: &mut tried.slots, stats, changed: false };
    work.visit(&mut tried.root, false);
    if work.changed {
        super::each_node(&mut tried, &mut |node| node.rows = None);
        *plan = tried;
    }
}

/// Whether there is a chain in which a step starts from a node that was there before the last one.
fn begins_again(node: &Node) -> bool {
    let below = node.op.inputs();
    let again = match (&node.op, below.first()) {
        (Op::Expand { hop, .. } | Op::ExpandVar { hop, into: false, .. }, Some(below)) => {
            !below.op.defines().contains(&hop.from) && !matches!(below.op, Op::Argument | Op::Unit)
        }
        _ => false,
    };
    again || below.into_iter().any(begins_again)
}

struct Work<'a> {
    imports: &'a Imports,
    slots: &'a mut Vec<SlotInfo>,
    stats: &'a dyn Stats,
    changed: bool,
}

/// What has been built of a chain.
struct Built {
    node: Node,
    /// The rows at each height.
    rows: Vec<f64>,
    /// At what height a slot was filled, and how many values it may have about.
    filled: FxHashMap<Slot, (usize, f64)>,
}

/// Steps that start again, to be made apart.
struct Apart {
    /// How many operators of the chain they are.
    length: usize,
    inner: Node,
    /// What is asked behind them.
    asked: Vec<Expr>,
    /// What the rows find before they are joined.
    outside: Vec<Op>,
}

/// A node that rows find by themselves, and how.
struct Meeting {
    end: Slot,
    ops: Vec<Op>,
}

impl Work<'_> {
    /// `first`: only the first rows may be wanted. Then a step at a time is best: what is made apart is made whole.
    fn visit(&mut self, node: &mut Node, first: bool) {
        let mut links = Vec::new();
        let mut base = std::mem::replace(node, Node::unit());
        while is_link(&base.op) {
            let below = base.op.inputs_mut().into_iter().next().map(|input| std::mem::replace(input, Node::unit()));
            let Some(below) = below else { break };
            links.push(std::mem::replace(&mut base, below));
        }
        // an inner plan that is started anew for each row would have nothing to share
        let sides = matches!(base.op, Op::Cross { .. } | Op::HashJoin { .. } | Op::Union { .. });
        let below = match &base.op {
            Op::Limit { exhaust: false, .. } => true,
            Op::Aggregate { .. } | Op::Sort { .. } | Op::TopK { .. } | Op::Eager { .. } => false,
            _ => first,
        };
        let inputs = base.op.inputs_mut().into_iter().take(if sides { usize::MAX } else { 1 });
        inputs.for_each(|input| self.visit(input, below));
        if first {
            *node = base;
            links.into_iter().rev().for_each(|link| put_on(node, link));
            return;
        }
        links.reverse();
        *node = self.chain(base, links);
    }

    fn chain(&mut self, base: Node, links: Vec<Node>) -> Node {
        let rows = base.rows.unwrap_or(1.0);
        let mut built = Built { node: base, rows: vec![rows], filled: FxHashMap::default() };
        let mut left: std::collections::VecDeque<Node> = links.into();
        while !left.is_empty() {
            match self.apart(&built, left.make_contiguous()) {
                Some(apart) => {
                    let taken: Vec<Node> = left.drain(..apart.length).collect();
                    taken.iter().for_each(|link| built.note(link));
                    apart.outside.into_iter().for_each(|op| put_on(&mut built.node, Node::new(op)));
                    let input = std::mem::replace(&mut built.node, Node::unit()).boxed();
                    let inner = apart.inner.boxed();
                    built.node = Node::new(Op::Apply { input, inner, optional: false, nulls: Vec::new() });
                    if !apart.asked.is_empty() {
                        let input = std::mem::replace(&mut built.node, Node::unit()).boxed();
                        built.node = Node::new(Op::Filter { input, predicates: apart.asked });
                    }
                }
                None => {
                    if let Some(link) = left.pop_front() {
                        built.note(&link);
                        put_on(&mut built.node, link);
                    }
                }
            }
        }
        built.node
    }

    /// The steps that the first operators of `links` are, where they start again from what is the same in all rows.
    fn apart(&mut self, built: &Built, links: &[Node]) -> Option<Apart> {
        let (Op::Expand { hop, .. } | Op::ExpandVar { hop, into: false, .. }) = &links.first()?.op else { return None };
        let (height, values) = *built.filled.get(&hop.from)?;
        let most = built.rows.get(height + 1..)?.iter().copied().fold(0.0, f64::max);
        if values > ONE || most < SOME {
            return None;
        }
        let before = *built.rows.last()?;
        let kinds = Kinds::new(self.stats);
        let (mut on, mut own): (Vec<Slot>, Vec<Slot>) = (Vec::new(), Vec::new());
        let (mut ops, mut asked): (Vec<Op>, Vec<Expr>) = (Vec::new(), Vec::new());
        let (mut rows, mut looked_at, mut share) = (1.0, 0.0, before);
        let (mut equal, mut outside) = (None, Vec::new());
        let mut length = 0;
        for link in links {
            let same = |slot: &Slot| built.filled.get(slot).is_some_and(|(_, values)| *values <= ONE);
            // how much it multiplies the rows by
            let factor = link.rows.unwrap_or(share) / share.max(f64::MIN_POSITIVE);
            share = link.rows.unwrap_or(share);
            let is_own = |slot: &Slot, own: &[Slot]| own.contains(slot) || same(slot);
            match &link.op {
                Op::Filter { predicates, .. } => {
                    let mut kept = Vec::new();
                    for predicate in predicates {
                        let mut reads = Vec::new();
                        slots_of(predicate, self.imports, &mut reads);
                        let inside = reads.iter().any(|slot| own.contains(slot)) && !any(predicate, &varies);
                        if inside && reads.iter().all(|slot| is_own(slot, &own)) {
                            on.extend(reads.into_iter().filter(|slot| !own.contains(slot)));
                            kept.push(predicate.clone());
                        } else {
                            asked.push(predicate.clone());
                        }
                    }
                    if !kept.is_empty() {
                        ops.push(Op::Filter { input: Node::unit().boxed(), predicates: kept });
                        rows *= factor;
                    }
                }
                Op::Expand { hop, .. } | Op::ExpandInto { hop, .. } | Op::ExpandVar { hop, .. } => {
                    if link.op.evaluates(&varies) {
                        break;
                    }
                    let mut op = link.op.clone();
                    let (hop_mut, counted) = match &mut op {
                        Op::ExpandVar { hop, var, .. } => (hop, var.counted),
                        Op::Expand { hop, .. } | Op::ExpandInto { hop, .. } => (hop, false),
                        _ => break,
                    };
                    let differs: Vec<Slot> = hop_mut.differs.iter().copied().filter(|s| !own.contains(s)).collect();
                    hop_mut.differs.retain(|slot| own.contains(slot));
                    let mut reads = op.uses(self.imports);
                    reads.retain(|slot| !own.contains(slot));
                    let outer: Vec<Slot> = reads.iter().copied().filter(|slot| !same(slot)).collect();
                    let Some(apart) = self.told_apart(hop, counted, &differs) else { break };
                    if outer.is_empty() {
                        on.extend(reads);
                        own.extend(op.defines());
                        asked.extend(apart);
                        rows *= factor;
                        looked_at += rows;
                        ops.push(op);
                    } else if let Op::ExpandInto { hop, .. } = &op {
                        let [met] = outer[..] else { break };
                        let from_own = if own.contains(&hop.from) { hop.clone() } else { turned(hop) };
                        if from_own.to != met || !own.contains(&from_own.from) {
                            break;
                        }
                        let ties = self.ties(&links[length..], (from_own.from, &own));
                        if ties.len() > 1
                            && let Some(met) = self.meet_outside(&ties, (from_own.from, &own), &mut asked)
                        {
                            equal = Some((from_own.from, met.end));
                            outside = met.ops;
                            length += ties.len();
                            break;
                        }
                        let degree = kinds.follow(None, &hop.types, from_own.towards).degree;
                        if degree > FEW {
                            break;
                        }
                        let end = Slot::fresh(self.slots, "", SlotKind::Node);
                        ops.push(Op::Expand { input: Node::unit().boxed(), hop: Hop { to: end, ..from_own } });
                        asked.extend(apart);
                        equal = Some((end, met));
                        length += 1;
                        break;
                    } else {
                        break;
                    }
                }
                _ => break,
            }
            length += 1;
        }
        if looked_at < WORTH_IT || equal.is_none() && looked_at < MUCH_MORE * rows {
            return None;
        }
        self.changed = true;
        on.sort_unstable();
        on.dedup();
        let mut input = Node::new(Op::Argument);
        for op in ops {
            let mut link = Node::new(op);
            put_below(&mut link, input);
            input = link;
        }
        let inner = Node::new(Op::Memoize { input: input.boxed(), on, equal });
        Some(Apart { length, inner, asked, outside })
    }

    /// The steps that the first operators are, each from the node `end` that has been found apart into a node of the row.
    fn ties(&self, links: &[Node], (end, own): (Slot, &[Slot])) -> Vec<Hop> {
        let tie = |link: &Node| match &link.op {
            Op::ExpandInto { hop, .. } if hop.from == end && !own.contains(&hop.to) => Some(hop.clone()),
            Op::ExpandInto { hop, .. } if hop.to == end && !own.contains(&hop.from) => Some(turned(hop)),
            _ => None,
        };
        links.iter().map_while(tie).collect()
    }

    /// The row finds by itself the nodes that `ties` lead from: those that all of them agree on. What is asked of such a
    /// node beside the row is taken out of `asked`.
    fn meet_outside(&mut self, ties: &[Hop], (end, own): (Slot, &[Slot]), asked: &mut Vec<Expr>) -> Option<Meeting> {
        let kinds = Kinds::new(self.stats);
        let back: Vec<Hop> = ties.iter().map(turned).collect();
        let degree = |hop: &Hop| kinds.follow(None, &hop.types, hop.towards).degree;
        let (first, _) = back.iter().enumerate().min_by(|(_, a), (_, b)| degree(a).total_cmp(&degree(b)))?;
        if degree(&back[first]) > MANY || back.iter().any(|hop| hop.differs.iter().any(|slot| own.contains(slot))) {
            return None;
        }
        let met = Slot::fresh(self.slots, "", SlotKind::Node);
        let mut order: Vec<&Hop> = back.iter().collect();
        order.swap(0, first);
        let mut ops = Vec::new();
        for (at, hop) in order.iter().enumerate() {
            // of two that must differ, the later one in this order is told so
            let (earlier, later) = order.split_at(at);
            let later: Vec<Slot> = later.iter().filter_map(|other| other.rel).collect();
            let told = earlier.iter().filter(|other| hop.rel.is_some_and(|rel| other.differs.contains(&rel)));
            let mut differs: Vec<Slot> =
                hop.differs.iter().copied().chain(told.filter_map(|other| other.rel)).collect();
            differs.retain(|slot| !later.contains(slot));
            let hop = Hop { to: met, differs, ..(*hop).clone() };
            let input = Node::unit().boxed();
            ops.push(if at == 0 { Op::Expand { input, hop } } else { Op::ExpandInto { input, hop } });
        }
        let of_end = |expr: &Expr| {
            let mut reads = Vec::new();
            slots_of(expr, self.imports, &mut reads);
            let of_own: Vec<&Slot> = reads.iter().filter(|slot| own.contains(slot)).collect();
            !of_own.is_empty() && of_own.iter().all(|slot| **slot == end) && !any(expr, &varies)
        };
        let (here, behind): (Vec<Expr>, Vec<Expr>) = std::mem::take(asked).into_iter().partition(of_end);
        *asked = behind;
        if !here.is_empty() {
            let predicates = here.into_iter().map(|expr| slot_replaced(expr, end, met)).collect();
            ops.push(Op::Filter { input: Node::unit().boxed(), predicates });
        }
        Some(Meeting { end: met, ops })
    }

    /// That a step takes none of these relationships, asked where it has been made; nothing where that cannot be asked.
    fn told_apart(&self, hop: &Hop, counted: bool, others: &[Slot]) -> Option<Vec<Expr>> {
        let one = |slot: Slot| self.slots.get(slot.0 as usize).is_some_and(|info| info.kind == SlotKind::Rel);
        match hop.rel {
            _ if others.is_empty() => Some(Vec::new()),
            Some(rel) if !counted => {
                Some(others.iter().map(|other| apart((rel, one(rel)), (*other, one(*other)))).collect())
            }
            _ => None,
        }
    }
}

impl Built {
    /// Notes what an operator fills, before it is put on top.
    fn note(&mut self, link: &Node) {
        let before = self.rows.last().copied().unwrap_or(1.0);
        let rows = link.rows.unwrap_or(before);
        let height = self.rows.len();
        // how many rows it makes of one; what few rows are left of says nothing of how many values they could have
        let factor = rows / before.max(f64::MIN_POSITIVE);
        let values_of = |slot: &Slot| self.filled.get(slot).map_or(f64::INFINITY, |(_, values)| *values);
        let values = match &link.op {
            Op::SeekIndex { .. } | Op::SeekId { .. } => {
                let mut reads = Vec::new();
                link.op.expressions(&mut |expr| slots_of(expr, &Imports::default(), &mut reads));
                factor * reads.iter().map(values_of).product::<f64>()
            }
            Op::Expand { hop, .. } | Op::ExpandVar { hop, .. } => values_of(&hop.from) * factor.max(1.0),
            _ => f64::INFINITY,
        };
        self.rows.push(rows);
        self.filled.extend(link.op.defines().into_iter().map(|slot| (slot, (height, values))));
    }
}

/// Operators of a chain that treat every row by itself.
fn is_link(op: &Op) -> bool {
    matches!(
        op,
        Op::SeekIndex { .. }
            | Op::SeekId { .. }
            | Op::Expand { .. }
            | Op::ExpandInto { .. }
            | Op::ExpandVar { .. }
            | Op::Filter { .. }
    )
}
