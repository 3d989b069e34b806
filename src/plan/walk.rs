//! The one place that matches every operator: inputs, slots read, slots filled.

use smallvec::SmallVec;

use super::node::{Hop, Node, Op, Plan, SubPlan};
use crate::bind::bound::{AggregateCall, CreateStep, Expr, Merge, Pattern, RelLength, RemoveItem, SetItem, Slot};
pub(crate) use crate::bind::parts::{parts, parts_mut};
use crate::function::Body;

/// The slots of the enclosing row that each lifted subquery reads, by its number.
#[derive(Debug, Default)]
pub(crate) struct Imports(pub(crate) Vec<Vec<(Slot, Expr)>>);

impl Imports {
    /// Read off a plan.
    pub(crate) fn of(plan: &Plan) -> Self {
        Self(plan.subplans.iter().map(|s: &SubPlan| s.imports.clone()).collect())
    }
}

/// Adds every slot an expression reads, those its subqueries import included.
pub(crate) fn slots_of(expr: &Expr, imports: &Imports, out: &mut Vec<Slot>) {
    match expr {
        Expr::Slot(slot) => out.push(*slot),
        Expr::Subquery(number) => {
            for (_, import) in imports.0.get(*number as usize).into_iter().flatten() {
                slots_of(import, imports, out);
            }
        }
        _ => {}
    }
    parts(expr, &mut |part| slots_of(part, imports, out));
}

/// Whether an expression, or one inside it, satisfies `test`.
pub(crate) fn any(expr: &Expr, test: &dyn Fn(&Expr) -> bool) -> bool {
    let mut found = test(expr);
    parts(expr, &mut |part| found = found || any(part, test));
    found
}

/// Whether an expression, its parts aside, may say something else for the next row that agrees in all it reads.
pub(crate) fn varies(expr: &Expr) -> bool {
    match expr {
        Expr::Call { function, .. } => !function.deterministic || !matches!(function.body, Body::Scalar(_)),
        Expr::Subquery(_) | Expr::Local(_) => true,
        _ => false,
    }
}

impl Op {
    /// The inputs, the main one first.
    pub(crate) fn inputs(&self) -> SmallVec<[&Node; 2]> {
        use Op::*;
        match self {
            Unit | Argument | CountFromStats { .. } | CountByType { .. } => SmallVec::new(),
            ScanNodes { input, .. }
            | ScanLabel { input, .. }
            | ScanRels { input, .. }
            | SeekIndex { input, .. }
            | SeekComposite { input, .. }
            | SeekRels { input, .. }
            | SeekId { input, .. }
            | Pattern { input, .. }
            | Expand { input, .. }
            | ExpandInto { input, .. }
            | ExpandCount { input, .. }
            | Intersect { input, .. }
            | ExpandVar { input, .. }
            | Reach { input, .. }
            | ShortestPath { input, .. }
            | SearchPaths { input, .. }
            | BindPath { input, .. }
            | SelectPaths { input, .. }
            | ThroughView { input, .. }
            | Valid { input, .. }
            | Filter { input, .. }
            | Project { input, .. }
            | Aggregate { input, .. }
            | Distinct { input, .. }
            | Sort { input, .. }
            | TopK { input, .. }
            | Skip { input, .. }
            | Limit { input, .. }
            | Unwind { input, .. }
            | Memoize { input, .. }
            | Eager { input }
            | Parallel { input, .. }
            | Create { input, .. }
            | Set { input, .. }
            | Remove { input, .. }
            | Delete { input, .. }
            | CallProcedure { input, .. }
            | LoadCsv { input, .. }
            | Trace { input, .. }
            | Conflicts { input, .. } => SmallVec::from_slice(&[&**input]),
            ExpandGroup { input, inner, .. }
            | Apply { input, inner, .. }
            | SemiJoin { input, inner, .. }
            | Distribute { input, inner, .. }
            | GroupJoin { input, inner, .. }
            | Foreach { input, inner, .. }
            | Batches { input, inner, .. }
            | ApplyUnit { input, inner } => SmallVec::from_slice(&[&**input, &**inner]),
            Merge { input, matching, .. } => SmallVec::from_slice(&[&**input, &**matching]),
            Cross { left, right } | HashJoin { left, right, .. } => SmallVec::from_slice(&[&**left, &**right]),
            Union { parts, .. } => parts.iter().map(|p| &p.node).collect(),
        }
    }

