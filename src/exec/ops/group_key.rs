//! Finding the group of a row by hash of its keys.
//!
//! Groups are numbered in the order they are met. Equality is equivalence: null is null, NaN is NaN. Keys are
//! kept as typed as they come: handles, integers and codes of texts are hashed and compared as they are; only
//! a column whose batches differ in type falls back to values. One key that is a small number (a handle, a code, an
//! integer) finds its group at that place in a list, without a hash.

use std::hash::{BuildHasher, Hasher};

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use crate::error::Result;
use crate::exec::batch::{Column, NONE, Texts, doubled};
use crate::exec::context::{Context, Reservation};
use crate::exec::meter::reading;
use crate::exec::view::join;
use crate::graph::Graph;
use crate::provenance::Views;
use crate::value::hash::Keyed;
use crate::value::{Value, order};

/// The keys met so far.
pub(super) struct Groups {
    /// One column per key, one cell per group.
    keys: Vec<Column>,
    /// The groups that [`Self::small`] does not hold.
    table: HashTable<Entry>,
    /// Where there is one key: the group of the number n at place n, and [`NONE`].
    small: Vec<u32>,
    hash: Keyed,
    count: u32,
    memory: Reservation,
}

/// A group with a part of the hash of its keys: they need not be hashed again when the table grows.
#[derive(Clone, Copy)]
struct Entry {
    group: u32,
    hash: u32,
}

impl Entry {
    fn new(group: u32, hash: u64) -> Self {
        Self { group, hash: hash as u32 }
    }

    /// Where it stands in the table: with both ends of the number, of which the table takes one each for place and tag.
    fn place(self) -> u64 {
        u64::from(self.hash) << 32 | u64::from(self.hash)
    }
}

/// Numbers below this are their own place in a list; a list of so many takes 256 KB.
const SMALL: usize = 1 << 16;
/// The list has at most so many places for each group, and for a few that are yet to come: to clear more takes longer than to
/// hash.
const PLACES: usize = 64;
const FEW: usize = 16;

impl Groups {
    pub(super) fn new(width: usize, memory: Reservation) -> Self {
        let (keys, small) = (vec![Column::default(); width], Vec::new());
        Self { keys, table: HashTable::new(), small, hash: Keyed::default(), count: 0, memory }
    }

    /// How many groups there are.
    pub(super) fn len(&self) -> usize {
        self.count as usize
    }

    /// The groups of `len` rows whose keys are in `columns`; and whether each row is the first of its group.
    pub(super) fn of_rows(
        &mut self,
        columns: &[Column],
        len: usize,
        cx: &Context<'_>,
        mut each: impl FnMut(u32, bool),
    ) -> Result<()> {
        let graph = cx.graph();
        // the table keeps two numbers and a byte for each, and is never full
        let room = self.table.capacity();
        let table = doubled(self.table.len(), room, len) * 12;
        let kept = self.keys.iter().map(|column| column.growth(self.count as usize, len));
        cx.meter.weigh(table + kept.sum::<usize>())?;
        self.agree(columns, graph);
        let viewed = !cx.plan.viewed.is_empty();
        match (columns, &self.keys[..]) {
            ([Column::Ints(cells)], [Column::Ints(_)]) => self.of_numbers(columns, cells, graph, &mut each)?,
            ([Column::Nodes(cells)], [Column::Nodes(_)]) | ([Column::Rels(cells)], [Column::Rels(_)]) => {
                self.of_numbers(columns, cells, graph, &mut each)?;
            }
            ([Column::Texts(texts)], [Column::Texts(_)]) => self.of_numbers(columns, &texts.codes, graph, &mut each)?,
            _ => self.of_others(columns, len, viewed, cx, &mut each)?,
        }
        cx.meter.step(len)
    }

    /// The groups of rows of one key that is a number: what it sees, no view can change.
    fn of_numbers<N: Copy + TryInto<usize>>(
        &mut self,
        columns: &[Column],
        cells: &[N],
        graph: &Graph,
        each: &mut impl FnMut(u32, bool),
    ) -> Result<()> {
        for (row, cell) in cells.iter().enumerate() {
            let place = (*cell).try_into().unwrap_or(SMALL);
            if let Some(group) = self.small.get(place)
                && *group != NONE
            {
                each(*group, false);
                continue;
            }
            let has_place = place < SMALL.min((self.count as usize + FEW) * PLACES);
            if has_place && self.table.is_empty() {
                each(self.put(place, columns, row, graph)?, true);
                continue;
            }
            let hash = self.hash_row(columns, row, graph);
            match self.look_up(columns, row, graph, hash) {
                Some(group) => each(group, false),
                None if has_place => each(self.put(place, columns, row, graph)?, true),
                None => each(self.add(columns, row, graph, hash)?, true),
            }
        }
        Ok(())
    }

