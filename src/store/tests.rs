//! The promises of the store, each broken in every way that can be tried without leaving the process.

use std::collections::BTreeMap;
use std::fs;

use tempfile::TempDir;

use super::*;
use crate::graph::{Graph, IndexKind, KeyId, LabelId, RelTypeId, Subject, check};
use crate::provenance::{Confidence, Locator, Mention, Place, RelationType, Source, SourceId};
use crate::value::{NodeRef, RelRef, Value};

pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }
}

pub(super) fn folder() -> TempDir {
    tempfile::tempdir().expect("room for a folder")
}

pub(super) fn open(path: &Path) -> Opened {
    Store::open(path, Mode::ReadWrite).expect("a whole store")
}

impl Opened {
    /// Takes the write lock and goes to the last commit; what is to be written to.
    pub(super) fn begin(&mut self) -> Result<KnowledgeGraph> {
        self.store.begin(file::PATIENCE, None)?;
        if let Some(newer) = self.store.catch_up((&self.knowledge, &self.position))? {
            (self.knowledge, self.position) = newer;
        }
        let mut work = self.knowledge.clone();
        work.graph.record_changes(true);
        Ok(work)
    }

    /// Makes what was written the last version.
    pub(super) fn commit(&mut self, mut work: KnowledgeGraph, beside: Beside) -> Result<()> {
        let (mut at, indexed) = (self.position.clone(), Store::has_indexed(&work));
        self.store.commit(&mut work, &mut at, beside)?;
        (self.knowledge, self.position) = (work, at);
        match self.store.maintain((&self.knowledge, &self.position), indexed) {
            Some(newer) => self.rewritten(newer),
            None => self.store.settle_when_due(&self.position),
        }
        Ok(())
    }

    fn rewritten(&mut self, newer: (KnowledgeGraph, Position)) {
        (self.knowledge, self.position) = newer;
        self.store.settle(&self.position, true).expect("room");
    }

    /// One transaction of some random writes; `n` is its number, kept in a counter node.
    pub(super) fn transaction(&mut self, n: u64, random: &mut Random) -> Result<()> {
        let mut work = self.begin()?;
        write(&mut work.graph, n, random);
        self.commit(work, Beside::Same)
    }

    pub(super) fn refresh(&mut self) -> bool {
        let newer = self.store.follower().lock().catch_up((&self.knowledge, &self.position)).expect("readable");
        let changed = newer.is_some();
        newer.into_iter().for_each(|newer| (self.knowledge, self.position) = newer);
        changed
    }

    pub(super) fn checkpoint(&mut self) {
        let newer = self.store.checkpoint((&self.knowledge, &self.position)).expect("room");
        self.rewritten(newer);
    }

    pub(super) fn check(&self) -> Vec<String> {
        self.store.follower().check(&self.knowledge)
    }

    fn counter(&self) -> Option<i64> {
        let graph = &self.knowledge.graph;
        let (label, key) = (graph.label("Counter")?, graph.key("n")?);
        let mut slots = Vec::new();
        graph.scan_label(label, 0, &mut slots, 2);
        let [slot] = slots[..] else { return None };
        match graph.node_property(NodeRef::new(slot), key) {
            Value::Int(n) => Some(n),
            _ => None,
        }
    }
}

pub(super) fn write(graph: &mut Graph, n: u64, random: &mut Random) {
    let (label, counter) = (graph.ensure_label("Thing").expect("room"), graph.ensure_label("Counter").expect("room"));
    let (ty, key) = (graph.ensure_type("NEXT").expect("room"), graph.ensure_key("n").expect("room"));
    let text = graph.ensure_key(&format!("text{}", random.below(3))).expect("room");
    let mut slots = Vec::new();
    graph.scan_label(counter, 0, &mut slots, 1);
    let counter = match slots.first() {
        Some(&slot) => NodeRef::new(slot),
        None => graph.create_node(&[counter], []).expect("room"),
    };
    graph.set_node_property(counter, key, Value::Int(n as i64)).expect("lives");
    for _ in 0..1 + random.below(5) {
        let words = "қазына ".repeat(random.below(20));
        let node = graph.create_node(&[label], [(key, Value::Int(n as i64)), (text, words.into())]).expect("room");
        graph.create_rel(counter, node, ty, [(key, Value::Float(0.5))]).expect("both live");
    }
    slots.clear();
    graph.scan_label(label, 0, &mut slots, usize::MAX);
    if random.below(3) == 0 && slots.len() > 20 {
        graph.delete_node(NodeRef::new(slots[random.below(slots.len())]), true);
    }
    if n == 7 {
        graph.create_index(Some("by_n"), IndexKind::Index, Subject::Nodes(label), &[key]).expect("new");
    }
}

