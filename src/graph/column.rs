//! The values of one key over the slots of nodes (or of relationships).
//!
//! Paged, typed by page, packed; strings are codes into the column's pool, everywhere, so that comparing two of them
//! is comparing numbers. A column does not know which slots live: the graph removes what it buries.

use std::cmp::Ordering;
use std::sync::Arc;

use super::bulk::BulkValue;
use super::columns::storable;
use super::page::{Cell, Cells, PAGE, Page};
use super::pool::Pool;
use crate::error::Result;
use crate::value::Value;
use crate::value::temporal::DateTime;

/// The values of one key over node slots (or relationship slots).
#[derive(Clone, Debug, Default)]
pub(crate) struct Column {
    pages: Vec<Option<Arc<Page>>>,
    pool: Pool,
    counts: [u64; KINDS],
}

const KINDS: usize = 6;

/// What the values of a column are, when they are all of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// 64-bit integers.
    Int,
    /// Floats.
    Float,
    /// Booleans.
    Bool,
    /// Dates.
    Date,
    /// Strings.
    Str,
    /// Lists, times and everything else.
    Other,
}

const ALL_KINDS: [ColumnKind; KINDS] =
    [ColumnKind::Int, ColumnKind::Float, ColumnKind::Bool, ColumnKind::Date, ColumnKind::Str, ColumnKind::Other];

fn kind(cell: &Cell) -> usize {
    match cell {
        Cell::Int(_) => 0,
        Cell::Float(_) => 1,
        Cell::Bool(_) => 2,
        Cell::Date(_) => 3,
        Cell::Code(_) => 4,
        Cell::Moment(_) | Cell::Other(_) => 5,
    }
}

impl Column {
    /// The value there, or null.
    pub(crate) fn get(&self, slot: u32) -> Value {
        match self.cell(slot) {
            None => Value::Null,
            Some(cell) => self.value(cell),
        }
    }

    /// Whether there is a value.
    #[inline]
    pub(crate) fn is_present(&self, slot: u32) -> bool {
        self.locate(slot).is_some()
    }

    /// The integer there; nothing when absent or of another type.
    #[inline]
    pub(crate) fn int(&self, slot: u32) -> Option<i64> {
        let (cells, at) = self.locate(slot)?;
        match cells {
            Cells::Narrow(v) => Some(v[at].into()),
            Cells::Int(v) => Some(v[at]),
            Cells::Mixed(v) => match v[at] {
                Cell::Int(n) => Some(n),
                _ => None,
            },
            _ => None,
        }
    }

    /// The float there; nothing when absent or of another type (integers are not floats here).
    #[inline]
    pub(crate) fn float(&self, slot: u32) -> Option<f64> {
        let (cells, at) = self.locate(slot)?;
        match cells {
            Cells::Float(v) => Some(v[at]),
            Cells::Mixed(v) => match v[at] {
                Cell::Float(x) => Some(x),
                _ => None,
            },
            _ => None,
        }
    }

    /// The boolean there; nothing when absent or of another type.
    #[inline]
    pub(crate) fn bool(&self, slot: u32) -> Option<bool> {
        let (cells, at) = self.locate(slot)?;
        match cells {
            Cells::Bool(v) => Some(v[at]),
            Cells::Mixed(v) => match v[at] {
                Cell::Bool(b) => Some(b),
                _ => None,
            },
            _ => None,
        }
    }

    /// The moment in UTC there, as nanoseconds since 1970; nothing when absent or of another type, and for datetimes of
    /// other zones.
    #[inline]
    pub(crate) fn moment(&self, slot: u32) -> Option<i64> {
        let (cells, at) = self.locate(slot)?;
        match cells {
            Cells::Moment(v) => Some(v[at]),
            Cells::Mixed(v) => match v[at] {
                Cell::Moment(nanos) => Some(nanos),
                _ => None,
            },
            _ => None,
        }
    }

    /// The code of the string there (every string of the column has one); nothing when absent or of another type.
    #[inline]
    pub(crate) fn str_code(&self, slot: u32) -> Option<u32> {
        let (cells, at) = self.locate(slot)?;
        match cells {
            Cells::Code(v) => Some(v[at]),
            Cells::Mixed(v) => match v[at] {
                Cell::Code(code) => Some(code),
                _ => None,
            },
            _ => None,
        }
    }

    /// The string there; nothing when absent or of another type.
    #[inline]
    pub(crate) fn str(&self, slot: u32) -> Option<&str> {
        self.str_code(slot).map(|code| self.pool.text(code))
    }

    /// How the string there compares with `text`; nothing when there is no string.
    #[inline]
    pub(crate) fn cmp_str(&self, slot: u32, text: &str) -> Option<Ordering> {
        self.str(slot).map(|own| own.cmp(text))
    }

