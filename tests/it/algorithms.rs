//! Graph algorithms against models that take the long way: distances by relaxing every relationship over and over,
//! shortest paths by writing all simple paths down, PageRank by its definition, components by reachability.

use std::collections::BTreeSet;

use shejire::engine::Limits;
use shejire::value::text;
use shejire::{Engine, Value};

/// Numbers below a bound, from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }
}

struct Rel {
    from: usize,
    to: usize,
    weight: i64,
}

/// A random graph: nodes `:N {i}`, relationships `:R {w}`, and around it nodes and types that options leave out.
struct Model {
    size: usize,
    rels: Vec<Rel>,
}

impl Model {
    fn random(seed: u64) -> (Self, Engine) {
        let mut dice = Dice(seed);
        let size = 1 + dice.below(7);
        let rels = (0..dice.below(2 * size + 1))
            .map(|_| Rel { from: dice.below(size), to: dice.below(size), weight: 1 + dice.below(4) as i64 })
            .collect();
        let model = Self { size, rels };
        let mut create: Vec<String> = (0..size).map(|i| format!("(n{i}:N {{i: {i}}})")).collect();
        create.extend(model.rels.iter().map(|r| format!("(n{})-[:R {{w: {}}}]->(n{})", r.from, r.weight, r.to)));
        create.push("(n0)-[:S {w: 1}]->(:M)-[:R {w: 1}]->(n0)".into());
        let engine = Engine::in_memory();
        run(&engine, &format!("CREATE {}", create.join(", ")));
        // what is deleted is not there, and leaves holes behind
        run(&engine, "CREATE (x:N)-[:R]->(:N) WITH x MATCH (n:N {i: 0}) CREATE (x)-[:R]->(n)");
        run(&engine, "MATCH (x:N) WHERE x.i IS NULL DETACH DELETE x");
        (model, engine)
    }

    /// Steps along a direction; both ways when it is 'both'.
    fn steps(&self, direction: &str) -> Vec<(usize, usize, i64)> {
        let along = self.rels.iter().map(|r| (r.from, r.to, r.weight));
        let back = self.rels.iter().map(|r| (r.to, r.from, r.weight));
        match direction {
            "out" => along.collect(),
            "in" => back.collect(),
            // a loop is one step
            _ => along.chain(back.filter(|(from, to, _)| from != to)).collect(),
        }
    }

    /// The least costs between all nodes; `hops`: every step costs 1.
    fn distances(&self, direction: &str, hops: bool) -> Vec<Vec<Option<i64>>> {
        let mut all = vec![vec![None; self.size]; self.size];
        for (source, cost) in all.iter_mut().enumerate() {
            cost[source] = Some(0);
            for _ in 0..self.size {
                for (from, to, weight) in self.steps(direction) {
                    let weight = if hops { 1 } else { weight };
                    if let Some(through) = cost[from].map(|cost| cost + weight)
                        && cost[to].is_none_or(|cost| cost > through)
                    {
                        cost[to] = Some(through);
                    }
                }
            }
        }
        all
    }

    /// Every path that visits no node twice, with its cost, the cheapest first; repeated relationships count once.
    fn simple_paths(&self, direction: &str, source: usize, target: usize, hops: bool) -> Vec<(i64, Vec<usize>)> {
        let steps = self.steps(direction);
        let (mut found, mut open) = (Vec::new(), vec![(0, vec![source])]);
        while let Some((cost, path)) = open.pop() {
            let last = path[path.len() - 1];
            if last == target {
                found.push((cost, path));
                continue;
            }
            for next in 0..self.size {
                let between = steps.iter().filter(|step| (step.0, step.1) == (last, next));
                let lightest = between.map(|step| if hops { 1 } else { step.2 }).min();
                if let Some(weight) = lightest.filter(|_| !path.contains(&next)) {
                    open.push((cost + weight, path.iter().copied().chain([next]).collect()));
                }
            }
        }
        found.sort();
        found
    }
}

fn run(engine: &Engine, query: &str) -> Vec<Vec<Value>> {
    let rows = engine.run(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    rows.iter().map(|row| row.values().to_vec()).collect()
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Int(n) => *n as f64,
        Value::Float(x) => *x,
        other => panic!("{other:?} is no number"),
    }
}

/// The column `what` of a call by the numbers of the nodes.
fn by_node(engine: &Engine, call: &str, what: &str) -> Vec<f64> {
    let query = format!("CALL {call} YIELD node, {what} RETURN node.i, {what}");
    let rows = run(engine, &query);
    for (i, row) in rows.iter().enumerate() {
        assert_eq!(number(&row[0]) as usize, i, "{query}: rows come in the order of ids");
    }
    rows.iter().map(|row| number(&row[1])).collect()
}

