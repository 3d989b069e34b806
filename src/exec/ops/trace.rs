//! TRACE: what became of what, as rows beside each input row.

use std::borrow::Cow;
use std::sync::Arc;

use super::lineage::thing;
use super::rows_of::{Answered, RowsOf, Table};
use super::through_view::{unknown_source, view_of};
use super::{Live, Source};
use crate::bind::bound::{AsOf, Expr, Slot, Through, TraceDirection};
use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::exec::batch::Row;
use crate::exec::context::{Context, Remark};
use crate::exec::eval::eval;
use crate::exec::view::in_view;
use crate::lineage::columns::OfTrace;
use crate::lineage::detail::{self, Detail, Teller, count, detail_dated};
use crate::lineage::kinds::Kinds;
use crate::lineage::stated::{Known, Stated};
use crate::lineage::validity::{Days, Holds, days_of};
use crate::lineage::{self, Course, Lineage, Passage, Request, Said, Step, columns};
use crate::provenance::citation::{Leaf, NOTHING};
use crate::provenance::{FactId, Member, View};
use crate::value::{NodeRef, RelRef, Value};

/// What TRACE asks.
pub(in crate::exec) struct Trace<'p> {
    pub(in crate::exec) start: &'p Expr,
    pub(in crate::exec) to: Option<&'p Expr>,
    pub(in crate::exec) direction: Option<TraceDirection>,
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
    for (column, slot) in yields {
        wanted[*column] |= live.is_none_or(|live| live.contains(slot));
    }
    RowsOf::of(input, Trace { wanted, ..trace }, yields, live)
}

impl Table for Trace<'_> {
    fn rows(&mut self, row: Row<'_>, cx: &mut Context<'_>) -> Result<Answered> {
        self.check_via(cx)?;
        let start = eval(self.start, row, cx)?;
        let Some(starts) = things(&start, self.span, cx)? else { return Ok(Answered::default()) };
        let mut to = Vec::new();
        if let Some(expr) = self.to {
            let value = eval(expr, row, cx)?;
            let Some(ends) = things(&value, self.span, cx)? else { return Ok(Answered::default()) };
            to = ends;
        }
        let mut date = None;
        if let Some(as_of) = self.as_of {
            let value = eval(&as_of.date, row, cx)?;
            if value.is_null() {
                return Ok(Answered::default());
            }
            date = Some((days_of(&value).map_err(|e| e.at(self.span))?, as_of.certain));
        }
        let unknown = |id: &str, cx: &Context<'_>| unknown_source(id, self.span, cx);
        let Some(number) = view_of(self.through, Some(&unknown), row, cx)? else { return Ok(Answered::default()) };
        let view = cx.views.borrow().get(number).cloned();
        let asked = Asked { starts, to, date, number, view: view.as_ref() };
        let kinds = match self.via.is_empty() && cx.is_reading() {
            true => Cow::Borrowed(cx.knowledge.overview.kinds(cx.graph(), cx.knowledge.vocabulary)),
            false => Cow::Owned(
                self.kinds.take().unwrap_or_else(|| Kinds::of(cx.graph(), cx.knowledge.vocabulary, self.via)),
            ),
        };
        let lineage = self.trace(&asked, &kinds, cx);
        if let Cow::Owned(kinds) = kinds {
            self.kinds = Some(kinds);
        }
        if cx.traced.contains(&self.span) {
            // asked of many, one without an answer is nothing to remark
            cx.remarks.retain(|remark| remark.span != self.span);
        } else {
            cx.traced.push(self.span);
            if lineage.steps.is_empty() {
                self.explain(&asked, &lineage, cx);
            }
        }
        let mut answered = Answered::default();
        if cx.plan.cite {
            answered.cites = cites(&lineage, number, cx);
        }
        let known = known(cx, asked.view);
        let (teller, in_detail) = (Teller::new(known), columns::want_detail(&self.wanted));
        answered.rows.reserve(lineage.steps.len());
        for step in &lineage.steps {
            cx.meter.step(1)?;
            let told = match in_detail {
                true => detail_dated(&known, &step.kind, &step.facts, &step.parts, &mut step.dates.iter()),
                false => Detail::default(),
            };
            let mut cells = cells(step, &lineage, &self.wanted, &told, &teller, &known)?;
            if number != 0 {
                cells = cells.into_iter().map(|cell| in_view(cell, number)).collect::<Result<_>>()?;
            }
            answered.rows.push(cells);
        }
        Ok(answered)
    }
}

