//! The graph against a plain model: random writes, rollbacks and commits; after each, both say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::index_tests::assert_seeks;
use super::*;
use crate::error::{Code, Result};
use crate::value::order::order;
use crate::value::temporal::{DateTime, LocalDateTime};
use crate::value::{RelRef, Value};

pub(super) const LABELS: usize = 4;
pub(super) const TYPES: usize = 3;
pub(super) const KEYS: usize = 4;

/// What a graph is, without any cleverness.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    nodes: BTreeMap<u64, (BTreeSet<u32>, BTreeMap<u32, Value>)>,
    rels: BTreeMap<u64, (u64, u64, u32, BTreeMap<u32, Value>)>,
    /// Subject, keys, and whether values are unique.
    indexes: BTreeSet<(Subject, Vec<u32>, bool)>,
}

pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }

    pub(super) fn value(&mut self) -> Value {
        match self.below(14) {
            0..=3 => Value::Int(self.below(20) as i64 - 5),
            4 => Value::Int(i64::MAX - self.below(3) as i64),
            5 => Value::Float(self.below(10) as f64 / 2.0),
            6 => Value::Float([f64::NAN, -0.0, f64::INFINITY][self.below(3)]),
            7..=9 => Value::str(["", "a", "ab", "abc", "құ", "b"][self.below(6)]),
            10 => Value::Bool(self.below(2) == 0),
            12..=13 => {
                // in UTC, beyond what nanoseconds reach, and in another zone
                let seconds = [5, 7, -5, 40_000_000_000][self.below(4)];
                let (local, offset) = (LocalDateTime { seconds, nanos: 7 }, [0, 0, 3600][self.below(3)]);
                Value::DateTime(Arc::new(DateTime { local, offset, zone: None }))
            }
            _ => Value::list(vec![Value::Int(1), [Value::Null, Value::Int(2)][self.below(2)].clone()]).expect("flat"),
        }
    }

    fn of(&mut self, ids: &[u64]) -> Option<u64> {
        (!ids.is_empty()).then(|| ids[self.below(ids.len())])
    }
}

pub(super) fn names(graph: &mut Graph) {
    for i in 0..LABELS {
        graph.ensure_label(&format!("L{i}")).expect("room");
    }
    for i in 0..TYPES {
        graph.ensure_type(&format!("T{i}")).expect("room");
    }
    for i in 0..KEYS {
        graph.ensure_key(&format!("k{i}")).expect("room");
    }
}

/// One random write, on both; what the graph refuses the model leaves.
fn step(graph: &mut Graph, model: &mut Model, random: &mut Random) {
    step_with(TYPES, graph, model, random);
}

