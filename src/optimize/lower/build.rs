//! Steps become operators; predicates stand as soon as their slots are filled.

use rustc_hash::FxHashSet;

use super::access;
use super::cost::Step;
use super::graph::{Patterns, Predicate, QueryPath, towards};
use super::search::{self, Searched, equal};
use crate::bind::bound::{
    ComparisonOp, Direction, Expr, LabelTest, PathMode, RelLength, Slot, SlotInfo, SlotKind, TypeTest,
};
use crate::error::Span;
use crate::function;
use crate::optimize::Stats;
use crate::plan::node::{Except, GroupHop, Hop, Keys, Node, Op, VarHop, Weight};
use crate::plan::search::PathSearch;
use crate::plan::walk::{Imports, slots_of};

/// Ends that are counted instead of visited, taken out of the graph.
#[derive(Debug, Default)]
pub(super) struct Leaves {
    /// The slot that carries the running product.
    weight: Option<Slot>,
    /// Near end's slot and the step to its counted neighbours.
    hops: Vec<Hop>,
}

impl Leaves {
    /// Takes the relationships out of the graph, with their far ends and what was asked of those.
    pub(super) fn take(graph: &mut Patterns, leaves: &[(usize, bool)], weight: Slot) -> Self {
        let mut hops = Vec::new();
        let mut gone = FxHashSet::default();
        for (number, from_left) in leaves {
            let rel = &graph.rels[*number].rel;
            let (near, far) = if *from_left { (rel.from, rel.to) } else { (rel.to, rel.from) };
            gone.insert(far);
            hops.push(Hop {
                from: graph.nodes[near].slot,
                rel: None,
                to: graph.nodes[far].slot,
                towards: towards(rel.direction, *from_left),
                types: rel.types.clone(),
                differs: Vec::new(),
            });
        }
        graph.remove(&leaves.iter().map(|(number, _)| *number).collect(), &gone);
        Self { weight: Some(weight), hops }
    }
}

/// Lowers the nested pattern of a quantified group.
type LowerInner<'a> = &'a mut dyn FnMut(&mut Node, &mut Vec<SlotInfo>);

/// The operators of a query graph over `input`.
pub(super) fn build(
    input: Node,
    (graph, predicates): (Patterns, Vec<Predicate>),
    (leaves, steps): (Leaves, Vec<Step>),
    stats: Option<&dyn Stats>,
    imports: &Imports,
    slots: &mut Vec<SlotInfo>,
    lower_inner: LowerInner<'_>,
) -> Node {
    let own = graph.own_slots().into_iter().collect();
    let mut work = Build {
        graph: &graph,
        stats,
        leaves: leaves.hops,
        weight: leaves.weight,
        weighed: false,
        placed: vec![false; predicates.len()],
        predicates,
        filled: FxHashSet::default(),
        own,
        bound_rels: Vec::new(),
        imports,
        slots,
        lower_inner,
    };
    let cheapest_first = stats.is_some();
    let mut node = work.place(input);
    let mut rest = steps.as_slice();
    while let Some((step, after)) = rest.split_first() {
        if cheapest_first && matches!(step, Step::Start { .. }) && work.has_rows(&node) {
            let length = after.iter().position(|s| !matches!(s, Step::Follow { .. })).unwrap_or(after.len());
            let (component, remaining) = (&rest[..=length], &after[length..]);
            if let Some(joined) = work.join(&mut node, component) {
                node = joined;
                rest = remaining;
                continue;
            }
        }
        node = work.step(node, step);
        node = work.place(node);
        rest = after;
    }
    work.finish(node)
}

struct Build<'a> {
    graph: &'a Patterns,
    stats: Option<&'a dyn Stats>,
    /// Counted ends that wait for their near end.
    leaves: Vec<Hop>,
    weight: Option<Slot>,
    /// Whether the running product has begun.
    weighed: bool,
    predicates: Vec<Predicate>,
    placed: Vec<bool>,
    /// Slots of the graph that hold something by now.
    filled: FxHashSet<Slot>,
    own: FxHashSet<Slot>,
    /// Relationships that have been followed, by number.
    bound_rels: Vec<usize>,
    imports: &'a Imports,
    slots: &'a mut Vec<SlotInfo>,
    lower_inner: LowerInner<'a>,
}

