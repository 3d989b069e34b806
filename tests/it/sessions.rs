//! One graph, many sessions: who sees what, who waits for whom, and what is left when something goes wrong.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use shejire::engine::{Rows, Snapshot};
use shejire::error::{Class, Code};
use shejire::io::read::{IntoGraph, Known, Sink as _};
use shejire::{Engine, Result, Value};

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }
}

fn shown(rows: &Rows) -> Vec<String> {
    let mut rows: Vec<String> = rows.iter().map(|row| format!("{:?}", row.values())).collect();
    rows.sort_unstable();
    rows
}

/// Everything there is, as ids and values.
fn all_of(snapshot: &Snapshot) -> Vec<String> {
    let (nodes, rels) = snapshot.everything().unwrap();
    let mut all: Vec<String> = nodes.iter().map(|node| format!("{node:?}")).collect();
    all.extend(rels.iter().map(|rel| format!("{rel:?}")));
    for query in [
        "MATCH (n:A) WHERE n.k >= 1 RETURN n.k, id(n)",
        "MATCH (n:A {k: 2}) RETURN id(n)",
        "MATCH (a)-[r]->(b) RETURN id(a), type(r), id(b)",
        "MATCH (a)-->(b)-->(c) RETURN count(*)",
        "MATCH (n) RETURN labels(n), count(*)",
    ] {
        all.extend(shown(&snapshot.run(query).unwrap()));
    }
    all
}

/// The value of the one row.
fn number(rows: Result<Rows>) -> i64 {
    match rows.unwrap().get(0).unwrap().values() {
        [Value::Int(n)] => *n,
        other => panic!("{other:?}"),
    }
}

fn write(random: &mut Random) -> String {
    let (a, b) = (random.below(5), random.below(5));
    match random.below(9) {
        0 | 1 => format!(
            "UNWIND range(1, 3) AS x CREATE (:A {{k: x + {a}, s: 'text ' + x}})-[:R {{w: {b}}}]->(:B {{k: {b}}})"
        ),
        2 => format!("MATCH (n:A {{k: {a}}}) SET n.k = {b}, n.t = 'y{a}'"),
        3 => format!("MATCH (n:A {{k: {a}}}) SET n:C REMOVE n.s"),
        4 => format!("MATCH (n:B {{k: {a}}}) DETACH DELETE n"),
        5 => format!("MATCH (a:A {{k: {a}}}), (b:B {{k: {b}}}) WITH a, b LIMIT 4 CREATE (a)-[:S]->(b)"),
        6 => format!("MATCH ()-[r:R {{w: {b}}}]->() DELETE r"),
        7 => format!("MERGE (n:A {{k: {a}}}) ON CREATE SET n.new = true"),
        _ => ["CREATE INDEX a_k IF NOT EXISTS FOR (n:A) ON (n.k)", "DROP INDEX a_k IF EXISTS"][a % 2].to_owned(),
    }
}

/// Readers beside a random history of writes: each sees exactly one commit, twice the same.
fn readers_beside_a_history(engine: &Engine, seed: u64) {
    let commits = Mutex::new(BTreeMap::new());
    let note = |snapshot: &Snapshot| commits.lock().unwrap().insert(snapshot.commit(), all_of(snapshot));
    note(&engine.snapshot().unwrap());
    let done = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut seen = Vec::new();
                    while !done.load(Ordering::SeqCst) {
                        let snapshot = engine.snapshot().unwrap();
                        let first = all_of(&snapshot);
                        assert_eq!(all_of(&snapshot), first);
                        assert!(seen.last().is_none_or(|(commit, _)| *commit <= snapshot.commit()));
                        seen.push((snapshot.commit(), first));
                    }
                    seen
                })
            })
            .collect();
        let mut random = Random(seed);
        for _ in 0..40 {
            if random.below(3) == 0 {
                let mut open = engine.begin().unwrap();
                let held = (0..1 + random.below(3)).all(|_| open.run(&write(&mut random)).is_ok());
                match held && random.below(3) > 0 {
                    true => open.commit().unwrap(),
                    false => drop(open),
                }
            } else {
                let _ = engine.run(&write(&mut random));
            }
            note(&engine.snapshot().unwrap());
        }
        done.store(true, Ordering::SeqCst);
        readers.into_iter().flat_map(|reader| reader.join().unwrap()).collect::<Vec<_>>()
    });
    let commits = commits.into_inner().unwrap();
    assert!(!seen.is_empty());
    for (commit, all) in seen {
        assert_eq!(commits.get(&commit), Some(&all), "commit {commit} is not what was seen");
    }
    assert_eq!(engine.check().unwrap(), Vec::<String>::new());
}

