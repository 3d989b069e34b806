//! The group of a row by the nodes its keys are properties of: their properties are read for the first row that holds
//! them, and the others find the group by the handles.
//!
//! ```text
//!   count(m) by p.id, p.firstName, p.lastName       one row in a hundred reads p, hashes and compares its texts
//! ```
//!
//! Of few rows not many hold what others held, so the first ones are not asked.

use rustc_hash::FxHashMap;

use crate::bind::bound::{Expr, Slot};
use crate::error::Result;
use crate::exec::batch::{Batch, Column};
use crate::exec::context::{Context, Reservation};
use crate::function::Body;
use crate::plan::walk::{Imports, any, slots_of};

/// Groups by the handles of one or two nodes.
pub(super) struct HandleGroups<'p> {
    slots: &'p [Slot],
    known: FxHashMap<u64, u32>,
    /// Rows that came before.
    passed: usize,
    /// Rows asked so far.
    rows: usize,
    memory: Reservation,
}

/// Finds the groups of the rows of a batch by their keys.
type Keyed<'k> = dyn FnMut(&Batch, &mut Vec<u32>, &mut Context<'_>) -> Result<()> + 'k;

/// Rows that come before the first that is asked, and rows after which it is seen whether handles come again.
const TRIED: usize = 4096;

/// Bytes of an entry, about.
const ENTRY: usize = 24;

impl<'p> HandleGroups<'p> {
    /// The slots that keys depend on, when they are one or two and the keys say the same of them each time; nothing also
    /// when the keys are no more than the slots themselves.
    pub(super) fn applies(keys: &[(Slot, Expr)]) -> Option<Vec<Slot>> {
        let varies = |part: &Expr| match part {
            Expr::Subquery(_) | Expr::Local(_) | Expr::MapProjection { .. } => true,
            Expr::Call { function, .. } => {
                !function.deterministic || function.needs_graph || !matches!(function.body, Body::Scalar(_))
            }
            _ => false,
        };
        if keys.iter().all(|(_, key)| matches!(key, Expr::Slot(_))) || keys.iter().any(|(_, key)| any(key, &varies)) {
            return None;
        }
        let mut slots = Vec::new();
        keys.iter().for_each(|(_, key)| slots_of(key, &Imports::default(), &mut slots));
        slots.sort_unstable();
        slots.dedup();
        (1..=2).contains(&slots.len()).then_some(slots)
    }

    /// Nothing where a handle may stand for different things from row to row.
    pub(super) fn new(slots: &'p [Slot], cx: &Context<'_>) -> Option<Self> {
        let same = cx.is_reading() && cx.plan.viewed.is_empty();
        same.then(|| Self { slots, known: FxHashMap::default(), passed: 0, rows: 0, memory: cx.meter.reservation() })
    }

    /// Whether there are rows enough, and handles come again often enough.
    pub(super) fn pays(&self) -> bool {
        self.passed >= TRIED && (self.rows < TRIED || self.known.len() * 2 < self.rows)
    }

    /// Notes rows that are not asked.
    pub(super) fn pass(&mut self, rows: usize) {
        self.passed += rows;
    }

    /// The group of each row of a batch; `keyed` finds those of rows by their keys.
    pub(super) fn of_rows(
        &mut self,
        batch: &Batch,
        out: &mut Vec<u32>,
        keyed: &mut Keyed<'_>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let nodes: Option<Vec<&[u32]>> = self.slots.iter().map(|slot| nodes(batch, *slot)).collect();
        let Some(nodes) = nodes else { return keyed(batch, out, cx) };
        let handle = |row: usize| nodes.iter().fold(0, |all, nodes| all << 32 | u64::from(nodes[row]));
        // what is met for the first time, by row; its group is a number behind all groups until it is known
        let mut fresh: Vec<u32> = Vec::new();
        let before = out.len();
        for row in 0..batch.len {
            let next = WAITS | fresh.len() as u32;
            let group = *self.known.entry(handle(row)).or_insert_with(|| {
                fresh.push(row as u32);
                next
            });
            out.push(group);
        }
        self.rows += batch.len;
        if fresh.is_empty() {
            return Ok(());
        }
        self.memory.grow(fresh.len() * ENTRY)?;
        let mut groups = Vec::with_capacity(fresh.len());
        keyed(&batch.gather(&fresh, None), &mut groups, cx)?;
        for (row, group) in fresh.iter().zip(&groups) {
            self.known.insert(handle(*row as usize), *group);
        }
        out[before..].iter_mut().filter(|group| **group & WAITS != 0).for_each(|group| {
            *group = groups[(*group & !WAITS) as usize];
        });
        Ok(())
    }
}

/// Marks the number of a row that waits for its group. (There are never so many groups.)
const WAITS: u32 = 1 << 31;

fn nodes(batch: &Batch, slot: Slot) -> Option<&[u32]> {
    match batch.column(slot) {
        Some(Column::Nodes(nodes)) => Some(nodes),
        _ => None,
    }
}
