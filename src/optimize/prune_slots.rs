//! Slots nobody reads any more are dropped on the way up; relationship slots nobody reads are never filled;
//! paths nobody reads are never built.
//!
//! ```text
//!   Project b.name                        Project b.name             live: name
//!   └ BindPath p = (a, r, b)      ─►      └ Expand (a)-[]->(b)       live: b
//!     └ Expand (a)-[r]->(b)                 └ ScanNodes a            live: a
//!       └ ScanNodes a
//! ```
//!
//! Invariant: a slot is in `live` of a node exactly when somebody above reads it.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Stats;
use crate::bind::bound::Slot;
use crate::plan::node::{Node, Op, Plan};
use crate::plan::walk::Imports;

type Live = FxHashSet<Slot>;

pub(super) fn run(plan: &mut Plan, _stats: &dyn Stats) {
    let imports = Imports::of(plan);
    let traced = plan.traced.iter().map(|traced| traced.slot);
    let wanted: Live = plan.columns.iter().map(|c| c.slot).chain(traced).collect();
    prune(&mut plan.root, &wanted, &imports);
    for sub in &mut plan.subplans {
        prune(&mut sub.root, &sub.output.into_iter().collect(), &imports);
    }
}

/// The slots `node` needs from outside (its Argument) come back.
fn prune(node: &mut Node, wanted: &Live, imports: &Imports) -> Live {
    while let Op::BindPath { input, path, .. } = &mut node.op
        && !wanted.contains(path)
    {
        *node = std::mem::replace(&mut **input, Node::unit());
    }
    drop_relationship(&mut node.op, wanted);
    let mut live: Vec<Slot> = wanted.iter().copied().collect();
    live.sort_unstable();
    node.live = Some(Arc::from(live));
    let uses = node.op.uses(imports);
    let defines = node.op.defines();
    match &mut node.op {
        Op::Argument => wanted.clone(),
        Op::Unit | Op::CountFromStats { .. } | Op::CountByType { .. } => Live::default(),
        Op::Aggregate { input, .. } => prune(input, &uses.into_iter().collect(), imports),
        Op::Apply { input, inner, .. } => {
            // what the outer row holds is put beside the inner rows again
            let mut inside_wanted = Live::default();
            filled(inner, &mut inside_wanted);
            inside_wanted.retain(|slot| wanted.contains(slot));
            let inside = prune(inner, &inside_wanted, imports);
            let below: Live = wanted.iter().copied().chain(inside).chain(uses).collect();
            prune(input, &below, imports)
        }
        Op::Foreach { input, inner, .. } | Op::Batches { input, inner, .. } | Op::ApplyUnit { input, inner } => {
            let inside = prune(inner, wanted, imports);
            let below: Live = wanted.iter().copied().chain(inside).chain(uses).collect();
            prune(input, &below, imports)
        }
        Op::Distribute { input, inner, .. } => {
            let below = prune(inner, wanted, imports);
            prune(input, &below, imports)
        }
        Op::SemiJoin { input, inner, .. } => {
            let inside = prune(inner, &Live::default(), imports);
            let below: Live = wanted.iter().copied().chain(inside).chain(uses).collect();
            prune(input, &below, imports)
        }
        Op::GroupJoin { input, inner, output, slot, .. } => {
            let inside = prune(inner, &output.iter().copied().collect(), imports);
            let own = *slot;
            let below: Live = wanted.iter().copied().filter(|slot| *slot != own).chain(inside).collect();
            prune(input, &below, imports)
        }
        Op::ExpandGroup { input, inner, group } => {
            let kept = group.lists.iter().map(|(inner, _)| *inner).chain(group.parts.iter().copied());
            let inside_wanted: Live = kept.chain(group.rels.iter().copied()).chain([group.last]).collect();
            let inside = prune(inner, &inside_wanted, imports);
            let mut below: Live = wanted.iter().copied().chain(inside).chain(uses).collect();
            defines.iter().for_each(|slot| {
                below.remove(slot);
            });
            prune(input, &below, imports)
        }
        Op::Merge { input, matching, merge } => {
            let mut own = Live::default();
            crate::plan::walk::merge_reads(merge, imports, &mut own);
            let inside_wanted: Live = wanted.iter().copied().chain(own.iter().copied()).collect();
            let inside = prune(matching, &inside_wanted, imports);
            let mut below: Live = inside_wanted.into_iter().chain(inside).chain(uses).collect();
            defines.iter().for_each(|slot| {
                below.remove(slot);
            });
            prune(input, &below, imports)
        }
        Op::Cross { left, right } | Op::HashJoin { left, right, .. } => {
            let below: Live = wanted.iter().copied().chain(uses).collect();
            let mut outside = prune(left, &below, imports);
            outside.extend(prune(right, &below, imports));
            outside
        }
        Op::Union { parts, .. } => {
            let mut outside = Live::default();
            for part in parts {
                let below: Live = part.slots.iter().copied().collect();
                outside.extend(prune(&mut part.node, &below, imports));
            }
            outside
        }
        op => {
            let mut below = wanted.clone();
            defines.iter().for_each(|slot| {
                below.remove(slot);
            });
            below.extend(uses);
            match op.inputs_mut().pop() {
                Some(input) => prune(input, &below, imports),
                None => below,
            }
        }
    }
}

/// The slots that a plan fills.
pub(super) fn filled(node: &Node, out: &mut Live) {
    out.extend(node.op.defines());
    node.op.inputs().into_iter().for_each(|input| filled(input, out));
}

fn drop_relationship(op: &mut Op, wanted: &Live) {
    match op {
        Op::Expand { hop, .. }
        | Op::ExpandInto { hop, .. }
        | Op::ExpandVar { hop, .. }
        | Op::ShortestPath { hop, .. }
        | Op::ScanRels { hop, .. }
        | Op::SeekRels { hop, .. } => hop.rel = hop.rel.filter(|slot| wanted.contains(slot)),
        _ => {}
    }
}