#[test]
fn every_reader_sees_exactly_one_commit() {
    (0..3).for_each(|seed| readers_beside_a_history(&Engine::in_memory(), seed * 7919 + 1));
    let folder = tempfile::tempdir().unwrap();
    readers_beside_a_history(&Engine::open(&folder.path().join("s.shejire")).unwrap(), 5);
}

/// The same where the history is another engine's: what is replayed beside the readers is what was committed there.
#[test]
fn every_reader_of_another_engines_commits_sees_exactly_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.shejire");
    let (writer, reader) = (Engine::open(&file).unwrap(), Engine::open(&file).unwrap());
    let commits = Mutex::new(BTreeMap::new());
    let acknowledged = Mutex::new(0);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    let before = *acknowledged.lock().unwrap();
                    let snapshot = reader.snapshot().unwrap();
                    let all = all_of(&snapshot);
                    assert!(snapshot.commit() >= before, "{} after {before} was acknowledged", snapshot.commit());
                    // the writer notes a commit after it is there for others
                    while !commits.lock().unwrap().contains_key(&snapshot.commit()) {
                        std::thread::yield_now();
                    }
                    assert_eq!(commits.lock().unwrap()[&snapshot.commit()], all);
                }
            });
        }
        let mut random = Random(99);
        let note = |snapshot: &Snapshot| {
            commits.lock().unwrap().insert(snapshot.commit(), all_of(snapshot));
            *acknowledged.lock().unwrap() = snapshot.commit();
        };
        note(&writer.snapshot().unwrap());
        for n in 0..40 {
            let _ = writer.run(&write(&mut random));
            note(&writer.snapshot().unwrap());
            if n % 15 == 14 {
                writer.compact().unwrap().unwrap();
            }
        }
        done.store(true, Ordering::SeqCst);
    });
}

#[test]
fn a_held_snapshot_answers_the_same_before_and_after_a_thousand_writes() {
    let folder = tempfile::tempdir().unwrap();
    for engine in [Engine::in_memory(), Engine::open(&folder.path().join("s.shejire")).unwrap()] {
        engine.run("UNWIND range(1, 20) AS x CREATE (:A {k: x % 5, s: 'v' + x})-[:R {w: x}]->(:B {k: x % 3})").unwrap();
        let then = engine.snapshot().unwrap();
        let before = all_of(&then);
        let mut random = Random(3);
        for _ in 0..1000 {
            let text = match random.below(4) {
                0 => "CREATE (:A {k: 9})".to_owned(),
                1 => "MATCH (n:A {k: 9}) WITH n LIMIT 1 DETACH DELETE n".to_owned(),
                2 => format!("MATCH (n:A {{k: {}}}) WITH n LIMIT 2 SET n.k = {}", random.below(5), random.below(5)),
                _ => "MATCH (a:A) WITH a LIMIT 1 MATCH (b:B) WITH a, b LIMIT 1 CREATE (a)-[:S]->(b)".to_owned(),
            };
            engine.run(&text).unwrap();
        }
        assert_eq!(all_of(&then), before);
        assert_ne!(all_of(&engine.snapshot().unwrap()), before);
        if engine.compact().is_some() {
            engine.run("MATCH (n:A) SET n.k = 0").unwrap();
            assert_eq!(all_of(&then), before, "a new image has been written since");
        }
    }
}

#[test]
fn what_is_not_committed_nobody_sees_and_dropping_takes_it_back() {
    let engine = Engine::in_memory();
    let count = || number(engine.run("MATCH (n) RETURN count(n)"));
    let mut open = engine.begin().unwrap();
    open.run("CREATE (:A), (:A)").unwrap();
    assert_eq!((count(), number(open.run("MATCH (n) RETURN count(n)"))), (0, 2));
    drop(open);
    assert_eq!(count(), 0);
    let mut session = engine.session();
    session.run("BEGIN").unwrap();
    session.run("CREATE (:A)").unwrap();
    drop(session);
    engine.run("CREATE (:B)").unwrap(); // nobody holds the right to write
    assert_eq!(count(), 1);

    // a transaction goes to another thread with its holder
    let mut open = engine.begin().unwrap();
    open.run("CREATE (:A)").unwrap();
    std::thread::spawn(move || open.run("CREATE (:A)").and_then(|_| open.commit())).join().unwrap().unwrap();
    assert_eq!(count(), 3);
}

