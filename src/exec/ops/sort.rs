//! All rows in order, and the first rows in order without sorting all.

use std::cmp::Ordering;

use super::{Live, Operator, Source};
use crate::bind::bound::{Expr, Slot, SortKey};
use crate::error::Result;
use crate::exec::batch::{Batch, Column, NONE, ROWS};
use crate::exec::context::{Context, Reservation};
use crate::exec::eval::count;
use crate::exec::meter::reading;
use crate::exec::vector::Item;
use crate::graph::Graph;
use crate::value::{Value, order};

/// Rows sorted at a time between two looks at the clock.
const RUN: usize = 1 << 14;

/// The same where keys are long to read.
const SHORT_RUN: usize = 16;

/// The keys of ORDER BY, to be computed per batch.
struct Keys<'p> {
    items: Vec<Item<'p>>,
    descending: Vec<bool>,
}

/// The computed keys of some rows.
struct KeyColumns(Vec<Column>);

impl KeyColumns {
    /// Steps that it may take to read the keys of a row.
    fn reading(&self, row: u32) -> usize {
        let of = |column: &Column| match column {
            Column::Values(values) => reading(&values[row as usize]),
            _ => 0,
        };
        self.0.iter().map(of).sum()
    }

    /// How many rows are sorted between two looks: few, where their keys are long to read.
    fn run(&self, rows: &[u32]) -> usize {
        let steps: usize = rows.iter().take(RUN).map(|row| self.reading(*row)).sum();
        if steps > RUN { SHORT_RUN } else { RUN }
    }
}

impl<'p> Keys<'p> {
    fn new(keys: &'p [SortKey]) -> Self {
        Self {
            items: keys.iter().map(|key| Item::new(Slot(NONE), &key.expr)).collect(),
            descending: keys.iter().map(|key| key.descending).collect(),
        }
    }

    fn of(&self, batch: &Batch, memory: &mut Reservation, cx: &mut Context<'_>) -> Result<KeyColumns> {
        let mut columns = Vec::with_capacity(self.items.len());
        for item in &self.items {
            columns.push(item.column(batch, memory, cx)?.unwrap_or_default());
        }
        Ok(KeyColumns(columns))
    }

    fn compare(&self, keys: &KeyColumns, a: u32, b: u32, graph: &Graph) -> Ordering {
        for (column, descending) in keys.0.iter().zip(&self.descending) {
            let ordering = compare_cells(column, a as usize, b as usize, graph);
            if ordering.is_ne() {
                return if *descending { ordering.reverse() } else { ordering };
            }
        }
        Ordering::Equal
    }

    /// Rows in order; equal ones stay as they were.
    fn sorted(&self, keys: &KeyColumns, mut rows: Vec<u32>, cx: &Context<'_>) -> Result<Vec<u32>> {
        let graph = cx.graph();
        let mut buffer = Vec::new();
        let (len, run) = (rows.len(), keys.run(&rows));
        for run in rows.chunks_mut(run) {
            cx.meter.look()?;
            run.sort_by(|a, b| self.compare(keys, *a, *b, graph));
        }
        let mut width = run;
        while width < len {
            for pair in rows.chunks_mut(2 * width) {
                if pair.len() > width {
                    self.merge(keys, pair, width, &mut buffer, cx)?;
                }
            }
            width *= 2;
        }
        Ok(rows)
    }

    /// Takes the first rows, some multiple of `about`, out of `rows`: those that a row is not before, of which a sample says that it
    /// stands there. All of them when there are few, or when so many are equal that there is no such row.
    fn split_off(&self, keys: &KeyColumns, rows: &mut Vec<u32>, about: usize, cx: &Context<'_>) -> Result<Vec<u32>> {
        const SAMPLE: usize = 512;
        if rows.len() < 8 * about {
            return Ok(std::mem::take(rows));
        }
        let sample = rows.iter().copied().step_by(rows.len() / SAMPLE).take(SAMPLE).collect();
        let sample = self.sorted(keys, sample, cx)?;
        let Some(&last) = sample.get(2 + SAMPLE * about / rows.len()) else { return Ok(std::mem::take(rows)) };
        let (mut first, mut rest) = (Vec::with_capacity(2 * about), Vec::with_capacity(rows.len()));
        for rows in rows.chunks(RUN / SHORT_RUN) {
            cx.meter.step(rows.len() + rows.iter().map(|row| keys.reading(*row)).sum::<usize>())?;
            for &row in rows {
                let is_first = self.compare(keys, row, last, cx.graph()).is_le();
                if is_first { first.push(row) } else { rest.push(row) }
            }
        }
        if first.len() > rest.len() {
            return Ok(std::mem::take(rows));
        }
        *rows = rest;
        Ok(first)
    }

