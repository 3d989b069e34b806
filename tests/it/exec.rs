//! The executor through the public face: limits hold, and every operator gives the rows it should, with and
//! without the optimizer.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use shejire::engine::{Limits, Rows};
use shejire::error::{Class, Code};
use shejire::{Engine, Value};

fn graph(text: &str) -> Engine {
    let engine = Engine::in_memory();
    engine.run(text).unwrap();
    engine
}

fn shown(value: &Value) -> String {
    match value {
        Value::Node(_) => "node".into(),
        Value::Rel(_) => "rel".into(),
        Value::Path(path) => format!("path of {}", path.rels.len()),
        Value::List(list) => format!("[{}]", list.iter().map(shown).collect::<Vec<_>>().join(", ")),
        other => shejire::value::text::literal(other, None).unwrap(),
    }
}

fn table(rows: &Rows) -> Vec<String> {
    rows.iter().map(|row| row.values().iter().map(shown).collect::<Vec<_>>().join(" ")).collect()
}

/// Runs the query with and without the optimizer; the rows (in any order) are `wanted`.
fn check(engine: &Engine, query: &str, wanted: &[&str]) {
    for optimized in [true, false] {
        let statement = engine.query(query);
        let rows = if optimized { statement.rows() } else { statement.unoptimized().rows() };
        let mut got = table(&rows.unwrap_or_else(|e| panic!("{query}: {e}")));
        got.sort();
        let mut wanted: Vec<&str> = wanted.to_vec();
        wanted.sort_unstable();
        assert_eq!(got, wanted, "{query} (optimized: {optimized})");
    }
}

fn limited(query: &str, limits: Limits) -> (Code, Duration) {
    let engine = Engine::in_memory();
    let begun = Instant::now();
    let error = engine.query(query).limits(limits).rows().expect_err(query);
    (error.code(), begun.elapsed())
}

#[test]
fn time_stops_what_would_never_end() {
    let limits = Limits { time: Some(Duration::from_millis(300)), ..Limits::default() };
    for query in [
        "UNWIND range(1, 1000) AS a UNWIND range(1, 1000) AS b UNWIND range(1, 1000) AS c UNWIND range(1, 1000) AS d RETURN count(*)",
        "WITH range(1, 100000) AS l RETURN size([x IN l WHERE any(y IN l WHERE y = x + 1000000)])",
        "RETURN reduce(s = 0, x IN range(1, 1000000) | s + reduce(t = x, y IN range(1, 1000) | t + y)) AS n",
    ] {
        let (code, took) = limited(query, limits.clone());
        assert_eq!(code, Code::Time, "{query}");
        assert!(took < Duration::from_millis(1500), "{query} took {took:?}");
    }
    let engine = graph("UNWIND range(1, 1000) AS n CREATE (:N {n: n})");
    let begun = Instant::now();
    let five = "MATCH (a:N), (b:N), (c:N), (d:N), (e:N) WHERE a.n + b.n + c.n + d.n + e.n = 0 RETURN count(*)";
    let error = engine.query(five).limits(limits).rows().expect_err("too long");
    assert_eq!(error.code(), Code::Time);
    assert!(begun.elapsed() < Duration::from_millis(1500));
}

#[test]
fn memory_stops_what_would_fill_it() {
    let limits = Limits { memory: Some(32 << 20), time: Some(Duration::from_secs(20)), ..Limits::default() };
    for query in [
        "UNWIND range(1, 100000000) AS x RETURN collect(x)",
        "UNWIND range(1, 10000) AS x UNWIND range(1, 10000) AS y RETURN collect(toString(x) + '-' + y)",
        "RETURN reduce(s = 'x', i IN range(1, 100) | s + s) AS s",
        "RETURN reduce(l = [1], i IN range(1, 100) | l + l) AS l",
        "UNWIND range(1, 10000) AS x UNWIND range(1, 10000) AS y WITH x, y ORDER BY y RETURN count(*)",
        "UNWIND range(1, 10000) AS x UNWIND range(1, 10000) AS y WITH DISTINCT x, y RETURN count(*)",
        "RETURN [x IN range(1, 1000000) | range(1, 1000)] AS l",
    ] {
        assert_eq!(limited(query, limits.clone()).0, Code::Memory, "{query}");
    }
}

