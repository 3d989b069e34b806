//! Rows between operators: a batch of about a thousand, one typed column per slot.
//!
//! A slot without a column holds null in every row (nobody computed it, or nobody reads it any more).
//! `u32::MAX` ([`NONE`]) stands for null in columns of handles and of text codes. A batch may carry two
//! side columns: the citation of each row (`CITE`), and the number of the outer row it was made from.

use std::sync::Arc;

use super::context::Reservation;
use crate::bind::bound::Slot;
use crate::graph::{Graph, KeyId};
use crate::value::{NodeRef, RelRef, Value};

/// How many rows an operator puts into a batch, about.
pub(crate) const ROWS: usize = 1024;

/// Null among handles and codes.
pub(crate) const NONE: u32 = u32::MAX;

/// The cells of one slot.
#[derive(Clone, Debug)]
pub(crate) enum Column {
    Nodes(Vec<u32>),
    Rels(Vec<u32>),
    Ints(Vec<i64>),
    Floats(Vec<f64>),
    /// Strings of a node property, as codes of the pool of its column.
    Texts(Texts),
    Values(Vec<Value>),
    /// The same in every row.
    Const(Value),
}

/// Codes into the pool of the node column of a key.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    pub(crate) key: KeyId,
    pub(crate) codes: Vec<u32>,
}

/// Some rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Batch {
    pub(crate) len: usize,
    columns: Vec<Option<Column>>,
    /// The citation of each row, when the statement cites.
    pub(crate) cites: Option<Vec<u32>>,
    /// The row of the outer batch each row was made from, while a whole batch runs through an inner plan.
    pub(crate) origin: Option<Vec<u32>>,
    held: Held,
}

/// Memory of the values computed for some rows; given back when the last batch that shares it goes. Rows that are taken apart and
/// put together again share theirs: each reservation is kept once, in the order of their addresses.
#[derive(Clone, Debug, Default)]
struct Held(Vec<Arc<Reservation>>);

/// One row of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'b> {
    pub(crate) batch: &'b Batch,
    pub(crate) index: usize,
}

impl Batch {
    /// `len` rows in which every slot is null.
    pub(crate) fn of_len(len: usize) -> Self {
        Self { len, ..Self::default() }
    }

