//! What the optimizer shares between rows, leaves untested or counts instead of making rows of it gives the rows of the
//! plain plan: on graphs made by chance, with loops, parallel relationships, nulls and values of every kind as keys.

use shejire::Engine;

/// Numbers that are the same at every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// `nodes` nodes of two labels and `rels` relationships of three types; with loops or without.
fn graph(seed: u64, nodes: u64, rels: u64, loops: bool) -> Engine {
    let mut chance = Chance(seed);
    let engine = Engine::in_memory();
    engine.run("CREATE INDEX FOR (n:A) ON (n.id)").unwrap();
    let kinds =
        ["i % 5", "toFloat(i % 3)", "null", "date('2020-01-0' + (1 + i % 4))", "'t' + (i % 4)", "[i % 3]", "0.0/0.0"];
    for at in 0..nodes {
        let label = ["A", "B", "A:B"][chance.below(3) as usize];
        let key = kinds[chance.below(kinds.len() as u64) as usize];
        engine.run(&format!("WITH {at} AS i CREATE (:{label} {{id: i, k: {key}}})")).unwrap();
    }
    for _ in 0..rels {
        let (from, mut to) = (chance.below(nodes), chance.below(nodes));
        if from == to && !loops {
            to = (to + 1) % nodes;
        }
        let ty = ["R", "S", "T"][chance.below(3) as usize];
        engine
            .run(&format!(
                "MATCH (a), (b) WHERE a.id = {from} AND b.id = {to} CREATE (a)-[:{ty} {{w: {}}}]->(b)",
                chance.below(4)
            ))
            .unwrap();
    }
    engine
}

fn rows(engine: &Engine, query: &str, optimized: bool) -> Vec<String> {
    let statement = engine.query(query);
    let rows = if optimized { statement.rows() } else { statement.unoptimized().rows() };
    let rows = rows.unwrap_or_else(|e| panic!("{query}: {e}"));
    let mut rows: Vec<String> = rows.iter().map(|row| format!("{:?}", row.values())).collect();
    rows.sort();
    rows
}

/// Every query gives the same rows either way; how many of their plans have an operator of that name.
fn same(engine: &Engine, queries: &[&str], operator: &str) -> usize {
    let mut used = 0;
    for query in queries {
        let (quick, plain) = (rows(engine, query, true), rows(engine, query, false));
        let other = quick.iter().zip(&plain).find(|(a, b)| a != b);
        assert!(
            other.is_none() && quick.len() == plain.len(),
            "{query}: {} and {} rows, {other:?}",
            quick.len(),
            plain.len()
        );
        let plan = engine.run(&format!("EXPLAIN {query}")).unwrap().plan().unwrap().to_string();
        used += usize::from(plan.contains(operator));
    }
    used
}

