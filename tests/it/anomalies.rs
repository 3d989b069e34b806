//! The anomalies of the LDBC ACID test suite, none of which may be seen: with 2 to 8 threads on a graph in memory and on a
//! store, and with 4 processes on one store.
//!
//! | | what would be seen |
//! |---|---|
//! | G0 | writes of two transactions interleaved |
//! | G1a, G1b, G1c | what was rolled back; what was not final; two transactions that see each other |
//! | OTV, FR | half a transaction, once or after more was seen; different moments within one transaction |
//! | IMP, PMP | a value, or the rows of a predicate, that change within one transaction |
//! | LU, WS | an update lost; two updates each of which was allowed before the other |

use serde_json::{Value as Json, json};
use shejire::engine::Transaction;
use shejire::{Engine, Value};

use crate::desk::Pipe;

/// Who begins transactions: a thread with an engine, or a process.
trait Client: Send {
    fn begin(&mut self);
    fn run(&mut self, query: &str, params: &[(&str, i64)]) -> Result<Json, String>;
    fn commit(&mut self) -> Result<(), String>;
    fn rollback(&mut self);
    fn end(self: Box<Self>);
}

struct Thread {
    engine: Engine,
    open: Option<Transaction>,
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::Int(n) => json!(n),
        Value::List(items) => items.iter().map(json_of).collect(),
        Value::Null => Json::Null,
        other => panic!("{other:?} is not asked for"),
    }
}

impl Client for Thread {
    fn begin(&mut self) {
        self.open = Some(self.engine.begin().unwrap());
    }

    fn run(&mut self, query: &str, params: &[(&str, i64)]) -> Result<Json, String> {
        let statement = self.open.as_mut().unwrap().query(query);
        let statement = params.iter().fold(statement, |s, (name, n)| s.param(*name, *n));
        let rows = statement.rows().map_err(|error| error.code().name().to_owned())?;
        Ok(rows.iter().map(|row| row.values().iter().map(json_of).collect::<Json>()).collect())
    }

    fn commit(&mut self) -> Result<(), String> {
        self.open.take().unwrap().commit().map_err(|error| error.code().name().to_owned())
    }

    fn rollback(&mut self) {
        self.open.take().unwrap().rollback();
    }

    fn end(self: Box<Self>) {
        assert!(self.open.is_none());
    }
}

impl Client for Pipe {
    fn begin(&mut self) {
        assert_eq!(self.ask(&json!({"op": "begin"}))["ok"], true);
    }

    fn run(&mut self, query: &str, params: &[(&str, i64)]) -> Result<Json, String> {
        let params: serde_json::Map<_, _> = params.iter().map(|(name, n)| ((*name).to_owned(), json!(n))).collect();
        let answer = self.ask(&json!({"op": "run", "query": query, "params": params}));
        match answer["ok"].as_bool() {
            Some(true) => Ok(answer["rows"].clone()),
            _ => Err(answer["error"]["detail"].as_str().unwrap().to_owned()),
        }
    }

    fn commit(&mut self) -> Result<(), String> {
        let answer = self.ask(&json!({"op": "commit"}));
        match answer["ok"].as_bool() {
            Some(true) => Ok(()),
            _ => Err(answer["error"]["detail"].as_str().unwrap().to_owned()),
        }
    }

    fn rollback(&mut self) {
        assert_eq!(self.ask(&json!({"op": "rollback"}))["ok"], true);
    }

    fn end(self: Box<Self>) {
        Pipe::end(*self);
    }
}

/// One transaction, begun again as often as others were before it.
fn transact<T>(client: &mut dyn Client, mut work: impl FnMut(&mut dyn Client) -> Result<T, String>) -> T {
    for _ in 0..10_000 {
        client.begin();
        match work(client) {
            Ok(done) => {
                client.commit().unwrap();
                return done;
            }
            Err(code) if code == "TransactionConflict" || code == "StoreBusy" => client.rollback(),
            Err(code) => panic!("{code}"),
        }
    }
    panic!("others were always before it");
}

fn one(rows: &Json) -> i64 {
    rows[0][0].as_i64().unwrap_or_else(|| panic!("{rows}"))
}

/// Lets every client do its part at the same time; the last one then looks at what came of it.
struct Bench {
    clients: Vec<Box<dyn Client>>,
}

impl Bench {
    fn set_up(&mut self, query: &str) {
        transact(&mut *self.clients[0], |c| c.run("MATCH (n) DETACH DELETE n", &[]).and_then(|_| c.run(query, &[])));
    }

    fn together(&mut self, part: impl Fn(usize, &mut dyn Client) + Sync) {
        std::thread::scope(|scope| {
            for (at, client) in self.clients.iter_mut().enumerate() {
                let part = &part;
                scope.spawn(move || part(at, &mut **client));
            }
        });
    }

    fn look(&mut self, query: &str) -> Json {
        transact(&mut *self.clients[0], |c| c.run(query, &[]))
    }
}

const ROUNDS: i64 = 12;

