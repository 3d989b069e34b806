//! Versions of one store side by side: writers that take turns, images written under versions that are in use.

use std::fs;

use super::tests::{Random, dump, folder, open, write};
use super::*;
use crate::graph::{IndexKind, Subject};
use crate::value::Value;

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
                        let _ = work.graph.create_index(None, IndexKind::Index, Subject::Nodes(label), &[key]);
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