#[test]
fn rows_that_agree_share_what_is_found() {
    let queries = [
        "MATCH (a)-[:R]-(b) OPTIONAL MATCH (a)-[:S]->(m)-[:T]-(n)-[:S]->(b) RETURN a.id, b.id, m.id, n.id",
        "MATCH (a)-[:R]->(b) OPTIONAL MATCH (a)-[x:S]-(m)<-[y:S]-(b) RETURN a.id, b.id, m.id, x.w, y.w",
        "MATCH (a)-[:R]-(b) OPTIONAL MATCH (a)-[:S]-(m) WHERE m.k = b.k RETURN a.id, b.id, m.id",
        "MATCH (a)-[:R]-(b)-[:S]-(c) OPTIONAL MATCH (a)-[:T]-(m)-[:T]-(c) OPTIONAL MATCH (a)-[:S]-(n)-[:R]-(b) RETURN a.id, c.id, m.id, count(n)",
        "MATCH (a)-[:R]-(b) WITH a.k AS k, a, b OPTIONAL MATCH (x:A)-[:S]-(m) WHERE x.k = k AND m.id > b.id RETURN b.id, count(k), count(m), sum(x.id)",
        "MATCH (a) OPTIONAL MATCH (a)-[:R]->(b) WITH a, b OPTIONAL MATCH (b)-[:S]-(m)-[:T]-(a) RETURN a.id, b.id, count(m)",
        "MATCH (a)-[:R]-(b) RETURN a.id, b.id, COUNT { (a)-[:S]-(m)-[:T]-(b) } AS n, reduce(t = 0, x IN [(a)-[:T]-(m)-[:R]-(b) | m.id + 100] | t + x) AS t",
        "MATCH (a)-[:R]-(b) CALL (a, b) { MATCH (a)-[:S*1..2]-(m)-[:T]-(b) RETURN m } RETURN a.id, b.id, count(DISTINCT m)",
        "MATCH (a)-[:R]-(b) OPTIONAL MATCH (a)-[:S]-(m)-[:T]-(n) WHERE n.id % 3 = 1 AND m.id % 4 < 2 AND n.k = b.k RETURN a.id, b.id, m.id, n.id",
        "MATCH (a)-[:R]-(b) WITH a.k AS k, b OPTIONAL MATCH (b)-[x:S]-(m) WHERE m.k = k AND x.w = 1 AND m.id > 2 RETURN count(k), b.id, m.id, x.w",
        "MATCH (a)-[:R]-(b) WITH a.k AS k, b ORDER BY b.id OPTIONAL MATCH (b)-[x:S]-(m)-[:T]->(n) WHERE x.w = 1 AND n.id % 3 = 0 AND m.k = k RETURN count(k), b.id, m.id, n.id",
        "MATCH (a)-[:R]-(b) OPTIONAL MATCH (a)-[:S]-(m:B)-[:S]-(b) WHERE a.id < 4 OR m.id > 3 RETURN a.id, b.id, m.id LIMIT 100000",
    ];
    let mut used = 0;
    for (seed, nodes, rels) in [(1, 12, 90), (2, 30, 400), (3, 7, 160), (4, 60, 900)] {
        for loops in [false, true] {
            used += same(&graph(seed, nodes, rels, loops), &queries, "Memoize");
        }
    }
    assert!(used >= 8, "only {used} plans share anything");
}

/// 1 and 1.0 are equal: rows that held them shared what was found for the first.
#[test]
fn rows_that_hold_what_is_equal_and_not_the_same_share_nothing() {
    let engine = Engine::in_memory();
    for statement in [
        "UNWIND range(1, 300) AS i CREATE (:N {id: i, v: i % 10})",
        "MATCH (a:N), (b:N) WHERE a.id % 3 = b.id % 3 AND b.id > a.id CREATE (a)-[:R]->(b)",
    ] {
        engine.run(statement).unwrap();
    }
    let pairs = [
        ("1", "1.0"),
        ("[1]", "[1.0]"),
        ("{a: 2}", "{a: 2.0}"),
        ("0.0", "-0.0"),
        ("'1'", "1"),
        ("date('2020')", "date('2020')"),
    ];
    let (mut shared, mut joined) = (0, 0);
    for (one, other) in pairs {
        let all = [one, other].repeat(9).join(", ");
        let shown =
            format!("{} + toString(a.id)", if one.starts_with(['[', '{']) { "toJson(x)" } else { "toString(x)" });
        let queries = [
            format!(
                "MATCH (a:N) WHERE a.id < 9 UNWIND [{all}] AS x OPTIONAL MATCH (a)-[:R]->(b)-[:R]->(c) \
                 WHERE {shown} <> '1.03' AND size({shown}) % 2 = 0 AND c.v > 7 RETURN a.id, count(x), count(c)"
            ),
            format!(
                "MATCH (a:N) WHERE a.id < 9 UNWIND [{all}] AS x WITH a, x \
                 WHERE EXISTS {{ (a)-[:R]->(b) WHERE b.v > 8 AND size({shown}) % 2 = 0 }} RETURN a.id, count(x)"
            ),
        ];
        let queries: Vec<&str> = queries.iter().map(String::as_str).collect();
        shared += same(&engine, &queries[..1], "Memoize");
        joined += same(&engine, &queries[1..], "SemiJoin");
    }
    assert!(shared >= 4 && joined >= 4, "only {shared} plans share rows, {joined} join");
}