#[test]
fn a_transaction_that_is_terminated_can_only_be_rolled_back() {
    let engine = Engine::in_memory();
    let (mut one, mut other) = (engine.session(), engine.session());
    one.run("BEGIN").unwrap();
    one.run("CREATE (:A)").unwrap();
    let shown = one.run("SHOW TRANSACTIONS YIELD transactionId").unwrap();
    let Value::Str(id) = &shown.get(0).unwrap().values()[0] else { panic!("{shown:?}") };
    let terminate = format!("TERMINATE TRANSACTIONS '{id}', 'another'");
    let messages = |rows: Rows| -> Vec<String> { rows.iter().map(|row| format!("{:?}", row.values()[2])).collect() };
    // nobody ends what is another session's
    let none = messages(other.run(&terminate).unwrap());
    assert!(none.iter().all(|message| message.contains("not found")), "{none:?}");
    one.run("CREATE (:A)").unwrap();
    let own = messages(one.run(&terminate).unwrap());
    assert!(own[0].contains("terminated") && own[1].contains("not found"), "{own:?}");
    assert_eq!(one.run("RETURN 1").unwrap_err().code(), Code::TransactionState);
    other.run("CREATE (:B)").unwrap();
    one.run("ROLLBACK").unwrap();
    assert_eq!(number(one.run("MATCH (n) RETURN count(*)")), 1);
}

#[test]
fn a_panic_leaves_the_last_version_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    for engine in [Engine::in_memory(), Engine::open(&folder.path().join("s.shejire")).unwrap()] {
        engine.run("CREATE (:A {k: 1})").unwrap();
        let before = all_of(&engine.snapshot().unwrap());
        let panics = |to: &mut shejire::engine::KnowledgeGraph| -> Result<()> {
            IntoGraph::new(to, Known::default()).node(None, &[], Vec::new())?;
            panic!("on purpose")
        };
        assert!(catch_unwind(AssertUnwindSafe(|| engine.change(panics))).is_err());
        let mut open = engine.begin().unwrap();
        open.run("CREATE (:B)").unwrap();
        assert!(catch_unwind(AssertUnwindSafe(|| open.change(panics))).is_err());
        assert!(open.is_failed());
        assert_eq!(open.run("RETURN 1").unwrap_err().code(), Code::TransactionState);
        assert_eq!(all_of(&engine.snapshot().unwrap()), before);
        engine.run("CREATE (:A {k: 2})").unwrap();
        assert_eq!(number(engine.run("MATCH (n) RETURN count(n)")), 2);
        assert_eq!(engine.check().unwrap(), Vec::<String>::new());
    }
}

/// A conflict exactly when others have committed since the transaction began and it has read before it first wrote.
#[test]
fn a_conflict_is_told_exactly_when_others_committed_and_something_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let stored = |name: &str| folder.path().join(name);
    let kinds = [
        ("nothing", None, false),
        ("a read", Some("MATCH (n:A) RETURN n.k"), true),
        ("a read of nothing", Some("RETURN 1"), true),
        ("a plan", Some("EXPLAIN MATCH (n:A) RETURN n"), true),
        ("a list", Some("SHOW INDEXES"), true),
    ];
    let others = [
        ("nobody", None, false),
        ("one that wrote", Some("CREATE (:B)"), true),
        ("one that changed nothing", Some("MATCH (n:None) SET n.k = 1"), false),
    ];
    let firsts = [
        "CREATE (:C)",
        "MATCH (n:A) SET n.k = n.k + 1",
        "MERGE (:A {k: 1})",
        "CREATE INDEX IF NOT EXISTS FOR (n:A) ON (n.k)",
    ];
    let mut at = 0;
    for (read, reads, has_read) in kinds {
        for (other, commits, has_committed) in others {
            for first in firsts {
                for place in ["memory", "store", "two engines"] {
                    at += 1;
                    let (engine, neighbour) = match place {
                        "memory" => {
                            let engine = Engine::in_memory();
                            (engine.clone(), engine)
                        }
                        "store" => {
                            let engine = Engine::open(&stored(&at.to_string())).unwrap();
                            (engine.clone(), engine)
                        }
                        _ => (
                            Engine::open(&stored(&at.to_string())).unwrap(),
                            Engine::open(&stored(&at.to_string())).unwrap(),
                        ),
                    };
                    engine.run("CREATE (:A {k: 1})").unwrap();
                    let mut open = engine.begin().unwrap();
                    reads.into_iter().for_each(|text| drop(open.run(text).unwrap()));
                    commits.into_iter().for_each(|text| drop(neighbour.run(text).unwrap()));
                    let case = format!("{place}: {read}, {other}, {first}");
                    match open.run(first) {
                        Ok(_) => {
                            assert!(!(has_read && has_committed), "{case}: no conflict");
                            assert_eq!(
                                number(open.run("MATCH (n:B) RETURN count(n)")),
                                i64::from(has_committed),
                                "{case}"
                            );
                            open.commit().unwrap();
                        }
                        Err(error) => {
                            assert_eq!(error.code(), Code::TransactionConflict, "{case}");
                            assert!(has_read && has_committed, "{case}");
                            assert!(error.hint_text().unwrap().contains("again"), "{case}");
                            assert_eq!(open.run("RETURN 1").unwrap_err().code(), Code::TransactionState);
                        }
                    }
                    engine.run("CREATE (:D)").unwrap();
                }
            }
        }
    }
}

