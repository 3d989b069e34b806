//! What a statement takes of memory, measured beside its limit, in a process that goes on: `.ci/limits` does the same with
//! more shapes and the optimised program.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

const MIB: u64 = 1 << 20;

/// The limit of every statement here.
const LIMIT: u64 = 48 * MIB;

/// What may be held beside: 1.2 times the limit and 16 MiB.
const RIGHT: u64 = LIMIT + LIMIT / 5 + 16 * MIB;

struct Pipe {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Pipe {
    fn new() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_shejire"))
            .args(["pipe", "--memory", &LIMIT.to_string(), "--timeout", "120s"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        let mut pipe = Self { process, to, from };
        assert_eq!(
            pipe.ask(&run("UNWIND range(1, 300) AS i CREATE (:N {i: i, s: 'text ' + i})-[:R]->(:N)"))["ok"],
            true
        );
        pipe
    }

    fn ask(&mut self, request: &str) -> Value {
        writeln!(self.to, "{request}").unwrap();
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        // the rows of a long answer are of no interest
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {:.200}", line))
    }

    /// Bytes in memory now (`VmRSS`) or at most so far (`VmHWM`).
    fn memory(&self, what: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(what)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    fn forget_most(&self) {
        // 5: the peak is counted anew from here
        std::fs::write(format!("/proc/{}/clear_refs", self.process.id()), "5").unwrap();
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn run(query: &str) -> String {
    json!({"op": "run", "query": query}).to_string()
}

#[test]
fn parameters_text_and_answer_belong_to_the_statement() {
    let list = |item: &str, count: usize| format!("[{}{item}]", format!("{item},").repeat(count - 1));
    let with = |params: &str| format!(r#"{{"op":"run","query":"RETURN size($l)","params":{{"l":{params}}}}}"#);
    let text = "WITH reduce(s = 'a', i IN range(1, 20) | s + s) AS s ";
    let mut pipe = Pipe::new();
    let base = pipe.memory("VmRSS");
    for (name, request) in [
        ("zeros", with(&list("0", 4_000_000))),
        ("lists", with(&list("[]", 2_000_000))),
        ("maps", with(&list(r#"{"a":1}"#, 400_000))),
        ("a sum", run(&format!("RETURN 1{}", "+1".repeat(200_000)))),
        ("a list", run(&format!("RETURN size({})", list("{a: 1}", 50_000)))),
        ("one text in many rows", run(&format!("{text} UNWIND range(1, 200) AS k RETURN s"))),
        ("one text in a list", run(&format!("{text} RETURN [k IN range(1, 200) | s] AS l"))),
        ("escapes", run("WITH reduce(s = '\\u0001', i IN range(1, 24) | s + s) AS s RETURN s")),
    ] {
        let answer = pipe.ask(&request);
        assert_eq!(answer["error"]["detail"], "Memory", "{name}: {:.300}", answer.to_string());
        // the line of the request is read before there is a statement
        let most = pipe.memory("VmHWM").saturating_sub(base + 2 * request.len() as u64);
        assert!(most <= RIGHT, "{name}: {} MiB at most", most / MIB);
        pipe.forget_most();
    }
    // what has been written stands, and the client is told so
    let answer = pipe.ask(&run(&format!("CREATE (:Done) {text} UNWIND range(1, 200) AS k RETURN s")));
    assert!(answer["error"]["message"].as_str().unwrap().contains("is committed"), "{:.300}", answer.to_string());
    assert_eq!(pipe.ask(&run("MATCH (n:Done) RETURN count(n)"))["rows"], json!([[1]]));
}

/// Rows that MERGE takes apart and puts together shared their memory once for each row more with every clause: three clauses over
/// 300 rows were 27 million shares.
#[test]
fn rows_that_pass_through_many_merges_hold_their_memory_once() {
    let mut pipe = Pipe::new();
    let merges: String = (7..12).map(|k| format!("MERGE (n{k}:Of {{id: row.id % {k}}}) ")).collect();
    let maps = "UNWIND range(1, 600) AS i WITH {id: i, name: 'name ' + i} AS row ";
    let answer = pipe.ask(&run(&format!("{maps}{merges}RETURN count(*), max(n7.id), max(n11.id)")));
    assert_eq!(answer["rows"], json!([[600, 6, 10]]), "{:.300}", answer.to_string());
    let answer = pipe.ask(&run("MATCH (n:Of) RETURN count(n)"));
    assert_eq!(answer["rows"], json!([[11]]));
}

/// The stages before the first row do not look at the clock.
#[test]
fn a_text_that_is_not_read_in_time_is_not_begun() {
    let engine = shejire::Engine::in_memory();
    let text = format!("RETURN 1{} AS n", "+1".repeat(50_000));
    let within =
        |time| engine.query(&text).limits(shejire::engine::Limits { time: Some(time), ..Default::default() }).rows();
    let refused = within(std::time::Duration::from_millis(50)).unwrap_err();
    assert_eq!(refused.code().name(), "Time");
    assert!(refused.message().starts_with("a text of 100013 bytes is not read in the"), "{}", refused.message());
    let rows = within(std::time::Duration::from_secs(600)).unwrap();
    assert_eq!(rows.get(0).unwrap().get::<i64>("n").unwrap(), 50_001);
}