/// The same with relationships of the first `types` types.
pub(super) fn step_with(types: usize, graph: &mut Graph, model: &mut Model, random: &mut Random) {
    let nodes: Vec<u64> = model.nodes.keys().copied().collect();
    let rels: Vec<u64> = model.rels.keys().copied().collect();
    let key = random.below(KEYS) as u32;
    let label = random.below(LABELS) as u32;
    match random.below(20) {
        0..=4 => {
            let labels: Vec<LabelId> = (0..random.below(3)).map(|_| LabelId(random.below(LABELS) as u32)).collect();
            let properties: Vec<_> =
                (0..random.below(4)).map(|_| (KeyId(random.below(KEYS) as u32), random.value())).collect();
            if let Ok(node) = graph.create_node(&labels, properties.clone()) {
                let properties = properties.into_iter().map(|(k, v)| (k.0, v)).collect();
                model.nodes.insert(graph.node_id(node).0, (labels.iter().map(|l| l.0).collect(), properties));
            }
        }
        5..=9 => {
            let (Some(a), Some(b)) = (random.of(&nodes), random.of(&nodes)) else { return };
            let ty = random.below(types) as u32;
            let value = random.value();
            let (start, end) = (graph.node_by_id(a).expect("lives"), graph.node_by_id(b).expect("lives"));
            let rel = graph.create_rel(start, end, RelTypeId(ty), [(KeyId(key), value.clone())]).expect("ends live");
            model.rels.insert(graph.rel_id(rel).0, (a, b, ty, BTreeMap::from([(key, value)])));
        }
        10 => {
            let Some(id) = random.of(&nodes) else { return };
            let node = graph.node_by_id(id).expect("lives");
            graph.delete_node(node, true);
            assert!(graph.is_node_deleted(node) && graph.node_by_id(id).is_none());
            model.nodes.remove(&id);
            model.rels.retain(|_, rel| rel.0 != id && rel.1 != id);
        }
        11 => {
            let Some(id) = random.of(&rels) else { return };
            let rel = graph.rel_by_id(id).expect("lives");
            assert!(graph.delete_rel(rel) && !graph.delete_rel(rel));
            let gone = model.rels.remove(&id).expect("lived");
            assert_eq!(graph.rel(rel).ty.0, gone.2, "the type of a deleted relationship stays readable");
        }
        12..=14 => {
            let Some(id) = random.of(&nodes) else { return };
            let value = if random.below(4) == 0 { Value::Null } else { random.value() };
            let node = graph.node_by_id(id).expect("lives");
            if graph.set_node_property(node, KeyId(key), value.clone()).is_ok() {
                let properties = &mut model.nodes.get_mut(&id).expect("lives").1;
                properties.remove(&key);
                if !value.is_null() {
                    properties.insert(key, value);
                }
            }
        }
        15 => {
            let Some(id) = random.of(&rels) else { return };
            let rel = graph.rel_by_id(id).expect("lives");
            graph.set_rel_property(rel, KeyId(key), Value::Null).expect("removable");
            model.rels.get_mut(&id).expect("lives").3.remove(&key);
        }
        16 | 17 => {
            let Some(id) = random.of(&nodes) else { return };
            let node = graph.node_by_id(id).expect("lives");
            let labels = &mut model.nodes.get_mut(&id).expect("lives").0;
            if random.below(2) == 0 {
                if graph.add_label(node, LabelId(label)).is_ok() {
                    labels.insert(label);
                }
            } else {
                assert_eq!(graph.remove_label(node, LabelId(label)).expect("lives"), labels.remove(&label));
            }
        }
        18 => {
            let mut keys = vec![KeyId(key)];
            keys.extend((0..random.below(3)).map(|_| KeyId(random.below(KEYS) as u32)).filter(|other| other.0 != key));
            keys.dedup();
            if keys.len() == 3 && keys[0] == keys[2] {
                keys.pop();
            }
            let (subject, kind) = match random.below(3) {
                0 => (Subject::Rels(RelTypeId(random.below(types) as u32)), IndexKind::Index),
                1 if keys.len() == 1 => (Subject::Nodes(LabelId(label)), IndexKind::Unique),
                _ => (Subject::Nodes(LabelId(label)), IndexKind::Index),
            };
            if graph.create_index(None, kind, subject, &keys).is_ok() {
                model.indexes.insert((subject, numbers(&keys), kind == IndexKind::Unique));
            }
        }
        _ => {
            let definitions = graph.index_definitions();
            if definitions.len() > 8 {
                let d = &definitions[random.below(definitions.len())];
                graph.drop_index(d.id).expect("there");
                model.indexes.remove(&(d.subject, numbers(&d.keys), d.kind == IndexKind::Unique));
            }
        }
    }
}

fn numbers(keys: &[KeyId]) -> Vec<u32> {
    keys.iter().map(|key| key.0).collect()
}

fn same(a: &Value, b: &Value) -> bool {
    order(a, b).is_eq() && a.type_name() == b.type_name()
}

