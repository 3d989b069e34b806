//! What failed or was rolled back was never there: random histories of statements that hold, statements that fail and
//! transactions that are taken back, with reads that walk a lot inside them, in memory and in a store that is opened again
//! in between. After each step the graph answers as it did before what failed, and as a copy does that never heard of it.
//!
//! A fold made by such a read outlived the rollback of what it held, and relationships committed later were invisible.

use std::path::PathBuf;

use shejire::Engine;
use shejire::engine::{Snapshot, Transaction};

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }

    fn of(&mut self, choices: &[&'static str]) -> &'static str {
        choices[self.below(choices.len())]
    }
}

/// A write that does the same on graphs that hold the same, whatever plan is chosen; some of them fail, some now and then.
fn statement(types: &[&'static str], random: &mut Random) -> String {
    let (a, b) = (random.of(&["Body", "Law", "Office"]), random.of(&["Body", "Law", "Office"]));
    let ty = random.of(types);
    let value = random.of(&["0", "1", "2", "3", "'x'", "1.0", "[1, 2]", "true"]);
    let n = random.below(4);
    match random.below(18) {
        0 | 1 => format!("UNWIND range(1, 4) AS x CREATE (:{a} {{k: x % 3, s: 'v' + x}})"),
        2 => format!("CREATE (a:{a}:{b} {{k: {value}}})-[:{ty} {{w: {n}}}]->(b:{b} {{k: {n}}})-[:{ty}]->(a)"),
        3 | 4 => format!(
            "MATCH (a:{a}), (b:{b}) WITH a, b ORDER BY id(a), id(b) LIMIT 3 CREATE (a)-[r:{ty} {{w: {n}}}]->(b) SET r.v = a.k"
        ),
        5 => format!("MATCH (a:{a}), (b:{b}) WITH a, b ORDER BY id(b), id(a) LIMIT 4 MERGE (a)-[r:{ty}]->(b) SET r.w = {n}"),
        6 => format!("UNWIND [1, 2, 1, 3] AS x MERGE (n:{a} {{k: x}}) ON CREATE SET n.c = 1 ON MATCH SET n.c = coalesce(n.c, 0) + 1"),
        7 => format!("MATCH (n:{a}) WITH n ORDER BY id(n) LIMIT 2 DETACH DELETE n"),
        8 => format!("MATCH (n:{a}) WHERE n.k = {n} DELETE n"), // fails where something is attached
        9 => format!("MATCH ()-[r:{ty}]->() WITH r ORDER BY id(r) SKIP {n} LIMIT 2 DELETE r"),
        10 => format!("MATCH (a)-[r:{ty}]->(b) WHERE r.w = {n} SET r.w = {n} + 1, a.k = {value}, b.last = type(r)"),
        11 => format!("MATCH (n:{a}) SET n:{b} REMOVE n.s"),
        12 => format!("MATCH (n:{a}) WHERE n.k = {n} SET n += {{k: {value}, z: {n}}} REMOVE n:{b}"),
        13 => format!("MATCH (n:{a}) WITH n ORDER BY id(n) SET n.i = 6 / (coalesce(n.z, 1) - {n})"),
        14 => format!("UNWIND [3, 2, 1, 0] AS x CREATE (:{a} {{k: x}})-[:{ty} {{w: x}}]->(:{b} {{q: 6 / x}})"),
        // relationships are made, walked until a reader folds them, and then it fails
        15 | 16 => format!(
            "MATCH (a:{a}), (b:{b}) WITH a, b ORDER BY id(a), id(b) LIMIT 2 CREATE (a)-[:{ty} {{w: 1}}]->(b) CREATE (b)-[:{}]->(a)
             WITH count(*) AS made UNWIND range(1, 400) AS z CALL (z) {{ MATCH (x)-[r:{}]->(y) RETURN sum(r.w + z) AS w }}
             RETURN sum(w) / (made - made)",
            random.of(types),
            random.of(types)
        ),
        _ => random
            .of(&[
                "CREATE INDEX body_k IF NOT EXISTS FOR (n:Body) ON (n.k)",
                "DROP INDEX body_k IF EXISTS",
                "CREATE INDEX law_c IF NOT EXISTS FOR (n:Law) ON (n.c)",
                "CREATE CONSTRAINT office_u IF NOT EXISTS FOR (n:Office) REQUIRE n.s IS UNIQUE",
                "DROP CONSTRAINT office_u IF EXISTS",
            ])
            .to_owned(),
    }
}

/// Reads that walk until something is folded, sorted or counted.
fn read(transaction: &mut Transaction, types: &[&'static str], random: &mut Random) {
    let ty = random.of(types);
    let query = match random.below(4) {
        0 => format!(
            "UNWIND range(1, 400) AS z CALL (z) {{ MATCH (a)-[r:{ty}]->(b) RETURN sum(r.w + z) AS w }} RETURN sum(w)"
        ),
        1 => "UNWIND range(1, 200) AS z MATCH (a)-[r]-(b) RETURN sum(a.k + b.k + z)".to_owned(),
        2 => format!("MATCH (a:Body)-[r:{ty}]->(b:Law) RETURN count(r), count(b.k)"),
        _ => "MATCH (n:Body) WHERE n.k >= 1 RETURN n.k ORDER BY n.k".to_owned(),
    };
    let _ = transaction.run(&query); // adding texts to numbers fails, and leaves nothing either
}

/// Everything there is, and what can be asked about it in other ways; by the optimized plans and by the plain ones.
fn all_of(seen: &Snapshot, types: &[&'static str]) -> Vec<String> {
    let (nodes, rels) = seen.everything().unwrap();
    let mut all: Vec<String> = nodes.iter().map(|node| format!("{node:?}")).collect();
    all.extend(rels.iter().map(|rel| format!("{rel:?}")));
    let mut queries: Vec<String> = ["db.labels", "db.relationshipTypes", "db.propertyKeys"]
        .iter()
        .map(|procedure| format!("CALL {procedure}()"))
        .collect();
    queries.push("MATCH (n) RETURN count(n)".into());
    queries.push("MATCH ()-[r]->() RETURN count(r)".into());
    queries.push("MATCH (a)-[r]-(b) RETURN id(a), id(r), id(b) ORDER BY id(a), id(r), id(b)".into());
    queries.push("MATCH (a)-->(b)-->(c) RETURN count(*)".into());
    for label in ["Body", "Law", "Office"] {
        queries.push(format!("MATCH (n:{label}) RETURN count(n), count(n.k), count(DISTINCT n.k)"));
        queries.push(format!("MATCH (n:{label}) WHERE n.k >= 1 RETURN id(n) ORDER BY id(n)"));
        for value in ["0", "1", "'x'", "[1, 2]", "true"] {
            queries.push(format!("MATCH (n:{label} {{k: {value}}}) RETURN id(n) ORDER BY id(n)"));
        }
        for ty in types {
            queries.push(format!("MATCH (:{label})-[r:{ty}]->() RETURN count(*)"));
            queries.push(format!("MATCH (:{label})-[r:{ty}]->(:Law) RETURN count(r)"));
            queries.push(format!("MATCH (n:{label}) RETURN id(n), COUNT {{ (n)<-[:{ty}]-() }} ORDER BY id(n)"));
        }
    }
    for ty in types {
        queries.push(format!("MATCH (a)-[r:{ty}]->(b) RETURN id(r), id(a), id(b), r.w ORDER BY id(r)"));
        queries.push(format!("MATCH (n)-[r:{ty}]->(n) RETURN count(r)"));
    }
    for query in queries {
        let told = |rows: shejire::Result<shejire::engine::Rows>| {
            let rows = rows.unwrap_or_else(|error| panic!("{query}: {error}"));
            rows.iter().map(|row| format!("{:?}", row.values())).collect::<Vec<_>>().join("; ")
        };
        let (optimized, plain) = (told(seen.run(&query)), told(seen.query(&query).unoptimized().rows()));
        assert_eq!(optimized, plain, "{query}");
        all.push(format!("{query}: {optimized}"));
    }
    assert_eq!(seen.check(), Vec::<String>::new());
    all
}

struct Pair {
    engine: Engine,
    copy: Engine,
    file: Option<PathBuf>,
    types: &'static [&'static str],
    log: Vec<String>,
}

impl Pair {
    /// Told to the copy, for good; it must say the same.
    fn told(&self, statements: &[String]) {
        for text in statements {
            self.copy.run(text).unwrap_or_else(|error| panic!("{text}: {error}\n{:#?}", self.log));
        }
    }

    fn as_before(&self, seen: &Snapshot, before: &[String]) {
        let now = all_of(seen, self.types);
        let other = now.iter().zip(before).find(|(now, before)| now != before);
        assert!(now.len() == before.len() && other.is_none(), "{:#?}\n{other:#?}", self.log);
    }

    fn same(&self) {
        let now = |engine: &Engine| engine.snapshot().unwrap();
        self.as_before(&now(&self.engine), &all_of(&now(&self.copy), self.types));
        assert_eq!(self.engine.check().unwrap(), Vec::<String>::new());
    }

    fn alone(&mut self, random: &mut Random) {
        let text = statement(self.types, random);
        self.log.push(text.clone());
        match self.engine.run(&text) {
            Ok(_) => self.told(&[text]),
            Err(_) => self.log.push("failed".into()),
        }
    }

    /// A transaction in which statements fail and it goes on, and which is committed or not.
    fn transaction(&mut self, random: &mut Random) {
        let mut open = self.engine.begin().unwrap().lenient();
        self.log.push("BEGIN".into());
        let mut held = Vec::new();
        for _ in 0..1 + random.below(4) {
            let text = statement(self.types, random);
            self.log.push(text.clone());
            let before = (random.below(4) == 0).then(|| all_of(&open.snapshot(), self.types));
            if open.run(&text).is_ok() {
                held.push(text);
            } else {
                self.log.push("failed".into());
                if let Some(before) = before {
                    self.as_before(&open.snapshot(), &before);
                }
            }
            (0..random.below(3)).for_each(|_| read(&mut open, self.types, random));
        }
        if random.below(2) == 0 {
            self.log.push("ROLLBACK".into());
            open.rollback();
        } else {
            self.log.push("COMMIT".into());
            open.commit().unwrap();
            self.told(&held);
        }
    }
}

fn histories(types: &'static [&'static str], seed: u64, stored: bool) {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random(seed);
    let file = stored.then(|| folder.path().join("s.shejire"));
    let engine = file.as_ref().map_or_else(Engine::in_memory, |file| Engine::open(file).unwrap());
    let mut pair = Pair { engine, copy: Engine::in_memory(), file, types, log: Vec::new() };
    for _ in 0..24 {
        match random.below(3) {
            0 => pair.transaction(&mut random),
            _ => pair.alone(&mut random),
        }
        if random.below(3) == 0 {
            pair.same();
        }
        if random.below(6) == 0
            && let Some(file) = &pair.file
        {
            pair.engine = Engine::in_memory();
            pair.engine = Engine::open(file).unwrap();
            pair.log.push("opened again".into());
        }
    }
    pair.same();
}

#[test]
fn two_types_in_memory() {
    (0..3).for_each(|seed| histories(&["HEADS", "MAKES"], seed * 6_700_417 + 3, false));
}

#[test]
fn three_types_in_memory() {
    (0..3).for_each(|seed| histories(&["HEADS", "MAKES", "ENDS"], seed * 2_097_593 + 7, false));
}

#[test]
fn two_types_in_a_store_that_is_opened_again() {
    (0..2).for_each(|seed| histories(&["HEADS", "MAKES"], seed * 15_485_863 + 1, true));
}

#[test]
fn a_statement_that_fails_after_a_long_read_hides_nothing_of_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.shejire");
    for engine in [Engine::in_memory(), Engine::open(&file).unwrap()] {
        engine.run("CREATE (:Law {i: 1}), (:Law {i: 2}), (:Law {i: 3}), (:Law {i: 4})").unwrap();
        let failed = engine.run(
            "MATCH (a:Law {i: 1}), (b:Law {i: 2}) CREATE (a)-[:AMENDS {w: 1}]->(b) CREATE (a)-[:CITES]->(b) WITH 1 AS one
             UNWIND range(1, 3000) AS z CALL (z) { MATCH (a:Law {i: 1})-[s:AMENDS]->(b) RETURN s.w + z AS w }
             WITH sum(w) AS t RETURN t / 0",
        );
        assert!(failed.is_err());
        engine.run("MATCH (a:Law {i: 3}), (b:Law {i: 4}) CREATE (a)-[:AMENDS {w: 2}]->(b)").unwrap();
        let found = engine.run("MATCH (a:Law {i: 3})-[s:AMENDS]->(b) RETURN b.i, s.w").unwrap();
        assert_eq!(found.iter().map(|row| format!("{:?}", row.values())).collect::<String>(), "[Int(4), Int(2)]");
        assert!(engine.run("MATCH (a:Law {i: 3}) DELETE a").is_err(), "a relationship would be left without an end");
        assert_eq!(engine.check().unwrap(), Vec::<String>::new());
    }
    assert_eq!(Engine::open_read_only(&file).unwrap().check().unwrap(), Vec::<String>::new());
}

/// What was found out about the graph (plans, names) does not outlive the graph it was found out of.
#[test]
fn what_others_committed_is_known_after_begin() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.shejire");
    let (one, other) = (Engine::open(&file).unwrap(), Engine::open(&file).unwrap());
    one.run("CREATE (:Law {name: 'Alpha'})-[:AMENDS]->(:Law {name: 'Beta'})").unwrap();
    let count = |engine: &Engine| {
        let rows = engine.run("MATCH (a:Law)-[:AMENDS]->(b:Law) WHERE b.name > 'A' RETURN count(a) AS n").unwrap();
        format!("{:?}", rows.get(0).unwrap().values())
    };
    assert_eq!((count(&one), count(&other)), ("[Int(1)]".to_owned(), "[Int(1)]".to_owned()));
    assert!(!one.search("Gamma", 3).iter().any(|found| format!("{found:?}").contains("Gamma")));
    other.run("MATCH (b {name: 'Beta'}) CREATE (:Decree {name: 'Gamma'})-[:AMENDS]->(b)").unwrap();
    let begun = one.begin().unwrap();
    assert_eq!(count(&one), "[Int(1)]", "a decree is no law");
    assert!(begun.snapshot().search("Gamma", 3).iter().any(|found| format!("{found:?}").contains("Gamma")));
    begun.rollback();
}

#[test]
fn a_statement_that_looks_names_up_and_then_makes_some_leaves_them_to_be_found() {
    let engine = Engine::in_memory();
    engine.run("CREATE (:Body {name: 'Alpha'})-[:BECOMES]->(:Body {name: 'Beta'})").unwrap();
    engine.run("TRACE 'Alpha' YIELD step WITH count(*) AS n CREATE (:Body {name: 'Gamma'})").unwrap();
    assert!(engine.search("Gamma", 3).iter().any(|found| format!("{found:?}").contains("Gamma")));
}