    /// The row with this number.
    pub(crate) fn row(&self, index: usize) -> Row<'_> {
        Row { batch: self, index }
    }

    /// The cells of a slot; nothing when all are null.
    pub(crate) fn column(&self, slot: Slot) -> Option<&Column> {
        self.columns.get(slot.0 as usize)?.as_ref()
    }

    /// Puts `column` under `slot`; it has `len` cells (or is constant).
    pub(crate) fn set(&mut self, slot: Slot, column: Column) {
        let at = slot.0 as usize;
        if self.columns.len() <= at {
            self.columns.resize_with(at + 1, || None);
        }
        self.columns[at] = Some(column);
    }

    /// Forgets the column of a slot.
    pub(crate) fn clear(&mut self, slot: Slot) {
        if let Some(column) = self.columns.get_mut(slot.0 as usize) {
            *column = None;
        }
    }

    /// Moves the column of a slot out.
    pub(crate) fn take(&mut self, slot: Slot) -> Option<Column> {
        self.columns.get_mut(slot.0 as usize)?.take()
    }

    /// The slots that have columns.
    pub(crate) fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        self.columns.iter().enumerate().filter(|(_, c)| c.is_some()).map(|(at, _)| Slot(at as u32))
    }

    /// Drops the columns nobody reads.
    pub(crate) fn keep(&mut self, live: Option<&[Slot]>) {
        let Some(live) = live else { return };
        for (at, column) in self.columns.iter_mut().enumerate() {
            if column.is_some() && !live.contains(&Slot(at as u32)) {
                *column = None;
            }
        }
    }

    /// The rows `rows` of this batch, in that order, with the columns in `live` (all without it).
    pub(crate) fn gather(&self, rows: &[u32], live: Option<&[Slot]>) -> Self {
        let mut out = Self::of_len(rows.len());
        let mut copy = |at: usize| {
            if let Some(Some(column)) = self.columns.get(at) {
                out.set(Slot(at as u32), column.gather(rows));
            }
        };
        match live {
            Some(live) => live.iter().for_each(|slot| copy(slot.0 as usize)),
            None => (0..self.columns.len()).for_each(copy),
        }
        out.cites = self.cites.as_ref().map(|cites| pick(cites, rows));
        out.origin = self.origin.as_ref().map(|origin| pick(origin, rows));
        out.held.clone_from(&self.held);
        out
    }

    /// The rows `rows`, ascending and each once, of this batch with the columns in `live`; none when there are none.
    /// Nothing is copied when every row stays.
    pub(crate) fn kept(mut self, rows: &[u32], live: Option<&[Slot]>) -> Option<Self> {
        if rows.is_empty() {
            return None;
        }
        if rows.len() < self.len {
            return Some(self.gather(rows, live));
        }
        self.keep(live);
        Some(self)
    }

    /// The same rows with these columns only.
    pub(crate) fn only(&self, slots: &[Slot]) -> Self {
        let mut out = Self::of_len(self.len);
        for slot in slots {
            if let Some(column) = self.column(*slot) {
                out.set(*slot, column.clone());
            }
        }
        out.cites.clone_from(&self.cites);
        out.held.clone_from(&self.held);
        out
    }

    /// Row `index` alone, its columns constant.
    pub(crate) fn single(&self, index: usize, graph: &Graph) -> Self {
        let mut out = Self::of_len(1);
        out.columns = self
            .columns
            .iter()
            .map(|column| column.as_ref().map(|column| Column::Const(column.value(index, graph))))
            .collect();
        out.cites = self.cites.as_ref().map(|cites| vec![cites[index]]);
        out.held.clone_from(&self.held);
        out
    }

    /// Adds the rows of `other` behind these.
    pub(crate) fn append(&mut self, mut other: Self, graph: &Graph) {
        if self.len == 0 {
            *self = other;
            return;
        }
        let width = self.columns.len().max(other.columns.len());
        self.columns.resize_with(width, || None);
        for (at, column) in self.columns.iter_mut().enumerate() {
            match (column.as_mut(), other.columns.get_mut(at).and_then(Option::take)) {
                (None, None) => {}
                (mine, theirs) => {
                    let mine = mine.map_or(Column::Const(Value::Null), std::mem::take);
                    let theirs = theirs.unwrap_or_default();
                    *column = Some(mine.joined(self.len, theirs, other.len, graph));
                }
            }
        }
        join_side(&mut self.cites, self.len, other.cites, other.len);
        join_side(&mut self.origin, self.len, other.origin, other.len);
        self.held.add(other.held);
        self.len += other.len;
    }

    /// The columns of `other` (which has as many rows) beside these; slots that are there stay.
    pub(crate) fn widen(&mut self, other: Self) {
        for (at, column) in other.columns.into_iter().enumerate() {
            if let Some(column) = column
                && self.column(Slot(at as u32)).is_none()
            {
                self.set(Slot(at as u32), column);
            }
        }
        self.held.add(other.held);
    }

    /// Bytes of the blocks that are made when `more` rows are added.
    pub(crate) fn growth(&self, more: usize) -> usize {
        self.columns.iter().flatten().map(|column| column.growth(self.len, more)).sum()
    }

    /// The memory the batch answers for.
    pub(crate) fn into_memory(self) -> Vec<Arc<Reservation>> {
        self.held.0
    }

    /// Lets the batch answer for memory.
    pub(crate) fn hold(&mut self, reservation: Reservation) {
        if reservation.bytes() > 0 {
            self.held.add(Held(vec![Arc::new(reservation)]));
        }
    }

    /// Bytes of the cells themselves, for those who keep batches.
    pub(crate) fn cell_bytes(&self) -> usize {
        let cell = |column: &Column| match column {
            Column::Nodes(_) | Column::Rels(_) | Column::Texts(_) => 4,
            Column::Ints(_) | Column::Floats(_) => 8,
            Column::Values(_) => size_of::<Value>(),
            Column::Const(_) => 0,
        };
        self.columns.iter().flatten().map(cell).sum::<usize>() * self.len + size_of::<Column>() * self.columns.len()
    }
}

