//! The query graph of one or several consecutive patterns, with its predicates.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::access::implied_by_or;
use super::search::{self, Scope, Searched, Taken};
use crate::bind::bound::{
    ComparisonOp, Direction, Expr, LabelTest, Pattern, PatternNode, PatternPath, PatternRel, RelLength, Selector, Slot,
};
use crate::optimize::Stats;
use crate::plan::node::{Node, Op};
use crate::plan::walk::{Imports, slots_of};

/// One query graph: the patterns of one `MATCH`, or of several that follow one another.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    pub(super) nodes: Vec<QueryNode>,
    pub(super) rels: Vec<QueryRel>,
    pub(super) paths: Vec<QueryPath>,
    pub(super) conditions: Vec<Expr>,
    /// Nodes that a condition asks to differ, by their numbers.
    unequal: Vec<(usize, usize)>,
}

/// A node of the query graph.
#[derive(Debug)]
pub(super) struct QueryNode {
    pub(super) slot: Slot,
    /// Filled before the pattern starts.
    pub(super) bound: bool,
}

/// A relationship of the query graph.
#[derive(Debug)]
pub(super) struct QueryRel {
    pub(super) rel: PatternRel,
    /// Number of the clause it comes from: relationships of one clause differ from each other.
    pub(super) clause: usize,
    /// A path that a selector chooses among is searched instead of expanded.
    pub(super) searched: Option<Searched>,
    /// What else of the graph is read while it is walked or searched, which must be there before:
    /// `-[r WHERE r.w < b.k]->*(b)`.
    pub(super) waits: Vec<Slot>,
    /// Others wait for what it finds.
    pub(super) awaited: bool,
}

/// A path to be bound or selected when its parts are there.
#[derive(Debug)]
pub(super) struct QueryPath {
    pub(super) path: PatternPath,
    /// Slots of its nodes and relationships, in order.
    pub(super) parts: Vec<Slot>,
}

/// A condition and the slots of the graph it waits for.
#[derive(Debug)]
pub(super) struct Predicate {
    pub(super) expr: Expr,
    pub(super) needs: Vec<Slot>,
}

impl Patterns {
    /// Takes a pattern off its input; with `merge`, also those directly below it.
    pub(super) fn collect(node: Node, merge: bool, scope: &mut Scope<'_>) -> (Node, Self) {
        let mut stack = Vec::new();
        let mut below = node;
        while let Node { op: Op::Pattern { input, pattern, conditions }, .. } = below {
            // A relationship bound before must be there when the pattern that uses it starts.
            let alone = !merge || pattern.rels.iter().any(|r| r.bound);
            stack.push((*pattern, conditions));
            below = *input;
            // An inner node of a path that is searched is there when the path is.
            let passed = match &below.op {
                Op::Pattern { pattern, .. } => search::passed(pattern),
                _ => Vec::new(),
            };
            let goes_on = |(above, _): &(Pattern, _)| above.nodes.iter().any(|node| passed.contains(&node.slot));
            if alone || stack.iter().any(goes_on) {
                break;
            }
        }
        let mut patterns = Self::default();
        for (clause, (pattern, conditions)) in stack.into_iter().rev().enumerate() {
            patterns.add(clause, pattern, conditions, scope);
        }
        (below, patterns)
    }

