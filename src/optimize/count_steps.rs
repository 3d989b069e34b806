//! Walks of which only the length is asked are counted, not listed.
//!
//! ```text
//!   Project length(p)                                    Project steps
//!   └ BindPath p = (a, r, b)               ─►            └ ShortestPath (a)-[steps:R*]->(b)
//!     └ ShortestPath (a)-[r:R*]->(b)
//! ```
//!
//! Applies to the list of a variable-length relationship when nobody asks more of it than `size(r)`, nor of a path that is
//! nothing but it and its ends more than `length(p)`. What counts may then be found without the walk.

use super::Stats;
use crate::bind::bound::{Expr, Slot, SlotKind};
use crate::plan::node::{Hop, Node, Op, Plan, VarHop};
use crate::plan::rewrite::replaced;
use crate::plan::walk::{Imports, any};

pub(super) fn run(plan: &mut Plan, _stats: &dyn Stats) {
    let mut lists = Vec::new();
    super::each(plan, &mut |op| {
        if let Some((Hop { rel: Some(list), .. }, var)) = walked(op)
            && !var.counted
        {
            lists.push(*list);
        }
    });
    for list in lists {
        let mut paths = Vec::new();
        super::each(plan, &mut |op| match op {
            Op::BindPath { path, parts, .. } if parts.len() == 3 && parts[1] == list => paths.push(*path),
            _ => {}
        });
        let of_paths = paths.iter().all(|path| read_only_as(plan, *path, &|op| calls(op, "length", *path)));
        let bound = |op: &Op| usize::from(matches!(op, Op::BindPath { path, .. } if paths.contains(path)));
        if is_measured(plan, list, &paths)
            && of_paths
            && read_only_as(plan, list, &|op| calls(op, "size", list) + bound(op))
        {
            count(plan, list, &paths);
        }
    }
}

/// Whether anybody asks for the length at all.
fn is_measured(plan: &Plan, list: Slot, paths: &[Slot]) -> bool {
    let mut measured = false;
    super::each(plan, &mut |op| {
        measured |= calls(op, "size", list) > 0 || paths.iter().any(|path| calls(op, "length", *path) > 0);
    });
    measured
}

fn walked(op: &Op) -> Option<(&Hop, &VarHop)> {
    match op {
        Op::ExpandVar { hop, var, .. } | Op::ShortestPath { hop, var, .. } => Some((hop, var)),
        _ => None,
    }
}

/// Lets a walk fill a slot with its length, and whoever asked for that read it there.
fn count(plan: &mut Plan, list: Slot, paths: &[Slot]) {
    let steps = Slot::fresh(&mut plan.slots, "steps", SlotKind::Value);
    let change = |expr: &Expr| {
        let measured = is_call(expr, "size", list) || paths.iter().any(|path| is_call(expr, "length", *path));
        measured.then_some(Expr::Slot(steps))
    };
    super::each_node(plan, &mut |node: &mut Node| {
        match &mut node.op {
            Op::ExpandVar { hop, var, .. } | Op::ShortestPath { hop, var, .. } if hop.rel == Some(list) => {
                (hop.rel, var.counted) = (Some(steps), true);
            }
            Op::BindPath { input, path, .. } if paths.contains(path) => {
                let input = std::mem::replace(&mut **input, Node::unit());
                *node = input;
                return;
            }
            _ => {}
        }
        node.op.row_expressions_mut(&mut |expr| {
            let old = std::mem::replace(expr, Expr::List(Vec::new()));
            *expr = replaced(old, &change);
        });
    });
}

fn is_call(expr: &Expr, name: &str, of: Slot) -> bool {
    match expr {
        Expr::Call { function, arguments, .. } => {
            function.name == name && matches!(arguments.as_slice(), [Expr::Slot(slot)] if *slot == of)
        }
        _ => false,
    }
}

/// How often an operator that can be told to ask something else asks a function of a slot.
fn calls(op: &Op, name: &str, of: Slot) -> usize {
    if !matches!(op, Op::Filter { .. } | Op::Project { .. } | Op::Aggregate { .. } | Op::Sort { .. } | Op::TopK { .. })
    {
        return 0;
    }
    let count = std::cell::Cell::new(0);
    // `any` goes on for as long as nothing is found
    op.expressions(&mut |expr| {
        any(expr, &|part| {
            count.set(count.get() + usize::from(is_call(part, name, of)));
            false
        });
    });
    count.get()
}

/// Whether every reading of a slot is one of those that `allowed` counts in each operator.
pub(super) fn read_only_as(plan: &Plan, slot: Slot, allowed: &dyn Fn(&Op) -> usize) -> bool {
    let imports = Imports::of(plan);
    let imported =
        |(own, expr): &(Slot, Expr)| *own == slot || any(expr, &|e| matches!(e, Expr::Slot(s) if *s == slot));
    let mut fine = !plan.viewed.contains(&slot)
        && !plan.columns.iter().any(|column| column.slot == slot)
        && !plan.traced.iter().any(|traced| traced.slot == slot)
        && !plan.subplans.iter().any(|sub| sub.output == Some(slot) || sub.imports.iter().any(imported));
    super::each(plan, &mut |op| {
        let handed_on = match op {
            Op::Union { parts, slots } => slots.contains(&slot) || parts.iter().any(|part| part.slots.contains(&slot)),
            Op::ExpandGroup { group, .. } => {
                group.parts.contains(&slot) || group.rels.contains(&slot) || group.lists.iter().any(|l| l.0 == slot)
            }
            _ => false,
        };
        let reads = op.uses(&imports).into_iter().filter(|read| *read == slot).count();
        fine = fine && !handed_on && reads == allowed(op);
    });
    fine
}
