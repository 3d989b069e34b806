//! 1,024 slots of a column: which have a value, and the values packed one after another in one type.
//!
//! ```text
//! present  1 0 1 1 …      1,024 bits; `ranks` counts the ones before each word
//! cells    v0  v2 v3 …    typed; a full page needs no rank
//! ```

use std::sync::Arc;

use crate::value::Value;
use crate::value::temporal::Date;

pub(super) const PAGE: u32 = 1024;
const WORDS: usize = PAGE as usize / 64;

/// One page. Never empty (an empty page is absent).
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) present: [u64; WORDS],
    ranks: [u16; WORDS],
    pub(super) cells: Cells,
}

/// The values of a page. Integers that fit 32 bits, and days, are kept in 32 until one does not fit.
#[derive(Clone, Debug)]
pub(super) enum Cells {
    Narrow(Vec<i32>),
    Int(Vec<i64>),
    Float(Vec<f64>),
    Bool(Vec<bool>),
    Date(Vec<i32>),
    /// Moments in UTC as nanoseconds since 1970.
    Moment(Vec<i64>),
    Code(Vec<u32>),
    Mixed(Vec<Cell>),
}

/// One value on its way in or out. Strings are codes of the column's pool.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Int(i64),
    Float(f64),
    Bool(bool),
    Date(Date),
    Moment(i64),
    Code(u32),
    Other(Arc<Value>),
}

impl Cells {
    fn of(cell: Cell) -> Self {
        match cell {
            Cell::Int(n) => match i32::try_from(n) {
                Ok(n) => Self::Narrow(vec![n]),
                Err(_) => Self::Int(vec![n]),
            },
            Cell::Float(x) => Self::Float(vec![x]),
            Cell::Bool(b) => Self::Bool(vec![b]),
            Cell::Moment(nanos) => Self::Moment(vec![nanos]),
            Cell::Code(code) => Self::Code(vec![code]),
            Cell::Date(date) => match i32::try_from(date.days) {
                Ok(days) => Self::Date(vec![days]),
                Err(_) => Self::Mixed(vec![Cell::Date(date)]),
            },
            other @ Cell::Other(_) => Self::Mixed(vec![other]),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Narrow(v) => v.len(),
            Self::Date(v) => v.len(),
            Self::Int(v) | Self::Moment(v) => v.len(),
            Self::Float(v) => v.len(),
            Self::Bool(v) => v.len(),
            Self::Code(v) => v.len(),
            Self::Mixed(v) => v.len(),
        }
    }

    pub(super) fn get(&self, at: usize) -> Cell {
        match self {
            Self::Narrow(v) => Cell::Int(v[at].into()),
            Self::Int(v) => Cell::Int(v[at]),
            Self::Float(v) => Cell::Float(v[at]),
            Self::Bool(v) => Cell::Bool(v[at]),
            Self::Date(v) => Cell::Date(Date { days: v[at].into() }),
            Self::Moment(v) => Cell::Moment(v[at]),
            Self::Code(v) => Cell::Code(v[at]),
            Self::Mixed(v) => v[at].clone(),
        }
    }

    /// Puts `cell` at `at`, in place of what is there or before it.
    fn put(&mut self, at: usize, cell: Cell, replace: bool) {
        fn place<T>(v: &mut Vec<T>, at: usize, value: T, replace: bool) {
            if replace {
                v[at] = value;
            } else {
                v.insert(at, value);
            }
        }
        match (&mut *self, cell) {
            (Self::Int(v), Cell::Int(n)) | (Self::Moment(v), Cell::Moment(n)) => place(v, at, n, replace),
            (Self::Float(v), Cell::Float(x)) => place(v, at, x, replace),
            (Self::Bool(v), Cell::Bool(b)) => place(v, at, b, replace),
            (Self::Code(v), Cell::Code(code)) => place(v, at, code, replace),
            (Self::Mixed(v), cell) => place(v, at, cell, replace),
            (Self::Narrow(v), Cell::Int(n)) => match i32::try_from(n) {
                Ok(n) => place(v, at, n, replace),
                Err(_) => {
                    *self = Self::Int(v.iter().map(|&n| n.into()).collect());
                    self.put(at, Cell::Int(n), replace);
                }
            },
            (Self::Date(v), Cell::Date(date)) if i32::try_from(date.days).is_ok() => {
                place(v, at, date.days as i32, replace);
            }
            (_, cell) => {
                if replace && self.len() == 1 {
                    *self = Self::of(cell);
                } else {
                    *self = Self::Mixed((0..self.len()).map(|i| self.get(i)).collect());
                    self.put(at, cell, replace);
                }
            }
        }
    }