fn close(got: &[f64], wanted: &[f64], what: &str) {
    assert_eq!(got.len(), wanted.len(), "{what}");
    let near = got.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-9);
    assert!(near, "{what}: {got:?} instead of {wanted:?}");
}

const DIRECTIONS: [&str; 3] = ["out", "in", "both"];

fn each(check: impl FnMut(&Model, &Engine, &str)) {
    each_of(60, check);
}

fn each_of(graphs: u64, mut check: impl FnMut(&Model, &Engine, &str)) {
    for seed in 0..graphs {
        let (model, engine) = Model::random(seed);
        check(&model, &engine, &format!("seed {seed}"));
    }
}

#[test]
fn degrees_count_ends() {
    each(|model, engine, seed| {
        for direction in DIRECTIONS {
            for weighed in [false, true] {
                let weight = if weighed { ", weight: 'w'" } else { "" };
                let call = format!("algo.degree({{labels: 'N', types: ['R'], direction: '{direction}'{weight}}})");
                let wanted: Vec<f64> = (0..model.size)
                    .map(|node| {
                        let weight = |r: &Rel| if weighed { r.weight } else { 1 };
                        let out: i64 = model.rels.iter().filter(|r| r.from == node).map(weight).sum();
                        let back: i64 = model.rels.iter().filter(|r| r.to == node).map(weight).sum();
                        match direction {
                            "out" => out as f64,
                            "in" => back as f64,
                            _ => (out + back) as f64,
                        }
                    })
                    .collect();
                close(&by_node(engine, &call, "degree"), &wanted, &format!("{seed}: {call}"));
            }
        }
    });
}

#[test]
fn pagerank_is_its_definition() {
    each(|model, engine, seed| {
        for direction in DIRECTIONS {
            for weighed in [false, true] {
                let weight = if weighed { ", weight: 'w'" } else { "" };
                let options = format!("labels: 'N', types: 'R', direction: '{direction}', tolerance: 0{weight}");
                let call = format!("algo.pagerank({{{options}, iterations: 200, damping: 0.8}})");
                let n = model.size as f64;
                let mut matrix = vec![vec![0.0; model.size]; model.size];
                for (from, to, weight) in model.steps(direction) {
                    matrix[from][to] += if weighed { weight as f64 } else { 1.0 };
                }
                for row in &mut matrix {
                    let total: f64 = row.iter().sum();
                    row.iter_mut().for_each(|x| *x = if total > 0.0 { *x / total } else { 1.0 / n });
                }
                let mut scores = vec![1.0 / n; model.size];
                for _ in 0..200 {
                    let handed =
                        |to: usize| -> f64 { (0..model.size).map(|from| scores[from] * matrix[from][to]).sum() };
                    scores = (0..model.size).map(|to| 0.2 / n + 0.8 * handed(to)).collect();
                }
                close(&by_node(engine, &call, "score"), &scores, &format!("{seed}: {call}"));
            }
        }
    });
}

#[test]
fn triangles_are_triples_of_neighbours() {
    each(|model, engine, seed| {
        let touch = |a: usize, b: usize| {
            a != b && model.rels.iter().any(|r| (r.from, r.to) == (a, b) || (r.from, r.to) == (b, a))
        };
        let (mut corners, mut parts) = (Vec::new(), Vec::new());
        for a in 0..model.size {
            let others: Vec<usize> = (0..model.size).filter(|b| touch(a, *b)).collect();
            let pairs = others.iter().flat_map(|b| others.iter().map(move |c| (*b, *c))).filter(|(b, c)| b < c);
            let (all, closed) = (pairs.clone().count(), pairs.filter(|(b, c)| touch(*b, *c)).count());
            corners.push(closed as f64);
            parts.push(if all > 0 { closed as f64 / all as f64 } else { 0.0 });
        }
        let call = "algo.triangles({labels: ['N'], types: ['R']})";
        close(&by_node(engine, call, "triangles"), &corners, seed);
        close(&by_node(engine, call, "coefficient"), &parts, seed);
    });
}

#[test]
fn components_are_what_reaches_each_other() {
    each(|model, engine, seed| {
        for (call, direction) in [("algo.wcc", "both"), ("algo.scc", "out")] {
            let reaches = model.distances(direction, true);
            let together = |a: usize, b: usize| reaches[a][b].is_some() && reaches[b][a].is_some();
            let mut numbers: Vec<f64> = Vec::new();
            for node in 0..model.size {
                let known = (0..node).find(|other| together(node, *other)).map(|other| numbers[other]);
                let next = numbers.iter().copied().fold(-1.0, f64::max) + 1.0;
                numbers.push(known.unwrap_or(next));
            }
            let call = format!("{call}({{labels: 'N', types: 'R'}})");
            close(&by_node(engine, &call, "component"), &numbers, &format!("{seed}: {call}"));
        }
    });
}

