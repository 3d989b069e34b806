//! Other people's files through the command line: joined with what is there, read in the shapes in which they are found,
//! and what is not understood named.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::desk::{Ran, shejire};

struct Desk(tempfile::TempDir);

impl Desk {
    fn with(files: &[(&str, &str)]) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = desk.0.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        desk
    }

    /// Words with `@` before them are files of the desk.
    fn path(&self, word: &str) -> String {
        let folder = self.0.path().to_str().unwrap();
        word.replace('@', &format!("{folder}/"))
    }

    fn import(&self, args: &str, input: &[u8]) -> Ran {
        let args: Vec<String> =
            format!("import --db @x.shejire {args}").split(' ').map(|word| self.path(word)).collect();
        shejire(&args.iter().map(String::as_str).collect::<Vec<_>>(), input)
    }

    fn ask(&self, query: &str) -> String {
        let ran = shejire(&["query", "--db", &self.path("@x.shejire"), "--quiet", "--format", "csv", query], b"");
        ran.well().lines().skip(1).collect::<Vec<_>>().join("|")
    }
}

const COUNT: &str = "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN count(DISTINCT n) AS n, count(r) AS r";

#[test]
fn what_is_imported_twice_is_there_once_where_something_tells_it_apart() {
    let graphml = "<graphml><graph edgedefault='directed'><node id='ada'/><node id='bob'/><edge source='ada' target='bob'/></graph></graphml>";
    let ftm = "{\"id\":\"p\",\"schema\":\"Person\",\"properties\":{\"name\":[\"Ada\"],\"parent\":[\"q\"]}}\n{\"id\":\"q\",\"schema\":\"Person\",\"properties\":{\"name\":[\"B\"]}}\n";
    let statement = |n: u8, entity: &str, prop: &str, value: &str| {
        format!(
            "{{\"id\":\"{n}\",\"entity_id\":\"{entity}\",\"schema\":\"Person\",\"prop\":\"{prop}\",\"value\":\"{value}\",\"dataset\":\"d\"}}\n"
        )
    };
    let statements =
        statement(1, "p", "name", "Ada") + &statement(2, "q", "id", "q") + &statement(3, "p", "parent", "q");
    for (name, text, args) in [
        ("a.graphml", graphml, "--match id @a.graphml"),
        ("a.csv", "Source,Target\nada,bob\n", "--match id @a.csv"),
        ("a.ftm", ftm, "@a.ftm"),
        ("s.ftm", &statements, "@s.ftm"),
        ("a.nt", "<http://e.org/a> <http://e.org/p> <http://e.org/b> .\n", "@a.nt"),
    ] {
        let desk = Desk::with(&[(name, text)]);
        for _ in 0..2 {
            let ran = desk.import(args, b"");
            assert_eq!(ran.code, 0, "{name}: {}", ran.err);
            assert_eq!(desk.ask(COUNT), "2,1", "{name}: {}", ran.err);
        }
        // what is only the end of an edge is not counted as found
        let nodes = match name {
            "a.csv" => 0,
            "a.nt" => 1,
            _ => 2,
        };
        let said = format!("there already: {nodes} nodes, 1 relationships; 0 values");
        let ran = desk.import(args, b"");
        assert!(ran.err.contains(&said), "{name}: {}", ran.err);
        let evidence = desk.ask("MATCH ()-[r]->() RETURN size(evidence(r))");
        assert_eq!(evidence, if name == "s.ftm" { "1" } else { "0" }, "{name}");
    }
}

