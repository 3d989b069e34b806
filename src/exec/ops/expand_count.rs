//! How many neighbours a node has, multiplied into a running weight instead of making rows of them.

use super::node_map::NodeMap;
use super::onward::{TOO_MANY, Ways};
use super::others::Others;
use super::{Live, Operator, Source};
use crate::bind::bound::{Expr, Slot};
use crate::error::{Code, Error, Result};
use crate::exec::batch::{Batch, Column, NONE, ROWS};
use crate::exec::context::Context;
use crate::exec::names::{Types, dir};
use crate::exec::vector::Tests;
use crate::graph::{Csr, Dir, Graph};
use crate::plan::node::{Except, Hop, Weight};
use crate::plan::onward::Onward;
use crate::value::{NodeRef, Value};

/// Multiplies the weight by the number of neighbours of `hop.from`; rows without any go or, where they are optional, stay
/// as they are.
pub(in crate::exec) struct ExpandCount<'p> {
    input: Source<'p>,
    hop: &'p Hop,
    types: Types<'p>,
    count: Weight,
    optional: bool,
    /// Which neighbours count; all without it.
    ends: Option<Ends<'p>>,
    /// Where they count as often as there are ways on: those, which know which neighbours count.
    ways: Option<Ways<'p>>,
    /// Which of them do not, by what else the row holds.
    others: Option<Others<'p>>,
    live: Live<'p>,
}

/// What the conditions say of each node that was met: they say it once.
pub(super) struct Ends<'p> {
    slot: Slot,
    tests: Tests<'p>,
    /// By node: not asked, no, yes, or waiting to be asked.
    verdicts: NodeMap<u8>,
    asked: u64,
    waiting: Vec<u32>,
}

const NOT_ASKED: u8 = 0;
const NO: u8 = 1;
const YES: u8 = 2;
const WAITING: u8 = 3;

