//! The protocol of `shejire pipe`: every op, values both ways, errors that do not end the conversation.

use serde_json::{Value, json};

use crate::desk::shejire;

/// The answers to these requests, in order.
fn ask(requests: &[Value]) -> Vec<Value> {
    let lines: Vec<String> = requests.iter().map(Value::to_string).collect();
    answers(&(lines.join("\n") + "\n"))
}

fn answers(input: &str) -> Vec<Value> {
    let out = shejire(&["pipe"], input.as_bytes()).well();
    out.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn run(query: &str) -> Value {
    json!({"op": "run", "query": query})
}

#[test]
fn values_go_both_ways() {
    for value in [
        json!(null),
        json!(true),
        json!(-9_223_372_036_854_775_808_i64),
        json!(1.0),
        json!({"$float": "NaN"}),
        json!("Құрылтай \u{0} 👩‍⚖️ \u{202e}"),
        json!([1, [2.5, null]]),
        json!({"$map": {"a": 1, "$node": [{"$map": {}}]}}),
        json!({"$temporal": "1984-10-11"}),
        json!({"$temporal": "12:31:14.645876123+01:00"}),
        json!({"$temporal": "12:31"}),
        json!({"$temporal": "1984-10-11T12:31:14"}),
        json!({"$temporal": "1984-10-11T12:31:14.645876123+01:00[Europe/Stockholm]"}),
        json!({"$temporal": "P1Y2M-3DT4H"}),
    ] {
        let answer = &ask(&[json!({"op": "run", "query": "RETURN $p AS p", "params": {"p": value}})])[0];
        assert_eq!(answer["rows"], json!([[value]]), "{answer}");
        assert_eq!(answer["columns"], json!(["p"]));
        assert!(answer["us"].as_f64().unwrap() > 0.0);
    }
    let bare = &ask(&[json!({"op": "run", "query": "RETURN $p.a AS a", "params": {"p": {"a": 1}}})])[0];
    assert_eq!(bare["rows"], json!([[1]]));
}

#[test]
fn entities_and_snapshots_show_content() {
    let got = ask(&[
        run("CREATE (a:B:A {k: 1})-[r:T {w: 2.0}]->(b) RETURN a, r"),
        run("MATCH p = (a:A)-[:T]->() RETURN p"),
        json!({"op": "snapshot"}),
        json!({"op": "check"}),
        json!({"op": "reset"}),
        json!({"op": "snapshot"}),
    ]);
    assert_eq!(got[0]["rows"][0][0]["$node"]["labels"], json!(["A", "B"]));
    assert_eq!(got[0]["rows"][0][1]["$rel"]["props"], json!({"w": 2.0}));
    assert_eq!(got[0]["stats"]["nodes_created"], 2);
    assert_eq!(got[1]["rows"][0][0]["$path"]["nodes"].as_array().unwrap().len(), 2);
    assert_eq!((got[2]["nodes"].as_array().unwrap().len(), got[2]["rels"].as_array().unwrap().len()), (2, 1));
    assert_eq!(got[2]["rels"][0]["start"], got[2]["nodes"][0]["id"]);
    assert_eq!(got[3], json!({"ok": true, "problems": []}));
    assert_eq!(got[5], json!({"ok": true, "nodes": [], "rels": []}));
}

#[test]
fn transactions_commit_roll_back_and_refuse_after_an_error() {
    let got = ask(&[
        json!({"op": "commit"}),
        json!({"op": "begin"}),
        run("CREATE (:X)"),
        json!({"op": "rollback"}),
        run("MATCH (n) RETURN count(n) AS n"),
        json!({"op": "begin"}),
        run("CREATE (:X)"),
        run("RETURN 1 / 0 AS x"),
        run("RETURN 1 AS x"),
        json!({"op": "commit"}),
        json!({"op": "rollback"}),
        run("MATCH (n) RETURN count(n) AS n"),
        json!({"op": "begin"}),
        run("CREATE (:X)"),
        json!({"op": "commit"}),
        run("MATCH (n) RETURN count(n) AS n"),
    ]);
    let ok: Vec<bool> = got.iter().map(|a| a["ok"].as_bool().unwrap()).collect();
    let expected = [false, true, true, true, true, true, true, false, false, false, true, true, true, true, true, true];
    assert_eq!(ok, expected, "{got:?}");
    assert_eq!(got[0]["error"]["type"], "TransactionError");
    assert_eq!(got[4]["rows"], json!([[0]]));
    assert_eq!(got[8]["error"]["type"], "TransactionError");
    assert_eq!(got[11]["rows"], json!([[0]]));
    assert_eq!(got[15]["rows"], json!([[1]]));
}

#[test]
fn a_failing_statement_is_told_in_the_words_of_the_tck() {
    let got = ask(&[run("MATCH (n)\nRETURN foo"), run("RETURN 1 AS x")]);
    let error = &got[0]["error"];
    assert_eq!(error["type"], "SyntaxError");
    assert_eq!(error["phase"], "compile time");
    assert_eq!(error["detail"], "UndefinedVariable");
    assert_eq!((&error["line"], &error["column"]), (&json!(2), &json!(8)));
    assert_eq!(got[1]["rows"], json!([[1]]));
}

#[test]
fn a_registered_table_is_a_procedure() {
    let table = json!({"op": "procedure", "name": "test.my.proc", "in": [["name", "STRING?"]], "out": [["city", "STRING?"]],
        "rows": [{"name": "Stefan", "city": "Berlin"}, {"name": "Petra", "city": "London"}]});
    let call = run("CALL test.my.proc('Petra') YIELD city RETURN city");
    let got = ask(&[table, call.clone(), json!({"op": "reset"}), call]);
    assert_eq!(got[1]["rows"], json!([["London"]]));
    assert_eq!(got[3]["error"]["detail"], "ProcedureNotFound");
}

#[test]
fn lines_that_are_no_request_are_answered_and_the_process_goes_on() {
    let deep = "[".repeat(500_000);
    let big = format!("{{\"op\":\"run\",\"query\":\"RETURN 1 AS x // {}\"}}", "x".repeat(8 << 20));
    let lines = [
        "nonsense",
        "{\"op\":\"run\"",
        "[1,2]",
        "{\"op\":\"run\",\"query\":5}",
        "{\"op\":\"run\",\"query\":\"RETURN $p AS p\",\"params\":{\"p\":99999999999999999999}}",
        "{\"op\":\"run\",\"query\":\"RETURN $p AS p\",\"params\":{\"p\":{\"$temporal\":\"not a time\"}}}",
        &deep,
        &big,
        "{\"op\":\"run\",\"query\":\"RETURN 1 AS x\"}",
    ];
    let got = answers(&lines.join("\n"));
    assert_eq!(got.len(), lines.len());
    for (answer, line) in got[..7].iter().zip(lines) {
        assert_eq!(answer["ok"], false, "{line:.60}");
    }
    assert_eq!(got[8]["rows"], json!([[1]]));
    let broken = shejire(&["pipe"], b"\xff\xfe\n{\"op\":\"check\"}\n").well();
    assert!(broken.lines().next().unwrap().contains("not UTF-8 at byte 0"));
    assert_eq!(broken.lines().count(), 2);
}

#[test]
fn ids_are_never_used_again() {
    let got =
        ask(&[run("CREATE (n) RETURN id(n) AS id"), run("MATCH (n) DELETE n"), run("CREATE (n) RETURN id(n) AS id")]);
    assert_ne!(got[0]["rows"], got[2]["rows"]);
}

fn run_in(session: u64, query: &str) -> Value {
    json!({"op": "run", "session": session, "query": query})
}

#[test]
fn sessions_have_a_transaction_each_and_end_for_themselves() {
    let count = "MATCH (n) RETURN count(n) AS n";
    let got = ask(&[
        json!({"op": "session"}),
        json!({"op": "session"}),
        json!({"op": "begin", "session": 1}),
        run_in(1, "CREATE (:A)"),
        run_in(1, count),
        run_in(2, count),
        run(count),
        // session 2 cannot write now, and nobody could end what session 1 has begun meanwhile: it is told at once
        run_in(2, "CREATE (:B)"),
        json!({"op": "begin", "session": 2}),
        run_in(2, count),
        json!({"op": "commit", "session": 1}),
        run_in(2, count),
        run_in(2, "CREATE (:B)"),
        run_in(2, count),
        json!({"op": "rollback", "session": 2}),
        run_in(2, "CREATE (:B)"),
        json!({"op": "begin", "session": 1}),
        run_in(1, "CREATE (:A)"),
        json!({"op": "close", "session": 1}),
        run(count),
        run_in(1, count),
        json!({"op": "close"}),
        json!({"op": "begin", "session": 7}),
    ]);
    let rows = |at: usize| &got[at]["rows"][0][0];
    assert_eq!((&got[0]["session"], &got[1]["session"]), (&json!(1), &json!(2)));
    assert_eq!([rows(4), rows(5), rows(6)], [1, 0, 0]);
    assert_eq!(got[7]["error"]["detail"], "StoreBusy");
    assert_eq!([rows(9), rows(11)], [0, 0], "what its begin saw");
    assert_eq!(got[12]["error"]["type"], "TransactionError");
    assert_eq!(got[12]["error"]["detail"], "TransactionConflict");
    assert_eq!(got[13]["error"]["detail"], "TransactionState", "only a rollback is accepted");
    assert_eq!(got[15]["ok"], true);
    assert_eq!(rows(19), 2, "what a closed session had not committed is gone");
    for answer in &got[20..=22] {
        assert_eq!(answer["error"]["type"], "ArgumentError", "{answer}");
    }
}

#[test]
fn a_batch_is_one_transaction_and_an_error_names_its_element() {
    let create = "CREATE (n:N {k: $k}) RETURN n.k AS k";
    let batch = |sets: Value| json!({"op": "run", "query": create, "batch": sets});
    let got = ask(&[
        batch(json!([{"k": 1}, {"k": 2}, {"k": 3}])),
        run("CREATE CONSTRAINT FOR (n:N) REQUIRE n.k IS UNIQUE"),
        batch(json!([{"k": 4}, {"k": 5}, {"k": 4}])),
        batch(json!([{"k": 4}, {"j": 5}])),
        batch(json!([{"k": 4}, 5])),
        run("MATCH (n:N) RETURN count(n) AS n"),
        batch(json!([])),
        json!({"op": "run", "query": "RETURN $k AS k", "batch": [{"k": "x"}, {"k": null}]}),
        json!({"op": "run", "query": "BEGIN", "batch": [{}]}),
        json!({"op": "run", "query": "COMMIT", "batch": [{}]}),
        json!({"op": "begin"}),
        batch(json!([{"k": 6}])),
        json!({"op": "rollback"}),
        json!({"op": "begin"}),
        batch(json!([{"k": 7}, {"k": 7}])),
        run("RETURN 1 AS one"),
        json!({"op": "rollback"}),
        run("MATCH (n:N) RETURN count(n) AS n"),
        json!({"op": "run", "query": create, "params": {}, "batch": []}),
        json!({"op": "run", "query": create, "batch": {}}),
    ]);
    let rows: Vec<&Value> = got[0]["batch"].as_array().unwrap().iter().map(|b| &b["rows"]).collect();
    assert_eq!(rows, [&json!([[1]]), &json!([[2]]), &json!([[3]])]);
    assert_eq!(
        (&got[0]["stats"]["nodes_created"], &got[0]["batch"][1]["stats"]["nodes_created"]),
        (&json!(3), &json!(1))
    );
    for (at, element, detail) in
        [(2, 2, "ConstraintViolation"), (3, 1, "MissingParameter"), (4, 1, "InvalidArgumentValue")]
    {
        assert_eq!((&got[at]["error"]["element"], &got[at]["error"]["detail"]), (&json!(element), &json!(detail)));
    }
    assert_eq!(got[5]["rows"], json!([[3]]), "all or nothing");
    assert_eq!(got[6]["batch"], json!([]));
    assert_eq!(got[7]["batch"][0]["rows"], json!([["x"]]));
    assert!(got[8]["ok"] == false && got[9]["ok"] == false, "a batch is one transaction");
    assert_eq!(got[11]["ok"], true);
    assert_eq!(got[14]["error"]["element"], 1);
    assert_eq!(got[15]["error"]["detail"], "TransactionState");
    assert_eq!(got[17]["rows"], json!([[3]]));
    assert!(got[18]["ok"] == false && got[19]["ok"] == false);
}