#[test]
fn values_of_every_type_tell_nodes_apart() {
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    let value = prop_oneof![
        any::<f64>().prop_filter("a number", |x| x.is_finite()).prop_map(|x| ("double", format!("{x:?}"))),
        any::<i64>().prop_map(|n| ("long", n.to_string())),
        any::<bool>().prop_map(|yes| ("boolean", yes.to_string())),
        (1..28_u8).prop_map(|day| ("date", format!("2020-02-{day:02}"))),
        (0..60_u8).prop_map(|s| ("datetime", format!("2020-02-01T10:00:{s:02}+01:00"))),
        (1..90_u8).prop_map(|s| ("duration", format!("PT{s}S"))),
        "[a-z]{1,3}(;[a-z]{1,3}){1,2}".prop_map(|list| ("string[]", list)),
        "[A-Za-zж]{1,6}".prop_map(|text| ("string", text)),
    ];
    runner
        .run(&value, |(ty, value)| {
            let desk = Desk::with(&[("a.csv", &format!("k:{ty},n:long\n{value},1\n,2\n"))]);
            for times in 1..3 {
                let ran = desk.import("--match k --nodes P=@a.csv", b"");
                prop_assert_eq!(ran.code, 0, "{}", ran.err);
                prop_assert!(ran.err.contains("1 nodes have no property \"k\""), "{}", ran.err);
                let found = desk.ask("MATCH (p {n: 1}) RETURN count(p)");
                prop_assert_eq!((found, desk.ask("MATCH (p {n: 2}) RETURN count(p)")), ("1".into(), times.to_string()));
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn tables_come_by_standard_input_in_folders_and_by_the_end_of_their_name() {
    for (files, args, input, wanted) in [
        (&[][..], "--nodes P=-", &b":ID,name\na,A\nb,B\n"[..], "2,0"),
        (&[("h.csv", ":ID,name\n")], "--nodes P=@h.csv,-", b"a,A\nb,B\n", "2,0"),
        (&[("n.csv", ":ID\na\nb\n")], "--nodes P=@n.csv --relationships K=-", b":START_ID,:END_ID\na,b\n", "2,1"),
        (&[], "--format neo4j -", b"Source;Target\na;b\nb;a\n", "2,2"),
        (&[("n.tsv", ":ID\tname\na\tA, B\n")], "--nodes P=@n.tsv", b"", "1,0"),
        (
            &[("g/nodes.csv", "Id,Label\na,A\nb,B\n"), ("g/edges.csv", "Source,Target,Type\na,b,Directed\n")],
            "@g",
            b"",
            "2,1",
        ),
    ] {
        let desk = Desk::with(files);
        let ran = desk.import(args, input);
        assert_eq!(ran.code, 0, "{args}: {}", ran.err);
        assert_eq!(desk.ask(COUNT), wanted, "{args}");
    }
}

#[test]
fn what_cannot_be_taken_at_all_is_an_error_also_when_records_are_skipped() {
    for (name, text, says) in [
        ("a.csv", "Id,n\n", ""),
        ("a.jsonl", "nonsense\nmore\n", "none of its 2 records"),
        ("a.json", "{\"nodes\":[],\"links\":[]}", "it is not empty"),
        ("a.jsonld", "{\"@id\":\"a\",\"http://e.org/p\":1}", "--base"),
        ("a.jsonld", "{\"name\":\"Ada\"}", "members \"name\""),
        ("a.rdf", "<rdf/>", "RDF/XML is not read"),
        ("a.bz2", "x", "packed in a way"),
        ("a.cypher", "// nothing\n", "it is not empty"),
    ] {
        let desk = Desk::with(&[(name, text)]);
        let ran = desk.import(&format!("--on-error skip @{name}"), b"");
        assert_eq!(ran.code == 0, says.is_empty(), "{name}: {}", ran.err);
        assert!(ran.err.contains(says), "{name}: {}", ran.err);
        assert_eq!(desk.0.path().join("x.shejire").exists(), says.is_empty(), "{name}");
    }
}

#[test]
fn what_is_not_understood_is_counted_and_named() {
    for (name, text, says) in [
        ("a.csv", "Id,x\na,1\n", ""),
        ("a.csv", ":ID,x:string{optional:true}\na,1\n", "option {optional:true} of the column"),
        ("a.csv", "Source,Target,Type\na,b,Undirected\n", "1 × @a.csv: edges without a direction"),
        ("a.json", "{\"nodes\":[{\"id\":1}],\"strange\":true}", "members \"strange\""),
        (
            "a.cyjs",
            "{\"elements\":[{\"data\":{\"id\":\"a\"},\"selected\":true,\"locked\":false}]}",
            "members \"selected\"",
        ),
        (
            "a.jsonld",
            "{\"@id\":\"http://e.org/a\",\"http://e.org/p\":1,\"age\":2,\"http://e.org/q\":{\"@id\":\"b\"}}",
            "members \"age\", which no context explains",
        ),
        ("a.jsonl", "{\"type\":\"node\",\"id\":\"1\",\"properties\":{\"p\":{\"x\":1}}}\n", "kept as their JSON text"),
    ] {
        let desk = Desk::with(&[(name, text)]);
        let ran = desk.import(&format!("@{name}"), b"");
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        assert!(ran.err.contains(&desk.path(says)), "{name}: {}", ran.err);
        assert_eq!(ran.err.contains("not taken"), !says.is_empty(), "{name}: {}", ran.err);
    }
}

#[test]
fn scripts_of_apoc_for_every_shell_are_run() {
    let statements = "CREATE (:`P`:`UNIQUE IMPORT LABEL` {`UNIQUE IMPORT ID`:0});\n\
        MATCH (start:`UNIQUE IMPORT LABEL`), (end:`UNIQUE IMPORT LABEL`) CREATE (start)-[:K]->(end);\n";
    for (begin, commit) in [("BEGIN;", "COMMIT;"), ("begin", "commit"), (":begin", ":commit"), ("BEGIN", "COMMIT")] {
        let text = format!("{begin}\n{statements}{commit}\nschema await\n{begin}\nCREATE (:Q);\n{commit}\n");
        let desk = Desk::with(&[(
            "a.cypher",
            &text.replace("schema await\n", if begin.ends_with(';') { "" } else { "schema await\n" }),
        )]);
        let ran = desk.import("@a.cypher", b"");
        assert_eq!((ran.code, desk.ask(COUNT).as_str()), (0, "2,1"), "{begin}: {}", ran.err);
    }
    let desk = Desk::with(&[
        ("a.cypher", "USING PERIODIC COMMIT 500\nLOAD CSV FROM 'file:///x.csv' AS row CREATE (:N {v: row[0]});\n"),
        ("d/x.csv", "a\nb\n"),
    ]);
    assert_eq!(desk.import("--load-csv @d @a.cypher", b"").code, 0);
    assert_eq!(desk.ask(COUNT), "2,0");
}

/// A part of a dataset is one: it passes, and what is asked of it is answered as before.
#[test]
fn a_part_of_a_dataset_is_a_dataset() {
    for query in [
        "TRACE 'National Kurultai'",
        "MATCH (a:plan)-[r]->(b) RETURN r",
        "MATCH (a)-[r:`split-into`|`established`]->(b) RETURN a, r, b",
        "MATCH (n:court) RETURN n",
        "MATCH p = (:institution)-->() RETURN p LIMIT 30",
    ] {
        let desk = Desk::with(&[]);
        let out = desk.path("@part");
        let ran = shejire(&["export", "dataset", query, "-o", &out], b"");
        assert_eq!(ran.code, 0, "{query}: {}", ran.err);
        let checked = shejire(&["check", &out], b"");
        assert_eq!(checked.code, 0, "{query}: {}", checked.out);
        desk.import("@part", b"");
        let facts =
            "MATCH (a)-[r]->(b) RETURN a.name, type(r) AS t, b.name, support(r) AS s ORDER BY a.name, t, b.name, s";
        let of = |source: &[&str]| shejire(&[&["query", facts, "--format", "csv"][..], source].concat(), b"").well();
        let (whole, part) = (of(&["--builtin"]), of(&["--db", &desk.path("@x.shejire")]));
        let whole: Vec<&str> = whole.lines().collect();
        assert!(part.lines().all(|line| whole.contains(&line)), "{query}: {part}");
        let here = of(&["--data", &out]);
        assert_eq!(here, part, "{query}");
    }
    let desk = Desk::with(&[]);
    let out = desk.path("@part");
    shejire(&["export", "dataset", "TRACE 'National Kurultai'", "-o", &out], b"").well();
    let trace = |source: &[&str]| {
        shejire(&[&["trace", "National Kurultai", "--format", "csv"][..], source].concat(), b"").well()
    };
    assert_eq!(trace(&["--data", &out]), trace(&["--builtin"]));
}
