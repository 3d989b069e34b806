//! Said twice and compared: the optimized plan and the plain one give the same rows, for queries that meet every
//! rewrite and for some hundreds that are made up. (`tck_without_the_optimizer` does it for the TCK.)

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use shejire::Engine;
use shejire::engine::Limits;

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

#[test]
fn made_up_queries_are_answered_alike() {
    let mut wrong = String::new();
    for seed in 1..=6 {
        let engine = random_graph(seed, 12, 26);
        let mut next = numbers(seed * 7919);
        for _ in 0..60 {
            let query = made_up(&mut next);
            let [optimized, plain] = [answer(&engine, &query, true), answer(&engine, &query, false)];
            if optimized != plain {
                let _ = writeln!(wrong, "graph {seed}: {query}\n  optimized {optimized}\n  plain     {plain}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// One or two MATCHes of up to two paths, with conditions, an OPTIONAL MATCH now and then, and some way to end.
fn made_up(next: &mut impl FnMut(u64) -> u64) -> String {
    let mut query = String::new();
    for clause in 0..1 + next(2) {
        let optional = if clause > 0 && next(2) == 0 { "OPTIONAL " } else { "" };
        let paths: Vec<String> = (0..1 + next(2)).map(|_| made_up_path(next)).collect();
        let _ = write!(query, "{optional}MATCH {} ", paths.join(", "));
        if next(2) == 0 {
            let _ = write!(query, "WHERE {} ", made_up_condition(next));
        }
    }
    // every variable is bound somewhere
    let prefix = "MATCH (a), (b {id: 3}) OPTIONAL MATCH (c:law {id: 5}) ";
    let end = [
        "RETURN count(*) AS n",
        "RETURN a.id AS a, b.id AS b, c.id AS c",
        "RETURN DISTINCT a.name AS a, c.id AS c",
        "RETURN a.name AS a, count(DISTINCT b) AS n, min(c.id) AS m",
        "WITH DISTINCT a, b WHERE a.id < 9 MATCH (a)--(x) RETURN a.id AS a, count(x) AS n",
        "RETURN EXISTS { (a)-[:established]->(b) } AS e, COUNT { (b)--(c) } AS n, count(*) AS m",
    ];
    format!("{prefix}{query}{}", end[next(end.len() as u64) as usize])
}

fn made_up_path(next: &mut impl FnMut(u64) -> u64) -> String {
    let mut path = made_up_node(next);
    for _ in 0..next(3) {
        let types = ["", ":established", ":amended|established", ":transformed-into"][next(4) as usize];
        let steps = ["", "", "", "*1..2", "*0..1", "*2"][next(6) as usize];
        let (left, right) = [("-", "->"), ("<-", "-"), ("-", "-")][next(3) as usize];
        let _ = write!(path, "{left}[{types}{steps}]{right}{}", made_up_node(next));
    }
    path
}

fn made_up_node(next: &mut impl FnMut(u64) -> u64) -> String {
    let name = ["a", "b", "c", ""][next(4) as usize];
    let label = ["", "", ":institution", ":law|state", ":!office"][next(5) as usize];
    let map = if next(8) == 0 { format!(" {{id: {}}}", next(12)) } else { String::new() };
    format!("({name}{label}{map})")
}

fn made_up_condition(next: &mut impl FnMut(u64) -> u64) -> String {
    let leaf = |next: &mut dyn FnMut(u64) -> u64| match next(7) {
        0 => "a.id < c.id".to_owned(),
        1 => format!("b.id <> {}", next(12)),
        2 => "a.name = b.name".to_owned(),
        3 => "(a)-[:amended]->()".to_owned(),
        4 => "c.name IS NULL".to_owned(),
        5 => "NOT (b)--(c)".to_owned(),
        _ => format!("a.id IN [{}, {}, null]", next(12), next(12)),
    };
    let (first, second) = (leaf(next), leaf(next));
    match next(4) {
        0 => format!("{first} AND {second}"),
        1 => format!("{first} OR {second}"),
        2 => format!("NOT ({first})"),
        _ => first,
    }
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
    let mut next = numbers(seed);
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

/// Queries that meet the rewrites meant for many rows.
const MANY: &[&str] = &[
    "MATCH (a:P)-[:T]->(b:P)-[:T]->(c:P)-[:T]->(a) RETURN count(*) AS n",
    "MATCH (a:P)-[:T]->(b:P)-[:T]->(c:P)<-[:T]-(a) RETURN count(*) AS n",
    "MATCH (a:P)-[:T]->(b)-[:T]->(c)-[:U]->(a) WHERE c.x > 10 RETURN count(*) AS n, min(a.x) AS least",
    "MATCH (a:P)-[:T]->(b:P)-[:U]->(c)-[:T]->(a) RETURN a.x AS x, count(c) AS n ORDER BY x",
    "MATCH (a:P)-[:T]->(b:P)-[:T]->(c:P) WHERE b.x < 30 AND c.x > 20 RETURN count(*) AS n",
    "MATCH (a:P)-[:T]->(b:P) WHERE b.x IS NULL OR b.y STARTS WITH 'n1' RETURN a.x AS x, count(*) AS n ORDER BY x",
    "MATCH (a:P)-[:U]->(b) WHERE b:Q RETURN a.x AS x, count(*) AS n, max(a.y) AS y ORDER BY x",
    "MATCH (a:P)-[:T]-(b:P) WHERE b.x > 25 RETURN count(*) AS n",
    "MATCH (f:P)-[:T]->(p:P) RETURN p.id AS id, p.y AS y, count(f) AS n ORDER BY n DESC, id LIMIT 5",
    "MATCH (f:P)-[:T]->(p:P) RETURN p.x AS x, count(f.id) AS n ORDER BY n DESC, x LIMIT 5",
    "MATCH (f:P)-[:T]->(p) WITH p, count(*) AS n ORDER BY n DESC, p.id LIMIT 3 MATCH (p)-[:U]->(q) RETURN p.id AS id, n, count(q) AS m ORDER BY id",
    "MATCH (a:P)-[:T]->(b:P) WHERE rand() >= 0 RETURN count(*) AS n",
    // what is only counted, and what is counted beyond it
    "MATCH (a:P)-[:U]->(b)<-[:T]-(c:P) RETURN count(*) AS n",
    "MATCH (d)<-[:U]-(a:P)-[:T]->(b:P) WHERE b.x < 30 AND d.x > 20 RETURN a.x AS x, count(*) AS n ORDER BY x",
    "MATCH (a:P)-[:T]-(b:P)-[:T]-(c:P)-[:U]->(d) WHERE a <> c RETURN count(*) AS n",
    "MATCH (a:P)-[:T]-(b:P)-[:T]-(c:P)-[:U]->(d) WHERE a <> c AND NOT (a)-[:T]-(c) RETURN count(*) AS n",
    "MATCH (a:P)-[:T]->(b:P)-[:T]->(c:P)-[:U]->(d) WHERE c.x > 10 AND d.x < 40 AND c <> a RETURN b.x AS x, count(*) AS n ORDER BY x",
    "MATCH (e)<-[:U]-(a:P)-[:T]->(b:P)-[:U]->(c) MATCH (b)-[:T]-(d:P) RETURN count(*) AS n, min(a.x) AS x, count(DISTINCT a) AS m",
    // two nodes that are there, with many rows and few for each
    "MATCH (a:P)-[:T]->(b:P)-[r:T]->(c:P) MATCH (a)-[s:U]->(c) RETURN count(r.none) AS n, count(s) AS m",
    "MATCH (a:P)-[:T]-(b:P), (b)-[:T]-(c:P), (c)-[:T]-(a) RETURN a.x AS x, count(*) AS n ORDER BY x",
    "MATCH (a:P)-[:T]->(b:P)-[:T]->(c) WHERE NOT (c)-[:U]-(a) RETURN a.x AS x, count(c.x) AS n ORDER BY x",
    "MATCH (a:P)-[:T]-(b:P)-[:T]-(c:P) MATCH (a)-[:U]->(d) WHERE d.x < 9 RETURN a.x AS x, count(DISTINCT b) AS n ORDER BY x",
    "MATCH (a:P), (c:P) WHERE a.id < 60 AND c.id < 60 MATCH (a)-[:T]-(b:P)-[:T]-(c) RETURN a.id AS a, c.id AS c, count(b.x) AS n, count(DISTINCT b) AS m ORDER BY a, c",
    "MATCH (a:P), (c:P) WHERE a.id < 60 AND c.id < 60 MATCH (a)-[:T]->(b:P)<-[:T]-(c) RETURN a.id AS a, c.id AS c, count(*) AS n ORDER BY a, c",
    // groups by what two nodes hold
    "MATCH (a:P)-[:T]->(b:P) RETURN a.x AS x, b.y AS y, count(*) AS n, count(DISTINCT b) AS m ORDER BY x, y",
    "MATCH (a:P)-[r:T]->(b:P) RETURN toUpper(b.y) AS y, b.x > 20 AS more, count(DISTINCT r) AS n, collect(DISTINCT a.x) AS xs ORDER BY y, more",
    // lists that differ from row to row
    "MATCH (a:P)-[:T]->(b:P) WITH a, collect(b) AS bs MATCH (a)-[:T]->(c:P)-[:T]->(d:P) WHERE d IN bs RETURN count(d.x) AS n",
    "MATCH (a:P)-[:T]->(b:P) WITH a, collect(b.x) + [null] AS xs MATCH (a)-[:U]->(c) RETURN count(*) AS n, sum(CASE c.x IN xs WHEN true THEN 1 ELSE 0 END) AS s, count(c.x IN xs) AS m",
    "MATCH (a:P) WITH a, CASE WHEN a.id % 2 = 0 THEN [a.x, 1.0, [2], null] WHEN a.id % 3 = 0 THEN null ELSE [] END AS xs RETURN a.id AS id, a.x IN xs AS one, a.id % 4 IN xs AS two, [2] IN xs AS three ORDER BY id",
    // subqueries as values
    "MATCH (a:P) RETURN a.id AS id, COUNT { (a)-[:T]->(b:P) WHERE b.x > 20 } AS n, EXISTS { (a)-[:U]->({id: 7}) } AS e ORDER BY id LIMIT 50",
    "MATCH (a:P) WHERE a.id < 40 RETURN a.id AS id, [(a)-[:T]->(b) WHERE b.x > 20 | b.x] AS xs, size([(a)<-[:T]-(c) | c.id]) AS n ORDER BY id",
    "MATCH (a:P) WHERE a.x > 10 AND COUNT { (a)-[:T]-(:P)-[:U]->(:Q) } > 60 AND a.y <> 'n3' AND COUNT { (a)<-[:T]-() } < 12 RETURN count(*) AS n",
    "MATCH (a:P) RETURN COUNT { (a)<-[:T]-(b) WHERE EXISTS { (b)-[:U]->(:Q {id: 3}) } } AS n, count(*) AS m, sum(COUNT { (a)--() }) AS s ORDER BY n",
    "MATCH (a:P) WHERE a.id < 99 RETURN a.id AS id, CASE WHEN a.id % 2 = 0 THEN COUNT { (a)-->() } ELSE -COUNT { (a)<--() } END AS n, COLLECT { MATCH (a)-[:T]->(b) RETURN b.y } AS ys ORDER BY id",
    "MATCH (a:P) OPTIONAL MATCH (a)-[:T]->(b) WHERE b.x = 49 RETURN a.id AS id, b.id AS b, COUNT { (b)-->() } AS n, [(b)-[:U]->(c) | c.id] AS cs ORDER BY id, b LIMIT 70",
    // optional walks
    "MATCH (a:P) OPTIONAL MATCH (a)-[:U*0..2]->(b:Q) WHERE b.x > 50 RETURN a.x AS x, count(b) AS n ORDER BY x",
    "MATCH (a:P) OPTIONAL MATCH (a)-[:T]->(b:P) WHERE b.x = a.x OPTIONAL MATCH (b)-[:U]->(c) RETURN a.y AS y, count(c) AS n ORDER BY y",
];

#[test]
fn rewrites_for_many_rows_change_no_answer() {
    let engine = Engine::in_memory();
    for statement in [
        "CREATE INDEX FOR (n:P) ON (n.id)",
        "UNWIND range(0, 699) AS i CREATE (n:P {id: i, y: 'n' + i % 37}) SET n.x = CASE WHEN i % 11 = 0 THEN null ELSE i % 50 END",
        "UNWIND range(0, 99) AS i CREATE (:Q {id: i, x: i})",
        // loops and parallel relationships among them
        "MATCH (a:P) UNWIND range(1, 10) AS k MATCH (b:P {id: (a.id * 7 + k * k * 13) % 700}) CREATE (a)-[:T]->(b)",
        "MATCH (a:P) WHERE a.id % 3 = 0 MATCH (b:P {id: a.id * 7 % 700}) CREATE (a)-[:T]->(b)",
        "MATCH (a:P) UNWIND range(1, 8) AS k MATCH (b {id: (a.id + k * 7) % 100}) CREATE (a)-[:U]->(b)",
    ] {
        engine.run(statement).unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
    let mut wrong = String::new();
    for query in MANY {
        let [optimized, plain] = [answer(&engine, query, true), answer(&engine, query, false)];
        if optimized != plain {
            let _ = writeln!(wrong, "{query}\n  optimized {optimized}\n  plain     {plain}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A tree of up to six relationships of which little more than the number is asked.
fn made_up_count(next: &mut impl FnMut(u64) -> u64) -> String {
    let size = 2 + next(5);
    let mut paths = Vec::new();
    for to in 1..=size {
        let ty = ["established", "amended", "transformed-into"][next(3) as usize];
        let (left, right) = [("-", "->"), ("<-", "-"), ("-", "-")][next(3) as usize];
        let label = ["", "", ":law|state", ":institution"][next(4) as usize];
        paths.push(format!("(n{}){left}[:{ty}]{right}(n{to}{label})", next(to)));
    }
    let patterns = if next(3) == 0 { paths.join(" MATCH ") } else { paths.join(", ") };
    let (a, b) = (next(size + 1), next(size + 1));
    let condition = match next(6) {
        0 if a != b => format!("WHERE n{a} <> n{b} "),
        1 if a != b => format!("WHERE NOT (n{a})-[:amended]-(n{b}) "),
        2 => format!("WHERE n{a}.id < {} ", next(12)),
        _ => String::new(),
    };
    let end = match next(5) {
        0 => format!("n{a}.name AS a, count(*) AS n"),
        1 => format!("count(DISTINCT n{a}) AS n, min(n{b}.id) AS m"),
        2 => format!("n{a}.id AS a, n{b}.name AS b, count(n{b}) AS n"),
        _ => "count(*) AS n".to_owned(),
    };
    format!("MATCH {patterns} {condition}RETURN {end}")
}

#[test]
fn trees_are_counted_as_if_every_match_were_a_row() {
    let mut wrong = String::new();
    for seed in 1..=5 {
        let engine = random_graph(seed * 31, 9, 24);
        let mut next = numbers(seed * 104_729);
        for _ in 0..80 {
            let query = made_up_count(&mut next);
            let [optimized, plain] = [answer(&engine, &query, true), answer(&engine, &query, false)];
            if optimized != plain {
                let _ = writeln!(wrong, "graph {seed}: {query}\n  optimized {optimized}\n  plain     {plain}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn datetimes_of_one_zone_and_of_others_are_compared_alike() {
    let engine = Engine::in_memory();
    for statement in [
        "UNWIND range(0, 2999) AS i CREATE (:E {i: i, at: datetime({epochMillis: i * 4000000000})})",
        // a page with other zones, dates, texts and nothing among them
        "UNWIND range(0, 1999) AS i CREATE (e:E {i: 3000 + i}) SET e.at = CASE i % 7 WHEN 0 THEN null WHEN 1 THEN datetime('2010-06-01T00:00:00+02:00') WHEN 2 THEN date('2010-06-01') WHEN 3 THEN 'x' WHEN 4 THEN datetime('9999-01-01T00:00:00Z') ELSE datetime({epochSeconds: i * 4000000}) END",
        "CREATE INDEX FOR (f:F) ON (f.at)",
        "MATCH (e:E) CREATE (:F {i: e.i, at: e.at})-[:T {at: e.at}]->(e)",
    ] {
        engine.run(statement).unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
    let mut wrong = String::new();
    for bound in [
        "datetime('2010-06-01T00:00:00Z')",
        "datetime('2010-05-31T22:00:00-02:00')",
        "datetime('2500-01-01T00:00Z')",
        "date('2010-06-01')",
        "null",
    ] {
        for op in ["=", "<>", "<", "<=", ">", ">="] {
            for query in [
                format!("MATCH (e:E) WHERE e.at {op} {bound} RETURN count(*) AS n, sum(e.i) AS i, min(e.at) AS least"),
                format!("MATCH (f:F) WHERE f.at {op} {bound} RETURN f.i AS i ORDER BY f.at DESC, i LIMIT 5"),
                format!("MATCH (f:F)-[t:T]->(e:E) WHERE t.at {op} {bound} AND f.at >= e.at RETURN count(*) AS n"),
            ] {
                let [optimized, plain] = [answer(&engine, &query, true), answer(&engine, &query, false)];
                if optimized != plain {
                    let _ = writeln!(wrong, "{query}\n  optimized {optimized}\n  plain     {plain}");
                }
            }
        }
    }
    for query in [
        "MATCH (e:E) WHERE e.i < 3000 RETURN e.at.year AS year, e.at.week AS week, count(*) AS n, min(e.at.hour) AS h ORDER BY year, week",
        "MATCH (e:E) WHERE e.i < 3000 RETURN date(e.at) AS day, count(*) AS n ORDER BY day LIMIT 50",
        "MATCH (e:E) WHERE e.i < 3000 AND date(e.at) >= date('2300-01-01') RETURN count(*) AS n, max(e.at) AS last",
        "MATCH (e:E) WHERE e.i < 3000 AND e.at + duration({days: 1}) > datetime('2300-01-01T00:00Z') RETURN count(*) AS n",
        "MATCH (e:E) RETURN DISTINCT e.at AS at ORDER BY at LIMIT 20",
        "MATCH (e:E) WHERE e.i < 3000 RETURN sum(CASE WHEN e.at - duration({hours: 30}) < datetime('2200-01-01T00:00Z') THEN e.i ELSE 0 END) AS n, max(e.at + duration({months: 1, days: 3, seconds: 7})) AS m, min(duration('PT0.5S') + e.at) AS l",
    ] {
        let [optimized, plain] = [answer(&engine, query, true), answer(&engine, query, false)];
        if optimized != plain {
            let _ = writeln!(wrong, "{query}\n  optimized {optimized}\n  plain     {plain}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn answers_errors_and_work_do_not_depend_on_the_number_of_threads() {
    let engine = Engine::in_memory();
    for statement in [
        "UNWIND range(1, 60000) AS i CREATE (:P {i: i, k: i % 7, x: 1.0 / i, s: 'n' + i % 13})",
        "CREATE INDEX FOR (p:P) ON (p.i)",
        "UNWIND range(1, 60000, 3) AS i MATCH (a:P {i: i}), (b:P {i: 1 + i * 7919 % 60000}) CREATE (a)-[:T]->(b), (b)-[:T]->(a)",
        "MATCH (p:P) WHERE p.i % 1000 = 0 DETACH DELETE p",
    ] {
        engine.run(statement).unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
    let threads = |n: usize| Limits { threads: NonZeroUsize::new(n), ..Limits::default() };
    // what is computed of each row on any thread, beside a row that is there once
    let beside = "MATCH (p:P) WITH count(*) AS all, max(p.k) AS k MATCH (q:P) WHERE q.k IS NOT NULL AND q.i > 17 WITH all, k, q, q.i % 4 AS j \
        RETURN all, j, q.x > 0.001 AS big, CASE WHEN q.k < 4 THEN 'few' ELSE q.s END AS size, count(q) AS n, sum(q.x) AS x, \
        sum(q.i + all) AS y, min(q.s) AS s, max(k) AS k ORDER BY j, big, size";
    assert_eq!(answer(&engine, beside, true), answer(&engine, beside, false));
    for query in [
        "MATCH (p:P) WHERE p.i % 5 <> 0 RETURN p.k AS k, count(*) AS n, sum(p.x) AS x, avg(p.i) AS a, min(p.s) AS s ORDER BY k",
        "MATCH (p:P) WHERE p.i % 997 = 1 RETURN collect(p.i) AS all",
        "MATCH (p:P) RETURN p.i AS i, p.k AS k ORDER BY k DESC LIMIT 9",
        "MATCH (p:P) WITH p.s AS s, p.i AS i ORDER BY s SKIP 3 LIMIT 4 RETURN s, i",
        "MATCH (a:P)-[:T]->(b:P) WHERE a.k < b.k RETURN count(*) AS n, count(DISTINCT b.s) AS s",
        "MATCH (a:P)-[:T]->(b:P)-[:T]->(c:P) WHERE c.k = 3 RETURN a.k AS k, count(*) AS n ORDER BY k",
        "MATCH (a:P)-[:T]->(b:P)-[:T]->(c:P)-[:T]->(a) WHERE a.k < 6 RETURN count(*) AS n",
        "MATCH (p:P) RETURN stDev(p.x) AS d, percentileCont(p.x, 0.3) AS c",
        "MATCH (p:P) WHERE 10 / (p.i - 41234) < 2 AND 10 / (p.i - 21234) < 2 RETURN count(*)",
        "MATCH (p:P) WHERE toUpper(p.s) STARTS WITH 'N1' AND size(p.s) = 3 RETURN count(*)",
        "MATCH (p:P) WHERE p.i > 1000 UNWIND [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] AS x RETURN p.k AS k, count(*) AS n, sum(x) AS m, min(p.s) AS s ORDER BY k",
        "MATCH (p:P) WHERE p.i > 50000 UNWIND [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] AS x RETURN collect(p.i + x) AS all",
        "MATCH (a:P) OPTIONAL MATCH (a)-[:T]->(b:P) WHERE b.k = 3 RETURN a.k AS k, count(b) AS n ORDER BY k",
        "MATCH (a:P) OPTIONAL MATCH (a)-[:T*1..2]->(b:P) WHERE b.k = 3 RETURN a.k AS k, count(b) AS n ORDER BY k",
        "MATCH (p:P) RETURN p.k AS k, sum(COUNT { (p)-[:T]->({k: 3}) }) AS n ORDER BY k",
        "MATCH (a:P) CALL { WITH a MATCH (a)-[:T]->(b) RETURN count(b) AS m } RETURN m, count(*) AS n ORDER BY m",
        "MATCH (p:P) RETURN p.k % 3 AS a, p.s STARTS WITH 'n1' AS b, 10 / (p.i - 41234) < 2 AS c, sum(10 / (p.i - 31234)) AS n",
        // grouped where they are found, up to the first float; groups of few rows; an aggregate that cannot be merged
        "MATCH (p:P) RETURN p.k AS k, sum(CASE WHEN p.i > 31234 AND p.k = 5 THEN p.x ELSE p.i END) AS s, avg(CASE WHEN p.i > 41234 THEN p.x ELSE p.k END) AS a, count(p.x) AS n",
        "MATCH (p:P) RETURN p.s AS s, max(CASE p.i % 3 WHEN 0 THEN 1 WHEN 1 THEN 1.0 ELSE null END) AS m, min(p.k) AS l, count(*) AS n",
        "MATCH (p:P) RETURN p.i % 30011 AS j, count(*) AS n, sum(p.k) AS k",
        "MATCH (p:P) RETURN p.k AS k, sum(p.i) AS s, count(DISTINCT p.s) AS d, collect(p.i % 2)[..5] AS c",
        "MATCH (p:P) RETURN count(*) AS n, sum(p.i) AS s, min(p.s) AS m, avg(p.k) AS a",
        "MATCH (p:P) WHERE p.k < 0 RETURN count(*) AS n, sum(p.i) AS s, min(p.s) AS m, avg(p.k) AS a",
        "MATCH (p:P) RETURN p.k AS k, sum(9223372036854775807 - p.k) AS s",
        "MATCH (p:P) WITH count(*) AS n, max(p.k) AS k MATCH (q:P) WHERE q.i > 17 AND q.k > 1 RETURN n AS whole, q.k + 1 AS l, k, count(*) AS c, sum(q.i) AS s",
        beside,
    ] {
        let answer = |n: usize| match engine.query(query).limits(threads(n)).rows() {
            Ok(rows) => rows.iter().map(|row| format!("{:?}", row.values())).collect::<Vec<_>>(),
            Err(error) => vec![error.to_string()],
        };
        let alone = answer(1);
        assert!(!alone.is_empty(), "{query}");
        [2, 3, 8].iter().for_each(|n| assert_eq!(answer(*n), alone, "{query} with {n} threads"));
        // every share begins with a unit of its own; all else is done once
        let plan = |n: usize| {
            let rows = engine.query(&format!("PROFILE {query}")).limits(threads(n)).rows().ok()?;
            let plan = rows.plan()?.to_string();
            let name = |line: &str| line.trim_start_matches(|c: char| !c.is_alphabetic()).starts_with("Unit ");
            let operators = plan.lines().filter(|line| !name(line));
            let counted = operators.map(|line| line.split(" calls=").next().unwrap_or("").to_owned());
            Some(counted.collect::<Vec<_>>())
        };
        assert!(
            engine
                .run(&format!("EXPLAIN {query}"))
                .is_ok_and(|rows| rows.plan().is_some_and(|plan| plan.operators().any(|o| o.operator() == "Parallel"))),
            "{query}"
        );
        assert_eq!(plan(3), plan(1), "{query}");
    }
    // what one thread may not hold, several may not hold together; and what is too long for one ends for all
    let query = "MATCH (a:P)-[:T]->(b:P) RETURN count(DISTINCT [a.i, b.i]) AS n";
    let small = |n: usize| Limits { memory: Some(1 << 19), ..threads(n) };
    for n in [1, 3] {
        let error = engine.query(query).limits(small(n)).rows().expect_err("too much");
        assert_eq!(error.code().name(), "Memory");
        let stopped = Limits { cancel: Some(Arc::new(AtomicBool::new(true))), ..threads(n) };
        let error = engine.query(query).limits(stopped).rows().expect_err("stopped");
        assert_eq!(error.code().name(), "Cancelled");
    }
}

/// Rows that some operator gives are taken through what is above it by several threads.
#[test]
fn answers_do_not_depend_on_who_takes_the_rows() {
    let engine = Engine::in_memory();
    for statement in [
        "UNWIND range(1, 400) AS i CREATE (:Q {i: i, k: i % 7, x: 1.0 / i, s: 'n' + i % 13})",
        "CREATE INDEX FOR (q:Q) ON (q.i)",
        "MATCH (a:Q), (b:Q) WHERE (a.i * 31 + b.i * 17) % 8 = 0 CREATE (a)-[:U {w: a.i - b.i}]->(b)",
    ] {
        engine.run(statement).unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
    let near = "MATCH (a:Q)-[:U]->(b) WHERE a.i < 4 WITH DISTINCT b ";
    let threads = |n: usize| Limits { threads: NonZeroUsize::new(n), ..Limits::default() };
    for rest in [
        "MATCH (b)-[:U]->(c)-[:U]->(d) RETURN b.k AS k, count(*) AS n, sum(d.i) AS s, min(c.s) AS m, avg(c.k) AS a",
        "MATCH (b)-[:U]->(c)-[:U]->(d) RETURN d.k AS k, sum(d.x) AS s, count(DISTINCT c) AS n",
        "MATCH (b)-[:U]->(c)-[:U]->(d) WHERE c.k < d.k AND d.i % 5 = 1 RETURN collect(d.i)[..900] AS all",
        "MATCH (b)-[r:U]->(c)-[q:U]->(d) WHERE r.w < q.w RETURN b.i AS i, c.i AS j, d.i AS k ORDER BY q.w, i LIMIT 40",
        "MATCH (b)-[:U]->(c)-[:U]->(d) WHERE d.i < 30 WITH b, c, d ORDER BY d.k DESC, c.i RETURN collect([b.i, c.i, d.i])[..500] AS all",
        "MATCH (b)-[:U]->(c) WITH b, collect(c) AS all OPTIONAL MATCH (b)<-[:U]-(d)-[:U]->(e) WHERE e IN all RETURN b.k AS k, count(e) AS n, count(*) AS m",
        "MATCH (b)-[:U*1..2]->(c) RETURN c.k AS k, count(*) AS n",
        "MATCH (b)-[:U]->(c)-[:U]->(d) RETURN b.k AS k, sum(10 / (d.i - 301)) AS s",
        "MATCH (b)-[:U]->(c)-[:U]->(d) WHERE 10 / (d.i - 303 + b.i) < 10 RETURN b.k AS k, count(*) AS s",
        "MATCH (b)-[:U]->(c)-[:U]->(d) WHERE NOT EXISTS { (d)-[:U]->(x) WHERE x.i = b.i + c.i } RETURN c.s AS s, count(*) AS n, sum(COUNT { (d)-[:U]->({k: 3}) }) AS m",
        "MATCH (b)-[:U]->(c) UNWIND range(1, 300) AS x RETURN b.k AS k, sum(x) AS s, max(x + c.i) AS m",
        "CALL (b) { MATCH (b)-[:U]->(c)-[:U]->(d) RETURN d.k AS k, count(c) AS n } RETURN k, sum(n) AS n, count(b) AS m",
        "WITH collect(b) AS all UNWIND all AS b MATCH (b)-[:U]->(c)-[:U]->(d) RETURN count(*) AS n, sum(d.i) AS s, size(all) AS z",
    ] {
        let query = format!("{near}{rest}");
        let answer = |n: usize| match engine.query(&query).limits(threads(n)).rows() {
            Ok(rows) => rows.iter().map(|row| format!("{:?}", row.values())).collect::<Vec<_>>(),
            Err(error) => vec![error.to_string()],
        };
        let alone = answer(1);
        assert!(!alone.is_empty(), "{query}");
        [2, 3, 8].iter().for_each(|n| assert_eq!(answer(*n), alone, "{query} with {n} threads"));
        let explained = engine.run(&format!("EXPLAIN {query}")).unwrap();
        let plan = explained.plan().unwrap();
        assert!(plan.operators().any(|o| o.operator() == "Distribute"), "{query}\n{plan}");
        let small = Limits { memory: Some(24 << 20), ..threads(3) };
        let limited =
            engine.query(&query).limits(small).rows().map(|rows| rows.len()).map_err(|error| error.to_string());
        assert!(
            limited.as_ref().is_ok_and(|len| *len == alone.len()) || limited.is_err_and(|error| error == alone[0]),
            "{query}"
        );
        let stopped = Limits { cancel: Some(Arc::new(AtomicBool::new(true))), ..threads(3) };
        let error = engine.query(&query).limits(stopped).rows().expect_err("stopped");
        assert_eq!(error.code().name(), "Cancelled");
    }
}

#[test]
fn what_held_before_a_statement_wrote_is_not_relied_on_after() {
    // no relationship of the type was a loop when the plan was made, and the first clauses make one
    let query = "CREATE (n:A) CREATE (n)-[:L]->(n) WITH n MATCH (a)-[:L]->(b)-[:L]->(c) RETURN count(*) AS n";
    let [optimized, plain] = [true, false].map(|optimized| answer(&Engine::in_memory(), query, optimized));
    assert_eq!((optimized.as_str(), optimized == plain), ("[Int(0)]", true), "{plain}");
}

#[test]
fn texts_that_share_a_plan_keep_their_own_answers_errors_and_warnings() {
    let engine = Engine::in_memory();
    engine.run("UNWIND range(1, 9) AS i CREATE (:N {id: i, name: 'n' + i})").unwrap();
    for i in [3, 5, 700_000, 3] {
        let query = format!("MATCH (n:N {{id: {i}}}) WHERE n.name <> 'n5' RETURN n.id + 1 AS next");
        assert_eq!(answer(&engine, &query, true), answer(&engine, &query, false), "{query}");
    }
    for i in [1, 22_222] {
        let query = format!("MATCH (n:N) WHERE n.id <> {i} RETURN n.id / 0 AS wrong");
        let span = engine.run(&query).expect_err("division by zero").span().expect("a place");
        assert_eq!(span.of(&query), "n.id / 0", "{query}");
        let query = format!("MATCH (n:Nn {{id: {i}}}) RETURN n");
        let rows = engine.run(&query).unwrap();
        assert_eq!(rows.warnings()[0].span.of(&query), "Nn", "{query}");
    }
}

/// Numbers below a bound, the same for the same seed.
fn numbers(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}