/// Everything a graph says, by ids and names.
pub(super) fn dump(graph: &Graph) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let text = |properties: Vec<(KeyId, Value)>| {
        let mut texts: Vec<_> = properties.iter().map(|(k, v)| format!("{}: {v:?}", graph.key_name(*k))).collect();
        texts.sort();
        texts.join(", ")
    };
    let mut slots = Vec::new();
    graph.scan_nodes(0, &mut slots, usize::MAX);
    for slot in slots.drain(..) {
        let labels: Vec<&str> = graph.labels_of(NodeRef::new(slot)).into_iter().map(|l| graph.label_name(l)).collect();
        let properties = text(graph.node_properties(NodeRef::new(slot)));
        all.insert(format!("({:06})", graph.node_id(NodeRef::new(slot))), format!("{labels:?} {properties}"));
    }
    graph.scan_rels(0, &mut slots, usize::MAX);
    for slot in slots {
        let rel = graph.rel(RelRef::new(slot));
        let (start, end) = (graph.node_id(rel.start), graph.node_id(rel.end));
        let properties = text(graph.rel_properties(RelRef::new(slot)));
        let line = format!("{start} {} {end} {properties}", graph.type_name(rel.ty));
        all.insert(format!("[{:06}]", graph.rel_id(RelRef::new(slot))), line);
    }
    for d in graph.index_definitions() {
        let line = format!("{:?} {}", d.kind, graph.index_in_words(&d));
        all.insert(d.name.to_string(), line);
    }
    all
}

#[test]
fn what_was_committed_is_there_when_opened_again() {
    let folder = folder();
    let path = folder.path().join("құжат store.shejire");
    let mut random = Random(1);
    let mut n = 0;
    for round in 0..8 {
        let mut opened = open(&path);
        assert_eq!(opened.counter(), (n > 0).then_some(n as i64));
        assert_eq!(opened.check(), Vec::<String>::new());
        for _ in 0..random.below(12) {
            n += 1;
            opened.transaction(n, &mut random).expect("room");
        }
        if round % 3 == 1 {
            opened.checkpoint();
        }
        if round % 4 == 2 {
            opened.checkpoint();
            opened.store.vacuum().expect("nobody else is here");
        }
        let before = dump(&opened.knowledge.graph);
        drop(opened);
        assert_eq!(dump(&open(&path).knowledge.graph), before);
    }
    let read = Store::open(&path, Mode::ReadOnly).expect("readable");
    assert_eq!(read.counter(), Some(n as i64));
    let info = read.store.follower().info().expect("readable");
    assert_eq!(info.commits, n);
    assert!(info.parts.iter().any(|part| part.0 == "nodes") && info.file_bytes > 0);
}

