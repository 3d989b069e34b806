//! Paths out of the slots of their parts.

use std::sync::Arc;

use crate::bind::bound::Slot;
use crate::error::{Code, Error, Result};
use crate::exec::batch::Row;
use crate::exec::context::Context;
use crate::graph::Graph;
use crate::value::{NodeRef, Path, RelRef, Value};

/// The path through the nodes, relationships and lists of them in `parts`; null when any part is null. `cost` holds what it
/// costs, where it was chosen by that.
pub(crate) fn build_path(parts: &[Slot], cost: Option<Slot>, row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    let graph = cx.graph();
    let mut walk = Walk { graph, nodes: Vec::with_capacity(parts.len() / 2 + 1), rels: Vec::new(), pending: None };
    for part in parts {
        if !walk.add(&row.value(*part, graph))? {
            return Ok(Value::Null);
        }
    }
    let Some(mut path) = walk.finish() else { return Ok(Value::Null) };
    path.cost = cost.map(|slot| row.value(slot, graph));
    let bytes = 64 + 4 * (path.nodes.len() + path.rels.len());
    cx.allocated(bytes)?;
    Ok(Value::Path(Arc::new(path)))
}

struct Walk<'g> {
    graph: &'g Graph,
    nodes: Vec<NodeRef>,
    rels: Vec<RelRef>,
    /// A relationship whose far node has not been named yet.
    pending: Option<RelRef>,
}

impl Walk<'_> {
    /// False: a null ends it all.
    fn add(&mut self, part: &Value) -> Result<bool> {
        match part {
            Value::Null => return Ok(false),
            Value::Node(node) => self.arrive(*node),
            Value::Rel(rel) => self.depart(*rel),
            Value::List(list) => {
                for item in list.iter() {
                    if !self.add(item)? {
                        return Ok(false);
                    }
                }
            }
            other => {
                let message = format!("a path is made of nodes and relationships, not of a {}", other.type_name());
                return Err(Error::type_error(Code::InvalidArgumentType, message));
            }
        }
        Ok(true)
    }

    fn arrive(&mut self, node: NodeRef) {
        match self.pending.take() {
            Some(rel) => {
                self.rels.push(rel);
                self.nodes.push(node);
            }
            // after a walk of length 0, or after a list whose end was inferred, the node stands there already
            None if self.nodes.last() == Some(&node) => {}
            None => self.nodes.push(node),
        }
    }

    fn depart(&mut self, rel: RelRef) {
        if let Some(previous) = self.pending.take() {
            let ends = self.graph.rel(previous);
            let from = self.nodes.last().copied().unwrap_or(ends.start);
            self.rels.push(previous);
            self.nodes.push(if ends.start == from { ends.end } else { ends.start });
        }
        self.pending = Some(rel);
    }

    fn finish(mut self) -> Option<Path> {
        if let Some(rel) = self.pending {
            let ends = self.graph.rel(rel);
            self.arrive(if self.nodes.last() == Some(&ends.start) { ends.end } else { ends.start });
        }
        (!self.nodes.is_empty()).then_some(Path { nodes: self.nodes, rels: self.rels, cost: None })
    }
}