pub(super) fn assert_same(graph: &Graph, model: &Model) {
    assert_eq!(graph.node_count(), model.nodes.len() as u64);
    assert_eq!(graph.rel_count(), model.rels.len() as u64);
    for (&id, (labels, properties)) in &model.nodes {
        let node = graph.node_by_id(id).expect("the node of the model");
        assert_eq!(graph.labels_of(node).iter().map(|l| l.0).collect::<BTreeSet<_>>(), *labels);
        let own = graph.node_properties(node);
        assert_eq!(own.len(), properties.len());
        assert!(own.iter().zip(properties).all(|((k, v), (l, w))| k.0 == *l && same(v, w)), "{own:?} {properties:?}");
    }
    let mut walked = BTreeSet::new();
    for (&id, (start, end, ty, properties)) in &model.rels {
        let rel = graph.rel_by_id(id).expect("the relationship of the model");
        let ends = graph.rel(rel);
        assert_eq!((graph.node_id(ends.start).0, graph.node_id(ends.end).0, ends.ty.0), (*start, *end, *ty));
        assert_eq!(graph.rel_properties(rel).len(), properties.len());
    }
    for &id in model.nodes.keys() {
        let node = graph.node_by_id(id).expect("the node of the model");
        graph.for_each_neighbour(node, Dir::Out, &[], |rel, _| assert!(walked.insert(graph.rel_id(rel).0)));
        let mut slots = 0;
        for ty in 0..TYPES as u32 {
            let degree = graph.degree(node, Dir::Both, &[RelTypeId(ty)]);
            let expected = model.rels.values().filter(|r| r.2 == ty && (r.0 == id || r.1 == id)).count();
            assert_eq!(degree, expected as u64);
            slots += degree;
            if let Some(slice) = graph.neighbour_slice(node, Dir::Out, RelTypeId(ty)) {
                assert!(slice.is_sorted());
                assert_eq!(slice.len() as u64, graph.degree(node, Dir::Out, &[RelTypeId(ty)]));
            }
        }
        assert_eq!(slots, graph.degree(node, Dir::Both, &[]));
    }
    assert!(walked.iter().eq(model.rels.keys()));
    for (subject, keys, unique) in &model.indexes {
        let kind = if *unique { IndexKind::Unique } else { IndexKind::Index };
        let same = |d: &IndexDefinition| (d.subject, numbers(&d.keys), d.kind) == (*subject, keys.clone(), kind);
        assert!(graph.index_definitions().iter().any(same));
    }
}

impl Model {
    /// Everything an index is about, by id, with its properties.
    pub(super) fn about(&self, subject: Subject) -> Vec<(u64, &BTreeMap<u32, Value>)> {
        match subject {
            Subject::Nodes(label) => {
                let nodes = self.nodes.iter().filter(|(_, (labels, _))| labels.contains(&label.0));
                nodes.map(|(&id, (_, properties))| (id, properties)).collect()
            }
            Subject::Rels(ty) => {
                let rels = self.rels.iter().filter(|(_, rel)| rel.2 == ty.0);
                rels.map(|(&id, rel)| (id, &rel.3)).collect()
            }
        }
    }
}

pub(super) fn assert_counts(graph: &Graph, model: &Model) {
    for ty in 0..TYPES as u32 {
        for label in 0..LABELS as u32 {
            let has = |id: &u64| model.nodes[id].0.contains(&label);
            let expected = model.rels.values().filter(|r| r.2 == ty && has(&r.0)).count() as u64;
            assert_eq!(
                graph.pattern_count(Some(LabelId(label)), RelTypeId(ty), None),
                expected,
                "DBG {ty} {label} kept {:?} found {:?} count {} csr {:?} check {:?}",
                graph.kept_patterns(RelTypeId(ty)),
                graph.find_patterns(RelTypeId(ty)),
                graph.type_count(RelTypeId(ty)),
                graph.csr(RelTypeId(ty), Dir::Out),
                check(graph)
            );
        }
        let loops = model.rels.values().filter(|r| r.2 == ty && r.0 == r.1).count() as u64;
        assert_eq!(graph.loop_count(RelTypeId(ty)), loops);
    }
    for label in 0..LABELS as u32 {
        let mut nodes = model.nodes.values().filter(|n| n.0.contains(&label));
        assert_eq!(graph.complete(LabelId(label), KeyId(0)), nodes.all(|n| n.1.contains_key(&0)));
    }
}

#[test]
fn ten_thousand_random_writes_and_rollbacks_agree_with_a_plain_model() {
    let mut written = 0;
    for seed in 0..12 {
        let mut random = Random(seed * 7919 + 1);
        let (mut graph, mut model) = (Graph::new(), Model::default());
        names(&mut graph);
        for transaction in 0..90 {
            let (copy, before) = (graph.clone(), model.clone());
            for _ in 0..random.below(20) {
                let (inner, saved) = (graph.clone(), model.clone());
                step(&mut graph, &mut model, &mut random);
                written += 1;
                if random.below(6) == 0 {
                    graph = inner;
                    model = saved;
                }
                // reads in between build folds, tables and orders that the next writes must keep true
                match random.below(4) {
                    0 => assert_seeks(&graph, &model, &mut random),
                    1 => (0..TYPES).for_each(|t| drop(graph.prepare(RelTypeId(t as u32), Dir::Out, 1 << 40))),
                    2 => assert_counts(&graph, &model),
                    _ => {}
                }
            }
            if random.below(4) == 0 {
                graph = copy;
                model = before;
            } else if random.below(8) > 0 {
                graph.validate().expect("nothing is left over");
                graph.commit();
            }
            assert_same(&graph, &model);
            assert_seeks(&graph, &model, &mut random);
            if transaction % 3 == 0 {
                assert_eq!(check(&graph), Vec::<String>::new());
            }
        }
    }
    assert!(written > 9_000, "{written}");
}

