//! Indexes of every kind change no answer: the same writes to a graph that has them and to one that has none, and the same
//! questions to both, with the optimizer and without; in transactions that are taken back, and after reopening.

use shejire::engine::{Limits, Session};
use shejire::value::text;
use shejire::{Engine, Value};

/// Numbers below a bound, from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const INDEXES: [&str; 6] = [
    "CREATE INDEX nodes_ab IF NOT EXISTS FOR (n:A) ON (n.a, n.b)",
    "CREATE INDEX nodes_abc IF NOT EXISTS FOR (n:B) ON (n.b, n.a, n.c)",
    "CREATE INDEX rels_a IF NOT EXISTS FOR ()-[r:R]-() ON (r.a)",
    "CREATE INDEX rels_ab IF NOT EXISTS FOR ()-[r:R]-() ON (r.b, r.a)",
    "CREATE INDEX rels_s IF NOT EXISTS FOR ()-[r:S]-() ON (r.a, r.c)",
    "CREATE INDEX nodes_c IF NOT EXISTS FOR (n:A) ON (n.c)",
];

const VALUES: [&str; 14] = [
    "null",
    "0",
    "1",
    "1.0",
    "2",
    "-1",
    "'x'",
    "'xy'",
    "'y'",
    "true",
    "[1, null]",
    "0.0/0.0",
    "date('2020-02-03')",
    "duration('P1D')",
];

fn value(dice: &mut Dice) -> &'static str {
    VALUES[dice.below(VALUES.len())]
}

/// A condition on two or three properties of a variable.
fn conditions(of: &str, dice: &mut Dice) -> String {
    let one = |key: &str, dice: &mut Dice| match dice.below(8) {
        0 => format!("{of}.{key} > {}", value(dice)),
        1 => format!("{of}.{key} <= {}", value(dice)),
        2 => format!("{of}.{key} STARTS WITH 'x'"),
        3 => format!("{of}.{key} IN [{}, {}, 1]", value(dice), value(dice)),
        4 => format!("{} = {of}.{key}", value(dice)),
        _ => format!("{of}.{key} = {}", value(dice)),
    };
    let count = 1 + dice.below(3);
    let all: Vec<String> = (0..count).map(|_| one(["a", "b", "c"][dice.below(3)], dice)).collect();
    all.join(" AND ")
}

fn write(dice: &mut Dice) -> String {
    let id = dice.below(40);
    let (other, key) = (dice.below(40), dice.pick(&["a", "b", "c"]));
    let labels = dice.pick(&["A", "B", "A:B", "C"]);
    let map = |dice: &mut Dice| format!("a: {}, b: {}, c: {}", value(dice), value(dice), value(dice));
    match dice.below(9) {
        0 | 1 => format!("CREATE (:{labels} {{id: {id}, {}}})", map(dice)),
        2 | 3 => format!(
            "MATCH (n {{id: {id}}}), (m {{id: {other}}}) CREATE (n)-[:{} {{{}}}]->(m)",
            dice.pick(&["R", "R", "S"]),
            map(dice)
        ),
        4 => format!("MATCH (n {{id: {id}}}) SET n.{key} = {}", value(dice)),
        5 => format!("MATCH ()-[r]->(n {{id: {id}}}) SET r.{key} = {}", value(dice)),
        6 => format!("MATCH (n {{id: {id}}}) REMOVE n:A SET n:B"),
        7 => format!("MATCH ()-[r:R]->({{id: {id}}}) DELETE r"),
        _ => format!("MATCH (n {{id: {id}}}) DETACH DELETE n"),
    }
}

