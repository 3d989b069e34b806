//! Clauses become a tree of operators.
//!
//! ```text
//!   MATCH (a)-[:T]->(b) WHERE a.x > 1 WITH b, count(*) AS n RETURN n ORDER BY n
//!
//!   Sort n ─► Project n ─► Aggregate b, count(*) ─► Pattern (a)-[:T]->(b), a.x > 1 ─► Unit
//! ```
//!
//! The planner says *what* in the order of the text and nothing about *how*: every `MATCH` is one
//! [`node::Op::Pattern`], which the optimizer lowers. Invariants: a slot is filled before it is read;
//! a write never runs while its own input is still reading the graph (an `Eager` stands between).
//! Must not know: the graph, its statistics, indexes.

mod display;
mod fold;
pub(crate) mod node;
pub(crate) mod onward;
pub(crate) mod reads;
pub(crate) mod rewrite;
pub(crate) mod search;
pub(crate) mod through;
mod tree;
pub(crate) mod walk;

use std::sync::Arc;

pub(crate) use tree::Measured;
pub use tree::{PlanNode, PlanTree};

use crate::bind::bound::{self, Body, Clause, Expr, Pattern, Projection, RelLength, Slot};
use node::{Node, Op, Plan, SubPlan, UnionPart, Viewed};

/// Turns a bound query into a plan.
pub(crate) fn plan(query: bound::Query) -> Plan {
    let bound::Query { slots, params, body, subqueries, cite, writes, traced, .. } = query;
    let columns = body.columns.clone();
    let root = plan_body(body, Node::unit());
    let subplans = subqueries
        .into_iter()
        .map(|s| SubPlan {
            kind: s.kind,
            imports: s.imports,
            root: plan_body(s.body, Node::new(Op::Argument)),
            output: s.output,
            moved: false,
        })
        .collect();
    let (reads, viewed) = (Vec::new(), Vec::new());
    Plan { root, subplans, slots, params, columns, cite, writes, traced, reads, viewed }
}

/// The parts of a body, each starting from its own copy of `start`.
fn plan_body(body: Body, start: Node) -> Node {
    let Body { mut parts, distinct, columns } = body;
    let slots: Vec<Slot> = columns.iter().map(|c| c.slot).collect();
    let root = if parts.len() == 1 {
        let part = parts.remove(0);
        plan_clauses(part.clauses, start)
    } else {
        let parts = parts
            .into_iter()
            .map(|part| UnionPart { slots: part.result, node: plan_clauses(part.clauses, start.clone()) })
            .collect();
        Node::new(Op::Union { parts, slots: slots.clone() })
    };
    if distinct { Node::new(Op::Distinct { input: root.boxed(), slots }) } else { root }
}

fn plan_clauses(clauses: Vec<Clause>, start: Node) -> Node {
    let mut writes = false;
    clauses.into_iter().fold(start, |input, clause| {
        let written = writes;
        writes |= clause_writes(&clause);
        plan_clause(input, clause, written)
    })
}

/// One clause; `written`: one before it writes.
fn plan_clause(input: Node, clause: Clause, written: bool) -> Node {
    // A write must not change what its own input is still reading, nor may a later clause see half of it.
    let input =
        if needs_eager(&input, &clause, written) { Node::new(Op::Eager { input: input.boxed() }) } else { input };
    match clause {
        Clause::Match(m) => plan_match(input, m),
        Clause::Unwind { list, slot } => Node::new(Op::Unwind { input: input.boxed(), list, slot }),
        Clause::Project(projection) => plan_projection(input, projection, written),
        Clause::Create(steps) => plan_create(input, steps),
        Clause::Merge(merge) => {
            let matching = Node::new(Op::Pattern {
                input: Node::new(Op::Argument).boxed(),
                pattern: Box::new(merge.pattern.clone()),
                conditions: Vec::new(),
            });
            Node::new(Op::Merge { input: input.boxed(), matching: matching.boxed(), merge: Box::new(merge) })
        }
        Clause::Set(items) => Node::new(Op::Set { input: input.boxed(), items }),
        Clause::Remove(items) => Node::new(Op::Remove { input: input.boxed(), items }),
        Clause::Delete { detach, targets } => Node::new(Op::Delete { input: input.boxed(), detach, targets }),
        Clause::Foreach { list, slot, updates } => {
            let inner = plan_clauses(updates, Node::new(Op::Argument));
            Node::new(Op::Foreach { input: input.boxed(), inner: inner.boxed(), list, slot })
        }
        Clause::CallProcedure { procedure, arguments, yields, optional, span } => {
            let (outer, start) = if optional { (Some(input), Node::new(Op::Argument)) } else { (None, input) };
            let nulls = yields.iter().map(|(_, slot)| *slot).collect();
            let call = Node::new(Op::CallProcedure { input: start.boxed(), procedure, arguments, yields, span });
            match outer {
                Some(outer) => {
                    Node::new(Op::Apply { input: outer.boxed(), inner: call.boxed(), optional: true, nulls })
                }
                None => call,
            }
        }
        Clause::CallSubquery { body, unit, optional, batches } => {
            let nulls: Vec<Slot> = body.columns.iter().map(|column| column.slot).collect();
            let inner = plan_body(body, Node::new(Op::Argument)).boxed();
            if let Some(batches) = batches {
                let optional = optional || batches.on_error != bound::OnError::Fail;
                let batches = Box::new(batches);
                return Node::new(Op::Batches { input: input.boxed(), inner, unit, optional, batches });
            }
            Node::new(if unit {
                Op::ApplyUnit { input: input.boxed(), inner }
            } else {
                Op::Apply { input: input.boxed(), inner, optional, nulls: if optional { nulls } else { Vec::new() } }
            })
        }
        Clause::LoadCsv { with_headers, url, slot, terminator, span } => {
            Node::new(Op::LoadCsv { input: input.boxed(), with_headers, url, slot, terminator, span })
        }
        Clause::Trace(t) => Node::new(Op::Trace {
            input: input.boxed(),
            start: t.start,
            to: t.to,
            direction: t.direction,
            via: t.via,
            as_of: t.as_of,
            through: t.through,
            yields: t.yields,
            span: t.span,
        }),
        Clause::Conflicts { of, through, yields, span } => {
            Node::new(Op::Conflicts { input: input.boxed(), of, through, yields, span })
        }
    }
}

