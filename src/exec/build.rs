//! Plan node to operator: one line each. No choice is made here; what runs is what EXPLAIN prints.
//!
//! Operators borrow their part of the plan. An inner plan (of Apply, Merge, a subquery …) gets a seat, into
//! which the enclosing operator puts the rows its Argument hands on.

use super::context::Context;
use super::ops::{self, Live, Seat, Source};
use super::profile::Counted;
use super::vector::{Item, Tests};
use crate::bind::bound::TraceDirection;
use crate::error::{Class, Code, Error, Phase, Result};
use crate::lineage::Course;
use crate::plan::node::{Node, Op, Plan};
use crate::value::Value;

/// How deep a tree of operators may be: pulling a row takes a stack frame per operator. Plans of this height come
/// from long texts, which run on a stack made for them.
const MAX_DEPTH: usize = 50_000;

/// The operators of the statement.
pub(super) fn build_root<'p>(cx: &Context<'p>) -> Result<Source<'p>> {
    let builder = Builder::new(cx);
    builder.build(&cx.plan.root, &mut 0, &Seat::default(), 0)
}

/// The operators of a part of the statement that looks at nothing outside it, numbered from `number`.
pub(super) fn build_chain<'p>(node: &'p Node, number: usize, seat: &Seat, cx: &Context<'p>) -> Result<Source<'p>> {
    Builder::new(cx).build(node, &mut { number }, seat, 0)
}

/// The operators of a subquery of an expression, and where its argument goes.
pub(super) fn build_subplan<'p>(number: u32, cx: &Context<'p>) -> Result<(Source<'p>, Seat)> {
    let builder = Builder::new(cx);
    let mut at = if builder.profile { first_number(cx.plan, number) } else { 0 };
    let seat = Seat::default();
    let node = &cx.plan.subplans[number as usize].root;
    Ok((builder.build(node, &mut at, &seat, 0)?, seat))
}

/// The number of the first operator of a subplan.
fn first_number(plan: &Plan, number: u32) -> usize {
    let before = plan.subplans.iter().take(number as usize).map(|sub| &sub.root);
    std::iter::once(&plan.root).chain(before).map(size).sum()
}

fn size(node: &Node) -> usize {
    1 + node.op.inputs().into_iter().map(size).sum::<usize>()
}

struct Builder<'c, 'p> {
    cx: &'c Context<'p>,
    params: &'p [Value],
    profile: bool,
    /// Rows are told what the subqueries in their expressions rest on.
    tells: bool,
}

impl<'c, 'p> Builder<'c, 'p> {
    fn new(cx: &'c Context<'p>) -> Self {
        Self {
            cx,
            params: cx.params,
            profile: cx.profile.is_some(),
            tells: cx.plan.cite && !cx.plan.subplans.is_empty(),
        }
    }

