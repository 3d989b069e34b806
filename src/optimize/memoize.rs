//! What an inner plan finds is found once for the rows that agree in what it reads of them.
//!
//! ```text
//!   Optional                                         Optional
//!   ├ Expand (a)-[:KNOWS]-(b)                        ├ Expand (a)-[:KNOWS]-(b)
//!   └ ExpandInto (m)-[:BY]->(b)              ─►      └ Memoize a, c = b
//!     Expand (a)-[:LIKES]->(m)                         Expand (m)-[:BY]->(c)
//!     Argument                                         Expand (a)-[:LIKES]->(m)
//!                                                      Argument
//! ```
//!
//! Applies to chains of operators that treat every row by itself, to the lower ones that read fewer slots of the outer row
//! than all do, or to all of them, where they look at many more rows than they hand on. A step into a node of the outer
//! row becomes a step to any node and a hash join, where few would be met. Whether enough rows agree is seen when it runs.

use super::count_ends::turned;
use super::kinds::Kinds;
use super::lower::selectivity;
use super::{Stats, prune_slots};
use crate::bind::bound::{Expr, Slot, SlotInfo, SlotKind, SubqueryKind};
use crate::plan::node::{Hop, Node, Op, Plan};
use crate::plan::walk::{Imports, slots_of, varies};

/// Rows that the shared part must be expected to look at for one outer row.
const WORTH_IT: f64 = 4.0;

/// The same where it is all there is, so that only rows that agree in all share anything.
const WORTH_IT_ALL: f64 = 32.0;

/// How many times more rows it must look at than it hands on.
const MUCH_MORE: f64 = 2.0;

/// Neighbours that a step to any node may meet in the place of a step into one.
const FEW: f64 = 4.0;

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    if plan.writes || plan.cite || !plan.viewed.is_empty() {
        return;
    }
    let imports = Imports::of(plan);
    let mut slots = std::mem::take(&mut plan.slots);
    let mut changed = false;
    super::each_node(plan, &mut |node| {
        let inner = match &mut node.op {
            Op::Apply { inner, .. } => inner,
            Op::GroupJoin { inner, kind: SubqueryKind::Count | SubqueryKind::Collect, .. } => inner,
            _ => return,
        };
        changed |= share(inner, &imports, &mut slots, stats);
    });
    plan.slots = slots;
    if changed {
        prune_slots::run(plan, stats);
    }
}

/// How far up a chain reads no more of the outer row than so many slots.
struct Reads {
    /// What each operator and those below it read of the outer row, the lowest first.
    outer: Vec<Vec<Slot>>,
    /// What each operator and those below it fill.
    filled: Vec<Vec<Slot>>,
}

fn share(plan: &mut Node, imports: &Imports, slots: &mut Vec<SlotInfo>, stats: &dyn Stats) -> bool {
    let mut inner = plan.clone();
    split_filters(&mut inner, imports, stats);
    let mut chain = Vec::new();
    if !links(&inner, &mut chain) || chain.is_empty() {
        return false;
    }
    let reads = Reads::of(&chain, imports);
    let all = reads.outer.last().map_or(0, Vec::len);
    // where the first step reads all, rows that agree in all can share all
    let mut count = reads.outer.iter().rposition(|outer| outer.len() < all).map_or(chain.len(), |at| at + 1);
    let on = reads.outer[count - 1].clone();
    let looking = chain[..count].iter().filter(|node| !matches!(node.op, Op::Filter { .. } | Op::Project { .. }));
    let looked_at: f64 = looking.filter_map(|node| node.rows).sum();
    let worth_it = if count < chain.len() { WORTH_IT } else { WORTH_IT_ALL };
    if on.is_empty() || looked_at < worth_it {
        return false;
    }
    let next = chain.get(count);
    let steps = next.and_then(|next| joined(&next.op, (&reads.filled[count - 1], &on), stats));
    // what is shared is handed on row by row, which is as dear as finding it where little was left out
    if steps.is_none() && looked_at < MUCH_MORE * chain[count - 1].rows.unwrap_or(0.0) {
        return false;
    }
    count += usize::from(steps.is_some());
    let above = chain.len() - count;
    let mut at = &mut inner;
    for _ in 0..above {
        let Some(below) = at.op.inputs_mut().into_iter().next() else { return false };
        at = below;
    }
    let (rows, live) = (at.rows, at.live.clone());
    let mut input = std::mem::replace(at, Node::unit());
    let mut equal = None;
    if let Some(mut steps) = steps
        && let Some(last) = steps.last_mut()
        && let Op::ExpandInto { input: below, .. } | Op::Intersect { input: below, .. } = input.op
    {
        let end = Slot::fresh(slots, "", SlotKind::Node);
        equal = Some((end, std::mem::replace(&mut last.to, end)));
        input = steps.into_iter().fold(*below, |below, hop| Node {
            op: Op::Expand { input: below.boxed(), hop },
            rows,
            live: None,
        });
    }
    *at = Node { op: Op::Memoize { input: input.boxed(), on, equal }, rows, live };
    *plan = inner;
    true
}