#[test]
fn the_log_of_changes_makes_the_same_graph_again() {
    for seed in 0..6 {
        let mut random = Random(seed * 104_729 + 3);
        let (mut graph, mut model) = (Graph::new(), Model::default());
        let mut replica = Graph::new();
        names(&mut graph);
        names(&mut replica);
        graph.record_changes(true);
        for _ in 0..60 {
            let (copy, before) = (graph.clone(), model.clone());
            (0..random.below(15)).for_each(|_| step(&mut graph, &mut model, &mut random));
            if random.below(4) == 0 {
                graph = copy;
                model = before;
            }
            for change in graph.changes() {
                replica.apply(change).expect("the log fits");
            }
            graph.commit();
            replica.commit();
            assert_same(&replica, &model);
        }
        assert_eq!(check(&replica), Vec::<String>::new());
    }
}

fn hub(rels: u32) -> (Graph, NodeRef, RelTypeId) {
    let mut graph = Graph::new();
    let ty = graph.ensure_type("E").expect("room");
    let hub = graph.create_node(&[], []).expect("room");
    for i in 0..rels {
        let leaf = if i % 2 == 0 { hub } else { graph.create_node(&[], []).expect("room") };
        graph.create_rel(hub, leaf, ty, []).expect("both live");
    }
    graph.commit();
    (graph, hub, ty)
}

#[test]
fn deleting_a_hub_is_linear_and_its_slots_are_used_again() {
    let (mut graph, hub, ty) = hub(100_000);
    assert_eq!(graph.degree(hub, Dir::Both, &[ty]), 100_000, "50,000 loops count once");
    assert_eq!(graph.loop_count(ty), 50_000);
    let bound = graph.rel_bound();
    assert_eq!(graph.delete_node(hub, true), (true, 100_000));
    graph.validate().expect("nothing is connected");
    let commit = graph.commit();
    assert_eq!((commit.purged_nodes.len(), commit.purged_rels.len()), (1, 100_000));
    assert_eq!((graph.rel_count(), graph.node_count()), (0, 50_000));
    let (a, b) = (graph.create_node(&[], []).expect("room"), graph.create_node(&[], []).expect("room"));
    for _ in 0..100_000 {
        graph.create_rel(a, b, ty, []).expect("both live");
    }
    assert!(graph.rel_bound() <= bound, "slots are reused");
    assert_eq!(graph.degree(b, Dir::In, &[ty]), 100_000);
    assert!(graph.rel_by_id(0).is_none(), "ids are not");
    assert_eq!(check(&graph), Vec::<String>::new());
}

#[test]
fn one_write_does_not_cost_the_others_their_slices() {
    let (mut graph, hub, ty) = hub(20_000);
    let csr = graph.prepare(ty, Dir::Out, 1 << 40).expect("built when it pays");
    assert_eq!(csr.len(), 20_000);
    let leaf = NodeRef::new(1);
    graph.create_rel(leaf, hub, ty, []).expect("both live");
    assert!(graph.csr(ty, Dir::Out).is_none() && graph.neighbour_slice(leaf, Dir::Out, ty).is_none());
    assert_eq!(graph.neighbour_slice(hub, Dir::Out, ty).map(<[u32]>::len), Some(20_000));
    assert!(graph.prepare(ty, Dir::Out, 1).is_none(), "one step does not pay for a fold");
    let walk = |graph: &Graph| graph.for_each_neighbour(hub, Dir::In, &[ty], |_, _| {});
    (0..10).for_each(|_| walk(&graph));
    assert_eq!(graph.csr(ty, Dir::In).map(|csr| csr.len()), Some(20_001), "many steps do");
}

