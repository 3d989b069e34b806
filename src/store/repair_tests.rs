//! Stores that were damaged before they were closed: named by `check`, and mended in a copy that leaves nothing out
//! without saying so.

use std::fs;

use smallvec::smallvec;
use tempfile::TempDir;

use super::*;
use crate::graph::{Graph, IndexKind, NodeId, RelId, Subject, check};
use crate::provenance::{Confidence, Evidence, Locator, Mention, Place, Source, Vocabulary};
use crate::value::{NodeRef, RelRef, Value};

/// Two nodes and a relationship with evidence in the image; then commits that nobody has verified.
struct Damaged {
    _folder: TempDir,
    path: PathBuf,
    copy: PathBuf,
}

impl Damaged {
    fn new(commits: impl Fn(&mut Graph) -> Vec<Vec<Change>>) -> Self {
        let folder = tempfile::tempdir().expect("room for a folder");
        let (path, copy) = (folder.path().join("s"), folder.path().join("copy"));
        let (mut graph, mut evidence) = (Graph::new(), Evidence::default());
        let (label, ty) = (graph.ensure_label("Law").expect("room"), graph.ensure_type("AMENDS").expect("room"));
        let key = graph.ensure_key("no").expect("room");
        let nodes = [1, 2].map(|n| graph.create_node(&[label], [(key, Value::Int(n))]).expect("room"));
        let rel = graph.create_rel(nodes[0], nodes[1], ty, [(key, "§ 7".into())]).expect("both live");
        let [id, title, group, date] = ["001", "Gazette", "", "2001"].map(Into::into);
        let source = evidence
            .add_source(Source { id, node: Some(nodes[1]), title, group, date, ..Source::default() })
            .expect("room");
        let place = Place { source, at: Locator { paragraph: 3, first: 1, last: 1 } };
        let confidence = Confidence::from_bits(0);
        let mention = Mention { id: "m1".into(), place, confidence, fingerprint: 9, qualifiers: Box::default() };
        evidence.add_mention(rel, mention).expect("a known source");
        graph.create_index(Some("by_no"), IndexKind::Unique, Subject::Nodes(label), &[key]).expect("new");
        graph.commit();
        let knowledge = KnowledgeGraph::new(graph, evidence, Vocabulary::default());
        Store::create(&path, &knowledge).expect("room");

        let mut opened = Store::open(&path, Mode::ReadWrite).expect("whole");
        for changes in commits(&mut opened.knowledge.graph) {
            opened.store.begin(file::PATIENCE, None).expect("free");
            let record = log::encode(opened.knowledge.graph.names(), changes.iter(), &log::Beside::Same);
            opened.store.append(&record, false).expect("room");
            opened.store.writing = false;
        }
        drop(opened);
        Self { _folder: folder, path, copy }
    }

    /// What `repair` says, and the copy it makes, sound; the file is as it was.
    fn repaired(&self) -> (Salvage, Opened) {
        let before = fs::read(&self.path).expect("there");
        let mut salvage = Salvage::read(&self.path).expect("readable");
        let counts = salvage.write(&self.copy).expect("room");
        assert_eq!(fs::read(&self.path).expect("there"), before, "the file is only read");
        let copy = Store::open(&self.copy, Mode::ReadOnly).expect("whole");
        assert_eq!(copy.store.follower().check(&copy.knowledge), Vec::<String>::new());
        assert_eq!(counts[0..2], [copy.knowledge.graph.node_count(), copy.knowledge.graph.rel_count()]);
        let again = salvage.write(&self.copy).expect_err("something is there");
        assert!(again.code() == Code::StoreIo && again.message().contains("exists already"), "{again}");
        (salvage, copy)
    }
}

fn created(graph: &Graph, id: u64) -> Change {
    let (label, key) = (graph.label("Law").expect("known"), graph.key("no").expect("known"));
    Change::NodeCreated { id: NodeId(id), labels: smallvec![label], properties: vec![(key, Value::Int(id as i64 + 1))] }
}

#[test]
fn a_relationship_without_an_end_is_named_never_given_another_end_and_left_out_with_all_it_held() {
    // the node goes, its relationship stays, and a new node comes: it must not get the place of the old one
    let store = Damaged::new(|graph| vec![vec![Change::NodeDeleted { id: NodeId(0) }, created(graph, 2)]]);
    let mut opened = Store::open(&store.path, Mode::ReadWrite).expect("each record fits");
    let problems = opened.store.follower().check(&opened.knowledge);
    let named = "relationship 0 (0)-[:AMENDS {no: '§ 7'}]->(1): node 0 is gone";
    assert!(problems.iter().any(|problem| problem == named), "{problems:?}");

    // what it holds is not written over with a new image, in which the relationship would have to end somewhere
    opened.knowledge.graph.create_node(&[], []).expect("room");
    opened.knowledge.graph.commit();
    let refused = opened.store.checkpoint((&opened.knowledge, &opened.position)).expect_err("damaged");
    assert_eq!(refused.code(), Code::StoreDamaged);
    assert!(refused.message().contains(named), "{refused}");
    drop(opened);

    let (salvage, copy) = store.repaired();
    assert_eq!((salvage.commit, salvage.commits), (1, 1));
    assert_eq!(salvage.findings, [format!("{named}; its evidence goes with it: m1")]);
    assert_eq!((copy.knowledge.graph.node_count(), copy.knowledge.graph.rel_count()), (2, 0));
    assert!(copy.knowledge.graph.node_by_id(2).is_some() && copy.knowledge.graph.index_named("by_no").is_some());
    assert_eq!(copy.knowledge.evidence.sources()[0].node, copy.knowledge.graph.node_by_id(1));
}

