//! REMOVE: properties, labels.

use super::set::no_labels;
use super::writing::{Target, names, property_key, set_property, target};
use super::{Live, Operator, Source};
use crate::bind::bound::RemoveItem;
use crate::error::Result;
use crate::exec::batch::{Batch, Row};
use crate::exec::context::Context;
use crate::value::Value;

/// REMOVE.
pub(in crate::exec) struct Remove<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) items: &'p [RemoveItem],
    pub(in crate::exec) live: Live<'p>,
}

impl Operator for Remove<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let Some(mut batch) = self.input.next(cx)? else { return Ok(None) };
        for row in 0..batch.len {
            cx.meter.step(1)?;
            for item in self.items {
                remove(item, batch.row(row), cx)?;
            }
        }
        batch.keep(self.live);
        Ok(Some(batch))
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}

fn remove(item: &RemoveItem, row: Row<'_>, cx: &mut Context<'_>) -> Result<()> {
    match item {
        RemoveItem::Property { target: expr, key, span } => {
            let (target, key) = (target(expr, row, *span, cx)?, property_key(key, row, *span, cx)?);
            let key = key.and_then(|key| cx.graph().key(&key));
            if let (Some(target), Some(key)) = (target, key) {
                set_property(target, key, Value::Null, cx).map_err(|e| e.at(*span))?;
            }
        }
        RemoveItem::Labels { target: expr, labels, dynamic, span } => match target(expr, row, *span, cx)? {
            None => {}
            Some(Target::Node(node)) => {
                let mut all = labels.clone();
                for expr in dynamic {
                    all.extend(names(expr, row, *span, cx)?);
                }
                for name in all {
                    if let Some(label) = cx.graph().label(&name) {
                        let removed = cx.graph_mut()?.remove_label(node, label).map_err(|e| e.at(*span))?;
                        cx.changes.labels_removed += u64::from(removed);
                    }
                }
            }
            Some(Target::Rel(_)) => return Err(no_labels(*span)),
        },
    }
    Ok(())
}