#[test]
fn a_writer_waits_for_another_one_as_long_as_it_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.shejire");
    let stored = Engine::open(&file).unwrap();
    let memory = Engine::in_memory();
    for (engine, neighbour) in
        [(memory.clone(), memory), (stored.clone(), stored.clone()), (stored, Engine::open(&file).unwrap())]
    {
        let mut open = engine.begin().unwrap();
        open.run("CREATE (:A)").unwrap();
        let impatient = neighbour.clone().lock_timeout(Duration::from_millis(60));
        let started = Instant::now();
        let busy = impatient.run("CREATE (:B)").unwrap_err();
        assert_eq!(busy.code(), Code::StoreBusy);
        assert!(busy.hint_text().is_some());
        assert!(started.elapsed() >= Duration::from_millis(50) && started.elapsed() < Duration::from_secs(4));
        assert_eq!(number(impatient.run("MATCH (n:B) RETURN count(n)")), 0, "reading waits for nobody");
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| neighbour.run("CREATE (:B)"));
            std::thread::sleep(Duration::from_millis(30));
            open.commit().unwrap();
            waits.join().unwrap().unwrap();
        });
        assert_eq!(number(engine.run("MATCH (n:B) RETURN count(n)")), 1);
        engine.reset().unwrap();
    }
}

/// A second thread's statement does not join a transaction, and does not make it fail.
#[test]
fn a_statement_outside_does_not_disturb_a_transaction() {
    let engine = Engine::in_memory();
    let mut open = engine.begin().unwrap();
    open.run("CREATE (:A)").unwrap();
    assert!(engine.run("RETURN 1 / 0").is_err());
    assert!(engine.run("MATCH (n RETURN n").is_err());
    open.run("CREATE (:A)").unwrap();
    open.commit().unwrap();
    assert_eq!(number(engine.run("MATCH (n:A) RETURN count(n)")), 2);
    let refused = engine.run("BEGIN").unwrap_err();
    assert_eq!(refused.code(), Code::TransactionState);
    assert!(refused.hint_text().unwrap().contains("session"));
}

/// What was planned for a version that nobody will see again is not run on another.
#[test]
fn plans_and_names_of_what_was_rolled_back_are_not_used() {
    let engine = Engine::in_memory();
    engine.run("UNWIND range(1, 50) AS x CREATE (:A {k: x}), (:B {k: x})").unwrap();
    let query = "MATCH (n:A {k: 7}) RETURN n.k";
    let mut open = engine.begin().unwrap();
    open.run("CREATE INDEX FOR (n:A) ON (n.k)").unwrap();
    open.run("CREATE (:New {name: 'Gamma'})").unwrap();
    assert!(
        open.run("EXPLAIN MATCH (n:A {k: 7}) RETURN n.k").unwrap().plan().unwrap().to_string().contains("SeekIndex")
    );
    assert_eq!(number(open.run(query)), 7);
    assert_eq!(open.run("MATCH (n:New) RETURN n").unwrap().warnings(), []);
    assert!(!open.snapshot().search("Gamma", 3).is_empty());
    open.rollback();
    engine.run("CREATE INDEX FOR (n:B) ON (n.k)").unwrap(); // takes the number that the other one had
    assert_eq!(number(engine.run(query)), 7);
    assert!(
        !engine.run("EXPLAIN MATCH (n:A {k: 7}) RETURN n.k").unwrap().plan().unwrap().to_string().contains("SeekIndex")
    );
    assert_eq!(engine.run("MATCH (n:New) RETURN n").unwrap().warnings().len(), 1, "there is no such label");
    assert!(engine.search("Gamma", 3).iter().all(|found| !format!("{found:?}").contains("Gamma")));
}