    /// The inputs, the main one first, to be changed.
    pub(crate) fn inputs_mut(&mut self) -> SmallVec<[&mut Node; 2]> {
        use Op::*;
        let mut out = SmallVec::new();
        match self {
            Unit | Argument | CountFromStats { .. } | CountByType { .. } => {}
            ScanNodes { input, .. }
            | ScanLabel { input, .. }
            | ScanRels { input, .. }
            | SeekIndex { input, .. }
            | SeekComposite { input, .. }
            | SeekRels { input, .. }
            | SeekId { input, .. }
            | Pattern { input, .. }
            | Expand { input, .. }
            | ExpandInto { input, .. }
            | ExpandCount { input, .. }
            | Intersect { input, .. }
            | ExpandVar { input, .. }
            | Reach { input, .. }
            | ShortestPath { input, .. }
            | SearchPaths { input, .. }
            | BindPath { input, .. }
            | SelectPaths { input, .. }
            | ThroughView { input, .. }
            | Valid { input, .. }
            | Filter { input, .. }
            | Project { input, .. }
            | Aggregate { input, .. }
            | Distinct { input, .. }
            | Sort { input, .. }
            | TopK { input, .. }
            | Skip { input, .. }
            | Limit { input, .. }
            | Unwind { input, .. }
            | Memoize { input, .. }
            | Eager { input }
            | Parallel { input, .. }
            | Create { input, .. }
            | Set { input, .. }
            | Remove { input, .. }
            | Delete { input, .. }
            | CallProcedure { input, .. }
            | LoadCsv { input, .. }
            | Trace { input, .. }
            | Conflicts { input, .. } => out.push(&mut **input),
            ExpandGroup { input, inner, .. }
            | Apply { input, inner, .. }
            | SemiJoin { input, inner, .. }
            | Distribute { input, inner, .. }
            | GroupJoin { input, inner, .. }
            | Foreach { input, inner, .. }
            | Batches { input, inner, .. }
            | ApplyUnit { input, inner } => out.extend([&mut **input, &mut **inner]),
            Merge { input, matching, .. } => out.extend([&mut **input, &mut **matching]),
            Cross { left, right } | HashJoin { left, right, .. } => out.extend([&mut **left, &mut **right]),
            Union { parts, .. } => out.extend(parts.iter_mut().map(|p| &mut p.node)),
        }
        out
    }

    /// Whether the operator itself changes the graph.
    pub(crate) fn writes(&self) -> bool {
        match self {
            Op::Create { .. } | Op::Merge { .. } | Op::Set { .. } | Op::Remove { .. } | Op::Delete { .. } => true,
            Op::CallProcedure { procedure, .. } => procedure.writes(),
            _ => false,
        }
    }

    /// Whether the operator itself looks into the graph (beyond what its row already holds).
    pub(crate) fn reads_graph(&self) -> bool {
        use Op::*;
        matches!(
            self,
            ScanNodes { .. }
                | ScanLabel { .. }
                | ScanRels { .. }
                | SeekIndex { .. }
                | SeekComposite { .. }
                | SeekRels { .. }
                | SeekId { .. }
                | Pattern { .. }
                | Expand { .. }
                | ExpandInto { .. }
                | ExpandCount { .. }
                | Intersect { .. }
                | ExpandVar { .. }
                | Reach { .. }
                | ShortestPath { .. }
                | SearchPaths { .. }
                | ExpandGroup { .. }
                | Merge { .. }
                | CallProcedure { .. }
                | Trace { .. }
                | Conflicts { .. }
                | CountFromStats { .. }
                | CountByType { .. }
        )
    }

