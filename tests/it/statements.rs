//! Statements as programs ask them: citations, plans and limits beside the text; streams; rows as Rust types.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use shejire::engine::{Cell, FromValue, KnowledgeGraph, Limits, NodeData, PathData, RelData, Rows};
use shejire::error::{Class, Code};
use shejire::io::ReadAs;
use shejire::io::read::{IntoGraph, Known};
use shejire::value::order;
use shejire::value::temporal::{Date, Duration as Span};
use shejire::value::to_value;
use shejire::{Engine, Error, Value};

/// Texts with the ways they can be wrong, some at run time.
const WRONG: &[&str] = &[
    "MATCH (n RETURN n",
    "MATCH (n) RETURN m",
    "MATCH (n:law) RETURN 1 / 0",
    "MATCH (n:law) RETURN toInteger([1])",
    "RETURN $missing",
    "MATCH (n:law) RETURN n.name\nORDER BY size(1)",
];

#[test]
fn citations_asked_beside_the_text_are_those_of_the_word_and_places_stay_in_the_text() {
    let engine = Engine::builtin().unwrap();
    for text in [
        "MATCH (a)-[r:`transferred-to`]->(b) RETURN a.name, b.name ORDER BY a.name",
        "MATCH (l:law) RETURN l.name ORDER BY l.name LIMIT 5",
        "TRACE 'National Kurultai'",
    ] {
        let (word, method) = (engine.run(&format!("CITE {text}")).unwrap(), engine.query(text).cite().rows().unwrap());
        assert!(method.cited() && !method.is_empty(), "{text}");
        assert!(word.iter().zip(&method).all(|(a, b)| a.citations() == b.citations()), "{text}");
        assert!(!engine.run(text).unwrap().cited(), "{text}: a plan that cites is kept apart");
        let again = engine.query(&format!("CITE {text}")).cite().rows().unwrap();
        assert_eq!(again.len(), word.len(), "said twice is said once: {text}");
        // EXPLAIN and PROFILE show the plan that runs
        let plan = engine.query(text).cite().explain().unwrap();
        assert_eq!(plan, *engine.run(&format!("EXPLAIN CITE {text}")).unwrap().plan().unwrap(), "{text}");
        assert_eq!(
            plan.to_string(),
            engine.query(&format!("EXPLAIN {text}")).cite().rows().unwrap().plan().unwrap().to_string()
        );
        let profile = engine.query(text).cite().profile().unwrap();
        assert!(profile.rows.cited() && profile.plan.root().rows() == Some(profile.rows.len() as u64), "{text}");
    }
    for text in WRONG {
        let (plain, cited) = (engine.run(text).unwrap_err(), engine.query(text).cite().rows().unwrap_err());
        assert_eq!(plain, cited, "{text}");
        assert_eq!(plain.render(text, None, false), cited.render(text, None, false), "{text}");
    }
}