#[test]
fn what_nobody_reads_under_distinct_is_only_asked_to_be_there() {
    let queries = [
        "MATCH (a)-[:R]-(b)-[:S]-(c) RETURN DISTINCT a.id",
        "MATCH (a)-[:R]-(b)-[:S]-(c)-[:T]-(d) WHERE d.id > 3 RETURN a.id % 4, count(DISTINCT b)",
        "MATCH (a)-[x:R]-(b)-[y:S]-(c)-[z:R]-(d) WHERE d.id > b.id RETURN b.id, count(DISTINCT a), max(a.id), min(x.w)",
        "MATCH (a)-[:R]-(b)-[:S]-(c) WHERE c.k = a.k RETURN DISTINCT a.id, b.id % 3",
        "MATCH (a:A)-[:R]-(b) WITH collect(DISTINCT b) AS all MATCH (c)-[:S]-(d)-[:T]-(e) WHERE e IN all RETURN d.id, count(DISTINCT c)",
        "MATCH (a)-[:R]-(b) RETURN count(DISTINCT a.k)",
        "MATCH (a)-[x:R]-(b)-[y:R]-(c) RETURN DISTINCT x.w, a.id",
        "MATCH (a) OPTIONAL MATCH (a)-[:R]-(b)-[:S]-(c) RETURN a.id, count(DISTINCT b)",
        "MATCH (a)-[:R]-(b) CALL (b) { MATCH (b)-[:S]-(c)-[:T]-(d) RETURN count(DISTINCT c) AS n } RETURN a.id, b.id, n",
        "MATCH (a)-[:R]-(b)-[:S]-(c) WITH DISTINCT a, b MATCH (b)-[:T]-(d) RETURN a.id, b.id, d.id",
        "MATCH (a)-[:R]->(b), (b)-[:S]-(c), (c)-[:T]-(b) RETURN DISTINCT a.id",
        "MATCH (a)-[:R]-(b)-[:S]-(c) RETURN a.id, count(DISTINCT b), count(c)",
    ];
    let mut used = 0;
    for (seed, nodes, rels) in [(51, 12, 90), (52, 30, 400), (53, 7, 160), (54, 60, 1900)] {
        for loops in [false, true] {
            used += same(&graph(seed, nodes, rels, loops), &queries, "SemiJoin");
        }
    }
    assert!(used >= 8, "only {used} plans join");
}

#[test]
fn steps_that_start_again_from_one_node_are_joined() {
    let queries = [
        "MATCH (t:A {id: $t})-[:R]-(a)-[:S]-(c), (t)-[:R]-(b)-[:T]-(f), (f)-[:S]-(c) RETURN a.id, b.id, c.id, f.id",
        "MATCH (t:A {id: $t})-[x:R]-(a)-[:S]-(c), (t)-[y:R]-(b)-[:R]-(f)-[:T]->(c) WHERE b.id > a.id RETURN a.id, b.id, f.id, x.w, y.w",
        "MATCH (t:A {id: $t})-[:R]-(m)-[:S*0..2]-(p), (t)-[:R]-(n)-[:S*0..1]->(q), (p)-[:T]-(q) WHERE m <> n RETURN m.id, n.id, p.id, q.id",
        "MATCH (t:A {id: $t})<-[:R]-(m)-[:S]->(p), (t)<-[:R]-(n)-[:S]->(q)-[:T]->(p) WHERE NOT (m)-[:T]->(q) RETURN m.id, count(DISTINCT n)",
        "MATCH (t:A {id: $t})<-[:R]-(m)-[:S]->(p), (t)<-[:R]-(n:B)-[:S]->(q:A) WHERE n.k = m.k RETURN m.id, p.id, n.id, q.id",
        "MATCH (t:A {id: $t})--(m)--(p), (t)--(n)--(q), (p)--(q) WHERE m.id < n.id AND p.k = q.k RETURN DISTINCT m.id, n.id",
        "MATCH (t:A {id: $t})-[:R]-(a), (u:A {id: $u})-[:S]-(b), (t)-[:S]-(c)-[:T]-(b) RETURN a.id, b.id, c.id",
        "MATCH (t:A {id: $t})-[:R]-(a)-[:S]-(b) OPTIONAL MATCH (t)-[:T]-(c)-[:R]-(b) RETURN a.id, b.id, c.id",
        "MATCH (t:A {id: $t})-[:R]-(a)-[:S]-(b), (t)-[:T]-(c)-[:T]-(d)-[:R]-(b) RETURN a.id, b.id LIMIT 1000000",
        "MATCH (t:A {id: $t})-[:R]-(a)-[:S]-(c), (t)-[:R]-(b)-[:T]-(f), (f)-[:S]-(c), (f)-[:S]-(a) WHERE f <> t RETURN a.id, b.id, c.id, f.id",
        "MATCH (t:A {id: $t})-[:R]-(a)-[:R]-(c), (t)-[:R]-(b)-[:R]-(f), (f)-[x:R]-(c), (f)-[y:R]-(a) WHERE f.id <> b.id RETURN a.id, b.id, c.id, f.id, x.w, y.w",
        "MATCH (t:A {id: $t})-[:R]-(a)-[:S*0..1]-(c), (t)-[:T]-(b)-[:S*0..2]-(f), (f)-[:T]->(c), (f)<-[:R]-(a) WHERE NOT (f)-[:R]-(c) AND f.k = a.k RETURN a.id, b.id, c.id, f.id",
    ];
    let mut used = 0;
    for (seed, nodes, rels) in [(41, 12, 120), (42, 20, 300), (43, 6, 60), (44, 40, 400)] {
        for loops in [false, true] {
            let queries: Vec<String> =
                queries.iter().map(|query| query.replace("$t", &(seed % 5).to_string()).replace("$u", "2")).collect();
            let queries: Vec<&str> = queries.iter().map(String::as_str).collect();
            used += same(&graph(seed, nodes, rels, loops), &queries, "Memoize");
        }
    }
    assert!(used >= 8, "only {used} plans join anything");
}