    fn add(&mut self, clause: usize, mut pattern: Pattern, mut conditions: Vec<Expr>, scope: &mut Scope<'_>) {
        let taken = searches(&mut pattern, &mut conditions, scope);
        let Pattern { nodes, rels, paths, predicates } = pattern;
        let part_slots: Vec<Vec<Slot>> = paths
            .iter()
            .map(|p| {
                use crate::bind::bound::PathPart::{Node, Rel};
                p.elements
                    .iter()
                    .map(|e| match e {
                        Node(n) => nodes[*n].slot,
                        Rel(r) => rels[*r].slot,
                    })
                    .collect()
            })
            .collect();
        let hidden: FxHashSet<usize> = taken.iter().flat_map(|t| t.inner.iter().copied()).collect();
        let searched: FxHashSet<usize> = taken.iter().flat_map(|t| t.rels.iter().copied()).collect();
        let number = |graph: &mut Self, (at, node): (usize, &PatternNode)| {
            if hidden.contains(&at) { usize::MAX } else { graph.node(node.slot, node.bound) }
        };
        let numbers: Vec<usize> = nodes.iter().enumerate().map(|node| number(self, node)).collect();
        let plain = rels.into_iter().enumerate().filter(|(at, _)| !searched.contains(at)).map(|(_, rel)| (rel, None));
        for (mut rel, searched) in plain.chain(taken.into_iter().map(|t| (t.rel, Some(t.searched)))) {
            rel.from = numbers[rel.from];
            rel.to = numbers[rel.to];
            self.rels.push(QueryRel { rel, clause, searched, waits: Vec::new(), awaited: false });
        }
        for (path, parts) in paths.into_iter().zip(part_slots) {
            self.paths.push(QueryPath { path, parts });
        }
        self.conditions.extend(predicates);
        self.conditions.extend(conditions);
    }

    /// The number of the node with this slot; a node of an earlier pattern of the same graph is not bound from outside.
    fn node(&mut self, slot: Slot, bound: bool) -> usize {
        self.nodes.iter().position(|n| n.slot == slot).unwrap_or_else(|| {
            self.nodes.push(QueryNode { slot, bound });
            self.nodes.len() - 1
        })
    }

    /// The slots the graph fills itself.
    pub(super) fn own_slots(&self) -> Vec<Slot> {
        let nodes = self.nodes.iter().filter(|n| !n.bound).map(|n| n.slot);
        let rels = self.rels.iter().filter(|r| !r.rel.bound).flat_map(QueryRel::fills);
        nodes.chain(rels).chain(self.paths.iter().filter_map(|p| p.path.slot)).collect()
    }

    /// Takes every condition apart into conjuncts that can be placed one by one.
    pub(super) fn split_conditions(&mut self) {
        let mut conjuncts = Vec::new();
        std::mem::take(&mut self.conditions).into_iter().for_each(|e| split(e, &mut conjuncts));
        let number = |expr: &Expr| match expr {
            Expr::Slot(slot) => self.nodes.iter().position(|node| node.slot == *slot),
            _ => None,
        };
        let unequal = conjuncts.iter().filter_map(|condition| {
            let (condition, wanted) = match condition {
                Expr::Not(inner, _) => (&**inner, ComparisonOp::Equal),
                other => (other, ComparisonOp::NotEqual),
            };
            let Expr::Compare { first, rest } = condition else { return None };
            let [(op, second)] = rest.as_slice() else { return None };
            (*op == wanted).then_some((number(first)?, number(second)?))
        });
        self.unequal = unequal.collect();
        self.conditions = conjuncts;
    }

    /// Whether two nodes are different in every match: related by what the graph has no loops of, or asked to differ.
    fn differ(&self, a: usize, b: usize, stats: &dyn Stats) -> bool {
        let joins = |ends: (usize, usize)| ends == (a, b) || ends == (b, a);
        let related = |rel: &QueryRel| {
            rel.is_single() && joins((rel.rel.from, rel.rel.to)) && stats.exactly_no_loops(&rel.rel.types)
        };
        a != b && (self.unequal.iter().copied().any(joins) || self.rels.iter().any(related))
    }

    /// Whether two single relationships are different in every match by where they begin and end.
    pub(super) fn are_apart(&self, a: usize, b: usize, stats: &dyn Stats) -> bool {
        let (one, other) = (&self.rels[a], &self.rels[b]);
        if !one.is_single() || !other.is_single() {
            return false;
        }
        let ends = |rel: &PatternRel| match rel.direction {
            Direction::Left => (rel.to, rel.from),
            _ => (rel.from, rel.to),
        };
        let ((from, to), (start, end)) = (ends(&one.rel), ends(&other.rel));
        let turned = one.rel.direction == Direction::Either || other.rel.direction == Direction::Either;
        let differ = |x, y| self.differ(x, y, stats);
        (differ(from, start) || differ(to, end)) && (!turned || differ(from, end) || differ(to, start))
    }