/// What is asked of one row.
#[derive(Clone)]
struct Asked<'v> {
    starts: Vec<NodeRef>,
    to: Vec<NodeRef>,
    date: Option<(Days, bool)>,
    /// The number of the view.
    number: u32,
    view: Option<&'v View>,
}

fn known<'c>(cx: &'c Context<'_>, view: Option<&'c View>) -> Known<'c> {
    Known { graph: cx.graph(), evidence: cx.evidence, vocabulary: cx.knowledge.vocabulary, view }
}

impl Trace<'_> {
    fn trace(&self, asked: &Asked<'_>, kinds: &Kinds, cx: &Context<'_>) -> Lineage {
        let known = known(cx, asked.view);
        let course = self.direction.map(|direction| match direction {
            TraceDirection::Backward => Course::Backward,
            TraceDirection::Forward => Course::Forward,
        });
        let holds = |said: Said<'_>| {
            asked.date.is_none_or(|(date, certain)| {
                let held = match said {
                    Said::Fact(rel) => cx.rel_holds(rel.in_view(asked.number), date),
                    Said::Part(mention, _) => held(&known.mention_dates(mention), date),
                };
                match held {
                    Holds::Yes => true,
                    Holds::No => false,
                    Holds::NotStated => !certain,
                }
            })
        };
        let entity = |id: &str| (cx.knowledge.names)().by_id(id);
        let (starts, to) = (&*asked.starts, &*asked.to);
        let request = Request { starts, to, course, via: self.via, holds: &holds, entity: &entity };
        lineage::trace_by(known, kinds, &request)
    }

    /// Errors: a type that neither the graph nor the dataset knows.
    fn check_via(&self, cx: &Context<'_>) -> Result<()> {
        let (graph, vocabulary) = (cx.graph(), cx.knowledge.vocabulary);
        for name in self.via {
            if graph.rel_type(name).is_some() || vocabulary.get(name).is_some() {
                continue;
            }
            let all = || {
                let used = graph.names().types().map(|(_, name)| name);
                used.chain(vocabulary.types().iter().map(|ty| &*ty.name))
            };
            let near = crate::error::nearest(name, all()).or_else(|| {
                let mut alike: Vec<&str> =
                    all().filter(|other| other.contains(&**name) || name.contains(other)).collect();
                alike.sort_by_key(|other| (other.len(), *other));
                alike.first().copied()
            });
            let message = format!("no relationship type is called `{name}`");
            let error = Error::new(Class::EntityNotFound, Phase::Runtime, Code::NameNotFound, message).at(self.span);
            return Err(match near {
                Some(near) => error.hint(format!("did you mean VIA {near}?")),
                None => {
                    error.hint(match vocabulary.types().iter().filter(|ty| ty.descent.is_some()).map(|ty| &*ty.name) {
                        types if types.clone().next().is_none() => "`shejire schema` lists the types".to_owned(),
                        types => format!("these carry a lineage: {}", types.take(12).collect::<Vec<_>>().join(", ")),
                    })
                }
            });
        }
        Ok(())
    }

    /// Says why there is no row.
    fn explain(&self, asked: &Asked<'_>, lineage: &Lineage, cx: &mut Context<'_>) {
        let facts = |lineage: &Lineage| {
            let mut facts: Vec<RelRef> = lineage.steps.iter().flat_map(|step| step.facts.iter().copied()).collect();
            facts.sort_unstable();
            facts.dedup();
            let parts = lineage.steps.iter().map(|step| step.parts.len()).sum::<usize>();
            facts.len() + parts
        };
        let mut hidden_by: Vec<String> = Vec::new();
        if asked.date.is_some() {
            hidden_by.push("AS OF".to_owned());
        }
        if !self.via.is_empty() {
            hidden_by.push("VIA".to_owned());
        }
        if !self.through.according_to.is_empty() {
            hidden_by.push("ACCORDING TO".to_owned());
        }
        if self.through.known_by.is_some() {
            hidden_by.push("KNOWN BY".to_owned());
        }
        let mut message = String::new();
        if !hidden_by.is_empty() {
            let kinds = Kinds::of(cx.graph(), cx.knowledge.vocabulary, &[]);
            let all = Asked { date: None, number: 0, view: None, ..asked.clone() };
            let hidden = facts(&self.trace(&all, &kinds, cx));
            if hidden > 0 {
                let facts = if hidden == 1 { "1 fact" } else { &format!("{hidden} facts") };
                let hide = if hidden_by.len() == 1 { "hides" } else { "hide" };
                message = format!("{} {hide} {facts} that would answer this", hidden_by.join(" and "));
            }
        }
        if message.is_empty() && !asked.to.is_empty() {
            message = format!(
                "not related in these documents: {} bodies were looked at, before and after both",
                lineage.looked
            );
        }
        if message.is_empty() {
            message = match self.direction {
                None => "no document says what became of it, or what it came from",
                Some(TraceDirection::Forward) => "no document says what became of it",
                Some(TraceDirection::Backward) => "no document says what it came from",
            }
            .to_owned();
        }
        cx.remarks.push(Remark { message, hint: None, span: self.span });
    }
}

