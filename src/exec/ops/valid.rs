//! AS OF: rows whose nodes and relationships hold at a date.
//!
//! When something holds is said in [`crate::lineage::validity`]. AS OF keeps what is stated to hold and what is not
//! known; CERTAIN keeps what is stated. Beside a relationship a node is an obstacle only where it did not exist: what
//! is certain there is said by the relationship.

use super::{Live, Operator, Source};
use crate::bind::bound::{AsOf, Slot};
use crate::error::Result;
use crate::exec::batch::{Batch, Row};
use crate::exec::context::Context;
use crate::exec::eval::eval;
use crate::lineage::kinds::Kinds;
use crate::lineage::lives;
use crate::lineage::validity::{Days, Holds, days_of};
use crate::value::{NodeRef, RelRef, Value};

/// Keeps rows that hold.
pub(in crate::exec) struct Valid<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) nodes: &'p [Slot],
    pub(in crate::exec) rels: &'p [Slot],
    pub(in crate::exec) as_of: Option<&'p AsOf>,
    pub(in crate::exec) live: Live<'p>,
    /// The types that begin and end lives; nothing until they are asked for.
    pub(in crate::exec) kinds: Option<Kinds>,
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

    fn passes(&mut self, row: Row<'_>, cx: &mut Context<'_>) -> Result<bool> {
        let Some(asked) = self.asked(row, cx)? else { return Ok(false) };
        let graph = cx.graph();
        for slot in self.rels {
            if !rels_pass(&row.value(*slot, graph), &asked, cx) {
                return Ok(false);
            }
        }
        for slot in self.nodes {
            let Some(node) = row.node(*slot) else { continue };
            let kinds = self.kinds.get_or_insert_with(|| Kinds::of(graph, cx.knowledge.vocabulary, &[]));
            if !node_passes(node, &asked, self.rels.is_empty(), kinds, cx) {
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
    asked.date.is_none_or(|(date, certain)| rel_holds(rel, date, certain, cx))
}

/// `alone`: the pattern has no relationship.
fn node_passes(node: NodeRef, asked: &Asked, alone: bool, kinds: &Kinds, cx: &Context<'_>) -> bool {
    let Some((date, certain)) = asked.date else { return true };
    match cx.seeing(|seeing| lives::of(&seeing.known(node.view()), kinds, node).holds(date)) {
        Holds::Yes => true,
        Holds::No => false,
        Holds::NotStated => !(certain && alone),
    }
}

/// Whether a relationship counts as of a date.
fn rel_holds(rel: RelRef, date: Days, certain: bool, cx: &Context<'_>) -> bool {
    match cx.rel_holds(rel, date) {
        Holds::Yes => true,
        Holds::No => false,
        Holds::NotStated => !certain,
    }
}

impl Operator for Valid<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        while let Some(batch) = self.input.next(cx)? {
            let mut rows = Vec::with_capacity(batch.len);
            for row in 0..batch.len {
                cx.meter.step(1)?;
                cx.scratch = 0;
                if self.passes(batch.row(row), cx)? {
                    rows.push(row as u32);
                }
            }
            if let Some(kept) = batch.kept(&rows, self.live) {
                return Ok(Some(kept));
            }
        }
        Ok(None)
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}
