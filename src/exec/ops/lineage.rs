//! CONFLICTS: what contradicts what, as rows beside each input row.

use super::rows_of::{Answered, RowsOf, Table};
use super::through_view::view_of;
use super::{Live, Source};
use crate::bind::bound::{Expr, Slot, Through};
use crate::error::{Result, Span};
use crate::exec::batch::Row;
use crate::exec::context::Context;
use crate::exec::eval::eval;
use crate::exec::view::in_view;
use crate::lineage::question::meant;
use crate::lineage::stated::Known;
use crate::lineage::{self, Ground, Standpoint, cells};
use crate::provenance::FactId;
use crate::provenance::citation::{Leaf, NOTHING};

/// What CONFLICTS asks.
pub(in crate::exec) struct Conflicts<'p> {
    pub(in crate::exec) of: Option<&'p Expr>,
    pub(in crate::exec) through: &'p Through,
    pub(in crate::exec) span: Span,
}

/// The operator of CONFLICTS.
pub(in crate::exec) fn conflicts<'p>(
    input: Source<'p>,
    conflicts: Conflicts<'p>,
    yields: &'p [(usize, Slot)],
    live: Live<'p>,
) -> RowsOf<'p, Conflicts<'p>> {
    RowsOf::of(input, conflicts, yields, live)
}

impl Table for Conflicts<'_> {
    fn rows(&mut self, row: Row<'_>, cx: &mut Context<'_>) -> Result<Answered> {
        let mut of = None;
        if let Some(expr) = self.of {
            let value = eval(expr, row, cx)?;
            let meant = meant(&value, cx.knowledge.names).map_err(|e| e.at(self.span))?;
            let Some(node) = meant else { return Ok(Answered::default()) };
            of = Some(node);
        }
        let Some(number) = view_of(self.through, Some(self.span), row, cx)? else { return Ok(Answered::default()) };
        let view = cx.views.borrow().get(number).cloned();
        let (graph, evidence, vocabulary) = (cx.graph(), cx.evidence, cx.knowledge.vocabulary);
        let known = Known { graph, evidence, vocabulary, view: view.as_ref() };
        let found = lineage::conflicts(&Ground::of(known, cx.knowledge.lists(graph)), of);
        let mut answered = Answered::default();
        for conflict in found {
            cx.meter.step(1)?;
            let known = Known { graph: cx.graph(), evidence, vocabulary, view: view.as_ref() };
            let mut cells = cells::of_conflict(&conflict, &known)?;
            if number != 0 {
                cells = cells.into_iter().map(|cell| in_view(cell, number)).collect::<Result<_>>()?;
            }
            answered.rows.push(cells);
            if cx.plan.cite {
                answered.cites.push(cite_sides(&conflict.sides, number, cx));
            }
        }
        Ok(answered)
    }
}

/// What a conflict rests on: of either side one mention is enough; of a side that nobody states, its fact.
fn cite_sides(sides: &[Standpoint; 2], view: u32, cx: &mut Context<'_>) -> u32 {
    let [left, right] = [&sides[0], &sides[1]].map(|side| {
        let all = side.mentions.iter().map(|id| FactId::Mention(*id));
        let facts: Vec<FactId> = if side.mentions.is_empty() { vec![side.about] } else { all.collect() };
        let mut cite = NOTHING;
        for fact in facts {
            let one = cx.citations.leaf(Leaf { view, ..Leaf::of(fact) });
            cite = cx.citations.or(cite, one);
        }
        cite
    });
    cx.citations.and(left, right)
}