impl Held {
    /// Takes what `other` has and these do not.
    fn add(&mut self, other: Self) {
        if self.0.is_empty() {
            *self = other;
            return;
        }
        for reservation in other.0 {
            if let Err(at) = self.0.binary_search_by_key(&Arc::as_ptr(&reservation), Arc::as_ptr) {
                self.0.insert(at, reservation);
            }
        }
    }
}

/// How many cells the block has that is made when `more` are added to `len`; none where there is room.
pub(crate) fn doubled(len: usize, room: usize, more: usize) -> usize {
    if len + more <= room { 0 } else { (2 * room).max(len + more) }
}

impl<'b> Row<'b> {
    /// The value of a slot.
    pub(crate) fn value(self, slot: Slot, graph: &Graph) -> Value {
        self.batch.column(slot).map_or(Value::Null, |column| column.value(self.index, graph))
    }

    /// The node in a slot; nothing for null (or for what is no node).
    pub(crate) fn node(self, slot: Slot) -> Option<NodeRef> {
        self.batch.column(slot)?.node(self.index)
    }

    /// The relationship in a slot; nothing for null (or for what is no relationship).
    pub(crate) fn rel(self, slot: Slot) -> Option<RelRef> {
        self.batch.column(slot)?.rel(self.index)
    }

    /// The value of a slot without copying it, where the column keeps values.
    pub(crate) fn borrowed(self, slot: Slot) -> Option<&'b Value> {
        match self.batch.column(slot)? {
            Column::Values(values) => Some(&values[self.index]),
            Column::Const(value) => Some(value),
            _ => None,
        }
    }
}

impl Default for Column {
    fn default() -> Self {
        Self::Const(Value::Null)
    }
}

impl Column {
    /// The value in a row.
    pub(crate) fn value(&self, row: usize, graph: &Graph) -> Value {
        match self {
            Self::Nodes(nodes) if nodes[row] != NONE => Value::Node(NodeRef::new(nodes[row])),
            Self::Rels(rels) if rels[row] != NONE => Value::Rel(RelRef::new(rels[row])),
            Self::Nodes(_) | Self::Rels(_) => Value::Null,
            Self::Ints(ints) => Value::Int(ints[row]),
            Self::Floats(floats) => Value::Float(floats[row]),
            Self::Texts(texts) => texts.text(row, graph).map_or(Value::Null, Value::str),
            Self::Values(values) => values[row].clone(),
            Self::Const(value) => value.clone(),
        }
    }

    /// The node in a row.
    pub(crate) fn node(&self, row: usize) -> Option<NodeRef> {
        match self {
            Self::Nodes(nodes) => (nodes[row] != NONE).then_some(NodeRef::new(nodes[row])),
            Self::Values(values) => as_node(&values[row]),
            Self::Const(value) => as_node(value),
            _ => None,
        }
    }

    /// The relationship in a row.
    pub(crate) fn rel(&self, row: usize) -> Option<RelRef> {
        match self {
            Self::Rels(rels) => (rels[row] != NONE).then_some(RelRef::new(rels[row])),
            Self::Values(values) => as_rel(&values[row]),
            Self::Const(value) => as_rel(value),
            _ => None,
        }
    }

