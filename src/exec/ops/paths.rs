//! Named paths, and the choice among several between the same ends.

use super::cost::{Cost, Prices};
use super::eager::read_all;
use super::group_key::Groups;
use super::walking::collect_rels;
use super::{Live, Operator, Source};
use crate::bind::bound::{Selector, Slot};
use crate::error::Result;
use crate::exec::batch::{Batch, Column, ROWS, Row};
use crate::exec::context::{Context, Reservation};
use crate::exec::eval::build_path;
use crate::exec::vector::narrowed;
use crate::plan::search::Costs;
use crate::value::Value;

/// Binds a path out of the slots of its parts.
pub(in crate::exec) struct BindPath<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) path: Slot,
    pub(in crate::exec) parts: &'p [Slot],
    pub(in crate::exec) cost: Option<Slot>,
    pub(in crate::exec) live: Live<'p>,
}

impl Operator for BindPath<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let Some(mut batch) = self.input.next(cx)? else { return Ok(None) };
        if self.live.is_none_or(|live| live.contains(&self.path)) {
            let mut paths = Vec::with_capacity(batch.len);
            let mut held = cx.meter.reservation();
            for row in 0..batch.len {
                cx.meter.step(1)?;
                cx.scratch = 0;
                paths.push(build_path(self.parts, self.cost, batch.row(row), cx)?);
                held.grow(cx.scratch)?;
            }
            batch.set(self.path, Column::Values(paths));
            batch.hold(held);
        }
        batch.keep(self.live);
        Ok(Some(batch))
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}

/// Keeps some paths per pair of ends.
pub(in crate::exec) struct SelectPaths<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) selector: Selector,
    pub(in crate::exec) ends: (Slot, Slot),
    pub(in crate::exec) parts: &'p [Slot],
    pub(in crate::exec) costs: &'p Costs,
    pub(in crate::exec) live: Live<'p>,
    pub(in crate::exec) kept: Option<(Batch, Vec<u32>, usize, Reservation)>,
}

impl SelectPaths<'_> {
    fn run(&mut self, cx: &mut Context<'_>) -> Result<(Batch, Vec<u32>, usize, Reservation)> {
        let (batches, mut memory) = read_all(&mut self.input, None, cx)?;
        let mut rows = Batch::default();
        for batch in batches {
            rows.append(batch, cx.graph());
        }
        let mut ends: Vec<Column> = Vec::new();
        for slot in [self.ends.0, self.ends.1] {
            ends.push(rows.column(slot).cloned().unwrap_or_default());
        }
        let mut groups = Groups::new(2, cx.meter.reservation());
        let mut members: Vec<Vec<(Cost, u32)>> = Vec::new();
        let mut row = 0;
        memory.grow(rows.len * 2 * size_of::<(Cost, u32)>())?;
        let lengths = self.lengths(&mut rows, cx)?;
        groups.of_rows(&ends, rows.len, cx, |group, fresh| {
            if fresh {
                members.push(Vec::new());
            }
            members[group as usize].extend(lengths[row].map(|length| (length, row as u32)));
            row += 1;
        })?;
        let mut chosen: Vec<u32> = Vec::new();
        for paths in &mut members {
            chosen.extend(choose(paths, self.selector));
        }
        chosen.sort_unstable();
        Ok((rows, chosen, 0, memory))
    }

    /// How long each path is, or what it costs: that is put into the rows as well. Nothing for one that cannot be walked.
    fn lengths(&self, rows: &mut Batch, cx: &mut Context<'_>) -> Result<Vec<Option<Cost>>> {
        if !self.selector.is_by_cost() {
            let length = |row| Cost::Int(length(self.parts, rows.row(row), cx));
            return Ok((0..rows.len).map(|row| Some(length(row))).collect());
        }
        let mut prices: Vec<Vec<Option<Prices<'_>>>> = Vec::new();
        for (_, round) in &self.costs.rounds {
            prices.push(round.iter().map(|(slot, cost)| cost.as_ref().map(|cost| Prices::new(cost, *slot))).collect());
        }
        let (mut costs, mut totals) = (Vec::with_capacity(rows.len), Vec::new());
        for row in 0..rows.len {
            let mut single = rows.single(row, cx.graph());
            let mut total = Some(Cost::ZERO);
            for ((part, _), prices) in self.costs.rounds.iter().zip(&mut prices) {
                let mut rels = Vec::new();
                collect_rels(&rows.row(row).value(*part, cx.graph()), &mut rels);
                let round = prices.len();
                for (number, rel) in rels.into_iter().enumerate() {
                    let Some(price) = &mut prices[number % round] else { continue };
                    // what it reads of the row may be another thing in this one
                    price.forget();
                    let cost = price.of(rel.0, &mut single, cx)?;
                    total = total.zip(cost).map(|(total, cost)| total.plus(cost));
                }
            }
            totals.push(total.map_or(Ok(Value::Null), Cost::total)?);
            costs.push(total);
        }
        if let Some(slot) = self.costs.total {
            rows.set(slot, narrowed(totals));
        }
        Ok(costs)
    }
}

/// How many relationships the parts of a path have together.
fn length(parts: &[Slot], row: Row<'_>, cx: &Context<'_>) -> i64 {
    let graph = cx.graph();
    let of = |slot: &Slot| match row.value(*slot, graph) {
        Value::Rel(_) => 1,
        Value::List(list) => list.iter().filter(|item| matches!(item, Value::Rel(_))).count() as i64,
        _ => 0,
    };
    parts.iter().map(of).sum()
}

/// The rows among `paths` (length or cost, row) that the selector keeps.
fn choose(paths: &mut [(Cost, u32)], selector: Selector) -> Vec<u32> {
    let at_most = |k: u64| usize::try_from(k).unwrap_or(usize::MAX);
    if !matches!(selector, Selector::All | Selector::Any(_)) {
        paths.sort_by_key(|(length, _)| *length);
    }
    let groups = |k: u64| {
        let (mut seen, mut last) = (0, None);
        let taken = paths.iter().take_while(|(length, _)| {
            if last != Some(*length) {
                last = Some(*length);
                seen += 1;
            }
            seen <= k
        });
        taken.count()
    };
    let kept = match selector {
        Selector::All => paths.len(),
        Selector::Any(k) | Selector::Shortest(k) | Selector::Cheapest(k) => at_most(k),
        Selector::ShortestPath => 1,
        Selector::AllShortestPaths | Selector::AllShortest | Selector::AllCheapest => groups(1),
        Selector::ShortestGroups(k) | Selector::CheapestGroups(k) => groups(k),
    };
    paths.iter().take(kept).map(|(_, row)| *row).collect()
}

impl Operator for SelectPaths<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        if self.kept.is_none() {
            self.kept = Some(self.run(cx)?);
        }
        let Some((rows, chosen, at, _)) = &mut self.kept else { return Ok(None) };
        let until = chosen.len().min(*at + ROWS);
        let part = &chosen[*at..until];
        *at = until;
        Ok((!part.is_empty()).then(|| rows.gather(part, self.live)))
    }

    fn reset(&mut self) {
        self.input.reset();
        self.kept = None;
    }
}
