//! Nodes out of an index on several properties, and relationships out of an index on theirs.
//!
//! What is asked stands above as a filter: an index may give more than fits (values of which `=` says that it is unknown),
//! and where there is none any more all of the label or type is given.

use std::ops::Bound;
use std::sync::Arc;

use super::found::{Columns, Found};
use super::scan::rel_batch;
use super::seek::{Sought, ask, bound, sought};
use super::{Feed, Live, Operator, Source};
use crate::bind::bound::{Slot, TypeTest};
use crate::error::Result;
use crate::exec::batch::{Batch, ROWS, Row};
use crate::exec::context::Context;
use crate::graph::{Graph, KeyId, Part, Subject};
use crate::plan::node::{Hop, Keys};
use crate::value::Value;

/// Appends the slots that may have these values. False: there is no index that tells.
fn find(subject: Subject, keys: &Keys, row: Row<'_>, cx: &mut Context<'_>, out: &mut Vec<u32>) -> Result<bool> {
    let mut asked = Vec::with_capacity(keys.len());
    for (_, seek) in keys {
        match sought(seek, row, cx)? {
            Sought::Nothing => return Ok(true),
            sought => asked.push(sought),
        }
    }
    let graph = cx.graph();
    let ids: Option<Vec<KeyId>> = keys.iter().map(|(key, _)| graph.key(key)).collect();
    let Some(ids) = ids else { return Ok(true) }; // nothing has a key that the graph does not know
    if let ([single], Some(index)) = (&asked[..], graph.index_of(subject, &ids)) {
        let from = out.len();
        let told = ask(graph, index, single, Part::ALL, out);
        out.truncate(if told { usize::MAX } else { from });
        return Ok(told);
    }
    let Some(index) = graph.index_beginning(subject, &ids) else { return Ok(false) };
    let last = asked.pop().unwrap_or(Sought::All);
    let mut equal: Vec<Value> = asked.into_iter().filter_map(Sought::equal).collect();
    match last {
        Sought::Nothing | Sought::All => graph.seek_several(index, &equal, (Bound::Unbounded, Bound::Unbounded), out),
        Sought::Range { lower, upper } => graph.seek_several(index, &equal, (bound(&lower), bound(&upper)), out),
        Sought::Prefix(prefix) => graph.seek_several_prefix(index, &equal, &prefix, out),
        Sought::Equal(value) => {
            equal.push(value);
            graph.seek_several(index, &equal, (Bound::Unbounded, Bound::Unbounded), out);
        }
        Sought::In(values) => {
            for value in values {
                equal.push(value);
                graph.seek_several(index, &equal, (Bound::Unbounded, Bound::Unbounded), out);
                equal.pop();
            }
        }
    }
    Ok(true)
}

/// Nodes of a label by the first of the properties of an index, per input row.
pub(in crate::exec) struct SeekComposite<'p> {
    feed: Feed<'p>,
    label: &'p Arc<str>,
    keys: &'p Keys,
    to: Columns<'p>,
    found: Found,
}

impl<'p> SeekComposite<'p> {
    pub(in crate::exec) fn new(
        input: Source<'p>,
        node: Slot,
        (label, keys): (&'p Arc<str>, &'p Keys),
        live: Live<'p>,
    ) -> Self {
        let to = Columns { rel: None, node: Some(node), live };
        Self { feed: Feed::new(input), label, keys, to, found: Found::default() }
    }

    fn fill(&mut self, cx: &mut Context<'_>) -> Result<()> {
        if let Some(label) = cx.graph().label(self.label) {
            let (subject, row) = (Subject::Nodes(label), self.feed.batch.row(self.feed.row));
            if !find(subject, self.keys, row, cx, &mut self.found.nodes)? {
                cx.graph().scan_label(label, 0, &mut self.found.nodes, usize::MAX);
            }
        }
        cx.meter.step(1 + self.found.nodes.len() - self.found.rows.len())?;
        self.found.rows.resize(self.found.nodes.len(), self.feed.row as u32);
        self.feed.row += 1;
        Ok(())
    }
}

impl Operator for SeekComposite<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some(batch) = self.found.emit(&self.feed.batch, self.to, cx)? {
                return Ok(Some(batch));
            }
            if !self.feed.ready(cx)? {
                return Ok(None);
            }
            while self.feed.row < self.feed.batch.len && !self.found.is_full() {
                self.fill(cx)?;
            }
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.found.clear();
    }
}

/// Relationships of a type by properties of theirs, with their ends, per input row.
pub(in crate::exec) struct SeekRels<'p> {
    feed: Feed<'p>,
    hop: &'p Hop,
    keys: &'p Keys,
    live: Live<'p>,
    /// What was found for the row before the feed's, and how much of it was handed on.
    found: Vec<u32>,
    at: usize,
}

impl<'p> SeekRels<'p> {
    pub(in crate::exec) fn new(input: Source<'p>, (hop, keys): (&'p Hop, &'p Keys), live: Live<'p>) -> Self {
        Self { feed: Feed::new(input), hop, keys, live, found: Vec::new(), at: 0 }
    }

    fn fill(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.found.clear();
        self.at = 0;
        if let Some(subject) = self.subject(cx.graph()) {
            let row = self.feed.batch.row(self.feed.row);
            if !find(subject, self.keys, row, cx, &mut self.found)?
                && let Subject::Rels(ty) = subject
            {
                cx.graph().scan_type(ty, 0, &mut self.found, usize::MAX);
            }
        }
        cx.meter.step(1 + self.found.len())?;
        self.feed.row += 1;
        Ok(())
    }

    fn subject(&self, graph: &Graph) -> Option<Subject> {
        match &self.hop.types {
            TypeTest::OneOf(names) => graph.rel_type(names.first()?).map(Subject::Rels),
            _ => None,
        }
    }
}

impl Operator for SeekRels<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if self.at < self.found.len() {
                let part = self.at..self.found.len().min(self.at + ROWS);
                self.at = part.end;
                let row = self.feed.row - 1;
                return rel_batch((&self.feed.batch, row), &self.found[part], self.hop, self.live, cx).map(Some);
            }
            if !self.feed.ready(cx)? {
                return Ok(None);
            }
            self.fill(cx)?;
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.found.clear();
        self.at = 0;
    }
}