    fn build(&self, node: &'p Node, at: &mut usize, seat: &Seat, depth: usize) -> Result<Source<'p>> {
        if depth > MAX_DEPTH {
            let message = format!("the plan is deeper than {MAX_DEPTH} operators");
            return Err(Error::limit(Code::Size, message).hint("split the statement into several"));
        }
        let number = *at;
        *at += 1;
        let inner = self.operator(node, at, seat, depth + 1)?;
        Ok(if self.profile { Box::new(Counted { inner, number }) } else { inner })
    }

    /// The operator, between what hands it its rows one by one and what adds to them what they rest on.
    fn told(&self, input: Source<'p>, operator: impl FnOnce(Source<'p>) -> Source<'p>) -> Source<'p> {
        if !self.tells {
            return operator(input);
        }
        Box::new(ops::Told { input: operator(Box::new(ops::OneByOne::new(input))) })
    }

    fn operator(&self, node: &'p Node, at: &mut usize, seat: &Seat, depth: usize) -> Result<Source<'p>> {
        let live: Live<'p> = node.live.as_deref();
        let number = *at;
        let mut of = |node: &'p Node| self.build(node, at, seat, depth);
        Ok(match &node.op {
            Op::Unit => Box::new(ops::Unit::default()),
            Op::Argument => Box::new(ops::Argument { seat: seat.clone(), done: false }),
            Op::ScanNodes { input, node } => Box::new(ops::ScanNodes::new(of(input)?, *node, None, live)),
            Op::ScanLabel { input, node, label } => Box::new(ops::ScanNodes::new(of(input)?, *node, Some(label), live)),
            Op::ScanRels { input, hop } => Box::new(ops::ScanRels::new(of(input)?, hop, live)),
            Op::SeekIndex { input, node, label, key, seek, order, made } => {
                Box::new(ops::SeekIndex::new(of(input)?, *node, (label, key), (seek, *order), live).made(*made))
            }
            Op::SeekComposite { input, node, label, keys } => {
                Box::new(ops::SeekComposite::new(of(input)?, *node, (label, keys), live))
            }
            Op::SeekRels { input, hop, keys } => Box::new(ops::SeekRels::new(of(input)?, (hop, keys), live)),
            Op::SeekId { input, node, id } => Box::new(ops::SeekId::new(of(input)?, *node, id, live)),
            Op::Expand { input, hop } => Box::new(ops::Expand::new(of(input)?, hop, live)),
            Op::ExpandInto { input, hop } => Box::new(ops::ExpandInto::new(of(input)?, hop, live, self.cx)),
            Op::Intersect { input, expand, into, count } => {
                Box::new(ops::Intersect::new(of(input)?, (expand, into), *count, live, self.cx))
            }
            Op::ExpandCount { input, hop, conditions, except, onward, count, optional } => {
                let ends = (conditions.as_slice(), except, onward.as_slice());
                Box::new(ops::ExpandCount::new(of(input)?, hop, ends, (*count, *optional), live, self.cx))
            }
            Op::Filter { input, predicates } => {
                let tests = Tests::new(predicates, self.params);
                self.told(of(input)?, |input| Box::new(ops::Filter { input, tests, live }))
            }
            Op::Project { input, items } => {
                let items = items.iter().map(|(slot, expr)| Item::new(*slot, expr)).collect();
                self.told(of(input)?, |input| Box::new(ops::Project { input, items, live }))
            }
            Op::Aggregate { input, keys, aggregates, weight } => {
                let by = ops::GroupBy { keys, calls: aggregates, weight: *weight };
                let grouped =
                    matches!(input.op, Op::Parallel { grouped: true, .. } | Op::Distribute { grouped: true, .. });
                Box::new(ops::Aggregate::new(of(input)?, by, grouped, live))
            }
            Op::Distinct { input, slots } => Box::new(ops::Distinct::new(of(input)?, slots, live)),
            Op::Sort { input, keys } => Box::new(ops::Sort::new(of(input)?, keys, live)),
            Op::TopK { input, keys, limit, skip, sorted } => {
                Box::new(ops::TopK::new(of(input)?, keys, (limit, skip.as_ref()), *sorted, live))
            }
            Op::Skip { input, count } => Box::new(ops::Skip { input: of(input)?, count, left: None }),
            Op::Limit { input, count, exhaust } => {
                Box::new(ops::Limit { input: of(input)?, count, exhaust: *exhaust, left: None })
            }
            Op::Unwind { input, list, slot } => Box::new(ops::Unwind::new(of(input)?, list, *slot, live)),
            Op::Parallel { input, .. } => Box::new(ops::Parallel::new(of(input)?, input, number)),
            Op::Eager { input } => Box::new(ops::Eager::new(of(input)?, live)),
            Op::Create { input, steps } => Box::new(ops::Create { input: of(input)?, steps, live }),
            Op::Set { input, items } => Box::new(ops::Set { input: of(input)?, items, live }),
            Op::Remove { input, items } => Box::new(ops::Remove { input: of(input)?, items, live }),
            Op::Delete { input, detach, targets } => {
                Box::new(ops::Delete { input: of(input)?, detach: *detach, targets, live, kept: None })
            }
            _ => return self.walks_and_tables(node, at, seat, depth),
        })
    }

    /// Operators that follow several relationships, choose among paths, or read a table.
    fn walks_and_tables(&self, node: &'p Node, at: &mut usize, seat: &Seat, depth: usize) -> Result<Source<'p>> {
        let live: Live<'p> = node.live.as_deref();
        let mut of = |node: &'p Node| self.build(node, at, seat, depth);
        Ok(match &node.op {
            Op::ExpandVar { input, hop, var, into } => {
                Box::new(ops::ExpandVar::new(of(input)?, (hop, var), *into, live))
            }
            Op::Reach { input, hop, var, into } => Box::new(ops::Reach::new(of(input)?, (hop, var), *into, live)),
            Op::ShortestPath { input, hop, var, selector, into } => {
                Box::new(ops::ShortestPath::new(of(input)?, (hop, var), (*selector, *into), live))
            }
            Op::SearchPaths { input, search } => Box::new(ops::SearchPaths::new(of(input)?, search, live)),
            Op::BindPath { input, path, parts, cost } => {
                Box::new(ops::BindPath { input: of(input)?, path: *path, parts, cost: *cost, live })
            }
            Op::SelectPaths { input, selector, ends, parts, costs } => Box::new(ops::SelectPaths {
                input: of(input)?,
                selector: *selector,
                ends: *ends,
                parts,
                costs,
                live,
                kept: None,
            }),
            Op::ThroughView { input, viewed, through } => {
                Box::new(ops::ThroughView { input: of(input)?, viewed, through, live })
            }
            Op::Valid { input, nodes, rels, as_of } => {
                let as_of = as_of.as_ref();
                Box::new(ops::Valid { input: of(input)?, nodes, rels, as_of, live, kinds: None })
            }
            Op::CallProcedure { input, procedure, arguments, yields, span } => {
                Box::new(ops::call_procedure(of(input)?, (procedure, arguments, *span), yields, live))
            }
            Op::LoadCsv { input, with_headers, url, slot, terminator, span } => {
                let wanted = ops::WantedCsv {
                    url,
                    terminator: terminator.as_ref(),
                    with_headers: *with_headers,
                    slot: *slot,
                    span: *span,
                };
                Box::new(ops::LoadCsv::new(of(input)?, wanted, live))
            }
            Op::Trace { input, start, to, direction, via, as_of, through, yields, span } => {
                let trace = ops::Trace {
                    start,
                    to: to.as_ref(),
                    course: direction.map(|direction| match direction {
                        TraceDirection::Backward => Course::Backward,
                        TraceDirection::Forward => Course::Forward,
                    }),
                    via,
                    as_of: as_of.as_ref(),
                    through,
                    span: *span,
                    wanted: Vec::new(),
                    kinds: None,
                };
                Box::new(ops::trace(of(input)?, trace, yields, live))
            }
            Op::Conflicts { input, of: wanted, through, yields, span } => {
                let conflicts = ops::Conflicts { of: wanted.as_ref(), through, span: *span };
                Box::new(ops::conflicts(of(input)?, conflicts, yields, live))
            }
            Op::CountFromStats { slot, what } => Box::new(ops::CountFromStats { slot: *slot, what, done: false }),
            Op::CountByType { ty, count, types, start, end } => Box::new(ops::CountByType {
                ty: *ty,
                count: *count,
                types,
                start: start.as_ref(),
                end: end.as_ref(),
                done: false,
            }),
            _ => return self.with_several(node, at, seat, depth),
        })
    }

    /// Operators with an inner plan or with several inputs.
    fn with_several(&self, node: &'p Node, at: &mut usize, seat: &Seat, depth: usize) -> Result<Source<'p>> {
        let live: Live<'p> = node.live.as_deref();
        let own = Seat::default();
        let mut outer = |node: &'p Node| self.build(node, at, seat, depth);
        Ok(match &node.op {
            Op::Apply { input, inner, optional, nulls } => {
                let input = outer(input)?;
                let built = self.build(inner, at, &own, depth)?;
                let nulls = optional.then_some(nulls.as_slice());
                Box::new(ops::Apply::new((input, built, own), inner, nulls, live))
            }
            Op::SemiJoin { input, inner, negated } => {
                let input = outer(input)?;
                let built = self.build(inner, at, &own, depth)?;
                Box::new(ops::SemiJoin::new((input, built, own), inner, *negated, live, self.cx))
            }
            Op::GroupJoin { input, inner, kind, output, slot } => {
                let input = outer(input)?;
                let built = self.build(inner, at, &own, depth)?;
                Box::new(ops::GroupJoin::new((input, built, own), inner, (*kind, *output, *slot), live))
            }
            Op::Distribute { input, inner, .. } => {
                let (input, number) = (outer(input)?, *at);
                let built = self.build(inner, at, &own, depth)?;
                Box::new(ops::Distribute::new(input, (built, own), (inner, number)))
            }
            Op::Memoize { input, on, equal } => {
                let built = self.build(input, at, &own, depth)?;
                Box::new(ops::Memoize::new((built, own, seat.clone()), on, *equal, live))
            }
            Op::ApplyUnit { input, inner } => {
                let input = outer(input)?;
                let inner = self.build(inner, at, &own, depth)?;
                Box::new(ops::ApplyUnit { input, inner, seat: own, live })
            }
            Op::Batches { input, inner, unit, optional, batches, .. } => {
                let input = outer(input)?;
                let inner = self.build(inner, at, &own, depth)?;
                Box::new(ops::Batches::new((input, inner, own), batches, (*unit, *optional), live))
            }
            Op::Foreach { input, inner, list, slot } => {
                let input = outer(input)?;
                let inner = self.build(inner, at, &own, depth)?;
                Box::new(ops::Foreach { input, inner, seat: own, list, slot: *slot, live })
            }
            Op::ExpandGroup { input, inner, group } => {
                let input = outer(input)?;
                let inner = self.build(inner, at, &own, depth)?;
                Box::new(ops::ExpandGroup::new((input, inner, own), group, live))
            }
            Op::Merge { input, matching, merge } => {
                let input = outer(input)?;
                let matching = self.build(matching, at, &own, depth)?;
                Box::new(ops::Merge::new((input, matching, own), merge, live))
            }
            Op::Cross { left, right } => Box::new(ops::Cross::new(outer(left)?, outer(right)?, live)),
            Op::HashJoin { left, right, keys } => Box::new(ops::HashJoin::new(outer(left)?, outer(right)?, keys, live)),
            Op::Union { parts, slots } => {
                let mut built = Vec::with_capacity(parts.len());
                for part in parts {
                    built.push((outer(&part.node)?, part.slots.as_slice()));
                }
                Box::new(ops::Union { parts: built, slots, at: 0 })
            }
            _ => {
                // the optimizer lowers every Pattern; a plan that still has one was never finished
                let message = "a pattern was not turned into operators";
                return Err(Error::new(Class::SemanticError, Phase::Runtime, Code::Unsupported, message));
            }
        })
    }
}