#[test]
fn many_groups_in_one_batch_and_rows_over_several_batches() {
    let engine = Engine::in_memory();
    // 3,000 rows of 150 groups, so that a batch has more groups than are worked off at a time
    for statement in [
        "UNWIND range(0, 149) AS i CREATE (:P {id: i})",
        "MATCH (a:P), (b:P) WHERE b.id - a.id IN range(1, 20) CREATE (a)-[:R]->(b)",
        "MATCH (a:P) UNWIND range(1, 6) AS k CREATE (a)<-[:BY]-(:M {id: k + a.id})",
        "MATCH (m:M), (n:M) WHERE n.id = m.id + 2 CREATE (m)-[:TO]->(n)",
    ] {
        engine.run(statement).unwrap();
    }
    let queries = [
        "MATCH (b:P)<-[:R]-(a:P) OPTIONAL MATCH (a)<-[:BY]-(m)-[:TO]->(n)-[:BY]->(b) RETURN a.id, b.id, m.id, n.id",
        "MATCH (b:P)<-[:R]-(a:P) OPTIONAL MATCH (a)<-[:BY]-(m)-[:TO]->(n) WHERE n.id % 5 = 1 AND n.id > b.id RETURN a.id, b.id, m.id, n.id",
        "MATCH (b:P)<-[:R]-(a:P) WITH a, b ORDER BY b.id % 7, a.id OPTIONAL MATCH (a)<-[:BY]-(m)-[:TO]->(n)-[:BY]->(b) RETURN a.id, b.id, m.id, n.id",
    ];
    assert_eq!(same(&engine, &queries, "Memoize"), 3);
}

