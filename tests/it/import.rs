//! `import`: whatever comes in, the store is as it should be; and when it ends early, the store is as it was.
#![cfg(unix)]

use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::desk::{command, shejire};
use crate::snapshot::repository;

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn packed(&self, name: &str, bytes: &[u8]) -> String {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        std::fs::write(self.path(name), encoder.finish().unwrap()).unwrap();
        self.path(name)
    }

    /// What a query answers on the store.
    fn ask(&self, store: &str, query: &str) -> String {
        shejire(&["query", "--db", &self.path(store), query, "--format", "csv"], b"").well()
    }
}

const COUNT: &str = "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN count(DISTINCT n) AS n, count(r) AS r";

#[test]
fn every_text_format_is_read_packed_and_plain() {
    let desk = Desk::new();
    for (name, text) in [
        (
            "a.jsonl",
            "{\"$node\":{\"id\":1,\"labels\":[\"A\"]}}\n{\"$node\":{\"id\":2}}\n{\"$rel\":{\"type\":\"T\",\"start\":1,\"end\":2}}\n",
        ),
        ("a.cypher", "CREATE (a:A);\nMATCH (a:A) CREATE (a)-[:T]->();\n"),
        ("a.graphml", "<graphml><graph><node id='1'/><node id='2'/><edge source='1' target='2'/></graph></graphml>"),
        ("a.ttl", "@prefix e: <http://e.org/> . e:a a e:A ; e:T e:b ."),
        ("a.trig", "@prefix e: <http://e.org/> . e:g { e:a a e:A ; e:T e:b . }"),
        ("a.nt", "<http://e.org/a> <http://e.org/T> <http://e.org/b> .\n"),
        ("a.nq", "<http://e.org/a> <http://e.org/T> <http://e.org/b> <http://e.org/g> .\n"),
        ("a.jsonld", "{\"@id\":\"http://e.org/a\",\"http://e.org/T\":{\"@id\":\"http://e.org/b\"}}"),
    ] {
        let plain = desk.file(name, text);
        let packed = desk.packed(&format!("{name}.gz"), text.as_bytes());
        for (at, file) in [plain, packed].iter().enumerate() {
            let store = format!("{name}{at}.shejire");
            shejire(&["import", "--db", &desk.path(&store), file], b"").well();
            assert_eq!(desk.ask(&store, COUNT), "n,r\r\n2,1\r\n", "{file}");
        }
        // what swells is not read on, whatever it holds
        let bomb = desk.packed(&format!("bomb.{name}.gz"), &b" ".repeat(64 << 20));
        let ran = shejire(&["import", "--db", &desk.path("bomb.shejire"), &bomb, "--on-error", "skip"], b"");
        assert!(ran.code == 1 && ran.err.contains("swells"), "{name}: {} {}", ran.code, ran.err);
        assert!(!std::path::Path::new(&desk.path("bomb.shejire")).exists());
    }
}

#[test]
fn a_dataset_folder_becomes_a_store_with_its_evidence() {
    let desk = Desk::new();
    let (folder, store) = (repository("data/kazakhstan"), desk.path("g.shejire"));
    shejire(&["import", "--db", &store, folder.to_str().unwrap()], b"").well();
    let of = |source: &[&str]| {
        let export = shejire(&[&["export", "jsonl"][..], source].concat(), b"").well();
        let trace = shejire(&[&["trace", "National Kurultai", "--format", "json"][..], source].concat(), b"").well();
        let conflicts = shejire(&[&["conflicts", "--format", "csv"][..], source].concat(), b"").well();
        (export, trace, conflicts)
    };
    let (wanted, got) = (of(&[]), of(&["--db", &store]));
    assert!(wanted.0 == got.0, "the export");
    assert_eq!((wanted.1, wanted.2), (got.1, got.2));
    assert_eq!(shejire(&["check", &store], b"").code, 0);
}

