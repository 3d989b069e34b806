//! Two inputs side by side: every pair of rows, or the pairs whose keys are equal.

use super::eager::read_all;
use super::group_key::Groups;
use super::{Each, Live, Operator, Source};
use crate::bind::bound::Slot;
use crate::error::Result;
use crate::exec::batch::{Batch, Column, NONE, ROWS};
use crate::exec::context::{Context, Reservation};
use crate::exec::vector::Item;
use crate::plan::node::JoinKey;
use crate::value::{Value, order};

/// The right input, read once, and pairs of rows on their way out.
struct Right {
    rows: Batch,
    _memory: Reservation,
}

fn read_right(source: &mut Source<'_>, cx: &mut Context<'_>) -> Result<Right> {
    let (batches, memory) = read_all(source, None, cx)?;
    let mut rows = Batch::default();
    for batch in batches {
        rows.append(batch, cx.graph());
    }
    Ok(Right { rows, _memory: memory })
}

/// The rows `left_rows` of `left` beside the rows `right_rows` of `right`.
fn paired(
    (left, left_rows): (&Batch, &[u32]),
    (right, right_rows): (&Batch, &[u32]),
    live: Live<'_>,
    cx: &mut Context<'_>,
) -> Batch {
    side_by_side(left.gather(left_rows, live), right.gather(right_rows, live), cx)
}

/// Each row of `left` beside the one of `right` at the same place.
fn side_by_side(mut left: Batch, right: Batch, cx: &mut Context<'_>) -> Batch {
    if let (Some(mine), Some(theirs)) = (&mut left.cites, &right.cites) {
        for (mine, theirs) in mine.iter_mut().zip(theirs) {
            *mine = cx.citations.and(*mine, *theirs);
        }
    }
    left.widen(right);
    left
}

/// Every left row with every right row, in that order. Beside a single left row the right ones run through.
pub(in crate::exec) struct Cross<'p> {
    left: Source<'p>,
    right: Source<'p>,
    live: Live<'p>,
    read: Option<Right>,
    batch: Batch,
    /// The left rows after `batch`, when they have been looked at.
    ahead: Option<Batch>,
    /// `batch` is the single left row there is.
    single: bool,
    /// The next pair: row of `batch`, row of the right input.
    at: (usize, usize),
}

impl<'p> Cross<'p> {
    pub(in crate::exec) fn new(left: Source<'p>, right: Source<'p>, live: Live<'p>) -> Self {
        Self { left, right, live, read: None, batch: Batch::default(), ahead: None, single: false, at: (0, 0) }
    }

    /// Takes up the next left rows; false when there are none.
    fn begin(&mut self, cx: &mut Context<'_>) -> Result<bool> {
        let first = self.batch.len == 0;
        let Some(batch) = self.ahead.take().map_or_else(|| self.left.next(cx), |batch| Ok(Some(batch)))? else {
            return Ok(false);
        };
        if first && batch.len == 1 {
            self.ahead = self.left.next(cx)?;
            self.single = self.ahead.is_none();
        }
        self.batch = batch;
        self.at = (0, 0);
        Ok(true)
    }
}

/// The single row of `left` beside each row of `right`.
fn beside(left: &Batch, mut right: Batch, live: Live<'_>, cx: &mut Context<'_>) -> Batch {
    right.keep(live);
    side_by_side(left.gather(&vec![0; right.len], live), right, cx)
}

impl Operator for Cross<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        if !self.single && self.at.0 >= self.batch.len && !self.begin(cx)? {
            return Ok(None);
        }
        if self.single {
            let Some(right) = self.right.next(cx)? else { return Ok(None) };
            cx.meter.step(right.len)?;
            return Ok(Some(beside(&self.batch, right, self.live, cx)));
        }
        if self.read.is_none() {
            self.read = Some(read_right(&mut self.right, cx)?);
        }
        let Some(right) = self.read.as_ref().filter(|right| right.rows.len > 0) else { return Ok(None) };
        let (mut left_rows, mut right_rows) = (Vec::new(), Vec::new());
        while self.at.0 < self.batch.len && left_rows.len() < ROWS {
            let until = right.rows.len.min(self.at.1 + ROWS - left_rows.len());
            right_rows.extend(self.at.1 as u32..until as u32);
            left_rows.resize(right_rows.len(), self.at.0 as u32);
            self.at = if until == right.rows.len { (self.at.0 + 1, 0) } else { (self.at.0, until) };
        }
        cx.meter.step(left_rows.len())?;
        Ok(Some(paired((&self.batch, &left_rows), (&right.rows, &right_rows), self.live, cx)))
    }

    fn reset(&mut self) {
        self.left.reset();
        self.right.reset();
        self.read = None;
        self.batch = Batch::default();
        self.ahead = None;
        self.single = false;
        self.at = (0, 0);
    }

    fn drain<'a>(&mut self, cx: &mut Context<'a>, each: &mut Each<'_, 'a>) -> Result<()> {
        if self.batch.len == 0 && !self.begin(cx)? {
            return Ok(());
        }
        if self.single {
            let (left, live) = (&self.batch, self.live);
            return self.right.drain(cx, &mut |right, cx| {
                cx.meter.step(right.len)?;
                let rows = beside(left, right, live, cx);
                each(rows, cx)
            });
        }
        while let Some(batch) = self.next(cx)? {
            if !each(batch, cx)? {
                break;
            }
        }
        Ok(())
    }
}