/// Lets what a filter asks first, of what has been found below it only, be a filter of its own.
fn split_filters(node: &mut Node, imports: &Imports, stats: &dyn Stats) {
    if let Op::Filter { input, predicates } = &mut node.op {
        let found = found_below(input);
        let own = |predicate: &Expr| {
            let mut read = Vec::new();
            slots_of(predicate, imports, &mut read);
            read.iter().all(|slot| found.contains(slot))
        };
        let first = predicates.iter().take_while(|predicate| own(predicate)).count();
        if 0 < first && first < predicates.len() {
            let after = predicates.split_off(first);
            let asked = std::mem::replace(predicates, after);
            let kinds = Kinds::new(stats);
            let share: f64 = asked.iter().map(|asked| selectivity(asked, Slot(u32::MAX), None, &kinds)).product();
            let (rows, live) = (input.rows.map(|rows| rows * share), input.live.clone());
            let below = std::mem::replace(&mut **input, Node::unit()).boxed();
            **input = Node { op: Op::Filter { input: below, predicates: asked }, rows, live };
        }
    }
    if let [input] = node.op.inputs_mut().as_mut_slice() {
        split_filters(input, imports, stats);
    }
}

/// The slots that a chain fills.
fn found_below(node: &Node) -> Vec<Slot> {
    let mut found = node.op.defines();
    node.op.inputs().first().into_iter().for_each(|input| found.extend(found_below(input)));
    found
}

/// The operators of a chain down to its argument, the lowest first; false when it is none of which parts can be shared.
fn links<'n>(node: &'n Node, chain: &mut Vec<&'n Node>) -> bool {
    let fits = !node.op.evaluates(&varies)
        && match &node.op {
            Op::Argument => return true,
            Op::Expand { input, .. }
            | Op::ExpandInto { input, .. }
            | Op::ExpandVar { input, .. }
            | Op::Reach { input, .. }
            | Op::Intersect { input, count: None, .. }
            | Op::Filter { input, .. }
            | Op::Project { input, .. } => links(input, chain),
            _ => false,
        };
    chain.push(node);
    fits
}

impl Reads {
    fn of(chain: &[&Node], imports: &Imports) -> Self {
        let (mut outer, mut filled): (Vec<Slot>, Vec<Slot>) = (Vec::new(), Vec::new());
        let mut reads = Self { outer: Vec::new(), filled: Vec::new() };
        for node in chain {
            for slot in node.op.uses(imports) {
                if !filled.contains(&slot) && !outer.contains(&slot) {
                    outer.push(slot);
                }
            }
            filled.extend(node.op.defines());
            reads.outer.push(outer.clone());
            reads.filled.push(filled.clone());
        }
        reads
    }
}

/// The steps from what is shared to a node of the outer row in the place of an operator that closes a cycle there, where
/// few would be met at its end.
fn joined(op: &Op, (filled, on): (&[Slot], &[Slot]), stats: &dyn Stats) -> Option<Vec<Hop>> {
    let from_filled = |hop: &Hop| if filled.contains(&hop.from) { hop.clone() } else { turned(hop) };
    let steps = match op {
        Op::ExpandInto { hop, .. } => vec![from_filled(hop)],
        Op::Intersect { expand, into, count: None, .. } if filled.contains(&expand.from) => {
            let back = if into.from == expand.to { into.clone() } else { turned(into) };
            vec![expand.clone(), back]
        }
        Op::Intersect { expand, into, count: None, .. } if into.differs.is_empty() => {
            vec![from_filled(into), turned(expand)]
        }
        _ => return None,
    };
    let (first, last) = (steps.first()?, steps.last()?);
    let outer = !filled.contains(&last.to) && !on.contains(&last.to);
    let own = |rel: &Slot| filled.contains(rel) || on.contains(rel) || first.rel == Some(*rel);
    let shared = steps.iter().all(|hop| hop.differs.iter().all(own));
    let met = Kinds::new(stats).follow(None, &last.types, last.towards).degree;
    (filled.contains(&first.from) && outer && shared && met <= FEW).then_some(steps)
}