fn g0_writes_do_not_interleave(bench: &mut Bench) {
    bench.set_up("CREATE (:Person {id: 1, h: [0]})-[:KNOWS {h: [0]}]->(:Person {id: 2, h: [0]})");
    bench.together(|at, client| {
        for round in 0..ROUNDS {
            let tx = at as i64 * 1000 + round + 1;
            transact(client, |c| {
                c.run(
                    "MATCH (a:Person {id: 1})-[k:KNOWS]->(b:Person {id: 2})
                     SET a.h = a.h + [$tx], k.h = k.h + [$tx] SET b.h = b.h + [$tx]",
                    &[("tx", tx)],
                )
            });
        }
    });
    let rows = bench.look("MATCH (a:Person {id: 1})-[k:KNOWS]->(b:Person {id: 2}) RETURN a.h, k.h, b.h");
    assert_eq!((&rows[0][0], &rows[0][0]), (&rows[0][1], &rows[0][2]));
    assert_eq!(rows[0][0].as_array().unwrap().len(), 1 + bench.clients.len() * ROUNDS as usize);
}

fn g1a_what_is_rolled_back_is_not_seen(bench: &mut Bench) {
    bench.set_up("CREATE (:Person {id: 1, version: 1})");
    bench.together(|at, client| {
        for _ in 0..ROUNDS {
            if at % 2 == 0 {
                client.begin();
                let _ = client.run("MATCH (p:Person {id: 1}) SET p.version = 2", &[]);
                client.rollback();
            } else {
                assert_eq!(one(&transact(client, |c| c.run("MATCH (p:Person {id: 1}) RETURN p.version", &[]))), 1);
            }
        }
    });
}

fn g1b_what_is_not_final_is_not_seen(bench: &mut Bench) {
    bench.set_up("CREATE (:Person {id: 1, version: 99})");
    bench.together(|at, client| {
        for round in 0..ROUNDS {
            if at % 2 == 0 {
                transact(client, |c| {
                    c.run("MATCH (p:Person {id: 1}) SET p.version = $n", &[("n", 2 * round)])?;
                    c.run("MATCH (p:Person {id: 1}) SET p.version = $n", &[("n", 2 * round + 1)])
                });
            } else {
                let seen = one(&transact(client, |c| c.run("MATCH (p:Person {id: 1}) RETURN p.version", &[])));
                assert_eq!(seen % 2, 1);
            }
        }
    });
}

fn g1c_no_two_transactions_see_each_other(bench: &mut Bench) {
    bench.set_up("CREATE (:Person {id: 0, version: 0}), (:Person {id: 1, version: 0})");
    let seen = std::sync::Mutex::new(Vec::new());
    bench.together(|at, client| {
        for round in 0..ROUNDS {
            let tx = at as i64 * 1000 + round + 1;
            let (own, other) = (at as i64 % 2, 1 - at as i64 % 2);
            let read = transact(client, |c| {
                c.run("MATCH (p:Person {id: $p}) SET p.version = $tx", &[("p", own), ("tx", tx)])?;
                c.run("MATCH (p:Person {id: $p}) RETURN p.version", &[("p", other)])
            });
            seen.lock().unwrap().push((tx, one(&read)));
        }
    });
    let seen: std::collections::BTreeMap<i64, i64> = seen.into_inner().unwrap().into_iter().collect();
    for (tx, saw) in &seen {
        assert!(seen.get(saw).is_none_or(|other| other != tx), "{tx} and {saw} saw each other");
    }
}

fn otv_and_fr_a_transaction_is_seen_whole_and_at_one_moment(bench: &mut Bench) {
    bench.set_up(
        "CREATE (a:Person {id: 1, version: 0}), (b:Person {id: 2, version: 0}), (c:Person {id: 3, version: 0}),
                (d:Person {id: 4, version: 0}), (a)-[:KNOWS]->(b)-[:KNOWS]->(c)-[:KNOWS]->(d)-[:KNOWS]->(a)",
    );
    bench.together(|at, client| {
        for _ in 0..ROUNDS {
            if at % 2 == 0 {
                transact(client, |c| {
                    c.run("MATCH (p:Person) WHERE p.id <= 2 SET p.version = p.version + 1", &[])?;
                    c.run("MATCH (p:Person) WHERE p.id > 2 SET p.version = p.version + 1", &[])
                });
            } else {
                let read = "MATCH (a:Person {id: 1})-[:KNOWS]->(b)-[:KNOWS]->(c)-[:KNOWS]->(d)-[:KNOWS]->(a)
                            RETURN a.version, b.version, c.version, d.version";
                let (first, second) = transact(client, |c| Ok((c.run(read, &[])?, c.run(read, &[])?)));
                let versions = first[0].as_array().unwrap();
                assert!(versions.iter().all(|v| *v == versions[0]), "half a transaction: {first}");
                assert_eq!(first, second);
            }
        }
    });
    assert_eq!(one(&bench.look("MATCH (p:Person {id: 3}) RETURN p.version")), {
        bench.clients.len().div_ceil(2) as i64 * ROUNDS
    });
}