/// Left and right rows whose keys are equal. The right input is put into a table.
pub(in crate::exec) struct HashJoin<'p> {
    left: Source<'p>,
    right: Source<'p>,
    left_keys: Vec<Item<'p>>,
    right_keys: Vec<Item<'p>>,
    live: Live<'p>,
    table: Option<Table>,
    batch: Batch,
    left_rows: Vec<u32>,
    right_rows: Vec<u32>,
    at: usize,
}

struct Table {
    right: Right,
    keys: Vec<Column>,
    groups: Groups,
    /// First row of each group, and the next row of the same group.
    first: Vec<u32>,
    next: Vec<u32>,
    _memory: Reservation,
}

impl<'p> HashJoin<'p> {
    pub(in crate::exec) fn new(left: Source<'p>, right: Source<'p>, keys: &'p [JoinKey], live: Live<'p>) -> Self {
        Self {
            left,
            right,
            left_keys: keys.iter().map(|(left, _)| Item::new(Slot(NONE), left)).collect(),
            right_keys: keys.iter().map(|(_, right)| Item::new(Slot(NONE), right)).collect(),
            live,
            table: None,
            batch: Batch::default(),
            left_rows: Vec::new(),
            right_rows: Vec::new(),
            at: 0,
        }
    }

    fn build(&mut self, cx: &mut Context<'_>) -> Result<Table> {
        let right = read_right(&mut self.right, cx)?;
        let mut memory = cx.meter.reserve(right.rows.len * 12)?;
        let keys = columns(&self.right_keys, &right.rows, &mut memory, cx)?;
        let mut groups = Groups::new(keys.len(), cx.meter.reservation());
        let mut first: Vec<u32> = Vec::new();
        let mut last: Vec<u32> = Vec::new();
        let mut next = vec![NONE; right.rows.len];
        let mut row = 0_u32;
        groups.of_rows(&keys, right.rows.len, cx, |group, fresh| {
            if fresh {
                first.push(row);
                last.push(row);
            } else {
                next[last[group as usize] as usize] = row;
                last[group as usize] = row;
            }
            row += 1;
        })?;
        Ok(Table { right, keys, groups, first, next, _memory: memory })
    }

    /// Finds the partners of every row of the current batch.
    fn probe(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let mut memory = cx.meter.reservation();
        let keys = columns(&self.left_keys, &self.batch, &mut memory, cx)?;
        let Some(table) = &mut self.table else { return Ok(()) };
        let graph = cx.graph();
        table.groups.agree(&keys, graph);
        for row in 0..self.batch.len {
            cx.meter.step(1)?;
            if keys.iter().any(|column| column.is_null(row)) {
                continue;
            }
            let Some(group) = table.groups.find(&keys, row, graph) else { continue };
            let mut partner = table.first[group as usize];
            while partner != NONE {
                cx.meter.step(1)?;
                if truly_equal(&keys, row, &table.keys, partner as usize, cx) {
                    self.left_rows.push(row as u32);
                    self.right_rows.push(partner);
                }
                partner = table.next[partner as usize];
            }
        }
        Ok(())
    }
}

fn columns(items: &[Item<'_>], batch: &Batch, held: &mut Reservation, cx: &mut Context<'_>) -> Result<Vec<Column>> {
    items.iter().map(|item| Ok(item.column(batch, held, cx)?.unwrap_or_default())).collect()
}

/// Equivalent keys are equal, unless a NaN or a null is hidden in them.
fn truly_equal(left: &[Column], row: usize, right: &[Column], partner: usize, cx: &Context<'_>) -> bool {
    let graph = cx.graph();
    left.iter().zip(right).all(|(left, right)| match (left, right) {
        (Column::Values(left), Column::Values(right)) => order::equal(&left[row], &right[partner]) == Some(true),
        (Column::Const(_) | Column::Floats(_) | Column::Values(_), _)
        | (_, Column::Const(_) | Column::Floats(_) | Column::Values(_)) => {
            let (left, right): (Value, Value) = (left.value(row, graph), right.value(partner, graph));
            order::equal(&left, &right) == Some(true)
        }
        _ => true,
    })
}

impl Operator for HashJoin<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if self.at < self.left_rows.len() {
                let until = self.left_rows.len().min(self.at + 4 * ROWS);
                let Some(table) = &self.table else { return Ok(None) };
                let (left, right) = (&self.left_rows[self.at..until], &self.right_rows[self.at..until]);
                let pair = paired((&self.batch, left), (&table.right.rows, right), self.live, cx);
                self.at = until;
                return Ok(Some(pair));
            }
            self.left_rows.clear();
            self.right_rows.clear();
            self.at = 0;
            let Some(batch) = self.left.next(cx)? else { return Ok(None) };
            if self.table.is_none() {
                self.table = Some(self.build(cx)?);
            }
            if self.table.as_ref().is_some_and(|table| table.right.rows.len == 0) {
                return Ok(None);
            }
            self.batch = batch;
            self.probe(cx)?;
        }
    }

    fn reset(&mut self) {
        self.left.reset();
        self.right.reset();
        self.table = None;
        self.left_rows.clear();
        self.right_rows.clear();
        self.at = 0;
    }
}