    /// The slots this operator fills, its inputs' own aside.
    pub(crate) fn defines(&self) -> Vec<Slot> {
        use Op::*;
        match self {
            Unit
            | Argument
            | Filter { .. }
            | Distinct { .. }
            | Sort { .. }
            | TopK { .. }
            | Skip { .. }
            | Limit { .. }
            | Eager { .. }
            | Parallel { .. }
            | Distribute { .. }
            | Memoize { .. }
            | Cross { .. }
            | HashJoin { .. }
            | ExpandInto { .. }
            | ThroughView { .. }
            | Valid { .. }
            | ApplyUnit { .. }
            | Foreach { .. }
            | Set { .. }
            | Remove { .. }
            | Delete { .. }
            | SemiJoin { .. }
            | Apply { .. } => match self {
                ExpandInto { hop, .. } => hop.rel.into_iter().collect(),
                _ => Vec::new(),
            },
            ScanNodes { node, .. }
            | ScanLabel { node, .. }
            | SeekIndex { node, .. }
            | SeekComposite { node, .. }
            | SeekId { node, .. } => vec![*node],
            ScanRels { hop, .. } | SeekRels { hop, .. } => hop.rel.into_iter().chain([hop.from, hop.to]).collect(),
            Expand { hop, .. } => hop.rel.into_iter().chain([hop.to]).collect(),
            ExpandCount { count, .. } | Intersect { count: Some(count), .. } => {
                count.fresh.then_some(count.slot).into_iter().collect()
            }
            Intersect { expand, count: None, .. } => vec![expand.to],
            ExpandVar { hop, var, into, .. } | Reach { hop, var, into, .. } | ShortestPath { hop, var, into, .. } => {
                hop.rel.into_iter().chain((!into).then_some(hop.to)).chain(var.total).collect()
            }
            SearchPaths { search, .. } => search.defines(),
            SelectPaths { costs, .. } => costs.total.into_iter().collect(),
            GroupJoin { slot, .. } => vec![*slot],
            Batches { batches, .. } => batches.status.into_iter().collect(),
            ExpandGroup { group, .. } => {
                let ends = (!group.into).then_some(group.to);
                group.lists.iter().map(|(_, outer)| *outer).chain([group.walk]).chain(ends).collect()
            }
            Pattern { pattern, .. } => pattern_defines(pattern),
            BindPath { path, .. } => vec![*path],
            Project { items, .. } => items.iter().map(|(slot, _)| *slot).collect(),
            Aggregate { keys, aggregates, .. } => {
                keys.iter().map(|(slot, _)| *slot).chain(aggregates.iter().map(|a| a.slot)).collect()
            }
            Unwind { slot, .. } | LoadCsv { slot, .. } | CountFromStats { slot, .. } => vec![*slot],
            CountByType { ty, count, .. } => vec![*ty, *count],
            Union { slots, .. } => slots.clone(),
            Create { steps, .. } => steps.iter().map(create_slot).collect(),
            Merge { merge, .. } => {
                let mut slots = pattern_defines(&merge.pattern);
                slots.extend(merge.create.iter().map(create_slot));
                slots
            }
            CallProcedure { yields, .. } | Trace { yields, .. } | Conflicts { yields, .. } => {
                yields.iter().map(|(_, slot)| *slot).collect()
            }
        }
    }

    /// Calls `f` on every expression the operator evaluates itself.
    pub(crate) fn expressions<'n>(&'n self, f: &mut dyn FnMut(&'n Expr)) {
        use Op::*;
        match self {
            Unit
            | Argument
            | ScanNodes { .. }
            | ScanLabel { .. }
            | ScanRels { .. }
            | Expand { .. }
            | ExpandInto { .. }
            | Intersect { .. }
            | BindPath { .. }
            | Distinct { .. }
            | Eager { .. }
            | Parallel { .. }
            | Distribute { .. }
            | Memoize { .. }
            | Apply { .. }
            | SemiJoin { .. }
            | GroupJoin { .. }
            | ApplyUnit { .. }
            | Cross { .. }
            | Union { .. }
            | CountFromStats { .. }
            | CountByType { .. }
            | ExpandGroup { .. } => {}
            SeekIndex { seek, .. } => seek.expressions(f),
            SeekComposite { keys, .. } | SeekRels { keys, .. } => {
                keys.iter().for_each(|(_, seek)| seek.expressions(f));
            }
            SeekId { id, .. } => f(id),
            Pattern { pattern, conditions, .. } => {
                pattern_expressions(pattern, f);
                conditions.iter().for_each(f);
            }
            ExpandCount { conditions, onward, .. } => {
                conditions.iter().for_each(&mut *f);
                onward.iter().for_each(|onward| onward.expressions(f));
            }
            ExpandVar { var, .. } | Reach { var, .. } | ShortestPath { var, .. } => {
                var.conditions.iter().chain(&var.cost).for_each(f);
            }
            SearchPaths { search, .. } => search.expressions(f),
            SelectPaths { costs, .. } => costs.steps().for_each(|(_, cost)| f(cost)),
            ThroughView { through, .. } => through.expressions(f),
            Valid { as_of, .. } => as_of.iter().for_each(|a| f(&a.date)),
            Filter { predicates, .. } => predicates.iter().for_each(f),
            Project { items, .. } => items.iter().for_each(|(_, e)| f(e)),
            Aggregate { keys, aggregates, .. } => {
                keys.iter().for_each(|(_, e)| f(e));
                for aggregate in aggregates {
                    if let AggregateCall::Function { arguments, .. } = &aggregate.call {
                        arguments.iter().for_each(&mut *f);
                    }
                }
            }
            Sort { keys, .. } => keys.iter().for_each(|k| f(&k.expr)),
            TopK { keys, limit, skip, .. } => {
                keys.iter().for_each(|k| f(&k.expr));
                f(limit);
                skip.iter().for_each(f);
            }
            Skip { count, .. } | Limit { count, .. } => f(count),
            Batches { batches, .. } => batches.rows.iter().for_each(f),
            Unwind { list, .. } | Foreach { list, .. } => f(list),
            HashJoin { keys, .. } => keys.iter().for_each(|(l, r)| {
                f(l);
                f(r);
            }),
            Create { steps, .. } => create_expressions(steps, f),
            Merge { merge, .. } => merge_expressions(merge, f),
            Set { items, .. } => set_expressions(items, f),
            Remove { items, .. } => items.iter().for_each(|item| match item {
                RemoveItem::Property { target, key, .. } => {
                    f(target);
                    f(key);
                }
                RemoveItem::Labels { target, dynamic, .. } => {
                    f(target);
                    dynamic.iter().for_each(&mut *f);
                }
            }),
            Delete { targets, .. } => targets.iter().for_each(|(e, _)| f(e)),
            CallProcedure { arguments, .. } => arguments.iter().for_each(f),
            LoadCsv { url, terminator, .. } => {
                f(url);
                terminator.iter().for_each(f);
            }
            Trace { start, to, as_of, through, .. } => {
                f(start);
                to.iter().for_each(&mut *f);
                as_of.iter().for_each(|a| f(&a.date));
                through.expressions(f);
            }
            Conflicts { of, through, .. } => {
                of.iter().for_each(&mut *f);
                through.expressions(f);
            }
        }
    }

