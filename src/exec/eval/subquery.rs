//! Subqueries inside expressions: operator trees, built once and run again for every row.

use crate::bind::bound::SubqueryKind;
use crate::error::Result;
use crate::exec::batch::{Batch, Column, Row};
use crate::exec::build::build_subplan;
use crate::exec::context::Context;
use crate::exec::ops::{Seat, Source};
use crate::provenance::citation::NOTHING;
use crate::value::Value;

/// The subqueries of a statement, by number; built when first met.
#[derive(Default)]
pub(crate) struct Subqueries<'p>(Vec<Option<Built<'p>>>);

struct Built<'p> {
    root: Source<'p>,
    seat: Seat,
}

/// The value of a subquery on a row.
pub(super) fn run(number: u32, row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    let plan = cx.plan;
    let Some(subplan) = plan.subplans.get(number as usize) else { return Ok(Value::Null) };
    // the batches inside are as wide as the whole statement, which may hold thousands of subqueries
    cx.meter.step(1 + plan.slots.len() / 8)?;
    let argument = argument(number, row, cx)?;
    // taken out while it runs: the operators inside need the context
    let mut built = match cx.subqueries.0.get_mut(number as usize).and_then(Option::take) {
        Some(built) => built,
        None => {
            let (root, seat) = build_subplan(number, cx)?;
            Built { root, seat }
        }
    };
    built.root.reset();
    built.seat.put(argument);
    let locals = std::mem::take(&mut cx.locals);
    let told = std::mem::replace(&mut cx.told, NOTHING);
    let result = answer(subplan.kind, subplan.output, &mut built, cx);
    cx.locals = locals;
    if let Ok((_, rests_on)) = &result {
        cx.told = cx.citations.and(told, *rests_on);
    }
    let slots = &mut cx.subqueries.0;
    if slots.len() <= number as usize {
        slots.resize_with(number as usize + 1, || None);
    }
    slots[number as usize] = Some(built);
    result.map(|(value, _)| value)
}

fn argument(number: u32, row: Row<'_>, cx: &mut Context<'_>) -> Result<Batch> {
    let mut argument = Batch::of_len(1);
    let plan = cx.plan;
    for (slot, expr) in &plan.subplans[number as usize].imports {
        let value = super::eval(expr, row, cx)?;
        argument.set(*slot, Column::Const(value));
    }
    if plan.cite {
        argument.cites = Some(vec![0]);
    }
    Ok(argument)
}

/// The value, and what the rows behind it rest on when the statement cites.
fn answer(
    kind: SubqueryKind,
    output: Option<crate::bind::bound::Slot>,
    built: &mut Built<'_>,
    cx: &mut Context<'_>,
) -> Result<(Value, u32)> {
    let mut rests_on = NOTHING;
    let mut count = 0_i64;
    let mut collected = Vec::new();
    while let Some(batch) = built.root.next(cx)? {
        cx.meter.step(1)?;
        for cite in batch.cites.iter().flatten() {
            rests_on = cx.citations.or(rests_on, *cite);
        }
        match (kind, output) {
            (SubqueryKind::Exists, _) if batch.len > 0 => return Ok((Value::Bool(true), rests_on)),
            (SubqueryKind::Collect, Some(slot)) => {
                cx.allocated(batch.len * size_of::<Value>())?;
                let graph = cx.graph();
                collected.extend((0..batch.len).map(|row| batch.row(row).value(slot, graph)));
            }
            _ => count += batch.len as i64,
        }
    }
    let value = match kind {
        SubqueryKind::Exists => Value::Bool(false),
        SubqueryKind::Count => Value::Int(count),
        SubqueryKind::Collect => Value::list(collected)?,
    };
    Ok((value, rests_on))
}
