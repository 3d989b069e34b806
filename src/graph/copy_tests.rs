//! A copy stays what it was, and what was written to a copy that is gone was never there.
//!
//! Here a graph goes through random histories of statements that hold and statements that fail, alone and inside
//! transactions that are committed or dropped, with reads in between that fold one type or another; beside it goes a
//! *replica* that is only told what holds. Whatever can be asked, both must answer the same, and as a plain model does;
//! and copies made on the way answer to the end as they did when they were made.

use std::collections::BTreeSet;

use super::index_tests::assert_seeks;
use super::tests::{KEYS, LABELS, Model, Parts, Random, TYPES, assert_counts, assert_same, names};
use super::tests::{parts_of, step_with};
use super::*;
use crate::value::RelRef;

/// The graph, the replica that is only told what holds, and the model of both.
struct Pair {
    graph: Graph,
    replica: Graph,
    model: Model,
    types: usize,
    /// Copies made on the way, and what they said.
    copies: Vec<(Graph, Vec<String>)>,
}

/// A statement: it does the same again when it is told to anybody in the same state.
#[derive(Clone, Copy)]
struct Statement {
    seed: u64,
    steps: usize,
    /// Reads between its writes.
    reads: bool,
}

impl Statement {
    fn random(random: &mut Random) -> Self {
        Self { seed: random.0 ^ 0x9e37_79b9, steps: 1 + random.below(6), reads: random.below(2) == 0 }
    }

    fn run(self, types: usize, graph: &mut Graph, model: &mut Model, readers: Option<&mut Random>) {
        let mut random = Random(self.seed);
        let mut readers = readers.filter(|_| self.reads);
        for _ in 0..self.steps {
            step_with(types, graph, model, &mut random);
            if let Some(readers) = &mut readers {
                read(graph, types, readers);
            }
        }
    }
}

/// Reads that build what readers build: folds of one type or of all, tables, orders, counts.
fn read(graph: &Graph, types: usize, random: &mut Random) {
    let ty = RelTypeId(random.below(types) as u32);
    match random.below(8) {
        0 | 1 => drop(graph.prepare(ty, [Dir::Out, Dir::In][random.below(2)], 1 << 40)),
        2 => walk(graph, &[ty]),
        3 => walk(graph, &[]),
        4 => {
            graph.pattern_count(Some(LabelId(random.below(LABELS) as u32)), ty, None);
            graph.loop_count(ty);
        }
        5 => {
            for index in graph.index_definitions() {
                graph.seek_ordered(index.id, Part::ALL, &mut Vec::new());
                graph.seek_several(
                    index.id,
                    &[],
                    (std::ops::Bound::Unbounded, std::ops::Bound::Unbounded),
                    &mut Vec::new(),
                );
                if let (Subject::Nodes(label), Some(key)) = (index.subject, index.single_key()) {
                    graph.is_unique(label, key);
                }
            }
        }
        _ => {}
    }
}

/// As many steps as it takes until readers fold by themselves.
fn walk(graph: &Graph, types: &[RelTypeId]) {
    let mut slots = Vec::new();
    graph.scan_nodes(0, &mut slots, usize::MAX);
    for _ in 0..1 + 3_000 / slots.len().max(1) {
        slots.iter().for_each(|&slot| graph.for_each_neighbour(NodeRef::new(slot), Dir::Both, types, |_, _| {}));
    }
}

impl Pair {
    fn new(types: usize) -> Self {
        let (mut graph, mut replica) = (Graph::new(), Graph::new());
        names(&mut graph);
        names(&mut replica);
        Self { graph, replica, model: Model::default(), types, copies: Vec::new() }
    }

    /// Some statements as one transaction: which of them fail, and whether all of it does.
    fn transaction(&mut self, random: &mut Random) {
        let (start, before) = (self.graph.clone(), self.model.clone());
        let mut held = Vec::new();
        for _ in 0..random.below(5) {
            let statement = Statement::random(random);
            let (copy, saved) = (self.graph.clone(), self.model.clone());
            statement.run(self.types, &mut self.graph, &mut self.model, Some(random));
            if random.below(3) == 0 {
                self.graph = copy;
                self.model = saved;
            } else {
                held.push(statement);
            }
            read(&self.graph, self.types, random);
        }
        if random.below(3) == 0 {
            self.graph = start;
            self.model = before;
            return;
        }
        let mut told = before;
        held.into_iter().for_each(|statement| statement.run(self.types, &mut self.replica, &mut told, None));
        self.graph.validate().expect("nothing is left over");
        self.graph.commit();
        self.replica.commit();
    }

    fn reopen(&mut self) {
        for graph in [&mut self.graph, &mut self.replica] {
            *graph = image::open(std::sync::Arc::new(Parts(parts_of(graph).into()))).expect("whole");
        }
    }

