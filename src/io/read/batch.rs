//! Some thousand records of one kind, column by column: what the reader of CSV hands over, so that reading and building
//! can go on beside each other, and building need not look at one cell at a time.

use std::sync::Arc;

use super::{Key, NodeKey, Properties, Sink};
use crate::error::{Error, Result};
use crate::value::Value;

/// Records of nodes, or of relationships. Everything in it has `len()` rows.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The records are relationships.
    pub(crate) relationships: bool,
    /// The line each record ends on.
    pub(crate) lines: Vec<u64>,
    /// The different label lists; for relationships, the different types (one each).
    pub(crate) kinds: Vec<Arc<[Arc<str>]>>,
    /// Which of them each record has.
    pub(crate) kind_of: Vec<u32>,
    /// The keys of nodes; for relationships, those of their starts.
    pub(crate) keys: Keys,
    /// For relationships, the keys of their ends.
    pub(crate) ends: Keys,
    /// The properties.
    pub(crate) columns: Vec<Column>,
}

/// The keys of nodes in one space.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    /// The space.
    pub space: Arc<str>,
    /// Whether there is one.
    pub present: Vec<bool>,
    /// The keys; something harmless where there is none.
    pub cells: Cells,
}

/// The values of one property.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Its key.
    pub name: Arc<str>,
    /// Whether there is one.
    pub present: Vec<bool>,
    /// The values; something harmless where there is none.
    pub cells: Cells,
}

/// Values of one kind.
#[derive(Clone, Debug)]
pub(crate) enum Cells {
    /// Integers.
    Ints(Vec<i64>),
    /// Strings, one after another, and where each ends.
    Texts(String, Vec<usize>),
    /// Anything.
    Values(Vec<Value>),
}

impl Default for Cells {
    fn default() -> Self {
        Self::Values(Vec::new())
    }
}

impl Cells {
    /// The string at a row of [`Cells::Texts`].
    pub(crate) fn text<'a>(text: &'a str, ends: &[usize], row: usize) -> &'a str {
        let start = if row == 0 { 0 } else { ends.get(row - 1).copied().unwrap_or_default() };
        ends.get(row).and_then(|&end| text.get(start..end)).unwrap_or_default()
    }

    /// Appends something harmless.
    pub(crate) fn push_nothing(&mut self) {
        match self {
            Self::Ints(ints) => ints.push(0),
            Self::Texts(text, ends) => ends.push(text.len()),
            Self::Values(values) => values.push(Value::Null),
        }
    }

    /// Puts a value of any kind in the place of one that is there.
    pub(crate) fn replace(&mut self, row: usize, value: Value) {
        if !matches!(self, Self::Values(_)) {
            let len = match self {
                Self::Ints(ints) => ints.len(),
                Self::Texts(_, ends) => ends.len(),
                Self::Values(values) => values.len(),
            };
            *self = Self::Values((0..len).map(|row| self.value(row)).collect());
        }
        if let Self::Values(values) = self
            && let Some(place) = values.get_mut(row)
        {
            *place = value;
        }
    }

    fn truncate(&mut self, len: usize) {
        match self {
            Self::Ints(ints) => ints.truncate(len),
            Self::Texts(text, ends) => {
                ends.truncate(len);
                text.truncate(ends.last().copied().unwrap_or_default());
            }
            Self::Values(values) => values.truncate(len),
        }
    }

    /// The value at a row, as a value of its own.
    pub(crate) fn value(&self, row: usize) -> Value {
        match self {
            Self::Ints(ints) => ints.get(row).map_or(Value::Null, |n| Value::Int(*n)),
            Self::Texts(text, ends) => Value::str(Self::text(text, ends, row)),
            Self::Values(values) => values.get(row).cloned().unwrap_or(Value::Null),
        }
    }
}

impl Keys {
    /// The key of a row, if it has one.
    pub(crate) fn get(&self, row: usize) -> Option<NodeKey<'_>> {
        if !self.present.get(row).copied().unwrap_or_default() {
            return None;
        }
        let key = match &self.cells {
            Cells::Ints(ints) => Key::Int(*ints.get(row)?),
            Cells::Texts(text, ends) => Key::Text(Cells::text(text, ends, row)),
            Cells::Values(_) => return None,
        };
        Some(NodeKey { space: &self.space, key })
    }
}

impl Batch {
    /// How many records.
    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Takes away whatever a record left that could not be finished: the first `len` records remain.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.lines.truncate(len);
        self.kind_of.truncate(len);
        for keys in [&mut self.keys, &mut self.ends] {
            keys.present.truncate(len);
            keys.cells.truncate(len);
        }
        for column in &mut self.columns {
            column.present.truncate(len);
            column.cells.truncate(len);
        }
    }

    /// Hands the records over one by one.
    pub(crate) fn each_from<S: Sink + ?Sized>(
        &self,
        from: usize,
        sink: &mut S,
    ) -> std::result::Result<(), (usize, Error)> {
        (from..self.len()).try_for_each(|row| self.hand_over(row, sink).map_err(|error| (row, error)))
    }

    fn hand_over<S: Sink + ?Sized>(&self, row: usize, sink: &mut S) -> Result<()> {
        let kind = self.kind_of.get(row).and_then(|&kind| self.kinds.get(kind as usize));
        let kind: &[Arc<str>] = kind.map_or(&[], |k| k);
        let present = self.columns.iter().filter(|c| c.present.get(row).copied().unwrap_or_default());
        let properties: Properties = present.map(|c| (Arc::clone(&c.name), c.cells.value(row))).collect();
        if !self.relationships {
            return sink.node(self.keys.get(row), kind, properties);
        }
        match (kind.first(), self.keys.get(row), self.ends.get(row)) {
            (Some(ty), Some(start), Some(end)) => sink.rel(None, ty, start, end, properties),
            _ => Err(Error::data("no type, start or end")),
        }
    }
}