fn question(dice: &mut Dice) -> String {
    let ty = dice.pick(&["R", "R", "S"]);
    match dice.below(10) {
        0 | 1 => format!("MATCH (n:A) WHERE {} RETURN n.id AS x", conditions("n", dice)),
        2 => format!("MATCH (n:A:B) WHERE {} RETURN n.id AS x", conditions("n", dice)),
        3 => format!("MATCH (n)-[r:{ty}]->(m) WHERE {} RETURN n.id, m.id, r.a, r.b AS x", conditions("r", dice)),
        4 => format!("MATCH (n:A)-[r:{ty}]-(m) WHERE {} RETURN n.id, m.id AS x", conditions("r", dice)),
        5 => format!(
            "MATCH (n)<-[r:{ty}]-(m:B), (n)-[s:R]->(k) WHERE {} AND {} RETURN n.id, m.id, k.id AS x",
            conditions("r", dice),
            conditions("s", dice)
        ),
        6 => format!(
            "UNWIND [0, 1, 'x', null] AS v MATCH (n:B) WHERE n.b = v AND {} RETURN v, count(*) AS x",
            conditions("n", dice)
        ),
        7 => format!(
            "UNWIND [0, 1, 'x'] AS v MATCH (n:A) WHERE n.c {} v AND {} RETURN v, n.id AS x",
            dice.pick(&[">", "<=", "STARTS WITH", "="]),
            conditions("n", dice)
        ),
        8 => format!(
            "UNWIND [0, 1, 'x'] AS v OPTIONAL MATCH ()-[r:R {{a: v}}]->(m)-[s:S]->() WHERE {} RETURN v, m.id AS x",
            conditions("r", dice)
        ),
        _ => format!("MATCH p = (n)-[r:R {{a: {}}}]->()-[:R]->() RETURN length(p), n.id AS x", value(dice)),
    }
}

fn answer(session: &mut Session, question: &str, plain: bool) -> Vec<String> {
    let query = session.query(question);
    let query = if plain { query.unoptimized() } else { query };
    let rows = query.rows().unwrap_or_else(|error| panic!("{question}: {error}"));
    let shown = |value: &Value| text::literal(value, None).unwrap_or_default();
    let row = |row: &[Value]| row.iter().map(shown).collect::<Vec<_>>().join(" ");
    let mut all: Vec<String> = (0..rows.len()).map(|at| row(rows.get(at).unwrap().values())).collect();
    all.sort();
    all
}

fn run(session: &mut Session, statement: &str) -> bool {
    session.run(statement).is_ok()
}

#[test]
fn indexes_change_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let mut sought = [0, 0];
    for seed in 0..6 {
        let mut dice = Dice(seed * 6_151 + 5);
        let path = folder.path().join(format!("{seed}"));
        let mut indexed = Engine::open(&path).unwrap();
        let plain = Engine::in_memory();
        let (mut own, mut other) = (indexed.session(), plain.session());
        for step in 0..60 {
            if dice.below(8) == 0 {
                let index = dice.pick(&INDEXES);
                assert!(run(&mut own, index), "{index}");
            }
            if dice.below(30) == 0 {
                let name = dice.pick(&["nodes_ab", "nodes_abc", "rels_a", "rels_ab", "rels_s"]);
                assert!(run(&mut own, &format!("DROP INDEX {name} IF EXISTS")));
            }
            let taken_back = dice.below(6) == 0;
            if taken_back {
                assert!(run(&mut own, "BEGIN"));
            }
            for _ in 0..4 {
                let statement = write(&mut dice);
                assert!(run(&mut own, &statement), "{statement}");
                assert!(taken_back || run(&mut other, &statement), "{statement}");
            }
            if taken_back {
                let _ = answer(&mut own, &question(&mut dice), false);
                assert!(run(&mut own, "ROLLBACK"));
            }
            if step % 20 == 19 {
                drop(own);
                drop(indexed);
                indexed = Engine::open(&path).unwrap();
                own = indexed.session();
                let problems = own.run("SHOW INDEXES").unwrap();
                assert!(problems.len() <= INDEXES.len());
            }
            for _ in 0..8 {
                let asked = question(&mut dice);
                let (with, without) = (answer(&mut own, &asked, false), answer(&mut other, &asked, false));
                assert_eq!(with, without, "seed {seed} step {step}: {asked}");
                assert_eq!(with, answer(&mut own, &asked, true), "seed {seed} step {step}, as written: {asked}");
                let plan = own.run(&format!("EXPLAIN {asked}")).unwrap();
                let plan = plan.plan().map(ToString::to_string).unwrap_or_default();
                sought[0] += usize::from(plan.contains("SeekRelationships"));
                sought[1] += usize::from(plan.contains("SeekIndex") && plan.contains(" AND "));
            }
        }
        for index in INDEXES {
            assert!(run(&mut own, index), "{index}");
        }
    }
    assert!(sought.iter().all(|count| *count > 60), "what is tested must be reached: {sought:?}");
}