#[test]
fn a_range_that_is_unwound_is_no_list() {
    let engine = Engine::in_memory();
    let limits = || Limits { memory: Some(1 << 20), ..Limits::default() };
    for (query, wanted) in [
        ("UNWIND range(1, 300000) AS i RETURN sum(i)", "Int(45000150000)"),
        ("UNWIND range(1, 9223372036854775807) AS i WITH i LIMIT 3 RETURN sum(i)", "Int(6)"),
        ("UNWIND [3, 1] AS n UNWIND range(n, 0, -2) AS i RETURN sum(i * i)", "Int(11)"),
        ("UNWIND range(1, null) AS i RETURN count(*)", "Int(0)"),
        ("UNWIND range(2, 1) AS i RETURN count(*)", "Int(0)"),
        ("UNWIND range(9223372036854775806, 9223372036854775807) AS i RETURN count(i)", "Int(2)"),
    ] {
        let rows = engine.query(query).limits(limits()).rows().unwrap_or_else(|e| panic!("{query}: {e}"));
        assert_eq!(format!("{:?}", rows.get(0).expect("a row").values()[0]), wanted, "{query}");
    }
    let error = engine.run("UNWIND range(1, 2, 0) AS i RETURN i").expect_err("a step of 0");
    assert_eq!(error.code(), Code::NumberOutOfRange);
    assert!(error.span().is_some());
}

#[test]
fn what_would_take_forever_to_plan_is_refused_at_once() {
    let engine = Engine::in_memory();
    let many = |n: usize, one: &dyn Fn(usize) -> String| (0..n).map(one).collect::<String>();
    let shapes: [(&str, &dyn Fn(usize) -> String); 11] = [
        ("a path", &|n| format!("MATCH (){} RETURN 1", "-->()".repeat(n))),
        ("many nodes", &|n| format!("MATCH (){} RETURN 1", ",()".repeat(n))),
        ("many labels", &|n| format!("MATCH (n{}) RETURN 1", many(n, &|i| format!(":A{i}")))),
        ("many matches", &|n| format!("{}RETURN 1", many(n, &|i| format!("MATCH (a{i}) ")))),
        ("many merges", &|n| "MERGE ()-[:T]->() ".repeat(n)),
        ("a path to merge", &|n| format!("MERGE (){}", "-[:T]->()".repeat(n))),
        ("a repeated path", &|n| format!("MATCH (a) ((){}){{1,2}} (c) RETURN 1", "-->()".repeat(n))),
        ("many subqueries", &|n| format!("{}RETURN 1", many(n, &|i| format!("CALL {{ RETURN 1 AS a{i} }} ")))),
        ("many loops", &|n| "FOREACH (x IN [1] | CREATE ()) ".repeat(n)),
        ("a pattern in an expression", &|n| format!("RETURN EXISTS {{ (){} }}", "-->()".repeat(n))),
        ("ever more columns", &|n| format!("WITH 1 AS a {}RETURN 1", many(n, &|i| format!("WITH *, 1 AS x{i} ")))),
    ];
    for (what, shape) in shapes {
        let run = |n| engine.run(&format!("EXPLAIN {}", shape(n))).map_err(|e| (e.class(), e.code()));
        assert!(run(100).is_ok(), "{what}");
        assert_eq!(run(20_000).err(), Some((Class::LimitExceeded, Code::Size)), "{what}");
    }
    // what is only created may be long: its plan is one operator
    assert!(engine.run(&format!("EXPLAIN CREATE (a){}", "-[:T]->()".repeat(20_000))).is_ok());
    assert!(engine.run(&format!("EXPLAIN {}", "CREATE (:A {k: 1}) ".repeat(20_000))).is_ok());
}

#[test]
fn rows_and_cancellation() {
    let limits = Limits { rows: Some(10), ..Limits::default() };
    assert_eq!(limited("UNWIND range(1, 11) AS x RETURN x", limits.clone()).0, Code::Rows);
    let ten = Engine::in_memory().query("UNWIND range(1, 10) AS x RETURN x").limits(limits).rows().unwrap();
    assert_eq!(ten.len(), 10);
    let cancel = Some(Arc::new(AtomicBool::new(true)));
    let limits = Limits { cancel, ..Limits::default() };
    let error = Engine::in_memory().query("RETURN 1").limits(limits).rows().expect_err("stopped");
    assert_eq!((error.class(), error.code()), (Class::Cancelled, Code::Cancelled));
}