impl<'p> ExpandCount<'p> {
    pub(in crate::exec) fn new(
        input: Source<'p>,
        hop: &'p Hop,
        (conditions, except, onward): (&'p [Expr], &'p Except, &'p [Onward]),
        (count, optional): (Weight, bool),
        live: Live<'p>,
        cx: &Context<'_>,
    ) -> Self {
        let ways = (!onward.is_empty()).then(|| Ways::new(hop, conditions, onward, cx));
        let ends = if ways.is_none() { Ends::new(hop.to, conditions, cx) } else { None };
        let others = Others::new(hop, except, cx);
        Self { input, hop, types: Types::new(&hop.types), count, optional, ends, ways, others, live }
    }

    /// The rows that have neighbours with ways on, and how many.
    fn weigh_ways(
        &mut self,
        batch: &Batch,
        nodes: &[Option<NodeRef>],
        cx: &mut Context<'_>,
    ) -> Result<(Vec<u32>, Vec<i64>)> {
        let (mut rows, mut weights) = (Vec::with_capacity(batch.len), Vec::with_capacity(batch.len));
        let Some(ways) = &mut self.ways else { return Ok((rows, weights)) };
        let asked: Vec<u32> = nodes.iter().flatten().map(|node| node.0).collect();
        ways.prepare(&asked, cx)?;
        let direction = dir(self.hop.towards);
        for (row, node) in nodes.iter().enumerate() {
            let Some(node) = *node else { continue };
            let all = ways.from(node.0);
            let left = match &mut self.others {
                Some(others) if all > 0 => {
                    let (graph, at, by) = (cx.graph(), (node, batch.row(row)), (&self.types, direction));
                    match ways.only_onward() {
                        Some(onward) => others.count(at, by, &|far| onward.from(far), Some(all), graph)?,
                        None => others.count(at, by, &|far| ways.beyond(far), Some(all), graph)?,
                    }
                }
                _ => all,
            };
            if left >= TOO_MANY {
                return Err(too_many());
            }
            if left > 0 {
                rows.push(row as u32);
                weights.push(multiplied(batch, self.count, row, left)?);
            }
        }
        cx.meter.step(batch.len)?;
        Ok((rows, weights))
    }

    /// The rows that have neighbours, and how many.
    fn weigh(&mut self, batch: &Batch, cx: &mut Context<'_>) -> Result<(Vec<u32>, Vec<i64>)> {
        let direction = dir(self.hop.towards);
        let column = batch.column(self.hop.from);
        let single = self.types.single().filter(|_| direction != Dir::Both && self.others.is_none());
        let csr = single.and_then(|ty| cx.graph().prepare(ty, direction, batch.len as u64));
        if let (Some(Column::Nodes(nodes)), Some(csr), None, None) = (column, &csr, &self.ends, &self.ways) {
            cx.meter.step(batch.len)?;
            return self.degrees(batch, nodes, csr);
        }
        let nodes: Vec<Option<NodeRef>> = match column {
            Some(Column::Nodes(nodes)) => nodes.iter().map(|n| (*n != NONE).then_some(NodeRef::new(*n))).collect(),
            column => (0..batch.len).map(|row| column.and_then(|column| column.node(row))).collect(),
        };
        if self.ways.is_some() {
            return self.weigh_ways(batch, &nodes, cx);
        }
        let step = Step { types: &self.types, direction, csr: csr.as_deref() };
        if let Some(ends) = &mut self.ends {
            ends.ask(&nodes, &step, cx)?;
        }
        let graph = cx.graph();
        let (mut rows, mut weights) = (Vec::with_capacity(batch.len), Vec::with_capacity(batch.len));
        for (row, node) in nodes.iter().enumerate() {
            let Some(node) = *node else {
                if self.optional {
                    rows.push(row as u32);
                    weights.push(multiplied(batch, self.count, row, 1)?);
                }
                continue;
            };
            let degree = match (&mut self.others, &self.ends, &csr) {
                (Some(others), ends, _) => {
                    cx.meter.step(1)?;
                    let all = if ends.is_some() { None } else { Some(graph.degree(node, direction, self.types.ids())) };
                    let one = |far: u32| u64::from(ends.as_ref().is_none_or(|ends| ends.counts(far)));
                    others.count((node, batch.row(row)), (&self.types, direction), &one, all, graph)?
                }
                (None, Some(ends), _) => ends.count(node, &step, graph),
                (None, None, Some(csr)) => csr.degree(node).into(),
                (None, None, None) => graph.degree(node, direction, self.types.ids()),
            };
            let degree = if self.optional { degree.max(1) } else { degree };
            if degree > 0 {
                rows.push(row as u32);
                weights.push(multiplied(batch, self.count, row, degree)?);
            }
        }
        cx.meter.step(batch.len)?;
        Ok((rows, weights))
    }

    /// Every row counts once: there are no relationships of the types.
    fn unmatched(&self, batch: &Batch) -> Result<(Vec<u32>, Vec<i64>)> {
        let weights = (0..batch.len).map(|row| multiplied(batch, self.count, row, 1));
        Ok(((0..batch.len as u32).collect(), weights.collect::<Result<_>>()?))
    }

    /// The same where the adjacency knows it all.
    fn degrees(&self, batch: &Batch, nodes: &[u32], csr: &Csr) -> Result<(Vec<u32>, Vec<i64>)> {
        let (mut rows, mut weights) = (Vec::with_capacity(batch.len), Vec::with_capacity(batch.len));
        let before = match batch.column(self.count.slot) {
            Some(Column::Ints(before)) if !self.count.fresh => Some(before.as_slice()),
            _ => None,
        };
        let least = u32::from(self.optional);
        for (row, node) in nodes.iter().enumerate() {
            let degree = csr.degree(NodeRef::new(*node)).max(least);
            if degree > 0 {
                rows.push(row as u32);
                let weight = match before {
                    Some(before) => before[row].checked_mul(degree.into()),
                    None if self.count.fresh => Some(degree.into()),
                    None => Some(multiplied(batch, self.count, row, degree.into())?),
                };
                weights.push(weight.ok_or_else(too_many)?);
            }
        }
        Ok((rows, weights))
    }
}

/// How the neighbours of a node are found.
pub(super) struct Step<'s, 'p> {
    pub(super) types: &'s Types<'p>,
    pub(super) direction: Dir,
    /// All of them, when nothing was written since it was made.
    pub(super) csr: Option<&'s Csr>,
}

impl Step<'_, '_> {
    /// Calls `f` with each neighbour, as often as there are relationships to it.
    #[inline]
    pub(super) fn for_each(&self, node: NodeRef, graph: &Graph, mut f: impl FnMut(u32)) {
        match self.csr {
            Some(csr) => csr.targets(node).iter().for_each(|&neighbour| f(neighbour)),
            None if self.types.is_none() => {}
            None => graph.for_each_neighbour(node, self.direction, self.types.ids(), |_, neighbour| f(neighbour.0)),
        }
    }

    /// How many there are.
    pub(super) fn degree(&self, node: NodeRef, graph: &Graph) -> u64 {
        match self.csr {
            Some(csr) => csr.degree(node).into(),
            None if self.types.is_none() => 0,
            None => graph.degree(node, self.direction, self.types.ids()),
        }
    }
}

impl<'p> Ends<'p> {
    /// Nothing when every end counts.
    pub(super) fn new(slot: Slot, conditions: &'p [Expr], cx: &Context<'_>) -> Option<Self> {
        (!conditions.is_empty()).then(|| Self {
            slot,
            tests: Tests::new(conditions, cx.params),
            verdicts: NodeMap::new(NOT_ASKED),
            asked: 0,
            waiting: Vec::new(),
        })
    }