    /// Whether an expression that the operator evaluates itself, or one inside it, satisfies `test`.
    pub(crate) fn evaluates(&self, test: &dyn Fn(&Expr) -> bool) -> bool {
        let mut found = false;
        self.expressions(&mut |expr| found = found || any(expr, test));
        found
    }

    /// The slots this operator itself reads from its input.
    pub(crate) fn uses(&self, imports: &Imports) -> Vec<Slot> {
        use Op::*;
        let mut out = Vec::new();
        self.expressions(&mut |e| slots_of(e, imports, &mut out));
        match self {
            Pattern { pattern, .. } => pattern_uses(pattern, &mut out),
            Expand { hop, .. } => hop_uses(hop, false, &mut out),
            ExpandInto { hop, .. } => hop_uses(hop, true, &mut out),
            Memoize { on, equal, .. } => {
                out.extend(on.iter().copied().chain(equal.iter().flat_map(|(own, outer)| [*own, *outer])));
            }
            ExpandCount { hop, except, onward, count, .. } => {
                hop_uses(hop, false, &mut out);
                out.extend(except.nodes.iter().copied().chain(except.related.iter().map(|related| related.from)));
                let mut own = vec![hop.to];
                onward.iter().for_each(|onward| onward.ends(&mut own));
                out.retain(|slot| !own.contains(slot));
                out.extend((!count.fresh).then_some(count.slot));
            }
            Intersect { expand, into, count, .. } => {
                out.extend([expand.from, into.from, into.to]);
                out.retain(|slot| *slot != expand.to);
                out.extend(count.filter(|count| !count.fresh).map(|count| count.slot));
            }
            ExpandVar { hop, into, var, .. } | Reach { hop, into, var, .. } | ShortestPath { hop, into, var, .. } => {
                hop_uses(hop, *into, &mut out);
                out.retain(|slot| *slot != var.step);
            }
            SearchPaths { search, .. } => {
                let own: Vec<Slot> = search.inner().into_iter().chain(search.defines()).collect();
                out.retain(|slot| !own.contains(slot));
                out.extend([search.from, search.to]);
                out.extend(&search.differs);
            }
            ScanRels { hop, .. } | SeekRels { hop, .. } => out.extend(&hop.differs),
            ExpandGroup { group, .. } => {
                out.push(group.from);
                out.extend(group.into.then_some(group.to));
                out.extend(&group.differs);
            }
            BindPath { parts, cost, .. } => out.extend(parts.iter().chain(cost)),
            SelectPaths { ends, parts, costs, .. } => {
                out.retain(|slot| costs.steps().all(|(step, _)| step != *slot) || parts.contains(slot));
                out.extend(parts.iter().copied().chain([ends.0, ends.1]));
            }
            ThroughView { viewed, .. } => out.extend(viewed.nodes.iter().chain(&viewed.rels)),
            Valid { nodes, rels, .. } => out.extend(nodes.iter().chain(rels)),
            Aggregate { weight, .. } => out.extend(*weight),
            Distinct { slots, .. } => out.extend(slots),
            Create { steps, .. } => create_uses(steps, &mut out),
            Merge { merge, .. } => {
                pattern_uses(&merge.pattern, &mut out);
                create_uses(&merge.create, &mut out);
            }
            _ => {}
        }
        out
    }
}