#[test]
fn rolled_back_and_failed_transactions_leave_nothing() {
    let folder = folder();
    let path = folder.path().join("s");
    let mut random = Random(2);
    let mut opened = open(&path);
    opened.transaction(1, &mut random).expect("room");
    let before = dump(&opened.knowledge.graph);
    let mut work = opened.begin().expect("free");
    write(&mut work.graph, 2, &mut random);
    opened.store.rollback();
    assert_eq!(dump(&opened.knowledge.graph), before);
    opened.transaction(2, &mut random).expect("free again");

    // a full disk: the commit fails, the handle is poisoned, what was acknowledged stays
    let before = dump(&opened.knowledge.graph);
    let pages: i64 = opened.store.conn.query_row("PRAGMA page_count", [], |row| row.get(0)).expect("readable");
    opened.store.conn.execute_batch(&format!("PRAGMA max_page_count = {pages}")).expect("settable");
    let mut failed = None;
    for n in 3..200 {
        let saved = dump(&opened.knowledge.graph);
        if let Err(error) = opened.transaction(n, &mut random) {
            failed = Some((error, saved, n));
            break;
        }
    }
    let (error, saved, n) = failed.expect("the disk is full at last");
    assert_eq!(error.code(), Code::StoreIo);
    assert!(saved.len() >= before.len());
    assert_eq!(dump(&opened.knowledge.graph), saved, "the graph is as it was");
    let again = opened.transaction(n, &mut random).expect_err("poisoned");
    assert!(again.message().contains("earlier write failed"), "{again}");
    drop(opened);
    let mut opened = open(&path);
    assert_eq!(dump(&opened.knowledge.graph), saved);
    opened.transaction(n, &mut random).expect("there is room again");
}

#[test]
fn a_transaction_that_is_too_large_is_refused_alone() {
    let folder = folder();
    let path = folder.path().join("s");
    let mut random = Random(21);
    let mut opened = open(&path);
    opened.transaction(1, &mut random).expect("room");
    let before = dump(&opened.knowledge.graph);
    let mut work = opened.begin().expect("free");
    let key = work.graph.ensure_key("long").expect("room");
    for _ in 0..3 {
        work.graph.create_node(&[], [(key, Value::from("x".repeat(2 << 20)))]).expect("room");
    }
    let error = opened.commit(work, Beside::Same).expect_err("too large");
    assert!(error.message().contains("more than a record holds"), "{error}");
    assert_eq!(dump(&opened.knowledge.graph), before);
    opened.transaction(2, &mut random).expect("the handle goes on");
    let now = dump(&opened.knowledge.graph);
    drop(opened);
    assert_eq!(dump(&open(&path).knowledge.graph), now);
}

#[test]
fn readers_see_the_last_commit_of_others_and_a_second_writer_waits_then_hears_of_it() {
    let folder = folder();
    let path = folder.path().join("s");
    let mut random = Random(3);
    let mut writer = open(&path);
    let mut reader = Store::open(&path, Mode::ReadOnly).expect("readable");
    let mut other = open(&path);
    assert!(!reader.refresh());
    for n in 1..60 {
        writer.transaction(n, &mut random).expect("room");
        if n % 20 == 0 {
            writer.checkpoint(); // the reader must then take the image anew
            writer.transaction(n, &mut random).expect("room");
        }
        if n % 3 == 0 {
            assert!(reader.refresh());
            assert_eq!(reader.counter(), Some(n as i64));
            assert_eq!(dump(&reader.knowledge.graph), dump(&writer.knowledge.graph));
            assert!(!reader.refresh(), "nothing new");
        }
    }
    // the other writer catches up by beginning, and both go on in turns
    other.transaction(60, &mut random).expect("free");
    writer.transaction(61, &mut random).expect("free");
    writer.begin().expect("free");
    let busy = other.transaction(62, &mut random).expect_err("held");
    assert_eq!(busy.code(), Code::StoreBusy);
    writer.store.rollback();
    other.transaction(62, &mut random).expect("free, and not poisoned by waiting");
    writer.refresh();
    assert_eq!(dump(&writer.knowledge.graph), dump(&other.knowledge.graph));
    assert_eq!(check(&writer.knowledge.graph), Vec::<String>::new());
    let denied = reader.transaction(63, &mut random).expect_err("reading only");
    assert_eq!(denied.code(), Code::ReadOnlyGraph);
}

/// The files of a store as they are at this moment.
fn files(path: &Path) -> (Vec<u8>, Vec<u8>) {
    let wal = file::suffixed(path, "-wal");
    (fs::read(path).expect("there"), fs::read(wal).unwrap_or_default())
}

