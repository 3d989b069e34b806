//! Shortest paths between many nodes against a model that lays out the distance of every pair by itself: how long they
//! are, how many there are, and that each is one, for whichever way of searching the plan chooses.

use std::collections::{BTreeMap, BTreeSet};

use shejire::{Engine, Value};

struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }
}

struct Graph {
    size: usize,
    /// From, to, `w`.
    rels: Vec<(usize, usize, usize)>,
}

/// What is known of all shortest walks from one node: by end, their length and how many there are.
type Ends = BTreeMap<usize, (usize, u64)>;

impl Graph {
    fn random(dice: &mut Dice, size: usize, rels: usize) -> Self {
        let rels = (0..rels).map(|_| (dice.below(size), dice.below(size), dice.below(3))).collect();
        Self { size, rels }
    }

    fn engine(&self) -> Engine {
        let engine = Engine::in_memory();
        let nodes: Vec<String> = (0..self.size).map(|i| format!("(n{i}:N {{i: {i}}})")).collect();
        let rels = self.rels.iter().enumerate();
        let rels: Vec<String> =
            rels.map(|(k, (from, to, w))| format!("(n{from})-[:R {{k: {k}, w: {w}}}]->(n{to})")).collect();
        run(&engine, "CREATE INDEX FOR (n:N) ON (n.i)");
        run(&engine, &format!("CREATE {}", [nodes, rels].concat().join(", ")));
        engine
    }

    /// The steps that may be taken: number of the relationship, from, to.
    fn steps(&self, both: bool, w: Option<usize>) -> Vec<(usize, usize, usize)> {
        let mut steps = Vec::new();
        for (k, &(from, to, _)) in self.rels.iter().enumerate().filter(|(_, rel)| w.is_none_or(|w| rel.2 == w)) {
            steps.push((k, from, to));
            if both && from != to {
                steps.push((k, to, from));
            }
        }
        steps
    }

    /// The shortest walks from a node to the others.
    fn others(&self, start: usize, steps: &[(usize, usize, usize)]) -> Ends {
        let mut ends = Ends::from([(start, (0, 1))]);
        for depth in 1..=self.size {
            let mut met = Ends::new();
            for &(_, from, to) in steps {
                if let Some(&(length, ways)) = ends.get(&from)
                    && length + 1 == depth
                    && !ends.contains_key(&to)
                {
                    met.entry(to).or_insert((depth, 0)).1 += ways;
                }
            }
            ends.extend(met);
        }
        ends.remove(&start);
        ends
    }

    /// The same, and the shortest walk back to the node itself that takes no relationship twice: its number is not counted.
    fn ends(&self, start: usize, steps: &[(usize, usize, usize)]) -> Ends {
        let mut ends = self.others(start, steps);
        // the first step, and back without it
        let around = steps.iter().filter(|step| step.1 == start).filter_map(|&(k, _, to)| {
            let left: Vec<_> = steps.iter().copied().filter(|step| step.0 != k).collect();
            if to == start { Some(1) } else { self.others(to, &left).get(&start).map(|(length, _)| length + 1) }
        });
        if steps.len() < 40
            && let Some(length) = around.min()
        {
            ends.insert(start, (length, 0));
        }
        ends
    }
}