#[test]
fn what_neo4j_export_wrote_is_read_as_a_folder() {
    let desk = Desk::new();
    let (out, store) = (desk.path("out"), desk.path("g.shejire"));
    shejire(&["export", "neo4j", "-o", &out], b"").well();
    shejire(&["import", "--db", &store, &out], b"").well();
    assert_eq!(desk.ask("g.shejire", COUNT), shejire(&["query", COUNT, "--format", "csv"], b"").well());
}

#[test]
fn bad_records_are_named_skipped_and_reported() {
    let desk = Desk::new();
    for (name, text, named) in [
        ("a.jsonl", "{\"$node\":{\"id\":1}}\nnonsense\n{\"$node\":{\"id\":2}}\n", "a.jsonl, line 2: not JSON"),
        ("a.cypher", "CREATE ();\nCREATE (;\nCREATE ();\n", "a.cypher, line 2, column 9: "),
        (
            "a.graphml",
            "<graphml><graph><node id='1'/><node id='1'/><node id='2'/></graph></graphml>",
            "a.graphml, line 1, column 31: ",
        ),
        (
            "a.ttl",
            "<http://e.org/a> <http://e.org/p> 1 .\nnonsense here .\n<http://e.org/b> <http://e.org/p> 1 .",
            "a.ttl, line 2, column ",
        ),
    ] {
        let (file, report, store) = (desk.file(name, text), desk.path("report.txt"), desk.path("g.shejire"));
        let ran = shejire(&["import", "--db", &store, &file], b"");
        assert!(ran.code == 1 && ran.err.contains(named), "{name}: {}", ran.err);
        assert!(!std::path::Path::new(&store).exists(), "{name}");
        let ran = shejire(&["import", "--db", &store, &file, "--on-error", "skip", "--report", &report], b"");
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        assert!(ran.err.contains("1 skipped"), "{name}: {}", ran.err);
        assert!(std::fs::read_to_string(&report).unwrap().contains(named), "{name}");
        // the same into a store that is there
        let ran = shejire(&["import", "--db", &store, &file, "--on-error", "skip"], b"");
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        let ran = shejire(&["import", "--db", &store, &file], b"");
        assert_eq!(ran.code, 1, "{name}");
        // RDF finds by their IRIs what it brought before
        let twice = if name == "a.ttl" { "n,r\r\n2,0" } else { "n,r\r\n4,0" };
        assert!(desk.ask("g.shejire", COUNT).starts_with(twice), "{name}: {}", desk.ask("g.shejire", COUNT));
        std::fs::remove_file(&store).unwrap();
    }
}

#[test]
fn csv_errors_name_the_column_and_csv_in_many_batches_is_whole() {
    let desk = Desk::new();
    let mut nodes = String::from(":ID{id-type:long},:LABEL,n:long,t\n");
    let mut rels = String::from(":START_ID,:END_ID,:TYPE,w:double\n");
    for i in 0..10_000 {
        nodes += &format!("{i},{},{},\"t {}\"\n", if i % 3 == 0 { "A;B" } else { "C" }, i * 2, i % 7);
        rels += &format!("{i},{},{},0.5\n", (i * 31) % 10_000, if i % 2 == 0 { "S" } else { "T" });
    }
    let (nodes, rels) = (desk.file("n.csv", &nodes), desk.file("r.csv", &rels));
    let store = desk.path("g.shejire");
    shejire(&["import", "--db", &store, "--nodes", &nodes, "--relationships", &rels], b"").well();
    let sums = "MATCH (a)-[r:T]->(b:C) RETURN count(*) AS c, sum(a.n) AS s, sum(r.w) AS w, count(DISTINCT b.t) AS t";
    let (mut count, mut sum) = (0_i64, 0_i64);
    for i in (1..10_000).step_by(2).filter(|i| (i * 31) % 10_000 % 3 != 0) {
        (count, sum) = (count + 1, sum + i * 2);
    }
    assert_eq!(desk.ask("g.shejire", sums), format!("c,s,w,t\r\n{count},{sum},{:?},7\r\n", count as f64 / 2.0));
    assert_eq!(desk.ask("g.shejire", "MATCH (n:A) RETURN count(n) AS n"), "n\r\n3334\r\n");
    let bad = desk.file("bad.csv", "id:ID(P){id-type:long},n:long\n1,2\n1,x\n3,3\n1,4\n,5\n");
    let args = [
        "import",
        "--db",
        &desk.path("b.shejire"),
        "--nodes",
        &format!("P={bad}"),
        "--on-error",
        "skip",
        "--report",
        &desk.path("r"),
    ];
    shejire(&args, b"").well();
    let report = std::fs::read_to_string(desk.path("r")).unwrap();
    let wanted = ["line 3, column n:long: \"x\" is not an integer", "line 5: there are two nodes 1 in P"];
    for (line, wanted) in report.lines().zip(wanted) {
        assert_eq!(line, format!("{bad}, {wanted}"));
    }
    assert_eq!(report.lines().count(), 2, "{report}");
    assert_eq!(desk.ask("b.shejire", "MATCH (n:P) RETURN sum(n.n) AS s, count(n.id) AS i"), "s,i\r\n10,2\r\n");
}

