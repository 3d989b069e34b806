//! The distinct ends of variable-length paths are those of the paths, one by one; and they are found without walking each.

use std::collections::BTreeSet;

use shejire::{Engine, Value};

fn ints(engine: &Engine, query: &str) -> Vec<i64> {
    let rows = engine.run(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    let int = |value: &Value| if let Value::Int(n) = value { *n } else { panic!("{query}: {value:?}") };
    rows.iter().map(|row| int(&row.values()[0])).collect()
}

#[test]
fn distinct_ends_are_the_ends_of_all_paths() {
    let mut state = 7_u64;
    let mut below = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as usize) % bound
    };
    let mut far = 0;
    for _ in 0..40 {
        let engine = Engine::in_memory();
        let size = 1 + below(5);
        let mut create: Vec<String> = (0..size).map(|i| format!("(n{i} {{i: {i}}})")).collect();
        for _ in 0..below(8) {
            let (from, to) = (below(size), below(size));
            create.push(format!("(n{from})-[:{} {{w: {}}}]->(n{to})", ["R", "R", "S"][below(3)], below(2)));
        }
        ints(&engine, &format!("CREATE {}", create.join(", ")));
        for bounds in ["*", "*1..2", "*2..", "*2..2", "*2..4", "*3..", "*3..3", "*4..5", "*0.."] {
            for (left, right) in [("-", "->"), ("<-", "-"), ("-", "-")] {
                for what in [":R", "", ":R"] {
                    let test = if below(3) == 0 { " {w: 1}" } else { "" };
                    let (a, from) = (below(size), below(size));
                    let path = format!("{left}[{what}{bounds}{test}]{right}");
                    let all = ints(&engine, &format!("MATCH (a {{i: {a}}}){path}(b) RETURN b.i"));
                    let wanted: BTreeSet<i64> = all.iter().copied().collect();
                    let query = format!("MATCH (a {{i: {a}}}){path}(b) RETURN DISTINCT b.i");
                    let mut got = ints(&engine, &query);
                    got.sort_unstable();
                    assert_eq!(got, wanted.iter().copied().collect::<Vec<_>>(), "{query} in {create:?}");
                    let plan = engine.run(&format!("EXPLAIN {query}")).unwrap();
                    let shown = plan.plan().map(ToString::to_string).unwrap_or_default();
                    assert!(shown.contains("Reach"), "{shown}");
                    let query =
                        format!("MATCH (a {{i: {a}}}), (b {{i: {from}}}) RETURN EXISTS {{ (a){path}(b) }} AS e");
                    let rows = engine.run(&query).unwrap();
                    let there = matches!(rows.get(0).unwrap().values()[0], Value::Bool(true));
                    assert_eq!(there, wanted.contains(&(from as i64)), "{query} in {create:?}");
                    far += usize::from(bounds.starts_with("*3") && !wanted.is_empty());
                }
            }
        }
    }
    assert!(far > 50, "{far}");
}

#[test]
fn a_ladder_is_climbed_once() {
    let engine = Engine::in_memory();
    // two rails, and both at every rung lead to both at the next: 2^30 paths
    ints(&engine, "UNWIND range(0, 30) AS i CREATE (:L {i: i, side: 0}), (:L {i: i, side: 1})");
    ints(&engine, "MATCH (a:L), (b:L) WHERE b.i = a.i + 1 CREATE (a)-[:UP]->(b)");
    let limits = shejire::engine::Limits { time: Some(std::time::Duration::from_secs(20)), ..Default::default() };
    for (bounds, wanted) in [("*", 60), ("*2..", 58), ("*3..", 56), ("*2..5", 8)] {
        let query = format!("MATCH (a:L {{i: 0, side: 0}})-[:UP{bounds}]->(b) RETURN count(DISTINCT b)");
        let rows =
            engine.query(&query).limits(limits.clone()).rows().unwrap_or_else(|error| panic!("{query}: {error}"));
        assert!(matches!(rows.get(0).unwrap().values()[0], Value::Int(n) if n == wanted), "{query}");
    }
    // in all directions one comes back
    for (bounds, wanted) in [("*", 62), ("*2..", 62), ("*3..", 62)] {
        let query = format!("MATCH (a:L {{i: 0, side: 0}})-[:UP{bounds}]-(b) RETURN count(DISTINCT b)");
        let rows =
            engine.query(&query).limits(limits.clone()).rows().unwrap_or_else(|error| panic!("{query}: {error}"));
        assert!(matches!(rows.get(0).unwrap().values()[0], Value::Int(n) if n == wanted), "{query}");
    }
}