fn run(engine: &Engine, query: &str) -> Vec<Vec<Value>> {
    let rows = engine.run(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    rows.iter().map(|row| row.values().to_vec()).collect()
}

fn ints(engine: &Engine, query: &str) -> Vec<Vec<i64>> {
    let int = |value: &Value| if let Value::Int(n) = value { *n } else { panic!("{query}: {value:?}") };
    run(engine, query).iter().map(|row| row.iter().map(int).collect()).collect()
}

fn plan(engine: &Engine, query: &str) -> String {
    let rows = engine.run(&format!("EXPLAIN {query}")).unwrap_or_else(|error| panic!("{query}: {error}"));
    rows.plan().map(ToString::to_string).unwrap_or_default()
}

#[test]
fn lengths_and_numbers_of_shortest_paths_are_those_of_the_model() {
    let mut dice = Dice(11);
    let mut checked = 0;
    for round in 0..7 {
        // one has more nodes than are searched together
        let (size, rels) = if round == 6 { (80, 160) } else { (2 + dice.below(8), dice.below(16)) };
        let small = size < 20;
        let graph = Graph::random(&mut dice, size, rels);
        let engine = graph.engine();
        for (left, right, both) in [("-", "->", false), ("-", "-", true)] {
            for (test, w) in [("", None), (" {w: 1}", Some(1))] {
                let steps = graph.steps(both, w);
                let all: Vec<Ends> = (0..graph.size).map(|start| graph.ends(start, &steps)).collect();
                for most in [None, Some(1), Some(2), Some(3)] {
                    let repeated = most.map_or_else(|| "+".to_owned(), |most| format!("{{1,{most}}}"));
                    let arrow = format!("{left}[:R{test}]{right}{repeated}");
                    for ends in ["", "WHERE a.i < 5", "WHERE b.i = 1", "WHERE a.i IN [0, 1, 2] AND b.i IN [1, 0]"] {
                        if !small && ends.is_empty() && most.is_some() {
                            continue;
                        }
                        let chosen = |a: usize, b: usize| match ends {
                            "" => true,
                            "WHERE a.i < 5" => a < 5,
                            "WHERE b.i = 1" => b == 1,
                            _ => a < 3 && b < 2,
                        };
                        let mut lengths = BTreeMap::new();
                        let mut numbers = BTreeMap::new();
                        for (start, from_start) in all.iter().enumerate() {
                            for (&end, &(length, number)) in from_start {
                                if chosen(start, end)
                                    && most.is_none_or(|most| length <= most)
                                    && (small || start != end)
                                {
                                    lengths.insert((start as i64, end as i64), length as i64);
                                    if start != end {
                                        numbers.insert((start as i64, end as i64), number as i64);
                                    }
                                }
                            }
                        }
                        let apart = if small {
                            ""
                        } else if ends.is_empty() {
                            "WHERE a <> b"
                        } else {
                            " AND a <> b"
                        };
                        let found = |what: &str, apart: &str, returned: &str| {
                            let query = format!("MATCH p = {what} (a:N){arrow}(b:N) {ends}{apart} RETURN {returned}");
                            let rows = ints(&engine, &query);
                            let by_pair: BTreeMap<_, _> = rows.iter().map(|row| ((row[0], row[1]), row[2])).collect();
                            assert_eq!(by_pair.len(), rows.len(), "{query}: a pair twice");
                            (by_pair, query)
                        };
                        let modes = ["ANY SHORTEST", "ANY SHORTEST ACYCLIC", "ANY SHORTEST SIMPLE"];
                        for selector in modes.into_iter().take(if small { 3 } else { 1 }) {
                            let mut wanted = lengths.clone();
                            wanted.retain(|(a, b), _| a != b || !selector.ends_with("ACYCLIC"));
                            for returned in ["a.i, b.i, length(p)", "a.i, b.i, size(relationships(p))"] {
                                let (got, query) = found(selector, apart, returned);
                                assert_eq!(got, wanted, "{query} in {:?}", graph.rels);
                            }
                        }
                        let least =
                            format!("MATCH p = (a:N){arrow}(b:N) {ends}{apart} RETURN a.i, b.i, min(length(p))");
                        if most.is_some() || small {
                            let rows = ints(&engine, &least);
                            let got: BTreeMap<_, _> = rows.iter().map(|row| ((row[0], row[1]), row[2])).collect();
                            assert_eq!(got, lengths, "{least} in {:?}", graph.rels);
                        }
                        let unequal = if ends.is_empty() { "WHERE a <> b" } else { " AND a <> b" };
                        let (got, query) = found("ALL SHORTEST", unequal, "a.i, b.i, count(*)");
                        assert_eq!(got, numbers, "{query} in {:?}", graph.rels);
                        checked += lengths.len();
                    }
                }
            }
        }
    }
    assert!(checked > 8_000, "{checked}");
}

#[test]
fn every_path_that_is_given_is_one() {
    let mut dice = Dice(5);
    let graph = Graph::random(&mut dice, 90, 260);
    let engine = graph.engine();
    let mut given = 0;
    for (left, right, both) in [("-", "->", false), ("-", "-", true), ("<-", "-", false)] {
        for selector in ["ANY SHORTEST", "ALL SHORTEST"] {
            for ends in ["a.i < 70", "b.i = 3", "a.i = 3", "a.i < 12 AND b.i < 30"] {
                let query = format!(
                    "MATCH p = {selector} (a:N){left}[r:R WHERE r.w < 2]{right}+(b:N) WHERE {ends} \
                     RETURN a.i, b.i, [r IN relationships(p) | r.k] AS ks, [n IN nodes(p) | n.i] AS ns"
                );
                let rows = run(&engine, &query);
                let list = |value: &Value| -> Vec<usize> {
                    let Value::List(items) = value else { panic!("{value:?}") };
                    items.iter().map(|item| if let Value::Int(n) = item { *n as usize } else { usize::MAX }).collect()
                };
                let mut seen = BTreeSet::new();
                for row in &rows {
                    let (ks, ns) = (list(&row[2]), list(&row[3]));
                    assert_eq!(ns.len(), ks.len() + 1, "{query}");
                    assert!(
                        matches!((&row[0], &row[1]), (Value::Int(a), Value::Int(b))
                        if *a as usize == ns[0] && *b as usize == ns[ns.len() - 1]),
                        "{query}: {row:?}"
                    );
                    for (step, k) in ks.iter().enumerate() {
                        let (from, to, w) = graph.rels[*k];
                        let (a, b) = if left == "<-" { (ns[step + 1], ns[step]) } else { (ns[step], ns[step + 1]) };
                        assert!(w < 2 && ((from, to) == (a, b) || both && (to, from) == (a, b)), "{query}: {row:?}");
                        assert!(!ks[..step].contains(k), "{query}: {row:?}");
                    }
                    assert!(seen.insert((ks, ns)), "{query}: a path twice");
                }
                given += rows.len();
            }
        }
    }
    assert!(given > 5_000, "{given}");
}

#[test]
fn an_open_end_is_searched_from_the_other_and_lengths_need_no_list() {
    let mut dice = Dice(3);
    let graph = Graph::random(&mut dice, 200, 600);
    let engine = graph.engine();
    let open = "MATCH p = ANY SHORTEST (a:N {i: 7})-[:R]->+(b:N) RETURN b.i, p";
    assert!(!plan(&engine, open).contains("Cross"), "{}", plan(&engine, open));
    assert!(plan(&engine, open).contains("(a)-["), "{}", plan(&engine, open));
    let back = "MATCH p = ANY SHORTEST (b:N)-[:R]->+(a:N {i: 7}) RETURN b.i, p";
    assert!(plan(&engine, back).contains("(a)<-["), "{}", plan(&engine, back));
    let closed = "MATCH p = ANY SHORTEST (a:N {i: 7})-[:R]->+(b:N {i: 8}) RETURN p";
    assert!(plan(&engine, closed).contains("SeekIndex") && plan(&engine, closed).contains("ShortestPath"));
    for query in [
        "MATCH p = ANY SHORTEST (a:N {i: 7})-[:R]->+(b:N) RETURN b.i, length(p)",
        "MATCH p = ANY SHORTEST (a:N {i: 7})-[:R]->+(b:N) RETURN count(*)",
        "MATCH p = (a:N {i: 7})-[:R*1..4]-(b:N) RETURN b.i, min(length(p))",
        "MATCH (a:N {i: 7})-[r:R]->(c)-[:R*1..4]-(b:N) RETURN DISTINCT b.i",
    ] {
        let shown = plan(&engine, query);
        assert!(shown.contains("Reach") && !shown.contains("BindPath"), "{query}: {shown}");
    }
    let kept = "MATCH p = (a:N {i: 7})-[:R*1..2]-(b:N) RETURN b.i, min(length(p)), count(*)";
    assert!(plan(&engine, kept).contains("ExpandVar"), "{}", plan(&engine, kept));
}
