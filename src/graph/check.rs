//! Whether every part of a graph says the same: what `shejire check`, the `check` operation and the tests ask.

use rustc_hash::FxHashMap;

use super::rewrite::{described, has_ends};
use super::write::{node_text, rel_text};
use super::{Dir, Graph, KeyId, LabelId, RelTypeId};
use crate::value::{NodeRef, RelRef};

/// How many problems are told; more of the same kind help nobody.
const MOST: usize = 100;

/// The contradictions between topology, labels, columns, indexes and counts, in words; none when all is well. Linear in
/// the graph.
pub(crate) fn check(graph: &Graph) -> Vec<String> {
    let mut check = Check { graph, problems: Vec::new() };
    check.nodes();
    check.labels();
    check.rels();
    check.adjacency();
    check.columns();
    check.indexes();
    check.patterns();
    check.problems.truncate(MOST);
    check.problems
}

struct Check<'a> {
    graph: &'a Graph,
    problems: Vec<String>,
}

impl Check<'_> {
    fn expect(&mut self, holds: bool, problem: impl FnOnce() -> String) {
        if !holds && self.problems.len() < MOST {
            self.problems.push(problem());
        }
    }

    fn nodes(&mut self) {
        let graph = self.graph;
        let slots = all(|cursor, out| graph.scan_nodes(cursor, out, 1024));
        let counted = graph.node_count();
        self.expect(slots.len() as u64 == counted, || format!("{counted} nodes counted, {} found", slots.len()));
        for slot in slots {
            let node = NodeRef::new(slot);
            let id = graph.node_id(node);
            self.expect(graph.node_by_id(id.0) == Some(node), || format!("{} is not found by its id", node_text(id)));
            self.expect(!graph.is_node_deleted(node), || format!("{} lives and is deleted", node_text(id)));
        }
        if let Some(error) = graph.failure() {
            self.problems.push(error.to_string());
        }
    }

    fn labels(&mut self) {
        let graph = self.graph;
        let mut nodes_of = vec![0u64; graph.labels.sets().len()];
        let mut keys_of: Vec<FxHashMap<KeyId, u64>> = vec![FxHashMap::default(); nodes_of.len()];
        let mut per_label: FxHashMap<LabelId, u64> = FxHashMap::default();
        for slot in all(|cursor, out| graph.scan_nodes(cursor, out, 1024)) {
            let set = graph.labels.set_of(slot) as usize;
            nodes_of[set] += 1;
            for label in graph.labels_of(NodeRef::new(slot)) {
                *per_label.entry(label).or_default() += 1;
                let listed = graph.labels.nodes(label).is_some_and(|nodes| nodes.contains(slot));
                self.expect(listed, || {
                    format!("{} is missing under a label", node_text(graph.node_id(NodeRef::new(slot))))
                });
            }
        }
        // by columns: every node times every key is the square of either
        for key in graph.node_columns.keys() {
            let slots = graph.node_column(key).into_iter().flat_map(|column| column.slots());
            for slot in slots.filter(|&slot| graph.node_exists(NodeRef::new(slot))) {
                *keys_of[graph.labels.set_of(slot) as usize].entry(key).or_default() += 1;
            }
        }
        for (label, name) in graph.names().labels() {
            let (found, counted) = (per_label.get(&label).copied().unwrap_or(0), graph.label_count(label));
            self.expect(found == counted, || format!("label {name}: {counted} nodes listed, {found} have it"));
        }
        for (id, set) in graph.labels.sets().iter().enumerate() {
            let counted = set.nodes;
            self.expect(nodes_of[id] == counted, || format!("label set {id}: {counted} counted, {}", nodes_of[id]));
            let same = set.keys.keys().len() == keys_of[id].len()
                && keys_of[id].iter().all(|(&key, &count)| set.keys.count(key) == count);
            self.expect(same, || format!("label set {id}: the key counts are not those of its nodes"));
        }
    }

    fn rels(&mut self) {
        let graph = self.graph;
        let slots = all(|cursor, out| graph.scan_rels(cursor, out, 1024));
        let counted = graph.rel_count();
        self.expect(slots.len() as u64 == counted, || {
            format!("{counted} relationships counted, {} found", slots.len())
        });
        let mut keys_of: FxHashMap<(RelTypeId, KeyId), u64> = FxHashMap::default();
        for slot in slots {
            let (rel, id) = (graph.rel(RelRef::new(slot)), graph.rel_id(RelRef::new(slot)));
            self.expect(graph.rel_by_id(id.0) == Some(RelRef::new(slot)), || {
                format!("{} is not found by its id", rel_text(id))
            });
            self.expect(has_ends(graph, RelRef::new(slot)), || described(graph, RelRef::new(slot)));
            let listed = graph.topology.types.get(rel.ty.index()).is_some_and(|t| t.live.contains(slot));
            self.expect(listed, || format!("{} is missing under its type", rel_text(id)));
        }
        for key in graph.rel_columns.keys() {
            let slots = graph.rel_column(key).into_iter().flat_map(|column| column.slots());
            for slot in slots.filter(|&slot| graph.rel_exists(RelRef::new(slot))) {
                *keys_of.entry((graph.rel(RelRef::new(slot)).ty, key)).or_default() += 1;
            }
        }
        let counted: usize = graph.rel_keys.iter().map(|keys| keys.entries().len()).sum();
        let same = counted == keys_of.len() && keys_of.iter().all(|(&(ty, key), &n)| graph.rel_key_count(ty, key) == n);
        self.expect(same, || "the key counts of relationship types are not those of their relationships".into());
    }

    /// Every relationship is found from both ends, exactly once, and nothing else is.
    fn adjacency(&mut self) {
        let graph = self.graph;
        let rels = all(|cursor, out| graph.scan_rels(cursor, out, 1024));
        let (mut out, mut inward) = (Vec::with_capacity(rels.len()), Vec::with_capacity(rels.len()));
        for slot in all(|cursor, out| graph.scan_nodes(cursor, out, 1024)) {
            let node = NodeRef::new(slot);
            for (dir, found) in [(Dir::Out, &mut out), (Dir::In, &mut inward)] {
                graph.for_each_neighbour(node, dir, &[], |rel, other| {
                    let ends = if dir == Dir::Out { (node, other) } else { (other, node) };
                    found.push((rel.0, ends));
                });
            }
        }
        for (found, way) in [(&mut out, "out of"), (&mut inward, "into")] {
            found.sort_unstable();
            let same = found.len() == rels.len()
                && found.iter().zip(&rels).all(|(&(slot, (start, end)), &rel)| {
                    let ends = graph.rel(RelRef::new(rel));
                    slot == rel && (ends.start, ends.end) == (start, end)
                });
            self.expect(same, || format!("walking {way} the nodes does not give the relationships there are"));
        }
        for (i, _) in graph.topology.types.iter().enumerate() {
            let ty = RelTypeId(i as u32);
            for dir in [Dir::Out, Dir::In] {
                if let Some(csr) = graph.csr(ty, dir) {
                    let (found, counted) = (csr.len() as u64, graph.type_count(ty));
                    self.expect(csr.verify() && found == counted, || {
                        format!("type {}: {found} in the adjacency, {counted} counted", graph.type_name(ty))
                    });
                }
            }
        }
    }

    /// No column holds values of what is not there.
    fn columns(&mut self) {
        let graph = self.graph;
        for key in graph.node_columns.keys() {
            let Some(column) = graph.node_column(key) else { continue };
            let stray = column
                .slots()
                .find(|&slot| !graph.node_exists(NodeRef::new(slot)) && !graph.is_node_deleted(NodeRef::new(slot)));
            self.expect(stray.is_none(), || {
                format!("key {}: a value of a node that is not there", graph.key_name(key))
            });
            let (slots, counted) = (column.slots().count() as u64, column.len());
            self.expect(slots == counted, || format!("key {}: {counted} counted, {slots}", graph.key_name(key)));
        }
        for key in graph.rel_columns.keys() {
            let Some(column) = graph.rel_column(key) else { continue };
            let stray = column
                .slots()
                .find(|&slot| !graph.rel_exists(RelRef::new(slot)) && !graph.is_rel_deleted(RelRef::new(slot)));
            self.expect(stray.is_none(), || {
                format!("key {}: a value of a relationship that is not there", graph.key_name(key))
            });
        }
    }

    fn indexes(&mut self) {
        for definition in self.graph.index_definitions() {
            if let Some(lookup) = self.graph.lookup(definition.id) {
                lookup.check(&mut self.problems);
            }
        }
        self.graph.check_texts(&mut self.problems);
        self.problems.extend(self.graph.broken_constraints());
    }

    fn patterns(&mut self) {
        let graph = self.graph;
        for (ty, name) in graph.names().types() {
            if let Some(kept) = graph.patterns.get(ty) {
                self.expect(*kept == graph.find_patterns(ty), || format!("type {name}: the pattern counts are off"));
            }
        }
    }
}

fn all(scan: impl Fn(u32, &mut Vec<u32>) -> Option<u32>) -> Vec<u32> {
    let (mut slots, mut cursor) = (Vec::new(), Some(0));
    while let Some(from) = cursor {
        cursor = scan(from, &mut slots);
    }
    slots
}