#[test]
fn unique_and_existing() -> Result<()> {
    let mut graph = Graph::new();
    let (label, key) = (graph.ensure_label("Person")?, graph.ensure_key("id")?);
    graph.create_index(None, IndexKind::Unique, Subject::Nodes(label), &[key])?;
    let one = graph.create_node(&[label], [(key, Value::Int(1))])?;
    let error = graph.create_node(&[label], [(key, Value::Float(1.0))]).expect_err("1 is 1.0");
    assert_eq!((error.class().name(), error.code()), ("ConstraintValidationFailed", Code::ConstraintViolation));
    assert!(error.message().contains("Person") && error.message().contains("id = 1"), "{}", error.message());
    assert_eq!(graph.node_count(), 1, "the failed node left no trace");
    let other = graph.create_node(&[], [(key, Value::Int(1))])?;
    assert!(graph.add_label(other, label).is_err() && graph.labels_of(other).is_empty());
    graph.set_node_property(one, key, Value::Int(1))?;
    let nan = [(key, Value::Float(f64::NAN))];
    graph.create_node(&[label], nan.clone())?;
    graph.create_node(&[label], nan)?;

    let name = graph.ensure_key("name")?;
    assert!(
        graph.create_index(None, IndexKind::Exists, Subject::Nodes(label), &[name]).is_err(),
        "the nodes there lack it"
    );
    let body = graph.ensure_label("Body")?;
    graph.create_index(None, IndexKind::Exists, Subject::Nodes(body), &[name])?;
    let node = graph.create_node(&[body], [])?;
    assert_eq!(graph.validate().expect_err("no name yet").code(), Code::ConstraintViolation);
    graph.set_node_property(node, name, "Mäjilis".into())?;
    graph.validate()?;
    assert_eq!(
        graph.create_index(None, IndexKind::Exists, Subject::Nodes(body), &[name]).expect_err("twice").code(),
        Code::ConstraintAlreadyExists
    );
    assert_eq!(
        graph.set_node_property(node, name, Value::map([])?).expect_err("a map").code(),
        Code::InvalidPropertyType
    );
    Ok(())
}

#[test]
fn a_handle_of_the_dead_is_nobody_elses() -> Result<()> {
    let mut graph = Graph::new();
    let key = graph.ensure_key("i")?;
    let nodes: Vec<NodeRef> = (0..3).map(|i| graph.create_node(&[], [(key, Value::Int(i))])).collect::<Result<_>>()?;
    graph.commit();
    graph.delete_node(nodes[0], false);
    let new = graph.create_node(&[], [(key, Value::Int(9))])?;
    assert_ne!(new, nodes[0], "not within the transaction");
    assert_eq!(
        graph.set_node_property(nodes[0], key, Value::Null).expect_err("gone").code(),
        Code::DeletedEntityAccess
    );
    graph.commit();
    for i in [1, 2] {
        assert!(same(&graph.node_property(graph.node_by_id(i).expect("lives"), key), &Value::Int(i as i64)));
    }
    let reused = graph.create_node(&[], [])?;
    assert_eq!((graph.node_id(reused).0, graph.node_property(reused, key).is_null()), (4, true));
    assert!(graph.node_by_id(0).is_none() && graph.rel_by_id(0).is_none());
    assert!(graph.rel(RelRef::new(77)).start == NodeRef::new(0), "a foreign handle is harmless");
    assert_eq!(check(&graph), Vec::<String>::new());
    Ok(())
}

#[test]
fn sparse_keys_stay_small() -> Result<()> {
    let mut graph = Graph::new();
    let dense = graph.ensure_key("dense")?;
    let rare = graph.ensure_key("rare")?;
    for i in 0..100_000 {
        let node = graph.create_node(&[], [(dense, Value::Int(i))])?;
        if i % 10_000 == 0 {
            graph.set_node_property(node, rare, format!("text {i}").into())?;
        }
    }
    graph.commit();
    let bytes = |key| graph.node_column(key).map_or(0, Column::heap_bytes);
    assert!(bytes(dense) < 100_000 * 6, "{}", bytes(dense));
    assert!(bytes(rare) < 6_000, "{}", bytes(rare));
    Ok(())
}

#[derive(Debug, Default)]
pub(super) struct Parts(pub(super) std::sync::Mutex<BTreeMap<String, Vec<u8>>>);

impl image::PartSource for Parts {
    fn part(&self, name: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.0.lock().expect("no panic while held").get(name).cloned())
    }
}

pub(super) fn parts_of(graph: &Graph) -> BTreeMap<String, Vec<u8>> {
    let mut parts = BTreeMap::new();
    write_over(graph, &mut parts, false);
    parts
}