    /// The conditions with the slots each waits for; `indexed`: whether there is an index on a key of a label.
    pub(super) fn predicates(&mut self, imports: &Imports, indexed: &dyn Fn(&str, &str) -> bool) -> Vec<Predicate> {
        let own = self.own_slots();
        self.wait(imports);
        self.split_conditions();
        if self.conditions.iter().any(|condition| matches!(condition, Expr::Or(..))) {
            let nodes: Vec<Slot> = self.nodes.iter().filter(|n| !n.bound).map(|n| n.slot).collect();
            let labels: Vec<(Slot, Arc<str>)> =
                self.conditions.iter().filter_map(label_test).map(|(slot, label)| (slot, label.clone())).collect();
            let indexed = |slot: Slot, key: &str| labels.iter().any(|(own, label)| *own == slot && indexed(label, key));
            let implied: Vec<Expr> = self.conditions.iter().flat_map(|c| implied_by_or(c, &nodes, &indexed)).collect();
            self.conditions.extend(implied);
        }
        std::mem::take(&mut self.conditions)
            .into_iter()
            .map(|expr| {
                let mut needs = Vec::new();
                slots_of(&expr, imports, &mut needs);
                needs.sort_unstable();
                needs.dedup();
                needs.retain(|slot| own.contains(slot));
                Predicate { expr, needs }
            })
            .collect()
    }

    /// Notes what each walk and search waits for: nodes, and what other walks and searches fill.
    fn wait(&mut self, imports: &Imports) {
        let nodes = self.nodes.iter().filter(|n| !n.bound).map(|n| n.slot);
        let found = self.rels.iter().filter(|r| !r.rel.bound).flat_map(QueryRel::fills);
        let brought: FxHashSet<Slot> = nodes.chain(found).collect();
        for rel in &mut self.rels {
            let mut waits = rel.reads(imports);
            // a path is there when its parts are
            let parts = self.paths.iter().filter(|path| path.path.slot.is_some_and(|slot| waits.contains(&slot)));
            let parts: Vec<Slot> = parts.flat_map(|path| path.parts.iter().copied()).collect();
            waits.extend(parts);
            waits.sort_unstable();
            waits.dedup();
            let own = rel.fills();
            waits.retain(|slot| brought.contains(slot) && !own.contains(slot));
            rel.waits = waits;
        }
        self.order_searches();
        let read: FxHashSet<Slot> = self.rels.iter().flat_map(|rel| rel.waits.iter().copied()).collect();
        for rel in &mut self.rels {
            rel.awaited = rel.fills().iter().any(|slot| read.contains(slot));
        }
    }

    /// Lets searches wait for what must differ from what they find, but for what waits for them: in whatever order the
    /// rest is worked off, a search takes none of the relationships of the other paths, nor of the searches before it.
    fn order_searches(&mut self) {
        let mut found_by: FxHashMap<Slot, usize> = FxHashMap::default();
        for (number, rel) in self.rels.iter().enumerate() {
            found_by.extend(rel.fills().into_iter().map(|slot| (slot, number)));
        }
        let needed = |rel: &QueryRel| rel.waits.iter().filter_map(|slot| found_by.get(slot).copied()).collect();
        let mut needs: Vec<Vec<usize>> = self.rels.iter().map(needed).collect();
        for search in 0..self.rels.len() {
            if self.rels[search].searched.is_none() {
                continue;
            }
            for other in 0..self.rels.len() {
                let rel = &self.rels[other];
                let comes_before = rel.searched.is_none() || other < search;
                let differs = !rel.rel.bound && self.rels[search].may_equal(rel);
                if comes_before && differs && !leads_to(&needs, other, search) {
                    let slot = rel.rel.slot;
                    self.rels[search].waits.push(slot);
                    needs[search].push(other);
                }
            }
        }
    }