#[test]
fn growing_lists_are_linear() {
    let begun = Instant::now();
    let engine = Engine::in_memory();
    check(&engine, "RETURN size(reduce(l = [], x IN range(1, 100000) | l + x)) AS n", &["100000"]);
    check(
        &engine,
        "RETURN size(reduce(l = [], x IN range(1, 100000) | CASE WHEN x % 2 = 0 THEN l + [x] ELSE l END)) AS n",
        &["50000"],
    );
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

const SMALL: &str = "CREATE (a:A {n: 1})-[:T {w: 1}]->(b:B {n: 2})-[:T {w: 2}]->(c:C {n: 3})-[:T {w: 3}]->(a),
    (b)-[:U]->(d:D {n: 4}), (d)-[:U]->(d), (a)-[:T {w: 4}]->(c), (:E {n: 5})";

#[test]
fn expansions() {
    let engine = graph(SMALL);
    check(&engine, "MATCH (a:A)-[:T]->(x) RETURN x.n", &["2", "3"]);
    check(&engine, "MATCH (a:A)<-[:T]-(x) RETURN x.n", &["3"]);
    check(&engine, "MATCH (a:A)--(x) RETURN x.n", &["2", "3", "3"]);
    check(&engine, "MATCH (d:D)--(x) RETURN x.n", &["2", "4"]);
    check(&engine, "MATCH (a)-[:T]->(b)-[:T]->(c)-[:T]->(a) RETURN a.n, b.n, c.n", &["1 2 3", "2 3 1", "3 1 2"]);
    check(&engine, "MATCH (a)-[r]-(b)-[s]-(a) RETURN count(*)", &["4"]);
    check(&engine, "MATCH (a:A)-[r:T|U|Nothing]->(b)-[s:U]->(c) RETURN type(r), type(s), c.n", &["'T' 'U' 4"]);
    check(&engine, "MATCH (a)-[:T]->()-[:T]->() RETURN count(*)", &["5"]);
    check(&engine, "MATCH (a)-[:T]-()-[:T]-() RETURN count(*)", &["14"]);
    check(&engine, "MATCH (a)-[r]->(b) RETURN type(r), count(*) ", &["'T' 4", "'U' 2"]);
    check(&engine, "MATCH (n) WHERE (n)-->(:D) RETURN n.n", &["2", "4"]);
    check(
        &engine,
        "MATCH (n) OPTIONAL MATCH (n)-[:U]->(m) RETURN n.n, m.n",
        &["1 null", "2 4", "3 null", "4 4", "5 null"],
    );
    check(&engine, "MATCH (n) RETURN n.n, COUNT { (n)--() } AS c", &["1 3", "2 3", "3 3", "4 2", "5 0"]);
    check(&engine, "MATCH (n) RETURN n.n, size([(n)-[:T]->(m) | m.n]) AS l ORDER BY n.n LIMIT 2", &["1 2", "2 1"]);
}

#[test]
fn walks() {
    let engine = graph(SMALL);
    check(
        &engine,
        "MATCH (a:A)-[r:T*]->(x) RETURN size(r), x.n",
        &["1 2", "1 3", "2 1", "2 3", "3 1", "3 2", "4 3", "4 3"],
    );
    check(&engine, "MATCH (a:A)-[:T*0..1]->(x) RETURN x.n", &["1", "2", "3"]);
    check(&engine, "MATCH (a:A)-[:T*2..2 {w: 2}]->(x) RETURN x.n", &[]);
    check(&engine, "MATCH (b:B)-[:T*1..3]->(a:A)-[:T]->(x) RETURN x.n", &["2", "3"]);
    check(&engine, "MATCH (a:A)-[:T*]->(x) RETURN count(DISTINCT x.n)", &["3"]);
    check(&engine, "MATCH (a:A)-[:U|T*0..]->(x) RETURN DISTINCT x.n", &["1", "2", "3", "4"]);
    check(&engine, "MATCH p = (a:A)-[:T*2]->(x) RETURN p", &["path of 2", "path of 2"]);
    check(&engine, "MATCH (a:A)-[r:T*1..2]->(c:C) RETURN [x IN r | x.w]", &["[1, 2]", "[4]"]);
    check(&engine, "MATCH (c:C)<-[r:T*1..2]-(a:A) RETURN [x IN r | x.w]", &["[2, 1]", "[4]"]);
}

#[test]
fn shortest_walks() {
    let engine = graph(SMALL);
    let one =
        "MATCH (b:B), (x:A) MATCH p = shortestPath((b)-[:T*]->(x)) RETURN length(p), [r IN relationships(p) | r.w]";
    check(&engine, one, &["2 [2, 3]"]);
    check(&engine, "MATCH (a:A), (e:E) MATCH p = shortestPath((a)-[*]->(e)) RETURN p", &[]);
    check(&engine, "MATCH (a:A), (c:C) MATCH p = allShortestPaths((a)-[*]-(c)) RETURN length(p)", &["1", "1"]);
    check(&engine, "MATCH (a:A), (c:C) MATCH p = shortestPath((a)-[*..1]->(c)) RETURN length(p)", &["1"]);
    check(&engine, "MATCH (d:D), (a:A) MATCH p = shortestPath((d)<-[*]-(a)) RETURN length(p)", &["2"]);
    check(&engine, "MATCH p = SHORTEST 2 (a:A)-[:T]->+(c:C) RETURN length(p)", &["1", "2"]);
    check(&engine, "MATCH p = ALL SHORTEST (a:A)-[:T]-+(b:B) RETURN length(p)", &["1"]);
    check(&engine, "MATCH p = ANY (a:A)-[:T]->*(c:C) RETURN count(p)", &["1"]);
}

#[test]
fn groups() {
    let engine = graph(SMALL);
    check(
        &engine,
        "MATCH (a:A) ((x)-[r:T]->(y)){2} (z) RETURN [v IN x | v.n], [v IN y | v.n], z.n",
        &["[1, 2] [2, 3] 3", "[1, 3] [3, 1] 1"],
    );
    check(
        &engine,
        "MATCH p = (a:A) ((x)-[r:T]->(y) WHERE r.w < 3){0,3} (z) RETURN length(p), z.n",
        &["0 1", "1 2", "2 3"],
    );
}

#[test]
fn an_exponential_ladder_is_linear() {
    let engine = Engine::in_memory();
    engine.run("UNWIND range(0, 24) AS i CREATE (:S {i: i}), (:L {i: i}), (:R {i: i})").unwrap();
    engine
        .run(
            "MATCH (s:S), (l:L {i: s.i}), (r:R {i: s.i}), (t:S {i: s.i + 1})
             CREATE (s)-[:T]->(l), (s)-[:T]->(r), (l)-[:T]->(t), (r)-[:T]->(t)",
        )
        .unwrap();
    let limits = Limits { time: Some(Duration::from_secs(5)), ..Limits::default() };
    for query in [
        "MATCH (s:S {i: 0})-[:T*1..60]->(x) RETURN count(DISTINCT x.i)",
        "MATCH (s:S {i: 0}), (t:S {i: 24}) MATCH p = shortestPath((s)-[:T*]->(t)) RETURN length(p)",
        "MATCH (s:S {i: 0}) WHERE EXISTS { (s)-[:T*]->(:S {i: 24}) } RETURN s.i",
    ] {
        let rows = engine.query(query).limits(limits.clone()).rows();
        assert!(rows.is_ok(), "{query}: {rows:?}");
    }
}

/// Integers that are small find their group by themselves, others by hash; in batches of integers, and of everything.
#[test]
fn numbers_are_grouped_and_told_apart_as_a_plain_list_would() {
    let mut seed = 7_u64;
    let mut chance = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % below
    };
    let edges = [0, 1, -1, 65_535, 65_536, 1_048_575, 1_048_576, i64::MAX, i64::MIN];
    let mut integer = move || edges[chance(9) as usize].saturating_add(chance(3) as i64);
    let mut values: Vec<Value> = (0..5000).map(|_| Value::Int(integer())).collect();
    for at in 0..3000 {
        values.push(match at % 5 {
            0 => Value::Float([0.0, 1.0, 65_535.0, 1_048_576.0, 0.5, f64::NAN][at / 5 % 6]),
            1 => Value::Null,
            2 => Value::from(["0", "1", "65536"][at / 5 % 3]),
            _ => Value::Int(integer()),
        });
    }
    // numbers that are equal are one group, whatever their type
    let name = |value: &Value| match value {
        Value::Float(x) if x.fract() == 0.0 => format!("number {}", *x as i64),
        Value::Int(n) => format!("number {n}"),
        other => format!("{other:?}"),
    };
    let mut counts = std::collections::BTreeMap::<String, i64>::new();
    let mut by_third = std::collections::BTreeSet::<(usize, String)>::new();
    for (at, value) in values.iter().enumerate() {
        *counts.entry(name(value)).or_default() += 1;
        by_third.extend((!value.is_null()).then(|| (at % 3, name(value))));
    }
    let engine = Engine::in_memory();
    let values = Value::list(values).unwrap();
    let ask = |query: &str| engine.query(query).param("values", values.clone()).rows().unwrap();
    let rows = ask("UNWIND $values AS v RETURN v, count(*)");
    let got: Vec<(String, &Value)> = rows.iter().map(|row| (name(&row.values()[0]), &row.values()[1])).collect();
    assert_eq!(got.len(), counts.len());
    got.iter().for_each(|(name, count)| assert_eq!(**count, Value::Int(counts[name]), "{name}"));
    let distinct = ask("UNWIND $values AS v WITH DISTINCT v RETURN count(*), count(v)");
    let all = counts.len() as i64;
    assert_eq!(distinct.iter().next().unwrap().values(), [Value::Int(all), Value::Int(all - 1)]);
    let distinct = ask("UNWIND $values AS v RETURN count(DISTINCT v)");
    assert_eq!(distinct.iter().next().unwrap().values(), [Value::Int(all - 1)]);
    let query = "UNWIND range(0, size($values) - 1) AS i WITH i % 3 AS k, $values[i] AS v \
                 RETURN k, count(DISTINCT v) AS n ORDER BY k";
    for (third, row) in ask(query).iter().enumerate() {
        let wanted = by_third.iter().filter(|(k, _)| *k == third).count();
        assert_eq!(row.values(), [Value::Int(third as i64), Value::Int(wanted as i64)]);
    }
}

