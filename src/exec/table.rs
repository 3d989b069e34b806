//! The answer: named columns, still typed, that a caller reads cell by cell.

use std::sync::Arc;

use super::batch::{Batch, Column, NONE, Texts};
use super::context::{Context, Reservation};
use crate::bind::bound::{Column as OutputColumn, Slot};
use crate::error::Result;
use crate::graph::{Graph, Pool};
use crate::lineage::Lineage;
use crate::plan::node::Plan;
use crate::provenance::View;
use crate::value::{NodeRef, Value};

/// The rows of an answer, column by column. Texts may still be codes: keep the graph at hand to read them.
#[derive(Debug)]
pub(crate) struct ResultTable<'p> {
    output: &'p [OutputColumn],
    columns: Vec<Column>,
    len: usize,
    /// The citation of each row, as a number into the context's citations, when the statement cites.
    pub(crate) cites: Option<Vec<u32>>,
    /// The slot that holds the place of a step in its lineage, and those of the rows, where the statement is a TRACE.
    steps: Option<(Slot, Vec<usize>)>,
    memory: Option<Reservation>,
    held: Vec<Arc<Reservation>>,
}

/// What a TRACE has found, with the values that its expressions had.
#[derive(Clone, Debug)]
pub(crate) struct Traced {
    /// Of whom, in the order they were named.
    pub(crate) starts: Vec<NodeRef>,
    /// The date of `AS OF`.
    pub(crate) as_of: Option<Value>,
    /// The sources that were asked; all of them when nothing.
    pub(crate) view: Option<View>,
    pub(crate) lineage: Arc<Lineage>,
    /// The steps that `WHERE` has left, by their places in the lineage, in the order of the rows.
    pub(crate) kept: Vec<usize>,
    /// Whether `YIELD` chooses columns.
    pub(crate) yields: bool,
}

impl<'p> ResultTable<'p> {
    /// An answer without rows.
    pub(crate) fn new(plan: &'p Plan) -> Self {
        Self {
            output: &plan.columns,
            columns: plan.columns.iter().map(|_| Column::default()).collect(),
            len: 0,
            cites: plan.cite.then(Vec::new),
            steps: plan.traced.map(|traced| (traced.slot, Vec::new())),
            memory: None,
            held: Vec::new(),
        }
    }

    /// Adds the rows of a batch. Errors: `LimitExceeded / Memory`.
    pub(crate) fn take(&mut self, mut batch: Batch, cx: &mut Context<'_>) -> Result<()> {
        let bytes = batch.len * self.columns.len() * size_of::<Value>() / 2;
        self.memory.get_or_insert_with(|| cx.meter.reservation()).grow(bytes)?;
        cx.meter.weigh(self.columns.iter().map(|column| column.growth(self.len, batch.len)).sum())?;
        let graph = cx.graph();
        if let Some((slot, steps)) = &mut self.steps {
            let places = (0..batch.len).map(|row| match batch.row(row).value(*slot, graph) {
                Value::Int(place) => usize::try_from(place).unwrap_or(usize::MAX),
                _ => usize::MAX,
            });
            steps.extend(places);
        }
        for (at, OutputColumn { slot, .. }) in self.output.iter().enumerate() {
            // the same slot may be returned under two names
            let last = self.output[at + 1..].iter().all(|later| later.slot != *slot);
            let column = if last { batch.take(*slot) } else { batch.column(*slot).cloned() };
            let column = column.unwrap_or_default();
            let mine = std::mem::take(&mut self.columns[at]);
            self.columns[at] = if self.len == 0 { column } else { mine.joined(self.len, column, batch.len, graph) };
        }
        if let (Some(mine), Some(own)) = (&mut self.cites, batch.cites.take()) {
            mine.extend(own);
        }
        self.len += batch.len;
        self.held.extend(batch.into_memory());
        Ok(())
    }

    /// The steps of the rows, by their places in the lineage.
    pub(crate) fn take_steps(&mut self) -> Vec<usize> {
        self.steps.take().map_or_else(Vec::new, |(_, steps)| steps)
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The cells as plain values, row after row.
    pub(crate) fn into_values(self, graph: &Graph) -> Vec<Value> {
        let (len, width) = (self.len, self.columns.len());
        let mut cells = vec![Value::Null; len * width];
        for (at, column) in self.columns.into_iter().enumerate() {
            let places = cells.iter_mut().skip(at).step_by(width.max(1));
            match column {
                Column::Ints(ints) => places.zip(ints).for_each(|(cell, n)| *cell = Value::Int(n)),
                Column::Values(values) => places.zip(values).for_each(|(cell, value)| *cell = value),
                Column::Floats(floats) => places.zip(floats).for_each(|(cell, x)| *cell = Value::Float(x)),
                Column::Const(value) => places.for_each(|cell| cell.clone_from(&value)),
                Column::Texts(texts) => {
                    let mut shared = SharedTexts::new(&texts, graph);
                    places.zip(&texts.codes).for_each(|(cell, code)| *cell = shared.value(*code));
                }
                column => places.enumerate().for_each(|(row, cell)| *cell = column.value(row, graph)),
            }
        }
        cells
    }
}

/// The texts of a column, each made into a value once where many rows may share it.
struct SharedTexts<'g> {
    pool: Option<&'g Pool>,
    made: Vec<Option<Arc<str>>>,
}

impl<'g> SharedTexts<'g> {
    fn new(texts: &Texts, graph: &'g Graph) -> Self {
        let pool = graph.node_column(texts.key).map(|column| column.pool());
        let distinct = pool.map_or(0, |pool| pool.len());
        let made = if distinct < texts.codes.len() { vec![None; distinct] } else { Vec::new() };
        Self { pool, made }
    }

    fn value(&mut self, code: u32) -> Value {
        let Some(pool) = self.pool.filter(|_| code != NONE) else { return Value::Null };
        match self.made.get_mut(code as usize) {
            Some(made) => Value::Str(Arc::clone(made.get_or_insert_with(|| pool.text(code).into()))),
            None => Value::str(pool.text(code)),
        }
    }
}
