//! New nodes and relationships, for each row.

use super::writing::{labels, names, properties};
use super::{Live, Operator, Source};
use crate::bind::bound::{CreateStep, Expr, Slot};
use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::exec::batch::{Batch, Column, Row};
use crate::exec::context::Context;
use crate::exec::eval::build_path;
use crate::value::{NodeRef, Value};

/// CREATE.
pub(in crate::exec) struct Create<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) steps: &'p [CreateStep],
    pub(in crate::exec) live: Live<'p>,
}

impl Operator for Create<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let Some(mut batch) = self.input.next(cx)? else { return Ok(None) };
        create(self.steps, &mut batch, cx)?;
        batch.keep(self.live);
        Ok(Some(batch))
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}

/// Takes the steps for every row of `batch`; later steps see the columns of earlier ones.
pub(super) fn create(steps: &[CreateStep], batch: &mut Batch, cx: &mut Context<'_>) -> Result<()> {
    for step in steps {
        cx.meter.step(1 + batch.len)?;
        cx.scratch = 0;
        let (slot, column) = match step {
            CreateStep::Node { slot, labels: names, properties: expr } => {
                let labels = labels(names, cx)?;
                let mut nodes = Vec::with_capacity(batch.len);
                for row in 0..batch.len {
                    let properties = properties(expr.as_ref(), batch.row(row), cx)?;
                    let set = properties.iter().filter(|(_, value)| !value.is_null()).count();
                    let node = cx.graph_mut()?.create_node(&labels, properties)?;
                    cx.note_node(node);
                    nodes.push(node.0);
                    cx.changes.nodes_created += 1;
                    cx.changes.properties_set += set as u64;
                    cx.changes.labels_added += labels.len() as u64;
                }
                (*slot, Column::Nodes(nodes))
            }
            CreateStep::Rel { slot, ty, dynamic, start, end, properties: expr, span } => {
                let mut rels = Vec::with_capacity(batch.len);
                for row in 0..batch.len {
                    let ty = match dynamic {
                        None => cx.graph_mut()?.ensure_type(ty)?,
                        Some(names) => {
                            let ty = one_type(names, batch.row(row), *span, cx)?;
                            cx.graph_mut()?.ensure_type(&ty)?
                        }
                    };
                    let properties = properties(expr.as_ref(), batch.row(row), cx)?;
                    let set = properties.iter().filter(|(_, value)| !value.is_null()).count();
                    let from = end_node(batch, row, *start, *span, cx)?;
                    let to = end_node(batch, row, *end, *span, cx)?;
                    let rel = cx.graph_mut()?.create_rel(from, to, ty, properties).map_err(|e| e.at(*span))?;
                    rels.push(rel.0);
                    cx.changes.relationships_created += 1;
                    cx.changes.properties_set += set as u64;
                }
                (*slot, Column::Rels(rels))
            }
            CreateStep::Path { slot, elements } => {
                let mut paths = Vec::with_capacity(batch.len);
                for row in 0..batch.len {
                    paths.push(build_path(elements, None, batch.row(row), cx)?);
                }
                (*slot, Column::Values(paths))
            }
        };
        batch.set(slot, column);
    }
    Ok(())
}

/// The type an expression names. Errors: none, or several.
fn one_type(expr: &Expr, row: Row<'_>, span: Span, cx: &mut Context<'_>) -> Result<std::sync::Arc<str>> {
    let mut names = names(expr, row, span, cx)?;
    match (names.pop(), names.is_empty()) {
        (Some(name), true) => Ok(name),
        _ => {
            let message = "a relationship to be created needs exactly one type";
            Err(Error::argument(Code::InvalidArgumentValue, message).at(span))
        }
    }
}

/// The node a new relationship starts or ends at. Errors: null, no node, a deleted one.
fn end_node(batch: &Batch, row: usize, slot: Slot, span: Span, cx: &Context<'_>) -> Result<NodeRef> {
    let graph = cx.graph();
    match batch.row(row).value(slot, graph) {
        Value::Node(node) if graph.is_node_deleted(node) => {
            let message = "a relationship cannot be created at a node that was deleted";
            Err(Error::new(Class::EntityNotFound, Phase::Runtime, Code::DeletedEntityAccess, message).at(span))
        }
        Value::Node(node) => Ok(node),
        other => {
            let message = format!(
                "a relationship needs a node at both ends, and one of them is {}",
                match other {
                    Value::Null => "null".to_owned(),
                    other => format!("a {}", other.type_name()),
                }
            );
            Err(Error::type_error(Code::InvalidArgumentType, message).at(span))
        }
    }
}
