//! CONFLICTS: what contradicts what, as rows beside each input row; and which thing a name means.

use std::sync::Arc;

use super::rows_of::{Answered, RowsOf, Table};
use super::{Live, Source};
use crate::bind::bound::{Expr, Slot};
use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::exec::batch::Row;
use crate::exec::context::Context;
use crate::exec::eval::eval;
use crate::lineage;
use crate::lineage::names::Found;
use crate::provenance::{Claim, FactId};
use crate::value::{NodeRef, Value};

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
