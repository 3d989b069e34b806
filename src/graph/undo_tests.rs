//! What was taken back was never there.
//!
//! A fold that a reader had made in the middle of a transaction outlived a rollback: its watermark stood above ids that
//! were given again, and the relationships that got them were invisible. So here a graph goes through random histories
//! of statements that hold and statements that fail, alone and inside transactions that are committed or taken back,
//! with reads that fold one type or another in between; beside it goes a *copy* that is only told what holds. Whatever
//! can be asked, both must answer the same, and as a plain model does.

use std::collections::BTreeSet;

use super::tests::{KEYS, LABELS, Model, Parts, Random, TYPES, assert_counts, assert_same, assert_seeks, names};
use super::tests::{parts_of, step_with};
use super::*;
use crate::value::RelRef;

/// The graph, the copy that is only told what holds, and the model of both.
struct Pair {
    graph: Graph,
    copy: Graph,
    model: Model,
    types: usize,
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
                graph.is_unique(index.label, index.key);
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
        let (mut graph, mut copy) = (Graph::new(), Graph::new());
        names(&mut graph);
        names(&mut copy);
        Self { graph, copy, model: Model::default(), types }
    }

    /// Some statements as one transaction: which of them fail, and whether all of it does.
    fn transaction(&mut self, random: &mut Random) {
        let (start, before) = (self.graph.mark(), self.model.clone());
        let mut held = Vec::new();
        for _ in 0..random.below(5) {
            let statement = Statement::random(random);
            let (mark, saved) = (self.graph.mark(), self.model.clone());
            statement.run(self.types, &mut self.graph, &mut self.model, Some(random));
            if random.below(3) == 0 {
                self.graph.rollback_to(mark);
                self.model = saved;
            } else {
                held.push(statement);
            }
            read(&self.graph, self.types, random);
        }
        if random.below(3) == 0 {
            self.graph.rollback_to(start);
            self.model = before;
            return;
        }
        let mut told = before;
        held.into_iter().for_each(|statement| statement.run(self.types, &mut self.copy, &mut told, None));
        self.graph.validate().expect("nothing is left over");
        self.graph.commit();
        self.copy.commit();
    }

    fn reopen(&mut self) {
        for graph in [&mut self.graph, &mut self.copy] {
            *graph = image::open(std::sync::Arc::new(Parts(parts_of(graph).into()))).expect("whole");
        }
    }

    fn assert_same(&self, random: &mut Random) {
        assert_same(&self.graph, &self.model);
        assert_counts(&self.graph, &self.model);
        assert_seeks(&self.graph, &self.model, random);
        assert_eq!(check(&self.graph), Vec::<String>::new());
        assert_eq!(all_of(&self.graph), all_of(&self.copy));
    }
}

/// All that can be asked of a graph, handles and counters included, whatever readers have built.
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
    for &slot in &nodes {
        let node = NodeRef::new(slot);
        let id = graph.node_id(node);
        assert_eq!(graph.node_by_id(id.0), Some(node));
        all.push(format!("({id}) {slot} {:?} {:?}", graph.labels_of(node), graph.node_properties(node)));
        for dir in [Dir::Out, Dir::In, Dir::Both] {
            for types in [&[][..], &[RelTypeId(0)], &[RelTypeId(1)], &[RelTypeId(2)], &[RelTypeId(2), RelTypeId(0)]] {
                let mut around = BTreeSet::new();
                graph.for_each_neighbour(node, dir, types, |rel, other| assert!(around.insert((rel.0, other.0))));
                assert_eq!(graph.degree(node, dir, types), around.len() as u64);
                all.push(format!("{dir:?} {types:?}: {around:?}"));
            }
        }
    }
    for &slot in &rels {
        let rel = RelRef::new(slot);
        let id = graph.rel_id(rel);
        assert_eq!(graph.rel_by_id(id.0), Some(rel));
        all.push(format!("[{id}] {slot} {:?} {:?}", graph.rel(rel), graph.rel_properties(rel)));
    }
    let of = |ids: usize| (0..ids as u32).map(Some).chain([None]);
    for ty in (0..TYPES as u32).map(RelTypeId) {
        let mut listed = Vec::new();
        graph.scan_type(ty, 0, &mut listed, usize::MAX);
        all.push(format!("{ty:?}: {} {listed:?} loops {}", graph.type_count(ty), graph.loop_count(ty)));
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
        all.push(format!("{label:?}: {} {listed:?} {keys:?}", graph.label_count(label)));
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
        all.push(format!("{:?}", slots));
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
        if random.below(12) == 0 {
            pair.reopen();
        }
    }
    pair.assert_same(&mut random);
}

