//! Versions of one store side by side: writers that take turns, images written under versions that are in use.

use std::fs;

use super::tests::{Random, dump, folder, open, write};
use super::*;
use crate::graph::IndexKind;
use crate::provenance::{Confidence, Locator, Mention, NameUse, Place, Side, Source, SourceId};
use crate::value::{NodeRef, RelRef, Value};

/// Checkpoints keep the parts that did not change; two writers and a reader with large images take turns, and what each
/// has in memory and what is in the file stay the same.
#[test]
fn checkpoints_that_keep_parts_and_writers_that_take_turns_agree() {
    for seed in 0..6 {
        let folder = folder();
        let path = folder.path().join("s");
        let mut random = Random(seed + 90);
        let mut first = open(&path);
        for n in 1..=40 {
            first.transaction(n, &mut random).expect("room");
        }
        first.checkpoint();
        drop(first);
        let mut handles = [open(&path), open(&path)];
        let mut reader = Store::open(&path, Mode::ReadOnly).expect("readable");
        for n in 41..=120 {
            let turn = random.below(2);
            let handle = &mut handles[turn];
            let mut work = handle.begin().expect("free");
            match random.below(4) {
                0 => write(&mut work.graph, n, &mut random),
                1 => {
                    let label = work.graph.ensure_label("Place").expect("room");
                    let key = work.graph.ensure_key("name").expect("room");
                    for i in 0..random.below(9) {
                        let name = Value::from(format!("place {n} {}", i % 3));
                        work.graph.create_node(&[label], [(key, name)]).expect("room");
                    }
                    if n % 4 == 0 {
                        let _ = work.graph.create_index(None, IndexKind::Index, label, key);
                    }
                }
                _ => {
                    let key = work.graph.ensure_key("only").expect("room");
                    let node = work.graph.node_by_id(0).expect("the counter stays");
                    work.graph.set_node_property(node, key, Value::Int(n as i64)).expect("lives");
                }
            }
            handle.commit(work, Beside::Same).expect("room");
            if random.below(3) == 0 {
                handle.checkpoint();
            }
            let now = dump(&handle.knowledge.graph);
            if random.below(3) == 0 {
                reader.refresh();
                assert_eq!(dump(&reader.knowledge.graph), now, "{seed} {n}");
            }
            if random.below(5) == 0 {
                let again = Store::open(&path, Mode::ReadOnly).expect("readable");
                assert_eq!(dump(&again.knowledge.graph), now, "{seed} {n}");
                assert_eq!(again.check(), Vec::<String>::new());
            }
        }
        for handle in &mut handles {
            handle.refresh();
            assert_eq!(handle.check(), Vec::<String>::new());
        }
        assert_eq!(dump(&handles[0].knowledge.graph), dump(&handles[1].knowledge.graph));
    }
}

/// A version from before an image keeps what it has not loaded, whoever wrote the image and however often SQLite's log is
/// moved into the file since; when it is gone the log can shrink again.
#[test]
fn an_old_version_of_a_large_image_can_be_read_to_its_end() {
    for by_others in [false, true] {
        let folder = folder();
        let path = folder.path().join("s");
        let mut random = Random(900);
        let mut first = open(&path);
        for n in 1..=40 {
            first.transaction(n, &mut random).expect("room");
        }
        first.checkpoint();
        let wanted = dump(&first.knowledge.graph);
        drop(first);
        let (mut own, mut other) = (open(&path), open(&path));
        assert!(own.position.parts.is_pinned(), "too large to be read whole");
        let held = (own.knowledge.clone(), own.position.clone()); // nothing of it is loaded
        for n in 41..=80 {
            let writer = if by_others { &mut other } else { &mut own };
            writer.transaction(n, &mut random).expect("room");
            if n % 9 == 0 {
                writer.checkpoint();
            }
            own.refresh();
        }
        let now = dump(&own.knowledge.graph);
        assert_eq!(dump(&held.0.graph), wanted);
        assert!(held.0.graph.failure().is_none());
        drop(held);
        other.refresh();
        own.checkpoint();
        assert_eq!(dump(&own.knowledge.graph), now);
        drop(other);
        own.transaction(81, &mut random).expect("room");
        own.checkpoint();
        let left = fs::metadata(file::suffixed(&path, "-wal")).map_or(0, |log| log.len());
        assert_eq!(left, 0, "nobody holds SQLite's log");
    }
}

