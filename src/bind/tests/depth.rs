//! Long and deep texts: binding takes a time in proportion to the length, and no more stack than a thread has.

use std::time::{Duration, Instant};

use super::{Procedures, bind};
use crate::error::Code;
use crate::syntax::MAX_QUERY_DEPTH;
use crate::syntax::ast::StatementBody;

fn nest(open: &str, middle: &str, close: &str, n: usize) -> String {
    format!("MATCH (n) RETURN {}{middle}{} AS x", open.repeat(n), close.repeat(n))
}

/// The deepest text of this shape that parses.
fn deepest(shape: impl Fn(usize) -> String) -> String {
    let mut depth = MAX_QUERY_DEPTH as usize;
    while crate::syntax::parse_statement(&shape(depth)).is_err() {
        depth -= 1;
        assert!(depth > 5, "{} does not parse at any depth", shape(2));
    }
    shape(depth)
}

#[test]
fn the_deepest_text_binds_on_a_small_stack() {
    let shapes: &[(&str, &str, &str)] = &[
        ("NOT ", "true", ""),
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{a: ", "1", "}"),
        ("-(", "1", ")"),
        ("toString(", "1", ")"),
        ("n[", "1", "]"),
        ("1 + (", "1", ")"),
        ("CASE WHEN true THEN ", "1", " END"),
        ("[x IN ", "[1]", " | x]"),
        ("[x IN [1] | ", "x", "]"),
        ("any(x IN [1] WHERE ", "true", ")"),
        ("reduce(s = 0, x IN [1] | ", "s", ")"),
        ("[(n)-->(m) | ", "1", "]"),
        ("EXISTS { MATCH (n) WHERE ", "true", " }"),
        ("COLLECT { CALL { RETURN ", "1", " AS x } RETURN x }"),
        ("COLLECT { RETURN ", "1", " AS x }"),
    ];
    for (open, middle, close) in shapes {
        // What the parser and dropping the tree need is not the question here.
        on_a_stack(64 << 20, move || {
            let text = deepest(|n| nest(open, middle, close, n));
            let statement = crate::syntax::parse_statement(&text).expect("it was tried");
            let StatementBody::Query(query) = &statement.body else { panic!("{text}: no query") };
            std::thread::scope(|scope| {
                let small = std::thread::Builder::new()
                    .stack_size(2 << 20)
                    .spawn_scoped(scope, || crate::bind::bind(&text, query, &Procedures).map(drop));
                let bound = small.expect("a thread").join().expect("no panic");
                if let Err(error) = bound {
                    assert!(error.code() == Code::Depth && text.contains("(n)-->"), "{text}: {error}");
                }
            });
        });
    }
}

fn on_a_stack(bytes: usize, run: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(bytes).spawn_scoped(scope, run);
        thread.expect("a thread").join().expect("no panic");
    });
}

#[test]
fn a_chain_of_accesses_ends_in_an_error_not_in_an_overflow() {
    for step in [".a", "[0]", "[0..1]"] {
        let text = format!("WITH $x AS x RETURN x{} AS y", step.repeat(5_000));
        assert_eq!(bind(&text).expect_err("too deep").code(), Code::Depth);
        bind(&format!("WITH $x AS x RETURN x{} AS y", step.repeat(500))).expect("deep enough");
    }
}

#[test]
fn long_texts_take_a_time_in_proportion() {
    let many =
        |n: usize, one: &dyn Fn(usize) -> String, between: &str| (0..n).map(one).collect::<Vec<_>>().join(between);
    let texts = [
        format!("RETURN {} AS x", many(5_000, &|i| i.to_string(), " + ")),
        format!("MATCH (n) WHERE {} RETURN n", many(5_000, &|i| format!("n.x <> {i}"), " AND ")),
        format!("CREATE {}", many(5_000, &|i| format!("(n{i} {{x: {i}}})"), ", ")),
        many(5_000, &|i| format!("CREATE (n{i} {{x: {i}}})"), " "),
        format!("{} RETURN *", many(5_000, &|i| format!("WITH {i} AS x"), " ")),
        format!("WITH {} WITH * WITH * RETURN *", many(5_000, &|i| format!("{i} AS x{i}"), ", ")),
        many(5_000, &|i| format!("RETURN {i} AS x"), " UNION "),
        format!("MATCH (n) RETURN {}, count(*) AS c", many(3_000, &|i| format!("n.x{i} AS x{i}"), ", ")),
        format!("{} RETURN x", many(1_000, &|_| "WITH [1] AS x".to_owned(), " ")),
    ];
    for text in texts {
        let statement = crate::syntax::parse_statement(&text).expect("well-formed");
        let StatementBody::Query(query) = &statement.body else { panic!("no query") };
        let started = Instant::now();
        crate::bind::bind(&text, query, &Procedures).unwrap_or_else(|error| panic!("{}…: {error}", &text[..60]));
        let took = started.elapsed();
        assert!(took < Duration::from_secs(5), "{}… took {took:?}", &text[..60]);
    }
}

#[test]
fn queries_in_queries_have_a_limit_of_their_own() {
    let lists = |n| nest("[(n)-->(m) | ", "1", "]", n);
    on_a_stack(64 << 20, || {
        bind(&lists(50)).expect("deep enough");
        assert_eq!(bind(&lists(51)).expect_err("too deep").code(), Code::Depth);
    });
}
