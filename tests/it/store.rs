//! A store as several programs use it at once, and as it is looked after.

use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;

use crate::desk::{Pipe, shejire};

#[test]
fn a_reader_beside_a_writer_is_never_behind_what_was_acknowledged() {
    const TRANSACTIONS: i64 = 150;
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("s.shejire").to_str().unwrap().to_owned();
    let mut writer = Pipe::on(&store);
    writer.run("CREATE (:Counter {n: $n})", 0);
    let mut reader = Pipe::on(&store);
    let acknowledged = AtomicI64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 1..=TRANSACTIONS {
                writer.run("MATCH (c:Counter) SET c.n = $n CREATE (c)-[:MADE]->(:Thing {n: $n})", n);
                acknowledged.store(n, Ordering::SeqCst);
            }
        });
        let mut last = 0;
        while last < TRANSACTIONS {
            let before = acknowledged.load(Ordering::SeqCst);
            let rows = reader.run("MATCH (c:Counter) OPTIONAL MATCH (c)-[:MADE]->(t) RETURN c.n, count(t)", 0);
            let (n, things) = (rows[0][0].as_i64().unwrap(), rows[0][1].as_i64().unwrap());
            assert_eq!(n, things, "half a transaction was seen");
            assert!(n >= before && n >= last, "{n} read after {before} was acknowledged and {last} seen");
            last = n;
        }
    });
    // a reader that has been there all the time may write as well
    assert_eq!(reader.run("MATCH (t:Thing) SET t.seen = $n RETURN count(t)", 1), json!([[TRANSACTIONS]]));
    let seen = writer.run("MATCH (t:Thing {seen: 1}) RETURN count(t)", 0);
    assert_eq!(seen, json!([[TRANSACTIONS]]));
    reader.end();
    writer.end();
    assert_eq!(shejire(&["check", &store], b"").well(), "no problems found\n");
}

/// `check` beside a program that commits found that the last records were missing.
#[test]
fn a_store_is_sound_while_others_write_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("s.shejire").to_str().unwrap().to_owned();
    shejire(&["query", "--db", &store, "UNWIND range(1, 20000) AS i CREATE (:N {i: i, s: 'text ' + i})"], b"").well();
    shejire(&["compact", &store], b"").well();
    let mut writer = Pipe::on(&store);
    let mut other = Pipe::on(&store);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0.. {
                if done.load(Ordering::SeqCst) {
                    break;
                }
                writer.run("CREATE (:M {n: $n})-[:R]->(:M)", n);
            }
        });
        for _ in 0..12 {
            assert_eq!(shejire(&["check", &store], b"").well(), "no problems found\n");
            assert_eq!(other.ask(&json!({"op": "check"}))["problems"], json!([]));
        }
        done.store(true, Ordering::SeqCst);
    });
    writer.end();
    other.end();
}

/// Two processes: one commits long transactions back to back, and the other wants its turn in between.
#[test]
fn a_writer_gets_its_turn_beside_one_that_never_stops() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("s.shejire").to_str().unwrap().to_owned();
    let (mut hog, mut other) = (Pipe::on(&store), Pipe::on(&store));
    let (done, count) = (std::sync::atomic::AtomicBool::new(false), AtomicI64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                hog.ask(&json!({"op": "begin"}));
                hog.run("CREATE (:Hog {n: $n})", 1);
                std::thread::sleep(std::time::Duration::from_millis(40));
                assert_eq!(hog.ask(&json!({"op": "commit"}))["ok"], true);
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        let mut longest = 0;
        for n in 0..20 {
            let before = count.load(Ordering::SeqCst);
            other.run("CREATE (:Other {n: $n})", n); // it is never refused
            longest = longest.max(count.load(Ordering::SeqCst) - before);
        }
        done.store(true, Ordering::SeqCst);
        assert!(longest <= 40, "it waited for {longest} transactions of the other");
    });
    hog.end();
    other.end();
}

#[test]
fn a_store_is_described_copied_and_made_smaller() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (store, copy) = (path("s.shejire"), path("copy.shejire"));
    let fill = "UNWIND range(1, 3000) AS i CREATE (:Law {id: i, text: 'a law of some length, number ' + i})";
    shejire(&["query", "--db", &store, fill], b"").well();
    let info = shejire(&["info", &store], b"").well();
    for line in
        ["nodes                   3000", "commits                 1, 1 of them in the log", "format                  2"]
    {
        assert!(info.lines().any(|l| l == line), "{line}\n{info}");
    }
    shejire(&["backup", &store, &copy], b"").well();
    let again = shejire(&["backup", &store, &copy], b"");
    assert!(again.code == 1 && again.err.contains("exists already"), "{}", again.err);
    shejire(&["query", "--db", &store, "MATCH (l:Law) WHERE l.id > 5 DETACH DELETE l"], b"").well();
    let before = std::fs::metadata(&store).unwrap().len();
    shejire(&["compact", &store], b"").well();
    assert!(std::fs::metadata(&store).unwrap().len() < before / 2);
    for (file, laws) in [(&store, "5"), (&copy, "3000")] {
        let count = ["query", "--db", file, "MATCH (l:Law) RETURN count(l) AS n", "--format", "csv"];
        assert_eq!(shejire(&count, b"").well(), format!("n\r\n{laws}\r\n"));
        assert_eq!(shejire(&["check", file], b"").well(), "no problems found\n");
    }
    for command in [&["info", "none"][..], &["backup", "none", "x"], &["compact", "none"]] {
        let ran = shejire(command, b"");
        assert!(ran.code == 1 && ran.err.contains("there is no store at none"), "{}", ran.err);
    }
    assert!(!std::path::Path::new("none").exists());
}