    /// Merges the sorted halves `pair[..middle]` and `pair[middle..]`.
    fn merge(
        &self,
        keys: &KeyColumns,
        pair: &mut [u32],
        middle: usize,
        buffer: &mut Vec<u32>,
        cx: &Context<'_>,
    ) -> Result<()> {
        let graph = cx.graph();
        buffer.clear();
        buffer.extend_from_slice(&pair[..middle]);
        let (mut left, mut right) = (0, middle);
        for at in 0..pair.len() {
            if left == buffer.len() {
                break;
            }
            cx.meter.step(1 + keys.reading(buffer[left]))?;
            let from_right = right < pair.len() && self.compare(keys, pair[right], buffer[left], graph).is_lt();
            pair[at] = if from_right { pair[right] } else { buffer[left] };
            if from_right {
                right += 1;
            } else {
                left += 1;
            }
        }
        Ok(())
    }
}

fn compare_cells(column: &Column, a: usize, b: usize, graph: &Graph) -> Ordering {
    match column {
        Column::Ints(ints) => ints[a].cmp(&ints[b]),
        Column::Floats(floats) => order::order(&Value::Float(floats[a]), &Value::Float(floats[b])),
        // null is NONE, and both come last
        Column::Nodes(handles) | Column::Rels(handles) => handles[a].cmp(&handles[b]),
        Column::Texts(texts) if texts.codes[a] == texts.codes[b] => Ordering::Equal,
        Column::Texts(texts) => match (texts.text(a, graph), texts.text(b, graph)) {
            (Some(a), Some(b)) => a.as_bytes().cmp(b.as_bytes()),
            (a, b) => a.is_none().cmp(&b.is_none()),
        },
        Column::Values(values) => order::order(&values[a], &values[b]),
        Column::Const(_) => Ordering::Equal,
    }
}

fn compare_with(column: &Column, row: usize, value: &Value, graph: &Graph) -> Ordering {
    match (column, value) {
        (Column::Ints(ints), Value::Int(n)) => ints[row].cmp(n),
        (Column::Texts(texts), Value::Str(other)) => match texts.text(row, graph) {
            Some(text) => text.as_bytes().cmp(other.as_bytes()),
            None => Ordering::Greater,
        },
        (Column::Values(values), value) => order::order(&values[row], value),
        (column, value) => order::order(&column.value(row, graph), value),
    }
}

/// ORDER BY. Stable.
pub(in crate::exec) struct Sort<'p> {
    input: Source<'p>,
    keys: Keys<'p>,
    live: Live<'p>,
    sorted: Option<Sorted>,
}

/// Rows in an order.
struct Sorted {
    rows: Batch,
    /// Those that come first.
    order: Vec<u32>,
    at: usize,
    /// Those that come after them, not sorted yet: who asks for rows may not ask for all.
    rest: Vec<u32>,
    keys: KeyColumns,
    _memory: Reservation,
}

impl Sorted {
    /// Sorts the next of the rest, each time more.
    fn go_on(&mut self, by: &Keys<'_>, cx: &Context<'_>) -> Result<()> {
        if self.at == self.order.len() && !self.rest.is_empty() {
            let about = (4 * self.order.len()).max(4 * ROWS);
            let next = by.split_off(&self.keys, &mut self.rest, about, cx)?;
            (self.order, self.at) = (by.sorted(&self.keys, next, cx)?, 0);
            if self.rest.is_empty() {
                self.keys = KeyColumns(Vec::new());
            }
        }
        Ok(())
    }

    fn next(&mut self, live: Live<'_>) -> Option<Batch> {
        let until = self.order.len().min(self.at + ROWS);
        let rows = &self.order[self.at..until];
        self.at = until;
        (!rows.is_empty()).then(|| self.rows.gather(rows, live))
    }
}

impl<'p> Sort<'p> {
    pub(in crate::exec) fn new(input: Source<'p>, keys: &'p [SortKey], live: Live<'p>) -> Self {
        Self { input, keys: Keys::new(keys), live, sorted: None }
    }

