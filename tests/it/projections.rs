//! Named projections: what they hold, how long, and that the paths found in them are the cheapest.

use shejire::engine::Limits;
use shejire::error::Code;
use shejire::{Engine, Value};

struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

fn rows(engine: &Engine, query: &str) -> Vec<Vec<Value>> {
    let rows = engine.run(query).unwrap_or_else(|error| panic!("{query}: {}", error.render(query, None, false)));
    rows.iter().map(|row| row.values().to_vec()).collect()
}

fn shown(engine: &Engine, query: &str) -> String {
    let rows = rows(engine, query);
    let cells = |row: &Vec<Value>| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    rows.iter().map(cells).collect::<Vec<_>>().join("; ")
}

fn code(engine: &Engine, query: &str) -> (Code, String) {
    let error = engine.run(query).err().unwrap_or_else(|| panic!("{query} is answered"));
    (error.code(), format!("{} {}", error.message(), error.hint_text().unwrap_or_default()))
}

const NODES: &str = "MATCH (n:N) RETURN id(n) AS id";
const RELS: &str = "MATCH (a:N)-[r:R]->(b:N) RETURN id(a) AS source, id(b) AS target, r.w AS w";

fn random(seed: u64) -> Engine {
    let mut dice = Dice(seed);
    let engine = Engine::in_memory();
    let size = 3 + dice.below(6);
    let nodes = (0..size).map(|i| format!("(n{i}:N {{i: {i}}})"));
    let mut parts: Vec<String> = nodes.collect();
    for _ in 0..1 + dice.below(15) {
        let (from, to, w) = (dice.below(size), dice.below(size), dice.below(5));
        parts.push(format!("(n{from})-[:R {{w: {w}}}]->(n{to})"));
    }
    engine.run(&format!("CREATE {}", parts.join(", "))).unwrap();
    engine
}

#[test]
fn every_way_to_ask_for_the_cheapest_says_the_same() {
    let mut pairs = 0;
    for seed in 0..60 {
        let engine = random(seed * 2 + 1);
        rows(
            &engine,
            "CALL gds.graph.project('native', 'N', 'R', {relationshipProperties: 'w'}) YIELD graphName RETURN 1",
        );
        rows(&engine, &format!("CALL gds.graph.project.cypher('asked', '{NODES}', '{RELS}') YIELD graphName RETURN 1"));
        let stream = |graph: &str, extra: &str| {
            format!(
                "MATCH (a:N), (b:N) WHERE a <> b
                 CALL gds.shortestPath.dijkstra.stream({graph}{{sourceNode: a, targetNode: b, relationshipWeightProperty: 'w'{extra}}})
                 YIELD totalCost, nodeIds, costs, path
                 RETURN a.i, b.i, totalCost = cost(path) AND totalCost = costs[-1]
                     AND nodeIds = [n IN nodes(path) | id(n)] AND size(costs) = size(nodeIds)
                     AND totalCost = reduce(s = 0.0, r IN relationships(path) | s + r.w) AS ok, totalCost
                 ORDER BY a.i, b.i"
            )
        };
        let native = shown(&engine, &stream("'native', ", ""));
        pairs += native.matches(';').count();
        assert!(!native.contains("false"), "{seed}: {native}");
        // a query that joins nodes names no relationships: where there are several, one may stand for another
        let totals = |text: &str| text.replace("true ", "").replace("false ", "");
        let asked = shown(&engine, &stream("'asked', ", ""));
        assert_eq!(totals(&asked), totals(&native), "{seed}");
        let queries = format!(", nodeQuery: '{NODES}', relationshipQuery: '{RELS}'");
        assert_eq!(totals(&shown(&engine, &stream("", &queries))), totals(&native), "{seed}");
        let language = "MATCH p = ANY CHEAPEST (a:N)-[r:R COST r.w]->+(b:N) WHERE a <> b
                        RETURN a.i, b.i, true, toFloat(cost(p)) ORDER BY a.i, b.i";
        assert_eq!(shown(&engine, language), native, "{seed}");
        let algorithm = "MATCH (a:N), (b:N) WHERE a <> b
                         CALL algo.dijkstra(a, b, {types: 'R', weight: 'w'}) YIELD cost, path
                         RETURN a.i, b.i, cost = cost(path), cost ORDER BY a.i, b.i";
        let types = rows(&engine, "MATCH ()-[r:R]->() RETURN count(r) > 0");
        if types == [[Value::Bool(true)]] {
            assert_eq!(shown(&engine, algorithm), native, "{seed}");
        }
    }
    assert!(pairs > 300, "{pairs}");
}