#[test]
fn aggregates_and_orders() {
    let engine = graph("UNWIND range(1, 3000) AS n CREATE (:N {n: n, k: n % 7, t: 'x' + toString(n % 5), f: n / 2.0})");
    check(
        &engine,
        "MATCH (a:N) RETURN count(*), sum(a.n), min(a.n), max(a.t), avg(a.k) > 2",
        &["3000 4501500 1 'x4' true"],
    );
    check(&engine, "MATCH (a:N) WHERE a.k = 3 AND a.t STARTS WITH 'x1' RETURN count(a)", &["85"]);
    check(
        &engine,
        "MATCH (a:N) WHERE toUpper(a.t) = 'X2' AND 10 < a.n <= 30 RETURN collect(a.n)",
        &["[12, 17, 22, 27]"],
    );
    check(
        &engine,
        "MATCH (a:N) RETURN a.t AS t, count(DISTINCT a.k) AS c ORDER BY t",
        &["'x0' 7", "'x1' 7", "'x2' 7", "'x3' 7", "'x4' 7"],
    );
    check(&engine, "MATCH (a:N) RETURN a.n AS n ORDER BY a.k DESC, n SKIP 1 LIMIT 3", &["13", "20", "27"]);
    check(&engine, "MATCH (a:N) WITH a ORDER BY a.t, a.n DESC LIMIT 2 RETURN a.n", &["3000", "2995"]);
    check(&engine, "MATCH (a:N) WITH DISTINCT a.t AS t RETURN count(t)", &["5"]);
    check(&engine, "MATCH (a:N) WHERE false RETURN count(a), sum(a.n), collect(a.n), max(a.n)", &["0 0 [] null"]);
    check(&engine, "MATCH (a:N) WHERE false RETURN a.k, count(*)", &[]);
    check(&engine, "UNWIND [1, 1.0, null, 2, null, 'a'] AS x RETURN DISTINCT x", &["1", "null", "2", "'a'"]);
    check(&engine, "UNWIND [3, null, 1, 'a', true] AS x WITH x ORDER BY x RETURN collect(x)", &["['a', true, 1, 3]"]);
    check(
        &engine,
        "MATCH (a:N), (b:N) WHERE a.n = b.k AND b.n < 10 RETURN a.n, b.n",
        &["1 1", "1 8", "2 2", "2 9", "3 3", "4 4", "5 5", "6 6"],
    );
    check(
        &engine,
        "UNWIND [1, 2] AS x CALL { WITH x MATCH (a:N) WHERE a.k = x RETURN count(a) AS c } RETURN x, c",
        &["1 429", "2 429"],
    );
    check(&engine, "RETURN 1 AS x UNION ALL RETURN 1 AS x UNION ALL RETURN 2 AS x", &["1", "1", "2"]);
    check(&engine, "RETURN 1 AS x UNION RETURN 1 AS x UNION RETURN 2 AS x", &["1", "2"]);
}

