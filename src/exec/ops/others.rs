//! Counting the neighbours of a node without those that the rest of the row rules out.
//!
//! ```text
//!   (a)-[:KNOWS]-(b)-[:KNOWS]-(c)  a <> c, NOT (a)-[:KNOWS]-(c)      per (b, c): degree of b, less c, less what c knows
//! ```

use smallvec::SmallVec;

use super::expand::other_end;
use super::expand_into::parallel;
use super::onward::TOO_MANY;
use crate::error::Result;
use crate::exec::batch::Row;
use crate::exec::context::{Context, Reservation};
use crate::exec::names::{Types, dir};
use crate::graph::{Dir, Graph, RelTypeId};
use crate::plan::node::{Except, Hop};
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

    /// How many relationships lead from `node` to a neighbour that counts, each as often as `ways` says of the
    /// neighbour; `all`: how many that would be with those that are ruled out here, where it is known.
    pub(super) fn count(
        &mut self,
        (node, row): (NodeRef, Row<'_>),
        (types, direction): (&Types<'_>, Dir),
        ways: &impl Fn(u32) -> u64,
        all: Option<u64>,
        graph: &Graph,
    ) -> Result<u64> {
        let mut nodes: SmallVec<[u32; 2]> = SmallVec::new();
        for slot in &self.except.nodes {
            match row.node(*slot) {
                Some(node) if nodes.contains(&node.0) => {}
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
        }
        let related = self.related.as_ref().filter(|related| related.of.is_some());
        if let (Some(all), None) = (all, related) {
            rels.sort_unstable();
            rels.dedup();
            let ends = nodes.iter().map(|other| match times(node, NodeRef::new(*other), types, direction, graph) {
                // where nothing leads to it, nothing is known of it
                0 => 0,
                times => ways(*other).saturating_mul(times),
            });
            let taken = rels.iter().filter_map(|rel| self.led_to(*rel, node, types, graph));
            let taken = taken.filter(|end| !nodes.contains(&end.0)).map(|end| ways(end.0));
            let less = ends.chain(taken).fold(0, u64::saturating_add);
            return Ok(if all >= TOO_MANY { all } else { all.saturating_sub(less) });
        }
        let is_out = |far: u32| nodes.contains(&far) || related.is_some_and(|related| related.is_marked(far));
        let mut count: u64 = 0;
        if rels.is_empty()
            && let Some(lists) = types.single().and_then(|ty| sorted_lists(node, ty, direction, graph))
        {
            let far = lists.into_iter().flatten().filter(|far| !is_out(**far));
            far.for_each(|far| count = count.saturating_add(ways(*far)));
            return Ok(count);
        }
        graph.for_each_neighbour(node, direction, types.ids(), |rel, neighbour| {
            if !is_out(neighbour.0) && !rels.contains(&rel) {
                count = count.saturating_add(ways(neighbour.0));
            }
        });
        Ok(count)
    }

    /// Where a relationship that leads on from the node leads.
    fn led_to(&self, rel: RelRef, node: NodeRef, types: &Types<'_>, graph: &Graph) -> Option<NodeRef> {
        other_end(rel, node, self.hop.towards, types, graph)
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

/// The neighbours of a node as they are stored, where each relationship stands once in them.
fn sorted_lists(node: NodeRef, ty: RelTypeId, direction: Dir, graph: &Graph) -> Option<[&[u32]; 2]> {
    if direction != Dir::Both {
        return Some([graph.neighbour_slice(node, direction, ty)?, &[]]);
    }
    let lists = [graph.neighbour_slice(node, Dir::Out, ty)?, graph.neighbour_slice(node, Dir::In, ty)?];
    // a loop stands in both
    lists[0].binary_search(&node.0).is_err().then_some(lists)
}

fn collect_rels(value: &Value, rels: &mut SmallVec<[RelRef; 2]>) {
    match value {
        Value::Rel(rel) => rels.push(*rel),
        Value::List(list) => list.iter().for_each(|item| collect_rels(item, rels)),
        _ => {}
    }
}

/// How many relationships lead from one node to another.
fn times(from: NodeRef, to: NodeRef, types: &Types<'_>, direction: Dir, graph: &Graph) -> u64 {
    let sorted = types.single().and_then(|ty| match direction {
        // a loop stands in both lists
        Dir::Both if from == to => None,
        Dir::Both => {
            let out = parallel(from, to, Dir::Out, ty, graph)?;
            Some(out + parallel(from, to, Dir::In, ty, graph)?)
        }
        direction => parallel(from, to, direction, ty, graph),
    });
    sorted.map_or_else(
        || {
            let mut count = 0;
            graph.for_each_neighbour(from, direction, types.ids(), |_, other| count += u64::from(other == to));
            count
        },
        |count| count as u64,
    )
}
