//! Answers out of the graph's own books: counts by label and by type, without visiting a row.

use std::sync::Arc;

use super::Operator;
use crate::bind::bound::{Slot, TypeTest};
use crate::error::{Code, Error, Result};
use crate::exec::batch::{Batch, Column};
use crate::exec::context::Context;
use crate::exec::eval::type_fits;
use crate::graph::{Graph, LabelId, RelTypeId};
use crate::plan::node::CountOf;
use crate::value::Value;

/// One row with a count.
pub(in crate::exec) struct CountFromStats<'p> {
    pub(in crate::exec) slot: Slot,
    pub(in crate::exec) what: &'p CountOf,
    pub(in crate::exec) done: bool,
}

impl Operator for CountFromStats<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(None);
        }
        let graph = cx.graph();
        let count = match self.what {
            CountOf::Nodes { label: None } => graph.node_count(),
            CountOf::Nodes { label: Some(label) } => graph.label(label).map_or(0, |label| graph.label_count(label)),
            CountOf::Rels { types, start, end } => {
                counts(types, start.as_ref(), end.as_ref(), graph).map(|(_, count)| count).sum()
            }
        };
        let mut batch = Batch::of_len(1);
        batch.set(self.slot, Column::Const(as_int(count)?));
        if cx.plan.cite {
            batch.cites = Some(vec![0]);
        }
        Ok(Some(batch))
    }

    fn reset(&mut self) {
        self.done = false;
    }
}

/// One row per type that has relationships between the labels.
pub(in crate::exec) struct CountByType<'p> {
    pub(in crate::exec) ty: Slot,
    pub(in crate::exec) count: Slot,
    pub(in crate::exec) types: &'p TypeTest,
    pub(in crate::exec) start: Option<&'p Arc<str>>,
    pub(in crate::exec) end: Option<&'p Arc<str>>,
    pub(in crate::exec) done: bool,
}

impl Operator for CountByType<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(None);
        }
        let graph = cx.graph();
        let (mut names, mut numbers) = (Vec::new(), Vec::new());
        for (ty, count) in counts(self.types, self.start, self.end, graph).filter(|(_, count)| *count > 0) {
            names.push(Value::Str(graph.names().type_text(ty)));
            numbers.push(as_int(count)?);
        }
        if names.is_empty() {
            return Ok(None);
        }
        let mut batch = Batch::of_len(names.len());
        batch.set(self.ty, Column::Values(names));
        batch.set(self.count, Column::Values(numbers));
        if cx.plan.cite {
            batch.cites = Some(vec![0; batch.len]);
        }
        Ok(Some(batch))
    }

    fn reset(&mut self) {
        self.done = false;
    }
}

fn as_int(count: u64) -> Result<Value> {
    i64::try_from(count)
        .map(Value::Int)
        .map_err(|_| Error::arithmetic(Code::IntegerOverflow, "the count does not fit into 64 bits"))
}

/// Relationships of each fitting type between two labels; a label the graph does not know has none.
fn counts<'g>(
    types: &'g TypeTest,
    start: Option<&Arc<str>>,
    end: Option<&Arc<str>>,
    graph: &'g Graph,
) -> impl Iterator<Item = (RelTypeId, u64)> + 'g {
    let known = |name: Option<&Arc<str>>| -> Option<Option<LabelId>> {
        name.map_or(Some(None), |name| graph.label(name).map(Some))
    };
    let labels = known(start).zip(known(end));
    let fitting = graph.names().types().filter(|(_, name)| type_fits(name, types));
    fitting.filter_map(move |(ty, _)| labels.map(|(start, end)| (ty, graph.pattern_count(start, ty, end))))
}