    fn assert_same(&self, random: &mut Random) {
        assert_same(&self.graph, &self.model);
        assert_counts(&self.graph, &self.model);
        assert_seeks(&self.graph, &self.model, random);
        assert_eq!(check(&self.graph), Vec::<String>::new());
        assert_eq!(all_of(&self.graph), all_of(&self.replica));
    }
}

/// All that can be asked of a graph by id, counters included, whatever readers have built. Which slots are given again
/// first depends on what readers have folded, so handles are not compared.
fn all_of(graph: &Graph) -> Vec<String> {
    let mut all = vec![format!(
        "next ids {} {}, counts {} {}",
        graph.topology.node_ids.next(),
        graph.topology.rel_ids.next(),
        graph.node_count(),
        graph.rel_count()
    )];
    let (mut nodes, mut rels) = (Vec::new(), Vec::new());
    graph.scan_nodes(0, &mut nodes, usize::MAX);
    graph.scan_rels(0, &mut rels, usize::MAX);
    nodes.sort_by_key(|&slot| graph.node_id(NodeRef::new(slot)));
    rels.sort_by_key(|&slot| graph.rel_id(RelRef::new(slot)));
    let node_ids = |slots: &[u32]| slots.iter().map(|&s| graph.node_id(NodeRef::new(s)).0).collect::<BTreeSet<_>>();
    let rel_ids = |slots: &[u32]| slots.iter().map(|&s| graph.rel_id(RelRef::new(s)).0).collect::<BTreeSet<_>>();
    for &slot in &nodes {
        let node = NodeRef::new(slot);
        let id = graph.node_id(node);
        assert_eq!(graph.node_by_id(id.0), Some(node));
        all.push(format!("({id}) {:?} {:?}", graph.labels_of(node), graph.node_properties(node)));
        for dir in [Dir::Out, Dir::In, Dir::Both] {
            for types in [&[][..], &[RelTypeId(0)], &[RelTypeId(1)], &[RelTypeId(2)], &[RelTypeId(2), RelTypeId(0)]] {
                let mut around = BTreeSet::new();
                graph.for_each_neighbour(node, dir, types, |rel, other| {
                    assert!(around.insert((graph.rel_id(rel).0, graph.node_id(other).0)));
                });
                assert_eq!(graph.degree(node, dir, types), around.len() as u64);
                all.push(format!("{dir:?} {types:?}: {around:?}"));
            }
        }
    }
    for &slot in &rels {
        let rel = RelRef::new(slot);
        let id = graph.rel_id(rel);
        assert_eq!(graph.rel_by_id(id.0), Some(rel));
        let ends = graph.rel(rel);
        let (start, end) = (graph.node_id(ends.start), graph.node_id(ends.end));
        all.push(format!("[{id}] {start} {end} {:?} {:?}", ends.ty, graph.rel_properties(rel)));
    }
    let of = |ids: usize| (0..ids as u32).map(Some).chain([None]);
    for ty in (0..TYPES as u32).map(RelTypeId) {
        let mut listed = Vec::new();
        graph.scan_type(ty, 0, &mut listed, usize::MAX);
        all.push(format!("{ty:?}: {} {:?} loops {}", graph.type_count(ty), rel_ids(&listed), graph.loop_count(ty)));
        for (start, end) in of(LABELS).flat_map(|start| of(LABELS).map(move |end| (start, end))) {
            all.push(format!("{start:?} {end:?} {}", graph.pattern_count(start.map(LabelId), ty, end.map(LabelId))));
        }
        all.push(format!("{:?}", (0..KEYS as u32).map(|k| graph.rel_key_count(ty, KeyId(k))).collect::<Vec<_>>()));
    }
    for label in (0..LABELS as u32).map(LabelId) {
        let mut listed = Vec::new();
        graph.scan_label(label, 0, &mut listed, usize::MAX);
        let keys = (0..KEYS as u32).map(KeyId);
        let keys = keys.map(|key| (graph.key_count(label, key), graph.is_unique(label, key))).collect::<Vec<_>>();
        all.push(format!("{label:?}: {} {:?} {keys:?}", graph.label_count(label), node_ids(&listed)));
    }
    for key in (0..KEYS as u32).map(KeyId) {
        let told = |column: Option<&Column>| column.map_or((0, None), |column| (column.len(), column.kind()));
        all.push(format!("{:?} {:?}", told(graph.node_column(key)), told(graph.rel_column(key))));
    }
    all.push(format!("{:?}", graph.keys_in_use()));
    all.push(format!("{:?}", graph.index_definitions()));
    for index in graph.index_definitions() {
        let mut slots = Vec::new();
        graph.seek_ordered(index.id, Part::ALL, &mut slots);
        let key = index.keys[0];
        let (values, ids): (Vec<_>, _) = match index.subject {
            Subject::Nodes(_) => {
                let value = |&slot: &u32| graph.node_property(NodeRef::new(slot), key);
                (slots.iter().map(value).collect(), node_ids(&slots))
            }
            Subject::Rels(_) => {
                let value = |&slot: &u32| graph.rel_property(RelRef::new(slot), key);
                (slots.iter().map(value).collect(), rel_ids(&slots))
            }
        };
        all.push(format!("{values:?} {ids:?}"));
    }
    all
}

