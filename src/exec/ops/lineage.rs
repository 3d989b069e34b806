//! CONFLICTS: what contradicts what, as rows beside each input row; and which thing a name means.

use std::sync::Arc;

use super::rows_of::{Answered, RowsOf, Table};
use super::through_view::{unknown_source, view_of};
use super::{Live, Source};
use crate::bind::bound::{Expr, Slot, Through};
use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::exec::batch::Row;
use crate::exec::context::Context;
use crate::exec::eval::eval;
use crate::lineage;
use crate::lineage::names::Found;
use crate::lineage::{Ground, Standpoint};
use crate::provenance::citation::{Leaf, NOTHING};
use crate::provenance::{FactId, Place, SourceId};
use crate::value::{NodeRef, Value};

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
            let Some(node) = thing(&value, self.span, cx)? else { return Ok(Answered::default()) };
            of = Some(node);
        }
        let unknown = |id: &str, cx: &Context<'_>| unknown_source(id, self.span, cx);
        let Some(number) = view_of(self.through, Some(&unknown), row, cx)? else { return Ok(Answered::default()) };
        let view = cx.views.borrow().get(number).cloned();
        let (evidence, vocabulary) = (cx.evidence, cx.knowledge.vocabulary);
        let ground = Ground { graph: cx.graph(), evidence, vocabulary, view: view.as_ref() };
        let found = lineage::conflicts(&ground, of);
        let mut answered = Answered::default();
        for conflict in found {
            cx.meter.step(1)?;
            let topic = if conflict.topic.is_empty() { Value::Null } else { Value::Str(conflict.topic) };
            let mut cells = vec![topic, Value::Str(conflict.kind)];
            let [(left, left_more), (right, right_more)] =
                [side(&conflict.sides[0], number, cx)?, side(&conflict.sides[1], number, cx)?];
            cells.extend(left);
            cells.extend(right);
            cells.push(conflict.certain.map_or(Value::Null, Value::Bool));
            cells.extend(left_more);
            cells.extend(right_more);
            answered.rows.push(cells);
            if cx.plan.cite {
                answered.cites.push(cite_sides(&conflict.sides, number, cx));
            }
        }
        Ok(answered)
    }
}

/// One side of a conflict as cells: the claim in words, how many documents say so, which; then what it states otherwise
/// than the other, how many independent voices say so, where, and the fact itself.
fn side(side: &Standpoint, view: u32, cx: &Context<'_>) -> Result<([Value; 3], [Value; 4])> {
    let (text, fact) = match side.about {
        FactId::Rel(rel) => (lineage::claim_text(cx.graph(), rel), Value::Rel(rel.in_view(view))),
        FactId::Node(node) => (lineage::node_name(cx.graph(), node), Value::Node(node.in_view(view))),
        FactId::Mention(_) => (String::new(), Value::Null),
    };
    let states = match side.states.is_empty() {
        true => Value::Null,
        false => {
            let mut entries = Vec::with_capacity(side.states.len());
            for (key, values) in &side.states {
                entries.push((Arc::clone(key), Value::list(values.iter().cloned().map(Value::Str).collect())?));
            }
            Value::map(entries)?
        }
    };
    let mut places: Vec<Place> =
        side.mentions.iter().filter_map(|id| cx.evidence.mention(*id)).map(|mention| mention.place).collect();
    places.sort_unstable();
    places.dedup();
    let mut sources: Vec<SourceId> = places.iter().map(|place| place.source).collect();
    sources.dedup();
    let count = |n: usize| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let (support, witnesses) = (count(sources.len()), count(cx.evidence.witnesses(&sources)));
    let ids = sources.iter().filter_map(|id| cx.evidence.source(*id)).map(|source| Value::Str(Arc::clone(&source.id)));
    let places = places.into_iter().map(|place| Value::from(cx.evidence.cite(place)));
    let (sources, places) = (Value::list(ids.collect())?, Value::list(places.collect())?);
    Ok(([Value::from(text), support, sources], [states, witnesses, places, fact]))
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

/// The node a value means: itself, or the one of that name; nothing for null.
/// Errors: no such name, several of them, neither node nor text.
pub(super) fn thing(value: &Value, span: Span, cx: &Context<'_>) -> Result<Option<NodeRef>> {
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
