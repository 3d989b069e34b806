//! DELETE: relationships at once, nodes when all rows are seen, so that the order of rows and targets does
//! not decide what is there to be deleted. Whether a node still has relationships is judged when the statement ends: a
//! later clause may delete them.

use std::collections::VecDeque;

use super::{Live, Operator, Source};
use crate::bind::bound::{Detach, Expr};
use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::exec::batch::Batch;
use crate::exec::context::{Context, Reservation};
use crate::exec::eval::eval;
use crate::graph::Dir;
use crate::value::{NodeRef, RelRef, Value};

/// `[DETACH | NODETACH] DELETE`.
pub(in crate::exec) struct Delete<'p> {
    pub(in crate::exec) input: Source<'p>,
    pub(in crate::exec) detach: Detach,
    pub(in crate::exec) targets: &'p [(Expr, Span)],
    pub(in crate::exec) live: Live<'p>,
    pub(in crate::exec) kept: Option<(VecDeque<Batch>, Reservation)>,
}

/// What is to go, with the place in the text that says so.
#[derive(Default)]
struct Doomed {
    nodes: Vec<(NodeRef, Span)>,
    rels: Vec<RelRef>,
}

impl Doomed {
    fn add(&mut self, value: &Value, span: Span) -> Result<()> {
        match value {
            Value::Null => {}
            Value::Node(node) => self.nodes.push((*node, span)),
            Value::Rel(rel) => self.rels.push(*rel),
            Value::Path(path) => {
                self.nodes.extend(path.nodes.iter().map(|node| (*node, span)));
                self.rels.extend(&path.rels);
            }
            other => {
                let message =
                    format!("only nodes, relationships and paths can be deleted, not a {}", other.type_name());
                return Err(Error::type_error(Code::InvalidArgumentType, message).at(span));
            }
        }
        Ok(())
    }
}

impl Delete<'_> {
    fn run(&mut self, cx: &mut Context<'_>) -> Result<(VecDeque<Batch>, Reservation)> {
        let mut doomed = Doomed::default();
        let mut memory = cx.meter.reservation();
        let mut batches = VecDeque::new();
        while let Some(mut batch) = self.input.next(cx)? {
            for row in 0..batch.len {
                cx.meter.step(1)?;
                cx.scratch = 0;
                for (target, span) in self.targets {
                    let value = eval(target, batch.row(row), cx)?;
                    doomed.add(&value, *span)?;
                }
            }
            batch.keep(self.live);
            memory.grow(batch.cell_bytes() + 16 * batch.len)?;
            batches.push_back(batch);
        }
        self.delete(doomed, cx)?;
        Ok((batches, memory))
    }

    fn delete(&self, doomed: Doomed, cx: &mut Context<'_>) -> Result<()> {
        for rel in doomed.rels {
            cx.meter.step(1)?;
            let gone = cx.graph_mut()?.delete_rel(rel);
            cx.changes.relationships_deleted += u64::from(gone);
        }
        for (node, span) in doomed.nodes {
            cx.meter.step(1)?;
            if self.detach != Detach::Yes && cx.graph().node_exists(node) && cx.graph().degree(node, Dir::Both, &[]) > 0
            {
                cx.left_connected.push((node, self.detach, span));
            }
            let (gone, rels) = cx.graph_mut()?.delete_node(node, self.detach == Detach::Yes);
            cx.changes.nodes_deleted += u64::from(gone);
            cx.changes.relationships_deleted += rels;
        }
        Ok(())
    }
}

/// Nodes that were deleted must have no relationships left when the statement ends.
pub(in crate::exec) fn judge(cx: &mut Context<'_>) -> Result<()> {
    for (node, detach, span) in std::mem::take(&mut cx.left_connected) {
        cx.meter.step(1)?;
        if cx.graph().degree(node, Dir::Both, &[]) > 0 {
            return Err(still_connected(detach, span));
        }
    }
    Ok(())
}

fn still_connected(detach: Detach, span: Span) -> Error {
    let message = "this node still has relationships and cannot be deleted alone";
    let hint = match detach {
        Detach::No => "delete its relationships first",
        _ => "delete its relationships first, or write DETACH DELETE",
    };
    Error::new(Class::ConstraintVerificationFailed, Phase::Runtime, Code::DeleteConnectedNode, message)
        .at(span)
        .hint(hint)
}

impl Operator for Delete<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        if self.kept.is_none() {
            self.kept = Some(self.run(cx)?);
        }
        Ok(self.kept.as_mut().and_then(|(batches, _)| batches.pop_front()))
    }

    fn reset(&mut self) {
        self.input.reset();
        self.kept = None;
    }
}