/// A seek whose value comes from the row runs in the row, however costly it is to find the other rows: where another
/// condition on the node made it a side of a join, it found nothing.
#[test]
fn what_is_sought_by_a_value_of_the_row_is_sought_in_the_row() {
    let engine = Engine::in_memory();
    let mut session = engine.session();
    for statement in [
        "CREATE INDEX FOR (n:B) ON (n.k)",
        "CREATE INDEX FOR (n:B) ON (n.z, n.k)",
        "UNWIND range(0, 99) AS i CREATE (:B {k: i, z: i % 5})",
        "MATCH (a:B), (b:B) WHERE b.k = a.k + 1 CREATE (a)-[:NEXT {k: a.k}]->(b)",
        "CREATE INDEX FOR ()-[r:NEXT]-() ON (r.k)",
    ] {
        assert!(run(&mut session, statement), "{statement}");
    }
    for (question, wanted) in [
        ("UNWIND [92, 97] AS v MATCH (n:B) WHERE n.k > v AND n.z = 3 RETURN v, n.k", vec!["92 93", "92 98", "97 98"]),
        ("UNWIND [8, 7] AS v MATCH (n:B) WHERE id(n) = v AND n.z = 3 RETURN v, n.k", vec!["8 8"]),
        (
            "UNWIND [8, 7] AS v MATCH (n:B) WHERE id(n) IN [v, 98] AND n.z = 3 RETURN v, n.k",
            vec!["7 98", "8 8", "8 98"],
        ),
        ("UNWIND [3, 4] AS v MATCH (n:B) WHERE n.z = v AND n.k > 92 AND n.k < 96 RETURN v, n.k", vec!["3 93", "4 94"]),
        ("UNWIND [8, 7] AS v MATCH (n:B)-[r:NEXT]->(m) WHERE r.k = v AND n.z = 3 RETURN v, m.k", vec!["8 9"]),
        ("MATCH (a:B {k: 3}) MATCH (n:B) WHERE id(n) = id(a) + 5 AND n.z > 0 RETURN n.k", vec!["8"]),
    ] {
        assert_eq!(answer(&mut session, question, false), wanted, "{question}");
        assert_eq!(answer(&mut session, question, true), wanted, "as written: {question}");
    }
}

/// Sources see different values of a relationship: an index knows only what they say together.
#[test]
fn a_view_is_asked_not_an_index() {
    let engine = Engine::builtin().unwrap();
    let questions = [
        "MATCH (q)-[r:benefits]->(g) ACCORDING TO '001' WHERE r.share = '30 percent' RETURN count(*) AS n",
        "MATCH (a)-[r:`changed-to`]->(q) ACCORDING TO '000' WHERE r.factor = 4 RETURN count(*) AS n",
        "MATCH (q)-[r:benefits {age: '18-28'}]->(g) ACCORDING TO '000' RETURN count(*) AS n",
        "MATCH (q)-[r:benefits]->(g) WHERE r.share = '30 percent' RETURN count(*) AS n",
    ];
    let answers = |session: &mut Session| questions.map(|question| answer(session, question, false));
    let mut session = engine.session();
    let before = answers(&mut session);
    for index in [
        "CREATE INDEX FOR ()-[r:benefits]-() ON (r.share)",
        "CREATE INDEX FOR ()-[r:benefits]-() ON (r.age)",
        "CREATE INDEX FOR ()-[r:`changed-to`]-() ON (r.factor)",
    ] {
        assert!(run(&mut session, index), "{index}");
    }
    assert_eq!(answers(&mut session), before);
}