#[test]
fn a_topological_order_leads_forward_or_there_is_a_cycle() {
    let mut refused = 0;
    each(|model, engine, seed| {
        let reaches = model.distances("out", true);
        let cyclic = model.rels.iter().any(|r| reaches[r.to][r.from].is_some());
        for direction in ["out", "in"] {
            let options = format!("{{labels: 'N', types: 'R', direction: '{direction}'}}");
            let query = format!("CALL algo.topological({options}) YIELD node, position RETURN node.i, position");
            match engine.run(&query) {
                Err(error) => {
                    assert!(cyclic && error.message().contains("cycle"), "{seed}: {error}");
                    refused += 1;
                }
                Ok(rows) => {
                    assert!(!cyclic, "{seed}: {query} gives an order although there is a cycle");
                    let order: Vec<usize> = rows.iter().map(|row| number(&row.values()[0]) as usize).collect();
                    let place = |node: usize| order.iter().position(|other| *other == node).expect("every node");
                    let forward = |r: &Rel| (place(r.from) < place(r.to)) == (direction == "out");
                    assert!(order.len() == model.size && model.rels.iter().all(forward), "{seed}: {order:?}");
                    assert!(rows.iter().enumerate().all(|(i, row)| number(&row.values()[1]) as usize == i));
                }
            }
        }
    });
    assert!(refused > 10);
}

#[test]
fn betweenness_counts_shortest_paths() {
    each(|model, engine, seed| {
        for direction in DIRECTIONS {
            for weighed in [false, true] {
                let mut scores = vec![0.0; model.size];
                for source in 0..model.size {
                    for target in (0..model.size).filter(|target| *target != source) {
                        let paths = model.simple_paths(direction, source, target, !weighed);
                        let least = paths.first().map(|path| path.0);
                        let shortest: Vec<_> = paths.iter().filter(|path| Some(path.0) == least).collect();
                        for (_, path) in &shortest {
                            path[1..path.len() - 1].iter().for_each(|via| scores[*via] += 1.0 / shortest.len() as f64);
                        }
                    }
                }
                let pairs = (model.size.saturating_sub(1) * model.size.saturating_sub(2)) as f64;
                let normalized: Vec<f64> = scores.iter().map(|score| score / pairs.max(1.0)).collect();
                let half = if direction == "both" { 0.5 } else { 1.0 };
                scores.iter_mut().for_each(|score| *score *= half);
                let weight = if weighed { ", weight: 'w'" } else { "" };
                let options = format!("labels: 'N', types: 'R', direction: '{direction}'{weight}");
                let what = format!("{seed}: {options}");
                close(&by_node(engine, &format!("algo.betweenness({{{options}}})"), "score"), &scores, &what);
                let call = format!("algo.betweenness({{{options}, normalized: true}})");
                close(&by_node(engine, &call, "score"), &normalized, &what);
            }
        }
    });
}

#[test]
fn closeness_is_the_mean_distance_of_what_is_reached() {
    each(|model, engine, seed| {
        for direction in DIRECTIONS {
            for weighed in [false, true] {
                let distances = model.distances(direction, !weighed);
                let score = |node: usize| {
                    let reached: Vec<i64> = distances[node].iter().flatten().copied().collect();
                    let (count, sum) = ((reached.len() - 1) as f64, reached.iter().sum::<i64>() as f64);
                    if sum > 0.0 { count / sum * count / (model.size - 1) as f64 } else { 0.0 }
                };
                let wanted: Vec<f64> = (0..model.size).map(score).collect();
                let weight = if weighed { ", weight: 'w'" } else { "" };
                let call = format!("algo.closeness({{labels: 'N', types: 'R', direction: '{direction}'{weight}}})");
                close(&by_node(engine, &call, "score"), &wanted, &format!("{seed}: {call}"));
            }
        }
    });
}