    /// Takes relationships and nodes out, with the conditions on those nodes.
    pub(super) fn remove(&mut self, rels: &FxHashSet<usize>, nodes: &FxHashSet<usize>) {
        let gone: Vec<Slot> = nodes.iter().map(|n| self.nodes[*n].slot).collect();
        let mut numbers = vec![0; self.nodes.len()];
        let mut next = 0;
        for (old, number) in numbers.iter_mut().enumerate() {
            *number = next;
            next += usize::from(!nodes.contains(&old));
        }
        let mut at = 0;
        self.rels.retain(|_| {
            at += 1;
            !rels.contains(&(at - 1))
        });
        for rel in &mut self.rels {
            (rel.rel.from, rel.rel.to) = (numbers[rel.rel.from], numbers[rel.rel.to]);
        }
        at = 0;
        self.nodes.retain(|_| {
            at += 1;
            !nodes.contains(&(at - 1))
        });
        self.conditions.retain(|e| !label_test(e).is_some_and(|(slot, _)| gone.contains(&slot)));
    }

    /// Relationships that touch each node, by node number.
    pub(super) fn adjacency(&self) -> Vec<Vec<usize>> {
        let mut out = vec![Vec::new(); self.nodes.len()];
        for (number, rel) in self.rels.iter().enumerate() {
            out[rel.rel.from].push(number);
            if rel.rel.to != rel.rel.from {
                out[rel.rel.to].push(number);
            }
        }
        out
    }
}

/// Whether one needs the other, or needs what needs it.
fn leads_to(needs: &[Vec<usize>], from: usize, to: usize) -> bool {
    let (mut open, mut seen) = (vec![from], vec![false; needs.len()]);
    while let Some(at) = open.pop() {
        if at == to {
            return true;
        }
        if !std::mem::replace(&mut seen[at], true) {
            open.extend(&needs[at]);
        }
    }
    false
}

/// The slots that are read while a relationship of variable length or a group is walked.
pub(super) fn walk_reads(rel: &PatternRel, imports: &Imports, out: &mut Vec<Slot>) {
    match &rel.length {
        RelLength::One => {}
        RelLength::Var { conditions, .. } => conditions.iter().for_each(|e| slots_of(e, imports, out)),
        RelLength::Group(group) => {
            let pattern = &group.pattern;
            let asked = group.conditions.iter().chain(&pattern.predicates);
            asked.chain(pattern.paths.iter().flat_map(|path| &path.tests)).for_each(|e| slots_of(e, imports, out));
            pattern.rels.iter().for_each(|inner| walk_reads(inner, imports, out));
        }
    }
    rel.cost.iter().for_each(|e| slots_of(e, imports, out));
}

impl QueryRel {
    /// The slots that following or searching it fills, its ends aside.
    pub(super) fn fills(&self) -> Vec<Slot> {
        let mut out = vec![self.rel.slot];
        if let RelLength::Group(group) = &self.rel.length {
            out.extend(group.lists.iter().map(|(_, outer)| *outer));
        }
        out.extend(self.searched.iter().flat_map(Searched::defines));
        out
    }

    /// The slots that are read while it is walked or searched.
    pub(super) fn reads(&self, imports: &Imports) -> Vec<Slot> {
        let mut out = Vec::new();
        walk_reads(&self.rel, imports, &mut out);
        self.searched.iter().for_each(|searched| searched.reads(imports, &mut out));
        out
    }

    /// Whether it stands for one relationship, not for a repetition or a path that is searched.
    pub(super) fn is_single(&self) -> bool {
        self.searched.is_none() && matches!(self.rel.length, RelLength::One)
    }