#[test]
fn a_plan_is_a_tree_that_prints_as_explain_does() {
    let engine = Engine::builtin().unwrap();
    for text in [
        "MATCH (l:law) RETURN l.name ORDER BY l.name LIMIT 3",
        "MATCH (a)-[:amended]->(b), (c:law) WHERE EXISTS { (a)-->(:institution) } RETURN a, c UNION MATCH (a) RETURN a, a AS c",
        "MATCH (a) CALL (a) { MATCH (a)-->(b) RETURN count(b) AS n } RETURN n, COUNT { (a)<--() } AS m",
    ] {
        let plan = engine.query(text).explain().unwrap();
        assert_eq!(plan.to_string(), engine.run(&format!("EXPLAIN {text}")).unwrap().plan().unwrap().to_string());
        let lines = plan.operators().count() + plan.subqueries().count();
        assert_eq!(plan.to_string().lines().count(), lines, "{text}");
        assert!(plan.operators().all(|o| o.rows().is_none() && o.time().is_none()));
        let profile = engine.query(text).profile().unwrap();
        let root = profile.plan.root();
        assert_eq!(root.rows(), Some(profile.rows.len() as u64), "{text}");
        assert!(profile.plan.operators().all(|o| o.calls().is_some()), "{text}");
        // what is below is part of what it took
        fn takes_its_inputs_along(node: shejire::engine::PlanNode<'_>) -> bool {
            let below: Duration = node.inputs().filter_map(|input| input.time()).sum();
            node.time().is_some_and(|own| own + Duration::from_millis(1) >= below)
                && node.inputs().all(takes_its_inputs_along)
        }
        assert!(takes_its_inputs_along(root), "{}", profile.plan);
    }
    // a plan that is a tower is shown and dropped like any other
    let tower = format!("UNWIND [1] AS x {} RETURN x", "WITH x WHERE x > 0 ".repeat(4000));
    assert!(engine.query(&tower).explain().unwrap().operators().count() > 100);
    for (text, writes) in [("CREATE INDEX FOR (n:A) ON (n.k)", true), ("BEGIN", false), ("SHOW LABELS", false)] {
        let error = engine.query(text).explain().unwrap_err();
        assert_eq!(error.code(), Code::Unsupported, "{text}");
        assert!(engine.query(text).profile().is_err(), "{text}");
        if writes {
            assert!(engine.run("SHOW INDEXES").unwrap().is_empty(), "{text} did not run");
        }
    }
    assert_eq!(engine.query("CREATE (:X)").explain().unwrap().operators().count(), 2);
    assert!(engine.run("MATCH (x:X) RETURN x").unwrap().is_empty(), "what is explained does not run");
}

#[test]
fn what_only_reads_may_be_asked_for_everywhere() {
    let engine = Engine::in_memory();
    let mut session = engine.session();
    let refused = |error: Error| assert_eq!(error.code(), Code::ReadOnlyGraph);
    refused(engine.query("CREATE (:A)").read_only().rows().unwrap_err());
    refused(session.query("CREATE (:A)").read_only().rows().unwrap_err());
    let mut transaction = engine.begin().unwrap();
    refused(transaction.query("CREATE (:A)").read_only().rows().unwrap_err());
    drop(transaction);
    refused(engine.query("CREATE INDEX FOR (n:A) ON (n.k)").read_only().stream().unwrap_err());
    assert!(engine.query("MATCH (n) RETURN n").read_only().rows().unwrap().is_empty());
}

/// What a stream gives, as rows would: an error where the rows have one.
fn streamed(rows: shejire::Result<shejire::engine::Stream>) -> Result<Vec<Vec<Value>>, (usize, Error)> {
    let mut all = Vec::new();
    for record in rows.map_err(|error| (0, error))? {
        match record {
            Ok(record) => all.push(record.values().to_vec()),
            Err(error) => return Err((all.len(), error)),
        }
    }
    Ok(all)
}

fn whole(rows: &Rows) -> Vec<Vec<Value>> {
    rows.iter().map(|row| row.values().to_vec()).collect()
}

