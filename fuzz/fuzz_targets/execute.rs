//! Any statement ends in rows or in an error, within its limits; a rollback leaves no trace; the optimized plan
//! answers as the plain one.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use shejire::Engine;
use shejire::engine::{Limits, Rows};

thread_local! {
    static ENGINE: Engine = small();
}

fuzz_target!(|text: &str| ENGINE.with(|engine| run(engine, text)));

/// Loops, parallel relationships, several labels, every kind of property, an index and a constraint.
fn small() -> Engine {
    let engine = Engine::in_memory();
    engine
        .script(
            "CREATE (a:A {n: 1, s: 'a', l: [1, 2], d: date('2020-02-29'), f: 0.5})-[:R {w: 1}]->(b:B {n: 2, s: 'é'}),
                    (b)-[:R {w: 2}]->(a), (a)-[:S {w: 3}]->(a), (b)-[:S {w: 4}]->(c:A:C {n: 3, b: true}), (:D),
                    (c)-[:R]->(a), (a)-[:R {w: 1}]->(b);
             CREATE INDEX FOR (n:A) ON (n.n);
             CREATE CONSTRAINT FOR (n:B) REQUIRE n.n IS UNIQUE",
        )
        .expect("the graph is made");
    engine
}

fn run(engine: &Engine, text: &str) {
    if shejire::inside::parse(text).is_err() || is_about_transactions(text) {
        return;
    }
    let before = engine.everything().expect("a snapshot");
    let mut transaction = engine.begin().expect("a graph in memory");
    let optimized = transaction.query(text).limits(limits()).rows();
    transaction.rollback();
    let after = engine.everything().expect("a snapshot");
    assert_eq!(format!("{before:?}"), format!("{after:?}"), "a rollback left a trace of {text:?}");
    if let Err(error) = &optimized {
        let _ = error.render(text, None, false);
    }
    let Ok(optimized) = optimized else { return };
    if has_one_answer(text) && is_read_only(&optimized) {
        let plain = engine.query(text).unoptimized().limits(limits()).rows();
        if let Ok(plain) = plain {
            assert_eq!(shown(&optimized), shown(&plain), "optimized and plain differ: {text:?}");
        }
    }
}

fn limits() -> Limits {
    Limits { time: Some(Duration::from_millis(300)), memory: Some(32 << 20), rows: Some(20_000), ..Limits::default() }
}

fn is_about_transactions(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["begin", "commit", "rollback"].iter().any(|word| lower.contains(word))
}

/// Whether the text leaves nothing to chance: no clock, no dice, no part of an order that nobody promised.
fn has_one_answer(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let open = [
        "limit",
        "skip",
        "offset",
        "rand",
        "uuid",
        "time",
        "date",
        "collect",
        "head",
        "last",
        "tail",
        "reduce",
        "any",
        "shortest",
        "explain",
        "profile",
        "show",
        "|",
        "avg",
        "sum",
        "stdev",
        "percentile",
        "..",
        "id(",
    ];
    !open.iter().any(|word| lower.contains(word))
}

fn is_read_only(rows: &Rows) -> bool {
    rows.changes() == Default::default()
}

/// The rows without their order.
fn shown(rows: &Rows) -> Vec<String> {
    let mut lines: Vec<String> = rows.iter().map(|row| format!("{:?}", row.values())).collect();
    lines.sort_unstable();
    lines
}