    /// The integers of many slots; nothing when one of them has none. Slots that follow one another are read quickest.
    pub(crate) fn ints(&self, slots: &[u32]) -> Option<Vec<i64>> {
        let mut ints = Vec::with_capacity(slots.len());
        let (mut base, mut page) = (u32::MAX, None);
        for &slot in slots {
            if slot / PAGE * PAGE != base {
                base = slot / PAGE * PAGE;
                page = self.narrow_page(base);
            }
            ints.push(match page {
                Some(page) => i64::from(page[(slot % PAGE) as usize]),
                None => self.int(slot)?,
            });
        }
        Some(ints)
    }

    /// Keeps the rows whose slot has an integer that passes `holds`, or else whatever `otherwise` says of the slot.
    pub(crate) fn retain_ints(
        &self,
        slots: &[u32],
        rows: &mut Vec<u32>,
        holds: impl Fn(i64) -> bool,
        otherwise: impl Fn(u32) -> bool,
    ) {
        let (mut base, mut page) = (u32::MAX, None);
        let mut kept = 0;
        // which rows pass cannot be foreseen: every row is put down, and the next one over it when it does not pass
        for at in 0..rows.len() {
            let row = rows[at];
            let slot = slots[row as usize];
            if slot / PAGE * PAGE != base {
                base = slot / PAGE * PAGE;
                page = self.narrow_page(base);
            }
            let holds = match page {
                Some(page) => holds(page[(slot % PAGE) as usize].into()),
                None => self.int(slot).map_or_else(|| otherwise(slot), &holds),
            };
            rows[kept] = row;
            kept += usize::from(holds);
        }
        rows.truncate(kept);
    }

    /// Keeps the rows whose slot has a moment in UTC that passes `holds`, or else whatever `otherwise` says of the slot.
    pub(crate) fn retain_moments(
        &self,
        slots: &[u32],
        rows: &mut Vec<u32>,
        holds: impl Fn(i64) -> bool,
        otherwise: impl Fn(u32) -> bool,
    ) {
        let mut kept = 0;
        for at in 0..rows.len() {
            let row = rows[at];
            let slot = slots[row as usize];
            let holds = self.moment(slot).map_or_else(|| otherwise(slot), &holds);
            rows[kept] = row;
            kept += usize::from(holds);
        }
        rows.truncate(kept);
    }

    /// The integers of 1,024 slots from `slot` (a multiple of 1,024) on, when all are present integers of 32 bits.
    pub(crate) fn narrow_page(&self, slot: u32) -> Option<&[i32]> {
        match &self.pages.get((slot / PAGE) as usize)?.as_ref()?.cells {
            Cells::Narrow(v) if v.len() == PAGE as usize => Some(v),
            _ => None,
        }
    }

    /// The kind of all values; nothing when they differ or there are none.
    pub(crate) fn kind(&self) -> Option<ColumnKind> {
        let mut kinds = (0..KINDS).filter(|&k| self.counts[k] > 0);
        let only = kinds.next()?;
        kinds.next().is_none().then_some(ALL_KINDS[only])
    }

    /// Present values, those of nodes deleted in this transaction included.
    pub(crate) fn len(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Whether there is no value.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The distinct strings (some may be in use no more).
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Heap bytes held.
    #[cfg(test)]
    pub(crate) fn heap_bytes(&self) -> usize {
        let pages = self.pages.iter().flatten().map(|p| p.heap_bytes()).sum::<usize>();
        self.pages.capacity() * size_of::<usize>() + pages + self.pool.heap_bytes()
    }

    /// The slots that have a value, ascending.
    pub(super) fn slots(&self) -> impl Iterator<Item = u32> + '_ {
        self.pages
            .iter()
            .zip(0u32..)
            .filter_map(|(page, at)| Some((page.as_ref()?, at * PAGE)))
            .flat_map(|(page, base)| page.offsets().map(move |o| base + o))
    }

    /// Puts a value (not null) there and returns what was there before. Errors: `Size`; then nothing changed.
    pub(super) fn set(&mut self, slot: u32, value: &Value) -> Result<Value> {
        let cell = self.encode(value)?;
        let old = self.cell(slot);
        self.put(slot, cell);
        Ok(self.gone(old))
    }

    /// Puts a value at a slot that has none. Errors: `Size`, `InvalidPropertyType`; then nothing changed.
    pub(super) fn append(&mut self, slot: u32, value: BulkValue<'_>) -> Result<()> {
        let cell = match value {
            BulkValue::Int(n) => Cell::Int(n),
            BulkValue::Text(text) => Cell::Code(self.pool.intern(text)?),
            BulkValue::Value(value) => {
                storable(value)?;
                self.encode(value)?
            }
        };
        self.put(slot, cell);
        Ok(())
    }

    fn put(&mut self, slot: u32, cell: Cell) {
        self.counts[kind(&cell)] += 1;
        let at = (slot / PAGE) as usize;
        if at >= self.pages.len() {
            self.pages.resize_with(at + 1, || None);
        }
        match &mut self.pages[at] {
            Some(page) => Arc::make_mut(page).set(slot % PAGE, cell),
            empty => *empty = Some(Arc::new(Page::new(slot % PAGE, cell))),
        }
    }