    /// A new group of the number that is its place.
    fn put(&mut self, place: usize, columns: &[Column], row: usize, graph: &Graph) -> Result<u32> {
        let group = self.count;
        self.keep(columns, row, graph)?;
        if self.small.len() <= place {
            self.small.resize((place + 1).next_power_of_two(), NONE);
        }
        self.small[place] = group;
        Ok(group)
    }

    fn of_others(
        &mut self,
        columns: &[Column],
        len: usize,
        viewed: bool,
        cx: &Context<'_>,
        each: &mut impl FnMut(u32, bool),
    ) -> Result<()> {
        let graph = cx.graph();
        let mut last = NONE;
        for row in 0..len {
            // a long list that stands beside many rows is read once
            if !viewed && last != NONE && columns.iter().all(|column| is_repeated(column, row)) {
                each(last, false);
                continue;
            }
            cx.meter.step(columns.iter().map(|column| reading_of(column, row)).sum())?;
            let hash = self.hash_row(columns, row, graph);
            match self.look_up(columns, row, graph, hash) {
                Some(group) => {
                    if viewed {
                        self.join_views(columns, row, group, &mut cx.views.borrow_mut(), graph);
                    }
                    each(group, false);
                    last = group;
                }
                None => {
                    last = self.add(columns, row, graph, hash)?;
                    each(last, true);
                }
            }
        }
        Ok(())
    }

    /// What equal rows hold becomes one value: it sees what either saw.
    fn join_views(&mut self, columns: &[Column], row: usize, group: u32, views: &mut Views, graph: &Graph) {
        for (kept, column) in self.keys.iter_mut().zip(columns) {
            if let Column::Values(kept) = kept {
                join(&mut kept[group as usize], &column.value(row, graph), views);
            }
        }
    }

    /// Makes the kept keys comparable with `columns`; to be called before [`Self::find`] sees new columns.
    pub(super) fn agree(&mut self, columns: &[Column], graph: &Graph) {
        let mut changed = false;
        for (kept, column) in self.keys.iter_mut().zip(columns) {
            if self.count == 0 {
                *kept = empty_like(column);
            } else if !matches!(kept, Column::Values(_)) && !same_kind(kept, column) {
                *kept = Column::Values(std::mem::take(kept).into_values(self.count as usize, graph));
                changed = true;
            }
        }
        if changed {
            let mut table = HashTable::with_capacity(self.count as usize);
            for group in 0..self.count {
                let entry = Entry::new(group, self.hash_group(group, graph));
                table.insert_unique(entry.place(), entry, |other| other.place());
            }
            self.table = table;
            self.small = Vec::new();
        }
    }

    /// The group of a row, when there is one; none is made.
    pub(super) fn find(&self, columns: &[Column], row: usize, graph: &Graph) -> Option<u32> {
        if let Some(group) = self.place(columns, row).and_then(|place| self.small.get(place))
            && *group != NONE
        {
            return Some(*group);
        }
        self.look_up(columns, row, graph, self.hash_row(columns, row, graph))
    }

    /// The number that a row of one key is.
    fn place(&self, columns: &[Column], row: usize) -> Option<usize> {
        match (columns, &self.keys[..]) {
            ([Column::Ints(cells)], [Column::Ints(_)]) => usize::try_from(cells[row]).ok(),
            ([Column::Nodes(cells)], [Column::Nodes(_)]) | ([Column::Rels(cells)], [Column::Rels(_)]) => {
                Some(cells[row] as usize)
            }
            ([Column::Texts(texts)], [Column::Texts(_)]) => Some(texts.codes[row] as usize),
            _ => None,
        }
    }

    /// The keys of all groups, column by column, and the memory they hold.
    pub(super) fn into_columns(self) -> (Vec<Column>, Reservation) {
        (self.keys, self.memory)
    }

    fn look_up(&self, columns: &[Column], row: usize, graph: &Graph, hash: u64) -> Option<u32> {
        let entry = Entry::new(NONE, hash);
        let same = |known: &Entry| {
            let group = known.group as usize;
            known.hash == entry.hash
                && columns.iter().zip(&self.keys).all(|(column, kept)| same_cell(column, row, kept, group, graph))
        };
        self.table.find(entry.place(), same).map(|known| known.group)
    }