/// Plans of a snapshot that is held and of later versions are kept beside each other.
#[test]
fn an_old_snapshot_and_new_versions_are_asked_by_turns() {
    let engine = Engine::in_memory();
    engine.run("UNWIND range(1, 50) AS x CREATE (:A {k: x})").unwrap();
    let then = engine.snapshot().unwrap();
    engine.run("CREATE INDEX FOR (n:A) ON (n.k)").unwrap();
    for round in 0..20 {
        engine.run("CREATE (:A {k: 7})").unwrap();
        assert_eq!(number(then.run("MATCH (n:A {k: 7}) RETURN count(n)")), 1);
        assert_eq!(number(engine.run("MATCH (n:A {k: 7}) RETURN count(n)")), 2 + round);
        assert_eq!(shown(&then.run("SHOW INDEXES").unwrap()), Vec::<String>::new());
    }
}

#[test]
fn a_registered_procedure_is_known_to_all_and_a_snapshot_keeps_its_own() {
    use shejire::engine::{Field, Procedure, ProcedureBody};
    let procedure = |value: i64| Procedure {
        name: "test.value".into(),
        inputs: Vec::new(),
        outputs: vec![Field { name: "v".into(), ty: "INTEGER".into() }],
        doc: "",
        body: ProcedureBody::Table(std::sync::Arc::new(vec![vec![Value::Int(value)]])),
    };
    let engine = Engine::in_memory();
    engine.register(procedure(1)).unwrap();
    let (then, mut session) = (engine.snapshot().unwrap(), engine.session());
    engine.register(procedure(2)).unwrap();
    let call = "CALL test.value() YIELD v RETURN v";
    assert_eq!((number(then.run(call)), number(session.run(call)), number(engine.run(call))), (1, 2, 2));
}

/// A mistake of the program itself: the statement is taken back, everything else goes on.
#[test]
fn a_panic_ends_its_statement_and_nothing_else() {
    use shejire::engine::{Field, Procedure, ProcedureBody};
    let stumble = || Procedure {
        name: "test.stumble".into(),
        inputs: vec![Field { name: "at".into(), ty: "INTEGER".into() }],
        outputs: vec![Field { name: "v".into(), ty: "INTEGER".into() }],
        doc: "",
        body: ProcedureBody::Native(std::sync::Arc::new(|given: &[Value]| match given {
            [Value::Int(n)] if *n > 2 => panic!("stumbled"),
            given => Ok(vec![given.to_vec()]),
        })),
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.shejire");
    for engine in [Engine::in_memory(), Engine::open(&file).unwrap()] {
        engine.register(stumble()).unwrap();
        engine.run("CREATE (:A {k: 1})").unwrap();
        let reads = "UNWIND range(1, 4) AS x CALL test.stumble(x) YIELD v RETURN v";
        let writes = "UNWIND range(1, 4) AS x CREATE (:A {k: x}) WITH x CALL test.stumble(x) YIELD v RETURN v";
        let long = format!("{writes} // {}", "x".repeat(4000));
        let count = "MATCH (n:A) RETURN count(n)";
        let internal = |rows: shejire::Result<Rows>| {
            let error = rows.unwrap_err();
            assert_eq!((error.class(), error.code()), (Class::InternalError, Code::Internal));
            assert!(error.message().contains("stumbled"), "{error}");
        };
        for text in [reads, writes, &long] {
            internal(engine.run(text));
            assert_eq!(number(engine.run(count)), 1, "{text}");
            internal(engine.snapshot().unwrap().run(reads));
            let mut session = engine.session();
            internal(session.run(text));
            session.run("BEGIN").unwrap();
            session.run("CREATE (:A)").unwrap();
            internal(session.run(text));
            assert_eq!(session.run(count).unwrap_err().code(), Code::TransactionState, "{text}");
            session.run("ROLLBACK").unwrap();
            assert_eq!(number(session.run(count)), 1, "{text}");
            // nobody is kept from writing
            engine.run("CREATE (:B)").unwrap();
        }
        assert_eq!(engine.check().unwrap(), Vec::<String>::new());
    }
    assert_eq!(number(Engine::open(&file).unwrap().run("MATCH (n) RETURN count(n)")), 4);
}

/// Threads that read one store while it grows and is written anew; what they hold outlives the engine.
#[test]
fn snapshots_outlive_the_engine_they_are_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.shejire");
    let engine = Engine::open(&file).unwrap();
    engine.run("UNWIND range(1, 3000) AS x CREATE (:A {k: x % 7, s: 'a text of some length ' + x})").unwrap();
    engine.compact().unwrap().unwrap();
    drop(engine);
    let engine = Engine::open(&file).unwrap();
    let then = engine.snapshot().unwrap();
    engine.run("MATCH (n:A {k: 3}) SET n.s = 'other'").unwrap();
    engine.compact().unwrap().unwrap();
    drop(engine);
    assert_eq!(number(then.run("MATCH (n:A) WHERE n.s = 'other' RETURN count(n)")), 0);
    drop(then);
    assert!(lone(&file));
    assert_eq!(number(Engine::open(&file).unwrap().run("MATCH (n:A) WHERE n.s = 'other' RETURN count(n)")), 429);
}

