//! ACCORDING TO and KNOWN BY: rows of which some sources say something, seen through these sources.
//!
//! ```text
//!   Pattern ─► ThroughView ─► Valid (AS OF) ─► Filter (WHERE) ─► …
//! ```
//!
//! A relationship passes when one of the sources asserts it; a node is asked only where the pattern has no
//! relationship. What the pattern has newly bound carries the view on, so that whatever is read of it later, in this
//! clause or another, is what the sources say.

use smallvec::SmallVec;

use super::found::cited;
use super::{Live, Operator, Source};
use crate::bind::bound::{Slot, Through};
use crate::error::{Error, Result, Span};
use crate::exec::batch::{Batch, Column, Row};
use crate::exec::context::Context;
use crate::exec::eval::eval;
use crate::exec::view::in_view;
use crate::lineage::validity::days_of;
use crate::lineage::whose;
use crate::plan::node::Viewed;
use crate::provenance::{SourceId, View};
use crate::value::{NodeRef, RelRef, Value};

/// Keeps rows that the sources assert, and makes them be seen through these.
pub(in crate::exec) struct ThroughView<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) viewed: &'p Viewed,
    pub(in crate::exec) through: &'p Through,
    pub(in crate::exec) live: Live<'p>,
}

impl ThroughView<'_> {
    fn passes(&self, row: Row<'_>, view: u32, cx: &Context<'_>) -> bool {
        let graph = cx.graph();
        let views = cx.views.borrow();
        let view = views.get(view);
        let rels = self.viewed.rels.iter().all(|slot| rels_pass(&row.value(*slot, graph), view, cx));
        let nodes = || {
            let mut nodes = self.viewed.nodes.iter().filter_map(|slot| row.node(*slot));
            nodes.all(|node| node_passes(node, view, cx))
        };
        rels && (!self.viewed.rels.is_empty() || nodes())
    }

    /// Gives what the pattern has bound its view, and cites it in that view.
    fn look(&self, batch: &mut Batch, views: &[u32], cx: &mut Context<'_>) -> Result<()> {
        let mut cites = batch.cites.take();
        if let Some(cites) = &mut cites {
            for (row, cite) in cites.iter_mut().enumerate() {
                for (slot, is_rel) in self.viewed.cited() {
                    let value = batch.row(row).value(slot, cx.graph());
                    *cite = cite_value(*cite, &in_view(value, views[row])?, slot, is_rel, cx);
                }
            }
            cx.meter.fits(cx.citations.heap_bytes())?;
        }
        batch.cites = cites;
        for slot in &self.viewed.fresh {
            if batch.column(*slot).is_none() {
                continue;
            }
            let values = (0..batch.len).map(|row| in_view(batch.row(row).value(*slot, cx.graph()), views[row]));
            let column = Column::Values(values.collect::<Result<_>>()?);
            batch.set(*slot, column);
        }
        Ok(())
    }
}

/// The number of the view through which `through` looks at a row, 0 for everything; nothing when it is asked at no
/// date. `refused`: a source that nobody knows is an error at that place, and else asserts nothing.
///
/// # Errors
/// No date, no name of a source, a source that nobody knows.
pub(in crate::exec) fn view_of(
    through: &Through,
    refused: Option<Span>,
    row: Row<'_>,
    cx: &mut Context<'_>,
) -> Result<Option<u32>> {
    let mut view: Option<View> = None;
    if !through.according_to.is_empty() {
        let mut sources: SmallVec<[SourceId; 4]> = SmallVec::new();
        for expr in &through.according_to {
            let value = eval(expr, row, cx)?;
            let evidence = cx.evidence;
            let refuse = refused.map(|span| move |id: &str| whose::no_such_source(id, evidence).at(span));
            let refuse = refuse.as_ref().map(|refuse| refuse as &dyn Fn(&str) -> Error);
            whose::add_sources(&value, evidence, refuse, &mut sources)?;
        }
        view = Some(View::of(sources));
    }
    if let Some(known_by) = &through.known_by {
        let date = eval(&known_by.date, row, cx)?;
        if date.is_null() {
            return Ok(None);
        }
        let days = days_of(&date).map_err(|e| e.at(known_by.span))?;
        let known = whose::known_by(cx.evidence, days, known_by.certain);
        view = Some(view.map_or(known.clone(), |view| view.intersection(&known)));
    }
    Ok(Some(view.map_or(0, |view| cx.views.borrow_mut().number(view))))
}

/// Adds what a value holds to the citation of its row.
fn cite_value(cite: u32, value: &Value, slot: Slot, is_rel: bool, cx: &mut Context<'_>) -> u32 {
    match value {
        Value::Node(node) if !is_rel => cited(cite, None, Some((*node, Some(slot))), cx),
        Value::Rel(rel) => cited(cite, Some((*rel, Some(slot))), None, cx),
        Value::List(list) => list.items().iter().fold(cite, |cite, item| cite_value(cite, item, slot, is_rel, cx)),
        _ => cite,
    }
}

fn rels_pass(value: &Value, view: Option<&View>, cx: &Context<'_>) -> bool {
    match value {
        Value::Rel(rel) => rel_passes(*rel, view, cx),
        Value::List(list) => list.iter().all(|item| rels_pass(item, view, cx)),
        _ => true,
    }
}

fn rel_passes(rel: RelRef, view: Option<&View>, cx: &Context<'_>) -> bool {
    cx.evidence.seen(rel, view).next().is_some()
}

fn node_passes(node: NodeRef, view: Option<&View>, cx: &Context<'_>) -> bool {
    cx.evidence.places_seen(node, view).next().is_some() || cx.evidence.exists_seen(node, view).next().is_some()
}

impl Operator for ThroughView<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        while let Some(batch) = self.input.next(cx)? {
            let (mut rows, mut views) = (Vec::with_capacity(batch.len), Vec::with_capacity(batch.len));
            for row in 0..batch.len {
                cx.meter.step(1)?;
                cx.scratch = 0;
                let Some(view) = view_of(self.through, None, batch.row(row), cx)? else { continue };
                if self.passes(batch.row(row), view, cx) {
                    rows.push(row as u32);
                    views.push(view);
                }
            }
            if rows.is_empty() {
                continue;
            }
            let mut batch = batch.gather(&rows, None);
            self.look(&mut batch, &views, cx)?;
            batch.keep(self.live);
            return Ok(Some(batch));
        }
        Ok(None)
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}
