//! A graph as the parts of an image.
//!
//! Slots are given anew when anything was ever deleted: in the order of ids, without holes, so that ids are runs.

use std::sync::Arc;

use smallvec::SmallVec;

use super::bytes::Writer;
use super::{STORED_ORDER, column, declared, part};
use crate::error::Result;
use crate::graph::column::Column;
use crate::graph::columns::Columns;
use crate::graph::csr::{Csr, Entry, Offsets, RelSlots};
use crate::graph::id_map::IdMap;
use crate::graph::index::{Index, Lookup};
use crate::graph::labels::KeyCounts;
use crate::graph::rewrite::{has_ends, loose};
use crate::graph::stats::{Patterns, patterns_in};
use crate::graph::{Dir, Graph, KeyId, RelTypeId, Subject};
use crate::value::{NodeRef, RelRef};

/// Takes the parts of an image: name, and bytes unless the part there still holds.
pub(crate) type Sink<'s> = dyn FnMut(&str, Option<Vec<u8>>) -> Result<()> + 's;

/// Gives `sink` every part of the graph with its name: its bytes, or nothing when the part of that name which is there
/// still holds. With `keep` the image there is the one this graph's slots are numbered by. Returns what was found out,
/// when the new image has the graph's own slots, so that the next one may keep parts of it; and which slots it has. Only
/// between transactions.
/// Errors: those of the sink, and of parts of the opened image that cannot be read.
pub(crate) fn write(graph: &Graph, keep: bool, sink: &mut Sink<'_>) -> Result<(Option<Facts>, Placed)> {
    let image = Image { graph, nodes: Slots::nodes(graph), rels: Slots::rels(graph) };
    let same = image.nodes.same() && image.rels.same();
    let keep = keep && same;
    sink(part::NAMES, Some(image.names()))?;
    sink(part::NODES, Some(image.nodes()))?;
    sink(part::RELS, Some(image.rels()))?;
    sink(part::SCHEMA, Some(image.schema()))?;
    if !graph.constraint_definitions().is_empty() {
        sink(part::CONSTRAINTS, Some(declared::all(graph.constraint_definitions())))?;
    }
    if graph.text_definitions().next().is_some() {
        let definitions: Vec<_> = graph.text_definitions().collect();
        sink(part::TEXTS, Some(declared::all_texts(definitions.iter().copied())))?;
    }
    let mut facts = Facts::default();
    for (ty, adjacency) in (0u32..).map(RelTypeId).zip(&graph.topology.types) {
        if keep && adjacency.is_stored() {
            let patterns = graph.kept_patterns(ty).cloned();
            facts.types.push(adjacency.known_loops().zip(patterns));
            if graph.type_count(ty) > 0 {
                sink(&part::out(ty), None)?;
            }
        } else {
            let (bytes, known) = image.adjacency(ty)?;
            facts.types.push(Some(known));
            if graph.type_count(ty) > 0 {
                sink(&part::out(ty), Some(bytes))?;
            }
        }
    }
    for key in used(&graph.node_columns) {
        let changed = !(keep && graph.node_columns.is_stored(key));
        let column = changed.then(|| graph.node_columns.get(key)).flatten();
        sink(&part::node(key), column.map(|column| image.nodes.column(column)))?;
    }
    for key in used(&graph.rel_columns) {
        let changed = !(keep && graph.rel_columns.is_stored(key));
        let column = changed.then(|| graph.rel_columns.get(key)).flatten();
        sink(&part::rel(key), column.map(|column| image.rels.column(column)))?;
    }
    for (at, index) in graph.indexes.all().enumerate() {
        let id = index.definition.id;
        let lookup = if wants_order(graph, index) { graph.lookup(id) } else { None };
        facts.indexes.push(match (lookup, index.known_distinct()) {
            (None, _) => None,
            (Some(_), Some(distinct)) if keep && id.index() == at && index.is_in_image() => {
                sink(&part::order(at), None)?;
                Some(distinct)
            }
            (Some(lookup), _) => {
                let (order, distinct) = image.order(&lookup);
                sink(&part::order(at), Some(order))?;
                Some(distinct)
            }
        });
    }
    sink(part::FACTS, Some(facts.bytes()))?;
    let Image { nodes, rels, .. } = image;
    graph.failure().map_or(Ok((same.then_some(facts), Placed { nodes, rels })), Err)
}

/// Whether the image of the graph has this index's slots in order.
fn wants_order(graph: &Graph, index: &Index) -> bool {
    let definition = &index.definition;
    let members = match definition.subject {
        Subject::Nodes(label) => graph.label_count(label),
        Subject::Rels(ty) => graph.type_count(ty),
    };
    definition.seeks() && members >= STORED_ORDER as u64
}