    fn add(&mut self, columns: &[Column], row: usize, graph: &Graph, hash: u64) -> Result<u32> {
        let group = self.count;
        self.keep(columns, row, graph)?;
        let entry = Entry::new(group, hash);
        self.table.insert_unique(entry.place(), entry, |other| other.place());
        Ok(group)
    }

    /// Keeps the keys of a new group.
    fn keep(&mut self, columns: &[Column], row: usize, graph: &Graph) -> Result<()> {
        let mut bytes = 16;
        for (column, kept) in columns.iter().zip(&mut self.keys) {
            bytes += push(kept, column, row, graph);
        }
        self.memory.grow(bytes)?;
        self.count += 1;
        Ok(())
    }

    fn hash_row(&self, columns: &[Column], row: usize, graph: &Graph) -> u64 {
        hash_cells(&self.hash, &self.keys, columns, row, graph)
    }

    fn hash_group(&self, group: u32, graph: &Graph) -> u64 {
        hash_cells(&self.hash, &self.keys, &self.keys, group as usize, graph)
    }
}

/// Whether equal cells are the same to all that read them. 1 and 1.0 are equal, and a text made of them is not.
pub(super) fn is_exact(column: &Column) -> bool {
    match column {
        Column::Nodes(_) | Column::Rels(_) | Column::Ints(_) | Column::Texts(_) | Column::Const(_) => true,
        Column::Floats(_) => false,
        Column::Values(values) => {
            (0..values.len()).all(|row| row > 0 && is_repeated(column, row) || is_exact_value(&values[row]))
        }
    }
}

fn is_exact_value(value: &Value) -> bool {
    match value {
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Str(_)
        | Value::Node(_)
        | Value::Rel(_)
        | Value::Path(_) => true,
        Value::List(items) => items.iter().all(is_exact_value),
        Value::Map(map) => map.entries().values().all(is_exact_value),
        _ => false,
    }
}

fn empty_like(column: &Column) -> Column {
    match column {
        Column::Nodes(_) => Column::Nodes(Vec::new()),
        Column::Rels(_) => Column::Rels(Vec::new()),
        Column::Ints(_) => Column::Ints(Vec::new()),
        Column::Texts(texts) => Column::Texts(Texts { key: texts.key, codes: Vec::new() }),
        // 1.0 is in the group of 1
        Column::Floats(_) | Column::Values(_) | Column::Const(_) => Column::Values(Vec::new()),
    }
}

fn same_kind(a: &Column, b: &Column) -> bool {
    match (a, b) {
        (Column::Nodes(_), Column::Nodes(_))
        | (Column::Rels(_), Column::Rels(_))
        | (Column::Ints(_), Column::Ints(_)) => true,
        (Column::Texts(a), Column::Texts(b)) => a.key == b.key,
        _ => false,
    }
}