impl Build<'_> {
    /// Whether the input may be more than the single empty row a query starts with.
    fn has_rows(&self, node: &Node) -> bool {
        !matches!(node.op, Op::Unit | Op::Argument)
    }

    /// Filters by every predicate that has become testable.
    fn place(&mut self, node: Node) -> Node {
        let mut ready = Vec::new();
        for (number, predicate) in self.predicates.iter().enumerate() {
            if !self.placed[number] && predicate.needs.iter().all(|slot| self.filled.contains(slot)) {
                self.placed[number] = true;
                ready.push(predicate.expr.clone());
            }
        }
        self.count_leaves(filter(node, ready))
    }

    /// Counts the ends whose near end has just been filled.
    fn count_leaves(&mut self, mut node: Node) -> Node {
        let Some(weight) = self.weight else { return node };
        let ready = |hop: &Hop, work: &Self| work.filled.contains(&hop.from) || !work.own.contains(&hop.from);
        while let Some(at) = self.leaves.iter().position(|hop| ready(hop, self)) {
            let hop = self.leaves.swap_remove(at);
            let count = Weight { slot: weight, fresh: !self.weighed };
            node = Node::new(Op::ExpandCount {
                input: node.boxed(),
                hop,
                conditions: Vec::new(),
                except: Except::default(),
                onward: Vec::new(),
                count,
                optional: false,
            });
            self.weighed = true;
        }
        node
    }

    fn step(&mut self, node: Node, step: &Step) -> Node {
        match step {
            Step::Begin { node: number } => {
                let query_node = &self.graph.nodes[*number];
                // Expanding from null gives nothing by itself; a node standing alone needs the test.
                let alone = !self.graph.rels.iter().any(|r| r.rel.from == *number || r.rel.to == *number);
                if alone { filter(node, vec![not_null(query_node.slot)]) } else { node }
            }
            Step::Start { node: number, access, answered } => {
                for predicate in answered {
                    self.placed[*predicate] = true;
                }
                let slot = self.graph.nodes[*number].slot;
                self.filled.insert(slot);
                access::operator(node, slot, access.clone())
            }
            Step::StartRel { rel, keys } => self.start_rel(node, *rel, keys),
            Step::Follow { rel, from_left } => self.follow(node, *rel, *from_left),
            Step::Ends { rel } => self.ends(node, *rel),
            Step::Search { rel } => self.search(node, *rel, true),
            Step::SearchFrom { rel, from_left } => self.search(node, *rel, *from_left),
        }
    }

    fn is_filled(&self, number: usize) -> bool {
        let node = &self.graph.nodes[number];
        node.bound || self.filled.contains(&node.slot)
    }

    /// Slots of followed relationships that this one might repeat.
    fn differs(&self, number: usize) -> Vec<Slot> {
        let rel = &self.graph.rels[number];
        let needed = |other: &&usize| {
            let other = **other;
            rel.may_equal(&self.graph.rels[other])
                && !self.stats.is_some_and(|stats| self.graph.are_apart(number, other, stats))
        };
        let slots = |other: &usize| match &self.graph.rels[*other].searched {
            None | Some(Searched::Repeated(..)) => vec![self.graph.rels[*other].rel.slot],
            Some(searched) => searched.rels(),
        };
        self.bound_rels.iter().filter(needed).flat_map(slots).collect()
    }

    /// A relationship out of an index, with its ends.
    fn start_rel(&mut self, node: Node, number: usize, keys: &Keys) -> Node {
        let rel = &self.graph.rels[number].rel;
        let (from, to) = (self.graph.nodes[rel.from].slot, self.graph.nodes[rel.to].slot);
        let one = |slot: Slot, work: &Self| (slot, work.slots[slot.0 as usize].kind == SlotKind::Rel);
        let apart = self.differs(number).into_iter().map(|other| search::apart((rel.slot, true), one(other, self)));
        let apart: Vec<Expr> = apart.collect();
        let hop = Hop {
            from,
            rel: Some(rel.slot),
            to,
            towards: towards(rel.direction, true),
            types: rel.types.clone(),
            differs: Vec::new(),
        };
        self.filled.extend([rel.slot, from, to]);
        self.bound_rels.push(number);
        filter(Node::new(Op::SeekRels { input: node.boxed(), hop, keys: keys.clone() }), apart)
    }

    /// Binds the paths that are read while a relationship is walked or searched and whose parts are there.
    fn bind_read(&mut self, mut node: Node, number: usize) -> Node {
        let graph = self.graph;
        let reads = graph.rels[number].reads(self.imports);
        for path in &graph.paths {
            let is_read = path.path.slot.is_some_and(|slot| reads.contains(&slot));
            if is_read && path.parts.iter().all(|part| !self.own.contains(part) || self.filled.contains(part)) {
                node = self.bind_path(node, path);
            }
        }
        node
    }

    fn follow(&mut self, node: Node, number: usize, from_left: bool) -> Node {
        let node = self.bind_read(node, number);
        let rel = &self.graph.rels[number].rel;
        let (from, to) = if from_left { (rel.from, rel.to) } else { (rel.to, rel.from) };
        let into = self.is_filled(to);
        // A relationship list that was bound before is walked anew and compared.
        let slot = if rel.bound { self.new_slot(SlotKind::RelList) } else { rel.slot };
        let hop = Hop {
            from: self.graph.nodes[from].slot,
            rel: Some(slot),
            to: self.graph.nodes[to].slot,
            towards: towards(rel.direction, from_left),
            types: rel.types.clone(),
            differs: self.differs(number),
        };
        let input = node.boxed();
        let op = match &rel.length {
            RelLength::One if into => Op::ExpandInto { input, hop },
            RelLength::One => Op::Expand { input, hop },
            RelLength::Var { .. } => match var_hop(&rel.length, rel.mode, !from_left) {
                Some(var) => Op::ExpandVar { input, hop, var, into },
                None => Op::Expand { input, hop },
            },
            RelLength::Group(group) => {
                let inner = self.group_inner(group);
                Op::ExpandGroup { input, inner: inner.boxed(), group: group_hop(group, hop, into, rel.mode) }
            }
        };
        let mut node = Node::new(op);
        if rel.bound {
            node = filter(node, vec![equal(Expr::Slot(slot), Expr::Slot(rel.slot))]);
        }
        if let RelLength::Group(group) = &rel.length {
            self.filled.extend(group.lists.iter().map(|(_, outer)| *outer));
        }
        self.filled.extend([rel.slot, self.graph.nodes[to].slot]);
        self.bound_rels.push(number);
        node
    }

    fn group_inner(&mut self, group: &crate::bind::bound::Group) -> Node {
        let mut pattern = group.pattern.clone();
        pattern.nodes[group.first].bound = true;
        let input = Node::new(Op::Argument).boxed();
        let mut inner =
            Node::new(Op::Pattern { input, pattern: Box::new(pattern), conditions: group.conditions.clone() });
        (self.lower_inner)(&mut inner, self.slots);
        inner
    }

    /// A relationship that is already there fills (or tests) its ends.
    fn ends(&mut self, node: Node, number: usize) -> Node {
        let rel = &self.graph.rels[number].rel;
        let (from, to) = (self.graph.nodes[rel.from].slot, self.graph.nodes[rel.to].slot);
        let (from_bound, to_bound) = (self.is_filled(rel.from), self.is_filled(rel.to));
        let (start, end) = (end_of("startNode", rel.slot), end_of("endNode", rel.slot));
        let mut tests = vec![not_null(rel.slot)];
        tests.extend(type_predicate(rel.slot, &rel.types));
        let mut node = filter(node, tests);
        let (left, right) = match rel.direction {
            Direction::Right => (start, end),
            Direction::Left => (end, start),
            Direction::Either => {
                // Both ways round; a loop once.
                let side = self.new_slot(SlotKind::Node);
                let both = Expr::Case {
                    operand: None,
                    branches: vec![(vec![equal(start.clone(), end.clone())], Expr::List(vec![start.clone()]))],
                    otherwise: Some(Box::new(Expr::List(vec![start.clone(), end.clone()]))),
                };
                node = Node::new(Op::Unwind { input: node.boxed(), list: both, slot: side });
                let other = Expr::Case {
                    operand: None,
                    branches: vec![(vec![equal(Expr::Slot(side), start.clone())], end)],
                    otherwise: Some(Box::new(start)),
                };
                (Expr::Slot(side), other)
            }
        };
        for (slot, bound, expr) in [(from, from_bound, left), (to, to_bound || from == to, right)] {
            node = if bound {
                filter(node, vec![equal(Expr::Slot(slot), expr)])
            } else {
                Node::new(Op::Project { input: node.boxed(), items: vec![(slot, expr)] })
            };
            self.filled.insert(slot);
        }
        self.bound_rels.push(number);
        node
    }

    /// Searches; from the written left end unless only the other is there.
    fn search(&mut self, node: Node, number: usize, from_left: bool) -> Node {
        let query_rel = &self.graph.rels[number];
        let rel = &query_rel.rel;
        let Some(searched) = &query_rel.searched else { return node };
        let node = self.bind_read(node, number);
        let differs = self.differs(number);
        self.filled.insert(rel.slot);
        self.filled.extend(searched.defines());
        self.bound_rels.push(number);
        match searched {
            Searched::Repeated(selector, total) => {
                let (from, to) = if from_left { (rel.from, rel.to) } else { (rel.to, rel.from) };
                let into = self.is_filled(to);
                let hop = Hop {
                    from: self.graph.nodes[from].slot,
                    rel: Some(rel.slot),
                    to: self.graph.nodes[to].slot,
                    towards: towards(rel.direction, from_left),
                    types: rel.types.clone(),
                    differs,
                };
                self.filled.insert(hop.to);
                let Some(mut var) = var_hop(&rel.length, rel.mode, !from_left) else { return node };
                (var.cost, var.total) = (rel.cost.clone(), *total);
                Node::new(Op::ShortestPath { input: node.boxed(), hop, var, selector: *selector, into })
            }
            Searched::Path(search) => {
                let search = Box::new(PathSearch { differs, ..(**search).clone() });
                Node::new(Op::SearchPaths { input: node.boxed(), search })
            }
            Searched::Rows(rows) => {
                let mut pattern = rows.pattern.clone();
                let one = |slot: Slot, work: &Self| work.slots[slot.0 as usize].kind == SlotKind::Rel;
                for own in searched.rels() {
                    pattern.predicates.extend(
                        differs.iter().map(|other| search::apart((own, one(own, self)), (*other, one(*other, self)))),
                    );
                }
                let argument = Node::new(Op::Argument).boxed();
                let pattern = Box::new(pattern);
                let mut inner = Node::new(Op::Pattern { input: argument, pattern, conditions: Vec::new() });
                (self.lower_inner)(&mut inner, self.slots);
                let (selector, ends, parts, costs) = (rows.selector, rows.ends, rows.parts.clone(), rows.costs.clone());
                let inner = Node::new(Op::SelectPaths { input: inner.boxed(), selector, ends, parts, costs }).boxed();
                Node::new(Op::Apply { input: node.boxed(), inner, optional: false, nulls: Vec::new() })
            }
        }
    }

    /// A component of its own: joined by hash when an equation ties it to what is there, crossed when it is costly.
    fn join(&mut self, left: &mut Node, component: &[Step]) -> Option<Node> {
        let Step::Start { answered, access, .. } = &component[0] else { return None };
        let fills = self.fills(component);
        // what had to wait leads back to what is there
        if fills.iter().any(|slot| self.filled.contains(slot) || !self.own.contains(slot)) {
            return None;
        }
        let outside = |slots: &[Slot]| slots.iter().any(|s| !fills.contains(s));
        // A seek that depends on the row must run inside it.
        let mut reads = Vec::new();
        access.expressions(&mut |expr| slots_of(expr, self.imports, &mut reads));
        for number in answered {
            slots_of(&self.predicates[*number].expr, self.imports, &mut reads);
        }
        if outside(&reads) {
            return None;
        }
        if component.iter().any(|step| self.reads_outside(step, &fills)) {
            return None;
        }
        let inside: Vec<usize> = (0..self.predicates.len())
            .filter(|n| !self.placed[*n] && self.predicates[*n].needs.iter().any(|s| fills.contains(s)))
            .collect();
        let keys: Vec<(usize, Expr, Expr)> = inside.iter().filter_map(|n| self.join_key(*n, &fills)).collect();
        let local = |n: &usize| {
            let mut reads = Vec::new();
            slots_of(&self.predicates[*n].expr, self.imports, &mut reads);
            reads.iter().all(|s| fills.contains(s))
        };
        let filtered = component.len() > 1 || inside.iter().filter(|n| !answered.contains(n)).any(local);
        if keys.is_empty() && !filtered {
            return None;
        }
        let before = std::mem::take(&mut self.filled);
        let differs_across =
            component.iter().any(|s| matches!(s, Step::Follow { rel, .. } if !self.differs(*rel).is_empty()));
        if differs_across {
            self.filled = before;
            return None;
        }
        let mut right = Node::unit();
        for step in component {
            right = self.step(right, step);
            right = self.place_local(right, &fills);
        }
        self.filled.extend(before);
        let left = Box::new(std::mem::replace(left, Node::unit()));
        let node = if keys.is_empty() {
            Node::new(Op::Cross { left, right: right.boxed() })
        } else {
            let pairs = keys.into_iter().map(|(number, l, r)| {
                self.placed[number] = true;
                (l, r)
            });
            Node::new(Op::HashJoin { left, right: right.boxed(), keys: pairs.collect() })
        };
        Some(self.place(node))
    }

    /// Whether a step reads more than what its component fills, so that it cannot run apart from the row.
    fn reads_outside(&self, step: &Step, fills: &FxHashSet<Slot>) -> bool {
        let Step::Follow { rel, .. } = step else { return !matches!(step, Step::Start { .. }) };
        let rel = &self.graph.rels[*rel].rel;
        match &rel.length {
            RelLength::One => rel.bound,
            RelLength::Group(_) => true,
            RelLength::Var { step, conditions, .. } => {
                let mut reads = Vec::new();
                conditions.iter().for_each(|e| slots_of(e, self.imports, &mut reads));
                rel.bound || reads.iter().any(|slot| slot != step && !fills.contains(slot))
            }
        }
    }

    /// Predicates that read nothing but what the component itself fills.
    fn place_local(&mut self, node: Node, fills: &FxHashSet<Slot>) -> Node {
        let mut ready = Vec::new();
        for (number, predicate) in self.predicates.iter().enumerate() {
            let mut reads = Vec::new();
            slots_of(&predicate.expr, self.imports, &mut reads);
            let local = !reads.is_empty() && reads.iter().all(|s| fills.contains(s) && self.filled.contains(s));
            if !self.placed[number] && local {
                self.placed[number] = true;
                ready.push(predicate.expr.clone());
            }
        }
        filter(node, ready)
    }

    fn fills(&self, component: &[Step]) -> FxHashSet<Slot> {
        let mut out = FxHashSet::default();
        for step in component {
            match step {
                Step::Start { node, .. } => {
                    out.insert(self.graph.nodes[*node].slot);
                }
                Step::Follow { rel, .. } => {
                    let rel = &self.graph.rels[*rel].rel;
                    out.extend([rel.slot, self.graph.nodes[rel.from].slot, self.graph.nodes[rel.to].slot]);
                    if let RelLength::Group(group) = &rel.length {
                        out.extend(group.lists.iter().map(|(_, outer)| *outer));
                    }
                }
                Step::StartRel { .. }
                | Step::Begin { .. }
                | Step::Ends { .. }
                | Step::Search { .. }
                | Step::SearchFrom { .. } => {}
            }
        }
        out
    }

    /// `left = right` where one side reads only the component and the other nothing of it.
    fn join_key(&self, number: usize, fills: &FxHashSet<Slot>) -> Option<(usize, Expr, Expr)> {
        let Expr::Compare { first, rest } = &self.predicates[number].expr else { return None };
        let [(ComparisonOp::Equal, second)] = rest.as_slice() else { return None };
        let side = |expr: &Expr| {
            let mut reads = Vec::new();
            slots_of(expr, self.imports, &mut reads);
            let inside = !reads.is_empty() && reads.iter().all(|s| fills.contains(s));
            let outside = !reads.is_empty()
                && reads.iter().all(|s| !fills.contains(s) && (!self.own.contains(s) || self.filled.contains(s)));
            (inside, outside)
        };
        match (side(first), side(second)) {
            ((true, _), (_, true)) => Some((number, second.clone(), (**first).clone())),
            ((_, true), (true, _)) => Some((number, (**first).clone(), second.clone())),
            _ => None,
        }
    }

    /// Paths are bound last, then what waits for them.
    fn finish(mut self, mut node: Node) -> Node {
        for query_path in &self.graph.paths {
            node = self.bind_path(node, query_path);
        }
        // What is left waits for a slot that nobody fills; it would be a bug to drop it.
        self.filled.extend(self.own.iter().copied());
        self.place(node)
    }

    /// The path out of its parts, when it has a slot that is not filled yet.
    fn bind_path(&mut self, node: Node, query_path: &QueryPath) -> Node {
        match query_path.path.slot {
            Some(path) if self.filled.insert(path) => {
                let (parts, cost) = (query_path.parts.clone(), query_path.path.cost);
                Node::new(Op::BindPath { input: node.boxed(), path, parts, cost })
            }
            _ => node,
        }
    }

    fn new_slot(&mut self, kind: SlotKind) -> Slot {
        Slot::fresh(self.slots, "", kind)
    }
}