/// Consecutive `CREATE`s are one operator, so that 20,000 of them are not a tower.
fn plan_create(input: Node, steps: Vec<bound::CreateStep>) -> Node {
    match input {
        Node { op: Op::Create { input, steps: mut earlier }, .. } => {
            earlier.extend(steps);
            Node::new(Op::Create { input, steps: earlier })
        }
        input => Node::new(Op::Create { input: input.boxed(), steps }),
    }
}

fn plan_match(input: Node, mut m: bound::Match) -> Node {
    fold::groups(&mut m.pattern);
    let nulls = new_slots(&m.pattern);
    let optional = m.optional;
    let (outer, start) = if optional { (Some(input), Node::new(Op::Argument)) } else { (None, input) };
    let (nodes, rels) = validity_slots(&m.pattern);
    let viewed = Viewed { nodes: nodes.clone(), rels: rels.clone(), fresh: nulls.clone() };
    let mut conditions = m.conditions;
    let mut pattern = m.pattern;
    let mut later = Vec::new();
    let through_view = !m.through.is_empty();
    if through_view && !through::look(&mut pattern, &mut conditions, &m.through) {
        // what a condition reads is what the sources say: it waits until the view lies before the row
        let waits = |expr: &Expr| walk::any(expr, &reads_property);
        later = pattern.predicates.extract_if(.., |expr| waits(expr)).collect();
        later.extend(conditions.extract_if(.., |expr| waits(expr)));
    }
    let mut node = Node::new(Op::Pattern { input: start.boxed(), pattern: Box::new(pattern), conditions });
    if through_view {
        node = Node::new(Op::ThroughView { input: node.boxed(), viewed, through: m.through });
    }
    if m.as_of.is_some() {
        node = Node::new(Op::Valid { input: node.boxed(), nodes, rels, as_of: m.as_of });
    }
    if !later.is_empty() {
        node = Node::new(Op::Filter { input: node.boxed(), predicates: later });
    }
    match outer {
        Some(outer) => Node::new(Op::Apply { input: outer.boxed(), inner: node.boxed(), optional: true, nulls }),
        None => node,
    }
}

/// Whether an expression reads what sources may say differently: any property but an id, and whatever a function asks.
fn reads_property(expr: &Expr) -> bool {
    match expr {
        Expr::Property { key, .. } => &**key != "id",
        Expr::Index { .. } | Expr::MapProjection { .. } | Expr::Subquery(_) => true,
        Expr::Call { function, .. } => function.needs_graph,
        _ => false,
    }
}

impl Plan {
    /// Notes what is read of each slot and which are seen through a view; to be done when the plan is final.
    pub(crate) fn annotate(&mut self) {
        let mut viewed = Vec::new();
        let roots = std::iter::once(&self.root).chain(self.subplans.iter().map(|sub| &sub.root));
        for root in roots {
            find_viewed(root, &mut viewed);
        }
        self.viewed = viewed;
        if self.cite {
            self.reads = reads::reads(self);
        }
    }
}