/// Power fails between two commits: the tail of SQLite's log that was not yet synced is missing, torn or garbage. What
/// was acknowledged before is there whole, the one in flight is there whole or not at all.
#[test]
fn power_may_fail_at_every_sector_of_every_commit() {
    let folder = folder();
    let path = folder.path().join("s");
    let crashed = folder.path().join("crashed");
    let wal = file::suffixed(&crashed, "-wal");
    let mut random = Random(4);
    let mut opened = open(&path);
    let mut images = 0;
    let mut before = files(&path);
    let mut states = vec![dump(&opened.knowledge.graph)];
    for n in 1..=40u64 {
        match n % 13 {
            12 => opened.checkpoint(),
            _ => opened.transaction(n, &mut random).expect("room"),
        }
        let after = files(&path);
        states.push(dump(&opened.knowledge.graph));
        let [old, new] = &states[states.len() - 2..] else { unreachable!("two states") };
        // while the log is only appended to, its durable part is what was there before
        if before.0 == after.0 && after.1.starts_with(&before.1) {
            let mut cuts: Vec<usize> = (before.1.len()..=after.1.len()).step_by(512).collect();
            cuts.push(after.1.len());
            for cut in cuts {
                let mut torn = after.1[..cut].to_vec();
                match random.below(3) {
                    0 => torn.extend((0..random.below(2048)).map(|i| (i * 31) as u8)),
                    1 => torn.extend(vec![0; random.below(4096)]),
                    _ => {}
                }
                fs::write(&crashed, &after.0).expect("room");
                fs::write(&wal, &torn).expect("room");
                let _ = fs::remove_file(file::suffixed(&crashed, "-shm"));
                let found = open(&crashed);
                let state = dump(&found.knowledge.graph);
                assert!(state == *new || (state == *old && cut < after.1.len()), "commit {n}, cut at {cut}");
                images += 1;
            }
        }
        before = after;
    }
    assert!(images > 300, "{images}");
}

#[test]
fn what_is_salvaged_is_read_without_a_strange_journal() {
    let folder = folder();
    let path = folder.path().join("s");
    open(&path).transaction(1, &mut Random(3)).expect("room");
    Salvage::read(&path).expect("a whole store");
    fs::write(file::suffixed(&path, "-journal"), "of another database").expect("room");
    assert_eq!(Salvage::read(&path).expect_err("it would be obeyed").code(), Code::StoreReplaced);
}

/// A frame of SQLite's log: what it says of the page, the page.
const FRAME: usize = 24 + 4096;

/// A byte of SQLite's log changes under commits that were acknowledged: SQLite would pass over all of them in silence.
#[test]
fn commits_behind_a_damaged_place_of_the_log_are_missed() {
    let folder = folder();
    let path = folder.path().join("s");
    let mut random = Random(9);
    let mut opened = open(&path);
    let mut states = vec![dump(&opened.knowledge.graph)];
    for n in 1..=12 {
        opened.transaction(n, &mut random).expect("room");
        states.push(dump(&opened.knowledge.graph));
    }
    let (file, log) = files(&path);
    let bad = folder.path().join("bad");
    let (mut refused, mut told) = (0, 0);
    for _ in 0..150 {
        let (frame, inside) = (32 + random.below((log.len() - 32) / FRAME) * FRAME, random.below(FRAME));
        let (at, mut damaged) = (frame + inside, log.clone());
        let end = frame + FRAME;
        match random.below(3) {
            0 => damaged[at] ^= 1 << random.below(8),
            1 => damaged[at..end].iter_mut().take(512).for_each(|byte| *byte = 0),
            _ => damaged[at..end].iter_mut().take(64).for_each(|byte| *byte = byte.wrapping_mul(167).wrapping_add(13)),
        }
        fs::write(&bad, &file).expect("room");
        fs::write(file::suffixed(&bad, "-wal"), &damaged).expect("room");
        let _ = fs::remove_file(file::suffixed(&bad, "-shm"));
        match Store::open(&bad, Mode::ReadOnly) {
            Ok(opened) => {
                let found = dump(&opened.knowledge.graph);
                let last = states.iter().rposition(|state| *state == found).expect("a state that was acknowledged");
                // nothing but the last commit may look like one that was cut off
                assert!(damaged == log || last + 1 >= states.len() - 1, "byte {at}: {last} of {}", states.len() - 1);
            }
            Err(error) => {
                assert_eq!(error.code(), Code::StoreDamaged, "{error}");
                refused += 1;
                let salvage = Salvage::read(&bad).expect("what is before it");
                told += usize::from(salvage.findings.iter().any(|finding| finding.contains("commits there are lost")));
            }
        }
    }
    assert!(refused > 90 && told == refused, "{refused} {told}");
}

