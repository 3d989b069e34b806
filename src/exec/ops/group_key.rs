//! Finding the group of a row: by a table of its own for handles and codes, by hash for everything else.
//!
//! Groups are numbered in the order they are met. Equality is equivalence: null is null, NaN is NaN.

use std::hash::{BuildHasher, Hasher};

use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::error::Result;
use crate::exec::batch::{Column, NONE};
use crate::exec::context::{Context, Reservation};
use crate::graph::Graph;
use crate::value::{NodeRef, RelRef, Value, order};

/// The keys met so far.
pub(super) struct Groups {
    width: usize,
    /// `width` values per group.
    keys: Vec<Value>,
    table: HashTable<u32>,
    count: u32,
    /// Group by handle or code, when there is one key that is one: saves hashing the value.
    shortcut: FxHashMap<(u8, u32), u32>,
    memory: Reservation,
}

impl Groups {
    pub(super) fn new(width: usize, memory: Reservation) -> Self {
        Self { width, keys: Vec::new(), table: HashTable::new(), count: 0, shortcut: FxHashMap::default(), memory }
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
        for row in 0..len {
            let before = self.count;
            let group = match columns {
                [single] => self.by_single(single, row, graph)?,
                _ => self.by_hash(columns, row, graph)?,
            };
            each(group, self.count != before);
        }
        cx.meter.step(len)
    }

    /// The keys of all groups, column by column, and the memory they hold.
    pub(super) fn into_columns(self) -> (Vec<Vec<Value>>, Reservation) {
        let mut columns: Vec<Vec<Value>> = (0..self.width).map(|_| Vec::with_capacity(self.count as usize)).collect();
        for (at, value) in self.keys.into_iter().enumerate() {
            columns[at % self.width].push(value);
        }
        (columns, self.memory)
    }

    /// The group of a row, when there is one; none is made.
    pub(super) fn find(&self, columns: &[Column], row: usize, graph: &Graph) -> Option<u32> {
        self.look_up(columns, row, graph, hash_row(columns, row, graph))
    }

    fn look_up(&self, columns: &[Column], row: usize, graph: &Graph, hash: u64) -> Option<u32> {
        let same = |group: &u32| {
            let own = &self.keys[*group as usize * self.width..][..self.width];
            columns.iter().zip(own).all(|(column, key)| same_cell(column, row, key, graph))
        };
        self.table.find(hash, same).copied()
    }

    fn by_single(&mut self, column: &Column, row: usize, graph: &Graph) -> Result<u32> {
        let short = match column {
            Column::Nodes(cells) => (0, cells[row]),
            Column::Rels(cells) => (1, cells[row]),
            Column::Texts(texts) => (2, texts.codes[row]),
            _ => return self.by_hash(std::slice::from_ref(column), row, graph),
        };
        if let Some(group) = self.shortcut.get(&short) {
            return Ok(*group);
        }
        let group = self.by_hash(std::slice::from_ref(column), row, graph)?;
        self.memory.grow(16)?;
        self.shortcut.insert(short, group);
        Ok(group)
    }

    fn by_hash(&mut self, columns: &[Column], row: usize, graph: &Graph) -> Result<u32> {
        let hash = hash_row(columns, row, graph);
        if let Some(group) = self.look_up(columns, row, graph, hash) {
            return Ok(group);
        }
        let group = self.count;
        self.memory.grow(16)?;
        for column in columns {
            let key = column.value(row, graph);
            self.memory.grow(size_of::<Value>() + key.heap_bytes())?;
            self.keys.push(key);
        }
        self.count += 1;
        let (keys, width) = (&self.keys, self.width);
        self.table.insert_unique(hash, group, |group| hash_key(&keys[*group as usize * width..][..width]));
        Ok(group)
    }
}

fn hash_row(columns: &[Column], row: usize, graph: &Graph) -> u64 {
    let mut hasher = FxBuildHasher.build_hasher();
    for column in columns {
        hash_cell(column, row, graph, &mut hasher);
    }
    hasher.finish()
}

fn hash_key(key: &[Value]) -> u64 {
    let mut hasher = FxBuildHasher.build_hasher();
    key.iter().for_each(|value| hash_value(value, &mut hasher));
    hasher.finish()
}

/// The hash of a cell; the same as of the value it stands for.
fn hash_cell(column: &Column, row: usize, graph: &Graph, state: &mut impl Hasher) {
    match column {
        Column::Ints(ints) => hash_value(&Value::Int(ints[row]), state),
        Column::Nodes(nodes) if nodes[row] != NONE => hash_value(&Value::Node(NodeRef(nodes[row])), state),
        Column::Rels(rels) if rels[row] != NONE => hash_value(&Value::Rel(RelRef(rels[row])), state),
        Column::Texts(texts) => match texts.text(row, graph) {
            Some(text) => hash_text(text, state),
            None => hash_value(&Value::Null, state),
        },
        Column::Values(values) => hash_value(&values[row], state),
        Column::Const(value) => hash_value(value, state),
        Column::Nodes(_) | Column::Rels(_) => hash_value(&Value::Null, state),
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

fn same_cell(column: &Column, row: usize, key: &Value, graph: &Graph) -> bool {
    match (column, key) {
        (Column::Ints(ints), Value::Int(key)) => ints[row] == *key,
        (Column::Nodes(nodes), Value::Node(key)) => nodes[row] == key.0,
        (Column::Rels(rels), Value::Rel(key)) => rels[row] == key.0,
        (Column::Texts(texts), Value::Str(key)) => texts.text(row, graph) == Some(key),
        (Column::Texts(texts), Value::Null) => texts.codes[row] == NONE,
        (Column::Values(values), key) => order::equivalent(&values[row], key),
        (column, key) => order::equivalent(&column.value(row, graph), key),
    }
}
