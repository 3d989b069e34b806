//! An import into an empty graph: nodes and relationships are only appended, and the adjacency is built once, at the end,
//! straight into the form it is stored in.
//!
//! ```text
//! bulk(true)    slots, ends and types are lists that grow; nobody is asked who touches whom
//! bulk(false)   one counting sort a type ─► CSR; from here on the graph is as if opened from an image
//! ```
//!
//! Between the two nothing may be deleted and no neighbour asked for. A graph that has been written to before, or has indexes
//! or constraints, is filled as usual.

use std::ops::Range;
use std::sync::Arc;

use super::csr::{Csr, Entry};
use super::labels::SetId;
use super::topology::{Frozen, MAX_SLOTS, Topology, TypeOf};
use super::{Graph, KeyId, LabelId, Rel, RelTypeId};
use crate::error::{Code, Error, Result};
use crate::value::{NodeRef, RelRef, Value};

/// Relationships by slot, before any adjacency holds them.
#[derive(Clone, Debug, Default)]
pub(super) struct Raw {
    starts: Vec<u32>,
    ends: Vec<u32>,
    /// From this slot on, this type.
    types: Vec<(u32, RelTypeId)>,
}

/// A value on its way into a column.
#[derive(Clone, Copy, Debug)]
pub(crate) enum BulkValue<'a> {
    /// An integer.
    Int(i64),
    /// A string.
    Text(&'a str),
    /// Anything else that a property can hold.
    Value(&'a Value),
}

impl Raw {
    pub(super) fn rel(&self, slot: u32) -> Rel {
        let at = self.types.partition_point(|run| run.0 <= slot);
        let ty = at.checked_sub(1).map_or(RelTypeId(0), |at| self.types[at].1);
        let end = |ends: &[u32]| NodeRef::new(ends.get(slot as usize).copied().unwrap_or_default());
        Rel { start: end(&self.starts), end: end(&self.ends), ty }
    }

    pub(super) fn push(&mut self, start: u32, end: u32, ty: RelTypeId) {
        if self.types.last().is_none_or(|run| run.1 != ty) {
            self.types.push((self.starts.len() as u32, ty));
        }
        self.starts.push(start);
        self.ends.push(end);
    }
}

impl Topology {
    /// Whether nothing was ever written.
    fn is_fresh(&self) -> bool {
        self.node_bound == 0 && self.rel_bound == 0
    }

    /// Turns what was appended into adjacency.
    fn settle(&mut self, raw: Raw) {
        let bound = raw.starts.len() as u32;
        let runs = (0..raw.types.len()).map(|i| {
            let end = raw.types.get(i + 1).map_or(bound, |next| next.0);
            (raw.types[i].1, raw.types[i].0..end)
        });
        let mut by_type: Vec<Vec<Range<u32>>> = Vec::new();
        for (ty, run) in runs {
            self.type_mut(ty).live.insert_range(run.start, run.end);
            if by_type.len() <= ty.index() {
                by_type.resize_with(ty.index() + 1, Vec::new);
            }
            by_type[ty.index()].push(run);
        }
        let csrs = by_type.into_iter().map(|runs| {
            let entry = |slot: u32| Entry { from: raw.starts[slot as usize], to: raw.ends[slot as usize], rel: slot };
            let entries: Vec<Entry> = runs.into_iter().flatten().map(entry).collect();
            (!entries.is_empty()).then(|| Arc::new(Csr::build(entries)))
        });
        let csrs = csrs.collect();
        let types = match raw.types.len() > bound as usize / 2 {
            true => TypeOf::Each((0..bound).map(|slot| raw.rel(slot).ty.0).collect()),
            false => TypeOf::Runs(raw.types),
        };
        self.frozen = Arc::new(Frozen::filled(bound, types, csrs));
        self.start_from_frozen(false);
    }
}

impl Graph {
    /// For imports: from now on (until it is switched off, or what was done is committed) nodes and relationships of an
    /// empty graph are only appended.
    pub(crate) fn bulk(&mut self, on: bool) {
        self.journal.bulk = on;
        let asks = self.index_and_constraint_count() > 0;
        if on && self.topology.is_fresh() && !asks && !self.journal.recording {
            self.topology.raw = Some(Box::default());
        }
        if !on && let Some(raw) = self.topology.raw.take() {
            self.topology.settle(*raw);
        }
    }

    /// Whether the functions below may be called.
    pub(crate) fn is_bulk(&self) -> bool {
        self.topology.raw.is_some()
    }

    /// The number of a combination of labels.
    pub(crate) fn bulk_labels(&mut self, labels: &[LabelId]) -> u32 {
        Arc::make_mut(&mut self.labels).intern(labels)
    }

    /// Appends a node for each combination of labels; returns the slot of the first. Errors: `Size`; then some are there.
    pub(crate) fn bulk_nodes(&mut self, sets: &[SetId]) -> Result<u32> {
        let first = self.topology.node_bound;
        for &set in sets {
            let slot = self.topology.add_node(None)?;
            Arc::make_mut(&mut self.labels).enter(slot, set);
        }
        self.journal.touched_nodes.insert_range(first, self.topology.node_bound);
        Ok(first)
    }

    /// Appends relationships between living nodes, each of a type that is known; returns the slot of the first.
    /// Errors: `Size`; then none is there.
    pub(crate) fn bulk_rels(&mut self, ends: &[(u32, u32)], ty: impl Fn(usize) -> RelTypeId) -> Result<u32> {
        let first = self.topology.rel_bound;
        if u64::from(first) + ends.len() as u64 > u64::from(MAX_SLOTS) {
            return Err(Error::limit(Code::Size, format!("a graph holds at most {MAX_SLOTS} relationships")));
        }
        for (i, &(start, end)) in ends.iter().enumerate() {
            self.topology.add_rel(start, end, ty(i), None)?;
        }
        Ok(first)
    }

    /// Gives nodes appended just now their values of one key: slots ascending, each once. Errors: `Size`,
    /// `InvalidPropertyType`.
    pub(crate) fn bulk_node_values<'a>(
        &mut self,
        key: KeyId,
        values: impl Iterator<Item = (u32, BulkValue<'a>)>,
    ) -> Result<()> {
        let column = self.node_columns.get_mut(key);
        let (mut set, mut count) = (0, 0);
        for (slot, value) in values {
            column.append(slot, value)?;
            let of = self.labels.set_of(slot);
            if of != set {
                Arc::make_mut(&mut self.labels).set_mut(set).keys.add_many(key, count);
                (set, count) = (of, 0);
            }
            count += 1;
        }
        Arc::make_mut(&mut self.labels).set_mut(set).keys.add_many(key, count);
        Ok(())
    }

    /// The same for relationships.
    pub(crate) fn bulk_rel_values<'a>(
        &mut self,
        key: KeyId,
        values: impl Iterator<Item = (u32, BulkValue<'a>)>,
    ) -> Result<()> {
        let column = self.rel_columns.get_mut(key);
        let rel_keys = Arc::make_mut(&mut self.rel_keys);
        rel_keys
            .resize_with(rel_keys.len().max(self.topology.types.len()).max(self.names.types().len()), Default::default);
        for (slot, value) in values {
            column.append(slot, value)?;
            rel_keys[self.topology.rel(RelRef::new(slot)).ty.index()].add(key);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Dir, check};

    #[test]
    fn a_graph_filled_in_bulk_is_the_same_as_one_that_was_written() {
        let fill = |bulk: bool| {
            let mut graph = Graph::new();
            graph.bulk(bulk);
            let labels = ["A", "B"].map(|l| graph.ensure_label(l).expect("room"));
            let types = ["S", "T"].map(|t| graph.ensure_type(t).expect("room"));
            let key = graph.ensure_key("k").expect("room");
            for i in 0..50_i64 {
                graph.create_node(&[labels[i as usize % 2]], [(key, Value::Int(i))]).expect("new");
            }
            for i in 0..300_u32 {
                let (start, end) = (NodeRef::new(i * 7 % 50), NodeRef::new(i * i % 50));
                let ty = types[usize::from(i % 3 == 0)];
                graph.create_rel(start, end, ty, [(key, Value::str(format!("v{}", i % 5)))]).expect("new");
            }
            let map = Value::map([]).expect("a map");
            assert!(graph.create_rel(NodeRef::new(0), NodeRef::new(1), types[0], [(key, map.clone())]).is_err());
            assert!(graph.create_node(&[], [(key, map)]).is_err());
            graph.bulk(false);
            graph
        };
        let (quick, plain) = (fill(true), fill(false));
        assert!(!quick.is_bulk());
        assert_eq!(check(&quick), Vec::<String>::new());
        assert_eq!((quick.node_count(), quick.rel_count()), (50, 300));
        for slot in 0..50 {
            for dir in [Dir::Out, Dir::In, Dir::Both] {
                let around = |graph: &Graph| {
                    let mut seen = Vec::new();
                    graph.for_each_neighbour(NodeRef::new(slot), dir, &[], |rel, other| seen.push((rel, other)));
                    seen.sort_unstable();
                    seen
                };
                assert_eq!(around(&quick), around(&plain));
            }
        }
        for slot in 0..300 {
            assert_eq!(quick.rel(RelRef::new(slot)), plain.rel(RelRef::new(slot)));
            assert_eq!(quick.rel_id(RelRef::new(slot)), plain.rel_id(RelRef::new(slot)));
        }
    }

    #[test]
    fn a_graph_goes_on_after_it_was_filled() {
        let mut graph = Graph::new();
        graph.bulk(true);
        let label = graph.ensure_label("A").expect("room");
        let ty = graph.ensure_type("T").expect("room");
        let key = graph.ensure_key("k").expect("room");
        let set = graph.bulk_labels(&[label]);
        assert_eq!(graph.bulk_nodes(&[set, set, 0]).expect("room"), 0);
        assert_eq!(graph.touched_nodes(9).map(|touched| touched.len()), Some(3), "names follow an import, too");
        let values = [(0, BulkValue::Int(1)), (1, BulkValue::Text("x")), (2, BulkValue::Value(&Value::Bool(true)))];
        graph.bulk_node_values(key, values.into_iter()).expect("room");
        graph.bulk_rels(&[(0, 1), (2, 0)], |_| ty).expect("room");
        graph.bulk_rel_values(key, [(1, BulkValue::Int(5))].into_iter()).expect("room");
        graph.bulk(false);
        let mut copy = graph.clone();
        let node = copy.create_node(&[label], []).expect("new");
        copy.create_rel(node, NodeRef::new(0), ty, []).expect("new");
        assert!(copy.delete_rel(RelRef::new(0)));
        assert_eq!(copy.degree(NodeRef::new(0), Dir::Both, &[]), 2);
        assert_eq!((graph.node_count(), graph.rel_count(), graph.label_count(label)), (3, 2, 2));
        assert_eq!((graph.key_count(label, key), graph.rel_key_count(ty, key)), (2, 1));
        assert!(matches!(graph.node_property(NodeRef::new(1), key), Value::Str(text) if &*text == "x"));
        assert_eq!(check(&graph), Vec::<String>::new());
    }
}