#[test]
fn a_log_that_speaks_of_what_is_gone_is_named_and_the_rest_of_it_is_done() {
    let store = Damaged::new(|graph| {
        let (ty, key) = (graph.rel_type("AMENDS").expect("known"), graph.key("no").expect("known"));
        let rel = |id: u64, start: u64, end: u64| Change::RelCreated {
            id: RelId(id),
            start: NodeId(start),
            end: NodeId(end),
            ty,
            properties: vec![(key, Value::Int(5))],
        };
        vec![
            vec![created(graph, 2)],
            vec![rel(1, 2, 7), Change::RelDeleted { id: RelId(6) }, rel(2, 2, 1)],
            vec![Change::NodeProperty { id: NodeId(9), key, value: "x".into() }, created(graph, 3)],
        ]
    });
    let error = Store::open(&store.path, Mode::ReadOnly).expect_err("it does not fit");
    assert_eq!(error.code(), Code::StoreDamaged);
    assert_eq!(error.message(), "log: commit 2: it speaks of node 7, which does not exist");
    assert!(error.hint_text().is_some_and(|hint| hint.contains("shejire repair")));

    let (salvage, copy) = store.repaired();
    assert_eq!((salvage.commit, salvage.commits), (3, 3));
    assert_eq!(
        salvage.findings,
        [
            "commit 2: cannot create relationship 1 (2)-[:AMENDS {no: 5}]->(7): it speaks of node 7, which does not exist",
            "commit 2: cannot delete relationship 6: it speaks of relationship 6, which does not exist",
            "commit 3: cannot set {no: 'x'} of node 9: it speaks of node 9, which does not exist",
        ]
    );
    assert_eq!((copy.knowledge.graph.node_count(), copy.knowledge.graph.rel_count()), (4, 2));
    let rel = copy.knowledge.graph.rel_by_id(2).expect("what fits is there");
    assert_eq!(copy.knowledge.evidence.mentions_of(copy.knowledge.graph.rel_by_id(0).expect("lives")).count(), 1);
    assert_eq!(copy.knowledge.graph.rel(rel).end, copy.knowledge.graph.node_by_id(1).expect("lives"));
}

#[test]
fn a_log_that_breaks_off_is_read_up_to_there() {
    let store = Damaged::new(|graph| (2..9).map(|id| vec![created(graph, id)]).collect());
    let conn = rusqlite::Connection::open(&store.path).expect("SQLite's");
    conn.execute("UPDATE log SET data = x'01' WHERE seq = 4", []).expect("writable");
    conn.close().expect("written");
    assert_eq!(Store::open(&store.path, Mode::ReadOnly).expect_err("broken").code(), Code::StoreDamaged);
    let (salvage, copy) = store.repaired();
    assert_eq!((salvage.commit, salvage.commits, copy.knowledge.graph.node_count()), (3, 7, 5));
    let [finding] = &salvage.findings[..] else { panic!("{:?}", salvage.findings) };
    assert!(finding.starts_with("commits 4 to 7: record 4 of the log does not fit its checksum"), "{finding}");
}

#[test]
fn a_sound_store_is_copied_whole_and_ids_that_were_given_stay_given() {
    let store = Damaged::new(|graph| {
        vec![vec![created(graph, 2), created(graph, 3)], vec![Change::NodeDeleted { id: NodeId(3) }]]
    });
    let (salvage, mut copy) = store.repaired();
    assert_eq!(salvage.findings, Vec::<String>::new());
    assert_eq!((copy.knowledge.graph.node_count(), copy.knowledge.graph.rel_count()), (3, 1));
    let key = copy.knowledge.graph.key("no").expect("known");
    assert!(matches!(copy.knowledge.graph.rel_property(RelRef::new(0), key), Value::Str(text) if &*text == "§ 7"));
    assert_eq!(copy.knowledge.evidence.mentions_of(RelRef::new(0)).map(|m| &*m.id).collect::<Vec<_>>(), ["m1"]);
    let new = copy.knowledge.graph.create_node(&[], []).expect("room");
    assert_eq!((new, copy.knowledge.graph.node_id(new).0), (NodeRef::new(3), 4));
    copy.knowledge.graph.commit();
    assert_eq!(check(&copy.knowledge.graph), Vec::<String>::new());
}

#[test]
fn what_is_no_store_or_has_a_broken_image_is_refused() {
    let folder = tempfile::tempdir().expect("room for a folder");
    let none = Salvage::read(&folder.path().join("none")).expect_err("nothing there");
    assert_eq!(none.code(), Code::StoreIo);
    let store = Damaged::new(|_| Vec::new());
    let conn = rusqlite::Connection::open(&store.path).expect("SQLite's");
    conn.execute("UPDATE part SET data = x'00' WHERE name = 'node.0'", []).expect("writable");
    conn.close().expect("written");
    assert_eq!(Salvage::read(&store.path).expect_err("a part is broken").code(), Code::StoreDamaged);
    assert!(!store.copy.exists());
}