fn find_viewed(node: &Node, out: &mut Vec<Slot>) {
    if let Op::ThroughView { viewed, .. } = &node.op {
        out.extend(&viewed.fresh);
    }
    node.op.inputs().into_iter().for_each(|input| find_viewed(input, out));
}

/// The slots a pattern fills that were not there before.
fn new_slots(pattern: &Pattern) -> Vec<Slot> {
    let mut slots: Vec<Slot> = pattern.nodes.iter().filter(|n| !n.bound).map(|n| n.slot).collect();
    for rel in pattern.rels.iter().filter(|r| !r.bound) {
        slots.push(rel.slot);
        if let RelLength::Group(group) = &rel.length {
            slots.extend(group.lists.iter().map(|(_, outer)| *outer));
        }
    }
    slots.extend(pattern.paths.iter().filter_map(|p| p.slot));
    slots
}

/// Nodes and relationships (or lists of them) that `AS OF` and `ACCORDING TO` look at.
fn validity_slots(pattern: &Pattern) -> (Vec<Slot>, Vec<Slot>) {
    (pattern.nodes.iter().map(|n| n.slot).collect(), pattern.rels.iter().map(|r| r.slot).collect())
}

fn plan_projection(input: Node, p: Projection, exhaust: bool) -> Node {
    let mut node = input;
    if let Some(aggregation) = p.aggregation {
        node = Node::new(Op::Aggregate {
            input: node.boxed(),
            keys: aggregation.keys,
            aggregates: aggregation.aggregates,
            weight: None,
        });
    }
    let slots: Vec<Slot> = p.items.iter().map(|(slot, _)| *slot).collect();
    let items: Vec<_> = p.items.into_iter().filter(|(slot, e)| !matches!(e, Expr::Slot(s) if s == slot)).collect();
    if !items.is_empty() {
        node = Node::new(Op::Project { input: node.boxed(), items });
    }
    if p.distinct {
        node = Node::new(Op::Distinct { input: node.boxed(), slots });
    }
    if !p.order_by.is_empty() {
        node = Node::new(Op::Sort { input: node.boxed(), keys: p.order_by });
    }
    if let Some(count) = p.skip {
        node = Node::new(Op::Skip { input: node.boxed(), count });
    }
    if let Some(count) = p.limit {
        node = Node::new(Op::Limit { input: node.boxed(), count, exhaust });
    }
    if !p.conditions.is_empty() {
        node = Node::new(Op::Filter { input: node.boxed(), predicates: p.conditions });
    }
    node
}

fn needs_eager(input: &Node, clause: &Clause, written: bool) -> bool {
    if matches!(input.op, Op::Unit | Op::Argument | Op::Eager { .. }) {
        return false;
    }
    let creates_after_create = matches!((&input.op, clause), (Op::Create { .. }, Clause::Create(_)));
    let writes_below = written && !creates_after_create;
    let writes_here = clause_writes(clause);
    writes_below && !already_split(input) || writes_here && reads_streaming(input)
}

/// Whether the nearest operator below that matters is already an `Eager`: nothing has read or written since.
fn already_split(node: &Node) -> bool {
    match &node.op {
        Op::Eager { .. } | Op::Sort { .. } | Op::Aggregate { .. } => true,
        Op::Unit | Op::Argument => true,
        op if op.writes() || op.reads_graph() => false,
        Op::Apply { .. } | Op::ApplyUnit { .. } | Op::Batches { .. } | Op::Foreach { .. } | Op::Union { .. } => false,
        op => op.inputs().iter().all(|i| already_split(i)),
    }
}

/// Whether rows still come out of graph reads that have not all been made.
fn reads_streaming(node: &Node) -> bool {
    match &node.op {
        Op::Eager { .. } | Op::Sort { .. } | Op::Aggregate { .. } => false,
        op => op.reads_graph() || op.inputs().iter().any(|i| reads_streaming(i)),
    }
}

fn clause_writes(clause: &Clause) -> bool {
    match clause {
        Clause::Create(_)
        | Clause::Merge(_)
        | Clause::Set(_)
        | Clause::Remove(_)
        | Clause::Delete { .. }
        | Clause::Foreach { .. } => true,
        Clause::CallProcedure { procedure, .. } => procedure.writes(),
        Clause::CallSubquery { body, .. } => body.parts.iter().any(|p| p.clauses.iter().any(clause_writes)),
        _ => false,
    }
}

/// The name of a slot as a person would call it.
pub(crate) fn slot_name(slots: &[bound::SlotInfo], slot: Slot) -> Arc<str> {
    match slots.get(slot.0 as usize) {
        Some(info) if !info.name.is_empty() => info.name.clone(),
        _ => format!("#{}", slot.0).into(),
    }
}