    fn sort(&mut self, cx: &mut Context<'_>) -> Result<Sorted> {
        let mut memory = cx.meter.reservation();
        let mut all = Batch::default();
        let mut keys: Option<KeyColumns> = None;
        let (by, live) = (&self.keys, self.live);
        self.input.drain(cx, &mut |mut batch, cx| {
            let own = by.of(&batch, &mut memory, cx)?;
            batch.keep(live);
            memory.grow(batch.cell_bytes() + batch.len * (4 + 24 * own.0.len()))?;
            let known = keys.iter().flat_map(|keys| &keys.0).map(|column| column.growth(all.len, batch.len));
            cx.meter.weigh(all.growth(batch.len) + known.sum::<usize>())?;
            let graph = cx.graph();
            let before = all.len;
            keys = Some(match keys.take() {
                None => own,
                Some(known) => {
                    let pairs = known.0.into_iter().zip(own.0);
                    KeyColumns(pairs.map(|(a, b)| a.joined(before, b, batch.len, graph)).collect())
                }
            });
            all.append(batch, graph);
            Ok(true)
        })?;
        let keys = keys.unwrap_or_else(|| KeyColumns(Vec::new()));
        cx.meter.weigh(all.len * 3 * size_of::<u32>())?;
        let rest = (0..all.len as u32).collect();
        Ok(Sorted { rows: all, order: Vec::new(), at: 0, rest, keys, _memory: memory })
    }
}

impl Operator for Sort<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        if self.sorted.is_none() {
            self.sorted = Some(self.sort(cx)?);
        }
        let Some(sorted) = &mut self.sorted else { return Ok(None) };
        sorted.go_on(&self.keys, cx)?;
        Ok(sorted.next(self.live))
    }

    fn reset(&mut self) {
        self.input.reset();
        self.sorted = None;
    }
}

/// ORDER BY with LIMIT: keeps candidates only, and drops the worst of them now and then. Stable.
pub(in crate::exec) struct TopK<'p> {
    input: Source<'p>,
    best: Best<'p>,
    live: Live<'p>,
    sorted: Option<Sorted>,
}

/// Which rows are the first, and what goes on of them.
struct Best<'p> {
    keys: Keys<'p>,
    limit: &'p Expr,
    skip: Option<&'p Expr>,
    /// The input comes in the order of the first key.
    in_order: bool,
    live: Live<'p>,
}

/// The best rows so far, and some that are not known to be worse.
struct Candidates {
    rows: Batch,
    keys: Vec<Column>,
    /// The keys of the worst of the best `k`, once there are `k`.
    worst: Option<Vec<Value>>,
}

impl<'p> TopK<'p> {
    pub(in crate::exec) fn new(
        input: Source<'p>,
        keys: &'p [SortKey],
        (limit, skip): (&'p Expr, Option<&'p Expr>),
        in_order: bool,
        live: Live<'p>,
    ) -> Self {
        let best = Best { keys: Keys::new(keys), limit, skip, in_order, live };
        Self { input, best, live, sorted: None }
    }
}

