//! Named rewrites that make a plan quick without changing its answer.
//!
//! [`PASSES`] is the list, in order; EXPLAIN, the documentation and the tests read it. A pass may use
//! [`Stats`]: what the graph counts about itself. Invariants: after `lower_patterns` no
//! [`Op::Pattern`] is left; every other pass may be left out and the rows
//! stay the same, order aside where none was asked for (a test compares them for every query it meets).
//! Must not know: batches, values of properties.

mod bushy;
mod count_by_type;
mod count_ends;
mod count_from_stats;
mod count_onward;
mod count_steps;
mod distinct_semi_joins;
mod estimate;
mod group_joins;
mod hoist;
mod implied_labels;
mod intersect;
mod kinds;
mod lower;
mod memoize;
mod merge_by_index;
mod order_from_index;
mod parallel;
mod project_late;
mod prune_slots;
mod reach;
mod scan_relationships;
mod semi_joins;
mod stats;
mod top_k;
mod unique_groups;

use crate::plan::node::{Node, Op, Plan};
pub(crate) use stats::{Fact, Stats};

/// One rewrite.
#[derive(Clone, Copy)]
pub(crate) struct Pass {
    /// Its name, as in the documentation and the tests.
    pub(crate) name: &'static str,
    /// What it does, in one line.
    pub(crate) what: &'static str,
    run: fn(&mut Plan, &dyn Stats),
}

/// The rewrites, in the order they run.
pub(crate) const PASSES: &[Pass] = &[
    Pass {
        name: "lower_patterns",
        what: "patterns become seeks, scans, expands, joins and degree products, cheapest first",
        run: lower::by_cost,
    },
    Pass { name: "count_from_stats", what: "counts the graph keeps are not counted again", run: count_from_stats::run },
    Pass { name: "count_by_type", what: "counting relationships by type reads the books", run: count_by_type::run },
    Pass {
        name: "scan_relationships",
        what: "every relationship of a type is read from its adjacency, not from every node",
        run: scan_relationships::run,
    },
    Pass { name: "top_k", what: "ORDER BY with LIMIT keeps the first rows only", run: top_k::run },
    Pass {
        name: "order_from_index",
        what: "the first rows in the order of an indexed key come out of the index",
        run: order_from_index::run,
    },
    Pass {
        name: "merge_by_index",
        what: "MERGE looks what is there up in an index, made for the statement where there is none",
        run: merge_by_index::run,
    },
    Pass {
        name: "count_steps",
        what: "walks of which only the length is asked are counted, not listed",
        run: count_steps::run,
    },
    Pass {
        name: "bushy",
        what: "steps that start again from what is the same in all rows are made once and joined",
        run: bushy::run,
    },
    Pass { name: "prune_slots", what: "slots nobody reads any more are dropped", run: prune_slots::run },
    Pass { name: "reach", what: "distinct ends of walks are found by breadth-first search", run: reach::run },
    Pass { name: "estimate", what: "estimated rows are written into the plan", run: estimate::run },
    Pass {
        name: "semi_joins",
        what: "EXISTS as a condition is a join that only asks whether there is a partner",
        run: semi_joins::run,
    },
    Pass {
        name: "distinct_semi_joins",
        what: "steps of which nothing goes on below DISTINCT are only asked whether there is a partner",
        run: distinct_semi_joins::run,
    },
    Pass {
        name: "group_joins",
        what: "COUNT, COLLECT and EXISTS as values are made for a batch of rows at a time",
        run: group_joins::run,
    },
    Pass {
        name: "implied_labels",
        what: "labels that a relationship type implies are not tested row by row",
        run: implied_labels::run,
    },
    Pass { name: "intersect", what: "cycles are closed by intersecting sorted neighbours", run: intersect::run },
    Pass { name: "count_ends", what: "ends that are only counted are not made into rows", run: count_ends::run },
    Pass {
        name: "count_onward",
        what: "what is counted beyond a counted end is counted once a node",
        run: count_onward::run,
    },
    Pass { name: "memoize", what: "what rows of an outer plan have in common is found once", run: memoize::run },
    Pass { name: "unique_groups", what: "groups of one row each are no groups", run: unique_groups::run },
    Pass {
        name: "project_late",
        what: "what only the first rows need is computed for the first rows only",
        run: project_late::run,
    },
    Pass { name: "hoist", what: "what is the same for every row is computed once", run: hoist::run },
    Pass { name: "parallel", what: "long scans are shared among threads", run: parallel::run },
];

/// Passes after which not every row of a pattern flows any more: a statement that cites cannot do without them.
const FORGETFUL: &[&str] =
    &["count_from_stats", "count_by_type", "count_steps", "reach", "intersect", "count_ends", "count_onward"];

/// Estimated rows from which on a rewrite that first takes a look at the whole graph, or keeps a note per node, pays.
const MANY_ROWS: f64 = 4096.0;

/// Runs every pass; with the plan comes what it relies on.
pub(crate) fn optimize(mut plan: Plan, stats: &dyn Stats) -> (Plan, Vec<Fact>) {
    // what holds exactly before a statement that writes may not hold when its later clauses run
    let stats = stats::Recording::new(stats, !plan.writes);
    let cite = plan.cite;
    for pass in PASSES.iter().filter(|pass| !cite || !FORGETFUL.contains(&pass.name)) {
        (pass.run)(&mut plan, &stats);
    }
    (plan, stats.facts())
}

/// The plan as it comes to the rewrite of this name and as it leaves it.
#[cfg(test)]
pub(crate) fn around(mut plan: Plan, stats: &dyn Stats, name: &str) -> (Plan, Plan) {
    let stats = stats::Recording::new(stats, !plan.writes);
    let at = PASSES.iter().position(|pass| pass.name == name).expect("the name of a rewrite");
    let (earlier, this) = (&PASSES[..at], PASSES[at]);
    earlier.iter().for_each(|pass| (pass.run)(&mut plan, &stats));
    let before = plan.clone();
    (this.run)(&mut plan, &stats);
    (before, plan)
}

/// Only what a plan needs to run: patterns are lowered in the order of the text, with scans and filters.
pub(crate) fn lower_only(mut plan: Plan) -> Plan {
    lower::as_written(&mut plan);
    plan
}

/// Calls `rewrite` on every operator of the plan, inputs first.
fn each_node(plan: &mut Plan, rewrite: &mut dyn FnMut(&mut Node)) {
    fn walk(node: &mut Node, rewrite: &mut dyn FnMut(&mut Node)) {
        for input in node.op.inputs_mut() {
            walk(input, rewrite);
        }
        rewrite(node);
    }
    walk(&mut plan.root, rewrite);
    for sub in &mut plan.subplans {
        walk(&mut sub.root, rewrite);
    }
}

/// Lets an operator take its main input from `below`.
fn put_below(node: &mut Node, below: Node) {
    if let Some(input) = node.op.inputs_mut().into_iter().next() {
        *input = below;
    }
}

/// Lets an operator take its main input from a plan, which it becomes the top of.
fn put_on(plan: &mut Node, mut top: Node) {
    put_below(&mut top, std::mem::replace(plan, Node::unit()));
    *plan = top;
}

/// Calls `f` on every operator of the plan, an operator before its inputs.
fn each(plan: &Plan, f: &mut dyn FnMut(&Op)) {
    fn walk(node: &Node, f: &mut dyn FnMut(&Op)) {
        f(&node.op);
        node.op.inputs().into_iter().for_each(|input| walk(input, f));
    }
    walk(&plan.root, f);
    plan.subplans.iter().for_each(|sub| walk(&sub.root, f));
}
