//! TRACE and CONFLICTS: what became of what, and what contradicts what, as rows beside each input row.

use std::sync::Arc;

use super::rows_of::{Answered, RowsOf, Table};
use super::valid::rel_holds;
use super::{Live, Source};
use crate::bind::bound::{AsOf, Expr, Slot, TraceDirection};
use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::exec::batch::Row;
use crate::exec::context::Context;
use crate::exec::eval::eval;
use crate::lineage::names::Found;
use crate::lineage::validity::days_of;
use crate::lineage::{self, Course, Lineage, Request, Step};
use crate::provenance::citation::NOTHING;
use crate::provenance::{Claim, FactId};
use crate::value::{NodeRef, RelRef, Value};

/// What TRACE asks.
pub(in crate::exec) struct Trace<'p> {
    pub(in crate::exec) start: &'p Expr,
    pub(in crate::exec) direction: Option<TraceDirection>,
    pub(in crate::exec) via: &'p [Arc<str>],
    pub(in crate::exec) as_of: Option<&'p AsOf>,
    pub(in crate::exec) span: Span,
}

/// The operator of TRACE.
pub(in crate::exec) fn trace<'p>(
    input: Source<'p>,
    trace: Trace<'p>,
    yields: &'p [(usize, Slot)],
    live: Live<'p>,
) -> RowsOf<'p, Trace<'p>> {
    RowsOf::of(input, trace, yields, live)
}

impl Table for Trace<'_> {
    fn rows(&mut self, row: Row<'_>, cx: &mut Context<'_>) -> Result<Answered> {
        let start = eval(self.start, row, cx)?;
        let Some(start) = thing(&start, self.span, cx)? else { return Ok(Answered::default()) };
        let mut date = None;
        if let Some(as_of) = self.as_of {
            let value = eval(&as_of.date, row, cx)?;
            if value.is_null() {
                return Ok(Answered::default());
            }
            date = Some((days_of(&value).map_err(|e| e.at(self.span))?, as_of.certain));
        }
        let course = self.direction.map(|direction| match direction {
            TraceDirection::Backward => Course::Backward,
            TraceDirection::Forward => Course::Forward,
        });
        let graph = cx.graph();
        let lineage = cx.known(|known| {
            let holds = |rel: RelRef| date.is_none_or(|(date, certain)| rel_holds(&known, rel, date, certain));
            let request = Request { start, course, via: self.via, holds: &holds };
            lineage::trace(graph, cx.knowledge.vocabulary, &request)
        });
        let mut answered = Answered::default();
        if cx.plan.cite {
            answered.cites = cites(&lineage, cx);
        }
        for step in lineage.steps {
            cx.meter.step(1)?;
            let node = |node: Option<NodeRef>| node.map_or(Value::Null, Value::Node);
            answered.rows.push(vec![
                Value::Int(step.number),
                Value::str(match step.course {
                    Course::Backward => "backward",
                    Course::Here => "here",
                    Course::Forward => "forward",
                }),
                Value::Str(step.kind),
                node(step.from),
                node(step.to),
                node(step.what),
                step.when.map_or(Value::Null, Value::Str),
                support(step.facts.first().copied(), cx),
                cited_places(&step.facts, cx)?,
            ]);
        }
        Ok(answered)
    }
}

/// What each step rests on: its own facts, and the successions that lead from the start to it.
fn cites(lineage: &Lineage, cx: &mut Context<'_>) -> Vec<u32> {
    let mut on_the_way: Vec<u32> = Vec::with_capacity(lineage.ways.len());
    for way in &lineage.ways {
        let before = way.before.map_or(NOTHING, |before| on_the_way[before]);
        let fact = cx.citations.fact(FactId::Rel(way.rel));
        on_the_way.push(cx.citations.and(before, fact));
    }
    let own_and_way = |step: &Step| {
        let mut cite = step.by.map_or(NOTHING, |way| on_the_way[way]);
        for rel in &step.facts {
            let fact = cx.citations.fact(FactId::Rel(*rel));
            cite = cx.citations.and(cite, fact);
        }
        cite
    };
    lineage.steps.iter().map(own_and_way).collect()
}