#[test]
fn damage_is_right_data_or_an_error_never_a_wrong_answer() {
    let folder = folder();
    let path = folder.path().join("s");
    let mut random = Random(5);
    let mut opened = open(&path);
    for n in 1..30 {
        opened.transaction(n, &mut random).expect("room");
        if n == 15 {
            opened.checkpoint();
        }
    }
    let good = dump(&opened.knowledge.graph);
    drop(opened); // the last handle moves SQLite's log into the file
    let whole = fs::read(&path).expect("there");
    let bad = folder.path().join("bad");
    let (mut right, mut refused) = (0, 0);
    for _ in 0..600 {
        let mut bytes = whole.clone();
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes[at..].iter_mut().take(512).for_each(|b| *b = 0),
            3 => bytes[at..].iter_mut().take(64).for_each(|b| *b = b.wrapping_mul(167).wrapping_add(13)),
            4 => bytes.extend(vec![7; random.below(9000)]),
            _ => {
                let (a, b) = (at / 4096 * 4096, random.below(whole.len() / 4096) * 4096);
                let page = bytes[a..a + 4096].to_vec();
                bytes.copy_within(b..b + 4096, a);
                bytes[b..b + 4096].copy_from_slice(&page);
            }
        }
        fs::write(&bad, &bytes).expect("room");
        for ending in ["-wal", "-shm"] {
            let _ = fs::remove_file(file::suffixed(&bad, ending));
        }
        match Store::open(&bad, Mode::ReadOnly).and_then(|opened| {
            opened.knowledge.load_everything()?;
            Ok(dump(&opened.knowledge.graph))
        }) {
            Ok(found) => {
                assert_eq!(found, good);
                right += 1;
            }
            Err(error) => {
                assert_eq!(error.class(), Class::StoreError, "{error}");
                refused += 1;
            }
        }
    }
    assert!(right > 20 && refused > 200, "{right} {refused}");
}

#[test]
fn strangers_and_later_formats_are_refused_by_name_and_not_touched() {
    let folder = folder();
    let path = folder.path().join("s");
    drop(open(&path));
    let mut later = fs::read(&path).expect("there");
    later[63] = 9;
    let sqlite = folder.path().join("other.sqlite");
    Connection::open(&sqlite).and_then(|c| c.execute_batch("CREATE TABLE t (x)")).expect("room");
    let cases: [(&str, Vec<u8>, Code); 5] = [
        ("later", later, Code::StoreVersion),
        ("empty", Vec::new(), Code::StoreDamaged),
        ("picture", b"\x89PNG\r\n\x1a\n".repeat(40), Code::StoreDamaged),
        ("sqlite", fs::read(&sqlite).expect("there"), Code::StoreDamaged),
        ("magic", [b"SQLite format 3\0".to_vec(), vec![3; 5000]].concat(), Code::StoreDamaged),
    ];
    for (name, bytes, code) in cases {
        let path = folder.path().join(name);
        fs::write(&path, &bytes).expect("room");
        for mode in [Mode::ReadWrite, Mode::ReadOnly] {
            let error = Store::open(&path, mode).expect_err(name);
            assert_eq!(error.code(), code, "{error}");
        }
        assert_eq!(fs::read(&path).expect("there"), bytes, "{name} is as it was");
    }
    assert_eq!(Store::open(folder.path(), Mode::ReadWrite).expect_err("a folder").code(), Code::StoreDamaged);
    assert_eq!(Store::open(&folder.path().join("none"), Mode::ReadOnly).expect_err("none").code(), Code::StoreIo);
    assert!(!folder.path().join("none").exists());
}

