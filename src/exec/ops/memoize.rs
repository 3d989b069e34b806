//! What the lower part of an inner plan finds depends on a few slots of the outer row only: rows that agree on them
//! share it.
//!
//! ```text
//!   outer rows          (ada, bob)  (ada, eve)  (tim, bob)         shared by the first slot
//!   found once for      ada: m1 m2 m3                tim: m4
//!   handed on           m1 m2 m3 for the first row, m1 m2 m3 for the second, m4 for the third
//! ```
//!
//! With a slot that must be equal to one of the outer row, what is found is looked up among the outer rows and all else
//! forgotten: a hash join. Outer rows are worked off in order, some of them at a time, so that what is kept stays small.
//! Where most rows differ from each other nothing is shared, and the rows run through as they are; so they do where rows are
//! told apart by values that are equal and not the same.

use rustc_hash::FxHashMap;

use super::group_key::{Groups, is_exact};
use super::{Live, Operator, Seat, Source};
use crate::bind::bound::Slot;
use crate::error::Result;
use crate::exec::batch::{Batch, Column, ROWS};
use crate::exec::context::{Context, Reservation};

/// So many groups of rows are worked off at a time.
const GROUPS: usize = 64;

/// Sharing pays from so many rows a group on.
const ROWS_A_GROUP: usize = 2;

/// The rows of `input`, which starts from its own seat, for the rows in the seat of the inner plan.
pub(in crate::exec) struct Memoize<'p> {
    input: Source<'p>,
    /// Where `input` takes its rows from, and where the enclosing operator puts them.
    seats: (Seat, Seat),
    on: &'p [Slot],
    equal: Option<(Slot, Slot)>,
    live: Live<'p>,
    work: Option<Work>,
    done: bool,
}

/// The outer rows under way.
struct Work {
    outer: Batch,
    /// The group of each outer row; empty: nothing is shared.
    groups: Vec<u32>,
    /// The outer rows before this one have been worked off.
    next: usize,
    found: Found,
}

/// What was found for the outer rows from `from` on.
#[derive(Default)]
struct Found {
    rows: Batch,
    /// Where the rows of each group begin and end, by the number of the group among those under way.
    ranges: Vec<(u32, u32)>,
    /// The outer row and the row found, where they were looked up; in the order of the outer rows.
    pairs: Vec<(u32, u32)>,
    /// The outer rows to be handed on and the number of the group of each.
    waiting: Vec<(u32, u32)>,
    /// How much has been handed on: of the pairs or of the waiting rows, and of the range of the first of those.
    at: usize,
    within: u32,
    memory: Option<Reservation>,
}