impl Best<'_> {
    /// A batch without the rows that its first key alone puts behind the worst of the best; nothing when none is left.
    /// The other keys need not be computed for those.
    fn first_key_only(
        &self,
        batch: Batch,
        worst: &[Value],
        memory: &mut Reservation,
        cx: &mut Context<'_>,
    ) -> Result<Option<Batch>> {
        let (Some(item), Some(worst), true) = (self.keys.items.first(), worst.first(), self.keys.items.len() > 1)
        else {
            return Ok(Some(batch));
        };
        let column = item.column(&batch, memory, cx)?.unwrap_or_default();
        let graph = cx.graph();
        let all = 0..batch.len as u32;
        let rows: Vec<u32> = match (&column, worst, self.keys.descending[0]) {
            (Column::Ints(ints), Value::Int(worst), true) => all.filter(|row| ints[*row as usize] >= *worst).collect(),
            (Column::Ints(ints), Value::Int(worst), false) => all.filter(|row| ints[*row as usize] <= *worst).collect(),
            (column, worst, descending) => {
                let behind = if descending { Ordering::Less } else { Ordering::Greater };
                all.filter(|row| compare_with(column, *row as usize, worst, graph) != behind).collect()
            }
        };
        Ok(match rows.len() {
            0 => None,
            all if all == batch.len => Some(batch),
            _ => Some(batch.gather(&rows, None)),
        })
    }

    /// The rows of a batch that may be among the best.
    fn promising(&self, keys: &KeyColumns, len: usize, worst: &[Value], graph: &Graph) -> Vec<u32> {
        let better = |row: &u32| {
            for ((column, worst), descending) in keys.0.iter().zip(worst).zip(&self.keys.descending) {
                let ordering = compare_with(column, *row as usize, worst, graph);
                if ordering.is_ne() {
                    return if *descending { ordering.is_gt() } else { ordering.is_lt() };
                }
            }
            false
        };
        (0..len as u32).filter(better).collect()
    }

    /// Whether the first row of a batch is worse by its first key alone: so are all after it.
    fn is_beyond(&self, keys: &KeyColumns, worst: &[Value], graph: &Graph) -> bool {
        match (keys.0.first(), worst.first(), self.keys.descending.first()) {
            (Some(column), Some(worst), Some(descending)) => {
                let ordering = compare_with(column, 0, worst, graph);
                if *descending { ordering.is_lt() } else { ordering.is_gt() }
            }
            _ => false,
        }
    }

    fn run(&self, input: &mut Source<'_>, cx: &mut Context<'_>) -> Result<Sorted> {
        let unit = Batch::of_len(1);
        let limit = count(self.limit, "LIMIT", unit.row(0), cx)?;
        let skip = self.skip.map_or(Ok(0), |skip| count(skip, "SKIP", unit.row(0), cx))?;
        let k = usize::try_from(limit.saturating_add(skip)).unwrap_or(usize::MAX);
        // what comes in order is compared with the worst as soon as there is one, because reading may stop there
        let room = if self.in_order { k.max(1) - 1 } else { k.saturating_mul(2).max(ROWS / 2) };
        let mut memory = cx.meter.reservation();
        let mut best = Candidates { rows: Batch::default(), keys: Vec::new(), worst: None };
        input.drain(cx, &mut |mut batch, cx| {
            cx.meter.step(batch.len)?;
            if let Some(worst) = best.worst.as_ref().filter(|_| !self.in_order) {
                match self.first_key_only(batch, worst, &mut memory, cx)? {
                    Some(rest) => batch = rest,
                    None => return Ok(true),
                }
            }
            let mut own = self.keys.of(&batch, &mut memory, cx)?;
            batch.keep(self.live);
            if let Some(worst) = &best.worst {
                if self.in_order && self.is_beyond(&own, worst, cx.graph()) {
                    return Ok(false);
                }
                let rows = self.promising(&own, batch.len, worst, cx.graph());
                if rows.is_empty() {
                    return Ok(true);
                }
                own = KeyColumns(own.0.iter().map(|column| column.gather(&rows)).collect());
                batch = batch.gather(&rows, None);
            }
            let known = best.keys.iter().map(|column| column.growth(best.rows.len, batch.len));
            cx.meter.weigh(best.rows.growth(batch.len) + known.sum::<usize>())?;
            let graph = cx.graph();
            best.keys = if best.rows.len == 0 {
                own.0
            } else {
                let pairs = std::mem::take(&mut best.keys).into_iter().zip(own.0);
                pairs.map(|(a, b)| a.joined(best.rows.len, b, batch.len, graph)).collect()
            };
            best.rows.append(batch, graph);
            if best.rows.len > room {
                let beyond = self.compact(&mut best, k, cx);
                memory.clear();
                memory.grow(best.rows.cell_bytes() + 24 * best.keys.len() * best.rows.len)?;
                return Ok(!(beyond && self.in_order));
            }
            Ok(true)
        })?;
        let keys = KeyColumns(best.keys);
        let mut order = self.keys.sorted(&keys, (0..best.rows.len as u32).collect(), cx)?;
        order.truncate(k);
        order.drain(..order.len().min(usize::try_from(skip).unwrap_or(usize::MAX)));
        Ok(Sorted { rows: best.rows, order, at: 0, rest: Vec::new(), keys: KeyColumns(Vec::new()), _memory: memory })
    }

    /// Keeps the best `k` only, in the order they came. Whether one of the others is worse by its first key alone.
    fn compact(&self, best: &mut Candidates, k: usize, cx: &Context<'_>) -> bool {
        let (keys, graph) = (KeyColumns(std::mem::take(&mut best.keys)), cx.graph());
        let mut rows: Vec<u32> = (0..best.rows.len as u32).collect();
        let mut beyond = false;
        if let Some(last) = k.checked_sub(1).filter(|last| *last < rows.len()) {
            let by_key = |a: &u32, b: &u32| self.keys.compare(&keys, *a, *b, graph).then(a.cmp(b));
            let (_, &mut worst, others) = rows.select_nth_unstable_by(last, by_key);
            let is_worse = |other: &u32| {
                keys.0.first().is_some_and(|first| compare_cells(first, worst as usize, *other as usize, graph).is_ne())
            };
            beyond = others.iter().any(is_worse);
            best.worst = Some(keys.0.iter().map(|column| column.value(worst as usize, graph)).collect());
        }
        rows.truncate(k);
        rows.sort_unstable();
        best.rows = best.rows.gather(&rows, None);
        best.keys = keys.0.iter().map(|column| column.gather(&rows)).collect();
        beyond
    }
}

impl Operator for TopK<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        if self.sorted.is_none() {
            self.sorted = Some(self.best.run(&mut self.input, cx)?);
        }
        let live = self.live;
        Ok(self.sorted.as_mut().and_then(|sorted| sorted.next(live)))
    }

    fn reset(&mut self) {
        self.input.reset();
        self.sorted = None;
    }
}
