//! MERGE looks for what is there in an index, made for the statement where there is none.
//!
//! ```text
//!   Merge (:M {i: i}) ─ matching: Filter m.i = i ─► ScanLabel m:M             every row reads every node of the label
//!   Merge (:M {i: i}) ─ matching: Filter m.i = i ─► SeekIndex m:M m.i = i, made for this statement
//! ```
//!
//! The filter stays above: it decides what is equal. What the statement itself makes is in the index at once.

use super::Stats;
use super::lower::as_seek;
use crate::bind::bound::{Expr, Slot};
use crate::plan::node::{Node, Op, Plan, Seek};

pub(super) fn run(plan: &mut Plan, _stats: &dyn Stats) {
    super::each_node(plan, &mut |node| {
        if let Op::Merge { matching, .. } = &mut node.op
            && let Op::Filter { input, predicates } = &mut matching.op
        {
            seek_below(input, predicates);
        }
    });
}

fn seek_below(node: &mut Node, predicates: &[Expr]) {
    let Op::ScanLabel { node: slot, .. } = node.op else { return };
    let Some((key, seek)) = predicates.iter().find_map(|predicate| equality(slot, predicate)) else { return };
    let taken = std::mem::replace(node, Node::unit());
    if let Op::ScanLabel { input, node: slot, label } = taken.op {
        *node = Node::new(Op::SeekIndex { input, node: slot, label, key, seek, order: None, made: true });
    }
}

fn equality(slot: Slot, predicate: &Expr) -> Option<(std::sync::Arc<str>, Seek)> {
    as_seek(slot, predicate).filter(|(_, seek)| matches!(seek, Seek::Equal(_)))
}