    /// Asks about every neighbour that has not been met before.
    pub(super) fn ask(&mut self, nodes: &[Option<NodeRef>], step: &Step<'_, '_>, cx: &mut Context<'_>) -> Result<()> {
        let bound = cx.graph().node_bound() as usize;
        for node in nodes.iter().flatten() {
            let left = cx.graph().node_count() - self.asked;
            if left == 0 {
                break;
            }
            // many were met: the rest is asked in the order it is stored in
            if left < self.asked * 4 {
                return self.ask_the_rest(cx);
            }
            self.verdicts.expect(1, bound, &cx.meter)?;
            let (verdicts, waiting) = (&mut self.verdicts, &mut self.waiting);
            step.for_each(*node, cx.graph(), |neighbour| {
                let verdict = verdicts.of(neighbour);
                if *verdict == NOT_ASKED {
                    *verdict = WAITING;
                    waiting.push(neighbour);
                }
            });
            if self.waiting.len() >= ROWS {
                self.settle(cx)?;
            }
        }
        self.settle(cx)
    }

    fn ask_the_rest(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.settle(cx)?;
        let all = cx.graph().node_bound() as usize;
        self.verdicts.expect(all, all, &cx.meter)?;
        let (mut cursor, mut nodes) = (Some(0), Vec::new());
        while let Some(at) = cursor {
            nodes.clear();
            cursor = cx.graph().scan_nodes(at, &mut nodes, ROWS);
            self.waiting.extend(nodes.iter().filter(|node| self.verdicts.get(**node) == NOT_ASKED));
            self.settle(cx)?;
        }
        Ok(())
    }

    /// Tests those that wait.
    fn settle(&mut self, cx: &mut Context<'_>) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        cx.meter.step(self.waiting.len())?;
        self.asked += self.waiting.len() as u64;
        self.waiting.iter().for_each(|&node| *self.verdicts.of(node) = NO);
        let mut batch = Batch::of_len(self.waiting.len());
        batch.set(self.slot, Column::Nodes(std::mem::take(&mut self.waiting)));
        let passed = self.tests.select(&batch, cx)?;
        if let Some(Column::Nodes(nodes)) = batch.column(self.slot) {
            passed.iter().for_each(|&row| *self.verdicts.of(nodes[row as usize]) = YES);
        }
        Ok(())
    }

    /// Whether a neighbour that was asked about counts.
    #[inline]
    pub(super) fn counts(&self, neighbour: u32) -> bool {
        self.verdicts.get(neighbour) == YES
    }

    fn count(&self, node: NodeRef, step: &Step<'_, '_>, graph: &Graph) -> u64 {
        let mut count = 0;
        step.for_each(node, graph, |neighbour| count += u64::from(self.verdicts.get(neighbour) == YES));
        count
    }
}

/// What a row stands for when each of the rows it stood for has `degree` continuations.
pub(super) fn multiplied(batch: &Batch, count: Weight, row: usize, degree: u64) -> Result<i64> {
    let before = if count.fresh { 1 } else { weight_of(batch, count.slot, row) };
    i64::try_from(degree).ok().and_then(|degree| before.checked_mul(degree)).ok_or_else(too_many)
}

fn too_many() -> Error {
    Error::arithmetic(Code::IntegerOverflow, "the number of matches does not fit into 64 bits")
}

/// The rows that stay, with their new weights.
pub(super) fn weighed(mut batch: Batch, rows: &[u32], weights: Vec<i64>, slot: Slot, live: Live<'_>) -> Batch {
    batch.clear(slot);
    if rows.len() == batch.len {
        batch.keep(live);
    } else {
        batch = batch.gather(rows, live);
    }
    batch.set(slot, Column::Ints(weights));
    batch
}

/// The weight of a row; 1 where nothing has weighed it.
pub(super) fn weight_of(batch: &Batch, slot: Slot, row: usize) -> i64 {
    match batch.column(slot) {
        Some(Column::Ints(weights)) => weights[row],
        Some(Column::Const(Value::Int(weight))) => *weight,
        Some(Column::Values(values)) => match values[row] {
            Value::Int(weight) => weight,
            _ => 1,
        },
        _ => 1,
    }
}

impl Operator for ExpandCount<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        while let Some(batch) = self.input.next(cx)? {
            self.types.resolve(cx.graph());
            let (rows, weights) = match self.types.is_none() {
                true if !self.optional => continue,
                true => self.unmatched(&batch)?,
                false => self.weigh(&batch, cx)?,
            };
            if !rows.is_empty() {
                return Ok(Some(weighed(batch, &rows, weights, self.count.slot, self.live)));
            }
        }
        Ok(None)
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}