#[test]
fn a_log_of_another_store_is_not_taken_for_ones_own() {
    let folder = folder();
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    let mut random = Random(6);
    let (mut one, mut two) = (open(&a), open(&b));
    for n in 1..10 {
        one.transaction(n, &mut random).expect("room");
        two.transaction(n, &mut random).expect("room");
    }
    let (main, foreign) = (files(&a).0, files(&b).1);
    let good = [dump(&one.knowledge.graph), dump(&two.knowledge.graph)];
    let mixed = folder.path().join("mixed");
    fs::write(&mixed, main).expect("room");
    fs::write(file::suffixed(&mixed, "-wal"), foreign).expect("room");
    match Store::open(&mixed, Mode::ReadWrite) {
        Ok(opened) => {
            assert!(opened.knowledge.graph.node_count() == 0 || good.contains(&dump(&opened.knowledge.graph)))
        }
        Err(error) => assert_eq!(error.class(), Class::StoreError),
    }
}

#[test]
fn a_backup_is_a_store_of_one_moment() {
    let folder = folder();
    let (path, copy) = (folder.path().join("s"), folder.path().join("copy"));
    let mut random = Random(7);
    let mut opened = open(&path);
    for n in 1..25 {
        opened.transaction(n, &mut random).expect("room");
    }
    opened.store.follower().backup(&copy).expect("room");
    let then = dump(&opened.knowledge.graph);
    opened.transaction(25, &mut random).expect("room");
    assert!(opened.store.follower().backup(&copy).is_err(), "nothing is overwritten");
    let mut restored = open(&copy);
    assert_eq!(dump(&restored.knowledge.graph), then);
    assert_eq!(restored.check(), Vec::<String>::new());
    restored.transaction(26, &mut random).expect("a store like any other");
}

#[test]
fn evidence_and_vocabulary_are_kept_with_the_graph() {
    let folder = folder();
    let path = folder.path().join("s");
    let mut opened = open(&path);
    let mut work = opened.begin().expect("free");
    let graph = &mut work.graph;
    let ty = graph.ensure_type("transformed-into").expect("room");
    let nodes = [(); 3].map(|()| graph.create_node(&[], []).expect("room"));
    let rels = [0, 1].map(|i| graph.create_rel(nodes[i], nodes[i + 1], ty, []).expect("both live"));
    Arc::make_mut(&mut work.evidence).add_source(Source {
        id: "003".into(),
        node: Some(nodes[0]),
        ..Source::default()
    });
    let place = Place { source: SourceId(0), at: Locator::sentence(11, 8) };
    for rel in rels {
        let mention = Mention {
            id: "F1".into(),
            place,
            confidence: Confidence::from_bits(5),
            fingerprint: 77,
            qualifiers: vec![("date".into(), "2022".into())].into(),
        };
        Arc::make_mut(&mut work.evidence).add_mention(rel, mention);
    }
    Arc::make_mut(&mut work.evidence).add_place(nodes[1], place);
    Arc::make_mut(&mut work.vocabulary)
        .declare(RelationType { name: "transformed-into".into(), ..RelationType::default() });
    opened.commit(work, Beside::Whole).expect("room");
    drop(opened);

    let mut opened = open(&path);
    let rel = opened.knowledge.graph.rel_by_id(1).expect("kept");
    let mention = opened.knowledge.evidence.mentions_of(rel).next().expect("kept").clone();
    assert_eq!((&*mention.id, mention.place, mention.fingerprint), ("F1", place, 77));
    assert_eq!(mention.qualifier("date").collect::<Vec<_>>(), ["2022"]);
    assert_eq!(opened.knowledge.evidence.sources()[0].node, opened.knowledge.graph.node_by_id(0));
    assert_eq!(opened.knowledge.evidence.places_of(opened.knowledge.graph.node_by_id(1).expect("kept")), [place]);
    assert!(opened.knowledge.vocabulary.get("transformed-into").is_some());
    let mut work = opened.begin().expect("free");
    work.graph.delete_rel(rel);
    opened.commit(work, Beside::Same).expect("room");
    assert_eq!(opened.knowledge.evidence.mention_count(), 1, "what stood behind the deleted one went with it");
    drop(opened);
    let mut opened = open(&path);
    assert_eq!(opened.knowledge.evidence.mention_count(), 1);
    opened.checkpoint();
    drop(opened);
    assert_eq!(open(&path).knowledge.evidence.mention_count(), 1);
}