/// An import that waits for more input; `kind` is how it is ended then.
fn interrupted(desk: &Desk, store: &str, kind: &str) -> (Option<i32>, String) {
    let pipe = desk.path("pipe.jsonl");
    let _ = std::fs::remove_file(&pipe);
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut child = command(&["import", "--db", store, &pipe]).spawn().unwrap();
    // opening waits for the reader: it is there when this returns
    let mut to = std::fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    for id in 0..5000 {
        writeln!(to, "{{\"$node\":{{\"id\":{id}}}}}").unwrap();
    }
    std::thread::sleep(Duration::from_millis(200));
    let killed = Command::new("kill").args([kind, &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let started = Instant::now();
    let mut next = 5000;
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("an interrupted import goes on");
        }
        // who waits for input learns of it when some comes
        let _ = writeln!(to, "{{\"$node\":{{\"id\":{next}}}}}");
        next += 1; // on a slow machine several are read before it stops
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn an_interrupted_import_leaves_the_store_as_it_was() {
    let desk = Desk::new();
    let store = desk.path("g.shejire");
    let (code, said) = interrupted(&desk, &store, "-INT");
    assert!(code == Some(1) && said.contains("stopped: nothing was imported"), "{code:?} {said}");
    assert!(!std::path::Path::new(&store).exists());
    assert_eq!(interrupted(&desk, &store, "-KILL").0, None);
    assert!(!std::path::Path::new(&store).exists());
    shejire(&["query", "--db", &store, "CREATE (:A)-[:T]->(:B)"], b"").well();
    for kind in ["-INT", "-TERM", "-KILL"] {
        interrupted(&desk, &store, kind);
        assert_eq!(desk.ask("g.shejire", COUNT), "n,r\r\n2,1\r\n", "{kind}");
        assert_eq!(shejire(&["check", &store], b"").code, 0, "{kind}");
    }
}

#[test]
fn nothing_elsewhere_is_fetched_and_no_entity_is_expanded() {
    let desk = Desk::new();
    let store = desk.path("g.shejire");
    for (name, text, said) in [
        ("a.jsonld", "{\"@context\":\"https://schema.org/\",\"name\":\"Ada\"}", "nothing is fetched"),
        (
            "a.graphml",
            "<!DOCTYPE g [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><graphml/>",
            "document types are not read",
        ),
        ("b.graphml", "<graphml><graph><node id='1'>&x;</node></graph></graphml>", "entities are not read"),
    ] {
        let ran = shejire(&["import", "--db", &store, &desk.file(name, text)], b"");
        assert!(ran.code == 1 && ran.err.contains(said), "{name}: {}", ran.err);
        assert!(!std::path::Path::new(&store).exists());
    }
}