fn filter(node: Node, mut predicates: Vec<Expr>) -> Node {
    if predicates.is_empty() {
        return node;
    }
    match node {
        Node { op: Op::Filter { input, predicates: mut below }, .. } => {
            below.append(&mut predicates);
            Node::new(Op::Filter { input, predicates: below })
        }
        node => Node::new(Op::Filter { input: node.boxed(), predicates }),
    }
}

fn var_hop(length: &RelLength, mode: PathMode, reversed: bool) -> Option<VarHop> {
    match length {
        RelLength::Var { min, max, step, conditions } => Some(VarHop {
            min: *min,
            max: *max,
            mode,
            step: *step,
            conditions: conditions.clone(),
            cost: None,
            total: None,
            reversed,
            counted: false,
        }),
        _ => None,
    }
}

fn group_hop(group: &crate::bind::bound::Group, hop: Hop, into: bool, mode: PathMode) -> GroupHop {
    let parts: Vec<Slot> = group.pattern.rels.iter().map(|r| r.slot).collect();
    GroupHop {
        from: hop.from,
        to: hop.to,
        into,
        first: group.pattern.nodes[group.first].slot,
        last: group.pattern.nodes[group.last].slot,
        min: group.min,
        max: group.max,
        mode,
        rels: parts.clone(),
        parts: walk_parts(group),
        walk: hop.rel.unwrap_or(hop.to),
        lists: group.lists.clone(),
        differs: hop.differs,
    }
}

/// Nodes and relationships of one repetition, in the order they are walked.
fn walk_parts(group: &crate::bind::bound::Group) -> Vec<Slot> {
    let pattern = &group.pattern;
    let mut parts = vec![pattern.nodes[group.first].slot];
    for rel in &pattern.rels {
        parts.extend([rel.slot, pattern.nodes[rel.to].slot]);
    }
    parts
}

fn not_null(slot: Slot) -> Expr {
    Expr::IsNull { operand: Box::new(Expr::Slot(slot)), negated: true }
}

fn end_of(name: &str, rel: Slot) -> Expr {
    let function = function::lookup(name).expect("startNode and endNode are in the table of functions");
    Expr::Call { function, arguments: vec![Expr::Slot(rel)], span: Span::default() }
}

fn type_predicate(rel: Slot, types: &TypeTest) -> Option<Expr> {
    let test = match types {
        TypeTest::Any => return None,
        TypeTest::OneOf(names) => LabelTest::Or(names.iter().map(|n| LabelTest::Name(n.clone())).collect()),
        TypeTest::Expr(test) => test.clone(),
    };
    Some(Expr::HasLabels { operand: Box::new(Expr::Slot(rel)), test, span: Span::default() })
}