    /// Takes the value away and returns it.
    pub(super) fn remove(&mut self, slot: u32) -> Value {
        let old = self.cell(slot);
        if old.is_some()
            && let Some(page) = self.pages.get_mut((slot / PAGE) as usize)
        {
            page.iter_mut().for_each(|p| Arc::make_mut(p).remove(slot % PAGE));
            if page.as_ref().is_some_and(|p| p.is_empty()) {
                *page = None;
            }
        }
        self.gone(old)
    }

    fn gone(&mut self, old: Option<Cell>) -> Value {
        match old {
            None => Value::Null,
            Some(cell) => {
                self.counts[kind(&cell)] -= 1;
                self.value(cell)
            }
        }
    }

    /// Forgets strings that nothing uses, when they are more than half. Codes change: only between transactions.
    pub(super) fn tidy(&mut self) -> Result<()> {
        if self.pool.len() as u64 <= 2 * self.counts[4] + 1024 {
            return Ok(());
        }
        let old = std::mem::take(&mut self.pool);
        let mut moved = vec![u32::MAX; old.len()];
        let pool = &mut self.pool;
        let mut code = |c: &mut u32| -> Result<()> {
            let new = &mut moved[*c as usize];
            if *new == u32::MAX {
                *new = pool.intern(old.text(*c))?;
            }
            *c = *new;
            Ok(())
        };
        for page in self.pages.iter_mut().flatten() {
            if !matches!(page.cells, Cells::Code(_) | Cells::Mixed(_)) {
                continue;
            }
            match &mut Arc::make_mut(page).cells {
                Cells::Code(codes) => codes.iter_mut().try_for_each(&mut code)?,
                Cells::Mixed(cells) => {
                    for cell in cells {
                        if let Cell::Code(c) = cell {
                            code(c)?;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// From a stored image. Nothing when a code is outside the pool.
    pub(super) fn from_parts(pages: Vec<Option<Arc<Page>>>, pool: Pool) -> Option<Self> {
        let mut counts = [0; KINDS];
        let bound = pool.len() as u32;
        for page in pages.iter().flatten() {
            let one_kind = match &page.cells {
                Cells::Narrow(_) | Cells::Int(_) => 0,
                Cells::Float(_) => 1,
                Cells::Bool(_) => 2,
                Cells::Date(_) => 3,
                Cells::Moment(_) => 5,
                Cells::Code(codes) => {
                    if codes.iter().any(|&c| c >= bound) {
                        return None;
                    }
                    4
                }
                Cells::Mixed(cells) => {
                    if cells.iter().any(|c| matches!(c, Cell::Code(code) if *code >= bound)) {
                        return None;
                    }
                    cells.iter().for_each(|c| counts[kind(c)] += 1);
                    continue;
                }
            };
            counts[one_kind] += page.cells.len() as u64;
        }
        Some(Self { pages, pool, counts })
    }

    pub(super) fn pages(&self) -> &[Option<Arc<Page>>] {
        &self.pages
    }

    pub(super) fn cell(&self, slot: u32) -> Option<Cell> {
        self.locate(slot).map(|(cells, at)| cells.get(at))
    }

    #[inline]
    fn locate(&self, slot: u32) -> Option<(&Cells, usize)> {
        let page = self.pages.get((slot / PAGE) as usize)?.as_ref()?;
        Some((&page.cells, page.find(slot % PAGE)?))
    }

    fn encode(&mut self, value: &Value) -> Result<Cell> {
        Ok(match value {
            Value::Int(n) => Cell::Int(*n),
            Value::Float(x) => Cell::Float(*x),
            Value::Bool(b) => Cell::Bool(*b),
            Value::Date(date) => Cell::Date(*date),
            Value::Str(text) => Cell::Code(self.pool.intern(text)?),
            other => other_cell(other.clone()),
        })
    }

    fn value(&self, cell: Cell) -> Value {
        match cell {
            Cell::Int(n) => Value::Int(n),
            Cell::Float(x) => Value::Float(x),
            Cell::Bool(b) => Value::Bool(b),
            Cell::Date(date) => Value::Date(date),
            Cell::Moment(nanos) => Value::DateTime(Arc::new(DateTime::from_utc_nanos(nanos))),
            Cell::Code(code) => Value::str(self.pool.text(code)),
            Cell::Other(value) => Arc::unwrap_or_clone(value),
        }
    }
}

/// What is neither a number, a boolean, a date nor a string, as it is kept.
pub(super) fn other_cell(value: Value) -> Cell {
    let nanos = if let Value::DateTime(time) = &value { time.utc_nanos() } else { None };
    nanos.map_or_else(|| Cell::Other(Arc::new(value)), Cell::Moment)
}