/// Whether an act with these dates is done at `date`: from the last day that it may have been, certainly; not before
/// the first.
fn held(dates: &[Stated], date: Days) -> Holds {
    let mut held = Holds::NotStated;
    for days in dates.iter().filter_map(Stated::days) {
        if days.earliest().is_some_and(|first| date.last < first) {
            return Holds::No;
        }
        if days.latest().is_some_and(|last| last <= date.last) {
            held = Holds::Yes;
        }
    }
    held
}

/// The entities that a value means: one, or each of a list; nothing for null.
/// Errors: as [`thing`].
fn things(value: &Value, span: Span, cx: &Context<'_>) -> Result<Option<Vec<NodeRef>>> {
    let Value::List(list) = value else { return Ok(thing(value, span, cx)?.map(|node| vec![node])) };
    let mut nodes = Vec::new();
    for item in list.iter() {
        nodes.extend(thing(item, span, cx)?);
    }
    Ok(Some(nodes).filter(|nodes| !nodes.is_empty()))
}

/// The cells of a row, in the order of [`columns::TRACE`]; those that nobody asks for are null.
fn cells(
    step: &Step,
    lineage: &Lineage,
    wanted: &[bool],
    told: &Detail,
    teller: &Teller<'_>,
    known: &Known<'_>,
) -> Result<Vec<Value>> {
    let node = |node: Option<NodeRef>| node.map_or(Value::Null, Value::Node);
    let mut cells = Vec::with_capacity(columns::TRACE.len());
    for (column, wanted) in columns::OF_TRACE.iter().zip(wanted) {
        if !wanted {
            cells.push(Value::Null);
            continue;
        }
        cells.push(match column {
            OfTrace::Step => Value::Int(step.number),
            OfTrace::Direction => Value::str(match step.course {
                Course::Backward => "backward",
                Course::Here => "here",
                Course::Forward => "forward",
            }),
            OfTrace::Kind => Value::Str(step.kind.name.clone()),
            OfTrace::From => node(step.from),
            OfTrace::To => node(step.to),
            OfTrace::What => node(step.what),
            OfTrace::When => told.when.clone().map_or(Value::Null, Value::Str),
            OfTrace::Support => count(told.sources.len()),
            OfTrace::Citations => teller.cited(&told.places)?,
            OfTrace::Event => Value::Str(step.event.clone()),
            OfTrace::Predecessors => teller.bodies(told, &step.predecessors)?,
            OfTrace::Successors => teller.bodies(told, &step.successors)?,
            OfTrace::Body => node(step.body),
            OfTrace::Dates => teller.dates(told)?,
            OfTrace::Act => teller.acts(told)?,
            OfTrace::Share => teller.shares(told)?,
            OfTrace::Witnesses => count(known.evidence.witnesses(&told.sources)),
            OfTrace::Supplied => teller.cited(&told.supplied)?,
            OfTrace::Certain => Value::Bool(step.certain),
            OfTrace::Disputed => Value::Bool(told.disputed),
            OfTrace::After => {
                let way = step.by.and_then(|way| lineage.ways.get(way));
                way.map_or(Value::Null, |way| Value::Str(way.event.clone()))
            }
            OfTrace::Route => route(step, lineage, teller, known)?,
        });
    }
    Ok(cells)
}

/// The events from the start to where a step happened, each with the body it leads to and its places.
fn route(step: &Step, lineage: &Lineage, teller: &Teller<'_>, known: &Known<'_>) -> Result<Value> {
    let mut passed: Vec<&Passage> = Vec::new();
    let mut next = step.by;
    while let Some(way) = next.and_then(|at| lineage.ways.get(at)) {
        passed.push(way);
        next = way.before;
    }
    let each = passed.into_iter().rev().map(|way| {
        let mut places: Vec<_> =
            way.facts.iter().flat_map(|rel| known.mentions(*rel)).map(|mention| mention.place).collect();
        places.extend(way.parts.iter().filter_map(|part| known.evidence.mention(part.mention)).map(|m| m.place));
        detail::tidy(known, &mut places);
        teller.passage(&way.event, way.body, &places)
    });
    Value::list(each.collect::<Result<_>>()?)
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