#[test]
fn what_cannot_be_the_same_relationship_is_not_told_apart() {
    let queries = [
        "MATCH (a)-[:R]-(b)-[:R]-(c)-[:R]-(a) RETURN a.id, b.id, c.id",
        "MATCH (a)-[:R]->(b)-[:R]->(c)-[:R]->(a) RETURN a.id, b.id, c.id",
        "MATCH (a)-[:R]-(b)-[:R]-(c) WHERE a <> c RETURN a.id, b.id, c.id",
        "MATCH (a)-[:R]-(b)-[:R]-(c) WHERE NOT a = c AND a <> b RETURN count(*)",
        "MATCH (a)-[x:R]-(b), (c)-[:R]-(d), (a)-[:S]-(c), (b)-[:T]-(d) RETURN a.id, b.id, c.id, d.id, x.w",
        "MATCH (a)<-[:R]-(b), (c)-[:R]->(d), (b)-[:S]-(c) RETURN a.id, b.id, c.id, d.id",
        "MATCH (a)-[:R]->(m)<-[:S]-(b)-[:R]->(n) WHERE m <> n RETURN count(*)",
        "MATCH (a)-[:R|S]-(b)-[:S|T]-(c)-[:R]-(a) RETURN count(*)",
        "MATCH (a)-[:R]-(b)-[:R]-(c)-[:R]-(d)-[:R]-(a) WHERE a <> c RETURN count(*)",
        "MATCH (a)-[:R]-(b)-[:R]-(c) WHERE a <> c AND NOT (a)-[:R]-(c) RETURN count(*)",
        "MATCH (a)-[:R]-(b) OPTIONAL MATCH (b)-[:R]-(c)-[:S]-(a) WHERE c <> b RETURN a.id, b.id, c.id",
    ];
    for (seed, nodes, rels) in [(11, 6, 40), (12, 15, 120), (13, 4, 30)] {
        for loops in [false, true] {
            same(&graph(seed, nodes, rels, loops), &queries, "Expand");
        }
    }
    // what was left out when there was no loop is asked again when there is one
    let engine = graph(14, 10, 80, false);
    let query = queries[0];
    assert_eq!(rows(&engine, query, true), rows(&engine, query, false));
    engine.run("MATCH (a {id: 1}) CREATE (a)-[:R]->(a)").unwrap();
    assert_eq!(rows(&engine, query, true), rows(&engine, query, false));
}

#[test]
fn parts_that_need_not_match_are_counted() {
    let queries = [
        "MATCH (a)-[:R]->(b) OPTIONAL MATCH (b)-[:S]->(c) OPTIONAL MATCH (b)<-[:T]-(d) RETURN count(*)",
        "MATCH (a) OPTIONAL MATCH (a)-[:R]-(b) OPTIONAL MATCH (a)-[:NOT_THERE]->(c) RETURN a.k, count(*)",
        "MATCH (a) OPTIONAL MATCH (a)-[:R]->(b) WITH a, b OPTIONAL MATCH (b)-[:S]->(c) RETURN count(*), count(a), count(DISTINCT b)",
        "MATCH (a) OPTIONAL MATCH (a)-[:R|S]->(b:A) OPTIONAL MATCH (a)<-[:R]-(c)-[:S]->(d) RETURN a.id, count(*)",
        "MATCH (a) OPTIONAL MATCH (a)-[:R]->(b) OPTIONAL MATCH (a)-[:S]->(c) RETURN max(a.id), min(a.k), count(*)",
        "OPTIONAL MATCH (x:NotThere) OPTIONAL MATCH (x)-[:R]->(y) RETURN count(*), count(x)",
    ];
    let mut used = 0;
    for (seed, nodes, rels) in [(21, 9, 60), (22, 40, 160)] {
        for loops in [false, true] {
            used += same(&graph(seed, nodes, rels, loops), &queries, "or 1");
        }
    }
    assert!(used >= 8, "only {used} plans count them");
}

#[test]
fn pairs_of_values_of_a_row_are_sought() {
    let queries = [
        "MATCH (x)-[r:R]->(y) MATCH (a:A)-[:S]-(m)-[:T]-(b:A) WHERE (a.id = startNode(r).id AND b.id = endNode(r).id) OR (a.id = endNode(r).id AND b.id = startNode(r).id) RETURN x.id, y.id, a.id, b.id, m.id",
        "MATCH (x)-[r:R]->(y) RETURN x.id, y.id, size([(a:A)-[:S]-(b:A) WHERE (a.id = x.id AND b.id = y.id) OR (a.id = y.id AND b.id = x.id) | a.id + 100]) AS l",
        "MATCH (x)-[r:R]->(y) MATCH (a:A) WHERE a.id = x.id OR a.id = y.k OR a.id = r.w RETURN x.id, y.id, a.id",
        "OPTIONAL MATCH (x:NotThere) MATCH (a:A) WHERE a.id = x.id OR a.id = 3 RETURN a.id",
    ];
    let mut used = 0;
    for seed in [31, 32, 33] {
        used += same(&graph(seed, 25, 200, seed == 33), &queries, "SeekIndex");
    }
    assert!(used >= 6, "only {used} plans seek");
}