fn imp_and_pmp_what_was_read_stays(bench: &mut Bench) {
    bench.set_up("CREATE (:Person {id: 1, version: 0}), (:Post {id: 7})");
    bench.together(|at, client| {
        for round in 0..ROUNDS {
            if at % 2 == 0 {
                transact(client, |c| {
                    c.run("MATCH (p:Person {id: 1}) SET p.version = p.version + 1", &[])?;
                    let liker = at as i64 * 1000 + round + 10;
                    c.run("MATCH (m:Post {id: 7}) CREATE (:Person {id: $n})-[:LIKES]->(m)", &[("n", liker)])
                });
            } else {
                let all = |c: &mut dyn Client| {
                    Ok::<_, String>((
                        c.run("MATCH (p:Person {id: 1}) RETURN p.version", &[])?,
                        c.run("MATCH (m:Post {id: 7})<-[:LIKES]-(p:Person) RETURN count(p)", &[])?,
                    ))
                };
                let (first, second) = transact(client, |c| Ok((all(c)?, all(c)?)));
                assert_eq!(first, second);
                assert_eq!(one(&first.0), one(&first.1), "each transaction makes one of both");
            }
        }
    });
}

fn lu_no_update_is_lost(bench: &mut Bench) {
    bench.set_up("CREATE (:Person {id: 1, friends: 0})");
    bench.together(|at, client| {
        for round in 0..ROUNDS {
            transact(client, |c| {
                // read by one statement, written by another: somebody may come in between
                let friends = one(&c.run("MATCH (p:Person {id: 1}) RETURN p.friends", &[])?);
                let params = [("n", friends + 1), ("other", at as i64 * 1000 + round + 10)];
                c.run(
                    "MATCH (p:Person {id: 1}) SET p.friends = $n CREATE (p)-[:KNOWS]->(:Person {id: $other})",
                    &params,
                )
            });
        }
    });
    let rows = bench.look("MATCH (p:Person {id: 1}) OPTIONAL MATCH (p)-[k:KNOWS]->() RETURN p.friends, count(k)");
    let wanted = bench.clients.len() as i64 * ROUNDS;
    assert_eq!(rows, json!([[wanted, wanted]]));
}

fn ws_no_two_writes_that_were_allowed_only_alone(bench: &mut Bench) {
    bench.set_up("UNWIND range(1, 4) AS pair CREATE (:Account {pair: pair, side: 0, value: 70}), (:Account {pair: pair, side: 1, value: 80})");
    bench.together(|at, client| {
        for round in 0..ROUNDS {
            let pair = round % 4 + 1;
            transact(client, |c| {
                let sum = one(&c.run("MATCH (a:Account {pair: $pair}) RETURN sum(a.value)", &[("pair", pair)])?);
                if sum >= 100 {
                    let params = [("pair", pair), ("side", at as i64 % 2)];
                    c.run("MATCH (a:Account {pair: $pair, side: $side}) SET a.value = a.value - 100", &params)?;
                }
                Ok(())
            });
        }
    });
    let rows = bench.look("MATCH (a:Account) WITH a.pair AS pair, sum(a.value) AS left RETURN left");
    assert_eq!(rows, json!([[50], [50], [50], [50]]));
}

fn all(clients: Vec<Box<dyn Client>>) {
    let mut bench = Bench { clients };
    for anomaly in [
        g0_writes_do_not_interleave,
        g1a_what_is_rolled_back_is_not_seen,
        g1b_what_is_not_final_is_not_seen,
        g1c_no_two_transactions_see_each_other,
        otv_and_fr_a_transaction_is_seen_whole_and_at_one_moment,
        imp_and_pmp_what_was_read_stays,
        lu_no_update_is_lost,
        ws_no_two_writes_that_were_allowed_only_alone,
    ] {
        anomaly(&mut bench);
    }
    bench.clients.into_iter().for_each(|client| client.end());
}

fn with_threads(engine: &Engine, threads: usize) {
    let client = |_| Box::new(Thread { engine: engine.clone(), open: None }) as Box<dyn Client>;
    all((0..threads).map(client).collect());
    assert_eq!(engine.check().unwrap(), Vec::<String>::new());
}

#[test]
fn none_with_threads_on_a_graph_in_memory() {
    for threads in [2, 3, 8] {
        with_threads(&Engine::in_memory(), threads);
    }
}

#[test]
fn none_with_threads_on_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.shejire");
    for threads in [2, 5] {
        with_threads(&Engine::open(&file).unwrap(), threads);
    }
    assert_eq!(Engine::open_read_only(&file).unwrap().check().unwrap(), Vec::<String>::new());
}

#[test]
fn none_with_processes_on_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.shejire").to_str().unwrap().to_owned();
    all((0..4).map(|_| Box::new(Pipe::on(&file)) as Box<dyn Client>).collect());
    assert_eq!(crate::desk::shejire(&["check", &file], b"").well(), "no problems found\n");
}
