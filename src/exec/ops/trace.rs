//! TRACE: what became of what, as rows beside each input row.

use std::borrow::Cow;
use std::sync::Arc;

use super::rows_of::{Answered, RowsOf, Table};
use super::through_view::view_of;
use super::{Live, Source};
use crate::bind::bound::{AsOf, Expr, Slot, Through};
use crate::error::{Result, Span};
use crate::exec::batch::Row;
use crate::exec::context::{Context, Remark};
use crate::exec::eval::eval;
use crate::exec::table::Traced;
use crate::exec::view::in_view;
use crate::lineage::detail::{Detail, Teller, detail_dated};
use crate::lineage::kinds::Kinds;
use crate::lineage::question::{Means, Question, all_meant, check_types};
use crate::lineage::stated::Known;
use crate::lineage::validity::days_of;
use crate::lineage::{Course, Lineage, Passage, Step, cells, columns};
use crate::provenance::citation::{Leaf, NOTHING};
use crate::provenance::{FactId, Member, View};
use crate::value::{NodeRef, RelRef, Value};

/// What TRACE asks.
pub(in crate::exec) struct Trace<'p> {
    pub(in crate::exec) start: &'p Expr,
    pub(in crate::exec) to: Option<&'p Expr>,
    pub(in crate::exec) course: Option<Course>,
    pub(in crate::exec) via: &'p [Arc<str>],
    pub(in crate::exec) as_of: Option<&'p AsOf>,
    pub(in crate::exec) through: &'p Through,
    pub(in crate::exec) span: Span,
    /// The columns that are asked for.
    pub(in crate::exec) wanted: Vec<bool>,
    /// The types of `VIA`, when they were asked for.
    pub(in crate::exec) kinds: Option<Kinds>,
}

/// The operator of TRACE.
pub(in crate::exec) fn trace<'p>(
    input: Source<'p>,
    trace: Trace<'p>,
    yields: &'p [(usize, Slot)],
    live: Live<'p>,
) -> RowsOf<'p, Trace<'p>> {
    let mut wanted = vec![false; columns::TRACE.len()];
    for (column, slot) in yields.iter().filter(|(column, _)| *column != columns::PLACE) {
        wanted[*column] |= live.is_none_or(|live| live.contains(slot));
    }
    RowsOf::of(input, Trace { wanted, ..trace }, yields, live)
}

impl Table for Trace<'_> {
    fn rows(&mut self, row: Row<'_>, cx: &mut Context<'_>) -> Result<Answered> {
        check_types(cx.graph(), cx.knowledge.vocabulary, self.via).map_err(|e| e.at(self.span))?;
        let start = eval(self.start, row, cx)?;
        let Some(starts) = self.meant(&start, cx)? else { return Ok(Answered::default()) };
        let mut to = Vec::new();
        if let Some(expr) = self.to {
            let value = eval(expr, row, cx)?;
            let Some(ends) = self.meant(&value, cx)? else { return Ok(Answered::default()) };
            to = ends;
        }
        let (mut date, mut as_of) = (None, None);
        if let Some(clause) = self.as_of {
            let value = eval(&clause.date, row, cx)?;
            if value.is_null() {
                return Ok(Answered::default());
            }
            date = Some((days_of(&value).map_err(|e| e.at(self.span))?, clause.certain));
            as_of = Some(value);
        }
        let Some(number) = view_of(self.through, Some(self.span), row, cx)? else { return Ok(Answered::default()) };
        let view = cx.views.borrow().get(number).cloned();
        let question = Question { starts: &starts, to: &to, course: self.course, via: self.via, date };
        let lineage = self.answer(question, view.as_ref(), cx)?;
        let mut answered = Answered::default();
        if cx.plan.cite {
            answered.cites = cites(&lineage, number, cx);
        }
        let known = known(cx, view.as_ref());
        let (teller, in_detail) = (Teller::new(known), columns::want_detail(&self.wanted));
        answered.rows.reserve(lineage.steps.len());
        for (step, place) in lineage.steps.iter().zip(0..) {
            cx.meter.step(1)?;
            let told = match in_detail {
                true => detail_dated(&known, &step.kind, &step.facts, &step.parts, &mut step.dates.iter()),
                false => Detail::default(),
            };
            let mut cells = cells::of_step(step, &lineage, &self.wanted, &told, &teller, &known)?;
            if number != 0 {
                cells = cells.into_iter().map(|cell| in_view(cell, number)).collect::<Result<_>>()?;
            }
            if cx.plan.traced.is_some() {
                cells.push(Value::Int(place));
            }
            answered.rows.push(cells);
        }
        if let Some(traced) = cx.plan.traced {
            let bytes = lineage.steps.len() * size_of::<Step>() + lineage.ways.len() * size_of::<Passage>();
            cx.kept.grow(bytes)?;
            let yields = traced.yields;
            let lineage = Arc::new(lineage);
            cx.lineage = Some(Box::new(Traced { starts, as_of, view, lineage, yields, kept: Vec::new() }));
        }
        Ok(answered)
    }
}