/// What CONFLICTS asks.
pub(in crate::exec) struct Conflicts<'p> {
    pub(in crate::exec) of: Option<&'p Expr>,
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
            let Some(node) = thing(&value, self.span, cx)? else { return Ok(Answered::default()) };
            of = Some(node);
        }
        let found = lineage::conflicts(cx.graph(), cx.knowledge.vocabulary, of);
        let mut answered = Answered::default();
        for conflict in found {
            cx.meter.step(1)?;
            let topic = if conflict.topic.is_empty() { Value::Null } else { Value::Str(conflict.topic) };
            let [left, right] = &conflict.sides;
            let mut cells = vec![topic, Value::Str(conflict.kind)];
            for side in [left, right] {
                let sources = sources(side, cx);
                cells.push(Value::from(lineage::claim_text(cx.graph(), side.rel)));
                cells.push(Value::Int(sources.len() as i64));
                cells.push(Value::list(sources)?);
            }
            answered.rows.push(cells);
            if cx.plan.cite {
                let left = cx.citations.fact(FactId::Rel(left.rel));
                let right = cx.citations.fact(FactId::Rel(right.rel));
                answered.cites.push(cx.citations.and(left, right));
            }
        }
        Ok(answered)
    }
}

/// The ids of the documents behind one side of a conflict.
fn sources(claim: &Claim, cx: &Context<'_>) -> Vec<Value> {
    let all = cx.evidence.sources_of(FactId::Rel(claim.rel));
    let meant = if claim.sources.is_empty() { &all[..] } else { &claim.sources };
    meant.iter().filter_map(|id| cx.evidence.source(*id)).map(|source| Value::Str(Arc::clone(&source.id))).collect()
}

/// The node a value means: itself, or the one of that name; nothing for null.
/// Errors: no such name, several of them, neither node nor text.
fn thing(value: &Value, span: Span, cx: &Context<'_>) -> Result<Option<NodeRef>> {
    let name = match value {
        Value::Null => return Ok(None),
        Value::Node(node) => return Ok(Some(*node)),
        Value::Str(name) => name,
        other => {
            let message = format!("expected a name or a node, and this is a {}", other.type_name());
            return Err(Error::type_error(Code::InvalidArgumentType, message).at(span));
        }
    };
    let wrong = |code, message: String| Error::new(Class::EntityNotFound, Phase::Runtime, code, message).at(span);
    match (cx.knowledge.names)().resolve(name) {
        Found::One(candidate) => Ok(Some(candidate.node)),
        Found::Many(candidates) => {
            let listed: Vec<String> =
                candidates.iter().take(8).map(|c| format!("{} ({}, {})", c.name, c.kind, c.id)).collect();
            Err(wrong(Code::NameAmbiguous, format!("`{name}` may mean {} things", candidates.len()))
                .hint(format!("say which by its id: {}", listed.join("; "))))
        }
        Found::None(near) => {
            let error = wrong(Code::NameNotFound, format!("nothing is named `{name}`"));
            let listed: Vec<&str> = near.iter().take(3).map(|c| &*c.name).collect();
            Err(error.hint(match listed.is_empty() {
                true => "`shejire find` with a word of the name looks through every name and its spellings".to_owned(),
                false => format!("near it: {}", listed.join("; ")),
            }))
        }
    }
}

fn support(rel: Option<RelRef>, cx: &Context<'_>) -> Value {
    rel.map_or(Value::Null, |rel| Value::Int(cx.evidence.support(FactId::Rel(rel)) as i64))
}

fn cited_places(facts: &[RelRef], cx: &Context<'_>) -> Result<Value> {
    let mut places: Vec<_> = facts.iter().flat_map(|rel| cx.evidence.places(FactId::Rel(*rel))).collect();
    places.sort_unstable();
    places.dedup();
    Value::list(places.into_iter().map(|place| Value::from(cx.evidence.cite(place))).collect())
}