    /// Whether a row is null.
    pub(crate) fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Nodes(handles) | Self::Rels(handles) => handles[row] == NONE,
            Self::Texts(texts) => texts.codes[row] == NONE,
            Self::Ints(_) | Self::Floats(_) => false,
            Self::Values(values) => values[row].is_null(),
            Self::Const(value) => value.is_null(),
        }
    }

    /// The cells of `rows`, in that order.
    pub(crate) fn gather(&self, rows: &[u32]) -> Self {
        match self {
            Self::Nodes(nodes) => Self::Nodes(pick(nodes, rows)),
            Self::Rels(rels) => Self::Rels(pick(rels, rows)),
            Self::Ints(ints) => Self::Ints(pick(ints, rows)),
            Self::Floats(floats) => Self::Floats(pick(floats, rows)),
            Self::Texts(texts) => Self::Texts(Texts { key: texts.key, codes: pick(&texts.codes, rows) }),
            Self::Values(values) => Self::Values(rows.iter().map(|&row| values[row as usize].clone()).collect()),
            Self::Const(value) => Self::Const(value.clone()),
        }
    }

    /// These `len` cells and the `other_len` of `other` behind them, in the narrowest form that holds both.
    pub(crate) fn joined(self, len: usize, other: Self, other_len: usize, graph: &Graph) -> Self {
        match (self, other) {
            (Self::Nodes(mut mine), Self::Nodes(theirs)) => {
                mine.extend_from_slice(&theirs);
                Self::Nodes(mine)
            }
            (Self::Rels(mut mine), Self::Rels(theirs)) => {
                mine.extend_from_slice(&theirs);
                Self::Rels(mine)
            }
            (Self::Ints(mut mine), Self::Ints(theirs)) => {
                mine.extend_from_slice(&theirs);
                Self::Ints(mine)
            }
            (Self::Floats(mut mine), Self::Floats(theirs)) => {
                mine.extend_from_slice(&theirs);
                Self::Floats(mine)
            }
            (Self::Texts(mut mine), Self::Texts(theirs)) if mine.key == theirs.key => {
                mine.codes.extend_from_slice(&theirs.codes);
                Self::Texts(mine)
            }
            (Self::Const(Value::Null), Self::Const(Value::Null)) => Self::Const(Value::Null),
            (mine, theirs) => {
                let mut values = mine.into_values(len, graph);
                values.reserve(other_len);
                match theirs {
                    Self::Values(theirs) => values.extend(theirs),
                    theirs => values.extend((0..other_len).map(|row| theirs.value(row, graph))),
                }
                Self::Values(values)
            }
        }
    }

    /// Bytes of the block that is made when `more` cells are added to these `len`: the old one stands beside it until they are
    /// moved.
    pub(crate) fn growth(&self, len: usize, more: usize) -> usize {
        let (room, cell) = match self {
            Self::Nodes(cells) | Self::Rels(cells) => (cells.capacity(), 4),
            Self::Texts(texts) => (texts.codes.capacity(), 4),
            Self::Ints(cells) => (cells.capacity(), 8),
            Self::Floats(cells) => (cells.capacity(), 8),
            Self::Values(cells) => (cells.capacity(), size_of::<Value>()),
            Self::Const(_) => (len, 0),
        };
        doubled(len, room, more) * cell
    }

    /// The cells as plain values.
    pub(crate) fn into_values(self, len: usize, graph: &Graph) -> Vec<Value> {
        match self {
            Self::Values(values) => values,
            other => (0..len).map(|row| other.value(row, graph)).collect(),
        }
    }
}

impl Texts {
    /// The text in a row; nothing for null.
    pub(crate) fn text<'g>(&self, row: usize, graph: &'g Graph) -> Option<&'g str> {
        let code = self.codes[row];
        if code == NONE {
            return None;
        }
        graph.node_column(self.key).map(|column| column.pool().text(code))
    }
}

fn as_node(value: &Value) -> Option<NodeRef> {
    match value {
        Value::Node(node) => Some(*node),
        _ => None,
    }
}

fn as_rel(value: &Value) -> Option<RelRef> {
    match value {
        Value::Rel(rel) => Some(*rel),
        _ => None,
    }
}

fn pick<T: Copy>(cells: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter().map(|&row| cells[row as usize]).collect()
}

fn join_side(mine: &mut Option<Vec<u32>>, len: usize, theirs: Option<Vec<u32>>, other_len: usize) {
    if mine.is_none() && theirs.is_none() {
        return;
    }
    let mine = mine.get_or_insert_with(|| vec![0; len]);
    match theirs {
        Some(theirs) => mine.extend(theirs),
        None => mine.resize(len + other_len, 0),
    }
}