/// Whether an index is large enough for its order to be in an image, and is not.
pub(crate) fn is_behind(graph: &Graph) -> bool {
    graph.indexes.all().any(|index| wants_order(graph, index) && !index.is_in_image())
}

/// Notes that an image was written from this graph, with its slots, and what was found out.
pub(crate) fn note_written(graph: &mut Graph, facts: Facts) {
    for ((ty, adjacency), facts) in (0u32..).zip(&mut graph.topology.types).zip(facts.types) {
        let adjacency = Arc::make_mut(adjacency);
        adjacency.note_stored();
        if let Some((loops, patterns)) = facts {
            adjacency.know_loops(loops);
            graph.patterns.open(RelTypeId(ty), patterns);
        }
    }
    graph.node_columns.note_stored();
    graph.rel_columns.note_stored();
    for ((at, index), distinct) in graph.indexes.all_mut().enumerate().zip(facts.indexes) {
        index.note_in_image(distinct.filter(|_| index.definition.id.index() == at));
    }
}

/// What counting would tell, so that nobody needs to.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// Loops and patterns, by type.
    types: Vec<Option<(u64, Patterns)>>,
    /// Distinct values of the indexes whose order the image has.
    indexes: Vec<Option<u64>>,
}

impl Facts {
    fn bytes(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.small(self.types.len() as u64);
        for facts in &self.types {
            let Some((loops, patterns)) = facts else {
                writer.byte(0);
                continue;
            };
            writer.byte(1);
            writer.small(*loops);
            let mut patterns: Vec<_> = patterns.iter().collect();
            patterns.sort_unstable();
            writer.small(patterns.len() as u64);
            for ((start, end), count) in patterns {
                writer.small((*start).into());
                writer.small((*end).into());
                writer.small(*count);
            }
        }
        writer.small(self.indexes.len() as u64);
        self.indexes.iter().for_each(|distinct| writer.small(distinct.map_or(0, |n| n.saturating_add(1))));
        writer.0
    }
}

/// Which slots an image has for the nodes and relationships of the graph it was written from.
pub(crate) struct Placed {
    nodes: Slots,
    rels: Slots,
}

impl Placed {
    /// Whether they are the graph's own.
    pub(crate) fn is_same(&self) -> bool {
        self.nodes.same() && self.rels.same()
    }

    /// The node in the image; nothing for one that is gone.
    pub(crate) fn node(&self, node: NodeRef) -> Option<NodeRef> {
        self.nodes.new_slot(node.0).filter(|new| *new < self.nodes.count).map(NodeRef::new)
    }

    /// The relationship in the image; nothing for one that is gone.
    pub(crate) fn rel(&self, rel: RelRef) -> Option<RelRef> {
        self.rels.new_slot(rel.0).filter(|new| *new < self.rels.count).map(RelRef::new)
    }
}

struct Image<'a> {
    graph: &'a Graph,
    nodes: Slots,
    rels: Slots,
}

/// The slots of the image: how many, which old slot each has, in order; and where the old ones went.
struct Slots {
    count: u32,
    /// Nothing in both when they are the same.
    old: Option<Vec<u32>>,
    moved: Option<Vec<u32>>,
}

impl Slots {
    fn nodes(graph: &Graph) -> Self {
        let (bound, topology) = (graph.node_bound(), &graph.topology);
        if topology.dead_nodes.is_empty() && topology.node_ids.plain_runs(bound).is_some() {
            return Self { count: bound, old: None, moved: None };
        }
        let mut old = Vec::new();
        graph.scan_nodes(0, &mut old, usize::MAX);
        Self::new(old, bound, |slot| topology.node_ids.id(slot))
    }

    fn rels(graph: &Graph) -> Self {
        let (bound, topology) = (graph.rel_bound(), &graph.topology);
        if topology.dead_rels.is_empty() && topology.rel_ids.plain_runs(bound).is_some() {
            return Self { count: bound, old: None, moved: None };
        }
        let mut old = Vec::new();
        graph.scan_rels(0, &mut old, usize::MAX);
        Self::new(old, bound, |slot| topology.rel_ids.id(slot))
    }