#[test]
fn a_stream_gives_the_rows_that_an_answer_has_everywhere() {
    let engine = Engine::builtin().unwrap();
    let queries = [
        "MATCH (n) RETURN n",
        "MATCH (a)-[r]->(b) RETURN a, r, b",
        "MATCH p = (a:law)-->(b) RETURN p, [a, {b: b}]",
        "UNWIND range(1, 5000) AS n RETURN n, toString(n) AS t",
        "MATCH (n:nothing) RETURN n",
        "TRACE 'National Kurultai'",
        "SHOW LABELS",
        "MATCH (n:law) SET n.seen = true",
        "MATCH (n:law) RETURN count(*) AS n",
        "CITE MATCH (a)-[r]->(b) RETURN a.name, b.name",
    ];
    for query in queries {
        let rows = engine.run(query).unwrap();
        assert_eq!(streamed(engine.query(query).stream()).unwrap(), whole(&rows), "{query}");
        let mut session = engine.session();
        assert_eq!(streamed(session.query(query).stream()).unwrap(), whole(&rows), "{query} in a session");
        session.begin().unwrap();
        session.run("CREATE (:law {own: true})").unwrap();
        session.run("MATCH (n:law {own: true}) DELETE n").unwrap();
        assert_eq!(streamed(session.query(query).stream()).unwrap(), whole(&rows), "{query} in a transaction");
        session.rollback().unwrap();
        if !query.contains("SET") {
            let snapshot = engine.snapshot().unwrap();
            assert_eq!(streamed(snapshot.query(query).stream()).unwrap(), whole(&rows), "{query} on a snapshot");
        }
        // content, citations and what is known at the end
        let mut stream = engine.query(query).stream().unwrap();
        assert_eq!((stream.columns(), stream.is_cited()), (rows.columns(), rows.cited()));
        for (row, record) in rows.iter().zip(stream.by_ref()) {
            let record = record.unwrap();
            assert_eq!(serde_json::to_string(&row).unwrap(), serde_json::to_string(&record).unwrap(), "{query}");
            assert_eq!(row.citations(), record.citations(), "{query}");
        }
        assert!(stream.next().is_none());
        assert_eq!((stream.warnings(), stream.changes().properties_set > 0), (rows.warnings(), query.contains("SET")));
    }
    // its own writes, which nobody else sees
    let mut transaction = engine.begin().unwrap();
    transaction.run("UNWIND range(1, 3000) AS n CREATE (:own {n: n})").unwrap();
    let stream = transaction.query("MATCH (n:own) RETURN n.n AS n").stream().unwrap();
    assert_eq!(streamed(engine.query("MATCH (n:own) RETURN n").stream()).unwrap().len(), 0);
    transaction.run("MATCH (n:own) DELETE n").unwrap();
    assert_eq!(stream.map(|record| record.unwrap().get::<i64>("n").unwrap()).sum::<i64>(), 3000 * 3001 / 2);
    for text in WRONG {
        let error = engine.run(text).unwrap_err();
        assert_eq!(streamed(engine.query(text).stream()).unwrap_err().1, error, "{text}");
    }
}

#[test]
fn rows_before_a_late_error_are_given_and_batches_may_be_taken_whole() {
    let engine = Engine::in_memory();
    let text = "UNWIND range(10000, -1, -1) AS n RETURN 10 / n AS tenth";
    let (rows, error) = streamed(engine.query(text).stream()).unwrap_err();
    assert_eq!(error.code(), Code::DivisionByZero);
    assert!((9000..=10_000).contains(&rows), "{rows} rows came before it");
    let limits = Limits { rows: Some(5000), ..Limits::default() };
    let (rows, error) =
        streamed(engine.query("UNWIND range(1, 9000) AS n RETURN n").limits(limits).stream()).unwrap_err();
    assert!(rows > 3000 && error.code() == Code::Rows, "{rows}");

    let mut stream = engine.query("UNWIND range(1, 5000) AS n RETURN n").stream().unwrap();
    let first: Vec<i64> = stream.by_ref().take(10).map(|record| record.unwrap().get("n").unwrap()).collect();
    let mut all = first;
    while let Some(batch) = stream.next_batch().unwrap() {
        assert!(!batch.is_empty());
        // a mistake is told by the row of the whole answer
        let wrong = batch.get(0).unwrap().get::<bool>("n").unwrap_err();
        assert!(wrong.message().starts_with(&format!("column `n` of row {}: ", all.len() + 1)), "{wrong}");
        all.extend(batch.deserialize::<(i64,)>().unwrap().into_iter().map(|(n,)| n));
    }
    assert_eq!(all, (1..=5000).collect::<Vec<_>>());
}