    /// Whether it can be followed starting from its written right end.
    pub(super) fn reversible(&self) -> bool {
        !matches!(self.rel.length, RelLength::Group(_))
    }

    /// Whether two relationships could be the same one, so that they must be told apart.
    pub(super) fn may_equal(&self, other: &Self) -> bool {
        use crate::bind::bound::{PathMode, TypeTest};
        if self.clause != other.clause || self.rel.slot == other.rel.slot {
            return false;
        }
        if self.rel.mode != PathMode::Trail || other.rel.mode != PathMode::Trail {
            return false;
        }
        match (&self.rel.types, &other.rel.types) {
            (TypeTest::OneOf(a), TypeTest::OneOf(b)) => a.iter().any(|t| b.contains(t)),
            _ => true,
        }
    }
}

/// What is asked of every relationship of a walk moves into the walk; paths with a selector are taken out.
fn searches(pattern: &mut Pattern, conditions: &mut Vec<Expr>, scope: &mut Scope<'_>) -> Vec<Taken> {
    if !pattern.rels.iter().any(|rel| !matches!(rel.length, RelLength::One))
        && pattern.paths.iter().all(|path| path.selector == Selector::All)
    {
        return Vec::new();
    }
    let own = search::own_slots(pattern);
    let mut predicates = std::mem::take(&mut pattern.predicates);
    for all in [&mut *conditions, &mut predicates] {
        let mut conjuncts = Vec::new();
        std::mem::take(all).into_iter().for_each(|expr| split(expr, &mut conjuncts));
        for expr in conjuncts {
            match search::push_down(&expr, pattern, &own, scope) {
                Some(others) => all.extend(others),
                None => all.push(expr),
            }
        }
    }
    pattern.predicates = predicates;
    let chosen: Vec<usize> =
        (0..pattern.paths.len()).filter(|at| pattern.paths[*at].selector != Selector::All).collect();
    chosen.into_iter().filter_map(|at| search::take(pattern, at, conditions, scope)).collect()
}

/// Takes a condition apart into conjuncts that can be placed one by one: `AND`s, several labels, chains of comparisons.
pub(super) fn split(expr: Expr, out: &mut Vec<Expr>) {
    match expr {
        Expr::And(items, _) => items.into_iter().for_each(|e| split(e, out)),
        Expr::HasLabels { operand, test: LabelTest::And(tests), span } => {
            out.extend(tests.into_iter().map(|test| Expr::HasLabels { operand: operand.clone(), test, span }));
        }
        Expr::Compare { first, rest } if rest.len() > 1 && rest[..rest.len() - 1].iter().all(|(_, e)| is_simple(e)) => {
            let mut left = first;
            for (op, right) in rest {
                let next = Box::new(right.clone());
                out.push(Expr::Compare { first: left, rest: vec![(op, right)] });
                left = next;
            }
        }
        other => out.push(other),
    }
}

/// Cheap to evaluate twice.
fn is_simple(expr: &Expr) -> bool {
    match expr {
        Expr::Const(_) | Expr::Param(_) | Expr::Slot(_) => true,
        Expr::Property { base, .. } => matches!(**base, Expr::Slot(_)),
        _ => false,
    }
}

/// Which side of the start node a written direction leaves by.
pub(super) fn towards(direction: Direction, from_left: bool) -> crate::plan::node::Towards {
    use crate::plan::node::Towards;
    match (direction, from_left) {
        (Direction::Either, _) => Towards::Both,
        (Direction::Right, true) | (Direction::Left, false) => Towards::Out,
        (Direction::Right, false) | (Direction::Left, true) => Towards::In,
    }
}

/// The label a predicate demands of a slot, when that is all it says.
pub(in crate::optimize) fn label_test(expr: &Expr) -> Option<(Slot, &Arc<str>)> {
    match expr {
        Expr::HasLabels { operand, test: LabelTest::Name(name), .. } => match **operand {
            Expr::Slot(slot) => Some((slot, name)),
            _ => None,
        },
        _ => None,
    }
}