fn stops() -> Engine {
    let engine = Engine::in_memory();
    engine
        .run("CREATE (a:Stop {n: 'a'})-[:ROAD {km: 4}]->(b:Stop {n: 'b'})-[:ROAD {km: 3}]->(c:Stop {n: 'c'}), (a)-[:ROAD {km: 9}]->(c), (c)-[:FERRY]->(a)")
        .unwrap();
    engine
}

const FROM_A_TO_C: &str = "MATCH (a:Stop {n: 'a'}), (c:Stop {n: 'c'})
    CALL gds.shortestPath.dijkstra.stream('g', {sourceNode: a, targetNode: id(c), relationshipWeightProperty: 'km'})
    YIELD totalCost, nodeIds, path RETURN totalCost, size(nodeIds), [n IN nodes(path) | n.n]";

#[test]
fn a_projection_is_the_graph_as_it_was_until_it_is_dropped() {
    let engine = stops();
    let project =
        "CALL gds.graph.project('g', 'Stop', {ROAD: {properties: {km: {property: 'km', defaultValue: 1}}}, FERRY: {}})
                   YIELD graphName, nodeCount, relationshipCount RETURN *";
    // FERRY has no `km`: it is in the projection, and a search by `km` cannot weigh it
    assert_eq!(shown(&engine, project), "g 3 4");
    assert_eq!(code(&engine, FROM_A_TO_C).0, Code::NumberOutOfRange);
    assert_eq!(shown(&engine, "CALL gds.graph.drop('g') YIELD graphName RETURN *"), "g");
    let project = project.replace(", FERRY: {}", "");
    assert_eq!(shown(&engine, &project), "g 3 3");
    assert_eq!(code(&engine, &project).0, Code::InvalidArgumentValue);
    assert_eq!(shown(&engine, FROM_A_TO_C), "7.0 3 ['a', 'b', 'c']");
    // other sessions have it too, and what is written later is not in it
    engine.run("MATCH (a:Stop {n: 'a'}), (c:Stop {n: 'c'}) CREATE (a)-[:ROAD {km: 1}]->(c)").unwrap();
    assert_eq!(shown(&engine, FROM_A_TO_C), "7.0 3 ['a', 'b', 'c']");
    engine.run("MATCH (b:Stop {n: 'b'}) DETACH DELETE b").unwrap();
    engine.run("CREATE (:Stop {n: 'new'})").unwrap();
    assert_eq!(shown(&engine, FROM_A_TO_C), "7.0 3 null");
    assert_eq!(shown(&engine, "CALL gds.graph.exists('g') YIELD exists RETURN exists"), "true");
    assert_eq!(shown(&engine, "CALL gds.graph.list() YIELD graphName, nodeCount RETURN *"), "g 3");
    assert_eq!(shown(&engine, "CALL gds.graph.drop('g', false) YIELD graphName RETURN count(*)"), "1");
    assert_eq!(shown(&engine, "CALL gds.graph.drop('g', false) YIELD graphName RETURN count(*)"), "0");
    assert_eq!(shown(&engine, "CALL gds.graph.exists('g') YIELD exists RETURN exists"), "false");
}

#[test]
fn a_projection_is_made_of_what_its_statement_sees() {
    let engine = stops();
    let mut session = engine.session();
    session.script("BEGIN; MATCH (a:Stop {n: 'a'}), (c:Stop {n: 'c'}) CREATE (a)-[:ROAD {km: 2}]->(c)").unwrap();
    let project = "CALL gds.graph.project.cypher('g', 'MATCH (s:Stop) RETURN id(s) AS id',
        'MATCH (a:Stop)-[r:' + $type + ']-(b) RETURN id(a) AS source, id(b) AS target, min(r.km) AS km',
        {parameters: {unused: 1}}) YIELD relationshipCount AS n RETURN n";
    let rows = session.query(project).param("type", "ROAD").rows().unwrap();
    assert_eq!(rows.get(0).unwrap().get::<i64>("n").unwrap(), 6);
    session.run("ROLLBACK").unwrap();
    assert_eq!(shown(&engine, FROM_A_TO_C), "2.0 2 ['a', 'c']");
}