    fn remove(&mut self, at: usize) {
        match self {
            Self::Narrow(v) | Self::Date(v) => drop(v.remove(at)),
            Self::Int(v) | Self::Moment(v) => drop(v.remove(at)),
            Self::Float(v) => drop(v.remove(at)),
            Self::Bool(v) => drop(v.remove(at)),
            Self::Code(v) => drop(v.remove(at)),
            Self::Mixed(v) => drop(v.remove(at)),
        }
    }

    #[cfg(test)]
    fn heap_bytes(&self) -> usize {
        match self {
            Self::Narrow(v) | Self::Date(v) => v.capacity() * 4,
            Self::Int(v) | Self::Moment(v) => v.capacity() * 8,
            Self::Float(v) => v.capacity() * 8,
            Self::Bool(v) => v.capacity(),
            Self::Code(v) => v.capacity() * 4,
            Self::Mixed(v) => {
                let boxed = |c: &Cell| match c {
                    Cell::Other(value) => size_of::<Value>() + value.heap_bytes(),
                    _ => 0,
                };
                v.capacity() * size_of::<Cell>() + v.iter().map(boxed).sum::<usize>()
            }
        }
    }
}

impl Page {
    pub(super) fn new(offset: u32, cell: Cell) -> Self {
        let mut page = Self { present: [0; WORDS], ranks: [0; WORDS], cells: Cells::of(cell) };
        page.mark(offset, true);
        page
    }

    /// From a stored image; nothing when bits and values do not match in number, or there are none.
    pub(super) fn from_parts(present: [u64; WORDS], cells: Cells) -> Option<Self> {
        let mut page = Self { present, ranks: [0; WORDS], cells };
        page.count();
        let ones: u32 = present.iter().map(|w| w.count_ones()).sum();
        (ones > 0 && ones as usize == page.cells.len()).then_some(page)
    }

    /// Where the value of `offset` (0..1024) stands in the cells.
    #[inline]
    pub(super) fn find(&self, offset: u32) -> Option<usize> {
        let (word, bit) = ((offset / 64) as usize, offset % 64);
        let bits = self.present[word];
        if bits >> bit & 1 == 0 {
            return None;
        }
        Some(match self.is_full() {
            true => offset as usize,
            false => self.rank(word, bits, bit),
        })
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.ranks[WORDS - 1] == (PAGE - 64) as u16 && self.present[WORDS - 1] == u64::MAX
    }

    #[inline]
    fn rank(&self, word: usize, bits: u64, bit: u32) -> usize {
        self.ranks[word] as usize + (bits & ((1 << bit) - 1)).count_ones() as usize
    }

    pub(super) fn set(&mut self, offset: u32, cell: Cell) {
        match self.find(offset) {
            Some(at) => self.cells.put(at, cell, true),
            None => {
                let (word, bit) = ((offset / 64) as usize, offset % 64);
                let at = self.rank(word, self.present[word], bit);
                self.cells.put(at, cell, false);
                self.mark(offset, true);
            }
        }
    }

    pub(super) fn remove(&mut self, offset: u32) {
        if let Some(at) = self.find(offset) {
            self.cells.remove(at);
            self.mark(offset, false);
        }
    }

    fn mark(&mut self, offset: u32, present: bool) {
        let (word, bit) = ((offset / 64) as usize, 1 << (offset % 64));
        if present {
            self.present[word] |= bit;
            self.ranks[word + 1..].iter_mut().for_each(|r| *r += 1);
        } else {
            self.present[word] &= !bit;
            self.ranks[word + 1..].iter_mut().for_each(|r| *r -= 1);
        }
    }

    fn count(&mut self) {
        let mut before = 0;
        for (rank, bits) in self.ranks.iter_mut().zip(self.present) {
            *rank = before;
            before += bits.count_ones() as u16;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.len() == 0
    }

    /// The offsets that have a value, ascending: the order of the cells.
    pub(super) fn offsets(&self) -> impl Iterator<Item = u32> + '_ {
        (0..PAGE).filter(|&o| self.present[(o / 64) as usize] >> (o % 64) & 1 == 1)
    }

    #[cfg(test)]
    pub(super) fn heap_bytes(&self) -> usize {
        size_of::<Self>() + self.cells.heap_bytes()
    }
}
