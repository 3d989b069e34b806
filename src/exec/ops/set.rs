//! SET: properties, whole property maps, labels.

use rustc_hash::FxHashSet;

use super::writing::{Target, from_value, labels, property_key, set_property, target};
use super::{Live, Operator, Source};
use crate::bind::bound::SetItem;
use crate::error::{Code, Error, Result, Span};
use crate::exec::batch::{Batch, Row};
use crate::exec::context::Context;
use crate::exec::eval::eval;
use crate::value::Value;

/// SET.
pub(in crate::exec) struct Set<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) items: &'p [SetItem],
    pub(in crate::exec) live: Live<'p>,
}

impl Operator for Set<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let Some(mut batch) = self.input.next(cx)? else { return Ok(None) };
        for row in 0..batch.len {
            cx.meter.step(1)?;
            set(self.items, batch.row(row), cx)?;
        }
        batch.keep(self.live);
        Ok(Some(batch))
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}

/// Applies the items to one row, in order.
pub(super) fn set(items: &[SetItem], row: Row<'_>, cx: &mut Context<'_>) -> Result<()> {
    for item in items {
        cx.scratch = 0;
        match item {
            SetItem::Property { target: expr, key, value, span } => {
                let Some(target) = target(expr, row, *span, cx)? else { continue };
                let Some(key) = property_key(key, row, *span, cx)? else { return Err(no_key(*span)) };
                let value = eval(value, row, cx)?;
                let key = cx.graph_mut()?.ensure_key(&key)?;
                set_property(target, key, value, cx).map_err(|e| e.at(*span))?;
            }
            SetItem::Map { target: expr, value, merge, span } => {
                let Some(target) = target(expr, row, *span, cx)? else { continue };
                let value = eval(value, row, cx)?;
                set_map(target, &value, *merge, *span, cx)?;
            }
            SetItem::Labels { target: expr, labels: names, dynamic, span } => match target(expr, row, *span, cx)? {
                None => {}
                Some(Target::Node(node)) => {
                    let mut all = names.clone();
                    for expr in dynamic {
                        all.extend(super::writing::names(expr, row, *span, cx)?);
                    }
                    for label in labels(&all, cx)? {
                        let added = cx.graph_mut()?.add_label(node, label).map_err(|e| e.at(*span))?;
                        cx.note_node(node);
                        cx.changes.labels_added += u64::from(added);
                    }
                }
                Some(Target::Rel(_)) => return Err(no_labels(*span)),
            },
        }
    }
    Ok(())
}

fn no_key(span: Span) -> Error {
    Error::type_error(Code::MapElementAccessByNonString, "the name of the property to set is null").at(span)
}

pub(super) fn no_labels(span: Span) -> Error {
    Error::type_error(Code::InvalidArgumentType, "a relationship has a type, not labels").at(span)
}

fn set_map(target: Target, value: &Value, merge: bool, span: Span, cx: &mut Context<'_>) -> Result<()> {
    if value.is_null() {
        let message = "properties are set from a map, a node or a relationship, and this is null";
        return Err(Error::type_error(Code::InvalidArgumentType, message).at(span));
    }
    let wanted = from_value(value, cx).map_err(|e| e.at(span))?;
    if !merge {
        let kept: FxHashSet<_> = wanted.iter().map(|(key, _)| *key).collect();
        let present = match target {
            Target::Node(node) => cx.graph().node_properties(node),
            Target::Rel(rel) => cx.graph().rel_properties(rel),
        };
        for (key, _) in present.into_iter().filter(|(key, _)| !kept.contains(key)) {
            set_property(target, key, Value::Null, cx).map_err(|e| e.at(span))?;
        }
    }
    for (key, value) in wanted {
        set_property(target, key, value, cx).map_err(|e| e.at(span))?;
    }
    Ok(())
}