#[test]
fn what_cannot_be_projected_is_told() {
    let engine = stops();
    let nodes = "MATCH (s:Stop) RETURN id(s) AS id";
    for (query, wanted, says) in [
        ("CALL gds.graph.project('g', 'Stopp', 'ROAD')", Code::InvalidArgumentValue, "did you mean `Stop`?"),
        (
            "CALL gds.graph.project('g', '*', {ROAD: {direction: 'UNDIRECTED'}})",
            Code::InvalidArgumentValue,
            "orientation",
        ),
        (
            "CALL gds.graph.project('g', '*', '*', {relationshipProperty: 'km'})",
            Code::InvalidArgumentValue,
            "relationshipProperties",
        ),
        ("CALL gds.graph.project('', '*', '*')", Code::InvalidArgumentType, "not empty"),
        (
            "CALL gds.graph.project.cypher('g', 'CREATE (n) RETURN id(n) AS id', 'RETURN 1 AS source, 1 AS target')",
            Code::ProcedureError,
            "only reads",
        ),
        (
            "CALL gds.graph.project.cypher('g', 'MATCH (n) RETURN n', 'RETURN 1 AS source, 1 AS target')",
            Code::InvalidArgumentValue,
            "no column `id`",
        ),
        (
            "CALL gds.graph.project.cypher('g', 'MATCH (n RETURN n', '')",
            Code::UnexpectedSyntax,
            "in the query that is given",
        ),
        (
            "CREATE (n) WITH n CALL gds.graph.exists('g') YIELD exists RETURN exists",
            Code::ProcedureError,
            "statement that writes",
        ),
        ("CALL gds.graph.drop('g')", Code::InvalidArgumentValue, "no projection `g`"),
        (FROM_A_TO_C, Code::InvalidArgumentValue, "no projection `g`"),
    ] {
        let (code, told) = code(&engine, query);
        assert!(code == wanted && told.contains(says), "{query}: {code:?} {told}");
    }
    let cypher = |rels: &str| format!("CALL gds.graph.project.cypher('g', '{nodes}', '{rels}')");
    let (_, told) = code(&engine, &cypher("RETURN 0 AS source, 77 AS target"));
    assert!(told.contains("not both in the nodeQuery"), "{told}");
    let (_, told) = code(&engine, &cypher("MATCH (a:Stop) RETURN id(a) AS source, id(a) AS target, a.n AS km"));
    assert!(told.contains("must be a number"), "{told}");
    let loose = "CALL gds.graph.project.cypher('g', 'RETURN 0 AS id', 'RETURN 0 AS source, 77 AS target', {validateRelationships: false})
                 YIELD relationshipCount AS n RETURN n";
    assert_eq!(shown(&engine, loose), "0");
    let (_, told) = code(&engine, FROM_A_TO_C);
    assert!(told.contains("is not in the projection") || told.contains("no property"), "{told}");
    // a projection cannot ask for itself
    let again = "CALL gds.graph.project.cypher('h', $q, $q, {parameters: {q: $q}})";
    let error = engine.query(again).param("q", again).rows().unwrap_err();
    assert!(error.message().contains("cannot be called here"), "{error}");
    for number in 0..63 {
        rows(&engine, &format!("CALL gds.graph.project('p{number}', 'Stop', '*') YIELD graphName RETURN 1"));
    }
    assert_eq!(code(&engine, "CALL gds.graph.project('more', 'Stop', '*')").0, Code::Size);
}

#[test]
fn projections_together_hold_what_one_statement_may() {
    let engine = Engine::in_memory();
    engine.run("UNWIND range(1, 20000) AS i CREATE (:N {i: i})-[:R {w: i}]->(:N)").unwrap();
    let limits = || Limits { memory: Some(24 << 20), ..Limits::default() };
    let project = |number: usize| {
        let text = format!("CALL gds.graph.project('p{number}', 'N', 'R', {{relationshipProperties: 'w'}})");
        engine.query(&text).limits(limits()).rows()
    };
    let refused = (0..64).find(|number| project(*number).is_err()).expect("there is an end to it");
    assert!(refused > 2, "{refused}");
    let error = project(refused).expect_err("as before");
    assert_eq!(error.code(), Code::Memory);
    assert!(error.hint_text().is_some_and(|hint| hint.contains("gds.graph.drop")), "{:?}", error.hint_text());
    for number in 0..2 {
        rows(&engine, &format!("CALL gds.graph.drop('p{number}') YIELD graphName RETURN 1"));
    }
    project(refused).expect("there is room again");
}