#[test]
fn a_large_image_is_loaded_as_it_is_asked_for_and_outlives_a_checkpoint_by_others() {
    let folder = folder();
    let path = folder.path().join("s");
    let mut graph = Graph::new();
    let label = graph.ensure_label("Law").expect("room");
    let (text, year) = (graph.ensure_key("text").expect("room"), graph.ensure_key("year").expect("room"));
    let ty = graph.ensure_type("AMENDS").expect("room");
    graph.bulk(true);
    let mut last = None;
    for i in 0..200_000i64 {
        let properties =
            [(text, Value::from(format!("a law of some length, number {i} of its kind"))), (year, Value::Int(i % 900))];
        let node = graph.create_node(&[label], properties).expect("room");
        if let Some(last) = last.replace(node) {
            graph.create_rel(node, last, ty, []).expect("both live");
        }
    }
    graph.commit();
    graph.create_index(None, IndexKind::Index, Subject::Nodes(label), &[year]).expect("new");
    let knowledge = KnowledgeGraph { graph, ..KnowledgeGraph::default() };
    Store::create(&path, &knowledge).expect("room");
    assert!(Store::create(&path, &knowledge).is_err(), "never over another");

    let opened = open(&path);
    assert!(opened.position.parts.is_pinned(), "too large to be read whole");
    let mut other = open(&path);
    let mut random = Random(8);
    other.transaction(1, &mut random).expect("room");
    other.checkpoint();
    other.transaction(2, &mut random).expect("room");
    let mut found = Vec::new();
    let index = opened.knowledge.graph.index_for(label, year).expect("kept");
    opened.knowledge.graph.seek_equal(index, &Value::Int(5), &mut found);
    assert_eq!(found.len(), 223);
    let value = opened.knowledge.graph.node_property(NodeRef::new(199_999), text);
    assert!(matches!(&value, Value::Str(text) if text.ends_with("199999 of its kind")), "{value:?}");
    assert_eq!(opened.knowledge.graph.pattern_count(Some(LabelId(0)), RelTypeId(0), None), 199_999);
    assert!(opened.knowledge.graph.failure().is_none());
    let mut opened = opened;
    assert!(opened.refresh());
    assert_eq!(dump(&opened.knowledge.graph).len(), dump(&other.knowledge.graph).len());
    assert_eq!(opened.check(), Vec::<String>::new());
}

/// How a command ends: the graph is left to the system with its memory.
#[test]
fn a_file_closed_under_its_graph_has_nothing_left_beside_it() {
    let folder = folder();
    let path = folder.path().join("s");
    let mut random = Random(77);
    let mut first = open(&path);
    for n in 1..=40 {
        first.transaction(n, &mut random).expect("room");
    }
    first.checkpoint();
    drop(first);
    let mut opened = open(&path);
    assert!(opened.position.parts.is_pinned(), "too large to be read whole");
    opened.transaction(41, &mut random).expect("room");
    let wanted = dump(&opened.knowledge.graph);
    let Opened { store, knowledge, position } = opened;
    store.close(&position);
    assert!(["-wal", "-shm"].iter().all(|ending| !file::suffixed(&path, ending).exists()));
    drop(knowledge);
    assert_eq!(dump(&open(&path).knowledge.graph), wanted);
}
