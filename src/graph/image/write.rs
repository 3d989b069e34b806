//! A graph as the parts of an image.
//!
//! Slots are given anew when anything was ever deleted: in the order of ids, without holes, so that ids are runs.

use smallvec::SmallVec;

use super::bytes::Writer;
use super::{STORED_ORDER, column, part};
use crate::error::Result;
use crate::graph::column::Column;
use crate::graph::columns::Columns;
use crate::graph::csr::{Csr, Entry, Offsets, RelSlots};
use crate::graph::labels::KeyCounts;
use crate::graph::{Dir, Graph, IndexKind, KeyId, RelTypeId};
use crate::value::RelRef;

/// Gives `sink` every part of the graph with its name. Only between transactions. Errors: those of the sink, and of
/// parts of the opened image that cannot be read.
pub(crate) fn write(graph: &Graph, sink: &mut dyn FnMut(&str, Vec<u8>) -> Result<()>) -> Result<()> {
    let image = Image { graph, nodes: Slots::nodes(graph), rels: Slots::rels(graph) };
    sink(part::NAMES, image.names())?;
    sink(part::NODES, image.nodes())?;
    sink(part::RELS, image.rels())?;
    sink(part::SCHEMA, image.schema())?;
    for ty in 0..graph.topology.types.len() as u32 {
        if graph.type_count(RelTypeId(ty)) > 0 {
            sink(&part::out(RelTypeId(ty)), image.adjacency(RelTypeId(ty)))?;
        }
    }
    for key in used(&graph.node_columns) {
        if let Some(column) = graph.node_column(key) {
            sink(&part::node(key), image.nodes.column(column))?;
        }
    }
    for key in used(&graph.rel_columns) {
        if let Some(column) = graph.rel_column(key) {
            sink(&part::rel(key), image.rels.column(column))?;
        }
    }
    for (at, definition) in graph.index_definitions().iter().enumerate() {
        if let Some(lookup) = graph.lookup(definition.id)
            && lookup.nodes.len() >= STORED_ORDER as u64
        {
            let mut order = lookup.in_order();
            if image.nodes.moved.is_some() {
                order.iter_mut().for_each(|slot| *slot = image.nodes.of(*slot));
            }
            let mut writer = Writer::default();
            writer.words(&order);
            sink(&part::order(at), writer.0)?;
        }
    }
    match graph.failure() {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

struct Image<'a> {
    graph: &'a Graph,
    nodes: Slots,
    rels: Slots,
}

/// The slots of the image: which old slot each has, in order; and where the old ones went.
struct Slots {
    old: Vec<u32>,
    /// Old slot to new; nothing when they are the same.
    moved: Option<Vec<u32>>,
}

impl Slots {
    fn nodes(graph: &Graph) -> Self {
        let mut old = Vec::new();
        graph.scan_nodes(0, &mut old, usize::MAX);
        Self::new(old, graph.node_bound(), |slot| graph.topology.node_ids.id(slot))
    }

    fn rels(graph: &Graph) -> Self {
        let mut old = Vec::new();
        graph.scan_rels(0, &mut old, usize::MAX);
        Self::new(old, graph.rel_bound(), |slot| graph.topology.rel_ids.id(slot))
    }

    fn new(mut old: Vec<u32>, bound: u32, id: impl Fn(u32) -> u64) -> Self {
        let ascending = old.is_sorted_by_key(|&slot| id(slot));
        if !ascending {
            old.sort_unstable_by_key(|&slot| id(slot));
        }
        let moved = (!ascending || old.len() as u64 != u64::from(bound)).then(|| {
            let mut moved = vec![u32::MAX; bound as usize];
            (0u32..).zip(&old).for_each(|(new, &slot)| moved[slot as usize] = new);
            moved
        });
        Self { old, moved }
    }

    fn new_slot(&self, old: u32) -> Option<u32> {
        match &self.moved {
            None => Some(old),
            Some(moved) => moved.get(old as usize).copied().filter(|&new| new != u32::MAX),
        }
    }

    /// The new slot of something that lives.
    fn of(&self, old: u32) -> u32 {
        self.new_slot(old).unwrap_or_default()
    }

    /// `(slot, value)` wherever `value` does not just go on by `step`.
    fn runs(&self, step: u64, value: impl Fn(u32) -> u64) -> Vec<(u32, u64)> {
        let mut runs: Vec<(u32, u64)> = Vec::new();
        let mut next = None;
        for (new, &old) in (0u32..).zip(&self.old) {
            let value = value(old);
            if next != Some(value) {
                runs.push((new, value));
            }
            next = value.checked_add(step);
        }
        runs
    }

    fn column(&self, column: &Column) -> Vec<u8> {
        if self.moved.is_none() {
            return column::write(column);
        }
        let mut moved = Column::default();
        for slot in column.slots() {
            if let Some(new) = self.new_slot(slot) {
                let _ = moved.set(new, &column.get(slot)); // no more strings than before: there is room
            }
        }
        column::write(&moved)
    }
}

impl Image<'_> {
    fn names(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        let names = self.graph.names();
        let mut list = |texts: &mut dyn ExactSizeIterator<Item = &str>| {
            writer.small(texts.len() as u64);
            texts.for_each(|text| writer.text(text));
        };
        list(&mut names.labels().map(|n| n.1));
        list(&mut names.types().map(|n| n.1));
        list(&mut names.keys().map(|n| n.1));
        writer.0
    }

    fn nodes(&self) -> Vec<u8> {
        let (graph, mut writer) = (self.graph, Writer::default());
        let ids = &graph.topology.node_ids;
        writer.small(self.nodes.old.len() as u64);
        writer.small(ids.next());
        runs(&mut writer, &self.nodes.runs(1, |slot| ids.id(slot)));
        let sets = graph.labels.sets();
        writer.small(sets.len() as u64);
        for set in sets {
            writer.small(set.labels.len() as u64);
            set.labels.iter().for_each(|label| writer.small(label.0.into()));
            keys(&mut writer, &set.keys);
        }
        runs(&mut writer, &self.nodes.runs(0, |slot| graph.labels.set_of(slot).into()));
        writer.0
    }

    fn rels(&self) -> Vec<u8> {
        let (graph, mut writer) = (self.graph, Writer::default());
        let ids = &graph.topology.rel_ids;
        writer.small(self.rels.old.len() as u64);
        writer.small(ids.next());
        runs(&mut writer, &self.rels.runs(1, |slot| ids.id(slot)));
        let ty = |slot: u32| u64::from(graph.rel(RelRef(slot)).ty.0);
        let types = self.types_by_slot();
        let of = |slot: u32| types.get(slot as usize).map_or_else(|| ty(slot), |&t| t.into());
        let type_runs = self.rels.runs(0, of);
        if type_runs.len() <= self.rels.old.len() / 8 + 64 {
            writer.byte(0);
            runs(&mut writer, &type_runs);
        } else {
            writer.byte(1);
            writer.words(&self.rels.old.iter().map(|&slot| of(slot) as u32).collect::<Vec<_>>());
        }
        writer.small(graph.rel_keys.len() as u64);
        graph.rel_keys.iter().for_each(|counts| keys(&mut writer, counts));
        writer.0
    }

    /// Old slot to type, from the sets of the types: no walk to the ends.
    fn types_by_slot(&self) -> Vec<u32> {
        let mut types = vec![0; self.graph.rel_bound() as usize];
        for (ty, adjacency) in (0u32..).zip(&self.graph.topology.types) {
            adjacency.live.iter().for_each(|slot| types[slot as usize] = ty);
        }
        types
    }

    fn schema(&self) -> Vec<u8> {
        let (graph, mut writer) = (self.graph, Writer::default());
        let definitions = graph.index_definitions();
        writer.small(definitions.len() as u64);
        for definition in &definitions {
            writer.text(&definition.name);
            writer.byte(match definition.kind {
                IndexKind::Index => 0,
                IndexKind::Unique => 1,
                IndexKind::Exists => 2,
            });
            writer.small(definition.label.0.into());
            writer.small(definition.key.0.into());
        }
        for columns in [&graph.node_columns, &graph.rel_columns] {
            let keys: Vec<u32> = used(columns).iter().map(|key| key.0).collect();
            writer.words(&keys);
        }
        writer.0
    }

    fn adjacency(&self, ty: RelTypeId) -> Vec<u8> {
        if self.nodes.moved.is_none()
            && self.rels.moved.is_none()
            && let Some(csr) = self.graph.topology.clean_csr(ty, Dir::Out)
        {
            return adjacency(csr);
        }
        let entry = |slot: u32| {
            let rel = self.graph.rel(RelRef(slot));
            Entry { from: self.nodes.of(rel.start.0), to: self.nodes.of(rel.end.0), rel: self.rels.of(slot) }
        };
        let live = self.graph.topology.types.get(ty.index()).map(|t| t.live.iter().map(entry).collect());
        adjacency(&Csr::build(live.unwrap_or_default()))
    }
}

