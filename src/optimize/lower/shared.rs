//! A path that a selector chooses among finds its inner nodes by itself.
//!
//! ```text
//!   ANY (a)-->(x:Law)-->(b), (x)-->(c)       ANY (a)-->(y:Law)-->(b), (x)-->(c) WHERE y = x
//! ```
//!
//! The path goes through a node of its own where others of the pattern lead through the same, or where it was there
//! before. What is asked of the node alone is asked of that one while the path is searched: a choice is made among the
//! paths that satisfy what is asked of their nodes, whatever else of the pattern knows them.

use super::graph::split;
use super::search::{equal, node_numbers, rel_numbers, walk_conditions_mut};
use crate::bind::bound::{Expr, PathPart, Pattern, PatternNode, PatternRel, Selector, Slot, SlotInfo, SlotKind};
use crate::plan::node::{Node, Op, Plan, SubPlan};
use crate::plan::walk::{Imports, parts_mut, slots_of};

/// Gives the paths of every pattern inner nodes of their own.
pub(super) fn run(plan: &mut Plan) {
    let imports = Imports::of(plan);
    let subplans = std::mem::take(&mut plan.subplans);
    let mut parting = Parting { imports, subplans, slots: &mut plan.slots };
    parting.node(&mut plan.root);
    for number in 0..parting.subplans.len() {
        let mut root = std::mem::replace(&mut parting.subplans[number].root, Node::unit());
        parting.node(&mut root);
        parting.subplans[number].root = root;
    }
    plan.subplans = parting.subplans;
}

struct Parting<'a> {
    imports: Imports,
    subplans: Vec<SubPlan>,
    slots: &'a mut Vec<SlotInfo>,
}

impl Parting<'_> {
    fn node(&mut self, node: &mut Node) {
        if let Op::Pattern { pattern, conditions, .. } = &mut node.op {
            let chosen = |at: &usize| pattern.paths[*at].selector != Selector::All;
            let chosen: Vec<usize> = (0..pattern.paths.len()).filter(chosen).collect();
            chosen.into_iter().for_each(|at| self.path(pattern, at, conditions));
        }
        node.op.inputs_mut().into_iter().for_each(|input| self.node(input));
    }

    fn path(&mut self, pattern: &mut Pattern, at: usize, conditions: &mut Vec<Expr>) {
        let nodes = node_numbers(&pattern.paths[at]);
        let Some(&to) = nodes.last() else { return };
        for (place, &number) in nodes.iter().enumerate().skip(1).take(nodes.len().saturating_sub(2)) {
            let earlier = nodes[..place].contains(&number) || number == to;
            let PatternNode { slot: known, bound } = pattern.nodes[number];
            if !earlier && !bound && !used_elsewhere(pattern, at, number) {
                continue;
            }
            let fresh = Slot::fresh(self.slots, "", SlotKind::Node);
            let same = equal(Expr::Slot(fresh), Expr::Slot(known));
            if earlier || bound {
                pattern.paths[at].tests.push(same);
            } else {
                conditions.push(same);
                self.ask_of(fresh, known, pattern, at);
            }
            renumber(pattern, at, place, fresh);
        }
    }

    /// What is asked of a node is asked of the one that a path finds, too.
    fn ask_of(&mut self, fresh: Slot, known: Slot, pattern: &mut Pattern, at: usize) {
        let mut tests = std::mem::take(&mut pattern.paths[at].tests);
        tests.iter_mut().for_each(|test| self.rename(test, known, fresh));
        for rel in rel_numbers(&pattern.paths[at]) {
            walk_conditions_mut(&mut pattern.rels[rel], &mut |expr| self.rename(expr, known, fresh));
        }
        let mut conjuncts = Vec::new();
        std::mem::take(&mut pattern.predicates).into_iter().for_each(|expr| split(expr, &mut conjuncts));
        for predicate in &conjuncts {
            let mut reads = Vec::new();
            slots_of(predicate, &self.imports, &mut reads);
            if !reads.is_empty() && reads.iter().all(|slot| *slot == known) {
                let mut own = predicate.clone();
                self.rename(&mut own, known, fresh);
                tests.push(own);
            }
        }
        pattern.predicates = conjuncts;
        pattern.paths[at].tests = tests;
    }

    /// Puts `new` in the place of `old`, in what subqueries take from around them as well.
    fn rename(&mut self, expr: &mut Expr, old: Slot, new: Slot) {
        match expr {
            Expr::Slot(slot) if *slot == old => *slot = new,
            Expr::Subquery(number) => *number = self.subquery(*number, old, new),
            _ => parts_mut(expr, &mut |part| self.rename(part, old, new)),
        }
    }

    /// The number of a subquery that takes `new` where this one takes `old`. Those that stand in it are the same ones.
    fn subquery(&mut self, number: u32, old: Slot, new: Slot) -> u32 {
        let mut reads = Vec::new();
        slots_of(&Expr::Subquery(number), &self.imports, &mut reads);
        if !reads.contains(&old) {
            return number;
        }
        let mut copy = self.subplans[number as usize].clone();
        copy.imports.iter_mut().for_each(|(_, import)| self.rename(import, old, new));
        self.imports.0.push(copy.imports.clone());
        self.subplans.push(copy);
        self.subplans.len() as u32 - 1
    }
}

fn used_elsewhere(pattern: &Pattern, at: usize, node: usize) -> bool {
    let own = rel_numbers(&pattern.paths[at]);
    let by_rel = |(number, rel): (usize, &PatternRel)| !own.contains(&number) && (rel.from == node || rel.to == node);
    let mut paths = pattern.paths.iter().enumerate();
    pattern.rels.iter().enumerate().any(by_rel)
        || paths.any(|(number, path)| number != at && node_numbers(path).contains(&node))
}

/// Lets the node at `place` of a path be one of its own, with this slot.
fn renumber(pattern: &mut Pattern, at: usize, place: usize, slot: Slot) {
    pattern.nodes.push(PatternNode { slot, bound: false });
    let fresh = pattern.nodes.len() - 1;
    let rels = rel_numbers(&pattern.paths[at]);
    pattern.rels[rels[place - 1]].to = fresh;
    pattern.rels[rels[place]].from = fresh;
    let mut nodes = pattern.paths[at].elements.iter_mut().filter_map(|part| match part {
        PathPart::Node(number) => Some(number),
        PathPart::Rel(_) => None,
    });
    if let Some(number) = nodes.nth(place) {
        *number = fresh;
    }
}