#[test]
fn writes() {
    let engine = Engine::in_memory();
    let merged = engine.run("UNWIND [1, 2, 1, 3, 2] AS n MERGE (a:N {n: n}) ON CREATE SET a.c = 1 ON MATCH SET a.c = a.c + 1 RETURN a.c").unwrap();
    assert_eq!(table(&merged), ["2", "2", "2", "1", "2"]);
    assert_eq!(merged.changes().nodes_created, 3);
    check(&engine, "MATCH (a:N) RETURN a.n, a.c", &["1 2", "2 2", "3 1"]);
    engine.run("MATCH (a:N), (b:N) WHERE a.n < b.n CREATE (a)-[:LESS]->(b)").unwrap();
    check(&engine, "MATCH ()-[r:LESS]->() RETURN count(r)", &["3"]);
    let error = engine.run("MATCH (a:N {n: 1}) DELETE a").expect_err("connected");
    assert_eq!(error.code(), Code::DeleteConnectedNode);
    check(&engine, "MATCH (a:N) RETURN count(*)", &["3"]);
    let error = engine.run("MATCH (a:N) DETACH DELETE a RETURN a.n").expect_err("deleted");
    assert_eq!(error.code(), Code::DeletedEntityAccess);
    check(&engine, "MATCH (a:N)-[r]->() RETURN count(*)", &["3"]);
    engine.run("MATCH (a:N) FOREACH (x IN range(1, a.n) | MERGE (m:M {x: x}) CREATE (a)-[:HAS]->(m))").unwrap();
    check(&engine, "MATCH (m:M)<-[:HAS]-(a) RETURN m.x, count(a)", &["1 3", "2 2", "3 1"]);
    engine.run("MATCH (a:N {n: 1}) SET a += {n: 10, z: null}, a:Ten REMOVE a.c").unwrap();
    check(&engine, "MATCH (a:Ten) RETURN a.n, a.c, labels(a)", &["10 null ['N', 'Ten']"]);
    let error = engine.run("MERGE (a:N {n: null})").expect_err("null");
    assert_eq!((error.class(), error.code()), (Class::SemanticError, Code::MergeReadOwnWrites));
    let gone = engine.run("MATCH (a:N) DETACH DELETE a").unwrap();
    assert_eq!((gone.changes().nodes_deleted, gone.changes().relationships_deleted), (3, 9));
}