    fn new(mut old: Vec<u32>, bound: u32, id: impl Fn(u32) -> u64) -> Self {
        let count = old.len() as u32;
        let ascending = old.is_sorted_by_key(|&slot| id(slot));
        if ascending && count == bound {
            return Self { count, old: None, moved: None };
        }
        if !ascending {
            old.sort_unstable_by_key(|&slot| id(slot));
        }
        let mut moved = vec![u32::MAX; bound as usize];
        (0u32..).zip(&old).for_each(|(new, &slot)| moved[slot as usize] = new);
        Self { count, old: Some(old), moved: Some(moved) }
    }

    /// Whether the slots of the image are those of the graph.
    fn same(&self) -> bool {
        self.moved.is_none()
    }

    fn old_slot(&self, new: u32) -> u32 {
        self.old.as_ref().map_or(new, |old| old[new as usize])
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
        for new in 0..self.count {
            let value = value(self.old_slot(new));
            if next != Some(value) {
                runs.push((new, value));
            }
            next = value.checked_add(step);
        }
        runs
    }

    fn column(&self, column: &Column) -> Vec<u8> {
        if self.same() {
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
        writer.small(self.nodes.count.into());
        writer.small(ids.next());
        id_runs(&mut writer, &self.nodes, ids);
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
        writer.small(self.rels.count.into());
        writer.small(ids.next());
        id_runs(&mut writer, &self.rels, ids);
        let types = self.types_by_slot();
        let of = |slot: u32| types.get(slot as usize).copied().unwrap_or_default();
        let type_runs = self.rels.runs(0, |slot| of(slot).into());
        if type_runs.len() <= self.rels.count as usize / 8 + 64 {
            writer.byte(0);
            runs(&mut writer, &type_runs);
        } else {
            writer.byte(1);
            writer.words(&(0..self.rels.count).map(|new| of(self.rels.old_slot(new))).collect::<Vec<_>>());
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
            declared::write_index(definition, &mut writer, &mut declared::own_number);
        }
        for columns in [&graph.node_columns, &graph.rel_columns] {
            let keys: Vec<u32> = used(columns).iter().map(|key| key.0).collect();
            writer.words(&keys);
        }
        writer.0
    }

    /// The part of a type, and its facts.
    fn adjacency(&self, ty: RelTypeId) -> Result<(Vec<u8>, (u64, Patterns))> {
        let described = |csr: &Csr| {
            let set_of = |node: u32| self.graph.labels.set_of(self.nodes.old_slot(node));
            (adjacency(csr), (csr.loops().into(), patterns_in(csr, set_of)))
        };
        if self.nodes.same()
            && self.rels.same()
            && let Some(csr) = self.graph.topology.clean_csr(ty, Dir::Out)
        {
            return Ok(described(csr));
        }
        let entry = |slot: u32| {
            let rel = self.graph.rel(RelRef::new(slot));
            // a relationship without an end would get another one
            match has_ends(self.graph, RelRef::new(slot)) {
                true => Ok(Entry {
                    from: self.nodes.of(rel.start.0),
                    to: self.nodes.of(rel.end.0),
                    rel: self.rels.of(slot),
                }),
                false => Err(loose(self.graph, RelRef::new(slot))),
            }
        };
        let live = self.graph.topology.types.get(ty.index()).map(|t| t.live.iter().map(entry).collect::<Result<_>>());
        Ok(described(&Csr::build(live.transpose()?.unwrap_or_default())))
    }
}

impl Image<'_> {
    /// The slots of an index by value, then slot, and how many values there are.
    fn order(&self, lookup: &Lookup<'_>) -> (Vec<u8>, u64) {
        let mut order = lookup.in_order();
        let distinct = lookup.distinct_in_order(&order);
        let slots = match lookup.index.definition.subject {
            Subject::Nodes(_) => &self.nodes,
            Subject::Rels(_) => &self.rels,
        };
        if !slots.same() {
            // the new slots of equal values may be in another order than the old ones
            for equal in order.chunk_by_mut(|&a, &b| lookup.same_place(a, b)) {
                equal.iter_mut().for_each(|slot| *slot = slots.of(*slot));
                equal.sort_unstable();
            }
        }
        let mut writer = Writer::default();
        writer.words(&order);
        (writer.0, distinct)
    }
}

fn id_runs(writer: &mut Writer, slots: &Slots, ids: &IdMap) {
    match ids.plain_runs(slots.count).filter(|_| slots.same()) {
        Some(plain) => runs(writer, plain),
        None => runs(writer, &slots.runs(1, |slot| ids.id(slot))),
    }
}

/// The keys that have values now.
fn used(columns: &Columns) -> SmallVec<[KeyId; 16]> {
    let used = |key: &KeyId| columns.is_unread(*key) || columns.get(*key).is_some_and(|column| !column.is_empty());
    columns.keys().filter(used).collect()
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