fn histories(types: usize, seed: u64) {
    let mut random = Random(seed);
    let mut pair = Pair::new(types);
    for transaction in 0..60 {
        pair.transaction(&mut random);
        if transaction % 3 == 0 {
            pair.assert_same(&mut random);
        }
        if random.below(10) == 0 {
            pair.copies.push((pair.graph.clone(), all_of(&pair.graph)));
        }
        if random.below(12) == 0 {
            pair.reopen();
        }
    }
    pair.assert_same(&mut random);
    for (copy, said) in &pair.copies {
        read(copy, types, &mut random);
        assert_eq!(all_of(copy), *said, "a copy stays what it was");
        assert_eq!(check(copy), Vec::<String>::new());
    }
}

#[test]
fn two_types_after_any_failure_and_rollback_are_as_a_replica_that_never_heard_of_it() {
    (0..16).for_each(|seed| histories(2, seed * 6_700_417 + 1));
}

#[test]
fn three_types_after_any_failure_and_rollback_are_as_a_replica_that_never_heard_of_it() {
    (0..16).for_each(|seed| histories(3, seed * 2_097_593 + 5));
}

#[test]
fn a_fold_of_one_type_does_not_hide_what_gets_the_ids_of_another_that_was_taken_back() {
    let mut graph = Graph::new();
    names(&mut graph);
    let nodes: Vec<NodeRef> = (0..4).map(|_| graph.create_node(&[], []).expect("room")).collect();
    graph.commit();
    let [first, second] = [RelTypeId(0), RelTypeId(1)];
    let copy = graph.clone();
    graph.create_rel(nodes[0], nodes[1], first, []).expect("both live");
    graph.create_rel(nodes[0], nodes[1], second, []).expect("both live");
    assert!(graph.prepare(first, Dir::Out, 1 << 40).is_some(), "a reader folds one of the two");
    graph = copy;
    let rel = graph.create_rel(nodes[2], nodes[3], first, []).expect("both live");
    assert_eq!(graph.rel_id(rel).0, 0, "what was taken back was never given");
    assert_eq!(graph.degree(nodes[2], Dir::Out, &[first]), 1);
    assert_eq!(graph.delete_node(nodes[2], true), (true, 1));
    graph.validate().expect("nothing dangles");
    graph.commit();
    assert_eq!(check(&graph), Vec::<String>::new());
}

#[test]
fn a_fold_is_of_the_copies_that_share_the_type() {
    let mut graph = Graph::new();
    names(&mut graph);
    let (a, b) = (graph.create_node(&[], []).expect("room"), graph.create_node(&[], []).expect("room"));
    let ty = RelTypeId(0);
    for _ in 0..500 {
        graph.create_rel(a, b, ty, []).expect("both live");
    }
    graph.commit();
    let fold = |graph: &Graph| graph.prepare(ty, Dir::Out, 1 << 40).map(|csr| csr.len());
    let mut other = graph.clone();
    graph.create_rel(a, b, ty, []).expect("both live");
    assert_eq!(fold(&graph), Some(501), "what is open is folded too");
    assert_eq!((fold(&other), other.degree(b, Dir::In, &[ty])), (Some(500), 500));
    other.create_rel(b, a, ty, []).expect("both live");
    assert_eq!((other.degree(a, Dir::Both, &[ty]), graph.degree(a, Dir::Both, &[ty])), (501, 501));
    other.create_rel(a, b, RelTypeId(1), []).expect("both live");
    other.commit();
    assert_eq!((fold(&other), other.neighbour_slice(b, Dir::In, ty).map(<[u32]>::len)), (Some(501), Some(500)));
    for graph in [&graph, &other] {
        assert_eq!(check(graph), Vec::<String>::new());
    }
}

#[test]
fn a_write_to_a_copy_copies_the_pages_it_touches() {
    let mut graph = Graph::new();
    names(&mut graph);
    for i in 0..50_000i64 {
        graph.create_node(&[LabelId(0)], [(KeyId(0), i.into())]).expect("room");
    }
    graph.commit();
    let mut copy = graph.clone();
    copy.set_node_property(NodeRef::new(20_000), KeyId(0), (-1).into()).expect("room");
    let pages = |graph: &Graph| graph.node_column(KeyId(0)).map(|column| column.pages().to_vec()).unwrap_or_default();
    let (before, after) = (pages(&graph), pages(&copy));
    let apart = before.iter().flatten().zip(after.iter().flatten()).filter(|(a, b)| !std::sync::Arc::ptr_eq(a, b));
    assert_eq!((before.len(), apart.count()), (49, 1));
    let labels = |graph: &Graph| std::sync::Arc::clone(&graph.labels);
    assert!(std::sync::Arc::ptr_eq(&labels(&graph), &labels(&copy)), "no label was written");
}
