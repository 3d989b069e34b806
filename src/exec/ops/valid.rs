//! AS OF: rows whose nodes and relationships hold at a date.
//!
//! A relationship holds from its `start` (or else its `date`) to its `end`; a node from its `start` to its
//! `end`. What states no time passes, except that CERTAIN asks every relationship to state it; a node that
//! says nothing of its time is no obstacle even then.

use super::{Live, Operator, Source};
use crate::bind::bound::{AsOf, Slot};
use crate::error::Result;
use crate::exec::batch::{Batch, Row};
use crate::exec::context::Context;
use crate::exec::eval::eval;
use crate::graph::Graph;
use crate::lineage::validity::{Days, Holds, Interval, days_of};
use crate::value::{NodeRef, RelRef, Value};

/// Keeps rows that hold.
pub(in crate::exec) struct Valid<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) nodes: &'p [Slot],
    pub(in crate::exec) rels: &'p [Slot],
    pub(in crate::exec) as_of: Option<&'p AsOf>,
    pub(in crate::exec) live: Live<'p>,
}

/// What is asked, for one row.
struct Asked {
    date: Option<(Days, bool)>,
}

impl Valid<'_> {
    fn asked(&self, row: Row<'_>, cx: &mut Context<'_>) -> Result<Option<Asked>> {
        let date = match self.as_of {
            None => None,
            Some(as_of) => match eval(&as_of.date, row, cx)? {
                // at no date nothing can be said to hold
                Value::Null => return Ok(None),
                date => Some((days_of(&date).map_err(|e| e.at(as_of.span))?, as_of.certain)),
            },
        };
        Ok(Some(Asked { date }))
    }

    fn passes(&self, row: Row<'_>, cx: &mut Context<'_>) -> Result<bool> {
        let Some(asked) = self.asked(row, cx)? else { return Ok(false) };
        let graph = cx.graph();
        for slot in self.rels {
            if !rels_pass(&row.value(*slot, graph), &asked, cx) {
                return Ok(false);
            }
        }
        for slot in self.nodes {
            let Some(node) = row.node(*slot) else { continue };
            if !node_passes(node, &asked, cx) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn rels_pass(value: &Value, asked: &Asked, cx: &Context<'_>) -> bool {
    match value {
        Value::Rel(rel) => rel_passes(*rel, asked, cx),
        Value::List(list) => list.iter().all(|item| rels_pass(item, asked, cx)),
        _ => true,
    }
}

fn rel_passes(rel: RelRef, asked: &Asked, cx: &Context<'_>) -> bool {
    asked.date.is_none_or(|(date, certain)| match rel_interval(rel, cx.graph()).holds_at(date) {
        Holds::Yes => true,
        Holds::No => false,
        Holds::NotStated => !certain,
    })
}

fn node_passes(node: NodeRef, asked: &Asked, cx: &Context<'_>) -> bool {
    let property = |key: &str| {
        let graph = cx.graph();
        graph.key(key).map_or(Value::Null, |key| graph.node_property(node, key))
    };
    asked.date.is_none_or(|(date, _)| {
        let interval = Interval::of(&property("start"), &property("end"));
        interval.holds_at(date) != Holds::No
    })
}

/// From when to when a relationship holds, by its properties.
pub(super) fn rel_interval(rel: RelRef, graph: &Graph) -> Interval {
    let property = |key: &str| graph.key(key).map_or(Value::Null, |key| graph.rel_property(rel, key));
    let start = property("start");
    let start = if start.is_null() { property("date") } else { start };
    Interval::of(&start, &property("end"))
}

impl Operator for Valid<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        while let Some(mut batch) = self.input.next(cx)? {
            let mut rows = Vec::with_capacity(batch.len);
            for row in 0..batch.len {
                cx.meter.step(1)?;
                cx.scratch = 0;
                if self.passes(batch.row(row), cx)? {
                    rows.push(row as u32);
                }
            }
            if rows.len() == batch.len {
                batch.keep(self.live);
                return Ok(Some(batch));
            }
            if !rows.is_empty() {
                return Ok(Some(batch.gather(&rows, self.live)));
            }
        }
        Ok(None)
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}