/// Whether the store can be opened and is sound.
fn lone(file: &Path) -> bool {
    Engine::open_read_only(file).unwrap().check().unwrap().is_empty()
}

/// Names follow the graph change by change: whenever they are asked for they are those of a graph read anew.
#[test]
fn names_are_those_of_the_version_whoever_asked_before() {
    let folder = tempfile::tempdir().unwrap();
    let in_memory = Engine::in_memory();
    let [one, two] = ["one", "two"].map(|name| Engine::open(&folder.path().join(name)).unwrap());
    let other = Engine::open(&folder.path().join("two")).unwrap();
    // who writes, and who asks: of the last two the one follows the other's commits
    for (engine, asked) in [(&in_memory, &in_memory), (&one, &one), (&two, &other)] {
        let mut random = Random(11);
        engine
            .run("UNWIND range(1, 60) AS x CREATE (:Body {id: 'b' + x, name: 'Council of Ward ' + x, k: x})")
            .unwrap();
        let anew = |of: &Snapshot| {
            let (nodes, _) = of.everything().unwrap();
            let mut names: Vec<String> = nodes
                .iter()
                .filter_map(|node| node.properties.iter().find(|(key, _)| &**key == "name"))
                .map(|(_, name)| format!("{name:?}"))
                .collect();
            names.sort();
            names
        };
        let known = |of: &Snapshot| {
            let found = ["Council", "Court", "Office"].into_iter().flat_map(|word| of.starting_with(word, 500));
            let mut names: Vec<String> = found.map(|found| format!("{:?}", Value::from(&*found.name))).collect();
            names.sort();
            names
        };
        for n in 0..120 {
            let k = random.below(60);
            let text = match random.below(6) {
                0 => format!("MATCH (b:Body {{k: {k}}}) SET b.name = 'Court of Ward {n}'"),
                1 => format!("MATCH (b:Body {{k: {k}}}) DETACH DELETE b"),
                2 => format!("CREATE (:Body {{name: 'Office {n}', k: {k}}})"),
                3 => format!("MATCH (b:Body {{k: {k}}}) REMOVE b.name"),
                4 => format!("MATCH (a:Body {{k: {k}}}), (b:Body) WITH a, b LIMIT 2 CREATE (a)-[:R {{w: {n}}}]->(b)"),
                _ => format!(
                    "UNWIND range(1, {}) AS x CREATE (:Body {{name: 'Council {n} ' + x, k: {k}}})",
                    1 + random.below(3)
                ),
            };
            if random.below(4) == 0 {
                let mut open = engine.begin().unwrap();
                open.run(&text).unwrap();
                if random.below(2) == 0 {
                    let view = open.snapshot();
                    assert_eq!(known(&view), anew(&view), "{n}: {text}");
                }
                open.run("CREATE (:Body {name: 'Office of the day'})").unwrap();
                match random.below(2) {
                    0 => open.commit().unwrap(),
                    _ => open.rollback(),
                }
            } else {
                engine.run(&text).unwrap();
            }
            if random.below(3) == 0 {
                assert_eq!(known(&asked.snapshot().unwrap()), anew(&asked.snapshot().unwrap()), "{n}: {text}");
            }
            if n == 70 {
                engine.compact().into_iter().for_each(|done| done.unwrap()); // what follows begins with another image
            }
        }
        engine.run("UNWIND range(1, 5000) AS x CREATE (:Thing {k: x})").unwrap(); // more than is followed
        engine.run("CREATE (:Body {name: 'Office at last'})").unwrap();
        assert_eq!(known(&asked.snapshot().unwrap()), anew(&asked.snapshot().unwrap()));
    }
}
