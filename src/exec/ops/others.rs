//! Counting the neighbours of a node without those that the rest of the row rules out.
//!
//! ```text
//!   (a)-[:KNOWS]-(b)-[:KNOWS]-(c)  a <> c, NOT (a)-[:KNOWS]-(c)      per (b, c): degree of b, less c, less what c knows
//! ```

use smallvec::SmallVec;

use super::expand_count::Ends;
use crate::error::Result;
use crate::exec::batch::Row;
use crate::exec::context::{Context, Reservation};
use crate::exec::names::{Types, dir};
use crate::graph::{Dir, Graph};
use crate::plan::node::{Except, Hop, Towards};
use crate::value::{NodeRef, RelRef, Value};

/// What does not count, beside what conditions say of a neighbour alone.
pub(super) struct Others<'p> {
    hop: &'p Hop,
    except: &'p Except,
    related: Option<Related<'p>>,
}

/// The neighbours of another node of the row, marked.
struct Related<'p> {
    hop: &'p Hop,
    types: Types<'p>,
    /// Whose neighbours are marked, and the marks by node.
    of: Option<NodeRef>,
    marked: Vec<u32>,
    bits: Vec<u64>,
    memory: Reservation,
}

impl<'p> Others<'p> {
    /// Nothing when every neighbour counts.
    pub(super) fn new(hop: &'p Hop, except: &'p Except, cx: &Context<'_>) -> Option<Self> {
        if hop.differs.is_empty() && except.nodes.is_empty() && except.related.is_none() {
            return None;
        }
        let related = except.related.as_deref().map(|hop| Related {
            hop,
            types: Types::new(&hop.types),
            of: None,
            marked: Vec::new(),
            bits: Vec::new(),
            memory: cx.meter.reservation(),
        });
        Some(Self { hop, except, related })
    }

    /// How many relationships lead from `node` to a neighbour that counts.
    pub(super) fn count(
        &mut self,
        (node, row): (NodeRef, Row<'_>),
        (types, direction): (&Types<'_>, Dir),
        ends: Option<&Ends<'_>>,
        graph: &Graph,
    ) -> Result<u64> {
        let mut nodes: SmallVec<[u32; 2]> = SmallVec::new();
        for slot in &self.except.nodes {
            match row.node(*slot) {
                Some(node) => nodes.push(node.0),
                // nothing is known to differ from null
                None => return Ok(0),
            }
        }
        let mut rels: SmallVec<[RelRef; 2]> = SmallVec::new();
        for slot in &self.hop.differs {
            match row.rel(*slot) {
                Some(rel) => rels.push(rel),
                None => collect_rels(&row.value(*slot, graph), &mut rels),
            }
        }
        if let Some(related) = &mut self.related {
            related.mark(row, graph)?;
        } else if ends.is_none() && nodes.is_empty() {
            rels.sort_unstable();
            rels.dedup();
            let taken = rels.iter().filter(|rel| self.leads(**rel, node, types, graph)).count() as u64;
            return Ok(graph.degree(node, direction, types.ids()).saturating_sub(taken));
        }
        let related = self.related.as_ref().filter(|related| related.of.is_some());
        let mut count = 0;
        graph.for_each_neighbour(node, direction, types.ids(), |rel, neighbour| {
            let ruled_out = nodes.contains(&neighbour.0)
                || rels.contains(&rel)
                || related.is_some_and(|related| related.is_marked(neighbour.0))
                || ends.is_some_and(|ends| !ends.counts(neighbour.0));
            count += u64::from(!ruled_out);
        });
        Ok(count)
    }

    /// Whether a relationship is among those that lead on from the node.
    fn leads(&self, rel: RelRef, node: NodeRef, types: &Types<'_>, graph: &Graph) -> bool {
        let ends = graph.rel(rel);
        types.fits(ends.ty)
            && match self.hop.towards {
                Towards::Out => ends.start == node,
                Towards::In => ends.end == node,
                Towards::Both => ends.start == node || ends.end == node,
            }
    }
}

impl Related<'_> {
    /// Marks the neighbours of the node in the row, unless they are.
    fn mark(&mut self, row: Row<'_>, graph: &Graph) -> Result<()> {
        let node = row.node(self.hop.from);
        if node == self.of {
            return Ok(());
        }
        self.marked.drain(..).for_each(|node| self.bits[node as usize / 64] = 0);
        self.of = node;
        self.types.resolve(graph);
        let Some(node) = node.filter(|_| !self.types.is_none()) else { return Ok(()) };
        let words = graph.node_bound() as usize / 64 + 1;
        if self.bits.len() < words {
            self.memory.grow((words - self.bits.len()) * 8)?;
            self.bits.resize(words, 0);
        }
        let (bits, marked) = (&mut self.bits, &mut self.marked);
        graph.for_each_neighbour(node, dir(self.hop.towards), self.types.ids(), |_, neighbour| {
            bits[neighbour.0 as usize / 64] |= 1 << (neighbour.0 % 64);
            marked.push(neighbour.0);
        });
        Ok(())
    }

    #[inline]
    fn is_marked(&self, node: u32) -> bool {
        self.bits.get(node as usize / 64).is_some_and(|word| word >> (node % 64) & 1 == 1)
    }
}

fn collect_rels(value: &Value, rels: &mut SmallVec<[RelRef; 2]>) {
    match value {
        Value::Rel(rel) => rels.push(*rel),
        Value::List(list) => list.iter().for_each(|item| collect_rels(item, rels)),
        _ => {}
    }
}