#[test]
fn a_stream_that_is_dropped_stops_its_statement() {
    let engine = Engine::in_memory();
    // for ever, as far as anybody would wait; and one that gives no row for as long
    for text in
        ["UNWIND range(1, 1000000000) AS n RETURN n", "UNWIND range(1, 1000000000) AS n WITH n WHERE n < 3 RETURN n"]
    {
        let mut stream = engine.query(text).stream().unwrap();
        assert!(stream.next().is_some());
        let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        let tasks = || std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        let threads = || tasks().filter_map(|task| (name(task).trim() == "shejire stream").then_some(())).count();
        let before = threads();
        drop(stream);
        let (since, mut left) = (Instant::now(), before);
        while before > 0 && left >= before && since.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(5));
            left = threads();
        }
        assert!(before == 0 || left < before, "{text} goes on");
    }
}

#[test]
fn a_cell_becomes_a_rust_type_or_says_why_not() {
    let engine = Engine::in_memory();
    engine.run("CREATE (:Author {name: 'Ada', born: date('1815-12-10')})-[:WROTE {year: 1843}]->(:Note)").unwrap();
    let rows = engine
        .run(
            "MATCH p = (a)-[r]->(n) RETURN a, r, p, a.born AS born, 7 AS int, 1.5 AS float, true AS bool, null AS none,
             [1, null, 3] AS list, {a: 1, b: 2} AS map, duration('P1D') AS span, 9007199254740993 AS large",
        )
        .unwrap();
    let row = rows.get(0).unwrap();
    assert_eq!(row.get::<NodeData>("a").unwrap().get::<&str>("name").unwrap(), "Ada");
    assert_eq!(row.get::<&RelData>("r").unwrap().get::<i64>("year").unwrap(), 1843);
    let path: PathData = row.get("p").unwrap();
    assert_eq!((path.nodes.len(), path.rels.len(), &*path.nodes[1].labels[0]), (2, 1, "Note"));
    assert_eq!(row.get::<Date>("born").unwrap().civil(), (1815, 12, 10));
    assert_eq!(row.get::<Span>("span").unwrap().days, 1);
    assert_eq!(
        (row.get::<u8>("int").unwrap(), row.get::<f64>("int").unwrap(), row.get::<f64>("float").unwrap()),
        (7, 7.0, 1.5)
    );
    assert_eq!(row.get::<Vec<Option<i8>>>("list").unwrap(), [Some(1), None, Some(3)]);
    assert_eq!(row.get::<BTreeMap<String, i64>>("map").unwrap().len(), 2);
    assert_eq!(row.get::<std::collections::HashMap<&str, i64>>("map").unwrap()["b"], 2);
    assert_eq!(row.get::<Option<bool>>("none").unwrap(), None);
    assert_eq!(row.get::<Value>("list").unwrap().to_string(), "[1, null, 3]");

    let said = |error: Error| (error.class(), error.message().to_owned(), error.hint_text().unwrap_or("").to_owned());
    let wrong = "column `int` of row 1: expected String, found the Integer 7";
    assert_eq!(said(row.get::<String>("int").unwrap_err()), (Class::TypeError, wrong.into(), String::new()));
    let wrong = "column `none` of row 1: expected Integer (i64), found null";
    assert_eq!(
        said(row.get::<i64>("none").unwrap_err()),
        (Class::TypeError, wrong.into(), "Option<…> takes null as None".into())
    );
    let wrong = "column `list` of row 1: item 1: expected Integer (i64), found null";
    assert_eq!(row.get::<Vec<i64>>("list").unwrap_err().message(), wrong);
    assert!(row.get::<f64>("large").is_err(), "not exact as a float");
    assert!(row.get::<i8>("large").unwrap_err().message().contains("Integer (i8), found the Integer 9007199254740993"));
    let missing = said(row.get::<i64>("itn").unwrap_err());
    assert_eq!(missing, (Class::ArgumentError, "the answer has no column `itn`".into(), "did you mean `int`?".into()));
    // what a value can become, a cell with a type of one's own can
    struct Even;
    impl<'a> FromValue<'a> for Even {
        fn from_value(cell: Cell<'a>) -> shejire::Result<Self> {
            i64::from_value(cell).and_then(|n| if n % 2 == 0 { Ok(Self) } else { Err(cell.is_not("an even number")) })
        }
    }
    assert_eq!(
        row.get::<Vec<Even>>("list").err().unwrap().message(),
        "column `list` of row 1: item 0: expected an even number, found the Integer 1"
    );
    assert_eq!(i64::try_from(&Value::Int(3)).unwrap(), 3);
    assert!(u8::try_from(&Value::Int(300)).is_err() && bool::try_from(&Value::Null).is_err());
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
enum Kind {
    Law,
    Other(String),
    Two { a: i64, b: Vec<bool> },
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Thing {
    name: String,
    count: Option<u32>,
    share: f64,
    tags: Vec<String>,
    more: BTreeMap<String, i64>,
    pair: (i8, bool),
    kind: Kind,
    on: Date,
    any: Value,
}

#[test]
fn structs_go_in_as_parameters_and_come_out_of_rows() {
    let engine = Engine::in_memory();
    let date = |engine: &Engine, text: &str| {
        engine.query("RETURN date($d) AS d").param("d", text).rows().unwrap().get(0).unwrap().get::<Date>("d").unwrap()
    };
    let any =
        [Value::Null, Value::from(1), Value::Float(f64::NAN), Value::from("x"), date(&engine, "2020-02-29").into()];
    for (at, kind) in [Kind::Law, Kind::Other("x".into()), Kind::Two { a: 1, b: vec![true] }].into_iter().enumerate() {
        for any in any.clone() {
            let thing = Thing {
                name: format!("thing {at}"),
                count: (at > 0).then_some(7),
                share: 0.25 * at as f64,
                tags: vec!["a".into(), String::new()],
                more: [("k".to_owned(), -1)].into(),
                pair: (-3, true),
                kind: kind.clone(),
                on: date(&engine, "1993-01-28"),
                any,
            };
            let text = "RETURN $name AS name, $count AS count, $share AS share, $tags AS tags, $more AS more,
                $pair AS pair, $kind AS kind, $on AS on, $any AS any, 1 AS further";
            let rows = engine.query(text).params(&thing).rows().unwrap();
            assert_eq!(rows.get(0).unwrap().to::<Thing>().unwrap(), thing);
            assert!(matches!(rows.get(0).unwrap().value("on"), Some(Value::Date(_))), "a date stays one");
            let records: Vec<Thing> = rows.into_iter().map(|record| record.to().unwrap()).collect();
            assert_eq!(records, [thing]);
        }
    }
    let rows = engine
        .run("CREATE (n:Law {name: 'On Courts', year: 1993})-[r:R {w: 1}]->(m:Law) RETURN n, r, 1 AS year")
        .unwrap();
    #[derive(Debug, Deserialize, PartialEq)]
    struct Law {
        name: Option<String>,
        year: u16,
    }
    #[derive(Debug, Deserialize)]
    struct Found {
        n: Law,
        r: BTreeMap<String, i64>,
    }
    let found: Found = rows.get(0).unwrap().to().unwrap();
    assert_eq!((found.n, found.r["w"]), (Law { name: Some("On Courts".into()), year: 1993 }, 1));
    // mistakes say where
    let missing = rows.get(0).unwrap().to::<Thing>().unwrap_err();
    assert_eq!(missing.message(), "the answer has no column `name`");
    let wrong = engine.run("RETURN 'x' AS year").unwrap();
    let wrong = wrong.get(0).unwrap().to::<Law>().unwrap_err();
    assert!(wrong.message().starts_with("column `year` of row 1: invalid type: string \"x\", expected u16"), "{wrong}");
    let large = engine.run("RETURN 70000 AS year").unwrap();
    assert!(large.get(0).unwrap().to::<Law>().unwrap_err().message().contains("70000"));
    // and what cannot be a parameter says so
    for (error, code) in [
        (engine.query("RETURN 1").params(u64::MAX).rows().unwrap_err(), Code::InvalidArgumentValue),
        (engine.query("RETURN 1").params("x").rows().unwrap_err(), Code::InvalidArgumentType),
    ] {
        assert_eq!(error.code(), code);
    }
    let mut deep = serde_json::json!(1);
    (0..600).for_each(|_| deep = serde_json::json!([deep.take()]));
    assert_eq!(to_value(&deep).unwrap_err().code(), Code::Depth);
}

#[test]
fn values_compare_hash_print_and_travel() {
    let engine = Engine::in_memory();
    let rows = engine
        .run("RETURN [null, true, 1, 1.0, -0.0, 'a\\'b', [1, [2]], {k: {l: 1}}, date('2020-01-01'), duration('P1M'), 1.0 / 0.0, datetime('2020-01-01T00:00Z')] AS all")
        .unwrap();
    let Some(Value::List(all)) = rows.get(0).unwrap().value("all").cloned() else { panic!("a list") };
    for (a, at) in all.iter().zip(0..) {
        for (b, bt) in all.iter().zip(0..) {
            assert_eq!(a == b, order::equivalent(a, b));
            assert!(at != bt || a == b);
        }
        let shown = engine.query("RETURN toString($v) AS t").param("v", a.clone()).rows();
        if let Ok(shown) = shown
            && !a.is_null()
        {
            assert_eq!(shown.get(0).unwrap().get::<String>("t").unwrap(), a.to_string());
        }
        // our own serializer keeps everything; JSON what it can say
        assert_eq!(to_value(a).unwrap(), *a);
        let json = serde_json::to_string(a).unwrap();
        let back: Value = serde_json::from_str(&json).unwrap();
        match a {
            Value::Date(_) | Value::Duration(_) | Value::DateTime(_) => assert_eq!(back, Value::from(a.to_string())),
            Value::Float(x) if !x.is_finite() => assert_eq!(back, Value::Null),
            _ => assert_eq!(back, *a, "{json}"),
        }
    }
    assert_eq!(format!("[{:>4}|{:<3}]", Value::from("ab"), Value::from(1)), "[  ab|1  ]");
    let error: Box<dyn std::error::Error + Send + Sync> = Box::new(engine.run("RETURN").unwrap_err());
    assert!(error.source().is_none() && error.to_string().contains("ends too early"));
    fn crosses_threads<T: Send + Sync>() {}
    crosses_threads::<(Value, Error, Rows, Engine, shejire::engine::Snapshot, shejire::engine::PlanTree)>();
    crosses_threads::<(Limits, NodeData, RelData, PathData, shejire::engine::Record, shejire::engine::Profile)>();
    fn moves_threads<T: Send>() {}
    moves_threads::<(shejire::engine::Session, shejire::engine::Transaction, shejire::engine::Stream)>();
}

#[test]
fn an_error_knows_what_the_system_said() {
    use std::error::Error as _;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("no-store");
    std::fs::write(&file, "x".repeat(10_000)).unwrap();
    let error = Engine::open(&file).unwrap_err();
    assert_eq!(error.class(), Class::StoreError, "{error}");
    let none = folder.path().join("none.jsonl");
    let read = |to: &mut KnowledgeGraph| {
        let mut sink = IntoGraph::new(to, Known::default());
        ReadAs::JsonLines.read_file(&none, None, &mut sink, &mut Err)
    };
    let missing = Engine::in_memory().change(read).unwrap_err();
    let source = missing.source().and_then(|source| source.downcast_ref::<std::io::Error>()).unwrap();
    assert_eq!(source.kind(), std::io::ErrorKind::NotFound);
    assert!(missing.prefixed("a: ").source().is_some());
}