#[test]
fn who_forbids_to_detach_is_not_told_to_detach() {
    let engine = Engine::in_memory();
    engine.run("CREATE (:A)-[:R]->(:B)").unwrap();
    for (delete, advised) in [("DELETE a", true), ("NODETACH DELETE a", false)] {
        let error = engine.run(&format!("MATCH (a:A) {delete}")).unwrap_err();
        assert_eq!(error.code(), Code::DeleteConnectedNode);
        assert_eq!(error.hint_text().unwrap().contains("DETACH DELETE"), advised, "{delete}");
    }
}

/// The locators behind each row of a query on the built-in dataset.
fn cited(engine: &Engine, query: &str) -> Vec<Vec<String>> {
    let rows = engine.run(query).unwrap_or_else(|e| panic!("{query}: {e}"));
    assert!(rows.cited(), "{query}");
    rows.iter().map(|row| row.citations().iter().map(|c| c.locator.to_string()).collect()).collect()
}

#[test]
fn citations_survive_whatever_is_done_with_rows() {
    let engine = Engine::builtin().unwrap();
    let plain = cited(&engine, "CITE MATCH (a)-[r:`transformed-into`]->(b) RETURN a, b");
    assert!(!plain.is_empty() && plain.iter().all(|c| !c.is_empty()));
    let mut every: Vec<String> = plain.concat();
    every.sort();
    every.dedup();
    for query in [
        "CITE MATCH (a)-[:`transformed-into`]->(b) RETURN count(*)",
        "CITE MATCH (a)-[:`transformed-into`]->(b) WITH DISTINCT 1 AS x RETURN x",
        "CITE MATCH (a)-[:`transformed-into`]->(b) RETURN 1 AS x UNION MATCH (a)-[:`transformed-into`]->(b) RETURN 1 AS x",
        "CITE MATCH (a)-[:`transformed-into`]->(b) WITH collect(b) AS l RETURN size(l)",
        "CITE CALL { MATCH (a)-[:`transformed-into`]->(b) RETURN count(b) AS n } RETURN n",
    ] {
        let rows = cited(&engine, query);
        assert_eq!(rows.len(), 1, "{query}");
        let mut got = rows[0].clone();
        got.sort();
        assert_eq!(got, every, "{query}");
    }
    let optional =
        cited(&engine, "CITE MATCH (a)-[:`transformed-into`]->(b) OPTIONAL MATCH (b)-[:nothing]->(c) RETURN a, c");
    assert_eq!(optional.concat().len(), plain.concat().len());
    assert!(!engine.run("MATCH (a)-[:`transformed-into`]->(b) RETURN a").unwrap().cited());
}