#[test]
fn full_text_indexes_are_made_asked_listed_and_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let engine = Engine::open(&path).unwrap();
    let mut session = engine.session();
    for statement in [
        "CREATE (:Body {name: 'Constitutional Court', note: 'recreated'}), (:Law {name: 'Law on Courts'}), (:Other {name: 'court'})",
        "CREATE FULLTEXT INDEX bodies FOR (n:Body|Law) ON EACH [n.name, n.note] OPTIONS {indexConfig: {`fulltext.analyzer`: 'english'}}",
        "CREATE FULLTEXT INDEX bodies IF NOT EXISTS FOR (n:Body|Law) ON EACH [n.name, n.note]",
        "CREATE FULLTEXT INDEX said FOR ()-[r:SAYS]-() ON EACH [r.text]",
        "MATCH (b:Body), (l:Law) CREATE (b)-[:SAYS {text: 'the court decides'}]->(l)",
    ] {
        session.run(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let nodes = "CALL db.index.fulltext.queryNodes('bodies', $what) YIELD node, score WHERE score > 0 RETURN node.name";
    let names = |session: &mut Session, what: &str| -> Vec<String> {
        let rows = session.query(nodes).param("what", what).rows().unwrap_or_else(|error| panic!("{what}: {error}"));
        (0..rows.len()).map(|at| format!("{:?}", rows.get(at).unwrap().values()[0])).collect()
    };
    assert_eq!(names(&mut session, "court").len(), 1);
    assert_eq!(names(&mut session, "court*").len(), 2);
    assert_eq!(names(&mut session, "note:recreated").len(), 1);
    assert!(session.run("BEGIN").is_ok() && session.run("MATCH (b:Body) SET b.name = 'Senate'").is_ok());
    assert_eq!((names(&mut session, "court").len(), names(&mut session, "senate").len()), (0, 1));
    assert!(session.run("ROLLBACK").is_ok());
    assert_eq!((names(&mut session, "court").len(), names(&mut session, "senate").len()), (1, 0));
    let rels = "CALL db.index.fulltext.queryRelationships('said', 'decides', {limit: 1}) YIELD relationship AS r \
                RETURN startNode(r).name";
    assert_eq!(answer(&mut session, rels, false), ["'Constitutional Court'"]);
    drop(session);
    drop(engine);

    let engine = Engine::open(&path).unwrap();
    let mut session = engine.session();
    assert_eq!(names(&mut session, "court").len(), 1, "it lasts");
    let shown = "SHOW FULLTEXT INDEXES YIELD name, type, entityType, labelsOrTypes, properties";
    let wanted = [
        "'bodies' 'FULLTEXT' 'NODE' ['Body', 'Law'] ['name', 'note']",
        "'said' 'FULLTEXT' 'RELATIONSHIP' ['SAYS'] ['text']",
    ];
    assert_eq!(answer(&mut session, shown, false), wanted);
    assert!(session.run("CREATE INDEX bodies FOR (n:Body) ON (n.name)").is_err(), "the name is taken");
    assert!(session.run("DROP INDEX bodies").is_ok());
    let error = session.query(nodes).param("what", "court").rows().expect_err("it is gone");
    assert_eq!(error.code().name(), "IndexNotFound");
    for (statement, code) in [
        ("CREATE INDEX FOR (n:A|B) ON (n.a)", "UnexpectedSyntax"),
        ("CREATE FULLTEXT INDEX said FOR (n:A) ON EACH [n.a]", "IndexAlreadyExists"),
        ("CALL db.index.fulltext.queryNodes('said', 'x')", "InvalidArgumentValue"),
        ("CALL db.index.fulltext.queryRelationships('said', '(x')", "InvalidArgumentValue"),
        ("CALL db.index.fulltext.queryRelationships('said', 'x', {most: 3})", "InvalidArgumentValue"),
    ] {
        assert_eq!(session.run(statement).expect_err(statement).code().name(), code, "{statement}");
    }
}

#[test]
fn calls_of_apoc_answer_as_clauses_do() {
    let engine = Engine::in_memory();
    let mut session = engine.session();
    for statement in [
        "UNWIND range(1, 7) AS i CREATE (:N {i: i})",
        "MATCH (a:N), (b:N) WHERE b.i = a.i + 1 CREATE (a)-[:NEXT]->(b)",
        "MATCH (n:N {i: 4}) SET n:Stop",
    ] {
        assert!(run(&mut session, statement), "{statement}");
    }
    let iterate = "CALL apoc.periodic.iterate('MATCH (n:N) RETURN n, n.i AS i ORDER BY i', 'SET n.tenth = 10 / (i - 3)', {batchSize: 2}) \
                   YIELD batches, total, committedOperations AS done, failedOperations, failedBatches, errorMessages \
                   RETURN batches, total, done, failedOperations, failedBatches, errorMessages";
    let wanted = "4 7 5 2 1 {`an integer cannot be divided by zero`: 2}";
    assert_eq!(answer(&mut session, iterate, false), [wanted]);
    assert_eq!(
        answer(&mut session, "MATCH (n:N) WHERE n.tenth IS NOT NULL RETURN n.i", false),
        ["1", "2", "5", "6", "7"]
    );
    let whole = "CALL apoc.periodic.iterate('MATCH (n:Nothing) RETURN n', 'DETACH DELETE n', {})";
    assert_eq!(
        answer(&mut session, whole, false)[0],
        "0 0 0 0 0 0 {} {committed: 0, errors: {}, failed: 0, total: 0} false"
    );
    let text = "CALL apoc.periodic.iterate('MATCH (n:N) RETURN n', 'SET m.x = 1', {})";
    let error = session.run(text).expect_err("m is not there");
    let place = error.span().expect("a place");
    assert_eq!(&text[place.start as usize..place.end as usize], "m", "the caret stands in the inner statement");

    let from = |call: &str| format!("MATCH (s:N {{i: 2}}) CALL {call}");
    for (call, wanted) in [
        (
            "apoc.path.expand(s, 'NEXT>', '', 1, 2) YIELD path RETURN [n IN nodes(path) | n.i] AS x",
            vec!["[2, 3, 4]", "[2, 3]"],
        ),
        ("apoc.path.expand(s, '<NEXT', null, 0, -1) YIELD path RETURN length(path) AS x", vec!["0", "1"]),
        (
            "apoc.path.expandConfig(s, {relationshipFilter: 'NEXT>', labelFilter: '/Stop'}) YIELD path RETURN length(path) AS x",
            vec!["2"],
        ),
        (
            "apoc.path.expandConfig(s, {labelFilter: '-Stop', maxLevel: 9}) YIELD path RETURN length(path) AS x",
            vec!["0", "1", "1"],
        ),
        ("apoc.path.subgraphNodes(s, {maxLevel: 1}) YIELD node RETURN node.i AS x", vec!["1", "2", "3"]),
        (
            "apoc.path.subgraphAll(s, {maxLevel: 1}) YIELD nodes, relationships RETURN size(nodes), size(relationships) AS x",
            vec!["3 2"],
        ),
        (
            "apoc.path.spanningTree(s, {relationshipFilter: 'NEXT>', limit: 3}) YIELD path RETURN length(path) AS x",
            vec!["0", "1", "2"],
        ),
    ] {
        assert_eq!(answer(&mut session, &from(call), false), wanted, "{call}");
    }
    assert_eq!(
        answer(&mut session, "CALL apoc.path.expand(null, '', '', 1, 2) YIELD path RETURN path", false),
        Vec::<String>::new()
    );
}

#[test]
fn json_is_read_where_tables_are() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("list.json"), r#"[{"a": 1}, {"a": [2.5, null]}]"#).unwrap();
    std::fs::write(folder.path().join("lines.json"), "{\"a\": 1}\n{\"a\": 'x'}\n").unwrap();
    let engine = Engine::in_memory();
    let read = |call: &str, folder: Option<&std::path::Path>| {
        let limits = Limits { csv_folder: folder.map(Into::into), ..Limits::default() };
        let text = format!("CALL apoc.load.json({call}) YIELD value RETURN collect(value.a)");
        let rows = engine.query(&text).limits(limits).rows()?;
        Ok::<_, shejire::Error>(text::literal(&rows.get(0).unwrap().values()[0], None).unwrap())
    };
    let own = Some(folder.path());
    assert_eq!(read("'list.json'", own).unwrap(), "[1, [2.5, null]]");
    assert_eq!(read("'file:///list.json', ''", own).unwrap(), "[1, [2.5, null]]");
    for (call, folder, code) in [
        ("'list.json'", None, "FileAccess"),
        ("'../list.json'", own, "FileAccess"),
        ("'none.json'", own, "FileAccess"),
        ("'lines.json'", own, "InvalidData"),
        ("'list.json', '$[0]'", own, "InvalidArgumentValue"),
    ] {
        assert_eq!(read(call, folder).expect_err(call).code().name(), code, "{call}");
    }
}