#[test]
fn cheapest_paths_are_the_first_of_all_simple_paths() {
    each_of(20, |model, engine, seed| {
        for direction in DIRECTIONS {
            for weighed in [false, true] {
                let weight = if weighed { ", weight: 'w'" } else { "" };
                let options = format!("{{labels: 'N', types: 'R', direction: '{direction}'{weight}}}");
                for source in 0..model.size {
                    let all = format!(
                        "MATCH (s:N {{i: {source}}}) CALL algo.dijkstra(s, null, {options}) YIELD node, cost, path \
                         RETURN node.i, cost, reduce(sum = 0, r IN relationships(path) | sum + {}), \
                         nodes(path)[0].i, nodes(path)[-1].i",
                        if weighed { "r.w" } else { "1" }
                    );
                    let distances = &model.distances(direction, !weighed)[source];
                    let mut wanted: Vec<(i64, usize)> =
                        distances.iter().enumerate().filter_map(|(node, cost)| cost.map(|cost| (cost, node))).collect();
                    wanted.sort_unstable();
                    let got = run(engine, &all);
                    let rows: Vec<(i64, usize)> =
                        got.iter().map(|row| (number(&row[1]) as i64, number(&row[0]) as usize)).collect();
                    assert_eq!(rows, wanted, "{seed}: {all}");
                    for row in &got {
                        assert_eq!(number(&row[1]), number(&row[2]), "{seed}: the path costs what is said");
                        assert_eq!(
                            (number(&row[3]), number(&row[4])),
                            (source as f64, number(&row[0])),
                            "{seed}: {all}"
                        );
                    }
                    for (target, distance) in distances.iter().enumerate() {
                        let ends = format!("MATCH (s:N {{i: {source}}}), (t:N {{i: {target}}})");
                        let one = format!("{ends} CALL algo.dijkstra(s, t, {options}) YIELD cost RETURN cost");
                        let costs: Vec<i64> = run(engine, &one).iter().map(|row| number(&row[0]) as i64).collect();
                        assert_eq!(costs, Vec::from_iter(*distance), "{seed}: {one}");

                        let query = format!(
                            "{ends} CALL algo.k_shortest(s, t, 4, {options}) YIELD index, cost, path \
                             RETURN index, cost, [n IN nodes(path) | n.i]"
                        );
                        let rows = run(engine, &query);
                        let paths = model.simple_paths(direction, source, target, !weighed);
                        let costs: Vec<i64> = rows.iter().map(|row| number(&row[1]) as i64).collect();
                        let cheapest: Vec<i64> = paths.iter().map(|path| path.0).take(4).collect();
                        assert_eq!(costs, cheapest, "{seed}: {query}");
                        let there: BTreeSet<String> =
                            paths.iter().map(|(cost, path)| format!("{cost} {path:?}")).collect();
                        let given: BTreeSet<String> = rows
                            .iter()
                            .map(|row| format!("{} {}", number(&row[1]), text::literal(&row[2], None).unwrap()))
                            .collect();
                        assert!(given.is_subset(&there) && given.len() == rows.len(), "{seed}: {query}: {given:?}");
                        assert!(rows.iter().enumerate().all(|(i, row)| number(&row[0]) as usize == i + 1));
                    }
                }
            }
        }
    });
}

#[test]
fn a_query_writes_results_back_and_a_later_call_sees_them() {
    let engine = Engine::in_memory();
    run(&engine, "CREATE (:A {k: 1})-[:R]->(:A {k: 2})-[:R]->(:A {k: 3})");
    run(&engine, "CALL algo.degree({types: 'R', direction: 'both'}) YIELD node, degree SET node.degree = degree");
    let rows = run(&engine, "MATCH (a:A) RETURN a.degree ORDER BY a.k");
    assert_eq!(rows.iter().map(|row| number(&row[0])).collect::<Vec<_>>(), [1.0, 2.0, 1.0]);
    // the plan of a call is kept, and its rows are of the graph as it is
    let count = "CALL algo.wcc() YIELD component RETURN count(DISTINCT component)";
    assert_eq!(number(&run(&engine, count)[0][0]), 1.0);
    run(&engine, "CREATE (:B)");
    assert_eq!(number(&run(&engine, count)[0][0]), 2.0);
    // what a statement creates it also projects
    let rows = run(&engine, "CREATE (:C) WITH 1 AS one CALL algo.wcc() YIELD node RETURN count(node)");
    assert_eq!(number(&rows[0][0]), 5.0);
    assert!(run(&Engine::in_memory(), "CALL algo.pagerank()").is_empty());
}

