//! The first rows in the order of an indexed key come out of the index.
//!
//! ```text
//!   TopK name, id first 10 ─► Project name = i.name ─► SeekIndex i.name STARTS WITH 'A'
//!   TopK name, id first 10, first key in order ─► Project … ─► SeekIndex … in order      stops after ten
//! ```
//!
//! Applies when the first key is a property that the seek below goes by (or that has an index on the label
//! scanned, where every node of that label has it), with only filters and projections between.

use std::sync::Arc;

use super::Stats;
use crate::bind::bound::{Expr, Slot};
use crate::plan::node::{Node, Op, Plan, Seek};

pub(super) fn run(plan: &mut Plan, stats: &dyn Stats) {
    super::each_node(plan, &mut |node| {
        let Op::TopK { input, keys, sorted, .. } = &mut node.op else { return };
        if let Some(first) = keys.first()
            && order_below(input, &first.expr, first.descending, stats)
        {
            *sorted = true;
        }
    });
}

/// Makes the start below deliver in order of `key`, when it can.
fn order_below(node: &mut Node, key: &Expr, descending: bool, stats: &dyn Stats) -> bool {
    match &mut node.op {
        Op::Filter { input, .. } => order_below(input, key, descending, stats),
        Op::Project { input, items } => {
            let key = match key {
                Expr::Slot(slot) => items.iter().find(|(s, _)| s == slot).map_or(key, |(_, e)| e).clone(),
                other => other.clone(),
            };
            order_below(input, &key, descending, stats)
        }
        Op::SeekIndex { input, node, key: index_key, seek, order, .. } => {
            let fits = matches!(seek, Seek::Prefix(_) | Seek::Range { .. });
            let applies = fits && is_unit(input) && is_property(key, *node, index_key);
            if applies {
                *order = Some(descending);
            }
            applies
        }
        Op::ScanLabel { input, node: slot, label } if is_unit(input) => {
            let Some(name) = property_name(key, *slot) else { return false };
            // A node without the property has no entry in the index, but it has a row.
            if stats.index(label, &name).is_none() || !stats.has_exactly(label, &name) {
                return false;
            }
            let (slot, label) = (*slot, label.clone());
            let input = Node::unit().boxed();
            let (seek, order) = (Seek::All, Some(descending));
            node.op = Op::SeekIndex { input, node: slot, label, key: name, seek, order, made: false };
            true
        }
        _ => false,
    }
}

fn property_name(expr: &Expr, node: Slot) -> Option<Arc<str>> {
    match expr {
        Expr::Property { base, key, .. } if matches!(**base, Expr::Slot(slot) if slot == node) => Some(key.clone()),
        _ => None,
    }
}

fn is_property(expr: &Expr, node: Slot, key: &str) -> bool {
    property_name(expr, node).is_some_and(|name| *name == *key)
}

fn is_unit(node: &Node) -> bool {
    matches!(node.op, Op::Unit)
}