#[test]
fn citations_reach_the_row_from_subqueries_in_its_expressions() {
    let engine = Engine::builtin().unwrap();
    for query in [
        "CITE MATCH (s {id: 'paris-principles'}) WHERE EXISTS { (s)<-[:complies-with]-() } RETURN s.name",
        "CITE MATCH (s {id: 'paris-principles'}) RETURN COUNT { (s)<-[:complies-with]-() } AS n",
        "CITE MATCH (s {id: 'paris-principles'}) RETURN [(s)<-[:complies-with]-(x) | x.name] AS n",
        "CITE MATCH (s {id: 'paris-principles'})<-[:complies-with]-() RETURN count(*)",
    ] {
        assert_eq!(cited(&engine, query).concat(), ["004:11.1"; 1], "{query}");
    }
}

/// What is kept of a text with literals (its plan is that of the text without them) never outlives the graph it is for.
#[test]
fn a_text_said_again_sees_what_has_changed() {
    let engine = graph("UNWIND range(1, 30) AS i CREATE (:P {x: i % 3, name: 'n' + i})");
    let count = "MATCH (p:P {x: 1}) RETURN count(*)";
    for _ in 0..3 {
        check(&engine, count, &["10"]);
    }
    engine.run("CREATE (:P {x: 1, y: 4})").unwrap();
    check(&engine, count, &["11"]);
    engine.run("CREATE INDEX FOR (p:P) ON (p.x)").unwrap();
    check(&engine, count, &["11"]);
    // a parameter of the caller keeps its own name and value, and the same literal in another place is another text
    let query = "MATCH (p:P {x: 1}) WHERE p.y >= $least RETURN p.y";
    for (least, wanted) in [(4, vec!["4"]), (5, vec![]), (4, vec!["4"])] {
        assert_eq!(table(&engine.query(query).param("least", least).rows().unwrap()), wanted);
    }
    check(&engine, "MATCH (p:P {x: 2, name: 'n5'}) RETURN p.x", &["2"]);
    check(&engine, "MATCH (p:P {x: 1, name: 'n4'}) RETURN p.x", &["1"]);
}

#[test]
fn the_first_rows_in_order_are_the_same_whatever_the_index_gives_at_a_time() {
    let engine = graph("UNWIND range(1, 400) AS i CREATE (:P {x: i % 7, name: 'n' + i % 90, y: i})");
    engine.run("CREATE INDEX FOR (p:P) ON (p.name)").unwrap();
    engine.run("CREATE INDEX FOR (p:P) ON (p.x)").unwrap();
    for order in
        ["p.name, p.y", "p.name DESC, p.y", "p.x, p.y DESC", "p.x DESC, p.y", "p.y DESC", "p.name, p.x DESC, p.y"]
    {
        for filter in ["p.name STARTS WITH 'n1'", "p.x >= 2", "p.x < 6 AND p.y > 20", "p.name > 'n5'", "true"] {
            for limit in ["LIMIT 1", "LIMIT 20", "SKIP 30 LIMIT 40", "SKIP 3 LIMIT 0", "LIMIT 1000"] {
                let query = format!("MATCH (p:P) WHERE {filter} RETURN p.name, p.x, p.y ORDER BY {order} {limit}");
                let rows = table(&engine.run(&query).unwrap());
                let plain = table(&engine.query(&query).unoptimized().rows().unwrap());
                assert_eq!(rows, plain, "{query}");
            }
        }
    }
}