/// The slots the creating and setting halves of a `MERGE` read.
pub(crate) fn merge_reads(merge: &Merge, imports: &Imports, out: &mut rustc_hash::FxHashSet<Slot>) {
    let mut slots = Vec::new();
    create_uses(&merge.create, &mut slots);
    merge_expressions(merge, &mut |e| slots_of(e, imports, &mut slots));
    out.extend(slots);
}

fn hop_uses(hop: &Hop, into: bool, out: &mut Vec<Slot>) {
    out.push(hop.from);
    out.extend(into.then_some(hop.to));
    out.extend(&hop.differs);
}

fn pattern_defines(pattern: &Pattern) -> Vec<Slot> {
    let nodes = pattern.nodes.iter().filter(|n| !n.bound).map(|n| n.slot);
    let rels = pattern.rels.iter().filter(|r| !r.bound).flat_map(|r| match &r.length {
        RelLength::Group(group) => group.lists.iter().map(|(_, outer)| *outer).chain([r.slot]).collect::<Vec<_>>(),
        _ => vec![r.slot],
    });
    nodes.chain(rels).chain(pattern.paths.iter().filter_map(|p| p.slot)).collect()
}

fn pattern_uses(pattern: &Pattern, out: &mut Vec<Slot>) {
    out.extend(pattern.nodes.iter().filter(|n| n.bound).map(|n| n.slot));
    out.extend(pattern.rels.iter().filter(|r| r.bound).map(|r| r.slot));
}

fn pattern_expressions<'n>(pattern: &'n Pattern, f: &mut dyn FnMut(&'n Expr)) {
    pattern.predicates.iter().for_each(&mut *f);
    for rel in &pattern.rels {
        rel.cost.iter().for_each(&mut *f);
        match &rel.length {
            RelLength::One => {}
            RelLength::Var { conditions, .. } => conditions.iter().for_each(&mut *f),
            RelLength::Group(group) => {
                pattern_expressions(&group.pattern, f);
                group.conditions.iter().for_each(&mut *f);
            }
        }
    }
}

fn create_slot(step: &CreateStep) -> Slot {
    match step {
        CreateStep::Node { slot, .. } | CreateStep::Rel { slot, .. } | CreateStep::Path { slot, .. } => *slot,
    }
}

fn create_uses(steps: &[CreateStep], out: &mut Vec<Slot>) {
    for step in steps {
        match step {
            CreateStep::Node { .. } => {}
            CreateStep::Rel { start, end, .. } => out.extend([*start, *end]),
            CreateStep::Path { elements, .. } => out.extend(elements),
        }
    }
}

fn create_expressions<'n>(steps: &'n [CreateStep], f: &mut dyn FnMut(&'n Expr)) {
    for step in steps {
        match step {
            CreateStep::Node { properties, .. } => properties.iter().for_each(&mut *f),
            CreateStep::Rel { properties, dynamic, .. } => properties.iter().chain(dynamic).for_each(&mut *f),
            CreateStep::Path { .. } => {}
        }
    }
}

fn merge_expressions<'n>(merge: &'n Merge, f: &mut dyn FnMut(&'n Expr)) {
    pattern_expressions(&merge.pattern, f);
    create_expressions(&merge.create, f);
    set_expressions(&merge.on_create, f);
    set_expressions(&merge.on_match, f);
}

fn set_expressions<'n>(items: &'n [SetItem], f: &mut dyn FnMut(&'n Expr)) {
    for item in items {
        match item {
            SetItem::Property { target, key, value, .. } => {
                f(target);
                f(key);
                f(value);
            }
            SetItem::Map { target, value, .. } => {
                f(target);
                f(value);
            }
            SetItem::Labels { target, dynamic, .. } => {
                f(target);
                dynamic.iter().for_each(&mut *f);
            }
        }
    }
}