#[test]
fn what_a_call_cannot_use_is_refused_with_advice() {
    let engine = Engine::in_memory();
    run(&engine, "CREATE (:Person {k: 1})-[:KNOWS {km: 2}]->(:Person {k: 2})-[:KNOWS {km: 'far'}]->(:City)");
    run(&engine, "MATCH (a:Person {k: 1}), (b:Person {k: 2}) CREATE (b)-[:OWES {km: -1}]->(a), (a)-[:LIKES]->(b)");
    for (call, said, hint) in [
        ("algo.pagerank({label: 'Person'})", "no option `label`", "did you mean `labels`?"),
        ("algo.pagerank({labels: 'Persn'})", "no label `Persn`", "did you mean `Person`?"),
        ("algo.wcc({types: ['KNOW']})", "no relationship type `KNOW`", "did you mean `KNOWS`?"),
        ("algo.wcc({types: [1]})", "a name or a list of names, not 1", ""),
        ("algo.degree({direction: 'up'})", "'out', 'in' or 'both', not 'up'", ""),
        ("algo.degree({weight: 'kms'})", "no property `kms`", "did you mean `km`?"),
        ("algo.degree({weight: 'km', types: 'KNOWS'})", "relationship 1 is a String", ""),
        ("algo.degree({weight: 'km', types: 'LIKES'})", "has no `km`", "{default: 1}"),
        ("algo.degree({weight: 'km', types: 'OWES'})", "weighs -1", ""),
        ("algo.degree({default: 1})", "no `weight` is named", "{weight: 'km', default: 1}"),
        ("algo.betweenness({weight: 'km', types: 'LIKES', default: 0})", "more than 0", ""),
        ("algo.pagerank({damping: 2})", "between 0 and 1", ""),
        ("algo.pagerank({iterations: 0})", "above zero", ""),
        ("algo.topological({types: ['KNOWS', 'OWES']})", "cycle", "algo.scc"),
        ("algo.topological({direction: 'both'})", "both ways", ""),
        ("algo.pagrank()", "no procedure `algo.pagrank`", "did you mean `algo.pagerank`?"),
    ] {
        let query = format!("CALL {call}");
        let error = engine.run(&query).expect_err(&query);
        assert!(error.message().contains(said), "{query}: {}", error.message());
        assert!(error.hint_text().unwrap_or("").contains(hint), "{query}: {:?}", error.hint_text());
        assert!(error.span().is_some(), "{query}: no place");
    }
    let outside =
        "MATCH (c:City), (p:Person {k: 1}) CALL algo.dijkstra(c, p, {labels: 'Person'}) YIELD cost RETURN cost";
    assert!(engine.run(outside).expect_err(outside).message().contains("the source is not among"));
    let none = "MATCH (p:Person {k: 1}) CALL algo.k_shortest(p, p, 0) YIELD cost RETURN cost";
    assert!(engine.run(none).expect_err(none).message().contains("above zero"));
}

#[test]
fn limits_stop_every_algorithm() {
    let engine = Engine::in_memory();
    let size = 3_000;
    run(&engine, &format!("UNWIND range(0, {size} - 1) AS i CREATE (:N {{i: i}})"));
    run(
        &engine,
        &format!(
            "MATCH (n:N) UNWIND [1, 7, 31, 211] AS by MATCH (m:N {{i: (n.i * 5 + by) % {size}}}) CREATE (n)-[:R]->(m)"
        ),
    );
    let ends = "MATCH (s:N {i: 0}), (t:N {i: 17})";
    for call in [
        "CALL algo.degree() YIELD node RETURN count(node)".to_owned(),
        "CALL algo.pagerank({tolerance: 0, iterations: 100000}) YIELD node RETURN count(node)".to_owned(),
        "CALL algo.wcc() YIELD node RETURN count(node)".to_owned(),
        "CALL algo.scc() YIELD node RETURN count(node)".to_owned(),
        "CALL algo.triangles() YIELD node RETURN count(node)".to_owned(),
        "CALL algo.betweenness() YIELD node RETURN count(node)".to_owned(),
        "CALL algo.closeness() YIELD node RETURN count(node)".to_owned(),
        format!("{ends} CALL algo.dijkstra(s) YIELD node RETURN count(node)"),
        format!("{ends} CALL algo.k_shortest(s, t, 100000) YIELD cost RETURN count(cost)"),
    ] {
        let memory = Limits { memory: Some(20_000), ..Limits::default() };
        let error = engine.query(&call).limits(memory).rows().expect_err(&call);
        assert_eq!(error.code().name(), "Memory", "{call}: {error}");
        let time = std::time::Duration::from_millis(20);
        let limits = Limits { time: Some(time), ..Limits::default() };
        let begun = std::time::Instant::now();
        if let Err(error) = engine.query(&call).limits(limits).rows() {
            assert_eq!(error.code().name(), "Time", "{call}: {error}");
        }
        assert!(begun.elapsed() < time * 100, "{call} went on for {:?}", begun.elapsed());
    }
}
