//! Said twice and compared: the optimized plan and the plain one give the same rows.

use std::fmt::Write as _;

use shejire::Engine;

/// Queries that meet every rewrite, on the built-in dataset and on a small random graph.
const QUERIES: &[&str] = &[
    "MATCH (n) RETURN count(*) AS n",
    "MATCH (n:institution) RETURN count(n) AS n",
    "MATCH ()-[r]->() RETURN count(r) AS n",
    "MATCH ()-[r:established]->() RETURN count(*) AS n",
    "MATCH (a)-[r]->(b) RETURN type(r) AS t, count(*) AS n ORDER BY t",
    "MATCH (a)-[]->(b)-[]->(c) RETURN count(*) AS n",
    "MATCH (a)-[:established]->(b)<-[:established]-(c) RETURN count(*) AS n",
    "MATCH (a)-[]->(b)<-[]-(c) RETURN count(*) AS n",
    "MATCH (a)-[r]->(b)-[]->(c) RETURN type(r) AS t, count(c) AS n ORDER BY t",
    "MATCH (a)--(b) RETURN count(*) AS n",
    "MATCH (a)-->(b)-->(c)-->(a) RETURN count(*) AS n",
    "MATCH (a)-->(b), (b)-->(c) WHERE a.name < c.name RETURN count(*) AS n",
    "MATCH (a) WITH a MATCH (a)-->(b) RETURN a.name AS a, count(b) AS n ORDER BY n DESC, a LIMIT 10",
    "MATCH (a)-->(b) WITH b, count(a) AS n WHERE n > 3 MATCH (b)-->(c) RETURN b.name AS b, n, c.name AS c ORDER BY b, c, n",
    "MATCH (a:institution) OPTIONAL MATCH (a)-[r]->(b:law) RETURN a.name AS a, count(b) AS n ORDER BY a",
    "MATCH (a:institution), (b:office) WHERE a.name STARTS WITH 'M' AND b.name STARTS WITH 'C' RETURN a.name AS a, b.name AS b ORDER BY a, b",
    "MATCH (a:institution), (b) WHERE b.name = a.name RETURN count(*) AS n",
    "MATCH (a)-[*1..2]->(b) RETURN count(DISTINCT b) AS n",
    "MATCH (a:institution)-[*0..2]->(b) RETURN DISTINCT b.name AS b ORDER BY b LIMIT 20",
    "MATCH (a:state)-[*1..2]-(b:institution) RETURN count(DISTINCT b.name) AS n",
    "MATCH p = (a:state)-[*1..2]->(b:office) RETURN length(p) AS l, count(*) AS n ORDER BY l",
    "MATCH (a:institution), (b:law), p = shortestPath((a)-[*..4]-(b)) RETURN length(p) AS l, count(*) AS n ORDER BY l",
    "MATCH (a) WHERE (a)-[:established]->() RETURN a.name AS a ORDER BY a",
    "MATCH (a:institution) WHERE NOT EXISTS { MATCH (a)<-[:established]-() } RETURN count(a) AS n",
    "MATCH (a:institution) RETURN a.name AS a, COUNT { (a)--() } AS n ORDER BY n DESC, a LIMIT 5",
    "MATCH (a)-[r]->(b) WHERE support(r) >= 3 RETURN a.name AS a, type(r) AS t, b.name AS b ORDER BY a, t, b",
    "MATCH (a)-[r]->(b) ACCORDING TO '003' RETURN count(r) AS n",
    "MATCH (a)-[r]->(b) AS OF '2020' RETURN count(r) AS n",
    "MATCH (a)-->(b) RETURN DISTINCT labels(b) AS l ORDER BY l",
    "MATCH (a) RETURN a.name AS n ORDER BY n DESC SKIP 5 LIMIT 7",
    "MATCH (a)-->(b) RETURN min(a.name) AS x, max(b.name) AS y, count(DISTINCT a) AS n",
    "UNWIND ['National Kurultai', 'Constitutional Court'] AS name MATCH (a {name: name})--(b) RETURN name, count(b) AS n ORDER BY name",
    "MATCH (a)-[r1]->(b), (a)-[r2]->(b) RETURN count(*) AS n",
    "MATCH (a)-[r]->(b) MATCH (c)-[r]->(d) RETURN count(*) AS n",
    "TRACE 'National Kurultai' YIELD step, kind RETURN step, kind ORDER BY step, kind",
    "MATCH (n:nothing) RETURN n.name AS n",
    "MATCH (n)-[:none]->(m) RETURN count(*) AS n",
];

#[test]
fn the_optimized_plan_answers_as_the_plain_one() {
    let builtin = Engine::builtin().unwrap();
    let random = random_graph(7, 60, 240);
    let mut wrong = String::new();
    for query in QUERIES {
        for (name, engine) in [("built-in", &builtin), ("random", &random)] {
            let [optimized, plain] = [answer(engine, query, true), answer(engine, query, false)];
            if optimized != plain {
                let _ = writeln!(wrong, "{name}: {query}\n  optimized {optimized}\n  plain     {plain}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The rows as text; sorted, because not every query orders them.
fn answer(engine: &Engine, query: &str, optimized: bool) -> String {
    let statement = engine.query(query);
    let rows = if optimized { statement.rows() } else { statement.unoptimized().rows() };
    match rows {
        Ok(rows) => {
            let mut lines: Vec<String> = rows.iter().map(|row| format!("{:?}", row.values())).collect();
            lines.sort_unstable();
            lines.join("\n")
        }
        Err(error) => error.to_string(),
    }
}

/// Loops, parallel relationships and several labels among them.
fn random_graph(seed: u64, nodes: u64, rels: u64) -> Engine {
    let engine = Engine::in_memory();
    let mut state = seed;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let labels = ["institution", "law", "office", "state"];
    let types = ["established", "amended", "transformed-into"];
    for i in 0..nodes {
        let label = labels[next(4) as usize];
        engine.run(&format!("CREATE (:{label} {{id: {i}, name: 'M{}'}})", next(20))).unwrap();
    }
    for _ in 0..rels {
        let (a, b, ty) = (next(nodes), next(nodes), types[next(3) as usize]);
        engine.run(&format!("MATCH (a {{id: {a}}}), (b {{id: {b}}}) CREATE (a)-[:{ty}]->(b)")).unwrap();
    }
    engine
}