impl<'p> Memoize<'p> {
    pub(in crate::exec) fn new(
        (input, own, outer): (Source<'p>, Seat, Seat),
        on: &'p [Slot],
        equal: Option<(Slot, Slot)>,
        live: Live<'p>,
    ) -> Self {
        Self { input, seats: (own, outer), on, equal, live, work: None, done: false }
    }

    /// Takes up the rows that the enclosing operator has put down; nothing when there are none.
    fn begin(&mut self, cx: &Context<'_>) -> Result<Option<Work>> {
        let Some(outer) = self.seats.1.get().filter(|batch| batch.len > 0) else { return Ok(None) };
        let columns: Vec<Column> =
            self.on.iter().map(|slot| outer.column(*slot).cloned().unwrap_or_default()).collect();
        let mut seen = Groups::new(self.on.len(), cx.meter.reservation());
        let mut groups = Vec::with_capacity(outer.len);
        let exact = columns.iter().all(is_exact);
        if exact {
            seen.of_rows(&columns, outer.len, cx, |group, _| groups.push(group))?;
        }
        if !exact || seen.len() * ROWS_A_GROUP > outer.len {
            groups.clear();
            self.seats.0.put(outer.clone());
            self.input.reset();
        }
        Ok(Some(Work { outer, groups, next: 0, found: Found::default() }))
    }

    /// The next rows where nothing is shared.
    fn through(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        while let Some(mut batch) = self.input.next(cx)? {
            let Some((found, outer)) = self.equal else {
                batch.keep(self.live);
                return Ok(Some(batch));
            };
            cx.meter.step(batch.len)?;
            let is_equal = |row: &u32| {
                let row = batch.row(*row as usize);
                row.node(found).is_some_and(|node| row.node(outer) == Some(node))
            };
            let rows: Vec<u32> = (0..batch.len as u32).filter(is_equal).collect();
            if let Some(kept) = batch.kept(&rows, self.live) {
                return Ok(Some(kept));
            }
        }
        Ok(None)
    }

    /// Finds what there is for the next outer rows.
    fn find(&mut self, work: &mut Work, cx: &mut Context<'_>) -> Result<()> {
        // the first row of each group under way, and the number of the group among them
        let (mut firsts, mut numbers) = (Vec::new(), FxHashMap::default());
        let mut found = Found::default();
        while let Some(&group) = work.groups.get(work.next) {
            let number = match numbers.get(&group) {
                Some(number) => *number,
                None if firsts.len() == GROUPS => break,
                None => {
                    let number = firsts.len() as u32;
                    numbers.insert(group, number);
                    firsts.push(work.next as u32);
                    number
                }
            };
            found.waiting.push((work.next as u32, number));
            work.next += 1;
        }
        let mut sought: FxHashMap<(u32, u32), Vec<u32>> = FxHashMap::default();
        if let Some((_, outer)) = self.equal {
            let column = work.outer.column(outer);
            for (row, number) in &found.waiting {
                if let Some(node) = column.and_then(|column| column.node(*row as usize)) {
                    sought.entry((*number, node.0)).or_default().push(*row);
                }
            }
        }
        let mut argument = work.outer.gather(&firsts, None);
        argument.origin = Some((0..firsts.len() as u32).collect());
        self.input.reset();
        self.seats.0.put(argument);
        found.ranges = vec![(0, 0); firsts.len()];
        let mut memory = cx.meter.reservation();
        while let Some(mut batch) = self.input.next(cx)? {
            cx.meter.step(batch.len)?;
            let origin = batch.origin.take().unwrap_or_default();
            let base = found.rows.len as u32;
            if let Some((own, _)) = self.equal {
                let column = batch.column(own);
                let mut kept = Vec::new();
                for (row, number) in origin.iter().enumerate() {
                    let node = column.and_then(|column| column.node(row));
                    let Some(rows) = node.and_then(|node| sought.get(&(*number, node.0))) else { continue };
                    found.pairs.extend(rows.iter().map(|outer| (*outer, base + kept.len() as u32)));
                    kept.push(row as u32);
                }
                memory.grow(kept.len() * 8)?;
                batch = batch.gather(&kept, None);
            } else {
                for (row, number) in (base..).zip(&origin) {
                    let range = &mut found.ranges[*number as usize];
                    *range = if range.1 == 0 { (row, row + 1) } else { (range.0, row + 1) };
                }
            }
            // what the outer row holds is taken from there
            work.outer.slots().for_each(|slot| batch.clear(slot));
            if batch.len > 0 {
                memory.grow(batch.cell_bytes())?;
                found.rows.append(batch, cx.graph());
            }
        }
        found.pairs.sort_by_key(|(outer, _)| *outer);
        found.memory = Some(memory);
        work.found = found;
        Ok(())
    }

    /// The next rows out of what was found.
    fn emit(&self, work: &mut Work) -> Option<Batch> {
        let found = &mut work.found;
        let (mut outer, mut own) = (Vec::new(), Vec::new());
        if self.equal.is_some() {
            let pairs = &found.pairs[found.at..];
            let pairs = &pairs[..pairs.len().min(ROWS)];
            pairs.iter().for_each(|(row, found)| {
                outer.push(*row);
                own.push(*found);
            });
            found.at += pairs.len();
        } else {
            while let Some((row, number)) = found.waiting.get(found.at)
                && outer.len() < ROWS
            {
                let (from, until) = found.ranges[*number as usize];
                let from = from + found.within;
                let until = until.min(from + (ROWS - outer.len()) as u32);
                outer.extend((from..until).map(|_| *row));
                own.extend(from..until);
                found.within += until - from;
                if until == found.ranges[*number as usize].1 {
                    (found.at, found.within) = (found.at + 1, 0);
                }
            }
        }
        if outer.is_empty() {
            return None;
        }
        let mut batch = found.rows.gather(&own, self.live);
        let is_live = |slot: &Slot| self.live.is_none_or(|live| live.contains(slot));
        for slot in work.outer.slots().filter(is_live) {
            if let Some(column) = work.outer.column(slot) {
                batch.set(slot, column.gather(&outer));
            }
        }
        batch.origin = work.outer.origin.as_ref().map(|origin| outer.iter().map(|row| origin[*row as usize]).collect());
        Some(batch)
    }
}

impl Operator for Memoize<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        if self.done {
            return Ok(None);
        }
        let mut work = match self.work.take() {
            Some(work) => work,
            None => match self.begin(cx)? {
                Some(work) => work,
                None => return Ok(None),
            },
        };
        if work.groups.is_empty() {
            let batch = self.through(cx)?;
            self.done = batch.is_none();
            self.work = Some(work);
            return Ok(batch);
        }
        loop {
            if let Some(batch) = self.emit(&mut work) {
                self.work = Some(work);
                return Ok(Some(batch));
            }
            if work.next == work.outer.len {
                self.done = true;
                return Ok(None);
            }
            self.find(&mut work, cx)?;
        }
    }

    fn reset(&mut self) {
        self.work = None;
        self.done = false;
    }
}