/// The keys that have values now.
fn used(columns: &Columns) -> SmallVec<[KeyId; 16]> {
    columns.keys().filter(|&key| columns.get(key).is_some_and(|column| !column.is_empty())).collect()
}

fn runs(writer: &mut Writer, runs: &[(u32, u64)]) {
    writer.small(runs.len() as u64);
    for &(slot, value) in runs {
        writer.small(slot.into());
        writer.small(value);
    }
}

fn keys(writer: &mut Writer, counts: &KeyCounts) {
    writer.small(counts.entries().len() as u64);
    for &(key, count) in counts.entries() {
        writer.small(key.0.into());
        writer.small(count);
    }
}

fn adjacency(csr: &Csr) -> Vec<u8> {
    let mut writer = Writer::default();
    let (offsets, targets, rels) = csr.parts();
    match offsets {
        Offsets::Dense { first, at } => {
            writer.byte(0);
            writer.small((*first).into());
            writer.words(at);
        }
        Offsets::Sparse { nodes, at } => {
            writer.byte(1);
            writer.words(nodes);
            writer.words(at);
        }
    }
    writer.words(targets);
    match rels {
        RelSlots::From(base) => {
            writer.byte(0);
            writer.small((*base).into());
        }
        RelSlots::Each(slots) => {
            writer.byte(1);
            writer.words(slots);
        }
    }
    writer.0
}