/// Whether a cell holds what the cell above it holds, where that is seen at once.
fn is_repeated(column: &Column, row: usize) -> bool {
    match column {
        Column::Nodes(cells) | Column::Rels(cells) => cells[row] == cells[row - 1],
        Column::Ints(cells) => cells[row] == cells[row - 1],
        Column::Texts(texts) => texts.codes[row] == texts.codes[row - 1],
        Column::Values(values) => match (&values[row], &values[row - 1]) {
            (Value::List(a), Value::List(b)) => a.as_ptr() == b.as_ptr() && a.len() == b.len(),
            (Value::Node(a), Value::Node(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            _ => false,
        },
        Column::Floats(_) => false,
        Column::Const(_) => true,
    }
}

/// Steps that it may take to hash and compare a cell.
fn reading_of(column: &Column, row: usize) -> usize {
    match column {
        Column::Values(values) => reading(&values[row]),
        Column::Const(value) => reading(value),
        _ => 0,
    }
}

/// Adds a cell to a kept column; the bytes that takes.
fn push(kept: &mut Column, column: &Column, row: usize, graph: &Graph) -> usize {
    match (kept, column) {
        (Column::Nodes(kept), Column::Nodes(cells)) | (Column::Rels(kept), Column::Rels(cells)) => {
            kept.push(cells[row]);
            4
        }
        (Column::Ints(kept), Column::Ints(cells)) => {
            kept.push(cells[row]);
            8
        }
        (Column::Texts(kept), Column::Texts(cells)) => {
            kept.codes.push(cells.codes[row]);
            4
        }
        (Column::Values(kept), column) => {
            let value = column.value(row, graph);
            let bytes = size_of::<Value>() + value.heap_bytes();
            kept.push(value);
            bytes
        }
        // `agree` has made the kinds fit
        _ => 0,
    }
}

/// The hash of a row of `columns`, in the terms in which `kept` is hashed.
fn hash_cells(start: &Keyed, kept: &[Column], columns: &[Column], row: usize, graph: &Graph) -> u64 {
    // handles and codes nobody chooses
    if let ([Column::Nodes(_) | Column::Rels(_) | Column::Texts(_)], [column]) = (kept, columns) {
        match column {
            Column::Nodes(cells) | Column::Rels(cells) => return FxBuildHasher.hash_one(cells[row]),
            Column::Texts(texts) => return FxBuildHasher.hash_one(texts.codes[row]),
            _ => {}
        }
    }
    // of two such numbers somebody may choose which stand together
    if let ([a, b], [one, other]) = (kept, columns)
        && let (Some(one), Some(other)) = (code(a, one, row), code(b, other, row))
    {
        return start.hash_one(u64::from(one) << 32 | u64::from(other));
    }
    let mut hash = 0;
    for (kept, column) in kept.iter().zip(columns) {
        // one multiplication a number: what has been mixed so far is as good as a key
        let mut state = start.build_hasher();
        match (kept, column) {
            (Column::Nodes(_) | Column::Rels(_), Column::Nodes(cells) | Column::Rels(cells)) => {
                state.write_u64(hash ^ u64::from(cells[row]));
            }
            (Column::Ints(_), Column::Ints(ints)) => state.write_u64(hash ^ ints[row].cast_unsigned()),
            (Column::Texts(_), Column::Texts(texts)) => state.write_u64(hash ^ u64::from(texts.codes[row])),
            (_, column) => {
                state.write_u64(hash);
                hash_cell(column, row, graph, &mut state);
            }
        }
        hash = state.finish();
    }
    hash
}

/// The number a cell is, where nobody chooses it.
fn code(kept: &Column, column: &Column, row: usize) -> Option<u32> {
    match (kept, column) {
        (Column::Nodes(_) | Column::Rels(_), Column::Nodes(cells) | Column::Rels(cells)) => Some(cells[row]),
        (Column::Texts(_), Column::Texts(texts)) => Some(texts.codes[row]),
        _ => None,
    }
}

/// Hashes a cell as the value it is.
fn hash_cell(column: &Column, row: usize, graph: &Graph, state: &mut impl Hasher) {
    match column {
        Column::Values(values) => hash_value(&values[row], state),
        Column::Texts(texts) => match texts.text(row, graph) {
            Some(text) => hash_text(text, state),
            None => hash_value(&Value::Null, state),
        },
        Column::Const(value) => hash_value(value, state),
        column => hash_value(&column.value(row, graph), state),
    }
}

fn hash_value(value: &Value, state: &mut impl Hasher) {
    match value {
        Value::Str(text) => hash_text(text, state),
        other => order::hash_equivalent(other, state),
    }
}

fn hash_text(text: &str, state: &mut impl Hasher) {
    state.write_u8(0xfe);
    state.write(text.as_bytes());
}

fn same_cell(column: &Column, row: usize, kept: &Column, group: usize, graph: &Graph) -> bool {
    match (column, kept) {
        (Column::Ints(a), Column::Ints(b)) => a[row] == b[group],
        (Column::Nodes(a), Column::Nodes(b)) | (Column::Rels(a), Column::Rels(b)) => a[row] == b[group],
        (Column::Texts(a), Column::Texts(b)) if a.key == b.key => a.codes[row] == b.codes[group],
        (Column::Values(a), Column::Values(b)) => order::equivalent(&a[row], &b[group]),
        (Column::Ints(a), Column::Values(b)) if matches!(b[group], Value::Int(_)) => {
            matches!(b[group], Value::Int(n) if n == a[row])
        }
        (Column::Texts(a), Column::Values(b)) => match (a.text(row, graph), &b[group]) {
            (Some(a), Value::Str(b)) => *a == **b,
            (None, Value::Null) => true,
            _ => false,
        },
        (column, kept) => order::equivalent(&column.value(row, graph), &kept.value(group, graph)),
    }
}
