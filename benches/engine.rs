//! What a query costs, stage by stage, on a graph made here: `cargo bench`. Compare ratios within one run.
//!
//! 20,000 persons, each following ten others, live in 400 cities; 2,000 bodies succeed one another.

use std::hint::black_box;
use std::path::PathBuf;
use std::process::Command;

use criterion::{Criterion, criterion_group, criterion_main};
use shejire::{Engine, inside};

const PERSONS: u32 = 20_000;

fn engine() -> Engine {
    let engine = Engine::in_memory();
    for statement in [
        "CREATE INDEX FOR (p:Person) ON (p.id)",
        "CREATE INDEX FOR (p:Person) ON (p.name)",
        "CREATE INDEX FOR (c:City) ON (c.id)",
        "CREATE INDEX FOR (b:Body) ON (b.id)",
        "UNWIND range(0, 399) AS i CREATE (:City {id: i, name: 'City ' + i})",
        "UNWIND range(0, 1999) AS i CREATE (:Body {id: i, start: 1800 + i / 10})",
        "UNWIND range(0, 19999) AS i CREATE (:Person {id: i, name: 'Person ' + i, age: 20 + i % 50})",
        "MATCH (p:Person) MATCH (c:City {id: p.id % 400}) CREATE (p)-[:LIVES_IN]->(c)",
        "MATCH (p:Person) UNWIND range(1, 10) AS k MATCH (q:Person {id: (p.id * 31 + k * k * 977 + 1) % 20000}) CREATE (p)-[:FOLLOWS]->(q)",
        "MATCH (a:Body) UNWIND [1, 7] AS k MATCH (b:Body {id: a.id + k}) CREATE (a)-[:REPLACED_BY]->(b)",
    ] {
        engine.run(statement).expect(statement);
    }
    engine
}

/// Queries by the operator that does most of their work.
const QUERIES: &[(&str, &str)] = &[
    ("point", "MATCH (p:Person {id: 4711}) RETURN p.name, p.age"),
    ("prefix", "MATCH (p:Person) WHERE p.name STARTS WITH 'Person 19' RETURN count(p)"),
    ("expand two steps", "MATCH (p:Person {id: 4711})-[:FOLLOWS]->()-[:FOLLOWS]->(q) RETURN count(DISTINCT q.id)"),
    ("count two-step paths", "MATCH (a:Person)-[:FOLLOWS]->(b)-[:FOLLOWS]->(c) RETURN count(*)"),
    (
        "count under conditions",
        "MATCH (a:Person)-[:FOLLOWS]->(b)-[:FOLLOWS]->(c) WHERE b.age < 40 AND c.age > 30 RETURN count(*)",
    ),
    ("triangles", "MATCH (a:Person)-[:FOLLOWS]->(b)-[:FOLLOWS]->(c)-[:FOLLOWS]->(a) RETURN count(*)"),
    (
        "aggregate",
        "MATCH (p:Person)-[:LIVES_IN]->(c:City) RETURN c.name AS city, avg(p.age) AS age ORDER BY age, city LIMIT 5",
    ),
    ("top ten", "MATCH (a)-[:FOLLOWS]->(p:Person) RETURN p.id AS id, count(a) AS n ORDER BY n DESC, id LIMIT 10"),
    ("closure", "MATCH (a:Body {id: 0})-[:REPLACED_BY*1..60]->(b) RETURN count(DISTINCT b.id)"),
    (
        "shortest path",
        "MATCH (a:Body {id: 0}), (b:Body {id: 300}), p = shortestPath((a)-[:REPLACED_BY*..90]->(b)) RETURN length(p)",
    ),
    ("rows to the caller", "MATCH (p:Person) RETURN p.id, p.name, p.age"),
];

fn stages(c: &mut Criterion) {
    let engine = engine();
    let text = "MATCH (c:Person {id: 1})<-[:FOLLOWS]-(l:Person)-[:LIVES_IN]->(i:City) WHERE l.age > 30 AND i.name <> 'x' RETURN i.name AS name, count(*) AS n ORDER BY n DESC, name LIMIT 10";
    c.bench_function("parse", |b| b.iter(|| inside::parse(black_box(text))));
    let mut number = 0;
    c.bench_function("plan a text never seen", |b| {
        b.iter(|| {
            number += 1;
            engine
                .run(&format!("EXPLAIN {text} // {number}"))
                .map(|rows| rows.plan().map(|plan| plan.to_string().len()))
        });
    });
    for (name, query) in QUERIES {
        c.bench_function(name, |b| b.iter(|| engine.run(black_box(query)).map(|rows| rows.len())));
    }
}

fn store(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("graph.shejire");
    engine().save(&file).expect("a store");
    c.bench_function("open to first row", |b| {
        b.iter(|| Engine::open_read_only(&file)?.run("MATCH (p:Person) RETURN p LIMIT 1").map(|rows| rows.len()));
    });
    let open = Engine::open(&file).expect("the store");
    let mut id = PERSONS;
    c.bench_function("durable commit", |b| {
        b.iter(|| {
            id += 1;
            open.query("CREATE (:Person {id: $id})").param("id", i64::from(id)).rows().map(|rows| rows.len())
        });
    });
}

fn import(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, lines: &mut dyn Iterator<Item = String>| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, lines.collect::<String>()).expect("a file");
        path
    };
    let persons = write(
        "persons.csv",
        &mut std::iter::once("id:ID(Person){id-type:long},name:string,age:long\n".to_owned())
            .chain((0..PERSONS).map(|i| format!("{i},Person {i},{}\n", 20 + i % 50))),
    );
    let follows = write(
        "follows.csv",
        &mut std::iter::once(":START_ID(Person),:END_ID(Person)\n".to_owned())
            .chain((0..PERSONS * 10).map(|i| format!("{},{}\n", i % PERSONS, (i * 31 + 7) % PERSONS))),
    );
    let mut group = c.benchmark_group("command line");
    group.sample_size(10);
    group.bench_function("import", |b| {
        b.iter(|| {
            let store = folder.path().join("import.shejire");
            let _ = std::fs::remove_file(&store);
            let mut import = Command::new(env!("CARGO_BIN_EXE_shejire"));
            import.arg("import").arg("--db").arg(&store);
            import.arg("--nodes").arg(format!("Person={}", persons.display()));
            import.arg("--relationships").arg(format!("FOLLOWS={}", follows.display()));
            let done = import.output().expect("the program runs");
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        });
    });
}

criterion_group!(benches, stages, store, import);
criterion_main!(benches);