/// What is added to the evidence travels by itself: who follows, and who opens the file, has the same as who wrote it.
#[test]
fn evidence_that_was_added_is_the_same_everywhere_and_costs_what_was_added() {
    let mention = |n: u64, random: &mut Random| {
        let place = Place { source: SourceId(random.below(3) as u32), at: Locator::sentence(n as u32 % 60, 1) };
        let mode = ["", "denies"][random.below(4) / 3];
        let qualifiers: Vec<(Arc<str>, Arc<str>)> =
            vec![("mode".into(), mode.into()), ("event".into(), format!("E{}", n % 5).into())];
        let (id, confidence) = (format!("F{n}").into(), Confidence::from_bits(1));
        Mention { id, place, confidence, fingerprint: n, qualifiers: qualifiers.into() }
    };
    for seed in 0..4 {
        let folder = folder();
        let path = folder.path().join("s");
        let mut random = Random(seed + 1);
        let (mut writer, mut reader) = (open(&path), open(&path));
        let mut work = writer.begin().expect("free");
        let ty = work.graph.ensure_type("R").expect("room");
        let nodes: Vec<_> = (0..60).map(|_| work.graph.create_node(&[], []).expect("room")).collect();
        for at in 0..90 {
            work.graph.create_rel(nodes[at % 60], nodes[(at * 7 + 1) % 60], ty, []).expect("both live");
        }
        let evidence = Arc::make_mut(&mut work.evidence);
        for id in ["1", "2", "3"] {
            evidence.add_source(Source { id: id.into(), node: Some(nodes[5]), ..Source::default() });
        }
        writer.commit(work, Beside::Whole).expect("room");
        for n in 0..80 {
            let mut work = writer.begin().expect("free");
            let KnowledgeGraph { graph, evidence, .. } = &mut work;
            let evidence = Arc::make_mut(evidence);
            evidence.record_added(true);
            for _ in 0..1 + random.below(6) {
                let rel = RelRef::new(random.below(90) as u32);
                let node = NodeRef::new(random.below(60) as u32);
                if !graph.rel_exists(rel) || !graph.node_exists(node) {
                    continue;
                }
                let said = mention(n, &mut random);
                let other = RelRef::new(random.below(90) as u32);
                let held = match random.below(9) {
                    0..=2 => evidence.add_mention(rel, said).is_some(),
                    3 if graph.rel_exists(other) => evidence.add_either(&[rel, other], said).is_some(),
                    4 => evidence.add_exists(node, said).is_some(),
                    5 => {
                        let side = [Side::Start, Side::End][random.below(2)];
                        evidence.add_part(&format!("E{}", n % 3).into(), &"R".into(), side, node, said).is_some()
                    }
                    6 => evidence.add_place(node, said.place).is_some(),
                    7 => {
                        let name = NameUse {
                            name: format!("name {n}").into(),
                            places: [said.place].into(),
                            ..NameUse::default()
                        };
                        evidence.add_name(node, name).is_some()
                    }
                    _ => {
                        let id = format!("{}", 1 + random.below(5)).into();
                        evidence
                            .add_source(Source {
                                id,
                                node: Some(node),
                                title: format!("{n}").into(),
                                ..Source::default()
                            })
                            .is_some()
                    }
                };
                assert!(held);
                // what the same transaction deletes takes its evidence along, also what was just added
                match random.below(40) {
                    0 => assert!(graph.delete_rel(rel)),
                    1 => assert!(graph.delete_node(node, true).0),
                    _ => {}
                }
            }
            writer.commit(work, Beside::Added).expect("room");
            let wanted = beside::write(&writer.knowledge);
            reader.refresh();
            assert!(beside::write(&reader.knowledge) == wanted, "{seed} {n}: another follows");
            if n % 16 == 0 {
                assert!(beside::write(&open(&path).knowledge) == wanted, "{seed} {n}: opened again");
            }
        }
        let whole = beside::write(&writer.knowledge).len() as i64;
        let sql = "SELECT max(length(data)) FROM log WHERE seq > 1 AND seq < 1000000";
        let longest: i64 = writer.store.conn.query_row(sql, [], |row| row.get(0)).expect("readable");
        assert!(longest * 4 < whole, "{longest} of {whole}");
        let counts =
            |opened: &Opened| (opened.knowledge.evidence.mention_count(), opened.knowledge.evidence.sources().len());
        writer.checkpoint();
        assert_eq!(counts(&open(&path)), counts(&writer));
        assert!(writer.knowledge.evidence.added().is_none(), "a version that is published keeps none");
    }
}