fn known<'c>(cx: &'c Context<'_>, view: Option<&'c View>) -> Known<'c> {
    Known { graph: cx.graph(), evidence: cx.evidence, vocabulary: cx.knowledge.vocabulary, view }
}

impl Trace<'_> {
    /// The entities that a value means. Errors: as [`all_meant`].
    fn meant(&self, value: &Value, cx: &Context<'_>) -> Result<Option<Vec<NodeRef>>> {
        all_meant(value, cx.knowledge.names).map_err(|e| e.at(self.span))
    }

    /// The lineage, and a remark where there is none. Errors: a limit.
    fn answer(&mut self, question: Question<'_>, view: Option<&View>, cx: &mut Context<'_>) -> Result<Lineage> {
        let kinds = match self.via.is_empty() && cx.is_reading() {
            true => Cow::Borrowed(cx.knowledge.overview.kinds(cx.graph(), cx.knowledge.vocabulary)),
            false => Cow::Owned(
                self.kinds.take().unwrap_or_else(|| Kinds::of(cx.graph(), cx.knowledge.vocabulary, self.via)),
            ),
        };
        let (known, names) = (known(cx, view), cx.knowledge.names);
        let (lists, entity) = (|| cx.knowledge.lists(cx.graph()), |id: &str| names().by_id(id));
        let is_first = !cx.traced.contains(&self.span);
        let answer = |interrupted: &dyn Fn() -> bool| {
            let means = Means { kinds: &kinds, lists: &lists, entity: &entity, interrupted };
            let lineage = question.answer(known, means);
            let silence = (is_first && lineage.steps.is_empty()).then(|| {
                let mut through = Vec::new();
                through.extend((!self.through.according_to.is_empty()).then_some("ACCORDING TO"));
                through.extend(self.through.known_by.is_some().then_some("KNOWN BY"));
                question.silence(&lineage, known, means, &through)
            });
            (lineage, silence)
        };
        let (lineage, silence) = cx.meter.interruptible(answer)?;
        if let Cow::Owned(kinds) = kinds {
            self.kinds = Some(kinds);
        }
        if is_first {
            cx.traced.push(self.span);
            let remark = |message| Remark { message, hint: None, span: self.span };
            cx.remarks.extend(silence.map(remark));
        } else {
            // asked of many, one without an answer is nothing to remark
            cx.remarks.retain(|remark| remark.span != self.span);
        }
        Ok(lineage)
    }
}

/// What each step rests on: its own facts, and the successions that lead from the start to it.
fn cites(lineage: &Lineage, view: u32, cx: &mut Context<'_>) -> Vec<u32> {
    let mut on_the_way: Vec<u32> = Vec::with_capacity(lineage.ways.len());
    for way in &lineage.ways {
        let mut cite = way.before.map_or(NOTHING, |before| on_the_way[before]);
        cite = rests_on(cite, &way.facts, &way.parts, view, cx);
        on_the_way.push(cite);
    }
    let mut own_and_way = |step: &Step| {
        let cite = step.by.map_or(NOTHING, |way| on_the_way[way]);
        rests_on(cite, &step.facts, &step.parts, view, cx)
    };
    lineage.steps.iter().map(&mut own_and_way).collect()
}

/// `cite`, and facts and parts of an event.
fn rests_on(cite: u32, facts: &[RelRef], parts: &[Member], view: u32, cx: &mut Context<'_>) -> u32 {
    let facts = facts.iter().copied().map(FactId::Rel);
    let all = facts.chain(parts.iter().map(|part| FactId::Mention(part.mention)));
    all.fold(cite, |cite, fact| {
        let one = cx.citations.leaf(Leaf { view, ..Leaf::of(fact) });
        cx.citations.and(cite, one)
    })
}