/// Writes an image over another, of which it may keep parts.
fn write_over(graph: &Graph, parts: &mut BTreeMap<String, Vec<u8>>, keep: bool) -> (Option<image::Facts>, usize) {
    let (mut old, mut kept) = (std::mem::take(parts), 0);
    let facts = image::write(graph, keep, &mut |name, bytes| {
        kept += usize::from(bytes.is_none());
        let bytes = bytes.or_else(|| old.remove(name)).expect("what is kept is there");
        assert!(parts.insert(name.to_owned(), bytes).is_none(), "{name} twice");
        Ok(())
    });
    (facts.expect("a sink that takes all").0, kept)
}

#[test]
fn an_image_that_keeps_parts_of_the_one_before_is_the_same_as_a_new_one() {
    let mut all_kept = 0;
    for seed in 0..12 {
        let mut random = Random(seed * 32_452_843 + 7);
        let (mut graph, mut model) = (Graph::new(), Model::default());
        names(&mut graph);
        (0..60).for_each(|_| step(&mut graph, &mut model, &mut random));
        graph.commit();
        let (mut parts, mut keep) = (BTreeMap::new(), false);
        for _ in 0..30 {
            (0..random.below(4)).for_each(|_| step(&mut graph, &mut model, &mut random));
            graph.commit();
            let (facts, kept) = write_over(&graph, &mut parts, keep);
            all_kept += kept;
            keep = facts.is_some();
            if let Some(facts) = facts {
                image::note_written(&mut graph, facts);
            }
            let copy = image::open(std::sync::Arc::new(Parts(parts.clone().into()))).expect("whole");
            assert_same(&copy, &model);
            assert_seeks(&copy, &model, &mut random);
            assert_counts(&copy, &model);
            assert_eq!(check(&copy), Vec::<String>::new());
            if random.below(3) == 0 {
                graph = image::open(std::sync::Arc::new(Parts(parts.clone().into()))).expect("whole");
                keep = true;
            }
        }
    }
    assert!(all_kept > 300, "{all_kept}");
}

#[test]
fn a_graph_read_back_is_the_same_and_goes_on() {
    for seed in 0..8 {
        let mut random = Random(seed * 15_485_863 + 11);
        let (mut graph, mut model) = (Graph::new(), Model::default());
        names(&mut graph);
        for _ in 0..12 {
            for _ in 0..8 {
                (0..random.below(12)).for_each(|_| step(&mut graph, &mut model, &mut random));
                graph.commit();
            }
            graph = image::open(std::sync::Arc::new(Parts(parts_of(&graph).into()))).expect("whole");
            if random.below(2) == 0 {
                assert_seeks(&graph, &model, &mut random);
                assert_counts(&graph, &model);
            }
            let (copy, before) = (graph.clone(), model.clone());
            (0..random.below(12)).for_each(|_| step(&mut graph, &mut model, &mut random));
            if random.below(2) == 0 {
                graph = copy;
                model = before;
            }
            assert_same(&graph, &model);
            assert_eq!(check(&graph), Vec::<String>::new());
            graph.commit();
        }
    }
}

#[test]
fn a_damaged_part_is_an_error_and_never_a_panic() {
    let mut random = Random(5);
    let (mut graph, mut model) = (Graph::new(), Model::default());
    names(&mut graph);
    (0..300).for_each(|_| step(&mut graph, &mut model, &mut random));
    graph.commit();
    let parts = parts_of(&graph);
    for _ in 0..3_000 {
        let mut parts = parts.clone();
        let name = parts.keys().nth(random.below(parts.len())).expect("within").clone();
        let bytes = parts.get_mut(&name).expect("there");
        if !bytes.is_empty() {
            let at = random.below(bytes.len());
            match random.below(3) {
                0 => bytes.truncate(at),
                1 => bytes[at] ^= 1 << random.below(8),
                _ => bytes[at] = 0xff,
            }
        }
        // the checksums of the store catch this; here only harm is looked for
        if let Ok(graph) = image::open(std::sync::Arc::new(Parts(parts.into()))) {
            let _ = check(&graph);
        }
    }
    let mut missing = parts.clone();
    missing.remove("out.0");
    let mut graph = image::open(std::sync::Arc::new(Parts(missing.into()))).expect("adjacency is loaded later");
    assert!(graph.failure().is_none());
    let _ = check(&graph);
    assert_eq!(graph.failure().expect("told").code(), Code::StoreDamaged);
    assert!(graph.validate().is_err());
}