#[test]
fn two_types_after_any_failure_and_rollback_are_as_a_copy_that_never_heard_of_it() {
    (0..16).for_each(|seed| histories(2, seed * 6_700_417 + 1));
}

#[test]
fn three_types_after_any_failure_and_rollback_are_as_a_copy_that_never_heard_of_it() {
    (0..16).for_each(|seed| histories(3, seed * 2_097_593 + 5));
}

#[test]
fn a_fold_of_one_type_does_not_hide_what_gets_the_ids_of_another_that_was_taken_back() {
    let mut graph = Graph::new();
    names(&mut graph);
    let nodes: Vec<NodeRef> = (0..4).map(|_| graph.create_node(&[], []).expect("room")).collect();
    graph.commit();
    let [first, second] = [RelTypeId(0), RelTypeId(1)];
    let mark = graph.mark();
    graph.create_rel(nodes[0], nodes[1], first, []).expect("both live");
    graph.create_rel(nodes[0], nodes[1], second, []).expect("both live");
    assert!(graph.prepare(first, Dir::Out, 1 << 40).is_some(), "a reader folds one of the two");
    graph.rollback_to(mark);
    let rel = graph.create_rel(nodes[2], nodes[3], first, []).expect("both live");
    assert_eq!(graph.rel_id(rel).0, 0, "what was taken back was never given");
    assert_eq!(graph.degree(nodes[2], Dir::Out, &[first]), 1);
    assert_eq!(graph.delete_node(nodes[2], true), (true, 1));
    graph.validate().expect("nothing dangles");
    graph.commit();
    assert_eq!(check(&graph), Vec::<String>::new());
}

#[test]
fn a_fold_in_an_open_transaction_lasts_until_what_it_holds_is_taken_back() {
    let mut graph = Graph::new();
    names(&mut graph);
    let (a, b) = (graph.create_node(&[], []).expect("room"), graph.create_node(&[], []).expect("room"));
    let ty = RelTypeId(0);
    for _ in 0..500 {
        graph.create_rel(a, b, ty, []).expect("both live");
    }
    graph.commit();
    assert_eq!(graph.prepare(ty, Dir::Out, 1 << 40).map(|csr| csr.len()), Some(500));
    graph.create_rel(a, b, ty, []).expect("both live");
    assert_eq!(graph.prepare(ty, Dir::Out, 1 << 40).map(|csr| csr.len()), Some(501), "what is open is folded too");
    let statement = graph.mark();
    graph.create_rel(b, a, ty, []).expect("both live");
    graph.rollback_to(statement);
    assert_eq!(graph.neighbour_slice(b, Dir::In, ty).map(<[u32]>::len), Some(501));
    assert_eq!(graph.prepare(ty, Dir::Out, 1 << 40).map(|csr| csr.len()), Some(501), "not in the fold: it stays");
    graph.create_rel(b, a, ty, []).expect("both live");
    assert_eq!(graph.prepare(ty, Dir::Out, 1 << 40).map(|csr| csr.len()), Some(502));
    graph.rollback_to(statement);
    assert_eq!((graph.degree(a, Dir::Out, &[ty]), graph.degree(b, Dir::Out, &[ty])), (501, 0));
    assert_eq!(graph.prepare(ty, Dir::Out, 1 << 40).map(|csr| csr.len()), Some(501));
    let held = graph.topology.types[0].heap_bytes();
    graph.commit();
    assert!(graph.topology.types[0].heap_bytes() < held, "what was before a transaction goes with it");
    assert_eq!(check(&graph), Vec::<String>::new());
}
